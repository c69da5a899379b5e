package meeting_test

import (
	"bytes"
	"context"
	"io/fs"
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
	"huikan/internal/kernel/page"
	"huikan/internal/meeting"
	"huikan/internal/org"
	"huikan/internal/org/orgtest"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/search"
	"huikan/internal/platform/ui/uitest"
	"huikan/internal/platform/vault"
)

var ctx = context.Background()

type world struct {
	*platformtest.Kit
	s                         *meeting.Service
	d                         *directive.Service
	files                     *vault.Store
	boss, unit, unit2, county actor.Actor
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	platformtest.Each(t, platformtest.Parts{Schemas: []fs.FS{search.Schema, org.Schema, directive.Schema, meeting.Schema}, Tables: append(append(append([]string{}, org.Tables...), directive.Tables...), meeting.Tables...),
		Rules: append(append(org.Rules(), directive.Rules()...), meeting.Rules()...)}, func(t *testing.T, k *platformtest.Kit) {
		o := orgtest.Plant(t, k)
		files, err := vault.Open(k.Dir, k.Keys)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{Kit: k, files: files, boss: o.As("boss", actor.Supervisor, "最高人民检察院"), unit: o.As("unit", actor.Liaison, "河南省人民检察院"),
			unit2: o.As("unit2", actor.UnitHead, "湖北省人民检察院"), county: o.As("county", actor.Liaison, "新乡市人民检察院")}
		w.d = directive.New(directive.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Dir: o.Dir, Files: files, Find: o.Find, Names: orgtest.NoNames})
		w.s = meeting.New(meeting.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Dir: o.Dir, Files: files, Directive: w.d, Find: o.Find, Names: orgtest.NoNames})
		fn(t, w)
	})
}

// plan is a meeting of the day after the world begins.
func plan() meeting.Cmd {
	return meeting.Cmd{Title: "整改工作推进会", On: "2026-03-03", Begins: "14:30", Form: meeting.FormVideo, Place: "主会场", Host: "周宁", Guests: "特邀监督员 钱敏", Audience: org.ToUnits, Units: "河南省人民检察院\n湖北省人民检察院",
		Agenda: "传达学习文件 | 周宁 | 20\n通报整改情况 | 赵强 | 30\n部署二季度工作 | 周宁 | 40分钟"}
}

func TestTheTablesHold(t *testing.T) {
	if err := meeting.Flow.Check(); err != nil {
		t.Error(err)
	}
	if err := meeting.VenueFlow.Check(); err != nil {
		t.Error(err)
	}
}

