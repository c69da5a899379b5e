package document

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"huikan/internal/kernel/fault"
)

// pdfMatrix is a transformation of the plane: a b c d e f.
type pdfMatrix [6]float64

func (m pdfMatrix) mul(n pdfMatrix) pdfMatrix {
	return pdfMatrix{m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3], m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3], m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5]}
}

var pdfUnit = pdfMatrix{1, 0, 0, 1, 0, 0}

// pdfRun is a piece of text at its place on a page.
type pdfRun struct {
	x, y, end, size float64
	text            string
}

// pdfReader goes through the pages of a file.
type pdfReader struct {
	*pdfBody
	fonts map[pdfRef]*pdfFont
	runs  []pdfRun
	ops   int
	chars int
	lost  int
}

// PDFText reads the text of a PDF that has one, in paragraphs: lines of a page are
// put together by their places. It is meant for texts that a person goes through
// afterwards; the order of columns and tables is a guess. A PDF of pictures, a
// locked one and one whose fonts do not say what they show are refused.
func PDFText(name string, r io.ReaderAt, size int64) (out []string, err error) {
	if size > pdfFile {
		return nil, fault.Limit("document.pdf_size", name, size>>20, pdfFile>>20)
	}
	b := make([]byte, size)
	if n, err := r.ReadAt(b, 0); err != nil && (!errors.Is(err, io.EOF) || int64(n) != size) {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	defer func() {
		if p := recover(); p != nil { // a file that nobody thought of is a damaged file
			out, err = nil, Damaged(name, "pdf", fmt.Errorf("%v", p))
		}
	}()
	body, err := openPDF(b)
	if errors.Is(err, errPDFLimit) {
		return nil, fault.Limit("document.pdf_streams", name, pdfPlain>>20)
	}
	if err != nil {
		return nil, Damaged(name, "pdf", err)
	}
	if body.locked {
		return nil, fault.Invalid("document.pdf_locked", name)
	}
	p := &pdfReader{pdfBody: body, fonts: map[pdfRef]*pdfFont{}}
	pages := p.pages()
	if len(pages) > pdfPages {
		return nil, fault.Limit("document.pdf_pages", name, len(pages), pdfPages)
	}
	var lines [][]pdfLine
	for _, page := range pages {
		p.runs = p.runs[:0]
		if err := p.page(page); err != nil {
			return nil, fault.Limit("document.pdf_streams", name, pdfPlain>>20).With(err)
		}
		lines = append(lines, linesOnPage(p.runs))
	}
	if p.lost*20 > p.chars {
		return nil, fault.Invalid("document.pdf_fonts", name)
	}
	if out = pdfParagraphs(lines); len(out) == 0 {
		return nil, fault.Invalid("document.pdf_scan", name)
	}
	if nonsense(out) {
		return nil, fault.Invalid("document.pdf_fonts", name)
	}
	return out, nil
}

// nonsense tells text that is mostly signs and no writing: fonts that were cut down
// on their way through a printer's language number what they show in the order in
// which they met it, and say that the numbers are signs.
func nonsense(paragraphs []string) bool {
	signs, all := 0, 0
	for _, p := range paragraphs {
		for _, c := range p {
			switch {
			case unicode.IsSpace(c):
				continue
			case unicode.In(c, unicode.So, unicode.Sk, unicode.Cc, unicode.Co):
				signs++
			}
			all++
		}
	}
	return signs*3 > all
}

// pages lists the pages in their order, each with what it inherits.
func (p *pdfReader) pages() (out []pdfDict) {
	seen := map[pdfRef]bool{}
	var walk func(v any, above pdfDict, depth int)
	walk = func(v any, above pdfDict, depth int) {
		if n, ok := v.(pdfRef); ok {
			if seen[n] {
				return
			}
			seen[n] = true
		}
		d := p.dict(v)
		if d == nil || depth > pdfDeep || len(out) > pdfPages {
			return
		}
		own := pdfDict{}
		for _, k := range []pdfKey{"Resources"} {
			if own[k] = above[k]; d[k] != nil {
				own[k] = d[k]
			}
		}
		if d["Kids"] == nil {
			own["Contents"] = d["Contents"]
			out = append(out, own)
			return
		}
		for _, kid := range p.list(d["Kids"]) {
			walk(kid, own, depth+1)
		}
	}
	root := p.dict(p.root)
	if root == nil {
		for _, v := range p.objects {
			if d, ok := v.(pdfDict); ok && d["Type"] == pdfKey("Catalog") {
				root = d
			}
		}
	}
	walk(root["Pages"], pdfDict{}, 0)
	return out
}

func (p *pdfReader) page(d pdfDict) error {
	var content []byte
	for _, c := range p.list(d["Contents"]) {
		if s, ok := p.get(c).(pdfStream); ok {
			b, err := p.plain(s)
			if err != nil {
				return err
			}
			content = append(append(content, b...), '\n')
		}
	}
	return p.content(content, p.dict(d["Resources"]), pdfUnit, 0)
}

// pdfState is what operators change.
type pdfState struct {
	ctm                           pdfMatrix
	font                          *pdfFont
	size, char, word, scale, rise float64
	leading                       float64
}

// content runs the operators of a page or of a form on it that show text.
func (p *pdfReader) content(b []byte, res pdfDict, ctm pdfMatrix, depth int) error {
	st := pdfState{ctm: ctm, scale: 1}
	var saved []pdfState
	tm, tlm := pdfUnit, pdfUnit
	l := &pdfLexer{b: b}
	var args []any
	num := func(i int) float64 {
		if i < len(args) {
			return p.num(args[i], 0)
		}
		return 0
	}
	line := func(x, y float64) {
		tlm = pdfMatrix{1, 0, 0, 1, x, y}.mul(tlm)
		tm = tlm
	}
	for {
		v, err := l.next(0)
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			l.i++ // go on behind what cannot be read
			continue
		}
		if p.ops++; p.ops > pdfOps || p.chars > pdfChars {
			return errPDFLimit
		}
		op, ok := v.(pdfOp)
		if !ok {
			if len(args) < 64 {
				args = append(args, v)
			}
			continue
		}
		switch op {
		case "q":
			if len(saved) < 256 {
				saved = append(saved, st)
			}
		case "Q":
			if n := len(saved); n > 0 {
				st, saved = saved[n-1], saved[:n-1]
			}
		case "cm":
			st.ctm = pdfMatrix{num(0), num(1), num(2), num(3), num(4), num(5)}.mul(st.ctm)
		case "BT":
			tm, tlm = pdfUnit, pdfUnit
		case "Tf":
			if len(args) == 2 {
				if k, ok := args[0].(pdfKey); ok {
					st.font = p.fontOf(p.dict(res["Font"])[k])
				}
				st.size = num(1)
			}
		case "Tc":
			st.char = num(0)
		case "Tw":
			st.word = num(0)
		case "Tz":
			st.scale = num(0) / 100
		case "TL":
			st.leading = num(0)
		case "Ts":
			st.rise = num(0)
		case "Td":
			line(num(0), num(1))
		case "TD":
			st.leading = -num(1)
			line(num(0), num(1))
		case "Tm":
			tlm = pdfMatrix{num(0), num(1), num(2), num(3), num(4), num(5)}
			tm = tlm
		case "T*":
			line(0, -st.leading)
		case "Tj", "'", "\"":
			if op == "\"" {
				st.word, st.char = num(0), num(1)
			}
			if op != "Tj" {
				line(0, -st.leading)
			}
			if len(args) > 0 {
				p.show(&st, &tm, args[len(args)-1:])
			}
		case "TJ":
			if len(args) > 0 {
				if list, ok := args[0].([]any); ok {
					p.show(&st, &tm, list)
				}
			}
		case "Do":
			if err := p.form(args, res, st, depth); err != nil {
				return err
			}
		case "BI": // a picture within the content: its bytes are no operators
			if end := bytes.Index(l.b[l.i:], []byte("EI")); end >= 0 {
				l.i += end + 2
			}
		}
		args = args[:0]
	}
}

