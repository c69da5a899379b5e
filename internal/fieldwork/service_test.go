package fieldwork

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/web"
)

// TestFieldWork runs every story of the room over one tree for each engine, each
// with a term, a round and people of its own; the plan comes first, because it
// counts what was inspected before.
func TestFieldWork(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		seed := seeded(t, k)
		for i, story := range []struct {
			name string
			tell func(t *testing.T, w *world)
		}{
			{"PlanBecomesRounds", testPlanBecomesRounds},
			{"PeriodsAreSettingsWithASource", testPeriodsAreSettingsWithASource},
			{"NoEntryWithoutAuthority", testNoEntryWithoutAuthority},
			{"DeclaredRecusalKeepsSeatsAway", testDeclaredRecusalKeepsSeatsAway},
			{"ProposalIsSeatedWholeOrNotAtAll", testProposalIsSeatedWholeOrNotAtAll},
			{"ProcedureOfAVisit", testProcedureOfAVisit},
			{"RoundIsNotClosedWithoutItsRecords", testRoundIsNotClosedWithoutItsRecords},
			{"RequestToTheUnit", testRequestToTheUnit},
			{"ImmediateItemsHoldTheTeam", testImmediateItemsHoldTheTeam},
			{"PapersBySecrecy", testPapersBySecrecy},
			{"ReportLeadsToItsPapers", testReportLeadsToItsPapers},
			{"AClueLeavesOnlyItsNumber", testAClueLeavesOnlyItsNumber},
			{"EachLineHasItsOwnClues", testEachLineHasItsOwnClues},
			{"ChecklistVersions", testChecklistVersions},
			{"Pages", testPages},
			{"Issuing", testIssuing},
		} {
			t.Run(story.name, func(t *testing.T) { story.tell(t, open(t, seed, i)) })
		}
	})
}

func testPlanBecomesRounds(t *testing.T, w *world) {
	n := must(w.s.SpreadPlan(ctx, w.office, SpreadCmd{Term: w.term.ID, Waves: 4, Start: "2026-04-01", End: "2027-09-30"}))(t)
	if n != 32 { // the visit of Henan is planned in a round but not begun
		t.Errorf("%d placed", n)
	}
	p := must(w.s.Plan(ctx, w.office, w.term.ID))(t)
	if len(p.Lines) != 32 || p.Count(PlanPlanned) != 32 || p.Never() != 32 {
		t.Errorf("%d lines, %d planned", len(p.Lines), p.Count(PlanPlanned))
	}
	_, err := w.s.SpreadPlan(ctx, w.office, SpreadCmd{Term: w.term.ID, Waves: 4, Start: "2026-04-01", End: "2027-09-30"})
	platformtest.WantKind(t, "nothing left to place", err, fault.KindState)
	_, err = w.s.SpreadPlan(ctx, w.boss, SpreadCmd{Term: w.term.ID, Waves: 4, Start: "2026-04-01", End: "2027-09-30"})
	platformtest.WantKind(t, "the leader plans", err, fault.KindNotFound)
	_, err = w.s.Plan(ctx, platformtest.As("x", actor.Office, w.henan), w.term.ID)
	platformtest.WantKind(t, "a province reads the plan", err, fault.KindNotFound)
	check(t, w.s.SetSlot(ctx, w.office, SlotCmd{Term: w.term.ID, Unit: "河北省人民检察院", Wave: 9, Kind: inspection.KindMobile, Due: "2026-05-01"}))
	check(t, w.s.SetSlot(ctx, w.office, SlotCmd{Term: w.term.ID, Unit: "河北省人民检察院", Wave: 1, Kind: inspection.KindMobile, Due: "2026-05-01"}))
	platformtest.WantKind(t, "a unit two levels below", w.s.SetSlot(ctx, w.office, SlotCmd{Term: w.term.ID, Unit: "新乡市人民检察院", Wave: 1, Kind: inspection.KindMobile, Due: "2026-05-01"}), fault.KindInvalid)
	r := must(w.s.RoundOfWave(ctx, w.office, WaveCmd{Term: w.term.ID, Wave: 1, Name: "第八轮巡视"}))(t)
	if r.No != 8 || r.RectifyMonths != 6 || r.RectifySource == "" {
		t.Errorf("round %+v", r)
	}
}

