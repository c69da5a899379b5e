package contact

import (
	"cmp"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org/intake"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) formerRoutes() []web.Route {
	imports := intake.New(intake.Pages{Room: "contact", Base: "/register/takeovers/import", List: ui.Link{Label: "takeover.title", Href: "/register/takeovers"}, Kind: "takeover",
		Action: "return.takeover", Done: "done.return.takeover", RunFor: s.ImportReturns, Template: formerTemplate}, s.Clock)
	return append([]web.Route{{Method: "GET", Path: "/register/takeovers", Action: "return.takeover", Do: s.getTakeovers},
		{Method: "GET", Path: "/register/takeovers/{id}", Action: "return.takeover", Do: s.getTakeover},
		{Method: "POST", Path: "/register/takeovers/{id}/withdraw", Action: "takeover.withdraw", In: WithdrawCmd{}, Do: s.postWithdrawTakeover}}, imports.Routes()...)
}

func formerTemplate(tr sheet.Translate) sheet.Table {
	t := sheet.Table{Name: tr("takeover.sheet"), Freeze: 1, Blank: 500}
	for _, c := range formerColumns {
		f := sheet.Field{Header: tr("takeover.column." + c.Key), Width: 16}
		switch c.Key {
		case "staff_no", "period":
			f.Kind = sheet.ID
		case "filed_on":
			f.Kind = sheet.Date
		}
		t.Columns = append(t.Columns, f)
	}
	t.Rows = func(func([]string) bool) {}
	return t
}

type takeoversPage struct{ Table ui.Table }

