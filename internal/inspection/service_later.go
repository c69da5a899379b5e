package inspection

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// SeesLater tells whether somebody may see findings and the inspections behind them
// at all, see Later.
func (s *Service) SeesLater(who actor.Actor) bool {
	return s.policy.Ever(who, "finding.read") && s.policy.Ever(who, "coverage.read")
}

// Later counts, by unit, the inspections that began in a time and were fed back, and
// their findings of a category, as far as the actor may see them. Findings that were
// withdrawn are in none.
func (s *Service) Later(ctx context.Context, q db.Q, who actor.Actor, category string, from, to clock.Date) (found, visits map[id.ID]int, err error) {
	if visits, err = countVisits(ctx, q, s.policy, who, from, to); err != nil {
		return nil, nil, err
	}
	found, err = countFound(ctx, q, s.policy, who, category, from, to)
	return found, visits, err
}
