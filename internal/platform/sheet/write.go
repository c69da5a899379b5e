package sheet

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"huikan/internal/kernel/fault"
)

// FieldKind is how the values of a written column are meant.
type FieldKind uint8

// The kinds of a written column.
const (
	Text   FieldKind = iota // as it is
	Number                  // a number where it reads as one, negative ones too
	Date                    // YYYY-MM-DD becomes a date cell
	ID                      // text that looks like a number: never converted, the column formatted as text
)

// Field is a column to be written.
type Field struct {
	Header  string
	Width   float64 // in characters; 0: by the header
	Kind    FieldKind
	Choices []string // drop-down
	Hidden  bool     // a stable id that comes back with the table
}

// Table is a ledger or a fill-in template.
type Table struct {
	Name       string // of the worksheet
	Title, Sub string // title row; line below it (unit, date); either may be empty
	Columns    []Field
	Rows       iter.Seq[[]string]
	Blank      int // empty rows below the data that have the drop-downs too
	Freeze     int // columns that stay in view
	A3         bool
	GuideName  string // name of a second worksheet that says how to fill in
	Guide      []string
}

// formulaStart are the first characters that make a spreadsheet program take a
// text for a formula.
const formulaStart = "=+-@\t\r"

// WriteXLSX writes a table row by row; memory does not grow with the rows, and
// the first bytes leave before the last row is read. Values of more than MaxCell
// characters end with an ellipsis.
//
// Everything but the rows (styles, header, filter, drop-downs, print set-up) is
// made by excelize as a frame without rows; the rows are written into its
// worksheet (body.go).
func WriteXLSX(w io.Writer, t Table) error {
	if len(t.Columns) == 0 || len(t.Columns) > MaxColumns {
		return fault.Invalid("sheet.write_columns", len(t.Columns), MaxColumns)
	}
	first, err := frameOf(t, 0)
	if err != nil {
		return err
	}
	if err := first.fill(w, t); err != nil {
		return fmt.Errorf("writing workbook: %w", err)
	}
	return nil
}

type xlsxWriter struct {
	f      *excelize.File
	sw     *excelize.StreamWriter
	t      Table
	name   string
	row    int // last one written, from 1
	rows   int // of data that will stand below the header
	header int
	styles map[string]int
}

// sheetName makes a text fit for the name of a worksheet.
func sheetName(s string) string {
	s = strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) || r < 32 {
			return -1
		}
		return r
	}, s), " ")
	if r := []rune(s); len(r) > 31 {
		s = string(r[:31])
	}
	if s == "" {
		return "Sheet1"
	}
	return s
}

func (x *xlsxWriter) begin() error {
	if err := x.f.SetSheetName("Sheet1", x.name); err != nil {
		return err
	}
	if err := x.makeStyles(); err != nil {
		return err
	}
	yes, size, wide, one, any := true, 9, "landscape", 1, 0
	if x.t.A3 {
		size = 8
	}
	if err := x.f.SetSheetProps(x.name, &excelize.SheetPropsOptions{FitToPage: &yes}); err != nil {
		return err
	}
	if err := x.f.SetPageLayout(x.name, &excelize.PageLayoutOptions{Size: &size, Orientation: &wide, FitToWidth: &one, FitToHeight: &any}); err != nil {
		return err
	}
	var err error
	x.sw, err = x.f.NewStreamWriter(x.name)
	return err
}

// makeStyles follows the habit of printed ledgers: title in 小标宋 22, header
// 黑体 12 on grey, body 仿宋 11 with borders.
func (x *xlsxWriter) makeStyles() error {
	border := []excelize.Border{}
	for _, side := range []string{"left", "top", "right", "bottom"} {
		border = append(border, excelize.Border{Type: side, Color: "808080", Style: 1})
	}
	body := &excelize.Font{Family: "仿宋_GB2312", Size: 11}
	middle := &excelize.Alignment{Vertical: "center", WrapText: true}
	centre := &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}
	ymd := "yyyy-mm-dd"
	defs := map[string]*excelize.Style{
		"title":  {Font: &excelize.Font{Family: "方正小标宋简体", Size: 22}, Alignment: centre},
		"sub":    {Font: &excelize.Font{Family: "仿宋_GB2312", Size: 12}, Alignment: &excelize.Alignment{Horizontal: "right", Vertical: "center"}},
		"header": {Font: &excelize.Font{Family: "黑体", Size: 12}, Alignment: centre, Border: border, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"D9D9D9"}}},
		"text":   {Font: body, Alignment: middle, Border: border},
		"number": {Font: body, Alignment: &excelize.Alignment{Vertical: "center"}, Border: border},
		"date":   {Font: body, Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center"}, Border: border, CustomNumFmt: &ymd},
		"id":     {Font: body, Alignment: middle, Border: border, NumFmt: 49},
		"bad":    {Font: body, Alignment: middle, Border: border, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFFF00"}}},
		"reason": {Font: &excelize.Font{Family: "仿宋_GB2312", Size: 11, Color: "C00000"}, Alignment: middle, Border: border},
		"plain":  {Font: body, Alignment: middle},
	}
	x.styles = map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(defs)) { // in one order: the frames of a table agree
		id, err := x.f.NewStyle(defs[name])
		if err != nil {
			return fmt.Errorf("style %s: %w", name, err)
		}
		x.styles[name] = id
	}
	return nil
}