func (s *Service) getTakeovers(r *web.Request) (web.Response, error) {
	list, names, err := s.Takeovers(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	t := ui.Table{ID: "k", Caption: r.T("takeover.title"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("takeover.none"), Text: r.T("takeover.none.text"), Next: ui.Link{Label: r.T("takeover.import.title"), Href: "/register/takeovers/import"}},
		Columns: []ui.Column{{Label: r.T("takeover.file")}, {Label: r.T("word.unit")}, {Label: r.T("takeover.periods"), Nowrap: true}, {Label: r.T("takeover.people"), Num: true}, {Label: r.T("takeover.returns"), Num: true}, {Label: r.T("takeover.zero"), Num: true},
			{Label: r.T("word.reason")}, {Label: r.T("takeover.at"), Nowrap: true}, {Label: r.T("word.status")}}}
	for _, k := range list {
		state := ui.Cell{Chips: []ui.Chip{takeoverChip(r, k)}}
		if k.Withdrawn != "" {
			state.Sub = r.T("takeover.withdrawn_by", r.Moment(k.Withdrawn), byName(r, names[k.WithdrawnBy]), k.WithdrawnFor)
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(k.ID), Href: takeoverAddress(k.ID), Cells: []ui.Cell{{Text: k.File, Sub: r.T("takeover.digest", k.Digest[:16])}, {Text: s.Units.Short(k.Unit)}, {Text: string(k.First) + " – " + string(k.Last)},
			{Text: count(k.People)}, {Text: count(k.Returns)}, {Text: count(k.Zero)}, {Text: k.Reason}, {Text: r.Moment(k.At), Sub: byName(r, names[k.By])}, state}})
	}
	return web.Page{Name: "contact/takeovers", Data: takeoversPage{t}, API: list, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.return_calendar"), Href: "/contacts/calendar"}, {Label: r.T("takeover.title")}}}, nil
}

func takeoverAddress(n id.ID) string { return "/register/takeovers/" + string(n) }

// byName is who did something; nobody in person when it was a command.
func byName(r *web.Request, name string) string { return cmp.Or(name, r.T("takeover.by_command")) }

func takeoverChip(r *web.Request, k Takeover) ui.Chip {
	return ui.Chip{Class: map[string]string{TakeoverHeld: "ok", TakeoverWithdrawn: "off"}[k.State], Word: r.T("takeover.state." + k.State)}
}

func (s *Service) getTakeover(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.takeoverPage(r, n, WithdrawCmd{}, nil)
}

// takeoverPage shows one table that was taken over, and lets its office withdraw it.
func (s *Service) takeoverPage(r *web.Request, n id.ID, c WithdrawCmd, failed error) (web.Response, error) {
	k, names, err := s.ReadTakeover(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	p := formPage{Title: k.File, Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("word.status"), Chips: []ui.Chip{takeoverChip(r, k)}}, {Label: r.T("takeover.file"), Text: k.File, Sub: r.T("takeover.digest", k.Digest[:16])}, {Label: r.T("word.unit"), Text: s.Units.Name(k.Unit)},
		{Label: r.T("takeover.periods"), Text: string(k.First) + " – " + string(k.Last)}, {Label: r.T("takeover.people"), Text: count(k.People)}, {Label: r.T("takeover.returns"), Text: count(k.Returns)}, {Label: r.T("takeover.zero"), Text: count(k.Zero)},
		{Label: r.T("word.reason"), Text: k.Reason}, {Label: r.T("takeover.at"), Text: r.Moment(k.At), Sub: byName(r, names[k.By])}, {Label: r.T("takeover.office"), Text: s.Units.Name(k.Office)}}}}
	if k.Withdrawn != "" {
		p.Lead = r.T("takeover.withdrawn.note")
		p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("takeover.withdrawn_at"), Text: r.Moment(k.Withdrawn), Sub: byName(r, names[k.WithdrawnBy])}, ui.Fact{Label: r.T("takeover.withdrawn_for"), Text: k.WithdrawnFor})
	} else if s.policy.Can(r.Actor, "takeover.withdraw", s.takeoverObject(k)) == nil {
		p.Form = &ui.Form{ID: "withdraw", Action: takeoverAddress(n) + "/withdraw", Note: r.T("takeover.withdraw.note", k.Returns, k.People), Sets: []ui.Fieldset{{Legend: r.T("takeover.withdraw"), Fields: []ui.Field{
			{Name: "reason", Label: r.T("takeover.withdrawn_for"), Value: c.Reason, Error: r.Problems(failed)["reason"], Wide: true, MaxLen: maxShort}}}}, Buttons: []ui.Button{{Label: r.T("takeover.do.withdraw"), Confirm: r.T("takeover.withdraw.confirm")}}}
	}
	return web.Page{Name: "contact/form", Data: p, API: k, Err: failed, Crumbs: []ui.Crumb{{Label: r.T("menu.return_calendar"), Href: "/contacts/calendar"}, {Label: r.T("takeover.title"), Href: "/register/takeovers"}, {Label: k.File}}}, nil
}

func (s *Service) postWithdrawTakeover(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c WithdrawCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	k, err := s.WithdrawTakeover(r.Context(), r.Actor, n, c)
	if fault.Is(err, fault.KindInvalid) && !r.API() {
		return s.takeoverPage(r, n, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: takeoverAddress(n), Done: "done.takeover.withdraw", API: k}, nil
}

// formerFacts say what an earlier register has for a period, and from where it came.
func formerFacts(r *web.Request, x Return, k Takeover) ui.Facts {
	what := r.T("former.zero")
	if !x.Zero {
		what = r.T("former.items", x.Records)
	}
	f := ui.Facts{Items: []ui.Fact{{Label: r.T("former.says"), Text: what, Sub: r.T("former.mine")}, {Label: r.T("former.filed_on"), Text: orNone(x.FiledOn)},
		{Label: r.T("former.from"), Text: k.File, Sub: r.T("takeover.digest", k.Digest[:16])}, {Label: r.T("takeover.at"), Text: r.Moment(k.At), Sub: k.Reason}}}
	if x.Late {
		f.Items = append(f.Items, ui.Fact{Label: r.T("return.late"), Chips: []ui.Chip{markChip(r, MarkLate)}})
	}
	return f
}
