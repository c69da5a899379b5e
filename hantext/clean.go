package hantext

import (
	"fmt"
	"html"
	"strings"
)

// Clean repairs a web copy: decodes it, takes the page away from around the article, removes readings, turns it into
// simplified characters and Chinese punctuation, finds title, source, editor and date, and warns of damage. The rules
// are in the package documentation. The error is an *InputError.
func Clean(raw []byte) (Article, error) {
	text, enc, err := Decode(raw)
	if err != nil {
		return Article{Body: []string{}, Removed: []Removed{}, Warnings: []Warning{}, Encoding: enc}, err
	}
	c := cleaner{art: Article{Body: []string{}, Removed: []Removed{}, Warnings: []Warning{}, Encoding: enc}}
	c.warnEncoding(enc)
	if err := c.read(text); err != nil {
		return c.art, &InputError{ErrMarkup, err.Error(), 0}
	}
	c.normalise()
	c.separate()
	c.chooseTitle()
	c.finishBody()
	return c.art, nil
}

// cleaner carries one document through the steps.
type cleaner struct {
	art         Article
	head        head
	page        page
	traditional bool
	kinds       []string // by line: "" is the article's, otherwise a Kind
	dropped     int      // doubled marks
}

func (c *cleaner) remove(kind, text string, line int) {
	c.art.Removed = append(c.art.Removed, Removed{Kind: kind, Text: text, Count: 1, Line: line})
}

func (c *cleaner) warn(w Warning) { c.art.Warnings = append(c.art.Warnings, w) }

func (c *cleaner) warnEncoding(enc Encoding) {
	for _, layer := range enc.Repaired {
		c.warn(Warning{Kind: WarnEncoding, Text: layer})
	}
	if enc.Undecodable > 0 {
		c.warn(Warning{Kind: WarnEncoding, Text: fmt.Sprintf("%d undecodable, first at byte %d", enc.Undecodable, enc.FirstBroken)})
	}
}

var (
	lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n", "\f", "\n", "\v", "\n")
	entities = lazily(`&(nbsp|[lr][sd]quo|mdash|ndash|hellip|middot|amp|lt|gt|quot|times|ensp|emsp|#\d{2,6}|#x[0-9a-fA-F]{2,5});`)
)

// read divides the input into lines, by markup or by line ends.
func (c *cleaner) read(text string) error {
	if looksLikeHTML(text) {
		p, err := parseHTML(text)
		c.page = p
		return err
	}
	text = lineEnds.Replace(text)
	for range 3 { // a copy of a copy can hold &amp;nbsp;
		if !entities().MatchString(text) {
			break
		}
		text = lineEnds.Replace(html.UnescapeString(text))
	}
	gap := false
	number := 0
	for raw := range strings.Lines(text) {
		number++
		trimmed := strings.TrimRight(raw, "\n")
		if strings.TrimSpace(tidy(trimmed)) == "" {
			gap = true
			c.countInvisible(trimmed)
			continue
		}
		indented := strings.HasPrefix(trimmed, "\u3000") || strings.HasPrefix(trimmed, "  ") || strings.HasPrefix(trimmed, "\t") || strings.HasPrefix(trimmed, "\u00A0")
		c.page.lines = append(c.page.lines, line{text: trimmed, number: number, indented: indented, gap: gap})
		gap = false
	}
	return nil
}

func (c *cleaner) countInvisible(s string) {
	gone := len([]rune(s)) - len([]rune(tidy(s)))
	if gone == 0 {
		return
	}
	for i := range c.art.Removed {
		if c.art.Removed[i].Kind == KindInvisible {
			c.art.Removed[i].Count += gone
			return
		}
	}
	c.art.Removed = append(c.art.Removed, Removed{Kind: KindInvisible, Count: gone})
}

// normalise takes readings out and simplifies, with the evidence of the whole document.
func (c *cleaner) normalise() {
	texts := make([]string, len(c.page.lines))
	for i, l := range c.page.lines {
		c.countInvisible(l.text)
		texts[i] = strings.TrimSpace(strings.ReplaceAll(tidy(l.text), "\n", " "))
	}
	joined, noise := StripPinyin(strings.Join(texts, "\n"))
	c.traditional = IsTraditional(joined)
	texts = strings.Split(simplifyIn(joined, c.traditional), "\n")
	for i := range c.page.lines {
		c.page.lines[i].text = strings.TrimSpace(texts[i])
	}
	c.page.title = c.plain(c.page.title)
	noise.Count += c.page.readings.Count
	noise.Kinds = append(noise.Kinds, c.page.readings.Kinds...)
	if noise.Count > 0 {
		const shown = 200
		kinds := noise.Kinds[:min(len(noise.Kinds), shown)]
		c.art.Removed = append(c.art.Removed, Removed{Kind: KindPinyin, Text: strings.Join(kinds, " "), Count: noise.Count})
	}
}

// plain is the repair of a short text outside the lines (page title, meta values).
func (c *cleaner) plain(s string) string {
	s, _ = StripPinyin(tidy(s))
	return strings.TrimSpace(simplifyIn(s, c.traditional || IsTraditional(s)))
}

// isProse tells whether a line is running text.
func isProse(s string) bool {
	n := len([]rune(s))
	return n > 60 || n >= 12 && strings.ContainsAny(s, "。！？；;!?") && !strings.HasPrefix(s, "《")
}

// questionTitle tells whether a line with ！ or ？ can still be a title (“回头看”看什么？), so that what is printed below
// it is read as statements.
func questionTitle(s string) bool {
	return len([]rune(s)) <= 60 && !strings.ContainsAny(s, "。；;") && titleWorth(s) >= 1
}

