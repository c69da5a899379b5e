package conduct

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// caseFacts is what the page of a case is made of.
type caseFacts struct {
	c         Case
	leads     []Lead
	entries   []Entry
	ticks     []Tick
	pauses    []Pause
	sanctions []Sanction
	papers    []Served
	checks    []Check
	lenient   Leniency
	names     map[id.ID]string
	steps     []string
	beside    []string
}

func (s *Service) gather(ctx context.Context, r *web.Request, n id.ID) (f caseFacts, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if f.c, err = s.load(ctx, q, r.Actor, n, "conduct.read"); err != nil {
			return err
		}
		for _, read := range []func() error{
			func() (err error) { f.leads, err = s.caseLeads(ctx, q, n); return err },
			func() (err error) { f.entries, err = s.entries(ctx, q, n); return err },
			func() (err error) { f.ticks, err = ticksOf(ctx, q, n); return err },
			func() (err error) { f.pauses, err = pausesOf(ctx, q, n); return err },
			func() (err error) { f.sanctions, err = sanctionsWhere(ctx, q, "case_id", n); return err },
			func() (err error) { f.papers, err = servedWhere(ctx, q, "case_id", n); return err },
			func() (err error) { f.checks, err = checksOf(ctx, q, n); return err },
		} {
			if err := read(); err != nil {
				return err
			}
		}
		ids := []id.ID{f.c.Person, f.c.Handler, f.c.Second, f.c.Decider}
		for _, e := range f.entries {
			ids = append(ids, e.Person)
		}
		f.names, err = s.names(ctx, q, ids...)
		return err
	})
	if err != nil {
		return f, err
	}
	if f.lenient, err = s.leniency(ctx, f.leads, f.c); err != nil {
		return f, err
	}
	f.steps = s.steps(r.Actor, f.c)
	for _, do := range Beside() {
		if s.policy.Can(r.Actor, "conduct."+do, s.object(f.c)) != nil {
			continue
		}
		if do == "pause" && (f.c.PausedOn != "" || f.c.Due == "") || do == "resume" && f.c.PausedOn == "" || do == "extend" && (f.c.Due == "" || f.c.PausedOn != "") || do == "unact" && len(f.c.File.Acts) == 0 {
			continue
		}
		f.beside = append(f.beside, do)
	}
	f.steps = slices.DeleteFunc(f.steps, func(do string) bool {
		x := s.rules.conductOf(f.c)
		return do == "refer" && !x.Committee || do == "submit" && x.Committee && f.c.Opinion == "" || do == "suspend" && f.c.SuspendedOn != "" || do == "restore" && f.c.SuspendedOn == "" ||
			(do == "receive" || do == "reject") && !(&turn{who: r.Actor, c: &f.c}).receiver()
	})
	return f, nil
}

// caseLeads are the lead that a case came from and those joined to it.
func (s *Service) caseLeads(ctx context.Context, q db.Q, n id.ID) ([]Lead, error) {
	leads, err := leadsWhere(ctx, q, "case_id", n)
	if err != nil {
		return nil, err
	}
	for _, l := range slices.Clone(leads) {
		joined, err := leadsWhere(ctx, q, "same_id", l.ID)
		if err != nil {
			return nil, err
		}
		leads = append(leads, joined...)
	}
	return leads, nil
}

type casePage struct {
	C         Case
	Chip      ui.Chip
	Steps     ui.Steps
	Secret    string
	Readers   []string
	Facts     []ui.Fact
	First     bool // the reasons stand before the form: somebody is to decide
	Lenient   string
	LenientOf []string
	Advice    []string
	Acts      ui.Table
	Merge     []string
	Sanctions ui.Table
	Clocks    ui.Table
	Papers    ui.Table
	Documents []ui.Link
	Backward  string
	Main      []ui.Form
	More      []moreForm
	Trail     ui.Trail
}

type moreForm struct {
	Label string
	Open  bool
	Form  ui.Form
}

func (s *Service) getCase(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.casePage(r, n, "", CaseCmd{}, nil)
}

