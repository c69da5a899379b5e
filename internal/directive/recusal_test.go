package directive_test

import (
	"slices"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/web"
)

// Whom a task concerns finds it in no record, list or sum of its issue and gets
// no reminder of it; who was asked does not see whom else the issue asks.
func recusal(t *testing.T, w *world) {
	v := w.confirmed(t)
	c := two(v)
	c.Asks = "建章立制数量"
	tasks, err := w.s.Assign(ctx, w.boss, v.Directive.ID, c)
	if err != nil {
		t.Fatal(err)
	}
	hidden, issue := tasks[0].ID, tasks[0].Issue
	if err := w.Log.Write(ctx, w.boss, "test.concern", func(tx *audit.Tx) error {
		return access.Concern(ctx, tx, hidden, w.other.Person, access.Subject)
	}); err != nil {
		t.Fatal(err)
	}
	w.Clock.Set(clock.Date("2026-08-01").Time())
	if _, err := w.s.Remind(ctx); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		who  actor.Actor
		want int
	}{{w.boss, 2}, {w.other, 1}} {
		v, err := w.s.Issue(ctx, x.who, issue)
		if err != nil || len(v.Tasks) != x.want || v.Tally.All != x.want {
			t.Errorf("%s: %d tasks, sum %+v, %v", x.who.Name, len(v.Tasks), v.Tally, err)
		}
		if _, list, err := w.s.AnswersOf(ctx, x.who, issue); err != nil || len(list) != x.want {
			t.Errorf("%s: answers of %d tasks, %v", x.who.Name, len(list), err)
		}
		if l, err := w.s.Issues(ctx, x.who, page.Query{Size: 20}); err != nil || l.Tally[issue].All != x.want {
			t.Errorf("%s: the list says %+v, %v", x.who.Name, l.Tally[issue], err)
		}
		todos, err := w.s.Todo(ctx, x.who)
		if told := slices.ContainsFunc(todos, func(d web.Todo) bool { return d.Href == "/tasks/"+string(hidden) }); err != nil || told != (x.want == 2) {
			t.Errorf("%s: reminded %t, %v", x.who.Name, told, err)
		}
	}
	for _, u := range []struct {
		who  actor.Actor
		unit string
	}{{w.boss, c.Units}, {w.at(t, w.dir.Name(tasks[1].Unit), actor.Liaison), ""}} {
		got, err := w.s.Task(ctx, u.who, tasks[1].ID)
		if err != nil || got.Issue.ID != issue || got.Issue.Command.Units != u.unit || len(got.Issue.Command.Fields()) != 1 {
			t.Errorf("%s sees %+v, %v", u.who.Name, got.Issue, err)
		}
	}
}
