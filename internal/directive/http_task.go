package directive

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

type assignPage struct {
	Title string
	Form  ui.Form
	Reqs  []Requirement
	Quote string
	Seen  *previewBox
}

// previewBox is what would be sent, shown before it is.
type previewBox struct {
	Text   string
	Units  string
	Notes  []previewNote
	Doubts []string
}

type previewNote struct{ Text, Href, Label string }

// namesShown bounds the receivers that a preview names.
const namesShown = 30

func (s *Service) previewBox(r *web.Request, c AssignCmd, p Preview) *previewBox {
	b := &previewBox{Text: r.T("preview.text", len(p.To), p.Fields, c.Minutes, (p.Total+59)/60), Doubts: s.doubts(r, p.Doubts)}
	var names []string
	for _, u := range p.To[:min(namesShown, len(p.To))] {
		names = append(names, s.Dir.Short(u))
	}
	b.Units = strings.Join(names, "、")
	if len(p.To) > namesShown {
		b.Units = r.T("preview.more", b.Units, len(p.To))
	}
	for _, k := range p.Known {
		b.Notes = append(b.Notes, previewNote{r.T("preview.known", strings.Join(k.Asked, r.T("preview.and")), r.T(k.Key)), k.Href, r.T("preview.look")})
	}
	for _, x := range p.Twice {
		b.Notes = append(b.Notes, previewNote{r.T("preview.twice", x.Field, x.Issue.Number(s.Dir.Short(x.Issue.Unit)), x.Units), "/issues/" + string(x.Issue.ID) + "/answers", r.T("preview.answers")})
	}
	return b
}

