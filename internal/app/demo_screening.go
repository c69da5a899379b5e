package app

import (
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/screening"
)

// citizenNumber makes the ID number of a made-up person.
func citizenNumber(region string, birth clock.Date, serial int) string {
	n := region + string(birth[:4]) + string(birth[5:7]) + string(birth[8:]) + fmt.Sprintf("%03d", serial)
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += w * int(n[i]-'0')
	}
	return n + string("10X98765432"[sum%11])
}

// leaver is a made-up person who left, and what the register of lawyers says.
type leaver struct {
	name, written  string // as the lawyers' register writes it
	unit, how, on  string
	rank, post     string
	firm, city     string
	number, masked bool // whether the register of lawyers has the ID number, and whole
}

var leavers = []leaver{
	{"苏文轩", "蘇文軒", "河南省人民检察院", "辞职", "-400", "三级高级检察官", "检察官", "河南元和正信律师事务所", "郑州市", true, false},
	{"邵庆阳", "邵庆阳", "新乡市人民检察院", "退休", "-700", "四级高级检察官", "检察官", "河南鸿远律师事务所", "新乡市", true, true},
	{"柳如芸", "柳如芸", "新乡市人民检察院", "辞职", "-500", "一级检察官", "检察官", "河南鸿远律师事务所", "红旗区", true, false},
	{"尹国梁", "尹国樑", "河南省人民检察院", "辞职", "-1200", "二级检察官助理", "检察官助理", "北京博恒律师事务所", "朝阳区", true, false},
	{"盛怀民", "盛怀民", "河南省人民检察院", "开除", "-2000", "二级检察官", "检察官", "河南中立达律师事务所", "洛阳市", true, true},
	{"阮晓棠", "阮晓唐", "新乡市红旗区人民检察院", "调离", "-300", "三级检察官", "检察官", "河南鸿远律师事务所", "卫滨区", true, true},
	{"瞿立新", "瞿立新", "湖北省人民检察院", "辞职", "-600", "四级高级检察官", "检察官", "湖北晨曦律师事务所", "武汉市", true, false},
	{"王伟", "王伟", "河南省人民检察院", "退休", "-900", "一级检察官", "检察官", "河南大河律师事务所", "郑州市", false, false},
	{"李娜", "李娜", "新乡市人民检察院", "辞职", "-250", "五级检察官", "检察官", "河南大河律师事务所", "郑州市", false, false},
	{"张静", "张静", "河南省人民检察院", "辞职", "-320", "四级检察官", "检察官", "河南卫河律师事务所", "新乡市", false, false},
	{"刘洋", "刘洋", "新乡市人民检察院", "辞退", "-800", "", "书记员", "河南卫河律师事务所", "新乡市", false, false},
	{"古丽娜尔·买买提", "古丽娜尔买买提", "河南省人民检察院", "退休", "-1100", "二级高级检察官", "检察官", "河南元和正信律师事务所", "郑州市", true, true},
}

