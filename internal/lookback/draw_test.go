package lookback_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/lookback"
	"huikan/internal/platform/platformtest"
	"huikan/internal/rectification"
)

func people(n, units int) []lookback.Candidate {
	out := make([]lookback.Candidate, n)
	for i := range out {
		out[i] = lookback.Candidate{Item: id.ID(fmt.Sprintf("item-%04d", i)), Unit: id.ID(fmt.Sprintf("unit-%02d", i*i%units)), Closer: "c", Weight: 1 + i%7}
	}
	return out
}

func TestDrawIsTheSameForEver(t *testing.T) {
	// Computed once by another implementation, written from the description of the
	// algorithm alone: whoever changes it breaks every published draw.
	var got string
	for _, d := range lookback.Draw([]byte("seed"), people(20, 4), 6, lookback.Options{RiskShare: 34}) {
		got += string(d.Item) + d.Part + " "
	}
	if got != golden {
		t.Errorf("drawn %q, published %q", got, golden)
	}
}

const golden = "item-0004random item-0009random item-0013risk item-0015risk item-0018random item-0019random "

func TestDrawProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := people(rapid.IntRange(0, 120).Draw(t, "n"), rapid.IntRange(1, 9).Draw(t, "units"))
		size := rapid.IntRange(-1, 130).Draw(t, "size")
		opt := lookback.Options{RiskShare: rapid.IntRange(0, 100).Draw(t, "risk"), EveryUnit: rapid.Bool().Draw(t, "every"), Census: rapid.Bool().Draw(t, "census")}
		seed := []byte(rapid.String().Draw(t, "seed"))
		a := lookback.Draw(seed, list, size, opt)
		mixed := slices.Clone(list)
		rand.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		b := lookback.Draw(seed, mixed, size, opt)
		if len(a) != len(b) {
			t.Fatalf("order of the population matters: %d and %d", len(a), len(b))
		}
		want := max(0, min(size, len(list)))
		if opt.Census {
			want = len(list)
		}
		covered, plain := map[id.ID]bool{}, 0
		for i, d := range a {
			if d.Item != b[i].Item || d.Part != b[i].Part {
				t.Fatalf("place %d differs: %v and %v", i, d, b[i])
			}
			if i > 0 && a[i-1].Item >= d.Item {
				t.Fatalf("drawn twice or out of order: %s", d.Item)
			}
			covered[d.Unit] = true
			if d.Part != lookback.PartCover {
				plain++
			}
		}
		// Items that cover a unit come on top; they may leave too few for the risk part.
		if plain > want || plain < min(want, len(list)-(len(a)-plain)) {
			t.Fatalf("drawn %d (%d to cover), wanted %d of %d", len(a), len(a)-plain, want, len(list))
		}
		for _, c := range list {
			if opt.EveryUnit && size > 0 && !covered[c.Unit] && want > 0 {
				t.Fatalf("unit %s is not in the sample", c.Unit)
			}
		}
	})
}

// Every item has the chance n/N to be in the random part, whatever its unit.
func TestRandomPartIsUniform(t *testing.T) {
	const total, size, seeds = 90, 20, 4000
	list := people(total, 7)
	count := map[id.ID]int{}
	for i := range seeds {
		for _, d := range lookback.Draw([]byte(fmt.Sprint("seed", i)), list, size, lookback.Options{}) {
			count[d.Item]++
		}
	}
	p := float64(size) / total
	bound := 5 * math.Sqrt(seeds*p*(1-p)) // five standard deviations: a fair draw leaves it once in millions
	for _, c := range list {
		if d := math.Abs(float64(count[c.Item]) - seeds*p); d > bound {
			t.Errorf("%s drawn %d times, expected %.0f ± %.0f", c.Item, count[c.Item], seeds*p, bound)
		}
	}
}

func TestRiskPartFollowsWeights(t *testing.T) {
	const seeds = 3000
	list := people(12, 1)
	for i := range list {
		list[i].Weight = 1
	}
	list[4].Weight = 9
	count := map[id.ID]int{}
	for i := range seeds {
		for _, d := range lookback.Draw([]byte(fmt.Sprint(i)), list, 1, lookback.Options{RiskShare: 100}) {
			count[d.Item]++
		}
	}
	// 9 of 20 shares, within five standard deviations.
	if got := float64(count[list[4].Item]); math.Abs(got-seeds*.45) > 5*math.Sqrt(seeds*.45*.55) {
		t.Errorf("weight 9 of 20 was drawn %v times of %d", got, seeds)
	}
}

