package directive

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// Rules are this room's rows of the policy table. A directive is read by whom
// it comes from and, once issued, by every unit at or below: a national
// deployment is no secret inside the system. Tasks are read by both ends.
func Rules() []access.Rule {
	out := append(access.FromFlow(Flow), access.FromFlow(TaskFlow)...)
	out = append(out, access.Permit(actor.Supervisor, flow.ByUs, "directive.read", "directive.create", "task.read", "task.create"))
	for _, r := range []actor.Role{actor.Leader, actor.Office} {
		out = append(out, access.Permit(r, flow.ByUs, "directive.read", "task.read"), access.Permit(r, flow.Below, "task.read"))
	}
	for _, r := range []actor.Role{actor.UnitHead, actor.Liaison} {
		out = append(out, access.Permit(r, flow.OfUnit, "task.read"), access.Permit(r, flow.ByUs, "task.read"))
	}
	for _, r := range []actor.Role{actor.Leader, actor.Office, actor.UnitHead, actor.Liaison, actor.Supervisor, actor.Reviewer} {
		out = append(out, access.Permit(r, flow.Anything, "directive.read").In(StateIssued))
	}
	return out
}
