package rules

import (
	"slices"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/org/tree"
)

// Judge applies every rule in force on the day of the question, the heaviest
// outcome first. What was asked in vain of every rule gives no verdict.
func (e *Edition) Judge(q Question) []Verdict {
	var out []Verdict
	held := map[string]bool{}
	for _, r := range e.Rules {
		if !r.inForce(q.On) || slices.ContainsFunc(r.Unless, func(id string) bool { return held[id] }) {
			continue
		}
		if v, ok := e.judge(r, q); ok {
			held[r.ID] = held[r.ID] || v.Outcome == Banned
			out = append(out, v)
		}
	}
	out = append(out, e.blind(q)...)
	slices.SortStableFunc(out, func(a, b Verdict) int { return weight(a.Outcome) - weight(b.Outcome) })
	return out
}

func weight(outcome string) int { return slices.Index(Outcomes(), outcome) }

// Sum is the heaviest outcome of all verdicts and the last day that any of the
// restrictions in force has; life when one never ends.
func Sum(vs []Verdict) (outcome string, until clock.Date, life bool) {
	outcome = Free
	for _, v := range vs {
		if weight(v.Outcome) < weight(outcome) {
			outcome = v.Outcome
		}
	}
	for _, v := range vs {
		if v.Outcome != outcome {
			continue
		}
		life = life || v.Life
		if v.Until.After(until) || until == "" {
			until = v.Until
		}
	}
	return outcome, until, life
}

// finding gathers what a rule's conditions say of the facts.
type finding struct {
	no    bool
	needs []string
}

func (f *finding) need(what string) {
	if !slices.Contains(f.needs, what) {
		f.needs = append(f.needs, what)
	}
}

// tri compares a condition with a fact that may be unknown.
func (f *finding) tri(want, is, need string) {
	switch {
	case want == "" || want == is:
	case is == "":
		f.need(need)
	default:
		f.no = true
	}
}

func (e *Edition) judge(r Rule, q Question) (Verdict, bool) {
	v := Verdict{Rule: r.Key(), Article: r.Article, Source: r.Source, Mark: r.Mark, Life: r.Life}
	var f finding
	e.who(r, q, &f)
	direct := f.work(r, q)
	area := f.place(r, q, direct)
	if f.no || slices.Contains(r.Except, q.Work.Capacity) && q.Work.Capacity != "" {
		return v, false
	}
	if r.Years > 0 && q.Subject.Departed.Valid() {
		v.From, v.Until = q.Subject.Departed.AddDays(1), q.Subject.Departed.AddYears(r.Years)
	}
	v.lifelong(q.Subject)
	switch {
	case v.Until != "" && q.On.After(v.Until):
		if len(f.needs) > 0 || !direct {
			return v, false // over whatever the missing fact would say
		}
		v.Outcome = Over
	case len(f.needs) > 0:
		v.Outcome, v.Needs = Unclear, f.needs
	case !direct:
		v.Outcome = Limited
	case r.Outcome == "recuse":
		v.Outcome = Recuse
	case r.Outcome == "report":
		v.Outcome = Report
	default:
		v.Outcome = Banned
	}
	v.Sentence = Text{ZH: e.say("zh", r, q, v, area), EN: e.say("en", r, q, v, area)}
	return v, true
}

// lifelong starts a bar for life on the day of leaving: it has no days to be counted.
func (v *Verdict) lifelong(s Subject) {
	if v.Life && s.Departed.Valid() {
		v.From = s.Departed
	}
}

// who judges the conditions about the persons.
func (e *Edition) who(r Rule, q Question, f *finding) {
	s := q.Subject
	switch r.Subject {
	case "departed":
		if s.Serving || q.Kin != nil || s.Departed != "" && q.On.Before(s.Departed) {
			f.no = true
			return
		}
		switch {
		case len(r.Leaving) == 0:
		case s.Leaving == "":
			f.need("leaving")
		case !slices.Contains(r.Leaving, s.Leaving):
			f.no = true
		}
		if s.Departed == "" && r.Years > 0 {
			f.need("departed")
		}
	case "serving":
		f.no = !s.Serving || q.Kin != nil
	case "kin", "pair":
		if !s.Serving || q.Kin == nil || !slices.Contains(r.Relation, q.Kin.Relation) {
			f.no = true
			return
		}
		switch {
		case r.Subject != "pair":
		case q.Work.Kind != "" && q.Kin.Office.Code == "":
			f.no = true // the question is about other work, and he is not staff
			return
		default:
			f.pair(r.Pair, q)
		}
	}
	f.tri(r.Civil, s.Civil, "civil")
	f.tri(r.Prosecutor, e.prosecutor(s), "prosecutor")
	f.tri(r.Senior, e.senior(s), "rank")
	f.tri(r.Approved, orUnknownApproval(r, s), "approved")
	if len(r.Holds) > 0 && !slices.ContainsFunc(r.Holds, func(h string) bool { return slices.Contains(s.Holds, h) }) {
		f.no = true
	}
	if len(r.Role) > 0 && q.Kin != nil {
		switch {
		case q.Kin.Role == "":
			f.need("role")
		case !slices.Contains(r.Role, q.Kin.Role):
			f.no = true
		}
	}
	if r.Acts {
		acts := q.Work.Acts
		if q.Work.Kind == Litigation {
			acts = "yes"
		}
		f.tri("yes", acts, "litigates")
	}
}

