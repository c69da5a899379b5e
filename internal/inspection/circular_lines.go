package inspection

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"huikan/internal/kernel/lazy"
)

// Styles of numbering, as circulars nest them in any order.
const (
	styleHan    = 'H' // 一、
	styleHanPar = 'P' // （一）
	styleNum    = 'N' // 1. 1、
	styleNumPar = 'B' // （1） 1）
	styleCircle = 'C' // ①
	styleNamed  = 'Q' // 问题1：
	styleBare   = 'U' // a heading without a number
)

// mark is the number in front of a line.
type mark struct {
	style rune // 0 for none
	n     int
	len   int // bytes of the line that belong to the mark
}

// line is a piece of a paragraph that begins at a mark or at the paragraph's start.
type line struct {
	para int
	mark mark
	text string // without the mark
}

const hanDigits = "一二三四五六七八九十百"

var (
	markHan    = lazy.Pattern(`^([` + hanDigits + `]{1,4})[、，．.]`)
	markHanPar = lazy.Pattern(`^[（(]\s*([` + hanDigits + `]{1,4})\s*[）)][、，.．]?`)
	markNum    = lazy.Pattern(`^(\d{1,3})\s*[.．、]\s*`)
	markNumPar = lazy.Pattern(`^(?:[（(]\s*(\d{1,3})\s*[）)]|(\d{1,3})[）)])[、.．]?`)
	markCircle = lazy.Pattern(`^[①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳]`)
	markNamed  = lazy.Pattern(`^【?(?:反馈|整改|具体)?(?:问题|事项)(?:(\d{1,3})|([` + hanDigits + `]{1,4}))】?[：:、.．]`)
)

// markOf reads the number in front of a text.
func markOf(s string) mark {
	pick := func(m []string) string {
		for _, g := range m[1:] {
			if g != "" {
				return g
			}
		}
		return ""
	}
	for _, f := range []struct {
		re    *regexp.Regexp
		style rune
	}{{markHan(), styleHan}, {markHanPar(), styleHanPar}, {markNum(), styleNum}, {markNumPar(), styleNumPar}, {markNamed(), styleNamed}} {
		m := f.re.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		rest, _ := utf8.DecodeRuneInString(s[len(m[0]):])
		if f.style == styleNum && unicode.IsDigit(rest) {
			continue // 3.27 is a figure
		}
		return mark{f.style, hanNumber(pick(m)), len(m[0])}
	}
	if markCircle().MatchString(s) {
		r, size := utf8.DecodeRuneInString(s)
		return mark{styleCircle, int(r-'①') + 1, size}
	}
	return mark{}
}

// hanNumber reads 12 and 十二; 0 for what is no number below a hundred.
func hanNumber(s string) int {
	total, unit := 0, 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			unit = unit*10 + int(r-'0')
		case r == '十':
			total += max(unit, 1) * 10
			unit = 0
		case r == '百':
			total += max(unit, 1) * 100
			unit = 0
		default:
			i := strings.IndexRune(hanDigits, r)
			if i < 0 {
				return 0
			}
			unit = i/len("一") + 1
		}
	}
	return total + unit
}

// linesOf cuts the body into lines: one for each paragraph, and more where a
// copy has lost its line ends and a heading stands inside a paragraph.
func linesOf(body []string) []line {
	var out []line
	for i, p := range body {
		for _, piece := range cutHeadings(strings.TrimSpace(p)) {
			m := markOf(piece)
			text := strings.TrimSpace(piece[m.len:])
			if m.style == 0 && bareHeading(text) {
				m.style = styleBare
			}
			if text != "" || m.style != 0 {
				out = append(out, line{i + 1, m, text})
			}
		}
	}
	return out
}

// markStarts are the characters that a number in front of a line begins with.
const markStarts = hanDigits + "（(【0123456789反整具问事"