// screeningStory brings made-up registers in, screens them, and lets warnings go
// both ways.
func (s *story) screeningStory() {
	henan := "河南省人民检察院"
	s.day(-20)
	s.do("liaison of the justice administration", func() error {
		m, err := s.make(s.ctx, "bar", "秦司远", "", henan, actor.BarLiaison)
		if err != nil {
			return err
		}
		s.made = append(s.made, m)
		return nil
	})
	birth := func(i int) clock.Date { return clock.Date("1968-02-03").AddDays(i * 431) }
	var staff, lawyers, relatives, cases strings.Builder
	staff.WriteString("人员编号,姓名,性别,出生日期,证件号码,原单位,状态,离任日期,职级,职务,班子成员\n")
	lawyers.WriteString("姓名,性别,出生日期,身份证号,执业证号,律师事务所,执业地市,省份,首次执业时间,状态,身份\n")
	relatives.WriteString("亲属编号,人员编号,关系,姓名,性别,出生日期,证件号码,工作单位,居住地\n")
	cases.WriteString("案件编号,办案单位,律师姓名,执业证号,律师事务所,委托日期,承办人\n")
	for i, l := range leavers {
		var back int
		_, _ = fmt.Sscan(l.on, &back) // a constant of this file
		number := citizenNumber("410105", birth(i), 101+2*i)
		fmt.Fprintf(&staff, "L%04d,%s,男,%s,%s,%s,%s,%s,%s,%s,否\n", i+1, l.name, birth(i), number, l.unit, l.how, s.today.AddDays(back), l.rank, l.post)
		shown, born := "", string(birth(i))
		switch {
		case l.number && l.masked:
			shown = number[:6] + "********" + number[14:]
		case l.number:
			shown = number
		default:
			born = born[:4] + "年"
		}
		fmt.Fprintf(&lawyers, "%s,男,%s,%s,1410%02d2020100%05d,%s,%s,%s,2024-05,执业,聘用律师\n", l.written, born, shown, i, i, l.firm, l.city, provinceOf(l.firm))
	}
	for i := range 60 { // lawyers who are nobody of ours
		fmt.Fprintf(&lawyers, "%s,%s,19%02d-0%d-1%d,,14101201510%07d,河南第%d律师事务所,郑州市,河南省,2015-03,执业,\n", madeUpName(i*53+11), []string{"男", "女"}[i%2], 70+i%25, 1+i%9, i%9, i, 1+i%7)
	}
	wife := citizenNumber("410102", "1979-06-18", 226)
	fmt.Fprintf(&relatives, "K0001,D01001,妻子,施婉清,女,1979-06-18,%s,,郑州市\nK0002,%s,哥哥,董子昂,男,1975-01-09,%s,,郑州市\n", wife, staffNo("staff"), citizenNumber("410102", "1975-01-09", 317))
	fmt.Fprintf(&lawyers, "施婉清,女,1979-06-18,%s,14101200911555001,河南正明律师事务所,郑州市,河南省,2009-03,执业,合伙人\n", wife)
	fmt.Fprintf(&lawyers, "董子昂,男,1975-01,%s,14101200311555002,河南正明律师事务所,郑州市,河南省,2003-03,执业,聘用律师\n", "410102********317*")
	fmt.Fprintf(&cases, "41070000-2026-00318,新乡市人民检察院,柳如芸,1410%02d2020100%05d,河南鸿远律师事务所,%s,冀明\n", 2, 2, s.today.AddDays(-12))
	father, daughter := citizenNumber("410703", "1967-08-21", 135), citizenNumber("410703", "1994-11-02", 248) // they serve together
	fmt.Fprintf(&staff, "L0101,程砚秋,男,1967-08-21,%s,新乡市人民检察院,在职,,三级高级检察官,副检察长,是\nL0102,程映雪,女,1994-11-02,%s,新乡市人民检察院,在职,,二级检察官,检察官,否\n", father, daughter)
	fmt.Fprintf(&staff, "L0103,黎景明,男,1972-05-17,%s,新乡市人民检察院,在职,,四级高级检察官,检察官,否\nL0104,芮小满,女,1988-10-09,%s,河南省人民检察院,在职,,二级检察官助理,检察官助理,否\n", citizenNumber("410704", "1972-05-17", 153), citizenNumber("410105", "1988-10-09", 264))
	fmt.Fprintf(&staff, "L0105,郦松年,男,1967-01-23,%s,新乡市人民检察院,在职,,三级高级检察官,检察官,否\n", citizenNumber("410704", "1967-01-23", 375))
	fmt.Fprintf(&relatives, "K0003,L0101,女儿,程映雪,女,1994-11-02,%s,新乡市人民检察院,新乡市\n", daughter)
	bring := func(login, kind, source, text string) {
		s.do("register "+kind, func() error {
			res, err := s.Screening.Import(s.ctx, s.as(login), screening.ImportCmd{Kind: kind, Source: source, AsOf: s.today.AddDays(-22)}, kind+".csv", strings.NewReader(text), int64(len(text)))
			if err == nil && !res.Applied {
				err = fault.Invalid("register.error.none", kind)
			}
			return err
		})
	}
	bring("oversight2", screening.Staff, "政治部离任人员库", staff.String())
	bring("oversight2", screening.Relatives, "近亲属申报", relatives.String())
	bring("bar", screening.Lawyers, "河南省司法厅律师名册", lawyers.String())
	bring("oversight2", screening.Cases, "案件管理系统", cases.String())
	s.do("screening", func() error { _, err := s.Screening.Run(s.ctx, s.as("oversight")); return err })
	s.judged("苏文轩", "盛怀民", "柳如芸")
	s.do("screening of counsel", func() error { _, err := s.Screening.Run(s.ctx, s.as("oversight")); return err })
	s.warned()
	s.talked()
	s.stated()
}

