package linkage

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"unsafe"
)

// modelFormat is the version of model files.
const modelFormat = 1

// Two settings of chance: among pairs of equal names sex and cohort agree more often than among any pairs.
const (
	anyPair = iota
	namesakes
	settings
)

// Model holds what was learned: how often true pairs and chance pairs agree on each level of each field, how many true
// pairs a record has, and how frequent names are. It is not changed after it was made.
type Model struct {
	Rules Rules
	Names *NameStats
	// Rate is the expected number of true pairs of one left record.
	Rate    float64
	Trained Trained
	// Common are digests of employers that many records name; to share one says little.
	Common map[uint32]bool

	match  [fieldCount][]float64
	chance [settings][fieldCount][]float64
	bits   [settings][fieldCount][maxCategories + 1]float32
	id     string
}

// Trained says on what a model was learned.
type Trained struct {
	Left   int `json:"left"`
	Right  int `json:"right"`
	Sample int `json:"sample"` // left records looked at
	Pairs  int `json:"pairs"`  // compared
	Rounds int `json:"rounds"`
}

// ID identifies the content of the model; scores are reproducible under one ID.
func (m *Model) ID() string { return m.id }

// Memory is about what the model holds, in bytes.
func (m *Model) Memory() int64 {
	return int64(len(m.Names.counts))*40 + int64(len(m.Common))*24 + 2*int64(unsafe.Sizeof(freqTable{}))
}

// Starting values, as shares of true pairs; learning moves them as far as the data say.
var startMatch = [fieldCount][]float64{
	fieldName:  {0, .95, .004, 1, .014, .004, .004, .004, .002, .002, .004, .002, 1},
	fieldBirth: {0, .86, .07, .04, .002, .006, .007, .005, .002, .001, .003},
	fieldID:    {0, .96, .005, .97, .02, .008, .001, .97, 1, .005, veto, .03, .03},
	fieldPlace: {0, .95, .02, .6, .01, .15, .005, .25, .01},
	fieldSex:   {0, .99, .01},
	fieldOrg:   {0, .35, .02, .1, .1, .43},
	fieldCode:  {0, .85, .15},
}

