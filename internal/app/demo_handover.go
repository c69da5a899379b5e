package app

import (
	"huikan/internal/notice"
	"huikan/internal/org"
)

// mergedUnit tells of a county that is merged into its neighbour while a circular
// waits for its study: what is open goes to the successor.
func (s *story) mergedUnit() {
	const county, neighbour = "新乡市凤泉区人民检察院", "新乡市卫滨区人民检察院"
	s.day(-13)
	s.do("merged unit", func() error {
		office := s.as("oversight3")
		n, err := s.Notice.Create(s.ctx, office, notice.Cmd{Kind: notice.KindStatistic, Number: "豫检督〔2026〕2号", Title: "关于基层院整改台账登记情况的通报", Editor: "许昌平",
			Body: "部分基层院整改台账登记不及时。\n请逐项补登，并在党组会议上学习。", PublicTitle: "整改台账登记情况", PublicBody: "部分基层院整改台账登记不及时，已要求补登。"})
		if err != nil {
			return err
		}
		if err := s.Notice.Submit(s.ctx, office, n.ID, 0); err != nil {
			return err
		}
		if err := s.Notice.Approve(s.ctx, s.as("leader2"), n.ID, 0); err != nil {
			return err
		}
		if _, err := s.Notice.Issue(s.ctx, office, n.ID, notice.IssueCmd{To: org.ToUnits, Units: county}); err != nil {
			return err
		}
		d := s.day(-10)
		u, _ := s.Org.Directory().ByName(county)
		if err := s.Org.Close(s.ctx, s.as("personnel"), u.ID, org.CloseUnitCmd{Rev: u.Rev, On: d, Into: neighbour, Reason: "行政区划调整"}); err != nil {
			return err
		}
		_, err = s.Org.HandOver(s.ctx, s.as("personnel"), u.ID, org.HandoverCmd{Reason: "行政区划调整，未办结事项由承接院办理"})
		return err
	})
}
