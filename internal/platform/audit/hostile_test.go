package audit_test

import (
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/db/dbtest"
	"huikan/internal/platform/secret"
	"huikan/translog"
)

func edit(l *audit.Log, row id.ID, text string) error {
	return l.Write(ctx, who, "thing.edit", func(tx *audit.Tx) error {
		tx.Touch("thing", row)
		return tx.Change(ctx, "thing", "UPDATE thing SET text = $1, rev = rev + 1 WHERE id = $2", text, string(row))
	})
}

// The clock of a replica, or of one server before its restart, may have been
// ahead. What was written last is still last.
func TestEntriesOfARowKeepTheirOrder(t *testing.T) {
	each(t, func(t *testing.T, l *audit.Log, d *db.DB) {
		row := add(t, l, "一")
		ahead := "0fffffff-ffff-7fff-bfff-ffffffffffff" // an entry of a clock that was centuries ahead
		for _, q := range []string{
			`INSERT INTO audit_entry (id, at, action, leaf, salt, body) SELECT '` + ahead + `', at, action, leaf, salt, body FROM audit_entry`,
			`INSERT INTO audit_row (entry_id, tab, row_id, digest) SELECT '` + ahead + `', tab, row_id, digest FROM audit_row`,
		} {
			raw(t, d, q)
		}
		if err := edit(l, row, "二"); err != nil {
			t.Fatal(err)
		}
		if err := edit(l, row, "三"); err != nil {
			t.Fatal(err)
		}
		rep := verify(t, l)
		for _, tr := range rep.Troubles {
			if tr.Kind != "body" { // the copied entry's own seal does not fit its id
				t.Errorf("a false alarm: %s", tr)
			}
		}
		es, err := l.Of(ctx, "thing", row)
		if err != nil || len(es) != 4 || es[3].Action != "thing.edit" || string(es[1].ID) != ahead {
			t.Fatalf("%v %v", es, err)
		}
	})
}

