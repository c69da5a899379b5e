package inspection

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

func (s *Service) findingTable(r *web.Request, fs []Finding, unit bool) ui.Table {
	t := ui.Table{Caption: r.T("menu.findings"), Base: "/findings", Columns: []ui.Column{{Key: "no", Label: r.T("word.no"), Nowrap: true}, {Label: r.T("finding.title")}},
		Empty: ui.EmptyState{Title: r.T("finding.empty"), Text: r.T("finding.empty.text")}}
	if unit {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("word.unit")})
	}
	t.Columns = append(t.Columns, ui.Column{Label: r.T("finding.category")}, ui.Column{Label: r.T("finding.severity")}, ui.Column{Label: r.T("finding.scope")}, ui.Column{Label: r.T("word.status")})
	for _, f := range fs {
		cells := []ui.Cell{{Text: f.No}, {Text: f.Title, Clamp: true, Sub: clipRunes(f.Aspect, 40)}}
		if unit {
			cells = append(cells, ui.Cell{Text: s.Units.Short(f.Unit)})
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(f.ID), Href: "/findings/" + string(f.ID), Label: f.No, Cells: append(cells, ui.Cell{Text: word(r, "finding.category.", f.Category)},
			ui.Cell{Chips: []ui.Chip{severityChip(r, f.Severity)}}, ui.Cell{Text: word(r, "finding.scope.", f.Scope)}, ui.Cell{Chips: []ui.Chip{stateChip(r, "finding", f.State)}})})
	}
	return t
}

