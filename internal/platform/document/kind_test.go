package document

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/document/oletest"
)

func pngBytes(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	out := b.Bytes()
	binary.BigEndian.PutUint32(out[16:], uint32(w))
	binary.BigEndian.PutUint32(out[20:], uint32(h))
	// The header's checksum is part of what a decoder examines.
	crc := crcPNG(out[12:29])
	binary.BigEndian.PutUint32(out[29:], crc)
	return out
}

func crcPNG(b []byte) uint32 {
	c := ^uint32(0)
	for _, x := range b {
		c ^= uint32(x)
		for range 8 {
			if c&1 != 0 {
				c = c>>1 ^ 0xEDB88320
			} else {
				c >>= 1
			}
		}
	}
	return ^c
}

func webpBytes(w, h, frames int) []byte {
	le := binary.LittleEndian
	b := []byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00")
	b = append(b, byte(w-1), byte((w-1)>>8), byte((w-1)>>16), byte(h-1), byte((h-1)>>8), byte((h-1)>>16))
	for range frames {
		b = append(append(b, "ANMF"...), le.AppendUint32(nil, 3)...)
		b = append(b, 1, 2, 3, 0)
	}
	return b
}

func gifBytes(t testing.TB, frames int) []byte {
	t.Helper()
	g := &gif.GIF{}
	for range frames {
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.Black, color.White}))
		g.Delay = append(g.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pdfBytes(body string) []byte { return []byte("%PDF-1.7\n" + body + "\n%%EOF\n") }

func jpegBytes(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 4)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCheck(t *testing.T) {
	word := docx(t, para("文"))
	excel := pack(t, part{"[Content_Types].xml", "x"}, part{"xl/workbook.xml", "x"})
	old := oletest.File(oletest.Stream{Name: "WordDocument", Data: make([]byte, 10)})
	oldSheet := oletest.File(oletest.Stream{Name: "Workbook", Data: make([]byte, 10)})
	ok := []struct {
		name string
		b    []byte
		want Kind
	}{
		{"a.docx", word, KindDocx}, {"A.DOCX", word, KindDocx}, {"a.xlsx", excel, KindXlsx}, {"a.doc", old, KindDoc}, {"a.wps", old, KindDoc},
		{"a.xls", oldSheet, KindXls}, {"a.et", oldSheet, KindXls}, {"a.xls", []byte("<table><tr><td>x</table>"), KindHTML}, {"a.xls", []byte("a\tb\n1\t2\n"), KindCSV},
		{"a.csv", []byte("姓名,单位\n张三,某院\n"), KindCSV}, {"a.csv", []byte("姓名\n"), KindCSV}, {"a.txt", []byte("通报"), KindText}, {"a.txt", []byte("\xff\xfe\x01\x4e"), KindText},
		{"a.html", []byte("<html>x"), KindHTML}, {"a.pdf", pdfBytes(""), KindPDF}, {"a.png", pngBytes(t, 2, 2), KindPNG}, {"a.jpg", jpegBytes(t), KindJPEG},
		{"a.gif", gifBytes(t, 2), KindGIF}, {"a.webp", webpBytes(10, 10, 1), KindWebP}, {"a.zip", pack(t, part{"证据.txt", "x"}), KindZip},
	}
	for _, c := range ok {
		k, err := Check(c.name, bytes.NewReader(c.b), int64(len(c.b)))
		if err != nil || k != c.want {
			t.Errorf("%s: %s, %v, want %s", c.name, k, err, c.want)
		}
		if c.want != KindDoc && c.want != KindXls || len(c.b) <= sniffBytes {
			if got := Sniff(c.name, c.b[:min(len(c.b), sniffBytes)]); got != c.want && len(c.b) < 2000 {
				t.Errorf("%s sniffed as %s, want %s", c.name, got, c.want)
			}
		}
	}
	bad := []struct {
		name string
		b    []byte
		key  string
	}{
		{"报告.pdf.exe", pdfBytes(""), "document.extension"}, {"a.svg", []byte("<svg/>"), "document.extension"}, {"a", word, "document.extension"},
		{"报告\u202excod.exe", word, "document.extension"}, {"a.xlsx", word, "document.mismatch"}, {"a.doc", word, "document.mismatch"}, {"a.docx", old, "document.mismatch"},
		{"a.docx", []byte("text"), "document.mismatch"}, {"a.txt", word, "document.mismatch"}, {"a.png", jpegBytes(t), "document.mismatch"}, {"a.doc", oldSheet, "document.mismatch"},
		{"a.jpg", []byte("<html><script>"), "document.mismatch"}, {"a.csv", []byte("<html>"), "document.mismatch"}, {"a.txt", []byte("a\x00b\x00\x00"), "document.mismatch"},
		{"a.xlsx", pack(t, part{"xl/workbook.xml", "x"}, part{"xl/vbaProject.bin", "x"}), "document.macros"}, {"a.txt", nil, "document.empty"},
		{"a.png", []byte("\x89PNG\r\n\x1a\nxxx"), "document.damaged"}, {"a.pdf", []byte("%PDF-1.4\n..."), "document.pdf_cut"},
		{"a.pdf", append(pdfBytes("")[:0:0], append([]byte("GIF89a"), pdfBytes("")...)...), "document.mismatch"},
	}
	for _, c := range bad {
		_, err := Check(c.name, bytes.NewReader(c.b), int64(len(c.b)))
		f, ok := fault.Of(err)
		if !ok || f.Key != c.key {
			t.Errorf("%s: %v, want %s", c.name, err, c.key)
		}
	}
}

func TestReadRefusesWhatIsNoText(t *testing.T) {
	for key, b := range map[string][]byte{"document.pdf_no_text": pdfBytes(""), "document.is_picture": pngBytes(t, 2, 2), "document.no_text_kind": pack(t, part{"a", "x"})} {
		_, err := read("a.x", b)
		wantFault(t, err, fault.KindInvalid, key)
	}
}

func TestImages(t *testing.T) {
	for _, c := range []struct {
		name string
		k    Kind
		b    []byte
		want Image
		key  string
	}{
		{"png", KindPNG, pngBytes(t, 7000, 7000), Image{7000, 7000, 1}, ""},
		{"100 MP", KindPNG, pngBytes(t, 10000, 10000), Image{}, "document.pixels"},
		{"claims 65535²", KindPNG, pngBytes(t, 65535, 65535), Image{}, "document.pixels"},
		{"thin and endless", KindPNG, pngBytes(t, 1_000_000, 1), Image{}, "document.pixels"},
		{"jpeg", KindJPEG, jpegBytes(t), Image{3, 4, 1}, ""},
		{"gif", KindGIF, gifBytes(t, 3), Image{2, 2, 3}, ""},
		{"gif of many", KindGIF, gifBytes(t, MaxFrames+1), Image{}, "document.frames"},
		{"webp", KindWebP, webpBytes(300, 200, 4), Image{300, 200, 4}, ""},
		{"webp of many", KindWebP, webpBytes(3, 2, 10_000), Image{}, "document.frames"},
		{"webp lossless", KindWebP, []byte("RIFF\x00\x00\x00\x00WEBPVP8L\x0a\x00\x00\x00\x2f\x09\x40\x02\x00\x00\x00\x00\x00\x00"), Image{10, 10, 1}, ""},
		{"webp lossy", KindWebP, []byte("RIFF\x00\x00\x00\x00WEBPVP8 \x0a\x00\x00\x00\x00\x00\x00\x9d\x01\x2a\x10\x00\x20\x00"), Image{16, 32, 1}, ""},
		{"webp of nothing", KindWebP, []byte("RIFF\x00\x00\x00\x00WEBP"), Image{}, "document.damaged"},
	} {
		im, err := InspectImage(c.name, c.k, bytes.NewReader(c.b), int64(len(c.b)))
		f, _ := fault.Of(err)
		if c.key == "" && (err != nil || im != c.want) || c.key != "" && (f == nil || f.Key != c.key) {
			t.Errorf("%s: %+v, %v", c.name, im, err)
		}
	}
}

func TestPDF(t *testing.T) {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write([]byte("<< /S /Launch >>")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string][]string{
		"<< /Type /Catalog /Pages 2 0 R >>":                                         nil,
		"<</OpenAction<</S/JavaScript/JS(app.alert)>>>>":                            {"JS", "JavaScript"},
		"<</S/#4AavaScript>>":                                                       {"JavaScript"},
		"<</Type/EmbeddedFile>>":                                                    {"EmbeddedFile"},
		strings.Repeat("x", pdfWindow-15) + "<</S /Launch>>":                        {"Launch"},
		"<</Type/ObjStm/Filter/FlateDecode>>stream\r\n" + packed.String() + "\nend": {"Launch"},
		"<</JavaScripts 1>>":                                                        nil,
	} {
		b := pdfBytes(body)
		p, err := InspectPDF("a.pdf", bytes.NewReader(b), int64(len(b)))
		if err != nil || !slices.Equal(p.Active, want) || p.Version != "1.7" || p.Encrypted {
			t.Errorf("%.40q: %+v, %v, want %v", body, p, err, want)
		}
	}
	b := pdfBytes("<</Encrypt 5 0 R>>")
	if p, err := InspectPDF("a.pdf", bytes.NewReader(b), int64(len(b))); err != nil || !p.Encrypted {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestPDFBomb(t *testing.T) {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	for range 80 {
		if _, err := z.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	b := pdfBytes(fmt.Sprintf("<</Type/ObjStm>>stream\n%s\nendstream", packed.String()))
	_, err := InspectPDF("a.pdf", bytes.NewReader(b), int64(len(b)))
	wantFault(t, err, fault.KindLimit, "document.pdf_streams")
}

func FuzzCheck(f *testing.F) {
	f.Add("a.webp", webpBytes(3, 3, 2))
	f.Add("a.gif", gifBytes(f, 2))
	f.Add("a.pdf", pdfBytes("<</Type/ObjStm>>stream\nx"))
	f.Add("a.csv", []byte("a,b\n1,2\n"))
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		k, err := Check(name, bytes.NewReader(b), int64(len(b)))
		if err == nil && k == KindUnknown {
			t.Fatal("something unknown was accepted")
		}
		if err != nil {
			if _, ok := fault.Of(err); !ok {
				t.Fatalf("no fault: %v", err)
			}
		}
	})
}
