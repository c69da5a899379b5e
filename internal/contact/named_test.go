package contact_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/web"
)

// What the rules name and the program does: the days for a contact out of place,
// prohibited kinds, the body that manages a person, attachments, the quarter's summary.
func TestWhatTheRulesName(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		outOfPlace(t, w)
		prohibitedKinds(t, w)
		managingBody(t, w)
		attachments(t, w)
		summaries(t, w)
		if err := w.Log.Sequence(ctx); err != nil {
			t.Fatal(err)
		}
		if rep, err := w.Log.Verify(ctx); err != nil || len(rep.Troubles) > 0 {
			t.Errorf("%v %v", rep.Troubles, err)
		}
	})
}

// an unforeseen contact is reported within three days; what comes later bears
// the mark, what was approved before or happened at work has no such day.
func outOfPlace(t *testing.T, w *world) {
	for _, c := range []struct {
		meeting, today string
		by             clock.Date
		late           bool
	}{
		{contact.MetUnforeseen, "2026-03-04", "2026-03-04", false},
		{contact.MetUnforeseen, "2026-03-05", "2026-03-04", true},
		{contact.MetApproved, "2026-03-05", "", false},
		{contact.MetAtWork, "2026-03-05", "", false},
	} {
		w.at(clock.Date(c.today))
		m := w.submit(t, "staff", func(r *contact.RecordCmd) { r.On, r.Claimed, r.Meeting = "2026-03-01", "C4", c.meeting })
		if m.ReportBy != c.by || m.ReportLate() != c.late {
			t.Errorf("%s on %s: by %q, late %v", c.meeting, c.today, m.ReportBy, m.ReportLate())
		}
		w.site.Actor = w.who["staff"]
		if code, body := w.page(t, "zh", "/contacts/"+string(m.ID)); code != 200 || strings.Contains(body, "迟报接触") != c.late {
			t.Errorf("%s on %s: page %d", c.meeting, c.today, code)
		}
	}
	for _, meeting := range []string{"", "in passing"} {
		r := record()
		r.Claimed, r.Meeting = "C4", meeting
		if _, err := w.s.Submit(ctx, w.who["staff"], "", r, nil); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("meeting %q: %v", meeting, err)
		}
	}
}

// the office classes a contact by a kind that bound contacts with such an
// asker on the day, and not beside a neutral class.
func prohibitedKinds(t *testing.T, w *world) {
	w.at("2026-03-05")
	for _, c := range []struct {
		what, asker, class, kind string
		kindOf                   fault.Kind
	}{
		{"gifts of a lawyer", "lawyer", "C4", "L4", ""},
		{"of a party", "party", "C6", "P3", ""},
		{"a kind for lawyers alone", "party", "C4", "L4", fault.KindInvalid},
		{"beside a neutral class", "lawyer", "C1", "L4", fault.KindInvalid},
		{"unknown", "lawyer", "C4", "L8", fault.KindInvalid},
		{"a colleague", "insider", "C5", "P3", fault.KindInvalid},
		{"none", "lawyer", "C4", "", ""},
	} {
		m := w.submit(t, "staff", func(r *contact.RecordCmd) { r.Asker = c.asker })
		w.open(t, "office", m.ID)
		if _, err := w.s.Handle(ctx, w.who["office"], m.ID, "check", contact.HandleCmd{}); err != nil {
			t.Fatal(err)
		}
		got, err := w.s.Handle(ctx, w.who["office"], m.ID, "classify", contact.HandleCmd{Category: c.class, Prohibited: c.kind})
		if c.kindOf != "" {
			platformtest.WantKind(t, c.what, err, c.kindOf)
		} else if err != nil || got.Prohibited != c.kind {
			t.Errorf("%s: %+v %v", c.what, got, err)
		}
		w.site.Actor = w.who["office"]
		if code, body := w.page(t, "en", "/contacts/"+string(m.ID)); c.kindOf == "" && (code != 200 || strings.Contains(body, "article 3 item 4") != (c.kind == "L4")) {
			t.Errorf("%s: %d", c.what, code)
		}
	}
	// The kinds are a dimension of the figures.
	v, err := w.s.Stats(ctx, w.who["office"], contact.StatsQuery{Unit: w.unit(henanName).ID, Year: 2026, By: "prohibited"})
	if err != nil || !v.Exact {
		t.Fatalf("%+v %v", v, err)
	}
	for _, l := range v.Lines {
		if n, two := l.Cells[0].N, l.Key == "L4" || l.Key == "P3"; two && n != 1 || !two && l.Key != "none" && n != 0 || l.Key == "none" && n != v.Sum.Cells[0].N-2 {
			t.Errorf("%s is counted %d times of %d", l.Key, n, v.Sum.Cells[0].N)
		}
	}
	for code, before := range map[string]clock.Date{"L1": "2021-09-30", "P1": "2015-09-01"} {
		for _, on := range []clock.Date{before, before.AddDays(-1)} {
			if has := slices.ContainsFunc(contact.TheRules.ProhibitedFor("lawyer", on), func(p contact.Prohibited) bool { return p.Code == code }); has != (on == before) {
				t.Errorf("%s on %s: %v", code, on, has)
			}
		}
	}
}

