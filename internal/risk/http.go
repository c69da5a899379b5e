package risk

import (
	"context"
	"embed"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org/intake"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	routes := []web.Route{
		{Method: "GET", Path: "/risk", Action: "alert.read", Do: s.getAlerts},
		{Method: "GET", Path: "/risk/alerts/{id}", Action: "alert.read", Do: s.getAlert},
		{Method: "POST", Path: "/risk/run", Action: "risk_run.start", Heavy: true, In: RunCmd{}, Do: s.postRun},
		{Method: "GET", Path: "/risk/rules", Action: "risk_rule.read", Do: s.getRules},
		{Method: "GET", Path: "/risk/rules/new", Action: "risk_rule.write", NoAPI: true, Do: s.getNewRule},
		{Method: "POST", Path: "/risk/rules/new", Action: "risk_rule.write", In: RuleCmd{}, Do: s.postNewRule},
		{Method: "GET", Path: "/risk/rules/{id}", Action: "risk_rule.read", Do: s.getRule},
		{Method: "GET", Path: "/risk/settings", Action: "risk_rule.read", Do: s.getSettings},
		{Method: "POST", Path: "/risk/settings", Action: "risk_setting.confirm", In: ConfirmCmd{}, Do: s.postSettings},
		{Method: "GET", Path: "/risk/events", Action: "risk_event.read", Do: s.getEvents},
		{Method: "POST", Path: "/risk/events", Action: "risk_event.import", MaxBody: 16 << 20, Heavy: true, In: EventsCmd{}, Do: s.postEvents},
		{Method: "POST", Path: "/risk/events/undo", Action: "risk_event.undo", Heavy: true, In: UndoCmd{}, Do: s.postUndo},
		{Method: "GET", Path: "/risk/cases/{id}", Action: "risk_event.read", Do: s.getCase},
		{Method: "GET", Path: "/risk/import", Action: "risk_event.import", NoAPI: true, Do: s.getImport},
		{Method: "POST", Path: "/risk/import", Action: "risk_event.import", MaxBody: intake.MaxFile + 1<<20, Heavy: true, In: importForm{}, Do: s.postImport},
		{Method: "GET", Path: "/risk/import/bad", Action: "risk_event.import", NoAPI: true, Do: s.getBad},
		{Method: "GET", Path: "/risk/points", Action: "risk_point.read", Do: s.getPoints},
		{Method: "GET", Path: "/risk/points/new", Action: "risk_point.create", NoAPI: true, Do: s.getNewPoint},
		{Method: "POST", Path: "/risk/points/new", Action: "risk_point.create", In: PointCmd{}, Do: s.postNewPoint},
		{Method: "GET", Path: "/risk/points/{id}", Action: "risk_point.read", Do: s.getPoint},
		{Method: "GET", Path: "/risk/loop", Action: "alert.read", Do: s.getLoop},
	}
	for _, do := range AlertFlow.Actions() {
		routes = append(routes, web.Route{Method: "POST", Path: "/risk/alerts/{id}/" + do, Action: "alert." + do, In: AlertCmd{}, Do: s.postAlert(do)})
	}
	for _, do := range []string{"edit", "test", "publish", "drop", "retire"} {
		routes = append(routes, web.Route{Method: "POST", Path: "/risk/rules/{id}/" + do, Action: "risk_rule." + do, Heavy: do == "test", In: RuleCmd{}, Do: s.postRule(do)})
	}
	for _, do := range PointFlow.Actions() {
		routes = append(routes, web.Route{Method: "POST", Path: "/risk/points/{id}/" + do, Action: "risk_point." + do, In: PointCmd{}, Do: s.postPoint(do)})
	}
	return web.Room{Name: "risk", Pages: web.Sub(files, "pages"), Words: web.Words(files), Todo: s.Todo, Find: s.Search, Routes: routes,
		Menu: []web.Item{
			{Key: "menu.risk", Href: "/risk", Action: "alert.read", Order: 630},
			{Key: "menu.risk_rules", Href: "/risk/rules", Action: "risk_rule.read", Order: 631},
			{Key: "menu.risk_points", Href: "/risk/points", Action: "risk_point.read", Order: 632},
		}}
}

