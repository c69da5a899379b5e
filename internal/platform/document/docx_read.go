package document

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
)

// docxReader walks word/document.xml once. Words struck out by a reviewer
// (w:del, w:moveFrom) are not text; mc:Fallback repeats what mc:Choice says;
// w:rt is the reading above a character.
type docxReader struct {
	file    string
	dec     *xml.Decoder
	depth   int
	out     Text
	size    int
	cells   int // how many more table cells may be filled
	paras   []*docxPara
	tables  []*docxTable
	numbers *numbering
	struck  int
	hidden  int
	inRun   bool // w:t, where text counts
	vanish  bool
}

type docxPara struct {
	sb           strings.Builder
	style        string
	numID, level string
	inProps      bool
}

type docxTable struct {
	rows [][]cell
	row  []cell
	cur  cell
	part []string // paragraphs of the current cell
}

func readDocx(name string, r io.ReaderAt, size int64) (Text, error) {
	z, err := OpenZip(name, r, size)
	if err != nil {
		return Text{}, err
	}
	part := "word/document.xml"
	if !z.Has(part) {
		for _, n := range z.Names() { // some writers number the main part
			if strings.HasPrefix(n, "word/document") && strings.HasSuffix(n, ".xml") {
				part = n
			}
		}
	}
	rc, err := z.Open(part, MaxXML)
	if err != nil {
		return Text{}, err
	}
	defer rc.Close()
	d := &docxReader{file: name, dec: newXML(rc), cells: maxCells, numbers: readNumbering(z)}
	if err := d.walk(); err != nil {
		return Text{}, Damaged(name, part, err)
	}
	d.warn(z)
	return d.out, nil
}

// newXML reads XML whatever encoding it declares as UTF-8: office files have no other.
func newXML(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	return d
}

func (d *docxReader) warn(z *Zip) {
	add := func(n int, key string) {
		if n > 0 {
			d.out.Warnings = append(d.out.Warnings, Note{key, []any{n}})
		}
	}
	add(d.struck, "document.note_struck")
	add(d.hidden, "document.note_hidden")
	embedded, outside := 0, 0
	for _, n := range z.Names() {
		if strings.HasPrefix(n, "word/embeddings/") {
			embedded++
		}
		if strings.HasSuffix(n, ".rels") {
			if b, err := z.ReadFile(n, 4<<20); err == nil {
				outside += strings.Count(string(b), `TargetMode="External"`) - strings.Count(string(b), "/hyperlink\"")
			}
		}
	}
	add(embedded, "document.note_embedded")
	add(outside, "document.note_outside")
}

func (d *docxReader) walk() error {
	for {
		tok, err := d.dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			if d.depth++; d.depth > MaxDepth {
				return fault.Limit("document.depth", d.file, MaxDepth)
			}
			if err := d.start(e); err != nil {
				return err
			}
		case xml.EndElement:
			d.depth--
			if err := d.end(e.Name.Local); err != nil {
				return err
			}
		case xml.CharData:
			if d.inRun {
				d.write(string(e))
			}
		}
	}
}

func (d *docxReader) start(e xml.StartElement) error {
	p := d.para()
	switch e.Name.Local {
	case "del", "moveFrom":
		d.struck++
		return d.skip()
	case "Fallback", "rt", "tblPr", "trPr", "sectPr", "rPrChange", "pPrChange":
		return d.skip()
	case "p":
		d.paras = append(d.paras, &docxPara{})
	case "pPr":
		p.inProps = true
	case "pStyle":
		p.style = attr(e, "val")
	case "numId":
		p.numID = attr(e, "val")
	case "ilvl":
		p.level = attr(e, "val")
	case "r":
		d.vanish = false
	case "vanish":
		if v := attr(e, "val"); !p.inProps && v != "0" && v != "false" {
			d.vanish = true
			d.hidden++
		}
	case "t":
		d.inRun = !d.vanish
	case "tab", "ptab":
		if !p.inProps {
			d.write("\t")
		}
	case "br", "cr":
		d.write("\n")
	case "noBreakHyphen":
		d.write("-")
	default:
		return d.startTable(e)
	}
	return nil
}

