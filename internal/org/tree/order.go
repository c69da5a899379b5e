package tree

import (
	"fmt"
	"slices"
)

// unions gives the corps and its branches the coverage of what is below them.
func (b *builder) unions() error {
	below := map[string][]string{}
	for _, u := range b.set {
		if u.Level == LevelBasic {
			below[u.Parent] = append(below[u.Parent], u.Coverage...)
		}
	}
	for _, x := range b.facts.units {
		if x.coverage != "*" {
			continue
		}
		u := b.set[x.unit.Code]
		if u.Coverage = sorted(slices.Clone(below[u.Code])); len(u.Coverage) == 0 {
			return fmt.Errorf("%s covers nothing", u.Name)
		}
		b.set[CodeXPCC].Coverage = sorted(append(b.set[CodeXPCC].Coverage, u.Coverage...))
	}
	return nil
}

// wholes makes every province responsible for its counties, except those where
// the unit of the prefecture level belongs to the corps.
func (b *builder) wholes() error {
	for _, l := range b.atlas.within(Nation) {
		above := b.ordinary[slot{LevelPrefecture, l}]
		if len(above) != 1 {
			return fmt.Errorf("%s has %d prefecture-level units", l, len(above))
		}
		b.own(b.set[above[0]].Parent, l)
	}
	return nil
}

// provinces writes each province's coverage as shortly as it can be said.
func (b *builder) provinces() error {
	for _, r := range b.atlas.list {
		code := r.Code + "00"
		switch {
		case r.Level == RegionProvince && b.wholly(r.Code, code):
			b.set[code].Coverage = []string{r.Code}
		case r.Level == RegionPrefecture && !b.wholly(r.Parent, r.Parent+"00"):
			if !b.wholly(r.Code, r.Parent+"00") {
				return fmt.Errorf("%s is divided between two provincial units", r.Name)
			}
			u := b.set[r.Parent+"00"]
			u.Coverage = sorted(append(u.Coverage, r.Code))
		}
	}
	return nil
}

// wholly tells whether a provincial unit is responsible for all of a region.
func (b *builder) wholly(region, unit string) bool {
	for _, l := range b.atlas.within(region) {
		if !slices.Contains(b.ordinary[slot{LevelProvincial, l}], unit) {
			return false
		}
	}
	return true
}

// finish checks the tree and puts it in order.
func (b *builder) finish() error {
	for _, u := range b.set {
		if u.Code == CodeSPP {
			continue
		}
		up, ok := b.set[u.Parent]
		if !ok {
			return fmt.Errorf("%s is below %s, which does not exist", u.Name, u.Parent)
		}
		// Strictly rising levels also rule out circles.
		if up.Level >= u.Level {
			return fmt.Errorf("%s of level %d is below %s of level %d", u.Name, u.Level, up.Name, up.Level)
		}
		b.children[u.Parent] = append(b.children[u.Parent], u.Code)
	}
	for _, list := range b.children {
		slices.Sort(list)
	}
	b.walk(CodeSPP)
	for i, u := range b.units {
		if j, twice := b.names[u.Name]; twice {
			return fmt.Errorf("%s and %s have one name %s", b.units[j].Code, u.Code, u.Name)
		}
		b.index[u.Code], b.names[u.Name] = i, i
	}
	for code := range b.facts.names {
		if _, ok := b.index[code]; !ok {
			return fmt.Errorf("a name is given to %s, which does not exist", code)
		}
	}
	return nil
}

func (b *builder) walk(code string) {
	b.units = append(b.units, *b.set[code])
	for _, c := range b.children[code] {
		b.walk(c)
	}
}
