package screening

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/person"
	"huikan/internal/platform/platformtest"
)

func TestTheLastDayOfTheStatement(t *testing.T) {
	for _, c := range []struct {
		by     DeclareBy
		given  Declaration
		on     clock.Date
		expect string
	}{
		{"01-31", Declaration{}, "2026-01-31", Awaited},
		{"01-31", Declaration{}, "2026-02-01", Overdue},
		{"03-15", Declaration{}, "2026-02-01", Awaited},
		{"", Declaration{}, "2026-02-01", Overdue},
		{"01-31", Declaration{ID: "x"}, "2026-12-31", Stated},
		{"01-31", Declaration{ID: "x", Late: true}, "2026-01-02", Belated},
	} {
		if got := c.by.statement(c.given, 2026, c.on); got != c.expect {
			t.Errorf("by %s, on %s: %s, not %s", c.by, c.on, got, c.expect)
		}
	}
	for s, good := range map[string]bool{"": true, "01-31": true, " 06-30 ": true, "02-29": false, "13-01": false, "1-31": false, "31-01": false} {
		if _, err := ParseDeclareBy(s); (err == nil) != good {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestYearlyStatement(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		henan := w.place(t, "河南省人民检察院")
		add := func(no, name string) person.Person {
			p, err := w.people.Add(ctx, program0, person.NewPerson{StaffNo: no, Name: name, Unit: string(henan.Unit), Title: "检察官", From: "2010-01-01"})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		a, b := add("H1", "夏侯明哲"), add("H2", "尉迟文远")
		self := platformtest.As(string(a.ID), actor.Staff, henan)
		self.Person = a.ID
		if _, err := w.people.DeclareRelative(ctx, self, a.ID, person.RelativeCmd{Relation: "spouse", Name: "公孙婉", Employer: "河南正明律师事务所"}); err != nil {
			t.Fatal(err)
		}
		k.Clock.Set(time.Date(2027, 1, 20, 2, 0, 0, 0, time.UTC))
		todos := func(who actor.Actor) (n int) {
			list, err := w.Todo(ctx, who)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				if x.Kind == "todo.declaration" {
					n++
					if x.Due != "2027-01-31" {
						t.Errorf("due %s", x.Due)
					}
				}
			}
			return n
		}
		if todos(self) != 1 {
			t.Error("nobody asks for the statement of the year")
		}
		if _, err := w.Declare(ctx, self, DeclareCmd{}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a statement without its words: %v", err)
		}
		d, err := w.Declare(ctx, self, DeclareCmd{Complete: true})
		if err != nil || d.Late || d.Relatives != 1 || d.Year != 2027 {
			t.Fatalf("%+v %v", d, err)
		}
		if todos(self) != 0 {
			t.Error("it is asked for again")
		}
		late := platformtest.As(string(b.ID), actor.Staff, henan)
		late.Person = b.ID
		k.Clock.Set(time.Date(2027, 2, 1, 2, 0, 0, 0, time.UTC))
		if d, err := w.Declare(ctx, late, DeclareCmd{Complete: true, Note: "出差"}); err != nil || !d.Late {
			t.Errorf("after the last day: %+v %v", d, err)
		}
		if d, err := w.Declare(ctx, self, DeclareCmd{Complete: true, Note: "再次核对"}); err != nil || d.Late || d.Rev != 2 {
			t.Errorf("again after the last day: %+v %v", d, err)
		}
		if d, err := w.Declare(ctx, late, DeclareCmd{Complete: true}); err != nil || !d.Late {
			t.Errorf("what was late stays late: %+v %v", d, err)
		}
		for name, who := range map[string]actor.Actor{"without a record": w.as(t, "staff"), "of the justice administration": w.as(t, "bar"), "nobody": {}} {
			if _, err := w.Declare(ctx, who, DeclareCmd{Complete: true}); err == nil {
				t.Errorf("%s stated something", name)
			}
		}
		site := w.site(t, w.as(t, "personnel"))
		send := func(who actor.Actor, lang, path string) (int, string) {
			site.Actor = who
			r := httptest.NewRequest("GET", path, nil)
			r.Header.Set("Accept-Language", lang)
			return site.Send(t, r)
		}
		for _, lang := range []string{"zh", "en"} {
			if status, body := send(self, lang, "/screening/declaration"); status != 200 || !strings.Contains(body, "公孙婉") {
				t.Errorf("own page: %d %.300s", status, body)
			}
			if status, body := send(w.as(t, "personnel"), lang, "/screening/declarations?open=0"); status != 200 || !strings.Contains(body, "夏侯明哲") || !strings.Contains(body, "尉迟文远") {
				t.Errorf("overview: %d %.300s", status, body)
			}
		}
		if status, body := send(w.as(t, "personnel"), "zh", "/screening/declarations"); status != 200 || strings.Contains(body, "夏侯明哲") {
			t.Errorf("who has stated is still waited for: %d", status)
		}
		if status, body := send(w.as(t, "stranger"), "zh", "/screening/declarations?open=0"); status != 200 || strings.Contains(body, "夏侯明哲") {
			t.Errorf("another province reads: %d", status)
		}
		kin := w.as(t, "personnel")
		kin.Related = append(kin.Related, a.ID)
		if _, body := send(kin, "zh", "/screening/declarations?open=0"); strings.Contains(body, "夏侯明哲") || !strings.Contains(body, "尉迟文远") {
			t.Error("a relative's statement is shown")
		}
		if status, _ := send(self, "zh", "/screening/declarations"); status != 403 && status != 404 {
			t.Errorf("staff reads the overview: %d", status)
		}
		site.Actor = self
		if status, body := site.Post(t, "/screening/declaration", url.Values{"note": {"x"}}); status != 400 && status != 422 || !strings.Contains(body, "真实、完整") {
			t.Errorf("a form without the tick: %d %.200s", status, body)
		}
	})
}