var (
	alertClasses = map[string]string{AlertNew: "wait", AlertVerified: "run", AlertSnoozed: "off", AlertCleared: "off", AlertCorrected: "ok", AlertLead: "late", AlertFault: "off"}
	levelClasses = []string{"", "late", "wait", "long", "run"}
	ruleClasses  = map[string]string{RuleDraft: "wait", Tested: "run", Published: "ok", Replaced: "off", Retired: "off"}
	pointClasses = map[string]string{PointFound: "wait", PointDiscussed: "run", PointApproved: "run", PointAssessed: "run", PointPublished: "ok", PointRetired: "off"}
	gradeClasses = []string{"", "late", "wait", "run"}
)

func chip(r *web.Request, prefix, state string, classes map[string]string) ui.Chip {
	return ui.Chip{Class: classes[state], Word: r.T(prefix + state)}
}

func levelChip(r *web.Request, n int) ui.Chip {
	return ui.Chip{Class: levelClasses[n], Word: r.T("risk.level." + strconv.Itoa(n))}
}

func crumbs(r *web.Request, rest ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Label: r.T("menu.risk"), Href: "/risk"}}, rest...)
}

func (s *Service) tabs(r *web.Request, now string) ui.Tabs {
	out := ui.Tabs{Label: r.T("menu.risk")}
	for _, t := range []struct{ key, href, action string }{{"risk.tab.alerts", "/risk", "alert.read"}, {"risk.tab.loop", "/risk/loop", "alert.read"}, {"risk.tab.rules", "/risk/rules", "risk_rule.read"},
		{"risk.tab.points", "/risk/points", "risk_point.read"}, {"risk.tab.events", "/risk/events", "risk_event.read"}, {"risk.tab.settings", "/risk/settings", "risk_rule.read"}} {
		if r.Can(t.action) {
			out.Items = append(out.Items, ui.Tab{Label: r.T(t.key), Href: t.href, Current: t.href == now})
		}
	}
	if len(out.Items) < 2 {
		out.Items = nil
	}
	return out
}

func options(r *web.Request, prefix string, values []string, first string) []ui.Option {
	var out []ui.Option
	if first != "" {
		out = append(out, ui.Option{Label: r.T(first)})
	}
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: r.T(prefix + v)})
	}
	return out
}

func oneOf(v string, from []string) string {
	if slices.Contains(from, v) {
		return v
	}
	return ""
}

func dash(v string) string {
	if v == "" {
		return "—"
	}
	return v
}

// again tells whether a refusal is shown on the form it belongs to.
func again(err error) bool {
	if f, ok := fault.Of(err); ok && f.Kind == fault.KindForbidden && strings.HasPrefix(f.Denied, "risk.refuse.") {
		return true
	}
	return fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) || fault.Is(err, fault.KindConflict)
}

// problem puts a refusal that belongs to no field above a form.
func problem(r *web.Request, f *ui.Form, err error) {
	if x, ok := fault.Of(err); ok && len(x.Fields) == 0 {
		f.Problems = []string{r.Explain(x)}
	}
}

// shownErr keeps a refusal on its page: a forbidden one would become a page of its own.
func shownErr(err error) error {
	if fault.Is(err, fault.KindForbidden) {
		f, _ := fault.Of(err)
		return &fault.Error{Kind: fault.KindState, Key: f.Key, Args: f.Args, Denied: f.Denied}
	}
	return err
}

// word names a value that stands in a rule, such as a type of case.
func word(r *web.Request) Words {
	return func(v string) string { return r.Word("risk.type."+v, v) }
}

// values are the words of all values that a rule may name, in the reader's language.
func valueWords(r *web.Request) map[string]string {
	out := map[string]string{}
	for _, t := range CaseTypes() {
		out[t] = r.T("risk.type." + t)
	}
	return out
}

// ruleName names the rule of an alert, whatever version is in force now.
func (s *Service) ruleNames(ctx context.Context, q db.Q, lang string) (map[string]string, error) {
	list, err := versionsWhere(ctx, q, "v.state <> $1", RuleDraft)
	out := map[string]string{}
	for _, v := range s.cat.Rules {
		out[v.Rule] = v.Name(lang)
	}
	for _, v := range slices.Backward(list) {
		if v.State == Published || out[v.Rule] == "" {
			out[v.Rule] = v.Name(lang)
		}
	}
	return out, err
}

