package rectification_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/ui/uitest"
	rect "huikan/internal/rectification"
)

// view gets a page in both languages and judges its structure.
func view(t *testing.T, site *platformtest.Site, path string, want int) string {
	t.Helper()
	var zh string
	for _, lang := range []string{"en", "zh"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
		code, body := site.Send(t, r)
		if code != want {
			t.Errorf("%s in %s: %d, want %d", path, lang, code, want)
		}
		if strings.Contains(body, "⟦") {
			t.Errorf("%s in %s lacks words", path, lang)
		}
		for _, f := range uitest.Check(body) {
			t.Errorf("%s in %s: %s", path, lang, f)
		}
		zh = body
	}
	return zh
}

func upload(t *testing.T, path string, fields map[string]string, files map[string]string) *http.Request {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, v := range fields {
		ok(t, m.WriteField(k, v))
	}
	for name, text := range files {
		f, err := m.CreateFormFile("files", name)
		ok(t, err)
		_, err = f.Write([]byte(text))
		ok(t, err)
	}
	ok(t, m.Close())
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return r
}

// a picture of one point, as the smallest real file of its kind.
const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"

func TestPagesAlongTheWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		site := w.Serve(t, w.s.Room())
		long := strings.Repeat("某某自治州某某自治县", 20)
		empty := view(t, as(site, liaison), "/ledger", 200)
		if !strings.Contains(empty, "没有符合条件的整改事项") {
			t.Error("the empty ledger does not say so")
		}
		n := w.item(t, "A-1", func(x *rect.NewItem) {
			x.Title, x.Problem, x.Lead, x.Department, x.ClaimedWord = long+`<script>alert("1")</script>`, long, long, long, long
		})
		base := "/items/" + string(n)
		for _, p := range []string{"/ledger", "/ledger?view=all&list=problems", "/ledger?list=tasks", "/ledger?list=duties&sort=-no", "/ledger?cols=no&cols=severity", base} {
			if body := view(t, as(site, liaison), p, 200); strings.Contains(body, `<script>alert`) {
				t.Errorf("%s gives out markup of a record", p)
			}
		}
		code, to := as(site, liaison).Post(t, base+"/claim", url.Values{"rev": {"1"}})
		if code != 303 || !strings.Contains(to, "done.item.claim") {
			t.Fatalf("claim: %d %s", code, to)
		}
		view(t, site, to, 200)
		view(t, site, base+"/plan", 200)
		view(t, site, base+"/measures/new", 200)
		if code, body := site.Post(t, base+"/plan", url.Values{"rev": {"2"}, "goal": {"保留的文字"}}); code != 422 || !strings.Contains(body, "保留的文字") {
			t.Errorf("plan without a leader: %d", code)
		}
		post(t, site, base+"/plan", url.Values{"rev": {"2"}, "lead": {"李某"}, "department": {long}})
		if code, _ := site.Post(t, base+"/submit-plan", url.Values{}); code != 422 {
			t.Errorf("plan without measures: %d", code)
		}
		if code, body := site.Post(t, base+"/measures/new", url.Values{"text": {"归档"}, "due": {"2026年13月"}}); code != 422 || !strings.Contains(body, "归档") {
			t.Errorf("bad measure: %d", code)
		}
		post(t, site, base+"/measures/new", url.Values{"text": {long}, "kind": {"system"}, "responsible": {"王某"}, "due": {"2026.6.30"}, "state": {"planned"}})
		view(t, site, base, 200)
		view(t, site, base+"/measures/"+string(w.dossier(t, n).Measures[0].ID), 200)
		post(t, site, base+"/submit-plan", url.Values{})
		view(t, as(site, reviewer), "/review", 200)
		view(t, site, base+"/review", 200)
		post(t, site, base+"/approve-plan", url.Values{})
		as(site, liaison)
		for _, p := range []string{"/progress", "/evidence", "/milestones", "/extension", "/apply", ""} {
			view(t, site, base+p, 200)
		}
		post(t, site, base+"/progress", url.Values{"text": {long}, "on": {"2026-3-1"}, "measure": {string(w.dossier(t, n).Measures[0].ID)}})
		post(t, site, base+"/milestones", url.Values{"title": {"年底评估"}, "due": {"2026-12-31"}})
		post(t, site, base+"/extension", url.Values{"to": {"2026-12-31"}, "reason": {"会商"}})
		if code, _ := site.Post(t, base+"/extension", url.Values{"to": {"2027-12-31"}, "reason": {"会商"}}); code != 409 {
			t.Errorf("second extension: %d", code)
		}
		view(t, as(site, reviewer), base+"/extension", 200)
		post(t, site, base+"/extension/judge", url.Values{"grant": {"1"}})
		as(site, liaison)
		code, to = site.Send(t, upload(t, base+"/evidence", map[string]string{"note": long, "dated": "2026-01-02"},
			map[string]string{long[:60] + ".png": png, "目录.txt": "第一行\n<b>第二行</b>", "表.csv": "编号,名称\n1,纪要\n"}))
		if code != 303 {
			t.Fatalf("upload: %d %s", code, to)
		}
		view(t, site, base+"/evidence", 200)
		w.Clock.Advance(time.Minute)
		if code, _ := site.Post(t, base+"/apply", url.Values{"statement": {long}, "claimed": {"done"}}); code != 422 {
			t.Errorf("application without measures: %d", code)
		}
		post(t, site, base+"/apply", url.Values{"statement": {long}, "claimed": {"done"}, "measures": {string(w.dossier(t, n).Measures[0].ID)}})
		w.Clock.Advance(time.Minute)
		as(site, reviewer)
		body := view(t, site, base+"/review", 200)
		if !strings.Contains(body, "早于反馈日期") || !strings.Contains(body, "没有源头治理措施") {
			t.Error("the machine's checks are missing")
		}
		if code, body := site.Post(t, base+"/close", url.Values{"opinion": {"我的意见"}}); code != 409 || !strings.Contains(body, "没有打开") || !strings.Contains(body, "我的意见") {
			t.Errorf("closing unread: %d", code)
		}
		for _, e := range w.dossier(t, n).Evidence {
			body := view(t, site, "/evidence/"+string(e.ID), 200)
			if e.Kind == "txt" && !strings.Contains(body, "&lt;b&gt;第二行") {
				t.Error("a text is not shown as text")
			}
		}
		view(t, site, base+"/review?open=all", 200)
		if code, body := site.Post(t, base+"/close", url.Values{"opinion": {"属实"}}); code != 422 || !strings.Contains(body, "还没有核对") {
			t.Errorf("closing with claims unchecked: %d", code)
		}
		borne := url.Values{"opinion": {"属实"}}
		for _, c := range w.claims(t, n) {
			borne.Add("borne", string(c))
		}
		post(t, site, base+"/close", borne)
		view(t, site, base, 200)
		view(t, as(site, office), base+"/reopen", 200)
		if code, _ := site.Post(t, base+"/reopen", url.Values{}); code != 422 {
			t.Errorf("reopening without a reason: %d", code)
		}
		post(t, site, base+"/reopen", url.Values{"reason": {"群众反映问题仍在"}})
		view(t, as(site, liaison), base, 200)
	})
}

