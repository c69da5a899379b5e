package rules

import (
	"slices"

	"huikan/internal/kernel/clock"
)

// Change is a verdict that another edition gives differently.
type Change struct {
	Rule          string     `json:"rule"`
	Before, After string     // outcomes; free when there is none
	Was, Will     clock.Date // last days
}

// Compare tells what another edition would change for one question.
func Compare(old, next *Edition, q Question) []Change {
	before, after := byRule(old.Judge(q)), byRule(next.Judge(q))
	var keys []string
	for k := range before {
		keys = append(keys, k)
	}
	for k := range after {
		if _, ok := before[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var out []Change
	for _, k := range keys {
		a, b := before[k], after[k]
		if a.Outcome == "" {
			a.Outcome = Free
		}
		if b.Outcome == "" {
			b.Outcome = Free
		}
		if a.Outcome != b.Outcome || a.Until != b.Until {
			out = append(out, Change{Rule: k, Before: a.Outcome, After: b.Outcome, Was: a.Until, Will: b.Until})
		}
	}
	return out
}

// byRule keeps the heaviest verdict of each rule.
func byRule(vs []Verdict) map[string]Verdict {
	out := map[string]Verdict{}
	for _, v := range vs {
		if old, ok := out[v.Rule]; !ok || weight(v.Outcome) < weight(old.Outcome) {
			out[v.Rule] = v
		}
	}
	return out
}
