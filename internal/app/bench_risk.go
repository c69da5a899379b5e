package app

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/risk"
)

// RiskBench says how much to measure with.
type RiskBench struct {
	Data     string
	Database string
	Events   int
	Alerts   int
	Requests int
}

// Goals at the design size: all rules over ten million events, a day's 20,000 new
// ones, a list and a person's page at a million alerts.
const (
	wholeGoal = 30 * time.Second
	dayGoal   = time.Second
	dayEvents = 20_000
)

// BenchRisk makes events up, takes them in, judges them by the rules in force,
// takes a day's events in and judges those, and measures lists and pages over HTTP
// on this machine.
func BenchRisk(ctx context.Context, c RiskBench, out, progress io.Writer) error {
	drop, err := benchFolder(&c.Data)
	if err != nil {
		return err
	}
	defer drop()
	a, made, err := MakeDemo(ctx, Config{Data: c.Data, Database: c.Database, Addr: "127.0.0.1:0"}, "small", progress)
	if err != nil {
		return err
	}
	defer a.Close() //nolint:errcheck // a failed close changes nothing that was measured
	t := newBenchTable(out, progress, benchCosts...)
	used := cpuTime()
	line := func(what, size string, took, goal time.Duration) {
		busy := cpuTime() - used
		mark := ""
		if goal > 0 {
			mark = t.mark(goal.String(), took <= goal)
		}
		t.line(what, size, seconds(took), seconds(busy), mark)
		used = cpuTime()
	}
	b := &benchCases{today: clock.Today(a.Clock), rnd: rand.New(rand.NewPCG(6, 6))}
	for _, u := range a.Org.Directory().All() {
		b.units = append(b.units, u.ID)
	}
	for range 30_000 {
		b.people = append(b.people, id.New())
	}
	start := time.Now()
	total := 0
	for total < c.Events {
		cases := b.some(8000)
		l, err := a.Risk.Stock(ctx, System(), "bench", cases)
		if err != nil {
			return err
		}
		total += l.Added
		fmt.Fprintf(progress, "%d events\n", total)
	}
	line("take events in", fmt.Sprintf("%d events, %d cases", total, b.n), time.Since(start), 0)
	start = time.Now()
	run, err := a.Risk.Run(ctx, System(), risk.RunCmd{Whole: true})
	if err != nil {
		return err
	}
	judged := time.Since(start)
	goal := wholeGoal
	if c.Events < 10_000_000 { // the goal is that of the design size; a smaller one has its share
		goal = time.Duration(float64(wholeGoal) * float64(c.Events) / 10_000_000)
	}
	line(fmt.Sprintf("whole run, %d rules, alerts written", run.Rules), fmt.Sprintf("%d events, %d alerts", run.Events, run.Found), judged, goal)
	start = time.Now()
	l, err := a.Risk.Stock(ctx, System(), "bench", b.day())
	if err != nil {
		return err
	}
	line("take a day's events in", fmt.Sprintf("%d events", l.Added), time.Since(start), 0)
	start = time.Now()
	if run, err = a.Risk.Run(ctx, System(), risk.RunCmd{}); err != nil {
		return err
	}
	line("run on the day", fmt.Sprintf("%d events of %d cases, %d alerts", run.Events, run.Cases, run.Found), time.Since(start), dayGoal)
	start = time.Now()
	if err := b.alerts(ctx, a, c.Alerts, progress); err != nil {
		return err
	}
	line("take alerts over", fmt.Sprintf("%d alerts", c.Alerts), time.Since(start), 0)
	if err := a.DB.Optimize(ctx); err != nil {
		return err
	}
	if err := benchRiskPages(ctx, a, made, b, c, &t); err != nil {
		return err
	}
	return t.done()
}

// benchRiskPages measures lists and a person's page over HTTP.
func benchRiskPages(ctx context.Context, a *App, made []Made, b *benchCases, c RiskBench, t *benchTable) error {
	base, stop, err := benchListen(ctx, a, Config{})
	if err != nil {
		return err
	}
	defer stop() //nolint:errcheck // asked for below when all went well
	people, err := benchPeople(ctx, base, made, "oversight", "oversight2")
	if err != nil {
		return err
	}
	for _, p := range []struct{ login, path string }{{"oversight", "/risk"}, {"oversight2", "/risk"}, {"oversight", "/risk?state=new&level=1"}, {"oversight2", "/risk?state=new"}, {"oversight", "/risk?person=" + string(b.people[0])}, {"oversight2", "/risk?rule=long_hold"}, {"oversight", "/risk/loop"}} {
		_, times, _, err := benchGet(ctx, people[p.login], base+p.path, c.Requests)
		if err != nil {
			return err
		}
		slices.Sort(times)
		p95 := times[len(times)*95/100]
		path := p.path
		if len(path) > 24 {
			path = path[:24] + "…"
		}
		t.line(path+", p95 over HTTP", fmt.Sprintf("%d alerts, %s", c.Alerts, p.login), ms(p95), "", t.mark(ms(pageGoal), p95 <= pageGoal))
	}
	return stop()
}

