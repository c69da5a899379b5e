package inspection

import (
	"net/url"
	"strconv"

	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// Bounds of the page of undecided findings: what is decided makes room for the next.
const (
	shownUndecided = 20
	shownRules     = 20
)

// undecidedPage is where findings of a divided class are decided, one by one or by
// their aspect.
func (s *Service) undecidedPage(r *web.Request, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var t Taxonomy
	var l Lineage
	var fs []Finding
	var groups []waitingAspect
	total := 0
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		if t, l, err = s.loadTaxonomy(r.Context(), q, r.Actor, n, "taxonomy.decide"); err != nil {
			return err
		}
		wide, err := s.widen(r.Context(), q, page.Query{Filter: url.Values{"undecided": {string(t.ID)}}})
		if err != nil {
			return err
		}
		var args []any
		cond := s.findingCond(q, r.Actor, wide, &args)
		if total, err = countFindings(r.Context(), q, cond, page.CountCap+1, args); err != nil {
			return err
		}
		if groups, err = waitingAspects(r.Context(), q, cond, args, shownRules); err != nil {
			return err
		}
		fs, err = findingsWhere(r.Context(), q, cond, "f.id", shownUndecided, args)
		return err
	})
	if err != nil {
		return nil, err
	}
	choice := func(c Coded, category string) (old string, opts []ui.Option, was Coded) {
		was, among := l.Waits(c)
		if v, cl, ok := l.Then(was.Of, was.Code); ok {
			old = r.T("taxonomy.then", cl.Label(), v.Version)
		}
		opts = []ui.Option{{Label: r.T("form.choose")}}
		for _, h := range among {
			if _, cl, ok := l.Then(h.Of, h.Code); ok && (category == "" || cl.Category == category) {
				opts = append(opts, ui.Option{Value: h.text(), Label: cl.Label()})
			}
		}
		return old, opts, was
	}
	action, bad := "/taxonomies/"+string(t.ID)+"/undecided", r.Problems(failed)
	form := func(hidden []ui.Pair, opts []ui.Option, do, mine string) ui.Form {
		f := ui.Field{Name: "class", Label: r.T("taxonomy.becomes"), Kind: ui.FieldSelect, Options: opts}
		if mine == r.PostFormValue("finding")+r.PostFormValue("aspect") {
			f.Error = bad["class"]
		}
		return ui.Form{Action: action, Hidden: hidden, Sets: []ui.Fieldset{{Fields: []ui.Field{f}}}, Buttons: []ui.Button{{Label: r.T(do)}}}
	}
	p := recordPage{Title: r.T("taxonomy.undecided"), Lead: []ui.Chip{{Class: "wait", Word: r.T("taxonomy.undecided.n", min(total, page.CountCap))}}}
	for _, g := range groups {
		old, opts, was := choice(effective(g.Class, g.Decided), "")
		aspect := g.Aspect
		if aspect == "" {
			aspect = "—"
		}
		p.Blocks = append(p.Blocks, block{Title: r.T("taxonomy.rule", aspect), Hint: r.T("taxonomy.rule.hint", g.N),
			Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("taxonomy.divided"), Text: old}, {Label: r.T("finding.aspect"), Text: g.Aspect}, {Label: r.T("word.count"), Text: strconv.Itoa(g.N)}}},
			Forms: []ui.Form{form([]ui.Pair{{Name: "was", Value: was.text()}, {Name: "aspect", Value: g.Aspect}}, opts, "taxonomy.do.rule", g.Aspect)}})
	}
	for _, f := range fs {
		old, opts, _ := choice(effective(f.Class, f.Decided), f.Category)
		p.Blocks = append(p.Blocks, block{Title: f.No + " " + f.Title, Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("word.unit"), Text: s.Units.Name(f.Unit)}, {Label: r.T("finding.aspect"), Text: f.Aspect}, {Label: r.T("taxonomy.divided"), Text: old},
			{Label: r.T("finding.fact"), Text: clipRunes(f.Fact, 200), Href: "/findings/" + string(f.ID), Wide: true}}}, Forms: []ui.Form{form([]ui.Pair{{Name: "finding", Value: string(f.ID)}}, opts, "taxonomy.do.one", string(f.ID))}})
	}
	if len(fs) == 0 {
		p.Blocks = append(p.Blocks, block{Title: r.T("taxonomy.undecided"), Hint: r.T("taxonomy.undecided.none")})
	}
	return web.Page{Name: "inspection/record", Crumbs: crumbs(r, r.T("taxonomy.menu"), "/taxonomies", r.T("taxonomy.no", t.Version), "/taxonomies/"+string(t.ID), p.Title, ""), Data: p, API: map[string]any{"undecided": total, "findings": fs}, Err: failed, Mark: true}, nil
}

func (s *Service) postDecideClass(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c DecideClassCmd
	decided := 0
	if err = r.Decode(&c); err == nil {
		decided, err = s.DecideClass(r.Context(), r.Actor, n, c)
	}
	if inPlace(err) {
		return s.undecidedPage(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/taxonomies/" + string(n) + "/undecided", Done: "done.taxonomy.decide", API: map[string]int{"decided": decided}}, nil
}
