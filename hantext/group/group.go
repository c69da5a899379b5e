package group

import (
	"cmp"
	"hash/fnv"
	"math"
	"runtime"
	"slices"
	"sync"
)

// Text is one text to be grouped.
type Text struct {
	ID   string
	Text string
	Own  []string // words peculiar to its place, left out: the name of the unit
}

// Options of [Group]; the zero value is the ordinary one.
type Options struct {
	Lexicon *Lexicon // [Own] when nil
	Link    float64  // least average likeness inside a group; [defaultLink] when 0
	Free    bool     // take texts as freely worded whatever they look like: more join, some wrongly; for a person to judge
}

// Cluster is texts of one kind.
type Cluster struct {
	Members  []int    // places in the texts, by ID
	Phrases  []string // its most telling phrases, the best first
	Subjects []string // concepts most of its texts speak of
	Wordings int      // ways of putting it
}

const (
	defaultLink = 0.22 // average linkage stops here
	nearCopy    = 0.62 // a wording that is nearly another one
	copyLink    = 0.75 // wordings that count as one when features are counted
	leftLink    = 0.55 // wordings that nobody repeats, where others are repeated
	freeNear    = 0.42 // nearest wording of a freely worded text
	rival       = 0.85 // a second group that claims a text as much
	seedLimit   = 2000
	fewTexts    = 100 // fewer show no habit of repeating
	seldom      = 12  // a wording so many times rarer than the usual one is no seed
)

// Weights of the kinds of features beside their rarity.
const (
	subjectWeight = 2.4
	faultWeight   = 0.7
	pairWeight    = 0.65
	lonePair      = 0.1
)

// variant is a wording and the texts that have it.
type variant struct {
	wording wording
	members []int
	feats   []feature
	weights []float32 // of unit length together
	chars   []feature // pairs of characters alone, by which copies are known
	charW   []float32
	cluster int32 // -1: none
}

type grouper struct {
	lex      *Lexicon
	link     float64
	texts    []Text
	variants []*variant
	strict   bool // most texts repeat wordings
	free     bool
	clusters int32
}

// Group finds the groups, the largest first.
func Group(texts []Text, o Options) []Cluster {
	g := &grouper{lex: o.Lexicon, link: o.Link, free: o.Free, texts: texts}
	if g.lex == nil {
		g.lex = Own()
	}
	if g.link == 0 {
		g.link = defaultLink
	}
	g.read()
	g.weigh()
	g.grow()
	return g.result()
}

// read brings texts to wordings.
func (g *grouper) read() {
	words := make([]wording, len(g.texts))
	parallel(len(g.texts), func(i int) { words[i] = strip(g.texts[i].Text, g.texts[i].Own) })
	dropAsides(words)
	at := make(map[string]*variant, len(words)/4)
	for i := range words {
		v := at[words[i].key]
		if v == nil {
			v = &variant{wording: words[i], cluster: -1}
			at[words[i].key] = v
			g.variants = append(g.variants, v)
		}
		v.members = append(v.members, i)
	}
	// Wordings of many texts first; among equals by a hash, so that a bounded choice is no choice by alphabet.
	slices.SortFunc(g.variants, func(a, b *variant) int {
		return cmp.Or(cmp.Compare(len(b.members), len(a.members)), cmp.Compare(hash(a.wording.key), hash(b.wording.key)), cmp.Compare(a.wording.key, b.wording.key))
	})
	repeated := 0
	for _, v := range g.variants {
		if len(v.members) > 1 {
			repeated += len(v.members)
		}
	}
	g.strict = !g.free && len(g.texts) >= fewTexts && 2*repeated >= len(g.texts)
	none := &Lexicon{}
	parallel(len(g.variants), func(i int) {
		v := g.variants[i]
		v.feats, v.chars = g.lex.features(v.wording), none.features(v.wording)
	})
}

func hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // never fails
	return h.Sum64()
}

