// Package audit is the only way to write: every change of business data runs
// in one transaction with its log entry, and if the entry cannot be written the
// change does not happen. Reads of sealed content, exports, refused attempts
// and jobs are entries too.
//
// The entry goes into an outbox inside the business transaction; one sequencer
// gives entries their place in a Merkle tree (RFC 6962 hashes), re-reads what it
// is about to sign and signs a checkpoint within a second. A leaf holds no
// personal data: pseudonyms, a salted commitment to the body and a digest of the
// row versions that the change made. The body lies beside it, sealed, and can be
// shredded without breaking the log. Verify recomputes rows against leaves too,
// so that a hand in the database is seen, not only a hand in the log.
package audit

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

// Schema has the tables of the log.
//
//go:embed schema/*.sql
var Schema embed.FS

// Log writes and proves.
type Log struct {
	db    *db.DB
	keys  *secret.Keys
	clock clock.Clock

	mu     sync.Mutex // one sequencing run at a time in this process
	nudge  chan struct{}
	tables []string // business tables whose rows Verify reconciles
}

// New makes the log. tables are the business tables of all rooms: every row of
// them must be named by the entry that last changed it.
func New(d *db.DB, v *secret.Keys, c clock.Clock, tables ...string) *Log {
	slices.Sort(tables)
	return &Log{db: d, keys: v, clock: c, nudge: make(chan struct{}, 1), tables: tables}
}

// DB gives reading access to the same database.
func (l *Log) DB() *db.DB { return l.db }

// Tx is a write transaction together with its log entry.
type Tx struct {
	*db.Tx
	At      string // instant of the entry, UTC; use it for *_at columns
	touched map[string][]id.ID
	gone    map[string][]id.ID
	notes   map[string]any
}

// Touch names rows that the transaction made or changed: their new versions
// become part of the entry. It must be called for every business row.
func (t *Tx) Touch(table string, ids ...id.ID) {
	t.touched[table] = append(t.touched[table], ids...)
}

// Returned touches the rows that a statement changed and whose ids it returns
// (UPDATE … RETURNING id), and gives them.
func (t *Tx) Returned(table string, rows *sql.Rows, err error) ([]id.ID, error) {
	ids, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
	if err != nil {
		return nil, fmt.Errorf("change rows of %s: %w", table, err)
	}
	t.Touch(table, ids...)
	return ids, nil
}

// Gone names rows that the transaction deleted.
func (t *Tx) Gone(table string, ids ...id.ID) { t.gone[table] = append(t.gone[table], ids...) }

// Note adds a fact to the sealed body of the entry (reason, before, after).
// Never a password, a token or a full ID number.
func (t *Tx) Note(key string, value any) { t.notes[key] = value }

// body is what an entry says, sealed beside the leaf.
type body struct {
	Actor   id.ID            `json:"actor,omitempty"`
	Account id.ID            `json:"account,omitempty"`
	Name    string           `json:"name,omitempty"`
	Unit    id.ID            `json:"unit,omitempty"`
	Session string           `json:"session,omitempty"`
	Address string           `json:"address,omitempty"`
	Action  string           `json:"action"`
	Rows    map[string]int   `json:"rows,omitempty"`
	Objects map[string]id.ID `json:"objects,omitempty"` // first row of each table
	Notes   map[string]any   `json:"notes,omitempty"`
}

// leaf is what the tree commits to. Field order is the canonical order.
type leaf struct {
	V      int    `json:"v"`
	At     string `json:"t"`
	Action string `json:"k"`
	Actor  string `json:"a,omitempty"` // pseudonyms
	Unit   string `json:"u,omitempty"`
	Object string `json:"o,omitempty"`
	Rows   int    `json:"n"`
	Digest string `json:"r,omitempty"` // over the row versions
	Commit string `json:"c"`           // salted commitment to the body
}

// Write runs fn and writes its log entry in the same transaction. fn must name
// every row that it changes with Touch or Gone. fn may run more than once.
func (l *Log) Write(ctx context.Context, who actor.Actor, action string, fn func(tx *Tx) error) error {
	err := l.db.Write(ctx, func(dtx *db.Tx) error {
		tx := &Tx{Tx: dtx, At: clock.Instant(l.clock.Now()), touched: map[string][]id.ID{}, gone: map[string][]id.ID{}, notes: map[string]any{}}
		if err := fn(tx); err != nil {
			return err
		}
		if len(tx.touched)+len(tx.gone)+len(tx.notes) == 0 {
			return fmt.Errorf("%s changed nothing that the log could name", action)
		}
		return l.enter(ctx, tx, who, action)
	})
	if err != nil {
		return l.refused(ctx, who, action, err)
	}
	l.wake()
	return nil
}

// wake lets the sequencer look.
func (l *Log) wake() {
	select {
	case l.nudge <- struct{}{}:
	default:
	}
}

// Note writes an entry about something that changed no row: a read of sealed
// content, an export, a failed sign-in, the start of a job. It is one statement.
func (l *Log) Note(ctx context.Context, who actor.Actor, action string, facts map[string]any) error {
	notes := map[string]any{"noted": true}
	maps.Copy(notes, facts)
	salt, err := newSalt(action)
	if err != nil {
		return err
	}
	q, args, err := l.entry(who, clock.Instant(l.clock.Now()), newBody(who, action, notes), id.New(), "", salt, nil)
	if err != nil {
		return err
	}
	if err := l.db.One(ctx, q, args...); err != nil {
		return fmt.Errorf("log %s: %w", action, err)
	}
	l.wake()
	return nil
}

