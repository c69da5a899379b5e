package risk_test

import (
	"fmt"
	"slices"
	"testing"

	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/risk"
)

// The closed loop lists the newest that were right, page after page, whether they are
// few or so many that the list walks back instead of sorting them.
func TestTheLoopOfVeryMany(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		states := []string{risk.AlertLead, risk.AlertCleared, risk.AlertCorrected}
		var list []risk.Alert
		for n := range 2*page.CountCap + 100 {
			unit := id.ID("henan")
			if n%7 == 0 {
				unit = "hebei"
			}
			list = append(list, risk.Alert{Rule: fmt.Sprint("r", n), N: 1, Subject: risk.OfCase, Level: 3, Person: "p1", Unit: unit, State: states[n%3], Found: w.day(30), Facts: risk.Facts{CaseNo: "X", Atoms: []risk.Atom{{Indicator: "days_open", Op: "_>=_", Than: "3", Value: "3"}}}})
		}
		if err := w.s.AddMany(ctx, system, list); err != nil {
			t.Fatal(err)
		}
		var want, got []id.ID
		for n, a := range slices.Backward(list) {
			if n%7 != 0 && n%3 != 1 && len(want) < 60 {
				want = append(want, a.ID)
			}
		}
		pq := page.Query{Size: 20}
		for range 3 {
			l, err := w.s.Loop(ctx, w.office, pq)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range l.Lines {
				got = append(got, x.Alert.ID)
			}
			after, err := page.Parse(map[string][]string{"after": {l.Next.After}})
			if err != nil {
				t.Fatal(err)
			}
			pq.After = after.After
		}
		if !slices.Equal(got, want) {
			t.Errorf("the first sixty are not the newest: %d", len(got))
		}
	})
}
