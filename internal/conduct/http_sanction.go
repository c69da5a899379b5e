package conduct

import (
	"fmt"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) sanctionTable(r *web.Request, list []Sanction, names map[id.ID]string, person bool) ui.Table {
	t := ui.Table{ID: "d", Caption: r.T("sanction.list"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("sanction.none")}}
	if person {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("conduct.f.person")})
	}
	t.Columns = append(t.Columns, ui.Column{Label: r.T("sanction.f.kind")}, ui.Column{Label: r.T("sanction.f.period"), Nowrap: true}, ui.Column{Label: r.T("sanction.f.bars")}, ui.Column{Label: r.T("sanction.f.law")}, ui.Column{Label: r.T("word.status"), Nowrap: true})
	for _, x := range list {
		bars := ""
		for i, b := range x.Effect.Bars {
			until := string(b.To)
			if until == "" {
				until = r.T("sanction.forever")
			}
			if i > 0 {
				bars += "；"
			}
			bars += r.T("sanction.bar."+b.What) + r.T("sanction.until", until)
		}
		period := ui.Cell{Text: string(x.Effect.From) + " — " + dash(string(x.Effect.To))}
		if x.Effect.To == "" {
			period = ui.Cell{Text: string(x.DecidedOn), Sub: r.T("sanction.no_period")}
		} else if x.State == SanctionRuns {
			whole, gone := x.Effect.To.Sub(x.Effect.From)+1, min(max(r.Today().Sub(x.Effect.From), 0), x.Effect.To.Sub(x.Effect.From)+1)
			period.Bar = &ui.Meter{Value: gone, Max: whole, Text: fmt.Sprintf("%d/%d", gone, whole)}
		}
		if x.Effect.Joined != nil {
			period.Sub = r.T("sanction.joined", string(x.Effect.Joined.Rest), s.rules.Cite(x.Effect.Joined.Doc, x.Effect.Joined.Article))
		}
		law := ui.Cell{Text: s.rules.Cite(x.Effect.Doc, x.Effect.Article)}
		if x.Effect.Evidence != Law {
			law.Chips = []ui.Chip{{Class: "wait", Word: r.T("conduct.evidence." + x.Effect.Evidence)}}
		}
		if x.Effect.Older {
			law.Sub = r.T("sanction.older")
		}
		state := ui.Cell{Chips: []ui.Chip{chip(r, "sanction.state.", x.State, sanctionClasses)}}
		if x.EnforcedOn != "" {
			state.Sub = r.T("sanction.enforced", string(x.EnforcedOn))
		}
		cells := []ui.Cell{{Text: r.T("sanction.kind." + x.Kind), Sub: r.T("sanction.layer." + x.Layer)}, period, {Text: dash(bars)}, law, state}
		if person {
			cells = append([]ui.Cell{{Text: names[x.Person], Sub: s.Units.Short(x.Unit)}}, cells...)
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Cells: cells})
	}
	return t
}

type sanctionsPage struct {
	Table ui.Table
	Forms []moreForm
	Check ui.Form
}

func (s *Service) getSanctions(r *web.Request) (web.Response, error) {
	return s.sanctionsPage(r, "", CaseCmd{}, nil)
}

