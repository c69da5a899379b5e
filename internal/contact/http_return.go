package contact

import (
	"html/template"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/ui/chart"
	"huikan/internal/platform/web"
)

// day is a mark as a cell of a calendar.
func day(r *web.Request, mark string) chart.Day {
	d := map[string]chart.Day{MarkZero: {Class: "ok", Mark: "○"}, MarkItems: {Class: "run", Mark: "✓"}, MarkFiled: {Class: "ok", Mark: "✓"}, MarkLate: {Class: "wait", Mark: "迟"},
		MarkMiss: {Class: "late", Mark: "缺"}, MarkOpen: {Class: "wait", Mark: "…"}, MarkNotDue: {Class: "off", Mark: "—"}, MarkAway: {Class: "off", Mark: "·"}, MarkBefore: {Class: "off", Mark: "前"}}[mark]
	d.Text = r.T("return.mark." + mark)
	if word, ok := map[string]string{MarkLate: "L", MarkMiss: "!", MarkBefore: "B"}[mark]; ok && r.Lang == "en" {
		d.Mark = word
	}
	return d
}

func days(r *web.Request, marks ...string) []chart.Day {
	out := make([]chart.Day, len(marks))
	for i, m := range marks {
		out[i] = day(r, m)
	}
	return out
}

func markChip(r *web.Request, mark string) ui.Chip {
	return ui.Chip{Class: day(r, mark).Class, Word: r.T("return.mark." + mark)}
}

// short is a period in a column head, where two letters have room: the month or
// quarter. The caption says the years.
func short(p Period) string { return string(p)[5:] }

// spanOf says from which to which period a calendar goes.
func spanOf(ps []Period) string { return string(ps[0]) + " – " + string(ps[len(ps)-1]) }

type minePage struct {
	Owed      []owedCard
	Year      template.HTML
	Years     []ui.Link // the year before, and back to the present one
	Former    string    // what a mark of the year is worth
	Records   ui.Table
	Delegates ui.Table
	Form      *ui.Form
	EndPosts  []endPost
}

type owedCard struct {
	Title, Text, Zero, New, Chip string
	Flag                         template.HTML
}

type endPost struct{ Label, Action string }

func (s *Service) getMine(r *web.Request) (web.Response, error) {
	return s.minePage(r, DelegateCmd{}, nil)
}