func testPeriodsAreSettingsWithASource(t *testing.T, w *world) {
	w.enter(t)
	c := PeriodCmd{Key: "request_reply", Amount: 5, Unit: Workdays, Source: "本轮工作方案"}
	check(t, w.s.SetPeriod(ctx, w.office, w.round.ID, c))
	c.Amount = 6
	check(t, w.s.SetPeriod(ctx, w.office, w.round.ID, c))
	platformtest.WantKind(t, "no source", w.s.SetPeriod(ctx, w.office, w.round.ID, PeriodCmd{Key: "request_reply", Amount: 5, Unit: Workdays}), fault.KindInvalid)
	platformtest.WantKind(t, "the rectification period here", w.s.SetPeriod(ctx, w.office, w.round.ID, PeriodCmd{Key: "rectify", Amount: 5, Unit: Months, Source: "x"}), fault.KindInvalid)
	platformtest.WantKind(t, "a team sets limits", w.s.SetPeriod(ctx, w.leader, w.round.ID, c), fault.KindNotFound)
	x := must(w.s.Ask(ctx, w.inspector, w.visit.ID, RequestCmd{Title: "会议记录", Text: "三年"}))(t)
	if x.Due != "2026-03-10" { // six working days after 2 March
		t.Errorf("due %s", x.Due)
	}
}

func testNoEntryWithoutAuthority(t *testing.T, w *world) {
	must(w.s.Inspect.Seat(ctx, w.office, w.team.ID, inspection.SeatCmd{Person: w.people["组长甲"], Post: inspection.PostLeader}))(t)
	_, err := w.s.Inspect.AdvanceRound(ctx, w.office, w.round.ID, "enter", w.round.Rev)
	platformtest.WantKind(t, "entry without authority", err, fault.KindInvalid)
	_, err = w.s.Authorise(ctx, w.office, w.team.ID, AuthoriseCmd{Document: "x"})
	platformtest.WantKind(t, "the office authorises", err, fault.KindNotFound)
	a := must(w.s.Authorise(ctx, w.boss, w.team.ID, AuthoriseCmd{Document: "授权1号"}))(t)
	_, err = w.s.Authorise(ctx, w.boss, w.team.ID, AuthoriseCmd{Document: "授权1号"})
	platformtest.WantKind(t, "twice", err, fault.KindState)
	must(w.s.StepAct(ctx, w.office, a.ID, "void", StepCmd{Text: "文号有误"}))(t)
	_, err = w.s.Inspect.AdvanceRound(ctx, w.office, w.round.ID, "enter", w.round.Rev)
	platformtest.WantKind(t, "entry on a struck authority", err, fault.KindInvalid)
	must(w.s.Authorise(ctx, w.boss, w.team.ID, AuthoriseCmd{Document: "授权2号"}))(t)
	must(w.s.Inspect.AdvanceRound(ctx, w.office, w.round.ID, "enter", w.round.Rev))(t)
}

