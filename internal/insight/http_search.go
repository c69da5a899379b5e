package insight

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"huikan/hantext"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// found is how many hits of each kind the search shows.
const found = 20

type searchPage struct {
	Groups []searchGroup
	Empty  ui.EmptyState
}

type searchGroup struct {
	Kind string
	Hits []hitRow
	More string // the list that has all of them, when more were found than are shown
}

// lists are the lists in which the same words find all that the search cuts off.
var lists = map[string]string{"item": "/ledger?view=all&q=", "finding": "/findings?q=", "task": "/tasks?q=", "issue": "/issues?q=", "directive": "/directives?q=", "notice": "/notices?q=", "person": "/people?q=", "unit": "/units?q="}

// hitRow is a hit with why it is there: the piece of its title that was asked
// for, or the field in which it was found.
type hitRow struct {
	Before, Match, After string
	Note, Href, Why      string
}

// explain says why a hit was found. What the room says counts; else the words are
// looked for in what the hit shows; what is left was found in the text of the record.
func explain(r *web.Request, h web.Hit, text string) hitRow {
	row := hitRow{Before: h.Title, Note: h.Note, Href: h.Href}
	fold := strings.ToLower
	switch at := strings.Index(fold(h.Title), fold(text)); {
	case h.Field != "":
		row.Why = r.T(h.Field)
	case at >= 0 && len(fold(h.Title)) == len(h.Title) && len(fold(text)) == len(text):
		row.Before, row.Match, row.After = h.Title[:at], h.Title[at:at+len(text)], h.Title[at+len(text):]
		row.Why = r.T("search.in.title")
	case letters(text) && (strings.Contains(fold(hantext.Initials(h.Title)), fold(text)) || h.Kind == "unit" || h.Kind == "person"):
		row.Why = r.T("search.in.initials")
	case strings.Contains(fold(h.Note), fold(text)):
		row.Why = r.T("search.in.note")
	default:
		row.Why = r.T("search.in.text")
	}
	return row
}

// letters tells a text of Latin letters only, by which initials are looked for.
func letters(text string) bool {
	return text != "" && strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz") == ""
}

// maxQuery bounds what is looked for, in characters.
const maxQuery = 200

// asking is what is looked for, in the body of a request.
type asking struct {
	Q string `json:"q"`
}

func clean(text string) string {
	text = strings.TrimSpace(text)
	if n := []rune(text); len(n) > maxQuery {
		text = string(n[:maxQuery])
	}
	return text
}

// idDigits is how many digits the shortest identity number has.
const idDigits = 15

// numberLike tells a text that may be an identity number, mistyped ones included:
// it must not stand in an address, which browsers and proxies keep.
func numberLike(text string) bool {
	n := 0
	for _, c := range text {
		if unicode.IsDigit(c) {
			n++
		}
	}
	return n >= idDigits
}

// byAddress answers what is looked for by the address. A number is not looked
// for this way: the page asks for it again in a form that posts.
func byAddress(r *web.Request, answer func(*web.Request, string) (web.Response, error)) (web.Response, error) {
	text := clean(r.Param("q"))
	if !numberLike(text) {
		return answer(r, text)
	}
	if r.API() {
		return nil, fault.Invalid("search.bad.number")
	}
	return web.Page{Name: "insight/number", Data: ui.Form{ID: "number", Action: r.URL.Path, Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "q", Label: r.T("search.number"), Hint: r.T("search.bad.number"), Wide: true}}}},
		Buttons: []ui.Button{{Label: r.T("palette.do.find"), Kind: "primary"}}}, Crumbs: []ui.Crumb{{Label: r.T("search.title")}}}, nil
}

// byBody answers what is looked for by a form: a number on the spot, any other
// text at an address of its own, to which one can come back.
func byBody(r *web.Request, answer func(*web.Request, string) (web.Response, error)) (web.Response, error) {
	var f asking
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	text := clean(f.Q)
	if r.API() || numberLike(text) {
		return answer(r, text)
	}
	return web.Redirect{To: r.URL.Path + "?q=" + url.QueryEscape(text)}, nil
}

