package rectification

import (
	"context"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

func countHandItems(ctx context.Context, q db.Q, from id.ID) (n int, err error) {
	if err = q.QueryRow(ctx, "SELECT COUNT(*) FROM rectify_item WHERE unit_id = $1 AND open = 1", string(from)).Scan(&n); err != nil {
		return 0, fmt.Errorf("items to hand over: %w", err)
	}
	return n, nil
}

func countHandMeasures(ctx context.Context, q db.Q, from id.ID) (n int, err error) {
	if err = q.QueryRow(ctx, "SELECT COUNT(*) FROM rectify_measure WHERE unit_id = $1 AND state <> 'done'", string(from)).Scan(&n); err != nil {
		return 0, fmt.Errorf("measures to hand over: %w", err)
	}
	return n, nil
}

func handItems(ctx context.Context, tx *audit.Tx, from, to, by id.ID) (int, error) {
	rows, err := tx.Query(ctx, "UPDATE rectify_item SET unit_id = $2, changed_at = $3, changer_id = $4, rev = rev + 1 WHERE unit_id = $1 AND open = 1 RETURNING id", string(from), string(to), tx.At, db.Null(by))
	ids, err := tx.Returned("rectify_item", rows, err)
	return len(ids), err
}

func handMeasures(ctx context.Context, tx *audit.Tx, from, to, by id.ID) (int, error) {
	rows, err := tx.Query(ctx, "UPDATE rectify_measure SET unit_id = $2, changed_at = $3, changer_id = $4, rev = rev + 1 WHERE unit_id = $1 AND state <> 'done' RETURNING id", string(from), string(to), tx.At, db.Null(by))
	ids, err := tx.Returned("rectify_measure", rows, err)
	return len(ids), err
}
