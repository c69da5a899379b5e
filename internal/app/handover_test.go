package app_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"huikan/hantext"
	"huikan/internal/app"
	"huikan/internal/conduct"
	"huikan/internal/directive"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/meeting"
	"huikan/internal/notice"
	"huikan/internal/org"
	"huikan/internal/platform/db/dbtest"
	"huikan/internal/platform/platformtest"
	"huikan/internal/rectification"
)

const oldName, newName = "新乡市牧野区人民检察院", "新乡市红旗区人民检察院"

// A county is merged into its neighbour in the middle of the year: what is open goes
// over in one step that can be looked at before, what is finished stays under the old
// name, and the number of cases is told to nobody.
func TestAMergedUnitHandsOver(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			c := app.Config{Data: t.TempDir()}
			if engine == "postgres" {
				c.Database = dbtest.Postgres(t)
			}
			a, err := app.Open(ctx, c)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := a.Close(); err != nil {
					t.Error(err)
				}
			}()
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			for _, c := range []org.AddUnitCmd{{Code: "00000000", Name: "最高人民检察院", Level: 1, Kind: "spp"}, {Code: "41000000", Name: "河南省人民检察院", Level: 2, Kind: "provincial", Parent: "00000000", Region: "410000"},
				{Code: "13000000", Name: "河北省人民检察院", Level: 2, Kind: "provincial", Parent: "00000000", Region: "130000"}, {Code: "41070000", Name: "新乡市人民检察院", Level: 3, Kind: "prefecture", Parent: "41000000", Region: "410700"},
				{Code: "41071100", Name: oldName, Level: 4, Kind: "basic", Parent: "41070000", Region: "410711"}, {Code: "41070200", Name: newName, Level: 4, Kind: "basic", Parent: "41070000", Region: "410702"}} {
				_, err := a.Org.Add(ctx, app.System(), c)
				must(err)
			}
			mergedUnit(t, a, must)
		})
	}
}

