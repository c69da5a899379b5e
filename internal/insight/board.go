package insight

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"huikan/internal/conduct"
	"huikan/internal/contact"
	"huikan/internal/directive"
	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/rectification"
	"huikan/internal/risk"
	"huikan/internal/screening"
)

// Sums are the figures of a set of items.
type Sums struct {
	Items    int `json:"items"`
	Closed   int `json:"closed"`
	Open     int `json:"open"`
	Overdue  int `json:"overdue"`
	Applied  int `json:"applied"`
	Checked  int `json:"checked"` // re-verified by a look-back
	Untrue   int `json:"untrue"`  // of these paper or false
	Relapsed int `json:"relapsed"`
}

func (x *Sums) add(c rectification.Count) {
	x.Items += c.N
	if c.State == rectification.StateClosed {
		x.Closed += c.N
	} else {
		x.Open += c.N
	}
	if c.Overdue {
		x.Overdue += c.N
	}
	if c.State == rectification.StateApplied {
		x.Applied += c.N
	}
	switch c.Verified {
	case "":
		return
	case rectification.Paper, rectification.False:
		x.Untrue += c.N
	case rectification.Relapsed:
		x.Relapsed += c.N
	}
	x.Checked += c.N
}

// share is n of m, unknown when there is nothing to divide by.
func share(n, m int) float64 {
	if m == 0 {
		return math.NaN()
	}
	return float64(n) / float64(m)
}

func percent(v float64) string {
	if math.IsNaN(v) {
		return "—"
	}
	return strconv.FormatFloat(100*v, 'f', 1, 64) + "%"
}

// Board is everything that a reader's dashboard shows, for a unit and all below
// it. A part is nil when the reader may not see its room.
type Board struct {
	At         string                    `json:"as_of"`
	Under      id.ID                     `json:"under"`
	Total      Sums                      `json:"total"`
	ByUnit     map[id.ID]*Sums           `json:"by_unit"` // by the unit directly below, or itself
	ByCategory map[string]*Sums          `json:"by_category"`
	Cells      map[id.ID]map[string]Sums `json:"cells"`
	Trend      *rectification.Trend      `json:"trend,omitempty"`
	Covered    []inspection.Covered      `json:"covered,omitempty"`
	Forms      *conduct.FormsView        `json:"forms,omitempty"`
	Calendar   *contact.CalendarView     `json:"calendar,omitempty"`
	Hits       *HitClock                 `json:"hits,omitempty"`
	Tasks      *directive.Tally          `json:"tasks,omitempty"`
	Alerts     *risk.Interval            `json:"alerts,omitempty"`
	Lasting    *rectification.HalfLife   `json:"lasting,omitempty"`
}

// HitClock tells of screening hits by state, and of restrictions that end soon.
type HitClock struct {
	States map[string]int `json:"states"`
	In30   int            `json:"in_30"`
	In90   int            `json:"in_90"`
	Life   int            `json:"life"`
	Capped bool           `json:"capped"`
}

// Board gathers the dashboard of a reader. under is "" for all that he may see.
func (s *Service) Board(ctx context.Context, who actor.Actor, under id.ID) (b Board, err error) {
	snap, err := s.mine(ctx, who)
	if err != nil {
		return b, err
	}
	b = Board{At: snap.at.Format(time.RFC3339), Under: under, ByUnit: map[id.ID]*Sums{}, ByCategory: map[string]*Sums{}, Cells: map[id.ID]map[string]Sums{}}
	top := under
	if top == "" {
		top = s.Dir.Root().ID
	}
	path := s.Dir.Place(top).Path
	if path == "" {
		return b, fault.NotFound("unit")
	}
	unit, child, inside := id.ID(""), id.ID(""), false
	for i, c := range snap.counts {
		if i == 0 || c.Unit != unit { // groups of one unit stand together
			unit = c.Unit
			child, inside = s.below(top, path, unit)
		}
		if !inside {
			continue
		}
		b.Total.add(c)
		if b.ByUnit[child] == nil {
			b.ByUnit[child], b.Cells[child] = &Sums{}, map[string]Sums{}
		}
		b.ByUnit[child].add(c)
		if b.ByCategory[c.Category] == nil {
			b.ByCategory[c.Category] = &Sums{}
		}
		b.ByCategory[c.Category].add(c)
		cell := b.Cells[child][c.Category]
		cell.add(c)
		b.Cells[child][c.Category] = cell
	}
	return b, s.more(ctx, who, top, &b)
}

// below tells under which unit directly below top a unit stands; top itself
// stands for its own.
func (s *Service) below(top id.ID, path string, unit id.ID) (id.ID, bool) {
	u, ok := s.Dir.Unit(unit)
	if !ok || !strings.HasPrefix(u.Path, path) {
		return "", false
	}
	for u.ID != top && u.Parent != top && u.Parent != "" {
		if u, ok = s.Dir.Unit(u.Parent); !ok {
			return "", false
		}
	}
	return u.ID, true
}

