package app

import (
	"huikan/internal/inspection"
	"huikan/internal/platform/db"
)

// linkedRounds joins a round of a province to one of headquarters (联动): the lower
// team has found three problems, and its leader shared two of them with the team
// above.
func (s *story) linkedRounds() {
	s.day(-30)
	var terms []inspection.Term
	I := s.Inspection
	s.do("linked: term", func() error {
		low, err := I.CreateTerm(s.ctx, s.as("office"), inspection.CreateTermCmd{No: 1, Name: "河南省检察院本届党组任期（演示）", Unit: "河南省人民检察院", Start: s.today.AddDays(-700), End: s.today.AddDays(1100)})
		terms = append(terms, low)
		return err
	})
	var upper, lower inspection.Round
	var team inspection.Team
	var visit inspection.Visit
	s.do("linked: rounds", func() (err error) {
		seats := inspection.RoundCmd{No: 4, Name: "涉案财物管理专项联动巡视", Kind: inspection.KindLinked, Start: s.today.AddDays(-50), End: s.today.AddDays(30), RectifyMonths: 6, RectifySource: "联动工作方案（演示）",
			SeatsMin: 2, SeatsMax: 7, SeatsSource: "联动工作方案（演示）"}
		all := []inspection.Term{}
		if err := s.read(func(q db.Q) (err error) { all, err = inspection.Terms(s.ctx, q); return err }); err != nil {
			return err
		}
		for _, t := range all {
			if t.ID != terms[0].ID {
				seats.Term = t.ID
			}
		}
		if upper, err = I.CreateRound(s.ctx, s.as("office"), seats); err != nil {
			return err
		}
		seats.Term, seats.No, seats.Name, seats.Upper = terms[0].ID, 1, "涉案财物管理联动巡察", upper.ID
		if lower, err = I.CreateRound(s.ctx, s.as("office"), seats); err != nil {
			return err
		}
		above, err := I.AddTeam(s.ctx, s.as("office"), upper.ID, "联动巡视组")
		if err != nil {
			return err
		}
		if team, err = I.AddTeam(s.ctx, s.as("office"), lower.ID, "联动巡察组"); err != nil {
			return err
		}
		for _, x := range []struct {
			team inspection.Team
			who  string
			post string
		}{{above, "teamleader2", inspection.PostLeader}, {above, "inspector3", inspection.PostMember}, {team, "cityleader", inspection.PostLeader}, {team, "cityinspector", inspection.PostMember}} {
			if _, err := I.Seat(s.ctx, s.as("office"), x.team.ID, inspection.SeatCmd{Person: s.ids[x.who], Post: x.post}); err != nil {
				return err
			}
		}
		visit, err = I.AddVisit(s.ctx, s.as("office"), lower.ID, inspection.VisitCmd{Unit: "洛阳市人民检察院", Team: team.ID})
		return err
	})
	s.authorise([]inspection.Team{team})
	s.advance(lower.ID, "enter")
	on := s.day(-28)
	s.move(visit.ID, "enter", on)
	s.day(-20)
	for n := range 3 {
		f := s.finding(visit, "cityinspector", 5+2*n)
		s.decide("cityinspector", f, "submit", "")
		s.decide("cityleader", f, "confirm", "")
		if n < 2 {
			s.do("linked: share", func() error { return I.Share(s.ctx, s.as("cityleader"), f.ID, inspection.ShareCmd{Share: true}) })
		}
	}
}
