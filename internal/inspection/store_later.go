package inspection

import (
	"context"
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
)

func countVisits(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, from, to clock.Date) (map[id.ID]int, error) {
	args := []any{string(from), string(to), VisitFedBack}
	cond := p.Filter(who, "coverage.read", visitAccess, &args)
	return countsByUnit(ctx, q, "SELECT v.unit_id, COUNT(*) FROM inspection_visit v WHERE v.entry_on >= $1 AND v.entry_on <= $2 AND v.state = $3 AND "+cond+" GROUP BY v.unit_id", args)
}

// countFound starts from the inspections of the time, which are few beside all findings.
func countFound(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, category string, from, to clock.Date) (map[id.ID]int, error) {
	args := []any{string(from), string(to), VisitFedBack, category}
	cond := p.Filter(who, "finding.read", findingAccess, &args)
	var states []string
	for _, s := range knownStates {
		if s != Withdrawn {
			states = append(states, "'"+s+"'")
		}
	}
	return countsByUnit(ctx, q, `SELECT f.unit_id, COUNT(*) FROM inspection_visit v JOIN inspection_finding f ON f.unit_id = v.unit_id AND f.visit_id = v.id
		WHERE v.entry_on >= $1 AND v.entry_on <= $2 AND v.state = $3 AND f.category = $4 AND f.state IN (`+strings.Join(states, ",")+") AND "+cond+" GROUP BY f.unit_id", args)
}

func countsByUnit(ctx context.Context, q db.Q, query string, args []any) (map[id.ID]int, error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("count by unit: %w", err)
	}
	defer rows.Close()
	out := map[id.ID]int{}
	for rows.Next() {
		var u id.ID
		var n int
		if err := rows.Scan(&u, &n); err != nil {
			return nil, fmt.Errorf("count by unit: %w", err)
		}
		out[u] = n
	}
	return out, rows.Err()
}
