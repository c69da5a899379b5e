package screening

import (
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
)

// Declaration is what somebody says once a year: that the relatives he declared
// are complete and right. The entries themselves are the room person's, dated, and
// each change is reported when it happens; this asks whether one was forgotten
// (近亲属从业核查: 年度申报与变化随报, P of the domain).
type Declaration struct {
	ID        id.ID  `json:"id"`
	Person    id.ID  `json:"person"`
	Unit      id.ID  `json:"unit"` // where he served on that day
	Year      int    `json:"year"`
	Relatives int    `json:"relatives"` // declared on that day
	Late      bool   `json:"late"`
	Note      string `json:"note"`
	At        string `json:"at"`
	Rev       int64  `json:"rev"`
}

// DeclareBy is the last day of the yearly statement, month and day. No rule of law
// names one: it follows the yearly report of leading cadres on personal matters,
// which is due by the end of January; a site sets its own.
type DeclareBy string

// DefaultDeclareBy is taken where a site says nothing.
const DefaultDeclareBy DeclareBy = "01-31"

// ParseDeclareBy reads a setting.
func ParseDeclareBy(s string) (DeclareBy, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return DefaultDeclareBy, nil
	}
	if d := clock.Date("2000-" + s); !d.Valid() || s == "02-29" { // a day that every year has
		return "", fault.Invalid("declaration.error.by", s)
	}
	return DeclareBy(s), nil
}

// In is the day in a year.
func (b DeclareBy) In(year int) clock.Date {
	if b == "" {
		b = DefaultDeclareBy
	}
	return clock.Date(string(yearDigits(year)) + "-" + string(b))
}

func yearDigits(year int) []byte {
	return []byte{byte('0' + year/1000%10), byte('0' + year/100%10), byte('0' + year/10%10), byte('0' + year%10)}
}

// Statements of a person for a year.
const (
	Stated  = "stated"  // said in time
	Belated = "belated" // said after the last day
	Awaited = "awaited" // the last day is not over
	Overdue = "overdue" // it is
)

// statement judges what somebody said, or did not say, as it looks on a day.
func (b DeclareBy) statement(d Declaration, year int, on clock.Date) string {
	switch {
	case d.ID != "" && d.Late:
		return Belated
	case d.ID != "":
		return Stated
	case on.After(b.In(year)):
		return Overdue
	}
	return Awaited
}
