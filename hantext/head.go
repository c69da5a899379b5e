package hantext

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// field is a kind of statement about the article that pages print above or below it.
type field int

const (
	fieldNone field = iota
	fieldSource
	fieldEditor
	fieldAuthor
	fieldDate
	fieldOther // reviewers, counters: recognised so that they end the value before them
)

// labels are the words for each field as sites print them; blanks may stand between their characters.
var labels = []struct {
	field field
	words string
}{
	{fieldSource, "信息来源 本文来源 文章来源 稿件来源 新闻来源 内容来源 资料来源 来源 稿源 出处 发布机构 发布单位 发布者 发布人 信息提供 供稿单位 供稿"},
	{fieldEditor, "责任编辑 值班编辑 网络编辑 网站编辑 本文编辑 本期编辑 文字编辑 执行编辑 责编 编辑 编 辑"},
	{fieldAuthor, "作者 撰稿人 撰稿 撰文 通讯员 记者 文"},
	{fieldDate, "发布时间 发布日期 发表时间 发表日期 发稿时间 发文时间 发文日期 公开时间 公开日期 成文日期 更新时间 更新日期 上传时间 录入时间 创建时间 时间 日期 发布于 发表于"},
	{fieldOther, "审核人 审核 审校 审稿 校对 初审 复审 终审 监制 签发 点击次数 点击数 点击量 点击率 点击 浏览次数 浏览量 浏览数 浏览 阅读次数 阅读量 阅读数 阅读 访问次数 访问量 人气 字号 字体 字体大小 文字大小 颜色 背景色 分享到 分享 打印 索引号 文号 发文字号 主题分类 栏目 分类 信息分类 公开方式 公开类别 字数"},
}

// buildLabels gives the pattern that finds a label where a field can begin, at the start or after a blank, bracket or
// divider, and the field of each label.
var buildLabels = sync.OnceValues(readLabels)

func readLabels() (*regexp.Regexp, map[string]field) {
	fields := map[string]field{}
	var words []string
	for _, l := range labels {
		for _, w := range strings.Fields(l.words) {
			if _, known := fields[w]; known {
				continue
			}
			fields[w] = l.field
			spaced := make([]string, 0, 8)
			for _, r := range w {
				spaced = append(spaced, string(r))
			}
			words = append(words, strings.Join(spaced, ` ?`))
		}
	}
	return regexp.MustCompile(`(?:^|[\s|丨｜/\[【(（,，;；。]|\d)(` + strings.Join(words, "|") + `) ?[:：|丨｜/]`), fields
}

func beginsWithLabel(s string) bool {
	pattern, _ := buildLabels()
	at := pattern.FindStringIndex(s)
	return at != nil && at[0] == 0
}

// statement is one field with its value as printed.
type statement struct {
	field field
	label string
	value string
}

// readStatements divides a line into labelled values. lead is what stands before the first label.
func readStatements(s string) (lead string, list []statement) {
	labelPattern, labelField := buildLabels()
	found := labelPattern.FindAllStringSubmatchIndex(s, -1)
	if len(found) == 0 {
		return s, nil
	}
	lead = s[:found[0][2]]
	for i, m := range found {
		end := len(s)
		if i+1 < len(found) {
			end = found[i+1][2]
		}
		label := strings.ReplaceAll(s[m[2]:m[3]], " ", "")
		list = append(list, statement{labelField[label], label, trimValue(s[m[1]:end])})
	}
	return trimValue(lead), list
}

// trimValue takes brackets, dividers and the page's buttons off the end of a value.
func trimValue(s string) string {
	s = strings.Trim(s, " 　\t|丨｜/,，;；:：[]【】")
	if strings.Count(s, "（")+strings.Count(s, "(") != strings.Count(s, "）")+strings.Count(s, ")") {
		s = strings.Trim(s, "()（）")
	}
	for {
		cut := strings.LastIndexAny(s, " |丨｜")
		if cut < 0 {
			break
		}
		_, width := decodeAt(s, cut)
		if last := s[cut+width:]; !isControl(last) {
			break
		}
		s = strings.TrimRight(s[:cut], " |丨｜/,，;；[]【】")
	}
	if isControl(s) {
		return ""
	}
	return s
}

func decodeAt(s string, i int) (rune, int) {
	for _, r := range s[i:] {
		return r, len(string(r))
	}
	return 0, 0
}

var (
	dateForm    = lazily(`(\d{4}) ?[-./年] ?(\d{1,2}) ?[-./月] ?(\d{1,2})(?:[日号]|\b|T| )?`)
	compactForm = lazily(`^(\d{4})(\d{2})(\d{2})$`)
	hanDate     = lazily(`([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日`)
	timeForm    = lazily(`^ ?(星期[一二三四五六日天]|周[一二三四五六日])? ?(\d{1,2}[:：时]\d{1,2}([:：分]\d{1,2}秒?)?分?)?$`)
	weekday     = lazily(`星期[一二三四五六日天]`)
)

