package contact

import (
	"context"
	"fmt"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/audit"
)

// bulkReturns bounds the returns of one transaction and log entry.
const bulkReturns = 20_000

// AddReturns writes returns as if they had been filed here at their time, in parts of
// one transaction and log entry each. Only the program may: content that is made up to
// measure on has no people who attest it one by one.
func (s *Service) AddReturns(ctx context.Context, who actor.Actor, list []Return) error {
	if !who.Has(actor.System) {
		return fault.Denied("return", "return.add_many: only the program")
	}
	done := 0
	for part := range slices.Chunk(list, bulkReturns) {
		err := s.log.Write(ctx, who, "return.add_many", func(tx *audit.Tx) error { return insertReturns(ctx, tx, part) })
		if err != nil {
			return fmt.Errorf("writing returns, after %d of %d: %w", done, len(list), err)
		}
		done += len(part)
	}
	return nil
}
