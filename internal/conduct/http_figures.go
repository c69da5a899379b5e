package conduct

import (
	"fmt"
	"net/url"
	"strconv"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type formsPage struct {
	Tabs  ui.Tabs
	Bars  ui.Bars
	Table ui.Table
	Note  string
	Form  ui.Form
}

func (s *Service) getForms(r *web.Request) (web.Response, error) {
	fq, err := formsQuery(r)
	if err != nil {
		return nil, err
	}
	v, err := s.Forms(r.Context(), r.Actor, fq)
	if err != nil {
		return nil, err
	}
	p := formsPage{Note: r.T("forms.note", v.Small), Tabs: ui.Tabs{Label: r.T("menu.forms")}}
	period := ""
	if fq.From != "" {
		period += "&from=" + string(fq.From)
	}
	if fq.To != "" {
		period += "&to=" + string(fq.To)
	}
	for _, d := range Dimensions() {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Label: r.T("forms.by." + d), Href: "/conduct/forms?by=" + d + period, Current: d == v.By})
	}
	cell := func(c Cell, key string, form int) ui.Cell {
		if c.Hidden {
			return ui.Cell{Text: "＊", Title: r.T("forms.hidden")}
		}
		if c.N == 0 {
			return ui.Cell{Text: "0"}
		}
		return ui.Cell{Text: strconv.Itoa(c.N), Href: "/conduct/forms/behind?" + url.Values{"by": {v.By}, "key": {key}, "form": {strconv.Itoa(form)}}.Encode() + period}
	}
	p.Table = ui.Table{ID: "f", Caption: r.T("menu.forms"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("forms.none")}, Columns: []ui.Column{{Label: r.T("forms.by." + v.By)}}}
	for f := 1; f <= 4; f++ {
		p.Table.Columns = append(p.Table.Columns, ui.Column{Label: r.T("conduct.form." + strconv.Itoa(f)), Num: true})
	}
	p.Table.Columns = append(p.Table.Columns, ui.Column{Label: r.T("forms.total"), Num: true})
	for _, x := range v.Rows {
		cells := []ui.Cell{{Text: s.keyWord(r, v.By, x.Key)}}
		for f, c := range x.Forms {
			cells = append(cells, cell(c, x.Key, f+1))
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: append(cells, cell(x.Total, x.Key, 0))})
	}
	if len(v.Rows) > 0 {
		p.Table.Total = []ui.Cell{{Text: r.T("forms.total")}}
		for f, c := range v.Total.Forms {
			p.Table.Total = append(p.Table.Total, cell(c, "", f+1))
		}
		p.Table.Total = append(p.Table.Total, cell(v.Total.Total, "", 0))
	}
	p.Bars.Label = r.T("forms.shares")
	for f, c := range v.Total.Forms {
		b := ui.Bar{Label: r.T("conduct.form." + strconv.Itoa(f+1)), Value: c.N, Text: r.T("forms.hidden")}
		if !c.Hidden && !v.Total.Total.Hidden && v.Total.Total.N > 0 {
			b.Text = fmt.Sprintf("%d（%.1f%%）", c.N, 100*float64(c.N)/float64(v.Total.Total.N))
		} else if !c.Hidden {
			b.Text = strconv.Itoa(c.N)
		}
		p.Bars.Items = append(p.Bars.Items, b)
	}
	p.Form = ui.Form{ID: "period", Method: "get", Action: "/conduct/forms", Hidden: []ui.Pair{{Name: "by", Value: v.By}}, Buttons: []ui.Button{{Label: r.T("forms.show")}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "from", Label: r.T("forms.from"), Kind: ui.FieldDate, Value: string(fq.From), Optional: true}, {Name: "to", Label: r.T("forms.to"), Kind: ui.FieldDate, Value: string(fq.To), Optional: true}}}}}
	return web.Page{Name: "conduct/forms", Data: p, API: v, Crumbs: []ui.Crumb{{Label: r.T("menu.forms")}}, Mark: true}, nil
}

func (s *Service) keyWord(r *web.Request, by, key string) string {
	switch by {
	case "level":
		return r.T("forms.level." + key)
	case "unit":
		return s.Units.Name(id.ID(key))
	case "conduct":
		return s.conductWord(r, key)
	case "kind":
		return r.Word("sanction.kind."+key, key)
	case "rank":
		return r.Word("forms.rank."+key, key)
	}
	return key
}

// formsQuery reads the dimension and the days of the four forms from the address.
func formsQuery(r *web.Request) (fq FormsQuery, err error) {
	if fq.By = oneOf(r.Param("by"), Dimensions()); fq.By == "" {
		fq.By = Dimensions()[0]
	}
	for name, d := range map[string]*clock.Date{"from": &fq.From, "to": &fq.To} {
		if v := r.Param(name); v != "" {
			if *d, err = clock.ParseDate(v); err != nil {
				return fq, err
			}
		}
	}
	return fq, nil
}

