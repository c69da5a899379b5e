package screening

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/screening/rules"
)

// Edition is an own edition of the rules, beside those of the program.
type Edition struct {
	ID          id.ID  `json:"id"`
	Version     string `json:"version"`
	Body        string `json:"-"`
	State       string `json:"state"`
	By          id.ID  `json:"by,omitempty"`
	At          string `json:"at"`
	PublishedBy id.ID  `json:"published_by,omitempty"`
	PublishedAt string `json:"published_at,omitempty"`
	Rev         int64  `json:"rev"`
}

// States of an edition.
const (
	Draft     = "draft"
	Published = "published"
	Dropped   = "dropped"
)

// EditionFlow puts a change of the rules in force: its author drafts it, everybody
// sees what it would change, somebody else publishes it.
var EditionFlow = flow.Table{Name: "edition", Start: Draft, Steps: []flow.Step{
	{From: Draft, Do: "publish", To: Published, Who: []flow.By{{Role: actor.InternalSupervision, Scope: flow.Anything}}, Guard: "not its author"},
	{From: Draft, Do: "drop", To: Dropped, Who: []flow.By{{Role: actor.InternalSupervision, Scope: flow.Anything}}},
}}

// editions are those of the program and the published own ones, oldest first.
func (s *Service) editions(ctx context.Context) (out []*rules.Edition, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error { out, err = allEditions(ctx, q); return err })
	return out, err
}

func allEditions(ctx context.Context, q db.Q) ([]*rules.Edition, error) {
	out, err := rules.Shipped()
	if err != nil {
		return nil, err
	}
	own, err := editionsIn(ctx, q, Published)
	if err != nil {
		return nil, err
	}
	for _, o := range own {
		e, err := rules.Parse([]byte(o.Body))
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b *rules.Edition) int {
		if a.Published == b.Published {
			return 0
		}
		if a.Published.Before(b.Published) {
			return -1
		}
		return 1
	})
	return out, nil
}

// DraftCmd is a change of the rules: a whole edition.
type DraftCmd struct {
	Body string `json:"body"`
}

// DraftEdition keeps a change of the rules to be looked at.
func (s *Service) DraftEdition(ctx context.Context, who actor.Actor, cmd DraftCmd) (e Edition, err error) {
	if err := s.policy.Can(who, "edition.draft", access.Object{Kind: "edition"}); err != nil {
		return e, err
	}
	parsed, err := rules.Parse([]byte(cmd.Body))
	if err != nil {
		return e, err
	}
	es, err := s.editions(ctx)
	if err != nil {
		return e, err
	}
	if slices.ContainsFunc(es, func(x *rules.Edition) bool { return x.Version == parsed.Version }) {
		return e, fault.Invalid("rules.error.taken", parsed.Version)
	}
	e = Edition{ID: id.New(), Version: parsed.Version, Body: cmd.Body, State: Draft, By: who.Person, Rev: 1}
	err = s.log.Write(ctx, who, "edition.draft", func(tx *audit.Tx) error {
		e.At = tx.At
		return insertEdition(ctx, tx, e)
	})
	return e, err
}

// StepEdition publishes or drops a draft.
func (s *Service) StepEdition(ctx context.Context, who actor.Actor, n id.ID, do string, rev int64) error {
	return s.log.Write(ctx, who, "edition."+do, func(tx *audit.Tx) error {
		e, err := editionByID(ctx, tx, n)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "edition.read", access.Object{Kind: "edition", State: e.State}); err != nil {
			return err
		}
		to, err := EditionFlow.Next(e.State, do)
		if err != nil {
			if !s.policy.Ever(who, "edition."+do) {
				return fault.Denied("edition", "edition."+do+": no role")
			}
			return err
		}
		if err := s.policy.Can(who, "edition."+do, access.Object{Kind: "edition", State: e.State}); err != nil {
			return err
		}
		if do == "publish" && who.Person == e.By {
			return fault.State("screening.error.own_edition")
		}
		if rev != 0 && rev != e.Rev {
			return fault.Conflict("edition")
		}
		e.State = to
		if do == "publish" {
			e.PublishedBy, e.PublishedAt = who.Person, tx.At
		}
		return updateEdition(ctx, tx, e)
	})
}

// Effect is what an edition changes for one hit.
type Effect struct {
	Hit     Hit            `json:"hit"`
	Changes []rules.Change `json:"changes"`
}

// maxEffects bounds the hits that a preview names; all are counted.
const maxEffects = 200

// Preview tells beforehand what an edition would change: for every hit that is
// not settled as no hit, the verdicts of the edition in force beside its own.
func (s *Service) Preview(ctx context.Context, who actor.Actor, next *rules.Edition, on clock.Date) (out []Effect, count int, err error) {
	_, now, err := s.law(ctx, RunCmd{AsOf: on})
	if err != nil {
		return nil, 0, err
	}
	var after []string
	for {
		var hs []Hit
		err := s.log.DB().Read(ctx, func(q db.Q) (err error) {
			hs, err = s.visibleHits(ctx, q, who, hitFilter{States: []string{Open, Unsure, Proposed, Confirmed}}, after, 500)
			return err
		})
		if err != nil || len(hs) == 0 {
			return out, count, err
		}
		for _, h := range hs {
			if err := s.open(&h); err != nil {
				return nil, 0, err
			}
			q := h.pair.Question
			q.On = on
			if cs := rules.Compare(now, next, q); len(cs) > 0 {
				if count++; len(out) < maxEffects {
					out = append(out, Effect{Hit: h, Changes: cs})
				}
			}
		}
		after = placeOf(hs[len(hs)-1])
	}
}
