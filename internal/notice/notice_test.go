package notice_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/notice"
	"huikan/internal/org"
	"huikan/internal/org/orgtest"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/search"
	"huikan/internal/platform/ui/uitest"
)

var ctx = context.Background()

// world has the national office, its leader, two provinces and a city.
type world struct {
	*platformtest.Kit
	s                                 *notice.Service
	dir                               *org.Directory
	office, leader, unit, staff, city actor.Actor
	other, above, province, cleaner   actor.Actor
	borne                             map[string][]id.ID
	hidden                            []id.ID
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	platformtest.Each(t, platformtest.Parts{Schemas: []fs.FS{search.Schema, org.Schema, notice.Schema}, Tables: append(append([]string{}, org.Tables...), notice.Tables...),
		Rules: append(org.Rules(), notice.Rules()...)}, func(t *testing.T, k *platformtest.Kit) {
		o := org.New(org.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock})
		if err := o.SeedTree(ctx, actor.Program("test"), orgtest.Provinces...); err != nil {
			t.Fatal(err)
		}
		dir := o.Directory()
		at := func(name string) access.Place {
			u, ok := dir.ByName(name)
			if !ok {
				t.Fatalf("no unit %s", name)
			}
			return dir.Place(u.ID)
		}
		root, henan := at("最高人民检察院"), at("河南省人民检察院")
		w := &world{Kit: k, dir: dir, borne: map[string][]id.ID{},
			office: platformtest.As("office", actor.InternalSupervision, root), leader: platformtest.As("leader", actor.Leader, root),
			unit: platformtest.As("unit", actor.Liaison, henan), staff: platformtest.As("staff", actor.Staff, henan), city: platformtest.As("city", actor.Liaison, at("新乡市人民检察院")),
			other: platformtest.As("other", actor.Staff, at("浙江省人民检察院")), above: platformtest.As("above", actor.Leader, henan),
			province: platformtest.As("province", actor.InternalSupervision, henan), cleaner: platformtest.As("auditor", actor.Auditor, root)}
		w.s = notice.New(notice.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Dir: dir,
			Find: func(text string) []id.ID {
				if u, ok := dir.ByName(text); ok {
					return []id.ID{u.ID}
				}
				return nil
			},
			Names: func(context.Context, db.Q, ...id.ID) (map[id.ID]string, error) { return map[id.ID]string{}, nil },
			Borne: func(_ context.Context, _ db.Q, words []string) (map[string][]id.ID, error) {
				out := map[string][]id.ID{}
				for _, x := range words {
					if p := w.borne[x]; p != nil {
						out[x] = p
					}
				}
				return out, nil
			},
			Protected: func(_ context.Context, _ db.Q, persons []id.ID) ([]id.ID, error) {
				return slices.DeleteFunc(slices.Clone(persons), func(p id.ID) bool { return !slices.Contains(w.hidden, p) }), nil
			},
			Post: func(context.Context, db.Q, id.ID) (string, error) { return "行政装备处科员", nil }})
		fn(t, w)
	})
}

func text() notice.Cmd {
	return notice.Cmd{Kind: notice.KindStatistic, Title: "整改情况通报", Editor: "编辑", Body: "第一段。\n\n　第二段。", PublicTitle: "整改情况", PublicBody: "公开一段。", MustRead: true}
}

func (w *world) made(t *testing.T, c notice.Cmd) id.ID {
	t.Helper()
	n, err := w.s.Create(ctx, w.office, c)
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(time.Minute)
	return n.ID
}

