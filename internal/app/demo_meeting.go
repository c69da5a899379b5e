package app

import (
	"huikan/internal/kernel/page"
	"huikan/internal/meeting"
	"huikan/internal/org"
)

// meetings tells of the meeting from which the deployment came, and of one that
// is called for today.
func (s *story) meetings() {
	var held, next meeting.Meeting
	s.day(-24)
	s.do("meeting", func() (err error) {
		held, err = s.Meeting.Create(s.ctx, s.as("supervisor"), meeting.Cmd{Title: "全省检察机关深化巡视整改推进会", On: s.today.AddDays(-21), Begins: "14:30", Form: meeting.FormMixed, Place: "检察大楼三楼会议室", Host: "周明远", Guests: "驻院纪检监察组 赵志强\n特约检察员 钱敏", Audience: org.ToProvincial,
			Agenda: "传达学习巡视整改文件 | 周明远 | 20\n通报前三轮整改情况 | 林静 | 30\n交流发言 | 河南省人民检察院 马春燕 | 10\n部署整改与专项核查 | 孙海宁 | 40"})
		return err
	})
	s.do("meeting: call", func() error { _, err := s.Meeting.Call(s.ctx, s.as("supervisor"), held.ID, 0); return err })
	answer := func(login, do string, n meeting.Meeting, c meeting.VenueCmd) {
		s.do("meeting: "+do, func() error {
			v, err := s.Meeting.Get(s.ctx, s.as(login), n.ID)
			if err != nil {
				return err
			}
			return s.Meeting.VenueStep(s.ctx, s.as(login), v.Mine.ID, do, c)
		})
	}
	answer("unit3", "excuse", held, meeting.VenueCmd{Reason: "当日接受省人大专题询问"})
	answer("unit", "confirm", held, meeting.VenueCmd{Lead: "梁建军", Expected: 24})
	s.day(-21)
	answer("unit", "sign_in", held, meeting.VenueCmd{Present: 22})
	answer("unit2", "sign_in", held, meeting.VenueCmd{Lead: "罗庆峰", Present: 18})
	answer("unit4", "sign_in", held, meeting.VenueCmd{Lead: "唐振鹏", Present: 20})
	answer("supervisor", "sign_in", held, meeting.VenueCmd{Lead: "周明远", Present: 36})
	s.do("meeting: hold", func() error { return s.Meeting.Hold(s.ctx, s.as("supervisor"), held.ID, 0) })
	s.day(-19)
	s.do("meeting: stream", func() error {
		l, err := s.Directive.List(s.ctx, s.as("supervisor"), page.Query{Size: 20})
		if err != nil {
			return err
		}
		return s.Meeting.Link(s.ctx, s.as("supervisor"), held.ID, l.Rows[0].ID)
	})
	s.day(-1)
	s.do("meeting: next", func() (err error) {
		next, err = s.Meeting.Create(s.ctx, s.as("supervisor"), meeting.Cmd{Title: "专项核查调度会", On: s.today, Begins: "15:00", Form: meeting.FormVideo, Place: "视频会议室", Host: "孙海宁", Audience: org.ToProvincial, Agenda: "各省核查进展 | 各省院 | 40\n部署下一步核查 | 孙海宁 | 20"})
		return err
	})
	s.do("meeting: call next", func() error { _, err := s.Meeting.Call(s.ctx, s.as("supervisor"), next.ID, 0); return err })
	s.day(0)
}
