package lookback

import (
	"slices"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/kernel/stat"
	"huikan/internal/rectification"
)

// SmallCell is the number of verified items below which a line is not shown to
// readers outside of the office: a share of one or two is a statement about a
// person, not about honesty.
const SmallCell = 3

// Row is what the result needs of a sampled item. Verdict is "" until it is confirmed.
type Row struct {
	Unit, Closer id.ID
	Part         string
	Claimed      string
	Verdict      string
}

// Tally counts verdicts. Untrue is paper and false: the close-out said what was
// not there. A relapse was true once, a partial one was too generous; both are
// no lie and are counted for themselves.
type Tally struct {
	Sampled int            `json:"sampled"`
	Pending int            `json:"pending"` // without a confirmed verdict
	Counts  map[string]int `json:"counts"`  // by verdict
}

// Verified are the items about which something could be found out.
func (t Tally) Verified() int { return t.Sampled - t.Pending - t.Counts[rectification.Unverifiable] }

// Untrue are the close-outs that claimed what was not there.
func (t Tally) Untrue() int {
	return t.Counts[rectification.Paper] + t.Counts[rectification.False]
}

// Held are those that hold in full.
func (t Tally) Held() int { return t.Counts[rectification.Held] }

func (t *Tally) add(verdict string) {
	if t.Counts == nil {
		t.Counts = map[string]int{}
	}
	t.Sampled++
	if verdict == "" {
		t.Pending++
		return
	}
	t.Counts[verdict]++
}

// Line is the result of one unit or one reviewer.
type Line struct {
	Key    id.ID `json:"key"`
	Closed int   `json:"closed"` // in the population
	Tally
	Honest *Interval `json:"honest"` // share of verified items that are not untrue; nil when none is, or too few
	Few    bool      `json:"few"`    // verified, but too few for an interval
	Hidden bool      `json:"hidden"` // small cell
}

// Lines groups rows; closed are the items of the population by the same key.
// Every key of the population has a line, also one that was not sampled.
func Lines(rows []Row, closed map[id.ID]int, key func(Row) id.ID) []Line {
	by := map[id.ID]*Line{}
	at := func(k id.ID) *Line {
		if by[k] == nil {
			by[k] = &Line{Key: k, Tally: Tally{Counts: map[string]int{}}}
		}
		return by[k]
	}
	for k, n := range closed {
		at(k).Closed = n
	}
	for _, r := range rows {
		at(key(r)).add(r.Verdict)
	}
	out := make([]Line, 0, len(by))
	for _, l := range by {
		l.judge()
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b Line) int {
		if a.Untrue() != b.Untrue() {
			return b.Untrue() - a.Untrue()
		}
		if a.Sampled != b.Sampled {
			return b.Sampled - a.Sampled
		}
		return strings.Compare(string(a.Key), string(b.Key))
	})
	return out
}

// Sum is the line of totals: always the sum of the rows.
func Sum(lines []Line) Line {
	out := Line{Tally: Tally{Counts: map[string]int{}}}
	for _, l := range lines {
		out.Closed += l.Closed
		out.Sampled += l.Sampled
		out.Pending += l.Pending
		for v, n := range l.Counts {
			out.Counts[v] += n
		}
	}
	out.judge()
	return out
}

// judge gives the share with its interval, or says that there is too little for one.
func (l *Line) judge() {
	switch n := l.Verified(); {
	case n >= MinInterval:
		i := stat.Wilson(n-l.Untrue(), n, Confidence)
		l.Honest = &i
	case n > 0:
		l.Few = true
	}
}

// Suppress hides what was found in small cells. One hidden line alone could be
// computed from the total, so that a second one, the smallest, is hidden with it.
func Suppress(lines []Line) []Line {
	out := slices.Clone(lines)
	hidden, next := 0, -1
	for i, l := range out {
		switch {
		case l.Verified() == 0:
		case l.Verified() < SmallCell:
			out[i] = l.hide()
			hidden++
		case next < 0 || l.Verified() < out[next].Verified():
			next = i
		}
	}
	if hidden == 1 && next >= 0 {
		out[next] = out[next].hide()
	}
	return out
}

func (l Line) hide() Line {
	return Line{Key: l.Key, Closed: l.Closed, Tally: Tally{Sampled: l.Sampled, Counts: map[string]int{}}, Hidden: true}
}

// Estimate says what the sample tells about all closed items.
type Estimate struct {
	Population   int `json:"population"`
	Sampled      int `json:"sampled"`  // in the random part, or all in a census
	Verified     int `json:"verified"` // of these
	Untrue       int `json:"untrue"`
	Unverifiable int `json:"unverifiable"`
	Pending      int `json:"pending"`
	Targeted     int `json:"targeted"` // drawn by risk or named, not used here
	TargetUntrue int `json:"target_untrue"`
	Census       bool
	Few          bool      `json:"few"`  // verified, but too few for an interval
	Rate         *Interval `json:"rate"` // of untrue close-outs; nil while nothing is verified
	Low          int       `json:"low"`  // items of the population that the interval stands for
	High         int       `json:"high"`
}

// EstimateOf takes the random part alone: every closed item had the same chance
// to be in it. The interval is exact (Clopper-Pearson), and wider than it need
// be where much of the population was drawn. In a census nothing is estimated.
func EstimateOf(rows []Row, population int) Estimate {
	e := Estimate{Population: population}
	for _, r := range rows {
		untrue := r.Verdict == rectification.Paper || r.Verdict == rectification.False
		switch r.Part {
		case PartCensus:
			e.Census = true
		case PartRandom:
		default:
			e.Targeted++
			if untrue {
				e.TargetUntrue++
			}
			continue
		}
		e.Sampled++
		switch {
		case r.Verdict == "":
			e.Pending++
		case r.Verdict == rectification.Unverifiable:
			e.Unverifiable++
		default:
			e.Verified++
			if untrue {
				e.Untrue++
			}
		}
	}
	if e.Verified == 0 {
		return e
	}
	if e.Verified < MinInterval && e.Verified != population {
		e.Few = true
		return e
	}
	i := stat.ClopperPearson(e.Untrue, e.Verified, Confidence)
	if e.Verified == population {
		i.Low, i.High = i.Share, i.Share
	}
	e.Rate = &i
	// What was seen is certain: never fewer than found, never more than is left.
	e.Low = max(e.Untrue+e.TargetUntrue, int(i.Low*float64(population)))
	e.High = min(population-(e.Verified-e.Untrue), int(i.High*float64(population)+0.999999))
	e.High = max(e.Low, e.High)
	return e
}

// Crossing counts what units claimed against what was found.
type Crossing struct {
	Claimed string `json:"claimed"`
	Tally
}

// Cross makes the table of claimed status against verdict, in the order of the statuses.
func Cross(rows []Row) []Crossing {
	by := map[string]*Crossing{}
	for _, r := range rows {
		if by[r.Claimed] == nil {
			by[r.Claimed] = &Crossing{Claimed: r.Claimed, Tally: Tally{Counts: map[string]int{}}}
		}
		by[r.Claimed].add(r.Verdict)
	}
	var out []Crossing
	for _, c := range rectification.ClaimedStatuses() {
		if by[c] != nil {
			out = append(out, *by[c])
		}
	}
	return out
}
