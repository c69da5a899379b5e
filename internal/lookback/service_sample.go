package lookback

import (
	"context"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/rectification"
)

// seats is which team looks at which unit in the round.
type seats struct {
	visits []inspection.Visit
	teams  map[id.ID]inspection.Team
}

func (s *Service) seats(ctx context.Context, q db.Q, l Lookback) (p seats, err error) {
	if p.visits, err = s.Visits(ctx, q, l.Round); err != nil {
		return p, err
	}
	teams, err := s.Teams(ctx, q, l.Round)
	if err != nil {
		return p, err
	}
	p.teams = map[id.ID]inspection.Team{}
	for _, t := range teams {
		p.teams[t.ID] = t
	}
	return p, nil
}

// visitOf finds the visit to a unit, or to the nearest unit above it.
func (s *Service) visitOf(p seats, unit id.ID) inspection.Visit {
	path, best, length := s.Units.Place(unit).Path, inspection.Visit{}, 0
	for _, v := range p.visits {
		if root := s.Units.Place(v.Unit).Path; root != "" && strings.HasPrefix(path, root) && len(root) > length {
			best, length = v, len(root)
		}
	}
	return best
}

// conflicted tells whether somebody with a hand in the item sits in a team.
func conflicted(t inspection.Team, hands []id.ID, on clock.Date) bool {
	for _, m := range t.Members {
		if m.Active(on) && Recused(m.Person, hands) != nil {
			return true
		}
	}
	return false
}

// sampleOf notes a drawn item as it is now. It goes to the team that visits the
// unit, unless that team is not free of it: then the office gives it to another.
func (s *Service) sampleOf(ctx context.Context, q db.Q, l Lookback, c frozen, part string, p seats) (Sample, error) {
	x := Sample{ID: id.New(), Lookback: l.ID, Item: c.Item, Finding: c.Finding, Unit: c.Unit, By: l.By, Closer: c.Closer, Part: part, Weight: c.Weight,
		Factors: c.Factors, State: Open, Classes: map[string]int{}, Rev: 1}
	i, err := rectification.ItemByID(ctx, q, c.Item)
	if err != nil {
		return x, err
	}
	f := inspection.Finding{Scope: "common"} // what a unit reported itself is a common problem by its sweep
	if i.Kind != rectification.SelfReport {
		if f, err = inspection.FindingByID(ctx, q, c.Finding); err != nil {
			return x, err
		}
	}
	x.No, x.Title, x.Severity, x.Category, x.Claimed, x.ClosedOn = i.No, i.Title, i.Severity, i.Category, i.Claimed, i.ClosedOn
	x.Scope, x.Higher = f.Scope, f.HigherCause || f.Responsible != f.Unit || i.Unit == l.By
	measures, err := rectification.Measures(ctx, q, c.Item)
	if err != nil {
		return x, err
	}
	for _, m := range measures {
		for _, k := range ClassesOf(m.Text) {
			x.Classes[k]++
		}
	}
	v := s.visitOf(p, x.Unit)
	x.Visit = v.ID
	hands, err := s.hands(ctx, q, x.Item)
	if err != nil {
		return x, err
	}
	if t, ok := p.teams[v.Team]; ok && !conflicted(t, hands, s.today()) {
		x.Team = v.Team
	}
	return x, nil
}

// enter writes samples and lends their items to the teams.
func (s *Service) enter(ctx context.Context, tx *audit.Tx, samples ...Sample) error {
	if err := insertSamples(ctx, tx, samples); err != nil {
		return err
	}
	for _, x := range samples {
		if x.Team != "" {
			if err := s.Rectify.Lend(ctx, tx, x.Item, x.Team); err != nil {
				return err
			}
		}
	}
	return nil
}
