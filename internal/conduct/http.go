package conduct

import (
	"context"
	"embed"
	"slices"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	routes := []web.Route{
		{Method: "GET", Path: "/conduct", Action: "conduct.read", Do: s.getList},
		{Method: "GET", Path: "/conduct/sanctions", Action: "sanction.read", Do: s.getSanctions},
		{Method: "POST", Path: "/conduct/sanctions/{id}/enforce", Action: "sanction.enforce", In: CaseCmd{}, Do: s.postEnforce},
		{Method: "GET", Path: "/conduct/promotion-check", Action: "promotion.check", Do: s.getPromotion},
		{Method: "GET", Path: "/conduct/leads/new", Action: "lead.create", NoAPI: true, Do: s.getNewLead},
		{Method: "POST", Path: "/conduct/leads/new", Action: "lead.create", In: LeadCmd{}, Do: s.postNewLead},
		{Method: "GET", Path: "/conduct/leads/{id}", Action: "lead.read", Do: s.getLead},
		{Method: "GET", Path: "/conduct/cases/{id}", Action: "conduct.read", Do: s.getCase},
		{Method: "GET", Path: "/conduct/cases/{id}/backward", Action: "conduct.check", Do: s.getBackward},
		{Method: "POST", Path: "/conduct/cases/{id}/backward", Action: "conduct.check", In: CheckCmd{}, Do: s.postBackward},
		{Method: "GET", Path: "/conduct/cases/{id}/paper/{kind}", Action: "conduct.read", NoAPI: true, Do: s.getPaper},
		{Method: "GET", Path: "/conduct/forms", Action: "outcome.count", Do: s.getForms},
		{Method: "GET", Path: "/conduct/forms/behind", Action: "outcome.count", Do: s.getBehind},
		{Method: "GET", Path: "/conduct/warnings", Action: "small.count", Do: s.getWarnings},
		{Method: "GET", Path: "/conduct/pattern", Action: "pattern.read", Do: s.getPattern},
		{Method: "GET", Path: "/conduct/watch", Action: "watch.read", Do: s.getWatch},
		{Method: "POST", Path: "/conduct/watch/{id}", Action: "watch.judge", In: WatchCmd{}, Do: s.postWatch},
		{Method: "GET", Path: "/conduct/rules", Action: "conduct_rule.read", Do: s.getRules},
		{Method: "POST", Path: "/conduct/rules", Action: "conduct_rule.confirm", In: ConfirmCmd{}, Do: s.postRules},
		{Method: "GET", Path: "/conduct/self", Action: "self_report.read", Do: s.getSelfs},
		{Method: "GET", Path: "/conduct/self/new", Action: "self_report.create", NoAPI: true, Do: s.getNewSelf},
		{Method: "POST", Path: "/conduct/self/new", Action: "self_report.create", In: SelfCmd{}, Do: s.postNewSelf},
		{Method: "GET", Path: "/conduct/self/{id}", Action: "self_report.read", Do: s.getSelf},
		{Method: "GET", Path: "/conduct/self/{id}/proof", Action: "self_report.read", NoAPI: true, Do: s.getProof},
		{Method: "GET", Path: "/conduct/served/{id}", Action: "served.read", Do: s.getServed},
		{Method: "GET", Path: "/conduct/served/{id}/paper", Action: "served.read", NoAPI: true, Do: s.getServedPaper},
		{Method: "POST", Path: "/conduct/served/{id}/receive", Action: "served.receive", In: AnswerCmd{}, Do: s.postServed("receive", s.Receive)},
		{Method: "POST", Path: "/conduct/served/{id}/answer", Action: "served.answer", In: AnswerCmd{}, Do: s.postServed("answer", s.Answer)},
	}
	for _, do := range LeadFlow.Actions() {
		routes = append(routes, web.Route{Method: "POST", Path: "/conduct/leads/{id}/" + do, Action: "lead." + do, In: DisposeCmd{}, Do: s.postDispose(do)})
	}
	for _, do := range append(CaseFlow.Actions(), Beside()...) {
		routes = append(routes, web.Route{Method: "POST", Path: "/conduct/cases/{id}/" + do, Action: "conduct." + do, In: CaseCmd{}, Do: s.postStep(do)})
	}
	return web.Room{Name: "conduct", Pages: web.Sub(files, "pages"), Words: web.Words(files), Todo: s.Todo, Find: s.Search, Routes: routes,
		Menu: []web.Item{
			{Key: "menu.conduct", Href: "/conduct", Action: "conduct.read", Order: 620},
			{Key: "menu.sanctions", Href: "/conduct/sanctions", Action: "sanction.enforce", Order: 621},
			{Key: "menu.forms", Href: "/conduct/forms", Action: "outcome.count", Order: 622},
			{Key: "menu.watch", Href: "/conduct/watch", Action: "watch.judge", Order: 623},
			{Key: "menu.self", Href: "/conduct/self", Action: "self_report.read", Order: 640},
		}}
}