// A log that was cut and grown to its old length again must not be signed.
func TestForkOfTheSameSizeIsNotSigned(t *testing.T) {
	each(t, func(t *testing.T, l *audit.Log, d *db.DB) {
		for i := range 5 {
			add(t, l, fmt.Sprint(i))
		}
		verify(t, l)
		old, err := l.Checkpoint(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if d.Engine == db.SQLite {
			raw(t, d, "DROP TRIGGER audit_entry_stay")
			raw(t, d, "PRAGMA foreign_keys = OFF")
		} else {
			raw(t, d, "DROP TRIGGER audit_entry_keep ON audit_entry")
			raw(t, d, "ALTER TABLE audit_row DROP CONSTRAINT audit_row_entry_id_fkey")
		}
		raw(t, d, "DELETE FROM audit_entry WHERE idx >= 3")
		raw(t, d, "DELETE FROM audit_hash WHERE n >= $1", translog.StoredCount(3))
		raw(t, d, "UPDATE audit_head SET size = 3")
		add(t, l, "new")
		add(t, l, "newer")
		if err := l.Sequence(ctx); !fault.Is(err, fault.KindUnavailable) {
			t.Errorf("a fork was signed: %v", err)
		}
		if now, err := l.Checkpoint(ctx); err != nil || now != old {
			t.Errorf("the checkpoint moved: %s (%v)", now, err)
		}
	})
}

// A changed inner hash of the tree gives wrong proofs: Verify finds it.
func TestInnerHashesAreVerified(t *testing.T) {
	each(t, func(t *testing.T, l *audit.Log, d *db.DB) {
		for i := range 9 {
			add(t, l, fmt.Sprint(i))
		}
		verify(t, l)
		raw(t, d, "UPDATE audit_hash SET hash = (SELECT hash FROM audit_hash x WHERE x.n = 0) WHERE n = 2") // over entries 0 and 1
		raw(t, d, "DELETE FROM audit_hash WHERE n = 6")                                                     // over entries 0 to 3
		rep, err := l.Verify(ctx)
		if err != nil {
			t.Fatal(err)
		}
		found := map[int64]bool{}
		for _, tr := range rep.Troubles {
			if tr.Kind == "tree" {
				found[tr.Index] = true
			}
		}
		if !found[1] || !found[3] {
			t.Fatalf("%v", rep.Troubles)
		}
	})
}

// One refusal is one entry, however many floors it passes on its way up.
func TestARefusalIsOneEntry(t *testing.T) {
	each(t, func(t *testing.T, l *audit.Log, _ *db.DB) {
		err := l.Write(ctx, who, "thing.add", func(*audit.Tx) error { return fault.Denied("thing", "recusal") })
		l.Refused(ctx, who, "thing.add", fmt.Errorf("on its way up: %w", err))
		read := fault.Denied("thing", "no rule")
		l.Refused(ctx, who, "thing.read", read)
		verify(t, l)
		if es, err := l.List(ctx, "denied", 0, 10); err != nil || len(es) != 2 {
			t.Fatalf("%v %v", es, err)
		}
	})
}

// Two replicas sequence at once while both write: every checkpoint that was
// ever signed continues every earlier one, and each entry has one place.
func TestTwoReplicasSignOneLog(t *testing.T) {
	target := dbtest.Postgres(t)
	keys, err := secret.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var logs []*audit.Log
	for range 2 {
		d := dbtest.Open(t, target)
		if err := d.Migrate(ctx, audit.Schema, things); err != nil {
			t.Fatal(err)
		}
		logs = append(logs, audit.New(d, keys, clock.Fixed(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)), "thing"))
	}
	// Every checkpoint is kept in the moment it is written.
	d := logs[0].DB()
	raw(t, d, "CREATE TABLE signed (n BIGSERIAL PRIMARY KEY, text TEXT NOT NULL)")
	raw(t, d, `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO signed (text) VALUES (NEW.checkpoint); RETURN NEW; END'`)
	raw(t, d, "CREATE TRIGGER keep AFTER UPDATE ON audit_head FOR EACH ROW EXECUTE FUNCTION keep()")
	shared := add(t, logs[0], "both")
	const each = 60
	var writers, signers sync.WaitGroup
	stop := make(chan struct{})
	for r, l := range logs {
		for w := range 2 {
			writers.Go(func() {
				for i := range each {
					if err := edit(l, shared, fmt.Sprint(r, w, i)); err != nil {
						t.Error(err)
					}
					add(t, l, fmt.Sprint(r, w, i))
				}
			})
		}
		signers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if err := l.Sequence(ctx); err != nil {
						t.Errorf("replica %d: %v", r, err)
						return
					}
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	signers.Wait()
	rep := verify(t, logs[1])
	if rep.Size != 1+2*2*2*each || rep.Waiting != 0 || len(rep.Troubles) != 0 {
		t.Fatalf("%+v", rep)
	}
	rows, err := d.Raw().Query("SELECT text FROM signed ORDER BY n")
	texts, err := db.Collect(rows, err, func(r *sql.Rows) (s string, err error) { return s, r.Scan(&s) })
	if err != nil || len(texts) < 3 {
		t.Fatalf("%d checkpoints (%v)", len(texts), err)
	}
	continues(t, d, keys, texts)
}

// continues proves every signed checkpoint against every later one.
func continues(t *testing.T, d *db.DB, keys *secret.Keys, texts []string) {
	t.Helper()
	v, err := translog.NewVerifier(keys.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	tree := table{d}
	var cps []translog.Checkpoint
	for _, text := range texts {
		cp, err := translog.OpenCheckpoint([]byte(text), keys.Origin(), v)
		if err != nil {
			t.Fatal(err)
		}
		cps = append(cps, cp)
	}
	step := max(1, len(cps)/25) // pairs of 25 of them, and all neighbours
	for i, new := range cps {
		for k, old := range cps[:i] {
			if (k != i-1 && (k%step != 0 || i%step != 0)) || old.Size == 0 {
				continue
			}
			if old.Size >= new.Size {
				t.Fatalf("checkpoint %d of size %d follows one of size %d", i, new.Size, old.Size)
			}
			proof, err := translog.ProveConsistency(old.Size, new.Size, tree)
			if err == nil {
				err = translog.CheckConsistency(proof, old.Size, old.Root, new.Size, new.Root)
			}
			if err != nil {
				t.Fatalf("%d is no continuation of %d: %v", new.Size, old.Size, err)
			}
		}
	}
}

// table reads the stored tree hashes.
type table struct{ d *db.DB }

func (h table) ReadHashes(indexes []int64) ([]translog.Hash, error) {
	out := make([]translog.Hash, len(indexes))
	for i, n := range indexes {
		var b []byte
		if err := h.d.Raw().QueryRow("SELECT hash FROM audit_hash WHERE n = $1", n).Scan(&b); err != nil {
			return nil, err
		}
		out[i] = translog.Hash(b)
	}
	return out, nil
}
