package rectification

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// ClosedOf tells for findings on which day their item was closed (销号); those
// that are open or unknown are left out.
func ClosedOf(ctx context.Context, q db.Q, findings []id.ID) (map[id.ID]clock.Date, error) {
	out := map[id.ID]clock.Date{}
	if len(findings) == 0 {
		return out, nil
	}
	args := make([]any, len(findings))
	marks := make([]string, len(findings))
	for i, f := range findings {
		args[i], marks[i] = string(f), "$"+strconv.Itoa(i+1)
	}
	rows, err := q.Query(ctx, "SELECT finding_id, closed_on FROM rectify_item WHERE closed_on <> '' AND finding_id IN ("+strings.Join(marks, ",")+")", args...)
	type pair struct {
		finding id.ID
		on      clock.Date
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (x pair, err error) { return x, r.Scan(&x.finding, &x.on) })
	if err != nil {
		return nil, fmt.Errorf("closed items: %w", err)
	}
	for _, x := range list {
		out[x.finding] = x.on
	}
	return out, nil
}
