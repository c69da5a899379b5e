package rectification

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Trend is the ledger month by month: what came in, what was closed, what was set
// aside and is still, what came back after it had been closed, and what was left against what should have been.
type Trend struct {
	Months []TrendMonth `json:"months"`
}

// TrendMonth is one month of a Trend.
type TrendMonth struct {
	Month    string `json:"month"` // 2026-05
	In       int    `json:"in"`
	Closed   int    `json:"closed"`
	Aside    int    `json:"aside"`
	Reopened int    `json:"reopened"`
	Left     int    `json:"left"`    // open at the end of the month
	Planned  int    `json:"planned"` // that were not due yet at the end of the month
}

// trendMonths is how many months a trend shows.
const trendMonths = 12

// Trend sums the items that the actor may read; under narrows it to a unit and
// everything below it. What concerns him or a relative is counted by itself and
// taken out: so the ledger is summed from its indices, without looking at each
// item's references.
func (s *Service) Trend(ctx context.Context, who actor.Actor, under id.ID) (t Trend, err error) {
	first := s.today().FirstOfMonth().AddMonths(1 - trendMonths)
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		w := s.whole(who, under)
		all, err := monthsOf(ctx, q, w, first)
		if err != nil {
			return err
		}
		if kin := who.Kin(); len(kin) > 0 {
			w.conds = append(w.conds, concerning("i.id", kin, &w.args))
			hidden, err := monthsOf(ctx, q, w, first)
			if err != nil {
				return err
			}
			all.less(hidden)
		}
		t.Months = all.trend(first)
		return nil
	})
	return t, err
}

// whole is what a reader may see of a unit and all below it, "" for all, with what
// concerns him.
func (s *Service) whole(who actor.Actor, under id.ID) where {
	who.Person, who.Related = "", nil
	w := s.readable(who, "item.read")
	if under != "" {
		w.add("i.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $%d)", string(under))
	}
	return w
}

// months are counts of items by the month of a date.
type months struct{ in, closed, aside, due, back map[string]int }

func (m months) less(o months) {
	for _, p := range []struct{ from, take map[string]int }{{m.in, o.in}, {m.closed, o.closed}, {m.aside, o.aside}, {m.due, o.due}, {m.back, o.back}} {
		for k, n := range p.take {
			p.from[k] -= n
		}
	}
}

func (m months) trend(first clock.Date) []TrendMonth {
	upTo := func(m map[string]int, month string) (n int) {
		for k, v := range m {
			if k <= month {
				n += v
			}
		}
		return n
	}
	out := make([]TrendMonth, trendMonths)
	for i := range out {
		at := string(first.AddMonths(i))[:7]
		in := upTo(m.in, at)
		out[i] = TrendMonth{Month: at, In: m.in[at], Closed: m.closed[at], Aside: m.aside[at], Reopened: m.back[at], Left: in - upTo(m.closed, at) - upTo(m.aside, at), Planned: max(0, in-upTo(m.due, at))}
	}
	return out
}

// Closed tells how the closed items of a trend stand against those that came back.
func (t Trend) Closed() (closed, reopened int) {
	for _, m := range t.Months {
		closed += m.Closed
		reopened += m.Reopened
	}
	return closed, reopened
}

// Today is the day by which lists of this room judge what is overdue.
func (s *Service) Today() clock.Date { return s.today() }
