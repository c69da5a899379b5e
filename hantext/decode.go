package hantext

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/traditionalchinese"
)

// MaxInput is the largest input that Decode and Clean accept. A published text is a few kilobytes; 16 MiB leaves
// room for whole collections and still bounds memory.
const MaxInput = 16 << 20

// ErrBinary is the cause of refusing an input that is no text, ErrTooLarge of one above MaxInput, ErrMarkup of an HTML
// page that no browser would build (nested hundreds deep).
var (
	ErrBinary   = errors.New("input is not text")
	ErrTooLarge = errors.New("input is too large")
	ErrMarkup   = errors.New("page cannot be read")
)

// InputError is a refused input: what it seems to be and the byte offset that shows it.
type InputError struct {
	Cause  error  // ErrBinary, ErrTooLarge or ErrMarkup
	What   string // e.g. "zip archive or .docx/.xlsx", "NUL byte", "16777217 bytes"
	Offset int
}

// Error names cause, kind and place.
func (e *InputError) Error() string {
	return fmt.Sprintf("%v: %s at byte %d", e.Cause, e.What, e.Offset)
}

// Unwrap gives the cause to errors.Is.
func (e *InputError) Unwrap() error { return e.Cause }

// Encoding tells how an input was read.
type Encoding struct {
	Name        string   `json:"name"`               // utf-8, utf-16le, utf-16be, gb18030, big5, mixed, or the label declared
	BOM         bool     `json:"bom,omitempty"`      // a byte order mark was there
	Declared    string   `json:"declared,omitempty"` // charset label found in HTML
	Repaired    []string `json:"repaired,omitempty"` // wrong readings undone, e.g. "utf-8 as windows-1252"
	Undecodable int      `json:"undecodable"`        // places that came out as U+FFFD
	FirstBroken int      `json:"first_broken"`       // byte offset of the first such place, -1 when there is none
}

// Decode turns bytes of unknown origin into text. It tries, in this order: byte order marks, the NUL pattern of
// UTF-16, valid UTF-8, the charset an HTML page declares, and then, line by line, whichever of UTF-8, GB 18030 and
// Big5 reads better; afterwards doubled encodings are undone where the result is clearly better.
// Line ends are left as they are. The error is an *InputError; info is filled as far as known in every case.
func Decode(raw []byte) (text string, info Encoding, err error) {
	info = Encoding{Name: "utf-8", FirstBroken: -1}
	if len(raw) > MaxInput {
		return "", info, &InputError{ErrTooLarge, fmt.Sprintf("%d bytes, limit %d", len(raw), MaxInput), MaxInput}
	}
	if what := magic(raw); what != "" {
		info.FirstBroken = 0
		return "", info, &InputError{ErrBinary, what, 0}
	}
	body, start := raw, 0
	switch {
	case bytes.HasPrefix(raw, []byte("\xEF\xBB\xBF")):
		info.BOM, body, start = true, raw[3:], 3
	case bytes.HasPrefix(raw, []byte("\xFF\xFE")), bytes.HasPrefix(raw, []byte("\xFE\xFF")):
		info.BOM = true
		return decodeUTF16(raw[2:], 2, raw[0] == 0xFE, info)
	default:
		if order, ok := guessUTF16(raw); ok {
			return decodeUTF16(raw, 0, order, info)
		}
	}
	if offset, what := firstControl(body); what != "" {
		info.FirstBroken = start + offset
		return "", info, &InputError{ErrBinary, what, start + offset}
	}
	info.Declared = declaredCharset(body)
	text, d := decodeBytes(body, &info)
	if d.broken > 0 {
		info.FirstBroken = start + d.first
	}
	text, info, err = finish(text, info)
	info.FirstBroken = min(info.FirstBroken, len(raw)-1)
	return text, info, err
}

// finish undoes doubled encodings and counts what stayed unreadable.
func finish(text string, info Encoding) (string, Encoding, error) {
	text, info.Repaired = repairMojibake(text)
	info.Undecodable = strings.Count(text, "\uFFFD")
	if info.Undecodable == 0 {
		info.FirstBroken = -1
	} else if info.FirstBroken < 0 {
		info.FirstBroken = strings.IndexRune(text, utf8.RuneError)
		if info.BOM && info.Name == "utf-8" {
			info.FirstBroken += 3
		}
	}
	return text, info, nil
}

