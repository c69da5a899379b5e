package directive

import (
	"embed"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"huikan/hantext"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	return web.Room{Name: "directive", Pages: web.Sub(files, "pages"), Words: web.Words(files), Todo: s.Todo, Find: s.Search,
		Routes: append(append(s.issueRoutes(), s.dispatchRoutes()...), []web.Route{
			{Method: "GET", Path: "/directives", Action: "directive.read", Do: s.getList},
			{Method: "GET", Path: "/directives/import", Action: "directive.create", NoAPI: true, Do: s.getImport},
			{Method: "POST", Path: "/directives/import", Action: "directive.create", Heavy: true, MaxBody: maxFile + 1<<20, Do: s.postImport},
			{Method: "GET", Path: "/directives/{id}", Action: "directive.read", Do: s.getDirective},
			{Method: "GET", Path: "/directives/{id}/lineage", Action: "directive.read", Do: s.getLineage},
			{Method: "POST", Path: "/directives/{id}/confirm", Action: "directive.confirm", In: revForm{}, Do: s.postConfirm},
			{Method: "POST", Path: "/directives/{id}/reopen", Action: "directive.reopen", In: revForm{}, Do: s.postReopen},
			{Method: "POST", Path: "/directives/{id}/requirements", Action: "directive.edit", In: RequirementCmd{}, Do: s.postAdd},
			{Method: "GET", Path: "/directives/{id}/assign", Action: "directive.assign", NoAPI: true, Do: s.getAssign},
			{Method: "POST", Path: "/directives/{id}/assign", Action: "directive.assign", In: AssignCmd{}, Do: s.postAssign},
			{Method: "GET", Path: "/requirements/{id}/edit", Action: "directive.edit", NoAPI: true, Do: s.getEdit},
			{Method: "POST", Path: "/requirements/{id}/edit", Action: "directive.edit", In: RequirementCmd{}, Do: s.postEdit},
			{Method: "POST", Path: "/requirements/{id}/drop", Action: "directive.edit", In: changeForm{}, Do: s.postDrop},
			{Method: "POST", Path: "/requirements/{id}/restore", Action: "directive.edit", In: changeForm{}, Do: s.postRestore},
			{Method: "POST", Path: "/requirements/{id}/split", Action: "directive.edit", In: changeForm{}, Do: s.postSplit},
			{Method: "POST", Path: "/requirements/{id}/merge", Action: "directive.edit", In: changeForm{}, Do: s.postMerge},
			{Method: "GET", Path: "/tasks", Action: "task.read", Do: s.getTasks},
			{Method: "GET", Path: "/tasks/{id}", Action: "task.read", Do: s.getTask},
			{Method: "POST", Path: "/tasks/{id}/step/{do}", Action: "task.read", MaxBody: maxFile + 1<<20, In: StepCmd{}, Do: s.postStep},
			{Method: "GET", Path: "/tasks/{id}/break-down", Action: "task.break_down", NoAPI: true, Do: s.getBreakDown},
			{Method: "POST", Path: "/tasks/{id}/break-down", Action: "task.break_down", In: AssignCmd{}, Do: s.postBreakDown},
			{Method: "GET", Path: "/tasks/{id}/files/{entry}", Action: "task.read", NoAPI: true, Do: s.getFile},
		}...),
		Menu: []web.Item{
			{Group: "menu.deployment", Key: "menu.directives", Href: "/directives", Action: "directive.read", Order: 100},
			{Group: "menu.deployment", Key: "menu.tasks", Href: "/tasks", Action: "task.read", Order: 110},
			{Group: "menu.deployment", Key: "menu.issues", Href: "/issues", Action: "issue.read", Order: 105},
			{Group: "menu.deployment", Key: "menu.reconciliations", Href: "/reconciliations", Action: "quarter.read", Order: 115},
			{Group: "menu.deployment", Key: "menu.dispatches", Href: "/dispatches", Action: "dispatch.read", Order: 112},
			{Group: "menu.deployment", Key: "menu.dispatch_parts", Href: "/dispatch-parts", Action: "dispatch_part.answer", Order: 113},
			{Group: "menu.deployment", Key: "menu.burden", Href: "/burden", Action: "burden.read", Order: 118},
		}}
}

const maxFile = 64 << 20 // bytes of an imported report or of one request with files

type revForm struct {
	Rev int64 `json:"rev"`
}

