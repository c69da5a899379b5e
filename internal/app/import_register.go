package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"huikan/internal/screening"
)

// IsRegister tells the kinds of registers from other imports.
func IsRegister(kind string) bool { return slices.Contains(screening.Kinds(), kind) }

// ImportRegister takes a register in as a new version. A .csv is read line by
// line, so that its size does not matter to the memory.
func (a *App) ImportRegister(ctx context.Context, kind string, c TableImport) (out Imported, err error) {
	m, f, size, err := c.open()
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if m.Source == "" {
		m.Source = kind
	}
	res, err := a.Screening.Import(ctx, System(), screening.ImportCmd{Kind: kind, Source: m.Source, AsOf: m.AsOf, Columns: m.Columns, DryRun: c.DryRun, SkipBad: c.SkipBad}, c.File, f, size)
	if err != nil {
		return out, err
	}
	say, v := a.say(c), res.Version
	out.Data, out.Bad = res, res.Bad
	if c.SkipBad && !c.DryRun {
		out.Bad = 0
	}
	out.Lines = append(out.Lines, fmt.Sprintf("%s: %d rows, %d added, %d changed, %d removed, %d the same, %d repeated, %d refused", c.File, res.Total, v.Added, v.Changed, v.Removed, res.Same, v.Twice, res.Bad))
	for _, k := range slices.Sorted(func(yield func(string) bool) {
		for k := range res.Notes {
			if !yield(k) {
				return
			}
		}
	}) {
		if text, ok := a.Web.UI.Words().Lookup(c.Lang, k); ok && text != "" {
			out.Lines = append(out.Lines, say(k, res.Notes[k]))
		}
	}
	out.Lines = append(out.Lines, faultLines(c, say, res.Faults, res.More, res.Label)...)
	return out, c.report(res.Marked(), func(w io.Writer) error {
		return screening.Annotate(w, c.File, f, size, kind, m.Columns, say)
	})
}
