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

type formPage struct {
	Title    string
	Form     ui.Form
	Conflict *ui.Conflict
}

// answer shows the form again with what is wrong, or passes other errors on.
func (s *Service) answer(r *web.Request, err error, done, to string, api any, again func(err error) (web.Response, error)) (web.Response, error) {
	if err == nil {
		return web.Redirect{To: to, Done: "done." + done, API: api}, nil
	}
	switch fault.KindOf(err) {
	case fault.KindInvalid, fault.KindConflict:
		return again(err)
	}
	return nil, err
}

func (s *Service) getNew(r *web.Request) (web.Response, error) {
	cmd := AddUnitCmd{}
	if u, ok := s.dir.Resolve(r.Param("parent")); ok {
		cmd.Parent, cmd.Level = u.Name, min(u.Level+1, 4)
	}
	return s.newPage(r, cmd, nil), nil
}

func (s *Service) newPage(r *web.Request, cmd AddUnitCmd, err error) web.Response {
	p := r.Problems(err)
	level := ""
	if cmd.Level > 0 {
		level = strconv.Itoa(cmd.Level)
	}
	form := ui.Form{Action: "/units/new", Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "code", Label: r.T("unit.column.code"), Value: cmd.Code, Hint: r.T("unit.code.hint"), Error: p["code"], MaxLen: codeLength},
		{Name: "name", Label: r.T("unit.column.name"), Value: cmd.Name, Error: p["name"], MaxLen: maxName},
		{Name: "short", Label: r.T("unit.column.short"), Value: cmd.Short, Optional: true, Error: p["short"], MaxLen: maxShort},
		{Name: "parent", Label: r.T("unit.column.parent"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: cmd.Parent, Error: p["parent"]},
		{Name: "level", Label: r.T("unit.column.level"), Kind: ui.FieldSelect, Value: level, Options: options(r, "unit.level.", []string{"1", "2", "3", "4"}, false), Error: p["level"]},
		{Name: "kind", Label: r.T("unit.column.kind"), Kind: ui.FieldSelect, Value: cmd.Kind, Options: options(r, "unit.kind.", Kinds(), false), Error: p["kind"]},
		{Name: "region", Label: r.T("unit.column.region"), Value: cmd.Region, Optional: true, Hint: r.T("unit.region.hint"), Error: p["region"]},
		{Name: "coverage", Label: r.T("unit.column.coverage"), Kind: ui.FieldArea, Value: cmd.Coverage, Optional: true, Hint: r.T("unit.coverage.hint"), Error: p["coverage"], Wide: true},
		{Name: "from", Label: r.T("unit.column.from"), Kind: ui.FieldDate, Value: string(cmd.From), Optional: true, Error: p["from"]},
	}}}, Buttons: []ui.Button{{Label: r.T("unit.do.create"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("word.back"), Href: "/units"}}
	return web.Page{Name: "org/form", Data: formPage{Title: r.T("unit.do.create"), Form: form}, Err: err,
		Crumbs: []ui.Crumb{{Label: r.T("unit.list"), Href: "/units"}, {Label: r.T("unit.do.create")}}}
}

func (s *Service) postNew(r *web.Request) (web.Response, error) {
	var cmd AddUnitCmd
	if err := r.Decode(&cmd); err != nil {
		return s.answer(r, err, "", "", nil, func(err error) (web.Response, error) { return s.newPage(r, cmd, err), nil })
	}
	u, err := s.Add(r.Context(), r.Actor, cmd)
	return s.answer(r, err, "unit.create", "/units/"+string(u.ID), u, func(err error) (web.Response, error) { return s.newPage(r, cmd, err), nil })
}

