package notice

import (
	"math"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/stat"
)

// The bounds of a comparison of before and after. They are ours: no document names
// any (evidence P).
const (
	effectDays  = 365 // longest time looked at on each side
	effectLeast = 90  // shorter says nothing
	effectSmall = 5   // fewer than this are not shown, and not compared
	confidence  = .95
	// studyDays are the days in which a circular is read and studied: they count neither
	// as before nor as after it, and who studied it later is in neither group.
	studyDays = 30
)

// Span is a time from one day to another, both included.
type Span struct {
	From clock.Date `json:"from"`
	To   clock.Date `json:"to"`
}

// Days is how long it is; a turned one has none.
func (s Span) Days() int { return max(0, s.To.Sub(s.From)+1) }

// own is the time of a campaign itself: from its beginning until its last stage is over.
func (c Campaign) own() Span {
	end := c.StartedOn
	for _, s := range c.Stages {
		end = max(end, s.Until)
	}
	if c.ClosedOn != "" && c.ClosedOn < end {
		end = c.ClosedOn
	}
	return Span{c.StartedOn, end}
}

// own is the time in which a circular is read and studied.
func (n Notice) own() Span { return Span{n.IssuedOn, n.IssuedOn.AddDays(studyDays)} }

// around gives equal times before and after what taught. Its own time belongs to
// neither: a self-check brings up what lay hidden. While after is too short, early
// is the first day on which it will not be.
func around(own Span, today clock.Date) (before, after Span, early clock.Date) {
	end := own.To
	after = Span{end.AddDays(1), min(end.AddDays(effectDays), today)}
	if after.Days() < effectLeast {
		early = end.AddDays(effectLeast)
	}
	before = Span{own.From.AddDays(-after.Days()), own.From.AddDays(-1)}
	return before, after, early
}

// Tally is what a source counted in one unit: violations, and among how many
// opportunities to see one. Where a source knows of none, Of is 0 and the days of
// the unit count instead.
type Tally struct{ N, Of int }

// Figure is a count that is shown, or hidden for being small.
type Figure struct {
	N      int  `json:"n"`
	Of     int  `json:"of"`
	Hidden bool `json:"hidden,omitempty"`
}

func figure(t Tally) Figure {
	if t.N > 0 && t.N < effectSmall {
		return Figure{Of: t.Of, Hidden: true}
	}
	return Figure{N: t.N, Of: t.Of}
}

// What a comparison came to.
const (
	EffectFewer = "fewer" // the interval lies below 1
	EffectMore  = "more"  // above
	EffectSame  = "same"  // it holds 1: no difference is seen, which is not that there is none
	EffectSmall = "small" // too few to compare
	EffectBlind = "blind" // nothing was looked at before or after
)

// Group is what was seen in some units before and after.
type Group struct {
	Units   int         `json:"units"`
	Before  Figure      `json:"before"`
	After   Figure      `json:"after"`
	Ratio   *stat.Ratio `json:"ratio,omitempty"`
	Verdict string      `json:"verdict"`
}

// Compare weighs two tallies of the same units. A small number is neither shown nor
// compared: from a ratio and its neighbour it could be worked out.
func Compare(units int, before, after Tally) Group {
	g := Group{Units: units, Before: figure(before), After: figure(after)}
	switch {
	case before.Of <= 0 || after.Of <= 0:
		g.Verdict = EffectBlind
		return g
	case g.Before.Hidden || g.After.Hidden || before.N+after.N == 0:
		g.Verdict = EffectSmall
		return g
	}
	r := stat.RateRatio(before.N, before.Of, after.N, after.Of, confidence)
	switch {
	case r.High < 1:
		g.Verdict = EffectFewer
	case r.Low > 1:
		g.Verdict = EffectMore
	default:
		g.Verdict = EffectSame
	}
	if math.IsInf(r.High, 1) { // nothing before: JSON has no infinity, the page says "from … on"
		r.Value, r.High = 0, 0
	}
	g.Ratio = &r
	return g
}

// Effect is what was seen of the aim of a campaign or a circular before and after it,
// in the units that took part and in those of the same levels that did not.
type Effect struct {
	Campaign *Campaign  `json:"campaign,omitempty"`
	Notice   id.ID      `json:"notice,omitempty"`
	Title    string     `json:"title"`
	Source   string     `json:"source"`
	Kind     string     `json:"kind"`
	Named    bool       `json:"named"` // before the campaign began, or the circular was issued
	Before   Span       `json:"before"`
	After    Span       `json:"after"`
	Early    clock.Date `json:"early,omitempty"`
	Barred   bool       `json:"barred,omitempty"` // a kind was named, but its figures are not for the reader
	Took     Group      `json:"took"`
	Others   Group      `json:"others"`
	PerUnit  bool       `json:"per_unit"` // opportunities are unit-days, not something counted
}

// sum adds what a source counted in some units over a span.
func sum(counts map[id.ID]Tally, units []id.ID, perUnit bool, s Span) (t Tally) {
	for _, u := range units {
		t.N += counts[u].N
		t.Of += counts[u].Of
	}
	if perUnit {
		t.Of = len(units) * s.Days()
	}
	return t
}
