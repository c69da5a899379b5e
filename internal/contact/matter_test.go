package contact_test

import (
	"encoding/json"
	"strings"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/platformtest"
)

func TestTablesAreSound(t *testing.T) {
	for _, f := range []interface{ Check() error }{contact.Flow, contact.OpeningFlow, contact.CrosscheckFlow} {
		if err := f.Check(); err != nil {
			t.Error(err)
		}
	}
}

func TestRecordFromFormToArchive(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.submit(t, "staff", func(c *contact.RecordCmd) {
			c.Reporter = w.ids["colleague"] // what the form says of the reporter is ignored
			c.Claimed, c.Words = "C6", "打招呼，要求从轻"
			c.On = "2026-01-05"
		})
		if !m.CatchUp || m.Period != "2026-03" || m.Level != 2 {
			t.Errorf("%+v: catch-up, period and level", m)
		}
		v, err := w.s.Read(ctx, w.who["staff"], m.ID)
		if err != nil || v.Content == nil || v.Content.Reporter != w.ids["staff"] || !v.Mine {
			t.Fatalf("%+v %v", v, err)
		}
		// The office sees the index row, not the content, until it opens it with a purpose.
		if v, err = w.s.Read(ctx, w.who["office"], m.ID); err != nil || v.Content != nil {
			t.Fatalf("unopened: %+v %v", v.Content, err)
		}
		if _, err := w.s.Handle(ctx, w.who["office"], m.ID, "check", contact.HandleCmd{}); !fault.Is(err, fault.KindState) {
			t.Errorf("checked unread: %v", err)
		}
		if _, err := w.s.AskOpening(ctx, w.who["office"], m.ID, contact.OpenCmd{Purpose: "curiosity"}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("without a purpose: %v", err)
		}
		w.open(t, "office", m.ID)
		if v, err = w.s.Read(ctx, w.who["office"], m.ID); err != nil || v.Content == nil || v.Content.Words != "打招呼，要求从轻" || v.Names[v.Content.Reporter] != "董子然" {
			t.Fatalf("opened: %+v %v", v, err)
		}
		// The reporter sees who opened it and why, and can no longer take it back.
		if v, err = w.s.Read(ctx, w.who["staff"], m.ID); err != nil || len(v.Openings) != 1 || v.Names[v.Openings[0].Person] != "许昌平" || v.Openings[0].Reason != "审核登记" {
			t.Fatalf("trace: %+v %v", v.Openings, err)
		}
		platformtest.WantKind(t, "withdraw what was read", w.s.Withdraw(ctx, w.who["staff"], m.ID, 0), fault.KindState)
		if err := w.s.Supplement(ctx, w.who["staff"], m.ID, contact.SupplementCmd{Text: "另有短信截图"}, nil); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			do string
			c  contact.HandleCmd
		}{{"check", contact.HandleCmd{}}, {"classify", contact.HandleCmd{Category: "C6", Text: "要求从轻"}}, {"verify", contact.HandleCmd{Text: "属实"}}, {"notice", contact.HandleCmd{Text: "已告知"}},
			{"refer", contact.HandleCmd{Text: "移送", Managed: contact.ManagedByOther}}, {"circulate", contact.HandleCmd{Text: "第一季度"}}, {"feedback", contact.HandleCmd{Outcome: "referred", Text: "已移送，感谢"}}, {"archive", contact.HandleCmd{}}} {
			if _, err := w.s.Handle(ctx, w.who["office"], m.ID, step.do, step.c); err != nil {
				t.Fatalf("%s: %v", step.do, err)
			}
		}
		v, err = w.s.Read(ctx, w.who["staff"], m.ID)
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]string{}
		for _, e := range v.Entries {
			said[e.Do] = e.Text
		}
		if said["feedback"] != "已移送，感谢" || said["verify"] != "" || said["supplement"] != "另有短信截图" || v.Content.Words != "打招呼，要求从轻" {
			t.Errorf("the reporter reads %v", said)
		}
	})
}

