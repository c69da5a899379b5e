package inspection

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) taxonomyRoutes() []web.Route {
	routes := []web.Route{
		{Method: http.MethodGet, Path: "/taxonomies", Action: "taxonomy.read", Do: s.taxonomiesPage},
		{Method: http.MethodGet, Path: "/taxonomies/new", Action: "taxonomy.keep", Do: s.newTaxonomyPage},
		{Method: http.MethodPost, Path: "/taxonomies", Action: "taxonomy.keep", In: TaxonomyCmd{}, Do: s.postTaxonomy},
		{Method: http.MethodGet, Path: "/taxonomies/{id}", Action: "taxonomy.read", Do: func(r *web.Request) (web.Response, error) { return s.taxonomyPage(r, nil) }},
		{Method: http.MethodGet, Path: "/taxonomies/{id}/edit", Action: "taxonomy.keep", Do: s.editTaxonomyPage},
		{Method: http.MethodGet, Path: "/taxonomies/{id}/undecided", Action: "taxonomy.decide", Do: func(r *web.Request) (web.Response, error) { return s.undecidedPage(r, nil) }},
		{Method: http.MethodPost, Path: "/taxonomies/{id}/undecided", Action: "taxonomy.decide", In: DecideClassCmd{}, Do: s.postDecideClass},
		{Method: http.MethodPost, Path: "/taxonomies/{id}", Action: "taxonomy.keep", In: TaxonomyCmd{}, Do: s.postTaxonomy},
	}
	for _, do := range TaxonomyFlow.Actions() {
		routes = append(routes, web.Route{Method: http.MethodPost, Path: "/taxonomies/{id}/" + do, Action: "taxonomy." + do, In: revCmd{}, Do: step("/taxonomies/", "done.taxonomy."+do,
			func(ctx context.Context, who actor.Actor, n id.ID, rev int64) (Taxonomy, error) {
				return s.DecideTaxonomy(ctx, who, n, do, rev)
			}, s.taxonomyPage)})
	}
	return routes
}

func (s *Service) taxonomiesPage(r *web.Request) (web.Response, error) {
	var all []Taxonomy
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { all, err = taxonomies(r.Context(), q); return err }); err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("taxonomy.menu"), Base: "/taxonomies", NoDrawer: true, Columns: []ui.Column{{Label: r.T("taxonomy.title")}, {Label: r.T("taxonomy.by")}, {Label: r.T("taxonomy.version"), Num: true}, {Label: r.T("taxonomy.classes"), Num: true}, {Label: r.T("taxonomy.published_on"), Nowrap: true}, {Label: r.T("word.status")}},
		Empty: ui.EmptyState{Title: r.T("taxonomy.none"), Text: r.T("taxonomy.none.text")}}
	newest := map[id.ID]bool{} // keepers whose version in force has been listed: the newest stand first
	for _, x := range all {
		chip := taxonomyChip(r, x, x.State == TaxonomyPublished && !newest[x.By])
		newest[x.By] = newest[x.By] || x.State == TaxonomyPublished
		t.Rows = append(t.Rows, ui.Row{Href: "/taxonomies/" + string(x.ID), Cells: []ui.Cell{{Text: x.Title, Sub: x.Source}, {Text: s.Units.Short(x.By)}, {Text: strconv.Itoa(x.Version)}, {Text: strconv.Itoa(len(x.Classes))}, {Text: string(x.PublishedOn)}, {Chips: []ui.Chip{chip}}}})
	}
	lp := listPage{Title: r.T("taxonomy.menu")}
	if r.Can("taxonomy.keep") {
		lp.Actions = []ui.Button{{Label: r.T("taxonomy.new"), Href: "/taxonomies/new", Kind: "primary"}}
	}
	return web.Page{Name: "inspection/list", Crumbs: crumbs(r, r.T("taxonomy.menu"), ""), Data: lp.with(t), API: map[string]any{"taxonomies": all}}, nil
}

func taxonomyChip(r *web.Request, t Taxonomy, inForce bool) ui.Chip {
	if t.State == TaxonomyPublished && !inForce {
		return ui.Chip{Class: "off", Word: r.T("taxonomy.superseded")}
	}
	class := map[string]string{TaxonomyDraft: "wait", TaxonomyPublished: "ok", TaxonomyDropped: "off"}[t.State]
	return ui.Chip{Class: class, Word: r.T("taxonomy.state." + t.State)}
}

