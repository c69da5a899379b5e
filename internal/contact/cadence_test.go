package contact_test

import (
	"slices"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

// A unit that changes to the quarter and back owes each period in the cadence of its
// time, and the calendar of the unit above counts its quarter with the quarter's last
// month.
func TestAUnitChangesItsCadence(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		city, henan := w.unit(xinxiangName).ID, w.unit(henanName).ID
		file := func(day clock.Date, p contact.Period) {
			t.Helper()
			w.at(day)
			if _, err := w.s.File(ctx, w.who["city"], contact.FileCmd{Period: string(p), Pledge: true}); err != nil {
				t.Fatal(err)
			}
		}
		set := func(cadence, from string) error {
			_, err := w.s.Set(ctx, w.who["office"], contact.SettingCmd{Unit: xinxiangName, Cadence: cadence, EndDay: 25, Grace: 5, From: from, Reason: "按季报送"})
			return err
		}
		owed := func() (out []string) {
			t.Helper()
			list, err := w.s.Todo(ctx, w.who["city"])
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				if x.Kind == "todo.return.file" || x.Kind == "todo.return.reminded" {
					out = append(out, x.Title)
				}
			}
			return out
		}
		year := func() (out []contact.Period) {
			t.Helper()
			m, err := w.s.Own(ctx, w.who["city"], "")
			if err != nil {
				t.Fatal(err)
			}
			return m.Periods
		}
		file("2026-09-26", "2026-09")
		w.at("2026-11-10")
		if err := set(contact.Quarterly, "2026-11"); err != nil {
			t.Fatal(err)
		}
		if got := owed(); !slices.Equal(got, []string{"2026-10"}) {
			t.Errorf("owed after the change: %v", got) // not the third quarter, which was filed by month
		}
		w.at("2026-12-26")
		if got := owed(); !slices.Equal(got, []string{"2026-Q4", "2026-10"}) {
			t.Errorf("owed at the quarter's end: %v", got)
		}
		if n, err := w.s.Remind(ctx, w.who["office"], contact.RemindCmd{Unit: xinxiangName, Period: "2026-12"}); err != nil || n != 1 {
			t.Errorf("reminded %d, %v", n, err)
		}
		v, err := w.s.People(ctx, w.who["office"], city, "2026-12")
		if err != nil || v.Tally.Owed != 0 || v.People[0].Mark != contact.MarkNotDue {
			t.Errorf("December by itself: %+v %v", v, err)
		}
		if v, err = w.s.People(ctx, w.who["office"], city, "2026-Q4"); err != nil || v.Tally.Owed != 1 || v.People[0].Reminded != 1 {
			t.Errorf("the quarter: %+v %v", v, err)
		}
		file("2026-12-27", "2026-Q4")
		file("2026-12-27", "2026-Q4") // again: the same receipt
		cal, err := w.s.CalendarOf(ctx, w.who["office"], henan, "2026-12", false)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(cal.Rows, func(r contact.CalendarRow) bool { return r.Unit == city })
		if got := cal.Rows[i].Tallies[11]; got != (contact.Tally{Owed: 1, Filed: 1, Zero: 1}) || cal.Rows[i].Tallies[10].Owed != 0 || cal.Rows[i].Tallies[9].Owed != 1 || cal.Total[11].Owed != 7 {
			t.Errorf("%+v of %+v", cal.Rows[i].Tallies, cal.Total)
		}

		w.at("2027-01-10")
		if f, ok := fault.Of(set(contact.Monthly, "2027-02")); !ok || len(f.Fields) != 1 || f.Fields[0].Key != "setting.quarter_begun" {
			t.Errorf("leaving a quarter in its middle: %+v", f)
		}
		if err := set(contact.Monthly, "2027-01"); err != nil {
			t.Fatal(err)
		}
		if got := year(); !slices.Equal(got[7:], []contact.Period{"2026-08", "2026-09", "2026-10", "2026-Q4", "2027-01"}) {
			t.Errorf("the own year: %v", got)
		}
		w.at("2027-01-27")
		if got := owed(); !slices.Equal(got, []string{"2027-01"}) {
			t.Errorf("owed by month again: %v", got)
		}
	})
}
