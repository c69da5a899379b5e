package contact

import (
	"cmp"
	"math"
	"slices"

	"huikan/internal/kernel/id"
)

// GroupSilence is the run of zero returns of a whole department or unit beside the
// cases of its people and what others of the same posts recorded. Like
// [Silence] it is arithmetic, not a suspicion.
type GroupSilence struct {
	Unit       id.ID       `json:"unit"`
	Department id.ID       `json:"department,omitempty"`
	Periods    int         `json:"periods"`  // with a return of anybody
	Run        int         `json:"run"`      // newest periods on end without a record
	Returns    int         `json:"returns"`  // zero returns of the run
	Recorded   int         `json:"recorded"` // returns with a record, in all periods
	Cases      int         `json:"cases"`    // handled in the periods of the run
	Posts      []PostShare `json:"posts,omitempty"`
	Odds
	Talk *Talk `json:"talk,omitempty"`
}

// PostShare is what a post adds to the expectation: own cases of the run, and the
// cases and periods with a record of others of the post.
type PostShare struct {
	Post     string `json:"post"`
	Cases    int    `json:"cases"`
	Peers    int    `json:"peers"`
	PeerCase int    `json:"peer_case"`
	PeerHits int    `json:"peer_hits"`
}

// group names a department of a unit, or a unit.
type group struct{ unit, department id.ID }

// groupMonth is what a group filed for a period.
type groupMonth struct {
	group
	period        Period
	returns, hits int
}

// groupLoad is what people of a post of a group handled in a period.
type groupLoad struct {
	group
	period      Period
	post        string
	cases, hits int
}

// groupPosts counts the people of a post of a group.
type groupPosts map[group]map[string]int

// groupSilences reckons the runs of groups. peers are the sums of the posts with the
// group itself among them; posts with too few others add nothing to the expectation,
// which speaks for the group.
func groupSilences(months []groupMonth, loads []groupLoad, people groupPosts, peers func(unit id.ID) map[string]peerSum, minRun int, minExpected float64, minPeers int) []GroupSilence {
	by := map[group][]groupMonth{}
	var order []group
	for _, m := range months {
		if by[m.group] == nil {
			order = append(order, m.group)
		}
		by[m.group] = append(by[m.group], m)
	}
	handled := map[group][]groupLoad{}
	for _, l := range loads {
		handled[l.group] = append(handled[l.group], l)
	}
	var out []GroupSilence
	for _, g := range order {
		s := GroupSilence{Unit: g.unit, Department: g.department}
		list := by[g]
		slices.SortFunc(list, func(a, b groupMonth) int { return cmpText(string(b.period), string(a.period)) }) // newest first
		run, running := map[Period]bool{}, true
		for _, m := range list {
			s.Periods++
			s.Recorded += m.hits
			if running = running && m.hits == 0; running {
				s.Run++
				s.Returns += m.returns
				run[m.period] = true
			}
		}
		if s.Run == 0 {
			continue
		}
		s.posts(handled[g], run, people[g], peers(g.unit), minPeers)
		s.score(minRun, minExpected)
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b GroupSilence) int {
		return cmp.Or(leastLikely(a.Odds, b.Odds), b.Run-a.Run, cmpText(string(a.Unit+a.Department), string(b.Unit+b.Department)))
	})
	return out
}

// posts sums the cases of the run by post and puts the others of the post beside them.
func (s *GroupSilence) posts(loads []groupLoad, run map[Period]bool, people map[string]int, peers map[string]peerSum, minPeers int) {
	own, inRun := map[string]peerSum{}, map[string]int{}
	var names []string
	for _, l := range loads {
		if _, ok := own[l.post]; !ok {
			names = append(names, l.post)
		}
		o := own[l.post]
		o.cases, o.hits = o.cases+l.cases, o.hits+l.hits
		own[l.post] = o
		if run[l.period] {
			inRun[l.post] += l.cases
			s.Cases += l.cases
		}
	}
	slices.Sort(names)
	for _, post := range names {
		all := peers[post]
		x := PostShare{Post: post, Cases: inRun[post], Peers: max(0, all.people-people[post]), PeerCase: all.cases - own[post].cases, PeerHits: all.hits - own[post].hits}
		if x.Peers < minPeers || x.PeerCase <= 0 {
			x.PeerCase, x.PeerHits = 0, 0 // sums of a few would tell what each of them recorded
		}
		if x.Cases > 0 {
			s.Posts = append(s.Posts, x)
		}
	}
}

// score fills in expectation and chance, or says why there is none.
func (s *GroupSilence) score(minRun int, minExpected float64) {
	peers := false
	for _, p := range s.Posts {
		if p.PeerCase > 0 {
			peers = true
			s.Expected += float64(p.Cases) * float64(p.PeerHits) / float64(p.PeerCase)
		}
	}
	switch {
	case s.Run < minRun:
		s.Why = "run"
	case s.Cases == 0:
		s.Why = "cases"
	case !peers:
		s.Why = "peers"
	case s.Expected < minExpected:
		s.Why = "expected"
	default:
		s.Chance, s.Scored = math.Exp(-s.Expected), true
		return
	}
	s.Expected = 0
}
