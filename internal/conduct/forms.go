package conduct

import (
	"fmt"
	"math"
	"slices"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
)

// Outcome is how a matter ended, classed into the four forms (J-10).
type Outcome struct {
	ID         id.ID      `json:"id"`
	Case       id.ID      `json:"-"`
	Lead       id.ID      `json:"-"`
	Person     id.ID      `json:"-"`
	Unit       id.ID      `json:"unit"`
	Department id.ID      `json:"department,omitempty"`
	Level      int        `json:"level"`
	Leadership bool       `json:"leadership"`
	Rank       string     `json:"rank"`
	Conduct    string     `json:"conduct"`
	Kind       string     `json:"kind"`
	Form       int        `json:"form"`
	Abuse      bool       `json:"abuse"`
	On         clock.Date `json:"on"`
	Quarter    string     `json:"quarter"`
}

// Quarter names the quarter of a day: 2026Q1.
func Quarter(d clock.Date) string {
	if !d.Valid() {
		return ""
	}
	return fmt.Sprintf("%dQ%d", d.Year(), (int(d.Month())+2)/3)
}

// Dimensions by which the four forms are shown.
func Dimensions() []string { return []string{"level", "unit", "rank", "conduct", "kind", "quarter"} }

// FormRow is one line of the four forms.
type FormRow struct {
	Key   string  `json:"key"`
	Forms [4]Cell `json:"forms"`
	Total Cell    `json:"total"`
}

// Cell is a number that may be hidden because it is small.
type Cell struct {
	N      int  `json:"n"`
	Hidden bool `json:"hidden,omitempty"`
}

// Suppress hides every number from one below small, and then further ones, so that
// neither a total nor a sum of what hides tells it, see hideMore. The last row is the
// total of the others.
func Suppress(rows []FormRow, small int) []FormRow {
	out := slices.Clone(rows)
	for i := range out {
		sum := 0
		for f := range out[i].Forms {
			c := &out[i].Forms[f]
			sum += c.N
			c.Hidden = c.N > 0 && c.N < small
		}
		out[i].Total = Cell{N: sum, Hidden: sum > 0 && sum < small}
	}
	if small <= 1 || len(out) == 0 {
		return out
	}
	for changed := true; changed; {
		changed = false
		for i := range out {
			line := lineOf(&out[i])
			changed = hideMore(line[:4], line[4], small) || changed
		}
		for f := range 5 {
			var column []*Cell
			for i := range out {
				column = append(column, lineOf(&out[i])[f])
			}
			last := len(column) - 1
			changed = hideMore(column[:last], column[last], small) || changed
		}
	}
	return blank(out)
}

// lineOf are the four forms of a row and their total.
func lineOf(r *FormRow) (line []*Cell) {
	for f := range r.Forms {
		line = append(line, &r.Forms[f])
	}
	return append(line, &r.Total)
}

// hideMore hides one number more of a line whose hidden ones its shown ones tell. A
// total that hides needs one part that hides too. Beside a total that is shown the
// sum of the hidden parts is known: they are two at least, their sum is not small,
// and more than one for each, since none of them is zero.
func hideMore(parts []*Cell, total *Cell, small int) bool {
	hidden, sum := 0, 0
	var least *Cell
	for _, c := range parts {
		switch {
		case c.Hidden:
			hidden, sum = hidden+1, sum+c.N
		case c.N > 0 && (least == nil || c.N < least.N):
			least = c
		}
	}
	switch {
	case total.Hidden == (hidden > 0): // nothing hides, or both
		return false
	case hidden > 1 && sum >= small && sum > hidden:
		return false
	}
	if least == nil {
		if total.Hidden {
			return false
		}
		least = total
	}
	least.Hidden = true
	return true
}

// blank takes the hidden numbers out, so that no answer carries them.
func blank(rows []FormRow) []FormRow {
	for i := range rows {
		for _, c := range lineOf(&rows[i]) {
			if c.Hidden {
				c.N = 0
			}
		}
	}
	return rows
}

