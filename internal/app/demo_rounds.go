package app

import (
	"fmt"
	"time"

	"huikan/hantext"
	"huikan/internal/directive"
	"huikan/internal/inspection"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/lookback"
	"huikan/internal/org"
	"huikan/internal/platform/db"
	"huikan/internal/rectification"
)

// round makes a round with teams that visit units.
func (s *story) round(term id.ID, no int, name, kind string, start clock.Date, teams []teamPlan) (r inspection.Round, visits []inspection.Visit, seats []inspection.Team) {
	s.do("round "+name, func() (err error) {
		r, err = s.Inspection.CreateRound(s.ctx, s.as("office"), inspection.RoundCmd{Term: term, No: no, Name: name, Kind: kind, Start: start, End: start.AddDays(60),
			RectifyMonths: 6, RectifySource: "本轮反馈意见（演示）", SeatsMin: 2, SeatsMax: 7, SeatsSource: "本轮工作方案（演示）：小组工作，每组至少二人"})
		return err
	})
	for _, t := range teams {
		s.do("team "+t.name, func() error {
			team, err := s.Inspection.AddTeam(s.ctx, s.as("office"), r.ID, t.name)
			if err != nil {
				return err
			}
			seats = append(seats, team)
			for i, login := range t.members {
				post := inspection.PostMember
				if i == 0 {
					post = inspection.PostLeader
				}
				if _, err := s.Inspection.Seat(s.ctx, s.as("office"), team.ID, inspection.SeatCmd{Person: s.ids[login], Post: post, From: start}); err != nil {
					return err
				}
			}
			for _, unit := range t.units {
				v, err := s.Inspection.AddVisit(s.ctx, s.as("office"), r.ID, inspection.VisitCmd{Unit: unit, Team: team.ID})
				if err != nil {
					return err
				}
				visits = append(visits, v)
			}
			return nil
		})
	}
	s.authorise(seats)
	return r, visits, seats
}

type teamPlan struct {
	name    string
	members []string // the first leads
	units   []string
}

func (s *story) read(fn func(q db.Q) error) error { return s.DB.Read(s.ctx, fn) }

func (s *story) visit(n id.ID) (v inspection.Visit, err error) {
	err = s.read(func(q db.Q) (err error) { v, err = inspection.VisitByID(s.ctx, q, n); return err })
	return v, err
}

func (s *story) advance(round id.ID, do string) {
	s.do("round: "+do, func() error {
		var r inspection.Round
		if err := s.read(func(q db.Q) (err error) { r, err = inspection.RoundByID(s.ctx, q, round); return err }); err != nil {
			return err
		}
		_, err := s.Inspection.AdvanceRound(s.ctx, s.as("office"), round, do, r.Rev)
		return err
	})
}

func (s *story) move(visit id.ID, do string, on clock.Date) {
	s.do("visit: "+do, func() error {
		v, err := s.visit(visit)
		if err != nil {
			return err
		}
		_, err = s.Inspection.MoveVisit(s.ctx, s.as("office"), visit, do, inspection.MoveVisitCmd{On: on, Rev: v.Rev})
		return err
	})
}

// finding registers the n-th made-up problem at a visit.
func (s *story) finding(visit inspection.Visit, inspector string, n int) (f inspection.Finding) {
	p := problems[n%len(problems)]
	scope := "individual"
	if p.common {
		scope = "common"
	}
	s.do("finding", func() (err error) {
		f, err = s.Inspection.AddFinding(s.ctx, s.as(inspector), inspection.AddFindingCmd{Visit: visit.ID, Category: p.category, Class: s.classNames[p.aspect], Aspect: p.aspect, Title: p.title, Fact: p.factOf(n),
			Basis: p.basis, Criterion: s.articles[p.basis], Manifestations: p.manifestations(n), Cause: p.cause, Consequence: p.result, Severity: p.severity, Scope: scope, Origin: "inspection"})
		return err
	})
	return f
}

