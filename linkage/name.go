package linkage

import (
	"strings"
	"unicode/utf8"
)

// name is a personal name in 64 bits: up to four characters, first in the lowest 16 bits; or, for longer ones, the mark
// longName, 32 bits over all characters and 16 bits over the part before the first dot.
type name uint64

const longName = 0xFFFF << 48

func (n name) long() bool { return n>>48 == 0xFFFF }

// whole is the name without regard to where a long one has its dot.
func (n name) whole() name {
	if n.long() {
		return n &^ 0xFFFF
	}
	return n
}
func (n name) at(i int) uint16 { return uint16(n >> (16 * i)) }
func (n name) size() int {
	switch {
	case n == 0:
		return 0
	case n>>16 == 0:
		return 1
	case n>>32 == 0:
		return 2
	case n>>48 == 0:
		return 3
	}
	return 4
}

// has says whether the name has a lost character, and whether one of which only the sound is known.
func (n name) has() (gap, bySound bool) {
	if n.long() {
		return false, false
	}
	for ; n != 0; n >>= 16 {
		c := uint16(n)
		gap = gap || c == lost
		bySound = bySound || c >= soundBase && c < 0x3000
	}
	return gap, bySound
}

// surname is the length of the family name.
func (n name) surname() int {
	if n.long() {
		return 0
	}
	if t := chars(); t.leads[n.at(0)] && n.size() >= 3 && t.double[uint32(n.at(0))<<16|uint32(n.at(1))] {
		return 2
	}
	return min(1, n.size())
}

// family is the family name alone, the first part for a long name.
func (n name) family() name {
	if n.long() {
		return n & 0xFFFF
	}
	return n & (1<<(16*n.surname()) - 1)
}

// given is the given name alone.
func (n name) given() name {
	if n.long() {
		return n
	}
	return n >> (16 * n.surname())
}

// sounds replaces every character by its sound; ok is false where one is unknown.
func (n name) sounds() (name, bool) {
	if n == 0 || n.long() {
		return n, n != 0
	}
	t := chars()
	var out name
	for i := range n.size() {
		c := n.at(i)
		s := t.sound[c]
		if i == 0 && n.surname() == 1 {
			s = t.family[c]
		}
		if s == 0 {
			return 0, false
		}
		out |= name(soundBase+s) << (16 * i)
	}
	return out, true
}

const maxNameBytes = 200

// parseName reads a name as registers write it: variants and traditional characters folded, blanks and dots of every
// kind dropped, remarks in brackets cut off, lost characters kept as gaps, names in Latin letters taken as syllables.
func parseName(s []byte) name {
	if len(s) > maxNameBytes {
		s = s[:maxNameBytes]
	}
	t := chars()
	var out name
	n, part, all, firstPart := 0, uint64(0), uint64(0), uint64(0)
	parts, seen, latin := 0, 0, 0
	for i := 0; i < len(s); {
		r, w := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, w = utf8.DecodeRune(s[i:])
		}
		i += w
		if r == '(' || r == '（' || r == '[' || r == '【' {
			if n > 0 {
				break
			}
			continue
		}
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0xC0 && r < 0x250 || r >= 'Ａ' && r <= 'ｚ' {
			latin++
			continue
		}
		c := t.char(r)
		if c == 0 {
			if n > 0 && seen > 0 {
				parts++
				if parts == 1 {
					firstPart = part
				}
				seen = 0
			}
			continue
		}
		seen++
		if n < 4 {
			out |= name(c) << (16 * n)
		}
		n++
		part = mix(part ^ uint64(c))
		all = mix(all ^ uint64(c))
	}
	switch {
	case n == 0 && latin > 1:
		return latinName(string(s))
	case latin > 0 && n == 1 && out == lost:
		return latinName(string(s))
	case n == 0:
		return 0
	case n == 1 && out == lost || n == 2 && out == lost<<16|lost || n == 3 && out == lost<<32|lost<<16|lost:
		return 0
	case n <= 4 && out>>48 != 0xFFFF:
		return out
	}
	if parts == 0 {
		firstPart = all
	}
	return longName | name(all>>32)<<16 | name(firstPart>>48)
}

// latinName reads a name in Latin letters: as Chinese syllables where it can be, family name first as passports have it.
func latinName(s string) name {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'ａ' && r <= 'ｚ':
			r += 'a' - 'ａ'
		case strings.ContainsRune("āáǎàăâ", r):
			r = 'a'
		case strings.ContainsRune("ēéěèĕê", r):
			r = 'e'
		case strings.ContainsRune("īíǐìĭî", r):
			r = 'i'
		case strings.ContainsRune("ōóǒòŏô", r):
			r = 'o'
		case strings.ContainsRune("ūúǔùŭû", r):
			r = 'u'
		case strings.ContainsRune("üǖǘǚǜ", r):
			r = 'v'
		case r >= 'a' && r <= 'z':
		default:
			r = ' '
		}
		b.WriteRune(r)
	}
	words := strings.Fields(b.String())
	if len(words) > 4 {
		return 0
	}
	var syllables []uint16
	for _, w := range words {
		part := syllabify(w)
		if part == nil {
			h := uint64(0)
			for _, w := range words {
				h = mix(h ^ hashText([]byte(w)))
			}
			return longName | name(h>>32)<<16 | name(hashText([]byte(words[0]))>>48)
		}
		syllables = append(syllables, part...)
	}
	if len(syllables) < 2 || len(syllables) > 4 {
		return 0
	}
	var out name
	for i, s := range syllables {
		out |= name(soundBase+s) << (16 * i)
	}
	return out
}

