package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"huikan/internal/contact"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/db"
)

// BenchRegisterConfig says what to measure.
type BenchRegisterConfig struct {
	Records  int    // kept by one office, which holds them against each other
	Others   int    // of all units, which the figures count beside them
	Returns  int    // of a hundred earlier months, taken over from tables
	Filed    int    // of a hundred earlier months, filed here
	Filing   int    // people who file over HTTP on top of them
	Data     string // folder of the content; a temporary one when empty
	Database string // address; the embedded one when empty
}

// Goals of the register: a comparison of 35,000 records, and what a page asks for.
const (
	crosscheckGoal = 2 * time.Second
	registerGoal   = 100 * time.Millisecond
)

// BenchRegister hands records in by the real service, holds those of one office
// against each other, and asks for figures and the calendar over all units.
func BenchRegister(ctx context.Context, c BenchRegisterConfig, out, progress io.Writer) error {
	drop, err := benchFolder(&c.Data)
	if err != nil {
		return err
	}
	defer drop()
	conf := Config{Data: c.Data, Database: c.Database, Addr: "127.0.0.1:0"}
	made, err := benchAgain(ctx, conf, returnLogins)
	if err != nil {
		return err
	}
	var a *App
	if filled := len(made) > 0; filled {
		a, err = Open(ctx, conf)
		c.Returns, c.Filed, c.Records, c.Others = 0, 0, 0, 0
	} else {
		a, made, err = MakeDemo(ctx, conf, "small", progress)
	}
	if err != nil {
		return err
	}
	defer a.Close()
	t := newBenchTable(out, progress, benchCosts...)
	if c.Returns > 0 {
		if err := a.benchTakeOver(ctx, c.Returns, &t, progress); err != nil {
			return err
		}
	}
	if c.Filed > 0 {
		if err := a.benchFiled(ctx, c.Filed, &t, progress); err != nil {
			return err
		}
	}
	start, cpu := time.Now(), cpuTime()
	if err := a.fillRegister(ctx, c.Records, c.Others); err != nil {
		return err
	}
	n := max(1, c.Records+c.Others)
	t.line("hand records in", fmt.Sprint(n), fmt.Sprintf("%.0f /s", float64(n)/time.Since(start).Seconds()), ms((cpuTime()-cpu)/time.Duration(n))+" each", "")
	if err := a.DB.Optimize(ctx); err != nil {
		return err
	}
	office, err := a.Account.ActorOf(ctx, "oversight2")
	if err != nil {
		return err
	}
	for _, what := range []string{"hold them against each other, first time", "again, nothing new"} {
		start, cpu := time.Now(), cpuTime()
		rep, err := a.Contact.RunCrosscheck(ctx, office)
		if err != nil {
			return err
		}
		took := time.Since(start)
		t.line(what, fmt.Sprintf("%d compared, %d new", rep.Compared, rep.New), seconds(took), seconds(cpuTime()-cpu), t.mark("≤ "+seconds(crosscheckGoal), took <= crosscheckGoal))
	}
	top, err := a.Account.ActorOf(ctx, "oversight")
	if err != nil {
		return err
	}
	root, year := a.Org.Directory().Root().ID, clock.Today(a.Clock).Year()
	ask := func(by string, unit id.ID, who actor.Actor) func() error {
		return func() error {
			_, err := a.Contact.Stats(ctx, who, contact.StatsQuery{Unit: unit, Year: year, By: by})
			return err
		}
	}
	for _, x := range []struct {
		what string
		ask  func() error
	}{
		{"figures of all units, by unit", ask("unit", root, top)},
		{"figures of all units, by class", ask("class", root, top)},
		{"figures of one office, by class", ask("class", office.Unit, office)},
		{"calendar of all units", func() error {
			_, err := a.Contact.CalendarOf(ctx, top, root, contact.Setting{EndDay: 25}.Latest(clock.Today(a.Clock)), true)
			return err
		}},
	} {
		var took []time.Duration
		cpu := cpuTime()
		for range 40 {
			start := time.Now()
			if err := x.ask(); err != nil {
				return err
			}
			took = append(took, time.Since(start))
		}
		each := (cpuTime() - cpu) / 40
		first := took[0]
		slices.Sort(took)
		t.line(x.what, fmt.Sprintf("%d units", len(a.Org.Directory().All())), fmt.Sprintf("p95 %s, first %s", ms(took[37]), ms(first)), ms(each)+" each", t.mark("p95 ≤ "+ms(registerGoal), took[37] <= registerGoal))
	}
	if c.Filing <= 0 {
		return t.done()
	}
	return errors.Join(t.done(), a.benchReturns(ctx, conf, c.Filing, made, out, progress))
}

