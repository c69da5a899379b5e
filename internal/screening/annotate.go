package screening

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/sheet"
)

// maxMarked is how many faults a workbook is given back with; a .csv is written row by row and has all of them.
const maxMarked = 100_000

// Annotate is annotate for the command line.
func Annotate(w io.Writer, name string, r io.ReaderAt, size int64, kind string, mapping map[string]string, tr sheet.Translate) error {
	_, err := annotate(w, name, r, size, kind, mapping, tr)
	return err
}

// annotate gives the user his own file back: a .csv as a .csv, everything else as
// .xlsx. Every row at fault has its reasons, and so has every row whose ID number
// too many names share, which is taken in without it. The file is read once to
// count what rows share and once to mark them.
func annotate(w io.Writer, name string, r io.ReaderAt, size int64, kind string, mapping map[string]string, tr sheet.Translate) (ext string, err error) {
	head := make([]byte, min(size, 16))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", fault.Unavailable("error.upload").With(err)
	}
	c := newCounter()
	report := sheet.Report{Keep: maxMarked}
	in, err := readRegister(name, r, size, kind, mapping, func(number int, _ []string, row Row, fs []sheet.RowError) error {
		c.number(row.At(kind, "id_no"), nameOf(kind, row))
		return nil
	})
	if in.mapping.Heads == nil {
		return "", err
	}
	reasons := func(number int, row Row, fs []sheet.RowError) []sheet.RowError {
		if len(fs) == 0 {
			if _, f := c.repeat(kind, number, row); f != nil {
				fs = append(fs, *f)
			}
		}
		if c.crowded(row.At(kind, "id_no")) {
			fs = append(fs, sheet.RowError{Row: number, Column: "id_no", Key: "register.note.row_crowded", Args: []any{shared}})
		}
		return fs
	}
	ext = ".csv"
	mark := func(number int, _ []string, row Row, fs []sheet.RowError) error {
		for _, f := range reasons(number, row, fs) {
			report.Add(f)
		}
		return nil
	}
	out := csv.NewWriter(w)
	if plain := plainTable(name, head); !plain {
		ext = ".xlsx"
	} else {
		if _, err := io.WriteString(w, "\uFEFF"); err != nil {
			return "", err
		}
		if in.comma != 0 {
			out.Comma = rune(in.comma) // as the file divides its fields
		}
		width := len(in.mapping.Heads)
		if err := out.Write(append(slices.Clone(in.mapping.Heads), tr("sheet.reason"))); err != nil {
			return "", err
		}
		mark = func(number int, raw []string, row Row, fs []sheet.RowError) error {
			raw = slices.Clone(raw)
			for len(raw) < width {
				raw = append(raw, "")
			}
			var why []string
			for _, f := range reasons(number, row, fs) {
				why = append(why, tr(f.Key, f.Args...))
			}
			return out.Write(append(raw, strings.Join(why, "；")))
		}
	}
	_, err = readRegister(name, r, size, kind, mapping, mark)
	if f, ok := fault.Of(err); err != nil && (!ok || f.Key != "register.error.all_shifted") {
		return "", err
	}
	if ext == ".xlsx" {
		return ext, sheet.Annotate(w, in.grid, in.mapping, &report, tr)
	}
	out.Flush()
	return ext, out.Error()
}
