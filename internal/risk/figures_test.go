package risk

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Wilson's interval against worked values (Newcombe 1998, table I: 81 of 263, 15 of
// 148, 0 of 20, 1 of 29).
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		yes, n    int
		low, high float64
	}{{81, 263, .2553, .3662}, {15, 148, .0624, .1605}, {0, 20, 0, .1611}, {1, 29, .0061, .1718}, {0, 0, 0, 1}} {
		if w := Wilson(c.yes, c.n); math.Abs(w.Low-c.low) > 5e-4 || math.Abs(w.High-c.high) > 5e-4 {
			t.Errorf("%d of %d: %+v", c.yes, c.n, w)
		}
	}
}

// Small numbers give no verdict; one true outlier among peers that differ anyway
// is found, and peers that merely differ are not.
func TestFunnel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var rates []rate
	for range 60 {
		p := .15 + .05*rnd.NormFloat64() // peers differ by more than chance
		n := 150 + rnd.IntN(100)
		yes := 0
		for range n {
			if rnd.Float64() < p {
				yes++
			}
		}
		rates = append(rates, rate{yes, n})
	}
	rates = append(rates, rate{90, 200}, rate{4, 8}, rate{0, 0})
	got := funnel(rates, 5, 10)
	if x := got[60]; x == nil || x.Z < 3 || x.Spread < .03 {
		t.Errorf("the outlier: %+v", x)
	}
	if got[61] != nil || got[62] != nil {
		t.Errorf("small numbers got a verdict: %+v %+v", got[61], got[62])
	}
	wrong := 0
	for _, x := range got[:60] {
		if x != nil && x.Z > 3 {
			wrong++
		}
	}
	if wrong > 1 {
		t.Errorf("%d of 60 ordinary peers stand out", wrong)
	}
	for name, rs := range map[string][]rate{"few peers": {{10, 100}, {20, 100}}, "nothing": nil, "all yes": {{50, 50}, {50, 50}, {50, 50}}} {
		for _, x := range funnel(rs, 5, 10) {
			if x != nil {
				t.Errorf("%s: %+v", name, x)
			}
		}
	}
}

// The hypergeometric tail against a count by hand: 10 cases, a handler with 4, a
// lawyer with 3; all three meet in C(4,3)/C(10,3) = 4/120 of the assignments.
func TestTail(t *testing.T) {
	for _, c := range []struct {
		k, h, l, n int
		want       float64
	}{{3, 4, 3, 10, 4.0 / 120}, {2, 4, 3, 10, (6*6 + 4) / 120.0}, {0, 4, 3, 10, 1}, {4, 4, 3, 10, 0}, {3, 3, 3, 3, 1}} {
		if got := tail(c.k, c.h, c.l, c.n); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%+v: %g", c, got)
		}
	}
}

// Benjamini and Hochberg by hand: three p-values among ten tests.
func TestDiscoveries(t *testing.T) {
	q := discoveries([]float64{.03, .001, .02}, 10)
	for i, want := range []float64{.1, .01, .1} {
		if math.Abs(q[i]-want) > 1e-9 {
			t.Errorf("%d: %v", i, q)
		}
	}
}

// The matrix of grades, and likeness of texts.
func TestGradesAndTwins(t *testing.T) {
	for _, c := range [][3]int{{5, 5, 1}, {3, 5, 1}, {1, 5, 2}, {2, 3, 2}, {5, 1, 3}, {1, 1, 3}, {4, 4, 1}, {5, 3, 1}, {3, 2, 2}} {
		if got := GradeOf(c[0], c[1]); got != c[2] {
			t.Errorf("%v: %d", c, got)
		}
	}
	a := "办案人员私自会见律师，泄露案情"
	if Alike(a, "办案人员私自会见律师，泄露案情。") != 100 || Alike(a, "涉案财物长期不移送") != 0 || Alike("", "") != 0 {
		t.Error("likeness")
	}
}
