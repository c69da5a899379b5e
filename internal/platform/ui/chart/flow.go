package chart

import (
	"fmt"
	"html/template"
	"math"
)

// Node is one box of a Sankey layer.
type Node struct{ ID, Label, Href string }

// Flow is a stream between two nodes of neighbouring layers.
type Flow struct {
	From, To string
	Value    float64
	Href     string
}

// SankeyWords are the headings of the data table.
type SankeyWords struct{ From, To, Value string }

type box struct {
	node    Node
	layer   int
	x, y, h float64
	in, out float64 // how much of each side is used up
	size    float64
}

// Sankey draws where things come from and go to (问题 → 原因 → 制度措施). Flows that name an unknown node or
// carry nothing are left out of the picture and of the table alike.
func Sankey(f Frame, layers [][]Node, flows []Flow, w SankeyWords) template.HTML {
	const height, nodeW, gap = 320.0, 12.0, 12.0
	c := &canvas{}
	left, right := sides(layers)
	boxes := placeBoxes(layers, flows, height, nodeW, gap, left, right)
	var table [][]string
	for _, fl := range flows {
		a, b := boxes[fl.From], boxes[fl.To]
		if a == nil || b == nil || known(fl.Value) == 0 || a.layer >= b.layer {
			continue
		}
		t := fl.Value * a.h / math.Max(a.size, 1e-9)
		y1, y2 := a.y+a.out+t/2, b.y+b.in+t/2
		a.out, b.in = a.out+t, b.in+t
		x1, x2 := a.x+nodeW, b.x
		m := (x1 + x2) / 2
		title := a.node.Label + " → " + b.node.Label + "：" + number(fl.Value)
		c.mark(fl.Href, title, func() {
			c.add(`<path class="fw" d="M%s %sC%s %s %s %s %s %s" stroke-width="%s"/>`, f1(x1), f1(y1), f1(m), f1(y1), f1(m), f1(y2), f1(x2), f1(y2), f1(math.Max(t, 1)))
		})
		table = append(table, []string{a.node.Label + " → " + b.node.Label, number(fl.Value)})
	}
	for _, layer := range layers {
		for _, n := range layer {
			if b := boxes[n.ID]; b != nil {
				c.node(b, len(layers), nodeW, left, right)
			}
		}
	}
	return figure(f, c, width, height, []string{w.From + " → " + w.To, w.Value}, table)
}

// node draws a box; labels of the first layer stand left of it.
func (c *canvas) node(b *box, layers int, w, left, right float64) {
	class, x, room := "", b.x+w+6, sideLeast
	if b.layer == 0 && layers > 1 {
		class, x, room = "e", b.x-6, left
	} else if b.layer == layers-1 {
		room = right
	}
	label := fit(b.node.Label, room-8-textWidth(" "+number(b.size), 13), 13) + " " + number(b.size)
	c.mark(b.node.Href, b.node.Label+" "+number(b.size), func() {
		c.rect(fmt.Sprintf("s%d", b.layer%6+1), b.x, b.y, w, math.Max(b.h, 1))
		c.text(class, x, b.y+b.h/2+5, label)
	})
}

// sideLeast and sideMost bound the room that labels have beside the picture.
const sideLeast, sideMost = 106.0, 196.0

// sides is how much room the labels of the first layer and of the last take; there is
// always enough between them to follow a flow.
func sides(layers [][]Node) (left, right float64) {
	room := func(layer []Node) float64 {
		var labels []string
		for _, n := range layer {
			labels = append(labels, n.Label)
		}
		return math.Max(sideLeast, widest(labels, 13, sideMost)+44)
	}
	if len(layers) == 0 {
		return sideLeast, sideLeast
	}
	left, right = room(layers[0]), room(layers[len(layers)-1])
	if len(layers) > 2 {
		left, right = math.Min(left, 160), math.Min(right, 120)
	}
	return math.Min(left, sideMost), math.Min(right, 150)
}

func placeBoxes(layers [][]Node, flows []Flow, height, nodeW, gap, left, right float64) map[string]*box {
	boxes := map[string]*box{}
	for i, layer := range layers {
		for _, n := range layer {
			if boxes[n.ID] == nil {
				boxes[n.ID] = &box{node: n, layer: i}
			}
		}
	}
	in, out := map[string]float64{}, map[string]float64{}
	for _, fl := range flows {
		if a, b := boxes[fl.From], boxes[fl.To]; a != nil && b != nil && a.layer < b.layer {
			out[fl.From] += known(fl.Value)
			in[fl.To] += known(fl.Value)
		}
	}
	scale := math.Inf(1)
	for _, layer := range layers {
		total := 0.0
		for _, n := range layer {
			boxes[n.ID].size = math.Max(in[n.ID], out[n.ID])
			total += boxes[n.ID].size
		}
		if total > 0 {
			scale = math.Min(scale, math.Max(20, height-8-gap*float64(len(layer)-1))/total)
		}
	}
	if math.IsInf(scale, 0) {
		scale = 0
	}
	for i, layer := range layers {
		y := 4.0
		for _, n := range layer {
			b := boxes[n.ID]
			b.h = b.size * scale
			b.x = left + float64(i)*(width-left-right-nodeW)/math.Max(1, float64(len(layers)-1))
			b.y = y
			y += b.h + gap
		}
	}
	return boxes
}
