package inspection

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/ui/uitest"
)

// spread puts findings of two kinds, told to their units, into five provinces.
func (w *world) spread(t *testing.T) (cars, books []Finding) {
	t.Helper()
	ctx := context.Background()
	units := []string{"河北省人民检察院", "山西省人民检察院", "辽宁省人民检察院", "吉林省人民检察院", "江苏省人民检察院"}
	car := []string{"公车使用登记不完整，3次出车无派车单", "未严格执行派车审批制度，7次用车无记录", "公务用车存在私用嫌疑，节假日出车2次"}
	book := []string{"案卷归档不及时，30件超过归档期限", "卷宗装订不规范，缺少页码和目录"}
	var list []Finding
	for i, name := range units {
		u, ok := w.s.Units.ByName(name)
		if !ok {
			t.Fatal(name)
		}
		v := must(w.s.AddVisit(ctx, w.office, w.round.ID, VisitCmd{Unit: name, Team: w.team.ID}))(t)
		for k, title := range []string{car[i%len(car)], book[i%len(book)]} {
			if i == 4 && k == 0 {
				continue // Jiangsu is clean of the first kind
			}
			f := Finding{ID: id.New(), Round: w.round.ID, Visit: v.ID, Team: w.team.ID, Unit: u.ID, Responsible: u.ID, By: w.spp.Unit, No: title[:6], Category: "discipline", Title: title, Fact: title,
				Severity: "general", Scope: "common", Origin: "inspection", State: FedBack, Rev: 1}
			list = append(list, f)
			if k == 0 {
				cars = append(cars, f)
			} else {
				books = append(books, f)
			}
		}
		v.State, v.Entry = VisitLeft, "2026-01-06"
		check(t, w.Log.Write(ctx, program, "visit.leave", func(tx *auditTx) error { return updateVisit(ctx, tx, v) }))
	}
	check(t, w.s.AddMany(ctx, program, list))
	return cars, books
}

func (w *world) problemOf(t *testing.T, f Finding) Problem {
	t.Helper()
	var ps []Problem
	check(t, w.DB.Read(context.Background(), func(q db.Q) (err error) { ps, err = problemsOfFinding(context.Background(), q, f.ID); return err }))
	if len(ps) != 1 {
		t.Fatalf("finding %s is in %d problems", f.Title, len(ps))
	}
	return ps[0]
}

func TestCommonProblemsFromProposalToSweep(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		cars, books := w.spread(t)
		n := must(w.s.FindProblems(ctx, w.office))(t)
		if n.Read != 9 || n.Proposed != 2 {
			t.Fatalf("%+v", n)
		}
		again := must(w.s.FindProblems(ctx, w.office))(t)
		if again.Proposed != 0 || again.Extended != 0 {
			t.Fatalf("a second run found news: %+v", again)
		}
		p := w.problemOf(t, cars[0])
		if p.Units != 4 || p.Findings != 4 || p.Rounds != 1 || p.From != "2026-01-06" || len(p.Phrases) == 0 || p.Subject != "公务用车" {
			t.Errorf("%+v", p)
		}
		var sup Support
		check(t, k.DB.Read(ctx, func(q db.Q) (err error) { sup, err = w.s.support(ctx, q, p); return err }))
		if len(sup.Units) != 4 || len(sup.Clean) != 1 || w.s.Units.Name(sup.Clean[0]) != "江苏省人民检察院" {
			t.Errorf("%+v", sup)
		}
		_, _, err := w.s.StartSweep(ctx, w.office, p.ID, SweepCmd{Question: "查", Levels: []string{"2"}, Due: "2999-01-01", RectifyDays: "90", RectifySource: "通知"})
		if err == nil {
			t.Error("a sweep about a problem that nobody confirmed")
		}
		p = must(w.s.DecideProblem(ctx, w.office, p.ID, "confirm", ProblemCmd{Title: "公车管理不严", Rev: p.Rev}))(t)
		if p.State != ProblemConfirmed || p.Title != "公车管理不严" {
			t.Errorf("%+v", p)
		}
		// Splitting and merging move findings and their counts.
		one := must(w.s.DecideProblem(ctx, w.office, p.ID, "split", ProblemCmd{Title: "另案", Findings: []id.ID{cars[0].ID}}))(t)
		if one.Units != 1 || one.State != ProblemConfirmed || w.problemOf(t, cars[0]).ID != one.ID || w.problemOf(t, cars[1]).Units != 3 {
			t.Errorf("%+v", one)
		}
		must(w.s.DecideProblem(ctx, w.office, one.ID, "merge", ProblemCmd{Into: p.ID}))(t)
		if got := w.problemOf(t, cars[0]); got.ID != p.ID || got.Units != 4 || got.Members != p.Members {
			t.Errorf("merged back: %+v", got)
		}
		w.sweep(t, p)
		// What was dismissed is not proposed again.
		b := w.problemOf(t, books[0])
		must(w.s.DecideProblem(ctx, w.office, b.ID, "dismiss", ProblemCmd{Reason: "各不相同"}))(t)
		if again := must(w.s.FindProblems(ctx, w.office))(t); again.Proposed != 0 {
			t.Errorf("the dismissed came back: %+v", again)
		}
	})
}