func chip(r *web.Request, prefix, state string, classes map[string]string) ui.Chip {
	class := classes[state]
	if class == "" {
		class = "run"
	}
	return ui.Chip{Class: class, Word: r.T(prefix + state)}
}

var (
	leadClasses     = map[string]string{LeadReceived: "wait", LeadHeld: "long", LeadEnded: "off", LeadCase: "ok", LeadJoined: "off"}
	caseClasses     = map[string]string{Checking: "wait", InTransit: "wait", Committee: "wait", Submitted: "wait", Reviewing: "late", Reexamining: "late", InEffect: "long", Lifted: "ok", Ended: "off", Archived: "off", Visited: "ok"}
	sanctionClasses = map[string]string{SanctionRuns: "long", SanctionLifted: "ok", SanctionRevoked: "off"}
	bandClasses     = map[string]string{"urgent": "late", "normal": "wait", "low": "off"}
	servedClasses   = map[string]string{"served": "wait", "received": "run", "answered": "ok"}
)

func crumbs(r *web.Request, rest ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Label: r.T("menu.conduct"), Href: "/conduct"}}, rest...)
}

type listPage struct {
	Tabs   ui.Tabs
	Table  ui.Table
	Create bool
	Gap    string
	Secret string
	Links  []ui.Link
}

// getList shows the cases, or with view=leads the leads, that the reader may see.
func (s *Service) getList(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	leads := r.Can("lead.read") && q.View != "cases"
	p := listPage{Create: r.Can("lead.create"), Secret: r.T("conduct.secret")}
	if r.Can("lead.read") {
		p.Tabs = ui.Tabs{Label: r.T("menu.conduct"), Items: []ui.Tab{{Label: r.T("lead.list"), Href: "/conduct", Current: leads},
			{Label: r.T("conduct.list"), Href: "/conduct?view=cases", Current: !leads}, {Label: r.T("sanction.list"), Href: "/conduct/sanctions"},
			{Label: r.T("conduct.warnings"), Href: "/conduct/warnings"}, {Label: r.T("conduct.pattern"), Href: "/conduct/pattern"}, {Label: r.T("conduct.rules"), Href: "/conduct/rules"}}}
	}
	f := listFilter{Source: oneOf(q.Filter.Get("source"), s.rules.Sources()), Band: oneOf(q.Filter.Get("band"), bands)}
	var api any
	err = s.log.DB().Read(r.Context(), func(dq db.Q) error {
		if leads {
			f.State = oneOf(q.Filter.Get("state"), LeadFlow.States())
			list, next, err := visibleLeads(r.Context(), dq, s.policy, r.Actor, f, s.rules.Weights.Bands, q)
			if err != nil {
				return err
			}
			if p.Gap, err = s.gap(r, dq); err != nil {
				return err
			}
			for i := range list {
				if err := s.open("conduct_lead", list[i].ID, list[i].sealed, &list[i].Told); err != nil {
					return err
				}
				list[i].Told.Facts, list[i].Told.Informant = "", "" // a list names nobody who told
			}
			p.Table, api = s.leadTable(r, list, next, f, len(q.After) > 0), list
			return nil
		}
		f.State = oneOf(q.Filter.Get("state"), CaseFlow.States())
		f.Form = oneOf(q.Filter.Get("form"), []string{"1", "2", "3", "4"})
		list, next, err := visibleCases(r.Context(), dq, s.policy, r.Actor, f, q)
		if err != nil {
			return err
		}
		names, err := s.names(r.Context(), dq, persons(list)...)
		if err != nil {
			return err
		}
		p.Table, api = s.caseTable(r, list, names, next, f, len(q.After) > 0), list
		return nil
	})
	if err != nil {
		return nil, err
	}
	return web.Page{Name: "conduct/list", Data: p, API: api, Crumbs: []ui.Crumb{{Label: r.T("menu.conduct")}}, Mark: true}, nil
}

var bands = []string{"urgent", "normal", "low"}

func oneOf(v string, from []string) string {
	if slices.Contains(from, v) {
		return v
	}
	return ""
}

func persons(list []Case) (out []id.ID) {
	for _, c := range list {
		out = append(out, c.Person, c.Handler, c.Second)
	}
	return out
}

// gap says when numbers of this year's leads have no record: somebody removed
// one beside the program.
func (s *Service) gap(r *web.Request, q db.Q) (string, error) {
	year, given, there := s.today().Year(), 0, 0
	for _, g := range r.Actor.Grants {
		if g.Role != actor.InternalSupervision {
			continue
		}
		n, k, err := gaps(r.Context(), q, s.series("X", g.Unit, year), "conduct_lead", g.Unit, year)
		if err != nil {
			return "", err
		}
		given, there = given+n, there+k
	}
	if given == there {
		return "", nil
	}
	return r.T("lead.gap", given, there), nil
}

