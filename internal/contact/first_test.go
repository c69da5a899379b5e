package contact_test

import (
	"strings"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/platformtest"
)

// Before the first month that a unit owes, nothing is missing, nobody is reminded and
// nothing is closed; the month is what the office set with its source, or that of the
// first return that anybody filed here in time.
func TestNothingIsOwedBeforeTheRegisterBegan(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.at("2026-01-27")
		if _, err := w.s.File(ctx, w.who["staff"], contact.FileCmd{Period: "2026-01", Pledge: true}); err != nil {
			t.Fatal(err)
		}
		w.at("2026-03-10")
		henan, spp := w.unit(henanName).ID, w.unit(sppName).ID
		owed := func(login string, p contact.Period) int {
			t.Helper()
			v, err := w.s.CalendarOf(ctx, w.who[login], henan, p, false)
			if err != nil {
				t.Fatal(err)
			}
			return v.Total[11].Owed
		}
		mark := func(login string, p contact.Period) string {
			t.Helper()
			m, err := w.s.Own(ctx, w.who[login], p)
			if err != nil {
				t.Fatal(err)
			}
			return m.Months[11].Mark
		}
		if owed("upper", "2025-12") != 0 || owed("upper", "2026-01") == 0 || mark("colleague", "2025-12") != contact.MarkBefore || mark("colleague", "2026-01") != contact.MarkMiss {
			t.Errorf("December %d %s, January %d %s", owed("upper", "2025-12"), mark("colleague", "2025-12"), owed("upper", "2026-01"), mark("colleague", "2026-01"))
		}
		v, err := w.s.People(ctx, w.who["office"], henan, "2025-12")
		if err != nil || v.Tally.Owed != 0 || len(v.People) == 0 || v.People[0].Mark != contact.MarkBefore {
			t.Errorf("%+v %v", v, err)
		}
		_, err = w.s.Remind(ctx, w.who["office"], contact.RemindCmd{Unit: henanName, Period: "2025-12"})
		platformtest.WantKind(t, "reminding of what nobody owed", err, fault.KindState)
		_, err = w.s.Close(ctx, w.who["upper"], contact.CloseCmd{Unit: sppName, Period: "2025-12"})
		platformtest.WantKind(t, "closing what nobody owed", err, fault.KindState)
		w.site.Actor = w.who["office"]
		for _, path := range []string{"/contacts/people?period=2025-12&unit=" + string(henan), "/contacts/calendar?last=2025-12&unit=" + string(henan)} {
			for _, lang := range []string{"zh", "en"} {
				if code, body := w.page(t, lang, path); code != 200 || !strings.Contains(body, "2026-01") || strings.Contains(body, `action="/contacts/remind`) {
					t.Errorf("%s: %d, or still reminds", path, code)
				}
			}
		}

		set := func(login, unit, first string) error {
			_, err := w.s.Set(ctx, w.who[login], contact.SettingCmd{Unit: unit, Cadence: contact.Monthly, EndDay: 25, Grace: 5, From: "2026-03", First: first, Reason: "通知自此月起填报"})
			return err
		}
		for first, key := range map[string]string{"2026-Q1": "contact.bad.period", "三月": "contact.bad.period", "2026-05": "setting.first.late", "2026-02": "setting.first.kept"} {
			f, ok := fault.Of(set("office", henanName, first))
			if !ok || len(f.Fields) != 1 || f.Fields[0].Name != "first" || f.Fields[0].Key != key {
				t.Errorf("first month %s: %+v", first, f)
			}
		}
		platformtest.WantKind(t, "another office", set("other", henanName, "2026-03"), fault.KindNotFound)
		// Xinxiang filed nothing yet and begins in March; Henan owes since September.
		if err := set("upper", xinxiangName, "2026-03"); err != nil {
			t.Fatal(err)
		}
		if err := set("upper", henanName, "2025-09"); err != nil {
			t.Fatal(err)
		}
		if mark("colleague", "2025-09") != contact.MarkMiss || mark("colleague", "2025-08") != contact.MarkBefore || mark("city", "2026-02") != contact.MarkBefore {
			t.Errorf("%s %s %s", mark("colleague", "2025-09"), mark("colleague", "2025-08"), mark("city", "2026-02"))
		}
		list, err := w.s.Todo(ctx, w.who["city"])
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			if x.Kind == "todo.return.file" {
				t.Errorf("Xinxiang is asked for %s", x.Title)
			}
		}
		cal, err := w.s.CalendarOf(ctx, w.who["upper"], spp, "2026-02", true)
		if err != nil {
			t.Fatal(err)
		}
		first := map[string]contact.Period{}
		for _, r := range cal.Rows {
			first[w.dir.Name(r.Unit)] = r.First
		}
		if first[xinxiangName] != "2026-03" || first[henanName] != "2025-09" || first[hebeiName] != "2026-01" {
			t.Errorf("%v", first)
		}
	})
}