func (s *story) decide(login string, f inspection.Finding, do, reason string) {
	s.do("finding: "+do, func() error {
		var now inspection.Finding
		if err := s.read(func(q db.Q) (err error) { now, err = inspection.FindingByID(s.ctx, q, f.ID); return err }); err != nil {
			return err
		}
		_, err := s.Inspection.Decide(s.ctx, s.as(login), f.ID, do, inspection.DecideCmd{Reason: reason, Rev: now.Rev})
		return err
	})
}

func (s *story) feedBack(visit id.ID, on clock.Date) {
	s.do("feedback", func() error {
		v, err := s.visit(visit)
		if err != nil {
			return err
		}
		_, _, err = s.Inspection.FeedBack(s.ctx, s.as("office"), visit, inspection.FeedBackCmd{On: on, Rev: v.Rev})
		return err
	})
}

// firstRound is over: found, fed back, rectified, and mostly closed.
func (s *story) firstRound() {
	start := s.day(-400)
	var term inspection.Term
	s.do("term", func() (err error) {
		term, err = s.Inspection.CreateTerm(s.ctx, s.as("office"), inspection.CreateTermCmd{No: 1, Name: "本届党组任期（演示）", Unit: "最高人民检察院", Start: start, End: start.AddDays(1800)})
		return err
	})
	s.day(-395)
	r, visits, _ := s.round(term.ID, 1, "第一轮巡视", inspection.KindRegular, s.today.AddDays(-395), []teamPlan{
		{"第一巡视组", []string{"teamleader", "inspector", "inspector2"}, []string{"河南省人民检察院", "湖北省人民检察院"}},
		{"第二巡视组", []string{"teamleader2", "inspector3"}, []string{"四川省人民检察院"}}})
	liaison := []string{"unit", "unit2", "unit3"}
	by := [][2]string{{"inspector", "teamleader"}, {"inspector2", "teamleader"}, {"inspector3", "teamleader2"}}
	on := s.day(-385)
	s.advance(r.ID, "enter")
	for _, v := range visits {
		s.move(v.ID, "enter", on)
	}
	s.day(-350)
	found := map[int][]inspection.Finding{}
	for i, v := range visits {
		for k := range 7 {
			f := s.finding(v, by[i][0], i*5+k)
			s.decide(by[i][0], f, "submit", "")
			s.decide(by[i][1], f, "confirm", "")
			found[i] = append(found[i], f)
		}
	}
	on = s.day(-330)
	for _, v := range visits {
		s.move(v.ID, "leave", on)
	}
	s.advance(r.ID, "report")
	on = s.day(-300)
	s.advance(r.ID, "feed_back")
	for _, v := range visits {
		s.feedBack(v.ID, on)
	}
	s.advance(r.ID, "rectify")
	s.day(-295)
	for i, list := range found {
		for _, f := range list {
			s.decide(liaison[i], f, "accept", "")
		}
	}
	n := 0
	for i := range visits {
		for k, f := range found[i] {
			s.rectify(liaison[i], f, i*5+k, n)
			n++
		}
	}
	s.day(-90)
	s.advance(r.ID, "follow_up")
	s.folders(r.ID)
	s.asides(r.ID)
}

