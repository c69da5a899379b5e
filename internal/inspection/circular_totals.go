package inspection

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/lazy"
)

var (
	aspectCount  = lazy.Pattern(`(\d+)\s*个(?:大)?方面`)
	problemCount = lazy.Pattern(`(\d+)\s*(?:个|项|条)(?:具体|主要|突出)?(?:反馈)?问题`)
	measureCount = lazy.Pattern(`(?:整改)?措施\s*(?:共|合计)?\s*(\d+)\s*(?:项|条|个)|(\d+)\s*(?:项|条|个)(?:具体|整改)*措施`)
	itemCount    = lazy.Pattern(`(` + `STATUS` + `)(?:整改)?(?:的)?(?:有|共|问题|措施)?\s*(\d+)\s*(?:个|项|条)`)
	peopleCount  = lazy.Pattern(`(批评教育|提醒谈话|谈话提醒|诫勉谈话|诫勉|责令作出书面检查|责令书面检查|责令检查|书面检查|通报批评|组织处理|组织调整|党纪政务处分|党纪处分|政务处分|党内警告|党内严重警告|立案审查调查|立案|移送司法机关|问责|约谈)\s*(\d+)\s*人`)
	rulesNew     = lazy.Pattern(`(?:新建|新制定|新出台|新建立|新订)(?:完善)?(?:各项|各类|相关)?(?:规章)?(?:制度|规定|机制|文件)?\s*(\d+)\s*(?:项|个|件)`)
	rulesRevised = lazy.Pattern(`修订(?:完善)?(?:各项|各类|相关)?(?:规章)?(?:制度|规定|机制|文件)?\s*(\d+)\s*(?:项|个|件)`)
)

// totals reads the figures that the circular gives for itself from the text
// outside the findings, and holds them against each other and the items.
func (x *extraction) totals() {
	items := regexp.MustCompile(strings.ReplaceAll(itemCount().String(), "STATUS", statusForm))
	for _, p := range x.free {
		for _, s := range sentences(p.Text) {
			x.total(&x.Totals.Aspects, p, aspectCount(), s)
			x.total(&x.Totals.Problems, p, problemCount(), s)
			x.total(&x.Totals.Measures, p, measureCount(), s)
			x.statusCounts(p, items, s)
			for _, m := range peopleCount().FindAllStringSubmatch(s, -1) {
				x.count(x.Totals.People, p, m[1], m[2])
			}
			x.total(&x.Totals.RulesNew, p, rulesNew(), s)
			x.total(&x.Totals.RulesRevised, p, rulesRevised(), s)
		}
	}
	x.compare()
}

// total takes the first figure; another one for the same thing is warned of.
func (x *extraction) total(to **int, p Part, form *regexp.Regexp, s string) {
	for _, m := range form.FindAllStringSubmatchIndex(s, -1) {
		if partial(s, m[0], m[1]) || lostDigit().MatchString(s[m[0]:m[1]]) || lostNear(s, m[0]) {
			continue
		}
		var digits string
		for g := 2; g+1 < len(m); g += 2 {
			if m[g] >= 0 {
				digits = s[m[g]:m[g+1]]
			}
		}
		n, err := strconv.Atoi(digits)
		switch {
		case err != nil:
			x.warn(WarnNumber, p.Paragraph, s[m[0]:m[1]])
		case *to == nil:
			*to = &n
		case **to != n:
			x.differ(p.Paragraph, s, **to, n)
		}
	}
}

// partial tells whether a figure counts a part only (其中3个问题, 完成6个问题).
func partial(s string, start, end int) bool {
	before := s[:start]
	if i := strings.LastIndexAny(before, "，、："); i >= 0 {
		before = before[i:]
	}
	for _, w := range []string{"其中", "完成", "推进", "坚持", "剩余", "还有", "尚有", "发现", "办结", "整改到位", "立行立改", "每", "到位"} {
		if strings.Contains(before, w) && !strings.Contains(before, "制定") {
			return true
		}
	}
	if m := statusAt().FindStringIndex(before); m != nil && m[1] == len(strings.TrimRight(before, "了的 ")) {
		return true
	}
	return strings.HasPrefix(s[end:], "线索")
}

