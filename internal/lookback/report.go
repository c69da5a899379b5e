package lookback

import (
	"slices"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/rectification"
)

// Report is the report on a look-back as of a day (回头看报告). Each of its
// numbers is frozen with the query that gave it and the rows that it counts.
type Report struct {
	ID       id.ID      `json:"id"`
	Lookback id.ID      `json:"lookback"`
	By       id.ID      `json:"by"`
	Title    string     `json:"title"`
	Opinion  string     `json:"opinion"` // opinions and suggestions (意见建议), written by the office
	On       clock.Date `json:"on"`
	Prior    id.ID      `json:"prior"`
	Person   id.ID      `json:"person"`
	At       string     `json:"at"`
}

// ReportCmd asks for a report.
type ReportCmd struct {
	Title   string `json:"title"`
	Opinion string `json:"opinion"`
}

// Check judges it.
func (c ReportCmd) Check(bad *fault.Fields) {
	bad.Need("title", c.Title)
	bad.Max("title", c.Title, maxName)
	bad.Max("opinion", c.Opinion, maxText)
}

// Figures of a report, named as they are kept. Those of the random part feed the
// estimate for all closed items; those of the half-life are its parts.
const (
	FigurePopulation   = "population"
	FigureSampled      = "sampled"
	FigureRandom       = "random"
	FigureTargeted     = "targeted"
	FigurePending      = "pending"
	FigureVerified     = "verified"
	FigureUntrue       = "untrue"
	FigureRandomOpen   = "random_pending"
	FigureRandomNone   = "random_unverifiable"
	FigureRandomKnown  = "random_verified"
	FigureRandomUntrue = "random_untrue"
	FigureTargetUntrue = "targeted_untrue"
	FigureObjected     = "objected"
	FigureReopened     = "reopened"
	FigureTested       = "tested"
	FigureRefuted      = "refuted"
	FigureFound        = "found"
	FigureFollowed     = "followed"
	FigureRelapses     = "relapses"
	FigureHalf         = "half_days"
	FigureHalfLow      = "half_low"
	FigureHalfHigh     = "half_high"
	FigureHalfLongest  = "half_longest"
	FigureHalfHolds    = "half_holds" // per thousand

	verdictFigure = "verdict_" // and the verdict
	effectFigure  = "effect_"  // and the grade
	thenFigure    = "then_"    // and the kind of consequence carried out
)

// sampleFigures are the figures that count sampled items, in their order.
func sampleFigures() []string {
	out := []string{FigureSampled, FigureRandom, FigureTargeted, FigurePending, FigureVerified}
	for _, v := range rectification.Verdicts() {
		out = append(out, verdictFigure+v)
	}
	out = append(out, FigureUntrue)
	for _, e := range Effects() {
		out = append(out, effectFigure+e)
	}
	return append(out, FigureObjected, FigureReopened, FigureRandomOpen, FigureRandomNone, FigureRandomKnown, FigureRandomUntrue, FigureTargetUntrue)
}

// countsSample tells whether a sampled item belongs to a figure.
func countsSample(name string, x Sample) bool {
	verdict := rowOf(x).Verdict
	untrue := verdict == rectification.Paper || verdict == rectification.False
	random := x.Part == PartRandom || x.Part == PartCensus
	verified := verdict != "" && verdict != rectification.Unverifiable
	switch name {
	case FigureSampled:
		return true
	case FigureRandom:
		return random
	case FigureTargeted:
		return !random
	case FigurePending:
		return verdict == ""
	case FigureVerified:
		return verified
	case FigureUntrue:
		return untrue
	case FigureRandomOpen:
		return random && verdict == ""
	case FigureRandomNone:
		return random && verdict == rectification.Unverifiable
	case FigureRandomKnown:
		return random && verified
	case FigureRandomUntrue:
		return random && untrue
	case FigureTargetUntrue:
		return !random && untrue
	case FigureObjected:
		return x.State == Objected || x.State == Reviewed
	case FigureReopened:
		return x.Reopening == Reopened
	}
	for _, v := range rectification.Verdicts() {
		if name == verdictFigure+v {
			return verdict == v
		}
	}
	for _, e := range Effects() {
		if name == effectFigure+e {
			return verdict != "" && x.Effect == e
		}
	}
	return false
}

// matter is what the figures of a report are counted from.
type matter struct {
	l       Lookback
	samples []Sample
	tests   []Test // the newest of each claim
	then    []Consequence
	found   []id.ID
}

// figures counts them. Every figure carries its query and its rows; the rows of
// the population are the frozen list of the draw, which its digest names.
func (m matter) figures(today clock.Date) []rectification.Figure {
	asked := "lookback=" + string(m.l.ID) + " on=" + string(today) + " "
	of := func(name string, rows []id.ID) rectification.Figure {
		slices.Sort(rows)
		return rectification.Figure{Name: name, Value: len(rows), Rows: rows, Asked: asked + name}
	}
	out := []rectification.Figure{{Name: FigurePopulation, Value: m.l.Population, Asked: asked + "population digest=" + m.l.Digest}}
	for _, name := range sampleFigures() {
		var rows []id.ID
		for _, x := range m.samples {
			if countsSample(name, x) {
				rows = append(rows, x.ID)
			}
		}
		out = append(out, of(name, rows))
	}
	var tested, refuted []id.ID
	for _, t := range m.tests {
		if tested = append(tested, t.ID); t.Result == TestUntrue {
			refuted = append(refuted, t.ID)
		}
	}
	out = append(out, of(FigureTested, tested), of(FigureRefuted, refuted), of(FigureFound, slices.Clone(m.found)))
	for _, kind := range ConsequenceKinds() {
		var rows []id.ID
		for _, c := range m.then {
			if c.Kind == kind && c.State == ConsequenceCarried {
				rows = append(rows, c.Sample)
			}
		}
		out = append(out, of(thenFigure+kind, rows))
	}
	return append(out, m.half(asked)...)
}