func testDeclaredRecusalKeepsSeatsAway(t *testing.T, w *world) {
	check(t, w.s.Declare(ctx, w.office, w.round.ID, RecusalCmd{Person: w.people["组员乙"], Unit: "河南省人民检察院", Ground: "大学同学任职"}))
	_, err := w.s.Inspect.Seat(ctx, w.office, w.team.ID, inspection.SeatCmd{Person: w.people["组员乙"], Post: inspection.PostMember})
	if f, ok := fault.Of(err); !ok || len(f.Fields) != 1 || f.Fields[0].Key != "recusal.declared" {
		t.Errorf("seat against a declaration: %v", err)
	}
	platformtest.WantKind(t, "twice", w.s.Declare(ctx, w.office, w.round.ID, RecusalCmd{Person: w.people["组员乙"], Unit: "河南省人民检察院", Ground: "大学同学任职"}), fault.KindInvalid)
	platformtest.WantKind(t, "no ground", w.s.Declare(ctx, w.office, w.round.ID, RecusalCmd{Person: w.people["组员乙"], Unit: "河北省人民检察院"}), fault.KindInvalid)
	w.enterWithout(t)
	platformtest.WantKind(t, "for somebody else", w.s.Declare(ctx, w.inspector, w.round.ID, RecusalCmd{Person: w.people["组长甲"]}), fault.KindNotFound)
	check(t, w.s.Declare(ctx, w.inspector, w.round.ID, RecusalCmd{Person: w.people["组员丙"]}))
}

// enterWithout enters with leader and one member.
func (w *world) enterWithout(t *testing.T) {
	t.Helper()
	must(w.s.Inspect.Seat(ctx, w.office, w.team.ID, inspection.SeatCmd{Person: w.people["组长甲"], Post: inspection.PostLeader}))(t)
	must(w.s.Inspect.Seat(ctx, w.office, w.team.ID, inspection.SeatCmd{Person: w.people["组员丙"], Post: inspection.PostMember}))(t)
	w.leader, w.inspector = w.sit(t, "组长甲"), w.sit(t, "组员丙")
}

func testProposalIsSeatedWholeOrNotAtAll(t *testing.T, w *world) {
	var cs []InspectorCmd
	for _, n := range []string{"组长甲", "组员乙", "组员丙", "豫人丁", "候补戊"} {
		cs = append(cs, InspectorCmd{Person: w.people[n], Unit: w.spp.Unit, Skills: []string{"party"}, Lead: n == "组长甲"})
	}
	check(t, w.s.AddInspectors(ctx, w.office, cs))
	platformtest.WantKind(t, "twice in the pool", w.s.AddInspectors(ctx, w.office, cs[:1]), fault.KindInvalid)
	platformtest.WantKind(t, "a stranger fills the pool", w.s.AddInspectors(ctx, w.head, cs[:1]), fault.KindNotFound)
	p := must(w.s.Propose(ctx, w.office, w.round.ID, ProposeCmd{Size: 4, Deputies: 1, Skills: []string{"party", "finance"}}))(t)
	if x := p.Teams[0]; len(x.Choices) != 4 || x.Passed[inspection.RecuseNative] != 1 || x.Choices[0].Name != "组长甲" || len(x.Lacks) != 1 || x.Lacks[0] != "finance" {
		t.Errorf("%+v", p.Teams[0])
	}
	n := must(w.s.Accept(ctx, w.office, w.round.ID, ProposeCmd{Size: 4, Deputies: 1}))(t)
	if n != 4 {
		t.Errorf("%d seats", n)
	}
	_, err := w.s.Accept(ctx, w.office, w.round.ID, ProposeCmd{Size: 4, Deputies: 1})
	platformtest.WantKind(t, "nobody left", err, fault.KindState)
}

