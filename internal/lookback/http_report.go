package lookback

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/document"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
	"huikan/internal/rectification"
)

func (s *Service) reportRoutes() []web.Route {
	return []web.Route{
		{Method: "POST", Path: "/lookback/{id}/reports", Action: "lookback_report.make", In: ReportCmd{}, Do: s.postReport},
		{Method: "GET", Path: "/lookback-reports/{id}", Action: "lookback_report.read", Do: s.getReport},
		{Method: "GET", Path: "/lookback-reports/{id}/docx", Action: "lookback_report.read", NoAPI: true, Do: s.getReportDocx},
	}
}

const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

type reportsPage struct {
	Table ui.Table
	Form  *ui.Form
}

// reportsPage lists the reports of a look-back, with the form for another one.
func (s *Service) reportsPage(r *web.Request, n id.ID, cmd ReportCmd, failed error) (web.Response, error) {
	l, list, err := s.Reports(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	p := reportsPage{Table: ui.Table{ID: "reports", Caption: r.T("lookback_report.list"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("lookback_report.none"), Text: r.T("lookback_report.note")},
		Columns: []ui.Column{{Label: r.T("lookback_report.title")}, {Label: r.T("lookback_report.on"), Nowrap: true}}}}
	for _, x := range list {
		p.Table.Rows = append(p.Table.Rows, ui.Row{Href: "/lookback-reports/" + string(x.ID), Cells: []ui.Cell{{Text: x.Title}, {Text: string(x.On)}}})
	}
	if s.policy.Can(r.Actor, "lookback_report.make", s.reportObject(l, "")) == nil {
		bad := r.Problems(failed)
		if failed == nil {
			cmd.Title = r.T("lookback_report.title.of", l.Name)
		}
		p.Form = &ui.Form{Action: address(l, "/reports"), Note: r.T("lookback_report.note"), Buttons: []ui.Button{{Label: r.T("lookback_report.do.make"), Kind: "primary"}},
			Sets: []ui.Fieldset{{Legend: r.T("lookback_report.new"), Fields: []ui.Field{{Name: "title", Label: r.T("lookback_report.title"), Value: cmd.Title, MaxLen: maxName, Wide: true, Error: bad["title"]},
				{Name: "opinion", Label: r.T("lookback_report.opinion"), Kind: ui.FieldArea, Rows: 5, Value: cmd.Opinion, MaxLen: maxText, Optional: true, Wide: true, Hint: r.T("lookback_report.opinion.hint"), Error: bad["opinion"]}}}}}
	}
	return web.Page{Name: "lookback/reports", Data: p, API: list, Err: failed, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: l.Name, Href: address(l, "")}, ui.Crumb{Label: r.T("lookback_report.list")})}, nil
}

