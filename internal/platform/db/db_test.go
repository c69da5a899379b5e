package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/db"
	"huikan/internal/platform/db/dbtest"
)

var ctx = context.Background()

var schema = fstest.MapFS{"0001_thing.sql": {Data: []byte(`
CREATE TABLE thing (
	id TEXT PRIMARY KEY,
	n BIGINT NOT NULL CHECK (n >= 0),
	done BOOLEAN NOT NULL,
	raw BYTEA
);`)}}

func insert(d *db.DB, id string, n int) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO thing (id, n, done, raw) VALUES ($1, $2, $3, $4)", id, n, true, []byte{1})
		return err
	})
}

func count(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := d.Read(ctx, func(q db.Q) error { return q.QueryRow(ctx, "SELECT COUNT(*) FROM thing").Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOneSQLForBothEngines(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(ctx, schema); err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(ctx, schema); err != nil {
			t.Fatalf("a second start: %v", err)
		}
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if err := insert(d, fmt.Sprint("a", i), i); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := count(t, d); n != 40 {
			t.Fatalf("%d rows, 40 were acknowledged", n)
		}
		var done bool
		var raw []byte
		if err := d.Read(ctx, func(q db.Q) error {
			return q.QueryRow(ctx, "SELECT done, raw FROM thing WHERE id = $1", "a7").Scan(&done, &raw)
		}); err != nil || !done || len(raw) != 1 {
			t.Fatalf("read back: %v %v %v", done, raw, err)
		}
	})
}

func TestFailuresAreFaults(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(ctx, schema); err != nil {
			t.Fatal(err)
		}
		if err := insert(d, "a", 1); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name string
			id   string
			n    int
			want fault.Kind
		}{
			{"a key twice is a conflict", "a", 1, fault.KindConflict},
			{"a broken check is invalid", "b", -1, fault.KindInvalid},
		} {
			if err := insert(d, c.id, c.n); !fault.Is(err, c.want) {
				t.Errorf("%s: got %v", c.name, err)
			}
		}
		err := d.Write(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, "INSERT INTO thing (id, n, done) VALUES ('x', 1, FALSE)"); err != nil {
				return err
			}
			panic("bad request")
		})
		if err == nil || count(t, d) != 1 {
			t.Fatalf("a panic must leave nothing behind and be an error: %v", err)
		}
		if err := d.Read(ctx, func(q db.Q) error {
			return db.Absent(q.QueryRow(ctx, "SELECT n FROM thing WHERE id = 'no'").Scan(new(int)), "thing")
		}); !fault.Is(err, fault.KindNotFound) {
			t.Fatalf("absent: %v", err)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			return tx.Change(ctx, "thing", "UPDATE thing SET n = 2 WHERE id = 'a' AND n = 99")
		}); !fault.Is(err, fault.KindConflict) {
			t.Fatalf("compare-and-swap: %v", err)
		}
	})
}

// One failing change in a group commit must not touch its neighbours.
func TestGroupCommitIsolatesFailures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(ctx, schema); err != nil {
			t.Fatal(err)
		}
		boom := errors.New("refused")
		var wg sync.WaitGroup
		for i := range 60 {
			wg.Go(func() {
				err := d.Write(ctx, func(tx *db.Tx) error {
					if _, err := tx.Exec(ctx, "INSERT INTO thing (id, n, done) VALUES ($1, 1, TRUE)", fmt.Sprint(i)); err != nil {
						return err
					}
					if i%3 == 0 {
						return boom
					}
					return nil
				})
				if (i%3 == 0) != errors.Is(err, boom) {
					t.Errorf("%d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if n := count(t, d); n != 40 {
			t.Fatalf("%d rows, want 40", n)
		}
	})
}

func TestMigrations(t *testing.T) {
	newer := fstest.MapFS{"0001_thing.sql": schema["0001_thing.sql"], "0002_more.sql": {Data: []byte("ALTER TABLE thing ADD COLUMN note TEXT;")}}
	broken := fstest.MapFS{"0001_thing.sql": schema["0001_thing.sql"],
		"0002_broken.sql": {Data: []byte("CREATE TABLE half (\n id TEXT\n);\nCREATE TABLE nonsense oops;")}}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(ctx, schema); err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(ctx, broken); err == nil {
			t.Fatal("a broken migration must fail")
		}
		if err := insert(d, "a", 1); err != nil {
			t.Fatalf("the old state must go on working: %v", err)
		}
		err := d.Read(ctx, func(q db.Q) error { return q.QueryRow(ctx, "SELECT COUNT(*) FROM half").Scan(new(int)) })
		if err == nil {
			t.Fatal("half of a broken migration was left")
		}
		if err := d.Migrate(ctx, newer); err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(ctx, schema); !fault.Is(err, fault.KindUnavailable) {
			t.Fatalf("a schema newer than the program must be refused: %v", err)
		}
		if err := d.Migrate(ctx, newer, newer); err == nil {
			t.Fatal("a number used twice must be refused")
		}
	})
}

func TestReadersCannotWrite(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t))
	if err := d.Migrate(ctx, schema); err != nil {
		t.Fatal(err)
	}
	err := d.Read(ctx, func(q db.Q) error {
		rows, err := q.Query(ctx, "INSERT INTO thing (id, n, done) VALUES ('w', 1, TRUE) RETURNING id")
		if err == nil {
			for rows.Next() {
			}
			err = errors.Join(rows.Err(), rows.Close())
		}
		return err
	})
	if err == nil || count(t, d) != 0 {
		t.Fatalf("a reader wrote: %v", err)
	}
}

// A single statement is a change of its own, and what fails is a fault; who looks reads what is there and writes nothing.
func TestSingleStatements(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(ctx, schema); err != nil {
			t.Fatal(err)
		}
		const add = "INSERT INTO thing (id, n, done, raw) VALUES ($1, $2, $3, $4)"
		if err := d.One(ctx, add, "a", 1, true, []byte{1}); err != nil {
			t.Fatal(err)
		}
		if err := d.One(ctx, add, "a", 2, true, []byte{1}); !fault.Is(err, fault.KindConflict) {
			t.Errorf("the same key: %v", err)
		}
		if err := d.One(ctx, add, "b", -1, true, []byte{1}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a number that is not allowed: %v", err)
		}
		if err := d.Look(ctx, func(q db.Q) (err error) {
			var n int
			if err = q.QueryRow(ctx, "SELECT n FROM thing WHERE id = $1", "a").Scan(&n); err == nil && n != 1 {
				err = fmt.Errorf("n is %d", n)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
		if err := d.Look(ctx, func(q db.Q) error {
			var id string
			return q.QueryRow(ctx, add+" RETURNING id", "c", 3, true, []byte{1}).Scan(&id)
		}); err == nil {
			t.Error("who looks has written")
		}
		if n := count(t, d); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestOpenRefusesUnknownAddress(t *testing.T) {
	_, err := db.Open(ctx, "mysql://user:secret@host/x")
	f, ok := fault.Of(err)
	if !ok || f.Kind != fault.KindInvalid {
		t.Fatalf("got %v", err)
	}
	if s := fmt.Sprint(f.Args...); s == "" || strings.Contains(s, "secret") {
		t.Fatalf("the password is shown: %s", s)
	}
}

func TestOptimizeGathersStatistics(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(ctx, schema); err != nil {
			t.Fatal(err)
		}
		if err := insert(d, "a", 1); err != nil {
			t.Fatal(err)
		}
		if err := d.Optimize(ctx); err != nil {
			t.Fatal(err)
		}
	})
}
