package contact

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/db"
)

// colleague finds a person by id or staff number.
func (s *Service) colleague(ctx context.Context, q db.Q, text string) (person.Person, error) {
	text = strings.TrimSpace(text)
	if n, err := id.Parse(text); err == nil {
		return person.ByID(ctx, q, n)
	}
	return person.ByStaffNo(ctx, q, text)
}

// snapshot is the completeness of one period: of each unit, and of each with all
// below it. It is made once and shared.
type snapshot struct {
	at    time.Time
	own   map[id.ID]Tally
	below map[id.ID]Tally
	stale bool
}

// plus adds the figures of another period.
func (x snapshot) plus(o snapshot) snapshot {
	sum := func(a, b map[id.ID]Tally) map[id.ID]Tally {
		out := maps.Clone(a)
		for unit, t := range b {
			out[unit] = out[unit].plus(t)
		}
		return out
	}
	if o.at.Before(x.at) {
		x.at = o.at
	}
	x.own, x.below = sum(x.own, o.own), sum(x.below, o.below)
	return x
}

// tallyCache keeps the snapshots of the periods that people look at.
type tallyCache struct {
	mu     sync.Mutex
	by     map[Period]*snapshot
	heads  map[clock.Date]heads
	years  keep[formerTallies]
	turn   int // of forget: what was being counted then is not kept
	flight singleflight.Group
}

// tallyFresh is how old the figures of a period that is being filed may be
// before they are counted again beside the readers; tallyAge is when a period
// that nobody files any more is looked at again (another replica may have).
const (
	tallyFresh = 2 * time.Second
	tallyAge   = 5 * time.Minute
)

func (c *tallyCache) stale(p Period) {
	c.mu.Lock()
	if x := c.by[p]; x != nil {
		x.stale = true
	}
	c.mu.Unlock()
}

func (c *tallyCache) get(p Period, now time.Time) (x snapshot, ok, old bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.by[p]
	if v == nil {
		return snapshot{}, false, true
	}
	age := now.Sub(v.at)
	return *v, true, age < 0 || age > tallyAge || v.stale && age >= tallyFresh
}

// tally gives the figures of a period. Who finds them old starts the next count
// and does not wait for it; only the very first reader waits. fresh counts now.
func (s *Service) tally(ctx context.Context, p Period, fresh bool) (snapshot, error) {
	now := s.Clock.Now()
	x, ok, old := s.tallies.get(p, now)
	if ok && !old && !(fresh && x.stale) {
		return x, nil
	}
	if ok && !fresh {
		go func() {
			if _, err := s.count(context.WithoutCancel(ctx), p); err != nil {
				slog.Warn("returns were not counted again", "err", err)
			}
		}()
		return x, nil
	}
	return s.count(ctx, p)
}

func (s *Service) count(ctx context.Context, p Period) (snapshot, error) {
	s.tallies.mu.Lock()
	turn := s.tallies.turn
	s.tallies.mu.Unlock()
	v, err, _ := s.tallies.flight.Do(fmt.Sprint(p, turn), func() (any, error) {
		x := snapshot{at: s.Clock.Now(), own: map[id.ID]Tally{}, below: map[id.ID]Tally{}}
		s.tallies.mu.Lock()
		if old := s.tallies.by[p]; old != nil {
			old.stale = false // what comes from here on makes it stale again
		}
		s.tallies.mu.Unlock()
		err := s.log.DB().Read(ctx, func(q db.Q) error {
			settings, err := s.allSettings(ctx, q)
			if err != nil {
				return err
			}
			if x.own, err = filedBy(ctx, q, p); err != nil {
				return err
			}
			former, err := s.formerTally(ctx, q, p)
			if err != nil {
				return err
			}
			for unit, t := range former {
				x.own[unit] = x.own[unit].plus(t)
			}
			if err := s.owed(ctx, q, p, settings, x.own); err != nil {
				return err
			}
			for unit := range former { // posts of that time are not always known here
				t := x.own[unit]
				t.Owed = max(t.Owed, t.Filed)
				x.own[unit] = t
			}
			return nil
		})
		if err != nil {
			return x, fmt.Errorf("count returns of %s: %w", p, err)
		}
		for unit, t := range x.own {
			for at := unit; at != ""; {
				x.below[at] = x.below[at].plus(t)
				u, _ := s.Units.Unit(at)
				at = u.Parent
			}
		}
		s.tallies.mu.Lock()
		defer s.tallies.mu.Unlock()
		if s.tallies.turn != turn {
			return x, nil
		}
		if s.tallies.by == nil || len(s.tallies.by) > 60 {
			s.tallies.by = map[Period]*snapshot{}
		}
		if old := s.tallies.by[p]; old != nil && old.stale {
			x.stale = true
		}
		s.tallies.by[p] = &x
		return x, nil
	})
	if err != nil {
		return snapshot{}, err
	}
	return v.(snapshot), nil
}

