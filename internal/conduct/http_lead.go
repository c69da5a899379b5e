package conduct

import (
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) dueCell(r *web.Request, due clock.Date, open bool) ui.Cell {
	if due == "" {
		return ui.Cell{Text: "—"}
	}
	c := ui.Cell{Text: string(due)}
	if open {
		c.Flag = ui.Due(r.Words(), string(due), string(r.Today()))
	}
	return c
}

type formPage struct {
	Title string
	Lead  string
	Form  ui.Form
}

func (s *Service) conductOptions(r *web.Request) []ui.Option {
	out := []ui.Option{{Label: r.T("form.choose")}}
	for _, x := range s.rules.Conducts {
		group := "conduct.group.other"
		if x.Abuse {
			group = "conduct.group.abuse"
		}
		out = append(out, ui.Option{Value: x.ID, Label: r.T("conduct.class." + x.ID), Hint: s.rules.Cite(x.Doc, x.Article), Group: r.T(group)})
	}
	return out
}

func (s *Service) getNewLead(r *web.Request) (web.Response, error) {
	return s.newLeadPage(r, LeadCmd{ToldOn: r.Today()}, nil)
}

func (s *Service) newLeadPage(r *web.Request, c LeadCmd, err error) (web.Response, error) {
	p := r.Problems(err)
	sources := slices.DeleteFunc(s.rules.Sources(), func(k string) bool { return k == "self_report" })
	form := ui.Form{ID: "lead", Action: "/conduct/leads/new", Sensitive: true, Cancel: ui.Link{Label: r.T("act.cancel"), Href: "/"},
		Buttons: []ui.Button{{Label: r.T("lead.do.take"), Kind: "primary"}}, Note: r.T("lead.new.note"),
		Sets: []ui.Fieldset{
			{Legend: r.T("lead.set.who"), Fields: []ui.Field{
				{Name: "person", Label: r.T("conduct.f.person"), Kind: ui.FieldPicker, Source: "/pick/people", Value: string(c.Person), Optional: true, Hint: r.T("lead.person.hint"), Error: p["person"]},
				{Name: "name", Label: r.T("lead.f.name"), Value: c.Name, Optional: true, MaxLen: maxName, Error: p["name"]},
				{Name: "unit", Label: r.T("lead.f.unit"), Value: c.Unit, Optional: true, Hint: r.T("lead.unit.hint"), Error: p["unit"]}}},
			{Legend: r.T("lead.set.what"), Fields: []ui.Field{
				{Name: "conduct", Label: r.T("conduct.f.conduct"), Kind: ui.FieldSelect, Value: c.Conduct, Options: s.conductOptions(r), Optional: true, Error: p["conduct"]},
				{Name: "act_from", Label: r.T("conduct.f.act_from"), Kind: ui.FieldDate, Value: string(c.ActFrom), Optional: true, Error: p["act_from"]},
				{Name: "act_to", Label: r.T("conduct.f.act_to"), Kind: ui.FieldDate, Value: string(c.ActTo), Optional: true, Error: p["act_to"]},
				{Name: "amount", Label: r.T("lead.f.amount"), Kind: ui.FieldNumber, Value: amount(c.Amount), Optional: true, Error: p["amount"]},
				{Name: "facts", Label: r.T("lead.f.facts"), Kind: ui.FieldArea, Rows: 6, MaxLen: maxFacts, Value: c.Facts, Wide: true, Error: p["facts"]}}},
			{Legend: r.T("lead.set.source"), Fields: []ui.Field{
				{Name: "source", Label: r.T("lead.f.source"), Kind: ui.FieldRadio, Value: c.Source, Options: s.options(r, "lead.source.", sources, ""), Wide: true, Error: p["source"]},
				{Name: "ref", Label: r.T("lead.f.ref"), Value: c.Ref, Optional: true, MaxLen: maxName, Error: p["ref"]},
				{Name: "informant", Label: r.T("lead.f.informant"), Value: c.Informant, Optional: true, MaxLen: maxName, Hint: r.T("lead.informant.hint"), Error: p["informant"]},
				{Name: "told_on", Label: r.T("lead.f.told_on"), Kind: ui.FieldDate, Value: string(c.ToldOn), Error: p["told_on"]}}}}}
	return web.Page{Name: "conduct/form", Err: err, Data: formPage{Title: r.T("lead.new"), Lead: r.T("lead.new.lead"), Form: form}, Crumbs: crumbs(r, ui.Crumb{Label: r.T("lead.new")})}, nil
}