func testProcedureOfAVisit(t *testing.T, w *world) {
	w.enter(t)
	for name, c := range map[string]ActCmd{"no body": {Kind: KindEnquiry, On: "2026-01-02"}, "other body": {Kind: KindEnquiry, Body: "neighbour", On: "2026-01-02"}, "no kind": {Kind: "party", On: "2026-01-02"},
		"future": {Kind: KindMobilise, On: "2026-05-01"}, "cut-off at the end": {Kind: KindNotice, On: "2026-01-06", Until: "2026-03-31", Text: "x"}, "waive the optional": {Kind: KindWaive, Body: KindTransfer, Text: "x"}} {
		_, err := w.s.Record(ctx, w.office, w.visit.ID, c)
		platformtest.WantKind(t, name, err, fault.KindInvalid)
	}
	a := must(w.s.Record(ctx, w.office, w.visit.ID, ActCmd{Kind: KindEnquiry, Body: "audit", On: "2026-03-02"}))(t)
	if a.State != ActAsked || a.Due != "2026-03-16" {
		t.Errorf("%+v", a)
	}
	_, err := w.s.Record(ctx, w.inspector, w.visit.ID, ActCmd{Kind: KindMobilise, On: "2026-01-04"})
	platformtest.WantKind(t, "a member records procedure", err, fault.KindNotFound)
	_, err = w.s.StepAct(ctx, w.office, a.ID, "answer", StepCmd{})
	platformtest.WantKind(t, "no answer", err, fault.KindInvalid)
	must(w.s.StepAct(ctx, w.office, a.ID, "answer", StepCmd{Text: "无"}))(t)
	_, err = w.s.StepAct(ctx, w.office, a.ID, "answer", StepCmd{Text: "又"})
	platformtest.WantKind(t, "twice", err, fault.KindState)
	_, err = w.s.StepAct(ctx, w.leader, a.ID, "void", StepCmd{Text: "x"})
	platformtest.WantKind(t, "the team strikes a record", err, fault.KindNotFound)
	must(w.s.Record(ctx, w.office, w.visit.ID, ActCmd{Kind: KindNotice, On: "2026-01-06", Until: "2026-03-24", Text: "渠道"}))(t)
}

func testRoundIsNotClosedWithoutItsRecords(t *testing.T, w *world) {
	r := inspection.Round{ID: w.round.ID, Unit: w.spp.Unit, Kind: inspection.KindRegular}
	w.enter(t)
	check(t, w.DB.Read(ctx, func(q dbQ) error {
		platformtest.WantKind(t, "nothing recorded", w.s.Guard(ctx, q, inspection.Event{Do: "round.close", Round: r}), fault.KindState)
		return nil
	}))
	for _, b := range Bodies() {
		must(w.s.Record(ctx, w.office, w.visit.ID, ActCmd{Kind: KindEnquiry, Body: b, On: "2026-01-02"}))(t)
	}
	if _, err := w.s.Record(ctx, w.office, w.visit.ID, ActCmd{Kind: KindAuditNotice, On: "2026-01-04", Text: "范围"}); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("a notice of audit in an inspection: %v", err)
	}
	for _, k := range kindsFor(r.Kind) {
		if k.Required && k.Key != KindEnquiry {
			must(w.s.Record(ctx, w.office, w.visit.ID, ActCmd{Kind: KindWaive, Body: k.Key, Text: "本次不适用", On: "2026-01-04"}))(t)
		}
	}
	check(t, w.DB.Read(ctx, func(q dbQ) error { return w.s.Guard(ctx, q, inspection.Event{Do: "round.close", Round: r}) }))
}

