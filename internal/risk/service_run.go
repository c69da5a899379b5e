package risk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Run is one judgement of events by the rules in force.
type Run struct {
	ID     id.ID      `json:"id"`
	Whole  bool       `json:"whole"` // every case and every figure; else the cases that imports touched since
	On     clock.Date `json:"on"`
	Upto   int64      `json:"upto"` // the last import that it saw
	Rules  int        `json:"rules"`
	Cases  int        `json:"cases"`
	Events int        `json:"events"`
	Found  int        `json:"found"`
	Known  int        `json:"known"`  // hits that stand already, or that people decided
	Failed int        `json:"failed"` // hits without an explanation: never raised, always counted
	Person id.ID      `json:"person,omitempty"`
	At     string     `json:"at"`
}

// RunCmd starts a run.
type RunCmd struct {
	Whole bool `json:"whole"`
}

// judged is what a pass over cases gives.
type judged struct {
	hits          []hit
	cases, events int
	failed        int
}

// ruled is a rule in force with its program.
type ruled struct {
	v Version
	p *Program
}

// batch is how many cases a worker takes at once.
const batch = 256

// inForce lists the published rules: the newest published version of each, else
// what came with the program; a retired rule is none.
func (s *Service) inForce(ctx context.Context, q db.Q) ([]ruled, error) {
	list, err := rulesInForce(ctx, q, s.cat)
	if err != nil {
		return nil, err
	}
	out := make([]ruled, 0, len(list))
	for _, v := range list {
		p, err := s.cat.Compile(v.Subject, v.Expression)
		if err != nil {
			return nil, fmt.Errorf("rule %s version %d: %w", v.Rule, v.N, err)
		}
		out = append(out, ruled{v, p})
	}
	return out, nil
}

