package contact

import (
	"html/template"
	"slices"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/ui/chart"
	"huikan/internal/platform/web"
)

// unitParam is the unit of the address, the actor's own when there is none.
func (s *Service) unitParam(r *web.Request) (id.ID, error) {
	text := r.Param("unit")
	if text == "" {
		for _, g := range r.Actor.Grants {
			if len(g.Path) > 0 && r.Can("return.calendar") && g.Unit != "" {
				return g.Unit, nil
			}
		}
		return r.Actor.Unit, nil
	}
	u, ok := s.Units.Resolve(text)
	if !ok {
		return "", fault.NotFound("unit")
	}
	return u.ID, nil
}

type calendarPage struct {
	Unit   string
	Stats  ui.Stats
	Chart  template.HTML
	Pager  *ui.Pager
	AsOf   string
	Former string
	Filter ui.Form
	Forms  []ui.Form
	People string
	Links  []ui.Link
}

// rowsShown bounds a calendar on a page; the API has all of it.
const rowsShown = 40

// share is a period of a unit as a cell.
func (s *Service) share(r *web.Request, t Tally, set Setting, p Period) chart.Day {
	today := r.Today()
	switch {
	case t.Owed == 0 && set.Before(p):
		return day(r, MarkBefore)
	case t.Owed == 0 || set.End(p) > today:
		return day(r, MarkNotDue)
	case t.Missing() == 0 && t.Late == 0:
		d := day(r, MarkFiled)
		d.Text = r.T("return.cell", t.Filed, t.Owed)
		return d
	case t.Missing() == 0:
		return chart.Day{Class: "wait", Mark: count(t.Late), Text: r.T("return.cell.late", t.Filed, t.Owed, t.Late)}
	}
	class := "late"
	if set.Due(p, s.Calendar) >= today {
		class = "run"
	}
	return chart.Day{Class: class, Mark: clip(t.Missing()), Text: r.T("return.cell.missing", t.Filed, t.Owed, t.Missing())}
}

func clip(n int) string {
	if n > 999 {
		return "999+"
	}
	return count(n)
}

func (s *Service) getCalendar(r *web.Request) (web.Response, error) {
	unit, err := s.unitParam(r)
	if err != nil {
		return nil, err
	}
	var set Setting
	var last Period
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if set, err = s.setting(r.Context(), q, unit, r.Today()); err != nil {
			return err
		}
		last, err = s.latest(r.Context(), q, unit)
		return err
	}); err != nil {
		return nil, err
	}
	if text := r.Param("last"); text != "" {
		if last, err = ParsePeriod(text); err != nil {
			return nil, err
		}
	}
	v, err := s.CalendarOf(r.Context(), r.Actor, unit, last, r.Param("all") == "1")
	if err != nil {
		return nil, err
	}
	if r.API() {
		return web.Page{Name: "contact/calendar", API: v}, nil
	}
	now := v.Total[len(v.Total)-1]
	p := calendarPage{Unit: s.Units.Name(unit), AsOf: r.Moment(v.AsOf), People: "/contacts/people?unit=" + string(unit) + "&period=" + string(last)}
	p.Stats = ui.Stats{Items: []ui.Stat{{Label: r.T("return.stat.owed", string(last)), Value: count(now.Owed)}, {Label: r.T("return.stat.filed"), Value: count(now.Filed)},
		{Label: r.T("return.stat.missing"), Value: count(now.Missing()), Class: map[bool]string{true: "late"}[now.Missing() > 0], Href: p.People}, {Label: r.T("return.stat.late"), Value: count(now.Late)}}}
	if v.Office {
		p.Stats.Items = append(p.Stats.Items, ui.Stat{Label: r.T("return.stat.zero"), Value: count(now.Zero), Define: r.T("return.stat.zero.define")})
	}
	p.Chart, p.Pager = s.calendarChart(r, v, set)
	if parent, ok := s.Units.Unit(unit); ok && parent.Parent != "" && s.policy.Can(r.Actor, "return.calendar", s.place(parent.Parent)) == nil {
		p.Links = append(p.Links, ui.Link{Label: r.T("return.up", s.Units.Short(parent.Parent)), Href: "/contacts/calendar?unit=" + string(parent.Parent)})
	}
	p.Links = append(p.Links, ui.Link{Label: r.T("return.all_units"), Href: "/contacts/calendar?all=1&unit=" + string(unit)}, ui.Link{Label: r.T("return.prev_year"), Href: "/contacts/calendar?unit=" + string(unit) + "&last=" + string(v.Periods[0].Prev())})
	before := now.Owed == 0 && set.Before(last)
	if before {
		p.Former = r.T("return.before", string(last), string(set.First))
	}
	if now.Former > 0 {
		p.Former = r.T("former.among", now.Former, now.Filed)
	}
	if v.Office {
		p.Links = append(p.Links, ui.Link{Label: r.T("setting.title"), Href: "/contacts/settings?unit=" + string(unit)}, ui.Link{Label: r.T("takeover.title"), Href: "/register/takeovers"})
		if now.Former == 0 && !before { // nobody files or closes what was taken over
			p.Forms = s.unitForms(r, unit, last)
		}
	}
	return web.Page{Name: "contact/calendar", Data: p, AsOf: p.AsOf, Crumbs: []ui.Crumb{{Label: r.T("menu.return_calendar"), Href: "/contacts/calendar"}, {Label: p.Unit}}}, nil
}

