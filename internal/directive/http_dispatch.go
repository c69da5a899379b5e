package directive

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/document"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// dispatchRoutes are the addresses of dispatch sheets and of what they say about one office.
func (s *Service) dispatchRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/dispatches", Action: "dispatch.read", Do: s.getDispatches},
		{Method: "POST", Path: "/dispatches", Action: "dispatch.make", In: DispatchCmd{}, Do: s.postDispatches},
		{Method: "GET", Path: "/dispatches/{id}", Action: "dispatch.read", Do: s.getDispatch},
		{Method: "POST", Path: "/dispatches/{id}/step/{do}", Action: "dispatch.read", In: StepCmd{}, Do: s.postDispatchStep},
		{Method: "POST", Path: "/dispatches/{id}/circular", Action: "dispatch.circulate", In: revForm{}, Do: s.postCircular},
		{Method: "GET", Path: "/dispatches/{id}/docx", Action: "dispatch.read", NoAPI: true, Heavy: true, Do: s.getDispatchDocx},
		{Method: "GET", Path: "/dispatches/{id}/xlsx", Action: "dispatch.read", NoAPI: true, Heavy: true, Do: s.getDispatchXLSX},
		{Method: "GET", Path: "/dispatch-parts", Action: "dispatch_part.read", Do: s.getParts},
		{Method: "GET", Path: "/dispatch-parts/{id}", Action: "dispatch_part.read", Do: s.getPart},
		{Method: "POST", Path: "/dispatch-parts/{id}/step/{do}", Action: "dispatch_part.read", In: StepCmd{}, Do: s.postPartStep},
	}
}

var (
	dispatchClass = map[string]string{DispatchFrozen: "wait", DispatchSent: "ok", DispatchDropped: "off"}
	partClass     = map[string]string{PartHeld: "off", PartAsked: "wait", PartAnswered: "ok"}
	markClass     = map[string]string{MarkLate: "late", MarkReturned: "late", MarkContradicted: "late", MarkDue: "wait", MarkWaiting: "wait", MarkVerified: "ok", MarkOnTime: "ok"}
)

// shownMarks are the marks that a kind of sheet has.
func shownMarks(kind string) []string {
	if kind == DispatchMonth {
		return AllMarks
	}
	return AllMarks[:5]
}

func (s *Service) dispatchTitle(r *web.Request, d Dispatch, of string) string {
	if d.Kind == DispatchMonth {
		return r.T("dispatch.title.month", s.Dir.Short(d.Unit), d.Period)
	}
	return r.T("dispatch.title.week", of, d.Period)
}

func markChips(r *web.Request, marks []string) (out []ui.Chip) {
	for _, m := range marks {
		out = append(out, ui.Chip{Class: markClass[m], Word: r.T("dispatch.mark." + m)})
	}
	return out
}

func (s *Service) getDispatches(r *web.Request) (web.Response, error) {
	return s.dispatchesPage(r, nil)
}

