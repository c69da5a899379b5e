package contact

import (
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Crosscheck is what holding one record against the others gave (上下印证). A
// one-sided contact is work to do, not a verdict on anybody.
type Crosscheck struct {
	ID       id.ID      `json:"id"`
	Matter   id.ID      `json:"matter"`
	Other    id.ID      `json:"other,omitempty"`
	Office   id.ID      `json:"office"`
	Upper    id.ID      `json:"upper,omitempty"`
	State    string     `json:"state"`
	Found    string     `json:"found"`    // what the comparison gave; stays when the work is done
	Permille int        `json:"permille"` // probability that both records are of one contact
	Lines    []Evidence `json:"lines"`
	Answer   string     `json:"answer,omitempty"`
	Due      clock.Date `json:"due,omitempty"`
	At       string     `json:"at"`
	Rev      int64      `json:"rev"`
}

// Evidence is one line: how far a fact agrees and what that weighs. It never
// says the fact itself.
type Evidence struct {
	Fact  string  `json:"fact"`
	Level string  `json:"level"`
	Bits  float64 `json:"bits"`
}

// States of a cross-check.
const (
	NotDue       = "not_due"      // the other side's period can still be filed
	OneSided     = "one_sided"    // one side recorded it
	Matched      = "matched"      // both sides recorded the same
	Contradicted = "contradicted" // both recorded it, and differ in what matters
	Queried      = "queried"      // the other side was asked
	Replied      = "replied"
	Settled      = "settled"
)

// Replies of the other side.
func Replies() []string { return []string{"confirmed", "denied", "unknown"} }

// CrosscheckFlow: the comparison itself moves an item between what it found (run);
// the office does the rest.
var CrosscheckFlow = flow.Table{Name: "crosscheck", Start: NotDue, Steps: []flow.Step{
	{From: NotDue, Do: "mature", To: OneSided, Who: byOffice, Guard: "the period of the other side is over"},
	{From: NotDue, Do: "match", To: Matched, Who: byOffice},
	{From: NotDue, Do: "contradict", To: Contradicted, Who: byOffice},
	{From: OneSided, Do: "match", To: Matched, Who: byOffice},
	{From: OneSided, Do: "contradict", To: Contradicted, Who: byOffice},
	{From: OneSided, Do: "query", To: Queried, Who: byOffice, Guard: "reason"},
	{From: OneSided, Do: "settle", To: Settled, Who: byOffice, Guard: "reason"},
	{From: Contradicted, Do: "query", To: Queried, Who: byOffice, Guard: "reason"},
	{From: Contradicted, Do: "settle", To: Settled, Who: byOffice, Guard: "reason"},
	{From: Queried, Do: "reply", To: Replied, Who: byOffice, Guard: "answer"},
	{From: Replied, Do: "query", To: Queried, Who: byOffice, Guard: "reason"},
	{From: Replied, Do: "settle", To: Settled, Who: byOffice, Guard: "reason"},
	{From: Matched, Do: "settle", To: Settled, Who: byOffice, Guard: "reason"},
}}

// contradicts tells whether two records of one contact, each of a class, differ in
// what matters: one calls it improper, the other does not.
func contradicts(r *RuleSet, a, b string) bool {
	x, _ := r.Category(a)
	y, _ := r.Category(b)
	return (x.Group == Improper) != (y.Group == Improper)
}