func (s *Service) casePage(r *web.Request, n id.ID, do string, cmd CaseCmd, failed error) (web.Response, error) {
	f, err := s.gather(r.Context(), r, n)
	if err != nil {
		return nil, err
	}
	c := f.c
	p := casePage{C: c, Chip: chip(r, "conduct.state.", c.State, caseClasses), Secret: r.T("conduct.secret"), Facts: s.caseFactList(r, f), Trail: s.trail(r, f.entries, f.names, "conduct.did."),
		Sanctions: s.sanctionTable(r, f.sanctions, nil, false), Clocks: s.clockTable(r, f), Papers: s.paperTable(r, f.papers), Steps: s.process(r, c)}
	for _, who := range owners(c.Handler, c.Second, c.Decider) {
		p.Readers = append(p.Readers, f.names[who])
	}
	p.Readers = append(p.Readers, r.T("conduct.readers.office", s.Units.Short(c.Unit)))
	p.Lenient, p.LenientOf = s.lenientWords(r, f.lenient)
	p.Advice = s.adviceWords(r, c)
	p.Acts, p.Merge = s.actTable(r, c), s.mergeWords(r, c)
	p.First = slices.Contains(f.steps, "decide") || slices.Contains(f.steps, "change")
	for _, kind := range s.documents(f) {
		p.Documents = append(p.Documents, ui.Link{Label: r.T("conduct.paper." + kind), Href: caseHref(n) + "/paper/" + kind})
	}
	if s.rules.conductOf(c).Abuse && s.policy.Can(r.Actor, "conduct.check", s.object(c)) == nil {
		p.Backward = caseHref(n) + "/backward"
	}
	mains := []string{"file", "report", "notify", "hear", "refer", "opine", "submit", "decide", "serve", "uphold", "lift", "archive", "visit", "receive"}
	for _, d := range slices.Concat(f.steps, f.beside) {
		var mine CaseCmd
		var problems map[string]string
		var open bool
		if d == do {
			mine, problems, open = cmd, r.Problems(failed), failed != nil
		}
		form := s.caseForm(r, c, d, mine, problems, f.names)
		if open {
			if x, ok := fault.Of(failed); ok && (len(x.Fields) == 0 || fault.Is(failed, fault.KindConflict)) {
				form.Problems = []string{r.Explain(x)}
			}
		}
		if slices.Contains(mains, d) && !slices.Contains(f.beside, d) {
			p.Main = append(p.Main, form)
		} else {
			p.More = append(p.More, moreForm{r.T("conduct.do." + d), open, form})
		}
	}
	return web.Page{Name: "conduct/case", Err: failed, Data: p, API: caseAPI{c, f.entries, f.ticks, f.pauses, f.sanctions, f.papers, f.lenient, slices.Concat(f.steps, f.beside)}, Mark: true,
		Crumbs: crumbs(r, ui.Crumb{Label: r.T("conduct.list"), Href: "/conduct?view=cases"}, ui.Crumb{Label: c.No})}, nil
}

type caseAPI struct {
	Case
	Entries   []Entry    `json:"entries"`
	Clocks    []Tick     `json:"clocks"`
	Pauses    []Pause    `json:"pauses"`
	Sanctions []Sanction `json:"sanctions"`
	Served    []Served   `json:"served"`
	Leniency  Leniency   `json:"leniency"`
	Steps     []string   `json:"steps"`
}

// process is the bar of stages above a case.
func (s *Service) process(r *web.Request, c Case) ui.Steps {
	stages := [][]string{{Checking, InTransit}, {Investigating, Reported}, {Hearing, Heard}, {Committee, Opined, Reexamining, Reexamined}, {Submitted, Decided}, {InEffect, Reviewing}, {Lifted}, {Archived, Visited}}
	if !s.rules.conductOf(c).Committee {
		stages = slices.Delete(stages, 3, 4)
	}
	out := ui.Steps{Label: r.T("conduct.process")}
	now := slices.IndexFunc(stages, func(list []string) bool { return slices.Contains(list, c.State) })
	for i, list := range stages {
		st := ui.Step{Label: r.T("conduct.stage." + list[0]), State: "todo"}
		switch {
		case i < now:
			st.State = "done"
		case i == now:
			st.State, st.Real = "now", string(c.StageOn)
		}
		out.Items = append(out.Items, st)
	}
	return out
}

