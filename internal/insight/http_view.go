package insight

import (
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type viewsPage struct {
	Rows []viewRow
	Form ui.Form
}

type viewRow struct {
	ID, Title, Address, Note string
	Chips                    []ui.Chip
	Buttons                  []ui.Button
}

func (s *Service) getViews(r *web.Request) (web.Response, error) {
	return s.viewsPage(r, ViewCmd{Address: r.Param("address")}, nil)
}

func (s *Service) viewsPage(r *web.Request, c ViewCmd, failed error) (web.Response, error) {
	list, subs, err := s.Views(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	bad := r.Problems(failed)
	p := viewsPage{Form: ui.Form{ID: "save", Action: "/views", Sets: []ui.Fieldset{{Legend: r.T("view.do.save"), Hint: r.T("view.save.hint"), Fields: []ui.Field{
		{Name: "title", Label: r.T("view.title"), Value: c.Title, Error: bad["title"], Wide: true}, {Name: "address", Label: r.T("view.address"), Value: c.Address, Error: bad["address"], Wide: true},
		{Name: "shared", Label: r.T("view.shared"), Kind: ui.FieldRadio, Value: c.Shared, Optional: true, Error: bad["shared"], Options: []ui.Option{{Value: "", Label: r.T("view.shared.own")}, {Value: SharedUnit, Label: r.T("view.shared.unit")}}}}}},
		Buttons: []ui.Button{{Label: r.T("view.do.save"), Kind: "primary"}}}}
	for _, v := range list {
		row := viewRow{ID: string(v.ID), Title: v.Title, Address: v.Address, Note: v.Address}
		if v.Shared == SharedUnit {
			row.Chips = append(row.Chips, ui.Chip{Class: "run", Word: r.T("view.shared.unit")})
		}
		if x, ok := subs[v.ID]; ok {
			row.Chips = append(row.Chips, ui.Chip{Class: "ok", Word: r.T("view.every." + x.Every)})
			row.Note += " · " + r.T("view.next", string(x.Next))
			if x.Next <= r.Today() {
				row.Buttons = append(row.Buttons, ui.Button{Label: r.T("view.do.seen"), Action: "/subscriptions/" + string(x.ID) + "/seen", Kind: "primary"})
			}
			row.Buttons = append(row.Buttons, ui.Button{Label: r.T("view.do.unsubscribe"), Action: "/subscriptions/" + string(x.ID) + "/end"})
		} else {
			for _, e := range []string{"day", "week", "month"} {
				row.Buttons = append(row.Buttons, ui.Button{Label: r.T("view.do.subscribe." + e), Action: "/views/" + string(v.ID) + "/subscribe", Name: "every", Value: e})
			}
		}
		if v.Owner == r.Actor.Person {
			row.Buttons = append(row.Buttons, ui.Button{Label: r.T("view.do.end"), Action: "/views/" + string(v.ID) + "/end", Name: "rev", Value: web.Rev(v.Rev)})
		}
		p.Rows = append(p.Rows, row)
	}
	return web.Page{Name: "insight/views", Err: failed, Data: p, API: list, Crumbs: []ui.Crumb{{Label: r.T("menu.views")}}}, nil
}

func (s *Service) postView(r *web.Request) (web.Response, error) {
	var c ViewCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	v, err := s.SaveView(r.Context(), r.Actor, c)
	if fault.Is(err, fault.KindInvalid) {
		return s.viewsPage(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/views", Done: "done.view.save", API: v}, nil
}

func (s *Service) postEndView(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f revForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	if err := s.EndView(r.Context(), r.Actor, n, f.Rev); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/views", Done: "done.view.end"}, nil
}

func (s *Service) postSubscribe(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c SubscribeCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	if err := s.Subscribe(r.Context(), r.Actor, n, c); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/views", Done: "done.view.subscribe"}, nil
}

func (s *Service) postSeen(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	address, err := s.Seen(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: address}, nil
}

func (s *Service) postUnsubscribe(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	if err := s.Unsubscribe(r.Context(), r.Actor, n); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/views", Done: "done.view.unsubscribe"}, nil
}
