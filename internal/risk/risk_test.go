package risk_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/risk"
)

func TestFlowsAreSound(t *testing.T) {
	for _, f := range []flow.Table{risk.AlertFlow, risk.RuleFlow, risk.PointFlow} {
		if err := f.Check(); err != nil {
			t.Error(err)
		}
	}
}

// Each shipped rule about a case holds of the case that it describes, and not of
// its neighbour that just keeps the limit.
func TestRulesAboutCases(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := func(no, typ string, evs ...risk.Event) risk.Case { return risk.Case{No: no, Type: typ, Events: evs} }
		w.contacts["A-contact"] = []clock.Date{w.day(45)}
		w.contacts["B-contact"] = []clock.Date{w.day(75)}
		w.restricted["L9"] = risk.Restriction{From: w.day(400), To: w.day(-100), Why: "B1 离任两年内"}
		ok := func(ago int, h string) []risk.Event { // an approved decision in office hours
			return []risk.Event{w.ev(risk.Approve, ago, "head", at(10)), w.ev(risk.Change, ago, h, at(11))}
		}
		cases := []risk.Case{
			k("A-over_arrest", "arrest", w.ev(risk.Accept, 20, "p1"), w.ev(risk.Arrest, 12, "p1")), k("B-over_arrest", "arrest", w.ev(risk.Accept, 20, "p1"), w.ev(risk.Arrest, 13, "p1")),
			k("A-over_prosecution", "prosecution", w.ev(risk.Accept, 50, "p1"), w.ev(risk.Extend, 30, "p1"), w.ev(risk.Prosecute, 3, "p1")), k("B-over_prosecution", "prosecution", w.ev(risk.Accept, 50, "p1"), w.ev(risk.Extend, 30, "p1"), w.ev(risk.Prosecute, 4, "p1")),
			k("A-returned_thrice", "civil", w.ev(risk.Accept, 80, "p1"), w.ev(risk.Return, 60, "p1"), w.ev(risk.Return, 50, "p1"), w.ev(risk.Return, 40, "p1")), k("B-returned_thrice", "civil", w.ev(risk.Accept, 80, "p1"), w.ev(risk.Return, 60, "p1"), w.ev(risk.Return, 50, "p1")),
			k("A-contact", "civil", append([]risk.Event{w.ev(risk.Accept, 50, "p1")}, ok(20, "p1")...)...), k("B-contact", "civil", append([]risk.Event{w.ev(risk.Accept, 80, "p1")}, ok(20, "p1")...)...),
			k("A-restricted", "civil", w.ev(risk.Accept, 50, "p1"), w.ev(risk.Counsel, 40, "", lawyer("L9"))), k("B-restricted", "civil", w.ev(risk.Accept, 50, "p1"), w.ev(risk.Counsel, 40, "", lawyer("L8"))),
			k("A-looked_up", "civil", w.ev(risk.Accept, 50, "p1"), w.ev(risk.Lookup, 40, "p7"), w.ev(risk.Lookup, 39, "p7")), k("B-looked_up", "civil", w.ev(risk.Accept, 50, "p1"), w.ev(risk.Lookup, 40, "p1"), w.ev(risk.Lookup, 39, "p7", basis("task"))),
			k("A-night", "civil", w.ev(risk.Accept, 50, "p1"), w.ev(risk.Lookup, 40, "p1", at(23)), w.ev(risk.Lookup, 39, "p1", at(22)), w.ev(risk.Lookup, 38, "p1", at(2))), k("B-night", "civil", w.ev(risk.Accept, 50, "p1"), w.ev(risk.Lookup, 40, "p1", at(23)), w.ev(risk.Lookup, 39, "p1", at(21))),
			k("A-unapproved", "civil", w.ev(risk.Accept, 50, "p1"), w.ev(risk.Change, 20, "p1")), k("B-unapproved", "civil", append([]risk.Event{w.ev(risk.Accept, 50, "p1")}, ok(20, "p1")...)...),
			k("A-long_hold", "civil", w.ev(risk.Accept, 91, "p1")), k("B-long_hold", "civil", w.ev(risk.Accept, 90, "p1")),
			k("A-property", "civil", w.ev(risk.Accept, 90, "p1"), w.ev(risk.Seize, 80, "p1", yuan(500)), w.ev(risk.Move, 70, "p1", yuan(200)), w.ev(risk.Close, 60, "p1")), k("B-property", "civil", w.ev(risk.Accept, 90, "p1"), w.ev(risk.Seize, 80, "p1", yuan(500)), w.ev(risk.Close, 60, "p1"), w.ev(risk.GiveBack, 30, "p1", yuan(500))),
			k("A-quick", "prosecution", w.ev(risk.Accept, 20, "p1"), w.ev(risk.Approve, 19, "head"), w.ev(risk.NoProsecution, 19, "p1")), k("B-quick", "prosecution", w.ev(risk.Accept, 20, "p1"), w.ev(risk.Approve, 18, "head"), w.ev(risk.NoProsecution, 18, "p1")),
			k("A-after", "civil", w.ev(risk.Accept, 90, "p1"), w.ev(risk.Close, 60, "p1"), w.ev(risk.Extend, 50, "p1")), k("B-after", "civil", w.ev(risk.Accept, 90, "p1"), w.ev(risk.Close, 60, "p1"), w.ev(risk.Move, 50, "p1")),
		}
		w.stock(t, cases...)
		w.run(t, true)
		got := map[string][]string{}
		for rule, list := range w.alerts(t, w.office) {
			for _, a := range list {
				x, err := w.s.Alert(ctx, w.office, a.ID)
				if err != nil {
					t.Fatal(err)
				}
				got[rule] = append(got[rule], x.Facts.CaseNo)
				if len(x.Facts.Atoms) == 0 || len(x.Facts.Events) == 0 {
					t.Errorf("%s of %s explains nothing: %+v", rule, x.Facts.CaseNo, x.Facts)
				}
				if rule == "looked_up" && a.Person != "p7" {
					t.Errorf("the alert names %s, who did not look", a.Person)
				}
			}
			slices.Sort(got[rule])
		}
		for rule, want := range map[string]string{"over_arrest": "A-over_arrest", "over_prosecution": "A-over_prosecution", "returned_thrice": "A-returned_thrice", "contact_then_change": "A-contact", "restricted_lawyer": "A-restricted", "looked_up": "A-looked_up",
			"looked_up_night": "A-night", "unapproved": "A-unapproved", "long_hold": "A-long_hold", "property_gap": "A-property", "property_late": "A-property", "too_quick": "A-quick", "after_closing": "A-after"} {
			if strings.Join(got[rule], ",") != want {
				t.Errorf("%s holds of %v, want %s", rule, got[rule], want)
			}
		}
	})
}

