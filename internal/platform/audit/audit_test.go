package audit_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/db/dbtest"
	"huikan/internal/platform/secret"
	"huikan/translog"
)

var ctx = context.Background()

var things = fstest.MapFS{"0100_thing.sql": {Data: []byte(`
CREATE TABLE thing (
	id TEXT PRIMARY KEY,
	text TEXT NOT NULL,
	done BOOLEAN NOT NULL,
	rev BIGINT NOT NULL
);`)}}

var who = actor.Actor{Account: "account-1", Person: "person-1", Name: "王一", Unit: "unit-1"}

func each(t *testing.T, fn func(t *testing.T, l *audit.Log, d *db.DB)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(ctx, audit.Schema, things); err != nil {
			t.Fatal(err)
		}
		v, err := secret.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		fn(t, audit.New(d, v, clock.Fixed(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)), "thing"), d)
	})
}

func add(t *testing.T, l *audit.Log, text string) id.ID {
	t.Helper()
	n := id.New()
	err := l.Write(ctx, who, "thing.add", func(tx *audit.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO thing (id, text, done, rev) VALUES ($1, $2, FALSE, 1)", string(n), text)
		tx.Touch("thing", n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func raw(t *testing.T, d *db.DB, q string, args ...any) {
	t.Helper()
	if _, err := d.Raw().Exec(q, args...); err != nil {
		t.Fatal(err)
	}
}

func verify(t *testing.T, l *audit.Log) audit.Report {
	t.Helper()
	if err := l.Sequence(ctx); err != nil {
		t.Fatal(err)
	}
	rep, err := l.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestCleanLogVerifies(t *testing.T) {
	each(t, func(t *testing.T, l *audit.Log, d *db.DB) {
		var ids []id.ID
		for _, s := range []string{"一", "二", "三", "四", "五"} {
			ids = append(ids, add(t, l, s))
		}
		if err := l.Write(ctx, who, "thing.finish", func(tx *audit.Tx) error {
			tx.Touch("thing", ids[0])
			return tx.Change(ctx, "thing", "UPDATE thing SET done = TRUE, rev = 2 WHERE id = $1 AND rev = 1", string(ids[0]))
		}); err != nil {
			t.Fatal(err)
		}
		if err := l.Write(ctx, who, "thing.remove", func(tx *audit.Tx) error {
			tx.Gone("thing", ids[1])
			return tx.Change(ctx, "thing", "DELETE FROM thing WHERE id = $1", string(ids[1]))
		}); err != nil {
			t.Fatal(err)
		}
		rep := verify(t, l)
		if len(rep.Troubles) != 0 || rep.Size != 7 || rep.Rows != 4 {
			t.Fatalf("%+v", rep)
		}
	})
}

func TestNoChangeWithoutEntry(t *testing.T) {
	each(t, func(t *testing.T, l *audit.Log, d *db.DB) {
		boom := errors.New("boom")
		err := l.Write(ctx, who, "thing.add", func(tx *audit.Tx) error {
			if _, err := tx.Exec(ctx, "INSERT INTO thing (id, text, done, rev) VALUES ('x', 'x', FALSE, 1)"); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		err = l.Write(ctx, who, "thing.add", func(tx *audit.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO thing (id, text, done, rev) VALUES ('y', 'y', FALSE, 1)")
			return err
		})
		if err == nil {
			t.Fatal("a change that names no row was accepted")
		}
		// If the entry cannot be written, the change does not happen.
		raw(t, d, "ALTER TABLE audit_entry RENAME TO audit_gone")
		err = l.Write(ctx, who, "thing.add", func(tx *audit.Tx) error {
			tx.Touch("thing", "z")
			_, err := tx.Exec(ctx, "INSERT INTO thing (id, text, done, rev) VALUES ('z', 'z', FALSE, 1)")
			return err
		})
		if err == nil {
			t.Fatal("a change without its entry was accepted")
		}
		raw(t, d, "ALTER TABLE audit_gone RENAME TO audit_entry")
		var n int
		if err := d.Read(ctx, func(q db.Q) error { return q.QueryRow(ctx, "SELECT COUNT(*) FROM thing").Scan(&n) }); err != nil || n != 0 {
			t.Fatalf("%d rows stayed (%v)", n, err)
		}
	})
}

// Whatever a hand in the database does, Verify names the place.
func TestTamperingIsFound(t *testing.T) {
	unguard := func(t *testing.T, d *db.DB) {
		if d.Engine == db.SQLite {
			for _, s := range []string{"audit_entry_keep", "audit_entry_stay", "audit_entry_place", "audit_row_keep", "audit_row_stay"} {
				raw(t, d, "DROP TRIGGER "+s)
			}
			raw(t, d, "PRAGMA foreign_keys = OFF")
			return
		}
		raw(t, d, "DROP TRIGGER audit_entry_keep ON audit_entry")
		raw(t, d, "DROP TRIGGER audit_row_keep ON audit_row")
		raw(t, d, "ALTER TABLE audit_row DROP CONSTRAINT audit_row_entry_id_fkey")
	}
	cases := []struct {
		name string
		act  func(t *testing.T, d *db.DB, ids []id.ID)
		kind string
		idx  int64
	}{
		{"a changed business row", func(t *testing.T, d *db.DB, ids []id.ID) {
			raw(t, d, "UPDATE thing SET text = '改' WHERE id = $1", string(ids[2]))
		}, "row", 2},
		{"a deleted business row", func(t *testing.T, d *db.DB, ids []id.ID) {
			raw(t, d, "DELETE FROM thing WHERE id = $1", string(ids[3]))
		}, "deleted", 3},
		{"a row put in beside the program", func(t *testing.T, d *db.DB, _ []id.ID) {
			raw(t, d, "INSERT INTO thing (id, text, done, rev) VALUES ('evil', 'x', FALSE, 1)")
		}, "unlogged", -1},
		{"a changed leaf", func(t *testing.T, d *db.DB, ids []id.ID) {
			raw(t, d, "UPDATE audit_entry SET leaf = (SELECT leaf FROM audit_entry WHERE idx = 0) WHERE idx = 4")
		}, "changed", 4},
		{"a deleted entry", func(t *testing.T, d *db.DB, ids []id.ID) { raw(t, d, "DELETE FROM audit_entry WHERE idx = 1") }, "missing", 1},
		{"a cut tail", func(t *testing.T, d *db.DB, ids []id.ID) { raw(t, d, "DELETE FROM audit_entry WHERE idx >= 4") }, "missing", 4},
		{"two entries swapped", func(t *testing.T, d *db.DB, ids []id.ID) {
			raw(t, d, "UPDATE audit_entry SET idx = 99 WHERE idx = 1")
			raw(t, d, "UPDATE audit_entry SET idx = 1 WHERE idx = 2")
			raw(t, d, "UPDATE audit_entry SET idx = 2 WHERE idx = 99")
		}, "changed", 1},
		{"a changed body", func(t *testing.T, d *db.DB, ids []id.ID) {
			raw(t, d, "UPDATE audit_entry SET body = (SELECT body FROM audit_entry WHERE idx = 0) WHERE idx = 3")
		}, "body", 3},
		{"a forgotten row version", func(t *testing.T, d *db.DB, ids []id.ID) {
			raw(t, d, "DELETE FROM audit_row WHERE row_id = $1", string(ids[2]))
		}, "rows", 2},
		{"another checkpoint", func(t *testing.T, d *db.DB, ids []id.ID) {
			raw(t, d, "UPDATE audit_head SET checkpoint = 'huikan.invalid/x'")
		}, "checkpoint", 5},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T, l *audit.Log, d *db.DB) {
				var ids []id.ID
				for _, s := range []string{"一", "二", "三", "四", "五"} {
					ids = append(ids, add(t, l, s))
				}
				if rep := verify(t, l); len(rep.Troubles) != 0 {
					t.Fatalf("before: %+v", rep)
				}
				unguard(t, d)
				c.act(t, d, ids)
				rep, err := l.Verify(ctx)
				if err != nil {
					t.Fatal(err)
				}
				for _, tr := range rep.Troubles {
					if tr.Kind == c.kind && tr.Index == c.idx {
						return
					}
				}
				t.Fatalf("not found: want %s at %d, got %v", c.kind, c.idx, rep.Troubles)
			})
		})
	}
}

func TestGuardsRefuse(t *testing.T) {
	each(t, func(t *testing.T, l *audit.Log, d *db.DB) {
		add(t, l, "一")
		verify(t, l)
		for _, q := range []string{"UPDATE audit_entry SET leaf = 'x'", "DELETE FROM audit_entry", "UPDATE audit_entry SET idx = 9 WHERE idx = 0",
			"DELETE FROM audit_row", "UPDATE audit_row SET tab = 'x'"} {
			if _, err := d.Raw().Exec(q); err == nil {
				t.Errorf("%s was accepted", q)
			}
		}
	})
}

func TestProofAndOfflineCopy(t *testing.T) {
	each(t, func(t *testing.T, l *audit.Log, d *db.DB) {
		var last id.ID
		for i := range 300 {
			last = add(t, l, strings.Repeat("问", i%7))
		}
		verify(t, l)
		text, leaf, err := l.Prove(ctx, string(last))
		if err != nil {
			t.Fatal(err)
		}
		v, err := translog.NewVerifier(l.Key())
		if err != nil {
			t.Fatal(err)
		}
		p, err := translog.ParseProof(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Verify(leaf, l.Origin(), v); err != nil {
			t.Fatal(err)
		}
		leaf[10] ^= 1
		if err := p.Verify(leaf, l.Origin(), v); err == nil {
			t.Fatal("a changed entry was proved")
		}
		if _, _, err := l.Prove(ctx, "nothing"); !fault.Is(err, fault.KindNotFound) {
			t.Fatalf("got %v", err)
		}
		dir := t.TempDir() + "/copy"
		n, err := l.Export(ctx, dir)
		if err != nil || n != 300 {
			t.Fatalf("%d %v", n, err)
		}
		rep, err := translog.VerifyDir(os.DirFS(dir), v, l.Origin())
		if err != nil || len(rep.Troubles) != 0 {
			t.Fatalf("%+v %v", rep, err)
		}
	})
}

func TestShreddingKeepsTheLogWhole(t *testing.T) {
	each(t, func(t *testing.T, l *audit.Log, d *db.DB) {
		n := add(t, l, "某人的事")
		add(t, l, "别的")
		verify(t, l)
		es, err := l.Of(ctx, "thing", n)
		if err != nil || len(es) != 1 {
			t.Fatal(es, err)
		}
		if err := l.Write(ctx, who, "log.shred", func(tx *audit.Tx) error { return l.Shred(ctx, tx, es[0].ID, "retention") }); err != nil {
			t.Fatal(err)
		}
		rep := verify(t, l)
		if len(rep.Troubles) != 0 || rep.Shredded != 1 {
			t.Fatalf("%+v", rep)
		}
		if _, _, err := l.Facts(ctx, es[0].ID); !fault.Is(err, fault.KindState) {
			t.Fatalf("the body can still be read: %v", err)
		}
		// After shredding the row is still guarded.
		raw(t, d, "UPDATE thing SET text = '改' WHERE id = $1", string(n))
		if rep, _ := l.Verify(ctx); len(rep.Troubles) == 0 {
			t.Fatal("a changed row went unseen after shredding")
		}
	})
}

func TestRefusalsAreEntries(t *testing.T) {
	each(t, func(t *testing.T, l *audit.Log, d *db.DB) {
		err := l.Write(ctx, who, "thing.add", func(tx *audit.Tx) error { return fault.Denied("thing", "recusal") })
		if !fault.Is(err, fault.KindNotFound) {
			t.Fatal(err)
		}
		verify(t, l)
		es, err := l.List(ctx, "denied", 0, 10)
		if err != nil || len(es) != 1 {
			t.Fatalf("%v %v", es, err)
		}
		p, notes, err := l.Facts(ctx, es[0].ID)
		if err != nil || p != who.Person || notes["rule"] != "recusal" || notes["action"] != "thing.add" {
			t.Fatalf("%v %v %v", p, notes, err)
		}
	})
}

func TestLeavesHoldNoPersonalData(t *testing.T) {
	each(t, func(t *testing.T, l *audit.Log, d *db.DB) {
		add(t, l, "李某某问过此案")
		var leaf, body []byte
		if err := d.Read(ctx, func(q db.Q) error {
			return q.QueryRow(ctx, "SELECT leaf, body FROM audit_entry").Scan(&leaf, &body)
		}); err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{"李某某", "王一", "person-1", "unit-1", "account-1"} {
			if strings.Contains(string(leaf), s) || strings.Contains(string(body), s) {
				t.Errorf("%q stands in the clear", s)
			}
		}
		if len(leaf) > 512 {
			t.Errorf("a leaf of %d bytes", len(leaf))
		}
	})
}
