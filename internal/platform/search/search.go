// Package search finds records by the words in them, exactly as a reader would
// look for a piece of text, on both engines.
//
// Chinese has no blanks between words, and trigram indexes miss words of two
// characters, which most are. So the tokens are our own: pairs of neighbouring
// Han characters and runs of Latin letters and digits (hantext.Bigrams), looked
// for as phrases. The engines' own parsers take no part: FTS5 uses its ascii
// tokenizer, to which every character beyond ASCII belongs to a word (its
// unicode61 knows no Han characters added after Unicode 6.1 and would lose rare
// names), and PostgreSQL is handed finished vectors of lexemes and positions.
//
// The index is derived data: it can be made anew from the records and is no
// part of what the log proves.
package search

import (
	"context"
	"embed"
	"fmt"
	"strconv"
	"strings"

	"huikan/hantext"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Schema has the index of each engine.
//
//go:embed schema/*.sql
var Schema embed.FS

// Put makes a text findable under a kind and the record it belongs to; what was
// there before for the same record is replaced. A text without words leaves none.
func Put(ctx context.Context, tx *db.Tx, kind string, ref id.ID, text string) error {
	if err := Remove(ctx, tx, kind, ref); err != nil {
		return err
	}
	for i, part := range chunks(hantext.Bigrams(text)) {
		if err := insert(ctx, tx, kind, ref, i, part); err != nil {
			return fmt.Errorf("index %s: %w", kind, err)
		}
	}
	return nil
}

func insert(ctx context.Context, tx *db.Tx, kind string, ref id.ID, i int, part []string) error {
	if tx.Engine() == db.Postgres {
		_, err := tx.Exec(ctx, "INSERT INTO search_doc (kind, ref_id, part, body) VALUES ($1, $2, $3, CAST($4 AS TEXT)::TSVECTOR)",
			kind, string(ref), i, vector(part))
		return err
	}
	var n int64
	err := tx.QueryRow(ctx, "INSERT INTO search_doc (kind, ref_id, part) VALUES ($1, $2, $3) RETURNING n", kind, string(ref), i).Scan(&n)
	if err != nil {
		return db.Translate(err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO search_text (rowid, body) VALUES ($1, $2)", n, strings.Join(part, " "))
	return err
}

// Remove takes a record out of the index; nothing happens when it is not there.
func Remove(ctx context.Context, tx *db.Tx, kind string, ref id.ID) error {
	if tx.Engine() == db.SQLite {
		if _, err := tx.Exec(ctx, "DELETE FROM search_text WHERE rowid IN (SELECT n FROM search_doc WHERE ref_id = $1 AND kind = $2)",
			string(ref), kind); err != nil {
			return fmt.Errorf("take %s out of the index: %w", kind, err)
		}
	}
	if _, err := tx.Exec(ctx, "DELETE FROM search_doc WHERE ref_id = $1 AND kind = $2", string(ref), kind); err != nil {
		return fmt.Errorf("take %s out of the index: %w", kind, err)
	}
	return nil
}

// Match gives a SELECT of the ids of the records of a kind that hold every
// phrase of text, for a condition `col IN (` + Match(…) + `)`. Its values go to
// args, numbered after those already there. It is "" when the text has nothing
// that could be looked for (blanks, punctuation).
func Match(engine db.Engine, kind, text string, args *[]any) string {
	var parts []string
	mark := func(v any) string {
		*args = append(*args, v)
		return "$" + strconv.Itoa(len(*args))
	}
	kindMark := ""
	for _, p := range phrases(text) {
		if kindMark == "" {
			kindMark = mark(kind)
		}
		// A long text lies in several parts, and two phrases may lie in different
		// ones: the records are intersected, not the parts.
		if engine == db.Postgres {
			parts = append(parts, "SELECT ref_id FROM search_doc WHERE kind = "+kindMark+" AND body @@ CAST("+mark(tsquery(p))+" AS TEXT)::TSQUERY")
		} else {
			parts = append(parts, "SELECT d.ref_id FROM search_text JOIN search_doc d ON d.n = search_text.rowid WHERE search_text MATCH "+
				mark(ftsquery(p))+" AND d.kind = "+kindMark)
		}
	}
	return strings.Join(parts, " INTERSECT ")
}
