package notice

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/org"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Estates are what this room hands over from a closed unit: circulars that wait for
// its study, and shares in campaigns about which it has not reported. What it signed,
// studied or reported stays under its name; where the successor was addressed itself,
// the closed unit's stays as it is.
func (s *Service) Estates() []org.Estate {
	return []org.Estate{
		{Key: "receipts", Open: func(ctx context.Context, q db.Q, from, to org.Unit) (int, error) {
			return countHand(ctx, q, handReceipt, from.ID, to.ID)
		}, Hand: func(ctx context.Context, tx *audit.Tx, _ actor.Actor, from, to org.Unit) (int, error) {
			return hand(ctx, tx, handReceipt, from.ID, to.ID)
		}},
		{Key: "parts", Open: func(ctx context.Context, q db.Q, from, to org.Unit) (int, error) {
			return countHand(ctx, q, handPart, from.ID, to.ID)
		}, Hand: func(ctx context.Context, tx *audit.Tx, _ actor.Actor, from, to org.Unit) (int, error) {
			return hand(ctx, tx, handPart, from.ID, to.ID)
		}},
	}
}
