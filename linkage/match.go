package linkage

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Band says what to do with a pair.
type Band string

// Bands of a pair.
const (
	Auto   Band = "auto"   // as good as certain, and not by name and birth alone
	Review Band = "review" // a person has to look
	Drop   Band = "drop"   // not worth looking
)

// Limits of the bands.
const (
	AutoFrom   = 0.99
	ReviewFrom = 0.02
	maxHits    = 64 // reported for one record
)

// hit is a candidate that is worth reporting.
type hit struct {
	row  uint32
	bits float32 // evidence and prior
	p    float32 // probability with rivals
	pat  pattern
}

// rank scores the candidates of a record and keeps those worth reporting, best first, rivals weighed against each other.
func (x *Index) rank(f *facts, rows []uint32, c *batch) {
	c.hits = c.hits[:0]
	fs := x.set.facts
	const least = -7 // bits of odds; below, nothing is reported
	for _, row := range rows {
		p := x.model.compare(f, &fs[row], &c.memo)
		if b := x.prior + x.model.evidence(&p); b > least {
			c.hits = append(c.hits, hit{row: row, bits: b, pat: p})
		}
	}
	if len(c.hits) == 0 {
		return
	}
	slices.SortFunc(c.hits, func(a, b hit) int {
		if d := cmp.Compare(b.bits, a.bits); d != 0 {
			return d
		}
		return cmp.Compare(a.row, b.row)
	})
	if len(c.hits) > maxHits {
		c.hits = c.hits[:maxHits]
		x.capped.Add(1)
	}
	if len(c.hits) == 1 {
		h := &c.hits[0]
		h.p = float32(probability(float64(h.bits)))
		return
	}
	x.rivals(c.hits)
}

// rivals shares the probability among candidates that cannot all be the same person. Candidates that may be one person,
// registered twice, do not compete.
func (x *Index) rivals(hits []hit) {
	fs := x.set.facts
	odds := make([]float64, len(hits))
	for i := range hits {
		odds[i] = math.Exp2(min(float64(hits[i].bits), 60))
	}
	for i := range hits {
		against := 0.0
		for j := range hits {
			if i != j && distinct(&fs[hits[i].row], &fs[hits[j].row]) {
				against = max(against, odds[j])
			}
		}
		hits[i].p = float32(odds[i] / (1 + odds[i] + against))
	}
}

// distinct says that two records of one register are certainly or very likely two people.
func distinct(a, b *facts) bool {
	switch l := compareIDs(a.id, b.id); l {
	case idEqual, idEqualBad, idTailEqual, idSeqTypo:
		return false
	case idConflict, idOff, idTailOff, idSomeOff:
		return true
	}
	if a.name != b.name && a.alias != b.name && a.name != b.alias {
		return true
	}
	l := bestBirth(a, b)
	return l != birthMissing && birthRank[l] < birthRank[birthLunar]
}

// band judges a hit.
func (h *hit) band() Band {
	switch {
	case h.p >= AutoFrom && h.supported():
		return Auto
	case h.p >= ReviewFrom:
		return Review
	}
	return Drop
}

// supported says that more than name, birth and region speak for the pair: digits of the number, the employer or the
// telephone. Two people of one name and one birthday exist, and a person has to look at them.
func (h *hit) supported() bool {
	switch h.pat.level[fieldID] {
	case idEqual, idEqualBad, idTailEqual, idSeqTypo:
		return true
	case idConflict, idOff, idTailOff, idSomeOff:
		return false
	}
	return h.pat.level[fieldOrg] == orgEqual || h.pat.level[fieldCode] == levelEqual
}

// Link is a pair of a batch.
type Link struct {
	Left, Right int // rows
	Probability float64
	Band        Band
	hit         hit
}

// Progress is told now and then how many records of a batch are done.
type Progress func(done, all int)

// Options of a batch.
type Options struct {
	Workers  int // 0 takes the processors there are
	Progress Progress
}

func (o Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// Link compares every record of a set with the index and returns the pairs worth reporting, in the order of the left
// rows, best first.
func (x *Index) Link(ctx context.Context, left *Set, o Options) ([]Link, error) {
	const piece = 1024
	n := left.Len()
	parts := make([][]Link, (n+piece-1)/piece)
	var done atomic.Int64
	var tell sync.Mutex
	err := parallel(ctx, o.workers(), n, piece, func(_, from, to int) {
		c := x.loads.Get().(*batch)
		defer x.loads.Put(c)
		var out []Link
		fs := left.facts[from:to]
		x.candidates(fs, c)
		for i := range fs {
			if i == 0 || fs[i] != fs[i-1] { // a thousand equal rows are looked up once
				x.rank(&fs[i], c.of(i), c)
			}
			for k := range c.hits {
				if h := &c.hits[k]; h.p >= ReviewFrom {
					out = append(out, Link{Left: from + i, Right: int(h.row), Probability: float64(h.p), Band: h.band(), hit: *h})
				}
			}
		}
		parts[from/piece] = out
		d := done.Add(int64(to - from))
		if o.Progress != nil {
			tell.Lock()
			o.Progress(int(d), n)
			tell.Unlock()
		}
	})
	if err != nil {
		return nil, err
	}
	return slices.Concat(parts...), nil
}

// Match is an answer about one person: a record of the index with its score.
type Match struct {
	Row   int
	ID    string
	Score Score
}

// Query looks one record up and returns at most limit candidates with their evidence, best first.
func (x *Index) Query(r *Record, limit int) []Match {
	f := x.set.rules.prepare(r, nil)
	return x.query(&f, limit)
}

func (x *Index) query(f *facts, limit int) []Match {
	c := x.loads.Get().(*batch)
	defer x.loads.Put(c)
	one := [1]facts{*f}
	x.candidates(one[:], c)
	x.rank(f, c.of(0), c)
	var out []Match
	for i := range c.hits {
		h := &c.hits[i]
		if len(out) == limit || h.p < ReviewFrom {
			continue
		}
		out = append(out, Match{Row: int(h.row), ID: x.set.ID(int(h.row)), Score: x.model.score(&h.pat, x.size(), float64(h.p), f, &x.set.facts[h.row])})
	}
	return out
}

// ID is the identifier of a record of the index.
func (x *Index) ID(row int) string { return x.set.ID(row) }

// Account gives the whole score of a pair of a batch.
func (x *Index) Account(left *Set, l Link) Score {
	return x.model.score(&l.hit.pat, x.size(), float64(l.hit.p), &left.facts[l.Left], &x.set.facts[l.Right])
}

// Accounts explains the pairs of a batch in a language, each on one line.
func (x *Index) Accounts(left *Set, links []Link, lang Language) []string {
	out := make([]string, len(links))
	_ = parallel(context.Background(), Options{}.workers(), len(links), 256, func(_, from, to int) {
		for i := from; i < to; i++ {
			s := x.Account(left, links[i])
			out[i] = s.Explain(lang)
		}
	})
	return out
}
