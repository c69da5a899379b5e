package directive

import (
	"context"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/fact"
)

// Facts are the figures that this room lends to others.
func Facts() map[string]fact.Source {
	return map[string]fact.Source{"task.on_time": tasksOnTime}
}

// tasksOnTime counts the tasks of a unit that fell due in the period: for it
// those that were accepted, not only reported, by their date.
func tasksOnTime(ctx context.Context, q db.Q, unit id.ID, from, to clock.Date) (fact.Fact, error) {
	return fact.Collect(ctx, q, "/tasks/", `SELECT id, title, CASE WHEN state = 'done' AND done_on <= due_on THEN 1 ELSE 0 END FROM directive_task
		WHERE unit_id = $1 AND due_on >= $2 AND due_on <= $3 AND state <> 'withdrawn'`, string(unit), string(from), string(to))
}
