package app

import (
	"strconv"

	"huikan/internal/kernel/id"
	"huikan/internal/notice"
)

// circulars tells how lessons go back: a statistic for everybody, a typical case
// with a test, one that waits for the leader, and an education campaign.
func (s *story) circulars() {
	N := s.Notice
	s.pastCirculars()
	s.pastCampaign()
	s.day(-40)
	var question id.ID
	s.do("question", func() error {
		for _, q := range []notice.QuestionCmd{
			{Theme: "三个规定", Text: "离任检察人员向您打听正在办理的案件，是否需要记录报告？", Options: "需要，逐件如实记录\n不需要，他已经离任\n只有提出要求时才需要", Answer: 1, Explain: "离退休人员过问也要记录。", Source: "关于建立过问或干预、插手检察办案等重大事项记录报告制度的实施办法"},
			{Theme: "整改销号", Text: "整改事项由谁审核销号？", Options: "承办整改的人\n没有参与整改的审核人员\n被巡视单位主要负责人", Answer: 2, Explain: "做整改的人不能审核自己的整改。", Source: "关于加强巡视整改和成果运用的意见"},
		} {
			x, err := N.Ask(s.ctx, s.as("oversight"), q)
			if err != nil {
				return err
			}
			question = x.ID
		}
		return nil
	})
	send := func(c notice.Cmd, to notice.IssueCmd, public bool) (x id.ID) {
		s.do("circular: "+c.Title, func() error {
			n, err := N.Create(s.ctx, s.as("oversight"), c)
			if err != nil {
				return err
			}
			x = n.ID
			if err := N.Submit(s.ctx, s.as("oversight"), x, 0); err != nil {
				return err
			}
			if err := N.Approve(s.ctx, s.as("leader"), x, 0); err != nil {
				return err
			}
			if _, err := N.Issue(s.ctx, s.as("oversight"), x, to); err != nil || !public {
				return err
			}
			return N.Publish(s.ctx, s.as("oversight"), x, 0)
		})
		return x
	}
	first := send(notice.Cmd{Kind: notice.KindStatistic, Number: "演检督〔2026〕3号", Title: "关于上一轮巡视整改销号情况的通报", Source: "巡视工作办公室", Editor: "宋文博", MustRead: true,
		Body:        "上一轮巡视反馈的问题已全部建立台账，多数按期办结。\n抽查发现，少数事项只有文件没有落实，个别事项销号后又出现同类情形。\n各级院要对已销号事项逐项回访，对只改表面的重新立项，并说明原因。",
		PublicTitle: "巡视整改销号情况通报", PublicBody: "上一轮巡视反馈的问题已全部建立台账，多数按期办结。\n对抽查中发现的整改不实问题，已要求重新整改并说明原因。", RecheckOn: s.today.AddDays(30)},
		notice.IssueCmd{To: "provincial", Own: true}, true)
	s.day(-33)
	second := send(notice.Cmd{Kind: notice.KindTypical, Number: "演检督〔2026〕5号", Title: "办公用房整改后反弹的典型案例", Source: "巡视工作办公室", Editor: "宋文博",
		Body:   "某省级院在巡视反馈后腾退了超标准办公用房，经审核销号。\n半年后回访发现，腾退的房间以会议室名义继续使用。\n问题在于只腾房、不改制度，资产台账没有随之变更。",
		Lesson: "整改要落到制度和台账上，只动房间不动台账，迟早反弹。", Posts: "办公室、行政装备", Ground: "sensitive", GroundReason: "涉及单位尚在追责程序中", PassMark: 60, MustRead: true, Questions: []id.ID{question}},
		notice.IssueCmd{To: "units", Units: "河南省人民检察院、湖北省人民检察院、四川省人民检察院、浙江省人民检察院"}, false)
	s.day(-25)
	s.do("circular: study", func() error {
		for _, x := range []id.ID{first, second} {
			if err := N.Sign(s.ctx, s.as("unit"), x); err != nil {
				return err
			}
		}
		if err := N.Sign(s.ctx, s.as("unit2"), first); err != nil {
			return err
		}
		if err := N.Confirm(s.ctx, s.as("staff"), first); err != nil {
			return err
		}
		return N.Study(s.ctx, s.as("unit"), first, notice.StudyCmd{HeldOn: s.today.AddDays(-26), Form: "meeting", Expected: 84, Attended: 79, Text: "党组会议传达，各部门对照台账逐项自查，确定三项回访。"})
	})
	s.day(-14)
	s.do("campaign", func() error {
		c, err := N.Plan(s.ctx, s.as("oversight"), notice.CampaignCmd{Kind: "warning", Title: "整改落实警示教育", Goal: "以案为鉴，把整改落到制度上，防止反弹。",
			Stages: "学习研讨，" + string(s.today.AddDays(-14)) + "，" + string(s.today.AddDays(-5)) + "\n对照自查，" + string(s.today.AddDays(-4)) + "，" + string(s.today.AddDays(20)) + "\n整改提高，" + string(s.today.AddDays(21)) + "，" + string(s.today.AddDays(50))})
		if err != nil {
			return err
		}
		if _, err := N.Start(s.ctx, s.as("oversight"), c.ID, notice.IssueCmd{To: "provincial"}); err != nil {
			return err
		}
		s.day(-4)
		return N.Report(s.ctx, s.as("unit"), c.ID, notice.Report{Stage: 1, Sessions: 4, Expected: 336, Attended: 311, Text: "党组理论学习中心组学习一次，各部门分组研讨。"})
	})
	s.day(-1)
	s.do("circular: waiting", func() error {
		n, err := N.Create(s.ctx, s.as("oversight"), notice.Cmd{Kind: notice.KindOrder, Title: "关于退回整改事项办理情况的通报", Editor: "宋文博", Body: "本季度退回重办的整改事项，多数因佐证材料与措施不对应。\n各单位要逐条对应措施提交材料。",
			Ground: "undisclosed", GroundReason: "有关事项尚未办结"})
		if err != nil {
			return err
		}
		return N.Submit(s.ctx, s.as("oversight"), n.ID, 0)
	})
	s.day(0)
}

