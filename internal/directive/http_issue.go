package directive

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/document"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// issueRoutes are the addresses of issues, countersignatures, reconciliations
// and the burden.
func (s *Service) issueRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/directives/{id}/coverage", Action: "directive.read", Do: s.getCoverage},
		{Method: "GET", Path: "/issues", Action: "issue.read", Do: s.getIssues},
		{Method: "GET", Path: "/issues/{id}", Action: "issue.read", Do: s.getIssue},
		{Method: "POST", Path: "/issues/{id}/step/{do}", Action: "issue.read", In: IssueCmd{}, Do: s.postIssueStep},
		{Method: "GET", Path: "/issues/{id}/answers", Action: "issue.read", NoAPI: true, Heavy: true, Do: s.getAnswers},
		{Method: "GET", Path: "/tasks/{id}/docx", Action: "task.read", NoAPI: true, Heavy: true, Do: s.getOrder},
		{Method: "POST", Path: "/tasks/{id}/hand-on", Action: "task.hand_on", In: UnitCmd{}, Do: s.postHandOn},
		{Method: "POST", Path: "/tasks/{id}/cosign", Action: "task.cosign", In: UnitCmd{}, Do: s.postCosign},
		{Method: "POST", Path: "/tasks/{id}/extend", Action: "task.extend", In: ExtendCmd{}, Do: s.postExtend},
		{Method: "POST", Path: "/tasks/{id}/grant", Action: "task.grant", In: StepCmd{}, Do: s.postGrant},
		{Method: "POST", Path: "/tasks/{id}/refuse", Action: "task.refuse", In: StepCmd{}, Do: s.postRefuse},
		{Method: "GET", Path: "/cosigns/{id}", Action: "cosign.read", Do: s.getCosign},
		{Method: "POST", Path: "/cosigns/{id}/step/{do}", Action: "cosign.read", In: StepCmd{}, Do: s.postCosignStep},
		{Method: "GET", Path: "/reconciliations", Action: "quarter.read", Do: s.getAccounts},
		{Method: "POST", Path: "/reconciliations", Action: "quarter.open", In: quarterForm{}, Do: s.postAccounts},
		{Method: "GET", Path: "/reconciliations/{id}", Action: "quarter.read", Do: s.getAccount},
		{Method: "POST", Path: "/reconciliations/{id}/step/{do}", Action: "quarter.read", In: StepCmd{}, Do: s.postAccountStep},
		{Method: "GET", Path: "/burden", Action: "burden.read", Do: s.getBurden},
	}
}

const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

var issueClass = map[string]string{IssueProposed: "wait", IssueSent: "ok", IssueRejected: "late", IssueDropped: "off"}

func (s *Service) issueChip(r *web.Request, x Issue) ui.Chip {
	return ui.Chip{Class: issueClass[x.State], Word: r.T("issue.state." + x.State)}
}

func (s *Service) getIssues(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	l, err := s.Issues(r.Context(), r.Actor, q)
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("menu.issues"), Base: "/issues", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "title", Label: r.T("task.title")}, {Key: "no", Label: r.T("issue.no"), Nowrap: true}, {Key: "due", Label: r.T("word.due"), Nowrap: true}, {Key: "all", Label: r.T("issue.all"), Num: true},
			{Key: "reported", Label: r.T("issue.reported"), Num: true, Hint: r.T("issue.reported.define")}, {Key: "verified", Label: r.T("issue.verified"), Num: true, Hint: r.T("issue.verified.define")}, {Key: "late", Label: r.T("task.lamp.late"), Num: true}, {Key: "state", Label: r.T("word.status")}},
		Filters: []ui.Field{{Name: "q", Label: r.T("word.keyword"), Value: q.Filter.Get("q")}},
		Empty:   ui.EmptyState{Title: r.T("issue.none"), Text: r.T("issue.none.text")}}
	for _, v := range []string{"", IssueProposed, "recurring"} {
		href := "/issues"
		if v != "" {
			href += "?view=" + v
		}
		t.Views = append(t.Views, ui.Tab{Label: r.T("issue.view." + map[bool]string{true: "all", false: v}[v == ""]), Href: href, Current: q.View == v})
	}
	for _, x := range l.Rows {
		y := l.Tally[x.ID]
		chips := []ui.Chip{s.issueChip(r, x)}
		if x.Next != "" {
			chips = append(chips, ui.Chip{Class: "run", Word: r.T("issue.every." + x.Every)})
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: "/issues/" + string(x.ID), Cells: []ui.Cell{{Text: x.Title, Clamp: true}, {Text: x.Number(s.Dir.Short(x.Unit))}, {Text: string(x.Command.Due)}, {Text: strconv.Itoa(y.All)},
			{Text: strconv.Itoa(y.Reported)}, {Text: strconv.Itoa(y.Verified)}, {Text: strconv.Itoa(y.Late)}, {Chips: chips}}})
	}
	t.Pager = web.PagerOf(r, "/issues", l.Next, q)
	return web.Page{Name: "directive/issues", Data: listPage{Table: t}, API: l.Rows, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.issues")}}}, nil
}