type changeForm struct {
	Reason string `json:"reason"`
	Parts  string `json:"parts"`
	Into   id.ID  `json:"into"`
	Rev    int64  `json:"rev"`
}

type listPage struct {
	Table  ui.Table
	Create bool // the reader may import a report
}

var directiveClass = map[string]string{StateDraft: "wait", StateConfirmed: "run", StateIssued: "ok"}

func (s *Service) getList(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	l, err := s.List(r.Context(), r.Actor, q)
	if err != nil {
		return nil, err
	}
	var states []ui.Option
	states = append(states, ui.Option{Label: r.T("word.all")})
	for _, st := range Flow.States() {
		states = append(states, ui.Option{Value: st, Label: r.T("directive.state." + st)})
	}
	t := ui.Table{Caption: r.T("menu.directives"), Base: "/directives", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "title", Label: r.T("word.title")}, {Key: "unit", Label: r.T("directive.unit")}, {Key: "published", Label: r.T("directive.published"), Nowrap: true},
			{Key: "tasks", Label: r.T("directive.tasks"), Num: true}, {Key: "state", Label: r.T("word.status")}},
		Filters: []ui.Field{{Name: "q", Label: r.T("word.keyword"), Value: q.Filter.Get("q")}, {Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Options: states, Value: q.Filter.Get("state")}},
		Empty:   ui.EmptyState{Title: r.T("directive.none"), Text: r.T("directive.none.text")}}
	if r.Can("directive.create") {
		t.Empty.Next = ui.Link{Label: r.T("directive.do.import"), Href: "/directives/import"}
	}
	for _, d := range l.Rows {
		all, done := 0, 0
		for st, n := range l.Tasks[d.ID] {
			all += n
			if st == TaskDone {
				done += n
			}
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(d.ID), Href: "/directives/" + string(d.ID), Cells: []ui.Cell{{Text: d.Title, Clamp: true}, {Text: s.Dir.Short(d.Unit)}, {Text: string(d.Published)},
			{Text: fmt.Sprintf("%d/%d", done, all), Bar: &ui.Meter{Value: done, Max: all, Text: fmt.Sprintf("%d/%d", done, all)}}, {Chips: []ui.Chip{{Class: directiveClass[d.State], Word: r.T("directive.state." + d.State)}}}}})
	}
	t.Pager = web.PagerOf(r, "/directives", l.Next, q)
	return web.Page{Name: "directive/directives", Data: listPage{Table: t, Create: r.Can("directive.create")}, API: l.Rows, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.directives")}}}, nil
}

type importPage struct {
	Form ui.Form
}

