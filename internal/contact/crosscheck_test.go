package contact_test

import (
	"strings"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/platformtest"
)

func (w *world) found(t *testing.T, login string) map[id.ID]contact.Crosscheck {
	t.Helper()
	if _, err := w.s.RunCrosscheck(ctx, w.who[login]); err != nil {
		t.Fatal(err)
	}
	out := map[id.ID]contact.Crosscheck{}
	w.site.Actor = w.who[login]
	_, body := w.site.Get(t, "/api/v1/crosschecks?view=all")
	for _, part := range strings.Split(body, `{"id":"`)[1:] {
		v, err := w.s.ReadCrosscheck(ctx, w.who[login], id.ID(part[:36]))
		if err != nil {
			t.Fatal(err)
		}
		out[v.Crosscheck.Matter] = v.Crosscheck
		if v.Crosscheck.Other != "" {
			out[v.Crosscheck.Other] = v.Crosscheck
		}
	}
	return out
}

func TestCrosscheck(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		said := func(name, no, words, class string) func(*contact.RecordCmd) {
			return func(c *contact.RecordCmd) {
				c.Asker, c.AskerName, c.CaseNo, c.Words, c.Claimed = "leader", name, no, words, class
			}
		}
		a := w.submit(t, "staff", said("欧阳震华", "20264100005501", "来电要求对被告人从轻处理", "C6"))
		b := w.submit(t, "colleague", said("欧阳震华", "20264100005501", "来电要求从轻处理被告人", "C6"))
		c := w.submit(t, "staff", said("司徒美堂", "20264100007702", "问能否尽快不起诉", "C6"))
		d := w.submit(t, "colleague", said("司徒美堂", "20264100007702", "问能否尽快不起诉", "C1"))
		insider := func(c *contact.RecordCmd) {
			c.Asker, c.AskerName, c.AskerUnit, c.CaseNo = "insider", "韩红梅", xinxiangName, "20264100009903"
		}
		old := w.submit(t, "staff", func(c *contact.RecordCmd) { insider(c); c.On = "2026-02-10" })
		recent := w.submit(t, "colleague", func(c *contact.RecordCmd) { insider(c); c.CaseNo, c.On = "20264100011104", "2026-03-02" })
		alone := w.submit(t, "staff", nil) // a lawyer owes no record
		got := w.found(t, "office")
		for n, want := range map[id.ID]string{a.ID: contact.Matched, b.ID: contact.Matched, c.ID: contact.Contradicted, d.ID: contact.Contradicted, recent.ID: contact.NotDue} {
			if got[n].Found != want {
				t.Errorf("%s: %q, want %q (%+v)", n, got[n].Found, want, got[n].Lines)
			}
		}
		if _, ok := got[alone.ID]; ok {
			t.Error("a question of a lawyer is no one-sided contact")
		}
		if x := got[old.ID]; x.Found != contact.NotDue { // 2 March is the last day for the period of 10 February
			t.Errorf("on the last day: %+v", x)
		}
		w.at("2026-03-03")
		x := w.found(t, "office")[old.ID]
		if x.State != contact.OneSided || len(x.Lines) != 1 || x.Lines[0].Level != contact.MarkMiss {
			t.Fatalf("%+v", x)
		}
		// Nobody who is concerned, no other office and no administrator sees the item.
		for _, login := range []string{"staff", "city", "other", "head", "boss", "sysadmin", "auditor"} {
			if _, err := w.s.ReadCrosscheck(ctx, w.who[login], x.ID); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s reads it: %v", login, err)
			}
			if _, err := w.s.Work(ctx, w.who[login], x.ID, "settle", contact.CrossCmd{Text: "x"}); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s works on it: %v", login, err)
			}
		}
		for _, do := range contact.CrosscheckFlow.Actions() {
			if _, err := contact.CrosscheckFlow.Next(contact.OneSided, do); err == nil {
				continue
			}
			if _, err := w.s.Work(ctx, w.who["office"], x.ID, do, contact.CrossCmd{Text: "x", Answer: "denied"}); err == nil {
				t.Errorf("%s is not in the table", do)
			}
		}
		_, err := w.s.Work(ctx, w.who["office"], x.ID, "query", contact.CrossCmd{})
		platformtest.WantKind(t, "without words", err, fault.KindInvalid)
		for _, step := range []struct {
			do string
			c  contact.CrossCmd
		}{{"query", contact.CrossCmd{Text: "请说明有无打听"}}, {"reply", contact.CrossCmd{Text: "记不清", Answer: "unknown"}}, {"settle", contact.CrossCmd{Text: "提醒对方如实记录"}}} {
			if _, err := w.s.Work(ctx, w.who["office"], x.ID, step.do, step.c); err != nil {
				t.Fatalf("%s: %v", step.do, err)
			}
			for _, lang := range []string{"zh", "en"} {
				if code, body := w.page(t, lang, "/crosschecks/"+string(x.ID)); code != 200 {
					t.Errorf("%d %.300s", code, body)
				}
			}
		}
		if v, err := w.s.ReadCrosscheck(ctx, w.who["upper"], x.ID); err != nil || v.Crosscheck.State != contact.Settled || v.Entries[len(v.Entries)-1].Text != "提醒对方如实记录" {
			t.Errorf("the office above reads %+v %v", v, err)
		}
		// What is settled stays so at the next comparison.
		if y := w.found(t, "office")[old.ID]; y.State != contact.Settled {
			t.Errorf("%+v", y)
		}
	})
}
