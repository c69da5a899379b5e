package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"text/tabwriter"

	"huikan/internal/contact"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/person"
	"huikan/internal/risk"
)

// ConductSimulation says which year of case handling to make up.
type ConductSimulation struct {
	Data     string
	Database string
	Seed     uint64
	Cases    int // of each of the 64 handlers
}

// RuleScore is what one rule found of the misconduct that was planted, as the
// office judged its alerts.
type RuleScore struct {
	Rule      string        `json:"rule"`
	Name      string        `json:"name"`
	Raised    int           `json:"raised"`
	Precision risk.Interval `json:"precision"` // of what was judged, from the product's own statistics
	Planted   int           `json:"planted"`   // what this rule is there to find
	Recall    risk.Interval `json:"recall"`
}

// plant is the truth: for each rule the cases or persons that it should find.
type plant struct {
	targets map[string]map[string]bool
	guilty  map[string]bool // every case or person with planted misconduct
}

func (p *plant) add(subject string, rules ...string) {
	p.guilty[subject] = true
	for _, r := range rules {
		if p.targets[r] == nil {
			p.targets[r] = map[string]bool{}
		}
		p.targets[r][subject] = true
	}
}

// SimulateConduct makes up a year of case handling with known misconduct and known
// innocent oddities, takes it through the product — register, import, run, alerts,
// leads — and says for each rule how often it was right and what it missed.
func SimulateConduct(ctx context.Context, c ConductSimulation, progress io.Writer) ([]RuleScore, error) {
	s, done, err := makeUp(ctx, c.Data, c.Database)
	if err != nil {
		return nil, err
	}
	defer done()
	return s.simulateConduct(c, rand.New(rand.NewPCG(c.Seed, 6)), progress), s.err
}

// handled is the year as it is made up.
type handled struct {
	s        *story
	rnd      *rand.Rand
	truth    *plant
	cases    []risk.Case
	handlers []person.NewPerson
	unit     map[id.ID]id.ID
	contacts map[string]int // case → days ago on which a call about it was recorded
}

func (s *story) simulateConduct(c ConductSimulation, rnd *rand.Rand, progress io.Writer) []RuleScore {
	s.day(-400)
	s.do("administrators", func() error { _, err := s.FirstStart(s.ctx); return err })
	s.do("people", s.people)
	h := &handled{s: s, rnd: rnd, truth: &plant{targets: map[string]map[string]bool{}, guilty: map[string]bool{}}, unit: map[id.ID]id.ID{}, contacts: map[string]int{}}
	for u, p := range plantedUnits {
		for k := range 16 {
			n := madeUpID(rnd, 1<<26+u*100+k)
			h.handlers = append(h.handlers, person.NewPerson{ID: n, StaffNo: fmt.Sprintf("SIM%d%02d", u, k), Name: fmt.Sprintf("模拟承办%d号", u*16+k+1), Unit: p.unit, Title: "检察官", From: "2020-01-01"})
			h.unit[n] = s.units(p.unit)[0]
		}
	}
	s.do("handlers", func() error { return s.Person.AddMany(s.ctx, System(), h.handlers) })
	h.year(c.Cases)
	h.misconduct(c.Cases)
	h.record()
	s.day(0)
	s.do("simulation: import", func() error {
		for part := range slices.Chunk(h.cases, 2000) {
			if _, err := s.Risk.Stock(s.ctx, System(), "模拟办案系统", part); err != nil {
				return err
			}
		}
		return nil
	})
	var run risk.Run
	s.do("simulation: run", func() (err error) {
		run, err = s.Risk.Run(s.ctx, System(), risk.RunCmd{Whole: true})
		if err == nil && run.Failed > 0 {
			err = fmt.Errorf("%d hits could not be explained", run.Failed)
		}
		return err
	})
	fmt.Fprintf(progress, "%d cases, %d events judged by %d rules: %d alerts, each with its explanation\n", run.Cases, run.Events, run.Rules, run.Found)
	return h.judge(progress)
}

func (h *handled) ev(k risk.Kind, ago int, who id.ID, minute int) risk.Event {
	return risk.Event{Kind: k, Day: h.s.today.AddDays(-ago), Minute: minute, Handler: who}
}

