package contact

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/platform/db"
)

// caseDays reads the days of records about cases, by the blind key of the case,
// without those that passed the office of their own unit over for its people's
// sake; where there is no office nothing was passed over.
func caseDays(ctx context.Context, q db.Q) (map[string][]clock.Date, error) {
	rows, err := q.Query(ctx, "SELECT case_key, recorded_on FROM contact_matter WHERE case_key <> '' AND (office_id = unit_id OR NOT hidden AND NOT insider) AND NOT harmless AND state IN ('"+strings.Join(Kept, "','")+"') ORDER BY recorded_on")
	out := map[string][]clock.Date{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var key string
		var on clock.Date
		err := r.Scan(&key, &on)
		out[key] = append(out[key], on)
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("days of records about cases: %w", err)
	}
	return out, nil
}
