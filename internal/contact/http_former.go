package contact

import (
	"huikan/internal/org/intake"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) formerRoutes() []web.Route {
	imports := intake.New(intake.Pages{Room: "contact", Base: "/register/takeovers/import", List: ui.Link{Label: "takeover.title", Href: "/register/takeovers"}, Kind: "takeover",
		Action: "return.takeover", Done: "done.return.takeover", RunFor: s.ImportReturns, Template: formerTemplate}, s.Clock)
	return append([]web.Route{{Method: "GET", Path: "/register/takeovers", Action: "return.takeover", Do: s.getTakeovers}}, imports.Routes()...)
}

func formerTemplate(tr sheet.Translate) sheet.Table {
	t := sheet.Table{Name: tr("takeover.sheet"), Freeze: 1, Blank: 500}
	for _, c := range formerColumns {
		f := sheet.Field{Header: tr("takeover.column." + c.Key), Width: 16}
		switch c.Key {
		case "staff_no", "period":
			f.Kind = sheet.ID
		case "filed_on":
			f.Kind = sheet.Date
		}
		t.Columns = append(t.Columns, f)
	}
	t.Rows = func(func([]string) bool) {}
	return t
}

type takeoversPage struct{ Table ui.Table }

func (s *Service) getTakeovers(r *web.Request) (web.Response, error) {
	list, names, err := s.Takeovers(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	t := ui.Table{ID: "k", Caption: r.T("takeover.title"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("takeover.none"), Text: r.T("takeover.none.text"), Next: ui.Link{Label: r.T("takeover.import.title"), Href: "/register/takeovers/import"}},
		Columns: []ui.Column{{Label: r.T("takeover.file")}, {Label: r.T("word.unit")}, {Label: r.T("takeover.periods"), Nowrap: true}, {Label: r.T("takeover.people"), Num: true}, {Label: r.T("takeover.returns"), Num: true}, {Label: r.T("takeover.zero"), Num: true},
			{Label: r.T("word.reason")}, {Label: r.T("takeover.at"), Nowrap: true}}}
	for _, k := range list {
		t.Rows = append(t.Rows, ui.Row{ID: string(k.ID), Cells: []ui.Cell{{Text: k.File, Sub: r.T("takeover.digest", k.Digest[:16])}, {Text: s.Units.Short(k.Unit)}, {Text: string(k.First) + " – " + string(k.Last)},
			{Text: count(k.People)}, {Text: count(k.Returns)}, {Text: count(k.Zero)}, {Text: k.Reason}, {Text: r.Moment(k.At), Sub: names[k.By]}}})
	}
	return web.Page{Name: "contact/takeovers", Data: takeoversPage{t}, API: list, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.return_calendar"), Href: "/contacts/calendar"}, {Label: r.T("takeover.title")}}}, nil
}

// formerFacts say what an earlier register has for a period, and from where it came.
func formerFacts(r *web.Request, x Return, k Takeover) ui.Facts {
	what := r.T("former.zero")
	if !x.Zero {
		what = r.T("former.items", x.Records)
	}
	f := ui.Facts{Items: []ui.Fact{{Label: r.T("former.says"), Text: what, Sub: r.T("former.mine")}, {Label: r.T("former.filed_on"), Text: orNone(x.FiledOn)},
		{Label: r.T("former.from"), Text: k.File, Sub: r.T("takeover.digest", k.Digest[:16])}, {Label: r.T("takeover.at"), Text: r.Moment(k.At), Sub: k.Reason}}}
	if x.Late {
		f.Items = append(f.Items, ui.Fact{Label: r.T("return.late"), Chips: []ui.Chip{markChip(r, MarkLate)}})
	}
	return f
}
