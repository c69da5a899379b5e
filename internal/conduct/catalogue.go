package conduct

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"sync"

	"gopkg.in/yaml.v3"

	"huikan/internal/kernel/clock"
)

//go:embed rules/*.yaml
var ruleFiles embed.FS

// Layers of sanctions and measures.
const (
	Education = "education" // 批评教育帮助
	Org       = "org"       // 组织处理
	Admin     = "admin"     // 政务处分
	Party     = "party"     // 党纪处分
)

// How a sanction ends.
const (
	LiftAuto     = "auto"     // by the end of its period (政务处分法 26, 公务员法 65)
	LiftDecision = "decision" // by a decision of the deciding organ
	LiftNone     = "none"     // it is not lifted; only its bars end
)

// Evidence marks of a rule: the law was read, a public page was seen, known but
// not verified, our own proposal.
const (
	Law      = "LAW"
	Seen     = "T"
	Unproved = "K"
	Proposed = "P"
)

// Document is a source of rules with the time in which it was in force.
type Document struct {
	Title    string     `yaml:"title" json:"title"`
	Issuer   string     `yaml:"issuer" json:"issuer"`
	From     clock.Date `yaml:"from" json:"from"`
	To       clock.Date `yaml:"to" json:"to,omitempty"`
	Evidence string     `yaml:"evidence" json:"evidence"`
}

// Bar is something that the person may not do.
type Bar struct {
	What    string `yaml:"what" json:"what"`
	Months  int    `yaml:"months" json:"months,omitempty"` // 0 = as long as the effect lasts
	After   bool   `yaml:"after" json:"after,omitempty"`   // counted from the end of the effect
	Forever bool   `yaml:"forever" json:"forever,omitempty"`
}

// Version is a kind of sanction as one document had it.
type Version struct {
	Doc      string     `yaml:"doc" json:"doc"`
	Article  string     `yaml:"article" json:"article"`
	Evidence string     `yaml:"evidence" json:"evidence"`
	From     clock.Date `yaml:"from" json:"from"`
	To       clock.Date `yaml:"to" json:"to,omitempty"`
	Months   int        `yaml:"months" json:"months,omitempty"`
	Choices  []int      `yaml:"choices" json:"choices,omitempty"` // periods of which the decision names one
	Most     bool       `yaml:"most" json:"most,omitempty"`       // Months is the longest that may be set
	None     bool       `yaml:"none" json:"none,omitempty"`       // no period at all
	Final    bool       `yaml:"final" json:"final,omitempty"`     // ends the service: no period
	Lift     string     `yaml:"lift" json:"lift,omitempty"`
	Bars     []Bar      `yaml:"bars" json:"bars,omitempty"`
}

func (v Version) in(on clock.Date) bool { return v.From <= on && (v.To == "" || on <= v.To) }

// Kind is a sanction or measure.
type Kind struct {
	ID       string    `yaml:"id" json:"id"`
	Layer    string    `yaml:"layer" json:"layer"`
	Weight   int       `yaml:"weight" json:"weight"`
	Form     int       `yaml:"form" json:"form"`                     // of the four forms (J-10)
	Keeps    bool      `yaml:"keeps" json:"keeps_reduced,omitempty"` // lifting gives no former grade back (政务处分法 26)
	Versions []Version `yaml:"versions" json:"versions"`
}

// Sanction tells whether k is a sanction in the narrow sense, which the retired
// no longer get (J-8).
func (k Kind) Sanction() bool { return k.Layer == Admin }

// Concurrent says what happens when sanctions meet.
type Concurrent struct {
	Layer    string     `yaml:"layer" json:"layer"`
	Rule     string     `yaml:"rule" json:"rule"`
	Most     int        `yaml:"most" json:"most"`
	Doc      string     `yaml:"doc" json:"doc"`
	Article  string     `yaml:"article" json:"article"`
	Evidence string     `yaml:"evidence" json:"evidence"`
	From     clock.Date `yaml:"from" json:"from"`
	To       clock.Date `yaml:"to" json:"to,omitempty"`
}

// Circumstance makes a sanction lighter or heavier.
type Circumstance struct {
	ID       string `yaml:"id" json:"id"`
	Turns    string `yaml:"turns" json:"turns"` // lighter, heavier, exempt
	Doc      string `yaml:"doc" json:"doc"`
	Article  string `yaml:"article" json:"article"`
	Evidence string `yaml:"evidence" json:"evidence"`
}

