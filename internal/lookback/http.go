package lookback

import (
	"bytes"
	"context"
	"embed"
	"slices"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
	"huikan/internal/rectification"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// Bounds of one upload.
const (
	maxFiles  = 20
	maxUpload = 256 << 20
)

// Room gives the routes and pages. The addresses /lookback/items/… and
// /lookback/{id}/… meet, so that one route reads both.
func (s *Service) Room() web.Room {
	return web.Room{
		Name: "lookback", Pages: web.Sub(files, "pages"), Words: web.Words(files), Todo: s.Todo,
		Routes: append(s.reportRoutes(), []web.Route{
			{Method: "GET", Path: "/lookback", Action: "sample.read", Do: s.getList},
			{Method: "GET", Path: "/lookback/new", Action: "lookback.create", Do: s.getNew},
			{Method: "POST", Path: "/lookback/new", Action: "lookback.create", In: PlanCmd{}, Do: s.postNew},
			{Method: "GET", Path: "/lookback/half-life", Action: "lookback.result", Do: s.getHalfLife},
			{Method: "POST", Path: "/lookback/items/{id}/test", Action: "sample.evidence", In: TestCmd{}, Do: s.postTest},
			{Method: "POST", Path: "/lookback/consequences/{id}/{do}", Action: "consequence.carry_out", In: ReasonCmd{}, Do: s.postConsequence},
			{Method: "GET", Path: "/lookback/{id}", Action: "lookback.read", Do: s.getLookback},
			{Method: "GET", Path: "/lookback/{id}/{page}", Action: "sample.read", Do: s.getPart},
			{Method: "POST", Path: "/lookback/{id}/commit", Action: "lookback.commit", In: CommitCmd{}, Do: s.postCommit},
			{Method: "POST", Path: "/lookback/{id}/reveal", Action: "lookback.reveal", In: RevealCmd{}, Do: s.postReveal},
			{Method: "POST", Path: "/lookback/{id}/withdraw", Action: "lookback.withdraw", In: ReasonCmd{}, Do: s.postReason("withdraw", s.Withdraw)},
			{Method: "POST", Path: "/lookback/{id}/abandon", Action: "lookback.abandon", In: ReasonCmd{}, Do: s.postReason("abandon", s.Abandon)},
			{Method: "POST", Path: "/lookback/{id}/finish", Action: "lookback.finish", In: ReasonCmd{}, Do: s.postFinish},
			{Method: "POST", Path: "/lookback/{id}/add", Action: "lookback.add", In: AddCmd{}, Do: s.postAdd},
			{Method: "POST", Path: "/lookback/{id}/lenses", Action: "lookback.note", In: NoteCmd{}, Do: s.postNote},
			{Method: "POST", Path: "/lookback/items/{id}/judge", Action: "sample.judge", In: JudgeCmd{}, MaxBody: maxUpload, Do: s.postJudge("judge", s.Judge)},
			{Method: "POST", Path: "/lookback/items/{id}/correct", Action: "sample.correct", In: JudgeCmd{}, MaxBody: maxUpload, Do: s.postJudge("correct", s.Correct)},
			{Method: "POST", Path: "/lookback/items/{id}/review", Action: "sample.review", In: JudgeCmd{}, MaxBody: maxUpload, Do: s.postJudge("review", s.Review)},
			{Method: "POST", Path: "/lookback/items/{id}/evidence", Action: "sample.evidence", In: JudgeCmd{}, MaxBody: maxUpload, Do: s.postJudge("evidence", s.AddEvidence)},
			{Method: "POST", Path: "/lookback/items/{id}/confirm", Action: "sample.confirm", In: ReasonCmd{}, Do: s.postConfirm},
			{Method: "POST", Path: "/lookback/items/{id}/return", Action: "sample.return", In: ReasonCmd{}, Do: s.postAct("return", s.Return)},
			{Method: "POST", Path: "/lookback/items/{id}/object", Action: "sample.object", In: ReasonCmd{}, Do: s.postAct("object", s.Object)},
			{Method: "POST", Path: "/lookback/items/{id}/reopen", Action: "reopening.reopen", In: ReasonCmd{}, Do: s.postAct("reopen", s.Reopen)},
			{Method: "POST", Path: "/lookback/items/{id}/keep", Action: "reopening.keep", In: ReasonCmd{}, Do: s.postAct("keep", s.Keep)},
			{Method: "POST", Path: "/lookback/items/{id}/assign", Action: "sample.assign", In: AssignCmd{}, Do: s.postAssign},
			{Method: "GET", Path: "/lookback/items/{id}/files/{file}", Action: "sample.read", NoAPI: true, Do: s.getFile},
		}...),
		Menu: []web.Item{{Key: "menu.lookback", Href: "/lookback", Action: "sample.read", Order: 400, Hot: "g b"}},
	}
}

func (s *Service) getPart(r *web.Request) (web.Response, error) {
	if r.PathValue("id") == "items" {
		n, err := id.Parse(r.PathValue("page"))
		if err != nil {
			return nil, err
		}
		return s.samplePage(r, n, filled{})
	}
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	switch r.PathValue("page") {
	case "lenses":
		return s.lensPage(r, n, NoteCmd{}, nil)
	case "result":
		return s.getResult(r, n)
	case "reports":
		return s.reportsPage(r, n, ReportCmd{}, nil)
	case "population":
		return s.getPopulation(r, n)
	}
	return nil, fault.NotFound("page")
}

// chips of the room.
func verdictChip(r *web.Request, verdict string) ui.Chip {
	class := map[string]string{rectification.Held: "ok", rectification.Basic: "run", rectification.Partly: "wait", rectification.Paper: "late", rectification.False: "late",
		rectification.Relapsed: "late", rectification.Unverifiable: "off", "": "off"}[verdict]
	return ui.Chip{Class: class, Word: r.T("sample.verdict." + orNone(verdict))}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func sampleChip(r *web.Request, state string) ui.Chip {
	class := map[string]string{Open: "run", Judged: "wait", Confirmed: "ok", Objected: "late", Reviewed: "ok"}[state]
	return ui.Chip{Class: class, Word: r.T("sample.state." + state)}
}

func stateChip(r *web.Request, state string) ui.Chip {
	class := map[string]string{Planned: "wait", Committed: "wait", Sampled: "run", Finished: "ok", Abandoned: "off"}[state]
	return ui.Chip{Class: class, Word: r.T("lookback.state." + state)}
}

func crumbs(r *web.Request, rest ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Label: r.T("menu.lookback"), Href: "/lookback"}}, rest...)
}

