package contact

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// insertSummary tells whether it wrote: a quarter's summary is sent once.
func insertSummary(ctx context.Context, tx *audit.Tx, x Summary) (bool, error) {
	res, err := tx.Exec(ctx, `INSERT INTO contact_summary (id, unit_id, quarter, due_on, sent_on, reference, by_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		string(x.ID), string(x.Unit), string(x.Quarter), string(x.Due), string(x.Sent), x.Reference, string(x.By), tx.At)
	if err != nil {
		return false, fmt.Errorf("write a summary: %w", err)
	}
	n, err := res.RowsAffected()
	if n > 0 {
		tx.Touch("contact_summary", x.ID)
	}
	return n > 0, err
}

func summariesOf(ctx context.Context, q db.Q, quarter Period, unit id.ID) ([]Summary, error) {
	rows, err := q.Query(ctx, "SELECT id, unit_id, quarter, due_on, sent_on, reference, by_id FROM contact_summary WHERE unit_id = $1 AND quarter = $2", string(unit), string(quarter))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (x Summary, err error) {
		return x, r.Scan(&x.ID, &x.Unit, &x.Quarter, &x.Due, &x.Sent, &x.Reference, &x.By)
	})
	if err != nil {
		return nil, fmt.Errorf("read summaries: %w", err)
	}
	return out, nil
}

// anyFiled tells whether anybody of a unit filed for one of some periods.
func anyFiled(ctx context.Context, q db.Q, unit id.ID, periods []Period) (bool, error) {
	var args []any
	ps := marks(&args, periods)
	args = append(args, string(unit))
	var n int
	err := q.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM contact_return r WHERE r.period IN (%s) AND r.unit_id = $%d LIMIT 1) AS x", ps, len(args)), args...).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look for returns: %w", err)
	}
	return n > 0, nil
}
