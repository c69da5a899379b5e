package contact

import (
	"strconv"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) crossRoutes() []web.Route {
	out := []web.Route{
		{Method: "GET", Path: "/crosschecks", Action: "crosscheck.read", Do: s.getCrosschecks},
		{Method: "POST", Path: "/crosschecks/run", Action: "crosscheck.run", Do: s.postRun},
		{Method: "GET", Path: "/crosschecks/{id}", Action: "crosscheck.read", Do: s.getCrosscheck},
	}
	for _, do := range crossSteps {
		out = append(out, web.Route{Method: "POST", Path: "/crosschecks/{id}/" + do, Action: "crosscheck." + do, In: CrossCmd{}, Do: s.postCross(do)})
	}
	return out
}

func crossChip(r *web.Request, state string) ui.Chip {
	class := map[string]string{NotDue: "off", OneSided: "wait", Matched: "ok", Contradicted: "late", Queried: "run", Replied: "wait", Settled: "ok"}[state]
	return ui.Chip{Class: class, Word: r.T("crosscheck.state." + state)}
}

type crossListPage struct{ Table ui.Table }

func (s *Service) getCrosschecks(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	state := OneSided
	if has(CrosscheckFlow.States(), q.View) || q.View == "all" {
		state = q.View
	}
	var list []Crosscheck
	codes := map[id.ID]Matter{}
	next := ""
	err = s.log.DB().Read(r.Context(), func(dq db.Q) error {
		w := visible(s.policy, s.shadow(r.Actor), "crosscheck.read", crosscheckColumns)
		if state != "all" {
			w.add("c.state = $%d", state)
		}
		after := ""
		if len(q.After) > 0 {
			after = q.After[0]
		}
		if list, err = listCrosschecks(r.Context(), dq, w, after, q.Size+1); err != nil {
			return err
		}
		if len(list) > q.Size {
			list = list[:q.Size]
			next = string(list[len(list)-1].ID)
		}
		for _, c := range list {
			m, err := matterByID(r.Context(), dq, c.Matter)
			if err != nil {
				return err
			}
			codes[c.Matter] = m
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("crosscheck.list"), Base: "/crosschecks", Params: r.URL.Query(), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("crosscheck.none"), Text: r.T("crosscheck.none.text")},
		Columns: []ui.Column{{Label: r.T("matter.code"), Nowrap: true}, {Label: r.T("word.unit")}, {Label: r.T("matter.recorded_on"), Nowrap: true}, {Label: r.T("crosscheck.found")}, {Label: r.T("word.status")}, {Label: r.T("crosscheck.probability"), Num: true}, {Label: r.T("word.due"), Nowrap: true}}}
	for _, v := range []string{OneSided, Contradicted, Queried, Replied, Matched, NotDue, Settled, "all"} {
		t.Views = append(t.Views, ui.Tab{Label: r.T("crosscheck.state." + v), Href: "/crosschecks?view=" + v, Current: v == state})
	}
	for _, c := range list {
		m := codes[c.Matter]
		due := ui.Cell{Text: orDash(string(c.Due))}
		if c.Due != "" {
			due.Flag = ui.Due(r.T, string(c.Due), string(r.Today()))
		}
		share := "—"
		if c.Permille > 0 {
			share = strconv.FormatFloat(float64(c.Permille)/10, 'f', 1, 64) + "%"
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(c.ID), Href: "/crosschecks/" + string(c.ID), Cells: []ui.Cell{{Text: m.Code}, {Text: s.Units.Short(m.Unit)}, {Text: string(m.Recorded)}, {Text: r.T("crosscheck.state." + c.Found)}, {Chips: []ui.Chip{crossChip(r, c.State)}}, {Text: share}, due}})
	}
	t.Pager = web.Pager(r, "/crosschecks", "", next, len(q.After) > 0)
	return web.Page{Name: "contact/crosschecks", Data: crossListPage{t}, API: list, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.crosschecks")}}}, nil
}

func (s *Service) postRun(r *web.Request) (web.Response, error) {
	rep, err := s.RunCrosscheck(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/crosschecks", Done: "done.crosscheck.run", API: rep}, nil
}

type crossPage struct {
	Chip     ui.Chip
	Facts    ui.Facts
	Matters  ui.Table
	Evidence ui.Table
	Forms    []ui.Form
	Trail    ui.Trail
}

func (s *Service) getCrosscheck(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.crossPage(r, n, "", nil)
}

func (s *Service) crossPage(r *web.Request, n id.ID, failed string, problem error) (web.Response, error) {
	v, err := s.ReadCrosscheck(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	c := v.Crosscheck
	p := crossPage{Chip: crossChip(r, c.State), Matters: s.matterTable(r, v.Matters, "/crosschecks")}
	p.Facts = ui.Facts{Items: []ui.Fact{{Label: r.T("crosscheck.found"), Text: r.T("crosscheck.state." + c.Found)}, {Label: r.T("word.due"), Text: string(c.Due)}}}
	if c.Permille > 0 {
		p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("crosscheck.probability"), Text: strconv.FormatFloat(float64(c.Permille)/10, 'f', 1, 64) + "%"})
	}
	if c.Answer != "" {
		p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("crosscheck.answer"), Text: r.T("crosscheck.answer." + c.Answer)})
	}
	p.Evidence = ui.Table{ID: "e", Caption: r.T("crosscheck.evidence"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("crosscheck.fact")}, {Label: r.T("crosscheck.level")}, {Label: r.T("crosscheck.bits"), Num: true, Hint: r.T("crosscheck.bits.hint")}}}
	for _, l := range c.Lines {
		bits := "—"
		if l.Bits != 0 {
			bits = strconv.FormatFloat(l.Bits, 'f', 1, 64)
		}
		word := r.Word("crosscheck.level."+l.Level, l.Level)
		if l.Fact == "return" {
			word = r.T("return.mark." + l.Level)
		}
		p.Evidence.Rows = append(p.Evidence.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("crosscheck.fact." + l.Fact)}, {Text: word}, {Text: bits}}})
	}
	for i := len(v.Entries) - 1; i >= 0; i-- {
		e := v.Entries[i]
		text := e.Text
		if e.Detail != "" {
			text = r.T("crosscheck.answer."+e.Detail) + "\n" + text
		}
		p.Trail.Entries = append(p.Trail.Entries, ui.Entry{At: r.Moment(e.At), Who: s.Units.Short(e.Unit), What: r.T("crosscheck.do." + e.Do), Text: text})
	}
	pr := r.Problems(problem)
	for _, st := range CrosscheckFlow.From(c.State) {
		if !has(crossSteps, st.Do) {
			continue
		}
		f := ui.Form{ID: st.Do, Action: "/crosschecks/" + string(n) + "/" + st.Do, Sensitive: true, Rev: web.Rev(c.Rev), Buttons: []ui.Button{{Label: r.T("crosscheck.do." + st.Do), Kind: "primary"}}}
		set := ui.Fieldset{Legend: r.T("crosscheck.do." + st.Do), Hint: r.T("crosscheck.do." + st.Do + ".hint")}
		text := ui.Field{Name: "text", Label: r.T("crosscheck.text." + st.Do), Kind: ui.FieldArea, Wide: true, MaxLen: maxText}
		answer := ui.Field{Name: "answer", Label: r.T("crosscheck.answer"), Kind: ui.FieldRadio, Options: options(r, "crosscheck.answer.", Replies()), Wide: true}
		if failed == st.Do {
			text.Value, text.Error, answer.Value, answer.Error = r.PostFormValue("text"), pr["text"], r.PostFormValue("answer"), pr["answer"]
		}
		if st.Do == "reply" {
			set.Fields = append(set.Fields, answer)
		}
		set.Fields = append(set.Fields, text)
		f.Sets = []ui.Fieldset{set}
		p.Forms = append(p.Forms, f)
	}
	return web.Page{Name: "contact/crosscheck", Data: p, API: v, Err: problem, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.crosschecks"), Href: "/crosschecks"}, {Label: n.Short()}}}, nil
}

func (s *Service) postCross(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c CrossCmd
		if err := r.Decode(&c); err != nil {
			return nil, err
		}
		x, err := s.Work(r.Context(), r.Actor, n, do, c)
		if fault.Is(err, fault.KindInvalid) && !r.API() {
			return s.crossPage(r, n, do, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/crosschecks/" + string(n), Done: "done.crosscheck." + do, API: x}, nil
	}
}
