package screening

import (
	"context"
	"embed"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org/intake"
	"huikan/internal/person"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
	"huikan/internal/screening/rules"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// maxUpload bounds a register that comes by the page; larger ones come by command.
const maxUpload = intake.MaxFile

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	routes := []web.Route{
		{Method: "GET", Path: "/screening", Action: "match.read", Do: s.getHits},
		{Method: "POST", Path: "/screening/run", Action: "screening.run", Do: s.postRun},
		{Method: "GET", Path: "/screening/review", Action: "match.hit", NoAPI: true, Do: s.getReview},
		{Method: "POST", Path: "/screening/bulk", Action: "match.hit", In: BulkCmd{}, Do: s.postBulk},
		{Method: "GET", Path: "/screening/hits/{id}", Action: "match.read", Do: s.getHit},
		{Method: "GET", Path: "/screening/persons/{key}", Action: "screening.person", Do: s.getPerson},
		{Method: "POST", Path: "/screening/persons/{key}/tell", Action: "warning.send", In: LeavingCmd{}, Do: s.postLeaving},
		{Method: "GET", Path: "/screening/calendar", Action: "match.read", Do: s.getCalendar},
		{Method: "GET", Path: "/screening/together", Action: "match.read", Do: s.getTogether},
		{Method: "GET", Path: "/screening/declaration", Action: "declaration.make", Do: s.getDeclaration},
		{Method: "POST", Path: "/screening/declaration", Action: "declaration.make", In: DeclareCmd{}, Do: s.postDeclaration},
		{Method: "GET", Path: "/screening/declarations", Action: "declaration.read", Do: s.getDeclarations},
		{Method: "GET", Path: "/screening/readers", Action: "match.read", Do: s.getReaders},
		{Method: "GET", Path: "/screening/registers", Action: "register.read", Do: s.getRegisters},
		{Method: "GET", Path: "/screening/import", Action: "register.import", NoAPI: true, Do: s.getImport},
		{Method: "POST", Path: "/screening/import", Action: "register.import", MaxBody: maxUpload + 1<<20, In: importForm{}, Do: s.postImport},
		{Method: "GET", Path: "/screening/import/bad", Action: "register.import", NoAPI: true, Do: s.getBad},
		{Method: "GET", Path: "/screening/registers/{id}", Action: "register.read", Do: s.getVersion},
		{Method: "POST", Path: "/screening/registers/{id}/undo", Action: "register.undo", In: UndoCmd{}, Do: s.postUndo},
		{Method: "GET", Path: "/screening/warnings", Action: "reverse.read", Do: s.getWarnings},
		{Method: "POST", Path: "/screening/warnings", Action: "warning.send", In: SendCmd{}, Do: s.postSend},
		{Method: "GET", Path: departuresPath, Action: "departure.list", Do: s.getDepartures},
		{Method: "POST", Path: departuresPath + "/excuse", Action: "departure.excuse", In: ExcuseCmd{}, Do: s.postExcuse},
		{Method: "POST", Path: departuresPath, Action: "departure.talk", In: TalkCmd{}, Do: s.postTalk},
		{Method: "GET", Path: departuresPath + "/{id}", Action: "departure.read", Do: s.getDeparture},
		{Method: "GET", Path: "/screening/yearly", Action: "reverse.read", Do: s.getYearly},
		{Method: "POST", Path: "/screening/yearly", Action: "warning.send", In: YearlyCmd{}, Do: s.postYearly},
		{Method: "GET", Path: "/screening/tell", Action: "reverse.send", NoAPI: true, Do: s.getTell},
		{Method: "POST", Path: "/screening/tell", Action: "reverse.send", In: TellCmd{}, Do: s.postTell},
		{Method: "GET", Path: "/screening/warnings/{id}", Action: "reverse.read", Do: s.getWarning},
		{Method: "GET", Path: "/screening/rules", Action: "edition.read", Do: s.getRules},
		{Method: "POST", Path: "/screening/rules", Action: "edition.draft", In: DraftCmd{}, Do: s.postDraft},
		{Method: "GET", Path: "/screening/rules/{version}", Action: "edition.read", Do: s.getEdition},
		{Method: "POST", Path: "/screening/rules/{version}/{do}", Action: "edition.publish", In: stepForm{}, Do: s.postEdition},
		{Method: "GET", Path: "/screening/clinic", Action: "screening.clinic", Do: s.getClinic},
		{Method: "POST", Path: "/screening/clinic", Action: "screening.clinic", MaxBody: maxUpload, In: struct{}{}, Do: s.postClinic},
		{Method: "POST", Path: "/screening/clinic/{id}/use", Action: "screening.upgrade", In: UpgradeCmd{}, Do: s.postUpgrade},
		{Method: "GET", Path: "/screening/ask", Action: "screening.ask", NoAPI: true, Do: s.getAsk},
		{Method: "POST", Path: "/screenings", Action: "screening.ask", In: AskCmd{}, Do: s.postAsk},
		{Method: "GET", Path: "/screening/hooks", Action: "system.hook", Do: s.getHooks},
		{Method: "POST", Path: "/screening/hooks", Action: "system.hook", In: HookCmd{}, Do: s.postHook},
	}
	for _, do := range []string{"hit", "no", "unsure", "confirm", "return", "reopen", "lead"} {
		routes = append(routes, web.Route{Method: "POST", Path: "/screening/hits/{id}/" + do, Action: "match." + do, In: JudgeCmd{}, Do: s.postJudge(do)})
	}
	for _, do := range DepartureFlow.Actions() {
		routes = append(routes, web.Route{Method: "POST", Path: departuresPath + "/{id}/" + do, Action: "departure." + do, In: ActCmd{}, Do: s.postDeparture(do)})
	}
	for _, do := range s.warningActs() {
		routes = append(routes, web.Route{Method: "POST", Path: "/screening/warnings/{id}/" + do.name, Action: do.action, In: ActCmd{}, Do: s.postAct(do.name)})
	}
	return web.Room{Name: "screening", Pages: web.Sub(files, "pages"), Words: web.Words(files), Routes: routes, Todo: s.Todo, Find: s.hits,
		Menu: []web.Item{{Key: "menu.screening", Href: "/screening", Action: "match.read", Order: 500, Hot: "g s"},
			{Key: "menu.declaration", Href: "/screening/declaration", Action: "declaration.make", Order: 512},
			{Key: "menu.screening_warnings", Href: "/screening/warnings", Action: "reverse.read", Order: 505},
			{Key: "menu.screening_bar", Href: "/screening/ask", Action: "screening.ask", Order: 510},
			{Key: "menu.screening_registers", Href: "/screening/registers", Action: "register.read", Order: 515},
			{Group: "menu.admin", Key: "menu.screening_hooks", Href: "/screening/hooks", Action: "system.hook", Order: 860}}}
}