// Shares among chance pairs that no sample can show, because they are too rare.
var startChance = [fieldCount][]float64{
	fieldName:  {0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, // the frequency is the pair's own
	fieldBirth: {0, 1. / 15000, 1. / 500, 1. / 40, 1e-4, 4e-4, 1.5e-4, 4e-3, .02, .04, .93},
	fieldID:    {0, 1. / 8000, 1e-6, 1. / 5000, 1. / 2000, 1. / 400, 1. / 1000, 1. / 10, 1, .05, .95, 1, .9},
	fieldPlace: {0, 1. / 2000, 1. / 200, 1. / 150, .04, .04, .02, .95, .9},
	fieldSex:   {0, .5, .5},
	fieldOrg:   {0, 1e-4, .01, .01, .1, .88},
	fieldCode:  {0, 1e-6, 1},
}

// levelGroups are the levels that one kind of comparison can give; shares add up to one within each. A pair of numbers of
// which one hides its end is judged among such pairs only: what is hidden says nothing.
var levelGroups = [fieldCount][][]int{
	fieldName:  {{nameEqual, nameAlias, nameSound, nameShape, nameOneOff, nameDropped, nameTurned, nameFamilyOff, nameFamily, nameOther}, {nameGap}, {nameLatin}},
	fieldID:    {{idEqual, idEqualBad, idSeqTypo, idOneTypo, idSeqBirth, idOff, idConflict}, {idTailEqual, idTailOff}, {idSomeTail, idSomeOff}, {idHeadOnly}},
	fieldPlace: {{placeCounty, placeCity, placeProvince, placeOff, placeApart}, {placeLocal, placeNear, placeElsewhere}},
}

// veto is the share of true pairs that carry two different numbers, both with a right check digit: nearly none.
const veto = 1e-16

func newModel(rules Rules) *Model {
	m := &Model{Rules: rules, Names: newNameStats(), Rate: 0.01, Common: map[uint32]bool{}}
	for f := range fieldCount {
		if f == fieldKind {
			n := len(rules.Categories) + 1
			m.match[f] = slices.Repeat([]float64{1 / float64(n)}, maxCategories+1)
			for s := range settings {
				m.chance[s][f] = slices.Clone(m.match[f])
			}
			continue
		}
		m.match[f] = slices.Clone(startMatch[f])
		for s := range settings {
			m.chance[s][f] = slices.Clone(startChance[f])
		}
	}
	for _, n := range seedNames() {
		m.Names.add(n.name, n.times)
	}
	return m
}

// table computes the bits of every level.
func (m *Model) table() {
	for s := range settings {
		for f := range fieldCount {
			for l := 1; l < fieldLevels[f]; l++ {
				m.bits[s][f][l] = float32(math.Log2(m.match[f][l] / m.chance[s][f][l]))
			}
			m.bits[s][f][levelMissing] = 0
		}
	}
}

// seal computes the tables for scoring and the identity.
func (m *Model) seal() {
	m.table()
	h := mix(math.Float64bits(m.Rate))
	for f := range fieldCount {
		for _, list := range [][]float64{m.match[f], m.chance[0][f], m.chance[1][f]} {
			for _, v := range list {
				h = mix(h ^ math.Float64bits(v))
			}
		}
	}
	sum := mix(math.Float64bits(m.Names.total))
	for c := range m.Common {
		sum += mix(uint64(c) ^ 1<<40)
	}
	for n, c := range m.Names.counts { // in any order
		sum += mix(uint64(n) ^ uint64(c)<<20)
	}
	for _, t := range []*freqTable{&m.Names.family, &m.Names.given} {
		for c, n := range t.count {
			if n > 0 {
				sum += mix(uint64(c)<<32 ^ uint64(n))
			}
		}
	}
	m.id = fmt.Sprintf("%016x", mix(h^sum))
}

// setting tells which chance applies to a pair.
func (p *pattern) setting() int {
	if p.level[fieldName] == nameEqual || p.level[fieldName] == nameAlias {
		return namesakes
	}
	return anyPair
}

// evidence adds up the bits of a pair, without the prior.
func (m *Model) evidence(p *pattern) float32 {
	w := &m.bits[p.setting()]
	return w[fieldName][p.level[fieldName]] - p.freq + w[fieldBirth][p.level[fieldBirth]] + w[fieldID][p.level[fieldID]] + w[fieldPlace][p.level[fieldPlace]] +
		w[fieldSex][p.level[fieldSex]] + w[fieldOrg][p.level[fieldOrg]] + w[fieldCode][p.level[fieldCode]] + w[fieldKind][p.level[fieldKind]]
}

// prior is log2 of the odds that two records, one on each side, belong together, before anything is known of them.
func (m *Model) prior(size int) float32 {
	return float32(math.Log2(m.Rate / math.Max(1, float64(size))))
}

func probability(bits float64) float64 { return 1 / (1 + math.Exp2(-bits)) }

type modelFile struct {
	Format  int                             `json:"format"`
	Rate    float64                         `json:"rate"`
	Trained Trained                         `json:"trained"`
	Rules   Rules                           `json:"rules"`
	Common  []uint32                        `json:"common"`
	Match   map[string][]float64            `json:"match"`
	Chance  map[string]map[string][]float64 `json:"chance"`
	Names   namesFile                       `json:"names"`
}

type namesFile struct {
	Total  float64           `json:"total"`
	Size   [5]float64        `json:"size"`
	Family map[string]uint32 `json:"family"`
	Given  map[string]uint32 `json:"given"`
	Counts map[string]uint32 `json:"counts"`
}

var settingKeys = [settings]string{"any", "namesakes"}

func (m *Model) write(w io.Writer) error {
	f := modelFile{Format: modelFormat, Rate: m.Rate, Trained: m.Trained, Rules: m.Rules, Match: map[string][]float64{}, Chance: map[string]map[string][]float64{}}
	for s, key := range settingKeys {
		f.Chance[key] = map[string][]float64{}
		for i, k := range FieldKeys {
			f.Chance[key][k] = m.chance[s][i]
		}
	}
	for i, k := range FieldKeys {
		f.Match[k] = m.match[i]
	}
	f.Common = slices.Sorted(maps.Keys(m.Common))
	f.Names = namesFile{Total: m.Names.total, Size: m.Names.size, Family: m.Names.family.file(), Given: m.Names.given.file(), Counts: map[string]uint32{}}
	for n, c := range m.Names.counts {
		f.Names.Counts[fmt.Sprintf("%x", uint64(n))] = c
	}
	e := json.NewEncoder(w)
	return e.Encode(f)
}

func (t *freqTable) file() map[string]uint32 {
	out := map[string]uint32{}
	for c, n := range t.count {
		if n > 0 {
			out[fmt.Sprintf("%x", c)] = n
		}
	}
	return out
}

// Save writes the model as JSON.
func (m *Model) Save(w io.Writer) error {
	if err := m.write(w); err != nil {
		return fmt.Errorf("linkage: writing the model: %w", err)
	}
	return nil
}

// ErrModel tells that a file is no model of this version.
var ErrModel = errors.New("linkage: no model file of a known version")

// Load reads a model that Save wrote.
func Load(r io.Reader) (*Model, error) {
	var f modelFile
	if err := json.NewDecoder(io.LimitReader(r, 256<<20)).Decode(&f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	if f.Format != modelFormat {
		return nil, fmt.Errorf("%w: format %d", ErrModel, f.Format)
	}
	if len(f.Rules.Categories) > maxCategories || len(f.Rules.Orgs) > 200 || !(f.Rate > 0) || f.Rate > 1e6 {
		return nil, fmt.Errorf("%w: impossible rules or rate", ErrModel)
	}
	m := &Model{Rules: f.Rules, Rate: f.Rate, Trained: f.Trained, Names: newNameStats(), Common: map[uint32]bool{}}
	for _, c := range f.Common {
		m.Common[c] = true
	}
	take := func(src []float64, field int) ([]float64, error) {
		if len(src) != fieldLevels[field] {
			return nil, fmt.Errorf("%w: %s has %d levels, %d are needed", ErrModel, FieldKeys[field], len(src), fieldLevels[field])
		}
		for _, v := range src[1:] {
			if !(v > 0) || v > 1 {
				return nil, fmt.Errorf("%w: %s has an impossible share %g", ErrModel, FieldKeys[field], v)
			}
		}
		return src, nil
	}
	var err error
	for i, k := range FieldKeys {
		if m.match[i], err = take(f.Match[k], i); err != nil {
			return nil, err
		}
		for s, key := range settingKeys {
			if m.chance[s][i], err = take(f.Chance[key][k], i); err != nil {
				return nil, err
			}
		}
	}
	m.Names.total, m.Names.size = f.Names.Total, f.Names.Size
	for dst, src := range map[*freqTable]map[string]uint32{&m.Names.family: f.Names.Family, &m.Names.given: f.Names.Given} {
		for k, n := range src {
			var c uint16
			if _, err := fmt.Sscanf(k, "%x", &c); err != nil {
				return nil, fmt.Errorf("%w: character %q", ErrModel, k)
			}
			dst.count[c] = n
		}
		dst.finish()
	}
	for k, n := range f.Names.Counts {
		var c uint64
		if _, err := fmt.Sscanf(k, "%x", &c); err != nil {
			return nil, fmt.Errorf("%w: name %q", ErrModel, k)
		}
		m.Names.counts[name(c)] = n
	}
	m.seal()
	return m, nil
}

// Shift is how far one weight moved between two models.
type Shift struct {
	Field string  `json:"field"`
	Level string  `json:"level"`
	Old   float64 `json:"old_bits"`
	New   float64 `json:"new_bits"`
}

// Drift lists the weights that moved by at least the given bits from an older model to this one, largest first.
func (m *Model) Drift(old *Model, atLeast float64) []Shift {
	var out []Shift
	for f := range fieldCount {
		for l := 1; l < fieldLevels[f]; l++ {
			a, b := float64(old.bits[namesakes][f][l]), float64(m.bits[namesakes][f][l])
			if f == fieldKind && l > len(m.Rules.Categories) {
				continue
			}
			if math.Abs(a-b) >= atLeast {
				out = append(out, Shift{Field: FieldKeys[f], Level: m.levelKey(f, uint8(l)), Old: a, New: b})
			}
		}
	}
	if a, b := math.Log2(old.Rate), math.Log2(m.Rate); math.Abs(a-b) >= atLeast {
		out = append(out, Shift{Field: "rate", Level: "rate", Old: a, New: b})
	}
	slices.SortStableFunc(out, func(x, y Shift) int {
		dx, dy := math.Abs(x.Old-x.New), math.Abs(y.Old-y.New)
		switch {
		case dx > dy:
			return -1
		case dx < dy:
			return 1
		}
		return 0
	})
	return out
}

// Weights lists the bits of every level, for people who want to read the model.
func (m *Model) Weights() map[string]map[string]float64 {
	out := map[string]map[string]float64{}
	for f, k := range FieldKeys {
		out[k] = map[string]float64{}
		for l := 1; l < fieldLevels[f]; l++ {
			if f == fieldKind && l > len(m.Rules.Categories) {
				break
			}
			out[k][m.levelKey(f, uint8(l))] = float64(m.bits[namesakes][f][l])
		}
	}
	return maps.Clone(out)
}
