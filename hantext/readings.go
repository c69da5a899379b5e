package hantext

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"
)

// bareSound strips the tone from one syllable in any spelling: tone marks composed or combining, tone digit 0–5,
// ü as ü, v or u:, script ɡ and ɑ, full-width letters. Capitals are not accepted: readings are written small, names
// and abbreviations are not.
func bareSound(word string) (sound string, toned, ok bool) {
	var b strings.Builder
	letters := 0
	for _, r := range norm.NFD.String(word) {
		if r >= 'ａ' && r <= 'ｚ' {
			r -= 'ａ' - 'a'
		}
		switch {
		case toneDigitSeen(b.String()):
			return "", false, false
		case r >= 'a' && r <= 'z':
			b.WriteRune(r)
			letters++
		case r == 'ɡ':
			b.WriteByte('g')
			letters++
		case r == 'ɑ':
			b.WriteByte('a')
			letters++
		case r == 0x300 || r == 0x301 || r == 0x304 || r == 0x30C || r == 0x306:
			toned = true
		case r == 0x302 || r == '\'' || r == '’': // ê; xī'ān
		case (r == 0x308 || r == ':') && strings.HasSuffix(b.String(), "u"):
			kept := strings.TrimSuffix(b.String(), "u")
			b.Reset()
			b.WriteString(kept + "v")
		case r >= '0' && r <= '5' && letters > 0:
			toned = true
			b.WriteRune(r)
		default:
			return "", false, false
		}
	}
	sound = strings.TrimRight(b.String(), "012345")
	if letters < 1 || letters > 24 {
		return "", false, false
	}
	return plainU(sound), toned, true
}

func toneDigitSeen(s string) bool { return s != "" && s[len(s)-1] <= '9' }

// plainU writes ü as u: sites differ in how they write lü and nü, and no character is read both ways at once so that
// it would matter here.
func plainU(sound string) string { return strings.ReplaceAll(sound, "v", "u") }

// readings lists the readings of r without tones (go-pinyin, heteronyms included).
func readings(r rune) []string {
	entry, ok := pinyin.PinyinDict[int(r)]
	if !ok {
		return nil
	}
	var list []string
	for _, one := range strings.Split(entry, ",") {
		if sound, _, ok := bareSound(strings.TrimSpace(one)); ok {
			list = append(list, sound)
		}
	}
	return list
}

// loadSyllables gathers every syllable that some character has.
var loadSyllables = sync.OnceValue(func() map[string]bool {
	all := make(map[string]bool, 512)
	for r := range pinyin.PinyinDict {
		for _, s := range readings(rune(r)) {
			all[s] = true
		}
	}
	return all
})

// surnames are initials of characters that are read differently as a family name.
var surnames = map[rune]byte{
	'单': 's', '仇': 'q', '区': 'o', '解': 'x', '查': 'z', '曾': 'z', '乐': 'y', '朴': 'p', '盖': 'g', '繁': 'p', '洗': 'x', '冼': 'x', '尉': 'w',
	'员': 'y', '秘': 'b', '种': 'c', '折': 's', '黑': 'h', '召': 's', '重': 'c', '缪': 'm', '覃': 'q', '能': 'n', '翟': 'z', '牟': 'm', '隗': 'w',
	'祭': 'z', '句': 'g', '不': 'f', '任': 'r', '华': 'h', '燕': 'y', '宁': 'n', '应': 'y', '卜': 'b', '长': 'c', '车': 'c', '适': 'k', '那': 'n', '逄': 'p',
}

// spellings are initials of whole words, mostly names of places, whose characters are commonly read otherwise.
var spellings = map[string]string{
	"万俟": "mq", "尉迟": "yc", "单于": "cy", "澹台": "tt", "长孙": "zs", "重庆": "cq", "长子": "zz", "长春": "cc", "长沙": "cs", "长治": "cz",
	"长葛": "cg", "长垣": "cy", "长兴": "cx", "长乐": "cl", "长宁": "cn", "长丰": "cf", "长汀": "ct", "长武": "cw", "长安": "ca", "长岭": "cl", "长寿": "cs",
	"长泰": "ct", "长顺": "cs", "长阳": "cy", "长清": "cq", "长白": "cb", "长海": "ch", "长江": "cj", "长城": "cc", "长期": "cq", "厦门": "xm", "六安": "la",
	"六合": "lh", "乐清": "yq", "乐亭": "lt", "乐山": "ls", "乐昌": "lc", "台州": "tz", "番禺": "py", "东阿": "de", "单县": "sx", "莘县": "sx", "浚县": "xx",
	"洪洞": "ht", "尉犁": "yl", "铅山": "qs", "歙县": "sx", "枞阳": "zy", "大埔": "db", "朝阳": "cy", "银行": "yh", "行政": "xz", "会计": "kj", "什邡": "sf",
	"西藏": "xz", "成都": "cd", "都匀": "dy", "解放": "jf", "调查": "dc", "检查": "jc", "督察": "dc", "重要": "zy", "石柱": "sz", "百色": "bs", "蔚县": "yx",
}

// Initials gives the first letters of the readings, for pickers: 李婷 → lt, 重庆市 → cqs. The first character is read
// as a family name where it is one; letters and digits stay (in small letters), marks and blanks go, and characters
// without a known reading are kept as they are, never dropped.
func Initials(s string) string {
	in := []rune(Simplify(norm.NFKC.String(s)))
	var b strings.Builder
	for i := 0; i < len(in); {
		if word, letters := spelling(in[i:]); letters != "" {
			b.WriteString(letters)
			i += word
			continue
		}
		r := in[i]
		first := i == 0
		i++
		letter, family := surnames[r]
		switch {
		case first && family && len(in) <= 4:
			b.WriteByte(letter)
		case isHan(r):
			if list := readings(r); len(list) > 0 {
				b.WriteByte(list[0][0])
			} else {
				b.WriteRune(r)
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

func spelling(in []rune) (length int, letters string) {
	if len(in) < 2 {
		return 0, ""
	}
	return 2, spellings[string(in[:2])]
}

// SameSound reports whether two characters share a reading, tone aside: 玮 and 伟, 雯 and 文. Both must have one.
func SameSound(a, b rune) bool {
	if a == b {
		return true
	}
	other := readings(b)
	for _, s := range readings(a) {
		if slices.Contains(other, s) {
			return true
		}
	}
	return false
}
