package linkage

import (
	"context"
	"errors"
	"math"
	"sync"
)

// LearnOptions bound the work of learning.
type LearnOptions struct {
	Sample  int // left records looked at; 0 is 250,000
	Random  int // chance pairs looked at; 0 is 400,000
	Rounds  int // at most; 0 is 30
	Workers int
}

// ErrEmpty tells that one side has no record with a name.
var ErrEmpty = errors.New("linkage: a register without usable records cannot be learned from")

// Learn finds the weights for a pair of registers without any labelled pair, by expectation and maximisation: the share of
// chance pairs that agree is measured, not fitted (random pairs for anybody, pairs of namesakes for namesakes), and only the
// true pairs' side and their number are fitted. The index may be one without a model.
func Learn(ctx context.Context, x *Index, o LearnOptions, left ...*Set) (*Model, error) {
	total := 0
	for _, s := range left {
		total += s.Len()
	}
	if total == 0 || x.Len() == 0 {
		return nil, ErrEmpty
	}
	if o.Sample <= 0 {
		o.Sample = 250000
	}
	if o.Random <= 0 {
		o.Random = 400000
	}
	if o.Rounds <= 0 {
		o.Rounds = 30
	}
	if o.Workers <= 0 {
		o.Workers = Options{}.workers()
	}
	m := newModel(x.set.rules)
	step := max(1, (total+o.Sample-1)/o.Sample)
	rows := room[facts](total/step + len(left))
	for _, s := range left {
		for i := 0; i < s.Len(); i += step {
			rows = append(rows, s.facts[i])
		}
	}
	var names sync.WaitGroup
	names.Go(func() { m.learnNames(rows, x.set) })
	m.learnCommon(x.set)
	m.learnChance(rows, x.set, o.Random)
	names.Wait()
	m.seal()
	g, err := x.With(m).gather(ctx, rows, o.Workers)
	if err != nil {
		return nil, err
	}
	m.Trained = Trained{Left: total, Right: x.Len(), Sample: g.rows, Pairs: g.n + g.farTotal}
	if err := m.fit(ctx, g, x.Len(), o.Rounds); err != nil {
		return nil, err
	}
	m.seal()
	return m, nil
}

// learnNames counts the names of the index and of the sampled rows.
func (m *Model) learnNames(left []facts, right *Set) {
	c := newCounter(right.Len() + len(left) + 1)
	for i := range right.facts {
		c.add(right.facts[i].name)
	}
	for i := range left {
		c.add(left[i].name)
	}
	m.takeNames(c)
}

// takeNames learns the frequencies of counted names.
func (m *Model) takeNames(c *counter) {
	for i, n := range c.names {
		k := c.counts[i]
		if k == 0 || n == 0 {
			continue
		}
		gap, bySound := n.has()
		if gap || bySound {
			continue
		}
		m.Names.add(n, k)
		if k >= namesKept {
			m.Names.counts[n] = k
		}
	}
	m.Names.finish()
}

// counter counts names.
type counter struct {
	names  []name
	counts []uint32
}

func newCounter(n int) *counter {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return &counter{filled[name](size), filled[uint32](size)}
}

func (c *counter) add(n name) {
	if n == 0 {
		return
	}
	n = n.whole()
	mask := uint64(len(c.names) - 1)
	p := mix(uint64(n)) & mask
	for c.counts[p] != 0 && c.names[p] != n {
		p = (p + 1) & mask
	}
	c.names[p] = n
	c.counts[p]++
}

