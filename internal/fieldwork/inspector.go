package fieldwork

import (
	"cmp"
	"slices"

	"huikan/internal/inspection"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
)

// Inspector is a person of the pool (巡视人才库).
type Inspector struct {
	ID     id.ID      `json:"id"`
	By     id.ID      `json:"by"`
	Person id.ID      `json:"person"`
	Name   string     `json:"name"`
	Skills []string   `json:"skills"`
	Lead   bool       `json:"lead"` // may lead a team
	From   clock.Date `json:"from"`
	To     clock.Date `json:"to"`
	Note   string     `json:"note"`
	Rev    int64      `json:"rev"`
}

// Skills of an inspector.
func Skills() []string {
	return []string{"party", "discipline", "personnel", "finance", "audit", "case", "data", "writing"}
}

// Recused is a declaration of an inspector (回避声明) before a round.
type Recused struct {
	ID     id.ID      `json:"id"`
	Round  id.ID      `json:"round"`
	By     id.ID      `json:"by"`
	Person id.ID      `json:"person"`
	Unit   id.ID      `json:"unit,omitempty"` // empty: nothing to declare
	Ground string     `json:"ground"`
	On     clock.Date `json:"on"`
	Rev    int64      `json:"rev"`
}

// Applicant is an inspector with what the rules ask of him.
type Applicant struct {
	Inspector
	Candidate inspection.Candidate
	Declared  []id.ID // units he declared himself out of
	Seated    bool    // holds a seat in the round already
	Rounds    int     // seats in this term so far
	Before    []id.ID // units he inspected in the round before: nobody goes twice running
	Serving   bool
}

// Grounds on which a proposal passes an applicant over.
const (
	PassDeclared = "declared"
	PassTwice    = "twice"
	PassSeated   = "seated"
	PassAway     = "away"
	PassStatus   = "status"
)

// Place is a team that a proposal fills.
type Place struct {
	Team   id.ID
	Name   string
	Units  []org.Unit
	Seated []Seated // who sits there already
}

// Seated is a seat that is taken.
type Seated struct {
	Person id.ID
	Post   string
	Skills []string
}

// Wish says what teams should look like (domain I-20: five to seven people, one
// leader, one or two deputies).
type Wish struct {
	Size     int
	Deputies int
	Skills   []string // each team should have
}

// Choice is one proposed seat with its reasons.
type Choice struct {
	Person id.ID    `json:"person"`
	Name   string   `json:"name"`
	Post   string   `json:"post"`
	Brings []string `json:"brings"` // skills the team lacked
	Rounds int      `json:"rounds"`
}

// Proposed is the proposal for one team.
type Proposed struct {
	Team    id.ID          `json:"team"`
	Name    string         `json:"name"`
	Units   []id.ID        `json:"units"`
	Choices []Choice       `json:"choices"`
	Lacks   []string       `json:"lacks,omitempty"`  // skills nobody brings
	Open    int            `json:"open"`             // seats that stay empty
	Passed  map[string]int `json:"passed,omitempty"` // applicants passed over, by rule
	Fit     int            `json:"fit"`              // applicants whom no rule keeps out
}

// Barred names the rule that keeps an applicant out of a team; empty when none.
func Barred(a Applicant, units []org.Unit, on clock.Date, path func(id.ID) string) string {
	switch {
	case !a.Serving:
		return PassStatus
	case a.Seated:
		return PassSeated
	case a.From != "" && a.From > on || a.To != "" && a.To < on:
		return PassAway
	}
	for _, u := range units {
		if rs := inspection.Recusals(a.Candidate, u, path); len(rs) > 0 {
			return rs[0].Rule
		}
		if slices.Contains(a.Declared, u.ID) {
			return PassDeclared
		}
		if slices.Contains(a.Before, u.ID) {
			return PassTwice
		}
	}
	return ""
}

// Propose fills teams from the pool. The team for which the fewest are fit
// chooses first, so that a scarce inspector is not spent elsewhere; within a team
// each seat goes to whoever brings most skills that it lacks, then to whoever
// served least in the term. The same input gives the same proposal.
func Propose(pool []Applicant, places []Place, w Wish, on clock.Date, path func(id.ID) string) []Proposed {
	out := make([]Proposed, len(places))
	fit := make([][]int, len(places))
	turn := make([]int, len(places))
	for i, p := range places {
		turn[i] = i
		out[i] = Proposed{Team: p.Team, Name: p.Name, Passed: map[string]int{}}
		for _, u := range p.Units {
			out[i].Units = append(out[i].Units, u.ID)
		}
		for k, a := range pool {
			if why := Barred(a, p.Units, on, path); why != "" {
				out[i].Passed[why]++
				continue
			}
			fit[i] = append(fit[i], k)
		}
		out[i].Fit = len(fit[i])
	}
	slices.SortStableFunc(turn, func(a, b int) int { return cmp.Compare(len(fit[a]), len(fit[b])) })
	taken := map[int]bool{}
	// Leaders first everywhere: they are the scarcest.
	for _, post := range []string{inspection.PostLeader, inspection.PostDeputy, inspection.PostMember} {
		for _, i := range turn {
			fillPost(&out[i], pool, fit[i], taken, places[i], w, post)
		}
	}
	for i, p := range places {
		have := skillsOf(out[i], pool, p)
		for _, s := range w.Skills {
			if !slices.Contains(have, s) {
				out[i].Lacks = append(out[i].Lacks, s)
			}
		}
		out[i].Open = max(0, w.Size-len(p.Seated)-len(out[i].Choices))
	}
	return out
}

func skillsOf(p Proposed, pool []Applicant, place Place) []string {
	var have []string
	for _, s := range place.Seated {
		have = append(have, s.Skills...)
	}
	for _, c := range p.Choices {
		if k := slices.IndexFunc(pool, func(a Applicant) bool { return a.Person == c.Person }); k >= 0 {
			have = append(have, pool[k].Skills...)
		}
	}
	return have
}

func fillPost(p *Proposed, pool []Applicant, fit []int, taken map[int]bool, place Place, w Wish, post string) {
	want := map[string]int{inspection.PostLeader: 1, inspection.PostDeputy: w.Deputies, inspection.PostMember: max(0, w.Size-1-w.Deputies)}[post]
	for _, s := range place.Seated {
		if s.Post == post {
			want--
		}
	}
	for ; want > 0; want-- {
		have := skillsOf(*p, pool, place)
		best, score := -1, []int(nil)
		for _, k := range fit {
			a := pool[k]
			if taken[k] || post == inspection.PostLeader && !a.Lead {
				continue
			}
			brings := 0
			for _, s := range a.Skills {
				if slices.Contains(w.Skills, s) && !slices.Contains(have, s) {
					brings++
				}
			}
			keep := 0
			if post != inspection.PostLeader && a.Lead {
				keep = 1 // leaders are kept for teams that need one
			}
			sc := []int{keep, -brings, a.Rounds}
			if best < 0 || slices.Compare(sc, score) < 0 {
				best, score = k, sc
			}
		}
		if best < 0 {
			return
		}
		taken[best] = true
		a := pool[best]
		c := Choice{Person: a.Person, Name: a.Name, Post: post, Rounds: a.Rounds}
		for _, s := range a.Skills {
			if slices.Contains(w.Skills, s) && !slices.Contains(have, s) {
				c.Brings = append(c.Brings, s)
			}
		}
		p.Choices = append(p.Choices, c)
	}
}
