package contact

import (
	"slices"
	"strings"
	"unicode"

	"huikan/hantext"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Kinds of records: an inquiry or interference, and guidance by a superior
// outside of the formal procedure, which is a work record.
const (
	Interference = "interference"
	Guidance     = "guidance"
)

// Matter is the index row of one recorded matter (重大事项). It names nobody.
type Matter struct {
	ID        id.ID      `json:"id"`
	Code      string     `json:"code"` // of the reporter's receipt
	Reporter  string     `json:"-"`    // pseudonym
	Record    string     `json:"record"`
	Unit      id.ID      `json:"unit"`
	Level     int        `json:"level"`
	Office    id.ID      `json:"office"` // unit whose office handles it
	Upper     id.ID      `json:"upper,omitempty"`
	Period    Period     `json:"period"`
	Area      string     `json:"area"`
	Asker     string     `json:"asker"`
	Channel   string     `json:"channel"`
	Claimed   string     `json:"claimed"`            // class by the reporter
	Category  string     `json:"category,omitempty"` // class by the office
	Insider   bool       `json:"insider"`
	Harmless  bool       `json:"harmless"` // lawful follow-up question
	Affected  bool       `json:"affected"` // handling is affected: at once
	CatchUp   bool       `json:"catch_up"` // occurred in an earlier period than recorded
	Hidden    bool       `json:"hidden"`   // reporter hidden from his own superiors
	Second    bool       `json:"second"`   // opening needs a second name
	Leaders   bool       `json:"leaders"`  // recorded by a member of the leadership
	State     string     `json:"state"`
	Outcome   string     `json:"outcome,omitempty"`
	Due       clock.Date `json:"due,omitempty"`
	ReadAt    string     `json:"read_at,omitempty"` // first opening
	Recorded  clock.Date `json:"recorded_on,omitempty"`
	Submitted string     `json:"submitted_at,omitempty"`
	Rev       int64      `json:"rev"`

	Meeting    string     `json:"meeting,omitempty"`
	ReportBy   clock.Date `json:"report_by,omitempty"`  // last day for reporting a contact out of place
	Prohibited string     `json:"prohibited,omitempty"` // kind by the office
	Managed    string     `json:"managed,omitempty"`    // what manages the person it was referred about

	caseKey, nameKey string
	draft            []byte
}

// Content is what was recorded (domain A2, form of the record). It is sealed.
type Content struct {
	Reporter    id.ID      `json:"reporter"`
	Record      string     `json:"record"`
	Area        string     `json:"area"`
	Asker       string     `json:"asker"`
	AskerName   string     `json:"asker_name"`
	AskerUnit   string     `json:"asker_unit"`
	AskerPost   string     `json:"asker_post"`
	AskerPerson id.ID      `json:"asker_person,omitempty"` // when he is known as a member of the staff
	AskerLeader bool       `json:"asker_leader"`           // in the leadership of his unit
	Relation    string     `json:"relation"`               // to a party
	CaseNo      string     `json:"case_no"`
	CaseName    string     `json:"case_name"`
	Stage       string     `json:"stage"`
	On          clock.Date `json:"on"`
	Place       string     `json:"place"`
	Channel     string     `json:"channel"`
	Meeting     string     `json:"meeting,omitempty"`
	Words       string     `json:"words"`
	Answer      string     `json:"answer"`
	Response    []string   `json:"response"`
	Witnesses   string     `json:"witnesses"`
	Claimed     string     `json:"claimed"`
	Affected    bool       `json:"affected"`
	Hidden      bool       `json:"hidden"`
	Harmless    bool       `json:"harmless"`
}

// States of a matter.
const (
	Draft      = "draft"
	Discarded  = "discarded"
	Submitted  = "submitted"
	Withdrawn  = "withdrawn"
	Returned   = "returned"
	Checked    = "checked"
	Classified = "classified"
	Verified   = "verified"
	Noticed    = "noticed"
	Referred   = "referred"
	Circulated = "circulated"
	Answered   = "answered"
	Archived   = "archived"
)

// Kept are the states in which a matter is part of the register.
var Kept = []string{Submitted, Returned, Checked, Classified, Verified, Noticed, Referred, Circulated, Answered, Archived}

var (
	byReporter = []flow.By{{Role: actor.Staff, Scope: flow.Own}}
	byOffice   = []flow.By{{Role: actor.InternalSupervision, Scope: flow.OfUnit}}
)

// Flow is the life of a matter. Guards: whole = every fact that the form asks
// for; unread = nobody has opened it; open = the office opened it today with a
// purpose; improper = of a class that has consequences; reason = in writing.
var Flow = flow.Table{Name: "matter", Start: Draft, Steps: []flow.Step{
	{From: Draft, Do: "save", To: Draft, Who: byReporter},
	{From: Draft, Do: "submit", To: Submitted, Who: byReporter, Guard: "whole"},
	{From: Draft, Do: "discard", To: Discarded, Who: byReporter},
	{From: Submitted, Do: "supplement", To: Submitted, Who: byReporter},
	{From: Submitted, Do: "withdraw", To: Withdrawn, Who: byReporter, Guard: "unread"},
	{From: Submitted, Do: "check", To: Checked, Who: byOffice, Guard: "open"},
	{From: Submitted, Do: "return", To: Returned, Who: byOffice, Guard: "open, reason"},
	{From: Returned, Do: "supplement", To: Submitted, Who: byReporter},
	{From: Checked, Do: "supplement", To: Checked, Who: byReporter},
	{From: Checked, Do: "classify", To: Classified, Who: byOffice, Guard: "open"},
	{From: Classified, Do: "supplement", To: Classified, Who: byReporter},
	{From: Classified, Do: "verify", To: Verified, Who: byOffice, Guard: "open, reason"},
	{From: Classified, Do: "feedback", To: Answered, Who: byOffice, Guard: "reason"},
	{From: Verified, Do: "supplement", To: Verified, Who: byReporter},
	{From: Verified, Do: "notice", To: Noticed, Who: byOffice, Guard: "reason"},
	{From: Verified, Do: "refer", To: Referred, Who: byOffice, Guard: "improper, reason"},
	{From: Verified, Do: "feedback", To: Answered, Who: byOffice, Guard: "reason"},
	{From: Noticed, Do: "refer", To: Referred, Who: byOffice, Guard: "improper, reason"},
	{From: Noticed, Do: "circulate", To: Circulated, Who: byOffice, Guard: "improper, reason"},
	{From: Noticed, Do: "feedback", To: Answered, Who: byOffice, Guard: "reason"},
	{From: Referred, Do: "circulate", To: Circulated, Who: byOffice, Guard: "reason"},
	{From: Referred, Do: "feedback", To: Answered, Who: byOffice, Guard: "reason"},
	{From: Circulated, Do: "feedback", To: Answered, Who: byOffice, Guard: "reason"},
	{From: Answered, Do: "supplement", To: Answered, Who: byReporter},
	{From: Answered, Do: "archive", To: Archived, Who: byOffice},
}}

// Opening is one reading of sealed content; the reporter sees it.
type Opening struct {
	ID       id.ID      `json:"id"`
	Matter   id.ID      `json:"matter"`
	At       string     `json:"at"`
	Day      clock.Date `json:"day"` // an opening lasts until its day ends
	Person   id.ID      `json:"person"`
	Unit     id.ID      `json:"unit"`
	Purpose  string     `json:"purpose"`
	Reason   string     `json:"reason"`
	State    string     `json:"state"`
	Second   id.ID      `json:"second,omitempty"`
	SecondAt string     `json:"second_at,omitempty"`
	Rev      int64      `json:"rev"`
}

// States of an opening.
const (
	Asked   = "asked"
	Open    = "open"
	Refused = "refused"
)

// OpeningFlow: where the rules ask for a second name, somebody else of the two
// offices agrees or refuses.
var OpeningFlow = flow.Table{Name: "opening", Start: Asked, Steps: []flow.Step{
	{From: Asked, Do: "agree", To: Open, Who: byOffice, Guard: "somebody else"},
	{From: Asked, Do: "refuse", To: Refused, Who: byOffice, Guard: "somebody else"},
}}

// Purposes for which content may be opened.
func Purposes() []string {
	return []string{"handling", "crosscheck", "statistics", "case", "protection"}
}

// Responses are what the person asked may have done.
func Responses() []string { return []string{"told", "refused", "procedure", "reported"} }

// Stages of a case, as the case system names them.
func Stages() []string {
	return []string{"intake", "arrest", "prosecution", "trial", "supervision", "penalty", "civil", "administrative", "public_interest", "complaint", "other"}
}

// Outcomes of the handling.
func Outcomes() []string {
	return []string{"harmless", "guided", "criticised", "referred", "unfounded", "protected"}
}

const (
	maxShort = 200
	maxText  = 4000
)

// check judges whether a record is whole enough to be submitted.
func (c Content) check(rules *RuleSet, today clock.Date) error {
	var bad fault.Fields
	choice := func(name, v string, from []string) {
		if !slices.Contains(from, v) {
			bad.Add(name, "contact.bad.pick")
		}
	}
	choice("record", c.Record, []string{Interference, Guidance})
	choice("area", c.Area, Codes(rules.Areas))
	choice("asker", c.Asker, Codes(rules.Askers))
	choice("channel", c.Channel, Codes(rules.Channels))
	var classes []string
	for _, k := range rules.Categories {
		classes = append(classes, k.Code)
	}
	choice("claimed", c.Claimed, classes)
	bad.Need("asker_name", c.AskerName)
	bad.Need("words", c.Words)
	for name, v := range map[string]string{"asker_name": c.AskerName, "asker_unit": c.AskerUnit, "asker_post": c.AskerPost, "relation": c.Relation, "case_no": c.CaseNo, "case_name": c.CaseName, "place": c.Place, "witnesses": c.Witnesses} {
		bad.Max(name, v, maxShort)
	}
	bad.Max("words", c.Words, maxText)
	bad.Max("answer", c.Answer, maxText)
	if c.Stage != "" {
		choice("stage", c.Stage, Stages())
	}
	switch {
	case !c.On.Valid():
		bad.Add("on", "error.date", c.On)
	case c.On > today:
		bad.Add("on", "contact.bad.future")
	case c.On < "2000-01-01":
		bad.Add("on", "error.date", c.On)
	}
	for _, v := range c.Response {
		choice("response", v, Responses())
	}
	c.checkMeeting(rules, &bad)
	if len(c.Response) == 0 {
		bad.Add("response", "contact.bad.pick")
	}
	if c.Area == "case" && c.CaseNo == "" && c.CaseName == "" {
		bad.Add("case_no", "contact.bad.case")
	}
	if c.CaseNo != "" && plainCase(c.CaseNo) == "" {
		bad.Add("case_no", "contact.bad.case_no", c.CaseNo)
	}
	slices.SortFunc(bad, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
	return bad.Err()
}

// plainCase is a case number as it is compared: digits and letters only.
func plainCase(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, hantext.NormalizeForMatch(s)))
}

// caseUnit is the region code in a case number of the case system: year, six
// digits of the unit, serial. Empty when the number has another form.
func caseUnit(no string) string {
	p := plainCase(no)
	if len(p) != 14 || strings.Trim(p, "0123456789") != "" || p[:2] != "20" {
		return ""
	}
	return p[4:10]
}

// plainPerson is a name as it is compared.
func plainPerson(s string) string { return hantext.NormalizeForMatch(s) }

// category is the class in force: the office's, or as long as there is none the reporter's.
func (m Matter) category() string {
	if m.Category != "" {
		return m.Category
	}
	return m.Claimed
}
