package inspection

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// CreateTermCmd opens a term.
type CreateTermCmd struct {
	No    int        `json:"no"`
	Name  string     `json:"name"`
	Unit  string     `json:"unit"` // name, code or id of the dispatching unit
	Start clock.Date `json:"start"`
	End   clock.Date `json:"end"`
}

// CreateTerm opens a term of a dispatching Party group.
func (s *Service) CreateTerm(ctx context.Context, who actor.Actor, c CreateTermCmd) (Term, error) {
	var bad fault.Fields
	bad.Need("name", c.Name)
	bad.Max("name", c.Name, maxTitle)
	if c.No < 1 {
		bad.Add("no", "error.number", c.No)
	}
	period(&bad, c.Start, c.End)
	unit := s.resolve(&bad, "unit", c.Unit)
	if err := bad.Err(); err != nil {
		return Term{}, err
	}
	t := Term{ID: id.New(), No: c.No, Name: strings.TrimSpace(c.Name), Unit: unit, Start: c.Start, End: c.End, Rev: 1}
	err := s.log.Write(ctx, who, "term.create", func(tx *audit.Tx) error {
		if err := s.policy.Can(who, "term.create", s.by("term", unit)); err != nil {
			return err
		}
		return insertTerm(ctx, tx, t)
	})
	if fault.Is(err, fault.KindConflict) {
		return t, sole("no", "term.taken", c.No)
	}
	return t, err
}

func sole(field, key string, args ...any) error {
	var bad fault.Fields
	bad.Add(field, key, args...)
	return bad.Err()
}

func period(bad *fault.Fields, from, to clock.Date) {
	if from == "" {
		bad.Need("start", "")
	}
	if to != "" && to.Before(from) {
		bad.Add("end", "round.bad.order")
	}
}

// resolve finds the unit that a form means.
func (s *Service) resolve(bad *fault.Fields, field, text string) id.ID {
	if strings.TrimSpace(text) == "" {
		bad.Need(field, "")
		return ""
	}
	u, ok := s.Units.Resolve(text)
	if !ok {
		bad.Add(field, "unit.unknown", text)
	}
	return u.ID
}

// RoundCmd is the content of a round.
type RoundCmd struct {
	Term          id.ID      `json:"term"`
	No            int        `json:"no"`
	Name          string     `json:"name"`
	Kind          string     `json:"kind"`
	Start         clock.Date `json:"start"`
	End           clock.Date `json:"end"`
	RectifyMonths int        `json:"rectify_months"`
	RectifySource string     `json:"rectify_source"`
	SeatsMin      int        `json:"seats_min"` // both 0: five to seven
	SeatsMax      int        `json:"seats_max"`
	SeatsSource   string     `json:"seats_source"`
	Upper         id.ID      `json:"upper"` // of a linked round
	Rev           int64      `json:"rev"`
}

func (c RoundCmd) validate() error {
	var bad fault.Fields
	bad.Need("term", string(c.Term))
	bad.Need("name", c.Name)
	bad.Max("name", c.Name, maxTitle)
	if c.No < 1 {
		bad.Add("no", "error.number", c.No)
	}
	oneOf(&bad, "kind", c.Kind, RoundKinds())
	period(&bad, c.Start, c.End)
	if c.RectifyMonths < 1 || c.RectifyMonths > maxRectifyMonths {
		bad.Add("rectify_months", "round.bad.months", maxRectifyMonths)
	}
	bad.Need("rectify_source", c.RectifySource)
	bad.Max("rectify_source", c.RectifySource, maxTitle)
	bad.Max("seats_source", c.SeatsSource, maxTitle)
	if c.SeatsMin != 0 || c.SeatsMax != 0 {
		if c.SeatsMin < 1 || c.SeatsMax < c.SeatsMin || c.SeatsMax > maxSeats {
			bad.Add("seats_max", "round.bad.seats", maxSeats)
		}
		if c.SeatsMin != DefaultSeatsMin || c.SeatsMax != DefaultSeatsMax {
			bad.Need("seats_source", c.SeatsSource)
		}
	}
	if c.Upper != "" && c.Kind != KindLinked {
		bad.Add("upper", "round.bad.not_linked")
	}
	return bad.Err()
}

