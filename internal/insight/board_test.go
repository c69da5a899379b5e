package insight

import (
	"context"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"huikan/internal/directive"
	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/org/orgtest"
	"huikan/internal/platform/access"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/search"
	"huikan/internal/platform/ui/uitest"
	"huikan/internal/platform/vault"
	"huikan/internal/rectification"
)

var ctx = context.Background()

type world struct {
	*platformtest.Kit
	s     *Service
	dir   *org.Directory
	o     *org.Service
	units []id.ID
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	join := func(lists ...[]string) (out []string) {
		for _, l := range lists {
			out = append(out, l...)
		}
		return out
	}
	rules := append(append(append(append(org.Rules(), inspection.Rules()...), rectification.Rules()...), directive.Rules()...), Rules()...)
	platformtest.Each(t, platformtest.Parts{Schemas: []fs.FS{search.Schema, org.Schema, inspection.Schema, rectification.Schema, directive.Schema, Schema},
		Tables: join(org.Tables, inspection.Tables, rectification.Tables, directive.Tables, Tables), Rules: rules}, func(t *testing.T, k *platformtest.Kit) {
		o := orgtest.Plant(t, k)
		files, err := vault.Open(k.Dir, k.Keys)
		if err != nil {
			t.Fatal(err)
		}
		find := func(string) []id.ID { return nil }
		w := &world{Kit: k, dir: o.Dir, o: o.Service}
		w.s = New(Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Dir: o.Dir, Inspect: inspection.New(inspection.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Units: o.Dir, Vault: files}),
			Rectify:   rectification.New(rectification.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Units: o.Dir, Files: files, Find: find, Names: orgtest.NoNames}),
			Directive: directive.New(directive.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Dir: o.Dir, Files: files, Find: find, Names: orgtest.NoNames})})
		for _, name := range []string{"最高人民检察院", "河南省人民检察院", "新乡市人民检察院", "郑州市人民检察院", "湖北省人民检察院", "武汉市人民检察院"} {
			w.units = append(w.units, o.Unit(name))
		}
		fn(t, w)
	})
}

// fill adds random items; some concern the persons p0 to p3.
func (w *world) fill(t *testing.T, rnd *rand.Rand, n int) {
	t.Helper()
	var list []rectification.NewItem
	states := rectification.Flow.States()
	today := clock.Today(w.Clock)
	for range n {
		i := rectification.Item{ID: id.New(), Finding: id.New(), Round: "round", Unit: w.units[rnd.IntN(len(w.units))], By: w.units[0], No: string(id.New())[24:], Title: "纪要未归档", Problem: "抽查五份，三份没有归档。",
			Severity: inspection.Severities()[rnd.IntN(4)], Category: inspection.Categories()[rnd.IntN(4)], FedBack: today.AddDays(-rnd.IntN(400)), State: states[rnd.IntN(len(states))]}
		i.Due = i.FedBack.AddDays(100 + rnd.IntN(200))
		i.FirstDue = i.Due
		if i.State == rectification.StateClosed {
			i.ClosedOn = min(today, i.FedBack.AddDays(rnd.IntN(90)))
			if rnd.IntN(3) == 0 {
				i.Verified, i.VerifiedOn = []string{rectification.Held, rectification.Paper}[rnd.IntN(2)], today
			}
		}
		if i.IsAside() {
			i.Aside, i.Until = min(today, i.FedBack.AddDays(rnd.IntN(90))), today.AddDays(30)
		}
		i.Handled = []string{"", "诫勉一人"}[rnd.IntN(2)]
		n := rectification.NewItem{Item: i}
		for _, m := range []rectification.Measure{{Text: "补录台账", Kind: "symptom"}, {Text: "修订办法", Kind: "system"}, {Text: "组织警示教育", Kind: "source"}} {
			if rnd.IntN(2) == 0 {
				n.Measures = append(n.Measures, m)
			}
		}
		if rnd.IntN(6) == 0 {
			n.Concerns = []id.ID{[]id.ID{"p0", "p1", "p2", "p3"}[rnd.IntN(4)]}
		}
		list = append(list, n)
	}
	if err := w.s.Rectify.AddMany(ctx, actor.Program("test"), list); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(2 * time.Minute) // figures may be a minute old
}