func (s *Service) leadTable(r *web.Request, list []Lead, next page.Next, f listFilter, later bool) ui.Table {
	t := ui.Table{Caption: r.T("lead.list"), Base: "/conduct", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("conduct.f.person")}, {Label: r.T("conduct.f.conduct")}, {Label: r.T("lead.f.source"), Nowrap: true}, {Label: r.T("lead.f.weight"), Nowrap: true},
			{Label: r.T("word.status"), Nowrap: true}, {Label: r.T("conduct.f.due"), Nowrap: true}},
		Filters: []ui.Field{{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Value: f.State, Options: s.options(r, "lead.state.", LeadFlow.States(), "form.any")},
			{Name: "source", Label: r.T("lead.f.source"), Kind: ui.FieldSelect, Value: f.Source, Options: s.options(r, "lead.source.", s.rules.Sources(), "form.any")},
			{Name: "band", Label: r.T("lead.f.weight"), Kind: ui.FieldSelect, Value: f.Band, Options: s.options(r, "lead.band.", bands, "form.any")}},
		Empty: ui.EmptyState{Title: r.T("lead.none"), Text: r.T("lead.none.text"), Next: ui.Link{Label: r.T("lead.new"), Href: "/conduct/leads/new"}}}
	for _, l := range list {
		band := s.rules.Weights.Band(l.Weight)
		t.Rows = append(t.Rows, ui.Row{ID: string(l.ID), Href: "/conduct/leads/" + string(l.ID), Cells: []ui.Cell{{Text: l.No}, {Text: l.Told.Name, Sub: s.Units.Short(l.Home)}, {Text: s.conductWord(r, l.Conduct), Clamp: true},
			{Text: r.T("lead.source." + l.Source), Sub: l.Ref}, {Chips: []ui.Chip{{Class: bandClasses[band], Word: r.T("lead.band."+band) + " " + strconv.Itoa(l.Weight)}}},
			{Chips: []ui.Chip{chip(r, "lead.state.", l.State, leadClasses)}}, s.dueCell(r, l.Due, slices.Contains([]string{LeadReceived, LeadAssigned, LeadTalking}, l.State))}})
	}
	t.Pager = web.Pager(r, "/conduct", "", next.After, later)
	t.Pager.Count, t.Pager.Capped = min(next.Count, page.CountCap), next.More()
	return t
}

func (s *Service) caseTable(r *web.Request, list []Case, names map[id.ID]string, next page.Next, f listFilter, later bool) ui.Table {
	t := ui.Table{Caption: r.T("conduct.list"), Base: "/conduct", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("conduct.f.person")}, {Label: r.T("conduct.f.conduct")}, {Label: r.T("conduct.f.handlers")}, {Label: r.T("word.status"), Nowrap: true},
			{Label: r.T("conduct.f.form"), Nowrap: true}, {Label: r.T("conduct.f.due"), Nowrap: true}},
		Filters: []ui.Field{{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Value: f.State, Options: s.options(r, "conduct.state.", CaseFlow.States(), "form.any")},
			{Name: "form", Label: r.T("conduct.f.form"), Kind: ui.FieldSelect, Value: f.Form, Options: s.options(r, "conduct.form.", []string{"1", "2", "3", "4"}, "form.any")}},
		Empty: ui.EmptyState{Title: r.T("conduct.none"), Text: r.T("conduct.none.text")}}
	if t.Params.Get("view") == "" && r.Can("lead.read") {
		t.Params.Set("view", "cases")
	}
	for _, c := range list {
		form := "—"
		if c.Form > 0 {
			form = r.T("conduct.form." + strconv.Itoa(c.Form))
		}
		handlers := names[c.Handler]
		if c.Second != "" {
			handlers += "、" + names[c.Second]
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(c.ID), Href: caseHref(c.ID), Cells: []ui.Cell{{Text: c.No}, {Text: names[c.Person], Sub: s.Units.Short(c.Home)}, {Text: s.conductWord(r, c.Conduct), Clamp: true},
			{Text: handlers}, {Chips: []ui.Chip{chip(r, "conduct.state.", c.State, caseClasses)}}, {Text: form}, s.dueCell(r, c.Due, c.PausedOn == "")}})
	}
	t.Pager = web.Pager(r, "/conduct", "", next.After, later)
	t.Pager.Count, t.Pager.Capped = min(next.Count, page.CountCap), next.More()
	return t
}

func caseHref(n id.ID) string { return "/conduct/cases/" + string(n) }

