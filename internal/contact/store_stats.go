package contact

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

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

const figureSQL = "m.id, m.unit_id, m.office_id, COALESCE(m.upper_id, ''), m.state, m.period, m.level, CASE WHEN m.category = '' THEN m.claimed ELSE m.category END, m.asker, m.area, m.record, m.outcome, m.leadership, m.catch_up, m.prohibited"

// figureRow is a record as the figures count it.
type figureRow struct {
	id, unit, office, upper             id.ID
	state                               string
	period                              Period
	level                               int
	class, asker, area, record, outcome string
	leadership, catchUp                 bool
	prohibited                          string
}

func scanFigure(r *sql.Rows) (f figureRow, err error) {
	return f, r.Scan(&f.id, &f.unit, &f.office, &f.upper, &f.state, &f.period, &f.level, &f.class, &f.asker, &f.area, &f.record, &f.outcome, &f.leadership, &f.catchUp, &f.prohibited)
}

// figuresOf reads the records of a year, from the index alone.
func figuresOf(ctx context.Context, q db.Q, year int) ([]figureRow, error) {
	var args []any
	rows, err := q.Query(ctx, "SELECT "+figureSQL+" FROM contact_matter m WHERE m.state IN ('"+strings.Join(Kept, "','")+"') AND m.period IN ("+marks(&args, periodsOf(year))+")", args...)
	out, err := db.Collect(rows, err, scanFigure)
	if err != nil {
		return nil, fmt.Errorf("read records to count: %w", err)
	}
	return out, nil
}

// figuresByID reads records again that changed.
func figuresByID(ctx context.Context, q db.Q, ids []id.ID) ([]figureRow, error) {
	var args []any
	rows, err := q.Query(ctx, "SELECT "+figureSQL+" FROM contact_matter m WHERE m.state IN ('"+strings.Join(Kept, "','")+"') AND m.id IN ("+marks(&args, ids)+")", args...)
	out, err := db.Collect(rows, err, scanFigure)
	if err != nil {
		return nil, fmt.Errorf("read records to count: %w", err)
	}
	return out, nil
}

// concernOf are the objects that concern persons.
func concernOf(ctx context.Context, q db.Q, persons []id.ID) (map[id.ID]bool, error) {
	out := map[id.ID]bool{}
	if len(persons) == 0 {
		return out, nil
	}
	var args []any
	rows, err := q.Query(ctx, "SELECT object_id FROM access_concern WHERE person_id IN ("+marks(&args, persons)+")", args...)
	_, err = db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) {
		if err = r.Scan(&n); err == nil {
			out[n] = true
		}
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what concerns somebody: %w", err)
	}
	return out, nil
}

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
