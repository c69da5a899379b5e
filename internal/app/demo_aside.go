package app

import (
	"slices"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/rectification"
)

// asides sets one item of the first round aside because events overtook it, has
// the deviation of another accepted until a day, and leaves a third request
// waiting for the leader above.
func (s *story) asides(round id.ID) {
	s.day(-75)
	R := s.Rectification
	asks := []struct {
		kind, ground, reason, proof, judge string
		days                               int
	}{
		{rectification.StateOvertaken, "rule_changed", "所依据的内部规定已废止，新规定不再要求设置该登记簿，相关内容由统一业务系统自动留痕。", "关于废止部分内部规定的通知.txt", "reviewer", 0},
		{rectification.StateAccepted, "waits_above", "系统接口由上级统一改造，改造完成前由专人每周人工比对一次并留存记录。", "系统改造计划.txt", "leader", 150},
		{rectification.StateAccepted, "proceedings", "涉案款项的诉讼程序尚未终结，暂不能处置；期间专户存放、逐月对账。", "诉讼进展说明.txt", "", 90},
	}
	n := 0
	for _, login := range []string{"unit2", "unit3", "unit"} {
		var items []rectification.Item
		s.do("aside: items", func() error {
			return s.read(func(q db.Q) (err error) {
				items, err = rectification.ItemsOf(s.ctx, q, round, s.as(login).Unit)
				return err
			})
		})
		at := slices.IndexFunc(items, func(i rectification.Item) bool { return i.State == rectification.StateRectifying })
		if at < 0 || n == len(asks) {
			continue
		}
		a, item := asks[n], items[at].ID
		n++
		s.do("aside: ask", func() error {
			made, err := R.HandIn(s.ctx, s.as(login), item, rectification.EvidenceCmd{Dated: s.today.AddDays(-76)}, []rectification.FileIn{{Name: a.proof, Size: int64(len(a.reason)), R: bytesReader(a.reason)}})
			if err != nil {
				return err
			}
			c := rectification.AsideCmd{Kind: a.kind, Ground: a.ground, Reason: a.reason, Evidence: []id.ID{made[0].ID}}
			if a.days > 0 {
				c.Until = s.today.AddDays(a.days)
			}
			return R.AskAside(s.ctx, s.as(login), item, c)
		})
		if a.judge == "" {
			continue
		}
		s.do("aside: decide", func() error {
			if err := s.openEvidence(a.judge, item); err != nil {
				return err
			}
			return R.JudgeAside(s.ctx, s.as(a.judge), item, rectification.JudgeAsideCmd{Grant: true, Opinion: "情况属实。"})
		})
	}
}
