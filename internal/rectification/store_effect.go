package rectification

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// effectsOf lists the facts of effect of some items with the names of their proof,
// in the order of the claims.
func effectsOf(ctx context.Context, q db.Q, items []id.ID) (map[id.ID][]Effect, error) {
	out := map[id.ID][]Effect{}
	for part := range slices.Chunk(items, 500) {
		var args []any
		in := list(&args, part)
		names := map[string]string{}
		rows, err := q.Query(ctx, "SELECT e.id, e.name FROM rectify_evidence e WHERE e.item_id IN ("+in+")", args...)
		_, err = db.Collect(rows, err, func(r *sql.Rows) (s string, err error) {
			var n, name string
			if err = r.Scan(&n, &name); err == nil {
				names[n] = name
			}
			return n, err
		})
		if err != nil {
			return nil, fmt.Errorf("read proof of effects: %w", err)
		}
		rows, err = q.Query(ctx, `SELECT c.id, c.item_id, c.kind, c.body, c.cents, c.checked, c.evidence FROM rectify_claim c
			WHERE c.item_id IN (`+in+") AND c.dropped = 0 ORDER BY c.item_id, c.no", args...)
		_, err = db.Collect(rows, err, func(r *sql.Rows) (e Effect, err error) {
			var proof string
			if err = r.Scan(&e.ID, &e.Item, &e.Kind, &e.Text, &e.Cents, &e.Checked, &proof); err != nil {
				return e, err
			}
			for _, n := range strings.Fields(proof) {
				if names[n] != "" {
					e.Proof = append(e.Proof, names[n])
				}
			}
			out[e.Item] = append(out[e.Item], e)
			return e, err
		})
		if err != nil {
			return nil, fmt.Errorf("read effects: %w", err)
		}
	}
	return out, nil
}

// countEffects counts the lines of a list that has one for each effect.
func countEffects(ctx context.Context, q db.Q, w where, most int) (n int, err error) {
	err = q.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM rectify_item i LEFT JOIN rectify_claim c ON c.item_id = i.id AND c.dropped = 0 WHERE %s LIMIT %d) x", w.sql(), most), w.args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the effects of the ledger: %w", err)
	}
	return n, nil
}
