package risk

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
)

// Measures are the rates that are compared among peers.
var measures = []string{"no_prosecution", "detention", "change", "designated", "extension", "period_end"}

const measureCount = 6

// caseRef names a case of a run: the worker that read it and its place there.
type caseRef struct {
	worker, at int32
}

// tally counts what is compared of a person or a unit.
type tally struct {
	unit           int32 // of a person: where his last case was
	cases, foreign int32
	n, yes         [measureCount]int32
	which          [measureCount][]caseRef // the first cases that count as yes
	looked         []caseRef
}

type pairKey struct{ unit, handler, lawyer int32 }

type met struct {
	cases, favourable int32
	which             []caseRef
}

// shown is how many cases a tally remembers for the explanation.
const shown = 12

// words numbers texts, so that counting handles small keys.
type words struct {
	at   map[string]int32
	list []string
}

func newWords() *words { return &words{at: map[string]int32{}} }

func (w *words) of(b []byte) int32 {
	if n, ok := w.at[string(b)]; ok {
		return n
	}
	return w.put(string(b))
}

func (w *words) put(s string) int32 {
	if n, ok := w.at[s]; ok {
		return n
	}
	n := int32(len(w.list))
	w.list = append(w.list, s)
	w.at[s] = n
	return n
}

// counts is what one worker counted.
type counts struct {
	people, lawyers, units *words
	persons                map[int32]*tally
	places                 map[int32]*tally
	pairs                  map[pairKey]*met
	handlers               map[[2]int32]int32 // unit, handler → cases with a lawyer
	counsel                map[[2]int32]int32 // unit, lawyer → cases
	withLawyer             map[int32]int32    // unit → cases with a lawyer
	lawyerNames            map[int32]string
}

func newCounts() *counts {
	return &counts{people: newWords(), lawyers: newWords(), units: newWords(), persons: map[int32]*tally{}, places: map[int32]*tally{}, pairs: map[pairKey]*met{},
		handlers: map[[2]int32]int32{}, counsel: map[[2]int32]int32{}, withLawyer: map[int32]int32{}, lawyerNames: map[int32]string{}}
}

func of(m map[int32]*tally, n int32) *tally {
	t := m[n]
	if t == nil {
		t = &tally{}
		m[n] = t
	}
	return t
}

// quarterEnd tells that a day is among the last days of its quarter.
func quarterEnd(day, last int) bool {
	d := epoch.AddDays(day)
	m := (int(d.Month())-1)/3*3 + 1
	first, err := clock.NewDate(d.Year(), 1, 1)
	return err == nil && first.AddMonths(m+2).Sub(d) <= last
}

// count adds a case of the window to the tallies.
func (c *counts) count(n *counting, raw *rawCase, evs []rawEvent, v *values, unit string, ref caseRef) {
	s := &n.slots
	ends := evs[len(evs)-1].day
	closed := int32(-1)
	decided := false
	for i := range evs {
		switch Kind(evs[i].kind) {
		case Close:
			closed = evs[i].day
		case Prosecute, NoProsecution:
			decided = true
		}
	}
	if closed >= 0 {
		ends = closed
	}
	u := c.units.put(unit)
	for i := range evs { // whoever looked without a task, whenever he did in the window
		e := evs[i]
		if Kind(e.kind) == Lookup && int(e.day) >= n.windowFrom && foreign(evs, e) && !slices.ContainsFunc(evs[:i], func(x rawEvent) bool { return Kind(x.kind) == Lookup && x.handler == e.handler }) {
			t := of(c.persons, c.people.of(raw.table[e.handler-1]))
			t.foreign++
			if t.cases == 0 {
				t.unit = u
			}
			if len(t.looked) < shown {
				t.looked = append(t.looked, ref)
			}
		}
	}
	if int(ends) < n.windowFrom {
		return
	}
	h := mainHandler(evs)
	if h == 0 {
		return
	}
	person := c.people.of(raw.table[h-1])
	yes := [measureCount]bool{v.num[s.notProsecuted] != 0, v.num[s.detentionChanges] > 0, v.num[s.changes] > 0, v.num[s.designated] > 0, v.num[s.extensions] > 0, closed >= 0 && quarterEnd(int(closed), n.periodLast)}
	counts := [measureCount]bool{decided, true, true, true, true, closed >= 0}
	for _, t := range []*tally{of(c.persons, person), of(c.places, u)} {
		t.cases++
		t.unit = u
		for m := range measureCount {
			if !counts[m] {
				continue
			}
			t.n[m]++
			if yes[m] {
				t.yes[m]++
				if len(t.which[m]) < shown {
					t.which[m] = append(t.which[m], ref)
				}
			}
		}
	}
	c.pair(raw, evs, u, person, yes[0] || yes[1] || yes[2], ref)
}