// ordinary is a case as it usually goes: by rotation, with some counsel, approved,
// decided within a month.
func (h *handled) ordinary(who id.ID, no string, drop float64, counsel int) risk.Case {
	from := 60 + h.rnd.IntN(280)
	boss := h.handlers[0].ID
	c := risk.Case{No: no, Type: "prosecution", Unit: h.unit[who]}
	c.Events = append(c.Events, h.ev(risk.Accept, from, who, 560), h.ev(risk.Assign, from, who, 570))
	c.Events[1].Basis = "rotation"
	if h.rnd.Float64() < .03 {
		c.Events[1].Basis = "designated" // with good reasons that no event tells
	}
	x := h.ev(risk.Counsel, from-1-h.rnd.IntN(6), "", -1)
	x.Lawyer, x.Licence = fmt.Sprintf("律师%03d", counsel), fmt.Sprintf("14101201810%06d", counsel)
	c.Events = append(c.Events, x)
	decided := from - 18 - h.rnd.IntN(12)
	kind := risk.Prosecute
	if h.rnd.Float64() < drop {
		kind = risk.NoProsecution
	}
	c.Events = append(c.Events, h.ev(risk.Approve, decided, boss, 600), h.ev(kind, decided, who, 620+h.rnd.IntN(300)), h.ev(risk.Close, decided-1, who, 900))
	for i := range c.Events { // no case is decided on a weekend by mere chance
		for (int(c.Events[i].Day.Weekday())+6)%7 > 4 {
			c.Events[i].Day = c.Events[i].Day.AddDays(-1)
		}
	}
	if h.rnd.Float64() < .01 { // a look without a task that means nothing
		peep := h.handlers[h.rnd.IntN(len(h.handlers))].ID
		for range 1 + h.rnd.IntN(10)/9 {
			c.Events = append(c.Events, h.ev(risk.Lookup, from-10, peep, 700+len(c.Events)))
		}
	}
	return c
}

// year makes the ordinary cases: handlers differ in how often they drop, and
// lawyers in how many cases they have.
func (h *handled) year(each int) {
	for k, p := range h.handlers {
		drop := max(.05, .14+.03*h.rnd.NormFloat64())
		for n := range each {
			counsel := (k/16)*200 + int(h.rnd.ExpFloat64()*40)%160
			h.cases = append(h.cases, h.ordinary(p.ID, fmt.Sprintf("2026%02d%06d", k, n), drop, counsel))
		}
	}
}

// pick is a case of a handler that nothing was planted in.
func (h *handled) pick(handler, n, each int) *risk.Case { return &h.cases[handler*each+n] }

// misconduct plants what the rules are there to find, and beside it what looks
// alike and is innocent.
func (h *handled) misconduct(each int) {
	at := func(c *risk.Case, k risk.Kind) int {
		return slices.IndexFunc(c.Events, func(e risk.Event) bool { return e.Kind == k || k == risk.Prosecute && e.Kind == risk.NoProsecution })
	}
	ago := func(c *risk.Case) int { return h.s.today.Sub(c.Events[at(c, risk.Prosecute)].Day) }
	for n := range 12 { // a call was recorded, and the case was dropped within days
		c := h.pick(4+n*3, 0, each)
		c.Events[at(c, risk.Prosecute)].Kind = risk.NoProsecution
		h.contacts[c.No] = ago(c) + 2 + h.rnd.IntN(12)
		if n >= 9 { // somebody waited until nobody would think of it
			h.contacts[c.No] = ago(c) + 35 + h.rnd.IntN(20)
		}
		h.truth.add(c.No, "contact_then_change")
		d := h.pick(5+n*3, 1, each) // a call, and the case took its course
		h.contacts[d.No] = ago(d) + 2 + h.rnd.IntN(12)
	}
	for n := range 3 { // who looks at what is not his
		who := h.handlers[10+16*n].ID
		h.truth.add(string(who), "lookups_many")
		for k := range 8 {
			c := h.pick(16*n+k, 2, each)
			for j := range 1 + k%2 {
				c.Events = append(c.Events, h.ev(risk.Lookup, 50+k, who, 600+j))
			}
			h.truth.add(c.No, "looked_up") // half of them were looked at once only
		}
	}
	for n := range 3 { // always the same counsel, nearly always dropped
		k := 11 + 16*n
		h.truth.add(string(h.handlers[k].ID), "recurring_pair", "favoured_pair")
		for j := range []int{9, 6, 3}[n] { // the third pair is too rare to tell from chance
			c := h.pick(k, 3+j, each)
			e := &c.Events[at(c, risk.Counsel)]
			e.Lawyer, e.Licence = fmt.Sprintf("律师甲%d", n), fmt.Sprintf("1410120190%07d", n)
			if j != 1 {
				c.Events[at(c, risk.Prosecute)].Kind = risk.NoProsecution
			}
		}
	}
	for n := range 3 { // drops for money
		k := 12 + 16*n
		h.truth.add(string(h.handlers[k].ID), "no_prosecution_outlier")
		for j := range each * []int{6, 4, 2}[n] / 10 { // from most to hardly more than others
			c := h.pick(k, j, each)
			c.Events[at(c, risk.Prosecute)].Kind = risk.NoProsecution
		}
	}
	h.singles(each, at)
}

