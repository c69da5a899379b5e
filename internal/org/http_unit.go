package org

import (
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type unitPage struct {
	Name        string
	Chips       []ui.Chip
	Actions     []ui.Button
	Stats       ui.Stats
	Facts       []ui.Fact
	Children    *ui.Table
	Departments *ui.Table
	Usual       string // address that makes the usual departments
	NewDept     string
	Former      ui.Trail
	Handed      ui.Trail
	Trail       ui.Trail
}

// unit reads the unit of the address.
func (s *Service) unit(r *web.Request) (u Unit, err error) {
	n, err := idOf(r)
	if err != nil {
		return u, fault.NotFound("unit")
	}
	err = s.Log.DB().Read(r.Context(), func(q db.Q) error {
		u, err = unitByID(r.Context(), q, n)
		return err
	})
	if err != nil {
		return u, err
	}
	return u, s.Policy.Can(r.Actor, "unit.read", object(u))
}

func (s *Service) crumbs(r *web.Request, u Unit, last string) []ui.Crumb {
	out := []ui.Crumb{{Label: r.T("unit.list"), Href: "/units"}}
	var above []ui.Crumb
	for p, ok := s.dir.Unit(u.Parent); ok; p, ok = s.dir.Unit(p.Parent) {
		above = append([]ui.Crumb{{Label: p.Short, Href: "/units/" + string(p.ID)}}, above...)
	}
	out = append(out, above...)
	if last == "" {
		return append(out, ui.Crumb{Label: u.Name})
	}
	return append(out, ui.Crumb{Label: u.Name, Href: "/units/" + string(u.ID)}, ui.Crumb{Label: last})
}

// OnPage takes figures that rooms above show on the page of a unit.
func (s *Service) OnPage(fn func(r *web.Request, q db.Q, unit id.ID) ([]ui.Stat, error)) {
	s.onPage = append(s.onPage, fn)
}

func (s *Service) getUnit(r *web.Request) (web.Response, error) {
	u, err := s.unit(r)
	if err != nil {
		return nil, err
	}
	var ds []Department
	var former []FormerName
	var stats ui.Stats
	var handed ui.Trail
	err = s.Log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if ds, err = departmentsOf(r.Context(), q, u.ID); err != nil {
			return err
		}
		if former, err = formerNames(r.Context(), q, u.ID); err != nil {
			return err
		}
		done, err := handovers(r.Context(), q, u.ID)
		if err != nil {
			return err
		}
		handed = s.handoverTrail(r, done)
		for _, fn := range s.onPage {
			more, err := fn(r, q, u.ID)
			if err != nil {
				return err
			}
			stats.Items = append(stats.Items, more...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	p := unitPage{Name: u.Name, Handed: handed, Stats: stats, Facts: s.facts(r, u), Departments: s.departmentTable(r, u, ds)}
	if u.Closed() {
		p.Chips = []ui.Chip{{Class: "off", Word: r.T("unit.closed")}}
	}
	base := "/units/" + string(u.ID)
	for _, do := range []string{"edit", "rename", "move", "close"} {
		if !u.Closed() && s.actsOn(r, "unit."+do, u) && (do != "close" || u.Parent != "") {
			b := ui.Button{Label: r.T("unit.do." + do), Href: base + "/" + do}
			if do == "edit" {
				b.Key = "e"
			}
			p.Actions = append(p.Actions, b)
		}
	}
	if u.Closed() && len(s.estates) > 0 && s.actsOn(r, "unit.handover", u) {
		p.Actions = append(p.Actions, ui.Button{Label: r.T("unit.do.handover"), Href: base + "/handover", Kind: "primary"})
	}
	if !u.Closed() && s.actsOn(r, "department.create", u) {
		p.NewDept = base + "/department"
		if len(ds) == 0 {
			p.Usual = base + "/usual-departments"
		}
	}
	p.Children = s.childTable(r, u)
	for _, n := range former {
		p.Former.Entries = append(p.Former.Entries, ui.Entry{At: string(n.From) + " – " + string(n.To), What: n.Name, Text: n.Reason})
	}
	if p.Trail, err = s.trail(r, "org_unit", u.ID); err != nil {
		return nil, err
	}
	return web.Page{Name: "org/unit", Data: p, API: map[string]any{"unit": u, "departments": ds, "former_names": former, "children": s.dir.Children(u.ID)}, Crumbs: s.crumbs(r, u, "")}, nil
}

// trail is the story of a row as the log tells it: what and when; who did it only
// the auditor's entries say.
func (s *Service) trail(r *web.Request, table string, n id.ID) (ui.Trail, error) {
	es, err := s.Log.Of(r.Context(), table, n)
	if err != nil {
		return ui.Trail{}, err
	}
	var t ui.Trail
	for i := len(es) - 1; i >= 0; i-- {
		t.Entries = append(t.Entries, ui.Entry{At: r.Moment(es[i].At), What: r.Word("action."+es[i].Action, es[i].Action)})
	}
	return t, nil
}

func (s *Service) facts(r *web.Request, u Unit) []ui.Fact {
	out := []ui.Fact{{Label: r.T("unit.column.code"), Text: u.Code}, {Label: r.T("unit.column.short"), Text: u.Short},
		{Label: r.T("unit.column.level"), Text: r.T("unit.level." + strconv.Itoa(u.Level))}, {Label: r.T("unit.column.kind"), Text: r.T("unit.kind." + u.Kind)}}
	if p, ok := s.dir.Unit(u.Parent); ok {
		out = append(out, ui.Fact{Label: r.T("unit.column.parent"), Text: p.Name, Href: "/units/" + string(p.ID)})
	}
	out = append(out, ui.Fact{Label: r.T("unit.column.region"), Text: regionNames(regions([]string{u.Region}))},
		ui.Fact{Label: r.T("unit.column.coverage"), Text: regionNames(u.Coverage), Wide: true})
	if u.From != "" {
		out = append(out, ui.Fact{Label: r.T("unit.column.from"), Text: string(u.From)})
	}
	if u.Mark != "" {
		out = append(out, ui.Fact{Label: r.T("unit.mark"), Text: r.T("unit.mark." + u.Mark)})
	}
	if u.Closed() {
		f := ui.Fact{Label: r.T("unit.closed_on"), Text: string(u.To)}
		out = append(out, f)
		if into, ok := s.dir.Unit(u.Into); ok {
			out = append(out, ui.Fact{Label: r.T("unit.into"), Text: into.Name, Href: "/units/" + string(into.ID)})
		}
	}
	return out
}

func (s *Service) childTable(r *web.Request, u Unit) *ui.Table {
	children := s.dir.Children(u.ID)
	if len(children) == 0 {
		return nil
	}
	t := &ui.Table{ID: "c", Caption: r.T("unit.children"), Base: "/units/" + string(u.ID), NoDrawer: true,
		Columns: []ui.Column{{Key: "name", Label: r.T("unit.column.name")}, {Key: "code", Label: r.T("unit.column.code"), Nowrap: true},
			{Key: "kind", Label: r.T("unit.column.kind"), Nowrap: true}, {Key: "children", Label: r.T("unit.children"), Num: true}}}
	for _, c := range children {
		row := s.unitRow(r, c)
		row.Cells = []ui.Cell{row.Cells[0], row.Cells[1], row.Cells[3], row.Cells[5]}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s *Service) departmentTable(r *web.Request, u Unit, ds []Department) *ui.Table {
	if len(ds) == 0 {
		return nil
	}
	t := &ui.Table{ID: "d", Caption: r.T("department.list"), Base: "/units/" + string(u.ID), NoDrawer: true,
		Columns: []ui.Column{{Key: "name", Label: r.T("department.name")}, {Key: "kind", Label: r.T("department.kind")}, {Key: "term", Label: r.T("unit.term"), Nowrap: true}}}
	may := s.actsOn(r, "department.edit", u)
	for _, d := range ds {
		row := ui.Row{ID: string(d.ID), Cells: []ui.Cell{{Text: d.Name}, {Text: r.T("department.kind." + d.Kind)}, {Text: strings.Trim(string(d.From)+" – "+string(d.To), " –")}}}
		if may {
			row.Href = "/departments/" + string(d.ID) + "/edit"
		}
		if d.To != "" {
			row.Cells[0].Chips = []ui.Chip{{Class: "off", Word: r.T("unit.closed")}}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
