package vault_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/vault"
)

func pngOf(t *testing.T, w, h uint32) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	binary.BigEndian.PutUint32(raw[16:], w)
	binary.BigEndian.PutUint32(raw[20:], h)
	binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(raw[12:29]))
	return raw
}

func zipOf(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range names {
		f, err := w.Create(n)
		if err == nil {
			_, err = f.Write([]byte("<x/>"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestKindsByContent(t *testing.T) {
	s := open(t, t.TempDir())
	program := []byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00\x0e\x1f\xba\x0e\x00\xb4\x09\xcd\x21 cannot be run in DOS mode")
	docx := zipOf(t, "[Content_Types].xml", "word/document.xml")
	for _, c := range []struct {
		name    string
		content []byte
		kind    string // "" for refused
		fault   fault.Kind
	}{
		{"照片.PNG", pngOf(t, 2, 2), "png", ""},
		{"最大.png", pngOf(t, 10_000, 5_000), "png", ""},
		{"太大.png", pngOf(t, 10_000, 5_001), "", fault.KindLimit},
		{"太宽.png", pngOf(t, 1<<31-1, 1), "", fault.KindLimit},
		{"假的.jpg", pngOf(t, 2, 2), "", fault.KindInvalid},
		{"坏的.png", pngOf(t, 2, 2)[:20], "", fault.KindInvalid},
		{"报告.docx", docx, "docx", ""},
		{"台账.xlsx", zipOf(t, "[Content_Types].xml", "xl/workbook.xml"), "xlsx", ""},
		{"宏.docx", zipOf(t, "[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "", fault.KindInvalid},
		{"包.zip", zipOf(t, "a.txt"), "", fault.KindInvalid},
		{"改名.docx", zipOf(t, "a.txt"), "", fault.KindInvalid},
		{"office.zip", docx, "", fault.KindInvalid},
		{"说明.txt", []byte("已完成"), "txt", ""},
		{"表.csv", []byte("甲,乙\n1,2\n"), "csv", ""},
		{"页.html", []byte("<!doctype html><p>x"), "html", ""},
		{"程序.exe", program, "", fault.KindInvalid},
		{"程序.txt", program, "", fault.KindInvalid},
		{"脚本.js", []byte("alert(1)"), "", fault.KindInvalid},
		{"图.svg", []byte("<svg onload=x()>"), "", fault.KindInvalid},
		{"空.txt", nil, "", fault.KindInvalid},
		{"没有后缀", []byte("text"), "", fault.KindInvalid},
	} {
		before, _ := stored(t, s)
		got, err := s.Put(context.Background(), c.name, bytes.NewReader(c.content), int64(len(c.content)))
		after, half := stored(t, s)
		switch {
		case c.kind != "" && (err != nil || got.Kind != c.kind || got.Mime == "" || after != before+1):
			t.Errorf("%s: got %+v, %v", c.name, got, err)
		case c.kind == "" && (!fault.Is(err, c.fault) || after != before):
			t.Errorf("%s: got %+v, %v, want %s", c.name, got, err, c.fault)
		case half != 0:
			t.Errorf("%s left %d half-written files", c.name, half)
		}
	}
}

type endless struct{ left int64 }

func (e *endless) Read(b []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := copy(b, bytes.Repeat([]byte("a line of text\n"), len(b)/15+1)[:min(int64(len(b)), e.left)])
	e.left -= int64(n)
	return n, nil
}

func TestSizes(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir())
	for _, c := range []struct {
		name string
		r    io.Reader
		size int64
		want fault.Kind
	}{
		{"announced too large", strings.NewReader("x"), vault.MaxFile + 1, fault.KindLimit},
		{"too large without a word", &endless{vault.MaxFile + 100}, -1, fault.KindLimit},
		{"ended early", strings.NewReader("x"), 2, fault.KindInvalid},
		{"went on", strings.NewReader("xxx"), 2, fault.KindInvalid},
		{"the line broke", io.MultiReader(strings.NewReader("xx"), broken{}), 9, fault.KindInternal},
	} {
		if _, err := s.Put(ctx, "a.txt", c.r, c.size); !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Put(gone, "a.txt", strings.NewReader("x"), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a request that is over: %v", err)
	}
	if whole, half := stored(t, s); whole != 0 || half != 0 {
		t.Errorf("refused files left %d files and %d half ones", whole, half)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestQuotaIsAskedOnce(t *testing.T) {
	var asked []int64
	s := open(t, t.TempDir(), vault.WithQuota(func(_ context.Context, n int64) error {
		asked = append(asked, n)
		if n > 10 {
			return fault.Limit("error.quota")
		}
		return nil
	}))
	for _, size := range []int64{-1, 8} {
		if _, err := s.Put(context.Background(), "a.txt", strings.NewReader("12345678"), size); err != nil {
			t.Errorf("size %d: %v", size, err)
		}
	}
	for _, size := range []int64{-1, 12} {
		if _, err := s.Put(context.Background(), "a.txt", strings.NewReader("123456789012"), size); !fault.Is(err, fault.KindLimit) {
			t.Errorf("size %d: %v", size, err)
		}
	}
	if len(asked) != 4 || asked[0] != 8 || asked[1] != 8 || asked[2] != 12 || asked[3] != 12 {
		t.Errorf("asked for %v", asked)
	}
	if whole, half := stored(t, s); whole != 1 || half != 0 {
		t.Errorf("%d files and %d half ones", whole, half)
	}
}

// The disk may be full at the head's place, at any chunk, and when the head is written.
func TestFullDiskIsTold(t *testing.T) {
	s := open(t, t.TempDir())
	content := text(2*vault.Chunk + 1)
	for n := range 5 {
		vault.FillDisk(s, n)
		_, err := s.Put(context.Background(), "a.txt", bytes.NewReader(content), int64(len(content)))
		if f, ok := fault.Of(err); !ok || f.Kind != fault.KindUnavailable || f.Key != "error.disk_full" {
			t.Errorf("after %d writes: %v", n, err)
		}
		if whole, half := stored(t, s); whole != 0 || half != 0 {
			t.Errorf("after %d writes: %d files and %d half ones", n, whole, half)
		}
	}
	vault.FillDisk(s, 5)
	put(t, s, "a.txt", content)
}

func TestMemoryIsBounded(t *testing.T) {
	s := open(t, t.TempDir())
	const size = 100 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out, err := s.Put(context.Background(), "大文件.txt", &fixed{endless: endless{size}}, size)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	// Everything ever allocated, not only what was alive at one moment.
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("putting 100 MiB allocated %d KiB", used>>10)
	}
	f, err := s.File(out.Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	runtime.ReadMemStats(&before)
	n, err := io.Copy(io.Discard, struct{ io.Reader }{f})
	runtime.ReadMemStats(&after)
	if err != nil || n != size {
		t.Fatalf("read %d, %v", n, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("reading 100 MiB allocated %d KiB", used>>10)
	}
}

// fixed fills the whole buffer without allocating.
type fixed struct{ endless }

func (f *fixed) Read(b []byte) (int, error) {
	if f.left <= 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), f.left))
	for i := range b[:n] {
		b[i] = 'a'
	}
	f.left -= int64(n)
	return n, nil
}

func TestNamesAreCleaned(t *testing.T) {
	for in, want := range map[string]string{
		"报告.docx":                   "报告.docx",
		`C:\Users\a\报告.docx`:        "报告.docx",
		"../../etc/passwd.txt":      "passwd.txt",
		"整改\u202Excod.exe":          "整改xcod.exe",
		"a\u2066b\u2069\u200b.pdf":  "ab.pdf",
		"a\x00\r\n\u2028\u00ad.txt": "a.txt",
		"a\u061c\U000E0041b.txt":    "ab.txt",
	} {
		if got := vault.CleanName(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	long := vault.CleanName(strings.Repeat("𠮷", 300) + ".docx")
	if len(long) > 255 || !strings.HasSuffix(long, ".docx") || !utf8.ValidString(long) {
		t.Errorf("a long name became %d bytes: %q", len(long), long)
	}
}

func TestCleanNameIsSafe(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := string(rapid.SliceOf(rapid.Byte()).Draw(rt, "bytes")) + rapid.String().Draw(rt, "text")
		got := vault.CleanName(in)
		if len(got) > 255 || got == "" || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\x00\r\n\u202e") || got == "." || got == ".." {
			rt.Fatalf("%q became %q", in, got)
		}
		if again := vault.CleanName(got); again != got {
			rt.Fatalf("%q became %q, and that %q", in, got, again)
		}
	})
}

func TestUnknownNamesAreNoPaths(t *testing.T) {
	s := open(t, t.TempDir())
	for _, hash := range []string{"", "..", "../../keys/master", strings.Repeat("g", 64), strings.ToUpper(sum([]byte("x"))), sum(nil) + "0"} {
		if _, err := s.Open(hash); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("%q: %v", hash, err)
		}
	}
	if _, err := s.Open(sum([]byte("never handed in"))); !fault.Is(err, fault.KindUnavailable) {
		t.Errorf("a lost file: %v", err)
	}
}

// What a crash left half written goes at a later start, what another replica is
// writing at this moment stays.
func TestOldHalvesAreCleared(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	old, fresh := filepath.Join(s.Temp(), "put-1"), filepath.Join(s.Temp(), "put-2")
	for _, p := range []string{old, fresh} {
		if err := os.WriteFile(p, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old one: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("the fresh one: %v", err)
	}
}

func TestAnotherInstallationCannotRead(t *testing.T) {
	a, b := open(t, t.TempDir()), open(t, t.TempDir())
	content := []byte("密钥不同")
	hash := put(t, a, "a.txt", content).Hash
	put(t, b, "a.txt", content)
	raw, err := os.ReadFile(a.Path(hash))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(b.Path(hash), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := read(b, hash); !fault.Is(err, fault.KindUnavailable) {
		t.Errorf("got %v", err)
	}
}
