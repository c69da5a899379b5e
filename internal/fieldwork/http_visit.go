package fieldwork

import (
	"slices"
	"strconv"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// fieldPage is the workplace of a team at one unit.
func (s *Service) fieldPage(r *web.Request) (web.Response, error) { return s.fieldShown(r, nil) }

func (s *Service) fieldShown(r *web.Request, failed error) (web.Response, error) {
	v, x, err := s.visitOf(r, "field.read")
	if err != nil {
		return nil, err
	}
	var ps []Period
	var acts []Act
	var reqs []Request
	var papers []Paper
	var imms []Immediate
	var reports []Report
	var lists []Checklist
	var answers []Answer
	err = s.read(r.Context(), func(q db.Q) error {
		if ps, err = s.Periods(r.Context(), q, x); err != nil {
			return err
		}
		if acts, err = ActsOf(r.Context(), q, v.ID); err != nil {
			return err
		}
		if reqs, err = requestsWhere(r.Context(), q, "q.visit_id = $1", "q.id", 500, []any{string(v.ID)}); err != nil {
			return err
		}
		if papers, err = s.papers(r.Context(), q, r.Actor, v.ID); err != nil {
			return err
		}
		if imms, err = immediatesWhere(r.Context(), q, "i.visit_id = $1", 200, []any{string(v.ID)}); err != nil {
			return err
		}
		args := []any{string(v.ID)}
		if reports, err = s.reportsWhere(r.Context(), q, "t.visit_id = $1 AND "+s.Policy.Filter(r.Actor, "report.read", reportRead, &args), args); err != nil {
			return err
		}
		if lists, err = checklists(r.Context(), q); err != nil {
			return err
		}
		for i := range lists {
			if lists[i].Checks, err = checksOf(r.Context(), q, lists[i].ID); err != nil {
				return err
			}
		}
		answers, err = answersOf(r.Context(), q, v.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	clues, err := s.Clues(r.Context(), r.Actor, v.ID)
	if err != nil {
		return nil, err
	}
	base := "/visits/" + string(v.ID)
	p := recordPage{Title: s.Units.Name(v.Unit), Lead: []ui.Chip{{Class: "run", Word: r.T("visit.state." + v.State)}},
		Actions: []ui.Button{{Label: r.T("kind.visit"), Href: base}, {Label: r.T("procedure.title"), Href: base + "/procedure"}, {Label: r.T("period.title"), Href: "/rounds/" + string(x.ID) + "/periods"}}}
	dates := s.datesBlock(r, ps, x, v, r.T("period.title"))
	miss := Lacking(x.KindOf(v), v, acts, s.Dual(v))
	fact := ui.Fact{Label: r.T("prepare.lacks"), Text: strconv.Itoa(len(miss)), Href: base + "/procedure"}
	if len(miss) > 0 {
		fact.Chips = []ui.Chip{{Class: "late", Word: r.T("procedure.missing")}}
	}
	dates.Facts.Items = append([]ui.Fact{fact}, dates.Facts.Items...)
	add := func(href, label, action string) []ui.Button {
		if s.canVisit(r.Actor, action, v) {
			return []ui.Button{{Label: r.T(label), Href: base + href, Kind: "primary"}}
		}
		return nil
	}
	rt := s.requestTable(r, reqs, false)
	pt := s.paperTable(r, papers)
	p.Blocks = append(p.Blocks, dates,
		block{ID: "requests", Title: r.T("menu.requests"), Table: &rt, Links: add("/requests/new", "request.do.create", "request.create")},
		block{ID: "papers", Title: r.T("paper.list"), Hint: r.T("paper.list.hint"), Table: &pt, Links: add("/papers/new", "paper.do.create", "paper.create")},
		s.checkBlock(r, v, lists, answers), s.immediateBlock(r, v, x, imms, failed), s.reportBlock(r, reports, add("/reports/new", "report.do.create", "report.create")),
		s.clueBlock(r, clues, add("/clues/new", "clue.do.create", "clue.create")))
	return web.Page{Name: "fieldwork/record", Crumbs: crumbs(r, x.Name, "/rounds/"+string(x.ID), p.Title, base, r.T("field.title"), ""), Data: p, Err: failed, Mark: true,
		API: map[string]any{"visit": v, "requests": reqs, "papers": papers, "immediates": imms, "reports": reports, "clues": clues, "lacking": miss, "dates": s.Dates(ps, x, v)}}, nil
}

func (s *Service) checkBlock(r *web.Request, v inspection.Visit, lists []Checklist, answers []Answer) block {
	t := &ui.Table{ID: "c", Caption: r.T("menu.checklists"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("checklist.theme")}, {Label: r.T("checklist.version"), Num: true}, {Label: r.T("checklist.answered")}, {Label: r.T("result.problem"), Num: true}}, Empty: ui.EmptyState{Title: r.T("checklist.empty")}}
	for _, l := range lists {
		if l.By != v.By {
			continue
		}
		done, problems := 0, 0
		for _, c := range l.Checks {
			if i := slices.IndexFunc(answers, func(a Answer) bool { return a.Check == c.ID }); i >= 0 {
				done++
				if answers[i].Result == "problem" {
					problems++
				}
			}
		}
		if l.State != ChecklistPublished && done == 0 {
			continue
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(l.ID), Href: "/visits/" + string(v.ID) + "/checks/" + string(l.ID), Cells: []ui.Cell{{Text: l.Theme}, {Text: strconv.Itoa(l.Version)}, {Bar: &ui.Meter{Value: done, Max: len(l.Checks), Text: strconv.Itoa(done) + "/" + strconv.Itoa(len(l.Checks))}}, {Text: strconv.Itoa(problems)}}})
	}
	return block{ID: "checks", Title: r.T("menu.checklists"), Table: t}
}

func (s *Service) immediateBlock(r *web.Request, v inspection.Visit, x inspection.Round, list []Immediate, failed error) block {
	t := &ui.Table{ID: "i", Caption: r.T("immediate.title"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("immediate.text")}, {Label: r.T("word.status")}, {Label: r.T("immediate.due"), Nowrap: true}}, Empty: ui.EmptyState{Title: r.T("immediate.empty")}}
	for _, i := range list {
		t.Rows = append(t.Rows, ui.Row{ID: string(i.ID), Href: "/immediates/" + string(i.ID), Cells: []ui.Cell{{Text: i.No}, {Text: i.Text, Clamp: true}, {Chips: []ui.Chip{chip(r, "immediate", i.State)}}, {Text: string(i.Due), Chips: dueChip(r, i.Due, r.Today(), i.State != ImmediateClosed)}}})
	}
	b := block{ID: "immediates", Title: r.T("immediate.title"), Hint: r.T("immediate.hint"), Table: t}
	if v.State == inspection.VisitOnSite && s.canVisit(r.Actor, "immediate.create", v) {
		bad := r.Problems(failed)
		b.Forms = []ui.Form{{ID: "immediate", Action: "/visits/" + string(v.ID) + "/immediates", Buttons: []ui.Button{{Label: r.T("immediate.do.create")}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
			{Name: "text", Label: r.T("immediate.text"), Kind: ui.FieldArea, Rows: 3, Value: r.PostFormValue("text"), Error: bad["text"], Wide: true, MaxLen: maxNote},
			{Name: "due", Label: r.T("immediate.due"), Kind: ui.FieldDate, Value: r.PostFormValue("due"), Error: bad["due"], Hint: r.T("immediate.due.hint", string(x.End))}}}}}}
	}
	return b
}

