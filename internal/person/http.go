package person

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"net/url"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/org/intake"
	"huikan/internal/platform/db"
	"huikan/internal/platform/export"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	imports := intake.New(intake.Pages{Room: "person", Base: "/people/import", List: ui.Link{Label: "person.list", Href: "/people"}, Kind: "person",
		Action: "person.import", Done: "done.person.import", Run: s.ImportPeople,
		Template: func(tr sheet.Translate) sheet.Table { t := s.table(tr, true, nil); t.Blank = 500; return t }}, s.Clock)
	routes := []web.Route{
		{Method: "GET", Path: "/people", Action: "person.read", Do: s.getPeople},
		{Method: "GET", Path: "/people/export", Action: "person.export", Heavy: true, NoAPI: true, Do: s.getExport},
		{Method: "GET", Path: "/people/new", Action: "person.create", NoAPI: true, Do: s.getNew},
		{Method: "POST", Path: "/people/new", Action: "person.create", In: NewPerson{}, Do: s.postNew},
		{Method: "GET", Path: "/people/{id}", Action: "person.read", Do: s.getPerson},
		{Method: "GET", Path: "/people/{id}/edit", Action: "person.edit", NoAPI: true, Do: s.getForm("edit")},
		{Method: "POST", Path: "/people/{id}/edit", Action: "person.edit", In: EditCmd{}, Do: s.postEdit},
		{Method: "GET", Path: "/people/{id}/post", Action: "person.post", NoAPI: true, Do: s.getForm("post")},
		{Method: "POST", Path: "/people/{id}/post", Action: "person.post", In: PostCmd{}, Do: s.postPost},
		{Method: "GET", Path: "/people/{id}/history", Action: "person.history", NoAPI: true, Do: s.getForm("history")},
		{Method: "POST", Path: "/people/{id}/history", Action: "person.history", In: EmploymentCmd{}, Do: s.postHistory},
		{Method: "GET", Path: "/people/{id}/reveal", Action: "person.reveal", NoAPI: true, Do: s.getForm("reveal")},
		{Method: "POST", Path: "/people/{id}/reveal", Action: "person.reveal", In: RevealCmd{}, Do: s.postReveal},
		{Method: "GET", Path: "/people/{id}/relative", Action: "relative.declare", NoAPI: true, Do: s.getForm("relative")},
		{Method: "POST", Path: "/people/{id}/relative", Action: "relative.declare", In: RelativeCmd{}, Do: s.postRelative},
		{Method: "GET", Path: "/people/{id}/relatives/{entry}/correct", Action: "relative.correct", NoAPI: true, Do: s.getForm("correct")},
		{Method: "POST", Path: "/people/{id}/relatives/{entry}/correct", Action: "relative.correct", In: RelativeCmd{}, Do: s.postCorrect},
		{Method: "GET", Path: "/people/{id}/relatives/{entry}/end", Action: "relative.end", NoAPI: true, Do: s.getForm("end")},
		{Method: "POST", Path: "/people/{id}/relatives/{entry}/end", Action: "relative.end", In: EndRelativeCmd{}, Do: s.postEnd},
		{Method: "GET", Path: "/people/{id}/posts/{entry}/end", Action: "person.post", NoAPI: true, Do: s.getForm("post_end")},
		{Method: "POST", Path: "/people/{id}/posts/{entry}/end", Action: "person.post", In: EndPostCmd{}, Do: s.postPostEnd},
		{Method: "GET", Path: "/pick/people", Action: "person.pick", Do: s.pick},
	}
	for _, do := range Flow.Actions() {
		routes = append(routes, web.Route{Method: "GET", Path: "/people/{id}/" + do, Action: "person." + do, NoAPI: true, Do: s.getForm(do)},
			web.Route{Method: "POST", Path: "/people/{id}/" + do, Action: "person." + do, In: StatusCmd{}, Do: s.postStatus(do)})
	}
	return web.Room{Name: "person", Pages: web.Sub(files, "pages"), Words: web.Words(files), Routes: append(routes, imports.Routes()...), Find: s.hits,
		Menu: []web.Item{{Group: "menu.admin", Key: "menu.people", Href: "/people", Action: "person.read", Order: 810}}}
}

