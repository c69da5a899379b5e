package gallery

import (
	"fmt"
	"html/template"
	"math"

	"huikan/internal/platform/ui/chart"
)

// picture is one chart with its heading.
type picture struct {
	Title   string
	Picture template.HTML
}

// charts draws one of each kind; the empty fixture draws them without data.
func (f fixture) charts() []picture {
	frame := func(id string) chart.Frame {
		return chart.Frame{ID: id, Title: f.s.kind, Caption: f.t("table.count", 52), Data: f.t("chart.data")}
	}
	add := func(list []picture, title string, p template.HTML) []picture {
		return append(list, picture{title, p})
	}
	if f.empty() {
		return nil
	}
	var out []picture
	out = add(out, f.t("menu.coverage"), chart.TileMap(frame("c1"), f.tiles(), chart.TileMapWords{Unit: f.t("word.unit"), Value: f.t("word.share"), Low: f.t("chart.low"), High: f.t("chart.high"), Note: f.t("chart.scheme")}))
	out = add(out, f.t("chart.left"), chart.BurnDown(frame("c2"), chart.Burn{Labels: f.s.months, Plan: []float64{120, 100, 80, 60, 40, 20, 0}, Real: []float64{120, 109, 93, 61, 52}, PlanWord: f.t("chart.plan"), RealWord: f.t("chart.real"), AxisWord: f.t("word.date")}))
	out = add(out, f.t("word.kind"), chart.Bars(frame("c3"), f.s.names[:4], []chart.BarRow{
		{Label: f.s.provinces[0], Values: []float64{42, 18, 4, 2}, Href: "/units/1"}, {Label: f.s.provinces[1], Values: []float64{51, 20, 3, 3}, Hrefs: []string{"/list?a=1&b=2"}}, {Label: f.s.provinces[2], Values: []float64{10, 0, 1, math.NaN()}},
	}, f.t("word.unit")))
	out = add(out, f.t("word.kind"), f.heat(frame("c4")))
	out = add(out, f.t("gallery.facts"), f.sankey(frame("c5")))
	out = add(out, f.t("word.date"), f.calendar(frame("c6")))
	out = add(out, f.t("word.due"), chart.Timeline(frame("c7"), []chart.Span{
		{Label: f.s.person, From: "2026-03-01", To: "2026-09-01", Class: "ok", Text: f.s.statuses[0], Href: "/record"}, {Label: f.s.names[1], From: "2026-06-01", Class: "late", Text: f.s.statuses[1]}, {Label: f.s.names[2], From: "soon", To: "?"},
	}, "2026-11-24", chart.TimelineWords{Label: f.t("word.person"), Period: f.t("word.date"), Today: f.t("chart.today")}))
	out = add(out, f.t("word.share"), chart.Interval(frame("c8"), []chart.Estimate{
		{Label: f.s.provinces[0], Low: .006, Mid: .05, High: .17, Text: "5% (0.6%–17%)", Href: "/lookback/1"}, {Label: f.s.provinces[1], Low: .1, Mid: .22, High: .4, Text: "22% (10%–40%)"},
	}, 0, chart.IntervalWords{Label: f.t("word.unit"), Value: f.t("word.share")}))
	out = add(out, f.t("chart.real"), chart.Spark(f.s.names[0]+" 9", []float64{1, 4, 2, 8, 9}))
	return out
}

func (f fixture) tiles() []chart.Tile {
	var tiles []chart.Tile
	for i := range 32 {
		share := float64(i) / 32
		if i == 7 {
			share = math.NaN()
		}
		tiles = append(tiles, chart.Tile{Name: f.s.provinces[i%6], Col: i % 8, Row: i / 8, Share: share, Text: fmt.Sprintf("%d%%", i*100/32), Href: fmt.Sprintf("/units/%d", i)})
	}
	return tiles
}

func (f fixture) heat(frame chart.Frame) template.HTML {
	values := make([][]float64, len(f.s.provinces))
	for i := range values {
		for j := range f.s.names {
			values[i] = append(values[i], float64((i*7+j*5)%9))
		}
	}
	values[1][1] = math.NaN()
	return chart.HeatMap(frame, chart.Heat{Rows: f.s.provinces, Cols: f.s.names, Values: values, Axis: f.t("word.unit"), Href: func(i, j int) string { return fmt.Sprintf("/list?u=%d&k=%d", i, j) }})
}

func (f fixture) sankey(frame chart.Frame) template.HTML {
	n := f.s.names
	layers := [][]chart.Node{{{ID: "a", Label: n[0]}, {ID: "b", Label: n[1]}}, {{ID: "c", Label: n[2]}, {ID: "d", Label: n[3]}}, {{ID: "e", Label: n[4], Href: "/list"}, {ID: "f", Label: n[5]}}}
	flows := []chart.Flow{{From: "a", To: "c", Value: 18}, {From: "a", To: "d", Value: 9, Href: "/list"}, {From: "b", To: "c", Value: 12}, {From: "c", To: "e", Value: 14}, {From: "c", To: "f", Value: 16}, {From: "d", To: "f", Value: 9}, {From: "x", To: "f", Value: 1}}
	return chart.Sankey(frame, layers, flows, chart.SankeyWords{From: f.t("word.kind"), To: f.t("word.reason"), Value: f.t("word.count")})
}

func (f fixture) calendar(frame chart.Frame) template.HTML {
	key := []chart.Day{{Class: "off", Mark: "○", Text: f.s.statuses[0]}, {Class: "ok", Mark: "✓", Text: f.s.statuses[1]}, {Class: "wait", Mark: "!", Text: f.s.statuses[2]}, {Class: "late", Mark: "×", Text: f.s.statuses[3]}}
	var rows []chart.CalendarRow
	for i, name := range f.s.provinces {
		row := chart.CalendarRow{Label: name, Href: "/units/1"}
		for j := range f.s.months {
			row.Days = append(row.Days, key[(i*3+j)%4])
		}
		rows = append(rows, row)
	}
	return chart.Calendar(frame, f.s.months, rows, key, f.t("word.unit"))
}
