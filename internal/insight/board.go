package insight

import (
	"html/template"
	"math"
	"slices"
	"strconv"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org/tree"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/ui/chart"
	"huikan/internal/platform/web"
	"huikan/internal/rectification"
)

// Sums are the figures of a set of items.
type Sums struct {
	Items    int `json:"items"`
	Closed   int `json:"closed"`
	Open     int `json:"open"`
	Overdue  int `json:"overdue"`
	Applied  int `json:"applied"`
	Checked  int `json:"checked"` // re-verified by a look-back
	Untrue   int `json:"untrue"`  // of these paper or false
	Relapsed int `json:"relapsed"`
}

func (x *Sums) add(c rectification.Count) {
	x.Items += c.N
	if c.State == rectification.StateClosed {
		x.Closed += c.N
	} else {
		x.Open += c.N
	}
	if c.Overdue {
		x.Overdue += c.N
	}
	if c.State == rectification.StateApplied {
		x.Applied += c.N
	}
	switch c.Verified {
	case "":
		return
	case rectification.Paper, rectification.False:
		x.Untrue += c.N
	case rectification.Relapsed:
		x.Relapsed += c.N
	}
	x.Checked += c.N
}

// share is n of m, unknown when there is nothing to divide by.
func share(n, m int) float64 {
	if m == 0 {
		return math.NaN()
	}
	return float64(n) / float64(m)
}

func percent(v float64) string {
	if math.IsNaN(v) {
		return "—"
	}
	return strconv.FormatFloat(100*v, 'f', 1, 64) + "%"
}

type boardPage struct {
	Stats  ui.Stats
	Map    template.HTML
	Bars   template.HTML
	Heat   template.HTML
	Late   ui.Bars
	AsOf   string
	Hidden string
}

// province is the provincial unit at or above a unit, "" for the national one.
func (s *Service) province(unit id.ID) id.ID {
	for range 5 {
		u, ok := s.Dir.Unit(unit)
		if !ok || u.Level <= 2 {
			if u.Level == 2 {
				return u.ID
			}
			return ""
		}
		unit = u.Parent
	}
	return ""
}

