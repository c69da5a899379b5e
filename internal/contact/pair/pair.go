package pair

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Options of [Match]; the zero value is the ordinary one.
type Options struct {
	Window int     // most days between two records of one contact; 7 when 0
	Least  float64 // pairs below this probability are not returned; 0.05 when 0
}

// Line is one fact of a pair: how far it agrees and what that weighs.
type Line struct {
	Fact  Fact
	Level Level
	Bits  float64 // positive speaks for one contact, negative against; 0 when missing
	Days  int     // for Day: days apart
}

// Pair is two records and how likely they tell of one contact.
type Pair struct {
	Left, Right int // places in the records, Left's ID first in order
	Probability float64
	Prior       float64 // bits before any fact
	Lines       []Line  // one for each fact
	Joined      bool    // the records between them decided, not these two alone: the lines do not add up to the probability
}

// Result of [Match].
type Result struct {
	Pairs  []Pair  // by Left's and Right's ID
	Groups [][]int // places of records of one contact, two or more, by the first's ID
	Model  Model
}

// Match finds which records tell of one contact. IDs must differ.
func Match(records []Record, o Options) Result {
	if o.Window <= 0 {
		o.Window = 7
	}
	if o.Least <= 0 {
		o.Least = 0.05
	}
	e := engine{window: int32(o.Window), sounds: sounds{}, model: startModel()}
	e.load(records)
	e.propose()
	e.model.fit(e.patterns())
	e.score()
	e.join()
	return e.result(records, o.Least)
}

// Model is fitted state of the records at hand; the engine is used once.
type engine struct {
	window     int32
	sounds     sounds
	records    []prepared
	names      nameTable
	candidates [][]candidate // as the workers found them
	scored     []scored
	model      Model
	group      []int32 // group of each record, a record's place
	members    map[int32][]int32
}

// candidate is a pair worth comparing.
type candidate struct {
	a, b    int32 // places in engine.records
	pattern pattern
}

// scored is a candidate with its odds, the prior among them.
type scored struct {
	candidate
	bits float64
}

func (e *engine) load(records []Record) {
	all := make([]prepared, len(records))
	bunches(len(records), func() func(k, from, to int) {
		f := &folder{seen: map[string]string{}}
		return func(_, from, to int) {
			for i := from; i < to; i++ {
				p := prepare(i, records[i], f)
				if p.number == "" {
					p.number, p.serial, p.short = readCase(caseInWords(p.words))
				}
				all[i] = p
			}
		}
	})
	// Order by day decides nothing but speed; by ID makes the result independent of the order given.
	order := make([]int32, len(all))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int {
		a, b := &all[x], &all[y]
		if c := cmp.Or(cmp.Compare(a.province, b.province), cmp.Compare(a.day, b.day)); c != 0 {
			return c
		}
		return cmp.Compare(records[x].ID, records[y].ID)
	})
	e.records = make([]prepared, len(all))
	for i, x := range order {
		e.records[i] = all[x]
	}
	e.names.count(e.records)
}

// bunch is how many records a worker takes at a time.
const bunch = 1024

// bunches cuts n records into bunches and works them off on all processors. Each
// processor asks for a worker of its own once; the worker is told the number of the
// bunch and its bounds.
func bunches(n int, worker func() func(k, from, to int)) {
	count := (n + bunch - 1) / bunch
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), count) {
		all.Go(func() {
			do := worker()
			for k := int(next.Add(1)) - 1; k < count; k = int(next.Add(1)) - 1 {
				do(k, k*bunch, min((k+1)*bunch, n))
			}
		})
	}
	all.Wait()
}

// propose lists the pairs worth comparing, on all processors. What it lists does not
// depend on who found it.
func (e *engine) propose() {
	var nation []int32
	for i := range e.records {
		if e.records[i].reach == 'n' && e.records[i].day >= 0 {
			nation = append(nation, int32(i))
		}
	}
	e.candidates = make([][]candidate, (len(e.records)+bunch-1)/bunch)
	bunches(len(e.records), func() func(k, from, to int) {
		w := worker{engine: e, sounds: sounds{}}
		return func(k, from, to int) {
			w.found = make([]candidate, 0, len(w.found)+len(w.found)/8) // about as many as the bunch before
			w.propose(from, to, nation)
			e.candidates[k] = w.found
		}
	})
}

// worker compares a part of the records.
type worker struct {
	*engine
	sounds sounds // of its own: it remembers what it asked
	found  []candidate
}

func (w *worker) propose(from, to int, nation []int32) {
	e := w.engine
	for i := from; i < to; i++ {
		a := &e.records[i]
		if a.day < 0 {
			continue
		}
		for j := i + 1; j < len(e.records); j++ {
			b := &e.records[j]
			if b.province != a.province || b.day-a.day > e.window {
				break
			}
			if a.place == b.place && (a.place >= 0 || a.region == b.region) || a.reach == 'p' || b.reach == 'p' {
				w.consider(int32(i), int32(j), a.place != b.place)
			}
		}
		if a.reach != 'n' {
			for _, j := range nation {
				if gap(a, &e.records[j]) <= e.window {
					w.consider(int32(i), j, true)
				}
			}
		}
	}
}

// consider compares a pair. Far ones and those without a word in common need a name or number that speaks for them.
func (w *worker) consider(i, j int32, far bool) {
	if i > j {
		i, j = j, i
	}
	a, b := &w.records[i], &w.records[j]
	p := compare(w.sounds, a, b)
	name, number := p.level(Person), p.level(Case)
	spoken := name == Equal || name == Near || name == Part || number == Equal || number == Near || number == Part
	if far && !spoken {
		return
	}
	w.found = append(w.found, candidate{a: i, b: j, pattern: p})
}

