package app

import (
	"fmt"
	"slices"
	"strings"

	"huikan/internal/contact"
	"huikan/internal/person"
	"huikan/internal/platform/db"
)

// letters tells how Henan's office holds zero returns against caseloads and draws
// letters of verification: one answer confirms, one differs and is explained.
func (s *story) letters() {
	s.day(-3)
	office := "oversight2"
	s.do("caseloads", func() error {
		var b strings.Builder
		b.WriteString("工号,报告期,岗位,办案数\n")
		p := contact.Setting{EndDay: 25}.Latest(s.today.AddDays(-35))
		for n := range 6 {
			for i, m := range cast {
				if m.unit == "河南省人民检察院" {
					fmt.Fprintf(&b, "D%05d,%s,%s,%d\n", i+1, p, []string{"刑事检察", "公益诉讼检察"}[i%2], 6+(i*7+n*5)%15)
				}
			}
			p = p.Prev()
		}
		text := b.String()
		res, err := s.Contact.ImportCaseload(s.ctx, s.as(office), "办案量.csv", strings.NewReader(text), int64(len(text)), false)
		if err == nil && !res.Applied {
			err = fmt.Errorf("caseloads: %v", res.Faults)
		}
		return err
	})
	s.do("letters", func() error {
		p := contact.Setting{EndDay: 25}.Latest(s.today.AddDays(-35))
		d, err := s.Contact.CommitDraw(s.ctx, s.as(office), contact.DrawCmd{Unit: "河南省人民检察院", Period: string(p), Size: 4})
		if err != nil {
			return err
		}
		if _, err := s.Contact.RevealDraw(s.ctx, s.as(office), d.ID); err != nil {
			return err
		}
		v, _, err := s.Contact.ReadDraw(s.ctx, s.as(office), d.ID)
		if err != nil {
			return err
		}
		for i, steps := range [][]struct{ do, text, outcome string }{
			{{"send", "致某案辩护律师金某：该期间有无就案件过问、接触承办人。", ""}, {"confirm", "复函：仅依程序阅卷，没有其他接触。", ""}},
			{{"send", "致某案被害人亲属刘某。", ""}, {"differ", "复函：曾当面向承办人询问能否从重。", ""}, {"ask", "请说明该次会面情况。", ""}, {"explain", "在接待大厅依程序接待，有来访登记。", ""}},
		} {
			for _, x := range steps {
				if i >= len(v.Letters) {
					break
				}
				if _, err := s.Contact.WorkLetter(s.ctx, s.as(office), v.Letters[i].ID, x.do, contact.LetterCmd{Text: x.text, Outcome: x.outcome}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	s.do("a record not made", func() error {
		o, err := s.Contact.NoteOmission(s.ctx, s.as(office), contact.NoteOmissionCmd{Person: string(s.as("staff").Person), Kind: contact.Unrecorded, Source: "check", On: s.today.AddDays(-40), Text: "接待登记显示当事人亲属曾当面询问案件，登记中没有相应记录。"})
		if err == nil {
			_, err = s.Contact.WorkOmission(s.ctx, s.as(office), o.ID, "hear", contact.OmissionCmd{Text: "称当时按程序告知，未意识到需要登记，愿补记。"})
		}
		return err
	})
	s.do("talks on zero returns", s.talks)
	// Two quarters were summed up and sent by the Supreme, one by Henan: the newest waits.
	s.do("quarterly summaries", func() error {
		last := contact.Period(string(s.today.AddDays(-35))[:7]).Quarter()
		for contact.TheRules.Period.End(last) >= s.today.AddDays(-4) {
			last = last.Prev()
		}
		for _, x := range []struct {
			login, unit string
			quarter     contact.Period
		}{{"oversight2", "河南省人民检察院", last.Prev()}, {"oversight", "最高人民检察院", last.Prev()}, {"oversight", "最高人民检察院", last}} {
			on := min(contact.TheRules.Period.End(x.quarter).AddDays(12), s.today.AddDays(-3))
			if _, err := s.Contact.SendSummary(s.ctx, s.as(x.login), contact.SendCmd{Unit: x.unit, Quarter: string(x.quarter), On: on, Reference: "督察函（虚构）" + string(x.quarter)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// talks tells of units of Henan that filed nothing but zero returns for long: a talk
// with the first waits, another one, where there is one, was talked with.
func (s *story) talks() error {
	office := s.as("oversight2")
	v, err := s.Contact.GroupSilence(s.ctx, office, office.Unit, contact.ByUnit)
	if err != nil {
		return err
	}
	arranged := 0
	for _, l := range v.Lines {
		if l.Run < v.Bounds.Talk || arranged == 2 {
			continue
		}
		var terms []person.Term
		if err := s.DB.Read(s.ctx, func(q db.Q) (err error) {
			terms, err = person.InService(s.ctx, q, l.Unit, s.today, "", 500)
			return err
		}); err != nil {
			return err
		}
		i := slices.IndexFunc(terms, func(t person.Term) bool {
			return t.Person != office.Person && !slices.Contains(office.Related, t.Person)
		})
		if i < 0 {
			continue
		}
		k, err := s.Contact.ArrangeTalk(s.ctx, office, contact.TalkCmd{Unit: string(l.Unit), Person: string(terms[i].Person), Kind: contact.TalkKinds()[arranged], Due: s.today.AddDays(7), Text: fmt.Sprintf("连续%d期全部为零报告，了解应记事项是否都已记录。", l.Run)})
		if err != nil {
			return err
		}
		if arranged++; arranged == 2 {
			if _, err := s.Contact.WorkTalk(s.ctx, office, k.ID, "hold", contact.HoldCmd{On: s.today.AddDays(-3), Outcome: "explained", Text: "重申逐条、及时、如实记录；确因人少案少，较少接触当事人。"}); err != nil {
				return err
			}
		}
	}
	return nil
}
