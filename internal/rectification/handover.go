package rectification

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/org"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Estates are what this room hands over from a closed unit: its open items, with
// their dates and their history, and the measures that are not done. Closed items
// stay with the unit that closed them.
func (s *Service) Estates() []org.Estate {
	return []org.Estate{
		{Key: "items", Open: func(ctx context.Context, q db.Q, from, _ org.Unit) (int, error) {
			return countHandItems(ctx, q, from.ID)
		},
			Hand: func(ctx context.Context, tx *audit.Tx, who actor.Actor, from, to org.Unit) (int, error) {
				return handItems(ctx, tx, from.ID, to.ID, who.Person)
			}},
		{Key: "measures", Open: func(ctx context.Context, q db.Q, from, _ org.Unit) (int, error) {
			return countHandMeasures(ctx, q, from.ID)
		}, Hand: func(ctx context.Context, tx *audit.Tx, who actor.Actor, from, to org.Unit) (int, error) {
			return handMeasures(ctx, tx, from.ID, to.ID, who.Person)
		}},
	}
}
