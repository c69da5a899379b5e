package ui

import (
	"html"
	"html/template"
	"slices"
)

// ChipClasses are the six kinds of status there are. Each has a colour and a shape of its own, so that
// neither alone carries the meaning.
var ChipClasses = []string{"ok", "run", "wait", "late", "long", "off"}

// Chip is a status word with colour and shape.
type Chip struct {
	Class string // one of ChipClasses; anything else is shown as "off"
	Word  string
}

// HTML draws the chip; the word is escaped.
func (c Chip) HTML() template.HTML {
	class := c.Class
	if !slices.Contains(ChipClasses, class) {
		class = "off"
	}
	return template.HTML(`<span class="st `+class+`">`) + Icon(class) + template.HTML(html.EscapeString(c.Word)+`</span>`)
}

func chips(list []Chip) template.HTML {
	var out template.HTML
	for _, c := range list {
		out += c.HTML() + " "
	}
	return out
}

// iconPaths are drawn by ourselves on a 16 × 16 field; strokes take the text colour by class.
var iconPaths = map[string]string{
	"ok":       `<path class="i2" d="M3 8.5 6.5 12 13 4"/>`,
	"run":      `<path class="if" d="M4 2.5v11L13 8z"/>`,
	"wait":     `<circle class="i2" cx="8" cy="8" r="6"/><path class="i1" d="M8 4.5V8l3 2"/>`,
	"late":     `<path class="if" d="M8 1.5 15.5 14.5H.5z"/>`,
	"long":     `<path class="i2" d="M1 9c2.5-6 4.5-4 7-1s4.5 3 7-2"/>`,
	"off":      `<circle class="i2" cx="8" cy="8" r="6" stroke-dasharray="2.6 2.4"/>`,
	"search":   `<circle class="i1" cx="7" cy="7" r="4.5"/><path class="i1" d="m10.5 10.5 4 4"/>`,
	"menu":     `<path class="i1" d="M2 4h12M2 8h12M2 12h12"/>`,
	"help":     `<circle class="i1" cx="8" cy="8" r="6.5"/><path class="i1" d="M6 6.2a2 2 0 1 1 2.6 2c-.5.2-.6.5-.6 1.2"/><circle class="if" cx="8" cy="11.7" r=".9"/>`,
	"theme":    `<circle class="i1" cx="8" cy="8" r="6.5"/><path class="if" d="M8 1.5a6.5 6.5 0 0 1 0 13z"/>`,
	"text":     `<path class="i1" d="M1.5 13 5 4l3.5 9M2.7 10h4.6M9.5 13l2.5-6 2.5 6M10.3 11h3.4"/>`,
	"user":     `<circle class="i1" cx="8" cy="5" r="3"/><path class="i1" d="M2 14.5c.5-4 3-5.5 6-5.5s5.5 1.5 6 5.5"/>`,
	"exit":     `<path class="i1" d="M9.5 2H3v12h6.5M7 8h7.5M11.5 5l3 3-3 3"/>`,
	"plus":     `<path class="i1" d="M8 2.5v11M2.5 8h11"/>`,
	"close":    `<path class="i1" d="m3.5 3.5 9 9m0-9-9 9"/>`,
	"down":     `<path class="i1" d="m3.5 6 4.5 4.5L12.5 6"/>`,
	"next":     `<path class="i1" d="m6 3.5 4.5 4.5L6 12.5"/>`,
	"prev":     `<path class="i1" d="M10 3.5 5.5 8l4.5 4.5"/>`,
	"asc":      `<path class="if" d="M8 3.5 12.5 11h-9z"/>`,
	"desc":     `<path class="if" d="M8 12.5 3.5 5h9z"/>`,
	"sort":     `<path class="if" d="M8 1.5 11 6H5zM8 14.5 5 10h6z"/>`,
	"file":     `<path class="i1" d="M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3"/>`,
	"download": `<path class="i1" d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11"/>`,
	"upload":   `<path class="i1" d="M8 11V3M4.5 6 8 2.5 11.5 6M2.5 13.5h11"/>`,
	"columns":  `<path class="i1" d="M2 2.5h12v11H2zM6 2.5v11M10 2.5v11"/>`,
	"warn":     `<path class="i1" d="M8 2 14.5 13.5h-13zM8 6.5v3.5"/><circle class="if" cx="8" cy="11.8" r=".8"/>`,
	"info":     `<circle class="i1" cx="8" cy="8" r="6.5"/><path class="i1" d="M8 7.2v4"/><circle class="if" cx="8" cy="4.8" r=".9"/>`,
	"lock":     `<path class="i1" d="M3.5 7.5h9v6.5h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5"/>`,
	"dense":    `<path class="i1" d="M2 3.5h12M2 6.5h12M2 9.5h12M2 12.5h12"/>`,
}

// Icon draws a small decorative picture; it always stands beside a word. Unknown names draw nothing.
func Icon(name string) template.HTML {
	path, ok := iconPaths[name]
	if !ok {
		return ""
	}
	return template.HTML(`<svg class="ic" viewBox="0 0 16 16" aria-hidden="true" focusable="false">` + path + `</svg>`)
}
