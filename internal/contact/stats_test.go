package contact_test

import (
	"strings"
	"testing"

	"huikan/internal/account"
	"huikan/internal/contact"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

// The figures add up downwards, hide what is small, and count nothing that
// concerns the reader.
func TestStatsReconcile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 4 {
			w.submit(t, "staff", func(c *contact.RecordCmd) { c.Asker, c.AskerName, c.Claimed = "leader", "陶某", "C6" })
		}
		for range 3 {
			w.submit(t, "city", func(c *contact.RecordCmd) { c.CaseNo = "20264107000001" })
		}
		w.submit(t, "city", func(c *contact.RecordCmd) {
			c.Asker, c.AskerName, c.AskerUnit, c.Claimed = "insider", "周副检察长", henanName, "C5"
		})
		ask := func(login, unit, by string) contact.Stats {
			t.Helper()
			v, err := w.s.Stats(ctx, w.who[login], contact.StatsQuery{Unit: w.unit(unit).ID, Year: 2026, By: by})
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		for _, by := range contact.Dimensions() {
			v := ask("upper", henanName, by)
			heads, parts, hidden := 0, map[string]int{}, false
			for _, l := range v.Lines {
				hidden = hidden || l.Cells[4].Hidden
				if l.Of == "" {
					heads += l.Cells[4].N
				} else {
					parts[l.Of] += l.Cells[4].N
				}
			}
			for _, l := range v.Lines {
				if n, ok := parts[l.Key]; ok && l.Of == "" && !hidden && n != l.Cells[4].N {
					t.Errorf("by %s: %s is %d, its parts %d", by, l.Key, l.Cells[4].N, n)
				}
			}
			if !hidden && heads != 8 || v.Sum.Cells[4].N != 8 || v.Sum.Cells[0].N != 8 {
				t.Errorf("by %s: %d in the lines, sum %+v", by, heads, v.Sum)
			}
		}
		// Henan's office keeps what Henan recorded and, as the upper one, what the city
		// did; it does not count the one that passed it over.
		if v := ask("office", henanName, "asker"); !v.Exact || v.Sum.Cells[4].N != 7 {
			t.Errorf("the office counts %+v, exact: %v", v.Sum, v.Exact)
		}
		// A leader sees none that concerns himself, and no small figure.
		v := ask("boss", henanName, "asker")
		if v.Exact || v.Sum.Cells[4].N != 7 {
			t.Errorf("the leader whom one concerns counts %+v", v.Sum)
		}
		for _, l := range v.Lines {
			for _, c := range l.Cells {
				if c.N > 0 && c.N < v.Small {
					t.Errorf("%s shows %d", l.Key, c.N)
				}
			}
		}
		for _, login := range []string{"staff", "city", "head", "sysadmin", "secadmin", "auditor"} {
			if _, err := w.s.Stats(ctx, w.who[login], contact.StatsQuery{Unit: w.unit(henanName).ID, Year: 2026}); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s counts: %v", login, err)
			}
		}
		if _, err := w.s.Stats(ctx, w.who["other"], contact.StatsQuery{Unit: w.unit(henanName).ID, Year: 2026}); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("another province counts: %v", err)
		}
		for _, c := range []contact.StatsQuery{{Year: 1990}, {Year: 2090}, {Year: 2026, By: "name"}} {
			c.Unit = w.unit(henanName).ID
			if _, err := w.s.Stats(ctx, w.who["office"], c); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%+v: %v", c, err)
			}
		}
		w.site.Actor = w.who["upper"]
		for _, by := range contact.Dimensions() {
			if code, body := w.page(t, "zh", "/register/stats?year=2026&by="+by); code != 200 {
				t.Errorf("%s: %d %.300s", by, code, body)
			}
		}
		w.site.Actor = w.who["office"]
		for _, path := range []string{"/register/stats/export?by=class", "/register/stats/circular?quarter=2026-Q1"} {
			if code, body := w.site.Get(t, path); code != 200 || !strings.HasPrefix(body, "PK") {
				t.Errorf("%s: %d", path, code)
			}
		}
		if code, _ := w.site.Get(t, "/register/stats/circular?quarter=2026-03"); code != 422 && code != 400 {
			t.Errorf("a month is no quarter: %d", code)
		}
		// What will be public hides small figures from everybody.
		f, err := w.s.QuarterOf(ctx, w.who["upper"], w.unit(henanName).ID, "2026-Q1")
		if err != nil || f.Total.N != 8 {
			t.Fatalf("%+v %v", f, err)
		}
		for _, l := range f.By["asker"] {
			if n := l.Cells[0].N; n > 0 && n < 3 {
				t.Errorf("the circular would show %s: %d", l.Key, n)
			}
		}
	})
}

