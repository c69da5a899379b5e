package fieldwork

import (
	"strconv"

	"huikan/internal/inspection"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) checklistsPage(r *web.Request) (web.Response, error) {
	var list []Checklist
	if err := s.read(r.Context(), func(q db.Q) (err error) { list, err = checklists(r.Context(), q); return err }); err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("menu.checklists"), Base: "/checklists", NoDrawer: true, Columns: []ui.Column{{Label: r.T("checklist.theme")}, {Label: r.T("checklist.version"), Num: true}, {Label: r.T("word.status")}, {Label: r.T("checklist.from"), Nowrap: true}, {Label: r.T("round.unit")}, {Label: r.T("period.source")}}, Empty: ui.EmptyState{Title: r.T("checklist.empty")}}
	for _, x := range list {
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: "/checklists/" + string(x.ID), Cells: []ui.Cell{{Text: x.Theme}, {Text: strconv.Itoa(x.Version)}, {Chips: []ui.Chip{chip(r, "checklist", x.State)}}, {Text: string(x.From)}, {Text: s.Units.Short(x.By)}, {Text: x.Source}}})
	}
	p := listPage{Title: r.T("menu.checklists"), Hint: r.T("checklist.hint"), Table: t}
	if r.Can("checklist.create") {
		p.Actions = []ui.Button{{Label: r.T("checklist.do.create"), Href: "/checklists/new", Kind: "primary"}}
	}
	return web.Page{Name: "fieldwork/list", Crumbs: crumbs(r, p.Title, ""), Data: p, API: list}, nil
}

