package directive

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
)

// Task is what one unit has to do (督办事项).
type Task struct {
	ID         id.ID      `json:"id"`
	Directive  id.ID      `json:"directive"`
	Parent     id.ID      `json:"parent"` // broken down from
	Unit       id.ID      `json:"unit"`   // that has to do it
	By         id.ID      `json:"by"`     // that asks and reviews
	Title      string     `json:"title"`  // in the asking unit's own wording
	Measure    string     `json:"measure"`
	Kind       string     `json:"kind"` // lead, support
	Due        clock.Date `json:"due"`
	State      string     `json:"state"`
	Reporter   id.ID      `json:"reporter"`
	Sourceless string     `json:"sourceless"` // why it serves no requirement
	MadeAt     string     `json:"made_at"`
	DoneOn     clock.Date `json:"done_on"`
	Issue      id.ID      `json:"issue"`
	Period     string     `json:"period"`  // of a recurring issue
	HandTo     id.ID      `json:"hand_to"` // unit to which it should go instead
	Rev        int64      `json:"rev"`
}

// Entry is one dated step of a task, with a file at most.
type Entry struct {
	ID     id.ID  `json:"id"`
	Task   id.ID  `json:"task"`
	At     string `json:"at"`
	Action string `json:"action"`
	Text   string `json:"text"`
	By     id.ID  `json:"by"`
	Hash   string `json:"hash,omitempty"`
	Name   string `json:"name,omitempty"`
	Mime   string `json:"mime,omitempty"`
	Size   int64  `json:"size,omitempty"`
}

// States of a task (words of the interface: 待签收 办理中 已反馈 退回重办 已办结 已撤销 转办待批).
const (
	TaskToSign    = "to_sign"
	TaskWorking   = "working"
	TaskReported  = "reported"
	TaskRedo      = "redo"
	TaskDone      = "done"
	TaskWithdrawn = "withdrawn"
	TaskHanding   = "handing"
)

// Kinds of duty in a task.
const (
	KindLead    = "lead"    // 牵头
	KindSupport = "support" // 配合
)

var (
	units = []flow.By{{Role: actor.UnitHead, Scope: flow.OfUnit}, {Role: actor.Liaison, Scope: flow.OfUnit}}
	// Whoever asks reviews: the supervisors of the asking unit, or the liaison of
	// a unit that broke its own task down.
	askers = []flow.By{{Role: actor.Supervisor, Scope: flow.ByUs}, {Role: actor.UnitHead, Scope: flow.ByUs}, {Role: actor.Liaison, Scope: flow.ByUs}}
)

// TaskFlow is the workflow of a task.
var TaskFlow = flow.Table{Name: "task", Start: TaskToSign, Steps: []flow.Step{
	{From: TaskToSign, Do: "sign", To: TaskWorking, Who: units},
	{From: TaskWorking, Do: "progress", To: TaskWorking, Who: units},
	{From: TaskRedo, Do: "progress", To: TaskRedo, Who: units},
	{From: TaskWorking, Do: "break_down", To: TaskWorking, Who: units},
	{From: TaskWorking, Do: "report", To: TaskReported, Who: units, Guard: "a text"},
	{From: TaskRedo, Do: "report", To: TaskReported, Who: units, Guard: "a text"},
	{From: TaskReported, Do: "accept", To: TaskDone, Who: askers, Guard: "not the reporter"},
	{From: TaskReported, Do: "return", To: TaskRedo, Who: askers, Guard: "a reason, not the reporter"},
	{From: TaskToSign, Do: "urge", To: TaskToSign, Who: askers},
	{From: TaskWorking, Do: "urge", To: TaskWorking, Who: askers},
	{From: TaskRedo, Do: "urge", To: TaskRedo, Who: askers},
	{From: TaskToSign, Do: "withdraw", To: TaskWithdrawn, Who: askers, Guard: "a reason"},
	{From: TaskWorking, Do: "withdraw", To: TaskWithdrawn, Who: askers, Guard: "a reason"},
	{From: TaskRedo, Do: "withdraw", To: TaskWithdrawn, Who: askers, Guard: "a reason"},
	// 转办: a unit says whose it is; who asked sends it there, or keeps it here.
	{From: TaskToSign, Do: "hand_on", To: TaskHanding, Who: units, Guard: "a reason, another unit below the asking one"},
	{From: TaskWorking, Do: "hand_on", To: TaskHanding, Who: units, Guard: "a reason, another unit below the asking one, nothing broken down"},
	{From: TaskHanding, Do: "redirect", To: TaskToSign, Who: askers},
	{From: TaskHanding, Do: "keep", To: TaskToSign, Who: askers, Guard: "a reason"},
	// 会签
	{From: TaskWorking, Do: "cosign", To: TaskWorking, Who: units, Guard: "another unit"},
	{From: TaskRedo, Do: "cosign", To: TaskRedo, Who: units, Guard: "another unit"},
	// 延期
	{From: TaskWorking, Do: "extend", To: TaskWorking, Who: units, Guard: "a reason, none open, at most as often as the rule says"},
	{From: TaskRedo, Do: "extend", To: TaskRedo, Who: units, Guard: "a reason, none open, at most as often as the rule says"},
	{From: TaskWorking, Do: "grant", To: TaskWorking, Who: askers, Guard: "an open request, not the asker's own"},
	{From: TaskRedo, Do: "grant", To: TaskRedo, Who: askers, Guard: "an open request, not the asker's own"},
	{From: TaskWorking, Do: "refuse", To: TaskWorking, Who: askers, Guard: "an open request, a reason"},
	{From: TaskRedo, Do: "refuse", To: TaskRedo, Who: askers, Guard: "an open request, a reason"},
}}

// own are the actions that need more than a text: each has a method of its own.
var own = []string{"break_down", "hand_on", "cosign", "extend", "grant", "refuse"}

// Open tells whether the task still waits for somebody.
func (t Task) Open() bool { return t.State != TaskDone && t.State != TaskWithdrawn }

// Lamp is the computed signal of a task: ok, near or late; "" when it is over.
func (t Task) Lamp(today clock.Date) string {
	switch {
	case !t.Open() || t.Due == "":
		return ""
	case t.Due < today && t.State != TaskReported:
		return "late"
	case t.Due <= today.AddDays(Supervision().NearDays) && t.State != TaskReported:
		return "near"
	}
	return "ok"
}

// Nodes are the eight nodes of supervising a task (督查八节点, domain A8).
var Nodes = []string{"set_up", "approved", "notified", "signed", "worked", "reported", "reviewed", "done"}

// Node is how many of the nodes a task has passed.
func (t Task) Node() int {
	switch t.State {
	case TaskToSign, TaskHanding:
		return 3
	case TaskWorking, TaskRedo:
		return 4
	case TaskReported:
		return 6
	case TaskDone:
		return 8
	}
	return 0
}

func (t Task) object(place func(id.ID) access.Place) access.Object {
	return access.Object{Kind: "task", ID: t.ID, State: t.State, Units: []access.Place{place(t.Unit)}, By: place(t.By)}
}

// mayJudge refuses the person who reported (somebody else reviews).
func (t Task) mayJudge(who actor.Actor) error {
	if t.Reporter != "" && t.Reporter == who.Person {
		return fault.State("task.bad.own")
	}
	return nil
}

// needsText are the actions that say something in words.
func needsText(do string) bool {
	return do == "report" || do == "return" || do == "withdraw" || do == "progress" || do == "keep"
}
