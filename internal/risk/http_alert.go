package risk

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/ui/chart"
	"huikan/internal/platform/web"
)

type alertsPage struct {
	Tabs  ui.Tabs
	Note  string
	Last  string
	Run   *ui.Form
	Table ui.Table
}

func (s *Service) getAlerts(r *web.Request) (web.Response, error) { return s.alertsPage(r, nil) }

func (s *Service) alertsPage(r *web.Request, failed error) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	f := alertFilter{State: oneOf(q.Filter.Get("state"), AlertFlow.States()), Level: oneOf(q.Filter.Get("level"), []string{"1", "2", "3", "4"})}
	if n, err := id.Parse(q.Filter.Get("person")); err == nil {
		f.Person = n
	}
	p := alertsPage{Tabs: s.tabs(r, "/risk"), Note: r.T("alert.note")}
	var list []Alert
	var next page.Next
	var names, rules map[string]string
	err = s.log.DB().Read(r.Context(), func(dq db.Q) error {
		if rules, err = s.ruleNames(r.Context(), dq, r.Lang); err != nil {
			return err
		}
		if _, ok := rules[q.Filter.Get("rule")]; ok {
			f.Rule = q.Filter.Get("rule")
		}
		if list, next, err = visibleAlerts(r.Context(), dq, s.policy, r.Actor, f, q); err != nil {
			return err
		}
		people, err := s.names(r.Context(), dq, personIDs(list)...)
		if err != nil {
			return err
		}
		names = map[string]string{}
		for k, v := range people {
			names[string(k)] = v
		}
		last, err := lastRun(r.Context(), dq)
		if err == nil && last.ID != "" {
			kind := "risk.run.delta"
			if last.Whole {
				kind = "risk.run.whole"
			}
			p.Last = r.T("risk.run.last", r.Moment(last.At), r.T(kind), last.Rules, last.Cases, last.Events, last.Found, last.Known)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if r.Can("risk_run.start") {
		p.Run = &ui.Form{ID: "run", Action: "/risk/run", Note: r.T("risk.run.note"), Buttons: []ui.Button{{Label: r.T("risk.run.start"), Name: "whole", Value: ""}, {Label: r.T("risk.run.start_whole"), Name: "whole", Value: "1"}}}
		problem(r, p.Run, failed)
	}
	p.Table = s.alertTable(r, list, names, rules, f)
	p.Table.Pager = web.PagerOf(r, "/risk", next, q)
	return web.Page{Name: "risk/alerts", Data: p, API: list, Err: shownErr(failed), Crumbs: []ui.Crumb{{Label: r.T("menu.risk")}}, Mark: true}, nil
}

func (s *Service) alertTable(r *web.Request, list []Alert, names, rules map[string]string, f alertFilter) ui.Table {
	var keys []string
	for k := range rules {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Compare(rules[a], rules[b]) })
	any := []ui.Option{{Label: r.T("form.any")}}
	for _, k := range keys {
		any = append(any, ui.Option{Value: k, Label: rules[k]})
	}
	t := ui.Table{Caption: r.T("risk.tab.alerts"), Base: "/risk", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("alert.f.rule")}, {Label: r.T("alert.f.level"), Nowrap: true}, {Label: r.T("alert.f.person")}, {Label: r.T("word.unit")}, {Label: r.T("word.status"), Nowrap: true},
			{Label: r.T("alert.f.found"), Nowrap: true}, {Label: r.T("word.due"), Nowrap: true}},
		Filters: []ui.Field{{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Value: f.State, Options: options(r, "alert.state.", AlertFlow.States(), "form.any")},
			{Name: "level", Label: r.T("alert.f.level"), Kind: ui.FieldSelect, Value: f.Level, Options: options(r, "risk.level.", []string{"1", "2", "3", "4"}, "form.any")},
			{Name: "rule", Label: r.T("alert.f.rule"), Kind: ui.FieldSelect, Value: f.Rule, Options: any}},
		Empty: ui.EmptyState{Title: r.T("alert.none"), Text: r.T("alert.none.text")}}
	for _, a := range list {
		t.Rows = append(t.Rows, ui.Row{ID: string(a.ID), Href: "/risk/alerts/" + string(a.ID), Cells: []ui.Cell{{Text: a.No}, {Text: rules[a.Rule], Clamp: true, Sub: r.T("alert.version", a.N)}, {Chips: []ui.Chip{levelChip(r, a.Level)}},
			{Text: dash(names[string(a.Person)])}, {Text: s.Units.Short(a.Unit)}, {Chips: []ui.Chip{chip(r, "alert.state.", a.State, alertClasses)}}, {Text: string(a.Found)}, dueCell(s.today(), a.Due, !decided(a.State), r)}})
	}
	return t
}

