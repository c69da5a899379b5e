package app

import (
	"fmt"
	"strings"

	"huikan/internal/contact"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
)

// said is one record of the demonstration.
type said struct {
	days   int // ago
	login  string
	worked bool
	c      contact.Content
	found  contact.HandleCmd // how the office classifies it when it works on it
}

// register tells the register of inquiries: a year of returns, records of four
// kinds, one worked to its end, one hidden from the own unit.
func (s *story) register() {
	s.do("how Henan files", func() error {
		// So that there is something to file on whatever day the demonstration is made.
		s.day(-20)
		d := s.today.AddDays(-2)
		_, err := s.Contact.Set(s.ctx, s.as("oversight"), contact.SettingCmd{Unit: "最高人民检察院", Cadence: contact.Monthly, EndDay: min(d.Day(), 28), Grace: 8, From: string(s.today.AddDays(-20))[:7], Reason: "演示：报告期末为演示日前两天"})
		return err
	})
	period := func(n int) contact.Period {
		p := contact.Setting{EndDay: 25}.Latest(s.today.AddDays(-35))
		for range n {
			p = p.Prev()
		}
		return p
	}
	for n := 5; n >= 0; n-- {
		p := period(n)
		s.clock.set(contact.Setting{EndDay: 25}.End(p).Time().In(clock.Beijing).Add(33 * 3600e9))
		s.who = map[string]actor.Actor{}
		for i, m := range cast {
			late := (i+n)%11 == 5
			if m.login == "sysadmin" || (i+n)%13 == 7 && n < 2 {
				continue // somebody is always missing
			}
			if late {
				continue
			}
			s.do("return of "+m.login, func() error {
				_, err := s.Contact.File(s.ctx, s.as(m.login), contact.FileCmd{Period: string(p), Pledge: true})
				return err
			})
		}
	}
	for _, x := range records {
		on := s.day(-x.days)
		s.do("record of "+x.login, func() error {
			c := x.c
			c.On = on.AddDays(-1)
			m, err := s.Contact.Submit(s.ctx, s.as(x.login), "", contact.RecordCmd{Content: c}, nil)
			if err == nil && x.worked {
				err = s.workRecord(m.ID, x.found)
			}
			return err
		})
	}
	s.takeOver(period(6))
	s.compareRecords()
}

// takeOver tells how Henan's office took the returns of the year before over from the
// system that it used until then.
func (s *story) takeOver(last contact.Period) {
	s.day(-2)
	s.do("earlier returns", func() error {
		var b strings.Builder
		b.WriteString("工号,报告期,记录数,填报日期\n")
		for n := range 12 {
			day := contact.Setting{EndDay: 25}.End(last).AddDays(2)
			for i, m := range cast {
				if m.unit == "河南省人民检察院" && (i+n)%9 != 4 {
					fmt.Fprintf(&b, "D%05d,%s,%d,%s\n", i+1, last, max(0, (i*5+n*3)%12-10), day)
				}
			}
			last = last.Prev()
		}
		text := b.String()
		res, err := s.Contact.ImportReturns(s.ctx, s.as("oversight2"), "原登记系统停用，移交历史月报", "原系统月报.csv", strings.NewReader(text), int64(len(text)), false)
		if err == nil && !res.Applied {
			err = fmt.Errorf("earlier returns: %v", res.Faults)
		}
		return err
	})
}

// compareRecords lets the offices hold the records against each other.
func (s *story) compareRecords() {
	s.day(-1)
	for _, login := range []string{"oversight2", "oversight"} {
		s.do("cross-check by "+login, func() error {
			_, err := s.Contact.RunCrosscheck(s.ctx, s.as(login))
			return err
		})
	}
}

// workRecord takes a record through the hands of Henan's office.
func (s *story) workRecord(n id.ID, found contact.HandleCmd) error {
	office := s.as("oversight2")
	if _, err := s.Contact.AskOpening(s.ctx, office, n, contact.OpenCmd{Purpose: "handling", Reason: "审核本月登记"}); err != nil {
		return err
	}
	for _, x := range []struct {
		do string
		c  contact.HandleCmd
	}{{"check", contact.HandleCmd{}}, {"classify", found}, {"verify", contact.HandleCmd{Text: "向在场人员核实，情况属实"}},
		{"notice", contact.HandleCmd{Text: "已向其所在院告知并提醒"}}, {"feedback", contact.HandleCmd{Outcome: "guided", Text: "已对相关人员提醒谈话，感谢如实记录。"}}} {
		if _, err := s.Contact.Handle(s.ctx, office, n, x.do, x.c); err != nil {
			return err
		}
	}
	return nil
}

