package clock

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"huikan/internal/kernel/fault"
)

// holidayTable is derived from public notices; see its header and tools/gen-holidays.
//
//go:embed holiday.txt
var holidayTable string

// Day is one day that differs from the plain week: a holiday (Work false) or a
// make-up working day (Work true).
type Day struct {
	Date Date
	Work bool
	Name string // 春节, 国庆节 …
}

// Calendar counts working days. It is immutable and safe for concurrent use.
type Calendar struct {
	days  map[int]Day // by day number
	years map[int]bool
}

// NewCalendar makes a calendar of special days. Every year in which one of them
// lies is known. A day given twice differently is refused (fault.Invalid).
func NewCalendar(days []Day) (*Calendar, error) {
	c := &Calendar{days: make(map[int]Day, len(days)), years: map[int]bool{}}
	for _, d := range days {
		n, ok := d.Date.number()
		if !ok {
			return nil, fault.Invalid("error.date", string(d.Date))
		}
		if old, twice := c.days[n]; twice && old.Work != d.Work {
			return nil, fault.Invalid("error.calendar_twice", string(d.Date))
		}
		c.days[n] = d
		c.years[d.Date.Year()] = true
	}
	return c, nil
}

// National is the calendar of the public notices that came with the program.
var National = sync.OnceValue(func() *Calendar {
	days, err := parseDays(holidayTable)
	if err != nil {
		panic(err) // the table is part of the build; its test reads it
	}
	c, err := NewCalendar(days)
	if err != nil {
		panic(err)
	}
	return c
})

// With is the calendar with the given years replaced by other days: what an
// administrator entered for a year outranks what the program came with.
func (c *Calendar) With(days []Day) (*Calendar, error) {
	over, err := NewCalendar(days)
	if err != nil {
		return nil, err
	}
	for _, d := range c.Days() {
		if !over.years[d.Date.Year()] {
			n, _ := d.Date.number()
			over.days[n] = d
		}
	}
	for y := range c.years {
		over.years[y] = true
	}
	return over, nil
}

// Days lists the special days in order.
func (c *Calendar) Days() []Day {
	out := make([]Day, 0, len(c.days))
	for _, d := range c.days {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b Day) int { return strings.Compare(string(a.Date), string(b.Date)) })
	return out
}

// Years lists the years that the calendar knows, in order.
func (c *Calendar) Years() []int {
	out := make([]int, 0, len(c.years))
	for y := range c.years {
		out = append(out, y)
	}
	slices.Sort(out)
	return out
}

// IsWorkday tells whether d is a working day, and whether the table knows its
// year; without the table only the weekend is known.
func (c *Calendar) IsWorkday(d Date) (workday, known bool) {
	n, ok := d.number()
	if !ok {
		return false, false
	}
	return c.workday(n), c.years[d.Year()]
}

// AddWorkdays is the n-th working day after d, or before it when n is negative.
// The day itself is not counted (Civil Code art. 201). For n = 0 it is d.
// The answer is provisional when a year on the way is not in the table; it is
// unknown when d is, or when it would lie outside four-digit years.
func (c *Calendar) AddWorkdays(d Date, n int) (Date, bool) {
	num, ok := d.number()
	if !ok {
		return "", true
	}
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	start := num
	for n > 0 {
		num += step
		if num < firstNumber || num > lastNumber {
			return "", true
		}
		if c.workday(num) {
			n--
		}
	}
	return fromNumber(num), c.provisional(min(start, num), max(start, num))
}

// Roll moves a limit that ends on a day off to the next working day
// (Civil Code art. 203).
func (c *Calendar) Roll(d Date) (Date, bool) {
	if w, known := c.IsWorkday(d); w || !d.Valid() {
		return d, !known
	}
	return c.AddWorkdays(d, 1)
}

// WorkdaysBetween counts the working days after a up to and including b, so that
// it undoes AddWorkdays; it is negative when b lies before a.
func (c *Calendar) WorkdaysBetween(a, b Date) (int, bool) {
	x, okA := a.number()
	y, okB := b.number()
	if !okA || !okB {
		return 0, true
	}
	n := 0
	for i := x + 1; i <= y; i++ {
		n += c.one(i)
	}
	for i := x - 1; i >= y; i-- {
		n -= c.one(i)
	}
	return n, c.provisional(min(x, y), max(x, y))
}

func (c *Calendar) one(n int) int {
	if c.workday(n) {
		return 1
	}
	return 0
}

func (c *Calendar) workday(n int) bool {
	if d, ok := c.days[n]; ok {
		return d.Work
	}
	w := weekday(n)
	return w != time.Saturday && w != time.Sunday
}

// provisional tells whether any year from the day a to the day b is unknown.
func (c *Calendar) provisional(a, b int) bool {
	for y := fromNumber(a).Year(); y <= fromNumber(b).Year(); y++ {
		if !c.years[y] {
			return true
		}
	}
	return false
}

// parseDays reads the table: lines "DATE off|work NAME", # starts a comment.
func parseDays(text string) ([]Day, error) {
	var out []Day
	no := 0
	for line := range strings.Lines(text) {
		no++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Fields(line)
		if len(f) != 3 || !Date(f[0]).Valid() || (f[1] != "off" && f[1] != "work") {
			return nil, fmt.Errorf("reading the holiday table, line %d: %w", no, fault.Invalid("error.calendar_line", line))
		}
		out = append(out, Day{Date: Date(f[0]), Work: f[1] == "work", Name: f[2]})
	}
	return out, nil
}
