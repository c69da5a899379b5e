package duty

import (
	"embed"
	"fmt"
	"slices"
	"strconv"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	return web.Room{Name: "duty", Pages: web.Sub(files, "pages"), Words: web.Words(files), Todo: s.Todo,
		Routes: []web.Route{
			{Method: "GET", Path: "/duties", Action: "holder.read", Do: s.getDuties},
			{Method: "POST", Path: "/duties", Action: "holder.set", In: HolderCmd{}, Do: s.postHolder},
			{Method: "POST", Path: "/duties/{id}/end", Action: "holder.set", In: endForm{}, Do: s.postEnd},
			{Method: "GET", Path: "/schemes", Action: "scheme.read", Do: s.getSchemes},
			{Method: "POST", Path: "/schemes/draft", Action: "scheme.create", Do: s.postDraft},
			{Method: "GET", Path: "/schemes/{id}", Action: "scheme.read", Do: s.getScheme},
			{Method: "POST", Path: "/schemes/{id}/edit", Action: "scheme.edit", In: SchemeCmd{}, Do: s.postEdit},
			{Method: "POST", Path: "/schemes/{id}/submit", Action: "scheme.submit", In: stepForm{}, Do: s.postSubmit},
			{Method: "POST", Path: "/schemes/{id}/approve", Action: "scheme.approve", In: stepForm{}, Do: s.postApprove},
			{Method: "POST", Path: "/schemes/{id}/return", Action: "scheme.return", In: stepForm{}, Do: s.postReturn},
			{Method: "POST", Path: "/schemes/{id}/retire", Action: "scheme.retire", In: stepForm{}, Do: s.postRetire},
			{Method: "POST", Path: "/schemes/{id}/draw", Action: "assessment.create", In: DrawCmd{}, Do: s.postDraw},
			{Method: "GET", Path: "/assessments", Action: "assessment.read", Do: s.getAssessments},
			{Method: "GET", Path: "/assessments/{id}", Action: "assessment.read", Do: s.getAssessment},
			{Method: "POST", Path: "/assessments/{id}/recompute", Action: "assessment.recompute", In: stepForm{}, Do: s.postRecompute},
			{Method: "POST", Path: "/assessments/{id}/serve", Action: "assessment.serve", In: stepForm{}, Do: s.postServe},
			{Method: "POST", Path: "/assessments/{id}/object", Action: "assessment.object", In: stepForm{}, Do: s.postObject},
			{Method: "POST", Path: "/assessments/{id}/correct", Action: "assessment.correct", In: correctForm{}, Do: s.postCorrect},
			{Method: "POST", Path: "/assessments/{id}/decide", Action: "assessment.decide", In: stepForm{}, Do: s.postDecide},
			{Method: "POST", Path: "/assessments/{id}/finalise", Action: "assessment.finalise", In: stepForm{}, Do: s.postFinalise},
		},
		Menu: []web.Item{
			{Group: "menu.duty", Key: "menu.duties", Href: "/duties", Action: "holder.read", Order: 700},
			{Group: "menu.duty", Key: "menu.assessments", Href: "/assessments", Action: "assessment.read", Order: 710},
			{Group: "menu.duty", Key: "menu.schemes", Href: "/schemes", Action: "scheme.create", Order: 720},
		}}
}

type endForm struct {
	Until clock.Date `json:"until"`
}

type stepForm struct {
	Reason string `json:"reason"`
	Rev    int64  `json:"rev"`
}

var stateClass = map[string]string{SchemeDraft: "off", SchemeSubmitted: "wait", SchemeInForce: "ok", SchemeRetired: "off",
	Drawn: "off", Served: "wait", Objected: "late", Decided: "run", Final: "ok"}

func chip(r *web.Request, kind, state string) ui.Chip {
	return ui.Chip{Class: stateClass[state], Word: r.T(kind + ".state." + state)}
}

// points writes hundredths of a point.
func points(n int) string { return strconv.FormatFloat(float64(n)/100, 'f', 2, 64) }

// share writes points of a basis as a percentage; without a basis there is none.
func share(got, basis int) string {
	if basis == 0 {
		return "—"
	}
	return strconv.FormatFloat(float64(got)*100/float64(basis), 'f', 1, 64) + "%"
}

type dutiesPage struct {
	Hint    string
	Kinds   []kindRow
	Lines   []lineRow
	Period  string
	Form    *ui.Form
	Filter  *ui.Form
	NoRule  bool
	None    bool // a list of his own that has no line
	Scheme  string
	SchemeT string
}

type kindRow struct {
	Word, Explain string
	Holders       []holderRow
	Lines         []lineRow
}

