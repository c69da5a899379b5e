package audit

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/translog"
)

const (
	sequenceEvery = time.Second            // a checkpoint is never older than this while changes come
	sequenceAfter = 100 * time.Millisecond // changes that come together are signed together
	sequenceTries = 5                      // how often another replica may be faster
	placeMax      = 500                    // entries numbered by one statement
	sequenceMax   = 5000                   // entries of one run, so that a huge import does not hold the writer
)

// Run sequences and signs until ctx ends, then once more, so that a clean stop
// leaves nothing waiting.
func (l *Log) Run(ctx context.Context) {
	tick := time.NewTicker(sequenceEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if err := l.Sequence(context.WithoutCancel(ctx)); err != nil {
				slog.Error("the log could not be signed at the end", "err", err)
			}
			return
		case <-l.nudge:
			time.Sleep(sequenceAfter)
		case <-tick.C:
		}
		if err := l.Sequence(ctx); err != nil && ctx.Err() == nil {
			slog.Error("the log could not be signed", "err", err)
		}
	}
}

// Sequence gives every waiting entry its place in the tree and signs. With
// several replicas the compare-and-swap on the head lets exactly one win.
func (l *Log) Sequence(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for lost := 0; ; {
		n, err := l.sequenceSome(ctx)
		switch {
		case fault.Is(err, fault.KindConflict) && lost < sequenceTries:
			// Another replica gave these places away between our look and our lock.
			lost++
		case err != nil || n < sequenceMax:
			return err
		}
	}
}

type waiting struct {
	id   id.ID
	leaf []byte
}

func (l *Log) sequenceSome(ctx context.Context) (n int, err error) {
	err = l.db.Write(ctx, func(tx *db.Tx) error {
		n = 0
		if tx.Engine() == db.Postgres {
			var mine bool
			if err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock(72001)").Scan(&mine); err != nil || !mine {
				return err // another replica is at it
			}
		}
		size, checkpoint, err := head(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "SELECT id, leaf FROM audit_entry WHERE idx IS NULL ORDER BY id LIMIT "+strconv.Itoa(sequenceMax))
		todo, err := db.Collect(rows, err, func(r rowScanner) (w waiting, err error) { return w, r.Scan(&w.id, &w.leaf) })
		if err != nil || (len(todo) == 0 && (checkpoint != "" || size > 0)) {
			return err
		}
		if err := place(ctx, tx, size, todo); err != nil {
			return err
		}
		signed, err := l.sign(ctx, tx, size, size+int64(len(todo)), checkpoint)
		if err != nil {
			return err
		}
		n = len(todo)
		return tx.Change(ctx, "log head", "UPDATE audit_head SET size = $1, checkpoint = $2 WHERE one = 1 AND size = $3",
			size+int64(n), string(signed), size)
	})
	return n, err
}

