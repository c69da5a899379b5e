package conduct_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/conduct"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

func (w *world) papers(t *testing.T) []conduct.Served {
	t.Helper()
	code, body := w.site.Get(t, "/api/v1/conduct/self")
	var v struct {
		Served []conduct.Served `json:"served"`
	}
	if err := json.Unmarshal([]byte(body), &v); err != nil || code != 200 {
		t.Fatalf("%d %s %v", code, body, err)
	}
	return v.Served
}

func TestTablesAreSound(t *testing.T) {
	for _, f := range []interface{ Check() error }{conduct.LeadFlow, conduct.CaseFlow, conduct.SanctionFlow, conduct.ServedFlow} {
		if err := f.Check(); err != nil {
			t.Error(err)
		}
	}
}

// One person and one fact are one matter; every telling keeps its number, and
// nothing is lost.
func TestLeadsAreJoinedNotLost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.lead(t, conduct.LeadCmd{Conduct: "gifts", ActFrom: "2025-03-01", ActTo: "2025-03-31"})
		again := w.lead(t, conduct.LeadCmd{Source: "inspection", Ref: "巡-7", Facts: "反映办理张某案期间接受辩护律师宴请、收受礼金五千元，后作出不起诉决定"})
		other := w.lead(t, conduct.LeadCmd{Facts: "长期迟到早退，上班时间炒股"})
		someone := w.lead(t, conduct.LeadCmd{Name: "李某", Unit: "河南省人民检察院"})
		if again.State != conduct.LeadJoined || again.Same != first.ID || other.State != conduct.LeadReceived || someone.State != conduct.LeadReceived {
			t.Fatalf("%s joined to %s; another fact %s, another person %s", again.State, again.Same, other.State, someone.State)
		}
		if first.No != "X-henan-2026-0001" || someone.No != "X-henan-2026-0004" {
			t.Errorf("numbers %s … %s", first.No, someone.No)
		}
		var now conduct.Lead
		if err := w.DB.Read(ctx, func(q db.Q) (err error) { now, err = conduct.LeadByID(ctx, q, first.ID); return err }); err != nil {
			t.Fatal(err)
		}
		if now.Weight != first.Weight+2 || conduct.Sum(now.Parts) != now.Weight {
			t.Errorf("weight %d, then %d by %v", first.Weight, now.Weight, now.Parts)
		}
		w.dispose(t, again.ID, "split", conduct.DisposeCmd{Text: "不是同一件事"})
		w.dispose(t, again.ID, "join", conduct.DisposeCmd{Same: first.No})
		if _, err := w.s.Dispose(ctx, w.office, other.ID, "join", conduct.DisposeCmd{Same: other.No}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("joined to itself: %v", err)
		}
	})
}

// A lead about the leadership goes to the level above.
func TestLeadsAboutLeadersGoUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if l := w.lead(t, conduct.LeadCmd{Person: "chief"}); l.Unit != "henan" {
			t.Errorf("worked by %s", l.Unit)
		}
		if l := w.lead(t, conduct.LeadCmd{Person: "boss"}); l.Unit != "spp" {
			t.Errorf("worked by %s", l.Unit)
		}
	})
}

func TestBadLeadsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, cmd := range map[string]conduct.LeadCmd{
			"no facts": {Source: "petition", Person: "subject"}, "unknown source": {Source: "dream", Person: "subject", Facts: "x"}, "nobody": {Source: "petition", Facts: "x"},
			"unknown person": {Source: "petition", Person: id.New(), Facts: "x"}, "future act": {Source: "petition", Person: "subject", Facts: "x", ActFrom: "2027-01-01"},
			"end before start": {Source: "petition", Person: "subject", Facts: "x", ActFrom: "2025-02-01", ActTo: "2025-01-01"}, "unknown class": {Source: "petition", Person: "subject", Facts: "x", Conduct: "x"},
			"no such unit": {Source: "petition", Name: "某", Unit: "火星", Facts: "x"}, "debt": {Source: "petition", Person: "subject", Facts: "x", Amount: -1}, "somebody else's self-report": {Source: "self_report", Person: "subject", Facts: "x"},
		} {
			_, err := w.s.AddLead(ctx, w.office, cmd)
			platformtest.WantKind(t, name, err, fault.KindInvalid)
		}
		_, err := w.s.AddLead(ctx, w.subject, conduct.LeadCmd{Source: "petition", Person: "office", Facts: "x"})
		platformtest.WantKind(t, "staff", err, fault.KindNotFound)
	})
}

