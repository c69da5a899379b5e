package sheet

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"unicode"

	"huikan/internal/kernel/fault"
)

const headerRows = 15 // how far down a header may stand

// Column is a column that a reader wants.
type Column struct {
	Key      string
	Names    []string // as it may be headed, Chinese and English; the first is shown to users
	Required bool
}

func (c Column) label() string {
	if len(c.Names) > 0 {
		return c.Names[0]
	}
	return c.Key
}

// Mapping tells where the wanted columns stand.
type Mapping struct {
	First, Last int            // rows of the header, indexes into Grid.Rows
	Columns     map[string]int // key → column
	Labels      map[string]string
	Heads       []string // every column's heading, two-row headings joined by "/"
	Unmatched   []string // headings that no column wanted
}

// FindHeader finds the row, or the two rows, that name the columns: titles, unit
// and date lines above are passed over. Headings are compared without spaces,
// line ends, brackets and what stands in them, and case.
func FindHeader(g Grid, cols []Column) (Mapping, error) {
	best, score := Mapping{}, 0
	for i := range min(len(g.Rows), headerRows) {
		for _, two := range []bool{false, true} {
			if two && (i+1 >= len(g.Rows) || g.Rows[i+1].Number != g.Rows[i].Number+1 || !stacked(g, i)) {
				continue
			}
			m := mapRow(g, i, two, cols)
			s := 4 * len(m.Columns)
			for _, c := range cols {
				if _, ok := m.Columns[c.Key]; ok && c.Required {
					s += 2
				}
			}
			if two && s > 0 {
				s++ // of two equal readings the one that explains both rows
			}
			if s > score {
				best, score = m, s
			}
		}
	}
	return best, judge(g, best, cols)
}

// stacked tells whether row i is the upper half of a two-row heading: an area
// reaches from it into the next, or lies across columns that the next one parts.
func stacked(g Grid, i int) bool {
	top := g.Rows[i].Number - 1
	down, across := false, false
	for _, m := range g.Merges {
		if m.Top == top {
			down = down || m.Bottom == top+1
			across = across || m.Bottom == top && m.Right > m.Left
		}
	}
	if down {
		return true
	}
	if !across {
		return false
	}
	heads := map[string]bool{}
	for _, c := range g.Rows[i].Cells {
		heads[c] = true
	}
	return len(heads) > 1 // one text across everything is a title
}

// mapRow names the columns by the header at row i.
func mapRow(g Grid, i int, two bool, cols []Column) Mapping {
	m := Mapping{First: i, Last: i, Columns: map[string]int{}, Labels: map[string]string{}}
	width := len(g.Rows[i].Cells)
	if two {
		m.Last = i + 1
		width = max(width, len(g.Rows[i+1].Cells))
	}
	for c := range width {
		head := oneLine(g.Rows[i].Cell(c))
		if two {
			if sub := oneLine(g.Rows[i+1].Cell(c)); head == "" {
				head = sub
			} else if sub != "" && sub != head {
				head += "/" + sub
			}
		}
		m.Heads = append(m.Heads, head)
	}
	used := make([]bool, width)
	for _, exact := range []bool{true, false} {
		for _, col := range cols {
			if _, ok := m.Columns[col.Key]; ok {
				continue
			}
			for c, h := range m.Heads {
				if !used[c] && h != "" && matches(h, col, exact) {
					m.Columns[col.Key], m.Labels[col.Key], used[c] = c, h, true
					break
				}
			}
		}
	}
	for c, h := range m.Heads {
		if h != "" && !used[c] {
			m.Unmatched = append(m.Unmatched, h)
		}
	}
	return m
}

// matches compares a heading with the names of a column. When not exact, what
// stands in brackets is dropped, and of a joined heading the lower part suffices.
func matches(head string, col Column, exact bool) bool {
	for _, n := range append(slices.Clone(col.Names), col.Key) {
		if exact {
			if fold(head) == fold(n) {
				return true
			}
			continue
		}
		want := fold(unbracket(n))
		if want == "" {
			continue
		}
		if fold(unbracket(head)) == want {
			return true
		}
		if _, low, ok := cutLast(head, "/"); ok && fold(unbracket(low)) == want {
			return true
		}
	}
	return false
}