// owed fills in how many returns each unit owes: who belonged to it on the
// period's last day, where its setting asks for one.
func (s *Service) owed(ctx context.Context, q db.Q, p Period, settings settings, own map[id.ID]Tally) error {
	ms := p.Months()
	for _, u := range s.Units.All() {
		set := s.settingIn(settings, u.ID, ms[len(ms)-1])
		if set.Cadence == ByEvent || (set.Cadence == Quarterly) != p.Quarterly() {
			continue
		}
		if set.Before(p) {
			if t := own[u.ID]; t.Filed > 0 { // filed late by people
				t.Owed = t.Filed
				own[u.ID] = t
			}
			continue
		}
		heads, err := s.headsAt(ctx, q, set, p)
		if err != nil {
			return err
		}
		if n := heads[u.ID]; n > 0 {
			t := own[u.ID]
			t.Owed = n
			own[u.ID] = t
		}
	}
	return nil
}

// headsAge is how old counts of who belonged to which unit may become.
const headsAge = 15 * time.Second

// headsAt counts by unit who belonged to it on the last day of a period. A calendar
// asks for one period after the other, so the next ones are counted with it.
func (s *Service) headsAt(ctx context.Context, q db.Q, set Setting, p Period) (map[id.ID]int, error) {
	c, now, day := &s.tallies, s.Clock.Now(), set.End(p)
	c.mu.Lock()
	x, ok := c.heads[day]
	c.mu.Unlock()
	if age := now.Sub(x.at); ok && age >= 0 && age < headsAge {
		return x.by, nil
	}
	days := []clock.Date{day}
	for next := p.Next(); len(days) < months && set.Begin(next) <= clock.Today(s.Clock); next = next.Next() {
		days = append(days, set.End(next))
	}
	counts, err := person.Headcounts(ctx, q, days...)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heads == nil || len(c.heads) > 100 {
		c.heads = map[clock.Date]heads{}
	}
	for d, by := range counts {
		c.heads[d] = heads{now, by}
	}
	return counts[day], nil
}

// heads are counts of who belonged to which unit on a day.
type heads struct {
	at time.Time
	by map[id.ID]int
}

// CalendarRow is one unit over the periods of a calendar.
type CalendarRow struct {
	Unit    id.ID   `json:"unit"`
	Name    string  `json:"name"`
	Tallies []Tally `json:"tallies"`
	Closed  []bool  `json:"closed"`
	First   Period  `json:"first"` // first month for which the unit owes returns

	Files []Period `json:"-"` // the period that the unit itself files in the time of a column
}

// CalendarView is the completeness of a unit and of those below it.
type CalendarView struct {
	Unit    id.ID         `json:"unit"`
	Periods []Period      `json:"periods"`
	Rows    []CalendarRow `json:"rows"`
	Total   []Tally       `json:"total"`
	AsOf    string        `json:"as_of"`
	Office  bool          `json:"-"` // may know how many were zero
}

// months is how many periods a calendar shows.
const months = 12

// CalendarOf gives the completeness of the units directly below one (all: of every
// unit under it), over a year. What returns say is left out for all but the office.
func (s *Service) CalendarOf(ctx context.Context, who actor.Actor, unit id.ID, last Period, all bool) (v CalendarView, err error) {
	if err := s.policy.Can(who, "return.calendar", s.place(unit)); err != nil {
		return v, err
	}
	v.Unit, v.Office = unit, s.policy.Can(who, "return.office", s.place(unit)) == nil
	var set settings
	if err := s.log.DB().Read(ctx, func(q db.Q) (err error) { set, err = s.allSettings(ctx, q); return err }); err != nil {
		return v, err
	}
	v.Periods = make([]Period, months)
	for i, x := range s.periodsBack(set, unit, last, months, false) {
		v.Periods[months-1-i] = x.Period
	}
	units := s.Units.Children(unit)
	if all {
		units = nil
		for _, n := range s.Units.Below(unit) {
			u, _ := s.Units.Unit(n)
			units = append(units, u)
		}
	}
	units = slices.DeleteFunc(units, func(u org.Unit) bool { return u.Closed() })
	if self, ok := s.Units.Unit(unit); ok && !all {
		units = slices.Insert(units, 0, self)
	}
	v.Rows = make([]CalendarRow, len(units))
	cells, flags := make([]Tally, months*len(units)), make([]bool, months*len(units))
	for i, u := range units {
		v.Rows[i] = CalendarRow{Unit: u.ID, Name: u.Short, Tallies: cells[i*months : (i+1)*months], Closed: flags[i*months : (i+1)*months], First: s.firstIn(set, u.ID), Files: s.filesIn(set, u.ID, v.Periods)}
	}
	v.Total = make([]Tally, months)
	oldest := s.Clock.Now()
	for k, p := range v.Periods {
		x, err := s.tally(ctx, p, false)
		if err != nil {
			return v, err
		}
		if q := p.Quarter(); !p.Quarterly() && p == q.Months()[2] && set.quarterly() {
			more, err := s.tally(ctx, q, false) // who files by quarter owes with its last month
			if err != nil {
				return v, err
			}
			x = x.plus(more)
		}
		if x.at.Before(oldest) {
			oldest = x.at
		}
		v.Total[k] = s.shown(x.below[unit], v.Office)
		for i, u := range units {
			t := x.below[u.ID]
			if all || u.ID == unit {
				t = x.own[u.ID]
			}
			v.Rows[i].Tallies[k] = s.shown(t, v.Office)
		}
	}
	v.AsOf = clock.Instant(oldest)
	return v, nil
}

