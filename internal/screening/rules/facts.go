package rules

import "huikan/internal/kernel/clock"

// The ways of leaving, named as the states of a person are.
const (
	Retired     = "retired"
	Resigned    = "resigned"
	Dismissed   = "dismissed"
	Removed     = "removed"
	Transferred = "transferred"
)

// Kinds of work that somebody is found at or asks for.
const (
	Lawyer      = "lawyer"       // lawyer of a firm: what a register shows
	Licence     = "licence"      // application for registration as trainee or for a licence
	Litigation  = "litigation"   // agent or defender in the status of lawyer
	Agent       = "agent"        // agent or defender otherwise
	Adviser     = "adviser"      // 法律顾问 of a firm
	FirmStaff   = "firm_staff"   // administrative staff of a firm
	PaidService = "paid_service" // 有偿法律服务
	Enterprise  = "enterprise"   // job in an enterprise
	Resign      = "resign"       // a serving person asks to leave
	Arbitrator  = "arbitrator"
	Notary      = "notary"
	Company     = "company" // post in an enterprise beside the office
	Founder     = "founder" // founder or partner without practising
)

// Works lists the kinds of work.
func Works() []string {
	return []string{Lawyer, Licence, Litigation, Agent, Adviser, FirmStaff, PaidService, Enterprise, Resign, Arbitrator, Notary, Company, Founder}
}

var relations = []string{"spouse", "parent", "child", "sibling", "parent_in_law", "sibling_in_law", "child_in_law", "co_parent_in_law", "grandparent", "grandchild", "uncle_aunt", "nephew_niece", "cousin", "other"}

// implied is what a kind of work is at the same time, and opened is what it
// makes possible: a rule about the first forbids it, one about the second limits it.
var (
	implied = map[string][]string{Licence: {Lawyer}, Litigation: {Agent, Lawyer}}
	opened  = map[string][]string{Lawyer: {Litigation, Agent, PaidService}, Licence: {Litigation, Agent, PaidService}, Adviser: {PaidService}, Litigation: {PaidService}, Founder: {PaidService}}
)

// Office is a procuratorate where the person serves or served.
type Office struct {
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Level      int      `json:"level,omitempty"`
	Above      string   `json:"above,omitempty"` // code of the office above
	Coverage   []string `json:"coverage,omitempty"`
	Department string   `json:"department,omitempty"`
}

// Subject is the member of staff.
type Subject struct {
	Name       string     `json:"name"`
	Serving    bool       `json:"serving,omitempty"`
	Leaving    string     `json:"leaving,omitempty"`
	Departed   clock.Date `json:"departed,omitempty"`
	Civil      string     `json:"civil,omitempty"` // yes, no, "" unknown
	Prosecutor string     `json:"prosecutor,omitempty"`
	Rank       string     `json:"rank,omitempty"` // rank and post as the source writes them
	Leader     string     `json:"leader,omitempty"`
	Approved   string     `json:"approved,omitempty"`
	Offices    []Office   `json:"offices,omitempty"` // the last one first
	Posts      []string   `json:"posts,omitempty"`   // chief, deputy, committee, head, prosecutor, personnel, discipline, audit, finance
	Holds      []string   `json:"holds,omitempty"`   // what keeps a serving person from resigning
}

// Kin is the relative, when the question is about one.
type Kin struct {
	Name     string   `json:"name"`
	Relation string   `json:"relation"`
	Role     string   `json:"role,omitempty"` // partner, founder, employed
	Posts    []string `json:"posts,omitempty"`
	Office   Office   `json:"office"` // when he is staff himself
}

// Work is what he does or asks for.
type Work struct {
	Kind     string   `json:"kind"`
	Firm     string   `json:"firm,omitempty"`
	Place    string   `json:"place,omitempty"`    // region code of the licence address
	Offices  []string `json:"offices,omitempty"`  // codes of the procuratorates that handled the case
	Capacity string   `json:"capacity,omitempty"` // guardian, close_relative of the party
	Related  string   `json:"related,omitempty"`  // linked to the former work: yes, no, ""
	Acts     string   `json:"acts,omitempty"`     // acts for litigants in the jurisdiction: yes, no, ""
}

// Question is what Judge answers.
type Question struct {
	Subject   Subject    `json:"subject"`
	Kin       *Kin       `json:"kin,omitempty"`
	Work      Work       `json:"work"`
	On        clock.Date `json:"on"`
	FirmStaff bool       `json:"firm_staff,omitempty"` // a list of the firm's staff could be consulted
}

// Outcomes of a rule, the heaviest first.
const (
	Banned      = "banned"      // forbidden now
	Recuse      = "recuse"      // the serving prosecutor must leave the post
	Unclear     = "unclear"     // depends on a fact that is missing
	Limited     = "limited"     // allowed, but certain acts are forbidden
	Report      = "report"      // must be reported
	Over        = "ended"       // was forbidden; the period is over
	Uncheckable = "uncheckable" // no register could show it
	Free        = "free"        // no rule stands against it
)

// Outcomes lists the outcomes, the heaviest first.
func Outcomes() []string {
	return []string{Banned, Recuse, Unclear, Limited, Report, Over, Uncheckable, Free}
}

// Verdict is what one rule says.
type Verdict struct {
	Rule     string     `json:"rule"`
	Outcome  string     `json:"outcome"`
	Article  Text       `json:"article"`
	Source   string     `json:"source,omitempty"`
	Mark     string     `json:"mark,omitempty"`
	From     clock.Date `json:"from,omitempty"`  // first day of the restriction
	Until    clock.Date `json:"until,omitempty"` // its last day; empty when it has none
	Life     bool       `json:"life,omitempty"`
	Needs    []string   `json:"needs,omitempty"`
	Sentence Text       `json:"sentence"`
}

var needs = []string{"leaving", "departed", "civil", "prosecutor", "rank", "place", "district", "office", "case", "approved", "related", "role", "litigates", "post"}