// issued brings a circular out to two provinces.
func (w *world) issued(t *testing.T, c notice.Cmd) id.ID {
	t.Helper()
	n := w.made(t, c)
	for _, err := range []error{w.s.Submit(ctx, w.office, n, 0), w.s.Approve(ctx, w.leader, n, 0), second(w.s.Issue(ctx, w.office, n, notice.IssueCmd{To: "units", Units: "河南省人民检察院、湖北省人民检察院"}))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func second[T any](_ T, err error) error { return err }

func (w *world) get(t *testing.T, who actor.Actor, n id.ID) notice.View {
	t.Helper()
	v, err := w.s.Get(ctx, who, n)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// do takes one step of the workflow with whatever it needs.
func (w *world) do(who actor.Actor, n id.ID, do string) error {
	switch do {
	case "edit":
		return w.s.Edit(ctx, who, n, text())
	case "submit":
		return w.s.Submit(ctx, who, n, 0)
	case "approve":
		return w.s.Approve(ctx, who, n, 0)
	case "return":
		return w.s.Return(ctx, who, n, "请补充", 0)
	case "recall":
		return w.s.Recall(ctx, who, n, "有误", 0)
	case "issue":
		return second(w.s.Issue(ctx, who, n, notice.IssueCmd{To: "provincial"}))
	case "recheck":
		return w.s.Recheck(ctx, who, n, "已回访", 0)
	}
	return w.s.Close(ctx, who, n, "办结", 0)
}

// Whatever is tried in whatever order: only steps of the table are taken, by
// those whom it names.
func TestOnlyStepsOfTheTableAreTaken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		people := map[string]actor.Actor{"office": w.office, "leader": w.leader, "unit": w.unit, "staff": w.staff, "province": w.province, "auditor": w.cleaner}
		may := func(who string, st flow.Step) bool {
			return who == "office" && st.Do != "approve" && st.Do != "return" || who == "leader" && (st.Do == "approve" || st.Do == "return")
		}
		taken := 0
		rapid.Check(t, func(rt *rapid.T) {
			n := w.made(t, text())
			for range rapid.IntRange(4, 9).Draw(rt, "steps") {
				state := w.get(t, w.office, n).Notice.State
				who := rapid.SampledFrom([]string{"office", "office", "leader", "leader", "unit", "staff", "province", "auditor"}).Draw(rt, "who")
				do := rapid.SampledFrom(append(notice.Flow.Actions(), "issue", "approve")).Draw(rt, "do")
				if steps := notice.Flow.From(state); len(steps) > 0 && rapid.Bool().Draw(rt, "fitting") {
					do = rapid.SampledFrom(steps).Draw(rt, "step").Do // so that runs get far
				}
				err := w.do(people[who], n, do)
				to, fits := notice.Flow.Next(state, do)
				allowed := fits == nil && slices.ContainsFunc(notice.Flow.From(state), func(st flow.Step) bool { return st.Do == do && may(who, st) })
				if allowed != (err == nil) {
					rt.Fatalf("%s by %s in %s: %v", do, who, state, err)
				}
				if err == nil {
					taken++
					state = to
				}
				if got := w.get(t, w.office, n).Notice.State; got != state {
					rt.Fatalf("%s by %s: state %s, want %s", do, who, got, state)
				}
				w.Clock.Advance(time.Second)
			}
		})
		if taken < 50 {
			t.Errorf("%d steps were taken: the property says nothing", taken)
		}
	})
}