// findDate reads the first complete, possible date of s as YYYY-MM-DD; rest is what follows it.
func findDate(s string) (date, rest string, ok bool) {
	s = foldDigits(s)
	if m := dateForm().FindStringSubmatchIndex(s); m != nil {
		if date, ok := validDate(s[m[2]:m[3]], s[m[4]:m[5]], s[m[6]:m[7]]); ok {
			return date, s[m[1]:], true
		}
	}
	if m := hanDate().FindStringSubmatch(s); m != nil {
		if date, ok := validDate(hanDigits(m[1]), strconv.Itoa(hanNumber(m[2])), strconv.Itoa(hanNumber(m[3]))); ok {
			return date, s[strings.Index(s, m[0])+len(m[0]):], true
		}
	}
	if m := compactForm().FindStringSubmatch(strings.TrimSpace(s)); m != nil {
		if date, ok := validDate(m[1], m[2], m[3]); ok {
			return date, "", true
		}
	}
	return "", "", false
}

// validDate refuses what no calendar has; publication dates before the web existed are slips too.
func validDate(y, m, d string) (string, bool) {
	text := fmt.Sprintf("%s-%02s-%02s", y, m, d)
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 1949 || day.Year() > 2199 {
		return "", false
	}
	return text, true
}

func foldDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '－':
			return '-'
		case r == '／':
			return '/'
		}
		return r
	}, s)
}

const hanNine = "〇一二三四五六七八九"

func hanDigits(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '○' || r == '零' {
			r = '〇'
		}
		b.WriteByte(byte('0' + strings.IndexRune(hanNine, r)/3))
	}
	return b.String()
}

// hanNumber reads 一 to 三十一.
func hanNumber(s string) int {
	tens, ones, hasTen := strings.Cut(s, "十")
	value := func(part string) int { return strings.Index(hanNine, part) / 3 }
	if !hasTen {
		return value(s)
	}
	n := 10
	if tens != "" {
		n = 10 * value(tens)
	}
	if ones != "" {
		n += value(ones)
	}
	return n
}

// loneDate tells whether a line is nothing but a date, perhaps with weekday and time.
func loneDate(s string) (string, bool) {
	s = strings.Trim(s, " []【】()（）")
	date, rest, ok := findDate(s)
	if !ok || !timeForm().MatchString(rest) {
		return "", false
	}
	s = foldDigits(s)
	starts := s != "" && (isDigit(s[0]) || hanDate().MatchString(s))
	return date, starts && (dateForm().FindStringIndex(s) == nil || dateForm().FindStringIndex(s)[0] == 0)
}

// publisher tells whether s can be the bare name of a publishing house or site, as in "中国长安网 2022-04-14".
var publisher = lazily(`^[\p{Han}A-Za-z0-9“”《》·]{1,20}(网|报|社|日报|周刊|杂志|电视台|客户端|公众号|在线|发布|频道|检察|法治|政府|院|局|委|办|部)》?$`)

// head is what the lines around the article say about it.
type head struct {
	source, editor, author, published string
}

// take enters one statement; the first of each kind counts, for pages repeat them.
func (h *head) take(st statement) {
	value := st.value
	set := func(to *string) {
		if *to == "" {
			*to = value
		}
	}
	if st.field == fieldSource || st.field == fieldEditor || st.field == fieldAuthor {
		value = h.splitDate(value)
	}
	switch st.field {
	case fieldSource:
		value = strings.TrimSuffix(strings.TrimPrefix(value, "《"), "》")
		set(&h.source)
	case fieldEditor:
		value = closeName(value)
		set(&h.editor)
	case fieldAuthor:
		value = closeName(value)
		set(&h.author)
	case fieldDate:
		if date, _, ok := findDate(value); ok {
			value = date
			set(&h.published)
		}
	}
}

// splitDate takes a date off the end of another value: 来源：某网 2022-04-14 10:30
func (h *head) splitDate(value string) string {
	at := dateForm().FindStringIndex(value)
	if at == nil {
		at = hanDate().FindStringIndex(value)
	}
	if at == nil || at[0] == 0 {
		return value
	}
	h.take(statement{field: fieldDate, value: value[at[0]:]})
	return trimValue(value[:at[0]])
}

// closeName closes the gap of a two-character name (李 婷).
func closeName(s string) string {
	parts := strings.Fields(s)
	if len(parts) == 2 && len([]rune(parts[0])) == 1 && len([]rune(parts[1])) == 1 {
		return parts[0] + parts[1]
	}
	return strings.Join(parts, " ")
}

