package document

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// pdfFont turns the codes of a font into characters and widths.
type pdfFont struct {
	wide   bool           // codes of two bytes
	one    map[byte]bool  // first bytes of codes of one byte, where a map says so
	chars  map[int]string // by the font's own map (ToUnicode)
	decode func(pdfText) string
	widths map[int]float64
	width  float64
}

// pdfGlyph is one character of a run; Text is "" where nothing says what it is.
type pdfGlyph struct {
	text  string
	width float64 // in thousandths of the size
	blank bool    // the code of a blank, to which the word space is added
}

func (p *pdfBody) font(v any) *pdfFont {
	d := p.dict(v)
	f := &pdfFont{chars: map[int]string{}, widths: map[int]float64{}, width: 500, one: map[byte]bool{}}
	if d["Subtype"] == pdfKey("Type0") {
		f.wide, f.width = true, 1000
		if list := p.list(d["DescendantFonts"]); len(list) > 0 {
			under := p.dict(list[0])
			f.width = p.num(under["DW"], 1000)
			p.cidWidths(f, p.list(under["W"]))
		}
		switch name, _ := p.get(d["Encoding"]).(pdfKey); {
		case strings.Contains(string(name), "UCS2"), strings.Contains(string(name), "UTF16"):
			f.decode = utf16Text
		case strings.HasPrefix(string(name), "GB") && !strings.Contains(string(name), "Identity"):
			f.decode = func(b pdfText) string { s, _ := simplifiedchinese.GB18030.NewDecoder().Bytes(b); return string(s) }
		}
	} else {
		first := int(p.num(d["FirstChar"], 0))
		for i, w := range p.list(d["Widths"]) {
			f.widths[first+i] = p.num(w, 500)
		}
		if _, own := p.get(d["Encoding"]).(pdfDict); d["Subtype"] != pdfKey("Type3") && (!own || d["ToUnicode"] == nil) {
			f.decode = func(b pdfText) string { s, _ := charmap.Windows1252.NewDecoder().Bytes(b); return string(s) }
		}
	}
	if s, ok := p.get(d["ToUnicode"]).(pdfStream); ok {
		if plain, err := p.plain(s); err == nil {
			f.cmap(plain)
		}
	}
	return f
}

// cidWidths reads the widths of a composite font: "first [w w w]" and "first last w".
func (p *pdfBody) cidWidths(f *pdfFont, list []any) {
	for i := 0; i+1 < len(list); {
		first := int(p.num(list[i], 0))
		if ws, ok := p.get(list[i+1]).([]any); ok {
			for k, w := range ws {
				f.widths[first+k] = p.num(w, f.width)
			}
			i += 2
			continue
		}
		if i+2 >= len(list) {
			return
		}
		last := int(p.num(list[i+1], 0))
		for c := first; c <= last && c-first < 1<<16; c++ {
			f.widths[c] = p.num(list[i+2], f.width)
		}
		i += 3
	}
}

func utf16Text(b pdfText) string {
	u := make([]uint16, len(b)/2)
	for i := range u {
		u[i] = binary.BigEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(u))
}

func code(b pdfText) int {
	n := 0
	for _, c := range b {
		n = n<<8 | int(c)
	}
	return n
}

// cmap reads which codes mean which characters (ISO 32000-1, 9.10.3).
func (f *pdfFont) cmap(b []byte) {
	l := &pdfLexer{b: b}
	var stack []any
	for ops := 0; ops < pdfChars; ops++ {
		v, err := l.next(0)
		if err != nil {
			return
		}
		op, ok := v.(pdfOp)
		if !ok {
			stack = append(stack, v)
			continue
		}
		switch op {
		case "endcodespacerange":
			for i := 0; i+1 < len(stack); i += 2 {
				if lo, ok := stack[i].(pdfText); ok && len(lo) == 1 && f.wide {
					hi, _ := stack[i+1].(pdfText)
					for c := int(lo[0]); len(hi) == 1 && c <= int(hi[0]); c++ {
						f.one[byte(c)] = true
					}
				}
			}
		case "endbfchar":
			for i := 0; i+1 < len(stack); i += 2 {
				from, ok1 := stack[i].(pdfText)
				to, ok2 := stack[i+1].(pdfText)
				if ok1 && ok2 {
					f.chars[code(from)] = utf16Text(to)
				}
			}
		case "endbfrange":
			f.ranges(stack)
		}
		stack = stack[:0]
	}
}

func (f *pdfFont) ranges(stack []any) {
	for i := 0; i+2 < len(stack); i += 3 {
		lo, ok1 := stack[i].(pdfText)
		hi, ok2 := stack[i+1].(pdfText)
		if !ok1 || !ok2 || code(hi)-code(lo) > 1<<16 {
			continue
		}
		switch to := stack[i+2].(type) {
		case []any:
			for k, v := range to {
				if s, ok := v.(pdfText); ok {
					f.chars[code(lo)+k] = utf16Text(s)
				}
			}
		case pdfText:
			r := []rune(utf16Text(to))
			if len(r) == 0 {
				continue
			}
			for c := code(lo); c <= code(hi); c++ {
				last := r[len(r)-1] + rune(c-code(lo))
				f.chars[c] = string(r[:len(r)-1]) + string(last)
			}
		}
	}
}

// glyphs reads a string of a content stream.
func (f *pdfFont) glyphs(b pdfText) []pdfGlyph {
	var out []pdfGlyph
	for len(b) > 0 {
		n := 1
		if f.wide && !f.one[b[0]] {
			n = min(2, len(b))
		}
		c := code(b[:n])
		g := pdfGlyph{width: f.width, blank: n == 1 && c == ' '}
		if w, ok := f.widths[c]; ok {
			g.width = w
		}
		if t, ok := f.chars[c]; ok {
			g.text = t
		} else if f.decode != nil {
			g.text = f.decode(b[:n])
		}
		out, b = append(out, g), b[n:]
	}
	return out
}
