package tree

import (
	"fmt"
	"slices"
	"strings"
)

// slot is a place in the ordinary order: who is responsible at a level for a county.
type slot struct {
	level int
	leaf  string
}

// model is the finished tree with its look-ups.
type model struct {
	atlas    *atlas
	units    []Unit
	index    map[string]int      // unit code → place in units
	names    map[string]int      // unit name → place in units
	children map[string][]string // unit code → codes below, sorted
	ordinary map[slot][]string   // codes of the responsible units
}

// builder collects units by code before they are put in order.
type builder struct {
	*model
	facts *facts
	set   map[string]*Unit
}

// build derives the tree: first the levels that regions give, top down, each
// fact before the rule that it replaces; then the units beside the regions.
func build(divisions, factText string) (*model, error) {
	a, err := parseDivisions(divisions)
	if err != nil {
		return nil, err
	}
	f, err := parseFacts(factText)
	if err != nil {
		return nil, err
	}
	b := &builder{
		model: &model{atlas: a, index: map[string]int{}, names: map[string]int{}, children: map[string][]string{}, ordinary: map[slot][]string{}},
		facts: f, set: map[string]*Unit{},
	}
	for _, step := range []func() error{b.top, b.branches, b.prefectures, b.basicFacts, b.counties, b.beside, b.unions, b.wholes, b.provinces, b.finish} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return b.model, nil
}

func (b *builder) put(u Unit) error {
	if old, twice := b.set[u.Code]; twice {
		return fmt.Errorf("%s and %s have one code %s", old.Name, u.Name, u.Code)
	}
	if n, ok := b.facts.names[u.Code]; ok {
		u.Name, u.Mark = n.Name, n.Mark
		if strings.HasSuffix(u.Name, "分院") && u.Kind == KindPrefecture {
			u.Kind = KindBranch
		}
	}
	u.Short = shortName(u)
	b.set[u.Code] = &u
	return nil
}

// own makes a unit responsible for counties at its level.
func (b *builder) own(code string, leaves ...string) {
	level := b.set[code].Level
	for _, l := range leaves {
		b.ordinary[slot{level, l}] = append(b.ordinary[slot{level, l}], code)
	}
}

// top makes the SPP, the provinces and the corps.
func (b *builder) top() error {
	err := b.put(Unit{Code: CodeSPP, Name: nameOf("最高"), Level: LevelSPP, Kind: KindSPP, Coverage: []string{Nation}, Mark: MarkRule})
	if err != nil {
		return err
	}
	b.own(CodeSPP, b.atlas.within(Nation)...)
	for _, r := range b.atlas.list {
		if r.Level != RegionProvince {
			continue
		}
		u := Unit{Code: r.Code + "00", Name: nameOf(r.Name), Level: LevelProvincial, Kind: KindProvincial, Parent: CodeSPP, Region: r.Code, Mark: MarkRule}
		if err := b.put(u); err != nil {
			return err
		}
	}
	// Its seat is Ürümqi; its own regions are the cities that its facts name.
	return b.put(Unit{Code: CodeXPCC, Name: nameOf("新疆生产建设兵团"), Level: LevelProvincial, Kind: KindProvincial, Parent: CodeSPP, Region: "650100", Mark: MarkSure})
}

// branches makes the prefecture-level facts that take counties over.
func (b *builder) branches() error {
	for _, x := range b.facts.units {
		if x.unit.Level != LevelPrefecture || x.unit.Kind == KindRailway {
			continue
		}
		if err := b.fact(x); err != nil {
			return err
		}
	}
	return nil
}

// prefectures makes one unit for every prefecture that still has counties of its own.
func (b *builder) prefectures() error {
	adopted := map[string][]string{}
	for county, by := range b.facts.adopt {
		adopted[by.parent] = append(adopted[by.parent], county)
	}
	for _, r := range b.atlas.list {
		if r.Level != RegionPrefecture {
			continue
		}
		all := b.atlas.within(r.Code)
		left := slices.DeleteFunc(slices.Clone(all), func(l string) bool { return len(b.ordinary[slot{LevelPrefecture, l}]) > 0 })
		if len(left) == 0 {
			continue
		}
		code := r.Code + "00"
		cover := left
		if len(left) == len(all) {
			cover = []string{r.Code}
		}
		extra := adopted[code]
		name, kind := prefectureName(b.atlas.byCode[r.Parent].Name, r.Name)
		u := Unit{Code: code, Name: name, Level: LevelPrefecture, Kind: kind, Parent: r.Parent + "00", Region: r.Code, Mark: MarkRule}
		u.Coverage = sorted(append(slices.Clone(cover), extra...))
		if err := b.put(u); err != nil {
			return err
		}
		b.own(code, append(left, extra...)...)
	}
	return nil
}