// form runs a form that a page shows.
func (p *pdfReader) form(args []any, res pdfDict, st pdfState, depth int) error {
	if len(args) == 0 || depth > 8 {
		return nil
	}
	k, _ := args[0].(pdfKey)
	s, ok := p.get(p.dict(res["XObject"])[k]).(pdfStream)
	if !ok || s.dict["Subtype"] != pdfKey("Form") {
		return nil
	}
	b, err := p.plain(s)
	if err != nil {
		return err
	}
	if own := p.dict(s.dict["Resources"]); own != nil {
		res = own
	}
	if m := p.list(s.dict["Matrix"]); len(m) == 6 {
		var n pdfMatrix
		for i := range n {
			n[i] = p.num(m[i], 0)
		}
		st.ctm = n.mul(st.ctm)
	}
	return p.content(b, res, st.ctm, depth+1)
}

func (p *pdfReader) fontOf(v any) *pdfFont {
	n, ok := v.(pdfRef)
	if !ok {
		return p.font(v)
	}
	if p.fonts[n] == nil {
		p.fonts[n] = p.font(v)
	}
	return p.fonts[n]
}

// show places the characters of one operator as runs; a large gap ends a run.
func (p *pdfReader) show(st *pdfState, tm *pdfMatrix, list []any) {
	if st.font == nil {
		return
	}
	var run *pdfRun
	for _, v := range list {
		if n, ok := v.(float64); ok {
			*tm = pdfMatrix{1, 0, 0, 1, -n / 1000 * st.size * st.scale, 0}.mul(*tm)
			if math.Abs(n) > 200 {
				run = nil
			}
			continue
		}
		s, ok := v.(pdfText)
		if !ok {
			continue
		}
		for _, g := range st.font.glyphs(s) {
			at := pdfMatrix{st.size * st.scale, 0, 0, st.size, 0, st.rise}.mul(*tm).mul(st.ctm)
			wide := g.width/1000*st.size + st.char
			if g.blank {
				wide += st.word
			}
			*tm = pdfMatrix{1, 0, 0, 1, wide * st.scale, 0}.mul(*tm)
			text := strings.Map(func(r rune) rune {
				if r == unicode.ReplacementChar || r < ' ' || r >= 0xE000 && r <= 0xF8FF {
					return -1
				}
				return r
			}, g.text)
			if text == "" {
				if g.text == "" || g.text != " " && strings.TrimSpace(g.text) != "" {
					p.lost++
				}
				continue
			}
			p.chars++
			end := tm.mul(st.ctm)[4]
			size := math.Hypot(at[2], at[3])
			if run != nil && math.Abs(run.y-at[5]) < 0.1 && size == run.size {
				run.text, run.end = run.text+text, end
				continue
			}
			p.runs = append(p.runs, pdfRun{x: at[4], y: at[5], end: end, size: size, text: text})
			run = &p.runs[len(p.runs)-1]
		}
	}
}

