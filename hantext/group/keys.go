package group

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"
)

// MaxKeys is the most keys that Keys gives.
const MaxKeys = 10

// Keys are numbers under which a text is filed so that texts like it can be found without reading all: texts of one
// subject and fault share a key, and so do texts of nearly the same characters. They depend on the text and the lexicon
// alone, and stay the same from run to run.
func (l *Lexicon) Keys(text string) []int64 {
	w := strip(text, nil)
	var subjects, faults []string
	for _, f := range l.features(w) {
		if c, ok := f.concept(); ok {
			if x := l.concepts[c]; x.Kind == Subject {
				subjects = append(subjects, x.Name)
			} else {
				faults = append(faults, x.Name)
			}
		}
	}
	slices.Sort(subjects)
	slices.Sort(faults)
	subjects, faults = subjects[:min(len(subjects), 3)], faults[:min(len(faults), 2)]
	var out []int64
	for _, s := range subjects {
		out = append(out, key("s", s))
	}
	if len(subjects) > 0 {
		for _, f := range faults {
			out = append(out, key("sf", subjects[0], f))
		}
	}
	least := minima((&Lexicon{}).features(w))
	step := 2 // bands of two least hashes; where no subject is known, of one
	if len(subjects) == 0 {
		step = 1
	}
	for b := 0; b+step <= len(least) && len(out) < MaxKeys && least[0] != math.MaxUint64; b += step {
		h := uint64(b + 1)
		for _, m := range least[b : b+step] {
			h = mix(h ^ m)
		}
		out = append(out, int64(h>>1))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func key(parts ...string) int64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p)) // never fails
		_, _ = h.Write([]byte{0})
	}
	return int64(h.Sum64() >> 1)
}

// minima are the least hashes of the features under several orders.
func minima(feats []feature) (out [8]uint64) {
	for i := range out {
		out[i] = math.MaxUint64
		for _, f := range feats {
			out[i] = min(out[i], mix(uint64(f)+uint64(i+1)*0x9E3779B97F4A7C15))
		}
	}
	return out
}

func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xBF58476D1CE4E5B9
	x ^= x >> 27
	x *= 0x94D049BB133111EB
	return x ^ x>>31
}

// Profile is a text prepared for comparing it with many.
type Profile struct {
	feats   []feature
	weights []float32
}

// Profile prepares a text.
func (l *Lexicon) Profile(text string) Profile {
	feats := l.features(strip(text, nil))
	return Profile{feats, unit(feats, func(f feature) float64 {
		switch c, is := f.concept(); {
		case !is:
			return pairWeight
		case l.concepts[c].Kind == Subject:
			return subjectWeight
		}
		return 2 * faultWeight
	})}
}

// Like is how alike two texts are, from 0 to 1. Without a register to count in, every phrase counts as equally telling.
func (p Profile) Like(o Profile) float64 {
	sum, j := float32(0), 0
	for i, f := range p.feats {
		for j < len(o.feats) && o.feats[j] < f {
			j++
		}
		if j < len(o.feats) && o.feats[j] == f {
			sum += p.weights[i] * o.weights[j]
		}
	}
	return float64(sum)
}

// Sketch is what is kept of a paragraph so that one like it can be recognised: the least hashes of its rows of six
// characters. Empty for a text too short to be told from another.
func Sketch(text string, least int) []uint32 {
	w := strip(text, nil)
	var rs []rune
	for _, c := range w.clauses {
		for _, r := range c {
			if r != '#' && r != '*' {
				rs = append(rs, r)
			}
		}
	}
	if len(rs) < least {
		return nil
	}
	const row = 6
	out := make([]uint32, SketchSize)
	var buf [row * 4]byte
	for i := range out {
		out[i] = math.MaxUint32
	}
	for i := 0; i+row <= len(rs); i++ {
		for k := range row {
			binary.LittleEndian.PutUint32(buf[4*k:], uint32(rs[i+k]))
		}
		h := fnv.New64a()
		_, _ = h.Write(buf[:])
		x := h.Sum64()
		for k := range out {
			out[k] = min(out[k], uint32(mix(x+uint64(k+1)*0x9E3779B97F4A7C15)>>32))
		}
	}
	return out
}

// SketchSize is the number of hashes of a Sketch.
const SketchSize = 24

// SketchLike estimates from two sketches which share of their rows of characters two texts have in common.
func SketchLike(a, b []uint32) float64 {
	if len(a) == 0 || len(a) != len(b) {
		return 0
	}
	n := 0
	for i := range a {
		if a[i] == b[i] {
			n++
		}
	}
	return float64(n) / float64(len(a))
}

// SketchKeys are numbers under which a sketch is filed: texts that share most rows share a key.
func SketchKeys(a []uint32) []int64 {
	const band = 3
	var out []int64
	for b := 0; b+band <= len(a); b += band {
		h := uint64(b + 77)
		for _, m := range a[b : b+band] {
			h = mix(h ^ uint64(m))
		}
		out = append(out, int64(h>>1))
	}
	return out
}
