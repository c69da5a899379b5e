package insight

import (
	"slices"
	"strconv"
	"strings"

	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// todoShown bounds the first page; the rest is one click away in the lists.
const todoShown = 50

type homePage struct {
	Stats ui.Stats
	Todos []todoRow
	More  int
	Empty ui.EmptyState
	Views []web.Todo `json:"todos"`
}

type todoRow struct {
	Kind, Title, Unit, Due, Today, Href, Verb string
}

// getHome is the first page of everybody: what waits for him, the nearest
// deadline first, each line with the button that leads to doing it.
func (s *Service) getHome(r *web.Request) (web.Response, error) {
	todos, err := s.Todos(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	today := r.Today()
	var late, now int
	for _, t := range todos {
		switch {
		case t.Due == "":
		case t.Due < today:
			late++
		case t.Due == today:
			now++
		}
	}
	p := homePage{Views: todos, Stats: ui.Stats{Items: []ui.Stat{
		{Label: r.T("home.todo"), Value: strconv.Itoa(len(todos))},
		{Label: r.T("home.today"), Value: strconv.Itoa(now)},
		{Label: r.T("home.late"), Value: strconv.Itoa(late), Class: map[bool]string{true: "late"}[late > 0]},
	}}, Empty: ui.EmptyState{Title: r.T("home.none"), Text: r.T("home.none.text")}}
	for _, t := range todos[:min(todoShown, len(todos))] {
		p.Todos = append(p.Todos, todoRow{Kind: r.T(t.Kind), Title: t.Title, Unit: t.Unit, Due: string(t.Due), Today: string(today), Href: t.Href, Verb: r.T(t.Verb)})
	}
	p.More = len(todos) - len(p.Todos)
	return web.Page{Name: "insight/home", Data: p, API: map[string]any{"todos": todos}, Mark: true}, nil
}

// found is how many hits of each kind the search shows.
const found = 20

type searchPage struct {
	Query  string
	Groups []searchGroup
	Empty  ui.EmptyState
}

type searchGroup struct {
	Kind string
	Hits []web.Hit
}

func (s *Service) getSearch(r *web.Request) (web.Response, error) {
	text := strings.TrimSpace(r.Param("q"))
	p := searchPage{Query: text, Empty: ui.EmptyState{Title: r.T("search.none"), Text: r.T("search.none.text")}}
	if n := []rune(text); len(n) > 200 {
		text = string(n[:200])
	}
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
		p.Groups[i].Hits = append(p.Groups[i].Hits, h)
	}
	return web.Page{Name: "insight/search", Data: p, API: hits, Query: text, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("search.title")}}}, nil
}
