package hantext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// score says how much a text looks like Chinese prose: common characters and punctuation count for it; rare
// characters, accented Latin, private and broken ones against it.
func score(s string) int {
	sum := 0
	for _, r := range s {
		switch {
		case r < 0x80:
		case r == utf8.RuneError:
			sum -= 4
		case r >= 0x3000 && r <= 0x301F || r >= 0xFF01 && r <= 0xFF5E || strings.ContainsRune("“”‘’—…·《》", r):
			sum++
		case unicode.Is(unicode.Han, r):
			if isCommonHan(r) {
				sum++
			} else {
				sum--
			}
		case r >= 0xE000 && r <= 0xF8FF:
			sum -= 2
		default:
			sum--
		}
	}
	return sum
}

// layers are the wrong readings that are undone, in the order of trial.
var layers = []struct {
	name string
	undo func(string, func(string) bool) (string, bool)
}{
	{"utf-8 as windows-1252", func(s string, ok func(string) bool) (string, bool) { return undoLatin(s, decodeUTF8, ok) }},
	{"gb18030 as windows-1252", func(s string, ok func(string) bool) (string, bool) { return undoLatin(s, decodeGB, ok) }},
	{"utf-8 as gb18030", undoGB},
}

// repairMojibake undoes doubled encodings line by line, at most three layers deep, and only where the result is
// clearly better. It returns the names of the layers found.
func repairMojibake(text string) (string, []string) {
	if isASCII([]byte(text)) {
		return text, nil
	}
	var lines []string
	found := map[string]bool{}
	var names []string
	for line := range strings.Lines(text) {
		for n := 0; n < 3 && suspicious(line); n++ {
			fixed, name := undoOne(line, nil)
			if name == "" {
				break
			}
			line = fixed
			if !found[name] {
				found[name] = true
				names = append(names, name)
			}
		}
		lines = append(lines, line)
	}
	if names == nil {
		return text, nil
	}
	// Lines with little to judge by (a lone full stop) follow the rest of the document.
	for i, line := range lines {
		if isASCII([]byte(line)) {
			continue
		}
		lines[i], _ = undoOne(line, found)
	}
	return strings.Join(lines, ""), names
}

// undoOne tries the layers in turn; the first whose result is better and clearly Chinese is taken. With found given,
// only these layers are tried, and being better, or nothing but blanks, is enough.
func undoOne(line string, found map[string]bool) (string, string) {
	before := score(line)
	for _, layer := range layers {
		if found != nil && !found[layer.name] {
			continue
		}
		fixed, ok := layer.undo(line, func(s string) bool { return found != nil || clearlyChinese(s) })
		if !ok {
			continue
		}
		blank := found != nil && strings.TrimSpace(fixed) == ""
		if blank || score(fixed) > before && (found != nil || clearlyChinese(fixed)) {
			return fixed, layer.name
		}
	}
	return line, ""
}

// suspicious is the cheap gate: two neighbouring characters of the Latin-1 kind (wrongly read Chinese comes in rows of
// them; accented words and toned readings do not), or Han of which hardly half is common.
func suspicious(s string) bool {
	latin, han, common := false, 0, 0
	row := 0
	for _, r := range s {
		switch {
		case r < 0x80:
			row = 0
		case r <= 0xFF || strings.ContainsRune("€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œž", r):
			row++
			latin = latin || row >= 2 && !strings.ContainsRune("…‘’“”—•–·×°÷\u00A0", r)
		case unicode.Is(unicode.Han, r):
			row = 0
			han++
			if isCommonHan(r) {
				common++
			}
		default:
			row = 0
		}
	}
	return latin || han >= 2 && common*10 < han*6
}

// clearlyChinese wants a result of common characters with few lost ones.
func clearlyChinese(s string) bool {
	han, common, lost := 0, 0, strings.Count(s, "\uFFFD")
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			han++
			if isCommonHan(r) {
				common++
			}
		}
	}
	return han >= 1 && common*10 >= han*7 && lost*3 <= han
}

// undoLatin takes the characters back to the bytes they were read from and reads these rightly. Bytes that
// Windows-1252 leaves undefined come as C1 controls; ISO-8859-1 readers leave all of C1.
func undoLatin(s string, read func([]byte) (string, damage), acceptable func(string) bool) (string, bool) {
	var out strings.Builder
	var run []byte
	var original []rune
	high := 0
	ok := false
	flush := func() {
		fixed := ""
		if high >= 2 {
			fixed = readDeep(run, read)
		}
		if fixed != "" && acceptable(fixed) {
			out.WriteString(fixed)
			ok = true
		} else {
			out.WriteString(string(original))
		}
		run, original, high = run[:0], original[:0], 0
	}
	for _, r := range s {
		b, known := latinByte(r)
		if !known {
			flush()
			out.WriteRune(r)
			continue
		}
		run, original = append(run, b), append(original, r)
		if b >= 0x80 {
			high++
		}
	}
	flush()
	return out.String(), ok
}

// readDeep reads bytes, and where the outcome is itself a wrong reading of the same kind, reads that once or twice more.
func readDeep(raw []byte, read func([]byte) (string, damage)) string {
	fixed, _ := read(raw)
	for range 2 {
		if clearlyChinese(fixed) || !utf8.Valid(raw) {
			break
		}
		next := make([]byte, 0, len(fixed))
		for _, r := range fixed {
			b, known := latinByte(r)
			if !known {
				return fixed
			}
			next = append(next, b)
		}
		deeper, d := read(next)
		if d.broken > 0 && !clearlyChinese(deeper) {
			break
		}
		raw, fixed = next, deeper
	}
	return fixed
}

func latinByte(r rune) (byte, bool) {
	if r < 0x80 || r >= 0x80 && r <= 0xFF {
		return byte(r), true
	}
	return charmap.Windows1252.EncodeRune(r)
}

// undoGB takes a line that is UTF-8 read as GB 18030 back. Odd bytes were lost at the first reading: they show as
// U+FFFD or "?" and stay lost.
func undoGB(s string, _ func(string) bool) (string, bool) {
	t := loadGB()
	raw := make([]byte, 0, len(s))
	for _, r := range s {
		code, ok := t.codes[r]
		switch {
		case r < 0x80:
			raw = append(raw, byte(r))
		case r == '€':
			raw = append(raw, 0x80)
		case ok:
			raw = append(raw, byte(code>>8), byte(code))
		case r >= 0xE000 && r <= 0xE765:
			raw = append(raw, privateBytes(r)...)
		default:
			raw = append(raw, 0xFF)
		}
	}
	fixed, _ := decodeUTF8(raw)
	fixed = strings.ReplaceAll(fixed, "\uFFFD?", "\uFFFD")
	for strings.Contains(fixed, "\uFFFD\uFFFD") {
		fixed = strings.ReplaceAll(fixed, "\uFFFD\uFFFD", "\uFFFD")
	}
	return fixed, true
}

// privateBytes is the inverse of privateGB.
func privateBytes(r rune) []byte {
	switch {
	case r < 0xE234:
		n := r - 0xE000
		return []byte{byte(0xAA + n/94), byte(0xA1 + n%94)}
	case r < 0xE4C6:
		n := r - 0xE234
		return []byte{byte(0xF8 + n/94), byte(0xA1 + n%94)}
	default:
		n := r - 0xE4C6
		return []byte{byte(0xA1 + n/96), trailByte(int(n % 96))}
	}
}