func (e *engine) patterns() []counted {
	n := map[pattern]int{}
	for _, part := range e.candidates {
		for i := range part {
			n[part[i].pattern]++
		}
	}
	out := make([]counted, 0, len(n))
	for p, k := range n {
		out = append(out, counted{p, float64(k)})
	}
	slices.SortFunc(out, func(a, b counted) int { return cmp.Compare(a.pattern, b.pattern) })
	return out
}

// score weighs the candidates. One that speaks as much against as a pair can is left
// out: it counts like a pair that was never compared.
func (e *engine) score() {
	weight := map[pattern]float64{}
	for k, part := range e.candidates {
		for i := range part {
			c := &part[i]
			w, ok := weight[c.pattern]
			if !ok {
				w = e.model.weigh(c.pattern) + e.model.priorBits()
				weight[c.pattern] = w
			}
			if w += e.rarity(c); w > -strangers {
				e.scored = append(e.scored, scored{*c, w})
			}
		}
		e.candidates[k] = nil
	}
}

// rarity is what a rare name adds to, and a common one takes from, the average weight of an equal name.
func (e *engine) rarity(c *candidate) float64 {
	switch c.pattern.level(Person) {
	case Equal:
		return e.names.rarity(&e.records[c.a], &e.records[c.b])
	case Part, Near:
		return e.names.surnameRarity(&e.records[c.a], &e.records[c.b])
	}
	return 0
}

// join grows groups from the most certain pair.
func (e *engine) join() {
	n := len(e.records)
	e.group = make([]int32, n)
	e.members = make(map[int32][]int32, n)
	for i := range n {
		e.group[i] = int32(i)
		e.members[int32(i)] = []int32{int32(i)}
	}
	order := make([]int32, 0, len(e.scored)/4)
	at := make(map[[2]int32]float64, len(e.scored))
	for i := range e.scored {
		c := &e.scored[i]
		at[[2]int32{c.a, c.b}] = c.bits
		if c.bits > 0 {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(x, y int32) int {
		a, b := &e.scored[x], &e.scored[y]
		return cmp.Or(cmp.Compare(b.bits, a.bits), cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b))
	})
	for _, i := range order {
		c := &e.scored[i]
		g, h := e.group[c.a], e.group[c.b]
		if g == h {
			continue
		}
		sum := 0.0
		for _, x := range e.members[g] {
			for _, y := range e.members[h] {
				v, ok := at[[2]int32{min(x, y), max(x, y)}]
				if !ok {
					v = -strangers
				}
				sum += min(max(v, -strangers), strangers)
			}
		}
		if sum <= 0 {
			continue
		}
		for _, y := range e.members[h] {
			e.group[y] = g
		}
		e.members[g] = append(e.members[g], e.members[h]...)
		delete(e.members, h)
	}
}

// strangers bounds, in bits, what one pair can say for or against a group; it is also what a pair outside the window says.
const strangers = 12

func (e *engine) result(records []Record, least float64) Result {
	r := Result{Model: e.model}
	have := make(map[[2]int32]bool)
	for i := range e.scored {
		c := &e.scored[i]
		p := probability(c.bits)
		together := e.group[c.a] == e.group[c.b]
		joined := false
		switch {
		case together && p < 0.5:
			p, joined = e.throughOthers(c), true
		case !together && p >= 0.5:
			p, joined = 0.49, true
		}
		if together {
			have[[2]int32{c.a, c.b}] = true
		}
		if p >= least {
			r.Pairs = append(r.Pairs, e.pair(records, &c.candidate, p, joined))
		}
	}
	for _, m := range e.members {
		if len(m) < 2 {
			continue
		}
		g := make([]int, len(m))
		for i, x := range m {
			g[i] = e.records[x].index
		}
		slices.SortFunc(g, func(a, b int) int { return cmp.Compare(records[a].ID, records[b].ID) })
		r.Groups = append(r.Groups, g)
		slices.Sort(m)
		for i, x := range m { // members outside each other's window
			for _, y := range m[i+1:] {
				if !have[[2]int32{x, y}] {
					c := scored{candidate: candidate{a: x, b: y, pattern: compare(e.sounds, &e.records[x], &e.records[y])}}
					c.bits = e.model.weigh(c.pattern) + e.model.priorBits() + e.rarity(&c.candidate)
					r.Pairs = append(r.Pairs, e.pair(records, &c.candidate, e.throughOthers(&c), true))
				}
			}
		}
	}
	slices.SortFunc(r.Groups, func(a, b []int) int { return cmp.Compare(records[a[0]].ID, records[b[0]].ID) })
	slices.SortFunc(r.Pairs, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(records[a.Left].ID, records[b.Left].ID), cmp.Compare(records[a.Right].ID, records[b.Right].ID))
	})
	return r
}

// throughOthers is the probability of a pair that only the rest of its group brings together: one half and what the
// pair itself leaves above it.
func (e *engine) throughOthers(c *scored) float64 {
	return min(0.5+math.Exp2(min(c.bits, 0))*0.4, 0.9)
}

func (e *engine) pair(records []Record, c *candidate, p float64, joined bool) Pair {
	a, b := &e.records[c.a], &e.records[c.b]
	out := Pair{Left: a.index, Right: b.index, Probability: p, Prior: e.model.priorBits(), Joined: joined, Lines: make([]Line, facts)}
	if records[out.Left].ID > records[out.Right].ID {
		out.Left, out.Right = out.Right, out.Left
	}
	for f := range facts {
		l := c.pattern.level(f)
		out.Lines[f] = Line{Fact: f, Level: l, Bits: e.model.bits(f, l)}
	}
	out.Lines[Person].Bits += e.rarity(c)
	out.Lines[Day].Days = int(gap(a, b))
	return out
}
