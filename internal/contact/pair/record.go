package pair

import (
	"math/bits"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"huikan/hantext"
	"huikan/internal/kernel/clock"
)

// Record is what one person wrote about one contact. Only ID must be given; an empty fact is a missing one.
type Record struct {
	ID      string
	Region  string     // region of the unit that recorded it, GB/T 2260: ..0000 province, ....00 prefecture, else county; 000000 or 100000 the nation
	Level   string     // place of the recorder, in any fixed wording (承办检察官, 部门负责人, 院领导)
	On      clock.Date // day of the contact, not of the record
	Name    string     // who made contact: in full, 王某, 王律师, or empty
	Case    string     // case number in full, its last figures (1189号), or empty
	Channel string     // 电话, 微信, 当面 …
	Words   string     // the account
}

// masks stand for a part of a name that was left out.
var masks = []string{"某某某", "某某", "某", "律师", "先生", "女士", "老师", "主任", "**", "*", "×"}

// prepared is a record brought to the forms that are compared.
type prepared struct {
	index    int
	day      int32
	reach    byte  // 'n' national, 'p' provincial, 'c' prefecture, 'u' county
	province int16 // -1 when unknown
	place    int32 // first four digits; -1 when unknown
	region   string
	level    string
	channel  string
	name     []rune // folded, without masks
	full     bool   // the name is whole
	number   string // case number: letters, figures and Han, folded
	serial   string // the figures at its end
	short    bool   // only the last figures were given
	words    string
	gist     [2]uint64 // bigrams of the words without the facts that stand elsewhere
}

func prepare(i int, r Record, f *folder) prepared {
	p := prepared{index: i, day: -1, province: -1, place: -1, region: strings.TrimSpace(r.Region), level: f.fold(r.Level), channel: f.fold(r.Channel), words: f.fold(r.Words)}
	if r.On.Valid() {
		p.day = int32(r.On.Time().Unix() / 86400)
	}
	p.reach, p.province, p.place = locate(p.region)
	p.name, p.full = readName(f.fold(r.Name))
	p.number, p.serial, p.short = readCase(f.fold(r.Case))
	p.gist = f.gist(p)
	return p
}

// locate reads a region code. An unknown one is a place of its own.
func locate(code string) (reach byte, province int16, place int32) {
	if len(code) < 6 {
		return 'u', -1, -1
	}
	n := int32(0)
	for _, c := range code[:6] {
		if c < '0' || c > '9' {
			return 'u', -1, -1
		}
		n = n*10 + (c - '0')
	}
	switch {
	case n == 0 || n == 100000:
		return 'n', 0, 0
	case n%10000 == 0:
		return 'p', int16(n / 10000), n / 100
	case n%100 == 0:
		return 'c', int16(n / 10000), n / 100
	}
	return 'u', int16(n / 10000), n / 100
}

// readName divides a name from the mask behind its surname. A surname alone counts as masked.
func readName(s string) (name []rune, full bool) {
	full = true
	for cut := true; cut; {
		cut = false
		for _, m := range masks {
			if rest, ok := strings.CutSuffix(s, m); ok {
				s, full, cut = rest, false, true
				break
			}
		}
	}
	for _, r := range s {
		if unicode.IsLetter(r) {
			name = append(name, r)
		}
	}
	if len(name) < 2 {
		full = false
	}
	return name, full
}

// readCase finds the serial number at the end of a case number and whether it is all that was given.
func readCase(s string) (number, serial string, short bool) {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	number = strings.TrimSuffix(b.String(), "号")
	end := len(number)
	start := end
	for start > 0 && number[start-1] >= '0' && number[start-1] <= '9' {
		start--
	}
	serial = number[start:end]
	short = serial == number && len(number) <= 6
	return number, serial, short
}

// caseInWords finds a case number in an account: a long row of figures, or one before 号.
func caseInWords(s string) string {
	for i := 0; i < len(s); {
		if s[i] < '0' || s[i] > '9' {
			i++
			continue
		}
		j := i
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		if j-i >= 10 || j-i >= 3 && strings.HasPrefix(s[j:], "号") {
			return s[i:j]
		}
		i = j
	}
	return ""
}

// folder folds strings and remembers them, for the same few words come again and again.
type folder struct{ seen map[string]string }

func (f *folder) fold(s string) string {
	if s == "" {
		return ""
	}
	if plain(s) {
		return s
	}
	if v, ok := f.seen[s]; ok {
		return v
	}
	v := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == '·' || r == '•' || r == '・' {
			return -1
		}
		return r
	}, strings.ToUpper(hantext.Simplify(norm.NFKC.String(s))))
	f.seen[s] = v
	return v
}

func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 || s[i] <= ' ' || s[i] >= 'a' && s[i] <= 'z' {
			return false
		}
	}
	return true
}

// gist is a set of hashed bigrams of the account, without name, number, channel and marks.
func (f *folder) gist(p prepared) (set [2]uint64) {
	last := rune(0)
	for _, r := range p.words {
		if !unicode.Is(unicode.Han, r) || r == '某' {
			last = 0
			continue
		}
		if last != 0 {
			h := (uint64(last)*0x9E3779B97F4A7C15 ^ uint64(r)*0xC2B2AE3D27D4EB4F) * 0xD6E8FEB86659FD93
			h >>= 57
			set[h>>6] |= 1 << (h & 63)
		}
		last = r
	}
	return set
}

func overlap(a, b [2]uint64) (both, either int) {
	for i := range a {
		both += bits.OnesCount64(a[i] & b[i])
		either += bits.OnesCount64(a[i] | b[i])
	}
	return both, either
}
