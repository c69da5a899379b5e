package fieldwork

import (
	"cmp"
	"strconv"

	"huikan/internal/inspection"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/document"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) requestTable(r *web.Request, list []Request, unit bool) ui.Table {
	t := ui.Table{ID: "q", Caption: r.T("menu.requests"), Base: "/requests", NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("request.what")}}, Empty: ui.EmptyState{Title: r.T("request.empty")}}
	if unit {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("word.unit")})
	}
	t.Columns = append(t.Columns, ui.Column{Label: r.T("word.status")}, ui.Column{Label: r.T("request.due"), Nowrap: true}, ui.Column{Label: r.T("request.replied"), Nowrap: true})
	for _, x := range list {
		cells := []ui.Cell{{Text: x.No}, {Text: x.Title, Clamp: true}}
		if unit {
			cells = append(cells, ui.Cell{Text: s.Units.Short(x.Unit)})
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: "/requests/" + string(x.ID), Cells: append(cells, ui.Cell{Chips: []ui.Chip{chip(r, "request", x.State)}}, ui.Cell{Text: string(x.Due), Chips: dueChip(r, x.Due, r.Today(), x.Open())}, ui.Cell{Text: string(x.Replied)})})
	}
	return t
}

// requestsPage lists the requests and immediate items of which the actor may
// know: for the inspected unit its own ones and nothing else.
func (s *Service) requestsPage(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	var list []Request
	var imms []Immediate
	state := q.Filter.Get("state")
	err = s.read(r.Context(), func(dq db.Q) error {
		var args []any
		cond := s.Policy.Filter(r.Actor, "request.read", columns("q.state", "q"), &args)
		if state != "" {
			args = append(args, state)
			cond += " AND q.state = $" + strconv.Itoa(len(args))
		}
		if len(q.After) > 0 {
			args = append(args, q.After[0])
			cond += " AND q.id < $" + strconv.Itoa(len(args))
		}
		if list, err = requestsWhere(r.Context(), dq, cond, "q.id DESC", q.Size+1, args); err != nil {
			return err
		}
		var iargs []any
		icond := s.Policy.Filter(r.Actor, "immediate.read", columns("i.state", "i"), &iargs)
		imms, err = immediatesWhere(r.Context(), dq, icond, 100, iargs)
		return err
	})
	if err != nil {
		return nil, err
	}
	after := ""
	if len(list) > q.Size {
		list = list[:q.Size]
		after = string(list[q.Size-1].ID)
	}
	t := s.requestTable(r, list, true)
	t.Params = r.URL.Query()
	t.Filters = []ui.Field{{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Options: append([]ui.Option{{Label: r.T("form.any")}}, options(r, "request.state.", RequestFlow.States(), false)...), Value: state}}
	t.Pager = web.Pager(r, "/requests", "", after, len(q.After) > 0)
	p := listPage{Title: r.T("menu.requests"), Hint: r.T("request.hint"), Table: t}
	b := s.immediateBlock(r, inspection.Visit{}, inspection.Round{}, imms, nil)
	if len(imms) > 0 {
		p.Blocks = append(p.Blocks, b)
	}
	return web.Page{Name: "fieldwork/list", Crumbs: crumbs(r, p.Title, ""), Data: p, API: map[string]any{"requests": list, "immediates": imms}, Mark: true}, nil
}

func (s *Service) requestForm(r *web.Request, action, back string, c RequestCmd, failed error) ui.Form {
	bad := r.Problems(failed)
	f := ui.Form{Action: action, Cancel: ui.Link{Label: r.T("act.cancel"), Href: back}, Buttons: []ui.Button{{Label: r.T("request.do.send"), Kind: "primary"}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "title", Label: r.T("request.what"), Value: c.Title, Error: bad["title"], Wide: true, MaxLen: maxLine},
		{Name: "text", Label: r.T("request.text"), Kind: ui.FieldArea, Value: c.Text, Error: bad["text"], Wide: true, MaxLen: maxText},
		{Name: "due", Label: r.T("request.due"), Hint: r.T("request.due.hint"), Kind: ui.FieldDate, Value: string(c.Due), Optional: true, Error: bad["due"]}}}}}
	if c.Rev > 0 {
		f.Rev, f.Buttons[0].Label = rev(c.Rev), r.T("act.save")
	}
	return f
}

