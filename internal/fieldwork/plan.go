package fieldwork

import (
	"cmp"
	"slices"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
)

// Slot plans the inspection of a unit in one wave of a term: a line of the
// full-coverage plan (全覆盖规划).
type Slot struct {
	ID   id.ID      `json:"id"`
	Term id.ID      `json:"term"`
	Unit id.ID      `json:"unit"`
	By   id.ID      `json:"by"`
	Wave int        `json:"wave"`
	Kind string     `json:"kind"`
	Due  clock.Date `json:"due"` // planned day of entry
	Note string     `json:"note"`
	Rev  int64      `json:"rev"`
}

// Need is a unit that the plan has to place.
type Need struct {
	Unit id.ID
	Code string
	Last clock.Date // last inspection; empty for never
}

// maxWaves bounds a plan; seven rounds are a term at the top.
const maxWaves = 40

// Spread places units on waves: those never inspected come first, then those
// whose last inspection lies longest back, each wave as full as the next, the
// waves evenly over the time from start to end.
func Spread(needs []Need, waves int, start, end clock.Date) []Slot {
	if waves < 1 || len(needs) == 0 {
		return nil
	}
	needs = slices.Clone(needs)
	slices.SortFunc(needs, func(a, b Need) int { return cmp.Or(cmp.Compare(a.Last, b.Last), cmp.Compare(a.Code, b.Code)) })
	days := max(end.Sub(start), 0)
	out := make([]Slot, 0, len(needs))
	for i, n := range needs {
		wave := i * waves / len(needs)
		out = append(out, Slot{Unit: n.Unit, Wave: wave + 1, Due: start.AddDays(days * wave / waves)})
	}
	return out
}

// States of a unit in the plan of a term.
const (
	PlanDone    = "done"     // inspected in the term
	PlanOnSite  = "on_site"  // being inspected, or its findings not yet fed back
	PlanPlanned = "planned"  // has a day that lies ahead
	PlanLate    = "late"     // its planned day, or the term, is over
	PlanMissing = "unplaced" // no wave yet
)

// Line is one unit of the plan page.
type Line struct {
	Unit    id.ID      `json:"unit"`
	State   string     `json:"state"`
	Last    clock.Date `json:"last,omitempty"`
	Round   id.ID      `json:"round,omitempty"`
	Name    string     `json:"round_name,omitempty"`
	Never   bool       `json:"never"`
	Slot    Slot       `json:"slot"`
	NextDue clock.Date `json:"next_due"` // by when it has to be inspected next
}

// Visited is one inspection of a unit that has begun; a look-back is none.
type Visited struct {
	Unit, Round, Term id.ID
	Name, State       string
	Entry             clock.Date
}

// Lines tells for each unit where it stands. cycle is the period within which a
// unit is inspected again; the end of the term comes first for who was not yet
// inspected in it.
func Lines(units []id.ID, slots []Slot, visits []Visited, term id.ID, end, today clock.Date, cycle Period) []Line {
	by := map[id.ID]Slot{}
	for _, s := range slots {
		if old, ok := by[s.Unit]; !ok || s.Wave < old.Wave {
			by[s.Unit] = s
		}
	}
	last, inTerm := map[id.ID]Visited{}, map[id.ID]Visited{}
	for _, v := range visits {
		if v.Entry >= last[v.Unit].Entry {
			last[v.Unit] = v
		}
		if v.Term == term {
			inTerm[v.Unit] = v
		}
	}
	out := make([]Line, 0, len(units))
	for _, u := range units {
		v := last[u]
		l := Line{Unit: u, Last: v.Entry, Round: v.Round, Name: v.Name, Never: v.Entry == "", Slot: by[u]}
		seen, done := inTerm[u]
		switch {
		case done && seen.State != "fed_back":
			l.State = PlanOnSite
		case done:
			l.State = PlanDone
			l.NextDue = v.Entry.AddMonths(cycle.Amount)
		case l.Slot.Due != "" && l.Slot.Due >= today:
			l.State, l.NextDue = PlanPlanned, l.Slot.Due
		case l.Slot.Due != "" || end != "" && end < today:
			l.State, l.NextDue = PlanLate, cmp.Or(l.Slot.Due, end)
		default:
			l.State, l.NextDue = PlanMissing, end
		}
		out = append(out, l)
	}
	return out
}
