package rectification

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type stepPage struct {
	Title string
	Facts ui.Facts
	Forms []ui.Form
}

// stepForms are the forms of the steps that the workflow and the policy allow
// from a state; fields gives what each asks for.
func (s *Service) stepForms(r *web.Request, t flow.Table, state string, n, unit, by id.ID, base, rev, failed string, err error, fields func(do string) []ui.Field) []ui.Form {
	var out []ui.Form
	o := folderObject(t.Name, state, n, unit, by, s.Units)
	for _, st := range t.From(state) {
		if s.policy.Can(r.Actor, t.Name+"."+st.Do, o) != nil {
			continue
		}
		list := fields(st.Do)
		if list == nil {
			continue
		}
		f := ui.Form{ID: strings.ReplaceAll(st.Do, "_", "-"), Action: base + "/" + st.Do, Rev: rev, Draft: true, Sets: []ui.Fieldset{{Legend: r.T(t.Name + ".do." + st.Do), Fields: list}},
			Buttons: []ui.Button{{Label: r.T(t.Name + ".do." + st.Do), Kind: "primary"}}}
		if st.Do == failed {
			p := r.Problems(err)
			for i := range list {
				list[i].Error = p[list[i].Name]
			}
			f.Problems = unplaced(f, p)
		}
		if strings.HasPrefix(st.Do, "re") {
			f.Buttons[0].Kind = "danger"
		}
		out = append(out, f)
	}
	return out
}

func (s *Service) paperPage(r *web.Request, n id.ID, do string, c PaperCmd, failed error) (web.Response, error) {
	var p Document
	var v FolderView
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { p, err = paperByID(r.Context(), q, n); return err })
	if err == nil {
		v, err = s.Folder(r, p.Folder)
	}
	if err != nil {
		return nil, hideAs(err, "rectify_paper")
	}
	title := r.T("rectify_paper.kind." + p.Kind)
	pg := stepPage{Title: title, Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("item.unit"), Text: s.Units.Name(p.Unit)}, {Label: r.T("word.status"), Chips: []ui.Chip{chip(r, "rectify_paper.state."+p.State)}}}}}
	add := func(key, text, sub string, wide bool) {
		if text != "" {
			pg.Facts.Items = append(pg.Facts.Items, ui.Fact{Label: r.T("rectify_paper." + key), Text: text, Sub: sub, Wide: wide, Verbatim: key == "body" || key == "pledge"})
		}
	}
	if p.State != PaperDraft {
		add("title", p.Title, "", true)
		add("body", p.Body, "", true)
	}
	if p.SignedAt != "" {
		add("signer", v.Names[p.Signer], r.Moment(p.SignedAt), false)
		add("pledge", p.Pledge, "", true)
	}
	if p.JudgedAt != "" {
		add("judge", v.Names[p.Judge], r.Moment(p.JudgedAt), false)
		add("opinion", p.Opinion, "", true)
	}
	if p.Ground != "" {
		add("ground", r.T("rectify_paper.ground."+p.Ground), "", false)
		add("ground_reason", p.Reason, "", true)
	}
	if p.Published != "" {
		add("published_on", string(p.Published), "", false)
		add("contact", p.Contact, "", false)
	}
	if p.Returns > 0 {
		add("returns", fmt.Sprint(p.Returns), "", false)
	}
	if c.Title == "" && c.Body == "" {
		c.Title, c.Body = p.Title, p.Body
	}
	if c.Title == "" {
		c.Title = s.Units.Name(p.Unit) + title
	}
	rev := web.Rev(p.Rev)
	pg.Forms = s.stepForms(r, PaperFlow, p.State, p.ID, p.Unit, p.By, "/rectify-papers/"+string(p.ID), rev, do, failed, func(do string) []ui.Field {
		opinion := ui.Field{Name: "opinion", Label: r.T("rectify_paper.opinion"), Kind: ui.FieldArea, Rows: 2, Value: c.Opinion, Wide: true}
		switch do {
		case "edit":
			return []ui.Field{{Name: "title", Label: r.T("rectify_paper.title"), Value: c.Title, Wide: true}, {Name: "body", Label: r.T("rectify_paper.body"), Kind: ui.FieldArea, Rows: 12, MaxLen: maxPaper, Value: c.Body, Wide: true}}
		case "sign":
			if p.Body == "" {
				return nil
			}
			return []ui.Field{{Name: "pledge", Label: r.T("rectify_paper.pledge"), Kind: ui.FieldArea, Rows: 2, Value: c.Pledge, Wide: true, Hint: r.T("rectify_paper.pledge.hint"), Auto: "off"}}
		case "publish", "ask_withhold":
			if !published(p.Kind) {
				return nil
			}
			if do == "publish" {
				return []ui.Field{{Name: "contact", Label: r.T("rectify_paper.contact"), Value: c.Contact, Wide: true, Hint: r.T("rectify_paper.contact.hint")}}
			}
			return []ui.Field{{Name: "ground", Label: r.T("rectify_paper.ground"), Kind: ui.FieldRadio, Value: c.Ground, Options: choices(r, "rectify_paper.ground.", Grounds()), Wide: true},
				{Name: "reason", Label: r.T("rectify_paper.ground_reason"), Kind: ui.FieldArea, Rows: 2, Value: c.Reason, Wide: true}}
		case "accept", "withhold":
			opinion.Optional = true
		}
		return []ui.Field{opinion}
	})
	return web.Page{Name: "rectification/step", Data: pg, API: p, Err: failed, Mark: true, Crumbs: s.folderCrumbs(r, v, title)}, nil
}

