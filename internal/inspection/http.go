package inspection

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/access"
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
	pages, err := fs.Sub(pageFiles, "pages")
	if err != nil {
		panic(err) // the folder is embedded
	}
	get := func(path, action string, do func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Action: action, Do: do}
	}
	post := func(path, action string, in any, do func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: http.MethodPost, Path: path, Action: action, In: in, Do: do}
	}
	big := func(rt web.Route) web.Route { rt.MaxBody = maxUpload; return rt }
	routes := []web.Route{
		get("/terms", "term.read", s.termsPage), post("/terms", "term.create", CreateTermCmd{}, s.createTerm),
		get("/rounds", "round.read", s.roundsPage), get("/rounds/new", "round.create", s.newRoundPage), post("/rounds", "round.create", RoundCmd{}, s.createRound),
		get("/rounds/{id}", "round.read", s.roundPage), get("/rounds/{id}/edit", "round.edit", s.editRoundPage), post("/rounds/{id}", "round.edit", RoundCmd{}, s.editRound),
		post("/rounds/{id}/teams", "team.create", teamCmd{}, s.addTeam), post("/rounds/{id}/visits", "visit.create", VisitCmd{}, s.addVisit),
		get("/teams/{id}", "team.read", s.teamPage), post("/teams/{id}/members", "team.seat", seatForm{}, s.addMember), post("/teams/{id}/members/{seat}/end", "team.seat", nil, s.endMember),
		get("/visits/{id}", "visit.read", s.visitPage), post("/visits/{id}", "visit.edit", VisitCmd{}, s.assignVisit),
		post("/visits/{id}/feedback", "visit.feed_back", FeedBackCmd{}, s.feedBack),
		get("/findings", "finding.read", s.findingsPage), get("/findings/new", "finding.create", s.newFindingPage),
		big(post("/findings", "finding.create", AddFindingCmd{}, s.addFinding)),
		get("/rounds/{id}/linked", "round.read", s.linkedPage), post("/findings/{id}/share", "finding.share", ShareCmd{}, s.shareFinding),
		get("/findings/{id}", "finding.read", s.findingPage), get("/findings/{id}/edit", "finding.edit", s.editFindingPage), post("/findings/{id}", "finding.edit", AddFindingCmd{}, s.editFinding),
		get("/coverage", "coverage.read", s.coveragePage),
		get("/findings/alike", "finding.create", s.alikeList), post("/findings/{id}/recurs", "finding.edit", RecursCmd{}, s.linkRecurs),
		get("/problems", "problem.read", s.problemsPage), post("/problems/find", "problem.find", nil, s.findProblems), get("/problems/{id}", "problem.read", s.problemPage),
		post("/problems/{id}/sweeps", "problem.sweep", SweepCmd{}, s.startSweep), get("/sweeps/{id}", "sweep.read", func(r *web.Request) (web.Response, error) { return s.sweepPage(r, nil) }), post("/sweeps/{id}/close", "sweep.close", revCmd{}, step("/sweeps/", "done.sweep.close", s.CloseSweep, s.sweepPage)),
		get("/self-checks", "selfcheck.read", s.selfChecksPage), get("/self-checks/{id}", "selfcheck.read", s.selfCheckPage),
		big(post("/self-checks/{id}/answer", "selfcheck.report", AnswerCmd{}, s.answerCheck(s.Answer, "done.selfcheck.answer"))), big(post("/self-checks/{id}/rectify", "selfcheck.rectify", AnswerCmd{}, s.answerCheck(s.Rectified, "done.selfcheck.rectify"))),
		{Method: http.MethodGet, Path: "/problems/{id}/circular", Action: "problem.circular", NoAPI: true, Do: s.circularDraft},
		get("/circulars/import", "circular.import", s.importPage), get("/circulars/{id}", "circular.read", s.reviewPage),
	}
	up := post("/circulars/import", "circular.import", nil, s.upload)
	up.MaxBody = 32 << 20
	confirm := post("/circulars/{id}", "circular.import", confirmCmd{}, s.confirmImport)
	confirm.MaxBody = 8 << 20
	routes = append(append(append(routes, up, confirm), s.sheetRoutes()...), append(s.criterionRoutes(), s.taxonomyRoutes()...)...)
	for _, do := range RoundFlow.Actions() {
		routes = append(routes, post("/rounds/{id}/"+do, "round."+do, revCmd{}, s.advance(do)))
	}
	for _, do := range ProblemFlow.Actions() {
		routes = append(routes, post("/problems/{id}/"+do, "problem."+do, ProblemCmd{}, s.decideProblem(do)))
	}
	for _, do := range []string{"enter", "leave"} {
		routes = append(routes, post("/visits/{id}/"+do, "visit."+do, MoveVisitCmd{}, s.move(do)))
	}
	for _, do := range FindingFlow.Actions() {
		if do != "feed_back" {
			routes = append(routes, post("/findings/{id}/"+do, "finding."+do, DecideCmd{}, s.decide(do)))
		}
	}
	return web.Room{Name: "inspection", Pages: pages, Words: web.Words(wordFiles), Routes: routes, Todo: s.todo, Find: s.Search, Menu: []web.Item{
		{Group: "menu.inspection", Key: "menu.rounds", Href: "/rounds", Action: "round.read", Order: 300},
		{Group: "menu.inspection", Key: "menu.findings", Href: "/findings", Action: "finding.read", Order: 310, Hot: "g f"},
		{Group: "menu.inspection", Key: "problem.menu", Href: "/problems", Action: "problem.read", Order: 315},
		{Group: "menu.inspection", Key: "selfcheck.menu", Href: "/self-checks", Action: "selfcheck.report", Order: 317},
		{Group: "menu.inspection", Key: "criterion.menu", Href: "/criteria", Action: "criterion.read", Order: 318},
		{Group: "menu.inspection", Key: "taxonomy.menu", Href: "/taxonomies", Action: "taxonomy.read", Order: 319},
		{Group: "menu.inspection", Key: "menu.coverage", Href: "/coverage", Action: "coverage.read", Order: 320},
		{Group: "menu.inspection", Key: "circular.menu", Href: "/circulars/import", Action: "circular.import", Order: 330},
		{Group: "menu.inspection", Key: "term.menu", Href: "/terms", Action: "term.create", Order: 340},
	}}
}

