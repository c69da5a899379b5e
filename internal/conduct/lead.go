package conduct

import (
	"slices"
	"strconv"
	"strings"

	"huikan/hantext"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Lead is what somebody told about the conduct of a person. It is never deleted.
type Lead struct {
	ID         id.ID      `json:"id"`
	No         string     `json:"no"`
	Year       int        `json:"year"`
	Seq        int        `json:"seq"`
	Unit       id.ID      `json:"unit"` // whose office works it
	Source     string     `json:"source"`
	Ref        string     `json:"ref"` // number in the register that it came from
	ToldOn     clock.Date `json:"told_on"`
	Person     id.ID      `json:"person,omitempty"`
	Home       id.ID      `json:"home,omitempty"` // the person's unit
	Department id.ID      `json:"department,omitempty"`
	Conduct    string     `json:"conduct"`
	ActFrom    clock.Date `json:"act_from"`
	ActTo      clock.Date `json:"act_to"`
	Signed     bool       `json:"signed"`
	Amount     int64      `json:"amount"`
	State      string     `json:"state"`
	Weight     int        `json:"weight"`
	Parts      []Part     `json:"parts"`
	Assignee   id.ID      `json:"assignee,omitempty"`
	Due        clock.Date `json:"due"`
	Same       id.ID      `json:"same,omitempty"` // the lead that it was joined to
	Case       id.ID      `json:"case,omitempty"`
	Self       id.ID      `json:"self,omitempty"`
	At         string     `json:"at"`
	Changed    string     `json:"changed"`
	Rev        int64      `json:"rev"`
	Told       Told       `json:"told"`
	Concerns   []id.ID    `json:"-"`

	blind  string
	sealed []byte
}

// Told is the sealed part of a lead.
type Told struct {
	Name      string `json:"name"`
	Facts     string `json:"facts"`
	Informant string `json:"informant,omitempty"`
}

// Part is one addend of a weight.
type Part struct {
	Key    string `json:"key"`
	Points int    `json:"points"`
}

// States of a lead (线索处置).
const (
	LeadReceived = "received" // 待处置
	LeadAssigned = "assigned"
	LeadTalking  = "talking" // 谈话函询
	LeadHeld     = "held"    // 暂存待查
	LeadEnded    = "ended"   // 予以了结
	LeadCase     = "case"    // 初步核实: a case was opened
	LeadJoined   = "joined"  // 并案: the same person and facts
)

var (
	byOffice   = []flow.By{{Role: actor.InternalSupervision, Scope: flow.OfUnit}}
	byAssignee = []flow.By{{Role: actor.InternalSupervision, Scope: flow.OfUnit}, {Role: actor.InternalSupervision, Scope: flow.Own}}
)

// LeadFlow is how a lead is disposed of. There is no step that deletes. Guards:
// free = the assignee is neither the subject nor kin; reason = in writing;
// handlers = two persons free of the matter; same = another lead of the office.
var LeadFlow = flow.Table{Name: "lead", Start: LeadReceived, Steps: []flow.Step{
	{From: LeadReceived, Do: "assign", To: LeadAssigned, Who: byOffice, Guard: "free"},
	{From: LeadAssigned, Do: "assign", To: LeadAssigned, Who: byOffice, Guard: "free"},
	{From: LeadTalking, Do: "assign", To: LeadTalking, Who: byOffice, Guard: "free"},
	{From: LeadAssigned, Do: "talk", To: LeadTalking, Who: byAssignee, Guard: "reason"},
	{From: LeadAssigned, Do: "hold", To: LeadHeld, Who: byAssignee, Guard: "reason"},
	{From: LeadTalking, Do: "hold", To: LeadHeld, Who: byAssignee, Guard: "reason"},
	{From: LeadAssigned, Do: "end", To: LeadEnded, Who: byAssignee, Guard: "reason"},
	{From: LeadTalking, Do: "end", To: LeadEnded, Who: byAssignee, Guard: "reason"},
	{From: LeadAssigned, Do: "open", To: LeadCase, Who: byOffice, Guard: "handlers"},
	{From: LeadTalking, Do: "open", To: LeadCase, Who: byOffice, Guard: "handlers"},
	{From: LeadHeld, Do: "reopen", To: LeadReceived, Who: byOffice, Guard: "reason"},
	{From: LeadEnded, Do: "reopen", To: LeadReceived, Who: byOffice, Guard: "reason"},
	{From: LeadReceived, Do: "join", To: LeadJoined, Who: byOffice, Guard: "same"},
	{From: LeadAssigned, Do: "join", To: LeadJoined, Who: byOffice, Guard: "same"},
	{From: LeadJoined, Do: "split", To: LeadReceived, Who: byOffice, Guard: "reason"},
}}

// LeadCmd is a lead as it is told. Other rooms fill it too.
type LeadCmd struct {
	Source    string     `json:"source"`
	Ref       string     `json:"ref"`
	Person    id.ID      `json:"person"`
	Name      string     `json:"name"` // where the person is not in the register
	Unit      string     `json:"unit"` // his unit, where the person is not in the register
	Conduct   string     `json:"conduct"`
	ActFrom   clock.Date `json:"act_from"`
	ActTo     clock.Date `json:"act_to"`
	Facts     string     `json:"facts"`
	Informant string     `json:"informant"`
	Amount    int64      `json:"amount"`
	ToldOn    clock.Date `json:"told_on"`
}

// Bounds of what is told.
const (
	maxFacts  = 20000
	maxName   = 100
	maxReason = 4000
)

func (c LeadCmd) check(rules *Catalogue, today clock.Date) fault.Fields {
	var bad fault.Fields
	if _, ok := rules.Weights.Source[c.Source]; !ok {
		bad.Add("source", "conduct.bad.choice", c.Source)
	}
	if c.Person == "" {
		bad.Need("name", c.Name)
		bad.Need("unit", c.Unit)
	}
	bad.Max("name", c.Name, maxName)
	bad.Max("ref", c.Ref, maxName)
	bad.Max("informant", c.Informant, maxName)
	bad.Need("facts", c.Facts)
	bad.Max("facts", c.Facts, maxFacts)
	if c.Conduct != "" {
		if _, ok := rules.Conduct(c.Conduct); !ok {
			bad.Add("conduct", "conduct.bad.choice", c.Conduct)
		}
	}
	if c.Amount < 0 {
		bad.Add("amount", "conduct.bad.amount")
	}
	checkDates(&bad, c.ActFrom, c.ActTo, today)
	if c.ToldOn.After(today) {
		bad.Add("told_on", "conduct.bad.future")
	}
	return bad
}

func checkDates(bad *fault.Fields, from, to, today clock.Date) {
	if from != "" && to != "" && to < from {
		bad.Add("act_to", "error.end_before_start")
	}
	if from.After(today) {
		bad.Add("act_from", "conduct.bad.future")
	}
	if to.After(today) {
		bad.Add("act_to", "conduct.bad.future")
	}
}

// Similar compares two accounts by shared pairs of characters, in percent.
func Similar(a, b string) int {
	x, y := hantext.Bigrams(hantext.NormalizeForMatch(a)), hantext.Bigrams(hantext.NormalizeForMatch(b))
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	slices.Sort(x)
	slices.Sort(y)
	x, y = slices.Compact(x), slices.Compact(y)
	both := 0
	for _, g := range x {
		if _, ok := slices.BinarySearch(y, g); ok {
			both++
		}
	}
	// The shorter account decides: a short tip is often contained in a long one.
	return 100 * both / min(len(x), len(y))
}

// SameFacts tells whether two leads about one person speak of one matter: their
// accounts agree, or half agree and class and time of the conduct do.
func SameFacts(a, b Lead, percent int) bool {
	s := Similar(a.Told.Facts, b.Told.Facts)
	if s >= percent {
		return true
	}
	dated := a.ActFrom != "" && b.ActFrom != "" && a.ActFrom <= last(b) && b.ActFrom <= last(a)
	return s >= percent/2 && dated && a.Conduct != "" && a.Conduct == b.Conduct
}

func last(l Lead) clock.Date {
	if l.ActTo == "" {
		return l.ActFrom
	}
	return l.ActTo
}

// maxJoined bounds what further leads about one matter add.
const maxJoined = 3

// Weigh gives the points of a lead by their parts. earlier is the number of
// earlier outcomes about the person, joined that of further leads.
func (w Weights) Weigh(l Lead, abuse bool, earlier, joined int) []Part {
	var out []Part
	add := func(key string, points int, yes bool) {
		if yes && points != 0 {
			out = append(out, Part{key, points})
		}
	}
	add("source", w.Source[l.Source], true)
	add("known", w.Known, l.Person != "")
	add("signed", w.Signed, l.Signed)
	add("dated", w.Dated, l.ActFrom != "")
	add("amount", w.Amount, l.Amount > 0)
	add("abuse", w.Abuse, abuse)
	add("again", w.Again, earlier > 0)
	add("joined", w.Joined*min(joined, maxJoined), joined > 0)
	return out
}

// Sum is the weight that parts make.
func Sum(parts []Part) (n int) {
	for _, p := range parts {
		n += p.Points
	}
	return n
}

// Band names the class of a weight.
func (w Weights) Band(points int) string {
	switch {
	case points >= w.Bands["urgent"]:
		return "urgent"
	case points >= w.Bands["normal"]:
		return "normal"
	}
	return "low"
}

func joinParts(parts []Part) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p.Key + ":" + strconv.Itoa(p.Points)
	}
	return strings.Join(out, ",")
}

func splitParts(s string) (out []Part) {
	for _, p := range strings.Split(s, ",") {
		if key, n, ok := strings.Cut(p, ":"); ok {
			points, _ := strconv.Atoi(n) // our own writing
			out = append(out, Part{key, points})
		}
	}
	return out
}

// Sources lists where leads come from, in a fixed order.
func (c *Catalogue) Sources() []string {
	out := make([]string, 0, len(c.Weights.Source))
	for k := range c.Weights.Source {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
