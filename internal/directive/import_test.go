package directive_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"huikan/internal/directive"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/platform/platformtest"
)

// pages makes the text of a document of so many pages of 22 lines, with a demand on
// every one of some pages; asking on every line when each is 1.
func pages(n, each int) string {
	var b strings.Builder
	b.WriteString("全国检察机关巡视整改工作会议材料汇编\n来源：检察网　发布时间：2026-03-02\n")
	for p := range n {
		for line := range 22 {
			if each == 1 || line == 0 && p%each == 0 {
				fmt.Fprintf(&b, "会议要求，要把第%d页第%d项任务落实到人，必须在年底前逐项销号。\n", p+1, line+1)
				continue
			}
			fmt.Fprintf(&b, "第%d页第%d段记述了各地去年开展工作的情况和取得的成效，供参会同志参考。\n", p+1, line+1)
		}
	}
	return b.String()
}

// A document of 300 pages is taken as a whole, with every demand at its paragraph; one
// that asks for something on each of its lines is refused in words, with nothing half
// taken and what was pasted still there.
func TestADocumentOf300Pages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		site := w.Serve(t, w.s.Room())
		site.Actor = w.boss
		code, to := site.Post(t, "/directives/import", url.Values{"text": {pages(300, 10)}})
		if code != 303 || !strings.Contains(to, "done.directive.import") {
			t.Fatalf("%d %.300s", code, to)
		}
		path, _, _ := strings.Cut(strings.TrimPrefix(to, "/directives/"), "?")
		v, err := w.s.Get(ctx, w.boss, id.ID(path))
		if err != nil || len(v.Requirements) < 30 || len(v.Directive.Body) < 6000 {
			t.Fatalf("%d requirements of %d paragraphs: %v", len(v.Requirements), len(v.Directive.Body), err)
		}
		for _, r := range v.Requirements {
			if !strings.Contains(v.Directive.Body[r.Paragraph-1], r.Quote) {
				t.Errorf("requirement %d does not stand in its paragraph", r.No)
			}
		}
		site.Both(t, w.boss, "/directives/"+path, 200)
		code, body := site.Post(t, "/directives/import", url.Values{"text": {pages(100, 1)}})
		if code != 413 || !strings.Contains(body, "请拆分文件") || !strings.Contains(body, "第100页第22项") {
			t.Errorf("a demand on every line: %d", code)
		}
		l, err := w.s.List(ctx, w.boss, page.Query{Size: 20})
		if err != nil || len(l.Rows) != 1 {
			t.Errorf("%d directives, %v", len(l.Rows), err)
		}
	})
}

// A report without themes is taken with a word of warning on its page, its demands
// found by what they say; one that asks for nothing is taken too, says so, and cannot
// be confirmed until somebody adds what it asks for.
func TestAReportWithoutStructure(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		site := w.Serve(t, w.s.Room())
		for _, c := range []struct {
			name, text, warns string
			asks              bool
		}{
			{"no themes", "推进会在清河召开\n去年完成整改事项若干。各市院要逐项核对未销号事项，必须在六月底前报送清单。会后与会人员参观了展览。", "没有分出主题", true},
			{"nothing asked", "清河检察院举办开放日\n三月二日，六十名群众走进清河检察院，参观了接待大厅。活动持续了两个小时。", "没有提出要求", false},
		} {
			site.Actor = w.boss
			code, to := site.Post(t, "/directives/import", url.Values{"text": {c.text}})
			if code != 303 {
				t.Errorf("%s: %d %.300s", c.name, code, to)
				continue
			}
			path, _, _ := strings.Cut(to, "?")
			if body := site.Both(t, w.boss, path, 200); !strings.Contains(body, c.warns) {
				t.Errorf("%s: the page does not warn", c.name)
			}
			d := id.ID(strings.TrimPrefix(path, "/directives/"))
			if err := w.s.Confirm(ctx, w.boss, d, 0); c.asks != (err == nil) || err != nil && !fault.Is(err, fault.KindState) {
				t.Errorf("%s: confirmed with %v", c.name, err)
			}
		}
	})
}

// A unit is renamed in mid-year: its tasks go on under the new name, the old one still
// finds it, and the day and the old name stay.
func TestAUnitRenamedInMidYear(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const old, now = "新乡市人民检察院", "新乡市平原人民检察院"
		v, tasks := w.issued(t, old)
		if err := w.s.Step(ctx, w.city, tasks[0].ID, "sign", directive.StepCmd{}, nil); err != nil {
			t.Fatal(err)
		}
		u, _ := w.dir.ByName(old)
		if err := w.tree.Rename(ctx, actor.Program("test"), u.ID, org.RenameUnitCmd{Rev: u.Rev, Name: now, From: "2026-03-01", Reason: "更名"}); err != nil {
			t.Fatal(err)
		}
		site := w.Serve(t, w.s.Room())
		if body := site.Both(t, w.boss, "/tasks/"+string(tasks[0].ID), 200); !strings.Contains(body, now) {
			t.Error("the task does not show the new name")
		}
		if err := w.s.Step(ctx, w.city, tasks[0].ID, "report", directive.StepCmd{Text: "已核对"}, nil); err != nil {
			t.Errorf("the unit cannot go on with its task: %v", err)
		}
		more, err := w.s.Assign(ctx, w.boss, v.Directive.ID, directive.AssignCmd{Requirements: []id.ID{v.Requirements[0].ID}, Title: "再核对", Measure: "清单", Due: "2026-06-30", Kind: directive.KindLead, To: org.ToUnits, Units: old + "\n" + now})
		if err != nil || len(more) != 1 || more[0].Unit != u.ID {
			t.Errorf("the old and the new name are one unit: %v %v", more, err)
		}
		units := w.Serve(t, w.tree.Room())
		if body := units.Both(t, platformtest.As("personnel", actor.Personnel, w.tree.Place("最高人民检察院")), "/units/"+string(u.ID), 200); !strings.Contains(body, old) || !strings.Contains(body, "2026-03-01") {
			t.Error("the former name and its day are lost")
		}
	})
}

// The lamp of a task (domain facts A8): on course, near its date, behind it; what waits
// for the check of who asked is not behind, and what is over has none.
func TestTheLampOfATask(t *testing.T) {
	const today = clock.Date("2026-03-10")
	near := directive.Supervision().NearDays
	for _, c := range []struct {
		name, state string
		due         clock.Date
		want        string
	}{
		{"far away", directive.TaskWorking, today.AddDays(near + 1), "ok"},
		{"the first day that is near", directive.TaskWorking, today.AddDays(near), "near"},
		{"its last day", directive.TaskToSign, today, "near"},
		{"the day after", directive.TaskWorking, today.AddDays(-1), "late"},
		{"sent back and late", directive.TaskRedo, today.AddDays(-1), "late"},
		{"answered, waiting for the check", directive.TaskReported, today.AddDays(-1), "ok"},
		{"over", directive.TaskDone, today.AddDays(-1), ""},
		{"withdrawn", directive.TaskWithdrawn, today.AddDays(-1), ""},
	} {
		if got := (directive.Task{State: c.state, Due: c.due}).Lamp(today); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
