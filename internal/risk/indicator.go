package risk

import (
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"gopkg.in/yaml.v3"

	"huikan/internal/kernel/fault"
)

// Subjects of rules.
const (
	OfCase   = "case"
	OfPerson = "person"
	OfPair   = "pair"
	OfUnit   = "unit"
)

// Subjects lists what a rule may be about.
func Subjects() []string { return []string{OfCase, OfPerson, OfPair, OfUnit} }

// Types of an indicator's value.
const (
	typeInt  = "int"
	typeNum  = "num"
	typeBool = "bool"
	typeText = "text"
)

// Indicator is a named value that rules may read.
type Indicator struct {
	Key     string   `yaml:"key" json:"key"`
	Subject string   `yaml:"subject" json:"subject"`
	Type    string   `yaml:"kind" json:"type"`
	Unit    string   `yaml:"unit" json:"unit,omitempty"`
	From    []string `yaml:"from" json:"from,omitempty"`
	Measure string   `yaml:"measure" json:"measure,omitempty"`
	Zh      string   `yaml:"zh" json:"zh"`
	En      string   `yaml:"en" json:"en"`

	slot int
}

// Word names the indicator.
func (x Indicator) Word(lang string) string {
	if lang == "en" {
		return x.En
	}
	return x.Zh
}

// Setting is a number that the engine counts with, with its source.
type Setting struct {
	Key      string `yaml:"key" json:"key"`
	Value    int    `yaml:"value" json:"value"`
	Evidence string `yaml:"evidence" json:"evidence"`
	Document string `yaml:"document" json:"document"`
	Article  string `yaml:"article" json:"article"`
	Zh       string `yaml:"zh" json:"zh"`
	En       string `yaml:"en" json:"en"`
}

// Word names the setting.
func (x Setting) Word(lang string) string {
	if lang == "en" {
		return x.En
	}
	return x.Zh
}

// Law is the evidence mark of a source that was read; every other one is open.
const Law = "LAW"

// maxSlots bounds the indicators of one subject.
const maxSlots = 40

// values are the indicators of one subject: numbers by slot (a bool is 0 or 1), one text.
type values struct {
	num  [maxSlots]float64
	text string
}

// Catalogue is what comes with the program: indicators, settings and rules.
type Catalogue struct {
	Indicators []Indicator
	Settings   []Setting
	Rules      []Version
	units      map[string]map[string]string
	by         map[string]map[string]*Indicator // subject → key
}

//go:embed rules/indicators.yaml
var indicatorsFile []byte

//go:embed rules/rules.yaml
var rulesFile []byte

// Shipped is the catalogue that comes with the program. Its rules are compiled by
// whoever runs them; a test compiles each.
var Shipped = sync.OnceValue(func() *Catalogue {
	c, err := parseCatalogue(indicatorsFile, rulesFile)
	if err != nil {
		panic(err) // shipped with the program and read by every test
	}
	return c
})

func parseCatalogue(indicators, rules []byte) (*Catalogue, error) {
	var f struct {
		Indicators []Indicator                  `yaml:"indicators"`
		Units      map[string]map[string]string `yaml:"units"`
		Settings   []Setting                    `yaml:"settings"`
	}
	if err := yaml.Unmarshal(indicators, &f); err != nil {
		return nil, fmt.Errorf("indicators.yaml: %w", err)
	}
	c := &Catalogue{Indicators: f.Indicators, Settings: f.Settings, units: f.Units, by: map[string]map[string]*Indicator{}}
	for i := range c.Indicators {
		x := &c.Indicators[i]
		if c.by[x.Subject] == nil {
			c.by[x.Subject] = map[string]*Indicator{}
		}
		x.slot = len(c.by[x.Subject])
		c.by[x.Subject][x.Key] = x
		if x.slot >= maxSlots {
			return nil, fmt.Errorf("indicators.yaml: too many of %s", x.Subject)
		}
	}
	var r struct {
		Rules []struct {
			Key      string `yaml:"key"`
			Subject  string `yaml:"subject"`
			Level    int    `yaml:"level"`
			Zh       string `yaml:"zh"`
			En       string `yaml:"en"`
			When     string `yaml:"when"`
			Document string `yaml:"document"`
			Article  string `yaml:"article"`
			Evidence string `yaml:"evidence"`
		} `yaml:"rules"`
	}
	if err := yaml.Unmarshal(rules, &r); err != nil {
		return nil, fmt.Errorf("rules.yaml: %w", err)
	}
	for _, x := range r.Rules {
		c.Rules = append(c.Rules, Version{Rule: x.Key, N: 1, Subject: x.Subject, Level: x.Level, NameZh: x.Zh, NameEn: x.En, Expression: x.When, Document: x.Document, Article: x.Article, Evidence: x.Evidence, State: Published})
	}
	return c, nil
}

// Setting finds a setting.
func (c *Catalogue) Setting(key string) (Setting, bool) {
	i := slices.IndexFunc(c.Settings, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return Setting{}, false
	}
	return c.Settings[i], true
}

// Of lists the indicators of a subject.
func (c *Catalogue) Of(subject string) []Indicator {
	var out []Indicator
	for _, x := range c.Indicators {
		if x.Subject == subject {
			out = append(out, x)
		}
	}
	return out
}

func (c *Catalogue) indicator(subject, key string) (Indicator, bool) {
	x, ok := c.by[subject][key]
	if !ok {
		return Indicator{}, false
	}
	return *x, true
}

// UnitWord is the word behind a number.
func (c *Catalogue) UnitWord(unit, lang string) string { return c.units[unit][lang] }

// slot is the place of an indicator's value; a key that does not exist is a
// mistake of the program.
func (c *Catalogue) slot(subject, key string) int {
	x, ok := c.by[subject][key]
	if !ok {
		panic(fault.Invalid("risk.rule.bad.word", key))
	}
	return x.slot
}
