package app

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/person"
	"huikan/internal/platform/db"
	"huikan/internal/risk"
)

// eventLines writes a made-up export of a case system.
type eventLines struct {
	s    *story
	b    strings.Builder
	n    int
	last int // serial number
}

const eventHeads = "部门受案号,案件类型,节点,日期,时间,承办人编号,承办单位,律师姓名,执业证号,金额,方式,流水号,备注\n"

// on adds what happened in a case so many days ago.
func (e *eventLines) on(no, typ string, ago int, kind, at string, who person.Person, more ...string) {
	cell := map[string]string{}
	for i := 0; i+1 < len(more); i += 2 {
		cell[more[i]] = more[i+1]
	}
	e.last++
	fmt.Fprintf(&e.b, "%s,%s,%s,%s,%s,%s,河南省人民检察院,%s,%s,%s,%s,E%05d,%s\n", no, typ, kind, e.s.today.AddDays(-ago), at, who.StaffNo, cell["律师"], cell["证"], cell["金额"], cell["方式"], e.last, cell["备注"])
}

// risks tells how the office of Henan watches the handling of cases: an import with
// a correction, the shipped rules, alerts on their way, a rule of its own before its
// publication, and points found in five ways.
func (s *story) risks() {
	var people []person.Person
	s.do("people of Henan", func() error {
		list, err := s.Person.Find(s.ctx, s.as("oversight2"), "", s.units("河南省人民检察院")[0], 100)
		mine := map[id.ID]bool{}
		for _, p := range s.ids {
			mine[p] = true
		}
		for _, p := range list {
			if !mine[p.ID] && p.Unit == s.units("河南省人民检察院")[0] {
				people = append(people, p)
			}
		}
		return err
	})
	if s.err != nil || len(people) < 12 {
		return
	}
	s.day(-3)
	e := &eventLines{s: s}
	s.ordinaryCases(e, people)
	s.strikingCases(e, people)
	s.loadEvents(e, "2026年案件节点导出.csv")
	s.do("risk: run", func() error {
		_, err := s.Risk.Run(s.ctx, s.as("oversight2"), risk.RunCmd{Whole: true})
		return err
	})
	s.riskPoints(people)
	s.judgeAlerts()
	s.day(-1)
	late := &eventLines{s: s, last: 90000}
	late.on("豫检刑诉〔2026〕58号", "审查起诉", 2, "查询案卷", "22:40", people[11], "备注", "夜间检索")
	late.on("豫检刑诉〔2026〕58号", "审查起诉", 1, "查询案卷", "23:15", people[11])
	late.on("豫检刑诉〔2026〕58号", "审查起诉", 1, "查询案卷", "05:20", people[11])
	s.loadEvents(late, "节点增量.csv")
	s.do("risk: run on new events", func() error {
		_, err := s.Risk.Run(s.ctx, s.as("oversight3"), risk.RunCmd{})
		return err
	})
	s.ownRule()
	s.day(0)
}

func (s *story) loadEvents(e *eventLines, name string) {
	s.do("risk: import", func() error {
		text := eventHeads + e.b.String()
		res, err := s.Risk.Import(s.ctx, s.as("oversight2"), risk.ImportCmd{Source: "统一业务应用系统"}, name, strings.NewReader(text), int64(len(text)))
		if err == nil && !res.Applied {
			err = fmt.Errorf("%d rows at fault: %v", res.Bad, res.Faults)
		}
		return err
	})
}

// ordinaryCases are cases of eight handlers as they usually go.
func (s *story) ordinaryCases(e *eventLines, people []person.Person) {
	rnd := rand.New(rand.NewPCG(3, 9))
	head := people[10]
	for n := range 64 {
		h, no, from := people[n%8], fmt.Sprintf("豫检刑诉〔2026〕%d号", n+1), 60+rnd.IntN(240)
		law := rnd.IntN(24)
		lawyer := []string{"律师", string([]rune("赵钱孙李周吴郑王冯陈褚卫")[law%12]) + string([]rune("明华")[law/12]), "证", fmt.Sprintf("141012018101%05d", law)}
		e.on(no, "审查起诉", from, "受理", "09:10", h)
		e.on(no, "审查起诉", from, "分案", "09:30", h, "方式", "随机分案")
		e.on(no, "审查起诉", from-2-rnd.IntN(5), "委托辩护", "", person.Person{}, lawyer...)
		e.on(no, "审查起诉", from-25, "审批", "10:20", head)
		kind := "提起公诉"
		if rnd.IntN(9) == 0 {
			kind = "不起诉"
		}
		e.on(no, "审查起诉", from-26, kind, "15:00", h)
		e.on(no, "审查起诉", from-27, "办结", "16:00", h)
	}
}

