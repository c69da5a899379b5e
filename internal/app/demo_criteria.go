package app

import (
	"fmt"

	"huikan/internal/inspection"
	"huikan/internal/kernel/id"
)

// criteria keeps made-up house rules of the demonstration as articles that
// findings stand on, one of them in two versions.
func (s *story) criteria() {
	s.articles = map[string]id.ID{}
	keep := func(cmd inspection.CriterionCmd) (c inspection.Criterion) {
		s.do("criterion", func() (err error) { c, err = s.Inspection.KeepCriterion(s.ctx, s.as("office"), cmd); return err })
		return c
	}
	first := keep(inspection.CriterionCmd{Document: "党组工作规则（试行）", Article: "第十二条", Text: "“第一议题”学习后，应当研究贯彻措施。", From: s.today.AddDays(-1500)})
	now := keep(inspection.CriterionCmd{Replaces: first.ID, Document: "党组工作规则", Article: "第十四条", Text: "“第一议题”学习后，应当研究贯彻措施，明确责任部门和完成时限，并在三个月内检查落实情况。", From: s.today.AddDays(-500)})
	s.articles[problems[0].basis] = now.ID
	car := keep(inspection.CriterionCmd{Document: "公务用车使用管理规定", Article: "第九条", Text: "派车审批与费用报销不得由同一人经办，行驶里程按月核对。", From: s.today.AddDays(-900)})
	for _, p := range problems {
		if p.aspect == "公务用车" {
			s.articles[p.basis] = car.ID
		}
	}
}

// manifestations of a made-up problem, one a line, counted for themselves.
func (p problem) manifestations(n int) string {
	if !p.common {
		return ""
	}
	return fmt.Sprintf("没有书面记录|%d\n有记录，没有责任人|%d", 2+n%5, 1+n%3)
}