// Conduct is a class of conduct with what the law provides for it.
type Conduct struct {
	ID        string   `yaml:"id" json:"id"`
	Abuse     bool     `yaml:"abuse" json:"abuse,omitempty"`         // abuse of procuratorial power: gets a backward check
	Committee bool     `yaml:"committee" json:"committee,omitempty"` // Procurators Law art. 47 items 4 and 5
	Doc       string   `yaml:"doc" json:"doc"`
	Article   string   `yaml:"article" json:"article"`
	Evidence  string   `yaml:"evidence" json:"evidence"`
	Normal    []string `yaml:"normal" json:"normal,omitempty"`
	Grave     []string `yaml:"grave" json:"grave,omitempty"`
	Severe    []string `yaml:"severe" json:"severe,omitempty"`
}

// Range gives the lightest and the heaviest sanction for a gravity.
func (c Conduct) Range(gravity string) []string {
	switch gravity {
	case "normal":
		return c.Normal
	case "grave":
		return c.Grave
	case "severe":
		return c.Severe
	}
	return nil
}

// Gravities of a conduct, light first. A minor one with a lenient circumstance
// needs no sanction (J-7).
func Gravities() []string { return []string{"minor", "normal", "grave", "severe"} }

// Crime is a sentence and what follows for the post.
type Crime struct {
	ID       string `yaml:"id" json:"id"`
	Kind     string `yaml:"kind" json:"kind"`
	Instead  string `yaml:"instead" json:"instead,omitempty"`
	Doc      string `yaml:"doc" json:"doc"`
	Article  string `yaml:"article" json:"article"`
	Evidence string `yaml:"evidence" json:"evidence"`
}

// CrimeOf finds what follows a sentence; a crime that is only suspected has none.
func (c *Catalogue) CrimeOf(id string) (Crime, bool) {
	for _, x := range c.Crimes {
		if x.ID == id {
			return x, true
		}
	}
	return Crime{}, false
}

// Setting is a number of the procedure with its source.
type Setting struct {
	Key      string `yaml:"key" json:"key"`
	Value    int    `yaml:"value" json:"value"`
	Unit     string `yaml:"unit" json:"unit"`
	Evidence string `yaml:"evidence" json:"evidence"`
	Source   string `yaml:"source" json:"source"`
}

// Catalogue is all rules of the room.
type Catalogue struct {
	Documents     map[string]Document `yaml:"documents"`
	Kinds         []Kind              `yaml:"kinds"`
	Running       []Concurrent        `yaml:"running"`
	Joined        []Concurrent        `yaml:"joined"`
	Circumstances []Circumstance      `yaml:"circumstances"`
	Conducts      []Conduct           `yaml:"conducts"`
	Crimes        []Crime             `yaml:"crimes"`
	Settings      []Setting           `yaml:"-"`
	Weights       Weights             `yaml:"-"`
	Small         map[string]int      `yaml:"-"`
}

// Weights are the points by which a lead is weighed.
type Weights struct {
	Source map[string]int `yaml:"source"`
	Known  int            `yaml:"known"`
	Signed int            `yaml:"signed"`
	Dated  int            `yaml:"dated"`
	Amount int            `yaml:"amount"`
	Abuse  int            `yaml:"abuse"`
	Again  int            `yaml:"again"`
	Joined int            `yaml:"joined"`
	Bands  map[string]int `yaml:"bands"`
}

// Rulebook is the catalogue that the program ships. It panics at start when its
// own files are broken: a program without its law must not run.
var Rulebook = sync.OnceValue(func() *Catalogue {
	c, err := loadRules()
	if err != nil {
		panic(err)
	}
	return c
})

func loadRules() (*Catalogue, error) {
	law, err := ruleFiles.ReadFile("rules/sanctions.yaml")
	if err != nil {
		return nil, err
	}
	procedure, err := ruleFiles.ReadFile("rules/procedure.yaml")
	if err != nil {
		return nil, err
	}
	return ParseRules(law, procedure)
}

// ParseRules reads the two rule files and checks that they agree with themselves.
func ParseRules(law, procedure []byte) (*Catalogue, error) {
	c := &Catalogue{}
	d := yaml.NewDecoder(bytes.NewReader(law))
	d.KnownFields(true)
	if err := d.Decode(c); err != nil {
		return nil, fmt.Errorf("sanctions.yaml: %w", err)
	}
	var p struct {
		Settings []Setting      `yaml:"settings"`
		Weights  Weights        `yaml:"weights"`
		Small    map[string]int `yaml:"small"`
	}
	d = yaml.NewDecoder(bytes.NewReader(procedure))
	d.KnownFields(true)
	if err := d.Decode(&p); err != nil {
		return nil, fmt.Errorf("procedure.yaml: %w", err)
	}
	c.Settings, c.Weights, c.Small = p.Settings, p.Weights, p.Small
	return c, c.check()
}

