package directive

import (
	"context"
	"embed"
	"fmt"
	"io"
	"strings"

	"huikan/hantext"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/document"
	"huikan/internal/platform/vault"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"directive", "directive_sentence", "directive_requirement", "directive_task", "directive_source", "directive_entry",
	"directive_issue", "directive_extension", "directive_cosign", "directive_reminder", "directive_answer", "directive_account",
	"directive_dispatch", "directive_dispatch_part"}

// Deps is what the room stands on.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
	Dir    *org.Directory
	Files  *vault.Store
	// Find gives the units that a text means: id, code, name, or hits of a search.
	Find func(text string) []id.ID
	// Names gives the names of persons (person.Names).
	Names func(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error)
	// Heads gives who headed units on a day (person.HeadsAt).
	Heads func(ctx context.Context, q db.Q, on clock.Date, units []id.ID) (map[id.ID]id.ID, error)
	// Circular drafts a circular of statistics in the room of circulars; nil where there is none.
	Circular func(ctx context.Context, who actor.Actor, title, source, body string) (id.ID, error)
}

// Service has one method per action of the room.
type Service struct{ Deps }

// New makes the service. What is not given is taken from the rooms below.
func New(d Deps) *Service {
	s := &Service{Deps: d}
	if s.Find == nil {
		s.Find = s.resolve
	}
	if s.Names == nil {
		s.Names = person.Names
	}
	if s.Heads == nil {
		s.Heads = person.HeadsAt
	}
	return s
}

// resolve finds the unit that a text means: by id, code or name, or as the only
// hit of a search.
func (s *Service) resolve(text string) []id.ID {
	if u, ok := s.Dir.Resolve(text); ok {
		return []id.ID{u.ID}
	}
	var out []id.ID
	for _, u := range s.Dir.Find(text, 20) {
		out = append(out, u.ID)
	}
	return out
}

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

// Result tells what an import did, or would do.
type Result struct {
	Directive Directive `json:"directive"`
	Draft     Draft     `json:"draft"`
}

// Read reads and takes apart a file; nothing is kept.
func (s *Service) Read(name string, r io.ReaderAt, size int64) (hantext.Article, Draft, error) {
	a, err := document.Article(name, r, size)
	if err != nil {
		return a, Draft{}, err
	}
	a, _ = Unwrap(a)
	d, err := usable(a)
	return a, d, err
}

// usable refuses a text from which no directive can be made.
func usable(a hantext.Article) (Draft, error) {
	if len(a.Body) == 0 {
		return Draft{}, fault.Invalid("directive.bad.empty")
	}
	d := Extract(a)
	n := 0
	for _, t := range d.Themes {
		n += len(t.Requirements)
	}
	if n > maxReqs {
		return d, fault.Limit("directive.bad.many", n, maxReqs)
	}
	return d, nil
}

// Import keeps a meeting report with what it asks for as a draft of the actor's unit.
func (s *Service) Import(ctx context.Context, who actor.Actor, a hantext.Article, dryRun bool) (Result, error) {
	a, cut := Unwrap(a)
	draft, err := usable(a)
	if err != nil {
		return Result{}, err
	}
	if cut {
		draft.Warnings = append(draft.Warnings, "unwrapped")
	}
	title := strings.TrimSpace(a.Title)
	if title == "" {
		title = clip(a.Body[0], maxTitle)
	}
	unit := who.Unit
	if unit == "" {
		unit = s.Dir.Root().ID
	}
	published, err := clock.ParseDate(a.Published)
	if err != nil {
		published = "" // the copy does not say; it is shown as unknown
	}
	d := Directive{ID: id.New(), Title: clip(title, maxTitle), Source: a.Source, Editor: a.Editor, Published: published, Unit: unit, State: Flow.Start,
		Body: a.Body, Warnings: draft.Warnings, Author: who.Person, Rev: 1}
	if dryRun {
		return Result{d, draft}, nil
	}
	err = s.Log.Write(ctx, who, "directive.create", func(tx *audit.Tx) error {
		if err := s.Policy.Can(who, "directive.create", d.object(s.Dir.Place)); err != nil {
			return err
		}
		d.MadeAt = tx.At
		if err := insertDirective(ctx, tx, d); err != nil {
			return err
		}
		if err := insertSentences(ctx, tx, d.ID, draft.Sentences); err != nil {
			return err
		}
		var reqs []Requirement
		for _, t := range draft.Themes {
			for _, x := range t.Requirements {
				reqs = append(reqs, Requirement{ID: id.New(), Directive: d.ID, No: len(reqs) + 1, Theme: clip(t.Title, maxTitle), Text: clip(x.Text, maxText), Quote: x.Quote, Paragraph: x.Paragraph, State: ReqOpen})
			}
		}
		return insertRequirements(ctx, tx, reqs)
	})
	return Result{d, draft}, err
}

