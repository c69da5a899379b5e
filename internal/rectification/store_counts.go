package rectification

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// countsOf groups items as a dashboard sums them up; where narrows them, today
// is the first argument.
func countsOf(ctx context.Context, q db.Q, where string, args ...any) ([]Count, error) {
	// Overdue ones are a sum beside the count, not a group of their own: so the
	// groups stand in the order of the index rectify_item_counts.
	rows, err := q.Query(ctx, `SELECT unit_id, by_id, state, severity, category, verified, COUNT(*),
		SUM(CASE WHEN open = 1 AND state <> 'applied' AND due_on <> '' AND due_on < $1 THEN 1 ELSE 0 END)
		FROM rectify_item WHERE `+where+` GROUP BY unit_id, by_id, state, severity, category, verified`, args...)
	groups, err := db.Collect(rows, err, scanCount)
	if err != nil {
		return nil, fmt.Errorf("count items: %w", err)
	}
	out := make([]Count, 0, len(groups))
	for _, g := range groups {
		c := g.Count
		if c.N -= g.late; c.N > 0 {
			out = append(out, c)
		}
		if c.N, c.Overdue = g.late, true; c.N > 0 {
			out = append(out, c)
		}
	}
	return out, nil
}

// MeasureCounts counts the measures of each unit that serve an item: one pass over the
// index rectify_measure_counts, for a snapshot like that of Counts. Measures that serve
// none are those that the standing check has noted; no service makes any.
func MeasureCounts(ctx context.Context, q db.Q, today clock.Date) (map[id.ID]MeasureCount, error) {
	out := map[id.ID]MeasureCount{}
	const late = "m.state <> '" + MeasureDone + "' AND m.due_on <> '' AND m.due_on < $1"
	read := func(sign int, sums, from string) error {
		rows, err := q.Query(ctx, "SELECT m.unit_id, "+sums+" FROM "+from+" GROUP BY m.unit_id", string(today))
		_, err = db.Collect(rows, err, func(r *sql.Rows) (m MeasureCount, err error) {
			var unit id.ID
			err = r.Scan(&unit, &m.All, &m.Done, &m.Late)
			sum := out[unit]
			sum.Add(MeasureCount{sign * m.All, sign * m.Done, sign * m.Late})
			out[unit] = sum
			return m, err
		})
		if err != nil {
			return fmt.Errorf("count measures of units: %w", err)
		}
		return nil
	}
	const sums = "COUNT(*), SUM(CASE WHEN m.state = '" + MeasureDone + "' THEN 1 ELSE 0 END), SUM(CASE WHEN " + late + " THEN 1 ELSE 0 END)"
	if err := read(1, sums, "rectify_measure m"); err != nil {
		return nil, err
	}
	if err := read(-1, "0, 0, COUNT(DISTINCT m.id)", `rectify_item i JOIN rectify_serves s ON s.item_id = i.id JOIN rectify_measure m ON m.id = s.measure_id
		WHERE i.open = 2 AND `+late+` AND `+rests); err != nil {
		return nil, err
	}
	return out, read(-1, sums, `rectify_hit h JOIN rectify_measure m ON m.id = h.measure_id
		WHERE h.check_name = '`+orphans+`' AND NOT EXISTS (SELECT 1 FROM rectify_serves s WHERE s.measure_id = m.id)`)
}

// rests is the condition that every item which a measure m serves is set aside: then
// nothing of it is worked on, and it is not late.
const rests = "NOT EXISTS (SELECT 1 FROM rectify_serves v JOIN rectify_item j ON j.id = v.item_id WHERE v.measure_id = m.id AND j.open <> 2)"

// resting are those measures of some items that rest. Where none of the items is set
// aside, none does.
func resting(ctx context.Context, q db.Q, items []Item) (map[id.ID]bool, error) {
	var aside []id.ID
	for _, i := range items {
		if i.IsAside() {
			aside = append(aside, i.ID)
		}
	}
	out := map[id.ID]bool{}
	for part := range slices.Chunk(aside, 500) {
		var args []any
		rows, err := q.Query(ctx, "SELECT DISTINCT m.id FROM rectify_serves s JOIN rectify_measure m ON m.id = s.measure_id WHERE s.item_id IN ("+list(&args, part)+") AND "+rests, args...)
		_, err = db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) {
			err = r.Scan(&n)
			out[n] = true
			return n, err
		})
		if err != nil {
			return nil, fmt.Errorf("read measures that rest: %w", err)
		}
	}
	return out, nil
}

// rest marks the measures of some items that rest.
func rest(ctx context.Context, q db.Q, items []Item, of map[id.ID][]Measure) error {
	still, err := resting(ctx, q, items)
	if err != nil || len(still) == 0 {
		return err
	}
	for _, list := range of {
		for n := range list {
			list[n].Rests = still[list[n].ID]
		}
	}
	return nil
}

// CountsConcerning groups the items that concern one of some persons: what has
// to be taken out of Counts before a reader who is one of them, or whose
// relative is, sees any sum.
func CountsConcerning(ctx context.Context, q db.Q, today clock.Date, persons []id.ID) ([]Count, error) {
	if len(persons) == 0 {
		return nil, nil
	}
	args := []any{string(today)}
	return countsOf(ctx, q, concerning("id", persons, &args), args...)
}

// concerning is the condition that an item of the column concerns one of some
// persons, itself or by its finding. Each of the two is found by its own index:
// for both at once PostgreSQL would read the whole ledger.
func concerning(column string, persons []id.ID, args *[]any) string {
	them := "(SELECT object_id FROM access_concern WHERE person_id IN (" + list(args, persons) + "))"
	return column + " IN (SELECT id FROM rectify_item WHERE id IN " + them + " UNION SELECT id FROM rectify_item WHERE finding_id IN " + them + ")"
}

// rateOf counts the closed items of a list and all of them.
func rateOf(ctx context.Context, q db.Q, w where) (closed, all int, err error) {
	err = q.QueryRow(ctx, "SELECT COUNT(*), COALESCE(SUM(CASE WHEN i.state = '"+StateClosed+"' THEN 1 ELSE 0 END), 0) FROM rectify_item i WHERE "+w.sql(), w.args...).Scan(&all, &closed)
	if err != nil {
		return 0, 0, fmt.Errorf("count closed items: %w", err)
	}
	return closed, all, nil
}