func as(s *platformtest.Site, a actor.Actor) *platformtest.Site { s.Actor = a; return s }

func post(t *testing.T, s *platformtest.Site, path string, v url.Values) {
	t.Helper()
	if code, to := s.Post(t, path, v); code != http.StatusSeeOther {
		t.Fatalf("%s: %d %s", path, code, problems(to))
	}
}

var problemText = regexp.MustCompile(`(?s)class="err".*?</p>|class="notice late".*?</div>`)

func problems(body string) string { return fmt.Sprint(problemText.FindAllString(body, 5)) }

func TestStrangersFindNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.item(t, "A-1", nil)
		w.toRectifying(t, n)
		e := w.toApplied(t, n)
		site := w.Serve(t, w.s.Room())
		concerned := reviewer
		concerned.Person, concerned.Related = "other", []id.ID{"subject"}
		ok(t, w.Log.Write(ctx, program, "concern", func(tx *audit.Tx) error { return access.Concern(ctx, tx, n, "subject", access.Subject) }))
		team := actor.Actor{Account: "a", Person: "inspector", Unit: hq.Unit, Path: hq.Path, Teams: []actor.Membership{{Team: "other-team", Role: actor.Inspector}}}
		for _, a := range append([]actor.Actor{stranger, concerned, team, platformtest.As("staff", actor.Staff, north)}, admins...) {
			as(site, a)
			for _, p := range []string{"/items/" + string(n), "/items/" + string(n) + "/evidence", "/items/" + string(n) + "/review", "/evidence/" + string(e.ID),
				"/evidence/" + string(e.ID) + "/file", "/evidence/" + string(id.New()) + "/file", "/api/v1/items/" + string(n), "/api/v1/evidence/" + string(e.ID)} {
				if code, _ := site.Get(t, p); code != http.StatusNotFound {
					t.Errorf("%s sees %s: %d", a.Name, p, code)
				}
			}
			if code, body := site.Get(t, "/api/v1/ledger?view=all"); code == 200 && strings.Contains(body, string(n)) {
				t.Errorf("%s finds it in the ledger", a.Name)
			} else if code == 200 && !strings.Contains(body, `"Count":0`) {
				t.Errorf("%s counts it: %s", a.Name, body)
			}
		}
		// Absent and hidden answer alike.
		as(site, stranger)
		_, hidden := site.Get(t, "/api/v1/evidence/"+string(e.ID))
		_, absent := site.Get(t, "/api/v1/evidence/"+string(id.New()))
		if hidden != absent {
			t.Errorf("hidden %s, absent %s", hidden, absent)
		}
		// A look-back team reads what is lent to it, and no longer afterwards.
		team.Teams = []actor.Membership{{Team: "lb", Role: actor.Lookback}}
		for _, x := range []struct {
			team id.ID
			code int
		}{{"lb", 200}, {"", 404}} {
			ok(t, w.Log.Write(ctx, program, "lend", func(tx *audit.Tx) error { return w.s.Lend(ctx, tx, n, x.team) }))
			if code, _ := as(site, team).Get(t, "/evidence/"+string(e.ID)+"/file"); code != x.code {
				t.Errorf("lent to %q: %d", x.team, code)
			}
			if l, err := w.s.List(ctx, team, page.Query{Size: 50, View: rect.ViewAll}); err != nil || (len(l.Rows) == 1) != (x.code == 200) {
				t.Errorf("lent to %q: %d rows, %v", x.team, len(l.Rows), err)
			}
		}
	})
}