func TestACircularFromDraftToClose(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := text()
		c.RecheckOn = "2026-04-01"
		n := w.made(t, c)
		if v := w.get(t, w.office, n); len(v.Notice.Body) != 2 || v.Notice.Body[1] != "第二段。" {
			t.Errorf("paragraphs %q", v.Notice.Body)
		}
		for _, who := range []actor.Actor{w.unit, w.staff, w.other, w.above, w.province, w.cleaner} {
			_, err := w.s.Get(ctx, who, n)
			platformtest.WantKind(t, who.Name+" reads a draft", err, fault.KindNotFound)
		}
		author := w.leader
		author.Person = w.office.Person // the same person with both posts
		must(t, w.s.Submit(ctx, w.office, n, 0))
		platformtest.WantKind(t, "the author approves his own", w.s.Approve(ctx, author, n, 0), fault.KindState)
		must(t, w.s.Approve(ctx, w.leader, n, 0))
		_, err := w.s.Issue(ctx, w.office, n, notice.IssueCmd{To: "units", Units: "河南省人民检察院，没有这个院"})
		platformtest.WantKind(t, "a unit that is none", err, fault.KindInvalid)
		sent, err := w.s.Issue(ctx, w.office, n, notice.IssueCmd{To: "provincial"})
		if err != nil || sent != 32 {
			t.Fatalf("sent to %d: %v", sent, err)
		}
		platformtest.WantKind(t, "closed before the re-check", w.s.Close(ctx, w.office, n, "办结", 0), fault.KindState)
		must(t, w.s.Recheck(ctx, w.office, n, "未见反弹", 0))
		must(t, w.s.Close(ctx, w.office, n, "办结", 0))
		if v := w.get(t, w.staff, n); v.Entries != nil || v.Issuer {
			t.Errorf("the addressed side sees how it came about: %+v", v.Entries)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A province cannot send to whom it does not lead, and its circulars are not
// read in another province.
func TestCircularsStayBelowTheirIssuer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n, err := w.s.Create(ctx, w.province, text())
		must(t, err)
		must(t, w.s.Submit(ctx, w.province, n.ID, 0))
		must(t, w.s.Approve(ctx, w.above, n.ID, 0))
		_, err = w.s.Issue(ctx, w.province, n.ID, notice.IssueCmd{To: "units", Units: "浙江省人民检察院"})
		platformtest.WantKind(t, "sent to a neighbour", err, fault.KindInvalid)
		must(t, second(w.s.Issue(ctx, w.province, n.ID, notice.IssueCmd{To: "children"})))
		w.get(t, w.city, n.ID)
		w.get(t, w.leader, n.ID)
		for _, who := range []actor.Actor{w.other, w.staff} {
			_, err := w.s.Get(ctx, who, n.ID)
			platformtest.WantKind(t, who.Name+" reads what was not sent to him", err, fault.KindNotFound)
		}
	})
}

// What a list shows is what may be opened; search finds nothing more.
func TestListsShowWhatMayBeOpened(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var all []id.ID
		for i := range 5 {
			c := text()
			c.Title = fmt.Sprintf("通报第%d号", i)
			if i%2 == 0 {
				all = append(all, w.issued(t, c))
			} else {
				all = append(all, w.made(t, c))
			}
		}
		for _, who := range []actor.Actor{w.office, w.leader, w.unit, w.staff, w.other, w.city, w.above, w.province, w.cleaner} {
			var open, listed []id.ID
			for _, n := range all {
				if _, err := w.s.Get(ctx, who, n); err == nil {
					open = append(open, n)
				}
			}
			for _, view := range []string{notice.ViewMade, notice.ViewReceived} {
				q := page.Query{Size: 2, View: view, Filter: url.Values{}}
				for {
					l, err := w.s.List(ctx, who, q)
					must(t, err)
					for _, x := range l.Rows {
						if !slices.Contains(listed, x.ID) {
							listed = append(listed, x.ID)
						}
					}
					if l.Next.After == "" {
						break
					}
					next, err := page.Parse(url.Values{"after": {l.Next.After}})
					must(t, err)
					q.After = next.After
				}
			}
			slices.Sort(open)
			slices.Sort(listed)
			if !slices.Equal(open, listed) {
				t.Errorf("%s may open %d, the lists show %d", who.Name, len(open), len(listed))
			}
			hits, err := w.s.Search(ctx, who, "通报第", 20)
			must(t, err)
			if len(hits) != len(open) {
				t.Errorf("%s may open %d, the search finds %d", who.Name, len(open), len(hits))
			}
		}
	})
}

