package screening

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/platform/db"
)

// confirmedStaff reads the confirmed hits of departed staff; relatives bar the
// prosecutor, not the lawyer (B13, B14).
func confirmedStaff(ctx context.Context, q db.Q) ([]Hit, error) {
	rows, err := q.Query(ctx, "SELECT "+hitColumns+" FROM screening_hit h WHERE h.state = $1 AND h.subject <> $2 ORDER BY h.id", Confirmed, Kin)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Hit, error) { return scanHit(r) })
	if err != nil {
		return nil, fmt.Errorf("lawyers in a restriction period: %w", err)
	}
	return out, nil
}
