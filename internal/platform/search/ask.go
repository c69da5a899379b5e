package search

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

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
		return kindWord(q.kind) + " & (" + strings.Join(parts, ") & (") + ")"
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
	all := mark(q.all())
	if engine == db.Postgres {
		out := "SELECT ref_id FROM search_doc WHERE body @@ CAST(" + all + " AS TEXT)::TSQUERY"
		if len(q.phrases) > 1 {
			out += longer(q, mark(kind), mark, "EXISTS (SELECT 1 FROM search_doc e WHERE e.ref_id = l.ref_id AND e.kind = l.kind AND e.body @@ CAST(%s AS TEXT)::TSQUERY)")
		}
		// As an array: it is made first and by the words alone. The planner guesses
		// badly how many texts hold a phrase, and would read a list from its end to
		// find the few that do.
		return "SELECT unnest(ARRAY(" + out + "))"
	}
	k := mark(kind)
	from := "SELECT d.ref_id FROM search_text JOIN search_doc d ON d.n = search_text.rowid WHERE search_text MATCH " + all + " AND d.kind = " + k + " AND search_text.rowid "
	out := from + "BETWEEN " + mark(q.lo) + " AND " + mark(q.hi) + " UNION ALL " + from + "< " + mark(int64(1)<<numberBits)
	if len(q.phrases) > 1 {
		out += longer(q, k, mark, "EXISTS (SELECT 1 FROM search_doc e CROSS JOIN search_text WHERE e.ref_id = l.ref_id AND e.kind = l.kind AND search_text.rowid = e.n AND search_text MATCH %s)")
	}
	return out
}

// longer adds the long texts, which lie in several parts, so that two phrases may
// lie in different ones: of those few records every phrase is looked for in every part.
func longer(q question, kind string, mark func(any) string, holds string) string {
	out := " UNION SELECT l.ref_id FROM search_doc l WHERE l.part = 1 AND l.kind = " + kind
	for _, p := range q.phrases {
		out += " AND " + fmt.Sprintf(holds, mark(q.one(p)))
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
	if q.Engine() == db.Postgres {
		return a.expected(ctx, q)
	}
	var n int
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM search_text WHERE search_text MATCH $1 AND rowid BETWEEN $2 AND $3 LIMIT "+strconv.Itoa(commonFrom)+") x",
		a.all(), a.lo, a.hi).Scan(&n); err != nil {
		return false, fmt.Errorf("count the texts: %w", err)
	}
	return n >= commonFrom, nil
}

// plan is what PostgreSQL expects of a statement.
type plan struct {
	Rows  float64 `json:"Plan Rows"`
	Plans []plan  `json:"Plans"`
}

// expected tells from PostgreSQL's statistics whether a text is common: counting
// would read every text that may hold it. They know single tokens only, and take
// those of one word for strangers to each other; so the rarest token decides.
// Where they err, a list is found the slower way, not another list.
func (q question) expected(ctx context.Context, dq db.Q) (bool, error) {
	var asks []string
	var args []any
	mark := marker(&args)
	for _, p := range q.phrases {
		for _, token := range p[:min(len(p), 8)] {
			asks = append(asks, "(SELECT 1 FROM search_doc WHERE body @@ CAST("+mark(kindWord(q.kind)+" & "+tsquery([]string{token}))+" AS TEXT)::TSQUERY)")
		}
	}
	var text string
	if err := dq.QueryRow(ctx, "EXPLAIN (FORMAT JSON) "+strings.Join(asks, " UNION ALL "), args...).Scan(&text); err != nil {
		return false, fmt.Errorf("ask how many texts: %w", err)
	}
	var tops []struct{ Plan plan }
	if err := json.Unmarshal([]byte(text), &tops); err != nil {
		return false, fmt.Errorf("read how many texts: %w", err)
	}
	for _, top := range tops {
		each := top.Plan.Plans
		if len(asks) == 1 {
			each = []plan{top.Plan}
		}
		for _, p := range each {
			if p.Rows < commonFrom {
				return false, nil
			}
		}
	}
	return true, nil
}

// asked is a question ready to be put to texts in memory: each phrase as it stands in
// the runs of a text.
type asked struct{ phrases []string }

// prepare writes the phrases as they stand in the runs of a text.
func prepare(text string) asked {
	var a asked
	for _, p := range phrases(text) {
		switch first, lone := strings.CutSuffix(p[0], "*"); {
		case lone:
			a.phrases = append(a.phrases, first) // a character, wherever it stands
		case first[0] < utf8.RuneSelf && len(first) == maxLatin:
			a.phrases = append(a.phrases, " "+first) // longer words were cut there
		case first[0] < utf8.RuneSelf:
			a.phrases = append(a.phrases, " "+first+" ")
		default: // pairs of Han characters that overlap by one
			run := first
			for _, pair := range p[1:] {
				_, n := utf8.DecodeRuneInString(pair)
				run += pair[n:]
			}
			a.phrases = append(a.phrases, run)
		}
	}
	return a
}

// in tells whether a text holds every phrase: what the index would answer, read
// from the text itself.
func (a asked) in(text string) bool {
	runs := hantext.Runs(text)
	for _, p := range a.phrases {
		if !strings.Contains(runs, p) {
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
