package app

import (
	"huikan/hantext"
	"huikan/internal/contact"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/db"
)

// published takes two quarterly circulars of other places in, as they were printed:
// one adds up, one contradicts itself.
func (s *story) published() {
	s.day(-2)
	for _, x := range []struct{ province, class string }{{"湖北省", "31"}, {"四川省", "13"}} {
		text := x.province + `检察机关2025年第四季度记录报告过问或干预、插手检察办案等重大事项情况
2025年第四季度，全省检察机关共记录报告过问或干预、插手检察办案等重大事项1864件。其中，省检察院填报41件，市级检察院填报322件，基层检察院填报1501件，分别占比2.2%、17.3%和80.5%。
从月份看，10月填报588件，11月填报611件，12月填报665件。
从内容看，了解进展、陈述案情、反映情况、督促加快办理1742件；接触交往91件；违规过问或干预、插手检察办案` + x.class + `件。
从对象看，检察人员139件，占比7.5%；非检察机关人员1725件，占比92.5%。`
		s.do("circular of "+x.province, func() error {
			a, err := hantext.Clean([]byte(text))
			if err != nil {
				return err
			}
			_, err = s.Contact.TakePublished(s.ctx, s.as("oversight"), a, contact.PublishedCmd{Source: "演示：虚构的公开通报"})
			return err
		})
	}
}

// recordedAbout tells what others recorded about somebody whose case of improper
// contact is told by conducts: he recorded none of it himself.
func (s *story) recordedAbout() {
	people := s.others("河南省人民检察院", 2)
	if s.err != nil {
		return
	}
	name := ""
	s.do("who it is", func() error {
		return s.DB.Read(s.ctx, func(q db.Q) error {
			p, err := person.ByID(s.ctx, q, people[1])
			name = p.Name
			return err
		})
	})
	for _, x := range []struct {
		login string
		days  int // ago
		c     contact.Content
	}{
		{"city", 270, contact.Content{CaseNo: "20264107000066", Stage: "prosecution", Channel: "phone", Words: "来电打听一件合同诈骗案起诉意见，称辩护律师是熟人。", Answer: "告知不便透露。", Response: []string{"refused", "reported"}, Claimed: "C5"}},
		{"unit", 255, contact.Content{CaseNo: "20264107000066", Stage: "prosecution", Channel: "face", Words: "在走廊询问该案会不会退回补充侦查。", Answer: "请其按程序了解。", Response: []string{"told"}, Claimed: "C5"}},
	} {
		var on clock.Date
		on, x.c.On = s.day(-x.days), s.today.AddDays(-x.days-1)
		x.c.Record, x.c.Area, x.c.Asker, x.c.AskerName, x.c.AskerUnit, x.c.AskerPost = contact.Interference, "case", "insider", name, "河南省人民检察院", "检察官"
		s.do("record of "+x.login+" on "+string(on), func() error {
			_, err := s.Contact.Submit(s.ctx, s.as(x.login), id.ID(""), contact.RecordCmd{Content: x.c}, nil)
			return err
		})
	}
}