// rectify works an item as far as fate says: most are closed, some returned,
// some wait for review, some are overdue.
func (s *story) rectify(login string, f inspection.Finding, problemNo, fate int) {
	p := problems[problemNo%len(problems)]
	var item rectification.Item
	read := func() {
		s.do("item", func() error {
			return s.read(func(q db.Q) (err error) { item, err = rectification.ItemOfFinding(s.ctx, q, f.ID); return err })
		})
	}
	step := func(what string, fn func() error) { read(); s.do("item: "+what, fn) }
	R := s.Rectification
	s.day(-290)
	step("claim", func() error {
		return R.Claim(s.ctx, s.as(login), rectification.ClaimCmd{Items: []id.ID{item.ID}, Rev: item.Rev})
	})
	step("plan", func() error {
		return R.Plan(s.ctx, s.as(login), item.ID, rectification.PlanCmd{Lead: "分管副检察长", Department: "办公室", Root: p.cause, Goal: p.system, Similar: "对同类事项开展自查。", Rules: p.system, Rev: item.Rev})
	})
	var measures []id.ID
	for _, m := range [][2]string{{p.symptom, "symptom"}, {p.system, "system"}, {p.root, "source"}} {
		if m[1] == "source" && fate%4 == 3 {
			continue // some never go to the source
		}
		step("measure", func() error {
			x, err := R.AddMeasure(s.ctx, s.as(login), item.ID, rectification.MeasureCmd{Text: m[0], Kind: m[1], Responsible: "办公室主任", Department: "办公室", Due: s.today.AddDays(-140)})
			measures = append(measures, x.ID)
			return err
		})
	}
	step("submit plan", func() error { return R.SubmitPlan(s.ctx, s.as(login), item.ID, item.Rev) })
	s.day(-280)
	step("approve plan", func() error {
		return R.ApprovePlan(s.ctx, s.as("reviewer"), item.ID, rectification.DecideCmd{Opinion: "措施可行，注意源头治理。", Rev: item.Rev})
	})
	on := s.day(-220)
	step("progress", func() error {
		return R.Report(s.ctx, s.as(login), item.ID, rectification.ProgressCmd{On: on, Text: "已" + p.symptom + "，制度修订稿征求意见中。", Claimed: rectification.InProgress, ClaimedWord: "正在整改"})
	})
	if fate%6 == 5 {
		return // still at work, overdue by now
	}
	s.day(-170)
	step("evidence", func() error {
		text := fmt.Sprintf("关于“%s”问题的整改情况说明\n\n一、%s。\n二、%s。\n三、%s。\n", p.title, p.symptom, p.system, p.root)
		_, err := R.HandIn(s.ctx, s.as(login), item.ID, rectification.EvidenceCmd{Note: "整改情况说明", Dated: s.today.AddDays(-175)},
			[]rectification.FileIn{{Name: fmt.Sprintf("整改情况说明-%s.txt", item.No), Size: int64(len(text)), R: bytesReader(text)}})
		return err
	})
	step("apply", func() error {
		return R.Apply(s.ctx, s.as(login), item.ID, rectification.ApplyCmd{Statement: p.statement(), Measures: measures, Claimed: rectification.Done, ClaimedWord: "已完成", Rev: item.Rev})
	})
	if fate%6 == 4 {
		return // waits for review
	}
	s.day(-155 + fate%9)
	s.clock.set(s.clock.Now().Add(time.Duration(fate) * time.Minute))
	step("read evidence", func() error { return s.openEvidence("reviewer", item.ID) })
	if fate%7 == 6 {
		step("return", func() error {
			return R.Return(s.ctx, s.as("reviewer"), item.ID, rectification.DecideCmd{Reasons: []string{rectification.Reasons()[0]}, Opinion: "请补充制度文本和执行记录。", Rev: item.Rev})
		})
		return
	}
	s.clock.set(s.clock.Now().Add(time.Duration(15+fate*11%70) * time.Second))
	step("close", func() error {
		borne, err := s.claims(item.ID)
		if err != nil {
			return err
		}
		return R.Close(s.ctx, s.as("reviewer"), item.ID, rectification.DecideCmd{Opinion: "同意销号。", Borne: borne, Rev: item.Rev})
	})
}

