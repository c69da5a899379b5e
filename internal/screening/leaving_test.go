package screening

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/platformtest"
	"huikan/internal/screening/rules"
)

// pledged lets somebody of the system be talked with and pledge himself.
func (w *world) pledged(t *testing.T, n id.ID, leaving string) {
	t.Helper()
	d, err := w.Talk(ctx, w.as(t, "personnel"), TalkCmd{Key: "person:" + string(n), Leaving: leaving, LeaveOn: w.today(), Work: "none", Talker: "政治部"})
	if err == nil {
		err = w.DepartureAct(ctx, w.as(t, "personnel"), d.ID, "pledge", ActCmd{})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// What stands before a departure, by what was talked over and by the setting of the site.
func TestWhatStandsBeforeADeparture(t *testing.T) {
	for _, s := range []string{"second", "strict", "noted", " strict "} {
		if p, err := ParsePledgeRule(s); err != nil || string(p) != strings.TrimSpace(s) {
			t.Errorf("%q: %s %v", s, p, err)
		}
	}
	if p, err := ParsePledgeRule(""); err != nil || p != PledgeSecond {
		t.Errorf("nothing set: %s %v", p, err)
	}
	if _, err := ParsePledgeRule("no"); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("a word not known: %v", err)
	}
	d := func(state, leaving string) Departure {
		return Departure{State: state, Leaving: leaving, TalkedOn: "2026-01-01", LeaveOn: "2026-02-01"}
	}
	used := d(Pledged, rules.Retired)
	used.Left = "2024-01-01"
	const ok = ""
	for _, x := range []struct {
		name, leaving string
		on            clock.Date
		list          []Departure // the newest first
		second        string      // the key that refuses under each setting, or ok
		strict        string
	}{
		{"nothing", rules.Retired, "2026-02-01", nil, "departure.missing.talk", "departure.missing.talk.strict"},
		{"before the rule", rules.Retired, "2021-09-29", nil, ok, ok},
		{"its first day", rules.Retired, "2021-09-30", nil, "departure.missing.talk", "departure.missing.talk.strict"},
		{"dismissed", rules.Dismissed, "2026-02-01", nil, ok, ok},
		{"removed", rules.Removed, "2026-02-01", nil, ok, ok},
		{"talked", rules.Resigned, "2026-02-01", []Departure{d(Talked, rules.Resigned)}, "departure.missing.talked", "departure.missing.talked"},
		{"pledged", rules.Resigned, "2026-02-01", []Departure{d(Pledged, rules.Resigned)}, ok, ok},
		{"pledged for another way", rules.Resigned, "2026-02-01", []Departure{d(Pledged, rules.Retired)}, "departure.missing.other", "departure.missing.other"},
		{"pledged for a departure of old", rules.Retired, "2026-02-01", []Departure{used}, "departure.missing.talk", "departure.missing.talk.strict"},
		{"refused", rules.Resigned, "2026-02-01", []Departure{d(Refused, rules.Resigned)}, "departure.missing.refused", "departure.missing.refused"},
		{"asked", rules.Resigned, "2026-02-01", []Departure{d(Asked, rules.Resigned)}, "departure.missing.second", "departure.missing.second"},
		{"excused", rules.Resigned, "2026-02-01", []Departure{d(Excused, rules.Resigned)}, ok, "departure.missing.other"},
		{"declined", rules.Resigned, "2026-02-01", []Departure{d(Declined, rules.Resigned)}, "departure.missing.declined", "departure.missing.declined"},
		{"stayed", rules.Resigned, "2026-02-01", []Departure{d(Stays, rules.Resigned)}, "departure.missing.talk", "departure.missing.talk.strict"},
		{"a newer talk for another way", rules.Transferred, "2026-02-01", []Departure{d(Talked, rules.Retired), d(Pledged, rules.Transferred)}, ok, ok},
	} {
		for rule, want := range map[PledgeRule]string{PledgeSecond: x.second, PledgeStrict: x.strict, PledgeNoted: ok} {
			err := rule.Leaves(x.list, x.leaving, x.on)
			f, _ := fault.Of(err)
			if want == ok && err != nil || want != ok && (f == nil || f.Key != want || f.Kind != fault.KindState) {
				t.Errorf("%s under %s: %v", x.name, rule, err)
			}
		}
	}
}

// D1: without talk and pledge nobody leaves, by hand or by table, unless a ground is stated and somebody else agrees; the pledge
// speaks for one departure only.
func TestNobodyLeavesWithoutPledgeOrSecondName(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		at := w.place(t, "河南省人民检察院")
		people := map[string]person.Person{}
		for i, name := range []string{"夏侯明哲", "诸葛承志", "司马文渊"} {
			p, err := w.people.Add(ctx, program0, person.NewPerson{StaffNo: "H" + string(rune('1'+i)), Name: name, IDNumber: citizen("410105", "1978-05-05", 71+2*i), Unit: string(at.Unit), Title: "检察官", Rank: "一级检察官", From: "2010-01-01"})
			if err != nil {
				t.Fatal(err)
			}
			people[name] = p
		}
		personnel, reader := w.as(t, "personnel"), w.as(t, "reader")
		leader := platformtest.As("p-leader", actor.Leader, at)
		rev := func(n id.ID) (rev int64) {
			err := w.DB.Read(ctx, func(q dbQ) error {
				p, err := person.ByID(ctx, q, n)
				rev = p.Rev
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return rev
		}
		leave := func(name, do string) error {
			n := people[name].ID
			return w.people.Do(ctx, personnel, n, do, person.StatusCmd{Rev: rev(n), On: w.today(), Reason: "到龄"})
		}
		refused := func(what string, err error, key string) {
			t.Helper()
			if f, ok := fault.Of(err); !ok || f.Key != key {
				t.Errorf("%s: %v", what, err)
			}
		}
		refused("nothing was done", leave("夏侯明哲", "retire"), "departure.missing.talk")
		sheet := []byte("工号,姓名,性别,单位,状态,离任日期\nH1,夏侯明哲,男,河南省人民检察院,退休," + string(w.today()) + "\n")
		res, err := w.people.ImportPeople(ctx, personnel, "离任.csv", bytes.NewReader(sheet), int64(len(sheet)), false)
		if err != nil || res.OK() || len(res.Faults) != 1 || res.Faults[0].Key != "departure.missing.talk" {
			t.Errorf("by table: %v %+v", err, res)
		}

		ask := ExcuseCmd{Key: "person:" + string(people["夏侯明哲"].ID), Leaving: rules.Retired, LeaveOn: w.today(), Ground: "因病不能表达"}
		himself := platformtest.As(string(people["夏侯明哲"].ID), actor.Personnel, at)
		for what, x := range map[string]struct {
			who  actor.Actor
			set  func(*ExcuseCmd)
			kind fault.Kind
		}{
			"without a ground":  {personnel, func(c *ExcuseCmd) { c.Ground = " " }, fault.KindInvalid},
			"without a day":     {personnel, func(c *ExcuseCmd) { c.LeaveOn = "" }, fault.KindInvalid},
			"of a dismissal":    {personnel, func(c *ExcuseCmd) { c.Leaving = rules.Dismissed }, fault.KindInvalid},
			"himself":           {himself, func(*ExcuseCmd) {}, fault.KindState},
			"a leader":          {leader, func(*ExcuseCmd) {}, fault.KindNotFound},
			"another province":  {w.as(t, "stranger"), func(*ExcuseCmd) {}, fault.KindNotFound},
			"nobody of ours":    {personnel, func(c *ExcuseCmd) { c.Key = "person:x" }, fault.KindNotFound},
			"the other side":    {w.as(t, "bar"), func(*ExcuseCmd) {}, fault.KindNotFound},
			"a ground too long": {personnel, func(c *ExcuseCmd) { c.Ground = strings.Repeat("长", maxBody+1) }, fault.KindInvalid},
		} {
			cmd := ask
			x.set(&cmd)
			_, err := w.Excuse(ctx, x.who, cmd)
			platformtest.WantKind(t, what, err, x.kind)
		}
		d, err := w.Excuse(ctx, personnel, ask)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Excuse(ctx, reader, ask)
		refused("asked twice", err, "departure.error.open")
		refused("before the second name", leave("夏侯明哲", "retire"), "departure.missing.second")
		refused("by who asked", w.DepartureAct(ctx, personnel, d.ID, "agree", ActCmd{}), "departure.error.second")
		refused("by himself", w.DepartureAct(ctx, himself, d.ID, "agree", ActCmd{}), "departure.error.second")
		refused("a pledge without a talk", w.DepartureAct(ctx, personnel, d.ID, "pledge", ActCmd{}), "departure.error.untalked")
		platformtest.WantKind(t, "declined without a reason", w.DepartureAct(ctx, leader, d.ID, "decline", ActCmd{}), fault.KindInvalid)
		platformtest.WantKind(t, "another province", w.DepartureAct(ctx, w.as(t, "stranger"), d.ID, "agree", ActCmd{}), fault.KindNotFound)
		for who, want := range map[string]int{"leader": 1, "personnel": 0, "himself": 0, "reader": 1} {
			todo, err := w.Todo(ctx, map[string]actor.Actor{"leader": leader, "personnel": personnel, "himself": himself, "reader": reader}[who])
			n := 0
			for _, x := range todo {
				if x.Kind == "todo.departure.second" {
					n++
				}
			}
			if err != nil || n != want {
				t.Errorf("%s is asked %d times for the second name, %v", who, n, err)
			}
		}
		if err := w.DepartureAct(ctx, leader, d.ID, "decline", ActCmd{Text: "请先谈话"}); err != nil {
			t.Fatal(err)
		}
		refused("declined", leave("夏侯明哲", "retire"), "departure.missing.declined")
		for _, step := range []struct {
			who actor.Actor
			do  string
		}{{reader, "excuse"}, {leader, "agree"}} {
			if err := w.DepartureAct(ctx, step.who, d.ID, step.do, ActCmd{Text: "医院证明附后"}); err != nil {
				t.Fatalf("%s: %v", step.do, err)
			}
		}
		refused("agreed for another way", leave("夏侯明哲", "resign"), "departure.missing.other")
		if err := leave("夏侯明哲", "retire"); err != nil {
			t.Fatalf("with a second name: %v", err)
		}
		if err := w.DB.Read(ctx, func(q dbQ) error {
			x, err := departureByID(ctx, q, d.ID)
			if err == nil && (x.Left != w.today() || x.AskedBy != reader.Person || x.AgreedBy != leader.Person || x.Ground != "医院证明附后") {
				t.Errorf("what is kept: %+v", x)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		refused("back to staying after he left", w.DepartureAct(ctx, personnel, d.ID, "stay", ActCmd{Text: "x"}), "departure.error.gone")

		// The pledge speaks for one departure: who comes back and leaves again is talked with again.
		w.pledged(t, people["诸葛承志"].ID, rules.Resigned)
		for _, do := range []string{"resign", "reinstate"} {
			if err := leave("诸葛承志", do); err != nil {
				t.Fatalf("%s: %v", do, err)
			}
		}
		refused("left again", leave("诸葛承志", "resign"), "departure.missing.talk")

		if err := leave("司马文渊", "dismiss"); err != nil {
			t.Errorf("a dismissal needs no talk: %v", err)
		}

		site := w.site(t, personnel)
		form := "/people/" + string(people["诸葛承志"].ID) + "/resign"
		if status, body := site.Get(t, form); status != 200 || !strings.Contains(body, "尚无谈话记录") || !strings.Contains(body, "/screening/persons/person:"+string(people["诸葛承志"].ID)) {
			t.Errorf("the form does not say what is missing: %d", status)
		}
		if status, body := site.Post(t, form, url.Values{"on": {string(w.today())}, "reason": {"另有他就"}, "rev": {fmt.Sprint(rev(people["诸葛承志"].ID))}}); status != 409 || !strings.Contains(body, "另有他就") {
			t.Errorf("a refusal loses what was typed: %d", status)
		}
		for path, want := range map[string]string{departuresPath: "已于" + string(w.today()), departuresPath + "/" + string(d.ID): "医院证明附后"} {
			if status, body := site.Get(t, path); status != 200 || !strings.Contains(body, want) {
				t.Errorf("%s: %d without %s", path, status, want)
			}
		}
		if status, body := site.Get(t, "/screening/persons/person:"+string(people["诸葛承志"].ID)); status != 200 || !strings.Contains(body, departuresPath+"/excuse") {
			t.Errorf("no form for an exemption: %d", status)
		}
	})
}

// A bar for life runs from the day of leaving, on whatever day one asks.
func TestABarForLifeStartsWithLeaving(t *testing.T) {
	e, err := rules.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	x := rules.Subject{Name: "某某", Departed: "2022-03-04", Leaving: rules.Dismissed, Civil: "yes", Rank: "一级检察官"}
	life := 0
	for _, on := range []clock.Date{"2022-03-04", "2026-11-28"} {
		for _, v := range e[len(e)-1].Clocks(x, on) {
			if v.Life {
				life++
				if v.From != x.Departed || v.Until != "" {
					t.Errorf("%s on %s: %s – %s", v.Rule, on, v.From, v.Until)
				}
			}
		}
	}
	if life < 4 {
		t.Errorf("%d bars for life", life)
	}
}