func TestUnitsGetTheirShare(t *testing.T) {
	list := people(100, 10)
	size := map[id.ID]int{}
	for _, c := range list {
		size[c.Unit]++
	}
	for i := range 200 {
		got := map[id.ID]int{}
		for _, d := range lookback.Draw([]byte(fmt.Sprint(i)), list, 30, lookback.Options{}) {
			got[d.Unit]++
		}
		for u, n := range size {
			if lo, hi := n*30/100, (n*30+99)/100; got[u] < lo || got[u] > hi {
				t.Fatalf("seed %d: unit %s with %d items got %d, not %d to %d", i, u, n, got[u], lo, hi)
			}
		}
	}
}

func TestRedrawRefusesAnotherList(t *testing.T) {
	list := people(30, 3)
	text, digest := lookback.Encode(list), lookback.Digest(list)
	again, err := lookback.Redraw("s", text, digest, 8, lookback.Options{RiskShare: 40})
	if err != nil || len(again) != 8 {
		t.Fatalf("%d drawn: %v", len(again), err)
	}
	list[3].Weight++
	_, err = lookback.Redraw("s", lookback.Encode(list), digest, 8, lookback.Options{})
	platformtest.WantKind(t, "a changed weight", err, fault.KindInvalid)
	for _, bad := range []string{"x", "a\tb\tc\t0\t\n", "a\tb\tc\tz\t\n", "b\tu\tc\t1\t\na\tu\tc\t1\t\n", "a\tu\tc\t1\t\na\tu\tc\t1\t\n", "\tu\tc\t1\t\n", "a\tu\tc\t99999999\t\n"} {
		_, err := lookback.Redraw("s", []byte(bad), "", 1, lookback.Options{})
		platformtest.WantKind(t, bad, err, fault.KindInvalid)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(lookback.Encode(people(3, 2)))
	f.Add([]byte("a\tb\t\t1\tquick,paper\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := lookback.Decode(text)
		if err != nil {
			return
		}
		again, err := lookback.Decode(lookback.Encode(list))
		if err != nil || lookback.Digest(again) != lookback.Digest(list) {
			t.Fatalf("what was read is written differently: %v", err)
		}
	})
}

func TestCommitmentHidesAndBinds(t *testing.T) {
	a := lookback.Commitment("seed", "salt")
	for _, other := range []string{lookback.Commitment("seed", "salt2"), lookback.Commitment("seed2", "salt"), lookback.Commitment("salt", "seed")} {
		if a == other {
			t.Error("two seeds with one commitment")
		}
	}
}

func TestDiscoverySize(t *testing.T) {
	for _, c := range []struct {
		total, want int
		share       float64
	}{{1, 1, .05}, {20, 19, .05}, {100, 45, .05}, {1000, 57, .05}, {0, 0, .05}} {
		if got := lookback.DiscoverySize(c.total, c.share, .95); got != c.want {
			t.Errorf("of %d: %d, want %d", c.total, got, c.want)
		}
	}
}

func TestRisk(t *testing.T) {
	text := func(s ...string) (out []rectification.Measure) {
		for _, x := range s {
			out = append(out, rectification.Measure{Text: x})
		}
		return out
	}
	for _, c := range []struct {
		list []rectification.Measure
		want bool
	}{{nil, false}, {text("组织学习传达会议精神"), true}, {text("印发通知", "追缴违规发放津贴"), false}, {text("召开会议", "修订制度"), true}, {text("更换设备"), false}} {
		if lookback.PaperOnly(c.list) != c.want {
			t.Errorf("paper only %v: want %v", c.list, c.want)
		}
	}
	i := rectification.Item{Severity: "grave", FedBack: "2025-01-01", ClosedOn: "2025-01-20", Applications: 3, Lasting: "partial", Closer: "c"}
	factors, weight := lookback.RiskOf(i, true, map[id.ID]bool{"c": true})
	if weight != 1+4+2+2+2+3+1 || len(factors) != 6 {
		t.Errorf("weight %d, factors %v", weight, factors)
	}
	if f, w := lookback.RiskOf(rectification.Item{Applications: 1, FedBack: "2025-01-01", ClosedOn: "2025-06-01"}, false, nil); w != 1 || f != nil {
		t.Errorf("a plain item weighs %d: %v", w, f)
	}
}
