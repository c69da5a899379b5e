package org

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"huikan/hantext"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
)

// Directory is the whole tree in memory: some 3,600 units that every page names.
// It is replaced as a whole after a change, so a reader sees one state of it.
type Directory struct {
	now atomic.Pointer[forest]
}

// forest is one state of the tree. It is never changed once it is published.
type forest struct {
	generation int64
	units      []Unit // by path: each after the one above it
	byID       map[id.ID]int
	byCode     map[string]int
	byName     func() map[string]int // plain name → unit; former names too where they mean one unit only; made at the first look
	children   map[id.ID][]id.ID
	former     []FormerName
	keys       func() []searchKey // of units[i]; made when somebody first searches, a start needs none
}

// searchKey is what Find compares.
type searchKey struct{ name, short, initials, shortInitials, plainInitials string }

func newDirectory() *Directory {
	d := &Directory{}
	d.now.Store(grow(nil, nil, -1))
	return d
}

func grow(units []Unit, former []FormerName, generation int64) *forest {
	f := &forest{generation: generation, units: units, former: former, byID: make(map[id.ID]int, len(units)), byCode: make(map[string]int, len(units)), children: map[id.ID][]id.ID{}}
	f.keys = sync.OnceValue(func() []searchKey { return searchKeys(units) })
	f.byName = sync.OnceValue(func() map[string]int { return f.names(former) })
	for i, u := range units {
		f.byID[u.ID], f.byCode[u.Code] = i, i
		f.children[u.Parent] = append(f.children[u.Parent], u.ID)
	}
	return f
}

// names are the plain names of the units, then their short names, then old names.
func (f *forest) names(former []FormerName) map[string]int {
	out := make(map[string]int, 2*len(f.units))
	for i, u := range f.units {
		// A closed unit never hides the open one that took its name.
		name := plainName(u.Name)
		if j, taken := out[name]; !taken || f.units[j].Closed() {
			out[name] = i
		}
	}
	for i, u := range f.units {
		if s := plainName(u.Short); s != "" {
			if _, taken := out[s]; !taken {
				out[s] = i
			}
		}
	}
	f.addFormer(out, former)
	return out
}

func searchKeys(units []Unit) []searchKey {
	out := make([]searchKey, len(units))
	for i, u := range units {
		out[i] = searchKey{name: plainName(u.Name), short: plainName(u.Short), initials: hantext.Initials(u.Name), shortInitials: hantext.Initials(u.Short),
			plainInitials: hantext.Initials(shortOf(u.Name))} // hnsjcy: people leave the word 人民 out
	}
	return out
}

// addFormer lets old names find their unit, unless two units bore one.
func (f *forest) addFormer(names map[string]int, former []FormerName) {
	mean := map[string]int{}
	for _, n := range former {
		i, ok := f.byID[n.Unit]
		if !ok {
			continue
		}
		key := plainName(n.Name)
		if j, seen := mean[key]; seen && j != i {
			i = -1
		}
		mean[key] = i
	}
	for name, i := range mean {
		if _, taken := names[name]; !taken && i >= 0 {
			names[name] = i
		}
	}
}

// around is what stands around the name of a unit when its Party group is meant.
var around = [...]string{"中国共产党", "中共"}

// plainName folds a name and takes the Party group off it (中共河南省人民检察院党组 →
// 河南省人民检察院): circulars name the Party group, and mean the unit.
func plainName(s string) string {
	s = hantext.NormalizeForMatch(s)
	for _, a := range around {
		if rest, ok := strings.CutPrefix(s, a); ok {
			s = rest
			break
		}
	}
	for _, tail := range [...]string{"分党组", "党组", "党委"} {
		if rest, ok := strings.CutSuffix(s, tail); ok {
			return rest
		}
	}
	return s
}

// Unit gives a unit by its id.
func (d *Directory) Unit(n id.ID) (Unit, bool) {
	f := d.now.Load()
	i, ok := f.byID[n]
	if !ok {
		return Unit{}, false
	}
	return f.units[i], true
}

// Name is the name of a unit, empty for one that does not exist.
func (d *Directory) Name(n id.ID) string { u, _ := d.Unit(n); return u.Name }

// Short is the name for tables.
func (d *Directory) Short(n id.ID) string { u, _ := d.Unit(n); return u.Short }

