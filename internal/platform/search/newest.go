package search

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// The bounds of a look at the newest: how many records one page of it names, the
// first time and at most, and how many it names in all.
const (
	newestFirst = 100
	newestMost  = 2000
)

// Newest names the records of a kind that hold a text, page by page, until see has
// enough or so many were named that the words alone are no way to find the few that
// are wanted: then the records themselves must be asked by Match. Those indexed last
// come first on SQLite; PostgreSQL keeps no order of them. all tells that none was left
// out. (Words of several parts of one long text are not put together here: more than
// one phrase is never said to be all.)
func Newest(ctx context.Context, q db.Q, kind, text string, see func([]id.ID) (more bool, err error)) (all bool, err error) {
	a := ask(q.Engine(), kind, text)
	if a.empty() {
		return true, nil
	}
	named := map[id.ID]bool{}
	for from, n := a.hi, newestFirst; len(named) < newestMost && n < 4*newestMost; n *= 4 {
		list, next, err := a.newest(ctx, q, from, min(n, newestMost))
		if err != nil {
			return false, err
		}
		fresh := list[:0:0]
		for _, r := range list {
			if !named[r] {
				named[r] = true
				fresh = append(fresh, r)
			}
		}
		if len(fresh) > 0 {
			if more, err := see(fresh); err != nil || !more {
				return false, err
			}
		}
		if next == 0 {
			return len(a.phrases) == 1, nil
		}
		from = next
	}
	return false, nil
}

// newest gives up to limit records of which the texts lie at or below a number, and
// the number to go on from; 0 when there are no more. PostgreSQL has no numbers: it
// names so many, and four times as many the next time. Its planner is not told how
// many: it takes kind and words for strangers, expects them together far too often,
// and would read all texts to come upon the first few.
func (a question) newest(ctx context.Context, q db.Q, from int64, limit int) (list []id.ID, next int64, err error) {
	if a.engine == db.Postgres {
		rows, err := q.Query(ctx, "SELECT ref_id FROM search_doc WHERE body @@ CAST($1 AS TEXT)::TSQUERY LIMIT (SELECT CAST($2 AS BIGINT))", a.all(), limit)
		list, err = db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
		if err != nil {
			return nil, 0, fmt.Errorf("name the texts: %w", err)
		}
		if len(list) == limit {
			next = a.hi
		}
		return list, next, nil
	}
	type hit struct {
		ref id.ID
		n   int64
	}
	// The kind's own range first, then what was indexed before there were ranges.
	for _, low := range []int64{a.lo, 0} {
		if from < low {
			continue // it went on from below that range
		}
		rows, err := q.Query(ctx, "SELECT d.ref_id, d.n FROM search_text JOIN search_doc d ON d.n = search_text.rowid WHERE search_text MATCH $1 AND search_text.rowid BETWEEN $2 AND $3 AND d.kind = $4 ORDER BY search_text.rowid DESC LIMIT $5",
			a.all(), low, from, a.kind, limit-len(list))
		hits, err := db.Collect(rows, err, func(r *sql.Rows) (h hit, err error) { return h, r.Scan(&h.ref, &h.n) })
		if err != nil {
			return nil, 0, fmt.Errorf("name the texts: %w", err)
		}
		for _, h := range hits {
			list = append(list, h.ref)
		}
		if len(list) == limit {
			return list, hits[len(hits)-1].n - 1, nil
		}
		from = int64(1)<<numberBits - 1
	}
	return list, 0, nil
}
