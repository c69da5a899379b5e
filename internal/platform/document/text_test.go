package document

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/document/oletest"
)

func TestDocxText(t *testing.T) {
	body := para("关于整改情况的报告") +
		`<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t></w:r></w:p>` +
		`<w:p><w:r><w:t>留下</w:t></w:r><w:del><w:r><w:delText>删去</w:delText><w:t>删去</w:t></w:r></w:del><w:moveFrom><w:r><w:t>移走</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>插入</w:t></w:r></w:ins></w:p>` +
		`<w:p><mc:AlternateContent><mc:Choice><w:r><w:t>一次</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t>一次</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>` +
		`<w:p><w:r><w:ruby><w:rt><w:r><w:t>zhěng</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>整</w:t></w:r></w:rubyBase></w:ruby></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>看不见</w:t></w:r><w:r><w:t>改 &amp; </w:t></w:r></w:p>` +
		`<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText> PAGE </w:instrText><w:t>7</w:t></w:r></w:p><w:p/>`
	b := docx(t, body, part{"word/embeddings/a.xlsx", "x"},
		part{"word/_rels/document.xml.rels", `<Relationships><Relationship Type="http://x/attachedTemplate" Target="http://evil/x.dotm" TargetMode="External"/><Relationship Type="http://x/hyperlink" Target="http://a" TargetMode="External"/></Relationships>`})
	x := mustRead(t, "a.docx", b)
	wantParagraphs(t, x, "关于整改情况的报告", "甲\t乙", "丙", "留下插入", "一次", "整改 &", "7")
	want := []string{"document.note_struck", "document.note_hidden", "document.note_embedded", "document.note_outside"}
	if got := noteKeys(x.Warnings); !slices.Equal(got, want) || x.Warnings[0].Args[0] != 2 || x.Warnings[3].Args[0] != 1 {
		t.Errorf("warnings %v", x.Warnings)
	}
}

func TestDocxTables(t *testing.T) {
	tc := func(props, text string) string { return `<w:tc><w:tcPr>` + props + `</w:tcPr>` + text + `</w:tc>` }
	body := para("前") + `<w:tbl><w:tblPr><w:tblW/></w:tblPr>` +
		`<w:tr>` + tc(``, para("问题")) + tc(`<w:gridSpan w:val="2"/>`, para("措施")) + `</w:tr>` +
		`<w:tr>` + tc(`<w:vMerge w:val="restart"/>`, para("一")+para("续")) + tc(``, para("a")) + tc(``, para("b")) + `</w:tr>` +
		`<w:tr>` + tc(`<w:vMerge/>`, `<w:p/>`) + tc(``, `<w:tbl><w:tr>`+tc(``, para("内"))+tc(``, para("表"))+`</w:tr></w:tbl><w:p/>`) + tc(``, `<w:p/>`) + `</w:tr></w:tbl>` + para("后")
	x := mustRead(t, "a.docx", docx(t, body))
	wantParagraphs(t, x, "前", "问题\t措施", "一 续\ta\tb", "\t内 表", "后")
	want := [][][]string{{{"问题", "措施", "措施"}, {"一\n续", "a", "b"}, {"一\n续", "内\t表", ""}}}
	if !reflect.DeepEqual(x.Tables, want) {
		t.Errorf("got %q, want %q", x.Tables, want)
	}
}

func TestDocxNumbers(t *testing.T) {
	numbering := `<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="5"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>` +
		`<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>` +
		`<w:lvl w:ilvl="2"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl></w:abstractNum>` +
		`<w:abstractNum w:abstractNumId="6"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="·"/></w:lvl></w:abstractNum>` +
		`<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="6"/></w:num></w:numbering>`
	styles := `<w:styles xmlns:w="w"><w:style w:styleId="h1"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style></w:styles>`
	num := func(lvl, id, s string) string {
		return `<w:p><w:pPr><w:numPr><w:ilvl w:val="` + lvl + `"/><w:numId w:val="` + id + `"/></w:numPr></w:pPr><w:r><w:t>` + s + `</w:t></w:r></w:p>`
	}
	body := `<w:p><w:pPr><w:pStyle w:val="h1"/></w:pPr><w:r><w:t>政治建设</w:t></w:r></w:p>` + num("1", "1", "甲") + num("1", "1", "乙") + num("2", "1", "丙") +
		num("0", "1", "检察履职") + num("1", "1", "丁") + num("0", "2", "点") + num("0", "0", "无") + num("0", "99", "缺")
	x := mustRead(t, "a.docx", docx(t, body, part{"word/numbering.xml", numbering}, part{"word/styles.xml", styles}))
	wantParagraphs(t, x, "一、政治建设", "（一）甲", "（二）乙", "3.丙", "二、检察履职", "（一）丁", "点", "无", "缺")
}