var records = []said{
	{45, "staff", false, contact.Content{Record: contact.Interference, Area: "case", Asker: "insider", AskerName: "唐振鹏", AskerUnit: "浙江省人民检察院", AskerPost: "办公室主任", CaseNo: "20264100000288", CaseName: "何某非法经营案",
		Stage: "arrest", Channel: "phone", Words: "打电话问犯罪嫌疑人能不能取保，说是受朋友之托。", Answer: "告知由律师依程序申请。", Response: []string{"told", "reported"}, Claimed: "C5"}, contact.HandleCmd{}},
	{16, "staff", true, contact.Content{Record: contact.Interference, Area: "case", Asker: "insider", AskerName: "谢秀芳", AskerUnit: "四川省人民检察院", AskerPost: "办公室主任", CaseNo: "20264100000317", CaseName: "吕某某职务侵占案",
		Stage: "prosecution", Channel: "wechat", Words: "微信询问案件什么时候起诉，说是老同学的亲戚，能不能“快一点、轻一点”。", Answer: "告知请其通过律师或者案管部门查询，不便透露案情。", Response: []string{"refused", "reported"}, Claimed: "C5", Place: "—"}, contact.HandleCmd{Category: "C5", Text: "同系统人员私下打听案情"}},
	{12, "unit", true, contact.Content{Record: contact.Interference, Area: "case", Asker: "lawyer", AskerName: "钱律师", AskerUnit: "某律师事务所", CaseNo: "20264100000377", Stage: "prosecution", Channel: "face", Words: "在茶馆约见，称愿“介绍”其他案源，请对其代理的案件从宽提出量刑建议。",
		Answer: "当场拒绝并离开，告知将如实登记。", Response: []string{"refused", "reported"}, Claimed: "C4", Meeting: contact.MetUnforeseen, Place: "某茶馆"}, contact.HandleCmd{Category: "C4", Prohibited: "L1", Text: "律师在办公场所以外约见承办人并请托"}},
	{9, "staff", false, contact.Content{Record: contact.Interference, Area: "case", Asker: "lawyer", AskerName: "秦律师", CaseNo: "20264100000452", Stage: "prosecution", Channel: "phone", Words: "问案卷是否已到检察院，何时可以阅卷。", Response: []string{"told"}, Claimed: "C1", Harmless: true}, contact.HandleCmd{}},
	{7, "staff", false, contact.Content{Record: contact.Interference, Area: "case", Asker: "leader", AskerName: "陶某", AskerUnit: "某市政府", AskerPost: "副秘书长", CaseNo: "20264100000398", Stage: "arrest", Channel: "phone", Words: "来电称企业负责人被捕会影响项目，要求“慎重处理、最好不捕”。", Answer: "告知依法办理，并告知其来电将如实记录。", Response: []string{"refused", "reported"}, Claimed: "C6", Affected: false}, contact.HandleCmd{}},
	{7, "unit", false, contact.Content{Record: contact.Interference, Area: "case", Asker: "leader", AskerName: "陶某", AskerUnit: "某市政府", AskerPost: "副秘书长", CaseNo: "20264100000398", Stage: "arrest", Channel: "phone", Words: "来电称企业负责人被捕会影响项目，要求慎重处理，最好不要批捕。", Answer: "请其按程序书面反映。", Response: []string{"told", "reported"}, Claimed: "C6"}, contact.HandleCmd{}},
	{5, "city", false, contact.Content{Record: contact.Interference, Area: "case", Asker: "insider", AskerName: "马春燕", AskerUnit: "河南省人民检察院", AskerPost: "办公室主任", CaseNo: "20264107000121", Stage: "complaint", Channel: "phone", Words: "打听一件申诉案件的承办人是谁、什么意见。", Answer: "未透露。", Response: []string{"refused"}, Claimed: "C5", Hidden: true}, contact.HandleCmd{}},
	{4, "city", false, contact.Content{Record: contact.Guidance, Area: "case", Asker: "insider", AskerName: "郝某", AskerUnit: "河南省人民检察院", AskerPost: "处长", CaseNo: "20264107000133", Stage: "trial", Channel: "phone", Words: "电话指导一件抗诉案件，未走书面程序。", Answer: "记入工作记录，请其按程序书面指导。", Response: []string{"procedure"}, Claimed: "C3"}, contact.HandleCmd{}},
	{3, "staff", false, contact.Content{Record: contact.Interference, Area: "construction", Asker: "intermediary", AskerName: "某咨询公司", Channel: "face", Words: "到办公室询问办案用房改造项目的评标安排。", Response: []string{"refused"}, Claimed: "C4", Meeting: contact.MetUnforeseen, Place: "办公楼一楼大厅"}, contact.HandleCmd{}},
}
