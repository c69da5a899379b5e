package risk

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

func (s *Service) pointObject(p Point) access.Object {
	o := access.Object{Kind: "risk_point", ID: p.ID, State: p.State, Units: []access.Place{s.Units.Place(p.Unit)}}
	for _, n := range []id.ID{p.Author, p.Owner} {
		if n != "" {
			o.Owners = append(o.Owners, n)
		}
	}
	return o
}

func (s *Service) fill(p *Point, cmd PointCmd) {
	p.Post, p.Link, p.Scope, p.Class, p.Shown, p.Cause = strings.TrimSpace(cmd.Post), strings.TrimSpace(cmd.Link), cmd.Scope, cmd.Class, cmd.Shown, cmd.Cause
	p.Probability, p.Harm, p.Grade = cmd.Probability, cmd.Harm, GradeOf(cmd.Probability, cmd.Harm)
	p.Education, p.System, p.Supervision, p.Warning = cmd.Education, cmd.System, cmd.Supervision, cmd.Warning
	p.Owner, p.Cycle, p.Rules, p.Finding = cmd.Owner, cmd.Cycle, cmd.Rules, strings.TrimSpace(cmd.Finding)
}

// checkPoint judges what a form says: bounds, triggers that exist, an owner that exists.
func (s *Service) checkPoint(ctx context.Context, q db.Q, cmd PointCmd) error {
	bad := cmd.check()
	force, err := rulesInForce(ctx, q, s.cat)
	if err != nil {
		return err
	}
	for _, r := range cmd.Rules {
		if !slices.ContainsFunc(force, func(v Version) bool { return v.Rule == r }) {
			bad.Add("rules", "risk.bad.choice", r)
		}
	}
	if cmd.Owner != "" {
		if _, err := s.Person(ctx, q, cmd.Owner); fault.Is(err, fault.KindNotFound) {
			bad.Add("owner", "risk.point.bad.owner")
		} else if err != nil {
			return err
		}
	}
	return bad.Err()
}

// AddPoint notes a risk that somebody found at his own post.
func (s *Service) AddPoint(ctx context.Context, who actor.Actor, cmd PointCmd) (p Point, err error) {
	p = Point{ID: id.New(), Unit: who.Unit, State: PointFound, Author: who.Person, Rev: 1}
	if p.Unit == "" || cmd.Unit != "" {
		found := s.Find(cmd.Unit)
		if len(found) != 1 {
			var bad fault.Fields
			bad.Add("unit", "risk.event.bad.unit", cmd.Unit)
			return p, bad.Err()
		}
		p.Unit = found[0]
	}
	s.fill(&p, cmd)
	err = s.log.Write(ctx, who, "risk_point.create", func(tx *audit.Tx) error {
		if err := s.policy.Can(who, "risk_point.create", s.pointObject(p)); err != nil {
			return err
		}
		if err := s.checkPoint(ctx, tx, cmd); err != nil {
			return err
		}
		if p.No, err = s.number(ctx, tx, "D", p.Unit); err != nil {
			return err
		}
		tx.Note("no", p.No)
		if err := s.enter(ctx, tx, Entry{Object: p.ID, Person: who.Person, Do: "create", New: p.State}); err != nil {
			return err
		}
		if err := insertPoint(ctx, tx, p); err != nil {
			return err
		}
		if err := indexPoint(ctx, tx, p); err != nil {
			return err
		}
		return putTriggers(ctx, tx, p)
	})
	return p, err
}

// StepPoint takes a point on through the five ways, or reviews it.
func (s *Service) StepPoint(ctx context.Context, who actor.Actor, n id.ID, do string, cmd PointCmd) (p Point, err error) {
	err = s.log.Write(ctx, who, "risk_point."+do, func(tx *audit.Tx) error {
		if p, err = pointByID(ctx, tx, n); err != nil {
			return err
		}
		if err := s.policy.Can(who, "risk_point.read", s.pointObject(p)); err != nil {
			return err
		}
		to, err := PointFlow.Next(p.State, do)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "risk_point."+do, s.pointObject(p)); err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != p.Rev {
			return fault.Conflict("risk_point")
		}
		old := p.State
		p.State = to
		if err := s.pointStep(ctx, tx, who, &p, do, cmd); err != nil {
			return err
		}
		tx.Note("no", p.No)
		if err := s.enter(ctx, tx, Entry{Object: p.ID, Person: who.Person, Do: do, Old: old, New: to, Text: cmd.Text}); err != nil {
			return err
		}
		if err := updatePoint(ctx, tx, p); err != nil {
			return err
		}
		if err := indexPoint(ctx, tx, p); err != nil {
			return err
		}
		p.Rev++
		return nil
	})
	return p, err
}