// CreateRound plans a round in a term. The rectification period needs its source
// in writing, because texts and practice differ (domain I-9, I-10).
func (s *Service) CreateRound(ctx context.Context, who actor.Actor, c RoundCmd) (Round, error) {
	if err := c.validate(); err != nil {
		return Round{}, err
	}
	r := Round{ID: id.New(), Term: c.Term, No: c.No, Name: c.Name, Kind: c.Kind, State: RoundPrepare, Start: c.Start, End: c.End,
		RectifyMonths: c.RectifyMonths, RectifySource: c.RectifySource, SeatsMin: c.SeatsMin, SeatsMax: c.SeatsMax, SeatsSource: c.SeatsSource, Upper: c.Upper, Rev: 1}
	err := s.log.Write(ctx, who, "round.create", func(tx *audit.Tx) error {
		t, err := TermByID(ctx, tx, c.Term)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "round.create", s.by("round", t.Unit)); err != nil {
			return err
		}
		r.Unit = t.Unit
		if err := s.checkUpper(ctx, tx, r); err != nil {
			return err
		}
		return insertRound(ctx, tx, r)
	})
	if fault.Is(err, fault.KindConflict) {
		return r, sole("no", "round.taken", c.No)
	}
	return r, err
}

// EditRound changes a round that is not closed. A new rectification period
// counts for feedback to come; deadlines already set stay.
func (s *Service) EditRound(ctx context.Context, who actor.Actor, round id.ID, c RoundCmd) (Round, error) {
	var out Round
	err := s.log.Write(ctx, who, "round.edit", func(tx *audit.Tx) error {
		r, err := RoundByID(ctx, tx, round)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "round.edit", s.roundObject(r, who)); err != nil {
			return err
		}
		c.Term, c.No = r.Term, r.No
		if err := c.validate(); err != nil {
			return err
		}
		if r.State == RoundClosed {
			return fault.State("error.state", "round.edit", "round.state."+r.State)
		}
		tx.Note("before", r)
		before := r
		r.SeatsMin, r.SeatsMax, r.SeatsSource, r.Upper = c.SeatsMin, c.SeatsMax, c.SeatsSource, c.Upper
		if r.Upper != before.Upper {
			if err := s.checkUpper(ctx, tx, r); err != nil {
				return err
			}
			if err := unshared(ctx, tx, r.ID); err != nil {
				return err
			}
		}
		r.Name, r.Kind, r.Start, r.End, r.RectifyMonths, r.RectifySource, r.Rev = c.Name, c.Kind, c.Start, c.End, c.RectifyMonths, c.RectifySource, c.Rev
		if err := updateRound(ctx, tx, r); err != nil {
			return err
		}
		r.Rev++
		out = r
		return nil
	})
	return out, err
}

// AdvanceRound takes a round to its next stage when nothing that the stage
// needs is missing.
func (s *Service) AdvanceRound(ctx context.Context, who actor.Actor, round id.ID, do string, rev int64) (Round, error) {
	var out Round
	err := s.log.Write(ctx, who, "round."+do, func(tx *audit.Tx) error {
		r, err := RoundByID(ctx, tx, round)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "round."+do, s.roundObject(r, who)); err != nil {
			return err
		}
		next, err := RoundFlow.Next(r.State, do)
		if err != nil {
			return err
		}
		if err := roundGuard(ctx, tx, r, do); err != nil {
			return err
		}
		if err := s.guard(ctx, tx, Event{Do: "round." + do, Round: r, On: s.today()}); err != nil {
			return err
		}
		r.State, r.Rev = next, rev
		if err := updateRound(ctx, tx, r); err != nil {
			return err
		}
		r.Rev++
		out = r
		return nil
	})
	return out, err
}

func roundGuard(ctx context.Context, q db.Q, r Round, do string) error {
	visits, err := VisitsOf(ctx, q, r.ID)
	if err != nil {
		return err
	}
	switch do {
	case "enter":
		teams, err := TeamsOf(ctx, q, r.ID)
		if err != nil {
			return err
		}
		return r.Ready(teams, visits)
	case "report":
		if slices.ContainsFunc(visits, func(v Visit) bool { return v.State == VisitPlanned || v.State == VisitOnSite }) {
			return fault.State("round.lacks.exit")
		}
	case "rectify":
		if slices.ContainsFunc(visits, func(v Visit) bool { return v.State != VisitFedBack }) {
			return fault.State("round.lacks.feedback")
		}
	}
	return nil
}