func (s *Service) minePage(r *web.Request, c DelegateCmd, err error) (web.Response, error) {
	var last Period
	if text := r.Param("last"); text != "" {
		var e error
		if last, e = ParsePeriod(text); e != nil {
			return nil, e
		}
	}
	m, e := s.Own(r.Context(), r.Actor, last)
	if e != nil {
		return nil, e
	}
	var p minePage
	p.Years = []ui.Link{{Label: r.T("return.prev_year"), Href: "/my/returns?last=" + string(m.Periods[0].Prev())}}
	if last != "" {
		p.Years = append(p.Years, ui.Link{Label: r.T("return.this_year"), Href: "/my/returns"})
	}
	for _, o := range m.Owed {
		title := r.T("return.title", string(o.Period))
		if o.Name != "" {
			title = r.T("return.title.for", string(o.Period), o.Name)
		}
		href := "/my/returns/" + string(o.Period)
		if o.Name != "" {
			href += "?person=" + string(o.Person)
		}
		p.Owed = append(p.Owed, owedCard{Title: title, Text: r.T("return.span", string(o.From), string(o.To)), Zero: href, Flag: ui.Due(r.T, string(o.Due), string(r.Today()))})
	}
	cols, row := []string{}, chart.CalendarRow{Label: r.T("return.mine")}
	for i, x := range m.Months {
		cols = append(cols, short(m.Periods[i]))
		d := day(r, x.Mark)
		d.Text = string(m.Periods[i]) + " " + d.Text
		if x.Former {
			d.Text += " · " + r.T("former.mark")
			p.Former = r.T("former.mine")
		}
		if x.Mark == MarkOpen || x.Mark == MarkMiss || x.At != "" {
			d.Href = "/my/returns/" + string(m.Periods[i])
		}
		row.Days = append(row.Days, d)
	}
	p.Year = chart.Calendar(chart.Frame{Title: r.T("return.year"), Caption: r.T("return.year.caption", len(m.Returns), len(m.Periods)) + " " + spanOf(m.Periods), Data: r.T("return.data")}, cols, []chart.CalendarRow{row},
		days(r, MarkZero, MarkItems, MarkLate, MarkMiss, MarkOpen, MarkNotDue, MarkAway, MarkBefore), r.T("return.who"))
	p.Records = s.matterTable(r, m.Records, "/my/returns")
	p.Records.Caption = r.T("matter.mine")
	p.Records.Empty = ui.EmptyState{Title: r.T("matter.mine.none"), Text: r.T("matter.mine.none.text")}
	p.Delegates = ui.Table{ID: "d", Caption: r.T("delegate.list"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("delegate.who")}, {Label: r.T("delegate.term")}, {Label: r.T("word.reason")}, {Label: r.T("word.status")}}}
	for _, d := range m.Delegates {
		chip := ui.Chip{Class: "off", Word: r.T("delegate.ended")}
		if d.InForce(r.Today()) {
			chip = ui.Chip{Class: "run", Word: r.T("delegate.in_force")}
			p.EndPosts = append(p.EndPosts, endPost{Label: r.T("delegate.end", m.Names[d.Delegate]), Action: "/my/delegates/" + string(d.ID) + "/end"})
		}
		p.Delegates.Rows = append(p.Delegates.Rows, ui.Row{ID: string(d.ID), Cells: []ui.Cell{{Text: m.Names[d.Delegate]}, {Text: string(d.From) + " – " + string(d.To)}, {Text: d.Reason}, {Chips: []ui.Chip{chip}}}})
	}
	pr := r.Problems(err)
	p.Form = &ui.Form{ID: "delegate", Action: "/my/delegates", Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "delegate", Label: r.T("delegate.who"), Kind: ui.FieldPicker, Source: "/pick/people?by=staff_no", Value: c.Delegate, Error: pr["delegate"], Hint: r.T("delegate.who.hint")},
		{Name: "from", Label: r.T("contact.from"), Kind: ui.FieldDate, Value: string(c.From), Error: pr["from"]}, {Name: "to", Label: r.T("contact.until"), Kind: ui.FieldDate, Value: string(c.To), Error: pr["to"]},
		{Name: "reason", Label: r.T("word.reason"), Value: c.Reason, Error: pr["reason"], MaxLen: maxShort}}}}, Buttons: []ui.Button{{Label: r.T("delegate.do.name"), Kind: "primary"}}}
	return web.Page{Name: "contact/my", Data: p, API: m, Err: err, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.my_returns")}}}, nil
}

