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

	"huikan/internal/directive"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

// InsightBench says how much to measure with.
type InsightBench struct {
	Data     string // kept between runs when set
	Database string
	Size     string
	Texts    int // made-up texts that are put into the index of the search
	Requests int
}

// Goals of dashboards and sending at the design size.
const (
	coldGoal = time.Second
	sendGoal = 3 * time.Second
)

// insightPages are the dashboards of each role and the search.
var insightPages = []struct {
	login, path string
	cold        bool // the first answer is held to a goal of its own
}{
	{"leader", "/board", true}, {"office", "/board", true}, {"supervisor", "/board", true}, {"oversight", "/board", true}, {"unit", "/board", true},
	{"leader", "/board?under=河南省人民检察院", true}, {"leader", "/integrated", true},
	{"office", "/search?q=台账更新", false}, {"office", "/search?q=涉案财物", false}, {"office", "/search?q=hnsjcy", false}, {"leader", "/palette?q=整改", false},
	{"supervisor", "/burden", false}, {"supervisor", "/issues", false},
}

// insightLogins are those who open them.
var insightLogins = []string{"leader", "office", "supervisor", "oversight", "unit"}

// insightAsked are the words that the searches ask for: one text in [insightRare]
// holds each, as words do that somebody looks for.
var insightAsked = []string{"台账更新", "涉案财物", "整改"}

const insightRare = 500

// insightText makes a text of the characters of the made-up problems, and tells
// whether it holds a word that is asked for.
func insightText(rnd *rand.Rand, runes []rune) (text string, asked bool) {
	var b strings.Builder
	for range 80 {
		b.WriteRune(runes[rnd.IntN(len(runes))])
	}
	for _, w := range insightAsked {
		if rnd.IntN(insightRare) == 0 {
			b.WriteString("，" + w)
			asked = true
		}
	}
	return b.String(), asked
}

// insightRunes are the characters of which texts are made.
func insightRunes() []rune {
	var all strings.Builder
	for _, p := range problems {
		all.WriteString(p.title + p.basis + p.cause + p.result)
	}
	runes := []rune(all.String())
	slices.Sort(runes)
	return slices.Compact(runes)
}

// BenchInsight measures sending to every unit, dashboards cold and warm, and the
// search beside an index of many texts, over HTTP on this machine.
func BenchInsight(ctx context.Context, c InsightBench, out, progress io.Writer) (err error) {
	drop, err := benchFolder(&c.Data)
	if err != nil {
		return err
	}
	defer drop()
	conf := Config{Data: c.Data, Database: c.Database, Addr: "127.0.0.1:0"}
	a, made, err := benchOpen(ctx, conf, c.Size, insightLogins, progress)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	t := newBenchTable(out, progress, "what", "who", "size", "first", "p50", "p95", "goal")
	took, sent, err := benchSend(ctx, a)
	if err != nil {
		return err
	}
	t.line("sending an order", "supervisor", fmt.Sprintf("%d units", len(sent)), ms(took), "", "", t.mark(ms(sendGoal), took <= sendGoal))
	if err := benchIndex(ctx, a, c.Texts, sent, progress); err != nil {
		return err
	}
	base, stop, err := benchListen(ctx, a, conf)
	if err != nil {
		return err
	}
	defer stop() //nolint:errcheck // asked for below when all went well
	people, err := benchPeople(ctx, base, made, insightLogins...)
	if err != nil {
		return err
	}
	for _, p := range insightPages {
		first, times, _, err := benchGet(ctx, people[p.login], base+benchEscape(p.path), max(1, c.Requests))
		if err != nil {
			return err
		}
		slices.Sort(times)
		p95 := times[len(times)*95/100]
		goal := ms(pageGoal)
		good := p95 <= pageGoal
		if p.cold {
			goal = ms(coldGoal) + " / " + goal
			good = good && first <= coldGoal
		}
		t.line(p.path, p.login, fmt.Sprintf("%s, %d texts", c.Size, c.Texts), ms(first), ms(times[len(times)/2]), ms(p95), t.mark(goal, good))
	}
	return errors.Join(stop(), t.done())
}

// benchSend sends one order to every unit below the nation's.
func benchSend(ctx context.Context, a *App) (time.Duration, []directive.Task, error) {
	who, err := a.Account.ActorOf(ctx, "supervisor")
	if err != nil {
		return 0, nil, err
	}
	l, err := a.Directive.List(ctx, who, page.Query{Size: 20})
	if err != nil {
		return 0, nil, err
	}
	v, err := a.Directive.Get(ctx, who, l.Rows[0].ID)
	if err != nil {
		return 0, nil, err
	}
	start := time.Now()
	sent, err := a.Directive.Assign(ctx, who, v.Directive.ID, directive.AssignCmd{Requirements: []id.ID{v.Requirements[0].ID}, Title: "开展全面自查", Measure: "每院一份自查报告", Due: v.Directive.Published.AddDays(3650), Kind: directive.KindLead, To: org.ToBelow})
	return time.Since(start), sent, err
}

// benchIndex puts made-up texts into the index of the search. Those that hold a word
// that is asked for lead to tasks, each to one of its own, for which further orders
// are sent; the others are only in the way.
func benchIndex(ctx context.Context, a *App, texts int, tasks []directive.Task, progress io.Writer) error {
	for len(tasks) < texts*len(insightAsked)/insightRare {
		_, more, err := benchSend(ctx, a)
		if err != nil || len(more) == 0 {
			return err
		}
		tasks = append(tasks, more...)
	}
	rnd, runes := rand.New(rand.NewPCG(bulkSeed, 3)), insightRunes()
	const part = 20_000
	start := time.Now()
	for from := 0; from < texts; from += part {
		list := make([]search.Text, min(part, texts-from))
		for i := range list {
			text, asked := insightText(rnd, runes)
			list[i] = search.Text{Ref: id.New(), Text: text}
			if asked && len(tasks) > 0 {
				list[i].Ref, tasks = tasks[0].ID, tasks[1:]
			}
		}
		if err := a.DB.Write(ctx, func(tx *db.Tx) error { return search.AddMany(ctx, tx, "task", list) }); err != nil {
			return fmt.Errorf("bench: texts: %w", err)
		}
		if done := from + len(list); done%200_000 == 0 {
			fmt.Fprintf(progress, "%d texts, %s\n", done, time.Since(start).Round(time.Second))
		}
	}
	return a.DB.Optimize(ctx)
}
