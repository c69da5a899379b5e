package screening

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/sheet"
)

// ImportCmd says what a register is.
type ImportCmd struct {
	Kind    string            `json:"kind"`
	Source  string            `json:"source"`
	Unit    string            `json:"unit"` // for whom; the actor's own when empty
	AsOf    clock.Date        `json:"as_of"`
	Columns map[string]string `json:"columns"` // our column → heading; what is remembered when nil
	SkipBad bool              `json:"skip_bad"`
	DryRun  bool              `json:"dry"`
}

// Imported is what an import did, or would do.
type Imported struct {
	Version Version          `json:"version"`
	Total   int              `json:"total"`
	Same    int              `json:"same"`
	Bad     int              `json:"bad"`
	Faults  []sheet.RowError `json:"faults,omitempty"`
	More    int              `json:"more,omitempty"`
	Notes   map[string]int   `json:"notes,omitempty"`
	Applied bool             `json:"applied"`
	Heads   []string         `json:"heads,omitempty"` // headings of the file, for a mapping
	mapping sheet.Mapping
}

// Marked tells that the file goes back with reasons in some rows.
func (x Imported) Marked() bool { return x.Bad > 0 || x.Notes[noteCrowded] > 0 }

// Label is how the file heads a column.
func (x Imported) Label(column string) string {
	if l := x.mapping.Labels[column]; l != "" {
		return l
	}
	for _, c := range columnsOf(x.Version.Kind).cols {
		if c.Key == column && len(c.Names) > 0 {
			return c.Names[0]
		}
	}
	return column
}

// partRows is how many rows one file of the vault holds.
const partRows = 250_000

const maxSource = 100

// canRegister judges an action on registers of a unit.
func (s *Service) canRegister(who actor.Actor, action, kind string, unit id.ID) error {
	return s.policy.Can(who, action, access.Object{Kind: "register", State: kind, Units: []access.Place{s.Units.Place(unit)}})
}

// Import takes a register in as a new version: all of it or nothing, unless the
// actor says that rows at fault are to be left out. Rows that nobody changed
// count as the same, so the report says what really happened since.
func (s *Service) Import(ctx context.Context, who actor.Actor, cmd ImportCmd, name string, r io.ReaderAt, size int64) (out Imported, err error) {
	v, cols, err := s.shapeVersion(ctx, who, cmd, name)
	if err != nil {
		return out, err
	}
	old, was, err := s.before(ctx, v)
	if err != nil {
		return out, err
	}
	out.Version = v
	in, err := s.survey(&out, old, name, r, size, cols)
	out.mapping, out.Heads, out.Notes = in.mapping, in.mapping.Heads, in.Notes
	if err != nil {
		return out, err
	}
	out.Total, out.Faults, out.More, out.Bad = in.Total, in.report.Errors, in.report.More, in.report.BadRows()
	if err := s.removed(&out, old, was); err != nil {
		return out, err
	}
	if out.Version.Rows == 0 {
		return out, fault.Invalid("register.error.none", name)
	}
	if cmd.DryRun || out.Bad > 0 && !cmd.SkipBad {
		return out, nil
	}
	out.Version.Skipped = out.Bad
	if out.Version.Parts, err = s.keep(ctx, out.Version, name, r, size, cols); err != nil {
		return out, err
	}
	err = s.log.Write(ctx, who, "register.import", func(tx *audit.Tx) error {
		if now, err := currentOf(ctx, tx, v.Kind, v.Source, v.Unit); err != nil || now.ID != was.ID {
			if err == nil {
				err = fault.Conflict("register")
			}
			return err
		}
		tx.Note("file", name)
		tx.Note("rows", out.Version.Rows)
		if err := s.insertVersion(ctx, tx, out.Version); err != nil {
			return err
		}
		return remember(ctx, tx, out.Version)
	})
	out.Applied = err == nil
	if err == nil {
		s.forget()
	}
	return out, err
}

func (s *Service) shapeVersion(ctx context.Context, who actor.Actor, cmd ImportCmd, name string) (Version, map[string]string, error) {
	v := Version{ID: id.New(), Kind: cmd.Kind, Source: strings.TrimSpace(cmd.Source), AsOf: cmd.AsOf, File: name, State: Loaded, By: who.Person, Rev: 1}
	var f fault.Fields
	if !slices.Contains(Kinds(), cmd.Kind) {
		return v, nil, fault.NotFound("page")
	}
	f.Need("source", v.Source)
	f.Max("source", v.Source, maxSource)
	switch {
	case v.AsOf == "":
		v.AsOf = s.today()
	case !v.AsOf.Valid():
		f.Add("as_of", "error.date", v.AsOf)
	case v.AsOf.After(s.today()):
		f.Add("as_of", "register.error.future", v.AsOf)
	}
	v.Unit = s.home(who)
	if cmd.Unit != "" {
		us := s.Find(cmd.Unit)
		if len(us) != 1 {
			f.Add("unit", "register.error.unit", cmd.Unit)
		} else {
			v.Unit = us[0]
		}
	}
	if err := f.Err(); err != nil {
		return v, nil, err
	}
	if err := s.canRegister(who, "register.import", v.Kind, v.Unit); err != nil {
		return v, nil, err
	}
	cols := cmd.Columns
	if cols == nil {
		err := s.log.DB().Read(ctx, func(q db.Q) (err error) {
			cols, err = mappingOf(ctx, q, v.Kind, v.Source, v.Unit)
			return err
		})
		if err != nil {
			return v, nil, err
		}
	}
	for k := range cols {
		if _, ok := columnsOf(v.Kind).index[k]; !ok {
			f.Add("columns", "register.error.column", k)
		}
	}
	v.Columns = cols
	return v, cols, f.Err()
}

