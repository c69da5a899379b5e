package rectification

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/document"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/vault"
)

// EvidenceCmd goes with the files of one upload.
type EvidenceCmd struct {
	Note     string     `json:"note"`
	Dated    clock.Date `json:"dated"`
	Measure  id.ID      `json:"measure"`
	Replaces id.ID      `json:"replaces"`
}

// FileIn is one file handed in; a negative size is unknown.
type FileIn struct {
	Name string
	Size int64
	R    io.Reader
}

// HandIn keeps files as evidence of an item: all of them or none. A refusal
// names the file.
func (s *Service) HandIn(ctx context.Context, who actor.Actor, item id.ID, c EvidenceCmd, files []FileIn) ([]Evidence, error) {
	// Nobody fills the store who may not hand in: judged before the files are
	// taken, and again in the transaction.
	err := s.log.DB().Read(ctx, func(q db.Q) error {
		i, err := s.load(ctx, q, who, item, "item.evidence")
		if err != nil {
			return err
		}
		if !Working(i.State) {
			return fault.State("error.state", "item.evidence", "item.state."+i.State)
		}
		return s.checkEvidence(ctx, q, i, c, len(files))
	})
	if err != nil {
		s.log.Refused(ctx, who, "item.evidence", err)
		return nil, err
	}
	stored, prints := make([]vault.Stored, len(files)), make([][]Print, len(files))
	for n, f := range files {
		if stored[n], err = s.Files.Put(ctx, f.Name, f.R, f.Size); err != nil {
			return nil, err
		}
		if prints[n], err = s.printsOfFile(stored[n]); err != nil {
			return nil, err
		}
	}
	var out []Evidence
	err = s.work(ctx, who, item, "item.evidence", working, func(tx *audit.Tx, i Item) error {
		if err := s.checkEvidence(ctx, tx, i, c, len(files)); err != nil {
			return err
		}
		revision, err := s.revision(ctx, tx, i, c.Replaces)
		if err != nil {
			return err
		}
		out = nil
		for n, f := range stored {
			e := Evidence{ID: id.New(), Item: i.ID, Measure: c.Measure, Hash: f.Hash, Name: f.Name, Kind: f.Kind, Mime: f.Mime, Size: f.Size,
				Note: c.Note, Dated: c.Dated, By: who.Person, At: tx.At, Replaces: c.Replaces, Revision: revision}
			if err := insertEvidence(ctx, tx, e); err != nil {
				return err
			}
			if err := addPrints(ctx, tx, e, prints[n]); err != nil {
				return err
			}
			out = append(out, e)
		}
		return event(ctx, tx, i.ID, who, SideUnit, "evidence", i.State, i.State, stored[0].Name)
	})
	return out, err
}

func (s *Service) checkEvidence(ctx context.Context, q db.Q, i Item, c EvidenceCmd, files int) error {
	var bad fault.Fields
	bad.Max("note", c.Note, maxReason)
	if c.Dated.After(s.today()) {
		bad.Add("dated", "item.bad.future")
	}
	switch {
	case files == 0:
		bad.Add("files", "item.bad.no_file")
	case files > maxFiles:
		bad.Add("files", "error.files_many", files, maxFiles)
	case files > 1 && c.Replaces != "":
		bad.Add("files", "item.bad.one_revision")
	}
	if c.Measure != "" {
		served, err := itemsServed(ctx, q, c.Measure)
		if err != nil {
			return err
		}
		if !slices.Contains(served, i.ID) {
			return fault.NotFound("measure")
		}
	}
	if c.Replaces != "" {
		if _, err := s.revision(ctx, q, i, c.Replaces); err != nil {
			return err
		}
	}
	return bad.Err()
}

// revision is the number of a new revision. What it replaces must be in force
// and belong to the same item: a file of another item is not there.
func (s *Service) revision(ctx context.Context, q db.Q, i Item, replaces id.ID) (int, error) {
	if replaces == "" {
		return 1, nil
	}
	all, err := EvidenceOf(ctx, q, i.ID)
	if err != nil {
		return 0, err
	}
	n := slices.IndexFunc(all, func(e Evidence) bool { return e.ID == replaces })
	if n < 0 {
		return 0, fault.NotFound("evidence")
	}
	if !slices.ContainsFunc(InForce(all), func(e Evidence) bool { return e.ID == replaces }) {
		return 0, fault.Conflict("evidence")
	}
	return all[n].Revision + 1, nil
}

// readAgain is the time within which a second look is the same opening: a
// preview page and the picture in it are one.
const readAgain = 10 * time.Minute