// Persons, pairs and units stand out against their peers, never by small numbers.
func TestRulesAboutFigures(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var cases []risk.Case
		add := func(h, law string, n int, drop int) {
			for i := range n {
				no := fmt.Sprintf("%s-%s-%d", h, law, i)
				evs := []risk.Event{w.ev(risk.Accept, 60, h), w.ev(risk.Counsel, 58, "", lawyer(law)), w.ev(risk.Approve, 31, "head", at(9)), w.ev(risk.Prosecute, 30, h)}
				if i < drop {
					evs[3] = w.ev(risk.NoProsecution, 30, h, at(10))
				}
				cases = append(cases, risk.Case{No: no, Events: evs})
			}
		}
		for p := range 12 { // twelve peers with four lawyers each in turn
			for l := range 10 {
				add(fmt.Sprintf("p%02d", p), fmt.Sprintf("L%02d", (p*3+l)%30), 5, 1)
			}
		}
		add("p90", "L77", 50, 35) // one who drops most, always with one lawyer
		add("p91", "L78", 2, 2)   // two of two: no verdict
		w.stock(t, cases...)
		w.run(t, true)
		got := w.alerts(t, w.office)
		one := got["no_prosecution_outlier"]
		if len(one) != 1 || one[0].Person != "p90" {
			t.Fatalf("outliers: %+v", one)
		}
		x, err := w.s.Alert(ctx, w.office, one[0].ID)
		if err != nil || x.Facts.Compare == nil || x.Facts.Compare.Peers < 12 || x.Facts.Compare.N != 50 || len(x.Facts.Cases) == 0 {
			t.Errorf("the comparison: %+v %v", x.Facts, err)
		}
		for _, rule := range []string{"recurring_pair", "favoured_pair"} {
			list := got[rule]
			if len(list) != 1 || list[0].Person != "p90" {
				t.Errorf("%s: %+v", rule, list)
				continue
			}
			if x, err := w.s.Alert(ctx, w.office, list[0].ID); err != nil || x.Facts.Pair == nil || x.Facts.Pair.Cases != 50 || x.Facts.Pair.Licence != "L77" {
				t.Errorf("the pair: %+v %v", x.Facts.Pair, err)
			}
		}
		if r := w.run(t, true); r.Found != 0 {
			t.Errorf("a second run found %d more", r.Found)
		}
	})
}