func TestEvidenceBelongsToOneItem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.item(t, "A-1", nil), w.item(t, "A-2", nil)
		foreign := w.item(t, "B-1", func(n *rect.NewItem) {
			n.Unit, n.State, n.Measures = south.Unit, rect.StateRectifying, []rect.Measure{{Text: "x", Kind: rect.System}}
		})
		w.toRectifying(t, a)
		w.toRectifying(t, b)
		es, err := w.s.HandIn(ctx, liaison, a, rect.EvidenceCmd{}, file("a.txt", "一样的内容"))
		ok(t, err)
		platformtest.WantKind(t, "replacing a file of another item", second(w.s.HandIn(ctx, liaison, b, rect.EvidenceCmd{Replaces: es[0].ID}, file("b.txt", "b"))), fault.KindNotFound)
		platformtest.WantKind(t, "a measure of another item", second(w.s.HandIn(ctx, liaison, b, rect.EvidenceCmd{Measure: w.dossier(t, foreign).Measures[0].ID}, file("b.txt", "b"))), fault.KindNotFound)
		platformtest.WantKind(t, "a foreign item", second(w.s.HandIn(ctx, liaison, foreign, rect.EvidenceCmd{}, file("b.txt", "b"))), fault.KindNotFound)
		platformtest.WantKind(t, "no file", second(w.s.HandIn(ctx, liaison, a, rect.EvidenceCmd{}, nil)), fault.KindInvalid)
		many := slices.Repeat(file("b.txt", "b"), 21)
		platformtest.WantKind(t, "too many", second(w.s.HandIn(ctx, liaison, a, rect.EvidenceCmd{}, many)), fault.KindInvalid)
		if err := second(w.s.HandIn(ctx, liaison, a, rect.EvidenceCmd{}, file("坏.docx", "no office file"))); !fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), "坏.docx") {
			t.Errorf("a wrong kind: %v", err)
		}
		if err := second(w.s.HandIn(ctx, liaison, a, rect.EvidenceCmd{}, []rect.FileIn{{Name: "大.txt", Size: 1 << 40, R: strings.NewReader("x")}})); !fault.Is(err, fault.KindLimit) || !strings.Contains(err.Error(), "大.txt") {
			t.Errorf("too large: %v", err)
		}
		next, err := w.s.HandIn(ctx, head, a, rect.EvidenceCmd{Replaces: es[0].ID}, file("a2.txt", "新版"))
		ok(t, err)
		platformtest.WantKind(t, "replaced twice", second(w.s.HandIn(ctx, head, a, rect.EvidenceCmd{Replaces: es[0].ID}, file("a3.txt", "再一版"))), fault.KindConflict)
		all := w.dossier(t, a).Evidence
		if next[0].Revision != 2 || len(all) != 2 || len(rect.InForce(all)) != 1 || rect.InForce(all)[0].ID != next[0].ID {
			t.Errorf("%+v", all)
		}
		// The same content in another item is told to the reviewer.
		_, err = w.s.HandIn(ctx, liaison, b, rect.EvidenceCmd{}, file("c.txt", "新版"))
		ok(t, err)
		ok(t, w.s.Apply(ctx, liaison, b, w.applyCmd(t, b)))
		w.Clock.Advance(time.Minute)
		site := as(w.Serve(t, w.s.Room()), reviewer)
		if _, body := site.Get(t, "/items/"+string(b)+"/review"); strings.Count(body, "文件完全相同") != 1 {
			t.Error("an equal file is not told")
		}
		code, body := site.Get(t, "/evidence/"+string(next[0].ID)+"/file")
		if code != 200 || body != "新版" {
			t.Errorf("file: %d %q", code, body)
		}
	})
}

