package tree

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// divisionTable is derived from public data; see its header and tools/gen-divisions.
//
//go:embed division.txt
var divisionTable string

// RegionLevel is the rank of an administrative region.
type RegionLevel string

// The ranks, as the table writes them.
const (
	RegionProvince   RegionLevel = "1" // 省级
	RegionPrefecture RegionLevel = "2" // 地级
	RegionCounty     RegionLevel = "3" // 县级
	RegionZone       RegionLevel = "z" // a zone with a statistical code; no administrative region
)

// Region is one administrative division (行政区划) or statistical zone.
type Region struct {
	Code   string // six digits; a prefecture ends in 00, a province in 0000
	Name   string
	Level  RegionLevel
	Parent string // code of the region above; empty for a province
}

// atlas is the division table with its look-ups.
type atlas struct {
	list   []Region
	byCode map[string]Region   // of two with one code (a city without districts) the higher
	leaves map[string][]string // region code → codes of the counties and zones in it
}

// Regions lists every region in the order of the codes, the higher first.
func Regions() []Region { return slices.Clone(world().atlas.list) }

// RegionByCode finds a region; a city without districts (东莞市) is found as the
// prefecture that it is.
func RegionByCode(code string) (Region, bool) {
	r, ok := world().atlas.byCode[code]
	return r, ok
}

// RegionName is the full name from the province down (河南省新乡市卫辉市),
// empty for an unknown code.
func RegionName(code string) string {
	a := world().atlas
	name := ""
	for r, ok := a.byCode[code]; ok; r, ok = a.byCode[r.Parent] {
		name = r.Name + name
	}
	return name
}

func parseDivisions(text string) (*atlas, error) {
	a := &atlas{byCode: map[string]Region{}, leaves: map[string][]string{}}
	no := 0
	for line := range strings.Lines(text) {
		no++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Fields(line)
		if len(f) != 3 || !isDigits(f[0], 6) || !slices.Contains([]string{"1", "2", "3", "z"}, f[1]) {
			return nil, fmt.Errorf("division table, line %d: %q is no region", no, line)
		}
		r := Region{Code: f[0], Name: f[2], Level: RegionLevel(f[1])}
		if err := a.add(r); err != nil {
			return nil, fmt.Errorf("division table, line %d: %w", no, err)
		}
	}
	return a, nil
}

// add files a region below the one that its code names. The table lists a
// region after those that contain it.
func (a *atlas) add(r Region) error {
	province, prefecture := r.Code[:2]+"0000", r.Code[:4]+"00"
	switch r.Level {
	case RegionProvince:
	case RegionPrefecture:
		r.Parent = province
	case RegionCounty, RegionZone:
		r.Parent = province
		if _, ok := a.byCode[prefecture]; ok {
			r.Parent = prefecture
		}
		for _, c := range slices.Compact([]string{province, prefecture, r.Code}) {
			a.leaves[c] = append(a.leaves[c], r.Code)
		}
	}
	if _, ok := a.byCode[r.Parent]; r.Parent != "" && !ok {
		return fmt.Errorf("region %s lies in no known province", r.Code)
	}
	a.list = append(a.list, r)
	if old, twice := a.byCode[r.Code]; twice {
		// Only a city without districts is both prefecture and county.
		if old.Level != RegionPrefecture || r.Level != RegionCounty {
			return fmt.Errorf("region %s is listed twice", r.Code)
		}
		return nil
	}
	a.byCode[r.Code] = r
	return nil
}

// within lists the counties and zones of a coverage code; all of them for Nation.
func (a *atlas) within(code string) []string {
	if code != Nation {
		return a.leaves[code]
	}
	var out []string
	for _, r := range a.list {
		if r.Level == RegionCounty || r.Level == RegionZone {
			out = append(out, r.Code)
		}
	}
	return out
}

func isDigits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}

// world is everything derived from the two tables, built once. The tables are
// part of the program, so a fault in them is a fault of the build.
var world = sync.OnceValue(func() *model {
	m, err := build(divisionTable, factsTable)
	if err != nil {
		panic("org/tree: " + err.Error())
	}
	return m
})