const heads = "案号,案件类型,事件,日期,承办人编号,承办单位,金额,流水号\n"

// A file is taken in whole or not at all; what changes becomes a version; half its
// rows broken are shown row by row and nothing is taken.
func TestImportVersionsAndDelta(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		imp := func(who actor.Actor, text string, cmd risk.ImportCmd) (risk.Imported, error) {
			cmd.Source = "办案系统"
			return w.s.Import(ctx, who, cmd, "events.csv", strings.NewReader(text), int64(len(text)))
		}
		good := heads + "豫检〔2026〕1号,审查起诉,受理,2026-01-05,p1,河南省人民检察院,,1\n豫检〔2026〕1号,审查起诉,不起诉,2026-01-20,p1,河南省人民检察院,,2\n豫检〔2026〕2号,审查起诉,扣押,2026-01-05,p1,河南省人民检察院,1.2万,3\n"
		res, err := imp(w.office, good, risk.ImportCmd{})
		if err != nil || !res.Applied || res.Load.Added != 3 || res.Load.Cases != 2 {
			t.Fatalf("%+v %v", res.Load, err)
		}
		if res, err = imp(w.office, good, risk.ImportCmd{}); err != nil || res.Load.Same != 3 || res.Load.Added+res.Load.Changed != 0 {
			t.Errorf("the same again: %+v %v", res.Load, err)
		}
		changed := strings.Replace(good, "2026-01-20", "2026-01-21", 1)
		if res, err = imp(w.office, changed, risk.ImportCmd{DryRun: true}); err != nil || res.Load.Changed != 1 || res.Applied {
			t.Errorf("a dry run: %+v %v", res.Load, err)
		}
		if res, err = imp(w.office, changed, risk.ImportCmd{}); err != nil || res.Load.Changed != 1 || res.Load.Same != 2 {
			t.Errorf("a correction: %+v %v", res.Load, err)
		}
		if res, err = imp(w.office, heads+"豫检〔2026〕1号,审查起诉,受理,2026-01-05,p1,河南省人民检察院,,1\n", risk.ImportCmd{Mode: risk.Full}); err != nil || res.Load.Withdrawn != 2 || res.Load.Same != 1 {
			t.Errorf("a full version: %+v %v", res.Load, err)
		}
		bad := heads
		for i := range 10 {
			bad += fmt.Sprintf("豫检〔2026〕%d号,审查起诉,受理,2026-01-05,p1,河南省人民检察院,,a%d\n", 50+i, i)
			bad += []string{",审查起诉,受理,2026-01-05,p1,河南省人民检察院,,\n", "豫检〔2026〕9号,审查起诉,跳舞,2026-01-05,p1,河南省人民检察院,,\n", "豫检〔2026〕9号,审查起诉,受理,2026-13-05,p1,河南省人民检察院,,\n", "豫检〔2026〕9号,审查起诉,受理,2027-01-05,p1,河南省人民检察院,,\n",
				"豫检〔2026〕9号,审查起诉,受理,2026-01-05,nobody,河南省人民检察院,,\n", "豫检〔2026〕9号,审查起诉,受理,2026-01-05,p1,月球检察院,,\n", "豫检〔2026〕9号,审查起诉,受理,2026-01-05,p1,河北省人民检察院,,\n", "豫检〔2026〕9号,审查起诉,扣押,2026-01-05,p1,河南省人民检察院,很多,\n",
				"豫检〔2026〕9号,审查起诉,查询案卷,2026-01-05,,河南省人民检察院,,\n", "豫检〔2026〕50号,审查起诉,办结,2026-01-05,p1,河南省人民检察院,,a0\n"}[i]
		}
		res, err = imp(w.office, bad, risk.ImportCmd{})
		if err != nil || res.Applied || res.Bad != 10 || res.Total != 20 {
			t.Fatalf("half broken: bad %d of %d, applied %v, %v", res.Bad, res.Total, res.Applied, err)
		}
		keys := map[string]bool{}
		for _, f := range res.Faults {
			keys[f.Key] = true
		}
		for _, k := range []string{"error.required", "risk.event.bad.word", "error.date", "risk.event.bad.future", "risk.event.bad.staff", "risk.event.bad.unit", "risk.event.bad.foreign", "risk.event.bad.amount", "risk.event.bad.viewer", "risk.event.bad.twice"} {
			if !keys[k] {
				t.Errorf("no row is refused for %s", k)
			}
		}
		loads, err := w.s.Loads(ctx, w.office)
		if err != nil || len(loads) != 4 {
			t.Errorf("%d imports are there: %v", len(loads), err)
		}
		if res, err = imp(w.office, bad, risk.ImportCmd{SkipBad: true}); err != nil || !res.Applied || res.Load.Added != 10 || res.Load.Skipped != 10 {
			t.Errorf("left out knowingly: %+v %v", res.Load, err)
		}
		_, err = imp(w.far, good, risk.ImportCmd{Unit: "河南省人民检察院"})
		platformtest.Refused(t, "an office of another province", err, fault.KindNotFound, "")
		_, err = imp(w.boss, good, risk.ImportCmd{})
		platformtest.Refused(t, "a leader", err, fault.KindNotFound, "")
		if list, err := w.s.Loads(ctx, w.far); err != nil || len(list) != 0 {
			t.Errorf("another province sees %d imports: %v", len(list), err)
		}
	})
}

