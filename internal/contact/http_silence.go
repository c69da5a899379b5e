package contact

import (
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org/intake"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) silenceRoutes() []web.Route {
	imports := intake.New(intake.Pages{Room: "contact", Base: "/register/caseload", List: ui.Link{Label: "menu.silence", Href: "/register/silence"}, Kind: "caseload",
		Action: "caseload.import", Done: "done.caseload.import", Run: s.ImportCaseload, Template: caseloadTemplate}, s.Clock)
	out := []web.Route{
		{Method: "GET", Path: "/register/silence", Action: "silence.read", Do: s.getSilence},
		{Method: "GET", Path: "/register/draws", Action: "draw.read", Do: s.getDraws},
		{Method: "POST", Path: "/register/draws", Action: "draw.commit", In: DrawCmd{}, Do: s.postDraw},
		{Method: "GET", Path: "/register/draws/{id}", Action: "draw.read", Do: s.getDraw},
		{Method: "GET", Path: "/register/draws/{id}/list", Action: "draw.read", NoAPI: true, Do: s.getDrawList},
		{Method: "POST", Path: "/register/draws/{id}/reveal", Action: "draw.reveal", Do: s.postReveal},
		{Method: "GET", Path: "/register/letters/{id}", Action: "letter.read", Do: s.getLetter},
	}
	for _, do := range LetterFlow.Actions() {
		out = append(out, web.Route{Method: "POST", Path: "/register/letters/{id}/" + do, Action: "letter." + do, In: LetterCmd{}, Do: s.postLetter(do)})
	}
	return append(out, imports.Routes()...)
}

func caseloadTemplate(tr sheet.Translate) sheet.Table {
	t := sheet.Table{Name: tr("caseload.sheet"), Freeze: 1, Blank: 500}
	for _, c := range caseloadColumns {
		f := sheet.Field{Header: tr("caseload.column." + c.Key), Width: 16}
		switch c.Key {
		case "staff_no", "period":
			f.Kind = sheet.ID
		case "cases":
			f.Kind = sheet.Number
		}
		t.Columns = append(t.Columns, f)
	}
	t.Rows = func(func([]string) bool) {}
	return t
}

type silencePage struct {
	Unit  string
	Lead  string
	Form  ui.Form
	Table ui.Table
	Links []ui.Link
	Notes []string
}

func (s *Service) getSilence(r *web.Request) (web.Response, error) {
	unit, err := s.unitParam(r)
	if err != nil {
		return nil, err
	}
	if by := r.Param("by"); by == ByDepartment || by == ByUnit {
		return s.groupSilencePage(r, unit, by)
	}
	v, err := s.Silence(r.Context(), r.Actor, unit)
	if err != nil {
		return nil, err
	}
	p := s.silencePage(r, unit, ByPerson, v.Periods, v.Bounds)
	p.Table = ui.Table{ID: "s", Caption: r.T("menu.silence"), NoDrawer: true, Views: silenceTabs(r, unit, ByPerson), Empty: ui.EmptyState{Title: r.T("silence.none"), Text: r.T("silence.none.text"), Next: ui.Link{Label: r.T("caseload.import.title"), Href: "/register/caseload"}},
		Columns: []ui.Column{{Label: r.T("silence.person")}, {Label: r.T("silence.post")}, {Label: r.T("silence.run"), Num: true, Hint: r.T("silence.run.hint")}, {Label: r.T("silence.cases"), Num: true}, {Label: r.T("silence.peers"), Num: true}, {Label: r.T("silence.arithmetic")}}}
	for _, l := range v.Lines {
		why := r.T("silence.why." + l.Why)
		if l.Scored {
			why = r.T("silence.sum", l.Cases, l.PeerHits, l.PeerCase, fmt.Sprintf("%.1f", l.Expected), chance(l.Chance))
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: v.Names[l.Person]}, {Text: l.Post}, {Text: fmt.Sprintf("%d / %d", l.Run, l.Periods)}, {Text: strconv.Itoa(l.Cases)}, {Text: strconv.Itoa(l.Peers)}, {Text: why}}})
	}
	return web.Page{Name: "contact/silence", Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.silence"), Href: "/register/silence"}, {Label: p.Unit}}}, nil
}

