package rules

import (
	"strconv"
	"strings"

	"huikan/internal/org/tree"
)

// say fills the sentence of a rule with the facts and adds until when it holds.
func (e *Edition) say(lang string, r Rule, q Question, v Verdict, area string) string {
	t := e.Terms[lang]
	or := func(s string) string {
		if s == "" {
			return t["unknown"]
		}
		return s
	}
	term := func(k string) string {
		if k == "" {
			return t["unknown"]
		}
		return t[k]
	}
	join := map[string]string{"zh": "、", "en": ", "}[lang]
	var units []string
	for _, o := range q.Subject.Offices {
		units = append(units, o.Name)
	}
	unit := ""
	if len(units) > 0 {
		unit = units[0]
	}
	var lacking []string
	for _, n := range v.Needs {
		lacking = append(lacking, t["need."+n])
	}
	kin, relation, role := "", "", ""
	if q.Kin != nil {
		kin, relation, role = q.Kin.Name, q.Kin.Relation, q.Kin.Role
	}
	if area == "" {
		area = unit
	}
	left := ""
	if v.Until != "" {
		left = strconv.Itoa(v.Until.Sub(q.On))
	}
	fill := strings.NewReplacer("{name}", or(q.Subject.Name), "{unit}", or(unit), "{units}", or(strings.Join(units, join)), "{departed}", or(string(q.Subject.Departed)),
		"{leaving}", term(q.Subject.Leaving), "{rank}", or(q.Subject.Rank), "{firm}", or(q.Work.Firm), "{place}", or(tree.RegionName(q.Work.Place)), "{area}", or(area),
		"{kin}", or(kin), "{relation}", term(relation), "{role}", term(role), "{until}", string(v.Until), "{left}", left, "{needs}", strings.Join(lacking, join))
	text := r.ZH
	space := ""
	if lang == "en" {
		text, space = r.EN, " "
	}
	if here := r.Here.In(lang); here != "" && q.Work.Firm != "" && (r.Place != "coverage" || len(v.Needs) == 0) {
		text += space + here
	}
	return fill.Replace(text + space + tail(t, r, v, space))
}

func tail(t map[string]string, r Rule, v Verdict, space string) string {
	switch {
	case v.Outcome == Over:
		return t["tail.ended"]
	case v.Outcome == Unclear && v.Until != "":
		return t["tail.unclear"] + space + t["tail.unclear_until"]
	case v.Outcome == Unclear:
		return t["tail.unclear"]
	case v.Until != "":
		return t["tail.until"]
	case r.Life:
		return t["tail.life"]
	case r.During != "":
		return t["tail.while"]
	}
	return t["tail.open"]
}
