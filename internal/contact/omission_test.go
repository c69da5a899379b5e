package contact_test

import (
	"slices"
	"strings"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/web"
)

// who did not record is heard, one proposes what the rules list for it and
// another decides; the second time more follows; nobody around him sees it.
func TestRecordsNotMade(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.at("2026-03-05")
		second := platformtest.As("office2", actor.InternalSupervision, w.dir.Place(w.unit(henanName).ID))
		second.Person = id.New()
		note := func(login, person string) (contact.Omission, error) {
			return w.s.NoteOmission(ctx, w.who[login], contact.NoteOmissionCmd{Person: person, Kind: contact.Unrecorded, Source: "letter", Ref: "7", On: "2026-02-11", Text: "复函称曾电话过问"})
		}
		for login, person := range map[string]string{"office": "没有", "other": "DA", "upper": "没有"} {
			if _, err := note(login, person); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%s notes %s: %v", login, person, err)
			}
		}
		if _, err := note("office", "DE"); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("the office notes itself: %v", err)
		}
		for _, login := range []string{"staff", "head", "boss", "sysadmin", "secadmin", "auditor"} {
			if _, err := note(login, "DB"); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s notes: %v", login, err)
			}
		}
		_, err := w.s.NoteOmission(ctx, w.who["office"], contact.NoteOmissionCmd{Person: "DB", Kind: "x", Source: "y", On: "2026-03-06"})
		if f, ok := fault.Of(err); !ok || len(f.Fields) != 4 { // kind, source, a day to come, no words
			t.Errorf("a bad note: %v", err)
		}
		for round, want := range []string{"warning", "sanction"} {
			o, err := note("office", "DB")
			if err != nil {
				t.Fatal(err)
			}
			for _, login := range []string{"colleague", "staff", "head", "boss", "other", "city", "sysadmin", "secadmin", "auditor"} {
				_, err := w.s.ReadOmission(ctx, w.who[login], o.ID)
				platformtest.WantKind(t, login+" reads", err, fault.KindNotFound)
				_, err = w.s.WorkOmission(ctx, w.who[login], o.ID, "hear", contact.OmissionCmd{Text: "x"})
				platformtest.WantKind(t, login+" works", err, fault.KindNotFound)
			}
			step := func(who actor.Actor, do, then string, kind fault.Kind) {
				t.Helper()
				_, err := w.s.WorkOmission(ctx, who, o.ID, do, contact.OmissionCmd{Text: "理由", Consequence: then})
				if kind == "" && err != nil {
					t.Fatalf("%s: %v", do, err)
				}
				if kind != "" {
					platformtest.WantKind(t, do, err, kind)
				}
			}
			step(w.who["office"], "propose", want, fault.KindState) // unheard
			step(w.who["office"], "hear", "", "")
			step(w.who["office"], "propose", "superior", fault.KindInvalid) // of another failure
			if round == 0 {
				step(w.who["office"], "propose", "sanction", fault.KindInvalid) // the second time only
			}
			step(w.who["office"], "propose", want, "")
			step(w.who["office"], "decide", "", fault.KindState) // by himself
			step(second, "send_back", "", "")
			step(w.who["office"], "propose", want, "")
			decider := second
			if round == 1 {
				decider = w.who["upper"] // an office of one person asks the one above
			}
			step(decider, "decide", "", "")
			v, err := w.s.ReadOmission(ctx, w.who["office"], o.ID)
			if err != nil || v.Omission.State != contact.OmissionDecided || v.Omission.Consequence != want || v.Times != round+1 || v.Entries[0].Text != "复函称曾电话过问" || len(v.Entries) != 6 {
				t.Errorf("%+v %v", v, err)
			}
			w.site.Actor = w.who["office"]
			if _, body := w.page(t, "en", "/register/omissions"); !strings.Contains(body, string(o.ID)) {
				t.Errorf("the list: %.300s", body)
			}
			for lang, article := range map[string]string{"zh": "（中政委〔2015〕10号）第8条", "en": "article 8"} {
				if code, body := w.page(t, lang, "/register/omissions/"+string(o.ID)); code != 200 || !strings.Contains(body, article) || strings.Contains(body, "R10") {
					t.Errorf("%d %.300s", code, body)
				}
			}
		}
	})
}