// basicFacts makes the basic units whose name or area no rule gives. They come
// before the counties, which go without a rule where one of these is responsible.
func (b *builder) basicFacts() error {
	for _, x := range b.facts.units {
		if x.unit.Level != LevelBasic || (x.unit.Kind != KindBasic && x.unit.Kind != KindXPCC) {
			continue
		}
		if err := b.fact(x); err != nil {
			return err
		}
	}
	// A corps city belongs to the branch of the division whose basic unit it has.
	for _, x := range b.facts.units {
		if x.unit.Kind != KindXPCC || x.unit.Level != LevelBasic {
			continue
		}
		for _, l := range b.set[x.unit.Code].Coverage {
			if corpsCity(l) {
				b.own(b.set[x.unit.Code].Parent, l)
			}
		}
	}
	return nil
}

// counties makes the basic unit of every other county. Zones have none: their
// people's congress would have to elect it, and they have none either.
func (b *builder) counties() error {
	for _, r := range b.atlas.list {
		if r.Level != RegionCounty || len(b.ordinary[slot{LevelBasic, r.Code}]) > 0 {
			continue
		}
		above := b.ordinary[slot{LevelPrefecture, r.Code}]
		if len(above) != 1 {
			return fmt.Errorf("%s %s has %d units above its basic one", r.Code, r.Name, len(above))
		}
		up := b.atlas.byCode[r.Parent]
		city := up.Name
		if up.Level == RegionProvince && !isMunicipality(up.Name) {
			city = ""
		}
		u := Unit{Code: r.Code + "00", Name: countyName(city, r.Name), Level: LevelBasic, Kind: KindBasic,
			Parent: above[0], Coverage: []string{r.Code}, Region: r.Code, Mark: MarkRule}
		if by, ok := b.facts.adopt[r.Code]; ok {
			u.Mark = by.mark
		}
		if err := b.put(u); err != nil {
			return err
		}
		b.own(u.Code, r.Code)
	}
	return nil
}

// beside makes the units that stand beside the ordinary order.
func (b *builder) beside() error {
	for _, x := range b.facts.units {
		if x.unit.Kind != KindRailway && x.unit.Kind != KindDispatched {
			continue
		}
		if err := b.fact(x); err != nil {
			return err
		}
	}
	return nil
}

// fact puts one row of the facts table into the tree.
func (b *builder) fact(x fact) error {
	u := x.unit
	if len(b.atlas.within(u.Region)) == 0 {
		return fmt.Errorf("%s sits in unknown region %s", u.Name, u.Region)
	}
	parent, err := b.parentOf(x)
	if err != nil {
		return err
	}
	u.Parent = parent
	switch x.coverage {
	case "=":
		u.Coverage = []string{u.Region}
	case "*": // filled by unions, when the units below are known
	default:
		u.Coverage = sorted(strings.Split(x.coverage, ","))
	}
	for _, c := range u.Coverage {
		if len(b.atlas.within(c)) == 0 {
			return fmt.Errorf("%s covers unknown region %s", u.Name, c)
		}
	}
	if err := b.put(u); err != nil {
		return err
	}
	for _, c := range u.Coverage {
		if u.Kind == KindBranch || u.Kind == KindBasic || (u.Kind == KindXPCC && corpsCity(c)) {
			b.own(u.Code, b.atlas.within(c)...)
		}
	}
	return nil
}

// corpsCity tells whether a region is a city of the corps, where no other
// procuratorate is at work.
func corpsCity(region string) bool { return strings.HasPrefix(region, "6590") }

// parentOf resolves a parent that is written as a level.
func (b *builder) parentOf(x fact) (string, error) {
	if x.parent == "@2" {
		return x.unit.Region[:2] + "000000", nil
	}
	if x.parent != "@3" {
		return x.parent, nil
	}
	found := map[string]bool{}
	for _, l := range b.atlas.within(x.unit.Region) {
		for _, c := range b.ordinary[slot{LevelPrefecture, l}] {
			found[c] = true
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("region %s of %s has %d prefecture-level units", x.unit.Region, x.unit.Name, len(found))
	}
	for c := range found {
		return c, nil
	}
	panic("unreachable: one parent was found")
}

func sorted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
