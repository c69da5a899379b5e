package contact

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
)

// Cadences of returns (R-6; units with other arrangements by setting).
const (
	Monthly   = "monthly"
	Quarterly = "quarterly"
	ByEvent   = "event"
)

// Setting says how a unit, and the units below it without a setting of their
// own, file returns.
type Setting struct {
	ID      id.ID  `json:"id,omitempty" yaml:"-"`
	Unit    id.ID  `json:"unit,omitempty" yaml:"-"`
	Cadence string `json:"cadence" yaml:"cadence"`
	EndDay  int    `json:"end_day" yaml:"end_day"` // the day of the month on which its period ends
	Grace   int    `json:"grace" yaml:"grace"`     // days for filing after that day
	Mark    string `json:"mark,omitempty" yaml:"mark"`
	From    Period `json:"from,omitempty" yaml:"-"`  // first period it holds for
	First   Period `json:"first,omitempty" yaml:"-"` // first month for which returns are owed here
	Reason  string `json:"reason,omitempty" yaml:"-"`
	At      string `json:"at,omitempty" yaml:"-"`
}

func (s Setting) check() error {
	var bad fault.Fields
	if !slices.Contains([]string{Monthly, Quarterly, ByEvent}, s.Cadence) {
		bad.Add("cadence", "contact.bad.choice", s.Cadence)
	}
	if s.EndDay < 1 || s.EndDay > 31 {
		bad.Add("end_day", "contact.bad.range", 1, 31)
	}
	if s.Grace < 0 || s.Grace > 31 {
		bad.Add("grace", "contact.bad.range", 0, 31)
	}
	return bad.Err()
}

// Period names the time of one return: 2026-11, or 2026-Q4.
type Period string

// ParsePeriod reads a period in its one written form.
func ParsePeriod(s string) (Period, error) {
	year, rest, ok := strings.Cut(s, "-")
	if y, err := strconv.Atoi(year); ok && err == nil && len(year) == 4 && y >= 2015 && y < 9000 {
		if q, found := strings.CutPrefix(rest, "Q"); found && len(q) == 1 && q >= "1" && q <= "4" {
			return Period(s), nil
		}
		if m, err := strconv.Atoi(rest); err == nil && len(rest) == 2 && m >= 1 && m <= 12 {
			return Period(s), nil
		}
	}
	return "", fault.Invalid("contact.bad.period", s)
}

// Quarterly tells a quarter from a month.
func (p Period) Quarterly() bool { return strings.Contains(string(p), "Q") }

// last is the period's last month.
func (p Period) last() (year, month int) {
	year, _ = strconv.Atoi(string(p[:4])) // ParsePeriod made sure
	month, _ = strconv.Atoi(strings.TrimPrefix(string(p[5:]), "Q"))
	if p.Quarterly() {
		month *= 3
	}
	return year, month
}

// Prev is the period before.
func (p Period) Prev() Period { return p.move(-1) }

// Next is the period after.
func (p Period) Next() Period { return p.move(1) }

func (p Period) move(n int) Period {
	y, m := p.last()
	if p.Quarterly() {
		k := y*4 + m/3 - 1 + n
		return Period(fmt.Sprintf("%04d-Q%d", k/4, k%4+1))
	}
	k := y*12 + m - 1 + n
	return Period(fmt.Sprintf("%04d-%02d", k/12, k%12+1))
}

// Months are the months of a period, oldest first.
func (p Period) Months() []Period {
	y, m := p.last()
	if !p.Quarterly() {
		return []Period{p}
	}
	var out []Period
	for k := m - 2; k <= m; k++ {
		out = append(out, Period(fmt.Sprintf("%04d-%02d", y, k)))
	}
	return out
}

// Quarter is the quarter of a period.
func (p Period) Quarter() Period {
	y, m := p.last()
	return Period(fmt.Sprintf("%04d-Q%d", y, (m+2)/3))
}

// End is the last day of a period under a setting.
func (s Setting) End(p Period) clock.Date {
	y, m := p.last()
	first, err := clock.NewDate(y, time.Month(m), 1)
	if err != nil {
		return ""
	}
	end := first.EndOfMonth()
	if d := first.AddDays(s.EndDay - 1); d < end {
		end = d
	}
	return end
}

// Before tells whether a period ended before the register was kept here: nothing is
// owed for it, and nobody is reminded of it.
func (s Setting) Before(p Period) bool { return s.First != "" && p.ends() < s.First.ends() }

// owes tells whether a unit files a period: in its cadence, and since its first month.
func (s Setting) owes(p Period) bool {
	return s.Cadence != ByEvent && (s.Cadence == Quarterly) == p.Quarterly() && !s.Before(p)
}

// Begin is the first day of a period.
func (s Setting) Begin(p Period) clock.Date { return s.End(p.Prev()).AddDays(1) }

// Due is the last day for filing without a late mark, moved to a working day.
func (s Setting) Due(p Period, cal *clock.Calendar) clock.Date {
	d, _ := cal.Roll(s.End(p).AddDays(s.Grace))
	return d
}

// Of is the period that a day lies in.
func (s Setting) Of(day clock.Date) Period {
	p := Period(string(day[:7]))
	if s.Cadence == Quarterly {
		p = p.Quarter()
	}
	for s.End(p) < day {
		p = p.Next()
	}
	for s.End(p.Prev()) >= day {
		p = p.Prev()
	}
	return p
}

// Latest is the newest period that can be filed on a day: its last day has come.
func (s Setting) Latest(day clock.Date) Period {
	p := s.Of(day)
	if s.End(p) > day {
		p = p.Prev()
	}
	return p
}