func (s *Service) caseFactList(r *web.Request, f caseFacts) []ui.Fact {
	c := f.c
	x, _ := s.rules.Conduct(c.Conduct)
	facts := []ui.Fact{{Label: r.T("lead.f.facts"), Text: c.File.Facts, Verbatim: true, Wide: true},
		{Label: r.T("conduct.f.person"), Text: f.names[c.Person], Sub: strings.TrimSpace(s.Units.Name(c.Home) + " " + c.Rank)},
		{Label: r.T("conduct.f.conduct"), Text: s.conductWord(r, c.Conduct), Sub: s.rules.Cite(x.Doc, x.Article)}, {Label: r.T("conduct.f.gravity"), Text: r.T("conduct.gravity." + c.Gravity)},
		{Label: r.T("conduct.f.act"), Text: span(c.ActFrom, c.ActTo)},
		{Label: r.T("conduct.f.handlers"), Text: strings.Trim(f.names[c.Handler]+"、"+f.names[c.Second], "、")}, {Label: r.T("conduct.f.manage"), Text: s.Units.Name(c.Manage), Sub: f.names[c.Decider]},
		{Label: r.T("conduct.f.due"), Text: dash(string(c.Due)), Flag: s.dueCell(r, c.Due, c.PausedOn == "" && slices.Contains(running, c.State)).Flag}}
	if x.Doc == "" {
		facts[2].Sub = ""
	}
	if c.Retired {
		facts = append(facts, ui.Fact{Label: r.T("conduct.f.retired"), Text: r.T("conduct.retired.text"), Sub: s.rules.Cite("zwcf2020", "第二十七条")})
	}
	if c.SuspendedOn != "" {
		facts = append(facts, ui.Fact{Label: r.T("conduct.f.suspended_on"), Text: string(c.SuspendedOn), Sub: s.rules.Cite("jcg2019", "第四十八条")})
	}
	if c.PausedOn != "" {
		facts = append(facts, ui.Fact{Label: r.T("conduct.f.paused_on"), Text: string(c.PausedOn)})
	}
	if c.Opinion != "" {
		facts = append(facts, ui.Fact{Label: r.T("conduct.f.opinion"), Text: r.T("conduct.opinion." + c.Opinion), Sub: s.rules.Cite("jcg2019", "第四十九条")})
	}
	if len(c.Kinds) > 0 {
		facts = append(facts, ui.Fact{Label: r.T("conduct.f.kinds"), Text: s.kindWords(r, c.Kinds)})
	}
	if len(c.Circumstances) > 0 {
		var words []string
		for _, k := range c.Circumstances {
			x, _ := s.rules.Circumstance(k)
			words = append(words, r.T("conduct.circumstance."+k)+"（"+x.Article+"）")
		}
		facts = append(facts, ui.Fact{Label: r.T("conduct.f.circumstances"), Text: strings.Join(words, "；"), Wide: true})
	}
	if c.Form > 0 {
		facts = append(facts, ui.Fact{Label: r.T("conduct.f.form"), Text: r.T("conduct.form." + strconv.Itoa(c.Form))})
	}
	for _, t := range [][2]string{{"report", c.File.Report}, {"statement", c.File.Statement}, {"proposal", c.File.Proposal}, {"decision", c.File.Decision}} {
		if t[1] != "" {
			facts = append(facts, ui.Fact{Label: r.T("conduct.file." + t[0]), Text: t[1], Wide: true})
		}
	}
	for _, l := range f.leads {
		facts = append(facts, ui.Fact{Label: r.T("kind.lead"), Text: l.No, Sub: r.T("lead.source." + l.Source), Href: leadHref(r, l)})
	}
	return facts
}

func leadHref(r *web.Request, l Lead) string {
	if r.Can("lead.read") {
		return "/conduct/leads/" + string(l.ID)
	}
	return ""
}

func (s *Service) kindWords(r *web.Request, kinds []string) string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = r.T("sanction.kind." + k)
	}
	return strings.Join(out, "、")
}

// lenientWords says what the dated facts show; the decider draws the conclusion.
func (s *Service) lenientWords(r *web.Request, l Leniency) (string, []string) {
	place := func(at string, index int64) string {
		if index < 0 {
			return r.T("conduct.place.waiting", r.Moment(at))
		}
		return r.T("conduct.place", r.Moment(at), index)
	}
	var of []string
	if l.SelfAt != "" {
		of = append(of, r.T("conduct.lenient.self", place(l.SelfAt, l.SelfIndex)))
	}
	if l.LeadAt != "" {
		of = append(of, r.T("conduct.lenient.lead", l.LeadNo, place(l.LeadAt, l.LeadIndex)))
	} else if l.SelfAt != "" {
		of = append(of, r.T("conduct.lenient.no_lead"))
	}
	if l.FiledOn != "" {
		of = append(of, r.T("conduct.lenient.filed", l.FiledOn))
	}
	return r.T("conduct.lenient." + l.Verdict), of
}

