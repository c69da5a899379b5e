package chart

import (
	"html/template"
	"math"
)

// Edge joins two nodes of a relation graph; Class is a chip class.
type Edge struct {
	From, To, Label, Class string
}

// Relations draws how persons and things hang together, in columns from left to
// right (person – relative – firm – case); heads name the columns. An edge that
// names an unknown node is left out of picture and table alike.
func Relations(f Frame, layers [][]Node, heads []string, edges []Edge, w SankeyWords) template.HTML {
	const boxH, gap, top, wide = 34.0, 12.0, 26.0, 760.0
	columns := 0
	most := 1
	for _, l := range layers {
		if len(l) > 0 {
			columns++
		}
		most = max(most, len(l))
	}
	if columns == 0 {
		columns = 1
	}
	room := wide / float64(columns)
	boxW := math.Min(170, room-50)
	height := top + float64(most)*(boxH+gap) + 4
	type place struct {
		x, y float64
		n    Node
	}
	at := map[string]place{}
	c := &canvas{}
	col := 0
	for i, layer := range layers {
		if len(layer) == 0 {
			continue
		}
		x := float64(col)*room + 2
		if i < len(heads) {
			c.text("m", x, 14, heads[i])
		}
		used := float64(len(layer)) * (boxH + gap)
		for k, n := range layer {
			if _, there := at[n.ID]; !there {
				at[n.ID] = place{x, top + (height-top-used)/2 + float64(k)*(boxH+gap), n}
			}
		}
		col++
	}
	var table [][]string
	for _, e := range edges {
		a, okA := at[e.From]
		b, okB := at[e.To]
		if !okA || !okB || a.x >= b.x {
			continue
		}
		x1, y1, x2, y2 := a.x+boxW, a.y+boxH/2, b.x, b.y+boxH/2
		m := (x1 + x2) / 2
		title := a.n.Label + " → " + b.n.Label + "：" + e.Label
		line := "ln2"
		if e.Class == "late" {
			line = "ln4"
		}
		c.mark("", title, func() {
			c.add(`<path class="%s" d="M%s %sC%s %s %s %s %s %s"/>`, line, f1(x1), f1(y1), f1(m), f1(y1), f1(m), f1(y2), f1(x2), f1(y2))
		})
		table = append(table, []string{a.n.Label + " → " + b.n.Label, e.Label})
	}
	for i, layer := range layers {
		class := []string{"run", "off", "wait", "off"}[i%4]
		for _, n := range layer {
			p := at[n.ID]
			if p.n.ID != n.ID {
				continue
			}
			c.mark(n.Href, n.Label, func() {
				c.add(`<g class="%s"><rect class="kf" x="%s" y="%s" width="%s" height="%s" rx="4"/>`, statusClass(class), f1(p.x), f1(p.y), f1(boxW), f1(boxH))
				c.text("kt", p.x+8, p.y+boxH/2+5, fit(n.Label, boxW-16, 13))
				c.add(`</g>`)
			})
		}
	}
	return figure(f, c, wide, height, []string{w.From + " → " + w.To, w.Value}, table)
}
