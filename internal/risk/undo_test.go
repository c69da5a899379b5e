package risk_test

import (
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/platformtest"
	"huikan/internal/risk"
)

// An import is taken back as a version of its own: what it brought is closed, what it
// corrected holds again, and everything stays. Only the last one of a source goes; who
// keeps no events there finds none.
func TestAnImportIsUndone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		in := func(source string, evs ...risk.Event) risk.Load {
			l, err := w.s.Stock(ctx, system, source, []risk.Case{{No: "U-0001", Type: "prosecution", Unit: "henan", Events: evs}})
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		event := func(kind risk.Kind, ago int, serial string) risk.Event {
			e := w.ev(kind, ago, "p1")
			e.Serial = serial
			return e
		}
		now := func() (out []string) {
			r := w.ask(t, w.office)
			if len(r.Cases) != 1 {
				t.Fatalf("%+v", r)
			}
			c, err := w.s.CaseOf(ctx, w.office, r.Cases[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range c.Now() {
				out = append(out, e.Serial+" "+string(e.Day))
			}
			return out
		}
		undo := func(n int64) (risk.Load, error) {
			return w.s.UndoImport(ctx, system, risk.UndoCmd{N: n, Text: "导错了文件"})
		}
		first := in("A", event(risk.Accept, 90, "1"), event(risk.Assign, 89, "2"))
		before := now()
		second := in("A", event(risk.Assign, 80, "2"), event(risk.Prosecute, 60, "3"))
		third := in("B", event(risk.Lookup, 50, "9"))
		with := now()

		_, err := undo(first.N)
		platformtest.Refused(t, "a later import of the source stands", err, fault.KindState, "risk.event.bad.undo")
		_, err = w.s.UndoImport(ctx, w.office, risk.UndoCmd{N: second.N})
		platformtest.Refused(t, "without a reason", err, fault.KindInvalid, "error.required")
		_, err = w.s.UndoImport(ctx, w.far, risk.UndoCmd{N: second.N, Text: "x"})
		platformtest.Refused(t, "another province", err, fault.KindNotFound, "")
		_, err = w.s.UndoImport(ctx, w.desk, risk.UndoCmd{N: second.N, Text: "x"})
		platformtest.Refused(t, "who is no office", err, fault.KindNotFound, "")

		l, err := undo(second.N)
		if err != nil || l.Withdrawn != 2 || l.Added != 1 || l.Cases != 1 || l.Undoes != second.N {
			t.Fatalf("%+v %v", l, err)
		}
		want := append(slices.Clone(before), "9 "+string(w.day(50)))
		if got := now(); !slices.Equal(got, want) {
			t.Errorf("after it %v, want %v", got, want)
		}
		_, err = undo(second.N)
		platformtest.Refused(t, "twice", err, fault.KindState, "risk.event.bad.undo")
		_, err = undo(l.N)
		platformtest.Refused(t, "the undoing itself", err, fault.KindState, "risk.event.bad.undo")
		in("A", event(risk.Assign, 80, "2"), event(risk.Prosecute, 60, "3"))
		if got := now(); !slices.Equal(got, with) {
			t.Errorf("taken in again %v, want %v", got, with)
		}
		if _, err = undo(third.N); err != nil || len(now()) != 3 {
			t.Errorf("the other source: %v %v", now(), err)
		}
		w.site.Actor = w.above
		if body := w.get(t, "/risk/events"); !strings.Contains(body, "撤销第 2 次导入") {
			t.Error("the page does not tell what was undone")
		}
	})
}

// A decision on a day off by the public notices is outside office hours, one on a
// Saturday that the notices make a working day is not.
func TestOfficeHoursKnowHolidays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		case2 := func(no string, day clock.Date, minute int) risk.Case {
			one := risk.Event{Kind: risk.NoArrest, Day: day, Minute: minute, Handler: "p1"}
			two := one
			two.Minute++
			return risk.Case{No: no, Type: "arrest", Events: []risk.Event{{Kind: risk.Accept, Day: day.AddDays(-3), Minute: -1, Handler: "p1"}, one, two}}
		}
		w.stock(t, case2("HOLIDAY", "2025-10-02", 600), case2("SATURDAY", "2025-09-27", 600), case2("WORKING-SUNDAY", "2025-09-28", 600), case2("THURSDAY", "2025-09-25", 600), case2("LATE", "2025-09-25", 1290))
		w.run(t, true)
		var got []string
		for _, a := range w.alerts(t, w.office)["off_hours"] {
			full, err := w.s.Alert(ctx, w.office, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, full.Facts.CaseNo)
		}
		slices.Sort(got)
		if want := []string{"HOLIDAY", "LATE", "SATURDAY"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}
