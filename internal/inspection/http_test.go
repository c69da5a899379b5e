package inspection

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/ui/uitest"
)

// everyPage lists the addresses of the room with what exists in the world.
func (w *world) everyPage(f Finding) []string {
	return []string{"/terms", "/rounds", "/rounds/new", "/rounds/" + string(w.round.ID), "/rounds/" + string(w.round.ID) + "/edit", "/teams/" + string(w.team.ID),
		"/visits/" + string(w.visit.ID), "/findings", "/findings?q=会议&severity=general&unit=河南省人民检察院", "/findings/new?visit=" + string(w.visit.ID), "/findings/" + string(f.ID),
		"/findings/" + string(f.ID) + "/edit", "/coverage", "/coverage?unit=" + string(w.henan.Unit), "/circulars/import"}
}

func (w *world) roles() map[string]actor.Actor {
	return map[string]actor.Actor{"office": w.office, "leader": w.leader, "inspector": w.inspector, "head": w.head, "stranger": w.stranger,
		"sysadmin": platformtest.As("sys", actor.SysAdmin, w.spp), "secadmin": platformtest.As("sec", actor.SecAdmin, w.spp), "auditor": platformtest.As("aud", actor.Auditor, w.spp)}
}

// TestWhoSeesWhichPage walks every page with every role: 1 may, 0 gets the
// answer of an absent page.
func TestWhoSeesWhichPage(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.seatAll(t)
		site := k.Serve(t, words(), w.s.Room())
		long := strings.Repeat("长名", 100)
		c := cmd(w.visit.ID, long)
		c.Aspect, c.Basis, c.Cause, c.Consequence, c.Amount = long, long, long, long, "9999999999999.99"
		f := must(w.s.AddFinding(context.Background(), w.inspector, c))(t)
		// terms rounds new round edit team visit findings filtered new finding edit coverage below import
		may := map[string]string{"office": "111111111000111", "leader": "110101111111000", "inspector": "110101111111000", "head": "000000111000000",
			"stranger": "000000011000000", "sysadmin": "000000000000000", "secadmin": "000000000000000", "auditor": "000000000000000"}
		for name, who := range w.roles() {
			site.Actor = who
			for i, path := range w.everyPage(f) {
				for _, lang := range []string{"zh", "en"} {
					r := httptest.NewRequest(http.MethodGet, path, nil)
					r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
					code, body := site.Send(t, r)
					want := map[byte]int{'1': http.StatusOK, '0': http.StatusNotFound}[may[name][i]]
					if code != want {
						t.Errorf("%s %s: %d, want %d", name, path, code, want)
					}
					if code == http.StatusOK {
						if strings.Contains(body, "⟦") {
							t.Errorf("%s %s: a word is missing: %s", lang, path, body[strings.Index(body, "⟦"):][:60])
						}
						for _, bad := range uitest.Check(body) {
							t.Errorf("%s %s: %s", lang, path, bad)
						}
					}
				}
			}
		}
	})
}

// A step that is refused by a mere button says what is lacking, and a summary names the
// field of each problem.
func TestARefusedStepSaysWhatIsLacking(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		site := k.Serve(t, words(), w.s.Room())
		site.Actor = w.office
		code, body := site.Post(t, "/rounds/"+string(w.round.ID)+"/enter", url.Values{"rev": {"1"}})
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, "还没有组长") || strings.Count(body, "还没有组长") != 1 {
			t.Errorf("%d: the page does not say once that the team has no leader", code)
		}
		code, body = site.Post(t, "/rounds", url.Values{"kind": {"regular"}})
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, "标题：请填写此项") {
			t.Errorf("%d: the summary does not name the field", code)
		}
	})
}

