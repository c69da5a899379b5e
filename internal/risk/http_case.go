package risk

import (
	"strconv"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type casePage struct {
	No     string
	Note   string
	Facts  []ui.Fact
	Now    ui.Table
	Before ui.Table
	Alerts []ui.Link
}

func caseHref(n id.ID) string { return "/risk/cases/" + string(n) }

// getCase shows what happened in a case, and what imports corrected or withdrew.
func (s *Service) getCase(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	c, err := s.CaseOf(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	var people map[id.ID]string
	var alerts []Alert
	var rules map[string]string
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		var ids []id.ID
		for _, e := range c.Events {
			ids = append(ids, e.Handler)
		}
		if people, err = s.names(r.Context(), q, ids...); err != nil {
			return err
		}
		if rules, err = s.ruleNames(r.Context(), q, r.Lang); err != nil || !r.Can("alert.read") {
			return err
		}
		alerts, _, err = visibleAlerts(r.Context(), q, s.policy, r.Actor, alertFilter{Case: c.ID}, pageOf(20))
		return err
	})
	if err != nil {
		return nil, err
	}
	now := c.Now()
	p := casePage{No: c.No, Note: r.T("risk.case.note"), Now: s.eventTable(r, now, people),
		Facts: []ui.Fact{{Label: r.T("word.unit"), Text: s.Units.Name(c.Unit)}, {Label: r.T("risk.f.case_type"), Text: r.Word("risk.type."+c.Type, c.Type)}, {Label: r.T("risk.f.source"), Text: c.Source}, {Label: r.T("risk.case.events"), Text: strconv.Itoa(len(now))}}}
	var closed []Event
	for _, e := range c.Events {
		if e.Out != 0 {
			closed = append(closed, e)
		}
	}
	p.Before = s.eventTable(r, closed, people)
	p.Before.ID, p.Before.Caption = "before", r.T("risk.case.before")
	p.Before.Columns = append(p.Before.Columns, ui.Column{Label: r.T("risk.case.closed_by"), Num: true})
	for i := range p.Before.Rows {
		p.Before.Rows[i].Cells = append(p.Before.Rows[i].Cells, ui.Cell{Text: strconv.FormatInt(closed[i].Out, 10)})
	}
	for _, a := range alerts {
		p.Alerts = append(p.Alerts, ui.Link{Label: a.No + " · " + rules[a.Rule] + " · " + r.T("alert.state."+a.State), Href: "/risk/alerts/" + string(a.ID)})
	}
	return web.Page{Name: "risk/case", Data: p, API: c, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: r.T("risk.tab.events"), Href: "/risk/events"}, ui.Crumb{Label: c.No})}, nil
}
