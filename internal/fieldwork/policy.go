package fieldwork

import (
	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
)

// Flows are the state tables of the room.
func Flows() []flow.Table {
	return []flow.Table{ActFlow, ImmediateFlow, RequestFlow, ChecklistFlow, PaperFlow, ReportFlow, ClueFlow, KitFlow, ClashFlow}
}

// Rules is the room's part of the policy table. Papers are the team's; the
// dispatching side reads what was approved, except confidential ones. A clue that
// was handed over is its line's alone.
func Rules() []access.Rule {
	var rules []access.Rule
	for _, t := range Flows() {
		rules = append(rules, access.FromFlow(t)...)
	}
	for _, r := range []actor.Role{actor.TeamLeader, actor.Inspector, actor.Lookback} {
		rules = append(rules,
			access.Permit(r, flow.OfTeam, "field.read", "field.list", "act.read", "immediate.read", "immediate.create", "request.read", "request.create", "request.edit",
				"paper.create", "report.read", "report.create", "answer.edit", "clue.list", "clue.create", "team.recusal"),
			access.Permit(r, flow.OfTeam, "paper.read").In(levels(Internal, Secret)...),
			access.Permit(r, flow.Own, "paper.read").In(levels(Confidential)...),
			access.Permit(r, flow.OfTeam, "paper.edit", "report.edit").In(Draft),
			access.Permit(r, flow.OfTeam, "clue.read").In(ClueNoted),
			access.Permit(r, flow.Anything, "checklist.read"))
	}
	rules = append(rules,
		access.Permit(actor.TeamLeader, flow.OfTeam, "paper.read").In(levels(Confidential)...),
		access.Permit(actor.TeamLeader, flow.OfTeam, "act.create", "kit.read", "kit.issue", "clash.read"),
		access.Permit(actor.Leader, flow.ByUs, "team.authorise"))
	for _, r := range []actor.Role{actor.Office, actor.Leader} {
		rules = append(rules,
			access.Permit(r, flow.ByUs, "plan.read", "field.read", "field.list", "act.read", "immediate.read", "request.read", "clue.list", "inspector.read"),
			access.Permit(r, flow.ByUs, "report.read").In(Submitted, Approved),
			access.Permit(r, flow.ByUs, "paper.read").In(Approved+":"+Internal, Approved+":"+Secret),
			access.Permit(r, flow.Anything, "checklist.read"))
	}
	for _, r := range []actor.Role{actor.UnitHead, actor.Liaison} {
		rules = append(rules, access.Permit(r, flow.OfUnit, "request.read").In(RequestSent, RequestReplied, RequestAccepted, RequestReturned),
			access.Permit(r, flow.OfUnit, "immediate.read"))
	}
	return append(rules,
		access.Permit(actor.Discipline, flow.ByUs, "clue.read", "clue.list").In(left(LineDiscipline)...),
		access.Permit(actor.Personnel, flow.ByUs, "clue.read", "clue.list").In(left(LineOrganisation, LinePublicity)...),
		access.Permit(actor.Leader, flow.ByUs, "kit.read"),
		access.Permit(actor.Office, flow.ByUs, "kit.read", "kit.issue", "plan.edit", "period.edit", "act.create", "inspector.edit", "inspector.import", "team.propose", "checklist.create", "checklist.edit", "team.recusal"))
}

// levels are the read states of papers of some secrecy.
func levels(secrecies ...string) []string {
	var out []string
	for _, st := range PaperFlow.States() {
		for _, s := range secrecies {
			out = append(out, st+":"+s)
		}
	}
	return out
}

// object is what access judges of a record of field work.
func (s *Service) object(kind, state string, sc Scope, owner id.ID) access.Object {
	o := access.Object{Kind: kind, State: state, By: s.Units.Place(sc.By), Team: sc.Team}
	if sc.Unit != "" {
		o.Units = []access.Place{s.Units.Place(sc.Unit)}
	}
	if owner != "" {
		o.Owners = []id.ID{owner}
	}
	return o
}

func columns(state, alias string) access.Columns {
	return access.Columns{State: state, Units: []string{alias + ".unit_id"}, By: alias + ".by_id", Team: alias + ".team_id", Owners: []string{alias + ".author_id"}}
}

// scopeOf is the scope of a visit.
func scopeOf(v inspection.Visit) Scope {
	return Scope{Visit: v.ID, Round: v.Round, Unit: v.Unit, By: v.By, Team: v.Team}
}

// roundScope is the scope of a round; a member's own rounds are those of his seats.
func roundScope(r inspection.Round, who actor.Actor) Scope {
	sc := Scope{Round: r.ID, By: r.Unit}
	for _, m := range who.Teams {
		if m.Round == r.ID {
			sc.Team = m.Team
		}
	}
	return sc
}
