package inspection

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"huikan/hantext"
	"huikan/internal/kernel/lazy"
)

// Fields of a finding in a circular, by the labels that stand before them.
const (
	fieldProblem    = "problem"
	fieldProgress   = "progress"
	fieldMeasures   = "measures"
	fieldLead       = "lead"
	fieldDepartment = "department"
	fieldPartner    = "partner"
	fieldDue        = "due"
)

// labels are the words in use, from circulars seen; order does not matter.
var labels = map[string][]string{
	fieldProblem:  {"反馈问题", "具体问题", "存在问题", "存在的问题", "问题表述", "问题描述", "问题表现", "具体表现", "主要表现", "问题内容", "问题"},
	fieldProgress: {"整改情况", "整改进展情况", "整改进展", "整改落实情况", "落实情况", "整改完成情况", "完成情况", "进展情况", "整改结果", "整改成效", "整改状态", "当前状态", "目前状态", "整改进度", "工作进展", "落实进展", "状态", "销号情况", "取得成效"},
	fieldMeasures: {"整改措施", "具体措施", "主要措施", "整改举措", "采取措施", "采取的措施", "主要做法", "整改做法", "具体做法", "整改落实措施", "措施"},
	fieldLead:     {"责任领导", "牵头领导", "整改责任领导", "主责领导", "包抓领导", "分管领导", "牵头责任领导", "责任校领导", "责任院领导", "牵头院领导", "责任人", "整改责任人", "牵头人", "第一责任人", "主要责任人", "责任人员"},
	fieldDepartment: {"责任部门", "牵头部门", "整改责任部门", "主责部门", "牵头责任部门", "责任单位", "整改责任单位", "牵头单位", "责任科室", "责任处室", "牵头处室",
		"责任内设机构", "承办部门", "整改部门", "整改单位", "责任主体"},
	fieldPartner: {"配合部门", "协助部门", "配合单位", "协办部门", "配合科室", "协同部门"},
	fieldDue: {"完成时限", "整改时限", "完成时间", "整改期限", "整改完成时限", "整改完成时间", "计划完成时间", "计划完成时限", "预计完成时间", "办结时限", "完成期限",
		"时限要求", "整改时间", "时限", "期限", "完成日期"},
}

var (
	fieldOf  = map[string]string{}
	labelAt  func() *regexp.Regexp
	statusAt func() *regexp.Regexp
)

func init() {
	var all []string
	for field, words := range labels {
		for _, w := range words {
			fieldOf[w] = field
			all = append(all, w)
		}
	}
	labelAt = lazy.Pattern(`[（(【\[]?(` + longestFirst(all) + `)\s*(?:[】\]]\s*[：:]?|[：:])\s*`)
	statusAt = lazy.Pattern(statusForm)
	statusWhole = lazy.Pattern(`^` + statusForm + `$`)
	statusSentence = lazy.Pattern(`^(?:截至[^，。；]{0,16}[，、]?|目前|现|现已|至此|经整改)?[，、]?(?:该|此|上述|本|这一|这)?(?:项|条|个|类)?(?:问题|事项|任务|整改任务|整改事项|整改工作|整改)?(?:目前|现|均|都|已)?` +
		`(` + statusForm + `)[。；]?$`)
}