func (s *Service) postDelegate(r *web.Request) (web.Response, error) {
	var c DelegateCmd
	err := r.Decode(&c)
	var d Delegate
	if err == nil {
		d, err = s.NameDelegate(r.Context(), r.Actor, c)
	}
	if fault.Is(err, fault.KindInvalid) && !r.API() {
		return s.minePage(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/my/returns", Done: "done.delegate.name", API: d}, nil
}

func (s *Service) postEndDelegate(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	if err := s.EndDelegate(r.Context(), r.Actor, n); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/my/returns", Done: "done.delegate.end"}, nil
}

type filePage struct {
	Former  bool // taken over: the facts are no receipt
	Title   string
	Chip    ui.Chip
	Span    string
	Counts  []string // what counts as something to record
	Records ui.Table
	Receipt ui.Facts
	Form    *ui.Form
	Confirm *ui.Form // what somebody else filed
	New     string
}

// getFile shows one period: the pledge with its button, or the receipt.
func (s *Service) getFile(r *web.Request) (web.Response, error) {
	return s.filePage(r, FileCmd{Person: id.ID(r.Param("person"))}, nil)
}

func (s *Service) filePage(r *web.Request, c FileCmd, failed error) (web.Response, error) {
	pd, err := ParsePeriod(r.PathValue("period"))
	if err != nil {
		return nil, fault.NotFound("return")
	}
	var owed *Owed
	var have *Return
	var former *Return
	var from Takeover
	var records []Matter
	var index int64 = -1
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		list, err := s.Owing(r.Context(), q, r.Actor)
		if err != nil {
			return err
		}
		for _, o := range list {
			if o.Period == pd && (c.Person == "" && o.Person == r.Actor.Person || c.Person == o.Person) {
				owed = &o
			}
		}
		if c.Person != "" && c.Person != r.Actor.Person {
			if owed == nil {
				return fault.NotFound("return")
			}
			return nil
		}
		x, err := returnOf(r.Context(), q, pd, r.Actor.Person)
		if err == nil {
			have = &x
		} else if !fault.Is(err, fault.KindNotFound) {
			return err
		}
		if have == nil {
			list, err := filedFormer(r.Context(), q, pd, r.Actor.Person)
			if err != nil {
				return err
			}
			for _, x := range list {
				former = &x
				if from, err = takeoverByID(r.Context(), q, x.Takeover); err != nil {
					return err
				}
			}
		}
		var w where
		w.add("m.reporter = $%d AND m.period = $%d AND m.state NOT IN ('draft', 'discarded', 'withdrawn')", string(s.Ref(r.Actor.Person)), string(pd))
		records, err = listMatters(r.Context(), q, w, "", 50)
		return err
	})
	if err != nil {
		return nil, err
	}
	if have == nil && former == nil && owed == nil {
		return nil, s.whyNot(r, pd)
	}
	p := filePage{Title: r.T("return.title", string(pd)), New: "/contacts/new", Records: s.matterTable(r, records, r.URL.Path)}
	for _, a := range s.Rules.Areas {
		p.Counts = append(p.Counts, r.T("matter.area."+a.Code))
	}
	if former != nil {
		have, p.Former = former, true // for the API too
		p.Chip = markChip(r, s.mark(*former, true, Setting{}, pd, true))
		p.Receipt = formerFacts(r, *former, from)
	} else if have != nil {
		es, err := s.log.Of(r.Context(), "contact_return", have.ID)
		if err != nil {
			return nil, err
		}
		if len(es) > 0 {
			index = es[0].Index
		}
		p.Chip = markChip(r, s.mark(*have, true, Setting{}, pd, true))
		p.Receipt = s.returnFacts(r, *have, index)
		if err := s.byOther(r, *have, &p); err != nil {
			return nil, err
		}
	} else {
		p.Chip, p.Span = markChip(r, MarkOpen), r.T("return.span", string(owed.From), string(owed.To))
		p.Form = s.fileForm(r, *owed, c, failed)
		if owed.Name != "" {
			p.Title = r.T("return.title.for", string(pd), owed.Name)
		}
	}
	return web.Page{Name: "contact/file", Data: p, API: map[string]any{"return": have, "owed": owed, "index": index}, Err: failed, Crumbs: []ui.Crumb{{Label: r.T("menu.my_returns"), Href: "/my/returns"}, {Label: string(pd)}}}, nil
}

// byOther shows who filed the return for the reader, and asks him to confirm it.
func (s *Service) byOther(r *web.Request, x Return, p *filePage) error {
	if x.By == "" {
		return nil
	}
	var names map[id.ID]string
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		names, err = s.names(r.Context(), q, x.By)
		return err
	}); err != nil {
		return err
	}
	p.Receipt.Items = append(p.Receipt.Items, ui.Fact{Label: r.T("return.by"), Text: names[x.By], Sub: x.Reason})
	if x.Confirmed != "" {
		p.Receipt.Items = append(p.Receipt.Items, ui.Fact{Label: r.T("return.confirmed"), Text: r.Moment(x.Confirmed)})
		return nil
	}
	p.Confirm = &ui.Form{ID: "confirm", Action: "/my/returns/" + string(x.Period) + "/confirm", Note: r.T("return.confirm.note", names[x.By]), Buttons: []ui.Button{{Label: r.T("return.do.confirm"), Kind: "primary"}}}
	return nil
}