// Columns of any name are mapped once and remembered for the source.
func TestMappingIsRemembered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		text := "案件,业务,做了什么,哪天,谁,哪里\n豫检〔2026〕1号,审查起诉,受理,2026-01-05,p1,河南省人民检察院\n"
		cmd := risk.ImportCmd{Source: "土办法"}
		if _, err := w.s.Import(ctx, w.office, cmd, "e.csv", strings.NewReader(text), int64(len(text))); err == nil {
			t.Error("columns without a name that is known were taken")
		}
		cmd.Columns = map[string]string{"case_no": "案件", "case_type": "业务", "kind": "做了什么", "day": "哪天", "handler": "谁", "unit": "哪里"}
		if res, err := w.s.Import(ctx, w.office, cmd, "e.csv", strings.NewReader(text), int64(len(text))); err != nil || res.Load.Added != 1 {
			t.Fatalf("%+v %v", res.Load, err)
		}
		cmd.Columns = nil
		if res, err := w.s.Import(ctx, w.office, cmd, "e.csv", strings.NewReader(text), int64(len(text))); err != nil || res.Load.Same != 1 {
			t.Errorf("not remembered: %+v %v", res.Load, err)
		}
		_, err := w.s.Send(ctx, w.office, risk.EventsCmd{Source: "api", Events: []risk.EventIn{{CaseNo: "豫检〔2026〕1号", CaseType: "arrest", Kind: "accept", Day: "2026-01-05", Unit: "henan"}, {CaseNo: "x", Kind: "accept", CaseType: "arrest", Day: "2026-01-05", Unit: "henan"}}})
		platformtest.Refused(t, "one bad event of a request", err, fault.KindInvalid, "risk.event.bad.case_no")
	})
}

// hold is one alert of a shipped rule about somebody.
func (w *world) hold(t *testing.T, who string) risk.Alert {
	t.Helper()
	w.stock(t, risk.Case{No: "H-" + who, Type: "civil", Events: []risk.Event{w.ev(risk.Accept, 200, who)}})
	w.run(t, false)
	for _, a := range w.alerts(t, system)["long_hold"] {
		if a.Person == id.ID(who) && a.State == risk.AlertNew {
			return a
		}
	}
	t.Fatalf("no alert about %s", who)
	return risk.Alert{}
}