func (s *Service) findingsPage(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	if per, err := strconv.Atoi(q.Filter.Get("per")); err == nil && (per == 20 || per == 50 || per == 100) {
		q.Size = per
	}
	fs, next, err := s.ListFindings(r.Context(), r.Actor, q)
	if err != nil {
		return nil, err
	}
	rounds, err := s.visibleRounds(r)
	if err != nil {
		return nil, err
	}
	classes, err := s.classOptions(r, homeUnit(r.Actor), codedOf(q.Filter.Get("class")), r.T("form.any"))
	if err != nil {
		return nil, err
	}
	t := s.findingTable(r, fs, true)
	t.Params = r.URL.Query()
	t.Columns[0].Sortable = true
	t.Columns[0].Sort = "desc"
	if q.Sort != "" && !q.Desc {
		t.Columns[0].Sort = "asc"
	}
	ropts := []ui.Option{{Label: r.T("form.any")}}
	for _, x := range rounds {
		ropts = append(ropts, ui.Option{Value: string(x.ID), Label: x.Name})
	}
	get := q.Filter.Get
	all := func(prefix string, vs []string) []ui.Option {
		return append([]ui.Option{{Label: r.T("form.any")}}, options(r, prefix, vs, false)...)
	}
	t.Filters = []ui.Field{{Name: "q", Label: r.T("ui.search"), Value: get("q")}, {Name: "unit", Label: r.T("word.unit"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: get("unit")},
		{Name: "round", Label: r.T("kind.round"), Kind: ui.FieldSelect, Options: ropts, Value: get("round")}, {Name: "work", Label: r.T("round.work"), Kind: ui.FieldSelect, Options: all("round.kind.", RoundKinds()), Value: get("work")}, {Name: "category", Label: r.T("finding.category"), Kind: ui.FieldSelect, Options: all("finding.category.", Categories()), Value: get("category")},
		{Name: "severity", Label: r.T("finding.severity"), Kind: ui.FieldSelect, Options: all("finding.severity.", Severities()), Value: get("severity")},
		{Name: "class", Label: r.T("finding.class"), Kind: ui.FieldSelect, Options: classes, Value: get("class")},
		{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Options: all("finding.state.", FindingFlow.States()), Value: get("state")}}
	for _, f := range t.Filters {
		if f.Value == "" {
			continue
		}
		label := f.Value
		for _, o := range f.Options {
			if o.Value == f.Value {
				label = o.Label
			}
		}
		t.Active = append(t.Active, ui.ActiveFilter{Key: f.Name, Value: f.Value, Label: f.Label + "：" + label})
	}
	if v := get("undecided"); v != "" { // where a version of the classes leads to
		t.Active = append(t.Active, ui.ActiveFilter{Key: "undecided", Value: v, Label: r.T("taxonomy.undecided")})
	}
	export := r.URL.Query()
	export.Del("after")
	export.Del("before")
	export.Del("per")
	t.Exports = []ui.Link{{Label: r.T("finding.export"), Href: "/findings/export?" + export.Encode()}}
	lp := listPage{Title: r.T("menu.findings")}
	if r.Can("finding.create") {
		lp.Actions = []ui.Button{{Label: r.T("finding.import.title"), Href: "/findings/import"}}
		t.Views = []ui.Tab{{Label: r.T("word.all"), Href: "/findings", Current: get("mine") == ""}, {Label: r.T("finding.mine"), Href: "/findings?mine=1", Current: get("mine") == "1"}}
	}
	at := func(key, cursor string) string {
		if cursor == "" {
			return ""
		}
		v := url.Values{}
		for k, x := range t.Params {
			if k != "after" && k != "before" && k != "done" {
				v[k] = x
			}
		}
		v.Set(key, cursor)
		return "/findings?" + v.Encode()
	}
	t.Pager = &ui.Pager{Prev: at("before", next.Before), Next: at("after", next.After), Count: min(next.Count, page.CountCap), Capped: next.More(), PerPage: q.Size}
	return web.Page{Name: "inspection/list", Crumbs: crumbs(r, r.T("menu.findings"), ""), Data: lp.with(t), Query: get("q"), Mark: true,
		API: map[string]any{"findings": fs, "next": next}}, nil
}

func (s *Service) newFindingPage(r *web.Request) (web.Response, error) {
	visit, err := id.Parse(r.Param("visit"))
	if err != nil {
		return nil, err
	}
	c := AddFindingCmd{Visit: visit, Scope: "individual", Severity: "general", Recurs: id.ID(r.Param("recurs"))}
	if o := r.Param("origin"); slices.Contains(Origins(), o) {
		c.Origin = o
	}
	return s.findingForm(r, Finding{Visit: visit}, c, nil)
}

// findingForm is the form of a new finding, or of one that is changed.
func (s *Service) findingForm(r *web.Request, f Finding, c AddFindingCmd, failed error) (web.Response, error) {
	form, v, err := s.findingFields(r, f, c, failed)
	if err != nil {
		return nil, err
	}
	title := r.T("finding.do.create")
	if f.ID != "" {
		title = r.T("finding.do.edit")
	}
	box, err := s.alikeBox(r, v.ID, c.Title, false)
	if err != nil && !fault.Is(err, fault.KindForbidden) && !fault.Is(err, fault.KindNotFound) {
		return nil, err
	}
	return web.Page{Name: "inspection/finding", Crumbs: crumbs(r, s.Units.Name(v.Unit), "/visits/"+string(v.ID), title, ""), Data: findingFormPage{title + " · " + s.Units.Short(v.Unit), form, box}, API: c, Err: failed}, nil
}

func (s *Service) findingFields(r *web.Request, f Finding, c AddFindingCmd, failed error) (ui.Form, Visit, error) {
	var v Visit
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if v, err = VisitByID(r.Context(), q, c.Visit); err != nil {
			return err
		}
		if f.ID == "" && c.Origin == "" {
			x, err := RoundByID(r.Context(), q, v.Round)
			if err != nil {
				return err
			}
			c.Origin = OriginOf(x.KindOf(v))
		}
		if f.ID == "" {
			return s.policy.Can(r.Actor, "finding.create", s.visitObject(v))
		}
		_, err = s.load(r.Context(), q, r.Actor, f.ID, "finding.edit")
		return err
	})
	if err != nil {
		return ui.Form{}, v, err
	}
	bad := r.Problems(failed)
	area := func(name, value string, optional bool) ui.Field {
		return ui.Field{Name: name, Label: r.T("finding." + name), Kind: ui.FieldArea, Value: value, Optional: optional, Wide: true, Error: bad[name], MaxLen: maxText}
	}
	higher := ""
	if c.HigherCause {
		higher = "1"
	}
	form := ui.Form{Action: "/findings", Draft: true, Sensitive: true, Hidden: []ui.Pair{{Name: "visit", Value: string(c.Visit)}}, Cancel: ui.Link{Label: r.T("act.cancel"), Href: "/visits/" + string(c.Visit)},
		Buttons: []ui.Button{{Label: r.T("act.save_draft"), Kind: "primary"}}}
	if f.ID != "" {
		form.Action, form.Rev, form.Cancel.Href, form.Buttons[0].Label = "/findings/"+string(f.ID), rev(c.Rev), "/findings/"+string(f.ID), r.T("act.save")
	} else {
		form.Multipart = true
		form.Buttons = append(form.Buttons, ui.Button{Label: r.T("finding.save_next"), Name: "next", Value: "1"}, ui.Button{Label: r.T("alike.look"), Name: "alike", Value: "1"})
	}
	articles, err := s.criterionOptions(r, c.Criterion)
	if err != nil {
		return ui.Form{}, v, err
	}
	classes, err := s.classOptions(r, v.By, codedOf(c.Class), r.T("finding.class.choose"))
	if err != nil {
		return ui.Form{}, v, err
	}
	manifestations := area("manifestations", c.Manifestations, true)
	manifestations.Hint, manifestations.Rows = r.T("finding.manifestations.hint"), 4
	form.Sets = []ui.Fieldset{{Legend: r.T("finding.what"), Fields: []ui.Field{
		{Name: "category", Label: r.T("finding.category"), Kind: ui.FieldRadio, Options: options(r, "finding.category.", Categories(), false), Value: c.Category, Error: bad["category"], Wide: true},
		{Name: "class", Label: r.T("finding.class"), Hint: r.T("finding.class.hint"), Kind: ui.FieldSelect, Options: classes, Value: c.Class, Optional: true, Error: bad["class"]},
		{Name: "aspect", Label: r.T("finding.aspect"), Value: c.Aspect, Optional: true, Error: bad["aspect"], MaxLen: maxTitle},
		{Name: "title", Label: r.T("finding.title"), Value: c.Title, Error: bad["title"], Wide: true, MaxLen: maxTitle}, area("fact", c.Fact, false), manifestations,
		{Name: "criterion", Label: r.T("finding.criterion"), Hint: r.T("finding.criterion.hint"), Kind: ui.FieldSelect, Options: articles, Value: string(c.Criterion), Optional: true, Wide: true, Error: bad["criterion"]}, area("basis", c.Basis, true), area("cause", c.Cause, true), area("consequence", c.Consequence, true)}},
		{Legend: r.T("finding.judge"), Fields: []ui.Field{
			{Name: "severity", Label: r.T("finding.severity"), Kind: ui.FieldRadio, Options: options(r, "finding.severity.", Severities(), false), Value: c.Severity, Error: bad["severity"]},
			{Name: "scope", Label: r.T("finding.scope"), Kind: ui.FieldRadio, Options: options(r, "finding.scope.", Scopes(), false), Value: c.Scope, Error: bad["scope"]},
			{Name: "origin", Label: r.T("finding.origin"), Kind: ui.FieldSelect, Options: options(r, "finding.origin.", Origins(), false), Value: c.Origin, Error: bad["origin"]},
			{Name: "higher_cause", Label: r.T("finding.higher_cause"), Kind: ui.FieldCheck, Value: higher, Optional: true},
			{Name: "responsible", Label: r.T("finding.responsible"), Hint: r.T("finding.responsible.hint"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: c.Responsible, Optional: true, Error: bad["responsible"]},
			{Name: "amount", Label: r.T("finding.amount"), Kind: ui.FieldNumber, Value: c.Amount, Optional: true, Error: bad["amount"]},
			{Name: "recurs", Label: r.T("finding.recurs"), Hint: r.T("finding.recurs.hint"), Value: string(c.Recurs), Optional: true, Error: bad["recurs"]}}}}
	if f.ID == "" {
		form.Sets = append(form.Sets, ui.Fieldset{Legend: r.T("finding.files"), Fields: []ui.Field{{Name: "files", Label: r.T("finding.files.add"), Kind: ui.FieldFile, Multiple: true, Optional: true, Wide: true, Error: bad["files"]}}})
	}
	return form, v, nil
}