type behindPage struct {
	Lead  string
	Notes []string
	Table ui.Table
}

// getBehind shows the records behind one figure of the four forms.
func (s *Service) getBehind(r *web.Request) (web.Response, error) {
	fq, err := formsQuery(r)
	if err != nil {
		return nil, err
	}
	cell := CellQuery{Key: r.Param("key")}
	if f := oneOf(r.Param("form"), []string{"1", "2", "3", "4"}); f != "" {
		cell.Form = int(f[0] - '0')
	}
	v, err := s.Behind(r.Context(), r.Actor, fq, cell)
	if err != nil {
		return nil, err
	}
	line, form := r.T("forms.total"), r.T("forms.total")
	if cell.Key != "" {
		line = s.keyWord(r, fq.By, cell.Key)
	}
	if cell.Form > 0 {
		form = r.T("conduct.form." + strconv.Itoa(cell.Form))
	}
	p := behindPage{Lead: r.T("forms.behind.of", r.T("forms.by."+fq.By), line, form)}
	switch {
	case v.Hidden:
		p.Notes = append(p.Notes, r.T("forms.behind.hidden"))
	case v.Others > 0:
		p.Notes = append(p.Notes, r.T("forms.behind.others", v.Others))
	}
	if v.Own > len(v.List) {
		p.Notes = append(p.Notes, r.T("forms.behind.more", v.Own-len(v.List)))
	}
	p.Table = ui.Table{ID: "behind", Caption: r.T("forms.behind"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("forms.behind.none")}, Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("word.unit")}, {Label: r.T("conduct.f.conduct")}, {Label: r.T("sanction.f.kind")}, {Label: r.T("conduct.f.form")}, {Label: r.T("word.date"), Nowrap: true}}}
	for _, b := range v.List {
		p.Table.Rows = append(p.Table.Rows, ui.Row{Href: b.Href, Label: b.No, Cells: []ui.Cell{{Text: b.No}, {Text: s.Units.Short(b.Unit)}, {Text: s.conductWord(r, b.Conduct)}, {Text: r.Word("sanction.kind."+b.Kind, b.Kind)}, {Text: r.T("conduct.form." + strconv.Itoa(b.Form))}, {Text: string(b.On)}}})
	}
	return web.Page{Name: "conduct/behind", Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.forms"), Href: "/conduct/forms?by=" + fq.By}, {Label: r.T("forms.behind")}}}, nil
}

type warningsPage struct {
	Warnings ui.Table
	Windows  ui.Table
	Note     string
	Named    bool
}

func (s *Service) getWarnings(r *web.Request) (web.Response, error) {
	var list []Warning
	var err error
	p := warningsPage{Named: r.Can("small.read"), Note: r.T("warn.note")}
	if p.Named {
		if list, err = s.Warnings(r.Context(), r.Actor); err != nil {
			return nil, err
		}
	}
	windows, small, err := s.Windows(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	var names, desks map[id.ID]string
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		var people, departments []id.ID
		for _, w := range list {
			people = append(people, w.Person)
			if w.Department != "" {
				departments = append(departments, w.Department)
			}
		}
		if names, err = s.names(r.Context(), q, people...); err != nil || s.Departments == nil || len(departments) == 0 {
			return err
		}
		desks, err = s.Departments(r.Context(), q, departments...)
		return err
	})
	if err != nil {
		return nil, err
	}
	p.Warnings = ui.Table{ID: "w", Caption: r.T("conduct.warnings"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("warn.none"), Text: r.T("warn.none.text")},
		Columns: []ui.Column{{Label: r.T("warn.f.who")}, {Label: r.T("word.unit")}, {Label: r.T("warn.f.sum")}, {Label: r.T("warn.f.points"), Num: true}, {Label: r.T("warn.f.bound"), Num: true}, {Label: r.T("warn.f.last"), Nowrap: true}}}
	for _, w := range list {
		who := names[w.Person]
		if w.Person == "" {
			who = r.T("warn.desk", dash(desks[w.Department]))
		}
		sum := ""
		for i, x := range w.Parts {
			if i > 0 {
				sum += " + "
			}
			sum += r.T("warn.part."+x.Key, x.Points, s.rules.Small[x.Key])
		}
		p.Warnings.Rows = append(p.Warnings.Rows, ui.Row{Cells: []ui.Cell{{Text: who}, {Text: s.Units.Short(w.Unit)}, {Text: sum + " = " + strconv.Itoa(w.Points)}, {Text: strconv.Itoa(w.Points)}, {Text: strconv.Itoa(w.Bound)}, {Text: string(w.Last)}}})
	}
	cell := func(c Cell) ui.Cell {
		if c.Hidden {
			return ui.Cell{Text: "＜" + strconv.Itoa(small), Title: r.T("forms.hidden")}
		}
		return ui.Cell{Text: strconv.Itoa(c.N)}
	}
	p.Windows = ui.Table{ID: "u", Caption: r.T("warn.windows"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("warn.none")}, Columns: []ui.Column{{Label: r.T("word.unit")}, {Label: r.T("warn.f.small"), Num: true}, {Label: r.T("warn.f.before"), Num: true}, {Label: r.T("warn.f.heavier"), Num: true}, {Label: r.T("warn.f.rate"), Num: true}}}
	for _, w := range windows {
		rate := ui.Cell{Text: "—"}
		if w.Staff > 0 && !w.Small.Hidden {
			rate.Text = fmt.Sprintf("%.1f", 100*float64(w.Small.N)/float64(w.Staff))
		}
		p.Windows.Rows = append(p.Windows.Rows, ui.Row{Cells: []ui.Cell{{Text: s.Units.Name(w.Unit)}, cell(w.Small), cell(w.Before), cell(w.Heavier), rate}})
	}
	return web.Page{Name: "conduct/warnings", Data: p, API: struct {
		Warnings []Warning `json:"warnings"`
		Windows  []Window  `json:"windows"`
	}{list, windows}, Crumbs: []ui.Crumb{{Label: r.T("conduct.warnings")}}, Mark: true}, nil
}

