package directive

import (
	"bytes"
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/lazy"
)

//go:embed rules/supervise.yaml
var superviseFile []byte

// Practice is how tasks are supervised: numbers and words of rules/supervise.yaml.
type Practice struct {
	NearDays   int    `yaml:"near_days"`
	Extensions int    `yaml:"extensions"`
	Mark       string `yaml:"mark"`
	Source     string `yaml:"source"`
	Tiers      []Tier `yaml:"tiers"`
	Dispatch   struct {
		Weekday   int `yaml:"weekday"`
		MonthDay  int `yaml:"month_day"`
		AheadDays int `yaml:"ahead_days"`
	} `yaml:"dispatch"`
	Prohibitions []string `yaml:"prohibitions"`
	Musts        []string `yaml:"musts"`
	Whole        []string `yaml:"whole"`
	Weakening    []string `yaml:"weakening"`
	Partial      []string `yaml:"partial"`
	Known        []Known  `yaml:"known"`
}

// Tier is one level to which a reminder climbs, so many days after the date.
type Tier struct {
	Name string     `yaml:"name"`
	Role actor.Role `yaml:"role"`
	Days int        `yaml:"days"`
}

// Known is something that the system holds already.
type Known struct {
	Words []string `yaml:"words"`
	Href  string   `yaml:"href"`
	Key   string   `yaml:"key"`
	Asked []string `yaml:"-" json:"asked,omitempty"` // what of a preview asks for it
}

// Supervision gives the practice in force.
var Supervision = sync.OnceValue(func() Practice {
	var p Practice
	d := yaml.NewDecoder(bytes.NewReader(superviseFile))
	d.KnownFields(true)
	if err := d.Decode(&p); err != nil {
		panic(err) // the file is part of the build; its test reads it
	}
	return p
})

// Doubt is a place where a local wording may say less than its source; a person
// judges whether it does.
type Doubt struct {
	Kind  string `json:"kind"` // weakened, partial, unforbidden, smaller
	Words string `json:"words"`
}

var amount = lazy.Pattern(`([0-9]+(?:\.[0-9]+)?)(%|％|个百分点|项|件|次|人|天|日|个工作日|个月|家|篇|遍)`)

// Doubts compares a local wording with the sentence it comes from: words that
// weaken, a part instead of the whole, a prohibition that is not repeated, a
// smaller figure of the same unit. It says where to look, not what is right.
func Doubts(source, local string) []Doubt {
	p := Supervision()
	var out []Doubt
	has := func(text string, words []string) string {
		for _, w := range words {
			if strings.Contains(text, w) {
				return w
			}
		}
		return ""
	}
	if w := has(local, p.Weakening); w != "" && !strings.Contains(source, w) && has(source, append(append([]string{}, p.Musts...), append(p.Prohibitions, append(p.Whole, "要")...)...)) != "" {
		out = append(out, Doubt{"weakened", w})
	}
	if whole := has(source, p.Whole); whole != "" && has(local, p.Whole) == "" {
		if w := has(local, p.Partial); w != "" && !strings.Contains(source, w) {
			out = append(out, Doubt{"partial", whole + " → " + w})
		}
	}
	if no := has(source, p.Prohibitions); no != "" && has(local, p.Prohibitions) == "" && strings.Contains(local, "可以") && !strings.Contains(source, "可以") {
		out = append(out, Doubt{"unforbidden", no})
	}
	asked := map[string]float64{}
	for _, m := range amount().FindAllStringSubmatch(source, -1) {
		if v, err := strconv.ParseFloat(m[1], 64); err == nil && v > asked[m[2]] {
			asked[m[2]] = v
		}
	}
	given := map[string]float64{}
	for _, m := range amount().FindAllStringSubmatch(local, -1) {
		if v, err := strconv.ParseFloat(m[1], 64); err == nil && v > given[m[2]] {
			given[m[2]] = v
		}
	}
	for _, m := range amount().FindAllStringSubmatch(source, -1) {
		if v, ok := given[m[2]]; ok && v < asked[m[2]] {
			out = append(out, Doubt{"smaller", strconv.FormatFloat(asked[m[2]], 'f', -1, 64) + m[2] + " → " + strconv.FormatFloat(v, 'f', -1, 64) + m[2]})
			delete(given, m[2])
		}
	}
	return out
}