func testRequestToTheUnit(t *testing.T, w *world) {
	w.enter(t)
	x := must(w.s.Ask(ctx, w.inspector, w.visit.ID, RequestCmd{Title: "会议记录", Text: "三年", Due: "2026-03-05"}))(t)
	for name, a := range map[string]actor.Actor{"a stranger": w.stranger, "the auditor": platformtest.As("aud", actor.Auditor, w.spp)} {
		_, err := w.s.StepRequest(ctx, a, x.ID, "reply", StepCmd{Text: "x"}, nil)
		platformtest.WantKind(t, name, err, fault.KindNotFound)
	}
	_, err := w.s.StepRequest(ctx, w.liaison, x.ID, "accept", StepCmd{}, nil)
	platformtest.WantKind(t, "accept before a reply", err, fault.KindState)
	_, err = w.s.StepRequest(ctx, w.liaison, x.ID, "reply", StepCmd{}, nil)
	platformtest.WantKind(t, "an empty reply", err, fault.KindInvalid)
	e := RequestCmd{Title: "会议记录", Text: "五年", Due: "2026-03-09", Rev: x.Rev}
	x = must(w.s.EditRequest(ctx, w.inspector, x.ID, e))(t)
	_, err = w.s.EditRequest(ctx, w.inspector, x.ID, e)
	platformtest.WantKind(t, "an old revision", err, fault.KindConflict)
	x = must(w.s.StepRequest(ctx, w.liaison, x.ID, "reply", StepCmd{Text: "见附件"}, []FileIn{{"目录.txt", 6, strings.NewReader("目录")}}))(t)
	_, err = w.s.StepRequest(ctx, w.liaison, x.ID, "accept", StepCmd{}, nil)
	platformtest.WantKind(t, "the unit accepts", err, fault.KindNotFound)
	must(w.s.StepRequest(ctx, w.inspector, x.ID, "return", StepCmd{Text: "缺一年"}, nil))(t)
	x = must(w.s.StepRequest(ctx, w.liaison, x.ID, "reply", StepCmd{Text: "补齐"}, nil))(t)
	x = must(w.s.StepRequest(ctx, w.inspector, x.ID, "accept", StepCmd{}, nil))(t)
	var fs []File
	check(t, w.DB.Read(ctx, func(q dbQ) (err error) { fs, err = filesOf(ctx, q, x.ID); return err }))
	if len(fs) != 1 {
		t.Fatalf("%d files", len(fs))
	}
	_, _, err = w.s.Open(ctx, w.stranger, fs[0].ID)
	platformtest.WantKind(t, "a stranger opens the file", err, fault.KindNotFound)
	_, r, err := w.s.Open(ctx, w.liaison, fs[0].ID)
	check(t, err)
	b := must(io.ReadAll(r))(t)
	check(t, r.Close())
	if string(b) != "目录" {
		t.Errorf("%q", b)
	}
}

func testImmediateItemsHoldTheTeam(t *testing.T, w *world) {
	w.enter(t)
	_, err := w.s.Issue(ctx, w.leader, w.visit.ID, ImmediateCmd{Text: "入柜", Due: "2026-04-30"})
	platformtest.WantKind(t, "due after the end", err, fault.KindInvalid)
	x := must(w.s.Issue(ctx, w.leader, w.visit.ID, ImmediateCmd{Text: "入柜", Due: "2026-03-10"}))(t)
	leave := func() error {
		_, err := w.s.Inspect.MoveVisit(ctx, w.leader, w.visit.ID, "leave", inspection.MoveVisitCmd{On: "2026-03-02", Rev: w.visit.Rev})
		return err
	}
	platformtest.WantKind(t, "leave with an open item", leave(), fault.KindState)
	_, err = w.s.StepImmediate(ctx, w.liaison, x.ID, "sign", StepCmd{})
	platformtest.WantKind(t, "the liaison signs", err, fault.KindNotFound)
	must(w.s.StepImmediate(ctx, w.head, x.ID, "sign", StepCmd{}))(t)
	must(w.s.StepImmediate(ctx, w.liaison, x.ID, "report", StepCmd{Text: "已入柜"}))(t)
	must(w.s.StepImmediate(ctx, w.leader, x.ID, "return", StepCmd{Text: "附照片"}))(t)
	must(w.s.StepImmediate(ctx, w.liaison, x.ID, "report", StepCmd{Text: "照片附后"}))(t)
	must(w.s.StepImmediate(ctx, w.leader, x.ID, "close", StepCmd{}))(t)
	check(t, leave())
}