// learnChance measures how often random pairs agree, field by field.
func (m *Model) learnChance(left []facts, right *Set, n int) {
	var count [fieldCount][maxCategories + 1]float64
	seed := uint64(1)
	n = min(n, len(left)*right.Len()/2+1)
	for range n {
		seed = mix(seed)
		a := &left[seed%uint64(len(left))]
		b := &right.facts[seed>>32%uint64(right.Len())]
		if a.name == b.name && a.name != 0 || a.id.full() && b.id.full() && sameNumber(a.id, b.id) {
			continue // perhaps a true pair; namesakes are looked at apart
		}
		p := pattern{}
		p.level[fieldBirth] = bestBirth(a, b)
		p.level[fieldPlace] = comparePlaces(a, b, idMissing)
		count[fieldBirth][p.level[fieldBirth]]++
		count[fieldPlace][p.level[fieldPlace]]++
		m.countSmall(&count, a, b)
	}
	for _, f := range []int{fieldBirth, fieldPlace, fieldSex, fieldOrg} {
		shares(f, m.chance[anyPair][f], count[f][:], startChance[f], 40)
	}
	m.chance[anyPair][fieldOrg][orgEqual] = m.orgCollision(left, right)
	codes := map[uint32]bool{}
	for i := range right.facts {
		if c := right.facts[i].code; c != 0 {
			codes[c] = true
		}
	}
	m.chance[anyPair][fieldCode][levelEqual] = 1 / (float64(len(codes)) + 1000)
	var kinds [maxCategories + 1]float64
	for i := range left {
		kinds[left[i].cat]++
	}
	k := len(m.Rules.Categories)
	sum := 0.0
	for c := 1; c <= k; c++ {
		sum += kinds[c] + 1
	}
	for c := 1; c <= k; c++ {
		m.chance[anyPair][fieldKind][c] = (kinds[c] + 1) / sum
	}
	copy(m.match[fieldKind], m.chance[anyPair][fieldKind])
	for f := range fieldCount {
		copy(m.chance[namesakes][f], m.chance[anyPair][f])
	}
}

func (m *Model) countSmall(count *[fieldCount][maxCategories + 1]float64, a, b *facts) {
	sa, sb := a.sex&3|a.sex>>2, b.sex&3|b.sex>>2
	switch {
	case sa == 0 || sb == 0:
	case sa&sb != 0:
		count[fieldSex][levelEqual]++
	default:
		count[fieldSex][levelDiffer]++
	}
	count[fieldOrg][m.compareOrgs(a, b)]++
}

// learnCommon finds the employers that one in three hundred records of the index names, or more.
func (m *Model) learnCommon(right *Set) {
	count := map[uint32]int{}
	n := 0
	step := max(1, right.Len()/100000)
	for i := 0; i < right.Len(); i += step {
		for _, c := range right.facts[i].orgCore {
			if c != 0 {
				count[c]++
				n++
			}
		}
	}
	for c, k := range count {
		if k >= max(5, n/300) {
			m.Common[c] = true
		}
	}
}

// orgCollision is the chance that two records, both with an employer, name the same one.
func (m *Model) orgCollision(left []facts, right *Set) float64 {
	l, r := map[uint32]float64{}, map[uint32]float64{}
	nl, nr := 0.0, 0.0
	step := max(1, len(left)/100000)
	for i := 0; i < len(left); i += step {
		if c := left[i].orgCore[0]; c != 0 {
			l[c]++
			nl++
		}
	}
	step = max(1, right.Len()/100000)
	for i := 0; i < right.Len(); i += step {
		f := &right.facts[i]
		if f.orgCore[0]|f.orgCore[1] != 0 {
			nr++
		}
		for _, c := range f.orgCore {
			if c != 0 {
				r[c]++
			}
		}
	}
	sum := 0.0
	for c, n := range l {
		if m.Common[c] {
			continue
		}
		sum += n * r[c]
	}
	if nl == 0 || nr == 0 {
		return startChance[fieldOrg][orgEqual]
	}
	return min(0.5, sum/nl/nr+1e-5)
}

