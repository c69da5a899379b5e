package hantext

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// plainRanges are the characters that nearly every text of ours is written in.
var plainRanges = [][2]rune{{0x09, 0x7E}, {0xB7, 0xB7}, {0x2000, 0x206F}, {0x3000, 0x303F}, {0x4E00, 0x9FFF}, {0xFF01, 0xFF5E}}

// loadPlain gives for each character what normalising makes of it wherever it stands; 0 where that depends on its
// neighbours, or was never asked.
var loadPlain = sync.OnceValue(func() *[0x10000]uint16 {
	c, table := loadConversion(), new([0x10000]uint16)
	// What is converted in simplified writing too: by itself, or in a phrase.
	bent := map[rune]bool{}
	for _, r := range convertedAlways {
		bent[r] = true
	}
	for r, list := range c.phrases {
		for _, p := range list {
			bent[r] = bent[r] || p.always
		}
	}
	for _, span := range plainRanges {
		for r := span[0]; r <= span[1]; r++ {
			s := string(r)
			to, n := utf8.DecodeRuneInString(norm.NFKC.String(s))
			if !norm.NFKC.PropertiesString(s).BoundaryBefore() || n != len(norm.NFKC.String(s)) || c.fold(to) != to || bent[to] {
				continue
			}
			if to = unicode.ToLower(to); to <= 0xFFFF {
				table[r] = uint16(to)
			}
		}
	}
	return table
})

// normalizePlain is normalize for a text of characters whose neighbours do not matter: most texts are, and one pass
// over them is enough.
func normalizePlain(s string) (string, bool) {
	table := loadPlain()
	changed := false
	for _, r := range s {
		if r > 0xFFFF || table[r] == 0 {
			return "", false
		}
		changed = changed || table[r] != uint16(r)
	}
	if !changed {
		return s, true
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		b.WriteRune(rune(table[r]))
	}
	return b.String(), true
}
