package hantext

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// page is what an HTML page or a plain text comes down to: lines with what the markup says about them.
type page struct {
	lines    []line
	title    string // <title>, without markup
	meta     map[string]string
	readings Noise // <rt> of ruby annotations
	html     bool
}

// hint is what the markup says about a line.
type hint int

const (
	hintNone    hint = iota
	hintHeading      // h1
	hintMain         // inside the element that holds the article
	hintPage         // inside navigation, footer, share bar, or nothing but links
	hintHidden       // not shown to readers: usual place of injected advertising
)

type line struct {
	text     string
	hint     hint
	indented bool
	number   int  // 1-based line of the input; for HTML, of the text that came out
	gap      bool // an empty line stood before
}

var htmlSigns = lazily(`(?i)<!doctype\s+html|<html[\s>]|<body[\s>]|<head[\s>]|</p>|</div>|<br\s*/?>|</h[1-6]>|</td>|</span>|</article>|</title>`)

// looksLikeHTML wants a document element or several tags that text about something else would not hold.
func looksLikeHTML(text string) bool {
	found := htmlSigns().FindAllStringIndex(text, 3)
	if len(found) == 0 {
		return false
	}
	first := strings.ToLower(text[found[0][0]:found[0][1]])
	return len(found) >= 2 || strings.HasPrefix(first, "<!doctype") || strings.HasPrefix(first, "<html") || strings.HasPrefix(first, "<body")
}

var pageClass = lazily(`(?i)(^|[-_\s])(nav|navbar|navi|menu|submenu|foot|footer|aside|sidebar|breadcrumbs?|crumbs?|share|bdshare|related|copyright|toolbar|tools?|pager|pagination|location|position|weizhi|dqwz|recommend|login|search|qrcode|ewm|friendlink|links)($|[-_\s\d])`)

var mainClass = lazily(`(?i)(^|[-_\s])(article|artical|content|contents|con|con_text|zoom|detail|details|news_?text|vsb_content|trs_editor|trs_ueditor|ucap-content|custom_unionstyle|text_content|pages_content|main_?text|zw|zhengwen|cont)($|[-_\s\d])`)

// maxDepth bounds the walk: deeper nesting is hostile, no author reaches it.
const maxDepth = 300

// maxMain bounds how many elements are weighed as the one that holds the article.
const maxMain = 50

// parseHTML flattens a page. It fails only when the tokeniser does, which for text in memory it does not.
func parseHTML(text string) (page, error) {
	root, err := html.ParseWithOptions(strings.NewReader(text), html.ParseOptionEnableScripting(false))
	if err != nil {
		return page{}, err
	}
	p := page{meta: map[string]string{}, html: true}
	w := walker{page: &p}
	w.main = mainElement(root)
	w.walk(root, 0, hintNone)
	w.breakLine(hintNone)
	return p, nil
}

// mainElement is the smallest marked element that holds at least 60 % of the full stops of the page.
func mainElement(root *html.Node) *html.Node {
	total := fullStops(root, 0)
	if total == 0 {
		return nil
	}
	var best *html.Node
	tried := 0
	var look func(n *html.Node, depth int)
	look = func(n *html.Node, depth int) {
		if depth > maxDepth || tried > maxMain {
			return
		}
		if n.Type == html.ElementNode && (n.DataAtom == atom.Article || mainClass().MatchString(attribute(n, "class")) || mainClass().MatchString(attribute(n, "id"))) {
			tried++
			if fullStops(n, depth)*10 < total*6 {
				return
			}
			best = n
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			look(c, depth+1)
		}
	}
	look(root, 0)
	return best
}

func fullStops(n *html.Node, depth int) int {
	if depth > maxDepth || n.DataAtom == atom.Script || n.DataAtom == atom.Style {
		return 0
	}
	sum := 0
	if n.Type == html.TextNode {
		sum = strings.Count(n.Data, "。")
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		sum += fullStops(c, depth+1)
	}
	return sum
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

type walker struct {
	page  *page
	main  *html.Node
	buf   strings.Builder
	plain int // bytes of buf outside links
	gap   bool
}

func (w *walker) breakLine(h hint) {
	raw := w.buf.String()
	w.buf.Reset()
	linked := w.plain == 0
	w.plain = 0
	text := collapseBlanks(raw)
	if text == "" {
		w.gap = true
		return
	}
	if linked && h == hintNone && !strings.ContainsAny(text, "。！？；") {
		h = hintPage
	}
	indented := strings.HasPrefix(strings.TrimLeft(raw, "\r\n"), "\u3000\u3000")
	w.page.lines = append(w.page.lines, line{text: text, hint: h, indented: indented, number: len(w.page.lines) + 1, gap: w.gap})
	w.gap = false
}

// collapseBlanks joins the white space of markup, which means nothing, to single blanks.
func collapseBlanks(s string) string {
	return strings.TrimSpace(strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' || r == '\v' || r == 0xA0 || r == 0x3000
	}), " "))
}