func (s *Service) postConfirm(r *web.Request) (web.Response, error) {
	x, err := s.ConfirmReturn(r.Context(), r.Actor, r.PathValue("period"))
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/my/returns/" + string(x.Period), Done: "done.return.confirm", API: x}, nil
}

// whyNot answers for a period that cannot be filed.
func (s *Service) whyNot(r *web.Request, pd Period) error {
	var set Setting
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		set, err = s.settingFor(r.Context(), q, r.Actor.Unit, pd)
		return err
	}); err != nil {
		return err
	}
	if err := fits(set, pd, r.Today()); err != nil {
		return err
	}
	return fault.State("return.not_owed", string(pd))
}

func (s *Service) fileForm(r *web.Request, o Owed, c FileCmd, failed error) *ui.Form {
	pr := r.Problems(failed)
	f := &ui.Form{Action: "/my/returns/" + string(o.Period), Hidden: []ui.Pair{{Name: "pledge", Value: "1"}}, Note: r.T("return.pledge"), Buttons: []ui.Button{{Label: r.T("return.do.pledge_zero"), Kind: "primary"}}}
	if o.Records > 0 {
		f.Note, f.Buttons[0].Label = r.T("return.pledge.items", o.Records), r.T("return.do.pledge_items", o.Records)
	}
	if o.Name != "" {
		f.Hidden = append(f.Hidden, ui.Pair{Name: "person", Value: string(o.Person)})
	}
	if r.Today() > o.Due {
		f.Sets = []ui.Fieldset{{Fields: []ui.Field{{Name: "reason", Label: r.T("return.late_reason"), Value: c.Reason, Error: pr["reason"], Hint: r.T("return.late_hint"), Wide: true, MaxLen: maxShort}}}}
	}
	return f
}

func (s *Service) returnFacts(r *web.Request, x Return, index int64) ui.Facts {
	what := r.T("return.attested.zero")
	if !x.Attested {
		what = r.T("return.attested.items")
	}
	f := ui.Facts{Items: []ui.Fact{{Label: r.T("return.attested"), Text: what}, {Label: r.T("return.at"), Text: r.Moment(x.At)}, {Label: r.T("return.receipt"), Text: string(x.ID)}}}
	if index >= 0 {
		f.Items = append(f.Items, ui.Fact{Label: r.T("return.index"), Text: count(int(index)), Sub: r.T("return.index.hint", count(int(index)))})
	}
	if x.Late {
		f.Items = append(f.Items, ui.Fact{Label: r.T("return.late"), Text: x.Reason, Chips: []ui.Chip{markChip(r, MarkLate)}})
	}
	if x.Corrected != "" {
		f.Items = append(f.Items, ui.Fact{Label: r.T("return.corrected"), Text: r.Moment(x.Corrected)})
	}
	return f
}

func (s *Service) postFile(r *web.Request) (web.Response, error) {
	var c FileCmd
	err := r.Decode(&c)
	c.Period = r.PathValue("period")
	var f Filed
	if err == nil {
		f, err = s.File(r.Context(), r.Actor, c)
	}
	if fault.Is(err, fault.KindInvalid) && !r.API() {
		return s.filePage(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	to, done := "/my/returns/"+c.Period, "done.return.file"
	if f.Already {
		done = "done.return.already"
	}
	if c.Person != "" && c.Person != r.Actor.Person {
		to = "/my/returns"
	}
	return web.Redirect{To: to, Done: done, API: f}, nil
}
