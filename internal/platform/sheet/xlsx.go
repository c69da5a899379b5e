package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/document"
)

// Bounds of the parts of a workbook.
const (
	maxSmallPart = 16 << 20  // workbook, relations, styles
	maxSheetXML  = 200 << 20 // a worksheet or the shared strings
	maxStyles    = 65_000
	maxXMLDepth  = 64
	choicesSheet = "_choices" // our own hidden lists are no news to the reader
)

type workbook struct {
	file     string
	zip      *document.Zip
	shared   []string
	formats  []format // by cell style
	date1904 bool
}

type sheetRef struct {
	name, part string
	hidden     bool
}

func readXLSX(b *builder, r io.ReaderAt, size int64) error {
	z, err := document.OpenZip(b.grid.File, r, size)
	if err != nil {
		return err
	}
	w := &workbook{file: b.grid.File, zip: z}
	sheets, err := w.sheets()
	if err != nil {
		return err
	}
	if err := w.styles(); err != nil {
		return err
	}
	if err := w.strings(); err != nil {
		return err
	}
	return w.pick(b, sheets)
}

// pick reads the sheet that was asked for, or the first visible one that holds
// anything, and notes the others.
func (w *workbook) pick(b *builder, sheets []sheetRef) error {
	found := false
	for _, s := range sheets {
		wanted := b.opt.Sheet == s.name || b.opt.Sheet == "" && !s.hidden
		if wanted && !found && w.zip.Has(s.part) {
			b.grid.Sheet = s.name
			if err := w.read(b, s.part); err != nil {
				return err
			}
			found = len(b.grid.Rows) > 0 || b.opt.Sheet != ""
			continue
		}
		switch {
		case s.hidden && s.name != choicesSheet:
			b.hiddenSheet = append(b.hiddenSheet, s.name)
		case !s.hidden && found:
			b.others = append(b.others, s.name)
		}
	}
	if !found && b.opt.Sheet != "" {
		return fault.Invalid("sheet.no_sheet", b.grid.File, b.opt.Sheet)
	}
	return nil
}

// each walks the elements of a part; on gets every start, end and text.
func (w *workbook) each(part string, limit int64, on func(xml.Token) error) error {
	rc, err := w.zip.Open(part, limit)
	if err != nil {
		return err
	}
	defer rc.Close()
	d := xml.NewDecoder(rc)
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	depth := 0
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if depth != 0 {
				return document.Damaged(w.file, part, io.ErrUnexpectedEOF)
			}
			return nil
		}
		if err != nil {
			return document.Damaged(w.file, part, err)
		}
		switch tok.(type) {
		case xml.StartElement:
			if depth++; depth > maxXMLDepth {
				return fault.Limit("document.depth", w.file, maxXMLDepth)
			}
		case xml.EndElement:
			if depth--; depth < 0 {
				return document.Damaged(w.file, part, errors.New("end without start"))
			}
		case xml.Directive: // a document type has no place in an office file
			return document.Damaged(w.file, part, errors.New("document type"))
		}
		if err := on(tok); err != nil {
			return err
		}
	}
}

func (w *workbook) sheets() ([]sheetRef, error) {
	main := "xl/workbook.xml"
	if !w.zip.Has(main) {
		for _, n := range w.zip.Names() {
			if strings.HasPrefix(n, "xl/workbook") && strings.HasSuffix(n, ".xml") {
				main = n
			}
		}
	}
	targets := map[string]string{}
	rels := path.Join(path.Dir(main), "_rels", path.Base(main)+".rels")
	if err := w.each(rels, maxSmallPart, func(t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "Relationship" {
			targets[attr(e, "Id")] = partPath(path.Dir(main), attr(e, "Target"))
		}
		return nil
	}); err != nil {
		return nil, err
	}
	var out []sheetRef
	err := w.each(main, maxSmallPart, func(t xml.Token) error {
		e, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		switch e.Name.Local {
		case "workbookPr":
			w.date1904 = isTrue(attr(e, "date1904"))
		case "sheet":
			st := attr(e, "state")
			out = append(out, sheetRef{attr(e, "name"), targets[relID(e)], st == "hidden" || st == "veryHidden"})
		}
		return nil
	})
	return out, err
}