var signatures = []struct{ head, what string }{
	{"PK\x03\x04", "zip archive or .docx/.xlsx"}, {"\xD0\xCF\x11\xE0", "old Office document (.doc/.xls/.wps)"}, {"%PDF-", "PDF"},
	{"\x89PNG", "PNG picture"}, {"\xFF\xD8\xFF", "JPEG picture"}, {"GIF8", "GIF picture"}, {"\x1F\x8B", "gzip archive"},
	{"Rar!\x1A", "RAR archive"}, {"7z\xBC\xAF\x27", "7-Zip archive"}, {"\x7FELF", "program"}, {"{\\rtf", "RTF document"},
}

func magic(raw []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(raw, []byte(s.head)) {
			return s.what
		}
	}
	return ""
}

// guessUTF16 looks at the NUL pattern: ASCII characters and line ends of UTF-16 leave NULs at one parity only.
// Text without a single ASCII character shows itself by high bytes 4E–9F at one parity.
func guessUTF16(raw []byte) (bigEndian, ok bool) {
	n := min(len(raw), 64<<10) &^ 1
	if n < 4 {
		return false, false
	}
	var nul, han [2]int
	for i, c := range raw[:n] {
		switch {
		case c == 0:
			nul[i&1]++
		case c >= 0x4E && c <= 0x9F:
			han[i&1]++
		}
	}
	half := n / 2
	for parity := range 2 {
		text := nul[parity] + han[parity]
		if nul[parity] > 0 && nul[1-parity] == 0 && text*10 >= half*6 {
			return parity == 0, true
		}
		// No NUL at all: demand a long, clear pattern, for single-byte text has 4E–9F at both parities.
		if nul[0]+nul[1] == 0 && half >= 8 && han[parity]*10 >= half*8 && han[1-parity]*10 <= half*5 && !utf8.Valid(raw[:n]) {
			return parity == 0, true
		}
	}
	return false, false
}

func decodeUTF16(b []byte, start int, bigEndian bool, info Encoding) (string, Encoding, error) {
	info.Name = "utf-16le"
	if bigEndian {
		info.Name = "utf-16be"
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		lo, hi := b[2*i], b[2*i+1]
		if bigEndian {
			lo, hi = hi, lo
		}
		units[i] = uint16(hi)<<8 | uint16(lo)
		if units[i] == 0 {
			info.FirstBroken = start + 2*i
			return "", info, &InputError{ErrBinary, "NUL character", info.FirstBroken}
		}
	}
	for i := 0; i < len(units) && info.FirstBroken < 0; i++ {
		switch {
		case utf16.IsSurrogate(rune(units[i])) && i+1 < len(units) && utf16.DecodeRune(rune(units[i]), rune(units[i+1])) != utf8.RuneError:
			i++
		case utf16.IsSurrogate(rune(units[i])), units[i] == 0xFFFD:
			info.FirstBroken = start + 2*i
		}
	}
	text := string(utf16.Decode(units))
	if len(b)%2 == 1 {
		text += "\uFFFD"
		if info.FirstBroken < 0 {
			info.FirstBroken = start + len(b) - 1
		}
	}
	if offset, what := firstControl([]byte(text)); what != "" {
		info.FirstBroken = start + 2*utf8.RuneCountInString(text[:offset])
		return "", info, &InputError{ErrBinary, what, info.FirstBroken}
	}
	return finish(text, info)
}

// firstControl refuses NULs and more control characters than stray cell marks of a word processor explain.
func firstControl(b []byte) (offset int, what string) {
	count, first := 0, -1
	for i, c := range b {
		if c == 0 {
			return i, "NUL byte"
		}
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\v' || c == 0x7F {
			if first < 0 {
				first = i
			}
			count++
		}
	}
	if count > max(2, len(b)/200) {
		return first, fmt.Sprintf("%d control characters, the first", count)
	}
	return -1, ""
}

var charsetLabel = lazily(`(?i)(?:<meta[^>]{0,200}?charset\s*=\s*["']?|<\?xml[^>]{0,100}?encoding\s*=\s*["'])([-_a-z0-9]{2,20})`)

func declaredCharset(b []byte) string {
	if m := charsetLabel().FindSubmatch(b[:min(len(b), 4096)]); m != nil {
		return strings.ToLower(string(m[1]))
	}
	return ""
}

