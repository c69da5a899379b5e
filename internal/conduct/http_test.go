package conduct_test

import (
	"net/url"
	"strings"
	"testing"

	"huikan/internal/conduct"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

func date(s string) clock.Date { return clock.Date(s) }

// deleteByHand removes a lead beside the program; what it returns puts it back,
// because the test kit checks the log at the end.
func (w *world) deleteByHand(t *testing.T, n id.ID) (undo func()) {
	t.Helper()
	tx := w.DB.Raw()
	if _, err := tx.Exec("CREATE TABLE kept AS SELECT * FROM conduct_lead WHERE id = '" + string(n) + "'"); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("DELETE FROM conduct_lead WHERE id = '" + string(n) + "'"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := tx.Exec("INSERT INTO conduct_lead SELECT * FROM kept"); err != nil {
			t.Fatal(err)
		}
	}
}

// Every page renders in both languages for whom it is meant, at every stage.
func TestPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, p := range []string{"/conduct", "/conduct?view=cases", "/conduct/sanctions", "/conduct/leads/new", "/conduct/forms", "/conduct/forms?by=unit", "/conduct/warnings", "/conduct/pattern", "/conduct/watch", "/conduct/rules", "/conduct/self", "/conduct/self/new"} {
			w.site.Both(t, w.office, p, 200)
		}
		x, err := w.s.Report(ctx, w.subject, conduct.SelfCmd{Conduct: "improper_contact", ActFrom: "2025-03-01", ActTo: "2025-03-31", Statement: told, Pledge: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Log.Sequence(ctx); err != nil {
			t.Fatal(err)
		}
		w.site.Both(t, w.subject, "/conduct/self/"+string(x.ID), 200)
		w.site.Both(t, w.subject, "/conduct/self/"+string(x.ID)+"/proof", 200)
		c := w.opened(t, "improper_contact")
		var lead id.ID
		if err := w.DB.Read(ctx, func(q db.Q) error {
			return q.QueryRow(ctx, "SELECT id FROM conduct_lead WHERE case_id = $1", string(c.ID)).Scan(&lead)
		}); err != nil {
			t.Fatal(err)
		}
		w.site.Both(t, w.office, "/conduct/leads/"+string(lead), 200)
		at := func() { w.site.Both(t, w.office, "/conduct/cases/"+string(c.ID), 200) }
		at()
		w.step(t, w.office, c.ID, "pause", conduct.CaseCmd{Ground: "abroad"})
		at()
		w.step(t, w.office, c.ID, "resume", conduct.CaseCmd{})
		for _, s := range []struct {
			do  string
			who actor.Actor
			cmd conduct.CaseCmd
		}{{"file", w.office, conduct.CaseCmd{}}, {"suspend", w.office, conduct.CaseCmd{}}, {"report", w.office, conduct.CaseCmd{}}, {"notify", w.office, conduct.CaseCmd{Kinds: []string{"admin.demerit", "org.removal", "party.probation"}, Months: 12, Circumstances: []string{"disclosed", "kept_gains"}}},
			{"hear", w.office, conduct.CaseCmd{}}, {"submit", w.office, conduct.CaseCmd{Decider: "boss"}}, {"decide", w.boss, conduct.CaseCmd{}}, {"serve", w.office, conduct.CaseCmd{}}, {"review", w.office, conduct.CaseCmd{}}, {"uphold", w.boss, conduct.CaseCmd{}}} {
			w.step(t, s.who, c.ID, s.do, s.cmd)
			at()
			w.site.Both(t, w.office, "/conduct?view=cases", 200)
		}
		w.site.Both(t, w.boss, "/conduct/cases/"+string(c.ID), 200)
		for _, k := range []string{"notice", "report", "hearing", "talk", "decision"} {
			if body := w.site.Both(t, w.office, "/conduct/cases/"+string(c.ID)+"/paper/"+k, 200); !strings.HasPrefix(body, "PK") {
				t.Errorf("%s is no document", k)
			}
		}
		w.site.Both(t, w.office, "/conduct/cases/"+string(c.ID)+"/paper/opinion", 404)
		for _, v := range w.served(t) {
			w.site.Both(t, w.subject, "/conduct/served/"+string(v.ID), 200)
			w.site.Both(t, w.subject, "/conduct/served/"+string(v.ID)+"/paper", 200)
		}
		back := "/conduct/cases/" + string(c.ID) + "/backward"
		if body := w.site.Both(t, w.office, back, 200); !strings.Contains(body, "三个规定记录 R-1") || !strings.Contains(body, "来源尚未接入") {
			t.Error("the backward check names neither its source nor what is missing")
		}
		w.site.Actor = w.office
		if code, _ := w.site.Post(t, back, url.Values{"contacts": {"2"}, "missing": {"3"}, "note": {"x"}}); code != 422 {
			t.Errorf("more missing than there were: %d", code)
		}
		if code, _ := w.site.Post(t, back, url.Values{"contacts": {"3"}, "missing": {"2"}, "note": {"两次宴请未登记"}}); code != 303 {
			t.Errorf("result: %d", code)
		}
		w.site.Both(t, w.office, back, 200)
		w.site.Both(t, w.personnel, "/conduct/sanctions", 200)
		w.site.Both(t, w.personnel, "/conduct/promotion-check?person=subject", 422)
		w.site.Both(t, w.office, "/conduct/forms?by=quarter&from=2026-01-01&to=2026-12-31", 200)
		for _, who := range []actor.Actor{w.office, w.second, w.boss, w.subject, w.personnel, w.above} {
			if _, err := w.s.Todo(ctx, who); err != nil {
				t.Error(err)
			}
		}
	})
}

