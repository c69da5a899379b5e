package duty

import (
	"context"
	"fmt"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// load reads an assessment that the actor may read and judges an action.
func (s *Service) load(ctx context.Context, q db.Q, who actor.Actor, n id.ID, do string) (Assessment, error) {
	a, err := assessmentByID(ctx, q, n)
	if err != nil {
		return a, err
	}
	o := a.object(s.Dir.Place)
	if o.Concerns, err = access.Concerns(ctx, q, n); err != nil {
		return a, err
	}
	if err := s.Policy.Can(who, "assessment.read", o); err != nil || do == "read" {
		return a, err
	}
	if err := s.Policy.Can(who, "assessment."+do, o); err != nil {
		if _, e := Flow.Next(a.State, do); e != nil && s.Policy.Ever(who, "assessment."+do) {
			return a, e
		}
		return a, err
	}
	return a, nil
}

// DrawCmd asks for the assessment of units for a period.
type DrawCmd struct {
	To    string     `json:"to"`
	Units string     `json:"units"`
	From  clock.Date `json:"from"`
	Until clock.Date `json:"until"`
}

// Draw computes the assessments of units by a scheme in force. A unit that has
// one for the period already is left out; how many were made is told.
func (s *Service) Draw(ctx context.Context, who actor.Actor, scheme id.ID, c DrawCmd) (made int, err error) {
	var bad fault.Fields
	bad.Need("from", string(c.From))
	bad.Need("until", string(c.Until))
	if c.Until != "" && c.Until < c.From {
		bad.Add("until", "error.end_before_start")
	}
	if c.Until > s.today() {
		bad.Add("until", "duty.bad.future")
	}
	err = s.Log.Write(ctx, who, "assessment.create", func(tx *audit.Tx) error {
		made = 0
		x, err := s.loadScheme(ctx, tx, who, scheme, "read")
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "assessment.create", access.Object{Kind: "assessment", By: s.Dir.Place(x.Unit)}); err != nil {
			return err
		}
		if x.State != SchemeInForce {
			return fault.State("error.state", "assessment.create", "scheme.state."+x.State)
		}
		bad := append(fault.Fields{}, bad...)
		to, unknown, above := s.Dir.Audience(c.To, c.Units, x.Unit, s.Find)
		for _, name := range unknown {
			bad.Add("units", "duty.bad.unit", name)
		}
		for _, u := range above {
			bad.Add("units", "duty.bad.above", s.Dir.Name(u))
		}
		if len(to) == 0 && len(bad) == 0 {
			bad.Add("units", "error.required")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		there, err := assessmentsIn(ctx, tx, "a.scheme_id = $1 AND a.from_on = $2", string(x.ID), string(c.From))
		if err != nil {
			return err
		}
		has := map[id.ID]bool{}
		for _, a := range there {
			has[a.Unit] = true
		}
		for _, u := range to {
			if has[u] {
				continue
			}
			if err := s.draw(ctx, tx, who, x, u, c.From, c.Until); err != nil {
				return err
			}
			made++
		}
		if made == 0 {
			return fault.State("duty.bad.all_there")
		}
		return nil
	})
	return made, err
}

func (s *Service) draw(ctx context.Context, tx *audit.Tx, who actor.Actor, x Scheme, unit id.ID, from, until clock.Date) error {
	a := Assessment{ID: id.New(), Scheme: x.ID, Unit: unit, By: x.Unit, From: from, Until: until, State: Flow.Start, Author: who.Person}
	var scores []Score
	for _, i := range x.Indicators {
		sc, err := s.score(ctx, tx, i, a)
		if err != nil {
			return err
		}
		scores = append(scores, sc)
	}
	a.Points, a.Basis = Total(x, scores)
	if err := insertAssessment(ctx, tx, a); err != nil {
		return err
	}
	for _, sc := range scores {
		if err := insertScore(ctx, tx, sc); err != nil {
			return err
		}
	}
	return insertEntry(ctx, tx, a.ID, "draw", "", who.Person)
}

// score reads the figure of an indicator and computes its points.
func (s *Service) score(ctx context.Context, q db.Q, i Indicator, a Assessment) (Score, error) {
	f, err := s.figure(ctx, q, i, a.Unit, a.From, a.Until)
	if err != nil {
		return Score{}, fmt.Errorf("figure %s: %w", i.Fact, err)
	}
	x := Score{ID: id.New(), Assessment: a.ID, Indicator: i.ID, Good: f.Good, All: f.All, Digest: f.Digest, Refs: f.Refs}
	x.Points, x.Counted = Points(i, f.Good, f.All)
	x.Corrected = x.Points
	return x, nil
}

// step runs an action of the workflow.
func (s *Service) step(ctx context.Context, who actor.Actor, n id.ID, do, text string, rev int64, fn func(tx *audit.Tx, a *Assessment) error) error {
	return s.Log.Write(ctx, who, "assessment."+do, func(tx *audit.Tx) error {
		a, err := s.load(ctx, tx, who, n, do)
		if err != nil {
			return err
		}
		if rev != 0 && rev != a.Rev {
			return fault.Conflict("assessment")
		}
		if a.State, err = Flow.Next(a.State, do); err != nil {
			return err
		}
		if err := fn(tx, &a); err != nil {
			return err
		}
		if err := insertEntry(ctx, tx, n, do, text, who.Person); err != nil {
			return err
		}
		return updateAssessment(ctx, tx, a)
	})
}

// Recompute reads the figures of a drawn assessment anew.
func (s *Service) Recompute(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.step(ctx, who, n, "recompute", "", rev, func(tx *audit.Tx, a *Assessment) error {
		x, err := schemeByID(ctx, tx, a.Scheme)
		if err != nil {
			return err
		}
		scores, err := scoresOf(ctx, tx, n)
		if err != nil {
			return err
		}
		for k, old := range scores {
			fresh, err := s.score(ctx, tx, indicatorOf(x, old.Indicator), *a)
			if err != nil {
				return err
			}
			fresh.ID, fresh.Rev = old.ID, old.Rev
			scores[k] = fresh
			if err := updateScore(ctx, tx, fresh); err != nil {
				return err
			}
		}
		a.Points, a.Basis = Total(x, scores)
		return nil
	})
}

func indicatorOf(x Scheme, n id.ID) Indicator {
	for _, i := range x.Indicators {
		if i.ID == n {
			return i
		}
	}
	return Indicator{}
}

// Serve tells the unit. From now on it has [ObjectionDays] to object.
func (s *Service) Serve(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.step(ctx, who, n, "serve", "", rev, func(*audit.Tx, *Assessment) error { return nil })
}

// Object is the unit's objection.
func (s *Service) Object(ctx context.Context, who actor.Actor, n id.ID, reason string, rev int64) error {
	if err := need("reason", reason); err != nil {
		return err
	}
	return s.step(ctx, who, n, "object", reason, rev, func(*audit.Tx, *Assessment) error { return nil })
}

// CorrectCmd corrects the points of one indicator, in hundredths.
type CorrectCmd struct {
	Score  id.ID  `json:"score"`
	Points int    `json:"points"`
	Reason string `json:"reason"`
	Rev    int64  `json:"rev"`
}

// Correct puts other points into force for one indicator; what was computed stays.
func (s *Service) Correct(ctx context.Context, who actor.Actor, n id.ID, c CorrectCmd) error {
	if err := need("reason", c.Reason); err != nil {
		return err
	}
	return s.step(ctx, who, n, "correct", c.Reason, c.Rev, func(tx *audit.Tx, a *Assessment) error {
		x, err := schemeByID(ctx, tx, a.Scheme)
		if err != nil {
			return err
		}
		scores, err := scoresOf(ctx, tx, n)
		if err != nil {
			return err
		}
		for k := range scores {
			if scores[k].ID != c.Score {
				continue
			}
			full := indicatorOf(x, scores[k].Indicator).Weight * 100
			if c.Points < 0 || c.Points > full {
				var bad fault.Fields
				bad.Add("points", "duty.bad.points", full/100)
				return bad.Err()
			}
			if !scores[k].Counted {
				return fault.State("duty.bad.no_record")
			}
			scores[k].Corrected, scores[k].Reason = c.Points, c.Reason
			if err := updateScore(ctx, tx, scores[k]); err != nil {
				return err
			}
			a.Points, a.Basis = Total(x, scores)
			return nil
		}
		return fault.NotFound("score")
	})
}

// Decide answers an objection, with or without corrections.
func (s *Service) Decide(ctx context.Context, who actor.Actor, n id.ID, answer string, rev int64) error {
	if err := need("reason", answer); err != nil {
		return err
	}
	return s.step(ctx, who, n, "decide", answer, rev, func(*audit.Tx, *Assessment) error { return nil })
}

// Finalise ends an assessment: after an answer, or when the time to object is
// over. Not the author.
func (s *Service) Finalise(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.step(ctx, who, n, "finalise", "", rev, func(tx *audit.Tx, a *Assessment) error {
		if a.Author == who.Person {
			return fault.State("duty.bad.own")
		}
		entries, err := entriesOf(ctx, tx, n)
		if err != nil {
			return err
		}
		served, answered := clock.Date(""), false
		for _, e := range entries {
			switch e.Action {
			case "serve":
				served = dayOf(e.At)
			case "decide":
				answered = true
			}
		}
		if last := served.AddDays(ObjectionDays); !answered && s.today() <= last {
			return fault.State("duty.bad.early", string(last))
		}
		return nil
	})
}

func dayOf(at string) clock.Date {
	t, err := clock.ParseInstant(at)
	if err != nil {
		return ""
	}
	return clock.Of(t)
}

// View is an assessment with all that it follows from.
type View struct {
	Assessment Assessment       `json:"assessment"`
	Scheme     Scheme           `json:"scheme"`
	Scores     []Score          `json:"scores"`
	Now        []Line           `json:"now"` // the same figures as the facts stand today
	Entries    []Entry          `json:"entries"`
	Holders    []Holder         `json:"holders"` // on the last day of the period
	Names      map[id.ID]string `json:"-"`
	ObjectBy   clock.Date       `json:"object_by"` // last day for an objection, "" before it is served
	object     access.Object
}

// Get reads an assessment.
func (s *Service) Get(ctx context.Context, who actor.Actor, n id.ID) (v View, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if v.Assessment, err = s.load(ctx, q, who, n, "read"); err != nil {
			return err
		}
		v.object = v.Assessment.object(s.Dir.Place)
		if v.Scheme, err = schemeByID(ctx, q, v.Assessment.Scheme); err != nil {
			return err
		}
		if v.Scores, err = scoresOf(ctx, q, n); err != nil {
			return err
		}
		if v.Entries, err = entriesOf(ctx, q, n); err != nil {
			return err
		}
		if v.Holders, err = holdersOf(ctx, q, v.Assessment.Unit, v.Assessment.Until, "TRUE", nil); err != nil {
			return err
		}
		var ids []id.ID
		for _, e := range v.Entries {
			ids = append(ids, e.By)
			if e.Action == "serve" {
				v.ObjectBy = dayOf(e.At).AddDays(ObjectionDays)
			}
		}
		for _, h := range v.Holders {
			ids = append(ids, h.Person)
		}
		if v.Names, err = s.Names(ctx, q, ids...); err != nil {
			return err
		}
		for _, i := range v.Scheme.Indicators {
			f, err := s.figure(ctx, q, i, v.Assessment.Unit, v.Assessment.From, v.Assessment.Until)
			if err != nil {
				return err
			}
			v.Now = append(v.Now, Line{Indicator: i, Fact: f})
		}
		return nil
	})
	return v, err
}

