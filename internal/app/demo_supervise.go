package app

import (
	"huikan/internal/directive"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
)

// supervision tells how the deployment of [story.deployment] is followed: a form
// that recurs, a proposal that waits for its approval, an extension, a
// countersignature, a local wording in doubt, a quarter to reconcile.
func (s *story) supervision() {
	D := s.Directive
	s.day(-15)
	var n id.ID
	var reqs []directive.Requirement
	s.do("supervision: read", func() error {
		l, err := D.List(s.ctx, s.as("supervisor"), page.Query{Size: 20})
		if err != nil {
			return err
		}
		n = l.Rows[0].ID
		v, err := D.Get(s.ctx, s.as("supervisor"), n)
		reqs = v.Requirements
		return err
	})
	if s.err != nil {
		return
	}
	var tasks []directive.Task
	s.do("supervision: a form each month", func() (err error) {
		tasks, err = D.Assign(s.ctx, s.as("supervisor"), n, directive.AssignCmd{Requirements: []id.ID{reqs[0].ID}, Title: "按月报送未销号事项进展", Measure: "逐项填报，附进展说明", Due: s.today.AddDays(12), Kind: directive.KindLead, To: org.ToProvincial,
			Asks: "本月新销号项数\n仍未销号项数\n其中超期项数", Minutes: 20, Every: directive.EveryMonth})
		return err
	})
	s.do("supervision: proposal", func() error {
		_, err := D.Propose(s.ctx, s.as("supervisor"), n, directive.AssignCmd{Requirements: []id.ID{reqs[1].ID}, Title: "报送反弹问题倒查结果", Measure: "每一个反弹问题一份倒查说明，附责任认定", Due: s.today.AddDays(40), Kind: directive.KindLead, To: org.ToProvincial,
			Asks: "反弹问题数\n超期项数", Minutes: 30})
		return err
	})
	for _, t := range tasks {
		switch t.Unit {
		case s.as("unit").Unit:
			s.do("supervision: below", func() error {
				if err := D.Step(s.ctx, s.as("unit"), t.ID, "sign", directive.StepCmd{}, nil); err != nil {
					return err
				}
				below, err := D.BreakDown(s.ctx, s.as("unit"), t.ID, directive.AssignCmd{Title: "报送重点事项进展", Measure: "原则上每月选取部分事项报送", Due: t.Due.AddDays(-3), Kind: directive.KindLead, To: org.ToChildren})
				if err == nil {
					err = s.countyDesk(below)
				}
				if err != nil {
					return err
				}
				return D.Extend(s.ctx, s.as("unit"), t.ID, directive.ExtendCmd{To: t.Due.AddDays(10), Text: "两个市的数据正在核对"})
			})
		case s.as("unit2").Unit:
			s.do("supervision: countersignature", func() error {
				if err := D.Step(s.ctx, s.as("unit2"), t.ID, "sign", directive.StepCmd{}, nil); err != nil {
					return err
				}
				_, err := D.AskCosign(s.ctx, s.as("unit2"), t.ID, directive.UnitCmd{Unit: "河南省人民检察院", Text: "两省共同承办的三项，已按双方台账核对一致，请会签。"})
				return err
			})
		case s.as("unit4").Unit:
			s.do("supervision: report", func() error {
				if err := D.Step(s.ctx, s.as("unit4"), t.ID, "sign", directive.StepCmd{}, nil); err != nil {
					return err
				}
				return D.Step(s.ctx, s.as("unit4"), t.ID, "report", directive.StepCmd{Text: "本月进展已填报。", Answers: map[string]string{"本月新销号项数": "6", "仍未销号项数": "11", "其中超期项数": "1"}}, nil)
			})
		}
	}
	s.day(0)
	s.do("supervision: quarter", func() error {
		_, err := D.OpenQuarter(s.ctx, s.as("supervisor"), directive.Quarter(s.today.AddDays(-3)))
		return err
	})
	s.do("supervision: reminders", func() error { _, err := D.Remind(s.ctx); return err })
}

// countyDesk brings a task to the fourth level, where a county reports on it; its city
// has not reviewed the report yet.
func (s *story) countyDesk(tasks []directive.Task) error {
	D := s.Directive
	for _, t := range tasks {
		if t.Unit != s.as("city").Unit {
			continue
		}
		if err := D.Step(s.ctx, s.as("city"), t.ID, "sign", directive.StepCmd{}, nil); err != nil {
			return err
		}
		below, err := D.BreakDown(s.ctx, s.as("city"), t.ID, directive.AssignCmd{Title: "核对本院整改事项并报送进展", Measure: "逐项核对未销号事项，附责任人和完成时限", Due: t.Due.AddDays(-3), Kind: directive.KindLead, To: org.ToUnits, Units: "新乡市卫滨区人民检察院"})
		if err != nil {
			return err
		}
		for _, x := range below {
			if err := D.Step(s.ctx, s.as("county"), x.ID, "sign", directive.StepCmd{}, nil); err != nil {
				return err
			}
			if err := D.Step(s.ctx, s.as("county"), x.ID, "report", directive.StepCmd{Text: "本院未销号事项两项，均已明确责任人，年底前完成。"}, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
