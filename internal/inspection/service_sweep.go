package inspection

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/vault"
)

// maxSwept bounds the units of one sweep; there are some 3,600.
const maxSwept = 5000

var checkAccess = access.Columns{State: "c.state", Units: []string{"c.unit_id"}, By: "c.by_id"}

func (s *Service) checkObject(c SelfCheck) access.Object {
	return access.Object{Kind: "selfcheck", ID: c.ID, State: c.State, By: s.Units.Place(c.By), Units: []access.Place{s.Units.Place(c.Unit)}}
}

func (s *Service) sweepObject(w Sweep) access.Object {
	return access.Object{Kind: "sweep", ID: w.ID, State: w.State, By: s.Units.Place(w.By)}
}

// SweepCmd starts a sweep.
type SweepCmd struct {
	Question      string     `json:"question"`
	Levels        []string   `json:"levels"`
	Due           clock.Date `json:"due"`
	RectifyDays   string     `json:"rectify_days"`
	RectifySource string     `json:"rectify_source"`
}

// profile lists the units to ask: those of the levels below the keeper of the
// problem that still work and in which it was not found already.
func (s *Service) profile(p Problem, levels []int, found []id.ID) []id.ID {
	have := map[id.ID]bool{}
	for _, u := range found {
		have[u] = true
	}
	root := s.Units.Place(p.By).Path
	var out []id.ID
	for _, u := range s.Units.All() {
		if u.ID != p.By && !u.Closed() && !have[u.ID] && slices.Contains(levels, u.Level) && strings.HasPrefix(u.Path, root) {
			out = append(out, u.ID)
		}
	}
	return out
}

