package conduct

import (
	"context"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
)

func handLeads(ctx context.Context, tx *audit.Tx, from, to id.ID) ([]id.ID, error) {
	rows, err := tx.Query(ctx, "UPDATE conduct_lead SET unit_id = $2, changed_at = $3, rev = rev + 1 WHERE unit_id = $1 AND state IN ('received', 'assigned', 'talking', 'held') RETURNING id", string(from), string(to), tx.At)
	return tx.Returned("conduct_lead", rows, err)
}

// handCases puts a unit in the place of a closed one, as handling, managing and
// receiving unit, in every case that is not over.
func handCases(ctx context.Context, tx *audit.Tx, from, to id.ID) ([]id.ID, error) {
	rows, err := tx.Query(ctx, `UPDATE conduct_case SET unit_id = CASE WHEN unit_id = $1 THEN $2 ELSE unit_id END, manage_id = CASE WHEN manage_id = $1 THEN $2 ELSE manage_id END,
		target_id = CASE WHEN target_id = $1 THEN $2 ELSE target_id END, changed_at = $3, rev = rev + 1
		WHERE (unit_id = $1 OR manage_id = $1 OR target_id = $1) AND state NOT IN ('ended', 'archived', 'visited') RETURNING id`, string(from), string(to), tx.At)
	return tx.Returned("conduct_case", rows, err)
}
