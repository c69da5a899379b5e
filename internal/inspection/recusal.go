package inspection

import (
	"slices"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/org/tree"
	"huikan/internal/person"
)

// Recusal is a rule that keeps a person from inspecting a unit (domain I-20 and
// the recusal rules of the Regulations on Inspection Work).
type Recusal struct {
	Rule string `json:"rule"`
	Unit id.ID  `json:"unit"` // the inspected unit
}

// The rules. Append only: refusals in the log name them.
const (
	RecuseOwn    = "own_unit"    // 本单位: works there or below
	RecuseFormer = "former_unit" // 原任职单位
	RecuseNative = "native"      // 籍贯地
	RecuseKin    = "kin"         // a relative works there
	RecuseLeader = "kin_leader"  // a relative is a leading cadre there
)

// Candidate is what is known of a person for the check.
type Candidate struct {
	person.Facts
	LeaderUnits []id.ID // units in whose leadership a relative sits
}

// Recusals lists every rule against a candidate's inspecting a unit. place gives
// a unit's path, so that work below the inspected unit counts as work in it.
func Recusals(c Candidate, target org.Unit, path func(id.ID) string) []Recusal {
	var out []Recusal
	within := func(unit id.ID) bool { return unit != "" && strings.HasPrefix(path(unit), target.Path) }
	hit := func(rule string, yes bool) {
		if yes {
			out = append(out, Recusal{rule, target.ID})
		}
	}
	hit(RecuseOwn, within(c.Unit))
	hit(RecuseFormer, slices.ContainsFunc(c.FormerUnits, within))
	hit(RecuseNative, covers(target, c.Native))
	leads := slices.ContainsFunc(c.LeaderUnits, within)
	hit(RecuseLeader, leads)
	hit(RecuseKin, !leads && slices.ContainsFunc(c.KinUnits, within))
	return out
}

// covers tells whether a region lies in the unit's area. The unit for the whole
// country is left out: everybody is native of it.
func covers(u org.Unit, region string) bool {
	if region == "" {
		return false
	}
	return slices.ContainsFunc(u.Coverage, func(code string) bool {
		if code == tree.Nation || len(code) != len(region) {
			return false
		}
		stem := code
		for len(stem) > 2 && strings.HasSuffix(stem, "00") {
			stem = stem[:len(stem)-2]
		}
		return strings.HasPrefix(region, stem)
	})
}
