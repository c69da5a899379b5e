package rectification

import (
	"slices"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// actForm is the form of one act; check says which fields it needs.
func (s *Service) actForm(r *web.Request, v FolderView, kind string, c ActCmd, err error) (web.Response, error) {
	p := r.Problems(err)
	field := map[string]ui.Field{
		"on":    {Name: "on", Label: r.T("rectify_folder.on"), Kind: ui.FieldDate, Value: string(c.On), Error: p["on"]},
		"who":   {Name: "who", Label: r.T("rectify_folder.who." + kind), Value: c.Who, Error: p["who"]},
		"to":    {Name: "to", Label: r.T("rectify_folder.to"), Value: c.To, Error: p["to"]},
		"text":  {Name: "text", Label: r.T("rectify_folder.text." + kind), Kind: ui.FieldArea, Rows: 5, Value: c.Text, Wide: true, Error: p["text"]},
		"grade": {Name: "grade", Label: r.T("rectify_folder.grade"), Kind: ui.FieldRadio, Value: c.Grade, Options: choices(r, "rectify_folder.grade.", Grades()), Wide: true, Error: p["grade"]},
		"items": {Name: "items", Label: r.T("rectify_folder.choose"), Kind: ui.FieldChecks, Wide: true, Error: p["items"]},
	}
	for _, n := range c.Items {
		x := field["items"]
		x.Values = append(x.Values, string(n))
		field["items"] = x
	}
	for _, i := range v.Items {
		if v.Claimed[i.ID] == "" {
			x := field["items"]
			x.Options = append(x.Options, ui.Option{Value: string(i.ID), Label: i.No + " " + i.Title})
			field["items"] = x
		}
	}
	var fields []ui.Field
	for _, n := range map[string][]string{ActMeeting: {"on", "who", "text"}, ActMember: {"who", "items"}, ActHandOver: {"who", "to", "on", "text"},
		ActInterview: {"who", "on", "text"}, ActEvaluate: {"grade", "text"}}[kind] {
		fields = append(fields, field[n])
	}
	if kind == ActHandOver {
		for n := range fields {
			if fields[n].Name == "who" {
				fields[n].Kind = ui.FieldPicker
				for _, i := range v.Items {
					if i.State != StateClosed && i.Lead != "" && !slices.ContainsFunc(fields[n].Options, func(o ui.Option) bool { return o.Value == i.Lead }) {
						fields[n].Options = append(fields[n].Options, ui.Option{Value: i.Lead, Label: i.Lead})
					}
				}
			}
		}
	}
	return s.folderForm(r, v, r.T("rectify_folder.do."+kind), ui.Form{Action: folderPath(v.Folder.ID) + "/acts/" + kind, Note: r.T("rectify_folder.note." + kind),
		Sets: []ui.Fieldset{{Fields: fields}}, Buttons: []ui.Button{{Label: r.T("rectify_folder.do." + kind), Kind: "primary"}}}, err)
}

func (s *Service) folderForm(r *web.Request, v FolderView, title string, f ui.Form, err error) (web.Response, error) {
	f.Cancel = ui.Link{Label: r.T("act.back"), Href: folderPath(v.Folder.ID)}
	f.Draft = true
	f.Problems = unplaced(f, r.Problems(err))
	return web.Page{Name: "rectification/form", Data: formPage{Title: title, Form: &f}, API: v, Err: err, Crumbs: s.folderCrumbs(r, v, title)}, nil
}

// folderAct reads the folder of an address and judges an act on it.
func (s *Service) folderAct(r *web.Request, act string) (FolderView, error) {
	n, err := r.ID("id")
	if err != nil {
		return FolderView{}, err
	}
	v, err := s.Folder(r, n)
	if err == nil && act != "" {
		if e := s.policy.Can(r.Actor, "rectify_folder."+act, s.folderObject(v.Folder)); e != nil {
			err = forbidden(e, "rectify_folder."+act)
		}
	}
	return v, err
}

func (s *Service) getAct(r *web.Request) (web.Response, error) {
	kind := r.PathValue("act")
	if !slices.Contains(ActKinds(), kind) {
		return nil, fault.NotFound("rectify_act")
	}
	v, err := s.folderAct(r, kind)
	if err != nil {
		return nil, err
	}
	return s.actForm(r, v, kind, ActCmd{On: r.Today()}, nil)
}

func (s *Service) postAct(r *web.Request) (web.Response, error) {
	kind := r.PathValue("act")
	if !slices.Contains(ActKinds(), kind) {
		return nil, fault.NotFound("rectify_act")
	}
	v, err := s.folderAct(r, "")
	if err != nil {
		return nil, err
	}
	var c ActCmd
	if err = r.Decode(&c); err == nil {
		err = s.Record(r.Context(), r.Actor, v.Folder.ID, kind, c)
	}
	if k := fault.KindOf(err); err != nil && (k == fault.KindInvalid || k == fault.KindState) {
		return s.actForm(r, v, kind, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: folderPath(v.Folder.ID), Done: "done.rectify_folder." + kind}, nil
}

func (s *Service) newOrderForm(r *web.Request, v FolderView, c OrderCmd, err error) (web.Response, error) {
	p := r.Problems(err)
	items := ui.Field{Name: "item", Label: r.T("rectify_order.item"), Kind: ui.FieldSelect, Value: string(c.Item), Optional: true, Wide: true, Options: []ui.Option{{Label: r.T("rectify_order.whole")}}}
	for _, i := range v.Items {
		if i.State != StateClosed {
			items.Options = append(items.Options, ui.Option{Value: string(i.ID), Label: i.No + " " + i.Title})
		}
	}
	return s.folderForm(r, v, r.T("rectify_folder.do.order"), ui.Form{Action: folderPath(v.Folder.ID) + "/orders/new", Sets: []ui.Fieldset{{Fields: []ui.Field{items,
		{Name: "demand", Label: r.T("rectify_order.demand"), Kind: ui.FieldArea, Rows: 4, Value: c.Demand, Wide: true, Error: p["demand"]},
		{Name: "due", Label: r.T("rectify_order.due"), Kind: ui.FieldDate, Value: string(c.Due), Error: p["due"]}}}}, Buttons: []ui.Button{{Label: r.T("rectify_folder.do.order"), Kind: "primary"}}}, err)
}

func (s *Service) getNewOrder(r *web.Request) (web.Response, error) {
	v, err := s.folderAct(r, "order")
	if err != nil {
		return nil, err
	}
	return s.newOrderForm(r, v, OrderCmd{Due: r.Today().AddDays(30)}, nil)
}

func (s *Service) postNewOrder(r *web.Request) (web.Response, error) {
	v, err := s.folderAct(r, "")
	if err != nil {
		return nil, err
	}
	var c OrderCmd
	if err = r.Decode(&c); err == nil {
		_, err = s.IssueOrder(r.Context(), r.Actor, v.Folder.ID, c)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.newOrderForm(r, v, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: folderPath(v.Folder.ID), Done: "done.rectify_folder.order"}, nil
}
