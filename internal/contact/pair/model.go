package pair

import "math"

// Model is what was learned: how often each level is seen in pairs of one contact and in others.
type Model struct {
	Prior float64 // share of the candidate pairs that belong to one contact
	m, u  [facts][levels]float64
}

// prior is what is believed before the records are seen: shares in percent for Missing, Equal, Near, Part, Doubtful,
// Different. Its values are judgement, kept soft ([priorWeight]); the fit moves them to the register at hand. Days are
// nearly even among others because the candidates were taken from a window; cases are rarely equal among others.
var prior = struct{ m, u [facts][levels]float64 }{
	m: [facts][levels]float64{
		Person:  {15, 48, 4, 31, 0.6, 1.4},
		Case:    {25, 50, 4, 18, 1.5, 1.5},
		Day:     {0.01, 48, 34, 13, 3, 2},
		Channel: {2, 78, 0.01, 0.01, 0.01, 20},
		Place:   {1, 80, 15, 3, 0.9, 0.1},
		Post:    {4, 6, 0.01, 0.01, 0.01, 90},
		Words:   {2, 20, 28, 0.01, 0.01, 50},
	},
	u: [facts][levels]float64{
		Person:  {15, 0.4, 0.3, 2.5, 4, 78},
		Case:    {25, 0.3, 0.05, 0.1, 1.5, 73},
		Day:     {0.01, 9, 27, 13, 22, 29},
		Channel: {2, 24, 0.01, 0.01, 0.01, 74},
		Place:   {1, 45, 15, 3, 35, 1},
		Post:    {4, 36, 0.01, 0.01, 0.01, 60},
		Words:   {2, 14, 28, 0.01, 0.01, 56},
	},
}

// priorWeight is the number of pairs, of each kind, that the prior counts for.
const priorWeight = 60

// priorShare is the share of the candidate pairs that is believed to belong together, with priorWeight behind it.
const priorShare = 0.2

func startModel() Model {
	md := Model{Prior: priorShare}
	for f := range facts {
		md.m[f], md.u[f] = shares(prior.m[f]), shares(prior.u[f])
	}
	return md
}

func shares(v [levels]float64) [levels]float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	for i := range v {
		v[i] /= sum
	}
	return v
}

// bits is the weight of a level: positive speaks for one contact. A missing fact says nothing.
func (md *Model) bits(f Fact, l Level) float64 {
	if l == Missing {
		return 0
	}
	return math.Log2(md.m[f][l] / md.u[f][l])
}

func (md *Model) priorBits() float64 { return math.Log2(md.Prior / (1 - md.Prior)) }

// weigh sums the weights of a pattern, without the prior.
func (md *Model) weigh(p pattern) float64 {
	s := 0.0
	for f := range facts {
		s += md.bits(f, p.level(f))
	}
	return s
}

// fit runs expectation maximisation over the counted patterns.
func (md *Model) fit(seen []counted) {
	start := *md
	for range 60 {
		var m, u [facts][levels]float64
		yes, all := 0.0, 0.0
		pb := md.priorBits()
		for _, c := range seen {
			p := probability(md.weigh(c.pattern) + pb)
			yes += c.n * p
			all += c.n
			for f := range facts {
				m[f][c.pattern.level(f)] += c.n * p
				u[f][c.pattern.level(f)] += c.n * (1 - p)
			}
		}
		moved := 0.0
		for f := range facts {
			moved += blend(&md.m[f], m[f], start.m[f]) + blend(&md.u[f], u[f], start.u[f])
		}
		md.Prior = (yes + priorShare*priorWeight) / (all + priorWeight)
		if moved < 1e-5 {
			break
		}
	}
}

// blend sets dst to the counts with the start behind them and tells how far it moved.
func blend(dst *[levels]float64, count, start [levels]float64) (moved float64) {
	sum := 0.0
	for l := range levels {
		count[l] += start[l] * priorWeight
		sum += count[l]
	}
	for l := range levels {
		v := count[l] / sum
		moved += math.Abs(v - dst[l])
		dst[l] = v
	}
	return moved
}

// counted is a pattern and how many pairs show it.
type counted struct {
	pattern pattern
	n       float64
}

// probability of a weight in bits, never quite certain.
func probability(bits float64) float64 {
	return min(max(1/(1+math.Exp2(-bits)), 1e-6), 1-1e-6)
}