// Nobody sees an alert about himself, his relative or what he approved; one about a
// leadership goes to the unit above; the office of another province sees nothing.
func TestWhoSeesAnAlert(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.hold(t, "office")
		kin := w.second
		kin.Related = []id.ID{"office"}
		for name, c := range map[string]struct {
			who actor.Actor
			see bool
		}{"himself": {w.office, false}, "a relative": {kin, false}, "a colleague": {w.second, true}, "the office above": {w.above, true}, "another province": {w.far, false}, "a leader": {w.boss, false}} {
			_, err := w.s.Alert(ctx, c.who, a.ID)
			if list := w.alerts(t, c.who)["long_hold"]; (err == nil) != c.see || (len(list) == 1) != c.see {
				t.Errorf("%s: opens %v, lists %d", name, err, len(list))
			}
		}
		_, err := w.s.Judge(ctx, w.office, a.ID, "verify", risk.AlertCmd{Text: "x"})
		platformtest.Refused(t, "his own alert", err, fault.KindNotFound, "")
		_, err = w.s.Judge(ctx, w.above, a.ID, "verify", risk.AlertCmd{Text: "x"})
		platformtest.Refused(t, "the office above judges", err, fault.KindNotFound, "")
		b := w.hold(t, "boss")
		if b.Home != "spp" {
			t.Errorf("an alert about a leader is judged by %s", b.Home)
		}
		if _, err := w.s.Alert(ctx, w.second, b.ID); err == nil {
			t.Error("the office sees an alert about its own leader")
		}
		w.stock(t, risk.Case{No: "approved", Type: "civil", Events: []risk.Event{w.ev(risk.Accept, 50, "p1"), w.ev(risk.Approve, 30, "second"), w.ev(risk.Change, 30, "p1"), w.ev(risk.Change, 29, "p1"), w.ev(risk.Close, 28, "p1")}})
		w.run(t, false)
		if n := len(w.alerts(t, w.second)["changed_twice"]); n != 0 {
			t.Errorf("who approved sees %d alerts about it", n)
		}
		if n := len(w.alerts(t, w.office)["changed_twice"]); n != 1 {
			t.Errorf("who had no part in it sees %d alerts", n)
		}
	})
}

// From new to its ends: a red one needs a second person to be cleared, a lead leaves
// its number only, a snooze ends, and no run changes what a person decided.
func TestJudging(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		judge := func(a risk.Alert, who actor.Actor, do string, cmd risk.AlertCmd) risk.Alert {
			t.Helper()
			out, err := w.s.Judge(ctx, who, a.ID, do, cmd)
			if err != nil {
				t.Fatalf("%s: %v", do, err)
			}
			return out
		}
		a := w.hold(t, "p1")
		_, err := w.s.Judge(ctx, w.office, a.ID, "verify", risk.AlertCmd{})
		platformtest.Refused(t, "without a word", err, fault.KindInvalid, "error.required")
		_, err = w.s.Judge(ctx, w.office, a.ID, "clear", risk.AlertCmd{Text: "x"})
		platformtest.Refused(t, "cleared before it was verified", err, fault.KindState, "")
		judge(a, w.office, "verify", risk.AlertCmd{Text: "已调阅流程记录"})
		a = judge(a, w.office, "lead", risk.AlertCmd{Text: "长期不办，疑有请托"})
		if a.Lead != "X-1" || len(w.leads) != 1 || w.leads[0].Person != "p1" || w.leads[0].Ref != a.No {
			t.Errorf("lead %q %+v", a.Lead, w.leads)
		}
		b := w.hold(t, "p2")
		for _, until := range []clock.Date{"", w.day(0), w.day(-181)} {
			if _, err := w.s.Judge(ctx, w.office, b.ID, "snooze", risk.AlertCmd{Text: "等待补充材料", Until: until}); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("snoozed until %q: %v", until, err)
			}
		}
		judge(b, w.office, "snooze", risk.AlertCmd{Text: "等待补充材料", Until: w.day(-10)})
		w.Clock.Advance(11 * 24 * time.Hour)
		w.run(t, false)
		if got := w.alerts(t, w.office)["long_hold"]; !slices.ContainsFunc(got, func(x risk.Alert) bool { return x.ID == b.ID && x.State == risk.AlertNew }) {
			t.Errorf("the snooze did not end: %+v", got)
		}
		judge(b, w.office, "verify", risk.AlertCmd{Text: "x"})
		judge(b, w.office, "clear", risk.AlertCmd{Text: "鉴定期间不计入"})
		if r := w.run(t, true); r.Found != 0 {
			t.Errorf("a decided alert came back: %+v", r)
		}
		w.restricted["L9"] = risk.Restriction{Why: "B2"}
		w.stock(t, risk.Case{No: "red", Type: "civil", Events: []risk.Event{w.ev(risk.Accept, 30, "p3"), w.ev(risk.Counsel, 20, "", lawyer("L9"))}})
		w.run(t, false)
		red := w.alerts(t, w.office)["restricted_lawyer"][0]
		judge(red, w.office, "verify", risk.AlertCmd{Text: "x"})
		_, err = w.s.Judge(ctx, w.office, red.ID, "clear", risk.AlertCmd{Text: "x"})
		platformtest.Refused(t, "a red alert cleared by who verified it", err, fault.KindForbidden, "risk.refuse.second")
		judge(red, w.second, "clear", risk.AlertCmd{Text: "系其近亲属的监护人"})
		ps, err := w.s.Precisions(ctx, w.boss)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range ps {
			if p.Rule == "long_hold" && (p.Right.Yes != 1 || p.Right.N != 2 || p.Right.High >= 1) {
				t.Errorf("precision: %+v", p)
			}
		}
	})
}

