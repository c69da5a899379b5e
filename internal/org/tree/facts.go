package tree

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// factsTable holds the units that no rule gives; its header explains the columns.
//
//go:embed facts.txt
var factsTable string

// fact is one unit of the table before its parent and coverage are resolved.
type fact struct {
	unit     Unit
	parent   string // code, or @level
	coverage string // list, =, *
}

// adoption puts a county that no prefecture administers under a unit.
type adoption struct {
	parent string
	mark   Mark
}

// facts is the parsed table.
type facts struct {
	units []fact
	adopt map[string]adoption // county → unit
	names map[string]Unit     // code → name and mark that replace the rule's
}

func parseFacts(text string) (*facts, error) {
	out := &facts{adopt: map[string]adoption{}, names: map[string]Unit{}}
	no := 0
	for line := range strings.Lines(text) {
		no++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := out.line(strings.Fields(line)); err != nil {
			return nil, fmt.Errorf("facts table, line %d: %w", no, err)
		}
	}
	return out, nil
}

func (out *facts) line(f []string) error {
	switch {
	case f[0] == "adopt" && len(f) == 4:
		if !isDigits(f[1], 6) || !isDigits(f[2], 8) || !knownMark(f[3]) {
			return fmt.Errorf("%q adopts nothing", f)
		}
		out.adopt[f[1]] = adoption{parent: f[2], mark: Mark(f[3])}
	case f[0] == "name" && len(f) == 4:
		if !isDigits(f[1], 8) || !knownMark(f[2]) {
			return fmt.Errorf("%q names nothing", f)
		}
		out.names[f[1]] = Unit{Name: f[3], Mark: Mark(f[2])}
	case len(f) == 8:
		x, err := parseUnit(f)
		if err != nil {
			return err
		}
		out.units = append(out.units, x)
	default:
		return fmt.Errorf("%q has %d columns", f, len(f))
	}
	return nil
}

func parseUnit(f []string) (fact, error) {
	level, err := strconv.Atoi(f[2])
	kinds := []Kind{KindBranch, KindBasic, KindDispatched, KindRailway, KindXPCC}
	switch {
	case err != nil || level < LevelPrefecture || level > LevelBasic:
		return fact{}, fmt.Errorf("%s is no level of a unit below a province", f[2])
	case !isDigits(f[0], 8) || !isDigits(f[4], 6):
		return fact{}, fmt.Errorf("code %s or region %s is malformed", f[0], f[4])
	case !slices.Contains(kinds, Kind(f[1])):
		return fact{}, fmt.Errorf("%s is no kind", f[1])
	case !isDigits(f[3], 8) && f[3] != "@3" && f[3] != "@2":
		return fact{}, fmt.Errorf("%s is no parent", f[3])
	case !knownMark(f[6]):
		return fact{}, fmt.Errorf("%s is no mark", f[6])
	}
	return fact{
		unit:   Unit{Code: f[0], Kind: Kind(f[1]), Level: level, Region: f[4], Mark: Mark(f[6]), Name: f[7]},
		parent: f[3], coverage: f[5],
	}, nil
}

func knownMark(s string) bool {
	return slices.Contains([]Mark{MarkSure, MarkPage, MarkUnverified}, Mark(s))
}
