package contact

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func (s *Service) statsRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/register/stats", Action: "register.stats", Do: s.getStats},
		{Method: "GET", Path: "/register/stats/export", Action: "register.stats", NoAPI: true, Do: s.getStatsExport},
		{Method: "GET", Path: "/register/stats/circular", Action: "register.stats", NoAPI: true, Do: s.getCircular},
		{Method: "POST", Path: "/register/stats/sent", Action: "summary.send", In: SendCmd{}, Do: s.postSummary},
	}
}

// statsQuery reads what the address asks for.
func (s *Service) statsQuery(r *web.Request) (c StatsQuery, err error) {
	if c.Unit, err = s.unitParam(r); err != nil {
		return c, err
	}
	c.By, c.Year = r.Param("by"), r.Today().Year()
	if c.By == "" {
		c.By = Dimensions()[0]
	}
	if text := r.Param("year"); text != "" {
		c.Year, _ = strconv.Atoi(text) // what is no year is out of range
	}
	return c, nil
}

func (c StatsQuery) href(path string) string {
	return path + "?unit=" + string(c.Unit) + "&year=" + strconv.Itoa(c.Year) + "&by=" + c.By
}

type statsPage struct {
	Unit   string
	Tabs   ui.Tabs
	Form   ui.Form
	Stats  ui.Stats
	Say    []string
	Table  ui.Table
	Links  []ui.Link
	Drafts []ui.Link
	Sent   ui.Facts
	Send   *ui.Form
	Note   string
}

func (s *Service) getStats(r *web.Request) (web.Response, error) {
	c, err := s.statsQuery(r)
	if err != nil {
		return nil, err
	}
	v, err := s.Stats(r.Context(), r.Actor, c)
	if err != nil {
		return nil, err
	}
	p := statsPage{Unit: s.Units.Name(c.Unit), Tabs: ui.Tabs{Label: r.T("menu.contact_stats")}, Note: r.T("stats.note", v.Small)}
	if v.Exact {
		p.Note = r.T("stats.exact")
	}
	for _, d := range Dimensions() {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Label: r.T("stats.by." + d), Href: StatsQuery{Unit: c.Unit, Year: c.Year, By: d}.href("/register/stats"), Current: d == c.By})
	}
	p.Form = ui.Form{ID: "ask", Method: "get", Action: "/register/stats", Hidden: []ui.Pair{{Name: "by", Value: c.By}}, Buttons: []ui.Button{{Label: r.T("stats.show")}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "unit", Label: r.T("word.unit"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: s.Units.Name(c.Unit)},
		{Name: "year", Label: r.T("stats.year"), Kind: ui.FieldNumber, Value: strconv.Itoa(c.Year)}}}}}
	p.Stats = s.statTiles(r, v)
	p.Say = s.reconciled(r, v)
	p.Table = s.statTable(r, c, v)
	if u, ok := s.Units.Unit(c.Unit); ok && u.Parent != "" && s.policy.Can(r.Actor, "register.stats", s.place(u.Parent)) == nil {
		p.Links = append(p.Links, ui.Link{Label: r.T("return.up", s.Units.Short(u.Parent)), Href: StatsQuery{Unit: u.Parent, Year: c.Year, By: c.By}.href("/register/stats")})
	}
	p.Links = append(p.Links, ui.Link{Label: r.T("stats.export"), Href: c.href("/register/stats/export")})
	for _, q := range quartersUntil(c.Year, Period(string(r.Today())[:7]).Quarter()) {
		p.Drafts = append(p.Drafts, ui.Link{Label: r.T("stats.draft", string(q)), Href: "/register/stats/circular?unit=" + string(c.Unit) + "&quarter=" + string(q)})
	}
	sent, err := s.summaries(r.Context(), r.Actor, c.Unit, quartersUntil(c.Year, lastQuarter(s.Rules.Period, r.Today())))
	if err != nil {
		return nil, err
	}
	p.Sent, p.Send = ui.Facts{Items: s.summaryLines(r, sent)}, s.summaryForm(r, c.Unit, sent)
	return web.Page{Name: "contact/stats", Data: p, API: v, Crumbs: []ui.Crumb{{Label: r.T("menu.contact_stats"), Href: "/register/stats"}, {Label: p.Unit}}}, nil
}

// quartersUntil are the quarters of a year that have begun.
func quartersUntil(year int, last Period) []Period {
	var out []Period
	for q := 1; q <= 4; q++ {
		if p := Period(fmt.Sprintf("%04d-Q%d", year, q)); p <= last {
			out = append(out, p)
		}
	}
	return out
}

func figure(r *web.Request, c Cell) ui.Cell {
	if c.Hidden {
		return ui.Cell{Text: "＊", Title: r.T("stats.hidden")}
	}
	return ui.Cell{Text: strconv.Itoa(c.N)}
}

func figureText(c Cell) string {
	if c.Hidden {
		return "＊"
	}
	return strconv.Itoa(c.N)
}

func (s *Service) statTiles(r *web.Request, v Stats) ui.Stats {
	out := ui.Stats{Items: []ui.Stat{{Label: r.T("stats.total", v.Year), Value: figureText(v.Sum.Cells[4])}, {Label: r.T("stats.before", v.Year-1), Value: figureText(v.Before.Cells[4])}}}
	for i := range 4 {
		if v.Units[i] > 0 {
			out.Items = append(out.Items, ui.Stat{Label: r.T("stats.without", i+1), Value: fmt.Sprintf("%d / %d", v.Without[i], v.Units[i]), Define: r.T("stats.without.define")})
		}
	}
	return out
}

