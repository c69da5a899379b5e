package rectification

import (
	"context"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/fact"
)

// Facts are the figures that this room lends to others.
func Facts() map[string]fact.Source {
	return map[string]fact.Source{"item.on_time": itemsOnTime, "item.honest": itemsHonest}
}

// itemsOnTime counts the items of a unit that fell due in the period by the
// first clock: for it those closed by the date in force. A reopened one is open;
// what is set aside counts neither way.
func itemsOnTime(ctx context.Context, q db.Q, unit id.ID, from, to clock.Date) (fact.Fact, error) {
	return fact.Collect(ctx, q, "/items/", `SELECT id, title, CASE WHEN state = 'closed' AND closed_on <= due_on THEN 1 ELSE 0 END FROM rectify_item
		WHERE unit_id = $1 AND first_due_on >= $2 AND first_due_on <= $3 AND open <> 2`, string(unit), string(from), string(to))
}

// itemsHonest counts the items that a look-back verified in the period: for the
// unit those that held. What could not be verified counts neither way.
func itemsHonest(ctx context.Context, q db.Q, unit id.ID, from, to clock.Date) (fact.Fact, error) {
	return fact.Collect(ctx, q, "/items/", `SELECT id, title, CASE WHEN verified = '`+Held+`' THEN 1 ELSE 0 END FROM rectify_item
		WHERE unit_id = $1 AND verified <> '' AND verified <> '`+Unverifiable+`' AND verified_on >= $2 AND verified_on <= $3`, string(unit), string(from), string(to))
}
