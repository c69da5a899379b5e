package document

import (
	"archive/zip"
	"fmt"
	"html"
	"io"
	"strings"
	"unicode/utf8"
)

// Official is a document in the layout of GB/T 9704-2012 (party and government
// documents). Empty parts are left out; their order is that of the standard.
type Official struct {
	Serial, Secrecy, Urgency string // 份号 密级和保密期限 紧急程度
	Issuer                   string // 发文机关标志, in red; empty: no red head
	Number                   string // 发文字号, e.g. ×检党组〔2026〕12号
	Title, To                string // 标题 主送机关, without colon
	Body                     []Block
	Attachments              []string // 附件说明
	Signature, Date          string   // 发文机关署名 成文日期
	Remark                   string   // 附注, without brackets
	CopyTo                   string   // 抄送机关
	Printer, Printed         string   // 印发机关 印发日期
	Annexes                  []Annex
}

// Annex is an attachment on its own page.
type Annex struct {
	Title string
	Body  []Block
}

// Block is a paragraph or, if it has rows, a table whose first row is the header.
type Block struct {
	Text string
	Rows [][]string
}

// Fonts by name, never embedded: a machine without them substitutes its own.
const (
	fontBody  = "仿宋_GB2312"
	fontHei   = "黑体"
	fontKai   = "楷体_GB2312"
	fontSong  = "宋体"
	fontTitle = "方正小标宋简体"
	red       = "FF0000"
	size3     = 32 // 3号, in half points
	size2     = 44 // 2号
	size4     = 28 // 4号
	textWidth = 8845
)

// WriteDocx writes the document; the same document gives the same bytes.
func WriteDocx(w io.Writer, o Official) error {
	z := zip.NewWriter(w)
	for _, p := range []struct{ name, data string }{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", xmlHead + `<Relationships xmlns="` + relNS + `"><Relationship Id="rId1" Type="` + relType + `officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/_rels/document.xml.rels", documentRels},
		{"word/document.xml", o.document()},
		{"word/styles.xml", stylesXML},
		{"word/settings.xml", settingsXML},
		{"word/footer1.xml", footer("right")},
		{"word/footer2.xml", footer("left")},
	} {
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate}) // no time: same bytes
		if err == nil {
			_, err = io.WriteString(f, p.data)
		}
		if err != nil {
			return fmt.Errorf("writing %s: %w", p.name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("closing document: %w", err)
	}
	return nil
}

func (o Official) document() string {
	var b strings.Builder
	o.head(&b)
	for _, l := range splitTitle(o.Title) {
		b.WriteString(wPara{align: "center", line: 640, runs: []wRun{{l, fontTitle, size2, ""}}}.xml())
	}
	if o.To != "" {
		b.WriteString(blank())
		b.WriteString(plainPara(o.To + "："))
	}
	blocks(&b, o.Body)
	o.tail(&b)
	for i, a := range o.Annexes {
		label := "附件"
		if len(o.Annexes) > 1 {
			label = fmt.Sprintf("附件%d", i+1)
		}
		b.WriteString(wPara{newPage: true, runs: []wRun{{label, fontHei, size3, ""}}}.xml())
		b.WriteString(blank())
		for _, l := range splitTitle(a.Title) {
			b.WriteString(wPara{align: "center", line: 640, runs: []wRun{{l, fontTitle, size2, ""}}}.xml())
		}
		b.WriteString(blank())
		blocks(&b, a.Body)
	}
	o.imprint(&b)
	return xmlHead + `<w:document ` + wordNS + `><w:body>` + b.String() + section + `</w:body></w:document>`
}

// head is the part above the red line (版头).
func (o Official) head(b *strings.Builder) {
	for _, l := range []wRun{{o.Serial, fontBody, size3, ""}, {o.Secrecy, fontHei, size3, ""}, {o.Urgency, fontHei, size3, ""}} {
		if l.text != "" {
			b.WriteString(wPara{runs: []wRun{l}}.xml())
		}
	}
	if o.Issuer == "" {
		return
	}
	size := min(62, 2*440/max(utf8.RuneCountInString(o.Issuer), 1)) // shrinks to one line
	b.WriteString(wPara{align: "center", before: 600, line: 900, runs: []wRun{{o.Issuer, fontTitle, size, red}}}.xml())
	b.WriteString(blank() + blank())
	b.WriteString(wPara{align: "center", after: 227, border: `<w:bottom w:val="single" w:sz="12" w:space="0" w:color="` + red + `"/>`, runs: []wRun{{o.Number, fontBody, size3, ""}}}.xml())
	b.WriteString(blank() + blank())
}

