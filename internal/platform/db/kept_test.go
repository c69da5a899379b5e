package db_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/db"
)

// A kept statement answers like one that is prepared anew: two cursors over one
// text do not disturb each other, a failed one and one that was broken off are
// usable again, a changed table is seen, and more texts than are kept are fine.
func TestKeptStatements(t *testing.T) {
	fresh(t, func(t *testing.T, d *db.DB) {
		add := func(name string, n int) error {
			return d.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, "INSERT INTO thing (id, n, done) VALUES ($1, $2, TRUE)", name, n)
				return err
			})
		}
		for i := range 3 {
			if err := add(fmt.Sprint("k", i), i); err != nil {
				t.Fatal(err)
			}
		}
		if err := add("k0", 9); !fault.Is(err, fault.KindConflict) {
			t.Fatalf("the same key again: %v", err)
		}
		if err := add("k3", 3); err != nil {
			t.Fatalf("after a failure: %v", err)
		}
		const each = "SELECT id FROM thing ORDER BY id"
		if d.Engine == db.SQLite { // a connection of PostgreSQL has one cursor at a time
			if err := d.Read(ctx, func(q db.Q) error {
				outer, err := q.Query(ctx, each)
				if err != nil {
					return err
				}
				defer outer.Close()
				n := 0
				for outer.Next() {
					inner, err := q.Query(ctx, each)
					if err != nil {
						return err
					}
					for inner.Next() {
						n++
					}
					if err := errors.Join(inner.Err(), inner.Close()); err != nil {
						return err
					}
				}
				if n != 16 {
					t.Errorf("two cursors saw %d rows, want 16", n)
				}
				return outer.Err()
			}); err != nil {
				t.Fatal(err)
			}
		}
		gone, leave := context.WithCancel(ctx)
		_ = d.Read(gone, func(q db.Q) error {
			rows, err := q.Query(gone, each)
			if err != nil {
				return err
			}
			defer rows.Close()
			rows.Next()
			leave()
			for rows.Next() {
			}
			return rows.Err() // whether the end or the caller came first
		})
		columns := func() (n int) {
			if err := d.Read(ctx, func(q db.Q) error {
				rows, err := q.Query(ctx, "SELECT * FROM thing WHERE id = $1", "k1")
				if err != nil {
					return err
				}
				defer rows.Close()
				names, err := rows.Columns()
				n = len(names)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		was := columns()
		if _, err := d.Raw().Exec("ALTER TABLE thing ADD COLUMN later TEXT NOT NULL DEFAULT ''"); err != nil {
			t.Fatal(err)
		}
		if d.Engine == db.SQLite && columns() != was+1 { // PostgreSQL runs as several replicas of one build
			t.Errorf("%d columns after one was added to %d", columns(), was)
		}
		if err := d.Read(ctx, func(q db.Q) error {
			for i := range 400 {
				var n int
				if err := q.QueryRow(ctx, fmt.Sprintf("SELECT %d + n FROM thing WHERE id = $1", i), "k2").Scan(&n); err != nil || n != i+2 {
					return fmt.Errorf("statement %d gives %d: %w", i, n, err)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}
