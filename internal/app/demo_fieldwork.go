package app

import (
	"fmt"
	"strings"

	"huikan/internal/fieldwork"
	"huikan/internal/inspection"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/db"
)

// authorise lets the leader authorise the leaders of teams for this one round.
func (s *story) authorise(teams []inspection.Team) {
	for _, t := range teams {
		s.do("authorise "+t.Name, func() error {
			_, err := s.Fieldwork.Authorise(s.ctx, s.as("leader"), t.ID, fieldwork.AuthoriseCmd{Document: "巡视授权通知（演示）"})
			return err
		})
	}
}

// fieldwork tells what happens around the unit that is being inspected: the plan
// of the term, the pool, checklists, procedure, requests, papers, the report, a
// clue, and what the unit has to put right at once.
func (s *story) fieldwork() {
	F := s.Fieldwork
	s.day(-44)
	var rounds []inspection.Round
	var visits []inspection.Visit
	s.do("rounds", func() error {
		return s.read(func(q db.Q) (err error) {
			if rounds, err = inspection.Rounds(s.ctx, q); err != nil {
				return err
			}
			for _, r := range rounds {
				if r.No == 3 {
					visits, err = inspection.VisitsOf(s.ctx, q, r.ID)
				}
			}
			return err
		})
	})
	if s.err != nil || len(visits) != 2 {
		return
	}
	there := visits[1] // the unit where the team is
	s.pool()
	s.do("plan", func() error {
		_, err := F.SpreadPlan(s.ctx, s.as("office"), fieldwork.SpreadCmd{Term: rounds[0].Term, Waves: 5, Start: s.today.AddDays(60), End: s.today.AddDays(1300)})
		return err
	})
	var lists []fieldwork.Checklist
	for _, c := range checklistLines {
		s.do("checklist", func() error {
			l, err := F.SaveChecklist(s.ctx, s.as("office"), "", fieldwork.ChecklistCmd{Theme: c[0], Unit: "最高人民检察院", Source: "巡视工作手册（演示）", Lines: c[1]})
			if err != nil {
				return err
			}
			l, err = F.StepChecklist(s.ctx, s.as("office"), l.ID, "publish", fieldwork.StepCmd{Rev: l.Rev})
			lists = append(lists, l)
			return err
		})
	}
	act := func(login string, v inspection.Visit, c fieldwork.ActCmd) (a fieldwork.Act) {
		s.do("procedure: "+c.Kind, func() (err error) { a, err = F.Record(s.ctx, s.as(login), v.ID, c); return err })
		return a
	}
	for _, v := range visits {
		for i, b := range fieldwork.Bodies() {
			a := act("office", v, fieldwork.ActCmd{Kind: fieldwork.KindEnquiry, Body: b, On: s.today.AddDays(-55), Text: "请提供所掌握的该院领导班子有关情况。"})
			if v.ID == there.ID && i == 4 {
				continue // one body has not answered yet
			}
			s.do("answer", func() error {
				_, err := F.StepAct(s.ctx, s.as("office"), a.ID, "answer", fieldwork.StepCmd{Text: "已书面答复，材料转巡视组。"})
				return err
			})
		}
		act("office", v, fieldwork.ActCmd{Kind: fieldwork.KindMobilise, On: s.today.AddDays(-46), Text: "动员部署并逐人收取回避声明。"})
	}
	for _, login := range []string{"teamleader", "inspector", "inspector2"} {
		s.do("declaration", func() error {
			return F.Declare(s.ctx, s.as(login), there.Round, fieldwork.RecusalCmd{Person: s.ids[login]})
		})
	}
	s.day(-40)
	for _, v := range visits {
		act("teamleader", v, fieldwork.ActCmd{Kind: fieldwork.KindBriefEntry, On: s.today.AddDays(-40), Body: "省委有关负责同志"})
		act("teamleader", v, fieldwork.ActCmd{Kind: fieldwork.KindEntryMeeting, On: s.today.AddDays(-40), Body: "党组班子成员、各部门主要负责人"})
	}
	s.day(-38)
	act("teamleader", there, fieldwork.ActCmd{Kind: fieldwork.KindNotice, On: s.today.AddDays(-38), Until: s.today.AddDays(8),
		Text: "受理反映领导班子及其成员、下一级领导干部违反纪律规定的来信来电来访。\n联系电话：000-00000000（工作日8:30至17:30）。\n邮政信箱：演示市第0号信箱。"})
	s.request(there)
	s.papers(there, lists)
	s.do("immediate", func() error {
		for i, text := range []string{"值班室涉密载体未入柜，请当日整改并举一反三。", "公务用车使用登记缺少返回时间，请补齐近三个月登记。"} {
			x, err := F.Issue(s.ctx, s.as("teamleader"), there.ID, fieldwork.ImmediateCmd{Text: text, Due: s.today.AddDays(10)})
			if err != nil || i > 0 {
				return err
			}
			if x, err = F.StepImmediate(s.ctx, s.as("unithead5"), x.ID, "sign", fieldwork.StepCmd{}); err != nil {
				return err
			}
			if x, err = F.StepImmediate(s.ctx, s.as("unit5"), x.ID, "report", fieldwork.StepCmd{Text: "已全部入柜，修订值班保密须知。"}); err != nil {
				return err
			}
		}
		return nil
	})
	s.do("clue", func() error {
		for i, c := range []fieldwork.ClueCmd{{Line: "discipline", Subject: "某处室负责人（化名）", Text: "来信反映其接受管理服务对象宴请，线索待核。"}, {Line: "organisation", Subject: "某干部（化名）", Text: "反映其任职年限认定有误。"},
			{Line: "publicity", Subject: "某单位公众号管理人员（化名）", Text: "反映其转发未经核实的涉案信息。"}} {
			x, err := F.NoteClue(s.ctx, s.as("inspector"), there.ID, c)
			if err != nil {
				return err
			}
			if i < 2 {
				if _, err := F.StepClue(s.ctx, s.as("teamleader"), x.ID, "hand_over", fieldwork.StepCmd{}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	s.report(there)
	s.day(0)
}

// pool puts staff of headquarters into the pool of inspectors.
func (s *story) pool() {
	s.do("pool", func() error {
		found, err := s.Person.Find(s.ctx, System(), "D010", s.as("office").Unit, 20)
		if err != nil {
			return err
		}
		var list []fieldwork.InspectorCmd
		add := func(p id.ID, i int, lead bool) {
			ks := fieldwork.Skills()
			list = append(list, fieldwork.InspectorCmd{Person: p, Unit: s.as("office").Unit, Skills: []string{ks[i%len(ks)], ks[(i*3+1)%len(ks)]}, Lead: lead})
		}
		for i, p := range found {
			if p.Status == person.Serving {
				add(p.ID, i, i%6 == 5)
			}
		}
		for i, login := range []string{"teamleader", "inspector", "inspector2", "teamleader2", "inspector3", "lookleader"} {
			add(s.ids[login], i, strings.Contains(login, "leader"))
		}
		return s.Fieldwork.AddInspectors(s.ctx, s.as("office"), list)
	})
}

func (s *story) request(v inspection.Visit) {
	F := s.Fieldwork
	s.day(-39)
	for i, c := range []fieldwork.RequestCmd{
		{Title: "近三年党组会议记录", Text: "请提供近三年党组会议记录及议题清单，按年度装订。"},
		{Title: "2024年以来大额资金支出凭证", Text: "请提供单笔二十万元以上支出的审批单、合同和凭证复印件。"},
		{Title: "上一轮巡视整改台账", Text: "请提供上一轮巡视整改台账及佐证材料目录。"}} {
		s.do("request", func() error {
			if i == 2 {
				s.day(-2)
			}
			x, err := F.Ask(s.ctx, s.as("inspector"), v.ID, c)
			if err != nil || i == 2 {
				return err
			}
			text := fmt.Sprintf("%s\n共一册，目录附后。\n", c.Title)
			x, err = F.StepRequest(s.ctx, s.as("unit5"), x.ID, "reply", fieldwork.StepCmd{Text: "材料已按要求整理，目录见附件。"},
				[]fieldwork.FileIn{{Name: "材料目录-" + x.No + ".txt", Size: int64(len(text)), R: bytesReader(text)}})
			if err != nil || i == 1 {
				return err
			}
			_, err = F.StepRequest(s.ctx, s.as("inspector"), x.ID, "accept", fieldwork.StepCmd{}, nil)
			return err
		})
	}
}

func (s *story) papers(v inspection.Visit, lists []fieldwork.Checklist) {
	F := s.Fieldwork
	s.day(-2)
	var fs []inspection.Finding
	s.do("findings", func() error {
		return s.read(func(q db.Q) error {
			all, err := inspection.FindingsOf(s.ctx, q, v.Round)
			for _, f := range all {
				if f.Visit == v.ID {
					fs = append(fs, f)
				}
			}
			return err
		})
	})
	for i, c := range []fieldwork.PaperCmd{
		{Kind: "files", Title: "查阅党组会议记录", Secrecy: fieldwork.Internal, Place: "院机关档案室", Text: "查阅近三年党组会议记录四十八次，其中六次没有记录讨论过程，两次议题未提前酝酿。"},
		{Kind: "interview", Title: "与办公室负责人谈话", Secrecy: fieldwork.Secret, Place: "驻地谈话室", Persons: "办公室负责人（化名）", Text: "谈话人反映，重大事项会前征求意见不充分，材料往往当天发放。"},
		{Kind: "check", Title: "抽查大额支出凭证", Secrecy: fieldwork.Internal, Place: "财务部门", Text: "抽查支出凭证二十笔，三笔缺少集体研究依据。"},
		{Kind: "petition", Title: "来信登记之一", Secrecy: fieldwork.Confidential, Persons: "匿名来信", Text: "来信反映选人用人程序问题，拟核实。"}} {
		s.do("paper", func() error {
			c.On = s.today.AddDays(-10 + i)
			if i < len(fs) {
				c.Findings = []id.ID{fs[i].ID}
			}
			x, err := F.AddPaper(s.ctx, s.as([]string{"inspector", "inspector2"}[i%2]), v.ID, c, nil)
			if err != nil || i == 3 {
				return err
			}
			if x, err = F.StepPaper(s.ctx, s.as([]string{"inspector", "inspector2"}[i%2]), x.ID, "submit", fieldwork.StepCmd{}); err != nil || i == 2 {
				return err
			}
			_, err = F.StepPaper(s.ctx, s.as("teamleader"), x.ID, "approve", fieldwork.StepCmd{})
			return err
		})
	}
	for _, l := range lists {
		s.do("checks", func() error {
			var full fieldwork.Checklist
			if err := s.read(func(q db.Q) (err error) { full, err = fieldwork.ChecklistByID(s.ctx, q, l.ID); return err }); err != nil {
				return err
			}
			for i, c := range full.Checks[:len(full.Checks)/2+1] {
				a := fieldwork.AnswerCmd{Check: c.ID, Result: "good"}
				if i == 1 {
					a.Result, a.Note = "problem", "抽查六次会议没有讨论过程记录。"
				}
				if err := F.AnswerCheck(s.ctx, s.as("inspector"), v.ID, a); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func (s *story) report(v inspection.Visit) {
	s.do("report", func() error {
		_, err := s.Fieldwork.SaveReport(s.ctx, s.as("teamleader"), v.ID, "", fieldwork.ReportCmd{Kind: fieldwork.ReportInspection, Title: "关于巡视江西省人民检察院党组情况的报告（演示）", Text: `一、贯彻民主集中制方面
党组会议记录不完整，四十八次会议中六次没有讨论过程。〔底稿1〕重大事项会前酝酿不充分，材料当天发放。〔底稿1、2〕
二、财务管理方面
抽查支出凭证二十笔，三笔缺少集体研究依据。〔底稿3〕有关制度执行不严的现象较为普遍。
`})
		return err
	})
}

var checklistLines = [][2]string{
	{"党组议事决策", "党组会议是否按规定列明议题并提前酝酿 | 民主集中制有关规定\n会议记录是否完整记载讨论过程和不同意见 | 党组工作有关规定\n“三重一大”事项是否集体研究 | “三重一大”有关规定\n末位表态是否落实"},
	{"财务和内控", "大额支出是否有集体研究依据 | 财务管理有关规定\n公务接待是否一函三单齐全 | 公务接待有关规定\n公务用车登记是否完整\n政府采购程序是否合规 | 政府采购有关规定"},
}
