package risk

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Alert says that a version of a rule held of a case, a person, a pair or a unit.
// It is never deleted and no run changes what a person decided.
type Alert struct {
	ID       id.ID      `json:"id"`
	No       string     `json:"no"`
	Rule     string     `json:"rule"`
	N        int        `json:"version"`
	Subject  string     `json:"subject"`
	Level    int        `json:"level"`
	Person   id.ID      `json:"person,omitempty"`
	Unit     id.ID      `json:"unit"` // where it happened
	Home     id.ID      `json:"home"` // whose office judges it
	Case     id.ID      `json:"case,omitempty"`
	State    string     `json:"state"`
	Found    clock.Date `json:"found"`
	Due      clock.Date `json:"due"`
	Snooze   clock.Date `json:"snooze_to,omitempty"`
	Verifier id.ID      `json:"verifier,omitempty"`
	Decided  clock.Date `json:"decided,omitempty"`
	Lead     string     `json:"lead_no,omitempty"`
	Point    id.ID      `json:"point,omitempty"`
	Run      id.ID      `json:"run"`
	At       string     `json:"at"`
	Changed  string     `json:"changed"`
	Rev      int64      `json:"rev"`
	Facts    Facts      `json:"facts"`
	Concerns []id.ID    `json:"-"`

	base, digest string
	sealed       []byte
}

// States of an alert.
const (
	AlertNew       = "new"       // 待研判
	AlertVerified  = "verified"  // 核实中: somebody has checked the facts
	AlertSnoozed   = "snoozed"   // 暂缓, with a reason and an end
	AlertCleared   = "cleared"   // 排除: the facts have an innocent reason
	AlertCorrected = "corrected" // 已纠正 without a lead
	AlertLead      = "lead"      // 转线索: only the number is left here
	AlertFault     = "fault"     // 规则有误: the rule is to be changed
)

var (
	alertOffice = []flow.By{{Role: actor.InternalSupervision, Scope: flow.OfUnit}}
	runOnly     = []flow.By{{Role: actor.System, Scope: flow.Anything}}
)

// AlertFlow is how an alert is judged. Guards: text = in writing; end = a day within
// the bound; second = a red alert is not cleared by who verified it; lead = a person
// is named and the room of leads takes it.
var AlertFlow = flow.Table{Name: "alert", Start: AlertNew, Steps: []flow.Step{
	{From: AlertNew, Do: "verify", To: AlertVerified, Who: alertOffice, Guard: "text"},
	{From: AlertNew, Do: "snooze", To: AlertSnoozed, Who: alertOffice, Guard: "text, end"},
	{From: AlertVerified, Do: "snooze", To: AlertSnoozed, Who: alertOffice, Guard: "text, end"},
	{From: AlertSnoozed, Do: "wake", To: AlertNew, Who: append(runOnly, alertOffice...)},
	{From: AlertVerified, Do: "clear", To: AlertCleared, Who: alertOffice, Guard: "text, second"},
	{From: AlertVerified, Do: "correct", To: AlertCorrected, Who: alertOffice, Guard: "text"},
	{From: AlertVerified, Do: "lead", To: AlertLead, Who: alertOffice, Guard: "text, lead"},
	{From: AlertVerified, Do: "fault", To: AlertFault, Who: alertOffice, Guard: "text"},
	{From: AlertCleared, Do: "reopen", To: AlertVerified, Who: alertOffice, Guard: "text"},
	{From: AlertFault, Do: "reopen", To: AlertVerified, Who: alertOffice, Guard: "text"},
}}

// decided lists the states in which a person has judged an alert.
func decided(state string) bool {
	return state == AlertCleared || state == AlertCorrected || state == AlertLead || state == AlertFault
}

// AlertCmd is one step of judging.
type AlertCmd struct {
	Text  string     `json:"text"`
	Until clock.Date `json:"until"`
	Point id.ID      `json:"point"` // the risk point that it belongs to
	Rev   int64      `json:"rev"`
}

func (c AlertCmd) check(do string, today clock.Date, most int) fault.Fields {
	var bad fault.Fields
	if do != "wake" {
		bad.Need("text", c.Text)
	}
	bad.Max("text", c.Text, maxReason)
	if do == "snooze" {
		switch {
		case c.Until == "":
			bad.Need("until", "")
		case !c.Until.Valid():
			bad.Add("until", "error.date", c.Until)
		case !c.Until.After(today):
			bad.Add("until", "risk.alert.bad.past")
		case c.Until.Sub(today) > most:
			bad.Add("until", "risk.alert.bad.long", most)
		}
	}
	return bad
}

// Precision is how often a version of a rule was right: what people confirmed of
// what they judged, with its interval.
type Precision struct {
	Rule      string   `json:"rule"`
	N         int      `json:"version"`
	Open      int      `json:"open"`
	Corrected int      `json:"corrected"`
	Leads     int      `json:"leads"`
	Cleared   int      `json:"cleared"`
	Faults    int      `json:"faults"`
	Right     Interval `json:"right"`
}

// weak tells a version that is almost surely wrong more often than right.
func (p Precision) weak() bool { return p.Right.N >= 5 && p.Right.High < 0.5 }

// forbid refuses with a sentence of its own.
func forbid(key string, args ...any) error {
	return &fault.Error{Kind: fault.KindForbidden, Key: key, Args: args, Denied: key}
}
