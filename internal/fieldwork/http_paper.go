package fieldwork

import (
	"cmp"
	"strconv"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/document"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) paperTable(r *web.Request, list []Paper) ui.Table {
	t := ui.Table{ID: "w", Caption: r.T("paper.list"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.no"), Num: true}, {Label: r.T("word.title")}, {Label: r.T("word.kind")}, {Label: r.T("paper.level")}, {Label: r.T("paper.on"), Nowrap: true}, {Label: r.T("word.status")}}, Empty: ui.EmptyState{Title: r.T("paper.empty")}}
	for _, x := range list {
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: "/papers/" + string(x.ID), Cells: []ui.Cell{{Text: x.No}, {Text: x.Title, Clamp: true}, {Text: r.T("paper.kind." + x.Kind)}, {Chips: []ui.Chip{chip(r, "secrecy", x.Secrecy)}}, {Text: string(x.On)}, {Chips: []ui.Chip{chip(r, "paper", x.State)}}}})
	}
	return t
}

func (s *Service) paperForm(r *web.Request, v inspection.Visit, action, back string, c PaperCmd, failed error) (ui.Form, error) {
	bad := r.Problems(failed)
	fs, _, err := s.Inspect.ListFindings(r.Context(), r.Actor, page.Query{Size: 100, Filter: map[string][]string{"visit": {string(v.ID)}}})
	if err != nil {
		return ui.Form{}, err
	}
	var opts []ui.Option
	for _, f := range fs {
		opts = append(opts, ui.Option{Value: string(f.ID), Label: f.No + " " + f.Title})
	}
	var chosen []string
	for _, n := range c.Findings {
		chosen = append(chosen, string(n))
	}
	e := ""
	if f, ok := fault.Of(failed); ok && len(f.Fields) == 0 {
		e = r.Explain(f)
	}
	form := ui.Form{Action: action, Sensitive: true, Multipart: true, Cancel: ui.Link{Label: r.T("act.cancel"), Href: back}, Buttons: []ui.Button{{Label: r.T("act.save_draft"), Kind: "primary"}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "kind", Label: r.T("word.kind"), Kind: ui.FieldSelect, Options: options(r, "paper.kind.", PaperKinds(), false), Value: cmp.Or(c.Kind, "interview"), Error: bad["kind"]},
		{Name: "secrecy", Label: r.T("paper.level"), Hint: r.T("paper.level.hint"), Kind: ui.FieldRadio, Options: options(r, "secrecy.", Secrecies(), false), Value: cmp.Or(c.Secrecy, Internal), Error: bad["secrecy"]},
		{Name: "title", Label: r.T("word.title"), Value: c.Title, Error: bad["title"], Wide: true, MaxLen: maxLine},
		{Name: "on", Label: r.T("paper.on"), Kind: ui.FieldDate, Value: string(cmp.Or(c.On, r.Today())), Error: bad["on"]},
		{Name: "place", Label: r.T("paper.place"), Value: c.Place, Optional: true, Error: bad["place"], MaxLen: maxLine},
		{Name: "persons", Label: r.T("paper.persons"), Value: c.Persons, Optional: true, Error: bad["persons"], Wide: true, MaxLen: maxNote},
		{Name: "text", Label: r.T("paper.text"), Kind: ui.FieldArea, Rows: 12, Value: c.Text, Error: bad["text"], Wide: true, MaxLen: maxText},
		{Name: "files", Label: r.T("paper.files"), Kind: ui.FieldFile, Multiple: true, Capture: false, Accept: accepted, Optional: true, Wide: true, Error: e, Hint: r.T("request.files.hint", maxFiles, document.MaxFile>>20)}}}}}
	if len(opts) > 0 {
		form.Sets = append(form.Sets, ui.Fieldset{Legend: r.T("paper.bears"), Hint: r.T("paper.bears.hint"), Fields: []ui.Field{{Name: "findings", Label: r.T("menu.findings"), Kind: ui.FieldChecks, Options: opts, Values: chosen, Optional: true, Error: bad["findings"], Wide: true}}})
	}
	if c.Rev > 0 {
		form.Rev, form.Buttons[0].Label = rev(c.Rev), r.T("act.save")
	}
	return form, nil
}

func (s *Service) newPaperPage(r *web.Request) (web.Response, error) {
	return s.paperNew(r, PaperCmd{}, nil)
}

