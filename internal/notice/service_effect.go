package notice

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
)

// Later is a source of violations: findings of inspections, or cases. Another room
// counts, by its own rules of who may see what.
type Later struct {
	Key   string   // "finding"
	Words string   // its kinds' words stand under this and the kind
	Kinds []string // what a campaign may teach against
	// Ever tells whether somebody may see such figures at all.
	Ever func(who actor.Actor) bool
	// Read counts by unit what was done or seen in a span, as far as it was known at
	// most as many days after the span as lie between the later span and today, so that
	// both have had the same time to come to light.
	Read func(ctx context.Context, q db.Q, who actor.Actor, kind string, s Span, known clock.Date) (map[id.ID]Tally, error)
	// PerUnit tells that Read knows of no opportunities: the days of the units count.
	PerUnit bool
}

// sources are the sources that an actor may see figures of.
func (s *Service) sources(who actor.Actor) (out []Later) {
	for _, l := range s.Later {
		if l.Ever(who) {
			out = append(out, l)
		}
	}
	return out
}

// aim finds the source and the kind that "finding:discipline" names.
func (s *Service) aim(text string) (Later, string, bool) {
	key, kind, _ := strings.Cut(text, ":")
	for _, l := range s.Later {
		if l.Key == key && slices.Contains(l.Kinds, kind) {
			return l, kind, true
		}
	}
	return Later{}, "", false
}

func (s *Service) checkAim(text string, bad *fault.Fields) {
	if _, _, ok := s.aim(text); text != "" && !ok {
		bad.Add("aim", "campaign.bad.aim")
	}
}

// Effect shows what was seen of a kind of violation before a campaign and after it.
// Without a kind, that of the campaign's aim is shown: it was named before anybody
// could know the figures, another one was not.
func (s *Service) Effect(ctx context.Context, who actor.Actor, x id.ID, kind string) (e Effect, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		c, err := s.loadCampaign(ctx, q, who, x, "read")
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "part.read", s.partObject(Part{Campaign: x, Unit: c.Unit, By: c.Unit})); err != nil {
			return err
		}
		if c.State == Planned {
			return fault.State("effect.bad.planned")
		}
		e = Effect{Campaign: c, Named: kind == "" || kind == c.Aim}
		if kind == "" {
			kind = c.Aim
		}
		e.Before, e.After, e.Early = around(c, s.today())
		l, k, ok := s.aim(kind)
		if !ok || !l.Ever(who) {
			return nil
		}
		e.Source, e.Kind, e.PerUnit = l.Key, k, l.PerUnit
		if e.Early != "" {
			return nil
		}
		lag := s.today().Sub(e.After.To)
		before, err := l.Read(ctx, q, who, k, e.Before, e.Before.To.AddDays(lag))
		if err != nil {
			return err
		}
		after, err := l.Read(ctx, q, who, k, e.After, s.today())
		if err != nil {
			return err
		}
		took, others, err := s.sides(ctx, q, who, c)
		if err != nil {
			return err
		}
		for _, side := range []struct {
			g     *Group
			units []id.ID
		}{{&e.Took, took}, {&e.Others, others}} {
			*side.g = Compare(len(side.units), sum(before, side.units, l.PerUnit, e.Before), sum(after, side.units, l.PerUnit, e.After))
		}
		return nil
	})
	return e, err
}

// sides are the units that took part, with a report at least, and those of the same
// levels that did not, as far as the actor sees such shares.
func (s *Service) sides(ctx context.Context, q db.Q, who actor.Actor, c Campaign) (took, others []id.ID, err error) {
	var args []any
	took, err = unitsReported(ctx, q, c.ID, s.Policy.Filter(who, "part.read", parts, &args), args)
	if err != nil {
		return nil, nil, err
	}
	levels := map[int]bool{}
	in := map[id.ID]bool{}
	for _, n := range took {
		u, _ := s.Dir.Unit(n)
		levels[u.Level], in[n] = true, true
	}
	for _, n := range s.Dir.Below(c.Unit) {
		u, ok := s.Dir.Unit(n)
		if !ok || !levels[u.Level] || in[n] || u.Closed() {
			continue
		}
		if s.Policy.Can(who, "part.read", access.Object{Kind: "part", State: PartOpen, By: s.Dir.Place(c.Unit), Units: []access.Place{s.Dir.Place(n)}}) == nil {
			others = append(others, n)
		}
	}
	return took, others, nil
}
