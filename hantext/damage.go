package hantext

import (
	"regexp"
	"strings"
	"unicode"
)

// Damage in real copies (G3–G8): places where something was lost. They are pointed at and never filled in.

var (
	brokenBytes = lazily(`\?[！\\]|[？?]\\|[！？]\p{Han}?[a-z][\p{Han}》]|[？?][a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]{1,6}\)`)
	strayLetter = lazily(`\p{Han}[a-z]\p{Han}`)
	strayTone   = lazily(`[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]`)
	lostDay     = lazily(`(?:^|[^\d.])([3-9][2-9]|[4-9]\d|\d{3})日`)
	lostMonth   = lazily(`(?:^|[^\d.])(1[3-9]|[2-9]\d|\d{3})月(\d|份|底|初)`)
	lostNumber  = lazily(`(共|计|完成|制定|提出|反馈|发现|整改|新建|修订|处理|问责)(个|项|件|条|名|人次|万元)(问题|措施|制度|事项|，|。|、|；)|年月日|[^\d〇一二三四五六七八九十几去今本明前]年\d{1,2}月\d{1,2}日`)
	lostBreak   = lazily(`\d+(个|项|条|件)\p{Han}{2,4}\d+(个|项|条|件)\p{Han}{2,6}\d+\p{Han}|\d(整改措施|整改事项|整改任务|问题清单)`)
	masked      = lazily(`(共产|中共|党员|检察)[XＸZ×＊*]{1,3}|[\p{Han}][*＊]{2,}`)
	lostMark    = lazily(`，[；：、！？]|[；：、][，；：]|、。|\?\?`)
)

// inspect warns of everything in the paragraph that looks lost.
func inspect(text string, paragraph int, warn func(Warning)) {
	add := func(kind, excerpt string) { warn(Warning{Kind: kind, Paragraph: paragraph, Text: excerpt}) }
	if i := strings.Index(text, "\uFFFD"); i >= 0 {
		add(WarnUnreadable, excerptAt(text, i))
	}
	for _, rule := range []struct {
		kind    string
		pattern func() *regexp.Regexp
	}{
		{WarnDamaged, brokenBytes}, {WarnDamaged, strayLetter}, {WarnReading, strayTone}, {WarnNumber, lostDay}, {WarnNumber, lostMonth},
		{WarnNumber, lostNumber}, {WarnNumber, lostBreak}, {WarnMasked, masked}, {WarnPunctuation, lostMark},
	} {
		if at := rule.pattern().FindStringIndex(text); at != nil {
			add(rule.kind, excerptAt(text, at[0]))
		}
	}
	if i := rareBesideMark(text); i >= 0 {
		add(WarnDamaged, excerptAt(text, i))
	}
	if i := unbalanced(text); i >= 0 {
		add(WarnUnbalanced, excerptAt(text, i))
	}
}

// excerptAt gives some characters around byte i.
func excerptAt(s string, i int) string {
	before, after := []rune(s[:i]), []rune(s[i:])
	return string(before[max(0, len(before)-8):]) + string(after[:min(len(after), 12)])
}

// rareBesideMark finds a character outside the ordinary set right after ！ or ？: what is left of broken bytes (?！稐).
func rareBesideMark(s string) int {
	var last rune
	for i, r := range s {
		if (last == '！' || last == '？') && unicode.Is(unicode.Han, r) && !inOrdinarySet(r) {
			return i
		}
		last = r
	}
	return -1
}

// inOrdinarySet tells whether r is one of the 6,763 characters of GB 2312.
func inOrdinarySet(r rune) bool {
	code := loadGB().codes[r]
	return code >= 0xB0A1 && code <= 0xF7FE && code&0xFF >= 0xA1
}

// unbalanced finds the first bracket without a partner in the paragraph. Quotations may run over several paragraphs,
// so that only a closing quote too many counts there; numbering such as 1） has no opening mark.
func unbalanced(s string) int {
	type opening struct {
		r  rune
		at int
	}
	var stack []opening
	count := 0
	for i, r := range s {
		switch r {
		case '（', '《', '【', '“':
			stack = append(stack, opening{r, i})
		case '）', '》', '】', '”':
			count++
			n := len(stack)
			switch {
			case n > 0 && closerOf[stack[n-1].r] == r:
				stack = stack[:n-1]
			case r == '）' && count == 1 && len([]rune(s[:i])) <= 3:
			case r == '”' && n > 0:
			default:
				return i
			}
		}
	}
	for _, o := range stack {
		if o.r != '“' {
			return o.at
		}
	}
	return -1
}
