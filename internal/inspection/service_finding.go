package inspection

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
)

// AddFinding records a draft of the actor's team on a visit.
func (s *Service) AddFinding(ctx context.Context, who actor.Actor, c AddFindingCmd) (Finding, error) {
	return Finding{}, fault.NotFound("visit")
}
