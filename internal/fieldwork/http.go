package fieldwork

import (
	"context"
	"embed"
	"net/http"
	"strconv"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed words.zh.json words.en.json
var wordFiles embed.FS

// Room hands the pages to the server.
func (s *Service) Room() web.Room {
	get := func(path, action string, do func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Action: action, Do: do}
	}
	post := func(path, action string, in any, do func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: http.MethodPost, Path: path, Action: action, In: in, Do: do}
	}
	big := func(rt web.Route) web.Route { rt.MaxBody = 256 << 20; return rt }
	bare := func(rt web.Route) web.Route { rt.NoAPI = true; return rt }
	routes := []web.Route{
		get("/plan", "plan.read", s.planPage), post("/plan/slot", "plan.edit", SlotCmd{}, s.setSlot), post("/plan/spread", "plan.edit", SpreadCmd{}, s.spread), post("/plan/round", "plan.edit", WaveCmd{}, s.waveRound),
		get("/rounds/{id}/periods", "field.read", s.periodsPage), post("/rounds/{id}/periods", "period.edit", PeriodCmd{}, s.setPeriod),
		get("/rounds/{id}/prepare", "field.read", s.preparePage), post("/rounds/{id}/recusals", "team.recusal", recusalForm{}, s.declare), post("/teams/{id}/authorise", "team.authorise", AuthoriseCmd{}, s.authorise),
		get("/rounds/{id}/proposal", "team.propose", s.proposalPage), post("/rounds/{id}/proposal/accept", "team.propose", ProposeCmd{}, s.accept),
		get("/inspection-rules", "field.read", s.rulesPage),
		get("/inspectors", "inspector.read", s.inspectorsPage), post("/inspectors", "inspector.edit", inspectorForm{}, s.addInspector), get("/inspectors/{id}", "inspector.edit", s.inspectorPage), post("/inspectors/{id}", "inspector.edit", InspectorCmd{}, s.editInspector),
		get("/checklists", "checklist.read", s.checklistsPage), get("/checklists/new", "checklist.create", s.newChecklistPage), post("/checklists", "checklist.create", ChecklistCmd{}, s.addChecklist),
		get("/checklists/{id}", "checklist.read", s.checklistPage), get("/checklists/{id}/edit", "checklist.edit", s.editChecklistPage), post("/checklists/{id}", "checklist.edit", ChecklistCmd{}, s.editChecklist),
		get("/visits/{id}/field", "field.read", s.fieldPage), get("/visits/{id}/procedure", "act.read", s.procedurePage), post("/visits/{id}/procedure", "act.create", ActCmd{}, s.record),
		get("/visits/{id}/checks/{list}", "field.read", s.checksPage), post("/visits/{id}/checks/{list}", "answer.edit", AnswerCmd{}, s.answerCheck),
		post("/visits/{id}/immediates", "immediate.create", ImmediateCmd{}, s.issue), get("/immediates/{id}", "immediate.read", s.immediatePage),
		get("/requests", "request.read", s.requestsPage), get("/visits/{id}/requests/new", "request.create", s.newRequestPage), post("/visits/{id}/requests", "request.create", RequestCmd{}, s.ask),
		get("/requests/{id}", "request.read", s.requestPage), get("/requests/{id}/edit", "request.edit", s.editRequestPage), post("/requests/{id}", "request.edit", RequestCmd{}, s.editRequest),
		get("/visits/{id}/papers/new", "paper.create", s.newPaperPage), big(post("/visits/{id}/papers", "paper.create", PaperCmd{}, s.addPaper)),
		get("/papers/{id}", "paper.read", s.paperPage), get("/papers/{id}/edit", "paper.edit", s.editPaperPage), big(post("/papers/{id}", "paper.edit", PaperCmd{}, s.editPaper)),
		get("/visits/{id}/reports/new", "report.create", s.newReportPage), post("/visits/{id}/reports", "report.create", ReportCmd{}, s.addReport),
		get("/reports/{id}", "report.read", s.reportPage), get("/reports/{id}/edit", "report.edit", s.editReportPage), post("/reports/{id}", "report.edit", ReportCmd{}, s.editReport),
		get("/clues", "clue.list", s.cluesPage), get("/visits/{id}/clues/new", "clue.create", s.newCluePage), post("/visits/{id}/clues", "clue.create", ClueCmd{}, s.addClue), get("/clues/{id}", "clue.list", s.cluePage),
		get("/kits", "kit.read", s.kitsPage), get("/kits/new", "kit.issue", s.newKitPage), bare(post("/kits", "kit.issue", kitForm{}, s.issueKit)), get("/kits/{id}", "kit.read", s.kitPage), get("/clashes/{id}", "clash.read", s.clashPage),
		bare(get("/field-files/{id}", "request.read", s.file)), bare(get("/paper-files/{id}", "paper.read", s.file)),
		bare(get("/papers/{id}/docx", "paper.read", s.paperDocx)), bare(get("/reports/{id}/docx", "report.read", s.reportDocx)), bare(get("/visits/{id}/notice.docx", "act.create", s.noticeDocx)),
	}
	for i := range routes {
		if routes[i].Path == "/visits/{id}/reports" || routes[i].Path == "/reports/{id}" {
			routes[i].MaxBody = 4 << 20
		}
	}
	for _, f := range []struct {
		base string
		do   func(string) func(*web.Request) (web.Response, error)
		t    []string
		kind string
	}{{"/acts/{id}/", s.stepAct, ActFlow.Actions(), "act"}, {"/immediates/{id}/", s.stepImmediate, ImmediateFlow.Actions(), "immediate"}, {"/requests/{id}/", s.stepRequest, RequestFlow.Actions(), "request"},
		{"/papers/{id}/", s.stepPaper, PaperFlow.Actions(), "paper"}, {"/reports/{id}/", s.stepReport, ReportFlow.Actions(), "report"}, {"/clues/{id}/", s.stepClue, ClueFlow.Actions(), "clue"},
		{"/kits/{id}/", s.stepKit, []string{"report_lost", "settle"}, "kit"}, {"/clashes/{id}/", s.stepClash, ClashFlow.Actions(), "clash"},
		{"/checklists/{id}/", s.stepChecklist, ChecklistFlow.Actions(), "checklist"}} {
		for _, do := range f.t {
			rt := post(f.base+do, f.kind+"."+do, StepCmd{}, f.do(do))
			if f.kind == "request" {
				rt = big(rt)
			}
			routes = append(routes, rt)
		}
	}
	return web.Room{Name: "fieldwork", Pages: web.Sub(pageFiles, "pages"), Words: web.Words(wordFiles), Routes: routes, Todo: s.todo, Menu: []web.Item{
		{Group: "menu.inspection", Key: "menu.plan", Href: "/plan", Action: "plan.read", Order: 290},
		{Group: "menu.inspection", Key: "menu.requests", Href: "/requests", Action: "request.read", Order: 311},
		{Group: "menu.inspection", Key: "menu.clues", Href: "/clues", Action: "clue.list", Order: 312},
		{Group: "menu.inspection", Key: "menu.kits", Href: "/kits", Action: "kit.read", Order: 313},
		{Group: "menu.inspection", Key: "menu.inspectors", Href: "/inspectors", Action: "inspector.read", Order: 345},
		{Group: "menu.inspection", Key: "menu.checklists", Href: "/checklists", Action: "checklist.read", Order: 346},
		{Group: "menu.inspection", Key: "menu.rules", Href: "/inspection-rules", Action: "field.read", Order: 350},
	}}
}

