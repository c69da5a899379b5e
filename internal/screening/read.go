package screening

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"

	uni "golang.org/x/text/encoding/unicode"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/document"
	"huikan/internal/platform/sheet"
)

// The bounds of a register's file.
const (
	maxRegister = 1 << 30   // bytes of a .csv, which is read line by line
	maxRows     = 3_000_000 // rows
	maxLine     = 64 << 10  // bytes of one record of a .csv
	maxCell     = 2000      // characters of a cell
	headRows    = 15
)

// reading is what a reader a register found: the faults by row, and remarks about
// the whole.
type reading struct {
	File    string
	Kind    string
	Total   int
	Notes   map[string]int // remark → how often
	report  sheet.Report
	mapping sheet.Mapping
	grid    sheet.Grid // of .xlsx and the like; empty for a .csv
	comma   byte
}

// rowFn takes a row: its number in the file, the cells as they stand there, and
// the row in the order of the kind's columns; faults are empty for a good one.
type rowFn func(number int, raw []string, row Row, faults []sheet.RowError) error

// readRegister reads a register in whatever layout: columns are found by their
// names, or by the mapping (our column → heading in the file). A .csv is read
// line by line, so that memory does not grow with it.
func readRegister(name string, r io.ReaderAt, size int64, kind string, mapping map[string]string, fn rowFn) (*reading, error) {
	in := &reading{File: name, Kind: kind, Notes: map[string]int{}}
	if size > maxRegister {
		return in, fault.Limit("error.file_large", name, size>>20, maxRegister>>20)
	}
	head := make([]byte, min(size, 64<<10))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return in, fault.Unavailable("error.upload").With(err)
	}
	cols := mapped(kind, mapping)
	if plainTable(name, head) {
		return in, in.readPlain(io.NewSectionReader(r, 0, size), head, cols, fn)
	}
	var err error
	if in.grid, err = sheet.Read(name, r, size, sheet.Options{}); err != nil {
		return in, err
	}
	for _, n := range in.grid.Notes {
		in.Notes[n.Key]++
	}
	if in.mapping, err = sheet.FindHeader(in.grid, cols); err != nil {
		return in, err
	}
	for _, row := range in.grid.Rows[min(in.mapping.Last+1, len(in.grid.Rows)):] {
		if err := in.row(row.Number, row.Cells, fn); err != nil {
			return in, err
		}
	}
	return in, in.judge()
}

// plainTable tells text from the binary formats by its first bytes.
func plainTable(name string, head []byte) bool {
	lower := strings.ToLower(name)
	if bytes.HasPrefix(head, []byte("PK")) || bytes.HasPrefix(head, []byte{0xD0, 0xCF, 0x11, 0xE0}) || bytes.HasPrefix(head, []byte("%PDF")) {
		return false
	}
	return strings.HasSuffix(lower, ".csv") || strings.HasSuffix(lower, ".tsv") || strings.HasSuffix(lower, ".txt")
}

// mapped are the columns of a kind; a mapping replaces the names of those that it names.
func mapped(kind string, mapping map[string]string) []sheet.Column {
	cols := slices.Clone(columnsOf(kind).cols)
	for i := range cols {
		if h := mapping[cols[i].Key]; h != "" {
			cols[i].Names = []string{h}
		}
	}
	return cols
}

func (in *reading) readPlain(r io.Reader, head []byte, cols []sheet.Column, fn rowFn) error {
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE, 0, 0}), bytes.HasPrefix(head, []byte{0, 0, 0xFE, 0xFF}):
		r = transform.NewReader(r, utf32.UTF32(utf32.LittleEndian, utf32.UseBOM).NewDecoder())
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		r = transform.NewReader(r, uni.UTF16(uni.LittleEndian, uni.UseBOM).NewDecoder())
	}
	l := &lines{r: bufio.NewReaderSize(r, maxLine), in: in}
	var first []sheet.Row
	for len(first) < headRows {
		cells, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if len(cells) > 0 {
			first = append(first, sheet.Row{Number: l.at, Cells: cells})
		}
	}
	if len(first) == 0 {
		return fault.Invalid("sheet.empty", in.File)
	}
	g := sheet.Grid{File: in.File, Kind: document.KindCSV, Rows: first}
	var err error
	if in.mapping, err = sheet.FindHeader(g, cols); err != nil {
		return err
	}
	in.comma = l.comma
	for _, row := range first[min(in.mapping.Last+1, len(first)):] {
		if err := in.row(row.Number, row.Cells, fn); err != nil {
			return err
		}
	}
	for {
		cells, err := l.next()
		if errors.Is(err, io.EOF) {
			return in.judge()
		}
		if err != nil {
			return err
		}
		if err := in.row(l.at, cells, fn); err != nil {
			return err
		}
	}
}

