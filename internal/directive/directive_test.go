package directive_test

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikan/hantext"
	"huikan/internal/directive"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/org/orgtest"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/search"
	"huikan/internal/platform/ui/uitest"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

var ctx = context.Background()

// report is a made-up meeting report with four ways of asking.
const report = `省检察院召开推进会
来源：清河检察网　责任编辑：周宁　发布时间：2026-03-02
3月2日，推进会在清河召开。
会议指出，去年共完成整改事项412项，取得阶段性成效。
围绕“一体抓实问题整改与制度建设”，会议要求——逐项核对未销号事项，明确责任人；对反弹问题倒查整改责任；把好的做法固化为制度。
会议强调，要坚持真改实改，不得以会议落实会议。
“坚持实事求是，严格标准，注重沟通，改进作风！”会议对核查组提出要求。
会议还对二季度工作进行部署。一是要完成上半年自查；二是要报送自查报告。
各市检察院以视频形式参会。
`

func article(t *testing.T, text string) hantext.Article {
	t.Helper()
	a, err := hantext.Clean([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func texts(d directive.Draft) string {
	var out []string
	for _, th := range d.Themes {
		out = append(out, "#"+th.Title)
		for _, r := range th.Requirements {
			out = append(out, r.Text)
		}
	}
	return strings.Join(out, "\n")
}

func TestExtractFindsEveryWayOfAsking(t *testing.T) {
	got := texts(directive.Extract(article(t, report)))
	for _, want := range []string{"#一体抓实问题整改与制度建设", "逐项核对未销号事项，明确责任人", "对反弹问题倒查整改责任", "把好的做法固化为制度",
		"要坚持真改实改，不得以会议落实会议", "坚持实事求是", "改进作风", "一是要完成上半年自查", "二是要报送自查报告"} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %q in\n%s", want, got)
		}
	}
	for _, not := range []string{"412", "视频形式", "推进会在清河召开"} {
		if strings.Contains(got, not) {
			t.Errorf("%q asks for nothing, but was taken:\n%s", not, got)
		}
	}
}

func TestExtractOtherBuilds(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"numbered sections", "关于做好有关工作的通知\n一、加强组织领导\n各级检察院要成立专班，明确专人负责。\n二、严格落实责任\n对逾期未完成的，应当说明理由。\n", "#加强组织领导"},
		{"plain obligations without structure", "工作会议召开\n会议听取了汇报。必须把责任压实到人。务必在年底前完成清理。\n", "必须把责任压实到人"},
		{"quoted imperatives", "座谈会召开\n“要把每一条意见落到实处。”主持人说。\n", "要把每一条意见落到实处"},
		{"colon after the speaker", "部署会召开\n会议要求：持续深化专项治理，健全长效机制。\n", "持续深化专项治理"},
	} {
		if got := texts(directive.Extract(article(t, c.text))); !strings.Contains(got, c.want) {
			t.Errorf("%s: missing %q in\n%s", c.name, c.want, got)
		}
	}
	d := directive.Extract(article(t, "通知\n今天天气很好，大家都很高兴。\n"))
	if len(d.Themes) != 0 || len(d.Warnings) == 0 {
		t.Errorf("a text that asks for nothing: %+v", d)
	}
}

// Whatever the text, a quote stands in its paragraph and every sentence has a class.
func TestQuotesAreExact(t *testing.T) {
	pieces := []string{"会议强调，", "要加强管理", "围绕“一体抓实工作”", "要求——", "坚持原则；", "严守边界", "。", "！", "“坚持统筹，严守纪律！”对各组提出要求", "一是", "二是", "\n", "去年完成12项", "“", "”", "（", "，"}
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 40).Draw(rt, "text"), "")
		body := strings.Split(text, "\n")
		d := directive.Extract(hantext.Article{Title: "会议", Body: body})
		for _, th := range d.Themes {
			for _, r := range th.Requirements {
				if r.Paragraph < 1 || r.Paragraph > len(body) || !strings.Contains(body[r.Paragraph-1], r.Quote) || r.Quote == "" {
					rt.Fatalf("%q is not in paragraph %d of %q", r.Quote, r.Paragraph, body)
				}
			}
		}
		joined := map[int]string{}
		for _, s := range d.Sentences {
			joined[s.Paragraph] += s.Text
		}
		for i, p := range body {
			if joined[i+1] != p {
				rt.Fatalf("sentences of paragraph %d lose text: %q / %q", i+1, joined[i+1], p)
			}
		}
	})
}

