package directive_test

import (
	"net/url"
	"strings"
	"testing"

	"huikan/internal/directive"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/platformtest"
)

// A recurring order is sent again in each period, once, until it is stopped.
func recurrence(t *testing.T, w *world) {
	v := w.confirmed(t)
	c := two(v)
	c.Every, c.Until = directive.EveryQuarter, "2026-12-31"
	first, err := w.s.Assign(ctx, w.boss, v.Directive.ID, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		day  clock.Date
		want int
	}{{"2026-06-30", 0}, {"2026-07-01", 2}, {"2026-07-02", 0}, {"2026-10-08", 2}, {"2027-01-05", 0}, {"2027-04-05", 0}} {
		w.Clock.Set(x.day.Time())
		if got, err := w.s.Recur(ctx); err != nil || got != x.want {
			t.Errorf("%s: %d sent, want %d, %v", x.day, got, x.want, err)
		}
	}
	l, err := w.s.Tasks(ctx, w.unit, page.Query{Size: 20, View: directive.ViewAll, Filter: url.Values{}})
	var periods []string
	for _, task := range l.Rows {
		if task.Issue != first[0].Issue {
			continue
		}
		periods = append(periods, task.Period+" "+string(task.Due))
	}
	if got := strings.Join(periods, ","); err != nil || got != "2026Q2 2026-06-30,2026Q3 2026-09-30,2026Q4 2026-12-30" {
		t.Errorf("%s %v", got, err)
	}
}

func reconciliation(t *testing.T, w *world) {
	_, tasks := w.issued(t, henan+"、"+hubei)
	for _, do := range []string{"sign", "report"} {
		if err := w.s.Step(ctx, w.unit, tasks[0].ID, do, directive.StepCmd{Text: "已办"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{"2026Q9", "2099Q1", "第二季度"} {
		_, err := w.s.OpenQuarter(ctx, w.boss, bad)
		platformtest.WantKind(t, bad, err, fault.KindInvalid)
	}
	_, err := w.s.OpenQuarter(ctx, w.unit, "2026Q2")
	platformtest.WantKind(t, "a unit opens it", err, fault.KindInvalid)
	w.Clock.Set(clock.Date("2026-07-02").Time())
	_, err = w.s.OpenQuarter(ctx, w.unit, "2026Q2")
	platformtest.WantKind(t, "a unit opens it", err, fault.KindNotFound)
	if n, err := w.s.OpenQuarter(ctx, w.boss, "2026Q2"); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	_, err = w.s.OpenQuarter(ctx, w.boss, "2026Q2")
	platformtest.WantKind(t, "twice", err, fault.KindState)
	l, err := w.s.Accounts(ctx, w.unit, page.Query{Size: 20, Filter: url.Values{}})
	if err != nil || len(l.Rows) != 1 || l.Rows[0].Reported != 1 || l.Rows[0].Verified != 0 || l.Rows[0].Late != 0 {
		t.Fatalf("%+v %v", l.Rows, err)
	}
	n := l.Rows[0].ID
	step := func(who actor.Actor, do, text string) error {
		return w.s.AccountStep(ctx, who, n, do, directive.StepCmd{Text: text})
	}
	platformtest.WantKind(t, "a stranger", step(w.city, "confirm", ""), fault.KindNotFound)
	platformtest.WantKind(t, "a dispute without words", step(w.unit, "dispute", ""), fault.KindInvalid)
	if err := step(w.unit, "dispute", "应算办结"); err != nil {
		t.Fatal(err)
	}
	if got := w.kinds(t, w.boss); !strings.Contains(got, "quarter.todo.settle") {
		t.Error(got)
	}
	platformtest.WantKind(t, "the unit settles", step(w.unit, "settle", "x"), fault.KindNotFound)
	if err := step(w.boss, "settle", "尚未复核，不算办结"); err != nil {
		t.Fatal(err)
	}
}
