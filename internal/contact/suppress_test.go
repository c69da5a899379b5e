package contact

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/kernel/id"
)

const smallCell = 3

// wood is a random tree of units with figures.
func wood(rt *rapid.T) (f *forest, units []id.ID, kids map[id.ID][]id.ID) {
	kids = map[id.ID][]id.ID{}
	parent := map[id.ID]id.ID{"u0": ""}
	units = []id.ID{"u0"}
	for i := 1; i < rapid.IntRange(1, 9).Draw(rt, "units"); i++ {
		n := id.ID(fmt.Sprintf("u%d", i))
		up := units[rapid.IntRange(0, len(units)-1).Draw(rt, "above")]
		parent[n], kids[up] = up, append(kids[up], n)
		units = append(units, n)
	}
	f = &forest{own: map[id.ID]Counts{}, all: map[id.ID]Counts{}, margins: map[id.ID]Line{}, small: smallCell,
		parent: func(n id.ID) id.ID { return parent[n] }, children: func(n id.ID) []id.ID { return kids[n] }}
	for _, n := range units {
		var c Counts
		for q := range c {
			c[q] = rapid.SampledFrom([]int{0, 0, 1, 2, 3, 5, 9}).Draw(rt, "n")
		}
		f.own[n] = c
		for at := n; at != ""; at = parent[at] {
			f.all[at] = f.all[at].plus(c)
		}
	}
	return f, units, kids
}

// equation is a sum that every reader knows: its figures add up.
type equation []string

// A reader of all pages, a unit's, those above and below it, reckons no hidden
// figure: no known sum has exactly one hidden figure in it, and none that is
// shown is small.
func TestHiddenFiguresCannotBeReckoned(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, units, kids := wood(rt)
		shown := map[string]Cell{} // by name of the figure
		var sums []equation
		put := func(name string, l Line) {
			for q, c := range l.Cells {
				key := fmt.Sprintf("%s/%d", name, q)
				if old, ok := shown[key]; ok && old.Hidden != c.Hidden {
					rt.Fatalf("%s is hidden on one page and shown on another", key)
				}
				shown[key] = c
			}
			row := equation{}
			for q := range 5 {
				row = append(row, fmt.Sprintf("%s/%d", name, q))
			}
			sums = append(sums, row)
		}
		column := func(names ...string) {
			for q := range 5 {
				e := equation{}
				for _, n := range names {
					e = append(e, fmt.Sprintf("%s/%d", n, q))
				}
				sums = append(sums, e)
			}
		}
		for _, u := range units {
			put("all "+string(u), f.margin(u))
			table := f.table(u)
			children := []string{"below " + string(u)}
			for _, l := range table {
				switch {
				case l.Of == KeyBelow:
					put("all "+l.Key, l)
					children = append(children, "all "+l.Key)
				default:
					put(l.Key+" "+string(u), l)
				}
			}
			column("all "+string(u), "own "+string(u), "below "+string(u))
			if len(kids[u]) > 0 {
				column(children...)
			}
			// Two more dimensions of the unit: its figures split anew.
			for d := range 2 {
				parts := splitUp(rt, f.all[u])
				names := []string{"all " + string(u)}
				for i, l := range Suppress(parts, f.margin(u), smallCell) {
					name := fmt.Sprintf("d%d.%d %s", d, i, u)
					put(name, l)
					names = append(names, name)
				}
				column(names...)
			}
		}
		for name, c := range shown {
			if !c.Hidden && c.N > 0 && c.N < smallCell {
				rt.Fatalf("%s shows %d", name, c.N)
			}
		}
		for _, e := range sums {
			hidden := 0
			for _, n := range e {
				if shown[n].Hidden {
					hidden++
				}
			}
			if hidden == 1 {
				rt.Fatalf("one figure of %v is hidden alone", e)
			}
		}
	})
}

// splitUp parts the figures of a unit at random into three lines.
func splitUp(rt *rapid.T, c Counts) []Line {
	parts := make([]Counts, 3)
	for q, n := range c {
		a := rapid.IntRange(0, n).Draw(rt, "a")
		b := rapid.IntRange(0, n-a).Draw(rt, "b")
		parts[0][q], parts[1][q], parts[2][q] = a, b, n-a-b
	}
	out := make([]Line, 3)
	for i, p := range parts {
		out[i] = exact(fmt.Sprint(i), p)
	}
	return out
}

func TestBlankSendsNoHiddenFigure(t *testing.T) {
	l := Blank(Margin(Counts{2, 9, 9, 9}, smallCell))[0]
	for q, c := range l.Cells {
		if c.Hidden && c.N != 0 {
			t.Errorf("quarter %d sends %d", q, c.N)
		}
	}
	if l.hidden() != 2 {
		t.Errorf("a small figure hidden alone: %+v", l)
	}
}
