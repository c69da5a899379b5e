package contact_test

import (
	"bytes"
	"mime/multipart"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/fault"
	"huikan/internal/org/intake"
	"huikan/internal/platform/platformtest"
)

const formerHead = "工号,报告期,记录数,填报日期\n"

func (w *world) takeOver(login, text string) (*intake.Result, error) {
	return w.s.ImportReturns(ctx, w.who[login], "原系统停用", "月报.csv", strings.NewReader(text), int64(len(text)), false)
}

// Returns of the time before the register stand apart, are marked, and never count
// as attested; everything in the file is taken over or nothing.
func TestReturnsTakenOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.at("2026-03-26")
		set := contact.SettingCmd{Unit: sppName, Cadence: contact.Monthly, EndDay: 25, Grace: 5, From: "2026-03", First: "2025-09", Reason: "自 2025 年 9 月起填报"}
		if _, err := w.s.Set(ctx, w.who["upper"], set); err != nil { // so that those are missing whom the earlier register has not
			t.Fatal(err)
		}
		if _, err := w.s.File(ctx, w.who["staff"], contact.FileCmd{Period: "2026-03", Pledge: true}); err != nil {
			t.Fatal(err)
		}
		good := "DA,2025-11,零,2025-11-26\nDA,2025年12月,2,2025-12-26\nDA,2026-01,0,2026-02-20\nDB,2025-Q3,零报告,\n"
		for bad, key := range map[string]string{
			"DA,2025-13,零,\n":           "contact.bad.period",
			"DA,2025-10,很多,\n":          "former.bad.records",
			"DA,2025-10,-1,\n":          "former.bad.records",
			"DA,2025-10,零,2026-04-01\n": "former.bad.future",
			"DA,2025-10,零,昨天\n":         "error.date",
			"没有,2025-10,零,\n":           "caseload.person",
			"DH,2025-10,零,\n":           "caseload.person", // of the Supreme
			"DA,2025-11,零,2025-11-26\n": "intake.twice",
			"DB,2026-03,零,\n":           "former.bad.begun", // Henan files here from March on
			"DG,2026-03,零,\n":           "former.bad.begun", // Xinxiang can still file it itself
			"DB,2026-Q1,零,2026-03-26\n": "former.bad.begun",
		} {
			res, err := w.takeOver("office", formerHead+good+bad)
			if err != nil || res.BadRows() != 1 || res.Faults[0].Key != key || res.Applied {
				t.Errorf("%q: %+v, %v", bad, res.Faults, err)
			}
		}
		for _, login := range []string{"staff", "head", "boss", "sysadmin"} {
			_, err := w.takeOver(login, formerHead+good)
			platformtest.WantKind(t, login+" takes over", err, fault.KindNotFound)
		}
		_, err := w.s.ImportReturns(ctx, w.who["office"], " ", "月报.csv", strings.NewReader(formerHead+good), int64(len(formerHead+good)), false)
		platformtest.WantKind(t, "without a reason", err, fault.KindInvalid)

		res, err := w.takeOver("office", formerHead+good)
		if err != nil || res.Added != 4 || !res.Applied {
			t.Fatalf("%+v %v: a refused table left something behind", res, err)
		}
		if res, err = w.takeOver("office", formerHead+good); err != nil || res.Same != 4 || res.Applied {
			t.Errorf("a second time: %+v %v", res, err)
		}
		if res, err = w.takeOver("office", formerHead+"DA,2025-11,3,2025-11-26\n"); err != nil || res.BadRows() != 1 || res.Faults[0].Key != "former.bad.other" {
			t.Errorf("another word for what was taken over: %+v %v", res.Faults, err)
		}
		list, _, err := w.s.Takeovers(ctx, w.who["office"])
		if err != nil || len(list) != 1 || list[0].Returns != 4 || list[0].Zero != 3 || list[0].People != 2 || list[0].First != "2025-Q3" || list[0].Last != "2026-01" || list[0].Unit != w.unit(henanName).ID || len(list[0].Digest) != 64 {
			t.Errorf("%+v %v", list, err)
		}
		if list, _, err = w.s.Takeovers(ctx, w.who["other"]); err != nil || len(list) != 0 {
			t.Errorf("Hebei sees %+v %v", list, err)
		}
		w.formerIsShown(t)
		if rep, err := w.Log.Verify(ctx); err != nil || len(rep.Troubles) > 0 {
			t.Errorf("%+v %v", rep, err)
		}
	})
}

