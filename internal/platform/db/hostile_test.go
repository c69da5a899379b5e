package db_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/db"
	"huikan/internal/platform/db/dbtest"
)

func fresh(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(ctx, schema); err != nil {
			t.Fatal(err)
		}
		fn(t, d)
	})
}

// A statement that makes SQLite roll everything back must neither acknowledge
// the changes before it in the same group nor refuse the innocent ones.
func TestWholeTransactionTakenBack(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t))
	if err := d.Migrate(ctx, schema); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Raw().Exec(`CREATE TRIGGER boom BEFORE INSERT ON thing WHEN NEW.n = 13 BEGIN SELECT RAISE(ROLLBACK, 'all of it'); END`); err != nil {
		t.Fatal(err)
	}
	// The first write holds the writer until all others are queued behind it.
	hold, held := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := d.Write(ctx, func(tx *db.Tx) error {
			close(held)
			<-hold
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
	<-held
	var acked, queued atomic.Int64
	for i := range 30 {
		wg.Go(func() {
			queued.Add(1)
			err := d.Write(ctx, func(tx *db.Tx) error {
				n := i
				if i%10 == 3 {
					n = 13
				}
				_, err := tx.Exec(ctx, "INSERT INTO thing (id, n, done) VALUES ($1, $2, TRUE)", fmt.Sprint("a", i), n)
				if i == 13 { // overlooks the failure and goes on
					_, _ = tx.Exec(ctx, "INSERT INTO thing (id, n, done) VALUES ('stray', 1, TRUE)")
					return nil
				}
				return err
			})
			if (err != nil) != (i%10 == 3) {
				t.Errorf("%d: %v", i, err)
			}
			if err == nil {
				acked.Add(1)
			}
		})
	}
	for queued.Load() < 30 {
		runtime.Gosched()
	}
	close(hold)
	wg.Wait()
	if n := count(t, d); int64(n) != acked.Load() || n != 27 {
		t.Fatalf("%d rows, %d acknowledged, want 27", n, acked.Load())
	}
}

// A constraint that is only checked at commit fails its own change alone.
func TestConstraintAtCommit(t *testing.T) {
	deferred := fstest.MapFS{"0001_thing.sql": schema["0001_thing.sql"], "0002_part.sql": {Data: []byte(`
CREATE TABLE part (
	id TEXT PRIMARY KEY,
	thing_id TEXT NOT NULL REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED
);`)}}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(ctx, deferred); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if i%8 != 0 {
					if err := insert(d, fmt.Sprint("a", i), 1); err != nil {
						t.Errorf("%d: %v", i, err)
					}
					return
				}
				if err := d.Write(ctx, func(tx *db.Tx) error {
					_, err := tx.Exec(ctx, "INSERT INTO part (id, thing_id) VALUES ($1, 'none')", fmt.Sprint(i))
					return err
				}); !fault.Is(err, fault.KindInvalid) {
					t.Errorf("%d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if n := count(t, d); n != 35 {
			t.Fatalf("%d rows, want 35", n)
		}
	})
}

// Writes that race with Close are either durable or refused, never a panic.
func TestCloseDuringWrites(t *testing.T) {
	for range 20 {
		target := dbtest.SQLite(t)
		d, err := db.Open(ctx, target)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(ctx, schema); err != nil {
			t.Fatal(err)
		}
		var acked atomic.Int64
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				for k := range 5 {
					switch err := insert(d, fmt.Sprint(i, "-", k), 1); {
					case err == nil:
						acked.Add(1)
					case !fault.Is(err, fault.KindUnavailable):
						t.Error(err)
					}
				}
			})
		}
		if err := errors.Join(d.Close(), d.Close()); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		if n := count(t, dbtest.Open(t, target)); int64(n) != acked.Load() {
			t.Fatalf("%d rows, %d acknowledged", n, acked.Load())
		}
	}
}

