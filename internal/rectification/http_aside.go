package rectification

import (
	"fmt"
	"slices"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) asideRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/items/{id}/aside", Action: "item.read", Do: s.getAside},
		{Method: "POST", Path: "/items/{id}/aside", Action: "item.aside", In: AsideCmd{}, Do: s.postAside},
		{Method: "POST", Path: "/items/{id}/aside/judge", Action: "item.read", In: JudgeAsideCmd{}, Do: s.postJudgeAside},
		{Method: "GET", Path: "/items/{id}/revive", Action: "item.revive", Do: s.getRevive},
		{Method: "POST", Path: "/items/{id}/revive", Action: "item.revive", In: ReopenCmd{}, Do: s.postRevive},
	}
}

// asideTable lists the requests of an item with what was decided.
func asideTable(r *web.Request, d Dossier) ui.Table {
	t := ui.Table{ID: "asides", Caption: r.T("aside.title"), NoDrawer: true}
	for _, k := range []string{"no", "kind", "ground", "reason", "evidence", "until", "state"} {
		t.Columns = append(t.Columns, ui.Column{Key: k, Label: r.T("aside." + k), Nowrap: k == "until", Num: k == "no"})
	}
	for _, a := range d.Asides {
		ev := ui.Cell{}
		for _, e := range d.Evidence {
			if slices.Contains(a.Evidence, e.ID) {
				ev.Text, ev.Href = ev.Text+map[bool]string{true: "、"}[ev.Text != ""]+e.Name, "/evidence/"+string(e.ID)
			}
		}
		if len(a.Evidence) != 1 {
			ev.Href = ""
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(a.ID), Cells: []ui.Cell{{Text: fmt.Sprint(a.No)}, {Chips: []ui.Chip{chip(r, "item.state."+a.Kind)}},
			{Text: r.T("aside.ground." + a.Kind + "." + a.Ground)}, {Text: a.Reason, Sub: d2(r.Moment(a.At), d.name(r, a.By))}, ev, {Text: string(a.Until)},
			{Chips: []ui.Chip{chip(r, "aside.state."+a.State)}, Sub: d2(a.Opinion, d.name(r, a.Judge))}}})
	}
	return t
}

func (s *Service) asideForm(r *web.Request, d Dossier, c AsideCmd, p map[string]string) ui.Form {
	grounds := ui.Field{Name: "ground", Label: r.T("aside.ground"), Kind: ui.FieldSelect, Value: c.Ground, Wide: true, Error: p["ground"]}
	kinds := AsideKinds()
	if c.Kind != "" { // the kind is chosen by the link; its grounds are its own
		kinds = []string{c.Kind}
	}
	for _, k := range kinds {
		for _, g := range AsideGrounds(k) {
			grounds.Options = append(grounds.Options, ui.Option{Value: g, Label: r.T("aside.ground." + k + "." + g)})
		}
	}
	files := ui.Field{Name: "evidence", Label: r.T("aside.evidence"), Kind: ui.FieldChecks, Wide: true, Error: p["evidence"], Hint: r.T("aside.evidence.hint")}
	for _, e := range InForce(d.Evidence) {
		files.Options = append(files.Options, ui.Option{Value: string(e.ID), Label: e.Name})
	}
	for _, n := range c.Evidence {
		files.Values = append(files.Values, string(n))
	}
	fields := []ui.Field{grounds, {Name: "reason", Label: r.T("aside.reason"), Kind: ui.FieldArea, Rows: 4, Value: c.Reason, Wide: true, Error: p["reason"], Hint: r.T("aside.reason.hint")}, files}
	if c.Kind == StateAccepted {
		fields = append(fields, ui.Field{Name: "until", Label: r.T("aside.until"), Kind: ui.FieldDate, Value: string(c.Until), Error: p["until"], Hint: r.T("aside.until.hint", AcceptedMonths)})
	}
	return ui.Form{Action: "/items/" + string(d.Item.ID) + "/aside", Hidden: []ui.Pair{{Name: "kind", Value: c.Kind}}, Sets: []ui.Fieldset{{Fields: fields}},
		Note: r.T("aside.note." + c.Kind), Buttons: []ui.Button{{Label: r.T("item.do.ask_" + asideDo(c.Kind)), Kind: "primary"}}}
}

func (s *Service) asideJudgeForm(r *web.Request, d Dossier, a Aside, c JudgeAsideCmd, p map[string]string) ui.Form {
	fields := []ui.Field{{Name: "opinion", Label: r.T("item.opinion"), Kind: ui.FieldArea, Value: c.Opinion, Wide: true, Error: p["opinion"]}}
	if a.Kind == StateAccepted {
		if c.Until == "" {
			c.Until = a.Until
		}
		fields = append(fields, ui.Field{Name: "until", Label: r.T("aside.until"), Kind: ui.FieldDate, Value: string(c.Until), Error: p["until"], Hint: r.T("aside.until.judge", string(a.Until))})
	}
	return ui.Form{Action: "/items/" + string(d.Item.ID) + "/aside/judge", Sets: []ui.Fieldset{{Fields: fields}}, Note: r.T("aside.judge.note"), Buttons: []ui.Button{
		{Label: r.T("aside.do.grant"), Kind: "primary", Name: "grant", Value: "1"}, {Label: r.T("aside.do.refuse"), Kind: "danger", Name: "grant", Value: "0"}}}
}

