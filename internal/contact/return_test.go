package contact_test

import (
	"net/url"
	"strings"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/platformtest"
)

func file(w *world, login, period string) (contact.Filed, error) {
	return w.s.File(ctx, w.who[login], contact.FileCmd{Period: period, Pledge: true})
}

// The tests begin on 2 March 2026: the period 2026-02 ended on 25 February and
// could be filed until Monday, 2 March.
func TestReturns(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f, err := file(w, "staff", "2026-02")
		if err != nil || f.Already || !f.Return.Zero || f.Return.Late || f.Return.Unit != w.unit(henanName).ID {
			t.Fatalf("%+v %v", f, err)
		}
		// Double submission and two tabs: the same receipt, nothing written twice.
		again, err := file(w, "staff", "2026-02")
		if err != nil || !again.Already || again.Return.ID != f.Return.ID {
			t.Errorf("%+v %v", again, err)
		}
		for what, c := range map[string]struct {
			login, period string
			pledge        bool
			want          fault.Kind
		}{
			"a future period":      {"colleague", "2026-03", true, fault.KindState},
			"far away":             {"colleague", "2031-01", true, fault.KindState},
			"no period":            {"colleague", "2026-02-29", true, fault.KindInvalid},
			"a quarter":            {"colleague", "2025-Q4", true, fault.KindState},
			"without the pledge":   {"colleague", "2026-02", false, fault.KindInvalid},
			"before he came":       {"fresh", "2026-02", true, fault.KindState},
			"late without reasons": {"colleague", "2026-01", true, fault.KindInvalid},
		} {
			_, err := w.s.File(ctx, w.who[c.login], contact.FileCmd{Period: c.period, Pledge: c.pledge})
			platformtest.WantKind(t, what, err, c.want)
		}
		// For another person there is no such return.
		_, err = w.s.File(ctx, w.who["staff"], contact.FileCmd{Period: "2026-02", Pledge: true, Person: w.ids["colleague"]})
		platformtest.WantKind(t, "for another person", err, fault.KindNotFound)
		for _, login := range []string{"sysadmin", "secadmin", "auditor"} {
			_, err := file(w, login, "2026-02")
			platformtest.WantKind(t, login, err, fault.KindNotFound)
		}
		late, err := w.s.File(ctx, w.who["colleague"], contact.FileCmd{Period: "2026-01", Pledge: true, Reason: "出差"})
		if err != nil || !late.Return.Late {
			t.Fatalf("%+v %v", late, err)
		}
		// A delegate files in absence, until his time is over.
		d, err := w.s.NameDelegate(ctx, w.who["colleague"], contact.DelegateCmd{Delegate: "DA", From: "2026-03-01", To: "2026-03-31", Reason: "休假"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.s.NameDelegate(ctx, w.who["colleague"], contact.DelegateCmd{Delegate: "DG", From: "2026-03-01", To: "2026-03-31", Reason: "休假"})
		platformtest.WantKind(t, "a delegate of another unit", err, fault.KindInvalid)
		by, err := w.s.File(ctx, w.who["staff"], contact.FileCmd{Period: "2026-02", Pledge: true, Person: w.ids["colleague"]})
		if err != nil || by.Return.By != w.ids["staff"] || by.Return.Person != w.ids["colleague"] {
			t.Fatalf("%+v %v", by, err)
		}
		if err := w.s.EndDelegate(ctx, w.who["colleague"], d.ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.s.File(ctx, w.who["staff"], contact.FileCmd{Period: "2025-12", Pledge: true, Person: w.ids["colleague"], Reason: "x"})
		platformtest.WantKind(t, "after the delegation", err, fault.KindNotFound)
	})
}

// Content that is made up stands like what was filed; only the program writes it, and
// never over what somebody filed.
func TestReturnsThatTheProgramWrites(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		made := func(period contact.Period) contact.Return {
			return contact.Return{ID: id.New(), Period: period, Person: w.ids["staff"], Unit: w.unit(henanName).ID, Zero: true, Attested: true, At: "2026-01-27T01:00:00Z"}
		}
		platformtest.WantKind(t, "a person", w.s.AddReturns(ctx, w.who["office"], []contact.Return{made("2026-01")}), fault.KindNotFound)
		if err := w.s.AddReturns(ctx, system, []contact.Return{made("2025-12"), made("2026-01")}); err != nil {
			t.Fatal(err)
		}
		if f, err := file(w, "staff", "2026-01"); err != nil || !f.Already || f.Return.Late {
			t.Errorf("the return is not there: %+v %v", f, err)
		}
		platformtest.WantKind(t, "over one that is there", w.s.AddReturns(ctx, system, []contact.Return{made("2025-11"), made("2026-01")}), fault.KindConflict)
		if f, err := w.s.File(ctx, w.who["staff"], contact.FileCmd{Period: "2025-11", Pledge: true, Reason: "x"}); err != nil || f.Already {
			t.Errorf("a part was kept: %+v %v", f, err)
		}
	})
}