func TestHooksAfterACommit(t *testing.T) {
	fresh(t, func(t *testing.T, d *db.DB) {
		ran := 0
		err := d.Write(ctx, func(tx *db.Tx) error {
			tx.After(func() { panic("a hook that fails") })
			tx.After(func() {
				ran++
				if err := insert(d, "from a hook", 1); err != nil {
					t.Error(err)
				}
			})
			_, err := tx.Exec(ctx, "INSERT INTO thing (id, n, done) VALUES ('x', 1, TRUE)")
			return err
		})
		if err != nil || ran != 1 || count(t, d) != 2 {
			t.Fatalf("%v, ran %d times, %d rows", err, ran, count(t, d))
		}
		err = d.Write(ctx, func(tx *db.Tx) error {
			tx.After(func() { ran++ })
			return fault.State("no")
		})
		if err == nil || ran != 1 {
			t.Fatalf("a hook ran without a commit: %v %d", err, ran)
		}
	})
}

// Many writers of one row all get through, and each hook runs once although
// the engine asked for retries.
func TestManyWritersOfOneRow(t *testing.T) {
	fresh(t, func(t *testing.T, d *db.DB) {
		if err := insert(d, "a", 0); err != nil {
			t.Fatal(err)
		}
		var hooks atomic.Int64
		var wg sync.WaitGroup
		for range 24 {
			wg.Go(func() {
				if err := d.Write(ctx, func(tx *db.Tx) error {
					tx.After(func() { hooks.Add(1) })
					var n int
					if err := tx.QueryRow(ctx, "SELECT n FROM thing WHERE id = 'a'").Scan(&n); err != nil {
						return err
					}
					return tx.Change(ctx, "thing", "UPDATE thing SET n = $1 WHERE id = 'a' AND n = $2", n+1, n)
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var n int
		if err := d.Read(ctx, func(q db.Q) error { return q.QueryRow(ctx, "SELECT n FROM thing").Scan(&n) }); err != nil || n != 24 || hooks.Load() != 24 {
			t.Fatalf("%d, %d hooks (%v)", n, hooks.Load(), err)
		}
	})
}

// A failed statement that the caller overlooks must not be acknowledged.
func TestOverlookedFailure(t *testing.T) {
	fresh(t, func(t *testing.T, d *db.DB) {
		err := d.Write(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, "INSERT INTO thing (id, n, done) VALUES ('a', 1, TRUE)"); err != nil {
				return err
			}
			_, _ = tx.Exec(ctx, "INSERT INTO thing (id, n, done) VALUES ('b', -1, TRUE)")
			return nil
		})
		if !fault.Is(err, fault.KindInvalid) || count(t, d) != 0 {
			t.Fatalf("%v, %d rows", err, count(t, d))
		}
	})
}

func TestCancelledBeforeItsTurn(t *testing.T) {
	fresh(t, func(t *testing.T, d *db.DB) {
		gone, cancel := context.WithCancel(ctx)
		cancel()
		err := d.Write(gone, func(tx *db.Tx) error {
			_, err := tx.Exec(gone, "INSERT INTO thing (id, n, done) VALUES ('a', 1, TRUE)")
			return err
		})
		if !errors.Is(err, context.Canceled) || count(t, d) != 0 {
			t.Fatalf("%v, %d rows", err, count(t, d))
		}
	})
}

// A text that the engine cannot keep is the sender's mistake, not ours.
func TestTextWithNUL(t *testing.T) {
	d := dbtest.Open(t, dbtest.Postgres(t))
	if err := d.Migrate(ctx, schema); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"a\x00b", "a\xffb"} {
		if err := insert(d, s, 1); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// Numbers are given by room, so a later version may add a number below the
// highest one. It must be applied, and the version before must refuse it.
func TestMigrationAddedBetween(t *testing.T) {
	file := func(table string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("CREATE TABLE " + table + " (\n\tid TEXT PRIMARY KEY\n);")}
	}
	v1 := fstest.MapFS{"0001_a.sql": file("a"), "0900_z.sql": file("z")}
	v2 := fstest.MapFS{"0001_a.sql": file("a"), "0101_b.sql": file("b"), "0900_z.sql": file("z")}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, v := range []fstest.MapFS{v1, v2, v2} {
			if err := d.Migrate(ctx, v); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Read(ctx, func(q db.Q) error { return q.QueryRow(ctx, "SELECT COUNT(*) FROM b").Scan(new(int)) }); err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(ctx, v1); !fault.Is(err, fault.KindUnavailable) {
			t.Fatalf("a schema with an unknown part must be refused: %v", err)
		}
	})
}
