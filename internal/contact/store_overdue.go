package contact

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// overdueParts are the tables whose rows have an office and a day, with the words by
// which their kind is told and the rows that are still open.
var overdueParts = []struct{ table, kind, open string }{
	{"contact_matter", "CASE WHEN x.state = 'returned' THEN 'returned' WHEN x.read_at = '' THEN 'unread' ELSE 'handling' END", "x.state IN ('" + strings.Join(Kept, "','") + "')"},
	{"contact_crosscheck", "'crosscheck'", "x.state IN ('one_sided', 'contradicted', 'queried', 'replied')"},
	{"contact_letter", "'letter'", "x.state NOT IN ('confirmed', 'settled')"},
	{"contact_omission", "'omission'", "x.state IN ('noted', 'heard', 'proposed')"},
	{"contact_talk", "'talk'", "x.state = 'arranged'"},
}

// overdueBelow counts what offices below a unit have open past its day. Matters and
// cross-checks name people by pseudonyms, the others by themselves.
func overdueBelow(ctx context.Context, q db.Q, unit id.ID, today clock.Date, shadows, kin []id.ID) ([]Overdue, error) {
	var all []Overdue
	for _, p := range overdueParts {
		of, people := "x.id", kin
		switch p.table {
		case "contact_matter":
			people = shadows
		case "contact_crosscheck":
			of, people = "x.matter_id", shadows
		}
		args := []any{string(today), string(unit)}
		without := ""
		if len(people) > 0 {
			without = " AND NOT EXISTS (SELECT 1 FROM access_concern a WHERE a.object_id = " + of + " AND a.person_id IN (" + marks(&args, people) + "))"
		}
		rows, err := q.Query(ctx, `SELECT y.office_id, y.kind, COUNT(*), MIN(y.due_on) FROM (SELECT x.office_id, `+p.kind+` AS kind, x.due_on FROM `+p.table+` x
			WHERE x.due_on <> '' AND x.due_on < $1 AND `+p.open+` AND x.office_id IN (SELECT unit_id FROM access_tree WHERE above_id = $2)`+without+`) AS y
			GROUP BY y.office_id, y.kind`, args...)
		list, err := db.Collect(rows, err, func(r *sql.Rows) (o Overdue, err error) { return o, r.Scan(&o.Office, &o.Kind, &o.N, &o.Oldest) })
		if err != nil {
			return nil, fmt.Errorf("count what is overdue in %s: %w", p.table, err)
		}
		all = append(all, list...)
	}
	return all, nil
}