// getBoard is the dashboard on one page: every figure leads to its list.
func (s *Service) getBoard(r *web.Request) (web.Response, error) {
	snap, err := s.mine(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	var all Sums
	byProvince, byCategory := map[id.ID]*Sums{}, map[string]*Sums{}
	cells := map[[2]string]int{}
	unit, top := id.ID(""), id.ID("")
	for i, c := range snap.counts {
		all.add(c)
		if i == 0 || c.Unit != unit { // groups of one unit stand together
			unit, top = c.Unit, s.province(c.Unit)
		}
		if byProvince[top] == nil {
			byProvince[top] = &Sums{}
		}
		byProvince[top].add(c)
		if byCategory[c.Category] == nil {
			byCategory[c.Category] = &Sums{}
		}
		byCategory[c.Category].add(c)
		cells[[2]string{string(top), c.Category}] += c.N
	}
	at := snap.at.In(clock.Beijing).Format("2006-01-02 15:04")
	p := boardPage{AsOf: at, Stats: ui.Stats{Items: []ui.Stat{
		{Label: r.T("board.items"), Value: strconv.Itoa(all.Items), Href: "/ledger", Define: r.T("board.items.define")},
		{Label: r.T("board.closed"), Value: percent(share(all.Closed, all.Items)), Note: strconv.Itoa(all.Closed), Href: "/ledger?state=closed", Define: r.T("board.closed.define")},
		{Label: r.T("board.overdue"), Value: strconv.Itoa(all.Overdue), Href: "/ledger?view=overdue", Class: map[bool]string{true: "late"}[all.Overdue > 0], Define: r.T("board.overdue.define")},
		{Label: r.T("board.applied"), Value: strconv.Itoa(all.Applied), Href: "/ledger?state=applied", Define: r.T("board.applied.define")},
		{Label: r.T("board.checked"), Value: strconv.Itoa(all.Checked), Note: r.T("board.checked.note", all.Closed), Href: "/lookback", Define: r.T("board.checked.define")},
		{Label: r.T("board.untrue"), Value: percent(share(all.Untrue, all.Checked)), Note: strconv.Itoa(all.Untrue), Href: "/lookback", Class: map[bool]string{true: "late"}[all.Untrue > 0], Define: r.T("board.untrue.define")},
	}}}
	if s.Lasting != nil {
		err := s.Log.DB().Read(r.Context(), func(q db.Q) error {
			h, _, err := s.Lasting(r.Context(), q, r.Actor, "")
			p.Stats.Items = slices.Insert(p.Stats.Items, 2, h.Stat(r.T))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	p.Map = s.tiles(r, byProvince)
	p.Bars = s.categories(r, byCategory)
	p.Heat = s.heat(r, byProvince, byCategory, cells)
	p.Late = s.late(r, byProvince)
	return web.Page{Name: "insight/board", Data: p, API: map[string]any{"as_of": at, "total": all, "by_category": byCategory}, AsOf: at,
		Crumbs: []ui.Crumb{{Label: r.T("menu.board")}}, Mark: true}, nil
}

func (s *Service) tiles(r *web.Request, by map[id.ID]*Sums) template.HTML {
	var tiles []chart.Tile
	known := 0
	for _, u := range s.Dir.Provincial() {
		col, row, ok := tree.Tile(u.Code)
		if !ok {
			continue
		}
		t := chart.Tile{Name: tree.Label(u.Code), Col: col, Row: row, Share: math.NaN(), Text: "—", Href: "/ledger?unit=" + string(u.ID)}
		if x := by[u.ID]; x != nil && x.Items > 0 {
			t.Share = share(x.Closed, x.Items)
			t.Text = percent(t.Share)
			known++
		}
		tiles = append(tiles, t)
	}
	return chart.TileMap(chart.Frame{ID: "map", Title: r.T("board.map"), Caption: r.T("board.map.caption", known, len(tiles)), Data: r.T("board.data")}, tiles,
		chart.TileMapWords{Unit: r.T("word.unit"), Value: r.T("board.closed"), Low: r.T("board.low"), High: r.T("board.high"), Note: r.T("board.map.note")})
}

// categories are the four implementations (四个落实), in their order.
var categories = []string{"theory", "discipline", "organisation", "rectification"}

func (s *Service) categories(r *web.Request, by map[string]*Sums) template.HTML {
	var rows []chart.BarRow
	worst, most := "", -1
	for _, c := range categories {
		x := by[c]
		if x == nil {
			x = &Sums{}
		}
		rows = append(rows, chart.BarRow{Label: r.T("finding.category." + c), Values: []float64{float64(x.Closed), float64(x.Open - x.Overdue), float64(x.Overdue)}, Href: "/ledger?category=" + c})
		if x.Open > most {
			worst, most = c, x.Open
		}
	}
	return chart.Bars(chart.Frame{ID: "bars", Title: r.T("board.categories"), Caption: r.T("board.categories.caption", r.T("finding.category."+worst), most), Data: r.T("board.data")},
		[]string{r.T("board.closed.word"), r.T("board.running"), r.T("board.overdue")}, rows, r.T("board.items"))
}

// heatRows bounds the heat map to the units with most open items.
const heatRows = 10

func (s *Service) heat(r *web.Request, by map[id.ID]*Sums, cat map[string]*Sums, cells map[[2]string]int) template.HTML {
	var units []id.ID
	for u := range by {
		units = append(units, u)
	}
	slices.SortFunc(units, func(a, b id.ID) int {
		if d := by[b].Open - by[a].Open; d != 0 {
			return d
		}
		return compare(string(a), string(b))
	})
	units = units[:min(heatRows, len(units))]
	d := chart.Heat{}
	for _, c := range categories {
		d.Cols = append(d.Cols, r.T("finding.category."+c))
	}
	for _, u := range units {
		name := s.short(r, u)
		d.Rows = append(d.Rows, name)
		var line []float64
		for _, c := range categories {
			line = append(line, float64(cells[[2]string{string(u), c}]))
		}
		d.Values = append(d.Values, line)
	}
	d.Axis = r.T("board.items")
	d.Href = func(row, col int) string {
		return "/ledger?unit=" + string(units[row]) + "&category=" + categories[col]
	}
	return chart.HeatMap(chart.Frame{ID: "heat", Title: r.T("board.heat"), Caption: r.T("board.heat.caption", len(units)), Data: r.T("board.data")}, d)
}

func (s *Service) short(r *web.Request, unit id.ID) string {
	if u, ok := s.Dir.Unit(unit); ok {
		return tree.Label(u.Code)
	}
	return r.T("board.national")
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// lateShown is how many units the list of overdue items names.
const lateShown = 5

func (s *Service) late(r *web.Request, by map[id.ID]*Sums) ui.Bars {
	type line struct {
		unit id.ID
		n    int
	}
	var lines []line
	for u, x := range by {
		if x.Overdue > 0 {
			lines = append(lines, line{u, x.Overdue})
		}
	}
	slices.SortFunc(lines, func(a, b line) int {
		if a.n != b.n {
			return b.n - a.n
		}
		return compare(string(a.unit), string(b.unit))
	})
	out := ui.Bars{Label: r.T("board.late")}
	for _, l := range lines[:min(lateShown, len(lines))] {
		out.Items = append(out.Items, ui.Bar{Label: s.short(r, l.unit), Value: l.n, Text: strconv.Itoa(l.n), Href: "/ledger?view=overdue&unit=" + string(l.unit), Class: "late"})
	}
	return out
}

func (s *Service) getHelp(r *web.Request) (web.Response, error) {
	return web.Page{Name: "insight/help", Crumbs: []ui.Crumb{{Label: r.T("help.title")}}}, nil
}
