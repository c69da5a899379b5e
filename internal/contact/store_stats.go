package contact

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// periodsOf are the periods of a year, by month and by quarter.
func periodsOf(year int) []Period {
	var out []Period
	for q := 1; q <= 4; q++ {
		p := Period(fmt.Sprintf("%04d-Q%d", year, q))
		out = append(append(out, p), p.Months()...)
	}
	return out
}

// apart leaves out what concerns the actor or his relatives, and what passed the
// units over for which he counts: a record that was routed past a unit is in none
// of its figures (see passedOver; two levels up a unit counts again).
func apart(shadow actor.Actor, counts []id.ID, year int) (w where) {
	w.conds = append(w.conds, "m.state IN ('"+strings.Join(Kept, "','")+"')", "m.period IN ("+marks(&w.args, periodsOf(year))+")")
	if kin := shadow.Kin(); len(kin) > 0 {
		w.conds = append(w.conds, "m.id NOT IN (SELECT object_id FROM access_concern WHERE person_id IN ("+marks(&w.args, kin)+"))")
	}
	var either []string
	for _, u := range counts {
		w.args = append(w.args, string(u))
		n := len(w.args)
		either = append(either, fmt.Sprintf("(m.office_id = $%d OR m.unit_id NOT IN (SELECT unit_id FROM access_tree WHERE above_id = $%d) OR COALESCE(m.upper_id, '') IN (SELECT unit_id FROM access_tree WHERE above_id = $%d))", n, n, n))
	}
	if len(either) > 0 {
		w.conds = append(w.conds, "("+strings.Join(either, " OR ")+")")
	}
	return w
}

// countRecords counts records by a column and quarter.
func countRecords(ctx context.Context, q db.Q, w where, column string) (map[string]Counts, error) {
	rows, err := q.Query(ctx, "SELECT "+column+", m.period, COUNT(*) FROM contact_matter m WHERE "+w.sql()+" GROUP BY "+column+", m.period", w.args...)
	out := map[string]Counts{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (n int, err error) {
		var key string
		var p Period
		if err = r.Scan(&key, &p, &n); err == nil {
			c := out[key]
			_, month := p.last()
			c[(month+2)/3-1] += n
			out[key] = c
		}
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("count records by %s: %w", column, err)
	}
	return out, nil
}

// countMonths counts records by the months of a quarter.
func countMonths(ctx context.Context, q db.Q, w where, months []Period) ([]int, error) {
	rows, err := q.Query(ctx, "SELECT m.period, COUNT(*) FROM contact_matter m WHERE "+w.sql()+" GROUP BY m.period", w.args...)
	out := make([]int, len(months))
	_, err = db.Collect(rows, err, func(r *sql.Rows) (n int, err error) {
		var p Period
		if err = r.Scan(&p, &n); err == nil {
			for i, m := range months {
				if m == p {
					out[i] = n
				}
			}
		}
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("count records by month: %w", err)
	}
	return out, nil
}

// statColumns are the columns of the dimensions; flags are read as 0 and 1.
var statColumns = map[string]string{
	"level": "CAST(m.level AS TEXT)", "class": "CASE WHEN m.category = '' THEN m.claimed ELSE m.category END", "asker": "m.asker", "area": "m.area", "record": "m.record",
	"outcome": "CASE WHEN m.outcome = '' THEN 'open' ELSE m.outcome END", "insider": flag("m.insider"), "leadership": flag("m.leadership"), "catch_up": flag("m.catch_up"),
}

func flag(column string) string { return "CASE WHEN " + column + " THEN 'yes' ELSE 'no' END" }

// filingUnits counts, by quarter, the units below one that filed returns, and
// those of them without a single record.
func filingUnits(ctx context.Context, q db.Q, root id.ID, year int) (filing map[id.ID][4]bool, err error) {
	var args []any
	in := marks(&args, periodsOf(year))
	args = append(args, string(root))
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT DISTINCT c.unit_id, c.period FROM contact_closing c WHERE c.period IN (%s) AND c.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $%d)", in, len(args)), args...)
	filing = map[id.ID][4]bool{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (u id.ID, err error) {
		var p Period
		if err = r.Scan(&u, &p); err == nil {
			x := filing[u]
			_, month := p.last()
			x[(month+2)/3-1] = true
			filing[u] = x
		}
		return u, err
	})
	if err != nil {
		return nil, fmt.Errorf("read units that filed: %w", err)
	}
	return filing, nil
}
