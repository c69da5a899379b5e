package directive

import (
	"errors"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

type assignPage struct {
	Title string
	Form  ui.Form
	Reqs  []Requirement
	Quote string
}

func (s *Service) assignForm(r *web.Request, action, cancel string, c AssignCmd, reqs []Requirement, failed error, child bool) ui.Form {
	p := r.Problems(failed)
	to := []ui.Option{{Value: ToProvincial, Label: r.T("task.to.provincial", len(s.Dir.Provincial()))}, {Value: ToChildren, Label: r.T("task.to.children")}, {Value: ToBelow, Label: r.T("task.to.below")}, {Value: ToUnits, Label: r.T("task.to.units")}}
	if child {
		to = to[1:]
	}
	f := ui.Form{Action: action, Buttons: []ui.Button{{Label: r.T("task.do.send"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("word.cancel"), Href: cancel}}
	if !child {
		var opts []ui.Option
		var chosen []string
		for _, q := range reqs {
			if q.State == ReqOpen {
				opts = append(opts, ui.Option{Value: string(q.ID), Label: strconv.Itoa(q.No) + " " + clip(q.Text, 60), Group: q.Theme})
			}
		}
		for _, n := range c.Requirements {
			chosen = append(chosen, string(n))
		}
		f.Sets = append(f.Sets, ui.Fieldset{Legend: r.T("task.sources"), Hint: r.T("task.sources.hint"), Fields: []ui.Field{
			{Name: "requirements", Label: r.T("task.requirements"), Kind: ui.FieldChecks, Options: opts, Values: chosen, Optional: true, Error: p["requirements"], Wide: true},
			{Name: "sourceless", Label: r.T("task.sourceless"), Value: c.Sourceless, Optional: true, Error: p["sourceless"], Wide: true}}})
	}
	kind := c.Kind
	if kind == "" {
		kind = KindLead
	}
	f.Sets = append(f.Sets, ui.Fieldset{Legend: r.T("task.what"), Fields: []ui.Field{
		{Name: "title", Label: r.T("task.title"), Value: c.Title, Error: p["title"], Wide: true},
		{Name: "measure", Label: r.T("task.measure"), Kind: ui.FieldArea, Rows: 3, Value: c.Measure, Hint: r.T("task.measure.hint"), Error: p["measure"], Wide: true},
		{Name: "due", Label: r.T("word.due"), Kind: ui.FieldDate, Value: string(c.Due), Error: p["due"]},
		{Name: "kind", Label: r.T("task.kind"), Kind: ui.FieldRadio, Value: kind, Options: []ui.Option{{Value: KindLead, Label: r.T("task.kind.lead")}, {Value: KindSupport, Label: r.T("task.kind.support")}}, Error: p["kind"]}}},
		ui.Fieldset{Legend: r.T("task.whom"), Fields: []ui.Field{
			{Name: "to", Label: r.T("task.to"), Kind: ui.FieldRadio, Value: c.To, Options: to, Error: p["to"], Wide: true},
			{Name: "units", Label: r.T("task.units"), Kind: ui.FieldArea, Rows: 3, Value: c.Units, Optional: true, Hint: r.T("task.units.hint"), Error: p["units"], Wide: true}}})
	return f
}

func (s *Service) getAssign(r *web.Request) (web.Response, error) {
	v, err := s.view(r)
	if err != nil {
		return nil, err
	}
	c := AssignCmd{To: ToProvincial}
	if q := r.Param("requirement"); q != "" {
		c.Requirements = []id.ID{id.ID(q)}
		for _, x := range v.Requirements {
			if string(x.ID) == q {
				c.Title = clip(x.Text, 60)
			}
		}
	}
	return s.assignPage(r, v, c, nil), nil
}

func (s *Service) assignPage(r *web.Request, v View, c AssignCmd, failed error) web.Response {
	base := "/directives/" + string(v.Directive.ID)
	return web.Page{Name: "directive/assign", Err: failed, Data: assignPage{Title: v.Directive.Title, Form: s.assignForm(r, base+"/assign", base, c, v.Requirements, failed, false)},
		Crumbs: []ui.Crumb{{Label: r.T("menu.directives"), Href: "/directives"}, {Label: v.Directive.Title, Href: base}, {Label: r.T("directive.do.assign")}}}
}

func (s *Service) postAssign(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c AssignCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	sent, err := s.Assign(r.Context(), r.Actor, n, c)
	if fault.Is(err, fault.KindInvalid) {
		v, e := s.Get(r.Context(), r.Actor, n)
		if e != nil {
			return nil, e
		}
		return s.assignPage(r, v, c, err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/directives/" + string(n) + "/lineage", Done: "done.directive.assign", API: map[string]int{"sent": len(sent)}}, nil
}

func (s *Service) getBreakDown(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v, err := s.Task(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	return s.breakPage(r, v, AssignCmd{Title: v.Task.Title, Measure: v.Task.Measure, Due: v.Task.Due, To: ToChildren}, nil), nil
}

func (s *Service) breakPage(r *web.Request, v TaskView, c AssignCmd, failed error) web.Response {
	base := "/tasks/" + string(v.Task.ID)
	return web.Page{Name: "directive/assign", Err: failed, Data: assignPage{Title: v.Task.Title, Reqs: v.Requirements, Form: s.assignForm(r, base+"/break-down", base, c, nil, failed, true)},
		Crumbs: []ui.Crumb{{Label: r.T("menu.tasks"), Href: "/tasks"}, {Label: v.Task.Title, Href: base}, {Label: r.T("task.do.break_down")}}}
}

func (s *Service) postBreakDown(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c AssignCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	sent, err := s.BreakDown(r.Context(), r.Actor, n, c)
	if fault.Is(err, fault.KindInvalid) {
		v, e := s.Task(r.Context(), r.Actor, n)
		if e != nil {
			return nil, e
		}
		return s.breakPage(r, v, c, err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/tasks/" + string(n), Done: "done.task.break_down", API: map[string]int{"sent": len(sent)}}, nil
}

type lineagePage struct {
	ID        string
	Title     string
	Sentences []sentenceRow
	Orphans   []Task
	Stats     ui.Stats
}

type sentenceRow struct {
	Sentence
	Word string
	Reqs []requirementLine
	Gap  bool // asks for something, but nobody was asked
}

type requirementLine struct {
	Requirement
	Total, Done, Reported, Late int
	Tasks                       []taskLine
	More                        int
}

type taskLine struct {
	ID, Unit string
	Chip     ui.Chip
}

// tasksShown bounds the tasks named under one requirement.
const tasksShown = 8

var taskClass = map[string]string{TaskToSign: "wait", TaskWorking: "run", TaskReported: "wait", TaskRedo: "late", TaskDone: "ok", TaskWithdrawn: "off"}

func (s *Service) taskChip(r *web.Request, t Task) ui.Chip {
	return ui.Chip{Class: taskClass[t.State], Word: r.T("task.state." + t.State)}
}

// lamp shows the computed signal by word and shape.
func (s *Service) lamp(r *web.Request, t Task) []ui.Chip {
	switch t.Lamp(r.Today()) {
	case "late":
		return []ui.Chip{{Class: "late", Word: r.T("task.lamp.late")}}
	case "near":
		return []ui.Chip{{Class: "wait", Word: r.T("task.lamp.near")}}
	case "ok":
		return []ui.Chip{{Class: "ok", Word: r.T("task.lamp.ok")}}
	}
	return nil
}

// getLineage shows the line from sentence to task from both ends: which
// sentence has no requirement or task, which task no sentence.
func (s *Service) getLineage(r *web.Request) (web.Response, error) {
	v, err := s.view(r)
	if err != nil {
		return nil, err
	}
	p := lineagePage{ID: string(v.Directive.ID), Title: v.Directive.Title}
	of := map[id.ID][]Task{}
	for _, t := range v.Tasks {
		if len(v.Sources[t.ID]) == 0 {
			p.Orphans = append(p.Orphans, t)
		}
		for _, q := range v.Sources[t.ID] {
			of[q] = append(of[q], t)
		}
	}
	asks, gaps := 0, 0
	for _, st := range v.Sentences {
		row := sentenceRow{Sentence: st, Word: r.T("sentence.class." + st.Class)}
		for _, q := range v.Requirements {
			if q.State == ReqOpen && st.Holds(q) {
				row.Reqs = append(row.Reqs, s.requirementLine(r, q, of[q.ID]))
			}
		}
		for _, l := range row.Reqs {
			asks++
			if l.Total == 0 {
				gaps++
				row.Gap = true
			}
		}
		if len(row.Reqs) == 0 && st.Class == ClassRequirement {
			row.Gap = true
		}
		p.Sentences = append(p.Sentences, row)
	}
	p.Stats = ui.Stats{Items: []ui.Stat{{Label: r.T("lineage.requirements"), Value: strconv.Itoa(asks)}, {Label: r.T("lineage.gaps"), Value: strconv.Itoa(gaps), Class: map[bool]string{true: "late"}[gaps > 0], Define: r.T("lineage.gaps.define")},
		{Label: r.T("lineage.tasks"), Value: strconv.Itoa(len(v.Tasks))}, {Label: r.T("lineage.orphans"), Value: strconv.Itoa(len(p.Orphans)), Define: r.T("lineage.orphans.define")}}}
	return web.Page{Name: "directive/lineage", Data: p, API: v, Mark: true,
		Crumbs: []ui.Crumb{{Label: r.T("menu.directives"), Href: "/directives"}, {Label: v.Directive.Title, Href: "/directives/" + p.ID}, {Label: r.T("lineage.title")}}}, nil
}

func (s *Service) requirementLine(r *web.Request, q Requirement, tasks []Task) requirementLine {
	l := requirementLine{Requirement: q}
	for _, t := range tasks {
		l.Total++
		switch t.State {
		case TaskDone:
			l.Done++
		case TaskReported:
			l.Reported++
		}
		if t.Lamp(r.Today()) == "late" {
			l.Late++
		}
		if len(l.Tasks) < tasksShown {
			l.Tasks = append(l.Tasks, taskLine{ID: string(t.ID), Unit: s.Dir.Short(t.Unit), Chip: s.taskChip(r, t)})
		} else {
			l.More++
		}
	}
	return l
}

func (s *Service) getTasks(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	if text := q.Filter.Get("unit"); text != "" {
		if found := s.Find(text); len(found) == 1 {
			q.Filter.Set("unit", string(found[0]))
		}
	}
	l, err := s.Tasks(r.Context(), r.Actor, q)
	if err != nil {
		return nil, err
	}
	view := q.View
	if view == "" {
		view = ViewOpen
	}
	t := ui.Table{Caption: r.T("menu.tasks"), Base: "/tasks", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "title", Label: r.T("task.title")}, {Key: "unit", Label: r.T("task.unit")}, {Key: "by", Label: r.T("task.by")}, {Key: "due", Label: r.T("word.due"), Nowrap: true}, {Key: "lamp", Label: r.T("task.lamp")}, {Key: "state", Label: r.T("word.status")}},
		Filters: []ui.Field{{Name: "q", Label: r.T("word.keyword"), Value: q.Filter.Get("q")}, {Name: "unit", Label: r.T("task.unit"), Kind: ui.FieldPicker, Source: "/pick/units", Value: r.Param("unit")}},
		Empty:   ui.EmptyState{Title: r.T("task.none"), Text: r.T("task.none.text")}}
	for _, x := range []string{ViewOpen, ViewLate, ViewReview, ViewAll} {
		t.Views = append(t.Views, ui.Tab{Label: r.T("task.view." + x), Href: "/tasks?view=" + x, Current: x == view})
	}
	for _, x := range l.Rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: "/tasks/" + string(x.ID), Cells: []ui.Cell{{Text: x.Title, Clamp: true}, {Text: s.Dir.Short(x.Unit)}, {Text: s.Dir.Short(x.By)},
			{Text: string(x.Due)}, {Chips: s.lamp(r, x)}, {Chips: []ui.Chip{s.taskChip(r, x)}}}})
	}
	t.Pager = web.PagerOf(r, "/tasks", l.Next, q)
	return web.Page{Name: "directive/tasks", Data: listPage{Table: t}, API: l.Rows, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.tasks")}}}, nil
}

type taskPage struct {
	Task     Task
	Chips    []ui.Chip
	Steps    ui.Steps
	Facts    []ui.Fact
	Sources  []sourceRow
	Children []childRow
	Reported int
	Verified int
	Trail    ui.Trail
	Form     *ui.Form
	Buttons  []ui.Button
	Quiet    []ui.Button
}

type sourceRow struct {
	Before, Quote, After string
	Theme                string
	Href                 string
}

type childRow struct {
	Href, Unit, Title string
	Chip              ui.Chip
}

func (s *Service) getTask(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v, err := s.Task(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	return s.taskPage(r, v, StepCmd{}, nil), nil
}

func (s *Service) taskPage(r *web.Request, v TaskView, c StepCmd, failed error) web.Response {
	t := v.Task
	base := "/tasks/" + string(t.ID)
	p := taskPage{Task: t, Chips: append([]ui.Chip{s.taskChip(r, t)}, s.lamp(r, t)...), Facts: []ui.Fact{
		{Label: r.T("task.unit"), Text: s.Dir.Name(t.Unit)}, {Label: r.T("task.by"), Text: s.Dir.Name(t.By)}, {Label: r.T("task.kind"), Text: r.T("task.kind." + t.Kind)},
		{Label: r.T("word.due"), Text: string(t.Due), Flag: ui.Due(r.Words(), string(t.Due), dueToday(t, string(r.Today())))}, {Label: r.T("task.measure"), Text: t.Measure, Wide: true}}}
	if t.Sourceless != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("task.sourceless"), Text: t.Sourceless, Wide: true})
	}
	p.Steps = ui.Steps{Label: r.T("task.nodes")}
	for i, node := range Nodes {
		st := ui.Step{Label: r.T("task.node." + node)}
		switch {
		case i < t.Node():
			st.State = "done"
		case i == t.Node():
			st.State = "now"
		}
		p.Steps.Items = append(p.Steps.Items, st)
	}
	for _, q := range v.Requirements {
		row := sourceRow{Quote: q.Quote, Theme: q.Theme}
		if s.Policy.Can(r.Actor, "directive.read", v.Directive.object(s.Dir.Place)) == nil {
			row.Href = "/directives/" + string(v.Directive.ID)
		}
		if q.Paragraph <= len(v.Directive.Body) {
			row.Before, row.After, _ = strings.Cut(v.Directive.Body[q.Paragraph-1], q.Quote)
		}
		p.Sources = append(p.Sources, row)
	}
	for _, k := range v.Children {
		switch k.State {
		case TaskDone:
			p.Verified++
		case TaskReported:
			p.Reported++
		}
		p.Children = append(p.Children, childRow{Href: "/tasks/" + string(k.ID), Unit: s.Dir.Short(k.Unit), Title: k.Title, Chip: s.taskChip(r, k)})
	}
	for i := len(v.Entries) - 1; i >= 0; i-- {
		e := v.Entries[i]
		x := ui.Entry{At: r.Moment(e.At), What: r.T("task.did." + e.Action), Who: v.Names[e.By], Text: e.Text}
		if e.Hash != "" {
			x.Files = []ui.Link{{Label: e.Name, Href: base + "/files/" + string(e.ID)}}
		}
		p.Trail.Entries = append(p.Trail.Entries, x)
	}
	s.taskActions(r, &p, v, c, failed)
	return web.Page{Name: "directive/task", Err: failed, Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.tasks"), Href: "/tasks"}, {Label: t.Title}}}
}

// dueToday leaves finished tasks without a flag.
func dueToday(t Task, today string) string {
	if !t.Open() || t.State == TaskReported {
		return ""
	}
	return today
}

// taskActions puts the steps that the reader may take on the page: those with
// words as one form, the others as buttons.
func (s *Service) taskActions(r *web.Request, p *taskPage, v TaskView, c StepCmd, failed error) {
	base := "/tasks/" + string(v.Task.ID)
	rev := web.Rev(v.Task.Rev)
	f := ui.Form{ID: "step", Action: base, Multipart: true, Rev: rev, Sets: []ui.Fieldset{{Legend: r.T("task.say"), Fields: []ui.Field{
		{Name: "text", Label: r.T("task.text"), Kind: ui.FieldArea, Rows: 4, Value: c.Text, Error: r.Problems(failed)["text"], Wide: true},
		{Name: "files", Label: r.T("task.files"), Kind: ui.FieldFile, Multiple: true, Optional: true}}}}}
	for _, do := range v.Steps {
		b := ui.Button{Label: r.T("task.do." + do), Action: base + "/step/" + do}
		switch do {
		case "break_down":
			p.Quiet = append(p.Quiet, ui.Button{Label: r.T("task.do.break_down"), Href: base + "/break-down"})
			continue
		case "report", "accept":
			b.Kind = "primary"
		case "return", "withdraw":
			b.Kind = "danger"
		case "sign":
			b.Kind = "primary"
		}
		if needsText(do) || do == "accept" {
			f.Buttons = append(f.Buttons, b)
		} else {
			p.Buttons = append(p.Buttons, b)
		}
	}
	if len(f.Buttons) > 0 {
		p.Form = &f
	}
}

// filesMax is how many files one step may bring.
const filesMax = 10

func (s *Service) postStep(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	do := r.PathValue("do")
	var c StepCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	v, err := s.Task(r.Context(), r.Actor, n) // before any file is kept
	if err != nil {
		return nil, err
	}
	kept, err := s.keep(r)
	if err == nil {
		err = s.Step(r.Context(), r.Actor, n, do, c, kept)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.taskPage(r, v, c, err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/tasks/" + string(n), Done: "done.task." + do}, nil
}

func (s *Service) keep(r *web.Request) (out []vault.Stored, err error) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return nil, nil
	}
	ups, err := r.Files("files", filesMax)
	if err != nil {
		return nil, err
	}
	for _, u := range ups {
		if err == nil {
			var st vault.Stored
			if st, err = s.Files.Put(r.Context(), u.Name, u.File, u.Size); err == nil {
				out = append(out, st)
			}
		}
		err = errors.Join(err, u.Close())
	}
	return out, err
}

func (s *Service) getFile(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	entry, err := r.ID("entry")
	if err != nil {
		return nil, err
	}
	e, err := s.File(r.Context(), r.Actor, n, entry)
	if err != nil {
		return nil, err
	}
	f, err := s.Files.Open(e.Hash)
	if err != nil {
		return nil, err
	}
	return web.File{Name: e.Name, Body: f, Size: e.Size}, nil
}