// count is how many records the list has to which a figure leads.
func (w *world) count(t *testing.T, who actor.Actor, href string) int {
	t.Helper()
	u, err := url.Parse(href)
	if err != nil || u.Path != "/ledger" {
		t.Fatalf("%s is no ledger: %v", href, err)
	}
	q, err := page.Parse(u.Query())
	if err != nil {
		t.Fatal(err)
	}
	l, err := w.s.Rectify.List(ctx, who, q)
	if err != nil {
		t.Fatal(err)
	}
	return l.Next.Count
}

// Whatever the data and the reader, a figure of the dashboard is the number of
// records in the list that it leads to: for the whole, each unit, each cell.
func TestFiguresEqualTheListsBehindThem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		rnd := rand.New(rand.NewPCG(7, 11))
		place := func(k int) access.Place { return w.dir.Place(w.units[k]) }
		readers := []actor.Actor{platformtest.As("p0", actor.Leader, place(0)), platformtest.As("p1", actor.Leader, place(1)), platformtest.As("p2", actor.Office, place(0)), platformtest.As("p3", actor.Liaison, place(2)),
			platformtest.As("other", actor.UnitHead, place(4)), platformtest.As("rev", actor.Reviewer, place(1)), platformtest.As("sup", actor.Supervisor, place(0)), platformtest.As("audit", actor.Auditor, place(0))}
		for i := range readers {
			readers[i].Person = id.ID(readers[i].Name)
		}
		nonzero := 0
		for range 3 {
			w.fill(t, rnd, 60)
			for _, who := range readers {
				for _, under := range []id.ID{"", w.units[1], w.units[2]} {
					b, err := w.s.Board(ctx, who, under)
					if err != nil {
						t.Fatal(err)
					}
					nonzero += b.Total.Items
					same := func(what string, figure int, href string) {
						if n := w.count(t, who, href); n != figure {
							t.Errorf("%s under %q: %s is %d, the list %s has %d", who.Name, w.dir.Short(under), what, figure, href, n)
						}
					}
					same("items", b.Total.Items, b.listOf("/ledger", "", "view=all"))
					same("closed", b.Total.Closed, b.listOf("/ledger", "", "view=all", "state=closed"))
					same("aside", b.Total.Aside, b.listOf("/ledger", "", "view=aside"))
					same("overdue", b.Total.Overdue, b.listOf("/ledger", "", "view=overdue"))
					same("applied", b.Total.Applied, b.listOf("/ledger", "", "view=all", "state=applied"))
					if l, err := w.s.Rectify.List(ctx, who, page.Query{View: rectification.ViewAll, Size: 10, Filter: map[string][]string{"under": {string(under)}}}); err != nil || b.Measures == nil && l.Measures != nil || l.Measures != nil && *l.Measures != *b.Measures {
						t.Errorf("%s under %q: measures %v, the list has %v: %v", who.Name, w.dir.Short(under), b.Measures, l.Measures, err)
					}
					for unit, x := range b.ByUnit {
						same("unit "+w.dir.Short(unit), x.Items, w.s.cellList(b, unit))
						for _, c := range categories {
							same("cell", b.Cells[unit][c].Items, w.s.cellList(b, unit, "category="+c))
						}
					}
					if under == "" {
						v, err := w.s.Integrated(ctx, who)
						if err != nil {
							t.Fatal(err)
						}
						for k, ways := range [][]string{rectification.Depths(), rectification.Ends()} {
							for _, way := range ways {
								n := 0
								for _, x := range v.Chains {
									if []string{x.Depth, x.End}[k] == way {
										n += x.N
									}
								}
								if who.Name == "p0" || who.Name == "p3" { // one who sees all, one who sees a part
									same("flow", n, "/ledger?view=all&"+[]string{"depth", "end"}[k]+"="+way)
								}
							}
						}
						for _, m := range v.Matrix {
							for k, have := range []int{m.Deterrence, m.Control, m.Education} {
								same("gap", m.Items-have, "/ledger?view=all&category="+m.Category+"&lacks="+rectification.Lacking()[k])
							}
						}
					}
					if b.Trend != nil {
						if last := b.Trend.Months[len(b.Trend.Months)-1]; last.Left != b.Total.Open {
							t.Errorf("%s under %q: %d left, %d open", who.Name, w.dir.Short(under), last.Left, b.Total.Open)
						}
					}
				}
			}
		}
		if nonzero == 0 {
			t.Error("no figure was above zero: the property says nothing")
		}
	})
}

