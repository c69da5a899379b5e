package uitest

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// tag is one start tag of a page.
type tag struct {
	name  string
	attrs map[string]string
	order []string
	line  int
}

// voidTags never have an end tag.
var voidTags = strings.Fields("area base br col embed hr img input link meta source track wbr")

// Check returns the faults of a page or fragment as rendered by our own templates, with line numbers.
func Check(page string) []string {
	c := &checker{ids: map[string]int{}}
	c.scan(page)
	c.finish()
	return c.faults
}

type checker struct {
	faults  []string
	ids     map[string]int
	refs    []ref
	fors    map[string]bool
	needFor []ref
	open    []tag
	last    int // level of the last heading
	h1      int
	whole   bool // a document, not a fragment
	buttons []*control
	current *control // link or button that is open, to see whether it has a name
}

type ref struct {
	id, what string
	line     int
}

type control struct {
	tag  tag
	name bool
}

func (c *checker) fault(line int, format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf("line %d: ", line)+fmt.Sprintf(format, args...))
}

// scan splits the page into tags and text. Our templates write well-formed markup, so that a full HTML
// parser is not needed; what is not well-formed is a fault.
func (c *checker) scan(page string) {
	c.fors = map[string]bool{}
	line := 1
	for rest := page; rest != ""; {
		i := strings.IndexByte(rest, '<')
		if i < 0 {
			c.text(rest)
			break
		}
		c.text(rest[:i])
		line += strings.Count(rest[:i], "\n")
		rest = rest[i:]
		if len(rest) > 9 && strings.EqualFold(rest[:9], "<!doctype") {
			c.whole = true
		}
		end := tagEnd(rest)
		if end < 0 {
			c.fault(line, "tag without end: %.40q", rest)
			break
		}
		raw := rest[1:end]
		switch {
		case strings.HasPrefix(raw, "!"):
		case strings.HasPrefix(raw, "/"):
			c.close(strings.TrimSpace(raw[1:]), line)
		default:
			t, err := parseTag(strings.TrimSuffix(raw, "/"), line)
			if err != "" {
				c.fault(line, "%s", err)
			}
			c.start(t)
			if !slices.Contains(voidTags, t.name) && !strings.HasSuffix(raw, "/") {
				c.open = append(c.open, t)
			}
		}
		line += strings.Count(rest[:end+1], "\n")
		rest = rest[end+1:]
	}
}

// tagEnd finds the '>' that closes a tag, skipping quoted values.
func tagEnd(s string) int {
	var quote byte
	for i := 1; i < len(s); i++ {
		switch {
		case quote != 0:
			if s[i] == quote {
				quote = 0
			}
		case s[i] == '"' || s[i] == '\'':
			quote = s[i]
		case s[i] == '>':
			return i
		}
	}
	return -1
}

func parseTag(raw string, line int) (tag, string) {
	name, rest, _ := strings.Cut(strings.ReplaceAll(raw, "\n", " "), " ")
	t := tag{name: strings.ToLower(name), attrs: map[string]string{}, line: line}
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		i := strings.IndexAny(rest, "= ")
		key, value := rest, ""
		if i < 0 {
			rest = ""
		} else {
			key = rest[:i]
			if rest[i] == '=' {
				quoted := rest[i+1:]
				if quoted == "" || quoted[0] != '"' {
					return t, "attribute without quotes in <" + raw + ">"
				}
				stop := strings.IndexByte(quoted[1:], '"')
				if stop < 0 {
					return t, "quote left open in <" + raw + ">"
				}
				value, rest = html.UnescapeString(quoted[1:stop+1]), quoted[stop+2:]
			} else {
				rest = rest[i:]
			}
		}
		if _, twice := t.attrs[key]; twice {
			return t, "attribute " + key + " twice in <" + raw + ">"
		}
		t.attrs[key] = value
		t.order = append(t.order, key)
	}
	return t, ""
}

func (c *checker) text(s string) {
	if strings.TrimSpace(s) != "" && c.current != nil {
		c.current.name = true
	}
	for _, bad := range []string{"⟦", "<no value>", "%!", "ZgotmplZ", "&lt;no value&gt;"} {
		if strings.Contains(s, bad) {
			c.fault(0, "broken text %.60q", strings.TrimSpace(s))
		}
	}
}

func (c *checker) start(t tag) {
	c.policy(t)
	if id, ok := t.attrs["id"]; ok {
		if id == "" || strings.ContainsAny(id, " \t") {
			c.fault(t.line, "bad id %q", id)
		}
		if first, twice := c.ids[id]; twice {
			c.fault(t.line, "id %q is used twice (first in line %d)", id, first)
		}
		c.ids[id] = t.line
	}
	for _, key := range []string{"for", "aria-describedby", "aria-labelledby", "aria-controls", "list", "form", "headers"} {
		if v, ok := t.attrs[key]; ok {
			for _, id := range strings.Fields(v) {
				c.refs = append(c.refs, ref{id, key, t.line})
			}
		}
	}
	if at, ok := strings.CutPrefix(t.attrs["href"], "#"); ok && t.name == "a" {
		c.refs = append(c.refs, ref{at, "href", t.line})
	}
	if t.name == "label" {
		c.fors[t.attrs["for"]] = true
	}
	c.field(t)
	c.heading(t)
	c.nesting(t)
}