// tail is what follows the text: list of annexes, signature, date, remark.
func (o Official) tail(b *strings.Builder) {
	for i, a := range o.Attachments {
		text := "附件：" + a
		switch {
		case len(o.Attachments) > 1 && i == 0:
			text = "附件：1．" + a
		case i > 0:
			text = fmt.Sprintf("　　　%d．%s", i+1, a)
		}
		if i == 0 {
			b.WriteString(blank())
		}
		b.WriteString(wPara{left: 200, runs: []wRun{{text, fontBody, size3, ""}}}.xml())
	}
	if o.Signature != "" || o.Date != "" {
		b.WriteString(blank() + blank())
	}
	for _, l := range []struct {
		text  string
		right int
	}{{o.Signature, 200}, {o.Date, 400}} {
		if l.text != "" {
			b.WriteString(wPara{align: "right", right: l.right, keep: true, runs: []wRun{{l.text, fontBody, size3, ""}}}.xml())
		}
	}
	if o.Remark != "" {
		b.WriteString(wPara{first: 200, runs: []wRun{{"（" + o.Remark + "）", fontBody, size3, ""}}}.xml())
	}
}

// imprint is the last block (版记): lines of 0.35 mm outside, 0.25 mm between.
func (o Official) imprint(b *strings.Builder) {
	if o.CopyTo == "" && o.Printer == "" {
		return
	}
	line := func(side string, eighths int) string {
		return fmt.Sprintf(`<w:%s w:val="single" w:sz="%d" w:space="1" w:color="000000"/>`, side, eighths)
	}
	b.WriteString(blank())
	top := line("top", 8)
	if o.CopyTo != "" {
		last := ""
		if o.Printer == "" {
			last = line("bottom", 8)
		}
		b.WriteString(wPara{border: top + last, left: 100, right: 100, runs: []wRun{{"抄送：" + o.CopyTo + "。", fontBody, size4, ""}}}.xml())
		top = line("top", 6)
	}
	if o.Printer != "" {
		p := wPara{border: top + line("bottom", 8), left: 100, right: 100, tab: textWidth - 280, runs: []wRun{{o.Printer, fontBody, size4, ""}}}
		if o.Printed != "" {
			p.runs = append(p.runs, wRun{"\t" + o.Printed + "印发", fontBody, size4, ""})
		}
		b.WriteString(p.xml())
	}
}

func blocks(b *strings.Builder, bs []Block) {
	for _, x := range bs {
		if len(x.Rows) > 0 {
			b.WriteString(wTable(x.Rows))
			continue
		}
		b.WriteString(bodyPara(x.Text))
	}
}

const hanDigits = "一二三四五六七八九十百"

// bodyPara sets the fonts of the levels: 一、黑体 （一）楷体 the rest 仿宋. A heading
// of the second level that runs on ends with its first full stop.
func bodyPara(t string) string {
	p := wPara{first: 200, align: "both"}
	rest := strings.TrimLeft(t, hanDigits)
	inner, bracket := strings.CutPrefix(t, "（")
	afterInner := strings.TrimLeft(inner, hanDigits)
	switch {
	case rest != t && strings.HasPrefix(rest, "、"):
		p.runs = []wRun{{t, fontHei, size3, ""}}
	case bracket && afterInner != inner && strings.HasPrefix(afterInner, "）"):
		head, tail, found := strings.Cut(t, "。")
		if found {
			head += "。"
		}
		p.runs = []wRun{{head, fontKai, size3, ""}}
		if tail != "" {
			p.runs = append(p.runs, wRun{tail, fontBody, size3, ""})
		}
	default:
		p.runs = []wRun{{t, fontBody, size3, ""}}
	}
	return p.xml()
}

// splitTitle breaks a long title into balanced lines behind a word that may end one.
func splitTitle(t string) []string {
	rs := []rune(t)
	if len(rs) <= 20 {
		if t == "" {
			return nil
		}
		return []string{t}
	}
	lines := (len(rs) + 18) / 19
	want := len(rs) / lines
	cut, best := want, 1<<30
	for i := 6; i < len(rs)-3 && i <= 20; i++ {
		cost := 4 * abs(i-want)
		if !strings.ContainsRune("的、，和与》）", rs[i-1]) {
			cost += 25
		}
		if strings.ContainsRune("的、，和与》）", rs[i]) || rs[i] < 128 && rs[i-1] < 128 { // never begin with a mark, never part a figure
			cost += 100
		}
		if cost < best {
			cut, best = i, cost
		}
	}
	return append([]string{string(rs[:cut])}, splitTitle(string(rs[cut:]))...)
}

