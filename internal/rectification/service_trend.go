package rectification

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Trend is the ledger month by month: what came in, what was closed, what came
// back after it had been closed, and what was left against what should have been.
type Trend struct {
	Months []TrendMonth `json:"months"`
}

// TrendMonth is one month of a Trend.
type TrendMonth struct {
	Month    string `json:"month"` // 2026-05
	In       int    `json:"in"`
	Closed   int    `json:"closed"`
	Reopened int    `json:"reopened"`
	Left     int    `json:"left"`    // open at the end of the month
	Planned  int    `json:"planned"` // that were not due yet at the end of the month
}

// trendMonths is how many months a trend shows.
const trendMonths = 12

// Trend sums the items that the actor may read; under narrows it to a unit and
// everything below it.
func (s *Service) Trend(ctx context.Context, who actor.Actor, under id.ID) (t Trend, err error) {
	first := s.today().FirstOfMonth().AddMonths(1 - trendMonths)
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		w := s.readable(who, "item.read")
		if under != "" {
			w.add("i.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $%d)", string(under))
		}
		in, err := byMonth(ctx, q, "i.fed_back_on", "TRUE", w)
		if err != nil {
			return err
		}
		closed, err := byMonth(ctx, q, "i.closed_on", "i.state = 'closed'", w)
		if err != nil {
			return err
		}
		due, err := byMonth(ctx, q, "i.due_on", "TRUE", w)
		if err != nil {
			return err
		}
		back, err := reopenedByMonth(ctx, q, w, first)
		if err != nil {
			return err
		}
		upTo := func(m map[string]int, month string) (n int) {
			for k, v := range m {
				if k <= month {
					n += v
				}
			}
			return n
		}
		for i := range trendMonths {
			m := string(first.AddMonths(i))[:7]
			t.Months = append(t.Months, TrendMonth{Month: m, In: in[m], Closed: closed[m], Reopened: back[m],
				Left: upTo(in, m) - upTo(closed, m), Planned: max(0, upTo(in, m)-upTo(due, m))})
		}
		return nil
	})
	return t, err
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
