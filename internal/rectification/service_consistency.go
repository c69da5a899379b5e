package rectification

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Inspect runs the standing checks over the whole ledger and notes what changed:
// new places, and those that were put right. Running it again changes nothing.
func (s *Service) Inspect(ctx context.Context) (fresh, gone int, err error) {
	for _, c := range append(Inconsistencies(), Inconsistency{Name: orphans}) {
		var now []Hit
		var known map[id.ID]id.ID
		err := s.log.DB().Read(ctx, func(q db.Q) (err error) {
			if c.Name == orphans {
				now, err = lonely(ctx, q, maxHits)
			} else {
				now, err = failing(ctx, q, c, s.today(), maxHits)
			}
			if err == nil {
				known, err = knownHits(ctx, q, c.Name)
			}
			return err
		})
		if err != nil {
			return fresh, gone, err
		}
		now = slices.DeleteFunc(now, func(h Hit) bool {
			_, old := known[h.Item]
			if old {
				delete(known, h.Item)
			}
			return old
		})
		if len(now)+len(known) == 0 {
			continue
		}
		var over []id.ID
		for _, hit := range known {
			over = append(over, hit)
		}
		slices.Sort(over)
		err = s.log.Write(ctx, actor.Program("consistency"), "item.check", func(tx *audit.Tx) error {
			tx.Note("check", c.Name)
			if err := removeHits(ctx, tx, over); err != nil || len(now) == 0 {
				return err
			}
			return insertHits(ctx, tx, now)
		})
		if err != nil {
			return fresh, gone, err
		}
		fresh, gone = fresh+len(now), gone+len(over)
	}
	return fresh, gone, nil
}

// CheckResult is one check with the places that the reader may see.
type CheckResult struct {
	Name  string `json:"name"`
	Class string `json:"class"`
	Count int    `json:"count"`
	Hits  []Hit  `json:"hits,omitempty"`
}

const shownHits = 50

// Inconsistent gives the standing checks as far as the reader may see them, with
// the places of one of them; what was put right meanwhile is left out.
func (s *Service) Inconsistent(ctx context.Context, who actor.Actor, check string) (out []CheckResult, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		var args []any
		cond := s.policy.Filter(who, "item.read", hitColumns, &args)
		counts, err := countHits(ctx, q, cond, args)
		if err != nil {
			return err
		}
		out = nil
		for _, c := range append(Inconsistencies(), Inconsistency{Name: orphans, Class: "wait"}) {
			x := CheckResult{Name: c.Name, Class: c.Class, Count: counts[c.Name]}
			if x.Count > 0 && (check == c.Name || check == "") {
				check = c.Name // the worst first when none was chosen
				if x.Hits, err = hitsOf(ctx, q, c.Name, cond, args, shownHits); err != nil {
					return err
				}
				if c.cond != "" {
					var ids []id.ID
					for _, h := range x.Hits {
						ids = append(ids, h.Item)
					}
					still, err := stillFailing(ctx, q, c, s.today(), ids)
					if err != nil {
						return err
					}
					before := len(x.Hits)
					x.Hits = slices.DeleteFunc(x.Hits, func(h Hit) bool { return !still[h.Item] })
					x.Count -= before - len(x.Hits)
				}
			}
			out = append(out, x)
		}
		return nil
	})
	return out, err
}
