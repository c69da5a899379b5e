package directive_test

import (
	"net/url"
	"strings"
	"testing"

	"huikan/internal/directive"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/vault"
)

// Coverage names the sentence without task, the report without evidence, and
// the local wording that says less; a person's judgement takes precedence.
func coverage(t *testing.T, w *world) {
	v, tasks := w.issued(t, henan)
	n := tasks[0].ID
	if err := w.s.Step(ctx, w.unit, n, "sign", directive.StepCmd{}, nil); err != nil {
		t.Fatal(err)
	}
	_, err := w.s.BreakDown(ctx, w.unit, n, directive.AssignCmd{Title: "抽查部分事项", Measure: "原则上报清单", Due: "2026-05-30", Kind: directive.KindLead, To: org.ToUnits, Units: "新乡市人民检察院"})
	if err != nil {
		t.Fatal(err)
	}
	cover := func() directive.Coverage {
		c, err := w.s.Coverage(ctx, w.boss, v.Directive.ID)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := cover()
	untasked, odd := 0, []directive.Wording{}
	for _, l := range c.Lines {
		if l.Untasked() {
			untasked++
		}
	}
	for _, x := range c.Wordings {
		if x.Contradicting() {
			odd = append(odd, x)
		}
	}
	if untasked != len(c.Lines)-1 || len(c.Wordings) != 2 || len(odd) != 1 || odd[0].Issue.Unit != w.unit.Unit {
		t.Fatalf("%d of %d untasked, %d wordings, odd %+v", untasked, len(c.Lines), len(c.Wordings), odd)
	}
	judge := func(who actor.Actor, reading, text string) error {
		_, err := w.s.IssueStep(ctx, who, odd[0].Issue.ID, "judge", directive.IssueCmd{Reading: reading, Text: text})
		return err
	}
	platformtest.WantKind(t, "the unit judges itself", judge(w.unit, "conforms", ""), fault.KindNotFound)
	platformtest.WantKind(t, "a contradiction without reason", judge(w.boss, "contradicts", ""), fault.KindInvalid)
	if err := judge(w.boss, "contradicts", "原文要求逐项，不是抽查"); err != nil {
		t.Fatal(err)
	}
	if got := w.kinds(t, w.unit); !strings.Contains(got, "issue.todo.reword") {
		t.Errorf("who worded it is not told: %s", got)
	}
	touched, err := w.s.IssueStep(ctx, w.unit, odd[0].Issue.ID, "reword", directive.IssueCmd{Title: "逐项核对", Measure: "逐项报清单"})
	if err != nil || touched != 1 {
		t.Fatalf("%d %v", touched, err)
	}
	for _, x := range cover().Wordings {
		if x.Contradicting() {
			t.Errorf("still in doubt: %+v", x)
		}
	}
	kids, err := w.s.Tasks(ctx, w.city, page.Query{Size: 20, View: directive.ViewAll, Filter: url.Values{}})
	if err != nil || kids.Rows[0].Title != "逐项核对" {
		t.Fatalf("%+v %v", kids.Rows, err)
	}
	kid := kids.Rows[0].ID
	for _, do := range []string{"sign", "report"} {
		if err := w.s.Step(ctx, w.city, kid, do, directive.StepCmd{Text: "已办"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if l := lineOf(cover(), v.Requirements[0].ID); !l.Unproven() || l.Tally.Reported != 1 || l.Tally.Verified != 0 {
		t.Errorf("a report without evidence counts as %+v", l.Tally)
	}
	f := vault.Stored{Hash: strings.Repeat("a", 64), Name: "清单.txt", Mime: "text/plain", Size: 3}
	if err := w.s.Step(ctx, w.unit, n, "progress", directive.StepCmd{Text: "清单"}, []vault.Stored{f}); err != nil {
		t.Fatal(err)
	}
	if err := w.s.Step(ctx, w.unit, kid, "accept", directive.StepCmd{}, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.s.Step(ctx, w.unit, n, "report", directive.StepCmd{Text: "已办"}, nil); err != nil {
		t.Fatal(err)
	}
	if l := lineOf(cover(), v.Requirements[0].ID); l.Unproven() || l.Tally.Verified != 1 || l.Tally.Evidence != 1 {
		t.Errorf("%+v", l.Tally)
	}
	if tv, err := w.s.Task(ctx, w.boss, n); err != nil || tv.Below.Verified != 1 || tv.Below.Reported != 0 || len(tv.Ladder) != 0 {
		t.Errorf("%+v %v", tv.Below, err)
	}
	if tv, err := w.s.Task(ctx, w.city, kid); err != nil || len(tv.Ladder) != 1 || tv.Ladder[0].Title != "核对未销号事项" {
		t.Errorf("%+v %v", tv.Ladder, err)
	}
}

func lineOf(c directive.Coverage, n id.ID) directive.CoverageLine {
	for _, l := range c.Lines {
		if l.Requirement.ID == n {
			return l
		}
	}
	return directive.CoverageLine{}
}
