package insight

import (
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/contact"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/stat"
	"huikan/internal/lookback"
	"huikan/internal/org/tree"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/ui/chart"
	"huikan/internal/platform/web"
)

// panel is one part of a dashboard as it is drawn, read and exported: a picture
// or figures, the same numbers as a table, the list behind it, and what it hides.
type panel struct {
	Key, Title string
	Stats      ui.Stats
	Chart      template.HTML
	Bars       *ui.Bars
	Hides      string
	Href, More string
	Head       []string
	Rows       [][]string
}

// order says which parts come first for whom; a part that the reader may not see
// is not there.
var order = map[string][]string{
	"leader":     {"ledger", "map", "trend", "rebound", "coverage", "honesty", "heat", "late", "forms", "calendar", "clock", "alerts", "tasks", "categories"},
	"office":     {"ledger", "coverage", "map", "trend", "rebound", "honesty", "categories", "late", "heat", "tasks", "forms", "calendar", "clock", "alerts"},
	"supervisor": {"tasks", "ledger", "late", "map", "trend", "rebound", "categories", "heat", "coverage", "honesty", "calendar", "forms", "clock", "alerts"},
	"oversight":  {"calendar", "clock", "alerts", "forms", "tasks", "ledger", "honesty", "trend", "rebound", "map", "heat", "late", "categories", "coverage"},
	"unit":       {"ledger", "tasks", "categories", "trend", "rebound", "honesty", "calendar", "late", "heat", "map", "coverage", "forms", "clock", "alerts"},
}

// orders are the names of order, as tabs.
var orders = []string{"leader", "office", "supervisor", "oversight", "unit"}

// orderFor is what a reader sees first.
func orderFor(a actor.Actor) string {
	for _, x := range []struct {
		role actor.Role
		name string
	}{{actor.Leader, "leader"}, {actor.Office, "office"}, {actor.Reviewer, "office"}, {actor.Supervisor, "supervisor"}, {actor.InternalSupervision, "oversight"}} {
		if a.Has(x.role) {
			return x.name
		}
	}
	return "unit"
}

// panels draws the parts of a board in an order.
func (s *Service) panels(r *web.Request, b Board, as string) []panel {
	all := map[string]panel{}
	put := func(p panel, ok bool) {
		if ok {
			all[p.Key] = p
		}
	}
	items := b.Total.Items > 0
	put(s.ledgerPanel(r, b), r.Can("item.read"))
	put(s.mapPanel(r, b), items && len(b.ByUnit) > 1)
	put(s.trendPanel(r, b), b.Trend != nil && items)
	put(s.reboundPanel(r, b), b.Trend != nil && items)
	put(s.coveragePanel(r, b), len(b.Covered) > 0)
	put(s.honestyPanel(r, b), b.Total.Checked > 0)
	put(s.heatPanel(r, b), items)
	put(s.categoryPanel(r, b), items)
	put(s.latePanel(r, b), b.Total.Overdue > 0 && len(b.ByUnit) > 1)
	put(s.formsPanel(r, b), b.Forms != nil)
	put(s.calendarPanel(r, b), b.Calendar != nil && len(b.Calendar.Rows) > 0)
	put(s.clockPanel(r, b), b.Hits != nil)
	put(s.alertPanel(r, b), b.Alerts != nil)
	put(s.taskPanel(r, b), b.Tasks != nil)
	var out []panel
	for _, key := range order[as] {
		if p, ok := all[key]; ok {
			out = append(out, p)
		}
	}
	return out
}

// listOf is an address of the ledger that holds exactly what a figure counts.
func (b Board) listOf(list string, unit id.ID, more ...string) string {
	q := more
	if unit == "" {
		unit = b.Under
	}
	if unit != "" {
		q = append([]string{"under=" + string(unit)}, q...)
	}
	if len(q) == 0 {
		return list
	}
	return list + "?" + strings.Join(q, "&")
}

