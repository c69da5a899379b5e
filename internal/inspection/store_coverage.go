package inspection

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/platform/db"
)

// KindOfVisit is Round.KindOf of a visit v in its round r, in SQL.
const KindOfVisit = "(CASE WHEN v.kind = '' THEN r.kind ELSE v.kind END)"

// InspectsVisit is Inspects of a visit v in its round r, in SQL.
var InspectsVisit = KindOfVisit + " NOT IN ('" + strings.Join(others, "','") + "')"

const visitsOfKind = "SELECT v.id FROM inspection_visit v JOIN inspection_round r ON r.id = v.round_id WHERE " + KindOfVisit + " = "

// begun lists the inspections that have begun, oldest first.
func begun(ctx context.Context, q db.Q) ([]seen, error) {
	rows, err := q.Query(ctx, `SELECT v.unit_id, v.round_id, r.term_id, r.name, v.entry_on FROM inspection_visit v
		JOIN inspection_round r ON r.id = v.round_id WHERE v.state <> $1 AND `+InspectsVisit+` ORDER BY v.entry_on, v.id`, VisitPlanned)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (x seen, err error) {
		return x, r.Scan(&x.Unit, &x.Round, &x.Term, &x.Name, &x.Entry)
	})
	if err != nil {
		return nil, fmt.Errorf("read coverage: %w", err)
	}
	return out, nil
}