// shown is the text that the search box of the answer repeats: no number.
func shown(text string) string {
	if numberLike(text) {
		return ""
	}
	return text
}

func (s *Service) getSearch(r *web.Request) (web.Response, error)   { return byAddress(r, s.searched) }
func (s *Service) postSearch(r *web.Request) (web.Response, error)  { return byBody(r, s.searched) }
func (s *Service) getPalette(r *web.Request) (web.Response, error)  { return byAddress(r, s.palette) }
func (s *Service) postPalette(r *web.Request) (web.Response, error) { return byBody(r, s.palette) }

func (s *Service) searched(r *web.Request, text string) (web.Response, error) {
	p := searchPage{Empty: ui.EmptyState{Title: r.T("search.none"), Text: r.T("search.none.text")}}
	var hits []web.Hit
	if text != "" {
		var err error
		if hits, err = s.Search(r.Context(), r.Actor, text, found); err != nil {
			return nil, err
		}
	}
	for _, h := range hits {
		kind := r.Word("kind."+h.Kind, h.Kind)
		i := slices.IndexFunc(p.Groups, func(g searchGroup) bool { return g.Kind == kind })
		if i < 0 {
			p.Groups = append(p.Groups, searchGroup{Kind: kind})
			i = len(p.Groups) - 1
		}
		p.Groups[i].Hits = append(p.Groups[i].Hits, explain(r, h, text))
		if list := lists[h.Kind]; list != "" && len(p.Groups[i].Hits) == found && !numberLike(text) && !letters(text) {
			p.Groups[i].More = list + url.QueryEscape(text)
		}
	}
	return web.Page{Name: "insight/search", Data: p, API: hits, Query: shown(text), Mark: true, Crumbs: []ui.Crumb{{Label: r.T("search.title")}}}, nil
}

// command is one line of the palette: a page of the reader's menu, a saved
// filter, or a record.
type command struct {
	Title string `json:"title"`
	Kind  string `json:"kind"`
	Note  string `json:"note"`
	Why   string `json:"why"`
	Href  string `json:"href"`
}

type palettePage struct {
	Form  ui.Form
	Items []command
}

// paletteShown bounds the lines of the palette, paletteEach the records of a kind.
const (
	paletteShown = 40
	paletteEach  = 4
)

// palette lists where one can go: pages by name or initials, saved filters,
// and, from two characters on, records. With scripting it is what Ctrl K opens.
func (s *Service) palette(r *web.Request, text string) (web.Response, error) {
	fits := func(title string) bool {
		return text == "" || strings.Contains(strings.ToLower(title), strings.ToLower(text)) || letters(text) && strings.Contains(strings.ToLower(hantext.Initials(title)), strings.ToLower(text))
	}
	items := []command{}
	for _, m := range s.Server.Menu(r) {
		if fits(m.Label) {
			items = append(items, command{Title: m.Label, Kind: r.T("palette.page"), Href: m.Href})
		}
	}
	views, _, err := s.Views(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	for _, v := range views {
		if fits(v.Title) {
			items = append(items, command{Title: v.Title, Kind: r.T("kind.view"), Href: v.Address})
		}
	}
	if len([]rune(text)) >= 2 {
		hits, err := s.Search(r.Context(), r.Actor, text, paletteEach)
		if err != nil {
			return nil, err
		}
		for _, h := range hits {
			items = append(items, command{Title: h.Title, Kind: r.Word("kind."+h.Kind, h.Kind), Note: h.Note, Why: explain(r, h, text).Why, Href: h.Href})
		}
	}
	items = items[:min(paletteShown, len(items))]
	p := palettePage{Items: items, Form: ui.Form{ID: "go", Action: "/palette", Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "q", Label: r.T("palette.where"), Value: shown(text), Plain: true, Wide: true}}}}, Buttons: []ui.Button{{Label: r.T("palette.do.find"), Kind: "primary"}}}}
	return web.Page{Name: "insight/palette", Data: p, API: map[string]any{"items": items}, Query: shown(text), Mark: true, Crumbs: []ui.Crumb{{Label: r.T("palette.title")}}}, nil
}
