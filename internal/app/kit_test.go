package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huikan/internal/app"
	"huikan/internal/fieldwork"
	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/db"
	"huikan/internal/platform/db/dbtest"
)

const kitPass = "correct-horse-battery"

// A kit goes out, is worked on in a data folder of its own without any contact,
// comes back with new, changed and clashing records, is wiped and certified; the
// log of home proves all of it.
func TestKitGoesOutAndComesBack(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			c := app.Config{Data: t.TempDir()}
			if engine == "postgres" {
				c.Database = dbtest.Postgres(t)
			}
			home, _, err := app.MakeDemo(ctx, c, "small", io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := home.Close(); err != nil {
					t.Error(err)
				}
			})
			goesOutAndComesBack(t, home)
		})
	}
}

func acting(t *testing.T, a *app.App, login string) actor.Actor {
	t.Helper()
	who, err := a.Account.ActorOf(ctx, login)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func found(t *testing.T, a *app.App, round string) (r inspection.Round, v inspection.Visit, fs []inspection.Finding) {
	t.Helper()
	err := a.DB.Read(ctx, func(q db.Q) error {
		rounds, err := inspection.Rounds(ctx, q)
		if err != nil {
			return err
		}
		for _, x := range rounds {
			if x.Name == round {
				r = x
			}
		}
		visits, err := inspection.VisitsOf(ctx, q, r.ID)
		if err != nil {
			return err
		}
		for _, x := range visits {
			if x.State == inspection.VisitOnSite {
				v = x
			}
		}
		all, err := inspection.FindingsOf(ctx, q, r.ID)
		for _, f := range all {
			if f.Visit == v.ID {
				fs = append(fs, f)
			}
		}
		return err
	})
	if err != nil || v.ID == "" || len(fs) < 3 {
		t.Fatalf("the demonstration has no unit under inspection: %v", err)
	}
	return r, v, fs
}

func edit(f inspection.Finding, fact string) inspection.AddFindingCmd {
	return inspection.AddFindingCmd{Visit: f.Visit, Category: f.Category, Aspect: f.Aspect, Title: f.Title, Fact: fact, Basis: f.Basis, Cause: f.Cause, Consequence: f.Consequence,
		Severity: f.Severity, Scope: f.Scope, Origin: f.Origin, Rev: f.Rev}
}

func goesOutAndComesBack(t *testing.T, home *app.App) {
	_, visit, fs := found(t, home, "第二轮巡视")
	var drafts []inspection.Finding
	for _, f := range fs {
		if f.State == inspection.Draft {
			drafts = append(drafts, f)
		}
	}
	var file bytes.Buffer
	if _, err := home.IssueKit(ctx, app.KitOrder{Round: "没有这一轮", Days: 14}, kitPass, io.Discard); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("a round that is not there: %v", err)
	}
	kit, err := home.IssueKit(ctx, app.KitOrder{Round: "第二轮巡视", Days: 14}, kitPass, &file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(file.String(), fs[0].Title) {
		t.Error("the kit lies open")
	}
	folder := filepath.Join(t.TempDir(), "laptop")
	lc := app.Config{Data: folder}
	if _, _, err := app.OpenKit(ctx, lc, file.Bytes(), "not-the-passphrase"); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("opened with another passphrase: %v", err)
	}
	late := clock.Fixed(time.Now().AddDate(0, 1, 0))
	if _, _, err := app.OpenKit(ctx, app.Config{Data: filepath.Join(t.TempDir(), "late"), Clock: late}, file.Bytes(), kitPass); !fault.Is(err, fault.KindState) {
		t.Errorf("opened after its time: %v", err)
	}
	made, _, err := app.OpenKit(ctx, lc, file.Bytes(), kitPass)
	if err != nil || len(made) != 3 {
		t.Fatalf("%d accounts, %v", len(made), err)
	}
	// On the laptop: a new finding and a new paper, one draft changed, another
	// changed that home changes too, a clue noted.
	laptop, err := app.Open(ctx, lc)
	if err != nil {
		t.Fatal(err)
	}
	who := actor.Actor{}
	for _, m := range made {
		if m.Name == "郑学斌" {
			who = acting(t, laptop, m.Login)
		}
	}
	// Only what comes back can be done on it: a return that is filed here would be wiped.
	tasks, err := laptop.Web.Todos(ctx, who)
	ok(t, err)
	for _, x := range tasks {
		if strings.HasPrefix(x.Kind, "todo.return") {
			t.Errorf("the kit asks for a return: %+v", x)
		}
	}
	here := map[string]bool{}
	for _, rt := range laptop.Web.Routes() {
		here[rt.Path] = true
	}
	if here["/my/returns"] || here["/ledger"] || !here["/findings"] || !here["/visits/{id}/field"] {
		t.Error("a kit opens other rooms than those of field work")
	}
	_, there, lfs := found(t, laptop, "第二轮巡视")
	if there.ID != visit.ID || len(lfs) != len(fs) {
		t.Fatalf("the kit has %d of %d findings", len(lfs), len(fs))
	}
	local := func(n inspection.Finding) inspection.Finding {
		for _, f := range lfs {
			if f.ID == n.ID {
				return f
			}
		}
		t.Fatalf("%s is not in the kit", n.No)
		return n
	}
	fresh := edit(fs[0], "断网时登记的事实。")
	fresh.Title, fresh.Rev = "断网时发现的问题", 0
	ok(t, second(laptop.Inspection.AddFinding(ctx, who, fresh)))
	for i, text := range []string{"检查包里改的事实甲", "检查包里改的事实乙"} {
		ok(t, second(laptop.Inspection.EditFinding(ctx, who, drafts[i].ID, edit(local(drafts[i]), text))))
	}
	paper, err := laptop.Fieldwork.AddPaper(ctx, who, visit.ID, fieldwork.PaperCmd{Kind: "visit", Title: "断网走访", Secrecy: fieldwork.Internal, On: clock.Today(laptop.Clock), Text: "走访记录"},
		[]fieldwork.FileIn{{Name: "照片说明.txt", Size: 12, R: strings.NewReader("走访照片")}})
	if err != nil {
		t.Fatal(err)
	}
	ok(t, second(laptop.Fieldwork.SaveReport(ctx, who, visit.ID, "", fieldwork.ReportCmd{Kind: fieldwork.ReportSpecial, Title: "断网专题", Text: "走访所见。〔底稿" + paper.No + "〕"})))
	ok(t, second(laptop.Fieldwork.NoteClue(ctx, who, visit.ID, fieldwork.ClueCmd{Line: "discipline", Subject: "化名", Text: "断网时收到"})))
	if err := laptop.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Open(ctx, app.Config{Data: folder, Clock: late}); !fault.Is(err, fault.KindState) {
		t.Errorf("a kit that ran out is opened: %v", err)
	}
	// At home meanwhile: the second draft is changed, and the paper's number is given.
	me := acting(t, home, "inspector2")
	ok(t, second(home.Inspection.EditFinding(ctx, me, drafts[1].ID, edit(drafts[1], "本机改的事实乙"))))
	ok(t, second(home.Fieldwork.AddPaper(ctx, me, visit.ID, fieldwork.PaperCmd{Kind: "files", Title: "本机底稿", Secrecy: fieldwork.Internal, On: clock.Today(home.Clock), Text: "x"}, nil)))

	if _, _, err := home.ReturnKit(ctx, t.TempDir(), kitPass); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("a folder that is no kit: %v", err)
	}
	if _, _, err := home.ReturnKit(ctx, folder, "not-the-passphrase"); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("returned with another passphrase: %v", err)
	}
	back, w, err := home.ReturnKit(ctx, folder, kitPass)
	if err != nil {
		t.Fatal(err)
	}
	if m := w.Merged; m.New != 4 || m.Changed != 1 || m.Clashes != 1 || back.ID != kit.ID || back.State != fieldwork.KitReturned {
		t.Errorf("merged %+v, kit %s", w.Merged, back.State)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
	if len(w.Files) < 5 || !strings.HasPrefix(w.Files[0].Name, "keys/") || w.LogSize == 0 || w.Checkpoint == "" {
		t.Errorf("certificate of %d files, log %d", len(w.Files), w.LogSize)
	}
	afterReturn(t, home, kit, drafts, paper)
}