// lookbackRound re-verifies what the first round closed; it is under way.
func (s *story) lookbackRound() {
	s.day(-75)
	var terms []inspection.Term
	s.do("terms", func() error {
		return s.read(func(q db.Q) (err error) { terms, err = inspection.Terms(s.ctx, q); return err })
	})
	if s.err != nil {
		return
	}
	r, _, seats := s.round(terms[0].ID, 2, "第一轮巡视“回头看”", inspection.KindLookback, s.today.AddDays(-75), []teamPlan{
		{"回头看组", []string{"lookleader", "lookback"}, []string{"河南省人民检察院", "湖北省人民检察院", "四川省人民检察院"}}})
	s.advance(r.ID, "enter")
	s.day(-60)
	var l lookback.Lookback
	L := s.Lookback
	s.do("look-back: plan", func() (err error) {
		l, err = L.Plan(s.ctx, s.as("office"), lookback.PlanCmd{Round: r.ID, Name: "第一轮巡视销号事项核查", Units: "河南省人民检察院\n湖北省人民检察院\n四川省人民检察院", From: s.today.AddDays(-400), To: s.today.AddDays(-70), Size: 8, RiskShare: 50})
		return err
	})
	s.do("look-back: commit", func() (err error) {
		l, err = L.Commit(s.ctx, s.as("office"), l.ID, lookback.CommitCmd{})
		return err
	})
	s.day(-55)
	s.do("look-back: reveal", func() (err error) {
		l, err = L.Reveal(s.ctx, s.as("office"), l.ID, lookback.RevealCmd{})
		return err
	})
	var samples []lookback.Sample
	s.do("look-back: sample", func() error {
		return s.read(func(q db.Q) (err error) { samples, err = lookback.SamplesOf(s.ctx, q, l.ID); return err })
	})
	verdicts := []string{rectification.Held, rectification.Held, rectification.Paper, rectification.Held, rectification.Partly, rectification.Relapsed}
	effects := []string{lookback.EffectClear, lookback.EffectSome, lookback.EffectNone, lookback.EffectClear, lookback.EffectSome, lookback.EffectLittle}
	for i, x := range samples {
		s.do("look-back: assign", func() error {
			return L.Assign(s.ctx, s.as("office"), x.ID, lookback.AssignCmd{Team: seats[0].ID})
		})
		if i >= len(verdicts) {
			continue
		}
		s.day(-40 + i)
		s.tests(x, verdicts[i])
		s.do("look-back: judge", func() error {
			return L.Judge(s.ctx, s.as("lookback"), x.ID, lookback.JudgeCmd{Verdict: verdicts[i], Effect: effects[i], Methods: []string{lookback.Methods()[1], lookback.Methods()[2]},
				Reason: "调阅制度执行记录并随机询问三名干警，与销号材料对照。", Asked: "办公室工作人员", Note: "能够说明制度内容和最近一次执行情况。"}, nil)
		})
		if i < 4 {
			s.do("look-back: confirm", func() error { return L.Confirm(s.ctx, s.as("lookleader"), x.ID, 0) })
		}
		if i == 1 {
			s.lookbackReport(l, "关于“回头看”进展情况的报告", "请各核查组按计划完成其余事项。")
		}
	}
}

// lookbackReport freezes the numbers of a look-back as they are on the day.
func (s *story) lookbackReport(l lookback.Lookback, title, opinion string) {
	s.do("look-back: report", func() error {
		_, err := s.Lookback.MakeReport(s.ctx, s.as("office"), l.ID, lookback.ReportCmd{Title: title, Opinion: opinion})
		return err
	})
}

// runningRound is under way: one unit was fed back last week, another is being
// inspected.
func (s *story) runningRound() {
	s.day(-45)
	var terms []inspection.Term
	s.do("terms", func() error {
		return s.read(func(q db.Q) (err error) { terms, err = inspection.Terms(s.ctx, q); return err })
	})
	if s.err != nil {
		return
	}
	r, visits, _ := s.round(terms[0].ID, 3, "第二轮巡视", inspection.KindRegular, s.today.AddDays(-45), []teamPlan{
		{"第三巡视组", []string{"teamleader", "inspector", "inspector2"}, []string{"浙江省人民检察院", "江西省人民检察院"}}})
	on := s.day(-40)
	s.advance(r.ID, "enter")
	for _, v := range visits {
		s.move(v.ID, "enter", on)
	}
	s.day(-25)
	for k := range 4 {
		f := s.finding(visits[0], "inspector", 3+k)
		s.decide("inspector", f, "submit", "")
		s.decide("teamleader", f, "confirm", "")
	}
	on = s.day(-15)
	s.move(visits[0].ID, "leave", on)
	on = s.day(-7)
	s.feedBack(visits[0].ID, on)
	s.day(-3)
	for k := range 5 {
		f := s.finding(visits[1], "inspector2", 8+k)
		if k > 1 {
			s.decide("inspector2", f, "submit", "")
		}
		if k > 3 {
			s.decide("teamleader", f, "confirm", "")
		}
	}
}

