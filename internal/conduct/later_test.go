package conduct_test

import (
	"testing"

	"huikan/internal/conduct"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Cases of a time are those whose conduct ended in it and that were filed until a day,
// for whoever may see figures of the unit and is not concerned.
func TestCasesOfATime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.opened(t, "delay")
		w.step(t, w.office, c.ID, "file", conduct.CaseCmd{Text: "立案"})
		today := clock.Today(w.Clock)
		kin := w.second
		kin.Related = []id.ID{"subject"}
		for name, x := range map[string]struct {
			who             actor.Actor
			class           string
			from, to, filed clock.Date
			n               int
		}{
			"in the time":          {w.office, "delay", "2025-03-01", "2025-03-31", today, 1},
			"above":                {w.above, "delay", "2025-03-01", "2025-03-31", today, 1},
			"a leader":             {w.boss, "delay", "2025-03-01", "2025-03-31", today, 1},
			"filed later":          {w.office, "delay", "2025-03-01", "2025-03-31", today.AddDays(-1), 0},
			"conduct after it":     {w.office, "delay", "2025-03-01", "2025-03-30", today, 0},
			"another class":        {w.office, "gifts", "2025-03-01", "2025-03-31", today, 0},
			"another province":     {w.far, "delay", "2025-03-01", "2025-03-31", today, 0},
			"the subject":          {w.subject, "delay", "2025-03-01", "2025-03-31", today, 0},
			"a relative of theirs": {kin, "delay", "2025-03-01", "2025-03-31", today, 0},
		} {
			var got map[id.ID]int
			if err := w.DB.Read(ctx, func(q db.Q) (err error) {
				got, err = w.s.Later(ctx, q, x.who, x.class, x.from, x.to, x.filed)
				return err
			}); err != nil || got["henan"] != x.n || len(got) != x.n {
				t.Errorf("%s: %v %v, want %d", name, got, err, x.n)
			}
		}
	})
}
