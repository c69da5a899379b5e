package contact

import (
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// summaryLines say for each quarter that has ended when its summary is due and went out.
func (s *Service) summaryLines(r *web.Request, list []Summary) (out []ui.Fact) {
	for _, x := range list {
		f := ui.Fact{Label: r.T("summary.of", string(x.Quarter)), Text: r.T("summary.open", string(x.Due))}
		if x.Sent != "" {
			f.Text, f.Sub = r.T("summary.sent", string(x.Sent), string(x.Due)), x.Reference
			if x.Late(r.Today()) {
				f.Text = r.T("summary.sent.late", string(x.Sent), string(x.Due), x.Sent.Sub(x.Due))
			}
		} else {
			f.Flag = ui.Due(r.T, string(x.Due), string(r.Today()))
		}
		out = append(out, f)
	}
	return out
}

// summaryForm notes the newest summary that is open.
func (s *Service) summaryForm(r *web.Request, unit id.ID, list []Summary) *ui.Form {
	if s.policy.Can(r.Actor, "summary.send", s.place(unit)) != nil {
		return nil
	}
	var open []ui.Option
	for _, x := range list {
		if x.Sent == "" {
			open = append(open, ui.Option{Value: string(x.Quarter), Label: string(x.Quarter)})
		}
	}
	if len(open) == 0 {
		return nil
	}
	return &ui.Form{ID: "send", Action: "/register/stats/sent", Hidden: []ui.Pair{{Name: "unit", Value: string(unit)}}, Buttons: []ui.Button{{Label: r.T("summary.do.send"), Kind: "primary"}}, Sets: []ui.Fieldset{{Legend: r.T("summary.title"), Hint: r.T("summary.hint", s.Rules.days("summary")), Fields: []ui.Field{
		{Name: "quarter", Label: r.T("summary.quarter"), Kind: ui.FieldSelect, Options: open, Value: open[len(open)-1].Value},
		{Name: "on", Label: r.T("summary.on"), Kind: ui.FieldDate, Value: string(r.Today())},
		{Name: "reference", Label: r.T("summary.reference"), MaxLen: maxShort}}}}}
}

func (s *Service) postSummary(r *web.Request) (web.Response, error) {
	var c SendCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	x, err := s.SendSummary(r.Context(), r.Actor, c)
	if err != nil {
		return nil, err
	}
	u, ok := s.Units.Resolve(c.Unit)
	if !ok {
		return nil, fault.NotFound("unit")
	}
	return web.Redirect{To: StatsQuery{Unit: u.ID, Year: yearOf(x.Quarter), By: "level"}.href("/register/stats"), Done: "done.summary.send", API: x}, nil
}

func yearOf(p Period) int {
	y, _ := p.last()
	return y
}