func FuzzExtract(f *testing.F) {
	f.Add(report)
	f.Add("围绕“")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := hantext.Clean([]byte(text))
		if err != nil {
			return
		}
		for _, th := range directive.Extract(a).Themes {
			for _, r := range th.Requirements {
				if !strings.Contains(a.Body[r.Paragraph-1], r.Quote) {
					t.Fatalf("%q is not in paragraph %d", r.Quote, r.Paragraph)
				}
			}
		}
	})
}

type world struct {
	*platformtest.Kit
	s                *directive.Service
	tree             *orgtest.Tree
	dir              *org.Directory
	boss, unit, city actor.Actor
	other            actor.Actor // supervisor's colleague
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	platformtest.Each(t, platformtest.Parts{Schemas: []fs.FS{search.Schema, org.Schema, directive.Schema}, Tables: append(append([]string{}, org.Tables...), directive.Tables...),
		Rules: append(org.Rules(), directive.Rules()...)}, func(t *testing.T, k *platformtest.Kit) {
		o := orgtest.Plant(t, k)
		files, err := vault.Open(k.Dir, k.Keys)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{Kit: k, tree: o, dir: o.Dir, boss: o.As("boss", actor.Supervisor, "最高人民检察院"), other: o.As("other", actor.Supervisor, "最高人民检察院"),
			unit: o.As("unit", actor.Liaison, "河南省人民检察院"), city: o.As("city", actor.Liaison, "新乡市人民检察院")}
		w.s = directive.New(directive.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Dir: o.Dir, Files: files, Find: o.Find, Names: orgtest.NoNames,
			Heads: func(_ context.Context, _ db.Q, _ clock.Date, units []id.ID) (map[id.ID]id.ID, error) {
				out := map[id.ID]id.ID{}
				for _, u := range units {
					out[u] = "head-" + u
				}
				return out, nil
			}})
		fn(t, w)
	})
}

func (w *world) issued(t *testing.T, units string) (directive.View, []directive.Task) {
	t.Helper()
	v := w.confirmed(t)
	tasks, err := w.s.Assign(ctx, w.boss, v.Directive.ID, directive.AssignCmd{Requirements: []id.ID{v.Requirements[0].ID}, Title: "核对未销号事项", Measure: "清单", Due: "2026-06-30", Kind: directive.KindLead, To: org.ToUnits, Units: units})
	if err != nil {
		t.Fatal(err)
	}
	return v, tasks
}

func TestFromSentenceToVerifiedTask(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, tasks := w.issued(t, "河南省人民检察院\n湖北省人民检察院")
		if len(tasks) != 2 {
			t.Fatal(len(tasks))
		}
		n := tasks[0].ID
		step := func(who actor.Actor, do, text string) error {
			return w.s.Step(ctx, who, n, do, directive.StepCmd{Text: text}, nil)
		}
		refused := []struct {
			name string
			who  actor.Actor
			do   string
			want fault.Kind
		}{
			{"a unit that was not asked", w.city, "sign", fault.KindNotFound},
			{"the supervisor cannot sign for the unit", w.boss, "sign", fault.KindNotFound},
			{"nobody accepts what was not reported", w.boss, "accept", fault.KindState},
		}
		for _, c := range refused {
			platformtest.WantKind(t, c.name, step(c.who, c.do, "x"), c.want)
		}
		if err := step(w.unit, "sign", ""); err != nil {
			t.Fatal(err)
		}
		platformtest.WantKind(t, "a report without words", step(w.unit, "report", ""), fault.KindInvalid)
		kids, err := w.s.BreakDown(ctx, w.unit, n, directive.AssignCmd{Title: "本市核对", Measure: "清单", Due: "2026-05-30", Kind: directive.KindLead, To: org.ToUnits, Units: "新乡市人民检察院"})
		if err != nil || len(kids) != 1 || kids[0].Parent != n {
			t.Fatalf("%v %v", kids, err)
		}
		_, err = w.s.BreakDown(ctx, w.unit, n, directive.AssignCmd{Title: "x", Measure: "x", Due: "2026-05-30", Kind: directive.KindLead, To: org.ToUnits, Units: "湖北省人民检察院"})
		platformtest.WantKind(t, "breaking down to somebody else's unit", err, fault.KindInvalid)
		if err := step(w.unit, "report", "共14项，清单附后。"); err != nil {
			t.Fatal(err)
		}
		platformtest.WantKind(t, "accepting while a unit below still works", step(w.boss, "accept", ""), fault.KindState)
		kid := kids[0].ID
		for _, x := range []struct {
			who actor.Actor
			do  string
		}{{w.city, "sign"}, {w.city, "report"}, {w.unit, "accept"}} {
			if err := w.s.Step(ctx, x.who, kid, x.do, directive.StepCmd{Text: "已办"}, nil); err != nil {
				t.Fatalf("%s: %v", x.do, err)
			}
			// What is reported waits at the desk of who asked, not of everybody above.
			for _, desk := range []struct {
				who  actor.Actor
				want bool
			}{{w.unit, x.do == "report"}, {w.boss, false}} {
				todos, err := w.s.Todo(ctx, desk.who)
				if got := slices.ContainsFunc(todos, func(d web.Todo) bool { return d.Href == "/tasks/"+string(kid) }); err != nil || got != desk.want {
					t.Errorf("after %s: waits %v, want %v (%v)", x.do, got, desk.want, err)
				}
			}
		}
		if err := step(w.boss, "accept", ""); err != nil {
			t.Fatal(err)
		}
		v, err := w.s.Task(ctx, w.unit, n)
		if err != nil || v.Task.State != directive.TaskDone || len(v.Requirements) != 1 || len(v.Steps) != 0 {
			t.Fatalf("%+v %v", v.Task, err)
		}
	})
}

