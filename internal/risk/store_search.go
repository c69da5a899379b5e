package risk

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"unicode/utf8"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

// searchAlerts reads, newest first, the alerts that the actor may see whose number
// begins with a text, of a unit, or raised by some rules.
func searchAlerts(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, no string, unit id.ID, rules []string, limit int) ([]Alert, error) {
	args := []any{utf8.RuneCountInString(no), no}
	any := []string{"UPPER(SUBSTR(a.no, 1, $1)) = $2"}
	if unit != "" {
		args = append(args, string(unit))
		any = append(any, fmt.Sprintf("a.unit_id = $%d", len(args)))
	}
	if len(rules) > 0 {
		any = append(any, "a.rule IN ("+marks(&args, rules)+")")
	}
	cond := p.Filter(who, "alert.read", alertAccess, &args)
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM risk_alert a WHERE %s AND (%s) ORDER BY a.id DESC LIMIT %d", alertColumns, cond, strings.Join(any, " OR "), limit), args...)
	return db.Collect(rows, err, alertRow)
}

// searchPoints reads, newest first, the points that the actor may see which hold a text.
func searchPoints(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, text string, limit int) ([]Point, error) {
	var args []any
	cond := p.Filter(who, "risk_point.read", pointAccess, &args)
	in := search.Match(q.Engine(), "risk_point", text, &args)
	if in == "" {
		return nil, nil
	}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM risk_point p WHERE %s AND p.id IN (%s) ORDER BY p.id DESC LIMIT %d", pointColumns, cond, in, limit), args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Point, error) { return scanPoint(r) })
}

// indexPoint makes a point findable by its words.
func indexPoint(ctx context.Context, tx *audit.Tx, p Point) error {
	return search.Put(ctx, tx.Tx, "risk_point", p.ID, strings.Join([]string{p.No, p.Post, p.Link, p.Shown, p.Cause, p.Education, p.System, p.Supervision, p.Warning}, "\n"))
}
