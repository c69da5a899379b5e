package contact_test

import (
	"slices"
	"strings"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/web"
)

// a department that filed nothing but zero returns for long is shown with its
// arithmetic, and somebody of it is talked with: who, when, with what outcome.
func TestTalksOnRunsOfZeroReturns(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		henan := w.unit(henanName)
		d, err := w.units.AddDepartment(ctx, system, henan.ID, org.DepartmentCmd{Name: "第二检察部", Kind: "business"})
		if err != nil {
			t.Fatal(err)
		}
		lead, other := id.New(), id.New()
		if err := w.people.AddMany(ctx, system, []person.NewPerson{{ID: lead, StaffNo: "P1", Name: "部门主任", Unit: henanName, Department: d.ID, From: "2020-01-01"}, {ID: other, StaffNo: "P2", Name: "检察官", Unit: henanName, Department: d.ID, From: "2020-01-01"}}); err != nil {
			t.Fatal(err)
		}
		as := func(p id.ID) actor.Actor {
			a := platformtest.As("p", actor.Staff, w.dir.Place(henan.ID))
			a.Person = p
			return a
		}
		file := func(who actor.Actor, p contact.Period) {
			t.Helper()
			if _, err := w.s.File(ctx, who, contact.FileCmd{Period: string(p), Pledge: true}); err != nil {
				t.Fatal(err)
			}
		}
		months := []contact.Period{"2025-11", "2025-12", "2026-01"}
		for i, p := range months {
			if i == 1 { // elsewhere in the unit somebody recorded something
				w.at("2025-12-24")
				w.submit(t, "staff", func(c *contact.RecordCmd) { c.On = "2025-12-20" })
			}
			w.at([]clock.Date{"2025-11-26", "2025-12-26", "2026-01-26"}[i])
			file(as(lead), p)
			file(as(other), p)
			file(w.who["staff"], p)
		}
		cmd := contact.TalkCmd{Unit: henanName, Department: string(d.ID), Person: "P1", Kind: "interview", Due: "2026-02-10", Text: "连续三个月零报告"}
		arrange := func(who actor.Actor, change func(*contact.TalkCmd)) (contact.Talk, error) {
			c := cmd
			if change != nil {
				change(&c)
			}
			return w.s.ArrangeTalk(ctx, who, c)
		}
		// Of two months only no talk is arranged.
		w.at("2026-01-20")
		_, err = arrange(w.who["office"], nil)
		platformtest.WantKind(t, "a short run", err, fault.KindState)
		w.at("2026-01-28")
		for by, run := range map[string]int{contact.ByDepartment: 3, contact.ByUnit: 1} {
			v, err := w.s.GroupSilence(ctx, w.who["office"], henan.ID, by)
			i := slices.IndexFunc(v.Lines, func(l contact.GroupSilence) bool {
				return l.Unit == henan.ID && (by == contact.ByUnit || l.Department == d.ID)
			})
			if err != nil || i < 0 || v.Lines[i].Run != run || v.Lines[i].Scored || v.Lines[i].Why != "run" {
				t.Errorf("by %s: %+v %v", by, v.Lines, err)
			}
		}
		for what, change := range map[string]func(*contact.TalkCmd){
			"nobody of that number":       func(c *contact.TalkCmd) { c.Person = "P9" },
			"somebody of no department":   func(c *contact.TalkCmd) { c.Person = "DA" },
			"somebody of another unit":    func(c *contact.TalkCmd) { c.Person = "DG" },
			"the office itself":           func(c *contact.TalkCmd) { c.Person, c.Department = "DE", "" },
			"a day that has gone by":      func(c *contact.TalkCmd) { c.Due = "2026-01-27" },
			"no kind":                     func(c *contact.TalkCmd) { c.Kind = "" },
			"no words":                    func(c *contact.TalkCmd) { c.Text = "" },
			"a department that is not":    func(c *contact.TalkCmd) { c.Department = string(id.New()) },
			"a unit that is not below":    func(c *contact.TalkCmd) { c.Unit = hebeiName },
			"an unknown unit":             func(c *contact.TalkCmd) { c.Unit = "没有" },
			"a unit that belongs to none": func(c *contact.TalkCmd) { c.Unit = "" },
		} {
			_, err := arrange(w.who["office"], change)
			platformtest.WantKind(t, what, err, fault.KindInvalid)
		}
		_, err = arrange(w.who["office"], func(c *contact.TalkCmd) { c.Department, c.Person = "", "DC" })
		platformtest.WantKind(t, "a unit where somebody recorded", err, fault.KindState)
		_, err = arrange(w.who["other"], nil)
		platformtest.WantKind(t, "another province", err, fault.KindInvalid)
		outside := []string{"staff", "colleague", "head", "boss", "city", "sysadmin", "secadmin", "auditor"}
		for _, login := range outside {
			_, err := arrange(w.who[login], nil)
			platformtest.WantKind(t, login, err, fault.KindNotFound)
		}
		k, err := arrange(w.who["office"], nil)
		if err != nil || k.Run != 3 || k.State != contact.TalkArranged {
			t.Fatalf("%+v %v", k, err)
		}
		_, err = arrange(w.who["office"], nil)
		platformtest.WantKind(t, "a second one at a time", err, fault.KindState)

		himself := platformtest.As("himself", actor.InternalSupervision, w.dir.Place(henan.ID))
		himself.Person = lead
		kin := platformtest.As("kin", actor.InternalSupervision, w.dir.Place(henan.ID))
		kin.Person, kin.Related = id.New(), []id.ID{lead}
		closedTo := map[string]actor.Actor{"himself": himself, "a relative": kin, "other": w.who["other"]}
		for _, login := range outside {
			closedTo[login] = w.who[login]
		}
		hold := contact.HoldCmd{On: "2026-01-29", Outcome: "explained", Text: "说明了应记事项范围"}
		w.at("2026-01-29")
		for name, who := range closedTo {
			_, err := w.s.ReadTalk(ctx, who, k.ID)
			platformtest.WantKind(t, name+" reads", err, fault.KindNotFound)
			_, err = w.s.WorkTalk(ctx, who, k.ID, "hold", hold)
			platformtest.WantKind(t, name+" works", err, fault.KindNotFound)
			list, _, err := w.s.Talks(ctx, who, "", "", 10)
			if err != nil || len(list) > 0 {
				t.Errorf("%s lists %d %v", name, len(list), err)
			}
		}
		if v, err := w.s.GroupSilence(ctx, himself, henan.ID, contact.ByDepartment); err != nil || slices.ContainsFunc(v.Lines, func(l contact.GroupSilence) bool { return l.Talk != nil || l.Department == d.ID && l.Returns != 3 }) {
			t.Errorf("he sees the talk or his own returns beside the line: %+v %v", v.Lines, err)
		}
		todo, err := w.s.Todo(ctx, w.who["office"])
		if err != nil || !slices.ContainsFunc(todo, func(x web.Todo) bool { return x.Kind == "todo.talk" && x.Due == "2026-02-10" }) {
			t.Errorf("the office is not told: %+v %v", todo, err)
		}
		for what, c := range map[string]contact.HoldCmd{
			"before it was arranged": {On: "2026-01-27", Outcome: "explained", Text: "x"},
			"a day to come":          {On: "2026-01-30", Outcome: "explained", Text: "x"},
			"no outcome":             {On: "2026-01-29", Text: "x"},
			"no words":               {On: "2026-01-29", Outcome: "explained"},
		} {
			_, err := w.s.WorkTalk(ctx, w.who["office"], k.ID, "hold", c)
			platformtest.WantKind(t, what, err, fault.KindInvalid)
		}
		w.site.Actor = w.who["office"]
		for _, path := range []string{"/register/silence?by=department", "/register/silence?by=unit", "/register/talks", "/register/talks/" + string(k.ID)} {
			if code, body := w.page(t, "en", path); code != 200 || !strings.Contains(body, string(k.ID)) && path != "/register/silence?by=unit" {
				t.Errorf("%s: %d %.300s", path, code, body)
			}
		}
		if _, err := w.s.WorkTalk(ctx, w.who["office"], k.ID, "hold", hold); err != nil {
			t.Fatal(err)
		}
		_, err = w.s.WorkTalk(ctx, w.who["office"], k.ID, "hold", hold)
		platformtest.WantKind(t, "a second tab", err, fault.KindState)
		v, err := w.s.ReadTalk(ctx, w.who["upper"], k.ID)
		if err != nil || v.Talk.Outcome != "explained" || v.Talk.Held != "2026-01-29" || v.Talk.Due != "" || len(v.Entries) != 2 || v.Entries[1].Text != hold.Text {
			t.Errorf("%+v %v", v, err)
		}
		if k, err = arrange(w.who["office"], nil); err != nil {
			t.Fatal(err) // another time
		}
		if k, err = w.s.WorkTalk(ctx, w.who["office"], k.ID, "cancel", contact.HoldCmd{Text: "已调离"}); err != nil || k.State != contact.TalkCancelled {
			t.Errorf("%+v %v", k, err)
		}
		if err := w.Log.Sequence(ctx); err != nil {
			t.Fatal(err)
		}
		if rep, err := w.Log.Verify(ctx); err != nil || len(rep.Troubles) > 0 {
			t.Errorf("%v %v", rep.Troubles, err)
		}
	})
}