func (c *counts) pair(raw *rawCase, evs []rawEvent, u, person int32, good bool, ref caseRef) {
	var had [8]int32
	k := 0
	for i := range evs {
		e := evs[i]
		if Kind(e.kind) != Counsel && Kind(e.kind) != MeetLawyer || e.lawyer == 0 && e.licence == 0 || k == len(had) {
			continue
		}
		text := e.licence
		if text == 0 {
			text = e.lawyer
		}
		l := c.lawyers.of(raw.table[text-1])
		if slices.Contains(had[:k], l) {
			continue
		}
		had[k] = l
		k++
		if e.lawyer != 0 {
			c.lawyerNames[l] = string(raw.table[e.lawyer-1])
		}
		c.counsel[[2]int32{u, l}]++
		key := pairKey{u, person, l}
		m := c.pairs[key]
		if m == nil {
			m = &met{}
			c.pairs[key] = m
		}
		m.cases++
		if good {
			m.favourable++
		}
		if len(m.which) < shown {
			m.which = append(m.which, ref)
		}
	}
	if k > 0 {
		c.handlers[[2]int32{u, person}]++
		c.withLawyer[u]++
	}
}

// merge adds what another worker counted.
func (c *counts) merge(o *counts) {
	person := func(n int32) int32 { return c.people.put(o.people.list[n]) }
	unit := func(n int32) int32 { return c.units.put(o.units.list[n]) }
	lawyer := func(n int32) int32 { return c.lawyers.put(o.lawyers.list[n]) }
	join := func(a, b *tally, u int32) {
		if b.cases > 0 || a.cases == 0 {
			a.unit = u
		}
		a.cases += b.cases
		a.foreign += b.foreign
		a.looked = firsts(a.looked, b.looked)
		for m := range measureCount {
			a.n[m] += b.n[m]
			a.yes[m] += b.yes[m]
			a.which[m] = firsts(a.which[m], b.which[m])
		}
	}
	for n, t := range o.persons {
		join(of(c.persons, person(n)), t, unit(t.unit))
	}
	for n, t := range o.places {
		join(of(c.places, unit(n)), t, unit(n))
	}
	for k, m := range o.pairs {
		key := pairKey{unit(k.unit), person(k.handler), lawyer(k.lawyer)}
		mine := c.pairs[key]
		if mine == nil {
			mine = &met{}
			c.pairs[key] = mine
		}
		mine.cases += m.cases
		mine.favourable += m.favourable
		mine.which = firsts(mine.which, m.which)
	}
	for k, n := range o.handlers {
		c.handlers[[2]int32{unit(k[0]), person(k[1])}] += n
	}
	for k, n := range o.counsel {
		c.counsel[[2]int32{unit(k[0]), lawyer(k[1])}] += n
	}
	for u, n := range o.withLawyer {
		c.withLawyer[unit(u)] += n
	}
	for l, name := range o.lawyerNames {
		c.lawyerNames[lawyer(l)] = name
	}
}

func firsts(a, b []caseRef) []caseRef {
	return append(a, b[:min(len(b), shown-min(shown, len(a)))]...)
}

// figure is a subject with its values, ready for the rules.
type figure struct {
	key      string
	person   id.ID
	unit     id.ID
	v        values
	compares map[string]*Compare // by indicator
	pair     *Pair
	which    map[string][]caseRef // by indicator
}