func TestNobodyReviewsHisOwnReport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, tasks := w.issued(t, "最高人民检察院")
		both := w.boss
		both.Grants = append(both.Grants, actor.Grant{Role: actor.Liaison, Unit: both.Unit, Path: both.Path})
		for _, do := range []string{"sign", "report"} {
			if err := w.s.Step(ctx, both, tasks[0].ID, do, directive.StepCmd{Text: "x"}, nil); err != nil {
				t.Fatal(err)
			}
		}
		platformtest.WantKind(t, "own report", w.s.Step(ctx, both, tasks[0].ID, "accept", directive.StepCmd{}, nil), fault.KindState)
		if err := w.s.Step(ctx, w.other, tasks[0].ID, "accept", directive.StepCmd{}, nil); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRequirementsAreEditedNotInvented(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		res, err := w.s.Import(ctx, w.boss, article(t, report), false)
		if err != nil {
			t.Fatal(err)
		}
		n := res.Directive.ID
		v, err := w.s.Get(ctx, w.boss, n)
		if err != nil {
			t.Fatal(err)
		}
		q := v.Requirements[0]
		for _, c := range []struct {
			name string
			err  error
			want fault.Kind
		}{
			{"a quote that is not in the report", second(w.s.AddRequirement(ctx, w.boss, n, directive.RequirementCmd{Theme: "x", Quote: "没有说过的话", Paragraph: 1})), fault.KindInvalid},
			{"a paragraph that is not there", second(w.s.AddRequirement(ctx, w.boss, n, directive.RequirementCmd{Theme: "x", Quote: "会议", Paragraph: 99})), fault.KindInvalid},
			{"a drop without reason", w.s.Drop(ctx, w.boss, q.ID, " ", 0), fault.KindInvalid},
			{"an old revision", w.s.Drop(ctx, w.boss, q.ID, "重复", 7), fault.KindConflict},
			{"a split into one", w.s.Split(ctx, w.boss, q.ID, []string{q.Quote}, 0), fault.KindInvalid},
			{"a stranger", w.s.Drop(ctx, w.unit, q.ID, "x", 0), fault.KindNotFound},
			{"a merge with itself", w.s.Merge(ctx, w.boss, q.ID, q.ID, 0), fault.KindInvalid},
		} {
			platformtest.WantKind(t, c.name, c.err, c.want)
		}
		if err := w.s.Split(ctx, w.boss, q.ID, []string{"逐项核对未销号事项", "明确责任人"}, q.Rev); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Drop(ctx, w.boss, v.Requirements[1].ID, "与上一条重复", 0); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Merge(ctx, w.boss, v.Requirements[3].ID, v.Requirements[2].ID, 0); err != nil {
			t.Fatal(err)
		}
		v2, err := w.s.Get(ctx, w.boss, n)
		if err != nil || len(v2.Requirements) != len(v.Requirements)+1 {
			t.Fatalf("%d → %d, %v: a requirement vanished", len(v.Requirements), len(v2.Requirements), err)
		}
	})
}

// Every action that the tables do not have is refused, whoever asks.
func TestTablesAreTheOnlyWay(t *testing.T) {
	if err := directive.Flow.Check(); err != nil {
		t.Error(err)
	}
	if err := directive.TaskFlow.Check(); err != nil {
		t.Error(err)
	}
	each(t, func(t *testing.T, w *world) {
		_, tasks := w.issued(t, "河南省人民检察院")
		for _, do := range append(directive.TaskFlow.Actions(), "burn", "read") {
			if _, err := directive.TaskFlow.Next(tasks[0].State, do); err == nil {
				continue
			}
			for _, who := range []actor.Actor{w.boss, w.unit, w.other} {
				if err := w.s.Step(ctx, who, tasks[0].ID, do, directive.StepCmd{Text: "x"}, nil); err == nil {
					t.Errorf("%s took %s from %s", who.Name, do, tasks[0].State)
				}
			}
		}
	})
}

func TestPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		site := w.Serve(t, w.s.Room())
		v, tasks := w.issued(t, "河南省人民检察院")
		draft, err := w.s.Import(ctx, w.boss, article(t, report), false)
		if err != nil {
			t.Fatal(err)
		}
		dv, err := w.s.Get(ctx, w.boss, draft.Directive.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.s.Step(ctx, w.unit, tasks[0].ID, "sign", directive.StepCmd{}, nil); err != nil {
			t.Fatal(err)
		}
		base := "/directives/" + string(v.Directive.ID)
		task := "/tasks/" + string(tasks[0].ID)
		for _, c := range []struct {
			who  actor.Actor
			path string
			want int
			has  string
		}{
			{w.boss, "/directives", 200, "推进会"}, {w.boss, "/directives?q=推进&state=issued", 200, "推进会"}, {w.boss, "/directives/import", 200, "粘贴"},
			{w.boss, base, 200, "<mark>"}, {w.boss, base + "/lineage", 200, "核对未销号"}, {w.boss, base + "/assign", 200, "衡量标准"},
			{w.boss, "/directives/" + string(draft.Directive.ID), 200, "确认要求"}, {w.boss, "/requirements/" + string(dv.Requirements[0].ID) + "/edit", 200, "拆分"},
			{w.boss, "/tasks", 200, "核对未销号"}, {w.boss, "/tasks?view=all&q=核对", 200, "核对未销号"}, {w.boss, "/tasks?view=late", 200, "没有督办事项"},
			{w.unit, task, 200, "提交反馈"}, {w.unit, task + "/break-down", 200, "直接下级"}, {w.city, task, 404, ""},
			{w.unit, base, 200, "推进会"}, {w.unit, "/directives/" + string(draft.Directive.ID), 404, ""}, {w.city, "/tasks", 200, "没有督办事项"},
			{platformtest.As("admin", actor.Auditor, access.Place{Unit: w.boss.Unit, Path: w.boss.Path}), "/directives", 404, ""},
		} {
			site.Actor = c.who
			for _, lang := range []string{"zh", "en"} {
				u, err := url.Parse(c.path)
				if err != nil {
					t.Fatal(err)
				}
				u.RawQuery = u.Query().Encode()
				r := httptest.NewRequest(http.MethodGet, u.String(), nil)
				r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
				code, body := site.Send(t, r)
				if code != c.want || (lang == "zh" && !strings.Contains(body, c.has)) {
					t.Errorf("%s %s: %d, want %d with %q: %.300s", c.who.Name, c.path, code, c.want, c.has, body)
				}
				if code == 200 {
					for _, wrong := range uitest.Check(body) {
						t.Errorf("%s %s: %s", c.path, lang, wrong)
					}
				}
			}
		}
		site.Actor = w.boss
		if code, body := site.Post(t, "/directives/import", url.Values{"text": {"  "}}); code != 422 || !strings.Contains(body, "请选择文件") {
			t.Errorf("nothing given: %d %.200s", code, body)
		}
		if code, to := site.Post(t, "/directives/import", url.Values{"text": {report}}); code != 303 || !strings.Contains(to, "done.directive.import") {
			t.Errorf("import: %d %s", code, to)
		}
		if code, body := site.Post(t, base+"/assign", url.Values{"title": {"新任务"}, "to": {"units"}, "units": {"火星检察院"}}); code != 422 || !strings.Contains(body, "火星检察院") || !strings.Contains(body, "新任务") {
			t.Errorf("assign with mistakes keeps what was typed: %d", code)
		}
	})
}

func TestSendingToTheNation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		res, err := w.s.Import(ctx, w.boss, article(t, report), false)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.s.Confirm(ctx, w.boss, res.Directive.ID, 0); err != nil {
			t.Fatal(err)
		}
		sent, err := w.s.Assign(ctx, w.boss, res.Directive.ID, directive.AssignCmd{Sourceless: "例行工作", Title: "自查", Measure: "报告", Due: "2026-06-30", Kind: directive.KindLead, To: org.ToBelow})
		if err != nil || len(sent) != len(w.dir.All())-1 {
			t.Fatalf("%d %v", len(sent), err)
		}
	})
}

func second[T any](_ T, err error) error { return err }
