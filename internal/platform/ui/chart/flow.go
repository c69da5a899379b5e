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
	label   []string
}

// sheet is the room of a Sankey: how wide it is, and how much of that labels may take
// at its sides when there are two layers, and when there are more.
type sheet struct {
	class        string
	width, nodeW float64
	sides        [2]struct{ left, right float64 }
	lines        int // of one label
}

// A desk has room for long names beside the picture; on a phone the same picture is drawn
// narrow, so that both ends of a flow are seen at once.
var (
	desk  = sheet{class: " broad", width: 760, nodeW: 12, sides: [2]struct{ left, right float64 }{{300, 200}, {230, 180}}, lines: 3}
	phone = sheet{class: " slim", width: 350, nodeW: 10, sides: [2]struct{ left, right float64 }{{160, 100}, {116, 86}}, lines: 6}
)

const (
	sideLeast = 86.0 // room for the shortest labels
	labelLead = 16.0 // from line to line of a label
)

// Sankey draws where things come from and go to (问题 → 原因 → 制度措施). Flows that name an unknown node or
// carry nothing are left out of the picture and of the table alike. Names are written whole, over several
// lines where they are long.
func Sankey(f Frame, layers [][]Node, flows []Flow, w SankeyWords) template.HTML {
	broad, table := sankey(desk, layers, flows)
	slim, _ := sankey(phone, layers, flows)
	return figure(f, broad.c, broad.w, broad.h, []string{w.From + " → " + w.To, w.Value}, table, slim)
}

func sankey(s sheet, layers [][]Node, flows []Flow) (picture, [][]string) {
	c := &canvas{class: s.class}
	left, right := s.room(layers)
	boxes, height := placeBoxes(s, layers, flows, left, right)
	var table [][]string
	for _, fl := range flows {
		a, b := boxes[fl.From], boxes[fl.To]
		if a == nil || b == nil || known(fl.Value) == 0 || a.layer >= b.layer {
			continue
		}
		t := fl.Value * a.h / math.Max(a.size, 1e-9)
		y1, y2 := a.y+a.out+t/2, b.y+b.in+t/2
		a.out, b.in = a.out+t, b.in+t
		x1, x2 := a.x+s.nodeW, b.x
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
				c.node(b, len(layers), s.nodeW)
			}
		}
	}
	return picture{c, s.width, height}, table
}

// node draws a box; labels of the first layer stand left of it.
func (c *canvas) node(b *box, layers int, w float64) {
	class, x := "", b.x+w+6
	if b.layer == 0 && layers > 1 {
		class, x = "e", b.x-6
	}
	c.mark(b.node.Href, b.node.Label+" "+number(b.size), func() {
		c.rect(fmt.Sprintf("s%d", b.layer%6+1), b.x, b.y, w, math.Max(b.h, 1))
		c.lines(class, x, b.y+b.h/2+5, labelLead, b.label)
	})
}

// room is how much the labels of the first layer and of the last take.
func (s sheet) room(layers [][]Node) (left, right float64) {
	if len(layers) == 0 {
		return sideLeast, sideLeast
	}
	most := s.sides[0]
	if len(layers) > 2 {
		most = s.sides[1]
	}
	need := func(layer []Node, most float64) float64 {
		var labels []string
		for _, n := range layer {
			labels = append(labels, n.Label)
		}
		return math.Min(most, math.Max(sideLeast, widest(labels, 13, most)+44))
	}
	return need(layers[0], most.left), need(layers[len(layers)-1], most.right)
}

// placeBoxes gives every node its box and its label, and says how high it all is. Boxes
// of one layer keep apart as far as their labels need.
func placeBoxes(s sheet, layers [][]Node, flows []Flow, left, right float64) (map[string]*box, float64) {
	const tall, gap = 320.0, 12.0
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
			scale = math.Min(scale, math.Max(20, tall-8-gap*float64(len(layer)-1))/total)
		}
	}
	if math.IsInf(scale, 0) {
		scale = 0
	}
	step := (s.width - left - right - s.nodeW) / math.Max(1, float64(len(layers)-1))
	height := tall
	for i, layer := range layers {
		room := step - s.nodeW // between this layer and the next
		switch {
		case i == 0 && len(layers) > 1:
			room = left
		case i == len(layers)-1:
			room = right
		}
		y := 4.0
		for _, n := range layer {
			b := boxes[n.ID]
			b.h = b.size * scale
			b.x = left + float64(i)*step
			b.label = wrap(b.node.Label+" "+number(b.size), room-8, 13, s.lines)
			slot := math.Max(b.h, labelLead*float64(len(b.label)))
			b.y = y + (slot-b.h)/2
			y += slot + gap
		}
		height = math.Max(height, y-gap+4)
	}
	return boxes, height
}