func (w *walker) walk(n *html.Node, depth int, h hint) {
	if depth > maxDepth {
		return
	}
	switch n.Type {
	case html.TextNode:
		w.addText(n, n.Data)
		return
	case html.ElementNode:
		if w.skip(n) {
			return
		}
		h = hintOf(n, w.main, h)
	}
	block := n.Type == html.ElementNode && isBlock(n.DataAtom)
	if block {
		w.breakLine(w.outer(n, h))
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.walk(c, depth+1, h)
	}
	if n.DataAtom == atom.Td || n.DataAtom == atom.Th {
		w.buf.WriteByte(' ')
	}
	if block || n.DataAtom == atom.Br {
		w.breakLine(h)
	}
}

// outer is the hint of text that stood before a block began: it belongs to the block's parent.
func (w *walker) outer(n *html.Node, h hint) hint {
	if h == hintHeading || h == hintPage || h == hintHidden {
		for p := n.Parent; p != nil; p = p.Parent {
			if p == w.main {
				return hintMain
			}
		}
		return hintNone
	}
	return h
}

func (w *walker) addText(n *html.Node, text string) {
	// <span>作者：某某</span><span>来源：某网</span> prints with a gap that the markup does not hold.
	if start := []rune(strings.TrimSpace(text)); len(start) > 2 && w.buf.Len() > 0 && !isBlock(n.Parent.DataAtom) {
		if _, list := readStatements(Simplify(string(start[:min(len(start), 12)]))); list != nil && beginsWithLabel(Simplify(string(start))) {
			w.buf.WriteByte(' ')
		}
	}
	w.buf.WriteString(text)
	for p := n.Parent; p != nil && !isBlock(p.DataAtom); p = p.Parent {
		if p.DataAtom == atom.A {
			return
		}
	}
	w.plain += len(strings.TrimSpace(text))
}

// skip handles elements whose text is no text of the page.
func (w *walker) skip(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Svg, atom.Iframe, atom.Object, atom.Noscript, atom.Textarea, atom.Select:
		return true
	case atom.Rt, atom.Rp:
		if n.DataAtom == atom.Rt {
			w.page.readings.add(0, "("+collapseBlanks(textOf(n))+")")
		}
		return true
	case atom.Title:
		if w.page.title == "" {
			w.page.title = collapseBlanks(textOf(n))
		}
		return true
	case atom.Meta:
		name := strings.ToLower(attribute(n, "name") + attribute(n, "property"))
		if value := collapseBlanks(attribute(n, "content")); name != "" && value != "" {
			w.page.meta[name] = value
		}
		return true
	}
	return false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

var hiddenStyle = lazily(`(?i)display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(px|pt|em|;|$)`)

func hintOf(n *html.Node, main *html.Node, inherited hint) hint {
	if inherited == hintHidden || hiddenStyle().MatchString(attribute(n, "style")) {
		return hintHidden
	}
	if n == main {
		return hintMain
	}
	if n.DataAtom == atom.H1 && inherited != hintPage {
		return hintHeading
	}
	if containsMain(n, main) {
		return inherited
	}
	switch n.DataAtom {
	case atom.Nav, atom.Footer, atom.Aside, atom.Button, atom.Form:
		return hintPage
	}
	if inherited != hintMain && (pageClass().MatchString(attribute(n, "class")) || pageClass().MatchString(attribute(n, "id"))) {
		return hintPage
	}
	return inherited
}

// containsMain protects an ancestor of the article from a misleading class name.
func containsMain(n, main *html.Node) bool {
	for p := main; p != nil; p = p.Parent {
		if p == n {
			return true
		}
	}
	return false
}

func isBlock(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Div, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Li, atom.Ul, atom.Ol, atom.Tr, atom.Table, atom.Section,
		atom.Article, atom.Header, atom.Footer, atom.Nav, atom.Aside, atom.Blockquote, atom.Pre, atom.Dl, atom.Dd, atom.Dt, atom.Body, atom.Html,
		atom.Form, atom.Fieldset, atom.Center, atom.Main, atom.Figure, atom.Figcaption, atom.Hr, atom.Address:
		return true
	}
	return false
}