// Whoever a lead or case is about, or is kin to him, does not handle or decide it.
func TestKinDoNotHandle(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.kin["subject"] = []id.ID{"second"} // a cousin, as the declaration has it
		w.kin["third"] = []id.ID{"office"}
		l := w.lead(t, conduct.LeadCmd{Conduct: "gifts", ActTo: "2025-03-31"})
		for _, who := range []id.ID{"second", "subject"} {
			_, err := w.s.Dispose(ctx, w.office, l.ID, "assign", conduct.DisposeCmd{Assignee: who})
			platformtest.WantKind(t, "assigned to "+string(who), err, fault.KindForbidden)
		}
		w.dispose(t, l.ID, "assign", conduct.DisposeCmd{Assignee: "office"})
		_, err := w.s.Dispose(ctx, w.office, l.ID, "open", conduct.DisposeCmd{Assignee: "office", Second: "second", Text: "核实"})
		platformtest.WantKind(t, "opened with the cousin", err, fault.KindForbidden)
		l = w.dispose(t, l.ID, "open", conduct.DisposeCmd{Assignee: "office", Text: "核实"})
		w.refused(t, "filed with the cousin", w.office, l.Case, "file", conduct.CaseCmd{Text: "x", Second: "second"}, fault.KindForbidden, "conduct.refuse.kin")
		w.refused(t, "filed with one handler", w.office, l.Case, "file", conduct.CaseCmd{Text: "x"}, fault.KindInvalid, "error.required")
		w.refused(t, "filed with himself twice", w.office, l.Case, "file", conduct.CaseCmd{Text: "x", Second: "office"}, fault.KindInvalid, "conduct.bad.two")
		w.kin["office"] = []id.ID{"third"}
		w.refused(t, "two relatives handle", w.office, l.Case, "file", conduct.CaseCmd{Text: "x", Second: "third"}, fault.KindForbidden, "conduct.refuse.handlers_kin")
		w.kin = map[id.ID][]id.ID{}
		w.step(t, w.office, l.Case, "file", conduct.CaseCmd{Second: "third"})
		w.refused(t, "recused but stays", w.office, l.Case, "assign", conduct.CaseCmd{Text: "x", Recuse: "third"}, fault.KindInvalid, "conduct.bad.recuse_stays")
		w.step(t, w.office, l.Case, "assign", conduct.CaseCmd{Recuse: "third", Second: "second"})
		w.site.Actor = w.third
		if code, _ := w.site.Get(t, "/conduct/cases/"+string(l.Case)); code != 404 {
			t.Errorf("the recused handler still reads: %d", code)
		}
		w.refused(t, "the recused comes back", w.office, l.Case, "assign", conduct.CaseCmd{Text: "x", Second: "third"}, fault.KindForbidden, "conduct.refuse.recused")
		w.logged(t, "lead.assign", "conduct.refuse.kin")
	})
}

// logged wants an entry about a refused action with its rule.
func (w *world) logged(t *testing.T, action, rule string) {
	t.Helper()
	if err := w.Log.Sequence(ctx); err != nil {
		t.Fatal(err)
	}
	list, err := w.Log.List(ctx, "denied", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if _, notes, err := w.Log.Facts(ctx, e.ID); err == nil && notes["action"] == action && notes["rule"] == rule {
			return
		}
	}
	t.Errorf("%s refused by %s is not in the log: %d refusals", action, rule, len(list))
}

