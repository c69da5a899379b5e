// Package db opens the one database of an installation, SQLite by default or
// PostgreSQL for large sites, and runs reads and writes on it. The SQL of the
// rooms is the same text for both engines ($1 placeholders, instants and civil
// dates as text); only this package knows which one it is.
//
// Only the log (platform/audit) may call Write: every change is made together
// with its log entry. A test of the whole program holds that.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"

	"huikan/internal/kernel/fault"
)

// Engine tells the two databases apart, for the few places that must know.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// minSQLite is the first version without the WAL-reset bug that can corrupt a
// database (fixed upstream in 3.51.3).
const minSQLite = "3.51.3"

// DB is an open database.
type DB struct {
	Engine Engine
	read   *sql.DB
	write  *sql.DB
	look   *sql.DB   // PostgreSQL: single statements that read
	queue  chan *job // SQLite: to the one writer
	done   chan struct{}
	gate   sync.RWMutex // held for writing only to close the queue
	closed bool
	sync   *sql.DB // SQLite: brings the write-ahead log home
	grown  chan struct{}
	synced chan struct{}
	broken atomic.Bool // a commit failed in the disk: nothing may be written until a restart has checked it
}

// Q reads. Both a read transaction and a write transaction are one.
type Q interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
	Engine() Engine
}

// Tx is a write transaction. It only exists inside DB.Write.
type Tx struct {
	sql    *sql.Tx
	engine Engine
	after  []func()
	failed error // the first statement that failed
}

// Query reads rows inside the transaction.
func (t *Tx) Query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	return t.sql.QueryContext(context.WithoutCancel(ctx), q, args...)
}

// QueryRow reads one row inside the transaction.
func (t *Tx) QueryRow(ctx context.Context, q string, args ...any) *sql.Row {
	return t.sql.QueryRowContext(context.WithoutCancel(ctx), q, args...)
}

// Exec changes rows. The statement is not cancelled by the caller going away:
// SQLite would roll back every change of the group commit, not only his. After
// one statement failed the transaction can only fail, on both engines: PostgreSQL
// refuses what follows, and SQLite may have rolled back already, so that what
// follows would stand alone.
func (t *Tx) Exec(ctx context.Context, q string, args ...any) (sql.Result, error) {
	if t.failed != nil {
		return nil, t.failed
	}
	r, err := t.sql.ExecContext(context.WithoutCancel(ctx), q, args...)
	t.failed = Translate(err)
	return r, t.failed
}

// Change runs an UPDATE or DELETE that must hit exactly one row; it is a
// conflict if the row was changed meanwhile (compare-and-swap on rev).
func (t *Tx) Change(ctx context.Context, what, q string, args ...any) error {
	r, err := t.Exec(ctx, q, args...)
	if err != nil {
		return fmt.Errorf("change %s: %w", what, err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		return fmt.Errorf("change %s: %w", what, err)
	}
	if n != 1 {
		return fault.Conflict(what)
	}
	return nil
}

// Engine tells which database it is.
func (t *Tx) Engine() Engine { return t.engine }

// After runs fn once the transaction is committed, never when it is not.
func (t *Tx) After(fn func()) { t.after = append(t.after, fn) }

type reader struct {
	tx     *sql.Tx
	engine Engine
}

func (r reader) Query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	return r.tx.QueryContext(ctx, q, args...)
}
func (r reader) QueryRow(ctx context.Context, q string, args ...any) *sql.Row {
	return r.tx.QueryRowContext(ctx, q, args...)
}
func (r reader) Engine() Engine { return r.engine }

// Open opens the database of a URL: sqlite:PATH (a file, made when missing) or
// postgres://…. It refuses an SQLite that is known to corrupt and a PostgreSQL
// whose commits are not durable.
func Open(ctx context.Context, target string) (*DB, error) {
	switch {
	case strings.HasPrefix(target, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(target, "sqlite:"))
	case strings.HasPrefix(target, "postgres://"), strings.HasPrefix(target, "postgresql://"):
		return openPostgres(ctx, target)
	}
	return nil, fault.Invalid("error.database_url", redact(target))
}

// redact hides a password in a database address before it is shown.
func redact(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return "?"
	}
	return u.Redacted()
}

// Pages that a connection keeps, in KiB. Each of the eight readers keeps its own, so
// theirs are small: what they do not keep is one read away in the cache of the system.
const (
	cacheOfWriter = "cache_size(-32000)"
	cacheOfReader = "cache_size(-8000)"
)

