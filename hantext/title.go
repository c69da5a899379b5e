package hantext

import (
	"strings"
)

// kindTitle marks the lines of the title while a document is taken apart.
const kindTitle = "title"

var (
	titleWords  = lazily(`关于|通报|通知|会议|召开|公告|公示|意见|报告|情况|办法|讲话|方案|纪要|综述|规定|条例|细则|决定|部署|推进|推动|开展|整改|巡视|巡察|印发|工作|致辞|解读|问答|纪实`)
	numbering   = lazily(`^([（(]?[一二三四五六七八九十]{1,3}[)）、.．]|第[一二三四五六七八九十百\d]{1,4}[章节条编]|\d{1,2}[、.．)）]|[①-⑳])`)
	notATitle   = lazily(`^(联系电话|联系人|电话|地址|附件|邮编|索引号|文号|编号|各[市县区省]|各.{0,20}[：:]$)|^\d+$`)
	siteEnding  = lazily(`(网|网站|频道|首页|专栏|栏目|客户端)$`)
	goesOn      = lazily(`(的|和|与|暨|及|、|关于|对|在|印发|转发|批转|下发)$`)
	titleSuffix = lazily(`\s*[-_|—–丨｜>»]+\s*[^-_|—–丨｜>»]{2,24}$`)
	onlyBracket = lazily(`^[（(【\[].*[)）】\]]$`)
)

// titleWorth says how much a line looks like a title; below 1 it cannot be one.
func titleWorth(s string) int {
	n := len([]rune(s))
	switch {
	case n < 4 || n > 80, strings.HasSuffix(s, "。"), strings.ContainsAny(s[len(s)-1:], ",;:"), numbering().MatchString(s), notATitle().MatchString(s):
		return -9
	case strings.HasSuffix(s, "；") || strings.HasSuffix(s, "，") || strings.HasSuffix(s, "：") || strings.HasSuffix(s, "、"), strings.Count(s, "。") > 0:
		return -9
	case !strings.ContainsFunc(s, isHan), strings.HasPrefix(s, "——"):
		return -9
	}
	if _, date := loneDate(s); date {
		return -9
	}
	worth := 1
	if titleWords().MatchString(s) {
		worth += 2
	}
	if n >= 10 && n <= 50 {
		worth++
	}
	if siteEnding().MatchString(s) {
		worth -= 2
	}
	if onlyBracket().MatchString(s) {
		worth -= 4
	}
	return worth
}

// chooseTitle finds the line that is the title: a heading of the page or the line that agrees with its <title>;
// otherwise, where source or date are printed, the best line above them; otherwise the first line that can be one.
func (c *cleaner) chooseTitle() {
	candidates, headAt := c.candidates()
	pageTitle := c.pageTitle()
	best, bestWorth := -1, 0
	for n, i := range candidates {
		l := c.page.lines[i]
		worth := titleWorth(l.text)
		if worth < 1 {
			continue
		}
		if l.hint == hintHeading {
			worth += 4
		}
		if pageTitle != "" && strings.HasPrefix(NormalizeForMatch(pageTitle), NormalizeForMatch(l.text)) {
			worth += 6
		}
		switch {
		case headAt >= 0 && i > headAt && best >= 0:
			continue
		case headAt >= 0 && i < headAt && nextKept(candidates, n, headAt):
			worth += 2 // directly above the statements
		}
		if best < 0 || worth > bestWorth {
			best, bestWorth = i, worth
		}
		if headAt < 0 && !c.page.html {
			break
		}
	}
	if best < 0 {
		c.titleFromPage(pageTitle)
		return
	}
	c.setTitle(best)
	if c.page.title != "" && NormalizeForMatch(c.page.title) != NormalizeForMatch(c.art.Title) {
		c.remove(KindPageTitle, c.page.title, 0)
	}
}

// candidates are the article's lines above the first paragraph; headAt is the first line of statements about it.
func (c *cleaner) candidates() (list []int, headAt int) {
	headAt = -1
	for i, l := range c.page.lines {
		if c.kinds[i] == KindHead && headAt < 0 {
			headAt = i
		}
		if c.kinds[i] != "" {
			continue
		}
		if isProse(l.text) && titleWorth(l.text) < 1 || isProse(l.text) && strings.ContainsAny(l.text, "。；;") {
			break
		}
		if list = append(list, i); len(list) >= 20 {
			break
		}
	}
	return list, headAt
}

// nextKept tells whether nothing of the article stands between candidate n and the statements.
func nextKept(candidates []int, n, headAt int) bool {
	return n+1 >= len(candidates) || candidates[n+1] > headAt
}

// pageTitle is the article's title as the page's head gives it.
func (c *cleaner) pageTitle() string {
	for _, name := range []string{"articletitle", "og:title"} {
		if t := c.plain(c.page.meta[name]); t != "" {
			return t
		}
	}
	return c.page.title
}

// titleFromPage falls back to <title> without the name of the site.
func (c *cleaner) titleFromPage(t string) {
	if t == "" {
		return
	}
	short := t
	for titleSuffix().MatchString(short) && titleWorth(titleSuffix().ReplaceAllString(short, "")) >= 1 {
		short = titleSuffix().ReplaceAllString(short, "")
	}
	if titleWorth(short) < 1 {
		c.remove(KindPageTitle, t, 0)
		return
	}
	c.art.Title = c.punctuate(short)
	if short != t {
		c.remove(KindPageTitle, t, 0)
	}
}

// setTitle takes line i, and the next one where the title is plainly broken over two lines.
func (c *cleaner) setTitle(i int) {
	text := c.page.lines[i].text
	c.kinds[i] = kindTitle
	if next := i + 1; next < len(c.page.lines) && c.kinds[next] == "" && (goesOn().MatchString(text) || unbalanced(text) >= 0) {
		if more := c.page.lines[next].text; !isProse(more) && titleWorth(text+more) >= 1 && !numbering().MatchString(more) {
			text += more
			c.kinds[next] = kindTitle
		}
	}
	c.art.Title = c.punctuate(text)
	inspect(c.art.Title, 0, c.warn)
}
