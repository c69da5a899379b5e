package directive_test

import (
	"strings"
	"testing"

	"huikan/internal/directive"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/platformtest"
)

func extension(t *testing.T, w *world) {
	_, tasks := w.issued(t, henan)
	n := tasks[0].ID
	ask := func(to clock.Date, text string) error {
		return w.s.Extend(ctx, w.unit, n, directive.ExtendCmd{To: to, Text: text})
	}
	platformtest.WantKind(t, "before signing", ask("2026-07-10", "x"), fault.KindState)
	if err := w.s.Step(ctx, w.unit, n, "sign", directive.StepCmd{}, nil); err != nil {
		t.Fatal(err)
	}
	platformtest.WantKind(t, "without reason", ask("2026-07-10", " "), fault.KindInvalid)
	platformtest.WantKind(t, "not later", ask("2026-06-30", "x"), fault.KindInvalid)
	platformtest.WantKind(t, "nothing to grant", w.s.Decide(ctx, w.boss, n, true, directive.StepCmd{}), fault.KindState)
	platformtest.WantKind(t, "by the plain step", w.s.Step(ctx, w.boss, n, "grant", directive.StepCmd{}, nil), fault.KindState)
	for i, to := range []clock.Date{"2026-07-10", "2026-07-20"} {
		if err := ask(to, "材料较多"); err != nil {
			t.Fatal(err)
		}
		platformtest.WantKind(t, "a second request", ask("2026-07-30", "x"), fault.KindState)
		if got := w.kinds(t, w.boss); !strings.Contains(got, "task.todo.grant") {
			t.Errorf("nobody is asked to decide: %s", got)
		}
		platformtest.WantKind(t, "refusing without words", w.s.Decide(ctx, w.boss, n, false, directive.StepCmd{}), fault.KindInvalid)
		if i == 0 {
			if err := w.s.Decide(ctx, w.boss, n, false, directive.StepCmd{Text: "理由不足"}); err != nil {
				t.Fatal(err)
			}
			if err := ask(to, "补充理由"); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.s.Decide(ctx, w.boss, n, true, directive.StepCmd{}); err != nil {
			t.Fatal(err)
		}
		v, err := w.s.Task(ctx, w.unit, n)
		if err != nil || v.Task.Due != to {
			t.Fatalf("%s %v", v.Task.Due, err)
		}
	}
	platformtest.WantKind(t, "more often than the practice allows", ask("2026-08-30", "x"), fault.KindState)
}

func handingOn(t *testing.T, w *world) {
	_, tasks := w.issued(t, henan)
	n := tasks[0].ID
	wuhan := w.at(t, hubei, actor.Liaison)
	for _, c := range []struct{ name, unit, text string }{{"no unit", "", "x"}, {"itself", henan, "x"}, {"no reason", hubei, ""}} {
		platformtest.WantKind(t, c.name, w.s.HandOn(ctx, w.unit, n, directive.UnitCmd{Unit: c.unit, Text: c.text}), fault.KindInvalid)
	}
	platformtest.WantKind(t, "a stranger", w.s.HandOn(ctx, wuhan, n, directive.UnitCmd{Unit: hubei, Text: "x"}), fault.KindNotFound)
	if err := w.s.HandOn(ctx, w.unit, n, directive.UnitCmd{Unit: hubei, Text: "该事项属湖北管辖"}); err != nil {
		t.Fatal(err)
	}
	platformtest.WantKind(t, "the unit decides itself", w.s.Step(ctx, w.unit, n, "redirect", directive.StepCmd{}, nil), fault.KindNotFound)
	if err := w.s.Step(ctx, w.boss, n, "redirect", directive.StepCmd{}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Task(ctx, w.unit, n); !fault.Is(err, fault.KindNotFound) {
		t.Errorf("the old unit still reads it: %v", err)
	}
	if err := w.s.Step(ctx, wuhan, n, "sign", directive.StepCmd{}, nil); err != nil {
		t.Error(err)
	}
}

func countersignature(t *testing.T, w *world) {
	_, tasks := w.issued(t, henan)
	n := tasks[0].ID
	wuhan := w.at(t, hubei, actor.Liaison)
	if err := w.s.Step(ctx, w.unit, n, "sign", directive.StepCmd{}, nil); err != nil {
		t.Fatal(err)
	}
	c, err := w.s.AskCosign(ctx, w.unit, n, directive.UnitCmd{Unit: hubei, Text: "两省共管的三项已核对一致"})
	if err != nil {
		t.Fatal(err)
	}
	report := func() error {
		return w.s.Step(ctx, w.unit, n, "report", directive.StepCmd{Text: "已办"}, nil)
	}
	platformtest.WantKind(t, "reporting before the signature", report(), fault.KindState)
	if got := w.kinds(t, wuhan); !strings.Contains(got, "cosign.todo") {
		t.Errorf("who signs is not asked: %s", got)
	}
	if _, err := w.s.Task(ctx, wuhan, n); !fault.Is(err, fault.KindNotFound) {
		t.Errorf("who signs reads the whole task: %v", err)
	}
	platformtest.WantKind(t, "who asks cannot sign", w.s.CosignStep(ctx, w.unit, c.ID, "agree", directive.StepCmd{}), fault.KindNotFound)
	platformtest.WantKind(t, "an objection without words", w.s.CosignStep(ctx, wuhan, c.ID, "object", directive.StepCmd{}), fault.KindInvalid)
	platformtest.WantKind(t, "a stranger", w.s.CosignStep(ctx, w.city, c.ID, "agree", directive.StepCmd{}), fault.KindNotFound)
	if err := w.s.CosignStep(ctx, wuhan, c.ID, "agree", directive.StepCmd{Text: "同意"}); err != nil {
		t.Fatal(err)
	}
	platformtest.WantKind(t, "signed twice", w.s.CosignStep(ctx, wuhan, c.ID, "agree", directive.StepCmd{}), fault.KindState)
	if err := report(); err != nil {
		t.Fatal(err)
	}
}

// Reminders are written once for each tier and reach whom the tier names.
func climbing(t *testing.T, w *world) {
	_, tasks := w.issued(t, henan)
	line, head := w.at(t, henan, actor.Leader), w.at(t, henan, actor.UnitHead)
	for _, c := range []struct {
		day     clock.Date
		written int
		who     actor.Actor
		kind    string
	}{
		{"2026-06-22", 0, w.unit, ""}, {"2026-06-23", 1, w.unit, "task.todo.remind.handler"}, {"2026-07-01", 1, line, "task.todo.remind.line"},
		{"2026-07-07", 1, head, "task.todo.remind.head"}, {"2026-07-15", 1, w.boss, "task.todo.remind.asker"}, {"2026-07-16", 0, w.boss, "task.todo.remind.asker"},
	} {
		w.Clock.Set(c.day.Time())
		got, err := w.s.Remind(ctx)
		if err != nil || got != c.written {
			t.Errorf("%s: %d written, want %d, %v", c.day, got, c.written, err)
		}
		if kinds := w.kinds(t, c.who); !strings.Contains(kinds, c.kind) {
			t.Errorf("%s: %s", c.day, kinds)
		}
	}
	if err := w.s.Step(ctx, w.boss, tasks[0].ID, "withdraw", directive.StepCmd{Text: "改由他院办理"}, nil); err != nil {
		t.Fatal(err)
	}
}
