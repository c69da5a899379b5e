package insight

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"huikan/internal/conduct"
	"huikan/internal/contact"
	"huikan/internal/directive"
	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
	"huikan/internal/rectification"
	"huikan/internal/risk"
	"huikan/internal/screening"
)

// Deps is what the room stands on.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
	Dir    *org.Directory
	Server *web.Server
	// Lasting lends the half-life that stands beside a completion rate; nil: none.
	Lasting rectification.Lasting

	Rectify   *rectification.Service
	Inspect   *inspection.Service
	Directive *directive.Service
	Contact   *contact.Service
	Conduct   *conduct.Service
	Screening *screening.Service
	Risk      *risk.Service
}

// Service gathers what the rooms declare.
type Service struct {
	Deps
	mu       sync.Mutex
	snap     snapshot
	counting bool
	flight   singleflight.Group
	keep     map[string]keptPart
}

// keptPart is one part of one reader's dashboard.
type keptPart struct {
	at time.Time
	v  any
}

// keptMost bounds the parts that are kept; beyond it all are dropped.
const keptMost = 4000

// kept gives a part of a reader's dashboard, never older than staleAt; readers who
// come together share one count, and who comes when it is getting old starts the
// next without waiting. The key holds who he is and what he may.
func (s *Service) kept(who actor.Actor, name string, fn func() (any, error)) (any, error) {
	key := string(who.Account) + "|" + string(who.Person) + "|" + name
	for _, g := range who.Grants {
		key += "|" + string(g.Role) + "@" + string(g.Unit)
	}
	now := s.Clock.Now()
	s.mu.Lock()
	p, ok := s.keep[key]
	s.mu.Unlock()
	age := now.Sub(p.at)
	ok = ok && age >= 0 && age < staleAt
	if ok && age < freshFor {
		return p.v, nil
	}
	counted := s.flight.DoChan(key, func() (v any, err error) {
		defer func() { // no request stands above that would catch it
			if p := recover(); p != nil {
				err = fmt.Errorf("count %s: %v\n%s", name, p, debug.Stack())
			}
		}()
		if v, err = fn(); err != nil {
			if ok { // nobody waits for it
				slog.Warn("a part of a dashboard was not counted again", "part", name, "err", err)
			}
			return nil, err
		}
		at := now
		if b, ok := v.(Board); ok {
			at = b.at // that of the figures from which it was cut
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.keep == nil || len(s.keep) >= keptMost {
			s.keep = map[string]keptPart{}
		}
		s.keep[key] = keptPart{at, v}
		return v, nil
	})
	if ok {
		return p.v, nil // getting old: the next reader has what is counted now
	}
	r := <-counted
	return r.Val, r.Err
}

// alerts says how often the alerts were right that people judged in the last year.
func (s *Service) alerts(ctx context.Context, who actor.Actor, top id.ID) (risk.Interval, error) {
	today := clock.Today(s.Clock)
	return s.Risk.Judged(ctx, who, top, today.AddMonths(-12), today)
}

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

//go:embed pages/*.html words.*.json
var files embed.FS

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"insight_view", "insight_subscription"}

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	return web.Room{Name: "insight", Pages: web.Sub(files, "pages"), Words: web.Words(files), Todo: s.todo,
		Routes: []web.Route{
			{Method: "GET", Path: "/", Any: true, Do: s.getHome},
			{Method: "GET", Path: "/search", Any: true, Heavy: true, Do: s.getSearch},
			{Method: "GET", Path: "/palette", Any: true, Heavy: true, Do: s.getPalette},
			{Method: "POST", Path: "/search", Any: true, Heavy: true, In: asking{}, Do: s.postSearch},
			{Method: "POST", Path: "/palette", Any: true, Heavy: true, In: asking{}, Do: s.postPalette},
			{Method: "GET", Path: "/help", Any: true, NoAPI: true, Do: s.getHelp},
			{Method: "GET", Path: "/board", Action: "board.read", Do: s.getBoard},
			{Method: "GET", Path: "/board/{file}", Action: "board.read", NoAPI: true, Heavy: true, Do: s.getExport},
			{Method: "GET", Path: "/integrated", Action: "board.read", Do: s.getIntegrated},
			{Method: "GET", Path: "/integrated/{file}", Action: "board.read", NoAPI: true, Heavy: true, Do: s.getPicture},
			{Method: "GET", Path: "/views", Any: true, Do: s.getViews},
			{Method: "POST", Path: "/views", Any: true, In: ViewCmd{}, Do: s.postView},
			{Method: "POST", Path: "/views/{id}/end", Any: true, In: revForm{}, Do: s.postEndView},
			{Method: "POST", Path: "/views/{id}/subscribe", Any: true, In: SubscribeCmd{}, Do: s.postSubscribe},
			{Method: "POST", Path: "/subscriptions/{id}/seen", Any: true, Do: s.postSeen},
			{Method: "POST", Path: "/subscriptions/{id}/end", Any: true, Do: s.postUnsubscribe},
		},
		Menu: []web.Item{
			{Key: "menu.workbench", Href: "/", Order: 0, Hot: "g h"},
			{Key: "menu.board", Href: "/board", Action: "board.read", Order: 10},
			{Key: "menu.integrated", Href: "/integrated", Action: "board.read", Order: 15},
			{Key: "menu.views", Href: "/views", Action: "board.read", Order: 20},
		}}
}

