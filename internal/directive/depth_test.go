package directive_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"huikan/hantext"
	"huikan/internal/directive"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/ui/uitest"
	"huikan/internal/platform/vault"
)

const henan, hubei = "河南省人民检察院", "湖北省人民检察院"

// two is what most tests ask of two provinces.
func two(v directive.View) directive.AssignCmd {
	return directive.AssignCmd{Requirements: []id.ID{v.Requirements[0].ID}, Title: "核对未销号事项", Measure: "逐项报送清单", Due: "2026-06-30", Kind: directive.KindLead, To: org.ToUnits, Units: henan + "、" + hubei}
}

func (w *world) confirmed(t *testing.T) directive.View {
	t.Helper()
	res, err := w.s.Import(ctx, w.boss, article(t, report), false)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.s.Confirm(ctx, w.boss, res.Directive.ID, 0); err != nil {
		t.Fatal(err)
	}
	v, err := w.s.Get(ctx, w.boss, res.Directive.ID)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (w *world) kinds(t *testing.T, who actor.Actor) string {
	t.Helper()
	todos, err := w.s.Todo(ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, x := range todos {
		out = append(out, x.Kind)
	}
	return strings.Join(out, " ")
}

func (w *world) at(t *testing.T, unit string, role actor.Role) actor.Actor {
	t.Helper()
	u, ok := w.dir.ByName(unit)
	if !ok {
		t.Fatalf("no unit %s", unit)
	}
	return platformtest.As(string(role)+"-"+u.Code, role, w.dir.Place(u.ID))
}

func TestTheDepthTablesHold(t *testing.T) {
	for _, f := range []flow.Table{directive.IssueFlow, directive.CosignFlow, directive.AccountFlow} {
		if err := f.Check(); err != nil {
			t.Error(err)
		}
	}
	if p := directive.Supervision(); p.NearDays <= 0 || p.Extensions <= 0 || len(p.Tiers) != 4 || p.Source == "" {
		t.Errorf("%+v", p)
	}
}

// The rules share two worlds, because a world has the whole tree of units.
func TestDepth(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, x := range []struct {
			name string
			fn   func(*testing.T, *world)
		}{{"preview", preview}, {"approval", approval}, {"extension", extension}, {"handing on", handingOn}, {"countersignature", countersignature}, {"coverage", coverage}, {"pages", depthPages}} {
			t.Run(x.name, func(t *testing.T) { w.Clock.Set(platformtest.Start); x.fn(t, w) })
		}
	})
}

func TestTimeMoves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, x := range []struct {
			name string
			fn   func(*testing.T, *world)
		}{{"climbing", climbing}, {"reconciliation", reconciliation}, {"recurrence", recurrence}} {
			t.Run(x.name, func(t *testing.T) { w.Clock.Set(platformtest.Start); x.fn(t, w) })
		}
	})
}

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

func TestDoubtsPointAtWeakerWordings(t *testing.T) {
	for _, c := range []struct{ source, local, kind string }{
		{"必须逐项核对未销号事项", "逐项核对未销号事项，报送清单", ""},
		{"必须逐项核对未销号事项", "原则上核对未销号事项", "weakened"},
		{"对所有反弹问题倒查责任", "对部分反弹问题倒查责任", "partial"},
		{"不得以会议落实会议", "可以召开会议落实", "unforbidden"},
		{"整改完成率达到95%以上", "完成率达到80%", "smaller"},
		{"要在3个月内完成", "1个月内完成第一批，3个月内全部完成", ""},
		{"鼓励各地探索", "鼓励探索", ""},
	} {
		got := ""
		for _, d := range directive.Doubts(c.source, c.local) {
			got += d.Kind
		}
		if got != c.kind {
			t.Errorf("%s → %s: %q, want %q", c.source, c.local, got, c.kind)
		}
	}
}

