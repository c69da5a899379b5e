package rectification

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
)

// measuredItems is up to how many items a dashboard counts measures for: counting
// those of more takes longer than a reader waits for a figure beside others.
const measuredItems = 100_000

// MeasureSum counts the measures of the items that the actor may read, each once;
// under narrows it to a unit and everything below it. Counted is false where there
// are too many items.
func (s *Service) MeasureSum(ctx context.Context, who actor.Actor, under id.ID) (m MeasureCount, counted bool, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		w := s.readable(who, "item.read")
		if under != "" {
			w.add("i.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $%d)", string(under))
		}
		n, err := countItems(ctx, q, w, measuredItems+1)
		if counted = n <= measuredItems; err != nil || !counted {
			return err
		}
		m, err = countMeasures(ctx, q, w, s.today())
		return err
	})
	return m, counted, err
}

// Stat shows the measures beside the problems; href leads to their list.
func (m MeasureCount) Stat(t func(string, ...any) string, href string) ui.Stat {
	st := measureStat(t, m.Done, m.All, href)
	if m.Late > 0 {
		st.Note += t("measure.late", m.Late)
	}
	return st
}