func openSQLite(ctx context.Context, path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	pragmas := []string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
		"trusted_schema(OFF)", "cell_size_check(ON)", "secure_delete(ON)", "mmap_size(0)", "journal_size_limit(268435456)",
		"temp_store(MEMORY)"}
	dsn := func(extra ...string) string {
		v := url.Values{"_pragma": append(append([]string{}, pragmas...), extra...)}
		return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
	}
	w, err := openKept(dsn(fmt.Sprintf("wal_autocheckpoint(%d)", walMax), cacheOfWriter), "BEGIN IMMEDIATE")
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	w.SetMaxOpenConns(1)
	var version string
	if err := w.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), w.Close())
	}
	if older(version, minSQLite) {
		return nil, errors.Join(fault.Unavailable("error.sqlite_version", version, minSQLite), w.Close())
	}
	r, err := openKept(dsn("query_only(1)", cacheOfReader), "BEGIN")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), w.Close())
	}
	r.SetMaxOpenConns(8)
	r.SetMaxIdleConns(8)
	c, err := sql.Open("sqlite", dsn("wal_autocheckpoint(0)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), w.Close(), r.Close())
	}
	c.SetMaxOpenConns(1)
	d := &DB{Engine: SQLite, read: r, write: w, queue: make(chan *job, 4096), done: make(chan struct{}), sync: c, grown: make(chan struct{}, 1), synced: make(chan struct{})}
	go d.writer()
	go d.checkpointer()
	return d, nil
}

func older(have, want string) bool {
	num := func(s string) (n int) {
		var a, b, c int
		fmt.Sscanf(s, "%d.%d.%d", &a, &b, &c)
		return a*1_000_000 + b*1000 + c
	}
	return num(have) < num(want)
}

// planning is what the planner of PostgreSQL is told, unless the address of the
// database says otherwise: pages of an index are in memory or on a disk without
// arms, no statement runs so long that compiling it pays, and a page takes one
// processor, as many are asked for at once (a count that walks an index with two
// workers more took two to three times as long as alone: docs/decisions.md).
var planning = map[string]string{"random_page_cost": "1.1", "jit": "off", "max_parallel_workers_per_gather": "0"}

// When PostgreSQL plans a statement that it knows. A list is asked for other values
// each time, so that a plan for any value fits none. Who asks is found by keys before
// every request, where planning takes longer than the plan. A change does both.
const (
	planForValues = "force_custom_plan"
	planOnce      = "force_generic_plan"
	planByCost    = "auto"
)

func openPostgres(ctx context.Context, target string) (*DB, error) {
	config, err := pgx.ParseConfig(target)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", redact(target), err)
	}
	pool := func(most int, plans string, more map[string]string) *sql.DB {
		c := config.Copy()
		for _, how := range []map[string]string{planning, {"plan_cache_mode": plans}, more} {
			for name, value := range how {
				if _, said := config.RuntimeParams[name]; !said {
					c.RuntimeParams[name] = value
				}
			}
		}
		p := stdlib.OpenDB(*c)
		p.SetMaxOpenConns(most)
		p.SetMaxIdleConns(8)
		p.SetConnMaxIdleTime(5 * time.Minute)
		return p
	}
	reading := map[string]string{"default_transaction_read_only": "on"}
	d := &DB{Engine: Postgres, read: pool(16, planForValues, reading), look: pool(8, planOnce, reading), write: pool(16, planByCost, nil)}
	for _, s := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		var v string
		if err := d.write.QueryRowContext(ctx, "SHOW "+s).Scan(&v); err != nil {
			return nil, errors.Join(fmt.Errorf("open database %s: %w", redact(target), err), d.Close())
		}
		if v == "off" {
			return nil, errors.Join(fault.Unavailable("error.database_not_durable", s), d.Close())
		}
	}
	return d, nil
}

// Close waits for the writes under way and closes the files. A write that comes
// later is refused.
func (d *DB) Close() error {
	if d.queue != nil {
		d.gate.Lock()
		if !d.closed {
			d.closed = true
			close(d.queue)
		}
		d.gate.Unlock()
		<-d.done
		<-d.synced
	}
	if d.Engine == Postgres {
		return errors.Join(d.look.Close(), d.read.Close(), d.write.Close())
	}
	return errors.Join(d.sync.Close(), d.read.Close(), d.write.Close())
}

// Raw is the writing pool itself, for migrations and backups only.
func (d *DB) Raw() *sql.DB { return d.write }

// Read runs fn in one read-only transaction, so that what a page shows belongs together.
func (d *DB) Read(ctx context.Context, fn func(q Q) error) error {
	opt := &sql.TxOptions{ReadOnly: true}
	if d.Engine == Postgres {
		opt.Isolation = sql.LevelRepeatableRead
	}
	tx, err := d.read.BeginTx(ctx, opt)
	if err != nil {
		return fmt.Errorf("begin reading: %w", Translate(err))
	}
	defer tx.Rollback() //nolint:errcheck // a read transaction has nothing to lose
	return Translate(fn(reader{tx, d.Engine}))
}

// Look runs fn over statements each of which stands alone: who asks, before anything
// is shown to him. On PostgreSQL they cost no transaction around them.
func (d *DB) Look(ctx context.Context, fn func(q Q) error) error {
	if d.Engine == SQLite {
		return d.Read(ctx, fn)
	}
	return Translate(fn(looker{d.look}))
}

// looker reads without a transaction.
type looker struct{ pool *sql.DB }

func (l looker) Query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	return l.pool.QueryContext(ctx, q, args...)
}
func (l looker) QueryRow(ctx context.Context, q string, args ...any) *sql.Row {
	return l.pool.QueryRowContext(ctx, q, args...)
}
func (looker) Engine() Engine { return Postgres }

