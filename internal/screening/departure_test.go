package screening

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/platformtest"
	"huikan/internal/screening/rules"
)

// D1: whoever is about to leave is told what the rules will forbid him, pledges himself on paper or by his account, and reports
// changes afterwards; who left already, or is dismissed, is not talked with.
func TestATalkBeforeDeparture(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		personnel, reader := w.as(t, "personnel"), w.as(t, "reader")
		talk := TalkCmd{Key: "staff:政治部:S3", Leaving: rules.Resigned, LeaveOn: w.today().AddDays(20), Work: "firm", Employer: "河南元和律师事务所", Talker: "冀明"}
		for what, x := range map[string]struct {
			who  actor.Actor
			set  func(*TalkCmd)
			kind fault.Kind
		}{
			"another province":       {w.as(t, "stranger"), func(*TalkCmd) {}, fault.KindNotFound},
			"plain staff":            {w.as(t, "staff"), func(*TalkCmd) {}, fault.KindNotFound},
			"the other side":         {w.as(t, "bar"), func(*TalkCmd) {}, fault.KindNotFound},
			"nobody of ours":         {personnel, func(c *TalkCmd) { c.Key = "staff:政治部:S9" }, fault.KindNotFound},
			"dismissed":              {personnel, func(c *TalkCmd) { c.Leaving = rules.Dismissed }, fault.KindInvalid},
			"without a day":          {personnel, func(c *TalkCmd) { c.LeaveOn = "" }, fault.KindInvalid},
			"a talk of tomorrow":     {personnel, func(c *TalkCmd) { c.TalkedOn = w.today().AddDays(1) }, fault.KindInvalid},
			"nobody talked":          {personnel, func(c *TalkCmd) { c.Talker = " " }, fault.KindInvalid},
			"somebody who left":      {personnel, func(c *TalkCmd) { c.Key = "staff:政治部:S1" }, fault.KindState},
			"an intent not known":    {personnel, func(c *TalkCmd) { c.Work = "x" }, fault.KindInvalid},
			"an employer of a novel": {personnel, func(c *TalkCmd) { c.Employer = strings.Repeat("长", 201) }, fault.KindInvalid},
		} {
			cmd := talk
			x.set(&cmd)
			_, err := w.Talk(ctx, x.who, cmd)
			platformtest.WantKind(t, what, err, x.kind)
		}
		d, err := w.Talk(ctx, personnel, talk)
		if err != nil {
			t.Fatal(err)
		}
		if year := fmt.Sprint(talk.LeaveOn.AddYears(2).Year()); !strings.Contains(d.Told, year) || d.State != Talked {
			t.Errorf("two years after %s: %q", d.LeaveOn, d.Told)
		}
		_, err = w.Talk(ctx, reader, talk)
		platformtest.WantKind(t, "a second talk while one waits", err, fault.KindState)
		platformtest.WantKind(t, "a change before the pledge", w.DepartureAct(ctx, personnel, d.ID, "report", ActCmd{Text: "x"}), fault.KindState)
		platformtest.WantKind(t, "another province pledges", w.DepartureAct(ctx, w.as(t, "stranger"), d.ID, "pledge", ActCmd{}), fault.KindNotFound)
		platformtest.WantKind(t, "a refusal without a reason", w.DepartureAct(ctx, personnel, d.ID, "refuse", ActCmd{}), fault.KindInvalid)
		for _, step := range []struct{ do, text string }{{"refuse", "要求先看文件"}, {"pledge", ""}, {"report", "2026年转入郑州某企业任法务"}} {
			if err := w.DepartureAct(ctx, personnel, d.ID, step.do, ActCmd{Text: step.text}); err != nil {
				t.Fatalf("%s: %v", step.do, err)
			}
		}
		platformtest.WantKind(t, "pledged twice", w.DepartureAct(ctx, personnel, d.ID, "pledge", ActCmd{}), fault.KindState)
		err = w.DB.Read(ctx, func(q dbQ) error {
			now, err := w.loadDeparture(ctx, q, reader, d.ID)
			if err == nil && (now.State != Pledged || now.Pledged != w.today()) {
				t.Errorf("after the pledge: %+v", now)
			}
			for who, want := range map[string]int{"reader": 1, "personnel": 1, "stranger": 0, "staff": 0, "bar": 0} {
				if list, n, err := w.visibleDepartures(ctx, q, w.as(t, who), departureFilter{}, "", 10); err != nil || len(list) != want || n != want {
					t.Errorf("%s sees %d talks, %v", who, n, err)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		site := w.site(t, personnel)
		for path, want := range map[string]string{departuresPath: "司徒建业", departuresPath + "/" + string(d.ID): "郑州某企业", "/screening/persons/staff:政治部:S3": "离任谈话"} {
			if status, body := site.Get(t, path); status != 200 || !strings.Contains(body, want) {
				t.Errorf("%s: %d without %s", path, status, want)
			}
		}
	})
}

// What the table does not name is refused, whoever asks; the person himself may pledge and report, and neither refuse for the
// office nor stay.
func TestStepsOfATalk(t *testing.T) {
	himself := 0
	for _, st := range DepartureFlow.Steps {
		for _, by := range st.Who {
			if by.Role == actor.Staff {
				himself++
				if !slices.Contains([]string{"pledge", "report"}, st.Do) {
					t.Errorf("the person himself does %s", st.Do)
				}
			}
		}
	}
	if himself != 7 {
		t.Errorf("%d steps of the person himself", himself)
	}
	for _, do := range DepartureFlow.Actions() {
		if _, err := DepartureFlow.Next(Stays, do); err == nil {
			t.Errorf("who stays does %s", do)
		}
	}
}

// Somebody with an account pledges himself: it stands on his first page, he opens nothing but his own talk, and his kin in
// personnel neither see nor note it.
func TestThePersonPledgesHimself(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		at := w.place(t, "河南省人民检察院")
		p, err := w.people.Add(ctx, program0, person.NewPerson{StaffNo: "H1", Name: "夏侯明哲", IDNumber: citizen("410105", "1978-05-05", 71), Unit: string(at.Unit), Title: "检察官", Rank: "一级检察官", From: "2010-01-01"})
		if err != nil {
			t.Fatal(err)
		}
		himself := platformtest.As(string(p.ID), actor.Staff, at)
		talk := TalkCmd{Key: "person:" + string(p.ID), Leaving: rules.Retired, LeaveOn: w.today().AddDays(20), Work: "none", Talker: "政治部"}
		kin := w.as(t, "personnel")
		kin.Related = []id.ID{p.ID}
		_, err = w.Talk(ctx, kin, talk)
		platformtest.WantKind(t, "his kin in personnel", err, fault.KindNotFound)
		d, err := w.Talk(ctx, w.as(t, "personnel"), talk)
		if err != nil {
			t.Fatal(err)
		}
		for who, want := range map[string]int{"himself": 1, "another": 0} {
			a := map[string]actor.Actor{"himself": himself, "another": w.as(t, "staff")}[who]
			todo, err := w.Todo(ctx, a)
			n := 0
			for _, x := range todo {
				if x.Kind == "todo.departure.own" {
					n++
				}
			}
			if err != nil || n != want {
				t.Errorf("%s has %d pledges to give, %v", who, n, err)
			}
		}
		for who, a := range map[string]actor.Actor{"another": w.as(t, "staff"), "his kin": kin} {
			platformtest.WantKind(t, who, w.DepartureAct(ctx, a, d.ID, "pledge", ActCmd{}), fault.KindNotFound)
		}
		platformtest.WantKind(t, "he notes his own refusal", w.DepartureAct(ctx, himself, d.ID, "refuse", ActCmd{Text: "x"}), fault.KindNotFound)
		if err := w.DepartureAct(ctx, himself, d.ID, "pledge", ActCmd{}); err != nil {
			t.Fatal(err)
		}
		site := w.site(t, himself)
		if status, body := site.Get(t, departuresPath+"/"+string(d.ID)); status != 200 || !strings.Contains(body, "已承诺") {
			t.Errorf("his own talk: %d", status)
		}
		if status, _ := site.Get(t, departuresPath); status != 404 {
			t.Errorf("he opens the list: %d", status)
		}
	})
}