// home is the unit for which an actor works: that of his first grant over
// registers, else his own; the root for the program.
func (s *Service) home(who actor.Actor) id.ID {
	for _, role := range []actor.Role{actor.InternalSupervision, actor.Personnel, actor.BarLiaison, actor.Leader} {
		for _, g := range who.Grants {
			if g.Role == role {
				return g.Unit
			}
		}
	}
	if who.Unit != "" {
		return who.Unit
	}
	return s.Root()
}

// before reads the version in force: key → content, under a fresh hash.
func (s *Service) before(ctx context.Context, v Version) (*counter, Version, error) {
	var was Version
	err := s.log.DB().Read(ctx, func(q db.Q) (err error) {
		was, err = currentOf(ctx, q, v.Kind, v.Source, v.Unit)
		return err
	})
	c := newCounter()
	if err != nil || was.ID == "" {
		return c, was, err
	}
	return c, was, s.rows(was, func(r Row) error {
		c.seen[c.hash(keyOf(v.Kind, r))] = c.hash(string(r))
		return nil
	})
}

// survey reads the file once, judges it and counts what it changes.
func (s *Service) survey(out *Imported, old *counter, name string, r io.ReaderAt, size int64, cols map[string]string) (*reading, error) {
	kind := out.Version.Kind
	fresh := &counter{seed: old.seed, seen: map[uint64]uint64{}, ids: map[uint64]holder{}}
	sample := func(what string, row Row, note string) {
		if len(out.Version.Sample) < maxSample {
			out.Version.Sample = append(out.Version.Sample, DeltaRow{What: what, Key: keyOf(kind, row), Name: nameOf(kind, row), Note: note})
		}
	}
	var in *reading
	var crowded int
	var twice []sheet.RowError
	in, err := readRegister(name, r, size, kind, cols, func(number int, _ []string, row Row, fs []sheet.RowError) error {
		if len(fs) > 0 {
			return nil
		}
		switch again, f := fresh.repeat(kind, number, row); {
		case again:
			out.Version.Twice++
			return nil
		case f != nil:
			if twice = append(twice, *f); len(twice) > sheet.MaxErrors {
				return fault.Invalid("register.error.keys", name, number)
			}
			return nil
		}
		key := fresh.hash(keyOf(kind, row))
		content := fresh.seen[key]
		if fresh.number(row.At(kind, "id_no"), nameOf(kind, row)) {
			crowded++
		}
		out.Version.Rows++
		before, known := old.seen[key]
		switch {
		case !known:
			out.Version.Added++
			sample("added", row, "")
		case before != content:
			out.Version.Changed++
			sample("changed", row, "")
		default:
			out.Same++
		}
		return nil
	})
	for _, e := range twice {
		in.report.Add(e)
	}
	if crowded > 0 {
		in.Notes[noteCrowded] = crowded
	}
	for k := range old.seen {
		if _, ok := fresh.seen[k]; ok {
			delete(old.seen, k)
		}
	}
	return in, err
}

// removed counts and names the rows that the file no longer has.
func (s *Service) removed(out *Imported, old *counter, was Version) error {
	out.Version.Removed = len(old.seen)
	if out.Version.Removed == 0 {
		return nil
	}
	left := maxSample / 2
	return s.rows(was, func(r Row) error {
		if _, ok := old.seen[old.hash(keyOf(was.Kind, r))]; ok && left > 0 {
			left--
			out.Version.Sample = append(out.Version.Sample, DeltaRow{What: "removed", Key: keyOf(was.Kind, r), Name: nameOf(was.Kind, r)})
		}
		return nil
	})
}

func nameOf(kind string, r Row) string {
	if kind == Cases {
		return r.At(kind, "lawyer_name")
	}
	return r.At(kind, "name")
}

