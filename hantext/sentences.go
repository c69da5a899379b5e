package hantext

import "strings"

const (
	enders  = "。！？!?" // end a sentence, also inside a quotation that stands on its own
	pauses  = "；;"    // divide a sentence, outside quotations only
	closers = "”’」』》）)】〕"
)

var closerOf = map[rune]rune{'“': '”', '‘': '’', '「': '」', '『': '』', '《': '》', '（': '）', '(': ')', '【': '】', '〔': '〕'}

// Sentences divides a paragraph at 。！？；and after ——. Closing quotes stay with their sentence. Inside quotations
// that are woven into a sentence (关于“制度不全。”问题), titles and parentheses nothing is divided; inside a quotation
// that stands on its own (after a colon, or at the beginning) whole sentences are. Joined, the parts are the paragraph.
func Sentences(paragraph string) []string {
	in := []rune(paragraph)
	closed := matchClosers(in)
	var parts []string
	start := 0
	cut := func(end int) {
		if end > start {
			parts = append(parts, string(in[start:end]))
			start = end
		}
	}
	open := 0 // free-standing quotations around the present place
	for i := 0; i < len(in); i++ {
		r := in[i]
		if end := closed[i]; end > 0 {
			if (r == '“' || r == '「') && !woven(in, i) {
				open++
			} else {
				i = end // nothing is divided inside
			}
			continue
		}
		switch {
		case (r == '”' || r == '」') && open > 0:
			open--
		case strings.ContainsRune(enders, r) && !isNumberMark(in, i):
			end := i + 1
			for end < len(in) && strings.ContainsRune(enders+closers, in[end]) {
				if (in[end] == '”' || in[end] == '」') && open > 0 {
					open--
				}
				end++
			}
			for end < len(in) && isBlank(in[end]) {
				end++
			}
			cut(end)
			i = end - 1
		case strings.ContainsRune(pauses, r) && open == 0:
			cut(i + 1)
		case r == '—' && open == 0 && i+1 < len(in) && in[i+1] == '—':
			for i+1 < len(in) && in[i+1] == '—' {
				i++
			}
			cut(i + 1)
		}
	}
	cut(len(in))
	return parts
}

// matchClosers gives for every opening mark the index of its partner; 0 for marks without one, which then bind nothing.
func matchClosers(in []rune) []int {
	closed := make([]int, len(in))
	var stack []int
	for i, r := range in {
		if _, opens := closerOf[r]; opens {
			stack = append(stack, i)
			continue
		}
		for k := len(stack) - 1; k >= 0 && k >= len(stack)-8; k-- {
			if closerOf[in[stack[k]]] == r {
				closed[stack[k]] = i
				stack = stack[:k]
				break
			}
		}
	}
	return closed
}

// woven tells whether the quotation opening at i is part of the sentence around it.
func woven(in []rune, i int) bool {
	for i > 0 && isBlank(in[i-1]) {
		i--
	}
	return i > 0 && (isHan(in[i-1]) || isDigit(in[i-1]) || in[i-1] == '、' || in[i-1] == '》')
}

// isNumberMark protects "?" and "!" that are damage inside a word or number, not the end of a sentence.
func isNumberMark(in []rune, i int) bool {
	return (in[i] == '?' || in[i] == '!') && i > 0 && i+1 < len(in) && in[i-1] < 0x80 && in[i+1] < 0x80 && in[i+1] > ' '
}
