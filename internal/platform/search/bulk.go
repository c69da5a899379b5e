package search

import (
	"context"
	"fmt"
	"strings"

	"huikan/hantext"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Text is what a record is found by.
type Text struct {
	Ref  id.ID
	Text string
}

// AddMany makes the texts of many records of a kind findable that are new in
// this transaction. It leaves the index as Add would, one by one; but the
// embedded index is written out once for all of them, not once for each.
func AddMany(ctx context.Context, tx *db.Tx, kind string, texts []Text) error {
	var docs, bodies [][]any
	var n int64
	if tx.Engine() == db.SQLite {
		lo, hi := numbers(kind)
		if err := tx.QueryRow(ctx, "SELECT COALESCE(MAX(n), $1) FROM search_doc WHERE n BETWEEN $1 AND $2", lo, hi).Scan(&n); err != nil {
			return fmt.Errorf("index %s: %w", kind, db.Translate(err))
		}
	}
	for _, t := range texts {
		for i, part := range chunks(hantext.Bigrams(t.Text)) {
			if tx.Engine() == db.Postgres {
				docs = append(docs, []any{kind, string(t.Ref), i, vector(kind, part)})
				continue
			}
			n++
			docs = append(docs, []any{n, kind, string(t.Ref), i})
			bodies = append(bodies, []any{n, strings.Join(part, " ")})
		}
	}
	columns := "n, kind, ref_id, part"
	if tx.Engine() == db.Postgres {
		columns = "kind, ref_id, part, body"
	}
	if err := tx.InsertMany(ctx, "search_doc", columns, docs); err != nil {
		return fmt.Errorf("index %s: %w", kind, err)
	}
	if err := tx.InsertMany(ctx, "search_text", "rowid, body", bodies); err != nil {
		return fmt.Errorf("index %s: %w", kind, err)
	}
	return nil
}
