package screening

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"
	"weak"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/screening/rules"
)

// What the rules say of everybody on one day is worked out once and kept: it is the
// same for every reader, and each reads the part that he may see.

// kept is a list of one board under one edition on one day. The board is not held:
// one that was replaced goes, list or not.
type kept[T any] struct {
	b    weak.Pointer[board]
	e    string
	on   clock.Date
	list []T
}

func keep[T any](at *atomic.Pointer[kept[T]], b *board, e *rules.Edition, on clock.Date, list func() []T) []T {
	if k := at.Load(); k != nil && k.b == weak.Make(b) && k.e == e.Version && k.on == on {
		return k.list
	}
	k := &kept[T]{b: weak.Make(b), e: e.Version, on: on, list: list()}
	at.Store(k)
	return k.list
}

// sieve judges many of ours for one reader. Without a concern a record is judged by
// its unit alone, so each unit is asked once; who is kin of the reader is asked anew.
type sieve struct {
	s      *Service
	who    actor.Actor
	action string
	kin    []id.ID
	units  map[id.ID]bool
}

func (s *Service) sieve(who actor.Actor, action string) *sieve {
	return &sieve{s: s, who: who, action: action, kin: who.Kin(), units: map[id.ID]bool{}}
}

func (v *sieve) pass(unit id.ID, persons ...id.ID) bool {
	o := access.Object{Kind: "person", Units: []access.Place{v.s.Units.Place(unit)}}
	for _, n := range persons {
		if n != "" && slices.Contains(v.kin, n) {
			o.Concerns = append(o.Concerns, n)
		}
	}
	if len(o.Concerns) > 0 {
		return v.s.policy.Can(v.who, v.action, o) == nil
	}
	may, asked := v.units[unit]
	if !asked {
		may = v.s.policy.Can(v.who, v.action, o) == nil
		v.units[unit] = may
	}
	return may
}

// ending is a restriction that ends within the horizon.
type ending struct {
	at      int32 // place in ours
	until   clock.Date
	rule    string
	article rules.Text
}

// place is where an ending stands in the calendar.
func (x ending) place(b *board) []string { return []string{string(x.until), b.ours.key(x.at), x.rule} }

// endings are the restrictions of all who left that end within the horizon, the next
// first; they are the same for every reader of a day.
func (s *Service) endings(b *board, e *rules.Edition, today clock.Date) []ending {
	return keep(&s.ends, b, e, today, func() (list []ending) {
		end := today.AddDays(horizon)
		for _, at := range b.ours.staff {
			if b.ours.row(at).At(Staff, "leave_date") == "" {
				continue
			}
			x := s.subject(b.ours.at(at))
			if x.Serving {
				continue
			}
			for _, v := range e.Clocks(x, today) {
				if v.Until != "" && !v.Until.Before(today) && !v.Until.After(end) && (v.Rule == "B1" || v.Rule == "B6" || v.Rule == "B7" || v.Rule == "L1") {
					list = append(list, ending{at, v.Until, v.Rule, v.Article})
				}
			}
		}
		slices.SortFunc(list, func(x, y ending) int {
			return cmp.Or(strings.Compare(string(x.until), string(y.until)), strings.Compare(b.ours.key(x.at), b.ours.key(y.at)), strings.Compare(x.rule, y.rule))
		})
		return list
	})
}

// pairOf are two relatives who both serve, with what the rules say of it.
type pairOf struct {
	together
	verdicts []rules.Verdict
	weight   int
}

// place is where a pair stands in the list.
func (x pairOf) place(b *board) []string {
	return []string{string(rune('a' + x.weight)), b.ours.key(x.owner), b.ours.key(x.other)}
}

// pairsOf judges all relatives who both serve, the heaviest first.
func (s *Service) pairsOf(b *board, e *rules.Edition, today clock.Date) []pairOf {
	return keep(&s.both, b, e, today, func() (list []pairOf) {
		for _, t := range b.together {
			x := pairOf{together: t, verdicts: s.judgeTogether(b, e, today, t)}
			outcome, _, _ := rules.Sum(x.verdicts)
			x.weight = max(0, slices.Index(rules.Outcomes(), outcome))
			list = append(list, x)
		}
		slices.SortFunc(list, func(x, y pairOf) int { return slices.Compare(x.place(b), y.place(b)) })
		return list
	})
}

// ahead works the lists of a new board or a new day out before somebody asks.
func (s *Service) ahead(b *board, e *rules.Edition, today clock.Date) {
	s.endings(b, e, today)
	s.pairsOf(b, e, today)
}

// onPage takes a page out of a list that is in order: what passes is counted, and
// that behind the place is taken, one more than the page holds.
func onPage[T any](list []T, after []string, size int, place func(T) []string, pass func(T) bool) (out []T, count int) {
	from := 0
	if len(after) > 0 {
		from, _ = slices.BinarySearchFunc(list, after, func(x T, after []string) int {
			if slices.Compare(place(x), after) <= 0 {
				return -1
			}
			return 1
		})
	}
	for i, x := range list {
		if !pass(x) {
			continue
		}
		count++
		if i >= from && len(out) <= size {
			out = append(out, x)
		}
	}
	return out, count
}
