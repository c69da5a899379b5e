package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"huikan/internal/risk"
)

// ImportEvents takes events of the case system in as a new version of their source:
// all of the file or nothing, unless rows at fault are to be left out.
func (a *App) ImportEvents(ctx context.Context, c TableImport) (out Imported, err error) {
	m, f, size, err := c.open()
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	res, err := a.Risk.Import(ctx, System(), risk.ImportCmd{Source: m.Source, Unit: m.Unit, Mode: m.Mode, AsOf: m.AsOf, Columns: m.Columns, DryRun: c.DryRun, SkipBad: c.SkipBad}, c.File, f, size)
	if err != nil {
		return out, err
	}
	say, l := a.say(c), res.Load
	out.Data, out.Bad = res, res.Bad
	if res.Applied {
		out.Bad = 0
	}
	out.Lines = append(out.Lines, fmt.Sprintf("%s: %d rows, %d cases, %d added, %d changed, %d withdrawn, %d the same, %d refused", c.File, res.Total, l.Cases, l.Added, l.Changed, l.Withdrawn, l.Same, res.Bad))
	out.Lines = append(out.Lines, faultLines(c, say, res.Faults, res.More, res.Label)...)
	if res.Bad > 0 && !res.Applied && !c.DryRun {
		out.Lines = append(out.Lines, say("risk.event.faulty", c.File, res.Bad, res.Total))
	}
	return out, c.report(res.Bad > 0, func(w io.Writer) error { return res.WriteBad(w, say) })
}
