package contact_test

import (
	"strings"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/platformtest"
)

// A table that was taken over by mistake counts nowhere once its office withdraws it,
// stays in the list with who, when and why, and can be taken over again.
func TestATakeoverIsWithdrawn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.at("2026-03-26")
		henan := w.unit(henanName).ID
		take := func(login, text string) contact.Takeover {
			t.Helper()
			if res, err := w.takeOver(login, formerHead+text); err != nil || !res.Applied {
				t.Fatalf("%+v %v", res, err)
			}
			list, _, err := w.s.Takeovers(ctx, w.who[login])
			if err != nil || len(list) == 0 {
				t.Fatal(list, err)
			}
			return list[0]
		}
		wrong, table := take("office", "DB,2025-11,零,\n"), "DA,2025-11,零,2025-11-26\nDA,2025-12,2,\nDA,2026-01,零,2026-02-20\n"
		k := take("office", table)
		load := "工号,报告期,岗位,办案数\nDA,2025-11,刑事检察,7\nDB,2025-11,刑事检察,7\n"
		if _, err := w.s.ImportCaseload(ctx, w.who["office"], "办案量.csv", strings.NewReader(load), int64(len(load)), false); err != nil {
			t.Fatal(err)
		}
		// counted is what the page of each reader says of November and the runs.
		counted := func() (filed, own, runs int) {
			t.Helper()
			cal, err := w.s.CalendarOf(ctx, w.who["upper"], w.unit(sppName).ID, "2026-01", false)
			if err != nil {
				t.Fatal(err)
			}
			m, err := w.s.Own(ctx, w.who["staff"], "2026-01")
			if err != nil {
				t.Fatal(err)
			}
			people, err := w.s.People(ctx, w.who["office"], henan, "2025-11")
			if err != nil || people.Tally.Filed != cal.Total[9].Filed {
				t.Fatalf("people %+v, calendar %+v, %v", people.Tally, cal.Total[9], err)
			}
			s, err := w.s.Silence(ctx, w.who["office"], henan)
			if err != nil {
				t.Fatal(err)
			}
			return cal.Total[9].Filed, len(m.Returns), len(s.Lines)
		}
		if filed, own, runs := counted(); filed != 2 || own != 3 || runs != 2 {
			t.Fatalf("before: %d filed, %d own, %d runs", filed, own, runs)
		}

		why := contact.WithdrawCmd{Reason: "文件取错，非本院数据"}
		for _, login := range []string{"staff", "head", "boss", "city", "other", "sysadmin", "secadmin", "auditor"} {
			_, err := w.s.WithdrawTakeover(ctx, w.who[login], k.ID, why)
			platformtest.WantKind(t, login+" withdraws", err, fault.KindNotFound)
		}
		_, err := w.s.WithdrawTakeover(ctx, w.who["office"], id.New(), why)
		platformtest.WantKind(t, "what is not there", err, fault.KindNotFound)
		_, err = w.s.WithdrawTakeover(ctx, w.who["office"], k.ID, contact.WithdrawCmd{Reason: " "})
		platformtest.WantKind(t, "without a reason", err, fault.KindInvalid)
		if filed, own, runs := counted(); filed != 2 || own != 3 || runs != 2 {
			t.Errorf("a refusal changed: %d filed, %d own, %d runs", filed, own, runs)
		}
		_, err = w.s.File(ctx, w.who["staff"], contact.FileCmd{Period: "2025-12", Pledge: true, Reason: "补报"})
		platformtest.WantKind(t, "filing what stands as taken over", err, fault.KindState)

		if k, err = w.s.WithdrawTakeover(ctx, w.who["office"], k.ID, why); err != nil || k.State != contact.TakeoverWithdrawn {
			t.Fatal(k, err)
		}
		if filed, own, runs := counted(); filed != 1 || own != 0 || runs != 1 {
			t.Errorf("after: %d filed, %d own, %d runs", filed, own, runs)
		}
		list, names, err := w.s.Takeovers(ctx, w.who["office"])
		if err != nil || len(list) != 2 || list[0].ID != k.ID || list[0].WithdrawnFor != why.Reason || list[0].Withdrawn == "" || names[list[0].WithdrawnBy] != "许昌平" || list[1].State != contact.TakeoverHeld {
			t.Errorf("%+v %v", list, err)
		}
		_, err = w.s.WithdrawTakeover(ctx, w.who["office"], k.ID, why)
		platformtest.WantKind(t, "a second time", err, fault.KindState)

		// One month is filed late by the person himself, the others are taken over anew;
		// what is filed here is not taken over beside it.
		if f, err := w.s.File(ctx, w.who["staff"], contact.FileCmd{Period: "2025-12", Pledge: true, Reason: "补报"}); err != nil || !f.Return.Late {
			t.Errorf("%+v %v", f, err)
		}
		if res, err := w.takeOver("office", formerHead+table); err != nil || res.BadRows() != 1 || res.Faults[0].Key != "former.bad.live" {
			t.Errorf("%+v %v", res, err)
		}
		again := take("upper", "DA,2025-11,零,2025-11-26\nDA,2026-01,零,2026-02-20\n")
		if filed, own, runs := counted(); filed != 2 || own != 3 || runs != 2 {
			t.Errorf("anew: %d filed, %d own, %d runs", filed, own, runs)
		}
		// Henan's office sees what the one above took over for it, and leaves it alone;
		// the one above withdraws for both.
		if list, _, err := w.s.Takeovers(ctx, w.who["office"]); err != nil || list[0].ID != again.ID || list[0].Office != w.unit(sppName).ID {
			t.Errorf("%+v %v", list, err)
		}
		_, err = w.s.WithdrawTakeover(ctx, w.who["office"], again.ID, why)
		platformtest.WantKind(t, "what the office above took over", err, fault.KindNotFound)
		for _, n := range []id.ID{again.ID, wrong.ID} {
			if _, err = w.s.WithdrawTakeover(ctx, w.who["upper"], n, why); err != nil {
				t.Error(err)
			}
		}
		if filed, own, runs := counted(); filed != 0 || own != 1 || runs != 0 {
			t.Errorf("all withdrawn: %d filed, %d own, %d runs", filed, own, runs)
		}
		if rep, err := w.Log.Verify(ctx); err != nil || len(rep.Troubles) > 0 {
			t.Errorf("%+v %v", rep, err)
		}
		es, err := w.Log.Of(ctx, "contact_takeover", again.ID)
		if err != nil || len(es) != 2 {
			t.Errorf("%d entries, %v", len(es), err)
		}
	})
}