type issuePage struct {
	Issue   Issue
	Chips   []ui.Chip
	Steps   ui.Steps
	Stats   ui.Stats
	Facts   []ui.Fact
	Sources []wordingRow
	Table   ui.Table
	More    bool
	Buttons []ui.Button
	Export  string
	Forms   []ui.Form
}

// wordingRow sets a wording beside the sentence that it comes from.
type wordingRow struct {
	Theme, Quote, Text string
	Href, By           string
	Doubts             []string
	Chip               *ui.Chip
}

func (s *Service) doubts(r *web.Request, list []Doubt) (out []string) {
	for _, d := range list {
		out = append(out, r.T("reading.doubt."+d.Kind, d.Words))
	}
	return out
}

func (s *Service) readingChip(r *web.Request, x Issue, doubts int) *ui.Chip {
	switch {
	case x.Reading == ReadingContradicts:
		return &ui.Chip{Class: "late", Word: r.T("reading.contradicts")}
	case x.Reading == ReadingConforms:
		return &ui.Chip{Class: "ok", Word: r.T("reading.conforms")}
	case doubts > 0:
		return &ui.Chip{Class: "wait", Word: r.T("reading.doubtful")}
	}
	return nil
}

func (s *Service) getIssue(r *web.Request) (web.Response, error) {
	return shown(r, s.Issue, func(r *web.Request, v IssueView, _ StepCmd, err error) web.Response {
		return s.issuePage(r, v, IssueCmd{}, "", err)
	})
}

