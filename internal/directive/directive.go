package directive

import (
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
)

// Directive is a meeting's deployment (部署) as its report tells it.
type Directive struct {
	ID        id.ID      `json:"id"`
	Title     string     `json:"title"`
	Source    string     `json:"source"`
	Editor    string     `json:"editor"`
	Published clock.Date `json:"published"`
	Unit      id.ID      `json:"unit"` // that deploys
	State     string     `json:"state"`
	Body      []string   `json:"body"`
	Warnings  []string   `json:"warnings"`
	Author    id.ID      `json:"author"`
	MadeAt    string     `json:"made_at"`
	Rev       int64      `json:"rev"`
}

// Requirement is one thing that a directive asks for (要求).
type Requirement struct {
	ID        id.ID  `json:"id"`
	Directive id.ID  `json:"directive"`
	No        int    `json:"no"`
	Theme     string `json:"theme"`
	Text      string `json:"text"`
	Quote     string `json:"quote"`
	Paragraph int    `json:"paragraph"`
	State     string `json:"state"` // open, dropped
	Reason    string `json:"reason"`
	Rev       int64  `json:"rev"`
}

// States of a directive and of a requirement.
const (
	StateDraft     = "draft"
	StateConfirmed = "confirmed"
	StateIssued    = "issued"

	ReqOpen    = "open"
	ReqDropped = "dropped"
)

// Flow is the workflow of a directive: extracted, confirmed by a person, issued
// with its first tasks.
var Flow = flow.Table{Name: "directive", Start: StateDraft, Steps: []flow.Step{
	{From: StateDraft, Do: "edit", To: StateDraft, Who: supervisors},
	{From: StateDraft, Do: "confirm", To: StateConfirmed, Who: supervisors, Guard: "an open requirement"},
	{From: StateConfirmed, Do: "reopen", To: StateDraft, Who: supervisors},
	{From: StateConfirmed, Do: "assign", To: StateIssued, Who: supervisors},
	{From: StateIssued, Do: "assign", To: StateIssued, Who: supervisors},
}}

var supervisors = []flow.By{{Role: actor.Supervisor, Scope: flow.ByUs}}

// Bounds of texts, in characters.
const (
	maxTitle  = 200
	maxText   = 2000
	maxReason = 500
	maxReqs   = 2000
)

// object is what the policy judges.
func (d Directive) object(place func(id.ID) access.Place) access.Object {
	p := place(d.Unit)
	return access.Object{Kind: "directive", ID: d.ID, State: d.State, By: p, Units: []access.Place{p}, Owners: []id.ID{d.Author}}
}

// Check judges a requirement against the report: its quote must stand there.
func (r Requirement) Check(bad *fault.Fields, body []string) {
	bad.Need("text", r.Text)
	bad.Max("text", r.Text, maxText)
	bad.Need("theme", r.Theme)
	bad.Max("theme", r.Theme, maxTitle)
	switch {
	case r.Paragraph < 1 || r.Paragraph > len(body):
		bad.Add("paragraph", "requirement.bad.paragraph", r.Paragraph)
	case r.Quote == "" || !strings.Contains(body[r.Paragraph-1], r.Quote):
		bad.Add("quote", "requirement.bad.quote", r.Paragraph)
	}
}

// Holds tells whether a sentence bears a requirement: one contains the other's
// quoted words, or they overlap in full.
func (s Sentence) Holds(r Requirement) bool {
	return s.Paragraph == r.Paragraph && (strings.Contains(s.Text, r.Quote) || strings.Contains(r.Quote, strings.TrimSpace(s.Text)))
}
