package search

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// question is what a text asks of one kind, ready for an engine.
type question struct {
	engine  db.Engine
	kind    string
	phrases [][]string
	lo, hi  int64
}

func ask(engine db.Engine, kind, text string) question {
	q := question{engine: engine, kind: kind, phrases: phrases(text)}
	q.lo, q.hi = numbers(kind)
	return q
}

func (q question) empty() bool { return len(q.phrases) == 0 }

// all asks for every phrase in one part of a text.
func (q question) all() string {
	var parts []string
	for _, p := range q.phrases {
		parts = append(parts, q.one(p))
	}
	if q.engine == db.Postgres {
		return "(" + strings.Join(parts, ") & (") + ")"
	}
	return strings.Join(parts, " AND ")
}

func (q question) one(phrase []string) string {
	if q.engine == db.Postgres {
		return tsquery(phrase)
	}
	return ftsquery(phrase)
}

// marker numbers values after those already there.
func marker(args *[]any) func(any) string {
	return func(v any) string {
		*args = append(*args, v)
		return "$" + strconv.Itoa(len(*args))
	}
}

// Match gives a SELECT of the ids of the records of a kind that hold every
// phrase of text, for a condition `col IN (` + Match(…) + `)`. Its values go to
// args, numbered after those already there. It is "" when the text has nothing
// that could be looked for (blanks, punctuation).
func Match(engine db.Engine, kind, text string, args *[]any) string {
	q := ask(engine, kind, text)
	if q.empty() {
		return ""
	}
	mark := marker(args)
	k, all := mark(kind), mark(q.all())
	out := ""
	if engine == db.Postgres {
		out = "SELECT ref_id FROM search_doc WHERE kind = " + k + " AND body @@ CAST(" + all + " AS TEXT)::TSQUERY"
	} else {
		from := "SELECT d.ref_id FROM search_text JOIN search_doc d ON d.n = search_text.rowid WHERE search_text MATCH " + all + " AND d.kind = " + k + " AND search_text.rowid "
		out = from + "BETWEEN " + mark(q.lo) + " AND " + mark(q.hi) + " UNION ALL " + from + "< " + mark(int64(1)<<numberBits)
	}
	if len(q.phrases) == 1 {
		return out
	}
	// A long text lies in several parts, and two phrases may lie in different
	// ones: of those few records every phrase is looked for in every part.
	out += " UNION SELECT l.ref_id FROM search_doc l WHERE l.part = 1 AND l.kind = " + k
	for _, p := range q.phrases {
		if engine == db.Postgres {
			out += " AND EXISTS (SELECT 1 FROM search_doc e WHERE e.ref_id = l.ref_id AND e.kind = l.kind AND e.body @@ CAST(" + mark(q.one(p)) + " AS TEXT)::TSQUERY)"
		} else {
			out += " AND EXISTS (SELECT 1 FROM search_doc e CROSS JOIN search_text WHERE e.ref_id = l.ref_id AND e.kind = l.kind AND search_text.rowid = e.n AND search_text MATCH " + mark(q.one(p)) + ")"
		}
	}
	return out
}

// commonFrom is how many records hold a text before it counts as common.
const commonFrom = 5000

// Common tells whether so many records of a kind hold a text that a list finds
// its page faster by walking in its own order and asking Among.
func Common(ctx context.Context, q db.Q, kind, text string) (bool, error) {
	a := ask(q.Engine(), kind, text)
	if a.empty() {
		return false, nil
	}
	var n int
	query, args := "SELECT 1 FROM search_doc WHERE kind = $1 AND body @@ CAST($2 AS TEXT)::TSQUERY", []any{kind, a.all()}
	if q.Engine() == db.SQLite {
		query, args = "SELECT 1 FROM search_text WHERE search_text MATCH $1 AND rowid BETWEEN $2 AND $3", []any{a.all(), a.lo, a.hi}
	}
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM ("+query+" LIMIT "+strconv.Itoa(commonFrom)+") x", args...).Scan(&n); err != nil {
		return false, fmt.Errorf("count the texts: %w", err)
	}
	return n >= commonFrom, nil
}

// Among tells which of some records of a kind hold every phrase of text.
func Among(ctx context.Context, q db.Q, kind, text string, refs []id.ID) (map[id.ID]bool, error) {
	a := ask(q.Engine(), kind, text)
	out := map[id.ID]bool{}
	if a.empty() {
		return out, nil
	}
	for part := range slices.Chunk(refs, 500) {
		var sets []map[id.ID]bool
		for _, p := range a.phrases {
			set, err := among(ctx, q, a, p, part)
			if err != nil {
				return nil, err
			}
			sets = append(sets, set)
		}
		for _, r := range part {
			if !slices.ContainsFunc(sets, func(s map[id.ID]bool) bool { return !s[r] }) {
				out[r] = true
			}
		}
	}
	return out, nil
}

func among(ctx context.Context, q db.Q, a question, phrase []string, refs []id.ID) (map[id.ID]bool, error) {
	var args []any
	mark := marker(&args)
	k, m := mark(a.kind), mark(a.one(phrase))
	var marks []string
	for _, r := range refs {
		marks = append(marks, mark(string(r)))
	}
	query := "SELECT d.ref_id FROM search_doc d WHERE d.kind = " + k + " AND d.body @@ CAST(" + m + " AS TEXT)::TSQUERY AND d.ref_id IN (" + strings.Join(marks, ",") + ")"
	if q.Engine() == db.SQLite {
		query = "SELECT d.ref_id FROM search_doc d CROSS JOIN search_text WHERE d.kind = " + k + " AND d.ref_id IN (" + strings.Join(marks, ",") + ") AND search_text.rowid = d.n AND search_text MATCH " + m
	}
	rows, err := q.Query(ctx, query, args...)
	found, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
	if err != nil {
		return nil, fmt.Errorf("look into the texts: %w", err)
	}
	set := make(map[id.ID]bool, len(found))
	for _, n := range found {
		set[n] = true
	}
	return set, nil
}

// The bounds of a walk: how many rows of a list it looks at before it gives up.
const (
	walkFirst = 100
	walkMost  = 3000
)

// Walk finds a page of a list that is asked for a common text, by going through
// the list in its own order: next gives up to limit rows after a row (from the
// start when it is nil), holds tells of rows which hit for another reason than
// the text. It gives at most size hits. ended tells that the whole list was seen;
// enough that the page is complete: otherwise the walk gave up, and the list must
// be asked by Match.
func Walk[T any](ctx context.Context, q db.Q, kind, text string, size int, ref func(T) id.ID, also func(T) bool,
	next func(after *T, limit int) ([]T, error)) (hits []T, ended, enough bool, err error) {
	var last *T
	for seen, n := 0, walkFirst; seen < walkMost; n *= 3 {
		n = min(n, walkMost-seen)
		rows, err := next(last, n)
		if err != nil {
			return nil, false, false, err
		}
		refs := make([]id.ID, len(rows))
		for i, r := range rows {
			refs[i] = ref(r)
		}
		set, err := Among(ctx, q, kind, text, refs)
		if err != nil {
			return nil, false, false, err
		}
		for i, r := range rows {
			if set[refs[i]] || also != nil && also(r) {
				if hits = append(hits, r); len(hits) == size {
					return hits, i == len(rows)-1 && len(rows) < n, true, nil
				}
			}
		}
		if len(rows) < n {
			return hits, true, true, nil
		}
		seen += len(rows)
		last = &rows[len(rows)-1]
	}
	return nil, false, false, nil
}
