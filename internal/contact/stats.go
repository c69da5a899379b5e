package contact

import (
	"slices"

	"huikan/internal/kernel/id"
)

// Dimensions of the figures. unit: the unit itself and those
// directly below; level: itself and the levels below; class: groups of classes and
// classes; asker: of the procuratorates or not, and who; prohibited: the kinds of
// contact that the rules forbid.
func Dimensions() []string {
	return []string{"unit", "level", "class", "asker", "area", "record", "outcome", "leadership", "catch_up", "prohibited"}
}

// KeyOwn and KeyBelow are the two lines that make up a unit's sum: what it
// recorded itself, and all below it (36 = 7 + 29).
const (
	KeyOwn   = "own"
	KeyBelow = "below"
)

// Cell is one figure; a hidden one is sent as zero.
type Cell struct {
	N      int  `json:"n"`
	Hidden bool `json:"hidden,omitempty"`
}

// Line is one line of a table of figures: the quarters of a year and the year.
type Line struct {
	Key   string  `json:"key"`
	Of    string  `json:"of,omitempty"` // the line that it is a part of; a part of the sum when empty
	Cells [5]Cell `json:"cells"`
}

// Counts are the exact figures of one line, by quarter.
type Counts [4]int

func (c Counts) year() int { return c[0] + c[1] + c[2] + c[3] }

func (c Counts) plus(o Counts) Counts {
	for i := range c {
		c[i] += o[i]
	}
	return c
}

func (c Counts) values() [5]int { return [5]int{c[0], c[1], c[2], c[3], c.year()} }

func exact(key string, c Counts) Line {
	l := Line{Key: key}
	for i, n := range c.values() {
		l.Cells[i].N = n
	}
	return l
}

// Margin hides what is too small in the sum line of a table that stands alone,
// and if that would hide one figure only, the smallest of the others too.
func Margin(c Counts, small int) Line {
	l := exact("", c)
	for i := range l.Cells {
		l.hide(i, l.Cells[i].N > 0 && l.Cells[i].N < small)
	}
	l.complement()
	return l
}

func (l *Line) hide(i int, yes bool) {
	if yes {
		l.Cells[i].Hidden = true
	}
}

func (l Line) hidden() (n int) {
	for _, c := range l.Cells {
		if c.Hidden {
			n++
		}
	}
	return n
}

// complement hides one more figure beside one that is hidden alone: it would
// follow from the others and their sum.
func (l *Line) complement() bool {
	if l.hidden() != 1 {
		return false
	}
	at := -1
	for i, c := range l.Cells {
		if !c.Hidden && (at < 0 || weaker(l.Cells[at].N, c.N)) {
			at = i
		}
	}
	l.Cells[at].Hidden = true
	return true
}

// weaker tells whether a figure covers a hidden one worse than another: the
// smallest above zero covers best, a zero worst.
func weaker(a, b int) bool {
	if (a == 0) != (b == 0) {
		return a == 0
	}
	return b < a
}

// Suppress hides small figures in the lines under a sum line, whose own hidden
// figures stand: no line and no column hides exactly one figure, so that none
// follows from the others. Exact figures stay in the cells until Blank.
func Suppress(lines []Line, sum Line, small int) []Line {
	out := slices.Clone(lines)
	for i := range out {
		for q := range out[i].Cells {
			out[i].hide(q, out[i].Cells[q].N > 0 && out[i].Cells[q].N < small)
		}
	}
	for changed := true; changed; {
		changed = false
		for q := range 5 {
			hidden, at := 0, -1
			if sum.Cells[q].Hidden {
				hidden++
			}
			for i := range out {
				switch {
				case out[i].Cells[q].Hidden:
					hidden++
				case at < 0 || weaker(out[at].Cells[q].N, out[i].Cells[q].N):
					at = i
				}
			}
			if hidden == 1 && at >= 0 {
				out[at].Cells[q].Hidden = true
				changed = true
			}
		}
		for i := range out {
			changed = out[i].complement() || changed
		}
	}
	return out
}

// Blank takes the exact figures out of hidden cells.
func Blank(lines ...Line) []Line {
	out := slices.Clone(lines)
	for i := range out {
		for q, c := range out[i].Cells {
			if c.Hidden {
				out[i].Cells[q].N = 0
			}
		}
	}
	return out
}

// Part is a line with the lines that it is made of.
type Part struct {
	Head  Line
	Lines []Line
}

// SuppressParts hides small figures in lines of two ranks: the heads under the sum
// line, the lines of each head under it.
func SuppressParts(parts []Part, sum Line, small int) []Line {
	heads := make([]Line, len(parts))
	for i, p := range parts {
		heads[i] = p.Head
	}
	var out []Line
	for i, h := range Suppress(heads, sum, small) {
		out = append(out, h)
		for _, l := range Suppress(parts[i].Lines, h, small) {
			l.Of = h.Key
			out = append(out, l)
		}
	}
	return out
}

// forest are the exact figures of a year by unit, and by unit with all below.
type forest struct {
	own, all map[id.ID]Counts
	parent   func(id.ID) id.ID
	children func(id.ID) []id.ID
	small    int
	margins  map[id.ID]Line
}

// margin is the sum line of a unit as it may be shown: what the table of the unit
// above hides stays hidden on the unit's own pages.
func (f *forest) margin(unit id.ID) Line {
	if l, ok := f.margins[unit]; ok {
		return l
	}
	above := f.parent(unit)
	if above == "" {
		l := Margin(f.all[unit], f.small)
		f.margins[unit] = l
		return l
	}
	for _, l := range f.table(above) {
		if l.Of == KeyBelow {
			f.margins[id.ID(l.Key)] = l
		}
	}
	return f.margins[unit]
}

// table is the table of a unit: itself, all below, and each unit directly below
// with all under it.
func (f *forest) table(unit id.ID) []Line {
	var lines []Line
	var below Counts
	for _, c := range f.children(unit) {
		lines = append(lines, exact(string(c), f.all[c]))
		below = below.plus(f.all[c])
	}
	return SuppressParts([]Part{{Head: exact(KeyOwn, f.own[unit])}, {exact(KeyBelow, below), lines}}, f.margin(unit), f.small)
}
