package contact

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/document"
	"huikan/internal/platform/web"
)

const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// QuarterFigures are the figures that a quarterly circular tells, small
// ones hidden whoever drafts it: it will be public.
type QuarterFigures struct {
	Quarter Period
	Total   Cell
	Before  Cell // the quarter before
	Months  []Cell
	By      map[string][]Line // of the quarter's column
	Units   int
	Without int
}

// QuarterOf gathers the figures of a unit's quarterly circular.
func (s *Service) QuarterOf(ctx context.Context, who actor.Actor, unit id.ID, p Period) (f QuarterFigures, err error) {
	if !p.Quarterly() {
		return f, fault.Invalid("contact.bad.period", string(p))
	}
	y, m := p.last()
	k := m/3 - 1
	f = QuarterFigures{Quarter: p, By: map[string][]Line{}}
	for _, by := range []string{"level", "class", "asker", "leadership"} {
		v, err := s.Stats(ctx, who, StatsQuery{Unit: unit, Year: y, By: by, Public: true})
		if err != nil {
			return f, err
		}
		for _, l := range v.Lines {
			l.Cells = [5]Cell{0: l.Cells[k]}
			f.By[by] = append(f.By[by], l)
		}
		f.Total, f.Units, f.Without = v.Sum.Cells[k], v.Units[k], v.Without[k]
		if k > 0 {
			f.Before = v.Sum.Cells[k-1]
		}
	}
	if k == 0 {
		v, err := s.Stats(ctx, who, StatsQuery{Unit: unit, Year: y - 1, By: "level", Public: true})
		if err != nil {
			return f, err
		}
		f.Before = v.Sum.Cells[3]
	}
	years, err := s.yearsOf(ctx, y)
	if err != nil {
		return f, err
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		f.Months, err = s.monthly(ctx, q, who, years[y], unit, p, f.Total)
		return err
	})
	return f, err
}

// monthly are the figures of the months of a quarter, under its sum.
func (s *Service) monthly(ctx context.Context, q db.Q, who actor.Actor, year *yearFigures, unit id.ID, p Period, total Cell) ([]Cell, error) {
	months := p.Months()
	all, err := s.countable(ctx, q, who, year)
	if err != nil {
		return nil, err
	}
	n := s.within(all, unit).months(months)
	// The three months and their sum are a line like four quarters and theirs.
	l := Line{Cells: [5]Cell{{N: n[0]}, {N: n[1]}, {N: n[2]}, {N: 0, Hidden: false}, total}}
	hidden, at := 0, -1
	if total.Hidden {
		hidden++
	}
	for i := range 3 {
		if n[i] > 0 && n[i] < s.Rules.SmallCell {
			l.Cells[i].Hidden = true
			hidden++
		}
	}
	for i := range 3 {
		if !l.Cells[i].Hidden && (at < 0 || n[i] < n[at]) {
			at = i
		}
	}
	if hidden == 1 && at >= 0 {
		l.Cells[at].Hidden = true
	}
	return Blank(l)[0].Cells[:3], nil
}

// chinese says a text in Chinese, whatever the language of the reader: official
// documents are Chinese.
func chinese(r *web.Request) func(key string, args ...any) string {
	c := *r
	c.Lang = "zh"
	return c.T
}

// getCircular gives the draft of the quarterly circular as a document.
func (s *Service) getCircular(r *web.Request) (web.Response, error) {
	unit, err := s.unitParam(r)
	if err != nil {
		return nil, err
	}
	p, err := ParsePeriod(r.Param("quarter"))
	if err != nil {
		return nil, err
	}
	f, err := s.QuarterOf(r.Context(), r.Actor, unit, p)
	if err != nil {
		return nil, err
	}
	if err := s.log.Note(r.Context(), r.Actor, "register.draft", map[string]any{"unit": unit, "quarter": p}); err != nil {
		return nil, err
	}
	t := chinese(r)
	y, m := p.last()
	o := document.Official{Issuer: s.Units.Name(unit), Title: t("circular3.title", s.Units.Name(unit), y, m/3), Signature: s.Units.Name(unit), Date: t("circular3.date", r.Today().Year(), int(r.Today().Month()), r.Today().Day())}
	for _, line := range s.circularText(t, unit, f) {
		o.Body = append(o.Body, document.Block{Text: line})
	}
	var b bytes.Buffer
	if err := document.WriteDocx(&b, o); err != nil {
		return nil, err
	}
	return web.File{Name: o.Title + ".docx", Type: docxType, Body: &b, Size: int64(b.Len())}, nil
}

// circularText are the paragraphs in the order of the published circulars.
func (s *Service) circularText(t func(key string, args ...any) string, unit id.ID, f QuarterFigures) []string {
	y, m := f.Quarter.last()
	part := func(word string, c Cell) string {
		if c.Hidden || f.Total.Hidden || f.Total.N == 0 {
			return t("circular3.part.bare", word, figureText(c))
		}
		return t("circular3.part", word, c.N, fmt.Sprintf("%.1f", 100*float64(c.N)/float64(f.Total.N)))
	}
	head := func(by string, word func(Line) string) string {
		var parts []string
		for _, l := range f.By[by] {
			if w := word(l); w != "" {
				parts = append(parts, part(w, l.Cells[0]))
			}
		}
		return strings.Join(parts, t("circular3.and"))
	}
	first := t("circular3.total", y, m/3, s.Units.Name(unit), figureText(f.Total))
	levels := head("level", func(l Line) string {
		if l.Key == KeyBelow {
			return ""
		}
		return t("stats.level." + l.Key)
	})
	first += t("circular3.levels", levels)
	for _, l := range f.By["leadership"] {
		if l.Key == "yes" {
			first += t("circular3.leaders", part(t("circular3.leadership"), l.Cells[0]))
		}
	}
	if !f.Total.Hidden && !f.Before.Hidden && f.Before.N > 0 {
		change := 100 * float64(f.Total.N-f.Before.N) / float64(f.Before.N)
		key := "circular3.more"
		if change < 0 {
			key, change = "circular3.less", -change
		}
		first += t(key, fmt.Sprintf("%.1f", change))
	}
	var months []string
	for i, c := range f.Months {
		months = append(months, t("circular3.month", m-2+i, figureText(c)))
	}
	out := []string{first, t("circular3.months", strings.Join(months, t("circular3.comma")))}
	end := quarterEnd(f.Quarter)
	out = append(out, t("circular3.classes", head("class", func(l Line) string { return s.groupWord(l, end) })))
	out = append(out, t("circular3.askers", head("asker", func(l Line) string {
		if l.Of != "" {
			return ""
		}
		return t("circular3." + l.Key)
	})))
	if f.Units > 0 {
		out = append(out, t("circular3.units", f.Units, f.Without))
	}
	if slices.ContainsFunc(out, func(s string) bool { return strings.Contains(s, "＊") }) {
		out = append(out, t("circular3.hidden", strconv.Itoa(s.Rules.SmallCell)))
	}
	return out
}

// groupWord is what the circular of a day calls a group of classes: the wordings
// of its classes that were in use.
func (s *Service) groupWord(l Line, on clock.Date) string {
	if l.Of != "" {
		return ""
	}
	var words []string
	for _, c := range s.Rules.Named(on) {
		if c.Group == l.Key {
			words = append(words, s.Rules.Word(c.Code, on, "zh"))
		}
	}
	return strings.Join(words, "、")
}

// quarterEnd is the last day of a quarter of the calendar.
func quarterEnd(p Period) clock.Date {
	return Setting{EndDay: 31}.End(p)
}
