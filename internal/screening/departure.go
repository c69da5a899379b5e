package screening

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/screening/rules"
)

// Departure is the talk before somebody leaves (D1; 司发通〔2021〕61号 arts. 5, 7, their
// wording unverified): what he means to do, the restrictions that he was told, his
// written pledge, and the changes that he promised to report.
type Departure struct {
	ID       id.ID      `json:"id"`
	Key      string     `json:"key"` // of the member of staff
	Person   id.ID      `json:"person,omitempty"`
	Unit     id.ID      `json:"unit"`
	Name     string     `json:"name"`
	Leaving  string     `json:"leaving"`
	LeaveOn  clock.Date `json:"leave_on"` // planned
	Work     string     `json:"work"`     // what he means to do
	Employer string     `json:"employer,omitempty"`
	TalkedOn clock.Date `json:"talked_on"`
	Talker   string     `json:"talker"`
	Told     string     `json:"told"` // the restrictions as they were told
	Edition  string     `json:"edition"`
	Pledged  clock.Date `json:"pledged_on,omitempty"`
	Ground   string     `json:"ground,omitempty"` // on which he may leave without a pledge
	AskedBy  id.ID      `json:"asked_by,omitempty"`
	AgreedBy id.ID      `json:"agreed_by,omitempty"` // the second name
	Left     clock.Date `json:"left_on,omitempty"`
	State    string     `json:"state"`
	By       id.ID      `json:"by,omitempty"`
	At       string     `json:"at"`
	Rev      int64      `json:"rev"`
}

// States of a talk.
const (
	Talked   = "talked"   // waits for the pledge
	Pledged  = "pledged"  // the pledge is signed
	Refused  = "refused"  // he does not sign
	Stays    = "stays"    // he does not leave after all
	Asked    = "asked"    // is to leave without a pledge: waits for the second name
	Excused  = "excused"  // may leave without a pledge
	Declined = "declined" // may not
)

// Intents are what somebody may mean to do after he left.
func Intents() []string { return []string{"firm", "adviser", "enterprise", "none", "other"} }

// leavings are the kinds of leaving before which there is a talk: who is dismissed
// or removed is told by the decision.
func leavings() []string { return []string{rules.Retired, rules.Resigned, rules.Transferred} }

// DepartureFlow is the course of a talk. The pledge is given by the person himself,
// with his account, or on paper, which personnel or inspection of duties notes. Where
// there is none, a stated ground and the name of a second person let him leave; such
// an exemption may stand without any talk.
var DepartureFlow = flow.Table{Name: "departure", Start: Talked, Steps: []flow.Step{
	{From: Talked, Do: "pledge", To: Pledged, Who: talkers(true)},
	{From: Talked, Do: "refuse", To: Refused, Who: talkers(false), Guard: "text"},
	{From: Refused, Do: "pledge", To: Pledged, Who: talkers(true)},
	{From: Talked, Do: "stay", To: Stays, Who: talkers(false), Guard: "text"},
	{From: Refused, Do: "stay", To: Stays, Who: talkers(false), Guard: "text"},
	{From: Pledged, Do: "stay", To: Stays, Who: talkers(false), Guard: "text"},
	{From: Pledged, Do: "report", To: Pledged, Who: talkers(true), Guard: "text"},
	{From: Refused, Do: "report", To: Refused, Who: talkers(true), Guard: "text"},
	{From: Talked, Do: "excuse", To: Asked, Who: talkers(false), Guard: "text"},
	{From: Refused, Do: "excuse", To: Asked, Who: talkers(false), Guard: "text"},
	{From: Declined, Do: "excuse", To: Asked, Who: talkers(false), Guard: "text"},
	{From: Asked, Do: "agree", To: Excused, Who: seconds(), Guard: "second name"},
	{From: Asked, Do: "decline", To: Declined, Who: seconds(), Guard: "second name, text"},
	{From: Asked, Do: "pledge", To: Pledged, Who: talkers(true), Guard: "talk"},
	{From: Declined, Do: "pledge", To: Pledged, Who: talkers(true), Guard: "talk"},
	{From: Asked, Do: "stay", To: Stays, Who: talkers(false), Guard: "text"},
	{From: Excused, Do: "stay", To: Stays, Who: talkers(false), Guard: "text"},
	{From: Declined, Do: "stay", To: Stays, Who: talkers(false), Guard: "text"},
	{From: Excused, Do: "report", To: Excused, Who: talkers(true), Guard: "text"},
}}

// talkers are personnel and inspection of duties, and the person himself where it is his to say.
func talkers(himself bool) []flow.By {
	by := []flow.By{{Role: actor.Personnel, Scope: flow.Below}, {Role: actor.InternalSupervision, Scope: flow.Below}}
	if himself {
		by = append(by, flow.By{Role: actor.Staff, Scope: flow.Own})
	}
	return by
}

// departureText are the acts that say something.
var departureText = []string{"refuse", "stay", "report", "excuse", "decline"}