type patternPage struct {
	Committee string
	Stats     ui.Stats
	Say       []string
	Quarters  ui.Table
}

func (s *Service) getPattern(r *web.Request) (web.Response, error) {
	p, err := s.Pattern(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	number := func(n int) string {
		if p.Hidden {
			return "—"
		}
		return strconv.Itoa(n)
	}
	v := patternPage{Stats: ui.Stats{Items: []ui.Stat{{Label: r.T("pattern.cases"), Value: number(p.Cases)}, {Label: r.T("pattern.checked"), Value: number(p.Checked)}, {Label: r.T("pattern.missing"), Value: number(p.Missing)}}}}
	v.Say = []string{r.T("pattern.claim." + p.Claim)}
	if !p.Hidden && p.Checked > 0 {
		v.Say = append(v.Say, r.T("pattern.interval", p.Missing, p.Checked, percent(float64(p.Missing)/float64(p.Checked)), percent(p.Low), percent(p.High)), r.T("pattern.bound", p.Bound))
	}
	v.Say = append(v.Say, r.T("pattern.method"))
	v.Committee = r.T("pattern.committee."+p.Committee.Says, p.Committee.Due, p.Committee.Heard)
	v.Quarters = ui.Table{ID: "q", Caption: r.T("pattern.by_quarter"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("pattern.by_quarter.none")}, Columns: []ui.Column{{Label: r.T("pattern.f.quarter"), Nowrap: true}, {Label: r.T("pattern.cases"), Num: true},
		{Label: r.T("pattern.checked"), Num: true}, {Label: r.T("pattern.missing"), Num: true}, {Label: r.T("pattern.f.share"), Num: true}, {Label: r.T("pattern.f.interval"), Num: true}}}
	for _, q := range p.Quarters {
		row := ui.Row{Cells: []ui.Cell{{Text: q.Quarter}}}
		hidden := ui.Cell{Text: "—", Title: r.T("forms.hidden")}
		switch {
		case q.Hidden:
			row.Cells = append(row.Cells, hidden, hidden, hidden, hidden, hidden)
		case q.Checked == 0:
			row.Cells = append(row.Cells, ui.Cell{Text: strconv.Itoa(q.Cases)}, ui.Cell{Text: "0"}, ui.Cell{Text: "—"}, ui.Cell{Text: "—"}, ui.Cell{Text: "—"})
		default:
			row.Cells = append(row.Cells, ui.Cell{Text: strconv.Itoa(q.Cases)}, ui.Cell{Text: strconv.Itoa(q.Checked)}, ui.Cell{Text: strconv.Itoa(q.Missing)}, ui.Cell{Text: percent(float64(q.Missing) / float64(q.Checked))}, ui.Cell{Text: percent(q.Low) + " — " + percent(q.High)})
		}
		v.Quarters.Rows = append(v.Quarters.Rows, row)
	}
	return web.Page{Name: "conduct/pattern", Data: v, API: p, Crumbs: crumbs(r, ui.Crumb{Label: r.T("conduct.pattern")})}, nil
}

func percent(x float64) string { return fmt.Sprintf("%.1f%%", 100*x) }
