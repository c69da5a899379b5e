package contact_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/platformtest"
)

// drawn makes the returns of February and draws letters about all zero ones.
func (w *world) drawn(t *testing.T) contact.DrawView {
	t.Helper()
	w.at("2026-02-26")
	for _, login := range []string{"staff", "colleague", "office", "head"} {
		if _, err := w.s.File(ctx, w.who[login], contact.FileCmd{Period: "2026-02", Pledge: true}); err != nil {
			t.Fatal(login, err)
		}
	}
	w.at("2026-03-05")
	d, err := w.s.CommitDraw(ctx, w.who["office"], contact.DrawCmd{Unit: henanName, Period: "2026-02", Size: 10})
	if err != nil {
		t.Fatal(err)
	}
	if d.Population != 3 || d.Seed != "" || d.Commitment == "" {
		t.Fatalf("%+v", d)
	}
	if _, err := w.s.RevealDraw(ctx, w.who["office"], d.ID); err != nil {
		t.Fatal(err)
	}
	v, list, err := w.s.ReadDraw(ctx, w.who["office"], d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := contact.Redraw(list, v.Draw.Seed, v.Draw.Size); !slices.Equal(got, v.Sample) || len(got) != 3 {
		t.Errorf("the draw is not repeated: %v, %v", got, v.Sample)
	}
	if bytes.Contains(list, []byte(w.ids["staff"])) {
		t.Error("the list names somebody")
	}
	return v
}

func TestLettersOfVerification(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if _, err := w.s.CommitDraw(ctx, w.who["office"], contact.DrawCmd{Unit: henanName, Period: "2026-01", Size: 5}); !fault.Is(err, fault.KindState) {
			t.Errorf("a draw from nothing: %v", err)
		}
		v := w.drawn(t)
		if len(v.Letters) != 3 { // the office itself is drawn by the one above
			t.Fatalf("%d letters", len(v.Letters))
		}
		if _, err := w.s.RevealDraw(ctx, w.who["office"], v.Draw.ID); !fault.Is(err, fault.KindState) {
			t.Errorf("drawn twice: %v", err)
		}
		var n contact.Letter
		for _, l := range v.Letters {
			if l.Person == w.ids["staff"] {
				n = l
			}
		}
		for _, login := range []string{"staff", "colleague", "head", "boss", "other", "city", "sysadmin", "secadmin", "auditor"} {
			if _, err := w.s.ReadLetter(ctx, w.who[login], n.ID); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s reads it: %v", login, err)
			}
			if _, err := w.s.WorkLetter(ctx, w.who[login], n.ID, "send", contact.LetterCmd{Text: "x"}); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s works on it: %v", login, err)
			}
			if _, _, err := w.s.ReadDraw(ctx, w.who[login], v.Draw.ID); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s reads the draw: %v", login, err)
			}
		}
		step := func(do string, c contact.LetterCmd, kind fault.Kind) {
			t.Helper()
			if c.Text == "" {
				c.Text = "张某案的辩护律师金某"
			}
			_, err := w.s.WorkLetter(ctx, w.who["office"], n.ID, do, c)
			if kind == "" && err != nil {
				t.Fatalf("%s: %v", do, err)
			}
			if kind != "" {
				platformtest.WantKind(t, do, err, kind)
			}
		}
		for _, do := range []string{"confirm", "differ", "ask", "explain", "settle", "lapse"} {
			step(do, contact.LetterCmd{}, fault.KindState)
		}
		step("send", contact.LetterCmd{}, "")
		step("lapse", contact.LetterCmd{}, fault.KindState) // its day has not come
		step("differ", contact.LetterCmd{}, "")
		step("settle", contact.LetterCmd{Outcome: "mistaken"}, fault.KindState) // unheard
		step("ask", contact.LetterCmd{}, "")
		step("explain", contact.LetterCmd{}, "")
		step("settle", contact.LetterCmd{}, fault.KindInvalid) // without an outcome
		step("settle", contact.LetterCmd{Outcome: "caught_up"}, "")
		lv, err := w.s.ReadLetter(ctx, w.who["office"], n.ID)
		if err != nil || lv.Letter.State != contact.LetterSettled || lv.Letter.Outcome != "caught_up" || len(lv.Entries) != 5 || lv.Entries[0].Text != "张某案的辩护律师金某" {
			t.Errorf("%+v %v", lv, err)
		}
		w.site.Actor = w.who["office"]
		l, err := w.s.OmissionOfLetter(ctx, w.who["office"], n.ID)
		if _, body := w.page(t, "zh", "/register/omissions?letter="+string(n.ID)); err != nil || !strings.Contains(body, `value="`+l.Person+`"`) || len(l.Person) != 2 {
			t.Errorf("a record not made, from the letter: %+v %v", l, err)
		}
		_, err = w.s.OmissionOfLetter(ctx, w.who["other"], n.ID)
		platformtest.WantKind(t, "from a letter of another office", err, fault.KindNotFound)
		for _, path := range []string{"/register/draws", "/register/draws/" + string(v.Draw.ID), "/register/draws/" + string(v.Draw.ID) + "/list", "/register/letters/" + string(n.ID), "/register/letters/" + string(v.Letters[0].ID), "/register/silence", "/register/caseload"} {
			for _, lang := range []string{"zh", "en"} {
				if code, body := w.page(t, lang, path); code != 200 {
					t.Errorf("%s: %d %.300s", path, code, body)
				}
			}
		}
	})
}