func (s *Service) calendarChart(r *web.Request, v CalendarView, set Setting) (template.HTML, *ui.Pager) {
	q, _ := r.List() // a bad page number shows the first
	start := 0
	if len(q.After) > 0 {
		start = max(0, slices.IndexFunc(v.Rows, func(x CalendarRow) bool { return string(x.Unit) == q.After[0] })+1)
	}
	end := min(len(v.Rows), start+rowsShown)
	var cols []string
	for _, p := range v.Periods {
		cols = append(cols, short(p))
	}
	var rows []chart.CalendarRow
	for _, x := range v.Rows[start:end] {
		row := chart.CalendarRow{Label: x.Name, Href: "/contacts/calendar?unit=" + string(x.Unit)}
		if x.Unit == v.Unit {
			row.Label, row.Href = r.T("return.own_people"), ""
		}
		set.First = x.First
		for k, t := range x.Tallies {
			d := s.share(r, t, set, v.Periods[k])
			if t.Owed > 0 {
				d.Href = "/contacts/people?unit=" + string(x.Unit) + "&period=" + string(x.Files[k])
			}
			row.Days = append(row.Days, d)
		}
		rows = append(rows, row)
	}
	complete := 0
	for _, x := range v.Rows {
		if t := x.Tallies[len(x.Tallies)-1]; t.Owed > 0 && t.Missing() == 0 {
			complete++
		}
	}
	key := []chart.Day{day(r, MarkFiled), {Class: "late", Mark: "3", Text: r.T("return.key.missing")}, {Class: "run", Mark: "3", Text: r.T("return.key.open")}, {Class: "wait", Mark: "2", Text: r.T("return.key.late")}, day(r, MarkNotDue), day(r, MarkBefore)}
	html := chart.Calendar(chart.Frame{Title: r.T("return.calendar"), Caption: r.T("return.calendar.caption", complete, len(v.Rows)) + " " + spanOf(v.Periods), Data: r.T("return.data")}, cols, rows, key, r.T("word.unit"))
	next := ""
	if end < len(v.Rows) {
		next = string(v.Rows[end-1].Unit)
	}
	pager := web.Pager(r, "/contacts/calendar", "", next, start > 0)
	pager.Count = len(v.Rows)
	return html, pager
}

