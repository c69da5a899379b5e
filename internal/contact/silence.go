package contact

import (
	"cmp"
	"math"
	"slices"

	"huikan/internal/kernel/id"
)

// Silence is what a person's long run of zero returns looks like beside the cases
// he handled and what his peers recorded. It is arithmetic, not a suspicion: it
// says how often such a run would come about by chance.
type Silence struct {
	Person   id.ID  `json:"person"`
	Post     string `json:"post"`
	Periods  int    `json:"periods"`   // returns filed in the window
	Recorded int    `json:"recorded"`  // of these, with a record
	Run      int    `json:"run"`       // newest periods on end with a zero return
	Cases    int    `json:"cases"`     // handled in the periods of the run
	Peers    int    `json:"peers"`     // others of the post
	PeerCase int    `json:"peer_case"` // cases of theirs
	PeerHits int    `json:"peer_hits"` // periods of theirs with a record
	Odds
}

// Odds are the expected periods with a record in a run at the peers' rate, and the
// chance of none at all (Poisson). Without Scored both are left at zero.
type Odds struct {
	Expected float64 `json:"expected"`
	Chance   float64 `json:"chance"`
	Scored   bool    `json:"scored"`
	Why      string  `json:"why,omitempty"` // why there is no score: run, peers, cases, expected
}

// leastLikely orders by chance, what has none last.
func leastLikely(a, b Odds) int {
	switch {
	case a.Scored != b.Scored && a.Scored:
		return -1
	case a.Scored != b.Scored:
		return 1
	case !a.Scored:
		return 0
	}
	return cmp.Compare(a.Chance, b.Chance)
}

// load is one person's period: cases handled, and the return when there is one.
type load struct {
	person id.ID
	period Period
	post   string
	cases  int
	filed  bool
	zero   bool
}

// peerSum are the sums of a post.
type peerSum struct {
	people, cases, hits int
}

// silences reckons the runs of a unit's people. loads are theirs, peers the sums
// of their posts with themselves among them; bounds are those of the rules.
func silences(loads []load, periods []Period, peers map[string]peerSum, minRun int, minExpected float64, minPeers int) []Silence {
	by := map[id.ID][]load{}
	var people []id.ID
	for _, l := range loads {
		if by[l.person] == nil {
			people = append(people, l.person)
		}
		by[l.person] = append(by[l.person], l)
	}
	var out []Silence
	for _, p := range people {
		list := by[p]
		slices.SortFunc(list, func(a, b load) int { return cmpText(string(b.period), string(a.period)) }) // newest first
		s := Silence{Person: p, Post: list[0].post}
		own, running := peerSum{}, true
		for _, l := range list {
			if !slices.Contains(periods, l.period) || !l.filed {
				continue
			}
			s.Periods++
			own.cases += l.cases
			if !l.zero {
				s.Recorded++
				own.hits++
				running = false
			}
			if running {
				s.Run++
				s.Cases += l.cases
			}
		}
		all := peers[s.Post]
		s.Peers, s.PeerCase, s.PeerHits = max(0, all.people-1), all.cases-own.cases, all.hits-own.hits
		s.score(minRun, minExpected, minPeers)
		if s.Peers < minPeers {
			s.PeerCase, s.PeerHits = 0, 0 // sums of a few would tell what each of them recorded
		}
		if s.Run > 0 {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b Silence) int {
		return cmp.Or(leastLikely(a.Odds, b.Odds), b.Run-a.Run, cmpText(string(a.Person), string(b.Person)))
	})
	return out
}

// score fills in expectation and chance, or says why there is none.
func (s *Silence) score(minRun int, minExpected float64, minPeers int) {
	switch {
	case s.Run < minRun:
		s.Why = "run"
		return
	case s.Cases == 0:
		s.Why = "cases"
		return
	case s.Peers < minPeers || s.PeerCase <= 0:
		s.Why = "peers"
		return
	}
	s.Expected = float64(s.Cases) * float64(s.PeerHits) / float64(s.PeerCase)
	if s.Expected < minExpected {
		s.Why, s.Expected = "expected", 0
		return
	}
	s.Chance, s.Scored = math.Exp(-s.Expected), true
}