// pick answers the suggestions of a picker: ids, or staff numbers with ?by=staff_no.
func (s *Service) pick(r *web.Request) (web.Response, error) {
	unit, _ := s.Dir.Resolve(r.Param("unit")) // none: everybody whom the actor may pick
	ps, err := s.Find(r.Context(), r.Actor, r.Param("q"), unit.ID, 20)
	if err != nil {
		return nil, err
	}
	type choice struct {
		Value string `json:"value"`
		Label string `json:"label"`
	}
	out := []choice{}
	for _, p := range ps {
		c := choice{Value: string(p.ID), Label: p.Name + " · " + s.Dir.Short(p.Unit) + " · " + p.StaffNo}
		if r.Param("by") == "staff_no" {
			c.Value = p.StaffNo
		}
		out = append(out, c)
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	return web.File{Name: "people.json", Type: "application/json; charset=utf-8", Body: bytes.NewReader(b)}, nil
}

// hits answers the search of the whole site with the people that the actor may read.
func (s *Service) hits(ctx context.Context, a actor.Actor, text string, limit int) ([]web.Hit, error) {
	if !s.Policy.Ever(a, "person.read") || text == "" {
		return nil, nil
	}
	var out []web.Hit
	numbered, err := s.ByNumber(ctx, a, text)
	for _, x := range numbered {
		out = append(out, web.Hit{Kind: "person", Title: x.Name, Note: x.StaffNo + " · " + s.Dir.Short(x.Unit), Href: "/people/" + string(x.ID), Field: "search.in.id_number"})
	}
	if err != nil || len(out) > 0 {
		return out, err
	}
	p, err := s.List(ctx, a, ListQuery{Text: text, Size: limit})
	if err != nil {
		return nil, err
	}
	for _, x := range p.People {
		out = append(out, web.Hit{Kind: "person", Title: x.Name, Note: x.StaffNo + " · " + s.Dir.Short(x.Unit), Href: "/people/" + string(x.ID)})
	}
	return out, nil
}

// question reads the filters of the address; ok is false when they name a unit
// or department that does not exist.
func (s *Service) question(r *web.Request) (lq ListQuery, ok bool, err error) {
	q, err := r.List()
	if err != nil {
		return lq, false, err
	}
	lq = ListQuery{Status: q.Filter.Get("status"), Leadership: q.Filter.Get("leadership"), Text: q.Filter.Get("q"), Department: id.ID(q.Filter.Get("department")),
		Sort: q.Sort, Desc: q.Desc, After: q.After, Before: q.Before, Size: q.Size}
	if lq.Sort != "" && lq.Sort != "name" && lq.Sort != "staff_no" {
		return lq, false, fault.Invalid("error.page_cursor")
	}
	if text := q.Filter.Get("unit"); text != "" {
		u, found := s.Dir.Resolve(text)
		if !found {
			return lq, false, nil
		}
		lq.Unit = u.ID
	}
	return lq, true, nil
}

type listPage struct {
	Table   ui.Table
	Actions []ui.Button
}

func (s *Service) getPeople(r *web.Request) (web.Response, error) {
	lq, ok, err := s.question(r)
	if err != nil {
		return nil, err
	}
	var list Page
	if ok {
		if list, err = s.List(r.Context(), r.Actor, lq); err != nil {
			return nil, err
		}
	}
	departments := map[id.ID]string{}
	err = s.Log.DB().Read(r.Context(), func(q db.Q) error {
		departments, err = org.DepartmentNames(r.Context(), q, departmentIDs(list.People)...)
		return err
	})
	if err != nil {
		return nil, err
	}
	t, api, err := s.listTable(r, lq, list, departments)
	if err != nil {
		return nil, err
	}
	p := listPage{Table: t}
	if r.Can("person.create") {
		p.Actions = append(p.Actions, ui.Button{Label: r.T("person.do.create"), Href: "/people/new", Kind: "primary"},
			ui.Button{Label: r.T("person.do.import"), Href: "/people/import"})
	}
	return web.Page{Name: "person/people", Data: p, API: api, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("person.list")}}}, nil
}

