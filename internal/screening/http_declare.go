package screening

import (
	"context"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/page"
	"huikan/internal/person"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type declarePage struct {
	Chip  ui.Chip
	Say   string
	Table ui.Table
	Add   string
	Form  ui.Form
}

func statementChip(r *web.Request, state string) ui.Chip {
	return ui.Chip{Class: map[string]string{Stated: "ok", Belated: "run", Awaited: "wait", Overdue: "late"}[state], Word: r.T("declaration.state." + state)}
}

func (s *Service) getDeclaration(r *web.Request) (web.Response, error) {
	return s.declarePage(r, DeclareCmd{}, nil)
}

func (s *Service) declarePage(r *web.Request, in DeclareCmd, refused error) (web.Response, error) {
	var p person.Person
	var relatives []person.Relative
	var d Declaration
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		p, relatives, d, err = s.ownDeclaration(r.Context(), q, r.Actor)
		return err
	}); err != nil {
		return nil, err
	}
	on := s.today()
	year, by := on.Year(), s.DeclareBy.In(on.Year())
	state := s.DeclareBy.statement(d, year, on)
	base := "/people/" + string(p.ID) + "/"
	t := ui.Table{Caption: r.T("declaration.relatives"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("register.name")}, {Label: r.T("screening.relation")}, {Label: r.T("screening.employer")}, {Label: r.T("declaration.since"), Nowrap: true}, {Label: r.T("word.action")}},
		Empty: ui.EmptyState{Title: r.T("declaration.relatives.none"), Text: r.T("declaration.relatives.none.text")}}
	for _, x := range relatives {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: x.Name}, {Text: r.T("relative.relation." + x.Relation)}, {Text: dash(x.Employer)}, {Text: dash(string(x.From))}, {Text: r.T("declaration.correct"), Href: base + "relatives/" + string(x.ID) + "/correct"}}})
	}
	say := r.T("declaration.say."+state, year, string(by), r.Moment(d.At))
	bad := r.Problems(refused)
	note := in.Note
	if note == "" {
		note = d.Note
	}
	view := declarePage{Chip: statementChip(r, state), Say: say, Table: t, Add: base + "relative",
		Form: ui.Form{ID: "declare", Action: "/screening/declaration", Note: r.T("declaration.note"), Buttons: []ui.Button{{Label: r.T("declaration.do", year), Kind: "primary"}},
			Sets: []ui.Fieldset{{Legend: r.T("declaration.statement", year), Fields: []ui.Field{
				{Name: "complete", Label: r.T("declaration.complete", len(relatives)), Kind: ui.FieldCheck, Wide: true, Error: bad["complete"]},
				{Name: "note", Label: r.T("declaration.remark"), Kind: ui.FieldArea, Rows: 3, MaxLen: maxReason, Optional: true, Value: note, Wide: true, Error: bad["note"]}}}}}}
	api := struct {
		Year        int               `json:"year"`
		By          clock.Date        `json:"by"`
		State       string            `json:"state"`
		Declaration *Declaration      `json:"declaration,omitempty"`
		Relatives   []person.Relative `json:"relatives"`
	}{Year: year, By: by, State: state, Relatives: relatives}
	if d.ID != "" {
		api.Declaration = &d
	}
	return web.Page{Name: "screening/declare", Data: view, API: api, Err: refused, Crumbs: []ui.Crumb{{Label: r.T("menu.declaration")}}}, nil
}

func (s *Service) postDeclaration(r *web.Request) (web.Response, error) {
	var cmd DeclareCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	d, err := s.Declare(r.Context(), r.Actor, cmd)
	if err != nil && !r.API() && fault.Is(err, fault.KindInvalid) {
		return s.declarePage(r, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/screening/declaration", Done: "done.declaration.make", API: d}, nil
}

type declarationsPage struct {
	Tabs  ui.Tabs
	Stats ui.Stats
	Views ui.Tabs
	Table ui.Table
}

// getDeclarations shows who has stated this year, who was late and who has not.
func (s *Service) getDeclarations(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	open := q.Filter.Get("open") != "0"
	year := s.today().Year()
	if y := q.Filter.Get("year"); y != "" {
		if year, err = strconv.Atoi(y); err != nil || year < 2000 || year > s.today().Year() {
			return nil, fault.NotFound("page")
		}
	}
	var list []declared
	var all, stated, late int
	err = s.log.DB().Read(r.Context(), func(rd db.Q) (err error) {
		if list, err = s.listDeclared(r.Context(), rd, r.Actor, year, open, q.After, q.Size+1); err != nil {
			return err
		}
		all, stated, late, err = s.countDeclared(r.Context(), rd, r.Actor, year)
		return err
	})
	if err != nil {
		return nil, err
	}
	var next page.Next
	if open {
		next.Count = all - stated
	} else {
		next.Count = all
	}
	if len(list) > q.Size {
		list = list[:q.Size]
		last := list[len(list)-1]
		next.After = page.Cursor(last.StaffNo, string(last.Person))
	}
	on := s.today()
	p := declarationsPage{Tabs: tabs(r, "/screening/declarations"), Stats: ui.Stats{Items: []ui.Stat{{Label: r.T("declaration.all"), Value: strconv.Itoa(all)}, {Label: r.T("declaration.stated"), Value: strconv.Itoa(stated), Note: r.T("declaration.stated.define", year)},
		{Label: r.T("declaration.late"), Value: strconv.Itoa(late)}, {Label: r.T("declaration.missing"), Value: strconv.Itoa(all - stated), Note: r.T("declaration.by", string(s.DeclareBy.In(year)))}}}}
	p.Views = ui.Tabs{Label: r.T("declaration.view"), Items: []ui.Tab{{Label: r.T("declaration.view.open"), Href: "/screening/declarations", Current: open}, {Label: r.T("declaration.view.all"), Href: "/screening/declarations?open=0", Current: !open}}}
	p.Table = ui.Table{Caption: r.T("screening.tab.declarations"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("register.name")}, {Label: r.T("word.unit")}, {Label: r.T("word.status")}, {Label: r.T("declaration.at"), Nowrap: true}, {Label: r.T("screening.relatives"), Num: true}},
		Empty: ui.EmptyState{Title: r.T("declaration.none")}}
	for _, x := range list {
		row := ui.Row{Cells: []ui.Cell{{Text: x.Name, Sub: x.StaffNo}, {Text: s.Units.Short(x.Serves)}, {Chips: []ui.Chip{statementChip(r, s.DeclareBy.statement(x.Declaration, year, on))}}, {Text: dash(r.Moment(x.At))}, {Text: "—"}}}
		if x.ID != "" {
			row.Cells[4].Text = strconv.Itoa(x.Relatives)
		}
		p.Table.Rows = append(p.Table.Rows, row)
	}
	p.Table.Pager = web.PagerOf(r, "/screening/declarations", next, q)
	return web.Page{Name: "screening/declarations", Data: p, API: list, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.tab.declarations")})}, nil
}

// todoDeclare asks for the statement of the year, from New Year's Day until it is there.
func (s *Service) todoDeclare(ctx context.Context, q db.Q, a actor.Actor, out *[]web.Todo) error {
	_, _, d, err := s.ownDeclaration(ctx, q, a)
	switch {
	case fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindForbidden):
		return nil // nothing to state
	case err != nil || d.ID != "":
		return err
	}
	year := s.today().Year()
	*out = append(*out, web.Todo{Kind: "todo.declaration", Title: strconv.Itoa(year), Unit: s.Units.Short(a.Unit), Due: s.DeclareBy.In(year), Href: "/screening/declaration", Verb: "todo.declaration.do"})
	return nil
}
