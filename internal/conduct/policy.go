package conduct

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// Rules say who works and reads. Leads and cases stay in the office that works
// them: a grant above it gives figures, not records. Handlers and the decider
// read by name, whatever their unit. The subject reads what was served on him.
func Rules() []access.Rule {
	var rules []access.Rule
	for _, t := range []flow.Table{LeadFlow, CaseFlow, SanctionFlow, ServedFlow} {
		rules = append(rules, access.FromFlow(t)...)
	}
	rules = append(rules,
		access.Permit(actor.InternalSupervision, flow.OfUnit, "lead.read", "conduct.read", "conduct.check"),
		access.Permit(actor.InternalSupervision, flow.OfUnit, "conduct.assign", "conduct.pause", "conduct.resume", "conduct.extend").In(running...),
		access.Permit(actor.InternalSupervision, flow.Own, "lead.read", "conduct.read", "conduct.check"),
		access.Permit(actor.InternalSupervision, flow.Own, "conduct.act", "conduct.unact").In(Investigating, Reported), // before the person is told
		access.Permit(actor.Leader, flow.Own, "conduct.read"),
		access.Permit(actor.InternalSupervision, flow.OfUnit, "sanction.read"),
		access.Permit(actor.Personnel, flow.Below, "sanction.read", "promotion.check"),
		access.Permit(actor.InternalSupervision, flow.Below, "promotion.check", "outcome.count", "small.read"),
		access.Permit(actor.Leader, flow.Below, "promotion.check", "outcome.count", "small.count"),
		access.Permit(actor.InternalSupervision, flow.OfUnit, "watch.read", "watch.judge"),
		access.Permit(actor.Leader, flow.OfUnit, "watch.read"),
		access.Permit(actor.InternalSupervision, flow.Below, "small.count"),
		access.Permit(actor.InternalSupervision, flow.Anything, "conduct_rule.read", "conduct_rule.confirm", "pattern.read"),
		access.Permit(actor.Leader, flow.Anything, "conduct_rule.read", "pattern.read"),
		access.Permit(actor.Personnel, flow.Anything, "conduct_rule.read"),
		access.Permit(actor.Staff, flow.Own, "self_report.read", "served.read"),
		access.Permit(actor.Staff, flow.Anything, "self_report.create"),
		access.Permit(actor.InternalSupervision, flow.OfUnit, "self_report.open"))
	for _, r := range []actor.Role{actor.InternalSupervision, actor.Office, actor.TeamLeader, actor.Inspector, actor.Lookback, actor.Reviewer, actor.Supervisor} {
		rules = append(rules, access.Permit(r, flow.Anything, "lead.create"))
	}
	return rules
}
