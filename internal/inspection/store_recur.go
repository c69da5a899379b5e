package inspection

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// RecursElsewhere tells which of some findings a later finding of another unit
// was linked to as the same problem coming back.
func RecursElsewhere(ctx context.Context, q db.Q, findings []id.ID) (map[id.ID]bool, error) {
	out := map[id.ID]bool{}
	for part := range slices.Chunk(findings, 500) {
		args := make([]any, len(part))
		marks := make([]string, len(part))
		for i, n := range part {
			args[i], marks[i] = string(n), "$"+strconv.Itoa(i+1)
		}
		rows, err := q.Query(ctx, "SELECT DISTINCT e.id FROM inspection_finding f JOIN inspection_finding e ON e.id = f.recurs_id WHERE f.unit_id <> e.unit_id AND f.recurs_id IN ("+strings.Join(marks, ",")+")", args...)
		list, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
		if err != nil {
			return nil, fmt.Errorf("findings that came back elsewhere: %w", err)
		}
		for _, n := range list {
			out[n] = true
		}
	}
	return out, nil
}
