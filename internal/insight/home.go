package insight

import (
	"strconv"

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