// In the office itself neither the person nor his relatives list, count, open or are
// asked for it; nor does an office elsewhere.
func TestRecordsNotMadeAreHiddenFromWhomTheyConcern(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.at("2026-03-05")
		o, err := w.s.NoteOmission(ctx, w.who["office"], contact.NoteOmissionCmd{Person: "DB", Kind: "directed", Source: "report", On: "2026-02-11", Text: "授意不记录"})
		if err != nil {
			t.Fatal(err)
		}
		himself := platformtest.As("himself", actor.InternalSupervision, w.dir.Place(w.unit(henanName).ID))
		himself.Person = w.ids["colleague"]
		kin := platformtest.As("kin", actor.InternalSupervision, w.dir.Place(w.unit(henanName).ID))
		kin.Person, kin.Related = id.New(), []id.ID{w.ids["colleague"]}
		for name, who := range map[string]actor.Actor{"the person": himself, "a relative": kin, "another office": w.who["other"], "the office": w.who["office"]} {
			sees := name == "the office"
			list, _, err := w.s.Omissions(ctx, who, "", "", 10)
			if err != nil || (len(list) > 0) != sees {
				t.Errorf("%s lists %d: %v", name, len(list), err)
			}
			todo, err := w.s.Todo(ctx, who)
			if err != nil || slices.ContainsFunc(todo, func(x web.Todo) bool { return strings.HasSuffix(x.Href, string(o.ID)) }) != sees {
				t.Errorf("%s has to do %+v: %v", name, todo, err)
			}
			if _, err = w.s.ReadOmission(ctx, who, o.ID); fault.Is(err, fault.KindNotFound) == sees {
				t.Errorf("%s reads: %v", name, err)
			}
			if _, err = w.s.NoteOmission(ctx, who, contact.NoteOmissionCmd{Person: "DB", Kind: "late", Source: "report", On: "2026-02-11", Text: "x"}); (err == nil) != sees {
				t.Errorf("%s notes: %v", name, err)
			}
		}
	})
}

// What a delegate filed is looked at by the person himself; a record that came back
// stands among what he has to do.
func TestConfirmAndRedo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.at("2026-02-26")
		if _, err := w.s.NameDelegate(ctx, w.who["staff"], contact.DelegateCmd{Delegate: "DB", From: "2026-02-20", To: "2026-03-10", Reason: "脱产培训"}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.File(ctx, w.who["colleague"], contact.FileCmd{Period: "2026-02", Pledge: true, Person: w.ids["staff"]}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.File(ctx, w.who["colleague"], contact.FileCmd{Period: "2026-02", Pledge: true}); err != nil {
			t.Fatal(err)
		}
		waits := func(kind string) (n int) {
			t.Helper()
			list, err := w.s.Todo(ctx, w.who["staff"])
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				if x.Kind == kind {
					n++
				}
			}
			return n
		}
		if waits("todo.return.confirm") != 1 {
			t.Error("the person is not asked to confirm")
		}
		w.site.Actor = w.who["staff"]
		if code, body := w.page(t, "zh", "/my/returns/2026-02"); code != 200 || !strings.Contains(body, "何志远") || !strings.Contains(body, "/my/returns/2026-02/confirm") {
			t.Errorf("%d %.300s", code, body)
		}
		_, err := w.s.ConfirmReturn(ctx, w.who["colleague"], "2026-02")
		platformtest.WantKind(t, "his own", err, fault.KindState)
		_, err = w.s.ConfirmReturn(ctx, w.who["head"], "2026-02")
		platformtest.WantKind(t, "none", err, fault.KindNotFound)
		for range 2 { // two tabs
			if x, err := w.s.ConfirmReturn(ctx, w.who["staff"], "2026-02"); err != nil || x.Confirmed == "" {
				t.Errorf("%+v %v", x, err)
			}
		}
		if waits("todo.return.confirm") != 0 {
			t.Error("it still waits")
		}
		w.at("2026-03-05")
		m := w.submit(t, "staff", func(c *contact.RecordCmd) { c.On = "2026-02-20" })
		w.open(t, "office", m.ID)
		if _, err := w.s.Handle(ctx, w.who["office"], m.ID, "return", contact.HandleCmd{Text: "请补正时间"}); err != nil {
			t.Fatal(err)
		}
		if waits("todo.matter.redo") != 1 {
			t.Error("a record that came back is not among what he has to do")
		}
		if err := w.Log.Sequence(ctx); err != nil {
			t.Fatal(err)
		}
		if rep, err := w.Log.Verify(ctx); err != nil || len(rep.Troubles) > 0 {
			t.Errorf("%v %v", rep.Troubles, err)
		}
	})
}
