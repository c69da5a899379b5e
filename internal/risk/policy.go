package risk

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// Rules say who may what. Alerts are judged by the office of their home unit and
// read by those above; leaders see figures. Everybody finds risks of his own post
// and reads the published points of his unit.
func Rules() []access.Rule {
	var rules []access.Rule
	for _, t := range []flow.Table{AlertFlow, RuleFlow, PointFlow} {
		rules = append(rules, access.FromFlow(t)...)
	}
	rules = append(rules,
		access.Permit(actor.InternalSupervision, flow.Below, "risk_event.read", "risk_event.import", "risk_event.undo", "alert.read", "risk_point.read"),
		access.Permit(actor.InternalSupervision, flow.Anything, "risk_run.start", "risk_rule.read", "risk_rule.write", "alert.count", "risk_setting.confirm"),
		access.Permit(actor.Leader, flow.Anything, "risk_rule.read", "alert.count"),
		access.Permit(actor.Leader, flow.Below, "risk_point.read"),
		access.Permit(actor.UnitHead, flow.OfUnit, "risk_point.read"),
		access.Permit(actor.Liaison, flow.OfUnit, "risk_point.read"),
		access.Permit(actor.Staff, flow.OfUnit, "risk_point.create"),
		access.Permit(actor.Staff, flow.OfUnit, "risk_point.read").In(PointPublished),
		access.Permit(actor.Staff, flow.Own, "risk_point.read"))
	return rules
}
