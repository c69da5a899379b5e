package directive

import (
	"strings"
	"unicode/utf8"

	"huikan/hantext"
	"huikan/internal/kernel/lazy"
)

var (
	// 围绕“…” names what the demands of a paragraph are about.
	aboutTheme = lazy.Pattern(`围绕[“"]([^”"]{4,120})[”"]`)
	// 就 … 进行部署 does the same for work of a period.
	deployTheme = lazy.Pattern(`(?:会议)?(?:还|同时)?就([^。；]{4,120}?)(?:进行|作出|作了|做出)(?:了)?(?:部署|安排)`)
	// 对 … 提出要求 follows a quoted chain of demands.
	demandTheme = lazy.Pattern(`对([^“”。；，,]{2,60})提出(?:了)?(?:明确|具体|[一二三四五六七八九十]点)?要求`)
	// A dash after a word of asking begins a list of demands.
	dashList = lazy.Pattern(`(?:要求|强调|部署|任务|提出|指出|做到|抓好)[^。——]{0,12}——`)
	// … but not after a word of telling.
	telling = lazy.Pattern(`(?:回顾|阐述|总结|介绍|汇报|通报|解读|分析)[^。——]{0,6}——`)
	// Heads of numbered sections.
	numbered   = lazy.Pattern(`^\s*(?:[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）|\([一二三四五六七八九十]{1,3}\)|第[一二三四五六七八九十]{1,3}[，、]|\d{1,2}[.．、]\s*)`)
	firstLevel = lazy.Pattern(`^\s*[一二三四五六七八九十]{1,3}、`)
	// 一是 … 二是 … within a sentence.
	ordinal = lazy.Pattern(`[一二三四五六七八九十]{1,2}(?:是|要)`)
	speaker = lazy.Pattern(`(?:会议|[\p{Han}]{2,4}|讲话|通知|意见|方案)?(?:还|并|特别|进一步|明确|再次)?(?:强调|要求|指出|提出|表示|部署)[，,:：]`)
	// A clause that begins so asks for something.
	modal = lazy.Pattern(`^(?:同时|此外|另外|并且?|还|也|都|各级检察院|各地|各院|各部门|各单位|全体检察人员|检察机关|下一步|今年|今后|[^，。；“”]{0,24}?)?(?:要(?:求)?|必须|务必|应当|应|须|需要|不得|严禁|严格|坚决|确保|力争|切实)`)
	// Words that bind wherever they stand in a clause.
	binding = lazy.Pattern(`应当|必须|务必|不得|严禁|须[于在按经由对向报将]|[均都仍还]须`)
	// Words in which such a word is only a part of another.
	partial = lazy.Pattern(`相应当|[无毋不]须`)
	// A clause that begins so says of whom or of what the next one demands something.
	scope = lazy.Pattern(`^(?:对|凡|针对|逾期|确因|如|若|除|每|各|未)`)
	// Verbs by which an order begins without a modal.
	imperative = lazy.Pattern(`^(?:高度警惕|坚持|坚定|加强|强化|健全|完善|落实|推进|推动|深化|深入|狠抓|抓好|抓实|做好|做实|压紧|压实|扎牢|增强|提高|提升|持续|全面|认真|切实|着力|聚焦|紧盯|牢牢|牢记|严守|严明|统筹|统一|把握|防止|防范|注重|突出|巩固|建立|规范|杜绝)`)
	people     = lazy.Pattern(`(?:出席|参加|到会|列席|参会|主持会议|主会场|分会场|视频形式|在座)`)
	// Deeds of the past, told with the same verbs as orders.
	past = lazy.Pattern(`(?:以来|去年|上年|过去|一年来|近年|已经|取得了?|同比|有力地?推动|得到)`)
	told = lazy.Pattern(`(?:召开|举行|取得|完成|实现了|回顾|通报了|同比|以来|去年|近年|已[\p{Han}]{2}|共计|累计)`)
)

// trimmed are the marks that stand around a demand, not in it.
const trimmed = " 　，,。；;！!、—:："

// minDemand is the shortest text that can be a demand of its own.
const minDemand = 4

// demand tells demands apart.
type demand struct {
	theme, paragraph int
	quote            string
}

type extractor struct {
	seen  map[demand]bool
	draft Draft
	taken map[[2]int]bool // paragraph, sentence: holds a demand
	by    map[string]int  // theme title → index
	head  string          // section in force
}