func (x *xlsxWriter) head() error {
	for i, c := range x.t.Columns {
		width := c.Width
		if width <= 0 {
			width = min(max(float64(2*utf8.RuneCountInString(c.Header)+4), 10), 40)
		}
		if err := x.sw.SetColWidth(i+1, i+1, min(width, 250)); err != nil {
			return err
		}
		style := x.styles[c.Kind.style()]
		if err := x.sw.SetColStyle(i+1, i+1, style); err != nil { // rows that users add keep the format
			return err
		}
		if c.Hidden {
			if err := x.sw.SetColVisible(i+1, i+1, false); err != nil {
				return err
			}
		}
	}
	tops := 0
	for _, s := range []string{x.t.Title, x.t.Sub} {
		if s != "" {
			tops++
		}
	}
	x.header = tops + 1
	if err := x.sw.SetPanes(x.panes()); err != nil {
		return err
	}
	for _, l := range []struct {
		text, style string
		height      float64
	}{{x.t.Title, "title", 36}, {x.t.Sub, "sub", 20}} {
		if l.text == "" {
			continue
		}
		if err := x.banner(l.text, l.style, l.height); err != nil {
			return err
		}
	}
	vals := make([]any, len(x.t.Columns))
	for i, c := range x.t.Columns {
		vals[i] = excelize.Cell{StyleID: x.styles["header"], Value: xmlText(c.Header)}
	}
	return x.add(vals, excelize.RowOpts{Height: 32})
}

func (x *xlsxWriter) panes() *excelize.Panes {
	freeze := min(max(x.t.Freeze, 0), len(x.t.Columns)-1)
	p := &excelize.Panes{Freeze: true, YSplit: x.header, XSplit: freeze, ActivePane: "bottomLeft", TopLeftCell: ref(x.header, freeze)}
	if freeze > 0 {
		p.ActivePane = "bottomRight"
	}
	return p
}

// banner is one text across the table.
func (x *xlsxWriter) banner(text, style string, height float64) error {
	if err := x.add([]any{excelize.Cell{StyleID: x.styles[style], Value: xmlText(text)}}, excelize.RowOpts{Height: height}); err != nil {
		return err
	}
	if len(x.t.Columns) == 1 {
		return nil
	}
	return x.sw.MergeCell(ref(x.row-1, 0), ref(x.row-1, len(x.t.Columns)-1))
}

func (x *xlsxWriter) add(vals []any, opts ...excelize.RowOpts) error {
	x.row++
	return x.sw.SetRow(ref(x.row-1, 0), vals, opts...)
}

func (k FieldKind) style() string {
	return [...]string{"text", "number", "date", "id"}[k]
}

// asNumber takes plain decimal figures of at most 15 digits, which a
// spreadsheet keeps exactly; "0012" is a text.
func asNumber(s string) (float64, bool) {
	d := strings.TrimPrefix(s, "-")
	digits := strings.ReplaceAll(d, ".", "")
	if d == "" || len(digits) > 15 || len(d)-len(digits) > 1 || strings.Trim(digits, "0123456789") != "" || digits == "" ||
		len(d) > 1 && d[0] == '0' && d[1] != '.' || d[0] == '.' || d[len(d)-1] == '.' {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}

// xmlText drops characters that XML cannot hold and cuts to the length of a cell.
func xmlText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 32 && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) > MaxCell && utf8.RuneCountInString(s) > MaxCell {
		s = string([]rune(s)[:MaxCell-1]) + "…"
	}
	return s
}

