package risk_test

import (
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
)

// Alerts are found by number, unit and rule, points by their words, by whoever may
// open them: nobody finds what concerns him.
func TestTheSearchFindsWhatMayBeOpened(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.hold(t, "office")
		p, err := w.s.AddPoint(ctx, w.desk, pointCmd)
		if err != nil {
			t.Fatal(err)
		}
		kin := w.second
		kin.Related = []id.ID{"office"}
		kept := w.desk
		kept.Person = "somebody"
		for name, x := range map[string]struct {
			who   actor.Actor
			text  string
			count int
			field string
		}{
			"number":               {w.second, a.No, 1, "search.in.number"},
			"unit":                 {w.above, "河南省人民检察院", 1, "search.in.unit"},
			"himself":              {w.office, a.No, 0, ""},
			"a relative":           {kin, a.No, 0, ""},
			"another province":     {w.far, a.No, 0, ""},
			"a leader":             {w.boss, a.No, 0, ""},
			"words of a point":     {w.desk, pointCmd.Shown, 1, ""},
			"number of a point":    {w.above, p.No, 1, ""},
			"unpublished, not his": {kept, pointCmd.Shown, 0, ""},
			"one character":        {w.second, "检", 0, ""},
		} {
			hits, err := w.s.Search(ctx, x.who, x.text, 20)
			if err != nil || len(hits) != x.count {
				t.Errorf("%s: %+v %v, want %d", name, hits, err, x.count)
			}
			for _, h := range hits {
				w.site.Actor = x.who
				if code, _ := w.site.Get(t, h.Href); code != 200 || h.Field != x.field {
					t.Errorf("%s: %+v opens with %d, want %s", name, h, code, x.field)
				}
			}
		}
		changed := pointCmd
		changed.Shown, changed.Rev = "改写之后的风险表现描述", p.Rev
		if _, err := w.s.StepPoint(ctx, w.desk, p.ID, "edit", changed); err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string]int{pointCmd.Shown: 0, "改写之后": 1} {
			if hits, err := w.s.Search(ctx, w.desk, text, 20); err != nil || len(hits) != want {
				t.Errorf("after a change %s: %+v %v", text, hits, err)
			}
		}
	})
}