// cell is the list of one unit of a board: the top unit stands for itself alone.
func (s *Service) cellList(b Board, unit id.ID, more ...string) string {
	top := b.Under
	if top == "" {
		top = s.Dir.Root().ID
	}
	if unit == top {
		return "/ledger?" + strings.Join(append([]string{"unit=" + string(unit), "view=all"}, more...), "&")
	}
	return b.listOf("/ledger", unit, append([]string{"view=all"}, more...)...)
}

// ends are what became of some items, by endWords.
func (b Board) ends(x Sums) []float64 {
	return []float64{float64(x.Closed), float64(x.Open - x.Overdue), float64(x.Aside), float64(x.Overdue)}
}

// endWords name them; what is overdue has the colour of an alarm, not of success.
func (b Board) endWords(t func(string, ...any) string) []string {
	return []string{t("board.closed.word"), t("board.running"), t("aside.title"), t("board.overdue")}
}

func tableOf(st ui.Stats) (rows [][]string) {
	for _, x := range st.Items {
		rows = append(rows, []string{x.Label, x.Value, x.Note})
	}
	return rows
}

func (s *Service) ledgerPanel(r *web.Request, b Board) panel {
	x := b.Total
	st := ui.Stats{Items: []ui.Stat{
		{Label: r.T("board.items"), Value: strconv.Itoa(x.Items), Href: b.listOf("/ledger", "", "view=all"), Define: r.T("board.items.define")},
		{Label: r.T("board.closed"), Value: percent(share(x.Closed, x.Items)), Note: strconv.Itoa(x.Closed), Href: b.listOf("/ledger", "", "view=all", "state=closed"), Define: r.T("board.closed.define")},
		{Label: r.T("board.overdue"), Value: strconv.Itoa(x.Overdue), Href: b.listOf("/ledger", "", "view=overdue"), Class: map[bool]string{true: "late"}[x.Overdue > 0], Define: r.T("board.overdue.define")},
		{Label: r.T("board.applied"), Value: strconv.Itoa(x.Applied), Href: b.listOf("/ledger", "", "view=all", "state=applied"), Define: r.T("board.applied.define")},
		{Label: r.T("board.checked"), Value: strconv.Itoa(x.Checked), Note: r.T("board.checked.note", x.Closed), Href: "/lookback", Define: r.T("board.checked.define")},
		{Label: r.T("board.untrue"), Value: percent(share(x.Untrue, x.Checked)), Note: strconv.Itoa(x.Untrue), Href: "/lookback", Class: map[bool]string{true: "late"}[x.Untrue > 0], Define: r.T("board.untrue.define")},
	}}
	if x.Aside > 0 {
		st.Items = slices.Insert(st.Items, 2, ui.Stat{Label: r.T("aside.title"), Value: strconv.Itoa(x.Aside), Href: b.listOf("/ledger", "", "view=aside"), Define: r.T("aside.define")})
	}
	if b.Measures != nil && b.Measures.All > 0 {
		st.Items = slices.Insert(st.Items, 1, b.Measures.Stat(r.T, b.listOf("/ledger", "", "view=all", "list=tasks")))
	}
	if b.Lasting != nil {
		st.Items = slices.Insert(st.Items, 2, b.Lasting.Stat(r.T))
	}
	return panel{Key: "ledger", Title: r.T("board.ledger"), Stats: st, Href: b.listOf("/ledger", ""), Hides: r.T("board.hides.concern"), Head: []string{r.T("board.figure"), r.T("board.value"), r.T("board.note")}, Rows: tableOf(st)}
}

func (s *Service) name(r *web.Request, unit id.ID) string {
	u, ok := s.Dir.Unit(unit)
	switch {
	case !ok:
		return "—"
	case u.Level == 1:
		return r.T("board.national")
	case u.Level == 2:
		return tree.Label(u.Code)
	}
	return u.Short
}