// changeFields are the questions of a change, filled from what was typed, or
// from the record when v is nil.
func (s *Service) changeFields(r *web.Request, do string, u Unit, v map[string]string, p map[string]string) []ui.Field {
	if v == nil {
		v = map[string]string{"short": u.Short, "kind": u.Kind, "region": u.Region, "coverage": strings.Join(u.Coverage, ","), "from": string(u.From),
			"name": u.Name, "level": strconv.Itoa(u.Level), "parent": s.dir.Name(u.Parent)}
		if do == "rename" {
			v["from"], v["short"] = "", ""
		}
	}
	reason := ui.Field{Name: "reason", Label: r.T("word.reason"), Kind: ui.FieldArea, Value: v["reason"], Error: p["reason"], MaxLen: maxReason, Wide: true}
	switch do {
	case "rename":
		return []ui.Field{{Name: "name", Label: r.T("unit.new_name"), Value: v["name"], Error: p["name"], MaxLen: maxName},
			{Name: "short", Label: r.T("unit.column.short"), Value: v["short"], Optional: true, Error: p["short"], MaxLen: maxShort},
			{Name: "from", Label: r.T("unit.name_from"), Kind: ui.FieldDate, Value: v["from"], Error: p["from"]}, reason}
	case "move":
		return []ui.Field{{Name: "parent", Label: r.T("unit.new_parent"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: v["parent"], Error: p["parent"]},
			{Name: "level", Label: r.T("unit.column.level"), Kind: ui.FieldSelect, Value: v["level"], Options: options(r, "unit.level.", []string{"1", "2", "3", "4"}, false), Error: p["level"]}, reason}
	case "close":
		return []ui.Field{{Name: "on", Label: r.T("unit.closed_on"), Kind: ui.FieldDate, Value: v["on"], Error: p["on"]},
			{Name: "into", Label: r.T("unit.into"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: v["into"], Optional: true, Hint: r.T("unit.into.hint"), Error: p["into"]}, reason}
	}
	return []ui.Field{{Name: "short", Label: r.T("unit.column.short"), Value: v["short"], Error: p["short"], MaxLen: maxShort},
		{Name: "kind", Label: r.T("unit.column.kind"), Kind: ui.FieldSelect, Value: v["kind"], Options: options(r, "unit.kind.", Kinds(), false), Error: p["kind"]},
		{Name: "region", Label: r.T("unit.column.region"), Value: v["region"], Optional: true, Hint: r.T("unit.region.hint"), Error: p["region"]},
		{Name: "coverage", Label: r.T("unit.column.coverage"), Kind: ui.FieldArea, Value: v["coverage"], Optional: true, Hint: r.T("unit.coverage.hint"), Error: p["coverage"], Wide: true},
		{Name: "from", Label: r.T("unit.column.from"), Kind: ui.FieldDate, Value: v["from"], Optional: true, Error: p["from"]}}
}

func (s *Service) changePage(r *web.Request, do string, u Unit, v map[string]string, err error) (web.Response, error) {
	base := "/units/" + string(u.ID)
	form := ui.Form{Action: base + "/" + do, Rev: strconv.FormatInt(u.Rev, 10), Sets: []ui.Fieldset{{Fields: s.changeFields(r, do, u, v, r.Problems(err))}},
		Buttons: []ui.Button{{Label: r.T("unit.do." + do), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("word.back"), Href: base}}
	data := formPage{Title: r.T("unit.do." + do), Form: form}
	if fault.Is(err, fault.KindConflict) {
		c, e := s.conflict(r, do, u, v, form)
		if e != nil {
			return nil, e
		}
		data.Conflict = c
	}
	return web.Page{Name: "org/form", Data: data, Err: err, Crumbs: s.crumbs(r, u, r.T("unit.do."+do))}, nil
}

// conflict sets the reader's input against what is stored now.
func (s *Service) conflict(r *web.Request, do string, u Unit, v map[string]string, form ui.Form) (*ui.Conflict, error) {
	c := &ui.Conflict{Who: r.T("unit.somebody"), Form: &form, Reload: ui.Link{Label: r.T("act.reload"), Href: form.Action}}
	es, err := s.Log.Of(r.Context(), "org_unit", u.ID)
	if err != nil {
		return nil, err
	}
	if len(es) > 0 {
		c.At = r.Moment(es[len(es)-1].At)
	}
	was := u
	if rev, err := strconv.ParseInt(v["rev"], 10, 64); err == nil {
		if _, err := s.Log.Before(r.Context(), "org_unit", u.ID, rev, &was); err != nil {
			return nil, err
		}
	}
	base := map[string]string{}
	for _, f := range s.changeFields(r, do, was, nil, nil) {
		base[f.Name] = f.Value
	}
	for _, f := range s.changeFields(r, do, u, nil, nil) {
		if f.Name != "reason" {
			c.Lines = append(c.Lines, ui.Diff(f.Label, base[f.Name], v[f.Name], f.Value))
		}
	}
	return c, nil
}

func (s *Service) getChange(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		u, err := s.unit(r)
		if err != nil {
			return nil, err
		}
		if err := s.Policy.Can(r.Actor, "unit."+do, object(u)); err != nil {
			return nil, err
		}
		return s.changePage(r, do, u, nil, nil)
	}
}

// change runs a command of a unit's form.
func (s *Service) change(r *web.Request, do string, cmd any, run func(n id.ID) error) (web.Response, error) {
	u, err := s.unit(r)
	if err != nil {
		return nil, err
	}
	base := "/units/" + string(u.ID)
	if err = r.Decode(cmd); err == nil {
		err = run(u.ID)
	}
	return s.answer(r, err, "unit."+do, base, map[string]string{"id": string(u.ID)}, func(err error) (web.Response, error) {
		if e := s.Policy.Can(r.Actor, "unit."+do, object(u)); e != nil {
			return nil, e
		}
		now, e := s.unit(r)
		if e != nil {
			return nil, e
		}
		return s.changePage(r, do, now, typed(r), err)
	})
}

// typed is what the user wrote, so that nothing of it is lost.
func typed(r *web.Request) map[string]string {
	out := map[string]string{}
	for k, v := range r.PostForm {
		out[k] = strings.TrimSpace(v[0])
	}
	return out
}

func (s *Service) postEdit(r *web.Request) (web.Response, error) {
	var cmd EditUnitCmd
	return s.change(r, "edit", &cmd, func(n id.ID) error { return s.Edit(r.Context(), r.Actor, n, cmd) })
}

func (s *Service) postRename(r *web.Request) (web.Response, error) {
	var cmd RenameUnitCmd
	return s.change(r, "rename", &cmd, func(n id.ID) error { return s.Rename(r.Context(), r.Actor, n, cmd) })
}

func (s *Service) postMove(r *web.Request) (web.Response, error) {
	var cmd MoveUnitCmd
	return s.change(r, "move", &cmd, func(n id.ID) error { return s.Move(r.Context(), r.Actor, n, cmd) })
}

func (s *Service) postClose(r *web.Request) (web.Response, error) {
	var cmd CloseUnitCmd
	return s.change(r, "close", &cmd, func(n id.ID) error { return s.Close(r.Context(), r.Actor, n, cmd) })
}

func (s *Service) postUsual(r *web.Request) (web.Response, error) {
	u, err := s.unit(r)
	if err != nil {
		return nil, err
	}
	if err := s.SeedDepartments(r.Context(), r.Actor, u.ID); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/units/" + string(u.ID), Done: "done.department.create"}, nil
}

func (s *Service) getDepartments(r *web.Request) (web.Response, error) {
	u, err := s.unit(r)
	if err != nil {
		return nil, err
	}
	if !r.API() {
		return web.Redirect{To: "/units/" + string(u.ID)}, nil
	}
	var ds []Department
	err = s.Log.DB().Read(r.Context(), func(q db.Q) error {
		ds, err = departmentsOf(r.Context(), q, u.ID)
		return err
	})
	return web.Redirect{To: "/units/" + string(u.ID), API: ds}, err
}

func (s *Service) departmentPage(r *web.Request, u Unit, d Department, cmd DepartmentCmd, err error) web.Response {
	p := r.Problems(err)
	action, title := "/units/"+string(u.ID)+"/department", r.T("department.do.create")
	if d.ID != "" {
		action, title = "/departments/"+string(d.ID)+"/edit", r.T("department.do.edit")
	}
	form := ui.Form{Action: action, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "name", Label: r.T("department.name"), Value: cmd.Name, Error: p["name"], MaxLen: maxName},
		{Name: "kind", Label: r.T("department.kind"), Kind: ui.FieldSelect, Value: cmd.Kind, Options: options(r, "department.kind.", DepartmentKinds(), false), Error: p["kind"]},
		{Name: "from", Label: r.T("unit.column.from"), Kind: ui.FieldDate, Value: string(cmd.From), Optional: true, Error: p["from"]},
		{Name: "to", Label: r.T("unit.closed_on"), Kind: ui.FieldDate, Value: string(cmd.To), Optional: true, Error: p["to"]},
	}}}, Buttons: []ui.Button{{Label: title, Kind: "primary"}}, Cancel: ui.Link{Label: r.T("word.back"), Href: "/units/" + string(u.ID)}}
	if d.ID != "" {
		form.Rev = strconv.FormatInt(d.Rev, 10)
	}
	return web.Page{Name: "org/form", Data: formPage{Title: title, Form: form}, Err: err, Crumbs: s.crumbs(r, u, title)}
}

