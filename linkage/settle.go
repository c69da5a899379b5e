package linkage

import (
	"cmp"
	"math"
	"slices"
)

// Claim is a link together with the house it comes from: the declaring record, the same for a declarer and for all whom he
// declared.
type Claim struct {
	House int
	Left  *Set
	Link  *Link
}

// Settle shares the probability among members of one house who claim the same record of the index: brothers and twins have
// almost everything in common, and a record is about one of them. Rows that may be the same person, declared twice, do not
// compete. Bands are judged again; links that fall below the review limit become Drop.
func (x *Index) Settle(claims []Claim) {
	slices.SortFunc(claims, func(a, b Claim) int {
		return cmp.Or(cmp.Compare(a.House, b.House), cmp.Compare(a.Link.Right, b.Link.Right), cmp.Compare(a.Link.Left, b.Link.Left))
	})
	for from := 0; from < len(claims); {
		to := from + 1
		for to < len(claims) && claims[to].House == claims[from].House && claims[to].Link.Right == claims[from].Link.Right {
			to++
		}
		if to-from > 1 {
			x.settle(claims[from:to])
		}
		from = to
	}
}

func (x *Index) settle(group []Claim) {
	odds := make([]float64, len(group))
	for i, c := range group {
		odds[i] = c.Link.Probability / math.Max(1e-9, 1-c.Link.Probability)
		odds[i] = math.Max(odds[i], math.Exp2(math.Min(60, float64(c.Link.hit.bits)+c.Link.hit.rivalBits())))
	}
	for i, c := range group {
		against := 0.0
		for j, d := range group {
			if i != j && distinct(&c.Left.facts[c.Link.Left], &d.Left.facts[d.Link.Left]) {
				against = math.Max(against, odds[j])
			}
		}
		if against == 0 {
			continue
		}
		l := c.Link
		l.Probability = odds[i] / (1 + odds[i] + against)
		l.hit.p = float32(l.Probability)
		l.Band = l.hit.band()
	}
}

// rivalBits is what other candidates took off.
func (h *hit) rivalBits() float64 {
	if h.p <= 0 || h.p >= 1 {
		return 0
	}
	return math.Min(0, math.Log2(float64(h.p)/(1-float64(h.p)))-float64(h.bits))
}
