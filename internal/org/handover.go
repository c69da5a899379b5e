package org

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Estate is one kind of open work that a room above hands from a closed unit to
// another one. What is finished stays with the old unit, under its old name.
type Estate struct {
	Key string // "handover." + Key names it
	// Secret keeps its number from the page and from the log: who keeps the units may
	// not learn how many of them there are.
	Secret bool
	// Open counts what would be handed over; Hand does it, and notes in each record
	// from whom it came.
	Open func(ctx context.Context, q db.Q, from, to Unit) (int, error)
	Hand func(ctx context.Context, tx *audit.Tx, who actor.Actor, from, to Unit) (int, error)
}

// HandoverLine is how much of a kind of work there is, or was handed over.
type HandoverLine struct {
	Key    string `json:"key"`
	N      int    `json:"n"`
	Secret bool   `json:"secret,omitempty"`
}

// Handover is one step of handing over, as it is kept.
type Handover struct {
	ID     id.ID          `json:"id"`
	Unit   id.ID          `json:"unit"`
	Into   id.ID          `json:"into"`
	Moved  []HandoverLine `json:"moved"`
	Reason string         `json:"reason"`
	Person id.ID          `json:"person"`
	At     string         `json:"at"`
}

// HandoverCmd hands over; Into is asked for where the unit has no successor.
type HandoverCmd struct {
	Into   string `json:"into"`
	Reason string `json:"reason"`
}

// OnHandover takes what the rooms above hand over.
func (s *Service) OnHandover(list ...Estate) { s.estates = append(s.estates, list...) }

// heir is the unit to which the work of a closed one goes: its successor, or, where
// it has none, the one that is named, or as a proposal the unit above.
func (s *Service) heir(u Unit, named string, f *fault.Fields) Unit {
	if u.Into != "" {
		// A successor may itself have been merged since.
		into, _ := s.dir.Unit(u.Into)
		for into.Closed() && into.Into != "" {
			into, _ = s.dir.Unit(into.Into)
		}
		if named != "" {
			if n, ok := s.dir.Resolve(named); !ok || n.ID != into.ID {
				f.Add("into", "handover.bad.into", into.Name)
			}
		}
		return into
	}
	if named == "" {
		above, _ := s.dir.Unit(u.Parent)
		return above
	}
	into, ok := s.dir.Resolve(named)
	switch {
	case !ok:
		f.Add("into", "unit.error.no_parent", named)
	case into.ID == u.ID || into.Closed():
		f.Add("into", "unit.error.into", into.Name)
	}
	return into
}

func (s *Service) mayHandOver(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (Unit, error) {
	u, err := unitByID(ctx, q, n)
	if err != nil {
		return u, err
	}
	if err := s.Policy.Can(who, "unit.handover", object(u)); err != nil {
		return u, err
	}
	if !u.Closed() {
		return u, fault.State("handover.bad.open", u.Name)
	}
	return u, nil
}

// PreviewHandover counts what would go from a closed unit to its successor, and lists
// what went before.
func (s *Service) PreviewHandover(ctx context.Context, who actor.Actor, n id.ID) (u, into Unit, lines []HandoverLine, done []Handover, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		if u, err = s.mayHandOver(ctx, q, who, n); err != nil {
			return err
		}
		var f fault.Fields
		into = s.heir(u, "", &f)
		for _, e := range s.estates {
			l := HandoverLine{Key: e.Key, Secret: e.Secret}
			if !e.Secret {
				if l.N, err = e.Open(ctx, q, u, into); err != nil {
					return err
				}
			}
			lines = append(lines, l)
		}
		done, err = handovers(ctx, q, n)
		return err
	})
	return u, into, lines, done, err
}

// HandOver hands the open work of a closed unit over, all kinds at once or none. It
// may be done again for what comes in later.
func (s *Service) HandOver(ctx context.Context, who actor.Actor, n id.ID, cmd HandoverCmd) (h Handover, err error) {
	err = s.Log.Write(ctx, who, "unit.handover", func(tx *audit.Tx) error {
		u, err := s.mayHandOver(ctx, tx, who, n)
		if err != nil {
			return err
		}
		var f fault.Fields
		f.Need("reason", cmd.Reason)
		f.Max("reason", cmd.Reason, maxReason)
		into := s.heir(u, cmd.Into, &f)
		if err := f.Err(); err != nil {
			return err
		}
		if err := s.Policy.Can(who, "unit.handover", object(into)); err != nil {
			return err
		}
		h = Handover{ID: id.New(), Unit: u.ID, Into: into.ID, Reason: cmd.Reason, Person: who.Person, Moved: []HandoverLine{}}
		for _, e := range s.estates {
			k, err := e.Hand(ctx, tx, who, u, into)
			if err != nil {
				return err
			}
			if k > 0 && !e.Secret {
				h.Moved = append(h.Moved, HandoverLine{Key: e.Key, N: k})
			}
		}
		// With nothing to hand over the step is taken all the same: a refusal would tell
		// that there was nothing secret either.
		tx.Touch("org_unit", u.ID)
		tx.Touch("org_unit", into.ID)
		tx.Note("into", into.ID)
		tx.Note("moved", h.Moved)
		return insertHandover(ctx, tx, h)
	})
	return h, err
}
