package linkage

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// Set is a version of a register, made comparable: 64 bytes and the identifier for each record.
type Set struct {
	rules Rules
	met   *remembered
	facts []facts
	text  []byte   // identifiers, one after the other
	ends  []uint32 // where each ends
	owner []uint32 // row of the record that declared each, plus one; empty without owners
	// judged is how many records there were when shared numbers were looked for.
	judged int
	// Crowded counts numbers that stand on records of more than three names; they are not used.
	Crowded int
}

// NewSet makes an empty set.
func NewSet(rules Rules) *Set { return &Set{rules: rules} }

// Grow makes room for n records, and no more than that: a set that is kept needs no spare.
func (s *Set) Grow(n int) {
	s.facts, s.ends = slices.Grow(slices.Clip(s.facts), n), slices.Grow(slices.Clip(s.ends), n)
}

// Add appends a record and returns its row.
func (s *Set) Add(r *Record) int {
	if s.met == nil {
		s.met = newRemembered()
	}
	s.facts = append(s.facts, s.rules.prepare(r, s.met))
	s.text = append(s.text, r.ID...)
	s.ends = append(s.ends, uint32(len(s.text)))
	return len(s.facts) - 1
}

// Owner is the row of the record that declared a row, among the owners the table was read with; -1 when there is none.
func (s *Set) Owner(row int) int {
	if row >= len(s.owner) {
		return -1
	}
	return int(s.owner[row]) - 1
}

// Len is the number of records.
func (s *Set) Len() int { return len(s.facts) }

// ID is the identifier of a row.
func (s *Set) ID(row int) string { return string(s.id(row)) }

func (s *Set) id(row int) []byte {
	from := uint32(0)
	if row > 0 {
		from = s.ends[row-1]
	}
	return s.text[from:s.ends[row]]
}

// Ways by which a pair may become a candidate.
const (
	byNumber     = iota // first 17 digits
	byName              // whole name, former names too
	byFamilyDay         // family name and day of birth
	bySoundYear         // sound of the name and year of birth
	byFamilyTail        // family name and last four digits
	byGivenDay          // given name and day of birth
	byCode              // telephone
	byTailDay           // day of birth and last four digits
	ways
)

// WayKeys name the ways in reports.
var WayKeys = [ways]string{"number", "name", "family+day", "sound+year", "family+tail", "given+day", "code", "day+tail"}

type key struct {
	hash uint64
	year uint8
}

// keys gives the keys of a record for one way; at most four.
func (f *facts) keys(way int, out *[4]key) int {
	n := 0
	put := func(v uint64, year uint8) {
		h := mix(v + uint64(way)<<58)
		for i := range n {
			if out[i].hash == h {
				return
			}
		}
		out[n] = key{h, year}
		n++
	}
	year := f.yearByte()
	switch way {
	case byNumber:
		if f.id.known&(1<<17-1) == 1<<17-1 && f.id.usable() {
			put(f.id.head^uint64(f.id.tail&15)<<60*31, year)
		}
	case byName:
		for _, x := range [2]name{f.name, f.alias} {
			if x == 0 {
				continue
			}
			if gap, bySound := x.has(); !gap && !bySound {
				put(uint64(x.whole()), year)
			}
		}
	case byFamilyDay:
		fam := f.name.family()
		if fam == 0 || fam == lost {
			break
		}
		if s, ok := fam.sounds(); ok {
			fam = s
		}
		for _, d := range [2]date{f.birth, f.idBirth} {
			if d.day() != 0 && !d.filler() {
				put(mix(uint64(fam))^uint64(d), year)
			}
		}
	case bySoundYear:
		s, ok := f.name.sounds()
		if !ok {
			break
		}
		for _, d := range [2]date{f.birth, f.idBirth} {
			if d != 0 {
				put(mix(uint64(s))^uint64(d.year()), year)
			}
		}
	case byFamilyTail:
		fam := f.name.family()
		if tail, ok := f.tail(); ok && fam != 0 && fam != lost {
			if s, ok := fam.sounds(); ok {
				fam = s
			}
			put(mix(uint64(fam))^uint64(tail), year)
		}
	case byGivenDay:
		g := f.name.given()
		if g.size() < 2 && !g.long() {
			break
		}
		if gap, bySound := g.has(); gap || bySound {
			break
		}
		for _, d := range [2]date{f.birth, f.idBirth} {
			if d.day() != 0 && !d.filler() {
				put(mix(uint64(g))^uint64(d), year)
			}
		}
	case byCode:
		if f.code != 0 {
			put(uint64(f.code), year)
		}
	case byTailDay:
		tail, ok := f.tail()
		if !ok {
			break
		}
		for _, d := range [2]date{f.birth, f.idBirth} {
			if d.day() != 0 && !d.filler() {
				put(uint64(tail)<<32^uint64(d), year)
			}
		}
	}
	return n
}

func (f *facts) tail() (uint32, bool) {
	const end = 15 << 14
	if !f.id.usable() || f.id.known&end != end {
		return 0, false
	}
	return uint32(f.id.head>>56)<<8 | uint32(f.id.tail), true
}

// yearByte is the year of birth for a first sieve: 0 where unknown or where the two dates disagree.
func (f *facts) yearByte() uint8 {
	a, b := f.birth.year(), f.idBirth.year()
	switch {
	case a == 0:
		a = b
	case b != 0 && a != b:
		return 0
	}
	if a < 1901 || a > 2100 {
		return 0
	}
	return uint8(a - 1900)
}