// cutHeadings finds numbered headings inside a paragraph. Outside the start of
// a paragraph a number counts only where a heading clearly begins, because
// measures are numbered too.
func cutHeadings(p string) []string {
	var out []string
	start, depth := 0, 0
	prev := rune(0)
	for i, r := range p {
		switch r {
		case '“', '‘', '《':
			depth++
		case '”', '’', '》':
			depth = max(0, depth-1)
		}
		if i > start && depth == 0 && strings.ContainsRune(markStarts, r) && !unicode.IsDigit(prev) && inner(p[i:], prev) {
			out = append(out, p[start:i])
			start = i
		}
		prev = r
	}
	return append(out, p[start:])
}

func inner(s string, prev rune) bool {
	m := markOf(s)
	if m.style == 0 || m.style == styleCircle {
		return false
	}
	afterStop := strings.ContainsRune("。！？；;", prev) || unicode.IsSpace(prev)
	rest := strings.TrimSpace(s[m.len:])
	switch m.style {
	case styleHan:
		return afterStop && prev != '；' && prev != ';'
	case styleNamed:
		return afterStop
	case styleHanPar:
		return afterStop && headingLike(rest) || aboutStart().MatchString(rest) && !strings.ContainsRune("，、", prev)
	default:
		return (afterStop || prev == '方' || prev == '面' || prev == '况') && problemHead(firstSentence(rest))
	}
}

var aboutStart = lazy.Pattern(`^(关于|针对|聚焦)`)

func headingLike(s string) bool {
	return aboutStart().MatchString(s) || problemHead(firstSentence(s)) || aspectHead(firstSentence(s))
}

var (
	quotedProblem = lazy.Pattern(`[“"「][^”"」]+[”"」](?:的|等|这一|一)?(?:具体|主要|突出)?问题`)
	aboutProblem  = lazy.Pattern(`^(?:关于|针对|对于|对)[^，。；]{2,}?问题`)
	endProblem    = lazy.Pattern(`(?:的|等)?问题(?:的)?(?:整改|落实|整改落实|整改进展|整改完成)?(?:情况|工作|方面)?[。：:；]?$`)
	aspectEnd     = lazy.Pattern(`方面(?:存在|反馈|发现|查找|指出)?的?(?:主要|突出|具体)?(?:问题)?的?(?:整改)?(?:落实|进展)?(?:情况)?[。：:；]?$`)
	wholeWork     = lazy.Pattern(`(?:反馈|巡[视察]|移交|整改|发现|指出)[^“”]*(?:问题|意见|事项|任务)[^“”]*(?:情况|如下|进展|成效|落实)[。：:；]?$`)
	bareProblem   = lazy.Pattern(`^(?:关于|针对)[“"「][^”"」]+[”"」](?:的|等)?问题(?:的)?(?:整改|落实|整改落实|整改进展)?(?:情况)?(?:[（(][^）)]*[）)])?[。：:]?$|^关于[^“”，。；]{4,}?问题的?整改(?:落实|进展)?(?:情况)?[。：:]?$`)
)

// aspectHead tells whether a heading names an aspect (方面) or the whole work.
func aspectHead(s string) bool {
	if quotedProblem().MatchString(s) {
		return false
	}
	return aspectEnd().MatchString(s) || wholeWork().MatchString(s)
}

// problemHead tells whether a heading names one problem.
func problemHead(s string) bool {
	if quotedProblem().MatchString(s) {
		return true
	}
	return !aspectHead(s) && (aboutProblem().MatchString(s) || endProblem().MatchString(s) && utf8.RuneCountInString(s) <= 120)
}

// bareHeading tells whether a paragraph without a number is the heading of a finding.
func bareHeading(s string) bool {
	first := firstSentence(s)
	return bareProblem().MatchString(first) && !aspectHead(first)
}

// firstSentence ends at the first full stop outside quotation marks, or before
// the first label of a field.
func firstSentence(s string) string {
	end, depth := len(s), 0
scan:
	for i, r := range s {
		switch r {
		case '“', '‘', '「', '《', '（', '(':
			depth++
		case '”', '’', '」', '》', '）', ')':
			depth = max(0, depth-1)
		case '。', '！', '？', '；', '\n', '\t':
			if depth == 0 {
				end = i
				break scan
			}
		}
	}
	head := s[:end]
	if at := labelAt().FindStringIndex(head); at != nil && at[0] > 0 {
		head = head[:at[0]]
	}
	return strings.TrimSpace(head)
}
