package pair

import (
	"strings"

	"huikan/hantext"
)

// Fact is one thing two records are compared by.
type Fact int

// The facts, in the order of [Pair.Lines].
const (
	Person Fact = iota
	Case
	Day
	Channel
	Place
	Post
	Words
	facts
)

// String is the key by which a room words the fact.
func (f Fact) String() string {
	return [...]string{"person", "case", "day", "channel", "place", "post", "words"}[f]
}

// Level says how far two records agree in a fact.
type Level int

// Levels. What Near and Part mean depends on the fact and is said at the comparisons.
const (
	Missing   Level = iota // one side says nothing, or both
	Equal                  //
	Near                   // person: one character off, or the same sound; case: a slip of the pen; day: one or two days; place: one unit above the other; words: much in common
	Part                   // person: the surname, the rest is masked; case: the last figures; day: three days or more
	Doubtful               // person: same surname, another given name; case: all equal but a figure of the serial number
	Different              //
	levels
)

// String is the key by which a room words the level.
func (l Level) String() string {
	return [...]string{"missing", "equal", "near", "part", "doubtful", "different"}[l]
}

// pattern packs the levels of a pair.
type pattern uint32

func (p pattern) level(f Fact) Level { return Level(p >> (3 * uint(f)) & 7) }

func (p *pattern) set(f Fact, l Level) { *p |= pattern(l) << (3 * uint(f)) }

func compare(s sounds, a, b *prepared) pattern {
	var p pattern
	p.set(Person, s.comparePerson(a, b))
	p.set(Case, compareCase(a, b))
	p.set(Day, compareDay(a, b))
	p.set(Channel, compareWord(a.channel, b.channel))
	p.set(Place, comparePlace(a, b))
	p.set(Post, compareWord(a.level, b.level))
	p.set(Words, compareWords(a, b))
	return p
}

func (s sounds) comparePerson(a, b *prepared) Level {
	switch {
	case len(a.name) == 0 && len(b.name) == 0:
		return Missing
	case len(a.name) == 0 || len(b.name) == 0:
		known, other := a, b
		if len(a.name) == 0 {
			known, other = b, a
		}
		if known.full && strings.Contains(other.words, string(known.name)) {
			return Equal // the account names the person that the field leaves out
		}
		return Missing
	case a.full && b.full:
		return s.compareNames(a.name, b.name)
	}
	if s.same(a.name[0], b.name[0]) {
		return Part
	}
	return Different
}

// compareNames compares two whole names.
func (s sounds) compareNames(a, b []rune) Level {
	if equalRunes(a, b) {
		return Equal
	}
	if len(a) == len(b) {
		off, alike := 0, true
		for i := range a {
			if a[i] != b[i] {
				off++
				alike = alike && s.same(a[i], b[i])
			}
		}
		if alike || off == 1 && len(a) >= 3 || len(a) >= 3 && sameRunes(a, b) {
			return Near
		}
	} else if d := len(a) - len(b); d == 1 || d == -1 {
		if within(a, b) || within(b, a) {
			return Near
		}
	}
	if a[0] == b[0] {
		return Doubtful
	}
	return Different
}

func equalRunes(a, b []rune) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// sounds remembers which characters sound alike.
type sounds map[[2]rune]bool

func (s sounds) same(a, b rune) bool {
	if a == b {
		return true
	}
	if a > b {
		a, b = b, a
	}
	k := [2]rune{a, b}
	v, ok := s[k]
	if !ok {
		v = hantext.SameSound(a, b)
		s[k] = v
	}
	return v
}

// sameRunes reports whether b is a in another order.
func sameRunes(a, b []rune) bool {
	for _, r := range a {
		n := 0
		for i := range a {
			if a[i] == r {
				n++
			}
			if b[i] == r {
				n--
			}
		}
		if n != 0 {
			return false
		}
	}
	return true
}

// within reports whether a is b without some of its characters, the first kept.
func within(a, b []rune) bool {
	if len(a) < 2 || len(a) >= len(b) || a[0] != b[0] {
		return false
	}
	i := 0
	for _, r := range b {
		if i < len(a) && a[i] == r {
			i++
		}
	}
	return i == len(a)
}

func compareCase(a, b *prepared) Level {
	if a.number == "" || b.number == "" {
		return Missing
	}
	if a.number == b.number {
		if a.short {
			return Part
		}
		return Equal
	}
	if a.short || b.short {
		return compareSerial(a, b)
	}
	d := slips(a.number, b.number)
	switch {
	case d > 2:
		return Different
	case tail(a.serial) == tail(b.serial):
		return Near // the serial number agrees: a slip in the long rest is far likelier than another case
	case d == 1:
		return Doubtful
	}
	return Different
}

// compareSerial compares where at least one side gave only the last figures.
func compareSerial(a, b *prepared) Level {
	if !b.short || a.short && len(a.serial) < len(b.serial) {
		a, b = b, a // b is the shorter knowledge
	}
	x, y := a.serial, b.serial
	if strings.HasSuffix(x, y) && len(y) >= 3 || trimZeros(x) == trimZeros(y) {
		return Part
	}
	if len(y) >= 3 && len(x) >= len(y) && slips(tail(x), tail(y)) == 1 {
		return Doubtful
	}
	return Different
}

func trimZeros(s string) string {
	t := strings.TrimLeft(s, "0")
	if len(t) < 3 && len(s) >= 3 {
		return s
	}
	return t
}

func tail(s string) string { return s[max(0, len(s)-4):] }

// slips counts the differing places of two numbers of about one length: places changed, neighbours swapped, one left
// out or put in; 3 stands for more than two.
func slips(a, b string) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return 3
	}
	if len(a) == len(b) {
		n := 0
		for i := 0; i < len(a) && n <= 2; i++ {
			if a[i] == b[i] {
				continue
			}
			n++
			if i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] {
				i++
			}
		}
		return min(n, 3)
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if a[i:] == b[i+1:] {
		return 1
	}
	return 3
}

func compareDay(a, b *prepared) Level {
	d := gap(a, b)
	switch {
	case d == 0:
		return Equal
	case d <= 2:
		return Near
	case d <= 3:
		return Part
	case d <= 5:
		return Doubtful
	}
	return Different
}

func gap(a, b *prepared) int32 {
	d := a.day - b.day
	if d < 0 {
		return -d
	}
	return d
}

func compareWord(a, b string) Level {
	switch {
	case a == "" || b == "":
		return Missing
	case a == b:
		return Equal
	}
	return Different
}

func comparePlace(a, b *prepared) Level {
	switch {
	case a.place < 0 || b.place < 0:
		return Missing
	case a.region == b.region:
		return Equal
	case a.place == b.place && (a.reach == 'c' || b.reach == 'c'):
		return Near
	case a.place == b.place:
		return Doubtful
	}
	return Part // one of them is provincial or national
}

func compareWords(a, b *prepared) Level {
	both, either := overlap(a.gist, b.gist)
	switch {
	case a.gist == [2]uint64{} || b.gist == [2]uint64{}:
		return Missing
	case both*10 >= either*7:
		return Equal
	case both*10 >= either*3:
		return Near
	}
	return Different
}