type revCmd struct {
	Rev int64 `json:"rev"`
}

type teamCmd struct {
	Name string `json:"name"`
}

func (s *Service) names(r *web.Request, ids ...id.ID) (out map[id.ID]string, err error) {
	ids = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(ids))), func(x id.ID) bool { return x == "" })
	if len(ids) == 0 {
		return map[id.ID]string{}, nil
	}
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		out, err = person.Names(r.Context(), q, ids...)
		return err
	})
	return out, err
}

// steps of a workflow that the actor may take now, as forms of one button each.
func (s *Service) buttons(r *web.Request, t flow.Table, o access.Object) []string {
	var out []string
	for _, step := range t.From(o.State) {
		if s.policy.Can(r.Actor, t.Name+"."+step.Do, o) == nil {
			out = append(out, step.Do)
		}
	}
	return out
}

func rev(n int64) string { return strconv.FormatInt(n, 10) }

func crumbs(r *web.Request, pairs ...string) []ui.Crumb {
	out := []ui.Crumb{{Label: r.T("menu.inspection"), Href: "/rounds"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, ui.Crumb{Label: pairs[i], Href: pairs[i+1]})
	}
	out[len(out)-1].Href = ""
	return out
}

// inPlace tells a fault that is said on the page where somebody works (a field, the
// state, a change meanwhile), so that what he typed stays.
func inPlace(err error) bool {
	return fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) || fault.Is(err, fault.KindConflict)
}

// step takes a step of a record that needs nothing but its revision, and leads back
// to the record; again shows its page with what stands against it.
func step[T any](base, done string, do func(ctx context.Context, who actor.Actor, n id.ID, rev int64) (T, error), again func(*web.Request, error) (web.Response, error)) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c revCmd
		var x T
		if err = r.Decode(&c); err == nil {
			x, err = do(r.Context(), r.Actor, n, c.Rev)
		}
		if inPlace(err) {
			return again(r, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: base + string(n), Done: done, API: x}, nil
	}
}

// stepForm is a small form that takes one step of a workflow.
func stepForm(r *web.Request, kind, do, action string, n int64, fields []ui.Field) ui.Form {
	primary := "primary"
	if do == "return" || do == "object" || do == "withdraw" || do == "drop" {
		primary = ""
	}
	sets := []ui.Fieldset{}
	if len(fields) > 0 {
		sets = append(sets, ui.Fieldset{Fields: fields})
	}
	return ui.Form{ID: "do-" + do, Action: action, Rev: rev(n), Sets: sets, Buttons: []ui.Button{{Label: r.T(kind + ".do." + do), Kind: primary}}}
}

// todo lists what waits for the actor: findings to confirm, visits to feed back,
// findings to answer, objections to decide.
func (s *Service) todo(ctx context.Context, a actor.Actor) ([]web.Todo, error) {
	var out []web.Todo
	err := s.log.DB().Read(ctx, func(q db.Q) error {
		for _, w := range []struct{ state, action, kind, verb string }{
			{Submitted, "finding.confirm", "finding.todo.confirm", "finding.do.confirm"},
			{FedBack, "finding.accept", "finding.todo.answer", "finding.do.accept"},
			{Upheld, "finding.accept", "finding.todo.upheld", "finding.do.accept"},
			{Objected, "finding.uphold", "finding.todo.decide", "finding.todo.decide_verb"},
		} {
			if !s.policy.Ever(a, w.action) {
				continue
			}
			args := []any{w.state}
			cond := "f.state = $1 AND " + s.policy.Filter(a, w.action, findingAccess, &args)
			fs, err := findingsWhere(ctx, q, cond, "f.id", todoLimit, args)
			if err != nil {
				return err
			}
			for _, f := range fs {
				out = append(out, web.Todo{Kind: w.kind, Title: f.Title, Unit: s.Units.Short(f.Unit), Href: "/findings/" + string(f.ID), Verb: w.verb})
			}
		}
		checks, err := s.todoChecks(ctx, q, a)
		if err != nil {
			return err
		}
		out = append(out, checks...)
		drafts, err := s.todoTaxonomies(ctx, q, a)
		if err != nil {
			return err
		}
		out = append(out, drafts...)
		if !s.policy.Ever(a, "visit.feed_back") {
			return nil
		}
		args := []any{VisitLeft}
		visits, err := visitsWhere(ctx, q, "v.state = $1 AND "+s.policy.Filter(a, "visit.feed_back", visitAccess, &args), args)
		if err != nil {
			return err
		}
		for _, v := range visits[:min(len(visits), todoLimit)] {
			out = append(out, web.Todo{Kind: "visit.todo.feed_back", Title: s.Units.Name(v.Unit), Unit: s.Units.Short(v.Unit), Href: "/visits/" + string(v.ID), Verb: "visit.do.feed_back"})
		}
		return nil
	})
	return out, err
}

const todoLimit = 50