func longestFirst(words []string) string {
	words = slices.Clone(words)
	slices.SortFunc(words, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return strings.Join(words, "|")
}

// claims translate the words of circulars into the claimed states of the ledger
// (domain A1, status words). The circular's own word is always kept beside it.
var claims = []struct {
	claim string
	words []string
}{
	{"not_done", []string{"尚未完成整改", "尚未整改到位", "尚未完成", "未完成整改", "未整改到位", "未完成", "未整改", "没有完成", "暂未完成", "整改不到位"}},
	{"not_started", []string{"尚未启动", "未启动", "未开始"}},
	{"basically_done", []string{"已基本完成整改", "基本完成整改", "已基本完成", "基本完成", "已基本整改到位", "基本整改到位", "基本整改完成", "基本到位", "基本整改", "取得明显成效", "取得显著成效", "取得实效"}},
	{"stage_done", []string{"已阶段性完成", "阶段性完成整改", "阶段性完成", "完成阶段性整改", "完成阶段性目标", "已取得阶段性成果", "取得阶段性成果", "取得阶段性成效", "取得阶段性进展", "取得初步成效", "部分完成整改", "已部分完成", "部分完成"}},
	{"long_term", []string{"长期坚持", "长期整改", "长期推进", "持续推进", "持续整改", "持续坚持", "常态化推进", "常态化坚持", "坚持常态化", "持续深化", "并持续整改"}},
	{"in_progress", []string{"正在整改中", "正在整改", "整改中", "正在推进中", "正在推进", "推进中", "有序推进", "正在有序推进", "正在落实", "正在办理", "办理中", "进行中", "整改推进中"}},
	{"done", []string{"已全部完成整改", "全部完成整改", "已全部整改到位", "全部整改到位", "已完全整改到位", "完全整改到位", "已完成整改", "完成整改", "已整改完成", "整改已完成", "整改完成", "整改完毕",
		"已整改到位", "整改到位", "已全部完成", "全部完成", "已整改完毕", "已整改", "已按期完成", "按期完成", "如期完成", "已销号", "完成销号", "已办结", "已完成", "已到位", "完成"}},
}

// statusForm is one status word, perhaps with a second one joined to it.
var statusForm = func() string {
	var all []string
	for _, c := range claims {
		all = append(all, c.words...)
	}
	one := longestFirst(all)
	return `(?:` + one + `)(?:[，、]?(?:并|且|同时|需|并将|仍需|转入)?(?:` + one + `))?`
}()

var statusWhole, statusSentence func() *regexp.Regexp

// ClaimOf gives the claimed state of the ledger that a circular's word stands
// for; "" for a word that is not known.
func ClaimOf(word string) string {
	word = strings.TrimSpace(word)
	longest, claim := 0, ""
	for _, c := range claims {
		for _, w := range c.words {
			if strings.HasPrefix(word, w) && len(w) > longest {
				longest, claim = len(w), c.claim
			}
		}
	}
	// "Done and kept up for good" is a long-term matter, not one that may be closed.
	if claim == "done" || claim == "basically_done" || claim == "stage_done" {
		if rest := word[longest:]; rest != "" && strings.ContainsAny(rest, "长持常") && statusAt().MatchString(rest) {
			return "long_term"
		}
	}
	return claim
}

// statusIn takes a status word off the beginning of a text if it makes up the
// whole first clause.
func statusIn(s string) (status, rest string) {
	s = strings.TrimLeft(s, " \t　：:")
	for _, stops := range []string{"。；;！\n（(", "。；;！，,\n（("} {
		end := strings.IndexAny(s, stops)
		clause := s
		if end >= 0 {
			clause = s[:end]
		}
		if statusWhole().MatchString(strings.TrimSpace(clause)) {
			if end >= 0 {
				_, size := utf8.DecodeRuneInString(s[end:])
				if s[end:end+size] == "（" || s[end:end+size] == "(" {
					size = 0
				}
				return strings.TrimSpace(clause), strings.TrimSpace(s[end+size:])
			}
			return strings.TrimSpace(clause), ""
		}
	}
	return "", s
}

var (
	stateLabels = []string{"整改状态", "完成情况", "状态", "当前状态", "目前状态", "整改结果", "销号情况"}
	stateLike   = lazy.Pattern(`^(?:已|正在|未|尚|基本|持续|长期|部分|取得|完成)[\p{Han}]{1,8}$`)
)

// ownWord takes a short value of a label for a state as a status, although the
// word is not a known one: the text's own word is what counts.
func ownWord(label, s string) (status, rest string) {
	clause, rest, _ := strings.Cut(strings.TrimSpace(s), "。")
	clause = clip(clause)
	short := utf8.RuneCountInString(clause) <= 12 && !strings.ContainsAny(clause, "，；、,0123456789")
	if short && clause != "" && (slices.Contains(stateLabels, label) || stateLike().MatchString(clause)) {
		return clause, strings.TrimSpace(rest)
	}
	return "", s
}

// part of a finding's text under one label; label "" is free text.
type segment struct {
	field, label, text string
	para               int
}

// segments cuts a piece at its labels. A short field ends at its stop, what
// follows is free text again.
func segments(para int, text string) []segment {
	var out []segment
	add := func(field, label, s string) {
		if strings.Trim(s, " \t　。；，、;,）)】") != "" || field != "" {
			out = append(out, segment{field, label, strings.TrimSpace(s), para})
		}
	}
	at := labelAt().FindAllStringSubmatchIndex(text, -1)
	if len(at) == 0 {
		add("", "", text)
		return out
	}
	add("", "", strings.TrimRight(text[:at[0][0]], "，, "))
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		label := text[m[2]:m[3]]
		field, value := fieldOf[label], text[m[1]:end]
		switch field {
		case fieldLead, fieldDepartment, fieldPartner, fieldDue:
			short, rest := cutShort(value)
			add(field, label, short)
			if rest != "" {
				add("", "", rest)
			}
		default:
			add(field, label, value)
		}
	}
	return out
}

