package clock_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

func TestParseDateReadsEveryCommonWriting(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"2026-3-1", "2026-03-01"},
		{"2026-03-01", "2026-03-01"},
		{"2026.3.1", "2026-03-01"},
		{"2026/3/1", "2026-03-01"},
		{"2026年3月1日", "2026-03-01"},
		{"2026年3月1号", "2026-03-01"},
		{" 2026 年 3 月 1 日 ", "2026-03-01"},
		{"20260301", "2026-03-01"},
		{"２０２６－３－１", "2026-03-01"},
		{"2026．3．1", "2026-03-01"},
		{"二〇二六年三月一日", "2026-03-01"},
		{"二○二六年十二月三十一日", "2026-12-31"},
		{"二零二六年十月二十日", "2026-10-20"},
		{"2024-02-29", "2024-02-29"},
		{"2000-2-29", "2000-02-29"},
	} {
		got, err := clock.ParseDate(tc.in)
		if err != nil || string(got) != tc.want {
			t.Errorf("ParseDate(%q) = %q, %v; want %q", tc.in, got, err, tc.want)
		}
	}
}

func TestParseDateRefusesWhatNoCalendarHas(t *testing.T) {
	for _, in := range []string{
		"", "2026", "2026-3", "2026年3月", "2025-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31",
		"2026-3-0", "26-3-1", "2026-3/1", "2026年3-1", "2026-3-1 前", "2026-3-111", "202603011", "0000-01-01",
		"2026-03-01T00:00:00Z", "-2026-3-1", "2026--3-1", "十十年三月一日", "长期坚持", "2026年3月1",
	} {
		if got, err := clock.ParseDate(in); !fault.Is(err, fault.KindInvalid) || got != "" {
			t.Errorf("ParseDate(%q) = %q, %v; want a refusal", in, got, err)
		}
	}
}

func TestDateOfAnInstantIsTheDateInBeijing(t *testing.T) {
	for _, tc := range []struct {
		at   time.Time
		want clock.Date
	}{
		{time.Date(2026, 3, 1, 15, 59, 59, 0, time.UTC), "2026-03-01"},
		{time.Date(2026, 3, 1, 16, 0, 0, 0, time.UTC), "2026-03-02"},
		{time.Time{}, ""},
	} {
		if got := clock.Of(tc.at); got != tc.want {
			t.Errorf("Of(%v) = %q, want %q", tc.at, got, tc.want)
		}
	}
}

func TestMonthsClipToTheEndOfTheMonth(t *testing.T) {
	for _, tc := range []struct {
		from clock.Date
		n    int
		want clock.Date
	}{
		{"2026-01-31", 1, "2026-02-28"},
		{"2024-01-31", 1, "2024-02-29"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2024-02-29", 48, "2028-02-29"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-01-15", -1, "2025-12-15"},
		{"2026-12-15", 1, "2027-01-15"},
		{"9999-12-01", 1, ""},
		{"1000-01-01", -1, ""},
		{"", 3, ""},
		{"2026-02-30", 1, ""},
	} {
		if got := tc.from.AddMonths(tc.n); got != tc.want {
			t.Errorf("%q + %d months = %q, want %q", tc.from, tc.n, got, tc.want)
		}
	}
}

func TestUnknownDatesAreNeitherBeforeNorAfter(t *testing.T) {
	var unknown clock.Date
	if unknown.Before("2026-01-01") || unknown.After("2026-01-01") || clock.Date("2026-01-01").After(unknown) {
		t.Error("an unknown date was compared")
	}
	if unknown.Sub("2026-01-01") != 0 || unknown.AddDays(1) != "" || unknown.Year() != 0 || unknown.Valid() || !unknown.Time().IsZero() {
		t.Error("an unknown date gave a value")
	}
	if !clock.Date("2025-12-31").Before("2026-01-01") || clock.Date("2026-01-01").Before("2026-01-01") {
		t.Error("known dates compare wrongly")
	}
}

func TestNewDate(t *testing.T) {
	if d, err := clock.NewDate(2026, time.March, 1); err != nil || d != "2026-03-01" {
		t.Errorf("NewDate = %q, %v", d, err)
	}
	if d, err := clock.NewDate(2026, time.February, 29); !fault.Is(err, fault.KindInvalid) || d != "" {
		t.Errorf("NewDate accepted 29 February 2026: %q, %v", d, err)
	}
	if got := clock.Date("2024-02-10").EndOfMonth(); got != "2024-02-29" {
		t.Errorf("end of February 2024 = %q", got)
	}
	if got := clock.Date("2026-11-24"); got.Weekday() != time.Tuesday || got.Day() != 24 || got.Month() != time.November || got.FirstOfMonth() != "2026-11-01" {
		t.Errorf("parts of %q are wrong", got)
	}
}

func anyDate(t *rapid.T, label string) clock.Date {
	return clock.Date("1950-01-01").AddDays(rapid.IntRange(0, 60000).Draw(t, label))
}

func TestDateArithmeticHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate(t, "d")
		n := rapid.IntRange(-40000, 40000).Draw(t, "n")
		e := d.AddDays(n)
		if e.Sub(d) != n || e.AddDays(-n) != d {
			t.Fatalf("%s + %d days = %s does not come back", d, n, e)
		}
		if d.Before(e) != (n > 0) || d.After(e) != (n < 0) {
			t.Fatalf("order of %s and %s is wrong", d, e)
		}
		if back := clock.Of(d.Time()); back != d {
			t.Fatalf("%s became %s by way of an instant", d, back)
		}
		if got := d.Weekday(); got != d.Time().Weekday() {
			t.Fatalf("%s is a %s, not a %s", d, d.Time().Weekday(), got)
		}
		m := rapid.IntRange(-600, 600).Draw(t, "m")
		f := d.AddMonths(m)
		if f.Day() > d.Day() || (f.Day() < d.Day() && f != f.EndOfMonth()) {
			t.Fatalf("%s + %d months = %s", d, m, f)
		}
		if months := (f.Year()-d.Year())*12 + int(f.Month()) - int(d.Month()); months != m {
			t.Fatalf("%s + %d months = %s lies %d months off", d, m, f, months)
		}
	})
}

func TestEveryWritingOfADateReadsBack(t *testing.T) {
	layouts := []string{"2006-01-02", "2006-1-2", "2006.1.2", "2006/1/2", "2006年1月2日", "20060102", "2006年01月02号"}
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate(t, "d")
		text := d.Time().Format(rapid.SampledFrom(layouts).Draw(t, "layout"))
		if got, err := clock.ParseDate(text); err != nil || got != d {
			t.Fatalf("ParseDate(%q) = %q, %v; want %q", text, got, err, d)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-3-1", "2026年3月1日", "20260301", "二〇二六年三月一日", "2026.13.1", "3月底", "长期坚持", "\xff2026-1-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := clock.ParseDate(s)
		if (err == nil) != d.Valid() {
			t.Fatalf("ParseDate(%q) = %q, %v", s, d, err)
		}
		if err == nil {
			if again, err := clock.ParseDate(string(d)); err != nil || again != d {
				t.Fatalf("the own form %q does not read back", d)
			}
		}
		ld, p, text := clock.ParseLoose(s)
		if text != s || p == "" || (ld != "" && !ld.Valid()) {
			t.Fatalf("ParseLoose(%q) = %q, %q, %q", s, ld, p, text)
		}
		if err == nil && (ld != d || p != clock.PrecisionDay) {
			t.Fatalf("ParseLoose(%q) = %q, %q; ParseDate says %q", s, ld, p, d)
		}
	})
}
