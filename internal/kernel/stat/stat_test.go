package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestIntervals(t *testing.T) {
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 5e-5 {
			t.Errorf("%s: %.5f, want %.5f", what, got, want)
		}
	}
	// Reference values computed with an independent implementation.
	for _, c := range []struct {
		k, n         int
		cl, ch, w, x float64
	}{{2, 40, 0.006114, 0.169197, 0.013821, 0.165039}, {0, 10, 0.000000, 0.308497, 0.000000, 0.277533}, {10, 10, 0.691503, 1.000000, 0.722467, 1.000000}, {1, 1, 0.025000, 1.000000, 0.206549, 1.000000}, {7, 23, 0.132103, 0.529192, 0.156040, 0.508658}, {50, 400, 0.094219, 0.161459, 0.096115, 0.161019}, {399, 400, 0.986150, 0.999937, 0.985977, 0.999559}} {
		i, w := ClopperPearson(c.k, c.n, .95), Wilson(c.k, c.n, .95)
		name := fmt.Sprintf("%d of %d", c.k, c.n)
		near(name+" exact low", i.Low, c.cl)
		near(name+" exact high", i.High, c.ch)
		near(name+" score low", w.Low, c.w)
		near(name+" score high", w.High, c.x)
	}
}

// The exact interval covers the truth at least as often as it says.
func TestIntervalCoversTheTruth(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, share := range []float64{.02, .1, .35, .5} {
		const runs, n = 4000, 40
		hit := 0
		for range runs {
			k := 0
			for range n {
				if rng.Float64() < share {
					k++
				}
			}
			if i := ClopperPearson(k, n, .95); i.Low <= share && share <= i.High {
				hit++
			}
		}
		if got := float64(hit) / runs; got < .945 {
			t.Errorf("share %v covered in %.3f of the samples", share, got)
		}
	}
}

// Reference values by numeric integration of the beta density, in another language.
func TestRateRatio(t *testing.T) {
	for _, c := range []struct {
		a, na, b, nb     int
		value, low, high float64
	}{{10, 100, 20, 100, 2, 0.893509, 4.784552}, {20, 200, 10, 100, 1, 0.418012, 2.238366}, {0, 10, 6, 10, math.Inf(1), 1.177425, math.Inf(1)}, {8, 50, 0, 50, 0, 0, 0.585833}} {
		r := RateRatio(c.a, c.na, c.b, c.nb, .95)
		for what, x := range map[string][2]float64{"value": {r.Value, c.value}, "low": {r.Low, c.low}, "high": {r.High, c.high}} {
			if got, want := x[0], x[1]; got != want && !(math.Abs(got-want) < 1e-4*max(1, want)) {
				t.Errorf("%+v: %s %.6f, want %.6f", c, what, got, want)
			}
		}
	}
}

// The interval covers the true ratio at least as often as it says.
func TestRateRatioCoversTheTruth(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	draw := func(n int, rate float64) (k int) {
		for range n {
			if rng.Float64() < rate {
				k++
			}
		}
		return k
	}
	for _, ratio := range []float64{.3, 1, 2.5} {
		runs, hit := 0, 0
		for range 3000 {
			a, b := draw(200, .02), draw(300, .02*ratio)
			if a+b == 0 {
				continue
			}
			runs++
			if r := RateRatio(a, 200, b, 300, .95); r.Low <= ratio && ratio <= r.High {
				hit++
			}
		}
		if got := float64(hit) / float64(runs); got < .945 {
			t.Errorf("ratio %v covered in %.3f of the samples", ratio, got)
		}
	}
}