// List gives a page of the assessments that the actor may read.
func (s *Service) List(ctx context.Context, who actor.Actor, p page.Query) (out []Assessment, next page.Next, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		var args []any
		out, next, err = listAssessments(ctx, q, s.Policy.Filter(who, "assessment.read", assessments, &args), args, p)
		return err
	})
	return out, next, err
}

const todoMax = 20

// Todo gives what waits: assessments to read and answer, objections to decide,
// schemes to approve.
func (s *Service) Todo(ctx context.Context, who actor.Actor) (out []web.Todo, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		for _, x := range []struct{ do, state, verb string }{{"object", Served, "read"}, {"decide", Objected, "decide"}, {"finalise", Decided, "finalise"}} {
			if !s.Policy.Ever(who, "assessment."+x.do) {
				continue
			}
			var args []any
			where := s.Policy.Filter(who, "assessment."+x.do, assessments, &args)
			if x.do != "object" {
				where += access.Ours(who, "a.by_id", &args)
			}
			args = append(args, x.state, todoMax)
			list, err := assessmentsIn(ctx, q, fmt.Sprintf("%s AND a.state = $%d ORDER BY a.made_at, a.id LIMIT $%d", where, len(args)-1, len(args)), args...)
			if err != nil {
				return fmt.Errorf("assessments to do: %w", err)
			}
			for _, a := range list {
				out = append(out, web.Todo{Kind: "duty.todo." + x.verb, Title: s.Dir.Name(a.Unit), Unit: s.Dir.Short(a.By), Href: "/assessments/" + string(a.ID), Verb: "duty.verb." + x.verb, At: a.MadeAt})
			}
		}
		if s.Policy.Ever(who, "scheme.approve") {
			var args []any
			where := s.Policy.Filter(who, "scheme.approve", schemes, &args) + access.Ours(who, "s.unit_id", &args)
			list, err := listSchemes(ctx, q, where, args, todoMax)
			if err != nil {
				return fmt.Errorf("schemes to do: %w", err)
			}
			for _, x := range list {
				if x.State == SchemeSubmitted && x.Author != who.Person {
					out = append(out, web.Todo{Kind: "duty.todo.approve", Title: x.Title, Unit: s.Dir.Short(x.Unit), Href: "/schemes/" + string(x.ID), Verb: "duty.verb.approve", At: x.MadeAt})
				}
			}
		}
		return nil
	})
	return out, err
}
