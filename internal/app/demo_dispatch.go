package app

import (
	"huikan/internal/directive"
	"huikan/internal/kernel/page"
)

// dispatching tells of a weekly sheet that was sent last week and answered by one
// office, of this week's that waits, and of the month's, from which a circular can be drafted.
func (s *story) dispatching() {
	D := s.Directive
	s.day(-7)
	s.do("dispatch: last week", func() error {
		if _, err := D.Dispatches(s.ctx); err != nil {
			return err
		}
		l, err := D.DispatchList(s.ctx, s.as("supervisor"), page.Query{Size: 20})
		if err != nil {
			return err
		}
		for _, d := range l.Rows {
			if d.Kind != directive.DispatchWeek {
				continue
			}
			if err := D.DispatchStep(s.ctx, s.as("supervisor"), d.ID, "send", directive.StepCmd{Text: "逾期和退回的事项请于本周五前说明原因和完成时间。"}); err != nil {
				return err
			}
		}
		return nil
	})
	s.day(-5)
	s.do("dispatch: an answer", func() error {
		l, err := D.PartList(s.ctx, s.as("unit"), page.Query{Size: 20, Filter: map[string][]string{"state": {directive.PartAsked}}})
		if err != nil || len(l.Rows) == 0 {
			return err
		}
		return D.PartStep(s.ctx, s.as("unit"), l.Rows[0].ID, "answer", directive.StepCmd{Text: "两个市院材料未报齐，已逐一催办，本月25日前补报。"})
	})
	s.day(0)
	s.do("dispatch: this week", func() error { _, err := D.Dispatches(s.ctx); return err })
	s.do("dispatch: the month", func() error {
		who := s.as("supervisor")
		d, err := D.MakeDispatch(s.ctx, who, directive.DispatchCmd{Month: string(s.today.AddDays(-3))[:7]})
		if err != nil {
			return err
		}
		return D.DispatchStep(s.ctx, who, d.ID, "send", directive.StepCmd{})
	})
}