func testPapersBySecrecy(t *testing.T, w *world) {
	w.enter(t)
	open := w.paper(t, w.inspector, PaperCmd{Secrecy: Internal})
	closed := w.paper(t, w.inspector, PaperCmd{Secrecy: Confidential, Text: "来信内容"})
	_, err := w.s.AddPaper(ctx, w.inspector, w.visit.ID, PaperCmd{Kind: "files", Title: "x", Secrecy: "top_secret", On: "2026-01-06", Text: "x"}, nil)
	platformtest.WantKind(t, "top secret", err, fault.KindInvalid)
	may := func(who actor.Actor, p Paper) error {
		return w.DB.Read(ctx, func(q dbQ) error { _, err := w.s.paper(ctx, q, who, p.ID, "paper.read"); return err })
	}
	count := func(who actor.Actor) (n int) {
		check(t, w.DB.Read(ctx, func(q dbQ) error { ps, err := w.s.papers(ctx, q, who, w.visit.ID); n = len(ps); return err }))
		return n
	}
	for _, tc := range []struct {
		name         string
		who          actor.Actor
		open, closed bool
	}{{"author", w.inspector, true, true}, {"leader", w.leader, true, true}, {"peer", w.peer, true, false}, {"office", w.office, false, false}, {"boss", w.boss, false, false},
		{"head of the unit", w.head, false, false}, {"liaison", w.liaison, false, false}, {"discipline", w.discipline, false, false}} {
		want := 0
		for i, p := range []Paper{open, closed} {
			yes := []bool{tc.open, tc.closed}[i]
			if yes {
				want++
			}
			if err := may(tc.who, p); (err == nil) != yes {
				t.Errorf("%s reads the %s paper: %v", tc.name, p.Secrecy, err)
			}
		}
		if n := count(tc.who); n != want {
			t.Errorf("%s lists %d, want %d", tc.name, n, want)
		}
	}
	must(w.s.StepPaper(ctx, w.inspector, open.ID, "submit", StepCmd{}))(t)
	_, err = w.s.StepPaper(ctx, w.inspector, open.ID, "approve", StepCmd{})
	platformtest.WantKind(t, "a member approves", err, fault.KindNotFound)
	must(w.s.StepPaper(ctx, w.leader, open.ID, "approve", StepCmd{}))(t)
	if may(w.office, open) != nil {
		t.Error("the office does not read an approved paper")
	}
	own := w.paper(t, w.leader, PaperCmd{})
	must(w.s.StepPaper(ctx, w.leader, own.ID, "submit", StepCmd{}))(t)
	_, err = w.s.StepPaper(ctx, w.leader, own.ID, "approve", StepCmd{})
	platformtest.WantKind(t, "the leader approves his own", err, fault.KindState)
	_, err = w.s.EditPaper(ctx, w.inspector, open.ID, PaperCmd{Kind: "files", Title: "x", Secrecy: Internal, On: "2026-01-06", Text: "x", Rev: 3}, nil)
	platformtest.WantKind(t, "edit what was approved", err, fault.KindNotFound)
	var raw []byte
	check(t, w.DB.Read(ctx, func(q dbQ) error {
		return q.QueryRow(ctx, "SELECT sealed FROM fieldwork_paper WHERE id = $1", string(closed.ID)).Scan(&raw)
	}))
	if strings.Contains(string(raw), "来信内容") {
		t.Error("the text lies open in the database")
	}
}