// Half a table of caseloads is taken in by no row; a second time it changes what
// is there.
func TestImportCaseload(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		take := func(login, text string) (added, changed, faults int, err error) {
			r, err := w.s.ImportCaseload(context.Background(), w.who[login], "办案量.csv", strings.NewReader(text), int64(len(text)), false)
			if err != nil {
				return 0, 0, 0, err
			}
			return r.Added, r.Changed, r.BadRows(), nil
		}
		head := "工号,报告期,岗位,办案数\n"
		for _, bad := range []string{"DA,2026-13,刑事检察,5\n", "DA,2026-02,刑事检察,-1\n", "DA,2026-02,刑事检察,很多\n", "DA,2026-02,,5\n", "没有,2026-02,刑事检察,5\n", "DH,2026-02,刑事检察,5\n" /* of the Supreme */, "DB,2026-02,刑事检察,5\nDB,2026-02,刑事检察,6\n"} {
			if _, _, faults, err := take("office", head+"DA,2026-02,刑事检察,5\n"+bad); err != nil || faults != 1 {
				t.Errorf("%q: %d faults, %v", bad, faults, err)
			}
		}
		if added, _, _, err := take("office", head+"DA,2026-02,刑事检察,5\nDB,2026-02,刑事检察,9\n"); err != nil || added != 2 {
			t.Errorf("%d added: a refused table left something behind, or %v", added, err)
		}
		if _, changed, _, err := take("office", head+"DA,2026-02,刑事检察,7\nDB,2026-02,刑事检察,9\n"); err != nil || changed != 1 {
			t.Errorf("%d changed, %v", changed, err)
		}
		for _, login := range []string{"staff", "head", "boss", "sysadmin"} {
			if _, _, _, err := take(login, head); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s imports: %v", login, err)
			}
			if _, err := w.s.Silence(ctx, w.who[login], w.unit(henanName).ID); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s reads runs: %v", login, err)
			}
		}
		w.at("2026-02-26")
		if _, err := w.s.File(ctx, w.who["staff"], contact.FileCmd{Period: "2026-02", Pledge: true}); err != nil {
			t.Fatal(err)
		}
		v, err := w.s.Silence(ctx, w.who["office"], w.unit(henanName).ID)
		if err != nil || len(v.Lines) != 1 || v.Lines[0].Run != 1 || v.Lines[0].Cases != 7 || v.Lines[0].Why != "run" {
			t.Errorf("%s %v", fmt.Sprintf("%+v", v.Lines), err)
		}
	})
}
