package lookback_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/lookback"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/platformtest"
)

func TestPagesAndRoles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.site.Actor = w.office
		for _, lang := range []string{"zh", "en"} {
			w.page(t, lang, "/lookback", 200)
			w.page(t, lang, "/lookback/new", 200)
			w.page(t, lang, "/lookback?view=items", 200)
		}
		planned := w.plan(t, lookback.PlanCmd{Size: 3})
		w.page(t, "zh", "/lookback/"+string(planned.ID), 200)
		l, list := w.drawn(t)
		x := list[0]
		own, item := "/lookback/"+string(l.ID), "/lookback/items/"+string(x.ID)
		w.site.Actor = w.member
		if code, body := w.site.Post(t, item+"/judge", url.Values{"verdict": {"held"}, "reason": {"还在输入的理由"}}); code != 422 || !strings.Contains(body, "还在输入的理由") {
			t.Errorf("a refused form: %d", code)
		}
		w.upload(t, item+"/judge")
		if code, body := w.site.Post(t, item+"/correct", url.Values{"rev": {"1"}, "verdict": {"paper"}, "methods": {"look"}, "reason": {"我的版本"}}); code != 409 || !strings.Contains(body, "我的版本") {
			t.Errorf("a stale form: %d %s", code, body)
		}
		if err := w.s.AddNote(ctx, w.member, l.ID, lookback.NoteCmd{Lens: 1, Point: "legal.rules", Answer: "unmet", Text: long[:300]}); err != nil {
			t.Fatal(err)
		}
		stage := func(when string, want map[string][]int) {
			t.Helper()
			actors := []actor.Actor{w.office, w.leader, w.lead, w.member, w.head, w.stranger}
			for path, codes := range want {
				for i, who := range actors {
					w.site.Actor = who
					for _, lang := range []string{"zh", "en"} {
						if code := w.page(t, lang, path, 0); code != codes[i] {
							t.Errorf("%s: %s as %s: %d, want %d", when, path, who.Person, code, codes[i])
						}
					}
				}
				for _, r := range []actor.Role{actor.SysAdmin, actor.SecAdmin, actor.Auditor, actor.Staff} {
					w.site.Actor = platformtest.As("admin", r, root)
					if code := w.page(t, "zh", path, 0); code != 404 {
						t.Errorf("%s: %s as %s: %d", when, path, r, code)
					}
				}
			}
		}
		all := map[string][]int{own: {200, 200, 200, 200, 404, 404}, own + "/result": {200, 200, 404, 404, 404, 404}, own + "/lenses?lens=1": {200, 200, 200, 200, 404, 404},
			own + "/lenses?lens=3": {200, 200, 200, 200, 404, 404}, own + "/lenses?lens=4": {200, 200, 200, 200, 404, 404}, own + "/lenses?lens=5": {200, 200, 200, 200, 404, 404},
			"/lookback": {200, 200, 200, 200, 200, 200}, "/api/v1" + own: {200, 200, 200, 200, 404, 404}, item: {200, 200, 200, 200, 404, 404}, own + "/nothing": {404, 404, 404, 404, 404, 404}}
		stage("before confirmation", all)
		if err := w.s.Confirm(ctx, w.lead, x.ID, 0); err != nil {
			t.Fatal(err)
		}
		all[item] = []int{200, 200, 200, 200, 200, 404}
		stage("after confirmation", all)
		w.site.Actor = w.head
		if _, body := w.site.Get(t, item); strings.Contains(body, "不知道这件事") {
			t.Error("the unit reads what a person said about it")
		}
		for _, who := range []actor.Actor{w.lead, w.member, w.office, w.head} {
			if _, err := w.s.Todo(ctx, who); err != nil {
				t.Error(err)
			}
		}
		if todo, err := w.s.Todo(ctx, w.office); err != nil || len(todo) == 0 {
			t.Errorf("the office has nothing to assign: %v", err)
		}
	})
}