func address(l Lookback, part string) string { return "/lookback/" + string(l.ID) + part }

type listPage struct {
	Tabs   ui.Tabs
	Table  ui.Table
	Create bool
}

// getList shows the look-backs, or with view=items the items that the reader
// may see: for an inspected unit the verdicts about itself.
func (s *Service) getList(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	items := q.View == "items" || !r.Can("lookback.read")
	p := listPage{Create: r.Can("lookback.create")}
	if r.Can("lookback.read") {
		p.Tabs = ui.Tabs{Label: r.T("menu.lookback"), Items: []ui.Tab{{Label: r.T("lookback.list"), Href: "/lookback", Current: !items},
			{Label: r.T("sample.list"), Href: "/lookback?view=items", Current: items}}}
	}
	var api any
	err = s.log.DB().Read(r.Context(), func(dq db.Q) error {
		if items {
			list, table, err := s.sampleTable(r, dq, q, sampleFilter{}, "/lookback")
			p.Table, api = table, list
			return err
		}
		list, next, err := visibleLookbacks(r.Context(), dq, s.policy, r.Actor, q)
		if err != nil {
			return err
		}
		progress, err := progressOf(r.Context(), dq, s.policy, r.Actor, list)
		if err != nil {
			return err
		}
		p.Table, api = s.lookbackTable(r, q, list, next, progress), list
		return nil
	})
	if err != nil {
		return nil, err
	}
	return web.Page{Name: "lookback/list", Data: p, API: api, Crumbs: []ui.Crumb{{Label: r.T("menu.lookback")}}, Mark: true}, nil
}