func (s *Service) dispatchesPage(r *web.Request, failed error) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	l, err := s.DispatchList(r.Context(), r.Actor, q)
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("menu.dispatches"), Base: "/dispatches", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "title", Label: r.T("word.title")}, {Key: "on", Label: r.T("dispatch.on"), Nowrap: true}},
		Filters: []ui.Field{{Name: "period", Label: r.T("dispatch.period"), Value: q.Filter.Get("period")}},
		Empty:   ui.EmptyState{Title: r.T("dispatch.none"), Text: r.T("dispatch.none.text")}}
	for _, m := range AllMarks[:5] {
		t.Columns = append(t.Columns, ui.Column{Key: m, Label: r.T("dispatch.mark." + m), Num: true, Hint: r.T("dispatch.define." + m)})
	}
	t.Columns = append(t.Columns, ui.Column{Key: "state", Label: r.T("word.status")})
	for _, v := range []string{"", DispatchWeek, DispatchMonth} {
		href, key := "/dispatches", "all"
		if v != "" {
			href, key = href+"?view="+v, v
		}
		t.Views = append(t.Views, ui.Tab{Label: r.T("dispatch.view." + key), Href: href, Current: q.View == v})
	}
	for _, d := range l.Rows {
		row := ui.Row{ID: string(d.ID), Href: "/dispatches/" + string(d.ID), Cells: []ui.Cell{{Text: s.dispatchTitle(r, d, l.Titles[d.Directive]), Clamp: true}, {Text: string(d.FrozenOn)}}}
		for _, m := range AllMarks[:5] {
			row.Cells = append(row.Cells, ui.Cell{Text: strconv.Itoa(d.Counts[m])})
		}
		t.Rows = append(t.Rows, ui.Row{ID: row.ID, Href: row.Href, Cells: append(row.Cells, ui.Cell{Chips: []ui.Chip{{Class: dispatchClass[d.State], Word: r.T("dispatch.state." + d.State)}}})})
	}
	t.Pager = web.PagerOf(r, "/dispatches", l.Next, q)
	p := accountsPage{Table: t}
	if r.Can("dispatch.make") {
		month := r.Today().FirstOfMonth().AddDays(-1)
		if of := q.Filter.Get("directive"); of != "" {
			p.Form = &ui.Form{ID: "make", Action: "/dispatches", Hidden: []ui.Pair{{Name: "directive", Value: of}}, Sets: []ui.Fieldset{{Legend: r.T("dispatch.do.make_week"), Hint: r.T("dispatch.make.week")}}, Buttons: []ui.Button{{Label: r.T("dispatch.do.make_week")}}}
			return web.Page{Name: "directive/dispatches", Err: failed, Data: p, API: l.Rows, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.dispatches"), Href: "/dispatches"}, {Label: r.T("dispatch.view.week")}}}, nil
		}
		p.Form = &ui.Form{ID: "make", Action: "/dispatches", Sets: []ui.Fieldset{{Legend: r.T("dispatch.do.make"), Hint: r.T("dispatch.make.hint"), Fields: []ui.Field{{Name: "month", Label: r.T("burden.month"), Value: string(month)[:7], Error: r.Problems(failed)["month"]}}}}, Buttons: []ui.Button{{Label: r.T("dispatch.do.make_month")}}}
	}
	return web.Page{Name: "directive/dispatches", Err: failed, Data: p, API: l.Rows, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.dispatches")}}}, nil
}

func (s *Service) postDispatches(r *web.Request) (web.Response, error) {
	var c DispatchCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	d, err := s.MakeDispatch(r.Context(), r.Actor, c)
	if fault.Is(err, fault.KindInvalid) {
		return s.dispatchesPage(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/dispatches/" + string(d.ID), Done: "done.dispatch.make", API: d}, nil
}

type dispatchPage struct {
	Dispatch Dispatch
	Title    string
	Chips    []ui.Chip
	Hint     string
	Broken   bool
	Stats    ui.Stats
	Facts    []ui.Fact
	Offices  ui.Table
	More     bool
	Lines    ui.Table
	Exports  []ui.Link
	Buttons  []ui.Button
	Forms    []ui.Form
}

func (s *Service) getDispatch(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.dispatchPage(r, n, StepCmd{}, nil)
}

func (s *Service) dispatchPage(r *web.Request, n id.ID, c StepCmd, failed error) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	v, err := s.DispatchOf(r.Context(), r.Actor, n, q)
	if err != nil {
		return nil, err
	}
	d := v.Dispatch
	base := "/dispatches/" + string(d.ID)
	p := dispatchPage{Dispatch: d, Title: s.dispatchTitle(r, d, v.Title), Chips: []ui.Chip{{Class: dispatchClass[d.State], Word: r.T("dispatch.state." + d.State)}}, Broken: !v.Whole, Hint: r.T("dispatch.hint."+d.Kind, string(d.FrozenOn), Supervision().Dispatch.AheadDays),
		Exports: []ui.Link{{Label: ".docx", Href: base + "/docx"}, {Label: ".xlsx", Href: base + "/xlsx"}},
		Facts: []ui.Fact{{Label: r.T("task.by"), Text: s.Dir.Name(d.Unit)}, {Label: r.T("dispatch.on"), Text: string(d.FrozenOn), Sub: r.Moment(d.MadeAt)}, {Label: r.T("dispatch.author"), Text: v.Names[d.Author]},
			{Label: r.T("dispatch.units"), Text: strconv.Itoa(d.Units)}, {Label: r.T("dispatch.lines"), Text: strconv.Itoa(d.Lines), Sub: r.T("dispatch.digest", d.Digest[:12])}}}
	if d.Author == "" {
		p.Facts[2].Text = r.T("dispatch.program")
	}
	if d.Directive != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("kind.directive"), Text: v.Title, Href: "/directives/" + string(d.Directive), Wide: true})
	}
	if d.JudgedAt != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("dispatch.did." + d.State), Text: v.Names[d.Judge], Sub: strings.TrimSpace(r.Moment(d.JudgedAt) + " " + d.Remark)})
	}
	if d.State == DispatchSent {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("dispatch.answered"), Text: fmt.Sprintf("%d/%d", v.Answered, d.Units)})
	}
	if d.Notice != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("dispatch.notice"), Text: r.T("dispatch.notice.open"), Href: "/notices/" + string(d.Notice)})
	}
	p.Stats.Items = append(p.Stats.Items, ui.Stat{Label: r.T("dispatch.all." + d.Kind), Value: strconv.Itoa(d.Counts.All())})
	if d.Kind == DispatchMonth {
		p.Stats.Items[0].Href = base
	}
	for _, m := range shownMarks(d.Kind) {
		st := ui.Stat{Label: r.T("dispatch.mark." + m), Value: strconv.Itoa(d.Counts[m]), Href: base + "?mark=" + m, Define: r.T("dispatch.define." + m)}
		if d.Counts[m] > 0 && markClass[m] == "late" {
			st.Class = "late"
		}
		p.Stats.Items = append(p.Stats.Items, st)
	}
	if d.Kind == DispatchWeek {
		p.Stats.Items = append(p.Stats.Items, ui.Stat{Label: r.T("dispatch.mark.verified"), Value: strconv.Itoa(d.Counts[MarkVerified]), Define: r.T("dispatch.define.verified")})
	}
	p.Offices, p.More = s.officeTable(r, v, base), d.Units > len(v.Parts)
	p.Lines = s.lineTable(r, v.Lines, d, true)
	p.Lines.Base, p.Lines.Params = base, r.URL.Query()
	marks := []ui.Option{{Label: r.T("word.all")}}
	for _, m := range shownMarks(d.Kind) {
		marks = append(marks, ui.Option{Value: m, Label: r.T("dispatch.mark." + m)})
	}
	p.Lines.Filters = []ui.Field{{Name: "mark", Label: r.T("dispatch.mark"), Kind: ui.FieldSelect, Options: marks, Value: q.Filter.Get("mark")}}
	p.Lines.Pager = web.PagerOf(r, base, v.Next, q)
	for _, do := range v.Steps {
		if do == "circulate" {
			p.Buttons = append(p.Buttons, ui.Button{Label: r.T("dispatch.do.circulate"), Action: base + "/circular", Kind: "primary"})
			continue
		}
		text := ui.Field{Name: "text", Label: r.T("dispatch.remark"), Wide: true, Optional: do == "send", Value: c.Text, Error: r.Problems(failed)["text"]}
		b := ui.Button{Label: r.T("dispatch.do." + do), Kind: map[string]string{"send": "primary", "drop": "danger"}[do]}
		legend := r.T("dispatch.do." + do)
		if do == "drop" {
			text.Label = r.T("word.reason")
		} else {
			text.Error = ""
		}
		p.Forms = append(p.Forms, ui.Form{ID: do, Action: base + "/step/" + do, Rev: web.Rev(d.Rev), Sets: []ui.Fieldset{{Legend: legend, Hint: r.T("dispatch.hint." + do), Fields: []ui.Field{text}}}, Buttons: []ui.Button{b}})
	}
	return web.Page{Name: "directive/dispatch", Err: failed, Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.dispatches"), Href: "/dispatches"}, {Label: p.Title}}}, nil
}