// Every action that the table does not have for a state is refused, whoever asks.
func TestNothingBesideTheTable(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.submit(t, "staff", nil)
		w.open(t, "office", m.ID)
		for _, do := range contact.Flow.Actions() {
			if _, err := contact.Flow.Next(contact.Submitted, do); err == nil {
				continue
			}
			for _, login := range []string{"office", "upper", "staff"} {
				if _, err := w.s.Handle(ctx, w.who[login], m.ID, do, contact.HandleCmd{Text: "x", Category: "C1", Outcome: "guided"}); err == nil {
					t.Errorf("%s took %s from submitted", login, do)
				}
			}
		}
		if _, err := w.s.Handle(ctx, w.who["staff"], m.ID, "check", contact.HandleCmd{}); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("the reporter checked his own record: %v", err)
		}
	})
}

// Nobody who should not know learns of a record: not the person concerned, his
// relatives, the head, other units, nor the three administrators. The answer is
// that of a record which is not there.
func TestWhoSeesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		inHenan := func(name string) func(*contact.RecordCmd) {
			return func(c *contact.RecordCmd) {
				c.Asker, c.AskerName, c.AskerUnit = "insider", name, henanName
			}
		}
		about := w.submit(t, "staff", inHenan("何志远"))                                                                              // a colleague
		leader := w.submit(t, "staff", func(c *contact.RecordCmd) { inHenan("梁建军")(c); c.Asker = "leader" })                       // the head: the office are his subordinates
		office := w.submit(t, "staff", inHenan("许昌平"))                                                                             // somebody of the office itself
		hidden := w.submit(t, "staff", func(c *contact.RecordCmd) { c.Hidden = true })                                             // hidden from the own unit
		kin := w.submit(t, "city", func(c *contact.RecordCmd) { c.Asker, c.AskerName, c.AskerUnit = "insider", "何志远", henanName }) // a subordinate reports upwards
		if about.Office != w.unit(henanName).ID || leader.Office != w.unit(sppName).ID || leader.Upper != "" || hidden.Office != w.unit(sppName).ID || office.Office != w.unit(sppName).ID {
			t.Errorf("routes: %+v %+v %+v %+v", about.Office, leader.Office, hidden.Office, office.Office)
		}
		if kin.Office != w.unit(henanName).ID || kin.Upper != w.unit(sppName).ID {
			t.Errorf("a unit without an office is passed over upwards: %+v", kin)
		}
		// 韩 is declared as a relative of 何.
		if _, err := w.people.DeclareRelative(ctx, system, w.ids["colleague"], personRelative(w)); err != nil {
			t.Fatal(err)
		}
		w.enter(t)
		see := map[id.ID][]string{about.ID: {"staff", "office", "upper", "upper2"}, leader.ID: {"staff", "upper", "upper2"}, office.ID: {"staff", "upper", "upper2"}, hidden.ID: {"staff", "upper", "upper2"},
			kin.ID: {"office", "upper", "upper2"}} // the reporter of kin is a relative of the person concerned: recusal beats even that
		absent := id.New()
		for n, may := range see {
			for login, who := range w.who {
				want := strings.Contains(" "+strings.Join(may, " ")+" ", " "+login+" ")
				_, err := w.s.Read(ctx, who, n)
				if (err == nil) != want {
					t.Errorf("%s reads %s: %v", login, n, err)
				}
				if want {
					continue
				}
				_, other := w.s.Read(ctx, who, absent)
				if err == nil || other == nil || err.Error()[:len("not_found")] != other.Error()[:len("not_found")] {
					t.Errorf("%s can tell a hidden record from an absent one: %v, %v", login, err, other)
				}
				w.site.Actor = who
				for _, path := range []string{"/contacts/", "/api/v1/contacts/"} {
					code, body := w.site.Get(t, path+string(n))
					code2, body2 := w.site.Get(t, path+string(absent))
					if code != 404 || code2 != 404 || strings.ReplaceAll(body, string(n), "x") != strings.ReplaceAll(body2, string(absent), "x") {
						t.Errorf("%s at %s: %d %d", login, path, code, code2)
					}
				}
				if _, body := w.site.Get(t, "/contacts"); strings.Contains(body, string(n)) {
					t.Errorf("%s finds %s in a list", login, n)
				}
			}
		}
		// Counts neither: the office of Henan sees two of the five.
		w.site.Actor = w.who["office"]
		if _, body := w.site.Get(t, "/api/v1/contacts"); strings.Count(body, `"id":`) != 2 {
			t.Errorf("the office of Henan lists %s", body)
		}
		// Nor opens it by the opening's id, nor agrees to it.
		o, err := w.s.AskOpening(ctx, w.who["upper"], hidden.ID, contact.OpenCmd{Purpose: "handling", Reason: "办理"})
		if err != nil || o.State != contact.Asked {
			t.Fatalf("%+v %v", o, err)
		}
		for _, login := range []string{"upper", "office", "staff", "head"} {
			if _, err := w.s.JudgeOpening(ctx, w.who[login], o.ID, "agree"); err == nil {
				t.Errorf("%s agreed", login)
			}
		}
		if v, err := w.s.Read(ctx, w.who["upper"], hidden.ID); err != nil || v.Content != nil {
			t.Errorf("read before the second name: %v %v", v.Content, err)
		}
		w.site.Actor = w.who["upper2"] // the page asks the second person, not the one who waits
		if _, body := w.site.Get(t, "/contacts/"+string(o.Matter)); !strings.Contains(body, "/openings/"+string(o.ID)+"/agree") || !strings.Contains(body, "/openings/"+string(o.ID)+"/refuse") {
			t.Errorf("the second person is not asked: %.600s", body)
		}
		w.site.Actor = w.who["upper"]
		if _, body := w.site.Get(t, "/contacts/"+string(o.Matter)); strings.Contains(body, "/openings/") {
			t.Errorf("the asker is asked to agree: %.600s", body)
		}
		if _, err := w.s.JudgeOpening(ctx, w.who["upper2"], o.ID, "agree"); err != nil {
			t.Fatal(err)
		}
		if v, err := w.s.Read(ctx, w.who["upper"], hidden.ID); err != nil || v.Content == nil {
			t.Errorf("read after the second name: %v", err)
		}
		w.Clock.Advance(24 * 3600e9)
		if v, err := w.s.Read(ctx, w.who["upper"], hidden.ID); err != nil || v.Content != nil {
			t.Errorf("an opening lasts its day: %v", err)
		}
	})
}

