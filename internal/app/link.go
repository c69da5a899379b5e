package app

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"

	"gopkg.in/yaml.v3"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
	"huikan/linkage"
	"huikan/linkage/registers"
)

//go:embed link/words.zh.json link/words.en.json
var linkFiles embed.FS

// linkWords are the sentences of the linkage commands.
func linkWords() map[string]map[string]string {
	sub, err := fs.Sub(linkFiles, "link")
	if err != nil {
		panic(err)
	}
	return web.Words(sub)
}

// LinkConfig says what the linkage commands work on.
type LinkConfig struct {
	Staff, Relatives, Lawyers string // link registers
	Left, Right, Map          string // link tables
	Out                       string
	Model, SaveModel          string // files; empty: learn, forget
	Report                    string // table of problems; empty: the first ones on stderr
	Explain                   bool
	Lang                      string
}

// LinkRegisters links departed staff and relatives with lawyers and writes the pairs.
func LinkRegisters(ctx context.Context, c LinkConfig, progress io.Writer) error {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	m, err := loadModel(c.Model)
	if err != nil {
		return err
	}
	r, err := registers.Run(ctx, registers.Files{Staff: c.Staff, Relatives: c.Relatives, Lawyers: c.Lawyers}, registers.Options{Model: m})
	if err != nil {
		return linkError(err)
	}
	if err := linkReport(r.Reports, r.Index, c, progress); err != nil {
		return err
	}
	if err := writeOut(c.Out, func(w io.Writer) error { return r.Write(w, c.language()) }); err != nil {
		return err
	}
	return saveModel(c.SaveModel, r.Model)
}

func (c LinkConfig) language() linkage.Language {
	switch {
	case !c.Explain:
		return ""
	case c.Lang == "en":
		return linkage.English
	}
	return linkage.Chinese
}

// tableMap is MAP.yaml: which column of each table holds what, and how to read them.
type tableMap struct {
	Left  linkage.Columns `yaml:"left"`
	Right linkage.Columns `yaml:"right"`
	Rules *linkage.Rules  `yaml:"rules"`
}

// LinkTables links any two tables of persons by a map of their columns.
func LinkTables(ctx context.Context, c LinkConfig, progress io.Writer) error {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	raw, err := ReadFile(c.Map)
	if err != nil {
		return err
	}
	var tm tableMap
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&tm); err != nil {
		return fault.Invalid("link.map", c.Map, err.Error()).With(err)
	}
	rules := linkage.DefaultRules()
	if tm.Rules != nil {
		if len(tm.Rules.Orgs) > 0 {
			rules.Orgs = tm.Rules.Orgs
		}
		rules.Categories = tm.Rules.Categories
	}
	m, err := loadModel(c.Model)
	if err != nil {
		return err
	}
	if m != nil {
		rules = m.Rules
	}
	var reports []*linkage.Report
	read := func(path string, cols linkage.Columns) (*linkage.Set, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, fileError(path, err)
		}
		defer f.Close()
		s, rep, err := linkage.ReadTable(ctx, path, f, cols, rules, nil, linkage.Options{})
		if err != nil {
			return nil, linkError(err)
		}
		reports = append(reports, rep)
		return s, nil
	}
	right, err := read(c.Right, tm.Right)
	if err != nil {
		return err
	}
	left, err := read(c.Left, tm.Left)
	if err != nil {
		return err
	}
	x := linkage.NewIndex(right, nil)
	if m == nil {
		if m, err = linkage.Learn(ctx, x, linkage.LearnOptions{}, left); err != nil {
			return linkError(err)
		}
	}
	x = x.With(m)
	links, err := x.Link(ctx, left, linkage.Options{})
	if err != nil {
		return err
	}
	if err := linkReport(reports, x, c, progress); err != nil {
		return err
	}
	if err := writeOut(c.Out, func(w io.Writer) error { return writeTableLinks(w, left, x, links, c.language()) }); err != nil {
		return err
	}
	return saveModel(c.SaveModel, m)
}

