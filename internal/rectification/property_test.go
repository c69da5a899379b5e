package rectification_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	rect "huikan/internal/rectification"
)

// TestNobodyClosesHisOwnWork takes random actions by random people, several of
// whom hold more than one role, and looks at what came of them.
func TestNobodyClosesHisOwnWork(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		double := liaison
		double.Person = "double"
		double.Grants = append([]actor.Grant{{Role: actor.Reviewer, Unit: hq.Unit, Path: hq.Path}}, double.Grants...)
		turned := reviewer // once of the unit, now a reviewer: the same person
		turned.Person = liaison.Person
		people := []actor.Actor{liaison, head, stranger, reviewer, office, double, turned}
		closed := 0
		rapid.Check(t, func(rt *rapid.T) {
			n := w.item(t, "A-1", nil)
			first := w.get(t, n)
			worked := map[id.ID]bool{}
			for range rapid.IntRange(12, 25).Draw(rt, "steps") {
				who := people[rapid.IntRange(0, len(people)-1).Draw(rt, "who")]
				before := w.get(t, n)
				// Mostly what the state allows, so that runs get far.
				var dos []string
				for _, st := range rect.Flow.From(before.State) {
					dos = append(dos, st.Do, st.Do)
				}
				dos = append(dos, "progress", "evidence", "read", "apply", "close")
				do := rapid.SampledFrom(dos).Draw(rt, "do")
				w.Clock.Advance(time.Minute)
				if err := w.try(t, who, n, do); err == nil && slices.Contains([]string{"claim", "submit_plan", "apply", "progress", "evidence"}, do) {
					worked[who.Person] = true
				} else if err != nil && fault.KindOf(err) == fault.KindInternal {
					rt.Fatalf("%s by %s: %v", do, who.Name, err)
				}
				after := w.get(t, n)
				if after.State == rect.StateClosed && before.State != after.State {
					closed++
				}
				if after.State == rect.StateClosed && worked[after.Closer] {
					rt.Fatalf("%s closed what he worked on", after.Closer)
				}
				if after.FedBack != first.FedBack || after.FirstDue != first.FirstDue {
					rt.Fatalf("the first clock moved: %+v", after)
				}
			}
		})
		if closed == 0 {
			t.Error("no run came as far as a close-out: the property says nothing")
		}
	})
}

// try takes one action with whatever it needs.
func (w *world) try(t *testing.T, who actor.Actor, n id.ID, do string) error {
	i := w.get(t, n)
	switch do {
	case "claim":
		return w.s.Claim(ctx, who, rect.ClaimCmd{Items: []id.ID{n}})
	case "submit_plan":
		if err := w.s.Plan(ctx, who, n, rect.PlanCmd{Lead: "李某", Department: "部门", Rev: i.Rev}); err != nil {
			return err
		}
		if _, err := w.s.AddMeasure(ctx, who, n, measure); err != nil {
			return err
		}
		return w.s.SubmitPlan(ctx, who, n, 0)
	case "approve_plan":
		return w.s.ApprovePlan(ctx, who, n, rect.DecideCmd{})
	case "return_plan":
		return w.s.ReturnPlan(ctx, who, n, rect.DecideCmd{Opinion: "不完整"})
	case "progress":
		return w.s.Report(ctx, who, n, rect.ProgressCmd{Text: "进展", On: "2026-03-01"})
	case "evidence":
		return second(w.s.HandIn(ctx, who, n, rect.EvidenceCmd{}, file("a.txt", "材料"+w.Clock.Now().String())))
	case "read":
		for _, e := range w.dossier(t, n).Evidence {
			if _, _, err := w.s.Evidence(ctx, who, e.ID); err != nil {
				return err
			}
		}
		return nil
	case "apply":
		if len(w.dossier(t, n).Measures) == 0 {
			return w.s.Apply(ctx, who, n, rect.ApplyCmd{})
		}
		if err := second(w.s.HandIn(ctx, who, n, rect.EvidenceCmd{}, file("a.txt", "材料"))); err != nil {
			return err
		}
		return w.s.Apply(ctx, who, n, w.applyCmd(t, n))
	case "close":
		if err := w.try(t, who, n, "read"); err != nil {
			return err
		}
		return w.s.Close(ctx, who, n, rect.DecideCmd{Borne: w.claims(t, n)})
	case "sign":
		return w.s.Sign(ctx, who, n, rect.DecideCmd{})
	case "recall":
		return w.s.Recall(ctx, who, n, rect.DecideCmd{Opinion: "不完整"})
	case "return":
		return w.s.Return(ctx, who, n, rect.DecideCmd{Reasons: []string{"evidence_missing"}})
	case "prolong":
		return w.s.Prolong(ctx, who, n, rect.DecideCmd{Lasting: rect.LastingPartial, Opinion: "部分完成"})
	}
	return w.s.ReopenBy(ctx, who, n, rect.ReopenCmd{Reason: "仍有问题"})
}