// cutShort ends a short value at its stop or at a bracket that it did not open.
func cutShort(s string) (value, rest string) {
	depth := 0
	for i, r := range s {
		switch {
		case r == '（' || r == '(':
			depth++
		case r == '）' || r == ')':
			if depth--; depth < 0 {
				return clip(s[:i]), strings.TrimLeft(s[i+utf8.RuneLen(r):], "。；，;, ")
			}
		case strings.ContainsRune("。；;\n\t！", r) && depth == 0:
			return clip(s[:i]), strings.TrimSpace(s[i+utf8.RuneLen(r):])
		}
	}
	return clip(s), ""
}

func clip(s string) string { return strings.Trim(s, " \t　。；，、;,：:") }

var measureMark = lazy.Pattern(`(?:[` + hanDigits + `]{1,3}是(?:要)?|第[` + hanDigits + `]{1,3}[，、,]|[（(]\d{1,2}[）)]|\d{1,2}[.．、）)]|[①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳])`)

// measuresIn cuts free text into measures: at 一是, 二是 …, ① …, else by sentence.
func measuresIn(text string) []string {
	var cuts []int
	var skips []int
	for _, m := range measureMark().FindAllStringIndex(text, -1) {
		before, _ := utf8.DecodeLastRuneInString(text[:m[0]])
		after, _ := utf8.DecodeRuneInString(text[m[1]:])
		if m[0] > 0 && !strings.ContainsRune("。；;：:！，,、）) \t　\n", before) || unicode.IsDigit(after) {
			continue
		}
		if (before == '，' || before == '、' || before == ',') && !strings.Contains(text[m[0]:m[1]], "是") {
			continue
		}
		cuts, skips = append(cuts, m[0]), append(skips, m[1])
	}
	var out []string
	add := func(s string) {
		if s = strings.Trim(s, " \t　\n；;，,、"); strings.Trim(s, "。：:！？）)】") != "" {
			out = append(out, strings.TrimSuffix(s, "。"))
		}
	}
	if len(cuts) == 0 {
		for _, s := range hantext.Sentences(text) {
			add(s)
		}
		return out
	}
	for _, s := range hantext.Sentences(text[:cuts[0]]) {
		add(s)
	}
	for i, start := range skips {
		end := len(text)
		if i+1 < len(cuts) {
			end = cuts[i+1]
		}
		add(text[start:end])
	}
	return out
}
