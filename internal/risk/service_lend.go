package risk

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
)

// Asking says around whom, where and when the events are asked; who is the reader,
// already judged for the case of accountability that he works.
type Asking struct {
	Who      actor.Actor
	Person   id.ID
	Units    []id.ID // where he served: only cases kept there are looked through
	From, To clock.Date
}

// Handled is a case in which the person did something in the time asked for.
type Handled struct {
	ID         id.ID
	No, Type   string
	Unit       id.ID
	On         clock.Date // of the last thing that he did
	Did        []Kind     // what he did, in the order in which it happened
	Favourable bool       // it was decided as somebody may have wanted
}

// Approver approved cases of the person.
type Approver struct {
	Person            id.ID
	Cases, Favourable int
	Last              Handled
}

// Around is what the events tell around a person.
type Around struct {
	Cases      []Handled // those decided in somebody's favour first, then the newest
	Total      int       // his cases, those beyond the list included
	Favourable int
	UnitTotal  int // cases of the same units and days, and those decided in somebody's favour
	UnitYes    int
	Approvers  []Approver
	Pairs      []Pair            // lawyers who recur with him, against chance
	PairCases  map[string]id.ID  // a case of each pair, by licence or name
	Alerts     []Alert           // raised about him, as far as the reader may see them
	Rules      map[string]string // what their rules are called
	Elsewhere  map[id.ID]int     // his cases that other offices keep: how many
	Cut        bool              // more cases than are looked through
}

// Bounds of a look around a person.
const (
	maxAround = 60_000 // cases that are looked through
	maxListed = 40
)

