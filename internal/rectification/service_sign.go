package rectification

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
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

// chainOf is the chain of signatures that a round asks for.
func chainOf(ctx context.Context, q db.Q, round id.ID) (string, error) {
	r, err := roundSetting(ctx, q, round)
	return r.Chain, err
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

// approve puts one signature under an application and tells whether its level is
// complete. The signer has opened every piece of evidence in force since the
// application; whoever judges has found each claim borne out; a check on the
// spot is finished and did not contradict; too many approvals within the hour
// need a second person.
func (s *Service) approve(ctx context.Context, tx *audit.Tx, who actor.Actor, i Item, app Closing, level string, c DecideCmd) (bool, error) {
	all, err := Signatures(ctx, tx, i.ID)
	if err != nil {
		return false, err
	}
	signs := ofApplication(all, app.No)
	if err := maySign(who, i, level, signs); err != nil {
		return false, err
	}
	evidence, err := EvidenceOf(ctx, tx, i.ID)
	if err != nil {
		return false, err
	}
	unread, err := s.unread(ctx, tx, who, app)
	if err != nil {
		return false, err
	}
	if len(unread) > 0 {
		return false, fault.State("item.bad.unread", len(unread), unread[0].Name)
	}
	if level == LevelOffice || level == levelClose {
		if err := checkClaims(ctx, tx, who, i.ID, c.Borne); err != nil {
			return false, err
		}
	}
	if level != LevelUnit {
		if err := sitesDone(ctx, tx, i.ID, app.No); err != nil {
			return false, err
		}
	}
	now := s.Clock.Now()
	recent, err := signedSince(ctx, tx, who.Person, clock.Instant(now.Add(-time.Hour)))
	if err != nil {
		return false, err
	}
	first, err := firstReading(ctx, tx, i.ID, who.Person, app.At)
	if err != nil {
		return false, err
	}
	sign := Signature{ID: id.New(), Item: i.ID, Unit: i.Unit, By: i.By, Application: app.No, Level: level, Person: who.Person, Opinion: c.Opinion, Pieces: len(InForce(evidence)),
		Second: recent >= HourLimit && !slices.ContainsFunc(signs, func(x Signature) bool { return x.Level == level })}
	if at, err := clock.ParseInstant(first); first != "" && err == nil {
		sign.Seconds = int(now.Sub(at).Seconds())
	}
	tx.Note("level", level)
	tx.Note("second", sign.Second)
	return levelDone(append(signs, sign), level), insertSignature(ctx, tx, sign)
}

// sitesDone refuses an approval while a check on the spot lacks its second
// signature, or contradicts the unit.
func sitesDone(ctx context.Context, q db.Q, item id.ID, application int) error {
	sites, err := Sites(ctx, q, item)
	if err != nil {
		return err
	}
	for _, x := range sites {
		switch {
		case x.Application != application:
		case x.Second == "":
			return fault.State("site.bad.open", x.Place)
		case x.Result == "differs":
			return fault.State("site.bad.differs", x.Place)
		}
	}
	return nil
}

// Sign puts the signature of the next level under an application; the last one
// of the chain closes the item.
func (s *Service) Sign(ctx context.Context, who actor.Actor, item id.ID, c DecideCmd) error {
	return s.log.Write(ctx, who, "item.sign", func(tx *audit.Tx) error {
		i, _, err := s.step(ctx, tx, who, item, "sign", c.Rev)
		if err != nil {
			return err
		}
		chain, err := chainOf(ctx, tx, i.Round)
		if err != nil {
			return err
		}
		if i.Level == "" {
			return fault.State("item.bad.no_chain")
		}
		if i.Level != LevelUnit {
			if err := s.judge(ctx, tx, who, i); err != nil {
				return err
			}
		}
		app, err := pending(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		level := i.Level
		if _, err := s.approve(ctx, tx, who, i, app, level, c); err != nil {
			return err
		}
		all, err := Signatures(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		i.Level = NextLevel(chain, ofApplication(all, app.No))
		side := SideReviewer
		if level == LevelUnit {
			side = SideUnit
		}
		if i.Level != "" {
			if err := updateItem(ctx, tx, i, who.Person); err != nil {
				return err
			}
			return event(ctx, tx, i.ID, who, side, "sign", i.State, i.State, level+"\n"+c.Opinion)
		}
		// The close-out needs the claims found borne out, whoever signs last.
		if err := checkClaims(ctx, tx, who, i.ID, nil); err != nil {
			return err
		}
		return s.closeNow(ctx, tx, who, i, app, c)
	})
}

// closeNow closes an item by the approval that was the last one needed.
func (s *Service) closeNow(ctx context.Context, tx *audit.Tx, who actor.Actor, i Item, app Closing, c DecideCmd) error {
	from := i.State
	i.State, i.ClosedOn, i.Closer, i.Lasting, i.Level = StateClosed, s.today(), who.Person, "", ""
	if err := updateItem(ctx, tx, i, who.Person); err != nil {
		return err
	}
	app.Decision, app.Opinion = DecisionClosed, c.Opinion
	if err := decide(ctx, tx, app, who.Person); err != nil {
		return err
	}
	if c.Opinion != "" {
		tx.Note("reason", c.Opinion)
	}
	return event(ctx, tx, i.ID, who, SideReviewer, "close", from, i.State, c.Opinion)
}

// Recall is the unit's leading group taking an application back before it
// reaches the office.
func (s *Service) Recall(ctx context.Context, who actor.Actor, item id.ID, c DecideCmd) error {
	return s.move(ctx, who, item, "recall", c.Rev, c.reason(), func(tx *audit.Tx, i *Item) error {
		if i.Level != LevelUnit {
			return fault.State("item.bad.not_at_unit")
		}
		if err := c.needReason(); err != nil {
			return err
		}
		app, err := pending(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		i.Level = ""
		app.Decision, app.Reasons, app.Opinion = DecisionReturned, c.Reasons, c.Opinion
		return decide(ctx, tx, app, who.Person)
	})
}

// CheckSite records a check on the spot of an application under review.
func (s *Service) CheckSite(ctx context.Context, who actor.Actor, item id.ID, c SiteCmd) error {
	return s.log.Write(ctx, who, "item.site", func(tx *audit.Tx) error {
		i, err := s.load(ctx, tx, who, item, "item.site")
		if err != nil {
			return err
		}
		if i.State != StateApplied {
			return fault.State("error.state", "action.item.site", "item.state."+i.State)
		}
		if err := s.judge(ctx, tx, who, i); err != nil {
			return err
		}
		if err := c.check(i, s.today()); err != nil {
			return err
		}
		if err := insertSite(ctx, tx, Site{ID: id.New(), Item: i.ID, Application: i.Applications, On: c.On, Place: c.Place, Asked: c.Asked, Text: c.Text, Result: c.Result, First: who.Person}); err != nil {
			return err
		}
		return event(ctx, tx, i.ID, who, SideReviewer, "site", i.State, i.State, c.Place)
	})
}

// CosignSite is the second signature under a check on the spot.
func (s *Service) CosignSite(ctx context.Context, who actor.Actor, item, site id.ID) error {
	return s.log.Write(ctx, who, "item.cosign", func(tx *audit.Tx) error {
		i, err := s.load(ctx, tx, who, item, "item.site")
		if err != nil {
			return err
		}
		if err := s.judge(ctx, tx, who, i); err != nil {
			return err
		}
		all, err := Sites(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(all, func(x Site) bool { return x.ID == site })
		switch {
		case n < 0:
			return fault.NotFound("site")
		case all[n].Second != "":
			return fault.State("site.bad.cosigned")
		case all[n].First == who.Person:
			return refuse("site.refuse.first")
		}
		if err := cosignSite(ctx, tx, all[n], who.Person); err != nil {
			return err
		}
		return event(ctx, tx, i.ID, who, SideReviewer, "cosign", i.State, i.State, all[n].Place)
	})
}

// maxSigners bounds how many approvals the record of signers looks back on.
const maxSigners = 20000

// Signers sums up the approvals that the reader may see, by person: the share of
// rubber stamps, and what became of the items.
func (s *Service) Signers(ctx context.Context, who actor.Actor) (out []Signer, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		w := s.readable(who, "item.signers")
		signs, verdicts, err := signaturesOf(ctx, q, w, maxSigners)
		if err != nil {
			return err
		}
		out = sumSigners(signs, verdicts)
		return nil
	})
	return out, err
}

func sumSigners(signs []Signature, verdicts []string) []Signer {
	by := map[id.ID]*Signer{}
	times := map[id.ID][]int{}
	for n, x := range signs {
		if x.Level == LevelUnit || x.Person == "" {
			continue
		}
		g := by[x.Person]
		if g == nil {
			g = &Signer{Person: x.Person}
			by[x.Person] = g
		}
		g.Signed++
		g.Stamps += bit(x.Stamp())
		g.Second += bit(x.Second)
		times[x.Person] = append(times[x.Person], x.Seconds)
		if v := verdicts[n]; v != "" && v != Unverifiable {
			g.Checked++
			g.Untrue += bit(v == Paper || v == False)
		}
	}
	out := make([]Signer, 0, len(by))
	for p, g := range by {
		slices.Sort(times[p])
		g.Seconds = times[p][len(times[p])/2]
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b Signer) int {
		return cmp.Or(cmp.Compare(b.Stamps*a.Signed, a.Stamps*b.Signed), cmp.Compare(b.Signed, a.Signed), cmp.Compare(a.Person, b.Person))
	})
	return out
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