func TestDraftsAndBadRecords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d, err := w.s.SaveDraft(ctx, w.who["staff"], "", contact.RecordCmd{Content: contact.Content{Words: "写到一半"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, login := range []string{"office", "upper", "colleague"} {
			if _, err := w.s.Read(ctx, w.who[login], d.ID); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s reads a draft: %v", login, err)
			}
		}
		v, err := w.s.Read(ctx, w.who["staff"], d.ID)
		if err != nil || v.Content.Words != "写到一半" {
			t.Fatalf("%+v %v", v, err)
		}
		c := record()
		c.Rev = d.Rev + 7 // the other tab was quicker
		_, err = w.s.Submit(ctx, w.who["staff"], d.ID, c, nil)
		platformtest.WantKind(t, "two tabs", err, fault.KindConflict)
		c.Rev = d.Rev
		m, err := w.s.Submit(ctx, w.who["staff"], d.ID, c, nil)
		if err != nil || m.State != contact.Submitted {
			t.Fatal(err)
		}
		_, err = w.s.Submit(ctx, w.who["staff"], d.ID, c, nil)
		platformtest.WantKind(t, "handed in twice", err, fault.KindState)
		if err := w.s.Withdraw(ctx, w.who["staff"], m.ID, 0); err != nil {
			t.Fatal(err)
		}
		for name, change := range map[string]func(*contact.RecordCmd){
			"on": func(c *contact.RecordCmd) { c.On = "2026-03-03" }, "case_no": func(c *contact.RecordCmd) { c.CaseNo = "" }, "words": func(c *contact.RecordCmd) { c.Words = "" },
			"asker": func(c *contact.RecordCmd) { c.Asker = "martian" }, "claimed": func(c *contact.RecordCmd) { c.Claimed = "" }, "response": func(c *contact.RecordCmd) { c.Response = nil },
			"answer": func(c *contact.RecordCmd) { c.Answer = strings.Repeat("长", 5000) }} {
			c := record()
			change(&c)
			_, err := w.s.Submit(ctx, w.who["staff"], "", c, nil)
			f, ok := fault.Of(err)
			if !ok || len(f.Fields) != 1 || f.Fields[0].Name != name {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestHarmlessInOneTap(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ask := func(c *contact.RecordCmd) { c.Claimed, c.Response, c.Harmless = "", nil, true }
		a, b := w.submit(t, "staff", ask), w.submit(t, "colleague", ask)
		bad := w.submit(t, "staff", func(c *contact.RecordCmd) { ask(c); c.Asker = "insider" })
		if a.Claimed != "C1" || !a.Harmless {
			t.Fatalf("%+v", a)
		}
		_, err := w.s.SettleHarmless(ctx, w.who["office"], contact.BulkCmd{Matters: []id.ID{a.ID, bad.ID}})
		platformtest.WantKind(t, "a colleague's question is not settled in bulk", err, fault.KindState)
		if n, err := w.s.SettleHarmless(ctx, w.who["office"], contact.BulkCmd{Matters: []id.ID{a.ID, b.ID}}); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		v, err := w.s.Read(ctx, w.who["staff"], a.ID)
		if err != nil || v.Matter.State != contact.Answered || len(v.Openings) != 0 || len(v.Entries) != 4 {
			t.Errorf("%+v %v", v, err)
		}
	})
}

// The receipt proves offline that the record stood on that day as it was handed
// in; a changed word, date or key does not pass.
func TestReceipt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.submit(t, "staff", nil)
		_, err := w.s.ReceiptOf(ctx, w.who["staff"], m.ID)
		platformtest.WantKind(t, "before the log is signed", err, fault.KindUnavailable)
		w.open(t, "office", m.ID) // later changes of the index row do not touch it
		if err := w.Log.Sequence(ctx); err != nil {
			t.Fatal(err)
		}
		for _, login := range []string{"office", "upper", "head", "colleague"} {
			if _, err := w.s.ReceiptOf(ctx, w.who[login], m.ID); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s got the receipt: %v", login, err)
			}
		}
		rc, err := w.s.ReceiptOf(ctx, w.who["staff"], m.ID)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(rc)
		if err != nil {
			t.Fatal(err)
		}
		if _, c, err := contact.CheckReceipt(text, w.Log.Key()); err != nil || c.Words != record().Words {
			t.Fatalf("%+v %v", c, err)
		}
		for name, change := range map[string]func(*contact.Receipt){
			"a word":    func(r *contact.Receipt) { r.Payload = strings.Replace(r.Payload, "从轻", "从重", 1) },
			"the day":   func(r *contact.Receipt) { r.Recorded = "2026-03-01" },
			"the row":   func(r *contact.Receipt) { r.Testimony.Canonical[40] ^= 1 },
			"the leaf":  func(r *contact.Receipt) { r.Testimony.Leaf[9] ^= 1 },
			"the salt":  func(r *contact.Receipt) { r.Testimony.Salt[0] ^= 1 },
			"the index": func(r *contact.Receipt) { r.Testimony.Index++ },
		} {
			var r contact.Receipt
			if err := json.Unmarshal(text, &r); err != nil {
				t.Fatal(err)
			}
			change(&r)
			b, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := contact.CheckReceipt(b, w.Log.Key()); err == nil {
				t.Errorf("%s was changed and the receipt still holds", name)
			}
		}
		if _, _, err := contact.CheckReceipt([]byte("{}"), ""); !fault.Is(err, fault.KindInvalid) {
			t.Error("no receipt at all")
		}
	})
}