func (s *Service) conductWord(r *web.Request, c string) string {
	if c == "" {
		return r.T("conduct.class.unknown")
	}
	return r.T("conduct.class." + c)
}

func (s *Service) options(r *web.Request, prefix string, values []string, any string) []ui.Option {
	var out []ui.Option
	if any != "" {
		out = append(out, ui.Option{Label: r.T(any)})
	}
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: r.T(prefix + v)})
	}
	return out
}

// Todo lists what waits: leads and cases of the office and of the handler, cases
// for the decider, papers for the person, sanctions for personnel.
func (s *Service) Todo(ctx context.Context, who actor.Actor) (out []web.Todo, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		out, err = s.todo(ctx, q, who)
		return err
	})
	return out, err
}

// maxTodos of one kind.
const maxTodos = 50

func (s *Service) todo(ctx context.Context, q db.Q, who actor.Actor) ([]web.Todo, error) {
	var out []web.Todo
	if who.Has(actor.System) || who.Person == "" {
		return nil, nil
	}
	pq := page.Query{Size: maxTodos}
	if s.policy.Ever(who, "lead.assign") {
		for _, state := range []string{LeadReceived, LeadAssigned, LeadTalking} {
			leads, _, err := visibleLeads(ctx, q, s.policy, who, listFilter{State: state}, s.rules.Weights.Bands, pq)
			if err != nil {
				return nil, err
			}
			for _, l := range leads {
				if state == LeadReceived || l.Assignee == who.Person {
					out = append(out, web.Todo{Kind: "todo.lead." + state, Title: l.No, Unit: s.Units.Short(l.Unit), Due: l.Due, Href: "/conduct/leads/" + string(l.ID), Verb: "todo.verb.lead", At: l.At})
				}
			}
		}
	}
	if s.policy.Ever(who, "conduct.read") {
		for _, state := range running {
			cases, _, err := visibleCases(ctx, q, s.policy, who, listFilter{State: state}, pq)
			if err != nil {
				return nil, err
			}
			for _, c := range cases {
				if len(s.steps(who, c)) > 0 && s.mine(who, c) {
					out = append(out, web.Todo{Kind: "conduct.state." + c.State, Title: c.No, Unit: s.Units.Short(c.Unit), Due: c.Due, Href: caseHref(c.ID), Verb: "todo.verb.conduct", At: c.Changed})
				}
			}
		}
		transit, _, err := visibleCases(ctx, q, s.policy, who, listFilter{State: InTransit}, pq)
		if err != nil {
			return nil, err
		}
		for _, c := range transit {
			if slices.ContainsFunc(who.Grants, func(g actor.Grant) bool { return g.Unit == c.Target && g.Role == actor.InternalSupervision }) {
				out = append(out, web.Todo{Kind: "conduct.state." + c.State, Title: c.No, Unit: s.Units.Short(c.Unit), Href: caseHref(c.ID), Verb: "todo.verb.receive", At: c.Changed})
			}
		}
	}
	papers, err := servedWhere(ctx, q, "person_id", who.Person)
	if err != nil {
		return nil, err
	}
	for _, v := range papers {
		if v.State == "served" {
			out = append(out, web.Todo{Kind: "served.kind." + v.Kind, Title: string(v.ServedOn), Unit: s.Units.Short(v.Unit), Due: v.Due, Href: "/conduct/served/" + string(v.ID), Verb: "todo.verb.served"})
		}
	}
	if s.policy.Ever(who, "sanction.enforce") {
		list, _, err := visibleSanctions(ctx, q, s.policy, who, listFilter{State: SanctionRuns}, pq)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			if x.EnforcedOn == "" && x.Layer != Education {
				out = append(out, web.Todo{Kind: "todo.sanction", Title: string(x.DecidedOn), Unit: s.Units.Short(x.Unit), Due: x.DecidedOn.AddMonths(1), Href: "/conduct/sanctions", Verb: "todo.verb.sanction"})
			}
		}
	}
	return out, nil
}

// mine tells whether a case waits for this person: the handler's work for the
// handlers, the leader's for the leader, what is over for the office.
func (s *Service) mine(who actor.Actor, c Case) bool {
	switch c.State {
	case Submitted, Reviewing:
		return who.Person == c.Decider
	case InEffect:
		return who.Person == c.Handler && c.Due != "" && c.Due < s.today()
	}
	return who.Person == c.Handler || who.Person == c.Second
}

// steps are the acts that the actor may take now, from the workflow table.
func (s *Service) steps(who actor.Actor, c Case) []string {
	var out []string
	o := s.object(c)
	for _, st := range CaseFlow.From(c.State) {
		if s.policy.Can(who, "conduct."+st.Do, o) == nil {
			out = append(out, st.Do)
		}
	}
	return out
}