// provenTasks are those that were reported and found true.
var provenTasks = []struct {
	plan                 int
	login, report, found string
}{
	{0, "unit2", "共核对未销号事项9项，逐项写明责任人和完成时限，其中2项调整了责任人。", "抽查3项，与台账一致。"},
	{0, "unit5", "共核对未销号事项4项，清单已报。", "与台账逐项比对，一致。"},
	{1, "unit4", "反弹问题1个，已倒查到责任部门和责任人，说明附后。", "调阅会议记录和考核通报，属实。"},
}

// deployment is a meeting's report with its tasks.
func (s *story) deployment() {
	s.day(-20)
	D := s.Directive
	var res directive.Result
	s.do("directive", func() error {
		a, err := hantext.Clean([]byte(meetingReport))
		if err != nil {
			return err
		}
		res, err = D.Import(s.ctx, s.as("supervisor"), a, false)
		return err
	})
	s.do("directive: confirm", func() error { return D.Confirm(s.ctx, s.as("supervisor"), res.Directive.ID, 0) })
	var v directive.View
	s.do("directive: read", func() (err error) {
		v, err = D.Get(s.ctx, s.as("supervisor"), res.Directive.ID)
		return err
	})
	if s.err != nil {
		return
	}
	for i, plan := range []struct {
		title, measure, to string
		due                int
	}{
		{"逐项核对未销号事项", "报送未销号事项清单，逐项列明责任人和完成时限", org.ToProvincial, 25},
		{"倒查反弹问题整改责任", "对每一个反弹问题报送倒查说明", org.ToProvincial, -3},
		{"汇编整改中形成的制度", "报送制度目录及文本", org.ToProvincial, 60},
	} {
		s.do("directive: assign", func() error {
			tasks, err := D.Assign(s.ctx, s.as("supervisor"), res.Directive.ID, directive.AssignCmd{Requirements: []id.ID{v.Requirements[i%len(v.Requirements)].ID},
				Title: plan.title, Measure: plan.measure, Due: s.today.AddDays(max(plan.due, -3)), Kind: directive.KindLead, To: plan.to})
			if err != nil || i > 1 {
				return err
			}
			for _, t := range tasks {
				for _, x := range provenTasks {
					if x.plan != i || t.Unit != s.as(x.login).Unit {
						continue
					}
					if err := D.Step(s.ctx, s.as(x.login), t.ID, "sign", directive.StepCmd{}, nil); err != nil {
						return err
					}
					if err := D.Step(s.ctx, s.as(x.login), t.ID, "report", directive.StepCmd{Text: x.report}, nil); err != nil {
						return err
					}
					if err := D.Step(s.ctx, s.as("supervisor"), t.ID, "accept", directive.StepCmd{Text: x.found}, nil); err != nil {
						return err
					}
				}
				if t.Unit == s.as("unit").Unit {
					if err := D.Step(s.ctx, s.as("unit"), t.ID, "sign", directive.StepCmd{}, nil); err != nil {
						return err
					}
					if i == 0 {
						return D.Step(s.ctx, s.as("unit"), t.ID, "report", directive.StepCmd{Text: "共核对未销号事项14项，已逐项明确责任人和时限，清单附后。"}, nil)
					}
				}
			}
			return nil
		})
	}
	s.day(0)
}