// decodeBytes chooses between the encodings of bytes without NULs.
func decodeBytes(b []byte, info *Encoding) (string, damage) {
	if utf8.Valid(b) {
		return string(b), damage{first: -1}
	}
	if text, ok := decodeDeclared(b, info.Declared); ok {
		info.Name = info.Declared
		return text, damage{first: -1}
	}
	text, name, d := decodeLines(b)
	info.Name = name
	// Big5 is rare in our material: it must read clearly better before it is believed.
	if name == "gb18030" {
		if big5, err := traditionalchinese.Big5.NewDecoder().Bytes(b); err == nil {
			better := string(big5)
			if s := score(better); s > 0 && s > score(text)+len(b)/16+2 {
				info.Name = "big5"
				return better, brokenBig5(better)
			}
		}
	}
	return text, d
}

// brokenBig5 locates the first unreadable place by the length of what was read before it.
func brokenBig5(text string) damage {
	at := strings.IndexRune(text, utf8.RuneError)
	if at < 0 {
		return damage{first: -1}
	}
	before, err := traditionalchinese.Big5.NewEncoder().Bytes([]byte(text[:at]))
	if err != nil {
		return damage{broken: 1}
	}
	return damage{broken: 1, first: len(before)}
}

// decodeDeclared follows the label of an HTML page when it names another family than UTF-8 and GB and decodes cleanly.
func decodeDeclared(b []byte, label string) (string, bool) {
	if label == "" || strings.HasPrefix(label, "gb") || strings.HasPrefix(label, "utf") || strings.HasPrefix(label, "iso-8859") || strings.HasPrefix(label, "windows") {
		return "", false
	}
	enc, err := htmlindex.Get(label)
	if err != nil {
		return "", false
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) || score(string(out)) <= 0 {
		return "", false
	}
	return string(out), true
}

// decodeLines reads every line in the better of UTF-8 and GB 18030: copies pasted together from two sources
// hold both. Lines that say nothing follow the majority.
func decodeLines(b []byte) (text, name string, d damage) {
	type line struct {
		start, end int
		margin     int // > 0: UTF-8 reads better
	}
	var lines []line
	total, utf, gb := 0, 0, 0
	for start := 0; start < len(b); {
		end := start + bytes.IndexByte(b[start:], '\n') + 1
		if end == start {
			end = len(b)
		}
		part := b[start:end]
		margin := 0
		if !isASCII(part) {
			asUTF, _ := decodeUTF8(part)
			asGB, _ := decodeGB(part)
			margin = score(asUTF) - score(asGB)
			total += margin
		}
		lines = append(lines, line{start, end, margin})
		start = end
	}
	d.first = -1
	var out strings.Builder
	out.Grow(len(b) + len(b)/2)
	for _, l := range lines {
		part := b[l.start:l.end]
		read := decodeGB
		const weak = 2 // a lone no-break space reads as a common character in the other encoding
		if l.margin > weak || l.margin >= -weak && total > 0 {
			read = decodeUTF8
		}
		if l.margin > weak {
			utf++
		} else if l.margin < -weak {
			gb++
		}
		s, dl := read(part)
		if dl.broken > 0 && d.broken == 0 {
			d.first = l.start + dl.first
		}
		d.broken += dl.broken
		out.WriteString(s)
	}
	switch {
	case utf > 0 && gb > 0:
		name = "mixed"
	case total > 0:
		name = "utf-8"
	default:
		name = "gb18030"
	}
	return out.String(), name, d
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// decodeUTF8 reads UTF-8 with one U+FFFD for each broken sequence (maximal subpart, as browsers do).
func decodeUTF8(b []byte) (string, damage) {
	d := damage{first: -1}
	var out strings.Builder
	out.Grow(len(b))
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r != utf8.RuneError || size > 1 {
			out.WriteRune(r)
			i += size
			continue
		}
		d.at(i)
		out.WriteRune(utf8.RuneError)
		i += brokenLength(b[i:])
	}
	return out.String(), d
}

// brokenLength is the length of a truncated sequence at the head of b: a lead byte and what rightly continues it.
func brokenLength(b []byte) int {
	want := 0
	switch c := b[0]; {
	case c >= 0xC2 && c <= 0xDF:
		want = 1
	case c >= 0xE0 && c <= 0xEF:
		want = 2
	case c >= 0xF0 && c <= 0xF4:
		want = 3
	}
	n := 1
	for n <= want && n < len(b) && b[n]&0xC0 == 0x80 {
		n++
	}
	return n
}