// who leads a unit is managed by the level above, others by the own unit; of
// who is not of the procuratorates another organ is told. The office decides.
func managingBody(t *testing.T, w *world) {
	w.at("2026-03-05")
	henan, top := w.unit(henanName).ID, w.dir.Root().ID
	for _, c := range []struct {
		asker, name, unit string
		want              contact.Manager
	}{
		{"insider", "何志远", henanName, contact.Manager{Kind: contact.ManagedByUnit, Unit: henan, Why: "staff"}},
		{"insider", "周副检察长", henanName, contact.Manager{Kind: contact.ManagedByUpper, Unit: top, Why: "leadership"}},
		{"insider", "韩红梅", xinxiangName, contact.Manager{Kind: contact.ManagedByUnit, Unit: w.unit(xinxiangName).ID, Why: "staff"}},
		{"leader", "某局长", "某市财政局", contact.Manager{Kind: contact.ManagedByOther, Why: "outside"}},
		{"insider", "没有此人", "某院", contact.Manager{}},
		{"lawyer", "金律师", "", contact.Manager{}},
	} {
		m := w.submit(t, "staff", func(r *contact.RecordCmd) {
			r.Asker, r.AskerName, r.AskerUnit, r.Claimed = c.asker, c.name, c.unit, "C6"
		})
		office := "office"
		if m.Office != henan {
			office = "upper" // the leadership of the unit passes its office over
		}
		w.open(t, office, m.ID)
		v, err := w.s.Read(ctx, w.who[office], m.ID)
		if err != nil || v.Manager == nil || *v.Manager != c.want {
			t.Errorf("%s of %s: %+v %v", c.name, c.unit, v.Manager, err)
		}
		if v, err = w.s.Read(ctx, w.who["staff"], m.ID); err != nil || v.Manager != nil {
			t.Errorf("the reporter is told %+v %v", v.Manager, err)
		}
	}
	m := w.submit(t, "staff", func(r *contact.RecordCmd) { r.Claimed = "C6" })
	w.open(t, "office", m.ID)
	for _, x := range []struct {
		do string
		c  contact.HandleCmd
	}{{"check", contact.HandleCmd{}}, {"classify", contact.HandleCmd{Category: "C6"}}, {"verify", contact.HandleCmd{Text: "属实"}}} {
		if _, err := w.s.Handle(ctx, w.who["office"], m.ID, x.do, x.c); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.s.Handle(ctx, w.who["office"], m.ID, "refer", contact.HandleCmd{Text: "移送"})
	platformtest.WantKind(t, "to nobody", err, fault.KindInvalid)
	if m, err = w.s.Handle(ctx, w.who["office"], m.ID, "refer", contact.HandleCmd{Text: "移送", Managed: contact.ManagedByUpper}); err != nil || m.Managed != contact.ManagedByUpper {
		t.Errorf("%+v %v", m, err)
	}
}

// traces are kept with the record; whoever may not read the record gets neither
// their names nor their bytes, under no address.
func attachments(t *testing.T, w *world) {
	w.at("2026-03-05")
	body := "关于张某一案的函"
	file := func(name string) contact.FileIn {
		return contact.FileIn{Name: name, Size: int64(len(body)), R: strings.NewReader(body)}
	}
	r := record()
	m, err := w.s.Submit(ctx, w.who["staff"], "", r, []contact.FileIn{file("来函.txt")})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.s.Supplement(ctx, w.who["staff"], m.ID, contact.SupplementCmd{Text: "补充短信"}, []contact.FileIn{file("短信.txt")}); err != nil {
		t.Fatal(err)
	}
	other := w.submit(t, "colleague", nil)
	v, err := w.s.Read(ctx, w.who["staff"], m.ID)
	if err != nil || len(v.Files) != 2 || v.Files[0].Name != "来函.txt" || v.Files[1].Name != "短信.txt" {
		t.Fatalf("%+v %v", v.Files, err)
	}
	f := v.Files[0].ID
	if v, err = w.s.Read(ctx, w.who["office"], m.ID); err != nil || len(v.Files) != 0 {
		t.Errorf("names before the opening: %+v %v", v.Files, err)
	}
	_, _, err = w.s.Attachment(ctx, w.who["office"], m.ID, f)
	platformtest.WantKind(t, "unopened", err, fault.KindState)
	w.open(t, "office", m.ID)
	for _, login := range []string{"staff", "office"} {
		got, rc, err := w.s.Attachment(ctx, w.who[login], m.ID, f)
		if err != nil {
			t.Fatalf("%s: %v", login, err)
		}
		b, err := io.ReadAll(rc)
		if rc.Close(); err != nil || string(b) != body || got.Name != "来函.txt" {
			t.Errorf("%s reads %q %v", login, b, err)
		}
	}
	for _, login := range []string{"colleague", "head", "boss", "city", "other", "sysadmin", "secadmin", "auditor"} {
		_, _, err := w.s.Attachment(ctx, w.who[login], m.ID, f)
		platformtest.WantKind(t, login, err, fault.KindNotFound)
	}
	_, _, err = w.s.Attachment(ctx, w.who["colleague"], other.ID, f) // under a record of one's own
	platformtest.WantKind(t, "another record's", err, fault.KindNotFound)
	_, _, err = w.s.Attachment(ctx, w.who["staff"], m.ID, id.New())
	platformtest.WantKind(t, "a guess", err, fault.KindNotFound)
	_, err = w.s.Submit(ctx, w.who["staff"], "", r, slices.Repeat([]contact.FileIn{file("x.txt")}, 11))
	platformtest.WantKind(t, "eleven", err, fault.KindLimit)
	program := append([]byte("MZ"), bytes.Repeat([]byte{0}, 200)...)
	if _, err = w.s.Submit(ctx, w.who["staff"], "", r, []contact.FileIn{{Name: "x.exe", Size: int64(len(program)), R: bytes.NewReader(program)}}); err == nil {
		t.Error("a program was taken in")
	}
}

// the summary of a quarter has a day that the program counts; its office is
// told, notes once when it went out, and late stays late.
func summaries(t *testing.T, w *world) {
	w.at("2026-03-26")
	if _, err := w.s.File(ctx, w.who["staff"], contact.FileCmd{Period: "2026-03", Pledge: true}); err != nil {
		t.Fatal(err)
	}
	waits := func(login string) (due clock.Date) {
		t.Helper()
		list, err := w.s.Todo(ctx, w.who[login])
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(list, func(x web.Todo) bool { return x.Kind == "todo.summary" }); i >= 0 {
			return list[i].Due
		}
		return ""
	}
	if due := waits("office"); due != "2026-04-09" { // fifteen days after 25 March
		t.Errorf("due on %q", due)
	}
	for _, login := range []string{"upper", "other", "staff", "head", "boss"} {
		if due := waits(login); due != "" { // nobody filed at the offices, the others send nothing
			t.Errorf("%s has to send by %s", login, due)
		}
	}
	// Another last day from April on does not move the day of the quarter before.
	if _, err := w.s.Set(ctx, w.who["office"], contact.SettingCmd{Unit: henanName, Cadence: contact.Monthly, EndDay: 28, Grace: 5, From: "2026-04", Reason: "省院规定"}); err != nil {
		t.Fatal(err)
	}
	w.at("2026-04-02")
	if due := waits("office"); due != "2026-04-09" {
		t.Errorf("after a new setting due on %q", due)
	}
	w.at("2026-04-13")
	send := func(login string, change func(*contact.SendCmd)) (contact.Summary, error) {
		c := contact.SendCmd{Unit: henanName, Quarter: "2026-Q1", On: "2026-04-13", Reference: "豫检督〔2026〕3号"}
		if change != nil {
			change(&c)
		}
		return w.s.SendSummary(ctx, w.who[login], c)
	}
	for what, x := range map[string]struct {
		change func(*contact.SendCmd)
		kind   fault.Kind
	}{
		"a month":               {func(c *contact.SendCmd) { c.Quarter = "2026-03" }, fault.KindInvalid},
		"no number":             {func(c *contact.SendCmd) { c.Reference = "" }, fault.KindInvalid},
		"a day to come":         {func(c *contact.SendCmd) { c.On = "2026-04-14" }, fault.KindInvalid},
		"before it ended":       {func(c *contact.SendCmd) { c.On = "2026-03-25" }, fault.KindState},
		"a quarter that runs":   {func(c *contact.SendCmd) { c.Quarter = "2026-Q2" }, fault.KindState},
		"an unknown unit":       {func(c *contact.SendCmd) { c.Unit = "没有" }, fault.KindNotFound},
		"a unit of another one": {func(c *contact.SendCmd) { c.Unit = hebeiName }, fault.KindNotFound},
	} {
		_, err := send("office", x.change)
		platformtest.WantKind(t, what, err, x.kind)
	}
	for _, login := range []string{"upper", "other", "staff", "head", "boss", "sysadmin", "secadmin", "auditor"} {
		_, err := send(login, nil)
		platformtest.WantKind(t, login, err, fault.KindNotFound)
	}
	x, err := send("office", nil)
	if err != nil || x.Due != "2026-04-09" || !x.Late(w.day()) {
		t.Errorf("%+v %v", x, err)
	}
	_, err = send("office", nil)
	platformtest.WantKind(t, "a second tab", err, fault.KindState)
	if due := waits("office"); due != "" {
		t.Errorf("it still waits: %s", due)
	}
	w.site.Actor = w.who["office"]
	if code, body := w.page(t, "en", "/register/stats?year=2026&by=level"); code != 200 || !strings.Contains(body, "豫检督〔2026〕3号") || !strings.Contains(body, "4 days after") {
		t.Errorf("the page: %d", code)
	}
}