// newTaxonomyPage offers the classes in force, so that only what changes is typed.
func (s *Service) newTaxonomyPage(r *web.Request) (web.Response, error) {
	var l Lineage
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		all, err := taxonomiesOf(r.Context(), q, homeOf(r.Actor, actor.Office))
		l = published(all)
		return err
	}); err != nil {
		return nil, err
	}
	now, _ := l.Now()
	c := TaxonomyCmd{Title: now.Title, Classes: s.classLines(r, now.Classes, false)}
	return s.taxonomyForm(r, "", c, nil)
}

// classLines writes classes for the form, with the words of the reader.
func (s *Service) classLines(r *web.Request, list []Class, was bool) string {
	lines := make([]string, len(list))
	for k, c := range list {
		lines[k] = c.Code + "｜" + c.Name + "｜" + r.T("finding.category."+c.Category)
		switch {
		case was && c.from() != "":
			lines[k] += "｜" + c.from()
		case was:
			lines[k] += "｜" + noWas
		}
	}
	return strings.Join(lines, "\n")
}

func (s *Service) editTaxonomyPage(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var t Taxonomy
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		t, _, err = s.loadTaxonomy(r.Context(), q, r.Actor, n, "taxonomy.keep")
		return err
	}); err != nil {
		return nil, err
	}
	return s.taxonomyForm(r, t.ID, TaxonomyCmd{Title: t.Title, Source: t.Source, Classes: s.classLines(r, t.Classes, true), Rev: t.Rev}, nil)
}

func (s *Service) taxonomyForm(r *web.Request, n id.ID, c TaxonomyCmd, failed error) (web.Response, error) {
	bad := r.Problems(failed)
	title, action, back := r.T("taxonomy.new"), "/taxonomies", "/taxonomies"
	if n != "" {
		title, action = r.T("taxonomy.edit"), "/taxonomies/"+string(n)
		back = action
	}
	f := ui.Form{Action: action, Note: r.T("taxonomy.note"), Rev: rev(c.Rev), Cancel: ui.Link{Label: r.T("act.cancel"), Href: back}, Buttons: []ui.Button{{Label: r.T("taxonomy.do.draft"), Kind: "primary"}},
		Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "title", Label: r.T("taxonomy.title"), Value: c.Title, MaxLen: maxTitle, Error: bad["title"]},
			{Name: "source", Label: r.T("taxonomy.source"), Hint: r.T("taxonomy.source.hint"), Value: c.Source, MaxLen: maxTitle, Error: bad["source"]},
			{Name: "classes", Label: r.T("taxonomy.classes"), Hint: r.T("taxonomy.classes.hint"), Kind: ui.FieldArea, Rows: 16, Value: c.Classes, Wide: true, Error: bad["classes"]}}}}}
	return web.Page{Name: "inspection/form", Crumbs: crumbs(r, r.T("taxonomy.menu"), "/taxonomies", title, ""), Data: formPage{title, f}, API: c, Err: failed}, nil
}