func (s *Service) mapPanel(r *web.Request, b Board) panel {
	p := panel{Key: "map", Title: r.T("board.map"), Hides: r.T("board.hides.concern"), Head: []string{r.T("word.unit"), r.T("board.items"), r.T("board.closed.word"), r.T("board.overdue"), r.T("board.closed")}}
	var tiles []chart.Tile
	var bars []chart.BarRow
	known := 0
	for _, n := range b.ranked() {
		x := b.ByUnit[n]
		p.Rows = append(p.Rows, []string{s.name(r, n), strconv.Itoa(x.Items), strconv.Itoa(x.Closed), strconv.Itoa(x.Overdue), percent(share(x.Closed, x.Items))})
		if len(bars) < heatRows {
			bars = append(bars, chart.BarRow{Label: s.name(r, n), Values: b.ends(*x), Href: s.cellList(b, n)})
		}
	}
	if b.Under != "" && b.Under != s.Dir.Root().ID { // tiles are the map of the nation; below it bars are enough
		p.Title = r.T("board.units")
		p.Chart = chart.Bars(chart.Frame{ID: "map", Title: p.Title, Caption: r.T("board.heat.caption", len(bars)), Data: r.T("board.data"), Late: 3}, b.endWords(r.T), bars, r.T("word.unit"))
		return p
	}
	for _, u := range s.Dir.Provincial() {
		col, row, ok := tree.Tile(u.Code)
		if !ok {
			continue
		}
		t := chart.Tile{Name: tree.Label(u.Code), Col: col, Row: row, Share: math.NaN(), Text: "—", Href: s.cellList(b, u.ID)}
		if x := b.ByUnit[u.ID]; x != nil && x.Items > 0 {
			t.Share = share(x.Closed, x.Items)
			t.Text = percent(t.Share)
			known++
		}
		tiles = append(tiles, t)
	}
	p.Chart = chart.TileMap(chart.Frame{ID: "map", Title: p.Title, Caption: r.T("board.map.caption", known, len(tiles)), Data: r.T("board.data")}, tiles,
		chart.TileMapWords{Unit: r.T("word.unit"), Value: r.T("board.closed"), Low: r.T("board.low"), High: r.T("board.high"), Note: r.T("board.map.note")})
	return p
}

func (s *Service) trendPanel(r *web.Request, b Board) panel {
	p := panel{Key: "trend", Title: r.T("board.trend"), Href: b.listOf("/ledger", ""), Hides: r.T("board.hides.concern"), Head: []string{r.T("board.month"), r.T("board.trend.in"), r.T("board.closed.word"), r.T("board.trend.back"), r.T("board.trend.left"), r.T("board.trend.plan")}}
	if b.Trend == nil {
		return p
	}
	d := chart.Burn{PlanWord: r.T("board.trend.plan"), RealWord: r.T("board.trend.left"), AxisWord: r.T("board.month")}
	for _, m := range b.Trend.Months {
		d.Labels = append(d.Labels, m.Month[2:])
		d.Plan, d.Real = append(d.Plan, float64(m.Planned)), append(d.Real, float64(m.Left))
		p.Rows = append(p.Rows, []string{m.Month, strconv.Itoa(m.In), strconv.Itoa(m.Closed), strconv.Itoa(m.Reopened), strconv.Itoa(m.Left), strconv.Itoa(m.Planned)})
	}
	last := b.Trend.Months[len(b.Trend.Months)-1]
	p.Chart = chart.BurnDown(chart.Frame{ID: "trend", Title: p.Title, Caption: r.T("board.trend.caption", last.Left, last.Planned), Data: r.T("board.data")}, d)
	return p
}