func cutLast(s, sep string) (string, string, bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// fold drops what varies between copies of a form: white space, marks for
// required fields, punctuation, width and case.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xFF01 && r <= 0xFF5E {
			r -= 0xFEE0
		}
		if unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// unbracket drops brackets with their content: units, hints, "必填".
func unbracket(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch r {
		case '(', '（', '[', '【', '〔', '{':
			depth++
		case ')', '）', ']', '】', '〕', '}':
			depth = max(0, depth-1)
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

func oneLine(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxLatin1 }) {
		return strings.Join(strings.Fields(s), "") // Chinese headings are spaced out for looks
	}
	return strings.Join(strings.Fields(s), " ")
}

// judge refuses a header that lacks a required column or names one twice.
func judge(g Grid, m Mapping, cols []Column) error {
	if len(m.Columns) == 0 {
		return fault.Invalid("sheet.no_header", g.File, headerRows, labels(cols, func(c Column) bool { return c.Required || !anyRequired(cols) }))
	}
	missing := labels(cols, func(c Column) bool {
		_, ok := m.Columns[c.Key]
		return c.Required && !ok
	})
	if missing != "" {
		return fault.Invalid("sheet.missing_columns", g.File, g.Rows[m.Last].Number, missing)
	}
	var twice []string
	for _, c := range cols {
		at, ok := m.Columns[c.Key]
		if !ok {
			continue
		}
		for j, h := range m.Heads {
			if j != at && fold(h) == fold(m.Heads[at]) && !sameArea(g, m, at, j) {
				twice = append(twice, h)
				break
			}
		}
	}
	if len(twice) > 0 {
		return fault.Invalid("sheet.duplicate_columns", g.File, g.Rows[m.Last].Number, strings.Join(twice, "、"))
	}
	return nil
}

// sameArea tells that two columns are headed by one merged cell.
func sameArea(g Grid, m Mapping, a, b int) bool {
	lo, hi := min(a, b), max(a, b)
	for _, r := range g.Merges {
		if r.Top >= g.Rows[m.First].Number-1 && r.Top <= g.Rows[m.Last].Number-1 && r.Left <= lo && r.Right >= hi {
			return true
		}
	}
	return false
}

func anyRequired(cols []Column) bool {
	return slices.ContainsFunc(cols, func(c Column) bool { return c.Required })
}

func labels(cols []Column, want func(Column) bool) string {
	var out []string
	for _, c := range cols {
		if want(c) {
			out = append(out, c.label())
		}
	}
	return strings.Join(out, "、")
}

// Record is one row below the header.
type Record struct {
	Row     int // number in the file
	cells   Row
	mapping Mapping
}

// Get is the trimmed text of a column; empty if the table has no such column.
func (r Record) Get(key string) string {
	c, ok := r.mapping.Columns[key]
	if !ok {
		return ""
	}
	return strings.TrimSpace(r.cells.Cell(c))
}

// Records gives the rows below the header. Blank rows and repetitions of the
// header (printed tables repeat it on every page) are left out.
func Records(g Grid, m Mapping) iter.Seq[Record] {
	labels := map[string]string{}
	for key := range m.Columns {
		labels[key] = fold(lastPart(m.Labels[key]))
	}
	return func(yield func(Record) bool) {
		for _, r := range g.Rows[min(m.Last+1, len(g.Rows)):] {
			rec := Record{Row: r.Number, cells: r, mapping: m}
			blank, again := true, len(m.Columns) > 1
			for key, c := range m.Columns {
				v := oneLine(r.Cell(c))
				blank = blank && v == ""
				again = again && v != "" && fold(v) == labels[key]
				if !blank && !again {
					break
				}
			}
			if blank || again {
				continue
			}
			if !yield(rec) {
				return
			}
		}
	}
}

func lastPart(s string) string {
	if _, low, ok := cutLast(s, "/"); ok {
		return low
	}
	return s
}

// sortErrors puts the faults in the order of the table.
func sortErrors(es []RowError) {
	slices.SortStableFunc(es, func(a, b RowError) int { return cmp.Compare(a.Row, b.Row) })
}