func (s *Service) reportBlock(r *web.Request, list []Report, links []ui.Button) block {
	t := &ui.Table{ID: "t", Caption: r.T("report.list"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.title")}, {Label: r.T("word.kind")}, {Label: r.T("word.status")}, {Label: r.T("report.bare.n"), Num: true}}, Empty: ui.EmptyState{Title: r.T("report.empty")}}
	for _, x := range list {
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: "/reports/" + string(x.ID), Cells: []ui.Cell{{Text: x.Title}, {Text: r.T("report.kind." + x.Kind)}, {Chips: []ui.Chip{chip(r, "report", x.State)}}, {Text: strconv.Itoa(BareOf(x.Text))}}})
	}
	return block{ID: "reports", Title: r.T("report.list"), Hint: r.T("report.list.hint"), Table: t, Links: links}
}

func (s *Service) clueTable(r *web.Request, list []Clue) *ui.Table {
	t := &ui.Table{ID: "l", Caption: r.T("menu.clues"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("word.unit")}, {Label: r.T("clue.line")}, {Label: r.T("word.status")}, {Label: r.T("clue.handed"), Nowrap: true}, {Label: r.T("clue.receipt")}}, Empty: ui.EmptyState{Title: r.T("clue.empty")}}
	for _, c := range list {
		t.Rows = append(t.Rows, ui.Row{ID: string(c.ID), Href: "/clues/" + string(c.ID), Cells: []ui.Cell{{Text: c.No}, {Text: s.Units.Short(c.Unit)}, {Text: r.T("clue.line." + c.Line)}, {Chips: []ui.Chip{chip(r, "clue", c.State)}}, {Text: string(c.Handed)}, {Text: c.Receipt}}})
	}
	return t
}