func (s *Service) reboundPanel(r *web.Request, b Board) panel {
	p := panel{Key: "rebound", Title: r.T("board.rebound"), Href: b.listOf("/ledger", "", "view=all", "state=reopened"), Head: []string{r.T("board.month"), r.T("board.closed.word"), r.T("board.trend.back")}}
	if b.Trend == nil {
		return p
	}
	var rows []chart.BarRow
	for _, m := range b.Trend.Months {
		rows = append(rows, chart.BarRow{Label: m.Month[2:], Values: []float64{float64(m.Closed), float64(m.Reopened)}})
		p.Rows = append(p.Rows, []string{m.Month, strconv.Itoa(m.Closed), strconv.Itoa(m.Reopened)})
	}
	closed, back := b.Trend.Closed()
	p.Chart = chart.Bars(chart.Frame{ID: "rebound", Title: p.Title, Caption: r.T("board.rebound.caption", closed, back), Data: r.T("board.data")}, []string{r.T("board.closed.word"), r.T("board.trend.back")}, rows, r.T("board.month"))
	return p
}

func (s *Service) coveragePanel(r *web.Request, b Board) panel {
	p := panel{Key: "coverage", Title: r.T("board.coverage"), Href: "/coverage", Head: []string{r.T("word.unit"), r.T("board.coverage.done"), r.T("board.coverage.round"), r.T("board.coverage.below")}}
	var tiles []chart.Tile
	done := 0
	for _, c := range b.Covered {
		state := r.T("board.coverage.no")
		shareOf, text := 0.0, r.T("board.coverage.no")
		switch {
		case c.InTerm:
			done++
			state, shareOf, text = r.T("board.coverage.yes"), 1, r.T("board.coverage.yes")
		case c.Ever:
			state, shareOf, text = r.T("board.coverage.before"), 0.4, r.T("board.coverage.before")
		}
		p.Rows = append(p.Rows, []string{s.name(r, c.Unit.ID), state, c.RoundName, strconv.Itoa(c.BelowDone) + "/" + strconv.Itoa(c.Below)})
		if col, row, ok := tree.Tile(c.Unit.Code); ok && c.Unit.Level == 2 {
			tiles = append(tiles, chart.Tile{Name: tree.Label(c.Unit.Code), Col: col, Row: row, Share: shareOf, Text: text, Href: "/units/" + string(c.Unit.ID)})
		}
	}
	st := ui.Stats{Items: []ui.Stat{{Label: r.T("board.coverage.done"), Value: strconv.Itoa(done) + "/" + strconv.Itoa(len(b.Covered)), Href: "/coverage", Define: r.T("board.coverage.define")}}}
	p.Stats = st
	if len(tiles) > 0 {
		p.Chart = chart.TileMap(chart.Frame{ID: "coverage", Title: p.Title, Caption: r.T("board.coverage.caption", len(b.Covered), done), Data: r.T("board.data")}, tiles,
			chart.TileMapWords{Unit: r.T("word.unit"), Value: r.T("board.coverage.done"), Low: r.T("board.coverage.no"), High: r.T("board.coverage.yes"), Note: r.T("board.map.note")})
	}
	return p
}

// honestyPanel is what re-verification says of close-outs, with its range: a
// sample is never surer than it is.
func (s *Service) honestyPanel(r *web.Request, b Board) panel {
	p := panel{Key: "honesty", Title: r.T("board.honesty"), Href: "/lookback", Hides: r.T("board.hides.sample"), Head: []string{r.T("word.unit"), r.T("board.checked"), r.T("board.honesty.untrue"), r.T("board.honesty.relapsed"), r.T("board.honesty.range")}}
	var rows []chart.Estimate
	add := func(name string, x Sums) {
		if x.Checked == 0 {
			return
		}
		i := stat.Wilson(x.Untrue+x.Relapsed, x.Checked, lookback.Confidence)
		text := percent(i.Share) + " (" + percent(i.Low) + "–" + percent(i.High) + ")"
		rows = append(rows, chart.Estimate{Label: name, Mid: i.Share, Low: i.Low, High: i.High, Text: text})
		p.Rows = append(p.Rows, []string{name, strconv.Itoa(x.Checked), strconv.Itoa(x.Untrue), strconv.Itoa(x.Relapsed), text})
	}
	add(r.T("board.all"), b.Total)
	units := b.ranked()
	slices.SortStableFunc(units, func(x, y id.ID) int { return b.ByUnit[y].Checked - b.ByUnit[x].Checked })
	for _, n := range units[:min(8, len(units))] {
		add(s.name(r, n), *b.ByUnit[n])
	}
	p.Chart = chart.Interval(chart.Frame{ID: "honesty", Title: p.Title, Caption: r.T("board.honesty.caption", b.Total.Untrue+b.Total.Relapsed, b.Total.Checked), Data: r.T("board.data")}, rows, 1, chart.IntervalWords{Label: r.T("word.unit"), Value: r.T("board.honesty.range")})
	return p
}

