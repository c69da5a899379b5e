package insight

import (
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

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
	Aside    int `json:"aside"` // neither: overtaken by events, or accepted until a day
	Overdue  int `json:"overdue"`
	Applied  int `json:"applied"`
	Checked  int `json:"checked"` // re-verified by a look-back
	Untrue   int `json:"untrue"`  // of these paper or false
	Relapsed int `json:"relapsed"`
}

func (x *Sums) add(c rectification.Count) {
	x.Items += c.N
	switch c.State {
	case rectification.StateClosed:
		x.Closed += c.N
	case rectification.StateOvertaken, rectification.StateAccepted, rectification.StateWithdrawn:
		x.Aside += c.N
	default:
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
	at         time.Time
	At         string                      `json:"as_of"`
	Under      id.ID                       `json:"under"`
	Total      Sums                        `json:"total"`
	ByUnit     map[id.ID]*Sums             `json:"by_unit"` // by the unit directly below, or itself
	ByCategory map[string]*Sums            `json:"by_category"`
	Cells      map[id.ID]map[string]Sums   `json:"cells"`
	Measures   *rectification.MeasureCount `json:"measures,omitempty"` // counted apart; nil where there are too many
	Trend      *rectification.Trend        `json:"trend,omitempty"`
	Covered    []inspection.Covered        `json:"covered,omitempty"`
	Forms      *conduct.FormsView          `json:"forms,omitempty"`
	Calendar   *contact.CalendarView       `json:"calendar,omitempty"`
	Hits       *HitClock                   `json:"hits,omitempty"`
	Tasks      *directive.Tally            `json:"tasks,omitempty"`
	Alerts     *risk.Interval              `json:"alerts,omitempty"`
	Lasting    *rectification.HalfLife     `json:"lasting,omitempty"`
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
	top := under
	if top == "" {
		top = s.Dir.Root().ID
	}
	sums := make(chan error, 1)
	go func() { // beside the parts of the other rooms, which do not need it
		v, err := s.kept(who, "sums|"+string(under), func() (any, error) { return s.sums(context.WithoutCancel(ctx), who, under) })
		if err == nil {
			b = v.(Board)
		}
		sums <- err
	}()
	parts := Board{Under: under}
	err = s.more(ctx, who, top, &parts)
	if failed := <-sums; failed != nil {
		return b, failed
	}
	b.Trend, b.Covered, b.Forms, b.Calendar = parts.Trend, parts.Covered, parts.Forms, parts.Calendar
	b.Hits, b.Tasks, b.Alerts, b.Lasting = parts.Hits, parts.Tasks, parts.Alerts, parts.Lasting
	return b, err
}

// sums is the part of a dashboard that is cut from the figures of the ledger. Its
// maps are shared by those who read it.
func (s *Service) sums(ctx context.Context, who actor.Actor, under id.ID) (b Board, err error) {
	snap, err := s.mine(ctx, who)
	if err != nil {
		return b, err
	}
	b = Board{at: snap.at, At: snap.at.Format(time.RFC3339), Under: under, ByUnit: map[id.ID]*Sums{}, ByCategory: map[string]*Sums{}, Cells: map[id.ID]map[string]Sums{}}
	top := under
	if top == "" {
		top = s.Dir.Root().ID
	}
	path := s.Dir.Place(top).Path
	if path == "" {
		return b, fault.NotFound("unit")
	}
	unit, child, inside := id.ID(""), id.ID(""), false
	units := map[id.ID]bool{}
	for i, c := range snap.counts {
		if i == 0 || c.Unit != unit { // groups of one unit stand together
			unit = c.Unit
			if child, inside = s.below(top, path, unit); inside {
				units[unit] = true
			}
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
	b.Measures, err = s.measures(ctx, who, snap, slices.Collect(maps.Keys(units)))
	return b, err
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

// part is one part of a dashboard, by the service of its room and so by its rules.
type part struct {
	action, name string
	count        func() (any, error)
	put          func(v any)
}

// more adds the parts of the other rooms, counted side by side; each is kept for
// the reader for less than a minute.
func (s *Service) more(ctx context.Context, who actor.Actor, top id.ID, b *Board) error {
	ctx = context.WithoutCancel(ctx) // others may wait for the same count
	parts := []part{
		{"item.read", "trend", func() (any, error) { return s.Rectify.Trend(ctx, who, b.Under) }, into(&b.Trend)},
		{"coverage.read", "coverage", func() (any, error) { return s.coverage(ctx, who, top) }, func(v any) { b.Covered, _ = v.([]inspection.Covered) }},
		{"outcome.count", "forms", func() (any, error) { return s.Conduct.Forms(ctx, who, conduct.FormsQuery{By: "level", Root: b.Under}) }, into(&b.Forms)},
		{"return.calendar", "calendar", func() (any, error) { return s.Contact.LatestCalendar(ctx, who, top) }, into(&b.Calendar)},
		{"match.read", "hits", func() (any, error) { return s.hits(ctx, who, top) }, into(&b.Hits)},
		{"task.read", "tasks", func() (any, error) { return s.Directive.TallyFor(ctx, who, b.Under) }, into(&b.Tasks)},
		{"alert.read", "alerts", func() (any, error) { return s.alerts(ctx, who, top) }, into(&b.Alerts)},
	}
	if s.Lasting != nil {
		parts = append(parts, part{"item.read", "lasting", func() (any, error) { return s.lasting(ctx, who, b.Under) }, into(&b.Lasting)})
	}
	var all errgroup.Group
	all.SetLimit(4)
	for _, p := range parts {
		if !s.Policy.Ever(who, p.action) {
			continue
		}
		all.Go(func() error {
			v, err := s.kept(who, p.name+"|"+string(b.Under), p.count)
			if fault.Is(err, fault.KindNotFound) {
				return nil // this unit is not his in that room
			}
			if err == nil {
				p.put(v)
			}
			return err
		})
	}
	return all.Wait()
}

// into puts a value where a dashboard points to it.
func into[T any](at **T) func(any) {
	return func(v any) {
		if x, ok := v.(T); ok {
			*at = &x
		}
	}
}

// measures are those of the items of some units, each once, nil where there are too
// many to be counted. A measure belongs to one unit: where a reader may see all its
// items he may see all its measures, as the snapshot has them; those of other units
// are counted by what he may read.
func (s *Service) measures(ctx context.Context, who actor.Actor, snap snapshot, units []id.ID) (*rectification.MeasureCount, error) {
	var sum rectification.MeasureCount
	var part []id.ID
	items := 0
	for _, u := range units {
		if n := snap.part[u]; n > 0 {
			part, items = append(part, u), items+n
			continue
		}
		sum.Add(snap.measures[u])
	}
	if items > measuredItems {
		return nil, nil
	}
	m, err := s.Rectify.MeasuresOfUnits(ctx, who, part)
	sum.Add(m)
	return &sum, err
}

// measuredItems is of how many items at most the measures are counted one by one.
const measuredItems = 100_000

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
