package rectification

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// Rules say who reads items and, from the workflow, who may take which step.
// Teams see what became of their own findings; a look-back team sees what is
// lent to it for re-verification ("item.recheck"). In which states the unit may
// work is the service's to say, because a refusal then has to be explained.
func Rules() []access.Rule {
	rules := access.FromFlow(Flow)
	for _, r := range []actor.Role{actor.Liaison, actor.UnitHead} {
		rules = append(rules,
			access.Permit(r, flow.OfUnit, "item.read", "item.export"),
			access.Permit(r, flow.OfUnit, "item.plan", "item.measure", "item.progress", "item.evidence", "item.milestone", "item.extend", "item.aside", "item.claims"))
	}
	for _, r := range []actor.Role{actor.Reviewer, actor.Office} {
		rules = append(rules,
			access.Permit(r, flow.ByUs, "item.read", "item.export"),
			access.Permit(r, flow.ByUs, "item.review"),
			access.Permit(r, flow.ByUs, "item.judge_extension", "item.judge_claim", "item.site"))
	}
	// The personnel line and the head of the unit see an application while it is
	// theirs to sign.
	rules = append(rules, access.Permit(actor.Personnel, flow.ByUs, "item.read", "item.review").In(StateApplied),
		access.Permit(actor.UnitHead, flow.OfUnit, "item.review").In(StateApplied),
		access.Permit(actor.Office, flow.ByUs, "item.signers"), access.Permit(actor.Leader, flow.ByUs, "item.signers"))
	rules = append(rules,
		access.Permit(actor.Leader, flow.Below, "item.read", "item.export"),
		access.Permit(actor.Leader, flow.ByUs, "item.read", "item.export"))
	for _, r := range actor.TeamRoles() {
		rules = append(rules, access.Permit(r, flow.OfTeam, "item.read", "item.recheck"))
	}
	return append(rules, folderRules()...)
}