// singles plants misconduct of single cases.
func (h *handled) singles(each int, at func(*risk.Case, risk.Kind) int) {
	for n := range 12 {
		c := h.pick(2+n*4, 20, each) // seized and not all of it passed on
		from := h.s.today.Sub(c.Events[0].Day)
		seize, move := h.ev(risk.Seize, from-3, c.Events[0].Handler, 600), h.ev(risk.Move, from-12, c.Events[0].Handler, 600)
		seize.Amount, move.Amount = 200_000, 200_000-int64(10_000*(1+n%5))
		c.Events = append(c.Events, seize, move)
		h.truth.add(c.No, "property_gap", "property_late")
		d := h.pick(3+n*4, 21, each) // all of it passed on, half of them late and for a reason
		seize.Handler = d.Events[0].Handler
		seize.Day = d.Events[0].Day.AddDays(3)
		back := h.ev(risk.GiveBack, 0, seize.Handler, 600)
		back.Day, back.Amount = d.Events[at(d, risk.Close)].Day.AddDays(5+35*(n%2)), 200_000
		if back.Day.After(h.s.today) {
			back.Day = h.s.today
		}
		d.Events = append(d.Events, seize, back)
	}
	for n := range 15 {
		c := h.pick(1+n*4, 22, each) // forgotten in a drawer
		c.Events = c.Events[:3]
		for i := range c.Events {
			c.Events[i].Day = h.s.today.AddDays(-150 + 8*n)
		}
		h.truth.add(c.No, "long_hold", "over_prosecution")
		if n < 6 { // waits for an expert
			d := h.pick(2+n*4, 23, each)
			d.Events, d.Type = d.Events[:3], "civil"
			for i := range d.Events {
				d.Events[i].Day = h.s.today.AddDays(-120 - n)
			}
		}
		e := h.pick(3+n*4, 24, each) // given to a friend and dropped
		e.Events[1].Basis = "designated"
		e.Events[at(e, risk.Prosecute)].Kind = risk.NoProsecution
		h.truth.add(e.No, "designated_case")
		f := h.pick(n*4, 25, each) // dropped alone
		f.Events[at(f, risk.Prosecute)].Kind = risk.NoProsecution
		f.Events = slices.DeleteFunc(f.Events, func(x risk.Event) bool { return x.Kind == risk.Approve })
		h.truth.add(f.No, "unapproved")
		if n < 4 { // approved by word, entered the day after
			g := h.pick(n*4, 26, each)
			i := at(g, risk.Prosecute)
			g.Events[i].Kind = risk.NoProsecution
			g.Events[at(g, risk.Approve)].Day = g.Events[i].Day.AddDays(1)
		}
	}
}