func amount(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func (s *Service) postNewLead(r *web.Request) (web.Response, error) {
	var cmd LeadCmd
	err := r.Decode(&cmd)
	var l Lead
	if err == nil {
		l, err = s.AddLead(r.Context(), r.Actor, cmd)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.newLeadPage(r, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	answer := struct {
		No string `json:"no"`
	}{l.No}
	if r.Can("lead.read") && s.policy.Can(r.Actor, "lead.read", s.leadObject(l)) == nil {
		return web.Redirect{To: "/conduct/leads/" + string(l.ID), Done: "done.lead.create", API: answer}, nil
	}
	// Whoever told it keeps the number and nothing else.
	return web.Page{Name: "conduct/form", Data: formPage{Title: r.T("lead.taken", l.No), Lead: r.T("lead.taken.text")}, API: answer}, nil
}

type leadPage struct {
	L     Lead
	Chip  ui.Chip
	Facts []ui.Fact
	Parts ui.Table
	Same  []ui.Link
	Forms []ui.Form
	Trail ui.Trail
	Note  string
}

func (s *Service) getLead(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.leadPage(r, n, "", DisposeCmd{}, nil)
}

func (s *Service) leadPage(r *web.Request, n id.ID, do string, cmd DisposeCmd, failed error) (web.Response, error) {
	var l Lead
	var entries []Entry
	var names map[id.ID]string
	p := leadPage{}
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if l, err = s.lead(r.Context(), q, r.Actor, n, "lead.read"); err != nil {
			return err
		}
		if entries, err = s.entries(r.Context(), q, n); err != nil {
			return err
		}
		ids := []id.ID{l.Assignee}
		for _, e := range entries {
			ids = append(ids, e.Person)
		}
		if names, err = s.names(r.Context(), q, ids...); err != nil {
			return err
		}
		joined, err := leadsWhere(r.Context(), q, "same_id", n)
		for _, j := range joined {
			p.Same = append(p.Same, ui.Link{Label: j.No + " · " + r.T("lead.source."+j.Source), Href: "/conduct/leads/" + string(j.ID)})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p.L, p.Chip, p.Note = l, chip(r, "lead.state.", l.State, leadClasses), r.T("conduct.secret")
	p.Facts = []ui.Fact{{Label: r.T("lead.f.facts"), Text: l.Told.Facts, Verbatim: true, Wide: true}, {Label: r.T("conduct.f.person"), Text: l.Told.Name, Sub: s.Units.Name(l.Home)},
		{Label: r.T("conduct.f.conduct"), Text: s.conductWord(r, l.Conduct)}, {Label: r.T("conduct.f.act"), Text: span(l.ActFrom, l.ActTo)}, {Label: r.T("lead.f.source"), Text: r.T("lead.source." + l.Source), Sub: l.Ref},
		{Label: r.T("lead.f.told_on"), Text: string(l.ToldOn)}, {Label: r.T("lead.f.assignee"), Text: dash(names[l.Assignee])}, {Label: r.T("conduct.f.due"), Text: dash(string(l.Due)), Flag: s.dueCell(r, l.Due, s.openLead(l)).Flag}}
	if l.Told.Informant != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("lead.f.informant"), Text: l.Told.Informant})
	}
	if l.Case != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("conduct.f.case"), Text: r.T("conduct.to_case"), Href: caseHref(l.Case)})
	}
	if l.Same != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("lead.f.same"), Text: r.T("lead.to_same"), Href: "/conduct/leads/" + string(l.Same)})
	}
	p.Parts = ui.Table{ID: "w", Caption: r.T("lead.weight"), Columns: []ui.Column{{Label: r.T("lead.weight.part")}, {Label: r.T("lead.weight.points"), Num: true}}, NoDrawer: true}
	for _, x := range l.Parts {
		p.Parts.Rows = append(p.Parts.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("lead.part." + x.Key)}, {Text: strconv.Itoa(x.Points)}}})
	}
	p.Parts.Total = []ui.Cell{{Text: r.T("lead.band." + s.rules.Weights.Band(l.Weight))}, {Text: strconv.Itoa(l.Weight)}}
	for _, st := range LeadFlow.From(l.State) {
		if s.policy.Can(r.Actor, "lead."+st.Do, s.leadObject(l)) == nil {
			var mine DisposeCmd
			var problems map[string]string
			if st.Do == do {
				mine, problems = cmd, r.Problems(failed)
			}
			p.Forms = append(p.Forms, s.leadForm(r, l, st.Do, mine, problems, st.Do == do && fault.Is(failed, fault.KindForbidden), failed))
		}
	}
	p.Trail = s.trail(r, entries, names, "lead.did.")
	return web.Page{Name: "conduct/lead", Err: failed, Data: p, API: struct {
		Lead
		Entries []Entry `json:"entries"`
	}{l, entries}, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: l.No})}, nil
}

func (s *Service) openLead(l Lead) bool {
	return slices.Contains([]string{LeadReceived, LeadAssigned, LeadTalking}, l.State)
}

