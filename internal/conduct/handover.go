package conduct

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/org"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Estates are what this room hands over from a closed unit: the leads and cases that
// its office works on. Whoever keeps the units learns no number of them.
func (s *Service) Estates() []org.Estate {
	return []org.Estate{{Key: "conduct", Secret: true, Open: func(context.Context, db.Q, org.Unit, org.Unit) (int, error) { return 0, nil },
		Hand: func(ctx context.Context, tx *audit.Tx, who actor.Actor, from, to org.Unit) (int, error) {
			leads, err := handLeads(ctx, tx, from.ID, to.ID)
			if err != nil {
				return 0, err
			}
			cases, err := handCases(ctx, tx, from.ID, to.ID)
			if err != nil {
				return 0, err
			}
			for _, n := range append(leads, cases...) {
				if err := s.enter(ctx, tx, Entry{Object: n, Person: who.Person, Do: "handover", Text: from.Name + " → " + to.Name}); err != nil {
					return 0, err
				}
			}
			return len(leads) + len(cases), nil
		}}}
}