func TestNamesAreRefusedOnSubmission(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.borne["赵志强"] = []id.ID{"p1"}
		w.borne["高峰"] = []id.ID{"p2"}
		c := text()
		c.Body = "其中赵志强负有责任，整改进入高峰期。"
		n := w.made(t, c)
		platformtest.WantKind(t, "names in statistics", w.s.Submit(ctx, w.office, n, 0), fault.KindInvalid)
		c.Body, c.Words = "整改进入高峰期。", "高峰"
		must(t, w.s.Edit(ctx, w.office, n, c))
		must(t, w.s.Submit(ctx, w.office, n, 0))

		w.hidden = []id.ID{"p1"}
		c = text()
		c.Kind, c.Body = notice.KindNamed, "对赵志强予以通报。"
		n = w.made(t, c)
		err := w.s.Submit(ctx, w.office, n, 0)
		platformtest.WantKind(t, "a recorder is named", err, fault.KindInvalid)
		if strings.Contains(fmt.Sprint(err), "赵志强") {
			t.Errorf("the refusal tells who recorded something: %v", err)
		}
	})
}

func TestReceivingAndStudying(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.issued(t, text())
		good := notice.StudyCmd{HeldOn: "2026-03-02", Form: "meeting", Expected: 30, Attended: 28, Text: "逐条对照"}
		platformtest.WantKind(t, "studied before it is signed for", w.s.Study(ctx, w.unit, n, good), fault.KindState)
		platformtest.WantKind(t, "signed for by staff", w.s.Sign(ctx, w.staff, n), fault.KindNotFound)
		platformtest.WantKind(t, "signed for by a unit it does not address", w.s.Sign(ctx, w.city, n), fault.KindNotFound)
		must(t, w.s.Sign(ctx, w.unit, n))
		platformtest.WantKind(t, "signed for twice", w.s.Sign(ctx, w.unit, n), fault.KindState)
		for what, change := range map[string]func(*notice.StudyCmd){
			"tomorrow":            func(c *notice.StudyCmd) { c.HeldOn = "2026-03-03" },
			"before it was sent":  func(c *notice.StudyCmd) { c.HeldOn = "2026-03-01" },
			"more than expected":  func(c *notice.StudyCmd) { c.Attended = 31 },
			"nobody expected":     func(c *notice.StudyCmd) { c.Expected, c.Attended = 0, 0 },
			"a form that is none": func(c *notice.StudyCmd) { c.Form = "dance" },
			"without words":       func(c *notice.StudyCmd) { c.Text = "" },
		} {
			c := good
			change(&c)
			platformtest.WantKind(t, what, w.s.Study(ctx, w.unit, n, c), fault.KindInvalid)
		}
		must(t, w.s.Study(ctx, w.unit, n, good))
		must(t, w.s.Study(ctx, w.unit, n, good))
		for range 2 { // a second confirmation changes nothing
			must(t, w.s.Confirm(ctx, w.staff, n))
		}
		v := w.get(t, w.office, n)
		if v.Tally.Studied != 1 || v.Tally.Sent != 1 || v.Tally.Readers != 1 {
			t.Errorf("%+v", v.Tally)
		}
		if v := w.get(t, w.unit, n); len(v.Studies) != 2 || v.Receipt.State != notice.Studied {
			t.Errorf("%+v", v)
		}
		rows, _, err := w.s.Receipts(ctx, w.above, n, page.Query{Size: 20, Filter: url.Values{}})
		must(t, err)
		if len(rows) != 1 {
			t.Errorf("a provincial leader sees %d receipts, want that of his own unit", len(rows))
		}
		for _, x := range rows {
			if x.Unit != w.above.Unit {
				t.Errorf("a provincial leader sees the receipt of %s", w.dir.Name(x.Unit))
			}
		}
	})
}

func TestATestIsAnsweredOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		q, err := w.s.Ask(ctx, w.office, notice.QuestionCmd{Theme: "规定", Text: "要不要记录？", Options: "要\n不要", Answer: 1, Source: "实施办法"})
		must(t, err)
		_, err = w.s.Ask(ctx, w.staff, notice.QuestionCmd{Theme: "规定", Text: "要不要记录？", Options: "要\n不要", Answer: 1, Source: "实施办法"})
		platformtest.WantKind(t, "staff adds to the bank", err, fault.KindNotFound)
		c := text()
		c.PassMark = 60
		_, err = w.s.Create(ctx, w.office, c)
		platformtest.WantKind(t, "a pass mark without a test", err, fault.KindInvalid)
		c.Questions = []id.ID{q.ID}
		n := w.issued(t, c)
		_, err = w.s.Answer(ctx, w.staff, n, []int{3})
		platformtest.WantKind(t, "an option that is none", err, fault.KindInvalid)
		a, err := w.s.Answer(ctx, w.staff, n, []int{2})
		if err != nil || a.Passed {
			t.Fatalf("%+v %v", a, err)
		}
		_, err = w.s.Answer(ctx, w.staff, n, []int{1})
		platformtest.WantKind(t, "answered twice", err, fault.KindState)
		_, err = w.s.Answer(ctx, w.other, n, []int{1})
		platformtest.WantKind(t, "answered by whom it does not address", err, fault.KindNotFound)
		if v := w.get(t, w.office, n); v.Marks[w.staff.Unit] != [2]int{1, 0} {
			t.Errorf("marks %v", v.Marks)
		}
	})
}

func TestThePublicPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.issued(t, text())
		hidden := text()
		hidden.Ground, hidden.GroundReason, hidden.PublicTitle, hidden.PublicBody = "secret", "涉密", "", ""
		h := w.issued(t, hidden)
		platformtest.WantKind(t, "published against its ground", w.s.Publish(ctx, w.office, h, 0), fault.KindState)
		draft := w.made(t, text())
		platformtest.WantKind(t, "published before it is issued", w.s.Publish(ctx, w.office, draft, 0), fault.KindState)
		platformtest.WantKind(t, "published by a reader", w.s.Publish(ctx, w.unit, n, 0), fault.KindNotFound)

		site := w.Serve(t, w.s.Room())
		if code, body := site.Get(t, "/public"); code != http.StatusOK || strings.Contains(body, "整改情况") {
			t.Errorf("before publication: %d", code)
		}
		must(t, w.s.Publish(ctx, w.office, n, 0))
		slug := w.get(t, w.office, n).Notice.Slug
		for path, want := range map[string]string{"/public": "整改情况", "/public/" + slug: "公开一段。", "/public/feed.xml": slug, "/public/site.css": "frame"} {
			code, body := site.Get(t, path)
			if code != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("%s: %d, no %q", path, code, want)
			}
			if strings.Contains(body, "第二段") {
				t.Errorf("%s shows the internal version", path)
			}
			if strings.HasSuffix(path, "xml") {
				if err := xml.Unmarshal([]byte(body), new(struct{ XMLName xml.Name })); err != nil {
					t.Errorf("the feed is no XML: %v", err)
				}
			} else if !strings.HasSuffix(path, "css") {
				for _, f := range uitest.Check(body) {
					t.Errorf("%s: %s", path, f)
				}
			}
		}
		files, err := w.s.Export(ctx, notice.Site{Lang: "zh", Word: func(key string, _ ...any) string { return key }})
		if err != nil || len(files) != 4 || !strings.Contains(string(files[slug+".html"]), "公开一段。") {
			t.Errorf("%d files: %v", len(files), err)
		}
		platformtest.WantKind(t, "withdrawn without a reason", w.s.Withdraw(ctx, w.office, n, "", 0), fault.KindInvalid)
		must(t, w.s.Withdraw(ctx, w.office, n, "有误", 0))
		for _, path := range []string{"/public/" + slug, "/public/20260302-000000000000", "/public/..%2f"} {
			if code, _ := site.Get(t, path); code != http.StatusNotFound {
				t.Errorf("%s: %d", path, code)
			}
		}
	})
}

