package app

import (
	"huikan/internal/fieldwork"
	"huikan/internal/inspection"
	"huikan/internal/platform/db"
)

// audit is an internal audit of one unit by the same office (内部审计, I-22): a round of
// its own kind with the notice to the unit, whose two findings went to the ledger. It
// covers nobody.
func (s *story) audit() {
	var terms []inspection.Term
	s.do("audit: term", func() error {
		return s.read(func(q db.Q) (err error) { terms, err = inspection.Terms(s.ctx, q); return err })
	})
	if s.err != nil {
		return
	}
	start := s.day(-140)
	r, visits, _ := s.round(terms[0].ID, 5, "省级院经费和资产管理内部审计", inspection.KindAudit, start, []teamPlan{{"审计组", []string{"teamleader2", "inspector3"}, []string{"江西省人民检察院"}}})
	if s.err != nil {
		return
	}
	v := visits[0].ID
	record := func(c fieldwork.ActCmd) {
		s.do("audit: "+c.Kind, func() error { _, err := s.Fieldwork.Record(s.ctx, s.as("office"), v, c); return err })
	}
	record(fieldwork.ActCmd{Kind: fieldwork.KindMobilise, On: start, Text: "收回避声明二份。"})
	record(fieldwork.ActCmd{Kind: fieldwork.KindAuditNotice, On: start, Document: "检督审通〔2026〕3号（演示）", Text: "审计范围：近两年经费收支、政府采购和固定资产管理。"})
	s.advance(r.ID, "enter")
	s.move(v, "enter", s.day(-136))
	record(fieldwork.ActCmd{Kind: fieldwork.KindEntryMeeting, On: s.today.AddDays(-136), Body: "院领导班子成员和计财、办公室负责人"})
	s.day(-120)
	var found []inspection.Finding
	visit, err := s.visit(v)
	s.do("audit: visit", func() error { return err })
	for _, c := range []inspection.AddFindingCmd{
		{Title: "固定资产处置未按程序报批", Aspect: "资产管理", Category: "discipline", Severity: "general", Fact: "抽查处置资产四十二件，九件没有报批手续。", Basis: "《行政单位国有资产管理暂行办法》", Amount: "86000"},
		{Title: "会议费报销附件不全", Aspect: "经费管理", Category: "discipline", Severity: "minor", Fact: "抽查会议费凭证三十份，七份没有会议通知和签到表。"}} {
		c.Visit, c.Scope, c.Origin = visit.ID, "individual", inspection.OriginOf(inspection.KindAudit)
		s.do("audit: "+c.Title, func() error {
			f, err := s.Inspection.AddFinding(s.ctx, s.as("inspector3"), c)
			found = append(found, f)
			return err
		})
	}
	for _, f := range found {
		s.decide("inspector3", f, "submit", "")
		s.decide("teamleader2", f, "confirm", "")
	}
	s.move(v, "leave", s.day(-110))
	s.advance(r.ID, "report")
	s.advance(r.ID, "feed_back")
	s.day(-90)
	record(fieldwork.ActCmd{Kind: fieldwork.KindDecision, On: s.today.AddDays(-92), Text: "同意审计报告，责成限期整改。"})
	s.feedBack(v, s.today.AddDays(-90))
	record(fieldwork.ActCmd{Kind: fieldwork.KindFeedLeader, On: s.today.AddDays(-90), Body: "江西省人民检察院主要负责人"})
	s.advance(r.ID, "rectify")
}