func TestBoardPagesAndExports(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.fill(t, rand.New(rand.NewPCG(1, 2)), 80)
		site := w.Serve(t, w.o.Room(), w.s.Room(), w.s.Rectify.Room(), w.s.Inspect.Room(), w.s.Directive.Room())
		w.s.Server = site.Server
		get := func(path, lang string) (int, string) {
			u, err := url.Parse(path)
			if err != nil {
				t.Fatal(err)
			}
			u.RawQuery = u.Query().Encode()
			r := httptest.NewRequest(http.MethodGet, u.String(), nil)
			r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
			return site.Send(t, r)
		}
		site.Actor = platformtest.As("leader", actor.Leader, w.dir.Place(w.units[0]))
		site.Actor.Person = "leader"
		for _, c := range []struct {
			path string
			want int
			has  string
		}{{"/board", 200, "台账燃尽"}, {"/board?as=supervisor", 200, "督查"}, {"/board?under=河南省人民检察院", 200, "各单位销号情况"}, {"/board?under=火星", 422, "火星"}, {"/views?address=/board", 200, "/board"},
			{"/integrated", 200, "提高觉悟"}, {"/palette", 200, "驾驶舱"}, {"/palette?q=jsc", 200, "驾驶舱"}, {"/palette?q=纪要", 200, "标题中有"}, {"/search?q=纪要", 200, "<mark>纪要</mark>"}, {"/search?q=hnsjcy", 200, "拼音首字母"}, {"/search?q=查无此词", 200, "没有找到"}, {"/board/board.xlsx", 200, "PK"}, {"/board/board.docx", 200, "PK"}, {"/board/map.svg", 200, "<svg"}, {"/board/heat.svg?under=河南省人民检察院", 200, "<svg"}, {"/integrated", 200, "数据截至 2026-03-02"}, {"/integrated/chain.svg", 200, "<svg"}, {"/integrated/matrix.svg", 200, "<svg"}, {"/integrated/none.svg", 404, ""}, {"/board/none.svg", 404, ""}, {"/board/board.exe", 404, ""}} {
			for _, lang := range []string{"zh", "en"} {
				code, body := get(c.path, lang)
				if code != c.want || lang == "zh" && !strings.Contains(body, c.has) {
					t.Errorf("%s: %d, want %d with %q: %.300s", c.path, code, c.want, c.has, body)
				}
				if code == 200 && strings.HasPrefix(body, "<!") {
					for _, wrong := range uitest.Check(body) {
						t.Errorf("%s %s: %s", c.path, lang, wrong)
					}
				}
			}
		}
		if _, svg := get("/board/map.svg", "zh"); strings.Contains(svg, "<a ") || strings.Contains(svg, "href") {
			t.Error("a picture that leaves the house has links into it")
		} else if !strings.Contains(svg, "2026-03-02") || !strings.Contains(svg, `<text class="m" x="6"`) {
			t.Errorf("a picture does not say of when it is: %.600s", svg)
		}
		// A renamed unit's figures run on; a merged one keeps its own, and both sides say so.
		hr := actor.Program("test")
		gone, _ := w.dir.ByName("新乡市卫滨区人民检察院")
		heir, _ := w.dir.ByName("新乡市红旗区人民检察院")
		if err := w.o.Rename(ctx, hr, heir.ID, org.RenameUnitCmd{Rev: heir.Rev, Name: "新乡市新红旗区人民检察院", Short: "新红旗区检察院", From: "2026-02-01", Reason: "更名"}); err != nil {
			t.Fatal(err)
		}
		if err := w.o.Close(ctx, hr, gone.ID, org.CloseUnitCmd{Rev: gone.Rev, On: "2026-02-02", Into: "新乡市新红旗区人民检察院", Reason: "合并"}); err != nil {
			t.Fatal(err)
		}
		for unit, has := range map[id.ID][]string{gone.ID: {"2026-02-02 并入新乡市新红旗区", "/board?under=" + string(heir.ID)}, heir.ID: {"“新乡市红旗区人民检察院”", "卫滨区人民检察院已于 2026-02-02 并入", "/board?under=" + string(gone.ID)}} {
			_, body := get("/board?under="+string(unit), "zh")
			for _, x := range has {
				if !strings.Contains(body, x) {
					t.Errorf("the history of %s does not say %q", w.dir.Name(unit), x)
				}
			}
		}
		site.Actor = platformtest.As("auditor", actor.Auditor, w.dir.Place(w.units[0]))
		if code, _ := get("/board", "zh"); code != 404 {
			t.Errorf("the auditor sees business figures: %d", code)
		}
	})
}