// The page asks why, and says afterwards who withdrew what.
func TestWithdrawalPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.at("2026-03-26")
		if _, err := w.takeOver("office", formerHead+"DA,2025-11,零,\n"); err != nil {
			t.Fatal(err)
		}
		list, _, err := w.s.Takeovers(ctx, w.who["office"])
		if err != nil {
			t.Fatal(err)
		}
		path := "/register/takeovers/" + string(list[0].ID)
		w.site.Actor = w.who["office"]
		if code, body := w.site.Get(t, path); code != 200 || !strings.Contains(body, path+"/withdraw") {
			t.Errorf("%d %.500s", code, body)
		}
		if code, body := w.site.Post(t, path+"/withdraw", map[string][]string{"reason": {""}}); code != 422 || !strings.Contains(body, `aria-invalid`) {
			t.Errorf("%d %.500s", code, body)
		}
		if code, to := w.site.Post(t, path+"/withdraw", map[string][]string{"reason": {"文件取错"}}); code != 303 {
			t.Errorf("%d %s", code, to)
		}
		for _, lang := range []string{"zh", "en"} {
			for _, p := range []string{path, "/register/takeovers"} {
				if code, body := w.page(t, lang, p); code != 200 || !strings.Contains(body, "文件取错") || strings.Contains(body, "/withdraw") {
					t.Errorf("%s: %d %.500s", p, code, body)
				}
			}
		}
		w.site.Actor = w.who["staff"]
		if code, _ := w.site.Get(t, path); code != 404 {
			t.Errorf("staff see what was taken over: %d", code)
		}
	})
}