// reconciled says how the sum is made up, where all its parts are shown.
func (s *Service) reconciled(r *web.Request, v Stats) []string {
	var parts []string
	for _, l := range v.Lines {
		if l.Of == "" {
			if l.Cells[4].Hidden {
				return nil
			}
			if v.By == "prohibited" && l.Cells[4].N == 0 {
				continue // their words are long, and most of them count nothing
			}
			parts = append(parts, r.T("stats.part", s.statWord(r, v, l), l.Cells[4].N))
		}
	}
	if v.Sum.Cells[4].Hidden || len(parts) < 2 {
		return nil
	}
	sum := ""
	for i, p := range parts {
		if i > 0 {
			sum += " + "
		}
		sum += p
	}
	return []string{r.T("stats.reconciled", v.Sum.Cells[4].N, sum)}
}

func (s *Service) statWord(r *web.Request, v Stats, l Line) string {
	switch v.By {
	case "unit", "level":
		switch {
		case l.Key == KeyOwn:
			return r.T("stats.own", s.Units.Short(v.Unit))
		case l.Key == KeyBelow:
			return r.T("stats.below")
		case v.By == "level":
			return r.T("stats.level." + l.Key)
		}
		return s.Units.Name(id.ID(l.Key))
	case "class":
		if _, ok := s.Rules.Category(l.Key); ok {
			return s.Rules.Word(l.Key, r.Today(), r.Lang)
		}
		return r.Word("stats.group."+l.Key, l.Key)
	case "asker":
		if slices.Contains([]string{"insider", "outsider"}, l.Key) && l.Of == "" {
			return r.T("stats." + l.Key)
		}
		return r.Word("matter.asker."+l.Key, l.Key)
	case "prohibited":
		if p, ok := s.Rules.prohibitedKind(l.Key); ok {
			return prohibitedWord(r, p)
		}
		return r.Word("matter.prohibited."+l.Key, l.Key)
	case "leadership", "catch_up":
		return r.T("stats." + v.By + "." + l.Key)
	}
	return r.Word(map[string]string{"area": "matter.area.", "record": "matter.record.", "outcome": "matter.outcome."}[v.By]+l.Key, l.Key)
}

func (s *Service) statTable(r *web.Request, c StatsQuery, v Stats) ui.Table {
	t := ui.Table{ID: "s", Caption: r.T("menu.contact_stats"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("stats.none")}, Columns: []ui.Column{{Label: r.T("stats.by." + v.By)}}}
	for i := range 4 {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("stats.quarter", i+1), Num: true})
	}
	t.Columns = append(t.Columns, ui.Column{Label: r.T("stats.whole"), Num: true}, ui.Column{Label: r.T("stats.share"), Num: true})
	cells := func(word string, l Line) []ui.Cell {
		out := []ui.Cell{{Text: word}}
		for _, x := range l.Cells {
			out = append(out, figure(r, x))
		}
		return append(out, ui.Cell{Text: share(l.Cells[4], v.Sum.Cells[4])})
	}
	for _, l := range v.Lines {
		word := s.statWord(r, v, l)
		if l.Of != "" {
			word = "　" + word
		}
		row := ui.Row{Cells: cells(word, l)}
		if v.By == "unit" && l.Of == KeyBelow {
			row.Href = StatsQuery{Unit: id.ID(l.Key), Year: c.Year, By: c.By}.href("/register/stats")
		}
		t.Rows = append(t.Rows, row)
	}
	t.Total = cells(r.T("stats.sum"), v.Sum)
	return t
}

func share(part, of Cell) string {
	if part.Hidden || of.Hidden || of.N == 0 {
		return "—"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(part.N)/float64(of.N))
}

// getStatsExport gives the table in force as a workbook, hidden figures as they
// are shown. It is an entry of the log before the first byte leaves.
func (s *Service) getStatsExport(r *web.Request) (web.Response, error) {
	c, err := s.statsQuery(r)
	if err != nil {
		return nil, err
	}
	v, err := s.Stats(r.Context(), r.Actor, c)
	if err != nil {
		return nil, err
	}
	if err := s.log.Note(r.Context(), r.Actor, "register.export", map[string]any{"unit": c.Unit, "year": c.Year, "by": c.By}); err != nil {
		return nil, err
	}
	t := sheet.Table{Name: r.T("menu.contact_stats"), Title: s.Units.Name(c.Unit) + " " + r.T("menu.contact_stats"), Sub: strconv.Itoa(c.Year) + " · " + r.T("stats.by."+c.By) + " · " + r.T("stats.note", v.Small), Freeze: 1,
		Columns: []sheet.Field{{Header: r.T("stats.by." + c.By), Width: 30}}}
	for i := range 4 {
		t.Columns = append(t.Columns, sheet.Field{Header: r.T("stats.quarter", i+1), Kind: sheet.Number})
	}
	t.Columns = append(t.Columns, sheet.Field{Header: r.T("stats.whole"), Kind: sheet.Number})
	line := func(word string, l Line) []string {
		out := []string{word}
		for _, x := range l.Cells {
			out = append(out, figureText(x))
		}
		return out
	}
	t.Rows = func(yield func([]string) bool) {
		for _, l := range v.Lines {
			word := s.statWord(r, v, l)
			if l.Of != "" {
				word = "　" + word
			}
			if !yield(line(word, l)) {
				return
			}
		}
		yield(line(r.T("stats.sum"), v.Sum))
	}
	var b bytes.Buffer
	if err := sheet.WriteXLSX(&b, t); err != nil {
		return nil, err
	}
	return web.File{Name: fmt.Sprintf("%s-%s-%d-%s.xlsx", r.T("menu.contact_stats"), s.Units.Short(c.Unit), c.Year, r.T("stats.by."+c.By)), Type: xlsxType, Body: &b, Size: int64(b.Len())}, nil
}
