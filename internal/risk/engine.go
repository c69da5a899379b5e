package risk

import (
	"slices"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
)

// never stands where something did not happen: no bound of a rule reaches it.
const never = 9999

// counting is what a run counts with: the settings in force, the day, and what
// other rooms know.
type counting struct {
	today                                    int
	arrest, prosecution, extension, returned int
	nightFrom, nightTo, periodLast, window   int
	smallExpected, smallPeers                int
	contacts                                 func(caseNo string) []clock.Date
	restricted                               map[string]Restriction
	windowFrom                               int
	alertDays                                int
	slots                                    caseSlots
}

// Restriction is a time in which a lawyer may not act, by his licence.
type Restriction struct {
	From, To clock.Date // To is empty for life
	Why      string
}

func (r Restriction) holds(day clock.Date) bool {
	return (r.From == "" || r.From <= day) && (r.To == "" || r.To >= day)
}

// caseSlots are the places of the indicators of a case.
type caseSlots struct {
	caseType, closed, daysOpen, arrestDays, overDays, extensions, returns, transfers, changes, withdrawals, notProsecuted, detentionChanges, idleDays, designated,
	foreignLookups, nightLookups, contactBefore, counselBefore, meetingsBefore, restrictedLawyers, unapproved, offHours, decidedIn, propertyGap, propertyDays, reopened int
}

func (c *Catalogue) caseSlots() caseSlots {
	at := func(k string) int { return c.slot(OfCase, k) }
	return caseSlots{at("case_type"), at("closed"), at("days_open"), at("arrest_days"), at("over_days"), at("extensions"), at("returns"), at("transfers"), at("changes"), at("withdrawals"), at("not_prosecuted"),
		at("detention_changes"), at("idle_days"), at("designated"), at("foreign_lookups"), at("night_lookups"), at("contact_before"), at("counsel_before"), at("meetings_before"), at("restricted_lawyers"),
		at("unapproved"), at("off_hours"), at("decided_in"), at("property_gap"), at("property_days"), at("reopened")}
}

// favourable are decisions that somebody may have wanted.
func favourable(k Kind) bool { return k == Change || k == NoProsecution || k == DetentionChange }

// grave are decisions that need an approval.
func grave(k Kind) bool { return favourable(k) || k == Withdraw }

// current keeps the events that hold, in the order in which they happened. It
// reuses out.
func (c *rawCase) current(out []rawEvent, load int64) []rawEvent {
	out = out[:0]
	sorted := true
	for _, e := range c.events {
		if e.in > load || e.out != 0 && e.out <= load {
			continue
		}
		if n := len(out); n > 0 && (out[n-1].day > e.day || out[n-1].day == e.day && out[n-1].minute > e.minute) {
			sorted = false
		}
		out = append(out, e)
	}
	if !sorted {
		slices.SortStableFunc(out, func(a, b rawEvent) int {
			if a.day != b.day {
				return int(a.day - b.day)
			}
			return int(a.minute - b.minute)
		})
	}
	return out
}

// works tells whether somebody works on the case: he did something in it besides
// looking.
func works(evs []rawEvent, person int32) bool {
	for i := range evs {
		if Kind(evs[i].kind) != Lookup && evs[i].handler == person {
			return true
		}
	}
	return false
}

// foreign tells a look-up by somebody who has nothing to do with the case.
func foreign(evs []rawEvent, e rawEvent) bool {
	if Kind(e.kind) != Lookup || e.handler == 0 || bases[e.basis] == "task" {
		return false
	}
	return bases[e.basis] == "no_task" || !works(evs, e.handler)
}

func (n *counting) night(e rawEvent) bool {
	if e.minute < 0 {
		return false
	}
	hour := int(e.minute) / 60
	return hour >= n.nightFrom || hour < n.nightTo
}

// offDuty tells a decision made late, early or on a day off by the public notices of
// holidays and working weekends, where the source says when.
func offDuty(e rawEvent) bool {
	if e.minute < 0 {
		return false
	}
	hour := e.minute / 60
	return hour < 7 || hour >= 20 || !workday(epoch.AddDays(int(e.day)))
}

// workday asks the calendar; a year without a notice counts by the plain week.
func workday(d clock.Date) bool {
	yes, _ := clock.National().IsWorkday(d)
	return yes
}

// mainHandler is who answers for the case: who decided or closed it last, else who
// was given it.
func mainHandler(evs []rawEvent) int32 {
	var given int32
	for i := len(evs) - 1; i >= 0; i-- {
		e := evs[i]
		if e.handler == 0 {
			continue
		}
		switch Kind(e.kind) {
		case Prosecute, NoProsecution, Arrest, NoArrest, Withdraw, Change, DetentionChange, Close:
			return e.handler
		case Assign, Transfer, Accept, Extend, Return:
			if given == 0 {
				given = e.handler
			}
		}
	}
	return given
}

