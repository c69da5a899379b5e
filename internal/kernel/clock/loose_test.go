package clock_test

import (
	"testing"

	"huikan/internal/kernel/clock"
)

func TestParseLooseReadsDeadlinesOfLedgers(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want clock.Date
		p    clock.Precision
	}{
		{"2026年3月10日", "2026-03-10", clock.PrecisionDay},
		{"2026-03-10前", "2026-03-10", clock.PrecisionBefore},
		{"2026年3月10日之前", "2026-03-10", clock.PrecisionBefore},
		{"2026年3月10日前完成", "2026-03-10", clock.PrecisionBefore},
		{"2026年3月", "2026-03-31", clock.PrecisionMonth},
		{"2026年2月底", "2026-02-28", clock.PrecisionMonth},
		{"2026年2月底前", "2026-02-28", clock.PrecisionMonth},
		{"2026.4", "2026-04-30", clock.PrecisionMonth},
		{"2026-04", "2026-04-30", clock.PrecisionMonth},
		{"2026年3月份", "2026-03-31", clock.PrecisionMonth},
		{"二〇二六年三月底", "2026-03-31", clock.PrecisionMonth},
		{"2026年3月中旬", "2026-03-20", clock.PrecisionTenDays},
		{"2026年2月下旬", "2026-02-28", clock.PrecisionTenDays},
		{"2026年一季度", "2026-03-31", clock.PrecisionQuarter},
		{"2026年第3季度末", "2026-09-30", clock.PrecisionQuarter},
		{"2026年上半年", "2026-06-30", clock.PrecisionHalfYear},
		{"2026年底", "2026-12-31", clock.PrecisionYear},
		{"2026年底前", "2026-12-31", clock.PrecisionYear},
		{"2026年", "2026-12-31", clock.PrecisionYear},
		{"3月底", "", clock.PrecisionMonth},
		{"3月10日", "", clock.PrecisionDay},
		{"年底前", "", clock.PrecisionYear},
		{"长期", "", clock.PrecisionLongTerm},
		{"长期坚持", "", clock.PrecisionLongTerm},
		{"持续推进", "", clock.PrecisionLongTerm},
		{"立行立改", "", clock.PrecisionImmediate},
		{"立即整改", "", clock.PrecisionImmediate},
		{"", "", clock.PrecisionUnknown},
		{"尽快", "", clock.PrecisionUnknown},
		{"2026年13月", "", clock.PrecisionUnknown},
		{"2025年2月29日", "", clock.PrecisionUnknown},
		{"2月30日", "", clock.PrecisionUnknown},
		{"第五季度", "", clock.PrecisionUnknown},
	} {
		got, p, text := clock.ParseLoose(tc.in)
		if got != tc.want || p != tc.p || text != tc.in {
			t.Errorf("ParseLoose(%q) = %q, %q, %q; want %q, %q", tc.in, got, p, text, tc.want, tc.p)
		}
	}
}

func TestADeadlineWithoutYearIsTheNextOne(t *testing.T) {
	for _, tc := range []struct {
		in   string
		from clock.Date
		want clock.Date
	}{
		{"3月底", "2025-11-04", "2026-03-31"},
		{"3月底", "2026-03-31", "2026-03-31"},
		{"12月底前", "2025-11-04", "2025-12-31"},
		{"一季度", "2025-11-04", "2026-03-31"},
		{"3月10日前", "2026-03-11", "2027-03-10"},
		{"2月29日", "2025-01-01", "2028-02-29"},
		{"年底", "2026-05-01", "2026-12-31"},
		{"2024年3月底", "2026-05-01", "2024-03-31"},
	} {
		if got, _, _ := clock.ParseLooseFrom(tc.in, tc.from); got != tc.want {
			t.Errorf("ParseLooseFrom(%q, %s) = %q, want %q", tc.in, tc.from, got, tc.want)
		}
	}
}
