package chart

import (
	"html/template"
	"math"
)

// BarRow is one line of stacked bars; Values stand in the order of the series.
type BarRow struct {
	Label  string
	Values []float64
	Href   string
	Hrefs  []string // one for each value, optional
}

// Bars draws stacked horizontal bars from zero. More than six series cannot be told apart: callers fold
// the rest into 其他.
func Bars(f Frame, series []string, rows []BarRow, axis string) template.HTML {
	const rowH, barH = 32.0, 20.0
	c := &canvas{late: f.Late}
	c.hatch(f.ID)
	var labels []string
	top := 0.0
	for _, r := range rows {
		labels = append(labels, r.Label)
		top = math.Max(top, sum(r.Values))
	}
	if top == 0 {
		top = 1
	}
	left := widest(labels, 13, 170) + 12
	y := c.legend(f.ID, series, left, 2) + 6
	head := append([]string{axis}, series...)
	table := make([][]string, 0, len(rows))
	for _, r := range rows {
		c.mark(r.Href, r.Label+" "+number(sum(r.Values)), func() { c.text("e", left-8, y+15, fit(r.Label, left-12, 13)) })
		x := left
		line := []string{r.Label}
		for k, v := range r.Values {
			w := known(v) / top * (width - left - 56)
			line = append(line, number(v))
			if k >= len(series) || w == 0 {
				continue
			}
			href := ""
			if k < len(r.Hrefs) {
				href = r.Hrefs[k]
			}
			at := x
			c.mark(href, r.Label+" "+series[k]+" "+number(v), func() { c.series(f.ID, k, at, y, w, barH) })
			x += w
		}
		c.text("m", x+6, y+15, number(sum(r.Values)))
		y += rowH
		table = append(table, line)
	}
	return figure(f, c, width, y, head, table)
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += known(v)
	}
	return total
}

// Heat is the data of a HeatMap; a NaN value is unknown, not zero. Href may be nil.
type Heat struct {
	Rows, Cols []string
	Values     [][]float64
	Href       func(row, col int) string
	Axis       string
}

// HeatMap draws counts of two categories against each other (单位 × 问题类别).
func HeatMap(f Frame, d Heat) template.HTML {
	c := &canvas{}
	left := widest(d.Rows, 13, 170) + 12
	cellW := math.Max(34, math.Min(100, (width-left-padding)/math.Max(1, float64(len(d.Cols)))))
	rows, deep := wrapped(d.Rows, left-12, 13, 3)
	cellH := math.Max(27, 15*float64(deep)+6)
	heads, deep := wrapped(d.Cols, cellW-6, 12, 4)
	slant := deep > 3 // too narrow for their words
	top := 10 + 14*float64(deep)
	if slant {
		top = 18 + widest(d.Cols, 12, 110)*0.6
	}
	for j, name := range d.Cols {
		x := left + float64(j)*cellW + cellW/2
		if slant {
			c.add(`<g transform="rotate(-34 %s %s)">`, f1(x-6), f1(top-6))
			c.text("m", x-6, top-6, fit(name, 110, 12))
			c.add(`</g>`)
			continue
		}
		c.lines("m c", x, top-8-7*float64(len(heads[j])-1), 14, heads[j])
	}
	highest := 0.0
	for _, row := range d.Values {
		for _, v := range row {
			highest = math.Max(highest, known(v))
		}
	}
	var table [][]string
	for i, name := range d.Rows {
		y := top + float64(i)*cellH
		c.lines("e", left-8, y+cellH/2+4.5, 15, rows[i])
		line := []string{name}
		for j := range d.Cols {
			v := math.NaN()
			if i < len(d.Values) && j < len(d.Values[i]) {
				v = d.Values[i][j]
			}
			line = append(line, number(v))
			c.heatCell(d, i, j, v, highest, left+float64(j)*cellW, y, cellW-2, cellH-2)
		}
		table = append(table, line)
	}
	total := left + float64(len(d.Cols))*cellW + padding
	if slant {
		total += 60
	}
	return figure(f, c, math.Max(total, 260), top+float64(len(d.Rows))*cellH+4, append([]string{d.Axis}, d.Cols...), table)
}

// wrapped breaks names into lines and says how many the longest has.
func wrapped(names []string, room, size float64, most int) (lines [][]string, deep int) {
	deep = 1
	for _, name := range names {
		l := wrap(name, room, size, most)
		lines, deep = append(lines, l), max(deep, len(l))
	}
	return lines, deep
}

func (c *canvas) heatCell(d Heat, i, j int, v, highest, x, y, w, h float64) {
	share := v / math.Max(highest, 1) * 0.999
	class, ink := ramp(share)
	href := ""
	if d.Href != nil && !math.IsNaN(v) {
		href = d.Href(i, j)
	}
	c.mark(href, d.Rows[i]+" × "+d.Cols[j]+"："+number(v), func() {
		c.rect("cell "+class, x, y, w, h)
		if v != 0 {
			c.text("c "+ink, x+w/2, y+h/2+5, number(v))
		}
	})
}