func (s *Service) lookbackTable(r *web.Request, q page.Query, list []Lookback, next page.Next, progress map[id.ID][2]int) ui.Table {
	t := ui.Table{Caption: r.T("lookback.list"), Base: "/lookback", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("lookback.name")}, {Label: r.T("word.status"), Nowrap: true}, {Label: r.T("lookback.by")},
			{Label: r.T("lookback.population"), Num: true}, {Label: r.T("lookback.progress")}, {Label: r.T("lookback.committed_at"), Nowrap: true}},
		Empty: ui.EmptyState{Title: r.T("lookback.none"), Text: r.T("lookback.none.text")}}
	if r.Can("lookback.create") {
		t.Empty.Next = ui.Link{Label: r.T("lookback.new"), Href: "/lookback/new"}
	}
	for _, l := range list {
		done := progress[l.ID]
		cells := []ui.Cell{{Text: l.Name, Clamp: true}, {Chips: []ui.Chip{stateChip(r, l.State)}}, {Text: s.Units.Short(l.By)}, {Text: "—"}, {Text: "—"}, {Text: "—"}}
		if l.Population > 0 {
			cells[3].Text, cells[5].Text = strconv.Itoa(l.Population), r.Moment(l.CommittedAt)
		}
		if done[0] > 0 {
			cells[4] = ui.Cell{Bar: &ui.Meter{Value: done[1], Max: done[0], Text: strconv.Itoa(done[1]) + "/" + strconv.Itoa(done[0])}}
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(l.ID), Href: address(l, ""), Cells: cells})
	}
	t.Pager = web.Pager(r, "/lookback", "", next.After, len(q.After) > 0)
	t.Pager.Count, t.Pager.Capped = min(next.Count, page.CountCap), next.More()
	return t
}

// sampleTable lists samples with filters; base is the address of the list.
func (s *Service) sampleTable(r *web.Request, q db.Q, pq page.Query, f sampleFilter, base string) ([]Sample, ui.Table, error) {
	pick := func(name string, from []string) string {
		if v := pq.Filter.Get(name); slices.Contains(from, v) {
			return v
		}
		return ""
	}
	f.State = pick("state", SampleFlow.States())
	f.Verdict = pick("verdict", rectification.Verdicts())
	f.Part = pick("part", parts)
	f.Reopening = pick("reopening", ReopeningFlow.States())
	f.Unassigned = pq.Filter.Get("team") == "none"
	f.Result = pick("result", results)
	f.Claimed = pick("claimed", rectification.ClaimedStatuses())
	var active []ui.ActiveFilter
	if n := id.ID(pq.Filter.Get("unit")); n != "" {
		f.Unit = n
		active = append(active, ui.ActiveFilter{Key: "unit", Value: string(n), Label: r.T("word.unit") + "：" + s.Units.Short(n)})
	}
	// Who closed what is the dispatching side's to know, as on the page of results.
	if n := id.ID(pq.Filter.Get("closer")); n != "" && (r.Actor.Has(actor.Office) || r.Actor.Has(actor.Leader)) {
		f.Closer = n
		names, err := s.names(r.Context(), q, n)
		if err != nil {
			return nil, ui.Table{}, err
		}
		active = append(active, ui.ActiveFilter{Key: "closer", Value: string(n), Label: r.T("lookback.closer") + "：" + names[n]})
	}
	if f.Result != "" {
		active = append(active, ui.ActiveFilter{Key: "result", Value: f.Result, Label: r.T("lookback." + f.Result)})
	}
	if f.Claimed != "" {
		active = append(active, ui.ActiveFilter{Key: "claimed", Value: f.Claimed, Label: r.T("sample.claimed") + "：" + r.T("sample.claimed."+f.Claimed)})
	}
	var after id.ID
	if len(pq.After) > 0 {
		after = id.ID(pq.After[0])
	}
	ctx := r.Context()
	list, err := visibleSamples(ctx, q, s.policy, r.Actor, "sample.read", sampleAccess, f, after, pq.Size+1)
	if err != nil {
		return nil, ui.Table{}, err
	}
	count, err := countSamples(ctx, q, s.policy, r.Actor, f)
	if err != nil {
		return nil, ui.Table{}, err
	}
	next := ""
	if len(list) > pq.Size {
		list = list[:pq.Size]
		next = string(list[len(list)-1].ID)
	}
	options := func(prefix string, values []string) []ui.Option {
		out := []ui.Option{{Label: r.T("form.any")}}
		for _, v := range values {
			out = append(out, ui.Option{Value: v, Label: r.T(prefix + v)})
		}
		return out
	}
	t := ui.Table{ID: "s", Caption: r.T("sample.list"), Base: base, Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("sample.title")}, {Label: r.T("word.unit")}, {Label: r.T("sample.part")},
			{Label: r.T("sample.claimed")}, {Label: r.T("word.status")}, {Label: r.T("sample.verdict")}},
		Filters: []ui.Field{
			{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Value: f.State, Options: options("sample.state.", SampleFlow.States())},
			{Name: "verdict", Label: r.T("sample.verdict"), Kind: ui.FieldSelect, Value: f.Verdict, Options: options("sample.verdict.", rectification.Verdicts())},
			{Name: "part", Label: r.T("sample.part"), Kind: ui.FieldSelect, Value: f.Part, Options: options("sample.part.", parts)}},
		Active: active, Empty: ui.EmptyState{Title: r.T("sample.none"), Text: r.T("sample.none.text")}}
	for _, x := range list {
		t.Rows = append(t.Rows, s.sampleLine(r, x))
	}
	t.Pager = web.Pager(r, base, "", next, after != "")
	t.Pager.Count, t.Pager.Capped = min(count, page.CountCap), count > page.CountCap
	return list, t, nil
}

