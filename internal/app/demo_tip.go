package app

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/tip"
)

// tips tells what came in by the public page: one in dialogue, one that became a
// lead, one closed, one that its office let lie, and one about the office itself.
func (s *story) tips() {
	people := s.others("河南省人民检察院", 14)
	if s.err != nil {
		return
	}
	const henan = "河南省人民检察院"
	hand := func(login string, c tip.HandIn) (code string, n id.ID) {
		s.do("tip", func() (err error) {
			if code, err = s.Tip.Take(s.ctx, actor.Actor{}, c, nil); err != nil {
				return err
			}
			list, _, _, err := s.Tip.List(s.ctx, s.as(login), "", page.Query{Size: 1})
			if err == nil && len(list) > 0 {
				n = list[0].ID
			}
			return err
		})
		return code, n
	}
	step := func(n id.ID, do string, c tip.StepCmd) {
		s.do("tip: "+do, func() error {
			who := s.as("oversight2")
			if do != "take" {
				if err := s.Tip.Open(s.ctx, who, n, "办理举报"); err != nil {
					return err
				}
			}
			_, err := s.Tip.Step(s.ctx, who, n, do, c)
			return err
		})
	}
	reply := func(code, text string) {
		s.do("tip: reply", func() error { return s.Tip.Reply(s.ctx, tip.ReplyCmd{Code: code, Text: text}, nil) })
	}
	s.day(-80)
	code, n := hand("oversight2", tip.HandIn{Unit: henan, Text: "案件管理大厅接待窗口上午十点仍无人值守，律师预约阅卷两次落空。"})
	s.day(-77)
	step(n, "take", tip.StepCmd{})
	step(n, "ask", tip.StepCmd{Text: "请说明两次预约的日期和预约编号。"})
	s.day(-74)
	reply(code, "分别是周二和周四，预约短信已删除，编号记不清。")
	s.day(-60)
	step(n, "close", tip.StepCmd{Text: "经查属实，当日值班人员临时外出未安排替班。已调整值班表并公示监督电话，对值班人员谈话提醒。"})
	s.day(-40)
	_, n = hand("oversight2", tip.HandIn{Unit: henan, About: "公诉部门一名检察官", Name: "王某", Contact: "信件转交原单位工会", Text: "同一名律师代理的三件案件均由同一名检察官承办，庭审后二人一同离开，曾在院外用餐。"})
	s.day(-38)
	step(n, "take", tip.StepCmd{})
	step(n, "refer", tip.StepCmd{Person: people[11], ActFrom: s.today.AddDays(-120), ActTo: s.today.AddDays(-60), Text: "反映该检察官与一名律师交往过密，所代理的三件案件均由其承办，并在院外共同用餐。"})
	step(n, "answer", tip.StepCmd{Text: "反映的问题已移交核查，核查期间请注意保密；有新情况请继续在此补充。"})
	s.day(-30)
	hand("oversight2", tip.HandIn{Unit: henan, Text: "机关食堂采购长期由同一家公司承揽，三年没有公开比价，报价明显高于市场。"})
	s.day(-12)
	code, n = hand("oversight2", tip.HandIn{Unit: "新乡市人民检察院", About: "办公室工作人员", Text: "公务用车周末多次停在某小区过夜，行车记录与派车单对不上。"})
	s.day(-10)
	step(n, "take", tip.StepCmd{})
	step(n, "ask", tip.StepCmd{Text: "请提供看到车辆的日期和车牌后三位，有照片的可以作为附件。"})
	s.day(-3)
	reply(code, "本月第一、第二个周六，车牌尾号三位我记在纸上：6K8。没有照片。")
	s.day(-2)
	hand("oversight", tip.HandIn{Unit: henan, About: "检务督察部主任许昌平", Text: "向许昌平反映的问题半个月没有回音，被反映的人却很快知道是谁反映的。"})
	s.day(-1)
	hand("oversight2", tip.HandIn{Unit: henan, Text: "某处室报销的外出调研费用中有两天当事人其实在单位参加会议，会议签到表可以核对。"})
	s.day(0)
}
