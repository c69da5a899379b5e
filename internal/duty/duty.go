package duty

import (
	_ "embed"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/fact"
)

// Kinds are the kinds of responsibility, from the group to the handler.
var Kinds = []string{"principal", "first", "dual", "direct", "supervisory"}

// Rules by which a figure becomes points.
const (
	Share  = "share"  // weight × good ÷ all
	Deduct = "deduct" // weight − param for each record against the unit, never below nothing
)

// Scheme is a versioned list of indicators of one assessing unit.
type Scheme struct {
	ID         id.ID       `json:"id" yaml:"-"`
	Title      string      `json:"title" yaml:"title"`
	Version    int         `json:"version" yaml:"-"`
	Unit       id.ID       `json:"unit" yaml:"-"`
	Author     id.ID       `json:"author" yaml:"-"`
	Approver   id.ID       `json:"approver" yaml:"-"`
	State      string      `json:"state" yaml:"-"`
	ValidFrom  clock.Date  `json:"valid_from" yaml:"-"`
	Indicators []Indicator `json:"indicators" yaml:"indicators"`
	MadeAt     string      `json:"made_at" yaml:"-"`
	Rev        int64       `json:"rev" yaml:"-"`
}

// Indicator is one line of a scheme. Weight is in whole points, Param in
// hundredths of a point.
type Indicator struct {
	ID     id.ID  `json:"id" yaml:"-"`
	No     int    `json:"no" yaml:"-"`
	Kind   string `json:"kind" yaml:"kind"`
	Text   string `json:"text" yaml:"text"`
	Fact   string `json:"fact" yaml:"fact"`
	Rule   string `json:"rule" yaml:"rule"`
	Param  int    `json:"param" yaml:"param"`
	Weight int    `json:"weight" yaml:"weight"`
	Source string `json:"source" yaml:"source"`
}

//go:embed rules/scheme.yaml
var shipped []byte

// Shipped is the scheme that comes with the program.
func Shipped() (Scheme, error) {
	var s Scheme
	if err := yaml.Unmarshal(shipped, &s); err != nil {
		return s, fmt.Errorf("shipped scheme: %w", err)
	}
	for i := range s.Indicators {
		s.Indicators[i].No = i + 1
	}
	return s, nil
}

// Holder is a person who carries a responsibility of a unit.
type Holder struct {
	ID     id.ID      `json:"id"`
	Unit   id.ID      `json:"unit"`
	Kind   string     `json:"kind"`
	Person id.ID      `json:"person"`
	Scope  string     `json:"scope"` // what he answers for
	From   clock.Date `json:"from"`
	Until  clock.Date `json:"until"` // "" while it goes on
	Rev    int64      `json:"rev"`
}

// Assessment is the assessment of one unit for one period. Points and Basis are
// in hundredths: what it got, of what was at stake.
type Assessment struct {
	ID     id.ID      `json:"id"`
	Scheme id.ID      `json:"scheme"`
	Unit   id.ID      `json:"unit"`
	By     id.ID      `json:"by"`
	From   clock.Date `json:"from"`
	Until  clock.Date `json:"until"`
	State  string     `json:"state"`
	Points int        `json:"points"`
	Basis  int        `json:"basis"`
	MadeAt string     `json:"made_at"`
	Author id.ID      `json:"author"`
	Rev    int64      `json:"rev"`
}

// Score is the result of one indicator with the figure that it follows from.
type Score struct {
	ID         id.ID      `json:"id"`
	Assessment id.ID      `json:"assessment"`
	Indicator  id.ID      `json:"indicator"`
	Good       int        `json:"good"`
	All        int        `json:"all"`
	Digest     string     `json:"digest"`
	Refs       []fact.Ref `json:"refs"`
	Points     int        `json:"points"`    // computed, in hundredths
	Counted    bool       `json:"counted"`   // false: no record, nothing at stake
	Corrected  int        `json:"corrected"` // in force; equals Points without a correction
	Reason     string     `json:"reason"`    // of a correction
	Rev        int64      `json:"rev"`
}

// States of a scheme and of an assessment.
const (
	SchemeDraft     = "draft"
	SchemeSubmitted = "submitted"
	SchemeInForce   = "in_force"
	SchemeRetired   = "retired"

	Drawn    = "drawn"
	Served   = "served"
	Objected = "objected"
	Decided  = "decided"
	Final    = "final"
)

var (
	offices = []flow.By{{Role: actor.InternalSupervision, Scope: flow.ByUs}, {Role: actor.Office, Scope: flow.ByUs}}
	leaders = []flow.By{{Role: actor.Leader, Scope: flow.ByUs}}
	heads   = []flow.By{{Role: actor.UnitHead, Scope: flow.OfUnit}, {Role: actor.Liaison, Scope: flow.OfUnit}}
)

