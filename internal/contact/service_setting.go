package contact

import (
	"context"
	"slices"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// settingsCache spares every filing the look at a handful of rows.
type settingsCache struct {
	at time.Time
	settings
}

// settings are those that were made, and the month in which the register began here.
type settings struct {
	list  []Setting
	began Period
}

// settingsFor is how long another replica's change may stay unseen.
const settingsFor = 5 * time.Second

func (s *Service) allSettings(ctx context.Context, q db.Q) (settings, error) {
	s.mu.Lock()
	c := s.settings
	s.mu.Unlock()
	now := s.Clock.Now()
	if age := now.Sub(c.at); !c.at.IsZero() && age >= 0 && age < settingsFor {
		return c.settings, nil
	}
	list, err := allSettings(ctx, q)
	if err != nil {
		return settings{}, err
	}
	first, err := firstKept(ctx, q)
	if err != nil {
		return settings{}, err
	}
	if first == "" { // nobody filed in time yet: what people can still file themselves
		first = s.Rules.Period.Latest(s.today()).move(1 - back)
	}
	all := settings{list, first.Months()[0]}
	s.mu.Lock()
	s.settings = settingsCache{now, all}
	s.mu.Unlock()
	return all, nil
}

func (s *Service) forgetSettings() {
	s.mu.Lock()
	s.settings = settingsCache{}
	s.mu.Unlock()
}

// settingIn finds the setting of a unit for a month: its own newest, else that
// of the nearest unit above.
func (s *Service) settingIn(all settings, unit id.ID, month Period) Setting {
	first := s.firstIn(all, unit)
	for at := unit; at != ""; {
		for i := len(all.list) - 1; i >= 0; i-- {
			if x := all.list[i]; x.Unit == at && x.From <= month {
				x.First = first
				return x
			}
		}
		u, _ := s.Units.Unit(at)
		at = u.Parent
	}
	x := s.Rules.Period
	x.First = first
	return x
}

// firstIn is the first month for which a unit owes returns: as its newest setting says,
// or that of the nearest unit above, or since the register began here.
func (s *Service) firstIn(all settings, unit id.ID) Period {
	for at := unit; at != ""; {
		for i := len(all.list) - 1; i >= 0; i-- {
			if all.list[i].Unit == at && all.list[i].First != "" {
				return all.list[i].First
			}
		}
		u, _ := s.Units.Unit(at)
		at = u.Parent
	}
	return all.began
}

// setting is how a unit files on a day.
func (s *Service) setting(ctx context.Context, q db.Q, unit id.ID, day clock.Date) (Setting, error) {
	list, err := s.allSettings(ctx, q)
	if err != nil {
		return Setting{}, err
	}
	return s.settingIn(list, unit, Period(string(day)[:7])), nil
}

// settingFor is how a unit files a period.
func (s *Service) settingFor(ctx context.Context, q db.Q, unit id.ID, p Period) (Setting, error) {
	list, err := s.allSettings(ctx, q)
	if err != nil {
		return Setting{}, err
	}
	ms := p.Months()
	return s.settingIn(list, unit, ms[len(ms)-1]), nil
}

// quarterly tells whether any unit files, or filed, by quarter.
func (all settings) quarterly() bool {
	return slices.ContainsFunc(all.list, func(x Setting) bool { return x.Cadence == Quarterly })
}

// owedPeriod is a period with the setting under which its unit files it.
type owedPeriod struct {
	Period
	Setting
}

// periodsBack are the n newest periods of a unit up to one, or up to the newest that
// has ended, the newest first: each in the cadence that the unit had then, so that
// who files by quarter now is not asked for quarters that were filed by month. A
// quarter is owed where its last month is in that cadence, as everywhere.
func (s *Service) periodsBack(all settings, unit id.ID, last Period, n int, ended bool) []owedPeriod {
	out := make([]owedPeriod, 0, n)
	ms := last.Months()
	for month := ms[len(ms)-1]; len(out) < n; month = month.Prev() {
		x := owedPeriod{month, s.settingIn(all, unit, month)}
		if x.Cadence == Quarterly {
			if ms := month.Quarter().Months(); month != ms[len(ms)-1] {
				continue // part of the quarter
			}
			x.Period = month.Quarter()
		}
		if !ended || x.End(x.Period) <= s.today() {
			out = append(out, x)
		}
	}
	return out
}

// filesIn are the periods that a unit files where others file some; without units that
// file by quarter they are the same.
func (s *Service) filesIn(all settings, unit id.ID, periods []Period) []Period {
	if !all.quarterly() {
		return periods
	}
	out := slices.Clone(periods)
	for i, p := range out {
		if q := p.Quarter(); !p.Quarterly() && p == q.Months()[2] && s.settingIn(all, unit, p).Cadence == Quarterly {
			out[i] = q
		}
	}
	return out
}

// endedPeriods are the n newest periods of a unit that have ended.
func (s *Service) endedPeriods(all settings, unit id.ID, n int) []owedPeriod {
	today := s.today()
	return s.periodsBack(all, unit, s.settingIn(all, unit, Period(string(today)[:7])).Of(today), n, true)
}

// latest is the newest period of a unit that has ended.
func (s *Service) latest(ctx context.Context, q db.Q, unit id.ID) (Period, error) {
	all, err := s.allSettings(ctx, q)
	if err != nil {
		return "", err
	}
	return s.endedPeriods(all, unit, 1)[0].Period, nil
}

// SettingCmd sets how a unit and those below it file.
type SettingCmd struct {
	Unit    string `json:"unit"`
	Cadence string `json:"cadence"`
	EndDay  int    `json:"end_day"`
	Grace   int    `json:"grace"`
	From    string `json:"from"`  // first month
	First   string `json:"first"` // first month for which returns are owed; empty: as it is
	Reason  string `json:"reason"`
}

// Set makes a new setting. It never changes a period that has already ended.
func (s *Service) Set(ctx context.Context, who actor.Actor, c SettingCmd) (x Setting, err error) {
	u, err := s.unitFor(who, "return.setting", c.Unit)
	if err != nil {
		return x, err
	}
	x = Setting{ID: id.New(), Unit: u.ID, Cadence: c.Cadence, EndDay: c.EndDay, Grace: c.Grace, Reason: c.Reason}
	var bad fault.Fields
	bad.Need("reason", c.Reason)
	bad.Max("reason", c.Reason, maxShort)
	from, err := ParsePeriod(c.From)
	if err != nil || from.Quarterly() {
		bad.Add("from", "contact.bad.period", c.From)
	} else if end := s.Rules.Period.End(from); end < s.today().FirstOfMonth() {
		bad.Add("from", "setting.past")
	}
	if c.First != "" {
		next := Period(string(s.today())[:7]).Next()
		if x.First, err = ParsePeriod(c.First); err != nil || x.First.Quarterly() {
			bad.Add("first", "contact.bad.period", c.First)
		} else if x.First > next {
			bad.Add("first", "setting.first.late", string(next))
		}
	}
	if err := x.check(); err != nil {
		f, _ := fault.Of(err)
		bad = append(bad, f.Fields...)
	}
	if err := bad.Err(); err != nil {
		return x, err
	}
	x.From = from
	err = s.log.Write(ctx, who, "return.setting", func(tx *audit.Tx) error {
		all, err := s.allSettings(ctx, tx)
		if err != nil {
			return err
		}
		// Whoever leaves the quarter in its middle would owe nothing for its first months.
		if first := x.From.Quarter().Months()[0]; x.Cadence != Quarterly && x.From != first && s.settingIn(all, u.ID, x.From.Prev()).Cadence == Quarterly {
			var bad fault.Fields
			bad.Add("from", "setting.quarter_begun", string(x.From.Quarter()), string(x.From.Quarter().Next().Months()[0]))
			return bad.Err()
		}
		tx.After(func() {
			s.forgetSettings()
			s.tallies.forget()
		})
		if x.First != "" { // what was kept here cannot be put before its beginning
			kept, err := keptBefore(ctx, tx, u.ID, x.First)
			if err != nil {
				return err
			}
			if kept != "" {
				var bad fault.Fields
				bad.Add("first", "setting.first.kept", string(kept))
				return bad.Err()
			}
		}
		return insertSetting(ctx, tx, x, who.Person)
	})
	return x, err
}