// dropAsides takes away clauses that never stand alone and stand beside ever other company.
func dropAsides(words []wording) {
	type seen struct {
		n, alone int
		company  map[string]int
	}
	all := map[string]*seen{}
	for _, w := range words {
		for i, c := range w.clauses {
			s := all[c]
			if s == nil {
				s = &seen{company: map[string]int{}}
				all[c] = s
			}
			s.n++
			if len(w.clauses) == 1 {
				s.alone++
			} else if len(s.company) < 64 {
				for j, o := range w.clauses {
					if j != i {
						s.company[o]++
					}
				}
			}
		}
	}
	aside := map[string]bool{}
	for c, s := range all {
		top := 0
		for _, n := range s.company {
			top = max(top, n)
		}
		if s.n >= max(8, len(words)/1000) && s.alone*20 < s.n && len(s.company) >= 8 && top*3 < s.n {
			aside[c] = true
		}
	}
	if len(aside) == 0 {
		return
	}
	for i := range words {
		kept := slices.DeleteFunc(slices.Clone(words[i].clauses), func(c string) bool { return aside[c] })
		if len(kept) > 0 && len(kept) < len(words[i].clauses) {
			words[i] = rejoin(kept)
		}
	}
}

// seeds are the wordings that the statistics and the first groups come from. Where wordings are repeated, those count
// that are repeated about as often as is usual: the slips and mixtures of a large register come twice by chance.
func (g *grouper) seeds() []*variant {
	n := len(g.variants)
	if g.strict {
		half, usual := 0, 2
		for _, v := range g.variants {
			if half += len(v.members); 2*half >= len(g.texts) {
				usual = len(v.members)
				break
			}
		}
		least := max(2, usual/seldom)
		n = 0
		for n < len(g.variants) && len(g.variants[n].members) >= least {
			n++
		}
	}
	return g.variants[:min(n, seedLimit)]
}

// weigh gives features their weights. A phrase that is copied with slips of the pen would make its features common, so
// near copies count as one; and a feature that only one wording has cannot join anything and is kept small.
func (g *grouper) weigh() {
	base := g.variants
	if g.strict {
		base = g.seeds()
	}
	var chars, feats rarities
	for _, v := range base {
		chars.add(v.chars)
	}
	g.each(func(v *variant) { v.charW = unit(v.chars, func(f feature) float64 { return chars.idf(f) }) })
	kinds := g.copies(base)
	for _, list := range kinds {
		var all []feature
		for _, v := range list {
			all = append(all, v.feats...)
		}
		slices.Sort(all)
		feats.add(slices.Compact(all))
	}
	g.each(func(v *variant) {
		v.weights = unit(v.feats, func(f feature) float64 {
			x := feats.idf(f)
			switch c, is := f.concept(); {
			case !is && feats.count[f] <= 1:
				x *= lonePair
			case !is:
				x *= pairWeight
			case g.lex.concepts[c].Kind == Subject:
				x *= subjectWeight
			default:
				x *= faultWeight
			}
			return x
		})
	})
}

// copies puts near copies together, the seeds at least.
func (g *grouper) copies(base []*variant) [][]*variant {
	n := min(len(base), seedLimit)
	root := average(n, copyLink, charFeatures(base), func(int) float32 { return 1 })
	of := map[int][]*variant{}
	for i := range n {
		of[root[i]] = append(of[root[i]], base[i])
	}
	out := make([][]*variant, 0, len(of)+len(base)-n)
	for _, list := range of {
		out = append(out, list)
	}
	for _, v := range base[n:] {
		out = append(out, []*variant{v})
	}
	return out
}

func (g *grouper) each(f func(v *variant)) {
	parallel(len(g.variants), func(i int) { f(g.variants[i]) })
}

// rarities counts in how many wordings a feature is.
type rarities struct {
	n     float64
	count map[feature]int
}

func (r *rarities) add(feats []feature) {
	if r.count == nil {
		r.count = map[feature]int{}
	}
	r.n++
	for _, f := range feats {
		r.count[f]++
	}
}