func (w *world) sweep(t *testing.T, p Problem) {
	t.Helper()
	ctx := context.Background()
	good := SweepCmd{Question: "请自查", Levels: []string{"2"}, Due: w.s.today().AddDays(10), RectifyDays: "120", RectifySource: "自查通知"}
	for name, spoil := range map[string]func(*SweepCmd){
		"question": func(c *SweepCmd) { c.Question = " " }, "levels": func(c *SweepCmd) { c.Levels = nil }, "due": func(c *SweepCmd) { c.Due = w.s.today() },
		"rectify_days": func(c *SweepCmd) { c.RectifyDays = "0" }, "rectify_source": func(c *SweepCmd) { c.RectifySource = "" },
	} {
		c := good
		spoil(&c)
		_, _, err := w.s.StartSweep(ctx, w.office, p.ID, c)
		if f, _ := fault.Of(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	sw, n, err := w.s.StartSweep(ctx, w.office, p.ID, good)
	check(t, err)
	if want := len(w.s.Units.Provincial()) - 4; n != want {
		t.Errorf("%d units asked, want %d: those where it was found are left out", n, want)
	}
	cs, _, err := w.s.SelfChecks(ctx, w.head)
	check(t, err)
	if len(cs) != 1 || cs[0].Unit != w.henan.Unit {
		t.Fatalf("henan sees %d self-checks", len(cs))
	}
	if got, _, _ := w.s.SelfChecks(ctx, w.stranger); len(got) != 0 {
		t.Error("a unit sees a self-check that it was not asked")
	}
	mine := cs[0]
	if _, err := w.s.Answer(ctx, w.stranger, mine.ID, AnswerCmd{Answer: AnswerNone, Proof: "x"}); !fault.Is(err, fault.KindNotFound) {
		t.Errorf("a stranger answers: %v", err)
	}
	for name, c := range map[string]AnswerCmd{"proof": {Answer: AnswerHave, Note: "有"}, "note": {Answer: AnswerHave, Proof: "查台账"}, "answer": {Answer: "maybe", Note: "有", Proof: "查台账"}} {
		_, err := w.s.Answer(ctx, w.head, mine.ID, c)
		if f, _ := fault.Of(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The problem becomes part of another while the units still look: what they report is of that one.
	var found []Told
	check(t, w.DB.Read(ctx, func(q db.Q) (err error) { found, err = membersOfProblem(ctx, q, p.ID); return err }))
	part := must(w.s.DecideProblem(ctx, w.office, p.ID, "split", ProblemCmd{Title: "公车管理", Findings: []id.ID{found[0].ID}}))(t)
	must(w.s.DecideProblem(ctx, w.office, p.ID, "merge", ProblemCmd{Into: part.ID}))(t)
	var told []Reported
	w.s.OnReported(func(_ context.Context, _ *auditTx, x Reported) error { told = append(told, x); return nil })
	x := must(w.s.Answer(ctx, w.head, mine.ID, AnswerCmd{Answer: AnswerHave, Note: "两次用车无记录", Proof: "查2025年派车台账"}))(t)
	if len(told) == 0 || told[0].Check.ID != mine.ID || told[0].Sweep.ID != sw.ID || told[0].No != "ZC-41-001" || told[0].Category != "discipline" || told[0].Severity != "general" {
		t.Errorf("the ledger hears %+v", told)
	}
	if x.State != CheckReported || x.RectifyOn != w.s.today().AddDays(120) {
		t.Errorf("%+v", x)
	}
	if _, err := w.s.Answer(ctx, w.head, mine.ID, AnswerCmd{Answer: AnswerNone, Proof: "又说没有"}); !fault.Is(err, fault.KindState) {
		t.Errorf("a report is taken back: %v", err)
	}
	var sw1 []Swept
	check(t, w.DB.Read(ctx, func(q db.Q) (err error) { sw1, err = sweepsOf(ctx, q, p.ID); return err }))
	if len(sw1) != 1 || sw1[0].Counts[AnswerHave] != 1 || sw1[0].Counts["waiting"] != n-1 {
		t.Errorf("%+v", sw1)
	}
	must(w.s.Rectified(ctx, w.head, mine.ID, AnswerCmd{Rectified: "已补登记并问责"}))(t)
	must(w.s.CloseSweep(ctx, w.office, sw.ID, 0))(t)
	hubei, _ := w.s.Units.ByName("湖北省人民检察院")
	late := platformtest.As("late", actor.UnitHead, w.s.Units.Place(hubei.ID))
	cs, _, err = w.s.SelfChecks(ctx, late)
	check(t, err)
	if _, err := w.s.Answer(ctx, late, cs[0].ID, AnswerCmd{Answer: AnswerNone, Proof: "迟"}); !fault.Is(err, fault.KindState) {
		t.Errorf("an answer after the close: %v", err)
	}
}

// Every step that a table does not have is refused in every state.
func TestProblemsRefuseWhatTheirTableLacks(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		for _, state := range ProblemFlow.States() {
			for _, do := range ProblemFlow.Actions() {
				p := Problem{ID: id.New(), By: w.spp.Unit, Title: "甲", State: state, At: clock.Instant(k.Clock.Now())}
				check(t, k.Log.Write(ctx, program, "problem.find", func(tx *auditTx) error { return insertProblem(ctx, tx, p) }))
				_, want := ProblemFlow.Next(state, do)
				_, err := w.s.DecideProblem(ctx, w.office, p.ID, do, ProblemCmd{Reason: "理由"})
				if want != nil && !fault.Is(err, fault.KindState) {
					t.Errorf("%s of %s: %v", do, state, err)
				}
				if want == nil && fault.Is(err, fault.KindState) {
					t.Errorf("%s of %s is refused: %v", do, state, err)
				}
				if _, err := w.s.DecideProblem(ctx, w.head, p.ID, do, ProblemCmd{Reason: "理由"}); !fault.Is(err, fault.KindNotFound) {
					t.Errorf("the inspected unit, %s: %v", do, err)
				}
			}
		}
	})
}

func TestLikeFindingsAreShownToWhomTheyMayBe(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.seatAll(t)
		cars, _ := w.spread(t)
		old := cars[0]
		old.ID, old.Unit, old.Responsible, old.No, old.Team = id.New(), w.henan.Unit, w.henan.Unit, "旧", ""
		old.Title = "公车使用登记不全，多次出车没有派车单"
		check(t, w.s.AddMany(ctx, program, []Finding{old}))
		w.s.Closed = func(context.Context, db.Q, []id.ID) (map[id.ID]clock.Date, error) {
			return map[id.ID]clock.Date{old.ID: "2025-06-01"}, nil
		}
		got := must(w.s.AlikeFindings(ctx, w.inspector, w.visit.ID, "出车没有派车单，公车登记缺失"))(t)
		if len(got) == 0 || got[0].ID != old.ID || !got[0].Same || got[0].Closed != "2025-06-01" || got[0].Open {
			t.Fatalf("%+v", got)
		}
		if len(got) < 4 {
			t.Errorf("the team's own findings at other units are missing: %d", len(got))
		}
		for _, text := range []string{"", "公车", "图书室藏书老旧无人借阅"} {
			if got := must(w.s.AlikeFindings(ctx, w.inspector, w.visit.ID, text))(t); len(got) != 0 {
				t.Errorf("%q: %+v", text, got)
			}
		}
		for _, who := range []actor.Actor{w.head, w.stranger, w.office} {
			if _, err := w.s.AlikeFindings(ctx, who, w.visit.ID, "公车使用登记不完整"); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s asks: %v", who.Name, err)
			}
		}
		// The other units' findings are not in the answer when the team changes: nothing told to Hebei shows at Henan.
		alone := w.inspector
		alone.Teams = nil
		var other []Alike
		check(t, k.DB.Read(ctx, func(q db.Q) (err error) {
			other, err = w.s.alike(ctx, q, alone, w.henan.Unit, "", "公车使用登记不完整，出车无派车单")
			return err
		}))
		if len(other) != 1 || other[0].ID != old.ID {
			t.Errorf("%+v", other)
		}
		f := must(w.s.AddFinding(ctx, w.inspector, cmd(w.visit.ID, "公车使用登记不完整，出车无派车单")))(t)
		if _, err := w.s.LinkRecurs(ctx, w.inspector, f.ID, RecursCmd{Recurs: cars[0].ID}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("another unit's finding as recurrence: %v", err)
		}
		f = must(w.s.LinkRecurs(ctx, w.inspector, f.ID, RecursCmd{Recurs: old.ID, Rev: f.Rev}))(t)
		if f.Recurs != old.ID {
			t.Error("not linked")
		}
	})
}