// listed is a person in the answer of the API: with the number masked, if at all.
type listed struct {
	Person
	IDNumber string `json:"id_number,omitempty"`
}

func (s *Service) listTable(r *web.Request, lq ListQuery, list Page, departments map[id.ID]string) (ui.Table, any, error) {
	identity := r.Can("person.identity")
	t := ui.Table{Caption: r.T("person.list"), Base: "/people", Params: r.URL.Query(), Filters: s.filters(r, lq),
		Columns: []ui.Column{{Key: "name", Label: r.T("person.column.name"), Sortable: true}, {Key: "staff_no", Label: r.T("person.column.staff_no"), Nowrap: true, Sortable: true},
			{Key: "unit", Label: r.T("person.column.unit")}, {Key: "department", Label: r.T("person.column.department")}, {Key: "title", Label: r.T("person.column.title")}},
		Empty: ui.EmptyState{Title: r.T("person.none"), Text: r.T("empty.filter")}}
	if identity {
		t.Columns = append(t.Columns, ui.Column{Key: "id_number", Label: r.T("person.column.id_number"), Nowrap: true})
	}
	t.Columns = append(t.Columns, ui.Column{Key: "status", Label: r.T("person.column.status"), Nowrap: true})
	for i, c := range t.Columns {
		if c.Key == lq.Sort {
			t.Columns[i].Sort = map[bool]string{true: "desc", false: "asc"}[lq.Desc]
		}
	}
	if r.Can("person.export") {
		t.Exports = exports(r)
	}
	api := struct {
		People []listed `json:"people"`
		Count  int      `json:"count"`
		After  string   `json:"after,omitempty"`
		Before string   `json:"before,omitempty"`
	}{People: []listed{}, Count: list.Count}
	for _, p := range list.People {
		number, err := s.Masked(r.Actor, p)
		if err != nil {
			return t, nil, err
		}
		api.People = append(api.People, listed{p, number})
		name := ui.Cell{Text: p.Name}
		if p.Leadership {
			name.Chips = []ui.Chip{{Class: "run", Word: r.T("person.leader")}}
		}
		cells := []ui.Cell{name, {Text: p.StaffNo}, {Text: s.Dir.Short(p.Unit), Title: s.Dir.Name(p.Unit)}, {Text: departments[p.Department]}, {Text: p.Title, Sub: p.Rank}}
		if identity {
			cells = append(cells, ui.Cell{Text: number})
		}
		cells = append(cells, ui.Cell{Chips: []ui.Chip{statusChip(r, p)}})
		t.Rows = append(t.Rows, ui.Row{ID: string(p.ID), Href: "/people/" + string(p.ID), Cells: cells})
	}
	t.Pager = &ui.Pager{Count: min(list.Count, page.CountCap), Capped: list.Count > page.CountCap, PerPage: lq.Size}
	if list.After != nil {
		api.After = page.Cursor(list.After...)
		t.Pager.Next = pageLink(r, "after", api.After)
	}
	if list.Before != nil {
		api.Before = page.Cursor(list.Before...)
		t.Pager.Prev = pageLink(r, "before", api.Before)
	}
	return t, api, nil
}

func statusChip(r *web.Request, p Person) ui.Chip {
	class := "off"
	if p.Status == Serving {
		class = "ok"
	}
	return ui.Chip{Class: class, Word: r.T("person.state." + p.Status)}
}

