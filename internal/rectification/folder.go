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

// Folder is the rectification of one unit after one round as a whole (整改专卷):
// what the unit's leadership owes beside the single items — a meeting, two
// reports, a pledge, a publication — and what the office does about it.
type Folder struct {
	ID       id.ID      `json:"id"`
	Round    id.ID      `json:"round"`
	Unit     id.ID      `json:"unit"`
	By       id.ID      `json:"by"`
	Rule     string     `json:"rule"` // deadline rule in force when it was opened
	FedBack  clock.Date `json:"fed_back"`
	PlanDue  clock.Date `json:"plan_due"`
	Report   clock.Date `json:"report_due"`
	FocusEnd clock.Date `json:"focus_end"` // of the concentrated period (集中整改期)
	Evaluate clock.Date `json:"evaluate_due"`
	Grade    string     `json:"grade"` // of the last post-evaluation
	Rev      int64      `json:"rev"`
}

// newFolder sets the dates of a folder by the rule (domain I-9, I-10, I-19).
func newFolder(i Item, r DeadlineRule, period clock.Date) Folder {
	f := Folder{ID: id.New(), Round: i.Round, Unit: i.Unit, By: i.By, Rule: r.ID, FedBack: i.FedBack, PlanDue: i.FedBack.AddMonths(r.PlanMonths),
		Report: i.FedBack.AddMonths(r.ReportMonths), FocusEnd: period}
	if period.Valid() {
		f.Evaluate = period.AddMonths(r.EvaluateMonths)
	}
	return f
}

// Act is one dated record of a folder; nothing is overwritten.
type Act struct {
	ID     id.ID      `json:"id"`
	Folder id.ID      `json:"folder"`
	Item   id.ID      `json:"item"`
	Kind   string     `json:"kind"`
	On     clock.Date `json:"on"`
	Who    string     `json:"who"` // member who claims, leader who hands over, person interviewed
	To     string     `json:"to"`  // leader who takes over
	Text   string     `json:"text"`
	Grade  string     `json:"grade"`
	By     id.ID      `json:"by"`
	At     string     `json:"at"`
}

// Kinds of acts, with the rule that each carries out.
const (
	ActMeeting   = "meeting"      // 专题民主生活会 (I-12)
	ActMember    = "member_claim" // a member of the leadership claims a problem (I-12)
	ActHandOver  = "hand_over"    // 整改责任交接 (I-17)
	ActInterview = "interview"    // 约谈 (I-18)
	ActEvaluate  = "evaluate"     // 整改后评估 (I-19)
)

// ActKinds lists them in the order of the work.
func ActKinds() []string {
	return []string{ActMeeting, ActMember, ActHandOver, ActInterview, ActEvaluate}
}

// Grades of the post-evaluation (后评估等次; four steps as published, practice of
// Gaomi, domain I-19).
func Grades() []string { return []string{"good", "fair", "passable", "poor"} }

// ActCmd is asked of Record. Which fields an act needs, check says.
type ActCmd struct {
	On    clock.Date `json:"on"`
	Who   string     `json:"who"`
	To    string     `json:"to"`
	Text  string     `json:"text"`
	Grade string     `json:"grade"`
	Items []id.ID    `json:"items"`
}

func (c ActCmd) check(kind string, today clock.Date) error {
	var bad fault.Fields
	need := map[string][]string{ActMeeting: {"on", "who", "text"}, ActMember: {"who", "items"}, ActHandOver: {"on", "who", "to", "text"},
		ActInterview: {"on", "who", "text"}, ActEvaluate: {"grade", "text"}}[kind]
	for _, n := range need {
		switch n {
		case "on":
			if c.On == "" {
				bad.Need("on", "")
			}
		case "who":
			bad.Need("who", c.Who)
		case "to":
			bad.Need("to", c.To)
		case "text":
			bad.Need("text", c.Text)
		case "grade":
			oneOf(&bad, "grade", c.Grade, Grades())
		case "items":
			if len(c.Items) == 0 {
				bad.Add("items", "item.bad.none_chosen")
			}
		}
	}
	if c.On.After(today) {
		bad.Add("on", "item.bad.future")
	}
	if kind == ActHandOver && c.Who != "" && strings.TrimSpace(c.Who) == strings.TrimSpace(c.To) {
		bad.Add("to", "rectify_folder.bad.same_leader")
	}
	bad.Max("who", c.Who, maxShort)
	bad.Max("to", c.To, maxShort)
	bad.Max("text", c.Text, maxText)
	return bad.Err()
}

