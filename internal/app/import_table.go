package app

import (
	"errors"
	"io"
	"os"

	"gopkg.in/yaml.v3"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/sheet"
)

// TableImport says how a table of records, a register or case-handling events, is
// taken in by command.
type TableImport struct {
	File    string
	Map     string // file: source, as_of, columns (our column → heading); of events also unit and mode
	Source  string
	AsOf    string
	DryRun  bool
	SkipBad bool
	Report  string // where the user's table goes with its faults marked
	Lang    string
}

// tableFile is MAP.yaml: whose a file is and what its columns are called.
type tableFile struct {
	Source  string            `yaml:"source"`
	Unit    string            `yaml:"unit"`
	Mode    string            `yaml:"mode"`
	AsOf    clock.Date        `yaml:"as_of"`
	Columns map[string]string `yaml:"columns"`
}

// open opens the table and reads its map; what the command line says goes before it.
func (c TableImport) open() (m tableFile, f *os.File, size int64, err error) {
	if c.Map != "" {
		raw, err := ReadFile(c.Map)
		if err != nil {
			return m, nil, 0, err
		}
		if err := yaml.Unmarshal(raw, &m); err != nil {
			return m, nil, 0, fault.Invalid("register.error.map", c.Map).With(err)
		}
	}
	if c.Source != "" {
		m.Source = c.Source
	}
	if c.AsOf != "" {
		m.AsOf = clock.Date(c.AsOf)
	}
	if f, err = os.Open(c.File); err != nil {
		return m, nil, 0, fileError(c.File, err)
	}
	info, err := f.Stat()
	if err != nil {
		return m, nil, 0, fileError(c.File, errors.Join(err, f.Close()))
	}
	return m, f, info.Size(), nil
}

// say gives the words of the caller's language.
func (a *App) say(c TableImport) sheet.Translate {
	tr := a.Web.UI.Words().In(c.Lang)
	return func(key string, args ...any) string { return tr(key, args...) }
}

// shownFaults is how many faults are told one by one.
const shownFaults = 20

// faultLines tell the first faults by their place, and how many more there are.
func faultLines(c TableImport, say sheet.Translate, faults []sheet.RowError, more int, label func(column string) string) (lines []string) {
	for i, e := range faults {
		if i == shownFaults {
			return append(lines, say("intake.more", len(faults)-i+more))
		}
		lines = append(lines, say("intake.line", c.File, e.Row, label(e.Column), say(e.Key, e.Args...)))
	}
	return lines
}

// report writes the table back with its faults marked, where that is wanted.
func (c TableImport) report(marked bool, write func(w io.Writer) error) error {
	if c.Report == "" || !marked {
		return nil
	}
	return writeOut(c.Report, write)
}
