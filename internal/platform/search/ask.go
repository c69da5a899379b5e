package search

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"huikan/hantext"
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
// its page faster by walking in its own order, see Walk.
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

// asked is a question ready to be put to texts in memory.
type asked struct{ phrases []string }

// prepare writes the phrases as they stand between blanks in a row of tokens.
func prepare(text string) asked {
	var a asked
	for _, p := range phrases(text) {
		if one, lone := strings.CutSuffix(p[0], "*"); lone {
			a.phrases = append(a.phrases, " "+one) // begins any token
			continue
		}
		a.phrases = append(a.phrases, " "+strings.Join(p, " ")+" ")
	}
	return a
}

// in tells whether a text holds every phrase: what the index would answer, read
// from the text itself.
func (a asked) in(text string) bool {
	tokens := hantext.Bigrams(text)
	for i := range tokens {
		tokens[i] = cut(tokens[i])
	}
	row := " " + strings.Join(tokens, " ") + " "
	for _, p := range a.phrases {
		if !strings.Contains(row, p) {
			return false
		}
	}
	return true
}

// The bounds of a walk: how many rows of a list it looks at before it gives up.
const (
	walkFirst = 100
	walkMost  = 2000
)

// Walk finds a page of a list that is asked for a common text, by going through
// the list in its own order and reading the rows: next gives up to limit rows
// after a row (from the start when it is nil), words what Put was given of a row.
// It gives at most size hits. ended tells that the whole list was seen; enough
// that the page is complete: otherwise hits were too far apart, and the list must
// be asked by Match. (FTS5 finds a phrase in one given row no quicker than in all
// rows before it, so the index itself is no help here.)
func Walk[T any](text string, size int, words func(T) string, next func(after *T, limit int) ([]T, error)) (hits []T, ended, enough bool, err error) {
	asks := prepare(text)
	var last *T
	for seen, n := 0, walkFirst; seen < walkMost; n *= 3 {
		n = min(n, walkMost-seen)
		rows, err := next(last, n)
		if err != nil {
			return nil, false, false, err
		}
		for i, r := range rows {
			if !asks.in(words(r)) {
				continue
			}
			if hits = append(hits, r); len(hits) == size {
				return hits, i == len(rows)-1 && len(rows) < n, true, nil
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
