package rectification

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
)

// maxSigners bounds how many approvals the record of signers looks back on.
const maxSigners = 20000

// approvals are those of which the record of signers speaks, the newest first.
func (s *Service) approvals(ctx context.Context, who actor.Actor) (out []Signed, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) (err error) {
		out, err = signaturesOf(ctx, q, s.readable(who, "item.signers"), maxSigners)
		return err
	})
	return out, err
}

// Signers sums up the approvals that the reader may see, by person: the share of
// rubber stamps, and what became of the items.
func (s *Service) Signers(ctx context.Context, who actor.Actor) ([]Signer, error) {
	signs, err := s.approvals(ctx, who)
	return sumSigners(signs), err
}

// SignedBy lists the approvals that a figure of a signer counts, the newest first:
// exactly as many as the figure says.
func (s *Service) SignedBy(ctx context.Context, who actor.Actor, person id.ID, figure string, p page.Query) ([]Signed, page.Next, error) {
	var next page.Next
	var bad fault.Fields
	if oneOf(&bad, "figure", figure, SignerFigures()); bad.Err() != nil {
		return nil, next, bad.Err()
	}
	all, err := s.approvals(ctx, who)
	if err != nil {
		return nil, next, err
	}
	all = slices.DeleteFunc(all, func(x Signed) bool { return x.Person != person || !x.counts(figure) })
	next.Count = len(all)
	from := 0
	if len(p.After) > 0 {
		from = slices.IndexFunc(all, func(x Signed) bool { return string(x.ID) < p.After[0] })
		if from < 0 {
			from = len(all)
		}
	} else if len(p.Before) > 0 {
		end := slices.IndexFunc(all, func(x Signed) bool { return string(x.ID) <= p.Before[0] })
		if end < 0 {
			end = len(all)
		}
		from = max(0, end-p.Size)
	}
	to := min(len(all), from+p.Size)
	if to < len(all) && to > from {
		next.After = page.Cursor(string(all[to-1].ID))
	}
	if from > 0 && from < to {
		next.Before = page.Cursor(string(all[from].ID))
	}
	return all[from:to], next, nil
}