// table finds the rows of a key: a sieve of bits, buckets of entries; an entry is row<<32 | tag<<8 | year.
type table struct {
	shift uint
	mask  uint64
	sieve []uint64
	start []uint32
	list  []uint64
}

// Limits of one lookup; what exceeds them is counted.
const (
	maxScan       = 50000 // entries looked at under one key
	maxCandidates = 4000  // candidates of one record
)

// entry is one record under one key while a table is built.
type entry struct {
	hash uint64
	row  uint32
	year uint8
}

// buildTable builds the table of one way, with a bucket for every entry, or for every second one when it must be small.
func buildTable(fs []facts, way int, small bool) table {
	var ks [4]key
	all := room[entry](len(fs) + len(fs)/8)
	for row := range fs {
		n := fs[row].keys(way, &ks)
		for _, k := range ks[:n] {
			all = append(all, entry{k.hash, uint32(row), k.year})
		}
	}
	bitsN := uint(6)
	for 1<<bitsN < len(all) && bitsN < 26 {
		bitsN++
	}
	if small {
		bitsN--
	}
	words := 1 << (bitsN + 3 - 6)
	both := filled[uint64](words + len(all)) // in one piece, for the sake of large pages
	t := table{shift: 64 - bitsN, mask: 1<<(bitsN+3) - 1, sieve: both[:words:words], start: filled[uint32](1<<bitsN + 1), list: both[words:]}
	for i := range all {
		h := all[i].hash
		t.start[h>>t.shift+1]++
		p := h >> 8 & t.mask
		t.sieve[p>>6] |= 1 << (p & 63)
	}
	for i := 1; i < len(t.start); i++ {
		t.start[i] += t.start[i-1]
	}
	for i := range all { // start[b] moves to the end of b, which is where b+1 starts
		e := &all[i]
		b := e.hash >> t.shift
		t.list[t.start[b]] = uint64(e.row)<<32 | e.hash&0xFFFFFF<<8 | uint64(e.year)
		t.start[b]++
	}
	copy(t.start[1:], t.start[:len(t.start)-1])
	t.start[0] = 0
	return t
}

// may is 1 where there can be a row under a hash, 0 otherwise.
func (t *table) may(hash uint64) int {
	p := hash >> 8 & t.mask
	return int(t.sieve[p>>6] >> (p & 63) & 1)
}

func (t *table) bucket(hash uint64) (from, to uint32) {
	b := hash >> t.shift
	return t.start[b], t.start[b+1]
}

// Index finds the records of a set that may belong to a person. It is not changed once built and may be used by many
// goroutines.
type Index struct {
	set    *Set
	tables [ways]table
	model  *Model
	prior  float32
	whole  int // size of the register of which the records are a part; 0: they are all
	loads  sync.Pool
	capped atomic.Int64
}

// NewIndex builds an index over a set; the set must not be changed afterwards. The model may be nil for an index that
// only serves learning.
func NewIndex(set *Set, m *Model) *Index { return newIndex(set, m, false) }

// NewSmallIndex is NewIndex for single questions: it takes less memory, and would link a whole register a little slower.
func NewSmallIndex(set *Set, m *Model) *Index { return newIndex(set, m, true) }

func newIndex(set *Set, m *Model, small bool) *Index {
	set.met = nil
	x := &Index{set: set}
	set.voidShared()
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			for way := w; way < ways; way += 2 {
				x.tables[way] = buildTable(set.facts, way, small)
			}
		})
	}
	wg.Wait()
	return x.With(m)
}

// With is the same index under another model.
func (x *Index) With(m *Model) *Index {
	y := &Index{set: x.set, tables: x.tables, model: m}
	y.loads.New = func() any { return &batch{} }
	if m != nil {
		y.prior = m.prior(x.set.Len())
	}
	return y
}

// Len is the number of records in the index.
func (x *Index) Len() int { return x.set.Len() }

// size is that of the register the records stand in.
func (x *Index) size() int { return max(x.whole, x.set.Len()) }

// Memory is what the index and its records hold, in bytes.
func (x *Index) Memory() int64 {
	n := int64(cap(x.set.facts))*64 + int64(cap(x.set.text)) + 4*int64(cap(x.set.ends)+cap(x.set.owner))
	for i := range x.tables {
		t := &x.tables[i]
		n += 8*int64(cap(t.sieve)+cap(t.list)) + 4*int64(cap(t.start))
	}
	return n
}

// Model is the model under which the index answers.
func (x *Index) Model() *Model { return x.model }

// Capped counts lookups that met more records under one key than are looked at.
func (x *Index) Capped() int64 { return x.capped.Load() }

// Live is an index that can be replaced while it answers.
type Live struct{ now atomic.Pointer[Index] }

// Index is the index in force, nil before the first Refresh.
func (l *Live) Index() *Index { return l.now.Load() }

// Refresh puts a new index in force; lookups that have begun end on the old one.
func (l *Live) Refresh(x *Index) { l.now.Store(x) }

// parallel cuts rows into pieces and runs them on workers; it ends early when the context does.
func parallel(ctx context.Context, workers, n, piece int, do func(worker, from, to int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range max(1, workers) {
		wg.Go(func() {
			for ctx.Err() == nil {
				from := int(next.Add(int64(piece))) - piece
				if from >= n {
					return
				}
				do(w, from, min(from+piece, n))
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}