func (s *Service) postRun(r *web.Request) (web.Response, error) {
	var cmd RunCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	run, err := s.Run(r.Context(), r.Actor, cmd)
	if err != nil && !r.API() && again(err) {
		return s.alertsPage(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/risk", Done: "done.risk_run.start", API: run}, nil
}

type alertPage struct {
	A        Alert
	Title    string
	Chips    []ui.Chip
	Sentence string
	Facts    []ui.Fact
	Atoms    ui.Table
	Events   ui.Table
	Compare  []ui.Fact
	Chart    template.HTML
	Points   []ui.Link
	Others   []ui.Link
	Forms    []ui.Form
	Trail    ui.Trail
	Note     string
}

func (s *Service) getAlert(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.alertPage(r, n, "", AlertCmd{}, nil)
}

func (s *Service) alertPage(r *web.Request, n id.ID, do string, cmd AlertCmd, failed error) (web.Response, error) {
	a, err := s.Alert(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	p := alertPage{A: a, Note: r.T("alert.secret"), Chips: []ui.Chip{levelChip(r, a.Level), chip(r, "alert.state.", a.State, alertClasses)}}
	var entries []Entry
	var people map[id.ID]string
	var rules map[string]string
	var v Version
	var points []Point
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		if entries, err = s.entries(r.Context(), q, n); err != nil {
			return err
		}
		ids := []id.ID{a.Person, a.Verifier}
		for _, e := range entries {
			ids = append(ids, e.Person)
		}
		for _, e := range a.Facts.Events {
			ids = append(ids, e.Handler)
		}
		if people, err = s.names(r.Context(), q, ids...); err != nil {
			return err
		}
		if rules, err = s.ruleNames(r.Context(), q, r.Lang); err != nil {
			return err
		}
		if v, err = s.raisedBy(r, q, a); err != nil {
			return err
		}
		if points, err = PointsFor(r.Context(), q, a.Unit, a.Rule); err != nil {
			return err
		}
		precise, err := precisions(r.Context(), q, s.policy, r.Actor, a.Rule, a.N)
		if err != nil {
			return err
		}
		p.Facts = s.alertFacts(r, a, v, people, precise)
		if a.Person != "" {
			others, _, err := visibleAlerts(r.Context(), q, s.policy, r.Actor, alertFilter{Person: a.Person}, page.Query{Size: 10})
			if err != nil {
				return err
			}
			for _, o := range others {
				if o.ID != a.ID {
					p.Others = append(p.Others, ui.Link{Label: o.No + " · " + rules[o.Rule] + " · " + r.T("alert.state."+o.State), Href: "/risk/alerts/" + string(o.ID)})
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	p.Title = v.Name(r.Lang)
	if prog, err := s.cat.Compile(v.Subject, v.Expression); err == nil {
		p.Sentence = prog.Sentence(r.Lang, word(r))
	}
	p.Atoms, p.Events = s.atomTable(r, a), s.eventTable(r, a.Facts.Events, people)
	p.Compare, p.Chart = s.compared(r, a)
	for _, x := range points {
		p.Points = append(p.Points, ui.Link{Label: x.No + " " + x.Post + " · " + x.Shown, Href: "/risk/points/" + string(x.ID)})
	}
	for _, st := range AlertFlow.From(a.State) {
		if s.policy.Can(r.Actor, "alert."+st.Do, s.alertObject(a)) != nil {
			continue
		}
		form := s.alertForm(r, a, st.Do, points, AlertCmd{}, nil)
		if st.Do == do {
			form = s.alertForm(r, a, st.Do, points, cmd, r.Problems(failed))
			problem(r, &form, failed)
		}
		p.Forms = append(p.Forms, form)
	}
	p.Trail = trail(r, entries, people, "alert.did.")
	return web.Page{Name: "risk/alert", Err: shownErr(failed), Data: p, API: struct {
		Alert
		Sentence string  `json:"sentence"`
		Entries  []Entry `json:"entries"`
	}{a, p.Sentence, entries}, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: a.No})}, nil
}

// raisedBy finds the version that raised an alert.
func (s *Service) raisedBy(r *web.Request, q db.Q, a Alert) (Version, error) {
	list, err := versionsWhere(r.Context(), q, "v.rule = $1", a.Rule)
	if err != nil {
		return Version{}, err
	}
	if i := slices.IndexFunc(list, func(v Version) bool { return v.N == a.N }); i >= 0 {
		return list[i], nil
	}
	if i := slices.IndexFunc(s.cat.Rules, func(v Version) bool { return v.Rule == a.Rule }); i >= 0 {
		return s.cat.Rules[i], nil
	}
	return Version{Rule: a.Rule, N: a.N, Subject: a.Subject}, nil
}

func (s *Service) alertFacts(r *web.Request, a Alert, v Version, people map[id.ID]string, precise []Precision) []ui.Fact {
	facts := []ui.Fact{{Label: r.T("alert.f.person"), Text: dash(people[a.Person]), Sub: s.Units.Name(a.Unit)}}
	if a.Person != "" {
		facts[0].Href = "/risk?person=" + string(a.Person)
	}
	if a.Facts.CaseNo != "" {
		f := ui.Fact{Label: r.T("alert.f.case"), Text: a.Facts.CaseNo, Sub: r.Word("risk.type."+a.Facts.CaseType, a.Facts.CaseType)}
		if a.Case != "" && s.policy.Can(r.Actor, "risk_event.read", access.Object{Kind: "risk_event", Units: []access.Place{s.Units.Place(a.Unit)}}) == nil {
			f.Href = caseHref(a.Case)
		}
		facts = append(facts, f)
	}
	facts = append(facts, ui.Fact{Label: r.T("alert.f.source"), Text: v.Document, Sub: v.Article, Chips: evidenceChip(r, v.Evidence)},
		ui.Fact{Label: r.T("alert.f.home"), Text: s.Units.Name(a.Home)}, ui.Fact{Label: r.T("alert.f.found"), Text: string(a.Found), Sub: r.T("alert.due", a.Due)},
		ui.Fact{Label: r.T("alert.f.version"), Text: r.T("alert.version", a.N), Href: ruleHref(v)})
	if len(precise) == 1 {
		facts = append(facts, ui.Fact{Label: r.T("risk.precision"), Text: intervalText(r, precise[0].Right)})
	}
	if a.Snooze != "" {
		facts = append(facts, ui.Fact{Label: r.T("alert.f.until"), Text: string(a.Snooze)})
	}
	if a.Lead != "" {
		facts = append(facts, ui.Fact{Label: r.T("alert.f.lead"), Text: a.Lead, Sub: r.T("alert.lead.only")})
	}
	if len(a.Facts.Contacts) > 0 {
		var days []string
		for _, d := range a.Facts.Contacts {
			days = append(days, string(d))
		}
		facts = append(facts, ui.Fact{Label: r.T("alert.f.contacts"), Text: strings.Join(days, "、")})
	}
	if len(a.Facts.Lawyers) > 0 {
		facts = append(facts, ui.Fact{Label: r.T("alert.f.lawyers"), Text: strings.Join(a.Facts.Lawyers, "；"), Wide: true})
	}
	if len(a.Facts.Cases) > 0 {
		facts = append(facts, ui.Fact{Label: r.T("alert.f.cases"), Text: strings.Join(a.Facts.Cases, "、"), Wide: true})
	}
	return facts
}

func ruleHref(v Version) string {
	if v.ID == "" {
		return "/risk/rules/" + v.Rule
	}
	return "/risk/rules/" + string(v.ID)
}

func evidenceChip(r *web.Request, e string) []ui.Chip {
	class := "wait"
	if e == Law {
		class = "ok"
	}
	return []ui.Chip{{Class: class, Word: r.T("risk.evidence." + e)}}
}

func intervalText(r *web.Request, i Interval) string {
	if i.N == 0 {
		return r.T("risk.precision.none")
	}
	return r.T("risk.precision.text", percent(i.Share), percent(i.Low), percent(i.High), i.Yes, i.N)
}

func percent(v float64) string { return fmt.Sprintf("%.0f%%", v*100) }

func (s *Service) atomTable(r *web.Request, a Alert) ui.Table {
	t := ui.Table{ID: "atoms", Caption: r.T("alert.atoms"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("alert.f.indicator")}, {Label: r.T("alert.f.value"), Num: true}, {Label: r.T("alert.f.than")}}}
	l := languages[r.Lang]
	for _, x := range a.Facts.Atoms {
		i, _ := s.cat.indicator(a.Subject, x.Indicator)
		unit := s.cat.UnitWord(i.Unit, r.Lang)
		show := func(v string) string {
			switch {
			case i.Type == typeBool:
				return r.T("risk.bool." + v)
			case i.Type == typeText:
				return r.Word("risk.type."+v, v)
			case v == strconv.Itoa(never):
				return r.T("risk.never")
			}
			return strings.TrimSpace(v + " " + unit)
		}
		than := "—"
		if x.Than != "" {
			than = l.ops[x.Op] + " " + show(x.Than)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: i.Word(r.Lang)}, {Text: show(x.Value)}, {Text: than}}})
	}
	return t
}