type holderRow struct {
	Name, Scope, Period string
	End                 *ui.Form
}

type lineRow struct {
	Text, Source, Figure, Rule, Points string
	Refs                               []refRow
	More                               int
}

type refRow struct {
	Title, Href string
	Good        bool
}

func (s *Service) getDuties(r *web.Request) (web.Response, error) {
	return s.dutiesPage(r, HolderCmd{}, nil)
}

func (s *Service) dutiesPage(r *web.Request, c HolderCmd, failed error) (web.Response, error) {
	unit := r.Actor.Unit
	text := r.Param("unit")
	if c.Unit != "" {
		unit, text = c.Unit, s.Dir.Name(c.Unit)
	} else if text != "" {
		found := s.Find(text)
		if len(found) != 1 {
			return nil, fault.NotFound("unit")
		}
		unit = found[0]
	}
	l, err := s.ListOf(r.Context(), r.Actor, unit)
	if err != nil {
		return nil, err
	}
	p := dutiesPage{Hint: s.Dir.Name(unit), Period: string(l.From) + " — " + string(l.Until), NoRule: l.Whole && l.Scheme == nil, None: !l.Whole && len(l.Holders) == 0}
	if l.Scheme != nil {
		p.Scheme, p.SchemeT = "/schemes/"+string(l.Scheme.ID), fmt.Sprintf("%s v%d", l.Scheme.Title, l.Scheme.Version)
	}
	for _, k := range Kinds {
		row := kindRow{Word: r.T("duty.kind." + k), Explain: r.T("duty.kind." + k + ".explain")}
		for _, h := range l.Holders {
			if h.Kind != k {
				continue
			}
			hr := holderRow{Name: l.Names[h.Person], Scope: h.Scope, Period: string(h.From) + " — " + string(h.Until)}
			if l.MaySet && h.Until == "" {
				hr.End = &ui.Form{ID: "end-" + h.ID.Short(), Action: "/duties/" + string(h.ID) + "/end", Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "until", Label: r.T("duty.until"), Kind: ui.FieldDate, Prefix: "end-" + h.ID.Short()}}}}, Buttons: []ui.Button{{Label: r.T("duty.do.end")}}}
			}
			row.Holders = append(row.Holders, hr)
		}
		for _, x := range l.Lines {
			if x.Indicator.Kind == k {
				row.Lines = append(row.Lines, s.lineRow(r, x.Indicator, x.Fact.Good, x.Fact.All, x.Points, x.Counted, refRows(x.Fact.Refs), x.Fact.All-len(x.Fact.Refs)))
			}
		}
		if l.Whole || len(row.Holders) > 0 {
			p.Kinds = append(p.Kinds, row)
		}
	}
	if l.MaySet {
		p.Form = s.holderForm(r, unit, c, failed)
	}
	if r.Can("scheme.create") || r.Can("scheme.approve") {
		p.Filter = &ui.Form{ID: "unit", Method: "get", Action: "/duties", Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "unit", Label: r.T("word.unit"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: text, Plain: true}}}}, Buttons: []ui.Button{{Label: r.T("duty.do.show")}}}
	}
	return web.Page{Name: "duty/duties", Err: failed, Data: p, API: l, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.duties")}}}, nil
}

func (s *Service) lineRow(r *web.Request, i Indicator, good, all, got int, counted bool, refs []refRow, more int) lineRow {
	row := lineRow{Text: i.Text, Source: i.Source, Figure: r.T("duty.figure", r.T("fact."+i.Fact), good, all), Refs: refs, More: max(0, more)}
	row.Rule = r.T("duty.rule."+i.Rule, i.Weight, points(i.Param))
	row.Points = r.T("duty.no_record")
	if counted {
		row.Points = r.T("duty.points", points(got), i.Weight)
	}
	return row
}

func (s *Service) holderForm(r *web.Request, unit id.ID, c HolderCmd, failed error) *ui.Form {
	bad := r.Problems(failed)
	var kinds []ui.Option
	for _, k := range Kinds {
		kinds = append(kinds, ui.Option{Value: k, Label: r.T("duty.kind." + k)})
	}
	return &ui.Form{ID: "holder", Action: "/duties", Hidden: []ui.Pair{{Name: "unit", Value: string(unit)}}, Sets: []ui.Fieldset{{Legend: r.T("duty.do.set"), Fields: []ui.Field{
		{Name: "kind", Label: r.T("duty.kind"), Kind: ui.FieldSelect, Options: kinds, Value: c.Kind, Error: bad["kind"]},
		{Name: "person", Label: r.T("duty.person"), Hint: r.T("duty.person.hint"), Value: c.Person, Error: bad["person"]},
		{Name: "from", Label: r.T("duty.from"), Kind: ui.FieldDate, Value: string(c.From), Error: bad["from"]},
		{Name: "scope", Label: r.T("duty.scope"), Wide: true, Value: c.Scope, Error: bad["scope"]}}}},
		Buttons: []ui.Button{{Label: r.T("duty.do.set"), Kind: "primary"}}}
}

