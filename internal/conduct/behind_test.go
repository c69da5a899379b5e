package conduct_test

import (
	"fmt"
	"strings"
	"testing"

	"huikan/internal/conduct"
	"huikan/internal/kernel/actor"
)

// Behind a figure stand the records that the reader may open, and the number of those
// that others keep; of a figure that is hidden because it is small not even that.
func TestBehindAFigure(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		end := func(n int) {
			l := w.lead(t, conduct.LeadCmd{Person: "third", Conduct: "gifts", Facts: fmt.Sprintf("第%d次：%s", n, strings.Repeat(string(rune('甲'+n)), 30))})
			w.dispose(t, l.ID, "assign", conduct.DisposeCmd{Assignee: "office"})
			w.dispose(t, l.ID, "end", conduct.DisposeCmd{Text: "谈话提醒", Kinds: []string{"education.talk"}})
		}
		behind := func(who actor.Actor, by, key string, form int) conduct.BehindView {
			v, err := w.s.Behind(ctx, who, conduct.FormsQuery{By: by}, conduct.CellQuery{Key: key, Form: form})
			if err != nil {
				t.Fatalf("%s: %v", who.Person, err)
			}
			return v
		}
		for n := range 3 {
			end(n)
		}
		if v := behind(w.above, "conduct", "gifts", 1); !v.Hidden || len(v.List) != 0 || v.Own != 0 || v.Others != 0 {
			t.Errorf("a hidden figure to the office above: %+v", v)
		}
		if v := behind(w.office, "conduct", "gifts", 1); !v.Hidden || len(v.List) != 3 || v.Others != 0 {
			t.Errorf("a hidden figure to the office that works them: %+v", v)
		}
		for n := 3; n < 6; n++ {
			end(n)
		}
		for _, c := range []struct {
			name, by, key string
			form          int
			who           actor.Actor
			own, others   int
		}{
			{"the office", "conduct", "gifts", 1, w.office, 6, 0}, {"the office above", "conduct", "gifts", 1, w.above, 0, 6}, {"by measure", "kind", "education.talk", 0, w.office, 6, 0},
			{"by unit", "unit", "henan", 1, w.office, 6, 0}, {"all", "quarter", "", 0, w.office, 6, 0}, {"a form without any", "conduct", "gifts", 3, w.office, 0, 0}, {"whom they concern", "conduct", "", 1, w.third, 0, 0},
		} {
			if v := behind(c.who, c.by, c.key, c.form); v.Hidden || v.Own != c.own || len(v.List) != c.own || v.Others != c.others {
				t.Errorf("%s: %+v", c.name, v)
			}
		}
		w.site.Actor = w.office
		_, body := w.site.Get(t, "/conduct/forms?by=conduct")
		if !strings.Contains(body, "/conduct/forms/behind?by=conduct&amp;form=1&amp;key=gifts") {
			t.Error("the figure opens nothing")
		}
		if body := w.site.Both(t, w.office, "/conduct/forms/behind?by=conduct&form=1&key=gifts", 200); strings.Count(body, `href="/conduct/leads/`) != 6 {
			t.Error("the records cannot be opened")
		}
		w.site.Both(t, w.office, "/conduct/forms/behind?by=conduct&form=1&key=nothing", 404)
		w.site.Both(t, w.subject, "/conduct/forms/behind?by=conduct&form=1&key=gifts", 404)
	})
}
