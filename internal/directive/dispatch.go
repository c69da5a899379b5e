package directive

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
)

// Dispatch is a dispatch sheet (调度单): what was due, late, returned or
// contradicted on one day, of one deployment for a week (周调度) or of all of an
// office's deployments for a month (月通报), practice of domain A8. Its figures and
// rows are frozen: later work on a task does not change them.
type Dispatch struct {
	ID        id.ID      `json:"id"`
	Unit      id.ID      `json:"unit"`      // that asks
	Directive id.ID      `json:"directive"` // "": all of the office's
	Kind      string     `json:"kind"`
	Period    string     `json:"period"` // 2026W21, 2026-05
	No        int        `json:"no"`     // counted anew when an earlier one was dropped
	State     string     `json:"state"`
	FrozenOn  clock.Date `json:"frozen_on"`
	Counts    Counts     `json:"counts"`
	Lines     int        `json:"lines"` // rows
	Units     int        `json:"units"` // that have a row
	Digest    string     `json:"digest"`
	Remark    string     `json:"remark"` // of who sent or dropped it
	Author    id.ID      `json:"author"` // "" when the program made it
	MadeAt    string     `json:"made_at"`
	Judge     id.ID      `json:"judge"`
	JudgedAt  string     `json:"judged_at"`
	Notice    id.ID      `json:"notice"` // circular drafted from it
	Rev       int64      `json:"rev"`
}

// Kinds of a dispatch sheet.
const (
	DispatchWeek  = "week"
	DispatchMonth = "month"
)

// States of a dispatch sheet (待发出 已发出 已作废).
const (
	DispatchFrozen  = "frozen"
	DispatchSent    = "sent"
	DispatchDropped = "dropped"
)

// DispatchFlow is the workflow of a dispatch sheet.
var DispatchFlow = flow.Table{Name: "dispatch", Start: DispatchFrozen, Steps: []flow.Step{
	{From: DispatchFrozen, Do: "send", To: DispatchSent, Who: supervisors},
	{From: DispatchFrozen, Do: "drop", To: DispatchDropped, Who: supervisors, Guard: "a reason"},
	{From: DispatchSent, Do: "circulate", To: DispatchSent, Who: supervisors, Guard: "a month, no circular yet"},
}}

// Part is what a sheet says about one office, and what the office says to it.
type Part struct {
	ID       id.ID  `json:"id"`
	Dispatch id.ID  `json:"dispatch"`
	Unit     id.ID  `json:"unit"`
	By       id.ID  `json:"by"`
	Leader   id.ID  `json:"leader"` // who headed the office on that day
	State    string `json:"state"`
	Counts   Counts `json:"counts"`
	Said     string `json:"said"`
	Person   id.ID  `json:"person"`
	At       string `json:"at"`
	Rev      int64  `json:"rev"`
}

// States of a part (未发出 待说明 已说明).
const (
	PartHeld     = "held"
	PartAsked    = "asked"
	PartAnswered = "answered"
)

// DispatchPartFlow is the workflow of a part.
var DispatchPartFlow = flow.Table{Name: "dispatch_part", Start: PartHeld, Steps: []flow.Step{
	{From: PartHeld, Do: "send", To: PartAsked, Who: supervisors, Guard: "with its sheet"},
	{From: PartAsked, Do: "answer", To: PartAnswered, Who: units, Guard: "a text where something is late, returned or contradicted"},
}}

// Marks say why a task stands on a sheet.
const (
	MarkDue          = "due"          // falls due within the days ahead
	MarkLate         = "late"         // its date is over and nothing was reported
	MarkReturned     = "returned"     // sent back, not reported again
	MarkContradicted = "contradicted" // a wording at or below it was judged to contradict its source
	MarkWaiting      = "waiting"      // reported, not yet reviewed by who asked
	MarkVerified     = "verified"     // accepted by who asked
	MarkOnTime       = "on_time"      // accepted by its date
)