// Todo lists what waits: alerts for the office that judges them, versions of rules
// for whoever publishes, points for their next way and for their review.
func (s *Service) Todo(ctx context.Context, who actor.Actor) (out []web.Todo, err error) {
	if who.Has(actor.System) || who.Person == "" {
		return nil, nil
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		out, err = s.todo(ctx, q, who)
		return err
	})
	return out, err
}

// maxTodos of one kind.
const maxTodos = 30

func (s *Service) todo(ctx context.Context, q db.Q, who actor.Actor) ([]web.Todo, error) {
	var out []web.Todo
	pq := page.Query{Size: maxTodos}
	if s.policy.Ever(who, "alert.verify") {
		names, err := s.ruleNames(ctx, q, who.Lang)
		if err != nil {
			return nil, err
		}
		for _, state := range []string{AlertNew, AlertVerified} {
			list, _, err := visibleAlerts(ctx, q, s.policy, who, alertFilter{State: state}, pq)
			if err != nil {
				return nil, err
			}
			for _, a := range list {
				if s.policy.Can(who, "alert.snooze", s.alertObject(a)) == nil {
					out = append(out, web.Todo{Kind: "todo.alert." + state, Title: a.No + " " + names[a.Rule], Unit: s.Units.Short(a.Unit), Due: a.Due, Href: "/risk/alerts/" + string(a.ID), Verb: "todo.verb.alert", At: a.At})
				}
			}
		}
	}
	if s.policy.Ever(who, "risk_rule.publish") {
		list, err := versionsWhere(ctx, q, "v.state = $1", Tested)
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			if v.Author != who.Person && s.policy.Can(who, "risk_rule.publish", s.ruleObject(v)) == nil {
				out = append(out, web.Todo{Kind: "todo.risk_rule.publish", Title: v.Name(who.Lang), Unit: s.Units.Short(v.Unit), Href: "/risk/rules/" + string(v.ID), Verb: "todo.verb.risk_rule", At: v.At})
			}
		}
	}
	points, err := s.pointTodos(ctx, q, who, pq)
	return append(out, points...), err
}

func (s *Service) pointTodos(ctx context.Context, q db.Q, who actor.Actor, pq page.Query) (out []web.Todo, err error) {
	if !s.policy.Ever(who, "risk_point.read") {
		return nil, nil
	}
	next := map[string]string{PointFound: "discuss", PointDiscussed: "approve", PointApproved: "assess", PointAssessed: "publish"}
	for _, state := range []string{PointFound, PointDiscussed, PointApproved, PointAssessed} {
		if !s.policy.Ever(who, "risk_point."+next[state]) {
			continue
		}
		list, _, err := visiblePoints(ctx, q, s.policy, who, pointFilter{State: state}, pq)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			if s.policy.Can(who, "risk_point."+next[state], s.pointObject(p)) == nil && (state != PointDiscussed || p.Author != who.Person) {
				out = append(out, web.Todo{Kind: "todo.risk_point." + next[state], Title: p.No + " " + p.Post, Unit: s.Units.Short(p.Unit), Href: "/risk/points/" + string(p.ID), Verb: "todo.verb.risk_point", At: p.Changed})
			}
		}
	}
	if s.policy.Ever(who, "risk_point.review") {
		list, _, err := visiblePoints(ctx, q, s.policy, who, pointFilter{State: PointPublished, DueBefore: s.today().AddDays(30)}, pq)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			if s.policy.Can(who, "risk_point.review", s.pointObject(p)) == nil {
				out = append(out, web.Todo{Kind: "todo.risk_point.review", Title: p.No + " " + p.Post, Unit: s.Units.Short(p.Unit), Due: p.ReviewDue, Href: "/risk/points/" + string(p.ID), Verb: "todo.verb.risk_point", At: p.Changed})
			}
		}
	}
	return out, nil
}

func dueCell(today, due clock.Date, open bool, r *web.Request) ui.Cell {
	if due == "" {
		return ui.Cell{Text: "—"}
	}
	c := ui.Cell{Text: string(due)}
	if open && due < today {
		c.Chips = []ui.Chip{{Class: "late", Word: r.T("risk.late")}}
	}
	return c
}

// personIDs gathers the persons of a list.
func personIDs(list []Alert) (out []id.ID) {
	for _, a := range list {
		out = append(out, a.Person)
	}
	return out
}

func pageOf(n int) page.Query { return page.Query{Size: n} }
