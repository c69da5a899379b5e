package inspection

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/platform/db"
)

// undecidedWhere reads findings of a list: one of them, those of an aspect when a rule
// asks, or the oldest.
func undecidedWhere(ctx context.Context, q db.Q, cond string, args []any, c DecideClassCmd, limit int) ([]Finding, error) {
	switch {
	case c.Finding != "":
		args = append(args, string(c.Finding))
		cond += fmt.Sprintf(" AND f.id = $%d", len(args))
	case c.Was != "":
		args = append(args, c.Aspect)
		cond += fmt.Sprintf(" AND f.aspect = $%d", len(args))
	}
	return findingsWhere(ctx, q, cond, "f.id", limit, args)
}

// waitingAspect is a group of undecided findings.
type waitingAspect struct {
	Class, Decided Coded
	Aspect         string
	N              int
}

// waitingAspects groups the findings of a list by class and aspect, the largest first.
func waitingAspects(ctx context.Context, q db.Q, cond string, args []any, limit int) ([]waitingAspect, error) {
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT f.class_of, f.class_code, f.decided_of, f.decided_code, f.aspect, COUNT(*) FROM inspection_finding f WHERE %s
		GROUP BY f.class_of, f.class_code, f.decided_of, f.decided_code, f.aspect ORDER BY COUNT(*) DESC, f.aspect LIMIT %d`, cond, limit), args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (w waitingAspect, err error) {
		return w, r.Scan(&w.Class.Of, &w.Class.Code, &w.Decided.Of, &w.Decided.Code, &w.Aspect, &w.N)
	})
	if err != nil {
		return nil, fmt.Errorf("group undecided findings: %w", err)
	}
	return out, nil
}