// A refused form keeps what was typed and says why.
func TestRefusedFormsKeepTheirText(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.opened(t, "gifts")
		w.site.Actor = w.office
		code, body := w.site.Post(t, "/conduct/cases/"+string(c.ID)+"/file", url.Values{"text": {"还在输入的理由"}, "second": {"office"}})
		if code != 422 || !strings.Contains(body, "还在输入的理由") || !strings.Contains(body, "两名不同的承办人") {
			t.Errorf("%d %.200s", code, body)
		}
		w.kin["subject"] = []id.ID{"third"}
		code, body = w.site.Post(t, "/conduct/cases/"+string(c.ID)+"/file", url.Values{"text": {"理由"}, "second": {"third"}})
		if code != 403 || !strings.Contains(body, "亲属") {
			t.Errorf("the cousin: %d %.300s", code, body)
		}
		if code, body = w.site.Post(t, "/conduct/self/new", url.Values{"statement": {"没有承诺的陈述"}}); code != 422 || !strings.Contains(body, "没有承诺的陈述") {
			t.Errorf("%d", code)
		}
	})
}

// Personnel actions against somebody who told of himself show to the level above.
func TestProtectiveWatch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if _, err := w.s.Report(ctx, w.subject, conduct.SelfCmd{Statement: told, Pledge: true}); err != nil {
			t.Fatal(err)
		}
		w.moves = []person.Move{{Ref: "to/1", Person: "subject", Unit: "henan", Kind: "post_ended", Title: "二部副主任", On: "2026-03-20"}, {Ref: "to/0", Person: "subject", Unit: "henan", Kind: "post_ended", On: "2026-02-01"}}
		w.days(30)
		own, err := w.s.Watch(ctx, w.office)
		if err != nil || len(own) != 0 {
			t.Errorf("the own level sees %v, %v", own, err)
		}
		list, err := w.s.Watch(ctx, w.above)
		if err != nil || len(list) != 1 || list[0].Move.Ref != "to/1" {
			t.Fatalf("the level above sees %+v, %v", list, err)
		}
		w.site.Both(t, w.above, "/conduct/watch", 200)
		w.site.Actor = w.above
		path := "/conduct/watch/" + string(list[0].Protected.ID)
		if code, _ := w.site.Post(t, path, url.Values{"move": {"to/9"}, "verdict": {"lawful"}, "text": {"x"}}); code != 422 {
			t.Errorf("an action that there is not: %d", code)
		}
		if code, _ := w.site.Post(t, path, url.Values{"move": {"to/1"}, "verdict": {"explain"}, "text": {"请说明免职理由"}}); code != 303 {
			t.Errorf("verdict: %d", code)
		}
		w.site.Actor = w.far
		if code, _ := w.site.Post(t, path, url.Values{"move": {"to/1"}, "verdict": {"lawful"}, "text": {"x"}}); code != 404 {
			t.Errorf("another province judges: %d", code)
		}
		w.site.Both(t, w.above, "/conduct/watch", 200)
	})
}

// Repeated small matters warn with their arithmetic; they count once.
func TestLightViolationWarning(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		note := func(ref string) {
			err := w.Log.Write(ctx, system, "test.small", func(tx *audit.Tx) error {
				tx.Note("ref", ref)
				return w.s.Note(ctx, tx, conduct.Small{Person: "subject", Kind: "late_report", Ref: ref, On: "2026-02-01"})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, ref := range []string{"1", "2", "2", "3", "4"} {
			note(ref)
		}
		if list, err := w.s.Warnings(ctx, w.office); err != nil || len(list) != 0 {
			t.Fatalf("four small matters warn: %+v %v", list, err)
		}
		l := w.lead(t, conduct.LeadCmd{Conduct: "formalism"})
		w.dispose(t, l.ID, "assign", conduct.DisposeCmd{Assignee: "office"})
		w.dispose(t, l.ID, "end", conduct.DisposeCmd{Text: "情节轻微", Kinds: []string{"education.talk"}})
		list, err := w.s.Warnings(ctx, w.office)
		if err != nil || len(list) != 1 || list[0].Points != 6 || list[0].Person != "subject" || len(list[0].Parts) != 2 {
			t.Fatalf("%+v %v", list, err)
		}
		if far, err := w.s.Warnings(ctx, w.far); err != nil || len(far) != 0 {
			t.Errorf("another province sees %v, %v", far, err)
		}
		w.site.Both(t, w.office, "/conduct/warnings", 200)
		w.site.Both(t, platformtest.As("lead", actor.Leader, henan), "/conduct/warnings", 200)
		w.site.Both(t, w.subject, "/conduct/warnings", 404)
	})
}

func TestSettingsAreConfirmedNotOverwritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.site.Actor = w.office
		if code, _ := w.site.Post(t, "/conduct/rules", url.Values{"key": {"clock.checking"}, "value": {"0"}, "source": {"x"}}); code != 422 {
			t.Error(code)
		}
		if code, _ := w.site.Post(t, "/conduct/rules", url.Values{"key": {"clock.checking"}, "value": {"45"}, "source": {"本省实施办法第十条"}}); code != 303 {
			t.Error(code)
		}
		if c := w.opened(t, "gifts"); c.Due != "2026-04-16" {
			t.Errorf("due %s", c.Due)
		}
		if body := w.site.Both(t, w.office, "/conduct/rules", 200); !strings.Contains(body, "本省实施办法第十条") {
			t.Error("the source is not shown")
		}
	})
}
