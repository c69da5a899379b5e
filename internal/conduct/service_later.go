package conduct

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// SeesLater tells whether somebody may see figures of cases at all, see Later.
func (s *Service) SeesLater(who actor.Actor) bool { return s.policy.Ever(who, "outcome.count") }

// Later counts, by unit, the filed cases of a class whose conduct ended in a time and
// that were filed until a day. Whoever shows such numbers hides the small ones.
func (s *Service) Later(ctx context.Context, q db.Q, who actor.Actor, class string, from, to, filed clock.Date) (map[id.ID]int, error) {
	return countLater(ctx, q, s.policy, who, class, from, to, filed)
}

// Classes are the classes of conduct of the catalogue.
func (s *Service) Classes() []string {
	out := make([]string, len(s.rules.Conducts))
	for i, c := range s.rules.Conducts {
		out[i] = c.ID
	}
	return out
}