// silencePage is what the three views share: the unit asked for, what the sums
// leave out, and where to go on from.
func (s *Service) silencePage(r *web.Request, unit id.ID, by string, periods []Period, b SilenceBounds) silencePage {
	p := silencePage{Unit: s.Units.Name(unit), Lead: r.T("silence.lead", string(periods[0]), string(periods[len(periods)-1])), Notes: []string{r.T("silence.note.rate"), r.T("silence.note.bounds", b.Run, strconv.FormatFloat(b.Expected, 'f', -1, 64), b.Peers), r.T("silence.note.never")}}
	p.Form = ui.Form{ID: "ask", Method: "get", Action: "/register/silence", Hidden: []ui.Pair{{Name: "by", Value: by}}, Buttons: []ui.Button{{Label: r.T("stats.show")}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "unit", Label: r.T("word.unit"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: p.Unit}}}}}
	p.Links = []ui.Link{{Label: r.T("menu.letters"), Href: "/register/draws"}, {Label: r.T("menu.talks"), Href: "/register/talks"}}
	if r.Can("caseload.import") {
		p.Links = append(p.Links, ui.Link{Label: r.T("caseload.import.title"), Href: "/register/caseload"})
	}
	return p
}

// chance says a small probability as one in so many.
func chance(p float64) string {
	if p >= 0.01 {
		return fmt.Sprintf("%.0f%%", 100*p)
	}
	return fmt.Sprintf("%.2g%%", 100*p)
}

type drawsPage struct {
	Table ui.Table
	Form  ui.Form
}

func (s *Service) getDraws(r *web.Request) (web.Response, error) {
	return s.drawsPage(r, DrawCmd{}, nil)
}

func drawChip(r *web.Request, state string) ui.Chip {
	return ui.Chip{Class: map[string]string{Committed: "wait", Drawn: "ok"}[state], Word: r.T("draw.state." + state)}
}

func letterChip(r *web.Request, state string) ui.Chip {
	class := map[string]string{LetterDrawn: "wait", LetterSent: "run", LetterConfirmed: "ok", LetterUnanswered: "off", LetterDiffers: "late", LetterAsked: "run", LetterExplained: "wait", LetterSettled: "ok"}[state]
	return ui.Chip{Class: class, Word: r.T("letter.state." + state)}
}