// Interval gives the Wilson interval of k in n at 95 %.
func Interval(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959963984540054
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, mid-half), min(1, mid+half)
}

// Claim judges a share against a bound: confirmed when the whole interval lies
// above, refuted when it lies below, open otherwise.
func Claim(k, n, percent int) string {
	low, high := Interval(k, n)
	bound := float64(percent) / 100
	switch {
	case n == 0:
		return "nothing"
	case low >= bound:
		return "confirmed"
	case high < bound:
		return "refuted"
	}
	return "open"
}

// Small is a small matter told by another room: a late report, a returned form.
type Small struct {
	Person     id.ID      `json:"person"`
	Unit       id.ID      `json:"unit"`
	Department id.ID      `json:"department,omitempty"`
	Kind       string     `json:"kind"`
	Ref        string     `json:"ref"`
	On         clock.Date `json:"on"`
}

// Warning is a person or a desk with repeated small matters, with the arithmetic.
type Warning struct {
	Person     id.ID      `json:"person,omitempty"`
	Unit       id.ID      `json:"unit"`
	Department id.ID      `json:"department,omitempty"`
	Parts      []Part     `json:"parts"` // kind and how often
	Points     int        `json:"points"`
	Bound      int        `json:"bound"`
	Last       clock.Date `json:"last"`
}

// matter is one small matter as the warning counts it.
type matter struct {
	person, unit, department id.ID
	kind                     string
	on                       clock.Date
}

// Warn adds small matters up by person and by desk and gives those that reach
// the bound, the heaviest first.
func Warn(list []matter, points map[string]int, person, desk int) []Warning {
	type key struct{ person, unit, department id.ID }
	sums := map[key]*Warning{}
	counts := map[key]map[string]int{}
	add := func(k key, m matter, bound int) {
		w := sums[k]
		if w == nil {
			w = &Warning{Person: k.person, Unit: m.unit, Department: k.department, Bound: bound}
			sums[k], counts[k] = w, map[string]int{}
		}
		counts[k][m.kind]++
		w.Points += points[m.kind]
		w.Last = max(w.Last, m.on)
	}
	for _, m := range list {
		add(key{person: m.person}, m, person)
		if m.department != "" {
			add(key{unit: m.unit, department: m.department}, m, desk)
		}
	}
	var out []Warning
	for k, w := range sums {
		if w.Points < w.Bound {
			continue
		}
		for _, kind := range []string{"outcome", "lead", "reported"} {
			if n := counts[k][kind]; n > 0 {
				w.Parts = append(w.Parts, Part{kind, n})
			}
		}
		out = append(out, *w)
	}
	slices.SortFunc(out, func(a, b Warning) int {
		if a.Points != b.Points {
			return b.Points - a.Points
		}
		return cmpID(a.Person+a.Department, b.Person+b.Department)
	})
	return out
}

func cmpID(a, b id.ID) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// CommitteeUse says whether the committees of discipline are used at all (J-11: one
// of a province reported that it had never dealt with a case): inquiries of the
// conduct that goes before them, and those with an opinion. Says is none, few, idle,
// some or counted; numbers stand where they are not small.
type CommitteeUse struct {
	Says  string `json:"says"`
	Due   int    `json:"due"`
	Heard int    `json:"heard"`
}

// UseOf judges the numbers; what is small, or could be reckoned to be, is left out.
func UseOf(due, heard, small int) CommitteeUse {
	switch {
	case due == 0:
		return CommitteeUse{Says: "none"}
	case due < small:
		return CommitteeUse{Says: "few"}
	case heard == 0:
		return CommitteeUse{Says: "idle", Due: due}
	case heard < small, due > heard && due-heard < small:
		return CommitteeUse{Says: "some", Due: due}
	}
	return CommitteeUse{Says: "counted", Due: due, Heard: heard}
}