// adviceWords are the law's range for the proposed measures and what leaves it.
func (s *Service) adviceWords(r *web.Request, c Case) []string {
	var out []string
	if c.Conduct == "" {
		return nil
	}
	if len(c.File.Acts) > 0 {
		return s.actAdvice(r, c)
	}
	x, _ := s.rules.Conduct(c.Conduct)
	if rg := x.Range(c.Gravity); len(rg) == 2 {
		out = append(out, r.T("conduct.advice.range", s.rules.Cite(x.Doc, x.Article), r.T("sanction.kind."+rg[0]), r.T("sanction.kind."+rg[1])))
	} else {
		out = append(out, r.T("conduct.advice.no_range", s.rules.Cite(x.Doc, x.Article)))
	}
	for _, k := range c.Kinds {
		a := s.rules.Advise(c.Conduct, c.Gravity, c.Circumstances, k, c.Retired)
		if a.Outside != "" {
			out = append(out, r.T("conduct.advice."+a.Outside, r.T("sanction.kind."+k)))
		}
		if a.Exempt {
			out = append(out, r.T("conduct.advice.exempt", s.rules.Cite("zwcf2020", "第十二条")))
		}
		if a.Retired {
			out = append(out, r.T("conduct.advice.retired"))
		}
		if a.Adjust {
			out = append(out, r.T("conduct.advice.adjust"))
		}
	}
	return out
}

func (s *Service) clockTable(r *web.Request, f caseFacts) ui.Table {
	t := ui.Table{ID: "k", Caption: r.T("conduct.clocks"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("conduct.f.stage")}, {Label: r.T("conduct.f.from"), Nowrap: true}, {Label: r.T("conduct.f.limit")}, {Label: r.T("conduct.f.due"), Nowrap: true}, {Label: r.T("conduct.f.ended"), Nowrap: true}, {Label: r.T("conduct.f.moved")}}}
	for _, k := range f.ticks {
		moved := []string{}
		if k.Paused > 0 {
			moved = append(moved, r.T("conduct.clock.paused", k.Paused))
		}
		if k.Extended > 0 {
			moved = append(moved, r.T("conduct.clock.extended", k.Extended))
		}
		for _, p := range f.pauses {
			if p.Clock == k.ID {
				moved = append(moved, r.T("conduct.ground."+p.Ground)+" "+string(p.From)+" — "+string(p.To))
			}
		}
		due := ui.Cell{Text: string(k.Due)}
		if k.Ended == "" {
			due = s.dueCell(r, k.Due, f.c.PausedOn == "")
		} else if k.Ended > k.Due {
			due.Chips = []ui.Chip{{Class: "late", Word: r.T("conduct.clock.late")}}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("conduct.state." + k.Stage)}, {Text: string(k.From)}, {Text: r.T("conduct.unit."+k.Unit, k.Value)}, due, {Text: dash(string(k.Ended))}, {Text: dash(strings.Join(moved, "；"))}}})
	}
	return t
}

func (s *Service) paperTable(r *web.Request, list []Served) ui.Table {
	t := ui.Table{ID: "p", Caption: r.T("conduct.papers"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("conduct.f.paper")}, {Label: r.T("conduct.f.served_on"), Nowrap: true}, {Label: r.T("word.status"), Nowrap: true}, {Label: r.T("conduct.f.received_on"), Nowrap: true}, {Label: r.T("conduct.f.answer")}}}
	for _, v := range list {
		answer := "—"
		if v.Answer != "" {
			answer = r.T("served.answer."+v.Answer) + " " + string(v.AnsweredOn)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("served.kind." + v.Kind)}, {Text: string(v.ServedOn)}, {Chips: []ui.Chip{chip(r, "served.state.", v.State, servedClasses)}}, {Text: dash(string(v.ReceivedOn))}, {Text: answer}}})
	}
	return t
}

