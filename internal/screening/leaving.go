package screening

import (
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// PledgeRule is what a site asks before it lets somebody leave. 司发通〔2021〕61号 arts.
// 5 and 7 are said to put talk and pledge before the approval of a departure; their
// wording is unverified, so how strictly it is held is a setting.
type PledgeRule string

// Kinds of PledgeRule, the default first.
const (
	PledgeSecond PledgeRule = "second" // refused, unless a second name agrees to a stated ground
	PledgeStrict PledgeRule = "strict" // refused
	PledgeNoted  PledgeRule = "noted"  // nothing is stopped; the person's page says what is missing
)

// ParsePledgeRule reads a setting.
func ParsePledgeRule(s string) (PledgeRule, error) {
	s = strings.TrimSpace(s)
	switch p := PledgeRule(s); p {
	case "":
		return PledgeSecond, nil
	case PledgeSecond, PledgeStrict, PledgeNoted:
		return p, nil
	}
	return "", fault.Invalid("departure.error.rule", s)
}

// pledgeSince is the first day of 61号: a departure before it, entered later, is no
// matter of the rule.
const pledgeSince clock.Date = "2021-09-30"

// seconds may give the second name to a departure without a pledge.
func seconds() []flow.By {
	return []flow.By{{Role: actor.Leader, Scope: flow.Below}, {Role: actor.Personnel, Scope: flow.Below}, {Role: actor.InternalSupervision, Scope: flow.Below}}
}

// unsettled are the states in which a talk or an exemption speaks for a departure to come.
func unsettled() []string { return []string{Talked, Pledged, Refused, Asked, Excused, Declined} }

// guard holds the rules of DepartureFlow that a table cannot say.
func (d Departure) guard(do string, rule PledgeRule, who id.ID) error {
	switch {
	case d.Left != "" && do != "report" && do != "pledge":
		return fault.State("departure.error.gone")
	case do == "pledge" && d.TalkedOn == "":
		return fault.State("departure.error.untalked")
	case (do == "excuse" || do == "agree") && rule == PledgeStrict:
		return fault.State("departure.error.strict")
	case do == "excuse" && d.Person != "" && who == d.Person:
		return fault.State("departure.error.himself")
	case (do == "agree" || do == "decline") && (who == "" || who == d.AskedBy || who == d.Person):
		return fault.State("departure.error.second")
	}
	return nil
}

// clears tells whether a talk or an exemption lets somebody leave in this way.
func (d Departure) clears(leaving string, rule PledgeRule) bool {
	return d.Left == "" && d.Leaving == leaving && (d.State == Pledged || d.State == Excused && rule != PledgeStrict)
}

// Leaves judges a departure by the talks and exemptions of the person, the newest
// first: nil lets him leave, else the fault says what is missing. Who is dismissed or
// removed is told by the decision, and needs no talk.
func (r PledgeRule) Leaves(list []Departure, leaving string, on clock.Date) error {
	if r == PledgeNoted || !slices.Contains(leavings(), leaving) || on.Before(pledgeSince) {
		return nil
	}
	missing := fault.State("departure.missing.talk")
	if r == PledgeStrict {
		missing = fault.State("departure.missing.talk.strict")
	}
	for i := len(list) - 1; i >= 0; i-- {
		d := list[i]
		if d.clears(leaving, r) {
			return nil
		}
		switch {
		case d.Left != "":
		case d.State == Pledged || d.State == Excused:
			missing = fault.State("departure.missing.other", "screening.leaving."+d.Leaving)
		case d.State == Asked:
			missing = fault.State("departure.missing.second")
		case slices.Contains(unsettled(), d.State):
			missing = fault.State("departure.missing."+d.State, d.LeaveOn)
		}
	}
	return missing
}
