package contact

import (
	"cmp"
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// Overdue is what an office has not done by its day: how many of a kind, and the
// oldest day. It says nothing of what they are about.
type Overdue struct {
	Office id.ID      `json:"office"`
	Kind   string     `json:"kind"`
	N      int        `json:"n"`
	Oldest clock.Date `json:"oldest"`
}

// OverdueKinds are kinds of work that climb: records that nobody opened, records
// being handled, records that came back and were not supplemented, cross-checks,
// letters without an answer, records not made, talks.
func OverdueKinds() []string {
	return []string{"unread", "handling", "returned", "crosscheck", "letter", "omission", "talk"}
}

// climbs tells whether an office's overdue work has reached one above it: the next
// one after the first number of days of the rules, those further up after the second.
func (s *Service) climbs(o Overdue, to id.ID) bool {
	u, _ := s.Units.Unit(o.Office)
	wait := s.Rules.Climb[1]
	if u.Parent == to {
		wait = s.Rules.Climb[0]
	}
	return o.Office != to && s.today().Sub(o.Oldest) >= wait
}

// OverdueBelow lists what the offices of a unit and below it have not done in time.
// Whatever concerns the reader or his relatives is not among it.
func (s *Service) OverdueBelow(ctx context.Context, who actor.Actor, unit id.ID) (out []Overdue, err error) {
	if err := s.policy.Can(who, "overdue.read", s.place(unit)); err != nil {
		return nil, err
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		out, err = s.overdue(ctx, q, who, unit)
		return err
	})
	return out, err
}

func (s *Service) overdue(ctx context.Context, q db.Q, who actor.Actor, unit id.ID) ([]Overdue, error) {
	out, err := overdueBelow(ctx, q, unit, s.today(), s.shadow(who).Kin(), who.Kin())
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b Overdue) int {
		return cmp.Or(cmp.Compare(s.Units.Name(a.Office), s.Units.Name(b.Office)), slices.Index(OverdueKinds(), a.Kind)-slices.Index(OverdueKinds(), b.Kind))
	})
	return out, nil
}

// overdueTodo is what climbed to the actor's offices from those below them, one line
// for each kind.
func (s *Service) overdueTodo(ctx context.Context, q db.Q, who actor.Actor, out *[]web.Todo) error {
	for _, unit := range offices(who) {
		if err := s.policy.Can(who, "overdue.read", s.place(unit)); err != nil {
			if fault.Is(err, fault.KindNotFound) {
				continue
			}
			return err
		}
		list, err := s.overdue(ctx, q, who, unit)
		if err != nil {
			return err
		}
		for _, kind := range OverdueKinds() {
			sum, names := Overdue{Kind: kind}, []string{}
			for _, o := range list {
				if o.Kind == kind && s.climbs(o, unit) {
					sum.N += o.N
					names = append(names, s.Units.Short(o.Office))
					if sum.Oldest == "" || o.Oldest < sum.Oldest {
						sum.Oldest = o.Oldest
					}
				}
			}
			if len(names) > 0 {
				title := names[0]
				if len(names) > 1 {
					title += " +" + count(len(names)-1)
				}
				*out = append(*out, web.Todo{Kind: "todo.overdue." + kind, Title: title + " · " + count(sum.N), Unit: s.Units.Short(unit), Due: sum.Oldest, Href: "/register/overdue?unit=" + string(unit), Verb: "act.open"})
			}
		}
	}
	return nil
}
