package lookback

import (
	"context"
	"slices"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// Result is what a look-back found, as far as the reader may count it.
type Result struct {
	Lookback  Lookback             `json:"lookback"`
	Estimate  Estimate             `json:"estimate"`
	Units     []Line               `json:"units"`
	Reviewers []Line               `json:"reviewers,omitempty"` // for readers on the dispatching side
	Total     Line                 `json:"total"`
	Cross     []Crossing           `json:"cross"`
	Found     []inspection.Finding `json:"found"`
	Half      map[string]HalfLife  `json:"half"`    // by unit, of every look-back that the reader sees
	Tested    int                  `json:"tested"`  // claims that were put to the test
	Refuted   int                  `json:"refuted"` // of these: untrue
	Full      bool                 `json:"full"`    // small cells are shown
}

// rowOf counts a verdict only while it is in force.
func rowOf(x Sample) Row {
	r := Row{Unit: x.Unit, Closer: x.Closer, Part: x.Part, Claimed: x.Claimed}
	if Known(x.State) {
		r.Verdict = x.Verdict
	}
	return r
}

// Result computes the result page from the rows that the reader may see, and
// from no other: the totals are sums of the lines.
func (s *Service) Result(ctx context.Context, who actor.Actor, n id.ID) (out Result, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		l, err := s.load(ctx, q, who, n, "lookback.result")
		if err != nil {
			return err
		}
		out = Result{Lookback: l}
		samples, err := visibleSamples(ctx, q, s.policy, who, "sample.read", sampleAccess, sampleFilter{Lookback: l.ID}, "", 0)
		if err != nil {
			return err
		}
		rows := make([]Row, len(samples))
		for i, x := range samples {
			rows[i] = rowOf(x)
		}
		byUnit, err := closedBy(ctx, q, s.policy, who, l.ID, "unit_id")
		if err != nil {
			return err
		}
		byCloser, err := closedBy(ctx, q, s.policy, who, l.ID, "closer_id")
		if err != nil {
			return err
		}
		out.Units = Lines(rows, byUnit, func(r Row) id.ID { return r.Unit })
		out.Total, out.Cross = Sum(out.Units), Cross(rows)
		out.Estimate = EstimateOf(rows, out.Total.Closed)
		out.Full = s.dispatches(who, l, actor.Office)
		if out.Full || s.dispatches(who, l, actor.Leader) {
			out.Reviewers = Lines(rows, byCloser, func(r Row) id.ID { return r.Closer })
		}
		if !out.Full {
			out.Units, out.Reviewers = Suppress(out.Units), Suppress(out.Reviewers)
		}
		all, err := followed(ctx, q, s.policy, who, sampleFilter{})
		if err != nil {
			return err
		}
		out.Half = HalfLives(all, func(f Followed) string { return string(f.Unit) })
		var ids []id.ID
		for _, x := range samples {
			ids = append(ids, x.ID)
		}
		tests, err := latestTests(ctx, q, ids)
		if err != nil {
			return err
		}
		out.Tested = len(tests)
		for _, t := range tests {
			if t.Result == TestUntrue {
				out.Refuted++
			}
		}
		out.Found, err = s.found(ctx, q, who, l.Round)
		return err
	})
	return out, err
}

// dispatches tells whether the reader holds a role over the unit that made the
// look-back, which is what the office's view depends on.
func (s *Service) dispatches(who actor.Actor, l Lookback, r actor.Role) bool {
	place := s.Units.Place(l.By)
	return who.Has(actor.System) || slices.ContainsFunc(who.Grants, func(g actor.Grant) bool {
		return g.Role == r && g.Path != "" && len(place.Path) >= len(g.Path) && place.Path[:len(g.Path)] == g.Path
	})
}

// found are the new findings of the round that the reader may see.
func (s *Service) found(ctx context.Context, q db.Q, who actor.Actor, round id.ID) ([]inspection.Finding, error) {
	all, err := s.Found(ctx, q, round)
	if err != nil {
		return nil, err
	}
	out := []inspection.Finding{}
	for _, f := range all {
		concerns, err := access.Concerns(ctx, q, f.ID)
		if err != nil {
			return nil, err
		}
		o := access.Object{Kind: "finding", ID: f.ID, State: f.State, Units: []access.Place{s.Units.Place(f.Unit), s.Units.Place(f.Responsible)},
			By: s.Units.Place(f.By), Team: f.Team, Owners: []id.ID{f.Author}, Concerns: concerns}
		if s.policy.Can(who, "finding.read", o) == nil {
			out = append(out, f)
		}
	}
	return out, nil
}

