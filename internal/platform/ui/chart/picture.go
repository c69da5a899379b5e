package chart

import (
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strconv"
	"strings"
)

// pictureStyle is what the style sheet says of charts, with the light colours
// written out: a picture that leaves the house brings its own.
const pictureStyle = `<style>text{fill:#16202e;font-family:"Noto Sans CJK SC","Microsoft YaHei",SimHei,sans-serif;font-size:13px}.m{fill:#52606f;font-size:12px}.e{text-anchor:end}.c{text-anchor:middle}.ax{stroke:#cdd5df;fill:none}.s1{fill:#0b4ea2}.s2{fill:#e0a100}.s3{fill:#00755a}.s4{fill:#2e7d5b}.s5{fill:#7a5195}.s6{fill:#6b7785}.sl{fill:#a8201a}.ha line{stroke:#fff;stroke-width:2}.ln1{fill:none;stroke:#0b4ea2;stroke-width:3}.ln2{fill:none;stroke:#6b7785;stroke-width:2;stroke-dasharray:6 5}.ln4{fill:none;stroke:#a8201a;stroke-width:2}.wh{stroke:#16202e;stroke-width:2;fill:none}.r0{fill:#eef3f9}.r1{fill:#c6d9ee}.r2{fill:#8fb5dd}.r3{fill:#3f7fc0}.r4{fill:#0b4ea2}.rn{fill:none;stroke-dasharray:4 3}.cell{stroke:#6b7785;stroke-width:.6}.tl{fill:#16202e}.th{fill:#fff}.fw{fill:none;stroke:#0b4ea2;stroke-opacity:.32}.kf{fill:#eceff3}.ok .kf{fill:#dff3e6}.late .kf{fill:#fbe3e1}.wait .kf{fill:#fdf0d2}.run .kf{fill:#dfeafa}</style>`

// captionHeight is the room for the title of a picture below it.
const captionHeight = 26

var viewBox = regexp.MustCompile(`viewBox="0 0 ([0-9.]+) ([0-9.]+)" width="[0-9.]+" height="[0-9.]+"`)

// extent reads the width and height of a picture.
func extent(head string) (w, h float64, ok bool) {
	m := viewBox.FindStringSubmatch(head)
	if m == nil {
		return 0, 0, false
	}
	w, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return 0, 0, false
	}
	h, err = strconv.ParseFloat(m[2], 64)
	return w, h, err == nil
}

// Picture takes the picture out of a chart, so that it stands alone as a file:
// with its own colours, a white ground, a title line, and without links.
func Picture(figure template.HTML, title string) (string, bool) {
	text := string(figure)
	from := strings.Index(text, "<svg ")
	to := strings.Index(text, "</svg>")
	if from < 0 || to < from {
		return "", false
	}
	svg := text[from:to]
	head, body, ok := strings.Cut(svg, ">")
	if !ok {
		return "", false
	}
	for { // links lead into a system that the picture has left
		at := strings.Index(body, "<a ")
		if at < 0 {
			break
		}
		end := strings.Index(body[at:], ">")
		if end < 0 {
			return "", false
		}
		body = body[:at] + body[at+end+1:]
	}
	body = strings.ReplaceAll(body, "</a>", "")
	// Of when and of what it is stands below the picture, where nobody cuts it off by mistake.
	if w, h, ok := extent(head); ok {
		head = viewBox.ReplaceAllString(head, fmt.Sprintf(`viewBox="0 0 %s %s" width="%[1]s" height="%[2]s"`, number(w), number(h+captionHeight)))
		body += fmt.Sprintf(`<text class="m" x="6" y="%s">%s</text>`, number(h+captionHeight-8), html.EscapeString(title))
	}
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + strings.Replace(head, "<svg ", `<svg xmlns="http://www.w3.org/2000/svg" `, 1) + ">" + pictureStyle +
		"<title>" + html.EscapeString(title) + `</title><rect width="100%" height="100%" fill="#fff"/>` + body + "</svg>\n", true
}
