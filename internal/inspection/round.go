package inspection

import (
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Term is the term of office of a dispatching Party group (届), within which all
// units below are inspected once (全覆盖).
type Term struct {
	ID    id.ID      `json:"id"`
	No    int        `json:"no"`
	Name  string     `json:"name"`
	Unit  id.ID      `json:"unit"`
	Start clock.Date `json:"start"`
	End   clock.Date `json:"end"`
	Rev   int64      `json:"rev"`
}

// Round is one wave of inspections by one dispatching Party group (轮次).
type Round struct {
	ID            id.ID      `json:"id"`
	Term          id.ID      `json:"term"`
	No            int        `json:"no"`
	Name          string     `json:"name"`
	Kind          string     `json:"kind"`
	State         string     `json:"state"`
	Unit          id.ID      `json:"unit"` // dispatching unit
	Start         clock.Date `json:"start"`
	End           clock.Date `json:"end"`
	RectifyMonths int        `json:"rectify_months"`
	RectifySource string     `json:"rectify_source"`
	SeatsMin      int        `json:"seats_min"` // of a team; 0 = the rule's own
	SeatsMax      int        `json:"seats_max"`
	SeatsSource   string     `json:"seats_source"` // of bounds that are not the rule's
	Upper         id.ID      `json:"upper"`        // round of a unit above, of a linked round
	Rev           int64      `json:"rev"`
}

// Kinds of rounds (domain I-1).
const (
	KindRegular  = "regular"  // 常规
	KindSpecial  = "special"  // 专项
	KindMobile   = "mobile"   // 机动
	KindLookback = "lookback" // 回头看
	KindLinked   = "linked"   // 联动
	KindRaised   = "raised"   // 提级: a higher level inspects
	KindCross    = "cross"    // 交叉: a neighbour inspects

	// What the office works on beside inspections, being one house with internal
	// supervision (检务督察, domain I-22): same stages, findings and ledger.
	KindAudit       = "audit"       // 内部审计
	KindEnforcement = "enforcement" // 执法督察
)

// RoundKinds lists the kinds in the order of the form.
func RoundKinds() []string {
	return []string{KindRegular, KindSpecial, KindMobile, KindLookback, KindLinked, KindRaised, KindCross, KindAudit, KindEnforcement}
}

// Inspects tells whether a kind is an inspection, which the full coverage of a term
// counts and its plan places. A look-back, an audit and a supervision of law
// enforcement are none.
func Inspects(kind string) bool { return !slices.Contains(others, kind) }

var others = []string{KindLookback, KindAudit, KindEnforcement}

// InspectionKinds are the kinds that are inspections.
func InspectionKinds() []string {
	return slices.DeleteFunc(RoundKinds(), func(k string) bool { return !Inspects(k) })
}

// OriginOf is through what a problem usually comes to light in a round of a kind.
func OriginOf(kind string) string {
	switch kind {
	case KindAudit:
		return "audit"
	case KindEnforcement:
		return "supervision"
	}
	return "inspection"
}

// KindOf is the kind of a visit: its own, else that of its round.
func (r Round) KindOf(v Visit) string {
	if v.Kind != "" {
		return v.Kind
	}
	return r.Kind
}

// DefaultRectifyMonths is the usual period since 2022; the 2015 and 2017 texts
// had two months (domain I-9, I-10).
const DefaultRectifyMonths = 6

const maxRectifyMonths = 36

// Seats of a team by the rule (domain I-20: five to seven people). A round that
// wants other bounds names its source.
const (
	DefaultSeatsMin = 5
	DefaultSeatsMax = 7
	maxSeats        = 60
)

// Seats are the bounds that a round sets to the seats of its teams.
func (r Round) Seats() (low, high int) {
	if r.SeatsMin == 0 && r.SeatsMax == 0 {
		return DefaultSeatsMin, DefaultSeatsMax
	}
	return r.SeatsMin, r.SeatsMax
}

// States of a round.
const (
	RoundPrepare  = "prepare"
	RoundOnSite   = "on_site"
	RoundReport   = "report"
	RoundFeedback = "feedback"
	RoundRectify  = "rectify"
	RoundFollowUp = "follow_up"
	RoundClosed   = "closed"
)

var byOffice = []flow.By{{Role: actor.Office, Scope: flow.ByUs}}

// RoundFlow is the life of a round.
var RoundFlow = flow.Table{Name: "round", Start: RoundPrepare, Steps: []flow.Step{
	{From: RoundPrepare, Do: "enter", To: RoundOnSite, Who: byOffice, Guard: "ready"},
	{From: RoundOnSite, Do: "report", To: RoundReport, Who: byOffice},
	{From: RoundReport, Do: "feed_back", To: RoundFeedback, Who: byOffice},
	{From: RoundFeedback, Do: "rectify", To: RoundRectify, Who: byOffice, Guard: "all_fed_back"},
	{From: RoundRectify, Do: "follow_up", To: RoundFollowUp, Who: byOffice},
	{From: RoundFollowUp, Do: "close", To: RoundClosed, Who: byOffice},
}}

// Due is the day by which what was fed back on a date has to be rectified.
func (r Round) Due(feedback clock.Date) clock.Date {
	n := r.RectifyMonths
	if n == 0 {
		n = DefaultRectifyMonths
	}
	return feedback.AddMonths(n)
}

// Ready tells what a round lacks before the teams may enter (domain I-3, I-20):
// a unit to visit, a team for each visit, in each of these teams a leader and as
// many seats as the round wants.
func (r Round) Ready(teams []Team, visits []Visit) error {
	var bad fault.Fields
	if len(visits) == 0 {
		bad.Add("visits", "round.lacks.units")
	}
	for _, v := range visits {
		i := slices.IndexFunc(teams, func(t Team) bool { return t.ID == v.Team })
		if i < 0 {
			bad.Add("visits", "round.lacks.team")
			break
		}
		if _, ok := teams[i].Leader(); !ok {
			bad.Add("teams", "round.lacks.leader", teams[i].Name)
		}
	}
	low, high := r.Seats()
	for _, t := range teams {
		if n := t.Open(); (n < low || n > high) && slices.ContainsFunc(visits, func(v Visit) bool { return v.Team == t.ID }) {
			bad.Add("teams", "round.lacks.seats", t.Name, n, low, high)
		}
	}
	return bad.Err()
}
