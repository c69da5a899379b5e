package db

import (
	"context"
	"errors"
	"fmt"

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
	select {
	case d.queue <- j:
	case <-ctx.Done():
		return ctx.Err()
	default:
		return fault.Unavailable("error.busy")
	}
	return <-j.done // never abandoned: the caller must learn whether it is durable
}

// writer is the one writer of an SQLite database: it takes what is waiting, runs
// it in one transaction with a savepoint each, commits once, and only then answers.
func (d *DB) writer() {
	defer close(d.done)
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
	}
}

func (d *DB) commit(batch []*job) {
	err := d.runBatch(batch)
	for _, j := range batch {
		if err != nil && j.err == nil {
			j.err = err
		}
		if j.err == nil {
			for _, f := range j.tx.after {
				f()
			}
		}
		j.done <- j.err
	}
}

func (d *DB) runBatch(batch []*job) error {
	ctx := context.Background()
	stx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", Translate(err))
	}
	for _, j := range batch {
		if j.err = j.ctx.Err(); j.err != nil {
			continue // gone before his turn came: nothing was done
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
			return errors.Join(fmt.Errorf("%s: %w", end, Translate(err)), ignoreDone(stx.Rollback()))
		}
	}
	if err := stx.Commit(); err != nil {
		var se *sqlite.Error
		if errors.As(err, &se) && se.Code()&0xff == 10 {
			// A failed sync leaves the disk's content unknown: retrying it would
			// report success for what is lost. Stop writing until a restart.
			d.broken.Store(true)
		}
		return fmt.Errorf("commit: %w", Translate(err))
	}
	return nil
}
