package rectification

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
	"huikan/internal/platform/web"
)

// Row is one line of the ledger.
type Row struct {
	Item
	Measures Tally     `json:"measures"`
	Tasks    []Measure `json:"tasks,omitempty"`   // of the list of tasks and of duties
	Effects  []Effect  `json:"effects,omitempty"` // of the list of effects
	effect   Effect    // of a line of that list
}

// responsible are the persons of the measures, each once.
func (x Row) responsible() string {
	var out []string
	for _, m := range x.Tasks {
		if m.Responsible != "" && !slices.Contains(out, m.Responsible) {
			out = append(out, m.Responsible)
		}
	}
	return strings.Join(out, "、")
}

// Listing is one page of the ledger.
type Listing struct {
	Rows   []Row     `json:"rows"`
	Next   page.Next `json:"next"`
	Rounds []Named   `json:"-"` // for the filter
	// Measures are counted apart from problems, as far as the list itself is counted.
	Measures *MeasureCount `json:"measures,omitempty"`
}

// Named is a record with its name.
type Named struct {
	ID   id.ID
	Name string
}

// readable restricts a list to what the actor may see: by the rules, or because
// it is lent to his look-back team.
func (s *Service) readable(who actor.Actor, action string) where {
	var w where
	cond := s.policy.Filter(who, action, columns, &w.args)
	if action == "item.read" {
		if lent := s.policy.Filter(who, "item.recheck", lentColumns, &w.args); lent != "FALSE" && lent != "TRUE" {
			cond = "(" + cond + " OR " + lent + ")"
		}
	}
	w.conds = append(w.conds, cond)
	return w
}

// asked is the list that a query asks for.
func (s *Service) asked(q db.Q, who actor.Actor, p page.Query) where {
	action := "item.read"
	if p.View == ViewReview {
		action = "item.review"
	}
	w := s.readable(who, action)
	w.view(p.View, s.today())
	if p.View == ViewReview {
		w.awaits(who)
	}
	w.filter(q.Engine(), p, s.Find)
	return w
}

func (s *Service) checkQuery(p page.Query) error {
	if p.View != "" && !slices.Contains(Views(), p.View) {
		return fault.Invalid("item.bad.choice", p.View)
	}
	if _, ok := sorts[p.Sort]; !ok {
		return fault.Invalid("item.bad.choice", p.Sort)
	}
	for _, key := range [][]string{p.After, p.Before} {
		if len(key) != 0 && len(key) != 2 {
			return fault.Invalid("error.page_cursor")
		}
	}
	return nil
}

// List reads one page of the ledger.
func (s *Service) List(ctx context.Context, who actor.Actor, p page.Query) (Listing, error) {
	if err := s.checkQuery(p); err != nil {
		return Listing{}, err
	}
	var out Listing
	err := s.log.DB().Read(ctx, func(q db.Q) error {
		items, count, least, err := s.find(ctx, q, who, p, p.Size+1, true)
		if err != nil {
			return err
		}
		out = Listing{}
		items, out.Next = cut(items, p)
		out.Next.Count, out.Next.AtLeast = count, least
		if out.Rows, err = s.rows(ctx, q, items, wantsTasks(p), wantsEffects(p)); err != nil {
			return err
		}
		if count > 0 && count <= page.CountCap && !least {
			m, err := countMeasures(ctx, q, s.asked(q, who, p), s.today())
			if err != nil {
				return err
			}
			out.Measures = &m
		}
		out.Rounds, err = s.rounds(ctx, q, items, p.Filter["round"])
		return err
	})
	return out, err
}

// find reads up to limit rows of the list that a query asks for, and counts it
// when asked to. A common word is not gathered from the whole index: the list is
// walked in its own order until the page is full.
func (s *Service) find(ctx context.Context, q db.Q, who actor.Actor, p page.Query, limit int, counted bool) (items []Item, count int, least bool, err error) {
	start := len(p.After)+len(p.Before) == 0
	common := false
	if text := strings.TrimSpace(p.Filter.Get("q")); text != "" {
		if common, err = search.Common(ctx, q, "item", text); err != nil {
			return nil, 0, false, err
		}
		if common {
			items, ended, enough, err := s.walk(ctx, q, who, p, text, limit)
			if err != nil || enough {
				return items, len(items), !ended || !start, err
			}
		}
	}
	w := s.asked(q, who, p)
	if items, err = listItems(ctx, q, w, p, limit); err != nil || !counted {
		return items, 0, false, err
	}
	switch {
	case start && len(items) < limit:
		return items, len(items), false, nil
	case common:
		return items, len(items), true, nil
	}
	count, err = countItems(ctx, q, w, page.CountCap+1)
	return items, count, false, err
}