func (s *Service) issuePage(r *web.Request, v IssueView, c IssueCmd, did string, failed error) web.Response {
	x := v.Issue
	base := "/issues/" + string(x.ID)
	p := issuePage{Issue: x, Chips: []ui.Chip{s.issueChip(r, x)}, More: v.Tally.All > len(v.Tasks), Facts: []ui.Fact{
		{Label: r.T("issue.no"), Text: x.Number(s.Dir.Short(x.Unit))}, {Label: r.T("task.by"), Text: s.Dir.Name(x.Unit)}, {Label: r.T("issue.author"), Text: v.Names[x.Author], Sub: r.Moment(x.MadeAt)},
		{Label: r.T("issue.judged_by"), Text: v.Names[x.Judge], Sub: x.Opinion}, {Label: r.T("word.due"), Text: string(x.Command.Due)}, {Label: r.T("task.kind"), Text: r.T("task.kind." + x.Command.Kind)},
		{Label: r.T("task.measure"), Text: x.Command.Measure, Wide: true}}}
	if x.Judge == "" && x.State == IssueSent {
		p.Facts[3].Text = r.T("issue.unapproved")
	}
	if x.Every != "" {
		text := r.T("issue.every." + x.Every)
		if x.Next != "" {
			text = r.T("issue.next", text, string(x.Next))
		}
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("issue.every"), Text: text})
	}
	if f := x.Command.Fields(); len(f) > 0 {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("issue.asks"), Text: r.T("issue.asks.count", len(f), x.Command.Minutes), Sub: x.Command.Asks, Wide: true})
		p.Export = base + "/answers"
	}
	if v.Tally.All > 0 {
		p.Stats = tallyStats(r, v.Tally)
	}
	for _, q := range v.Sources {
		d := Doubts(q.Quote, x.Title+"\n"+x.Command.Measure)
		p.Sources = append(p.Sources, wordingRow{Theme: q.Theme, Quote: q.Quote, Text: x.Title + "：" + x.Command.Measure, Doubts: s.doubts(r, d), Chip: s.readingChip(r, x, len(d))})
	}
	if x.ReadNote != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("reading.note"), Text: x.ReadNote, Sub: v.Names[x.Reader], Wide: true})
	}
	p.Table = s.issueTable(r, v)
	problems := r.Problems(failed)
	for _, do := range v.Steps {
		f := ui.Form{ID: do, Action: base + "/step/" + do, Rev: web.Rev(x.Rev), Buttons: []ui.Button{{Label: r.T("issue.do." + do)}}}
		text := ui.Field{Name: "text", Label: r.T("word.reason"), Wide: true, Optional: true}
		bad := map[string]string{}
		if did == do {
			bad, text.Value = problems, c.Text
		}
		text.Error = bad["text"]
		switch do {
		case "approve":
			f.Buttons[0].Kind = "primary"
			text.Label = r.T("issue.opinion")
			f.Problems = values(bad, "text")
		case "reject":
			text.Optional = false
			f.Buttons[0].Kind = "danger"
		case "urge":
			text.Label = r.T("issue.urge.text")
		case "judge":
			f.Sets = append(f.Sets, ui.Fieldset{Legend: r.T("reading.judge"), Hint: r.T("reading.judge.hint"), Fields: []ui.Field{{Name: "reading", Label: r.T("reading.verdict"), Kind: ui.FieldRadio, Error: bad["reading"], Options: []ui.Option{
				{Value: ReadingConforms, Label: r.T("reading.conforms")}, {Value: ReadingContradicts, Label: r.T("reading.contradicts")}}}, text}})
		case "reword":
			title, measure := x.Title, x.Command.Measure
			if did == do {
				title, measure = c.Title, c.Measure
			}
			f.Sets = append(f.Sets, ui.Fieldset{Legend: r.T("issue.do.reword"), Hint: r.T("issue.reword.hint"), Fields: []ui.Field{{Name: "title", Label: r.T("task.title"), Value: title, Error: bad["title"], Wide: true}, {Name: "measure", Label: r.T("task.measure"), Kind: ui.FieldArea, Rows: 3, Value: measure, Error: bad["measure"], Wide: true}}})
		}
		switch do {
		case "drop", "stop":
			p.Buttons = append(p.Buttons, ui.Button{Label: r.T("issue.do." + do), Action: base + "/step/" + do, Kind: map[bool]string{true: "danger"}[do == "drop"]})
			continue
		case "approve", "reject", "urge":
			f.Sets = []ui.Fieldset{{Legend: r.T("issue.do." + do), Fields: []ui.Field{text}}}
		}
		p.Forms = append(p.Forms, f)
	}
	return web.Page{Name: "directive/issue", Err: failed, Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.issues"), Href: "/issues"}, {Label: x.Title}}}
}