// maxStatement is the length above which a line is prose whatever it begins with.
const maxStatement = 160

// readHead reads a line that consists of statements about the article. atEnd is the stricter rule below the article,
// where 时间：, 日期： and 文： may belong to a notice.
func (h *head) readHead(s string, atEnd bool) bool {
	if len(s) == 0 || len(s) > 3*maxStatement || strings.ContainsAny(s, "。！？；") {
		return false
	}
	s = foldDigits(s)
	lead, list := readStatements(s)
	if list == nil {
		return !atEnd && h.readBare(s)
	}
	known := false
	for _, st := range list {
		if strings.ContainsAny(st.value, "。！？；") || len([]rune(st.value)) > 40 {
			return false
		}
		switch {
		case st.field == fieldDate:
			if !dateValue(st, atEnd) {
				return false
			}
			known = true
		case st.label == "文" && atEnd, st.label == "栏目", st.label == "分类":
			return false
		default:
			known = true
		}
	}
	if lead != "" && !h.readBare(lead) && !isFurniture(lead) {
		return false
	}
	for _, st := range list {
		h.take(st)
	}
	return known
}

// almostDate is a date with an impossible month or day: still a statement, but not believed.
var almostDate = lazily(`^\d{2,4} ?[-./年] ?\d{1,2}( ?[-./月] ?\d{0,2}日?)?[ \d:：]*$`)

// dateValue tells whether a date label is followed by a date and nothing but. The short labels 时间 and 日期 also
// introduce the hours of a meeting (时间：9月4日上午9时), and below the article they belong to it.
func dateValue(st statement, atEnd bool) bool {
	short := len([]rune(st.label)) == 2
	if short && atEnd {
		return false
	}
	_, rest, ok := findDate(st.value)
	if !ok {
		return st.value == "" || almostDate().MatchString(st.value)
	}
	return !short || timeForm().MatchString(strings.TrimSpace(rest))
}

// stated counts the fields that are known.
func (h *head) stated() int {
	n := 0
	for _, v := range []string{h.source, h.editor, h.author, h.published} {
		if v != "" {
			n++
		}
	}
	return n
}

// readBare reads unlabelled statements: a lone date, a publisher's name with a date.
func (h *head) readBare(s string) bool {
	if date, ok := loneDate(s); ok {
		h.take(statement{field: fieldDate, value: date})
		return true
	}
	if m := accountLine().FindStringSubmatch(s); m != nil {
		h.take(statement{field: fieldDate, value: m[1] + m[2]})
		return true
	}
	m := dateForm().FindStringIndex(foldDigits(s))
	if m == nil || len(foldDigits(s)) != len(s) {
		return false
	}
	before, after := trimValue(s[:m[0]]), trimValue(s[m[1]:])
	date, _, ok := findDate(s[m[0]:m[1]])
	name := before
	if name == "" {
		name = trimValue(regexpTime().ReplaceAllString(after, ""))
	} else if !timeForm().MatchString(after) {
		return false
	}
	if !ok || !publisher().MatchString(name) {
		return false
	}
	h.take(statement{field: fieldDate, value: date})
	h.take(statement{field: fieldSource, value: name})
	return true
}

// accountLine is the line above an article of a public account: 原创 某某 某某 2023-05-06 18:00 发表于某地
var accountLine = lazily(`^(?:(?:原创 .{0,40})|.{2,40} )(\d{4}[-年]\d{1,2}[-月]\d{1,2}日?) \d{1,2}:\d{2}(?: (?:发表|发布)于 ?\p{Han}{2,6})$|^原创 .{2,40} (\d{4}-\d{1,2}-\d{1,2})( \d{1,2}:\d{2})?$`)

var regexpTime = lazily(`^\d{1,2}[:：]\d{1,2}([:：]\d{1,2})?`)

// tailStatement is a statement in parentheses at the end of the last paragraph: ……参会。（责任编辑：李婷）
var tailStatement = lazily(`[（(【\[]([^（()）\[\]【】。！？]{2,60})[)）】\]]$`)

func (h *head) readTail(paragraph string) (rest, cut string) {
	m := tailStatement().FindStringSubmatchIndex(paragraph)
	if m == nil || m[0] == 0 {
		return paragraph, ""
	}
	inner := paragraph[m[2]:m[3]]
	lead, list := readStatements(inner)
	if lead != "" || len(list) == 0 || list[0].field == fieldDate || list[0].label == "文" || list[0].label == "记者" || list[0].label == "通讯员" {
		return paragraph, ""
	}
	for _, st := range list {
		h.take(st)
	}
	return strings.TrimSpace(paragraph[:m[0]]), paragraph[m[0]:]
}
