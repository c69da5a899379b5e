package tip

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/org"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// Todo gives what waits in the actor's office: tips not taken, messages without
// an answer, and what is late. A tip waits for the whole office, whoever had it.
func (s *Service) Todo(ctx context.Context, who actor.Actor) (out []web.Todo, err error) {
	if !s.Policy.Ever(who, "tip.read") {
		return nil, nil
	}
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		list, err := todo(ctx, q, s.Policy, who, s.today())
		for _, t := range list {
			kind := "todo.tip.answer"
			if t.State == Received {
				kind = "todo.tip.take"
			}
			out = append(out, web.Todo{Kind: kind, Title: t.No, Unit: s.Units.Short(t.Unit), Due: t.Due, Href: "/tips/" + string(t.ID), Verb: kind + ".verb", At: string(t.MadeOn)})
		}
		return err
	})
	return out, err
}

// Estates are what this room hands over from a closed unit: every tip of its
// office, the closed ones too, because whoever told may write on. Whoever keeps
// the units learns no number of them.
func (s *Service) Estates() []org.Estate {
	return []org.Estate{{Key: "tip", Secret: true, Open: func(context.Context, db.Q, org.Unit, org.Unit) (int, error) { return 0, nil },
		Hand: func(ctx context.Context, tx *audit.Tx, who actor.Actor, from, to org.Unit) (int, error) {
			list, err := hand(ctx, tx, from.ID, to.ID)
			if err != nil {
				return 0, err
			}
			for _, n := range list {
				if err := s.enter(ctx, tx, Entry{tip: n, Person: who.Person, Do: "handover", Text: from.Name + " → " + to.Name}); err != nil {
					return 0, err
				}
			}
			return len(list), nil
		}}}
}
