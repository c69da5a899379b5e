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

// seesEffect tells whether somebody may open the comparison of what a unit issued: he
// reads its shares as that unit does, and may see figures of a source.
func (s *Service) seesEffect(who actor.Actor, read string, of access.Object) bool {
	return s.Policy.Can(who, read, of) == nil && len(s.sources(who)) > 0
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
		e = Effect{Campaign: &c, Title: c.Title}
		return s.weigh(ctx, q, who, &e, c.Aim, kind, c.own(), func() (took, others []id.ID, err error) { return s.sides(ctx, q, who, c) })
	})
	return e, err
}

// NoticeEffect is [Service.Effect] for one circular: it names its yardstick before it
// is issued, and its own time are the days in which it is read and studied.
func (s *Service) NoticeEffect(ctx context.Context, who actor.Actor, x id.ID, kind string) (e Effect, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		n, _, err := s.load(ctx, q, who, x, "read")
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "receipt.read", s.receiptObject(Receipt{Notice: x, Unit: n.Unit, By: n.Unit})); err != nil {
			return err
		}
		if n.IssuedOn == "" {
			return fault.State("effect.bad.unissued")
		}
		e = Effect{Notice: n.ID, Title: n.Title}
		return s.weigh(ctx, q, who, &e, n.Aim, kind, n.own(), func() (took, others []id.ID, err error) { return s.studied(ctx, q, who, n) })
	})
	return e, err
}

// weigh compares the times around what taught, by the kind asked for or by the aim
// that was named in time.
func (s *Service) weigh(ctx context.Context, q db.Q, who actor.Actor, e *Effect, aim, kind string, own Span, sides func() (took, others []id.ID, err error)) error {
	e.Named = kind == "" || kind == aim
	if kind == "" {
		kind = aim
	}
	e.Before, e.After, e.Early = around(own, s.today())
	l, k, ok := s.aim(kind)
	if e.Barred = ok && !l.Ever(who); !ok || e.Barred {
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
	took, others, err := sides()
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
}

// sides are the units that took part, with a report at least, and those of the same
// levels that did not, as far as the actor sees such shares.
func (s *Service) sides(ctx context.Context, q db.Q, who actor.Actor, c Campaign) (took, others []id.ID, err error) {
	var args []any
	took, err = unitsReported(ctx, q, c.ID, s.Policy.Filter(who, "part.read", parts, &args), args)
	if err != nil {
		return nil, nil, err
	}
	return took, s.peers(c.Unit, took, nil, func(u access.Place) bool {
		return s.Policy.Can(who, "part.read", access.Object{Kind: "part", State: PartOpen, By: s.Dir.Place(c.Unit), Units: []access.Place{u}}) == nil
	}), nil
}

// studied are the units that studied a circular in time, and those of the same levels
// that did not study it at all, addressed or not; who studied it later is in neither.
func (s *Service) studied(ctx context.Context, q db.Q, who actor.Actor, n Notice) (took, others []id.ID, err error) {
	var args []any
	took, late, err := unitsStudied(ctx, q, n.ID, s.Policy.Filter(who, "receipt.read", receipts, &args), args, n.own().To)
	if err != nil {
		return nil, nil, err
	}
	return took, s.peers(n.Unit, took, late, func(u access.Place) bool {
		return s.Policy.Can(who, "receipt.read", access.Object{Kind: "receipt", State: Sent, By: s.Dir.Place(n.Unit), Units: []access.Place{u}}) == nil
	}), nil
}

// peers are the open units below one that have the level of a unit that took part and
// are none of them, as far as the actor may see them.
func (s *Service) peers(below id.ID, took, out []id.ID, may func(access.Place) bool) (others []id.ID) {
	levels := map[int]bool{}
	in := map[id.ID]bool{}
	for _, n := range took {
		u, _ := s.Dir.Unit(n)
		levels[u.Level], in[n] = true, true
	}
	for _, n := range out {
		in[n] = true
	}
	for _, n := range s.Dir.Below(below) {
		u, ok := s.Dir.Unit(n)
		if ok && levels[u.Level] && !in[n] && !u.Closed() && may(s.Dir.Place(n)) {
			others = append(others, n)
		}
	}
	return others
}
