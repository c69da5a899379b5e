package audit

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
	"huikan/translog"
)

type rowScanner = *sql.Rows

// Trouble is one thing that Verify found. Index is the entry's place in the
// log, -1 when the trouble is in a row that no entry names.
type Trouble struct {
	Kind  string `json:"kind"` // changed, missing, body, rows, row, unlogged, deleted, checkpoint, damaged
	Index int64  `json:"index"`
	Entry id.ID  `json:"entry,omitempty"`
	Table string `json:"table,omitempty"`
	Row   id.ID  `json:"row,omitempty"`
	Text  string `json:"text"`
}

// Report is the outcome of Verify.
type Report struct {
	Size     int64     `json:"size"`
	Rows     int64     `json:"rows"` // business rows compared with their leaves
	Shredded int64     `json:"shredded"`
	Waiting  int64     `json:"waiting"` // entries not yet sequenced
	Troubles []Trouble `json:"troubles"`
}

// maxTroubles bounds the report; a log that is wrong in a thousand places is
// not read line by line.
const maxTroubles = 1000

func (r *Report) add(t Trouble) {
	if len(r.Troubles) < maxTroubles {
		r.Troubles = append(r.Troubles, t)
	}
}

// Verify recomputes everything: leaves against tree hashes and the signed
// checkpoint, bodies and row digests against their leaves, and every business
// row against the entry that last changed it.
func (l *Log) Verify(ctx context.Context) (Report, error) {
	var rep Report
	err := l.db.Read(ctx, func(q db.Q) error {
		if err := l.verifyTree(ctx, q, &rep); err != nil {
			return err
		}
		if err := l.verifyEntries(ctx, q, &rep); err != nil {
			return err
		}
		for _, table := range l.tables {
			if err := l.reconcile(ctx, q, table, &rep); err != nil {
				// A database that cannot be read any more is trouble with a place, not a crash.
				rep.add(Trouble{Kind: "damaged", Index: -1, Table: table, Text: err.Error()})
			}
		}
		return nil
	})
	return rep, err
}

// verifyTree holds the leaves against the stored hashes and the checkpoint.
func (l *Log) verifyTree(ctx context.Context, q db.Q, rep *Report) error {
	size, text, err := head(ctx, q)
	if err != nil {
		return err
	}
	rep.Size = size
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM audit_entry WHERE idx IS NULL").Scan(&rep.Waiting); err != nil {
		return fmt.Errorf("count waiting entries: %w", err)
	}
	if text == "" {
		if size > 0 {
			rep.add(Trouble{Kind: "checkpoint", Index: size, Text: "there are entries but no signed checkpoint"})
		}
		return nil
	}
	cp, err := l.open([]byte(text))
	if err != nil {
		rep.add(Trouble{Kind: "checkpoint", Index: size, Text: "the checkpoint's signature is not this installation's: " + err.Error()})
		return nil
	}
	if cp.Size != size {
		rep.add(Trouble{Kind: "checkpoint", Index: min(size, cp.Size), Text: fmt.Sprintf("the checkpoint signs %d entries, the log says %d", cp.Size, size)})
	}
	stored, err := loadHashes(ctx, q)
	if err != nil {
		return err
	}
	rows, err := q.Query(ctx, "SELECT idx, id, leaf FROM audit_entry WHERE idx IS NOT NULL ORDER BY idx")
	if err != nil {
		return fmt.Errorf("read entries: %w", err)
	}
	defer rows.Close()
	mem := &memory{}
	var next int64
	for rows.Next() {
		var idx int64
		var entry id.ID
		var leaf []byte
		if err := rows.Scan(&idx, &entry, &leaf); err != nil {
			return fmt.Errorf("read entries: %w", err)
		}
		for ; next < idx; next++ {
			rep.add(Trouble{Kind: "missing", Index: next, Text: "this entry is missing"})
			mem.append(stored.leaf(next))
		}
		if idx < next {
			rep.add(Trouble{Kind: "changed", Index: idx, Entry: entry, Text: "two entries claim this place"})
			continue
		}
		h := translog.LeafHash(leaf)
		if h != stored.leaf(idx) {
			rep.add(Trouble{Kind: "changed", Index: idx, Entry: entry, Text: "the entry is not the one that was signed here: changed or moved"})
		}
		mem.append(h)
		next++
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read entries: %w", err)
	}
	for ; next < cp.Size; next++ {
		rep.add(Trouble{Kind: "missing", Index: next, Text: "the log is shorter than its signed checkpoint"})
	}
	if mem.size() >= cp.Size && mem.rootAt(cp.Size) != cp.Root && len(rep.Troubles) == 0 {
		rep.add(Trouble{Kind: "checkpoint", Index: cp.Size, Text: "the entries do not give the signed root"})
	}
	return nil
}

