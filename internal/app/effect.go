package app

import (
	"context"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/notice"
	"huikan/internal/platform/db"
)

// later lends the room of education the violations against which it shows the effect
// of a campaign.
func (a *App) later() []notice.Later {
	return []notice.Later{
		{Key: "finding", Words: "finding.category.", Kinds: inspection.Categories(), Ever: func(who actor.Actor) bool { return a.Inspection.SeesLater(who) },
			Read: func(ctx context.Context, q db.Q, who actor.Actor, kind string, s notice.Span, _ clock.Date) (map[id.ID]notice.Tally, error) {
				found, visits, err := a.Inspection.Later(ctx, q, who, kind, s.From, s.To)
				out := map[id.ID]notice.Tally{}
				for u, n := range visits {
					out[u] = notice.Tally{N: found[u], Of: n}
				}
				return out, err
			}},
		{Key: "case", Words: "conduct.class.", Kinds: a.Conduct.Classes(), Ever: func(who actor.Actor) bool { return a.Conduct.SeesLater(who) }, PerUnit: true,
			Read: func(ctx context.Context, q db.Q, who actor.Actor, kind string, s notice.Span, known clock.Date) (map[id.ID]notice.Tally, error) {
				filed, err := a.Conduct.Later(ctx, q, who, kind, s.From, s.To, known)
				out := map[id.ID]notice.Tally{}
				for u, n := range filed {
					out[u] = notice.Tally{N: n}
				}
				return out, err
			}},
	}
}