// Draft, test, publish: the author does not publish, an untested wording is not
// published, the dry run says what comes and goes, the older version is replaced.
func TestARuleComesIntoForce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i := range 3 {
			w.stock(t, risk.Case{No: fmt.Sprintf("E-%d", i), Type: "civil", Events: []risk.Event{w.ev(risk.Accept, 60+20*i, "p1"), w.ev(risk.Extend, 20, "p1")}})
		}
		cmd := risk.RuleCmd{Subject: risk.OfCase, Level: 3, NameZh: "延长后仍未办结", Text: "延长期限次数 不少于 1 次 且 在办天数 大于 70 天 且 已办结 为否", Document: "本省规定", Why: "基层反映"}
		bad := cmd
		bad.Text = "[1].all(x, x > 0)"
		_, err := w.s.WriteRule(ctx, w.office, bad, "zh", nil)
		platformtest.Refused(t, "a rule that loops", err, fault.KindInvalid, "risk.rule.bad.loop")
		v, err := w.s.WriteRule(ctx, w.office, cmd, "zh", nil)
		if err != nil {
			t.Fatal(err)
		}
		step := func(who actor.Actor, n id.ID, do string, c risk.RuleCmd) (risk.Version, error) {
			return w.s.StepRule(ctx, who, n, do, c, "zh", nil)
		}
		if _, err = step(w.second, v.ID, "publish", risk.RuleCmd{}); !fault.Is(err, fault.KindState) {
			t.Errorf("published as a draft: %v", err)
		}
		v, err = step(w.office, v.ID, "test", risk.RuleCmd{})
		if err != nil || v.Tested.Hits != 2 || v.Tested.Adds != 2 || v.Tested.Drops != 0 || v.State != risk.Tested {
			t.Fatalf("test: %+v %v", v.Tested, err)
		}
		_, err = step(w.office, v.ID, "publish", risk.RuleCmd{})
		platformtest.Refused(t, "the author publishes", err, fault.KindForbidden, "risk.refuse.author")
		_, err = step(w.far, v.ID, "publish", risk.RuleCmd{})
		platformtest.Refused(t, "another province publishes", err, fault.KindNotFound, "")
		if v, err = step(w.second, v.ID, "publish", risk.RuleCmd{}); err != nil || v.State != risk.Published {
			t.Fatalf("publish: %v", err)
		}
		if r := w.run(t, true); r.Found != 2 {
			t.Errorf("in force it finds %+v", r)
		}
		cmd.Rule, cmd.Text = v.Rule, "extensions >= 1 && days_open > 90 && !closed"
		v2, err := w.s.WriteRule(ctx, w.second, cmd, "en", nil)
		if err != nil || v2.N != 2 {
			t.Fatalf("version 2: %+v %v", v2, err)
		}
		if v2, err = step(w.second, v2.ID, "test", risk.RuleCmd{}); err != nil || v2.Tested.Hits != 1 || v2.Tested.Drops != 1 || v2.Tested.Adds != 0 {
			t.Errorf("what version 2 changes: %+v %v", v2.Tested, err)
		}
		if _, err = step(w.boss, v2.ID, "publish", risk.RuleCmd{}); err != nil {
			t.Errorf("the leader publishes: %v", err)
		}
		force, _, err := w.s.Rules(ctx, w.office)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, x := range force {
			if x.Rule == v.Rule {
				n++
				if x.N != 2 {
					t.Errorf("version %d is in force", x.N)
				}
			}
		}
		if n != 1 {
			t.Errorf("%d versions are in force", n)
		}
		cmd.Rule = "long_hold"
		_, err = w.s.WriteRule(ctx, w.office, cmd, "en", nil)
		platformtest.Refused(t, "a province rewrites everybody's rule", err, fault.KindForbidden, "risk.refuse.rule_unit")
		if err := w.s.RetireShipped(ctx, w.above, "long_hold", risk.RuleCmd{Reason: "由新规则代替"}); err != nil {
			t.Error(err)
		}
		if force, _, _ = w.s.Rules(ctx, w.office); slices.ContainsFunc(force, func(x risk.Version) bool { return x.Rule == "long_hold" }) {
			t.Error("a retired rule is in force")
		}
		platformtest.Refused(t, "a province confirms a source", w.s.Confirm(ctx, w.office, risk.ConfirmCmd{Key: "limit.arrest", Value: 7, Source: "x"}), fault.KindForbidden, "risk.refuse.root")
		if err := w.s.Confirm(ctx, w.above, risk.ConfirmCmd{Key: "limit.arrest", Value: 7, Source: "刑事诉讼法原文"}); err != nil {
			t.Error(err)
		}
	})
}