type act struct{ name, action string }

// warningActs are the steps of the three workflows, each with one action that
// opens the door; the step itself is judged by its own workflow.
func (s *Service) warningActs() []act {
	var out []act
	seen := map[string]bool{}
	for _, t := range []string{InFlow.Name, OutFlow.Name, CaseFlow.Name} {
		for _, do := range flowOf(t).Actions() {
			if do != "expire" && !seen[do] {
				seen[do] = true
				door := t + "." + do
				if t == InFlow.Name {
					door = "reverse.read" // whoever may act on a notice reads notices
				}
				out = append(out, act{do, door})
			}
		}
	}
	return out
}

func crumbs(r *web.Request, rest ...ui.Crumb) []ui.Crumb {
	first := ui.Crumb{Label: r.T("menu.screening"), Href: "/screening"}
	if !r.Can("match.read") {
		first = ui.Crumb{Label: r.T("menu.screening_warnings"), Href: "/screening/warnings"}
	}
	return append([]ui.Crumb{first}, rest...)
}

// tabs lead through the room.
func tabs(r *web.Request, current string) ui.Tabs {
	t := ui.Tabs{Label: r.T("menu.screening")}
	for _, x := range []struct{ key, href, action string }{{"screening.tab.hits", "/screening", "match.read"}, {"screening.tab.warnings", "/screening/warnings", "reverse.read"}, {"screening.tab.yearly", "/screening/yearly", "reverse.read"},
		{"screening.tab.departures", departuresPath, "departure.list"}, {"screening.tab.calendar", "/screening/calendar", "match.read"}, {"screening.tab.registers", "/screening/registers", "register.read"},
		{"screening.tab.declarations", "/screening/declarations", "declaration.read"}, {"screening.tab.together", "/screening/together", "match.read"},
		{"screening.tab.rules", "/screening/rules", "edition.read"}, {"screening.tab.readers", "/screening/readers", "match.read"},
		{"screening.tab.clinic", "/screening/clinic", "screening.clinic"}, {"screening.tab.ask", "/screening/ask", "screening.ask"}} {
		if r.Can(x.action) {
			t.Items = append(t.Items, ui.Tab{Label: r.T(x.key), Href: x.href, Current: x.href == current})
		}
	}
	return t
}