var parts = []string{PartCensus, PartRandom, PartCover, PartRisk, PartNamed}

func (s *Service) sampleLine(r *web.Request, x Sample) ui.Row {
	where := ""
	if x.Team == "" {
		where = r.T("sample.unassigned")
	}
	shown := ""
	if Known(x.State) {
		shown = x.Verdict
	}
	part := ui.Cell{Text: r.T("sample.part." + x.Part)}
	for _, f := range x.Factors {
		part.Chips = append(part.Chips, ui.Chip{Class: "wait", Word: r.T("sample.factor." + f)})
	}
	verdict := ui.Cell{Chips: []ui.Chip{verdictChip(r, shown)}}
	if x.Reopening != "" && shown != "" {
		verdict.Sub = r.T("reopening.state." + x.Reopening)
	}
	return ui.Row{ID: string(x.ID), Href: "/lookback/items/" + string(x.ID), Cells: []ui.Cell{{Text: x.No}, {Text: x.Title, Clamp: true}, {Text: s.Units.Short(x.Unit)},
		part, {Text: r.T("sample.claimed." + orNone(x.Claimed))}, {Chips: []ui.Chip{sampleChip(r, x.State)}, Sub: where}, verdict}}
}

// getPopulation gives the frozen list as it was committed to. A reader from whom
// an item is hidden gets none: a shortened list would not fit its digest.
func (s *Service) getPopulation(r *web.Request, n id.ID) (web.Response, error) {
	var list []frozen
	var l Lookback
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if l, err = s.load(r.Context(), q, r.Actor, n, "lookback.read"); err != nil {
			return err
		}
		seen, err := closedBy(r.Context(), q, s.policy, r.Actor, l.ID, "unit_id")
		if err != nil {
			return err
		}
		total := 0
		for _, k := range seen {
			total += k
		}
		if total == 0 || total != l.Population {
			return fault.Denied("lookback", "lookback.population: not all of it may be seen")
		}
		list, err = candidatesOf(r.Context(), q, l.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.log.Note(r.Context(), r.Actor, "lookback.export", map[string]any{"lookback": l.ID, "items": len(list)}); err != nil {
		return nil, err
	}
	text := Encode(candidates(list))
	return web.File{Name: "population-" + l.Digest[:12] + ".tsv", Type: "text/tab-separated-values; charset=utf-8", Body: bytes.NewReader(text), Size: int64(len(text))}, nil
}

// names looks up persons for display; an unknown one shows as a dash.
func (s *Service) names(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error) {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(n id.ID) bool { return n == "" })
	if len(ids) == 0 {
		return map[id.ID]string{}, nil
	}
	return s.Names(ctx, q, ids...)
}