func TestACampaign(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		plan := notice.CampaignCmd{Kind: "warning", Title: "警示教育", Goal: "以案为鉴", Stages: "学习，2026-03-01，2026-03-10\n自查，2026-03-11，2026-04-10"}
		c, err := w.s.Plan(ctx, w.office, plan)
		must(t, err)
		_, err = w.s.Plan(ctx, w.staff, plan)
		platformtest.WantKind(t, "planned by staff", err, fault.KindNotFound)
		_, err = w.s.Campaign(ctx, w.unit, c.ID, page.Query{Size: 20})
		platformtest.WantKind(t, "read before it starts", err, fault.KindNotFound)
		good := notice.Report{Stage: 1, Sessions: 1, Expected: 30, Attended: 28, Text: "研讨"}
		platformtest.WantKind(t, "reported before it starts", w.s.Report(ctx, w.unit, c.ID, good), fault.KindNotFound)
		plan.Goal = "以案促改"
		must(t, w.s.Replan(ctx, w.office, c.ID, plan))
		must(t, second(w.s.Start(ctx, w.office, c.ID, notice.IssueCmd{To: "provincial"})))
		platformtest.WantKind(t, "changed after the start", w.s.Replan(ctx, w.office, c.ID, plan), fault.KindState)
		bad := good
		bad.Attended = 31
		platformtest.WantKind(t, "more than all", w.s.Report(ctx, w.unit, c.ID, bad), fault.KindInvalid)
		must(t, w.s.Report(ctx, w.unit, c.ID, good))
		good.Attended = 29
		must(t, w.s.Report(ctx, w.unit, c.ID, good))
		v, err := w.s.Campaign(ctx, w.office, c.ID, page.Query{Size: 20})
		if err != nil || v.Sum.Attended != 29 || v.Units != 32 || v.Whole != 0 {
			t.Errorf("%+v %v", v.Sum, err)
		}
		if v, err := w.s.Campaign(ctx, w.unit, c.ID, page.Query{Size: 20}); err != nil || len(v.Own) != 2 || v.Own[1].Replaces != v.Own[0].ID || v.Units != 1 {
			t.Errorf("%+v %v", v, err)
		}
		must(t, w.s.End(ctx, w.office, c.ID, "各省均已学习。", 0))
		platformtest.WantKind(t, "reported after the end", w.s.Report(ctx, w.unit, c.ID, good), fault.KindState)
	})
}