func span(from, to clock.Date) string {
	if to == "" || to == from {
		return dash(string(from))
	}
	return string(from) + " — " + string(to)
}

func dash(v string) string {
	if v == "" {
		return "—"
	}
	return v
}

func (s *Service) leadForm(r *web.Request, l Lead, do string, cmd DisposeCmd, p map[string]string, refused bool, failed error) ui.Form {
	f := ui.Form{ID: do, Action: "/conduct/leads/" + string(l.ID) + "/" + do, Rev: web.Rev(l.Rev), Sensitive: true, Buttons: []ui.Button{{Label: r.T("lead.do." + do), Kind: "primary"}}}
	if refused {
		if x, ok := fault.Of(failed); ok {
			f.Problems = []string{r.Explain(x)}
		}
	}
	picker := func(name string, value id.ID, optional bool) ui.Field {
		return ui.Field{Name: name, Label: r.T("conduct.f." + name), Kind: ui.FieldPicker, Source: "/pick/people", Value: string(value), Optional: optional, Error: p[name]}
	}
	text := ui.Field{Name: "text", Label: r.T("lead.text." + do), Kind: ui.FieldArea, Rows: 3, MaxLen: maxReason, Value: cmd.Text, Wide: true, Error: p["text"]}
	var fields []ui.Field
	switch do {
	case "assign":
		fields = []ui.Field{picker("assignee", cmd.Assignee, false)}
	case "open":
		if l.Person == "" {
			fields = append(fields, picker("person", cmd.Person, false))
		}
		fields = append(fields, picker("assignee", cmd.Assignee, false), picker("second", cmd.Second, true), text)
	case "join":
		fields = []ui.Field{{Name: "same", Label: r.T("lead.f.same_no"), Value: cmd.Same, Error: p["same"]}}
	case "end":
		fields = []ui.Field{{Name: "kinds", Label: r.T("lead.f.kinds"), Kind: ui.FieldChecks, Values: cmd.Kinds, Options: s.kindOptions(r, Education), Optional: true, Wide: true, Error: p["kinds"]}, text}
	default:
		fields = []ui.Field{text}
	}
	f.Sets = []ui.Fieldset{{Legend: r.T("lead.do." + do), Fields: fields}}
	return f
}

func (s *Service) kindOptions(r *web.Request, layers ...string) []ui.Option {
	var out []ui.Option
	for _, k := range s.rules.Kinds {
		if slices.Contains(layers, k.Layer) {
			out = append(out, ui.Option{Value: k.ID, Label: r.T("sanction.kind." + k.ID), Group: r.T("sanction.layer." + k.Layer)})
		}
	}
	return out
}

func (s *Service) trail(r *web.Request, entries []Entry, names map[id.ID]string, prefix string) ui.Trail {
	var t ui.Trail
	for _, e := range slices.Backward(entries) {
		text := e.Text
		if e.Do == "received" {
			text = r.Word("served.kind."+text, text)
		}
		keys := make([]string, 0, len(e.Values))
		for k := range e.Values {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			text = strings.TrimSpace(text + "\n" + r.T("conduct.f."+k) + "：" + s.valueWords(r, k, e.Values[k]))
		}
		t.Entries = append(t.Entries, ui.Entry{At: r.Moment(e.At), Who: names[e.Person], What: r.T(prefix + e.Do), Text: text})
	}
	return t
}

// valueWords puts codes of an old and a new value into words.
func (s *Service) valueWords(r *web.Request, key, v string) string {
	prefix := map[string]string{"conduct": "conduct.class.", "gravity": "conduct.gravity.", "opinion": "conduct.opinion.", "crime": "conduct.crime."}[key]
	if prefix == "" {
		return v
	}
	parts := strings.Split(v, " → ")
	for i, x := range parts {
		if x != "—" {
			parts[i] = r.Word(prefix+x, x)
		}
	}
	return strings.Join(parts, " → ")
}

func (s *Service) postDispose(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var cmd DisposeCmd
		var l Lead
		if err = r.Decode(&cmd); err == nil {
			l, err = s.Dispose(r.Context(), r.Actor, n, do, cmd)
		}
		if again(err) {
			return s.leadPage(r, n, do, cmd, err)
		}
		if err != nil {
			return nil, err
		}
		to := "/conduct/leads/" + string(n)
		if do == "open" {
			to = caseHref(l.Case)
		}
		return web.Redirect{To: to, Done: "done.lead." + do}, nil
	}
}

// again tells whether a refusal is shown on the form it belongs to.
func again(err error) bool {
	if f, ok := fault.Of(err); ok && f.Kind == fault.KindForbidden && f.Denied != "" {
		return strings.HasPrefix(f.Denied, "conduct.refuse.") || strings.HasPrefix(f.Denied, "sanction.refuse.")
	}
	return fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) || fault.Is(err, fault.KindConflict)
}
