package contact

import (
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Takeover is one table of earlier returns that was taken over: which file, by its
// hash, for what reason, and what it held.
type Takeover struct {
	ID      id.ID  `json:"id"`
	Unit    id.ID  `json:"unit"` // the lowest unit above everybody in it
	File    string `json:"file"`
	Digest  string `json:"digest"` // SHA-256 of the file
	Reason  string `json:"reason"`
	Returns int    `json:"returns"`
	Zero    int    `json:"zero"`
	People  int    `json:"people"`
	First   Period `json:"first"`
	Last    Period `json:"last"`
	By      id.ID  `json:"by,omitempty"`
	Office  id.ID  `json:"office"` // whose it is to withdraw
	At      string `json:"at"`

	State        string `json:"state"`
	Withdrawn    string `json:"withdrawn_at,omitempty"`
	WithdrawnBy  id.ID  `json:"withdrawn_by,omitempty"`
	WithdrawnFor string `json:"withdrawn_for,omitempty"` // why
}

// States of a takeover.
const (
	TakeoverHeld      = "held"
	TakeoverWithdrawn = "withdrawn" // counts nowhere; may be taken over again
)

// TakeoverFlow: whoever took a table over, or the office above, can withdraw it as a
// whole. What was withdrawn stays so; the same file is taken over anew.
var TakeoverFlow = flow.Table{Name: "takeover", Start: TakeoverHeld, Steps: []flow.Step{
	{From: TakeoverHeld, Do: "withdraw", To: TakeoverWithdrawn, Who: []flow.By{{Role: actor.InternalSupervision, Scope: flow.ByUs}}, Guard: "reason"},
}}

// places is how many periods one year has: twelve months and four quarters.
const places = 16

// Letters of a year's marks; a capital is late.
const (
	formerNone = '-'
	formerZero = 'z'
	formerSome = 'r'
	lateShift  = 'a' - 'A'
)

// place is the year of a period, and where it stands among the marks of that year.
func (p Period) place() (year string, at int) {
	_, m := p.last()
	if p.Quarterly() {
		return string(p[:4]), 12 + m/3 - 1
	}
	return string(p[:4]), m - 1
}

// ends counts the months until a period ends: periods of both cadences compare by it.
func (p Period) ends() int {
	y, m := p.last()
	return y*12 + m
}

// formerReturn is what an earlier register said about one period.
type formerReturn struct {
	records int
	filed   clock.Date // "" when the table does not say
	late    bool
}

func (x formerReturn) mark() byte {
	m := byte(formerSome)
	if x.records == 0 {
		m = formerZero
	}
	if x.late {
		m -= lateShift
	}
	return m
}

// formerYear is a row of contact_former: a person's year in one unit and department.
type formerYear struct {
	id, takeover, person, unit, department id.ID

	year string
	held [places]*formerReturn
}

func (y *formerYear) marks() string {
	b := make([]byte, places)
	for i, x := range y.held {
		b[i] = formerNone
		if x != nil {
			b[i] = x.mark()
		}
	}
	return string(b)
}

func (y *formerYear) detail() string {
	b := make([]byte, 0, 12*13)
	for _, x := range y.held {
		if x == nil {
			continue
		}
		if len(b) > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, int64(x.records), 10)
		b = append(append(b, ':'), x.filed...)
	}
	return string(b)
}

// read takes the two columns of a row apart.
func (y *formerYear) read(marks, detail string) {
	for i := 0; i < min(len(marks), places); i++ {
		if marks[i] == formerNone {
			continue
		}
		var one string
		one, detail, _ = strings.Cut(detail, " ")
		n, day, _ := strings.Cut(one, ":")
		x := &formerReturn{filed: clock.Date(day), late: marks[i] < 'a'}
		x.records, _ = strconv.Atoi(n) // the program wrote it
		y.held[i] = x
	}
}

// when is the instant of a return, or the day that an earlier register has for it.
func (r Return) when() string {
	if r.Takeover == "" {
		return r.At
	}
	return orNone(r.FiledOn)
}

// at gives the return of a period.
func (y *formerYear) at(p Period) (Return, bool) {
	year, i := p.place()
	if year != y.year || y.held[i] == nil {
		return Return{}, false
	}
	x := y.held[i]
	return Return{ID: y.id, Period: p, Person: y.person, Unit: y.unit, Department: y.department, Zero: x.records == 0, Late: x.late,
		Takeover: y.takeover, Records: x.records, FiledOn: x.filed}, true
}

// tallyFormer counts a year's marks, of n people who have the same, into the periods of the year.
func tallyFormer(by map[Period]map[id.ID]Tally, year string, unit id.ID, marks string, n int) {
	for i := 0; i < min(len(marks), places); i++ {
		if marks[i] == formerNone {
			continue
		}
		p := placed(year, i)
		if by[p] == nil {
			by[p] = map[id.ID]Tally{}
		}
		t := by[p][unit]
		t.Filed += n
		t.Former += n
		if marks[i]|lateShift == formerZero {
			t.Zero += n
		}
		if marks[i] < 'a' {
			t.Late += n
		}
		by[p][unit] = t
	}
}

// placed is the period of a place in a year.
func placed(year string, i int) Period {
	if i >= 12 {
		return Period(year + "-Q" + strconv.Itoa(i-11))
	}
	m := strconv.Itoa(i + 1)
	if i < 9 {
		m = "0" + m
	}
	return Period(year + "-" + m)
}