func TestNumerals(t *testing.T) {
	for n, want := range map[int]string{1: "一", 10: "十", 12: "十二", 20: "二十", 105: "一百零五", 110: "一百一十", 1001: "一千零一", 20300: "二万零三百"} {
		if got := numeral("chineseCounting", n); got != want {
			t.Errorf("%d = %s, want %s", n, got, want)
		}
	}
	for f, want := range map[string]string{"lowerLetter": "c", "upperRoman": "III", "decimalEnclosedCircle": "③", "decimalFullWidth": "３", "decimalZero": "03", "none": "", "?": "3"} {
		if got := numeral(f, 3); got != want {
			t.Errorf("%s: %s, want %s", f, got, want)
		}
	}
}

func TestDocxRefusals(t *testing.T) {
	for _, c := range []struct {
		name string
		b    []byte
		kind fault.Kind
		key  string
	}{
		{"deep", docx(t, strings.Repeat("<w:sdt>", 300)), fault.KindLimit, "document.depth"},
		{"deep in what is skipped", docx(t, "<w:del>"+strings.Repeat("<w:sdt>", 300)), fault.KindLimit, "document.depth"},
		{"cut", docx(t, "<w:p><w:r>"), fault.KindInvalid, "document.damaged"},
		{"no word part", pack(t, part{"[Content_Types].xml", ""}, part{"ppt/slide.xml", "x"}), fault.KindInvalid, "document.no_text_kind"},
		{"a workbook", pack(t, part{"xl/workbook.xml", "x"}), fault.KindInvalid, "document.is_table"},
		{"empty", nil, fault.KindInvalid, "document.empty"},
		{"binary", bytes.Repeat([]byte{1, 2, 3, 250}, 500), fault.KindInvalid, "document.no_text_kind"},
		{"wide table", docx(t, `<w:tbl>`+strings.Repeat(`<w:tr><w:tc><w:tcPr><w:gridSpan w:val="999999"/></w:tcPr><w:p/></w:tc></w:tr>`, 1002)+`</w:tbl>`), fault.KindLimit, "document.table_cells"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read("a.docx", c.b)
			wantFault(t, err, c.kind, c.key)
		})
	}
}

// piece is a run of text in a Word 97 file, of 8 or 16 bits a character.
type piece struct {
	text string
	wide bool
}

// doc97 lays a Word 97 file out: information block, text, piece table.
func doc97(flags uint16, pieces ...piece) []byte {
	le := binary.LittleEndian
	w := make([]byte, 0x400)
	le.PutUint16(w, fibMagic)
	le.PutUint16(w[fibFlags:], flags)
	cps, pcds := []byte{0, 0, 0, 0}, []byte{}
	at := uint32(0)
	for _, p := range pieces {
		fc, n := uint32(len(w)), uint32(0)
		if p.wide {
			for _, c := range utf16.Encode([]rune(p.text)) {
				w = le.AppendUint16(w, c)
				n++
			}
		} else {
			fc = fc*2 | 0x40000000
			w = append(w, p.text...)
			n = uint32(len(p.text))
		}
		at += n
		cps = le.AppendUint32(cps, at)
		pcds = append(pcds, 0, 0)
		pcds = le.AppendUint32(pcds, fc)
		pcds = append(pcds, 0, 0)
	}
	le.PutUint32(w[fibTextLen:], at)
	plc := append(cps, pcds...)
	clx := append([]byte{1, 2, 0, 9, 9, 2}, le.AppendUint32(nil, uint32(len(plc)))...)
	clx = append(clx, plc...)
	le.PutUint32(w[fibClx:], 16)
	le.PutUint32(w[fibClx+4:], uint32(len(clx)))
	table := append(make([]byte, 16), clx...)
	name := "0Table"
	if flags&flagTable1 != 0 {
		name = "1Table"
	}
	return oletest.File(oletest.Stream{Name: "WordDocument", Data: w}, oletest.Stream{Name: name, Data: table})
}