// strikingCases are those that somebody should look at.
func (s *story) strikingCases(e *eventLines, people []person.Person) {
	head, one, clerk := people[10], people[8], people[11]
	friend := []string{"律师", "秦牧野", "证", "14101201910199001"}
	for n := range 9 { // one handler who is given cases, always with the same counsel
		no, from := fmt.Sprintf("豫检刑诉〔2026〕%d号", 101+n), 250-22*n
		e.on(no, "审查起诉", from, "受理", "09:00", one)
		e.on(no, "审查起诉", from, "分案", "09:05", one, "方式", []string{"指定分案", "随机分案"}[n%2])
		e.on(no, "审查起诉", from-3, "委托辩护", "", person.Person{}, friend...)
		e.on(no, "审查起诉", from-20, "审批", "11:00", head)
		e.on(no, "审查起诉", from-21, []string{"不起诉", "不起诉", "提起公诉"}[n%3], "14:00", one)
		e.on(no, "审查起诉", from-22, "办结", "17:00", one)
	}
	// The case about which others recorded that he asked.
	e.on("20264107000066", "审查起诉", 285, "受理", "09:20", people[1])
	e.on("20264107000066", "审查起诉", 283, "委托辩护", "", person.Person{}, friend...)
	e.on("20264107000066", "审查起诉", 262, "审批", "10:40", head)
	e.on("20264107000066", "审查起诉", 261, "提起公诉", "15:30", people[1])
	e.on("20264107000066", "审查起诉", 261, "办结", "16:30", people[1])
	// A case about which a call was recorded, and detention changed soon after.
	e.on("20264100000398", "审查逮捕", 10, "受理", "10:00", people[9])
	e.on("20264100000398", "审查逮捕", 4, "变更强制措施", "20:30", people[9], "备注", "变更为取保候审")
	for n, no := range []string{"3", "11", "19", "27", "35", "43"} { // a clerk who looks at what is not his
		e.on("豫检刑诉〔2026〕"+no+"号", "审查起诉", 20+n, "查询案卷", "22:15", clerk)
		if n < 2 {
			e.on("豫检刑诉〔2026〕"+no+"号", "审查起诉", 19+n, "查询案卷", "21:50", clerk)
		}
	}
	e.on("豫检刑诉〔2026〕120号", "审查起诉", 160, "受理", "09:00", people[2])
	e.on("豫检刑诉〔2026〕120号", "审查起诉", 150, "扣押", "10:00", people[2], "金额", "48万", "备注", "扣押现金和手机")
	e.on("豫检刑诉〔2026〕120号", "审查起诉", 125, "涉案财物移送", "10:00", people[2], "金额", "30万")
	e.on("豫检刑诉〔2026〕120号", "审查起诉", 120, "提起公诉", "15:00", people[2])
	e.on("豫检刑诉〔2026〕120号", "审查起诉", 118, "办结", "15:00", people[2])
	e.on("豫检刑诉〔2026〕121号", "审查起诉", 130, "受理", "09:00", people[4])
	e.on("豫检刑诉〔2026〕121号", "审查起诉", 100, "延长期限", "09:00", people[4])
	e.on("豫检民监〔2026〕7号", "民事检察", 190, "受理", "09:00", people[5], "备注", "申请监督")
}

// riskPoints takes points through the five ways, as far as each has come.
func (s *story) riskPoints(people []person.Person) {
	for i, x := range []struct {
		cmd   risk.PointCmd
		until string
	}{
		{risk.PointCmd{Unit: "河南省人民检察院", Post: "案件管理", Link: "分案", Scope: "department", Class: "process", Shown: "以案情特殊为由指定承办人，案件流向与请托人意图一致。", Cause: "指定分案的情形没有列明，审批只留口头意见。", Probability: 3, Harm: 5, System: "轮案由系统锁定，指定分案列明情形并书面审批。", Supervision: "每月抽查指定分案并在部门内公开。",
			Cycle: 6, Owner: people[10].ID, Rules: []string{"designated_case", "designated_outlier"}}, "publish"},
		{risk.PointCmd{Unit: "河南省人民检察院", Post: "检察官助理、书记员", Link: "案卷查询", Scope: "individual", Class: "post", Shown: "无办案任务查询他人案件，向外泄露进展。", Cause: "查询权限按部门开放，夜间无人值守。", Probability: 3, Harm: 4, Education: "新入职和节前各提醒一次。", System: "查询须关联办案任务。", Warning: "无任务查询即时提示检务督察。",
			Cycle: 12, Owner: people[11].ID, Rules: []string{"looked_up", "lookups_many", "looked_up_night"}}, "publish"},
		{risk.PointCmd{Unit: "河南省人民检察院", Post: "涉案财物管理", Link: "入库出库", Scope: "institution", Class: "system", Shown: "案件办结后财物长期滞留，账实不符。", Cause: "办案系统与保管台账不联通。", Probability: 2, Harm: 5, System: "办结前系统校验财物处置。", Cycle: 12, Owner: people[2].ID, Rules: []string{"property_gap", "property_late"}}, "assess"},
		{risk.PointCmd{Unit: "河南省人民检察院", Post: "控告申诉接待", Link: "接待来访", Scope: "individual", Class: "mind", Shown: "接受来访人宴请，打听案件情况。", Cause: "人情观念重，单独接待。", Probability: 2, Harm: 3, Education: "警示教育。", Supervision: "两人接待并全程录音录像。", Cycle: 12}, "create"},
		{risk.PointCmd{Unit: "湖北省人民检察院", Post: "案件管理中心", Link: "分案", Scope: "department", Class: "process", Shown: "以案情特殊为由指定承办人，案件流向与请托人意图一致。", Cause: "指定分案的情形没有列明，审批只留口头意见。", Probability: 3, Harm: 5, System: "轮案由系统锁定，指定分案列明情形并书面审批。", Supervision: "每月抽查指定分案并在部门内公开。",
			Cycle: 12, Rules: []string{"designated_case"}}, "create"},
	} {
		s.day(-3)
		var p risk.Point
		s.do("risk point", func() (err error) {
			who := System()
			if i == 3 {
				who = s.as("staff")
			}
			p, err = s.Risk.AddPoint(s.ctx, who, x.cmd)
			return err
		})
		if x.until == "create" {
			continue
		}
		for _, st := range []struct{ login, do, text string }{{"oversight2", "discuss", "部门会议逐条评议，认为属实。"}, {"leader2", "approve", "同意，措施要落到系统里。"}, {"oversight", "assess", "风险真实，等级适当。"}, {"oversight2", "publish", ""}} {
			s.do("risk point: "+st.do, func() error {
				_, err := s.Risk.StepPoint(s.ctx, s.as(st.login), p.ID, st.do, risk.PointCmd{Text: st.text})
				return err
			})
			if st.do == x.until {
				break
			}
		}
	}
}

