package rectification

import (
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
)

// Item is the duty of one unit to put one fed-back finding right (整改事项).
type Item struct {
	ID           id.ID      `json:"id"`
	Kind         string     `json:"kind"`    // see SelfReport
	Finding      id.ID      `json:"finding"` // or the self-check in which it was reported
	Round        id.ID      `json:"round"`
	Team         id.ID      `json:"team"`     // that made the finding
	Lent         id.ID      `json:"lent"`     // look-back team that re-verifies it
	Unit         id.ID      `json:"unit"`     // that has to rectify: the responsible unit of the finding
	By           id.ID      `json:"by"`       // dispatching unit, which judges
	No           string     `json:"no"`       // number of the finding
	Title        string     `json:"title"`    // of the finding
	Problem      string     `json:"problem"`  // wording fed back, locked
	Severity     string     `json:"severity"` // of the finding
	Category     string     `json:"category"`
	FedBack      clock.Date `json:"fed_back"`     // the first clock starts
	FirstDue     clock.Date `json:"first_due"`    // and ends; neither ever changes
	Due          clock.Date `json:"due"`          // in force, after extensions
	State        string     `json:"state"`        // of the procedure
	Claimed      string     `json:"claimed"`      // the unit's own status, normalised
	ClaimedWord  string     `json:"claimed_word"` // as the unit wrote it
	Verified     string     `json:"verified"`     // verdict of the last look-back, "" = not verified
	VerifiedOn   clock.Date `json:"verified_on"`
	Lasting      string     `json:"lasting"` // why it is long_term: partial or long_term; "" otherwise
	Lead         string     `json:"lead"`    // responsible leader (牵头领导)
	Department   string     `json:"department"`
	Root         string     `json:"root"`    // cause found by the unit
	Goal         string     `json:"goal"`    // what will be reached
	Similar      string     `json:"similar"` // looked for elsewhere in the unit (举一反三)
	Rules        string     `json:"rules"`   // rules made or revised (建章立制)
	Handled      string     `json:"handled"` // people held to account, money recovered
	ClosedOn     clock.Date `json:"closed_on"`
	Closer       id.ID      `json:"closer"`
	Rectifier    id.ID      `json:"rectifier"`    // who applied last
	Applications int        `json:"applications"` // rounds of application and review
	Reopened     int        `json:"reopened"`
	Extensions   int        `json:"extensions"`
	Aside        clock.Date `json:"aside_on"` // day on which it was set aside, "" while it is not
	Until        clock.Date `json:"until"`    // last day of an accepted deviation
	Level        string     `json:"level"`    // of the sign-off that an application waits for
	Changed      string     `json:"changed"`  // instant of the last change
	Changer      id.ID      `json:"changer"`
	Concerns     []id.ID    `json:"-"` // persons whom it concerns, filled by ItemByID
	Rev          int64      `json:"rev"`
}

// States of an item.
const (
	StateToClaim    = "to_claim"
	StatePlanning   = "planning"
	StatePlanReview = "plan_review"
	StateRectifying = "rectifying"
	StateApplied    = "applied"
	StateReturned   = "returned"
	StateLongTerm   = "long_term"
	StateClosed     = "closed"
	StateReopened   = "reopened"
	StateOvertaken  = "overtaken" // nothing is left to rectify, see aside.go
	StateAccepted   = "accepted"  // a deviation that is accepted until a day
	StateWithdrawn  = "withdrawn" // its finding was withdrawn after an objection: there is nothing to rectify
)

// AsideStates are those of items that are neither open nor closed.
func AsideStates() []string { return []string{StateOvertaken, StateAccepted, StateWithdrawn} }

var (
	byUnit     = []flow.By{{Role: actor.Liaison, Scope: flow.OfUnit}, {Role: actor.UnitHead, Scope: flow.OfUnit}}
	byReviewer = []flow.By{{Role: actor.Reviewer, Scope: flow.ByUs}, {Role: actor.Office, Scope: flow.ByUs}}
	byOffice   = []flow.By{{Role: actor.Office, Scope: flow.ByUs}}
	bySigner   = []flow.By{{Role: actor.UnitHead, Scope: flow.OfUnit}, {Role: actor.Office, Scope: flow.ByUs}, {Role: actor.Reviewer, Scope: flow.ByUs}, {Role: actor.Personnel, Scope: flow.ByUs}}
)

