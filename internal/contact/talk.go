package contact

import (
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Talk is what follows when a whole department or unit filed nothing but zero
// returns for long: somebody of it is talked with (R-15: 长期“零报告”的部门约谈).
// It asks and reminds; it finds nobody guilty, and nothing follows from it by itself.
type Talk struct {
	ID         id.ID      `json:"id"`
	Unit       id.ID      `json:"unit"`
	Department id.ID      `json:"department,omitempty"` // empty: the whole unit
	Office     id.ID      `json:"office"`
	Upper      id.ID      `json:"upper,omitempty"`
	Person     id.ID      `json:"person"` // who is talked with
	Kind       string     `json:"kind"`
	Run        int        `json:"run"` // periods of the run on the day it was arranged
	State      string     `json:"state"`
	Outcome    string     `json:"outcome,omitempty"`
	Held       clock.Date `json:"held_on,omitempty"`
	Due        clock.Date `json:"due,omitempty"`
	At         string     `json:"at"`
	Rev        int64      `json:"rev"`
}

// TalkKinds: a reminder, or an interview on the matter.
func TalkKinds() []string { return []string{"reminder", "interview"} }

// TalkOutcomes: there was nothing to record; records were caught up; how to record
// was explained; the returns are verified further.
func TalkOutcomes() []string { return []string{"nothing", "caught_up", "explained", "verify"} }

// States of a talk.
const (
	TalkArranged  = "arranged"
	TalkHeld      = "held"
	TalkCancelled = "cancelled"
)

// TalkFlow: a talk that was arranged is held, or cancelled with the reason.
var TalkFlow = flow.Table{Name: "talk", Start: TalkArranged, Steps: []flow.Step{
	{From: TalkArranged, Do: "hold", To: TalkHeld, Who: byOffice, Guard: "day, outcome, words"},
	{From: TalkArranged, Do: "cancel", To: TalkCancelled, Who: byOffice, Guard: "reason"},
}}