func TestZeroReturnIsCorrectedNotOverwritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if _, err := file(w, "staff", "2026-02"); err != nil {
			t.Fatal(err)
		}
		w.submit(t, "staff", func(c *contact.RecordCmd) { c.On = "2026-02-10" })
		again, err := file(w, "staff", "2026-02")
		if err != nil || !again.Already || again.Return.Zero || !again.Return.Attested || again.Return.Corrected == "" {
			t.Errorf("%+v %v", again, err)
		}
		w.at("2026-03-26")
		f, err := file(w, "staff", "2026-03")
		if err != nil || f.Return.Zero {
			t.Errorf("a period with a record is no zero return: %+v %v", f, err)
		}
	})
}

func TestCalendarRemindersAndClosing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		henan := w.unit(henanName).ID
		if _, err := file(w, "staff", "2026-02"); err != nil {
			t.Fatal(err)
		}
		v, err := w.s.People(ctx, w.who["office"], henan, "2026-02")
		if err != nil || v.Tally != (contact.Tally{Owed: 5, Filed: 1, Zero: 1}) { // 新来的 owes none
			t.Fatalf("%+v %v", v.Tally, err)
		}
		// The head sees that a return was filed, not what it says.
		v, err = w.s.People(ctx, w.who["head"], henan, "2026-02")
		if err != nil || v.Tally.Zero != 0 {
			t.Fatalf("%+v %v", v.Tally, err)
		}
		for _, p := range v.People {
			if p.Person == w.ids["staff"] && p.Mark != contact.MarkFiled {
				t.Errorf("the head reads %s", p.Mark)
			}
		}
		cal, err := w.s.CalendarOf(ctx, w.who["upper"], w.unit(sppName).ID, "2026-02", false)
		if err != nil || cal.Total[11] != (contact.Tally{Owed: 12, Filed: 1, Zero: 1}) { // 新来的 counts from the next period on
			t.Errorf("%+v %v", cal.Total, err)
		}
		for _, login := range []string{"staff", "sysadmin", "auditor", "other"} {
			_, err := w.s.CalendarOf(ctx, w.who[login], henan, "2026-02", false)
			platformtest.WantKind(t, login+" reads the calendar of Henan", err, fault.KindNotFound)
			_, err = w.s.Remind(ctx, w.who[login], contact.RemindCmd{Unit: henanName, Period: "2026-02"})
			platformtest.WantKind(t, login+" reminds", err, fault.KindNotFound)
		}
		if n, err := w.s.Remind(ctx, w.who["office"], contact.RemindCmd{Unit: henanName, Period: "2026-02"}); err != nil || n != 5 {
			t.Fatalf("reminded %d, %v", n, err) // four at Henan, one at Xinxiang
		}
		todos, err := w.s.Todo(ctx, w.who["colleague"])
		if err != nil || len(todos) == 0 || todos[0].Kind != "todo.return.reminded" || todos[0].Href != "/my/returns/2026-02" {
			t.Errorf("%+v %v", todos, err)
		}
		_, err = w.s.Close(ctx, w.who["office"], contact.CloseCmd{Unit: henanName, Period: "2026-02"})
		platformtest.WantKind(t, "before the time is over", err, fault.KindState)
		w.at("2026-03-05")
		if n, err := w.s.Close(ctx, w.who["office"], contact.CloseCmd{Unit: henanName, Period: "2026-02"}); err != nil || n != 2 {
			t.Fatalf("closed %d, %v", n, err)
		}
		_, err = w.s.File(ctx, w.who["colleague"], contact.FileCmd{Period: "2026-02", Pledge: true, Reason: "忘了"})
		platformtest.WantKind(t, "a closed month", err, fault.KindState)
		_, err = w.s.Admit(ctx, w.who["other"], contact.FileCmd{Period: "2026-02", Pledge: true, Person: w.ids["colleague"], Reason: "补"})
		platformtest.WantKind(t, "another unit's office", err, fault.KindNotFound)
		f, err := w.s.Admit(ctx, w.who["office"], contact.FileCmd{Period: "2026-02", Pledge: true, Person: w.ids["colleague"], Reason: "住院"})
		if err != nil || !f.Return.Late || f.Return.By != w.ids["office"] {
			t.Errorf("%+v %v", f, err)
		}
		// Who filed before the closing still gets his receipt.
		if f, err := file(w, "staff", "2026-02"); err != nil || !f.Already {
			t.Errorf("%+v %v", f, err)
		}
	})
}