func TestAStaleFormShowsBothVersions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.item(t, "A-1", nil)
		ok(t, w.s.Claim(ctx, liaison, rect.ClaimCmd{Items: []id.ID{n}}))
		m, err := w.s.AddMeasure(ctx, liaison, n, measure)
		ok(t, err)
		site := as(w.Serve(t, w.s.Room()), head)
		rev := fmt.Sprint(w.get(t, n).Rev)
		post(t, site, "/items/"+string(n)+"/plan", url.Values{"rev": {rev}, "lead": {"先到者"}, "department": {"甲部"}})
		rev = fmt.Sprint(w.get(t, n).Rev)
		post(t, site, "/items/"+string(n)+"/plan", url.Values{"rev": {rev}, "lead": {"先到者"}, "department": {"丙部"}})
		code, body := as(site, liaison).Post(t, "/items/"+string(n)+"/plan", url.Values{"rev": {rev}, "lead": {"后到者"}, "department": {"乙部"}})
		if code != 409 || !strings.Contains(body, "先到者") || !strings.Contains(body, "后到者") || !strings.Contains(body, "姓名head") || !strings.Contains(body, "<span>甲部</span>") {
			t.Errorf("plan: %d %s", code, body)
		}
		path := "/items/" + string(n) + "/measures/" + string(m.ID)
		v := url.Values{"rev": {"1"}, "text": {"先到的措施"}, "kind": {"system"}, "responsible": {"王某"}, "due": {"2026-06-30"}, "state": {"under_way"}}
		post(t, site, path, v)
		v.Set("text", "后到的措施")
		if code, body := site.Post(t, path, v); code != 409 || !strings.Contains(body, "先到的措施") || !strings.Contains(body, "后到的措施") || !strings.Contains(body, "<span>"+measure.Text+"</span>") {
			t.Errorf("measure: %d", code)
		}
	})
}

func TestViewsFiltersAndPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		states := []string{rect.StateRectifying, rect.StateApplied, rect.StateClosed}
		var items []rect.NewItem
		for n := range 60 {
			i := rect.Item{Finding: id.New(), Round: "round", Unit: north.Unit, By: hq.Unit, No: fmt.Sprintf("N-%03d", n), Title: "归档问题", Severity: "grave", Category: "theory",
				Due: clock.Date("2026-02-01").AddDays(n), State: states[n%3]}
			if n%6 == 2 {
				i.Verified = rect.Held
			}
			if n%2 == 1 {
				i.Unit, i.Title = south.Unit, "选人用人问题"
			}
			items = append(items, rect.NewItem{Item: i})
		}
		ok(t, w.s.AddMany(ctx, program, items))
		count := func(a actor.Actor, view string, filter url.Values) int {
			t.Helper()
			l, err := w.s.List(ctx, a, page.Query{Size: 100, View: view, Filter: filter})
			ok(t, err)
			if len(l.Rows) != l.Next.Count {
				t.Errorf("%s %v: %d rows, count %d", view, filter, len(l.Rows), l.Next.Count)
			}
			return len(l.Rows)
		}
		for _, tc := range []struct {
			who    actor.Actor
			view   string
			filter url.Values
			want   int
		}{
			{office, rect.ViewAll, nil, 60}, {liaison, rect.ViewAll, nil, 30}, {leader, rect.ViewAll, nil, 30}, {admins[0], rect.ViewAll, nil, 0},
			{office, rect.ViewOpen, nil, 40}, {office, rect.ViewReview, nil, 20}, {liaison, rect.ViewReview, nil, 0}, {office, rect.ViewOverdue, nil, 10},
			{office, rect.ViewNear, nil, 10}, {office, rect.ViewUnchecked, nil, 10}, {office, rect.ViewAll, url.Values{"unit": {"南方"}}, 30},
			{office, rect.ViewAll, url.Values{"unit": {"没有"}}, 0}, {liaison, rect.ViewAll, url.Values{"unit": {"南方"}}, 0},
			{office, rect.ViewAll, url.Values{"q": {"选人用人"}}, 30}, {office, rect.ViewAll, url.Values{"q": {"N-007"}}, 1},
			{office, rect.ViewAll, url.Values{"verified": {"held"}}, 10}, {office, rect.ViewAll, url.Values{"state": {"closed"}, "severity": {"grave"}, "category": {"theory"}}, 20},
			{office, rect.ViewAll, url.Values{"category": {"discipline"}}, 0}, {office, rect.ViewAll, url.Values{"claimed": {"not_started"}}, 60},
		} {
			if got := count(tc.who, tc.view, tc.filter); got != tc.want {
				t.Errorf("%s %s %v: %d, want %d", tc.who.Name, tc.view, tc.filter, got, tc.want)
			}
		}
		// Page by page there and back, nothing twice and nothing left out.
		for _, sort := range []string{"", "-due", "no", "-no"} {
			site := as(w.Serve(t, w.s.Room()), office)
			path, seen := "/api/v1/ledger?view=all&per=20&sort="+sort, []string{}
			var last struct {
				Rows []struct{ No string } `json:"rows"`
				Next page.Next             `json:"next"`
			}
			for next := path; next != ""; {
				last.Rows, last.Next = nil, page.Next{}
				_, body := site.Get(t, next)
				ok(t, json.Unmarshal([]byte(body), &last))
				for _, r := range last.Rows {
					seen = append(seen, r.No)
				}
				if next = ""; last.Next.After != "" {
					next = path + "&after=" + last.Next.After
				}
			}
			want := slices.Clone(seen)
			slices.Sort(want)
			if strings.HasPrefix(sort, "-") {
				slices.Reverse(want)
			}
			if len(seen) != 60 || !slices.Equal(seen, want) {
				t.Errorf("sorted by %q: %v", sort, seen)
			}
			_, body := site.Get(t, path+"&before="+last.Next.Before)
			ok(t, json.Unmarshal([]byte(body), &last))
			if last.Rows[len(last.Rows)-1].No != seen[39] {
				t.Errorf("back by %q: %+v", sort, last.Rows)
			}
		}
		site := as(w.Serve(t, w.s.Room()), liaison)
		if code, body := site.Get(t, "/ledger/export?format=csv&view=all"); code != 200 || strings.Count(body, "N-") != 30 {
			t.Errorf("export: %d, %d rows", code, strings.Count(body, "N-"))
		}
		if code, body := site.Get(t, "/ledger/export?format=xlsx&view=open"); code != 200 || !strings.HasPrefix(body, "PK") {
			t.Errorf("export: %d", code)
		}
		if code, _ := site.Get(t, "/ledger/export?format=exe"); code != 422 {
			t.Errorf("export in an unknown format: %d", code)
		}
		for _, tc := range []struct {
			who  actor.Actor
			text string
			want int
		}{{office, "选人用人", 5}, {liaison, "选人用人", 0}, {liaison, "N-002", 1}, {stranger, "N-002", 0}, {admins[1], "N-002", 0}} {
			if hits, err := w.s.Search(ctx, tc.who, tc.text, 5); err != nil || len(hits) != tc.want {
				t.Errorf("%s searches %s: %d hits, %v", tc.who.Name, tc.text, len(hits), err)
			}
		}
		todos, err := w.s.Todo(ctx, liaison)
		ok(t, err)
		if len(todos) == 0 || todos[0].Kind != "todo.item.overdue" {
			t.Errorf("to do of the unit: %+v", todos)
		}
		todos, err = w.s.Todo(ctx, reviewer)
		ok(t, err)
		if len(todos) != 20 || todos[0].Kind != "todo.item.close" {
			t.Errorf("to do of the reviewer: %d", len(todos))
		}
		if n, err := w.s.Waiting(ctx, reviewer); err != nil || n != 20 {
			t.Errorf("waiting: %d %v", n, err)
		}
	})
}

