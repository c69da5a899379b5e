package clock

import (
	"strconv"
	"strings"
	"unicode"
)

// fold brings the writings of one date together: no spaces, ASCII digits and
// punctuation, Chinese numerals as figures.
func fold(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b':
		case r >= '！' && r <= '～':
			b.WriteRune(r - '！' + '!')
		case r == '—' || r == '–' || r == '−':
			b.WriteByte('-')
		case r == '號':
			b.WriteRune('号')
		default:
			b.WriteRune(r)
		}
	}
	return foldNumerals(b.String())
}

var hanDigit = map[rune]int{
	'〇': 0, '○': 0, '零': 0, '一': 1, '二': 2, '三': 3, '四': 4,
	'五': 5, '六': 6, '七': 7, '八': 8, '九': 9,
}

// foldNumerals rewrites Chinese numerals that stand before 年 月 日 号; elsewhere
// (一季度, 立行立改一批) they are words and stay.
func foldNumerals(s string) string {
	rs := []rune(s)
	var b strings.Builder
	for i := 0; i < len(rs); {
		j := i
		for j < len(rs) && isHanNumeral(rs[j]) {
			j++
		}
		if j > i && j < len(rs) && strings.ContainsRune("年月日号", rs[j]) {
			b.WriteString(hanNumber(rs[i:j]))
			i = j
			continue
		}
		if j == i {
			j++
		}
		b.WriteString(string(rs[i:j]))
		i = j
	}
	return b.String()
}

func isHanNumeral(r rune) bool { _, ok := hanDigit[r]; return ok || r == '十' }

// hanNumber reads 二〇二六 digit by digit and 二十一 by value; anything else
// (十十) is given back so that the caller refuses it.
func hanNumber(rs []rune) string {
	text := string(rs)
	before, after, hasTen := strings.Cut(text, "十")
	if !hasTen {
		var b strings.Builder
		for _, r := range rs {
			b.WriteString(strconv.Itoa(hanDigit[r]))
		}
		return b.String()
	}
	tens, unit := 1, 0
	if b := []rune(before); len(b) == 1 && hanDigit[b[0]] > 0 {
		tens = hanDigit[b[0]]
	} else if before != "" {
		return text
	}
	if a := []rune(after); len(a) == 1 && hanDigit[a[0]] > 0 {
		unit = hanDigit[a[0]]
	} else if after != "" {
		return text
	}
	return strconv.Itoa(tens*10 + unit)
}

// scanDate reads a full date at the start of folded text.
func scanDate(s string) (Date, string, bool) {
	run := digitRun(s)
	if len(run) == 8 {
		y, _ := digits(run[:4])
		m, _ := digits(run[4:6])
		d, _ := digits(run[6:])
		date, ok := civil(y, m, d)
		return date, s[8:], ok
	}
	if len(run) != 4 {
		return "", s, false
	}
	y, _ := digits(run)
	rest := s[4:]
	for _, sep := range [][3]string{{"-", "-", ""}, {".", ".", ""}, {"/", "/", ""}, {"年", "月", "日"}, {"年", "月", "号"}} {
		if d, tail, ok := scanMonthDay(y, rest, sep); ok {
			return d, tail, true
		}
	}
	return "", s, false
}

func scanMonthDay(y int, s string, sep [3]string) (Date, string, bool) {
	s, ok := strings.CutPrefix(s, sep[0])
	if !ok {
		return "", s, false
	}
	m, s, ok := number12(s)
	if !ok {
		return "", s, false
	}
	if s, ok = strings.CutPrefix(s, sep[1]); !ok {
		return "", s, false
	}
	d, s, ok := number12(s)
	if !ok {
		return "", s, false
	}
	if s, ok = strings.CutPrefix(s, sep[2]); !ok {
		return "", s, false
	}
	date, ok := civil(y, m, d)
	return date, s, ok
}

// number12 reads one or two digits that no third follows.
func number12(s string) (int, string, bool) {
	run := digitRun(s)
	if len(run) < 1 || len(run) > 2 {
		return 0, s, false
	}
	n, ok := digits(run)
	return n, s[len(run):], ok
}

func digitRun(s string) string {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i]
}
