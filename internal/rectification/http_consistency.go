package rectification

import (
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) checkRoutes() []web.Route {
	return []web.Route{{Method: "GET", Path: "/ledger/checks", Action: "item.read", Do: s.getChecks}}
}

func (s *Service) getChecks(r *web.Request) (web.Response, error) {
	want := r.Param("check")
	list, err := s.Inconsistent(r.Context(), r.Actor, want)
	if err != nil {
		return nil, err
	}
	p := checksPage{Title: r.T("menu.checks"), Lead: r.T("check.lead"), List: ui.Table{ID: "checks", Caption: r.T("menu.checks"), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("check.what")}, {Label: r.T("check.class")}, {Label: r.T("word.count"), Num: true}}}}
	fix := map[string]string{}
	for _, c := range Inconsistencies() {
		fix[c.Name] = c.Fix
	}
	for _, x := range list {
		row := ui.Row{Cells: []ui.Cell{{Text: r.T("check.name." + x.Name)}, {Chips: []ui.Chip{{Class: x.Class, Word: r.T("check.class." + x.Class)}}}, {Text: web.Rev(int64(x.Count))}}}
		if x.Count > 0 {
			row.Href = "/ledger/checks?check=" + x.Name
		} else {
			row.Cells[1].Chips = []ui.Chip{{Class: "ok", Word: r.T("check.class.ok")}}
		}
		p.List.Rows = append(p.List.Rows, row)
		if x.Hits == nil || want != "" && want != x.Name {
			continue
		}
		t := ui.Table{ID: "hits", Caption: r.T("check.name." + x.Name), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("check.fixed"), Text: r.T("check.fixed.text")},
			Columns: []ui.Column{{Label: r.T("item.no"), Nowrap: true}, {Label: r.T("item.title")}, {Label: r.T("item.unit")}, {Label: r.T("item.due"), Nowrap: true}, {Label: r.T("check.fix")}}}
		for _, h := range x.Hits {
			href := "/items/" + string(h.Item)
			if x.Name == orphans {
				href = ""
			}
			t.Rows = append(t.Rows, ui.Row{Href: href, Cells: []ui.Cell{{Text: orDash(h.No)}, {Text: h.Title, Clamp: true}, {Text: s.Units.Short(h.Unit)}, {Text: string(h.Due)}}})
			last := &t.Rows[len(t.Rows)-1]
			if href == "" {
				last.Cells = append(last.Cells, ui.Cell{Text: r.T("check.fix.measure")})
			} else {
				last.Cells = append(last.Cells, ui.Cell{Text: r.T("check.do." + x.Name), Href: href + fix[x.Name]})
			}
		}
		p.Hits, p.Chosen = &t, r.T("check.name."+x.Name)
	}
	return web.Page{Name: "rectification/checks", Data: p, API: list, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.ledger"), Href: "/ledger"}, {Label: r.T("menu.checks")}}}, nil
}

type checksPage struct {
	Title, Lead, Chosen string
	List                ui.Table
	Hits                *ui.Table
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}