func orUnknownApproval(r Rule, s Subject) string {
	if r.Approved == "" {
		return ""
	}
	return s.Approved
}

// work tells whether the rule is about the very work (direct) or about acts
// that the work opens.
func (f *finding) work(r Rule, q Question) (direct bool) {
	k := q.Work.Kind
	if r.Subject == "pair" {
		return true
	}
	if slices.Contains(r.Works, k) || slices.ContainsFunc(implied[k], func(w string) bool { return slices.Contains(r.Works, w) }) {
		return true
	}
	if slices.ContainsFunc(opened[k], func(w string) bool { return slices.Contains(r.Works, w) }) {
		return false
	}
	f.no = true
	return false
}

// place judges jurisdiction; it gives the name of the office in whose
// jurisdiction the firm is.
func (f *finding) place(r Rule, q Question, direct bool) (area string) {
	offices := q.Subject.Offices
	if r.Place != "" && r.Place != "related" && len(offices) == 0 {
		f.need("office")
		return ""
	}
	switch r.Place {
	case "related":
		if direct {
			f.tri("yes", q.Work.Related, "related")
		} else if q.Work.Related == "no" {
			f.no = true
		}
	case "former_case", "own_case":
		if len(q.Work.Offices) == 0 {
			if direct {
				f.need("case")
			}
			return ""
		}
		f.no = f.no || !slices.ContainsFunc(offices, func(o Office) bool { return slices.Contains(q.Work.Offices, o.Code) })
	case "coverage", "acts_in_coverage":
		if r.Place == "acts_in_coverage" && q.Work.Acts == "yes" {
			return offices[0].Name // where he acts is what was found out
		}
		best := outside
		for _, o := range offices {
			in := Within(o.Coverage, q.Work.Place)
			if in < best {
				best, area = in, o.Name
			}
			if r.Subject == "kin" {
				break // of a serving prosecutor only the present office counts
			}
		}
		switch {
		case r.Place == "acts_in_coverage" && best != inside:
			f.need("litigates") // he may act where his firm is not
		case best == outside:
			f.no = true
		case best == unknownPlace:
			f.need("place")
		case best == partly:
			f.need("district")
		}
	}
	return area
}

// Relations of a region to a coverage set, the one that binds most first.
const (
	inside       = iota
	partly       // the region is larger than what is covered of it
	unknownPlace // no region is known
	outside
)

// Within tells whether a region lies in a coverage set: 0 inside, 1 in part, 2
// not known, 3 outside.
func Within(coverage []string, region string) int {
	if slices.Contains(coverage, tree.Nation) {
		return inside
	}
	r, ok := tree.RegionByCode(region)
	if !ok {
		return unknownPlace
	}
	for x, ok := r, true; ok; x, ok = tree.RegionByCode(x.Parent) {
		if slices.Contains(coverage, x.Code) {
			return inside
		}
	}
	for _, c := range coverage {
		for x, ok := tree.RegionByCode(c); ok; x, ok = tree.RegionByCode(x.Parent) {
			if x.Code == r.Code {
				return partly
			}
		}
	}
	return outside
}

func (f *finding) pair(p Pair, q Question) {
	k, s := q.Kin, q.Subject
	if len(s.Posts) == 0 || len(k.Posts) == 0 || len(s.Offices) == 0 || k.Office.Code == "" {
		f.need("post")
		return
	}
	o := s.Offices[0]
	holds := func(posts, want []string) bool {
		return slices.Contains(want, "any") || slices.ContainsFunc(posts, func(x string) bool { return slices.Contains(want, x) })
	}
	both := func(sameOffice bool) bool {
		return sameOffice && (holds(s.Posts, p.One) && holds(k.Posts, p.Other) || holds(k.Posts, p.One) && holds(s.Posts, p.Other))
	}
	switch p.Same {
	case "office":
		f.no = !both(o.Code == k.Office.Code)
	case "department":
		f.no = !both(o.Code == k.Office.Code && o.Department != "" && o.Department == k.Office.Department)
	case "adjacent":
		f.no = !both(o.Above == k.Office.Code || k.Office.Above == o.Code)
	case "chain":
		leads := func(posts []string, a, b Office) bool {
			return holds(posts, []string{"chief", "deputy"}) || holds(posts, []string{"head"}) && a.Department != "" && a.Department == b.Department
		}
		f.no = o.Code != k.Office.Code || !leads(s.Posts, o, k.Office) && !leads(k.Posts, k.Office, o)
	}
}