// number gives entries their index in one statement: everybody who writes waits
// as long as this transaction is open.
func number(ctx context.Context, tx *db.Tx, from int64, todo []waiting) error {
	var q strings.Builder
	args := make([]any, 0, 2*len(todo))
	q.WriteString("UPDATE audit_entry SET idx = v.column2 FROM (VALUES ")
	for i, w := range todo {
		if i > 0 {
			q.WriteByte(',')
		}
		fmt.Fprintf(&q, "(CAST($%d AS TEXT), CAST($%d AS BIGINT))", 2*i+1, 2*i+2)
		args = append(args, string(w.id), from+int64(i))
	}
	q.WriteString(") AS v WHERE audit_entry.id = v.column1 AND audit_entry.idx IS NULL")
	res, err := tx.Exec(ctx, q.String(), args...)
	if err != nil {
		return fmt.Errorf("number entries: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != int64(len(todo)) {
		return errors.Join(fault.Conflict("log entry"), err)
	}
	return nil
}

// place writes index and tree hashes of new entries.
func place(ctx context.Context, tx *db.Tx, size int64, todo []waiting) error {
	r := &hashes{ctx: ctx, q: tx, known: map[int64]tlog.Hash{}}
	var pending []int64
	for i, w := range todo {
		n := size + int64(i)
		hs, err := translog.Append(n, w.leaf, r)
		if err != nil {
			return fmt.Errorf("place entry %s: %w", w.id, err)
		}
		at := translog.StoredCount(n)
		for k, h := range hs {
			r.known[at+int64(k)] = h
			pending = append(pending, at+int64(k))
		}
	}
	for from := 0; from < len(todo); from += placeMax {
		if err := number(ctx, tx, size+int64(from), todo[from:min(from+placeMax, len(todo))]); err != nil {
			return err
		}
	}
	values := make([][]any, len(pending))
	for i, n := range pending {
		h := r.known[n]
		values[i] = []any{n, h[:]}
	}
	return tx.InsertMany(ctx, "audit_hash", "n, hash", values)
}

// sign re-reads the new leaves from the database and hashes them again before
// it puts the name of the installation under them: one flipped bit between
// hashing and storing would otherwise be signed for ever. It also refuses to
// sign a tree that does not continue the last checkpoint.
func (l *Log) sign(ctx context.Context, tx *db.Tx, from, to int64, last string) ([]byte, error) {
	r := &hashes{ctx: ctx, q: tx, known: map[int64]tlog.Hash{}}
	if err := r.span(translog.StoredCount(from), translog.StoredCount(to)); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, "SELECT e.idx, e.leaf FROM audit_entry e WHERE e.idx >= $1 AND e.idx < $2 ORDER BY e.idx", from, to)
	if err != nil {
		return nil, fmt.Errorf("re-read entries: %w", err)
	}
	defer rows.Close()
	next := from
	leaves := map[int64]tlog.Hash{}
	for rows.Next() {
		var idx int64
		var leaf []byte
		if err := rows.Scan(&idx, &leaf); err != nil {
			return nil, fmt.Errorf("re-read entries: %w", err)
		}
		if idx != next {
			return nil, fault.Unavailable("error.log_gap", next)
		}
		leaves[translog.StoredIndex(0, idx)] = translog.LeafHash(leaf)
		next++
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || next != to {
		return nil, errors.Join(fault.Unavailable("error.log_gap", next), err)
	}
	for n, want := range leaves {
		got, err := r.ReadHashes([]int64{n})
		if err != nil {
			return nil, err
		}
		if got[0] != want {
			return nil, fault.Unavailable("error.log_reread", n)
		}
	}
	root, err := translog.Root(to, r)
	if err != nil {
		return nil, fmt.Errorf("root of the log: %w", err)
	}
	if last != "" {
		if err := l.continues(last, to, root, r); err != nil {
			return nil, err
		}
	}
	return translog.SignCheckpoint(translog.Checkpoint{Origin: l.keys.Origin(), Size: to, Root: root}, l.keys.Signer())
}

func (l *Log) continues(last string, size int64, root tlog.Hash, r translog.HashReader) error {
	old, err := l.open([]byte(last))
	if err != nil {
		return err
	}
	if old.Size == 0 {
		return nil
	}
	if old.Size == size { // nothing new, or as much cut off as was added
		if old.Root != root {
			return fault.Unavailable("error.log_fork", old.Size)
		}
		return nil
	}
	proof, err := translog.ProveConsistency(old.Size, size, r)
	if err == nil {
		err = translog.CheckConsistency(proof, old.Size, old.Root, size, root)
	}
	if err != nil {
		return fault.Unavailable("error.log_fork", old.Size).With(err)
	}
	return nil
}

func (l *Log) open(text []byte) (translog.Checkpoint, error) {
	v, err := translog.NewVerifier(l.keys.VerifierKey())
	if err != nil {
		return translog.Checkpoint{}, fmt.Errorf("log key: %w", err)
	}
	c, err := translog.OpenCheckpoint(text, l.keys.Origin(), v)
	if err != nil {
		return c, fault.Unavailable("error.log_checkpoint").With(err)
	}
	return c, nil
}

func head(ctx context.Context, q db.Q) (size int64, checkpoint string, err error) {
	if err := q.QueryRow(ctx, "SELECT size, checkpoint FROM audit_head WHERE one = 1").Scan(&size, &checkpoint); err != nil {
		return 0, "", fmt.Errorf("read log head: %w", err)
	}
	return size, checkpoint, nil
}

// hashes reads stored tree hashes. Those in known are not read again; it is nil
// for a reader of the whole log, whose memory must not grow with it.
type hashes struct {
	ctx   context.Context
	q     db.Q
	known map[int64]tlog.Hash
}

// ReadHashes implements tlog.HashReader.
func (h *hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var q strings.Builder
	var args []any
	for _, n := range indexes {
		if _, ok := h.known[n]; !ok {
			args = append(args, n)
			fmt.Fprintf(&q, ",$%d", len(args))
		}
	}
	read := h.known
	if len(args) > 0 {
		if read == nil {
			read = make(map[int64]tlog.Hash, len(args))
		}
		if err := h.take(read, "SELECT n, hash FROM audit_hash WHERE n IN ("+q.String()[1:]+")", args...); err != nil {
			return nil, err
		}
	}
	out := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		v, ok := read[n]
		if !ok {
			return nil, fmt.Errorf("tree hash %d is missing", n)
		}
		out[i] = v
	}
	return out, nil
}

// span reads the hashes from one index to another at once.
func (h *hashes) span(from, to int64) error {
	return h.take(h.known, "SELECT n, hash FROM audit_hash WHERE n >= $1 AND n < $2", from, to)
}

func (h *hashes) take(into map[int64]tlog.Hash, query string, args ...any) error {
	rows, err := h.q.Query(h.ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read tree hashes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		var b []byte
		if err := rows.Scan(&n, &b); err != nil {
			return fmt.Errorf("read tree hashes: %w", err)
		}
		if len(b) != tlog.HashSize {
			return fmt.Errorf("tree hash %d is damaged (%s)", n, hex.EncodeToString(b))
		}
		into[n] = tlog.Hash(b)
	}
	return errors.Join(rows.Err(), rows.Close())
}