// From the plan to two streams of tasks: who is called answers for himself, on
// the day; a meeting is closed when every venue has an answer.
func TestAMeetingFromItsPlanToItsStreams(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		site := w.Serve(t, w.s.Room(), w.d.Room())
		for _, c := range []struct {
			name   string
			change func(*meeting.Cmd)
		}{{"no title", func(c *meeting.Cmd) { c.Title = "" }}, {"in the past", func(c *meeting.Cmd) { c.On = "2026-03-01" }}, {"no time", func(c *meeting.Cmd) { c.Begins = "25:00" }}, {"minutes", func(c *meeting.Cmd) { c.Agenda = "议题 | 人 | 很久" }}, {"form", func(c *meeting.Cmd) { c.Form = "" }}} {
			x := plan()
			c.change(&x)
			_, err := w.s.Create(ctx, w.boss, x)
			platformtest.WantKind(t, c.name, err, fault.KindInvalid)
		}
		_, err := w.s.Create(ctx, w.county, plan())
		platformtest.WantKind(t, "a liaison calls a meeting", err, fault.KindNotFound)
		empty := plan()
		empty.Agenda = ""
		m, err := w.s.Create(ctx, w.boss, empty)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.s.Call(ctx, w.boss, m.ID, 0)
		platformtest.WantKind(t, "called without agenda", err, fault.KindState)
		bad := plan()
		bad.Units = "火星检察院"
		if err := w.s.Edit(ctx, w.boss, m.ID, bad); err != nil {
			t.Fatal(err)
		}
		_, err = w.s.Call(ctx, w.boss, m.ID, 0)
		platformtest.WantKind(t, "an unknown unit", err, fault.KindInvalid)
		site.Actor = w.boss
		if code, body := site.Post(t, "/meetings/"+string(m.ID)+"/step/call", url.Values{}); code != 422 || !strings.Contains(body, "赵强 | 30") {
			t.Errorf("a refused call shows another agenda: %d %s", code, body)
		}
		if err := w.s.Edit(ctx, w.boss, m.ID, plan()); err != nil {
			t.Fatal(err)
		}
		site.Actor = w.boss
		if code, body := site.Get(t, "/meetings/"+string(m.ID)+"/edit"); code != 200 || !strings.Contains(body, "传达学习文件 | 周宁 | 20\n通报整改情况 | 赵强 | 30\n部署二季度工作 | 周宁 | 40</textarea>") {
			t.Errorf("the form shows another agenda: %d %s", code, body)
		}
		if _, err := w.s.Get(ctx, w.unit, m.ID); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a draft is read by a unit: %v", err)
		}
		if n, err := w.s.Call(ctx, w.boss, m.ID, 0); err != nil || n != 3 {
			t.Fatal(n, err)
		}
		if _, err := w.s.Get(ctx, w.county, m.ID); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("who was not called reads it: %v", err)
		}
		v, err := w.s.Get(ctx, w.unit, m.ID)
		if err != nil || v.Mine == nil || v.Venues != nil || len(v.Agenda) != 3 || v.Agenda[2].Kind != "deployment" || v.Agenda[2].Minutes != 40 {
			t.Fatalf("%+v %v", v, err)
		}
		mine := v.Mine.ID
		venue := func(who actor.Actor, do string, c meeting.VenueCmd) error {
			return w.s.VenueStep(ctx, who, mine, do, c)
		}
		platformtest.WantKind(t, "confirming nobody", venue(w.unit, "confirm", meeting.VenueCmd{}), fault.KindInvalid)
		platformtest.WantKind(t, "another unit confirms", venue(w.unit2, "confirm", meeting.VenueCmd{Lead: "x", Expected: 2}), fault.KindNotFound)
		if err := venue(w.unit, "confirm", meeting.VenueCmd{Lead: "梁建军", Expected: 20}); err != nil {
			t.Fatal(err)
		}
		platformtest.WantKind(t, "signing in the day before", venue(w.unit, "sign_in", meeting.VenueCmd{Present: 20}), fault.KindState)
		platformtest.WantKind(t, "held the day before", w.s.Hold(ctx, w.boss, m.ID, 0), fault.KindState)
		w.Clock.Set(clock.Date("2026-03-03").Time())
		platformtest.WantKind(t, "more than expected", venue(w.unit, "sign_in", meeting.VenueCmd{Present: 21}), fault.KindInvalid)
		if err := venue(w.unit, "sign_in", meeting.VenueCmd{Present: 19}); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Hold(ctx, w.boss, m.ID, 0); err != nil {
			t.Fatal(err)
		}
		held, err := w.s.Get(ctx, w.unit2, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		platformtest.WantKind(t, "confirming a meeting that was held", w.s.VenueStep(ctx, w.unit2, held.Mine.ID, "confirm", meeting.VenueCmd{Lead: "x", Expected: 2}), fault.KindState)
		platformtest.WantKind(t, "closed with open venues", w.s.Close(ctx, w.boss, m.ID, 0), fault.KindState)
		if n, err := w.s.MarkAbsent(ctx, w.boss, m.ID); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		v2, err := w.s.Get(ctx, w.unit2, m.ID)
		if err != nil || len(v2.MineSteps) != 1 || v2.MineSteps[0] != "explain" {
			t.Fatalf("%+v %+v %v", v2.Mine, v2.MineSteps, err)
		}
		if todos, err := w.s.Todo(ctx, w.unit2); err != nil || len(todos) != 1 || todos[0].Kind != "venue.todo.explain" {
			t.Errorf("%+v %v", todos, err)
		}
		if err := w.s.VenueStep(ctx, w.unit2, v2.Mine.ID, "explain", meeting.VenueCmd{Reason: "线路故障"}); err != nil {
			t.Fatal(err)
		}
		f, err := w.files.Put(ctx, "讲话.txt", bytes.NewReader([]byte("讲话")), 6)
		if err != nil {
			t.Fatal(err)
		}
		platformtest.WantKind(t, "a unit adds material", w.s.AddFiles(ctx, w.unit, m.ID, meeting.FileCmd{Kind: "speech"}, []vault.Stored{f}), fault.KindNotFound)
		platformtest.WantKind(t, "no file", w.s.AddFiles(ctx, w.boss, m.ID, meeting.FileCmd{Kind: "speech"}, nil), fault.KindInvalid)
		if err := w.s.AddFiles(ctx, w.boss, m.ID, meeting.FileCmd{Kind: "speech", Title: "讲话"}, []vault.Stored{f}); err != nil {
			t.Fatal(err)
		}
		v, err = w.s.Get(ctx, w.unit, m.ID)
		if err != nil || len(v.Materials) != 1 {
			t.Fatalf("%+v %v", v.Materials, err)
		}
		if _, err := w.s.File(ctx, w.county, m.ID, v.Materials[0].ID); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("who was not called opens material: %v", err)
		}
		for _, text := range []string{"推进会讲话\n会议要求，要逐项核对未销号事项。\n", "二季度部署\n会议强调，必须在6月底前完成自查。\n"} {
			a, err := hantext.Clean([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.s.Stream(ctx, w.unit, m.ID, a)
			platformtest.WantKind(t, "a unit makes a deployment of it", err, fault.KindNotFound)
			if _, err := w.s.Stream(ctx, w.boss, m.ID, a); err != nil {
				t.Fatal(err)
			}
		}
		v, err = w.s.Get(ctx, w.boss, m.ID)
		if err != nil || len(v.Streams) != 2 || v.Streams[0].Open == 0 {
			t.Fatalf("%+v %v", v.Streams, err)
		}
		platformtest.WantKind(t, "linked twice", w.s.Link(ctx, w.boss, m.ID, v.Streams[0].ID), fault.KindState)
		if u, err := w.s.Get(ctx, w.unit, m.ID); err != nil || len(u.Streams) != 0 {
			t.Errorf("a draft deployment shows to a unit: %+v %v", u.Streams, err)
		}
		present := 0
		for _, a := range v.Attendance {
			present += a.Present
		}
		if present != 19 {
			t.Errorf("%d present", present)
		}
		if err := w.s.Close(ctx, w.boss, m.ID, 0); err != nil {
			t.Fatal(err)
		}
		for _, who := range []actor.Actor{w.boss, w.unit, w.county} {
			l, err := w.s.List(ctx, who, page.Query{Size: 20, Filter: url.Values{}})
			if _, open := w.s.Get(ctx, who, m.ID); err != nil || (open == nil) != (len(l.Rows) == 1) {
				t.Errorf("%s: listed %d, opens %v, %v", who.Name, len(l.Rows), open, err)
			}
		}
		base := "/meetings/" + string(m.ID)
		for _, c := range []struct {
			who  actor.Actor
			path string
			want int
			has  string
		}{{w.boss, "/meetings", 200, "推进会"}, {w.boss, "/meetings?q=推进&state=closed", 200, "推进会"}, {w.boss, "/meetings/new", 200, "议程"}, {w.boss, base, 200, "导出签到表"}, {w.unit, base, 200, "本单位会场"}, {w.county, base, 404, ""}, {w.boss, base + "/edit", 404, ""}} {
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
				if code != c.want || lang == "zh" && !strings.Contains(body, c.has) {
					t.Errorf("%s %s: %d, want %d: %.300s", c.who.Name, c.path, code, c.want, body)
				}
				if code == 200 {
					for _, wrong := range uitest.Check(body) {
						t.Errorf("%s %s: %s", c.path, lang, wrong)
					}
				}
			}
		}
		site.Actor = w.boss
		if code, body := site.Send(t, httptest.NewRequest(http.MethodGet, base+"/register", nil)); code != 200 || !strings.HasPrefix(body, "PK") {
			t.Errorf("register: %d", code)
		}
		if err := w.Log.Write(ctx, w.boss, "test.concern", func(tx *audit.Tx) error {
			return access.Concern(ctx, tx, m.ID, w.boss.Person, access.Subject)
		}); err != nil {
			t.Fatal(err)
		}
		if code, _ := site.Get(t, base+"/register"); code != 404 {
			t.Errorf("whom the meeting concerns takes its register along: %d", code)
		}
		if code, body := site.Post(t, "/meetings", url.Values{"title": {"新会议"}, "on": {"2026-04-01"}, "form": {"site"}, "agenda": {"议题 | 人 | 很久"}}); code != 422 || !strings.Contains(body, "新会议") {
			t.Errorf("a refused form keeps what was typed: %d", code)
		}
	})
}
