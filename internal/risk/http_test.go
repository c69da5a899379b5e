package risk_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/risk"
)

// Every page renders in both languages for whom it is meant, and is absent for
// everybody else; what an alert says is on it.
func TestPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.hold(t, "p1")
		for _, p := range []string{"/risk", "/risk?state=new&level=3&rule=long_hold", "/risk/loop", "/risk/rules", "/risk/rules/new", "/risk/rules/new?rule=long_hold", "/risk/rules/long_hold", "/risk/rules/recurring_pair", "/risk/points", "/risk/points/new", "/risk/events", "/risk/import", "/risk/settings"} {
			w.site.Both(t, w.above, p, 200)
			if want := map[string]int{"/risk/points": 200, "/risk/points/new": 200}[p]; want == 0 {
				w.site.Both(t, w.desk, p, 404)
			}
		}
		text := w.site.Both(t, w.office, "/risk/alerts/"+string(a.ID), 200)
		for _, s := range []string{"无办案活动最长间隔 大于 90 天", "H-p1", "姓名p1", "触发指标：久押不决"} {
			if !strings.Contains(text, s) {
				t.Errorf("the alert does not say %q", s)
			}
		}
		w.site.Both(t, w.far, "/risk/alerts/"+string(a.ID), 404)
		w.site.Both(t, w.boss, "/risk/alerts/"+string(a.ID), 404)
		w.site.Actor = w.office
		if code, body := w.site.Post(t, "/risk/alerts/"+string(a.ID)+"/snooze", url.Values{"text": {"等"}, "until": {"2031-01-01"}}); code != 422 || !strings.Contains(body, "暂缓最长 180 天") {
			t.Errorf("a snooze that is too long: %d %.200s", code, body)
		}
		for _, do := range []string{"verify", "correct"} {
			if code, body := w.site.Post(t, "/risk/alerts/"+string(a.ID)+"/"+do, url.Values{"text": {"说明"}}); code != 303 {
				t.Errorf("%s: %d %.200s", do, code, body)
			}
			w.site.Both(t, w.office, "/risk/alerts/"+string(a.ID), 200)
		}
		w.site.Both(t, w.office, "/risk/loop", 200)
		v, err := w.s.WriteRule(ctx, w.office, risk.RuleCmd{Subject: risk.OfPair, Level: 2, NameZh: "本院搭档", Text: "pair_cases > 3", Document: "本院规定", Why: "试"}, "zh", nil)
		if err != nil {
			t.Fatal(err)
		}
		w.site.Both(t, w.office, "/risk/rules/"+string(v.ID), 200)
		w.site.Actor = w.office
		if code, body := w.site.Post(t, "/risk/rules/"+string(v.ID)+"/edit", url.Values{"text": {"pair_cases > 'x'"}, "name_zh": {"本院搭档"}, "level": {"2"}, "document": {"d"}, "why": {"w"}}); code != 422 || !strings.Contains(body, "数字只能和数字比较") {
			t.Errorf("numbers against texts: %d %.300s", code, body)
		}
		if _, err := w.s.StepRule(ctx, w.office, v.ID, "test", risk.RuleCmd{}, "zh", nil); err != nil {
			t.Error(err)
		}
		if text := w.site.Both(t, w.office, "/risk/rules/"+string(v.ID), 200); strings.Contains(text, `action="/risk/rules/`+string(v.ID)+`/publish"`) {
			t.Error("the author is offered to publish")
		}
	})
}

// A system sends events over the API: good ones are taken, a bad one is named by its
// place and nothing is taken; whoever may not import finds no such door.
func TestEventsOverTheAPI(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		send := func(who actor.Actor, body string) (int, string) {
			w.site.Actor = who
			r := httptest.NewRequest(http.MethodPost, "/api/v1/risk/events", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			return w.site.Send(t, r)
		}
		good := `{"source":"统一业务应用系统","events":[{"case_no":"豫检〔2026〕1号","case_type":"prosecution","kind":"accept","day":"2026-01-05","handler":"p1","unit":"henan"},{"case_no":"豫检〔2026〕1号","case_type":"审查起诉","kind":"退查","day":"2026-02-05","handler":"p1","unit":"河南省人民检察院"}]}`
		code, body := send(w.office, good)
		var res risk.Imported
		if err := json.Unmarshal([]byte(body), &res); err != nil || code != 200 || res.Load.Added != 2 || !res.Applied {
			t.Fatalf("%d %s %v", code, body, err)
		}
		if code, body = send(w.office, strings.Replace(good, `"kind":"退查"`, `"kind":"跳舞"`, 1)); code != 422 || !strings.Contains(body, "events.1.kind") {
			t.Errorf("a word that is not known: %d %s", code, body)
		}
		if code, body = send(w.office, `{"source":"x","events":[]}`); code != 422 {
			t.Errorf("nothing sent: %d %s", code, body)
		}
		if code, body = send(w.office, `{"source":"x","rows":[]}`); code != 422 {
			t.Errorf("a field that does not exist: %d %s", code, body)
		}
		for _, who := range []actor.Actor{w.desk, w.boss, w.chief} {
			if code, _ := send(who, good); code != 404 && code != 403 {
				t.Errorf("%s sends events: %d", who.Person, code)
			}
		}
		if code, _ = send(w.far, good); code != 422 {
			t.Errorf("an office sends another province's events: %d", code)
		}
	})
}
