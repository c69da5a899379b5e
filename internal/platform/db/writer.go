package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"modernc.org/sqlite"

	"huikan/internal/kernel/fault"
)

// batchMax bounds one group commit. With a disk that takes 10 ms to sync, one
// change a commit gives 88 changes a second, 256 a commit give thousands.
const batchMax = 256

type job struct {
	ctx  context.Context
	fn   func(*Tx) error
	tx   *Tx
	err  error
	done chan error
}

func (d *DB) enqueue(ctx context.Context, fn func(*Tx) error) error {
	j := &job{ctx: ctx, fn: fn, done: make(chan error, 1)}
	if err := d.submit(j); err != nil {
		return err
	}
	err := <-j.done // never abandoned: the caller must learn whether it is durable
	if err == nil {
		// Here, not in the writer: a hook may write, and one that fails must not
		// end the only writer there is.
		runAfter(j.tx)
	}
	return err
}

// submit queues a job. The lock keeps Close from closing the queue under it.
func (d *DB) submit(j *job) error {
	d.gate.RLock()
	defer d.gate.RUnlock()
	if d.closed {
		return fault.Unavailable("error.busy")
	}
	select {
	case d.queue <- j:
		return nil
	case <-j.ctx.Done():
		return j.ctx.Err()
	default:
		return fault.Unavailable("error.busy")
	}
}

// writer is the one writer of an SQLite database: it takes what is waiting, runs
// it in one transaction with a savepoint each, commits once, and only then answers.
func (d *DB) writer() {
	defer close(d.done)
	defer close(d.grown)
	for first := range d.queue {
		batch := []*job{first}
	drain:
		for len(batch) < batchMax {
			select {
			case j, ok := <-d.queue:
				if !ok {
					break drain
				}
				batch = append(batch, j)
			default:
				break drain
			}
		}
		d.commit(batch)
		select {
		case d.grown <- struct{}{}:
		default:
		}
	}
}

// Limits of the write-ahead log.
const (
	walEvery = time.Second // it is brought home this often while changes come
	walMax   = 16_000      // pages from which the writer does it himself, should this not be enough
)

// checkpointer brings what is durable in the write-ahead log home into the
// database file, beside the writer: it takes two syncs of the disk and thousands
// of pages, and whoever writes would wait for it. Nothing becomes less durable: a
// change is in the log, and on the disk, before anybody hears of it.
func (d *DB) checkpointer() {
	defer close(d.synced)
	for range d.grown {
		var busy, all, home int
		if err := d.sync.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &all, &home); err != nil {
			slog.Warn("the write-ahead log was not brought home", "err", err)
		}
		select {
		case <-time.After(walEvery):
		case <-d.done:
		}
	}
}

func (d *DB) commit(batch []*job) {
	err := d.runBatch(batch)
	alone := len(batch) > 1 && errors.Is(err, errSpoilt)
	for _, j := range batch {
		if err != nil && j.err == nil {
			j.err = err
			if alone {
				// One change took the transaction of all down with it. Nothing was
				// committed; the others are not to suffer for it.
				j.err = nil
				if e := d.runBatch([]*job{j}); j.err == nil {
					j.err = e
				}
			}
		}
		j.done <- j.err
	}
}

// errSpoilt marks a transaction that one of its changes made impossible and
// that is known to be rolled back.
var errSpoilt = errors.New("a change took the whole transaction back")

func (d *DB) runBatch(batch []*job) error {
	if d.broken.Load() {
		return fault.Unavailable("error.disk") // what was queued when the disk failed
	}
	ctx := context.Background()
	stx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", Translate(err))
	}
	// One change alone is taken back with its transaction. A savepoint around it
	// would keep the old pages of the whole change in a list that every statement
	// walks, which makes a large change quadratic.
	alone := len(batch) == 1
	for _, j := range batch {
		if j.err = j.ctx.Err(); j.err != nil {
			continue // gone before his turn came: nothing was done
		}
		if alone {
			j.tx = &Tx{sql: stx, engine: SQLite}
			if j.err = Translate(guarded(j.fn, j.tx)); j.err != nil {
				return endQuietly(stx)
			}
			break
		}
		if _, err := stx.ExecContext(ctx, "SAVEPOINT one"); err != nil {
			return errors.Join(fmt.Errorf("savepoint: %w", err), ignoreDone(stx.Rollback()))
		}
		j.tx = &Tx{sql: stx, engine: SQLite}
		end := "RELEASE one"
		if j.err = Translate(guarded(j.fn, j.tx)); j.err != nil {
			end = "ROLLBACK TO one; RELEASE one"
		}
		if _, err := stx.ExecContext(ctx, end); err != nil {
			// SQLite has rolled back by itself (full disk, interrupt, a trigger that
			// says so): the savepoint is gone. The roll back here finds nothing to do.
			return errors.Join(errSpoilt, fmt.Errorf("%s: %w", end, Translate(err)), endQuietly(stx))
		}
	}
	if err := stx.Commit(); err != nil {
		var se *sqlite.Error
		if errors.As(err, &se) && se.Code()&0xff == 10 {
			// A failed sync leaves the disk's content unknown: retrying it would
			// report success for what is lost. Stop writing until a restart.
			d.broken.Store(true)
		}
		if errors.As(err, &se) && se.Code()&0xff == 19 { // a constraint that is checked at commit; the driver has rolled back
			err = errors.Join(errSpoilt, err)
		}
		return fmt.Errorf("commit: %w", Translate(err))
	}
	return nil
}

// endQuietly gives the connection back; SQLite may have no transaction any more.
func endQuietly(stx *sql.Tx) error {
	err := ignoreDone(stx.Rollback())
	if err != nil && strings.Contains(err.Error(), "no transaction is active") {
		return nil
	}
	return err
}