// walk looks for a common text in the order of the list.
func (s *Service) walk(ctx context.Context, q db.Q, who actor.Actor, p page.Query, text string, limit int) (items []Item, ended, enough bool, err error) {
	plain := p
	plain.Filter = maps.Clone(p.Filter)
	delete(plain.Filter, "q")
	w := s.asked(q, who, plain)
	back := len(p.Before) > 0
	items, ended, enough, err = search.Walk(text, limit, Item.words, func(after *Item, n int) ([]Item, error) {
		at := plain
		if after != nil && back {
			at.Before = sortKey(*after, p.Sort)
		} else if after != nil {
			at.After = sortKey(*after, p.Sort)
		}
		rows, err := listItems(ctx, q, w, at, n)
		if back {
			slices.Reverse(rows)
		}
		return rows, err
	})
	if back {
		slices.Reverse(items)
	}
	return items, ended, enough, err
}

// cut takes the surplus row off and tells how to go on.
func cut(items []Item, p page.Query) ([]Item, page.Next) {
	var n page.Next
	more := len(items) > p.Size
	back := len(p.Before) > 0
	if more && back {
		items = items[1:]
	} else if more {
		items = items[:p.Size]
	}
	if len(items) == 0 {
		return items, n
	}
	if more || back {
		n.After = page.Cursor(sortKey(items[len(items)-1], p.Sort)...)
	}
	if (more && back) || len(p.After) > 0 {
		n.Before = page.Cursor(sortKey(items[0], p.Sort)...)
	}
	return items, n
}

// wantsTasks tells whether a list shows measures, by its list or its columns.
func wantsTasks(p page.Query) bool {
	l := p.Filter.Get("list")
	return l == "tasks" || l == "duties" || slices.ContainsFunc(p.Cols, func(c string) bool { return c == "duty_who" || slices.Contains(taskColumns, c) })
}

func (s *Service) rows(ctx context.Context, q db.Q, items []Item, tasks, effects bool) ([]Row, error) {
	ids := make([]id.ID, len(items))
	for n, i := range items {
		ids[n] = i.ID
	}
	t, err := tallies(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	var of map[id.ID][]Measure
	if tasks {
		if of, err = MeasuresOf(ctx, q, ids); err != nil {
			return nil, err
		}
		if err := rest(ctx, q, items, of); err != nil {
			return nil, err
		}
	}
	var shown map[id.ID][]Effect
	if effects {
		if shown, err = effectsOf(ctx, q, ids); err != nil {
			return nil, err
		}
	}
	out := make([]Row, len(items))
	for n, i := range items {
		out[n] = Row{Item: i, Measures: t[i.ID], Tasks: of[i.ID], Effects: shown[i.ID]}
	}
	return out, nil
}

// rounds names the rounds on a page and those asked for. All rounds of a reader
// would cost a walk over all his items.
func (s *Service) rounds(ctx context.Context, q db.Q, items []Item, asked []string) ([]Named, error) {
	var ids []id.ID
	for _, v := range asked {
		ids = append(ids, id.ID(v))
	}
	for _, i := range items {
		if !slices.Contains(ids, i.Round) {
			ids = append(ids, i.Round)
		}
	}
	var out []Named
	for _, n := range ids {
		r, err := inspection.RoundByID(ctx, q, n)
		if fault.Is(err, fault.KindNotFound) {
			continue // a round that is gone from the inspections has no name to offer
		}
		if err != nil {
			return nil, err
		}
		out = append(out, Named{n, r.Name})
	}
	return out, nil
}

// Waiting counts what waits for a reviewer, for the menu.
func (s *Service) Waiting(ctx context.Context, who actor.Actor) (n int, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		w := s.readable(who, "item.review")
		w.view(ViewReview, s.today())
		w.awaits(who)
		n, err = countItems(ctx, q, w, 100)
		return err
	})
	return n, err
}

// Search finds items by number or words for the search box.
func (s *Service) Search(ctx context.Context, who actor.Actor, text string, limit int) ([]web.Hit, error) {
	out := []web.Hit{}
	if !s.policy.Ever(who, "item.read") {
		return out, nil
	}
	err := s.log.DB().Read(ctx, func(q db.Q) error {
		p := page.Query{View: ViewAll, Sort: "due", Desc: true, Filter: url.Values{"q": {text}}}
		items, _, _, err := s.find(ctx, q, who, p, limit, false)
		out = make([]web.Hit, len(items))
		for n, i := range items {
			out[n] = web.Hit{Kind: "item", Title: i.Title, Note: i.No + " · " + s.Units.Short(i.Unit), Href: "/items/" + string(i.ID)}
		}
		return err
	})
	return out, err
}

// todoKind is one kind of waiting work.
type todoKind struct {
	kind, action, verb string
	cond               func(w *where)
	href               string // with the item's id
	others             bool   // not for whoever had a hand in the work
}

const maxTodos = 30 // of one kind; the ledger has the rest