// Every page of the room is well-formed, in both languages, full and empty.
func TestPagesAreWellFormed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		site := w.Serve(t, w.s.Room())
		check := func(who actor.Actor, paths ...string) {
			t.Helper()
			site.Actor = who
			for _, p := range paths {
				for _, lang := range []string{"zh", "en"} {
					r, err := http.NewRequest(http.MethodGet, p, nil)
					must(t, err)
					r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
					code, body := site.Send(t, r)
					if code != http.StatusOK {
						t.Errorf("%s %s: %d", who.Name, p, code)
					}
					for _, f := range uitest.Check(body) {
						t.Errorf("%s %s %s: %s", who.Name, p, lang, f)
					}
				}
			}
		}
		lists := []string{"/notices", "/notices?view=made", "/cases", "/campaigns", "/questions"}
		check(w.office, append(lists, "/notices/new", "/campaigns/new")...)
		q, err := w.s.Ask(ctx, w.office, notice.QuestionCmd{Theme: "规定", Text: "要不要记录？", Options: "要\n不要", Answer: 1, Source: "实施办法", Explain: "都要"})
		must(t, err)
		c := text()
		c.PassMark, c.Questions, c.Lesson, c.Posts = 60, []id.ID{q.ID}, "引以为戒", "行政装备"
		draft := "/notices/" + string(w.made(t, c))
		n := w.issued(t, c)
		at := "/notices/" + string(n)
		plan, err := w.s.Plan(ctx, w.office, notice.CampaignCmd{Kind: "warning", Title: "警示教育", Goal: "以案为鉴", Stages: "学习，2026-03-01，2026-03-10"})
		must(t, err)
		camp := "/campaigns/" + string(plan.ID)
		check(w.office, append(lists, draft, draft+"/edit", at, at+"/receipts", camp, camp+"/edit")...)
		must(t, second(w.s.Start(ctx, w.office, plan.ID, notice.IssueCmd{To: "provincial"})))
		must(t, w.s.Sign(ctx, w.unit, n))
		check(w.staff, "/notices", at, "/cases", "/campaigns", camp)
		check(w.unit, at, camp)
		if code, to := site.Post(t, at+"/answer", url.Values{"qa": {""}}); code != http.StatusUnprocessableEntity {
			t.Errorf("an empty test: %d %.100s", code, to)
		}
		if code, _ := site.Post(t, at+"/answer", url.Values{"qa": {"1"}}); code != http.StatusSeeOther {
			t.Errorf("a test: %d", code)
		}
		if code, _ := site.Post(t, at+"/study", url.Values{"held_on": {"昨天以前"}, "form": {"meeting"}}); code != http.StatusUnprocessableEntity {
			t.Errorf("a study without its facts: %d", code)
		}
		must(t, w.s.Report(ctx, w.unit, plan.ID, notice.Report{Stage: 1, Sessions: 1, Expected: 3, Attended: 3, Text: "研讨"}))
		check(w.unit, at, camp)
		check(w.office, at, at+"/receipts", camp)
		if code, body := site.Get(t, at+"/docx"); code != http.StatusOK || !strings.HasPrefix(body, "PK") {
			t.Errorf("document: %d", code)
		}
		cases, err := w.s.Cases(ctx, w.staff)
		if err != nil || len(cases) != 1 || cases[0].Post != "行政装备" {
			t.Errorf("%+v %v", cases, err)
		}
		// Who issued it has it in the library too, also where nobody sent it to him.
		for _, who := range []actor.Actor{w.office, w.leader} {
			if cases, err := w.s.Cases(ctx, who); err != nil || len(cases) != 1 {
				t.Errorf("%s: %+v %v", who.Person, cases, err)
			}
		}
		if cases, err := w.s.Cases(ctx, w.other); err != nil || len(cases) != 0 {
			t.Errorf("a province that it was not sent to: %+v %v", cases, err)
		}
	})
}

// A circular counts when the time to study it is over, a campaign when its last stage
// is: what still runs has not failed.
func TestFiguresCountWhatIsOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		today := clock.Today(w.Clock)
		w.issued(t, text())
		c, err := w.s.Plan(ctx, w.office, notice.CampaignCmd{Kind: "theme", Title: "教育", Goal: "目标", Stages: "学习，" + string(today) + "，" + string(today.AddDays(40))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.Start(ctx, w.office, c.ID, notice.IssueCmd{To: "units", Units: "河南省人民检察院"}); err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			name           string
			from, to, want int
		}{{"notice.studied", -365, 29, 0}, {"notice.studied", -365, 30, 1}, {"notice.studied", 31, 365, 0}, {"campaign.reported", -365, 39, 0}, {"campaign.reported", -365, 40, 1}, {"campaign.reported", 41, 365, 0}} {
			err := w.DB.Read(ctx, func(q db.Q) error {
				f, err := notice.Facts()[x.name](ctx, q, w.unit.Unit, today.AddDays(x.from), today.AddDays(x.to))
				if err == nil && (f.All != x.want || f.Good != 0) {
					t.Errorf("%s from %d to %d: %d of %d, want 0 of %d", x.name, x.from, x.to, f.Good, f.All, x.want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
