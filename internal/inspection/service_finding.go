package inspection

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// AddFindingCmd is the content of a new or changed finding.
type AddFindingCmd struct {
	Visit          id.ID   `json:"visit"`
	Category       string  `json:"category"`
	Class          string  `json:"class"` // code or name of the version in force, or version/code as it was
	Aspect         string  `json:"aspect"`
	Title          string  `json:"title"`
	Fact           string  `json:"fact"`
	Basis          string  `json:"basis"`
	Criterion      id.ID   `json:"criterion"`      // version of an article
	Manifestations string  `json:"manifestations"` // one a line, see ParseManifestations
	Cause          string  `json:"cause"`
	Consequence    string  `json:"consequence"`
	Severity       string  `json:"severity"`
	Scope          string  `json:"scope"`
	Origin         string  `json:"origin"`
	HigherCause    bool    `json:"higher_cause"`
	Amount         string  `json:"amount"`      // yuan, at most two decimals
	Responsible    string  `json:"responsible"` // name, code or id of a unit; empty for the inspected unit
	Recurs         id.ID   `json:"recurs"`
	Subjects       []id.ID `json:"subjects"` // persons whom the finding concerns: they and their kin never see it
	Rev            int64   `json:"rev"`
}

// into puts the content of a command into a finding.
func (s *Service) into(f *Finding, c AddFindingCmd) error {
	var bad fault.Fields
	f.Category, f.Aspect, f.Title, f.Fact, f.Basis, f.Cause, f.Consequence = c.Category, strings.TrimSpace(c.Aspect), strings.TrimSpace(c.Title), c.Fact, c.Basis, c.Cause, c.Consequence
	f.Severity, f.Scope, f.Origin, f.HigherCause, f.Recurs = c.Severity, c.Scope, c.Origin, c.HigherCause, c.Recurs
	if f.Origin == "" {
		f.Origin = "inspection"
	}
	f.Manifestations = ParseManifestations(c.Manifestations, &bad)
	fen, err := parseYuan(c.Amount)
	if err != nil {
		bad.Add("amount", "finding.bad.amount")
	}
	f.Amount = fen
	f.Responsible = f.Unit
	if strings.TrimSpace(c.Responsible) != "" {
		if u := s.resolve(&bad, "responsible", c.Responsible); u != "" {
			// A unit answers for itself or its superiors do; never a neighbour.
			if f.Responsible = u; !strings.HasPrefix(s.Units.Place(f.Unit).Path, s.Units.Place(u).Path) {
				bad.Add("responsible", "finding.bad.responsible")
			}
		}
	}
	f.Check(&bad)
	return bad.Err()
}

// parseYuan reads an amount in yuan as fen; empty is none.
func parseYuan(s string) (int64, error) {
	s = strings.NewReplacer(",", "", "，", "", " ", "").Replace(s)
	if s == "" {
		return 0, nil
	}
	whole, part, _ := strings.Cut(s, ".")
	if len(part) > 2 || len(whole) > 13 || whole == "" {
		return 0, fmt.Errorf("no amount: %q", s)
	}
	n, err := strconv.ParseUint(whole+(part + "00")[:2], 10, 62)
	return int64(n), err
}

// AddFinding records a draft of the actor's team on a visit.
func (s *Service) AddFinding(ctx context.Context, who actor.Actor, c AddFindingCmd) (Finding, error) {
	var out Finding
	write := func(tx *audit.Tx) error {
		v, err := VisitByID(ctx, tx, c.Visit)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "finding.create", s.visitObject(v)); err != nil {
			return err
		}
		if v.State != VisitOnSite && v.State != VisitLeft {
			return fault.State("error.state", "finding.create", "visit.state."+v.State)
		}
		f := Finding{ID: id.New(), Round: v.Round, Visit: v.ID, Team: v.Team, Unit: v.Unit, By: v.By, Author: who.Person, State: Draft, Rev: 1}
		if err := s.into(&f, c); err != nil {
			return err
		}
		l, err := s.lineage(ctx, tx, f.By)
		if err != nil {
			return err
		}
		if err := s.classify(l, &f, c.Class); err != nil {
			return err
		}
		if err := s.cite(ctx, tx, &f, c.Criterion); err != nil {
			return err
		}
		if err := s.checkRecurs(ctx, tx, f); err != nil {
			return err
		}
		if err := s.number(ctx, tx, &f); err != nil {
			return err
		}
		out = f
		return s.concern(ctx, tx, f.ID, c.Subjects)
	}
	err := s.log.Write(ctx, who, "finding.create", write)
	// Two of a team can take the same number at once; the second takes the next.
	for try := 0; try < 8 && fault.Is(err, fault.KindConflict); try++ {
		err = s.log.Write(ctx, who, "finding.create", write)
	}
	return out, err
}

