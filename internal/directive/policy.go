package directive

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// Rules are this room's rows of the policy table. A directive is read by whom
// it comes from and, once issued, by every unit at or below: a national
// deployment is no secret inside the system. Tasks are read by both ends; an
// issue by those who ask; a countersignature by who asks, who signs, and who
// reviews; a reconciliation by both sides; a
// dispatch sheet by who asks, and what it says about an office by that office, once it was sent.
func Rules() []access.Rule {
	var out []access.Rule
	for _, f := range []flow.Table{Flow, TaskFlow, IssueFlow, CosignFlow, AccountFlow, DispatchFlow, DispatchPartFlow} {
		out = append(out, access.FromFlow(f)...)
	}
	out = append(out, access.Permit(actor.Supervisor, flow.ByUs, "directive.read", "directive.create", "task.read", "task.create", "issue.read", "cosign.read", "quarter.read", "quarter.open", "burden.read",
		"dispatch.read", "dispatch.make", "dispatch_part.read"))
	for _, r := range []actor.Role{actor.Leader, actor.Office} {
		out = append(out, access.Permit(r, flow.ByUs, "directive.read", "task.read", "issue.read", "quarter.read", "dispatch.read", "dispatch_part.read"), access.Permit(r, flow.Below, "task.read", "burden.read"))
	}
	for _, r := range []actor.Role{actor.UnitHead, actor.Liaison} {
		out = append(out, access.Permit(r, flow.OfUnit, "task.read", "cosign.read", "quarter.read"), access.Permit(r, flow.OfUnit, "dispatch_part.read").In(PartAsked, PartAnswered), access.Permit(r, flow.ByUs, "task.read", "issue.read", "cosign.read"), access.Permit(r, flow.Below, "burden.read"))
	}
	for _, r := range []actor.Role{actor.Leader, actor.Office, actor.UnitHead, actor.Liaison, actor.Supervisor, actor.Reviewer} {
		out = append(out, access.Permit(r, flow.Anything, "directive.read").In(StateIssued))
	}
	return out
}