func (s *Service) todoKinds() []todoKind {
	state := func(st string) func(*where) { return func(w *where) { w.add("i.state = $%d", st) } }
	return []todoKind{
		{"todo.item.claim", "item.claim", "item.do.claim", state(StateToClaim), "/items/%s", false},
		{"todo.item.plan", "item.submit_plan", "item.do.plan", state(StatePlanning), "/items/%s", false},
		{"todo.item.returned", "item.apply", "item.do.progress", state(StateReturned), "/items/%s", false},
		{"todo.item.reopened", "item.apply", "item.do.progress", state(StateReopened), "/items/%s", false},
		{"todo.item.overdue", "item.progress", "item.do.progress", func(w *where) {
			w.view(ViewOverdue, s.today())
			w.add("i.state IN ('rectifying', 'long_term')")
		}, "/items/%s", false},
		{"todo.item.plan_review", "item.approve_plan", "item.do.review", state(StatePlanReview), "/items/%s/review", true},
		{"todo.item.close", "item.close", "item.do.review", func(w *where) { w.add("i.state = $%d AND i.level = ''", StateApplied) }, "/items/%s/review", true},
		{"todo.item.extension", "item.judge_extension", "item.do.judge_extension", func(w *where) {
			w.add("i.id IN (SELECT item_id FROM rectify_extension WHERE state = 'asked') AND i.open = 1")
		}, "/items/%s/extension", true},
		{"todo.item.overtake", "item.overtake", "item.do.judge_aside", func(w *where) { w.asked(StateOvertaken) }, "/items/%s/aside", true},
		{"todo.item.accept", "item.accept", "item.do.judge_aside", func(w *where) { w.asked(StateAccepted) }, "/items/%s/aside", true},
	}
}

// Todo lists what waits for the actor.
func (s *Service) Todo(ctx context.Context, who actor.Actor) ([]web.Todo, error) {
	var out []web.Todo
	err := s.log.DB().Read(ctx, func(q db.Q) error {
		out = nil
		for _, k := range s.todoKinds() {
			if !s.policy.Ever(who, k.action) || who.Has(actor.System) {
				continue
			}
			w := s.readable(who, k.action)
			k.cond(&w)
			if k.others {
				w.add("NOT EXISTS (SELECT 1 FROM rectify_event h WHERE h.item_id = i.id AND h.side = 'unit' AND h.person_id = $%d)", string(who.Person))
			}
			items, err := listItems(ctx, q, w, page.Query{}, maxTodos)
			if err != nil {
				return err
			}
			for _, i := range items {
				out = append(out, web.Todo{Kind: k.kind, Title: i.No + " " + i.Title, Unit: s.Units.Short(i.Unit), Due: i.Due,
					Href: fmt.Sprintf(k.href, i.ID), Verb: k.verb})
			}
		}
		signs, err := s.signTodos(ctx, q, who)
		if err != nil {
			return err
		}
		out = append(out, signs...)
		more, err := s.folderTodos(ctx, q, who)
		out = append(out, more...)
		return err
	})
	return out, err
}

// awaits keeps of a queue what waits for one of the actor's lines: a plan, a
// close-out without a chain, or the level that is his to sign.
func (w *where) awaits(who actor.Actor) {
	levels := []string{}
	for _, l := range Levels() {
		if who.Has(levelRole[l]) {
			levels = append(levels, l)
		}
	}
	judge := who.Has(actor.Reviewer) || who.Has(actor.Office)
	if judge {
		levels = append(levels, "")
	}
	if who.Has(actor.System) || len(levels) == 0 {
		return
	}
	cond := "i.level IN (" + list(&w.args, levels) + ")"
	if judge {
		cond = "(i.state = 'plan_review' OR " + cond + ")"
	} else {
		cond += " AND i.level <> ''" // by which the few are found, see rectify_item_signing
	}
	w.conds = append(w.conds, cond)
}

// signTodos are the applications whose next signature is the actor's.
func (s *Service) signTodos(ctx context.Context, q db.Q, who actor.Actor) ([]web.Todo, error) {
	var out []web.Todo
	if who.Has(actor.System) || !s.policy.Ever(who, "item.sign") {
		return out, nil
	}
	for _, l := range Levels() {
		if !who.Has(levelRole[l]) {
			continue
		}
		w := s.readable(who, "item.sign")
		w.add("i.level = $%d AND i.level <> '' AND i.state = 'applied'", l)
		w.add("NOT EXISTS (SELECT 1 FROM rectify_signature s WHERE s.item_id = i.id AND s.application = i.applications AND s.person_id = $%d)", string(who.Person))
		if l == LevelUnit {
			w.add("COALESCE(i.rectifier_id, '') <> $%d", string(who.Person))
		}
		items, err := listItems(ctx, q, w, page.Query{}, maxTodos)
		if err != nil {
			return nil, err
		}
		for _, i := range items {
			out = append(out, web.Todo{Kind: "todo.item.sign", Title: i.No + " " + i.Title, Unit: s.Units.Short(i.Unit), Due: i.Due, Href: "/items/" + string(i.ID) + "/review", Verb: "item.do.sign"})
		}
	}
	return out, nil
}