// keep writes the rows into the vault, which seals them as they are written.
func (s *Service) keep(ctx context.Context, v Version, name string, r io.ReaderAt, size int64, cols map[string]string) ([]string, error) {
	var parts []string
	var w *partWriter
	done := func() error {
		if w == nil {
			return nil
		}
		hash, err := w.close()
		w = nil
		parts = append(parts, hash)
		return err
	}
	fresh := newCounter()
	n := 0
	_, err := readRegister(name, r, size, v.Kind, cols, func(_ int, _ []string, row Row, fs []sheet.RowError) error {
		key := fresh.hash(keyOf(v.Kind, row))
		if _, ok := fresh.seen[key]; ok || len(fs) > 0 {
			return nil
		}
		fresh.seen[key] = 1
		if w == nil {
			w = s.newPart(ctx, fmt.Sprintf("register-%s-%d.csv", v.ID, len(parts)), v.Kind)
		}
		if err := w.csv.Write(row.Cells()); err != nil {
			return err
		}
		if n++; n%partRows == 0 {
			return done()
		}
		return nil
	})
	return parts, errors.Join(err, done())
}

// partWriter pipes rows into the vault.
type partWriter struct {
	pipe *io.PipeWriter
	csv  *csv.Writer
	end  chan struct{}
	hash string
	err  error
}

func (s *Service) newPart(ctx context.Context, name, kind string) *partWriter {
	pr, pw := io.Pipe()
	w := &partWriter{pipe: pw, csv: csv.NewWriter(pw), end: make(chan struct{})}
	go func() {
		defer close(w.end)
		defer func() {
			if p := recover(); p != nil {
				w.err = fmt.Errorf("keep register: %v", p)
				_ = pr.CloseWithError(w.err) // the writer learns it from its next row
			}
		}()
		st, err := s.Files.Put(ctx, name, pr, -1)
		w.hash, w.err = st.Hash, err
		_ = pr.CloseWithError(err) // nil ends the pipe
	}()
	var heads []string
	for _, c := range columnsOf(kind).cols {
		heads = append(heads, c.Key)
	}
	_ = w.csv.Write(heads) // a failure shows at the next row
	return w
}

func (w *partWriter) close() (string, error) {
	w.csv.Flush()
	err := errors.Join(w.csv.Error(), w.pipe.Close())
	<-w.end
	return w.hash, errors.Join(w.err, err)
}

// rows reads the rows of a version.
func (s *Service) rows(v Version, fn func(Row) error) error {
	for _, hash := range v.Parts {
		f, err := s.Files.Open(hash)
		if err != nil {
			return fmt.Errorf("open register %s: %w", v.ID, err)
		}
		err = func() error {
			r := csv.NewReader(f)
			r.ReuseRecord = true
			head, err := r.Read()
			if err != nil {
				return err
			}
			order := placesOf(v.Kind, head)
			cells := make([]string, len(order))
			for {
				rec, err := r.Read()
				if errors.Is(err, io.EOF) {
					return nil
				}
				if err != nil {
					return err
				}
				for i, at := range order {
					cells[i] = ""
					if at >= 0 {
						cells[i] = rec[at]
					}
				}
				if err := fn(pack(cells)); err != nil {
					return err
				}
			}
		}()
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("read register %s: %w", v.ID, err)
		}
	}
	return nil
}

// placesOf finds today's columns in a file that may have been kept with others.
func placesOf(kind string, head []string) []int {
	out := make([]int, len(columnsOf(kind).cols))
	for i, c := range columnsOf(kind).cols {
		out[i] = slices.Index(head, c.Key)
	}
	return out
}

// UndoCmd takes a version back.
type UndoCmd struct {
	Rev    int64  `json:"rev"`
	Reason string `json:"reason"`
}

const maxReason = 500

// Undo takes the newest version of a source back: the one before it is in force again.
func (s *Service) Undo(ctx context.Context, who actor.Actor, n id.ID, cmd UndoCmd) error {
	err := s.log.Write(ctx, who, "register.undo", func(tx *audit.Tx) error {
		v, err := s.versionByID(ctx, tx, n)
		if err != nil {
			return err
		}
		if err := s.canRegister(who, "register.undo", v.Kind, v.Unit); err != nil {
			return err
		}
		var f fault.Fields
		f.Need("reason", cmd.Reason)
		f.Max("reason", cmd.Reason, maxReason)
		if err := f.Err(); err != nil {
			return err
		}
		now, err := currentOf(ctx, tx, v.Kind, v.Source, v.Unit)
		if err != nil {
			return err
		}
		if v.State != Loaded || now.ID != v.ID {
			return fault.State("register.error.not_newest")
		}
		if cmd.Rev != 0 && cmd.Rev != v.Rev {
			return fault.Conflict("register")
		}
		tx.Note("reason", cmd.Reason)
		return undoVersion(ctx, tx, v, cmd.Reason)
	})
	if err == nil {
		s.forget()
	}
	return err
}

// Versions lists the versions that an actor may see, newest first.
func (s *Service) Versions(ctx context.Context, who actor.Actor, kind string) (out []Version, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		out, err = s.visibleVersions(ctx, q, who, kind)
		return err
	})
	return out, err
}

// Version gives one version with its delta report.
func (s *Service) Version(ctx context.Context, who actor.Actor, n id.ID) (v Version, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if v, err = s.versionByID(ctx, q, n); err != nil {
			return err
		}
		return s.canRegister(who, "register.read", v.Kind, v.Unit)
	})
	return v, err
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