func (s *Service) newRequestPage(r *web.Request) (web.Response, error) {
	return s.requestNew(r, RequestCmd{}, nil)
}

func (s *Service) requestNew(r *web.Request, c RequestCmd, failed error) (web.Response, error) {
	v, x, err := s.visitOf(r, "request.create")
	if err != nil {
		return nil, err
	}
	if c.Due == "" && failed == nil {
		err := s.read(r.Context(), func(q db.Q) error {
			ps, err := s.Periods(r.Context(), q, x)
			c.Due, _ = period(ps, "request_reply").Due(s.cal, r.Today())
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	base := "/visits/" + string(v.ID)
	return web.Page{Name: "fieldwork/form", Crumbs: s.visitCrumbs(r, scopeOf(v), r.T("request.do.create")), Data: formPage{r.T("request.do.create") + " · " + s.Units.Short(v.Unit), s.requestForm(r, base+"/requests", base+"/field", c, failed)}, API: c, Err: failed}, nil
}

func (s *Service) ask(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c RequestCmd
	var x Request
	if err = r.Decode(&c); err == nil {
		x, err = s.Ask(r.Context(), r.Actor, n, c)
	}
	if refused(err) {
		return s.requestNew(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/requests/" + string(x.ID), Done: "done.request.create", API: x}, nil
}

// requestOf loads the request of the address.
func (s *Service) requestOf(r *web.Request, action string) (x Request, fs []File, err error) {
	n, err := r.ID("id")
	if err != nil {
		return x, nil, err
	}
	return x, fs, s.read(r.Context(), func(q db.Q) error {
		if x, err = s.request(r.Context(), q, r.Actor, n, action); err != nil {
			return err
		}
		fs, err = filesOf(r.Context(), q, n)
		return err
	})
}

func (s *Service) requestPage(r *web.Request) (web.Response, error) { return s.requestShown(r, nil) }

func (s *Service) requestShown(r *web.Request, failed error) (web.Response, error) {
	x, fs, err := s.requestOf(r, "request.read")
	if err != nil {
		return nil, err
	}
	base := "/requests/" + string(x.ID)
	p := recordPage{Title: x.No + " " + x.Title, Lead: append([]ui.Chip{chip(r, "request", x.State)}, dueChip(r, x.Due, r.Today(), x.Open())...), ShowTrail: true}
	if x.Open() && s.Policy.Can(r.Actor, "request.edit", s.object("request", x.State, x.Scope, x.Author)) == nil {
		p.Actions = append(p.Actions, ui.Button{Label: r.T("act.edit"), Href: base + "/edit"})
	}
	b := block{Title: r.T("request.what"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("request.text"), Text: x.Text, Wide: true, Verbatim: true}, {Label: r.T("word.unit"), Text: s.Units.Name(x.Unit)}, {Label: r.T("request.sent"), Text: string(x.Sent)}, {Label: r.T("request.due"), Text: string(x.Due)}}}}
	p.Blocks = append(p.Blocks, b)
	if x.Reply != "" || len(fs) > 0 {
		reply := block{Title: r.T("request.reply"), Facts: ui.Facts{Items: append([]ui.Fact{{Label: r.T("request.reply"), Text: x.Reply, Wide: true}, {Label: r.T("request.replied"), Text: string(x.Replied)}}, fileFacts(r, fs).Items...)}}
		p.Blocks = append(p.Blocks, reply)
	}
	if x.Reason != "" {
		p.Blocks = append(p.Blocks, block{Title: r.T("word.reason"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("request.state." + x.State), Text: x.Reason, Wide: true}}}})
	}
	next := block{Title: r.T("finding.next")}
	doable := s.steps(r, RequestFlow, x.State, x.Scope, x.Author)
	for _, do := range doable {
		f := stepForm(r, "request", do, base, x.Rev, do != "accept", failed)
		if do == "reply" {
			f.Multipart = true
			e := ""
			if fl, ok := fault.Of(failed); ok && len(fl.Fields) == 0 {
				e = r.Explain(fl)
			}
			f.Sets[0].Fields = append(f.Sets[0].Fields, ui.Field{Name: "files", Label: r.T("request.files"), Kind: ui.FieldFile, Multiple: true, Accept: accepted, Optional: true, Wide: true, Error: e, Hint: r.T("request.files.hint", maxFiles, document.MaxFile>>20)})
		}
		next.Forms = append(next.Forms, f)
	}
	if len(next.Forms) > 0 {
		p.Blocks = append(p.Blocks, next)
	}
	if p.Trail, err = s.trail(r, "fieldwork_request", x.ID); err != nil {
		return nil, err
	}
	return web.Page{Name: "fieldwork/record", Crumbs: crumbs(r, r.T("menu.requests"), "/requests", x.No, ""), Data: p, API: map[string]any{"request": x, "files": fs, "may": doable}, Err: failed, Mark: true}, nil
}

func (s *Service) editRequestPage(r *web.Request) (web.Response, error) {
	x, _, err := s.requestOf(r, "request.edit")
	if err != nil {
		return nil, err
	}
	return s.requestEdit(r, x, RequestCmd{x.Title, x.Text, x.Due, x.Rev}, nil)
}

func (s *Service) requestEdit(r *web.Request, x Request, c RequestCmd, failed error) (web.Response, error) {
	base := "/requests/" + string(x.ID)
	if fault.Is(failed, fault.KindConflict) {
		was := x
		if _, err := s.Log.Before(r.Context(), "fieldwork_request", x.ID, c.Rev, &was); err != nil {
			return nil, err
		}
		shown := func(title, text string, due clock.Date) []string { return []string{title, text, string(due)} }
		lines := inspection.Diff(labels(r, "request.what", "request.text", "request.due"), shown(was.Title, was.Text, was.Due), shown(x.Title, x.Text, x.Due), shown(c.Title, c.Text, cmp.Or(c.Due, x.Due)))
		c.Rev = x.Rev
		return s.conflict(r, "fieldwork_request", x.ID, lines, s.requestForm(r, base, base, c, nil), base, failed)
	}
	return web.Page{Name: "fieldwork/form", Crumbs: crumbs(r, r.T("menu.requests"), "/requests", x.No, base, r.T("act.edit"), ""), Data: formPage{x.No, s.requestForm(r, base, base, c, failed)}, API: c, Err: failed}, nil
}

func (s *Service) editRequest(r *web.Request) (web.Response, error) {
	x, _, err := s.requestOf(r, "request.edit")
	if err != nil {
		return nil, err
	}
	var c RequestCmd
	if err = r.Decode(&c); err == nil {
		_, err = s.EditRequest(r.Context(), r.Actor, x.ID, c)
	}
	if refused(err) {
		return s.requestEdit(r, x, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/requests/" + string(x.ID), Done: "done.request.edit"}, nil
}

func (s *Service) stepRequest(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c StepCmd
		var x Request
		if err = r.Decode(&c); err == nil {
			var in []FileIn
			var done func()
			if in, done, err = files(r, "files"); err == nil {
				defer done()
				x, err = s.StepRequest(r.Context(), r.Actor, n, do, c, in)
			}
		}
		if refused(err) {
			return s.requestShown(r, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/requests/" + string(n), Done: "done.request." + do, API: x}, nil
	}
}

func (s *Service) cluesPage(r *web.Request) (web.Response, error) {
	list, err := s.Clues(r.Context(), r.Actor, "")
	if err != nil {
		return nil, err
	}
	p := listPage{Title: r.T("menu.clues"), Hint: r.T("clue.hint"), Table: *s.clueTable(r, list)}
	return web.Page{Name: "fieldwork/list", Crumbs: crumbs(r, p.Title, ""), Data: p, API: list, Mark: true}, nil
}

func (s *Service) newCluePage(r *web.Request) (web.Response, error) {
	return s.clueNew(r, ClueCmd{}, nil)
}

func (s *Service) clueNew(r *web.Request, c ClueCmd, failed error) (web.Response, error) {
	v, _, err := s.visitOf(r, "clue.create")
	if err != nil {
		return nil, err
	}
	bad := r.Problems(failed)
	base := "/visits/" + string(v.ID)
	f := ui.Form{Action: base + "/clues", Sensitive: true, Cancel: ui.Link{Label: r.T("act.cancel"), Href: base + "/field"}, Buttons: []ui.Button{{Label: r.T("act.save"), Kind: "primary"}}, Note: r.T("clue.note"), Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "line", Label: r.T("clue.line"), Kind: ui.FieldRadio, Options: options(r, "clue.line.", ClueLines(), false), Value: cmp.Or(c.Line, ClueLines()[0]), Error: bad["line"]},
		{Name: "on", Label: r.T("clue.on"), Kind: ui.FieldDate, Value: string(cmp.Or(c.On, r.Today())), Error: bad["on"]},
		{Name: "subject", Label: r.T("clue.subject"), Value: c.Subject, Error: bad["subject"], Wide: true, MaxLen: maxLine},
		{Name: "text", Label: r.T("clue.text"), Kind: ui.FieldArea, Value: c.Text, Error: bad["text"], Wide: true, MaxLen: maxText}}}}}
	return web.Page{Name: "fieldwork/form", Crumbs: s.visitCrumbs(r, scopeOf(v), r.T("clue.do.create")), Data: formPage{r.T("clue.do.create") + " · " + s.Units.Short(v.Unit), f}, Err: failed}, nil
}

