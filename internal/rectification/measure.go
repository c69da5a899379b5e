package rectification

import (
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
)

// Measure is one thing that a unit does (整改措施). It may serve several items of
// the same unit and is counted apart from problems, as circulars do.
type Measure struct {
	ID          id.ID      `json:"id"`
	Unit        id.ID      `json:"unit"`
	Text        string     `json:"text"`
	Kind        string     `json:"kind"`
	Responsible string     `json:"responsible"` // person
	Department  string     `json:"department"`
	Due         clock.Date `json:"due"`
	State       string     `json:"state"`
	DoneOn      clock.Date `json:"done_on"`
	Changed     string     `json:"changed"`
	Changer     id.ID      `json:"changer"`
	Rev         int64      `json:"rev"`
	Rests       bool       `json:"rests,omitempty"` // all that it serves is set aside, see resting
}

// Kinds of measures: what it treats (治标、治本、源头).
const (
	Symptom = "symptom" // 治标: the case itself
	System  = "system"  // 治本: rule or mechanism
	Source  = "source"  // 源头: why such cases arise
)

// MeasureKinds lists them.
func MeasureKinds() []string { return []string{Symptom, System, Source} }

// States of a measure.
const (
	MeasurePlanned  = "planned"
	MeasureUnderWay = "under_way"
	MeasureDone     = "done"
)

// MeasureStates lists them.
func MeasureStates() []string { return []string{MeasurePlanned, MeasureUnderWay, MeasureDone} }

// Check judges the content of a measure.
func (m Measure) Check(bad *fault.Fields) {
	bad.Need("text", m.Text)
	bad.Max("text", m.Text, maxText)
	oneOf(bad, "kind", m.Kind, MeasureKinds())
	bad.Max("responsible", m.Responsible, maxShort)
	bad.Max("department", m.Department, maxShort)
	if m.Responsible == "" && m.Department == "" {
		bad.Add("responsible", "item.bad.nobody")
	}
	if m.Due == "" {
		bad.Need("due", "")
	}
}

// Progress is one dated entry (进展). It is never changed: a correction is a new
// entry that names the old one.
type Progress struct {
	ID       id.ID      `json:"id"`
	Item     id.ID      `json:"item"`
	Measure  id.ID      `json:"measure"`
	On       clock.Date `json:"on"`
	Text     string     `json:"text"`
	By       id.ID      `json:"by"`
	At       string     `json:"at"`
	Corrects id.ID      `json:"corrects"`
}

// Milestone is a dated step of an item that lasts (阶段目标).
type Milestone struct {
	ID     id.ID      `json:"id"`
	Item   id.ID      `json:"item"`
	Title  string     `json:"title"`
	Due    clock.Date `json:"due"`
	DoneOn clock.Date `json:"done_on"`
	Rev    int64      `json:"rev"`
}

// Extension is a request for more time (延期).
type Extension struct {
	ID      id.ID      `json:"id"`
	Item    id.ID      `json:"item"`
	No      int        `json:"no"`
	From    clock.Date `json:"from"`
	To      clock.Date `json:"to"`
	Reason  string     `json:"reason"`
	By      id.ID      `json:"by"`
	At      string     `json:"at"`
	State   string     `json:"state"`
	Judge   id.ID      `json:"judge"`
	JudgeAt string     `json:"judged_at"`
	Opinion string     `json:"opinion"`
	Rev     int64      `json:"rev"`
}

// States of an extension.
const (
	ExtensionAsked   = "asked"
	ExtensionGranted = "granted"
	ExtensionRefused = "refused"
)

// Closing is one application for close-out and what became of it.
type Closing struct {
	ID        id.ID    `json:"id"`
	Item      id.ID    `json:"item"`
	No        int      `json:"no"` // first, second … application
	Statement string   `json:"statement"`
	Measures  []id.ID  `json:"measures"` // that the unit calls done
	By        id.ID    `json:"by"`       // who applied
	At        string   `json:"at"`
	Decision  string   `json:"decision"`
	Judge     id.ID    `json:"judge"`
	JudgeAt   string   `json:"judged_at"`
	Reasons   []string `json:"reasons"`
	Opinion   string   `json:"opinion"`
	Rev       int64    `json:"rev"`
}

// Decisions on an application.
const (
	Pending           = "pending"
	DecisionClosed    = "closed"
	DecisionReturned  = "returned"
	DecisionProlonged = "prolonged"
)

// Event is one step in the story of an item.
type Event struct {
	ID     id.ID  `json:"id"`
	Item   id.ID  `json:"item"`
	At     string `json:"at"`
	By     id.ID  `json:"by"`
	Side   string `json:"side"` // unit, reviewer or other
	Do     string `json:"do"`
	From   string `json:"from"`
	To     string `json:"to"`
	Reason string `json:"reason"`
}

// Sides of an event. Whoever has an event on the unit's side has a hand in the work.
const (
	SideUnit     = "unit"
	SideReviewer = "reviewer"
	SideOther    = "other"
)
