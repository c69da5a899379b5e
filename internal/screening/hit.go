package screening

import (
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/screening/rules"
	"huikan/linkage"
)

// Who a hit is about.
const (
	Departed = "departed" // somebody who left
	Serving  = "serving"  // somebody who serves
	Kin      = "kin"      // a relative of somebody who serves or served
)

// Hit is a row of ours and a row of the register of lawyers that may be one person.
type Hit struct {
	ID          id.ID         `json:"id"`
	Subject     string        `json:"subject"`
	Left        string        `json:"left"`  // key of our row
	Right       string        `json:"right"` // key of the lawyer's row
	Unit        id.ID         `json:"unit"`
	Person      id.ID         `json:"person,omitempty"` // when he is kept among the people
	Name        string        `json:"name"`             // the member of staff
	Kin         string        `json:"kin,omitempty"`    // the relative
	Relation    string        `json:"relation,omitempty"`
	Leaving     string        `json:"leaving,omitempty"`
	DepartedOn  clock.Date    `json:"departed_on,omitempty"`
	Lawyer      string        `json:"lawyer"`
	Firm        string        `json:"firm"`
	Region      string        `json:"region,omitempty"`
	Probability float64       `json:"probability"`
	Band        string        `json:"band"`
	Score       linkage.Score `json:"score"`
	Facts       string        `json:"-"` // keyed hash of both rows
	Model       string        `json:"model"`
	Outcome     string        `json:"outcome"`
	Rule        string        `json:"rule,omitempty"`
	Until       clock.Date    `json:"until,omitempty"`
	Life        bool          `json:"life,omitempty"`
	Edition     string        `json:"edition"`
	State       string        `json:"state"`
	Proposed    id.ID         `json:"proposed_by,omitempty"` // the first reader
	Decided     id.ID         `json:"decided_by,omitempty"`
	DecidedAt   string        `json:"decided_at,omitempty"`
	Judged      string        `json:"-"` // the facts that were judged
	FoundAt     string        `json:"found_at"`
	Lead        string        `json:"lead_no,omitempty"` // handed over to the room of leads; nothing else of it stays here
	Rev         int64         `json:"rev"`

	run    id.ID
	sealed []byte
	pair   pairFacts
}

// pairFacts are the two rows, and the question for the rules, as they were when
// the hit was last computed; sealed at rest.
type pairFacts struct {
	LeftKind string         `json:"left_kind"`
	Left     Row            `json:"left"`
	Owner    Row            `json:"owner,omitempty"` // the declarer of a relative
	Right    Row            `json:"right"`
	Question rules.Question `json:"question"`
}

// The states of a hit (比对结果).
const (
	Open      = "open"      // 疑似: nobody has judged it
	Unsure    = "unsure"    // 不确定: something must be found out
	Proposed  = "proposed"  // 初判命中: waits for the second reader
	Confirmed = "confirmed" // 确认命中
	Dismissed = "dismissed" // 排除
	Lapsed    = "lapsed"    // no longer in the registers
)

var (
	readers = []flow.By{{Role: actor.InternalSupervision, Scope: flow.Below}}
	program = []flow.By{{Role: actor.System, Scope: flow.Anything}}
)

// MatchFlow is how a hit is judged. A confirmed hit has two readers; a dismissal
// holds until a fact of either row changes.
var MatchFlow = flow.Table{Name: "match", Start: Open, Steps: []flow.Step{
	{From: Open, Do: "hit", To: Proposed, Who: readers},
	{From: Open, Do: "no", To: Dismissed, Who: readers},
	{From: Open, Do: "unsure", To: Unsure, Who: readers},
	{From: Unsure, Do: "hit", To: Proposed, Who: readers},
	{From: Unsure, Do: "no", To: Dismissed, Who: readers},
	{From: Proposed, Do: "confirm", To: Confirmed, Who: readers, Guard: "second reader"},
	{From: Proposed, Do: "return", To: Open, Who: readers, Guard: "second reader"},
	{From: Dismissed, Do: "reopen", To: Open, Who: readers, Guard: "reason"},
	{From: Confirmed, Do: "reopen", To: Open, Who: readers, Guard: "reason"},
	{From: Confirmed, Do: "lead", To: Confirmed, Who: readers, Guard: "no lead yet"},
	{From: Dismissed, Do: "renew", To: Open, Who: program, Guard: "facts changed"},
	{From: Lapsed, Do: "renew", To: Open, Who: program, Guard: "found again"},
	{From: Open, Do: "lapse", To: Lapsed, Who: program, Guard: "not found any more"},
	{From: Unsure, Do: "lapse", To: Lapsed, Who: program, Guard: "not found any more"},
	{From: Proposed, Do: "lapse", To: Lapsed, Who: program, Guard: "not found any more"},
}}

// waiting are the states in which somebody has to judge.
var waiting = []string{Open, Unsure, Proposed}

// Judgement is one dated answer about a hit.
type Judgement struct {
	ID          id.ID   `json:"id"`
	Hit         id.ID   `json:"hit"`
	At          string  `json:"at"`
	Person      id.ID   `json:"person,omitempty"`
	Act         string  `json:"act"`
	Reason      string  `json:"reason,omitempty"`
	Probability float64 `json:"probability"`
	Model       string  `json:"model"`
	facts       string
}

// After tells what a new run does to the state of a hit that is there: a
// dismissal is remembered until a fact changes, or until a new model moves the
// pair into the band of near certainty.
func After(h Hit, facts, model, band string) (do string) {
	switch {
	case h.State == Lapsed:
		return "renew"
	case h.State != Dismissed:
		return ""
	case h.Judged != facts:
		return "renew"
	case h.Model != model && h.Band != string(linkage.Auto) && band == string(linkage.Auto):
		return "renew"
	}
	return ""
}

// rankKey orders hits for review: what forbids most, then what is surest. It is
// text so that both engines order it alike.
func rankKey(outcome string, probability float64) string {
	const digits = "0123456789"
	w := slices.Index(rules.Outcomes(), outcome)
	p := int((1 - probability) * 999_999)
	b := []byte{digits[max(0, w)%10], '-', 0, 0, 0, 0, 0, 0}
	for i := 7; i >= 2; i-- {
		b[i] = digits[p%10]
		p /= 10
	}
	return string(b)
}