// Flow is the life of an item (domain I-11, I-18; workflow of chapter A1).
// Guards: plan = every part of the plan is there; reason = in writing;
// other_person = no hand in the work; evidence_read = all of it since the
// application and every claim found borne out; level = the next one of the
// round's chain, each by another person; milestones = dated ones ahead;
// asked = the unit asked for it with its ground; above = and whoever approves
// stands above the unit.
var Flow = flow.Table{Name: "item", Start: StateToClaim, Steps: slices.Concat([]flow.Step{
	{From: StateToClaim, Do: "claim", To: StatePlanning, Who: byUnit},
	{From: StatePlanning, Do: "submit_plan", To: StatePlanReview, Who: byUnit, Guard: "plan"},
	{From: StatePlanReview, Do: "approve_plan", To: StateRectifying, Who: byReviewer, Guard: "other_person"},
	{From: StatePlanReview, Do: "return_plan", To: StatePlanning, Who: byReviewer, Guard: "reason"},
	{From: StateRectifying, Do: "apply", To: StateApplied, Who: byUnit, Guard: "statement"},
	{From: StateRectifying, Do: "prolong", To: StateLongTerm, Who: byReviewer, Guard: "milestones"},
	{From: StateApplied, Do: "close", To: StateClosed, Who: byReviewer, Guard: "evidence_read"},
	{From: StateApplied, Do: "sign", To: StateApplied, Who: bySigner, Guard: "level"},
	{From: StateApplied, Do: "recall", To: StateReturned, Who: byHead, Guard: "reason"},
	{From: StateApplied, Do: "return", To: StateReturned, Who: byReviewer, Guard: "reason"},
	{From: StateApplied, Do: "prolong", To: StateLongTerm, Who: byReviewer, Guard: "milestones"},
	{From: StateReturned, Do: "apply", To: StateApplied, Who: byUnit, Guard: "statement"},
	{From: StateLongTerm, Do: "apply", To: StateApplied, Who: byUnit, Guard: "statement"},
	{From: StateClosed, Do: "reopen", To: StateReopened, Who: byOffice, Guard: "reason"},
	{From: StateReopened, Do: "apply", To: StateApplied, Who: byUnit, Guard: "statement"},
}, asideSteps(), withdrawSteps())}

// working are the states in which the unit works and may hand in.
var working = []string{StateRectifying, StateReturned, StateLongTerm, StateReopened}

// planningOrWorking are the states in which the unit may add measures.
var planningOrWorking = append([]string{StatePlanning}, working...)

// Working tells whether the unit is at work on an item in a state.
func Working(state string) bool { return slices.Contains(working, state) }

// The unit's own status, normalised (status words of chapter A1).
const (
	NotStarted     = "not_started"
	InProgress     = "in_progress"
	StageDone      = "stage_done"
	BasicallyDone  = "basically_done"
	Done           = "done"
	ClaimedLasting = "long_term"
	NotDone        = "not_done"
)

// ClaimedStatuses lists them in the order of the form.
func ClaimedStatuses() []string {
	return []string{NotStarted, InProgress, StageDone, BasicallyDone, Done, ClaimedLasting, NotDone}
}

// claimedWords are the words of published circulars; longer ones first, because
// 基本完成 contains 完成 and 未完成 does too.
var claimedWords = []struct{ word, status string }{
	{"未启动", NotStarted}, {"未开展", NotStarted}, {"尚未", NotDone}, {"未完成", NotDone}, {"未整改", NotDone}, {"整改不到位", NotDone},
	{"阶段性", StageDone}, {"取得明显成效", StageDone}, {"基本完成", BasicallyDone}, {"基本整改", BasicallyDone}, {"基本到位", BasicallyDone},
	{"长期", ClaimedLasting}, {"持续", ClaimedLasting}, {"正在", InProgress}, {"整改中", InProgress}, {"推进", InProgress},
	{"完成", Done}, {"整改到位", Done}, {"已整改", Done}, {"到位", Done}, {"已落实", Done},
}

