package org

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org/intake"
	"huikan/internal/org/tree"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	imports := intake.New(intake.Pages{Room: "org", Base: "/units/import", List: ui.Link{Label: "unit.list", Href: "/units"}, Kind: "unit",
		Action: "unit.import", Done: "done.unit.import", Run: s.ImportUnits,
		Template: func(tr sheet.Translate) sheet.Table { t := s.unitTable(tr, nil); t.Blank = 200; return t }}, s.Clock)
	return web.Room{Name: "org", Pages: web.Sub(files, "pages"), Words: web.Words(files), Find: s.hits,
		Routes: append([]web.Route{
			{Method: "GET", Path: "/units", Action: "unit.read", Do: s.getUnits},
			{Method: "GET", Path: "/units/export", Action: "unit.export", Heavy: true, NoAPI: true, Do: s.getExport},
			{Method: "GET", Path: "/units/new", Action: "unit.create", NoAPI: true, Do: s.getNew},
			{Method: "POST", Path: "/units/new", Action: "unit.create", In: AddUnitCmd{}, Do: s.postNew},
			{Method: "GET", Path: "/units/{id}", Action: "unit.read", Do: s.getUnit},
			{Method: "GET", Path: "/units/{id}/edit", Action: "unit.edit", NoAPI: true, Do: s.getChange("edit")},
			{Method: "POST", Path: "/units/{id}/edit", Action: "unit.edit", In: EditUnitCmd{}, Do: s.postEdit},
			{Method: "GET", Path: "/units/{id}/rename", Action: "unit.rename", NoAPI: true, Do: s.getChange("rename")},
			{Method: "POST", Path: "/units/{id}/rename", Action: "unit.rename", In: RenameUnitCmd{}, Do: s.postRename},
			{Method: "GET", Path: "/units/{id}/move", Action: "unit.move", NoAPI: true, Do: s.getChange("move")},
			{Method: "POST", Path: "/units/{id}/move", Action: "unit.move", In: MoveUnitCmd{}, Do: s.postMove},
			{Method: "GET", Path: "/units/{id}/close", Action: "unit.close", NoAPI: true, Do: s.getChange("close")},
			{Method: "POST", Path: "/units/{id}/close", Action: "unit.close", In: CloseUnitCmd{}, Do: s.postClose},
			{Method: "GET", Path: "/units/{id}/handover", Action: "unit.handover", Do: s.getHandover},
			{Method: "POST", Path: "/units/{id}/handover", Action: "unit.handover", In: HandoverCmd{}, Do: s.postHandover},
			{Method: "POST", Path: "/units/{id}/usual-departments", Action: "department.create", Do: s.postUsual},
			{Method: "GET", Path: "/units/{id}/departments", Action: "unit.read", Do: s.getDepartments},
			{Method: "GET", Path: "/units/{id}/department", Action: "department.create", NoAPI: true, Do: s.getNewDepartment},
			{Method: "POST", Path: "/units/{id}/department", Action: "department.create", In: DepartmentCmd{}, Do: s.postNewDepartment},
			{Method: "GET", Path: "/departments/{id}/edit", Action: "department.edit", NoAPI: true, Do: s.getDepartment},
			{Method: "POST", Path: "/departments/{id}/edit", Action: "department.edit", In: DepartmentCmd{}, Do: s.postDepartment},
			{Method: "GET", Path: "/pick/units", Any: true, Do: s.pick},
		}, imports.Routes()...),
		Menu: []web.Item{{Group: "menu.admin", Key: "menu.units", Href: "/units", Action: "unit.read", Order: 800}},
	}
}

