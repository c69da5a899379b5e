// Package stat has the few intervals that more than one room states.
package stat

import "math"

// Interval is a range for a share, with the share itself.
type Interval struct {
	Share float64 `json:"share"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Wilson is the score interval (Wilson 1927) for k of n: near its nominal level
// even for a few cases, which is what a single unit or reviewer has. n must be
// positive.
func Wilson(k, n int, confidence float64) Interval {
	z := math.Sqrt2 * math.Erfinv(confidence)
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return Interval{Share: p, Low: math.Max(0, mid-half), High: math.Min(1, mid+half)}
}

// ClopperPearson is the exact interval (Clopper and Pearson 1934) for k of n: it
// covers the truth at least as often as it says, which is what a statement about
// a whole population needs. n must be positive.
func ClopperPearson(k, n int, confidence float64) Interval {
	alpha := 1 - confidence
	out := Interval{Share: float64(k) / float64(n), Low: 0, High: 1}
	if k > 0 {
		out.Low = betaQuantile(alpha/2, float64(k), float64(n-k+1))
	}
	if k < n {
		out.High = betaQuantile(1-alpha/2, float64(k+1), float64(n-k))
	}
	return out
}

func betaQuantile(p, a, b float64) float64 {
	lo, hi := 0.0, 1.0
	for range 60 { // halving 60 times is finer than a float64 near one
		if mid := (lo + hi) / 2; betaCDF(mid, a, b) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// betaCDF is the regularised incomplete beta function by its continued
// fraction, evaluated by the modified Lentz method.
func betaCDF(x, a, b float64) float64 {
	if x <= 0 {
		return 0
	}
	if x >= 1 {
		return 1
	}
	if x > (a+1)/(a+b+2) { // the fraction converges fast only on this side
		return 1 - betaCDF(1-x, b, a)
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	front := math.Exp(lab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a
	const tiny = 1e-300
	f, c, d := 1.0, 1.0, 0.0
	for i := range 400 {
		m := float64(i / 2)
		num := 1.0
		switch {
		case i == 0:
		case i%2 == 0:
			num = m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		default:
			num = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		}
		if d = 1 + num*d; math.Abs(d) < tiny {
			d = tiny
		}
		d = 1 / d
		if c = 1 + num/c; math.Abs(c) < tiny {
			c = tiny
		}
		f *= c * d
		if i > 0 && math.Abs(1-c*d) < 1e-15 {
			break
		}
	}
	return front * (f - 1)
}

// Ratio is how often something happens after, for each time before, with its interval.
type Ratio struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"` // +Inf without any before
}

// RateRatio compares two counts of rare events, a among na opportunities and b among
// nb, as b's rate over a's. Given their sum, b is binomial; the exact interval of its
// share becomes that of the ratio (Przyborowski and Wilenski 1940). It holds for few
// events, if they come independently of each other. na, nb and a+b must be positive.
func RateRatio(a, na, b, nb int, confidence float64) Ratio {
	i := ClopperPearson(b, a+b, confidence)
	odds := func(p float64) float64 { return p / (1 - p) * float64(na) / float64(nb) }
	return Ratio{Value: odds(i.Share), Low: odds(i.Low), High: odds(i.High)}
}