// figures turns the tallies into subjects. Persons and units are compared with
// those of their own level only.
func (c *counts) figures(n *counting, cat *Catalogue, level func(id.ID) int) map[string][]*figure {
	out := map[string][]*figure{OfPair: c.pairFigures(n, cat)}
	for _, x := range []struct {
		subject string
		from    map[int32]*tally
		names   *words
	}{{OfPerson, c.persons, c.people}, {OfUnit, c.places, c.units}} {
		groups := map[int][]*figure{}
		tallies := map[*figure]*tally{}
		for _, k := range slices.SortedFunc(maps.Keys(x.from), func(a, b int32) int { return strings.Compare(x.names.list[a], x.names.list[b]) }) {
			t := x.from[k]
			f := &figure{key: x.names.list[k], unit: id.ID(c.units.list[t.unit]), compares: map[string]*Compare{}, which: map[string][]caseRef{}}
			if x.subject == OfPerson {
				f.person = id.ID(f.key)
				f.v.num[cat.slot(OfPerson, "p_cases")] = float64(t.cases)
				f.v.num[cat.slot(OfPerson, "p_foreign_cases")] = float64(t.foreign)
				f.which["p_foreign_cases"] = t.looked
			} else {
				f.unit = id.ID(f.key)
			}
			l := level(f.unit)
			groups[l] = append(groups[l], f)
			tallies[f] = t
		}
		for _, fs := range groups {
			for _, i := range cat.Of(x.subject) {
				m := slices.Index(measures, i.Measure)
				if m < 0 {
					continue
				}
				rates := make([]rate, len(fs))
				for k, f := range fs {
					rates[k] = rate{int(tallies[f].yes[m]), int(tallies[f].n[m])}
				}
				for k, cmp := range funnel(rates, n.smallExpected, n.smallPeers) {
					if cmp == nil {
						continue // too few for a verdict: the value stays 0
					}
					cmp.Measure = i.Measure
					fs[k].compares[i.Key] = cmp
					fs[k].v.num[i.slot] = cmp.Z
					fs[k].which[i.Key] = tallies[fs[k]].which[m]
				}
			}
			out[x.subject] = append(out[x.subject], fs...)
		}
	}
	return out
}

// leastPair is how often a handler and a lawyer must have met to be looked at.
const leastPair = 3

func (c *counts) pairFigures(n *counting, cat *Catalogue) []*figure {
	tests := 0
	perUnit := map[int32][2]int{}
	for k := range c.handlers {
		x := perUnit[k[0]]
		x[0]++
		perUnit[k[0]] = x
	}
	for k := range c.counsel {
		x := perUnit[k[0]]
		x[1]++
		perUnit[k[0]] = x
	}
	for _, x := range perUnit {
		tests += x[0] * x[1]
	}
	var keys []pairKey
	for k, m := range c.pairs {
		if m.cases >= leastPair {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b pairKey) int {
		return cmp.Or(strings.Compare(c.units.list[a.unit], c.units.list[b.unit]), strings.Compare(c.people.list[a.handler], c.people.list[b.handler]), strings.Compare(c.lawyers.list[a.lawyer], c.lawyers.list[b.lawyer]))
	})
	p := make([]float64, len(keys))
	for i, k := range keys {
		p[i] = tail(int(c.pairs[k].cases), int(c.handlers[[2]int32{k.unit, k.handler}]), int(c.counsel[[2]int32{k.unit, k.lawyer}]), int(c.withLawyer[k.unit]))
	}
	q := discoveries(p, tests)
	var out []*figure
	for i, k := range keys {
		m := c.pairs[k]
		h, l, all := int(c.handlers[[2]int32{k.unit, k.handler}]), int(c.counsel[[2]int32{k.unit, k.lawyer}]), int(c.withLawyer[k.unit])
		x := &Pair{Lawyer: c.lawyerNames[k.lawyer], Licence: c.lawyers.list[k.lawyer], Cases: int(m.cases), Favourable: int(m.favourable), Expected: float64(h) * float64(l) / math.Max(1, float64(all)), P: p[i], Q: q[i], Handler: h, Counsel: l, Unit: all}
		if x.Lawyer == x.Licence {
			x.Licence = ""
		}
		f := &figure{key: c.units.list[k.unit] + "/" + c.people.list[k.handler] + "/" + c.lawyers.list[k.lawyer], person: id.ID(c.people.list[k.handler]), unit: id.ID(c.units.list[k.unit]), pair: x, which: map[string][]caseRef{"pair_cases": m.which}}
		f.v.num[cat.slot(OfPair, "pair_cases")] = float64(x.Cases)
		f.v.num[cat.slot(OfPair, "pair_expected")] = x.Expected
		f.v.num[cat.slot(OfPair, "pair_q")] = x.Q
		f.v.num[cat.slot(OfPair, "pair_favourable")] = float64(x.Favourable)
		out = append(out, f)
	}
	return out
}