var marks = []string{Law, Seen, Unproved, Proposed}

func (c *Catalogue) check() error {
	ref := func(where, doc, evidence string) error {
		if _, ok := c.Documents[doc]; !ok {
			return fmt.Errorf("%s: no document %q", where, doc)
		}
		if !slices.Contains(marks, evidence) {
			return fmt.Errorf("%s: evidence %q", where, evidence)
		}
		return nil
	}
	seen := map[string]bool{}
	for _, k := range c.Kinds {
		if seen[k.ID] || k.Weight < 1 || k.Form < 1 || k.Form > 4 || len(k.Versions) == 0 || !slices.Contains([]string{Education, Org, Admin, Party}, k.Layer) {
			return fmt.Errorf("kind %q: twice, or without layer, weight, form or version", k.ID)
		}
		seen[k.ID] = true
		for i, v := range k.Versions {
			if err := ref(k.ID, v.Doc, v.Evidence); err != nil {
				return err
			}
			if v.Months == 0 && len(v.Choices) == 0 && !v.None && !v.Final {
				return fmt.Errorf("kind %q of %s: no period, and does not say so", k.ID, v.Doc)
			}
			if !v.From.Valid() || v.To != "" && v.To < v.From {
				return fmt.Errorf("kind %q of %s: dates", k.ID, v.Doc)
			}
			for _, w := range k.Versions[i+1:] {
				if (w.To == "" || v.From <= w.To) && (v.To == "" || w.From <= v.To) {
					return fmt.Errorf("kind %q: %s and %s are in force on one day", k.ID, v.Doc, w.Doc)
				}
			}
		}
	}
	for _, x := range slices.Concat(c.Running, c.Joined) {
		if err := ref("concurrent "+x.Rule, x.Doc, x.Evidence); err != nil {
			return err
		}
	}
	for _, x := range c.Circumstances {
		if err := ref("circumstance "+x.ID, x.Doc, x.Evidence); err != nil {
			return err
		}
	}
	for _, x := range c.Crimes {
		if err := ref("crime "+x.ID, x.Doc, x.Evidence); err != nil {
			return err
		}
		if !seen[x.Kind] || x.Instead != "" && !seen[x.Instead] {
			return fmt.Errorf("crime %q names no kind", x.ID)
		}
	}
	for _, x := range c.Conducts {
		if err := ref("conduct "+x.ID, x.Doc, x.Evidence); err != nil {
			return err
		}
		for _, g := range Gravities() {
			if r := x.Range(g); r != nil && (len(r) != 2 || !seen[r[0]] || !seen[r[1]]) {
				return fmt.Errorf("conduct %q, %s: a range is two kinds", x.ID, g)
			}
		}
	}
	for _, s := range c.Settings {
		if seen[s.Key] || s.Value < 1 || s.Source == "" || !slices.Contains(marks, s.Evidence) {
			return fmt.Errorf("setting %q: twice, or without value, source or evidence", s.Key)
		}
		seen[s.Key] = true
	}
	return nil
}

// Kind finds a kind by its id.
func (c *Catalogue) Kind(id string) (Kind, bool) {
	i := slices.IndexFunc(c.Kinds, func(k Kind) bool { return k.ID == id })
	if i < 0 {
		return Kind{}, false
	}
	return c.Kinds[i], true
}

// Conduct finds a class of conduct.
func (c *Catalogue) Conduct(id string) (Conduct, bool) {
	i := slices.IndexFunc(c.Conducts, func(k Conduct) bool { return k.ID == id })
	if i < 0 {
		return Conduct{}, false
	}
	return c.Conducts[i], true
}

// Circumstance finds a circumstance.
func (c *Catalogue) Circumstance(id string) (Circumstance, bool) {
	i := slices.IndexFunc(c.Circumstances, func(k Circumstance) bool { return k.ID == id })
	if i < 0 {
		return Circumstance{}, false
	}
	return c.Circumstances[i], true
}

// Setting finds a setting as shipped.
func (c *Catalogue) Setting(key string) (Setting, bool) {
	i := slices.IndexFunc(c.Settings, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return Setting{}, false
	}
	return c.Settings[i], true
}

// Cite names a document and an article as they are quoted in a paper.
func (c *Catalogue) Cite(doc, article string) string {
	return "《" + c.Documents[doc].Title + "》" + article
}