// verifyEntries holds bodies and row digests against their leaves.
func (l *Log) verifyEntries(ctx context.Context, q db.Q, rep *Report) error {
	digestOf, err := rowSums(ctx, q)
	if err != nil {
		return err
	}
	rows, err := q.Query(ctx, "SELECT COALESCE(idx, -1), id, at, action, leaf, salt, body FROM audit_entry ORDER BY id")
	if err != nil {
		return fmt.Errorf("read entries: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var idx int64
		var entry id.ID
		var at, action string
		var text, salt, sealed []byte
		if err := rows.Scan(&idx, &entry, &at, &action, &text, &salt, &sealed); err != nil {
			return fmt.Errorf("read entries: %w", err)
		}
		var lf leaf
		if err := json.Unmarshal(text, &lf); err != nil {
			rep.add(Trouble{Kind: "changed", Index: idx, Entry: entry, Text: "the leaf cannot be read"})
			continue
		}
		if lf.At != at || lf.Action != action {
			rep.add(Trouble{Kind: "changed", Index: idx, Entry: entry, Text: "time or action beside the leaf was changed"})
		}
		if got := digestOf[entry]; got != lf.Digest {
			rep.add(Trouble{Kind: "rows", Index: idx, Entry: entry, Text: "the list of row versions of this entry was changed"})
		}
		if salt == nil && sealed == nil {
			rep.Shredded++
			continue
		}
		plain, err := l.keys.Open(secret.LogBody, string(entry), sealed)
		if err != nil || commitment(salt, plain) != lf.Commit {
			rep.add(Trouble{Kind: "body", Index: idx, Entry: entry, Text: "the body of this entry was changed"})
		}
	}
	return rows.Err()
}

// rowSums recomputes the digest over the row versions of every entry.
func rowSums(ctx context.Context, q db.Q) (map[id.ID]string, error) {
	rows, err := q.Query(ctx, "SELECT entry_id, tab, row_id, digest FROM audit_row ORDER BY entry_id, tab, row_id")
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
	entry  id.ID
	idx    int64
	digest []byte
	salt   []byte
	seen   bool
}

// reconcile holds every row of a table against the entry that last changed it.
func (l *Log) reconcile(ctx context.Context, q db.Q, table string, rep *Report) error {
	if !plainName(table) {
		return fmt.Errorf("no table name: %q", table)
	}
	last := map[id.ID]*lastVersion{}
	vrows, err := q.Query(ctx, `SELECT r.row_id, r.entry_id, COALESCE(e.idx, -1), r.digest, e.salt
		FROM audit_row r JOIN audit_entry e ON e.id = r.entry_id WHERE r.tab = $1 ORDER BY r.entry_id`, table)
	if err != nil {
		return fmt.Errorf("read versions of %s: %w", table, err)
	}
	defer vrows.Close()
	for vrows.Next() {
		var row id.ID
		v := &lastVersion{}
		if err := vrows.Scan(&row, &v.entry, &v.idx, &v.digest, &v.salt); err != nil {
			return fmt.Errorf("read versions of %s: %w", table, err)
		}
		last[row] = v
	}
	if err := vrows.Err(); err != nil {
		return fmt.Errorf("read versions of %s: %w", table, err)
	}
	rows, err := q.Query(ctx, "SELECT * FROM "+table)
	if err != nil {
		return fmt.Errorf("read %s: %w", table, err)
	}
	err = eachRow(rows, func(row id.ID, canonical []byte) error {
		rep.Rows++
		v := last[row]
		switch {
		case v == nil:
			rep.add(Trouble{Kind: "unlogged", Index: -1, Table: table, Row: row, Text: "no entry of the log made this row"})
			return nil
		case v.salt == nil: // shredded: nothing to compare with
		case !hmac.Equal(v.digest, rowCommit(v.salt, table, row, canonical)):
			rep.add(Trouble{Kind: "row", Index: v.idx, Entry: v.entry, Table: table, Row: row, Text: "the row is not what its last entry left"})
		}
		v.seen = true
		return nil
	})
	if err != nil {
		return fmt.Errorf("read %s: %w", table, err)
	}
	for row, v := range last {
		if !v.seen && len(v.digest) > 0 {
			rep.add(Trouble{Kind: "deleted", Index: v.idx, Entry: v.entry, Table: table, Row: row, Text: "the row was deleted without an entry"})
		}
	}
	return nil
}

// stored holds the signed leaf hashes while Verify runs.
type stored map[int64]tlog.Hash

func (s stored) leaf(n int64) tlog.Hash { return s[translog.StoredIndex(0, n)] }

func loadHashes(ctx context.Context, q db.Q) (stored, error) {
	rows, err := q.Query(ctx, "SELECT n, hash FROM audit_hash")
	if err != nil {
		return nil, fmt.Errorf("read tree hashes: %w", err)
	}
	defer rows.Close()
	out := stored{}
	for rows.Next() {
		var n int64
		var b []byte
		if err := rows.Scan(&n, &b); err != nil {
			return nil, fmt.Errorf("read tree hashes: %w", err)
		}
		var h tlog.Hash
		if copy(h[:], b) == len(h) && len(b) == len(h) {
			out[n] = h
		}
	}
	return out, rows.Err()
}

// memory is a tree built again from the leaves alone.
type memory struct {
	hs []tlog.Hash
	n  int64
}

func (m *memory) append(leaf tlog.Hash) {
	hs, err := translog.AppendHash(m.n, leaf, m)
	if err != nil {
		panic(err) // the hashes are in memory
	}
	m.hs = append(m.hs, hs...)
	m.n++
}

func (m *memory) size() int64 { return m.n }

func (m *memory) rootAt(size int64) tlog.Hash {
	h, err := translog.Root(size, m)
	if err != nil {
		panic(err) // the hashes are in memory
	}
	return h
}

// ReadHashes implements tlog.HashReader.
func (m *memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		if n < 0 || n >= int64(len(m.hs)) {
			return nil, fmt.Errorf("tree hash %d: only %d are there", n, len(m.hs))
		}
		out[i] = m.hs[n]
	}
	return out, nil
}

// String is one line for a person.
func (t Trouble) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", t.Kind)
	if t.Index >= 0 {
		fmt.Fprintf(&b, "entry %d", t.Index)
	}
	if t.Entry != "" {
		fmt.Fprintf(&b, " (%s)", t.Entry)
	}
	if t.Table != "" {
		fmt.Fprintf(&b, " %s %s", t.Table, t.Row)
	}
	b.WriteString(": " + t.Text)
	return b.String()
}
