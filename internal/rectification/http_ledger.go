package rectification

import (
	"net/url"
	"slices"
	"strconv"

	"huikan/internal/inspection"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// columnSets are the lists that a rectification plan consists of (问题清单, 任务清单,
// 责任清单, and 成效清单 that some places add; domain I-13), as choices of columns of
// one ledger.
var columnSets = map[string][]string{
	"":         {"no", "unit", "title", "lead", "due", "measures", "claimed", "state", "verified"},
	"problems": {"no", "unit", "category", "severity", "title", "fed_back", "state"},
	"tasks":    {"no", "title", "task", "task_kind", "task_who", "task_due", "task_state"},
	"effects":  {"no", "title", "effect", "effect_kind", "effect_amount", "effect_proof", "effect_checked"},
	"duties":   {"no", "unit", "title", "lead", "department", "duty_who", "due", "measures", "state"},
}

// taskColumns show one measure each: a list with one of them has a line for
// every measure of an item.
var taskColumns = []string{"task", "task_kind", "task_who", "task_due", "task_state"}

// allColumns is the order in which columns stand.
var allColumns = []string{"no", "unit", "category", "severity", "title", "fed_back", "lead", "department", "due", "measures", "claimed", "state", "applications", "verified",
	"duty_who", "task", "task_kind", "task_who", "task_due", "task_state", "effect", "effect_kind", "effect_amount", "effect_proof", "effect_checked"}

type ledgerPage struct {
	Tabs  ui.Tabs
	Table ui.Table
	Stats ui.Stats
	Queue bool
	Links []ui.Button
}

func (s *Service) getLedger(r *web.Request) (web.Response, error) {
	p, err := r.List()
	if err != nil {
		return nil, err
	}
	return s.ledger(r, p, "/ledger")
}

// getQueue is the ledger of what waits for the reviewer, the nearest date first.
func (s *Service) getQueue(r *web.Request) (web.Response, error) {
	p, err := r.List()
	if err != nil {
		return nil, err
	}
	p.View = ViewReview
	return s.ledger(r, p, "/review")
}

func (s *Service) ledger(r *web.Request, p page.Query, base string) (web.Response, error) {
	if p.View == "" {
		p.View = ViewOpen
	}
	out, err := s.List(r.Context(), r.Actor, p)
	if err != nil {
		return nil, err
	}
	return web.Page{Name: "rectification/ledger", Data: s.ledgerPage(r, p, out, base), API: out, Mark: true, AsOf: string(r.Today()),
		Crumbs: []ui.Crumb{{Label: r.T("menu.rectification")}}}, nil
}

func (s *Service) ledgerPage(r *web.Request, p page.Query, out Listing, base string) ledgerPage {
	params := r.URL.Query()
	set := p.Filter.Get("list")
	if columnSets[set] == nil {
		set = ""
	}
	shown := columnSets[set]
	if len(p.Cols) > 0 {
		shown = slices.DeleteFunc(slices.Clone(allColumns), func(c string) bool { return !slices.Contains(p.Cols, c) })
	}
	if len(shown) == 0 {
		shown = columnSets[set]
	}
	queue := base == "/review"
	t := ui.Table{Caption: r.T("menu.ledger"), Base: base, Params: params, Filters: s.filters(r, p, out.Rounds), Active: s.active(r, p, out.Rounds),
		Pager: pager(p, out.Next, base, params), Empty: ui.EmptyState{Title: r.T("item.empty"), Text: r.T("item.empty.text")}}
	for _, key := range shown {
		c := ui.Column{Key: key, Label: r.T("item." + key), Nowrap: key == "no" || key == "due" || key == "fed_back" || key == "task_due" || key == "category", Num: key == "applications" || key == "effect_amount",
			Sortable: key == "no" || key == "due"}
		if p.Sort == key || (p.Sort == "" && key == "due") {
			if c.Sort = "asc"; p.Desc {
				c.Sort = "desc"
			}
		}
		t.Columns = append(t.Columns, c)
	}
	for _, key := range allColumns {
		t.Choices = append(t.Choices, ui.ColumnChoice{Key: key, Label: r.T("item." + key), Shown: slices.Contains(shown, key)})
	}
	tasks := slices.ContainsFunc(shown, func(c string) bool { return slices.Contains(taskColumns, c) })
	var listed []Row
	effects := slices.ContainsFunc(shown, func(c string) bool { return slices.Contains(effectColumns, c) })
	for _, x := range out.Rows {
		if listed = append(listed, x); effects {
			listed = append(listed[:len(listed)-1], x.lines()...)
		}
	}
	for _, x := range listed {
		lines := []Measure{{}}
		if tasks && len(x.Tasks) > 0 {
			lines = x.Tasks
		}
		for _, m := range lines {
			row := ui.Row{ID: string(x.ID), Href: "/items/" + string(x.ID), Label: x.No + " " + x.Title}
			if queue {
				row.Href += "/review"
			}
			for _, key := range shown {
				c := s.cell(r, key, x, m)
				// What has no column of its own stands below its neighbour.
				switch {
				case key == "title" && !slices.Contains(shown, "category") && !tasks && !effects:
					c.Sub = code(r, "item.category.", x.Category)
				case key == "lead" && !slices.Contains(shown, "department"):
					c.Sub = x.Department
				}
				row.Cells = append(row.Cells, c)
			}
			t.Rows = append(t.Rows, row)
		}
	}
	if r.Can("item.claim") && !queue && !tasks && !effects {
		t.Bulk = &ui.Bulk{Action: "/items/claim", Buttons: []ui.Button{{Label: r.T("item.do.claim"), Kind: "primary", Confirm: r.T("item.claim.confirm")}}}
	}
	lp := ledgerPage{Queue: queue}
	if queue && r.Can("item.signers") {
		lp.Links = append(lp.Links, ui.Button{Label: r.T("item.signers"), Href: "/review/signers"})
	}
	if !queue {
		t.Views = views(r, p)
		for _, f := range []string{"xlsx", "csv"} {
			if r.Can("item.export") {
				v := without(params, "format")
				v.Set("view", p.View)
				v.Set("format", f)
				t.Exports = append(t.Exports, ui.Link{Label: r.T("table.export_" + f), Href: "/ledger/export?" + v.Encode()})
			}
		}
		lp.Tabs = ui.Tabs{Label: r.T("item.lists")}
		for _, l := range []string{"", "problems", "tasks", "duties", "effects"} {
			v := without(params, "list", "cols")
			if l != "" {
				v.Set("list", l)
			}
			lp.Tabs.Items = append(lp.Tabs.Items, ui.Tab{Label: r.T("item.list." + orNone(l)), Href: address(base, v), Current: l == set && len(p.Cols) == 0})
		}
	}
	if m := out.Measures; m != nil && m.All > 0 && !queue {
		v := without(params, "cols")
		v.Set("list", "tasks")
		lp.Stats.Items = []ui.Stat{{Label: r.T("rectify_folder.items"), Value: strconv.Itoa(out.Next.Count)}, m.Stat(r.T, address(base, v))}
	}
	lp.Table = t
	return lp
}

func views(r *web.Request, p page.Query) []ui.Tab {
	var out []ui.Tab
	for _, v := range Views() {
		if v == ViewReview && !r.Can("item.review") {
			continue
		}
		q := without(r.URL.Query(), "view")
		q.Set("view", v)
		out = append(out, ui.Tab{Label: r.T("item.view." + v), Href: address("/ledger", q), Current: v == p.View})
	}
	return out
}

// without copies a query, dropping the place in the list, the note of the action
// before, and the named keys.
func without(v url.Values, keys ...string) url.Values {
	out := url.Values{}
	for k, vs := range v {
		if !slices.Contains(append(keys, "after", "before", "done"), k) {
			out[k] = slices.Clone(vs)
		}
	}
	return out
}

func address(base string, v url.Values) string {
	if len(v) == 0 {
		return base
	}
	return base + "?" + v.Encode()
}

func pager(p page.Query, n page.Next, base string, params url.Values) *ui.Pager {
	link := func(kind, cursor string) string {
		if cursor == "" {
			return ""
		}
		v := without(params)
		v.Set(kind, cursor)
		return address(base, v)
	}
	return &ui.Pager{Prev: link("before", n.Before), Next: link("after", n.After), Count: min(n.Count, page.CountCap), Capped: n.More(), PerPage: p.Size}
}

func (s *Service) filters(r *web.Request, p page.Query, rounds []Named) []ui.Field {
	sel := func(name, prefix string, codes []string) ui.Field {
		return ui.Field{Name: name, Label: r.T("item." + name), Kind: ui.FieldSelect, Value: p.Filter.Get(name), Options: choices(r, prefix, codes, r.T("form.any"))}
	}
	round := ui.Field{Name: "round", Label: r.T("item.round"), Kind: ui.FieldSelect, Value: p.Filter.Get("round"), Options: []ui.Option{{Label: r.T("form.any")}}}
	for _, x := range rounds {
		round.Options = append(round.Options, ui.Option{Value: string(x.ID), Label: x.Name})
	}
	return []ui.Field{
		{Name: "q", Label: r.T("item.text"), Value: p.Filter.Get("q")},
		{Name: "unit", Label: r.T("item.unit"), Kind: ui.FieldPicker, Value: s.unitWord(p.Filter.Get("unit")), Source: "/pick/units?by=name"},
		round,
		sel("category", "item.category.", inspection.Categories()),
		sel("severity", "item.severity.", inspection.Severities()),
		sel("work", "item.work.", inspection.RoundKinds()),
		sel("kind", "item.kind.", kindWords),
		sel("state", "item.state.", Flow.States()),
		sel("claimed", "item.claimed.", ClaimedStatuses()),
		sel("verified", "item.verified.", append([]string{"none"}, Verdicts()...)),
	}
}

func (s *Service) active(r *web.Request, p page.Query, rounds []Named) []ui.ActiveFilter {
	var out []ui.ActiveFilter
	for _, key := range []string{"q", "unit", "under", "round", "category", "severity", "work", "kind", "state", "claimed", "verified", "lacks", "depth", "end"} {
		for _, v := range p.Filter[key] {
			word, label := v, key
			switch key {
			case "q":
				label = "text"
			case "unit", "under":
				word = s.unitWord(v)
			case "round":
				for _, x := range rounds {
					if string(x.ID) == v {
						word = x.Name
					}
				}
			default:
				word = code(r, "item."+key+".", v)
			}
			out = append(out, ui.ActiveFilter{Key: key, Value: v, Label: r.T("item."+label) + "：" + word})
		}
	}
	return out
}

func (s *Service) cell(r *web.Request, key string, x Row, m Measure) ui.Cell {
	if slices.Contains(effectColumns, key) {
		return effectCell(r, key, x.effect)
	}
	switch key {
	case "task":
		return ui.Cell{Text: m.Text, Clamp: true}
	case "task_kind":
		if m.ID == "" {
			return ui.Cell{}
		}
		return ui.Cell{Chips: []ui.Chip{chip(r, "measure.kind."+orNone(m.Kind))}}
	case "task_who":
		return ui.Cell{Text: m.Responsible, Sub: m.Department}
	case "task_due":
		return measureDue(r, m)
	case "task_state":
		if m.ID == "" {
			return ui.Cell{Text: r.T("measure.empty")}
		}
		return ui.Cell{Chips: []ui.Chip{chip(r, "measure.state."+m.State)}, Sub: string(m.DoneOn)}
	case "duty_who":
		return ui.Cell{Text: x.responsible()}
	case "no":
		return ui.Cell{Text: x.No}
	case "unit":
		return ui.Cell{Text: s.Units.Short(x.Unit), Title: s.Units.Name(x.Unit)}
	case "category":
		return ui.Cell{Text: code(r, "item.category.", x.Category)}
	case "severity":
		return ui.Cell{Chips: []ui.Chip{{Class: chipOf["item.severity."+x.Severity], Word: code(r, "item.severity.", x.Severity)}}}
	case "title":
		c := ui.Cell{Text: x.Title, Clamp: true}
		if x.Kind == SelfReport {
			c.Chips = []ui.Chip{{Class: "run", Word: r.T("item.kind." + SelfReport)}}
		}
		return c
	case "fed_back":
		return ui.Cell{Text: string(x.FedBack)}
	case "lead":
		return ui.Cell{Text: x.Lead}
	case "department":
		return ui.Cell{Text: x.Department}
	case "due":
		return ui.Cell{Text: string(x.Due), Flag: dueFlag(r, x.Item)}
	case "measures":
		return ui.Cell{Bar: &ui.Meter{Value: x.Measures.Done, Max: x.Measures.All, Text: strconv.Itoa(x.Measures.Done) + "/" + strconv.Itoa(x.Measures.All)}}
	case "claimed":
		return ui.Cell{Chips: []ui.Chip{chip(r, "item.claimed."+x.Claimed)}, Sub: x.ClaimedWord}
	case "state":
		c := ui.Cell{Chips: []ui.Chip{chip(r, "item.state."+x.State)}}
		if x.IsAside() {
			c.Sub = asideNote(r, x.Item)
		}
		return c
	case "applications":
		return ui.Cell{Text: strconv.Itoa(x.Applications)}
	}
	return ui.Cell{Chips: []ui.Chip{chip(r, "item.verified."+orNone(x.Verified))}}
}