// chips of the room.
func outcomeChip(r *web.Request, outcome string) ui.Chip {
	class := map[string]string{rules.Banned: "late", rules.Recuse: "late", rules.Unclear: "wait", rules.Limited: "run", rules.Report: "run", rules.Over: "off", rules.Uncheckable: "off", rules.Free: "ok"}[outcome]
	return ui.Chip{Class: class, Word: r.T("screening.outcome." + outcome)}
}

func matchChip(r *web.Request, state string) ui.Chip {
	class := map[string]string{Open: "wait", Unsure: "wait", Proposed: "run", Confirmed: "late", Dismissed: "ok", Lapsed: "off"}[state]
	return ui.Chip{Class: class, Word: r.T("match.state." + state)}
}

func warningChip(r *web.Request, state string) ui.Chip {
	class := map[string]string{Sent: "wait", Received: "run", Answered: "run", Unanswered: "late", Handled: "run", Closed: "ok", Withdrawn: "off", Raised: "late", Notified: "run", Unfounded: "off"}[state]
	return ui.Chip{Class: class, Word: r.T("warning.state." + state)}
}

// until shows the last day of a restriction.
func until(r *web.Request, day clock.Date, life bool) string {
	switch {
	case life && day == "":
		return r.T("screening.life")
	case day == "":
		return "—"
	}
	return string(day)
}

// whom names the person of ours that a hit is about.
func whom(r *web.Request, h Hit) (name, sub string) {
	if h.Subject == Kin {
		return h.Kin, r.T("screening.kin_of", h.Name, r.T("relative.relation."+h.Relation))
	}
	sub = r.T("screening.subject." + h.Subject)
	if h.Leaving != "" {
		sub = r.T("screening.leaving." + h.Leaving)
	}
	return h.Name, sub
}

func options(r *web.Request, prefix string, values []string) []ui.Option {
	out := []ui.Option{{Label: r.T("form.any")}}
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: r.T(prefix + v)})
	}
	return out
}

func pick(q page.Query, name string, from []string) string {
	if v := q.Filter.Get(name); slices.Contains(from, v) {
		return v
	}
	return ""
}

type listPage struct {
	Tabs   ui.Tabs
	Stale  string
	Stats  ui.Stats
	Table  ui.Table
	Review bool
	Run    bool
}

// staleDays is how old a register of lawyers may be before the list says so.
const staleDays = 30

func (s *Service) getHits(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	f := hitFilter{Rule: q.Filter.Get("rule"), Outcome: pick(q, "outcome", rules.Outcomes()), Subject: pick(q, "subject", []string{Departed, Serving, Kin}),
		Leaving: pick(q, "leaving", []string{rules.Retired, rules.Resigned, rules.Dismissed, rules.Removed, rules.Transferred}), Text: strings.TrimSpace(q.Filter.Get("q"))}
	state := pick(q, "state", MatchFlow.States())
	switch {
	case state != "":
		f.States = []string{state}
	case q.Filter.Get("state") == "":
		f.States = []string{Open, Unsure, Proposed, Confirmed}
	}
	var list []Hit
	var states map[string]int
	var run Run
	var vs []Version
	count := 0
	err = s.log.DB().Read(r.Context(), func(dq db.Q) (err error) {
		if list, err = s.visibleHits(r.Context(), dq, r.Actor, f, q.After, q.Size+1); err != nil {
			return err
		}
		if count = len(list); len(q.After) > 0 || count > q.Size { // else they are all
			if count, err = s.countHits(r.Context(), dq, r.Actor, f); err != nil {
				return err
			}
		}
		if states, err = s.statesOf(r.Context(), dq, r.Actor); err != nil {
			return err
		}
		if run, err = lastRun(r.Context(), dq); err != nil {
			return err
		}
		vs, err = inForce(r.Context(), dq)
		return err
	})
	if err != nil {
		return nil, err
	}
	more := ""
	if len(list) > q.Size {
		list = list[:q.Size]
		more = page.Cursor(placeOf(list[len(list)-1])...)
	}
	p := listPage{Tabs: tabs(r, "/screening"), Stats: hitStats(r, states, run), Review: r.Can("match.hit"), Run: r.Can("screening.run"), Stale: s.stale(r, vs)}
	p.Table = s.hitTable(r, q, list, f, state)
	p.Table.Pager = pagerOf(r, "/screening", more, len(q.After) > 0)
	p.Table.Pager.Count, p.Table.Pager.Capped = min(count, page.CountCap), count > page.CountCap
	api := struct {
		Hits   []Hit          `json:"hits"`
		Count  int            `json:"count"`
		After  string         `json:"after,omitempty"`
		States map[string]int `json:"states"`
		Run    Run            `json:"run"`
	}{list, count, more, states, run}
	return web.Page{Name: "screening/list", Data: p, API: api, Mark: true, AsOf: string(run.AsOf), Crumbs: []ui.Crumb{{Label: r.T("menu.screening")}}}, nil
}