func (s *Service) postReport(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var cmd ReportCmd
	var x Report
	if err = r.Decode(&cmd); err == nil {
		x, err = s.MakeReport(r.Context(), r.Actor, n, cmd)
	}
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) {
		return s.reportsPage(r, n, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/lookback-reports/" + string(x.ID), Done: "done.lookback_report.make", API: x}, nil
}

type reportPage struct {
	Title, Lead, Docx string
	Say               []string
	Notices           []ui.Notice
	Table             ui.Table
	Rows              *ui.Table
	Chosen            string
	Units             ui.Table
	Opinion           string
}

func (s *Service) report(r *web.Request) (ReportView, error) {
	n, err := r.ID("id")
	if err != nil {
		return ReportView{}, err
	}
	return s.ReportByID(r.Context(), r.Actor, n)
}

// shown are the figures of the page in their order: those of the random part and
// of the half-life are told in sentences.
func shown() []string {
	out := []string{FigurePopulation, FigureSampled, FigureRandom, FigureTargeted, FigurePending, FigureVerified}
	for _, v := range rectification.Verdicts() {
		out = append(out, verdictFigure+v)
	}
	out = append(out, FigureUntrue)
	for _, e := range Effects() {
		out = append(out, effectFigure+e)
	}
	out = append(out, FigureObjected, FigureReopened, FigureTested, FigureRefuted, FigureFound)
	for _, k := range ConsequenceKinds() {
		out = append(out, thenFigure+k)
	}
	return append(out, FigureFollowed, FigureRelapses)
}

// figureWord names a figure in the reader's language.
func figureWord(r *web.Request, name string) string {
	if v, ok := strings.CutPrefix(name, verdictFigure); ok {
		return r.T("lookback_report.figure.verdict", r.T("sample.verdict."+v))
	}
	if e, ok := strings.CutPrefix(name, effectFigure); ok {
		return r.T("lookback_report.figure.effect", r.T("sample.effect."+e))
	}
	if k, ok := strings.CutPrefix(name, thenFigure); ok {
		return r.T("lookback_report.figure.then", r.T("consequence.kind."+k))
	}
	return r.T("lookback_report.figure." + name)
}

func value(list []rectification.Figure, name string) string {
	if list == nil {
		return ""
	}
	return strconv.Itoa(figureOf(list, name).Value)
}

func (s *Service) getReport(r *web.Request) (web.Response, error) {
	v, err := s.report(r)
	if err != nil {
		return nil, err
	}
	base := "/lookback-reports/" + string(v.Report.ID)
	p := reportPage{Title: v.Report.Title, Lead: r.T("lookback_report.lead", string(v.Report.On), v.Names[v.Report.Person]), Docx: base + "/docx", Opinion: v.Report.Opinion,
		Say: s.reportSay(r, v), Notices: notices(r, v), Units: s.unitTable(r, v),
		Table: ui.Table{ID: "figures", Caption: r.T("lookback_report.figures"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("lookback_report.figure")}, {Label: r.T("word.count"), Num: true},
			{Label: r.T("lookback_report.today"), Num: true}, {Label: r.T("lookback_report.before"), Num: true}, {Label: r.T("lookback_report.asked")}}}}
	want := r.Param("figure")
	for _, name := range shown() {
		f := figureOf(v.Figures, name)
		row := ui.Row{Href: base + "?figure=" + name, Cells: []ui.Cell{{Text: figureWord(r, name)}, {Text: strconv.Itoa(f.Value)}, {Text: value(v.Today, name)}, {Text: value(v.Before, name)}, {Text: f.Asked}}}
		if name == FigurePopulation {
			row.Href = address(v.Lookback, "/population")
		}
		p.Table.Rows = append(p.Table.Rows, row)
		if name == want {
			t := s.rowTable(r, v, f)
			p.Rows, p.Chosen = &t, figureWord(r, name)
		}
	}
	return web.Page{Name: "lookback/report", Data: p, API: v, Mark: true, AsOf: string(v.Report.On),
		Crumbs: crumbs(r, ui.Crumb{Label: v.Lookback.Name, Href: address(v.Lookback, "")}, ui.Crumb{Label: r.T("lookback_report.list"), Href: address(v.Lookback, "/reports")}, ui.Crumb{Label: v.Report.Title})}, nil
}

// reportSay tells the estimate and the half-life from the frozen figures.
func (s *Service) reportSay(r *web.Request, v ReportView) []string {
	out := sentences(r, estimateOf(v.Figures, v.Lookback.Options.Census))
	days, note := sayHalf(r, halfOf(v.Figures))
	return append(out, r.T("half.title")+"："+days+"。"+note)
}

// notices say whether the report reconciles with the one before and with the
// look-back as it is today.
func notices(r *web.Request, v ReportView) []ui.Notice {
	var out []ui.Notice
	if b := v.Bridge; b != nil {
		n := ui.Notice{Class: "ok", Text: r.T("lookback_report.balance", b.Before, b.Added, b.Now, len(b.Came), len(b.Withdrawn), len(b.Changed))}
		if !b.Holds() {
			n = ui.Notice{Class: "late", Text: r.T("lookback_report.unbalanced", b.Before, b.Added, b.Now, len(b.Lost))}
		}
		out = append(out, n)
	}
	if len(v.Moved) == 0 {
		return append(out, ui.Notice{Class: "ok", Text: r.T("lookback_report.same")})
	}
	return append(out, ui.Notice{Class: "wait", Text: r.T("lookback_report.moved", len(v.Moved))})
}

// shownRows is how many rows of a figure a page shows; the document and the API
// have all.
const shownRows = 500

func (s *Service) rowTable(r *web.Request, v ReportView, f rectification.Figure) ui.Table {
	t := ui.Table{ID: "rows", Caption: r.T("lookback_report.rows"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("sample.none"), Text: r.T("lookback_report.rows.none")},
		Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("sample.title")}, {Label: r.T("word.unit")}, {Label: r.T("lookback_report.now")}}}
	for _, n := range f.Rows[:min(len(f.Rows), shownRows)] {
		if x, ok := v.Found[n]; ok {
			t.Rows = append(t.Rows, ui.Row{Href: "/findings/" + string(n), Cells: []ui.Cell{{Text: x.No}, {Text: x.Title, Clamp: true}, {Text: s.Units.Short(x.Unit)}, {}}})
			continue
		}
		x, what := v.Samples[n], ui.Cell{}
		if test, ok := v.Tests[n]; ok {
			x = v.Samples[test.Sample]
			what = ui.Cell{Text: strconv.Itoa(test.No) + ". " + r.T("sample.test."+test.Result), Sub: test.Note}
		} else {
			what.Chips = []ui.Chip{verdictChip(r, rowOf(x).Verdict)}
		}
		t.Rows = append(t.Rows, ui.Row{Href: "/lookback/items/" + string(x.ID), Cells: []ui.Cell{{Text: x.No}, {Text: x.Title, Clamp: true}, {Text: s.Units.Short(x.Unit)}, what}})
	}
	return t
}

