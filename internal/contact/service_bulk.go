package contact

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/platform/audit"
)

// bulkReturns bounds the returns of one transaction and log entry.
const bulkReturns = 20_000

// AddReturns writes returns as if they had been filed here at their time, in parts of
// one transaction and log entry each. Only the program may: content that is made up to
// measure on has no people who attest it one by one.
func (s *Service) AddReturns(ctx context.Context, who actor.Actor, list []Return) error {
	const action = "return.add_many"
	return audit.InParts(who, "return", action, list, bulkReturns, func(part []Return) error {
		return s.log.Write(ctx, who, action, func(tx *audit.Tx) error { return insertReturns(ctx, tx, part) })
	})
}