func (d *docxReader) startTable(e xml.StartElement) error {
	if e.Name.Local == "tbl" {
		d.tables = append(d.tables, &docxTable{})
		return nil
	}
	if len(d.tables) == 0 {
		return nil
	}
	t := d.tables[len(d.tables)-1]
	switch e.Name.Local {
	case "tr":
		t.row = nil
	case "tc":
		t.cur, t.part = cell{cols: 1, rows: 1}, nil
	case "gridSpan":
		if n, err := strconv.Atoi(attr(e, "val")); err == nil {
			t.cur.cols = n
		}
	case "vMerge":
		t.cur.below = attr(e, "val") != "restart"
	}
	return nil
}

func (d *docxReader) end(name string) error {
	switch name {
	case "t":
		d.inRun = false
	case "pPr":
		d.para().inProps = false
	case "p":
		return d.endPara()
	case "tc", "tr", "tbl":
		if len(d.tables) > 0 {
			return d.endTable(name, d.tables[len(d.tables)-1])
		}
	}
	return nil
}

func (d *docxReader) endPara() error {
	if len(d.paras) == 0 {
		return nil
	}
	p := d.para()
	d.paras = d.paras[:len(d.paras)-1]
	text := strings.TrimRight(p.sb.String(), " \t\n")
	if strings.TrimSpace(text) == "" {
		return nil
	}
	text = d.numbers.label(p) + text
	if d.size += len(text); d.size > MaxText {
		return fault.Limit("document.text_size", d.file, d.size>>20, MaxText>>20)
	}
	if len(d.tables) > 0 {
		t := d.tables[len(d.tables)-1]
		t.part = append(t.part, text)
		return nil
	}
	d.out.Paragraphs = append(d.out.Paragraphs, lines(text)...)
	return nil
}

func (d *docxReader) endTable(name string, t *docxTable) error {
	switch name {
	case "tc":
		t.cur.text = strings.Join(t.part, "\n")
		t.row = append(t.row, t.cur)
	case "tr":
		t.rows = append(t.rows, t.row)
	case "tbl":
		d.tables = d.tables[:len(d.tables)-1]
		var ls []string
		for _, r := range t.rows {
			if l := rowLine(r); l != "" {
				ls = append(ls, l)
			}
		}
		if len(d.tables) > 0 { // a table inside a cell belongs to the cell
			outer := d.tables[len(d.tables)-1]
			outer.part = append(outer.part, ls...)
			return nil
		}
		d.out.Paragraphs = append(d.out.Paragraphs, ls...)
		d.out.Tables = append(d.out.Tables, grid(t.rows, &d.cells))
		if d.cells < 0 {
			return fault.Limit("document.table_cells", d.file, maxCells)
		}
	}
	return nil
}

// para is the innermost open paragraph; text outside any goes nowhere.
func (d *docxReader) para() *docxPara {
	if len(d.paras) == 0 {
		return &docxPara{}
	}
	return d.paras[len(d.paras)-1]
}

func (d *docxReader) write(s string) {
	if len(d.paras) > 0 && !d.vanish {
		d.para().sb.WriteString(s)
	}
}

// skip passes over the element that was just opened, counting depth all the while.
func (d *docxReader) skip() error {
	for at := d.depth; d.depth >= at; {
		tok, err := d.dec.Token()
		if err != nil {
			return err
		}
		switch tok.(type) {
		case xml.StartElement:
			if d.depth++; d.depth > MaxDepth {
				return fault.Limit("document.depth", d.file, MaxDepth)
			}
		case xml.EndElement:
			d.depth--
		}
	}
	return nil
}

func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}
