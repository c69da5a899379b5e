package inspection

import (
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Finding is a problem (问题) found by a team in a unit. Leads about persons
// (问题线索) are no findings: they go to discipline inspection (domain I-7).
type Finding struct {
	ID             id.ID           `json:"id"`
	Round          id.ID           `json:"round"`
	Visit          id.ID           `json:"visit"`
	Team           id.ID           `json:"team"`
	Unit           id.ID           `json:"unit"`        // inspected unit
	Responsible    id.ID           `json:"responsible"` // the inspected unit or one above it, headquarters included
	By             id.ID           `json:"by"`          // dispatching unit
	Author         id.ID           `json:"author"`
	No             string          `json:"no"`
	Category       string          `json:"category"`
	Class          Coded           `json:"class"`   // as it was recorded, see Taxonomy
	Decided        Coded           `json:"decided"` // what it became where its class was divided
	Aspect         string          `json:"aspect"`
	Title          string          `json:"title"`
	Fact           string          `json:"fact"`
	Basis          string          `json:"basis"`
	Criterion      id.ID           `json:"criterion"`      // version of the article that it stands on
	CriterionText  string          `json:"criterion_text"` // its wording, kept as it was chosen
	Manifestations []Manifestation `json:"manifestations,omitempty"`
	Cause          string          `json:"cause"`
	Consequence    string          `json:"consequence"`
	Severity       string          `json:"severity"`
	Scope          string          `json:"scope"` // individual, common
	Origin         string          `json:"origin"`
	State          string          `json:"state"`
	HigherCause    bool            `json:"higher_cause"` // the cause lies with a higher level
	Amount         int64           `json:"amount"`       // fen
	Recurs         id.ID           `json:"recurs"`       // earlier closed finding
	Response       string          `json:"response"`
	ResponseReason string          `json:"response_reason"`
	Ruling         string          `json:"ruling"` // the office's answer to an objection
	Stated         Stated          `json:"stated"` // what a published circular says of it
	Shared         clock.Date      `json:"shared"` // with the round above since, see Share
	Rev            int64           `json:"rev"`
}

// Stated is what the unit itself published about a finding, in its own words.
// It is empty for findings that did not come from a circular.
type Stated struct {
	No         string     `json:"no"`
	Status     string     `json:"status"`
	Due        clock.Date `json:"due"`
	DueWord    string     `json:"due_word"`
	Lead       string     `json:"lead"`
	Department string     `json:"department"`
	Measures   []string   `json:"measures"`
}

// States of a finding.
const (
	Draft     = "draft"
	Submitted = "submitted"
	Confirmed = "confirmed"
	FedBack   = "fed_back"
	Accepted  = "accepted"
	Objected  = "objected"
	Upheld    = "upheld"
	Withdrawn = "withdrawn"
)

// Categories are the four implementations (四个落实, Regulations on Inspection Work 2024 art. 18).
func Categories() []string { return []string{"theory", "discipline", "organisation", "rectification"} }

// Severities from slight to grave.
func Severities() []string { return []string{"minor", "general", "serious", "grave"} }

// Scopes: a problem of one place, or of many (look-back aspect 3).
func Scopes() []string { return []string{"individual", "common"} }

// Origins say through what the problem came to light (domain A1, fourth axis).
func Origins() []string {
	return []string{"inspection", "audit", "congress", "supervision", "education", "self_check", "circular", "lookback"}
}

var (
	byTeam       = []flow.By{{Role: actor.Inspector, Scope: flow.OfTeam}, {Role: actor.TeamLeader, Scope: flow.OfTeam}, {Role: actor.Lookback, Scope: flow.OfTeam}}
	byTeamLeader = []flow.By{{Role: actor.TeamLeader, Scope: flow.OfTeam}}
	byUnit       = []flow.By{{Role: actor.UnitHead, Scope: flow.OfUnit}, {Role: actor.Liaison, Scope: flow.OfUnit}}
)

// FindingFlow is the life of a finding up to the unit's answer.
var FindingFlow = flow.Table{Name: "finding", Start: Draft, Steps: []flow.Step{
	{From: Draft, Do: "submit", To: Submitted, Who: byTeam},
	{From: Submitted, Do: "confirm", To: Confirmed, Who: byTeamLeader},
	{From: Submitted, Do: "return", To: Draft, Who: byTeamLeader, Guard: "reason"},
	{From: Confirmed, Do: "feed_back", To: FedBack, Who: byOffice, Guard: "with_visit"},
	{From: FedBack, Do: "accept", To: Accepted, Who: byUnit},
	{From: FedBack, Do: "object", To: Objected, Who: byUnit, Guard: "reason"},
	{From: Objected, Do: "uphold", To: Upheld, Who: byOffice, Guard: "reason"},
	{From: Objected, Do: "withdraw", To: Withdrawn, Who: byOffice, Guard: "reason"},
	{From: Upheld, Do: "accept", To: Accepted, Who: byUnit},
}}

// NeedsReason tells whether an action must be reasoned in writing.
func NeedsReason(do string) bool {
	return slices.Contains([]string{"return", "object", "uphold", "withdraw"}, do)
}

// Known tells whether the unit knows of the finding.
func Known(state string) bool { return slices.Contains(knownStates, state) }

var knownStates = []string{FedBack, Accepted, Objected, Upheld, Withdrawn}

// Limits of the texts, in characters.
const (
	maxTitle  = 200
	maxText   = 20000
	maxReason = 2000
)

// Check judges the content of a finding.
func (f Finding) Check(bad *fault.Fields) {
	bad.Need("title", f.Title)
	bad.Max("title", f.Title, maxTitle)
	bad.Max("aspect", f.Aspect, maxTitle)
	bad.Need("fact", f.Fact)
	for _, x := range [][2]string{{"fact", f.Fact}, {"basis", f.Basis}, {"cause", f.Cause}, {"consequence", f.Consequence}} {
		bad.Max(x[0], x[1], maxText)
	}
	oneOf(bad, "category", f.Category, Categories())
	oneOf(bad, "severity", f.Severity, Severities())
	oneOf(bad, "scope", f.Scope, Scopes())
	oneOf(bad, "origin", f.Origin, Origins())
	if f.Amount < 0 {
		bad.Add("amount", "finding.bad.amount")
	}
}

func oneOf(bad *fault.Fields, name, value string, allowed []string) {
	if strings.TrimSpace(value) == "" {
		bad.Need(name, "")
	} else if !slices.Contains(allowed, value) {
		bad.Add(name, "finding.bad.choice", value)
	}
}
