package fieldwork

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/org"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/ui/uitest"
	"huikan/internal/platform/web"
)

// testPages walks every page with every role: 1 may, 0 gets the answer of an
// absent page; in both languages no word is missing and the page is sound.
func testPages(t *testing.T, w *world) {
	w.enter(t)
	site := w.Serve(t, web.Room{Name: "org", Words: org.New(org.Deps{}).Room().Words}, w.s.Inspect.Room(), w.s.Room())
	check(t, w.s.SetSlot(ctx, w.office, SlotCmd{Term: w.term.ID, Unit: "河北省人民检察院", Wave: 1, Kind: inspection.KindMobile, Due: "2026-05-01", Note: strings.Repeat("长", 100)}))
	check(t, w.s.AddInspectors(ctx, w.office, []InspectorCmd{{Person: w.people["候补戊"], Unit: w.spp.Unit, Skills: []string{"party"}, Lead: true}}))
	must(w.s.Record(ctx, w.office, w.visit.ID, ActCmd{Kind: KindEnquiry, Body: "audit", On: "2026-01-02"}))(t)
	must(w.s.Record(ctx, w.leader, w.visit.ID, ActCmd{Kind: KindNotice, On: "2026-01-06", Until: "2026-03-24", Text: "电话\n信箱"}))(t)
	req := must(w.s.Ask(ctx, w.inspector, w.visit.ID, RequestCmd{Title: strings.Repeat("长题", 90), Text: "三年"}))(t)
	imm := must(w.s.Issue(ctx, w.leader, w.visit.ID, ImmediateCmd{Text: "入柜", Due: "2026-03-10"}))(t)
	paper := w.paper(t, w.inspector, PaperCmd{})
	report := must(w.s.SaveReport(ctx, w.inspector, w.visit.ID, "", ReportCmd{Kind: ReportFeedback, Title: "反馈意见", Text: "一、问题\n记录不完整。〔1〕执行不严。"}))(t)
	clue := must(w.s.NoteClue(ctx, w.inspector, w.visit.ID, ClueCmd{Line: "discipline", Subject: "某人", Text: "宴请"}))(t)
	list := must(w.s.SaveChecklist(ctx, w.office, "", ChecklistCmd{Theme: "页面", Unit: "最高人民检察院", Lines: "一问 | 办法"}))(t)
	must(w.s.StepChecklist(ctx, w.office, list.ID, "publish", StepCmd{}))(t)
	draft := must(w.s.SaveChecklist(ctx, w.office, "", ChecklistCmd{Theme: "页面", Unit: "最高人民检察院", Lines: "二问"}))(t)
	v, r := "/visits/"+string(w.visit.ID), "/rounds/"+string(w.round.ID)
	pages := []struct{ path, may string }{ // office boss leader inspector head liaison stranger discipline auditor
		{"/plan?term=" + string(w.term.ID), "110000000"}, {r + "/periods", "111100000"}, {r + "/prepare", "111100000"}, {r + "/proposal?size=3&skills=party", "100000000"}, {"/inspection-rules", "111100000"},
		{"/inspectors", "110000000"}, {"/checklists", "111100000"}, {"/checklists/new", "100000000"}, {"/checklists/new?from=" + string(list.ID), "100000000"}, {"/checklists/" + string(list.ID), "111100000"}, {"/checklists/" + string(draft.ID) + "/edit", "100000000"},
		{v + "/field", "111100000"}, {v + "/procedure", "111100000"}, {v + "/checks/" + string(list.ID), "111100000"}, {"/immediates/" + string(imm.ID), "111111000"}, {"/requests", "111111100"},
		{v + "/requests/new", "001100000"}, {"/requests/" + string(req.ID), "111111000"}, {"/requests/" + string(req.ID) + "/edit", "001100000"}, {v + "/papers/new", "001100000"}, {"/papers/" + string(paper.ID), "001100000"}, {"/papers/" + string(paper.ID) + "/edit", "001100000"},
		{v + "/reports/new", "001100000"}, {"/reports/" + string(report.ID), "001100000"}, {"/reports/" + string(report.ID) + "/edit", "001100000"}, {"/clues", "111100010"}, {v + "/clues/new", "001100000"}, {"/clues/" + string(clue.ID), "111100000"},
		{"/papers/" + string(paper.ID) + "/docx", "001100000"}, {"/reports/" + string(report.ID) + "/docx", "001100000"}, {v + "/notice.docx", "101000000"}, {"/rounds/" + string(w.round.ID), "111100000"}, {v, "111111000"}, {"/kits/new", "101000000"},
	}
	who := []actor.Actor{w.office, w.boss, w.leader, w.inspector, w.head, w.liaison, w.stranger, w.discipline, platformtest.As("aud", actor.Auditor, w.spp)}
	names := []string{"office", "boss", "leader", "inspector", "head", "liaison", "stranger", "discipline", "auditor"}
	for i, a := range who {
		site.Actor = a
		for _, p := range pages {
			for _, lang := range []string{"zh", "en"} {
				q := httptest.NewRequest(http.MethodGet, p.path, nil)
				q.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
				code, body := site.Send(t, q)
				if want := map[byte]int{'1': http.StatusOK, '0': http.StatusNotFound}[p.may[i]]; code != want {
					t.Errorf("%s %s: %d, want %d", names[i], p.path, code, want)
				}
				if code != http.StatusOK || strings.HasSuffix(p.path, "docx") {
					continue
				}
				if at := strings.Index(body, "⟦"); at >= 0 {
					t.Errorf("%s %s: a word is missing: %s", lang, p.path, body[at:min(at+60, len(body))])
				}
				for _, bad := range uitest.Check(body) {
					t.Errorf("%s %s: %s", lang, p.path, bad)
				}
			}
		}
		if _, err := site.Todos(ctx, a); err != nil {
			t.Errorf("%s: to do: %v", names[i], err)
		}
	}
	w.forms(t, site, req, paper)
}