// text decodes one cell: a file may mix encodings when it was pasted together.
func (in *reading) text(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	s, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(s, utf8.RuneError) {
		in.Notes["register.note.unreadable"]++
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	in.Notes["register.note.gb18030"]++
	return string(s)
}

// row judges one row of the file and hands it on.
func (in *reading) row(number int, raw []string, fn rowFn) error {
	set := columnsOf(in.Kind)
	cells := make([]string, len(set.cols))
	blank, again := true, 0
	for i, c := range set.cols {
		at, ok := in.mapping.Columns[c.Key]
		if !ok || at >= len(raw) {
			continue
		}
		v := tidy(raw[at])
		cells[i] = v
		blank = blank && v == ""
		if v != "" && v == tidy(in.mapping.Labels[c.Key]) {
			again++
		}
	}
	if blank {
		return nil
	}
	if again > 1 {
		in.Notes["register.note.header"]++ // a printed table repeats it on every page
		return nil
	}
	if in.Total++; in.Total > maxRows {
		return fault.Limit("register.error.rows", in.File, maxRows)
	}
	row := pack(cells)
	fs := faultsOf(in.Kind, number, row)
	for _, f := range fs {
		in.report.Add(f)
	}
	return fn(number, raw, row, fs)
}

// tidy trims a cell and takes out what no cell should hold.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u3000' || r == '\u00a0' || r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r) || r == '\u200b' || r == '\ufeff':
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if len(s) > 4*maxCell {
		s = strings.ToValidUTF8(s[:4*maxCell], "")
	}
	return strings.TrimPrefix(s, "'") // a spreadsheet's mark for text
}

// faultsOf judges a row alone: what must be there, and whether its cells stand
// in the columns where they belong.
func faultsOf(kind string, number int, row Row) []sheet.RowError {
	var out []sheet.RowError
	add := func(column, value, key string, args ...any) {
		out = append(out, sheet.RowError{Row: number, Column: column, Value: value, Key: key, Args: args})
	}
	for _, c := range columnsOf(kind).cols {
		if c.Required && row.At(kind, c.Key) == "" {
			add(c.Key, "", "error.required")
		}
	}
	name := row.At(kind, "name")
	if kind == Cases {
		name = row.At(kind, "lawyer_name")
	}
	idNo := row.At(kind, "id_no")
	switch {
	case name != "" && digitsIn(name) >= 6:
		add("name", name, "register.error.shifted")
	case idNo != "" && digitsIn(idNo) < 6 && !strings.ContainsAny(idNo, "*×") && elsewhere(kind, row):
		add("id_no", idNo, "register.error.shifted")
	case len([]rune(name)) > 50:
		add("name", name, "error.too_long", 50, len([]rune(name)))
	}
	if rel := row.At(kind, "relation"); kind == Relatives && rel != "" && meaning("relation", rel) == "" {
		add("relation", rel, "register.error.relation", rel)
	}
	if st := row.At(kind, "status"); kind == Staff && st != "" && meaning("status", st) == "" {
		add("status", st, "register.error.status", st)
	}
	return out
}

func digitsIn(s string) (n int) {
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

// elsewhere tells that an ID number stands in a column that never holds one: of
// the person's other facts, not of the numbers that a register gives.
func elsewhere(kind string, row Row) bool {
	for _, key := range []string{"name", "former_name", "gender", "birth_date", "firm_name", "employer", "unit", "status", "relation"} {
		if likeID(row.At(kind, key)) {
			return true
		}
	}
	return false
}

// likeID tells a cell that holds an ID number: its middle is a birthday.
func likeID(s string) bool {
	if len(s) != 18 || digitsIn(s[:17]) != 17 {
		return false
	}
	_, err := clock.ParseDate(s[6:14])
	return err == nil
}

// judge refuses a file whose columns as a whole are displaced.
func (in *reading) judge() error {
	if in.Total == 0 {
		return fault.Invalid("sheet.empty", in.File)
	}
	shifted := 0
	for _, e := range in.report.Errors {
		if e.Key == "register.error.shifted" {
			shifted++
		}
	}
	if shifted*5 > min(in.Total, sheet.MaxErrors) && in.Total > 4 {
		return fault.Invalid("register.error.all_shifted", in.File, shifted, in.Total)
	}
	return nil
}

// dayOf reads a day of a register; what is no whole day is none.
func dayOf(s string) clock.Date {
	d, p, _ := clock.ParseLoose(s)
	if p != clock.PrecisionDay {
		return ""
	}
	return d
}
