package rectification

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/clock"
	"huikan/internal/platform/db"
)

type monthCount struct {
	month string
	n     int
}

func collectMonths(rows *sql.Rows, err error) (map[string]int, error) {
	list, err := db.Collect(rows, err, func(r *sql.Rows) (m monthCount, err error) { return m, r.Scan(&m.month, &m.n) })
	if err != nil {
		return nil, fmt.Errorf("sum months: %w", err)
	}
	out := map[string]int{}
	for _, m := range list {
		out[m.month[:min(7, len(m.month))]] += m.n
	}
	return out, nil
}

// byMonth counts items by the month of a date. They are grouped by the date
// itself, in whose order an index has them.
func byMonth(ctx context.Context, q db.Q, column, cond string, w where) (map[string]int, error) {
	rows, err := q.Query(ctx, "SELECT "+column+", COUNT(*) FROM rectify_item i WHERE "+column+" > '' AND "+cond+" AND "+w.sql()+" GROUP BY "+column, w.args...)
	return collectMonths(rows, err)
}

// reopenedByMonth counts closed items that came back, once for each time.
func reopenedByMonth(ctx context.Context, q db.Q, w where, from clock.Date) (map[string]int, error) {
	w.add("e.at >= $%d", clock.Instant(from.Time()))
	rows, err := q.Query(ctx, "SELECT substr(e.at, 1, 7), COUNT(*) FROM rectify_item i JOIN rectify_event e ON e.item_id = i.id WHERE i.reopened > 0 AND e.act = 'reopen' AND "+w.sql()+" GROUP BY substr(e.at, 1, 7)", w.args...)
	return collectMonths(rows, err)
}

func monthsOf(ctx context.Context, q db.Q, w where, first clock.Date) (m months, err error) {
	if m.in, err = byMonth(ctx, q, "i.fed_back_on", "TRUE", w); err != nil {
		return m, err
	}
	if m.closed, err = byMonth(ctx, q, "i.closed_on", "i.state = 'closed'", w); err != nil {
		return m, err
	}
	if m.due, err = byMonth(ctx, q, "i.due_on", "TRUE", w); err != nil {
		return m, err
	}
	if m.aside, err = byMonth(ctx, q, "i.aside_on", "i.open = 2", w); err != nil {
		return m, err
	}
	m.back, err = reopenedByMonth(ctx, q, w, first)
	return m, err
}
