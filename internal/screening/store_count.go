package screening

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/platform/db"
)

// counts keeps what was counted of the hits, by what the reader may count, until a
// hit changes here; another program on the same database is noticed by age.
type counts struct {
	changes atomic.Int64
	mu      sync.Mutex
	by      map[string]countedHits
}

type countedHits struct {
	n       map[string]int
	changes int64
	at      time.Time
}

const (
	countedFor  = 30 * time.Second
	countedMost = 1000 // readers; beyond it all are dropped
)

// changed tells that hits were written.
func (s *Service) changed() { s.counts.changes.Add(1) }

// countBy counts hits by a column. The condition and its arguments say who may
// count what, so that they are the key.
func (s *Service) countBy(ctx context.Context, q db.Q, who actor.Actor, column string, f hitFilter) (map[string]int, error) {
	var args []any
	cond := s.policy.Filter(who, "match.read", hitAccess, &args) + f.where(&args)
	key, changes, now := fmt.Sprint(column, cond, args), s.counts.changes.Load(), s.Clock.Now()
	s.counts.mu.Lock()
	c, ok := s.counts.by[key]
	s.counts.mu.Unlock()
	if age := now.Sub(c.at); ok && c.changes == changes && age >= 0 && age < countedFor {
		return c.n, nil
	}
	rows, err := q.Query(ctx, "SELECT h."+column+", COUNT(*) FROM screening_hit h WHERE "+cond+" GROUP BY h."+column, args...)
	type pair struct {
		what string
		n    int
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (p pair, err error) { return p, r.Scan(&p.what, &p.n) })
	if err != nil {
		return nil, fmt.Errorf("count hits by %s: %w", column, err)
	}
	c = countedHits{n: map[string]int{}, changes: changes, at: now}
	for _, p := range list {
		c.n[p.what] = p.n
	}
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	if s.counts.by == nil || len(s.counts.by) >= countedMost {
		s.counts.by = map[string]countedHits{}
	}
	s.counts.by[key] = c
	return c.n, nil
}
