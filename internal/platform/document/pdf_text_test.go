package document

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"huikan/internal/kernel/fault"
)

// sheetOf writes a PDF by hand: one page for each text of operators, a Chinese font
// whose codes are the characters' own numbers, said by a map of the font or by nothing.
func sheetOf(t *testing.T, mapped bool, pages ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	n := 0
	object := func(text string) int {
		n++
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, text)
		return n
	}
	stream := func(more, text string) int {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		if _, err := w.Write([]byte(text)); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		return object(fmt.Sprintf("<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream", z.Len(), more, z.String()))
	}
	unicode := ""
	if mapped {
		unicode = fmt.Sprintf("/ToUnicode %d 0 R", stream("", "begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange 2 beginbfrange <0020> <7FFF> <0020> <8000> <FFE0> <8000> endbfrange endcmap"))
	}
	under := object("<< /Type /Font /Subtype /CIDFontType2 /DW 1000 >>")
	font := object(fmt.Sprintf("<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [%d 0 R] %s >>", under, unicode))
	var kids []string
	shown := map[string]int{}
	for _, p := range pages {
		c, ok := shown[p]
		if !ok {
			c = stream("", p)
			shown[p] = c
		}
		kids = append(kids, fmt.Sprintf("%d 0 R", object(fmt.Sprintf("<< /Type /Page /Contents %d 0 R >>", c))))
	}
	tree := object(fmt.Sprintf("<< /Type /Pages /Kids [%s] /Resources << /Font << /F1 %d 0 R >> >> >>", strings.Join(kids, " "), font))
	root := object(fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R >>", tree))
	fmt.Fprintf(&b, "trailer << /Root %d 0 R >>\n%%%%EOF\n", root)
	return b.Bytes()
}

// at is one line of text at a place of a page.
func at(x, y int, text string) string {
	var hex strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&hex, "%04X", u)
	}
	return fmt.Sprintf("BT /F1 16 Tf 1 0 0 1 %d %d Tm <%s> Tj ET\n", x, y, hex.String())
}

func TestTextOfAPDF(t *testing.T) {
	const full = "会议强调要坚持真改实改逐项核对没有销号的事项明确责" // reaches the right edge
	read := func(b []byte) ([]string, error) { return PDFText("a.pdf", bytes.NewReader(b), int64(len(b))) }
	for _, x := range []struct {
		name  string
		pages []string
		want  []string
	}{
		{"lines that a page cuts are one paragraph", []string{at(132, 700, full[:len(full)-6]) + at(100, 670, full) + at(100, 640, "任人。") + at(132, 610, "对反弹问题倒查责任。")},
			[]string{full[:len(full)-6] + full + "任人。", "对反弹问题倒查责任。"}},
		{"written from below, read from above", []string{at(100, 600, "第二行。") + at(100, 700, "第一行。")}, []string{"第一行。", "第二行。"}},
		{"pieces of one line by their places", []string{at(196, 700, "整改责任。") + at(100, 700, "倒查反弹问题")}, []string{"倒查反弹问题整改责任。"}},
		{"a paragraph goes on on the next page, past the number", []string{at(100, 700, full) + at(300, 40, "— 1 —"), at(100, 700, "任人。") + at(300, 40, "— 2 —")}, []string{full + "任人。"}},
		{"moved by the page's own measure", []string{"q 0.5 0 0 -0.5 0 800 cm " + strings.Replace(at(100, 200, "倒置的页面。"), "1 0 0 1 100", "1 0 0 -1 100", 1) + strings.Replace(at(100, 300, "第二行。"), "1 0 0 1 100", "1 0 0 -1 100", 1) + "Q"}, []string{"倒置的页面。", "第二行。"}},
	} {
		got, err := read(sheetOf(t, true, x.pages...))
		if err != nil || !slices.Equal(got, x.want) {
			t.Errorf("%s:\n got %q\nwant %q %v", x.name, got, x.want, err)
		}
	}
	_, err := read(sheetOf(t, false, at(100, 700, "没有对应表")))
	wantFault(t, err, fault.KindInvalid, "document.pdf_fonts")
	_, err = read(sheetOf(t, true, at(100, 700, "✁✂✄☎✆✝✞✟✠✡☛☞✌✍")+at(100, 660, "✎✏✑✒✓✂✄✔2026")))
	wantFault(t, err, fault.KindInvalid, "document.pdf_fonts")
	_, err = read(sheetOf(t, true, "q 100 0 0 100 0 0 cm /Im0 Do Q"))
	wantFault(t, err, fault.KindInvalid, "document.pdf_scan")
	_, err = read(bytes.Replace(sheetOf(t, true, at(100, 700, "加密")), []byte("trailer <<"), []byte("trailer << /Encrypt 9 0 R"), 1))
	wantFault(t, err, fault.KindInvalid, "document.pdf_locked")
	_, err = read(sheetOf(t, true, slices.Repeat([]string{at(100, 700, "页")}, pdfPages+1)...))
	wantFault(t, err, fault.KindLimit, "document.pdf_pages")
	_, err = PDFText("a.pdf", bytes.NewReader(nil), pdfFile+1)
	wantFault(t, err, fault.KindLimit, "document.pdf_size")
	if a, err := Article("会议.pdf", bytes.NewReader(sheetOf(t, true, at(100, 700, "推进会召开")+at(132, 660, "会议强调，要真改实改。"))), 0); err == nil {
		t.Errorf("a file of no size: %+v", a)
	}
	b := sheetOf(t, true, at(100, 700, "推进会召开")+at(132, 660, "会议强调，要真改实改。"))
	a, err := Article("会议.pdf", bytes.NewReader(b), int64(len(b)))
	if err != nil || a.Title != "推进会召开" || !strings.Contains(strings.Join(a.Body, ""), "要真改实改") || len(a.Warnings) == 0 || a.Warnings[len(a.Warnings)-1].Kind != FromPDF {
		t.Errorf("%+v %v", a, err)
	}
}

// Packed many times over, a page is not unpacked without end.
func TestABombOfAPDF(t *testing.T) {
	b := sheetOf(t, true, strings.Repeat(" ", pdfPlain+1))
	_, err := PDFText("a.pdf", bytes.NewReader(b), int64(len(b)))
	wantFault(t, err, fault.KindLimit, "document.pdf_streams")
}

func FuzzPDFText(f *testing.F) {
	f.Add([]byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R 2 0 R]>>endobj 2 0 obj[[[<</A(\\((x))>>]]]endobj trailer<</Root 1 0 R>>"))
	f.Add([]byte("1 0 obj<</Type/ObjStm/N 3/First 9>>stream\n1 0 2 3 4<<>>endstream"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := PDFText("a.pdf", bytes.NewReader(b), int64(len(b)))
		if _, ok := errors.AsType[*fault.Error](err); err != nil && !ok {
			t.Fatalf("an error that says nothing to a reader: %v", err)
		}
		if err == nil && len(list) == 0 {
			t.Fatal("neither text nor an answer")
		}
	})
}