// pagerOf leads to the next page of a list whose place has two parts.
func pagerOf(r *web.Request, base, after string, notFirst bool) *ui.Pager {
	v := url.Values{}
	for k, x := range r.URL.Query() {
		if k != "after" && k != "done" {
			v[k] = x
		}
	}
	p := &ui.Pager{}
	if notFirst {
		p.Prev = base + "?" + v.Encode()
	}
	if after != "" {
		v.Set("after", after)
		p.Next = base + "?" + v.Encode()
	}
	return p
}

func hitStats(r *web.Request, states map[string]int, run Run) ui.Stats {
	at := func(state string) ui.Stat {
		return ui.Stat{Label: r.T("match.state." + state), Value: strconv.Itoa(states[state]), Href: "/screening?state=" + state}
	}
	last := ui.Stat{Label: r.T("screening.last_run"), Value: "—", Note: r.T("screening.no_run")}
	if run.ID != "" {
		last.Value, last.Note = string(run.AsOf), r.T("screening.compared", run.Left, run.Right)
	}
	return ui.Stats{Items: []ui.Stat{at(Open), at(Unsure), at(Proposed), at(Confirmed), at(Dismissed), last}}
}

// stale warns when a register of lawyers in force is old.
func (s *Service) stale(r *web.Request, vs []Version) string {
	oldest := clock.Date("")
	for _, v := range vs {
		if v.Kind == Lawyers && (oldest == "" || v.AsOf.Before(oldest)) {
			oldest = v.AsOf
		}
	}
	if oldest != "" && s.today().Sub(oldest) > staleDays {
		return r.T("screening.stale", oldest, s.today().Sub(oldest))
	}
	return ""
}

func (s *Service) hitTable(r *web.Request, q page.Query, list []Hit, f hitFilter, state string) ui.Table {
	t := ui.Table{Caption: r.T("screening.tab.hits"), Base: "/screening", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("screening.who")}, {Label: r.T("word.unit")}, {Label: r.T("screening.departed"), Nowrap: true}, {Label: r.T("screening.lawyer")},
			{Label: r.T("screening.probability"), Num: true}, {Label: r.T("screening.verdict")}, {Label: r.T("screening.until"), Nowrap: true}, {Label: r.T("word.status"), Nowrap: true}},
		Filters: []ui.Field{{Name: "q", Label: r.T("screening.search"), Value: f.Text},
			{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Value: state, Options: options(r, "match.state.", MatchFlow.States())},
			{Name: "outcome", Label: r.T("screening.verdict"), Kind: ui.FieldSelect, Value: f.Outcome, Options: options(r, "screening.outcome.", rules.Outcomes())},
			{Name: "subject", Label: r.T("screening.kind"), Kind: ui.FieldSelect, Value: f.Subject, Options: options(r, "screening.subject.", []string{Departed, Serving, Kin})},
			{Name: "leaving", Label: r.T("screening.how_left"), Kind: ui.FieldSelect, Value: f.Leaving,
				Options: options(r, "screening.leaving.", []string{rules.Retired, rules.Resigned, rules.Dismissed, rules.Removed, rules.Transferred})}},
		Empty: ui.EmptyState{Title: r.T("screening.none"), Text: r.T("screening.none.text")}}
	if r.Can("match.hit") {
		t.Bulk = &ui.Bulk{Action: "/screening/bulk", Buttons: []ui.Button{{Label: r.T("screening.bulk.no"), Name: "do", Value: "no"}, {Label: r.T("screening.bulk.unsure"), Name: "do", Value: "unsure"},
			{Label: r.T("screening.bulk.confirm"), Name: "do", Value: "confirm"}}}
	}
	for _, h := range list {
		name, sub := whom(r, h)
		t.Rows = append(t.Rows, ui.Row{ID: string(h.ID), Href: "/screening/hits/" + string(h.ID), Label: name, Cells: []ui.Cell{{Text: name, Sub: sub}, {Text: s.Units.Short(h.Unit), Title: s.Units.Name(h.Unit)},
			{Text: dash(string(h.DepartedOn))}, {Text: h.Lawyer, Sub: h.Firm}, {Text: share100(h.Probability), Sub: r.T("screening.namesakes", namesakes(h.Score.Namesakes))},
			{Chips: []ui.Chip{outcomeChip(r, h.Outcome)}, Sub: ruleName(h.Rule)}, {Text: until(r, h.Until, h.Life), Flag: ui.Due(r.Words(), string(h.Until), string(s.today()))},
			{Chips: []ui.Chip{matchChip(r, h.State)}}}})
	}
	return t
}