func (s *Service) postTaxonomy(r *web.Request) (web.Response, error) {
	var n id.ID
	var err error
	if r.PathValue("id") != "" {
		if n, err = r.ID("id"); err != nil {
			return nil, err
		}
	}
	var c TaxonomyCmd
	var t Taxonomy
	if err = r.Decode(&c); err == nil && n == "" {
		t, err = s.DraftTaxonomy(r.Context(), r.Actor, c)
	} else if err == nil {
		t, err = s.EditTaxonomy(r.Context(), r.Actor, n, c)
	}
	if inPlace(err) {
		return s.taxonomyForm(r, n, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/taxonomies/" + string(t.ID), Done: "done.taxonomy.draft", API: t}, nil
}

// classFigures are what a version of the taxonomy holds: per class what was
// recorded under it, what of earlier versions has become it, and by round.
type classFigures struct {
	Rounds []Round                  `json:"rounds"` // that have classified findings, the latest first
	Own    map[string]int           `json:"own"`    // by code: recorded under this version
	Came   map[string]int           `json:"came"`   // by code: recorded under earlier versions
	From   map[string]map[Coded]int `json:"-"`      // by code: what came, by version and code
	By     map[string]map[id.ID]int `json:"by"`     // by code and round: both
	// Undecided counts, by the divided class, what waits to be decided.
	Undecided map[Coded]int `json:"-"`
	Waiting   int           `json:"undecided"`
}

// figuresOf counts over versions: for a draft as if it were in force already.
func (s *Service) figuresOf(r *web.Request, q db.Q, t Taxonomy, l Lineage) (classFigures, error) {
	f := classFigures{Own: map[string]int{}, Came: map[string]int{}, From: map[string]map[Coded]int{}, By: map[string]map[id.ID]int{}, Undecided: map[Coded]int{}}
	upto := l
	if k := l.at(t.ID); k >= 0 {
		upto = l[:k+1]
	} else {
		upto = append(append(Lineage{}, l...), t)
	}
	var args []any
	counts, err := classCounts(r.Context(), q, upto, s.policy.Filter(r.Actor, "finding.read", findingAccess, &args), args)
	if err != nil {
		return f, err
	}
	seen := map[id.ID]bool{}
	for _, c := range counts {
		now, ok := upto.Stands(c.Coded, c.Decided)
		if !ok {
			if old, heirs := upto.Waits(effective(c.Coded, c.Decided)); len(heirs) > 0 {
				f.Undecided[old] += c.N
			}
			continue
		}
		if f.By[now.Code] == nil {
			f.By[now.Code], f.From[now.Code] = map[id.ID]int{}, map[Coded]int{}
		}
		f.By[now.Code][c.Round] += c.N
		if c.Of == t.ID {
			f.Own[now.Code] += c.N
		} else {
			f.Came[now.Code] += c.N
			f.From[now.Code][c.Coded] += c.N
		}
		if !seen[c.Round] {
			seen[c.Round] = true
			x, err := RoundByID(r.Context(), q, c.Round)
			if err != nil {
				return f, err
			}
			f.Rounds = append(f.Rounds, x)
		}
	}
	for _, n := range f.Undecided {
		f.Waiting += n
	}
	slices.SortFunc(f.Rounds, func(a, b Round) int { return cmp.Or(cmp.Compare(b.Start, a.Start), cmp.Compare(b.ID, a.ID)) })
	return f, nil
}

func (s *Service) taxonomyPage(r *web.Request, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var t Taxonomy
	var l Lineage
	var f classFigures
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if t, l, err = s.loadTaxonomy(r.Context(), q, r.Actor, n, "taxonomy.read"); err != nil {
			return err
		}
		if t.State != TaxonomyDropped { // it stood for nothing
			f, err = s.figuresOf(r, q, t, l)
		}
		return err
	}); err != nil {
		return nil, err
	}
	now, _ := l.Now()
	names, err := s.names(r, t.Author, t.Publisher)
	if err != nil {
		return nil, err
	}
	p := recordPage{Title: t.Title, Lead: []ui.Chip{taxonomyChip(r, t, t.ID == now.ID)}, ShowTrail: true}
	p.Blocks = append(p.Blocks, block{Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("taxonomy.version"), Text: strconv.Itoa(t.Version)}, {Label: r.T("taxonomy.by"), Text: s.Units.Name(t.By)}, {Label: r.T("taxonomy.source"), Text: t.Source},
		{Label: r.T("taxonomy.author"), Text: names[t.Author]}, {Label: r.T("taxonomy.publisher"), Text: names[t.Publisher], Sub: string(t.PublishedOn)}}}})
	o := s.taxonomyObject(t)
	var steps []ui.Form
	for _, do := range s.buttons(r, TaxonomyFlow, o) {
		if do == "publish" && r.Actor.Person == t.Author {
			continue
		}
		steps = append(steps, stepForm(r, "taxonomy", do, "/taxonomies/"+string(t.ID)+"/"+do, t.Rev, nil))
	}
	switch t.State {
	case TaxonomyDraft:
		if s.policy.Can(r.Actor, "taxonomy.keep", o) == nil {
			p.Actions = append(p.Actions, ui.Button{Label: r.T("act.edit"), Href: "/taxonomies/" + string(t.ID) + "/edit", Key: "e"})
		}
		p.Blocks = append(p.Blocks, block{Title: r.T("taxonomy.trial"), Hint: r.T("taxonomy.trial.hint"), Table: s.trialTable(r, t, now, f)})
	case TaxonomyPublished:
		if t.ID == now.ID && f.Waiting > 0 && s.policy.Can(r.Actor, "taxonomy.decide", o) == nil {
			p.Actions = append(p.Actions, ui.Button{Label: r.T("taxonomy.do.decide", f.Waiting), Href: "/taxonomies/" + string(t.ID) + "/undecided", Kind: "primary"})
		}
		p.Blocks = append(p.Blocks, block{Title: r.T("taxonomy.classes"), Hint: r.T("taxonomy.classes.counted"), Table: s.classTable(r, t, t.ID == now.ID, l, f)})
	default:
		p.Blocks = append(p.Blocks, block{Title: r.T("taxonomy.classes"), Table: classNames(r, t)})
	}
	if len(steps) > 0 {
		p.Blocks = append(p.Blocks, block{Title: r.T("finding.next"), Hint: r.T("taxonomy.second"), Forms: steps})
	}
	if p.Trail, err = s.trail(r, "inspection_taxonomy", t.ID); err != nil {
		return nil, err
	}
	return web.Page{Name: "inspection/record", Crumbs: crumbs(r, r.T("taxonomy.menu"), "/taxonomies", r.T("taxonomy.no", t.Version), ""), Data: p, API: map[string]any{"taxonomy": t, "figures": f}, Err: failed, Mark: true}, nil
}

