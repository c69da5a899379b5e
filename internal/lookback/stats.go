package lookback

import "math"

// Confidence is the level of every interval of this room.
const Confidence = 0.95

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

// DiscoverySize is how many of N items must be drawn at random so that, if a
// share of them or more is untrue, at least one such item is in the sample with
// the confidence given (hypergeometric, without replacement).
func DiscoverySize(total int, share, confidence float64) int {
	bad := max(1, int(math.Ceil(float64(total)*share-1e-9)))
	miss := 1.0
	for n := range total {
		if 1-miss >= confidence {
			return n
		}
		if n > total-bad {
			break
		}
		miss *= float64(total-bad-n) / float64(total-n)
	}
	return total
}