// From the lead to the return visit, with a sanction that runs its time.
func TestACaseToItsEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submitted(t, "gifts")
		w.refused(t, "dated before the act", w.boss, c.ID, "decide", conduct.CaseCmd{Text: "决定", On: "2025-03-30"}, fault.KindInvalid, "sanction.bad.before_act")
		w.logged(t, "conduct.decide", "sanction.bad.before_act")
		w.refused(t, "in the future", w.boss, c.ID, "decide", conduct.CaseCmd{Text: "决定", On: "2027-01-01"}, fault.KindInvalid, "conduct.bad.future")
		w.refused(t, "heavier than the law", w.boss, c.ID, "decide", conduct.CaseCmd{Text: "决定", Kinds: []string{"admin.removal"}}, fault.KindInvalid, "conduct.bad.outside.above")
		w.refused(t, "two of one layer", w.boss, c.ID, "decide", conduct.CaseCmd{Text: "决定", Kinds: []string{"admin.warning", "admin.demerit"}}, fault.KindInvalid, "conduct.bad.one_per_layer")
		w.refused(t, "the office decides", w.office, c.ID, "decide", conduct.CaseCmd{Text: "决定"}, fault.KindNotFound, "")
		c = w.step(t, w.boss, c.ID, "decide", conduct.CaseCmd{Text: "给予记过处分", Kinds: []string{"admin.demerit", "party.warning"}})
		if c.Form != 2 || c.State != conduct.Decided {
			t.Fatalf("%s, form %d", c.State, c.Form)
		}
		c = w.step(t, w.office, c.ID, "serve", conduct.CaseCmd{})
		w.refused(t, "lifted too early", w.office, c.ID, "lift", conduct.CaseCmd{Text: "期满"}, fault.KindInvalid, "sanction.bad.not_over")
		p, err := w.s.CheckPromotion(ctx, w.personnel, "subject", "")
		if err != nil || p.Allowed || p.Pay || p.Free != "2027-03-02" {
			t.Fatalf("promotion %+v: %v", p, err)
		}
		err = w.DB.Read(ctx, func(q db.Q) error {
			platformtest.WantKind(t, "promoted meanwhile", w.s.BarPost(ctx, q, "subject", "一级检察官", false, "2026-06-01"), fault.KindState)
			if err := w.s.BarPost(ctx, q, "subject", "三级检察官", false, "2026-06-01"); err != nil {
				t.Errorf("a lower rank: %v", err)
			}
			return w.s.BarPost(ctx, q, "subject", "一级检察官", false, "2027-03-02")
		})
		if err != nil {
			t.Errorf("after the period: %v", err)
		}
		w.days(366)
		w.step(t, w.office, c.ID, "lift", conduct.CaseCmd{Text: "处分期内有悔改表现"})
		w.step(t, w.office, c.ID, "archive", conduct.CaseCmd{})
		c = w.step(t, w.office, c.ID, "visit", conduct.CaseCmd{})
		if c.State != conduct.Visited {
			t.Error(c.State)
		}
		kinds := w.served(t)
		for _, k := range []string{"filing", "hearing", "decision", "lift"} {
			if _, ok := kinds[k]; !ok {
				t.Errorf("%s was not served: %v", k, kinds)
			}
		}
	})
}