func (s *Service) pointStep(ctx context.Context, tx *audit.Tx, who actor.Actor, p *Point, do string, cmd PointCmd) error {
	var bad fault.Fields
	switch do {
	case "edit":
		if err := s.checkPoint(ctx, tx, cmd); err != nil {
			return err
		}
		s.fill(p, cmd)
		return putTriggers(ctx, tx, *p)
	case "publish":
		p.Reviewed = s.today()
	case "review":
		bad.Need("text", strings.TrimSpace(cmd.Text))
		checkGrade(cmd, &bad)
		if err := bad.Err(); err != nil {
			return err
		}
		p.Probability, p.Harm, p.Grade, p.Reviewed = cmd.Probability, cmd.Harm, GradeOf(cmd.Probability, cmd.Harm), s.today()
	case "approve":
		if who.Person != "" && who.Person == p.Author {
			return forbid("risk.refuse.own")
		}
		bad.Need("text", strings.TrimSpace(cmd.Text))
	default:
		bad.Need("text", strings.TrimSpace(cmd.Text))
	}
	bad.Max("text", cmd.Text, maxReason)
	if p.State == PointPublished {
		p.ReviewDue = p.Reviewed.AddMonths(p.Cycle)
	} else {
		p.ReviewDue = ""
	}
	return bad.Err()
}

// Twin is a point of another unit that says nearly the same.
type Twin struct {
	Point   Point `json:"point"`
	Percent int   `json:"percent"`
}

// maxTwins bounds the points that are compared with one.
const maxTwins = 400

// Twins looks for points of other units that were copied: a list that fits two posts
// word for word fits neither (domain A6, known faults: copied lists).
func (s *Service) Twins(ctx context.Context, q db.Q, who actor.Actor, p Point) ([]Twin, error) {
	least, err := s.setting(ctx, q, "alike.percent")
	if err != nil {
		return nil, err
	}
	list, _, err := visiblePoints(ctx, q, s.policy, who, pointFilter{Class: p.Class}, page.Query{Size: maxTwins})
	if err != nil {
		return nil, err
	}
	var out []Twin
	for _, x := range list {
		if x.Unit == p.Unit || x.ID == p.ID {
			continue
		}
		if k := Alike(p.text(), x.text()); k >= least {
			out = append(out, Twin{x, k})
		}
	}
	slices.SortStableFunc(out, func(a, b Twin) int { return b.Percent - a.Percent })
	return out[:min(len(out), 10)], nil
}

// LoopLine is one alert that was right, with what became of it and whether it came back.
type LoopLine struct {
	Alert  Alert `json:"alert"`
	Point  Point `json:"point,omitzero"`
	Before int   `json:"before"`
	After  int   `json:"after"`
	Days   int   `json:"days"` // that have passed since, at most the setting
}

// Loop is the closed loop of what the actor may see.
type Loop struct {
	Lines    []LoopLine   `json:"lines"`
	Silent   []Point      `json:"silent"`   // published points whose triggers never showed anything
	Blind    []Point      `json:"blind"`    // published points without a trigger
	Findings []FindingRef `json:"findings"` // findings of the office's unit that no point names
	Days     int          `json:"days"`
	Next     page.Next    `json:"-"`
}

// Loop reads the closed loop: alert → lead or correction → measure → effect, the
// points that never trigger and the findings that no point foresaw.
func (s *Service) Loop(ctx context.Context, who actor.Actor, pq page.Query) (l Loop, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if l.Days, err = s.setting(ctx, q, "effect.days"); err != nil {
			return err
		}
		var list []Alert
		if list, l.Next, err = visibleAlerts(ctx, q, s.policy, who, alertFilter{Judged: true}, pq); err != nil {
			return err
		}
		for _, a := range list {
			x := LoopLine{Alert: a, Days: min(l.Days, s.today().Sub(a.Decided))}
			if a.Point != "" {
				if x.Point, err = pointByID(ctx, q, a.Point); err != nil {
					return err
				}
			}
			if x.Before, x.After, err = effect(ctx, q, s.policy, who, a.Unit, a.Rule, a.Decided.AddDays(-l.Days), a.Decided, a.Decided.AddDays(l.Days)); err != nil {
				return err
			}
			l.Lines = append(l.Lines, x)
		}
		points, _, err := visiblePoints(ctx, q, s.policy, who, pointFilter{State: PointPublished}, page.Query{Size: 500})
		if err != nil {
			return err
		}
		named := map[string]bool{}
		for _, p := range points {
			named[p.Finding] = true
			if len(p.Rules) == 0 {
				l.Blind = append(l.Blind, p)
				continue
			}
			any, err := triggered(ctx, q, s.policy, who, p.ID)
			if err != nil {
				return err
			}
			if !any {
				l.Silent = append(l.Silent, p)
			}
		}
		if s.Findings == nil {
			return nil
		}
		found, err := s.Findings(ctx, q, s.office(who), 50)
		for _, f := range found {
			if !named[f.No] {
				l.Findings = append(l.Findings, f)
			}
		}
		return err
	})
	return l, err
}

// overdue tells that a published point waits for its review.
func (p Point) overdue(today clock.Date) bool {
	return p.State == PointPublished && p.ReviewDue != "" && p.ReviewDue < today
}