func (s *Service) paperNew(r *web.Request, c PaperCmd, failed error) (web.Response, error) {
	v, _, err := s.visitOf(r, "paper.create")
	if err != nil {
		return nil, err
	}
	base := "/visits/" + string(v.ID)
	f, err := s.paperForm(r, v, base+"/papers", base+"/field", c, failed)
	if err != nil {
		return nil, err
	}
	return web.Page{Name: "fieldwork/form", Crumbs: s.visitCrumbs(r, scopeOf(v), r.T("paper.do.create")), Data: formPage{r.T("paper.do.create") + " · " + s.Units.Short(v.Unit), f}, Err: failed}, nil
}

func (s *Service) addPaper(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c PaperCmd
	var x Paper
	if err = r.Decode(&c); err == nil {
		var in []FileIn
		var done func()
		if in, done, err = files(r, "files"); err == nil {
			defer done()
			x, err = s.AddPaper(r.Context(), r.Actor, n, c, in)
		}
	}
	if refused(err) {
		return s.paperNew(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/papers/" + string(x.ID), Done: "done.paper.create", API: x}, nil
}

// paperOf loads the paper of the address.
func (s *Service) paperOf(r *web.Request, action string) (x Paper, fs []File, err error) {
	n, err := r.ID("id")
	if err != nil {
		return x, nil, err
	}
	return x, fs, s.read(r.Context(), func(q db.Q) error {
		if x, err = s.paper(r.Context(), q, r.Actor, n, action); err != nil {
			return err
		}
		fs, err = filesOf(r.Context(), q, n)
		return err
	})
}

func (s *Service) paperPage(r *web.Request) (web.Response, error) { return s.paperShown(r, nil) }

func (s *Service) paperShown(r *web.Request, failed error) (web.Response, error) {
	x, fs, err := s.paperOf(r, "paper.read")
	if err != nil {
		return nil, err
	}
	names, err := s.names(r, x.Author, x.Reviewer)
	if err != nil {
		return nil, err
	}
	base := "/papers/" + string(x.ID)
	p := recordPage{Title: r.T("paper.ref", x.No) + " " + x.Title, Lead: []ui.Chip{chip(r, "paper", x.State), chip(r, "secrecy", x.Secrecy)}, ShowTrail: true, Actions: []ui.Button{{Label: r.T("paper.docx"), Href: base + "/docx"}}}
	if s.Policy.Can(r.Actor, "paper.edit", s.paperObject(x, "paper.edit")) == nil {
		p.Actions = append([]ui.Button{{Label: r.T("act.edit"), Href: base + "/edit", Key: "e"}}, p.Actions...)
	}
	b := block{Title: r.T("kind.paper"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("word.unit"), Text: s.Units.Name(x.Unit)}, {Label: r.T("word.kind"), Text: r.T("paper.kind." + x.Kind)}, {Label: r.T("paper.on"), Text: string(x.On)}, {Label: r.T("paper.place"), Text: x.Place}, {Label: r.T("paper.persons"), Text: x.Persons},
		{Label: r.T("paper.author"), Text: names[x.Author]}, {Label: r.T("paper.reviewer"), Text: names[x.Reviewer]}, {Label: r.T("paper.text"), Text: x.Text, Wide: true, Verbatim: true}}}}
	if x.Reason != "" {
		b.Facts.Items = append(b.Facts.Items, ui.Fact{Label: r.T("word.reason"), Text: x.Reason, Wide: true})
	}
	b.Facts.Items = append(b.Facts.Items, fileFacts(r, fs).Items...)
	p.Blocks = append(p.Blocks, b)
	if len(x.Findings) > 0 {
		fb := block{Title: r.T("paper.bears")}
		for _, n := range x.Findings {
			f, err := s.Inspect.Finding(r.Context(), r.Actor, n)
			if fault.Is(err, fault.KindNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			fb.Facts.Items = append(fb.Facts.Items, ui.Fact{Label: f.No, Text: f.Title, Href: "/findings/" + string(f.ID), Wide: true})
		}
		p.Blocks = append(p.Blocks, fb)
	}
	next := block{Title: r.T("finding.next")}
	doable := s.steps(r, PaperFlow, x.State, x.Scope, x.Author)
	for _, do := range doable {
		next.Forms = append(next.Forms, stepForm(r, "paper", do, base, x.Rev, do == "return", failed))
	}
	if len(next.Forms) > 0 {
		p.Blocks = append(p.Blocks, next)
	}
	if p.Trail, err = s.trail(r, "fieldwork_paper", x.ID); err != nil {
		return nil, err
	}
	return web.Page{Name: "fieldwork/record", Crumbs: s.visitCrumbs(r, x.Scope, r.T("paper.ref", x.No)), Data: p, API: map[string]any{"paper": x, "files": fs, "may": doable}, Err: failed, Mark: true}, nil
}

func (s *Service) editPaperPage(r *web.Request) (web.Response, error) {
	x, _, err := s.paperOf(r, "paper.edit")
	if err != nil {
		return nil, err
	}
	return s.paperEdit(r, x, paperCmd(x), nil)
}

func paperCmd(x Paper) PaperCmd {
	return PaperCmd{x.Kind, x.Title, x.Secrecy, x.On, x.Place, x.Persons, x.Text, x.Findings, x.Rev}
}

func (s *Service) paperEdit(r *web.Request, x Paper, c PaperCmd, failed error) (web.Response, error) {
	base := "/papers/" + string(x.ID)
	var lines []ui.DiffLine
	if fault.Is(failed, fault.KindConflict) {
		was := x
		if _, err := s.Log.Before(r.Context(), "fieldwork_paper", x.ID, c.Rev, &was); err != nil {
			return nil, err
		}
		shown := func(c PaperCmd) []string {
			return []string{r.Word("paper.kind."+c.Kind, c.Kind), r.Word("secrecy."+c.Secrecy, c.Secrecy), c.Title, string(c.On), c.Place, c.Persons, c.Text}
		}
		lines = inspection.Diff(labels(r, "word.kind", "paper.level", "word.title", "paper.on", "paper.place", "paper.persons", "paper.text"), shown(paperCmd(was)), shown(paperCmd(x)), shown(c))
		c.Rev = x.Rev
	}
	var form ui.Form
	err := s.read(r.Context(), func(q db.Q) error {
		v, err := inspection.VisitByID(r.Context(), q, x.Visit)
		if err != nil {
			return err
		}
		wrong := failed
		if lines != nil {
			wrong = nil
		}
		form, err = s.paperForm(r, v, base, base, c, wrong)
		return err
	})
	if err != nil {
		return nil, err
	}
	if lines != nil {
		return s.conflict(r, "fieldwork_paper", x.ID, lines, form, base, failed)
	}
	return web.Page{Name: "fieldwork/form", Crumbs: s.visitCrumbs(r, x.Scope, r.T("paper.ref", x.No)), Data: formPage{r.T("paper.ref", x.No), form}, Err: failed}, nil
}

func (s *Service) editPaper(r *web.Request) (web.Response, error) {
	x, _, err := s.paperOf(r, "paper.edit")
	if err != nil {
		return nil, err
	}
	var c PaperCmd
	if err = r.Decode(&c); err == nil {
		var in []FileIn
		var done func()
		if in, done, err = files(r, "files"); err == nil {
			defer done()
			_, err = s.EditPaper(r.Context(), r.Actor, x.ID, c, in)
		}
	}
	if refused(err) {
		return s.paperEdit(r, x, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/papers/" + string(x.ID), Done: "done.paper.edit"}, nil
}

func (s *Service) stepPaper(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c StepCmd
		var x Paper
		if err = r.Decode(&c); err == nil {
			x, err = s.StepPaper(r.Context(), r.Actor, n, do, c)
		}
		if refused(err) {
			return s.paperShown(r, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/papers/" + string(n), Done: "done.paper." + do, API: x}, nil
	}
}

func (s *Service) reportForm(r *web.Request, action, back string, c ReportCmd, kind bool, failed error) ui.Form {
	bad := r.Problems(failed)
	f := ui.Form{Action: action, Sensitive: true, Cancel: ui.Link{Label: r.T("act.cancel"), Href: back}, Buttons: []ui.Button{{Label: r.T("act.save_draft"), Kind: "primary"}}, Note: r.T("report.form.hint"), Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "title", Label: r.T("word.title"), Value: c.Title, Error: bad["title"], Wide: true, MaxLen: maxLine},
		{Name: "text", Label: r.T("report.body"), Hint: r.T("report.text.hint"), Kind: ui.FieldArea, Rows: 20, Value: c.Text, Error: bad["text"], Wide: true, MaxLen: maxLong}}}}}
	k := ui.Field{Name: "kind", Label: r.T("word.kind"), Kind: ui.FieldRadio, Options: options(r, "report.kind.", ReportKinds(), false), Value: cmp.Or(c.Kind, ReportInspection), Error: bad["kind"]}
	if kind {
		f.Sets[0].Fields = append([]ui.Field{k}, f.Sets[0].Fields...)
	} else {
		f.Hidden = []ui.Pair{{Name: "kind", Value: c.Kind}}
	}
	if c.Rev > 0 {
		f.Rev, f.Buttons[0].Label = rev(c.Rev), r.T("act.save")
	}
	return f
}

