package contact

import (
	"fmt"
	"math"
	"testing"

	"huikan/internal/kernel/id"
)

// A run is scored only where it is long, the expectation is large enough and there
// are peers enough; the arithmetic is what the page shows.
func TestSilenceArithmetic(t *testing.T) {
	var periods []Period
	for p := Period("2025-03"); len(periods) < 12; p = p.Next() {
		periods = append(periods, p)
	}
	run := func(person string, cases int, recorded ...int) (out []load) {
		for i, p := range periods {
			l := load{person: id.ID(person), period: p, post: "刑事检察", cases: cases, filed: true, zero: true}
			for _, k := range recorded {
				l.zero = l.zero && k != i
			}
			out = append(out, l)
		}
		return out
	}
	// Eleven people: 1,000 cases and 50 periods with a record, the person's 240 cases among them.
	peers := map[string]peerSum{"刑事检察": {people: 11, cases: 1240, hits: 50}}
	for _, c := range []struct {
		what   string
		loads  []load
		peers  map[string]peerSum
		scored bool
		why    string
		run    int
		want   float64 // expected
	}{
		{"twelve zero periods, 240 cases", run("a", 20), peers, true, "", 12, 12}, // 240 × 50 ÷ 1000
		{"one record in the middle", run("a", 20, 5), peers, false, "run", 6, 0},
		{"no cases", run("a", 0), peers, false, "cases", 12, 0},
		{"nine peers", run("a", 20), map[string]peerSum{"刑事检察": {10, 1240, 50}}, false, "peers", 12, 0},
		{"peers who record as little", run("a", 20), map[string]peerSum{"刑事检察": {30, 5240, 10}}, false, "expected", 12, 0},
		{"a short run and few peers", run("a", 20, 5), map[string]peerSum{"刑事检察": {2, 400, 9}}, false, "run", 6, 0},
		{"nobody of the post", run("a", 20), nil, false, "peers", 12, 0},
	} {
		got := silences(c.loads, periods, c.peers, 12, 3, 10)
		if len(got) != 1 {
			t.Fatalf("%s: %+v", c.what, got)
		}
		s := got[0]
		if s.Peers < 10 && s.PeerCase+s.PeerHits != 0 {
			t.Errorf("%s: sums of few peers are given: %+v", c.what, s)
		}
		if s.Scored != c.scored || s.Why != c.why || s.Run != c.run || math.Abs(s.Expected-c.want) > 1e-9 {
			t.Errorf("%s: %+v", c.what, s)
		}
		if s.Scored && math.Abs(s.Chance-math.Exp(-c.want)) > 1e-12 || !s.Scored && s.Chance != 0 {
			t.Errorf("%s: chance %g", c.what, s.Chance)
		}
	}
	if got := silences(run("a", 20, 11), periods, peers, 12, 3, 10); len(got) != 0 {
		t.Errorf("who recorded in the newest period is silent: %+v", got)
	}
	missing := run("a", 20)
	for i := range missing {
		missing[i].filed = i%2 == 0
	}
	if got := silences(missing, periods, peers, 12, 3, 10); got[0].Periods != 6 || got[0].Scored {
		t.Errorf("periods without a return are no zero returns: %+v", got[0])
	}
}

func TestRedrawIsTheSameForEver(t *testing.T) {
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprintf("%032x", i*7919))
	}
	list := listOf(names)
	a := fmt.Sprint(Redraw(list, "seed", 4))
	if b := fmt.Sprint(Redraw(listOf(append(names[10:], names[:10]...)), "seed", 4)); a != b {
		t.Errorf("%s, %s", a, b)
	}
	// Once published, the algorithm never gives another sample.
	if want := "[00000000000000000000000000019223 00000000000000000000000000015445 00000000000000000000000000017334 00000000000000000000000000005ccd]"; a != want {
		t.Errorf("drew %s, want %s", a, want)
	}
}