func (s *Service) postHolder(r *web.Request) (web.Response, error) {
	var c HolderCmd
	err := r.Decode(&c)
	if err == nil {
		var h Holder
		if h, err = s.SetHolder(r.Context(), r.Actor, c); err == nil {
			return web.Redirect{To: "/duties?unit=" + string(h.Unit), Done: "done.duty.set", API: h}, nil
		}
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.dutiesPage(r, c, err)
	}
	return nil, err
}

func (s *Service) postEnd(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f endForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	if err := s.EndHolder(r.Context(), r.Actor, n, f.Until); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/duties", Done: "done.duty.end"}, nil
}

type listPage struct {
	Table  ui.Table
	Draft  bool
	Hint   string
	Detail string
}

func (s *Service) getSchemes(r *web.Request) (web.Response, error) {
	list, err := s.Schemes(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("menu.schemes"), Base: "/schemes", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "title", Label: r.T("word.title")}, {Key: "version", Label: r.T("duty.version"), Num: true}, {Key: "unit", Label: r.T("word.unit")}, {Key: "from", Label: r.T("duty.valid_from"), Nowrap: true}, {Key: "state", Label: r.T("word.status")}},
		Empty:   ui.EmptyState{Title: r.T("duty.scheme.none"), Text: r.T("duty.scheme.none.text")}}
	for _, x := range list {
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: "/schemes/" + string(x.ID), Cells: []ui.Cell{{Text: x.Title}, {Text: strconv.Itoa(x.Version)}, {Text: s.Dir.Short(x.Unit)}, {Text: string(x.ValidFrom)}, {Chips: []ui.Chip{chip(r, "scheme", x.State)}}}})
	}
	return web.Page{Name: "duty/list", Data: listPage{Table: t, Draft: r.Can("scheme.create")}, API: list, Crumbs: []ui.Crumb{{Label: r.T("menu.schemes")}}}, nil
}

func (s *Service) getAssessments(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	list, next, err := s.List(r.Context(), r.Actor, q)
	if err != nil {
		return nil, err
	}
	states := []ui.Option{{Label: r.T("word.all")}}
	for _, st := range Flow.States() {
		states = append(states, ui.Option{Value: st, Label: r.T("assessment.state." + st)})
	}
	t := ui.Table{Caption: r.T("menu.assessments"), Base: "/assessments", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "unit", Label: r.T("word.unit")}, {Key: "period", Label: r.T("duty.period"), Nowrap: true}, {Key: "points", Label: r.T("duty.got"), Num: true, Hint: r.T("duty.got.define")}, {Key: "share", Label: r.T("word.share"), Num: true}, {Key: "state", Label: r.T("word.status")}},
		Filters: []ui.Field{{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Options: states, Value: q.Filter.Get("state")}},
		Empty:   ui.EmptyState{Title: r.T("duty.assessment.none"), Text: r.T("duty.assessment.none.text")}}
	for _, a := range list {
		t.Rows = append(t.Rows, ui.Row{ID: string(a.ID), Href: "/assessments/" + string(a.ID), Cells: []ui.Cell{{Text: s.Dir.Name(a.Unit)}, {Text: string(a.From) + " — " + string(a.Until)}, {Text: points(a.Points) + "/" + points(a.Basis)}, {Text: share(a.Points, a.Basis)}, {Chips: []ui.Chip{chip(r, "assessment", a.State)}}}})
	}
	t.Pager = web.PagerOf(r, "/assessments", next, q)
	return web.Page{Name: "duty/list", Data: listPage{Table: t}, API: list, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.assessments")}}}, nil
}

type assessmentPage struct {
	Assessment Assessment
	Chip       ui.Chip
	Stats      ui.Stats
	Facts      []ui.Fact
	Rows       []scoreRow
	Buttons    []ui.Button
	Forms      []ui.Form
	Trail      ui.Trail
	Holders    []holderRow
}

type scoreRow struct {
	lineRow
	Kind      string
	Corrected string
	Reason    string
	Changed   string // how the facts stand today, when they differ
	Form      *ui.Form
}

func (s *Service) getAssessment(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.assessmentPage(r, n, "", nil)
}