// hideAs makes what hangs on a hidden record answer like one that is absent.
func hideAs(err error, what string) error {
	f, ok := fault.Of(err)
	if !ok || f.Kind != fault.KindNotFound {
		return err
	}
	return fault.Denied(what, f.Denied)
}

func (s *Service) getPaper(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.paperPage(r, n, "", PaperCmd{}, nil)
}

// stepped answers a step: shown again with what was wrong, or done.
func stepped(err error, again func() (web.Response, error), to, key string) (web.Response, error) {
	if k := fault.KindOf(err); err != nil && slices.Contains([]fault.Kind{fault.KindInvalid, fault.KindState, fault.KindConflict}, k) {
		return again()
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: to, Done: key}, nil
}

func (s *Service) postPaper(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	do := r.PathValue("do")
	var c PaperCmd
	if err = r.Decode(&c); err == nil {
		err = s.Paper(r.Context(), r.Actor, n, do, c)
	}
	return stepped(hideAs(err, "rectify_paper"), func() (web.Response, error) { return s.paperPage(r, n, do, c, err) }, "/rectify-papers/"+string(n), "done.rectify_paper."+do)
}

func (s *Service) orderPage(r *web.Request, n id.ID, do string, c OrderCmd, failed error) (web.Response, error) {
	var o Order
	var v FolderView
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { o, err = orderByID(r.Context(), q, n); return err })
	if err == nil {
		v, err = s.Folder(r, o.Folder)
	}
	if err == nil && !slices.ContainsFunc(v.Orders, func(x Order) bool { return x.ID == o.ID }) {
		err = fault.NotFound("rectify_order") // it hangs on an item that the reader may not see
	}
	if err != nil {
		return nil, hideAs(err, "rectify_order")
	}
	title := r.T("rectify_folder.act.order")
	due := ui.Fact{Label: r.T("rectify_order.due"), Text: string(o.Due)}
	if o.State == OrderIssued {
		due.Flag = ui.Due(r.T, string(o.Due), string(r.Today()))
	}
	pg := stepPage{Title: title, Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("item.unit"), Text: s.Units.Name(o.Unit)}, {Label: r.T("word.status"), Chips: []ui.Chip{chip(r, "rectify_order.state."+o.State)}}, due,
		{Label: r.T("rectify_order.demand"), Text: o.Demand, Wide: true, Verbatim: true}}}}
	for _, i := range v.Items {
		if i.ID == o.Item {
			pg.Facts.Items = append(pg.Facts.Items, ui.Fact{Label: r.T("rectify_order.item"), Text: i.No + " " + i.Title, Href: "/items/" + string(i.ID), Wide: true})
		}
	}
	if o.Answer != "" {
		pg.Facts.Items = append(pg.Facts.Items, ui.Fact{Label: r.T("rectify_order.answer"), Text: o.Answer, Sub: r.Moment(o.AnswerAt), Wide: true})
	}
	if o.Opinion != "" {
		pg.Facts.Items = append(pg.Facts.Items, ui.Fact{Label: r.T("rectify_paper.opinion"), Text: o.Opinion, Sub: r.Moment(o.JudgeAt), Wide: true})
	}
	pg.Forms = s.stepForms(r, OrderFlow, o.State, o.ID, o.Unit, o.By, "/rectify-orders/"+string(o.ID), web.Rev(o.Rev), do, failed, func(do string) []ui.Field {
		key := "rectify_order.answer"
		if do != "answer" {
			key = "rectify_paper.opinion"
		}
		return []ui.Field{{Name: "text", Label: r.T(key), Kind: ui.FieldArea, Rows: 4, Value: c.Text, Wide: true, Optional: do == "settle"}}
	})
	return web.Page{Name: "rectification/step", Data: pg, API: o, Err: failed, Mark: true, Crumbs: s.folderCrumbs(r, v, title)}, nil
}