// lostNear tells whether the figure stands in a run that has lost a separator.
func lostNear(s string, start int) bool {
	from := max(0, start-len("个方面"))
	return start > 0 && strings.HasPrefix(s[from:], "个方面") && lostDigit().MatchString(s[max(0, from-1):])
}

// statusCounts reads 9个问题中已完成6个、基本完成1个.
func (x *extraction) statusCounts(p Part, items *regexp.Regexp, s string) {
	for _, m := range items.FindAllStringSubmatchIndex(s, -1) {
		word, digits := s[m[2]:m[3]], s[m[4]:m[5]]
		before := s[:m[3]]
		problem, measure := strings.LastIndex(before, "问题"), strings.LastIndex(before, "措施")
		if strings.HasPrefix(s[m[1]:], "措施") {
			measure = m[3]
		} else if strings.HasPrefix(s[m[1]:], "问题") {
			problem = m[3]
		}
		switch {
		case problem < 0 && measure < 0:
		case problem > measure:
			x.count(x.Totals.ProblemStatus, p, word, digits)
		default:
			x.count(x.Totals.MeasureStatus, p, word, digits)
		}
	}
}

func (x *extraction) count(to map[string]int, p Part, word, digits string) {
	n, err := strconv.Atoi(digits)
	if err != nil {
		x.warn(WarnNumber, p.Paragraph, word+digits)
		return
	}
	if was, ok := to[word]; ok && was != n {
		x.differ(p.Paragraph, word, was, n)
		return
	}
	to[word] = n
}

func (x *extraction) differ(para int, what string, expected, found int) {
	x.Warnings = append(x.Warnings, Warning{Kind: WarnTotal, Text: what, Paragraph: para, Expected: &expected, Found: &found})
}

// compare holds the totals against each other and against the findings read.
func (x *extraction) compare() {
	t := x.Totals
	sum := func(m map[string]int) (n int) {
		for _, v := range m {
			n += v
		}
		return n
	}
	if n := sum(t.ProblemStatus); t.Problems != nil && len(t.ProblemStatus) > 0 && n != *t.Problems {
		x.differ(0, "问题："+listed(t.ProblemStatus), *t.Problems, n)
	}
	if n := sum(t.MeasureStatus); t.Measures != nil && len(t.MeasureStatus) > 0 && n != *t.Measures {
		x.differ(0, "措施："+listed(t.MeasureStatus), *t.Measures, n)
	}
	found, items, said := 0, map[string]int{}, map[string]int{}
	for _, s := range x.Sections {
		found += len(s.Findings)
		for _, f := range s.Findings {
			items[claimOr(f.Status)]++
		}
	}
	if found == 0 {
		return
	}
	if t.Problems != nil && *t.Problems != found {
		x.differ(0, "问题", *t.Problems, found)
	}
	if t.Aspects != nil && len(x.Sections) > 1 && *t.Aspects != len(x.Sections) {
		x.differ(0, "方面", *t.Aspects, len(x.Sections))
	}
	// Totals and items need not use one wording (需长期坚持 1 个, 长期坚持), so they
	// are held against each other by what the words claim.
	for word, n := range t.ProblemStatus {
		said[claimOr(word)] += n
	}
	for _, word := range slices.Sorted(maps.Keys(t.ProblemStatus)) {
		claim := claimOr(word)
		if n, known := said[claim]; known && items[claim] != n {
			x.differ(0, word, n, items[claim])
		}
		delete(said, claim)
	}
}

func claimOr(word string) string {
	if c := ClaimOf(word); c != "" {
		return c
	}
	return word
}

func listed(m map[string]int) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fmt.Sprintf("%s%d", k, m[k]))
	}
	return strings.Join(out, "、")
}
