package document

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"huikan/internal/kernel/fault"
)

func readHTML(name string, r io.ReaderAt, size int64) (Text, error) {
	s, notes, err := Decoded(name, r, size)
	if err != nil {
		return Text{}, err
	}
	t, err := HTMLText(name, s)
	t.Warnings = append(notes, t.Warnings...)
	return t, err
}

// htmlReader walks the tags as they come. No tree is built: a page may nest a
// million elements, and the walk must stay linear in time and memory.
type htmlReader struct {
	file   string
	out    Text
	line   strings.Builder
	quiet  int // open elements whose text is not shown
	title  bool
	rows   [][]cell // of the outermost open table
	row    []cell
	cur    *cell
	nested int // open tables
	cells  int
}

// HTMLText gives the text of a page: paragraphs at block elements, tables with
// their spans filled, nothing of scripts and styles.
func HTMLText(name, page string) (Text, error) {
	h := &htmlReader{file: name, cells: maxCells}
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch tt := z.Next(); tt {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return Text{}, Damaged(name, "html", err)
			}
			h.closeTable()
			h.flush()
			if h.cells < 0 {
				return Text{}, fault.Limit("document.table_cells", name, maxCells)
			}
			return h.out, nil
		case html.TextToken:
			h.text(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			h.open(z.Token(), tt == html.SelfClosingTagToken)
		case html.EndTagToken:
			h.close(z.Token().DataAtom)
		}
	}
}

func silent(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Textarea, atom.Svg, atom.Iframe, atom.Object, atom.Select, atom.Button, atom.Rt, atom.Rp:
		return true
	}
	return false
}

func block(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Div, atom.Br, atom.Hr, atom.Li, atom.Ul, atom.Ol, atom.Dl, atom.Dt, atom.Dd, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Article, atom.Section, atom.Header, atom.Footer, atom.Nav, atom.Aside, atom.Main, atom.Blockquote, atom.Pre, atom.Figure, atom.Figcaption,
		atom.Address, atom.Form, atom.Fieldset, atom.Center, atom.Body, atom.Caption:
		return true
	}
	return false
}

func (h *htmlReader) open(t html.Token, selfClosed bool) {
	a := t.DataAtom
	switch {
	case silent(a):
		if !selfClosed {
			h.quiet++
		}
	case a == atom.Title:
		h.title = h.out.Title == ""
	case a == atom.Table:
		h.nested++
		if h.nested == 1 {
			h.flush()
		}
	case a == atom.Tr && h.nested == 1:
		h.endRow()
	case (a == atom.Td || a == atom.Th) && h.nested == 1:
		h.endCell()
		h.cur = &cell{cols: span(t, "colspan"), rows: span(t, "rowspan")}
	case block(a):
		h.breakLine()
	}
}

func (h *htmlReader) close(a atom.Atom) {
	switch {
	case silent(a):
		h.quiet = max(0, h.quiet-1)
	case a == atom.Title:
		h.title = false
	case a == atom.Table && h.nested > 0:
		if h.nested == 1 {
			h.closeTable()
		}
		h.nested--
	case (a == atom.Td || a == atom.Th) && h.nested == 1:
		h.endCell()
	case a == atom.Tr && h.nested == 1:
		h.endRow()
	case block(a), a == atom.Td, a == atom.Th, a == atom.Tr:
		h.breakLine()
	}
}

func (h *htmlReader) text(s string) {
	if h.quiet > 0 {
		return
	}
	if h.title {
		h.out.Title += strings.Join(strings.Fields(s), " ")
		return
	}
	h.line.WriteString(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' || r == '\u00a0' {
			return ' '
		}
		return r
	}, s))
}

func (h *htmlReader) breakLine() {
	if h.cur != nil {
		h.line.WriteByte('\n')
		return
	}
	h.flush()
}

func (h *htmlReader) flush() {
	s := squeeze(h.line.String())
	h.line.Reset()
	if s != "" {
		h.out.Paragraphs = append(h.out.Paragraphs, s)
	}
}

func (h *htmlReader) endCell() {
	if h.cur == nil {
		h.line.Reset() // text between cells is white space or an error
		return
	}
	var parts []string
	for l := range strings.SplitSeq(h.line.String(), "\n") {
		if l = squeeze(l); l != "" {
			parts = append(parts, l)
		}
	}
	h.line.Reset()
	h.cur.text = strings.Join(parts, "\n")
	h.row = append(h.row, *h.cur)
	h.cur = nil
}

func (h *htmlReader) endRow() {
	h.endCell()
	if h.row != nil {
		h.rows = append(h.rows, h.row)
		h.row = nil
	}
}

func (h *htmlReader) closeTable() {
	if h.nested == 0 {
		return
	}
	h.endRow()
	for _, r := range h.rows {
		if l := rowLine(r); l != "" {
			h.out.Paragraphs = append(h.out.Paragraphs, l)
		}
	}
	if len(h.rows) > 0 {
		h.out.Tables = append(h.out.Tables, grid(h.rows, &h.cells))
	}
	h.rows = nil
}

func span(t html.Token, name string) int {
	for _, a := range t.Attr {
		if a.Key == name {
			n, err := strconv.Atoi(strings.TrimSpace(a.Val))
			if err == nil {
				return min(max(n, 1), maxSpan)
			}
		}
	}
	return 1
}

// squeeze folds runs of plain spaces; the wide spaces that indent a Chinese
// paragraph go too.
func squeeze(s string) string {
	return strings.Trim(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' }), " "), " \u3000\u2003\u2002")
}
