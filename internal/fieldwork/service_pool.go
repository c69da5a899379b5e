package fieldwork

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// InspectorCmd puts a person into the pool.
type InspectorCmd struct {
	Person id.ID      `json:"person"`
	Unit   id.ID      `json:"unit"` // dispatching unit
	Skills []string   `json:"skills"`
	Lead   bool       `json:"lead"`
	From   clock.Date `json:"from"`
	To     clock.Date `json:"to"`
	Note   string     `json:"note"`
	Rev    int64      `json:"rev"`
}

func (c InspectorCmd) check() error {
	var bad fault.Fields
	bad.Need("person", string(c.Person))
	for _, k := range c.Skills {
		oneOf(&bad, "skills", k, Skills())
	}
	if c.To != "" && c.To < c.From {
		bad.Add("to", "error.end_before_start")
	}
	bad.Max("note", c.Note, maxLine)
	return bad.Err()
}

// AddInspectors puts people into the pool of a dispatching unit, all or none.
func (s *Service) AddInspectors(ctx context.Context, who actor.Actor, cs []InspectorCmd) error {
	for _, c := range cs {
		if err := c.check(); err != nil {
			return err
		}
	}
	err := s.Log.Write(ctx, who, "inspector.create", func(tx *audit.Tx) error {
		for _, c := range cs {
			if err := s.Policy.Can(who, "inspector.edit", s.object("inspector", "", Scope{By: c.Unit}, "")); err != nil {
				return err
			}
			if _, err := person.ByID(ctx, tx, c.Person); err != nil {
				return sole("person", "team.bad.person")
			}
			x := Inspector{ID: id.New(), By: c.Unit, Person: c.Person, Skills: c.Skills, Lead: c.Lead, From: c.From, To: c.To, Note: strings.TrimSpace(c.Note)}
			if err := insertInspector(ctx, tx, x); err != nil {
				return err
			}
		}
		return nil
	})
	if fault.Is(err, fault.KindConflict) {
		return sole("person", "inspector.taken")
	}
	return err
}

// EditInspector changes the entry of a person in the pool.
func (s *Service) EditInspector(ctx context.Context, who actor.Actor, inspector id.ID, c InspectorCmd) error {
	return s.Log.Write(ctx, who, "inspector.edit", func(tx *audit.Tx) error {
		x, err := inspectorByID(ctx, tx, inspector)
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "inspector.edit", s.object("inspector", "", Scope{By: x.By}, "")); err != nil {
			return err
		}
		c.Person = x.Person
		if err := c.check(); err != nil {
			return err
		}
		tx.Note("before", x)
		x.Skills, x.Lead, x.From, x.To, x.Note, x.Rev = c.Skills, c.Lead, c.From, c.To, strings.TrimSpace(c.Note), c.Rev
		return updateInspector(ctx, tx, x)
	})
}

// RecusalCmd is a declaration before a round: a unit with the ground, or no unit
// for "nothing to declare".
type RecusalCmd struct {
	Person id.ID      `json:"person"`
	Unit   string     `json:"unit"`
	Ground string     `json:"ground"`
	On     clock.Date `json:"on"`
}

// Declare keeps a declaration of recusal (domain I-20). Members declare for
// themselves; the office takes in the forms of others.
func (s *Service) Declare(ctx context.Context, who actor.Actor, round id.ID, c RecusalCmd) error {
	var bad fault.Fields
	bad.Need("person", string(c.Person))
	unit := id.ID("")
	if strings.TrimSpace(c.Unit) != "" {
		u, ok := s.Units.Resolve(c.Unit)
		if !ok {
			bad.Add("unit", "unit.unknown", c.Unit)
		}
		unit = u.ID
		bad.Need("ground", c.Ground)
	}
	bad.Max("ground", c.Ground, maxLine)
	if c.On == "" {
		c.On = s.today()
	}
	if err := bad.Err(); err != nil {
		return err
	}
	err := s.Log.Write(ctx, who, "team.recusal", func(tx *audit.Tx) error {
		r, err := s.round(ctx, tx, who, round, "team.recusal")
		if err != nil {
			return err
		}
		if c.Person != who.Person && !who.Has(actor.Office) && !who.Has(actor.System) {
			return fault.Denied("person", "team.recusal: somebody else's declaration")
		}
		if unit != "" {
			teams, err := inspection.TeamsOf(ctx, tx, round)
			if err != nil {
				return err
			}
			visits, err := inspection.VisitsOf(ctx, tx, round)
			if err != nil {
				return err
			}
			for _, t := range teams {
				sits := slices.ContainsFunc(t.Members, func(m inspection.Member) bool { return m.Person == c.Person && m.To == "" })
				goes := slices.ContainsFunc(visits, func(v inspection.Visit) bool { return v.Team == t.ID && v.Unit == unit })
				if sits && goes {
					tx.Note("seated", t.ID) // he declares himself out of a unit of his own team: the office must take the seat away
				}
			}
		}
		return insertRecusal(ctx, tx, Recused{ID: id.New(), Round: r.ID, By: r.Unit, Person: c.Person, Unit: unit, Ground: strings.TrimSpace(c.Ground), On: c.On})
	})
	if fault.Is(err, fault.KindConflict) {
		return sole("unit", "recusal.twice")
	}
	return err
}

// Proposal is a proposal for the teams of a round.
type Proposal struct {
	Round inspection.Round `json:"round"`
	Wish  Wish             `json:"wish"`
	Pool  int              `json:"pool"`
	Teams []Proposed       `json:"teams"`
}

