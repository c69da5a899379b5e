// Package sheet reads tables from files and writes them back.
//
// Read takes .xlsx, .xls/.et (BIFF8), .csv/.tsv in any encoding, and the web or
// tab-separated tables that many systems export under the name .xls; it gives a
// Grid of text in which merged cells are filled, dates are YYYY-MM-DD and every
// row knows its number in the file. FindHeader maps columns by their names,
// Records walks the rows below, a Report collects what is wrong with them, and
// Annotate returns the user's table with the faults marked. Write and WriteCSV
// make ledgers and fill-in templates.
//
// .xlsx is read by an own single pass over its XML: a general library must load
// the whole sheet to tell merged cells, hidden columns and number formats, and
// that is what a hostile file aims at. It is written by excelize's stream.
package sheet

import (
	"embed"

	"huikan/internal/platform/document"
)

// Words holds the sentences of this package, one file per language.
//
//go:embed words.zh.json words.en.json
var Words embed.FS

// The bounds of a table.
const (
	MaxRows    = 200_000
	MaxColumns = 200
	MaxCell    = 32_767    // characters, the bound of Excel itself
	MaxCells   = 5_000_000 // with text
	MaxMerges  = 20_000
	MaxShared  = 2_000_000 // shared strings
	MaxText    = 256 << 20 // bytes of text in all
	MaxErrors  = 1000      // faults of rows that a Report keeps
)

// Options narrows what is read. Zero values mean the bounds above.
type Options struct {
	Sheet      string // name of the worksheet; empty: the first that is visible and not empty
	MaxRows    int
	MaxColumns int
}

func (o Options) bounded() Options {
	if o.MaxRows <= 0 || o.MaxRows > MaxRows {
		o.MaxRows = MaxRows
	}
	if o.MaxColumns <= 0 || o.MaxColumns > MaxColumns {
		o.MaxColumns = MaxColumns
	}
	return o
}

// Row is one line of a table.
type Row struct {
	Number int      // as the spreadsheet program shows it, from 1
	Cells  []string // without empty cells at the end
}

// Cell gives the text in column c (from 0), empty beyond the end.
func (r Row) Cell(c int) string {
	if c < 0 || c >= len(r.Cells) {
		return ""
	}
	return r.Cells[c]
}

// Range is a merged area; rows and columns count from 0 and include both ends.
type Range struct{ Top, Left, Bottom, Right int }

// Grid is the table of a file: rows that hold something, in order.
type Grid struct {
	File   string
	Sheet  string
	Kind   document.Kind
	Rows   []Row
	Merges []Range
	Notes  []document.Note // hidden rows, columns and sheets, and the like
}

// Width is the number of columns.
func (g Grid) Width() int {
	w := 0
	for _, r := range g.Rows {
		w = max(w, len(r.Cells))
	}
	return w
}
