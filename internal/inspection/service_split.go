package inspection

import (
	"context"
	"net/url"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// DecideClassCmd decides for which class a finding of a divided class stands: one
// finding, or by a rule all undecided ones of a divided class with an aspect.
type DecideClassCmd struct {
	Finding id.ID  `json:"finding"`
	Was     string `json:"was"`    // of the rule: divided class, as version/code
	Aspect  string `json:"aspect"` // of the rule
	Class   string `json:"class"`  // one of the classes that it was divided among, as version/code
}

// ruleMost is how many findings a rule decides at once; it is asked again for more.
const ruleMost = 2000

// DecideClass decides and gives how many findings it decided. The class that was
// recorded stays as it is.
func (s *Service) DecideClass(ctx context.Context, who actor.Actor, taxonomy id.ID, c DecideClassCmd) (n int, err error) {
	err = s.log.Write(ctx, who, "taxonomy.decide", func(tx *audit.Tx) error {
		n = 0
		t, l, err := s.loadTaxonomy(ctx, tx, who, taxonomy, "taxonomy.decide")
		if err != nil {
			return err
		}
		if now, _ := l.Now(); now.ID != t.ID {
			return fault.State("taxonomy.refuse.not_now")
		}
		fs, err := s.undecided(ctx, tx, who, t, c, ruleMost)
		if err != nil {
			return err
		}
		if len(fs) == 0 {
			return sole("finding", "taxonomy.bad.decided")
		}
		chosen := codedOf(c.Class)
		for _, f := range fs {
			old, among := l.Waits(effective(f.Class, f.Decided))
			if c.Finding == "" && old.text() != c.Was {
				continue
			}
			if !slices.Contains(among, chosen) {
				return sole("class", "taxonomy.bad.heir")
			}
			at, _ := l[l.at(chosen.Of)].Class(chosen.Code)
			if at.Category != f.Category {
				return sole("class", "finding.bad.class_category", at.Label())
			}
			f.Decided = chosen
			if err := updateFinding(ctx, tx, f); err != nil {
				return err
			}
			n++
		}
		if n == 0 {
			return sole("finding", "taxonomy.bad.decided")
		}
		tx.Note("class", c.Class)
		tx.Note("aspect", c.Aspect)
		tx.Note("findings", n)
		return nil
	})
	return n, err
}

// undecided are the findings that wait, as the actor may see them: one of them, those
// of an aspect, or all.
func (s *Service) undecided(ctx context.Context, q db.Q, who actor.Actor, t Taxonomy, c DecideClassCmd, limit int) ([]Finding, error) {
	wide, err := s.widen(ctx, q, page.Query{Filter: url.Values{"undecided": {string(t.ID)}}})
	if err != nil {
		return nil, err
	}
	var args []any
	cond := s.findingCond(q, who, wide, &args)
	return undecidedWhere(ctx, q, cond, args, c, limit)
}
