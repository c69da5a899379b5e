package contact

import (
	_ "embed"
	"fmt"
	"slices"
	"sort"

	"gopkg.in/yaml.v3"

	"huikan/internal/kernel/clock"
)

// Coded is one value of a list of the rules with the document it comes from.
type Coded struct {
	Code    string `yaml:"code" json:"code"`
	Source  string `yaml:"source" json:"source"`
	Insider bool   `yaml:"insider" json:"insider,omitempty"`
}

// Wording is what a class of content was called from a date on.
type Wording struct {
	From   clock.Date `yaml:"from" json:"from"`
	ZH     string     `yaml:"zh" json:"zh"`
	EN     string     `yaml:"en" json:"en"`
	Source string     `yaml:"source" json:"source"`
}

// Category is a class of content: a code that stays, and wordings that change.
type Category struct {
	Code     string    `yaml:"code" json:"code"`
	Group    string    `yaml:"group" json:"group"`
	Harmless bool      `yaml:"harmless" json:"harmless,omitempty"`
	Wordings []Wording `yaml:"wordings" json:"wordings"`
}

// Groups of categories, as the quarterly circulars sum them up.
const (
	Neutral  = "neutral"  // 反映情况、过问了解、依法监督
	Contact  = "contact"  // 接触交往
	Improper = "improper" // 不当过问或干预、插手
)

// Limit is a time limit; Mark K says that no document was seen for it.
type Limit struct {
	Code   string `yaml:"code" json:"code"`
	Days   int    `yaml:"days" json:"days"`
	Work   bool   `yaml:"work" json:"work,omitempty"`
	Mark   string `yaml:"mark" json:"mark,omitempty"`
	Source string `yaml:"source" json:"source"`
}

// Consequence is what the rules attach to records that were not made.
type Consequence struct {
	Code    string `yaml:"code" json:"code"`
	AtLeast int    `yaml:"at_least" json:"at_least"`
	Only    string `yaml:"only" json:"only"` // late, unrecorded, directed
	Source  string `yaml:"source" json:"source"`
	Article int    `yaml:"article" json:"article,omitempty"`
	Mark    string `yaml:"mark" json:"mark,omitempty"`
}

// RuleSet is one version of the rules of the register.
type RuleSet struct {
	Version      string            `yaml:"version" json:"version"`
	Sources      map[string]string `yaml:"sources" json:"sources"`
	Areas        []Coded           `yaml:"areas" json:"areas"`
	Askers       []Coded           `yaml:"askers" json:"askers"`
	Channels     []Coded           `yaml:"channels" json:"channels"`
	Categories   []Category        `yaml:"categories" json:"categories"`
	Limits       []Limit           `yaml:"limits" json:"limits"`
	Consequences []Consequence     `yaml:"consequences" json:"consequences"`
	Prohibited   []Prohibited      `yaml:"prohibited" json:"prohibited"`
	SecondName   []string          `yaml:"second_name" json:"second_name"`
	PassOver     []string          `yaml:"pass_over" json:"pass_over"`
	Period       Setting           `yaml:"period" json:"period"`
	SmallCell    int               `yaml:"small_cell" json:"small_cell"`
	Climb        [2]int            `yaml:"climb" json:"climb"` // days past a day before the office above, and those further up, are told
	Silence      struct {
		Periods  int     `yaml:"periods" json:"periods"`
		Expected float64 `yaml:"expected" json:"expected"`
		Peers    int     `yaml:"peers" json:"peers"`
		Talk     int     `yaml:"talk" json:"talk"` // periods of a department's run before a talk
	} `yaml:"silence" json:"silence"`
}

//go:embed rules/three_rules.yaml
var rulesText []byte

// TheRules are the rules that came with the program.
var TheRules = mustRules(rulesText)

func mustRules(text []byte) *RuleSet {
	r, err := ParseRules(text)
	if err != nil {
		panic(err) // a test reads the file that is built in
	}
	return r
}