// heatRows bounds pictures to the units with most open items.
const heatRows = 10

func (s *Service) heatPanel(r *web.Request, b Board) panel {
	p := panel{Key: "heat", Title: r.T("board.heat"), Head: []string{r.T("word.unit")}}
	units := b.ranked()
	if len(units) > heatRows {
		p.Hides = r.T("board.hides.rest", len(units)-heatRows)
	}
	d := chart.Heat{Axis: r.T("board.items")}
	for _, c := range categories {
		d.Cols = append(d.Cols, r.T("finding.category."+c))
		p.Head = append(p.Head, r.T("finding.category."+c))
	}
	for i, u := range units {
		line, row := []float64{}, []string{s.name(r, u)}
		for _, c := range categories {
			n := b.Cells[u][c].Items
			line, row = append(line, float64(n)), append(row, strconv.Itoa(n))
		}
		p.Rows = append(p.Rows, row)
		if i < heatRows {
			d.Rows, d.Values = append(d.Rows, s.name(r, u)), append(d.Values, line)
		}
	}
	d.Href = func(row, col int) string { return s.cellList(b, units[row], "category="+categories[col]) }
	p.Chart = chart.HeatMap(chart.Frame{ID: "heat", Title: p.Title, Caption: r.T("board.heat.caption", min(heatRows, len(units))), Data: r.T("board.data")}, d)
	return p
}

func (s *Service) categoryPanel(r *web.Request, b Board) panel {
	p := panel{Key: "categories", Title: r.T("board.categories"), Head: []string{r.T("board.category"), r.T("board.closed.word"), r.T("board.running"), r.T("board.overdue")}}
	var rows []chart.BarRow
	worst, most := "", -1
	for _, c := range categories {
		x := b.ByCategory[c]
		if x == nil {
			x = &Sums{}
		}
		rows = append(rows, chart.BarRow{Label: r.T("finding.category." + c), Values: b.ends(*x), Href: b.listOf("/ledger", "", "view=all", "category="+c)})
		p.Rows = append(p.Rows, []string{r.T("finding.category." + c), strconv.Itoa(x.Closed), strconv.Itoa(x.Open - x.Overdue), strconv.Itoa(x.Overdue)})
		if x.Open > most {
			worst, most = c, x.Open
		}
	}
	p.Chart = chart.Bars(chart.Frame{ID: "bars", Title: p.Title, Caption: r.T("board.categories.caption", r.T("finding.category."+worst), most), Data: r.T("board.data"), Late: 3},
		b.endWords(r.T), rows, r.T("board.items"))
	return p
}

// lateShown is how many units the list of overdue items names.
const lateShown = 5

