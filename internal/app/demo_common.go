package app

import (
	"huikan/internal/inspection"
)

// commonProblems groups what the rounds found, confirms what is most common,
// and asks the sister units about it; one of them answers.
func (s *story) commonProblems() {
	s.do("common problems", func() error {
		office := s.as("office")
		if _, err := s.Inspection.FindProblems(s.ctx, office); err != nil {
			return err
		}
		ps, err := s.Inspection.ListProblems(s.ctx, office, inspection.ProblemProposed)
		if err != nil || len(ps) == 0 {
			return err
		}
		p, err := s.Inspection.DecideProblem(s.ctx, office, ps[0].ID, "confirm", inspection.ProblemCmd{Title: ps[0].Title})
		if err != nil {
			return err
		}
		_, _, err = s.Inspection.StartSweep(s.ctx, office, p.ID, inspection.SweepCmd{Question: "请对照该共性问题检查本单位近两年的情况，如实报告。", Levels: []string{"2"}, Due: s.today.AddDays(20),
			RectifyDays: "180", RectifySource: "自查通知（演示）"})
		return err
	})
	s.selfReport()
}

// selfReport lets a unit that was asked report the problem itself: it stands in the
// ledger with the milder date.
func (s *story) selfReport() {
	s.do("self-report", func() error {
		for _, p := range cast {
			who := s.as(p.login)
			checks, _, err := s.Inspection.SelfChecks(s.ctx, who)
			if err != nil {
				return err
			}
			for _, c := range checks {
				if c.Unit != who.Unit || c.State != inspection.CheckSent {
					continue
				}
				_, err := s.Inspection.Answer(s.ctx, who, c.ID, inspection.AnswerCmd{Answer: inspection.AnswerHave, Note: "对照检查近两年台账，发现同类情况2次，已责令立即停止。", Proof: "查阅近两年台账和审批单共86份，名单附后。", Rev: c.Rev})
				return err
			}
		}
		return nil
	})
}