// forms: what is refused keeps the text, and a conflict shows what both windows
// started from.
func (w *world) forms(t *testing.T, site *platformtest.Site, req Request, paper Paper) {
	t.Helper()
	site.Actor = w.inspector
	code, body := site.Post(t, "/visits/"+string(w.visit.ID)+"/papers", url.Values{"kind": {"files"}, "secrecy": {"internal"}, "text": {"一段记录"}})
	if code != http.StatusUnprocessableEntity || !strings.Contains(body, "一段记录") {
		t.Errorf("a refused paper: %d", code)
	}
	form := url.Values{"title": {"会议记录甲"}, "text": {"三年"}, "rev": {"1"}}
	if code, _ := site.Post(t, "/requests/"+string(req.ID), form); code != http.StatusSeeOther {
		t.Errorf("first window: %d", code)
	}
	form.Set("title", "会议记录乙")
	code, body = site.Post(t, "/requests/"+string(req.ID), form)
	if code != http.StatusConflict || !strings.Contains(body, "<span>"+req.Title+"</span>") || !strings.Contains(body, "会议记录甲") || !strings.Contains(body, "会议记录乙") || !strings.Contains(body, `name="rev" value="2"`) {
		t.Errorf("second window: %d; base, theirs and yours must be shown: %v %v %v", code, strings.Contains(body, "<span>"+req.Title+"</span>"), strings.Contains(body, "会议记录甲"), strings.Contains(body, "会议记录乙"))
	}
	pf := url.Values{"kind": {"files"}, "secrecy": {"internal"}, "title": {"查阅甲"}, "on": {"2026-01-06"}, "text": {"第一人的记录"}, "rev": {"1"}}
	if code, _ := site.Post(t, "/papers/"+string(paper.ID), pf); code != http.StatusSeeOther {
		t.Errorf("paper, first window: %d", code)
	}
	pf.Set("text", "第二人的记录")
	code, body = site.Post(t, "/papers/"+string(paper.ID), pf)
	if code != http.StatusConflict || !strings.Contains(body, "<span>"+paper.Text+"</span>") || !strings.Contains(body, "第一人的记录") {
		t.Errorf("paper, second window: %d", code)
	}
	site.Actor = w.office
	code, body = site.Post(t, "/plan/spread", url.Values{"term": {string(w.term.ID)}, "waves": {"99"}, "start": {"2026-04-01"}, "end": {"2027-01-01"}})
	if code != http.StatusUnprocessableEntity || !strings.Contains(body, `value="99"`) {
		t.Errorf("a refused plan: %d", code)
	}
	code, body = site.Post(t, "/visits/"+string(w.visit.ID)+"/procedure", url.Values{"kind": {"notice"}, "on": {"2026-01-06"}, "until": {"2026-03-31"}, "text": {"渠道"}})
	if code != http.StatusUnprocessableEntity || !strings.Contains(body, "2026-03-31") {
		t.Errorf("a late cut-off: %d", code)
	}
	code, _ = site.Post(t, "/visits/"+string(w.visit.ID)+"/procedure", url.Values{"kind": {"enquiry"}, "on": {"2026-01-06"}, "body": {"信访"}})
	if code != http.StatusSeeOther {
		t.Errorf("an enquiry by the word of the list: %d", code)
	}
}

// testIssuing: a kit issued on the page opens with its passphrase; a wrong form is
// refused and another team's kit is not to be had.
func testIssuing(t *testing.T, w *world) {
	w.enter(t)
	site := w.Serve(t, web.Room{Name: "org", Words: org.New(org.Deps{}).Room().Words}, w.s.Inspect.Room(), w.s.Room())
	form := url.Values{"team": {string(w.visit.Team)}, "days": {"7"}, "passphrase": {"一二三四五六七八九十甲乙"}}
	for name, who := range map[string]actor.Actor{"inspector": w.inspector, "liaison": w.liaison, "boss": w.boss} {
		site.Actor = who
		if code, _ := site.Post(t, "/kits", form); code != http.StatusNotFound {
			t.Errorf("%s issues a kit: %d", name, code)
		}
	}
	site.Actor = w.leader
	for name, change := range map[string]url.Values{"no team": {"team": {""}}, "too long": {"days": {"121"}}, "no number": {"days": {"x"}}, "a short passphrase": {"passphrase": {"short"}}} {
		bad := url.Values{}
		for k, v := range form {
			bad[k] = v
		}
		for k, v := range change {
			bad[k] = v
		}
		if code, _ := site.Post(t, "/kits", bad); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, code)
		}
	}
	code, body := site.Post(t, "/kits", form)
	if code != http.StatusOK {
		t.Fatalf("issue: %d %.200s", code, body)
	}
	b, err := Unlock([]byte(body), form.Get("passphrase"))
	if err != nil || b.Kit.Team != w.visit.Team || b.Kit.Expires != w.s.today().AddDays(7) {
		t.Errorf("%+v %v", b.Kit, err)
	}
	if _, err := Unlock([]byte(body), "another passphrase"); err == nil {
		t.Error("another passphrase opens it")
	}
}
