package audit

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

type written struct {
	idx                int64
	id                 id.ID
	at, action         string
	text, salt, sealed []byte
}

// verifyEntries holds bodies and row digests against their leaves.
func (l *Log) verifyEntries(ctx context.Context, q db.Q, rep *Report) error {
	for from := id.ID(""); ; {
		rows, err := q.Query(ctx, `SELECT COALESCE(idx, -1), id, at, action, leaf, salt, body FROM audit_entry
			WHERE id > $1 ORDER BY id LIMIT $2`, string(from), entryPage)
		page, err := db.Collect(rows, err, func(r rowScanner) (w written, err error) {
			return w, r.Scan(&w.idx, &w.id, &w.at, &w.action, &w.text, &w.salt, &w.sealed)
		})
		if err != nil {
			return fmt.Errorf("read entries: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		to := page[len(page)-1].id
		digestOf, err := rowSums(ctx, q, from, to)
		if err != nil {
			return err
		}
		for _, w := range page {
			l.verifyEntry(w, digestOf[w.id], rep)
		}
		from = to
	}
}

func (l *Log) verifyEntry(w written, digest string, rep *Report) {
	say := func(kind, text string) {
		rep.add(Trouble{Kind: kind, Index: w.idx, Entry: w.id, Text: text})
	}
	var lf leaf
	if err := json.Unmarshal(w.text, &lf); err != nil {
		say("changed", "the leaf cannot be read")
		return
	}
	if lf.At != w.at || lf.Action != w.action {
		say("changed", "time or action beside the leaf was changed")
	}
	if digest != lf.Digest {
		say("rows", "the list of row versions of this entry was changed")
	}
	if w.salt == nil && w.sealed == nil {
		rep.Shredded++
		return
	}
	plain, err := l.keys.Open(secret.LogBody, string(w.id), w.sealed)
	if err != nil || commitment(w.salt, plain) != lf.Commit {
		say("body", "the body of this entry was changed")
	}
}

// rowSums recomputes the digest over the row versions of the entries after one
// up to another.
func rowSums(ctx context.Context, q db.Q, from, to id.ID) (map[id.ID]string, error) {
	rows, err := q.Query(ctx, `SELECT entry_id, tab, row_id, digest FROM audit_row
		WHERE entry_id > $1 AND entry_id <= $2 ORDER BY entry_id`, string(from), string(to))
	if err != nil {
		return nil, fmt.Errorf("read row versions: %w", err)
	}
	defer rows.Close()
	out := map[id.ID]string{}
	var current id.ID
	var part []rowDigest
	flush := func() {
		if current != "" {
			out[current] = sum(part)
		}
		part = part[:0]
	}
	for rows.Next() {
		var entry id.ID
		var r rowDigest
		if err := rows.Scan(&entry, &r.table, &r.id, &r.digest); err != nil {
			return nil, fmt.Errorf("read row versions: %w", err)
		}
		if entry != current {
			flush()
			current = entry
		}
		part = append(part, r)
	}
	flush()
	return out, rows.Err()
}

type lastVersion struct {
	row    id.ID
	entry  id.ID
	idx    int64
	digest []byte
	salt   []byte
	seen   bool
}

type present struct {
	row       id.ID
	canonical []byte
}

// reconcile holds every row of a table against the entry that last changed it.
func (l *Log) reconcile(ctx context.Context, q db.Q, table string, rep *Report) error {
	if !plainName(table) {
		return fmt.Errorf("no table name: %q", table)
	}
	for from := id.ID(""); ; {
		rows, err := q.Query(ctx, "SELECT * FROM "+table+" WHERE id > $1 ORDER BY id LIMIT $2", string(from), entryPage)
		if err != nil {
			return fmt.Errorf("read %s: %w", table, err)
		}
		var page []present
		if err := eachRow(rows, func(row id.ID, canonical []byte) error {
			page = append(page, present{row, append([]byte(nil), canonical...)})
			return nil
		}); err != nil {
			return fmt.Errorf("read %s: %w", table, err)
		}
		to := id.ID("")
		if len(page) == entryPage {
			to = page[len(page)-1].row
		}
		last, err := lastVersions(ctx, q, table, from, to)
		if err != nil {
			return fmt.Errorf("read versions of %s: %w", table, err)
		}
		compare(table, page, last, rep)
		if to == "" {
			return nil
		}
		from = to
	}
}

// lastVersions reads the last version of every row after one up to another, or
// to the end of the table.
func lastVersions(ctx context.Context, q db.Q, table string, from, to id.ID) (map[id.ID]*lastVersion, error) {
	rows, err := q.Query(ctx, `SELECT r.row_id, r.entry_id, COALESCE(e.idx, -1), r.digest, e.salt
		FROM audit_row r JOIN audit_entry e ON e.id = r.entry_id
		WHERE r.tab = $1 AND r.row_id > $2 AND ($3 = '' OR r.row_id <= $3) ORDER BY r.row_id, r.entry_id`, table, string(from), string(to))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[id.ID]*lastVersion{}
	for rows.Next() {
		v := &lastVersion{}
		if err := rows.Scan(&v.row, &v.entry, &v.idx, &v.digest, &v.salt); err != nil {
			return nil, err
		}
		out[v.row] = v
	}
	return out, rows.Err()
}

func compare(table string, page []present, last map[id.ID]*lastVersion, rep *Report) {
	for _, p := range page {
		rep.Rows++
		v := last[p.row]
		switch {
		case v == nil:
			rep.add(Trouble{Kind: "unlogged", Index: -1, Table: table, Row: p.row, Text: "no entry of the log made this row"})
			continue
		case v.salt == nil: // shredded: nothing to compare with
		case !hmac.Equal(v.digest, rowCommit(v.salt, table, p.row, p.canonical)):
			rep.add(Trouble{Kind: "row", Index: v.idx, Entry: v.entry, Table: table, Row: p.row, Text: "the row is not what its last entry left"})
		}
		v.seen = true
	}
	for row, v := range last {
		if !v.seen && len(v.digest) > 0 {
			rep.add(Trouble{Kind: "deleted", Index: v.idx, Entry: v.entry, Table: table, Row: row, Text: "the row was deleted without an entry"})
		}
	}
}