func TestSettings(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		set := func(login string, c contact.SettingCmd) error {
			_, err := w.s.Set(ctx, w.who[login], c)
			return err
		}
		ok := contact.SettingCmd{Unit: henanName, Cadence: contact.Quarterly, EndDay: 31, Grace: 3, From: "2026-03", Reason: "省院规定"}
		for _, login := range []string{"staff", "head", "other", "sysadmin"} {
			platformtest.WantKind(t, login, set(login, ok), fault.KindNotFound)
		}
		for name, change := range map[string]func(*contact.SettingCmd){"cadence": func(c *contact.SettingCmd) { c.Cadence = "daily" }, "end_day": func(c *contact.SettingCmd) { c.EndDay = 32 },
			"from": func(c *contact.SettingCmd) { c.From = "2025-12" }, "reason": func(c *contact.SettingCmd) { c.Reason = "" }} {
			c := ok
			change(&c)
			err := set("office", c)
			if f, is := fault.Of(err); !is || len(f.Fields) != 1 || f.Fields[0].Name != name {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := set("office", ok); err != nil {
			t.Fatal(err)
		}
		w.at("2026-04-01")
		_, err := file(w, "city", "2026-03")
		platformtest.WantKind(t, "a month where the province files by quarter", err, fault.KindState)
		if f, err := file(w, "city", "2026-Q1"); err != nil || f.Return.Late {
			t.Errorf("%+v %v", f, err)
		}
		if err := set("office", contact.SettingCmd{Unit: xinxiangName, Cadence: contact.ByEvent, EndDay: 25, Grace: 5, From: "2026-04", Reason: "试点"}); err != nil {
			t.Fatal(err)
		}
		w.at("2026-07-01")
		_, err = file(w, "city", "2026-Q2")
		platformtest.WantKind(t, "by event", err, fault.KindState)
		if todos, err := w.s.Todo(ctx, w.who["city"]); err != nil || len(todos) != 0 {
			t.Errorf("%+v %v", todos, err)
		}
	})
}

// The case system may move a case on when its handler has reported for the
// stage; the monthly return does not stand for it, nor it for the return.
func TestGate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := contact.GateCmd{CaseNo: "2026 410000 1234", Stage: "prosecution", Pledge: true}
		if st, err := w.s.Gate(ctx, w.who["staff"], c); err != nil || st.Open {
			t.Fatalf("%+v %v", st, err)
		}
		if _, err := file(w, "staff", "2026-02"); err != nil {
			t.Fatal(err)
		}
		if st, err := w.s.Gate(ctx, w.who["staff"], c); err != nil || st.Open {
			t.Fatalf("a monthly return opened the gate: %+v %v", st, err)
		}
		g, err := w.s.FileGate(ctx, w.who["staff"], c)
		if err != nil || !g.Zero {
			t.Fatalf("%+v %v", g, err)
		}
		if again, err := w.s.FileGate(ctx, w.who["staff"], c); err != nil || again.ID != g.ID {
			t.Errorf("twice: %+v %v", again, err)
		}
		if st, err := w.s.Gate(ctx, w.who["colleague"], c); err != nil || !st.Open {
			t.Errorf("%+v %v", st, err)
		}
		other := c
		other.CaseNo = "20261300001234"
		_, err = w.s.FileGate(ctx, w.who["staff"], other)
		platformtest.WantKind(t, "a case of another unit", err, fault.KindInvalid)
		_, err = w.s.Gate(ctx, w.who["sysadmin"], c)
		platformtest.WantKind(t, "an administrator", err, fault.KindNotFound)
		w.site.Actor = w.who["staff"]
		if code, body := w.site.Get(t, "/api/v1/contacts/gates?"+url.Values{"case_no": {c.CaseNo}, "stage": {c.Stage}}.Encode()); code != 200 || !strings.Contains(body, `"open":true`) {
			t.Errorf("%d %s", code, body)
		}
	})
}
