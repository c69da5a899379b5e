package contact

import (
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// meetingFacts are what the rules on contacts out of place add to an index row.
func (s *Service) meetingFacts(r *web.Request, m Matter) []ui.Fact {
	var out []ui.Fact
	if m.Meeting != "" {
		f := ui.Fact{Label: r.T("matter.meeting"), Text: r.T("matter.meeting." + m.Meeting)}
		switch {
		case m.ReportLate():
			f.Sub = r.T("matter.report_by.late", string(m.ReportBy), m.Recorded.Sub(m.ReportBy))
		case m.ReportBy != "":
			f.Sub = r.T("matter.report_by", string(m.ReportBy))
		}
		out = append(out, f)
	}
	if p, ok := s.Rules.prohibitedKind(m.Prohibited); ok {
		out = append(out, ui.Fact{Label: r.T("matter.prohibited"), Text: r.T("matter.prohibited." + p.Code), Sub: s.article(r, p), Wide: true})
	}
	if m.Managed != "" {
		out = append(out, ui.Fact{Label: r.T("matter.managed"), Text: r.T("matter.managed." + m.Managed)})
	}
	return out
}

// article names where a prohibited kind stands.
func (s *Service) article(r *web.Request, p Prohibited) string {
	text := r.T("matter.prohibited.article", s.Rules.Sources[p.Source], p.Article, p.Item)
	if p.Mark != "" {
		text = r.T("omission.unverified", text)
	}
	return text
}

// prohibitedWord is a prohibited kind with its list and item.
func prohibitedWord(r *web.Request, p Prohibited) string {
	return r.T("matter.prohibited.option", r.T("matter.prohibited.short."+p.Source), p.Item, r.T("matter.prohibited."+p.Code))
}

// prohibitedField offers the kinds that bound contacts with such an asker.
func (s *Service) prohibitedField(r *web.Request, list []Prohibited, value, problem string) ui.Field {
	f := ui.Field{Name: "prohibited", Label: r.T("matter.prohibited"), Hint: r.T("matter.prohibited.hint"), Kind: ui.FieldSelect, Value: value, Error: problem, Optional: true, Wide: true, Options: []ui.Option{{Label: r.T("matter.prohibited.none")}}}
	for _, p := range list {
		f.Options = append(f.Options, ui.Option{Value: p.Code, Label: prohibitedWord(r, p)})
	}
	return f
}

// managerField asks which body manages the person, and says what his post points to.
func (s *Service) managerField(r *web.Request, v View, value, problem string) ui.Field {
	f := ui.Field{Name: "managed", Label: r.T("matter.managed"), Hint: r.T("matter.managed.unknown"), Kind: ui.FieldRadio, Options: options(r, "matter.managed.", Managers()), Value: value, Error: problem, Wide: true}
	if m := v.Manager; m != nil && m.Kind != "" {
		if value == "" {
			f.Value = m.Kind
		}
		f.Hint = r.T("matter.managed.why." + m.Why)
		if m.Unit != "" {
			f.Hint = r.T("matter.managed.where", f.Hint, s.Units.Name(m.Unit))
		}
	}
	return f
}