func (s *Service) getOrder(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.orderPage(r, n, "", OrderCmd{}, nil)
}

func (s *Service) postOrder(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	do := r.PathValue("do")
	var c OrderCmd
	if err = r.Decode(&c); err == nil {
		err = s.StepOrder(r.Context(), r.Actor, n, do, c)
	}
	return stepped(hideAs(err, "rectify_order"), func() (web.Response, error) { return s.orderPage(r, n, do, c, err) }, "/rectify-orders/"+string(n), "done.rectify_order."+do)
}

func (s *Service) roundPage(r *web.Request, c RoundCmd, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var round inspection.Round
	var set RoundSetting
	err = s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if round, err = s.round(r.Context(), q, r.Actor, n); err != nil {
			return err
		}
		set, err = roundSetting(r.Context(), q, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	if failed == nil {
		c.Rule, c.Chain, c.Source, c.Handler, c.Line = set.Rule, set.Chain, set.Source, set.Handler, set.Line
	}
	p := r.Problems(failed)
	options := ui.Field{Name: "rule", Label: r.T("rectify_round.rule"), Kind: ui.FieldRadio, Value: c.Rule, Wide: true, Error: p["rule"]}
	t := ui.Table{ID: "rules", Caption: r.T("rectify_round.rules"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("rectify_round.rule")}, {Label: r.T("rectify_round.periods")}, {Label: r.T("rectify_round.severity")}, {Label: r.T("rectify_round.rule_source")}}}
	for _, x := range DeadlineRules() {
		options.Options = append(options.Options, ui.Option{Value: x.ID, Label: x.Name(r.Lang)})
		var days []string
		for _, sv := range []string{"grave", "serious", "general", "minor"} {
			if d := x.Workdays[sv]; d > 0 {
				days = append(days, r.T("item.severity."+sv)+" "+r.T("rectify_round.workdays", d))
			}
		}
		mark := ""
		if x.Mark != "" {
			mark = r.T("rectify_round.mark." + x.Mark)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: x.Name(r.Lang)}, {Text: r.T("rectify_round.months", x.PlanMonths, x.ReportMonths, x.EvaluateMonths)}, {Text: strings.Join(days, "；")}, {Text: x.Source, Sub: mark}}})
	}
	chain := ui.Field{Name: "chain", Label: r.T("rectify_round.chain"), Kind: ui.FieldRadio, Value: c.Chain, Wide: true, Optional: true, Error: p["chain"]}
	for _, x := range Chains() {
		chain.Options = append(chain.Options, ui.Option{Value: x, Label: r.T("rectify_round.chain." + orNone(strings.ReplaceAll(x, " ", "_")))})
	}
	days := func(name string, own, usual int) ui.Field {
		f := ui.Field{Name: name, Label: r.T("rectify_round." + name), Hint: r.T("rectify_round.remind.hint", usual), Kind: ui.FieldNumber, Optional: true, Error: p[name]}
		if own != 0 {
			f.Value = strconv.Itoa(own)
		}
		return f
	}
	f := ui.Form{Action: "/rectify-rounds/" + string(n), Rev: web.Rev(set.Rev), Note: r.T("rectify_round.note"), Sets: []ui.Fieldset{{Fields: []ui.Field{options, chain,
		days("remind_handler", c.Handler, HandlerDays), days("remind_line", c.Line, LineDays),
		{Name: "source", Label: r.T("rectify_round.source"), Value: c.Source, Wide: true, Hint: r.T("rectify_round.source.hint"), Error: p["source"]}}}}, Buttons: []ui.Button{{Label: r.T("rectify_round.do.set"), Kind: "primary"}}}
	return web.Page{Name: "rectification/form", Err: failed, Data: formPage{Title: r.T("rectify_round.title") + " · " + round.Name, Table: &t, Form: &f}, API: set,
		Crumbs: []ui.Crumb{{Label: r.T("menu.rectify_folders"), Href: "/rectify"}, {Label: round.Name, Href: "/rounds/" + string(n)}, {Label: r.T("rectify_round.title")}}}, nil
}

func (s *Service) getRound(r *web.Request) (web.Response, error) {
	return s.roundPage(r, RoundCmd{}, nil)
}

func (s *Service) postRound(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c RoundCmd
	if err = r.Decode(&c); err == nil {
		err = s.SetRule(r.Context(), r.Actor, n, c)
	}
	if k := fault.KindOf(err); err != nil && (k == fault.KindInvalid || k == fault.KindConflict) {
		return s.roundPage(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/rectify-rounds/" + string(n), Done: "done.rectify_round.set"}, nil
}