// cameFrom names what of earlier versions has become a class.
func (s *Service) cameFrom(r *web.Request, l Lineage, from map[Coded]int) string {
	var out []string
	for _, t := range l {
		for _, c := range t.Classes {
			if n := from[Coded{t.ID, c.Code}]; n > 0 {
				out = append(out, r.T("taxonomy.came.one", t.Version, c.Label(), n))
			}
		}
	}
	return strings.Join(out, "；")
}

// trialTable is the dry run of a draft: where each class goes, with how many
// findings; nothing of it is written before somebody publishes it.
func (s *Service) trialTable(r *web.Request, t, before Taxonomy, f classFigures) *ui.Table {
	out := ui.Table{ID: "trial", Caption: r.T("taxonomy.trial"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("taxonomy.code"), Nowrap: true}, {Label: r.T("taxonomy.name")}, {Label: r.T("finding.category")}, {Label: r.T("taxonomy.change")}, {Label: r.T("taxonomy.was")}, {Label: r.T("taxonomy.would"), Num: true}}}
	total := 0
	for _, c := range t.Classes {
		change := "new"
		var was []string
		for _, w := range c.Was {
			old, _ := before.Class(w)
			was = append(was, old.Label())
			switch {
			case len(c.Was) > 1:
				change = "joined"
			case old.Code != c.Code:
				change = "recoded"
			case old.Name != c.Name || old.Category != c.Category:
				change = "renamed"
			default:
				change = "kept"
			}
		}
		for _, w := range c.Part {
			old, _ := before.Class(w)
			was, change = append(was, r.T("taxonomy.part", old.Label())), "split"
		}
		total += f.Came[c.Code]
		out.Rows = append(out.Rows, ui.Row{Cells: []ui.Cell{{Text: c.Code}, {Text: c.Name}, {Text: r.T("finding.category." + c.Category)}, {Chips: []ui.Chip{{Class: map[string]string{"new": "run", "kept": "off"}[change], Word: r.T("taxonomy.change." + change)}}}, {Text: strings.Join(was, "、")}, {Text: strconv.Itoa(f.Came[c.Code])}}})
	}
	for _, c := range waitingOf(f) { // of this draft, or of an earlier version still
		label := c.Code
		if old, ok := before.Class(c.Code); ok && c.Of == before.ID {
			label = old.Label()
		}
		total += f.Undecided[c]
		out.Rows = append(out.Rows, ui.Row{Cells: []ui.Cell{{Text: "—"}, {Text: r.T("taxonomy.undecided")}, {}, {Chips: []ui.Chip{{Class: "wait", Word: r.T("taxonomy.change.waits")}}}, {Text: label}, {Text: strconv.Itoa(f.Undecided[c])}}})
	}
	out.Total = []ui.Cell{{Text: r.T("word.total")}, {}, {}, {}, {}, {Text: strconv.Itoa(total)}}
	return &out
}

// shownRounds bounds the columns of the comparison.
const shownRounds = 6

// classNames is a version without figures.
func classNames(r *web.Request, t Taxonomy) *ui.Table {
	out := ui.Table{ID: "classes", Caption: r.T("taxonomy.classes"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("taxonomy.code"), Nowrap: true}, {Label: r.T("taxonomy.name")}}}
	for _, c := range t.Classes {
		out.Rows = append(out.Rows, ui.Row{Cells: []ui.Cell{{Text: c.Code}, {Text: c.Name, Sub: r.T("finding.category." + c.Category)}}})
	}
	return &out
}