// formerIsShown looks at what was taken over from everywhere that returns count.
func (w *world) formerIsShown(t *testing.T) {
	t.Helper()
	m, err := w.s.Own(ctx, w.who["staff"], "2026-03")
	if err != nil {
		t.Fatal(err)
	}
	marks := map[contact.Period]contact.Month{}
	for i, p := range m.Periods {
		marks[p] = m.Months[i]
	}
	if x := marks["2025-11"]; x.Mark != contact.MarkZero || !x.Former || x.At != "2025-11-26" {
		t.Errorf("own November: %+v", x)
	}
	if marks["2025-12"].Mark != contact.MarkItems || marks["2026-01"].Mark != contact.MarkLate || marks["2026-03"].Former {
		t.Errorf("own year: %+v", marks)
	}
	for _, x := range m.Returns {
		if x.Takeover != "" && x.Attested {
			t.Errorf("%s counts as attested", x.Period)
		}
	}
	v, err := w.s.People(ctx, w.who["office"], w.unit(henanName).ID, "2025-11")
	if err != nil || v.Tally != (contact.Tally{Owed: 5, Filed: 1, Zero: 1, Former: 1}) {
		t.Errorf("%+v %v", v.Tally, err)
	}
	cal, err := w.s.CalendarOf(ctx, w.who["office"], w.unit(henanName).ID, "2026-01", false)
	if err != nil || cal.Total[11] != (contact.Tally{Owed: 6, Filed: 1, Zero: 1, Late: 1, Former: 1}) {
		t.Errorf("%+v %v", cal.Total, err)
	}
	_, err = w.s.File(ctx, w.who["staff"], contact.FileCmd{Period: "2025-11", Pledge: true, Reason: "补"})
	platformtest.WantKind(t, "filing what was taken over", err, fault.KindState)
	if _, err = w.s.Close(ctx, w.who["upper"], contact.CloseCmd{Unit: sppName, Period: "2025-11"}); err != nil {
		t.Fatal(err)
	}
	if v, err = w.s.People(ctx, w.who["office"], w.unit(henanName).ID, "2025-11"); err != nil || v.Closed != "" {
		t.Errorf("what was taken over is closed: %+v %v", v.Closed, err)
	}
	load := "工号,报告期,岗位,办案数\nDA,2025-11,刑事检察,7\nDA,2026-03,刑事检察,5\n"
	if _, err := w.s.ImportCaseload(ctx, w.who["office"], "办案量.csv", strings.NewReader(load), int64(len(load)), false); err != nil {
		t.Fatal(err)
	}
	s, err := w.s.Silence(ctx, w.who["office"], w.unit(henanName).ID)
	if err != nil || len(s.Lines) != 1 || s.Lines[0].Periods != 2 {
		t.Errorf("runs: %+v %v", s.Lines, err)
	}
	g, err := w.s.GroupSilence(ctx, w.who["office"], w.unit(henanName).ID, contact.ByUnit)
	if err != nil || len(g.Lines) == 0 {
		t.Errorf("runs of units: %+v %v", g, err)
	}
	_, err = w.s.CommitDraw(ctx, w.who["upper"], contact.DrawCmd{Unit: sppName, Period: "2025-11", Size: 1})
	platformtest.WantKind(t, "letters drawn among what was taken over", err, fault.KindState)
}

// The page asks for the reason, shows what a table would do, and takes it over.
func TestTakeoverPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.at("2026-03-26")
		w.site.Actor = w.who["office"]
		send := func(reason, text string) string {
			var b bytes.Buffer
			m := multipart.NewWriter(&b)
			f, err := m.CreateFormFile("file", "月报.csv")
			if err == nil {
				_, err = f.Write([]byte(text))
			}
			if err != nil || m.WriteField("reason", reason) != nil || m.Close() != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest("POST", "/register/takeovers/import", &b)
			r.Header.Set("Content-Type", m.FormDataContentType())
			_, body := w.site.Send(t, r)
			return body
		}
		if body := send("", formerHead+"DA,2025-11,零,\n"); !strings.Contains(body, `name="reason"`) || strings.Contains(body, `name="token"`) {
			t.Errorf("without a reason: %.900s", body)
		}
		body := send("原系统停用", formerHead+"DA,2025-11,零,\n")
		token := regexp.MustCompile(`name="token" value="([A-Z0-9]+)"`).FindStringSubmatch(body)
		if token == nil {
			t.Fatalf("no preview: %.900s", body)
		}
		if code, to := w.site.Post(t, "/register/takeovers/import", map[string][]string{"token": {token[1]}}); code != 303 {
			t.Fatalf("%d %s", code, to)
		}
		for _, path := range []string{"/register/takeovers", "/contacts/people?period=2025-11&unit=" + string(w.unit(henanName).ID), "/contacts/calendar?last=2025-12"} {
			for _, lang := range []string{"zh", "en"} {
				if code, body := w.page(t, lang, path); code != 200 {
					t.Errorf("%s: %d %.300s", path, code, body)
				}
			}
		}
		w.site.Actor = w.who["staff"]
		for _, path := range []string{"/my/returns?last=2025-12", "/my/returns/2025-11"} {
			if code, body := w.site.Get(t, path); code != 200 || !strings.Contains(body, "接收自以前的登记") {
				t.Errorf("%s: %d %.600s", path, code, body)
			}
		}
		if code, _ := w.site.Get(t, "/register/takeovers"); code != 404 {
			t.Errorf("staff see what was taken over: %d", code)
		}
	})
}
