package rectification

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// tierRole is whom a tier reaches, over the units that the role is granted for:
// the handler, the line leader (分管领导), the head of the unit.
var tierRole = map[string]actor.Role{TierHandler: actor.Liaison, TierLine: actor.Leader, TierHead: actor.UnitHead}

// paperColumns and orderColumns tell the policy where these lists keep what it judges.
var (
	paperColumns = access.Columns{State: "p.state", Units: []string{"p.unit_id"}, By: "p.by_id"}
	orderColumns = access.Columns{State: "o.state", Units: []string{"o.unit_id"}, By: "o.by_id", Concern: []string{"o.item_id"}}
)

// folderTodos is what waits for the actor beside single items: reminders that
// climbed to him, papers to sign or to judge, supervision orders.
func (s *Service) folderTodos(ctx context.Context, q db.Q, who actor.Actor) ([]web.Todo, error) {
	if who.Has(actor.System) {
		return nil, nil
	}
	var out []web.Todo
	for _, t := range Tiers() {
		var units []id.ID
		for _, g := range who.Grants {
			if g.Role == tierRole[t.Name] {
				units = append(units, g.Unit)
			}
		}
		if len(units) == 0 {
			continue
		}
		w := s.readable(who, "item.read")
		w.conds = append(w.conds, "i.unit_id IN ("+list(&w.args, units)+")")
		w.add("i.open = 1 AND i.state <> 'applied' AND EXISTS (SELECT 1 FROM rectify_reminder r WHERE r.item_id = i.id AND r.due_on = i.due_on AND r.tier = $%d)", t.Name)
		if t.Name == TierHandler { // what is overdue stands there already
			w.add("i.due_on >= $%d", string(s.today()))
		}
		items, err := listItems(ctx, q, w, page.Query{}, maxTodos)
		if err != nil {
			return nil, err
		}
		for _, i := range items {
			out = append(out, web.Todo{Kind: "todo.remind." + t.Name, Title: i.No + " " + i.Title, Unit: s.Units.Short(i.Unit), Due: i.Due, Href: "/items/" + string(i.ID), Verb: "act.open"})
		}
	}
	for _, k := range []struct{ do, state string }{{"accept", PaperSigned}, {"withhold", PaperAsked}, {"sign", PaperDraft}} {
		if !s.policy.Ever(who, "rectify_paper."+k.do) {
			continue
		}
		var w where
		w.conds = append(w.conds, s.policy.Filter(who, "rectify_paper."+k.do, paperColumns, &w.args))
		w.add("p.state = $%d", k.state)
		if k.do == "sign" { // a text is there and waits for the signature
			w.conds = append(w.conds, "p.body <> ''")
		}
		papers, err := papersWhere(ctx, q, w, maxTodos)
		if err != nil {
			return nil, err
		}
		for _, p := range papers {
			if p.Title == "" { // nothing was drafted: the unit asks not to publish at all
				p.Title = s.Units.Name(p.Unit)
			}
			out = append(out, web.Todo{Kind: "todo.rectify_paper." + k.do, Title: p.Title, Unit: s.Units.Short(p.Unit), Href: "/rectify-papers/" + string(p.ID), Verb: "rectify_paper.do." + k.do})
		}
	}
	for _, k := range []struct{ do, state string }{{"answer", OrderIssued}, {"settle", OrderAnswered}} {
		if !s.policy.Ever(who, "rectify_order."+k.do) {
			continue
		}
		var w where
		w.conds = append(w.conds, s.policy.Filter(who, "rectify_order."+k.do, orderColumns, &w.args))
		w.add("o.state = $%d", k.state)
		orders, err := ordersWhere(ctx, q, w, maxTodos)
		if err != nil {
			return nil, err
		}
		for _, o := range orders {
			out = append(out, web.Todo{Kind: "todo.rectify_order." + k.do, Title: o.Demand, Unit: s.Units.Short(o.Unit), Due: o.Due, Href: "/rectify-orders/" + string(o.ID), Verb: "rectify_order.do." + k.do})
		}
	}
	return out, nil
}