// policy finds what the content policy would block.
func (c *checker) policy(t tag) {
	if t.name == "style" || (t.name == "script" && t.attrs["src"] == "") {
		c.fault(t.line, "inline <%s>", t.name)
	}
	for _, key := range t.order {
		value := strings.TrimSpace(strings.ToLower(t.attrs[key]))
		if key == "style" || strings.HasPrefix(key, "on") {
			c.fault(t.line, "attribute %s on <%s>", key, t.name)
		}
		if (key == "href" || key == "src" || key == "action") && (strings.HasPrefix(value, "javascript:") || strings.Contains(value, "zgotmplz")) {
			c.fault(t.line, "unsafe address %s=%q", key, value)
		}
	}
	if t.name == "iframe" {
		// Chromium shows no PDF in a sandboxed frame; that kind is marked.
		if _, ok := t.attrs["sandbox"]; !ok && t.attrs["data-viewer"] != "pdf" {
			c.fault(t.line, "iframe without sandbox")
		}
		if t.attrs["title"] == "" {
			c.fault(t.line, "iframe without title")
		}
	}
	if _, ok := t.attrs["alt"]; t.name == "img" && !ok {
		c.fault(t.line, "img without alt")
	}
}

// field demands a name for every control: a label around it, a label for it, or aria-label.
func (c *checker) field(t tag) {
	if !slices.Contains([]string{"input", "select", "textarea"}, t.name) || t.attrs["type"] == "hidden" {
		return
	}
	if t.attrs["name"] == "" && !hasData(t) {
		c.fault(t.line, "<%s> without name", t.name)
	}
	if t.attrs["aria-label"] != "" || t.attrs["aria-labelledby"] != "" || c.inside("label") {
		return
	}
	c.needFor = append(c.needFor, ref{t.attrs["id"], t.name, t.line})
}

// hasData tells a control that serves the script only, such as "select all".
func hasData(t tag) bool {
	return slices.ContainsFunc(t.order, func(k string) bool { return strings.HasPrefix(k, "data-") })
}

func (c *checker) heading(t tag) {
	if len(t.name) != 2 || t.name[0] != 'h' || t.name[1] < '1' || t.name[1] > '6' || c.inside("dialog") {
		return
	}
	level := int(t.name[1] - '0')
	if level == 1 {
		c.h1++
	}
	if c.last != 0 && level > c.last+1 {
		c.fault(t.line, "heading h%d follows h%d", level, c.last)
	}
	c.last = level
}

// nesting finds interactive elements inside each other, and watches names of links and buttons.
func (c *checker) nesting(t tag) {
	interactive := t.name == "a" || t.name == "button" || t.name == "select" || t.name == "textarea"
	if interactive && (c.inside("a") || c.inside("button")) {
		c.fault(t.line, "<%s> inside a link or button", t.name)
	}
	if t.name == "form" && c.inside("form") {
		c.fault(t.line, "form inside a form")
	}
	if (t.name == "p" || t.name == "h1" || t.name == "h2" || t.name == "h3") && (c.inside("p") || c.inside("h1") || c.inside("h2")) {
		c.fault(t.line, "<%s> inside paragraph or heading", t.name)
	}
	if t.name == "svg" && !c.inside("a") && t.attrs["aria-hidden"] == "" && t.attrs["aria-label"] == "" && t.attrs["role"] == "" {
		c.fault(t.line, "svg neither named nor hidden")
	}
	if t.name == "a" || t.name == "button" || t.name == "summary" {
		c.current = &control{tag: t, name: t.attrs["aria-label"] != ""}
		c.buttons = append(c.buttons, c.current)
	}
	if c.current != nil && t.name == "img" && t.attrs["alt"] != "" {
		c.current.name = true
	}
}

func (c *checker) inside(name string) bool {
	return slices.ContainsFunc(c.open, func(t tag) bool { return t.name == name })
}

func (c *checker) close(name string, line int) {
	n := len(c.open)
	if n == 0 || c.open[n-1].name != strings.ToLower(name) {
		c.fault(line, "</%s> closes nothing that is open", name)
		return
	}
	c.open = c.open[:n-1]
	if c.current != nil && c.current.tag.name == name {
		c.current = nil
	}
}

func (c *checker) finish() {
	for _, t := range c.open {
		c.fault(t.line, "<%s> is not closed", t.name)
	}
	for _, r := range c.refs {
		if _, ok := c.ids[r.id]; !ok && (c.whole || r.what != "aria-labelledby") {
			c.fault(r.line, "%s names the missing id %q", r.what, r.id)
		}
	}
	for _, r := range c.needFor {
		if !c.fors[r.id] || r.id == "" {
			c.fault(r.line, "<%s id=%q> has no label", r.what, r.id)
		}
	}
	for _, b := range c.buttons {
		if !b.name {
			c.fault(b.tag.line, "<%s> has no name", b.tag.name)
		}
	}
	if c.whole && c.h1 != 1 {
		c.fault(0, "%d h1 headings", c.h1)
	}
}