// benchCases makes cases up.
type benchCases struct {
	today  clock.Date
	rnd    *rand.Rand
	units  []id.ID
	people []id.ID
	n      int
	last   []risk.Case
}

func (b *benchCases) one() risk.Case {
	b.n++
	u := b.rnd.IntN(len(b.units))
	who := b.people[(u*7+b.rnd.IntN(7))%len(b.people)]
	boss := b.people[(u*7+6)%len(b.people)]
	from := 40 + b.rnd.IntN(600)
	c := risk.Case{No: fmt.Sprintf("B%012d", b.n), Type: []string{"prosecution", "arrest", "civil"}[b.n%3], Unit: b.units[u]}
	ev := func(k risk.Kind, ago int, h id.ID) {
		c.Events = append(c.Events, risk.Event{Kind: k, Day: b.today.AddDays(-max(1, ago)), Minute: 540 + b.rnd.IntN(480), Handler: h})
	}
	ev(risk.Accept, from, who)
	ev(risk.Assign, from, who)
	ev(risk.Counsel, from-1, "")
	lawyer := u*20 + b.rnd.IntN(20)
	c.Events[2].Lawyer, c.Events[2].Licence = fmt.Sprintf("L%d", lawyer), fmt.Sprintf("%017d", lawyer)
	ev(risk.Lookup, from-2, who)
	if b.rnd.IntN(10) == 0 {
		ev(risk.Extend, from-3, who)
		ev(risk.Return, from-4, who)
	}
	ev(risk.Lookup, from-3, who)
	ev(risk.Approve, from-4, boss)
	kind := map[string]risk.Kind{"prosecution": risk.Prosecute, "arrest": risk.Arrest, "civil": risk.Approve}[c.Type]
	if b.rnd.IntN(8) == 0 && c.Type == "prosecution" {
		kind = risk.NoProsecution
	}
	ev(kind, from-5, who)
	ev(risk.Lookup, from-5, who)
	ev(risk.Close, from-6, who)
	if b.rnd.IntN(200) == 0 {
		ev(risk.Lookup, from-2, b.people[b.rnd.IntN(len(b.people))])
		ev(risk.Lookup, from-1, b.people[b.rnd.IntN(len(b.people))])
	}
	return c
}

func (b *benchCases) some(n int) []risk.Case {
	out := make([]risk.Case, n)
	for i := range out {
		out[i] = b.one()
	}
	b.last = out
	return out
}

// day gives new events of the last cases and of new ones.
func (b *benchCases) day() []risk.Case {
	var out []risk.Case
	left := dayEvents
	for _, c := range b.last {
		if left <= dayEvents/2 {
			break
		}
		x := risk.Case{No: c.No, Type: c.Type, Unit: c.Unit}
		x.Events = []risk.Event{{Kind: risk.Lookup, Day: b.today, Minute: 700, Handler: c.Events[0].Handler}, {Kind: risk.Lookup, Day: b.today, Minute: 800, Handler: c.Events[0].Handler}}
		out = append(out, x)
		left -= len(x.Events)
	}
	for left > 0 {
		x := b.one()
		if len(x.Events) > left {
			x.Events = x.Events[:left]
		}
		out = append(out, x)
		left -= len(x.Events)
	}
	return out
}

// alerts takes made-up alerts over.
func (b *benchCases) alerts(ctx context.Context, a *App, n int, progress io.Writer) error {
	states := []string{risk.AlertNew, risk.AlertNew, risk.AlertVerified, risk.AlertCleared, risk.AlertCorrected, risk.AlertLead}
	rules := risk.Shipped().Rules
	for done := 0; done < n; {
		var list []risk.Alert
		for range min(20_000, n-done) {
			u := b.rnd.IntN(len(b.units))
			r := rules[b.rnd.IntN(21)]
			x := risk.Alert{Rule: r.Rule, N: 1, Subject: risk.OfCase, Level: r.Level, Person: b.people[(u*7+b.rnd.IntN(7))%len(b.people)], Unit: b.units[u], State: states[b.rnd.IntN(len(states))], Found: b.today.AddDays(-b.rnd.IntN(700)),
				Facts: risk.Facts{CaseNo: fmt.Sprintf("B%012d", b.rnd.IntN(max(1, b.n))), CaseType: "prosecution", Atoms: []risk.Atom{{Indicator: "extensions", Op: "_>=_", Than: "3", Value: "3"}}}}
			list = append(list, x)
		}
		if err := a.Risk.AddMany(ctx, System(), list); err != nil {
			return err
		}
		done += len(list)
		fmt.Fprintf(progress, "%d alerts\n", done)
	}
	return nil
}
