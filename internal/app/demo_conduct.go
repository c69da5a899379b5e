package app

import (
	"huikan/internal/conduct"
	"huikan/internal/kernel/id"
)

// matter is a made-up case: about whom, what, how it ended, and how far it is.
type matter struct {
	person  id.ID
	class   string
	facts   string
	source  string
	gravity string
	kinds   []string
	ago     int // days before today on which it began
	until   string
	turns   []string
}

// conducts tells what the office of Henan did with leads: some ended with a talk,
// some became cases, one is before the leader, one sanction is over and lifted.
func (s *story) conducts() {
	people := s.others("河南省人民检察院", 14)
	if s.err != nil {
		return
	}
	for i, m := range []matter{
		{people[0], "gifts", "2024年中秋节期间收受管理服务对象所送礼金3000元，事后未上交。", "petition", "normal", []string{"admin.warning"}, 330, "lift", []string{"returned_gains"}},
		{people[1], "improper_contact", "办理某合同诈骗案期间，三次在非工作场所与辩护律师会面并接受宴请，未按规定记录报告。", "register", "normal", []string{"admin.demerit", "party.warning"}, 200, "serve", []string{"cooperated"}},
		{people[2], "private_gain", "利用办案便利为亲属的工程项目打招呼，收受好处费。", "discipline", "grave", []string{"admin.removal", "party.removal"}, 260, "serve", []string{"kept_gains"}},
		{people[3], "gross_negligence", "审查起诉中未核对关键物证照片与实物，致案件错误起诉并造成严重后果。", "lookback", "normal", []string{"admin.demerit"}, 120, "opine", nil},
		{people[4], "delay", "七件案件超过审查起诉期限未报延期，被当事人反映。", "risk", "normal", []string{"admin.warning"}, 75, "submit", []string{"cooperated"}},
		{people[5], "neglect", "归口管理的涉案财物长期未清点，三批物品去向不明。", "inspection", "grave", []string{"admin.grade_reduction"}, 40, "report", nil},
		{people[6], "abuse_of_power", "越权调阅与本人无关的案件卷宗并向他人透露进展。", "risk", "normal", nil, 12, "open", nil},
	} {
		s.matter(m, i)
	}
	small := []string{"群众反映接待来访态度生硬、承诺答复未落实。", "两次未按规定参加案件评查，事后补写记录。", "未经请假离开办案区，影响值班。"}
	for i, n := range []id.ID{people[7], people[8], people[7], people[9], people[7], people[10]} { // one of them again and again
		s.day(-150 + 11*i)
		l := s.told(conduct.LeadCmd{Source: []string{"petition", "register", "media"}[i%3], Person: n, Conduct: "formalism", ActFrom: s.today.AddDays(-180), ActTo: s.today.AddDays(-160),
			Facts: small[i/2]})
		s.dispose(l.ID, "assign", conduct.DisposeCmd{Assignee: s.ids["oversight3"]})
		s.dispose(l.ID, "talk", conduct.DisposeCmd{Text: "已发函询，本人书面说明情况。"})
		s.dispose(l.ID, "end", conduct.DisposeCmd{Text: "情节轻微，本人认识到问题并已改正。", Kinds: []string{"education.talk"}})
	}
	s.day(-6)
	s.told(conduct.LeadCmd{Source: "petition", Person: people[6], Conduct: "abuse_of_power", Informant: "匿名群众", Facts: "反映越权调阅与本人无关的案件卷宗并向他人透露案件进展。"})
	s.told(conduct.LeadCmd{Source: "media", Name: "罗某某", Unit: "河南省人民检察院", Facts: "网帖反映该院一名工作人员上班时间在娱乐场所。"})
	s.day(0)
}

// others are made-up people of a unit who play no part with an account.
func (s *story) others(unit string, n int) (out []id.ID) {
	s.do("people of "+unit, func() error {
		u := s.units(unit)[0]
		list, err := s.Person.Find(s.ctx, s.as("oversight2"), "", u, 100)
		mine := map[id.ID]bool{}
		for _, p := range s.ids {
			mine[p] = true
		}
		for _, p := range list {
			if !mine[p.ID] && p.Unit == u && len(out) < n {
				out = append(out, p.ID)
			}
		}
		return err
	})
	return out
}

func (s *story) told(cmd conduct.LeadCmd) (l conduct.Lead) {
	s.do("lead", func() (err error) {
		l, err = s.Conduct.AddLead(s.ctx, s.as("oversight2"), cmd)
		return err
	})
	return l
}