// ClaimedOf normalises a unit's own word; an unknown word says nothing and
// counts as in progress, an empty one as not started.
func ClaimedOf(word string) string {
	word = strings.TrimSpace(word)
	if word == "" {
		return NotStarted
	}
	for _, w := range claimedWords {
		if strings.Contains(word, w.word) {
			return w.status
		}
	}
	return InProgress
}

// Verdicts of a look-back (核查结论).
const (
	Held         = "held"         // 整改到位
	Basic        = "basic"        // 基本到位
	Partly       = "partly"       // 不到位
	Paper        = "paper"        // 敷衍整改 (纸面整改: paper and meetings, nothing done)
	False        = "false"        // 虚假整改
	Relapsed     = "relapsed"     // 反弹回潮
	Unverifiable = "unverifiable" // 无法核实
)

// Verdicts lists them, best first.
func Verdicts() []string { return []string{Held, Basic, Partly, Paper, False, Relapsed, Unverifiable} }

// Why an item stays open beyond its time.
const (
	LastingPartial = "partial"   // part is done, the rest has dates
	LastingLong    = "long_term" // to be kept up for long (长期坚持)
)

// NearDays is how many days ahead the list of what falls due reaches.
const NearDays = 30

// Overdue tells whether the date has passed while the item is still open.
// An item under review is not: the unit has done its part.
func (i Item) Overdue(today clock.Date) bool {
	return i.open() == 1 && i.State != StateApplied && i.Due.Before(today)
}

// Near tells whether the date is close.
func (i Item) Near(today clock.Date) bool {
	return i.open() == 1 && i.State != StateApplied && !i.Overdue(today) && i.Due.Valid() && i.Due.Sub(today) <= NearDays
}

// Places tells where a unit stands in the tree; *org.Directory is one.
type Places interface {
	Place(id.ID) access.Place
}

// Object is what the policy needs to know of an item.
func Object(i Item, dir Places) access.Object {
	return access.Object{Kind: "item", ID: i.ID, State: i.State, Units: []access.Place{dir.Place(i.Unit)}, By: dir.Place(i.By),
		Team: i.Team, Concerns: i.Concerns}
}

// MayJudge refuses whoever stands on the side that rectifies: a person with a
// hand in the work, a liaison or head of the unit, and — unless the unit
// dispatched the inspection itself — anybody who belongs to it.
func (i Item) MayJudge(who actor.Actor, hands []id.ID) error {
	if who.Has(actor.System) {
		return nil
	}
	switch {
	case who.Person == "":
		return refuse("item.refuse.no_person")
	case slices.Contains(hands, who.Person):
		return refuse("item.refuse.own_work")
	case i.By != i.Unit && who.Unit == i.Unit:
		return refuse("item.refuse.own_unit")
	}
	for _, g := range who.Grants {
		if g.Unit == i.Unit && (g.Role == actor.Liaison || g.Role == actor.UnitHead) {
			return refuse("item.refuse.own_side")
		}
	}
	return nil
}

// refuse is a refusal that may be explained, because the person sees the item
// anyway; it is logged like every refusal.
func refuse(key string) error {
	return &fault.Error{Kind: fault.KindForbidden, Key: key, Denied: key}
}

// Limits of the texts, in characters.
const (
	maxShort  = 200
	maxText   = 5000
	maxReason = 2000
)

// Reasons for returning an application (退回原因), to choose from.
func Reasons() []string {
	return []string{"evidence_missing", "evidence_unfit", "measure_unfinished", "cause_untouched", "system_missing", "similar_missing", "persons_missing", "wording", "other"}
}

func oneOf(bad *fault.Fields, name, value string, allowed []string) {
	if strings.TrimSpace(value) == "" {
		bad.Need(name, "")
	} else if !slices.Contains(allowed, value) {
		bad.Add(name, "item.bad.choice", value)
	}
}