func abs(n int) int { return max(n, -n) }

func blank() string { return wPara{}.xml() }

func plainPara(t string) string { return wPara{runs: []wRun{{t, fontBody, size3, ""}}}.xml() }

type wRun struct {
	text, font string
	size       int // half points
	color      string
}

func (r wRun) xml() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<w:r><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="%s" w:hint="eastAsia"/>`, r.font)
	if r.color != "" {
		b.WriteString(`<w:color w:val="` + r.color + `"/>`)
	}
	if r.size == size3 {
		b.WriteString(`<w:spacing w:val="-5"/>`) // 28 characters fill the line
	}
	fmt.Fprintf(&b, `<w:sz w:val="%d"/><w:szCs w:val="%d"/></w:rPr>`, r.size, r.size)
	for i, part := range strings.Split(r.text, "\t") {
		if i > 0 {
			b.WriteString(`<w:tab/>`)
		}
		b.WriteString(`<w:t xml:space="preserve">` + html.EscapeString(xmlSafe(part)) + `</w:t>`)
	}
	return b.String() + `</w:r>`
}

// xmlSafe drops the characters that XML cannot hold.
func xmlSafe(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 32 || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

type wPara struct {
	align               string
	first, left, right  int // indents in hundredths of a character
	before, after, line int // twips
	border              string
	tab                 int
	keep, newPage       bool
	runs                []wRun
}

func (p wPara) xml() string {
	var b strings.Builder
	b.WriteString(`<w:p><w:pPr>`)
	if p.keep {
		b.WriteString(`<w:keepNext/>`)
	}
	if p.newPage {
		b.WriteString(`<w:pageBreakBefore/>`)
	}
	b.WriteString(`<w:widowControl w:val="0"/>`)
	if p.border != "" {
		b.WriteString(`<w:pBdr>` + p.border + `</w:pBdr>`)
	}
	if p.tab > 0 {
		fmt.Fprintf(&b, `<w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs>`, p.tab)
	}
	if p.line > 0 || p.before > 0 || p.after > 0 {
		fmt.Fprintf(&b, `<w:spacing w:before="%d" w:after="%d"`, p.before, p.after)
		if p.line > 0 {
			fmt.Fprintf(&b, ` w:line="%d" w:lineRule="exact"`, p.line)
		}
		b.WriteString(`/>`)
	}
	if p.first != 0 || p.left != 0 || p.right != 0 {
		fmt.Fprintf(&b, `<w:ind w:leftChars="%d" w:left="%d" w:rightChars="%d" w:right="%d" w:firstLineChars="%d" w:firstLine="%d"/>`,
			p.left, p.left*316/100, p.right, p.right*316/100, p.first, p.first*316/100)
	}
	if p.align != "" {
		b.WriteString(`<w:jc w:val="` + p.align + `"/>`)
	}
	b.WriteString(`</w:pPr>`)
	for _, r := range p.runs {
		b.WriteString(r.xml())
	}
	return b.String() + `</w:p>`
}

// wTable shares the width by the longest text of each column.
func wTable(rows [][]string) string {
	cols := 0
	for _, r := range rows {
		cols = max(cols, len(r))
	}
	weight, sum := make([]int, cols), 0
	for c := range weight {
		weight[c] = 3
		for _, r := range rows {
			if c < len(r) {
				weight[c] = max(weight[c], min(utf8.RuneCountInString(r[c])+2, 20))
			}
		}
		sum += weight[c]
	}
	var b strings.Builder
	b.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:jc w:val="center"/><w:tblBorders>`)
	for _, k := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		b.WriteString(`<w:` + k + ` w:val="single" w:sz="4" w:space="0" w:color="000000"/>`)
	}
	b.WriteString(`</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`)
	for _, n := range weight {
		fmt.Fprintf(&b, `<w:gridCol w:w="%d"/>`, n*textWidth/sum)
	}
	b.WriteString(`</w:tblGrid>`)
	for i, r := range rows {
		b.WriteString(`<w:tr><w:trPr><w:cantSplit/>`)
		font := fontBody
		if i == 0 {
			b.WriteString(`<w:tblHeader/>`)
			font = fontHei
		}
		b.WriteString(`</w:trPr>`)
		for c := range cols {
			text := ""
			if c < len(r) {
				text = r[c]
			}
			fmt.Fprintf(&b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>`, weight[c]*textWidth/sum)
			b.WriteString(wPara{align: "center", line: 360, runs: []wRun{{text, font, 21, ""}}}.xml() + `</w:tc>`)
		}
		b.WriteString(`</w:tr>`)
	}
	return b.String() + `</w:tbl>`
}
