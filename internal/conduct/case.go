package conduct

import (
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Case is the inquiry into one person's conduct.
type Case struct {
	ID            id.ID      `json:"id"`
	No            string     `json:"no"`
	Year          int        `json:"year"`
	Seq           int        `json:"seq"`
	Unit          id.ID      `json:"unit"`   // whose office handles it
	Manage        id.ID      `json:"manage"` // managing unit: its leader decides
	Target        id.ID      `json:"target,omitempty"`
	Person        id.ID      `json:"person"`
	Home          id.ID      `json:"home"`
	Department    id.ID      `json:"department,omitempty"`
	Level         int        `json:"level"`
	Leadership    bool       `json:"leadership"`
	Rank          string     `json:"rank"`
	Retired       bool       `json:"retired"`
	Conduct       string     `json:"conduct"`
	Gravity       string     `json:"gravity"`
	ActFrom       clock.Date `json:"act_from"`
	ActTo         clock.Date `json:"act_to"`
	State         string     `json:"state"`
	Handler       id.ID      `json:"handler"`
	Second        id.ID      `json:"second"`
	Decider       id.ID      `json:"decider,omitempty"`
	Opinion       string     `json:"opinion,omitempty"`
	Circumstances []string   `json:"circumstances"`
	Kinds         []string   `json:"kinds"` // proposed
	Months        int        `json:"months,omitempty"`
	Crime         string     `json:"crime,omitempty"`
	Form          int        `json:"form,omitempty"`
	SuspendedOn   clock.Date `json:"suspended_on,omitempty"`
	FiledOn       clock.Date `json:"filed_on,omitempty"`
	DecidedOn     clock.Date `json:"decided_on,omitempty"`
	StageOn       clock.Date `json:"stage_on"`
	Due           clock.Date `json:"due,omitempty"`
	PausedOn      clock.Date `json:"paused_on,omitempty"`
	At            string     `json:"at"`
	Changed       string     `json:"changed"`
	Rev           int64      `json:"rev"`
	File          File       `json:"file"`
	Concerns      []id.ID    `json:"-"`

	sealed []byte
}

// File is the sealed part of a case.
type File struct {
	Facts     string `json:"facts"`     // what it is about
	Report    string `json:"report"`    // what the investigation found
	Statement string `json:"statement"` // what the person said
	Proposal  string `json:"proposal"`  // reasons of the proposed measure
	Decision  string `json:"decision"`  // reasons of the decision

	Acts   []Act    `json:"acts,omitempty"`   // further acts that are decided with it
	Own    []string `json:"own,omitempty"`    // what the first act alone would get
	Period int      `json:"period,omitempty"` // months of several equal administrative sanctions
}

// States of a case.
const (
	Checking      = "checking"      // 初步核实
	InTransit     = "in_transit"    // 移送中
	Investigating = "investigating" // 立案调查
	Reported      = "reported"      // 调查报告
	Hearing       = "hearing"       // 告知、听取陈述申辩
	Heard         = "heard"         // 已听取意见
	Committee     = "committee"     // 提请惩戒委员会
	Opined        = "opined"        // 已出审查意见
	Reexamining   = "reexamining"   // 异议审查
	Reexamined    = "reexamined"
	Submitted     = "submitted" // 待决定
	Decided       = "decided"   // 待送达
	InEffect      = "in_effect" // 执行中
	Reviewing     = "reviewing" // 复核中
	Lifted        = "lifted"    // 已解除
	Ended         = "ended"     // 予以了结
	Archived      = "archived"
	Visited       = "visited" // 已回访
)

var (
	byHandler  = []flow.By{{Role: actor.InternalSupervision, Scope: flow.Own}}
	byReceiver = []flow.By{{Role: actor.InternalSupervision, Scope: flow.OfUnit}}
	byDecider  = []flow.By{{Role: actor.Leader, Scope: flow.Own}}
)

// CaseFlow is the way of a case. Guards: two = two handlers free of the matter;
// article = conduct of Procurators Law art. 47 items 4 and 5; four = one of the
// four values; members = odd, prosecutors at least half; no_committee = no
// opinion is needed or it is there; period = not before the act, by the law in
// force; over = the period has ended; receipt = the receiving office confirms.
var CaseFlow = flow.Table{Name: "conduct", Start: Checking, Steps: []flow.Step{
	{From: Checking, Do: "file", To: Investigating, Who: byOffice, Guard: "two"},
	{From: Checking, Do: "end", To: Ended, Who: byOffice, Guard: "reason"},
	{From: Checking, Do: "transfer", To: InTransit, Who: byOffice, Guard: "reason"},
	{From: Investigating, Do: "transfer", To: InTransit, Who: byOffice, Guard: "reason"},
	{From: InTransit, Do: "receive", To: Checking, Who: byReceiver, Guard: "receipt"},
	{From: InTransit, Do: "reject", To: Checking, Who: byReceiver, Guard: "receipt"},
	{From: Investigating, Do: "suspend", To: Investigating, Who: byOffice, Guard: "reason"},
	{From: Investigating, Do: "restore", To: Investigating, Who: byOffice, Guard: "reason"},
	{From: Investigating, Do: "report", To: Reported, Who: byHandler, Guard: "two"},
	{From: Reported, Do: "notify", To: Hearing, Who: byHandler, Guard: "proposal"},
	{From: Reported, Do: "reinvestigate", To: Investigating, Who: byOffice, Guard: "reason"},
	{From: Hearing, Do: "hear", To: Heard, Who: byHandler, Guard: "statement"},
	{From: Heard, Do: "reinvestigate", To: Investigating, Who: byOffice, Guard: "reason"},
	{From: Heard, Do: "refer", To: Committee, Who: byOffice, Guard: "article"},
	{From: Committee, Do: "opine", To: Opined, Who: byOffice, Guard: "four, members"},
	{From: Opined, Do: "object", To: Reexamining, Who: byOffice, Guard: "reason"},
	{From: Reexamining, Do: "opine", To: Reexamined, Who: byOffice, Guard: "four, members"},
	{From: Heard, Do: "submit", To: Submitted, Who: byOffice, Guard: "no_committee"},
	{From: Opined, Do: "submit", To: Submitted, Who: byOffice, Guard: "no_committee"},
	{From: Reexamined, Do: "submit", To: Submitted, Who: byOffice, Guard: "no_committee"},
	{From: Submitted, Do: "return", To: Investigating, Who: byDecider, Guard: "reason"},
	{From: Submitted, Do: "decide", To: Decided, Who: byDecider, Guard: "period"},
	{From: Decided, Do: "serve", To: InEffect, Who: byHandler, Guard: ""},
	{From: InEffect, Do: "review", To: Reviewing, Who: byOffice, Guard: "reason"},
	{From: Reviewing, Do: "uphold", To: InEffect, Who: byDecider, Guard: "reason"},
	{From: Reviewing, Do: "change", To: InEffect, Who: byDecider, Guard: "period"},
	{From: InEffect, Do: "lift", To: Lifted, Who: byOffice, Guard: "over"},
	{From: Lifted, Do: "archive", To: Archived, Who: byOffice, Guard: "reason"},
	{From: Ended, Do: "archive", To: Archived, Who: byOffice, Guard: "reason"},
	{From: Archived, Do: "visit", To: Visited, Who: byOffice, Guard: "reason"},
}}

// running are the states in which handlers may be changed and clocks stopped.
var running = []string{Checking, Investigating, Reported, Hearing, Heard, Committee, Opined, Reexamining, Reexamined, Submitted, Decided, InEffect, Reviewing}

// Under are the states of an inquiry that was filed and not decided: the person
// is neither moved, promoted, rewarded nor retired (政务处分法 52).
var Under = []string{Investigating, Reported, Hearing, Heard, Committee, Opined, Reexamining, Reexamined, Submitted}

// Opinions are the four values of the committee's opinion and no other (J-3,
// Procurators Law art. 49).
func Opinions() []string {
	return []string{"intentional", "gross_negligence", "ordinary_negligence", "no_breach"}
}

// Grounds on which a clock stops.
func Grounds() []string { return []string{"illness", "abroad", "criminal", "appraisal", "other"} }

// CaseCmd is what a step of a case is asked with; each step reads its own part.
type CaseCmd struct {
	Text          string     `json:"text"`
	On            clock.Date `json:"on"`
	Rev           int64      `json:"rev"`
	Handler       id.ID      `json:"handler"`
	Second        id.ID      `json:"second"`
	Decider       id.ID      `json:"decider"`
	Unit          string     `json:"unit"`
	Opinion       string     `json:"opinion"`
	Members       int        `json:"members"`
	Prosecutors   int        `json:"prosecutors"`
	Conduct       string     `json:"conduct"`
	Gravity       string     `json:"gravity"`
	ActFrom       clock.Date `json:"act_from"`
	ActTo         clock.Date `json:"act_to"`
	Circumstances []string   `json:"circumstances"`
	Kinds         []string   `json:"kinds"`
	Months        int        `json:"months"`
	Crime         string     `json:"crime"`
	Ground        string     `json:"ground"`
	Days          int        `json:"days"`
	Reason        string     `json:"reason"` // of leaving the range of the law
	Own           []string   `json:"own"`    // what the first of several acts alone would get
	Act           int        `json:"act"`    // number of an act
	Period        int        `json:"period"` // months of several equal administrative sanctions
	Recuse        id.ID      `json:"recuse"` // handler who is replaced because he was recused
}

// CheckOpinion judges a committee's opinion (J-3, J-4).
func CheckOpinion(bad *fault.Fields, x Conduct, level int, c CaseCmd) {
	if !x.Committee {
		bad.Add("opinion", "conduct.bad.no_committee")
	}
	if !slices.Contains(Opinions(), c.Opinion) {
		bad.Add("opinion", "conduct.bad.opinion", c.Opinion)
	}
	if c.Members < 3 || c.Members%2 == 0 {
		bad.Add("members", "conduct.bad.members")
	}
	if 2*c.Prosecutors < c.Members || c.Prosecutors > c.Members {
		bad.Add("prosecutors", "conduct.bad.prosecutors")
	}
	if level > 2 {
		bad.Add("unit", "conduct.bad.committee_level")
	}
}

// NeedsCommittee tells whether a proposed liability for this conduct goes
// through the committee first.
func NeedsCommittee(x Conduct) bool { return x.Committee }

// OpinionAllows tells whether an opinion leaves room for a sanction (J-1):
// ordinary negligence and no breach do not.
func OpinionAllows(opinion string) bool {
	return opinion == "" || opinion == "intentional" || opinion == "gross_negligence"
}

// Entry is one dated act on a lead or a case.
type Entry struct {
	ID     id.ID             `json:"id"`
	Object id.ID             `json:"object"`
	At     string            `json:"at"`
	Person id.ID             `json:"person"`
	Do     string            `json:"do"`
	Old    string            `json:"old"`
	New    string            `json:"new"`
	Text   string            `json:"text"`
	Values map[string]string `json:"values,omitempty"` // field → "old → new"

	sealed []byte
}

// Tick is the clock of one stage.
type Tick struct {
	ID       id.ID      `json:"id"`
	Case     id.ID      `json:"case"`
	Stage    string     `json:"stage"`
	From     clock.Date `json:"from"`
	Value    int        `json:"value"`
	Unit     string     `json:"unit"`
	Due      clock.Date `json:"due"`
	Extended int        `json:"extended"`
	Paused   int        `json:"paused"`
	Ended    clock.Date `json:"ended,omitempty"`
}

// DueOn gives the last day of a stage.
func DueOn(cal *clock.Calendar, from clock.Date, value int, unit string) clock.Date {
	switch unit {
	case "workdays":
		due, _ := cal.AddWorkdays(from, value)
		return due
	case "months":
		return from.AddMonths(value)
	}
	return from.AddDays(value)
}

// Pause is a time in which a clock stood still.
type Pause struct {
	ID     id.ID      `json:"id"`
	Case   id.ID      `json:"case"`
	Clock  id.ID      `json:"clock"`
	Ground string     `json:"ground"`
	From   clock.Date `json:"from"`
	To     clock.Date `json:"to,omitempty"`
}

// Sanction is a measure in force against a person.
type Sanction struct {
	ID         id.ID      `json:"id"`
	Case       id.ID      `json:"-"`
	Person     id.ID      `json:"person"`
	Unit       id.ID      `json:"unit"`
	Manage     id.ID      `json:"manage"`
	Kind       string     `json:"kind"`
	Layer      string     `json:"layer"`
	ActEnd     clock.Date `json:"-"`
	DecidedOn  clock.Date `json:"decided_on"`
	Effect     Effect     `json:"effect"`
	State      string     `json:"state"`
	LiftedOn   clock.Date `json:"lifted_on,omitempty"`
	EnforcedOn clock.Date `json:"enforced_on,omitempty"` // personnel carried it out (政务处分法 54)
	Names      id.ID      `json:"-"`                     // the one that it replaces
	Rev        int64      `json:"rev"`
	Concerns   []id.ID    `json:"-"`
}

// States of a sanction.
const (
	SanctionRuns    = "in_effect"
	SanctionLifted  = "lifted"
	SanctionRevoked = "revoked"
)

var byPersonnel = []flow.By{{Role: actor.Personnel, Scope: flow.Below}}

// SanctionFlow is the life of a sanction: personnel carries it out, the office
// lifts it when its period is over, a review may revoke it.
var SanctionFlow = flow.Table{Name: "sanction", Start: SanctionRuns, Steps: []flow.Step{
	{From: SanctionRuns, Do: "enforce", To: SanctionRuns, Who: byPersonnel, Guard: "once"},
	{From: SanctionRuns, Do: "lift", To: SanctionLifted, Who: byOffice, Guard: "over"},
	{From: SanctionRuns, Do: "revoke", To: SanctionRevoked, Who: byDecider, Guard: "review"},
}}

// Served is a paper that the law serves on the person: the only thing of a case
// that he sees.
type Served struct {
	ID         id.ID      `json:"id"`
	Case       id.ID      `json:"-"`
	Person     id.ID      `json:"person"`
	Unit       id.ID      `json:"unit"`
	Kind       string     `json:"kind"`
	ServedOn   clock.Date `json:"served_on"`
	Due        clock.Date `json:"due,omitempty"`
	State      string     `json:"state"`
	ReceivedOn clock.Date `json:"received_on,omitempty"`
	AnsweredOn clock.Date `json:"answered_on,omitempty"`
	Answer     string     `json:"answer,omitempty"` // statement, objection, review, recusal
	Text       string     `json:"text"`
	Acts       []Act      `json:"acts,omitempty"`   // where the case decides several
	Merged     []Merged   `json:"merged,omitempty"` // what they come to together
	Reply      string     `json:"reply,omitempty"`
	Rev        int64      `json:"rev"`

	sealed, sealedReply []byte
}

// Kinds of served papers.
const (
	PaperFiling   = "filing"   // 立案通知
	PaperSuspend  = "suspend"  // 暂停履职通知
	PaperHearing  = "hearing"  // 事实和拟处理依据告知
	PaperOpinion  = "opinion"  // 惩戒委员会审查意见
	PaperDecision = "decision" // 决定书
	PaperReview   = "review"   // 复核决定
	PaperLift     = "lift"     // 解除
)

var bySubject = []flow.By{{Role: actor.Staff, Scope: flow.Own}}

// ServedFlow: the person confirms receipt and may answer; what his answer does
// to the case follows from the paper (J-5).
var ServedFlow = flow.Table{Name: "served", Start: "served", Steps: []flow.Step{
	{From: "served", Do: "receive", To: "received", Who: bySubject},
	{From: "received", Do: "answer", To: "answered", Who: bySubject, Guard: "answer"},
}}

// Answers that a paper is open to.
func Answers(kind string) []string {
	switch kind {
	case PaperFiling, PaperSuspend:
		return []string{"statement", "recusal"}
	case PaperHearing:
		return []string{"statement", "recusal"}
	case PaperOpinion:
		return []string{"statement", "objection"}
	case PaperDecision:
		return []string{"statement", "review"}
	}
	return nil
}

// refuse is a refusal that may be explained, because the person sees the record
// anyway; it is logged like every refusal.
func refuse(key string, args ...any) error {
	return &fault.Error{Kind: fault.KindForbidden, Key: key, Args: args, Denied: key}
}
