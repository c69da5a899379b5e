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
	text := r.ZH
	space := ""
	if lang == "en" {
		text, space = r.EN, " "
	}
	if here := r.Here.In(lang); here != "" && q.Work.Firm != "" && (r.Place != "coverage" || len(v.Needs) == 0) {
		text += space + here
	}
	return fill(text+space+tail(t, r, v, space), func(key string) (string, bool) {
		switch key {
		case "name":
			return or(q.Subject.Name), true
		case "unit":
			return or(unit), true
		case "units":
			return or(strings.Join(units, join)), true
		case "departed":
			return or(string(q.Subject.Departed)), true
		case "leaving":
			return term(q.Subject.Leaving), true
		case "rank":
			return or(q.Subject.Rank), true
		case "firm":
			return or(q.Work.Firm), true
		case "place":
			return or(tree.RegionName(q.Work.Place)), true
		case "area":
			return or(area), true
		case "kin":
			return or(kin), true
		case "relation":
			return term(relation), true
		case "role":
			return term(role), true
		case "until":
			return string(v.Until), true
		case "left":
			return left, true
		case "needs":
			return strings.Join(lacking, join), true
		}
		return "", false
	})
}

// fill puts the facts into the braces of a sentence, in one pass: what a fact brings along is not filled again. A brace that
// names no fact stays as it stands.
func fill(text string, fact func(key string) (string, bool)) string {
	var b strings.Builder
	b.Grow(2 * len(text))
	for {
		from := strings.IndexByte(text, '{')
		if from < 0 {
			break
		}
		b.WriteString(text[:from])
		text = text[from:]
		to := strings.IndexByte(text, '}')
		if to < 0 {
			break
		}
		if v, ok := fact(text[1:to]); ok {
			b.WriteString(v)
			text = text[to+1:]
			continue
		}
		b.WriteByte('{')
		text = text[1:]
	}
	b.WriteString(text)
	return b.String()
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