var pointCmd = risk.PointCmd{Post: "案件管理", Link: "分案", Scope: "individual", Class: "process", Shown: "人为指定承办人，案件流向与请托有关", Cause: "分案规则未锁定", Probability: 3, Harm: 5, System: "轮案系统锁定，指定分案须书面审批", Cycle: 6, Rules: []string{"designated_case"}}

// A point goes the five ways: who found it does not approve it, a post of another
// unit notices a copy, the published one is read by the staff and reviewed.
func TestRiskPoints(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		bad := pointCmd
		bad.Class, bad.System, bad.Harm, bad.Rules = "sixth", "", 6, []string{"nothing"}
		_, err := w.s.AddPoint(ctx, w.desk, bad)
		for _, k := range []string{"risk.bad.choice", "risk.point.bad.measures", "risk.point.bad.five"} {
			platformtest.Refused(t, "a bad point", err, fault.KindInvalid, k)
		}
		p, err := w.s.AddPoint(ctx, w.desk, pointCmd)
		if err != nil || p.Grade != 1 || p.Unit != "henan" {
			t.Fatalf("%+v %v", p, err)
		}
		other := w.desk
		other.Person = "desk2"
		step := func(who actor.Actor, do string, cmd risk.PointCmd) error {
			cmd.Text = "意见"
			got, err := w.s.StepPoint(ctx, who, p.ID, do, cmd)
			if err == nil {
				p = got
			}
			return err
		}
		platformtest.Refused(t, "another one's unpublished point", step(other, "edit", pointCmd), fault.KindNotFound, "")
		for _, x := range []struct {
			who actor.Actor
			do  string
		}{{w.office, "discuss"}, {w.boss, "approve"}, {w.above, "assess"}, {w.office, "publish"}} {
			if err := step(x.who, x.do, risk.PointCmd{}); err != nil {
				t.Fatalf("%s: %v", x.do, err)
			}
		}
		if p.State != risk.PointPublished || p.ReviewDue != w.day(0).AddMonths(6) {
			t.Errorf("%+v", p)
		}
		w.site.Actor = other
		if code, _ := w.site.Get(t, "/risk/points/"+string(p.ID)); code != 200 {
			t.Errorf("the staff does not read a published point: %d", code)
		}
		copied := pointCmd
		copied.Unit, copied.Post = "hebei", "内勤"
		far := w.desk
		far.Unit, far.Path, far.Person = hebei.Unit, hebei.Path, "far-desk"
		q, err := w.s.AddPoint(ctx, far, copied)
		if err != nil {
			t.Fatal(err)
		}
		err = w.DB.Read(ctx, func(dq db.Q) error {
			twins, err := w.s.Twins(ctx, dq, w.above, q)
			if len(twins) != 1 || twins[0].Percent < 90 {
				t.Errorf("the copy is not noticed: %+v", twins)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		review := risk.PointCmd{Probability: 1, Harm: 2}
		if err := step(w.office, "review", review); err != nil || p.Grade != 3 {
			t.Errorf("review: %+v %v", p, err)
		}
		l, err := w.s.Loop(ctx, w.office, page.Query{Size: 20})
		if err != nil || len(l.Silent) != 1 || len(l.Findings) != 1 {
			t.Errorf("the loop: %d silent, %d findings, %v", len(l.Silent), len(l.Findings), err)
		}
		w.stock(t, risk.Case{No: "D-1", Type: "civil", Events: []risk.Event{w.ev(risk.Accept, 40, "p1"), w.ev(risk.Assign, 40, "p1", basis("designated")), w.ev(risk.Approve, 20, "head"), w.ev(risk.Change, 20, "p1"), w.ev(risk.Close, 10, "p1")}})
		w.run(t, false)
		a := w.alerts(t, w.office)["designated_case"][0]
		for _, x := range []struct{ do, point string }{{"verify", ""}, {"correct", string(p.ID)}} {
			if _, err := w.s.Judge(ctx, w.office, a.ID, x.do, risk.AlertCmd{Text: "已恢复轮案", Point: id.ID(x.point)}); err != nil {
				t.Fatal(err)
			}
		}
		if l, err = w.s.Loop(ctx, w.office, page.Query{Size: 20}); err != nil || len(l.Silent) != 0 || len(l.Lines) != 1 || l.Lines[0].Point.ID != p.ID || l.Lines[0].Before != 1 {
			t.Errorf("the closed loop: %+v %v", l, err)
		}
	})
}

// Every step that a table does not have is refused, whatever the state.
func TestStepsOutsideTheTablesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.hold(t, "p1")
		p, err := w.s.AddPoint(ctx, w.desk, pointCmd)
		if err != nil {
			t.Fatal(err)
		}
		boss := system
		rapid.Check(t, func(rt *rapid.T) {
			do := rapid.SampledFrom(risk.AlertFlow.Actions()).Draw(rt, "alert")
			want, no := risk.AlertFlow.Next(a.State, do)
			got, err := w.s.Judge(ctx, boss, a.ID, do, risk.AlertCmd{Text: "x", Until: w.day(-5)})
			if (no != nil) != fault.Is(err, fault.KindState) || err == nil && got.State != want {
				rt.Fatalf("%s from %s to %s: %v", do, a.State, got.State, err)
			}
			if err == nil {
				a = got
			}
			do = rapid.SampledFrom(risk.PointFlow.Actions()).Draw(rt, "point")
			want, no = risk.PointFlow.Next(p.State, do)
			cmd := pointCmd
			cmd.Text = "x"
			q, err := w.s.StepPoint(ctx, boss, p.ID, do, cmd)
			if (no != nil) != fault.Is(err, fault.KindState) || err == nil && q.State != want {
				rt.Fatalf("%s from %s to %s: %v", do, p.State, q.State, err)
			}
			if err == nil {
				p = q
			}
		})
	})
}

