package inspection

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// LinkedRound is a round of a unit below that belongs to a round, with how many of
// its findings were shared.
type LinkedRound struct {
	ID     id.ID  `json:"id"`
	Name   string `json:"name"`
	Unit   id.ID  `json:"unit"`
	State  string `json:"state"`
	Shared int    `json:"shared"`
}

// sharedWith is the condition that a finding is shared with a round and may be seen
// by somebody who stands to that round as o says. The caller has judged the round.
func (s *Service) sharedWith(who actor.Actor, o access.Object, args *[]any) string {
	*args = append(*args, string(o.ID))
	cond := fmt.Sprintf("f.shared_on <> '' AND f.round_id IN (SELECT id FROM inspection_round WHERE upper_id <> '' AND upper_id = $%d)", len(*args))
	// Team and unit are those of the round above, the same for every row.
	return cond + " AND " + s.policy.Filter(who, "finding.linked", access.Columns{Team: literal(o.Team), By: literal(o.By.Unit), Concern: []string{"f.id"}}, args)
}

func literal(n id.ID) string { return "'" + strings.ReplaceAll(string(n), "'", "''") + "'" }

// linkedRounds lists the rounds that belong to a round, with the findings shared.
func linkedRounds(ctx context.Context, q db.Q, upper id.ID, shared string, args []any) ([]LinkedRound, error) {
	args = append(args, string(upper))
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT r.id, r.name, r.unit_id, r.state, (SELECT COUNT(*) FROM inspection_finding f WHERE f.round_id = r.id AND %s)
		FROM inspection_round r WHERE r.upper_id <> '' AND r.upper_id = $%d ORDER BY r.id LIMIT 500`, shared, len(args)), args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (x LinkedRound, err error) {
		return x, r.Scan(&x.ID, &x.Name, &x.Unit, &x.State, &x.Shared)
	})
	if err != nil {
		return nil, fmt.Errorf("read linked rounds: %w", err)
	}
	return out, nil
}

// share notes since when a finding is shared with the round above; "" takes it back.
func share(ctx context.Context, tx *audit.Tx, f Finding, on clock.Date) error {
	tx.Touch("inspection_finding", f.ID)
	return tx.Change(ctx, "finding", "UPDATE inspection_finding SET shared_on = $1, rev = rev + 1 WHERE id = $2 AND rev = $3", string(on), string(f.ID), f.Rev)
}

// unshared takes everything back that a round had shared: it belongs to another
// round above now.
func unshared(ctx context.Context, tx *audit.Tx, round id.ID) error {
	fs, err := findingsWhere(ctx, tx, "f.round_id = $1 AND f.shared_on <> ''", "f.id", maxShared, []any{string(round)})
	for _, f := range fs {
		if err := share(ctx, tx, f, ""); err != nil {
			return err
		}
	}
	return err
}
