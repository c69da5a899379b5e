package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
	"huikan/translog"
)

// Entry is one line of the log as an auditor reads it: no business content.
type Entry struct {
	ID     id.ID  `json:"id"`
	Index  int64  `json:"index"` // -1 while it waits for its place
	At     string `json:"at"`
	Action string `json:"action"`
	Actor  string `json:"actor"` // pseudonym
	Rows   int    `json:"rows"`
}

// List gives entries, newest first, before an index (0 or less: from the end),
// of actions with a prefix. limit bounds the page.
func (l *Log) List(ctx context.Context, prefix string, before int64, limit int) ([]Entry, error) {
	var out []Entry
	err := l.db.Read(ctx, func(q db.Q) error {
		if before <= 0 {
			before = 1 << 62
		}
		rows, err := q.Query(ctx, `SELECT id, idx, at, action, leaf FROM audit_entry
			WHERE idx IS NOT NULL AND idx < $1 AND substr(action, 1, $2) = $3 ORDER BY idx DESC LIMIT $4`,
			before, utf8.RuneCountInString(prefix), prefix, limit) // no range: that depends on the database's collation
		out, err = db.Collect(rows, err, func(r rowScanner) (e Entry, err error) {
			var text []byte
			if err := r.Scan(&e.ID, &e.Index, &e.At, &e.Action, &text); err != nil {
				return e, err
			}
			var lf leaf
			if err := json.Unmarshal(text, &lf); err != nil {
				return e, fmt.Errorf("entry %s: %w", e.ID, err)
			}
			e.Actor, e.Rows = lf.Actor, lf.Rows
			return e, nil
		})
		return err
	})
	return out, err
}

// Of lists the entries that changed one row, oldest first: the record's trail.
func (l *Log) Of(ctx context.Context, table string, row id.ID) ([]Entry, error) {
	var out []Entry
	err := l.db.Read(ctx, func(q db.Q) error {
		rows, err := q.Query(ctx, `SELECT e.id, COALESCE(e.idx, -1), e.at, e.action FROM audit_row r JOIN audit_entry e ON e.id = r.entry_id
			WHERE r.tab = $1 AND r.row_id = $2 ORDER BY e.id`, table, string(row))
		out, err = db.Collect(rows, err, func(r rowScanner) (e Entry, err error) {
			return e, r.Scan(&e.ID, &e.Index, &e.At, &e.Action)
		})
		return err
	})
	return out, err
}

// Facts opens the sealed body of an entry: who did it and the facts noted.
func (l *Log) Facts(ctx context.Context, entry id.ID) (actor id.ID, notes map[string]any, err error) {
	var sealed []byte
	err = l.db.Read(ctx, func(q db.Q) error {
		return db.Absent(q.QueryRow(ctx, "SELECT body FROM audit_entry WHERE id = $1", string(entry)).Scan(&sealed), "log entry")
	})
	if err != nil {
		return "", nil, err
	}
	if sealed == nil {
		return "", nil, fault.State("error.log_shredded")
	}
	plain, err := l.keys.Open(secret.LogBody, string(entry), sealed)
	if err != nil {
		return "", nil, err
	}
	var b body
	if err := json.Unmarshal(plain, &b); err != nil {
		return "", nil, fmt.Errorf("body of entry %s: %w", entry, err)
	}
	return b.Actor, b.Notes, nil
}

// Checkpoint is the latest signed checkpoint; empty before the first.
func (l *Log) Checkpoint(ctx context.Context) (text string, err error) {
	err = l.db.Read(ctx, func(q db.Q) error {
		_, text, err = head(ctx, q)
		return err
	})
	return text, err
}

// Size is how many entries have their place in the log.
func (l *Log) Size(ctx context.Context) (n int64, err error) {
	err = l.db.Read(ctx, func(q db.Q) error {
		n, _, err = head(ctx, q)
		return err
	})
	return n, err
}

// Key is the public key that verifies checkpoints.
func (l *Log) Key() string { return l.keys.VerifierKey() }

// Origin is the log's name in its checkpoints.
func (l *Log) Origin() string { return l.keys.Origin() }

// Prove makes an offline proof (c2sp.org/tlog-proof) that an entry stood in the
// log at the latest checkpoint. what is an entry's id, its index, or the id of a
// business row, whose last entry is then proved.
func (l *Log) Prove(ctx context.Context, what string) (proof []byte, leaf []byte, err error) {
	err = l.db.Read(ctx, func(q db.Q) error {
		size, text, err := head(ctx, q)
		if err != nil {
			return err
		}
		var idx int64
		row := q.QueryRow(ctx, `SELECT idx, leaf FROM audit_entry WHERE idx IS NOT NULL AND (id = $1 OR CAST(idx AS TEXT) = $1
			OR id = (SELECT MAX(entry_id) FROM audit_row WHERE row_id = $1)) ORDER BY idx DESC LIMIT 1`, strings.TrimSpace(what))
		if err := db.Absent(row.Scan(&idx, &leaf), "log entry"); err != nil {
			return err
		}
		hs, err := translog.ProveInclusion(size, idx, &hashes{ctx: ctx, q: q})
		if err != nil {
			return fmt.Errorf("prove entry %d: %w", idx, err)
		}
		proof, err = translog.MarshalProof(translog.Proof{Index: idx, Hashes: hs, Checkpoint: []byte(text)})
		return err
	})
	return proof, leaf, err
}

// Export writes a copy of the log that can be verified without this program's
// database: checkpoint, tiles, entries and the public key.
func (l *Log) Export(ctx context.Context, dir string) (size int64, err error) {
	err = l.db.Read(ctx, func(q db.Q) error {
		n, text, err := head(ctx, q)
		if err != nil {
			return err
		}
		size = n
		if text == "" {
			return fault.State("error.log_empty")
		}
		return translog.Export(dir, []byte(text), n, &hashes{ctx: ctx, q: q}, func(from, to int64) ([][]byte, error) {
			rows, err := q.Query(ctx, "SELECT leaf FROM audit_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx", from, to)
			return db.Collect(rows, err, func(r rowScanner) (b []byte, err error) { return b, r.Scan(&b) })
		})
	})
	if err == nil {
		err = translog.WriteKey(dir, l.keys.VerifierKey())
	}
	return size, err
}

// Shred destroys the body and the salt of an entry for ever; its leaf stays and
// still proves that an entry of that kind stood there. The rows that the entry
// last changed are committed to again by the shredding entry.
func (l *Log) Shred(ctx context.Context, tx *Tx, entry id.ID, ground string) error {
	rows, err := tx.Query(ctx, `SELECT r.tab, r.row_id FROM audit_row r WHERE r.entry_id = $1
		AND NOT EXISTS (SELECT 1 FROM audit_row n WHERE n.tab = r.tab AND n.row_id = r.row_id AND n.entry_id > r.entry_id)`, string(entry))
	type ref struct {
		tab string
		row id.ID
	}
	refs, err := db.Collect(rows, err, func(r rowScanner) (x ref, err error) { return x, r.Scan(&x.tab, &x.row) })
	if err != nil {
		return fmt.Errorf("shred %s: %w", entry, err)
	}
	for _, r := range refs {
		tx.Touch(r.tab, r.row)
	}
	tx.Note("shredded", entry)
	tx.Note("ground", ground)
	return tx.Change(ctx, "log entry", "UPDATE audit_entry SET salt = NULL, body = NULL WHERE id = $1 AND body IS NOT NULL", string(entry))
}
