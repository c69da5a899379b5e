package clock

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"huikan/internal/kernel/fault"
)

// Date is a civil date YYYY-MM-DD in Beijing; the empty one is unknown.
// It is plain text so that every database, form and file holds the same thing,
// and dates compare as strings compare.
type Date string

// Beijing is the zone of all civil dates. It is a fixed offset on purpose: the
// summer time of 1986–1991 never moved a civil date of this program, and a
// fixed zone needs no zone database on the machine.
var Beijing = time.FixedZone("Asia/Shanghai", 8*60*60)

const (
	isoLayout = "2006-01-02"
	minYear   = 1000 // a four-digit year is part of the text form
	maxYear   = 9999
	secPerDay = 24 * 60 * 60
)

// NewDate makes a date of its parts and refuses one that no calendar has,
// such as 29 February of a common year (fault.Invalid).
func NewDate(year int, month time.Month, day int) (Date, error) {
	d, ok := civil(year, int(month), day)
	if !ok {
		return "", fault.Invalid("error.date", strconv.Itoa(year)+"-"+strconv.Itoa(int(month))+"-"+strconv.Itoa(day))
	}
	return d, nil
}

// ParseDate reads the ways in which forms and ledgers write a full date:
// 2026-3-1, 2026.3.1, 2026/3/1, 2026年3月1日, 20260301, also in full-width or
// Chinese numerals. It refuses impossible dates, two-digit years and anything
// that follows the date (fault.Invalid).
func ParseDate(s string) (Date, error) {
	d, rest, ok := scanDate(fold(s))
	if !ok || rest != "" {
		return "", fault.Invalid("error.date", s)
	}
	return d, nil
}

// Of is the civil date in Beijing at an instant; the zero instant has none.
func Of(t time.Time) Date {
	if t.IsZero() {
		return ""
	}
	return Date(t.In(Beijing).Format(isoLayout))
}

// Time is the first instant of the date in Beijing, the zero time when unknown.
func (d Date) Time() time.Time {
	y, m, day, ok := d.parts()
	if !ok {
		return time.Time{}
	}
	return time.Date(y, time.Month(m), day, 0, 0, 0, 0, Beijing)
}

// Valid tells whether d is a real date in its one written form.
func (d Date) Valid() bool { _, _, _, ok := d.parts(); return ok }

// Year is the year, 0 when unknown.
func (d Date) Year() int { y, _, _, _ := d.parts(); return y }

// Month is the month, 0 when unknown.
func (d Date) Month() time.Month { _, m, _, _ := d.parts(); return time.Month(m) }

// Day is the day of the month, 0 when unknown.
func (d Date) Day() int { _, _, day, _ := d.parts(); return day }

// AddDays moves by calendar days; an unknown date stays unknown.
func (d Date) AddDays(n int) Date {
	num, ok := d.number()
	if !ok {
		return ""
	}
	return fromNumber(num + n)
}

// AddMonths moves to the same calendar day n months on, or to the end of a
// month that is too short (Civil Code art. 202: the day that corresponds, else
// the last of the month).
func (d Date) AddMonths(n int) Date {
	y, m, day, ok := d.parts()
	if !ok {
		return ""
	}
	// Months are counted from the year 0 so that negative steps floor rightly.
	total := y*12 + (m - 1) + n
	if total < minYear*12 || total >= (maxYear+1)*12 {
		return ""
	}
	y, m = total/12, total%12+1
	out, _ := civil(y, m, min(day, monthLength(y, m)))
	return out
}

// AddYears moves by whole years; 29 February becomes the last day of February.
func (d Date) AddYears(n int) Date { return d.AddMonths(12 * n) }

// Sub is the number of days from e to d; 0 when either is unknown.
func (d Date) Sub(e Date) int {
	a, okA := d.number()
	b, okB := e.number()
	if !okA || !okB {
		return 0
	}
	return a - b
}

// Before tells whether d lies before e; nothing is said of unknown dates.
func (d Date) Before(e Date) bool { return d.Valid() && e.Valid() && d < e }

// After tells whether d lies after e; nothing is said of unknown dates.
func (d Date) After(e Date) bool { return d.Valid() && e.Valid() && d > e }

// FirstOfMonth is the first day of d's month.
func (d Date) FirstOfMonth() Date {
	if !d.Valid() {
		return ""
	}
	return d[:8] + "01"
}

// EndOfMonth is the last day of d's month.
func (d Date) EndOfMonth() Date {
	y, m, _, ok := d.parts()
	if !ok {
		return ""
	}
	out, _ := civil(y, m, monthLength(y, m))
	return out
}

// Weekday is the day of the week; Sunday for an unknown date.
func (d Date) Weekday() time.Weekday {
	n, _ := d.number()
	return weekday(n)
}

// String is the text form.
func (d Date) String() string { return string(d) }

// parts splits the one written form; ok is false for anything else.
func (d Date) parts() (y, m, day int, ok bool) {
	if len(d) != 10 || d[4] != '-' || d[7] != '-' {
		return 0, 0, 0, false
	}
	y, okY := digits(string(d[0:4]))
	m, okM := digits(string(d[5:7]))
	day, okD := digits(string(d[8:10]))
	if !okY || !okM || !okD || !exists(y, m, day) {
		return 0, 0, 0, false
	}
	return y, m, day, true
}

// number counts days from 1970-01-01: arithmetic without zones.
func (d Date) number() (int, bool) {
	y, m, day, ok := d.parts()
	if !ok {
		return 0, false
	}
	return int(time.Date(y, time.Month(m), day, 0, 0, 0, 0, time.UTC).Unix() / secPerDay), true
}

// firstNumber and lastNumber bound what a four-digit year can write.
var (
	firstNumber, _ = Date("1000-01-01").number()
	lastNumber, _  = Date("9999-12-31").number()
)

func fromNumber(n int) Date {
	if n < firstNumber || n > lastNumber {
		return ""
	}
	return Date(time.Unix(int64(n)*secPerDay, 0).UTC().Format(isoLayout))
}

// weekday of a day number; 1970-01-01 was a Thursday.
func weekday(n int) time.Weekday { return time.Weekday(((n+4)%7 + 7) % 7) }

func civil(y, m, d int) (Date, bool) {
	if !exists(y, m, d) {
		return "", false
	}
	return Date(time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Format(isoLayout)), true
}

func exists(y, m, d int) bool {
	return y >= minYear && y <= maxYear && m >= 1 && m <= 12 && d >= 1 && d <= monthLength(y, m)
}

func monthLength(y, m int) int {
	return time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// digits reads a run of ASCII digits and nothing else; Atoi would take a sign.
func digits(s string) (int, bool) {
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// UnmarshalJSON reads every spelling that ParseDate knows; "" stays unknown.
func (d *Date) UnmarshalJSON(raw []byte) error {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return fault.Invalid("error.date", string(raw)).With(err)
	}
	if s == "" {
		*d = ""
		return nil
	}
	v, err := ParseDate(s)
	if err != nil {
		return err
	}
	*d = v
	return nil
}
