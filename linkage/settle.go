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
	most := 0.0
	fit := make([]float64, len(group))
	for i, c := range group {
		most = math.Max(most, c.Link.Probability)
		fit[i] = x.model.fits(&c.Link.hit.pat)
	}
	for i, c := range group {
		own, others := 1.0, 0.0
		for j, d := range group {
			if i != j && distinct(&c.Left.facts[c.Link.Left], &d.Left.facts[d.Link.Left]) {
				others += math.Exp2(math.Max(-60, math.Min(60, fit[j]-fit[i])))
			}
		}
		if others == 0 {
			continue
		}
		l := c.Link
		l.Probability = math.Min(l.Probability, most*own/(own+others))
		l.hit.p = float32(l.Probability)
		l.Band = l.hit.band()
	}
}

// fits is how well a pair fits compared with another of the same house: names that are not equal must have been miswritten
// in just this way, and what a house has in common counts for nothing.
func (m *Model) fits(p *pattern) float64 {
	const thisWay = 4
	n := p.level[fieldName]
	out := 0.0
	if n != nameMissing {
		out = math.Log2(m.match[fieldName][n])
		if n != nameEqual && n != nameAlias {
			out -= thisWay
		}
	}
	for _, f := range []int{fieldBirth, fieldID, fieldSex, fieldOrg, fieldCode} {
		out += float64(m.bits[namesakes][f][p.level[f]])
	}
	return out
}