func TestDocText(t *testing.T) {
	for _, flags := range []uint16{0, flagTable1} {
		b := doc97(flags, piece{"整改情况报告\r一、", true}, piece{"ABC \x93x\x94\r", false},
			piece{"见\x13 HYPERLINK \"http://x\" \x14链接\x15处\x13 PAGE \x15。\r", true},
			piece{"问题\a措施\a责任人\a\a一\a\a张三\a\a二\a做\r完\a李四\a\a", true}, piece{"表后\x0b换行\r", true})
		x := mustRead(t, "报告.wps", b)
		wantParagraphs(t, x, "整改情况报告", "一、ABC “x”", "见链接处。", "问题\t措施\t责任人", "一\t\t张三", "二\t做 完\t李四", "表后", "换行")
		want := [][][]string{{{"问题", "措施", "责任人"}, {"一", "", "张三"}, {"二", "做\n完", "李四"}}}
		if !reflect.DeepEqual(x.Tables, want) || x.Kind != KindDoc {
			t.Errorf("got %q", x.Tables)
		}
	}
}

func TestDocRefusals(t *testing.T) {
	_, err := read("a.doc", doc97(flagCrypt, piece{"密", true}))
	wantFault(t, err, fault.KindInvalid, "document.encrypted")
	_, err = read("a.doc", oletest.File(oletest.Stream{Name: "WordDocument", Data: make([]byte, 1000)}))
	wantFault(t, err, fault.KindInvalid, "document.doc_old")
	_, err = read("a.docx", oletest.File(oletest.Stream{Name: "EncryptedPackage", Data: make([]byte, 1000)}))
	wantFault(t, err, fault.KindInvalid, "document.encrypted")
	b := doc97(0, piece{"文", true})
	_, err = read("a.doc", b[:600])
	wantFault(t, err, fault.KindInvalid, "document.damaged")
	// A piece table that points beyond the file.
	i := bytes.Index(b, binary.LittleEndian.AppendUint32([]byte{1, 2, 0, 9, 9, 2}, 16))
	for _, off := range []int{6, 5} {
		c := slices.Clone(b)
		c[i+off] = 0xEE
		_, err = read("a.doc", c)
		wantFault(t, err, fault.KindInvalid, "document.damaged")
	}
}

func FuzzDoc(f *testing.F) {
	f.Add(doc97(0, piece{"问题\a措施\a\a一\ab\a\a文\r", true}, piece{"ab\r", false}))
	f.Add(doc97(flagTable1, piece{"\x13a\x14b\x15\r", true}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := readDoc("f.doc", bytes.NewReader(b), int64(len(b))); err != nil {
			if _, ok := fault.Of(err); !ok {
				t.Fatalf("no fault: %v", err)
			}
		}
	})
}

func FuzzDocx(f *testing.F) {
	f.Add(para("甲") + `<w:tbl><w:tr><w:tc>` + para("乙") + `</w:tc></w:tr></w:tbl>`)
	f.Add(`<w:p><w:del></w:p>`)
	f.Add(`</w:tc></w:tr></w:tbl></w:p>`)
	f.Fuzz(func(t *testing.T, body string) {
		if _, err := read("f.docx", docx(t, body)); err != nil {
			if _, ok := fault.Of(err); !ok {
				t.Fatalf("no fault: %v", err)
			}
		}
	})
}

