package contact

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// LatestCalendar is the completeness of the units directly below one over the
// last year, as a dashboard shows it.
func (s *Service) LatestCalendar(ctx context.Context, who actor.Actor, unit id.ID) (v CalendarView, err error) {
	var last Period
	if err := s.log.DB().Read(ctx, func(q db.Q) (err error) { last, err = s.latest(ctx, q, unit); return err }); err != nil {
		return v, err
	}
	return s.CalendarOf(ctx, who, unit, last, false)
}

// WarmCalendar counts the last year's returns of the whole before anybody asks.
func (s *Service) WarmCalendar(ctx context.Context, who actor.Actor) error {
	_, err := s.LatestCalendar(ctx, who, s.Units.Root().ID)
	return err
}