// facts computes the indicators of a case.
func (n *counting) facts(c *rawCase, evs []rawEvent, v *values) {
	*v = values{}
	s := &n.slots
	for _, i := range []int{s.contactBefore, s.counselBefore, s.decidedIn} {
		v.num[i] = never
	}
	if len(evs) == 0 {
		return
	}
	v.text = c.text(c.typ)
	accept, closed, last := int(evs[0].day), -1, int(evs[0].day)
	decided, counsel, approvals := -1, -1, 0
	accepted, meetings := false, 0
	var seized, gone int64
	movedOn := -1
	var contacts []clock.Date
	asked := false
	for i := range evs {
		e := evs[i]
		k, day := Kind(e.kind), int(e.day)
		if k != Lookup {
			v.num[s.idleDays] = max(v.num[s.idleDays], float64(day-last))
			last = day
		}
		if closed >= 0 && day > closed && k != Lookup && k != Move && k != GiveBack && k != Close && k != Approve {
			v.num[s.reopened] = 1
		}
		switch k {
		case Accept:
			if !accepted {
				accept, accepted = day, true
			}
		case Extend:
			v.num[s.extensions]++
		case Return:
			v.num[s.returns]++
		case Transfer:
			v.num[s.transfers]++
		case Assign:
			if bases[e.basis] == "designated" {
				v.num[s.designated]++
			}
		case Change:
			v.num[s.changes]++
		case Withdraw:
			v.num[s.withdrawals]++
		case DetentionChange:
			v.num[s.detentionChanges]++
		case NoProsecution:
			v.num[s.notProsecuted] = 1
		case Close:
			closed = day
		case Approve:
			approvals++
		case MeetLawyer:
			meetings++
		case Counsel:
			counsel = day
		case Seize:
			seized += e.amount
		case Move, GiveBack:
			gone += e.amount
			movedOn = day
		case Lookup:
			if foreign(evs, e) {
				v.num[s.foreignLookups]++
			}
			if n.night(e) {
				v.num[s.nightLookups]++
			}
		}
		if (k == Counsel || k == MeetLawyer) && e.licence != 0 && len(n.restricted) > 0 {
			if r, ok := n.restricted[string(c.table[e.licence-1])]; ok && r.holds(epoch.AddDays(day)) && firstOf(evs[:i], e.licence) {
				v.num[s.restrictedLawyers]++
			}
		}
		if grave(k) || k == NoArrest {
			if offDuty(e) {
				v.num[s.offHours]++
			}
		}
		if grave(k) {
			if approvals == 0 {
				v.num[s.unapproved]++
			}
			approvals = 0
		}
		if favourable(k) {
			if counsel >= 0 {
				v.num[s.counselBefore] = min(v.num[s.counselBefore], float64(day-counsel))
			}
			v.num[s.meetingsBefore] = float64(meetings)
			if !asked && n.contacts != nil {
				contacts, asked = n.contacts(c.text(c.no)), true
			}
			for _, d := range contacts {
				if at := dayNumber(d); at <= day {
					v.num[s.contactBefore] = min(v.num[s.contactBefore], float64(day-at))
				}
			}
		}
		switch k {
		case Arrest, NoArrest, Prosecute, NoProsecution:
			if decided < 0 {
				decided = day
			}
			if k == NoArrest || k == NoProsecution {
				v.num[s.decidedIn] = min(v.num[s.decidedIn], float64(day-accept))
			}
		}
	}
	end := n.today
	if closed >= 0 {
		v.num[s.closed] = 1
		end = closed
	} else {
		v.num[s.idleDays] = max(v.num[s.idleDays], float64(n.today-last))
	}
	v.num[s.daysOpen] = float64(max(0, end-accept))
	if decided >= 0 {
		end = decided
	}
	switch v.text {
	case "arrest":
		v.num[s.arrestDays] = float64(max(0, end-accept))
	case "prosecution", "duty_crime", "juvenile":
		rounds := 1 + int(v.num[s.returns])
		allowed := n.prosecution*rounds + n.extension*min(rounds, int(v.num[s.extensions])) + n.returned*(rounds-1)
		v.num[s.overDays] = float64(max(0, end-accept-allowed))
	}
	if closed >= 0 {
		v.num[s.propertyGap] = float64(max(0, seized-gone))
		switch {
		case seized > gone:
			v.num[s.propertyDays] = float64(max(0, n.today-closed))
		case movedOn >= 0:
			v.num[s.propertyDays] = float64(max(0, movedOn-closed))
		}
	}
}