// The committee: four values, odd members, half prosecutors, only items 4 and 5,
// and its opinion comes before the decision.
func TestTheCommittee(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		plain := w.opened(t, "gifts")
		w.step(t, w.office, plain.ID, "file", conduct.CaseCmd{})
		w.step(t, w.office, plain.ID, "report", conduct.CaseCmd{})
		w.step(t, w.office, plain.ID, "notify", conduct.CaseCmd{Kinds: []string{"admin.warning"}})
		w.step(t, w.office, plain.ID, "hear", conduct.CaseCmd{})
		w.refused(t, "gifts before the committee", w.office, plain.ID, "refer", conduct.CaseCmd{Text: "x"}, fault.KindForbidden, "conduct.refuse.no_committee")
		c := w.openedOf(t, "gross_negligence", "未核对关键物证即批准逮捕，致无辜人员被羁押八个月")
		w.step(t, w.office, c.ID, "file", conduct.CaseCmd{})
		w.step(t, w.office, c.ID, "report", conduct.CaseCmd{})
		w.step(t, w.office, c.ID, "notify", conduct.CaseCmd{Kinds: []string{"admin.demerit"}})
		w.step(t, w.office, c.ID, "hear", conduct.CaseCmd{})
		w.refused(t, "decided without the committee", w.office, c.ID, "submit", conduct.CaseCmd{Text: "x", Decider: "boss"}, fault.KindForbidden, "conduct.refuse.committee_first")
		w.step(t, w.office, c.ID, "refer", conduct.CaseCmd{})
		good := conduct.CaseCmd{Text: "x", Opinion: "gross_negligence", Members: 7, Prosecutors: 4, Unit: "henan"}
		for key, change := range map[string]func(*conduct.CaseCmd){
			"conduct.bad.opinion":         func(c *conduct.CaseCmd) { c.Opinion = "partly" },
			"conduct.bad.members":         func(c *conduct.CaseCmd) { c.Members = 6 },
			"conduct.bad.prosecutors":     func(c *conduct.CaseCmd) { c.Prosecutors = 3 },
			"conduct.bad.committee_level": func(c *conduct.CaseCmd) { c.Unit = "xinxiang" },
			"conduct.bad.unit":            func(c *conduct.CaseCmd) { c.Unit = "火星" },
		} {
			cmd := good
			change(&cmd)
			w.refused(t, key, w.office, c.ID, "opine", cmd, fault.KindInvalid, key)
		}
		w.logged(t, "conduct.opine", "conduct.bad.opinion")
		w.step(t, w.office, c.ID, "opine", good)
		v := w.served(t)["opinion"]
		for _, do := range []func() error{
			func() error { return w.s.Receive(ctx, w.subject, v.ID, conduct.AnswerCmd{}) },
			func() error {
				return w.s.Answer(ctx, w.subject, v.ID, conduct.AnswerCmd{Answer: "objection", Text: "已尽注意义务"})
			},
		} {
			if err := do(); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.get(t, c.ID); got.State != conduct.Reexamining {
			t.Fatalf("after the objection: %s", got.State)
		}
		good.Opinion = "ordinary_negligence"
		w.step(t, w.office, c.ID, "opine", good)
		w.step(t, w.office, c.ID, "submit", conduct.CaseCmd{Decider: "boss"})
		w.refused(t, "a sanction for ordinary negligence", w.boss, c.ID, "decide", conduct.CaseCmd{Text: "x", Kinds: []string{"admin.warning"}}, fault.KindInvalid, "conduct.bad.opinion_bars")
		w.step(t, w.boss, c.ID, "decide", conduct.CaseCmd{Kinds: []string{"education.talk"}, Reason: "一般过失，不予处分"})
	})
}

// Secrecy: handlers, office and decider read; everybody else finds nothing, and
// the subject sees his papers and nothing of the case.
func TestWhoSeesACase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submitted(t, "gifts")
		page, list := "/conduct/cases/"+string(c.ID), "/api/v1/conduct?view=cases"
		kin := w.second
		kin.Related = []id.ID{"subject"}
		for name, x := range map[string]struct {
			who  actor.Actor
			sees bool
		}{"handler": {w.office, true}, "office": {w.third, true}, "decider": {w.boss, true}, "subject": {w.subject, false}, "another office": {w.far, false}, "the office above": {w.above, false},
			"another leader": {platformtest.As("other", actor.Leader, henan), false}, "personnel": {w.personnel, false}, "a relative in the office": {kin, false}, "system administrator": {platformtest.As("sys", actor.SysAdmin, root), false}} {
			w.site.Actor = x.who
			code, _ := w.site.Get(t, page)
			_, body := w.site.Get(t, list)
			if (code == 200) != x.sees || strings.Contains(body, string(c.ID)) != x.sees {
				t.Errorf("%s: page %d, in the list %v, want %v", name, code, strings.Contains(body, string(c.ID)), x.sees)
			}
		}
		w.site.Actor = w.subject
		v := w.served(t)["hearing"]
		if code, body := w.site.Get(t, "/api/v1/conduct/served/"+string(v.ID)); code != 200 || strings.Contains(body, string(c.ID)) || strings.Contains(body, c.No) {
			t.Errorf("the subject's paper: %d %s", code, body)
		}
		w.site.Actor = w.office
		if code, _ := w.site.Get(t, "/conduct/served/"+string(v.ID)); code != 404 {
			t.Errorf("the office opens the subject's record: %d", code)
		}
	})
}