// ProposeCmd says what teams should look like.
type ProposeCmd struct {
	Size     int      `json:"size"`
	Deputies int      `json:"deputies"`
	Skills   []string `json:"skills"`
}

func (c *ProposeCmd) check() error {
	var bad fault.Fields
	if c.Size == 0 {
		c.Size = 6
	}
	if c.Size < 2 || c.Size > 30 {
		bad.Add("size", "proposal.bad.size")
	}
	if c.Deputies < 0 || c.Deputies > 2 || c.Deputies >= c.Size {
		bad.Add("deputies", "proposal.bad.deputies")
	}
	for _, k := range c.Skills {
		oneOf(&bad, "skills", k, Skills())
	}
	return bad.Err()
}

// Propose proposes who sits in the teams of a round and says why.
func (s *Service) Propose(ctx context.Context, who actor.Actor, round id.ID, c ProposeCmd) (p Proposal, err error) {
	if err := c.check(); err != nil {
		return p, err
	}
	err = s.read(ctx, func(q db.Q) error { p, err = s.propose(ctx, q, who, round, c); return err })
	return p, err
}

func (s *Service) propose(ctx context.Context, q db.Q, who actor.Actor, round id.ID, c ProposeCmd) (Proposal, error) {
	r, err := s.round(ctx, q, who, round, "team.propose")
	if err != nil {
		return Proposal{}, err
	}
	pool, err := s.applicants(ctx, q, r)
	if err != nil {
		return Proposal{}, err
	}
	teams, err := inspection.TeamsOf(ctx, q, r.ID)
	if err != nil {
		return Proposal{}, err
	}
	visits, err := inspection.VisitsOf(ctx, q, r.ID)
	if err != nil {
		return Proposal{}, err
	}
	skills := map[id.ID][]string{}
	for _, a := range pool {
		skills[a.Person] = a.Skills
	}
	var places []Place
	for _, t := range teams {
		x := Place{Team: t.ID, Name: t.Name}
		for _, m := range t.Members {
			if m.To == "" {
				x.Seated = append(x.Seated, Seated{m.Person, m.Post, skills[m.Person]})
			}
		}
		for _, v := range visits {
			if u, ok := s.Units.Unit(v.Unit); ok && v.Team == t.ID {
				x.Units = append(x.Units, u)
			}
		}
		places = append(places, x)
	}
	w := Wish{Size: c.Size, Deputies: c.Deputies, Skills: c.Skills}
	on := max(r.Start, s.today())
	return Proposal{Round: r, Wish: w, Pool: len(pool), Teams: Propose(pool, places, w, on, func(u id.ID) string { return s.Units.Place(u).Path })}, nil
}

// applicants gathers the pool with everything that the rules ask.
func (s *Service) applicants(ctx context.Context, q db.Q, r inspection.Round) ([]Applicant, error) {
	pool, err := poolOf(ctx, q, r.Unit)
	if err != nil {
		return nil, err
	}
	people := make([]id.ID, len(pool))
	for i, x := range pool {
		people[i] = x.Person
	}
	facts, err := person.RecusalFactsOf(ctx, q, people)
	if err != nil {
		return nil, err
	}
	declared, err := recusalsOf(ctx, q, r.ID)
	if err != nil {
		return nil, err
	}
	seats, err := servedIn(ctx, q, r.Term)
	if err != nil {
		return nil, err
	}
	before := clock.Date("") // start of the round before this one
	for _, x := range seats {
		if x.Round != r.ID && x.Start < r.Start && x.Start > before {
			before = x.Start
		}
	}
	out := make([]Applicant, len(pool))
	at := make(map[id.ID]int, len(pool))
	for i, x := range pool {
		f := facts[x.Person]
		out[i] = Applicant{Inspector: x, Serving: f.Serving, Candidate: inspection.Candidate{Facts: f.Facts, LeaderUnits: f.KinLeadUnit}}
		at[x.Person] = i
	}
	for _, d := range declared {
		if i, ok := at[d.Person]; ok && d.Unit != "" {
			out[i].Declared = append(out[i].Declared, d.Unit)
		}
	}
	rounds := map[id.ID]map[id.ID]bool{}
	for _, x := range seats {
		i, ok := at[x.Person]
		if !ok {
			continue
		}
		if x.Round == r.ID {
			out[i].Seated = true
			continue
		}
		if rounds[x.Person] == nil {
			rounds[x.Person] = map[id.ID]bool{}
		}
		rounds[x.Person][x.Round] = true
		out[i].Rounds = len(rounds[x.Person])
		if x.Start == before && x.Unit != "" {
			out[i].Before = append(out[i].Before, x.Unit)
		}
	}
	return out, nil
}

// Accept gives the seats of a proposal. The rules are asked again for every seat,
// and nobody is seated when one of them stands against it.
func (s *Service) Accept(ctx context.Context, who actor.Actor, round id.ID, c ProposeCmd) (int, error) {
	p, err := s.Propose(ctx, who, round, c)
	if err != nil {
		return 0, err
	}
	var seats []inspection.TeamSeat
	for _, t := range p.Teams {
		for _, x := range t.Choices {
			seats = append(seats, inspection.TeamSeat{Team: t.Team, SeatCmd: inspection.SeatCmd{Person: x.Person, Post: x.Post, From: s.today()}})
		}
	}
	if len(seats) == 0 {
		return 0, fault.State("proposal.nothing")
	}
	_, err = s.Inspect.SeatAll(ctx, who, seats)
	return len(seats), err
}
