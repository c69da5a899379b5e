package fieldwork

import (
	"slices"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Scope is what every record of field work belongs to.
type Scope struct {
	Visit id.ID `json:"visit,omitempty"`
	Round id.ID `json:"round"`
	Unit  id.ID `json:"unit,omitempty"` // inspected unit
	By    id.ID `json:"by"`             // dispatching unit
	Team  id.ID `json:"team,omitempty"`
}

// Act is one recorded step of procedure.
type Act struct {
	ID id.ID `json:"id"`
	Scope
	Kind     string     `json:"kind"`
	Body     string     `json:"body"`     // the other side: body asked, persons present, who handed over to whom
	Document string     `json:"document"` // number of the document
	Text     string     `json:"text"`
	On       clock.Date `json:"on"`
	Due      clock.Date `json:"due"`   // answer expected by
	Until    clock.Date `json:"until"` // cut-off of petitions
	Answer   string     `json:"answer"`
	Answered clock.Date `json:"answered"`
	Person   id.ID      `json:"person,omitempty"` // whom an authorisation names
	State    string     `json:"state"`
	Author   id.ID      `json:"author"`
	Rev      int64      `json:"rev"`
}

// States of an act.
const (
	ActAsked    = "asked"
	ActRecorded = "recorded"
	ActVoid     = "void"
)

var (
	byOffice     = []flow.By{{Role: actor.Office, Scope: flow.ByUs}}
	officeOrTeam = []flow.By{{Role: actor.Office, Scope: flow.ByUs}, {Role: actor.TeamLeader, Scope: flow.OfTeam}}
	byTeam       = []flow.By{{Role: actor.TeamLeader, Scope: flow.OfTeam}, {Role: actor.Inspector, Scope: flow.OfTeam}, {Role: actor.Lookback, Scope: flow.OfTeam}}
	byTeamLeader = []flow.By{{Role: actor.TeamLeader, Scope: flow.OfTeam}}
	byUnit       = []flow.By{{Role: actor.UnitHead, Scope: flow.OfUnit}, {Role: actor.Liaison, Scope: flow.OfUnit}}
	byUnitHead   = []flow.By{{Role: actor.UnitHead, Scope: flow.OfUnit}}
)

// ActFlow is the life of a record of procedure: enquiries wait for an answer, the
// others are recorded at once; a wrong one is struck with a reason, never changed.
var ActFlow = flow.Table{Name: "act", Start: ActAsked, Steps: []flow.Step{
	{From: ActAsked, Do: "answer", To: ActRecorded, Who: officeOrTeam},
	{From: ActAsked, Do: "void", To: ActVoid, Who: byOffice, Guard: "reason"},
	{From: ActRecorded, Do: "void", To: ActVoid, Who: byOffice, Guard: "reason"},
}}

// ActKind is a kind of act, with the rule that asks for it.
type ActKind struct {
	Key      string
	Rule     string
	When     string   // state of the visit from which it is missed
	Needs    []string // fields that must be filled in
	Required bool
	Dual     bool   // required only where there are two principals
	Only     string // kind of round that alone has it
}

// Kinds of acts in the order of an inspection.
const (
	KindAuthorise     = "authorise"
	KindEnquiry       = "enquiry"
	KindMobilise      = "mobilise"
	KindEntryMeeting  = "entry_meeting"
	KindNotice        = "notice"
	KindTransfer      = "transfer"
	KindLeadingGroup  = "leading_group"
	KindDecision      = "decision"
	KindBriefEntry    = "brief_entry"
	KindBriefFeedback = "brief_feedback"
	KindFeedLeader    = "feedback_leader"
	KindFeedTeam      = "feedback_team"
	KindHandover      = "handover"
	KindEvaluation    = "evaluation"
	KindAuditNotice   = "audit_notice"
	KindWaive         = "waive"
)

// ActKinds lists what the rules want recorded of a visit.
func ActKinds() []ActKind {
	return []ActKind{
		{Key: KindEnquiry, Rule: "I-2", When: inspection.VisitOnSite, Needs: []string{"body", "on"}, Required: true},
		{Key: KindMobilise, Rule: "I-20", When: inspection.VisitOnSite, Needs: []string{"on"}, Required: true},
		{Key: KindBriefEntry, Rule: "I-21", When: inspection.VisitOnSite, Needs: []string{"body", "on"}, Required: true, Dual: true},
		{Key: KindAuditNotice, Rule: "I-22", When: inspection.VisitOnSite, Needs: []string{"on", "text"}, Required: true, Only: inspection.KindAudit},
		{Key: KindEntryMeeting, Rule: "I-3", When: inspection.VisitOnSite, Needs: []string{"body", "on"}, Required: true},
		{Key: KindNotice, Rule: "I-3", When: inspection.VisitOnSite, Needs: []string{"on", "until", "text"}, Required: true},
		{Key: KindTransfer, Rule: "I-3", Needs: []string{"body", "on", "text"}},
		{Key: KindLeadingGroup, Rule: "I-5", When: inspection.VisitFedBack, Needs: []string{"on", "text"}, Required: true},
		{Key: KindDecision, Rule: "I-5", When: inspection.VisitFedBack, Needs: []string{"on", "text"}, Required: true},
		{Key: KindBriefFeedback, Rule: "I-21", When: inspection.VisitFedBack, Needs: []string{"body", "on"}, Required: true, Dual: true},
		{Key: KindFeedLeader, Rule: "I-6", When: inspection.VisitFedBack, Needs: []string{"body", "on"}, Required: true},
		{Key: KindFeedTeam, Rule: "I-6", When: inspection.VisitFedBack, Needs: []string{"body", "on"}, Required: true},
		{Key: KindHandover, Rule: "I-17", Needs: []string{"body", "on", "text"}},
		{Key: KindEvaluation, Rule: "I-19", Needs: []string{"on", "text"}},
	}
}

// kindsFor are the records that a kind of round can have.
func kindsFor(kind string) []ActKind {
	return slices.DeleteFunc(ActKinds(), func(k ActKind) bool { return k.Only != "" && k.Only != kind })
}

// Bodies are those asked before entry (domain I-2).
func Bodies() []string {
	return []string{"discipline", "political_legal", "organisation", "audit", "petition"}
}

// Missing is a record that the rules want and that is not there.
type Missing struct {
	Kind string `json:"kind"`
	Rule string `json:"rule"`
	Body string `json:"body,omitempty"`
}

// order ranks the states of a visit.
var order = []string{inspection.VisitPlanned, inspection.VisitOnSite, inspection.VisitLeft, inspection.VisitFedBack}

// Lacking tells which required records of a visit of a kind are missing in its state,
// without those that the book says the kind does not want. dual
// says that a local Party committee is the second principal (domain I-21). A
// waiver names the kind it waives in Body and the reason in Text.
func Lacking(kind string, v inspection.Visit, acts []Act, dual bool) []Missing {
	has := func(kind, body string) bool {
		return slices.ContainsFunc(acts, func(a Act) bool {
			return a.State != ActVoid && (a.Kind == kind && (body == "" || a.Body == body) || a.Kind == KindWaive && a.Body == kind)
		})
	}
	var out []Missing
	own := TheBook().KindRule(kind)
	for _, k := range kindsFor(kind) {
		if !k.Required || own.exempts(k.Key) || k.Dual && !dual || slices.Index(order, v.State) < slices.Index(order, k.When) {
			continue
		}
		if k.Key == KindEnquiry {
			for _, b := range Bodies() {
				if !has(k.Key, b) {
					out = append(out, Missing{k.Key, k.Rule, b})
				}
			}
			continue
		}
		if !has(k.Key, "") {
			out = append(out, Missing{Kind: k.Key, Rule: k.Rule})
		}
	}
	return out
}

// Immediate is an item that the unit has to put right while the team is still
// there (立行立改, domain I-14).
type Immediate struct {
	ID id.ID `json:"id"`
	Scope
	No     string     `json:"no"`
	Text   string     `json:"text"`
	Issued clock.Date `json:"issued"`
	Due    clock.Date `json:"due"`
	Signed clock.Date `json:"signed"`
	Signer id.ID      `json:"signer,omitempty"`
	Reply  string     `json:"reply"`
	Reason string     `json:"reason"`
	Closed clock.Date `json:"closed"`
	State  string     `json:"state"`
	Author id.ID      `json:"author"`
	Rev    int64      `json:"rev"`
}

// States of an immediate item.
const (
	ImmediateIssued   = "issued"
	ImmediateSigned   = "signed"
	ImmediateReported = "reported"
	ImmediateClosed   = "closed"
)

// ImmediateFlow: signed for by the principal leader, closed before the team leaves.
var ImmediateFlow = flow.Table{Name: "immediate", Start: ImmediateIssued, Steps: []flow.Step{
	{From: ImmediateIssued, Do: "sign", To: ImmediateSigned, Who: byUnitHead},
	{From: ImmediateSigned, Do: "report", To: ImmediateReported, Who: byUnit, Guard: "reply"},
	{From: ImmediateReported, Do: "close", To: ImmediateClosed, Who: byTeamLeader},
	{From: ImmediateReported, Do: "return", To: ImmediateSigned, Who: byTeamLeader, Guard: "reason"},
}}

// Request asks the inspected unit for documents (调阅).
type Request struct {
	ID id.ID `json:"id"`
	Scope
	No      string     `json:"no"`
	Title   string     `json:"title"`
	Text    string     `json:"text"`
	Sent    clock.Date `json:"sent"`
	Due     clock.Date `json:"due"`
	Reply   string     `json:"reply"`
	Replied clock.Date `json:"replied"`
	Reason  string     `json:"reason"`
	State   string     `json:"state"`
	Author  id.ID      `json:"author"`
	Rev     int64      `json:"rev"`
}

// States of a request.
const (
	RequestSent      = "sent"
	RequestReplied   = "replied"
	RequestAccepted  = "accepted"
	RequestReturned  = "returned"
	RequestWithdrawn = "withdrawn"
)

// RequestFlow is the life of a request for documents.
var RequestFlow = flow.Table{Name: "request", Start: RequestSent, Steps: []flow.Step{
	{From: RequestSent, Do: "reply", To: RequestReplied, Who: byUnit, Guard: "reply"},
	{From: RequestReturned, Do: "reply", To: RequestReplied, Who: byUnit, Guard: "reply"},
	{From: RequestReplied, Do: "accept", To: RequestAccepted, Who: byTeam},
	{From: RequestReplied, Do: "return", To: RequestReturned, Who: byTeam, Guard: "reason"},
	{From: RequestSent, Do: "withdraw", To: RequestWithdrawn, Who: byTeam, Guard: "reason"},
	{From: RequestReturned, Do: "withdraw", To: RequestWithdrawn, Who: byTeam, Guard: "reason"},
}}

// Open tells whether the unit still owes an answer.
func (r Request) Open() bool { return r.State == RequestSent || r.State == RequestReturned }
