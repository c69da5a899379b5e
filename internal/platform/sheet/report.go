package sheet

import (
	"cmp"
	"strings"
)

// RowError is a fault of one cell, or of a whole row if Column is empty.
type RowError struct {
	Row    int    // number in the file
	Column string // key of the column
	Value  string
	Key    string // sentence of the catalogue
	Args   []any
}

// Report collects the faults of an import. Past MaxErrors they are counted only:
// whoever has a thousand has the wrong file. A table that goes back with its
// reasons keeps more of them.
type Report struct {
	Total  int // rows examined
	Errors []RowError
	More   int // faults beyond what is kept
	Keep   int // how many are kept; MaxErrors when zero
	bad    map[int]bool
}

// Add notes a fault.
func (r *Report) Add(e RowError) {
	if r.bad == nil {
		r.bad = map[int]bool{}
	}
	r.bad[e.Row] = true
	if len(r.Errors) >= cmp.Or(r.Keep, MaxErrors) {
		r.More++
		return
	}
	r.Errors = append(r.Errors, e)
}

// Bad tells whether a row has a fault.
func (r *Report) Bad(row int) bool { return r.bad[row] }

// BadRows is the number of rows with a fault.
func (r *Report) BadRows() int { return len(r.bad) }

// OK tells that nothing is wrong.
func (r *Report) OK() bool { return len(r.bad) == 0 }

// Translate turns a sentence of the catalogue into the user's language.
type Translate func(key string, args ...any) string

// reasons gives the faults of every row as one text, and their cells.
func (r *Report) reasons(m Mapping, tr Translate) (map[int]string, map[int]map[int]string) {
	rows, cells := map[int]string{}, map[int]map[int]string{}
	es := append([]RowError(nil), r.Errors...)
	sortErrors(es)
	for _, e := range es {
		said := tr(e.Key, e.Args...)
		label := m.Labels[e.Column]
		if label == "" {
			label = e.Column
		}
		text := said
		if label != "" {
			text = label + "：" + said
		}
		if rows[e.Row] != "" {
			rows[e.Row] += "；"
		}
		rows[e.Row] += text
		if c, ok := m.Columns[e.Column]; ok {
			if cells[e.Row] == nil {
				cells[e.Row] = map[int]string{}
			}
			cells[e.Row][c] = strings.TrimPrefix(cells[e.Row][c]+"\n"+said, "\n")
		}
	}
	return rows, cells
}
