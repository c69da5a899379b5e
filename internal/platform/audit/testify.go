package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/translog"
)

// Testimony lets the holder of one row check, without this installation, that
// the row stood in the log on a day as he has it: the row's canonical bytes and
// the salt of its entry give the digest in the leaf, and the proof leads from
// the leaf to a signed checkpoint. It is only made for a row that no later entry
// has changed.
type Testimony struct {
	Entry     id.ID       `json:"entry"`
	Index     int64       `json:"index"`
	At        string      `json:"at"`
	Table     string      `json:"table"`
	Row       id.ID       `json:"row"`
	Canonical []byte      `json:"canonical"`
	Salt      []byte      `json:"salt"`
	Rows      []RowDigest `json:"rows"` // of all rows of the entry
	Leaf      []byte      `json:"leaf"`
	Proof     []byte      `json:"proof"` // c2sp.org/tlog-proof
}

// RowDigest is the commitment of an entry to one row.
type RowDigest struct {
	Table  string `json:"table"`
	Row    id.ID  `json:"row"`
	Digest string `json:"digest"`
}

// Testify makes the testimony of a row. The entry must have its place in the
// log already; a moment earlier the answer is that it cannot be done now.
func (l *Log) Testify(ctx context.Context, table string, row id.ID) (t Testimony, err error) {
	if !plainName(table) {
		return t, fmt.Errorf("no table name: %q", table)
	}
	err = l.db.Read(ctx, func(q db.Q) error {
		t = Testimony{Table: table, Row: row}
		err := q.QueryRow(ctx, `SELECT e.id, COALESCE(e.idx, -1), e.at, e.leaf, e.salt FROM audit_row r JOIN audit_entry e ON e.id = r.entry_id
			WHERE r.tab = $1 AND r.row_id = $2 ORDER BY e.id DESC LIMIT 1`, table, string(row)).Scan(&t.Entry, &t.Index, &t.At, &t.Leaf, &t.Salt)
		if err := db.Absent(err, "log entry"); err != nil {
			return err
		}
		if t.Index < 0 {
			return fault.Unavailable("error.log_waiting")
		}
		if t.Salt == nil {
			return fault.State("error.log_shredded")
		}
		rows, err := q.Query(ctx, "SELECT tab, row_id, digest FROM audit_row WHERE entry_id = $1 ORDER BY tab, row_id", string(t.Entry))
		if t.Rows, err = db.Collect(rows, err, func(r rowScanner) (d RowDigest, err error) {
			var b []byte
			err = r.Scan(&d.Table, &d.Row, &b)
			d.Digest = hex.EncodeToString(b)
			return d, err
		}); err != nil {
			return fmt.Errorf("read the rows of an entry: %w", err)
		}
		now, err := q.Query(ctx, "SELECT * FROM "+table+" WHERE id = $1", string(row))
		if err != nil {
			return fmt.Errorf("read back %s: %w", table, err)
		}
		return eachRow(now, func(_ id.ID, canonical []byte) error { t.Canonical = bytes.Clone(canonical); return nil })
	})
	if err != nil {
		return t, err
	}
	t.Proof, _, err = l.Prove(ctx, string(t.Entry))
	return t, err
}

// Check verifies a testimony offline, against a public key kept elsewhere.
func (t Testimony) Check(vkey, origin string) error {
	v, err := translog.NewVerifier(vkey)
	if err != nil {
		return fault.Invalid("error.log_key").With(err)
	}
	p, err := translog.ParseProof(t.Proof)
	if err == nil && p.Index != t.Index {
		err = fmt.Errorf("the proof is of entry %d", p.Index)
	}
	if err == nil {
		err = p.Verify(t.Leaf, origin, v)
	}
	if err != nil {
		return fault.State("error.proof").With(err)
	}
	var lf leaf
	if err := json.Unmarshal(t.Leaf, &lf); err != nil {
		return fault.State("error.proof").With(err)
	}
	own := hex.EncodeToString(rowCommit(t.Salt, t.Table, t.Row, t.Canonical))
	var rows []rowDigest
	found := false
	for _, d := range t.Rows {
		b, err := hex.DecodeString(d.Digest)
		if err != nil {
			return fault.State("error.proof").With(err)
		}
		rows = append(rows, rowDigest{d.Table, d.Row, b})
		found = found || d.Table == t.Table && d.Row == t.Row && d.Digest == own
	}
	if !found || sum(rows) != lf.Digest || t.At != lf.At {
		return fault.State("error.proof_row")
	}
	return nil
}

// Column reads one column out of the canonical bytes of the row.
func (t Testimony) Column(name string) (string, bool) {
	b := t.Canonical
	field := func() (string, bool) {
		n, _, ok := strings.Cut(string(b[:min(len(b), 20)]), ":")
		k, err := strconv.Atoi(n)
		if !ok || err != nil || k < 0 || len(n)+1+k > len(b) {
			return "", false
		}
		v := string(b[len(n)+1 : len(n)+1+k])
		b = b[len(n)+1+k:]
		return v, true
	}
	for len(b) > 0 {
		b = b[1:] // the kind
		col, ok := field()
		if !ok {
			return "", false
		}
		v, ok := field()
		if !ok {
			return "", false
		}
		if col == name {
			return v, true
		}
	}
	return "", false
}