// Write runs fn in a transaction and returns once it is durable. fn may run
// again when the engine asks for a retry, so it must have no effect outside the
// transaction; Tx.After is for those.
func (d *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	if d.broken.Load() {
		return fault.Unavailable("error.disk")
	}
	if d.Engine == SQLite {
		return d.enqueue(ctx, fn)
	}
	var err error
	end := time.Now().Add(patience)
	for try := 0; try == 0 || time.Now().Before(end); try++ { // serialization failures are normal: somebody else changed the row first
		if err = d.once(ctx, fn); !retryable(err) {
			return err
		}
		select {
		case <-time.After(rand.N(time.Millisecond << min(try, 5))): // all at once again would collide again
		case <-ctx.Done():
			return err
		}
	}
	return err
}

// One runs a single statement that is a change of its own and returns once it is
// durable. PostgreSQL takes it without the way there and back for the beginning and
// the end of a transaction.
func (d *DB) One(ctx context.Context, q string, args ...any) error {
	if d.Engine == SQLite {
		return d.Write(ctx, func(tx *Tx) error { _, err := tx.Exec(ctx, q, args...); return err })
	}
	if d.broken.Load() {
		return fault.Unavailable("error.disk")
	}
	_, err := d.write.ExecContext(context.WithoutCancel(ctx), q, args...)
	return Translate(err)
}

// patience is how long a write tries again, as long as SQLite waits for a lock.
const patience = 5 * time.Second

func (d *DB) once(ctx context.Context, fn func(tx *Tx) error) error {
	stx, err := d.write.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return fmt.Errorf("begin: %w", Translate(err))
	}
	tx := &Tx{sql: stx, engine: d.Engine}
	if err := guarded(fn, tx); err != nil {
		return errors.Join(Translate(err), ignoreDone(stx.Rollback()))
	}
	if err := stx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", Translate(err))
	}
	runAfter(tx)
	return nil
}

// runAfter runs the hooks of a committed transaction. It is durable whatever
// they do: a panic in one is logged and does not turn success into failure.
func runAfter(tx *Tx) {
	for _, f := range tx.after {
		func() {
			defer func() {
				if p := recover(); p != nil {
					slog.Error("a hook after a commit failed", "err", p, "stack", string(debug.Stack()))
				}
			}()
			f()
		}()
	}
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// guarded turns a panic of fn into an error, so that one bad request does not
// take the writer and everybody's changes with it.
func guarded(fn func(tx *Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.failed // a statement failed and fn overlooked it
}

// Translate turns a driver's error code into a fault; other errors stay.
func Translate(err error) error {
	var se *sqlite.Error
	var pe *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &se):
		if _, done := fault.Of(err); done {
			return err
		}
		switch code := se.Code(); {
		case code == 2067 || code == 1555: // UNIQUE, PRIMARYKEY
			return fault.Conflict("record").With(err)
		case code == 787: // FOREIGNKEY
			return fault.Invalid("error.reference").With(err)
		case code == 275 || code == 1299 || code == 3091: // CHECK, NOTNULL, DATATYPE
			return fault.Invalid("error.constraint").With(err)
		case code&0xff == 5 || code&0xff == 6: // BUSY, LOCKED
			return fault.Unavailable("error.busy").With(err)
		case code&0xff == 13: // FULL
			return fault.Unavailable("error.disk_full").With(err)
		}
	case errors.As(err, &pe):
		if _, done := fault.Of(err); done {
			return err
		}
		switch pe.Code {
		case "23505":
			return fault.Conflict("record").With(err)
		case "23503":
			return fault.Invalid("error.reference").With(err)
		case "23514", "23502", "22001", "22021", "22P05": // also a text that is no UTF-8 or has a NUL
			return fault.Invalid("error.constraint").With(err)
		case "40001", "40P01":
			return fault.Unavailable("error.busy").With(err)
		case "53100":
			return fault.Unavailable("error.disk_full").With(err)
		}
	}
	return err
}

func retryable(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && (pe.Code == "40001" || pe.Code == "40P01")
}

// Absent turns "no rows" into a not-found fault about what was looked for.
func Absent(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.NotFound(what)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	return nil
}

// Null writes an empty reference as NULL; read it back with COALESCE(col, ”).
func Null[T ~string](v T) any {
	if v == "" {
		return nil
	}
	return string(v)
}

// Collect reads all rows with one scan function and closes them.
func Collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// Optimize brings the planner's statistics up to date. SQLite only gathers them
// when told to: without them a list over 200,000 rows was sixty times slower.
// PostgreSQL's autovacuum does it by itself, but not at once after a bulk load.
func (d *DB) Optimize(ctx context.Context) error {
	stmt := "PRAGMA optimize = 0x10002"
	if d.Engine == Postgres {
		stmt = "ANALYZE"
	}
	if _, err := d.write.ExecContext(ctx, stmt); err != nil {
		return fmt.Errorf("gather statistics: %w", Translate(err))
	}
	return nil
}
