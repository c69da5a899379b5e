package hantext

import (
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// overlay holds two-byte codes that x/text turns into U+FFFD without an error (golang/go#62063), although
// GB 18030-2022 (and 2005 for ḿ) assigns them; people's names use some of them.
var overlay = map[uint16]rune{
	0xA6D9: 0xFE10, 0xA6DA: 0xFE12, 0xA6DB: 0xFE11, 0xA6DC: 0xFE13, 0xA6DD: 0xFE14, 0xA6DE: 0xFE15, 0xA6DF: 0xFE16,
	0xA6EC: 0xFE17, 0xA6ED: 0xFE18, 0xA6F3: 0xFE19, 0xA8BC: 0x1E3F,
	0xFE59: 0x9FB4, 0xFE61: 0x9FB5, 0xFE66: 0x9FB6, 0xFE67: 0x9FB7, 0xFE6D: 0x9FB8, 0xFE7E: 0x9FB9, 0xFE90: 0x9FBA, 0xFEA0: 0x9FBB,
	0xFE51: 0x20087, 0xFE52: 0x20089, 0xFE53: 0x200CC, 0xFE6C: 0x215D7, 0xFE76: 0x2298F, 0xFE91: 0x241FE,
}

const trails = 190 // 0x40–0x7E and 0x80–0xFE

// gbTable is the two-byte part of GB 18030 both ways; 0 marks an unassigned code.
type gbTable struct {
	runes [126 * trails]rune
	codes map[rune]uint16
}

var loadGB = sync.OnceValue(func() *gbTable {
	t := &gbTable{codes: make(map[rune]uint16, 24000)}
	dec := simplifiedchinese.GB18030.NewDecoder()
	row := make([]byte, 0, 2*trails)
	for lead := 0x81; lead <= 0xFE; lead++ {
		row = row[:0]
		for k := range trails {
			row = append(row, byte(lead), trailByte(k))
		}
		text, err := dec.Bytes(row)
		if err != nil || utf8.RuneCount(text) != trails {
			text = nil // never with the pinned x/text; the overlay and private areas still work
		}
		k := 0
		for _, r := range string(text) {
			if r != utf8.RuneError {
				t.set(uint16(lead)<<8|uint16(trailByte(k)), r)
			}
			k++
		}
	}
	for code, r := range overlay {
		t.set(code, r)
	}
	return t
})

func (t *gbTable) set(code uint16, r rune) {
	t.runes[(int(code>>8)-0x81)*trails+trailIndex(byte(code))] = r
	t.codes[r] = code
}

func trailByte(k int) byte {
	if k < 63 {
		return byte(0x40 + k)
	}
	return byte(0x80 + k - 63)
}

func trailIndex(b byte) int {
	if b < 0x7F {
		return int(b) - 0x40
	}
	return int(b) - 0x80 + 63
}

// privateGB maps the user-defined areas (AAA1–AFFE, F8A1–FEFE, A140–A7A0) to U+E000–U+E765 as the standard says:
// a home-made character is kept as a private one and not lost.
func privateGB(lead, trail byte) rune {
	switch {
	case lead >= 0xAA && lead <= 0xAF && trail >= 0xA1:
		return 0xE000 + rune(lead-0xAA)*94 + rune(trail-0xA1)
	case lead >= 0xF8 && lead <= 0xFE && trail >= 0xA1:
		return 0xE234 + rune(lead-0xF8)*94 + rune(trail-0xA1)
	case lead >= 0xA1 && lead <= 0xA7 && trail >= 0x40 && trail <= 0xA0 && trail != 0x7F:
		return 0xE4C6 + rune(lead-0xA1)*96 + rune(trailIndex(trail))
	}
	return 0
}

// damage says how many places of an input could not be decoded and where the first one is (-1: none).
type damage struct {
	broken int
	first  int
}

func (d *damage) at(offset int) {
	if d.broken == 0 {
		d.first = offset
	}
	d.broken++
}

// decodeGB reads GB 18030 byte by byte, so that every broken place is seen, counted and located.
func decodeGB(b []byte) (string, damage) {
	t := loadGB()
	d := damage{first: -1}
	var out strings.Builder
	out.Grow(len(b) + len(b)/2)
	for i := 0; i < len(b); {
		c := b[i]
		if c < 0x80 {
			out.WriteByte(c)
			i++
			continue
		}
		r, size := t.next(b[i:])
		if r == utf8.RuneError {
			d.at(i)
			if d.broken <= maxResync {
				size = t.resync(b[i:], size)
			}
		}
		out.WriteRune(r)
		i += size
	}
	return out.String(), d
}

// maxResync bounds the work spent on hostile input; real damage is rare.
const maxResync = 2000

// resync decides where to go on after a broken place. A lost or extra byte would otherwise shift every pair up to
// the next ASCII character, so of the next few starting points the one that reads best is taken.
func (t *gbTable) resync(b []byte, size int) int {
	best, bestScore := size, -1<<30
	for skip := size; skip <= size+2 && skip <= len(b); skip++ {
		if skip > 0 && b[skip-1] < 0x80 {
			break // never swallow ASCII
		}
		var ahead strings.Builder
		for i, n := skip, 0; i < len(b) && n < 12 && b[i] >= 0x80; n++ {
			r, width := t.next(b[i:])
			ahead.WriteRune(r)
			i += width
		}
		if s := score(ahead.String()) - (skip - size); s > bestScore {
			best, bestScore = skip, s
		}
	}
	return best
}

func (t *gbTable) next(b []byte) (rune, int) {
	lead := b[0]
	if lead == 0x80 {
		return '€', 1 // code page 936
	}
	if lead == 0xFF || len(b) < 2 {
		return utf8.RuneError, 1
	}
	trail := b[1]
	if trail >= 0x40 && trail != 0x7F && trail != 0xFF {
		if r := t.runes[(int(lead)-0x81)*trails+trailIndex(trail)]; r != 0 {
			return r, 2
		}
		if r := privateGB(lead, trail); r != 0 {
			return r, 2
		}
		return utf8.RuneError, 2
	}
	if isDigit(trail) && len(b) >= 4 && b[2] >= 0x81 && b[2] <= 0xFE && isDigit(b[3]) {
		if text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b[:4]); err == nil {
			if r, size := utf8.DecodeRune(text); size == len(text) && r != utf8.RuneError {
				return r, 4
			}
		}
		return utf8.RuneError, 4
	}
	return utf8.RuneError, 1
}

func isDigit[T byte | rune](c T) bool { return c >= '0' && c <= '9' }

// isCommonHan tells whether r, simplified, is one of the 3,755 characters of GB 2312 level 1. Real prose consists
// of them almost wholly; wrongly decoded bytes do not.
func isCommonHan(r rune) bool {
	code := loadGB().codes[loadConversion().fold(r)]
	return code >= 0xB0A1 && code <= 0xD7F9 && code&0xFF >= 0xA1
}
