package contact

import (
	"context"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type listPage struct {
	Table    ui.Table
	Openings []waitingOpening
	Links    []ui.Link
}

type waitingOpening struct {
	ID         id.ID
	Code, Text string
}

// views of the office's list, with the states that they show.
var views = []struct {
	key    string
	states []string
}{
	{"new", []string{Submitted}}, {"working", []string{Checked, Classified, Verified, Noticed, Referred, Circulated, Returned}}, {"settled", []string{Answered, Archived}}, {"all", Kept},
}

func (s *Service) getList(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	view := views[0]
	for _, v := range views {
		if v.key == q.View {
			view = v
		}
	}
	var p listPage
	var list []Matter
	next, n := "", 0
	err = s.log.DB().Read(r.Context(), func(dq db.Q) error {
		w := visible(s.policy, s.shadow(r.Actor), "matter.open", matterColumns)
		w.conds = append(w.conds, "m.state IN ("+marks(&w.args, view.states)+")")
		if a := q.Filter.Get("class"); a != "" {
			w.add("(m.category = $%d OR m.category = '' AND m.claimed = $%d)", a, a)
		}
		if u, ok := s.Units.Resolve(q.Filter.Get("unit")); ok {
			w.conds = append(w.conds, "m.unit_id IN ("+marks(&w.args, s.Units.Below(u.ID))+")")
		}
		after := ""
		if len(q.After) > 0 {
			after = q.After[0]
		}
		if list, err = listMatters(r.Context(), dq, w, after, q.Size+1); err != nil {
			return err
		}
		if len(list) > q.Size {
			list = list[:q.Size]
			next = string(list[len(list)-1].ID)
		}
		if n, err = countMatters(r.Context(), dq, w); err != nil {
			return err
		}
		p.Openings, err = s.waitingOpenings(r.Context(), dq, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	p.Table = s.matterTable(r, list, "/contacts")
	for _, v := range views {
		p.Table.Views = append(p.Table.Views, ui.Tab{Label: r.T("contact.view." + v.key), Href: "/contacts?view=" + v.key, Current: v.key == view.key})
	}
	p.Table.Params = r.URL.Query()
	p.Table.Filters = []ui.Field{{Name: "class", Label: r.T("matter.class"), Kind: ui.FieldSelect, Value: q.Filter.Get("class"), Options: append([]ui.Option{{Label: r.T("form.any")}}, s.classOptions(r)...)},
		{Name: "unit", Label: r.T("word.unit"), Value: q.Filter.Get("unit")}}
	if view.key == "new" {
		p.Table.Bulk = &ui.Bulk{Action: "/contacts/settle", Buttons: []ui.Button{{Label: r.T("matter.do.settle")}}}
	}
	p.Table.Pager = web.Pager(r, "/contacts", "", next, len(q.After) > 0)
	p.Table.Pager.Count = n
	return web.Page{Name: "contact/list", Data: p, API: list, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.contacts")}}}, nil
}

// waitingOpenings are those that wait for the actor's agreement.
func (s *Service) waitingOpenings(ctx context.Context, q db.Q, r *web.Request) ([]waitingOpening, error) {
	list, err := openingsWaiting(ctx, q, string(r.Today()))
	if err != nil {
		return nil, err
	}
	var out []waitingOpening
	for _, o := range list {
		m, err := s.load(ctx, q, r.Actor, o.Matter, "matter.open")
		if fault.Is(err, fault.KindNotFound) || o.Person == r.Actor.Person || s.mine(r.Actor, m) {
			continue
		}
		if err != nil {
			return nil, err
		}
		names, err := s.names(ctx, q, o.Person)
		if err != nil {
			return nil, err
		}
		out = append(out, waitingOpening{ID: o.ID, Code: m.Code, Text: r.T("opening.asked_by", names[o.Person], s.Units.Short(o.Unit), r.T("opening.purpose."+o.Purpose), o.Reason)})
	}
	return out, nil
}

func (s *Service) matterTable(r *web.Request, list []Matter, base string) ui.Table {
	t := ui.Table{Caption: r.T("menu.contacts"), Base: base, NoDrawer: true, Columns: []ui.Column{{Label: r.T("matter.code"), Nowrap: true}, {Label: r.T("matter.recorded_on"), Nowrap: true}, {Label: r.T("word.unit")},
		{Label: r.T("matter.class")}, {Label: r.T("matter.asker")}, {Label: r.T("word.status")}, {Label: r.T("word.due"), Nowrap: true}}, Empty: ui.EmptyState{Title: r.T("matter.none"), Text: r.T("matter.none.text")}}
	for _, m := range list {
		word := func(prefix, v string) string {
			if v == "" {
				return "—"
			}
			return r.T(prefix + v)
		}
		due := ui.Cell{Text: "—"}
		if m.Due != "" {
			due = ui.Cell{Text: string(m.Due), Flag: ui.Due(r.T, string(m.Due), string(r.Today()))}
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(m.ID), Href: matterAddress(m.ID), Cells: []ui.Cell{{Text: m.Code}, {Text: orDash(string(m.Recorded))}, {Text: s.Units.Short(m.Unit)}, {Text: orDash(s.classWord(r, m)), Chips: marksOf(r, m)},
			{Text: word("matter.asker.", m.Asker)}, {Chips: []ui.Chip{stateChip(r, m.State)}}, due}})
	}
	return t
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// stateList is a list that is looked through state by state, the newest first.
type stateList struct {
	path         string
	states       []string
	state, after string // the state that is shown, all when empty; the record before its first
	size         int
}

func listByState(r *web.Request, path string, states []string) (l stateList, err error) {
	q, err := r.List()
	if err != nil {
		return l, err
	}
	l = stateList{path: path, states: states, size: q.Size}
	if has(states, q.View) {
		l.state = q.View
	}
	if len(q.After) > 0 {
		l.after = q.After[0]
	}
	return l, nil
}

// views are the tabs of the states, named by words that begin alike.
func (l stateList) views(r *web.Request, words string) []ui.Tab {
	out := []ui.Tab{{Label: r.T(words + "all"), Href: l.path + "?view=all", Current: l.state == ""}}
	for _, v := range l.states {
		out = append(out, ui.Tab{Label: r.T(words + v), Href: l.path + "?view=" + v, Current: v == l.state})
	}
	return out
}

// pager leads on when more was read than is shown: n is how much was read.
func (l stateList) pager(r *web.Request, n int, at func(i int) id.ID) *ui.Pager {
	next := ""
	if n > l.size {
		next = string(at(l.size - 1))
	}
	return web.Pager(r, l.path, "", next, l.after != "")
}

// dueCell is a day that something is due on, with how near it is.
func dueCell(r *web.Request, due clock.Date) ui.Cell {
	c := ui.Cell{Text: orDash(string(due))}
	if due != "" {
		c.Flag = ui.Due(r.T, string(due), string(r.Today()))
	}
	return c
}
