package ui

import (
	"net/url"
	"slices"
	"strings"
)

// View is what every page receives as dot. Texts are in the language of the reader already.
type View struct {
	Lang    string // "zh" or "en"; Render fills it
	Theme   string // "auto", "light" or "dark"
	Size    string // "" or "large" (大字)
	Density string // "" or "compact"
	Keys    string // "" or "off": single-key shortcuts can be switched off (WCAG 2.1.4)

	Title     string      // used when the page has no block "title"
	User      UserBox     // empty name: nobody is signed in
	Menu      []MenuGroup // left menu of the role
	Crumbs    []Crumb     // path of the page; the last one has no Href
	Flash     []Notice    // results of the action just done
	Query     string      // text of the search box
	Watermark string      // non-empty: the repeated mark /wm.svg lies over the page
	Now       string      // moment of rendering, as shown in print
	AsOf      string      // date of the data (数据截至)
	Path      string      // address of this page incl. query; preference forms return to it
	Data      any         // the typed view model of the page

	Again   int  // seconds after which a browser without script loads the page again; 0: never
	Partial bool // render for the drawer: heading, actions and main only
	Blank   bool // render without header and menu
	Failed  bool // the form was refused: the document title starts with 错误
}

// passing are the parts of an address that say what was just done or how far one has
// leafed, not what is looked at.
var passing = []string{"done", "n", "after", "before", "per"}

// KeepHref is where the filter of this page is saved under a name: there is one when
// the address of the page holds a filter and its reader keeps filters at all.
func (v View) KeepHref() string {
	path, query, _ := strings.Cut(v.Path, "?")
	params, err := url.ParseQuery(query)
	if err != nil || slices.Contains([]string{"/views", "/search", "/board"}, path) { // the board has a button of its own
		return ""
	}
	for _, name := range passing {
		params.Del(name)
	}
	for name, values := range params { // an empty field of a form filters nothing
		if strings.Join(values, "") == "" {
			params.Del(name)
		}
	}
	keeps := slices.ContainsFunc(v.Menu, func(g MenuGroup) bool {
		return slices.ContainsFunc(g.Items, func(i MenuItem) bool { return i.Href == "/views" })
	})
	if len(params) == 0 || !keeps {
		return ""
	}
	return "/views?address=" + url.QueryEscape(path+"?"+params.Encode())
}

// UserBox is the user menu at the top right.
type UserBox struct {
	Name, Unit string
	Roles      []string
}

// MenuGroup is a part of the left menu; an empty Label has no heading.
type MenuGroup struct {
	Label string
	Items []MenuItem
}

// MenuItem is one entry of the left menu.
type MenuItem struct {
	Label, Href string
	Count       int    // shown when above zero
	CountLabel  string // what the number counts, read aloud
	Current     bool
	Key         string // shortcut such as "g h"
}

// Crumb is one step of the breadcrumb.
type Crumb struct{ Label, Href string }

// Notice is a message above the content. Class is one of the six chip classes.
type Notice struct {
	Class, Text string
	Link        Link
}

// Link is a labelled address; an empty Href means there is none.
type Link struct{ Label, Href string }

// ErrorPage is the data of the built-in page "ui/error".
type ErrorPage struct {
	Code  int    // HTTP status
	Title string // what happened
	Text  string // what is kept, what to do
	Ref   string // number under which the log has the cause
	Links []Link
}

// next preference values: the buttons of the header cycle, so that they need no script.
func nextTheme(now string) string {
	switch now {
	case "dark":
		return "light"
	case "light":
		return "auto"
	}
	return "dark"
}

func nextSize(now string) string {
	if now == "large" {
		return "normal"
	}
	return "large"
}

func nextDensity(now string) string {
	if now == "compact" {
		return "normal"
	}
	return "compact"
}
