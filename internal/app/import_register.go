package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"gopkg.in/yaml.v3"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/sheet"
	"huikan/internal/screening"
)

// RegisterImport says how a register is taken in by command.
type RegisterImport struct {
	Kind, File string
	Map        string // file: source, as_of, columns (our column → heading)
	Source     string
	AsOf       string
	DryRun     bool
	SkipBad    bool
	Report     string // where the user's table goes with its faults marked
	Lang       string
}

// IsRegister tells the kinds of registers from other imports.
func IsRegister(kind string) bool { return slices.Contains(screening.Kinds(), kind) }

// registerMap is MAP.yaml.
type registerMap struct {
	Source  string            `yaml:"source"`
	AsOf    clock.Date        `yaml:"as_of"`
	Columns map[string]string `yaml:"columns"`
}

// ImportRegister takes a register in as a new version. A .csv is read line by
// line, so that its size does not matter to the memory.
func (a *App) ImportRegister(ctx context.Context, c RegisterImport) (out Imported, err error) {
	m := registerMap{Source: c.Source, AsOf: clock.Date(c.AsOf)}
	if c.Map != "" {
		raw, err := ReadFile(c.Map)
		if err != nil {
			return out, err
		}
		if err := yaml.Unmarshal(raw, &m); err != nil {
			return out, fault.Invalid("register.error.map", c.Map).With(err)
		}
		if c.Source != "" {
			m.Source = c.Source
		}
	}
	if m.Source == "" {
		m.Source = c.Kind
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
	res, err := a.Screening.Import(ctx, System(), screening.ImportCmd{Kind: c.Kind, Source: m.Source, AsOf: m.AsOf, Columns: m.Columns, DryRun: c.DryRun, SkipBad: c.SkipBad}, c.File, f, info.Size())
	if err != nil {
		return out, err
	}
	v := res.Version
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
	for i, e := range res.Faults {
		if i == 20 {
			out.Lines = append(out.Lines, say("intake.more", len(res.Faults)-i+res.More))
			break
		}
		out.Lines = append(out.Lines, say("intake.line", c.File, e.Row, res.Label(e.Column), say(e.Key, e.Args...)))
	}
	if c.Report != "" && res.Marked() {
		err = writeOut(c.Report, func(w io.Writer) error {
			return screening.Annotate(w, c.File, f, info.Size(), c.Kind, m.Columns, sheet.Translate(say))
		})
	}
	return out, err
}
