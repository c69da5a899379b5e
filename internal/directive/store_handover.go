package directive

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const handOpen = "open = 1 AND (unit_id = $1 OR by_id = $1 OR hand_to = $1)"

var handCosigns = org.Rows{Key: "cosigns", Table: "directive_cosign", Where: "state = '" + CosignAsked + "'"}

func countHandTasks(ctx context.Context, q db.Q, from id.ID) (int, error) {
	return org.CountOpen(ctx, q, "tasks", "SELECT COUNT(*) FROM directive_task WHERE "+handOpen, string(from))
}

// handTasks puts a unit in the place of a closed one in all open tasks; a task that
// would then be given by its own unit is given by the one above.
func handTasks(ctx context.Context, tx *audit.Tx, from, to, above id.ID) ([]id.ID, error) {
	rows, err := tx.Query(ctx, `UPDATE directive_task SET unit_id = CASE WHEN unit_id = $1 THEN $2 ELSE unit_id END,
		hand_to = CASE WHEN hand_to = $1 THEN $2 ELSE hand_to END,
		by_id = CASE WHEN unit_id = $1 AND by_id = $2 THEN $3 WHEN by_id = $1 AND unit_id = $2 THEN $3 WHEN by_id = $1 THEN $2 ELSE by_id END,
		rev = rev + 1 WHERE `+handOpen+" RETURNING id", string(from), string(to), string(above))
	return tx.Returned("directive_task", rows, err)
}

// handIssues are the issues of a unit that go on: proposed, recurring, or with an open task.
func handIssues(ctx context.Context, q db.Q, from id.ID) ([]Issue, error) {
	rows, err := q.Query(ctx, "SELECT "+issueColumns+" FROM directive_issue x WHERE x.unit_id = $1 AND (x.state = $2 OR x.state = $3 AND (x.every <> '' OR EXISTS (SELECT 1 FROM directive_task t WHERE t.issue_id = x.id AND t.open = 1))) ORDER BY x.id",
		string(from), IssueProposed, IssueSent)
	return db.Collect(rows, err, func(r *sql.Rows) (Issue, error) { return scanIssue(r) })
}

// moveIssue gives an issue to a unit, under its next number.
func moveIssue(ctx context.Context, tx *audit.Tx, x Issue, to id.ID, note string) error {
	if err := tx.QueryRow(ctx, "SELECT COALESCE(MAX(no), 0) + 1 FROM directive_issue WHERE unit_id = $1 AND year = $2", string(to), x.Year).Scan(&x.No); err != nil {
		return fmt.Errorf("number an issue: %w", err)
	}
	tx.Touch("directive_issue", x.ID)
	return tx.Change(ctx, "issue", "UPDATE directive_issue SET unit_id = $1, no = $2, opinion = $3, rev = rev + 1 WHERE id = $4 AND rev = $5",
		string(to), x.No, strings.TrimSpace(x.Opinion+"\n"+note), string(x.ID), x.Rev)
}