// classTable is a published version with its figures; those of the version in
// force count what earlier versions recorded, and lead to the very findings.
func (s *Service) classTable(r *web.Request, t Taxonomy, inForce bool, l Lineage, f classFigures) *ui.Table {
	out := ui.Table{ID: "classes", Caption: r.T("taxonomy.classes"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("taxonomy.code"), Nowrap: true}, {Label: r.T("taxonomy.name")}, {Label: r.T("taxonomy.own"), Num: true}, {Label: r.T("taxonomy.came"), Num: true}, {Label: r.T("word.total"), Num: true}}}
	rounds := f.Rounds[:min(len(f.Rounds), shownRounds)]
	for _, x := range rounds {
		out.Columns = append(out.Columns, ui.Column{Label: x.Name, Num: true})
	}
	own, came := 0, 0
	sums := map[id.ID]int{}
	link := func(code string, round id.ID, n int) ui.Cell {
		c := ui.Cell{Text: strconv.Itoa(n)}
		if v := (url.Values{"class": {Coded{t.ID, code}.text()}}); inForce && n > 0 {
			if round != "" {
				v.Set("round", string(round))
			}
			c.Href = "/findings?" + v.Encode()
		}
		return c
	}
	for _, c := range t.Classes {
		own, came = own+f.Own[c.Code], came+f.Came[c.Code]
		row := ui.Row{Cells: []ui.Cell{{Text: c.Code}, {Text: c.Name, Sub: r.T("finding.category." + c.Category)}, {Text: strconv.Itoa(f.Own[c.Code])}, {Text: strconv.Itoa(f.Came[c.Code]), Sub: s.cameFrom(r, l, f.From[c.Code])}, link(c.Code, "", f.Own[c.Code]+f.Came[c.Code])}}
		for _, x := range rounds {
			sums[x.ID] += f.By[c.Code][x.ID]
			row.Cells = append(row.Cells, link(c.Code, x.ID, f.By[c.Code][x.ID]))
		}
		out.Rows = append(out.Rows, row)
	}
	if f.Waiting > 0 {
		cell := ui.Cell{Text: strconv.Itoa(f.Waiting)}
		if inForce {
			cell.Href = "/findings?undecided=" + string(t.ID)
		}
		came += f.Waiting
		out.Rows = append(out.Rows, ui.Row{Cells: []ui.Cell{{Text: "—"}, {Text: r.T("taxonomy.undecided"), Sub: r.T("taxonomy.undecided.text")}, {Text: "0"}, {Text: strconv.Itoa(f.Waiting)}, cell}})
	}
	out.Total = []ui.Cell{{Text: r.T("word.total")}, {}, {Text: strconv.Itoa(own)}, {Text: strconv.Itoa(came)}, {Text: strconv.Itoa(own + came)}}
	for _, x := range rounds {
		out.Total = append(out.Total, ui.Cell{Text: strconv.Itoa(sums[x.ID])})
	}
	return &out
}

// classOptions are the classes in force for findings of a unit, by implementation;
// what was chosen under an earlier version stays a choice.
func (s *Service) classOptions(r *web.Request, by id.ID, chosen Coded, none string) ([]ui.Option, error) {
	var l Lineage
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { l, err = s.lineage(r.Context(), q, by); return err }); err != nil {
		return nil, err
	}
	out, there := []ui.Option{{Label: none}}, chosen.Code == ""
	now, _ := l.Now()
	for _, category := range Categories() {
		for _, c := range now.Classes {
			if c.Category == category {
				there = there || chosen == Coded{now.ID, c.Code}
				out = append(out, ui.Option{Value: Coded{now.ID, c.Code}.text(), Label: c.Label(), Group: r.T("finding.category." + category)})
			}
		}
	}
	if !there {
		label := chosen.Code
		if t, c, ok := l.Then(chosen.Of, chosen.Code); ok {
			label = r.T("taxonomy.then", c.Label(), t.Version)
		}
		out = append(out, ui.Option{Value: chosen.text(), Label: label, Group: r.T("taxonomy.superseded")})
	}
	return out, nil
}

// classFact shows the class of a finding as it was recorded and what it is today.
func classFact(r *web.Request, f Finding, l Lineage) ui.Fact {
	c := f.Class
	out := ui.Fact{Label: r.T("finding.class")}
	if c.Code == "" {
		return out
	}
	out.Text = c.Code
	t, then, ok := l.Then(c.Of, c.Code)
	if !ok {
		return out
	}
	out.Text, out.Href = then.Label(), hrefFor(r, "taxonomy.read", "/taxonomies/", t.ID)
	if now, _ := l.Now(); now.ID != t.ID {
		out.Text = r.T("taxonomy.then", then.Label(), t.Version)
		if today, ok := l.Stands(c, f.Decided); ok {
			out.Sub = r.T("taxonomy.today", today.Label(), now.Version)
		} else if _, heirs := l.Waits(effective(c, f.Decided)); len(heirs) > 0 {
			out.Sub = r.T("taxonomy.undecided")
		}
	}
	return out
}

// homeUnit is the unit by whose classes a reader's lists are asked.
func homeUnit(who actor.Actor) id.ID {
	if u := homeOf(who, actor.Office); u != "" {
		return u
	}
	return who.Unit
}