// judgeAlerts takes some alerts to their ends.
func (s *story) judgeAlerts() {
	var list []risk.Alert
	s.do("risk: alerts", func() (err error) {
		list, _, err = s.Risk.Alerts(s.ctx, s.as("oversight2"), page.Query{Size: 100})
		return err
	})
	judge := func(a risk.Alert, login, do, text string, cmd risk.AlertCmd) {
		cmd.Text = text
		s.do("alert: "+do, func() error {
			_, err := s.Risk.Judge(s.ctx, s.as(login), a.ID, do, cmd)
			return err
		})
	}
	s.day(-2)
	done := map[string]int{}
	for _, a := range list {
		done[a.Rule]++
		switch k := done[a.Rule]; {
		case a.Rule == "designated_case" && k == 1:
			judge(a, "oversight2", "verify", "调阅分案审批单，确无书面理由。", risk.AlertCmd{})
			judge(a, "oversight2", "correct", "已恢复轮案，补办审批并在部门通报。", risk.AlertCmd{Point: s.pointFor("designated_case")})
		case a.Rule == "designated_case" && k == 2:
			judge(a, "oversight3", "verify", "核对分案审批单。", risk.AlertCmd{})
			judge(a, "oversight3", "clear", "系发回重审案件，依规定由原承办人以外人员办理，有书面审批。", risk.AlertCmd{})
		case a.Rule == "long_hold" && k == 1:
			judge(a, "oversight2", "snooze", "等待鉴定意见，预计一个月内出具。", risk.AlertCmd{Until: s.today.AddDays(30)})
		case a.Rule == "property_gap" && k == 1:
			judge(a, "oversight2", "verify", "现场盘点，18万元现金未见移送凭证。", risk.AlertCmd{})
		case a.Rule == "property_late" && k == 1:
			judge(a, "oversight3", "verify", "与账实不符为同一批财物。", risk.AlertCmd{})
			judge(a, "oversight3", "correct", "已责令当日移送并补登台账。", risk.AlertCmd{})
		}
	}
}

// pointFor is the published point of Henan that a rule triggers.
func (s *story) pointFor(rule string) (n id.ID) {
	s.do("risk: point of a rule", func() error {
		return s.DB.Read(s.ctx, func(q db.Q) error {
			list, err := risk.PointsFor(s.ctx, q, s.units("河南省人民检察院")[0], rule)
			if len(list) > 0 {
				n = list[0].ID
			}
			return err
		})
	})
	return n
}

// ownRule is a rule of Henan that waits for a second person.
func (s *story) ownRule() {
	var v risk.Version
	s.do("risk: draft a rule", func() (err error) {
		v, err = s.Risk.WriteRule(s.ctx, s.as("oversight3"), risk.RuleCmd{Subject: risk.OfCase, Level: 3, NameZh: "指定分案后短期内不起诉", NameEn: "Not prosecuted soon after a designated assignment", Text: "指定分案次数 不少于 1 次 且 不起诉 为是 且 在办天数 小于 60 天",
			Document: "河南省人民检察院案件分配管理办法", Article: "第八条", Why: "上半年两件被通报的案件都是指定分案后不足两个月不起诉。"}, "zh", nil)
		return err
	})
	s.do("risk: try the rule", func() error {
		_, err := s.Risk.StepRule(s.ctx, s.as("oversight3"), v.ID, "test", risk.RuleCmd{}, "zh", nil)
		return err
	})
}