func (s *Service) sanctionsPage(r *web.Request, which id.ID, cmd CaseCmd, failed error) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	f := listFilter{State: oneOf(q.Filter.Get("state"), SanctionFlow.States())}
	var list []Sanction
	var p sanctionsPage
	err = s.log.DB().Read(r.Context(), func(dq db.Q) error {
		var next page.Next
		if list, next, err = visibleSanctions(r.Context(), dq, s.policy, r.Actor, f, q); err != nil {
			return err
		}
		var ids []id.ID
		for _, x := range list {
			ids = append(ids, x.Person)
		}
		names, err := s.names(r.Context(), dq, ids...)
		if err != nil {
			return err
		}
		p.Table = s.sanctionTable(r, list, names, true)
		p.Table.Base, p.Table.Params = "/conduct/sanctions", r.URL.Query()
		p.Table.Filters = []ui.Field{{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Value: f.State, Options: s.options(r, "sanction.state.", SanctionFlow.States(), "form.any")}}
		p.Table.Pager = web.Pager(r, "/conduct/sanctions", "", next.After, len(q.After) > 0)
		p.Table.Pager.Count, p.Table.Pager.Capped = min(next.Count, page.CountCap), next.More()
		for _, x := range list {
			o := s.sanctionObject(x)
			if x.EnforcedOn != "" || x.Layer == Education || s.policy.Can(r.Actor, "sanction.enforce", o) != nil {
				continue
			}
			form := ui.Form{ID: "e" + string(x.ID.Short()), Action: "/conduct/sanctions/" + string(x.ID) + "/enforce", Rev: web.Rev(x.Rev), Buttons: []ui.Button{{Label: r.T("sanction.do.enforce"), Kind: "primary"}},
				Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "on", Label: r.T("sanction.f.enforced_on"), Kind: ui.FieldDate, Value: string(r.Today())}}}}}
			open := x.ID == which
			if open {
				form.Sets[0].Fields[0].Value, form.Sets[0].Fields[0].Error = string(cmd.On), r.Problems(failed)["on"]
			}
			p.Forms = append(p.Forms, moreForm{r.T("sanction.enforce_of", names[x.Person], r.T("sanction.kind."+x.Kind)), open, form})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if r.Can("promotion.check") {
		p.Check = ui.Form{ID: "check", Method: "get", Action: "/conduct/promotion-check", Buttons: []ui.Button{{Label: r.T("promotion.do"), Kind: "primary"}}, Sets: []ui.Fieldset{{Legend: r.T("promotion.title"), Fields: []ui.Field{
			{Name: "person", Label: r.T("conduct.f.person"), Kind: ui.FieldPicker, Source: "/pick/people"}, {Name: "on", Label: r.T("promotion.f.on"), Kind: ui.FieldDate, Value: string(r.Today())}}}}}
	}
	return web.Page{Name: "conduct/sanctions", Err: failed, Data: p, API: list, Crumbs: []ui.Crumb{{Label: r.T("sanction.list")}}, Mark: true}, nil
}

func (s *Service) postEnforce(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var cmd CaseCmd
	if err = r.Decode(&cmd); err == nil {
		err = s.Enforce(r.Context(), r.Actor, n, cmd)
	}
	if again(err) {
		return s.sanctionsPage(r, n, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/conduct/sanctions", Done: "done.sanction.enforce"}, nil
}

type promotionPage struct {
	Name  string
	Chips []ui.Chip
	Say   []string
	Table ui.Table
}

func (s *Service) getPromotion(r *web.Request) (web.Response, error) {
	on := r.Today()
	var bad fault.Fields
	if v := r.Param("on"); v != "" {
		d, err := clock.ParseDate(v)
		if err != nil {
			bad.Add("on", "error.date", v)
			return nil, bad.Err()
		}
		on = d
	}
	n, err := id.Parse(r.Param("person"))
	if err != nil {
		bad.Add("person", "conduct.bad.person")
		return nil, bad.Err()
	}
	p, err := s.CheckPromotion(r.Context(), r.Actor, n, on)
	if err != nil {
		return nil, err
	}
	v := promotionPage{}
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		names, err := s.names(r.Context(), q, n)
		v.Name = names[n]
		return err
	})
	if err != nil {
		return nil, err
	}
	yes := func(ok bool, key string) ui.Chip {
		if ok {
			return ui.Chip{Class: "ok", Word: r.T("promotion." + key + ".yes")}
		}
		return ui.Chip{Class: "late", Word: r.T("promotion." + key + ".no")}
	}
	v.Chips = []ui.Chip{yes(p.Allowed, "rank"), yes(p.Pay, "pay")}
	switch {
	case p.Allowed:
		v.Say = append(v.Say, r.T("promotion.free", string(on)))
	case p.Free == "":
		v.Say = append(v.Say, r.T("promotion.open"))
	default:
		v.Say = append(v.Say, r.T("promotion.from", string(p.Free)))
	}
	v.Table = ui.Table{ID: "b", Caption: r.T("promotion.bars"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("promotion.none")}, Columns: []ui.Column{{Label: r.T("sanction.f.bars")}, {Label: r.T("conduct.f.from"), Nowrap: true}, {Label: r.T("promotion.f.to"), Nowrap: true}, {Label: r.T("sanction.f.law")}}}
	for _, h := range p.Bars {
		law := ui.Cell{Text: h.Article}
		if h.Evidence != Law {
			law.Chips = []ui.Chip{{Class: "wait", Word: r.T("conduct.evidence." + h.Evidence)}}
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("sanction.bar." + h.What)}, {Text: string(h.From)}, {Text: dash(string(h.To))}, law}})
	}
	return web.Page{Name: "conduct/promotion", Data: v, API: p, Crumbs: []ui.Crumb{{Label: r.T("sanction.list"), Href: "/conduct/sanctions"}, {Label: r.T("promotion.title")}}, Mark: true}, nil
}
