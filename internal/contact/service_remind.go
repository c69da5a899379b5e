package contact

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
)

// owing is somebody who has not filed.
type owing struct {
	person, unit id.ID
	period       Period
}

// maxReminded bounds one round of reminders.
const maxReminded = 20000

// RemindCmd reminds who has not filed.
type RemindCmd struct {
	Unit   string  `json:"unit"`
	Period string  `json:"period"`
	Person []id.ID `json:"id"` // these only
}

// Remind notes a reminder for everybody of a unit, and of all below it, who owes
// a return; it appears on their first page.
func (s *Service) Remind(ctx context.Context, who actor.Actor, c RemindCmd) (n int, err error) {
	p, err := ParsePeriod(c.Period)
	if err != nil {
		return 0, err
	}
	u, err := s.unitFor(who, "return.remind", c.Unit)
	if err != nil {
		return 0, err
	}
	err = s.log.Write(ctx, who, "return.remind", func(tx *audit.Tx) error {
		all, err := s.allSettings(ctx, tx)
		if err != nil {
			return err
		}
		var list []owing
		for _, unit := range s.Units.Below(u.ID) {
			at := s.filesIn(all, unit, []Period{p})[0]
			m, err := s.people(ctx, tx, who, unit, at)
			if err != nil {
				return err
			}
			for _, x := range m.People {
				if (x.Mark == MarkMiss || x.Mark == MarkOpen) && (len(c.Person) == 0 || slices.Contains(c.Person, x.Person)) {
					list = append(list, owing{x.Person, unit, at})
				}
			}
			if len(list) > maxReminded {
				return fault.Limit("contact.bad.bulk", maxReminded)
			}
		}
		if n = len(list); n == 0 {
			return fault.State("return.nobody_owes", string(p))
		}
		return insertReminders(ctx, tx, who.Person, list)
	})
	return n, err
}

// CloseCmd ends a period.
type CloseCmd struct {
	Unit   string `json:"unit"`
	Period string `json:"period"`
}

// Close ends a period in a unit and all below it that are not closed yet: from
// then on only the office admits returns, with a reason. Who is missing stays
// missing in the figures of the closing.
func (s *Service) Close(ctx context.Context, who actor.Actor, c CloseCmd) (n int, err error) {
	p, err := ParsePeriod(c.Period)
	if err != nil {
		return 0, err
	}
	u, err := s.unitFor(who, "return.close", c.Unit)
	if err != nil {
		return 0, err
	}
	err = s.log.Write(ctx, who, "return.close", func(tx *audit.Tx) error {
		settings, err := s.allSettings(ctx, tx)
		if err != nil {
			return err
		}
		own, err := filedBy(ctx, tx, p)
		if err != nil {
			return err
		}
		if err := s.owed(ctx, tx, p, settings, own); err != nil {
			return err
		}
		former, err := s.formerTally(ctx, tx, p)
		if err != nil {
			return err
		}
		done, err := closedUnits(ctx, tx, p)
		if err != nil {
			return err
		}
		var list []Closing
		ms := p.Months()
		for _, unit := range s.Units.Below(u.ID) {
			if done[unit] != "" || own[unit] == (Tally{}) || former[unit].Former > 0 {
				continue
			}
			set := s.settingIn(settings, unit, ms[len(ms)-1])
			if set.Before(p) {
				continue
			}
			if due := set.Due(p, s.Calendar); due >= s.today() {
				return fault.State("return.close_early", s.Units.Name(unit), string(due))
			}
			list = append(list, Closing{ID: id.New(), Period: p, Unit: unit, By: who.Person, Tally: own[unit]})
		}
		if n = len(list); n == 0 {
			return fault.State("return.nothing_to_close", string(p))
		}
		return insertClosings(ctx, tx, list)
	})
	return n, err
}
