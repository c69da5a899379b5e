package contact

import (
	"context"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Takeovers lists what was taken over for units in the actor's reach, the newest first.
func (s *Service) Takeovers(ctx context.Context, who actor.Actor) (list []Takeover, names map[id.ID]string, err error) {
	if !s.policy.Ever(who, "return.takeover") {
		return nil, nil, fault.Denied("page", "return.takeover: no role")
	}
	var w where
	w.conds = append(w.conds, s.policy.Filter(who, "return.takeover", access.Columns{Units: []string{"k.unit_id"}}, &w.args))
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if list, err = listTakeovers(ctx, q, w, 200); err != nil {
			return err
		}
		var ids []id.ID
		for _, t := range list {
			ids = append(ids, t.By, t.WithdrawnBy)
		}
		names, err = s.names(ctx, q, ids...)
		return err
	})
	return list, names, err
}

// ReadTakeover gives one of them, with the names of who took it over and withdrew it.
func (s *Service) ReadTakeover(ctx context.Context, who actor.Actor, n id.ID) (t Takeover, names map[id.ID]string, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if t, err = s.takeoverFor(ctx, q, who, n); err != nil {
			return err
		}
		names, err = s.names(ctx, q, t.By, t.WithdrawnBy)
		return err
	})
	return t, names, err
}

// takeoverFor reads a takeover that the actor sees in the list.
func (s *Service) takeoverFor(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (Takeover, error) {
	t, err := takeoverByID(ctx, q, n)
	if err != nil {
		return t, err
	}
	return t, s.policy.Can(who, "return.takeover", s.takeoverObject(t))
}

func (s *Service) takeoverObject(t Takeover) access.Object {
	return access.Object{Kind: "takeover", ID: t.ID, State: t.State, Units: []access.Place{s.Units.Place(t.Unit)}, By: s.Units.Place(t.Office)}
}

// WithdrawCmd says why a table that was taken over is withdrawn.
type WithdrawCmd struct {
	Reason string `json:"reason"`
}

// WithdrawTakeover takes back what was taken over by mistake, all of its table at
// once. It stays in the list and counts nowhere; its periods can be taken over again,
// or filed late. Whoever took it over may do so, or the office above.
func (s *Service) WithdrawTakeover(ctx context.Context, who actor.Actor, n id.ID, c WithdrawCmd) (t Takeover, err error) {
	var bad fault.Fields
	c.Reason = strings.TrimSpace(c.Reason)
	bad.Need("reason", c.Reason)
	bad.Max("reason", c.Reason, maxShort)
	err = s.log.Write(ctx, who, "takeover.withdraw", func(tx *audit.Tx) error {
		if t, err = s.takeoverFor(ctx, tx, who, n); err != nil {
			return err
		}
		o := s.takeoverObject(t)
		o.State = TakeoverHeld // who may is judged before whether it still can
		if err := s.policy.Can(who, "takeover.withdraw", o); err != nil {
			return err
		}
		if t.State, err = TakeoverFlow.Next(t.State, "withdraw"); err != nil {
			return err
		}
		if err := bad.Err(); err != nil {
			return err
		}
		t.Withdrawn, t.WithdrawnBy, t.WithdrawnFor = tx.At, who.Person, c.Reason
		tx.Note("file", t.File)
		tx.Note("sha256", t.Digest)
		tx.Note("reason", c.Reason)
		tx.Note("returns", t.Returns)
		tx.After(s.forgetFormer)
		return withdrawTakeover(ctx, tx, t)
	})
	return t, err
}
