package hantext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// tidy removes what no reader sees and folds what only looks like a character: zero-width marks, control characters,
// all kinds of blanks, compatibility ideographs and radicals that PDF copies hold in place of ordinary characters.
func tidy(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0x20 && r < 0x7F || r == '\n':
			return r
		case r == '\t' || r == 0x00A0 || r == 0x3000 || r >= 0x2000 && r <= 0x200A || r == 0x202F || r == 0x205F:
			return ' '
		case r < 0x20 || r >= 0x7F && r < 0xA0 || unicode.Is(unicode.Cf, r) || r >= 0xFE00 && r <= 0xFE0F:
			return -1
		case r >= 0x2E80 && r <= 0x2FDF || r >= 0xF900 && r <= 0xFAFF || r >= 0x2F800 && r <= 0x2FA1F:
			if whole, ok := radicals[r]; ok {
				return whole
			}
			folded, _ := utf8.DecodeRuneInString(norm.NFKC.String(string(r)))
			return folded
		}
		return r
	}, s)
}

var halfToFull = map[rune]rune{',': '，', ':': '：', ';': '；', '!': '！', '?': '？', '(': '（', ')': '）'}

const fullMarks = "，。：；！？、（）《》“”‘’【】…—"

// isChinese tells whether r makes a half-width mark beside it Chinese punctuation.
func isChinese(r rune) bool { return isHan(r) || strings.ContainsRune(fullMarks, r) }

// widen turns half-width marks beside Chinese into full-width ones. Separators inside numbers (1,640 and 10:30) and
// addresses (http://) stay; a pair of parentheses goes together.
func widen(in []rune) {
	for range 8 { // a mark made Chinese makes its neighbour stand beside Chinese
		if !widenOnce(in, pairParentheses(in)) {
			return
		}
	}
}

func widenOnce(in []rune, partner []int) (changed bool) {
	for i, r := range in {
		full, ok := halfToFull[r]
		if !ok {
			continue
		}
		if r == '?' && i+1 < len(in) && (in[i+1] == '！' || in[i+1] == '\\') {
			continue // what is left of broken bytes; as ？ it would pass for a question
		}
		before, after := nearest(in, i, -1), nearest(in, i, 1)
		switch r {
		case '(', ')':
			j := partner[i]
			beside := isChinese(before) || isChinese(after)
			if j >= 0 {
				beside = beside || isChinese(nearest(in, j, -1)) || isChinese(nearest(in, j, 1)) || in[j] == '（' || in[j] == '）'
			}
			if beside {
				in[i], changed = full, true
				if j >= 0 {
					in[j] = halfOr(in[j])
				}
			}
		case ',', ':':
			inNumber := i > 0 && i+1 < len(in) && isDigit(in[i-1]) && isDigit(in[i+1])
			address := r == ':' && i+1 < len(in) && in[i+1] == '/'
			if !inNumber && !address && (isChinese(before) || isChinese(after)) {
				in[i], changed = full, true
			}
		default:
			if isChinese(before) || isChinese(after) {
				in[i], changed = full, true
			}
		}
	}
	return changed
}

func halfOr(r rune) rune {
	if full, ok := halfToFull[r]; ok {
		return full
	}
	return r
}

// nearest is the next character that is no blank in the given direction, 0 at the end.
func nearest(in []rune, i, step int) rune {
	for i += step; i >= 0 && i < len(in); i += step {
		if in[i] != ' ' {
			return in[i]
		}
	}
	return 0
}

func pairParentheses(in []rune) []int {
	partner := make([]int, len(in))
	var stack []int
	for i, r := range in {
		partner[i] = -1
		switch r {
		case '(', '（':
			stack = append(stack, i)
		case ')', '）':
			if n := len(stack); n > 0 {
				partner[i], partner[stack[n-1]] = stack[n-1], i
				stack = stack[:n-1]
			}
		}
	}
	return partner
}

// curl turns straight double quotes into “ ” where the paragraph has an even number of them and all stand beside Chinese.
func curl(in []rune) {
	var at []int
	for i, r := range in {
		if r == '"' || r == '＂' {
			if !isChinese(nearest(in, i, -1)) && !isChinese(nearest(in, i, 1)) {
				return
			}
			at = append(at, i)
		}
	}
	if len(at)%2 != 0 {
		return
	}
	for n, i := range at {
		in[i] = []rune("“”")[n%2]
	}
}

var (
	aroundMark   = lazily(` *([，。；：！？、]) *`)
	insideOpen   = lazily(`([（《“]) +`)
	insideClose  = lazily(` +([）》”])`)
	spacedDate   = lazily(`(\d) +([年月日])|([年月]) +(\d)`)
	spacedYear   = lazily(`([12]) ([09]) (\d) (\d) ?年`)
	spacedLetter = lazily(`(?:^| )((?:\p{Han} ){3,}\p{Han})(?: |$)`)
	manyBlanks   = lazily(` {2,}`)
)

// closeGaps removes blanks that printing left: around full-width marks, inside dates, between the letters of a
// spaced-out heading (four or more single characters).
func closeGaps(s string) string {
	if !strings.Contains(s, " ") {
		return s
	}
	s = manyBlanks().ReplaceAllString(s, " ")
	s = spacedYear().ReplaceAllString(s, "$1$2$3${4}年")
	for range 3 { // neighbouring gaps share a character, so one pass can leave every other one
		next := spacedDate().ReplaceAllString(s, "$1$2$3$4")
		if next == s {
			break
		}
		s = next
	}
	s = spacedLetter().ReplaceAllStringFunc(s, func(m string) string { return strings.ReplaceAll(m, " ", "") })
	s = aroundMark().ReplaceAllString(s, "$1")
	return insideClose().ReplaceAllString(insideOpen().ReplaceAllString(s, "$1"), "$1")
}

// dropDoubled repairs repeated marks where only one reading is possible: ，， → ，  、、 → 、  ，。 → 。
// ！！ and ？？ are emphasis, 。。。 may be an ellipsis: they stay. It returns how many marks went.
func dropDoubled(in []rune) ([]rune, int) {
	out := in[:0]
	dropped := 0
	for i, r := range in {
		if len(out) > 0 {
			last := out[len(out)-1]
			switch {
			case last == r && strings.ContainsRune("，、；：", r):
				dropped++
				continue
			case r == '。' && strings.ContainsRune("，、；", last):
				out[len(out)-1] = '。'
				dropped++
				continue
			case r == '。' && last == '。' && (len(out) < 2 || out[len(out)-2] != '。') && (i+1 >= len(in) || in[i+1] != '。'):
				dropped++
				continue
			}
		}
		out = append(out, r)
	}
	return out, dropped
}

var taiwanQuotes = strings.NewReplacer("「", "“", "」", "”", "『", "‘", "』", "’", "﹁", "“", "﹂", "”")

// setPunctuation is the whole repair of one paragraph. traditional says that the document is in traditional script,
// whose quotation marks 「」 become “”.
func setPunctuation(s string, traditional bool) (string, int) {
	if traditional {
		s = taiwanQuotes.Replace(s)
	}
	in := []rune(s)
	widen(in)
	curl(in)
	// A full stop typed half-width at the end; inside a line the dot may belong to a name or number.
	if n := len(in); n >= 2 && in[n-1] == '.' && isChinese(in[n-2]) && in[n-2] != '…' {
		in[n-1] = '。'
	}
	in, dropped := dropDoubled(in)
	return strings.TrimSpace(closeGaps(string(in))), dropped
}