// shown takes out what only the office may know.
func (s *Service) shown(t Tally, office bool) Tally {
	if !office {
		t.Zero = 0
	}
	return t
}

// Month is one person's period as a reader may see it.
type Month struct {
	Person     id.ID  `json:"person"`
	Name       string `json:"name"`
	Department id.ID  `json:"department,omitempty"`
	Mark       string `json:"mark"`
	At         string `json:"at,omitempty"`
	By         id.ID  `json:"by,omitempty"`
	Reminded   int    `json:"reminded,omitempty"`
	Seconded   id.ID  `json:"seconded,omitempty"` // serves at another unit meanwhile
	Former     bool   `json:"former,omitempty"`   // taken over from an earlier register
}

// UnitMonth is one period of a unit, person by person.
type UnitMonth struct {
	Unit    id.ID      `json:"unit"`
	Period  Period     `json:"period"`
	Due     clock.Date `json:"due"`
	Closed  string     `json:"closed,omitempty"`
	People  []Month    `json:"people"`
	Tally   Tally      `json:"tally"`
	Office  bool       `json:"-"`
	Setting Setting    `json:"setting"`
}

// maxUnit bounds the people of one unit on a page.
const maxUnit = 5000

// People lists who of a unit filed and who did not. Leaders see that a return
// was filed; only the office sees whether it was a zero return.
func (s *Service) People(ctx context.Context, who actor.Actor, unit id.ID, p Period) (v UnitMonth, err error) {
	if err := s.policy.Can(who, "return.calendar", s.place(unit)); err != nil {
		return v, err
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		v, err = s.people(ctx, q, who, unit, p)
		return err
	})
	return v, err
}

func (s *Service) people(ctx context.Context, q db.Q, who actor.Actor, unit id.ID, p Period) (v UnitMonth, err error) {
	v = UnitMonth{Unit: unit, Period: p, Office: s.policy.Can(who, "return.office", s.place(unit)) == nil}
	if v.Setting, err = s.settingFor(ctx, q, unit, p); err != nil {
		return v, err
	}
	v.Due = v.Setting.Due(p, s.Calendar)
	if v.Closed, err = closed(ctx, q, p, unit); err != nil {
		return v, err
	}
	terms, err := person.InService(ctx, q, unit, v.Setting.End(p), "", maxUnit)
	if err != nil {
		return v, err
	}
	returns, err := returnsIn(ctx, q, unit, p)
	if err != nil {
		return v, err
	}
	former, err := formerIn(ctx, q, unit, p)
	if err != nil {
		return v, err
	}
	by := map[id.ID]Return{}
	for _, r := range append(former, returns...) {
		by[r.Person] = r
	}
	for _, r := range former { // posts of that time are not always known here
		if len(terms) < maxUnit && !slices.ContainsFunc(terms, func(t person.Term) bool { return t.Person == r.Person }) {
			terms = append(terms, person.Term{Person: r.Person, Unit: unit, Department: r.Department, Main: true})
		}
	}
	var ids []id.ID
	for _, t := range terms {
		ids = append(ids, t.Person)
	}
	counts := map[id.ID]int{}
	for part := range slices.Chunk(ids, 500) {
		c, err := reminded(ctx, q, p, part...)
		if err != nil {
			return v, err
		}
		maps.Copy(counts, c)
	}
	away, err := person.Seconded(ctx, q, unit, v.Setting.End(p))
	if err != nil {
		return v, err
	}
	names, err := s.names(ctx, q, ids...)
	if err != nil {
		return v, err
	}
	for _, t := range terms {
		r, ok := by[t.Person]
		m := Month{Person: t.Person, Name: names[t.Person], Department: t.Department, Reminded: counts[t.Person], Seconded: away[t.Person], Mark: s.mark(r, ok, v.Setting, p, v.Office)}
		if ok {
			m.At, m.By, m.Former = r.when(), r.By, r.Takeover != ""
		}
		v.People = append(v.People, m)
		if !ok && !v.Setting.owes(p) {
			continue
		}
		v.Tally.Owed++
		if ok {
			v.Tally.Filed++
			if r.Late {
				v.Tally.Late++
			}
			if r.Takeover != "" {
				v.Tally.Former++
			}
			if r.Zero && v.Office {
				v.Tally.Zero++
			}
		}
	}
	return v, nil
}

// mark is how a period stands for somebody who owed it.
func (s *Service) mark(r Return, filed bool, set Setting, p Period, office bool) string {
	today := s.today()
	switch {
	case filed && r.Late:
		return MarkLate
	case filed && !office:
		return MarkFiled
	case filed && r.Zero:
		return MarkZero
	case filed:
		return MarkItems
	case set.Before(p):
		return MarkBefore
	case !set.owes(p) || set.End(p) > today:
		return MarkNotDue
	case set.Due(p, s.Calendar) >= today:
		return MarkOpen
	}
	return MarkMiss
}