// VisitCmd is the plan of a visit.
type VisitCmd struct {
	Unit string `json:"unit"` // name, code or id
	Team id.ID  `json:"team"`
	Kind string `json:"kind"` // empty: that of the round
	Rev  int64  `json:"rev"`
}

// AddVisit plans the inspection of a unit in a round. The unit must stand below
// the dispatching one; headquarters' own organs are inspected as the unit itself.
func (s *Service) AddVisit(ctx context.Context, who actor.Actor, round id.ID, c VisitCmd) (Visit, error) {
	var bad fault.Fields
	unit := s.resolve(&bad, "unit", c.Unit)
	if c.Kind != "" {
		oneOf(&bad, "kind", c.Kind, RoundKinds())
	}
	if err := bad.Err(); err != nil {
		return Visit{}, err
	}
	var v Visit
	err := s.log.Write(ctx, who, "visit.create", func(tx *audit.Tx) error {
		r, err := RoundByID(ctx, tx, round)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "visit.create", s.by("visit", r.Unit)); err != nil {
			return err
		}
		if r.State != RoundPrepare && r.State != RoundOnSite {
			return fault.State("error.state", "visit.create", "round.state."+r.State)
		}
		if !strings.HasPrefix(s.Units.Place(unit).Path, s.Units.Place(r.Unit).Path) {
			return sole("unit", "visit.bad.unit", s.Units.Name(unit), s.Units.Name(r.Unit))
		}
		v = Visit{ID: id.New(), Round: r.ID, Team: c.Team, Unit: unit, By: r.Unit, Kind: c.Kind, State: VisitPlanned, Rev: 1}
		if err := s.checkTeam(ctx, tx, r, c.Team, unit); err != nil {
			return err
		}
		return insertVisit(ctx, tx, v)
	})
	if fault.Is(err, fault.KindConflict) {
		return v, sole("unit", "visit.taken", s.Units.Name(unit))
	}
	return v, err
}

// AssignVisit gives a planned visit to a team, after checking every member.
func (s *Service) AssignVisit(ctx context.Context, who actor.Actor, visit id.ID, c VisitCmd) error {
	return s.log.Write(ctx, who, "visit.edit", func(tx *audit.Tx) error {
		v, err := VisitByID(ctx, tx, visit)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "visit.edit", s.visitObject(v)); err != nil {
			return err
		}
		if v.State != VisitPlanned {
			return fault.State("error.state", "visit.edit", "visit.state."+v.State)
		}
		r, err := RoundByID(ctx, tx, v.Round)
		if err != nil {
			return err
		}
		if err := s.checkTeam(ctx, tx, r, c.Team, v.Unit); err != nil {
			return err
		}
		tx.Note("team", []id.ID{v.Team, c.Team})
		v.Team, v.Rev = c.Team, c.Rev
		return updateVisit(ctx, tx, v)
	})
}

// MoveVisitCmd enters a unit or leaves it.
type MoveVisitCmd struct {
	On  clock.Date `json:"on"`
	Rev int64      `json:"rev"`
}

// MoveVisit records entry or exit on a day (domain I-3).
func (s *Service) MoveVisit(ctx context.Context, who actor.Actor, visit id.ID, do string, c MoveVisitCmd) (Visit, error) {
	var out Visit
	err := s.log.Write(ctx, who, "visit."+do, func(tx *audit.Tx) error {
		v, err := VisitByID(ctx, tx, visit)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "visit."+do, s.visitObject(v)); err != nil {
			return err
		}
		next, err := VisitFlow.Next(v.State, do)
		if err != nil {
			return err
		}
		switch {
		case c.On == "":
			return sole("on", "error.required")
		case c.On > s.today():
			return sole("on", "visit.bad.future")
		case do == "enter" && v.Team == "":
			return fault.State("round.lacks.team")
		case do == "enter":
			v.Entry = c.On
		case do == "leave" && c.On < v.Entry:
			return sole("on", "visit.bad.exit")
		case do == "leave":
			v.Exit = c.On
		default:
			return fmt.Errorf("visit.%s is not a move", do)
		}
		r, err := RoundByID(ctx, tx, v.Round)
		if err != nil {
			return err
		}
		if err := s.guard(ctx, tx, Event{Do: "visit." + do, Round: r, Visit: v, On: c.On}); err != nil {
			return err
		}
		v.State, v.Rev = next, c.Rev
		if err := updateVisit(ctx, tx, v); err != nil {
			return err
		}
		v.Rev++
		out = v
		return nil
	})
	return out, err
}