func testReportLeadsToItsPapers(t *testing.T, w *world) {
	w.enter(t)
	w.paper(t, w.inspector, PaperCmd{})
	c := ReportCmd{Kind: ReportInspection, Title: "报告", Text: "记录不完整。〔底稿1〕执行不严。〔底稿9〕"}
	_, err := w.s.SaveReport(ctx, w.inspector, w.visit.ID, "", c)
	platformtest.WantKind(t, "a paper that is not there", err, fault.KindInvalid)
	c.Text = "记录不完整。〔底稿1〕执行不严。"
	x := must(w.s.SaveReport(ctx, w.inspector, w.visit.ID, "", c))(t)
	_, err = w.s.StepReport(ctx, w.leader, x.ID, "submit", StepCmd{})
	platformtest.WantKind(t, "a bare sentence without a reason", err, fault.KindInvalid)
	_, err = w.s.StepReport(ctx, w.inspector, x.ID, "submit", StepCmd{Text: "x"})
	platformtest.WantKind(t, "a member hands in", err, fault.KindNotFound)
	x = must(w.s.StepReport(ctx, w.leader, x.ID, "submit", StepCmd{Text: "综合判断"}))(t)
	if x.Bare != 1 {
		t.Errorf("%d bare", x.Bare)
	}
	_, err = w.s.StepReport(ctx, w.leader, x.ID, "approve", StepCmd{})
	platformtest.WantKind(t, "the team approves its report", err, fault.KindNotFound)
	_, err = w.s.StepReport(ctx, w.head, x.ID, "approve", StepCmd{})
	platformtest.WantKind(t, "the unit approves", err, fault.KindNotFound)
	must(w.s.StepReport(ctx, w.boss, x.ID, "approve", StepCmd{}))(t)
}

func testAClueLeavesOnlyItsNumber(t *testing.T, w *world) {
	w.enter(t)
	x := must(w.s.NoteClue(ctx, w.inspector, w.visit.ID, ClueCmd{Line: "discipline", Subject: "某人", Text: "宴请"}))(t)
	see := func(who actor.Actor) string {
		c, open, err := w.s.Clue(ctx, who, x.ID)
		switch {
		case err != nil:
			return "absent"
		case open && c.Text == "宴请":
			return "open"
		case c.Text == "" && c.Subject == "":
			return "number"
		}
		return fmt.Sprintf("leak %+v", c)
	}
	want := func(when string, m map[string]string) {
		t.Helper()
		for name, who := range map[string]actor.Actor{"inspector": w.inspector, "leader": w.leader, "office": w.office, "boss": w.boss, "head": w.head, "discipline": w.discipline, "stranger": w.stranger} {
			if got := see(who); got != m[name] {
				t.Errorf("%s: %s sees %s, want %s", when, name, got, m[name])
			}
		}
	}
	want("noted", map[string]string{"inspector": "open", "leader": "open", "office": "number", "boss": "number", "head": "absent", "discipline": "absent", "stranger": "absent"})
	_, err := w.s.StepClue(ctx, w.inspector, x.ID, "hand_over", StepCmd{})
	platformtest.WantKind(t, "a member hands over", err, fault.KindNotFound)
	must(w.s.StepClue(ctx, w.leader, x.ID, "hand_over", StepCmd{}))(t)
	want("handed over", map[string]string{"inspector": "number", "leader": "number", "office": "number", "boss": "number", "head": "absent", "discipline": "open", "stranger": "absent"})
	_, err = w.s.StepClue(ctx, w.leader, x.ID, "receive", StepCmd{Text: "1"})
	platformtest.WantKind(t, "the team takes in", err, fault.KindNotFound)
	_, err = w.s.StepClue(ctx, w.discipline, x.ID, "receive", StepCmd{})
	platformtest.WantKind(t, "without a number", err, fault.KindInvalid)
	must(w.s.StepClue(ctx, w.discipline, x.ID, "receive", StepCmd{Text: "纪2026-1"}))(t)
	want("taken in", map[string]string{"inspector": "number", "leader": "number", "office": "number", "boss": "number", "head": "absent", "discipline": "open", "stranger": "absent"})
}

