package inspection

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
)

// Rules is the room's part of the policy table. A draft is its team's alone;
// what the team hands in the dispatching side sees; the unit and those above it
// see a finding once it is fed back.
func Rules() []access.Rule {
	rules := append(append(access.FromFlow(RoundFlow), access.FromFlow(VisitFlow)...), access.FromFlow(FindingFlow)...)
	rules = append(append(append(rules, problemRules()...), criterionRules()...), taxonomyRules()...)
	team := []actor.Role{actor.TeamLeader, actor.Inspector, actor.Lookback}
	for _, r := range team {
		rules = append(rules,
			access.Permit(r, flow.Anything, "term.read"),
			access.Permit(r, flow.OfTeam, "round.read", "team.read", "visit.read", "finding.read", "finding.create", "finding.linked"),
			access.Permit(r, flow.OfTeam, "finding.edit").In(Draft))
	}
	rules = append(rules, access.Permit(actor.TeamLeader, flow.OfTeam, "finding.edit").In(Submitted),
		access.Permit(actor.TeamLeader, flow.OfTeam, "finding.share").In(append([]string{Confirmed}, knownStates...)...))
	handedIn := append([]string{Submitted, Confirmed}, knownStates...)
	for _, r := range []actor.Role{actor.Office, actor.Leader} {
		rules = append(rules,
			access.Permit(r, flow.Anything, "term.read"),
			access.Permit(r, flow.ByUs, "round.read", "team.read", "visit.read", "finding.linked"),
			access.Permit(r, flow.ByUs, "finding.read").In(handedIn...))
	}
	for _, r := range []actor.Role{actor.Office, actor.Leader, actor.Reviewer, actor.Supervisor} {
		rules = append(rules,
			access.Permit(r, flow.Below, "coverage.read"),
			access.Permit(r, flow.Below, "finding.read").In(knownStates...))
	}
	for _, r := range []actor.Role{actor.UnitHead, actor.Liaison} {
		rules = append(rules,
			access.Permit(r, flow.OfUnit, "visit.read").In(VisitOnSite, VisitLeft, VisitFedBack),
			access.Permit(r, flow.OfUnit, "finding.read").In(knownStates...))
	}
	return append(rules, access.Permit(actor.Office, flow.ByUs, "term.create", "round.create", "round.edit", "team.create", "team.seat",
		"visit.create", "visit.edit", "circular.import", "circular.read"))
}

// Object is what access judges of a finding. concerns are the persons noted
// with access.Concern.
func Object(f Finding, dir *org.Directory, concerns []id.ID) access.Object {
	o := access.Object{Kind: "finding", ID: f.ID, State: f.State, By: dir.Place(f.By), Team: f.Team, Concerns: concerns,
		Units: []access.Place{dir.Place(f.Unit)}}
	if f.Responsible != f.Unit {
		o.Units = append(o.Units, dir.Place(f.Responsible))
	}
	if f.Author != "" {
		o.Owners = []id.ID{f.Author}
	}
	return o
}

var findingAccess = access.Columns{State: "f.state", Units: []string{"f.unit_id", "f.responsible_id"}, By: "f.by_id", Team: "f.team_id",
	Owners: []string{"f.author_id"}, Concern: []string{"f.id"}}

var visitAccess = access.Columns{State: "v.state", Units: []string{"v.unit_id"}, By: "v.by_id", Team: "v.team_id"}

func (s *Service) visitObject(v Visit) access.Object {
	return access.Object{Kind: "visit", ID: v.ID, State: v.State, By: s.Units.Place(v.By), Team: v.Team, Units: []access.Place{s.Units.Place(v.Unit)}}
}

// roundObject: a round has many teams; for a member it counts as his own.
func (s *Service) roundObject(r Round, who actor.Actor) access.Object {
	o := access.Object{Kind: "round", ID: r.ID, State: r.State, By: s.Units.Place(r.Unit), Units: []access.Place{s.Units.Place(r.Unit)}}
	for _, m := range who.Teams {
		if m.Round == r.ID {
			o.Team = m.Team
		}
	}
	return o
}

func (s *Service) teamObject(t Team, r Round) access.Object {
	return access.Object{Kind: "team", ID: t.ID, State: r.State, By: s.Units.Place(r.Unit), Team: t.ID}
}

// by is the object of a new record of a dispatching unit.
func (s *Service) by(kind string, unit id.ID) access.Object {
	return access.Object{Kind: kind, By: s.Units.Place(unit)}
}

func (s *Service) findingObject(ctx context.Context, q db.Q, f Finding) (access.Object, error) {
	concerns, err := access.Concerns(ctx, q, f.ID)
	return Object(f, s.Units, concerns), err
}