func partPath(dir, target string) string {
	if p, ok := strings.CutPrefix(target, "/"); ok {
		return p
	}
	return path.Join(dir, strings.ReplaceAll(target, `\`, "/"))
}

// relID is the attribute r:id; a sheet has also an own id.
func relID(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

func (w *workbook) styles() error {
	part := "xl/styles.xml"
	if !w.zip.Has(part) {
		return nil
	}
	custom := map[int]format{}
	inCells := false
	return w.each(part, maxSmallPart, func(t xml.Token) error {
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "numFmt":
				if id, err := strconv.Atoi(attr(e, "numFmtId")); err == nil {
					custom[id] = parseFormat(attr(e, "formatCode"))
				}
			case "cellXfs":
				inCells = true
			case "xf":
				if !inCells {
					return nil
				}
				if len(w.formats) >= maxStyles {
					return fault.Limit("sheet.styles", w.file, maxStyles)
				}
				id, _ := strconv.Atoi(attr(e, "numFmtId"))
				f, ok := custom[id]
				if !ok {
					f = builtin(id)
				}
				w.formats = append(w.formats, f)
			}
		case xml.EndElement:
			if e.Name.Local == "cellXfs" {
				inCells = false
			}
		}
		return nil
	})
}

func (w *workbook) strings() error {
	part := "xl/sharedStrings.xml"
	if !w.zip.Has(part) {
		return nil
	}
	var sb strings.Builder
	inText, phonetic, total := false, 0, 0
	return w.each(part, maxSheetXML, func(t xml.Token) error {
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "t":
				inText = phonetic == 0
			case "rPh": // the reading above the text
				phonetic++
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "t":
				inText = false
			case "rPh":
				phonetic--
			case "si":
				if len(w.shared) >= MaxShared {
					return fault.Limit("sheet.shared", w.file, MaxShared)
				}
				if total += sb.Len(); total > MaxText {
					return fault.Limit("sheet.text", w.file, len(w.shared), MaxText>>20)
				}
				w.shared = append(w.shared, clean(sb.String()))
				sb.Reset()
			}
		case xml.CharData:
			if inText {
				if sb.Write(e); sb.Len() > 4*MaxCell+4096 {
					return fault.Limit("sheet.cell", w.file, "sharedStrings "+itoa(len(w.shared)+1), MaxCell)
				}
			}
		}
		return nil
	})
}

// sheetPass is the state of the walk over one worksheet.
type sheetPass struct {
	w         *workbook
	b         *builder
	row, col  int
	rowHidden bool
	rowUsed   bool
	kind      string // of the cell
	style     int
	text      strings.Builder
	collect   bool
	formula   bool
	inCell    bool
	quiet     int // inside rPh
}

func (w *workbook) read(b *builder, part string) error {
	p := &sheetPass{w: w, b: b, row: -1}
	return w.each(part, maxSheetXML, func(t xml.Token) error {
		switch e := t.(type) {
		case xml.StartElement:
			return p.start(e)
		case xml.EndElement:
			return p.end(e.Name.Local)
		case xml.CharData:
			if p.collect {
				if p.text.Write(e); p.text.Len() > 4*MaxCell+4096 {
					return fault.Limit("sheet.cell", b.grid.File, ref(p.row, p.col), MaxCell)
				}
			}
		}
		return nil
	})
}

func (p *sheetPass) start(e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		p.row++
		if n, err := strconv.Atoi(attr(e, "r")); err == nil && n > 0 {
			p.row = n - 1
		}
		if p.row >= 1<<20 {
			return document.Damaged(p.b.grid.File, "row "+itoa(p.row), errors.New("row number"))
		}
		p.col, p.rowUsed, p.rowHidden = -1, false, isTrue(attr(e, "hidden"))
	case "c":
		p.col++
		if r := attr(e, "r"); r != "" {
			if c, ok := columnOf(r); ok {
				p.col = c
			}
		}
		p.kind, p.formula, p.style, p.inCell = attr(e, "t"), false, 0, p.row >= 0
		if s := attr(e, "s"); s != "" {
			p.style, _ = strconv.Atoi(s)
		}
		p.text.Reset()
	case "v":
		p.collect = true
	case "t":
		p.collect = p.kind == "inlineStr" && p.quiet == 0
	case "rPh":
		p.quiet++
	case "f":
		p.formula = true
	case "col":
		p.hideColumns(e)
	case "mergeCell":
		if m, ok := parseRange(attr(e, "ref")); ok {
			return p.b.merge(m)
		}
	}
	return nil
}

func (p *sheetPass) hideColumns(e xml.StartElement) {
	if !isTrue(attr(e, "hidden")) {
		return
	}
	from, err1 := strconv.Atoi(attr(e, "min"))
	to, err2 := strconv.Atoi(attr(e, "max"))
	if err1 == nil && err2 == nil {
		for c := max(from, 1); c <= min(to, MaxColumns); c++ {
			p.b.hiddenCols[c-1] = true
		}
	}
}

func (p *sheetPass) end(name string) error {
	switch name {
	case "v", "t":
		p.collect = false
	case "rPh":
		p.quiet--
	case "c":
		if !p.inCell { // the tokens are raw: ends need not match starts
			return document.Damaged(p.b.grid.File, ref(max(p.row, 0), 0), errors.New("cell outside a row"))
		}
		p.inCell = false
		s, err := p.value()
		if err != nil {
			return err
		}
		if s == "" {
			if p.formula {
				p.b.formulas++
			}
			return nil
		}
		p.rowUsed = true
		return p.b.put(p.row, p.col, s)
	case "row":
		if p.rowHidden && p.rowUsed {
			p.b.hiddenRows++
		}
	}
	return nil
}

// value turns what stands in a cell into text.
func (p *sheetPass) value() (string, error) {
	raw := p.text.String()
	switch p.kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(raw))
		if raw == "" {
			return "", nil
		}
		if err != nil || i < 0 || i >= len(p.w.shared) {
			return "", document.Damaged(p.b.grid.File, ref(p.row, p.col), errors.New("shared string "+raw))
		}
		return p.w.shared[i], nil
	case "inlineStr", "str", "e":
		return clean(raw), nil
	case "b":
		if isTrue(raw) {
			return "TRUE", nil
		}
		return "FALSE", nil
	case "d":
		if t, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(raw, "Z")); err == nil && t.Hour()+t.Minute()+t.Second() == 0 {
			return t.Format("2006-01-02"), nil
		}
		return clean(raw), nil
	}
	if raw == "" {
		return "", nil
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
	if err != nil {
		return clean(raw), nil
	}
	if lostDigits(v) {
		p.b.lost(p.row, p.col)
	}
	f := formatNumber
	if p.style >= 0 && p.style < len(p.w.formats) {
		f = p.w.formats[p.style]
	}
	return f.show(v, p.w.date1904), nil
}

// clean undoes the escapes of spreadsheets (_x000D_) and trims the ends; line
// ends inside a cell are kept.
func clean(s string) string {
	if strings.Contains(s, "_x") {
		s = unescape(s)
	}
	if strings.ContainsRune(s, '\r') {
		s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	}
	return strings.Trim(s, " \n\t\u00a0")
}

func unescape(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 || i+7 > len(s) {
			b.WriteString(s)
			return b.String()
		}
		n, err := strconv.ParseUint(s[i+2:i+6], 16, 16)
		if err != nil || s[i+6] != '_' {
			b.WriteString(s[:i+2])
			s = s[i+2:]
			continue
		}
		b.WriteString(s[:i])
		if n >= 32 || n == '\n' || n == '\r' || n == '\t' {
			b.WriteRune(rune(n))
		}
		s = s[i+7:]
	}
}

func isTrue(s string) bool { return s == "1" || s == "true" }

func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// columnOf reads the letters of a place such as AB12.
func columnOf(r string) (int, bool) {
	n := 0
	for i := 0; i < len(r); i++ {
		c := r[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			return n - 1, i > 0
		}
		if n = n*26 + int(c-'A'+1); n > 16384 {
			return 0, false
		}
	}
	return n - 1, n > 0
}

func parseRange(s string) (Range, bool) {
	a, z, ok := strings.Cut(strings.ReplaceAll(s, "$", ""), ":")
	if !ok {
		return Range{}, false
	}
	place := func(r string) (row, col int, ok bool) {
		col, ok = columnOf(r)
		row, err := strconv.Atoi(strings.TrimLeft(strings.ToUpper(r), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return row - 1, col, ok && err == nil && row > 0
	}
	top, left, ok1 := place(a)
	bottom, right, ok2 := place(z)
	return Range{top, left, bottom, right}, ok1 && ok2
}