// LensView is what the five working pages stand on.
type LensView struct {
	Lookback Lookback             `json:"lookback"`
	Lens     int                  `json:"lens"`
	Samples  []Sample             `json:"samples"` // that belong to the lens
	Notes    []Note               `json:"notes"`   // of the lens, oldest first
	Cover    []Coverage           `json:"cover"`
	Found    []inspection.Finding `json:"found"`
	Counts   map[int]int          `json:"counts"` // items of each lens
	CanNote  bool                 `json:"can_note"`
}

// Lens gathers one of the five working pages.
func (s *Service) Lens(ctx context.Context, who actor.Actor, n id.ID, lens int) (v LensView, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		l, err := s.load(ctx, q, who, n, "lookback.lens")
		if err != nil {
			return err
		}
		v = LensView{Lookback: l, Lens: lens, Counts: map[int]int{}, CanNote: s.canNote(ctx, q, who, l)}
		all, err := visibleSamples(ctx, q, s.policy, who, "sample.read", sampleAccess, sampleFilter{Lookback: l.ID}, "", 0)
		if err != nil {
			return err
		}
		for _, x := range all {
			for _, k := range Lenses() {
				if Belongs(k, x) {
					v.Counts[k]++
				}
			}
			if Belongs(lens, x) {
				v.Samples = append(v.Samples, x)
			}
		}
		v.Cover = Cover(all)
		notes, err := notesOf(ctx, q, l.ID)
		if err != nil {
			return err
		}
		for _, x := range notes {
			if x.Lens == lens {
				v.Notes = append(v.Notes, x)
			}
		}
		if lens == LensNew {
			v.Found, err = s.found(ctx, q, who, l.Round)
		}
		return err
	})
	return v, err
}

func (s *Service) canNote(ctx context.Context, q db.Q, who actor.Actor, l Lookback) bool {
	o, err := s.object(ctx, q, who, l)
	return err == nil && l.State == Sampled && s.policy.Can(who, "lookback.note", o) == nil
}

// AddNote notes a remark under a lens.
func (s *Service) AddNote(ctx context.Context, who actor.Actor, n id.ID, cmd NoteCmd) error {
	var bad fault.Fields
	cmd.Check(&bad)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.log.Write(ctx, who, "lookback.note", func(tx *audit.Tx) error {
		l, err := s.load(ctx, tx, who, n, "lookback.note")
		if err != nil {
			return err
		}
		if l.State != Sampled {
			return fault.State("error.state", "lookback.note", "lookback.state."+l.State)
		}
		if cmd.Names != "" {
			notes, err := notesOf(ctx, tx, l.ID)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(notes, func(x Note) bool { return x.ID == cmd.Names && x.Lens == cmd.Lens && x.Point == cmd.Point }) {
				var bad fault.Fields
				bad.Add("names", "sample.bad.names")
				return bad.Err()
			}
		}
		return insertNote(ctx, tx, l.ID, Note{ID: id.New(), Lens: cmd.Lens, Point: cmd.Point, Answer: cmd.Answer, Text: cmd.Text, Person: who.Person, Names: cmd.Names})
	})
}

// maxTodo bounds what one kind of duty puts on the first page.
const maxTodo = 30