// Links are what the pages of rounds and visits show of this room.
func (s *Service) Links(r *web.Request, x inspection.Round, v inspection.Visit) []ui.Button {
	var out []ui.Button
	if v.ID != "" {
		if s.canVisit(r.Actor, "field.read", v) {
			out = append(out, ui.Button{Label: r.T("field.title"), Href: "/visits/" + string(v.ID) + "/field"}, ui.Button{Label: r.T("procedure.title"), Href: "/visits/" + string(v.ID) + "/procedure"})
		}
		return out
	}
	if s.Policy.Can(r.Actor, "field.read", s.object("field", x.State, roundScope(x, r.Actor), "")) == nil {
		out = append(out, ui.Button{Label: r.T("prepare.title"), Href: "/rounds/" + string(x.ID) + "/prepare"}, ui.Button{Label: r.T("period.title"), Href: "/rounds/" + string(x.ID) + "/periods"})
	}
	return out
}

const todoLimit = 50

// todo lists what waits: requests to answer or to judge, immediate items, papers
// and reports to approve, clues to take in, enquiries without answer.
func (s *Service) todo(ctx context.Context, a actor.Actor) ([]web.Todo, error) {
	var out []web.Todo
	err := s.read(ctx, func(q db.Q) error {
		add := func(kind, title, unit string, due clock.Date, href, verb string) {
			out = append(out, web.Todo{Kind: kind, Title: title, Unit: unit, Due: due, Href: href, Verb: verb})
		}
		cond := func(state, action, alias, column string) (string, []any, bool) {
			args := []any{state}
			return column + " = $1 AND " + s.Policy.Filter(a, action, columns(column, alias), &args), args, s.Policy.Ever(a, action)
		}
		for _, w := range [][3]string{{RequestSent, "request.reply", "reply"}, {RequestReturned, "request.reply", "reply"}, {RequestReplied, "request.accept", "accept"}} {
			c, args, ok := cond(w[0], w[1], "q", "q.state")
			if !ok {
				continue
			}
			xs, err := requestsWhere(ctx, q, c, "q.due_on, q.id", todoLimit, args)
			if err != nil {
				return err
			}
			for _, x := range xs {
				add("request.todo."+w[2], x.Title, s.Units.Short(x.Unit), x.Due, "/requests/"+string(x.ID), "request.do."+w[2])
			}
		}
		for _, w := range [][2]string{{ImmediateIssued, "sign"}, {ImmediateSigned, "report"}, {ImmediateReported, "close"}} {
			c, args, ok := cond(w[0], "immediate."+w[1], "i", "i.state")
			if !ok {
				continue
			}
			xs, err := immediatesWhere(ctx, q, c, todoLimit, args)
			if err != nil {
				return err
			}
			for _, x := range xs {
				add("immediate.todo."+w[1], x.No+" "+x.Text, s.Units.Short(x.Unit), x.Due, "/immediates/"+string(x.ID), "immediate.do."+w[1])
			}
		}
		if c, args, ok := cond(Submitted, "paper.approve", "p", "p.state"); ok {
			xs, err := s.papersWhere(ctx, q, c, todoLimit, args)
			if err != nil {
				return err
			}
			for _, x := range xs {
				add("paper.todo", x.No+" "+x.Title, s.Units.Short(x.Unit), "", "/papers/"+string(x.ID), "paper.do.approve")
			}
		}
		if c, args, ok := cond(Submitted, "report.approve", "t", "t.state"); ok {
			xs, err := s.reportsWhere(ctx, q, c, args)
			if err != nil {
				return err
			}
			for _, x := range xs[:min(len(xs), todoLimit)] {
				add("report.todo", x.Title, s.Units.Short(x.Unit), "", "/reports/"+string(x.ID), "report.do.approve")
			}
		}
		if c, args, ok := cond(ClueHanded, "clue.receive", "c", "c.state"); ok {
			c += " AND " + s.Policy.Filter(a, "clue.read", clueList, &args)
			xs, err := cluesWhere(ctx, q, c, args)
			if err != nil {
				return err
			}
			for _, x := range xs[:min(len(xs), todoLimit)] {
				add("clue.todo", x.No, s.Units.Short(x.Unit), "", "/clues/"+string(x.ID), "clue.do.receive")
			}
		}
		if c, args, ok := cond(ActAsked, "act.answer", "a", "a.state"); ok {
			xs, err := actsWhere(ctx, q, c, args)
			if err != nil {
				return err
			}
			for _, x := range xs {
				add("act.todo", s.Units.Name(x.Unit), s.Units.Short(x.Unit), x.Due, "/visits/"+string(x.Visit)+"/procedure", "act.do.answer")
			}
		}
		return nil
	})
	return out, err
}

// person finds the one person that a form means.
func (s *Service) person(r *web.Request, text string) (id.ID, error) {
	if n, err := id.Parse(text); err == nil || text == "" {
		return n, nil
	}
	found, err := s.People.Find(r.Context(), r.Actor, text, "", 2)
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", sole("person", "team.bad.which", len(found))
	}
	return found[0].ID, nil
}

func num(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// file sends a file that belongs to a record of field work.
func (s *Service) file(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	f, body, err := s.Open(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	return web.File{Name: f.Name, Type: f.Mime, Body: body, Size: f.Size}, nil
}
