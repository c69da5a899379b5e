package rectification

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
)

// ClaimWriteCmd writes a claim of a close-out. Without a test, the standard test
// of its kind holds.
type ClaimWriteCmd struct {
	Kind     string  `json:"kind"`
	Text     string  `json:"text"`
	Amount   string  `json:"amount"` // in yuan
	Evidence []id.ID `json:"evidence"`
	Test     string  `json:"test"`
	Drop     bool    `json:"drop"`
	Rev      int64   `json:"rev"`
}

// WriteClaim adds a claim, or changes or drops one; a change takes the
// reviewer's word on it back. claim is "" for a new one.
func (s *Service) WriteClaim(ctx context.Context, who actor.Actor, item, claim id.ID, c ClaimWriteCmd) error {
	return s.work(ctx, who, item, "item.claims", working, func(tx *audit.Tx, i Item) error {
		all, err := Claims(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		evidence, err := EvidenceOf(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		x := Claim{ID: id.New(), Item: i.ID, No: len(all) + 1}
		if claim != "" {
			n := slices.IndexFunc(all, func(a Claim) bool { return a.ID == claim && !a.Dropped })
			if n < 0 {
				return fault.NotFound("claim")
			}
			x = all[n]
			if c.Rev != 0 && c.Rev != x.Rev {
				return fault.Conflict("claim")
			}
		} else if len(all) >= maxClaims {
			return fault.Limit("claim.bad.many", maxClaims)
		}
		if c.Drop {
			x.Dropped = true
			return updateClaim(ctx, tx, x)
		}
		var bad fault.Fields
		if c.Amount != "" {
			if x.Cents = AmountOf(c.Amount + "元"); x.Cents == 0 && strings.Trim(c.Amount, "0. ") != "" {
				bad.Add("amount", "claim.bad.amount")
			}
		} else {
			x.Cents = AmountOf(c.Text)
		}
		x.Kind, x.Text, x.Evidence, x.Test, x.By, x.Machine = c.Kind, strings.TrimSpace(c.Text), c.Evidence, strings.TrimSpace(c.Test), who.Person, false
		x.Checked, x.Remark, x.Checker, x.CheckedAt = "", "", "", ""
		if x.Check(&bad, InForce(evidence)); len(x.Evidence) == 0 {
			bad.Add("evidence", "claim.bad.bare")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if claim == "" {
			err = insertClaims(ctx, tx, x)
		} else {
			err = updateClaim(ctx, tx, x)
		}
		if err != nil {
			return err
		}
		return event(ctx, tx, i.ID, who, SideUnit, "claims", i.State, i.State, x.Text)
	})
}

// handInClaims makes the claims part of an application: those that the unit has
// written, or what the program splits off the statement. Each is bound to
// evidence in force; a replaced revision gives way to the one that replaced it.
func (s *Service) handInClaims(ctx context.Context, tx *audit.Tx, i Item, who actor.Actor, statement string, evidence []Evidence, measures []Measure) error {
	all, err := Claims(ctx, tx, i.ID)
	if err != nil {
		return err
	}
	next := map[id.ID]id.ID{}
	for _, e := range evidence {
		if e.Replaces != "" {
			next[e.Replaces] = e.ID
		}
	}
	held := inForce(all)
	for _, c := range held {
		var kept []id.ID
		for _, n := range c.Evidence {
			for next[n] != "" {
				n = next[n]
			}
			if !slices.Contains(kept, n) {
				kept = append(kept, n)
			}
		}
		moved := !slices.Equal(kept, c.Evidence)
		if c.Evidence = kept; c.Application == 0 || moved {
			if c.Application == 0 {
				c.Application = i.Applications
			}
			if moved {
				c.Checked, c.Remark, c.Checker, c.CheckedAt = "", "", "", ""
			}
			if err := updateClaim(ctx, tx, c); err != nil {
				return err
			}
		}
	}
	// What the unit wrote or had split before it applied stands; otherwise a new
	// statement adds what it says beyond the earlier ones, which stay claimed.
	if slices.ContainsFunc(held, func(c Claim) bool { return !c.Machine || c.Application == 0 }) {
		return nil
	}
	fresh := slices.DeleteFunc(SplitStatement(statement), func(c Claim) bool {
		return slices.ContainsFunc(held, func(h Claim) bool { return h.Text == c.Text })
	})
	if len(fresh) == 0 || len(all)+len(fresh) > maxClaims {
		return nil
	}
	files := InForce(evidence)
	bind(fresh, files, measures)
	for n := range fresh {
		fresh[n].ID, fresh[n].Item, fresh[n].No, fresh[n].Application, fresh[n].By = id.New(), i.ID, len(all)+n+1, i.Applications, who.Person
		if len(fresh[n].Evidence) == 0 { // the statement named no piece: it rests on all of them
			for _, e := range files {
				fresh[n].Evidence = append(fresh[n].Evidence, e.ID)
			}
		}
	}
	return insertClaims(ctx, tx, fresh...)
}

// checkClaims notes which claims the reviewer found borne out by the evidence,
// and refuses an approval while one is not.
func checkClaims(ctx context.Context, tx *audit.Tx, who actor.Actor, item id.ID, borne []id.ID) error {
	all, err := Claims(ctx, tx, item)
	if err != nil {
		return err
	}
	for _, c := range inForce(all) {
		switch {
		case c.Checked == Borne:
		case slices.Contains(borne, c.ID) && c.Checked == "":
			c.Checked, c.Checker, c.CheckedAt = Borne, who.Person, tx.At
			if err := updateClaim(ctx, tx, c); err != nil {
				return err
			}
		default:
			var bad fault.Fields
			bad.Add("borne", "claim.bad.unchecked", c.No)
			return bad.Err()
		}
	}
	return nil
}

// JudgeClaimCmd is the reviewer's word on one claim.
type JudgeClaimCmd struct {
	Checked string `json:"checked"`
	Remark  string `json:"remark"`
	Rev     int64  `json:"rev"`
}

// JudgeClaim notes that the evidence bears a claim, or does not and why.
func (s *Service) JudgeClaim(ctx context.Context, who actor.Actor, item, claim id.ID, c JudgeClaimCmd) error {
	return s.log.Write(ctx, who, "item.judge_claim", func(tx *audit.Tx) error {
		i, err := s.load(ctx, tx, who, item, "item.judge_claim")
		if err != nil {
			return err
		}
		if i.State != StateApplied {
			return fault.State("error.state", "action.item.judge_claim", "item.state."+i.State)
		}
		if err := s.judge(ctx, tx, who, i); err != nil {
			return err
		}
		all, err := Claims(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(all, func(a Claim) bool { return a.ID == claim && !a.Dropped })
		if n < 0 {
			return fault.NotFound("claim")
		}
		x := all[n]
		if c.Rev != 0 && c.Rev != x.Rev {
			return fault.Conflict("claim")
		}
		var bad fault.Fields
		oneOf(&bad, "checked", c.Checked, []string{Borne, Unborne})
		bad.Max("remark", c.Remark, maxReason)
		if c.Checked == Unborne {
			bad.Need("remark", c.Remark)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		x.Checked, x.Remark, x.Checker, x.CheckedAt = c.Checked, c.Remark, who.Person, tx.At
		return updateClaim(ctx, tx, x)
	})
}

// SplitClaims makes claims of a draft statement, for the unit to correct and
// bind before it applies. It is refused once there are claims.
func (s *Service) SplitClaims(ctx context.Context, who actor.Actor, item id.ID, statement string) error {
	return s.work(ctx, who, item, "item.claims", working, func(tx *audit.Tx, i Item) error {
		var bad fault.Fields
		bad.Need("statement", statement)
		bad.Max("statement", statement, maxText)
		if err := bad.Err(); err != nil {
			return err
		}
		all, err := Claims(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		if len(inForce(all)) > 0 {
			return fault.State("claim.bad.there")
		}
		evidence, err := EvidenceOf(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		measures, err := Measures(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		fresh := SplitStatement(statement)
		bind(fresh, InForce(evidence), measures)
		for n := range fresh {
			fresh[n].ID, fresh[n].Item, fresh[n].No, fresh[n].By = id.New(), i.ID, len(all)+n+1, who.Person
		}
		if err := insertClaims(ctx, tx, fresh...); err != nil {
			return err
		}
		return event(ctx, tx, i.ID, who, SideUnit, "claims", i.State, i.State, "")
	})
}
