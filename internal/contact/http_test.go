package contact_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/actor"
)

// page asks for a page in a language.
func (w *world) page(t *testing.T, lang, path string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
	return w.site.Send(t, r)
}

// Every page renders in both languages, full and empty, for those who may, and
// is not there for those who may not.
func TestPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine := w.submit(t, "staff", func(c *contact.RecordCmd) { c.Claimed, c.Words = "C6", "<script>alert(1)</script>" })
		draft, err := w.s.SaveDraft(ctx, w.who["staff"], "", contact.RecordCmd{})
		if err != nil {
			t.Fatal(err)
		}
		show := func(login string, want int, paths ...string) {
			t.Helper()
			w.site.Actor = w.who[login]
			for _, path := range paths {
				for _, lang := range []string{"zh", "en"} {
					code, body := w.page(t, lang, path)
					if code != want || strings.Contains(body, "<script>alert") {
						t.Errorf("%s %s (%s): %d, want %d: %.300s", login, path, lang, code, want, body)
					}
				}
			}
		}
		m := "/contacts/" + string(mine.ID)
		show("staff", 200, "/my/returns", "/my/returns/2026-02", "/my/returns/2026-01", "/contacts/new", "/contacts/gates", "/contacts/gates?case_no=20264100001234&stage=trial", m, "/contacts/"+string(draft.ID), "/contacts/"+string(draft.ID)+"/edit")
		show("staff", 404, "/contacts", "/contacts/calendar", "/contacts/people", "/contacts/settings", "/my/returns/nonsense")
		show("office", 200, "/contacts", "/contacts?view=all", "/contacts?view=settled", "/contacts/calendar", "/contacts/calendar?all=1", "/contacts/people", "/contacts/people?only=miss", "/contacts/settings", "/crosschecks", "/crosschecks?view=all", m)
		show("head", 200, "/contacts/calendar", "/contacts/people")
		show("head", 404, "/contacts", m, "/contacts/settings")
		show("sysadmin", 404, "/my/returns", "/contacts/new", "/contacts", m, "/contacts/calendar")
		w.site.Actor = w.who["office"]
		for _, step := range []struct {
			path string
			form url.Values
			want int
		}{{m + "/open", url.Values{}, 422}, {m + "/open", url.Values{"purpose": {"handling"}, "reason": {"审核"}}, 303}, {m + "/check", nil, 303}, {m + "/classify", url.Values{}, 422}, {m + "/classify", url.Values{"category": {"C6"}}, 303},
			{m + "/verify", url.Values{"text": {""}}, 422}, {m + "/verify", url.Values{"text": {"属实"}, "rev": {"1"}}, 409}, {m + "/verify", url.Values{"text": {"属实"}}, 303}, {m + "/feedback", url.Values{"text": {"谢谢"}, "outcome": {"criticised"}}, 303}} {
			if code, body := w.site.Post(t, step.path, step.form); code != step.want {
				t.Errorf("%s: %d, want %d: %.300s", step.path, code, step.want, body)
			}
			show("office", 200, m)
			show("staff", 200, m)
			w.site.Actor = w.who["office"]
		}
	})
}

// A zero return takes two clicks from the first page: the entry's button, and
// the pledge. The form carries everything else.
func TestZeroReturnInTwoClicks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.site.Actor = w.who["staff"]
		todos, err := w.s.Todo(ctx, w.who["staff"])
		if err != nil || len(todos) == 0 {
			t.Fatal(todos, err)
		}
		_, body := w.page(t, "zh", todos[0].Href)
		form := regexp.MustCompile(`(?s)<form id="form".*?</form>`).FindString(body)
		sent := url.Values{}
		for _, f := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
			sent.Set(f[1], f[2])
		}
		if strings.Contains(form, "<textarea") || strings.Contains(form, `type="text"`) {
			t.Errorf("the form asks for more than the pledge: %s", form)
		}
		if code, to := w.site.Post(t, todos[0].Href, sent); code != 303 || !strings.Contains(to, "done.return.file") {
			t.Fatalf("%d %s", code, to)
		}
		if _, body := w.page(t, "zh", todos[0].Href); !strings.Contains(body, "零报告") || !strings.Contains(body, "回执") {
			t.Errorf("no receipt: %.400s", body)
		}
		if todos, err := w.s.Todo(ctx, w.who["staff"]); err != nil || len(todos) != 1 {
			t.Errorf("what is filed no longer waits: %+v %v", todos, err)
		}
	})
}

// The form keeps what was typed when it is refused.
func TestRefusedRecordKeepsWords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.site.Actor = w.who["staff"]
		form := url.Values{"record": {"interference"}, "words": {"说了很多"}, "asker_name": {"甲"}, "on": {"2027-01-01"}}
		code, body := w.site.Post(t, "/contacts/new/submit", form)
		if code != 422 || !strings.Contains(body, "说了很多") || !strings.Contains(body, "不能晚于今天") {
			t.Errorf("%d %.300s", code, body)
		}
		if code, _ := w.site.Post(t, "/api/v1/contacts/new/submit", form); code != 422 {
			t.Errorf("the API answers %d", code)
		}
		w.site.Actor = actor.Actor{}
		if code, _ := w.site.Post(t, "/contacts/new/submit", form); code != 401 {
			t.Errorf("nobody: %d", code)
		}
	})
}