func TestRefusedFormsKeepTheText(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.seatAll(t)
		site := k.Serve(t, words(), w.s.Room())
		site.Actor = w.inspector
		form := url.Values{"visit": {string(w.visit.ID)}, "title": {"只有标题"}, "fact": {"一段事实"}}
		code, body := site.Post(t, "/findings", form)
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, "一段事实") || !strings.Contains(body, "只有标题") {
			t.Errorf("%d, text kept: %v", code, strings.Contains(body, "一段事实"))
		}
		form.Set("category", "theory")
		form.Set("severity", "general")
		form.Set("scope", "common")
		code, to := site.Post(t, "/findings", form)
		if code != http.StatusSeeOther {
			t.Fatalf("%d %s", code, to)
		}
		path, _, _ := strings.Cut(to, "?")
		form.Set("rev", "1")
		form.Set("fact", "第一人改的事实")
		if code, _ := site.Post(t, path, form); code != http.StatusSeeOther {
			t.Errorf("first edit: %d", code)
		}
		form.Set("fact", "第二人改的事实")
		code, body = site.Post(t, path, form)
		if code != http.StatusConflict || !strings.Contains(body, "第一人改的事实") || !strings.Contains(body, "第二人改的事实") || !strings.Contains(body, `name="rev" value="2"`) ||
			!strings.Contains(body, `<span>一段事实</span>`) {
			t.Errorf("second edit: %d, both versions shown: %v", code, strings.Contains(body, "第一人改的事实") && strings.Contains(body, "第二人改的事实"))
		}
		code, _ = site.Post(t, path+"/submit", url.Values{"rev": {"2"}})
		if code != http.StatusSeeOther {
			t.Errorf("submit: %d", code)
		}
		site.Actor = w.leader
		code, body = site.Post(t, path+"/return", url.Values{"rev": {"3"}})
		if code != http.StatusUnprocessableEntity {
			t.Errorf("return without reason: %d %s", code, body)
		}
		todos := must(site.Todos(context.Background(), w.leader))(t)
		if len(todos) != 1 || todos[0].Href != path {
			t.Errorf("to do: %+v", todos)
		}
		site.Actor = w.office
		code, body = site.Post(t, "/rounds/"+string(w.round.ID)+"/visits", url.Values{"unit": {"没有这个院"}})
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, "没有这个院") {
			t.Errorf("unknown unit: %d", code)
		}
		code, body = site.Post(t, "/teams/"+string(w.team.ID)+"/members", url.Values{"person": {"A3"}, "post": {PostMember}})
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, "地域回避") {
			t.Errorf("recusal: %d", code)
		}
	})
}

// file makes an upload of one file.
func file(t *testing.T, name string, raw []byte) *http.Request {
	t.Helper()
	var buf bytes.Buffer
	mw := multipart.NewWriter(&buf)
	part := must(mw.CreateFormFile("file", name))(t)
	must(io.Copy(part, bytes.NewReader(raw)))(t)
	check(t, mw.Close())
	r := httptest.NewRequest(http.MethodPost, "/circulars/import", &buf)
	r.Header.Set("Content-Type", mw.FormDataContentType())
	return r
}

func TestImportByPages(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		site := k.Serve(t, words(), w.s.Room())
		site.Actor = w.office
		for name, raw := range map[string]string{"a.txt": "今天天气很好。\n我们去公园散步。", "b.docx": "这不是一个文档"} {
			if code, body := site.Send(t, file(t, name, []byte(raw))); code != http.StatusUnprocessableEntity || !strings.Contains(body, name) {
				t.Errorf("%s: %d", name, code)
			}
		}
		if code, _ := site.Send(t, file(t, "big.txt", make([]byte, 33<<20))); code != http.StatusRequestEntityTooLarge {
			t.Errorf("33 MB: %d", code)
		}
		raw := must(os.ReadFile("testdata/circulars/05-lost-digits.txt"))(t)
		code, to := site.Send(t, file(t, "通报.txt", raw))
		if code != http.StatusSeeOther {
			t.Fatalf("upload: %d %s", code, to)
		}
		path, _, _ := strings.Cut(to, "?")
		for _, lang := range []string{"zh", "en"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
			code, body := site.Send(t, r)
			if code != http.StatusOK || strings.Contains(body, "⟦") || !strings.Contains(body, "<mark>") {
				t.Errorf("%s review: %d", lang, code)
			}
			for _, bad := range uitest.Check(body) {
				t.Errorf("%s review: %s", lang, bad)
			}
		}
		form := url.Values{"unit": {""}, "rev": {"1"}, "f0-keep": {"1"}, "f0-title": {"改过的题目"}, "f0-severity": {"serious"}, "f0-status": {"已完成"}, "f0-due": {"2023年10月31日"}}
		if code, body := site.Post(t, path, form); code != http.StatusUnprocessableEntity || !strings.Contains(body, "改过的题目") {
			t.Errorf("no unit: %d", code)
		}
		form.Set("unit", "新乡市人民检察院")
		code, to = site.Post(t, path, form)
		if code != http.StatusSeeOther || !strings.HasPrefix(to, "/visits/") || len(w.fed) != 1 {
			t.Fatalf("confirm: %d %s, %d fed", code, to, len(w.fed))
		}
		if code, _ = site.Post(t, path, form); code != http.StatusConflict {
			t.Errorf("twice: %d", code)
		}
		site.Actor = w.stranger
		if code, _ := site.Get(t, path); code != http.StatusNotFound {
			t.Errorf("a stranger reads the upload: %d", code)
		}
	})
}