// unitLines count the frozen rows by unit: the unit of a sampled item never changes.
func (s *Service) unitLines(v ReportView) (units []id.ID, at func(id.ID, string) int) {
	by := map[id.ID]map[string]int{}
	for _, f := range v.Figures {
		for _, n := range f.Rows {
			x, ok := v.Samples[n]
			if !ok {
				continue
			}
			if by[x.Unit] == nil {
				by[x.Unit] = map[string]int{}
				units = append(units, x.Unit)
			}
			by[x.Unit][f.Name]++
		}
	}
	slices.SortFunc(units, func(a, b id.ID) int { return strings.Compare(s.Units.Name(a), s.Units.Name(b)) })
	return units, func(u id.ID, name string) int { return by[u][name] }
}

func unitColumns() []string {
	out := []string{FigureSampled}
	for _, v := range rectification.Verdicts() {
		out = append(out, verdictFigure+v)
	}
	return append(out, FigurePending)
}

// unitGrid is the table by unit as text, its first row the heads and its last one the sums.
func (s *Service) unitGrid(r *web.Request, v ReportView) [][]string {
	head := []string{r.T("word.unit")}
	for _, name := range unitColumns() {
		word := figureWord(r, name)
		if verdict, ok := strings.CutPrefix(name, verdictFigure); ok {
			word = r.T("sample.verdict." + verdict)
		}
		head = append(head, word)
	}
	grid := [][]string{head}
	units, at := s.unitLines(v)
	total := []string{r.T("word.total")}
	for _, name := range unitColumns() {
		sum := 0
		for _, u := range units {
			sum += at(u, name)
		}
		total = append(total, strconv.Itoa(sum))
	}
	for _, u := range units {
		line := []string{s.Units.Short(u)}
		for _, name := range unitColumns() {
			line = append(line, strconv.Itoa(at(u, name)))
		}
		grid = append(grid, line)
	}
	return append(grid, total)
}

func (s *Service) unitTable(r *web.Request, v ReportView) ui.Table {
	grid := s.unitGrid(r, v)
	t := ui.Table{ID: "units", Caption: r.T("lookback.by_unit"), NoDrawer: true}
	for k, h := range grid[0] {
		t.Columns = append(t.Columns, ui.Column{Label: h, Num: k > 0})
	}
	cells := func(line []string) (out []ui.Cell) {
		for _, c := range line {
			out = append(out, ui.Cell{Text: c})
		}
		return out
	}
	for _, line := range grid[1 : len(grid)-1] {
		t.Rows = append(t.Rows, ui.Row{Cells: cells(line)})
	}
	t.Total = cells(grid[len(grid)-1])
	return t
}

// annexRows bounds one annex, so that a document stays one that can be opened.
const annexRows = 2000