// fillRegister hands records in: contacts that one or two people of a unit of the
// office's province recorded, each in his own words, and others of all units.
func (a *App) fillRegister(ctx context.Context, n, others int) error {
	base, err := a.Account.ActorOf(ctx, "staff")
	if err != nil {
		return err
	}
	var people []id.ID
	if err := a.DB.Read(ctx, func(q db.Q) error {
		list, err := person.InService(ctx, q, base.Unit, clock.Today(a.Clock), "", 500)
		for _, t := range list {
			people = append(people, t.Person)
		}
		return err
	}); err != nil {
		return err
	}
	base.Grants = slices.DeleteFunc(slices.Clone(base.Grants), func(g actor.Grant) bool { return g.Role != actor.Staff })
	units, today := a.Org.Directory().All(), clock.Today(a.Clock)
	var below []org.Unit // whose records the office keeps: it is the only one of its province
	for _, u := range units {
		if strings.HasPrefix(u.Path, a.Org.Directory().Place(base.Unit).Path) {
			below = append(below, u)
		}
	}
	serving := map[id.ID][]id.ID{} // of units, whom the others' records are spread over
	in := func(u org.Unit) (list []id.ID, err error) {
		if list, ok := serving[u.ID]; ok {
			return list, nil
		}
		err = a.DB.Read(ctx, func(q db.Q) error {
			terms, err := person.InService(ctx, q, u.ID, today, "", 500)
			for _, t := range terms {
				list = append(list, t.Person)
			}
			return err
		})
		if len(list) == 0 {
			list = people
		}
		serving[u.ID] = list
		return list, err
	}
	const bunch = 500
	var list []contact.HandedIn
	for k := range n + others {
		event := rand.New(rand.NewPCG(1, uint64(k/2*2+k%2*(k/2%3/2)))) // two of three contacts are recorded twice
		who := base
		who.Person, who.Related = people[k%len(people)], nil
		words := []string{"来电询问案件什么时候起诉", "当面打听承办人的意见", "微信请求从轻处理", "托人转交材料并询问进展", "要求尽快办结"}
		askers := []string{"leader", "insider", "party", "lawyer"}
		rec := contact.RecordCmd{Content: contact.Content{Record: contact.Interference, Area: "case", Asker: "leader", AskerName: surnames[event.IntN(len(surnames))] + givenA[event.IntN(len(givenA))] + givenB[event.IntN(len(givenB))], CaseNo: fmt.Sprintf("202641%010d", event.IntN(1_000_000)), Stage: "prosecution",
			On: today.AddDays(-event.IntN(300)), Channel: []string{"phone", "face", "wechat"}[event.IntN(3)], Words: words[event.IntN(len(words))], Response: []string{"told"}, Claimed: "C5"}}
		u := below[event.IntN(len(below))]
		if k%2 == 1 {
			rec.Words = "其" + rec.Words + "，已告知依法办理"
		}
		if k >= n {
			u = units[k%len(units)]
			rec.Asker = askers[k%len(askers)]
			theirs, err := in(u)
			if err != nil {
				return err
			}
			who.Person = theirs[k/len(units)%len(theirs)]
		}
		who.Unit, who.Path = u.ID, u.Path
		if list = append(list, contact.HandedIn{Who: who, Record: rec}); len(list) == bunch {
			if err := a.Contact.SubmitMany(ctx, System(), list); err != nil {
				return err
			}
			list = nil
		}
	}
	if len(list) == 0 {
		return nil
	}
	return a.Contact.SubmitMany(ctx, System(), list)
}