// Evidence opens a piece of evidence: access to the owning item is judged anew
// each time, and the reading becomes an entry of the log.
func (s *Service) Evidence(ctx context.Context, who actor.Actor, evidence id.ID) (Evidence, Item, error) {
	var e Evidence
	var i Item
	again := false
	err := s.log.DB().Read(ctx, func(q db.Q) (err error) {
		if e, err = evidenceByID(ctx, q, evidence); err != nil {
			return err
		}
		if i, err = s.load(ctx, q, who, e.Item, ""); err != nil {
			return hideItem(err)
		}
		since := clock.Instant(s.Clock.Now().Add(-readAgain))
		if app, err := pending(ctx, q, i.ID); err == nil && app.At > since {
			since = app.At
		} else if err != nil && !fault.Is(err, fault.KindNotFound) {
			return err
		}
		read, err := readSince(ctx, q, i.ID, who.Person, since)
		again = read[e.ID]
		return err
	})
	if err != nil || again {
		return e, i, err
	}
	return e, i, s.log.Write(ctx, who, "evidence.read", func(tx *audit.Tx) error {
		tx.Note("evidence", e.ID)
		tx.Note("hash", e.Hash)
		return insertReading(ctx, tx, e, who.Person)
	})
}

// hideItem makes evidence of a hidden item answer like evidence that is absent.
func hideItem(err error) error {
	f, ok := fault.Of(err)
	if !ok || f.Kind != fault.KindNotFound {
		return err
	}
	return fault.Denied("evidence", f.Denied)
}

// content is what a preview shows of a file that the browser does not show itself.
type content struct {
	Text string
	Rows [][]string
	Cut  bool // there is more than is shown
	Fail error
}

// extract reads a text or the head of a table out of a stored file. A file that
// cannot be read is still a file: the reason is shown in place of the text.
func (s *Service) extract(e Evidence) (content, error) {
	f, err := s.Files.File(e.Hash)
	if err != nil {
		return content{}, err
	}
	c := previewOf(e, f)
	return c, f.Close()
}

func previewOf(e Evidence, f *vault.File) content {
	switch document.Kind(e.Kind) {
	case document.KindXlsx, document.KindXls, document.KindCSV:
		g, err := sheet.Read(e.Name, f, e.Size, sheet.Options{})
		if err != nil {
			return content{Fail: err}
		}
		c := content{Cut: len(g.Rows) > previewRows}
		for _, r := range g.Rows[:min(len(g.Rows), previewRows)] {
			c.Rows = append(c.Rows, r.Cells)
		}
		return c
	}
	t, err := document.Read(e.Name, f, e.Size)
	if err != nil {
		return content{Fail: err}
	}
	text := []rune(strings.Join(t.Paragraphs, "\n"))
	if len(text) > previewText {
		return content{Text: string(text[:previewText]), Cut: true}
	}
	return content{Text: string(text)}
}

// Check is one finding of the machine on an application; Class is a chip class.
type Check struct {
	Class string `json:"class"`
	Key   string `json:"key"`
	Args  []any  `json:"args,omitempty"`
}

// Checks look at an application as a reviewer's helper would; they warn and
// never decide. Files and pictures of other items are the twin alarm's, see Twins.
func Checks(i Item, measures []Measure, progress []Progress, evidence []Evidence) []Check {
	out := []Check{}
	warn := func(key string, args ...any) { out = append(out, Check{Class: "wait", Key: key, Args: args}) }
	files := InForce(evidence)
	if n := len(files); n > 0 {
		out = append(out, Check{Class: "ok", Key: "item.check.files", Args: []any{n}})
	} else {
		out = append(out, Check{Class: "late", Key: "item.check.no_files"})
	}
	for _, e := range files {
		if e.Dated.Before(i.FedBack) {
			warn("item.check.early", e.Name, string(e.Dated), string(i.FedBack))
		}
	}
	seen := map[string]string{}
	for _, e := range files {
		if first, ok := seen[e.Hash]; ok {
			warn("item.check.double", e.Name, first)
		}
		seen[e.Hash] = e.Name
	}
	told := map[id.ID]bool{}
	for _, p := range progress {
		told[p.Measure] = true
	}
	kinds := map[string]int{}
	for n, m := range measures {
		kinds[m.Kind]++
		if !told[m.ID] {
			warn("item.check.silent", n+1)
		}
		if m.State != MeasureDone {
			warn("item.check.undone", n+1)
		}
	}
	if kinds[System] == 0 {
		warn("item.check.no_system")
	}
	if kinds[Source] == 0 {
		warn("item.check.no_source")
	}
	return out
}