func (m matter) half(asked string) []rectification.Figure {
	var obs []Observation
	var rows, relapsed []id.ID
	for _, x := range m.samples {
		if !Known(x.State) {
			continue
		}
		if o, ok := Observe(Followed{Verdict: x.Verdict, Closed: x.ClosedOn, Judged: x.JudgedOn, Since: x.SinceOn}); ok {
			if obs, rows = append(obs, o), append(rows, x.ID); o.Event {
				relapsed = append(relapsed, x.ID)
			}
		}
	}
	h := HalfLifeOf(obs, Confidence)
	slices.Sort(rows)
	slices.Sort(relapsed)
	out := []rectification.Figure{{Name: FigureFollowed, Value: h.N, Rows: rows}, {Name: FigureRelapses, Value: h.Events, Rows: relapsed}, {Name: FigureHalf, Value: h.Days, Rows: rows},
		{Name: FigureHalfLow, Value: h.Low, Rows: rows}, {Name: FigureHalfHigh, Value: h.High, Rows: rows}, {Name: FigureHalfLongest, Value: h.Longest, Rows: rows},
		{Name: FigureHalfHolds, Value: int(h.Holds*1000 + .5), Rows: rows}}
	for k := range out {
		out[k].Asked = asked + out[k].Name
	}
	return out
}

// figureOf finds a figure by name.
func figureOf(list []rectification.Figure, name string) rectification.Figure {
	for _, f := range list {
		if f.Name == name {
			return f
		}
	}
	return rectification.Figure{Name: name}
}

// halfOf puts the half-life of a report together from its frozen parts.
func halfOf(list []rectification.Figure) HalfLife {
	v := func(name string) int { return figureOf(list, name).Value }
	n := v(FigureFollowed)
	return HalfLife{N: n, Events: v(FigureRelapses), Days: v(FigureHalf), Low: v(FigureHalfLow), High: v(FigureHalfHigh), Longest: v(FigureHalfLongest),
		Holds: float64(v(FigureHalfHolds)) / 1000, Few: n < MinInterval}
}

// estimateOf reckons the estimate again from the frozen figures alone, so that a
// report says the same on every day on which it is read.
func estimateOf(list []rectification.Figure, census bool) Estimate {
	v := func(name string) int { return figureOf(list, name).Value }
	var rows []Row
	part := PartRandom
	if census {
		part = PartCensus
	}
	add := func(n int, part, verdict string) {
		for range n {
			rows = append(rows, Row{Part: part, Verdict: verdict})
		}
	}
	add(v(FigureRandomOpen), part, "")
	add(v(FigureRandomNone), part, rectification.Unverifiable)
	add(v(FigureRandomUntrue), part, rectification.False)
	add(v(FigureRandomKnown)-v(FigureRandomUntrue), part, rectification.Held)
	add(v(FigureTargetUntrue), PartRisk, rectification.False)
	add(v(FigureTargeted)-v(FigureTargetUntrue), PartRisk, rectification.Held)
	return EstimateOf(rows, v(FigurePopulation))
}

// Bridge is how the numbers of one report became those of the next (勾稽), by
// their rows: a verdict comes into force, is withdrawn for correction, or gives
// way to another one; an item is added, and none may be lost.
type Bridge struct {
	Before    int     `json:"before"` // sampled
	Added     int     `json:"added"`
	Now       int     `json:"now"`
	Came      []id.ID `json:"came"`      // verdicts that came into force
	Withdrawn []id.ID `json:"withdrawn"` // for correction
	Changed   []id.ID `json:"changed"`   // another verdict
	Lost      []id.ID `json:"lost"`      // in the sample before, and gone
}

// Holds tells whether the totals reconcile.
func (b Bridge) Holds() bool { return len(b.Lost) == 0 && b.Before+b.Added == b.Now }

// BridgeOf compares two reports of one look-back.
func BridgeOf(before, now []rectification.Figure) Bridge {
	verdicts := func(list []rectification.Figure) map[id.ID]string {
		out := map[id.ID]string{}
		for _, n := range figureOf(list, FigureSampled).Rows {
			out[n] = ""
		}
		for _, v := range rectification.Verdicts() {
			for _, n := range figureOf(list, verdictFigure+v).Rows {
				out[n] = v
			}
		}
		return out
	}
	old, cur := verdicts(before), verdicts(now)
	b := Bridge{Before: len(old), Now: len(cur)}
	for n, v := range cur {
		was, there := old[n]
		switch {
		case !there:
			b.Added++
			if v != "" {
				b.Came = append(b.Came, n)
			}
		case was == v:
		case was == "":
			b.Came = append(b.Came, n)
		case v == "":
			b.Withdrawn = append(b.Withdrawn, n)
		default:
			b.Changed = append(b.Changed, n)
		}
	}
	for n := range old {
		if _, there := cur[n]; !there {
			b.Lost = append(b.Lost, n)
		}
	}
	for _, list := range [][]id.ID{b.Came, b.Withdrawn, b.Changed, b.Lost} {
		slices.Sort(list)
	}
	return b
}

// Moved names the figures that differ between two countings: what has changed
// since a report was made.
func Moved(a, b []rectification.Figure) []string {
	var out []string
	for _, f := range a {
		if g := figureOf(b, f.Name); f.Value != g.Value || !slices.Equal(f.Rows, g.Rows) {
			out = append(out, f.Name)
		}
	}
	return out
}
