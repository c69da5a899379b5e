package org

import (
	"slices"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org/tree"
)

// Unit is one procuratorate (检察院) or a unit of another institution.
type Unit struct {
	ID       id.ID      `json:"id"`
	Code     string     `json:"code"`
	Name     string     `json:"name"`
	Short    string     `json:"short"`
	Level    int        `json:"level"` // 1 SPP … 4 basic
	Kind     string     `json:"kind"`
	Parent   id.ID      `json:"parent,omitempty"`
	Path     string     `json:"path"` // code segments each ended by "/": spp/41/4107/
	Region   string     `json:"region,omitempty"`
	Coverage []string   `json:"coverage"`
	Mark     string     `json:"mark,omitempty"` // how far a derived fact is relied on, see tree.Mark
	From     clock.Date `json:"from,omitempty"`
	To       clock.Date `json:"to,omitempty"`   // closed on; empty while it works
	Into     id.ID      `json:"into,omitempty"` // successor of a merged unit
	Rev      int64      `json:"rev"`
}

// Closed tells that the unit no longer works on a day.
func (u Unit) Closed() bool { return u.To != "" }

// FormerName is a name that a unit bore until a day. Entries are never changed.
type FormerName struct {
	ID     id.ID      `json:"id"`
	Unit   id.ID      `json:"unit"`
	Name   string     `json:"name"`
	Short  string     `json:"short"`
	From   clock.Date `json:"from,omitempty"`
	To     clock.Date `json:"to"`
	Reason string     `json:"reason"`
}

// Department is an inner body of a unit: a department, a directly affiliated
// institution (直属事业单位) or the resident discipline group (派驻纪检监察组).
type Department struct {
	ID    id.ID      `json:"id"`
	Unit  id.ID      `json:"unit"`
	Key   string     `json:"key"`
	Name  string     `json:"name"`
	Kind  string     `json:"kind"`
	Order int        `json:"order"`
	From  clock.Date `json:"from,omitempty"`
	To    clock.Date `json:"to,omitempty"`
	Rev   int64      `json:"rev"`
}

// Kinds lists the kinds of units.
func Kinds() []string {
	return []string{string(tree.KindSPP), string(tree.KindProvincial), string(tree.KindPrefecture), string(tree.KindBranch),
		string(tree.KindBasic), string(tree.KindDispatched), string(tree.KindRailway), string(tree.KindXPCC)}
}

// DepartmentKinds lists the kinds of departments.
func DepartmentKinds() []string {
	return []string{string(tree.DepartmentBusiness), string(tree.DepartmentManagement), string(tree.DepartmentPolitical),
		string(tree.DepartmentOversight), string(tree.DepartmentParty), string(tree.DepartmentSupport), string(tree.DepartmentPolice),
		string(tree.DepartmentInstitution), string(tree.DepartmentResident)}
}

// Levels are the four levels (四级检察院).
var Levels = []int{tree.LevelSPP, tree.LevelProvincial, tree.LevelPrefecture, tree.LevelBasic}

const (
	codeLength = 8
	maxName    = 200
	maxShort   = 60
	maxReason  = 500
	maxRegions = 400
)

// segment is the part of a path that a code gives: pairs of zeros at the end are
// dropped, which keeps segments unique because all codes have one length.
func segment(code string) string {
	if code == tree.CodeSPP {
		return "spp"
	}
	for len(code) > 2 && strings.HasSuffix(code, "00") {
		code = code[:len(code)-2]
	}
	return code
}

// pathUnder is the path of a unit below a parent's path; "" is above the root.
func pathUnder(parent, code string) string { return parent + segment(code) + "/" }

// plainCode tells whether a code has eight digits or capital letters.
func plainCode(code string) bool {
	return len(code) == codeLength && strings.Trim(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// shortOf is the short form that most names have: 河南省新乡市人民检察院 is long in
// a table, and the word 人民 says nothing there.
func shortOf(name string) string {
	short := []rune(strings.Replace(name, "人民检察院", "检察院", 1))
	return string(short[:min(len(short), maxShort)])
}

// regions cleans a list of region codes: sorted, each once.
func regions(in []string) []string {
	var out []string
	for _, s := range in {
		for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(",，、;； \n\t", r) }) {
			out = append(out, part)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// checkFacts judges what can be judged of a unit without looking at others.
func checkFacts(u Unit, f *fault.Fields) {
	f.Need("name", u.Name)
	f.Max("name", u.Name, maxName)
	f.Max("short", u.Short, maxShort)
	if !plainCode(u.Code) {
		f.Add("code", "unit.error.code", u.Code)
	}
	if !slices.Contains(Levels, u.Level) {
		f.Add("level", "unit.error.level", u.Level)
	}
	if !slices.Contains(Kinds(), u.Kind) {
		f.Add("kind", "unit.error.kind", u.Kind)
	}
	if _, ok := tree.RegionByCode(u.Region); u.Region != "" && !ok {
		f.Add("region", "unit.error.region", u.Region)
	}
	if len(u.Coverage) > maxRegions {
		f.Add("coverage", "unit.error.regions", maxRegions)
	}
	for _, c := range u.Coverage {
		if _, ok := tree.RegionByCode(c); !ok && c != tree.Nation {
			f.Add("coverage", "unit.error.region", c)
			return
		}
	}
}

// checkPlace judges a unit's place below a parent; parent is the zero Unit for a root.
func checkPlace(u, parent Unit, f *fault.Fields) {
	switch {
	case u.Parent == "":
	case u.ID != "" && (parent.ID == u.ID || u.Path != "" && strings.HasPrefix(parent.Path, u.Path)):
		f.Add("parent", "unit.error.circle", u.Name, parent.Name)
	case parent.Closed():
		f.Add("parent", "unit.error.parent_closed", parent.Name)
	case parent.Level >= u.Level:
		f.Add("parent", "unit.error.parent_level", parent.Name)
	}
}