// ParseRules reads and checks a rule file.
func ParseRules(text []byte) (*RuleSet, error) {
	var r RuleSet
	if err := yaml.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("rules of the register: %w", err)
	}
	for _, c := range r.Categories {
		if !slices.Contains([]string{Neutral, Contact, Improper}, c.Group) || len(c.Wordings) == 0 {
			return nil, fmt.Errorf("rules of the register: class %s has no group or no wording", c.Code)
		}
		if !sort.SliceIsSorted(c.Wordings, func(i, j int) bool { return c.Wordings[i].From < c.Wordings[j].From }) {
			return nil, fmt.Errorf("rules of the register: wordings of %s are not in order", c.Code)
		}
		for _, w := range c.Wordings {
			if !w.From.Valid() || w.ZH == "" || w.EN == "" || w.Source == "" {
				return nil, fmt.Errorf("rules of the register: wording of %s from %q is not whole", c.Code, w.From)
			}
		}
	}
	for _, list := range [][]Coded{r.Areas, r.Askers, r.Channels} {
		if len(list) == 0 {
			return nil, fmt.Errorf("rules of the register: a list is empty")
		}
		for _, x := range list {
			if x.Code == "" || x.Source == "" {
				return nil, fmt.Errorf("rules of the register: %q has no source", x.Code)
			}
		}
	}
	for i, p := range r.Prohibited {
		if p.Code == "" || r.Sources[p.Source] == "" || p.Article < 1 || p.Item < 1 || len(p.Askers) == 0 || !p.From.Valid() {
			return nil, fmt.Errorf("rules of the register: prohibited kind %d is not whole", i+1)
		}
		for _, a := range p.Askers {
			if !slices.Contains(Codes(r.Askers), a) {
				return nil, fmt.Errorf("rules of the register: prohibited kind %s names the asker %q", p.Code, a)
			}
		}
	}
	if err := r.Period.check(); err != nil {
		return nil, fmt.Errorf("rules of the register: %w", err)
	}
	return &r, nil
}

// Category finds a class by its code.
func (r *RuleSet) Category(code string) (Category, bool) {
	for _, c := range r.Categories {
		if c.Code == code {
			return c, true
		}
	}
	return Category{}, false
}

// Word is the wording of a class on a day, in a language; the code when the
// class was not yet named.
func (r *RuleSet) Word(code string, on clock.Date, lang string) string {
	c, _ := r.Category(code)
	word := code
	for _, w := range c.Wordings {
		if w.From <= on {
			if word = w.ZH; lang == "en" {
				word = w.EN
			}
		}
	}
	return word
}

// Named lists the classes that had a wording on a day.
func (r *RuleSet) Named(on clock.Date) []Category {
	var out []Category
	for _, c := range r.Categories {
		if c.Wordings[0].From <= on {
			out = append(out, c)
		}
	}
	return out
}

// Insider tells whether an asker belongs to the procuratorates.
func (r *RuleSet) Insider(asker string) bool {
	return slices.ContainsFunc(r.Askers, func(c Coded) bool { return c.Code == asker && c.Insider })
}

// days is the number of days of a limit.
func (r *RuleSet) days(limit string) int {
	for _, l := range r.Limits {
		if l.Code == limit {
			return l.Days
		}
	}
	return 0
}

// Due is the day on which a limit ends that begins on a day.
func (r *RuleSet) Due(limit string, from clock.Date, cal *clock.Calendar) clock.Date {
	for _, l := range r.Limits {
		if l.Code != limit {
			continue
		}
		if l.Work {
			d, _ := cal.AddWorkdays(from, l.Days)
			return d
		}
		return from.AddDays(l.Days)
	}
	return ""
}

// Consequences lists what the rules attach to a count of failures of a kind.
func (r *RuleSet) ConsequencesOf(kind string, times int) []Consequence {
	var out []Consequence
	for _, c := range r.Consequences {
		if c.Only == kind && times >= c.AtLeast {
			out = append(out, c)
		}
	}
	return out
}

// Codes lists the codes of a list.
func Codes(list []Coded) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = x.Code
	}
	return out
}