// number gives a finding the next number of its visit and stores it.
func (s *Service) number(ctx context.Context, tx *audit.Tx, f *Finding) error {
	seq, err := nextSeq(ctx, tx, f.Visit)
	if err != nil {
		return err
	}
	r, err := RoundByID(ctx, tx, f.Round)
	if err != nil {
		return err
	}
	t, err := TermByID(ctx, tx, r.Term)
	if err != nil {
		return err
	}
	u, _ := s.Units.Unit(f.Unit)
	f.No = fmt.Sprintf("%02d%02d-%s-%03d", t.No, r.No, trimCode(u.Code), seq)
	return insertFinding(ctx, tx, *f, seq)
}

// trimCode drops the pairs of zeros at the end of a unit's code.
func trimCode(code string) string {
	for len(code) > 2 && strings.HasSuffix(code, "00") {
		code = code[:len(code)-2]
	}
	return code
}

func (s *Service) concern(ctx context.Context, tx *audit.Tx, finding id.ID, subjects []id.ID) error {
	for _, p := range subjects {
		if err := access.Concern(ctx, tx, finding, p, access.Subject); err != nil {
			return err
		}
	}
	return nil
}

// checkRecurs: what comes back must have been told to the same unit before.
func (s *Service) checkRecurs(ctx context.Context, q db.Q, f Finding) error {
	if f.Recurs == "" {
		return nil
	}
	earlier, err := FindingByID(ctx, q, f.Recurs)
	if err != nil || earlier.Unit != f.Unit || !Known(earlier.State) || earlier.ID == f.ID || earlier.Visit == f.Visit {
		return sole("recurs", "finding.bad.recurs")
	}
	return nil
}

// EditFinding changes a draft (its team) or what was handed in (the leader).
func (s *Service) EditFinding(ctx context.Context, who actor.Actor, finding id.ID, c AddFindingCmd) (Finding, error) {
	var out Finding
	err := s.log.Write(ctx, who, "finding.edit", func(tx *audit.Tx) error {
		f, err := s.load(ctx, tx, who, finding, "finding.edit")
		if err != nil {
			return err
		}
		before := f
		if err := s.into(&f, c); err != nil {
			return err
		}
		l, err := s.lineage(ctx, tx, f.By)
		if err != nil {
			return err
		}
		if err := s.classify(l, &f, c.Class); err != nil {
			return err
		}
		if err := s.cite(ctx, tx, &f, c.Criterion); err != nil {
			return err
		}
		if err := s.checkRecurs(ctx, tx, f); err != nil {
			return err
		}
		f.Rev = c.Rev
		if err := updateFinding(ctx, tx, f); err != nil {
			return err
		}
		tx.Note("before", before)
		f.Rev++
		out = f
		return s.concern(ctx, tx, f.ID, c.Subjects)
	})
	return out, err
}

// load reads a finding and judges an action on it.
func (s *Service) load(ctx context.Context, q db.Q, who actor.Actor, finding id.ID, action string) (Finding, error) {
	f, err := FindingByID(ctx, q, finding)
	if err != nil {
		return f, err
	}
	o, err := s.findingObject(ctx, q, f)
	if err != nil {
		return f, err
	}
	return f, s.policy.Can(who, action, o)
}

// DecideCmd takes one step of the workflow.
type DecideCmd struct {
	Reason string `json:"reason"`
	Rev    int64  `json:"rev"`
}

