package screening

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Warning is a notice from one authority to the other, or about counsel in a case.
type Warning struct {
	ID         id.ID      `json:"id"`
	Flow       string     `json:"flow"` // warning (ours → bar), reverse (bar → ours), case_warning
	Kind       string     `json:"kind"`
	No         string     `json:"no"`
	Unit       id.ID      `json:"unit"` // the procuratorate
	Hit        id.ID      `json:"hit,omitempty"`
	Subject    string     `json:"subject"`
	Firm       string     `json:"firm,omitempty"`
	CaseNo     string     `json:"case_no,omitempty"`
	Body       string     `json:"body"`
	Rule       string     `json:"rule,omitempty"`
	Until      clock.Date `json:"until,omitempty"`
	Due        clock.Date `json:"due,omitempty"` // for the answer
	Answer     string     `json:"answer,omitempty"`
	Handling   string     `json:"handling,omitempty"`
	State      string     `json:"state"`
	SentBy     id.ID      `json:"sent_by,omitempty"`
	SentAt     string     `json:"sent_at"`
	ReceivedAt string     `json:"received_at,omitempty"`
	AnsweredAt string     `json:"answered_at,omitempty"`
	HandledAt  string     `json:"handled_at,omitempty"`
	ClosedAt   string     `json:"closed_at,omitempty"`
	Rev        int64      `json:"rev"`

	once string // what may be warned of only once
}

// Kinds of warnings.
const (
	OfHit         = "hit"         // ours: a person of the base was found in a firm (D4)
	OfLeaving     = "leaving"     // ours: somebody left and is restricted (D2)
	OfYearly      = "yearly"      // ours: somebody to be looked at in the assessment of the year (D8)
	OfApplication = "application" // theirs: application for licence or registration (D3)
	OfTransfer    = "transfer"    // theirs: a lawyer changes firm or place
	OfHire        = "hire"        // theirs: a firm hires adviser or staff
	OfCase        = "case"        // counsel in a case (D5)
)

// InKinds are what the bar authority tells.
func InKinds() []string { return []string{OfApplication, OfTransfer, OfHire} }

// States of warnings.
const (
	Sent       = "sent"
	Received   = "received"
	Answered   = "answered"
	Unanswered = "unanswered" // the time for an answer is over
	Handled    = "handled"
	Closed     = "closed"
	Withdrawn  = "withdrawn"
	Raised     = "raised"   // a case warning that nobody has looked at
	Notified   = "notified" // the party was told to change counsel
	Unfounded  = "unfounded"
)

// exchange is the workflow of a notice: the receiver acknowledges and answers,
// the handler does what follows, the sender closes.
func exchange(name string, sender, receiver, handler actor.Role) flow.Table {
	by := func(r actor.Role) []flow.By { return []flow.By{{Role: r, Scope: flow.Below}} }
	return flow.Table{Name: name, Start: Sent, Steps: []flow.Step{
		{From: Sent, Do: "receive", To: Received, Who: by(receiver)},
		{From: Received, Do: "answer", To: Answered, Who: by(receiver), Guard: "text"},
		{From: Answered, Do: "return", To: Received, Who: by(sender), Guard: "text"},
		{From: Answered, Do: "handle", To: Handled, Who: by(handler), Guard: "text"},
		{From: Handled, Do: "close", To: Closed, Who: by(sender)},
		{From: Sent, Do: "withdraw", To: Withdrawn, Who: by(sender), Guard: "text"},
		{From: Received, Do: "withdraw", To: Withdrawn, Who: by(sender), Guard: "text"},
		{From: Sent, Do: "expire", To: Unanswered, Who: program, Guard: "past the day"},
		{From: Received, Do: "expire", To: Unanswered, Who: program, Guard: "past the day"},
		{From: Unanswered, Do: "answer", To: Answered, Who: by(receiver), Guard: "text"},
		{From: Unanswered, Do: "urge", To: Unanswered, Who: by(sender), Guard: "text"},
		{From: Unanswered, Do: "close", To: Closed, Who: by(sender)},
	}}
}

// OutFlow is a warning of ours to the bar authority, which clears the breach:
// a deadline to cancel the licence or end the contract, else by order
// (司发通〔2021〕61号 art. 11).
var OutFlow = exchange("warning", actor.InternalSupervision, actor.BarLiaison, actor.BarLiaison)

// InFlow is a notice of the bar authority (application, transfer, hire) to the
// former procuratorate, which gives its written opinion (art. 6).
var InFlow = exchange("reverse", actor.BarLiaison, actor.InternalSupervision, actor.BarLiaison)

// CaseFlow is about counsel in a case: the party is told to change counsel, the
// bar authority is told (art. 8).
var CaseFlow = flow.Table{Name: "case_warning", Start: Raised, Steps: []flow.Step{
	{From: Raised, Do: "notify", To: Notified, Who: readers, Guard: "text"},
	{From: Raised, Do: "reject", To: Unfounded, Who: readers, Guard: "text"},
	{From: Notified, Do: "handle", To: Handled, Who: readers, Guard: "text"},
	{From: Handled, Do: "close", To: Closed, Who: readers},
}}

func flowOf(name string) flow.Table {
	switch name {
	case InFlow.Name:
		return InFlow
	case CaseFlow.Name:
		return CaseFlow
	}
	return OutFlow
}

// needText are the acts that say something.
var needText = []string{"answer", "return", "handle", "withdraw", "urge", "notify", "reject"}

// Event is one dated act about a warning.
type Event struct {
	ID     id.ID  `json:"id"`
	At     string `json:"at"`
	Person id.ID  `json:"person,omitempty"`
	Name   string `json:"name,omitempty"` // of somebody of the other authority
	Act    string `json:"act"`
	Text   string `json:"text,omitempty"`
}

// answerDays is how many working days the other side has for its answer: a
// setting of practice, no law names it.
const answerDays = 10
