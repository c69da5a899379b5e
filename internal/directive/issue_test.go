package directive_test

import (
	"net/url"
	"slices"
	"testing"

	"huikan/internal/directive"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/platformtest"
)

// 立项 and 审核: what a supervisor proposes reaches nobody before a leader, who
// is somebody else, has approved it; both nodes stand on every task afterwards.
func approval(t *testing.T, w *world) {
	v := w.confirmed(t)
	chief := w.at(t, "最高人民检察院", actor.Leader)
	before := w.kinds(t, w.unit)
	x, err := w.s.Propose(ctx, w.boss, v.Directive.ID, two(v))
	if err != nil {
		t.Fatal(err)
	}
	if got := w.kinds(t, w.unit); got != before {
		t.Errorf("a proposal reached a unit: %s", got)
	}
	if got := w.kinds(t, chief); got != "issue.todo.approve" {
		t.Errorf("the leader is asked for %q", got)
	}
	step := func(who actor.Actor, do, text string) error {
		_, err := w.s.IssueStep(ctx, who, x.ID, do, directive.IssueCmd{Text: text})
		return err
	}
	platformtest.WantKind(t, "a supervisor approves", step(w.boss, "approve", ""), fault.KindNotFound)
	both := w.boss
	both.Grants = append(both.Grants, actor.Grant{Role: actor.Leader, Unit: both.Unit, Path: both.Path})
	platformtest.WantKind(t, "the author approves", step(both, "approve", ""), fault.KindState)
	platformtest.WantKind(t, "a rejection without words", step(chief, "reject", ""), fault.KindInvalid)
	if err := step(chief, "approve", "同意"); err != nil {
		t.Fatal(err)
	}
	platformtest.WantKind(t, "approved twice", step(chief, "approve", ""), fault.KindState)
	iv, err := w.s.Issue(ctx, w.boss, x.ID)
	if err != nil || len(iv.Tasks) != 2 {
		t.Fatalf("%v %v", iv.Tasks, err)
	}
	tv, err := w.s.Task(ctx, w.boss, iv.Tasks[0].ID)
	if err != nil || tv.Issue.Judge != chief.Person || tv.Issue.No != x.No {
		t.Fatalf("%+v %v", tv.Issue, err)
	}
	second, err := w.s.Propose(ctx, w.boss, v.Directive.ID, two(v))
	if err != nil || second.No != x.No+1 {
		t.Fatalf("numbers have gaps: %d %v", second.No, err)
	}
}

// The preview counts receivers and minutes, and names what is there already.
func preview(t *testing.T, w *world) {
	v := w.confirmed(t)
	c := two(v)
	c.Asks, c.Minutes = "建章立制数量\n组织学习次数", 15
	sent, err := w.s.Assign(ctx, w.boss, v.Directive.ID, c)
	if err != nil {
		t.Fatal(err)
	}
	c.Title, c.Asks = "汇总制度", "建章立制的数\n未销号事项数"
	p, err := w.s.Preview(ctx, w.boss, v.Directive.ID, c)
	if err != nil || len(p.To) != 2 || p.Fields != 2 || p.Total != 30 {
		t.Fatalf("%+v %v", p, err)
	}
	if len(p.Twice) != 1 || p.Twice[0].Units != 2 || len(p.Known) == 0 || p.Known[0].Href != "/ledger" || !slices.Equal(p.Known[0].Asked, []string{"未销号事项数"}) {
		t.Errorf("%+v %+v", p.Twice, p.Known)
	}
	if l, err := w.s.Issues(ctx, w.boss, page.Query{Size: 20, Filter: url.Values{}}); err != nil || len(l.Rows) != 1 {
		t.Errorf("a preview sent something: %d %v", len(l.Rows), err)
	}
	n := sent[0].ID
	if err := w.s.Step(ctx, w.unit, n, "sign", directive.StepCmd{}, nil); err != nil {
		t.Fatal(err)
	}
	platformtest.WantKind(t, "a field left empty", w.s.Step(ctx, w.unit, n, "report", directive.StepCmd{Text: "已办", Answers: map[string]string{"建章立制数量": "3"}}, nil), fault.KindInvalid)
	if err := w.s.Step(ctx, w.unit, n, "report", directive.StepCmd{Text: "已办", Answers: map[string]string{"建章立制数量": "3", "组织学习次数": "2"}}, nil); err != nil {
		t.Fatal(err)
	}
	b, err := w.s.BurdenOf(ctx, w.boss, clock.Of(w.Clock.Now()))
	if err != nil || b.ByLevel[2].Units != 2 || b.ByLevel[2].Fields != 4 || b.ByLevel[2].Minutes != 30 || len(b.Issues) != 1 {
		t.Errorf("%+v %v", b, err)
	}
	if b, err := w.s.BurdenOf(ctx, w.unit, clock.Of(w.Clock.Now())); err != nil || b.ByLevel[2].Units != 1 || len(b.Issues) != 0 {
		t.Errorf("a unit counts %+v %v", b, err)
	}
}
