package rectification

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
)

// unitsAtOnce bounds the units that one statement names.
const unitsAtOnce = 500

// MeasuresOfUnits counts the measures of those items of some units that the actor may
// read, each once: a measure serves items of one unit alone.
func (s *Service) MeasuresOfUnits(ctx context.Context, who actor.Actor, units []id.ID) (sum MeasureCount, err error) {
	if len(units) == 0 {
		return sum, nil
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		sum = MeasureCount{}
		for part := range slices.Chunk(units, unitsAtOnce) {
			w := s.readable(who, "item.read")
			w.conds = append(w.conds, "i.unit_id IN ("+list(&w.args, part)+")")
			m, err := countMeasures(ctx, q, w, s.today())
			if err != nil {
				return err
			}
			sum.Add(m)
		}
		return nil
	})
	return sum, err
}

// Add adds the figures of other measures.
func (m *MeasureCount) Add(x MeasureCount) {
	m.All, m.Done, m.Late = m.All+x.All, m.Done+x.Done, m.Late+x.Late
}

// Stat shows the measures beside the problems; href leads to their list.
func (m MeasureCount) Stat(t func(string, ...any) string, href string) ui.Stat {
	st := measureStat(t, m.Done, m.All, href)
	if m.Late > 0 {
		st.Note += t("measure.late", m.Late)
	}
	return st
}