func (s *Service) latePanel(r *web.Request, b Board) panel {
	p := panel{Key: "late", Title: r.T("board.late"), Href: b.listOf("/ledger", "", "view=overdue"), Head: []string{r.T("word.unit"), r.T("board.overdue")}}
	units := b.ranked()
	slices.SortStableFunc(units, func(x, y id.ID) int { return b.ByUnit[y].Overdue - b.ByUnit[x].Overdue })
	bars := ui.Bars{Label: p.Title}
	for _, u := range units {
		n := b.ByUnit[u].Overdue
		if n == 0 {
			break
		}
		p.Rows = append(p.Rows, []string{s.name(r, u), strconv.Itoa(n)})
		if len(bars.Items) < lateShown {
			href := b.listOf("/ledger", u, "view=overdue")
			if u == b.Under || u == s.Dir.Root().ID {
				href = "/ledger?view=overdue&unit=" + string(u)
			}
			bars.Items = append(bars.Items, ui.Bar{Label: s.name(r, u), Value: n, Text: strconv.Itoa(n), Href: href, Class: "late"})
		}
	}
	p.Bars = &bars
	return p
}

func (s *Service) formsPanel(r *web.Request, b Board) panel {
	p := panel{Key: "forms", Title: r.T("board.forms"), Href: "/conduct/forms", Head: []string{r.T("board.form"), r.T("board.value")}}
	if b.Forms == nil {
		return p
	}
	p.Hides = r.T("board.hides.small", b.Forms.Small)
	bars := ui.Bars{Label: p.Title}
	for f, c := range b.Forms.Total.Forms {
		label, text := r.T("conduct.form."+strconv.Itoa(f+1)), strconv.Itoa(c.N)
		bar := ui.Bar{Label: label, Value: c.N, Text: text}
		if c.Hidden {
			text = "＊"
			bar.Value, bar.Text = 0, text
		}
		bars.Items = append(bars.Items, bar)
		p.Rows = append(p.Rows, []string{label, text})
	}
	p.Bars = &bars
	return p
}

// calendarRows bounds the units of the calendar on the board: those with most
// missing returns stand first.
const calendarRows = 12

func (s *Service) calendarPanel(r *web.Request, b Board) panel {
	v := b.Calendar
	p := panel{Key: "calendar", Title: r.T("board.calendar"), Href: "/contacts/calendar", Head: []string{r.T("word.unit")}}
	if v == nil {
		return p
	}
	if b.Under != "" {
		p.Href += "?unit=" + string(b.Under)
	}
	var cols []string
	for _, x := range v.Periods {
		cols, p.Head = append(cols, strings.TrimPrefix(string(x)[2:], "-")), append(p.Head, string(x))
	}
	missing := func(x contact.CalendarRow) (n int) {
		for _, t := range x.Tallies {
			n += t.Missing()
		}
		return n
	}
	rows := slices.Clone(v.Rows)
	slices.SortStableFunc(rows, func(x, y contact.CalendarRow) int { return missing(y) - missing(x) })
	if len(rows) > calendarRows {
		p.Hides = r.T("board.hides.rest", len(rows)-calendarRows)
	}
	var lines []chart.CalendarRow
	for i, x := range rows {
		line := chart.CalendarRow{Label: x.Name, Href: "/contacts/calendar?unit=" + string(x.Unit)}
		row := []string{x.Name}
		for _, t := range x.Tallies {
			d := chart.Day{Class: "ok", Mark: "✓", Text: r.T("board.calendar.full", t.Filed, t.Owed)}
			switch {
			case t.Owed == 0:
				d = chart.Day{Class: "off", Mark: "–", Text: r.T("board.calendar.none")}
			case t.Missing() > 0:
				d = chart.Day{Class: "late", Mark: capped(t.Missing()), Text: r.T("board.calendar.missing", t.Missing(), t.Owed)}
			}
			line.Days = append(line.Days, d)
			row = append(row, strconv.Itoa(t.Filed)+"/"+strconv.Itoa(t.Owed))
		}
		if i < calendarRows {
			lines = append(lines, line)
		}
		p.Rows = append(p.Rows, row)
	}
	last := v.Total[len(v.Total)-1]
	key := []chart.Day{{Class: "ok", Mark: "✓", Text: r.T("board.calendar.key.full")}, {Class: "late", Mark: "3", Text: r.T("board.calendar.key.missing")}, {Class: "off", Mark: "–", Text: r.T("board.calendar.none")}}
	p.Chart = chart.Calendar(chart.Frame{ID: "calendar", Title: p.Title, Caption: r.T("board.calendar.caption", string(v.Periods[len(v.Periods)-1]), last.Filed, last.Owed), Data: r.T("board.data")}, cols, lines, key, r.T("word.unit"))
	return p
}

