package tip

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// Rules are this room's rows of the policy table. The office of a tip reads it;
// an office above learns that one is late, not what it says.
func Rules() []access.Rule {
	return append(access.FromFlow(Flow),
		access.Permit(actor.InternalSupervision, flow.OfUnit, "tip.read", "tip.open"),
		access.Permit(actor.InternalSupervision, flow.Below, "tip.watch").In(open...))
}
