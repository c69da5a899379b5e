package contact_test

import (
	"context"
	"slices"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

func (w *world) around(t *testing.T, login string, a contact.Asking) (recorded, missing []contact.Trace) {
	t.Helper()
	a.Who = w.who[login]
	if err := w.DB.Read(ctx, func(q db.Q) (err error) { recorded, missing, err = w.s.Around(ctx, q, a); return err }); err != nil {
		t.Fatal(err)
	}
	return recorded, missing
}

func kinds(list []contact.Trace) (out []string) {
	for _, t := range list {
		out = append(out, t.Kind)
	}
	slices.Sort(out)
	return out
}

// The backward check sees what was recorded by whom and what is missing, and
// nobody learns by it of a record that passed his office over.
func TestAroundAPerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		insider := func(no string) func(*contact.RecordCmd) {
			return func(c *contact.RecordCmd) {
				c.Asker, c.AskerName, c.AskerUnit, c.CaseNo, c.On, c.Claimed = "insider", "韩红梅", xinxiangName, no, "2026-02-10", "C5"
			}
		}
		about := w.submit(t, "staff", insider("20264107009903"))
		own := w.submit(t, "city", func(c *contact.RecordCmd) { c.CaseNo, c.On = "20264107000001", "2026-02-11" })
		w.submit(t, "colleague", func(c *contact.RecordCmd) { insider("20264107009903")(c); c.Hidden = true })
		w.submit(t, "colleague", func(c *contact.RecordCmd) { c.Harmless = true })
		a := contact.Asking{Person: w.ids["city"], From: "2026-01-01", To: "2026-02-25", CaseNo: "20264107009903"}

		recorded, missing := w.around(t, "office", a)
		if got := kinds(recorded); !slices.Equal(got, []string{contact.TraceAbout, contact.TraceOwn}) {
			t.Errorf("Henan's office sees %v: what passed it over, and a lawful question, are in no list", got)
		}
		for _, x := range recorded {
			if want := map[string]string{contact.TraceAbout: about.Code, contact.TraceOwn: own.Code}[x.Kind]; x.Code != want {
				t.Errorf("%s: code %q, want %q", x.Kind, x.Code, want)
			}
		}
		if len(missing) != 0 {
			t.Errorf("before anybody of the unit filed and before the records were compared: %v", kinds(missing))
		}
		recorded, _ = w.around(t, "upper", a)
		if got := kinds(recorded); !slices.Equal(got, []string{contact.TraceAbout, contact.TraceAbout, contact.TraceOwn}) {
			t.Errorf("the office above sees %v", got)
		}
		recorded, _ = w.around(t, "other", a)
		if len(recorded) != 2 || recorded[0].Kind != contact.TraceElsewhere || recorded[1].Kind != contact.TraceElsewhere || recorded[0].N+recorded[1].N != 3 || recorded[0].Code != "" {
			t.Errorf("another province's office learns numbers and whom to ask: %+v", recorded)
		}
		for _, login := range []string{"staff", "head", "boss", "city", "sysadmin", "secadmin", "auditor"} {
			a.Who = w.who[login]
			if err := w.DB.Read(ctx, func(q db.Q) error { _, _, err := w.s.Around(ctx, q, a); return err }); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s asks: %v", login, err)
			}
		}

		// He attests that there was nothing; the comparison finds him one-sided.
		w.at("2026-02-26")
		if _, err := w.s.File(ctx, w.who["city"], contact.FileCmd{Period: "2026-02", Pledge: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.FileGate(ctx, w.who["city"], contact.GateCmd{CaseNo: "20264107009903", Stage: "prosecution", Pledge: true}); err != nil {
			t.Fatal(err)
		}
		w.at("2026-03-10")
		w.found(t, "office")
		_, missing = w.around(t, "office", a)
		if got := kinds(missing); !slices.Contains(got, contact.TraceOneSided) || !slices.Contains(got, contact.TraceGate) {
			t.Errorf("missing: %v", got)
		}
		for _, x := range missing {
			if !x.Expected {
				t.Errorf("%+v", x)
			}
		}
	})
}

// Who recorded more than a lawful question is a recorder, and nobody else.
func TestRecorders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.submit(t, "staff", nil)
		w.submit(t, "colleague", func(c *contact.RecordCmd) { c.Harmless = true })
		if _, err := w.s.SaveDraft(ctx, w.who["city"], "", record()); err != nil {
			t.Fatal(err)
		}
		all := []id.ID{w.ids["staff"], w.ids["colleague"], w.ids["city"], w.ids["staff"], ""}
		var got []id.ID
		if err := w.DB.Read(ctx, func(q db.Q) (err error) { got, err = w.s.Recorders(context.Background(), q, all); return err }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, []id.ID{w.ids["staff"]}) {
			t.Errorf("recorders: %v", got)
		}
	})
}

// The rules that watch cases are told of no record that passed its office over:
// that office judges what they raise.
func TestCaseDaysPassOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const no = "20264100001234"
		days := func() int {
			t.Helper()
			var of func(string) []clock.Date
			if err := w.DB.Read(ctx, func(q db.Q) (err error) { of, err = w.s.CaseDays(ctx, q); return err }); err != nil {
				t.Fatal(err)
			}
			return len(of(no))
		}
		w.submit(t, "staff", func(c *contact.RecordCmd) { c.Hidden = true })
		w.submit(t, "staff", func(c *contact.RecordCmd) {
			c.Asker, c.AskerName, c.AskerUnit, c.Claimed, c.AskerLeader = "insider", "周副检察长", henanName, "C5", true
		})
		w.submit(t, "colleague", func(c *contact.RecordCmd) { c.Harmless = true })
		if n := days(); n != 0 {
			t.Errorf("%d days of records that passed the office over, or of lawful questions", n)
		}
		w.submit(t, "staff", nil)
		w.submit(t, "city", func(c *contact.RecordCmd) { c.CaseNo = no }) // no office in its unit
		if n := days(); n != 2 {
			t.Errorf("%d days, want 2", n)
		}
	})
}

// A hidden record beside its reporter's name is not found again in a list.
func TestAHiddenRecordOfHisOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.submit(t, "city", func(c *contact.RecordCmd) { c.Hidden, c.CaseNo, c.On = true, "20264107000001", "2026-02-11" })
		recorded, _ := w.around(t, "office", contact.Asking{Person: w.ids["city"], From: "2026-01-01", To: "2026-02-25"})
		if len(recorded) != 1 || recorded[0].Kind != contact.TraceOwn {
			t.Fatalf("%+v", recorded)
		}
		if x := recorded[0]; x.Code != "" || x.Href != "" || x.On != "" || x.Class != "" || x.Unit != "" {
			t.Errorf("a hidden record is told by %+v", x)
		}
	})
}