func capped(n int) string {
	if n > 999 {
		return "999+"
	}
	return strconv.Itoa(n)
}

func (s *Service) clockPanel(r *web.Request, b Board) panel {
	p := panel{Key: "clock", Title: r.T("board.clock"), Href: "/screening", Head: []string{r.T("board.figure"), r.T("board.value"), r.T("board.note")}}
	if b.Hits == nil {
		return p
	}
	h := *b.Hits
	p.Stats = ui.Stats{Items: []ui.Stat{
		{Label: r.T("board.clock.open"), Value: strconv.Itoa(h.States["open"] + h.States["unsure"] + h.States["proposed"]), Define: r.T("board.clock.open.define")},
		{Label: r.T("board.clock.confirmed"), Value: strconv.Itoa(h.States["confirmed"])},
		{Label: r.T("board.clock.soon"), Value: strconv.Itoa(h.In30), Note: r.T("board.clock.in_90", h.In90), Define: r.T("board.clock.soon.define")},
		{Label: r.T("board.clock.life"), Value: strconv.Itoa(h.Life)}}}
	if h.Capped {
		p.Hides = r.T("board.hides.capped", 1000)
	}
	p.Rows = tableOf(p.Stats)
	return p
}

func (s *Service) alertPanel(r *web.Request, b Board) panel {
	p := panel{Key: "alerts", Title: r.T("board.alerts"), Href: "/risk", Head: []string{r.T("board.figure"), r.T("board.value"), r.T("board.note")}}
	if b.Alerts == nil {
		return p
	}
	a := *b.Alerts
	note := "—"
	if a.N > 0 {
		note = percent(a.Low) + "–" + percent(a.High)
	}
	p.Stats = ui.Stats{Items: []ui.Stat{{Label: r.T("board.alerts.judged"), Value: strconv.Itoa(a.N)}, {Label: r.T("board.alerts.precision"), Value: percent(share(a.Yes, a.N)), Note: note, Define: r.T("board.alerts.define")}}}
	p.Rows = tableOf(p.Stats)
	return p
}

func (s *Service) taskPanel(r *web.Request, b Board) panel {
	p := panel{Key: "tasks", Title: r.T("board.tasks"), Href: b.listOf("/tasks", ""), Head: []string{r.T("board.figure"), r.T("board.value"), r.T("board.note")}}
	if b.Tasks == nil {
		return p
	}
	t := *b.Tasks
	p.Stats = ui.Stats{Items: []ui.Stat{{Label: r.T("board.tasks.all"), Value: strconv.Itoa(t.All), Href: b.listOf("/tasks", "", "view=all")}, {Label: r.T("board.tasks.reported"), Value: strconv.Itoa(t.Reported), Href: b.listOf("/tasks", "", "view=review"), Define: r.T("board.tasks.reported.define")},
		{Label: r.T("board.tasks.verified"), Value: strconv.Itoa(t.Verified), Href: b.listOf("/tasks", "", "view=all", "state=done"), Define: r.T("board.tasks.verified.define")}, {Label: r.T("board.tasks.late"), Value: strconv.Itoa(t.Late), Href: b.listOf("/tasks", "", "view=late"), Class: map[bool]string{true: "late"}[t.Late > 0]}}}
	p.Rows = tableOf(p.Stats)
	return p
}
