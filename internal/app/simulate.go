package app

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/lookback"
	"huikan/internal/rectification"
)

// SimulateConfig says which term to make up.
type SimulateConfig struct {
	Data     string
	Database string
	Seed     uint64
	Items    int // closed items of each unit
	Sample   int // items that the look-back draws
}

// Recovered is one planted rate with what the look-back says of it.
type Recovered struct {
	What    string  `json:"what"`
	Planted float64 `json:"planted"`
	Found   float64 `json:"found"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"` // +Inf where the curve does not come down so far
	N       int     `json:"n"`
	Covered bool    `json:"covered"`
}

// planted is the truth of a unit: the shares of perfunctory and of false
// close-outs, and after how many days half of the true ones have relapsed.
type planted struct {
	unit         string
	paper, false float64
	half         float64
}

var plantedUnits = []planted{{"河南省人民检察院", .05, .02, 900}, {"湖北省人民检察院", .20, .10, 400}, {"四川省人民检察院", .10, .05, 600}, {"浙江省人民检察院", .30, .10, 200}}

// makeUp opens an empty place for a made-up world: a folder that done removes when
// none is named. What stands somewhere already is never added to.
func makeUp(ctx context.Context, data, database string) (s *story, done func(), err error) {
	done = func() {}
	if data == "" {
		if data, err = os.MkdirTemp("", "huikan-simulate-"); err != nil {
			return nil, nil, fmt.Errorf("simulation: %w", err)
		}
		done = func() { _ = os.RemoveAll(data) } // a folder of temporary files that stays harms nobody
	}
	sc := &storyClock{}
	a, err := Open(ctx, Config{Data: data, Database: database, Clock: sc})
	if err != nil {
		done()
		return nil, nil, err
	}
	remove := done
	done = func() {
		_ = a.Close() // a failed close of a simulation changes nothing that was told
		remove()
	}
	empty, err := a.Account.Empty(ctx)
	if err == nil && !empty {
		err = fault.State("error.demo_not_empty", data)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return &story{App: a, ctx: ctx, clock: sc, today: clock.Date("2026-06-30"), ids: map[string]id.ID{}}, done, nil
}

// SimulateTerm runs a made-up term through the product's own services — items,
// evidence, applications, close-outs, a committed draw, verdicts — and compares
// what the look-back says with the truth that was planted. The same seed gives
// the same term.
func SimulateTerm(ctx context.Context, c SimulateConfig, progress io.Writer) ([]Recovered, error) {
	s, done, err := makeUp(ctx, c.Data, c.Database)
	if err != nil {
		return nil, err
	}
	defer done()
	out := s.simulate(c, rand.New(rand.NewPCG(c.Seed, 2)), progress)
	return out, s.err
}

// simItem is one close-out with its truth.
type simItem struct {
	item     id.ID
	unit     int
	closed   int // day, from today
	verdict  string
	relapsed int // day of the relapse, from today
}

func (s *story) simulate(c SimulateConfig, rnd *rand.Rand, progress io.Writer) []Recovered {
	s.day(-900)
	s.do("administrators", func() error { _, err := s.FirstStart(s.ctx); return err })
	s.do("people", s.people)
	var term inspection.Term
	s.do("term", func() (err error) {
		term, err = s.Inspection.CreateTerm(s.ctx, s.as("office"), inspection.CreateTermCmd{No: 1, Name: "模拟届次", Unit: "最高人民检察院", Start: s.today.AddDays(-900), End: s.today.AddDays(900)})
		return err
	})
	var units []string
	for _, p := range plantedUnits {
		units = append(units, p.unit)
	}
	round, visits, _ := s.round(term.ID, 1, "模拟轮次", inspection.KindRegular, s.today.AddDays(-880), []teamPlan{{"模拟组", []string{"teamleader", "inspector"}, units}})
	if s.err != nil {
		return nil
	}
	items := s.simItems(c, rnd, round, visits)
	fmt.Fprintf(progress, "%d items taken over\n", len(items))
	s.simClose(rnd, items)
	fmt.Fprintf(progress, "%d items closed by somebody else\n", len(items))
	l := s.simLookback(c, rnd, term.ID, units, items)
	return s.recovered(c, l)
}

// madeUpID is an id that the seed alone decides, so that the draw does too.
func madeUpID(rnd *rand.Rand, n int) id.ID {
	return id.ID(fmt.Sprintf("0190%04x-%04x-7%03x-8%03x-%012x", n>>16, n&0xffff, rnd.IntN(1<<12), rnd.IntN(1<<12), rnd.Int64N(1<<48)))
}

func (s *story) simItems(c SimulateConfig, rnd *rand.Rand, round inspection.Round, visits []inspection.Visit) []simItem {
	var out []simItem
	var findings []inspection.Finding
	var items []rectification.NewItem
	fed := s.today.AddDays(-800)
	for u, p := range plantedUnits {
		for range c.Items {
			n := len(out)
			text := problems[rnd.IntN(len(problems))]
			f := inspection.Finding{ID: madeUpID(rnd, 1<<24+n), Round: round.ID, Visit: visits[u].ID, Unit: visits[u].Unit, Responsible: visits[u].Unit, By: round.Unit, No: fmt.Sprintf("S-%05d", n),
				Category: text.category, Aspect: text.aspect, Title: text.title, Fact: text.factOf(n), Basis: text.basis, Cause: text.cause, Consequence: text.result, Severity: text.severity,
				Scope: "individual", Origin: "inspection", State: inspection.Accepted, Rev: 1}
			x := simItem{item: madeUpID(rnd, n), unit: u, closed: -700 + rnd.IntN(400), verdict: rectification.Held}
			switch r := rnd.Float64(); {
			case r < p.paper:
				x.verdict = rectification.Paper
			case r < p.paper+p.false:
				x.verdict = rectification.False
			default:
				if x.relapsed = x.closed + max(1, int(math.Ceil(rnd.ExpFloat64()*p.half/math.Ln2))); x.relapsed <= simLooked {
					x.verdict = rectification.Relapsed
				}
			}
			out = append(out, x)
			findings = append(findings, f)
			items = append(items, rectification.NewItem{Item: rectification.Item{ID: x.item, Finding: f.ID, Round: round.ID, Unit: f.Unit, By: f.By, No: f.No, Title: f.Title, Problem: f.Fact, Severity: f.Severity,
				Category: f.Category, FedBack: fed, FirstDue: fed.AddMonths(6), Due: fed.AddMonths(6), State: rectification.StateRectifying, Lead: "分管副检察长", Department: "办公室"},
				Measures: []rectification.Measure{{Text: text.system, Kind: rectification.System, Department: "办公室"}}})
		}
	}
	s.do("findings", func() error { return s.Inspection.AddMany(s.ctx, System(), findings) })
	s.do("items", func() error { return s.Rectification.AddMany(s.ctx, System(), items) })
	return out
}

// simLooked is the day of the look-back, from today.
const simLooked = -30

// somebody is a person with one role at a unit; the simulation needs no accounts.
func (s *story) somebody(r actor.Role, unit id.ID) actor.Actor {
	p := s.Org.Directory().Place(unit)
	return actor.Actor{Account: id.New(), Person: id.New(), Name: string(r), Unit: unit, Path: p.Path, Grants: []actor.Grant{{Role: r, Unit: unit, Path: p.Path}}}
}

// simClose hands in, applies and closes each item on its day, by the rules that
// everybody else is held to.
func (s *story) simClose(rnd *rand.Rand, items []simItem) {
	if s.err != nil {
		return
	}
	hq, _ := s.Org.Directory().ByName("最高人民检察院")
	liaison := make([]actor.Actor, len(plantedUnits))
	for n, p := range plantedUnits {
		u, _ := s.Org.Directory().ByName(p.unit)
		liaison[n] = s.somebody(actor.Liaison, u.ID)
	}
	reviewers := []actor.Actor{s.somebody(actor.Reviewer, hq.ID), s.somebody(actor.Reviewer, hq.ID), s.somebody(actor.Reviewer, hq.ID)}
	order := slices.Clone(items)
	slices.SortFunc(order, func(a, b simItem) int { return a.closed - b.closed })
	day, hour := 0, 0
	R := s.Rectification
	for _, x := range order {
		if x.closed != day {
			day, hour = x.closed, 0
		}
		at := s.today.AddDays(day).Time().In(clock.Beijing).Add(8*time.Hour + time.Duration(hour)*11*time.Minute)
		hour++
		s.clock.set(at)
		who, judge := liaison[x.unit], reviewers[rnd.IntN(len(reviewers))]
		s.do("simulation: hand in", func() error {
			text := "整改情况说明 " + string(x.item)
			_, err := R.HandIn(s.ctx, who, x.item, rectification.EvidenceCmd{Note: "说明"}, []rectification.FileIn{{Name: "说明.txt", Size: int64(len(text)), R: bytesReader(text)}})
			return err
		})
		var measures []rectification.Measure
		var evidence []rectification.Evidence
		s.do("simulation: apply", func() (err error) {
			if measures, evidence, err = s.measuresAndEvidence(x.item); err != nil {
				return err
			}
			return R.Apply(s.ctx, who, x.item, rectification.ApplyCmd{Statement: "制度已修订并执行。", Measures: []id.ID{measures[0].ID}, Claimed: rectification.Done, ClaimedWord: "已完成"})
		})
		s.clock.set(at.Add(time.Minute))
		s.do("simulation: close", func() error {
			for _, e := range evidence {
				if _, _, err := R.Evidence(s.ctx, judge, e.ID); err != nil {
					return err
				}
			}
			s.clock.set(at.Add(4 * time.Minute))
			borne, err := s.claims(x.item)
			if err != nil {
				return err
			}
			return R.Close(s.ctx, judge, x.item, rectification.DecideCmd{Borne: borne})
		})
	}
}

// simLookback draws by a seed that was committed to beforehand, and judges each
// item as it truly is.
func (s *story) simLookback(c SimulateConfig, rnd *rand.Rand, term id.ID, units []string, items []simItem) lookback.Lookback {
	truth := map[id.ID]simItem{}
	for _, x := range items {
		truth[x.item] = x
	}
	s.day(simLooked - 20)
	r, _, _ := s.round(term, 2, "模拟“回头看”", inspection.KindLookback, s.today.AddDays(simLooked-20), []teamPlan{{"模拟回头看组", []string{"lookleader", "lookback"}, units}})
	s.advance(r.ID, "enter")
	seed, salt := fmt.Sprintf("seed-%d-%d", c.Seed, rnd.Uint64()), fmt.Sprintf("salt-%d", rnd.Uint64())
	var l lookback.Lookback
	L := s.Lookback
	s.do("simulation: plan", func() (err error) {
		l, err = L.Plan(s.ctx, s.as("office"), lookback.PlanCmd{Round: r.ID, Name: "模拟核查", To: s.today.AddDays(simLooked - 21), Size: c.Sample})
		return err
	})
	s.do("simulation: commit", func() (err error) {
		l, err = L.Commit(s.ctx, s.as("office"), l.ID, lookback.CommitCmd{Commitment: lookback.Commitment(seed, salt)})
		return err
	})
	s.do("simulation: reveal", func() (err error) {
		l, err = L.Reveal(s.ctx, s.as("office"), l.ID, lookback.RevealCmd{Seed: seed, Salt: salt})
		return err
	})
	s.day(simLooked)
	var samples []lookback.Sample
	s.do("simulation: sample", func() (err error) { samples, err = s.samplesOf(l.ID); return err })
	for _, x := range samples {
		t := truth[x.Item]
		cmd := lookback.JudgeCmd{Verdict: t.verdict, Effect: lookback.EffectSome, Methods: []string{lookback.Methods()[2]}, Reason: "按实际情况核查。", Asked: "经办人", Note: "现场核对。"}
		if t.verdict == rectification.Relapsed {
			cmd.Since = s.today.AddDays(t.relapsed)
		}
		s.tests(x, t.verdict)
		s.do("simulation: judge", func() error { return L.Judge(s.ctx, s.as("lookback"), x.ID, cmd, nil) })
		s.do("simulation: confirm", func() error { return L.Confirm(s.ctx, s.as("lookleader"), x.ID, 0) })
	}
	return l
}

// recovered compares the look-back's figures with the truth that was planted.
func (s *story) recovered(c SimulateConfig, l lookback.Lookback) []Recovered {
	var res lookback.Result
	s.do("simulation: result", func() (err error) { res, err = s.Lookback.Result(s.ctx, s.as("office"), l.ID); return err })
	if s.err != nil || res.Estimate.Rate == nil {
		return nil
	}
	share := 0.0
	for _, p := range plantedUnits {
		share += (p.paper + p.false) / float64(len(plantedUnits))
	}
	e := res.Estimate
	out := []Recovered{{What: "untrue close-outs, all", Planted: share, Found: e.Rate.Share, Low: e.Rate.Low, High: e.Rate.High, N: e.Verified}}
	for _, p := range plantedUnits {
		u, _ := s.Org.Directory().ByName(p.unit)
		for _, line := range res.Units {
			if line.Key == u.ID && line.Honest != nil {
				out = append(out, Recovered{What: "untrue, " + p.unit, Planted: p.paper + p.false, Found: 1 - line.Honest.Share, Low: 1 - line.Honest.High, High: 1 - line.Honest.Low, N: line.Verified()})
			}
		}
		h := res.Half[string(u.ID)]
		high := float64(h.High)
		if h.High == 0 {
			high = math.Inf(1)
		}
		low := float64(h.Low)
		if h.Low == 0 { // the curve never came near one half
			low = float64(h.Longest)
		}
		out = append(out, Recovered{What: "half-life in days, " + p.unit, Planted: p.half, Found: float64(h.Days), Low: low, High: high, N: h.N})
	}
	for n := range out {
		out[n].Covered = out[n].Low <= out[n].Planted && out[n].Planted <= out[n].High
	}
	return out
}

// PrintRecovered writes the comparison as a table.
func PrintRecovered(w io.Writer, list []Recovered) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(tw, "what\tplanted\tfound\t95%% from\tto\tn\tcovered\t\n")
	for _, r := range list {
		fmt.Fprintf(tw, "%s\t%.3g\t%.3g\t%.3g\t%.3g\t%d\t%v\t\n", r.What, r.Planted, r.Found, r.Low, r.High, r.N, r.Covered)
	}
	return tw.Flush()
}
