package risk_test

import (
	"fmt"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/risk"
)

// around plants the cases of a unit: p1 handled six, four of them with one lawyer and
// three of those not prosecuted, approved by boss; one of them was looked at by second.
func (w *world) around(t *testing.T) {
	t.Helper()
	var list []risk.Case
	for i := range 6 {
		l, end := "L1", risk.NoProsecution
		if i > 3 {
			l = fmt.Sprint("M", i)
		}
		if i > 2 {
			end = risk.Prosecute
		}
		list = append(list, risk.Case{No: fmt.Sprintf("OWN-%d", i), Events: []risk.Event{w.ev(risk.Accept, 90+i, "p1"), w.ev(risk.Counsel, 80+i, "", lawyer(l)), w.ev(risk.Approve, 61+i, "boss"), w.ev(end, 60+i, "p1")}})
	}
	list[0].Events = append(list[0].Events, w.ev(risk.Lookup, 50, "second"))
	for i := range 20 {
		list = append(list, risk.Case{No: fmt.Sprintf("UNIT-%d", i), Events: []risk.Event{w.ev(risk.Accept, 90, "p2"), w.ev(risk.Counsel, 80, "", lawyer(fmt.Sprint("N", i))), w.ev(risk.Prosecute, 60, "p2")}})
	}
	list = append(list, risk.Case{No: "OLD-1", Events: []risk.Event{w.ev(risk.Accept, 400, "p1"), w.ev(risk.Prosecute, 390, "p1")}},
		risk.Case{No: "LOOKED-1", Events: []risk.Event{w.ev(risk.Accept, 90, "p2"), w.ev(risk.Lookup, 80, "p1")}})
	w.stock(t, list...)
}

func (w *world) ask(t *testing.T, who actor.Actor) (out risk.Around) {
	t.Helper()
	err := w.DB.Read(ctx, func(q db.Q) (err error) {
		out, err = w.s.Around(ctx, q, risk.Asking{Who: who, Person: "p1", Units: []id.ID{"henan"}, From: w.day(200), To: w.day(0)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What a backward check learns from the events: the cases of the person, who approved
// them, and which lawyer was there more often than lots would have it. A case in
// which the reader did something is not there; of what other offices keep he gets the
// number.
func TestAround(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.around(t)
		r := w.ask(t, w.office)
		if r.Total != 6 || r.Favourable != 3 || r.UnitTotal != 27 || r.UnitYes != 3 || len(r.Cases) != 6 || r.Cut || len(r.Elsewhere) != 0 {
			t.Errorf("%+v", r)
		}
		if c := r.Cases[0]; !c.Favourable || c.No != "OWN-0" || c.On != w.day(60) || len(c.Did) != 2 {
			t.Errorf("first the newest that was decided in somebody's favour: %+v", c)
		}
		if len(r.Approvers) != 1 || r.Approvers[0].Person != "boss" || r.Approvers[0].Cases != 6 || r.Approvers[0].Favourable != 3 || r.Approvers[0].Last.No != "OWN-0" {
			t.Errorf("%+v", r.Approvers)
		}
		if len(r.Pairs) != 1 || r.Pairs[0].Licence != "L1" || r.Pairs[0].Cases != 4 || r.Pairs[0].Favourable != 3 || r.Pairs[0].Expected > 1 || r.Pairs[0].P > .01 || r.PairCases["L1"] == "" {
			t.Errorf("%+v", r.Pairs)
		}
		if r := w.ask(t, w.second); r.Total != 5 || r.Favourable != 2 || r.UnitTotal != 26 {
			t.Errorf("to whom looked at one of them: %+v", r)
		}
		if r := w.ask(t, w.far); r.Total != 0 || len(r.Cases) != 0 || len(r.Pairs) != 0 || len(r.Approvers) != 0 || r.Elsewhere["henan"] != 6 {
			t.Errorf("to an office elsewhere: %+v", r)
		}
	})
}

// The page of a case shows what holds and what was corrected; it is not there for
// whoever did something in it, nor for an office elsewhere.
func TestCasePage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.around(t)
		own := w.ask(t, w.office).Cases
		fix := w.ev(risk.Prosecute, 59, "p1")
		fix.Serial = "S1"
		w.stock(t, risk.Case{No: "OWN-0", Events: []risk.Event{fix}})
		fix.Day = w.day(58)
		w.stock(t, risk.Case{No: "OWN-0", Events: []risk.Event{fix}})
		path := "/risk/cases/" + string(own[0].ID)
		w.site.Actor = w.office
		body := w.get(t, path)
		for _, want := range []string{"OWN-0", "姓名boss", "律师L1", string(w.day(58)), string(w.day(59)), "已更正、撤回的记录"} {
			if !strings.Contains(body, want) {
				t.Errorf("%q does not stand on the page", want)
			}
		}
		for name, who := range map[string]actor.Actor{"who looked at it": w.second, "elsewhere": w.far, "staff": w.desk} {
			w.site.Actor = who
			code, _ := w.site.Get(t, path)
			absent, _ := w.site.Get(t, "/risk/cases/"+string(id.New()))
			if code == 200 || code != absent {
				t.Errorf("%s: %d, of an absent one %d", name, code, absent)
			}
		}
	})
}