func clip(s string, n int) string {
	r := []rune(strings.TrimSpace(s))
	return string(r[:min(n, len(r))])
}

// load reads a directive and judges an action on it; read first, so that a
// hidden one answers like an absent one whatever the action.
func (s *Service) load(ctx context.Context, q db.Q, who actor.Actor, n id.ID, do string) (Directive, error) {
	d, err := directiveByID(ctx, q, n)
	if err != nil {
		return d, err
	}
	return d, s.judge(ctx, q, who, Flow, d.object(s.Dir.Place), d.ID, do)
}

// judge judges an action on a record of a workflow. about is the record whose
// concerns count: a countersignature concerns whom its task concerns.
func (s *Service) judge(ctx context.Context, q db.Q, who actor.Actor, f flow.Table, o access.Object, about id.ID, do string) error {
	var err error
	if o.Concerns, err = access.Concerns(ctx, q, about); err != nil {
		return err
	}
	if err := s.Policy.Can(who, f.Name+".read", o); err != nil || do == "read" {
		return err
	}
	if _, err := f.Next(o.State, do); err != nil {
		return err
	}
	return s.Policy.Can(who, f.Name+"."+do, o)
}

// View is a directive with all that belongs to it.
type View struct {
	Directive    Directive         `json:"directive"`
	Requirements []Requirement     `json:"requirements"`
	Sentences    []Sentence        `json:"sentences"`
	Tasks        []Task            `json:"tasks"`
	Sources      map[id.ID][]id.ID `json:"sources"` // task → requirements
}

// Get reads a directive whole. Of its tasks the reader gets those he may read.
func (s *Service) Get(ctx context.Context, who actor.Actor, n id.ID) (v View, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if v.Directive, err = s.load(ctx, q, who, n, "read"); err != nil {
			return err
		}
		if v.Requirements, err = requirementsOf(ctx, q, n); err != nil {
			return err
		}
		if v.Sentences, err = sentencesIn(ctx, q, n); err != nil {
			return err
		}
		if v.Sources, err = sourcesOf(ctx, q, n); err != nil {
			return err
		}
		all, err := tasksOf(ctx, q, n)
		for _, t := range all {
			if s.Policy.Can(who, "task.read", t.object(s.Dir.Place)) == nil {
				v.Tasks = append(v.Tasks, t)
			}
		}
		return err
	})
	return v, err
}

// Listing is one page of directives with the state of their tasks.
type Listing struct {
	Rows  []Directive
	Tasks map[id.ID]map[string]int
	Next  page.Next
}

// List gives a page of the directives that the actor may read.
func (s *Service) List(ctx context.Context, who actor.Actor, p page.Query) (l Listing, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		var args []any
		filter := s.Policy.Filter(who, "directive.read", directives, &args)
		if l.Rows, l.Next, err = listDirectives(ctx, q, filter, args, p); err != nil {
			return err
		}
		var ids []id.ID
		for _, d := range l.Rows {
			ids = append(ids, d.ID)
		}
		l.Tasks, err = countTasks(ctx, q, ids)
		return err
	})
	return l, err
}

// step runs an action of the workflow on a directive.
func (s *Service) step(ctx context.Context, who actor.Actor, n id.ID, do string, rev int64, fn func(tx *audit.Tx, d Directive) error) error {
	return s.Log.Write(ctx, who, "directive."+do, func(tx *audit.Tx) error {
		d, err := s.load(ctx, tx, who, n, do)
		if err != nil {
			return err
		}
		if rev != 0 && rev != d.Rev {
			return fault.Conflict("directive")
		}
		return fn(tx, d)
	})
}

