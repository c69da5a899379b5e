package rectification

import (
	"bytes"
	_ "embed"
	"sync"

	"gopkg.in/yaml.v3"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

//go:embed rules/deadline.yaml
var deadlineFile []byte

// DeadlineRule says by when a unit has planned, reported and rectified after the
// feedback. A round chooses one; without a choice the first is in force. The
// rules stand in rules/deadline.yaml with their sources (domain I-9, I-10, I-19).
type DeadlineRule struct {
	ID             string         `yaml:"id" json:"id"`
	Zh             string         `yaml:"zh" json:"zh"`
	En             string         `yaml:"en" json:"en"`
	Source         string         `yaml:"source" json:"source"`
	Mark           string         `yaml:"mark" json:"mark"` // K: practice, not confirmed by a text
	From           clock.Date     `yaml:"valid_from" json:"valid_from"`
	To             clock.Date     `yaml:"valid_to" json:"valid_to"`
	PlanMonths     int            `yaml:"plan_months" json:"plan_months"`
	ReportMonths   int            `yaml:"report_months" json:"report_months"`
	EvaluateMonths int            `yaml:"evaluate_months" json:"evaluate_months"` // after the concentrated period
	Workdays       map[string]int `yaml:"workdays" json:"workdays"`               // by severity; none: the round's period
}

// DeadlineRules lists the rules of the program, the default first.
var DeadlineRules = sync.OnceValue(func() []DeadlineRule {
	out, err := readDeadlines(deadlineFile)
	if err != nil {
		panic(err) // the file is part of the build; its test reads it
	}
	return out
})

func readDeadlines(raw []byte) ([]DeadlineRule, error) {
	var out []DeadlineRule
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&out); err != nil {
		return nil, fault.Invalid("item.bad.rule_file").With(err)
	}
	for _, r := range out {
		if r.ID == "" || r.Zh == "" || r.En == "" || r.Source == "" || !r.From.Valid() || r.PlanMonths <= 0 || r.ReportMonths <= 0 || r.EvaluateMonths <= 0 {
			return nil, fault.Invalid("item.bad.rule_file")
		}
	}
	return out, nil
}

// Rule finds a rule by its name; "" is the default.
func Rule(name string) (DeadlineRule, bool) {
	for _, r := range DeadlineRules() {
		if r.ID == name || name == "" {
			return r, true
		}
	}
	return DeadlineRule{}, false
}

// Name is the rule's name in a language.
func (r DeadlineRule) Name(lang string) string {
	if lang == "en" {
		return r.En
	}
	return r.Zh
}

// Due is the day by which an item of a severity is rectified: so many working
// days after the feedback, never later than the round's own period ends.
func (r DeadlineRule) Due(c *clock.Calendar, fedBack clock.Date, severity string, period clock.Date) clock.Date {
	n := r.Workdays[severity]
	if n == 0 || !fedBack.Valid() {
		return period
	}
	due, _ := c.AddWorkdays(fedBack, n) // a year without a notice counts by the plain week
	if period.Valid() && due.After(period) {
		return period
	}
	return due
}

// Tier is one step of the reminders that climb: twenty days before the date to
// the handler, ten days before to the line leader, when it has passed to the
// head of the unit, each to those before as well (practice of Jiangjin, peers
// §1.10; green, yellow, red, always with the word). A round may set other days.
type Tier struct {
	Name  string
	Ahead int // days before the date; negative: after
	Class string
}

// Names of the tiers.
const (
	TierHandler = "handler"
	TierLine    = "line"
	TierHead    = "head"
)

// How many days before the date the first two tiers are reached where a round has not
// set its own, and how early they may be.
const (
	HandlerDays   = 20
	LineDays      = 10
	maxRemindDays = 90
)

// Tiers lists them from early to late, as they are where a round has set nothing.
func Tiers() []Tier { return RoundSetting{}.Tiers() }

// Tiers are those of a round.
func (r RoundSetting) Tiers() []Tier {
	handler, line := r.Handler, r.Line
	if handler == 0 {
		handler = HandlerDays
	}
	if line == 0 {
		line = LineDays
	}
	return []Tier{{TierHandler, handler, "ok"}, {TierLine, line, "wait"}, {TierHead, -1, "late"}}
}

// checkTiers says what is wrong with the days of a round: each tier is reached later
// than the one before, and before the date has passed.
func (r RoundSetting) checkTiers(bad *fault.Fields) {
	t := r.Tiers()
	for n, name := range []string{"remind_handler", "remind_line"} {
		if d := []int{r.Handler, r.Line}[n]; d < 0 || d > maxRemindDays {
			bad.Add(name, "rectify_round.bad.days", maxRemindDays)
		}
	}
	if t[0].Ahead <= t[1].Ahead {
		bad.Add("remind_line", "rectify_round.bad.order", t[0].Ahead)
	}
}

// TierOf is the tier that an item of a round has reached, "" before the first.
func (r RoundSetting) TierOf(due, today clock.Date) string {
	out := ""
	for _, t := range r.Tiers() {
		if due.Valid() && due.Sub(today) <= t.Ahead {
			out = t.Name
		}
	}
	return out
}
