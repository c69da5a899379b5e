package rectification

import (
	"context"
	"slices"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// chainOf is the chain of signatures that a round asks for.
func chainOf(ctx context.Context, q db.Q, round id.ID) (string, error) {
	r, err := roundSetting(ctx, q, round)
	return r.Chain, err
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
