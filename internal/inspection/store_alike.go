package inspection

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"huikan/hantext/group"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

func unfileAlike(ctx context.Context, tx *audit.Tx, finding id.ID) error {
	if _, err := tx.Exec(ctx, "DELETE FROM inspection_alike WHERE finding_id = $1", string(finding)); err != nil {
		return fmt.Errorf("file finding: %w", err)
	}
	return nil
}

// fileAlike files findings under the keys of their titles.
func fileAlike(ctx context.Context, tx *audit.Tx, fs ...Finding) error {
	var rows [][]any
	for _, f := range fs {
		for _, k := range group.Own().Keys(f.Title) {
			rows = append(rows, []any{k, string(f.ID), string(f.Unit)})
		}
	}
	if err := tx.InsertMany(ctx, "inspection_alike", "key, finding_id, unit_id", rows); err != nil {
		return fmt.Errorf("file finding: %w", err)
	}
	return nil
}

// Bounds of one look into the file: the newest under each key, and the newest of one unit.
const (
	alikeEach = 100
	alikeOwn  = 30
)

// alikeRow is what the ranking needs of a finding.
type alikeRow struct {
	ID, Unit id.ID
	Title    string
}

// alikeCandidates are findings filed under any of the keys, by the condition that says who may see them.
func alikeCandidates(ctx context.Context, q db.Q, keys []int64, unit id.ID, cond func(args *[]any) string) ([]alikeRow, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var args []any
	mark := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	u := mark(string(unit))
	var parts []string
	for _, k := range keys {
		m := mark(k)
		parts = append(parts, "SELECT finding_id FROM (SELECT finding_id FROM inspection_alike WHERE key = "+m+" ORDER BY finding_id DESC LIMIT "+strconv.Itoa(alikeEach)+") a",
			"SELECT finding_id FROM (SELECT finding_id FROM inspection_alike WHERE key = "+m+" AND unit_id = "+u+" ORDER BY finding_id DESC LIMIT "+strconv.Itoa(alikeOwn)+") a")
	}
	where := "f.id IN (" + strings.Join(parts, " UNION ") + ") AND " + cond(&args)
	return list(ctx, q, "like findings", func(r scanner) (x alikeRow, err error) { return x, r.Scan(&x.ID, &x.Unit, &x.Title) },
		"SELECT f.id, f.unit_id, f.title FROM inspection_finding f WHERE "+where, args...)
}