// talked notes two talks before departure: one pledged himself, the other leaves soon.
// A third person cannot be talked with; that he leaves waits for a second name.
func (s *story) talked() {
	s.day(-6)
	s.do("talks before departure", func() error {
		for i, c := range []screening.TalkCmd{
			{Key: "staff:政治部离任人员库:L0103", Leaving: "retired", LeaveOn: s.today.AddDays(40), Work: "none", Talker: "许昌平"},
			{Key: "staff:政治部离任人员库:L0104", Leaving: "resigned", LeaveOn: s.today.AddDays(18), Work: "firm", Employer: "河南卫河律师事务所", Talker: "许昌平"},
		} {
			d, err := s.Screening.Talk(s.ctx, s.as("oversight2"), c)
			if err != nil {
				return err
			}
			if i == 0 {
				if err := s.Screening.DepartureAct(s.ctx, s.as("oversight2"), d.ID, "pledge", screening.ActCmd{Text: "书面承诺已存档"}); err != nil {
					return err
				}
			}
		}
		_, err := s.Screening.Excuse(s.ctx, s.as("oversight2"), screening.ExcuseCmd{Key: "staff:政治部离任人员库:L0105", Leaving: "retired", LeaveOn: s.today.AddDays(8),
			Ground: "突发脑梗住院，不能谈话和签字，医院证明已存档；家属已代为转达从业限制。"})
		return err
	})
}

// stated lets everybody confirm his relatives in January, one of them late, and
// two not at all.
func (s *story) stated() {
	january := clock.Date(string(s.today)[:4] + "-01-15")
	for _, c := range cast {
		day := january
		if c.login == "city" {
			day = january.AddDays(25)
		}
		n := day.Sub(s.today)
		if n >= 0 || c.login == "staff" || c.login == "unit2" {
			continue
		}
		s.day(n)
		s.do("yearly statement", func() error {
			_, err := s.Screening.Declare(s.ctx, s.as(c.login), screening.DeclareCmd{Complete: true})
			return err
		})
	}
}

func provinceOf(firm string) string {
	for prefix, province := range map[string]string{"北京": "北京市", "湖北": "湖北省"} {
		if strings.HasPrefix(firm, prefix) {
			return province
		}
	}
	return "河南省"
}

// judged lets two readers confirm the hits of some, and the first dismiss one of
// the plain namesakes.
func (s *story) judged(names ...string) {
	s.do("two readers", func() error {
		hits, err := s.Screening.Hits(s.ctx, s.as("oversight2"), "")
		if err != nil {
			return err
		}
		for _, h := range hits {
			for _, n := range names {
				if h.Name != n || h.State != screening.Open {
					continue
				}
				if err := s.Screening.Judge(s.ctx, s.as("oversight2"), h.ID, "hit", screening.JudgeCmd{Reason: "证件号码与出生日期一致"}); err != nil {
					return err
				}
				if n == "柳如芸" {
					continue // waits for the second reader
				}
				if err := s.Screening.Judge(s.ctx, s.as("oversight"), h.ID, "confirm", screening.JudgeCmd{Reason: "已核对离任审批表"}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// warned sends a warning that is answered, one that waits and whose person is handed
// over as a lead, and a notice of the justice administration.
func (s *story) warned() {
	s.day(-9)
	s.do("warnings", func() error {
		hits, err := s.Screening.Hits(s.ctx, s.as("oversight2"), screening.Confirmed)
		if err != nil {
			return err
		}
		for i, h := range hits {
			w, err := s.Screening.Send(s.ctx, s.as("oversight2"), screening.SendCmd{Hit: h.ID, Body: h.Name + "离任后在" + h.Firm + "执业，请依规核实处理。", Due: s.today.AddDays(5)})
			if err != nil {
				return err
			}
			if i > 0 {
				if err := s.Screening.Judge(s.ctx, s.as("oversight2"), h.ID, "lead", screening.JudgeCmd{Reason: "核查原承办案件与其现代理业务有无关联。"}); err != nil {
					return err
				}
				continue
			}
			for _, step := range []struct{ do, text string }{{"receive", ""}, {"answer", "已核实，该律师系贵院离任人员，现责令三十日内注销执业证书。"}} {
				if err := s.Screening.Act(s.ctx, s.as("bar"), w.ID, step.do, screening.ActCmd{Text: step.text}); err != nil {
					return err
				}
			}
		}
		if _, err := s.Screening.SendYearly(s.ctx, s.as("oversight2"), screening.YearlyCmd{Year: s.today.AddDays(-9).Year(), Due: s.today.AddDays(20),
			Text: "请在本年度考核中对下列离任检察人员重点审核，核实其执业是否符合从业限制规定，并反馈审核结果。"}); err != nil {
			return err
		}
		_, err = s.Screening.Tell(s.ctx, s.as("bar"), screening.TellCmd{Kind: screening.OfApplication, Unit: "河南省人民检察院", Subject: "邹启航", Firm: "河南卫河律师事务所", Body: "申请律师执业，自述曾在贵院任职，请出具书面意见。", Due: s.today.AddDays(4)})
		return err
	})
}