// Confirm ends the draft: from now on it can be assigned.
func (s *Service) Confirm(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.step(ctx, who, n, "confirm", rev, func(tx *audit.Tx, d Directive) error {
		reqs, err := requirementsOf(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		open := 0
		for _, r := range reqs {
			if r.State == ReqOpen {
				open++
			}
		}
		if open == 0 {
			return fault.State("directive.bad.nothing")
		}
		return setState(ctx, tx, d, StateConfirmed)
	})
}

// Reopen takes a confirmed directive, of which nothing was issued, back to draft.
func (s *Service) Reopen(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.step(ctx, who, n, "reopen", rev, func(tx *audit.Tx, d Directive) error { return setState(ctx, tx, d, StateDraft) })
}

// RequirementCmd is the content of a new or changed requirement.
type RequirementCmd struct {
	Theme     string `json:"theme"`
	Text      string `json:"text"`
	Quote     string `json:"quote"`
	Paragraph int    `json:"paragraph"`
	Rev       int64  `json:"rev"`
}

// AddRequirement adds one from a sentence that the extraction did not take.
func (s *Service) AddRequirement(ctx context.Context, who actor.Actor, n id.ID, c RequirementCmd) (r Requirement, err error) {
	err = s.step(ctx, who, n, "edit", 0, func(tx *audit.Tx, d Directive) error {
		reqs, err := requirementsOf(ctx, tx, n)
		if err != nil {
			return err
		}
		no := 1
		for _, x := range reqs {
			no = max(no, x.No+1)
		}
		r = Requirement{ID: id.New(), Directive: n, No: no, Theme: c.Theme, Text: c.Text, Quote: c.Quote, Paragraph: c.Paragraph, State: ReqOpen}
		if r.Text == "" {
			r.Text = r.Quote
		}
		var bad fault.Fields
		r.Check(&bad, d.Body)
		if err := bad.Err(); err != nil {
			return err
		}
		return insertRequirements(ctx, tx, []Requirement{r})
	})
	return r, err
}

// requirement reads a requirement of a directive that may be edited.
func (s *Service) requirement(ctx context.Context, who actor.Actor, n id.ID, rev int64, fn func(tx *audit.Tx, d Directive, r Requirement) error) error {
	return s.Log.Write(ctx, who, "directive.edit", func(tx *audit.Tx) error {
		r, err := requirementByID(ctx, tx, n)
		if err != nil {
			return err
		}
		d, err := s.load(ctx, tx, who, r.Directive, "edit")
		if err != nil {
			return err
		}
		if rev != 0 && rev != r.Rev {
			return fault.Conflict("requirement")
		}
		tx.Note("before", r)
		return fn(tx, d, r)
	})
}

// EditRequirement rewords a requirement; its quote still has to stand in the report.
func (s *Service) EditRequirement(ctx context.Context, who actor.Actor, n id.ID, c RequirementCmd) error {
	return s.requirement(ctx, who, n, c.Rev, func(tx *audit.Tx, d Directive, r Requirement) error {
		r.Theme, r.Text = c.Theme, c.Text
		if c.Quote != "" {
			r.Quote, r.Paragraph = c.Quote, c.Paragraph
		}
		var bad fault.Fields
		r.Check(&bad, d.Body)
		if err := bad.Err(); err != nil {
			return err
		}
		return updateRequirement(ctx, tx, r)
	})
}

// Drop sets a requirement aside with a reason; it stays visible. Restore takes it back.
func (s *Service) Drop(ctx context.Context, who actor.Actor, n id.ID, reason string, rev int64) error {
	var bad fault.Fields
	bad.Need("reason", reason)
	bad.Max("reason", reason, maxReason)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.requirement(ctx, who, n, rev, func(tx *audit.Tx, _ Directive, r Requirement) error {
		r.State, r.Reason = ReqDropped, reason
		return updateRequirement(ctx, tx, r)
	})
}

// Restore takes a dropped requirement back.
func (s *Service) Restore(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.requirement(ctx, who, n, rev, func(tx *audit.Tx, _ Directive, r Requirement) error {
		r.State, r.Reason = ReqOpen, ""
		return updateRequirement(ctx, tx, r)
	})
}

// Split divides a requirement into several; parts are pieces of its quote.
func (s *Service) Split(ctx context.Context, who actor.Actor, n id.ID, parts []string, rev int64) error {
	return s.requirement(ctx, who, n, rev, func(tx *audit.Tx, d Directive, r Requirement) error {
		var bad fault.Fields
		var clean []string
		for _, p := range parts {
			if p = strings.TrimSpace(p); p != "" {
				clean = append(clean, p)
			}
		}
		if len(clean) < 2 {
			bad.Add("parts", "requirement.bad.split")
		}
		var fresh []Requirement
		for _, p := range clean[min(1, len(clean)):] {
			x := Requirement{ID: id.New(), Directive: r.Directive, No: r.No, Theme: r.Theme, Text: p, Quote: p, Paragraph: r.Paragraph, State: ReqOpen}
			x.Check(&bad, d.Body)
			fresh = append(fresh, x)
		}
		if len(clean) > 0 {
			r.Text, r.Quote = clean[0], clean[0]
			r.Check(&bad, d.Body)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if err := updateRequirement(ctx, tx, r); err != nil {
			return err
		}
		return insertRequirements(ctx, tx, fresh)
	})
}

// Merge lets one requirement stand for another of the same directive, which is
// dropped with a note of where it went.
func (s *Service) Merge(ctx context.Context, who actor.Actor, n, into id.ID, rev int64) error {
	return s.requirement(ctx, who, n, rev, func(tx *audit.Tx, _ Directive, r Requirement) error {
		other, err := requirementByID(ctx, tx, into)
		if err != nil {
			return err
		}
		if other.Directive != r.Directive || other.ID == r.ID || other.State != ReqOpen {
			return fault.Invalid("requirement.bad.merge")
		}
		other.Text = clip(other.Text+"；"+r.Text, maxText)
		if err := updateRequirement(ctx, tx, other); err != nil {
			return err
		}
		r.State, r.Reason = ReqDropped, fmt.Sprintf("→ %d", other.No)
		return updateRequirement(ctx, tx, r)
	})
}
