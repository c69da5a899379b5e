// Package page has the values by which lists are asked for and answered:
// keyset pages, never offsets, so that page 4,000 costs as much as page one.
package page

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"

	"huikan/internal/kernel/fault"
)

// Sizes that a user may choose; the first is the default.
var Sizes = []int{50, 20, 100}

// CountCap bounds counting: a list says "1000+" beyond it, because an exact
// count of a million rows helps nobody and costs more than the page. Exact
// figures are the dashboard's.
const CountCap = 1000

// Query asks for one page of a list.
type Query struct {
	Size   int
	Sort   string // column key, "" = the list's own order
	Desc   bool
	After  []string // key of the last row seen, in sort order
	Before []string // key of the first row seen: the page before it
	View   string   // saved view
	Cols   []string // columns chosen; none = the list's own
	Filter url.Values
}

// Cursor writes a key as one URL-safe word.
func Cursor(key ...string) string {
	b, _ := json.Marshal(key) // strings always marshal
	return base64.RawURLEncoding.EncodeToString(b)
}

// Parse reads per, sort, after, before, view and cols and keeps every other
// value as a filter.
func Parse(v url.Values) (Query, error) {
	q := Query{Size: Sizes[0], Filter: url.Values{}}
	for k, vs := range v {
		switch k {
		case "per":
			n, err := strconv.Atoi(vs[0])
			if err != nil || !slices.Contains(Sizes, n) {
				return q, fault.Invalid("error.page_size", vs[0])
			}
			q.Size = n
		case "view":
			q.View = vs[0]
		case "cols":
			q.Cols = vs
		case "done": // the note of the action before, not a filter
		case "sort":
			q.Sort = vs[0]
			if len(q.Sort) > 0 && q.Sort[0] == '-' {
				q.Sort, q.Desc = q.Sort[1:], true
			}
		case "after", "before":
			raw, err := base64.RawURLEncoding.DecodeString(vs[0])
			var key []string
			if err == nil {
				err = json.Unmarshal(raw, &key)
			}
			if err != nil || len(key) == 0 || len(key) > 4 {
				return q, fault.Invalid("error.page_cursor")
			}
			if k == "after" {
				q.After = key
			} else {
				q.Before = key
			}
		default:
			for _, s := range vs {
				if s != "" && !slices.Contains(q.Filter[k], s) { // a list of one state twice would count its rows twice
					q.Filter.Add(k, s)
				}
			}
		}
	}
	return q, nil
}

// Next tells how to go on from a page.
type Next struct {
	After, Before string // cursors, empty at the ends
	Count         int    // rows in the whole list, at most CountCap+1
	AtLeast       bool   // there may be more than Count: it was not worth counting them
}

// More tells that the count was cut.
func (n Next) More() bool { return n.Count > CountCap || n.AtLeast }

// Cut makes a page of the rows of a query that asked for one more than a page holds:
// where that one is there, it is left off and next goes on after the key of the last.
func Cut[T any](rows []T, size int, next *Next, key func(last T) []string) []T {
	if len(rows) > size {
		rows = rows[:size]
		next.After = Cursor(key(rows[size-1])...)
	}
	return rows
}
