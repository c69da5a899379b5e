package chart

import (
	"html/template"
	"math"
)

// Tile is one unit of a TileMap. Share runs from 0 to 1; NaN means unknown and is drawn as an empty box.
type Tile struct {
	Name     string
	Col, Row int
	Share    float64
	Text     string // the value as shown, "72%"
	Href     string
}

// TileMapWords are the words of a TileMap.
type TileMapWords struct{ Unit, Value, Low, High, Note string }

// TileMap draws units as equal tiles. It is a scheme, not a map: no borders, no outline (示意，非地图).
func TileMap(f Frame, tiles []Tile, w TileMapWords) template.HTML {
	const size, gap = 62.0, 4.0
	c := &canvas{class: " map"} // on a phone the names alone are shown, as large as they fit
	cols, rows := 1, 1
	table := make([][]string, 0, len(tiles))
	for _, t := range tiles {
		cols, rows = max(cols, t.Col+1), max(rows, t.Row+1)
		x, y := float64(t.Col)*(size+gap)+1, float64(t.Row)*(size+gap)+1
		class, ink := ramp(t.Share)
		c.mark(t.Href, t.Name+" "+t.Text, func() {
			c.add(`<rect class="cell %s" x="%s" y="%s" width="%s" height="%s" rx="5"/>`, class, f1(x), f1(y), f1(size), f1(size))
			c.text("c tn "+ink, x+size/2, y+27, fit(t.Name, size-6, 13))
			c.text("c tv "+ink, x+size/2, y+46, fit(t.Text, size-6, 13))
		})
		table = append(table, []string{t.Name, t.Text})
	}
	top := float64(rows)*(size+gap) + 6
	x := textWidth(w.Low, 12) + 8
	c.text("m", 1, top+11, w.Low)
	for k := range 5 {
		class, _ := ramp(float64(k) / 5)
		c.rect("cell "+class, x+float64(k)*30, top, 28, 13)
	}
	c.text("m", x+5*30+6, top+11, w.High+"　"+w.Note)
	total := math.Max(float64(cols)*(size+gap), x+160+textWidth(w.High+w.Note, 12)+20)
	return figure(f, c, total, top+18, []string{w.Unit, w.Value}, table)
}

// ramp gives the class of the five-step scale and the text class that stays readable on it.
func ramp(share float64) (class, ink string) {
	if math.IsNaN(share) || math.IsInf(share, 0) {
		return "rn", "m"
	}
	k := int(math.Min(4, math.Max(0, math.Floor(share*5))))
	if k >= 3 {
		return "r" + f1(float64(k)), "th"
	}
	return "r" + f1(float64(k)), "tl"
}
