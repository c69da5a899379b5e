package contact_test

import (
	"context"
	"slices"
	"testing"

	"huikan/internal/contact"
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