func (s *Service) eventTable(r *web.Request, list []Event, people map[id.ID]string) ui.Table {
	t := ui.Table{ID: "events", Caption: r.T("alert.events"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.date"), Nowrap: true}, {Label: r.T("risk.event")}, {Label: r.T("alert.f.handler")}, {Label: r.T("risk.event.lawyer")}, {Label: r.T("word.note")}}}
	for _, e := range list {
		when := string(e.Day)
		if e.Minute >= 0 {
			when += fmt.Sprintf(" %02d:%02d", e.Minute/60, e.Minute%60)
		}
		var note []string
		if e.Basis != "" {
			note = append(note, r.T("risk.basis."+e.Basis))
		}
		if e.Amount > 0 {
			note = append(note, r.T("risk.yuan", e.Amount))
		}
		if e.Note != "" {
			note = append(note, e.Note)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: when}, {Text: r.T("risk.kind." + e.Name)}, {Text: dash(people[e.Handler])}, {Text: dash(e.Lawyer), Sub: e.Licence}, {Text: dash(strings.Join(note, "；"))}}})
	}
	return t
}

// compared shows with whom a figure is compared, and how a pair stands against chance.
func (s *Service) compared(r *web.Request, a Alert) (facts []ui.Fact, picture template.HTML) {
	if c := a.Facts.Compare; c != nil {
		facts = []ui.Fact{{Label: r.T("alert.compare.own"), Text: r.T("alert.compare.rate", percent(c.Rate), c.Yes, c.N)}, {Label: r.T("alert.compare.peers"), Text: percent(c.PeerRate), Sub: r.T("alert.compare.peers_n", c.Peers)},
			{Label: r.T("alert.compare.funnel"), Text: percent(c.Low) + " – " + percent(c.High), Sub: r.T("alert.compare.funnel.text")}, {Label: r.T("alert.compare.spread"), Text: fmt.Sprintf("%.1f%%", c.Spread*100), Sub: r.T("alert.compare.spread.text")},
			{Label: r.T("alert.compare.z"), Text: fmt.Sprintf("%.1f", c.Z)}}
		own := Wilson(c.Yes, c.N)
		picture = chart.Interval(chart.Frame{Title: r.T("alert.compare")}, []chart.Estimate{
			{Label: r.T("alert.compare.own"), Low: own.Low, Mid: own.Share, High: own.High, Text: percent(own.Share) + " (" + percent(own.Low) + "–" + percent(own.High) + ")"},
			{Label: r.T("alert.compare.funnel"), Low: c.Low, Mid: c.PeerRate, High: c.High, Text: percent(c.PeerRate) + " (" + percent(c.Low) + "–" + percent(c.High) + ")"}}, 1, chart.IntervalWords{Label: r.T("alert.compare"), Value: r.T("word.share")})
	}
	if p := a.Facts.Pair; p != nil {
		facts = append(facts, ui.Fact{Label: r.T("risk.event.lawyer"), Text: p.Lawyer, Sub: p.Licence}, ui.Fact{Label: r.T("alert.pair.cases"), Text: strconv.Itoa(p.Cases), Sub: r.T("alert.pair.favourable", p.Favourable)},
			ui.Fact{Label: r.T("alert.pair.expected"), Text: fmt.Sprintf("%.2f", p.Expected), Sub: r.T("alert.pair.of", p.Handler, p.Counsel, p.Unit)},
			ui.Fact{Label: r.T("alert.pair.q"), Text: fmt.Sprintf("%.2g", p.Q), Sub: r.T("alert.pair.q.text")})
	}
	return facts, picture
}

