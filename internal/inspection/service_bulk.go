package inspection

import (
	"context"
	"fmt"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
)

// bulkFindings is how many findings one transaction takes.
const bulkFindings = 500

// AddMany takes findings over as they are, in parts of one transaction and log
// entry each: the ledger of earlier terms, or a demonstration. Only the program
// may, and no hook runs: whoever takes findings over takes their items over too.
func (s *Service) AddMany(ctx context.Context, who actor.Actor, list []Finding) error {
	if !who.Has(actor.System) {
		return fault.Denied("finding", "finding.add_many: only the program")
	}
	done := 0
	for part := range slices.Chunk(list, bulkFindings) {
		err := s.log.Write(ctx, who, "finding.add_many", func(tx *audit.Tx) error {
			tx.Note("findings", len(part))
			next := map[id.ID]int{}
			for _, f := range part {
				if !slices.Contains(FindingFlow.States(), f.State) {
					return fault.Invalid("error.choice", f.State)
				}
				if next[f.Visit] == 0 {
					last, err := lastSeq(ctx, tx, f.Visit)
					if err != nil {
						return err
					}
					next[f.Visit] = max(last+1, bulkSeq)
				}
				if err := insertFinding(ctx, tx, f, next[f.Visit]); err != nil {
					return err
				}
				next[f.Visit]++
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("taking findings over, after %d of %d: %w", done, len(list), err)
		}
		done += len(part)
	}
	return nil
}

// bulkSeq keeps the running numbers of taken-over findings away from those that
// a team gives in the same visit.
const bulkSeq = 1_000_000