// separate decides for every line whether it is the article's, the page's, or a statement about the article.
func (c *cleaner) separate() {
	lines := c.page.lines
	c.kinds = make([]string, len(lines))
	first, last := len(lines), -1
	for i, l := range lines {
		c.kinds[i] = c.pageKind(l)
		if c.kinds[i] == "" && isProse(l.text) && !isStatement(l.text) {
			last = i
			if !questionTitle(l.text) {
				first = min(first, i)
			}
		}
	}
	for i, l := range lines {
		if c.kinds[i] != "" && c.kinds[i] != KindToolbar && !(c.kinds[i] == KindNavigation && l.hint == hintPage) {
			continue
		}
		if (i < first && c.head.readHead(l.text, last < 0 && i > 12)) || i > last && last >= 0 && c.head.readHead(l.text, true) {
			c.kinds[i] = KindHead
		}
		// Below a printed summary, between paragraphs: only a line that states two things at once.
		var probe head
		if i >= first && i < last && c.kinds[i] == "" && probe.readHead(l.text, false) && probe.stated() >= 2 {
			c.kinds[i] = KindHead
			c.head.readHead(l.text, false)
		}
	}
	if last >= 0 {
		c.trimEnd(last)
	}
	c.trimTop(first)
	for i, l := range lines {
		if c.kinds[i] != "" && c.kinds[i] != kindTitle {
			c.remove(c.kinds[i], l.text, l.number)
		}
	}
	c.readMeta()
	c.art.Source, c.art.Editor, c.art.Author, c.art.Published = c.head.source, c.head.editor, c.head.author, c.head.published
}

// isStatement tells whether a line is a statement about the article, without reading it.
func isStatement(s string) bool {
	var probe head
	return probe.readHead(s, true)
}

func (c *cleaner) pageKind(l line) string {
	if l.hint == hintHidden {
		return KindHidden
	}
	if kind := furnitureKind(l.text); kind != "" {
		return kind
	}
	if l.hint == hintPage && !(isProse(l.text) && strings.Contains(l.text, "。")) {
		return KindNavigation
	}
	return ""
}

// trimEnd takes lists of other articles and addresses below the last paragraph away.
func (c *cleaner) trimEnd(last int) {
	inList, notices := false, false
	for i := last + 1; i < len(c.page.lines); i++ {
		text := c.page.lines[i].text
		switch {
		case c.kinds[i] == KindNeighbours:
			inList = inList || related().MatchString(text)
		case c.kinds[i] == KindNotice:
			notices = true
		case c.kinds[i] == "" && inList:
			c.kinds[i] = KindNeighbours
		case c.kinds[i] == "" && notices && address().MatchString(text):
			c.kinds[i] = KindNotice
		}
	}
}

var siteName = lazily(`^[\p{Han}A-Za-z0-9]{2,14}(网|网站|门户网站|频道|日报|客户端|首页|专栏|栏目|要闻|新闻|动态|资讯|公告栏|信息公开)$`)

// trimTop takes names of sites and columns above the title away; they are short and say nothing about the matter.
func (c *cleaner) trimTop(first int) {
	furnitureBelow := false
	for i := min(first, len(c.page.lines)) - 1; i >= 0; i-- {
		if c.kinds[i] == "" && furnitureBelow && siteName().MatchString(c.page.lines[i].text) && c.hasTitleBelow(i, first) {
			c.kinds[i] = KindNavigation
		}
		furnitureBelow = furnitureBelow || c.kinds[i] != ""
	}
}

func (c *cleaner) hasTitleBelow(i, first int) bool {
	for k := i + 1; k < min(first, len(c.page.lines)); k++ {
		if c.kinds[k] == "" && titleWorth(c.page.lines[k].text) >= 2 {
			return true
		}
	}
	return false
}

// readMeta fills gaps from the meta elements of an HTML page.
func (c *cleaner) readMeta() {
	for _, m := range []struct {
		name  string
		field field
	}{
		{"pubdate", fieldDate}, {"article:published_time", fieldDate}, {"publishdate", fieldDate}, {"og:release_date", fieldDate}, {"firstpublishedtime", fieldDate},
		{"contentsource", fieldSource}, {"source", fieldSource}, {"article:source", fieldSource}, {"editor", fieldEditor}, {"contenteditor", fieldEditor},
	} {
		if value := c.page.meta[m.name]; value != "" {
			c.head.take(statement{field: m.field, value: c.plain(value)})
		}
	}
}

// finishBody joins broken lines, sets the punctuation and inspects every paragraph.
func (c *cleaner) finishBody() {
	var rest []line
	for i, l := range c.page.lines {
		if c.kinds[i] == "" {
			rest = append(rest, l)
		}
	}
	if !c.page.html {
		rest = unwrap(rest)
	}
	for i, l := range rest {
		text := c.punctuate(l.text)
		if i >= len(rest)-3 {
			var cut string
			if text, cut = c.head.readTail(text); cut != "" {
				c.remove(KindHead, cut, l.number)
			}
		}
		if text != "" {
			c.art.Body = append(c.art.Body, text)
		}
	}
	c.art.Source, c.art.Editor, c.art.Author, c.art.Published = c.head.source, c.head.editor, c.head.author, c.head.published
	for i, paragraph := range c.art.Body {
		inspect(paragraph, i+1, c.warn)
	}
	if c.dropped > 0 {
		c.art.Removed = append(c.art.Removed, Removed{Kind: KindPunctuation, Count: c.dropped})
	}
	switch {
	case len(c.art.Body) == 0:
		c.warn(Warning{Kind: WarnEmpty})
	case c.art.Title == "":
		c.warn(Warning{Kind: WarnTitle})
	}
}

// punctuate sets the marks of one paragraph and counts those that went.
func (c *cleaner) punctuate(s string) string {
	s, dropped := setPunctuation(s, c.traditional)
	c.dropped += dropped
	return s
}
