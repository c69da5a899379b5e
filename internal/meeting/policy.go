package meeting

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// Rules are this room's rows of the policy table. A meeting is read by those who
// call it and by every unit that is called; a venue by its unit, by who calls
// and by the levels above the unit.
func Rules() []access.Rule {
	out := append(access.FromFlow(Flow), access.FromFlow(VenueFlow)...)
	for _, r := range []actor.Role{actor.Supervisor, actor.Office} {
		out = append(out, access.Permit(r, flow.ByUs, "meeting.read", "meeting.create", "venue.read"))
	}
	out = append(out, access.Permit(actor.Leader, flow.ByUs, "meeting.read", "venue.read"))
	for _, r := range []actor.Role{actor.Leader, actor.Supervisor, actor.UnitHead, actor.Liaison, actor.Office} {
		out = append(out, access.Permit(r, flow.OfUnit, "venue.read"))
	}
	return out
}
