package conduct

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type selfsPage struct {
	Selfs  ui.Table
	Served ui.Table
	Create bool
}

func selfCrumbs(r *web.Request, rest ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Label: r.T("menu.self"), Href: "/conduct/self"}}, rest...)
}

func (s *Service) getSelfs(r *web.Request) (web.Response, error) {
	var list []Self
	var papers []Served
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if r.Actor.Person == "" {
			return nil
		}
		if list, err = selfsOf(r.Context(), q, r.Actor.Person); err != nil {
			return err
		}
		papers, err = servedWhere(r.Context(), q, "person_id", r.Actor.Person)
		return err
	})
	if err != nil {
		return nil, err
	}
	p := selfsPage{Create: r.Can("self_report.create")}
	p.Selfs = ui.Table{ID: "s", Caption: r.T("self_report.list"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("self_report.f.no"), Nowrap: true}, {Label: r.T("conduct.f.conduct")}, {Label: r.T("conduct.f.act")}, {Label: r.T("self_report.f.at"), Nowrap: true}},
		Empty: ui.EmptyState{Title: r.T("self_report.none"), Text: r.T("self_report.none.text"), Next: ui.Link{Label: r.T("self_report.new"), Href: "/conduct/self/new"}}}
	for _, x := range list {
		p.Selfs.Rows = append(p.Selfs.Rows, ui.Row{Href: "/conduct/self/" + string(x.ID), Cells: []ui.Cell{{Text: x.No}, {Text: s.conductWord(r, x.Conduct)}, {Text: span(x.ActFrom, x.ActTo)}, {Text: r.Moment(x.At)}}})
	}
	p.Served = ui.Table{ID: "v", Caption: r.T("served.list"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("conduct.f.paper")}, {Label: r.T("served.f.unit")}, {Label: r.T("conduct.f.served_on"), Nowrap: true}, {Label: r.T("conduct.f.due"), Nowrap: true}, {Label: r.T("word.status"), Nowrap: true}},
		Empty: ui.EmptyState{Title: r.T("served.none")}}
	for _, v := range papers {
		p.Served.Rows = append(p.Served.Rows, ui.Row{Href: "/conduct/served/" + string(v.ID), Cells: []ui.Cell{{Text: r.T("served.kind." + v.Kind)}, {Text: s.Units.Short(v.Unit)}, {Text: string(v.ServedOn)}, s.dueCell(r, v.Due, v.State != "answered"), {Chips: []ui.Chip{chip(r, "served.state.", v.State, servedClasses)}}}})
	}
	return web.Page{Name: "conduct/selfs", Data: p, API: struct {
		Reports []Self   `json:"reports"`
		Served  []Served `json:"served"`
	}{list, papers}, Crumbs: []ui.Crumb{{Label: r.T("menu.self")}}, Mark: true}, nil
}

func (s *Service) getNewSelf(r *web.Request) (web.Response, error) {
	return s.newSelfPage(r, SelfCmd{}, nil)
}

func (s *Service) newSelfPage(r *web.Request, c SelfCmd, err error) (web.Response, error) {
	p := r.Problems(err)
	form := ui.Form{ID: "self", Action: "/conduct/self/new", Sensitive: true, Cancel: ui.Link{Label: r.T("act.cancel"), Href: "/conduct/self"}, Buttons: []ui.Button{{Label: r.T("self_report.do"), Kind: "primary"}}, Note: r.T("self_report.note"),
		Sets: []ui.Fieldset{{Fields: []ui.Field{
			{Name: "conduct", Label: r.T("conduct.f.conduct"), Kind: ui.FieldSelect, Value: c.Conduct, Options: s.conductOptions(r), Optional: true, Error: p["conduct"]},
			{Name: "act_from", Label: r.T("conduct.f.act_from"), Kind: ui.FieldDate, Value: string(c.ActFrom), Optional: true, Error: p["act_from"]},
			{Name: "act_to", Label: r.T("conduct.f.act_to"), Kind: ui.FieldDate, Value: string(c.ActTo), Optional: true, Error: p["act_to"]},
			{Name: "amount", Label: r.T("lead.f.amount"), Kind: ui.FieldNumber, Value: amount(c.Amount), Optional: true, Error: p["amount"]},
			{Name: "statement", Label: r.T("self_report.f.statement"), Kind: ui.FieldArea, Rows: 8, MaxLen: maxFacts, Value: c.Statement, Wide: true, Error: p["statement"]},
			{Name: "pledge", Label: r.T("self_report.f.pledge"), Kind: ui.FieldCheck, Value: checked(c.Pledge), Wide: true, Error: p["pledge"]}}}}}
	return web.Page{Name: "conduct/form", Err: err, Data: formPage{Title: r.T("self_report.new"), Lead: r.T("self_report.lead"), Form: form}, Crumbs: selfCrumbs(r, ui.Crumb{Label: r.T("self_report.new")})}, nil
}

func checked(v bool) string {
	if v {
		return "1"
	}
	return ""
}

