package risk

import (
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Point is a risk of a post or a link of the work, with its grade, its measures
// and the rules that would show it (廉政风险点, domain A6).
type Point struct {
	ID          id.ID      `json:"id"`
	No          string     `json:"no"`
	Unit        id.ID      `json:"unit"`
	Post        string     `json:"post"`  // 岗位
	Link        string     `json:"link"`  // 环节
	Scope       string     `json:"scope"` // individual, department, institution
	Class       string     `json:"class"`
	Shown       string     `json:"shown"` // 风险表现
	Cause       string     `json:"cause"`
	Probability int        `json:"probability"` // 1–5
	Harm        int        `json:"harm"`        // 1–5
	Grade       int        `json:"grade"`       // 1 highest – 3
	Education   string     `json:"education"`   // four layers of measures
	System      string     `json:"system"`
	Supervision string     `json:"supervision"`
	Warning     string     `json:"warning"`
	Owner       id.ID      `json:"owner,omitempty"`
	Cycle       int        `json:"cycle"` // months between reviews
	Reviewed    clock.Date `json:"reviewed,omitempty"`
	ReviewDue   clock.Date `json:"review_due,omitempty"`
	Rules       []string   `json:"rules"`   // 触发指标
	Finding     string     `json:"finding"` // number of the finding that it came from
	State       string     `json:"state"`
	Author      id.ID      `json:"author,omitempty"`
	At          string     `json:"at"`
	Changed     string     `json:"changed"`
	Rev         int64      `json:"rev"`
}

// Classes of risk (五类), scopes and layers of measures (四层).
func Classes() []string { return []string{"mind", "system", "post", "process", "outside"} }

// Scopes are whose risk it is: a post's, a department's, the institution's.
func Scopes() []string { return []string{"individual", "department", "institution"} }

// States of a point: the five ways of finding, one after the other
// (自己找、集体议、领导审、组织评、公示定).
const (
	PointFound     = "found"
	PointDiscussed = "discussed"
	PointApproved  = "approved"
	PointAssessed  = "assessed"
	PointPublished = "published"
	PointRetired   = "retired"
)

var (
	pointFinders   = []flow.By{{Role: actor.Staff, Scope: flow.Own}, {Role: actor.InternalSupervision, Scope: flow.OfUnit}}
	pointTalkers   = []flow.By{{Role: actor.InternalSupervision, Scope: flow.OfUnit}, {Role: actor.Liaison, Scope: flow.OfUnit}}
	pointLeaders   = []flow.By{{Role: actor.Leader, Scope: flow.OfUnit}, {Role: actor.UnitHead, Scope: flow.OfUnit}}
	pointAssessors = []flow.By{{Role: actor.InternalSupervision, Scope: flow.Below}}
	pointOffice    = []flow.By{{Role: actor.InternalSupervision, Scope: flow.OfUnit}}
)

// PointFlow takes a risk point through the five ways. Guards: text = in writing;
// review = the grade is judged again; other = not by who found it.
var PointFlow = flow.Table{Name: "risk_point", Start: PointFound, Steps: []flow.Step{
	{From: PointFound, Do: "edit", To: PointFound, Who: pointFinders},
	{From: PointFound, Do: "discuss", To: PointDiscussed, Who: pointTalkers, Guard: "text"},
	{From: PointDiscussed, Do: "approve", To: PointApproved, Who: pointLeaders, Guard: "text, other"},
	{From: PointApproved, Do: "assess", To: PointAssessed, Who: pointAssessors, Guard: "text"},
	{From: PointAssessed, Do: "publish", To: PointPublished, Who: pointOffice},
	{From: PointDiscussed, Do: "return", To: PointFound, Who: pointLeaders, Guard: "text"},
	{From: PointApproved, Do: "return", To: PointFound, Who: pointAssessors, Guard: "text"},
	{From: PointPublished, Do: "review", To: PointPublished, Who: pointOffice, Guard: "text, review"},
	{From: PointPublished, Do: "revise", To: PointFound, Who: pointOffice, Guard: "text"},
	{From: PointPublished, Do: "retire", To: PointRetired, Who: pointOffice, Guard: "text"},
	{From: PointFound, Do: "retire", To: PointRetired, Who: pointOffice, Guard: "text"},
}}

// GradeOf is the grade of probability and harm, each 1 to 5: the product of both
// decides, and the gravest harm is never of the lowest grade (matrix of our own;
// T67 names cause, probability and harm without figures: mark P).
func GradeOf(probability, harm int) int {
	switch p := probability * harm; {
	case p >= 15:
		return 1
	case p >= 6 || harm == 5:
		return 2
	}
	return 3
}

// PointCmd is a point as somebody writes it, or a step with its reason.
type PointCmd struct {
	Unit        string   `json:"unit"`
	Post        string   `json:"post"`
	Link        string   `json:"link"`
	Scope       string   `json:"scope"`
	Class       string   `json:"class"`
	Shown       string   `json:"shown"`
	Cause       string   `json:"cause"`
	Probability int      `json:"probability"`
	Harm        int      `json:"harm"`
	Education   string   `json:"education"`
	System      string   `json:"system"`
	Supervision string   `json:"supervision"`
	Warning     string   `json:"warning"`
	Owner       id.ID    `json:"owner"`
	Cycle       int      `json:"cycle"`
	Rules       []string `json:"rules"`
	Finding     string   `json:"finding"`
	Text        string   `json:"text"`
	Rev         int64    `json:"rev"`
}

func (c PointCmd) check() fault.Fields {
	var bad fault.Fields
	for _, x := range []struct {
		name, v string
		most    int
		need    bool
	}{{"post", c.Post, 100, true}, {"link", c.Link, 100, true}, {"shown", c.Shown, 1000, true}, {"cause", c.Cause, 1000, true}, {"education", c.Education, 1000, false}, {"system", c.System, 1000, false},
		{"supervision", c.Supervision, 1000, false}, {"warning", c.Warning, 1000, false}, {"finding", c.Finding, 40, false}} {
		if x.need {
			bad.Need(x.name, strings.TrimSpace(x.v))
		}
		bad.Max(x.name, x.v, x.most)
	}
	if strings.TrimSpace(c.Education+c.System+c.Supervision+c.Warning) == "" {
		bad.Add("system", "risk.point.bad.measures")
	}
	if !slices.Contains(Classes(), c.Class) {
		bad.Add("class", "risk.bad.choice", c.Class)
	}
	if !slices.Contains(Scopes(), c.Scope) {
		bad.Add("scope", "risk.bad.choice", c.Scope)
	}
	checkGrade(c, &bad)
	if c.Cycle < 1 || c.Cycle > 36 {
		bad.Add("cycle", "risk.point.bad.cycle")
	}
	return bad
}

func checkGrade(c PointCmd, bad *fault.Fields) {
	if c.Probability < 1 || c.Probability > 5 {
		bad.Add("probability", "risk.point.bad.five")
	}
	if c.Harm < 1 || c.Harm > 5 {
		bad.Add("harm", "risk.point.bad.five")
	}
}

// text is what is compared when copies are looked for.
func (p Point) text() string {
	return p.Shown + p.Cause + p.Education + p.System + p.Supervision + p.Warning
}

// shingles are the runs of three characters of a text, punctuation left out.
func shingles(text string) map[string]bool {
	var rs []rune
	for _, r := range text {
		if !strings.ContainsRune(" \t\r\n　，。；：、“”（）(),.;:", r) {
			rs = append(rs, r)
		}
	}
	out := map[string]bool{}
	for i := 0; i+3 <= len(rs); i++ {
		out[string(rs[i:i+3])] = true
	}
	return out
}

// Alike is the share of runs that two texts have in common (Jaccard), in percent.
func Alike(a, b string) int {
	x, y := shingles(a), shingles(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	both := 0
	for s := range x {
		if y[s] {
			both++
		}
	}
	return both * 100 / (len(x) + len(y) - both)
}