func (s *Service) addFinding(r *web.Request) (web.Response, error) {
	var c AddFindingCmd
	err := r.Decode(&c)
	var f Finding
	if r.PostFormValue("alike") == "1" { // without script: look for like findings, keep what was typed
		return s.findingForm(r, Finding{Visit: c.Visit}, c, nil)
	}
	var files []vault.Stored
	if err == nil { // nothing is taken into the vault for a visit of somebody else
		err = s.log.DB().Read(r.Context(), func(q db.Q) error {
			v, err := VisitByID(r.Context(), q, c.Visit)
			if err != nil {
				return err
			}
			return s.policy.Can(r.Actor, "finding.create", s.visitObject(v))
		})
	}
	if err == nil {
		files, err = s.uploads(r)
	}
	if err == nil {
		f, err = s.AddFinding(r.Context(), r.Actor, c)
	}
	if err == nil && len(files) > 0 {
		err = s.AddFiles(r.Context(), r.Actor, f.ID, files)
	}
	if fault.Is(err, fault.KindInvalid) && c.Visit != "" {
		return s.findingForm(r, Finding{Visit: c.Visit}, c, err)
	}
	if err != nil {
		return nil, err
	}
	if r.PostFormValue("next") == "1" {
		return web.Redirect{To: "/findings/new?visit=" + string(c.Visit), Done: "done.finding.create", API: f}, nil
	}
	return web.Redirect{To: "/findings/" + string(f.ID), Done: "done.finding.create", API: f}, nil
}

