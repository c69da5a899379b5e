package fieldwork

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// ActCmd records a step of procedure.
type ActCmd struct {
	Kind     string     `json:"kind"`
	Body     string     `json:"body"`
	Document string     `json:"document"`
	Text     string     `json:"text"`
	On       clock.Date `json:"on"`
	Until    clock.Date `json:"until"`
}

// Dual tells whether a local Party committee is the second principal of a visit:
// at provincial units, where the top inspects (domain I-21).
func (s *Service) Dual(v inspection.Visit) bool {
	u, _ := s.Units.Unit(v.Unit)
	by, _ := s.Units.Unit(v.By)
	return u.Level == 2 && by.Level == 1
}

// Record records a step of procedure of a visit: an enquiry waits for its answer.
func (s *Service) Record(ctx context.Context, who actor.Actor, visit id.ID, c ActCmd) (Act, error) {
	var out Act
	err := s.Log.Write(ctx, who, "act.create", func(tx *audit.Tx) error {
		v, r, err := s.visit(ctx, tx, who, visit, "act.create")
		if err != nil {
			return err
		}
		if err := c.check(r, v, s.today()); err != nil {
			return err
		}
		x := Act{ID: id.New(), Scope: scopeOf(v), Kind: c.Kind, Body: strings.TrimSpace(c.Body), Document: strings.TrimSpace(c.Document), Text: strings.TrimSpace(c.Text),
			On: c.On, Until: c.Until, State: ActRecorded, Author: who.Person}
		if c.Kind == KindEnquiry {
			x.State = ActAsked
			ps, err := s.Periods(ctx, tx, r)
			if err != nil {
				return err
			}
			x.Due, _ = period(ps, "enquiry_answer").Due(s.cal, c.On)
		}
		out = x
		return insertAct(ctx, tx, x)
	})
	return out, err
}

func (c ActCmd) check(r inspection.Round, v inspection.Visit, today clock.Date) error {
	var bad fault.Fields
	var needs []string
	known := false
	kinds := kindsFor(r.KindOf(v))
	for _, k := range kinds {
		if k.Key == c.Kind {
			needs, known = k.Needs, true
		}
	}
	if c.Kind == KindWaive {
		needs, known = []string{"body", "text"}, true
		if !slices.ContainsFunc(kinds, func(k ActKind) bool { return k.Required && k.Key == c.Body }) {
			bad.Add("body", "act.bad.waive")
		}
	}
	if !known {
		oneOf(&bad, "kind", c.Kind, nil)
	}
	for _, n := range needs {
		switch n {
		case "body":
			bad.Need("body", c.Body)
		case "text":
			bad.Need("text", c.Text)
		case "on":
			bad.Need("on", string(c.On))
		case "until":
			bad.Need("until", string(c.Until))
		}
	}
	if c.Kind == KindEnquiry && c.Body != "" {
		oneOf(&bad, "body", c.Body, Bodies())
	}
	if c.Kind == KindNotice && c.Until != "" {
		// The cut-off must lie before the end, so that what comes in can still be looked into.
		end := v.Exit
		if end == "" {
			end = r.End
		}
		if end != "" && c.Until >= end {
			bad.Add("until", "act.bad.cutoff", string(end))
		}
		if c.On != "" && c.Until < c.On {
			bad.Add("until", "error.end_before_start")
		}
	}
	if c.On > today {
		bad.Add("on", "visit.bad.future")
	}
	bad.Max("body", c.Body, maxLine)
	bad.Max("document", c.Document, maxLine)
	bad.Max("text", c.Text, maxNote)
	return bad.Err()
}

// StepCmd takes a step of a record of field work.
type StepCmd struct {
	Text string `json:"text"` // answer, reply, reason, receipt
	Rev  int64  `json:"rev"`
}

// StepAct answers an enquiry or strikes a record.
func (s *Service) StepAct(ctx context.Context, who actor.Actor, act id.ID, do string, c StepCmd) (Act, error) {
	var out Act
	err := s.Log.Write(ctx, who, "act."+do, func(tx *audit.Tx) error {
		x, err := actByID(ctx, tx, act)
		if err != nil {
			return err
		}
		next, err := s.step(who, ActFlow, do, x.State, x.Scope, x.Author, c, do == "answer" || do == "void")
		if err != nil {
			return err
		}
		if do == "answer" {
			x.Answer, x.Answered = strings.TrimSpace(c.Text), s.today()
		} else {
			tx.Note("reason", strings.TrimSpace(c.Text))
		}
		x.State = next
		if c.Rev != 0 {
			x.Rev = c.Rev
		}
		if err := updateAct(ctx, tx, x); err != nil {
			return err
		}
		x.Rev++
		out = x
		return nil
	})
	return out, err
}

// AuthoriseCmd authorises the leader of a team for this one inspection.
type AuthoriseCmd struct {
	Document string     `json:"document"`
	On       clock.Date `json:"on"`
}