func TestHTML(t *testing.T) {
	page := `<!DOCTYPE html><html><head><title> 整改
通报 </title><style>p{}</style><script>var a="<p>no</p>"</script></head><body><h1>标题</h1><p>　　第一段&nbsp;有 空格<b>粗</b>体</p>第二段<br>第三段
<table><tr><th>问题<th colspan=2>措施</tr><tr><td rowspan="2">一<td>a<td>b<tr><td>c<p>d</td><td><table><tr><td>内</td></tr></table></td></tr></table>
<ul><li>甲<li>乙</ul><ruby>整<rt>zhěng</rt></ruby><noscript>无</noscript></body></html>`
	x := mustRead(t, "a.html", []byte(page))
	if x.Title != "整改 通报" || x.Kind != KindHTML {
		t.Errorf("title %q, kind %s", x.Title, x.Kind)
	}
	wantParagraphs(t, x, "标题", "第一段 有 空格粗体", "第二段", "第三段", "问题\t措施", "一\ta\tb", "c d\t内", "甲", "乙", "整")
	want := [][][]string{{{"问题", "措施", "措施"}, {"一", "a", "b"}, {"一", "c\nd", "内"}}}
	if !reflect.DeepEqual(x.Tables, want) {
		t.Errorf("got %q, want %q", x.Tables, want)
	}
}

func TestHTMLHostile(t *testing.T) {
	if x := mustRead(t, "a.html", []byte("<html>"+strings.Repeat("<div>", 1_000_000)+"深")); x.Paragraphs[0] != "深" {
		t.Errorf("got %q", x.Paragraphs)
	}
	_, err := read("a.html", []byte("<html><table>"+strings.Repeat(`<tr><td colspan=1000 rowspan=1000>x</td></tr>`, 1500)+"</table>"))
	wantFault(t, err, fault.KindLimit, "document.table_cells")
	g := mustRead(t, "a.html", []byte("<html></table></td></tr><td>x</td><table><td>无行</td></table></table>"))
	if len(g.Tables) != 1 || g.Tables[0][0][0] != "无行" {
		t.Errorf("got %q", g.Tables)
	}
}

func FuzzHTML(f *testing.F) {
	f.Add("<table><tr><td rowspan=2>a</table>b<p>c")
	f.Fuzz(func(t *testing.T, page string) {
		if _, err := HTMLText("f.html", page); err != nil {
			if _, ok := fault.Of(err); !ok {
				t.Fatalf("no fault: %v", err)
			}
		}
	})
}

func TestPlainTextEncodings(t *testing.T) {
	const text = "关于三个规定的通报\r\n第二段，㐀𠀀\n\n第三段\r"
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	wide := func(o binary.AppendByteOrder) []byte {
		var b []byte
		for _, c := range utf16.Encode([]rune(text)) {
			b = o.AppendUint16(b, c)
		}
		return b
	}
	for name, b := range map[string][]byte{
		"utf-8": []byte(text), "mark": []byte("\ufeff" + text), "gb18030": gb,
		"utf-16le": append([]byte{0xff, 0xfe}, wide(binary.LittleEndian)...), "utf-16be": append([]byte{0xfe, 0xff}, wide(binary.BigEndian)...),
	} {
		t.Run(name, func(t *testing.T) {
			wantParagraphs(t, mustRead(t, "a.txt", b), "关于三个规定的通报", "第二段，㐀𠀀", "第三段")
		})
	}
	broken := append(slices.Clone(gb[:20]), append([]byte{0xff, 0xff}, gb[20:]...)...)
	x := mustRead(t, "a.txt", broken)
	if !slices.Contains(noteKeys(x.Warnings), "document.note_replaced") || !strings.Contains(strings.Join(x.Paragraphs, ""), "第三段") {
		t.Errorf("got %q %v", x.Paragraphs, x.Warnings)
	}
}

// Beyond the bound of hantext the whole file is decoded at once.
func TestLargeTextEncodings(t *testing.T) {
	const n = 2 << 20
	text := strings.Repeat("整改a\n", n) // 18 MiB as UTF-8
	var u16 []byte
	for _, c := range utf16.Encode([]rune(text)) {
		u16 = binary.LittleEndian.AppendUint16(u16, c)
	}
	u16 = append(u16, u16[:8]...)
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	gb = append(gb, gb...)
	for name, b := range map[string][]byte{"utf-8": []byte(text), "utf-16": u16, "gb18030": gb} {
		x := mustRead(t, "a.txt", b)
		if len(x.Paragraphs) < n || x.Paragraphs[n-1] != "整改a" || len(x.Warnings) != 0 {
			t.Errorf("%s: %d paragraphs, %v", name, len(x.Paragraphs), x.Warnings)
		}
	}
}
