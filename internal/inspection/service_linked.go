package inspection

import (
	"context"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// A linked round (联动, domain I-1) of a lower unit belongs to a linked round above.
// Its team leader ticks which confirmed findings the teams above see, one by one;
// everything else stays with the lower unit, clues always do, and so do ledger,
// feedback and close-out.

// maxShared bounds the findings that one round shares.
const maxShared = 2000

// checkUpper holds the round above to its rule: a linked round that is not closed,
// of a unit strictly above.
func (s *Service) checkUpper(ctx context.Context, q db.Q, r Round) error {
	if r.Upper == "" {
		return nil
	}
	u, err := RoundByID(ctx, q, r.Upper)
	if fault.Is(err, fault.KindNotFound) || err == nil && !s.mayBelong(r.Unit, u) {
		return sole("upper", "round.bad.upper")
	}
	return err
}

func (s *Service) mayBelong(unit id.ID, upper Round) bool {
	path, above := s.Units.Place(unit).Path, s.Units.Place(upper.Unit).Path
	return upper.Kind == KindLinked && upper.State != RoundClosed && path != above && strings.HasPrefix(path, above)
}

// ShareCmd shares a finding with the round above, or takes it back.
type ShareCmd struct {
	Share bool  `json:"share"`
	Rev   int64 `json:"rev"`
}

// Share lets the teams of the round above see a finding, or no longer. The team's
// leader decides, once the finding is confirmed.
func (s *Service) Share(ctx context.Context, who actor.Actor, finding id.ID, c ShareCmd) error {
	return s.log.Write(ctx, who, "finding.share", func(tx *audit.Tx) error {
		f, err := s.load(ctx, tx, who, finding, "finding.read")
		if err != nil {
			return err
		}
		if f, err = s.load(ctx, tx, who, finding, "finding.share"); err != nil {
			return err
		}
		r, err := RoundByID(ctx, tx, f.Round)
		if err != nil {
			return err
		}
		if r.Upper == "" {
			return fault.State("finding.bad.not_linked")
		}
		if c.Share == (f.Shared != "") {
			return fault.State("finding.bad.shared." + map[bool]string{true: "yes", false: "no"}[c.Share])
		}
		if c.Rev != 0 {
			f.Rev = c.Rev
		}
		tx.Note("with", r.Upper)
		if c.Share {
			return share(ctx, tx, f, s.today())
		}
		return share(ctx, tx, f, "")
	})
}

// readable reads a finding for those who may see it by the rules, or because it is
// shared with their round.
func (s *Service) readable(ctx context.Context, q db.Q, who actor.Actor, finding id.ID) (Finding, error) {
	f, err := s.load(ctx, q, who, finding, "finding.read")
	if err == nil || f.Shared == "" {
		return f, err
	}
	lower, e := RoundByID(ctx, q, f.Round)
	if e != nil || lower.Upper == "" {
		return f, err
	}
	upper, e := RoundByID(ctx, q, lower.Upper)
	if e != nil {
		return f, err
	}
	o, e := s.findingObject(ctx, q, f) // for whom it concerns
	if e != nil {
		return f, e
	}
	of := s.roundObject(upper, who)
	o.Team, o.By, o.Units, o.Owners = of.Team, of.By, nil, nil
	if s.policy.Can(who, "finding.linked", o) == nil {
		return f, nil
	}
	return f, err
}

// Linked is a round with those that belong to it and what they shared.
type Linked struct {
	Round    Round         `json:"round"`
	Rounds   []LinkedRound `json:"rounds"`
	Findings []Finding     `json:"findings"`
	Next     page.Next     `json:"next"`
}

// Linked lists the rounds that belong to a round and one page of the findings that
// they shared, newest first.
func (s *Service) Linked(ctx context.Context, who actor.Actor, round id.ID, q page.Query) (out Linked, err error) {
	err = s.log.DB().Read(ctx, func(dq db.Q) error {
		out = Linked{}
		if out.Round, err = RoundByID(ctx, dq, round); err != nil {
			return err
		}
		o := s.roundObject(out.Round, who)
		if err := s.policy.Can(who, "round.read", o); err != nil {
			return err
		}
		if err := s.policy.Can(who, "finding.linked", o); err != nil {
			return err
		}
		var args []any
		cond := s.sharedWith(who, o, &args)
		if out.Rounds, err = linkedRounds(ctx, dq, round, cond, args); err != nil || q.Size == 0 {
			return err
		}
		q.Sort, q.Before = "", nil
		fs, err := findingsFrom(ctx, dq, cond, q, q.Size+1, args)
		if len(fs) > q.Size {
			fs = fs[:q.Size]
			out.Next.After = page.Cursor(string(fs[q.Size-1].ID))
		}
		for _, x := range out.Rounds {
			out.Next.Count += x.Shared
		}
		out.Findings = fs
		return err
	})
	return out, err
}