// Document is one of the documents that a unit owes (domain I-9, I-15, I-16).
type Document struct {
	ID        id.ID      `json:"id"`
	Folder    id.ID      `json:"folder"`
	Unit      id.ID      `json:"unit"`
	By        id.ID      `json:"by"`
	Kind      string     `json:"kind"`
	Title     string     `json:"title"`
	Body      string     `json:"body"`
	State     string     `json:"state"`
	Returns   int        `json:"returns"`
	Author    id.ID      `json:"author"`
	Signer    id.ID      `json:"signer"`
	SignedAt  string     `json:"signed_at"`
	Pledge    string     `json:"pledge"` // as written by the signer
	Digest    string     `json:"digest"` // of title and text as signed: what is published must have it
	Judge     id.ID      `json:"judge"`
	JudgedAt  string     `json:"judged_at"`
	Opinion   string     `json:"opinion"`
	Ground    string     `json:"ground"` // for not publishing
	Reason    string     `json:"ground_reason"`
	Contact   string     `json:"contact"` // published with the text
	Published clock.Date `json:"published_on"`
	Changed   string     `json:"changed"`
	Rev       int64      `json:"rev"`
}

// Kinds of papers.
const (
	PaperReport = "report"      // 整改情况报告
	PaperLeader = "lead_report" // 主要负责人组织落实整改情况报告
	PaperInner  = "inner"       // 党内通报稿
	PaperPublic = "public"      // 向社会公开稿
)

// PaperKinds lists them in the order of the work.
func PaperKinds() []string { return []string{PaperReport, PaperLeader, PaperInner, PaperPublic} }

func published(kind string) bool { return kind == PaperInner || kind == PaperPublic }

// States of a paper.
const (
	PaperDraft    = "draft"
	PaperSigned   = "signed"
	PaperAccepted = "accepted"
	PaperOut      = "published"
	PaperAsked    = "withhold_asked"
	PaperWithheld = "withheld"
)

var byHead = []flow.By{{Role: actor.UnitHead, Scope: flow.OfUnit}}

// PaperFlow is the life of a paper. Guards: pledge = the principal leader writes
// a pledge of truthfulness by hand (I-15); other_side = not the unit's own
// people; public = the kind is one that is published, with a contact (I-16);
// ground = one of the five grounds and a written reason (I-16).
var PaperFlow = flow.Table{Name: "rectify_paper", Start: PaperDraft, Steps: []flow.Step{
	{From: PaperDraft, Do: "edit", To: PaperDraft, Who: byUnit},
	{From: PaperDraft, Do: "sign", To: PaperSigned, Who: byHead, Guard: "pledge"},
	{From: PaperDraft, Do: "ask_withhold", To: PaperAsked, Who: byHead, Guard: "ground"},
	{From: PaperSigned, Do: "accept", To: PaperAccepted, Who: byReviewer, Guard: "other_side"},
	{From: PaperSigned, Do: "return", To: PaperDraft, Who: byReviewer, Guard: "reason"},
	{From: PaperAccepted, Do: "publish", To: PaperOut, Who: byUnit, Guard: "public"},
	{From: PaperAccepted, Do: "ask_withhold", To: PaperAsked, Who: byHead, Guard: "ground"},
	{From: PaperAsked, Do: "withhold", To: PaperWithheld, Who: byOffice, Guard: "other_side"},
	{From: PaperAsked, Do: "refuse", To: PaperDraft, Who: byOffice, Guard: "reason"},
}}

// Grounds are the five for not publishing (domain I-16): secrets, a clue or case
// not yet public, negative hype, risk of mass petition, otherwise major and sensitive.
func Grounds() []string { return []string{"secret", "clue", "hype", "petition", "sensitive"} }

// PledgeLength is the least that counts as a pledge written by hand.
const PledgeLength = 8

// PaperCmd carries what a step of a paper needs.
type PaperCmd struct {
	Title   string `json:"title"`
	Body    string `json:"body"`
	Pledge  string `json:"pledge"`
	Opinion string `json:"opinion"`
	Ground  string `json:"ground"`
	Reason  string `json:"reason"`
	Contact string `json:"contact"`
	Rev     int64  `json:"rev"`
}

const maxPaper = 60000

func (c PaperCmd) check(p Document, do string) error {
	var bad fault.Fields
	switch do {
	case "edit":
		bad.Need("title", c.Title)
		bad.Need("body", c.Body)
	case "sign":
		bad.Need("pledge", c.Pledge)
		if n := len([]rune(strings.TrimSpace(c.Pledge))); n > 0 && n < PledgeLength {
			bad.Add("pledge", "rectify_paper.bad.pledge", PledgeLength)
		}
		if strings.TrimSpace(p.Body) == "" {
			bad.Add("body", "rectify_paper.bad.empty")
		}
	case "return", "refuse":
		bad.Need("opinion", c.Opinion)
	case "publish", "ask_withhold":
		if !published(p.Kind) {
			return fault.State("rectify_paper.bad.not_public")
		}
		if do == "publish" {
			bad.Need("contact", c.Contact)
		} else {
			oneOf(&bad, "ground", c.Ground, Grounds())
			bad.Need("reason", c.Reason)
		}
	}
	bad.Max("title", c.Title, maxShort)
	bad.Max("body", c.Body, maxPaper)
	bad.Max("pledge", c.Pledge, maxReason)
	bad.Max("opinion", c.Opinion, maxReason)
	bad.Max("reason", c.Reason, maxReason)
	bad.Max("contact", c.Contact, maxShort)
	return bad.Err()
}