// Extract takes a repaired meeting report apart into themes and demands. It
// guesses no demand: every one is an exact piece of a paragraph. Sources of the
// rules are the ways in which such reports are built: 围绕“…” heads, demands
// after a dash divided by semicolons, quoted chains of imperatives, 一是 … 二是,
// numbered sections, and sentences with words of obligation.
func Extract(a hantext.Article) Draft {
	x := &extractor{seen: map[demand]bool{}, taken: map[[2]int]bool{}, by: map[string]int{}}
	x.draft = Draft{Title: a.Title, Published: a.Published, Themes: []Theme{}, Warnings: []string{}}
	for _, w := range a.Warnings {
		x.draft.Warnings = append(x.draft.Warnings, w.Kind+": "+w.Text)
	}
	for i, p := range a.Body {
		x.paragraph(i+1, p)
	}
	x.classify(a.Body)
	kept := x.draft.Themes[:0]
	for _, t := range x.draft.Themes {
		if len(t.Requirements) > 0 {
			kept = append(kept, t)
		}
	}
	x.draft.Themes = kept
	switch n := len(kept); {
	case n == 0:
		x.draft.Warnings = append(x.draft.Warnings, "no-requirements: nothing in this text asks for anything")
	case n == 1 && kept[0].Title == general(a.Title):
		x.draft.Warnings = append(x.draft.Warnings, "no-structure: the text names no themes; demands were found by words of obligation only")
	}
	return x.draft
}

func general(title string) string {
	if title == "" {
		return "总体要求"
	}
	return title
}

// theme gives the index of a theme, made when it is new.
func (x *extractor) theme(title string) int {
	title = strings.Trim(strings.TrimSpace(title), "，,。；:：")
	if i, ok := x.by[title]; ok {
		return i
	}
	x.draft.Themes = append(x.draft.Themes, Theme{Title: title, Requirements: []Extracted{}})
	x.by[title] = len(x.draft.Themes) - 1
	return x.by[title]
}

// add notes a demand; quote must be a piece of the paragraph.
func (x *extractor) add(theme, paragraph, sentence int, quote string) {
	quote = strings.Trim(quote, trimmed)
	quote = balance(quote)
	if q := quotes(quote); len(q) == 1 && quote == "“"+q[0]+"”" {
		quote = strings.Trim(q[0], trimmed)
	}
	if utf8.RuneCountInString(quote) < minDemand {
		return
	}
	if quote == x.draft.Themes[theme].Title {
		return // the head itself
	}
	same := demand{theme, paragraph, quote}
	if x.seen[same] {
		return
	}
	x.seen[same] = true
	x.draft.Themes[theme].Requirements = append(x.draft.Themes[theme].Requirements, Extracted{Text: quote, Quote: quote, Paragraph: paragraph})
	x.taken[[2]int{paragraph, sentence}] = true
}

// balance takes a quotation mark away that has lost its partner at the cut.
func balance(s string) string {
	for _, m := range [][2]string{{"“", "”"}, {"‘", "’"}, {"（", "）"}} {
		open, shut := strings.Count(s, m[0]), strings.Count(s, m[1])
		if open > shut && strings.HasPrefix(s, m[0]) {
			s = strings.TrimPrefix(s, m[0])
		} else if shut > open && strings.HasSuffix(s, m[1]) {
			s = strings.TrimSuffix(s, m[1])
		}
	}
	return s
}

func (x *extractor) paragraph(no int, p string) {
	sentences := sentencesOf(p)
	if isHead(p, len(sentences)) {
		x.head = strings.TrimRight(numbered().ReplaceAllString(p, ""), "。")
		return
	}
	title := ""
	if m := aboutTheme().FindStringSubmatch(p); m != nil {
		title = m[1]
	}
	deploy := ""
	for i, s := range sentences {
		if m := deployTheme().FindStringSubmatch(s); m != nil {
			deploy = m[1]
		}
		x.sentence(no, i+1, s, title, deploy)
	}
}

// isHead tells whether a numbered paragraph is a head: short, one sentence, and
// without a full stop unless it is of the first level (一、).
func isHead(p string, sentences int) bool {
	if sentences > 1 || !numbered().MatchString(p) || utf8.RuneCountInString(p) > 60 {
		return false
	}
	return !strings.HasSuffix(p, "。") || firstLevel().MatchString(p) && utf8.RuneCountInString(p) <= 30
}