// StartSweep sends a one-page self-check on a confirmed problem to its sister units.
func (s *Service) StartSweep(ctx context.Context, who actor.Actor, problem id.ID, c SweepCmd) (Sweep, int, error) {
	var out Sweep
	count := 0
	err := s.log.Write(ctx, who, "sweep.start", func(tx *audit.Tx) error {
		p, err := s.loadProblem(ctx, tx, who, problem, "problem.sweep")
		if err != nil {
			return err
		}
		levels := levelsOf(strings.Join(c.Levels, ","))
		days, derr := strconv.Atoi(strings.TrimSpace(c.RectifyDays))
		c.Question, c.RectifySource = strings.TrimSpace(c.Question), strings.TrimSpace(c.RectifySource)
		var bad fault.Fields
		bad.Need("question", c.Question)
		bad.Max("question", c.Question, maxReason)
		bad.Need("rectify_source", c.RectifySource)
		bad.Max("rectify_source", c.RectifySource, maxTitle)
		if len(levels) == 0 {
			bad.Need("levels", "")
		}
		if derr != nil || days < 1 || days > 1000 {
			bad.Add("rectify_days", "sweep.bad.days")
		}
		switch {
		case c.Due == "":
			bad.Need("due", "")
		case !c.Due.After(s.today()):
			bad.Add("due", "sweep.bad.due")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		sup, err := s.support(ctx, tx, p)
		if err != nil {
			return err
		}
		units := s.profile(p, levels, sup.Units)
		if len(units) == 0 {
			return sole("levels", "sweep.bad.nobody")
		}
		if len(units) > maxSwept {
			return sole("levels", "sweep.bad.many", maxSwept)
		}
		w := Sweep{ID: id.New(), Problem: p.ID, By: p.By, State: SweepOpen, Title: p.Title, Question: c.Question, Levels: levels, Due: c.Due, RectifyDays: days, RectifySource: c.RectifySource,
			Author: who.Person, At: tx.At, Rev: 1}
		if err := insertSweep(ctx, tx, w); err != nil {
			return err
		}
		for _, u := range units {
			if err := insertCheck(ctx, tx, SelfCheck{ID: id.New(), Sweep: w.ID, Unit: u, By: p.By, State: CheckSent}); err != nil {
				return err
			}
		}
		tx.Note("units", len(units))
		out, count = w, len(units)
		return nil
	})
	return out, count, err
}

// CloseSweep ends a sweep; no answer is taken after it.
func (s *Service) CloseSweep(ctx context.Context, who actor.Actor, sweep id.ID, rev int64) (Sweep, error) {
	var out Sweep
	err := s.log.Write(ctx, who, "sweep.close", func(tx *audit.Tx) error {
		w, err := s.loadSweep(ctx, tx, who, sweep, "sweep.read")
		if err != nil {
			return err
		}
		if w.State, err = SweepFlow.Next(w.State, "close"); err != nil {
			return err
		}
		if _, err := s.loadSweep(ctx, tx, who, sweep, "sweep.close"); err != nil {
			return err
		}
		if rev != 0 {
			w.Rev = rev
		}
		err = updateSweep(ctx, tx, w)
		w.Rev++
		out = w
		return err
	})
	return out, err
}

func (s *Service) loadSweep(ctx context.Context, q db.Q, who actor.Actor, sweep id.ID, action string) (Sweep, error) {
	w, err := SweepByID(ctx, q, sweep)
	if err != nil {
		return w, err
	}
	return w, s.policy.Can(who, action, s.sweepObject(w))
}

func (s *Service) loadCheck(ctx context.Context, q db.Q, who actor.Actor, check id.ID, action string) (SelfCheck, Sweep, error) {
	c, err := SelfCheckByID(ctx, q, check)
	if err != nil {
		return c, Sweep{}, err
	}
	if err := s.policy.Can(who, action, s.checkObject(c)); err != nil {
		return c, Sweep{}, err
	}
	w, err := SweepByID(ctx, q, c.Sweep)
	return c, w, err
}

// AnswerCmd answers a self-check or tells that a reported problem is put right.
type AnswerCmd struct {
	Answer    string `json:"answer"`
	Note      string `json:"note"`
	Proof     string `json:"proof"`
	Rectified string `json:"rectified"`
	Rev       int64  `json:"rev"`

	files []vault.Stored // what shows it, handed in with the form
}

// Answer takes a unit's answer. What it reports itself is to be rectified within
// the days of the sweep, milder than what an inspection finds.
func (s *Service) Answer(ctx context.Context, who actor.Actor, check id.ID, c AnswerCmd) (SelfCheck, error) {
	do := "clear"
	if c.Answer == AnswerHave {
		do = "report"
	}
	c.Note, c.Proof = strings.TrimSpace(c.Note), strings.TrimSpace(c.Proof)
	return s.stepCheck(ctx, who, check, do, c, func(x *SelfCheck, w Sweep, bad *fault.Fields) {
		oneOf(bad, "answer", c.Answer, Answers())
		bad.Need("proof", c.Proof)
		bad.Max("proof", c.Proof, maxReason)
		bad.Max("note", c.Note, maxReason)
		if c.Answer != AnswerNone {
			bad.Need("note", c.Note)
		}
		x.Answer, x.Note, x.Proof, x.AnsweredOn = c.Answer, c.Note, c.Proof, s.today()
		if c.Answer == AnswerHave {
			x.RectifyOn = s.today().AddDays(w.RectifyDays)
		}
	})
}

// Rectified tells that a problem reported by the unit itself was put right.
func (s *Service) Rectified(ctx context.Context, who actor.Actor, check id.ID, c AnswerCmd) (SelfCheck, error) {
	c.Rectified = strings.TrimSpace(c.Rectified)
	return s.stepCheck(ctx, who, check, "rectify", c, func(x *SelfCheck, _ Sweep, bad *fault.Fields) {
		bad.Need("rectified", c.Rectified)
		bad.Max("rectified", c.Rectified, maxReason)
		x.Rectified = c.Rectified
	})
}

func (s *Service) stepCheck(ctx context.Context, who actor.Actor, check id.ID, do string, c AnswerCmd, set func(*SelfCheck, Sweep, *fault.Fields)) (SelfCheck, error) {
	var out SelfCheck
	err := s.log.Write(ctx, who, "selfcheck."+do, func(tx *audit.Tx) error {
		x, w, err := s.loadCheck(ctx, tx, who, check, "selfcheck.read")
		if err != nil {
			return err
		}
		next, err := CheckFlow.Next(x.State, do)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "selfcheck."+do, s.checkObject(x)); err != nil {
			return err
		}
		if do != "rectify" && w.State != SweepOpen {
			return fault.State("sweep.closed_already")
		}
		var bad fault.Fields
		set(&x, w, &bad)
		if err := bad.Err(); err != nil {
			return err
		}
		x.State, x.Author = next, who.Person
		if c.Rev != 0 {
			x.Rev = c.Rev
		}
		if err := updateCheck(ctx, tx, x); err != nil {
			return err
		}
		if err := checkFiles.put(ctx, tx, x.ID, who.Person, c.files); err != nil {
			return err
		}
		x.Rev++
		out = x
		if do == "report" {
			return s.report(ctx, tx, x, w)
		}
		return nil
	})
	return out, err
}

// Swept is a sweep with its figures.
type Swept struct {
	Sweep
	Counts map[string]int `json:"counts"` // waiting, have, rectified, none, not_applicable
}

// sweepsOf lists the sweeps of a problem with their figures.
func sweepsOf(ctx context.Context, q db.Q, problem id.ID) ([]Swept, error) {
	ws, err := sweepsWhere(ctx, q, "w.problem_id = $1", []any{string(problem)})
	if err != nil {
		return nil, err
	}
	var out []Swept
	for _, w := range ws {
		n, err := checkCounts(ctx, q, "c.sweep_id = $1", []any{string(w.ID)})
		if err != nil {
			return nil, err
		}
		out = append(out, Swept{w, n})
	}
	return out, nil
}

// SelfChecks lists the self-checks that the actor may see, the open first.
func (s *Service) SelfChecks(ctx context.Context, who actor.Actor) (out []SelfCheck, sweeps map[id.ID]Sweep, err error) {
	sweeps = map[id.ID]Sweep{}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		var args []any
		cond := s.policy.Filter(who, "selfcheck.read", checkAccess, &args)
		if out, err = checksWhere(ctx, q, cond, "c.answered_on, c.id DESC", 200, args); err != nil {
			return err
		}
		for _, c := range out {
			if _, ok := sweeps[c.Sweep]; ok {
				continue
			}
			w, err := SweepByID(ctx, q, c.Sweep)
			if err != nil {
				return err
			}
			sweeps[c.Sweep] = w
		}
		return nil
	})
	return out, sweeps, err
}