// shares turns counts into shares, held to the starting ones by a weight, within each group of levels; level 0, missing, is
// left out.
func shares(field int, dst, count, start []float64, weight float64) {
	groups := levelGroups[field]
	if groups == nil {
		all := make([]int, 0, len(dst))
		for l := 1; l < len(dst); l++ {
			all = append(all, l)
		}
		groups = [][]int{all}
	}
	for _, g := range groups {
		sum, total := 0.0, 0.0
		for _, l := range g {
			sum += count[l]
			total += start[l]
		}
		for _, l := range g {
			dst[l] = max((count[l]+weight*start[l]/total)/(sum+weight), 1e-9)
		}
	}
}

// gathered are the candidate pairs to learn from.
type gathered struct {
	pairs    [][]pattern // as they were found, not copied together: they are many
	n        int         // of pairs
	rows     int
	farTotal int
}

func (x *Index) gather(ctx context.Context, left []facts, workers int) (*gathered, error) {
	var mu sync.Mutex
	g := &gathered{rows: len(left)}
	const most = 6 << 20
	err := parallel(ctx, workers, len(left), 1024, func(_, from, to int) {
		c := x.loads.Get().(*batch)
		defer x.loads.Put(c)
		fs := left[from:to]
		x.candidates(fs, c)
		out := make([]pattern, 0, len(c.rows))
		far := 0
		for i := range fs { // a thousand equal rows teach what one does
			far += c.far[i]
			for _, row := range c.of(i) {
				out = append(out, x.model.compare(&fs[i], &x.set.facts[row], &c.memo))
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if g.n < most {
			g.pairs, g.n = append(g.pairs, out), g.n+len(out)
		}
		g.farTotal += far
	})
	return g, err
}

// all goes through the pairs.
func (g *gathered) all(do func(p *pattern) bool) {
	for _, part := range g.pairs {
		for i := range part {
			if !do(&part[i]) {
				return
			}
		}
	}
}

// Weights of the starting values, in pairs.
const (
	holdMatch  = 25
	holdChance = 60
)

// fit is the expectation and maximisation over the gathered pairs.
func (m *Model) fit(ctx context.Context, g *gathered, size, rounds int) error {
	var all [fieldCount][maxCategories + 1]float64 // pairs of namesakes, true ones too
	all[fieldBirth][birthFar] += float64(g.farTotal)
	for p := range g.all {
		if p.setting() == namesakes {
			for f := range fieldCount {
				all[f][p.level[f]]++
			}
		}
	}
	last := 0.0
	for round := range rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		m.Trained.Rounds = round + 1
		m.table()
		prior := m.prior(size)
		var match, same [fieldCount][maxCategories + 1]float64
		total := 0.0
		for p := range g.all {
			b := prior + m.evidence(p)
			if b < -12 {
				continue
			}
			w := probability(float64(b))
			total += w
			for f := range fieldCount {
				match[f][p.level[f]] += w
			}
			if p.setting() == namesakes {
				for f := range fieldCount {
					same[f][p.level[f]] += w
				}
			}
		}
		for f := range fieldCount {
			switch f {
			case fieldKind:
				shares(f, m.match[f][:len(m.Rules.Categories)+1], match[f][:], m.chance[anyPair][f], holdMatch)
			case fieldID:
				shares(f, m.match[f], match[f][:], startMatch[f], holdMatch)
				m.match[f][idConflict] = veto
				m.match[f][idOff] = min(m.match[f][idOff], 0.02)
			default:
				shares(f, m.match[f], match[f][:], startMatch[f], holdMatch)
			}
		}
		for _, f := range []int{fieldBirth, fieldPlace, fieldSex, fieldOrg} {
			var rest [maxCategories + 1]float64
			for l := range rest {
				rest[l] = max(0, all[f][l]-same[f][l])
			}
			shares(f, m.chance[namesakes][f], rest[:], m.chance[anyPair][f], holdChance)
		}
		m.Rate = max(total, 0.5) / float64(g.rows)
		if round > 4 && math.Abs(total-last) < 1e-4*total {
			break
		}
		last = total
	}
	return nil
}