func (s *Service) checklistForm(r *web.Request, x Checklist, c ChecklistCmd, failed error) ui.Form {
	bad := r.Problems(failed)
	f := ui.Form{Action: "/checklists", Draft: true, Cancel: ui.Link{Label: r.T("act.cancel"), Href: "/checklists"}, Buttons: []ui.Button{{Label: r.T("act.save_draft"), Kind: "primary"}}}
	var fields []ui.Field
	if x.ID == "" {
		fields = append(fields, ui.Field{Name: "theme", Label: r.T("checklist.theme"), Hint: r.T("checklist.theme.hint"), Value: c.Theme, Error: bad["theme"], MaxLen: maxLine},
			ui.Field{Name: "unit", Label: r.T("round.unit"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: c.Unit, Error: bad["unit"]})
	} else {
		f.Action, f.Rev, f.Cancel.Href = "/checklists/"+string(x.ID), rev(c.Rev), "/checklists/"+string(x.ID)
		f.Hidden = []ui.Pair{{Name: "theme", Value: x.Theme}}
	}
	f.Sets = []ui.Fieldset{{Fields: append(fields, ui.Field{Name: "from", Label: r.T("checklist.from"), Kind: ui.FieldDate, Value: string(c.From), Optional: true, Error: bad["from"]},
		ui.Field{Name: "source", Label: r.T("period.source"), Value: c.Source, Optional: true, Error: bad["source"], MaxLen: maxLine},
		ui.Field{Name: "lines", Label: r.T("checklist.lines"), Hint: r.T("checklist.lines.hint"), Kind: ui.FieldArea, Rows: 12, Value: c.Lines, Error: bad["lines"], Wide: true})}}
	return f
}

func (s *Service) newChecklistPage(r *web.Request) (web.Response, error) {
	c := ChecklistCmd{Unit: s.Units.Name(officeOf(r.Actor))}
	if from := r.Param("from"); from != "" { // a new version starts from an old one
		var old Checklist
		err := s.read(r.Context(), func(q db.Q) (err error) {
			n, err := id.Parse(from)
			if err == nil {
				old, err = checklistByID(r.Context(), q, n)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		c = ChecklistCmd{Theme: old.Theme, Unit: s.Units.Name(old.By), Source: old.Source, Lines: LinesOf(old.Checks)}
	}
	return s.checklistNew(r, c, nil)
}

func (s *Service) checklistNew(r *web.Request, c ChecklistCmd, failed error) (web.Response, error) {
	title := r.T("checklist.do.create")
	return web.Page{Name: "fieldwork/form", Crumbs: crumbs(r, r.T("menu.checklists"), "/checklists", title, ""), Data: formPage{title, s.checklistForm(r, Checklist{}, c, failed)}, API: c, Err: failed}, nil
}

func (s *Service) addChecklist(r *web.Request) (web.Response, error) {
	var c ChecklistCmd
	err := r.Decode(&c)
	var x Checklist
	if err == nil {
		x, err = s.SaveChecklist(r.Context(), r.Actor, "", c)
	}
	if refused(err) {
		return s.checklistNew(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/checklists/" + string(x.ID), Done: "done.checklist.create", API: x}, nil
}

func (s *Service) checklistOf(r *web.Request) (x Checklist, err error) {
	n, err := r.ID("id")
	if err != nil {
		return x, err
	}
	return x, s.read(r.Context(), func(q db.Q) error { x, err = checklistByID(r.Context(), q, n); return err })
}

func (s *Service) checklistPage(r *web.Request) (web.Response, error) {
	return s.checklistShown(r, nil)
}

func (s *Service) checklistShown(r *web.Request, failed error) (web.Response, error) {
	x, err := s.checklistOf(r)
	if err != nil {
		return nil, err
	}
	base := "/checklists/" + string(x.ID)
	t := &ui.Table{ID: "q", Caption: r.T("checklist.lines"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.no"), Num: true}, {Label: r.T("checklist.question")}, {Label: r.T("checklist.basis")}}}
	for _, c := range x.Checks {
		t.Rows = append(t.Rows, ui.Row{ID: string(c.ID), Cells: []ui.Cell{{Text: strconv.Itoa(c.No)}, {Text: c.Text}, {Text: c.Basis}}})
	}
	p := recordPage{Title: x.Theme, Lead: []ui.Chip{chip(r, "checklist", x.State)}, ShowTrail: true}
	o := s.object("checklist", x.State, Scope{By: x.By}, "")
	if x.State == ChecklistDraft && s.Policy.Can(r.Actor, "checklist.edit", o) == nil {
		p.Actions = append(p.Actions, ui.Button{Label: r.T("act.edit"), Href: base + "/edit"})
	}
	if x.State != ChecklistDraft && s.Policy.Can(r.Actor, "checklist.create", o) == nil {
		p.Actions = append(p.Actions, ui.Button{Label: r.T("checklist.do.version"), Href: "/checklists/new?from=" + string(x.ID)})
	}
	b := block{Title: r.T("checklist.lines"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("checklist.version"), Text: strconv.Itoa(x.Version)}, {Label: r.T("checklist.from"), Text: string(x.From)}, {Label: r.T("round.unit"), Text: s.Units.Name(x.By)}, {Label: r.T("period.source"), Text: x.Source}}}, Table: t}
	doable := s.steps(r, ChecklistFlow, x.State, Scope{By: x.By}, "")
	for _, do := range doable {
		b.Forms = append(b.Forms, stepForm(r, "checklist", do, base, x.Rev, false, failed))
	}
	p.Blocks = []block{b}
	if p.Trail, err = s.trail(r, "fieldwork_checklist", x.ID); err != nil {
		return nil, err
	}
	return web.Page{Name: "fieldwork/record", Crumbs: crumbs(r, r.T("menu.checklists"), "/checklists", x.Theme, ""), Data: p, API: map[string]any{"checklist": x, "may": doable}, Err: failed}, nil
}

func (s *Service) editChecklistPage(r *web.Request) (web.Response, error) {
	x, err := s.checklistOf(r)
	if err != nil {
		return nil, err
	}
	if err := s.Policy.Can(r.Actor, "checklist.edit", s.object("checklist", x.State, Scope{By: x.By}, "")); err != nil {
		return nil, err
	}
	return s.checklistEdit(r, x, ChecklistCmd{Theme: x.Theme, From: x.From, Source: x.Source, Lines: LinesOf(x.Checks), Rev: x.Rev}, nil)
}

func (s *Service) checklistEdit(r *web.Request, x Checklist, c ChecklistCmd, failed error) (web.Response, error) {
	base := "/checklists/" + string(x.ID)
	if fault.Is(failed, fault.KindConflict) {
		was := x
		if _, err := s.Log.Before(r.Context(), "fieldwork_checklist", x.ID, c.Rev, &was); err != nil {
			return nil, err
		}
		lines := inspection.Diff(labels(r, "checklist.from", "period.source", "checklist.lines"), []string{string(was.From), was.Source, LinesOf(was.Checks)}, []string{string(x.From), x.Source, LinesOf(x.Checks)}, []string{string(c.From), c.Source, c.Lines})
		c.Rev = x.Rev
		return s.conflict(r, "fieldwork_checklist", x.ID, lines, s.checklistForm(r, x, c, nil), base, failed)
	}
	return web.Page{Name: "fieldwork/form", Crumbs: crumbs(r, r.T("menu.checklists"), "/checklists", x.Theme, base, r.T("act.edit"), ""), Data: formPage{x.Theme, s.checklistForm(r, x, c, failed)}, API: c, Err: failed}, nil
}

func (s *Service) editChecklist(r *web.Request) (web.Response, error) {
	x, err := s.checklistOf(r)
	if err != nil {
		return nil, err
	}
	var c ChecklistCmd
	if err = r.Decode(&c); err == nil {
		_, err = s.SaveChecklist(r.Context(), r.Actor, x.ID, c)
	}
	if refused(err) {
		return s.checklistEdit(r, x, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/checklists/" + string(x.ID), Done: "done.checklist.edit"}, nil
}

func (s *Service) stepChecklist(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c StepCmd
		var x Checklist
		if err = r.Decode(&c); err == nil {
			x, err = s.StepChecklist(r.Context(), r.Actor, n, do, c)
		}
		if refused(err) {
			return s.checklistShown(r, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/checklists/" + string(n), Done: "done.checklist." + do, API: x}, nil
	}
}