func (s *Service) assessmentPage(r *web.Request, n id.ID, at string, failed error) (web.Response, error) {
	v, err := s.Get(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	a := v.Assessment
	base := "/assessments/" + string(n)
	can := func(do string) bool {
		_, err := Flow.Next(a.State, do)
		return err == nil && s.Policy.Can(r.Actor, "assessment."+do, v.object) == nil
	}
	p := assessmentPage{Assessment: a, Chip: chip(r, "assessment", a.State), Stats: ui.Stats{Items: []ui.Stat{
		{Label: r.T("duty.got"), Value: points(a.Points) + "/" + points(a.Basis), Define: r.T("duty.got.define")}, {Label: r.T("word.share"), Value: share(a.Points, a.Basis), Define: r.T("duty.share.define")}}},
		Facts: []ui.Fact{{Label: r.T("word.unit"), Text: s.Dir.Name(a.Unit)}, {Label: r.T("duty.by"), Text: s.Dir.Name(a.By)}, {Label: r.T("duty.period"), Text: string(a.From) + " — " + string(a.Until)},
			{Label: r.T("duty.scheme"), Text: fmt.Sprintf("%s v%d", v.Scheme.Title, v.Scheme.Version), Href: "/schemes/" + string(v.Scheme.ID)}}}
	if v.ObjectBy != "" && a.State == Served {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("duty.object_by"), Text: string(v.ObjectBy)})
	}
	problems := r.Problems(failed)
	for k, x := range v.Scores {
		i := indicatorOf(v.Scheme, x.Indicator)
		row := scoreRow{lineRow: s.lineRow(r, i, x.Good, x.All, x.Points, x.Counted, refRows(x.Refs), x.All-len(x.Refs)), Kind: r.T("duty.kind." + i.Kind)}
		if x.Reason != "" {
			row.Corrected, row.Reason = r.T("duty.corrected", points(x.Corrected)), x.Reason
		}
		for _, now := range v.Now {
			if now.Indicator.ID == i.ID && now.Fact.Digest != x.Digest {
				row.Changed = r.T("duty.changed", now.Fact.Good, now.Fact.All)
			}
		}
		if can("correct") && x.Counted {
			wrong := func(f string) string {
				if at == "correct:"+string(x.ID) {
					return problems[f]
				}
				return ""
			}
			pre := "c" + strconv.Itoa(k)
			row.Form = &ui.Form{ID: pre, Action: base + "/correct", Rev: web.Rev(a.Rev), Hidden: []ui.Pair{{Name: "score", Value: string(x.ID)}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
				{Name: "points", Label: r.T("duty.correct.points"), Kind: ui.FieldNumber, Prefix: pre, Value: points(x.Corrected), Error: wrong("points")}, {Name: "reason", Label: r.T("word.reason"), Prefix: pre, Error: wrong("reason")}}}},
				Buttons: []ui.Button{{Label: r.T("duty.do.correct")}}}
		}
		p.Rows = append(p.Rows, row)
	}
	for _, do := range []string{"serve", "recompute", "finalise"} {
		if can(do) && !(do == "finalise" && a.Author == r.Actor.Person) {
			kind := "primary"
			if do == "recompute" {
				kind = ""
			}
			p.Buttons = append(p.Buttons, ui.Button{Label: r.T("duty.do." + do), Action: base + "/" + do, Kind: kind})
		}
	}
	for _, do := range []string{"object", "decide"} {
		if can(do) {
			e := ""
			if at == do {
				e = problems["reason"]
			}
			p.Forms = append(p.Forms, ui.Form{ID: do, Action: base + "/" + do, Rev: web.Rev(a.Rev), Sets: []ui.Fieldset{{Legend: r.T("duty.do." + do), Hint: r.T("duty.do." + do + ".hint"), Fields: []ui.Field{
				{Name: "reason", Label: r.T("duty.text." + do), Kind: ui.FieldArea, Rows: 3, Wide: true, Prefix: do, Error: e}}}}, Buttons: []ui.Button{{Label: r.T("duty.do." + do), Kind: "primary"}}})
		}
	}
	for _, e := range slices.Backward(v.Entries) {
		p.Trail.Entries = append(p.Trail.Entries, ui.Entry{At: r.Moment(e.At), Who: v.Names[e.By], What: r.T("duty.entry." + e.Action), Text: e.Text})
	}
	for _, h := range v.Holders {
		p.Holders = append(p.Holders, holderRow{Name: v.Names[h.Person], Scope: r.T("duty.kind."+h.Kind) + "：" + h.Scope})
	}
	return web.Page{Name: "duty/assessment", Err: failed, Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.assessments"), Href: "/assessments"}, {Label: s.Dir.Name(a.Unit)}}}, nil
}
