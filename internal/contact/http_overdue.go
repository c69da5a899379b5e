package contact

import (
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type overduePage struct {
	Unit  string
	Form  ui.Form
	Table ui.Table
	Note  string
}

// getOverdue shows what offices have not done by its day, in numbers.
func (s *Service) getOverdue(r *web.Request) (web.Response, error) {
	unit, err := s.unitParam(r)
	if err != nil {
		return nil, err
	}
	list, err := s.OverdueBelow(r.Context(), r.Actor, unit)
	if err != nil {
		return nil, err
	}
	p := overduePage{Unit: s.Units.Name(unit), Note: r.T("overdue.note", s.Rules.Climb[0], s.Rules.Climb[1])}
	p.Form = ui.Form{ID: "ask", Method: "get", Action: "/register/overdue", Buttons: []ui.Button{{Label: r.T("stats.show")}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "unit", Label: r.T("word.unit"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: p.Unit}}}}}
	p.Table = ui.Table{ID: "o", Caption: r.T("menu.overdue"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("overdue.none"), Text: r.T("overdue.none.text")},
		Columns: []ui.Column{{Label: r.T("word.unit")}, {Label: r.T("overdue.kind")}, {Label: r.T("overdue.n"), Num: true}, {Label: r.T("overdue.oldest"), Nowrap: true}}}
	for _, o := range list {
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: s.Units.Name(o.Office)}, {Text: r.T("overdue.kind." + o.Kind)}, {Text: count(o.N)}, {Text: string(o.Oldest), Flag: ui.Due(r.T, string(o.Oldest), string(r.Today()))}}})
	}
	return web.Page{Name: "contact/overdue", Data: p, API: list, Crumbs: []ui.Crumb{{Label: r.T("menu.overdue"), Href: "/register/overdue"}, {Label: p.Unit}}}, nil
}
