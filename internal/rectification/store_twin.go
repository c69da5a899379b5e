package rectification

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// addPrints files what evidence looks like and says.
func addPrints(ctx context.Context, tx *audit.Tx, e Evidence, prints []Print) error {
	for _, p := range prints {
		if _, err := tx.Exec(ctx, "INSERT INTO rectify_print (evidence_id, kind, n, item_id, sketch) VALUES ($1,$2,$3,$4,$5)", string(e.ID), p.Kind, p.N, string(e.Item), p.text()); err != nil {
			return fmt.Errorf("file print: %w", err)
		}
		args := []any{string(e.ID), p.Kind, p.N}
		var rows []string
		for _, k := range p.Keys() {
			args = append(args, k)
			rows = append(rows, "(CAST($"+strconv.Itoa(len(args))+" AS BIGINT), $1, $2, $3)")
		}
		if len(rows) == 0 {
			continue
		}
		if _, err := tx.Exec(ctx, "INSERT INTO rectify_print_key (key, evidence_id, kind, n) VALUES "+strings.Join(rows, ", ")+" ON CONFLICT DO NOTHING", args...); err != nil {
			return fmt.Errorf("file print: %w", err)
		}
	}
	return nil
}

// filed is a print as it stands in the file.
type filed struct {
	Print
	Evidence, Item id.ID
	At             string
}

func scanFiled(r *sql.Rows) (f filed, err error) {
	sketch := ""
	if err = r.Scan(&f.Evidence, &f.Kind, &f.N, &f.Item, &sketch, &f.At); err != nil {
		return f, err
	}
	f.Sketch, err = hex.DecodeString(sketch)
	return f, err
}

func printsOf(ctx context.Context, q db.Q, item id.ID) ([]filed, error) {
	rows, err := q.Query(ctx, `SELECT p.evidence_id, p.kind, p.n, p.item_id, p.sketch, e.at FROM rectify_print p JOIN rectify_evidence e ON e.id = p.evidence_id
		WHERE p.evidence_id IN (SELECT id FROM rectify_evidence WHERE item_id = $1) ORDER BY p.evidence_id, p.kind, p.n`, string(item))
	return db.Collect(rows, err, scanFiled)
}

// eachKey bounds what is read under one key.
const eachKey = 200

// filedUnder are prints of other items that share a key with a print.
func filedUnder(ctx context.Context, q db.Q, p Print, item id.ID) ([]filed, error) {
	keys := p.Keys()
	if len(keys) == 0 {
		return nil, nil
	}
	args := []any{string(item), p.Kind}
	parts := make([]string, len(keys))
	for i, k := range keys {
		args = append(args, k)
		parts[i] = "SELECT evidence_id, n FROM (SELECT evidence_id, n FROM rectify_print_key WHERE key = $" + strconv.Itoa(len(args)) + " AND kind = $2 ORDER BY evidence_id DESC LIMIT " + strconv.Itoa(eachKey) + ") a"
	}
	rows, err := q.Query(ctx, `SELECT p.evidence_id, p.kind, p.n, p.item_id, p.sketch, e.at FROM (`+strings.Join(parts, " UNION ")+`) c
		JOIN rectify_print p ON p.evidence_id = c.evidence_id AND p.kind = $2 AND p.n = c.n JOIN rectify_evidence e ON e.id = p.evidence_id WHERE p.item_id <> $1`, args...)
	return db.Collect(rows, err, scanFiled)
}

// sameFiles are evidence of other items with the same content.
func sameFiles(ctx context.Context, q db.Q, item id.ID, hash string) ([]filed, error) {
	rows, err := q.Query(ctx, "SELECT id, item_id, at FROM rectify_evidence WHERE hash = $1 AND item_id <> $2 ORDER BY id DESC LIMIT 20", hash, string(item))
	return db.Collect(rows, err, func(r *sql.Rows) (f filed, err error) { return f, r.Scan(&f.Evidence, &f.Item, &f.At) })
}