func (s *Service) newReportPage(r *web.Request) (web.Response, error) {
	return s.reportNew(r, ReportCmd{}, nil)
}

// reportNew starts a report with the confirmed findings of the visit, each with
// the papers that bear it.
func (s *Service) reportNew(r *web.Request, c ReportCmd, failed error) (web.Response, error) {
	v, x, err := s.visitOf(r, "report.create")
	if err != nil {
		return nil, err
	}
	if failed == nil {
		c.Title = r.T("report.title.default", x.Name, s.Units.Name(v.Unit))
		if c.Text, err = s.skeleton(r, v); err != nil {
			return nil, err
		}
	}
	base := "/visits/" + string(v.ID)
	return web.Page{Name: "fieldwork/form", Crumbs: s.visitCrumbs(r, scopeOf(v), r.T("report.do.create")), Data: formPage{r.T("report.do.create") + " · " + s.Units.Short(v.Unit), s.reportForm(r, base+"/reports", base+"/field", c, true, failed)}, Err: failed}, nil
}

func (s *Service) skeleton(r *web.Request, v inspection.Visit) (string, error) {
	fs, _, err := s.Inspect.ListFindings(r.Context(), r.Actor, page.Query{Size: 100, Filter: map[string][]string{"visit": {string(v.ID)}}})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	heads := []string{"一", "二", "三", "四"}
	n := 0
	err = s.read(r.Context(), func(q db.Q) error {
		for _, cat := range inspection.Categories() {
			first := true
			for i := len(fs) - 1; i >= 0; i-- {
				f := fs[i]
				if f.Category != cat {
					continue
				}
				if first {
					b.WriteString(heads[n] + "、" + r.T("finding.category."+cat) + "\n")
					n++
					first = false
				}
				papers, err := s.papersOf(r.Context(), q, f.ID)
				if err != nil {
					return err
				}
				ref := ""
				for _, p := range papers {
					ref += map[bool]string{true: "、", false: ""}[ref != ""] + p.No
				}
				if ref != "" {
					ref = "〔底稿" + ref + "〕"
				}
				b.WriteString(strings.TrimRight(f.Title, "。") + "。" + ref + "\n")
				for _, line := range strings.FieldsFunc(f.Fact, func(r rune) bool { return r == '。' || r == '\n' }) {
					if line = strings.TrimSpace(line); line != "" {
						b.WriteString(line + "。" + ref)
					}
				}
				b.WriteString("\n")
			}
		}
		return nil
	})
	return b.String(), err
}

