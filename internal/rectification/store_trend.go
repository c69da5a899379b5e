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

// monthsOf counts what came in, was closed, was due and was set aside by its month.
func monthsOf(ctx context.Context, q db.Q, w where, first clock.Date) (m months, err error) {
	if q.Engine() == db.Postgres {
		err = m.atOnce(ctx, q, w)
	} else {
		err = m.oneByOne(ctx, q, w)
	}
	if err != nil {
		return m, err
	}
	m.back, err = reopenedByMonth(ctx, q, w, first)
	return m, err
}

// atOnce reads the items once for all four dates: PostgreSQL takes as long for the
// index of one date as for the table.
func (m *months) atOnce(ctx context.Context, q db.Q, w where) error {
	rows, err := q.Query(ctx, `SELECT fed_back_on, closed_on, due_on, aside_on, COUNT(*) FROM (
		SELECT i.fed_back_on, CASE WHEN i.state = 'closed' THEN i.closed_on ELSE '' END AS closed_on, i.due_on, CASE WHEN i.open = 2 THEN i.aside_on ELSE '' END AS aside_on
		FROM rectify_item i WHERE `+w.sql()+`) x GROUP BY GROUPING SETS ((fed_back_on), (closed_on), (due_on), (aside_on))`, w.args...)
	type counted struct {
		dates [4]sql.NullString // the one that was counted by is there
		n     int
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (c counted, err error) {
		return c, r.Scan(&c.dates[0], &c.dates[1], &c.dates[2], &c.dates[3], &c.n)
	})
	if err != nil {
		return fmt.Errorf("sum months: %w", err)
	}
	by := [4]map[string]int{{}, {}, {}, {}}
	for _, c := range list {
		for i, d := range c.dates {
			if d.String != "" {
				by[i][d.String[:min(7, len(d.String))]] += c.n
			}
		}
	}
	m.in, m.closed, m.due, m.aside = by[0], by[1], by[2], by[3]
	return nil
}

// oneByOne counts by each date in the order that an index of SQLite has it in.
func (m *months) oneByOne(ctx context.Context, q db.Q, w where) (err error) {
	if m.in, err = byMonth(ctx, q, "i.fed_back_on", "TRUE", w); err != nil {
		return err
	}
	if m.closed, err = byMonth(ctx, q, "i.closed_on", "i.state = 'closed'", w); err != nil {
		return err
	}
	if m.due, err = byMonth(ctx, q, "i.due_on", "TRUE", w); err != nil {
		return err
	}
	m.aside, err = byMonth(ctx, q, "i.aside_on", "i.open = 2", w)
	return err
}