func (s *Service) postNewSelf(r *web.Request) (web.Response, error) {
	var cmd SelfCmd
	err := r.Decode(&cmd)
	var x Self
	if err == nil {
		x, err = s.Report(r.Context(), r.Actor, cmd)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.newSelfPage(r, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/conduct/self/" + string(x.ID), Done: "done.self_report.create", API: x}, nil
}

type selfPage struct {
	X     Self
	Facts []ui.Fact
	Proof string
	Say   string
}

func (s *Service) getSelf(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	x, err := s.Receipt(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	place := r.T("self_report.waiting")
	p := selfPage{X: x, Say: r.T("self_report.say")}
	if x.Index >= 0 {
		place, p.Proof = strconv.FormatInt(x.Index, 10), "/conduct/self/"+string(n)+"/proof"
	}
	p.Facts = []ui.Fact{{Label: r.T("self_report.f.no"), Text: x.No}, {Label: r.T("self_report.f.at"), Text: r.Moment(x.At)}, {Label: r.T("self_report.f.index"), Text: place}, {Label: r.T("self_report.f.entry"), Text: string(x.Entry)},
		{Label: r.T("self_report.f.office"), Text: s.Units.Name(x.Unit)}, {Label: r.T("conduct.f.conduct"), Text: s.conductWord(r, x.Conduct)}, {Label: r.T("conduct.f.act"), Text: span(x.ActFrom, x.ActTo)},
		{Label: r.T("self_report.f.statement"), Text: x.Statement, Verbatim: true, Wide: true}}
	return web.Page{Name: "conduct/self", Data: p, API: x, Crumbs: selfCrumbs(r, ui.Crumb{Label: x.No}), Mark: true}, nil
}

func (s *Service) getProof(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	proof, err := s.Prove(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	return web.File{Name: "receipt-" + string(n.Short()) + ".proof", Type: "text/plain; charset=utf-8", Body: bytes.NewReader(proof), Size: int64(len(proof))}, nil
}

type servedPage struct {
	V     Served
	Chip  ui.Chip
	Facts []ui.Fact
	Forms []ui.Form
	Paper string
}

func (s *Service) getServed(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.servedPage(r, n, AnswerCmd{}, nil)
}

func (s *Service) servedPage(r *web.Request, n id.ID, cmd AnswerCmd, failed error) (web.Response, error) {
	var v Served
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { v, err = s.served(r.Context(), q, r.Actor, n); return err })
	if err != nil {
		return nil, err
	}
	p := servedPage{V: v, Chip: chip(r, "served.state.", v.State, servedClasses), Paper: "/conduct/served/" + string(n) + "/paper"}
	p.Facts = []ui.Fact{{Label: r.T("served.f.unit"), Text: s.Units.Name(v.Unit)}, {Label: r.T("conduct.f.served_on"), Text: string(v.ServedOn)}, {Label: r.T("conduct.f.due"), Text: dash(string(v.Due)), Flag: s.dueCell(r, v.Due, v.State != "answered").Flag},
		{Label: r.T("conduct.f.received_on"), Text: dash(string(v.ReceivedOn))}, {Label: r.T("served.f.text"), Text: v.Text, Wide: true, Verbatim: true}}
	if lines := s.actLines(r, v.Acts, v.Merged); len(lines) > 0 {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("conduct.acts"), Text: strings.Join(lines, "\n"), Wide: true, Verbatim: true})
	}
	p.Facts = append(p.Facts, ui.Fact{Label: r.T("served.f.rights"), Text: r.T("served.rights." + v.Kind), Wide: true})
	if v.Reply != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("served.answer." + v.Answer), Text: v.Reply, Sub: string(v.AnsweredOn), Wide: true})
	}
	problems := r.Problems(failed)
	for _, st := range ServedFlow.From(v.State) {
		if s.policy.Can(r.Actor, "served."+st.Do, s.servedObject(v)) != nil || st.Do == "answer" && len(Answers(v.Kind)) == 0 {
			continue
		}
		f := ui.Form{ID: st.Do, Action: "/conduct/served/" + string(n) + "/" + st.Do, Rev: web.Rev(v.Rev), Sensitive: true, Buttons: []ui.Button{{Label: r.T("served.do." + st.Do), Kind: "primary"}}}
		if x, ok := fault.Of(failed); ok && len(x.Fields) == 0 {
			f.Problems = []string{r.Explain(x)}
		}
		if st.Do == "answer" {
			f.Sets = []ui.Fieldset{{Legend: r.T("served.do.answer"), Fields: []ui.Field{
				{Name: "answer", Label: r.T("served.f.answer"), Kind: ui.FieldRadio, Value: cmd.Answer, Options: s.options(r, "served.answer.", Answers(v.Kind), ""), Wide: true, Error: problems["answer"]},
				{Name: "text", Label: r.T("served.f.reply"), Kind: ui.FieldArea, Rows: 5, MaxLen: maxFacts, Value: cmd.Text, Wide: true, Error: problems["text"]}}}}
		} else {
			f.Note = r.T("served.receive.note")
		}
		p.Forms = append(p.Forms, f)
	}
	return web.Page{Name: "conduct/served", Err: failed, Data: p, API: v, Crumbs: selfCrumbs(r, ui.Crumb{Label: r.T("served.kind." + v.Kind)}), Mark: true}, nil
}

func (s *Service) postServed(do string, fn func(context.Context, actor.Actor, id.ID, AnswerCmd) error) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var cmd AnswerCmd
		if err = r.Decode(&cmd); err == nil {
			err = fn(r.Context(), r.Actor, n, cmd)
		}
		if again(err) {
			return s.servedPage(r, n, cmd, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/conduct/served/" + string(n), Done: "done.served." + do}, nil
	}
}