// record puts the calls into the register, on their days, as a member of the staff
// would.
func (h *handled) record() {
	nos := slices.SortedFunc(maps.Keys(h.contacts), func(a, b string) int {
		return cmp.Or(h.contacts[b]-h.contacts[a], strings.Compare(a, b))
	})
	for _, no := range nos {
		on := h.s.day(-h.contacts[no])
		h.s.do("record about "+no, func() error {
			c := contact.Content{On: on.AddDays(-1), Record: contact.Interference, Area: "case", Asker: "leader", AskerName: "某领导", AskerUnit: "某市政府", AskerPost: "副秘书长", CaseNo: no, Stage: "prosecution", Channel: "phone",
				Words: "来电打听该案。", Answer: "告知依法办理。", Response: []string{"refused", "reported"}, Claimed: "C6"}
			_, err := h.s.Contact.Submit(h.s.ctx, h.s.as("staff"), id.ID(""), contact.RecordCmd{Content: c}, nil)
			return err
		})
	}
}

// judge lets the offices judge every alert as it truly is: a lead, or cleared.
func (h *handled) judge(progress io.Writer) []RuleScore {
	s := h.s
	found, raised := map[string]map[string]bool{}, map[string]int{}
	pq := page.Query{Size: 100}
	for s.err == nil {
		var list []risk.Alert
		var next page.Next
		s.do("simulation: alerts", func() (err error) { list, next, err = s.Risk.Alerts(s.ctx, System(), pq); return err })
		for _, a := range list {
			s.do("simulation: alert "+a.No, func() error { return h.judgeOne(a, found, raised) })
		}
		if next.After == "" {
			break
		}
		pq.After = []string{string(list[len(list)-1].ID)}
	}
	var out []RuleScore
	s.do("simulation: figures", func() error {
		precise, err := s.Risk.Precisions(s.ctx, System())
		if err != nil {
			return err
		}
		for _, v := range risk.Shipped().Rules {
			x := RuleScore{Rule: v.Rule, Name: v.NameEn, Raised: raised[v.Rule], Planted: len(h.truth.targets[v.Rule])}
			for _, p := range precise {
				if p.Rule == v.Rule {
					x.Precision = p.Right
				}
			}
			hit := 0
			for t := range h.truth.targets[v.Rule] {
				if found[v.Rule][t] {
					hit++
				}
			}
			x.Recall = risk.Wilson(hit, x.Planted)
			if x.Raised > 0 || x.Planted > 0 {
				out = append(out, x)
			}
		}
		return nil
	})
	fmt.Fprintf(progress, "every alert judged by an office: a lead or cleared\n")
	return out
}

func (h *handled) judgeOne(a risk.Alert, found map[string]map[string]bool, raised map[string]int) error {
	s := h.s
	first, second := s.somebody(actor.InternalSupervision, a.Home), s.somebody(actor.InternalSupervision, a.Home)
	x, err := s.Risk.Alert(s.ctx, first, a.ID)
	if err != nil {
		return err
	}
	subject := x.Facts.CaseNo
	if subject == "" {
		subject = string(a.Person)
	}
	if found[a.Rule] == nil {
		found[a.Rule] = map[string]bool{}
	}
	found[a.Rule][subject] = true
	raised[a.Rule]++
	if _, err := s.Risk.Judge(s.ctx, first, a.ID, "verify", risk.AlertCmd{Text: "已核对办案流程和凭证。"}); err != nil {
		return err
	}
	do := "clear"
	if h.truth.guilty[subject] && a.Person != "" {
		do = "lead"
	}
	_, err = s.Risk.Judge(s.ctx, second, a.ID, do, risk.AlertCmd{Text: "按实际情况认定。"})
	return err
}

// PrintScores writes precision and recall of each rule as a table.
func PrintScores(w io.Writer, list []RuleScore) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(tw, "rule\traised\tright\tprecision\t95%% from\tto\tplanted\tfound\trecall\t95%% from\tto\t\n")
	for _, r := range list {
		recall := "—\t—\t—\t—"
		if r.Planted > 0 {
			recall = fmt.Sprintf("%d\t%.2f\t%.2f\t%.2f", r.Recall.Yes, r.Recall.Share, r.Recall.Low, r.Recall.High)
		}
		precise := "—\t—\t—"
		if r.Precision.N > 0 {
			precise = fmt.Sprintf("%.2f\t%.2f\t%.2f", r.Precision.Share, r.Precision.Low, r.Precision.High)
		}
		fmt.Fprintf(tw, "%s\t%d\t%d\t%s\t%d\t%s\t\n", r.Rule, r.Raised, r.Precision.Yes, precise, r.Planted, recall)
	}
	return tw.Flush()
}
