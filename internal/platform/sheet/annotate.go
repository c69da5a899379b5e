package sheet

import (
	"fmt"
	"io"
	"slices"

	"github.com/xuri/excelize/v2"
)

const maxComments = MaxErrors // no more faults than these are kept

// Annotate gives the user his own table back as .xlsx: every row at its old
// number, faulty cells yellow with a comment, and a last column with the
// reasons. A column of reasons from an earlier attempt is replaced.
func Annotate(w io.Writer, g Grid, m Mapping, r *Report, tr Translate) (err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fmt.Errorf("closing workbook: %w", e)
		}
	}()
	x := &xlsxWriter{f: f, name: sheetName(g.Sheet)}
	a := &annotator{x: x, g: g, m: m, reasonAt: len(m.Heads), head: tr("sheet.reason")}
	a.rows, a.cells = r.reasons(m, tr)
	if i := slices.Index(m.Heads, a.head); i >= 0 {
		a.reasonAt = i
	}
	if err := x.begin(); err != nil {
		return fmt.Errorf("annotated copy: %w", err)
	}
	for _, step := range []func() error{a.layout, a.body, a.comments, x.sw.Flush} {
		if err := step(); err != nil {
			return fmt.Errorf("annotated copy: %w", err)
		}
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("annotated copy: %w", err)
	}
	return nil
}

type annotator struct {
	x        *xlsxWriter
	g        Grid
	m        Mapping
	rows     map[int]string
	cells    map[int]map[int]string
	reasonAt int
	head     string
}

func (a *annotator) layout() error {
	for c := range a.m.Heads {
		if err := a.x.sw.SetColWidth(c+1, c+1, 18); err != nil {
			return err
		}
	}
	if err := a.x.sw.SetColWidth(a.reasonAt+1, a.reasonAt+1, 50); err != nil {
		return err
	}
	if len(a.g.Rows) == 0 {
		return nil
	}
	n := a.g.Rows[a.m.Last].Number
	return a.x.sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: n, ActivePane: "bottomLeft", TopLeftCell: ref(n, 0)})
}

func (a *annotator) body() error {
	for i, r := range a.g.Rows {
		vals := make([]any, max(len(r.Cells), a.reasonAt+1))
		bad := a.cells[r.Number]
		for c := range vals {
			style := "text"
			switch {
			case i < a.m.First:
				style = "plain"
			case i <= a.m.Last:
				style = "header"
			case hasKey(bad, c):
				style = "bad"
			}
			s := r.Cell(c)
			if c == a.reasonAt {
				if s = a.rows[r.Number]; s != "" {
					style = "reason"
				}
				if i == a.m.Last {
					s = a.head
				}
			}
			if s != "" || style != "plain" {
				vals[c] = excelize.Cell{StyleID: a.x.styles[style], Value: xmlText(s)}
			}
		}
		if err := a.x.sw.SetRow(ref(r.Number-1, 0), vals); err != nil {
			return err
		}
	}
	return nil
}

func hasKey(m map[int]string, c int) bool {
	_, ok := m[c]
	return ok
}

func (a *annotator) comments() error {
	n := 0
	for _, r := range a.g.Rows {
		cols := a.cells[r.Number]
		for c := range len(a.m.Heads) {
			if text, ok := cols[c]; ok && n < maxComments {
				n++
				if err := a.x.f.AddComment(a.x.name, excelize.Comment{Author: "huikan", Cell: ref(r.Number-1, c), Text: text}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
