package app

import "huikan/internal/insight"

// savedFilters tells of two filters that a leader keeps: one is due again today and
// stands among what waits for him.
func (s *story) savedFilters() {
	s.day(-8)
	s.do("saved filters", func() error {
		who := s.as("leader")
		for _, x := range []struct {
			cmd   insight.ViewCmd
			every string
		}{{insight.ViewCmd{Title: "逾期的督办事项", Address: "/tasks?view=late"}, "week"}, {insight.ViewCmd{Title: "河南全省驾驶舱", Address: "/board?under=河南省人民检察院"}, ""}} {
			v, err := s.Insight.SaveView(s.ctx, who, x.cmd)
			if err != nil {
				return err
			}
			if x.every == "" {
				continue
			}
			if err := s.Insight.Subscribe(s.ctx, who, v.ID, insight.SubscribeCmd{Every: x.every}); err != nil {
				return err
			}
		}
		return nil
	})
	s.day(0)
}
