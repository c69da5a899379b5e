package meeting

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/org"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Estates are what this room hands over from a closed unit: meetings that it calls
// and that are not over, and venues of meetings to come. Where the successor has a
// venue of its own, the closed unit's stays as it is.
func (s *Service) Estates() []org.Estate {
	return []org.Estate{
		{Key: "meetings", Open: func(ctx context.Context, q db.Q, from, _ org.Unit) (int, error) {
			return countHandMeetings(ctx, q, from.ID)
		}, Hand: func(ctx context.Context, tx *audit.Tx, _ actor.Actor, from, to org.Unit) (int, error) {
			return handMeetings(ctx, tx, from.ID, to.ID)
		}},
		{Key: "venues", Open: func(ctx context.Context, q db.Q, from, to org.Unit) (int, error) {
			return countHandVenues(ctx, q, from.ID, to.ID)
		}, Hand: func(ctx context.Context, tx *audit.Tx, _ actor.Actor, from, to org.Unit) (int, error) {
			return handVenues(ctx, tx, from.ID, to.ID, from.Name)
		}},
	}
}
