package inspection

import (
	"cmp"
	"slices"
)

// A class may be divided among several of the next version: each of them names it as
// a part. What was recorded under it goes on when somebody has decided for which of
// them it stands; until then it counts as undecided, and is never lost.

// nothing is a class that no finding has.
var nothing = Coded{Of: "-", Code: "-"}

// heirs are the classes that took over a part of a code of the version before.
func (t Taxonomy) heirs(was string) (out []Class) {
	for _, c := range t.Classes {
		if slices.Contains(c.Part, was) {
			out = append(out, c)
		}
	}
	return out
}

// effective is the class from which a finding goes on: what was decided, else what
// was recorded.
func effective(recorded, decided Coded) Coded {
	if decided.Code != "" {
		return decided
	}
	return recorded
}

// Stands is the class of the version in force for which a finding stands.
func (l Lineage) Stands(recorded, decided Coded) (Class, bool) {
	c := effective(recorded, decided)
	return l.Today(c.Of, c.Code)
}

// Waits tells at which divided class a recorded one has stopped, and among which
// classes of the version that divided it is to be decided; no classes when it has not.
func (l Lineage) Waits(c Coded) (old Coded, among []Coded) {
	k := l.at(c.Of)
	if k < 0 {
		return old, nil
	}
	at, ok := l[k].Class(c.Code)
	for n := k + 1; ok && n < len(l); n++ {
		for _, h := range l[n].heirs(at.Code) {
			among = append(among, Coded{l[n].ID, h.Code})
		}
		if len(among) > 0 {
			return Coded{l[n-1].ID, at.Code}, among
		}
		at, ok = l[n].heir(at.Code)
	}
	return old, nil
}

// Undecided lists every recorded class that waits at a divided one.
func (l Lineage) Undecided() (out []Coded) {
	for _, t := range l {
		for _, c := range t.Classes {
			if _, among := l.Waits(Coded{t.ID, c.Code}); len(among) > 0 {
				out = append(out, Coded{t.ID, c.Code})
			}
		}
	}
	return out
}

// waitingOf are the divided classes with undecided findings, in a steady order.
func waitingOf(f classFigures) []Coded {
	var out []Coded
	for c := range f.Undecided {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Coded) int { return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.Code, b.Code)) })
	return out
}