// Todos are what waits for an actor.
func (s *Service) Todos(ctx context.Context, a actor.Actor) ([]web.Todo, error) {
	return s.Server.Todos(ctx, a)
}

// Search asks every room.
func (s *Service) Search(ctx context.Context, a actor.Actor, text string, limit int) ([]web.Hit, error) {
	return s.Server.Search(ctx, a, text, limit)
}

// freshFor is how old figures may become before they are counted again in the
// background; staleAt is when a reader waits for the count.
const (
	freshFor = 30 * time.Second
	staleAt  = time.Minute
)

// snapshot has the figures of the whole ledger; it is shared by all readers and
// cut down for each.
type snapshot struct {
	at       time.Time
	counts   []rectification.Count
	measures map[id.ID]rectification.MeasureCount // of each unit
	// Of a reader: the units of whose items he may read only a part, with how many.
	part map[id.ID]int
}

// ledger gives the figures, never older than staleAt. One statement serves all
// readers; who comes when they are getting old starts the next count and does
// not wait for it.
func (s *Service) ledger(ctx context.Context) (snapshot, error) {
	s.mu.Lock()
	snap := s.snap
	age := s.Clock.Now().Sub(snap.at)
	old := snap.counts != nil && age > freshFor && age < staleAt && !s.counting
	if old {
		s.counting = true
	}
	s.mu.Unlock()
	if snap.counts != nil && age < staleAt {
		if old {
			go func() {
				if _, err := s.count(context.WithoutCancel(ctx)); err != nil {
					slog.Warn("the ledger was not counted again", "err", err)
				}
			}()
		}
		return snap, nil
	}
	return s.count(ctx)
}

// count counts the ledger anew; readers who come together share one count.
func (s *Service) count(ctx context.Context) (snapshot, error) {
	v, err, _ := s.flight.Do("ledger", func() (any, error) {
		now := s.Clock.Now()
		snap := snapshot{at: now, counts: []rectification.Count{}}
		err := s.Log.DB().Read(ctx, func(q db.Q) error {
			cs, err := rectification.Counts(ctx, q, clock.Of(now))
			if err != nil {
				return err
			}
			snap.counts = append(snap.counts[:0], cs...)
			snap.measures, err = rectification.MeasureCounts(ctx, q, clock.Of(now))
			return err
		})
		s.mu.Lock()
		defer s.mu.Unlock()
		s.counting = false
		if err != nil {
			return snapshot{}, fmt.Errorf("count the ledger: %w", err)
		}
		s.snap = snap
		return s.snap, nil
	})
	if err != nil {
		return snapshot{}, err
	}
	return v.(snapshot), nil
}

// Warm counts the ledger in the background before readers find it stale.
func (s *Service) Warm(ctx context.Context) error {
	_, err := s.ledger(ctx)
	return err
}

// mine cuts the figures down to what the actor may read: by the same policy
// that judges an item, and without the items that concern him or a relative.
func (s *Service) mine(ctx context.Context, a actor.Actor) (snapshot, error) {
	all, err := s.ledger(ctx)
	if err != nil {
		return all, err
	}
	var hidden []rectification.Count
	if err := s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		hidden, err = rectification.CountsConcerning(ctx, q, clock.Of(all.at), a.Kin())
		return err
	}); err != nil {
		return all, err
	}
	less := map[rectification.Count]int{}
	for _, h := range hidden {
		n := h.N
		h.N = 0
		less[h] += n
	}
	type place struct {
		unit, by id.ID
		state    string
	}
	may := map[place]bool{}
	out := snapshot{at: all.at, counts: make([]rectification.Count, 0, len(all.counts)), measures: all.measures, part: map[id.ID]int{}}
	seen, read := map[id.ID]int{}, map[id.ID]int{}
	var at id.ID // the unit whose groups are being read: they stand together, as far as the database says
	everything, his := 0, 0
	sum := func() {
		if everything > 0 {
			seen[at], read[at] = seen[at]+everything, read[at]+his
		}
		everything, his = 0, 0
	}
	var last place // groups of one unit and state stand together
	ok, known := false, false
	for _, c := range all.counts {
		k := place{c.Unit, c.By, c.State}
		if k != last || !known {
			ok, known = may[k]
			last = k
		}
		if !known {
			known = true
			ok = s.Policy.Can(a, "item.read", access.Object{Kind: "item", State: c.State, Units: []access.Place{s.Dir.Place(c.Unit)}, By: s.Dir.Place(c.By)}) == nil
			may[k] = ok
		}
		if c.Unit != at {
			sum()
			at = c.Unit
		}
		everything += c.N
		if !ok {
			continue
		}
		if len(less) > 0 { // hashing each group would take longer than all the rest
			key := c
			key.N = 0
			c.N -= less[key]
		}
		if c.N > 0 {
			out.counts = append(out.counts, c)
			his += c.N
		}
	}
	sum()
	for unit, n := range read {
		if n > 0 && n < seen[unit] {
			out.part[unit] = n
		}
	}
	return out, nil
}
