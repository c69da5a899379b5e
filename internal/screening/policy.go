package screening

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// Rules: inspection of duties works it; personnel brings registers of staff and
// relatives and sees hits; leaders read; the liaison of the justice
// administration sees warnings of its area, brings the register of lawyers and
// asks at the licensing counter — and sees no hit and no register of ours.
func Rules() []access.Rule {
	var rules []access.Rule
	for _, t := range []flow.Table{MatchFlow, OutFlow, InFlow, CaseFlow, EditionFlow, DepartureFlow} {
		rules = append(rules, access.FromFlow(t)...)
	}
	rules = append(rules,
		access.Permit(actor.Staff, flow.Own, "declaration.make"),
		access.Permit(actor.InternalSupervision, flow.Below, "declaration.read"),
		access.Permit(actor.Personnel, flow.Below, "declaration.read"),
		access.Permit(actor.Leader, flow.Below, "declaration.read"),
		access.Permit(actor.InternalSupervision, flow.Below, "match.read", "screening.run", "register.read", "register.import", "register.undo",
			"warning.read", "warning.send", "reverse.read", "case_warning.read", "screening.person"),
		access.Permit(actor.InternalSupervision, flow.Anything, "edition.read", "edition.draft", "screening.clinic", "screening.upgrade"),
		access.Permit(actor.Personnel, flow.Below, "match.read", "screening.person"),
		access.Permit(actor.Personnel, flow.Below, "register.read", "register.import", "register.undo").In(Staff, Relatives),
		access.Permit(actor.Personnel, flow.Anything, "edition.read"),
		access.Permit(actor.Leader, flow.Below, "match.read", "warning.read", "reverse.read", "case_warning.read", "screening.person"),
		access.Permit(actor.Leader, flow.Anything, "edition.read"),
		access.Permit(actor.BarLiaison, flow.Below, "warning.read", "reverse.read", "reverse.send", "screening.ask"),
		access.Permit(actor.BarLiaison, flow.Below, "register.read", "register.import", "register.undo").In(Lawyers),
		access.Permit(actor.Staff, flow.Own, "departure.read"),
		access.Permit(actor.Personnel, flow.Below, "departure.read", "departure.list", "departure.talk"),
		access.Permit(actor.InternalSupervision, flow.Below, "departure.read", "departure.list", "departure.talk"),
		access.Permit(actor.Leader, flow.Below, "departure.read", "departure.list"),
		access.Permit(actor.SysAdmin, flow.Anything, "system.hook"))
	return rules
}
