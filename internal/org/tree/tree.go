package tree

import "slices"

// Kind says by which rule a unit stands in the tree.
type Kind string

// The kinds (Organic Law of the People's Procuratorates arts. 12–16). Military
// procuratorates are left out: they are not inspected through this tree.
const (
	KindSPP        Kind = "spp"        // 最高人民检察院
	KindProvincial Kind = "provincial" // 省级院
	KindPrefecture Kind = "prefecture" // 设区的市、自治州院
	KindBranch     Kind = "branch"     // 省级院分院
	KindBasic      Kind = "basic"      // 基层院
	KindDispatched Kind = "dispatched" // 派出院
	KindRailway    Kind = "railway"    // 铁路运输检察院
	KindXPCC       Kind = "xpcc"       // 兵团院 below the provincial one
)

// Mark says how far a unit can be relied on.
type Mark string

// The marks.
const (
	MarkRule       Mark = "rule"       // derived from the division table by the naming rules
	MarkSure       Mark = "sure"       // public knowledge
	MarkPage       Mark = "page"       // name seen on a public page, coverage drawn from it
	MarkUnverified Mark = "unverified" // general knowledge; a site checks it after import
)

// Nation is the coverage code of the whole country.
const Nation = "000000"

// The four levels of procuratorates (四级检察院).
const (
	LevelSPP = 1 + iota
	LevelProvincial
	LevelPrefecture
	LevelBasic
)

// CodeSPP and CodeXPCC are the two units whose code is no region's.
const (
	CodeSPP  = "00000000"
	CodeXPCC = "66000000"
)

// Unit is one procuratorate (检察院). Values are shared: do not write to Coverage.
type Unit struct {
	Code     string // stable: eight digits
	Name     string // official form, 河南省人民检察院
	Short    string // for tables, 河南检察院
	Level    int    // LevelSPP … LevelBasic
	Kind     Kind
	Parent   string   // code of the unit above, empty for the SPP
	Coverage []string // region codes, sorted; a prefecture's or province's code stands for all of it
	Region   string   // region of the seat; empty for the SPP
	Mark     Mark
}

// All lists every unit, each after the one above it, siblings by code.
func All() []Unit { return slices.Clone(world().units) }

// Provincial lists the 32 units of the provincial level in the order of their codes.
func Provincial() []Unit {
	var out []Unit
	for _, u := range world().units {
		if u.Level == LevelProvincial {
			out = append(out, u)
		}
	}
	return out
}

// ByCode finds a unit.
func ByCode(code string) (Unit, bool) {
	m := world()
	i, ok := m.index[code]
	if !ok {
		return Unit{}, false
	}
	return m.units[i], true
}

// ByName finds a unit by its official name.
func ByName(name string) (Unit, bool) {
	m := world()
	i, ok := m.names[name]
	if !ok {
		return Unit{}, false
	}
	return m.units[i], true
}

// Children lists the units directly below one, by code.
func Children(code string) []Unit {
	m := world()
	out := make([]Unit, 0, len(m.children[code]))
	for _, c := range m.children[code] {
		out = append(out, m.units[m.index[c]])
	}
	return out
}

// At lists the units of a level that are ordinarily responsible (地域管辖) within
// a region, by code. For a county it is one, and several only where units share a
// city without districts (东莞, 中山). A statistical zone has none at the basic
// level, and an unknown region none at all.
func At(region string, level int) []Unit {
	m := world()
	var codes []string
	for _, leaf := range m.atlas.within(region) {
		codes = append(codes, m.ordinary[slot{level, leaf}]...)
	}
	var out []Unit
	for _, c := range sorted(codes) {
		out = append(out, m.units[m.index[c]])
	}
	return out
}

// Covers tells whether the whole of a region lies in the unit's coverage.
// Coverage is a set and not a prefix of codes: a prefecture may lack counties
// that a branch took over, and a railway unit reaches into other provinces.
func (u Unit) Covers(region string) bool {
	leaves := world().atlas.within(region)
	if len(leaves) == 0 {
		return false
	}
	for _, l := range leaves {
		if !u.touches(l) {
			return false
		}
	}
	return true
}

// Overlaps tells whether any part of a region lies in the unit's coverage: what
// is known only to be somewhere in a province counts as near.
func (u Unit) Overlaps(region string) bool {
	return slices.ContainsFunc(world().atlas.within(region), u.touches)
}

// touches tells whether a county or zone is covered.
func (u Unit) touches(leaf string) bool {
	for _, c := range [...]string{leaf, leaf[:4] + "00", leaf[:2] + "0000", Nation} {
		if _, ok := slices.BinarySearch(u.Coverage, c); ok {
			return true
		}
	}
	return false
}
