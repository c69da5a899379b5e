package conduct_test

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

// A recorder is protected by the office that the register names, for the time of
// the setting; the table tells nobody who he is, and he does not see the watch.
func TestRecordersUnderWatch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// The same day once more, and with another office: neither a second one nor an error.
		if err := w.Log.Write(ctx, system, "matter.submit", func(tx *audit.Tx) error {
			for _, watch := range []id.ID{"spp", "spp", "hebei"} {
				if err := w.s.Protect(ctx, tx, "third", "henan", watch, "recorder"); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		under := func(ids ...id.ID) (out []id.ID) {
			t.Helper()
			if err := w.DB.Read(ctx, func(q db.Q) (err error) { out, err = w.s.UnderWatch(ctx, q, ids); return err }); err != nil {
				t.Fatal(err)
			}
			return out
		}
		if got := under("office", "third", "subject"); !slices.Equal(got, []id.ID{"third"}) {
			t.Errorf("under watch: %v", got)
		}
		var stored []string
		if err := w.DB.Read(ctx, func(q db.Q) error {
			rows, err := q.Query(ctx, "SELECT person_id FROM conduct_protected")
			stored, err = db.Collect(rows, err, func(r *sql.Rows) (v string, err error) { return v, r.Scan(&v) })
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(stored) != 1 || strings.Contains(stored[0], "third") {
			t.Errorf("the table holds %v", stored)
		}
		w.days(60)
		w.moves = []person.Move{{Ref: "to/1", Person: "third", Unit: "henan", Kind: "post_ended", Title: "检察官", On: "2026-04-01"}}
		list, err := w.s.Watch(ctx, w.above)
		if err != nil || len(list) != 1 || list[0].Protected.Person != "third" || list[0].Protected.Ground != "recorder" {
			t.Fatalf("the level above sees %+v %v", list, err)
		}
		for _, who := range []id.ID{"third", "other"} {
			a := w.above
			a.Person = who
			if who == "other" {
				a.Related = []id.ID{"third"}
			}
			if list, err := w.s.Watch(ctx, a); err != nil || len(list) != 0 {
				t.Errorf("%s sees his own watch or a relative's: %+v %v", who, list, err)
			}
		}
		if list, err := w.s.Watch(ctx, w.far); err != nil || len(list) != 0 {
			t.Errorf("an office beside sees %+v %v", list, err)
		}
		// Whoever was asked about may sit higher up: only the unit that watches reads.
		if err := w.Log.Write(ctx, system, "matter.submit", func(tx *audit.Tx) error {
			return w.s.Protect(ctx, tx, "chief", "xinxiang", "henan", "recorder")
		}); err != nil {
			t.Fatal(err)
		}
		w.moves = []person.Move{{Ref: "to/2", Person: "chief", Unit: "xinxiang", Kind: "post_ended", Title: "检察官", On: clock.Today(w.Clock)}}
		if list, err := w.s.Watch(ctx, w.office); err != nil || len(list) != 1 {
			t.Errorf("the office above sees %+v %v", list, err)
		}
		higher := platformtest.As("minister", actor.Leader, root)
		for _, who := range []actor.Actor{w.above, higher} {
			if list, err := w.s.Watch(ctx, who); err != nil || len(list) != 0 {
				t.Errorf("two levels up %s sees who recorded: %+v %v", who.Name, list, err)
			}
		}
		w.days(24*31 + 40)
		if got := under("third"); len(got) != 0 {
			t.Errorf("after its time: %v", got)
		}
	})
}
