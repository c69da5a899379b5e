package clock_test

import (
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

func TestTheNationalTableKnowsItsYears(t *testing.T) {
	years := clock.National().Years()
	if years[0] != 2004 || years[len(years)-1] < 2026 || len(years) != years[len(years)-1]-2003 {
		t.Errorf("years with a gap: %v", years)
	}
	perYear := map[int]int{}
	for _, d := range clock.National().Days() {
		if !d.Work {
			perYear[d.Date.Year()]++
		}
		if plain := d.Date.Weekday() != 0 && d.Date.Weekday() != 6; d.Work && plain {
			t.Errorf("%s is a make-up day on a plain working day", d.Date)
		}
		if d.Name == "" {
			t.Errorf("%s has no name", d.Date)
		}
	}
	for _, y := range years {
		if perYear[y] < 10 || perYear[y] > 40 {
			t.Errorf("%d has %d holidays", y, perYear[y])
		}
	}
}

func TestIsWorkday(t *testing.T) {
	for _, tc := range []struct {
		d           clock.Date
		work, known bool
	}{
		{"2026-02-17", false, true}, // Spring Festival
		{"2026-02-14", true, true},  // make-up Saturday
		{"2026-10-10", true, true},
		{"2026-11-24", true, true},
		{"2026-11-22", false, true},
		{"2022-04-13", true, true},
		{"2022-04-04", false, true}, // 清明
		{"2022-04-02", true, true},  // make-up Saturday
		{"2999-01-04", true, false},
		{"2999-01-05", false, false},
		{"", false, false},
		{"2026-02-30", false, false},
	} {
		if work, known := clock.National().IsWorkday(tc.d); work != tc.work || known != tc.known {
			t.Errorf("IsWorkday(%q) = %v, %v; want %v, %v", tc.d, work, known, tc.work, tc.known)
		}
	}
}

func TestAddWorkdays(t *testing.T) {
	for _, tc := range []struct {
		from        clock.Date
		n           int
		want        clock.Date
		provisional bool
	}{
		{"2026-02-13", 1, "2026-02-14", false},
		{"2026-02-13", 2, "2026-02-24", false}, // over the holiday
		{"2026-09-30", 3, "2026-10-10", false},
		{"2026-02-24", -1, "2026-02-14", false},
		{"2026-11-20", 0, "2026-11-20", false},
		{"2026-11-20", 5, "2026-11-27", false},
		{"2998-01-01", 1, "2998-01-02", true},
		{"", 3, "", true},
		{"9999-12-30", 5, "", true},
	} {
		got, prov := clock.National().AddWorkdays(tc.from, tc.n)
		if got != tc.want || prov != tc.provisional {
			t.Errorf("%q + %d working days = %q, %v; want %q, %v", tc.from, tc.n, got, prov, tc.want, tc.provisional)
		}
	}
}

func TestRollMovesOnlyDaysOff(t *testing.T) {
	for _, tc := range []struct{ from, want clock.Date }{
		{"2026-10-01", "2026-10-08"},
		{"2026-10-08", "2026-10-08"},
		{"2026-10-10", "2026-10-10"},
		{"2026-10-11", "2026-10-12"},
		{"", ""},
	} {
		if got, _ := clock.National().Roll(tc.from); got != tc.want {
			t.Errorf("Roll(%q) = %q, want %q", tc.from, got, tc.want)
		}
	}
}

func TestAYearEnteredBySomebodyOutranksTheTable(t *testing.T) {
	c, err := clock.National().With([]clock.Day{{Date: "2026-11-24", Name: "地方假日"}, {Date: "2031-01-01", Name: "元旦"}})
	if err != nil {
		t.Fatal(err)
	}
	if work, known := c.IsWorkday("2026-11-24"); work || !known {
		t.Error("the entered holiday does not count")
	}
	if work, _ := c.IsWorkday("2026-10-01"); !work {
		t.Error("a replaced year still holds the old days")
	}
	if work, known := c.IsWorkday("2025-10-01"); work || !known {
		t.Error("another year lost its days")
	}
	if _, known := c.IsWorkday("2031-05-01"); !known {
		t.Error("the entered year is not known")
	}
	if work, _ := clock.National().IsWorkday("2026-11-24"); !work {
		t.Error("the national calendar was changed")
	}
}

func TestACalendarRefusesContradictions(t *testing.T) {
	for _, days := range [][]clock.Day{
		{{Date: "2026-02-30", Name: "x"}},
		{{Date: "", Name: "x"}},
		{{Date: "2026-01-01", Name: "元旦"}, {Date: "2026-01-01", Work: true, Name: "元旦"}},
	} {
		if _, err := clock.NewCalendar(days); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("NewCalendar(%v) = %v; want a refusal", days, err)
		}
		if _, err := clock.National().With(days); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("With(%v) = %v; want a refusal", days, err)
		}
	}
}

func TestCountingWorkdaysUndoesAddingThem(t *testing.T) {
	c := clock.National()
	rapid.Check(t, func(t *rapid.T) {
		d := clock.Date("2003-01-01").AddDays(rapid.IntRange(0, 10000).Draw(t, "d"))
		n := rapid.IntRange(-200, 200).Draw(t, "n")
		e, prov := c.AddWorkdays(d, n)
		if got, prov2 := c.WorkdaysBetween(d, e); got != n || prov != prov2 {
			t.Fatalf("%s + %d = %s (%v), counted back %d (%v)", d, n, e, prov, got, prov2)
		}
		if work, _ := c.IsWorkday(e); n != 0 && !work {
			t.Fatalf("%s + %d working days ends on %s, a day off", d, n, e)
		}
		further, _ := c.AddWorkdays(d, n+1)
		if n != 0 && n != -1 && !e.Before(further) {
			t.Fatalf("%d working days after %s is %s, one more is %s", n, d, e, further)
		}
		f := d.AddDays(rapid.IntRange(-300, 300).Draw(t, "gap"))
		there, _ := c.WorkdaysBetween(d, f)
		if there > 0 && !d.Before(f) || there < 0 && !d.After(f) {
			t.Fatalf("%d working days from %s to %s", there, d, f)
		}
	})
}
