package lookback_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"huikan/internal/kernel/id"
	"huikan/internal/lookback"
)

// A worked example of the product-limit estimate: 6-MP arm of the leukaemia
// remission times of Freireich et al. (1963), as every textbook reckons it.
func TestSurvivalOfATextbookExample(t *testing.T) {
	var obs []lookback.Observation
	for _, d := range []int{6, 6, 6, 7, 10, 13, 16, 22, 23} {
		obs = append(obs, lookback.Observation{Days: d, Event: true})
	}
	for _, d := range []int{6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35} {
		obs = append(obs, lookback.Observation{Days: d})
	}
	want := map[int]float64{6: .857, 7: .807, 10: .753, 13: .690, 16: .627, 22: .538, 23: .448}
	curve := lookback.Survival(obs, .95)
	if len(curve) != len(want) {
		t.Fatalf("%d steps", len(curve))
	}
	for _, p := range curve {
		if math.Abs(p.Holds-want[p.Days]) > .0006 {
			t.Errorf("after %d: %.4f, want %.3f", p.Days, p.Holds, want[p.Days])
		}
		if p.Low > p.Holds || p.High < p.Holds || p.Low < 0 || p.High > 1 {
			t.Errorf("interval %+v", p)
		}
	}
	h := lookback.HalfLifeOf(obs, .95)
	if h.Days != 23 || h.Low != 13 || h.High != 0 || h.N != 21 || h.Events != 9 { // the upper bound is not reached
		t.Errorf("%+v", h)
	}
}

func TestHalfLifeOfFewAndOfNone(t *testing.T) {
	if h := lookback.HalfLifeOf(nil, .95); h.Days != 0 || h.N != 0 || h.Holds != 1 {
		t.Errorf("%+v", h)
	}
	h := lookback.HalfLifeOf([]lookback.Observation{{10, true}, {20, false}}, .95)
	if !h.Few || h.Low != 0 || h.High != 0 {
		t.Errorf("two close-outs have an interval: %+v", h)
	}
	held := lookback.HalfLifeOf([]lookback.Observation{{10, false}, {20, false}, {30, false}, {40, false}, {50, false}}, .95)
	if held.Days != 0 || held.Holds != 1 || held.Longest != 50 {
		t.Errorf("%+v", held)
	}
}

func TestWhatWasNeverTrueIsNotFollowed(t *testing.T) {
	for _, tc := range []struct {
		f     lookback.Followed
		ok    bool
		days  int
		event bool
	}{
		{lookback.Followed{Verdict: "held", Closed: "2026-01-01", Judged: "2026-01-31"}, true, 30, false},
		{lookback.Followed{Verdict: "basic", Closed: "2026-01-01", Judged: "2026-01-01"}, true, 1, false},
		{lookback.Followed{Verdict: "relapsed", Closed: "2026-01-01", Judged: "2026-03-02"}, true, 60, true},
		{lookback.Followed{Verdict: "relapsed", Closed: "2026-01-01", Judged: "2026-03-02", Since: "2026-01-11"}, true, 10, true},
		{lookback.Followed{Verdict: "paper", Closed: "2026-01-01", Judged: "2026-03-02"}, false, 0, false},
		{lookback.Followed{Verdict: "false", Closed: "2026-01-01", Judged: "2026-03-02"}, false, 0, false},
		{lookback.Followed{Verdict: "held", Closed: "", Judged: "2026-03-02"}, false, 0, false},
	} {
		o, ok := lookback.Observe(tc.f)
		if ok != tc.ok || o.Days != tc.days || o.Event != tc.event {
			t.Errorf("%+v: %+v %v", tc.f, o, ok)
		}
	}
}

// The interval says what it says: over many made-up units with a known half-life
// it covers the truth about as often as stated.
func TestTheHalfLifeIntervalCoversTheTruth(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	const runs, truth = 400, 180.0
	covered := 0
	for range runs {
		var obs []lookback.Observation
		for range 80 {
			at := rnd.ExpFloat64() * truth / math.Ln2
			seen := 60 + rnd.Float64()*500
			obs = append(obs, lookback.Observation{Days: max(1, int(math.Ceil(min(at, seen)))), Event: at <= seen})
		}
		h := lookback.HalfLifeOf(obs, .95)
		if float64(h.Low) <= truth+1 && (h.High == 0 || float64(h.High) >= truth) {
			covered++
		}
	}
	if share := float64(covered) / runs; share < .92 || share > .995 {
		t.Errorf("covers in %.1f%% of runs", share*100)
	}
}

func TestStrataOfTypesAndSigners(t *testing.T) {
	list := people(60, 3)
	for i := range list {
		list[i].Stratum = []string{"a", "b", "c", "d", "e"}[i%5]
		list[i].Closer = id.ID([]string{"x", "y"}[i%2])
	}
	for _, o := range []lookback.Options{{Stratum: lookback.StratumCategory, EveryUnit: true}, {Stratum: lookback.StratumCloser, EveryUnit: true}} {
		drawn := lookback.Draw([]byte("seed"), list, 5, o)
		met := map[string]int{}
		for _, d := range drawn {
			if o.Stratum == lookback.StratumCategory {
				met[d.Stratum]++
			} else {
				met[string(d.Closer)]++
			}
		}
		want := map[string]int{lookback.StratumCategory: 5, lookback.StratumCloser: 2}[o.Stratum]
		if len(met) != want {
			t.Errorf("%s: met %v", o.Stratum, met)
		}
		again, err := lookback.Redraw("seed", lookback.Encode(list), lookback.Digest(list), 5, o)
		if err != nil || len(again) != len(drawn) {
			t.Fatalf("re-run: %v", err)
		}
		for i := range drawn {
			if again[i].Item != drawn[i].Item || again[i].Stratum != drawn[i].Stratum {
				t.Errorf("re-run differs at %d", i)
			}
		}
	}
}

func TestTheStatedConfidenceSetsTheSize(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.plan(t, lookback.PlanCmd{Confidence: 90, Detect: 20, RiskShare: 50})
		l, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{})
		if err != nil {
			t.Fatal(err)
		}
		n := lookback.DiscoverySize(l.Population, .2, .9)
		if l.Population != 12 || l.Size != min(12, 2*n) {
			t.Errorf("population %d, size %d, random part %d", l.Population, l.Size, n)
		}
	})
}
