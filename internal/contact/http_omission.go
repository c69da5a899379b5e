package contact

import (
	"strconv"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) omissionRoutes() []web.Route {
	out := []web.Route{
		{Method: "GET", Path: "/register/omissions", Action: "omission.read", Do: s.getOmissions},
		{Method: "POST", Path: "/register/omissions", Action: "omission.note", In: NoteOmissionCmd{}, Do: s.postOmission},
		{Method: "GET", Path: "/register/omissions/{id}", Action: "omission.read", Do: s.getOmission},
	}
	for _, do := range OmissionFlow.Actions() {
		out = append(out, web.Route{Method: "POST", Path: "/register/omissions/{id}/" + do, Action: "omission." + do, In: OmissionCmd{}, Do: s.postOmissionStep(do)})
	}
	return out
}

type omissionsPage struct {
	Table ui.Table
	Form  ui.Form
}

func omissionChip(r *web.Request, state string) ui.Chip {
	class := map[string]string{OmissionNoted: "wait", OmissionHeard: "run", OmissionProposed: "wait", OmissionDecided: "late", OmissionDropped: "off"}[state]
	return ui.Chip{Class: class, Word: r.T("omission.state." + state)}
}

func (s *Service) getOmissions(r *web.Request) (web.Response, error) {
	var c NoteOmissionCmd
	if letter := r.Param("letter"); letter != "" {
		n, err := id.Parse(letter)
		if err != nil {
			return nil, fault.NotFound("letter")
		}
		if c, err = s.OmissionOfLetter(r.Context(), r.Actor, n); err != nil {
			return nil, err
		}
	}
	return s.omissionsPage(r, c, nil)
}

func (s *Service) omissionsPage(r *web.Request, c NoteOmissionCmd, failed error) (web.Response, error) {
	l, err := listByState(r, "/register/omissions", OmissionFlow.States())
	if err != nil {
		return nil, err
	}
	list, names, err := s.Omissions(r.Context(), r.Actor, l.state, l.after, l.size+1)
	if err != nil {
		return nil, err
	}
	p := omissionsPage{Table: ui.Table{ID: "o", Caption: r.T("menu.omissions"), Base: "/register/omissions", Params: r.URL.Query(), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("omission.none"), Text: r.T("omission.none.text")},
		Columns: []ui.Column{{Label: r.T("silence.person")}, {Label: r.T("word.unit")}, {Label: r.T("omission.kind")}, {Label: r.T("omission.on"), Nowrap: true}, {Label: r.T("word.status")}, {Label: r.T("omission.consequence")}, {Label: r.T("word.due"), Nowrap: true}}}}
	p.Table.Views = l.views(r, "omission.state.")
	p.Table.Pager = l.pager(r, len(list), func(i int) id.ID { return list[i].ID })
	list = list[:min(len(list), l.size)]
	for _, o := range list {
		then := "—"
		if o.Consequence != "" {
			then = r.T("omission.consequence." + o.Consequence)
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{ID: string(o.ID), Href: "/register/omissions/" + string(o.ID), Cells: []ui.Cell{{Text: names[o.Person]}, {Text: s.Units.Short(o.Unit)}, {Text: r.T("omission.kind." + o.Kind)}, {Text: string(o.On)}, {Chips: []ui.Chip{omissionChip(r, o.State)}}, {Text: then}, dueCell(r, o.Due)}})
	}
	b := r.Problems(failed)
	p.Form = ui.Form{ID: "note", Action: "/register/omissions", Sensitive: true, Note: r.T("omission.note"), Buttons: []ui.Button{{Label: r.T("omission.do.note"), Kind: "primary"}}, Sets: []ui.Fieldset{{Legend: r.T("omission.new"), Fields: []ui.Field{
		{Name: "person", Label: r.T("silence.person"), Kind: ui.FieldPicker, Source: "/pick/people?by=staff_no", Value: c.Person, Error: b["person"]},
		{Name: "on", Label: r.T("omission.on"), Kind: ui.FieldDate, Value: string(c.On), Error: b["on"]},
		{Name: "kind", Label: r.T("omission.kind"), Kind: ui.FieldRadio, Options: options(r, "omission.kind.", OmissionKinds()), Value: c.Kind, Error: b["kind"], Wide: true},
		{Name: "source", Label: r.T("omission.source"), Kind: ui.FieldRadio, Options: options(r, "omission.source.", OmissionSources()), Value: c.Source, Error: b["source"], Wide: true},
		{Name: "ref", Label: r.T("omission.ref"), Hint: r.T("omission.ref.hint"), Value: c.Ref, Error: b["ref"], MaxLen: maxShort},
		{Name: "text", Label: r.T("omission.text.note"), Kind: ui.FieldArea, Value: c.Text, Error: b["text"], Wide: true, MaxLen: maxText}}}}}
	return web.Page{Name: "contact/omissions", Data: p, API: list, Err: failed, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.omissions")}}}, nil
}

