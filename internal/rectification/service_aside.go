package rectification

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// AskAside asks for an item to be set aside; one request at a time.
func (s *Service) AskAside(ctx context.Context, who actor.Actor, item id.ID, c AsideCmd) error {
	return s.work(ctx, who, item, "item.aside", working, func(tx *audit.Tx, i Item) error {
		all, err := asidesOf(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		if waiting(all) >= 0 {
			return fault.State("aside.bad.waits")
		}
		evidence, err := EvidenceOf(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		if err := c.check(evidence, s.today()); err != nil {
			return err
		}
		a := Aside{ID: id.New(), Item: i.ID, No: len(all) + 1, Kind: c.Kind, Ground: c.Ground, Reason: c.Reason, Evidence: c.Evidence, Until: c.Until, By: who.Person, State: AsideAsked}
		if err := insertAside(ctx, tx, a); err != nil {
			return err
		}
		return event(ctx, tx, i.ID, who, SideUnit, "ask_"+asideDo(c.Kind), i.State, i.State, c.Reason)
	})
}

// waiting is the place of the request that nobody has decided yet.
func waiting(all []Aside) int {
	return slices.IndexFunc(all, func(a Aside) bool { return a.State == AsideAsked })
}

// JudgeAside decides the request that waits. Somebody else decides, with an
// opinion, after opening what is to prove the ground; a deviation is accepted by
// the level above the unit only.
func (s *Service) JudgeAside(ctx context.Context, who actor.Actor, item id.ID, c JudgeAsideCmd) error {
	return s.log.Write(ctx, who, "item.judge_aside", func(tx *audit.Tx) error {
		i, err := s.load(ctx, tx, who, item, "")
		if err != nil {
			return err
		}
		all, err := asidesOf(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		n := waiting(all)
		if n < 0 {
			if !s.policy.Ever(who, "item.overtake") && !s.policy.Ever(who, "item.accept") {
				return forbidden(fault.Denied("item", "item.judge_aside: no role"), "item.judge_aside")
			}
			return fault.State("aside.bad.none")
		}
		a := all[n]
		do := asideDo(a.Kind)
		// What is refused is held to the same hands as what is granted.
		if _, _, err := s.step(ctx, tx, who, item, do, 0); err != nil {
			return err
		}
		if err := s.mayJudgeAside(ctx, tx, who, i, a); err != nil {
			return err
		}
		var bad fault.Fields
		bad.Need("opinion", c.Opinion)
		bad.Max("opinion", c.Opinion, maxReason)
		if c.Grant && a.Kind == StateAccepted && c.Until != "" {
			if checkUntil(&bad, c.Until, s.today()); c.Until.After(a.Until) {
				bad.Add("until", "aside.bad.longer", string(a.Until))
			}
			a.Until = c.Until
		} else if c.Grant && a.Kind == StateAccepted {
			checkUntil(&bad, a.Until, s.today())
		}
		if err := bad.Err(); err != nil {
			return err
		}
		a.Opinion = c.Opinion
		if a.State = AsideGranted; !c.Grant {
			a.State = AsideRefused
		}
		if err := judgeAside(ctx, tx, a, who.Person); err != nil {
			return err
		}
		if !c.Grant {
			return event(ctx, tx, i.ID, who, SideReviewer, "aside_refused", i.State, i.State, c.Opinion)
		}
		return s.moveIn(ctx, tx, who, item, do, 0, c.Opinion, func(_ *audit.Tx, i *Item) error {
			i.Aside, i.Until, i.Lasting = s.today(), a.Until, ""
			return nil
		})
	})
}

// mayJudgeAside holds a decision to the second person, to the level above, and to
// having seen the proof.
func (s *Service) mayJudgeAside(ctx context.Context, q db.Q, who actor.Actor, i Item, a Aside) error {
	if err := s.judge(ctx, q, who, i); err != nil {
		return err
	}
	if a.Kind == StateAccepted && !s.above(who, i) {
		return refuse("item.refuse.above")
	}
	read, err := readSince(ctx, q, i.ID, who.Person, a.At)
	if err != nil {
		return err
	}
	all, err := EvidenceOf(ctx, q, i.ID)
	if err != nil {
		return err
	}
	var unread []Evidence
	for _, e := range all {
		if slices.Contains(a.Evidence, e.ID) && !read[e.ID] {
			unread = append(unread, e)
		}
	}
	if len(unread) > 0 {
		return fault.State("aside.bad.unread", len(unread), unread[0].Name)
	}
	return nil
}

// above tells whether somebody holds the step for a unit strictly above that of an
// item: nobody accepts a deviation of his own unit.
func (s *Service) above(who actor.Actor, i Item) bool {
	path := s.Units.Place(i.Unit).Path
	return slices.ContainsFunc(who.Grants, func(g actor.Grant) bool {
		return (g.Role == actor.Leader || g.Role == actor.Office) && g.Path != path && strings.HasPrefix(path, g.Path)
	})
}

// Revive takes an item up again that was set aside: the ground is gone, or was
// none. Its clocks are those that it had.
func (s *Service) Revive(ctx context.Context, who actor.Actor, item id.ID, c ReopenCmd) error {
	return s.move(ctx, who, item, "revive", c.Rev, c.Reason, func(_ *audit.Tx, i *Item) error {
		var bad fault.Fields
		bad.Need("reason", c.Reason)
		bad.Max("reason", c.Reason, maxReason)
		i.Aside, i.Until = "", ""
		return bad.Err()
	})
}

// OnWithdrawn takes the item of a finding that was withdrawn out of the work, in the
// transaction of the withdrawal. The reason is the ruling on the objection.
func (s *Service) OnWithdrawn(ctx context.Context, tx *audit.Tx, f inspection.Finding) error {
	i, err := ItemOfFinding(ctx, tx, f.ID)
	if fault.Is(err, fault.KindNotFound) || err == nil && (i.State == StateClosed || i.State == StateWithdrawn) {
		return nil // nothing was fed back, or nothing is left to take out
	}
	if err != nil {
		return err
	}
	return s.moveIn(ctx, tx, actor.Program("withdrawal"), i.ID, "withdraw", 0, f.Ruling, func(_ *audit.Tx, i *Item) error {
		i.Aside, i.Until, i.Lasting, i.Level = s.today(), "", "", ""
		return nil
	})
}

// objected refuses to begin with what the unit itself has objected to, until somebody
// has ruled on it.
func objected(ctx context.Context, q db.Q, finding id.ID) error {
	f, err := inspection.FindingByID(ctx, q, finding)
	if err == nil && f.State == inspection.Objected {
		return fault.State("item.bad.objected", f.No)
	}
	if fault.Is(err, fault.KindNotFound) { // taken over without its finding, or reported by the unit itself
		return nil
	}
	return err
}

// expirePart is how many deviations one transaction takes up again.
const expirePart = 200

// Expire takes up again what was accepted until a day that is past; running it
// again changes nothing. The date in force stays: an acceptance is no extension.
func (s *Service) Expire(ctx context.Context) (n int, err error) {
	for {
		var due []id.ID
		if err := s.log.DB().Read(ctx, func(q db.Q) (err error) { due, err = expired(ctx, q, s.today(), expirePart); return err }); err != nil || len(due) == 0 {
			return n, err
		}
		who := actor.Program("expiry")
		err := s.log.Write(ctx, who, "item.expire", func(tx *audit.Tx) error {
			for _, item := range due {
				if err := s.moveIn(ctx, tx, who, item, "expire", 0, "", func(_ *audit.Tx, i *Item) error { i.Aside, i.Until = "", ""; return nil }); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += len(due)
	}
}
