package fieldwork

import (
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Checklist is a version of the questions of one theme.
type Checklist struct {
	ID      id.ID      `json:"id"`
	By      id.ID      `json:"by"`
	Theme   string     `json:"theme"`
	Version int        `json:"version"`
	From    clock.Date `json:"from"`
	Source  string     `json:"source"`
	State   string     `json:"state"`
	Checks  []Check    `json:"checks,omitempty"`
	Rev     int64      `json:"rev"`
}

// Check is one question of a checklist.
type Check struct {
	ID        id.ID  `json:"id"`
	Checklist id.ID  `json:"checklist"`
	No        int    `json:"no"`
	Text      string `json:"text"`
	Basis     string `json:"basis"`
}

// States of a checklist. A published version is never changed; a new one replaces it.
const (
	ChecklistDraft     = "draft"
	ChecklistPublished = "published"
	ChecklistRetired   = "retired"
)

// ChecklistFlow is the life of a version.
var ChecklistFlow = flow.Table{Name: "checklist", Start: ChecklistDraft, Steps: []flow.Step{
	{From: ChecklistDraft, Do: "publish", To: ChecklistPublished, Who: byOffice, Guard: "questions"},
	{From: ChecklistPublished, Do: "retire", To: ChecklistRetired, Who: byOffice},
}}

// Answer is what a team found for one question at one unit.
type Answer struct {
	ID id.ID `json:"id"`
	Scope
	Check  id.ID  `json:"check"`
	Result string `json:"result"`
	Note   string `json:"note"`
	Paper  id.ID  `json:"paper,omitempty"`
	Author id.ID  `json:"author"`
	Rev    int64  `json:"rev"`
}

// Results of a question.
func Results() []string { return []string{"good", "problem", "not_applicable", "unclear"} }

// maxChecks bounds a checklist.
const maxChecks = 200