func (x *extractor) sentence(p, no int, s, title, deploy string) {
	in := func(fallback string) int {
		switch {
		case title != "":
			return x.theme(title)
		case deploy != "":
			return x.theme(deploy)
		case x.head != "":
			return x.theme(x.head)
		case fallback != "":
			return x.theme(fallback)
		}
		return x.theme(general(x.draft.Title))
	}
	if m := demandTheme().FindStringSubmatchIndex(s); m != nil && title == "" {
		if quoted := quotedBefore(s, m[0]); quoted != "" {
			t := x.theme("对" + s[m[2]:m[3]] + "的要求")
			for _, c := range splitTop(quoted, "，,；;！!") {
				x.add(t, p, no, c)
			}
			return
		}
	}
	if m := dashList().FindStringIndex(s); m != nil && !telling().MatchString(s[:m[1]]) {
		for _, c := range splitTop(s[m[1]:], "；;") {
			x.add(in(""), p, no, c)
		}
		x.quoted(p, no, s[:m[0]], in)
		return
	}
	if telling().MatchString(s) {
		return
	}
	if list := ordinals(s); len(list) > 1 && (speaker().MatchString(s) || modal().MatchString(strings.TrimSpace(s)) || title != "" || x.head != "" || asks(list)) {
		for _, c := range list {
			x.add(in(""), p, no, c)
		}
		return
	}
	if x.quoted(p, no, s, in) || x.item(p, no, s, in) {
		return
	}
	x.obligation(p, no, s, in)
}

// asks tells whether most of a numbered list are orders.
func asks(list []string) bool {
	n := 0
	for _, c := range list {
		if imperative().MatchString(afterOrdinal(c)) || modal().MatchString(afterOrdinal(c)) {
			n++
		}
	}
	return 2*n > len(list)
}

func afterOrdinal(c string) string {
	if m := ordinal().FindStringIndex(c); m != nil && m[0] == 0 {
		return c[m[1]:]
	}
	return c
}

// ordinals cuts 一是…；二是… at its ordinals.
func ordinals(s string) []string {
	at := ordinal().FindAllStringIndex(s, -1)
	var out []string
	for i, m := range at {
		end := len(s)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		out = append(out, s[m[0]:end])
	}
	if len(out) > 0 && !strings.HasPrefix(out[0], "一") {
		return nil
	}
	return out
}

// quoted finds demands that are quoted: “要…”, “必须…”, “加强…”.
func (x *extractor) quoted(p, no int, s string, in func(string) int) bool {
	found := false
	for _, q := range quotes(s) {
		for _, part := range sentencesOf(q) {
			part = strings.TrimSpace(part)
			if utf8.RuneCountInString(part) < 8 || !(strings.HasPrefix(part, "要") || strings.HasPrefix(part, "必须") || imperative().MatchString(part)) {
				continue
			}
			x.add(in(""), p, no, part)
			found = true
		}
	}
	return found
}

// item finds the order that an item of a numbered section begins with: 1. 坚持….
func (x *extractor) item(p, no int, s string, in func(string) int) bool {
	m := numbered().FindStringIndex(s)
	if m == nil || x.head == "" {
		return false
	}
	rest := s[m[1]:]
	if !(imperative().MatchString(rest) || strings.HasPrefix(rest, "严格") || strings.HasPrefix(rest, "重点")) || past().MatchString(rest) {
		return false
	}
	for _, part := range splitTop(rest, "；;") {
		x.add(in(""), p, no, part)
	}
	return true
}

// obligation finds what a plain sentence asks for: from its first clause with a
// word of obligation to its end.
func (x *extractor) obligation(p, no int, s string, in func(string) int) {
	rest := s
	offset := 0
	if m := speaker().FindStringIndex(s); m != nil {
		offset = m[1]
		rest = s[offset:]
	}
	if m := numbered().FindStringIndex(rest); m != nil { // the number of an item is no part of what it asks for
		rest = rest[m[1]:]
	}
	at, of := 0, -1 // of: where the clauses begin that say of what the next one speaks
	tells := past().MatchString(s)
	for _, c := range splitKeep(rest, "，,；;：:") {
		t := strings.TrimLeft(c, " 　“‘")
		ok := orders(t)
		if !ok && !tells {
			ok = resolves(t) || offset > 0 && imperative().MatchString(t)
		}
		if ok {
			if of < 0 {
				of = at
			}
			for _, part := range splitTop(rest[of:], "；;") {
				x.add(in(""), p, no, part)
			}
			return
		}
		at += len(c)
		switch comma := strings.HasSuffix(c, "，") || strings.HasSuffix(c, ","); {
		case !comma:
			of = -1
		case of < 0 && scope().MatchString(t):
			of = at - len(c)
		}
	}
}

