package document

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/hex"
	"errors"
	"io"
	"strconv"

	"huikan/internal/kernel/lazy"
)

// What a PDF consists of (ISO 32000-1, 7.3): besides these, float64, bool and nil.
type (
	pdfKey    string // a name
	pdfText   []byte // a string
	pdfOp     string // an operator of a content stream
	pdfDict   map[pdfKey]any
	pdfRef    int
	pdfStream struct {
		dict pdfDict
		raw  []byte
	}
)

// Bounds of reading a PDF.
const (
	pdfFile    = 64 << 20 // bytes of a file
	pdfObjects = 500_000  // objects in it
	pdfPlain   = 64 << 20 // bytes unpacked in all
	pdfDeep    = 40       // arrays and dictionaries within each other
	pdfPages   = 600
	pdfOps     = 8_000_000 // operators and operands of all pages
	pdfChars   = 2_000_000
)

var (
	errPDF      = errors.New("not as a PDF is written")
	errPDFLimit = errors.New("more than is read of a PDF")
)

// pdfLexer reads objects one after the other.
type pdfLexer struct {
	b []byte
	i int
}

func pdfBlank(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func pdfDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (l *pdfLexer) space() {
	for l.i < len(l.b) {
		switch c := l.b[l.i]; {
		case pdfBlank(c):
			l.i++
		case c == '%':
			for l.i < len(l.b) && l.b[l.i] != '\n' && l.b[l.i] != '\r' {
				l.i++
			}
		default:
			return
		}
	}
}

func (l *pdfLexer) has(s string) bool { return bytes.HasPrefix(l.b[l.i:], []byte(s)) }

// next reads one object or operator; io.EOF at the end.
func (l *pdfLexer) next(depth int) (any, error) {
	if depth > pdfDeep {
		return nil, errPDF
	}
	l.space()
	if l.i >= len(l.b) {
		return nil, io.EOF
	}
	switch c := l.b[l.i]; {
	case c == '/':
		l.i++
		return pdfKey(l.word(true)), nil
	case c == '(':
		return l.literal()
	case l.has("<<"):
		l.i += 2
		return l.dict(depth)
	case c == '<':
		return l.hex()
	case c == '[':
		l.i++
		var out []any
		for {
			l.space()
			if l.i < len(l.b) && l.b[l.i] == ']' {
				l.i++
				return out, nil
			}
			v, err := l.next(depth + 1)
			if err != nil {
				return nil, errPDF
			}
			out = l.put(out, v)
		}
	case c == '+' || c == '-' || c == '.' || c >= '0' && c <= '9':
		w := l.word(false)
		if f, err := strconv.ParseFloat(w, 64); err == nil {
			return f, nil
		}
		return 0.0, nil // what is no number is none: "-" and "--3" are seen in the wild
	case pdfDelimiter(c):
		l.i++
		return pdfOp(c), nil
	}
	switch w := l.word(false); w {
	case "true", "false":
		return w == "true", nil
	case "null":
		return nil, nil
	default:
		return pdfOp(w), nil
	}
}

// put appends a value to an array; "12 0 R" is one reference.
func (l *pdfLexer) put(out []any, v any) []any {
	if v == pdfOp("R") && len(out) >= 2 {
		if n, ok := out[len(out)-2].(float64); ok {
			return append(out[:len(out)-2], pdfRef(n))
		}
	}
	return append(out, v)
}

func (l *pdfLexer) word(escaped bool) string {
	from := l.i
	for l.i < len(l.b) && !pdfBlank(l.b[l.i]) && !pdfDelimiter(l.b[l.i]) {
		l.i++
	}
	if w := l.b[from:l.i]; !escaped || bytes.IndexByte(w, '#') < 0 {
		return string(w)
	}
	return pdfName(l.b[from:l.i])
}

func (l *pdfLexer) dict(depth int) (any, error) {
	var list []any
	for {
		l.space()
		if l.has(">>") {
			l.i += 2
			break
		}
		v, err := l.next(depth + 1)
		if err != nil {
			return nil, errPDF
		}
		list = l.put(list, v)
	}
	out := pdfDict{}
	for i := 0; i+1 < len(list); i += 2 {
		if k, ok := list[i].(pdfKey); ok {
			out[k] = list[i+1]
		}
	}
	return out, nil
}

func (l *pdfLexer) hex() (any, error) {
	l.i++
	end := bytes.IndexByte(l.b[l.i:], '>')
	if end < 0 {
		return nil, errPDF
	}
	var digits []byte
	for _, c := range l.b[l.i : l.i+end] {
		if unhex(c) >= 0 {
			digits = append(digits, c)
		}
	}
	l.i += end + 1
	if len(digits)%2 == 1 {
		digits = append(digits, '0')
	}
	out := make([]byte, len(digits)/2)
	_, err := hex.Decode(out, digits)
	return pdfText(out), err
}

var pdfEscapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f'}

func (l *pdfLexer) literal() (any, error) {
	var out []byte
	open := 0
	for ; l.i < len(l.b); l.i++ {
		c := l.b[l.i]
		switch {
		case c == '(':
			if open++; open == 1 {
				continue
			}
		case c == ')':
			if open--; open == 0 {
				l.i++
				return pdfText(out), nil
			}
		case c == '\\' && l.i+1 < len(l.b):
			l.i++
			e := l.b[l.i]
			if v, ok := pdfEscapes[e]; ok {
				c = v
			} else if e >= '0' && e <= '7' {
				n := 0
				for k := 0; k < 3 && l.i < len(l.b) && l.b[l.i] >= '0' && l.b[l.i] <= '7'; k++ {
					n = n*8 + int(l.b[l.i]-'0')
					l.i++
				}
				l.i--
				c = byte(n)
			} else if e == '\n' || e == '\r' {
				if e == '\r' && l.i+1 < len(l.b) && l.b[l.i+1] == '\n' {
					l.i++
				}
				continue
			} else {
				c = e
			}
		}
		out = append(out, c)
	}
	return nil, errPDF
}

// pdfBody is a PDF taken apart. Objects are found by reading the file from its
// beginning, not by its table of places: so a file with a damaged table is read as
// well, and a place in it cannot lead anywhere.
type pdfBody struct {
	objects map[pdfRef]any
	root    any
	locked  bool
	budget  int
}

var pdfObject = lazy.Pattern(`(\d{1,9})[ \t\r\n]+\d{1,5}[ \t\r\n]+obj\b|\btrailer\b`)

func openPDF(b []byte) (*pdfBody, error) {
	p := &pdfBody{objects: map[pdfRef]any{}, budget: pdfPlain}
	for at := 0; ; {
		m := pdfObject().FindSubmatchIndex(b[at:])
		if m == nil {
			return p, nil
		}
		if len(p.objects) > pdfObjects {
			return nil, errPDFLimit
		}
		number := ""
		if m[2] >= 0 {
			number = string(b[at+m[2] : at+m[3]])
		}
		at += m[1]
		l := &pdfLexer{b: b, i: at}
		v, err := l.next(0)
		if err != nil {
			continue
		}
		at = l.i
		d, isDict := v.(pdfDict)
		if number == "" {
			p.trailer(d)
			continue
		}
		if l.space(); isDict && l.has("stream") {
			s := pdfStream{dict: d, raw: l.stream(d)}
			at, v = l.i, s
			if d["Type"] == pdfKey("XRef") {
				p.trailer(d)
			}
			if d["Type"] == pdfKey("ObjStm") {
				if err := p.unpack(s); err != nil {
					return nil, err
				}
			}
		}
		n, err := strconv.Atoi(number)
		if err == nil {
			p.objects[pdfRef(n)] = v
		}
	}
}

func (p *pdfBody) trailer(d pdfDict) {
	if d["Root"] != nil {
		p.root = d["Root"]
	}
	p.locked = p.locked || d["Encrypt"] != nil
}

// stream gives the bytes of a stream: by its length where its end stands there,
// else up to the next end.
func (l *pdfLexer) stream(d pdfDict) []byte {
	l.i += len("stream")
	if l.has("\r\n") {
		l.i += 2
	} else if l.has("\n") || l.has("\r") {
		l.i++
	}
	from := l.i
	if n, ok := d["Length"].(float64); ok && n >= 0 && int(n) <= len(l.b)-from {
		l.i = from + int(n)
		if l.space(); l.has("endstream") {
			l.i += len("endstream")
			return l.b[from : from+int(n)]
		}
	}
	end := bytes.Index(l.b[from:], []byte("endstream"))
	if end < 0 {
		end = len(l.b) - from
	}
	l.i = from + end
	return l.b[from : from+end]
}

// unpack adds the objects that lie packed in a stream.
func (p *pdfBody) unpack(s pdfStream) error {
	plain, err := p.plain(s)
	if err != nil {
		return err
	}
	count, _ := s.dict["N"].(float64)
	first, _ := s.dict["First"].(float64)
	if count < 0 || count > pdfObjects || first < 0 || int(first) > len(plain) {
		return nil
	}
	l := &pdfLexer{b: plain[:int(first)]}
	for range int(count) {
		n, err1 := l.next(0)
		off, err2 := l.next(0)
		no, ok1 := n.(float64)
		at, ok2 := off.(float64)
		if err1 != nil || err2 != nil || !ok1 || !ok2 || at < 0 || int(first+at) >= len(plain) {
			return nil
		}
		if v, err := (&pdfLexer{b: plain, i: int(first + at)}).next(0); err == nil {
			p.objects[pdfRef(no)] = v
		}
	}
	return nil
}

// get follows references.
func (p *pdfBody) get(v any) any {
	for range 8 {
		n, ok := v.(pdfRef)
		if !ok {
			return v
		}
		v = p.objects[n]
	}
	return nil
}

func (p *pdfBody) dict(v any) pdfDict {
	switch x := p.get(v).(type) {
	case pdfDict:
		return x
	case pdfStream:
		return x.dict
	}
	return nil
}

func (p *pdfBody) list(v any) []any {
	x := p.get(v)
	if a, ok := x.([]any); ok {
		return a
	}
	if x == nil {
		return nil
	}
	return []any{v}
}

func (p *pdfBody) num(v any, other float64) float64 {
	if f, ok := p.get(v).(float64); ok {
		return f
	}
	return other
}

// plain unpacks a stream within the bound of the whole file. What is packed in a
// way in which no text is (pictures) gives nothing.
func (p *pdfBody) plain(s pdfStream) ([]byte, error) {
	b := s.raw
	for _, f := range p.list(s.dict["Filter"]) {
		switch p.get(f) {
		case pdfKey("FlateDecode"), pdfKey("Fl"):
			z, err := zlib.NewReader(bytes.NewReader(b))
			if err != nil {
				return nil, nil
			}
			// What can be read of a stream that is cut is text all the same.
			b, _ = io.ReadAll(io.LimitReader(z, int64(p.budget)+1))
		case pdfKey("ASCIIHexDecode"), pdfKey("AHx"):
			t, err := (&pdfLexer{b: append([]byte("<"), b...)}).hex()
			if err != nil {
				return nil, nil
			}
			b = t.(pdfText)
		case pdfKey("ASCII85Decode"), pdfKey("A85"):
			b, _, _ = bytes.Cut(b, []byte("~>"))
			out := make([]byte, len(b))
			n, _, _ := ascii85.Decode(out, bytes.TrimPrefix(bytes.TrimSpace(b), []byte("<~")), true)
			b = out[:n]
		default:
			return nil, nil
		}
		if p.budget -= len(b); p.budget < 0 {
			return nil, errPDFLimit
		}
	}
	return b, nil
}
