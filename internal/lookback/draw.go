package lookback

import (
	"crypto/sha256"
	"encoding/hex"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/lot"
)

// Algorithm names the draw, so that an old one can be re-run under its own rule.
//
// The stream of a label L is the concatenation of the blocks
// SHA-256("huikan-lookback-draw-v1\n" + L + "\n" + seed + "\n" + i), where i
// counts 0, 1, 2 … as an unsigned 64-bit big-endian number. It is read in words
// of 8 bytes, big-endian. A number below m is the word modulo m; words at or
// above the largest multiple of m are passed over, so that no value is favoured.
//
//  1. Order: strata (units; or types, or signers) by id, shuffled (stream "strata"); inside a stratum
//     the items by id, shuffled (stream "order"). Shuffling goes from the last
//     place down and swaps with a number below place+1.
//  2. Random part of n from N (stream "start"): with u below N, the items at the
//     places floor((k·N + u)/n) for k = 0 … n-1. Every item has the same chance
//     n/N, and every unit gets its share, rounded down or up.
//  3. Every unit, if asked: the first item in order of each unit not yet met.
//  4. Risk part (stream "risk"): from what is left, one after the other, each
//     with a chance in proportion to its weight.
const Algorithm = "huikan-lookback-draw-v1"

// Parts of a sample: why an item was drawn.
const (
	PartCensus = "census" // 全查
	PartRandom = "random" // 随机抽取: the only part that speaks for the population
	PartCover  = "cover"  // 每个单位至少一项
	PartRisk   = "risk"   // 按风险抽取
)

// Candidate is one closed item that may be drawn.
type Candidate struct {
	Item    id.ID    `json:"item"`
	Unit    id.ID    `json:"unit"`
	Stratum string   `json:"stratum,omitempty"` // type of the problem, where the sample is spread over types
	Closer  id.ID    `json:"closer"`
	Weight  int      `json:"weight"` // at least 1
	Factors []string `json:"factors"`
}

// Options say how to draw. They are committed to together with the seed.
type Options struct {
	Census    bool   `json:"census"`            // every item, no chance
	RiskShare int    `json:"risk_share"`        // percent of the size that is drawn by risk
	EveryUnit bool   `json:"every_unit"`        // at least one item of each stratum, beyond the size if need be
	Stratum   string `json:"stratum,omitempty"` // "" = by unit
}

// What a sample may be spread over besides units.
const (
	StratumCategory = "category" // 问题类型
	StratumCloser   = "closer"   // 销号人
)

// stratum is the group that a candidate belongs to.
func (o Options) stratum(c Candidate) string {
	switch o.Stratum {
	case StratumCategory:
		return c.Stratum
	case StratumCloser:
		return string(c.Closer)
	}
	return string(c.Unit)
}

// Drawn is an item of the sample.
type Drawn struct {
	Candidate
	Part string `json:"part"`
}

// Draw picks a sample of size from a population. It is pure: the same seed,
// population and options always give the same sample, in the order of item ids.
func Draw(seed []byte, population []Candidate, size int, opt Options) []Drawn {
	size = max(0, min(size, len(population)))
	if opt.Census || size == len(population) {
		return census(population)
	}
	list := ordered(seed, population, opt)
	nRisk := size * min(max(opt.RiskShare, 0), 100) / 100
	part := systematic(lot.New(Algorithm, "start", seed), len(list), size-nRisk)
	if opt.EveryUnit {
		cover(list, part, opt)
	}
	byRisk(lot.New(Algorithm, "risk", seed), list, part, nRisk)
	var out []Drawn
	for i, c := range list {
		if part[i] != "" {
			out = append(out, Drawn{c, part[i]})
		}
	}
	slices.SortFunc(out, func(a, b Drawn) int { return strings.Compare(string(a.Item), string(b.Item)) })
	return out
}

func census(population []Candidate) []Drawn {
	out := make([]Drawn, len(population))
	for i, c := range sorted(population) {
		out[i] = Drawn{c, PartCensus}
	}
	return out
}

func sorted(population []Candidate) []Candidate {
	list := slices.Clone(population)
	slices.SortFunc(list, func(a, b Candidate) int { return strings.Compare(string(a.Item), string(b.Item)) })
	return list
}