func (s *Service) alertForm(r *web.Request, a Alert, do string, points []Point, cmd AlertCmd, bad map[string]string) ui.Form {
	f := ui.Form{ID: do, Action: "/risk/alerts/" + string(a.ID) + "/" + do, Rev: web.Rev(a.Rev), Sensitive: true, Buttons: []ui.Button{{Label: r.T("alert.do." + do)}}}
	if do == "verify" || do == "lead" {
		f.Buttons[0].Kind = "primary"
	}
	var fields []ui.Field
	if do != "wake" {
		fields = append(fields, ui.Field{Name: "text", Label: r.T("alert.text." + do), Kind: ui.FieldArea, Rows: 2, MaxLen: maxReason, Value: cmd.Text, Wide: true, Error: bad["text"]})
	}
	if do == "snooze" {
		fields = append(fields, ui.Field{Name: "until", Label: r.T("alert.f.until"), Kind: ui.FieldDate, Value: string(cmd.Until), Error: bad["until"]})
	}
	if (do == "correct" || do == "lead") && len(points) > 0 {
		x := ui.Field{Name: "point", Label: r.T("alert.f.point"), Kind: ui.FieldSelect, Value: string(cmd.Point), Optional: true, Error: bad["point"], Options: []ui.Option{{Label: r.T("word.none")}}}
		for _, p := range points {
			x.Options = append(x.Options, ui.Option{Value: string(p.ID), Label: p.No + " " + p.Post})
		}
		fields = append(fields, x)
	}
	f.Sets = []ui.Fieldset{{Legend: r.T("alert.do." + do), Hint: r.Word("alert.hint."+do, ""), Fields: fields}}
	return f
}

