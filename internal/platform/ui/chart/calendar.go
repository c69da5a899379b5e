package chart

import (
	"html/template"
	"math"
	"time"
)

// Day is one cell of a Calendar. Class is a chip class (ok run wait late long off); Mark is the sign in
// the cell, so that colour is not the only difference.
type Day struct{ Class, Mark, Text, Href string }

// CalendarRow is one unit or person.
type CalendarRow struct {
	Label, Href string
	Days        []Day
}

// Calendar draws who did what in which month (月报填报日历). The key explains every mark.
func Calendar(f Frame, cols []string, rows []CalendarRow, key []Day, axis string) template.HTML {
	const cellH = 26.0
	c := &canvas{}
	var labels []string
	for _, r := range rows {
		labels = append(labels, r.Label)
	}
	left := widest(labels, 13, 170) + 12
	cellW := math.Max(30, math.Min(46, (width-left-padding)/math.Max(1, float64(len(cols)))))
	x, y := left, 2.0
	for _, k := range key {
		w := 34 + textWidth(k.Text, 12) + 16
		if x > left && x+w > width {
			x, y = left, y+26
		}
		c.cell(k, x, y, 26, 20)
		c.text("m", x+32, y+15, k.Text)
		x += w
	}
	top := y + 46
	for j, name := range cols {
		c.text("m c", left+float64(j)*cellW+cellW/2, top-7, fit(name, cellW, 12))
	}
	var table [][]string
	for i, r := range rows {
		at := top + float64(i)*cellH
		c.mark(r.Href, r.Label, func() { c.text("e", left-8, at+17, fit(r.Label, left-12, 13)) })
		line := []string{r.Label}
		for j, d := range r.Days {
			if j >= len(cols) {
				break
			}
			line = append(line, d.Text)
			c.mark(d.Href, r.Label+" "+cols[j]+" "+d.Text, func() { c.cell(d, left+float64(j)*cellW, at, cellW-2, cellH-2) })
		}
		table = append(table, line)
	}
	return figure(f, c, math.Max(width, left+cellW*float64(len(cols))+padding), top+float64(len(rows))*cellH+4, append([]string{axis}, cols...), table)
}

// statusClass keeps foreign words out of the class attribute.
func statusClass(class string) string {
	switch class {
	case "ok", "run", "wait", "late", "long":
		return class
	}
	return "off"
}

func (c *canvas) cell(d Day, x, y, w, h float64) {
	c.add(`<g class="%s"><rect class="kf" x="%s" y="%s" width="%s" height="%s" rx="3"/>`, statusClass(d.Class), f1(x), f1(y), f1(w), f1(h))
	c.text("c kt", x+w/2, y+h/2+5, d.Mark)
	c.add(`</g>`)
}

// Span is a period on a Timeline; dates are YYYY-MM-DD. An empty To is open-ended.
type Span struct {
	Label, From, To string
	Class           string // chip class
	Text, Href      string
}

// TimelineWords are the words of a Timeline.
type TimelineWords struct{ Label, Period, Today string }

// Timeline draws periods under each other with a line for today (限制期, 驻点天数). Spans whose dates cannot
// be read appear in the table only.
func Timeline(f Frame, spans []Span, today string, w TimelineWords) template.HTML {
	const rowH = 30.0
	c := &canvas{}
	var labels []string
	var first, last time.Time
	note := func(day time.Time, ok bool) {
		if ok && (first.IsZero() || day.Before(first)) {
			first = day
		}
		if ok && day.After(last) {
			last = day
		}
	}
	for _, s := range spans {
		labels = append(labels, s.Label)
		note(day(s.From))
		note(day(s.To))
	}
	now, hasNow := day(today)
	note(now, hasNow)
	if !last.After(first) {
		last = first.AddDate(0, 1, 0)
	}
	left, top := widest(labels, 13, 170)+12, 8.0
	x := func(d time.Time) float64 {
		return left + d.Sub(first).Hours()/last.Sub(first).Hours()*(width-left-20)
	}
	bottom := top + rowH*float64(len(spans))
	table := make([][]string, 0, len(spans))
	for i, s := range spans {
		y := top + rowH*float64(i)
		to := s.To
		if to == "" {
			to = "—"
		}
		table = append(table, []string{s.Label, s.From + " – " + to + " " + s.Text})
		from, ok := day(s.From)
		if !ok {
			continue
		}
		right := width - 4 // open-ended: beyond the last day
		if end, ok := day(s.To); ok {
			right = x(end)
		}
		c.mark(s.Href, s.Label+" "+s.From+" – "+to+" "+s.Text, func() { c.span(s, x(from), right, y, left) })
	}
	if hasNow {
		c.add(`<line class="ln4" x1="%s" x2="%s" y1="%s" y2="%s"/>`, f1(x(now)), f1(x(now)), f1(top-4), f1(bottom+4))
		c.text("m c", math.Min(width-60, math.Max(left+30, x(now))), bottom+36, w.Today+" "+today)
	}
	if !first.IsZero() {
		c.text("m", left, bottom+18, first.Format(time.DateOnly))
		c.text("m e", width-20, bottom+18, last.Format(time.DateOnly))
	}
	return figure(f, c, width, bottom+44, []string{w.Label, w.Period}, table)
}

func (c *canvas) span(s Span, from, to, y, left float64) {
	w := math.Max(3, to-from)
	c.text("e", left-8, y+19, fit(s.Label, left-12, 13))
	c.add(`<g class="%s">`, statusClass(s.Class))
	c.add(`<rect class="kf" x="%s" y="%s" width="%s" height="20" rx="3"/>`, f1(from), f1(y+4), f1(w))
	if label := fit(s.Text, w-10, 12); w > 40 {
		c.text("kt", from+6, y+18, label)
	}
	c.add(`</g>`)
}

func day(s string) (time.Time, bool) {
	d, err := time.Parse(time.DateOnly, s)
	return d, err == nil
}