// What happened to the facts of an alert beside the program is seen by the log.
func TestAHandInTheDatabaseIsSeen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.hold(t, "p1")
		raw := w.DB.Raw()
		if _, err := raw.Exec("UPDATE risk_alert SET state = 'cleared' WHERE id = '" + string(a.ID) + "'"); err != nil {
			t.Fatal(err)
		}
		r, err := w.Log.Verify(ctx)
		if err != nil || len(r.Troubles) == 0 {
			t.Errorf("the log saw nothing: %+v %v", r, err)
		}
		if _, err := raw.Exec("UPDATE risk_alert SET state = 'new' WHERE id = '" + string(a.ID) + "'"); err != nil {
			t.Fatal(err)
		}
		var plain []byte
		if err := raw.QueryRow("SELECT sealed FROM risk_case LIMIT 1").Scan(&plain); err != nil || bytes.Contains(plain, []byte("H-p1")) {
			t.Errorf("a case number lies open: %v", err)
		}
	})
}

// By day the round judges what imports touched, in the small hours everything, once;
// with nothing new it does nothing.
func TestTheNightlyRound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		tick := func(what string, want int) {
			t.Helper()
			if err := w.s.Tick(ctx); err != nil {
				t.Fatal(err)
			}
			n := 0
			if err := w.DB.Read(ctx, func(q db.Q) error { return q.QueryRow(ctx, "SELECT COUNT(*) FROM risk_run").Scan(&n) }); err != nil || n != want {
				t.Errorf("%s: %d runs, want %d: %v", what, n, want, err)
			}
		}
		tick("no events", 0)
		w.stock(t, risk.Case{No: "N-1", Type: "civil", Events: []risk.Event{w.ev(risk.Accept, 200, "p1")}})
		tick("an import by day", 1)
		if n := len(w.alerts(t, w.office)["long_hold"]); n != 1 {
			t.Errorf("%d alerts", n)
		}
		tick("nothing new", 1)
		w.Clock.Advance(18 * time.Hour) // three in the morning
		tick("at night", 2)
		tick("the same night", 2)
	})
}
