package screening

import (
	"net/url"

	"huikan/internal/kernel/page"
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
}

// getTogether lists relatives who both serve, with what the rules say of it (B12, B15), the heaviest first.
func (s *Service) getTogether(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	b, err := s.quick(r.Context())
	if err != nil {
		return nil, err
	}
	on, e, err := s.law(r.Context(), RunCmd{})
	if err != nil {
		return nil, err
	}
	may := s.sieve(r.Actor, "match.read")
	list, count := onPage(s.pairsOf(b, e, on), q.After, q.Size, func(x pairOf) []string { return x.place(b) },
		func(x pairOf) bool { // a reader of a pair works for the unit of who declared it, and is neither of the two nor their kin
			return may.pass(b.ours.unit(x.owner), b.ours.person(x.owner), b.ours.person(x.other))
		})
	after := ""
	if len(list) > q.Size {
		list = list[:q.Size]
		after = page.Cursor(list[q.Size-1].place(b)...)
	}
	t := ui.Table{Caption: r.T("screening.tab.together"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("screening.who")}, {Label: r.T("together.relation")}, {Label: r.T("together.kin")},
		{Label: r.T("screening.verdict")}, {Label: r.T("screening.rules")}}, Empty: ui.EmptyState{Title: r.T("together.none"), Text: r.T("together.none.text")}}
	api := struct {
		Pairs []Together `json:"pairs"`
		Count int        `json:"count"`
		After string     `json:"after,omitempty"`
	}{Pairs: []Together{}, Count: count, After: after}
	for _, p := range list {
		l, k := b.ours.at(p.owner), b.ours.at(p.other)
		x := Together{Name: l.row.At(Staff, "name"), Unit: s.Units.Name(l.unit), Relation: meaning("relation", b.ours.row(p.kin).At(Relatives, "relation")),
			Kin: k.row.At(Staff, "name"), KinUnit: s.Units.Name(k.unit), ByNumber: p.byNumber, Verdicts: p.verdicts}
		api.Pairs = append(api.Pairs, x)
		outcome, _, _ := rules.Sum(x.Verdicts)
		row := ui.Row{Href: "/screening/persons/" + url.PathEscape(l.key), Cells: []ui.Cell{{Text: x.Name, Sub: x.Unit}, {Text: r.T("relative.relation." + or(x.Relation, "other"))},
			{Text: x.Kin, Sub: x.KinUnit + r.T("together.by."+map[bool]string{true: "number", false: "name"}[x.ByNumber])}, {Chips: []ui.Chip{outcomeChip(r, outcome)}}, {Text: "—"}}}
		if len(x.Verdicts) > 0 {
			v := x.Verdicts[0]
			row.Cells[4] = ui.Cell{Text: ruleName(v.Rule) + " " + v.Sentence.In(r.Lang), Sub: v.Article.In(r.Lang)}
		}
		t.Rows = append(t.Rows, row)
	}
	t.Pager = pagerOf(r, "/screening/together", after, len(q.After) > 0)
	t.Pager.Count = count
	return web.Page{Name: "screening/together", Data: togetherPage{tabs(r, "/screening/together"), r.T("together.lead", count), t}, API: api, Mark: true,
		Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.tab.together")})}, nil
}
