package document

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"huikan/internal/kernel/fault"
)

// raw is one member laid out by hand, so that it may lie.
type raw struct {
	name, local      string // local: name in the local header if different
	data             []byte
	packed, unpacked uint32
	flags, method    uint16
	mode             uint32
	offset           int64 // -1: where it lies
}

func lay(members []raw, count int) []byte {
	le := binary.LittleEndian
	var out, dir []byte
	for _, m := range members {
		local := m.local
		if local == "" {
			local = m.name
		}
		at := uint32(len(out))
		if m.offset >= 0 {
			at = uint32(m.offset)
		}
		h := make([]byte, 30)
		le.PutUint32(h, 0x04034b50)
		le.PutUint16(h[8:], m.method)
		le.PutUint32(h[18:], m.packed)
		le.PutUint32(h[22:], m.unpacked)
		le.PutUint16(h[26:], uint16(len(local)))
		if m.offset < 0 {
			out = append(append(append(out, h...), local...), m.data...)
		}
		c := make([]byte, 46)
		le.PutUint32(c, 0x02014b50)
		le.PutUint16(c[8:], m.flags)
		le.PutUint16(c[10:], m.method)
		le.PutUint32(c[20:], m.packed)
		le.PutUint32(c[24:], m.unpacked)
		le.PutUint16(c[28:], uint16(len(m.name)))
		le.PutUint32(c[38:], m.mode<<16)
		le.PutUint32(c[42:], at)
		dir = append(append(dir, c...), m.name...)
	}
	e := make([]byte, 22)
	le.PutUint32(e, 0x06054b50)
	le.PutUint16(e[8:], uint16(count))
	le.PutUint16(e[10:], uint16(count))
	le.PutUint32(e[12:], uint32(len(dir)))
	le.PutUint32(e[16:], uint32(len(out)))
	return append(append(out, dir...), e...)
}

func stored(name string) raw {
	return raw{name: name, data: []byte("x"), packed: 1, unpacked: 1, offset: -1}
}

func TestZipRefusals(t *testing.T) {
	with := func(f func(*raw)) []byte {
		m := stored("a.xml")
		f(&m)
		return lay([]raw{stored("word/document.xml"), m}, 2)
	}
	many := make([]raw, MaxMembers+1)
	for i := range many {
		many[i] = stored(fmt.Sprintf("m%d", i))
	}
	huge := raw{name: "a.xml", data: make([]byte, 10), packed: 10, unpacked: 4 << 30 >> 1, offset: -1}
	wide := make([]raw, 6)
	for i := range wide { // 6 × 90 MiB, each of an honest ratio
		wide[i] = raw{name: fmt.Sprintf("m%d", i), data: make([]byte, 1<<20), packed: 1 << 20, unpacked: 90 << 20, method: zip.Deflate, offset: -1}
	}
	same := []raw{stored("a.xml"), {name: "a.xml", packed: 1, unpacked: 1, offset: 0}}
	cases := []struct {
		name string
		b    []byte
		kind fault.Kind
		key  string
	}{
		{"up and out", with(func(m *raw) { m.name = "../../x" }), fault.KindInvalid, "document.zip_name"},
		{"up inside", with(func(m *raw) { m.name = `a\..\b` }), fault.KindInvalid, "document.zip_name"},
		{"absolute", with(func(m *raw) { m.name = "/etc/x" }), fault.KindInvalid, "document.zip_name"},
		{"drive", with(func(m *raw) { m.name = `C:\x` }), fault.KindInvalid, "document.zip_name"},
		{"nul", with(func(m *raw) { m.name = "a\x00b" }), fault.KindInvalid, "document.zip_name"},
		{"long", with(func(m *raw) { m.name = strings.Repeat("n", 4096) }), fault.KindInvalid, "document.zip_name"},
		{"link", with(func(m *raw) { m.mode = 0xA1FF }), fault.KindInvalid, "document.zip_name"},
		{"encrypted", with(func(m *raw) { m.flags = 1 }), fault.KindInvalid, "document.encrypted"},
		{"method", with(func(m *raw) { m.method = 93 }), fault.KindInvalid, "document.zip_method"},
		{"nested", with(func(m *raw) { m.name = "lib0.zip" }), fault.KindInvalid, "document.zip_nested"},
		{"two names", with(func(m *raw) { m.local = "b.xml" }), fault.KindInvalid, "document.zip_overlap"},
		{"overlap", lay(same, 2), fault.KindInvalid, "document.zip_overlap"},
		{"duplicate", lay([]raw{stored("a"), stored("a")}, 2), fault.KindInvalid, "document.zip_duplicate"},
		{"members", lay(many, MaxMembers+1), fault.KindLimit, "document.zip_members"},
		{"members denied", lay(many, 7), fault.KindLimit, "document.zip_members"},
		{"ratio", lay([]raw{huge}, 1), fault.KindLimit, "document.zip_ratio"},
		{"total", lay(wide, 6), fault.KindLimit, "document.zip_total"},
		{"count", lay([]raw{stored("a")}, 2), fault.KindInvalid, "document.damaged"},
		{"trailing bytes", append(pack(t, part{"a", "x"}), "%PDF-1.4"...), fault.KindInvalid, "document.damaged"},
		{"leading bytes", append([]byte("PK\x03\x04 not yet"), pack(t, part{"a", "x"})...), fault.KindInvalid, "document.damaged"},
		{"cut", pack(t, part{"word/document.xml", "x"})[:40], fault.KindInvalid, "document.damaged"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := read("报告.docx", c.b)
			wantFault(t, err, c.kind, c.key)
			if f, _ := fault.Of(err); fmt.Sprint(f.Args[0]) != "报告.docx" {
				t.Errorf("the fault does not name the file: %v", f.Args)
			}
		})
	}
}

