package contact

import (
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Omission is a record that somebody had to make and did not, made late, or kept
// others from making (如实、及时、逐条; ). What the rules attach to it is
// proposed by one member of the office and decided by another; nothing follows by
// itself, and the person is heard before.
type Omission struct {
	ID          id.ID      `json:"id"`
	Person      id.ID      `json:"person"`
	Unit        id.ID      `json:"unit"`
	Office      id.ID      `json:"office"`
	Upper       id.ID      `json:"upper,omitempty"` // decides when the office has nobody else
	Kind        string     `json:"kind"`
	Source      string     `json:"source"`
	Ref         string     `json:"ref,omitempty"` // number of the record, the letter or the case
	On          clock.Date `json:"on"`            // of the contact
	State       string     `json:"state"`
	Consequence string     `json:"consequence,omitempty"`
	Proposer    id.ID      `json:"proposer,omitempty"`
	Lead        string     `json:"lead,omitempty"`
	Due         clock.Date `json:"due,omitempty"`
	At          string     `json:"at"`
	Rev         int64      `json:"rev"`
}

// OmissionKinds are the failures that the rules know: late; not recorded or not
// truly; kept others from recording.
func OmissionKinds() []string { return []string{"late", Unrecorded, "directed"} }

// OmissionSources tell how the office learnt of it.
func OmissionSources() []string {
	return []string{"crosscheck", "letter", "backward", "report", "check"}
}

// States of an omission.
const (
	OmissionNoted    = "noted"
	OmissionHeard    = "heard"
	OmissionProposed = "proposed"
	OmissionDecided  = "decided"
	OmissionDropped  = "dropped"
)

// OmissionFlow: heard before anything is proposed, decided by somebody else.
var OmissionFlow = flow.Table{Name: "omission", Start: OmissionNoted, Steps: []flow.Step{
	{From: OmissionNoted, Do: "hear", To: OmissionHeard, Who: byOffice, Guard: "words of the person"},
	{From: OmissionNoted, Do: "drop", To: OmissionDropped, Who: byOffice, Guard: "reason"},
	{From: OmissionHeard, Do: "propose", To: OmissionProposed, Who: byOffice, Guard: "a consequence of the rules, reason"},
	{From: OmissionHeard, Do: "drop", To: OmissionDropped, Who: byOffice, Guard: "reason"},
	{From: OmissionProposed, Do: "decide", To: OmissionDecided, Who: byOffice, Guard: "somebody else, reason"},
	{From: OmissionProposed, Do: "send_back", To: OmissionHeard, Who: byOffice, Guard: "somebody else, reason"},
}}

// bySecond are the steps that the proposer himself cannot take.
var bySecond = []string{"decide", "send_back"}