// Order is a supervision order (督办单): what the office demands after
// insufficient rectification, with a new date (domain I-18).
type Order struct {
	ID       id.ID      `json:"id"`
	Folder   id.ID      `json:"folder"`
	Item     id.ID      `json:"item"`
	Unit     id.ID      `json:"unit"`
	By       id.ID      `json:"by"`
	Demand   string     `json:"demand"`
	Due      clock.Date `json:"due"`
	State    string     `json:"state"`
	Answer   string     `json:"answer"`
	Opinion  string     `json:"opinion"`
	Person   id.ID      `json:"person"`
	At       string     `json:"at"`
	Answerer id.ID      `json:"answerer"`
	AnswerAt string     `json:"answered_at"`
	Judge    id.ID      `json:"judge"`
	JudgeAt  string     `json:"judged_at"`
	Rev      int64      `json:"rev"`
}

// States of a supervision order.
const (
	OrderIssued   = "issued"
	OrderAnswered = "answered"
	OrderSettled  = "settled"
)

// OrderFlow is the life of a supervision order. Guards: reason = in writing.
var OrderFlow = flow.Table{Name: "rectify_order", Start: OrderIssued, Steps: []flow.Step{
	{From: OrderIssued, Do: "answer", To: OrderAnswered, Who: byUnit, Guard: "reason"},
	{From: OrderAnswered, Do: "settle", To: OrderSettled, Who: byReviewer},
	{From: OrderAnswered, Do: "return", To: OrderIssued, Who: byReviewer, Guard: "reason"},
}}

// OrderCmd issues an order, or takes a step of it (Text).
type OrderCmd struct {
	Item   id.ID      `json:"item"`
	Demand string     `json:"demand"`
	Due    clock.Date `json:"due"`
	Text   string     `json:"text"`
	Rev    int64      `json:"rev"`
}

func (c OrderCmd) check(today clock.Date) error {
	var bad fault.Fields
	bad.Need("demand", c.Demand)
	bad.Max("demand", c.Demand, maxText)
	if c.Due == "" {
		bad.Need("due", "")
	} else if !c.Due.After(today) {
		bad.Add("due", "item.bad.past")
	}
	return bad.Err()
}

// folderRules say who reads and works on folders, papers and orders.
func folderRules() []access.Rule {
	rules := append(access.FromFlow(PaperFlow), access.FromFlow(OrderFlow)...)
	for _, r := range []actor.Role{actor.Liaison, actor.UnitHead} {
		rules = append(rules, access.Permit(r, flow.OfUnit, "rectify_folder.read", "rectify_folder.meeting", "rectify_folder.member_claim"))
	}
	rules = append(rules, access.Permit(actor.UnitHead, flow.OfUnit, "rectify_folder.hand_over"),
		access.Permit(actor.UnitHead, flow.OfUnit, "rectify_report.read", "rectify_report.make"), access.Permit(actor.Liaison, flow.OfUnit, "rectify_report.read", "rectify_report.make"),
		access.Permit(actor.Office, flow.ByUs, "rectify_report.read", "rectify_report.make"), access.Permit(actor.Leader, flow.ByUs, "rectify_report.read"), access.Permit(actor.Leader, flow.Below, "rectify_report.read"))
	for _, r := range []actor.Role{actor.Reviewer, actor.Office} {
		rules = append(rules, access.Permit(r, flow.ByUs, "rectify_folder.read", "rectify_folder.interview", "rectify_folder.order", "rectify_folder.evaluate"))
	}
	return append(rules, access.Permit(actor.Office, flow.ByUs, "rectify_round.set"),
		access.Permit(actor.Leader, flow.ByUs, "rectify_folder.read"), access.Permit(actor.Leader, flow.Below, "rectify_folder.read"))
}

func folderObject(kind, state string, n, unit, by id.ID, dir Places) access.Object {
	return access.Object{Kind: kind, ID: n, State: state, Units: []access.Place{dir.Place(unit)}, By: dir.Place(by)}
}

// mayOversee keeps the unit's own people from judging the unit's papers.
func mayOversee(who actor.Actor, unit, by id.ID) error {
	if who.Has(actor.System) {
		return nil
	}
	own := by != unit && who.Unit == unit || slices.ContainsFunc(who.Grants, func(g actor.Grant) bool {
		return g.Unit == unit && (g.Role == actor.Liaison || g.Role == actor.UnitHead)
	})
	if own {
		return refuse("item.refuse.own_unit")
	}
	return nil
}