// A directory that lies about sizes is found out while unpacking.
func TestZipLyingSizeIsBounded(t *testing.T) {
	var body bytes.Buffer
	z := zip.NewWriter(&body)
	w, err := z.Create("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(bytes.Repeat([]byte(" "), 200<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	b := body.Bytes()
	// The directory claims 1000 bytes for what are 200 MiB.
	at := bytes.LastIndex(b, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[at+24:], 1000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	_, err = read("a.docx", b)
	runtime.ReadMemStats(&after)
	if !fault.Is(err, fault.KindInvalid) && !fault.Is(err, fault.KindLimit) {
		t.Fatalf("got %v", err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 || time.Since(began) > 2*time.Second {
		t.Errorf("took %d KiB, %v", grown>>10, time.Since(began))
	}
}

func TestZipOpenBounds(t *testing.T) {
	b := pack(t, part{"a.txt", strings.Repeat("0123456789", 100)})
	z, err := OpenZip("a.zip", bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := z.ReadFile("a.txt", 2000); err != nil || len(got) != 1000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	_, err = z.ReadFile("a.txt", 999)
	wantFault(t, err, fault.KindLimit, "document.part_size")
	_, err = z.ReadFile("b.txt", 1)
	wantFault(t, err, fault.KindInvalid, "document.zip_missing")
	z.until = time.Now().Add(-time.Second)
	_, err = z.ReadFile("a.txt", 2000)
	wantFault(t, err, fault.KindLimit, "document.time")
}

func FuzzZip(f *testing.F) {
	f.Add(pack(f, part{"word/document.xml", "<a/>"}))
	f.Add(lay([]raw{stored("a"), stored("../b")}, 2))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, b []byte) {
		z, err := OpenZip("f.zip", bytes.NewReader(b), int64(len(b)))
		if err != nil {
			if _, ok := fault.Of(err); !ok {
				t.Fatalf("no fault: %v", err)
			}
			return
		}
		for _, n := range z.Names() {
			if strings.Contains(n, "..") && strings.Contains("/"+n+"/", "/../") || strings.HasPrefix(n, "/") {
				t.Fatalf("unsafe name %q", n)
			}
			if _, err := z.ReadFile(n, 1<<20); err != nil {
				if _, ok := fault.Of(err); !ok {
					t.Fatalf("no fault: %v", err)
				}
			}
		}
	})
}

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"报告.docx": "报告.docx", "../../etc/passwd": "passwd", `C:\a\b.doc`: "b.doc", "报告\u202efdp.exe": "报告fdp.exe",
		"CON": "_CON", "con.txt": "_con.txt", "lpt1.doc": "_lpt1.doc", "a\r\nb\".txt": "ab_.txt", "..": "_", "": "_", "😀.png": "😀.png",
		strings.Repeat("汉", 255) + ".docx": strings.Repeat("汉", 115) + ".docx", "a.b.c": "a.b.c",
	} {
		if got := CleanName(in); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", in, got, want)
		}
		if again := CleanName(CleanName(in)); again != CleanName(in) {
			t.Errorf("CleanName is not stable for %q", in)
		}
	}
}

func TestHugeTextIsRefusedUnread(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/a.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("整改情况报告"); err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(200<<20 - 1); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte("a"), sniffBytes), 0); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = Read("a.txt", f, 200<<20-1)
	runtime.ReadMemStats(&after)
	wantFault(t, err, fault.KindLimit, "document.text_size")
	if after.TotalAlloc-before.TotalAlloc > 1<<20 {
		t.Errorf("allocated %d KiB", (after.TotalAlloc-before.TotalAlloc)>>10)
	}
	_, err = Read("a.txt", f, MaxFile+1)
	wantFault(t, err, fault.KindLimit, "document.file_size")
}
