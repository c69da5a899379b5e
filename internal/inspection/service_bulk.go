package inspection

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
)

// bulkFindings is how many findings one transaction takes: seconds, in which
// nobody else writes; smaller parts write the same pages of the indices more often.
const bulkFindings = 5000

// AddMany takes findings over as they are, in parts of one transaction and log
// entry each: the ledger of earlier terms, or a demonstration. Only the program
// may, and no hook runs: whoever takes findings over takes their items over too.
func (s *Service) AddMany(ctx context.Context, who actor.Actor, list []Finding) error {
	const action = "finding.add_many"
	return audit.InParts(who, "finding", action, list, bulkFindings, func(part []Finding) error {
		return s.log.Write(ctx, who, action, func(tx *audit.Tx) error {
			tx.Note("findings", len(part))
			next, seqs := map[id.ID]int{}, make([]int, len(part))
			for i, f := range part {
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
				seqs[i] = next[f.Visit]
				next[f.Visit]++
			}
			return insertFindings(ctx, tx, part, seqs)
		})
	})
}

// bulkSeq keeps the running numbers of taken-over findings away from those that
// a team gives in the same visit.
const bulkSeq = 1_000_000