// Todo lists what waits for the actor, each by the rule that lets him do it.
func (s *Service) Todo(ctx context.Context, who actor.Actor) ([]web.Todo, error) {
	var out []web.Todo
	err := s.log.DB().Read(ctx, func(q db.Q) error {
		for _, d := range []struct {
			action string
			cols   access.Columns
			f      sampleFilter
		}{
			{"sample.judge", sampleAccess, sampleFilter{State: Open}},
			{"sample.confirm", sampleAccess, sampleFilter{State: Judged}},
			{"sample.review", sampleAccess, sampleFilter{State: Objected}},
			{"sample.assign", sampleAccess, sampleFilter{State: Open, Unassigned: true}},
			{"reopening.reopen", reopeningAccess, sampleFilter{Reopening: Proposed}},
		} {
			list, err := visibleSamples(ctx, q, s.policy, who, d.action, d.cols, d.f, "", maxTodo)
			if err != nil {
				return err
			}
			for _, x := range list {
				ok, err := s.waits(ctx, q, who, d.action, x)
				if err != nil {
					return err
				}
				if ok {
					out = append(out, web.Todo{Kind: "todo." + d.action, Title: x.No + " " + x.Title, Unit: s.Units.Short(x.Unit), Href: "/lookback/items/" + string(x.ID),
						Verb: "todo.verb." + d.action, At: x.Changed})
				}
			}
		}
		if !s.policy.Ever(who, "consequence.carry_out") || who.Has(actor.System) {
			return nil
		}
		then, err := consequencesFor(ctx, q, s.policy, who)
		if err != nil {
			return err
		}
		seen := map[id.ID]bool{}
		for _, c := range then {
			if seen[c.Sample] {
				continue
			}
			seen[c.Sample] = true
			x, err := SampleByID(ctx, q, c.Sample)
			if err != nil {
				return err
			}
			if err := s.free(ctx, q, x.Item, who.Person); err != nil {
				if only(err) != nil {
					return err
				}
				continue
			}
			out = append(out, web.Todo{Kind: "todo.consequence", Title: x.No + " " + x.Title, Unit: s.Units.Short(x.Unit), Href: "/lookback/items/" + string(x.ID), Verb: "consequence.do.carry_out", At: c.At})
		}
		return nil
	})
	return out, err
}

var reopeningAccess = access.Columns{State: "s.reopening", By: "s.by_id", Team: "s.team_id", Units: []string{"s.unit_id"}, Concern: sampleAccess.Concern}

// waits leaves out what a guard would refuse to this person.
func (s *Service) waits(ctx context.Context, q db.Q, who actor.Actor, action string, x Sample) (bool, error) {
	if action != "sample.assign" {
		if err := s.free(ctx, q, x.Item, who.Person); err != nil {
			return false, only(err)
		}
	}
	switch action {
	case "reopening.reopen":
		return Known(x.State) && x.State != Objected, nil
	case "sample.confirm", "sample.review":
		entries, err := entriesOf(ctx, q, x.ID)
		if err != nil {
			return false, err
		}
		if action == "sample.review" {
			return MayReview(who, entries) == nil, nil
		}
		last, _ := Last(entries)
		seats, err := inspection.Teams(ctx, q, last.Person, s.today())
		if err != nil {
			return false, err
		}
		leads := slices.ContainsFunc(seats, func(m actor.Membership) bool { return m.Team == x.Team && m.Role == actor.TeamLeader })
		return MayConfirm(who, x, last, leads) == nil, nil
	}
	return true, nil
}

// only lets a refusal mean "no" and passes every other error on.
func only(err error) error {
	if fault.Is(err, fault.KindForbidden) {
		return nil
	}
	return err
}

// Steps lists what the actor may do with a sampled item now: the buttons of its page.
func (s *Service) Steps(ctx context.Context, q db.Q, who actor.Actor, x Sample) ([]string, error) {
	l, err := ByID(ctx, q, x.Lookback)
	if err != nil || l.State != Sampled {
		return nil, err
	}
	o := s.sampleObject(x)
	var out []string
	add := func(action string, o access.Object) error {
		if s.policy.Can(who, action, o) != nil || slices.Contains(out, action) {
			return nil
		}
		if action == "sample.object" {
			out = append(out, action)
			return nil
		}
		ok, err := s.waits(ctx, q, who, action, x)
		if ok {
			out = append(out, action)
		}
		return err
	}
	var steps []flow.Step
	steps = append(steps, SampleFlow.From(x.State)...)
	for _, st := range steps {
		if err := add("sample."+st.Do, o); err != nil {
			return nil, err
		}
	}
	for _, action := range []string{"sample.assign", "sample.evidence"} {
		if err := add(action, o); err != nil {
			return nil, err
		}
	}
	if x.Reopening == Proposed && x.State != Objected && Known(x.State) {
		for _, st := range ReopeningFlow.From(x.Reopening) {
			if err := add("reopening."+st.Do, s.reopening(x)); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