// Who keeps every record of this year is shown no small figure of the last, of
// which he keeps none.
func TestTheYearBeforeHidesForItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, _, err := w.account.Create(ctx, system, account.NewAccount{Login: "xinxiang", Name: "何志远", Unit: xinxiangName, Person: string(w.ids["colleague"])})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.account.Give(ctx, system, a.ID, account.NewGrant{Role: string(actor.InternalSupervision), Unit: xinxiangName}); err != nil {
			t.Fatal(err)
		}
		w.submit(t, "city", func(c *contact.RecordCmd) { c.CaseNo = "20264107000001" })
		w.at("2027-01-05")
		v, err := w.s.Stats(ctx, w.who["upper"], contact.StatsQuery{Unit: w.unit(xinxiangName).ID, Year: 2027})
		if err != nil {
			t.Fatal(err)
		}
		if c := v.Before.Cells[4]; !c.Hidden || c.N != 0 {
			t.Errorf("the year before shows %+v", v.Before)
		}
	})
}

// What is kept in memory to be counted follows every step of a record at once.
func TestFiguresFollowTheRecords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		class := func(code string) int {
			t.Helper()
			v, err := w.s.Stats(ctx, w.who["office"], contact.StatsQuery{Unit: w.unit(henanName).ID, Year: 2026, By: "class"})
			if err != nil {
				t.Fatal(err)
			}
			if code == "" {
				return v.Sum.Cells[4].N
			}
			for _, l := range v.Lines {
				if l.Key == code {
					return l.Cells[4].N
				}
			}
			return 0
		}
		if n := class(""); n != 0 {
			t.Errorf("%d before any", n)
		}
		m := w.submit(t, "staff", nil)
		back := w.submit(t, "colleague", nil)
		if n := class("C1"); n != 2 {
			t.Errorf("%d after two were handed in", n)
		}
		if err := w.s.Withdraw(ctx, w.who["colleague"], back.ID, back.Rev); err != nil {
			t.Fatal(err)
		}
		if n := class("C1"); n != 1 {
			t.Errorf("%d after one was withdrawn", n)
		}
		w.open(t, "office", m.ID)
		for _, do := range []string{"check", "classify"} {
			if _, err := w.s.Handle(ctx, w.who["office"], m.ID, do, contact.HandleCmd{Category: "C5"}); err != nil {
				t.Fatal(err)
			}
		}
		if a, b, all := class("C1"), class("C5"), class(""); a != 0 || b != 1 || all != 1 {
			t.Errorf("after the office classed it: %d, %d of %d", a, b, all)
		}
		if _, err := w.s.SaveDraft(ctx, w.who["staff"], "", record()); err != nil {
			t.Fatal(err)
		}
		if n := class(""); n != 1 {
			t.Errorf("a draft counts: %d", n)
		}
	})
}

// what the rules name can be recorded by the staff, is a
// line of the figures, and is due at once where the handling of a case is already
// affected; units that closed a period without a record are counted.
func TestWhatTheRulesNameIsRecordedAndCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.submit(t, "staff", func(c *contact.RecordCmd) { c.Asker, c.AskerName = "retired", "老周" })
		w.submit(t, "staff", func(c *contact.RecordCmd) { c.Record = contact.Guidance })
		w.submit(t, "staff", func(c *contact.RecordCmd) { c.Area = "construction" })
		today := clock.Today(w.Clock)
		if m := w.submit(t, "staff", func(c *contact.RecordCmd) { c.Affected = true }); m.Due != today {
			t.Errorf("a record of an affected case is due on %s", m.Due)
		}
		w.at("2026-04-20")
		if _, err := w.s.Close(ctx, w.who["office"], contact.CloseCmd{Unit: henanName, Period: "2026-03"}); err != nil {
			t.Fatal(err)
		}
		for by, keys := range map[string]map[string]int{"asker": {"insider": 1, "retired": 1, "outsider": 3, "lawyer": 3}, "record": {contact.Guidance: 1, contact.Interference: 3}, "area": {"construction": 1, "case": 3}, "leadership": {"no": 4}} {
			v, err := w.s.Stats(ctx, w.who["office"], contact.StatsQuery{Unit: w.unit(henanName).ID, Year: 2026, By: by})
			if err != nil || !v.Exact {
				t.Fatalf("by %s: %v %v", by, v.Exact, err)
			}
			for _, l := range v.Lines {
				if n := keys[l.Key]; l.Cells[4].N != n {
					t.Errorf("by %s: %d of %s, want %d", by, l.Cells[4].N, l.Key, n)
				}
				delete(keys, l.Key)
			}
			if len(keys) > 0 || v.Units[0] != 2 || v.Without[0] != 1 {
				t.Errorf("by %s: no line for %v; %d of %d units without a record", by, keys, v.Without[0], v.Units[0])
			}
		}
	})
}
