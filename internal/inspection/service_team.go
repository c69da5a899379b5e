package inspection

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// AddTeam makes an empty team in a round that has not left the field.
func (s *Service) AddTeam(ctx context.Context, who actor.Actor, round id.ID, name string) (Team, error) {
	var bad fault.Fields
	bad.Need("name", name)
	bad.Max("name", name, maxTitle)
	if err := bad.Err(); err != nil {
		return Team{}, err
	}
	t := Team{ID: id.New(), Round: round, Name: strings.TrimSpace(name), Rev: 1}
	err := s.log.Write(ctx, who, "team.create", func(tx *audit.Tx) error {
		r, err := RoundByID(ctx, tx, round)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "team.create", s.by("team", r.Unit)); err != nil {
			return err
		}
		if r.State != RoundPrepare && r.State != RoundOnSite {
			return fault.State("error.state", "team.create", "round.state."+r.State)
		}
		return insertTeam(ctx, tx, t)
	})
	if fault.Is(err, fault.KindConflict) {
		return t, sole("name", "team.taken", name)
	}
	return t, err
}

// SeatCmd gives a person a seat.
type SeatCmd struct {
	Person id.ID      `json:"person"`
	Post   string     `json:"post"`
	From   clock.Date `json:"from"`
}

// Seat gives a person a seat in a team, unless a recusal rule stands against it
// for one of the team's units: then the refusal names the rule and the unit.
func (s *Service) Seat(ctx context.Context, who actor.Actor, team id.ID, c SeatCmd) (Member, error) {
	out, err := s.SeatAll(ctx, who, []TeamSeat{{team, c}})
	if err != nil {
		return Member{}, err
	}
	return out[0], nil
}

// TeamSeat is a seat in a named team.
type TeamSeat struct {
	Team id.ID
	SeatCmd
}

// SeatAll gives several seats in one transaction: all of them or none.
func (s *Service) SeatAll(ctx context.Context, who actor.Actor, seats []TeamSeat) ([]Member, error) {
	var bad fault.Fields
	for _, c := range seats {
		bad.Need("person", string(c.Person))
		oneOf(&bad, "post", c.Post, Posts())
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	var out []Member
	err := s.log.Write(ctx, who, "team.seat", func(tx *audit.Tx) error {
		out = nil
		for _, c := range seats {
			m, err := s.seat(ctx, tx, who, c)
			if err != nil {
				return err
			}
			out = append(out, m)
		}
		return nil
	})
	return out, err
}

func (s *Service) seat(ctx context.Context, tx *audit.Tx, who actor.Actor, c TeamSeat) (Member, error) {
	var m Member
	t, r, err := s.teamToSeat(ctx, tx, who, c.Team)
	if err != nil {
		return m, err
	}
	p, err := person.ByID(ctx, tx, c.Person)
	if err != nil {
		return m, sole("person", "team.bad.person")
	}
	if p.Status != person.Serving {
		return m, sole("person", "team.bad.status", p.Name)
	}
	if _, high := r.Seats(); t.Open() >= high {
		return m, sole("person", "team.bad.full", t.Name, high)
	}
	if _, taken := t.Leader(); taken && c.Post == PostLeader {
		return m, sole("post", "team.bad.leader")
	}
	if _, err := seatOf(ctx, tx, r.ID, c.Person); err == nil {
		return m, sole("person", "team.bad.seated", p.Name)
	} else if !fault.Is(err, fault.KindNotFound) {
		return m, err
	}
	visits, err := VisitsOf(ctx, tx, r.ID)
	if err != nil {
		return m, err
	}
	for _, v := range visits {
		if v.Team != t.ID {
			continue
		}
		if err := s.recused(ctx, tx, c.Person, p.Name, v.Unit, "person"); err != nil {
			return m, err
		}
		if err := s.guard(ctx, tx, Event{Do: "team.seat", Round: r, Team: t, Visit: v, Person: c.Person}); err != nil {
			return m, err
		}
	}
	m = Member{ID: id.New(), Person: c.Person, Post: c.Post, Role: RoleOf(c.Post, r.Kind), From: c.From}
	if m.From == "" {
		m.From = s.today()
	}
	return m, insertMember(ctx, tx, t.ID, r.ID, m)
}

func (s *Service) teamToSeat(ctx context.Context, q db.Q, who actor.Actor, team id.ID) (Team, Round, error) {
	t, err := TeamByID(ctx, q, team)
	if err != nil {
		return t, Round{}, err
	}
	r, err := RoundByID(ctx, q, t.Round)
	if err != nil {
		return t, r, err
	}
	if err := s.policy.Can(who, "team.seat", s.teamObject(t, r)); err != nil {
		return t, r, err
	}
	if r.State == RoundClosed {
		return t, r, fault.State("error.state", "team.seat", "round.state."+r.State)
	}
	return t, r, nil
}

// Unseat ends a seat today; the seat stays on record.
func (s *Service) Unseat(ctx context.Context, who actor.Actor, team, seat id.ID) error {
	return s.log.Write(ctx, who, "team.unseat", func(tx *audit.Tx) error {
		t, _, err := s.teamToSeat(ctx, tx, who, team)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(t.Members, func(m Member) bool { return m.ID == seat }) {
			return fault.NotFound("seat")
		}
		return endMember(ctx, tx, seat, s.today().AddDays(-1))
	})
}

// candidate gathers what the recusal rules ask of a person.
func candidate(ctx context.Context, q db.Q, p id.ID) (Candidate, error) {
	facts, err := person.RecusalFacts(ctx, q, p)
	if err != nil {
		return Candidate{}, err
	}
	c := Candidate{Facts: facts}
	kin, err := person.Kin(ctx, q, p)
	if err != nil {
		return c, err
	}
	for _, k := range kin {
		rel, err := person.ByID(ctx, q, k)
		if fault.Is(err, fault.KindNotFound) {
			continue
		}
		if err != nil {
			return c, err
		}
		if rel.Leadership {
			c.LeaderUnits = append(c.LeaderUnits, rel.Unit)
		}
	}
	return c, nil
}

// recused refuses an assignment that a rule stands against.
func (s *Service) recused(ctx context.Context, q db.Q, p id.ID, name string, unit id.ID, field string) error {
	c, err := candidate(ctx, q, p)
	if err != nil {
		return err
	}
	target, ok := s.Units.Unit(unit)
	if !ok {
		return fault.NotFound("unit")
	}
	var bad fault.Fields
	for _, r := range Recusals(c, target, func(u id.ID) string { return s.Units.Place(u).Path }) {
		bad.Add(field, "recusal."+r.Rule, name, target.Name)
	}
	return bad.Err()
}

// checkTeam checks every open seat of a team against a unit; no team is fine.
func (s *Service) checkTeam(ctx context.Context, q db.Q, r Round, team, unit id.ID) error {
	if team == "" {
		return nil
	}
	t, err := TeamByID(ctx, q, team)
	if err != nil || t.Round != r.ID {
		return sole("team", "finding.bad.choice", string(team))
	}
	for _, m := range t.Members {
		if m.To != "" {
			continue
		}
		p, err := person.ByID(ctx, q, m.Person)
		if err != nil {
			return err
		}
		if err := s.recused(ctx, q, m.Person, p.Name, unit, "team"); err != nil {
			return err
		}
		if err := s.guard(ctx, q, Event{Do: "team.seat", Round: r, Team: t, Visit: Visit{Round: r.ID, Unit: unit}, Person: m.Person}); err != nil {
			return err
		}
	}
	return nil
}
