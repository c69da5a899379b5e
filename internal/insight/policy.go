package insight

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// Rules say who sees the dashboard. The first page and the search belong to
// everybody: they show only what their reader may see anyway. So do the parts of
// the dashboard: each asks the room whose figures it shows.
func Rules() []access.Rule {
	var out []access.Rule
	for _, r := range []actor.Role{actor.Leader, actor.Office, actor.Reviewer, actor.UnitHead, actor.Liaison, actor.Supervisor, actor.InternalSupervision} {
		out = append(out, access.Permit(r, flow.Below, "board.read"))
	}
	return out
}