// firstOf tells that a licence did not come before.
func firstOf(evs []rawEvent, licence int32) bool {
	for i := range evs {
		if k := Kind(evs[i].kind); (k == Counsel || k == MeetLawyer) && evs[i].licence == licence {
			return false
		}
	}
	return true
}

// behind gives the events that explain an indicator.
func (n *counting) behind(x Indicator, c *rawCase, evs []rawEvent) (out []int) {
	for i := range evs {
		e := evs[i]
		if !slices.Contains(x.From, Kind(e.kind).String()) {
			continue
		}
		switch x.Key {
		case "foreign_lookups":
			if !foreign(evs, e) {
				continue
			}
		case "night_lookups":
			if !n.night(e) {
				continue
			}
		case "designated":
			if bases[e.basis] != "designated" {
				continue
			}
		case "off_hours":
			if !offDuty(e) {
				continue
			}
		case "restricted_lawyers":
			r, ok := n.restricted[c.text(e.licence)]
			if !ok || !r.holds(epoch.AddDays(int(e.day))) {
				continue
			}
		}
		out = append(out, i)
	}
	if len(x.From) == 0 && len(evs) > 0 { // how long nothing happened: the last thing that did
		for i := len(evs) - 1; i >= 0 && len(out) == 0; i-- {
			if Kind(evs[i].kind) != Lookup {
				out = append(out, i)
			}
		}
	}
	return out
}

// Facts explain an alert: they are taken down when it is raised and never change.
type Facts struct {
	CaseNo   string       `json:"case_no,omitempty"`
	CaseType string       `json:"case_type,omitempty"`
	Atoms    []Atom       `json:"atoms"`
	Events   []Event      `json:"events,omitempty"`
	Contacts []clock.Date `json:"contacts,omitempty"`
	Compare  *Compare     `json:"compare,omitempty"`
	Pair     *Pair        `json:"pair,omitempty"`
	Cases    []string     `json:"cases,omitempty"`
	Lawyers  []string     `json:"lawyers,omitempty"` // in a restriction period, with the reason
}

// explained tells whether somebody can follow the alert: a comparison that was
// true, and what stands behind it.
func (f Facts) explained() bool {
	return len(f.Atoms) > 0 && (len(f.Events) > 0 || f.Compare != nil || f.Pair != nil || len(f.Cases) > 0)
}

// maxShown bounds the events and cases that an alert carries.
const maxShown = 30

// hit is an alert on its way.
type hit struct {
	rule     int
	subject  string // key of the subject: case id, person, unit/person/lawyer
	episode  string
	person   id.ID
	unit     id.ID
	caseID   id.ID
	concerns []id.ID
	facts    Facts
}

// explain says why a rule holds of a case, and of whom it speaks.
func (n *counting) explain(p *Program, c *rawCase, evs []rawEvent, v *values) (f Facts, person int32, concerns []int32, episode string) {
	f = Facts{CaseNo: c.text(c.no), CaseType: v.text, Atoms: p.atoms(v)}
	seen := map[int]bool{}
	var counts []string
	for _, a := range f.Atoms {
		x, _ := p.cat.indicator(OfCase, a.Indicator)
		for _, i := range n.behind(x, c, evs) {
			seen[i] = true
			if h := evs[i].handler; h != 0 && Kind(evs[i].kind) != Approve && Kind(evs[i].kind) != Accept {
				person = h
			}
		}
		if x.Unit == "times" || x.Unit == "persons" {
			counts = append(counts, a.Value)
		}
		if x.Key == "contact_before" && n.contacts != nil {
			f.Contacts = slices.Compact(slices.Sorted(slices.Values(n.contacts(f.CaseNo))))
		}
	}
	for i, e := range evs {
		if h := e.handler; h != 0 && Kind(e.kind) != Lookup && !slices.Contains(concerns, h) {
			concerns = append(concerns, h) // whoever worked on it or approved it
		}
		if seen[i] && len(f.Events) < maxShown {
			one := rawCase{table: c.table, events: []rawEvent{e}}
			f.Events = append(f.Events, one.full().Events[0])
			if r, ok := n.restricted[c.text(e.licence)]; ok && r.holds(epoch.AddDays(int(e.day))) {
				if line := c.text(e.lawyer) + " " + c.text(e.licence) + "：" + r.Why; !slices.Contains(f.Lawyers, line) {
					f.Lawyers = append(f.Lawyers, line)
				}
			}
		}
	}
	if person == 0 {
		person = mainHandler(evs)
	}
	if person != 0 && !slices.Contains(concerns, person) {
		concerns = append(concerns, person)
	}
	return f, person, concerns, strings.Join(counts, ",")
}