// unitForms are reminding and closing for a unit and all below it.
func (s *Service) unitForms(r *web.Request, unit id.ID, p Period) []ui.Form {
	hidden := []ui.Pair{{Name: "unit", Value: string(unit)}, {Name: "period", Value: string(p)}}
	return []ui.Form{{ID: "remind", Action: "/contacts/remind", Hidden: hidden, Buttons: []ui.Button{{Label: r.T("return.do.remind"), Kind: "primary"}}},
		{ID: "close", Action: "/contacts/close", Hidden: hidden, Note: r.T("return.close.hint"), Buttons: []ui.Button{{Label: r.T("return.do.close", string(p)), Confirm: r.T("return.close.confirm")}}}}
}

type peoplePage struct {
	Unit  string
	Stats ui.Stats
	Table ui.Table
	Dept  ui.Bars
	Admit *ui.Form
	Close string

	Before string // nothing is owed for the period
}

func (s *Service) getPeople(r *web.Request) (web.Response, error) {
	return s.peoplePage(r, FileCmd{}, nil)
}

func (s *Service) peoplePage(r *web.Request, c FileCmd, failed error) (web.Response, error) {
	unit, err := s.unitParam(r)
	if err != nil {
		return nil, err
	}
	text := r.Param("period")
	if text == "" {
		if err := s.log.DB().Read(r.Context(), func(q db.Q) error {
			p, err := s.latest(r.Context(), q, unit)
			text = string(p)
			return err
		}); err != nil {
			return nil, err
		}
	}
	pd, err := ParsePeriod(text)
	if err != nil {
		return nil, err
	}
	v, err := s.People(r.Context(), r.Actor, unit, pd)
	if err != nil {
		return nil, err
	}
	p := peoplePage{Unit: s.Units.Name(unit)}
	if v.Closed != "" {
		p.Close = r.T("return.closed_at", r.Moment(v.Closed))
	}
	p.Stats = ui.Stats{Items: []ui.Stat{{Label: r.T("return.stat.owed", string(pd)), Value: count(v.Tally.Owed)}, {Label: r.T("return.stat.filed"), Value: count(v.Tally.Filed)},
		{Label: r.T("return.stat.missing"), Value: count(v.Tally.Missing()), Class: map[bool]string{true: "late"}[v.Tally.Missing() > 0]}, {Label: r.T("return.stat.late"), Value: count(v.Tally.Late)}}}
	departments, err := s.departments(r, unit)
	if err != nil {
		return nil, err
	}
	only := r.Param("only")
	p.Table = ui.Table{Caption: r.T("return.people"), Base: "/contacts/people", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("return.person")}, {Label: r.T("return.department")}, {Label: r.T("word.status")}, {Label: r.T("return.at"), Nowrap: true}, {Label: r.T("return.reminded"), Num: true}},
		Filters: []ui.Field{{Name: "only", Label: r.T("word.status"), Kind: ui.FieldSelect, Value: only, Options: append([]ui.Option{{Label: r.T("form.any")}}, options(r, "return.mark.", []string{MarkMiss, MarkOpen, MarkLate, MarkBefore})...)},
			{Name: "unit", Kind: ui.FieldHidden, Value: string(unit)}, {Name: "period", Kind: ui.FieldHidden, Value: string(pd)}},
		Empty: ui.EmptyState{Title: r.T("return.people.none"), Text: r.T("return.people.none.text")}}
	type dept struct{ owed, filed int }
	by := map[id.ID]*dept{}
	var order []id.ID
	for _, m := range v.People {
		d := by[m.Department]
		if m.At == "" && !v.Setting.owes(pd) {
			d = &dept{} // owes nothing
		} else if d == nil {
			d = &dept{}
			by[m.Department] = d
			order = append(order, m.Department)
		}
		d.owed++
		if m.At != "" {
			d.filed++
		}
		if only != "" && m.Mark != only || len(p.Table.Rows) >= rowsOfPeople {
			continue
		}
		name := ui.Cell{Text: m.Name}
		if m.Seconded != "" {
			name.Sub = r.T("return.seconded", s.Units.Short(m.Seconded))
		}
		at := ui.Cell{Text: "—"}
		if m.At != "" {
			at.Text = r.Moment(m.At)
			if m.Former {
				at.Sub = r.T("former.mark")
			} else if m.By != "" {
				at.Sub = r.T("return.by_delegate")
			}
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{ID: string(m.Person), Cells: []ui.Cell{name, {Text: orDash(departments[m.Department])}, {Chips: []ui.Chip{markChip(r, m.Mark)}}, at, {Text: count(m.Reminded)}}})
	}
	for _, n := range order {
		p.Dept.Items = append(p.Dept.Items, ui.Bar{Label: orDash(departments[n]), Value: by[n].filed * 100 / by[n].owed, Text: count(by[n].filed) + "/" + count(by[n].owed)})
	}
	p.Dept.Label, p.Dept.Max = r.T("return.by_department"), 100
	if v.Tally.Owed == 0 && v.Setting.Before(pd) {
		p.Before = r.T("return.before", string(pd), string(v.Setting.First))
	} else if v.Office {
		p.Table.Bulk = &ui.Bulk{Action: "/contacts/remind?unit=" + string(unit) + "&period=" + string(pd), Buttons: []ui.Button{{Label: r.T("return.do.remind_chosen")}}}
		if v.Closed != "" {
			pr := r.Problems(failed)
			p.Admit = &ui.Form{ID: "admit", Action: "/contacts/admit?unit=" + string(unit) + "&period=" + string(pd), Hidden: []ui.Pair{{Name: "pledge", Value: "1"}, {Name: "period", Value: string(pd)}}, Note: r.T("return.admit.hint"),
				Sets: []ui.Fieldset{{Legend: r.T("return.admit"), Fields: []ui.Field{{Name: "person", Label: r.T("return.person"), Kind: ui.FieldSelect, Options: missingOptions(v), Value: string(c.Person)},
					{Name: "reason", Label: r.T("word.reason"), Value: c.Reason, Error: pr["reason"], MaxLen: maxShort}}}}, Buttons: []ui.Button{{Label: r.T("return.do.admit")}}}
		}
	}
	return web.Page{Name: "contact/people", Data: p, API: v, Err: failed, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.return_calendar"), Href: "/contacts/calendar?unit=" + string(unit)}, {Label: p.Unit + " " + string(pd)}}}, nil
}