// Technical runs a write that is no business change and would drown the log:
// the last use of a session, the lease of a job. reason is for the reader of
// the code; the list of callers is held by a test.
func (l *Log) Technical(ctx context.Context, reason string, fn func(tx *db.Tx) error) error {
	if err := l.db.Write(ctx, fn); err != nil {
		return fmt.Errorf("%s: %w", reason, err)
	}
	return nil
}

// refused logs an attempt that access control stopped. It never hides the
// refusal itself: if even this cannot be written, the answer stays "no".
func (l *Log) refused(ctx context.Context, who actor.Actor, action string, err error) error {
	f, ok := fault.Of(err)
	if !ok || f.Denied == "" || action == "denied" {
		return err
	}
	if _, done := errors.AsType[entered](err); done {
		return err
	}
	if e := l.Note(context.WithoutCancel(ctx), who, "denied", map[string]any{"action": action, "rule": f.Denied}); e != nil {
		f.Err = errors.Join(f.Err, e)
	}
	return entered{err}
}

// entered marks a refusal that has its entry, so that the floors above do not
// write a second one.
type entered struct{ error }

func (e entered) Unwrap() error { return e.error }

// Refused logs a refusal that happened while reading. An absent record is logged
// like a hidden one when somebody who is signed in asks for it: otherwise the time
// of the answer would tell the two apart, and a row of guesses would leave no trace.
func (l *Log) Refused(ctx context.Context, who actor.Actor, action string, err error) {
	if f, ok := fault.Of(err); ok && f.Kind == fault.KindNotFound && f.Denied == "" && !who.Anonymous() {
		_ = l.Note(context.WithoutCancel(ctx), who, "denied", map[string]any{"action": action, "rule": "absent"}) // the caller answers with his own error
		return
	}
	_ = l.refused(ctx, who, action, err) // the caller answers with his own error
}

func (l *Log) enter(ctx context.Context, tx *Tx, who actor.Actor, action string) error {
	b := newBody(who, action, tx.notes)
	salt, err := newSalt(action)
	if err != nil {
		return err
	}
	var object, last id.ID
	var rows []rowDigest
	for _, table := range sortedKeys(tx.touched, tx.gone) {
		ids := unique(append(slices.Clone(tx.touched[table]), tx.gone[table]...))
		if len(ids) == 0 {
			continue
		}
		b.Rows[table], b.Objects[table] = len(ids), ids[0]
		if object == "" {
			object = ids[0]
		}
		ds, err := digests(ctx, tx.Tx, table, ids, salt)
		if err != nil {
			return fmt.Errorf("log %s: %w", action, err)
		}
		rows = append(rows, ds...)
		before, err := lastEntry(ctx, tx.Tx, table, ids)
		if err != nil {
			return fmt.Errorf("log %s: %w", action, err)
		}
		last = max(last, before)
	}
	entry, err := entryAfter(last)
	if err != nil {
		return fmt.Errorf("log %s: %w", action, err)
	}
	q, args, err := l.entry(who, tx.At, b, entry, object, salt, rows)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, q, args...); err != nil {
		return fmt.Errorf("log %s: %w", action, err)
	}
	return insertRows(ctx, tx.Tx, entry, rows)
}

func newBody(who actor.Actor, action string, notes map[string]any) body {
	b := body{Actor: who.Person, Account: who.Account, Unit: who.Unit, Session: who.Session, Address: who.Address, Action: action,
		Rows: map[string]int{}, Objects: map[string]id.ID{}, Notes: notes}
	if who.Person == "" {
		b.Name = who.Name // a program, not a person
	}
	return b
}

func newSalt(action string) ([]byte, error) {
	salt := make([]byte, 32)
	if _, err := rand.Read(salt); err != nil {
		return nil, fmt.Errorf("log %s: %w", action, err)
	}
	return salt, nil
}

// entry is the statement that puts an entry into the log.
func (l *Log) entry(who actor.Actor, at string, b body, entry, object id.ID, salt []byte, rows []rowDigest) (string, []any, error) {
	plain, err := json.Marshal(b)
	if err != nil {
		return "", nil, fmt.Errorf("log %s: %w", b.Action, err)
	}
	lf := leaf{V: 1, At: at, Action: b.Action, Actor: l.keys.Ref(string(who.Person)), Unit: l.keys.Ref(string(who.Unit)),
		Object: l.keys.Ref(string(object)), Rows: len(rows), Digest: sum(rows), Commit: commitment(salt, plain)}
	text, err := json.Marshal(lf)
	if err != nil {
		return "", nil, fmt.Errorf("log %s: %w", b.Action, err)
	}
	return "INSERT INTO audit_entry (id, at, action, leaf, salt, body) VALUES ($1, $2, $3, $4, $5, $6)",
		[]any{string(entry), at, b.Action, text, salt, l.keys.Seal(secret.LogBody, string(entry), plain)}, nil
}

func insertRows(ctx context.Context, tx *db.Tx, entry id.ID, rows []rowDigest) error {
	values := make([][]any, len(rows))
	for i, r := range rows {
		values[i] = []any{string(entry), r.table, string(r.id), r.digest}
	}
	return tx.InsertMany(ctx, "audit_row", "entry_id, tab, row_id, digest", values)
}

func commitment(salt, plain []byte) string {
	h := hmac.New(sha256.New, salt)
	h.Write(plain)
	return hex.EncodeToString(h.Sum(nil))
}

func sortedKeys(ms ...map[string][]id.ID) []string {
	var out []string
	for _, m := range ms {
		for k := range m {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	slices.Sort(out)
	return out
}

func unique(ids []id.ID) []id.ID {
	seen := make(map[id.ID]bool, len(ids))
	out := ids[:0]
	for _, i := range ids {
		if !seen[i] {
			seen[i] = true
			out = append(out, i)
		}
	}
	return out
}
