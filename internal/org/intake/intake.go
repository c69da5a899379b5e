// Package intake brings tables of records in: choose a file, see what it would
// do and what is wrong with it, import all or nothing, take the bad rows home in
// an annotated copy. The rooms say which columns they want and what a row means.
package intake

import (
	"fmt"
	"io"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/sheet"
)

// MaxFile bounds an uploaded table, in bytes.
const MaxFile = 64 << 20

// Result is what an import did, or would do.
type Result struct {
	File    string           `json:"file"`
	Total   int              `json:"total"`
	Added   int              `json:"added"`
	Changed int              `json:"changed"` // rows that change what is there
	Same    int              `json:"same"`    // rows that say what is there already
	Applied bool             `json:"applied"` // false for a dry run and after any fault
	Faults  []sheet.RowError `json:"faults,omitempty"`
	More    int              `json:"more,omitempty"` // faults beyond those listed
	Changes []Change         `json:"changes,omitempty"`
	Beyond  int              `json:"changes_more,omitempty"` // changes beyond those listed

	Grid    sheet.Grid    `json:"-"`
	Mapping sheet.Mapping `json:"-"`
	report  sheet.Report
}

// Open reads a table and finds its columns.
func Open(name string, r io.ReaderAt, size int64, cols []sheet.Column) (*Result, error) {
	if size > MaxFile {
		return nil, fault.Limit("error.file_large", name, size>>20, MaxFile>>20)
	}
	g, err := sheet.Read(name, r, size, sheet.Options{})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	m, err := sheet.FindHeader(g, cols)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return &Result{File: name, Grid: g, Mapping: m}, nil
}

// Bad notes the faults of a row; it tells whether there were any.
func (r *Result) Bad(rec sheet.Record, fs fault.Fields) bool {
	for _, f := range fs {
		r.report.Add(sheet.RowError{Row: rec.Row, Column: f.Name, Value: rec.Get(f.Name), Key: f.Key, Args: f.Args})
	}
	r.Faults, r.More = r.report.Errors, r.report.More
	return len(fs) > 0
}

// Change is what a row makes of a value that is there.
type Change struct {
	Row    int    `json:"row"`
	What   string `json:"what"` // the record
	Column string `json:"column"`
	Before string `json:"before"` // as stored, or the key of its word
	After  string `json:"after"`
}

// maxChanges bounds what a preview lists.
const maxChanges = 500

// Change notes what one row changes.
func (r *Result) Change(cs ...Change) {
	r.Changed++
	n := min(len(cs), maxChanges-len(r.Changes))
	r.Changes = append(r.Changes, cs[:n]...)
	r.Beyond += len(cs) - n
}

// OK tells that no row is at fault.
func (r *Result) OK() bool { return r.report.OK() }

// BadRows is the number of rows at fault.
func (r *Result) BadRows() int { return r.report.BadRows() }

// Lines says every fault with its place: file, row, column, what to do.
func (r *Result) Lines(tr sheet.Translate) []string {
	var out []string
	for _, e := range r.Faults {
		out = append(out, tr("intake.line", r.File, e.Row, r.label(e.Column), tr(e.Key, e.Args...)))
	}
	if r.More > 0 {
		out = append(out, tr("intake.more", r.More))
	}
	return out
}

func (r *Result) label(column string) string {
	if l := r.Mapping.Labels[column]; l != "" {
		return l
	}
	return column
}

// Annotated writes the user's own table with the faults marked.
func (r *Result) Annotated(w io.Writer, tr sheet.Translate) error {
	return sheet.Annotate(w, r.Grid, r.Mapping, &r.report, tr)
}

// Meaning finds the stored value that a cell means: the value itself, or its
// word in any language of the catalogue. Words are those whose key begins with
// prefix, as in unit.kind.branch.
func Meaning(words map[string]map[string]string, prefix, cell string, values []string) (string, bool) {
	cell = strings.ToLower(strings.TrimSpace(cell))
	for _, v := range values {
		if cell == v {
			return v, true
		}
		for _, table := range words {
			if t, ok := table[prefix+v]; ok && strings.ToLower(t) == cell {
				return v, true
			}
		}
	}
	return "", false
}

// Yes reads a cell that answers yes or no; an empty one is no.
func Yes(cell string) (yes, ok bool) {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "是", "1", "y", "yes", "true", "√":
		return true, true
	case "", "否", "0", "n", "no", "false", "×":
		return false, true
	}
	return false, false
}