func (s *Service) drawsPage(r *web.Request, c DrawCmd, failed error) (web.Response, error) {
	list, err := s.Draws(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	p := drawsPage{Table: ui.Table{ID: "d", Caption: r.T("menu.letters"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("draw.none"), Text: r.T("draw.none.text")},
		Columns: []ui.Column{{Label: r.T("draw.period"), Nowrap: true}, {Label: r.T("word.unit")}, {Label: r.T("draw.size"), Num: true}, {Label: r.T("draw.population"), Num: true}, {Label: r.T("draw.at"), Nowrap: true}, {Label: r.T("word.status")}}}}
	for _, d := range list {
		p.Table.Rows = append(p.Table.Rows, ui.Row{Href: "/register/draws/" + string(d.ID), Cells: []ui.Cell{{Text: string(d.Period)}, {Text: s.Units.Name(d.Unit)}, {Text: strconv.Itoa(d.Size)}, {Text: strconv.Itoa(d.Population)}, {Text: r.Moment(d.At)}, {Chips: []ui.Chip{drawChip(r, d.State)}}}})
	}
	b := r.Problems(failed)
	if c.Unit == "" {
		for _, u := range offices(r.Actor) {
			c.Unit = s.Units.Name(u)
		}
	}
	if c.Period == "" {
		c.Period = string(s.Rules.Period.Latest(r.Today()))
	}
	if c.Size == 0 {
		c.Size = 10
	}
	p.Form = ui.Form{ID: "draw", Action: "/register/draws", Note: r.T("draw.note"), Buttons: []ui.Button{{Label: r.T("draw.do.commit"), Kind: "primary"}}, Sets: []ui.Fieldset{{Legend: r.T("draw.new"), Fields: []ui.Field{
		{Name: "unit", Label: r.T("word.unit"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: c.Unit, Error: b["unit"]},
		{Name: "period", Label: r.T("draw.period"), Value: c.Period, Error: b["period"], MaxLen: 7},
		{Name: "size", Label: r.T("draw.size"), Kind: ui.FieldNumber, Value: strconv.Itoa(c.Size), Error: b["size"]}}}}}
	return web.Page{Name: "contact/draws", Data: p, API: list, Err: failed, Crumbs: []ui.Crumb{{Label: r.T("menu.letters")}}}, nil
}

func (s *Service) postDraw(r *web.Request) (web.Response, error) {
	var c DrawCmd
	var d Draw
	err := r.Decode(&c)
	if err == nil {
		d, err = s.CommitDraw(r.Context(), r.Actor, c)
	}
	if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) || fault.Is(err, fault.KindLimit)) {
		return s.drawsPage(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/register/draws/" + string(d.ID), Done: "done.draw.commit", API: d}, nil
}

type drawPage struct {
	Facts   ui.Facts
	Letters ui.Table
	Reveal  *ui.Form
	List    string
	How     []string
}

func (s *Service) getDraw(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v, _, err := s.ReadDraw(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	d := v.Draw
	p := drawPage{List: "/register/draws/" + string(n) + "/list", How: []string{r.T("draw.how.1"), r.T("draw.how.2", d.Algorithm)}}
	p.Facts = ui.Facts{Items: []ui.Fact{{Label: r.T("word.unit"), Text: s.Units.Name(d.Unit)}, {Label: r.T("draw.period"), Text: string(d.Period)}, {Label: r.T("draw.population"), Text: strconv.Itoa(d.Population)}, {Label: r.T("draw.size"), Text: strconv.Itoa(d.Size)},
		{Label: r.T("word.status"), Chips: []ui.Chip{drawChip(r, d.State)}}, {Label: r.T("draw.at"), Text: r.Moment(d.At)}, {Label: r.T("draw.digest"), Text: d.Digest, Wide: true}, {Label: r.T("draw.commitment"), Text: d.Commitment, Wide: true}}}
	if d.State == Drawn {
		p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("draw.seed"), Text: d.Seed, Wide: true}, ui.Fact{Label: r.T("draw.salt"), Text: d.Salt, Wide: true})
	} else if s.policy.Can(r.Actor, "draw.reveal", s.drawObject(d)) == nil {
		p.Reveal = &ui.Form{ID: "reveal", Action: "/register/draws/" + string(n) + "/reveal", Note: r.T("draw.reveal.note"), Buttons: []ui.Button{{Label: r.T("draw.do.reveal"), Kind: "primary"}}}
	}
	p.Letters = ui.Table{ID: "l", Caption: r.T("letter.list"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("letter.none"), Text: r.T("letter.none.text")}, Columns: []ui.Column{{Label: r.T("silence.person")}, {Label: r.T("word.unit")}, {Label: r.T("word.status")}, {Label: r.T("word.due"), Nowrap: true}}}
	for _, l := range v.Letters {
		due := ui.Cell{Text: string(l.Due)}
		if l.Due != "" {
			due.Flag = ui.Due(r.T, string(l.Due), string(r.Today()))
		}
		p.Letters.Rows = append(p.Letters.Rows, ui.Row{Href: "/register/letters/" + string(l.ID), Cells: []ui.Cell{{Text: v.Names[l.Person]}, {Text: s.Units.Short(l.Unit)}, {Chips: []ui.Chip{letterChip(r, l.State)}}, due}})
	}
	return web.Page{Name: "contact/draw", Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.letters"), Href: "/register/draws"}, {Label: string(d.Period)}}}, nil
}

// getDrawList gives the published list of a draw.
func (s *Service) getDrawList(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	_, list, err := s.ReadDraw(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	return web.File{Name: "draw-" + n.Short() + ".txt", Type: "text/plain; charset=utf-8", Body: strings.NewReader(string(list)), Size: int64(len(list))}, nil
}

func (s *Service) postReveal(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	d, err := s.RevealDraw(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/register/draws/" + string(n), Done: "done.draw.reveal", API: d}, nil
}

type letterPage struct {
	Title string
	Chip  ui.Chip
	Facts ui.Facts
	Forms []ui.Form
	Trail ui.Trail
	Note  ui.Link // to note that a record was not made
}

func (s *Service) getLetter(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.letterPage(r, n, "", nil)
}

func (s *Service) letterPage(r *web.Request, n id.ID, failed string, problem error) (web.Response, error) {
	v, err := s.ReadLetter(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	l := v.Letter
	p := letterPage{Title: r.T("letter.title", v.Names[l.Person]), Chip: letterChip(r, l.State)}
	p.Facts = ui.Facts{Items: []ui.Fact{{Label: r.T("silence.person"), Text: v.Names[l.Person]}, {Label: r.T("word.unit"), Text: s.Units.Name(l.Unit)}, {Label: r.T("draw.period"), Text: string(l.Period)}, {Label: r.T("word.due"), Text: string(l.Due)}}}
	if l.Outcome != "" {
		p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("letter.outcome"), Text: r.T("letter.outcome." + l.Outcome), Sub: l.Lead})
	}
	if l.State == LetterExplained || l.State == LetterSettled {
		p.Note = ui.Link{Label: r.T("letter.do.omission"), Href: "/register/omissions?letter=" + string(n) + "#note"}
	}
	b := r.Problems(problem)
	for _, do := range v.Steps {
		f := ui.Form{ID: do, Action: "/register/letters/" + string(n) + "/" + do, Sensitive: true, Rev: web.Rev(l.Rev), Buttons: []ui.Button{{Label: r.T("letter.do." + do), Kind: "primary"}}}
		set := ui.Fieldset{Legend: r.T("letter.do." + do), Hint: r.T("letter.do." + do + ".hint")}
		text := ui.Field{Name: "text", Label: r.T("letter.text." + do), Kind: ui.FieldArea, Rows: 2, Wide: true, MaxLen: maxText}
		outcome := ui.Field{Name: "outcome", Label: r.T("letter.outcome"), Kind: ui.FieldRadio, Options: options(r, "letter.outcome.", LetterOutcomes()), Wide: true}
		if failed == do {
			text.Value, text.Error, outcome.Value, outcome.Error = r.PostFormValue("text"), b["text"], r.PostFormValue("outcome"), b["outcome"]
		}
		if do == "settle" && l.State == LetterExplained {
			set.Fields = append(set.Fields, outcome)
		}
		set.Fields = append(set.Fields, text)
		f.Sets = []ui.Fieldset{set}
		p.Forms = append(p.Forms, f)
	}
	for i := len(v.Entries) - 1; i >= 0; i-- {
		e := v.Entries[i]
		p.Trail.Entries = append(p.Trail.Entries, ui.Entry{At: r.Moment(e.At), Who: v.Names[e.Person], What: r.T("letter.do." + e.Do), Text: e.Text})
	}
	return web.Page{Name: "contact/letter", Data: p, API: v, Err: problem, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.letters"), Href: "/register/draws"}, {Label: string(l.Period), Href: "/register/draws/" + string(l.Draw)}, {Label: n.Short()}}}, nil
}

func (s *Service) postLetter(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c LetterCmd
		if err := r.Decode(&c); err != nil {
			return nil, err
		}
		l, err := s.WorkLetter(r.Context(), r.Actor, n, do, c)
		if fault.Is(err, fault.KindInvalid) && !r.API() {
			return s.letterPage(r, n, do, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/register/letters/" + string(n), Done: "done.letter." + do, API: l}, nil
	}
}