// query copies the address's query without the place in the list.
func query(r *web.Request) url.Values {
	v := r.URL.Query()
	for _, k := range []string{"after", "before", "done"} {
		v.Del(k)
	}
	return v
}

func pageLink(r *web.Request, kind, cursor string) string {
	v := query(r)
	v.Set(kind, cursor)
	return "/people?" + v.Encode()
}

func exports(r *web.Request) []ui.Link {
	v := query(r)
	v.Del("per")
	link := func(as string) string { v.Set("as", as); return "/people/export?" + v.Encode() }
	return []ui.Link{{Label: r.T("table.export_xlsx"), Href: link("xlsx")}, {Label: r.T("table.export_csv"), Href: link("csv")}}
}

// options are the choices of a list of values by their words.
func options(r *web.Request, prefix string, values []string, anyOne bool) []ui.Option {
	var out []ui.Option
	if anyOne {
		out = append(out, ui.Option{Label: r.T("form.any")})
	}
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: r.T(prefix + v)})
	}
	return out
}

func (s *Service) filters(r *web.Request, lq ListQuery) []ui.Field {
	unit := r.Param("unit")
	if lq.Unit != "" {
		unit = s.Dir.Name(lq.Unit)
	}
	out := []ui.Field{{Name: "q", Label: r.T("person.search"), Value: lq.Text},
		{Name: "unit", Label: r.T("person.column.unit"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: unit}}
	if ds := s.departmentOptions(r, lq.Unit); len(ds) > 1 {
		out = append(out, ui.Field{Name: "department", Label: r.T("person.column.department"), Kind: ui.FieldSelect, Value: string(lq.Department), Options: ds})
	}
	return append(out, ui.Field{Name: "status", Label: r.T("person.column.status"), Kind: ui.FieldSelect, Value: lq.Status, Options: options(r, "person.state.", Flow.States(), true)},
		ui.Field{Name: "leadership", Label: r.T("person.column.leadership"), Kind: ui.FieldSelect, Value: lq.Leadership,
			Options: []ui.Option{{Label: r.T("form.any")}, {Value: "1", Label: r.T("word.yes")}, {Value: "0", Label: r.T("word.nay")}}})
}

// departmentOptions are the open departments of one unit. A filter without them
// is still a filter, so a failure to read them only leaves them out.
func (s *Service) departmentOptions(r *web.Request, unit id.ID) []ui.Option {
	out := []ui.Option{{Label: r.T("form.any")}}
	if unit == "" {
		return out
	}
	err := s.Log.DB().Read(r.Context(), func(q db.Q) error {
		ds, err := org.Departments(r.Context(), q, unit)
		for _, d := range ds {
			if d.To == "" {
				out = append(out, ui.Option{Value: string(d.ID), Label: d.Name})
			}
		}
		return err
	})
	if err != nil {
		return out[:1]
	}
	return out
}

func (s *Service) getExport(r *web.Request) (web.Response, error) {
	lq, ok, err := s.question(r)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fault.NotFound("unit")
	}
	lq.After, lq.Before = nil, nil
	if err := s.Log.Note(r.Context(), r.Actor, "person.export", map[string]any{"filter": r.URL.RawQuery}); err != nil {
		return nil, err
	}
	return s.Export.Or()(r, export.Ask{Action: "person.export", Title: r.T("menu.people") + "-" + string(r.Today()), Format: export.Format(r),
		Count: func(ctx context.Context, most int) (n int, err error) {
			l := s.listing(r.Actor, lq)
			err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
				n, err = l.count(ctx, q, func(args *[]any) string { return s.filter(r.Actor, "person.export", args) }, most)
				return err
			})
			return n, err
		},
		Make: func(ctx context.Context, write func(sheet.Table) error) error {
			var failed error
			if err := write(s.table(r.T, true, s.exported(ctx, r.Actor, lq, r.T, &failed))); err != nil {
				return err
			}
			return failed
		}})
}