func (s *Service) postOmission(r *web.Request) (web.Response, error) {
	var c NoteOmissionCmd
	var o Omission
	err := r.Decode(&c)
	if err == nil {
		o, err = s.NoteOmission(r.Context(), r.Actor, c)
	}
	if fault.Is(err, fault.KindInvalid) && !r.API() {
		return s.omissionsPage(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/register/omissions/" + string(o.ID), Done: "done.omission.note", API: o}, nil
}

type omissionPage struct {
	Title   string
	Chip    ui.Chip
	Facts   ui.Facts
	Follows []string
	Forms   []ui.Form
	Trail   ui.Trail
}

func (s *Service) getOmission(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.omissionPage(r, n, "", nil)
}

func (s *Service) omissionPage(r *web.Request, n id.ID, failed string, problem error) (web.Response, error) {
	v, err := s.ReadOmission(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	o := v.Omission
	p := omissionPage{Title: r.T("omission.title", v.Names[o.Person]), Chip: omissionChip(r, o.State)}
	p.Facts = ui.Facts{Items: []ui.Fact{{Label: r.T("silence.person"), Text: v.Names[o.Person]}, {Label: r.T("word.unit"), Text: s.Units.Name(o.Unit)}, {Label: r.T("omission.kind"), Text: r.T("omission.kind." + o.Kind)}, {Label: r.T("omission.on"), Text: string(o.On)},
		{Label: r.T("omission.source"), Text: r.T("omission.source." + o.Source), Sub: o.Ref}, {Label: r.T("omission.times"), Text: strconv.Itoa(v.Times)}, {Label: r.T("word.due"), Text: orDash(string(o.Due))}}}
	if o.Consequence != "" {
		p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("omission.consequence"), Text: r.T("omission.consequence." + o.Consequence), Sub: o.Lead})
	}
	if o.Proposer != "" {
		p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("omission.proposer"), Text: v.Names[o.Proposer]})
	}
	var choices []ui.Option
	for _, k := range v.Follows {
		source := r.T("omission.document." + k.Source)
		if k.Article > 0 {
			source = r.T("omission.article", source, k.Article)
		}
		if k.Mark != "" {
			source = r.T("omission.unverified", source)
		}
		p.Follows = append(p.Follows, r.T("omission.follows", r.T("omission.consequence."+k.Code), k.AtLeast, source))
		choices = append(choices, ui.Option{Value: k.Code, Label: r.T("omission.consequence." + k.Code)})
	}
	b := r.Problems(problem)
	for _, do := range v.Steps {
		f := ui.Form{ID: do, Action: "/register/omissions/" + string(n) + "/" + do, Sensitive: true, Rev: web.Rev(o.Rev), Buttons: []ui.Button{{Label: r.T("omission.do." + do), Kind: "primary"}}}
		set := ui.Fieldset{Legend: r.T("omission.do." + do), Hint: r.T("omission.do." + do + ".hint")}
		text := ui.Field{Name: "text", Label: r.T("omission.text." + do), Kind: ui.FieldArea, Rows: 2, Wide: true, MaxLen: maxText}
		then := ui.Field{Name: "consequence", Label: r.T("omission.consequence"), Kind: ui.FieldRadio, Options: choices, Wide: true}
		if failed == do {
			text.Value, text.Error, then.Value, then.Error = r.PostFormValue("text"), b["text"], r.PostFormValue("consequence"), b["consequence"]
		}
		if do == "propose" {
			set.Fields = append(set.Fields, then)
		}
		set.Fields = append(set.Fields, text)
		f.Sets = []ui.Fieldset{set}
		p.Forms = append(p.Forms, f)
	}
	for i := len(v.Entries) - 1; i >= 0; i-- {
		e := v.Entries[i]
		text := e.Text
		if e.Detail != "" {
			text = r.T("omission.consequence."+e.Detail) + "\n" + text
		}
		p.Trail.Entries = append(p.Trail.Entries, ui.Entry{At: r.Moment(e.At), Who: v.Names[e.Person], What: r.T("omission.do." + e.Do), Text: text})
	}
	return web.Page{Name: "contact/omission", Data: p, API: v, Err: problem, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.omissions"), Href: "/register/omissions"}, {Label: n.Short()}}}, nil
}

func (s *Service) postOmissionStep(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c OmissionCmd
		if err := r.Decode(&c); err != nil {
			return nil, err
		}
		o, err := s.WorkOmission(r.Context(), r.Actor, n, do, c)
		if fault.Is(err, fault.KindInvalid) && !r.API() {
			return s.omissionPage(r, n, do, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/register/omissions/" + string(n), Done: "done.omission." + do, API: o}, nil
	}
}