func (r *rarities) idf(f feature) float64 {
	return math.Log((r.n + 1) / (float64(max(r.count[f], 1)) + 0.5))
}

// unit weighs features and brings them to unit length together.
func unit(feats []feature, weight func(feature) float64) []float32 {
	w := make([]float32, len(feats))
	sum := 0.0
	for i, f := range feats {
		x := weight(f)
		w[i] = float32(x)
		sum += x * x
	}
	if sum > 0 {
		k := float32(1 / math.Sqrt(sum))
		for i := range w {
			w[i] *= k
		}
	}
	return w
}

// posting is a wording that has a feature.
type posting struct {
	at     int32
	weight float32
}

// sparse gives the features of a wording and their weights.
type sparse func(i int) ([]feature, []float32)

func allFeatures(list []*variant) sparse {
	return func(i int) ([]feature, []float32) { return list[i].feats, list[i].weights }
}

func charFeatures(list []*variant) sparse {
	return func(i int) ([]feature, []float32) { return list[i].chars, list[i].charW }
}

func postings(n int, of sparse) map[feature][]posting {
	out := map[feature][]posting{}
	for i := range n {
		feats, weights := of(i)
		for k, f := range feats {
			out[f] = append(out[f], posting{int32(i), weights[k]})
		}
	}
	return out
}

// grow makes groups of the seeds, lets the others join, and goes on with what is left.
func (g *grouper) grow() {
	left := g.variants
	seeds := g.seeds()
	link, near := g.link, freeNear
	if g.strict {
		near = nearCopy
	}
	for round := 0; len(seeds) > 0 && round < 40; round++ {
		g.agglomerate(seeds, link)
		rest := slices.DeleteFunc(slices.Clone(left), func(v *variant) bool { return v.cluster >= 0 || slices.Contains(seeds[:0], v) })
		inSeeds := make(map[*variant]bool, len(seeds))
		for _, v := range seeds {
			inSeeds[v] = true
		}
		rest = slices.DeleteFunc(rest, func(v *variant) bool { return inSeeds[v] })
		joined := g.assign(seeds, rest, near)
		before := len(rest)
		left = slices.DeleteFunc(rest, func(v *variant) bool { return v.cluster >= 0 })
		if g.strict {
			link = leftLink
			if round > 0 && !joined && len(left) == before && before <= seedLimit {
				break
			}
		}
		seeds = left[:min(len(left), seedLimit)]
	}
}

// assign lets wordings join the group of their nearest seed.
func (g *grouper) assign(seeds, rest []*variant, near float64) (joined bool) {
	index, of := postings(len(seeds), allFeatures(seeds)), allFeatures(rest)
	if g.strict {
		index, of = postings(len(seeds), charFeatures(seeds)), charFeatures(rest)
	}
	pool := sync.Pool{New: func() any { s := make([]float32, len(seeds)); return &s }}
	parallel(len(rest), func(i int) {
		v := rest[i]
		sims := *pool.Get().(*[]float32)
		clear(sims)
		feats, weights := of(i)
		for k, f := range feats {
			for _, p := range index[f] {
				sims[p.at] += weights[k] * p.weight
			}
		}
		best, second := int32(-1), float32(0)
		top := float32(0)
		for j, s := range sims {
			if s > top {
				if best >= 0 && seeds[best].cluster != seeds[j].cluster {
					second = top
				}
				best, top = int32(j), s
			} else if s > second && seeds[j].cluster != seeds[best].cluster {
				second = s
			}
		}
		if best >= 0 && float64(top) >= near && (float64(second) < rival*float64(top) || top > 0.95) {
			v.cluster = seeds[best].cluster
		}
		pool.Put(&sims)
	})
	for _, v := range rest {
		joined = joined || v.cluster >= 0
	}
	return joined
}

// parallel calls f for 0 … n-1 on all cores.
func parallel(n int, f func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), max(n/64, 1))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w * n / workers; i < (w+1)*n/workers; i++ {
				f(i)
			}
		})
	}
	wg.Wait()
}