// What went to one line does not exist for another: not its content, its number, its
// place in a list, nor a to-do.
func testEachLineHasItsOwnClues(t *testing.T, w *world) {
	w.enter(t)
	personnel := platformtest.As("personnel", actor.Personnel, w.spp)
	owner := map[string]actor.Actor{LineDiscipline: w.discipline, LineOrganisation: personnel, LinePublicity: personnel}
	for n, line := range ClueLines() {
		x := must(w.s.NoteClue(ctx, w.inspector, w.visit.ID, ClueCmd{Line: line, Subject: "某人", Text: "任职年限认定有误"}))(t)
		for _, who := range []actor.Actor{w.discipline, personnel} {
			_, _, err := w.s.Clue(ctx, who, x.ID)
			platformtest.WantKind(t, "before it is handed over", err, fault.KindNotFound)
		}
		must(w.s.StepClue(ctx, w.leader, x.ID, "hand_over", StepCmd{}))(t)
		for _, who := range []actor.Actor{w.discipline, personnel} {
			mine := who.Name == owner[line].Name
			listed, err := w.s.Clues(ctx, who, w.visit.ID)
			check(t, err)
			todo, err := w.s.todo(ctx, who)
			check(t, err)
			in := func(c Clue) bool { return c.ID == x.ID }
			waits := func(d web.Todo) bool { return d.Href == "/clues/"+string(x.ID) }
			c, open, err := w.s.Clue(ctx, who, x.ID)
			if slices.ContainsFunc(listed, in) != mine || slices.ContainsFunc(todo, waits) != mine || (err == nil) != mine || open != mine || mine && c.Text == "" {
				t.Errorf("%s of the line %s: listed %v, to do %v, open %v: %v", who.Name, line, slices.ContainsFunc(listed, in), slices.ContainsFunc(todo, waits), open, err)
			}
			if !mine {
				_, err = w.s.StepClue(ctx, who, x.ID, "receive", StepCmd{Text: "1"})
				platformtest.WantKind(t, "another line takes it in", err, fault.KindNotFound)
			}
		}
		must(w.s.StepClue(ctx, owner[line], x.ID, "receive", StepCmd{Text: fmt.Sprintf("收%d", n)}))(t)
	}
}

func testChecklistVersions(t *testing.T, w *world) {
	w.enter(t)
	c := ChecklistCmd{Theme: "财务", Unit: "最高人民检察院", Lines: "大额支出有依据吗 | 办法\n接待单据齐吗"}
	one := must(w.s.SaveChecklist(ctx, w.office, "", c))(t)
	must(w.s.StepChecklist(ctx, w.office, one.ID, "publish", StepCmd{}))(t)
	_, err := w.s.SaveChecklist(ctx, w.office, one.ID, c)
	platformtest.WantKind(t, "change what is published", err, fault.KindState)
	two := must(w.s.SaveChecklist(ctx, w.office, "", c))(t)
	var full Checklist
	check(t, w.DB.Read(ctx, func(q dbQ) (err error) { full, err = checklistByID(ctx, q, one.ID); return err }))
	if two.Version != 2 || len(full.Checks) != 2 || full.Checks[0].Basis != "办法" {
		t.Errorf("%+v %+v", two, full)
	}
	a := AnswerCmd{Check: full.Checks[0].ID, Result: "problem"}
	platformtest.WantKind(t, "an empty problem", w.s.AnswerCheck(ctx, w.inspector, w.visit.ID, a), fault.KindInvalid)
	a.Note = "三笔没有"
	check(t, w.s.AnswerCheck(ctx, w.inspector, w.visit.ID, a))
	a.Note = "四笔没有"
	check(t, w.s.AnswerCheck(ctx, w.inspector, w.visit.ID, a))
	platformtest.WantKind(t, "the unit answers", w.s.AnswerCheck(ctx, w.head, w.visit.ID, a), fault.KindNotFound)
	must(w.s.StepChecklist(ctx, w.office, two.ID, "publish", StepCmd{}))(t)
	platformtest.WantKind(t, "a retired question", w.s.AnswerCheck(ctx, w.inspector, w.visit.ID, a), fault.KindState)
	_, err = w.s.SaveChecklist(ctx, w.leader, "", c)
	platformtest.WantKind(t, "a team makes lists", err, fault.KindNotFound)
}