func (s *Service) addReport(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c ReportCmd
	var x Report
	if err = r.Decode(&c); err == nil {
		x, err = s.SaveReport(r.Context(), r.Actor, n, "", c)
	}
	if refused(err) {
		return s.reportNew(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/reports/" + string(x.ID), Done: "done.report.create", API: x}, nil
}

// reportOf loads the report of the address.
func (s *Service) reportOf(r *web.Request, action string) (x Report, err error) {
	n, err := r.ID("id")
	if err != nil {
		return x, err
	}
	return x, s.read(r.Context(), func(q db.Q) error { x, err = s.report(r.Context(), q, r.Actor, n, action); return err })
}

func (s *Service) reportPage(r *web.Request) (web.Response, error) { return s.reportShown(r, nil) }

// reportShown sets the report sentence by sentence, each with links to the papers
// that bear it; sentences without one are marked.
func (s *Service) reportShown(r *web.Request, failed error) (web.Response, error) {
	x, err := s.reportOf(r, "report.read")
	if err != nil {
		return nil, err
	}
	var nos map[string]id.ID
	may := map[id.ID]bool{}
	err = s.read(r.Context(), func(q db.Q) error {
		if nos, err = s.paperNos(r.Context(), q, x.Visit); err != nil {
			return err
		}
		papers, err := s.papers(r.Context(), q, r.Actor, x.Visit)
		for _, p := range papers {
			may[p.ID] = true
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	sentences := Sentences(x.Text)
	b := block{Title: r.T("report.body")}
	total, bare := 0, 0
	for _, st := range sentences {
		v := shownSentence{Text: st.Text, Heading: st.Heading, Start: st.Start, Bare: st.Bare()}
		if !st.Heading {
			total++
		}
		if st.Bare() {
			bare++
		}
		for _, n := range st.Refs {
			l := ui.Link{Label: r.T("paper.ref", n)}
			if may[nos[n]] {
				l.Href = "/papers/" + string(nos[n])
			}
			v.Papers = append(v.Papers, l)
		}
		b.Sentences = append(b.Sentences, v)
	}
	base := "/reports/" + string(x.ID)
	p := recordPage{Title: x.Title, Lead: []ui.Chip{chip(r, "report", x.State), {Class: "run", Word: r.T("report.kind." + x.Kind)}}, ShowTrail: true, Actions: []ui.Button{{Label: r.T("report.docx"), Href: base + "/docx"}}}
	if s.Policy.Can(r.Actor, "report.edit", s.object("report", x.State, x.Scope, x.Author)) == nil {
		p.Actions = append([]ui.Button{{Label: r.T("act.edit"), Href: base + "/edit", Key: "e"}}, p.Actions...)
	}
	facts := block{Title: r.T("report.borne"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("report.sentences"), Text: strconv.Itoa(total)}, {Label: r.T("report.borne.n"), Text: strconv.Itoa(total - bare)}, {Label: r.T("report.bare.n"), Text: strconv.Itoa(bare)}}}}
	if bare > 0 {
		facts.Facts.Items[2].Chips = []ui.Chip{{Class: "late", Word: r.T("report.bare")}}
	}
	if x.Reason != "" {
		facts.Facts.Items = append(facts.Facts.Items, ui.Fact{Label: r.T("word.reason"), Text: x.Reason, Wide: true})
	}
	next := block{Title: r.T("finding.next")}
	doable := s.steps(r, ReportFlow, x.State, x.Scope, x.Author)
	for _, do := range doable {
		next.Forms = append(next.Forms, stepForm(r, "report", do, base, x.Rev, do == "return" || do == "submit" && bare > 0, failed))
	}
	p.Blocks = append(p.Blocks, facts, b)
	if len(next.Forms) > 0 {
		p.Blocks = append(p.Blocks, next)
	}
	if p.Trail, err = s.trail(r, "fieldwork_report", x.ID); err != nil {
		return nil, err
	}
	return web.Page{Name: "fieldwork/record", Crumbs: s.visitCrumbs(r, x.Scope, r.T("report.kind."+x.Kind)), Data: p, API: map[string]any{"report": x, "sentences": sentences, "bare": bare, "may": doable}, Err: failed, Mark: true}, nil
}

func (s *Service) editReportPage(r *web.Request) (web.Response, error) {
	x, err := s.reportOf(r, "report.edit")
	if err != nil {
		return nil, err
	}
	return s.reportEdit(r, x, ReportCmd{x.Kind, x.Title, x.Text, x.Rev}, nil)
}

func (s *Service) reportEdit(r *web.Request, x Report, c ReportCmd, failed error) (web.Response, error) {
	base := "/reports/" + string(x.ID)
	if fault.Is(failed, fault.KindConflict) {
		was := x
		if _, err := s.Log.Before(r.Context(), "fieldwork_report", x.ID, c.Rev, &was); err != nil {
			return nil, err
		}
		lines := inspection.Diff(labels(r, "word.title", "report.body"), []string{was.Title, was.Text}, []string{x.Title, x.Text}, []string{c.Title, c.Text})
		c.Rev = x.Rev
		return s.conflict(r, "fieldwork_report", x.ID, lines, s.reportForm(r, base, base, c, false, nil), base, failed)
	}
	return web.Page{Name: "fieldwork/form", Crumbs: s.visitCrumbs(r, x.Scope, x.Title), Data: formPage{x.Title, s.reportForm(r, base, base, c, false, failed)}, Err: failed}, nil
}

func (s *Service) editReport(r *web.Request) (web.Response, error) {
	x, err := s.reportOf(r, "report.edit")
	if err != nil {
		return nil, err
	}
	var c ReportCmd
	if err = r.Decode(&c); err == nil {
		c.Kind = x.Kind
		_, err = s.SaveReport(r.Context(), r.Actor, x.Visit, x.ID, c)
	}
	if refused(err) {
		return s.reportEdit(r, x, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/reports/" + string(x.ID), Done: "done.report.edit"}, nil
}

func (s *Service) stepReport(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c StepCmd
		var x Report
		if err = r.Decode(&c); err == nil {
			x, err = s.StepReport(r.Context(), r.Actor, n, do, c)
		}
		if refused(err) {
			return s.reportShown(r, err)
		}
		if err != nil {
			return nil, err
		}
		to := "/reports/" + string(n)
		if s.Policy.Can(r.Actor, "report.read", s.object("report", x.State, x.Scope, x.Author)) != nil {
			to = "/visits/" + string(x.Visit) + "/field" // given back: a draft is its team's alone
		}
		return web.Redirect{To: to, Done: "done.report." + do, API: x}, nil
	}
}
