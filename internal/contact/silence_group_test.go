package contact

import (
	"math"
	"testing"

	"huikan/internal/kernel/id"
)

// The run of a department is broken by one record of anybody; the expectation adds
// up over the posts, and a post with too few others adds nothing.
func TestSilenceOfDepartmentsArithmetic(t *testing.T) {
	var periods []Period
	for p := Period("2025-03"); len(periods) < 12; p = p.Next() {
		periods = append(periods, p)
	}
	crime, civil := "刑事检察", "民事检察"
	g := group{"u", "d"}
	file := func(hits ...int) (out []groupMonth) {
		for i, p := range periods {
			m := groupMonth{group: g, period: p, returns: 4}
			for _, k := range hits {
				if k == i {
					m.hits++
				}
			}
			out = append(out, m)
		}
		return out
	}
	handle := func(crimeCases, civilCases int) (out []groupLoad) {
		for _, p := range periods {
			out = append(out, groupLoad{g, p, crime, crimeCases, 0}, groupLoad{g, p, civil, civilCases, 0})
		}
		return out
	}
	people := groupPosts{g: {crime: 3, civil: 1}}
	// Of 刑事检察 there are 20 others with 2,000 cases and 50 periods with a record,
	// of 民事检察 9 others, which is one too few.
	peers := map[string]peerSum{crime: {23, 2000 + 12*20, 50}, civil: {10, 5000, 400}}
	for _, c := range []struct {
		what   string
		months []groupMonth
		loads  []groupLoad
		why    string
		run    int
		want   float64
	}{
		{"a year of zero returns", file(), handle(20, 10), "", 12, 12 * 20 * 50.0 / 2000},
		{"one record of one of them in the middle", file(5), handle(20, 10), "run", 6, 0},
		{"no cases", file(), nil, "cases", 12, 0},
		{"only a post with few others", file(), handle(0, 10), "peers", 12, 0},
		{"few cases", file(), handle(1, 0), "expected", 12, 0},
	} {
		got := groupSilences(c.months, c.loads, people, func(id.ID) map[string]peerSum { return peers }, 12, 3, 10)
		if len(got) != 1 {
			t.Fatalf("%s: %+v", c.what, got)
		}
		s := got[0]
		if s.Why != c.why || s.Run != c.run || s.Returns != 4*c.run || s.Scored != (c.why == "") || math.Abs(s.Expected-c.want) > 1e-9 {
			t.Errorf("%s: %+v", c.what, s)
		}
		if s.Scored && math.Abs(s.Chance-math.Exp(-c.want)) > 1e-12 || !s.Scored && s.Chance != 0 {
			t.Errorf("%s: chance %g", c.what, s.Chance)
		}
		for _, x := range s.Posts {
			if x.Post == civil && x.PeerCase+x.PeerHits != 0 {
				t.Errorf("%s: sums of few others are given: %+v", c.what, x)
			}
		}
	}
	if got := groupSilences(file(11), nil, people, func(id.ID) map[string]peerSum { return peers }, 12, 3, 10); len(got) != 0 {
		t.Errorf("a department with a record in the newest period is silent: %+v", got)
	}
}
