package duty

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// known are the states in which an assessed unit knows of its assessment.
var known = []string{Served, Objected, Decided, Final}

// Rules are this room's rows of the policy table; see "Who may what" of the package.
func Rules() []access.Rule {
	out := append(access.FromFlow(SchemeFlow), access.FromFlow(Flow)...)
	for _, o := range offices {
		out = append(out, access.Permit(o.Role, flow.ByUs, "scheme.read", "scheme.create", "assessment.read", "assessment.create", "holder.read", "holder.set"))
	}
	out = append(out, access.Permit(actor.Leader, flow.ByUs, "scheme.read", "assessment.read", "holder.read"),
		access.Permit(actor.Leader, flow.Below, "assessment.read").In(known...),
		access.Permit(actor.Staff, flow.Own, "holder.read"),
		access.Permit(actor.Staff, flow.Anything, "scheme.read").In(SchemeInForce, SchemeRetired))
	for _, h := range heads {
		out = append(out, access.Permit(h.Role, flow.OfUnit, "assessment.read").In(known...), access.Permit(h.Role, flow.ByUs, "holder.read", "holder.set"))
	}
	return out
}
