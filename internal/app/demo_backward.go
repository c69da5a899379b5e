package app

import (
	"huikan/internal/contact"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/db"
)

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
