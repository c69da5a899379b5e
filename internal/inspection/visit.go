package inspection

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Visit is the inspection of one unit in a round (进驻).
type Visit struct {
	ID       id.ID      `json:"id"`
	Round    id.ID      `json:"round"`
	Team     id.ID      `json:"team"`
	Unit     id.ID      `json:"unit"`
	Kind     string     `json:"kind,omitempty"` // kind of this inspection when it differs from the round's (domain I-1)
	By       id.ID      `json:"by"`             // dispatching unit, copied from the round for list filters
	Entry    clock.Date `json:"entry"`
	Exit     clock.Date `json:"exit"`
	Feedback clock.Date `json:"feedback"`
	State    string     `json:"state"`
	Rev      int64      `json:"rev"`
}

// States of a visit.
const (
	VisitPlanned = "planned"
	VisitOnSite  = "on_site"
	VisitLeft    = "left"
	VisitFedBack = "fed_back"
)

// VisitFlow is the life of a visit. The office feeds back after approval by the
// dispatching Party group (domain I-5, I-6).
var VisitFlow = flow.Table{Name: "visit", Start: VisitPlanned, Steps: []flow.Step{
	{From: VisitPlanned, Do: "enter", To: VisitOnSite, Who: officeOrTeamLeader, Guard: "entry_date"},
	{From: VisitOnSite, Do: "leave", To: VisitLeft, Who: officeOrTeamLeader, Guard: "exit_date"},
	{From: VisitLeft, Do: "feed_back", To: VisitFedBack, Who: byOffice, Guard: "all_judged"},
}}

var officeOrTeamLeader = []flow.By{{Role: actor.Office, Scope: flow.ByUs}, {Role: actor.TeamLeader, Scope: flow.OfTeam}}