func TestPagesOfProblemsAndSelfChecks(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.seatAll(t)
		cars, _ := w.spread(t)
		site := k.Serve(t, words(), w.s.Room())
		site.Actor = w.office
		if code, to := site.Post(t, "/problems/find", url.Values{}); code != http.StatusSeeOther {
			t.Fatalf("%d %s", code, to)
		}
		p := w.problemOf(t, cars[0])
		at := "/problems/" + string(p.ID)
		if code, _ := site.Post(t, at+"/dismiss", url.Values{}); code != http.StatusUnprocessableEntity {
			t.Errorf("dismissed without reason: %d", code)
		}
		if code, _ := site.Post(t, at+"/confirm", url.Values{"title": {"公车管理"}}); code != http.StatusSeeOther {
			t.Error("not confirmed")
		}
		if code, body := site.Post(t, at+"/sweeps", url.Values{"levels": {"2"}, "question": {"自查"}}); code != http.StatusUnprocessableEntity || !strings.Contains(body, "自查") {
			t.Errorf("sweep without date: %d", code)
		}
		code, to := site.Post(t, at+"/sweeps", url.Values{"levels": {"2"}, "question": {"自查"}, "due": {string(w.s.today().AddDays(9))}, "rectify_days": {"100"}, "rectify_source": {"通知"}})
		if code != http.StatusSeeOther {
			t.Fatalf("%d %s", code, to)
		}
		sweep, _, _ := strings.Cut(to, "?")
		cs, _, err := w.s.SelfChecks(ctx, w.head)
		check(t, err)
		own := "/self-checks/" + string(cs[0].ID)
		pages := map[string]string{"/problems": "10000", at: "10000", sweep: "10000", "/self-checks": "10010", own: "10010", "/findings/alike?visit=" + string(w.visit.ID) + "&q=公车登记不完整": "01000"}
		for path, may := range pages {
			for i, who := range []actor.Actor{w.office, w.inspector, w.stranger, w.head, platformtest.As("aud", actor.Auditor, w.spp)} {
				site.Actor = who
				for _, lang := range []string{"zh", "en"} {
					r := httptest.NewRequest(http.MethodGet, path, nil)
					r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
					code, body := site.Send(t, r)
					want := map[byte]int{'1': 200, '0': 404}[may[i]]
					if path == "/self-checks" && i == 2 {
						want = 200 // a unit head's own list, empty
					}
					if code != want {
						t.Errorf("%s, person %d: %d, want %d", path, i, code, want)
					}
					if at := strings.Index(body, "⟦"); code == 200 && at >= 0 {
						t.Errorf("%s %s: a word is missing: %s", lang, path, body[at:][:60])
					}
					if code == 200 {
						for _, bad := range uitest.Check(body) {
							t.Errorf("%s %s: %s", lang, path, bad)
						}
					}
				}
			}
		}
		site.Actor = w.head
		if code, _ := site.Post(t, own+"/answer", url.Values{"answer": {"have"}}); code != http.StatusUnprocessableEntity {
			t.Errorf("answer without proof: %d", code)
		}
		part := func(name, value string) string {
			return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
		}
		r := httptest.NewRequest(http.MethodPost, own+"/answer", strings.NewReader(part("answer", "have")+part("note", "有")+part("proof", "台账")+
			"--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"台账.txt\"\r\nContent-Type: text/plain\r\n\r\n车辆台账一份。\r\n--b--\r\n"))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		if code, body := site.Send(t, r); code != http.StatusSeeOther {
			t.Errorf("answer: %d %.300s", code, body)
		}
		_, shown := site.Get(t, own)
		_, file, _ := strings.Cut(shown, own+"/files/")
		file, _, _ = strings.Cut(file, `"`)
		if code, body := site.Get(t, own+"/files/"+file); code != http.StatusOK || !strings.Contains(body, "车辆台账") {
			t.Errorf("the file of the answer: %d", code)
		}
		site.Actor = w.stranger
		if code, _ := site.Get(t, own+"/files/"+file); code != http.StatusNotFound {
			t.Errorf("a stranger opens the file of an answer: %d", code)
		}
		site.Actor = w.office
		name, raw, err := w.s.ProblemCircular(ctx, w.office, p.ID, func(key string, args ...any) string { return key })
		check(t, err)
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		check(t, err)
		doc, err := z.Open("word/document.xml")
		check(t, err)
		text, err := io.ReadAll(doc)
		check(t, err)
		for _, f := range cars {
			if !strings.Contains(string(text), f.Title) {
				t.Errorf("%s does not cite %s", name, f.Title)
			}
		}
		// Without script the form looks for like findings and keeps what was typed.
		site.Actor = w.inspector
		code, body := site.Post(t, "/findings", url.Values{"visit": {string(w.visit.ID)}, "title": {"公车使用登记不完整，出车无派车单"}, "fact": {"记下的事实"}, "alike": {"1"}})
		if code != http.StatusOK || !strings.Contains(body, "记下的事实") || !strings.Contains(body, cars[0].Title) {
			t.Errorf("%d, list shown: %v", code, strings.Contains(body, cars[0].Title))
		}
	})
}
