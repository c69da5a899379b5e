package screening

import (
	"cmp"
	"net/url"
	"slices"

	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
	"huikan/internal/screening/rules"
)

type togetherPage struct {
	Tabs  ui.Tabs
	Lead  string
	Table ui.Table
}

// Together is one line of the list of relatives who both serve.
type Together struct {
	Name     string          `json:"name"`
	Unit     string          `json:"unit"`
	Relation string          `json:"relation"`
	Kin      string          `json:"kin"`
	KinUnit  string          `json:"kin_unit"`
	ByNumber bool            `json:"by_number"` // else by name and unit
	Verdicts []rules.Verdict `json:"verdicts"`

	key string
}

// getTogether lists relatives who both serve, with what the rules say of it (B12, B15), the heaviest first.
func (s *Service) getTogether(r *web.Request) (web.Response, error) {
	b, err := s.quick(r.Context())
	if err != nil {
		return nil, err
	}
	on, e, err := s.law(r.Context(), RunCmd{})
	if err != nil {
		return nil, err
	}
	list := []Together{}
	for _, t := range b.together {
		if s.policy.Can(r.Actor, "match.read", s.togetherObject(b, t)) != nil {
			continue
		}
		l, k := b.ours[t.owner], b.ours[t.other]
		list = append(list, Together{Name: l.row.At(Staff, "name"), Unit: s.Units.Name(l.unit), Relation: meaning("relation", b.ours[t.kin].row.At(Relatives, "relation")),
			Kin: k.row.At(Staff, "name"), KinUnit: s.Units.Name(k.unit), ByNumber: t.byNumber, Verdicts: s.judgeTogether(b, e, on, t), key: l.key})
	}
	weigh := func(x Together) int {
		outcome, _, _ := rules.Sum(x.Verdicts)
		return slices.Index(rules.Outcomes(), outcome)
	}
	slices.SortStableFunc(list, func(a, b Together) int { return cmp.Compare(weigh(a), weigh(b)) })
	t := ui.Table{Caption: r.T("screening.tab.together"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("screening.who")}, {Label: r.T("together.relation")}, {Label: r.T("together.kin")},
		{Label: r.T("screening.verdict")}, {Label: r.T("screening.rules")}}, Empty: ui.EmptyState{Title: r.T("together.none"), Text: r.T("together.none.text")}}
	for i, x := range list {
		if i >= maxCalendar {
			break
		}
		outcome, _, _ := rules.Sum(x.Verdicts)
		row := ui.Row{Href: "/screening/persons/" + url.PathEscape(x.key), Cells: []ui.Cell{{Text: x.Name, Sub: x.Unit}, {Text: r.T("relative.relation." + or(x.Relation, "other"))},
			{Text: x.Kin, Sub: x.KinUnit + r.T("together.by."+map[bool]string{true: "number", false: "name"}[x.ByNumber])}, {Chips: []ui.Chip{outcomeChip(r, outcome)}}, {Text: "—"}}}
		if len(x.Verdicts) > 0 {
			v := x.Verdicts[0]
			row.Cells[4] = ui.Cell{Text: ruleName(v.Rule) + " " + v.Sentence.In(r.Lang), Sub: v.Article.In(r.Lang)}
		}
		t.Rows = append(t.Rows, row)
	}
	return web.Page{Name: "screening/together", Data: togetherPage{tabs(r, "/screening/together"), r.T("together.lead", len(list)), t}, API: list, Mark: true,
		Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.tab.together")})}, nil
}