// officeTable lists the offices of a sheet, those with most to explain first.
func (s *Service) officeTable(r *web.Request, v DispatchView, base string) ui.Table {
	t := ui.Table{ID: "offices", Caption: r.T("dispatch.offices"), NoDrawer: true, Columns: []ui.Column{{Key: "unit", Label: r.T("task.unit")}, {Key: "leader", Label: r.T("dispatch.leader"), Hint: r.T("dispatch.leader.define")}},
		Empty: ui.EmptyState{Title: r.T("dispatch.offices.none"), Text: r.T("dispatch.offices.none.text")}}
	for _, m := range shownMarks(v.Dispatch.Kind) {
		t.Columns = append(t.Columns, ui.Column{Key: m, Label: r.T("dispatch.mark." + m), Num: true})
	}
	t.Columns = append(t.Columns, ui.Column{Key: "answer", Label: r.T("dispatch.answer")})
	for _, p := range v.Parts {
		row := ui.Row{ID: string(p.ID), Href: "/dispatch-parts/" + string(p.ID), Cells: []ui.Cell{{Text: s.Dir.Short(p.Unit)}, {Text: v.Names[p.Leader]}}}
		for _, m := range shownMarks(v.Dispatch.Kind) {
			row.Cells = append(row.Cells, ui.Cell{Text: strconv.Itoa(p.Counts[m])})
		}
		row.Cells = append(row.Cells, ui.Cell{Text: p.Said, Clamp: true, Chips: []ui.Chip{{Class: partClass[p.State], Word: r.T("dispatch_part.state." + p.State)}}})
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s *Service) lineTable(r *web.Request, lines []Line, d Dispatch, unit bool) ui.Table {
	t := ui.Table{ID: "lines", Caption: r.T("dispatch.rows"), NoDrawer: true, Columns: []ui.Column{{Key: "title", Label: r.T("task.title")}}, Empty: ui.EmptyState{Title: r.T("dispatch.rows.none")}}
	if unit {
		t.Columns = append(t.Columns, ui.Column{Key: "unit", Label: r.T("task.unit")})
	}
	t.Columns = append(t.Columns, ui.Column{Key: "due", Label: r.T("word.due"), Nowrap: true}, ui.Column{Key: "state", Label: r.T("dispatch.then"), Hint: r.T("dispatch.then.define", string(d.FrozenOn))}, ui.Column{Key: "marks", Label: r.T("dispatch.mark")})
	for _, l := range lines {
		row := ui.Row{ID: string(l.Task), Href: "/tasks/" + string(l.Task), Cells: []ui.Cell{{Text: l.Title, Clamp: true}}}
		if unit {
			row.Cells = append(row.Cells, ui.Cell{Text: s.Dir.Short(l.Unit)})
		}
		row.Cells = append(row.Cells, ui.Cell{Text: string(l.Due)}, ui.Cell{Text: r.T("task.state." + l.State)}, ui.Cell{Chips: markChips(r, l.Marks)})
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s *Service) postDispatchStep(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	do := r.PathValue("do")
	var c StepCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	err = s.DispatchStep(r.Context(), r.Actor, n, do, c)
	if fault.Is(err, fault.KindInvalid) {
		return s.dispatchPage(r, n, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/dispatches/" + string(n), Done: "done.dispatch." + do}, nil
}

// officesNamed bounds the offices that a drafted circular names in one sentence.
const officesNamed = 10

// compose drafts the text of a month's circular; every figure stands on the sheet.
func (s *Service) compose(r *web.Request, v DispatchView) (title, source, body string) {
	d, c := v.Dispatch, v.Dispatch.Counts
	var good, bad []string
	for _, p := range v.Parts {
		switch {
		case p.Counts.Trouble() > 0 && len(bad) < officesNamed:
			bad = append(bad, r.T("dispatch.text.office", s.Dir.Name(p.Unit), p.Counts[MarkLate], p.Counts[MarkReturned], p.Counts[MarkContradicted]))
		case p.Counts[MarkOnTime] == p.Counts.All() && len(good) < officesNamed:
			good = append(good, r.T("dispatch.text.good", s.Dir.Name(p.Unit), p.Counts.All()))
		}
	}
	list := func(names []string) string {
		if len(names) == 0 {
			return r.T("dispatch.text.nobody")
		}
		return strings.Join(names, r.T("dispatch.text.sep"))
	}
	month := d.Period
	if from, _, ok := MonthOf(d.Period); ok {
		month = r.T("dispatch.text.month", from.Year(), int(from.Month()))
	}
	paragraphs := []string{
		r.T("dispatch.text.head", month, s.Dir.Name(d.Unit), string(d.FrozenOn)),
		r.T("dispatch.text.sums", c.All(), d.Units, c[MarkVerified], c[MarkOnTime], c[MarkWaiting]),
		r.T("dispatch.text.trouble", c[MarkLate], c[MarkReturned], c[MarkContradicted]),
		r.T("dispatch.text.best", list(good)), r.T("dispatch.text.worst", list(bad)), r.T("dispatch.text.ask"), r.T("dispatch.text.basis", s.dispatchTitle(r, d, ""), d.Lines, d.Digest[:12])}
	return r.T("dispatch.text.title", s.Dir.Name(d.Unit), month), r.T("dispatch.text.source"), strings.Join(paragraphs, "\n")
}

func (s *Service) postCircular(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f revForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	draft, err := s.Circulate(r.Context(), r.Actor, n, f.Rev, func(v DispatchView) (string, string, string) { return s.compose(r, v) })
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/notices/" + string(draft), Done: "done.dispatch.circulate", API: map[string]id.ID{"notice": draft}}, nil
}

// whole reads a sheet with everything on it for an export, and notes that.
func (s *Service) whole(r *web.Request) (DispatchView, error) {
	n, err := r.ID("id")
	if err != nil {
		return DispatchView{}, err
	}
	v, err := s.DispatchOf(r.Context(), r.Actor, n, page.Query{})
	if err != nil {
		return v, err
	}
	return v, s.Log.Note(r.Context(), r.Actor, "dispatch.export", map[string]any{"dispatch": n})
}

// docxRows bounds the rows of a paper; the table for Excel has all.
const docxRows = 300

func (s *Service) getDispatchDocx(r *web.Request) (web.Response, error) {
	v, err := s.whole(r)
	if err != nil {
		return nil, err
	}
	d := v.Dispatch
	title := s.dispatchTitle(r, d, v.Title)
	o := document.Official{Issuer: s.Dir.Name(d.Unit), Title: title, Signature: s.Dir.Name(d.Unit), Date: string(d.FrozenOn)}
	var to []string
	for _, p := range v.Parts[:min(officesNamed, len(v.Parts))] {
		to = append(to, s.Dir.Name(p.Unit))
	}
	if o.To = strings.Join(to, "、"); len(v.Parts) > officesNamed {
		o.To = r.T("dispatch.to", len(v.Parts))
	}
	o.Body = append(o.Body, document.Block{Text: r.T("dispatch.hint."+d.Kind, string(d.FrozenOn), Supervision().Dispatch.AheadDays)})
	head, sums := []string{r.T("dispatch.all." + d.Kind)}, []string{strconv.Itoa(d.Counts.All())}
	for _, m := range AllMarks {
		if d.Kind == DispatchWeek && m == MarkOnTime {
			continue
		}
		head, sums = append(head, r.T("dispatch.mark."+m)), append(sums, strconv.Itoa(d.Counts[m]))
	}
	o.Body = append(o.Body, document.Block{Rows: [][]string{head, sums}})
	offices := [][]string{{r.T("task.unit"), r.T("dispatch.leader")}}
	for _, m := range AllMarks[:5] {
		offices[0] = append(offices[0], r.T("dispatch.mark."+m))
	}
	for _, p := range v.Parts[:min(docxRows, len(v.Parts))] {
		row := []string{s.Dir.Name(p.Unit), v.Names[p.Leader]}
		for _, m := range AllMarks[:5] {
			row = append(row, strconv.Itoa(p.Counts[m]))
		}
		offices = append(offices, row)
	}
	if len(offices) > 1 {
		o.Body = append(o.Body, document.Block{Text: r.T("dispatch.offices")}, document.Block{Rows: offices})
	}
	if d.Remark != "" && d.State == DispatchSent {
		o.Body = append(o.Body, document.Block{Text: d.Remark})
	}
	rows := [][]string{{r.T("dispatch.no"), r.T("task.unit"), r.T("task.title"), r.T("word.due"), r.T("dispatch.then"), r.T("dispatch.mark")}}
	for _, l := range v.Lines[:min(docxRows, len(v.Lines))] {
		rows = append(rows, s.cells(r, l))
	}
	if len(rows) > 1 {
		body := []document.Block{{Rows: rows}}
		if len(v.Lines) > docxRows {
			body = append(body, document.Block{Text: r.T("dispatch.cut", docxRows, len(v.Lines))})
		}
		o.Attachments = append(o.Attachments, r.T("dispatch.rows"))
		o.Annexes = append(o.Annexes, document.Annex{Title: r.T("dispatch.rows"), Body: body})
	}
	o.Remark = r.T("dispatch.digest", d.Digest[:12])
	var b bytes.Buffer
	if err := document.WriteDocx(&b, o); err != nil {
		return nil, err
	}
	return web.File{Name: title + ".docx", Type: docxType, Body: io.NopCloser(&b), Size: int64(b.Len())}, nil
}

// cells are one row of a sheet as text.
func (s *Service) cells(r *web.Request, l Line) []string {
	var marks []string
	for _, m := range l.Marks {
		marks = append(marks, r.T("dispatch.mark."+m))
	}
	return []string{strconv.Itoa(l.No), s.Dir.Name(l.Unit), l.Title, string(l.Due), r.T("task.state." + l.State), strings.Join(marks, "、")}
}

func (s *Service) getDispatchXLSX(r *web.Request) (web.Response, error) {
	v, err := s.whole(r)
	if err != nil {
		return nil, err
	}
	title := s.dispatchTitle(r, v.Dispatch, v.Title)
	parts := map[id.ID]Part{}
	for _, p := range v.Parts {
		parts[p.Unit] = p
	}
	t := sheet.Table{Name: r.T("dispatch.rows"), Title: title, Sub: s.Dir.Name(v.Dispatch.Unit) + " " + string(v.Dispatch.FrozenOn) + " " + r.T("dispatch.digest", v.Dispatch.Digest[:12]), Freeze: 2,
		Columns: []sheet.Field{{Header: r.T("dispatch.no"), Width: 6, Kind: sheet.Number}, {Header: r.T("task.unit"), Width: 28}, {Header: r.T("task.title"), Width: 40}, {Header: r.T("word.due"), Width: 12, Kind: sheet.Date}, {Header: r.T("dispatch.then"), Width: 10},
			{Header: r.T("dispatch.mark"), Width: 20}, {Header: r.T("dispatch.leader"), Width: 12}, {Header: r.T("dispatch.answer"), Width: 40}}}
	t.Rows = func(yield func([]string) bool) {
		for _, l := range v.Lines {
			p := parts[l.Unit]
			if !yield(append(s.cells(r, l), v.Names[p.Leader], p.Said)) {
				return
			}
		}
	}
	var b bytes.Buffer
	if err := sheet.WriteXLSX(&b, t); err != nil {
		return nil, err
	}
	return web.File{Name: title + ".xlsx", Body: io.NopCloser(&b), Size: int64(b.Len())}, nil
}

func (s *Service) getParts(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	l, err := s.PartList(r.Context(), r.Actor, q)
	if err != nil {
		return nil, err
	}
	states := []ui.Option{{Label: r.T("word.all")}}
	for _, st := range []string{PartAsked, PartAnswered} {
		states = append(states, ui.Option{Value: st, Label: r.T("dispatch_part.state." + st)})
	}
	t := ui.Table{Caption: r.T("menu.dispatch_parts"), Base: "/dispatch-parts", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "period", Label: r.T("dispatch.period"), Nowrap: true}, {Key: "unit", Label: r.T("task.unit")}, {Key: "by", Label: r.T("task.by")}},
		Filters: []ui.Field{{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Options: states, Value: q.Filter.Get("state")}},
		Empty:   ui.EmptyState{Title: r.T("dispatch_part.none"), Text: r.T("dispatch_part.none.text")}}
	for _, m := range AllMarks[:5] {
		t.Columns = append(t.Columns, ui.Column{Key: m, Label: r.T("dispatch.mark." + m), Num: true, Hint: r.T("dispatch.define." + m)})
	}
	t.Columns = append(t.Columns, ui.Column{Key: "state", Label: r.T("word.status")})
	for _, p := range l.Rows {
		row := ui.Row{ID: string(p.ID), Href: "/dispatch-parts/" + string(p.ID), Cells: []ui.Cell{{Text: l.Sheets[p.Dispatch].Period}, {Text: s.Dir.Short(p.Unit)}, {Text: s.Dir.Short(p.By)}}}
		for _, m := range AllMarks[:5] {
			row.Cells = append(row.Cells, ui.Cell{Text: strconv.Itoa(p.Counts[m])})
		}
		row.Cells = append(row.Cells, ui.Cell{Chips: []ui.Chip{{Class: partClass[p.State], Word: r.T("dispatch_part.state." + p.State)}}})
		t.Rows = append(t.Rows, row)
	}
	t.Pager = web.PagerOf(r, "/dispatch-parts", l.Next, q)
	return web.Page{Name: "directive/dispatches", Data: accountsPage{Table: t}, API: l.Rows, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.dispatch_parts")}}}, nil
}

func (s *Service) getPart(r *web.Request) (web.Response, error) {
	return shown(r, s.PartOf, s.partPage)
}

func (s *Service) partPage(r *web.Request, v PartView, c StepCmd, failed error) web.Response {
	x, d := v.Part, v.Dispatch
	back := ui.Crumb{Label: r.T("menu.dispatch_parts"), Href: "/dispatch-parts"}
	p := recordPage{Title: r.T("dispatch_part.title", s.Dir.Short(x.Unit), d.Period), Chips: []ui.Chip{{Class: partClass[x.State], Word: r.T("dispatch_part.state." + x.State)}}, Rev: x.Rev, Hint: r.T("dispatch_part.hint", string(d.FrozenOn)),
		Facts: []ui.Fact{{Label: r.T("task.by"), Text: s.Dir.Name(x.By)}, {Label: r.T("task.unit"), Text: s.Dir.Name(x.Unit)}, {Label: r.T("dispatch.leader"), Text: v.Names[x.Leader]}}}
	if r.Can("dispatch.read") && s.Policy.Can(r.Actor, "dispatch.read", d.object(s.Dir.Place)) == nil {
		back = ui.Crumb{Label: r.T("menu.dispatches"), Href: "/dispatches/" + string(d.ID)}
	}
	for _, m := range shownMarks(d.Kind) {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("dispatch.mark." + m), Text: strconv.Itoa(x.Counts[m])})
	}
	if d.Remark != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("dispatch.remark"), Text: d.Remark, Wide: true})
	}
	if x.At != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("dispatch.answer"), Text: x.Said, Sub: v.Names[x.Person] + " " + r.Moment(x.At), Wide: true})
	}
	t := s.lineTable(r, v.Lines, d, false)
	p.Table = &t
	p.Forms = stepForm(r, "dispatch_part", "/dispatch-parts/"+string(x.ID)+"/step/", v.Steps, web.Rev(x.Rev), c.Text, failed)
	return web.Page{Name: "directive/record", Err: failed, Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{back, {Label: p.Title}}}
}

func (s *Service) postPartStep(r *web.Request) (web.Response, error) {
	return stepped(r, "/dispatch-parts/", "done.dispatch_part.", s.PartStep, s.PartOf, s.partPage)
}
