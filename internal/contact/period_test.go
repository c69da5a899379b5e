package contact_test

import (
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/contact"
	"huikan/internal/kernel/clock"
)

func TestPeriods(t *testing.T) {
	cal := clock.National()
	set := contact.Setting{Cadence: contact.Monthly, EndDay: 25, Grace: 5}
	for _, c := range []struct {
		day, latest, of string
	}{{"2026-11-24", "2026-10", "2026-11"}, {"2026-11-25", "2026-11", "2026-11"}, {"2026-11-26", "2026-11", "2026-12"}, {"2026-12-31", "2026-12", "2027-01"}, {"2026-01-01", "2025-12", "2026-01"}} {
		d := clock.Date(c.day)
		if got := set.Latest(d); string(got) != c.latest {
			t.Errorf("latest on %s: %s, want %s", c.day, got, c.latest)
		}
		if got := set.Of(d); string(got) != c.of {
			t.Errorf("period of %s: %s, want %s", c.day, got, c.of)
		}
	}
	if b, e := set.Begin("2026-03"), set.End("2026-03"); b != "2026-02-26" || e != "2026-03-25" {
		t.Errorf("%s – %s", b, e)
	}
	if e := (contact.Setting{EndDay: 31}).End("2026-02"); e != "2026-02-28" {
		t.Errorf("a short month ends on its last day: %s", e)
	}
	q := contact.Setting{Cadence: contact.Quarterly, EndDay: 31, Grace: 5}
	if q.Latest("2026-11-28") != "2026-Q3" || q.End("2026-Q3") != "2026-09-30" || q.Begin("2026-Q1") != "2026-01-01" {
		t.Errorf("quarters: %s %s %s", q.Latest("2026-11-28"), q.End("2026-Q3"), q.Begin("2026-Q1"))
	}
	// 30 November 2026 is a Monday; a limit on a day off moves to the next working day.
	if due := set.Due("2026-10", cal); due != "2026-10-30" {
		t.Errorf("due %s", due)
	}
	for _, bad := range []string{"", "2026", "2026-13", "2026-00", "2026-Q5", "26-11", "2026-1", "2026-Q", "0000-01"} {
		if _, err := contact.ParsePeriod(bad); err == nil {
			t.Errorf("%q is a period", bad)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		set := contact.Setting{Cadence: rapid.SampledFrom([]string{contact.Monthly, contact.Quarterly}).Draw(rt, "cadence"), EndDay: rapid.IntRange(1, 31).Draw(rt, "end"), Grace: rapid.IntRange(0, 31).Draw(rt, "grace")}
		day := clock.Date("2020-01-01").AddDays(rapid.IntRange(0, 5000).Draw(rt, "day"))
		p := set.Of(day)
		if set.Begin(p) > day || set.End(p) < day || p.Next().Prev() != p || set.Begin(p.Next()) != set.End(p).AddDays(1) {
			rt.Fatalf("%s is not within %s (%s – %s)", day, p, set.Begin(p), set.End(p))
		}
		if l := set.Latest(day); set.End(l) > day || set.End(l.Next()) <= day {
			rt.Fatalf("latest on %s: %s", day, l)
		}
	})
}

func FuzzParsePeriod(f *testing.F) {
	for _, s := range []string{"2026-11", "2026-Q4", "", "2026-Q0", "９"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := contact.ParsePeriod(s)
		if err == nil && (string(p) != s || p.Next().Prev() != p || len(p.Months()) == 0) {
			t.Errorf("%q reads as %q", s, p)
		}
	})
}

// The wording of a class follows the period; the code stays.
func TestWordingsOfTheirTime(t *testing.T) {
	r := contact.TheRules
	for _, c := range []struct{ code, on, want string }{{"C1", "2020-06-01", "过问了解"}, {"C1", "2022-11-01", "了解案事件进展"}, {"C4", "2021-08-01", "非工作时间、非办公地点不当接触交往"}, {"C4", "2022-02-01", "非工作时间、非办公地点接触交往"},
		{"C4", "2020-01-01", "C4"}, {"C5", "2023-05-01", "违规过问"}, {"C6", "2016-01-01", "干预、插手检察办案"}} {
		if got := r.Word(c.code, clock.Date(c.on), "zh"); got != c.want {
			t.Errorf("%s on %s: %s, want %s", c.code, c.on, got, c.want)
		}
	}
	if got := r.ConsequencesOf("unrecorded", 1); len(got) != 1 || got[0].Code != "warning" {
		t.Errorf("once: %v", got)
	}
	if got := r.ConsequencesOf("unrecorded", 2); len(got) != 2 || got[1].Code != "sanction" {
		t.Errorf("twice: %v", got)
	}
	for name, text := range map[string]string{"no group": "categories: [{code: X, wordings: [{from: '2020-01-01', zh: 甲, en: a, source: s}]}]", "not yaml": "\t:",
		"out of order": "categories: [{code: X, group: neutral, wordings: [{from: '2021-01-01', zh: 甲, en: a, source: s}, {from: '2020-01-01', zh: 乙, en: b, source: s}]}]", "empty": "version: x"} {
		if _, err := contact.ParseRules([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