const rowsOfPeople = 500

func missingOptions(v UnitMonth) []ui.Option {
	var out []ui.Option
	for _, m := range v.People {
		if m.At == "" {
			out = append(out, ui.Option{Value: string(m.Person), Label: m.Name})
		}
	}
	return out
}

func (s *Service) postRemind(r *web.Request) (web.Response, error) {
	c := RemindCmd{Unit: r.Param("unit"), Period: r.Param("period")}
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	if c.Unit == "" {
		c.Unit = r.Param("unit")
	}
	if c.Period == "" {
		c.Period = r.Param("period")
	}
	n, err := s.Remind(r.Context(), r.Actor, c)
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/contacts/people?unit=" + c.Unit + "&period=" + c.Period, Done: "done.return.remind", API: map[string]int{"reminded": n}}, nil
}

func (s *Service) postClose(r *web.Request) (web.Response, error) {
	var c CloseCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	n, err := s.Close(r.Context(), r.Actor, c)
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/contacts/calendar?unit=" + c.Unit, Done: "done.return.close", API: map[string]int{"units": n}}, nil
}

func (s *Service) postAdmit(r *web.Request) (web.Response, error) {
	var c FileCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	f, err := s.Admit(r.Context(), r.Actor, c)
	if fault.Is(err, fault.KindInvalid) && !r.API() {
		return s.peoplePage(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/contacts/people?unit=" + r.Param("unit") + "&period=" + c.Period, Done: "done.return.admit", API: f}, nil
}

func (s *Service) getSettings(r *web.Request) (web.Response, error) {
	return s.settingPage(r, SettingCmd{}, nil)
}

func (s *Service) settingPage(r *web.Request, c SettingCmd, failed error) (web.Response, error) {
	unit, err := s.unitParam(r)
	if err != nil {
		return nil, err
	}
	if err := s.policy.Can(r.Actor, "return.setting", s.place(unit)); err != nil {
		return nil, err
	}
	var all settings
	var now Setting
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if all, err = s.allSettings(r.Context(), q); err != nil {
			return err
		}
		now, err = s.setting(r.Context(), q, unit, r.Today())
		return err
	}); err != nil {
		return nil, err
	}
	if failed == nil {
		c = SettingCmd{Cadence: now.Cadence, EndDay: now.EndDay, Grace: now.Grace, From: string(r.Today())[:7]}
	}
	pr := r.Problems(failed)
	t := ui.Table{Caption: r.T("setting.history"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.unit")}, {Label: r.T("setting.cadence")}, {Label: r.T("setting.end_day"), Num: true}, {Label: r.T("setting.grace"), Num: true}, {Label: r.T("setting.from")}, {Label: r.T("setting.first")}, {Label: r.T("setting.reason")}}}
	for i := len(all.list) - 1; i >= 0; i-- {
		if x := all.list[i]; s.policy.Can(r.Actor, "return.setting", s.place(x.Unit)) == nil {
			t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Cells: []ui.Cell{{Text: s.Units.Short(x.Unit)}, {Text: r.T("setting.cadence." + x.Cadence)}, {Text: count(x.EndDay)}, {Text: count(x.Grace)}, {Text: string(x.From)}, {Text: orDash(string(x.First))}, {Text: x.Reason, Sub: r.Moment(x.At)}}})
		}
	}
	f := ui.Form{Action: "/contacts/settings?unit=" + string(unit), Hidden: []ui.Pair{{Name: "unit", Value: string(unit)}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "cadence", Label: r.T("setting.cadence"), Kind: ui.FieldRadio, Value: c.Cadence, Options: options(r, "setting.cadence.", []string{Monthly, Quarterly, ByEvent}), Error: pr["cadence"], Wide: true},
		{Name: "end_day", Label: r.T("setting.end_day"), Kind: ui.FieldNumber, Value: count(c.EndDay), Error: pr["end_day"]}, {Name: "grace", Label: r.T("setting.grace"), Kind: ui.FieldNumber, Value: count(c.Grace), Error: pr["grace"]},
		{Name: "from", Label: r.T("setting.from"), Value: c.From, Error: pr["from"], Hint: r.T("setting.from.hint")}, {Name: "first", Label: r.T("setting.first"), Value: c.First, Error: pr["first"], Hint: r.T("setting.first.hint", string(now.First))}, {Name: "reason", Label: r.T("setting.reason"), Value: c.Reason, Error: pr["reason"], MaxLen: maxShort}}}},
		Buttons: []ui.Button{{Label: r.T("setting.do.set"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("contact.back"), Href: "/contacts/calendar?unit=" + string(unit)}}
	return web.Page{Name: "contact/form", Err: failed, API: all.list, Crumbs: []ui.Crumb{{Label: r.T("menu.return_calendar"), Href: "/contacts/calendar?unit=" + string(unit)}, {Label: r.T("setting.title")}},
		Data: formPage{Title: r.T("setting.title"), Lead: r.T("setting.lead", s.Units.Name(unit)), Form: &f, Table: &t}}, nil
}

func (s *Service) postSetting(r *web.Request) (web.Response, error) {
	var c SettingCmd
	err := r.Decode(&c)
	var x Setting
	if err == nil {
		x, err = s.Set(r.Context(), r.Actor, c)
	}
	if fault.Is(err, fault.KindInvalid) && !r.API() {
		return s.settingPage(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/contacts/settings?unit=" + c.Unit, Done: "done.return.setting", API: x}, nil
}
