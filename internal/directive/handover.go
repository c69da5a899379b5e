package directive

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/org"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Estates are what this room hands over from a closed unit: open tasks that it has or
// gave, countersignatures that it owes, issues that go on. A task says from whom it
// came; an issue gets a number of its new unit and keeps the old one in its opinion.
func (s *Service) Estates() []org.Estate {
	return []org.Estate{
		{Key: "tasks", Open: func(ctx context.Context, q db.Q, from, _ org.Unit) (int, error) {
			return countHandTasks(ctx, q, from.ID)
		},
			Hand: func(ctx context.Context, tx *audit.Tx, who actor.Actor, from, to org.Unit) (int, error) {
				// Nobody reports to himself: what would be given by its own unit is given by the one above.
				above := to.Parent
				if above == "" {
					above = to.ID
				}
				moved, err := handTasks(ctx, tx, from.ID, to.ID, above)
				for _, n := range moved {
					if err == nil {
						err = s.note(ctx, tx, who, n, "handover", from.Name+" → "+to.Name, nil)
					}
				}
				return len(moved), err
			}},
		handCosigns.Estate(),
		{Key: "issues", Open: func(ctx context.Context, q db.Q, from, _ org.Unit) (int, error) {
			list, err := handIssues(ctx, q, from.ID)
			return len(list), err
		}, Hand: func(ctx context.Context, tx *audit.Tx, _ actor.Actor, from, to org.Unit) (int, error) {
			list, err := handIssues(ctx, tx, from.ID)
			for _, x := range list {
				if err == nil {
					err = moveIssue(ctx, tx, x, to.ID, from.Name+" → "+to.Name+"："+x.Number(s.Dir.Short(from.ID)))
				}
			}
			return len(list), err
		}},
	}
}
