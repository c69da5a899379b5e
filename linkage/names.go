package linkage

import "math"

// NameStats tell how frequent names are. Names that were seen are counted; the rest is judged by the frequency of their
// characters, so that an unseen name of common characters is not taken for a rare one.
type NameStats struct {
	total  float64
	counts map[name]uint32
	family freqTable
	given  freqTable
	size   [5]float64 // share of lengths; 0 is for the long ones
}

// freqTable is log2 of the share of each character, and of each sound.
type freqTable struct {
	count [0x10000]uint32
	sum   float64
	char  [0x10000]float32
	sound [1024]float32
}

func newNameStats() *NameStats { return &NameStats{counts: map[name]uint32{}} }

const (
	rarest     = -24 // log2 of the least share of a name that is believed
	namesKept  = 3   // a name is kept by its count from here
	nameShape0 = 0.7 // weight of the judgement by characters, in names
)

func (s *NameStats) add(n name, times uint32) {
	s.total += float64(times)
	if n.long() {
		s.size[0] += float64(times)
		return
	}
	s.size[n.size()] += float64(times)
	k := n.surname()
	for i := range n.size() {
		c := n.at(i)
		if c == lost {
			continue
		}
		if i < k {
			s.family.count[c] += times
		} else {
			s.given.count[c] += times
		}
	}
}

func (s *NameStats) finish() {
	s.family.finish()
	s.given.finish()
	sum := 0.0
	for _, v := range s.size {
		sum += v + 1
	}
	for i := range s.size {
		s.size[i] = (s.size[i] + 1) / sum
	}
}

func (t *freqTable) finish() {
	tables := chars()
	var sounds [1024]float64
	seen := 0
	for c, n := range t.count {
		if n > 0 && tables.sound[c] != 0 {
			sounds[tables.sound[c]] += float64(n)
			t.sum += float64(n)
			seen++
		}
	}
	room := t.sum + 500
	for c, n := range t.count {
		t.char[c] = float32(math.Log2((float64(n) + 0.3) / room))
	}
	for i := range sounds {
		t.sound[i] = float32(math.Log2((sounds[i] + 1) / room))
	}
}

// one is log2 of the share of a character, or of its sound where only that agrees.
func (t *freqTable) one(a, b uint16) float32 {
	if a == b && a >= 0x3000 {
		return t.char[a]
	}
	return t.sound[chars().sound[a]&1023]
}

// judged is log2 of the frequency that the characters give.
func (s *NameStats) judged(n name) float32 {
	if n.long() {
		return float32(math.Log2(s.size[0])) - 9
	}
	return s.parts(n, n) + float32(math.Log2(s.size[n.size()]))
}

// of is log2 of the frequency of a whole name, the pair itself left out.
func (s *NameStats) of(n name) float32 {
	g := math.Exp2(math.Max(float64(s.judged(n)), rarest))
	c := 0.0
	if k := s.counts[n.whole()]; k >= namesKept {
		c = float64(k) - 2
	}
	return float32(math.Log2((c + nameShape0) / (s.total + nameShape0/g)))
}

// memo keeps the frequencies of names that were at hand before.
type memo [1 << 10]struct {
	name name
	freq float32
}

func (s *NameStats) remembered(n name, c *memo) float32 {
	e := &c[mix(uint64(n))>>54]
	if e.name != n {
		e.name, e.freq = n, s.of(n)
	}
	return e.freq
}

// parts is log2 of the share of the characters in which two names of one length agree, by sound where only that agrees.
func (s *NameStats) parts(a, b name) float32 {
	if a.long() {
		return -12
	}
	t := chars()
	k, out := a.surname(), float32(0)
	for i := range a.size() {
		x, y := a.at(i), b.at(i)
		if x == lost || y == lost {
			continue
		}
		f := &s.given
		if i < k {
			f = &s.family
		}
		switch {
		case x == y:
			out += f.one(x, y)
		case i == 0 && k == 1 && t.surnamesAlike(x, y):
			out += s.family.sound[t.family[x]&1023]
		case i > 0 && t.alike(x, y):
			if x < 0x3000 {
				x, y = y, x
			}
			out += f.one(x, y)
		}
	}
	return out
}

func (s *NameStats) familyOf(n name) float32 {
	out := float32(0)
	for ; n != 0; n >>= 16 {
		out += s.family.one(uint16(n), uint16(n))
	}
	return out
}

func (s *NameStats) givenParts(a, b name) float32 {
	out := float32(0)
	for g := a.given(); g != 0; g >>= 16 {
		out += s.given.one(uint16(g), uint16(g))
	}
	return out
}

// Expected is how many people of a name a register of a size can be expected to hold.
func (m *Model) Expected(personName string, size int) float64 {
	n := parseName([]byte(personName))
	if n == 0 {
		return 0
	}
	return math.Exp2(float64(m.Names.of(n))) * float64(size)
}