// asidePage asks for an item to be set aside, or judges the request that waits.
func (s *Service) asidePage(r *web.Request, d Dossier, c AsideCmd, j JudgeAsideCmd, err error) (web.Response, error) {
	o, p := Object(d.Item, s.Units), r.Problems(err)
	if !slices.Contains(AsideKinds(), c.Kind) {
		c.Kind = ""
	}
	n := waiting(d.Asides)
	var f *ui.Form
	switch {
	case n >= 0 && s.policy.Can(r.Actor, "item."+asideDo(d.Asides[n].Kind), o) == nil:
		x := s.asideJudgeForm(r, d, d.Asides[n], j, p)
		f = &x
	case n < 0 && c.Kind != "" && Working(d.Item.State) && s.policy.Can(r.Actor, "item.aside", o) == nil:
		x := s.asideForm(r, d, c, p)
		f = &x
	}
	form := ui.Form{}
	if f != nil {
		form = *f
	}
	return s.formOf(r, d, "aside.title", form, err, func(fp *formPage) {
		t := asideTable(r, d)
		fp.Table = &t
		switch {
		case f == nil:
			fp.Form, fp.Notice = nil, s.asideNone(r, d, n >= 0)
		case n < 0 && len(InForce(d.Evidence)) == 0:
			fp.Notice = &ui.Notice{Class: "wait", Text: r.T("aside.no_evidence"), Link: ui.Link{Label: r.T("item.do.evidence"), Href: "/items/" + string(d.Item.ID) + "/evidence"}}
		}
	})
}

// asideNone says, where there is nothing to ask or to judge, when there would be; nil
// where the state of the item or of a request says it.
func (s *Service) asideNone(r *web.Request, d Dossier, waits bool) *ui.Notice {
	switch {
	case waits || slices.Contains(AsideKinds(), d.Item.State):
		return nil
	case !Working(d.Item.State):
		return &ui.Notice{Class: "run", Text: r.T("aside.not_now", r.T("item.state."+d.Item.State))}
	case s.policy.Can(r.Actor, "item.aside", Object(d.Item, s.Units)) == nil:
		return &ui.Notice{Class: "run", Text: r.T("aside.choose"), Link: ui.Link{Label: d.Item.No, Href: "/items/" + string(d.Item.ID)}}
	}
	return &ui.Notice{Class: "run", Text: r.T("aside.unit_asks")}
}

func (s *Service) getAside(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "")
	if err != nil {
		return nil, err
	}
	c := AsideCmd{Kind: r.Param("kind")}
	if c.Kind == StateAccepted {
		c.Until = r.Today().AddMonths(AcceptedMonths / 2)
	}
	return s.asidePage(r, d, c, JudgeAsideCmd{}, nil)
}

func (s *Service) postAside(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "")
	if err != nil {
		return nil, err
	}
	var c AsideCmd
	if err = r.Decode(&c); err == nil {
		err = s.AskAside(r.Context(), r.Actor, d.Item.ID, c)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.asidePage(r, d, c, JudgeAsideCmd{}, err)
	}
	if err != nil {
		return nil, err
	}
	return done(d.Item.ID, "ask_aside"), nil
}

func (s *Service) postJudgeAside(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "")
	if err != nil {
		return nil, err
	}
	var c JudgeAsideCmd
	if err = r.Decode(&c); err == nil {
		err = s.JudgeAside(r.Context(), r.Actor, d.Item.ID, c)
	}
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) {
		return s.asidePage(r, d, AsideCmd{}, c, err)
	}
	if err != nil {
		return nil, err
	}
	return done(d.Item.ID, "judge_aside"), nil
}

func (s *Service) reviveForm(r *web.Request, d Dossier, c ReopenCmd, err error) (web.Response, error) {
	f := ui.Form{Action: "/items/" + string(d.Item.ID) + "/revive", Rev: fmt.Sprint(d.Item.Rev), Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "reason", Label: r.T("word.reason"), Kind: ui.FieldArea, Value: c.Reason, Wide: true, Error: r.Problems(err)["reason"]}}}},
		Note: r.T("aside.revive.note"), Buttons: []ui.Button{{Label: r.T("item.do.revive"), Kind: "primary"}}}
	return s.formOf(r, d, "item.do.revive", f, err, nil)
}

func (s *Service) getRevive(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.revive")
	if err != nil {
		return nil, err
	}
	return s.reviveForm(r, d, ReopenCmd{}, nil)
}

func (s *Service) postRevive(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "")
	if err != nil {
		return nil, err
	}
	var c ReopenCmd
	if err = r.Decode(&c); err == nil {
		err = s.Revive(r.Context(), r.Actor, d.Item.ID, c)
	}
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindConflict) {
		return s.reviveForm(r, d, c, err)
	}
	if err != nil {
		return nil, err
	}
	return done(d.Item.ID, "revive"), nil
}

// asideNote says beside the state since when an item is set aside, and until when.
func asideNote(r *web.Request, i Item) string {
	if i.State == StateAccepted {
		return r.T("aside.since_until", string(i.Aside), string(i.Until))
	}
	return r.T("aside.since", string(i.Aside))
}