// Each figure of the page of results leads to exactly the items that it counts, for
// whoever reads it; a verdict that nobody has confirmed is in none.
func TestFiguresOfTheResultLeadToTheirItems(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l, list := w.drawn(t)
		confirmed := 0
		for n, x := range list {
			if w.s.Judge(ctx, w.member, x.ID, verdict([]string{"held", "paper", "unverifiable", "paper", "false"}[n%5]), nil) != nil {
				continue // of the other team
			}
			if n > 0 { // the first one waits for the team's leader
				if err := w.s.Confirm(ctx, w.lead, x.ID, 0); err != nil {
					t.Fatal(err)
				}
				confirmed++
			}
		}
		if confirmed < 2 {
			t.Fatalf("%d of %d verdicts are in force", confirmed, len(list))
		}
		link := regexp.MustCompile(`href="(/lookback/` + string(l.ID) + `(?:\?[^"]*)?)"[^>]*>(\d+)<`)
		for _, who := range []actor.Actor{w.office, w.leader} {
			w.site.Actor = who
			_, body := w.site.Get(t, "/lookback/"+string(l.ID)+"/result")
			found := link.FindAllStringSubmatch(body, -1)
			if len(found) < 10 && who.Person == w.office.Person {
				t.Errorf("%s: only %d figures lead anywhere", who.Person, len(found))
			}
			for _, f := range found {
				path, want := html.UnescapeString(f[1]), f[2]
				code, rows := w.site.Get(t, path)
				if got := strconv.Itoa(strings.Count(rows, `<a href="/lookback/items/`)); code != 200 || got != want {
					t.Errorf("%s: %s lists %s, the figure is %s (%d)", who.Person, path, got, want, code)
				}
			}
		}
	})
}

// Every step is refused to whoever has no part in it, as if there were nothing.
func TestStepsAreRefusedToOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l, list := w.drawn(t)
		own, item := "/lookback/"+string(l.ID), "/lookback/items/"+string(list[0].ID)
		form := url.Values{"reason": {"x"}, "verdict": {"held"}, "methods": {"look"}, "asked": {"a"}, "note": {"b"}, "team": {string(w.teamA)}, "no": {"P-1"}, "lens": {"2"}, "text": {"x"}}
		strangers := []actor.Actor{w.stranger, w.leader, platformtest.As("s", actor.SysAdmin, root), platformtest.As("c", actor.SecAdmin, root), platformtest.As("a", actor.Auditor, root), platformtest.As("n", actor.Staff, henan),
			platformtest.As("lower", actor.Office, henan), {Account: "x", Person: "x", Teams: []actor.Membership{{Team: w.teamB, Round: w.round, Role: actor.TeamLeader}}}}
		for _, path := range []string{own + "/commit", own + "/reveal", own + "/withdraw", own + "/abandon", own + "/finish", own + "/add", own + "/lenses", item + "/judge", item + "/correct", item + "/review",
			item + "/evidence", item + "/confirm", item + "/return", item + "/object", item + "/reopen", item + "/keep", item + "/assign"} {
			for _, who := range strangers {
				w.site.Actor = who
				if code, body := w.site.Post(t, path, form); code != http.StatusNotFound {
					t.Errorf("%s by %s: %d %.200s", path, who.Person, code, body)
				}
			}
		}
		w.site.Actor = w.office
		for path, want := range map[string]int{own + "/commit": 409, own + "/withdraw": 409, own + "/finish": 409, own + "/add": 422, item + "/assign": 303, item + "/reopen": 409, own + "/lenses": 303} {
			f := url.Values{"reason": {"x"}, "no": {"none"}, "team": {string(w.teamA)}, "lens": {"2"}, "text": {"x"}}
			if code, body := w.site.Post(t, path, f); code != want {
				t.Errorf("%s by the office: %d, want %d: %.200s", path, code, want, body)
			}
		}
	})
}

// A list shows exactly what a single record would show.
func TestListsAgreeWithSingleRecords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, list := w.drawn(t)
		if err := w.s.Judge(ctx, w.member, list[0].ID, verdict("held"), nil); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Confirm(ctx, w.lead, list[0].ID, 0); err != nil {
			t.Fatal(err)
		}
		if err := w.Log.Write(ctx, system, "test.concern", func(tx *audit.Tx) error { return access.Concern(ctx, tx, list[1].Item, "boss", access.Subject) }); err != nil {
			t.Fatal(err)
		}
		below := platformtest.As("province", actor.Leader, henan)
		for _, who := range []actor.Actor{w.office, w.leader, below, w.lead, w.member, w.head, w.stranger} {
			w.site.Actor = who
			_, body := w.site.Get(t, "/api/v1/lookback?view=items")
			for _, x := range list {
				code, _ := w.site.Get(t, "/api/v1/lookback/items/"+string(x.ID))
				if strings.Contains(body, string(x.ID)) != (code == http.StatusOK) {
					t.Errorf("%s: %s in the list %v, alone %d", who.Person, x.No, strings.Contains(body, string(x.ID)), code)
				}
			}
		}
	})
}