func writeTableLinks(w io.Writer, left *linkage.Set, x *linkage.Index, links []linkage.Link, lang linkage.Language) error {
	out := csv.NewWriter(w)
	row := []string{"left_id", "right_id", "probability", "band"}
	if lang != "" {
		row = append(row, "explanation")
	}
	if err := out.Write(row); err != nil {
		return fmt.Errorf("link: %w", err)
	}
	for _, l := range links {
		row = append(row[:0], left.ID(l.Left), x.ID(l.Right), strconv.FormatFloat(l.Probability, 'f', 4, 64), string(l.Band))
		if lang != "" {
			s := x.Account(left, l)
			row = append(row, s.Explain(lang))
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("link: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

func loadModel(path string) (*linkage.Model, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer f.Close()
	m, err := linkage.Load(bufio.NewReader(f))
	if err != nil {
		return nil, fault.Invalid("link.model", path).With(err)
	}
	return m, nil
}

func saveModel(path string, m *linkage.Model) error {
	if path == "" {
		return nil
	}
	return writeOut(path, m.Save)
}

// writeOut writes a file whole or not at all; - is standard output.
func writeOut(path string, write func(io.Writer) error) error {
	if path == "-" {
		b := bufio.NewWriter(os.Stdout)
		if err := write(b); err != nil {
			return err
		}
		return b.Flush()
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".huikan-*")
	if err != nil {
		return fileError(path, err)
	}
	defer os.Remove(f.Name())
	b := bufio.NewWriterSize(f, 1<<18)
	if err := errors.Join(write(b), b.Flush(), f.Chmod(0o600), f.Close()); err != nil {
		return fileError(path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fileError(path, err)
	}
	return nil
}

// linkError turns what the linker says into sentences.
func linkError(err error) error {
	var col *linkage.MissingColumnError
	var path *fs.PathError
	switch {
	case errors.As(err, &col):
		return fault.Invalid("link.column", col.File, col.Column, fmt.Sprint(col.Found)).With(err)
	case errors.Is(err, linkage.ErrNoTable):
		return fault.Invalid("link.no_table", err.Error()).With(err)
	case errors.Is(err, linkage.ErrEmpty):
		return fault.Invalid("link.empty").With(err)
	case errors.As(err, &path):
		return fileError(path.Path, path.Err)
	}
	return err
}

// linkReport tells the problems of the tables: all of them into a table, or the first of each file on stderr.
func linkReport(reports []*linkage.Report, x *linkage.Index, c LinkConfig, progress io.Writer) error {
	set, err := ui.New()
	if err != nil {
		return err
	}
	if err := set.AddRoom("link", noPages, linkWords()); err != nil {
		return err
	}
	t := set.Words()
	const shown = 10
	if c.Report != "" {
		if err := writeOut(c.Report, func(w io.Writer) error {
			out := csv.NewWriter(w)
			if err := out.Write([]string{"file", "row", "column", "kind", "problem"}); err != nil {
				return fmt.Errorf("link: %w", err)
			}
			for _, r := range reports {
				for _, p := range r.Problems {
					if err := out.Write([]string{p.File, strconv.Itoa(p.Row), p.Column, p.Kind, t.T(c.Lang, "link.problem."+p.Kind)}); err != nil {
						return fmt.Errorf("link: %w", err)
					}
				}
			}
			out.Flush()
			return out.Error()
		}); err != nil {
			return err
		}
	}
	for _, r := range reports {
		all := 0
		for _, n := range r.Counts {
			all += n
		}
		if c.Report == "" {
			for i, p := range r.Problems {
				if i == shown {
					break
				}
				fmt.Fprintln(progress, t.T(c.Lang, "link.problem", p.File, p.Row, p.Column, t.T(c.Lang, "link.problem."+p.Kind)))
			}
		}
		if all > 0 {
			fmt.Fprintln(progress, t.T(c.Lang, "link.problems", r.File, r.Rows, r.Used, all))
		}
	}
	if n := x.Capped(); n > 0 {
		fmt.Fprintln(progress, t.T(c.Lang, "link.capped", n))
	}
	return nil
}
