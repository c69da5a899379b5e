package rectification

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/document"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) reportRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/rectify-reports", Action: "rectify_report.read", Do: s.getReports},
		{Method: "POST", Path: "/rectify-reports", Action: "rectify_report.make", In: ReportCmd{}, Do: s.postReport},
		{Method: "GET", Path: "/rectify-reports/{id}", Action: "rectify_report.read", Do: s.getReport},
		{Method: "GET", Path: "/rectify-reports/{id}/docx", Action: "rectify_report.read", NoAPI: true, Do: s.getReportDocx},
	}
}

const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

func (s *Service) getReports(r *web.Request) (web.Response, error) {
	return s.reportsPage(r, ReportCmd{}, nil)
}

func (s *Service) reportsPage(r *web.Request, c ReportCmd, failed error) (web.Response, error) {
	list, err := s.Reports(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	t := ui.Table{ID: "reports", Caption: r.T("rectify_report.list"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("rectify_report.empty"), Text: r.T("rectify_report.empty.text")},
		Columns: []ui.Column{{Label: r.T("word.title")}, {Label: r.T("item.unit")}, {Label: r.T("rectify_report.on"), Nowrap: true}}}
	for _, x := range list {
		unit := s.Units.Short(x.Unit)
		if x.Unit == "" {
			unit = r.T("rectify_report.whole")
		}
		t.Rows = append(t.Rows, ui.Row{Href: "/rectify-reports/" + string(x.ID), Cells: []ui.Cell{{Text: x.Title}, {Text: unit}, {Text: string(x.On)}}})
	}
	fp := formPage{Title: r.T("rectify_report.list"), Table: &t}
	if r.Can("rectify_report.make") {
		folders, err := s.foldersFor(r, "rectify_report.make")
		if err != nil {
			return nil, err
		}
		p := r.Problems(failed)
		scope := ui.Field{Name: "unit", Label: r.T("item.unit"), Kind: ui.FieldSelect, Value: string(c.Unit), Optional: true}
		rounds := ui.Field{Name: "round", Label: r.T("item.round"), Kind: ui.FieldSelect, Value: string(c.Round), Error: p["round"]}
		if s.policy.Ever(r.Actor, "rectify_round.set") {
			scope.Options = append(scope.Options, ui.Option{Label: r.T("rectify_report.whole")})
		}
		seen := map[id.ID]bool{}
		for _, f := range folders {
			if !seen[f.Round] {
				seen[f.Round] = true
				rounds.Options = append(rounds.Options, ui.Option{Value: string(f.Round), Label: f.Name})
			}
			if !slices.ContainsFunc(scope.Options, func(o ui.Option) bool { return o.Value == string(f.Unit) }) {
				scope.Options = append(scope.Options, ui.Option{Value: string(f.Unit), Label: s.Units.Short(f.Unit)})
			}
		}
		fp.Form = &ui.Form{Action: "/rectify-reports", Note: r.T("rectify_report.note"), Problems: nil, Sets: []ui.Fieldset{{Fields: []ui.Field{rounds, scope,
			{Name: "title", Label: r.T("word.title"), Value: c.Title, Wide: true, Error: p["title"]}}}}, Buttons: []ui.Button{{Label: r.T("rectify_report.do.make"), Kind: "primary"}}}
	}
	return web.Page{Name: "rectification/form", Data: fp, API: list, Err: failed, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.rectification")}}}, nil
}

func (s *Service) postReport(r *web.Request) (web.Response, error) {
	var c ReportCmd
	var x Report
	err := r.Decode(&c)
	if err == nil {
		x, err = s.MakeReport(r.Context(), r.Actor, c)
	}
	if k := fault.KindOf(err); err != nil && (k == fault.KindInvalid || k == fault.KindLimit) {
		return s.reportsPage(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/rectify-reports/" + string(x.ID), Done: "done.rectify_report.make", API: x}, nil
}

type reportPage struct {
	Title   string
	Lead    string
	Balance *ui.Notice
	Stats   ui.Stats
	Table   ui.Table
	Rows    *ui.Table
	Chosen  string
	Docx    string
}

func (s *Service) report(r *web.Request) (ReportView, error) {
	n, err := r.ID("id")
	if err != nil {
		return ReportView{}, err
	}
	return s.ReportByID(r.Context(), r.Actor, n)
}

func (s *Service) getReport(r *web.Request) (web.Response, error) {
	v, err := s.report(r)
	if err != nil {
		return nil, err
	}
	base := "/rectify-reports/" + string(v.Report.ID)
	p := reportPage{Title: v.Report.Title, Lead: r.T("rectify_report.lead", string(v.Report.On), v.Names[v.Report.Person]), Docx: base + "/docx",
		Table: ui.Table{ID: "figures", Caption: r.T("rectify_report.figures"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("rectify_report.figure")}, {Label: r.T("word.count"), Num: true}, {Label: r.T("rectify_report.before"), Num: true}, {Label: r.T("rectify_report.asked")}}}}
	p.Stats.Items = reportStats(r, v.Figures)
	want := r.Param("figure")
	for _, f := range v.Figures {
		p.Table.Rows = append(p.Table.Rows, ui.Row{Href: base + "?figure=" + f.Name, Cells: []ui.Cell{{Text: r.T("rectify_report.figure." + f.Name)}, {Text: strconv.Itoa(f.Value)}, {Text: before(v.Before, f.Name)}, {Text: f.Asked}}})
		if f.Name != want {
			continue
		}
		t := ui.Table{ID: "rows", Caption: r.T("rectify_report.rows"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("item.no"), Nowrap: true}, {Label: r.T("item.title")}, {Label: r.T("item.unit")}, {Label: r.T("rectify_report.now")}}}
		if slices.Contains(MeasureFigures(), f.Name) {
			t.Columns = []ui.Column{{Label: r.T("item.no"), Nowrap: true}, {Label: r.T("item.task")}, {Label: r.T("item.task_kind")}, {Label: r.T("item.task_due"), Nowrap: true}, {Label: r.T("rectify_report.now")}}
		}
		for _, n := range f.Rows[:min(len(f.Rows), shownRows)] {
			if m, task := v.Tasks[n]; task {
				t.Rows = append(t.Rows, ui.Row{Href: "/items/" + string(m.Item), Cells: []ui.Cell{{Text: v.Items[m.Item].No}, {Text: m.Text, Clamp: true}, {Text: r.T("measure.kind." + orNone(m.Kind))}, {Text: string(m.Due)}, {Chips: []ui.Chip{chip(r, "measure.state."+m.State)}}}})
				continue
			}
			i := v.Items[n]
			t.Rows = append(t.Rows, ui.Row{Href: "/items/" + string(n), Cells: []ui.Cell{{Text: i.No}, {Text: i.Title, Clamp: true}, {Text: s.Units.Short(i.Unit)}, {Chips: []ui.Chip{chip(r, "item.state."+i.State)}}}})
		}
		p.Rows, p.Chosen = &t, r.T("rectify_report.figure."+f.Name)
	}
	if v.Balance != nil {
		n := balanceNotice(r, *v.Balance)
		p.Balance = &n
	}
	return web.Page{Name: "rectification/report", Data: p, API: v, Mark: true, AsOf: string(v.Report.On), Crumbs: []ui.Crumb{{Label: r.T("rectify_report.list"), Href: "/rectify-reports"}, {Label: v.Report.Title}}}, nil
}

// reportStats are the completion rate of a report and the half-life beside it,
// and the measures, counted apart, all
// from what was frozen.
func reportStats(r *web.Request, list []Figure) []ui.Stat {
	var all, closed, measures, done int
	var half []ui.Stat
	for _, f := range list {
		switch f.Name {
		case FigureAll:
			all = f.Value
		case FigureClosed:
			closed = f.Value
		case FigureMeasures:
			measures = f.Value
		case FigureMeasuresDone:
			done = f.Value
		case FigureHalf:
			half = append(half, halfOf(f).Stat(r.T))
		}
	}
	out := []ui.Stat{RateStat(r.T, closed, all, "")}
	if measures > 0 { // a report of before measures were counted has none
		out = append(out, measureStat(r.T, done, measures, ""))
	}
	return append(out, half...)
}

// shownRows is how many rows of a figure a page shows; the docx and the API have all.
const shownRows = 500

func before(fs []Figure, name string) string {
	for _, f := range fs {
		if f.Name == name {
			return strconv.Itoa(f.Value)
		}
	}
	return ""
}

func balanceNotice(r *web.Request, b Balance) ui.Notice {
	if b.Holds() {
		return ui.Notice{Class: "ok", Text: r.T("rectify_report.balance", b.Before, b.Came, b.Reopened, b.Back, b.Closed, b.Aside, b.Now)}
	}
	return ui.Notice{Class: "late", Text: r.T("rectify_report.unbalanced", b.Before, b.Came, b.Reopened, b.Back, b.Closed, b.Aside, b.Now, len(b.Unexplained))}
}

// getReportDocx gives the report in the official layout (GB/T 9704): the text of
// the signed paper where there is one, the frozen figures, and their rows as annexes.
func (s *Service) getReportDocx(r *web.Request) (web.Response, error) {
	v, err := s.report(r)
	if err != nil {
		return nil, err
	}
	if err := s.log.Note(r.Context(), r.Actor, "item.export", map[string]any{"report": v.Report.ID}); err != nil {
		return nil, err
	}
	unit := v.Report.Unit
	if unit == "" {
		unit = v.Report.By
	}
	o := document.Official{Issuer: s.Units.Name(unit), Title: v.Report.Title, Signature: s.Units.Name(unit), Date: string(v.Report.On)}
	if v.Report.Unit != "" {
		o.To = s.Units.Name(v.Report.By)
	}
	o.Body = append(o.Body, document.Block{Text: r.T("rectify_report.docx.intro", string(v.Report.On), v.Round)})
	table := [][]string{{r.T("rectify_report.figure"), r.T("word.count"), r.T("rectify_report.before")}}
	for _, f := range v.Figures {
		table = append(table, []string{r.T("rectify_report.figure." + f.Name), strconv.Itoa(f.Value), before(v.Before, f.Name)})
	}
	o.Body = append(o.Body, document.Block{Rows: table})
	for _, x := range reportStats(r, v.Figures) {
		o.Body = append(o.Body, document.Block{Text: x.Label + "：" + x.Value + "（" + x.Note + "）"})
	}
	if v.Balance != nil {
		o.Body = append(o.Body, document.Block{Text: balanceNotice(r, *v.Balance).Text})
	}
	o.Body = append(o.Body, document.Block{Text: r.T("rectify_report.docx.rows")})
	for _, f := range v.Figures {
		if f.Name == FigureAll || len(f.Rows) == 0 {
			continue
		}
		rows := [][]string{{r.T("item.no"), r.T("item.title"), r.T("item.unit")}}
		if slices.Contains(MeasureFigures(), f.Name) {
			rows = [][]string{{r.T("item.no"), r.T("item.task"), r.T("item.task_state")}}
		}
		for _, n := range f.Rows[:min(len(f.Rows), annexRows)] {
			if m, task := v.Tasks[n]; task {
				rows = append(rows, []string{v.Items[m.Item].No, m.Text, r.T("measure.state." + m.State)})
				continue
			}
			i := v.Items[n]
			rows = append(rows, []string{i.No, i.Title, s.Units.Short(i.Unit)})
		}
		title := fmt.Sprintf("%s（%d）", r.T("rectify_report.figure."+f.Name), f.Value)
		o.Attachments = append(o.Attachments, title)
		o.Annexes = append(o.Annexes, document.Annex{Title: title, Body: []document.Block{{Text: r.T("rectify_report.asked") + "：" + f.Asked}, {Rows: rows}}})
	}
	var b bytes.Buffer
	if err := document.WriteDocx(&b, o); err != nil {
		return nil, err
	}
	return web.File{Name: v.Report.Title + ".docx", Type: docxType, Body: io.NopCloser(&b), Size: int64(b.Len())}, nil
}

// annexRows bounds one annex, so that a document stays one that can be opened.
const annexRows = 2000