func trail(r *web.Request, entries []Entry, people map[id.ID]string, prefix string) ui.Trail {
	var t ui.Trail
	for _, e := range slices.Backward(entries) {
		t.Entries = append(t.Entries, ui.Entry{At: r.Moment(e.At), Who: people[e.Person], What: r.T(prefix + e.Do), Text: e.Text})
	}
	return t
}

func (s *Service) postAlert(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var cmd AlertCmd
		var a Alert
		if err = r.Decode(&cmd); err == nil {
			a, err = s.Judge(r.Context(), r.Actor, n, do, cmd)
		}
		if err != nil && !r.API() && again(err) {
			return s.alertPage(r, n, do, cmd, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/risk/alerts/" + string(n), Done: "done.alert." + do, API: a}, nil
	}
}

type loopPage struct {
	Tabs     ui.Tabs
	Note     string
	Lines    ui.Table
	Silent   ui.Table
	Blind    ui.Table
	Findings ui.Table
}

func (s *Service) getLoop(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	l, err := s.Loop(r.Context(), r.Actor, q)
	if err != nil {
		return nil, err
	}
	var rules map[string]string
	err = s.log.DB().Read(r.Context(), func(dq db.Q) (err error) {
		rules, err = s.ruleNames(r.Context(), dq, r.Lang)
		return err
	})
	if err != nil {
		return nil, err
	}
	p := loopPage{Tabs: s.tabs(r, "/risk/loop"), Note: r.T("loop.note", l.Days)}
	p.Lines = ui.Table{ID: "loop", Caption: r.T("loop.lines"), Base: "/risk/loop", NoDrawer: true, Columns: []ui.Column{{Label: r.T("loop.alert"), Nowrap: true}, {Label: r.T("alert.f.rule")}, {Label: r.T("loop.outcome")}, {Label: r.T("loop.measure")}, {Label: r.T("loop.effect")}},
		Empty: ui.EmptyState{Title: r.T("loop.none"), Text: r.T("loop.none.text")}}
	for _, x := range l.Lines {
		outcome := ui.Cell{Text: r.T("alert.state." + x.Alert.State), Sub: x.Alert.Lead}
		measure := ui.Cell{Text: r.T("loop.no_point")}
		if x.Point.ID != "" {
			measure = ui.Cell{Text: x.Point.No + " " + x.Point.Post, Sub: firstOfTexts(x.Point.System, x.Point.Supervision, x.Point.Education, x.Point.Warning), Href: "/risk/points/" + string(x.Point.ID)}
		}
		p.Lines.Rows = append(p.Lines.Rows, ui.Row{Href: "/risk/alerts/" + string(x.Alert.ID), Cells: []ui.Cell{{Text: x.Alert.No, Sub: s.Units.Short(x.Alert.Unit)}, {Text: rules[x.Alert.Rule]}, outcome, measure,
			{Text: r.T("loop.counts", x.Before, x.After), Sub: r.T("loop.days", x.Days, l.Days)}}})
	}
	p.Lines.Pager = web.PagerOf(r, "/risk/loop", l.Next, q)
	p.Silent = s.pointRows(r, "silent", r.T("loop.silent"), r.T("loop.silent.none"), l.Silent)
	p.Blind = s.pointRows(r, "blind", r.T("loop.blind"), r.T("loop.blind.none"), l.Blind)
	p.Findings = ui.Table{ID: "findings", Caption: r.T("loop.findings"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("word.title")}, {Label: r.T("word.date"), Nowrap: true}},
		Empty: ui.EmptyState{Title: r.T("loop.findings.none")}}
	for _, f := range l.Findings {
		p.Findings.Rows = append(p.Findings.Rows, ui.Row{Href: f.Href, Cells: []ui.Cell{{Text: f.No}, {Text: f.Title, Clamp: true}, {Text: string(f.On)}}})
	}
	return web.Page{Name: "risk/loop", Data: p, API: l, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: r.T("risk.tab.loop")})}, nil
}

func firstOfTexts(list ...string) string {
	for _, t := range list {
		if t != "" {
			return t
		}
	}
	return ""
}

// shownDay is a day or a dash.
func shownDay(d clock.Date) string { return dash(string(d)) }
