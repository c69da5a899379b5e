package lookback

import (
	"cmp"
	"math"
	"slices"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/rectification"
)

// MinInterval is the number of verified items below which no interval is given:
// it would say more about the arithmetic than about the unit.
const MinInterval = rectification.MinFollowed

// Observation is one close-out that was true once, followed from its day: Event
// tells that it relapsed, otherwise it still held when it was last looked at.
type Observation struct {
	Days  int
	Event bool
}

// Point is one step of a survival curve.
type Point struct {
	Days   int     `json:"days"`
	AtRisk int     `json:"at_risk"`
	Events int     `json:"events"`
	Holds  float64 `json:"holds"` // share that still holds after this day
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// Survival is the curve of Kaplan and Meier (1958) for observations of which
// some end before anything happened, with the interval of Greenwood's variance
// on the log(-log) scale, which stays between nought and one.
func Survival(obs []Observation, confidence float64) []Point {
	list := slices.Clone(obs)
	slices.SortFunc(list, func(a, b Observation) int { return cmp.Compare(a.Days, b.Days) })
	z := math.Sqrt2 * math.Erfinv(confidence)
	var out []Point
	s, v, risk := 1.0, 0.0, len(list)
	for i := 0; i < len(list); {
		day, events, n := list[i].Days, 0, risk
		for ; i < len(list) && list[i].Days == day; i++ {
			if list[i].Event {
				events++
			}
			risk--
		}
		if events == 0 {
			continue
		}
		s *= 1 - float64(events)/float64(n)
		p := Point{Days: day, AtRisk: n, Events: events, Holds: s}
		if n > events {
			v += float64(events) / (float64(n) * float64(n-events))
			d := z * math.Sqrt(v) / math.Log(s)
			p.Low, p.High = math.Pow(s, math.Exp(-d)), math.Pow(s, math.Exp(d))
			if p.Low > p.High {
				p.Low, p.High = p.High, p.Low
			}
		}
		out = append(out, p)
	}
	return out
}

// HalfLife is what the ledger shows beside a completion rate.
type HalfLife = rectification.HalfLife

// HalfLifeOf reads the half-life off a curve; its interval are the days on which
// the curve's interval crosses one half (Brookmeyer and Crowley 1982).
func HalfLifeOf(obs []Observation, confidence float64) HalfLife {
	h := HalfLife{N: len(obs), Holds: 1}
	for _, o := range obs {
		h.Longest = max(h.Longest, o.Days)
		if o.Event {
			h.Events++
		}
	}
	h.Few = h.N < MinInterval
	for _, p := range Survival(obs, confidence) {
		h.Holds = p.Holds
		if h.Days == 0 && p.Holds <= .5 {
			h.Days = p.Days
		}
		if h.Few {
			continue
		}
		if h.Low == 0 && p.Low <= .5 {
			h.Low = p.Days
		}
		if h.High == 0 && p.High <= .5 {
			h.High = p.Days
		}
	}
	return h
}

// Followed is one re-verified close-out as the half-life needs it.
type Followed struct {
	Item     id.ID
	Unit     id.ID
	Category string
	Verdict  string
	Closed   clock.Date
	Judged   clock.Date // last looked at
	Since    clock.Date // of a relapse, when the team could tell
}

// Observe turns a re-verified close-out into an observation. What was never true
// (perfunctory, false, never finished) cannot relapse and is left out. A relapse
// without a date of its own counts from the day on which it was seen, so that
// the half-life is rather too long than too short.
func Observe(f Followed) (Observation, bool) {
	end := f.Judged
	switch f.Verdict {
	case rectification.Held, rectification.Basic:
	case rectification.Relapsed:
		if f.Since != "" {
			end = f.Since
		}
	default:
		return Observation{}, false
	}
	if !f.Closed.Valid() || !end.Valid() || end.Before(f.Closed) {
		return Observation{}, false
	}
	return Observation{Days: max(1, end.Sub(f.Closed)), Event: f.Verdict == rectification.Relapsed}, true
}

// HalfLives groups followed close-outs; the key "" is all of them.
func HalfLives(list []Followed, key func(Followed) string) map[string]HalfLife {
	by := map[string][]Observation{}
	for _, f := range list {
		if o, ok := Observe(f); ok {
			by[key(f)] = append(by[key(f)], o)
			by[""] = append(by[""], o)
		}
	}
	out := map[string]HalfLife{}
	for k, obs := range by {
		out[k] = HalfLifeOf(obs, Confidence)
	}
	return out
}