// second drops the record of a pair, for calls whose record does not matter.
func second[T any](_ T, err error) error { return err }

func afterReturn(t *testing.T, home *app.App, kit fieldwork.Kit, drafts []inspection.Finding, paper fieldwork.Paper) {
	_, visit, fs := found(t, home, "第二轮巡视")
	facts := map[string]string{}
	for _, f := range fs {
		facts[f.Title] = f.Fact
	}
	if facts["断网时发现的问题"] == "" || facts[drafts[0].Title] != "检查包里改的事实甲" || facts[drafts[1].Title] != "本机改的事实乙" {
		t.Errorf("after the merge: %v", facts)
	}
	lead := acting(t, home, "teamleader")
	sides, err := home.Fieldwork.Clashes(ctx, lead, kit.ID)
	if err != nil || len(sides) != 1 {
		t.Fatalf("%d clashes, %v", len(sides), err)
	}
	var x map[string]any
	if err := json.Unmarshal(sides[0].Sides.Kit, &x); err != nil || x["fact"] != "检查包里改的事实乙" {
		t.Errorf("the kit's side: %v %v", x["fact"], err)
	}
	if _, err := home.Fieldwork.StepKit(ctx, lead, kit.ID, "settle", fieldwork.StepCmd{}); !fault.Is(err, fault.KindState) {
		t.Errorf("settled with an open clash: %v", err)
	}
	if _, err := home.Fieldwork.Decide(ctx, acting(t, home, "inspector"), sides[0].ID, "take", fieldwork.StepCmd{}); !fault.Is(err, fault.KindNotFound) {
		t.Errorf("a member decides: %v", err)
	}
	ok(t, second(home.Fieldwork.Decide(ctx, lead, sides[0].ID, "take", fieldwork.StepCmd{})))
	ok(t, second(home.Fieldwork.StepKit(ctx, lead, kit.ID, "settle", fieldwork.StepCmd{})))
	_, _, fs = found(t, home, "第二轮巡视")
	for _, f := range fs {
		if f.ID == drafts[1].ID && f.Fact != "检查包里改的事实乙" {
			t.Errorf("the kit's version was not taken: %s", f.Fact)
		}
	}
	ps, rs, err := home.Fieldwork.Written(ctx, lead, visit.ID)
	if err != nil {
		t.Fatal(err)
	}
	no := ""
	for _, p := range ps {
		if p.ID == paper.ID {
			no = p.No
		}
	}
	if no == "" || no == paper.No {
		t.Errorf("paper %s came back as %q; its number was given here meanwhile", paper.No, no)
	}
	for _, r := range rs {
		if r.Title == "断网专题" && !strings.Contains(r.Text, "〔底稿"+no+"〕") {
			t.Errorf("the report leads elsewhere: %s", r.Text)
		}
	}
	if err := home.Log.Sequence(context.Background()); err != nil {
		t.Fatal(err)
	}
	rep, err := home.Log.Verify(ctx)
	if err != nil || len(rep.Troubles) > 0 {
		t.Errorf("log of home: %v %v", rep.Troubles, err)
	}
	entries, err := home.Log.Of(ctx, "fieldwork_kit", kit.ID)
	if err != nil || len(entries) != 4 || entries[2].Action != "kit.wipe" {
		t.Errorf("%d entries about the kit: %+v %v", len(entries), entries, err)
	}
}