func (s *Service) cmdOf(f Finding) AddFindingCmd {
	c := AddFindingCmd{Visit: f.Visit, Category: f.Category, Class: f.Class.text(), Aspect: f.Aspect, Title: f.Title, Fact: f.Fact, Basis: f.Basis, Cause: f.Cause, Consequence: f.Consequence, Severity: f.Severity, Criterion: f.Criterion, Manifestations: WriteManifestations(f.Manifestations),
		Scope: f.Scope, Origin: f.Origin, HigherCause: f.HigherCause, Recurs: f.Recurs, Rev: f.Rev, Amount: yuan(f.Amount)}
	if f.Responsible != f.Unit {
		c.Responsible = s.Units.Name(f.Responsible)
	}
	return c
}

// yuan writes fen as yuan; nothing for none.
func yuan(fen int64) string {
	if fen == 0 {
		return ""
	}
	return strings.TrimSuffix(strconv.FormatInt(fen/100, 10)+"."+strconv.FormatInt(fen%100+100, 10)[1:], ".00")
}

func (s *Service) editFindingPage(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	f, err := s.Finding(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	return s.findingForm(r, f, s.cmdOf(f), nil)
}

func (s *Service) editFinding(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	now, err := s.Finding(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	var c AddFindingCmd
	err = r.Decode(&c)
	c.Visit = now.Visit
	if err == nil {
		_, err = s.EditFinding(r.Context(), r.Actor, n, c)
	}
	switch {
	case fault.Is(err, fault.KindInvalid):
		return s.findingForm(r, now, c, err)
	case fault.Is(err, fault.KindConflict):
		return s.findingConflict(r, now, c, err)
	case err != nil:
		return nil, err
	}
	return web.Redirect{To: "/findings/" + string(n), Done: "done.finding.edit"}, nil
}

func (s *Service) findingConflict(r *web.Request, now Finding, c AddFindingCmd, failed error) (web.Response, error) {
	theirs := s.cmdOf(now)
	was := now
	if _, err := s.log.Before(r.Context(), "inspection_finding", now.ID, c.Rev, &was); err != nil {
		return nil, err
	}
	base := s.cmdOf(was)
	c.Rev = now.Rev
	form, _, err := s.findingFields(r, now, c, nil)
	if err != nil {
		return nil, err
	}
	yesno := map[bool]string{true: r.T("form.yes"), false: r.T("form.no")}
	shown := func(c AddFindingCmd) []string {
		return []string{word(r, "finding.category.", c.Category), c.Aspect, c.Title, c.Fact, c.Manifestations, c.Basis, c.Cause, c.Consequence, word(r, "finding.severity.", c.Severity),
			word(r, "finding.scope.", c.Scope), word(r, "finding.origin.", c.Origin), yesno[c.HigherCause], c.Responsible, c.Amount, string(c.Recurs)}
	}
	lines := Diff(fieldLabels(r, "finding.", "category", "aspect", "title", "fact", "manifestations", "basis", "cause", "consequence", "severity", "scope", "origin", "higher_cause", "responsible", "amount", "recurs"),
		shown(base), shown(theirs), shown(c))
	return s.conflict(r, "inspection_finding", now.ID, lines, form, "/findings/"+string(now.ID), failed)
}

// conflict shows both versions; the form carries the reader's own and the new revision.
func (s *Service) conflict(r *web.Request, table string, row id.ID, lines []ui.DiffLine, form ui.Form, back string, failed error) (web.Response, error) {
	entries, err := s.log.Of(r.Context(), table, row)
	if err != nil {
		return nil, err
	}
	c := ui.Conflict{Lines: lines, Form: &form, Reload: ui.Link{Label: r.T("act.reload"), Href: back}}
	if e, ok := lastEntry(entries); ok {
		if at, err := clock.ParseInstant(e.At); err == nil {
			c.At = at.In(clock.Beijing).Format("2006-01-02 15:04")
		}
		person, _, err := s.log.Facts(r.Context(), e.ID)
		if err != nil {
			return nil, err
		}
		names, err := s.names(r, person)
		if err != nil {
			return nil, err
		}
		if c.Who = names[person]; c.Who == "" {
			c.Who = r.T("finding.somebody")
		}
	}
	return web.Page{Name: "inspection/conflict", Data: conflictPage{c}, Err: failed}, nil
}

func (s *Service) findingPage(r *web.Request) (web.Response, error) { return s.findingRecord(r, nil) }

func (s *Service) findingRecord(r *web.Request, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f Finding
	var x Round
	var earlier Finding
	var alike []Alike
	var line Lineage
	var files []File
	var doable []string
	mayEdit, mayShare, own := false, false, false
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		if f, err = s.readable(r.Context(), q, r.Actor, n); err != nil {
			return err
		}
		o, err := s.findingObject(r.Context(), q, f)
		if err != nil {
			return err
		}
		doable, mayEdit = s.buttons(r, FindingFlow, o), s.policy.Can(r.Actor, "finding.edit", o) == nil
		mayShare, own = s.policy.Can(r.Actor, "finding.share", o) == nil, s.policy.Can(r.Actor, "finding.read", o) == nil
		if x, err = RoundByID(r.Context(), q, f.Round); err != nil {
			return err
		}
		if f.Recurs != "" {
			if earlier, err = FindingByID(r.Context(), q, f.Recurs); err != nil {
				return err
			}
		}
		if files, err = findingFiles.of(r.Context(), q, f.ID); err != nil {
			return err
		}
		if f.Class.Code != "" {
			if line, err = s.lineage(r.Context(), q, f.By); err != nil {
				return err
			}
		}
		alike, err = s.alike(r.Context(), q, r.Actor, f.Unit, f.ID, f.Title)
		return err
	})
	if err != nil {
		return nil, err
	}
	p := recordPage{Title: f.No, Lead: []ui.Chip{stateChip(r, "finding", f.State), severityChip(r, f.Severity)}, ShowTrail: own}
	if mayEdit {
		p.Actions = append(p.Actions, ui.Button{Label: r.T("act.edit"), Href: "/findings/" + string(f.ID) + "/edit", Key: "e"})
	}
	p.Blocks = append(p.Blocks, block{Title: r.T("finding.facts"), Facts: s.findingFacts(r, f, x, line)})
	for _, b := range []*block{shownManifestations(r, f.Manifestations), s.filesBlock(r, f, files, mayEdit, failed)} {
		if b != nil {
			p.Blocks = append(p.Blocks, *b)
		}
	}
	if f.Stated.Status != "" || f.Stated.Lead != "" || f.Stated.DueWord != "" || len(f.Stated.Measures) > 0 {
		p.Blocks = append(p.Blocks, block{Title: r.T("finding.stated"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("circular.status"), Text: f.Stated.Status}, {Label: r.T("circular.due"), Text: f.Stated.DueWord, Sub: string(f.Stated.Due)},
			{Label: r.T("circular.lead"), Text: f.Stated.Lead}, {Label: r.T("circular.department"), Text: f.Stated.Department}, {Label: r.T("circular.measures"), Text: strings.Join(f.Stated.Measures, "\n"), Wide: true, Verbatim: true}}}})
	}
	if f.Response != "" {
		p.Blocks = append(p.Blocks, block{Title: r.T("finding.response"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("finding.response"), Text: r.T("finding.state." + f.Response)}, {Label: r.T("word.reason"), Text: f.ResponseReason, Wide: true}, {Label: r.T("finding.ruling"), Text: f.Ruling, Wide: true}}}})
	}
	if earlier.ID != "" {
		p.Blocks = append(p.Blocks, block{Title: r.T("finding.recurs"), Facts: ui.Facts{Items: []ui.Fact{{Label: earlier.No, Text: earlier.Title, Wide: true}}}})
	}
	if sim := s.alikeBlock(r, f, alike, mayEdit); len(alike) > 0 {
		p.Blocks = append(p.Blocks, sim)
	}
	p.Blocks = append(p.Blocks, s.shareBlock(r, f, x, mayShare)...)
	if next := s.findingSteps(r, f, doable, failed); len(next) > 0 {
		p.Blocks = append(p.Blocks, block{Title: r.T("finding.next"), Forms: next})
	}
	if !own { // shared with the reader's round: the steps of the other team stay its own
		doable = nil
	} else if p.Trail, err = s.trail(r, "inspection_finding", f.ID); err != nil {
		return nil, err
	}
	return web.Page{Name: "inspection/record", Crumbs: crumbs(r, r.T("menu.findings"), "/findings", f.No, ""), Data: p, API: map[string]any{"finding": f, "similar": alike, "may": doable}, Err: failed, Mark: true}, nil
}