// pastCampaign is an earlier campaign, long enough ago to be looked at: what was found
// before and after it stands side by side, as far as the numbers are large enough.
func (s *story) pastCampaign() {
	N := s.Notice
	begin, over := s.today.AddDays(-250), s.today.AddDays(-210)
	s.day(-250)
	s.do("past campaign", func() error {
		c, err := N.Plan(s.ctx, s.as("oversight"), notice.CampaignCmd{Kind: "theme", Title: "落实检察理论和上级部署主题教育", Goal: "对照上一轮巡视指出的问题学习部署要求，把要求落到办案和管理上。", Aim: "finding:theory",
			Stages: "集中学习，" + string(begin) + "，" + string(begin.AddDays(20)) + "\n对照检查，" + string(begin.AddDays(21)) + "，" + string(over)})
		if err != nil {
			return err
		}
		if _, err := N.Start(s.ctx, s.as("oversight"), c.ID, notice.IssueCmd{To: "units", Units: "河南省人民检察院、湖北省人民检察院、四川省人民检察院、浙江省人民检察院"}); err != nil {
			return err
		}
		s.day(-212)
		for i, login := range []string{"unit", "unit2", "unit3", "unit4"} {
			for stage := 1; stage <= 2; stage++ {
				if err := N.Report(s.ctx, s.as(login), c.ID, notice.Report{Stage: stage, Sessions: 2 + i, Expected: 300 + 20*i, Attended: 280 + 18*i, Problems: 3 * (stage - 1), Rectified: 2 * (stage - 1), Text: "按方案完成本阶段任务，对照检查的问题已列入清单。"}); err != nil {
					return err
				}
			}
		}
		s.day(-205)
		return N.End(s.ctx, s.as("oversight"), c.ID, "四个省级院完成两个阶段，对照检查发现的问题转入台账。", 0)
	})
}

// pastCirculars are earlier circulars that name what they are against, studied by four
// provinces in time. What came of the one shows an interval; of the other there is too
// little to compare, and its page says so.
func (s *story) pastCirculars() {
	s.day(-270)
	year := strconv.Itoa(s.today.AddDays(-270).Year())
	var past []id.ID
	for _, x := range []struct {
		by string
		notice.Cmd
	}{
		{"office", notice.Cmd{Kind: notice.KindStatistic, Number: "演巡〔" + year + "〕2号", Title: "关于以文件落实部署问题的通报", Source: "巡视工作办公室", Editor: "林静", Aim: "finding:theory",
			Body:   "上一轮巡视发现，部分单位转发上级部署后没有自己的措施，党组没有研究，责任没有落到人。\n各级院要由主要负责人牵头，逐项明确责任人和时限。",
			Ground: "undisclosed", GroundReason: "涉及尚未办结的整改事项", Lesson: "转发文件不等于落实，没有责任人就没有落实。"}},
		{"oversight", notice.Cmd{Kind: notice.KindCriticism, Number: "演检督〔" + year + "〕1号", Title: "关于违规会见当事人及其代理人问题的通报", Source: "检务督察局", Editor: "宋文博", Aim: "case:improper_contact",
			Body:   "检务督察发现，个别检察人员在非工作场所会见当事人的代理人，事后没有记录。\n各级院要把接触交往规定讲到每一名办案人员，逢问必录。",
			Ground: "undisclosed", GroundReason: "有关事项尚未办结", Lesson: "在办公场所之外见代理人，见之前就已经错了。", Posts: "检察、检察官"}},
	} {
		s.do("past circular", func() error {
			n, err := s.Notice.Create(s.ctx, s.as(x.by), x.Cmd)
			if err != nil {
				return err
			}
			past = append(past, n.ID)
			if err := s.Notice.Submit(s.ctx, s.as(x.by), n.ID, 0); err != nil {
				return err
			}
			if err := s.Notice.Approve(s.ctx, s.as("leader"), n.ID, 0); err != nil {
				return err
			}
			_, err = s.Notice.Issue(s.ctx, s.as(x.by), n.ID, notice.IssueCmd{To: "provincial"})
			return err
		})
	}
	s.day(-255)
	s.do("past circular: study", func() error {
		for i, login := range []string{"unit", "unit2", "unit3", "unit4"} {
			for _, n := range past {
				if err := s.Notice.Sign(s.ctx, s.as(login), n); err != nil {
					return err
				}
				if err := s.Notice.Study(s.ctx, s.as(login), n, notice.StudyCmd{HeldOn: s.today.AddDays(-256), Form: "meeting", Expected: 60 + i, Attended: 58 + i, Text: "党组会议传达学习，逐项明确责任人。"}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