// A saved filter gives no right: it is an address; shared ones are found in the
// unit, and only the owner takes one away.
func TestSavedFiltersAndSubscriptions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		me := platformtest.As("me", actor.Leader, w.dir.Place(w.units[1]))
		mate := platformtest.As("mate", actor.Liaison, w.dir.Place(w.units[1]))
		far := platformtest.As("far", actor.Liaison, w.dir.Place(w.units[4]))
		me.Person, mate.Person, far.Person = "me", "mate", "far"
		for _, address := range []string{"", "https://example.org/", "//example.org", "/a b", "/api/v1/board", "javascript:alert(1)"} {
			_, err := w.s.SaveView(ctx, me, ViewCmd{Title: "x", Address: address})
			platformtest.WantKind(t, address, err, fault.KindInvalid)
		}
		own, err := w.s.SaveView(ctx, me, ViewCmd{Title: "我的", Address: "/ledger?view=overdue"})
		if err != nil {
			t.Fatal(err)
		}
		shared, err := w.s.SaveView(ctx, me, ViewCmd{Title: "本院超期", Address: "/ledger?view=overdue", Shared: SharedUnit})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			who  actor.Actor
			want int
		}{{me, 2}, {mate, 1}, {far, 0}} {
			if l, _, err := w.s.Views(ctx, c.who); err != nil || len(l) != c.want {
				t.Errorf("%s finds %d, want %d, %v", c.who.Name, len(l), c.want, err)
			}
		}
		platformtest.WantKind(t, "not shared", w.s.Subscribe(ctx, mate, own.ID, SubscribeCmd{Every: "day"}), fault.KindNotFound)
		platformtest.WantKind(t, "no interval", w.s.Subscribe(ctx, mate, shared.ID, SubscribeCmd{}), fault.KindInvalid)
		platformtest.WantKind(t, "somebody else's", w.s.EndView(ctx, mate, shared.ID, 0), fault.KindNotFound)
		if err := w.s.Subscribe(ctx, mate, shared.ID, SubscribeCmd{Every: "week"}); err != nil {
			t.Fatal(err)
		}
		todos := func() int {
			l, err := w.s.todo(ctx, mate)
			if err != nil {
				t.Fatal(err)
			}
			return len(l)
		}
		if todos() != 0 {
			t.Error("reminded before the week is over")
		}
		w.Clock.Advance(7 * 24 * time.Hour)
		if todos() != 1 {
			t.Error("not reminded after a week")
		}
		_, subs, err := w.s.Views(ctx, mate)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.s.Seen(ctx, me, subs[shared.ID].ID)
		platformtest.WantKind(t, "somebody else's subscription", err, fault.KindNotFound)
		if to, err := w.s.Seen(ctx, mate, subs[shared.ID].ID); err != nil || to != shared.Address || todos() != 0 {
			t.Errorf("%s %v", to, err)
		}
		if err := w.s.EndView(ctx, me, shared.ID, 0); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(8 * 24 * time.Hour)
		if todos() != 0 {
			t.Error("reminded of what is gone")
		}
	})
}
