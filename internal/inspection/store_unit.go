package inspection

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Quoted is a finding that was fed back to a unit, as other rooms quote it.
type Quoted struct {
	ID    id.ID
	No    string
	Title string
	On    clock.Date // fed back on
}

// QuotedOf lists the newest findings that were fed back to a unit. The caller
// judges who may read them.
func QuotedOf(ctx context.Context, q db.Q, unit id.ID, limit int) ([]Quoted, error) {
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT f.id, f.no, f.title, v.feedback_on FROM inspection_finding f JOIN inspection_visit v ON v.id = f.visit_id
		WHERE f.unit_id = $1 AND v.feedback_on <> '' AND NOT EXISTS (SELECT 1 FROM access_concern c WHERE c.object_id = f.id) ORDER BY f.id DESC LIMIT %d`, limit), string(unit))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (k Quoted, err error) { return k, r.Scan(&k.ID, &k.No, &k.Title, &k.On) })
	if err != nil {
		return nil, fmt.Errorf("findings of a unit: %w", err)
	}
	return out, nil
}