func (s *Service) clueBlock(r *web.Request, list []Clue, links []ui.Button) block {
	return block{ID: "clues", Title: r.T("menu.clues"), Hint: r.T("clue.hint"), Table: s.clueTable(r, list), Links: links}
}

func (s *Service) issue(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c ImmediateCmd
	var x Immediate
	if err = r.Decode(&c); err == nil {
		x, err = s.Issue(r.Context(), r.Actor, n, c)
	}
	if refused(err) {
		return s.fieldShown(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/visits/" + string(n) + "/field#immediates", Done: "done.immediate.create", API: x}, nil
}

func (s *Service) immediatePage(r *web.Request) (web.Response, error) {
	return s.immediateShown(r, nil)
}

func (s *Service) immediateShown(r *web.Request, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var x Immediate
	err = s.read(r.Context(), func(q db.Q) error {
		if x, err = immediateByID(r.Context(), q, n); err != nil {
			return err
		}
		return s.Policy.Can(r.Actor, "immediate.read", s.object("immediate", x.State, x.Scope, x.Author))
	})
	if err != nil {
		return nil, err
	}
	names, err := s.names(r, x.Signer)
	if err != nil {
		return nil, err
	}
	p := recordPage{Title: x.No, Lead: append([]ui.Chip{chip(r, "immediate", x.State)}, dueChip(r, x.Due, r.Today(), x.State != ImmediateClosed)...), ShowTrail: true}
	b := block{Title: r.T("immediate.title"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("immediate.text"), Text: x.Text, Wide: true, Verbatim: true}, {Label: r.T("word.unit"), Text: s.Units.Name(x.Unit)}, {Label: r.T("immediate.issued"), Text: string(x.Issued)}, {Label: r.T("immediate.due"), Text: string(x.Due)},
		{Label: r.T("immediate.signed"), Text: names[x.Signer], Sub: string(x.Signed)}, {Label: r.T("immediate.reply"), Text: x.Reply, Wide: true}, {Label: r.T("word.reason"), Text: x.Reason, Wide: true}, {Label: r.T("immediate.closed"), Text: string(x.Closed)}}}}
	doable := s.steps(r, ImmediateFlow, x.State, x.Scope, x.Author)
	for _, do := range doable {
		b.Forms = append(b.Forms, stepForm(r, "immediate", do, "/immediates/"+string(n), x.Rev, do == "report" || do == "return", failed))
	}
	p.Blocks = []block{b}
	if p.Trail, err = s.trail(r, "fieldwork_immediate", n); err != nil {
		return nil, err
	}
	return web.Page{Name: "fieldwork/record", Crumbs: crumbs(r, s.Units.Short(x.Unit), "", x.No, ""), Data: p, API: map[string]any{"immediate": x, "may": doable}, Err: failed, Mark: true}, nil
}