// prosecutor tells from rank and post whether somebody is a prosecutor.
func (e *Edition) prosecutor(s Subject) string {
	if s.Prosecutor != "" || s.Rank == "" {
		return s.Prosecutor
	}
	if slices.ContainsFunc(e.Assistants, func(w string) bool { return strings.Contains(s.Rank, w) }) {
		return "no"
	}
	if slices.ContainsFunc(e.Prosecutor, func(w string) bool { return strings.Contains(s.Rank, w) }) {
		return "yes"
	}
	return ""
}

// senior tells whether the longer period applies: leadership, or a rank at or
// above the threshold of its scale. Of several ranks in one text the highest counts.
func (e *Edition) senior(s Subject) string {
	if s.Leader == "yes" {
		return "yes"
	}
	known := false
	rest := s.Rank
	for _, n := range e.ranks {
		if strings.Contains(rest, n.rank) {
			rest = strings.ReplaceAll(rest, n.rank, " ")
			known = true
			if n.senior {
				return "yes"
			}
		}
	}
	if known {
		return "no"
	}
	return ""
}

// scaleRank is a rank of a scale, and whether the longer period goes with it.
type scaleRank struct {
	rank   string
	senior bool
}

// rankList gives all ranks in the order in which they are looked for: 四级高级检察官助理 before 四级高级检察官.
func (e *Edition) rankList() (all []scaleRank) {
	for _, sc := range e.Scales {
		at := slices.Index(sc.Ranks, sc.Senior)
		for i, r := range sc.Ranks {
			all = append(all, scaleRank{r, i <= at})
		}
	}
	slices.SortStableFunc(all, func(a, b scaleRank) int { return len(b.rank) - len(a.rank) })
	return all
}

// blind states what no register could show.
func (e *Edition) blind(q Question) []Verdict {
	firm := q.Work.Kind == Lawyer || q.Work.Kind == Licence
	if !firm || q.Subject.Serving && q.Kin == nil || q.FirmStaff {
		return nil
	}
	var out []Verdict
	for _, k := range []string{"adviser", "firm_staff", "borrowed"} {
		out = append(out, Verdict{Rule: "N." + k, Outcome: Uncheckable, Mark: "sure", Sentence: Text{ZH: e.Terms["zh"]["uncheckable."+k], EN: e.Terms["en"]["uncheckable."+k]}})
	}
	return out
}

// Clocks are the restrictions that run for a departed person whatever he does:
// one entry for each rule that binds him, with the day it ends.
func (e *Edition) Clocks(s Subject, on clock.Date) []Verdict {
	var out []Verdict
	for _, r := range e.Rules {
		if r.Subject != "departed" || !r.inForce(on) || r.Years == 0 && !r.Life {
			continue
		}
		var f finding
		e.who(r, Question{Subject: s, On: on}, &f)
		if f.no {
			continue
		}
		q := Question{Subject: s, On: on}
		v := Verdict{Rule: r.Key(), Article: r.Article, Source: r.Source, Mark: r.Mark, Life: r.Life, Outcome: Limited, Needs: f.needs}
		if r.Years > 0 && s.Departed.Valid() {
			v.From, v.Until = s.Departed.AddDays(1), s.Departed.AddYears(r.Years)
		}
		v.lifelong(s)
		switch {
		case v.Until != "" && on.After(v.Until):
			v.Outcome = Over
		case len(f.needs) > 0:
			v.Outcome = Unclear
		}
		v.Sentence = Text{ZH: e.say("zh", r, q, v, ""), EN: e.say("en", r, q, v, "")}
		out = append(out, v)
	}
	return out
}

// CivilByRank tells that a rank or post is one of civil servants' (公务员):
// prosecutors, their assistants and clerks on a scale, police, leaders. A clerk
// by contract (聘用制) is none.
func CivilByRank(rank string) bool {
	es, err := shipped()
	if err != nil || rank == "" || strings.Contains(rank, "聘用") || strings.Contains(rank, "合同制") {
		return false
	}
	e := es[len(es)-1]
	if slices.ContainsFunc(e.Prosecutor, func(w string) bool { return strings.Contains(rank, w) }) {
		return true
	}
	return slices.ContainsFunc(e.Scales, func(s Scale) bool {
		return slices.ContainsFunc(s.Ranks, func(r string) bool { return strings.Contains(rank, r) })
	})
}
