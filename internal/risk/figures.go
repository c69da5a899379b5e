package risk

import (
	"math"
	"slices"
)

// Interval is a share with its 95 % interval.
type Interval struct {
	Yes   int     `json:"yes"`
	N     int     `json:"n"`
	Share float64 `json:"share"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Wilson gives the share of yes among n with the interval of Wilson (1927), which
// holds for small numbers too.
func Wilson(yes, n int) Interval {
	if n == 0 {
		return Interval{High: 1}
	}
	const z = 1.959963984540054
	p, m := float64(yes)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return Interval{Yes: yes, N: n, Share: p, Low: max(0, mid-half), High: min(1, mid+half)}
}

// Compare says how a rate stands among those of its peers.
type Compare struct {
	Measure  string  `json:"measure"`
	Yes      int     `json:"yes"`
	N        int     `json:"n"`
	Rate     float64 `json:"rate"`
	Peers    int     `json:"peers"`
	PeerRate float64 `json:"peer_rate"`
	Spread   float64 `json:"spread"` // standard deviation of the peers' true rates beyond chance
	Low      float64 `json:"low"`    // bounds of the funnel at this n: 3 deviations
	High     float64 `json:"high"`
	Z        float64 `json:"z"`
}

// rate is yes of n of one peer.
type rate struct{ yes, n int }

// funnel compares rates with over-dispersion (Spiegelhalter, Statistics in Medicine
// 2005, 24:1185): the peers' rates differ by more than chance, and that spread is
// estimated from their winsorised deviations, so that a few true outliers do not
// hide themselves. Who has too few for a verdict (expected or contrary number below
// small, or too few peers) gets none: nil.
func funnel(rates []rate, small, peers int) []*Compare {
	out := make([]*Compare, len(rates))
	yes, n := 0, 0
	for _, r := range rates {
		yes += r.yes
		n += r.n
	}
	if n == 0 || yes == 0 || yes == n {
		return out
	}
	p := float64(yes) / float64(n)
	var judged []int
	for i, r := range rates {
		if float64(r.n)*p >= float64(small) && float64(r.n)*(1-p) >= float64(small) {
			judged = append(judged, i)
		}
	}
	if len(judged) < max(3, peers) {
		return out
	}
	z := make([]float64, len(judged))
	s2 := make([]float64, len(judged))
	for k, i := range judged {
		s2[k] = p * (1 - p) / float64(rates[i].n)
		z[k] = (float64(rates[i].yes)/float64(rates[i].n) - p) / math.Sqrt(s2[k])
	}
	tau2 := spread(winsorised(z, .1), s2)
	for k, i := range judged {
		r := float64(rates[i].yes) / float64(rates[i].n)
		d := math.Sqrt(s2[k] + tau2)
		out[i] = &Compare{Yes: rates[i].yes, N: rates[i].n, Rate: r, Peers: len(judged), PeerRate: p, Spread: math.Sqrt(tau2), Z: (r - p) / d, Low: max(0, p-3*d), High: min(1, p+3*d)}
	}
	return out
}

// winsorised pulls the outer shares of values in to the bounds of the middle.
func winsorised(z []float64, share float64) []float64 {
	sorted := slices.Clone(z)
	slices.Sort(sorted)
	cut := int(share * float64(len(z)))
	low, high := sorted[cut], sorted[len(z)-1-cut]
	out := make([]float64, len(z))
	for i, v := range z {
		out[i] = min(high, max(low, v))
	}
	return out
}

// spread estimates the variance between peers from their deviations (DerSimonian
// and Laird's moment estimator over the winsorised deviations).
func spread(z, s2 []float64) float64 {
	q, w, w2 := 0.0, 0.0, 0.0
	for i := range z {
		q += z[i] * z[i]
		w += 1 / s2[i]
		w2 += 1 / (s2[i] * s2[i])
	}
	n := float64(len(z))
	if q <= n-1 {
		return 0
	}
	return (q - (n - 1)) / (w - w2/w)
}

// Pair says how often a handler and a lawyer met in one unit, and how often
// chance would have it.
type Pair struct {
	Lawyer     string  `json:"lawyer"`
	Licence    string  `json:"licence,omitempty"`
	Cases      int     `json:"cases"`
	Favourable int     `json:"favourable"`
	Expected   float64 `json:"expected"`
	P          float64 `json:"p"`
	Q          float64 `json:"q"` // share of false discoveries among pairs at least as striking
	Handler    int     `json:"handler_cases"`
	Counsel    int     `json:"lawyer_cases"`
	Unit       int     `json:"unit_cases"`
}

// tail is the chance that of n cases of the unit, handler's h and lawyer's l meet k
// times or more when cases were assigned by lot (hypergeometric).
func tail(k, h, l, n int) float64 {
	sum := 0.0
	for x := k; x <= min(h, l); x++ {
		if n-h-l+x < 0 {
			continue
		}
		sum += math.Exp(choose(h, x) + choose(n-h, l-x) - choose(n, l))
	}
	return min(1, sum)
}

func choose(n, k int) float64 {
	if k < 0 || k > n {
		return math.Inf(-1)
	}
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// discoveries gives the false discovery rate of each p-value among tests tests
// (Benjamini and Hochberg 1995); pairs that never met count as tests too.
func discoveries(p []float64, tests int) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return a - b
	})
	q := make([]float64, len(p))
	low := 1.0
	for k := len(order) - 1; k >= 0; k-- {
		low = min(low, p[order[k]]*float64(tests)/float64(k+1))
		q[order[k]] = low
	}
	return q
}