// Decide takes a step that FindingFlow has: submit, confirm, return, accept,
// object, uphold or withdraw. Feedback goes with its visit, see FeedBack.
func (s *Service) Decide(ctx context.Context, who actor.Actor, finding id.ID, do string, c DecideCmd) (Finding, error) {
	var out Finding
	c.Reason = strings.TrimSpace(c.Reason)
	err := s.log.Write(ctx, who, "finding."+do, func(tx *audit.Tx) error {
		f, err := s.load(ctx, tx, who, finding, "finding.read")
		if err != nil {
			return err
		}
		next, err := FindingFlow.Next(f.State, do)
		if err != nil {
			return err
		}
		if do == "feed_back" {
			return fault.State("finding.with_visit")
		}
		if f, err = s.load(ctx, tx, who, finding, "finding."+do); err != nil {
			return err
		}
		var bad fault.Fields
		if NeedsReason(do) {
			bad.Need("reason", c.Reason)
		}
		bad.Max("reason", c.Reason, maxReason)
		if err := bad.Err(); err != nil {
			return err
		}
		switch do {
		case "accept", "object":
			f.Response, f.ResponseReason = next, c.Reason
		case "uphold", "withdraw":
			f.Ruling = c.Reason
		}
		if c.Reason != "" {
			tx.Note("reason", c.Reason)
		}
		f.State = next
		if c.Rev != 0 {
			f.Rev = c.Rev
		}
		if err := updateFinding(ctx, tx, f); err != nil {
			return err
		}
		f.Rev++
		out = f
		if next != Withdrawn {
			return nil
		}
		for _, fn := range s.withdrawn {
			if err := fn(ctx, tx, f); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// FeedBackCmd tells a unit what was found.
type FeedBackCmd struct {
	On  clock.Date `json:"on"`
	Rev int64      `json:"rev"`
}

// FeedBack sets the date of feedback, moves every confirmed finding of the visit
// to the unit and lets the ledger take them over, all in one transaction. Drafts
// and findings that wait for the team leader must be judged before.
func (s *Service) FeedBack(ctx context.Context, who actor.Actor, visit id.ID, c FeedBackCmd) (Visit, int, error) {
	var out Visit
	count := 0
	err := s.log.Write(ctx, who, "visit.feed_back", func(tx *audit.Tx) error {
		v, err := VisitByID(ctx, tx, visit)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "visit.feed_back", s.visitObject(v)); err != nil {
			return err
		}
		next, err := VisitFlow.Next(v.State, "feed_back")
		if err != nil {
			return err
		}
		switch {
		case c.On == "":
			return sole("on", "error.required")
		case c.On > s.today():
			return sole("on", "visit.bad.future")
		case c.On < v.Exit:
			return sole("on", "visit.bad.feedback")
		}
		open, err := countFindings(ctx, tx, "f.visit_id = $1 AND f.state IN ($2, $3)", maxOpen, []any{string(v.ID), Draft, Submitted})
		if err != nil {
			return err
		}
		if open > 0 {
			return fault.State("visit.open_findings", open)
		}
		r, err := RoundByID(ctx, tx, v.Round)
		if err != nil {
			return err
		}
		if err := s.guard(ctx, tx, Event{Do: "visit.feed_back", Round: r, Visit: v, On: c.On}); err != nil {
			return err
		}
		if count, err = s.feedBackAll(ctx, tx, who, v, r.Due(c.On)); err != nil {
			return err
		}
		tx.Note("findings", count)
		tx.Note("due", r.Due(c.On))
		v.Feedback, v.State, v.Rev = c.On, next, c.Rev
		if err := updateVisit(ctx, tx, v); err != nil {
			return err
		}
		v.Rev++
		out = v
		return nil
	})
	return out, count, err
}

const maxOpen = 1000

func (s *Service) feedBackAll(ctx context.Context, tx *audit.Tx, who actor.Actor, v Visit, due clock.Date) (int, error) {
	fs, err := findingsOfVisit(ctx, tx, v.ID, Confirmed)
	if err != nil {
		return 0, err
	}
	if len(fs) == 0 {
		return 0, fault.State("visit.no_findings")
	}
	for _, f := range fs {
		o, err := s.findingObject(ctx, tx, f)
		if err != nil {
			return 0, err
		}
		if err := s.policy.Can(who, "finding.feed_back", o); err != nil {
			return 0, err
		}
		f.State = FedBack
		if err := updateFinding(ctx, tx, f); err != nil {
			return 0, err
		}
		f.Rev++
		if err := s.fedBack(ctx, tx, f, due); err != nil {
			return 0, err
		}
	}
	return len(fs), nil
}