func (x *xlsxWriter) finish() error {
	end := x.header + x.rows // the last row with a value
	last := end + max(x.t.Blank, 0)
	if err := x.choices(last); err != nil {
		return err
	}
	n := len(x.t.Columns)
	if err := x.f.AutoFilter(x.name, ref(x.header-1, 0)+":"+ref(end-1, n-1), nil); err != nil {
		return err
	}
	if err := x.f.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", Scope: x.name,
		RefersTo: fmt.Sprintf("'%s'!$%d:$%d", x.name, x.header, x.header),
	}); err != nil {
		return err
	}
	if err := x.sw.Flush(); err != nil {
		return err
	}
	return x.guide()
}

// choices adds drop-downs. A list too long for the rule itself stands on a
// hidden sheet.
func (x *xlsxWriter) choices(last int) error {
	lists := 0
	for i, c := range x.t.Columns {
		if len(c.Choices) == 0 || last <= x.header {
			continue
		}
		dv := excelize.NewDataValidation(true)
		dv.SetSqref(ref(x.header, i) + ":" + ref(last-1, i))
		inline := strings.Join(c.Choices, ",")
		if utf8.RuneCountInString(inline) <= 255 && !strings.Contains(strings.Join(c.Choices, ""), ",") {
			if err := dv.SetDropList(c.Choices); err != nil {
				return err
			}
		} else {
			if err := x.choiceList(lists, c.Choices); err != nil {
				return err
			}
			col := ColumnName(lists)
			dv.SetSqrefDropList(fmt.Sprintf("%s!$%s$1:$%s$%d", choicesSheet, col, col, len(c.Choices)))
			lists++
		}
		if err := x.f.AddDataValidation(x.name, dv); err != nil {
			return err
		}
	}
	return nil
}

func (x *xlsxWriter) choiceList(col int, list []string) error {
	if col == 0 {
		if _, err := x.f.NewSheet(choicesSheet); err != nil {
			return err
		}
		if err := x.f.SetSheetVisible(choicesSheet, false); err != nil {
			return err
		}
	}
	for i, s := range list {
		if err := x.f.SetCellStr(choicesSheet, ref(i, col), xmlText(s)); err != nil {
			return err
		}
	}
	return nil
}

func (x *xlsxWriter) guide() error {
	if len(x.t.Guide) == 0 {
		return nil
	}
	name := sheetName(x.t.GuideName)
	if name == x.name {
		name += "2"
	}
	if _, err := x.f.NewSheet(name); err != nil {
		return err
	}
	if err := x.f.SetColWidth(name, "A", "A", 100); err != nil {
		return err
	}
	for i, l := range x.t.Guide {
		if err := x.f.SetCellStr(name, ref(i, 0), xmlText(l)); err != nil {
			return err
		}
		if err := x.f.SetCellStyle(name, ref(i, 0), ref(i, 0), x.styles["plain"]); err != nil {
			return err
		}
	}
	return nil
}

// WriteCSV writes UTF-8 with a byte-order mark, so that Excel reads Chinese.
// A text that a spreadsheet program would take for a formula gets an apostrophe
// in front; numbers in number columns, negative ones too, stay as they are.
// Titles and guides are left out: a .csv is for machines.
func WriteCSV(w io.Writer, t Table) error {
	bw := bufio.NewWriter(w)
	if _, err := bw.WriteString("\ufeff"); err != nil {
		return err
	}
	line := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		line[i] = c.Header
	}
	csvLine(bw, line)
	if t.Rows != nil {
		for r := range t.Rows {
			for i, c := range t.Columns {
				line[i] = ""
				if i < len(r) {
					line[i] = guard(r[i], c.Kind)
				}
			}
			csvLine(bw, line)
		}
	}
	if err := bw.Flush(); err != nil {
		return fmt.Errorf("writing csv: %w", err)
	}
	return nil
}

func guard(s string, k FieldKind) string {
	if s == "" || strings.IndexByte(formulaStart, s[0]) < 0 {
		return s
	}
	if _, ok := asNumber(s); ok && k == Number {
		return s
	}
	return "'" + s
}

// csvLine leaves errors to the final Flush, which repeats the first one.
func csvLine(w *bufio.Writer, fields []string) {
	for i, s := range fields {
		if i > 0 {
			_ = w.WriteByte(',')
		}
		if strings.ContainsAny(s, ",\"\r\n\t;|") || s != strings.TrimSpace(s) || len(fields) == 1 && s == "" {
			s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		_, _ = w.WriteString(s)
	}
	_, _ = w.WriteString("\r\n")
}