func (s *Service) findingSteps(r *web.Request, f Finding, doable []string, failed error) []ui.Form {
	var out []ui.Form
	bad := r.Problems(failed)
	for _, do := range doable {
		if do == "feed_back" {
			continue
		}
		here := strings.HasSuffix(r.URL.Path, "/"+do)
		var fields []ui.Field
		if NeedsReason(do) {
			fd := ui.Field{Name: "reason", Label: r.T("finding.reason." + do), Kind: ui.FieldArea, Wide: true, MaxLen: maxReason}
			if here {
				fd.Value, fd.Error = r.PostFormValue("reason"), bad["reason"]
			}
			fields = append(fields, fd)
		}
		out = append(out, stepForm(r, "finding", do, "/findings/"+string(f.ID)+"/"+do, f.Rev, fields))
	}
	return out
}

func (s *Service) findingFacts(r *web.Request, f Finding, x Round, line Lineage) ui.Facts {
	cause := r.T("form.no")
	if f.HigherCause {
		cause = r.T("form.yes")
	}
	return ui.Facts{Items: []ui.Fact{{Label: r.T("finding.title"), Text: f.Title, Wide: true, Verbatim: true}, {Label: r.T("word.unit"), Text: s.Units.Name(f.Unit)}, {Label: r.T("finding.responsible"), Text: s.Units.Name(f.Responsible)},
		{Label: r.T("kind.round"), Text: x.Name}, {Label: r.T("finding.category"), Text: word(r, "finding.category.", f.Category)}, classFact(r, f, line), {Label: r.T("finding.aspect"), Text: f.Aspect}, {Label: r.T("finding.severity"), Chips: []ui.Chip{severityChip(r, f.Severity)}},
		{Label: r.T("finding.scope"), Text: word(r, "finding.scope.", f.Scope)}, {Label: r.T("finding.higher_cause"), Text: cause}, {Label: r.T("finding.origin"), Text: word(r, "finding.origin.", f.Origin)}, {Label: r.T("finding.amount"), Text: yuan(f.Amount)},
		{Label: r.T("finding.fact"), Text: f.Fact, Wide: true, Verbatim: true}, {Label: r.T("finding.criterion"), Text: f.CriterionText, Href: hrefFor(r, "criterion.read", "/criteria/", f.Criterion), Wide: true}, {Label: r.T("finding.basis"), Text: f.Basis, Wide: true}, {Label: r.T("finding.cause"), Text: f.Cause, Wide: true}, {Label: r.T("finding.consequence"), Text: f.Consequence, Wide: true}}}
}

// hrefFor is the address of a record for those to whom it opens, "" for others.
func hrefFor(r *web.Request, action, base string, n id.ID) string {
	if n == "" || !r.Can(action) {
		return ""
	}
	return base + string(n)
}

func (s *Service) decide(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c DecideCmd
		var f Finding
		if err = r.Decode(&c); err == nil {
			f, err = s.Decide(r.Context(), r.Actor, n, do, c)
		}
		if inPlace(err) {
			return s.findingRecord(r, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/findings/" + string(n), Done: "done.finding." + do, API: f}, nil
	}
}