// Authorise authorises the leader who sits in a team now (一次一授权, domain I-20).
// Who takes the seat later needs an authorisation of his own.
func (s *Service) Authorise(ctx context.Context, who actor.Actor, team id.ID, c AuthoriseCmd) (Act, error) {
	var bad fault.Fields
	bad.Need("document", c.Document)
	bad.Max("document", c.Document, maxLine)
	if c.On == "" {
		c.On = s.today()
	}
	if c.On > s.today() {
		bad.Add("on", "visit.bad.future")
	}
	if err := bad.Err(); err != nil {
		return Act{}, err
	}
	var out Act
	err := s.Log.Write(ctx, who, "team.authorise", func(tx *audit.Tx) error {
		t, err := inspection.TeamByID(ctx, tx, team)
		if err != nil {
			return err
		}
		r, err := inspection.RoundByID(ctx, tx, t.Round)
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "team.authorise", s.object("team", r.State, Scope{Round: r.ID, By: r.Unit, Team: t.ID}, "")); err != nil {
			return err
		}
		if r.State == inspection.RoundClosed {
			return fault.State("error.state", "team.authorise", "round.state."+r.State)
		}
		lead, ok := t.Leader()
		if !ok {
			return fault.State("round.lacks.leader", t.Name)
		}
		acts, err := actsOfRound(ctx, tx, r.ID, KindAuthorise)
		if err != nil {
			return err
		}
		if authorised(acts, t.ID, lead.Person) {
			return fault.State("act.authorised")
		}
		out = Act{ID: id.New(), Scope: Scope{Round: r.ID, By: r.Unit, Team: t.ID}, Kind: KindAuthorise, Document: strings.TrimSpace(c.Document), On: c.On,
			Person: lead.Person, State: ActRecorded, Author: who.Person}
		return insertAct(ctx, tx, out)
	})
	return out, err
}

func authorised(acts []Act, team, leader id.ID) bool {
	return slices.ContainsFunc(acts, func(a Act) bool {
		return a.Kind == KindAuthorise && a.State == ActRecorded && a.Team == team && a.Person == leader
	})
}

// Guard refuses steps of the inspection that this room's rules stand against.
func (s *Service) Guard(ctx context.Context, q db.Q, e inspection.Event) error {
	switch e.Do {
	case "round.enter":
		return s.guardEntry(ctx, q, e.Round)
	case "round.close":
		return s.guardClose(ctx, q, e.Round)
	case "visit.leave":
		open, err := immediatesWhere(ctx, q, "i.visit_id = $1 AND i.state <> $2", 1, []any{string(e.Visit.ID), ImmediateClosed})
		if err == nil && len(open) > 0 {
			return fault.State("immediate.open", open[0].No)
		}
		return err
	case "team.seat":
		list, err := recusalsOf(ctx, q, e.Round.ID)
		if err != nil {
			return err
		}
		for _, x := range list {
			if x.Person == e.Person && x.Unit == e.Visit.Unit {
				names, err := person.Names(ctx, q, e.Person)
				if err != nil {
					return err
				}
				return sole("person", "recusal.declared", names[e.Person], s.Units.Name(x.Unit), x.Ground)
			}
		}
	}
	return nil
}

func (s *Service) guardEntry(ctx context.Context, q db.Q, r inspection.Round) error {
	teams, err := inspection.TeamsOf(ctx, q, r.ID)
	if err != nil {
		return err
	}
	acts, err := actsOfRound(ctx, q, r.ID, KindAuthorise)
	if err != nil {
		return err
	}
	var bad fault.Fields
	for _, t := range teams {
		if lead, ok := t.Leader(); ok && !authorised(acts, t.ID, lead.Person) {
			bad.Add("teams", "round.lacks.authority", t.Name)
		}
	}
	return bad.Err()
}

func (s *Service) guardClose(ctx context.Context, q db.Q, r inspection.Round) error {
	visits, err := inspection.VisitsOf(ctx, q, r.ID)
	if err != nil {
		return err
	}
	for _, v := range visits {
		acts, err := ActsOf(ctx, q, v.ID)
		if err != nil {
			return err
		}
		if miss := Lacking(r.KindOf(v), v, acts, s.Dual(v)); len(miss) > 0 {
			return fault.State("round.lacks.procedure", s.Units.Name(v.Unit), len(miss))
		}
	}
	return nil
}

// step judges a step of a flow and its written part; need says that it must have one.
func (s *Service) step(who actor.Actor, t flow.Table, do, state string, sc Scope, owner id.ID, c StepCmd, need bool) (string, error) {
	next, err := t.Next(state, do)
	kind := t.Name
	if err != nil {
		// Whoever may not even see the record learns nothing of its state.
		if e := s.Policy.Can(who, kind+".read", s.object(kind, state, sc, owner)); e != nil && kind != "paper" {
			return "", e
		}
		return "", err
	}
	if err := s.Policy.Can(who, kind+"."+do, s.object(kind, state, sc, owner)); err != nil {
		return "", err
	}
	var bad fault.Fields
	if need {
		bad.Need("text", c.Text)
	}
	bad.Max("text", c.Text, maxNote)
	return next, bad.Err()
}
