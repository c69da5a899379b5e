// Package chart draws figures as SVG on the server, so that they print, follow the theme, lead to their
// records and can be read aloud without any script.
//
// Every chart is a <figure> with a caption that says the finding, the picture, and the same numbers as a
// table under <details>. Marks carry a <title>; colour comes from classes of the style sheet only (the
// content policy forbids style attributes) and never stands alone: every second series is hatched. A chart
// with links is a role "group", one without is an "img". Axes of bars start at zero. All foreign text is
// escaped here; the result is safe to place in a page.
package chart

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Frame is what all charts share. Texts are in the language of the reader.
type Frame struct {
	ID      string // unique on the page
	Title   string // name of the chart, read aloud
	Caption string // the finding in one sentence
	Data    string // label of the data table ("查看数据")
	Late    int    // which series tells what is late, from 1; it has the colour of that. 0: none
}

const (
	width   = 520.0 // drawing width in CSS pixels: text keeps its size on a desk
	padding = 6.0
)

// canvas collects the marks of one picture.
type canvas struct {
	b     strings.Builder
	links bool
	class string // of the frame around the picture, after a space
	late  int    // see Frame
}

func (c *canvas) add(format string, args ...any) { fmt.Fprintf(&c.b, format, args...) }

func esc(s string) string { return html.EscapeString(s) }

