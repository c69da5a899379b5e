package inspection

import (
	"context"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
)

// Covered says whether and when a unit was inspected.
type Covered struct {
	Unit      org.Unit   `json:"unit"`
	InTerm    bool       `json:"in_term"`
	Round     id.ID      `json:"round,omitempty"` // the latest visit's round, in the term if there is one
	RoundName string     `json:"round_name,omitempty"`
	Entry     clock.Date `json:"entry,omitempty"`
	Ever      bool       `json:"ever"`
	Below     int        `json:"below"`      // units under it
	BelowDone int        `json:"below_done"` // of them inspected within the term's dates
}

// seen is one visit that has begun.
type seen struct {
	Unit, Round, Term id.ID
	Name              string
	Entry             clock.Date
}

// Coverage tells for the units directly below one which were inspected in a
// term. A look-back is no first inspection and does not count. Below the level
// of the term's own visits, what lies within its dates counts, because each
// level has terms of its own.
func (s *Service) Coverage(ctx context.Context, who actor.Actor, term Term, above id.ID) ([]Covered, error) {
	place := s.Units.Place(above)
	if err := s.policy.Can(who, "coverage.read", access.Object{Kind: "coverage", Units: []access.Place{place}}); err != nil {
		return nil, err
	}
	var visits []seen
	err := s.log.DB().Read(ctx, func(q db.Q) (err error) {
		visits, err = begun(ctx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	units := s.Units.Children(above)
	if place.Unit == s.Units.Root().ID {
		units = s.Units.Provincial()
	}
	out := make([]Covered, 0, len(units))
	at := make(map[id.ID]int, len(units))
	for _, u := range units {
		if u.Closed() {
			continue
		}
		at[u.ID] = len(out)
		out = append(out, Covered{Unit: u, Below: len(s.Units.Below(u.ID)) - 1})
	}
	cover(out, at, visits, term, s.Units)
	return out, nil
}

func cover(out []Covered, at map[id.ID]int, visits []seen, term Term, dir *org.Directory) {
	counted := map[id.ID]bool{}
	for _, v := range visits {
		if i, ok := at[v.Unit]; ok {
			inTerm := v.Term == term.ID
			if c := &out[i]; inTerm || !c.InTerm {
				c.Round, c.RoundName, c.Entry = v.Round, v.Name, v.Entry
				c.InTerm = c.InTerm || inTerm
			}
			out[i].Ever = true
			continue
		}
		if counted[v.Unit] || v.Entry < term.Start || term.End != "" && v.Entry > term.End {
			continue
		}
		for u, ok := dir.Unit(v.Unit); ok && strings.Contains(u.Path, "/"); u, ok = dir.Unit(u.Parent) {
			if i, listed := at[u.ID]; listed {
				out[i].BelowDone++
				counted[v.Unit] = true
				break
			}
		}
	}
}