// ordered puts the strata one after the other, both they and their items in an
// order that only the seed knows.
func ordered(seed []byte, population []Candidate, opt Options) []Candidate {
	by := map[string][]Candidate{}
	var strata []string
	for _, c := range sorted(population) {
		k := opt.stratum(c)
		if by[k] == nil {
			strata = append(strata, k)
		}
		by[k] = append(by[k], c)
	}
	slices.Sort(strata)
	lot.Shuffle(lot.New(Algorithm, "strata", seed), strata)
	inner := lot.New(Algorithm, "order", seed)
	out := make([]Candidate, 0, len(population))
	for _, u := range strata {
		lot.Shuffle(inner, by[u])
		out = append(out, by[u]...)
	}
	return out
}

func systematic(s *lot.Stream, total, n int) []string {
	part := make([]string, total)
	if n == 0 {
		return part
	}
	u := s.Below(total)
	for k := range n {
		part[(k*total+u)/n] = PartRandom
	}
	return part
}

func cover(list []Candidate, part []string, opt Options) {
	met := map[string]bool{}
	for i, c := range list {
		met[opt.stratum(c)] = met[opt.stratum(c)] || part[i] != ""
	}
	for i, c := range list {
		if k := opt.stratum(c); !met[k] {
			met[k], part[i] = true, PartCover
		}
	}
}

// byRisk draws n of those left, in proportion to their weights. The weights lie
// in a tree of partial sums, so that a draw costs the logarithm of the population.
func byRisk(s *lot.Stream, list []Candidate, part []string, n int) {
	tree, total := make([]int, len(list)+1), 0
	add := func(i, w int) {
		total += w
		for i++; i < len(tree); i += i & -i {
			tree[i] += w
		}
	}
	left := 0
	for i, c := range list {
		if part[i] == "" {
			add(i, max(1, c.Weight))
			left++
		}
	}
	top := 1 << bits.Len(uint(len(list)))
	for range min(n, left) {
		r, at := s.Below(total), 0
		for step := top; step > 0; step >>= 1 {
			if at+step < len(tree) && tree[at+step] <= r {
				at += step
				r -= tree[at]
			}
		}
		part[at] = PartRisk
		add(at, -max(1, list[at].Weight))
	}
}

// Commitment is the hash by which a seed is fixed before anybody can see what
// it draws: SHA-256 of "huikan-lookback-commit-v1\n" + salt + "\n" + seed + "\n".
func Commitment(seed, salt string) string {
	return lot.Commitment("huikan-lookback-commit-v1", seed, salt)
}

// Encode writes a population in its published form: one line for each item in
// order of id, with unit, closer, weight and risk factors, separated by tabs.
func Encode(population []Candidate) []byte {
	var b strings.Builder
	for _, c := range sorted(population) {
		for _, f := range []string{string(c.Item), string(c.Unit), string(c.Closer), strconv.Itoa(c.Weight)} {
			b.WriteString(f + "\t")
		}
		b.WriteString(strings.Join(c.Factors, ","))
		if c.Stratum != "" { // a sixth column where the sample is spread over types
			b.WriteString("\t" + c.Stratum)
		}
		b.WriteString("\n")
	}
	return []byte(b.String())
}

// Digest is the SHA-256 of the published form.
func Digest(population []Candidate) string {
	h := sha256.Sum256(Encode(population))
	return hex.EncodeToString(h[:])
}

// Decode reads the published form. A line that is not one is refused with its number.
func Decode(text []byte) ([]Candidate, error) {
	var out []Candidate
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(f) < 5 || len(f) > 6 || f[0] == "" || f[1] == "" {
			return nil, fault.Invalid("lookback.population.line", n)
		}
		w, err := strconv.Atoi(f[3])
		if err != nil || w < 1 || w > maxWeight {
			return nil, fault.Invalid("lookback.population.line", n).With(err)
		}
		c := Candidate{Item: id.ID(f[0]), Unit: id.ID(f[1]), Closer: id.ID(f[2]), Weight: w}
		if len(f) == 6 {
			c.Stratum = f[5]
		}
		if f[4] != "" {
			c.Factors = strings.Split(f[4], ",")
		}
		if len(out) > 0 && out[len(out)-1].Item >= c.Item {
			return nil, fault.Invalid("lookback.population.order", n)
		}
		out = append(out, c)
	}
	return out, nil
}

// maxWeight keeps the sum of a million weights far from overflow.
const maxWeight = 1 << 20

// Redraw is the draw as anybody can repeat it from what was published: the list,
// its digest, the seed and the options. It refuses a list that is not the
// published one.
func Redraw(seed string, published []byte, digest string, size int, opt Options) ([]Drawn, error) {
	population, err := Decode(published)
	if err != nil {
		return nil, err
	}
	if digest != "" && Digest(population) != digest {
		return nil, fault.Invalid("lookback.population.digest", digest)
	}
	return Draw([]byte(seed), population, size, opt), nil
}