// A self-report before any lead is told from one after it by places in the log.
func TestSelfReportedBeforeOrAfter(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cmd := conduct.SelfCmd{Conduct: "gifts", ActFrom: "2025-03-01", ActTo: "2025-03-31", Statement: told, Pledge: true}
		unpledged := cmd
		unpledged.Pledge = false
		_, err := w.s.Report(ctx, w.subject, unpledged)
		platformtest.WantKind(t, "without pledge", err, fault.KindInvalid)
		x, err := w.s.Report(ctx, w.subject, cmd)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Log.Sequence(ctx); err != nil {
			t.Fatal(err)
		}
		r, err := w.s.Receipt(ctx, w.subject, x.ID)
		if err != nil || r.Index < 0 || r.Statement != told {
			t.Fatalf("%+v: %v", r, err)
		}
		if proof, err := w.s.Prove(ctx, w.subject, x.ID); err != nil || len(proof) == 0 {
			t.Errorf("proof: %v", err)
		}
		_, err = w.s.Receipt(ctx, w.office, x.ID)
		platformtest.WantKind(t, "somebody else's receipt", err, fault.KindNotFound)
		later := w.lead(t, conduct.LeadCmd{Source: "petition"})
		if later.State != conduct.LeadJoined {
			t.Errorf("the later lead is %s", later.State)
		}
	})
	self, early, late := conduct.Place{At: "2026-03-02T01:00:00.000000Z", Index: 10}, conduct.Place{At: "2026-03-01T01:00:00.000000Z", Index: 5, No: "X-1"}, conduct.Place{At: "2026-03-03T01:00:00.000000Z", Index: 12, No: "X-2"}
	for _, c := range []struct {
		self   *conduct.Place
		others []conduct.Place
		filed  clock.Date
		want   string
	}{{&self, nil, "", conduct.BeforeAnyLead}, {&self, []conduct.Place{late}, "2026-03-05", conduct.BeforeAnyLead}, {&self, []conduct.Place{late, early}, "", conduct.AfterLead}, {&self, []conduct.Place{late}, "2026-03-01", conduct.AfterFiled}, {nil, []conduct.Place{early}, "", conduct.NoSelfReport}} {
		if got := conduct.Lenient(c.self, c.others, c.filed); got.Verdict != c.want {
			t.Errorf("self %v, others %v, filed %s: %s, want %s", c.self, c.others, c.filed, got.Verdict, c.want)
		}
	}
}

// Clocks stop on grounds and run on; a stage is extended once.
func TestClocks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.opened(t, "gifts")
		if c.Due != "2026-05-01" {
			t.Fatalf("due %s", c.Due)
		}
		w.refused(t, "without ground", w.office, c.ID, "pause", conduct.CaseCmd{Text: "x"}, fault.KindInvalid, "conduct.bad.choice")
		w.step(t, w.office, c.ID, "pause", conduct.CaseCmd{Ground: "illness"})
		w.refused(t, "paused twice", w.office, c.ID, "pause", conduct.CaseCmd{Text: "x", Ground: "illness"}, fault.KindState, "")
		w.days(10)
		if c = w.step(t, w.office, c.ID, "resume", conduct.CaseCmd{}); c.Due != "2026-05-11" {
			t.Errorf("after ten days: %s", c.Due)
		}
		w.refused(t, "extended too far", w.office, c.ID, "extend", conduct.CaseCmd{Text: "x", Days: 61}, fault.KindInvalid, "conduct.bad.days")
		if c = w.step(t, w.office, c.ID, "extend", conduct.CaseCmd{Days: 30}); c.Due != "2026-06-10" {
			t.Errorf("extended: %s", c.Due)
		}
		w.refused(t, "extended twice", w.office, c.ID, "extend", conduct.CaseCmd{Text: "x", Days: 1}, fault.KindState, "conduct.refuse.extended")
	})
}

// A transfer is in force when the receiving office confirms it.
func TestTransferNeedsAReceipt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.opened(t, "gifts")
		w.refused(t, "to itself", w.office, c.ID, "transfer", conduct.CaseCmd{Text: "x", Unit: "henan"}, fault.KindInvalid, "conduct.bad.same_unit")
		w.step(t, w.office, c.ID, "transfer", conduct.CaseCmd{Unit: "最高人民检察院"})
		w.refused(t, "the sender confirms", w.office, c.ID, "receive", conduct.CaseCmd{}, fault.KindForbidden, "conduct.refuse.receiver")
		c = w.step(t, w.above, c.ID, "receive", conduct.CaseCmd{})
		if c.Unit != "spp" || c.Handler != "above" || c.State != conduct.Checking {
			t.Errorf("received by %s, handled by %s, %s", c.Unit, c.Handler, c.State)
		}
		w.site.Actor = w.third
		if code, _ := w.site.Get(t, "/conduct/cases/"+string(c.ID)); code != 404 {
			t.Errorf("the old office still reads: %d", code)
		}
	})
}