// pdfLine is one line of a page.
type pdfLine struct {
	x, y, end, size float64
	text            string
}

// linesOnPage puts runs of one height together, from above and from the left.
func linesOnPage(runs []pdfRun) (out []pdfLine) {
	slices.SortStableFunc(runs, func(a, b pdfRun) int { return cmp.Compare(b.y, a.y) })
	for i := 0; i < len(runs); {
		j := i + 1
		for j < len(runs) && runs[i].y-runs[j].y < 0.4*max(runs[i].size, runs[j].size) {
			j++
		}
		row := runs[i:j]
		slices.SortStableFunc(row, func(a, b pdfRun) int { return cmp.Compare(a.x, b.x) })
		l := pdfLine{x: row[0].x, y: row[0].y, end: row[0].end}
		for k, r := range row {
			// The same text a hair beside itself is one bold text.
			if k > 0 && r.text == row[k-1].text && math.Abs(r.x-row[k-1].x) < 0.1*r.size {
				continue
			}
			if l.text != "" && r.x-l.end > 0.2*r.size && (latinEnd(l.text) || latinStart(r.text) || r.x-l.end > 1.5*r.size) {
				l.text += " "
			}
			l.text, l.end, l.size = l.text+r.text, max(l.end, r.end), max(l.size, r.size)
		}
		if l.text = strings.TrimSpace(l.text); l.text != "" {
			out = append(out, l)
		}
		i = j
	}
	return out
}

func latinEnd(s string) bool   { return s != "" && s[len(s)-1] < 0x80 && s[len(s)-1] > ' ' }
func latinStart(s string) bool { return s != "" && s[0] < 0x80 && s[0] > ' ' }

// pdfParagraphs puts lines together that a page has cut: a line that reaches the
// right edge goes on in one of the same size that is not set in.
func pdfParagraphs(pages [][]pdfLine) (out []string) {
	full := false
	var last pdfLine
	for _, lines := range pages {
		left, right := math.Inf(1), math.Inf(-1)
		for _, l := range lines {
			left, right = min(left, l.x), max(right, l.end)
		}
		for i, l := range lines {
			if (i == 0 || i == len(lines)-1) && pageMark(l.text) {
				continue
			}
			near := i == 0 || last.y-l.y < 2.6*l.size
			if full && near && math.Abs(last.size-l.size) < 0.15*l.size && l.x-left < 1.2*l.size {
				joint := ""
				if latinEnd(out[len(out)-1]) && latinStart(l.text) {
					joint = " "
				}
				out[len(out)-1] += joint + l.text
			} else {
				out = append(out, l.text)
			}
			// A line that ends a sentence must reach the edge itself; another may end
			// before a word that did not fit.
			room := 3.2 * l.size
			if strings.ContainsAny(l.text[max(0, len(l.text)-3):], "。！？；：") {
				room = 1.7 * l.size
			}
			full, last = right-l.end < room, l
		}
	}
	return out
}

// pageMark tells the number of a page, as it stands above or below the text.
func pageMark(s string) bool {
	s = strings.Trim(s, " -—–－·第页共/")
	return s != "" && len(s) <= 9 && strings.Trim(s, "0123456789 ") == ""
}