func (s *Service) assignForm(r *web.Request, action, cancel string, c AssignCmd, reqs []Requirement, failed error, child bool) ui.Form {
	p := r.Problems(failed)
	to := []ui.Option{{Value: org.ToProvincial, Label: r.T("task.to.provincial", len(s.Dir.Provincial()))}, {Value: org.ToChildren, Label: r.T("task.to.children")}, {Value: org.ToBelow, Label: r.T("task.to.below")}, {Value: org.ToUnits, Label: r.T("task.to.units")}}
	if child {
		to = to[1:]
	}
	f := ui.Form{Action: action, Buttons: []ui.Button{{Label: r.T("task.do.send"), Kind: "primary"}, {Label: r.T("task.do.preview"), Name: "then", Value: ThenPreview}}, Cancel: ui.Link{Label: r.T("word.cancel"), Href: cancel}}
	if !child {
		f.Buttons = append(f.Buttons, ui.Button{Label: r.T("task.do.propose"), Name: "then", Value: ThenPropose})
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
	minutes := ""
	if c.Minutes > 0 {
		minutes = strconv.Itoa(c.Minutes)
	}
	ask := ui.Fieldset{Legend: r.T("issue.burden"), Hint: r.T("issue.burden.hint"), Fields: []ui.Field{
		{Name: "asks", Label: r.T("issue.asks"), Kind: ui.FieldArea, Rows: 3, Value: c.Asks, Optional: true, Hint: r.T("issue.asks.hint"), Error: p["asks"], Wide: true},
		{Name: "minutes", Label: r.T("issue.minutes"), Kind: ui.FieldNumber, Value: minutes, Optional: true, Error: p["minutes"]}}}
	if !child {
		every := []ui.Option{{Label: r.T("issue.every.once")}}
		for _, e := range []string{EveryMonth, EveryQuarter, EveryYear} {
			every = append(every, ui.Option{Value: e, Label: r.T("issue.every." + e)})
		}
		ask.Fields = append(ask.Fields, ui.Field{Name: "every", Label: r.T("issue.every"), Kind: ui.FieldSelect, Options: every, Value: c.Every, Optional: true, Error: p["every"]},
			ui.Field{Name: "until", Label: r.T("issue.until"), Kind: ui.FieldDate, Value: string(c.Until), Optional: true, Error: p["until"]})
	}
	f.Sets = append(f.Sets, ask)
	return f
}

func (s *Service) getAssign(r *web.Request) (web.Response, error) {
	v, err := s.view(r)
	if err != nil {
		return nil, err
	}
	c := AssignCmd{To: org.ToProvincial}
	if q := r.Param("requirement"); q != "" {
		c.Requirements = []id.ID{id.ID(q)}
		for _, x := range v.Requirements {
			if string(x.ID) == q {
				c.Title = clip(x.Text, 60)
			}
		}
	}
	return s.assignPage(r, v, c, nil, nil), nil
}

func (s *Service) assignPage(r *web.Request, v View, c AssignCmd, seen *previewBox, failed error) web.Response {
	base := "/directives/" + string(v.Directive.ID)
	return web.Page{Name: "directive/assign", Err: failed, Data: assignPage{Title: v.Directive.Title, Seen: seen, Form: s.assignForm(r, base+"/assign", base, c, v.Requirements, failed, false)},
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
	var sent []Task
	var seen *previewBox
	var proposed Issue
	switch c.Then {
	case ThenPreview:
		var p Preview
		if p, err = s.Preview(r.Context(), r.Actor, n, c); err == nil {
			if r.API() {
				return web.Page{API: p}, nil
			}
			seen = s.previewBox(r, c, p)
		}
	case ThenPropose:
		proposed, err = s.Propose(r.Context(), r.Actor, n, c)
	default:
		sent, err = s.Assign(r.Context(), r.Actor, n, c)
	}
	if fault.Is(err, fault.KindInvalid) || seen != nil {
		v, e := s.Get(r.Context(), r.Actor, n)
		if e != nil {
			return nil, e
		}
		return s.assignPage(r, v, c, seen, err), nil
	}
	if err != nil {
		return nil, err
	}
	if proposed.ID != "" {
		return web.Redirect{To: "/issues/" + string(proposed.ID), Done: "done.issue.propose", API: proposed}, nil
	}
	return web.Redirect{To: "/directives/" + string(n) + "/lineage", Done: "done.directive.assign", N: len(sent), API: map[string]int{"sent": len(sent)}}, nil
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
	return s.breakPage(r, v, AssignCmd{Title: v.Task.Title, Measure: v.Task.Measure, Due: v.Task.Due, To: org.ToChildren}, nil, nil), nil
}

func (s *Service) breakPage(r *web.Request, v TaskView, c AssignCmd, seen *previewBox, failed error) web.Response {
	base := "/tasks/" + string(v.Task.ID)
	return web.Page{Name: "directive/assign", Err: failed, Data: assignPage{Title: v.Task.Title, Seen: seen, Reqs: v.Requirements, Form: s.assignForm(r, base+"/break-down", base, c, nil, failed, true)},
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
	var sent []Task
	var seen *previewBox
	if c.Then == ThenPreview {
		var p Preview
		if p, err = s.PreviewBreakDown(r.Context(), r.Actor, n, c); err == nil {
			if r.API() {
				return web.Page{API: p}, nil
			}
			seen = s.previewBox(r, c, p)
		}
	} else {
		sent, err = s.BreakDown(r.Context(), r.Actor, n, c)
	}
	if fault.Is(err, fault.KindInvalid) || seen != nil {
		v, e := s.Task(r.Context(), r.Actor, n)
		if e != nil {
			return nil, e
		}
		return s.breakPage(r, v, c, seen, err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/tasks/" + string(n), Done: "done.task.break_down", N: len(sent), API: map[string]int{"sent": len(sent)}}, nil
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
	Trail    ui.Trail
	Below    Tally
	Ladder   []ladderRow
	Around   ui.Trail
	Answers  []ui.Fact
	Form     *ui.Form
	Forms    []ui.Form
	Buttons  []ui.Button
	Quiet    []ui.Button
}

// ladderRow is how one level put the task.
type ladderRow struct{ Unit, Text, Href string }

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
	return shown(r, s.Task, func(r *web.Request, v TaskView, c StepCmd, err error) web.Response {
		return s.taskPage(r, v, c, "", err)
	})
}

func (s *Service) taskPage(r *web.Request, v TaskView, c StepCmd, did string, failed error) web.Response {
	t := v.Task
	base := "/tasks/" + string(t.ID)
	p := taskPage{Task: t, Chips: append([]ui.Chip{s.taskChip(r, t)}, s.lamp(r, t)...), Facts: []ui.Fact{
		{Label: r.T("task.unit"), Text: s.Dir.Name(t.Unit)}, {Label: r.T("task.by"), Text: s.Dir.Name(t.By)}, {Label: r.T("task.kind"), Text: r.T("task.kind." + t.Kind)},
		{Label: r.T("word.due"), Text: string(t.Due), Flag: ui.Due(r.Words(), string(t.Due), dueToday(t, string(r.Today())))}, {Label: r.T("task.measure"), Text: t.Measure, Wide: true}}}
	if t.Sourceless != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("task.sourceless"), Text: t.Sourceless, Wide: true})
	}
	if len(v.Extensions) > 0 {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("task.extension"), Text: r.T("task.extension.count", len(granted(v.Extensions)), Supervision().Extensions)})
	}
	if t.HandTo != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("task.hand_on.unit"), Text: s.Dir.Name(t.HandTo)})
	}
	if v.Issue.ID != "" {
		f := ui.Fact{Label: r.T("issue.no"), Text: v.Issue.Number(s.Dir.Short(t.By))}
		if s.Policy.Can(r.Actor, "issue.read", v.Issue.object(s.Dir.Place)) == nil {
			f.Href = "/issues/" + string(v.Issue.ID)
		}
		p.Facts = append(p.Facts, f)
	}
	p.Steps, p.Below, p.Around = s.nodes(r, v), v.Below, s.aroundTask(r, v)
	for _, x := range append(slices.Clone(v.Ladder), t) {
		row := ladderRow{Unit: s.Dir.Short(x.By) + " → " + s.Dir.Short(x.Unit), Text: x.Title + "：" + x.Measure}
		if x.ID != t.ID && s.Policy.Can(r.Actor, "task.read", x.object(s.Dir.Place)) == nil {
			row.Href = "/tasks/" + string(x.ID)
		}
		p.Ladder = append(p.Ladder, row)
	}
	for _, f := range v.Issue.Command.Fields() {
		p.Answers = append(p.Answers, ui.Fact{Label: f, Text: v.Answers[f]})
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
		href := ""
		if s.Policy.Can(r.Actor, "task.read", k.object(s.Dir.Place)) == nil {
			href = "/tasks/" + string(k.ID)
		}
		p.Children = append(p.Children, childRow{Href: href, Unit: s.Dir.Short(k.Unit), Title: k.Title, Chip: s.taskChip(r, k)})
	}
	for i := len(v.Entries) - 1; i >= 0; i-- {
		e := v.Entries[i]
		x := ui.Entry{At: r.Moment(e.At), What: r.T("task.did." + e.Action), Who: v.Names[e.By], Text: e.Text}
		if e.Hash != "" {
			x.Files = []ui.Link{{Label: e.Name, Href: base + "/files/" + string(e.ID)}}
		}
		p.Trail.Entries = append(p.Trail.Entries, x)
	}
	if failed != nil && !slices.Contains(v.Steps, did) {
		did = ""
	}
	p.Forms = s.workForms(r, v, did, failed)
	if slices.Contains(own, did) {
		failed = nil // shown at its own form
	}
	p.Quiet = append(p.Quiet, ui.Button{Label: r.T("order.do.docx"), Href: base + "/docx"})
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
	if slices.Contains(v.Steps, "report") {
		var hints []string
		if len(v.Issue.Command.Fields()) > 0 {
			hints = append(hints, r.T("task.answers.hint"))
		}
		if open := v.Below.All - v.Below.Verified; open > 0 {
			hints = append(hints, r.T("task.below.hint", open))
		}
		f.Sets[0].Hint = strings.Join(hints, " ")
		for i, name := range v.Issue.Command.Fields() {
			value := c.Answers[name]
			if value == "" {
				value = v.Answers[name]
			}
			f.Sets[0].Fields = slices.Insert(f.Sets[0].Fields, len(f.Sets[0].Fields)-1, ui.Field{Name: AnswerName(i), Label: name, Value: value, Optional: true, Plain: true, Error: r.Problems(failed)[AnswerName(i)]})
		}
	}
	for _, do := range v.Steps {
		b := ui.Button{Label: r.T("task.do." + do), Action: base + "/step/" + do}
		switch do {
		case "hand_on", "cosign", "extend", "grant", "refuse":
			continue
		case "break_down":
			p.Quiet = append(p.Quiet, ui.Button{Label: r.T("task.do.break_down"), Href: base + "/break-down"})
			continue
		case "report", "accept":
			b.Kind = "primary"
		case "return", "withdraw":
			b.Kind = "danger"
		case "sign", "redirect":
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
	for i, name := range v.Issue.Command.Fields() {
		if x := r.PostForm.Get(AnswerName(i)); x != "" {
			if c.Answers == nil {
				c.Answers = map[string]string{}
			}
			c.Answers[name] = x
		}
	}
	kept, err := s.keep(r)
	if err == nil {
		err = s.Step(r.Context(), r.Actor, n, do, c, kept)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.taskPage(r, v, c, do, err), nil
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