// getReportDocx gives the report in the official layout (GB/T 9704): how the
// sample came about, what was found, by unit, what did not hold, new problems,
// what follows and the opinions, with the query and the rows of each number as annexes.
func (s *Service) getReportDocx(r *web.Request) (web.Response, error) {
	v, err := s.report(r)
	if err != nil {
		return nil, err
	}
	if err := s.log.Note(r.Context(), r.Actor, "lookback.export", map[string]any{"report": v.Report.ID}); err != nil {
		return nil, err
	}
	l, issuer := v.Lookback, s.Units.Name(v.Report.By)
	o := document.Official{Issuer: issuer, Title: v.Report.Title, Signature: issuer, Date: string(v.Report.On)}
	say := func(text string) { o.Body = append(o.Body, document.Block{Text: text}) }
	sections := 0
	section := func(key string) { sections++; say(r.T("lookback_report.docx.section", han(r, sections), r.T(key))) }
	n := func(name string) int { return figureOf(v.Figures, name).Value }

	section("lookback_report.docx.basis")
	say(r.T("lookback_report.docx.draw", string(v.Report.On), n(FigurePopulation), n(FigureSampled), n(FigureRandom), n(FigureTargeted)))
	say(r.T("lookback_report.docx.seed", r.Moment(l.CommittedAt), l.Commitment, r.Moment(l.RevealedAt), l.Seed, l.Digest))
	section("lookback_report.docx.result")
	for _, text := range s.reportSay(r, v) {
		say(text)
	}
	table := [][]string{{r.T("lookback_report.figure"), r.T("word.count"), r.T("lookback_report.before")}}
	for _, name := range shown() {
		table = append(table, []string{figureWord(r, name), value(v.Figures, name), value(v.Before, name)})
	}
	o.Body = append(o.Body, document.Block{Rows: table})
	for _, x := range notices(r, v)[:len(notices(r, v))-1] { // what changed afterwards is no part of it
		say(x.Text)
	}
	section("lookback.by_unit")
	o.Body = append(o.Body, document.Block{Rows: s.unitGrid(r, v)})
	section("lookback_report.docx.problems")
	s.problems(r, v, say)
	section("lookback.found")
	found := figureOf(v.Figures, FigureFound)
	if len(found.Rows) == 0 {
		say(r.T("lookback.found.none"))
	}
	for k, n := range found.Rows[:min(len(found.Rows), annexRows)] {
		say(fmt.Sprintf("%d. %s：%s。", k+1, s.Units.Short(v.Found[n].Unit), strings.TrimSuffix(v.Found[n].Title, "。")))
	}
	section("consequence.title")
	for _, k := range ConsequenceKinds() {
		say(r.T("lookback_report.docx.then", r.T("consequence.kind."+k), n(thenFigure+k)))
	}
	say(r.T("lookback_report.docx.then", r.T("lookback_report.figure."+FigureReopened), n(FigureReopened)))
	if v.Report.Opinion != "" {
		section("lookback_report.opinion")
		for _, line := range strings.Split(v.Report.Opinion, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				say(line)
			}
		}
	}
	s.annexes(r, v, &o)
	var b bytes.Buffer
	if err := document.WriteDocx(&b, o); err != nil {
		return nil, err
	}
	return web.File{Name: v.Report.Title + ".docx", Type: docxType, Body: io.NopCloser(&b), Size: int64(b.Len())}, nil
}

// problems lists what did not hold, by verdict, the gravest first, and under it
// the claims that turned out untrue.
func (s *Service) problems(r *web.Request, v ReportView, say func(string)) {
	refuted := map[id.ID][]Test{}
	for _, n := range figureOf(v.Figures, FigureRefuted).Rows {
		refuted[v.Tests[n].Sample] = append(refuted[v.Tests[n].Sample], v.Tests[n])
	}
	k := 0
	for _, verdict := range []string{rectification.False, rectification.Paper, rectification.Relapsed, rectification.Partly} {
		f := figureOf(v.Figures, verdictFigure+verdict)
		if len(f.Rows) == 0 {
			continue
		}
		k++
		say(r.T("lookback_report.docx.group", han(r, k), r.T("sample.verdict."+verdict), f.Value))
		for i, n := range f.Rows[:min(len(f.Rows), annexRows)] {
			x := v.Samples[n]
			say(fmt.Sprintf("%d. %s（%s）：%s。", i+1, s.Units.Short(x.Unit), x.No, strings.TrimSuffix(x.Title, "。")))
			for _, t := range refuted[n] {
				say(r.T("lookback_report.docx.claim", strings.TrimSuffix(v.Claims[t.Claim], "。"), strings.TrimSuffix(t.Note, "。")))
			}
		}
	}
	if k == 0 {
		say(r.T("lookback_report.docx.clean"))
	}
}

// annexes put the query and the rows of each number behind the report.
func (s *Service) annexes(r *web.Request, v ReportView, o *document.Official) {
	for _, name := range shown() {
		f := figureOf(v.Figures, name)
		if len(f.Rows) == 0 || name == FigureTested || name == FigureFound {
			continue
		}
		t := s.rowTable(r, v, rectification.Figure{Name: f.Name, Rows: f.Rows[:min(len(f.Rows), annexRows)]})
		rows := [][]string{{r.T("word.no"), r.T("sample.title"), r.T("word.unit")}}
		for _, row := range t.Rows {
			rows = append(rows, []string{row.Cells[0].Text, row.Cells[1].Text, row.Cells[2].Text})
		}
		title := fmt.Sprintf("%s（%d）", figureWord(r, name), f.Value)
		o.Attachments = append(o.Attachments, title)
		o.Annexes = append(o.Annexes, document.Annex{Title: title, Body: []document.Block{{Text: r.T("lookback_report.asked") + "：" + f.Asked}, {Rows: rows}}})
	}
}

// han is a small number in Chinese figures, as headings want it.
func han(r *web.Request, n int) string {
	list := strings.Fields(r.T("lookback_report.docx.numerals"))
	return list[min(n, len(list))-1]
}
