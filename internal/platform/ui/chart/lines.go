package chart

import (
	"html/template"
	"math"
	"strings"
)

// Burn is the data of a BurnDown; Real may be shorter than Plan while the round runs.
type Burn struct {
	Labels     []string
	Plan, Real []float64
	PlanWord   string
	RealWord   string
	AxisWord   string // heading of the first table column
	Hrefs      []string
}

// BurnDown draws what is left against what was planned to be left (整改燃尽).
func BurnDown(f Frame, d Burn) template.HTML {
	const left, right, top, bottom, height = 46.0, 92.0, 12.0, 34.0, 260.0
	c := &canvas{}
	highest := 0.0
	for _, v := range append(append([]float64{}, d.Plan...), d.Real...) {
		highest = math.Max(highest, known(v))
	}
	end := niceMax(highest)
	x := func(i int) float64 {
		return left + float64(i)*(width-left-right)/math.Max(1, float64(len(d.Labels)-1))
	}
	y := func(v float64) float64 { return top + (1-known(v)/end)*(height-top-bottom) }
	for i := range 5 {
		v := end * float64(i) / 4
		c.add(`<line class="ax" x1="%s" x2="%s" y1="%s" y2="%s"/>`, f1(left), f1(width-right), f1(y(v)), f1(y(v)))
		c.text("m e", left-6, y(v)+4, number(v))
	}
	every := max(1, (len(d.Labels)+9)/10)
	for i, name := range d.Labels {
		if i%every == 0 {
			c.text("m c", x(i), height-12, fit(name, (width-left-right)/10, 12))
		}
	}
	c.add(`<polyline class="ln2" points="%s"/>`, points(d.Plan, len(d.Labels), x, y))
	c.add(`<polyline class="ln1" points="%s"/>`, points(d.Real, len(d.Labels), x, y))
	var rows [][]string
	for i, name := range d.Labels {
		row := []string{name, at(d.Plan, i), at(d.Real, i)}
		rows = append(rows, row)
		if i < len(d.Real) {
			href := ""
			if i < len(d.Hrefs) {
				href = d.Hrefs[i]
			}
			c.mark(href, name+" "+d.RealWord+" "+row[2], func() {
				c.add(`<circle class="s1" cx="%s" cy="%s" r="4.5"/>`, f1(x(i)), f1(y(d.Real[i])))
			})
		}
	}
	endLabels(c, d, x, y)
	return figure(f, c, width, height, []string{d.AxisWord, d.PlanWord, d.RealWord}, rows)
}

// endLabels name the two lines at their ends, apart from each other when they meet.
func endLabels(c *canvas, d Burn, x func(int) float64, y func(float64) float64) {
	real, plan := min(len(d.Real), len(d.Labels))-1, min(len(d.Plan), len(d.Labels))-1
	if plan >= 0 {
		py := y(d.Plan[plan]) + 4
		if real >= 0 && math.Abs(x(real)-x(plan)) < 60 && math.Abs(y(d.Real[real])-py) < 20 {
			py += 16
		}
		c.text("m", x(plan)+8, math.Min(py, 236), fit(d.PlanWord, 80, 12))
	}
	if real >= 0 {
		c.text("", x(real)+9, math.Max(12, y(d.Real[real])-7), fit(d.RealWord, 100, 13)+" "+number(d.Real[real]))
	}
}

func points(values []float64, limit int, x func(int) float64, y func(float64) float64) string {
	var b strings.Builder
	for i, v := range values[:min(len(values), limit)] {
		b.WriteString(f1(x(i)) + "," + f1(y(v)) + " ")
	}
	return strings.TrimSpace(b.String())
}

func at(values []float64, i int) string {
	if i >= len(values) {
		return "—"
	}
	return number(values[i])
}

// Spark is a small line without axes, for a table or a figure tile; title names it with its last value.
func Spark(title string, values []float64) template.HTML {
	const w, h = 96.0, 26.0
	c := &canvas{}
	highest := 0.0
	for _, v := range values {
		highest = math.Max(highest, known(v))
	}
	if highest == 0 {
		highest = 1
	}
	x := func(i int) float64 { return 3 + float64(i)*(w-8)/math.Max(1, float64(len(values)-1)) }
	y := func(v float64) float64 { return h - 4 - known(v)/highest*(h-8) }
	c.add(`<title>%s</title><polyline class="ln1" points="%s"/>`, esc(title), points(values, len(values), x, y))
	if n := len(values); n > 0 {
		c.add(`<circle class="s1" cx="%s" cy="%s" r="3"/>`, f1(x(n-1)), f1(y(values[n-1])))
	}
	return template.HTML(`<svg class="spark" viewBox="0 0 96 26" width="96" height="26" role="img" aria-label="` + esc(title) + `">` + c.b.String() + `</svg>`)
}

// Estimate is one line of an Interval chart.
type Estimate struct {
	Label          string
	Low, Mid, High float64
	Text           string // "12% (3%–28%)"
	Href           string
}

// IntervalWords are the words of an Interval chart.
type IntervalWords struct{ Label, Value string }

// Interval draws estimates with their confidence range from zero to end (0: chosen from the data).
// A sample without its range would look surer than it is.
func Interval(f Frame, rows []Estimate, end float64, w IntervalWords) template.HTML {
	const rowH, top = 30.0, 8.0
	c := &canvas{}
	var labels, texts []string
	for _, r := range rows {
		labels, texts = append(labels, r.Label), append(texts, r.Text)
	}
	left, right := widest(labels, 13, 180)+12, widest(texts, 13, 180)+14
	if end <= 0 {
		for _, r := range rows {
			end = math.Max(end, known(r.High))
		}
		end = niceMax(end)
	}
	x := func(v float64) float64 { return left + math.Min(1, known(v)/end)*(width-left-right) }
	bottom := top + rowH*float64(len(rows))
	for i := range 5 {
		v := end * float64(i) / 4
		c.add(`<line class="ax" x1="%s" x2="%s" y1="%s" y2="%s"/>`, f1(x(v)), f1(x(v)), f1(top), f1(bottom))
		c.text("m c", x(v), bottom+16, axisNumber(v, end))
	}
	table := make([][]string, 0, len(rows))
	for i, r := range rows {
		y := top + rowH*float64(i) + rowH/2
		c.mark(r.Href, r.Label+" "+r.Text, func() {
			c.text("e", left-8, y+5, fit(r.Label, left-12, 13))
			c.add(`<path class="wh" d="M%s %sV%sM%s %sH%sM%s %sV%s"/>`, f1(x(r.Low)), f1(y-6), f1(y+6), f1(x(r.Low)), f1(y), f1(x(r.High)), f1(x(r.High)), f1(y-6), f1(y+6))
			c.add(`<circle class="s1" cx="%s" cy="%s" r="5.5"/>`, f1(x(r.Mid)), f1(y))
			c.text("", width-right+10, y+5, fit(r.Text, right-10, 13))
		})
		table = append(table, []string{r.Label, r.Text})
	}
	return figure(f, c, width, bottom+24, []string{w.Label, w.Value}, table)
}

// axisNumber writes shares as percent when the axis ends at or below one.
func axisNumber(v, end float64) string {
	if end <= 1 {
		return number(v*100) + "%"
	}
	return number(v)
}