func (s *Service) stepImmediate(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c StepCmd
		var x Immediate
		if err = r.Decode(&c); err == nil {
			x, err = s.StepImmediate(r.Context(), r.Actor, n, do, c)
		}
		if refused(err) {
			return s.immediateShown(r, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/immediates/" + string(n), Done: "done.immediate." + do, API: x}, nil
	}
}

func (s *Service) procedurePage(r *web.Request) (web.Response, error) {
	return s.procedureShown(r, nil)
}

// procedureShown lists what the rules want recorded of a visit: what is there,
// what is missing, with the rule that asks for it.
func (s *Service) procedureShown(r *web.Request, failed error) (web.Response, error) {
	v, x, err := s.visitOf(r, "act.read")
	if err != nil {
		return nil, err
	}
	var acts []Act
	if err = s.read(r.Context(), func(q db.Q) error { acts, err = ActsOf(r.Context(), q, v.ID); return err }); err != nil {
		return nil, err
	}
	miss := Lacking(x.KindOf(v), v, acts, s.Dual(v))
	t := &ui.Table{ID: "a", Caption: r.T("procedure.title"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("procedure.step")}, {Label: r.T("period.rule"), Nowrap: true}, {Label: r.T("word.status")}, {Label: r.T("act.on"), Nowrap: true}, {Label: r.T("act.body")}, {Label: r.T("act.text")}, {Label: r.T("act.due"), Nowrap: true}}}
	var forms []ui.Form
	for _, k := range append(kindsFor(x.KindOf(v)), ActKind{Key: KindWaive}) {
		found := false
		for _, a := range acts {
			if a.Kind != k.Key {
				continue
			}
			found = true
			body := a.Body
			if a.Kind == KindEnquiry {
				body = r.T("act.body." + a.Body)
			} else if a.Kind == KindWaive {
				body = r.T("act.kind." + a.Body)
			}
			text := a.Text
			if a.Answer != "" {
				text = strings.TrimPrefix(text+"\n"+r.T("act.answer")+"："+a.Answer, "\n")
			}
			due := string(a.Due)
			if a.Until != "" {
				due = r.T("act.until") + " " + string(a.Until)
			}
			t.Rows = append(t.Rows, ui.Row{ID: string(a.ID), Cells: []ui.Cell{{Text: r.T("act.kind." + a.Kind), Sub: a.Document}, {Text: k.Rule}, {Chips: append([]ui.Chip{chip(r, "act", a.State)}, dueChip(r, a.Due, r.Today(), a.State == ActAsked)...)}, {Text: string(a.On)}, {Text: body}, {Text: text, Clamp: true}, {Text: due}}})
			for _, do := range s.steps(r, ActFlow, a.State, a.Scope, a.Author) {
				if do == "answer" {
					f := stepForm(r, "act", do, "/acts/"+string(a.ID), a.Rev, true, failed)
					f.ID = "answer-" + a.ID.Short()
					f.Sets[0].Legend = r.T("act.kind."+a.Kind) + " · " + body
					forms = append(forms, f)
				}
			}
		}
		if found && k.Key != KindEnquiry {
			continue
		}
		for _, m := range miss {
			if m.Kind == k.Key {
				body := ""
				if m.Body != "" {
					body = r.T("act.body." + m.Body)
				}
				t.Rows = append(t.Rows, ui.Row{ID: m.Kind + m.Body, Cells: []ui.Cell{{Text: r.T("act.kind." + m.Kind)}, {Text: m.Rule}, {Chips: []ui.Chip{{Class: "late", Word: r.T("procedure.missing")}}}, {}, {Text: body}, {}, {}}})
			}
		}
	}
	p := recordPage{Title: r.T("procedure.title") + " · " + s.Units.Short(v.Unit), Lead: []ui.Chip{{Class: "run", Word: r.T("visit.state." + v.State)}}}
	if len(miss) > 0 {
		p.Lead = append(p.Lead, ui.Chip{Class: "late", Word: r.T("procedure.missing.n", len(miss))})
	}
	p.Blocks = append(p.Blocks, block{Title: r.T("procedure.title"), Hint: r.T("procedure.hint"), Table: t, Forms: forms})
	if b := exemptBlock(r, x.KindOf(v)); b.Table != nil {
		p.Blocks = append(p.Blocks, b)
	}
	if s.canVisit(r.Actor, "act.create", v) {
		for _, a := range acts {
			if (a.Kind == KindNotice || a.Kind == KindAuditNotice) && a.State == ActRecorded {
				p.Actions = append(p.Actions, ui.Button{Label: r.T(map[bool]string{true: "audit_notice.docx", false: "notice.docx"}[a.Kind == KindAuditNotice]), Href: "/visits/" + string(v.ID) + "/notice.docx"})
				break
			}
		}
		p.Blocks = append(p.Blocks, s.actForm(r, v, x, failed))
		if b := s.voidBlock(r, acts); len(b.Forms) > 0 {
			p.Blocks = append(p.Blocks, b)
		}
	}
	return web.Page{Name: "fieldwork/record", Crumbs: s.visitCrumbs(r, scopeOf(v), r.T("procedure.title")), Data: p, Err: failed, Mark: true, API: map[string]any{"acts": acts, "lacking": miss}}, nil
}