func (s *Service) importPage(r *web.Request, text string, err error) web.Response {
	p := r.Problems(err)
	return web.Page{Name: "directive/import", Err: err, Crumbs: []ui.Crumb{{Label: r.T("menu.directives"), Href: "/directives"}, {Label: r.T("directive.do.import")}},
		Data: importPage{ui.Form{Action: "/directives/import", Multipart: true, Sets: []ui.Fieldset{{Fields: []ui.Field{
			{Name: "file", Label: r.T("directive.file"), Kind: ui.FieldFile, Accept: ".txt,.html,.htm,.docx,.doc,.wps,.pdf", Optional: true, Hint: r.T("directive.file.hint"), Error: p["file"]},
			{Name: "text", Label: r.T("directive.text"), Kind: ui.FieldArea, Rows: 12, Value: text, Optional: true, Hint: r.T("directive.text.hint"), Error: p["text"], Wide: true},
		}}}, Buttons: []ui.Button{{Label: r.T("directive.do.import"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("word.cancel"), Href: "/directives"}}}}
}

func (s *Service) getImport(r *web.Request) (web.Response, error) {
	return s.importPage(r, "", nil), nil
}

func (s *Service) postImport(r *web.Request) (web.Response, error) {
	var f struct {
		Text string `json:"text"`
	}
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	a, err := s.uploaded(r, f.Text)
	if err == nil {
		var res Result
		if res, err = s.Import(r.Context(), r.Actor, a, false); err == nil {
			return web.Redirect{To: "/directives/" + string(res.Directive.ID), Done: "done.directive.import", API: res}, nil
		}
	}
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindLimit) {
		return s.importPage(r, f.Text, err), nil
	}
	return nil, err
}

// uploaded reads the file of the form, or the text that was pasted.
func (s *Service) uploaded(r *web.Request, text string) (hantext.Article, error) {
	ups, err := r.Files("file", 1)
	if err != nil {
		return hantext.Article{}, err
	}
	if len(ups) == 1 {
		a, _, err := s.Read(ups[0].Name, ups[0].File, ups[0].Size)
		return a, errors.Join(err, ups[0].Close())
	}
	if strings.TrimSpace(text) == "" {
		var bad fault.Fields
		bad.Add("file", "directive.bad.nothing_given")
		return hantext.Article{}, bad.Err()
	}
	a, err := hantext.Clean([]byte(text))
	if err != nil {
		return a, fault.Invalid("directive.bad.empty").With(err)
	}
	return a, nil
}

// warnings says in the reader's language what the extraction noticed. They are
// kept as "kind: detail"; details are pieces of the text itself.
func warnings(r *web.Request, list []string) []string {
	var out []string
	for _, w := range list {
		kind, detail, _ := strings.Cut(w, ": ")
		word := r.Word("directive.warning."+kind, w)
		if word != w && detail != "" && !ownWarnings[kind] {
			word = r.T("directive.warning.at", word, detail)
		}
		out = append(out, word)
	}
	return out
}

// ownWarnings are those whose detail is a sentence of ours, not of the text.
var ownWarnings = map[string]bool{"no-requirements": true, "no-structure": true}

type directivePage struct {
	Sheets     string // dispatch sheets of the deployment
	Directive  Directive
	Chip       ui.Chip
	Unit       string
	Paragraphs []paragraphRow
	Themes     []themeRow
	Facts      []ui.Fact
	Steps      []ui.Button
	Editable   bool
	Add        *ui.Form
	Open       int
	Dropped    int
	TaskCount  int
	Warnings   []string
}

type paragraphRow struct {
	No    int
	Parts []part
}

// part is a piece of a paragraph; Req names the requirements that quote it.
type part struct {
	Text  string
	Req   string // anchor of the first requirement
	Nos   string
	Class string
}

type themeRow struct {
	Title string
	Reqs  []requirementRow
}

type requirementRow struct {
	Requirement
	Tasks  int
	Done   int
	Edit   string
	Others []ui.Option
}

// mark cuts a paragraph at the quotes of its requirements.
func mark(no int, text string, reqs []Requirement) paragraphRow {
	row := paragraphRow{No: no}
	type span struct {
		from, to int
		req      Requirement
	}
	var spans []span
	for _, q := range reqs {
		if q.Paragraph != no || q.State != ReqOpen {
			continue
		}
		if at := strings.Index(text, q.Quote); at >= 0 {
			spans = append(spans, span{at, at + len(q.Quote), q})
		}
	}
	at := 0
	for at < len(text) {
		next := -1
		for i, sp := range spans {
			if sp.from >= at && (next < 0 || sp.from < spans[next].from) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		sp := spans[next]
		if sp.from > at {
			row.Parts = append(row.Parts, part{Text: text[at:sp.from]})
		}
		row.Parts = append(row.Parts, part{Text: text[sp.from:sp.to], Req: "r" + strconv.Itoa(sp.req.No) + "-" + sp.req.ID.Short(), Nos: strconv.Itoa(sp.req.No)})
		at = sp.to
	}
	if at < len(text) {
		row.Parts = append(row.Parts, part{Text: text[at:]})
	}
	return row
}

func (s *Service) view(r *web.Request) (View, error) {
	n, err := r.ID("id")
	if err != nil {
		return View{}, err
	}
	return s.Get(r.Context(), r.Actor, n)
}

func (s *Service) getDirective(r *web.Request) (web.Response, error) {
	v, err := s.view(r)
	if err != nil {
		return nil, err
	}
	return s.directivePage(r, v, RequirementCmd{}, nil)
}

func (s *Service) directivePage(r *web.Request, v View, c RequirementCmd, failed error) (web.Response, error) {
	d := v.Directive
	o := d.object(s.Dir.Place)
	can := func(do string) bool {
		_, err := Flow.Next(d.State, do)
		return err == nil && s.Policy.Can(r.Actor, "directive."+do, o) == nil
	}
	base := "/directives/" + string(d.ID)
	p := directivePage{Directive: d, Chip: ui.Chip{Class: directiveClass[d.State], Word: r.T("directive.state." + d.State)}, Unit: s.Dir.Name(d.Unit), Editable: can("edit"), TaskCount: len(v.Tasks), Warnings: warnings(r, d.Warnings),
		Facts: []ui.Fact{{Label: r.T("directive.unit"), Text: s.Dir.Name(d.Unit)}, {Label: r.T("directive.published"), Text: string(d.Published)}, {Label: r.T("directive.source"), Text: d.Source}, {Label: r.T("directive.editor"), Text: d.Editor}}}
	for _, do := range []string{"confirm", "reopen"} {
		if can(do) {
			kind := ""
			if do == "confirm" {
				kind = "primary"
			}
			p.Steps = append(p.Steps, ui.Button{Label: r.T("directive.do." + do), Action: base + "/" + do, Kind: kind})
		}
	}
	if can("assign") {
		p.Steps = append(p.Steps, ui.Button{Label: r.T("directive.do.assign"), Href: base + "/assign", Kind: "primary"})
	}
	if r.Can("dispatch.read") && d.State == StateIssued && s.Policy.Can(r.Actor, "dispatch.read", Dispatch{Unit: d.Unit, State: DispatchFrozen}.object(s.Dir.Place)) == nil {
		p.Sheets = "/dispatches?directive=" + string(d.ID)
	}
	for i, text := range d.Body {
		p.Paragraphs = append(p.Paragraphs, mark(i+1, text, v.Requirements))
	}
	p.Themes, p.Open, p.Dropped = themes(v, p.Editable)
	if p.Editable {
		pr := r.Problems(failed)
		no := ""
		if c.Paragraph > 0 {
			no = strconv.Itoa(c.Paragraph)
		}
		p.Add = &ui.Form{ID: "add", Action: base + "/requirements", Sets: []ui.Fieldset{{Legend: r.T("requirement.add"), Hint: r.T("requirement.add.hint"), Fields: []ui.Field{
			{Name: "paragraph", Label: r.T("requirement.paragraph"), Kind: ui.FieldNumber, Value: no, Error: pr["paragraph"]},
			{Name: "theme", Label: r.T("requirement.theme"), Value: c.Theme, Error: pr["theme"]},
			{Name: "quote", Label: r.T("requirement.quote"), Kind: ui.FieldArea, Rows: 2, Value: c.Quote, Error: pr["quote"], Wide: true}}}},
			Buttons: []ui.Button{{Label: r.T("requirement.do.add")}}}
	}
	return web.Page{Name: "directive/directive", Err: failed, Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.directives"), Href: "/directives"}, {Label: d.Title}}}, nil
}

// themes groups requirements under their heads, in order of the report.
func themes(v View, editable bool) (out []themeRow, open, dropped int) {
	at := map[string]int{}
	tasks, done := map[id.ID]int{}, map[id.ID]int{}
	for _, t := range v.Tasks {
		for _, q := range v.Sources[t.ID] {
			tasks[q]++
			if t.State == TaskDone {
				done[q]++
			}
		}
	}
	var options []ui.Option
	for _, q := range v.Requirements {
		if q.State == ReqOpen {
			options = append(options, ui.Option{Value: string(q.ID), Label: strconv.Itoa(q.No) + " " + clip(q.Text, 24)})
		}
	}
	for _, q := range v.Requirements {
		if q.State == ReqOpen {
			open++
		} else {
			dropped++
		}
		i, ok := at[q.Theme]
		if !ok {
			i = len(out)
			at[q.Theme] = i
			out = append(out, themeRow{Title: q.Theme})
		}
		row := requirementRow{Requirement: q, Tasks: tasks[q.ID], Done: done[q.ID]}
		if editable {
			row.Edit = "/requirements/" + string(q.ID) + "/edit"
		}
		out[i].Reqs = append(out[i].Reqs, row)
	}
	return out, open, dropped
}

func (s *Service) postConfirm(r *web.Request) (web.Response, error) {
	return s.simple(r, "confirm", s.Confirm)
}

func (s *Service) postReopen(r *web.Request) (web.Response, error) {
	return s.simple(r, "reopen", s.Reopen)
}

func (s *Service) postAdd(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c RequirementCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	q, err := s.AddRequirement(r.Context(), r.Actor, n, c)
	if fault.Is(err, fault.KindInvalid) {
		v, e := s.Get(r.Context(), r.Actor, n)
		if e != nil {
			return nil, e
		}
		return s.directivePage(r, v, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/directives/" + string(n), Done: "done.requirement.add", API: q}, nil
}
