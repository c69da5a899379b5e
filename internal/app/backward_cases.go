package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"huikan/internal/conduct"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/db"
	"huikan/internal/risk"
)

// casesAround are the cases that a person handled, who approved them, the lawyers
// who recur in them, and the alerts about him, as the room of risk knows them.
func (a *App) casesAround(ctx context.Context, q db.Q, b conduct.BackQuery) (map[string][]conduct.BackLine, error) {
	units, err := servedAt(ctx, q, b)
	if err != nil {
		return nil, err
	}
	r, err := a.Risk.Around(ctx, q, risk.Asking{Who: b.Who, Person: b.Person, Units: units, From: b.From, To: b.To})
	if err != nil {
		return nil, err
	}
	out := map[string][]conduct.BackLine{}
	add := func(part string, l conduct.BackLine) {
		l.Register = "around.events"
		out[part] = append(out[part], l)
	}
	dir := a.Org.Directory()
	if r.Total > 0 {
		add("cases", conduct.BackLine{Key: "around.case_sum", Args: []any{r.Total, r.Favourable, r.UnitTotal, r.UnitYes}, N: r.Total})
	}
	for _, c := range r.Cases {
		key, did := "around.case_own", conduct.Words{}
		if c.Favourable {
			key = "around.case_own_good"
		}
		for _, k := range c.Did {
			did = append(did, "risk.kind."+k.String())
		}
		add("cases", conduct.BackLine{On: c.On, Key: key, Args: []any{conduct.Word("risk.type." + c.Type), did, dir.Short(c.Unit)}, Source: c.No, Href: "/risk/cases/" + string(c.ID)})
	}
	if left := r.Total - len(r.Cases); left > 0 {
		add("cases", conduct.BackLine{Key: "around.case_more", Args: []any{left}, N: left})
	}
	for _, u := range slices.Sorted(maps.Keys(r.Elsewhere)) {
		add("cases", conduct.BackLine{Key: "around.case_elsewhere", Args: []any{r.Elsewhere[u], dir.Short(u)}, N: r.Elsewhere[u]})
	}
	if r.Cut {
		add("cases", conduct.BackLine{Key: "around.case_cut"})
	}
	for _, p := range r.Pairs {
		key := "around.pair"
		if p.Favourable > 0 {
			key = "around.pair_good"
		}
		add("lawyers", conduct.BackLine{Key: key, Args: []any{p.Lawyer, p.Cases, fmt.Sprintf("%.1f", p.Expected), fmt.Sprintf("%.2g", p.P), p.Favourable}, Source: p.Licence, Href: "/risk/cases/" + string(r.PairCases[cmp.Or(p.Licence, p.Lawyer)])})
	}
	var ids []id.ID
	for _, x := range r.Approvers {
		ids = append(ids, x.Person)
	}
	names, err := person.Names(ctx, q, ids...)
	if err != nil {
		return nil, err
	}
	for _, x := range r.Approvers {
		add("chain", conduct.BackLine{On: x.Last.On, Key: "around.approver", Args: []any{names[x.Person], x.Cases, x.Favourable}, Source: x.Last.No, Href: "/risk/cases/" + string(x.Last.ID)})
	}
	for _, x := range r.Alerts {
		l := conduct.BackLine{On: x.Found, Key: "around.alert", Args: []any{r.Rules[x.Rule], conduct.Word("alert.state." + x.State)}, Register: "around.alerts", Source: x.No, Href: "/risk/alerts/" + string(x.ID)}
		out["findings"] = append(out["findings"], l)
	}
	return out, nil
}

// servedAt are the units where a person served at some time between two days.
func servedAt(ctx context.Context, q db.Q, b conduct.BackQuery) (units []id.ID, err error) {
	p, err := person.ByID(ctx, q, b.Person)
	if err != nil {
		return nil, err
	}
	units = []id.ID{p.Unit}
	terms, err := person.Terms(ctx, q, b.Person)
	for _, t := range terms {
		if t.Unit != "" && !slices.Contains(units, t.Unit) && (t.From == "" || t.From <= b.To) && (t.To == "" || t.To >= b.From) {
			units = append(units, t.Unit)
		}
	}
	return units, err
}