// syllabify divides letters into the fewest syllables.
func syllabify(w string) []uint16 {
	if len(w) > 24 {
		return nil
	}
	t := chars()
	best := make([][]uint16, len(w)+1)
	best[0] = []uint16{}
	for i := range len(w) {
		if best[i] == nil {
			continue
		}
		for l := 1; l <= 6 && i+l <= len(w); l++ {
			s := w[i : i+l]
			n, ok := t.number[s]
			if !ok && strings.HasSuffix(s, "ue") {
				n, ok = t.number[strings.TrimSuffix(s, "ue")+"ve"]
			}
			if !ok && s == "yv" {
				n, ok = t.number["yu"]
			}
			if ok && l == 1 && s != "a" && s != "e" && s != "o" {
				continue
			}
			if ok && (best[i+l] == nil || len(best[i])+1 < len(best[i+l])) {
				best[i+l] = append(append([]uint16{}, best[i]...), n)
			}
		}
	}
	return best[len(w)]
}

// Levels of agreement between two names.
const (
	nameMissing = iota
	nameEqual
	nameAlias     // equal to a former name
	nameGap       // equal where it can be read
	nameSound     // read alike
	nameShape     // one look-alike character
	nameOneOff    // one other character in the given name
	nameDropped   // one character of the given name missing
	nameTurned    // characters of the given name exchanged
	nameFamilyOff // given name equal, family name not
	nameFamily    // family name only
	nameOther
	nameLatin // sounds equal, one side is written in Latin letters
	nameLevels
)

// compareNames gives the level and, for the levels that agree in part, log2 of how frequent the agreeing part is among
// people.
func (m *Model) compareNames(a, b name, c *memo) (level uint8, freq float32) {
	switch {
	case a == 0 || b == 0:
		return nameMissing, 0
	case a == b:
		gap, _ := a.has()
		if !gap {
			return nameEqual, m.Names.remembered(a, c)
		}
		return nameGap, m.Names.parts(a, a)
	case a.long() || b.long():
		if a.long() && b.long() && a.whole() == b.whole() {
			return nameEqual, m.Names.remembered(a, c)
		}
		if a.long() && b.long() && a&0xFFFF == b&0xFFFF {
			return nameFamily, -8
		}
		return nameOther, 0
	}
	t := chars()
	na, nb := a.size(), b.size()
	sa, sb := a.surname(), b.surname()
	if na == nb {
		diff, gaps, alike, at := 0, 0, 0, 0
		for i := range na {
			x, y := a.at(i), b.at(i)
			if x == y && x != lost {
				continue
			}
			if x == lost || y == lost {
				gaps++
				continue
			}
			diff++
			at = i
			if i == 0 && sa == 1 && sb == 1 {
				if t.surnamesAlike(x, y) {
					alike++
				}
			} else if t.alike(x, y) {
				alike++
			}
		}
		switch {
		case diff == 0:
			return nameGap, m.Names.parts(a, b)
		case diff == alike && gaps == 0:
			_, la := a.has()
			if _, lb := b.has(); la || lb {
				return nameLatin, m.Names.parts(a, b)
			}
			return nameSound, m.Names.parts(a, b)
		case diff == 1 && gaps == 0 && at >= sa:
			l := uint8(nameOneOff)
			if t.similar(a.at(at), b.at(at)) {
				l = nameShape
			}
			return l, m.Names.parts(a, b)
		case diff == 2 && gaps == 0 && na == 3 && sa == 1 && sb == 1 && a.at(1) == b.at(2) && a.at(2) == b.at(1):
			return nameTurned, m.Names.parts(a, a) + 1
		}
	}
	if d := na - nb; d == 1 || d == -1 {
		l, s := a, b
		if d < 0 {
			l, s = b, a
		}
		if l.size() >= 3 || s.size() >= 2 {
			for i := 1; i < l.size(); i++ {
				cut := l&(1<<(16*i)-1) | l>>(16*(i+1))<<(16*i)
				if cut == s {
					return nameDropped, m.Names.parts(s, s) + 1
				}
			}
		}
	}
	if sa == sb && a.family() == b.family() && a.family() != lost {
		return nameFamily, m.Names.familyOf(a.family())
	}
	if a.given() == b.given() && a.given() != lost {
		if g := a.given().size(); g >= 2 {
			return nameFamilyOff, m.Names.givenParts(a, b)
		}
	}
	return nameOther, 0
}

func (t *charTables) surnamesAlike(a, b uint16) bool {
	return t.family[a] != 0 && t.family[a] == t.family[b]
}

func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func hashText(s []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range s {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return mix(h)
}
