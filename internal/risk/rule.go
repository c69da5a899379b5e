package risk

import (
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
)

// Version is one wording of a rule. A published one is never changed: who wants
// it otherwise writes a new version.
type Version struct {
	ID          id.ID  `json:"id,omitempty"` // empty for what came with the program
	Rule        string `json:"rule"`
	N           int    `json:"n"`
	Unit        id.ID  `json:"unit,omitempty"` // for it and all below; the root's rules are everybody's
	Subject     string `json:"subject"`
	Level       int    `json:"level"`
	NameZh      string `json:"name_zh"`
	NameEn      string `json:"name_en"`
	Expression  string `json:"expression"`
	Document    string `json:"document"`
	Article     string `json:"article"`
	Evidence    string `json:"evidence"`
	Why         string `json:"why,omitempty"` // why it was written or changed
	State       string `json:"state"`
	Author      id.ID  `json:"author,omitempty"`
	Publisher   id.ID  `json:"publisher,omitempty"`
	Tested      Dry    `json:"tested,omitzero"`
	PublishedAt string `json:"published_at,omitempty"`
	EndedAt     string `json:"ended_at,omitempty"`
	At          string `json:"at,omitempty"`
	Rev         int64  `json:"rev,omitempty"`
}

// Name gives the rule's name.
func (v Version) Name(lang string) string {
	if lang == "en" && v.NameEn != "" {
		return v.NameEn
	}
	return v.NameZh
}

// Open tells that the source was not confirmed.
func (v Version) Open() bool { return v.Evidence != Law }

// Dry is what a version would do on the events that are there: how many hits, and
// against the version in force what it adds and drops. What concerns the one who ran
// it is left out; the cases are named to him alone, because others may be concerned.
type Dry struct {
	On         string   `json:"on"`
	By         id.ID    `json:"by,omitempty"`
	Cases      int      `json:"cases"`
	Hits       int      `json:"hits"`
	Adds       int      `json:"adds"`
	Drops      int      `json:"drops"`
	Added      []string `json:"added,omitempty"` // the first of them, by case number or unit
	Dropped    []string `json:"dropped,omitempty"`
	Wrong      int      `json:"wrong"` // hits that people have cleared before
	Right      int      `json:"right"` // hits that people have confirmed before
	Expression string   `json:"expression"`

	names []byte // added and dropped, sealed
}

// States of a version.
const (
	RuleDraft = "draft"
	Tested    = "tested"
	Published = "published"
	Replaced  = "replaced"
	Retired   = "retired"
)

var (
	ruleMakers = []flow.By{{Role: actor.InternalSupervision, Scope: flow.OfUnit}}
	publishers = []flow.By{{Role: actor.InternalSupervision, Scope: flow.OfUnit}, {Role: actor.Leader, Scope: flow.OfUnit}}
)

// RuleFlow is how a version of a rule comes into force. Guards: dry = the run on
// history was made with this very wording; second = somebody other than the author.
var RuleFlow = flow.Table{Name: "risk_rule", Start: RuleDraft, Steps: []flow.Step{
	{From: RuleDraft, Do: "edit", To: RuleDraft, Who: ruleMakers},
	{From: Tested, Do: "edit", To: RuleDraft, Who: ruleMakers},
	{From: RuleDraft, Do: "test", To: Tested, Who: ruleMakers},
	{From: Tested, Do: "test", To: Tested, Who: ruleMakers},
	{From: Tested, Do: "publish", To: Published, Who: publishers, Guard: "dry, second"},
	{From: RuleDraft, Do: "drop", To: Retired, Who: ruleMakers},
	{From: Tested, Do: "drop", To: Retired, Who: ruleMakers},
	{From: Published, Do: "retire", To: Retired, Who: publishers, Guard: "reason"},
	{From: Published, Do: "replace", To: Replaced, Who: []flow.By{{Role: actor.System, Scope: flow.Anything}}},
}}

// RuleCmd writes a rule or a new version of one. Text is a sentence in the user's
// language or an expression.
type RuleCmd struct {
	Rule     string `json:"rule"` // empty for a new one
	Subject  string `json:"subject"`
	Level    int    `json:"level"`
	NameZh   string `json:"name_zh"`
	NameEn   string `json:"name_en"`
	Text     string `json:"text"`
	Document string `json:"document"`
	Article  string `json:"article"`
	Why      string `json:"why"`
	Reason   string `json:"reason"` // of a retirement
	Rev      int64  `json:"rev"`
}

const (
	maxName   = 60
	maxReason = 2000
)

func (c RuleCmd) check() fault.Fields {
	var bad fault.Fields
	bad.Need("name_zh", c.NameZh)
	bad.Max("name_zh", c.NameZh, maxName)
	bad.Max("name_en", c.NameEn, 2*maxName)
	bad.Need("text", c.Text)
	bad.Need("document", c.Document)
	bad.Max("document", c.Document, 200)
	bad.Max("article", c.Article, 200)
	bad.Need("why", c.Why)
	bad.Max("why", c.Why, maxReason)
	if c.Level < 1 || c.Level > 4 {
		bad.Add("level", "risk.bad.level")
	}
	return bad
}

func (s *Service) ruleObject(v Version) access.Object {
	u := v.Unit
	if u == "" {
		u = s.Root()
	}
	o := access.Object{Kind: "risk_rule", ID: v.ID, State: v.State, Units: []access.Place{s.Units.Place(u)}}
	if v.Author != "" {
		o.Owners = []id.ID{v.Author}
	}
	return o
}

// covers tells whether a rule holds at a unit.
func (s *Service) covers(v Version, unit id.ID) bool {
	if v.Unit == "" || v.Unit == s.Root() {
		return true
	}
	return strings.HasPrefix(s.Units.Place(unit).Path, s.Units.Place(v.Unit).Path)
}