// f1 writes a coordinate with one decimal at most.
func f1(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// number writes a value for people.
func number(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "—"
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// text places a label; class m is muted, e ends at x, c is centred on x.
func (c *canvas) text(class string, x, y float64, label string) {
	if class != "" {
		class = ` class="` + class + `"`
	}
	c.add(`<text%s x="%s" y="%s">%s</text>`, class, f1(x), f1(y), esc(label))
}

func (c *canvas) rect(class string, x, y, w, h float64) {
	c.add(`<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>`, class, f1(x), f1(y), f1(math.Max(w, 0)), f1(math.Max(h, 0)))
}

// mark groups drawing under a title, as a link when there is somewhere to go.
func (c *canvas) mark(href, title string, draw func()) {
	if safe := safeHref(href); safe != "" {
		c.links = true
		c.add(`<a href="%s"><title>%s</title>`, esc(safe), esc(title))
		draw()
		c.add(`</a>`)
		return
	}
	c.add(`<g><title>%s</title>`, esc(title))
	draw()
	c.add(`</g>`)
}

// safeHref lets only addresses on this server pass: an absolute path or a query. Browsers read a
// backslash as a slash and drop control characters, so neither may follow the first slash.
func safeHref(href string) string {
	for _, r := range href {
		if r < ' ' || r == '\\' {
			return ""
		}
	}
	if strings.HasPrefix(href, "//") {
		return ""
	}
	if strings.HasPrefix(href, "/") || strings.HasPrefix(href, "?") {
		return href
	}
	return ""
}

// hatch defines the pattern for every second series of the picture.
func (c *canvas) hatch(id string) {
	c.add(`<defs><pattern id="%s-h" class="ha" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6"/></pattern></defs>`, esc(id))
}

// series fills a box with the colour of series k (from 0), hatched when k is odd.
func (c *canvas) series(id string, k int, x, y, w, h float64) {
	class := fmt.Sprintf("s%d", k%6+1)
	if k+1 == c.late {
		class = "sl"
	}
	c.rect(class, x, y, w, h)
	if k%2 == 1 {
		c.add(`<rect fill="url(#%s-h)" x="%s" y="%s" width="%s" height="%s"/>`, esc(id), f1(x), f1(y), f1(math.Max(w, 0)), f1(h))
	}
}

// legend writes series names in rows and returns the height used.
func (c *canvas) legend(id string, names []string, left, top float64) float64 {
	x, y := left, top
	for k, name := range names {
		label := fit(name, width-left-40, 13)
		w := 22 + textWidth(label, 13) + 18
		if x > left && x+w > width {
			x, y = left, y+22
		}
		c.series(id, k, x, y, 14, 14)
		c.text("", x+20, y+12, label)
		x += w
	}
	return y + 22 - top
}

// textWidth estimates the width of a label; Han characters fill a whole em.
func textWidth(s string, size float64) float64 {
	w := 0.0
	for _, r := range s {
		if r < 0x2E80 {
			w += 0.56
			continue
		}
		w++
	}
	return w * size
}

// fit shortens a label to a width, with an ellipsis.
func fit(s string, room, size float64) string {
	if textWidth(s, size) <= room {
		return s
	}
	for s != "" && textWidth(s, size)+size > room {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s + "…"
}

// wrap breaks a label into lines of a width: Latin words stay whole where they can, Han
// text breaks anywhere but before a closing mark. What is left after most lines is cut.
// The lines are as even as their number allows, so that no character is left alone.
func wrap(s string, room, size float64, most int) []string {
	lines := fill(s, room, size, most)
	for even := room - size/2; len(lines) > 1 && even > size; even -= size / 2 {
		next := fill(s, even, size, most)
		if len(next) > len(lines) || bare(next) != bare(lines) || longestWord(s, size) > even {
			break
		}
		lines = next
	}
	return lines
}

// bare is what lines say, without blanks: a line that was cut says something else.
func bare(lines []string) string { return strings.ReplaceAll(strings.Join(lines, ""), " ", "") }

// longestWord is the width of the longest piece of a text that has no place to break.
func longestWord(s string, size float64) float64 {
	w := 0.0
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r >= 0x2E80 }) {
		w = math.Max(w, textWidth(word, size))
	}
	return w
}

// fill puts as much on each line as it holds.
func fill(s string, room, size float64, most int) []string {
	var lines []string
	for s = strings.TrimSpace(s); s != ""; {
		if len(lines) == most-1 {
			return append(lines, fit(s, room, size))
		}
		n := lineEnd(s, room, size)
		lines = append(lines, strings.TrimSpace(s[:n]))
		s = strings.TrimSpace(s[n:])
	}
	if lines == nil {
		return []string{""}
	}
	return lines
}

// lineEnd is where the first line of a text ends, in bytes; it is never 0.
func lineEnd(s string, room, size float64) int {
	end, may := 0, 0 // what has room, and the last place at which it may break
	before := ' '
	for i, r := range s {
		if i > 0 && !strings.ContainsRune("，。、；：！？”’）》〉】,.;:!?)", r) && (r == ' ' || r >= 0x2E80 || before >= 0x2E80 || before == ' ' || before == '-') {
			may = i
		}
		if i > 0 && textWidth(strings.TrimSpace(s[:i+utf8.RuneLen(r)]), size) > room {
			if may > 0 {
				return may
			}
			return end
		}
		end, before = i+utf8.RuneLen(r), r
	}
	return len(s)
}

// lines writes a label of several lines around the height y.
func (c *canvas) lines(class string, x, y, lead float64, lines []string) {
	y -= lead * float64(len(lines)-1) / 2
	for i, line := range lines {
		c.text(class, x, y+lead*float64(i), line)
	}
}

// widest is the room that labels need, at most limit.
func widest(labels []string, size, limit float64) float64 {
	w := 0.0
	for _, l := range labels {
		w = math.Max(w, textWidth(l, size))
	}
	return math.Min(w, limit)
}

// picture is what was drawn, with its size.
type picture struct {
	c    *canvas
	w, h float64
}

// figure wraps picture, caption and data table; slim is the same picture for a narrow
// window, where it takes the place of the other.
func figure(f Frame, c *canvas, w, h float64, head []string, rows [][]string, slim ...picture) template.HTML {
	var b strings.Builder
	b.WriteString(`<figure class="chart">`)
	if f.Caption != "" {
		fmt.Fprintf(&b, `<figcaption>%s</figcaption>`, esc(f.Caption))
	}
	role, stop := "group", ""
	if !c.links {
		role, stop = "img", ` tabindex="0" role="region" aria-label="`+esc(f.Title)+`"`
	}
	for _, one := range append([]picture{{c, w, h}}, slim...) {
		fmt.Fprintf(&b, `<div class="cx%s"%s><svg viewBox="0 0 %s %s" width="%s" height="%s" role="%s" aria-label="%s">%s</svg></div>`,
			one.c.class, stop, f1(one.w), f1(one.h), f1(one.w), f1(one.h), role, esc(label(f)), one.c.b.String())
	}
	if len(rows) > 0 {
		b.WriteString(dataTable(f, head, rows))
	}
	b.WriteString(`</figure>`)
	return template.HTML(b.String())
}

// label reads title and finding aloud together.
func label(f Frame) string {
	if f.Caption == "" {
		return f.Title
	}
	return f.Title + "：" + f.Caption
}

func dataTable(f Frame, head []string, rows [][]string) string {
	var b strings.Builder
	summary := f.Data
	if summary == "" {
		summary = f.Title
	}
	fmt.Fprintf(&b, `<details><summary>%s</summary><div class="tw" tabindex="0" role="region" aria-label="%s"><table><thead><tr>`, esc(summary), esc(summary+" "+f.Title))
	for i, h := range head {
		class := ""
		if i > 0 {
			class = ` class="num"`
		}
		fmt.Fprintf(&b, `<th scope="col"%s>%s</th>`, class, esc(h))
	}
	b.WriteString(`</tr></thead><tbody>`)
	for _, row := range rows {
		b.WriteString(`<tr>`)
		for i, cell := range row {
			if i == 0 {
				fmt.Fprintf(&b, `<th scope="row">%s</th>`, esc(cell))
				continue
			}
			fmt.Fprintf(&b, `<td class="num">%s</td>`, esc(cell))
		}
		b.WriteString(`</tr>`)
	}
	b.WriteString(`</tbody></table></div></details>`)
	return b.String()
}

// niceMax rounds up to a readable axis end.
func niceMax(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 0) {
		return 1
	}
	step := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 4, 5, 8, 10} {
		if step*m >= v {
			return step * m
		}
	}
	return step * 10
}

// known reads a value as zero when it is not a finite positive number.
func known(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
		return 0
	}
	return v
}