func (s *Service) getNewDepartment(r *web.Request) (web.Response, error) {
	u, err := s.unit(r)
	if err != nil {
		return nil, err
	}
	if err := s.Policy.Can(r.Actor, "department.create", object(u)); err != nil {
		return nil, err
	}
	return s.departmentPage(r, u, Department{}, DepartmentCmd{}, nil), nil
}

func (s *Service) postNewDepartment(r *web.Request) (web.Response, error) {
	u, err := s.unit(r)
	if err != nil {
		return nil, err
	}
	var cmd DepartmentCmd
	var d Department
	if err = r.Decode(&cmd); err == nil {
		d, err = s.AddDepartment(r.Context(), r.Actor, u.ID, cmd)
	}
	return s.answer(r, err, "department.create", "/units/"+string(u.ID), d, func(err error) (web.Response, error) {
		return s.departmentPage(r, u, Department{}, cmd, err), nil
	})
}

// department reads the department of the address and its unit.
func (s *Service) department(r *web.Request) (d Department, u Unit, err error) {
	n, err := idOf(r)
	if err != nil {
		return d, u, fault.NotFound("department")
	}
	err = s.Log.DB().Read(r.Context(), func(q db.Q) error {
		if d, err = departmentByID(r.Context(), q, n); err != nil {
			return err
		}
		u, err = unitByID(r.Context(), q, d.Unit)
		return err
	})
	if err != nil {
		return d, u, err
	}
	return d, u, s.Policy.Can(r.Actor, "department.edit", object(u))
}

func (s *Service) getDepartment(r *web.Request) (web.Response, error) {
	d, u, err := s.department(r)
	if err != nil {
		return nil, err
	}
	return s.departmentPage(r, u, d, DepartmentCmd{Name: d.Name, Kind: d.Kind, From: d.From, To: d.To}, nil), nil
}

func (s *Service) postDepartment(r *web.Request) (web.Response, error) {
	d, u, err := s.department(r)
	if err != nil {
		return nil, err
	}
	var cmd DepartmentCmd
	if err = r.Decode(&cmd); err == nil {
		err = s.EditDepartment(r.Context(), r.Actor, d.ID, cmd)
	}
	return s.answer(r, err, "department.edit", "/units/"+string(u.ID), map[string]string{"id": string(d.ID)}, func(err error) (web.Response, error) {
		return s.departmentPage(r, u, d, cmd, err), nil
	})
}
