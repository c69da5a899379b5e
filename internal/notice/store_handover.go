package notice

import (
	"context"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// estate is what of a table goes over: $1 the closed unit, $2 the other.
type estate struct{ table, where string }

var (
	handReceipt = estate{"notice_receipt", `unit_id = $1 AND state <> 'studied' AND EXISTS (SELECT 1 FROM notice n WHERE n.id = notice_receipt.notice_id AND n.state <> 'closed')
		AND NOT EXISTS (SELECT 1 FROM notice_receipt o WHERE o.notice_id = notice_receipt.notice_id AND o.unit_id = $2)`}
	handPart = estate{"notice_part", `unit_id = $1 AND reported = 0 AND EXISTS (SELECT 1 FROM notice_campaign c WHERE c.id = notice_part.campaign_id AND c.state = 'running')
		AND NOT EXISTS (SELECT 1 FROM notice_part o WHERE o.campaign_id = notice_part.campaign_id AND o.unit_id = $2)`}
)

func countHand(ctx context.Context, q db.Q, e estate, from, to id.ID) (n int, err error) {
	if err = q.QueryRow(ctx, "SELECT COUNT(*) FROM "+e.table+" WHERE "+e.where, string(from), string(to)).Scan(&n); err != nil {
		return 0, fmt.Errorf("%s to hand over: %w", e.table, err)
	}
	return n, nil
}

func hand(ctx context.Context, tx *audit.Tx, e estate, from, to id.ID) (int, error) {
	rows, err := tx.Query(ctx, "UPDATE "+e.table+" SET unit_id = $2, rev = rev + 1 WHERE "+e.where+" RETURNING id", string(from), string(to))
	ids, err := tx.Returned(e.table, rows, err)
	return len(ids), err
}
