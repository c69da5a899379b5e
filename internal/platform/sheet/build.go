package sheet

import (
	"slices"
	"strings"
	"unicode/utf8"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/document"
)

// builder collects cells in any order of columns and rising order of rows, and
// holds every bound on the way.
type builder struct {
	grid        Grid
	opt         Options
	cells       int
	text        int
	hiddenRows  int
	formulas    int // cells whose formula has no stored result
	long        int // numbers beyond 15 digits: the last digits are lost
	longAt      string
	out         bool // rows came out of order
	hiddenCols  map[int]bool
	hiddenSheet []string
	others      []string
}

func newBuilder(name string, k document.Kind, opt Options) *builder {
	return &builder{grid: Grid{File: name, Kind: k}, opt: opt.bounded(), hiddenCols: map[int]bool{}}
}

// put stores the text of a cell; row and column count from 0.
func (b *builder) put(row, col int, s string) error {
	if s == "" {
		return nil
	}
	switch {
	case col >= b.opt.MaxColumns:
		return fault.Limit("sheet.columns", b.grid.File, row+1, b.opt.MaxColumns)
	case len(s) > MaxCell && utf8.RuneCountInString(s) > MaxCell:
		return fault.Limit("sheet.cell", b.grid.File, ref(row, col), MaxCell)
	}
	if b.cells++; b.cells > MaxCells {
		return fault.Limit("sheet.cells", b.grid.File, row+1, MaxCells)
	}
	if b.text += len(s); b.text > MaxText {
		return fault.Limit("sheet.text", b.grid.File, row+1, MaxText>>20)
	}
	n := len(b.grid.Rows)
	if n == 0 || b.grid.Rows[n-1].Number != row+1 {
		if n >= b.opt.MaxRows {
			return fault.Limit("sheet.rows", b.grid.File, row+1, b.opt.MaxRows)
		}
		b.out = b.out || n > 0 && b.grid.Rows[n-1].Number > row+1
		b.grid.Rows = append(b.grid.Rows, Row{Number: row + 1, Cells: make([]string, 0, b.lastWidth())})
		n++
	}
	r := &b.grid.Rows[n-1]
	for len(r.Cells) <= col {
		r.Cells = append(r.Cells, "")
	}
	r.Cells[col] = s
	return nil
}

func (b *builder) lastWidth() int {
	if n := len(b.grid.Rows); n > 0 {
		return len(b.grid.Rows[n-1].Cells)
	}
	return 8
}

func (b *builder) merge(m Range) error {
	if m.Top > m.Bottom || m.Left > m.Right || m.Top == m.Bottom && m.Left == m.Right {
		return nil
	}
	if len(b.grid.Merges) >= MaxMerges {
		return fault.Limit("sheet.merges", b.grid.File, MaxMerges)
	}
	b.grid.Merges = append(b.grid.Merges, m)
	return nil
}

// number notes a figure that has lost digits: an identity number typed as a
// number keeps 15 of its 18.
func (b *builder) lost(row, col int) {
	if b.long++; b.long == 1 {
		b.longAt = ref(row, col)
	}
}

func (b *builder) finish() (Grid, error) {
	if b.out {
		if err := b.reorder(); err != nil {
			return Grid{}, err
		}
	}
	if err := b.fillMerges(); err != nil {
		return Grid{}, err
	}
	note := func(n int, key string, args ...any) {
		if n > 0 {
			b.grid.Notes = append(b.grid.Notes, document.Note{Key: key, Args: append([]any{n}, args...)})
		}
	}
	hidden := 0
	for c := range b.hiddenCols {
		if c < b.grid.Width() {
			hidden++
		}
	}
	note(b.hiddenRows, "sheet.note_hidden_rows")
	note(hidden, "sheet.note_hidden_columns")
	note(len(b.hiddenSheet), "sheet.note_hidden_sheets", strings.Join(b.hiddenSheet, "、"))
	note(len(b.others), "sheet.note_other_sheets", strings.Join(b.others, "、"))
	note(b.formulas, "sheet.note_formulas")
	note(b.long, "sheet.note_long_numbers", b.longAt)
	return b.grid, nil
}

// reorder mends files whose rows are not in order: rows of one number are one row.
func (b *builder) reorder() error {
	slices.SortStableFunc(b.grid.Rows, func(x, y Row) int { return x.Number - y.Number })
	rows := b.grid.Rows[:0]
	for _, r := range b.grid.Rows {
		if n := len(rows); n > 0 && rows[n-1].Number == r.Number {
			for c, s := range r.Cells {
				if s == "" {
					continue
				}
				for len(rows[n-1].Cells) <= c {
					rows[n-1].Cells = append(rows[n-1].Cells, "")
				}
				rows[n-1].Cells[c] = s
			}
			continue
		}
		rows = append(rows, r)
	}
	b.grid.Rows = rows
	return nil
}

// fillMerges repeats the text of a merged area in its empty cells, in the rows
// that exist: an area may claim a million rows.
func (b *builder) fillMerges() error {
	rows := b.grid.Rows
	width := b.grid.Width()
	for _, m := range b.grid.Merges {
		i, ok := slices.BinarySearchFunc(rows, m.Top+1, func(r Row, n int) int { return r.Number - n })
		if !ok {
			continue
		}
		s := rows[i].Cell(m.Left)
		if s == "" {
			continue
		}
		right := min(m.Right, max(width, m.Left)) // a title may reach beyond the table
		for ; i < len(rows) && rows[i].Number <= m.Bottom+1; i++ {
			for c := m.Left; c <= right && c < b.opt.MaxColumns; c++ {
				for len(rows[i].Cells) <= c {
					rows[i].Cells = append(rows[i].Cells, "")
				}
				if rows[i].Cells[c] == "" {
					if b.cells++; b.cells > MaxCells {
						return fault.Limit("sheet.cells", b.grid.File, rows[i].Number, MaxCells)
					}
					rows[i].Cells[c] = s
				}
			}
		}
	}
	return nil
}

// ref writes a place as the spreadsheet program does: (0, 0) is A1.
func ref(row, col int) string { return ColumnName(col) + itoa(row+1) }

// ColumnName is the letter of a column, counted from 0: A … Z, AA …
func ColumnName(col int) string {
	s := ""
	for col >= 0 {
		s = string(rune('A'+col%26)) + s
		col = col/26 - 1
	}
	return s
}
