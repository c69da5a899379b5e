package rectification

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// failing lists what a check finds now, up to a limit.
func failing(ctx context.Context, q db.Q, c Inconsistency, today clock.Date, limit int) ([]Hit, error) {
	cond, args := c.cond, []any{}
	if strings.Contains(cond, "$T") {
		cond, args = strings.ReplaceAll(cond, "$T", "$1"), []any{string(today)}
	}
	return hitRows(ctx, q, c.Name, fmt.Sprintf("SELECT i.id, '', i.unit_id, i.by_id, i.no, i.title, i.due_on FROM rectify_item i WHERE %s ORDER BY i.id LIMIT %d", cond, limit), args...)
}

// lonely lists measures that serve no problem.
func lonely(ctx context.Context, q db.Q, limit int) ([]Hit, error) {
	return hitRows(ctx, q, orphans, fmt.Sprintf(`SELECT m.id, m.id, m.unit_id, m.unit_id, '', m.body, m.due_on FROM rectify_measure m
		WHERE NOT EXISTS (SELECT 1 FROM rectify_serves s WHERE s.measure_id = m.id) ORDER BY m.id LIMIT %d`, limit))
}

func hitRows(ctx context.Context, q db.Q, name, text string, args ...any) ([]Hit, error) {
	rows, err := q.Query(ctx, text, args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (h Hit, err error) {
		h.Check = name
		return h, r.Scan(&h.Item, &h.Measure, &h.Unit, &h.By, &h.No, &h.Title, &h.Due)
	})
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", name, err)
	}
	return out, nil
}

// stillFailing tells which of some items still fail a check.
func stillFailing(ctx context.Context, q db.Q, c Inconsistency, today clock.Date, items []id.ID) (map[id.ID]bool, error) {
	out := map[id.ID]bool{}
	if len(items) == 0 {
		return out, nil
	}
	args := []any{string(today)}
	cond := strings.ReplaceAll(c.cond, "$T", "$1")
	rows, err := q.Query(ctx, "SELECT i.id FROM rectify_item i WHERE $1 <> '' AND "+cond+" AND i.id IN ("+list(&args, items)+")", args...)
	_, err = db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) {
		err = r.Scan(&n)
		out[n] = true
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("check %s again: %w", c.Name, err)
	}
	return out, nil
}

var hitColumns = access.Columns{Units: []string{"h.unit_id"}, By: "h.by_id", Concern: []string{"h.item_id"}}

// knownHits are the places that a check has noted, by item.
func knownHits(ctx context.Context, q db.Q, check string) (map[id.ID]id.ID, error) {
	out := map[id.ID]id.ID{}
	rows, err := q.Query(ctx, "SELECT item_id, id FROM rectify_hit WHERE check_name = $1", check)
	_, err = db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) {
		var hit id.ID
		err = r.Scan(&n, &hit)
		out[n] = hit
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("read noted places: %w", err)
	}
	return out, nil
}

func insertHits(ctx context.Context, tx *audit.Tx, hits []Hit) error {
	rows := make([][]any, len(hits))
	for n, h := range hits {
		h.ID = id.New()
		tx.Touch("rectify_hit", h.ID)
		rows[n] = []any{string(h.ID), h.Check, string(h.Item), db.Null(h.Measure), string(h.Unit), string(h.By), tx.At}
	}
	return tx.InsertMany(ctx, "rectify_hit", "id, check_name, item_id, measure_id, unit_id, by_id, at", rows)
}

func removeHits(ctx context.Context, tx *audit.Tx, ids []id.ID) error {
	for part := range slices.Chunk(ids, 500) {
		var args []any
		if _, err := tx.Exec(ctx, "DELETE FROM rectify_hit WHERE id IN ("+list(&args, part)+")", args...); err != nil {
			return fmt.Errorf("forget noted places: %w", err)
		}
		tx.Gone("rectify_hit", part...)
	}
	return nil
}

// countHits counts the noted places that a reader may see, by check.
func countHits(ctx context.Context, q db.Q, cond string, args []any) (map[string]int, error) {
	out := map[string]int{}
	rows, err := q.Query(ctx, "SELECT h.check_name, COUNT(*) FROM rectify_hit h WHERE "+cond+" GROUP BY h.check_name", args...)
	_, err = db.Collect(rows, err, func(r *sql.Rows) (n int, err error) {
		var name string
		err = r.Scan(&name, &n)
		out[name] = n
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("count noted places: %w", err)
	}
	return out, nil
}

// hitsOf lists the noted places of a check that a reader may see.
func hitsOf(ctx context.Context, q db.Q, check, cond string, args []any, limit int) ([]Hit, error) {
	args = append(slices.Clone(args), check)
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT h.id, h.check_name, h.item_id, COALESCE(h.measure_id,''), h.unit_id, COALESCE(i.no, ''), COALESCE(i.title, m.body, ''), COALESCE(i.due_on, m.due_on, '')
		FROM rectify_hit h LEFT JOIN rectify_item i ON i.id = h.item_id LEFT JOIN rectify_measure m ON m.id = h.measure_id
		WHERE %s AND h.check_name = $%d ORDER BY h.id LIMIT %d`, cond, len(args), limit), args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (h Hit, err error) {
		return h, r.Scan(&h.ID, &h.Check, &h.Item, &h.Measure, &h.Unit, &h.No, &h.Title, &h.Due)
	})
	if err != nil {
		return nil, fmt.Errorf("read noted places: %w", err)
	}
	return out, nil
}
