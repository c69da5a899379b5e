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
	"hash/fnv"
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
	return Add(ctx, tx, kind, ref, text)
}

// Add makes the text of a record findable that is new in this transaction.
func Add(ctx context.Context, tx *db.Tx, kind string, ref id.ID, text string) error {
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
			kind, string(ref), i, vector(kind, part))
		return err
	}
	var n int64
	lo, hi := numbers(kind)
	err := tx.QueryRow(ctx, "INSERT INTO search_doc (n, kind, ref_id, part) SELECT COALESCE(MAX(n), $1) + 1, $2, $3, $4 FROM search_doc WHERE n BETWEEN $1 AND $5 RETURNING n",
		lo, kind, string(ref), i, hi).Scan(&n)
	if err != nil {
		return db.Translate(err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO search_text (rowid, body) VALUES ($1, $2)", n, strings.Join(part, " "))
	return err
}

// numberBits is how many numbers a kind has in the embedded index.
const numberBits = 40

// numbers are the numbers that texts of a kind get in the embedded index: each
// kind has a range of its own, in which the newest text has the highest number.
// So the words of one kind are read without passing those of all others, and the
// newest first. Two kinds that share a range cost time, not truth: the kind is
// compared as well. What was indexed before there were ranges lies below 1<<40.
func numbers(kind string) (lo, hi int64) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(kind)) // a hash never fails
	lo = int64(h.Sum32()%(1<<22)+1) << numberBits
	return lo, lo + 1<<numberBits - 1
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
