package app

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"huikan/internal/contact"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/db"
)

// BenchRegisterConfig says what to measure.
type BenchRegisterConfig struct {
	Records  int    // of one year, kept by one office
	Database string // address; the embedded one when empty
}

// BenchRegister hands records in by the real service, holds them against each
// other, and asks for figures and the calendar over all units.
func BenchRegister(ctx context.Context, c BenchRegisterConfig, out, progress io.Writer) error {
	dir, err := os.MkdirTemp("", "huikan-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	a, _, err := MakeDemo(ctx, Config{Data: filepath.Join(dir, "data"), Database: c.Database}, "small", progress)
	if err != nil {
		return err
	}
	defer a.Close()
	tw := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(tw, "what\tsize\tfigure\tgoal\t\n")
	start := time.Now()
	if err := a.fillRegister(ctx, c.Records); err != nil {
		return err
	}
	fmt.Fprintf(tw, "hand records in\t%d\t%.0f /s\t\t\n", c.Records, float64(c.Records)/time.Since(start).Seconds())
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
		fmt.Fprintf(tw, "%s\t%d compared, %d new\t%.2f s, processor %.2f s\t2 s\t\n", what, rep.Compared, rep.New, time.Since(start).Seconds(), (cpuTime() - cpu).Seconds())
	}
	top, err := a.Account.ActorOf(ctx, "oversight")
	if err != nil {
		return err
	}
	root, year := a.Org.Directory().Root().ID, clock.Today(a.Clock).Year()
	for _, x := range []struct {
		what, goal string
		ask        func() error
	}{
		{"figures of all units", "", func() error {
			_, err := a.Contact.Stats(ctx, top, contact.StatsQuery{Unit: root, Year: year, By: "class"})
			return err
		}},
		{"calendar of all units", "100 ms p95", func() error {
			_, err := a.Contact.CalendarOf(ctx, top, root, contact.Setting{EndDay: 25}.Latest(clock.Today(a.Clock)), true)
			return err
		}},
	} {
		var took []time.Duration
		for range 40 {
			start := time.Now()
			if err := x.ask(); err != nil {
				return err
			}
			took = append(took, time.Since(start))
		}
		first := took[0]
		slices.Sort(took)
		fmt.Fprintf(tw, "%s\t%d units\tp95 %.0f ms, first %.0f ms\t%s\t\n", x.what, len(a.Org.Directory().All()), took[37].Seconds()*1000, first.Seconds()*1000, x.goal)
	}
	return tw.Flush()
}

// fillRegister hands records in: contacts that one or two of a unit's people
// recorded, each in his own words.
func (a *App) fillRegister(ctx context.Context, n int) error {
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
	today := clock.Today(a.Clock)
	var g errgroup.Group
	g.SetLimit(64) // one commit takes many of them
	for k := range n {
		g.Go(func() error {
			event := rand.New(rand.NewPCG(1, uint64(k/2*2+k%2*(k/2%3/2)))) // two of three contacts are recorded twice
			who := base
			who.Person, who.Related = people[k%len(people)], nil
			words := []string{"来电询问案件什么时候起诉", "当面打听承办人的意见", "微信请求从轻处理", "托人转交材料并询问进展", "要求尽快办结"}
			rec := contact.RecordCmd{Content: contact.Content{Record: contact.Interference, Area: "case", Asker: "leader", AskerName: surnames[event.IntN(len(surnames))] + givenA[event.IntN(len(givenA))] + givenB[event.IntN(len(givenB))], CaseNo: fmt.Sprintf("202641%010d", event.IntN(1_000_000)), Stage: "prosecution",
				On: today.AddDays(-event.IntN(300)), Channel: []string{"phone", "face", "wechat"}[event.IntN(3)], Words: words[event.IntN(len(words))], Response: []string{"told"}, Claimed: "C5"}}
			if k%2 == 1 {
				rec.Words = "其" + rec.Words + "，已告知依法办理"
			}
			_, err := a.Contact.Submit(ctx, who, "", rec, nil)
			return err
		})
	}
	return g.Wait()
}