func (s *story) dispose(n id.ID, do string, cmd conduct.DisposeCmd) (l conduct.Lead) {
	s.do("lead: "+do, func() (err error) {
		l, err = s.Conduct.Dispose(s.ctx, s.as("oversight2"), n, do, cmd)
		return err
	})
	return l
}

// matter takes one case as far as it goes.
func (s *story) matter(m matter, n int) {
	begin := -m.ago
	s.day(begin)
	act := s.today.AddDays(begin - 60)
	l := s.told(conduct.LeadCmd{Source: m.source, Person: m.person, Conduct: m.class, ActFrom: act.AddDays(-30), ActTo: act, Facts: m.facts, Informant: []string{"", "王某"}[n%2]})
	s.day(begin + 2)
	s.dispose(l.ID, "assign", conduct.DisposeCmd{Assignee: s.ids["oversight2"]})
	l = s.dispose(l.ID, "open", conduct.DisposeCmd{Assignee: s.ids["oversight2"], Second: s.ids["oversight3"], Text: "调取有关台账和监控，分别询问相关人员。"})
	step := func(day int, login, do string, cmd conduct.CaseCmd) bool {
		s.day(begin + day)
		if cmd.Text == "" {
			cmd.Text = map[string]string{"file": "经初步核实，确有违法事实需要追究责任。", "report": "经调查，" + m.facts + "有书证、证人证言和本人陈述证实。", "notify": "拟给予相应处分，事实和依据如上。", "hear": "本人对事实无异议，请求从轻处理。",
				"submit": "事实清楚、证据确凿，建议按拟处理意见决定。", "decide": "经集体研究，事实清楚，定性准确，决定给予处分。", "serve": "已当面送达。", "lift": "处分期内能够认识错误，有悔改表现，未再违法。", "archive": "卷宗共一册，已移交档案。",
				"refer": "属检察官法第四十七条第五项行为，提请审查。", "opine": "未尽基本审查义务，存在重大过失。"}[do]
		}
		s.do("case: "+do, func() error {
			_, err := s.Conduct.Step(s.ctx, s.as(login), l.Case, do, cmd)
			return err
		})
		return do == m.until || s.err != nil
	}
	if m.until == "open" {
		return
	}
	for _, x := range []struct {
		day       int
		login, do string
		cmd       conduct.CaseCmd
		only      bool
	}{
		{8, "oversight2", "file", conduct.CaseCmd{}, true},
		{20, "oversight2", "act", conduct.CaseCmd{Conduct: "neglect", Gravity: "normal", ActFrom: act.AddDays(-20), ActTo: act, Own: m.kinds, Kinds: []string{"admin.warning"}, Text: "两件案件的涉案财物清单未随案移送，经核对无遗失。"}, m.class == "delay"},
		{25, "oversight2", "report", conduct.CaseCmd{Gravity: m.gravity}, true},
		{30, "oversight2", "notify", conduct.CaseCmd{Kinds: m.kinds, Circumstances: m.turns}, true},
		{36, "oversight3", "hear", conduct.CaseCmd{}, true},
		{40, "oversight2", "refer", conduct.CaseCmd{}, m.class == "gross_negligence"},
		{60, "oversight2", "opine", conduct.CaseCmd{Opinion: "gross_negligence", Members: 7, Prosecutors: 4, Unit: "河南省人民检察院"}, m.class == "gross_negligence"},
		{64, "oversight2", "submit", conduct.CaseCmd{Decider: s.ids["leader2"]}, true},
		{70, "leader2", "decide", conduct.CaseCmd{}, true},
		{72, "oversight2", "serve", conduct.CaseCmd{}, true},
		{255, "oversight2", "lift", conduct.CaseCmd{}, true},
	} {
		if x.only && step(x.day, x.login, x.do, x.cmd) {
			break
		}
	}
	if m.until == "serve" || m.until == "lift" {
		s.followUp(l.Case, m, n)
	}
}

// followUp carries a sanction out and checks a case of abuse backward.
func (s *story) followUp(n id.ID, m matter, k int) {
	s.day(-m.ago + 80)
	s.do("case: backward", func() error {
		x, _ := conduct.Rulebook().Conduct(m.class)
		if !x.Abuse {
			return nil
		}
		return s.Conduct.CheckBack(s.ctx, s.as("oversight2"), n, conduct.CheckCmd{Contacts: 2 + k, Missing: 1 + k%2, Note: "询问当事人和律师、比对来访登记后认定。"})
	})
	if m.until == "lift" {
		s.day(-m.ago + 262)
		s.do("case: archive", func() error {
			_, err := s.Conduct.Step(s.ctx, s.as("oversight2"), n, "archive", conduct.CaseCmd{Text: "卷宗一册，已移交档案。"})
			return err
		})
	}
}
