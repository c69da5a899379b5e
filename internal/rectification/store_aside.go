package rectification

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// asidesOf lists the requests of an item to be set aside, oldest first.
func asidesOf(ctx context.Context, q db.Q, item id.ID) ([]Aside, error) {
	rows, err := q.Query(ctx, `SELECT id, item_id, no, kind, ground, reason, evidence, until_on, COALESCE(person_id,''), at, state, COALESCE(judge_id,''), judged_at, opinion, rev
		FROM rectify_aside WHERE item_id = $1 ORDER BY no`, string(item))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (a Aside, err error) {
		var evidence string
		err = r.Scan(&a.ID, &a.Item, &a.No, &a.Kind, &a.Ground, &a.Reason, &evidence, &a.Until, &a.By, &a.At, &a.State, &a.Judge, &a.JudgeAt, &a.Opinion, &a.Rev)
		a.Evidence = split(evidence)
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("read requests to set aside: %w", err)
	}
	return out, nil
}

func insertAside(ctx context.Context, tx *audit.Tx, a Aside) error {
	tx.Touch("rectify_aside", a.ID)
	return tx.InsertMany(ctx, "rectify_aside", "id, item_id, no, kind, ground, reason, evidence, until_on, person_id, at, state, judge_id, judged_at, opinion, rev",
		[][]any{{string(a.ID), string(a.Item), a.No, a.Kind, a.Ground, a.Reason, joined(a.Evidence), string(a.Until), db.Null(a.By), tx.At, a.State, nil, "", "", 1}})
}

func judgeAside(ctx context.Context, tx *audit.Tx, a Aside, judge id.ID) error {
	tx.Touch("rectify_aside", a.ID)
	return tx.Change(ctx, "aside", `UPDATE rectify_aside SET state = $1, until_on = $2, judge_id = $3, judged_at = $4, opinion = $5, rev = rev + 1 WHERE id = $6 AND rev = $7`,
		a.State, string(a.Until), db.Null(judge), tx.At, a.Opinion, string(a.ID), a.Rev)
}

// asked restricts a list to items with a request that waits.
func (w *where) asked(kind string) {
	w.add("i.id IN (SELECT item_id FROM rectify_aside WHERE state = 'asked' AND kind = $%d) AND i.open = 1", kind)
}

// expired are accepted deviations whose last day is past.
func expired(ctx context.Context, q db.Q, today clock.Date, limit int) ([]id.ID, error) {
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT i.id FROM rectify_item i WHERE i.state = 'accepted' AND i.until_on < $1 ORDER BY i.until_on, i.id LIMIT %d", limit), string(today))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
	if err != nil {
		return nil, fmt.Errorf("read accepted deviations: %w", err)
	}
	return out, nil
}