// Place is what access needs to know of a unit.
func (d *Directory) Place(n id.ID) access.Place {
	u, _ := d.Unit(n)
	return access.Place{Unit: u.ID, Path: u.Path}
}

// ByCode finds a unit by its code.
func (d *Directory) ByCode(code string) (Unit, bool) {
	f := d.now.Load()
	i, ok := f.byCode[strings.ToUpper(strings.TrimSpace(code))]
	if !ok {
		return Unit{}, false
	}
	return f.units[i], true
}

// ByName finds a unit by its name, exact or with other spaces, widths or
// characters, also with 中共 and 党组 around it; short and former names too.
func (d *Directory) ByName(name string) (Unit, bool) {
	f := d.now.Load()
	i, ok := f.byName()[plainName(name)]
	if !ok || strings.TrimSpace(name) == "" {
		return Unit{}, false
	}
	return f.units[i], true
}

// Resolve finds the unit that a form means: by id, code or name.
func (d *Directory) Resolve(text string) (Unit, bool) {
	text = strings.TrimSpace(text)
	if u, ok := d.Unit(id.ID(text)); ok {
		return u, true
	}
	if u, ok := d.ByCode(text); ok {
		return u, true
	}
	return d.ByName(text)
}

// Find lists units for a picker: those whose code or name begins with the text
// first, then those that hold it, by name or by initials (hnsjcy).
func (d *Directory) Find(text string, limit int) []Unit {
	f := d.now.Load()
	want := plainName(text)
	if want == "" || limit <= 0 {
		return nil
	}
	keys := f.keys()
	var first, then []Unit
	for i, u := range f.units {
		if u.Closed() {
			continue
		}
		switch rank(u, keys[i], want) {
		case 2:
			first = append(first, u)
		case 1:
			then = append(then, u)
		}
		if len(first) >= limit {
			break
		}
	}
	return append(first, then[:min(len(then), limit-len(first))]...)
}

// rank tells how well a unit fits a text: 2 begins with it, 1 holds it, 0 not at all.
func rank(u Unit, k searchKey, want string) int {
	code := strings.ToLower(u.Code)
	switch {
	case strings.HasPrefix(code, want), strings.HasPrefix(k.name, want), strings.HasPrefix(k.short, want),
		strings.HasPrefix(k.initials, want), strings.HasPrefix(k.shortInitials, want), strings.HasPrefix(k.plainInitials, want):
		return 2
	case strings.Contains(k.name, want), strings.Contains(k.initials, want):
		return 1
	}
	return 0
}

// Children lists the units directly below one.
func (d *Directory) Children(n id.ID) []Unit {
	f := d.now.Load()
	out := make([]Unit, 0, len(f.children[n]))
	for _, c := range f.children[n] {
		out = append(out, f.units[f.byID[c]])
	}
	return out
}

// Below lists a unit and all units under it.
func (d *Directory) Below(n id.ID) []id.ID {
	f := d.now.Load()
	i, ok := f.byID[n]
	if !ok {
		return nil
	}
	root := f.units[i].Path
	var out []id.ID
	for ; i < len(f.units) && strings.HasPrefix(f.units[i].Path, root); i++ {
		out = append(out, f.units[i].ID)
	}
	return out
}

// Provincial lists the open units of the provincial level.
func (d *Directory) Provincial() []Unit {
	var out []Unit
	for _, u := range d.now.Load().units {
		if u.Level == 2 && !u.Closed() {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b Unit) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// Past is what a unit was before: names that it bore, and units that were merged into
// it. Both are few in the whole tree.
func (d *Directory) Past(n id.ID) (names []FormerName, merged []Unit) {
	f := d.now.Load()
	for _, x := range f.former {
		if x.Unit == n {
			names = append(names, x)
		}
	}
	for _, u := range f.units {
		if u.Into == n && u.Closed() {
			merged = append(merged, u)
		}
	}
	return names, merged
}

// Root is the unit above all; the zero Unit while there is none.
func (d *Directory) Root() Unit {
	f := d.now.Load()
	if len(f.units) == 0 {
		return Unit{}
	}
	return f.units[0]
}

// All lists every unit, each after the one above it; closed ones too.
func (d *Directory) All() []Unit { return slices.Clone(d.now.Load().units) }
