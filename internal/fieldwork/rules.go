package fieldwork

import (
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"gopkg.in/yaml.v3"

	"huikan/internal/inspection"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

//go:embed rules/rules.yaml
var ruleFile []byte

// Units of a limit.
const (
	Workdays = "workday"
	Days     = "day"
	Months   = "month"
)

// Units lists the units in the order of the form.
func Units() []string { return []string{Workdays, Days, Months} }

// Book is the versioned rule file.
type Book struct {
	Version string  `yaml:"version"`
	Limits  []Limit `yaml:"limits"`
	Kinds   []Kind  `yaml:"kinds"`
	Rules   []Rule  `yaml:"rules"`
}

// Kind says what a kind of round does not want of the procedure of an inspection,
// and why. Kinds that are not named want all of it.
type Kind struct {
	Key      string   `yaml:"key" json:"key"`
	Rule     string   `yaml:"rule" json:"rule"`
	Document string   `yaml:"document" json:"document"`
	Evidence string   `yaml:"evidence" json:"evidence"`
	Without  []Exempt `yaml:"without" json:"without"`
}

// Exempt are records and limits that do not apply, for one reason.
type Exempt struct {
	Why     string   `yaml:"why" json:"why"`
	Records []string `yaml:"records" json:"records"`
	Limits  []string `yaml:"limits" json:"limits"`
}

// Limit is a period between two events of an inspection.
type Limit struct {
	Key      string         `yaml:"key"`
	Rule     string         `yaml:"rule"`
	Anchor   string         `yaml:"anchor"`
	Before   bool           `yaml:"before"` // counted backwards from the anchor
	Only     string         `yaml:"only"`   // kind of round that alone has it
	Versions []LimitVersion `yaml:"versions"`
}

// LimitVersion is what a document said of a limit for a time.
type LimitVersion struct {
	From     clock.Date `yaml:"from"`
	To       clock.Date `yaml:"to"`
	Amount   int        `yaml:"amount"`
	Unit     string     `yaml:"unit"`
	Document string     `yaml:"document"`
	Article  string     `yaml:"article"`
	Evidence string     `yaml:"evidence"`
}

// Rule is one rule of the domain and where the product shows it.
type Rule struct {
	ID       string `yaml:"id"`
	Where    string `yaml:"where"`
	Document string `yaml:"document"`
	Article  string `yaml:"article"`
	Evidence string `yaml:"evidence"`
}

// Period is a limit as it counts for a round: that of the book, or the round's own.
type Period struct {
	Key      string `json:"key"`
	Rule     string `json:"rule"`
	Anchor   string `json:"anchor"`
	Before   bool   `json:"before"`
	Amount   int    `json:"amount"`
	Unit     string `json:"unit"`
	Source   string `json:"source"`
	Evidence string `json:"evidence"`
	Own      bool   `json:"own"` // set for the round
}

// ParseBook reads a rule file. It refuses unknown fields, keys given twice, units
// that do not exist and versions that overlap or are out of order.
func ParseBook(raw []byte) (Book, error) {
	var b Book
	if err := yaml.Unmarshal(raw, &b); err != nil {
		return b, fault.Invalid("rules.bad.file").With(err)
	}
	seen := map[string]bool{}
	for _, l := range b.Limits {
		if l.Key == "" || seen[l.Key] || len(l.Versions) == 0 {
			return b, fault.Invalid("rules.bad.limit", l.Key)
		}
		seen[l.Key] = true
		last := clock.Date("")
		for i, v := range l.Versions {
			open := v.To == ""
			if !v.From.Valid() || !open && (!v.To.Valid() || v.To < v.From) || i > 0 && (last == "" || v.From <= last) ||
				v.Amount < 1 || !slices.Contains(Units(), v.Unit) || v.Document == "" || v.Evidence == "" {
				return b, fault.Invalid("rules.bad.version", l.Key, i+1)
			}
			last = v.To
		}
	}
	for n, k := range b.Kinds {
		if !slices.Contains(inspection.RoundKinds(), k.Key) || k.Document == "" || k.Evidence == "" || slices.ContainsFunc(b.Kinds[:n], func(o Kind) bool { return o.Key == k.Key }) {
			return b, fault.Invalid("rules.bad.kind", k.Key)
		}
		for _, x := range k.Without {
			for _, key := range x.Records {
				if !slices.ContainsFunc(ActKinds(), func(a ActKind) bool { return a.Key == key && a.Required }) {
					return b, fault.Invalid("rules.bad.kind", k.Key)
				}
			}
			for _, key := range x.Limits {
				if !seen[key] {
					return b, fault.Invalid("rules.bad.kind", k.Key)
				}
			}
		}
	}
	return b, nil
}

// KindRule is what the book says of a kind of round.
func (b Book) KindRule(kind string) Kind {
	for _, k := range b.Kinds {
		if k.Key == kind {
			return k
		}
	}
	return Kind{Key: kind}
}

// exempts tells whether a kind of round does not want a record.
func (k Kind) exempts(record string) bool {
	return slices.ContainsFunc(k.Without, func(x Exempt) bool { return slices.Contains(x.Records, record) })
}

// Has tells whether a limit counts for a kind of round.
func (b Book) Has(limit, kind string) bool {
	for _, l := range b.Limits {
		if l.Key == limit && l.Only != "" && l.Only != kind {
			return false
		}
	}
	return !slices.ContainsFunc(b.KindRule(kind).Without, func(x Exempt) bool { return slices.Contains(x.Limits, limit) })
}

// Rules is the book that came with the program.
var book = sync.OnceValue(func() Book {
	b, err := ParseBook(ruleFile)
	if err != nil {
		panic(fmt.Sprint("fieldwork: rules.yaml: ", err)) // the file is part of the build; its test reads it
	}
	return b
})

// TheBook is the rule file that came with the program.
func TheBook() Book { return book() }

// Period gives a limit as the book has it on a day.
func (b Book) Period(key string, on clock.Date) (Period, bool) {
	for _, l := range b.Limits {
		if l.Key != key {
			continue
		}
		for _, v := range l.Versions {
			if v.From <= on && (v.To == "" || v.To >= on) {
				source := v.Document
				if v.Article != "" {
					source += " " + v.Article
				}
				return Period{Key: key, Rule: l.Rule, Anchor: l.Anchor, Before: l.Before, Amount: v.Amount, Unit: v.Unit, Source: source, Evidence: v.Evidence}, true
			}
		}
	}
	return Period{}, false
}

// Due counts a period from its anchor, forwards or backwards. The day is
// provisional while a year's holidays are not known. A last day that is no working
// day rolls on to the next one, unless it is counted backwards: then it rolls back.
func (p Period) Due(cal *clock.Calendar, anchor clock.Date) (due clock.Date, provisional bool) {
	if !anchor.Valid() {
		return "", false
	}
	n := p.Amount
	if p.Before {
		n = -n
	}
	switch p.Unit {
	case Workdays:
		return cal.AddWorkdays(anchor, n)
	case Months:
		due = anchor.AddMonths(n)
	default:
		due = anchor.AddDays(n)
	}
	if !p.Before {
		return cal.Roll(due)
	}
	for range 30 {
		work, known := cal.IsWorkday(due)
		if work {
			return due, !known
		}
		due = due.AddDays(-1)
	}
	return due, false
}