// AllMarks in the order in which they are shown.
var AllMarks = []string{MarkLate, MarkReturned, MarkContradicted, MarkDue, MarkWaiting, MarkVerified, MarkOnTime}

// Counts are tasks by mark; one task can have several.
type Counts map[string]int

// all is the key under which Counts keeps the number of tasks.
const all = "all"

// All is the number of tasks.
func (c Counts) All() int { return c[all] }

// Trouble is how much an office has to explain.
func (c Counts) Trouble() int { return c[MarkLate] + c[MarkReturned] + c[MarkContradicted] }

func (c Counts) add(marks []string) {
	c[all]++
	for _, m := range marks {
		c[m]++
	}
}

// Line is one task as it stood when a sheet was frozen.
type Line struct {
	No    int        `json:"no"`
	Unit  id.ID      `json:"unit"`
	Task  id.ID      `json:"task"`
	Issue id.ID      `json:"issue"`
	Title string     `json:"title"`
	Due   clock.Date `json:"due"`
	State string     `json:"state"`
	Marks []string   `json:"marks"`
}

// MarksOf says why a task belongs on a sheet of a day; ahead is the last day that
// still counts as falling due.
func MarksOf(t Task, today, ahead clock.Date, contradicted bool) (out []string) {
	if t.State == TaskWithdrawn {
		return nil
	}
	open := t.Open() && t.State != TaskReported
	for _, x := range []struct {
		mark string
		is   bool
	}{
		{MarkLate, open && t.Due != "" && t.Due < today},
		{MarkReturned, t.State == TaskRedo},
		{MarkContradicted, contradicted},
		{MarkDue, open && t.Due != "" && t.Due >= today && t.Due <= ahead},
		{MarkWaiting, t.State == TaskReported},
		{MarkVerified, t.State == TaskDone},
		{MarkOnTime, t.State == TaskDone && (t.Due == "" || t.DoneOn <= t.Due)},
	} {
		if x.is {
			out = append(out, x.mark)
		}
	}
	return out
}

// LinesDigest binds the rows of a sheet.
func LinesDigest(list []Line) string {
	h := sha256.New()
	for _, l := range list {
		fmt.Fprintf(h, "%d\x00%s\x00%s\x00%s\x00%s\x00%s\x00%s\x00%s\x00", l.No, l.Unit, l.Task, l.Issue, l.Title, l.Due, l.State, strings.Join(l.Marks, " "))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Sum counts rows, for the whole sheet and for each office.
func Sum(list []Line) (whole Counts, by map[id.ID]Counts) {
	whole, by = Counts{}, map[id.ID]Counts{}
	for _, l := range list {
		if by[l.Unit] == nil {
			by[l.Unit] = Counts{}
		}
		whole.add(l.Marks)
		by[l.Unit].add(l.Marks)
	}
	return whole, by
}

// Week names the week of a day: 2026W21.
func Week(d clock.Date) string {
	y, w := d.Time().ISOWeek()
	return fmt.Sprintf("%dW%02d", y, w)
}

// MonthOf gives the first and last day of a month's name.
func MonthOf(name string) (from, to clock.Date, ok bool) {
	from, err := clock.ParseDate(name + "-01")
	if err != nil || len(name) != 7 {
		return "", "", false
	}
	return from, from.EndOfMonth(), true
}

func (d Dispatch) object(place func(id.ID) access.Place) access.Object {
	return access.Object{Kind: "dispatch", ID: d.ID, State: d.State, Units: []access.Place{place(d.Unit)}, By: place(d.Unit)}
}

func (p Part) object(place func(id.ID) access.Place) access.Object {
	return access.Object{Kind: "dispatch_part", ID: p.ID, State: p.State, Units: []access.Place{place(p.Unit)}, By: place(p.By)}
}

func knownMark(m string) bool { return slices.Contains(AllMarks, m) }