func (s *Service) addClue(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c ClueCmd
	var x Clue
	if err = r.Decode(&c); err == nil {
		x, err = s.NoteClue(r.Context(), r.Actor, n, c)
	}
	if refused(err) {
		return s.clueNew(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/clues/" + string(x.ID), Done: "done.clue.create", API: map[string]id.ID{"id": x.ID}}, nil
}

func (s *Service) cluePage(r *web.Request) (web.Response, error) { return s.clueShown(r, nil) }

func (s *Service) clueShown(r *web.Request, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	x, open, err := s.Clue(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	p := recordPage{Title: x.No, Lead: []ui.Chip{chip(r, "clue", x.State)}, ShowTrail: true}
	b := block{Title: r.T("kind.clue"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("word.unit"), Text: s.Units.Name(x.Unit)}, {Label: r.T("clue.line"), Text: r.T("clue.line." + x.Line)}, {Label: r.T("clue.on"), Text: string(x.On)}, {Label: r.T("clue.handed"), Text: string(x.Handed)}, {Label: r.T("clue.receipt"), Text: x.Receipt}}}}
	if open {
		b.Facts.Items = append(b.Facts.Items, ui.Fact{Label: r.T("clue.subject"), Text: x.Subject, Wide: true}, ui.Fact{Label: r.T("clue.text"), Text: x.Text, Wide: true, Verbatim: true})
	} else {
		b.Hint = r.T("clue.closed")
	}
	doable := s.steps(r, ClueFlow, x.State, x.Scope, x.Author)
	for _, do := range doable {
		b.Forms = append(b.Forms, stepForm(r, "clue", do, "/clues/"+string(n), x.Rev, do == "receive", failed))
	}
	p.Blocks = []block{b}
	if p.Trail, err = s.trail(r, "fieldwork_clue", n); err != nil {
		return nil, err
	}
	return web.Page{Name: "fieldwork/record", Crumbs: crumbs(r, r.T("menu.clues"), "/clues", x.No, ""), Data: p, API: map[string]any{"clue": x, "may": doable}, Err: failed, Mark: true}, nil
}

func (s *Service) stepClue(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c StepCmd
		var x Clue
		if err = r.Decode(&c); err == nil {
			x, err = s.StepClue(r.Context(), r.Actor, n, do, c)
		}
		if refused(err) {
			return s.clueShown(r, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/clues/" + string(n), Done: "done.clue." + do, API: map[string]any{"id": x.ID, "no": x.No, "state": x.State}}, nil
	}
}
