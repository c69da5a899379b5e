package screening

import (
	"slices"
	"strconv"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type yearlyPage struct {
	Tabs  ui.Tabs
	Years ui.Tabs
	Lead  string
	Stats ui.Stats
	Form  *ui.Form
	Table ui.Table
}

// getYearly shows the list of a year for the yearly check of the bar association: who
// stands on it and what came back; to who may send, how many do not stand on it yet.
func (s *Service) getYearly(r *web.Request) (web.Response, error) {
	return s.yearlyPage(r, YearlyCmd{}, nil)
}

func (s *Service) yearlyPage(r *web.Request, in YearlyCmd, refused error) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	now := s.today().Year()
	year := in.Year
	if n, err := strconv.Atoi(q.Filter.Get("year")); err == nil && n > 1999 && n <= now {
		year = n
	}
	if year == 0 {
		year = now
	}
	states := OutFlow.States()
	f := warningFilter{Flow: OutFlow.Name, Yearly: year, State: pick(q, "state", states)}
	var after id.ID
	if len(q.After) > 0 {
		after = id.ID(q.After[0])
	}
	var list []Warning
	var by map[string]int
	var count, left int
	sends := r.Can("warning.send")
	err = s.log.DB().Read(r.Context(), func(dq db.Q) (err error) {
		if list, count, err = s.visibleWarnings(r.Context(), dq, r.Actor, f, after, q.Size+1); err != nil {
			return err
		}
		if by, err = s.yearlyStates(r.Context(), dq, r.Actor, year); err != nil || !sends {
			return err
		}
		waiting, err := s.countBy(r.Context(), dq, r.Actor, "state", unlisted(year))
		left = waiting[Confirmed]
		return err
	})
	if err != nil {
		return nil, err
	}
	next := ""
	if len(list) > q.Size {
		list = list[:q.Size]
		next = string(list[len(list)-1].ID)
	}
	base := "/screening/yearly"
	p := yearlyPage{Tabs: tabs(r, base), Lead: r.T("yearly.lead", year), Table: s.warningTable(r, list)}
	for _, y := range []int{now, now - 1, now - 2} {
		p.Years.Items = append(p.Years.Items, ui.Tab{Label: r.T("yearly.year", y), Href: base + "?year=" + strconv.Itoa(y), Current: y == year})
	}
	p.Years.Label = r.T("yearly.years")
	all := 0
	for _, n := range by {
		all += n
	}
	waits := by[Sent] + by[Received]
	p.Stats.Items = []ui.Stat{{Label: r.T("yearly.listed"), Value: strconv.Itoa(all)}, {Label: r.T("yearly.waits"), Value: strconv.Itoa(waits)},
		{Label: r.T("warning.state." + Unanswered), Value: strconv.Itoa(by[Unanswered]), Href: base + "?year=" + strconv.Itoa(year) + "&state=" + Unanswered},
		{Label: r.T("yearly.answered"), Value: strconv.Itoa(by[Answered] + by[Handled] + by[Closed])}}
	if sends {
		p.Stats.Items = append(p.Stats.Items, ui.Stat{Label: r.T("yearly.left"), Value: strconv.Itoa(left), Note: r.T("yearly.left.note")})
		if left > 0 && year >= now-1 {
			p.Form = yearlyForm(r, year, left, in, refused)
		}
	}
	p.Table.Base, p.Table.Caption = base, r.T("yearly.table", year)
	p.Table.Empty = ui.EmptyState{Title: r.T("yearly.none"), Text: r.T("yearly.none.text")}
	p.Table.Filters = []ui.Field{{Name: "year", Label: r.T("yearly.years"), Kind: ui.FieldSelect, Value: strconv.Itoa(year), Options: []ui.Option{{Value: strconv.Itoa(now), Label: strconv.Itoa(now)},
		{Value: strconv.Itoa(now - 1), Label: strconv.Itoa(now - 1)}, {Value: strconv.Itoa(now - 2), Label: strconv.Itoa(now - 2)}}},
		{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Value: f.State, Options: options(r, "warning.state.", states)}}
	p.Table.Pager = web.Pager(r, base, "", next, after != "")
	p.Table.Pager.Count, p.Table.Pager.Capped = min(count, page.CountCap), count > page.CountCap
	api := struct {
		Year     int            `json:"year"`
		Warnings []Warning      `json:"warnings"`
		States   map[string]int `json:"states"`
		Left     int            `json:"left"`
	}{year, slices.Clone(list), by, left}
	return web.Page{Name: "screening/yearly", Data: p, API: api, Err: refused, Mark: true,
		Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.tab.yearly")})}, nil
}

func yearlyForm(r *web.Request, year, left int, in YearlyCmd, refused error) *ui.Form {
	p := r.Problems(refused)
	return &ui.Form{ID: "yearly", Action: "/screening/yearly", Hidden: []ui.Pair{{Name: "year", Value: strconv.Itoa(year)}}, Note: r.T("yearly.note", min(left, maxYearly)),
		Sets: []ui.Fieldset{{Legend: r.T("yearly.send", year), Fields: []ui.Field{
			{Name: "text", Label: r.T("warning.body"), Kind: ui.FieldArea, Rows: 3, MaxLen: maxYearlyText, Value: or(in.Text, r.T("yearly.text", year)), Wide: true, Error: p["text"]},
			{Name: "due", Label: r.T("warning.due"), Kind: ui.FieldDate, Optional: true, Value: string(in.Due), Hint: r.T("warning.due.hint", answerDays), Error: p["due"]}}}},
		Buttons: []ui.Button{{Label: r.T("yearly.button", min(left, maxYearly)), Kind: "primary"}}}
}

func (s *Service) postYearly(r *web.Request) (web.Response, error) {
	var cmd YearlyCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	sent, err := s.SendYearly(r.Context(), r.Actor, cmd)
	if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState)) {
		return s.yearlyPage(r, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/screening/yearly?year=" + strconv.Itoa(cmd.Year), Done: "done.yearly", API: struct {
		Sent int `json:"sent"`
	}{sent}}, nil
}