// counting gathers what a run counts with.
func (s *Service) counting(ctx context.Context, q db.Q) (*counting, error) {
	set, _, err := s.settings(ctx, q)
	if err != nil {
		return nil, err
	}
	today := s.today()
	n := &counting{today: dayNumber(today), arrest: set["limit.arrest"], prosecution: set["limit.prosecution"], extension: set["limit.extension"], returned: set["limit.return"], nightFrom: set["night.from"], nightTo: set["night.to"],
		periodLast: set["period.last"], window: set["window.months"], smallExpected: set["small.expected"], smallPeers: set["small.peers"], alertDays: set["alert.days"], slots: s.cat.caseSlots()}
	n.windowFrom = dayNumber(today.AddMonths(-n.window))
	if s.Contacts != nil {
		if n.contacts, err = s.Contacts(ctx, q); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// Run judges events by the rules in force and raises what is new. A whole run
// looks at every case and every figure; the other at cases that imports touched
// since the last one.
func (s *Service) Run(ctx context.Context, who actor.Actor, cmd RunCmd) (run Run, err error) {
	if err := s.policy.Can(who, "risk_run.start", access.Object{Kind: "risk_run"}); err != nil {
		return run, err
	}
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	default:
		return run, fault.State("risk.run.busy")
	}
	run = Run{ID: id.New(), Whole: cmd.Whole, On: s.today(), Person: who.Person}
	var rules []ruled
	var n *counting
	var last Run
	err = s.log.DB().Read(ctx, func(q db.Q) (err error) {
		if last, err = lastRun(ctx, q); err != nil {
			return err
		}
		if run.Upto, err = lastLoad(ctx, q); err != nil {
			return err
		}
		if rules, err = s.inForce(ctx, q); err != nil {
			return err
		}
		n, err = s.counting(ctx, q)
		return err
	})
	if err != nil {
		return run, err
	}
	if s.Restricted != nil {
		if n.restricted, err = s.Restricted(ctx); err != nil {
			return run, err
		}
	}
	run.Rules = len(rules)
	since := last.Upto
	if cmd.Whole {
		since = 0
	}
	var got judged
	err = s.log.DB().Read(ctx, func(q db.Q) (err error) {
		got, err = s.pass(ctx, q, n, rules, since)
		return err
	})
	if err != nil {
		return run, err
	}
	run.Cases, run.Events, run.Failed = got.cases, got.events, got.failed
	if err := s.wake(ctx); err != nil {
		return run, err
	}
	return s.raise(ctx, who, run, n, rules, got.hits)
}

// Tick is the nightly round: everything once a day in the small hours, and in
// between the cases that imports touched.
func (s *Service) Tick(ctx context.Context) error {
	var last, whole Run
	var load int64
	err := s.log.DB().Read(ctx, func(q db.Q) (err error) {
		if load, err = lastLoad(ctx, q); err != nil {
			return err
		}
		list, err := runs(ctx, q, 50)
		for i, r := range list {
			if i == 0 {
				last = r
			}
			if r.Whole && whole.ID == "" {
				whole = r
			}
		}
		return err
	})
	night := s.Clock.Now().In(clock.Beijing).Hour() < 6
	switch {
	case err != nil || load == 0:
		return err
	case night && whole.On < s.today():
		_, err = s.Run(ctx, actor.Program("risk"), RunCmd{Whole: true})
	case load > last.Upto:
		_, err = s.Run(ctx, actor.Program("risk"), RunCmd{})
	}
	if fault.Is(err, fault.KindState) {
		return nil // somebody runs the rules already
	}
	return err
}

// worker judges cases; each has its own memory.
type worker struct {
	s       *Service
	n       *counting
	rules   []ruled
	index   int32
	figures bool
	raw     rawCase
	evs     []rawEvent
	v       values
	act     activation
	counts  *counts
	ids     []id.ID // cases by their place, for the figures' explanations
	covered map[string][]int
	out     judged
	err     error
}

func (w *worker) do(list []sealedCase) error {
	for _, c := range list {
		plain, err := w.s.Keys.Open(Sealed, "risk_case/"+string(c.id), c.sealed)
		if err != nil {
			return fmt.Errorf("open case %s: %w", c.id, err)
		}
		if err := w.raw.unpack(plain); err != nil {
			return fmt.Errorf("case %s: %w", c.id, err)
		}
		w.evs = w.raw.current(w.evs, 1<<62)
		w.out.cases++
		w.out.events += len(w.evs)
		if len(w.evs) == 0 {
			continue
		}
		w.n.facts(&w.raw, w.evs, &w.v)
		for _, i := range w.ofUnit(c.unit) {
			yes, err := w.rules[i].p.holds(&w.v, &w.act)
			if err != nil {
				return err
			}
			if yes {
				w.hit(i, c)
			}
		}
		if w.figures {
			ref := caseRef{w.index, int32(len(w.ids))}
			w.ids = append(w.ids, c.id)
			w.counts.count(w.n, &w.raw, w.evs, &w.v, string(c.unit), ref)
		}
	}
	return nil
}

// ofUnit gives the rules about cases that hold at a unit.
func (w *worker) ofUnit(unit id.ID) []int {
	list, ok := w.covered[string(unit)]
	if !ok {
		for i, r := range w.rules {
			if r.v.Subject == OfCase && w.s.covers(r.v, unit) {
				list = append(list, i)
			}
		}
		w.covered[string(unit)] = list
	}
	return list
}

func (w *worker) hit(rule int, c sealedCase) {
	facts, person, concerns, episode := w.n.explain(w.rules[rule].p, &w.raw, w.evs, &w.v)
	if !facts.explained() {
		w.out.failed++
		return
	}
	h := hit{rule: rule, subject: string(c.id), episode: episode, unit: c.unit, caseID: c.id, facts: facts, person: id.ID(w.raw.text(person))}
	for _, p := range concerns {
		h.concerns = append(h.concerns, id.ID(w.raw.text(p)))
	}
	w.out.hits = append(w.out.hits, h)
}

// pass streams cases to the workers and judges the figures when every case was seen.
func (s *Service) pass(ctx context.Context, q db.Q, n *counting, rules []ruled, since int64) (judged, error) {
	workers := make([]*worker, max(1, min(4, runtime.GOMAXPROCS(0))))
	todo := make(chan []sealedCase, 2*len(workers))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	for i := range workers {
		w := &worker{s: s, n: n, rules: rules, index: int32(i), figures: since == 0, counts: newCounts(), covered: map[string][]int{}}
		workers[i] = w
		wg.Go(func() {
			for list := range todo {
				if w.err == nil {
					if w.err = w.do(list); w.err != nil {
						stop()
					}
				}
			}
		})
	}
	err := streamCases(ctx, q, since, batch, func(list []sealedCase) error {
		select {
		case todo <- list:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	close(todo)
	wg.Wait()
	var out judged
	for _, w := range workers {
		if w.err != nil {
			return out, w.err
		}
		out.hits = append(out.hits, w.out.hits...)
		out.cases += w.out.cases
		out.events += w.out.events
		out.failed += w.out.failed
	}
	if err != nil {
		return out, err
	}
	if since == 0 {
		for _, w := range workers[1:] {
			workers[0].counts.merge(w.counts)
		}
		at := func(r caseRef) id.ID { return workers[r.worker].ids[r.at] }
		if err := s.judgeFigures(ctx, q, n, rules, workers[0].counts, at, &out); err != nil {
			return out, err
		}
	}
	slices.SortFunc(out.hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.rule, b.rule), strings.Compare(a.subject, b.subject))
	})
	return out, nil
}

// judgeFigures asks the rules about persons, pairs and units.
func (s *Service) judgeFigures(ctx context.Context, q db.Q, n *counting, rules []ruled, c *counts, at func(caseRef) id.ID, out *judged) error {
	all := c.figures(n, s.cat, s.level)
	var act activation
	d := epoch.AddDays(n.today)
	period := fmt.Sprintf("%d-Q%d", d.Year(), (int(d.Month())+2)/3)
	for i, r := range rules {
		for _, f := range all[r.v.Subject] {
			if !s.covers(r.v, f.unit) {
				continue
			}
			yes, err := r.p.holds(&f.v, &act)
			if err != nil {
				return err
			}
			if !yes {
				continue
			}
			h := hit{rule: i, subject: f.key, episode: period, person: f.person, unit: f.unit, facts: Facts{Atoms: r.p.atoms(&f.v), Pair: f.pair}}
			var cases []id.ID
			for _, a := range h.facts.Atoms {
				if x := f.compares[a.Indicator]; x != nil && h.facts.Compare == nil {
					h.facts.Compare = x
				}
				for _, ref := range f.which[a.Indicator] {
					cases = append(cases, at(ref))
				}
			}
			if h.facts.Cases, err = s.caseNumbers(ctx, q, cases); err != nil {
				return err
			}
			if !h.facts.explained() {
				out.failed++
				continue
			}
			if f.person != "" {
				h.concerns = []id.ID{f.person}
			}
			out.hits = append(out.hits, h)
		}
	}
	return nil
}

func (s *Service) caseNumbers(ctx context.Context, q db.Q, ids []id.ID) ([]string, error) {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var out []string
	for _, n := range ids[:min(len(ids), shown)] {
		c, err := s.caseByID(ctx, q, n)
		if err != nil {
			return nil, err
		}
		out = append(out, c.No)
	}
	return out, nil
}

func digestOf(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(h[:16])
}

// perTurn is how many alerts one transaction raises.
const perTurn = 500

// raise writes the alerts that are new. One that stands open, or that people
// decided for the same episode, is known and stays as it is.
func (s *Service) raise(ctx context.Context, who actor.Actor, run Run, n *counting, rules []ruled, hits []hit) (Run, error) {
	var fresh []Alert
	var concerns [][]id.ID
	places := map[id.ID]bool{}
	err := s.log.DB().Read(ctx, func(q db.Q) error {
		for len(hits) > 0 {
			part := hits[:min(chunk, len(hits))]
			hits = hits[len(part):]
			bases := make([]string, len(part))
			for i, h := range part {
				bases[i] = digestOf(rules[h.rule].v.Rule, h.subject)
			}
			known, err := knownAlerts(ctx, q, bases)
			if err != nil {
				return err
			}
			for i, h := range part {
				digest := digestOf(bases[i], h.episode)
				if slices.ContainsFunc(known[bases[i]], func(k [2]string) bool { return k[0] == digest || !decided(k[1]) }) {
					run.Known++
					continue
				}
				v := rules[h.rule].v
				a := Alert{ID: id.New(), Rule: v.Rule, N: v.N, Subject: v.Subject, Level: v.Level, Person: h.person, Unit: h.unit, Case: h.caseID, State: AlertNew, Found: run.On, Due: run.On.AddDays(n.alertDays), Run: run.ID, Rev: 1,
					Facts: h.facts, base: bases[i], digest: digest}
				above := v.Subject == OfUnit
				if h.person != "" {
					lead, ok := places[h.person]
					if !ok {
						p, err := s.Person(ctx, q, h.person)
						if err != nil && !fault.Is(err, fault.KindNotFound) {
							return err
						}
						lead = p.Leadership
						places[h.person] = lead
					}
					above = above || lead
				}
				a.Home = s.home(h.unit, above)
				if a.sealed, err = s.sealJSON("risk_alert", a.ID, a.Facts); err != nil {
					return err
				}
				fresh, concerns = append(fresh, a), append(concerns, h.concerns)
			}
		}
		return nil
	})
	if err != nil {
		return run, err
	}
	for first := true; first || len(fresh) > 0; first = false {
		k := min(perTurn, len(fresh))
		part, of := fresh[:k], concerns[:k]
		fresh, concerns = fresh[k:], concerns[k:]
		end := len(fresh) == 0
		err := s.log.Write(ctx, who, "risk_run.start", func(tx *audit.Tx) error {
			if err := s.insertAlerts(ctx, tx, part, of); err != nil {
				return err
			}
			tx.Note("alerts", len(part))
			if !end {
				return nil
			}
			done := run
			done.Found += len(part)
			return insertRun(ctx, tx, done)
		})
		if err != nil {
			return run, err
		}
		run.Found += len(part)
	}
	return run, nil
}

func (s *Service) insertAlerts(ctx context.Context, tx *audit.Tx, list []Alert, concerns [][]id.ID) error {
	homes := map[id.ID]int{}
	for _, a := range list {
		homes[a.Home]++
	}
	at := map[id.ID]int64{}
	year := fmt.Sprint(s.today().Year())
	for home, k := range homes {
		n, err := advance(ctx, tx, "F/"+string(home)+"/"+year, k)
		if err != nil {
			return err
		}
		at[home] = n
	}
	for i := range list {
		a := &list[i]
		u, _ := s.Units.Unit(a.Home)
		a.No = fmt.Sprintf("F-%s-%s-%04d", u.Code, year, at[a.Home])
		at[a.Home]++
	}
	if err := insertAlertRows(ctx, tx, list); err != nil {
		return err
	}
	var of []access.Concerned
	for i, a := range list {
		for _, p := range concerns[i] {
			of = append(of, access.Concerned{Object: a.ID, Person: p})
		}
	}
	return access.ConcernMany(ctx, tx, of)
}

// wake brings alerts back whose snooze has ended.
func (s *Service) wake(ctx context.Context) error {
	var due []Alert
	err := s.log.DB().Read(ctx, func(q db.Q) (err error) {
		due, err = snoozedBefore(ctx, q, s.today())
		return err
	})
	if err != nil || len(due) == 0 {
		return err
	}
	program := actor.Program("risk")
	return s.log.Write(ctx, program, "alert.wake", func(tx *audit.Tx) error {
		for _, a := range due {
			if err := s.step(ctx, tx, program, a, "wake", AlertCmd{}); err != nil {
				return err
			}
		}
		return nil
	})
}