// A text copied out of a PDF has a line for each line of the page; put together
// it asks for the same as the whole one, and a text with paragraphs stays as it is.
func TestLinesOfAPageArePutTogether(t *testing.T) {
	whole := article(t, report)
	if same, cut := directive.Unwrap(whole); cut || strings.Join(same.Body, "\n") != strings.Join(whole.Body, "\n") {
		t.Error("a text with paragraphs was changed")
	}
	broken := whole
	broken.Body = nil
	for i, p := range whole.Body {
		runes := []rune(p)
		for len(runes) > 0 {
			n := min(22, len(runes))
			broken.Body = append(broken.Body, string(runes[:n]))
			runes = runes[n:]
		}
		if i == 2 {
			broken.Body = append(broken.Body, "— 3 —")
		}
	}
	joined, cut := directive.Unwrap(broken)
	if !cut || texts(directive.Extract(joined)) != texts(directive.Extract(whole)) {
		t.Errorf("cut %v:\n%s\nwant\n%s", cut, texts(directive.Extract(joined)), texts(directive.Extract(whole)))
	}
	for _, text := range []string{"", "标题\n一、第一项工作没有句号\n二、第二项工作也没有句号\n三、第三项工作也没有句号\n四、第四项工作\n"} {
		a := hantext.Article{Body: strings.Split(text, "\n")}
		if _, cut := directive.Unwrap(a); cut {
			t.Errorf("a list was put together: %q", text)
		}
	}
}

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
	if len(p.Twice) != 1 || p.Twice[0].Units != 2 || len(p.Known) == 0 || p.Known[0].Href != "/ledger" {
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

func depthPages(t *testing.T, w *world) {
	site := w.Serve(t, w.s.Room())
	v := w.confirmed(t)
	chief, wuhan := w.at(t, "最高人民检察院", actor.Leader), w.at(t, hubei, actor.Liaison)
	c := two(v)
	c.Asks, c.Minutes, c.Every = "建章立制数量", 10, directive.EveryMonth
	waiting, err := w.s.Propose(ctx, w.boss, v.Directive.ID, c)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := w.s.Assign(ctx, w.boss, v.Directive.ID, c)
	if err != nil {
		t.Fatal(err)
	}
	n := sent[0].ID
	if err := w.s.Step(ctx, w.unit, n, "sign", directive.StepCmd{}, nil); err != nil {
		t.Fatal(err)
	}
	cos, err := w.s.AskCosign(ctx, w.unit, n, directive.UnitCmd{Unit: hubei, Text: "请会签"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.s.Extend(ctx, w.unit, n, directive.ExtendCmd{To: "2026-07-10", Text: "材料多"}); err != nil {
		t.Fatal(err)
	}
	base, task := "/directives/"+string(v.Directive.ID), "/tasks/"+string(n)
	w.Clock.Set(clock.Date("2026-04-02").Time())
	if _, err := w.s.OpenQuarter(ctx, w.boss, "2026Q2"); err != nil {
		t.Fatal(err)
	}
	acc, err := w.s.Accounts(ctx, w.unit, page.Query{Size: 20, Filter: url.Values{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		who  actor.Actor
		path string
		want int
		has  string
	}{
		{w.boss, base + "/coverage", 200, "无佐证"}, {w.boss, base + "/coverage?view=untasked", 200, "无任务"}, {w.boss, base + "/coverage?view=wording", 200, "表述"},
		{w.boss, "/issues", 200, "待审核"}, {w.boss, "/issues?view=recurring", 200, "每月"}, {w.boss, "/issues?view=proposed&q=核对", 200, "核对未销号"},
		{chief, "/issues/" + string(waiting.ID), 200, "审核通过并下发"}, {w.boss, "/issues/" + string(sent[0].Issue), 200, "催办全部"}, {w.unit, "/issues/" + string(sent[0].Issue), 404, ""},
		{w.unit, task, 200, "申请转办"}, {w.boss, task, 200, "批准延期"}, {wuhan, "/cosigns/" + string(cos.ID), 200, "会签同意"}, {w.city, "/cosigns/" + string(cos.ID), 404, ""},
		{w.boss, "/reconciliations", 200, "2026Q2"}, {w.unit, "/reconciliations/" + string(acc.Rows[0].ID), 200, "确认无误"}, {w.city, "/reconciliations/" + string(acc.Rows[0].ID), 404, ""},
		{w.boss, "/burden?month=2026-03", 200, "基层"}, {w.boss, "/burden?month=x", 422, ""},
	} {
		site.Actor = x.who
		for _, lang := range []string{"zh", "en"} {
			u, err := url.Parse(x.path)
			if err != nil {
				t.Fatal(err)
			}
			u.RawQuery = u.Query().Encode()
			r := httptest.NewRequest(http.MethodGet, u.String(), nil)
			r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
			code, body := site.Send(t, r)
			if code != x.want || lang == "zh" && !strings.Contains(body, x.has) {
				t.Errorf("%s %s: %d, want %d with %q: %.300s", x.who.Name, x.path, code, x.want, x.has, body)
			}
			if code == 200 {
				for _, wrong := range uitest.Check(body) {
					t.Errorf("%s %s: %s", x.path, lang, wrong)
				}
			}
		}
	}
	site.Actor = w.unit
	for _, path := range []string{task + "/docx"} {
		if code, body := site.Send(t, httptest.NewRequest(http.MethodGet, path, nil)); code != 200 || !strings.HasPrefix(body, "PK") {
			t.Errorf("%s: %d %.100s", path, code, body)
		}
	}
	site.Actor = w.boss
	if code, body := site.Send(t, httptest.NewRequest(http.MethodGet, "/issues/"+string(sent[0].Issue)+"/answers", nil)); code != 200 || !strings.HasPrefix(body, "PK") {
		t.Errorf("answers: %d %.100s", code, body)
	}
	form := url.Values{"requirements": {string(v.Requirements[0].ID)}, "title": {"再要一次"}, "measure": {"报送清单"}, "due": {"2026-06-30"}, "kind": {"lead"}, "to": {"units"}, "units": {henan}, "asks": {"建章立制的数量"}, "then": {"preview"}}
	if code, body := site.Post(t, base+"/assign", form); code != 200 || !strings.Contains(body, "可能重复") || !strings.Contains(body, "将发给 1 个单位") {
		t.Errorf("preview: %d %.400s", code, body)
	}
	site.Actor = w.unit
	if code, body := site.Post(t, task+"/extend", url.Values{"to": {"昨日黄花"}, "text": {"x"}}); code != 422 || !strings.Contains(body, "申请转办") {
		t.Errorf("a wrong date: %d %.300s", code, body)
	}
}