// orders tells whether a clause has a word that can only ask.
func orders(t string) bool {
	for _, w := range []string{"必须", "务必", "不得", "严禁", "要"} {
		if strings.HasPrefix(t, w) {
			return w != "要" || !strings.HasPrefix(t, "要求")
		}
	}
	if binding().MatchString(partial().ReplaceAllString(t, "")) {
		return true
	}
	if m := modal().FindStringIndex(t); m == nil || !strings.HasSuffix(t[:m[1]], "要") {
		return false
	}
	for _, w := range []string{"主要", "重要", "需要", "只要", "是要", "首要", "摘要", "纪要", "首先要把握"} {
		if strings.Contains(t, w) {
			return false
		}
	}
	return true
}

// resolves tells whether a clause begins with a word of resolve, which asks
// unless the sentence tells of the past.
func resolves(t string) bool {
	for _, w := range []string{"坚决", "确保", "切实", "严格"} {
		if strings.HasPrefix(t, w) {
			return true
		}
	}
	return false
}

// classify gives every sentence its class.
func (x *extractor) classify(body []string) {
	for i, p := range body {
		for n, s := range sentencesOf(p) {
			c := ClassBackground
			switch {
			case x.taken[[2]int{i + 1, n + 1}]:
				c = ClassRequirement
			case people().MatchString(s):
				c = ClassParticipants
			case told().MatchString(s):
				c = ClassReport
			}
			x.draft.Sentences = append(x.draft.Sentences, Sentence{Paragraph: i + 1, No: n + 1, Text: s, Class: c})
		}
	}
}

// quotes lists the texts between “ and ” of the outermost level.
func quotes(s string) []string {
	var out []string
	depth, start := 0, 0
	for i, r := range s {
		switch r {
		case '“':
			if depth == 0 {
				start = i + utf8.RuneLen(r)
			}
			depth++
		case '”':
			if depth--; depth == 0 {
				out = append(out, s[start:i])
			} else if depth < 0 {
				depth = 0
			}
		}
	}
	return out
}

// quotedBefore is the last quotation that ends before a place.
func quotedBefore(s string, at int) string {
	var last string
	for _, q := range quotes(s[:at]) {
		last = q
	}
	return last
}

// splitTop divides at marks that stand outside of quotations and parentheses.
func splitTop(s, marks string) []string {
	var out []string
	depth, start := 0, 0
	for i, r := range s {
		switch r {
		case '“', '‘', '（', '《', '(':
			depth++
		case '”', '’', '）', '》', ')':
			depth = max(0, depth-1)
		}
		if depth == 0 && strings.ContainsRune(marks, r) {
			out = append(out, s[start:i])
			start = i + utf8.RuneLen(r)
		}
	}
	return append(out, s[start:])
}

// splitKeep divides like splitTop but keeps the marks, so that the parts make
// the whole again.
func splitKeep(s, marks string) []string {
	var out []string
	at := 0
	for _, c := range splitTop(s, marks) {
		end := at + len(c)
		if end < len(s) {
			_, n := utf8.DecodeRuneInString(s[end:])
			end += n
		}
		out = append(out, s[at:end])
		at = end
	}
	return out
}

// sentencesOf cuts a paragraph at full stops that stand outside of quotations;
// the pieces make the whole again. Finer cuts than these would tear a list of
// demands from the words that ask for them.
func sentencesOf(p string) []string {
	var out []string
	depth, start := 0, 0
	rs := []rune(p)
	for i := 0; i < len(rs); i++ {
		switch rs[i] {
		case '“', '‘', '（', '《':
			depth++
		case '”', '’', '）', '》':
			depth = max(0, depth-1)
		case '。', '！', '？', '!', '?':
			if depth > 0 {
				continue
			}
			out = append(out, string(rs[start:i+1]))
			start = i + 1
		}
	}
	if start < len(rs) {
		out = append(out, string(rs[start:]))
	}
	return out
}