func mergedUnit(t *testing.T, a *app.App, must func(error)) {
	today := clock.Today(a.Clock)
	dir := a.Org.Directory()
	unit := func(name string) org.Unit {
		u, ok := dir.ByName(name)
		if !ok {
			t.Fatalf("no unit %s", name)
		}
		return u
	}
	as := func(person string, r actor.Role, u org.Unit) actor.Actor {
		return platformtest.As(person, r, dir.Place(u.ID))
	}
	from, to, city := unit(oldName), unit(newName), unit("新乡市人民检察院")
	boss, office, leader := as("boss", actor.Supervisor, city), as("office", actor.InternalSupervision, city), as("leader", actor.Leader, city)
	before, after := as("before", actor.Liaison, from), as("after", actor.Liaison, to)
	personnel := as("personnel", actor.Personnel, city)

	text, err := hantext.Clean([]byte("市检察院召开推进会\n来源：检察网　发布时间：2026-01-02\n会议要求——逐项核对未销号事项，明确责任人；对反弹问题倒查整改责任。\n"))
	must(err)
	res, err := a.Directive.Import(ctx, boss, text, false)
	must(err)
	must(a.Directive.Confirm(ctx, boss, res.Directive.ID, 0))
	v, err := a.Directive.Get(ctx, boss, res.Directive.ID)
	must(err)
	assign := func(title, units string) []directive.Task {
		list, err := a.Directive.Assign(ctx, boss, res.Directive.ID, directive.AssignCmd{Requirements: []id.ID{v.Requirements[0].ID}, Title: title, Measure: "清单", Due: today.AddDays(60), Kind: directive.KindLead, To: org.ToUnits, Units: units})
		must(err)
		return list
	}
	finished, open := assign("已办结的", oldName)[0], assign("办理中的", oldName)[0]
	for _, x := range []struct {
		who actor.Actor
		do  string
	}{{before, "sign"}, {before, "report"}, {boss, "accept"}} {
		must(a.Directive.Step(ctx, x.who, finished.ID, x.do, directive.StepCmd{Text: "已办"}, nil))
	}
	call := func(title, units string) id.ID {
		m, err := a.Meeting.Create(ctx, boss, meeting.Cmd{Title: title, On: today.AddDays(3), Begins: "14:30", Form: meeting.FormVideo, Place: "主会场", Host: "周宁", Audience: org.ToUnits, Units: units, Agenda: "通报 | 周宁 | 20"})
		must(err)
		_, err = a.Meeting.Call(ctx, boss, m.ID, 0)
		must(err)
		return m.ID
	}
	alone, both := call("只通知一个院", oldName), call("两个院都通知", oldName+"\n"+newName)
	issue := func(title string) id.ID {
		n, err := a.Notice.Create(ctx, office, notice.Cmd{Kind: notice.KindStatistic, Title: title, Editor: "编辑", Body: "请组织学习。", PublicTitle: title, PublicBody: "请组织学习。"})
		must(err)
		must(a.Notice.Submit(ctx, office, n.ID, 0))
		must(a.Notice.Approve(ctx, leader, n.ID, 0))
		_, err = a.Notice.Issue(ctx, office, n.ID, notice.IssueCmd{To: org.ToUnits, Units: oldName})
		must(err)
		return n.ID
	}
	studied, waiting := issue("已学习的通报"), issue("待学习的通报")
	must(a.Notice.Sign(ctx, before, studied))
	must(a.Notice.Study(ctx, before, studied, notice.StudyCmd{HeldOn: today, Form: "meeting", Expected: 20, Attended: 18, Text: "已传达学习。"}))
	campaign, err := a.Notice.Plan(ctx, office, notice.CampaignCmd{Kind: "warning", Title: "警示教育", Goal: "以案为鉴", Stages: "学习，" + string(today) + "，" + string(today.AddDays(30))})
	must(err)
	_, err = a.Notice.Start(ctx, office, campaign.ID, notice.IssueCmd{To: org.ToUnits, Units: oldName})
	must(err)
	item := func(no string) id.ID {
		n := rectification.NewItem{Item: rectification.Item{ID: id.New(), Finding: id.New(), Round: "round", Unit: from.ID, By: city.ID, No: no, Title: "纪要未归档", Problem: "三份没有归档。", Severity: "serious", Category: "discipline", FedBack: today.AddDays(-30), Due: today.AddDays(60)}}
		must(a.Rectification.AddMany(ctx, app.System(), []rectification.NewItem{n}))
		return n.ID
	}
	item("W-1")
	lead, err := a.Conduct.AddLead(ctx, as("county", actor.InternalSupervision, from), conduct.LeadCmd{Source: "petition", Name: "某人", Unit: oldName, Conduct: "delay", Facts: "拖延办案。"})
	must(err)

	_, _, _, _, err = a.Org.PreviewHandover(ctx, personnel, from.ID)
	platformtest.WantKind(t, "a unit that is not closed", err, fault.KindState)
	must(a.Org.Close(ctx, personnel, from.ID, org.CloseUnitCmd{Rev: from.Rev, On: today, Into: newName, Reason: "区划调整"}))
	counts := func() map[string]int {
		_, into, lines, _, err := a.Org.PreviewHandover(ctx, personnel, from.ID)
		must(err)
		if into.ID != to.ID {
			t.Errorf("the successor is %s", into.Name)
		}
		out := map[string]int{}
		for _, l := range lines {
			if l.N > 0 || l.Secret {
				out[l.Key] = l.N
			}
		}
		return out
	}
	want := map[string]int{"tasks": 1, "venues": 1, "receipts": 1, "parts": 1, "items": 1, "conduct": 0, "tip": 0}
	if got := counts(); !maps.Equal(got, want) {
		t.Errorf("before: %v, want %v", got, want)
	}
	for name, who := range map[string]actor.Actor{"a liaison": before, "another city's": as("x", actor.Personnel, unit("河北省人民检察院")), "a supervisor": boss} {
		_, err := a.Org.HandOver(ctx, who, from.ID, org.HandoverCmd{Reason: "区划调整"})
		platformtest.WantKind(t, name, err, fault.KindNotFound)
	}
	_, err = a.Org.HandOver(ctx, personnel, from.ID, org.HandoverCmd{})
	platformtest.WantKind(t, "without a reason", err, fault.KindInvalid)
	_, err = a.Org.HandOver(ctx, personnel, from.ID, org.HandoverCmd{Into: city.Name, Reason: "x"})
	platformtest.WantKind(t, "to somebody else than the successor", err, fault.KindInvalid)
	h, err := a.Org.HandOver(ctx, personnel, from.ID, org.HandoverCmd{Reason: "区划调整"})
	must(err)
	if len(h.Moved) != 5 || slices.ContainsFunc(h.Moved, func(l org.HandoverLine) bool { return l.Secret || l.Key == "conduct" || l.Key == "tip" }) {
		t.Errorf("handed over: %+v", h.Moved)
	}
	if got := counts(); !maps.Equal(got, map[string]int{"conduct": 0, "tip": 0}) {
		t.Errorf("after: %v", got)
	}

	got, err := a.Directive.Task(ctx, after, open.ID)
	must(err)
	if got.Task.Unit != to.ID || !strings.Contains(got.Entries[len(got.Entries)-1].Text, oldName+" → "+newName) {
		t.Errorf("the open task: %+v %+v", got.Task, got.Entries)
	}
	must(a.Directive.Step(ctx, after, open.ID, "sign", directive.StepCmd{}, nil))
	_, err = a.Directive.Task(ctx, after, finished.ID)
	platformtest.WantKind(t, "what the old unit finished", err, fault.KindNotFound)
	if old, err := a.Directive.Task(ctx, boss, finished.ID); err != nil || old.Task.Unit != from.ID || dir.Name(old.Task.Unit) != oldName {
		t.Errorf("the finished task: %+v %v", old.Task, err)
	}
	venue := func(n id.ID) map[id.ID]string {
		out := map[id.ID]string{}
		vs, err := a.Meeting.Get(ctx, boss, n)
		must(err)
		for _, v := range vs.Venues {
			out[v.Unit] = v.Reason
		}
		return out
	}
	if v := venue(alone); v[to.ID] != "原"+oldName || len(v) != 2 {
		t.Errorf("the venue: %v", v)
	}
	if v := venue(both); len(v) != 3 || v[to.ID] != "" {
		t.Errorf("a meeting to which both were called: %v", v)
	}
	must(a.Notice.Sign(ctx, after, waiting))
	platformtest.WantKind(t, "what the old unit studied", a.Notice.Sign(ctx, after, studied), fault.KindNotFound)
	must(a.Notice.Report(ctx, after, campaign.ID, notice.Report{Stage: 1, Sessions: 1, Expected: 20, Attended: 18, Text: "研讨"}))
	if hits, err := a.Rectification.Search(ctx, after, "W-1", 5); err != nil || len(hits) != 1 {
		t.Errorf("the item: %+v %v", hits, err)
	}
	if hits, err := a.Conduct.Search(ctx, as("neighbour", actor.InternalSupervision, to), lead.No, 5); err != nil || len(hits) != 1 {
		t.Errorf("the lead: %+v %v", hits, err)
	}
	if l, err := a.Meeting.List(ctx, after, page.Query{Size: 10}); err != nil || len(l.Rows) != 2 {
		t.Errorf("meetings of the successor: %+v %v", l.Rows, err)
	}
	if r, err := a.Log.Verify(ctx); err != nil || len(r.Troubles) > 0 {
		t.Errorf("the log: %+v %v", r, err)
	}
	must(a.Org.Close(ctx, personnel, to.ID, org.CloseUnitCmd{Rev: to.Rev, On: today, Reason: "撤销"}))
	h, err = a.Org.HandOver(ctx, personnel, to.ID, org.HandoverCmd{Into: city.Name, Reason: "撤销后由市院承接"})
	must(err)
	if h.Into != city.ID {
		t.Errorf("dissolved without successor: %+v", h)
	}
	if got, err := a.Directive.Task(ctx, as("citydesk", actor.Liaison, city), open.ID); err != nil || got.Task.Unit != city.ID || got.Task.By == city.ID {
		t.Errorf("what the unit above gave itself: %+v %v", got.Task, err)
	}
}
