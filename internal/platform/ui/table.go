package ui

import (
	"html/template"
	"maps"
	"net/url"
	"slices"
)

// Table is a list of records: filters, saved views, columns, rows, bulk actions, pager and export.
// Everything that changes what is shown is a GET address, so that the address is the view.
type Table struct {
	ID       string     // prefix of element ids; "t" when empty
	Caption  string     // what the table lists, read aloud
	Base     string     // address of the list without query
	Params   url.Values // query in force: filters, sort, columns
	Columns  []Column
	Rows     []Row
	Total    []Cell // optional last row of sums
	Views    []Tab  // saved views
	Filters  []Field
	Active   []ActiveFilter // filters in force, each can be taken away
	Hidden   *HiddenRows    // what the view leaves out
	Bulk     *Bulk
	Pager    *Pager
	Choices  []ColumnChoice // columns that may be switched on and off
	Exports  []Link
	Empty    EmptyState
	NoDrawer bool // rows open as pages only
}

// Column is one column of a Table.
type Column struct {
	Key, Label string
	Num        bool   // right-aligned figures
	Nowrap     bool   // short codes and dates
	Sortable   bool   // heading links to ?sort=Key and ?sort=-Key
	Sort       string // "", "asc" or "desc"
	Hint       string // definition of the figure (口径)
}

// Row is one record; the first cell links to Href.
type Row struct {
	ID    string // value of the checkbox
	Href  string
	Label string // names the record for the checkbox ("选择 …"); the first cell's text when empty
	Cells []Cell
}

// Cell is what stands in one place of a Table. Parts that are empty are left out.
type Cell struct {
	Text  string
	Sub   string // smaller second line
	Href  string // link of a cell that is not the first one
	Title string // longer form shown by the pointer
	Chips []Chip
	Flag  template.HTML // from [Due]
	Bar   *Meter
	Clamp bool // long text, at most two lines
}

// Meter is a small bar: Value of Max, said in Text ("3/5").
type Meter struct {
	Value, Max int
	Text       string
}

// Width is the length of the bar in percent.
func (m Meter) Width() int {
	if m.Max <= 0 || m.Value <= 0 {
		return 0
	}
	return min(100, m.Value*100/m.Max)
}

// ActiveFilter is one filter in force.
type ActiveFilter struct {
	Key, Value string // entry of Params that it stands for
	Label      string // "状态：整改中"
}

// HiddenRows says what is not shown and how to see it ("已隐藏 已销号 312 项 显示").
type HiddenRows struct {
	Text string
	Show Link
}

// Bulk turns on checkboxes; the buttons post the chosen ids (and all=1 for every match) to Action.
type Bulk struct {
	Action      string
	Buttons     []Button
	AllMatching int // number of matches beyond this page; 0 hides the choice
}

// Pager is a keyset pager: it knows neighbours, not page numbers.
type Pager struct {
	Prev, Next string // addresses; empty at the ends
	Count      int
	Capped     bool // the count stopped at Count: 共 1000+ 项
	PerPage    int
}

// PageSizes are the offered lengths of a page.
var PageSizes = []int{20, 50, 100}

// ColumnChoice is one entry of the column chooser.
type ColumnChoice struct {
	Key, Label string
	Shown      bool
}

// Prefix is the id prefix of the table.
func (t Table) Prefix() string {
	if t.ID == "" {
		return "t"
	}
	return t.ID
}

// SortHref is the address that sorts by a column, or turns its order.
func (t Table) SortHref(c Column) string {
	key := c.Key
	if c.Sort == "asc" {
		key = "-" + key
	}
	q := t.without("sort")
	q.Set("sort", key)
	return withQuery(t.Base, q)
}

// AriaSort is the value of aria-sort of a column.
func (c Column) AriaSort() string {
	switch c.Sort {
	case "asc":
		return "ascending"
	case "desc":
		return "descending"
	}
	return "none"
}

// SortIcon is the arrow of a column heading.
func (c Column) SortIcon() string {
	if c.Sort == "" {
		return "sort"
	}
	return c.Sort
}

// Without is the address of the list when one filter is taken away.
func (t Table) Without(f ActiveFilter) string {
	q := t.without()
	q[f.Key] = slices.DeleteFunc(q[f.Key], func(v string) bool { return v == f.Value })
	if len(q[f.Key]) == 0 {
		delete(q, f.Key)
	}
	return withQuery(t.Base, q)
}

// ClearHref is the address of the list without any filter.
func (t Table) ClearHref() string {
	q := url.Values{}
	for _, key := range []string{"sort", "cols", "per", "view"} {
		if t.Params[key] != nil {
			q[key] = t.Params[key]
		}
	}
	return withQuery(t.Base, q)
}

// PerHref is the address of the list with another page length.
func (t Table) PerHref(n int) string {
	q := t.without("per")
	q.Set("per", plain(n))
	return withQuery(t.Base, q)
}

// Sizes returns the page lengths on offer.
func (t Table) Sizes() []int { return PageSizes }

// without copies the query, dropping the place in the list and the named keys.
func (t Table) without(keys ...string) url.Values {
	q := maps.Clone(t.Params)
	if q == nil {
		q = url.Values{}
	}
	for _, key := range append(keys, "after", "before") {
		delete(q, key)
	}
	for key, values := range q {
		q[key] = slices.Clone(values)
	}
	return q
}

// Pair is one hidden entry of a GET form.
type Pair struct{ Name, Value string }

// KeepForFilter lists what the filter form must carry along: all but the filters themselves.
func (t Table) KeepForFilter() []Pair {
	var own []string
	for _, f := range t.Filters {
		own = append(own, f.Name)
	}
	return pairs(t.without(own...))
}

// KeepForColumns lists what the column form must carry along.
func (t Table) KeepForColumns() []Pair { return pairs(t.without("cols")) }

func pairs(q url.Values) []Pair {
	var out []Pair
	for _, name := range slices.Sorted(maps.Keys(q)) {
		for _, value := range q[name] {
			if value != "" {
				out = append(out, Pair{name, value})
			}
		}
	}
	return out
}

// FilterFields are the filter fields with ids of this table.
func (t Table) FilterFields() []Field {
	out := slices.Clone(t.Filters)
	for i := range out {
		out[i].Prefix = t.Prefix() + "-f"
		out[i].Plain = true
	}
	return out
}

// Label returns the heading of a column by position; it labels the cell on small screens.
func (t Table) Label(i int) string {
	if i < len(t.Columns) {
		return t.Columns[i].Label
	}
	return ""
}

// NumAt tells whether the column at a position holds figures.
func (t Table) NumAt(i int) bool { return i < len(t.Columns) && t.Columns[i].Num }

// NowrapAt tells whether the column at a position stays on one line.
func (t Table) NowrapAt(i int) bool { return i < len(t.Columns) && t.Columns[i].Nowrap }

// Name is what the checkbox of a row is called.
func (r Row) Name() string {
	if r.Label != "" || len(r.Cells) == 0 {
		return r.Label
	}
	return r.Cells[0].Text
}
