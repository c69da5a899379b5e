package directive_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"huikan/internal/directive"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/ui/uitest"
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
	return w.tree.As(string(role)+"-"+unit, role, unit)
}

func TestTheDepthTablesHold(t *testing.T) {
	for _, f := range []flow.Table{directive.IssueFlow, directive.CosignFlow, directive.AccountFlow, directive.DispatchFlow, directive.DispatchPartFlow} {
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
		}{{"preview", preview}, {"approval", approval}, {"extension", extension}, {"handing on", handingOn}, {"countersignature", countersignature}, {"coverage", coverage}, {"recusal", recusal}, {"pages", depthPages}} {
			t.Run(x.name, func(t *testing.T) { w.Clock.Set(platformtest.Start); x.fn(t, w) })
		}
	})
}

func TestTimeMoves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, x := range []struct {
			name string
			fn   func(*testing.T, *world)
		}{{"climbing", climbing}, {"reconciliation", reconciliation}, {"recurrence", recurrence}, {"dispatch", dispatching}} {
			t.Run(x.name, func(t *testing.T) { w.Clock.Set(platformtest.Start); x.fn(t, w) })
		}
	})
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
