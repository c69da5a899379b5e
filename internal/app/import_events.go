package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"gopkg.in/yaml.v3"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/sheet"
	"huikan/internal/risk"
)

// EventImport says how case-handling events are taken in by command.
type EventImport struct {
	File    string
	Map     string // file: source, unit, mode, as_of, columns (our column → heading)
	Source  string
	AsOf    string
	DryRun  bool
	SkipBad bool
	Report  string // where the user's table goes with its faults marked
	Lang    string
}

// eventMap is MAP.yaml.
type eventMap struct {
	Source  string            `yaml:"source"`
	Unit    string            `yaml:"unit"`
	Mode    string            `yaml:"mode"`
	AsOf    clock.Date        `yaml:"as_of"`
	Columns map[string]string `yaml:"columns"`
}

// ImportEvents takes events of the case system in as a new version of their source:
// all of the file or nothing, unless rows at fault are to be left out.
func (a *App) ImportEvents(ctx context.Context, c EventImport) (out Imported, err error) {
	var m eventMap
	if c.Map != "" {
		raw, err := ReadFile(c.Map)
		if err != nil {
			return out, err
		}
		if err := yaml.Unmarshal(raw, &m); err != nil {
			return out, fault.Invalid("register.error.map", c.Map).With(err)
		}
	}
	if c.Source != "" {
		m.Source = c.Source
	}
	if c.AsOf != "" {
		m.AsOf = clock.Date(c.AsOf)
	}
	f, err := os.Open(c.File)
	if err != nil {
		return out, fileError(c.File, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return out, fileError(c.File, err)
	}
	tr := a.Web.UI.Words().In(c.Lang)
	say := func(key string, args ...any) string { return tr(key, args...) }
	res, err := a.Risk.Import(ctx, System(), risk.ImportCmd{Source: m.Source, Unit: m.Unit, Mode: m.Mode, AsOf: m.AsOf, Columns: m.Columns, DryRun: c.DryRun, SkipBad: c.SkipBad}, c.File, f, info.Size())
	if err != nil {
		return out, err
	}
	l := res.Load
	out.Data, out.Bad = res, res.Bad
	if res.Applied {
		out.Bad = 0
	}
	out.Lines = append(out.Lines, fmt.Sprintf("%s: %d rows, %d cases, %d added, %d changed, %d withdrawn, %d the same, %d refused", c.File, res.Total, l.Cases, l.Added, l.Changed, l.Withdrawn, l.Same, res.Bad))
	for i, e := range res.Faults {
		if i == 20 {
			out.Lines = append(out.Lines, say("intake.more", len(res.Faults)-i+res.More))
			break
		}
		out.Lines = append(out.Lines, say("intake.line", c.File, e.Row, res.Label(e.Column), say(e.Key, e.Args...)))
	}
	if res.Bad > 0 && !res.Applied && !c.DryRun {
		out.Lines = append(out.Lines, say("risk.event.faulty", c.File, res.Bad, res.Total))
	}
	if c.Report != "" && res.Bad > 0 {
		err = writeOut(c.Report, func(w io.Writer) error { return res.WriteBad(w, sheet.Translate(say)) })
	}
	return out, err
}