// exemptBlock lists the records of an inspection that a kind of round does not want,
// with the reason that the rule file gives.
func exemptBlock(r *web.Request, kind string) block {
	own := TheBook().KindRule(kind)
	if len(own.Without) == 0 {
		return block{}
	}
	t := &ui.Table{ID: "exempt", Caption: r.T("procedure.exempt"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("procedure.step")}, {Label: r.T("procedure.exempt.why")}, {Label: r.T("period.source")}, {Label: r.T("period.evidence"), Hint: r.T("period.evidence.hint"), Nowrap: true}}}
	for _, x := range own.Without {
		words := make([]string, len(x.Records))
		for n, key := range x.Records {
			words[n] = r.T("act.kind." + key)
		}
		t.Rows = append(t.Rows, ui.Row{ID: x.Why, Cells: []ui.Cell{{Text: strings.Join(words, "、")}, {Text: r.T("rules.why." + x.Why)}, {Text: own.Document}, {Text: own.Evidence}}})
	}
	return block{ID: "exempt", Title: r.T("procedure.exempt"), Hint: r.T("procedure.exempt.hint", r.T("round.kind."+kind)), Table: t}
}

func (s *Service) actForm(r *web.Request, v inspection.Visit, x inspection.Round, failed error) block {
	bad := r.Problems(failed)
	here := strings.HasSuffix(r.URL.Path, "/procedure")
	val := func(name, fallback string) string {
		if here && failed != nil {
			return r.PostFormValue(name)
		}
		return fallback
	}
	kinds := []ui.Option{{Label: r.T("form.choose")}}
	for _, k := range kindsFor(x.KindOf(v)) {
		kinds = append(kinds, ui.Option{Value: k.Key, Label: r.T("act.kind."+k.Key) + "（" + k.Rule + "）"})
	}
	kinds = append(kinds, ui.Option{Value: KindWaive, Label: r.T("act.kind.waive")})
	bodies := []ui.Option{}
	for _, b := range Bodies() {
		bodies = append(bodies, ui.Option{Value: b, Label: r.T("act.body." + b)})
	}
	own := TheBook().KindRule(x.KindOf(v))
	for _, k := range kindsFor(own.Key) {
		if k.Required && !own.exempts(k.Key) {
			bodies = append(bodies, ui.Option{Value: k.Key, Label: r.T("act.kind.waive") + "：" + r.T("act.kind."+k.Key)})
		}
	}
	end := x.End
	if v.Exit != "" {
		end = v.Exit
	}
	return block{ID: "record", Title: r.T("procedure.record"), Forms: []ui.Form{{ID: "act", Action: "/visits/" + string(v.ID) + "/procedure", Buttons: []ui.Button{{Label: r.T("procedure.do"), Kind: "primary"}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "kind", Label: r.T("procedure.step"), Kind: ui.FieldSelect, Options: kinds, Value: val("kind", r.Param("kind")), Error: bad["kind"]},
		{Name: "on", Label: r.T("act.on"), Kind: ui.FieldDate, Value: val("on", string(r.Today())), Error: bad["on"]},
		{Name: "body", Label: r.T("act.body"), Hint: r.T("act.body.hint"), Kind: ui.FieldPicker, Options: bodies, Value: val("body", ""), Optional: true, Error: bad["body"]},
		{Name: "document", Label: r.T("act.document"), Value: val("document", ""), Optional: true, Error: bad["document"]},
		{Name: "until", Label: r.T("act.until"), Hint: r.T("act.until.hint", string(end)), Kind: ui.FieldDate, Value: val("until", ""), Optional: true, Error: bad["until"]},
		{Name: "text", Label: r.T("act.text"), Kind: ui.FieldArea, Rows: 3, Value: val("text", ""), Optional: true, Error: bad["text"], Wide: true, MaxLen: maxNote}}}}}}}
}