// Around looks through the cases of the units where a person served. Cases that
// the reader's office keeps are named; of those kept elsewhere he learns the number
// and the unit; a case in which he or a relative did something is not there.
func (s *Service) Around(ctx context.Context, q db.Q, a Asking) (out Around, err error) {
	out = Around{Elsewhere: map[id.ID]int{}, PairCases: map[string]id.ID{}}
	from, to := int32(dayNumber(a.From)), int32(dayNumber(a.To))
	kin := a.Who.Kin()
	open := map[id.ID]bool{}
	approvers := map[id.ID]*Approver{}
	met := newCounts()
	n := &counting{slots: s.cat.caseSlots(), windowFrom: -1 << 30}
	var ids []id.ID
	var raw rawCase
	var evs []rawEvent
	seen := 0
	err = casesAt(ctx, q, a.Units, maxAround+1, func(c sealedCase) error {
		if seen++; seen > maxAround {
			out.Cut = true
			return nil
		}
		plain, err := s.Keys.Open(Sealed, "risk_case/"+string(c.id), c.sealed)
		if err == nil {
			err = raw.unpack(plain)
		}
		if err != nil {
			return fmt.Errorf("open case %s: %w", c.id, err)
		}
		evs = raw.current(evs, 1<<62)
		if len(evs) == 0 || evs[0].day > to || evs[len(evs)-1].day < from || raw.names(evs, kin) {
			return nil
		}
		readable, known := open[c.unit]
		if !known {
			readable = s.policy.Can(a.Who, "risk_event.read", access.Object{Kind: "risk_event", Units: []access.Place{s.Units.Place(c.unit)}}) == nil
			open[c.unit] = readable
		}
		h := Handled{ID: c.id, No: raw.text(raw.no), Type: raw.text(raw.typ), Unit: c.unit}
		mine := false // he worked on it in the time; then all that he did and how it was decided is told
		for _, e := range evs {
			h.Favourable = h.Favourable || e.day >= from && favourable(Kind(e.kind))
			if raw.text(e.handler) != string(a.Person) {
				continue
			}
			k := Kind(e.kind)
			if !slices.Contains(h.Did, k) {
				h.Did = append(h.Did, k)
			}
			h.On = epoch.AddDays(int(e.day))
			mine = mine || k != Lookup && e.day >= from && e.day <= to
		}
		if !readable {
			if mine {
				out.Elsewhere[c.unit]++
			}
			return nil
		}
		out.UnitTotal++
		if h.Favourable {
			out.UnitYes++
		}
		if main := mainHandler(evs); main != 0 {
			met.pair(&raw, evs, met.units.put(string(c.unit)), met.people.of(raw.table[main-1]), h.Favourable, caseRef{0, int32(len(ids))})
			ids = append(ids, c.id)
		}
		if !mine {
			return nil
		}
		out.Total++
		if h.Favourable {
			out.Favourable++
		}
		out.Cases = append(out.Cases, h)
		for _, p := range raw.approvers(evs, a.Person) {
			x := approvers[p]
			if x == nil {
				x = &Approver{Person: p}
				approvers[p] = x
			}
			x.Cases++
			if h.Favourable {
				x.Favourable++
			}
			if h.On >= x.Last.On {
				x.Last = h
			}
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	newest := func(x, y Handled) int {
		if x.Favourable != y.Favourable {
			return map[bool]int{true: -1, false: 1}[x.Favourable]
		}
		return cmp.Or(strings.Compare(string(y.On), string(x.On)), strings.Compare(x.No, y.No))
	}
	slices.SortFunc(out.Cases, newest)
	out.Cases = out.Cases[:min(len(out.Cases), maxListed)]
	for _, x := range slices.SortedFunc(maps.Values(approvers), func(x, y *Approver) int {
		return cmp.Or(y.Cases-x.Cases, strings.Compare(string(x.Person), string(y.Person)))
	}) {
		out.Approvers = append(out.Approvers, *x)
	}
	out.Approvers = out.Approvers[:min(len(out.Approvers), maxListed)]
	for _, f := range met.pairFigures(n, s.cat) {
		if f.person == a.Person {
			out.Pairs = append(out.Pairs, *f.pair)
			out.PairCases[f.pair.key()] = ids[f.which["pair_cases"][0].at]
		}
	}
	slices.SortFunc(out.Pairs, func(x, y Pair) int {
		return cmp.Or(cmp.Compare(x.P, y.P), strings.Compare(x.key(), y.key()))
	})
	out.Pairs = out.Pairs[:min(len(out.Pairs), maxListed)]
	if s.policy.Ever(a.Who, "alert.read") {
		if out.Rules, err = s.ruleNames(ctx, q, a.Who.Lang); err != nil {
			return out, err
		}
		out.Alerts, _, err = visibleAlerts(ctx, q, s.policy, a.Who, alertFilter{Person: a.Person}, page.Query{Size: maxListed})
	}
	return out, err
}

// key tells lawyers apart: by licence where there is one.
func (p Pair) key() string { return cmp.Or(p.Licence, p.Lawyer) }

// names tells whether one of the persons did something in the case.
func (c *rawCase) names(evs []rawEvent, persons []id.ID) bool {
	return slices.ContainsFunc(evs, func(e rawEvent) bool {
		return e.handler != 0 && slices.Contains(persons, id.ID(c.text(e.handler)))
	})
}

// approvers are who else approved something in the case, each once.
func (c *rawCase) approvers(evs []rawEvent, person id.ID) (out []id.ID) {
	for _, e := range evs {
		if p := id.ID(c.text(e.handler)); Kind(e.kind) == Approve && p != "" && p != person && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// CaseOf opens a case with all its events, those that later imports replaced
// included. To whoever did something in it, or whose relative did, it is not there.
func (s *Service) CaseOf(ctx context.Context, who actor.Actor, n id.ID) (c Case, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if c, err = s.caseByID(ctx, q, n); err != nil {
			return err
		}
		var of []id.ID
		for _, e := range c.Events {
			if e.Handler != "" {
				of = append(of, e.Handler)
			}
		}
		return s.policy.Can(who, "risk_event.read", access.Object{Kind: "risk_event", ID: c.ID, Units: []access.Place{s.Units.Place(c.Unit)}, Concerns: of})
	})
	if err != nil {
		s.log.Refused(ctx, who, "risk_event.read", err)
		return Case{}, err
	}
	return c, s.log.Note(ctx, who, "risk_event.read", map[string]any{"case": n})
}