// SchemeFlow is the way of a scheme; Flow that of an assessment.
var (
	SchemeFlow = flow.Table{Name: "scheme", Start: SchemeDraft, Steps: []flow.Step{
		{From: SchemeDraft, Do: "edit", To: SchemeDraft, Who: offices},
		{From: SchemeDraft, Do: "submit", To: SchemeSubmitted, Who: offices, Guard: "weights add up to 100, every fact is known"},
		{From: SchemeSubmitted, Do: "approve", To: SchemeInForce, Who: leaders, Guard: "not the author"},
		{From: SchemeSubmitted, Do: "return", To: SchemeDraft, Who: leaders, Guard: "a reason"},
		{From: SchemeInForce, Do: "retire", To: SchemeRetired, Who: leaders},
	}}
	Flow = flow.Table{Name: "assessment", Start: Drawn, Steps: []flow.Step{
		{From: Drawn, Do: "recompute", To: Drawn, Who: offices},
		{From: Drawn, Do: "serve", To: Served, Who: offices},
		{From: Served, Do: "object", To: Objected, Who: heads, Guard: "a reason"},
		{From: Objected, Do: "correct", To: Objected, Who: offices, Guard: "a reason"},
		{From: Objected, Do: "decide", To: Decided, Who: offices, Guard: "an answer"},
		{From: Served, Do: "finalise", To: Final, Who: leaders, Guard: "the time for objection is over; not the author"},
		{From: Decided, Do: "finalise", To: Final, Who: leaders, Guard: "not the author"},
	}}
)

// ObjectionDays is how many days a served unit has to object: a setting of the
// program until a rule is confirmed (source open).
const ObjectionDays = 10

const (
	maxText       = 200
	maxReason     = 500
	maxIndicators = 40
)

// Points gives the points of a figure by an indicator, in hundredths. counted is
// false without a record: then nothing is at stake.
func Points(i Indicator, good, all int) (points int, counted bool) {
	if all <= 0 {
		return 0, false
	}
	full := i.Weight * 100
	switch i.Rule {
	case Share:
		return (2*full*good + all) / (2 * all), true // half up
	case Deduct:
		return max(0, full-i.Param*(all-good)), true
	}
	return 0, false
}

// Check judges a scheme; facts are the figures that there are. whole asks for
// all that a submission needs.
func (s Scheme) Check(bad *fault.Fields, facts []string, whole bool) {
	bad.Need("title", s.Title)
	bad.Max("title", s.Title, maxText)
	if len(s.Indicators) > maxIndicators {
		bad.Add("indicators", "duty.bad.many", maxIndicators)
	}
	sum := 0
	for i, x := range s.Indicators {
		no := i + 1
		switch {
		case x.Text == "":
			bad.Add("indicators", "duty.bad.text", no)
		case !slices.Contains(Kinds, x.Kind):
			bad.Add("indicators", "duty.bad.kind", no)
		case !slices.Contains(facts, x.Fact):
			bad.Add("indicators", "duty.bad.fact", no, x.Fact)
		case x.Rule != Share && x.Rule != Deduct:
			bad.Add("indicators", "duty.bad.rule", no)
		case x.Weight < 1 || x.Weight > 100:
			bad.Add("indicators", "duty.bad.weight", no)
		case x.Rule == Deduct && x.Param < 1, x.Rule == Share && x.Param != 0:
			bad.Add("indicators", "duty.bad.param", no)
		case x.Source == "":
			bad.Add("indicators", "duty.bad.source", no)
		}
		sum += x.Weight
	}
	if whole && (sum != 100 || len(s.Indicators) == 0) {
		bad.Add("indicators", "duty.bad.sum", sum)
	}
}

// Total sums scores up: what the unit got, and what was at stake.
func Total(scheme Scheme, scores []Score) (points, basis int) {
	for _, x := range scores {
		if !x.Counted {
			continue
		}
		points += x.Corrected
		for _, i := range scheme.Indicators {
			if i.ID == x.Indicator {
				basis += i.Weight * 100
			}
		}
	}
	return points, basis
}

func (s Scheme) object(place func(id.ID) access.Place) access.Object {
	return access.Object{Kind: "scheme", ID: s.ID, State: s.State, By: place(s.Unit), Owners: []id.ID{s.Author}}
}

func (a Assessment) object(place func(id.ID) access.Place) access.Object {
	return access.Object{Kind: "assessment", ID: a.ID, State: a.State, By: place(a.By), Units: []access.Place{place(a.Unit)}, Owners: []id.ID{a.Author}}
}