// TestEveryCodeHasAWord holds the catalogues against the codes that pages show.
func TestEveryCodeHasAWord(t *testing.T) {
	var room *rect.Service
	words := room.Room().Words
	for prefix, codes := range map[string][]string{"item.state.": rect.Flow.States(), "item.claimed.": rect.ClaimedStatuses(), "item.do.": rect.Flow.Actions(),
		"item.": rect.Flow.Actions(), "item.event.": rect.Flow.Actions(), "done.item.": rect.Flow.Actions(), "item.verified.": append(rect.Verdicts(), "none"),
		"item.reason.": rect.Reasons(), "claim.kind.": rect.ClaimKinds(), "claim.test.": rect.ClaimKinds(), "item.level.": rect.Levels(), "site.result.": rect.SiteResults(),
		"rectify_folder.act.": rect.ActKinds(), "rectify_folder.grade.": rect.Grades(), "rectify_paper.kind.": rect.PaperKinds(), "rectify_paper.ground.": rect.Grounds(),
		"rectify_paper.state.": rect.PaperFlow.States(), "rectify_paper.do.": rect.PaperFlow.Actions(), "rectify_order.state.": rect.OrderFlow.States(), "rectify_order.do.": rect.OrderFlow.Actions(),
		"check.name.": rect.CheckNames(), "item.view.": rect.Views(), "measure.kind.": rect.MeasureKinds(), "measure.state.": rect.MeasureStates(),
		"kind.": {"item", "evidence", "measure", "progress", "milestone", "application", "extension"}} {
		for _, c := range codes {
			for _, lang := range []string{"zh", "en"} {
				if words[lang][prefix+c] == "" {
					t.Errorf("%s: no word for %s", lang, prefix+c)
				}
			}
		}
	}
	if len(words["zh"]) != len(words["en"]) {
		t.Errorf("%d words in Chinese, %d in English", len(words["zh"]), len(words["en"]))
	}
}
