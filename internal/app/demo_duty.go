package app

import (
	"huikan/internal/duty"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
)

// responsibility tells how a scheme comes into force, who answers for what in
// one province, and how its assessment is served and objected to.
func (s *story) responsibility() {
	D := s.Duty
	s.day(-9)
	var scheme id.ID
	s.do("scheme", func() error {
		x, err := D.Draft(s.ctx, s.as("oversight"))
		if err != nil {
			return err
		}
		scheme = x.ID
		if err := D.SubmitScheme(s.ctx, s.as("oversight"), scheme, 0); err != nil {
			return err
		}
		return D.ApproveScheme(s.ctx, s.as("leader"), scheme, 0)
	})
	s.do("holders", func() error {
		for _, h := range []duty.HolderCmd{
			{Kind: "first", Person: "周明远", Scope: "巡视整改第一责任人"},
			{Kind: "direct", Person: "孙海宁", Scope: "部署任务的分解、督办和复核"},
			{Kind: "supervisory", Person: "宋文博", Scope: "检务督察、重大事项记录报告和警示教育"},
		} {
			h.From = s.today.AddDays(-300)
			if _, err := D.SetHolder(s.ctx, s.as("oversight"), h); err != nil {
				return err
			}
		}
		for _, h := range []duty.HolderCmd{
			{Kind: "principal", Person: "梁建军", Scope: "党组管党治检总体责任，每季度研究一次"},
			{Kind: "first", Person: "梁建军", Scope: "巡视整改第一责任人"},
			{Kind: "direct", Person: "马春燕", Scope: "整改台账、督办事项的日常办理"},
			{Kind: "supervisory", Person: "许昌平", Scope: "检务督察和重大事项记录报告"},
		} {
			h.From = s.today.AddDays(-300)
			if _, err := D.SetHolder(s.ctx, s.as("unit"), h); err != nil {
				return err
			}
		}
		return nil
	})
	s.day(-8)
	s.do("assessments", func() error {
		if _, err := D.Draw(s.ctx, s.as("oversight"), scheme, duty.DrawCmd{To: "units", Units: "河南省人民检察院、湖北省人民检察院、四川省人民检察院、浙江省人民检察院", From: s.today.AddDays(-400), Until: s.today.AddDays(-9)}); err != nil {
			return err
		}
		list, _, err := D.List(s.ctx, s.as("oversight"), page.Query{Size: 20})
		if err != nil {
			return err
		}
		for _, a := range list {
			if a.Unit != s.as("unit").Unit {
				continue
			}
			if err := D.Serve(s.ctx, s.as("oversight"), a.ID, 0); err != nil {
				return err
			}
			if err := D.Object(s.ctx, s.as("unithead"), a.ID, "公务用车台账一项的整改期限曾由贵院同意顺延，请核实是否应按顺延后的期限计算。", 0); err != nil {
				return err
			}
		}
		return nil
	})
	s.day(0)
}
