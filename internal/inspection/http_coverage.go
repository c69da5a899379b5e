package inspection

import (
	"math"
	"strconv"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org/tree"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/ui/chart"
	"huikan/internal/platform/web"
)

// coveragePage shows for one term which units below one were inspected by which
// round, and which never; for the whole country as a scheme of tiles.
func (s *Service) coveragePage(r *web.Request) (web.Response, error) {
	above := id.ID(r.Param("unit"))
	if above == "" {
		above = s.scopeOf(r)
	}
	if _, ok := s.Units.Unit(above); !ok {
		return nil, fault.NotFound("unit")
	}
	var terms []Term
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { terms, err = Terms(r.Context(), q); return err }); err != nil {
		return nil, err
	}
	term := Term{}
	for _, t := range terms { // the term asked for, else the latest of the unit itself
		if want := r.Param("term"); string(t.ID) == want || want == "" && term.ID == "" && t.Unit == above {
			term = t
		}
	}
	list, err := s.Coverage(r.Context(), r.Actor, term, above)
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("coverage.title"), Base: "/coverage", Params: r.URL.Query(), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.unit")}, {Label: r.T("coverage.in_term")}, {Label: r.T("coverage.round")},
		{Label: r.T("visit.entry"), Nowrap: true}, {Label: r.T("coverage.below"), Num: true, Hint: r.T("coverage.below.hint")}}, Empty: ui.EmptyState{Title: r.T("coverage.empty")}}
	opts := []ui.Option{}
	for _, x := range terms {
		opts = append(opts, ui.Option{Value: string(x.ID), Label: x.Name + " · " + s.Units.Short(x.Unit)})
	}
	if len(opts) > 0 {
		t.Filters = []ui.Field{{Name: "term", Label: r.T("kind.term"), Kind: ui.FieldSelect, Options: opts, Value: string(term.ID)}}
	}
	done, never := 0, 0
	var tiles []chart.Tile
	for _, c := range list {
		chip, text := ui.Chip{Class: "late", Word: r.T("coverage.never")}, r.T("coverage.never")
		switch {
		case c.InTerm:
			done++
			chip, text = ui.Chip{Class: "ok", Word: r.T("coverage.yes")}, r.T("coverage.yes")
		case c.Ever:
			chip, text = ui.Chip{Class: "wait", Word: r.T("coverage.earlier")}, r.T("coverage.earlier")
		default:
			never++
		}
		href := ""
		if c.Below > 0 {
			href = "/coverage?unit=" + string(c.Unit.ID) + "&term=" + string(term.ID)
		}
		cell := ui.Cell{Text: c.RoundName}
		if c.Round != "" && r.Can("round.read") {
			cell.Href = "/rounds/" + string(c.Round)
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(c.Unit.ID), Href: href, Cells: []ui.Cell{{Text: c.Unit.Name}, {Chips: []ui.Chip{chip}}, cell, {Text: string(c.Entry)},
			{Bar: &ui.Meter{Value: c.BelowDone, Max: c.Below, Text: strconv.Itoa(c.BelowDone) + "/" + strconv.Itoa(c.Below)}}}})
		if col, row, ok := tree.Tile(c.Unit.Code); ok {
			share := 0.0
			if c.InTerm {
				share = 1
			} else if !c.Ever {
				share = math.NaN()
			}
			tiles = append(tiles, chart.Tile{Name: tree.Label(c.Unit.Code), Col: col, Row: row, Share: share, Text: text, Href: href})
		}
	}
	p := coveragePage{Table: t, Stats: ui.Stats{Items: []ui.Stat{{Label: r.T("coverage.done"), Value: strconv.Itoa(done) + " / " + strconv.Itoa(len(list))}, {Label: r.T("coverage.never"), Value: strconv.Itoa(never)}}}}
	if len(tiles) > 0 {
		p.Map = chart.TileMap(chart.Frame{ID: "coverage-map", Title: r.T("coverage.map"), Caption: r.T("coverage.caption", done, len(list)), Data: r.T("chart.data")}, tiles,
			chart.TileMapWords{Unit: r.T("word.unit"), Value: r.T("coverage.in_term"), Low: r.T("coverage.no"), High: r.T("coverage.yes"), Note: r.T("chart.scheme")})
	}
	return web.Page{Name: "inspection/coverage", Crumbs: crumbs(r, s.Units.Name(above), ""), Data: p, API: list}, nil
}

// scopeOf is the widest unit whose coverage the actor may see.
func (s *Service) scopeOf(r *web.Request) id.ID {
	best := id.ID("")
	for _, g := range r.Actor.Grants {
		if best == "" || len(g.Path) < len(s.Units.Place(best).Path) {
			best = g.Unit
		}
	}
	if best == "" {
		best = s.Units.Root().ID
	}
	return best
}