// caseForm asks for what one step needs.
func (s *Service) caseForm(r *web.Request, c Case, do string, cmd CaseCmd, p map[string]string, names map[id.ID]string) ui.Form {
	f := ui.Form{ID: do, Action: caseHref(c.ID) + "/" + do, Rev: web.Rev(c.Rev), Sensitive: true, Buttons: []ui.Button{{Label: r.T("conduct.do." + do), Kind: "primary"}}}
	picker := func(name string, value id.ID, optional bool) ui.Field {
		return ui.Field{Name: name, Label: r.T("conduct.f." + name), Kind: ui.FieldPicker, Source: "/pick/people", Value: string(value), Optional: optional, Error: p[name]}
	}
	// keep is a picker for a place that somebody has already: empty keeps him.
	keep := func(name string, value, now id.ID, optional bool) ui.Field {
		x := picker(name, value, optional)
		if now != "" {
			x.Optional, x.Hint = true, r.T("conduct.keep", names[now])
		}
		return x
	}
	text := ui.Field{Name: "text", Label: r.T("conduct.text." + do), Kind: ui.FieldArea, Rows: 4, MaxLen: maxFacts, Value: cmd.Text, Wide: true, Error: p["text"]}
	on := ui.Field{Name: "on", Label: r.T("conduct.f.on"), Kind: ui.FieldDate, Value: orDate(string(cmd.On), string(r.Today())), Error: p["on"]}
	choose := func(name, prefix, value string, values []string, any string) ui.Field {
		return ui.Field{Name: name, Label: r.T("conduct.f." + name), Kind: ui.FieldSelect, Value: value, Options: s.options(r, prefix, values, any), Error: p[name]}
	}
	facts := []ui.Field{{Name: "conduct", Label: r.T("conduct.f.conduct"), Kind: ui.FieldSelect, Value: orDate(cmd.Conduct, c.Conduct), Options: s.conductOptions(r), Error: p["conduct"]},
		choose("gravity", "conduct.gravity.", orDate(cmd.Gravity, c.Gravity), Gravities(), ""),
		{Name: "act_from", Label: r.T("conduct.f.act_from"), Kind: ui.FieldDate, Value: orDate(string(cmd.ActFrom), string(c.ActFrom)), Optional: true, Error: p["act_from"]},
		{Name: "act_to", Label: r.T("conduct.f.act_to"), Kind: ui.FieldDate, Value: orDate(string(cmd.ActTo), string(c.ActTo)), Optional: do == "file", Error: p["act_to"]}}
	kinds := cmd.Kinds
	if kinds == nil {
		kinds = c.Kinds
	}
	merged := s.rules.Merge(s.rules.liable(c), r.Today())
	if len(kinds) == 0 {
		for _, m := range merged { // what the law makes of several acts is ticked already
			kinds = append(kinds, m.Kind)
		}
	}
	circumstances := cmd.Circumstances
	if circumstances == nil {
		circumstances = c.Circumstances
	}
	layers := []string{Education, Org, Admin, Party}
	if c.Retired {
		layers = []string{Education, Org, Party}
	}
	measures := []ui.Field{{Name: "kinds", Label: r.T("conduct.f.kinds"), Kind: ui.FieldChecks, Values: kinds, Options: s.kindOptions(r, layers...), Wide: true, Hint: r.T("conduct.kinds.hint"), Error: p["kinds"]},
		{Name: "months", Label: r.T("conduct.f.months"), Kind: ui.FieldNumber, Value: amount(int64(max(cmd.Months, c.Months))), Optional: true, Hint: r.T("conduct.months.hint"), Error: p["months"]},
		{Name: "circumstances", Label: r.T("conduct.f.circumstances"), Kind: ui.FieldChecks, Values: circumstances, Options: s.circumstanceOptions(r), Optional: true, Wide: true, Error: p["circumstances"]}}
	for _, m := range merged {
		if m.Most > 0 {
			measures = append(measures, ui.Field{Name: "period", Label: r.T("conduct.f.period"), Kind: ui.FieldNumber, Value: amount(int64(max(cmd.Period, c.File.Period, m.Least))), Hint: r.T("conduct.period.hint", m.Least, m.Most), Error: p["period"]})
		}
	}
	crimes := []string{"suspected"}
	for _, x := range s.rules.Crimes {
		crimes = append(crimes, x.ID)
	}
	crime := choose("crime", "conduct.crime.", orDate(cmd.Crime, c.Crime), crimes, "conduct.crime.none")
	crime.Optional = true
	reason := ui.Field{Name: "reason", Label: r.T("conduct.f.reason"), Kind: ui.FieldArea, Rows: 2, MaxLen: maxReason, Value: cmd.Reason, Optional: true, Hint: r.T("conduct.reason.hint"), Wide: true, Error: p["reason"]}
	unit := ui.Field{Name: "unit", Label: r.T("conduct.f.unit." + do), Value: cmd.Unit, Hint: r.T("lead.unit.hint"), Error: p["unit"]}
	legend := r.T("conduct.do." + do)
	one := func(fields ...ui.Field) { f.Sets = []ui.Fieldset{{Legend: legend, Fields: fields}} }
	switch do {
	case "act":
		one(s.actFields(r, c, cmd, p, facts, s.kindOptions(r, layers...), text)...)
	case "unact":
		one(ui.Field{Name: "act", Label: r.T("conduct.f.act_no"), Kind: ui.FieldNumber, Value: amount(int64(cmd.Act)), Hint: r.T("conduct.act.hint", 2, len(c.File.Acts)+1), Error: p["act"]}, text)
	case "file":
		one(append([]ui.Field{keep("second", cmd.Second, c.Second, false), on}, append(facts, text)...)...)
	case "report":
		one(append(facts, text)...)
	case "notify":
		one(append(measures, crime, text)...)
	case "hear":
		text.Optional, text.Hint = true, r.T("conduct.hear.hint")
		one(text)
	case "opine":
		unit.Label = r.T("conduct.f.unit.opine")
		one(ui.Field{Name: "opinion", Label: r.T("conduct.f.opinion"), Kind: ui.FieldRadio, Value: cmd.Opinion, Options: s.options(r, "conduct.opinion.", Opinions(), ""), Wide: true, Error: p["opinion"]}, unit,
			ui.Field{Name: "members", Label: r.T("conduct.f.members"), Kind: ui.FieldNumber, Value: amount(int64(cmd.Members)), Error: p["members"]},
			ui.Field{Name: "prosecutors", Label: r.T("conduct.f.prosecutors"), Kind: ui.FieldNumber, Value: amount(int64(cmd.Prosecutors)), Error: p["prosecutors"]}, text)
	case "submit":
		one(append(append([]ui.Field{keep("decider", cmd.Decider, c.Decider, false)}, measures...), text)...)
		f.Note = r.T("conduct.submit.note", s.Units.Name(c.Manage))
	case "decide":
		one(append(append([]ui.Field{on}, measures...), crime, reason, text)...)
		f.Note = r.T("conduct.decide.note")
	case "change":
		one(append(measures, reason, text)...)
		f.Note = r.T("conduct.change.note")
	case "serve", "lift":
		if do == "serve" {
			text.Optional = true
		}
		one(on, text)
	case "end":
		one(ui.Field{Name: "kinds", Label: r.T("lead.f.kinds"), Kind: ui.FieldChecks, Values: cmd.Kinds, Options: s.kindOptions(r, Education), Optional: true, Wide: true, Error: p["kinds"]}, text)
	case "transfer":
		one(unit, text)
	case "assign":
		one(keep("handler", cmd.Handler, c.Handler, false), keep("second", cmd.Second, c.Second, true), picker("recuse", cmd.Recuse, true), text)
	case "pause":
		one(choose("ground", "conduct.ground.", cmd.Ground, Grounds(), "form.choose"), text)
	case "extend":
		one(ui.Field{Name: "days", Label: r.T("conduct.f.days"), Kind: ui.FieldNumber, Value: amount(int64(cmd.Days)), Error: p["days"]}, text)
	case "resume", "receive":
		text.Optional = true
		one(text)
	default:
		one(text)
	}
	if !slices.Contains([]string{"file", "decide", "serve", "lift"}, do) && p["on"] != "" {
		f.Problems = append(f.Problems, p["on"])
	}
	return f
}

func (s *Service) circumstanceOptions(r *web.Request) []ui.Option {
	var out []ui.Option
	for _, x := range s.rules.Circumstances {
		out = append(out, ui.Option{Value: x.ID, Label: r.T("conduct.circumstance." + x.ID), Group: r.T("conduct.turns." + x.Turns), Hint: s.rules.Cite(x.Doc, x.Article)})
	}
	return out
}

func orDate(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func (s *Service) postStep(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var cmd CaseCmd
		var c Case
		if err = r.Decode(&cmd); err == nil {
			c, err = s.Step(r.Context(), r.Actor, n, do, cmd)
		}
		if again(err) {
			return s.casePage(r, n, do, cmd, err)
		}
		if err != nil {
			return nil, err
		}
		to := caseHref(n)
		if s.policy.Can(r.Actor, "conduct.read", s.object(c)) != nil { // handed over: no longer his
			to = "/conduct"
		}
		return web.Redirect{To: to, Done: "done.conduct." + do}, nil
	}
}