// values are the problems of fields that a form does not have.
func values(bad map[string]string, shown string) (out []string) {
	for k, v := range bad {
		if k != shown {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// tallyStats tells reported from verified.
func tallyStats(r *web.Request, y Tally) ui.Stats {
	return ui.Stats{Items: []ui.Stat{
		{Label: r.T("issue.all"), Value: strconv.Itoa(y.All)}, {Label: r.T("task.state.to_sign"), Value: strconv.Itoa(y.ToSign)}, {Label: r.T("task.state.working"), Value: strconv.Itoa(y.Working)},
		{Label: r.T("issue.reported"), Value: strconv.Itoa(y.Reported), Define: r.T("issue.reported.define")}, {Label: r.T("issue.verified"), Value: strconv.Itoa(y.Verified), Define: r.T("issue.verified.define")},
		{Label: r.T("task.lamp.late"), Value: strconv.Itoa(y.Late), Class: map[bool]string{true: "late"}[y.Late > 0]}}}
}

func (s *Service) issueTable(r *web.Request, v IssueView) ui.Table {
	fields := v.Issue.Command.Fields()
	t := ui.Table{Caption: r.T("issue.tasks"), Base: "/issues/" + string(v.Issue.ID), NoDrawer: true, Columns: []ui.Column{{Key: "unit", Label: r.T("task.unit")}, {Key: "due", Label: r.T("word.due"), Nowrap: true}, {Key: "lamp", Label: r.T("task.lamp")}, {Key: "state", Label: r.T("word.status")}},
		Empty: ui.EmptyState{Title: r.T("issue.tasks.none"), Text: r.T("issue.tasks.none.text")}}
	for _, f := range fields[:min(3, len(fields))] {
		t.Columns = append(t.Columns, ui.Column{Key: f, Label: f})
	}
	for _, k := range v.Tasks {
		row := ui.Row{ID: string(k.ID), Href: "/tasks/" + string(k.ID), Cells: []ui.Cell{{Text: s.Dir.Short(k.Unit), Sub: k.Period}, {Text: string(k.Due)}, {Chips: s.lamp(r, k)}, {Chips: []ui.Chip{s.taskChip(r, k)}}}}
		for _, f := range fields[:min(3, len(fields))] {
			row.Cells = append(row.Cells, ui.Cell{Text: v.Answers[k.ID][f]})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s *Service) postIssueStep(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	do := r.PathValue("do")
	var c IssueCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	touched, err := s.IssueStep(r.Context(), r.Actor, n, do, c)
	if fault.Is(err, fault.KindInvalid) {
		v, e := s.Issue(r.Context(), r.Actor, n)
		if e != nil {
			return nil, e
		}
		return s.issuePage(r, v, c, do, err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/issues/" + string(n), Done: "done.issue." + do, N: touched, API: map[string]int{"tasks": touched}}, nil
}

// getAnswers writes what the units filled in as one table.
func (s *Service) getAnswers(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v, tasks, err := s.AnswersOf(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	fields := v.Issue.Command.Fields()
	t := sheet.Table{Name: r.T("issue.answers"), Title: v.Issue.Title, Sub: v.Issue.Number(s.Dir.Short(v.Issue.Unit)) + " " + string(r.Today()), Freeze: 1,
		Columns: []sheet.Field{{Header: r.T("task.unit"), Width: 28}, {Header: r.T("issue.period"), Width: 10}, {Header: r.T("word.status"), Width: 10}}}
	for _, f := range fields {
		t.Columns = append(t.Columns, sheet.Field{Header: f, Width: 16, Kind: sheet.Number})
	}
	t.Rows = func(yield func([]string) bool) {
		for _, k := range tasks {
			row := []string{s.Dir.Name(k.Unit), k.Period, r.T("task.state." + k.State)}
			for _, f := range fields {
				row = append(row, v.Answers[k.ID][f])
			}
			if !yield(row) {
				return
			}
		}
	}
	var b bytes.Buffer
	if err := sheet.WriteXLSX(&b, t); err != nil {
		return nil, err
	}
	return web.File{Name: v.Issue.Title + ".xlsx", Body: io.NopCloser(&b), Size: int64(b.Len())}, nil
}

// getOrder writes the order of supervision (督办单) of a task in the layout of GB/T 9704.
func (s *Service) getOrder(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v, err := s.Task(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	if err := s.Log.Note(r.Context(), r.Actor, "task.export", map[string]any{"task": n}); err != nil {
		return nil, err
	}
	t := v.Task
	made, err := clock.ParseInstant(t.MadeAt)
	if err != nil {
		return nil, fmt.Errorf("moment of task %s: %w", n, err)
	}
	o := document.Official{Issuer: s.Dir.Name(t.By), Title: r.T("order.title", t.Title), To: s.Dir.Name(t.Unit), Signature: s.Dir.Name(t.By), Date: string(clock.Of(made)), CopyTo: ""}
	if v.Issue.No > 0 {
		o.Number = v.Issue.Number(s.Dir.Short(t.By))
	}
	for _, q := range v.Requirements {
		o.Body = append(o.Body, document.Block{Text: r.T("order.source", v.Directive.Title, q.Paragraph, q.Quote)})
	}
	o.Body = append(o.Body, document.Block{Text: r.T("order.ask", t.Title)}, document.Block{Text: r.T("order.measure", t.Measure)}, document.Block{Text: r.T("order.due", string(t.Due))})
	rows := [][]string{{r.T("task.node"), r.T("order.state"), r.T("order.when")}}
	for _, st := range s.nodes(r, v).Items {
		rows = append(rows, []string{st.Label, r.T("order.step." + st.State), st.Real})
	}
	o.Body = append(o.Body, document.Block{Rows: rows})
	if f := v.Issue.Command.Fields(); len(f) > 0 {
		form := [][]string{{r.T("issue.field"), r.T("issue.value")}}
		for _, x := range f {
			form = append(form, []string{x, v.Answers[x]})
		}
		o.Attachments = append(o.Attachments, r.T("issue.asks"))
		o.Annexes = append(o.Annexes, document.Annex{Title: r.T("issue.asks"), Body: []document.Block{{Rows: form}}})
	}
	var b bytes.Buffer
	if err := document.WriteDocx(&b, o); err != nil {
		return nil, err
	}
	return web.File{Name: r.T("order.title", t.Title) + ".docx", Type: docxType, Body: io.NopCloser(&b), Size: int64(b.Len())}, nil
}

type coveragePage struct {
	ID    string
	Title string
	Stats ui.Stats
	Tabs  ui.Tabs
	View  string
	Lines []coverageRow
	Loose []sentenceRow
	Words []wordingRow
	More  bool
}

type coverageRow struct {
	Requirement
	Tally  Tally
	Chips  []ui.Chip
	Assign string
}

// getCoverage shows which sentence has no task, which has no evidence, and which
// local wording says something else.
func (s *Service) getCoverage(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	c, err := s.Coverage(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	d := c.Directive
	p := coveragePage{ID: string(n), Title: d.Title, View: r.Param("view"), More: c.More}
	untasked, unproven, odd := 0, 0, 0
	_, e := Flow.Next(d.State, "assign")
	assigns := e == nil && s.Policy.Can(r.Actor, "directive.assign", d.object(s.Dir.Place)) == nil
	for _, l := range c.Lines {
		row := coverageRow{Requirement: l.Requirement, Tally: l.Tally}
		if l.Untasked() {
			untasked++
			row.Chips = append(row.Chips, ui.Chip{Class: "late", Word: r.T("cover.untasked")})
			if assigns {
				row.Assign = "/directives/" + string(n) + "/assign?requirement=" + string(l.Requirement.ID)
			}
		}
		if l.Unproven() {
			unproven++
			row.Chips = append(row.Chips, ui.Chip{Class: "wait", Word: r.T("cover.unproven")})
		}
		if p.View == "" || p.View == "untasked" && l.Untasked() || p.View == "unproven" && l.Unproven() {
			p.Lines = append(p.Lines, row)
		}
	}
	for _, w := range c.Wordings {
		if w.Contradicting() {
			odd++
		} else if p.View == "wording" {
			continue
		}
		p.Words = append(p.Words, wordingRow{Theme: w.Requirement.Theme, Quote: w.Requirement.Quote, Text: w.Issue.Title + "：" + w.Issue.Command.Measure, Href: "/issues/" + string(w.Issue.ID), By: s.Dir.Short(w.Issue.Unit),
			Doubts: s.doubts(r, w.Doubts), Chip: s.readingChip(r, w.Issue, len(w.Doubts))})
	}
	if p.View != "" && p.View != "wording" {
		p.Words = nil
	}
	if p.View == "" || p.View == "untasked" {
		for _, st := range c.Loose {
			p.Loose = append(p.Loose, sentenceRow{Sentence: st, Word: r.T("sentence.class." + st.Class)})
		}
	}
	base := "/directives/" + p.ID + "/coverage"
	p.Tabs = ui.Tabs{Label: r.T("cover.title"), Items: []ui.Tab{{Label: r.T("cover.all"), Href: base, Count: len(c.Lines), Current: p.View == ""}, {Label: r.T("cover.untasked"), Href: base + "?view=untasked", Count: untasked + len(c.Loose), ShowCount: true, Current: p.View == "untasked"},
		{Label: r.T("cover.unproven"), Href: base + "?view=unproven", Count: unproven, ShowCount: true, Current: p.View == "unproven"}, {Label: r.T("cover.wording"), Href: base + "?view=wording", Count: odd, ShowCount: true, Current: p.View == "wording"}}}
	p.Stats = ui.Stats{Items: []ui.Stat{{Label: r.T("lineage.requirements"), Value: strconv.Itoa(len(c.Lines))}, {Label: r.T("cover.untasked"), Value: strconv.Itoa(untasked + len(c.Loose)), Class: map[bool]string{true: "late"}[untasked+len(c.Loose) > 0], Define: r.T("cover.untasked.define")},
		{Label: r.T("cover.unproven"), Value: strconv.Itoa(unproven), Define: r.T("cover.unproven.define")}, {Label: r.T("cover.wording"), Value: strconv.Itoa(odd), Define: r.T("cover.wording.define")}}}
	return web.Page{Name: "directive/coverage", Data: p, API: c, Mark: true,
		Crumbs: []ui.Crumb{{Label: r.T("menu.directives"), Href: "/directives"}, {Label: d.Title, Href: "/directives/" + p.ID}, {Label: r.T("cover.title")}}}, nil
}