// more adds the parts of the other rooms, each by the service of its room and so
// by its rules; each is kept for the reader for less than a minute.
func (s *Service) more(ctx context.Context, who actor.Actor, top id.ID, b *Board) error {
	ctx = context.WithoutCancel(ctx) // others may wait for the same count
	part := func(action, name string, fn func() (any, error)) (any, error) {
		if !s.Policy.Ever(who, action) {
			return nil, nil
		}
		v, err := s.kept(who, name+"|"+string(b.Under), fn)
		if fault.Is(err, fault.KindNotFound) {
			return nil, nil // this unit is not his in that room
		}
		return v, err
	}
	v, err := part("item.read", "trend", func() (any, error) { return s.Rectify.Trend(ctx, who, b.Under) })
	if err != nil {
		return err
	}
	if t, ok := v.(rectification.Trend); ok {
		b.Trend = &t
	}
	if s.Lasting != nil {
		if v, err = part("item.read", "lasting", func() (any, error) { return s.lasting(ctx, who, b.Under) }); err != nil {
			return err
		}
		if h, ok := v.(rectification.HalfLife); ok {
			b.Lasting = &h
		}
	}
	if v, err = part("coverage.read", "coverage", func() (any, error) { return s.coverage(ctx, who, top) }); err != nil {
		return err
	}
	b.Covered, _ = v.([]inspection.Covered)
	if v, err = part("outcome.count", "forms", func() (any, error) {
		return s.Conduct.Forms(ctx, who, conduct.FormsQuery{By: "level", Root: b.Under})
	}); err != nil {
		return err
	}
	if f, ok := v.(conduct.FormsView); ok {
		b.Forms = &f
	}
	if v, err = part("return.calendar", "calendar", func() (any, error) { return s.Contact.LatestCalendar(ctx, who, top) }); err != nil {
		return err
	}
	if c, ok := v.(contact.CalendarView); ok {
		b.Calendar = &c
	}
	if v, err = part("match.read", "hits", func() (any, error) { return s.hits(ctx, who, top) }); err != nil {
		return err
	}
	if h, ok := v.(HitClock); ok {
		b.Hits = &h
	}
	if v, err = part("task.read", "tasks", func() (any, error) { return s.Directive.TallyFor(ctx, who, b.Under) }); err != nil {
		return err
	}
	if t, ok := v.(directive.Tally); ok {
		b.Tasks = &t
	}
	if v, err = part("alert.read", "alerts", func() (any, error) { return s.alerts(ctx, who, top) }); err != nil {
		return err
	}
	if a, ok := v.(risk.Interval); ok {
		b.Alerts = &a
	}
	return nil
}

// coverage is which of the units directly below were inspected in the present term.
func (s *Service) coverage(ctx context.Context, who actor.Actor, top id.ID) ([]inspection.Covered, error) {
	term, ok, err := s.term(ctx, top)
	if err != nil || !ok {
		return nil, err
	}
	return s.Inspect.Coverage(ctx, who, term, top)
}

// lasting is how long close-outs hold; it is that of one unit, or of everything.
func (s *Service) lasting(ctx context.Context, who actor.Actor, under id.ID) (h rectification.HalfLife, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		h, _, err = s.Lasting(ctx, q, who, under)
		return err
	})
	return h, err
}

// hits counts what screening found.
func (s *Service) hits(ctx context.Context, who actor.Actor, top id.ID) (HitClock, error) {
	h := HitClock{States: map[string]int{}}
	list, err := s.Screening.Hits(ctx, who, "")
	if err != nil {
		return h, err
	}
	h.Capped = len(list) >= 1000
	path := s.Dir.Place(top).Path
	today := s.Rectify.Today()
	for _, x := range list {
		if !strings.HasPrefix(s.Dir.Place(x.Unit).Path, path) {
			continue
		}
		h.States[x.State]++
		switch {
		case x.State != screening.Confirmed:
		case x.Life:
			h.Life++
		case x.Until >= today && x.Until <= today.AddDays(30):
			h.In30++
			h.In90++
		case x.Until >= today && x.Until <= today.AddDays(90):
			h.In90++
		}
	}
	return h, nil
}

// ranked are the units of a board, those with most open items first.
func (b Board) ranked() []id.ID {
	var out []id.ID
	for u := range b.ByUnit {
		out = append(out, u)
	}
	slices.SortFunc(out, func(x, y id.ID) int {
		if d := b.ByUnit[y].Open - b.ByUnit[x].Open; d != 0 {
			return d
		}
		return strings.Compare(string(x), string(y))
	})
	return out
}

// categories are the four implementations (四个落实), in their order.
var categories = []string{"theory", "discipline", "organisation", "rectification"}