// voidBlock offers to strike a wrong record.
func (s *Service) voidBlock(r *web.Request, acts []Act) block {
	b := block{Title: r.T("act.strike"), Hint: r.T("act.strike.hint")}
	for _, a := range acts {
		if s.Policy.Can(r.Actor, "act.void", s.object("act", a.State, a.Scope, a.Author)) != nil {
			continue
		}
		f := stepForm(r, "act", "void", "/acts/"+string(a.ID), a.Rev, true, nil)
		f.ID = "void-" + a.ID.Short()
		f.Sets[0].Fields[0].Rows = 1
		f.Sets[0].Legend = r.T("act.kind."+a.Kind) + " · " + string(a.On)
		b.Forms = append(b.Forms, f)
	}
	return b
}

func (s *Service) record(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c ActCmd
	var a Act
	if err = r.Decode(&c); err == nil {
		for _, b := range append(Bodies(), kindKeys()...) { // the words of the list are taken too
			if c.Body == r.T("act.body."+b) || c.Body == r.T("act.kind.waive")+"："+r.T("act.kind."+b) {
				c.Body = b
			}
		}
		a, err = s.Record(r.Context(), r.Actor, n, c)
	}
	if refused(err) {
		return s.procedureShown(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/visits/" + string(n) + "/procedure", Done: "done.act.create", API: a}, nil
}

func kindKeys() []string {
	var out []string
	for _, k := range ActKinds() {
		out = append(out, k.Key)
	}
	return out
}

func (s *Service) stepAct(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c StepCmd
		var x Act
		if err = r.Decode(&c); err == nil {
			x, err = s.StepAct(r.Context(), r.Actor, n, do, c)
		}
		if err != nil {
			return nil, err
		}
		to := "/visits/" + string(x.Visit) + "/procedure"
		if x.Visit == "" {
			to = "/rounds/" + string(x.Round) + "/prepare"
		}
		return web.Redirect{To: to, Done: "done.act." + do, API: x}, nil
	}
}

func (s *Service) checksPage(r *web.Request) (web.Response, error) { return s.checksShown(r, nil) }

// checksShown are the questions of a checklist with what the team found.
func (s *Service) checksShown(r *web.Request, failed error) (web.Response, error) {
	v, _, err := s.visitOf(r, "field.read")
	if err != nil {
		return nil, err
	}
	n, err := r.ID("list")
	if err != nil {
		return nil, err
	}
	var l Checklist
	var answers []Answer
	var papers []Paper
	err = s.read(r.Context(), func(q db.Q) error {
		if l, err = checklistByID(r.Context(), q, n); err != nil {
			return err
		}
		if answers, err = answersOf(r.Context(), q, v.ID); err != nil {
			return err
		}
		papers, err = s.papers(r.Context(), q, r.Actor, v.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	may := s.canVisit(r.Actor, "answer.edit", v) && (v.State == inspection.VisitOnSite || v.State == inspection.VisitLeft) && l.State == ChecklistPublished
	opts := []ui.Option{{Label: r.T("answer.no_paper")}}
	nos := map[id.ID]string{}
	for _, p := range papers {
		opts = append(opts, ui.Option{Value: string(p.ID), Label: p.No + " " + p.Title})
		nos[p.ID] = p.No
	}
	bad := r.Problems(failed)
	page := recordPage{Title: l.Theme + " · " + s.Units.Short(v.Unit), Lead: []ui.Chip{chip(r, "checklist", l.State)}}
	for _, c := range l.Checks {
		b := block{ID: "q" + strconv.Itoa(c.No), Title: strconv.Itoa(c.No) + ". " + c.Text, Hint: c.Basis}
		a := Answer{}
		if i := slices.IndexFunc(answers, func(a Answer) bool { return a.Check == c.ID }); i >= 0 {
			a = answers[i]
			fact := ui.Fact{Label: r.T("checklist.answered"), Text: a.Note, Chips: []ui.Chip{chip(r, "result", a.Result)}}
			b.Facts.Items = append(b.Facts.Items, fact)
			if a.Paper != "" && nos[a.Paper] != "" {
				b.Facts.Items = append(b.Facts.Items, ui.Fact{Label: r.T("kind.paper"), Text: r.T("paper.ref", nos[a.Paper]), Href: "/papers/" + string(a.Paper)})
			}
		}
		if may {
			e := map[string]string{}
			if r.PostFormValue("check") == string(c.ID) {
				e = bad
				a.Result, a.Note = r.PostFormValue("result"), r.PostFormValue("note")
			}
			b.Forms = []ui.Form{{ID: "c" + strconv.Itoa(c.No), Action: "/visits/" + string(v.ID) + "/checks/" + string(l.ID), Hidden: []ui.Pair{{Name: "check", Value: string(c.ID)}}, Buttons: []ui.Button{{Label: r.T("act.save")}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
				{Name: "result", Label: r.T("checklist.result"), Kind: ui.FieldRadio, Options: options(r, "result.", Results(), false), Value: a.Result, Error: e["result"]},
				{Name: "paper", Label: r.T("kind.paper"), Kind: ui.FieldSelect, Options: opts, Value: string(a.Paper), Optional: true, Error: e["paper"]},
				{Name: "note", Label: r.T("answer.note"), Value: a.Note, Optional: true, Wide: true, Error: e["note"], MaxLen: maxNote}}}}}}
		}
		page.Blocks = append(page.Blocks, b)
	}
	return web.Page{Name: "fieldwork/record", Crumbs: s.visitCrumbs(r, scopeOf(v), l.Theme), Data: page, Err: failed, API: map[string]any{"checklist": l, "answers": answers}}, nil
}

func (s *Service) answerCheck(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c AnswerCmd
	if err = r.Decode(&c); err == nil {
		err = s.AnswerCheck(r.Context(), r.Actor, n, c)
	}
	if refused(err) {
		return s.checksShown(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/visits/" + string(n) + "/checks/" + r.PathValue("list"), Done: "done.answer.edit"}, nil
}