// pick answers the suggestions of a picker: ids, or names with ?by=name. Names of
// units are public inside the system; the administrators need them for grants.
func (s *Service) pick(r *web.Request) (web.Response, error) {
	type choice struct {
		Value string `json:"value"`
		Label string `json:"label"`
	}
	out := []choice{}
	for _, u := range s.dir.Find(r.Param("q"), 20) {
		c := choice{Value: string(u.ID), Label: u.Name}
		if r.Param("by") == "name" {
			c.Value, c.Label = u.Name, r.T("unit.level."+strconv.Itoa(u.Level))+" "+u.Code
		}
		out = append(out, c)
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	return web.File{Name: "units.json", Type: "application/json; charset=utf-8", Body: bytes.NewReader(b)}, nil
}

// hits answers the search of the whole site.
func (s *Service) hits(_ context.Context, a actor.Actor, text string, limit int) ([]web.Hit, error) {
	if !s.Policy.Ever(a, "unit.read") {
		return nil, nil
	}
	var out []web.Hit
	for _, u := range s.dir.Find(text, limit) {
		out = append(out, web.Hit{Kind: "unit", Title: u.Name, Note: u.Code, Href: "/units/" + string(u.ID)})
	}
	return out, nil
}

// chosen are the units that the filters of a list leave.
func (s *Service) chosen(r *web.Request) ([]Unit, error) {
	q := r.URL.Query()
	level, kind, text := q.Get("level"), q.Get("kind"), strings.TrimSpace(q.Get("q"))
	var under Unit
	if p := q.Get("under"); p != "" {
		var ok bool
		if under, ok = s.dir.Resolve(p); !ok {
			return nil, nil
		}
	}
	var all []Unit
	switch {
	case text != "":
		all = s.dir.Find(text, 10*page.Sizes[len(page.Sizes)-1])
	case under.ID == "" && level == "" && kind == "" && q.Get("closed") == "":
		root := s.dir.Root() // the top of the tree is what one sees first
		if root.ID == "" {
			return nil, nil
		}
		return append([]Unit{root}, s.dir.Children(root.ID)...), nil
	default:
		all = s.dir.All()
	}
	var out []Unit
	for _, u := range all {
		if (level == "" || strconv.Itoa(u.Level) == level) && (kind == "" || u.Kind == kind) && strings.HasPrefix(u.Path, under.Path) &&
			(u.Closed() == (q.Get("closed") == "1")) {
			out = append(out, u)
		}
	}
	return out, nil
}

type listPage struct {
	Table   ui.Table
	Actions []ui.Button
	Levels  ui.Stats
}

func (s *Service) getUnits(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	all, err := s.chosen(r)
	if err != nil {
		return nil, err
	}
	from := 0
	if len(q.After) == 1 {
		if from, err = strconv.Atoi(q.After[0]); err != nil || from < 0 || from > len(all) {
			return nil, fault.Invalid("error.page_cursor")
		}
	}
	shown := all[from:min(len(all), from+q.Size)]
	next := ""
	if from+len(shown) < len(all) {
		next = strconv.Itoa(from + len(shown))
	}
	t := ui.Table{Caption: r.T("unit.list"), Base: "/units", Params: r.URL.Query(), Filters: s.filters(r),
		Columns: []ui.Column{{Key: "name", Label: r.T("unit.column.name")}, {Key: "code", Label: r.T("unit.column.code"), Nowrap: true}, {Key: "level", Label: r.T("unit.column.level"), Nowrap: true},
			{Key: "kind", Label: r.T("unit.column.kind"), Nowrap: true}, {Key: "parent", Label: r.T("unit.column.parent")},
			{Key: "children", Label: r.T("unit.children"), Num: true}, {Key: "below", Label: r.T("unit.below"), Num: true}},
		Exports: exports(r, "/units/export"), Empty: ui.EmptyState{Title: r.T("unit.none"), Text: r.T("unit.none.text")}}
	t.Pager = web.Pager(r, "/units", "", next, from > 0)
	t.Pager.Count, t.Pager.PerPage = len(all), q.Size
	for _, u := range shown {
		t.Rows = append(t.Rows, s.unitRow(r, u))
	}
	p := listPage{Table: t, Actions: s.listActions(r), Levels: s.levels(r)}
	return web.Page{Name: "org/units", Data: p, API: map[string]any{"units": shown, "count": len(all), "next": next}, Crumbs: []ui.Crumb{{Label: r.T("unit.list")}}}, nil
}

func (s *Service) unitRow(r *web.Request, u Unit) ui.Row {
	href := "/units/" + string(u.ID)
	row := ui.Row{ID: string(u.ID), Href: href, Cells: []ui.Cell{{Text: u.Name}, {Text: u.Code}, {Text: r.T("unit.level." + strconv.Itoa(u.Level))}, {Text: r.T("unit.kind." + u.Kind)}, {}, {}, {}}}
	if parent, ok := s.dir.Unit(u.Parent); ok {
		row.Cells[4] = ui.Cell{Text: parent.Short, Href: "/units/" + string(parent.ID)}
	}
	if n := len(s.dir.Children(u.ID)); n > 0 {
		row.Cells[5] = ui.Cell{Text: strconv.Itoa(n), Href: "/units?under=" + u.Code}
		row.Cells[6] = ui.Cell{Text: strconv.Itoa(len(s.dir.Below(u.ID)) - 1)}
	}
	if u.Closed() {
		row.Cells[0].Chips = []ui.Chip{{Class: "off", Word: r.T("unit.closed")}}
	}
	return row
}

// exports are the two downloads of a list with the filters in force.
func exports(r *web.Request, base string) []ui.Link {
	v := r.URL.Query()
	for _, k := range []string{"after", "before", "per", "done"} {
		v.Del(k)
	}
	link := func(as string) string { v.Set("as", as); return base + "?" + v.Encode() }
	return []ui.Link{{Label: r.T("table.export_xlsx"), Href: link("xlsx")}, {Label: r.T("table.export_csv"), Href: link("csv")}}
}

func (s *Service) filters(r *web.Request) []ui.Field {
	q := r.URL.Query()
	under := q.Get("under")
	if u, ok := s.dir.Resolve(under); ok {
		under = u.Name
	}
	return []ui.Field{{Name: "q", Label: r.T("unit.search"), Value: q.Get("q"), Placeholder: r.T("unit.search.hint")},
		{Name: "under", Label: r.T("unit.under"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: under},
		{Name: "level", Label: r.T("unit.column.level"), Kind: ui.FieldSelect, Value: q.Get("level"), Options: options(r, "unit.level.", []string{"1", "2", "3", "4"}, true)},
		{Name: "kind", Label: r.T("unit.column.kind"), Kind: ui.FieldSelect, Value: q.Get("kind"), Options: options(r, "unit.kind.", Kinds(), true)},
		{Name: "closed", Label: r.T("unit.closed_ones"), Kind: ui.FieldSelect, Value: q.Get("closed"), Options: []ui.Option{{Label: r.T("word.nay")}, {Value: "1", Label: r.T("word.yes")}}}}
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

// levels counts the open units of each level.
func (s *Service) levels(r *web.Request) ui.Stats {
	count := map[int]int{}
	for _, u := range s.dir.All() {
		if !u.Closed() {
			count[u.Level]++
		}
	}
	var out ui.Stats
	for _, l := range Levels {
		n := strconv.Itoa(l)
		out.Items = append(out.Items, ui.Stat{Label: r.T("unit.level." + n), Value: strconv.Itoa(count[l]), Href: "/units?level=" + n})
	}
	return out
}

func (s *Service) listActions(r *web.Request) []ui.Button {
	var out []ui.Button
	if r.Can("unit.create") {
		out = append(out, ui.Button{Label: r.T("unit.do.create"), Href: "/units/new", Kind: "primary"})
	}
	if r.Can("unit.import") {
		out = append(out, ui.Button{Label: r.T("unit.do.import"), Href: "/units/import"})
	}
	return out
}

func (s *Service) getExport(r *web.Request) (web.Response, error) {
	all, err := s.chosen(r)
	if err != nil {
		return nil, err
	}
	if err := s.Log.Note(r.Context(), r.Actor, "unit.export", map[string]any{"rows": len(all), "filter": r.URL.RawQuery}); err != nil {
		return nil, err
	}
	return intake.Export(r, "units", s.unitTable(r.T, all))
}

// regionNames says the names of region codes, the first few of many.
func regionNames(codes []string) string {
	const most = 12
	var out []string
	for _, c := range codes[:min(len(codes), most)] {
		name := tree.RegionName(c)
		if c == tree.Nation {
			name = "中华人民共和国"
		}
		out = append(out, name)
	}
	text := strings.Join(out, "、")
	if n := len(codes); n > most {
		text += " … (" + strconv.Itoa(n) + ")"
	}
	return text
}

// actsOn tells whether the actor may do something with this very unit.
func (s *Service) actsOn(r *web.Request, action string, u Unit) bool {
	return s.Policy.Can(r.Actor, action, object(u)) == nil
}

func idOf(r *web.Request) (id.ID, error) { return r.ID("id") }
