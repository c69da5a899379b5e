package audit_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/db/dbtest"
	"huikan/internal/platform/secret"
)

// Whatever part of a write fails, there is a clean error, neither the change nor
// its entry is left, and the same change succeeds once the fault is gone.
func TestFaultSweep(t *testing.T) {
	faults := []struct{ name, breaks, mends string }{
		{"the business table is gone", "ALTER TABLE thing RENAME TO thing_gone", "ALTER TABLE thing_gone RENAME TO thing"},
		{"the entries are gone", "ALTER TABLE audit_entry RENAME TO audit_entry_gone", "ALTER TABLE audit_entry_gone RENAME TO audit_entry"},
		{"the row versions are gone", "ALTER TABLE audit_row RENAME TO audit_row_gone", "ALTER TABLE audit_row_gone RENAME TO audit_row"},
		{"the hashes are gone", "ALTER TABLE audit_hash RENAME TO audit_hash_gone", "ALTER TABLE audit_hash_gone RENAME TO audit_hash"},
		{"the head is gone", "ALTER TABLE audit_head RENAME TO audit_head_gone", "ALTER TABLE audit_head_gone RENAME TO audit_head"},
		{"a column of the entries is gone", "ALTER TABLE audit_entry RENAME COLUMN body TO body_gone", "ALTER TABLE audit_entry RENAME COLUMN body_gone TO body"},
		{"the head refuses the new checkpoint", "CREATE UNIQUE INDEX no_two ON audit_hash ((1))", "DROP INDEX no_two"},
	}
	each(t, func(t *testing.T, l *audit.Log, d *db.DB) {
		count := func(table string) (n int) {
			if err := d.Raw().QueryRow("SELECT COUNT(*) FROM " + table).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		add(t, l, "before")
		verify(t, l) // one hash only, so that the last fault's index can be made: it comes first
		for i := len(faults) - 1; i >= 0; i-- {
			f := faults[i]
			things, entries, rows := count("thing"), count("audit_entry"), count("audit_row")
			cp, err := l.Checkpoint(ctx)
			if err != nil {
				t.Fatal(err)
			}
			raw(t, d, f.breaks)
			n := id.New()
			change := func() error {
				return l.Write(ctx, who, "thing.add", func(tx *audit.Tx) error {
					tx.Touch("thing", n)
					_, err := tx.Exec(ctx, "INSERT INTO thing (id, text, done, rev) VALUES ($1, 'x', FALSE, 1)", string(n))
					return err
				})
			}
			wrote := change()
			signed := l.Sequence(ctx)
			raw(t, d, f.mends)
			if wrote != nil && (count("thing") != things || count("audit_entry") != entries || count("audit_row") != rows) {
				t.Errorf("%s: the refused change left something", f.name)
			}
			if wrote == nil && signed == nil {
				t.Errorf("%s: nobody noticed", f.name)
			}
			if now, err := l.Checkpoint(ctx); err != nil || (signed != nil && now != cp) {
				t.Errorf("%s: a checkpoint was signed over a failure (%v)", f.name, err)
			}
			if wrote != nil {
				if err := change(); err != nil {
					t.Errorf("%s: mended, but %v", f.name, err)
				}
			}
			if rep := verify(t, l); len(rep.Troubles) != 0 || rep.Waiting != 0 {
				t.Errorf("%s: %+v", f.name, rep)
			}
		}
	})
}

// Another process holds the file: writing is refused after the wait, reading
// goes on, and everything works once the lock is gone.
func TestLockedByAnotherProcess(t *testing.T) {
	target := dbtest.SQLite(t)
	d := dbtest.Open(t, target)
	if err := d.Migrate(ctx, audit.Schema, things); err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l := audit.New(d, keys, clock.Fixed(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)), "thing")
	row := add(t, l, "before")
	other, err := sql.Open("sqlite", strings.TrimPrefix(target, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	if err := edit(l, row, "while locked"); !fault.Is(err, fault.KindUnavailable) {
		t.Errorf("a write during the lock: %v", err)
	}
	var text string
	if err := d.Read(ctx, func(q db.Q) error { return q.QueryRow(ctx, "SELECT text FROM thing").Scan(&text) }); err != nil || text != "before" {
		t.Errorf("a read during the lock: %q %v", text, err)
	}
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := edit(l, row, "after"); err != nil {
		t.Errorf("after the lock: %v", err)
	}
	if rep := verify(t, l); len(rep.Troubles) != 0 || rep.Size != 2 {
		t.Errorf("%+v", rep)
	}
}