func dash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// share100 writes a probability; what is nearly certain is not called certain.
func share100(p float64) string {
	switch {
	case p > 0.9999:
		return ">99.99%"
	case p >= 0.9995:
		return ">99.9%"
	}
	return strconv.FormatFloat(p*100, 'f', 1, 64) + "%"
}

// namesakes writes how many people of a name are expected.
func namesakes(n float64) string {
	if n < 1 {
		return "<1"
	}
	return strconv.Itoa(int(n + 0.5))
}

func (s *Service) postRun(r *web.Request) (web.Response, error) {
	run, err := s.Run(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/screening", Done: "done.screening.run", API: run}, nil
}

// bulkForm is the table's form: ids as it sends them.
type bulkForm struct {
	IDs    []id.ID `json:"ids"`
	ID     []id.ID `json:"id"`
	Do     string  `json:"do"`
	Reason string  `json:"reason"`
}

type bulkPage struct{ Form ui.Form }

func (s *Service) postBulk(r *web.Request) (web.Response, error) {
	var f bulkForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	cmd := BulkCmd{IDs: append(f.IDs, f.ID...), Do: f.Do, Reason: f.Reason}
	err := s.JudgeMany(r.Context(), r.Actor, cmd)
	if x, ok := fault.Of(err); ok && x.Kind == fault.KindInvalid && len(x.Fields) > 0 && !r.API() {
		// The reason is asked on a page of its own, so that it works without script.
		form := ui.Form{Action: "/screening/bulk", Hidden: []ui.Pair{{Name: "do", Value: cmd.Do}}, Note: r.T("screening.bulk.note", len(cmd.IDs)),
			Sets:    []ui.Fieldset{{Fields: []ui.Field{{Name: "reason", Label: r.T("word.reason"), Kind: ui.FieldArea, Rows: 3, MaxLen: maxReason, Value: cmd.Reason, Wide: true}}}},
			Buttons: []ui.Button{{Label: r.T("match.do." + cmd.Do), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("act.back"), Href: "/screening"}}
		for _, n := range cmd.IDs {
			form.Hidden = append(form.Hidden, ui.Pair{Name: "ids", Value: string(n)})
		}
		return web.Page{Name: "screening/bulk", Data: bulkPage{form}, Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.bulk")})}, nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/screening", Done: "done.screening.bulk"}, nil
}

// hits answers the search of the whole site.
func (s *Service) hits(ctx context.Context, a actor.Actor, text string, limit int) (out []web.Hit, err error) {
	if !s.policy.Ever(a, "match.read") || strings.TrimSpace(text) == "" {
		return nil, nil
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		list, err := s.visibleHits(ctx, q, a, hitFilter{Text: strings.TrimSpace(text), States: []string{Open, Unsure, Proposed, Confirmed}}, nil, limit)
		for _, h := range list {
			title := h.Name
			if h.Kin != "" {
				title = h.Kin
			}
			out = append(out, web.Hit{Kind: "match", Title: title + " – " + h.Firm, Note: s.Units.Short(h.Unit), Href: "/screening/hits/" + string(h.ID)})
		}
		return err
	})
	return out, err
}

// names looks people up for display.
func names(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error) {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(n id.ID) bool { return n == "" })
	return person.Names(ctx, q, ids...)
}

// Words are the room's sentences, for the command line.
func Words() map[string]map[string]string { return web.Words(files) }