// A review keeps or lightens; it never makes heavier.
func TestAReviewIsNeverHeavier(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submitted(t, "gifts")
		w.step(t, w.boss, c.ID, "decide", conduct.CaseCmd{})
		w.step(t, w.office, c.ID, "serve", conduct.CaseCmd{})
		v := w.served(t)["decision"]
		if err := w.s.Receive(ctx, w.subject, v.ID, conduct.AnswerCmd{}); err != nil {
			t.Fatal(err)
		}
		late := v
		if err := w.s.Answer(ctx, w.subject, late.ID, conduct.AnswerCmd{Answer: "review", Text: "量处过重"}); err != nil {
			t.Fatal(err)
		}
		w.refused(t, "heavier", w.boss, c.ID, "change", conduct.CaseCmd{Text: "x", Kinds: []string{"admin.major_demerit"}}, fault.KindInvalid, "conduct.bad.heavier")
		w.step(t, w.boss, c.ID, "change", conduct.CaseCmd{Kinds: []string{"admin.warning"}})
		p, err := w.s.CheckPromotion(ctx, w.personnel, "subject", "")
		if err != nil || p.Allowed || !p.Pay || len(p.Bars) != 1 {
			t.Errorf("after the change: %+v %v", p, err)
		}
	})
}

// The retired are investigated but get no administrative sanction (J-8).
func TestTheRetired(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.lead(t, conduct.LeadCmd{Person: "old", Conduct: "gifts", ActTo: "2025-03-31"})
		w.dispose(t, l.ID, "assign", conduct.DisposeCmd{Assignee: "office"})
		l = w.dispose(t, l.ID, "open", conduct.DisposeCmd{Assignee: "office", Second: "second", Text: "核实"})
		w.step(t, w.office, l.Case, "file", conduct.CaseCmd{})
		w.step(t, w.office, l.Case, "report", conduct.CaseCmd{})
		w.refused(t, "a demerit", w.office, l.Case, "notify", conduct.CaseCmd{Text: "x", Kinds: []string{"admin.demerit"}}, fault.KindInvalid, "conduct.bad.retired")
		w.step(t, w.office, l.Case, "notify", conduct.CaseCmd{Kinds: []string{"party.warning"}})
	})
}

// A lead that somebody deletes beside the program is seen: in the log's check and
// in the gap of its number.
func TestADeletedLeadIsSeen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.lead(t, conduct.LeadCmd{})
		l := w.lead(t, conduct.LeadCmd{Person: "third", Facts: "另一件事情"})
		w.lead(t, conduct.LeadCmd{Person: "second", Facts: "第三件事情"})
		w.site.Actor = w.office
		if _, body := w.site.Get(t, "/conduct"); strings.Contains(body, "记录不在库中") {
			t.Error("a gap is told where there is none")
		}
		undo := w.deleteByHand(t, l.ID)
		if _, body := w.site.Get(t, "/conduct"); !strings.Contains(body, "本年已编号 3 件，现存 2 件") {
			t.Error("the gap is not told")
		}
		r, err := w.Log.Verify(ctx)
		if err != nil || len(r.Troubles) == 0 {
			t.Errorf("the log's check saw nothing: %+v %v", r, err)
		}
		undo()
	})
}

// Every step that the table does not have is refused, whatever the state.
func TestStepsOutsideTheTableAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.opened(t, "gifts")
		rapid.Check(t, func(rt *rapid.T) {
			now := w.get(t, c.ID)
			do := rapid.SampledFrom(conduct.CaseFlow.Actions()).Draw(rt, "do")
			_, err := w.s.Step(ctx, system, c.ID, do, conduct.CaseCmd{Text: "x", Second: "second", Decider: "boss", Kinds: []string{"admin.warning"}, Unit: "hebei", ActTo: "2025-03-31", Reason: "x"})
			want, flow := conduct.CaseFlow.Next(now.State, do)
			if flow != nil && !fault.Is(err, fault.KindState) {
				rt.Fatalf("%s from %s: %v", do, now.State, err)
			}
			got := w.get(t, c.ID)
			if err == nil && got.State != want || err != nil && got.State != now.State {
				rt.Fatalf("%s from %s to %s (%v), the table says %s", do, now.State, got.State, err, want)
			}
		})
	})
}
