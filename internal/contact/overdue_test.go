package contact_test

import (
	"slices"
	"strings"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/web"
)

// What an office has not done by its day climbs to the one above and then further,
// as numbers alone, and without what concerns the reader.
func TestOverdueWorkClimbs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		henan := w.unit(henanName).ID
		w.at("2026-03-02")
		w.submit(t, "staff", nil)
		about := w.submit(t, "staff", func(c *contact.RecordCmd) {
			c.Asker, c.AskerName, c.AskerUnit, c.Claimed = "insider", "何志远", henanName, "C6"
		})
		back := w.submit(t, "colleague", nil)
		w.open(t, "office", back.ID)
		if _, err := w.s.Handle(ctx, w.who["office"], back.ID, "return", contact.HandleCmd{Text: "请补正时间"}); err != nil {
			t.Fatal(err)
		}
		counts := func(who actor.Actor) string {
			t.Helper()
			list, err := w.s.OverdueBelow(ctx, who, henan)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, o := range list {
				out = append(out, o.Kind+string(rune('0'+o.N)))
			}
			return strings.Join(out, " ")
		}
		told := func(login string) (n int) {
			t.Helper()
			list, err := w.s.Todo(ctx, w.who[login])
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				if strings.HasPrefix(x.Kind, "todo.overdue.") {
					n++
				}
			}
			return n
		}
		// Checks were due on Monday the 9th, the return on the 23rd.
		for _, x := range []struct {
			day       clock.Date
			have      string
			told, own int
		}{{"2026-03-09", "", 0, 0}, {"2026-03-10", "unread2", 1, 0}, {"2026-03-24", "unread2 returned1", 2, 0}} {
			w.at(x.day)
			if got := counts(w.who["office"]); got != x.have {
				t.Errorf("on %s: %q, want %q", x.day, got, x.have)
			}
			if got := told("upper"); got != x.told {
				t.Errorf("on %s the office above is told %d", x.day, got)
			}
			if got := told("office"); got != x.own {
				t.Errorf("on %s the office itself is told %d", x.day, got)
			}
		}
		himself := platformtest.As("himself", actor.InternalSupervision, w.dir.Place(henan))
		himself.Person = w.ids["colleague"]
		kin := platformtest.As("kin", actor.InternalSupervision, w.dir.Place(henan))
		kin.Person, kin.Related = id.New(), []id.ID{w.ids["colleague"]}
		for name, who := range map[string]actor.Actor{"himself": himself, "a relative": kin} {
			if got := counts(who); got != "unread1 returned1" {
				t.Errorf("%s counts %q", name, got)
			}
		}
		for _, login := range []string{"staff", "head", "boss", "other", "city", "sysadmin", "secadmin", "auditor"} {
			_, err := w.s.OverdueBelow(ctx, w.who[login], henan)
			platformtest.WantKind(t, login, err, "not_found")
			if told(login) != 0 {
				t.Errorf("%s is told", login)
			}
		}
		w.site.Actor = w.who["upper"]
		if code, body := w.page(t, "en", "/register/overdue"); code != 200 || !strings.Contains(body, "Records nobody opened") || strings.Contains(body, about.Code) {
			t.Errorf("%d %.300s", code, body)
		}
		if list, err := w.s.Todo(ctx, w.who["upper"]); err != nil || slices.ContainsFunc(list, func(x web.Todo) bool { return strings.Contains(x.Title, about.Code) }) {
			t.Errorf("%+v %v", list, err)
		}
	})
}
