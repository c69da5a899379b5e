package directive

import (
	"context"
	"slices"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// nodes are the eight nodes of a task with when each was passed and by whom.
func (s *Service) nodes(r *web.Request, v TaskView) ui.Steps {
	t := v.Task
	when := map[string]string{"set_up": t.MadeAt, "notified": t.MadeAt}
	who := map[string]string{}
	if v.Issue.ID != "" {
		when["set_up"], who["set_up"] = v.Issue.MadeAt, v.Names[v.Issue.Author]
		when["approved"], who["approved"] = v.Issue.JudgedAt, v.Names[v.Issue.Judge]
	}
	for _, e := range v.Entries {
		node := map[string]string{"sign": "signed", "progress": "worked", "break_down": "worked", "report": "reported", "accept": "reviewed", "redirect": "notified"}[e.Action]
		if node == "" || node == "worked" && when[node] != "" {
			continue
		}
		when[node], who[node] = e.At, v.Names[e.By]
		if node == "reviewed" {
			when["done"], who["done"] = e.At, ""
		}
	}
	out := ui.Steps{Label: r.T("task.nodes")}
	for i, node := range Nodes {
		st := ui.Step{Label: r.T("task.node." + node), State: "todo"}
		switch {
		case i < t.Node():
			st.State = "done"
		case i == t.Node() && t.State != TaskWithdrawn:
			st.State = "now"
		}
		if st.State != "todo" && when[node] != "" {
			st.Real = r.Moment(when[node])
			if who[node] != "" {
				st.Real += " " + who[node]
			}
		}
		if node == "approved" && v.Issue.ID != "" && v.Issue.Judge == "" && v.Issue.State == IssueSent {
			st.Real = r.T("issue.unapproved")
		}
		if node == "reported" && t.Open() && t.State != TaskReported {
			st.Plan = string(t.Due)
		}
		out.Items = append(out.Items, st)
	}
	return out
}

// workForms are the forms of the actions that need more than a text.
func (s *Service) workForms(r *web.Request, v TaskView, did string, failed error) (out []ui.Form) {
	base := "/tasks/" + string(v.Task.ID)
	rev := web.Rev(v.Task.Rev)
	problems := func(do string) map[string]string {
		if do == did {
			return r.Problems(failed)
		}
		return map[string]string{}
	}
	typed := func(do, name string) string {
		if do == did {
			return r.PostForm.Get(name)
		}
		return ""
	}
	unit := func(do string) ui.Field {
		return ui.Field{Name: "unit", Label: r.T("task." + do + ".unit"), Kind: ui.FieldPicker, Source: "/pick/units", Value: typed(do, "unit"), Error: problems(do)["unit"]}
	}
	text := func(do, label string, must bool) ui.Field {
		return ui.Field{Name: "text", Label: r.T(label), Kind: ui.FieldArea, Rows: 2, Optional: !must, Value: typed(do, "text"), Error: problems(do)["text"], Wide: true}
	}
	for _, do := range v.Steps {
		f := ui.Form{ID: do, Rev: rev, Buttons: []ui.Button{{Label: r.T("task.do." + do)}}}
		set := ui.Fieldset{Legend: r.T("task.do." + do), Hint: r.T("task." + do + ".hint")}
		switch do {
		case "extend":
			f.Action = base + "/extend"
			set.Hint = r.T("task.extend.hint", len(granted(v.Extensions)), Supervision().Extensions)
			set.Fields = []ui.Field{{Name: "to", Label: r.T("task.extend.to"), Kind: ui.FieldDate, Value: typed(do, "to"), Error: problems(do)["to"]}, text(do, "word.reason", true)}
		case "hand_on":
			f.Action = base + "/hand-on"
			set.Fields = []ui.Field{unit(do), text(do, "word.reason", true)}
		case "cosign":
			f.Action = base + "/cosign"
			set.Fields = []ui.Field{unit(do), text(do, "task.cosign.text", true)}
		case "grant":
			x := v.Extensions[slices.IndexFunc(v.Extensions, func(x Extension) bool { return x.State == ExtensionAsked })]
			f.Action = base + "/grant"
			set.Legend, set.Hint = r.T("task.extension"), r.T("task.extension.asked", string(x.From), string(x.To), x.Reason)
			set.Fields = []ui.Field{text(do, "issue.opinion", false)}
			if did == "refuse" {
				set.Fields[0].Error = r.Problems(failed)["text"]
			}
			f.Buttons[0].Kind = "primary"
			f.Buttons = append(f.Buttons, ui.Button{Label: r.T("task.do.refuse"), Kind: "danger", Action: base + "/refuse"})
		default:
			continue
		}
		f.Sets = []ui.Fieldset{set}
		out = append(out, f)
	}
	return out
}

// around are the tables beside a task: extensions, countersignatures, reminders.
func (s *Service) aroundTask(r *web.Request, v TaskView) (out ui.Trail) {
	for _, x := range v.Extensions {
		class := map[string]string{ExtensionAsked: "wait", ExtensionGranted: "ok", ExtensionRefused: "late"}[x.State]
		out.Entries = append(out.Entries, ui.Entry{At: r.Moment(x.At), Who: v.Names[x.Person], What: r.T("task.extension") + " · " + r.T("task.extension.state."+x.State), Text: string(x.From) + " → " + string(x.To) + "\n" + x.Reason + "\n" + x.Opinion, Class: class})
	}
	for _, c := range v.Cosigns {
		class := map[string]string{CosignAsked: "wait", CosignAgreed: "ok", CosignObjected: "late"}[c.State]
		out.Entries = append(out.Entries, ui.Entry{At: r.Moment(c.At), Who: s.Dir.Short(c.Unit), What: r.T("kind.cosign") + " · " + r.T("cosign.state."+c.State), Text: c.Opinion, Class: class, Link: ui.Link{Label: r.T("cosign.open"), Href: "/cosigns/" + string(c.ID)}})
	}
	for _, x := range v.Reminders {
		out.Entries = append(out.Entries, ui.Entry{At: r.Moment(x.At), What: r.T("task.todo.remind." + x.Tier)})
	}
	return out
}

// answered answers one of the actions of a task: back to it, or its page again
// with what was wrong.
func (s *Service) answered(r *web.Request, n id.ID, do string, err error) (web.Response, error) {
	if fault.Is(err, fault.KindInvalid) {
		v, e := s.Task(r.Context(), r.Actor, n)
		if e != nil {
			return nil, e
		}
		return s.taskPage(r, v, StepCmd{}, do, err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/tasks/" + string(n), Done: "done.task." + do}, nil
}

func (s *Service) postHandOn(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c UnitCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	return s.answered(r, n, "hand_on", s.HandOn(r.Context(), r.Actor, n, c))
}

func (s *Service) postCosign(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c UnitCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	_, err = s.AskCosign(r.Context(), r.Actor, n, c)
	return s.answered(r, n, "cosign", err)
}

func (s *Service) postExtend(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c ExtendCmd
	if err := r.Decode(&c); err != nil {
		if !fault.Is(err, fault.KindInvalid) {
			return nil, err
		}
		return s.answered(r, n, "extend", err)
	}
	return s.answered(r, n, "extend", s.Extend(r.Context(), r.Actor, n, c))
}

func (s *Service) postGrant(r *web.Request) (web.Response, error)  { return s.decide(r, true) }
func (s *Service) postRefuse(r *web.Request) (web.Response, error) { return s.decide(r, false) }

func (s *Service) decide(r *web.Request, grant bool) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c StepCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	do := map[bool]string{true: "grant", false: "refuse"}[grant]
	return s.answered(r, n, do, s.Decide(r.Context(), r.Actor, n, grant, c))
}

type recordPage struct {
	Title   string
	Chips   []ui.Chip
	Stats   ui.Stats
	Facts   []ui.Fact
	Forms   []ui.Form
	Buttons []ui.Button
	Rev     int64
	Table   *ui.Table
	Hint    string
}

var cosignClass = map[string]string{CosignAsked: "wait", CosignAgreed: "ok", CosignObjected: "late", CosignWithdrawn: "off"}

func (s *Service) getCosign(r *web.Request) (web.Response, error) {
	return shown(r, s.Cosign, s.cosignPage)
}

// shown is the page of one record.
func shown[V any](r *web.Request, read func(context.Context, actor.Actor, id.ID) (V, error), page func(*web.Request, V, StepCmd, error) web.Response) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v, err := read(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	return page(r, v, StepCmd{}, nil), nil
}

// stepped answers a step of a record with a page of its own: back to it, or its
// page again with what was wrong.
func stepped[V any](r *web.Request, base, done string, step func(context.Context, actor.Actor, id.ID, string, StepCmd) error, read func(context.Context, actor.Actor, id.ID) (V, error), page func(*web.Request, V, StepCmd, error) web.Response) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	do := r.PathValue("do")
	var c StepCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	err = step(r.Context(), r.Actor, n, do, c)
	if fault.Is(err, fault.KindInvalid) {
		v, e := read(r.Context(), r.Actor, n)
		if e != nil {
			return nil, e
		}
		return page(r, v, c, err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: base + string(n), Done: done + do}, nil
}

func (s *Service) cosignPage(r *web.Request, v CosignView, c StepCmd, failed error) web.Response {
	x := v.Cosign
	base := "/cosigns/" + string(x.ID) + "/step/"
	p := recordPage{Title: r.T("cosign.title", v.Title), Chips: []ui.Chip{{Class: cosignClass[x.State], Word: r.T("cosign.state." + x.State)}}, Rev: x.Rev, Facts: []ui.Fact{
		{Label: r.T("cosign.by"), Text: s.Dir.Name(x.By), Sub: v.Names[x.Person]}, {Label: r.T("cosign.unit"), Text: s.Dir.Name(x.Unit)}, {Label: r.T("word.due"), Text: string(v.Due)},
		{Label: r.T("task.measure"), Text: v.Ask, Wide: true}, {Label: r.T("task.cosign.text"), Text: x.Text, Wide: true, Verbatim: true}}}
	if x.SignedAt != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("issue.opinion"), Text: x.Opinion, Sub: v.Names[x.Signer] + " " + r.Moment(x.SignedAt), Wide: true})
	}
	if s.Policy.Can(r.Actor, "cosign.withdraw", x.object(s.Dir.Place)) == nil {
		p.Facts[0].Href = "/tasks/" + string(x.Task)
	}
	p.Forms = stepForm(r, "cosign", base, v.Steps, web.Rev(x.Rev), c.Text, failed)
	return web.Page{Name: "directive/record", Err: failed, Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.tasks"), Href: "/tasks"}, {Label: p.Title}}}
}

// stepForm is one form with a text and a button for each step.
func stepForm(r *web.Request, kind, base string, steps []string, rev, text string, failed error) []ui.Form {
	f := ui.Form{ID: "step", Rev: rev, Sets: []ui.Fieldset{{Legend: r.T(kind + ".say"), Fields: []ui.Field{{Name: "text", Label: r.T("issue.opinion"), Kind: ui.FieldArea, Rows: 3, Optional: true, Value: text, Error: r.Problems(failed)["text"], Wide: true}}}}}
	for _, do := range steps {
		f.Buttons = append(f.Buttons, ui.Button{Label: r.T(kind + ".do." + do), Action: base + do, Kind: map[string]string{"agree": "primary", "confirm": "primary", "settle": "primary", "object": "danger", "dispute": "danger"}[do]})
	}
	if len(f.Buttons) == 0 {
		return nil
	}
	f.Action = f.Buttons[0].Action
	return []ui.Form{f}
}

func (s *Service) postCosignStep(r *web.Request) (web.Response, error) {
	return stepped(r, "/cosigns/", "done.cosign.", s.CosignStep, s.Cosign, s.cosignPage)
}

type quarterForm struct {
	Quarter string `json:"quarter"`
}

type accountsPage struct {
	Table ui.Table
	Form  *ui.Form
}

var accountClass = map[string]string{AccountAsked: "wait", AccountAgreed: "ok", AccountDisputed: "late", AccountSettled: "ok"}

func (s *Service) getAccounts(r *web.Request) (web.Response, error) { return s.accountsPage(r, nil) }

func (s *Service) accountsPage(r *web.Request, failed error) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	l, err := s.Accounts(r.Context(), r.Actor, q)
	if err != nil {
		return nil, err
	}
	states := []ui.Option{{Label: r.T("word.all")}}
	for _, st := range AccountFlow.States() {
		states = append(states, ui.Option{Value: st, Label: r.T("quarter.state." + st)})
	}
	t := ui.Table{Caption: r.T("menu.reconciliations"), Base: "/reconciliations", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "unit", Label: r.T("task.unit")}, {Key: "quarter", Label: r.T("quarter.quarter"), Nowrap: true}, {Key: "tasks", Label: r.T("issue.all"), Num: true}, {Key: "verified", Label: r.T("issue.verified"), Num: true}, {Key: "reported", Label: r.T("issue.reported"), Num: true}, {Key: "late", Label: r.T("task.lamp.late"), Num: true}, {Key: "state", Label: r.T("word.status")}},
		Filters: []ui.Field{{Name: "quarter", Label: r.T("quarter.quarter"), Value: q.Filter.Get("quarter")}, {Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Options: states, Value: q.Filter.Get("state")}},
		Empty:   ui.EmptyState{Title: r.T("quarter.none"), Text: r.T("quarter.none.text")}}
	for _, a := range l.Rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(a.ID), Href: "/reconciliations/" + string(a.ID), Cells: []ui.Cell{{Text: s.Dir.Short(a.Unit)}, {Text: a.Quarter}, {Text: strconv.Itoa(a.Tasks)}, {Text: strconv.Itoa(a.Verified)}, {Text: strconv.Itoa(a.Reported)}, {Text: strconv.Itoa(a.Late)},
			{Chips: []ui.Chip{{Class: accountClass[a.State], Word: r.T("quarter.state." + a.State)}}}}})
	}
	t.Pager = web.PagerOf(r, "/reconciliations", l.Next, q)
	p := accountsPage{Table: t}
	if r.Can("quarter.open") {
		p.Form = &ui.Form{ID: "open", Action: "/reconciliations", Sets: []ui.Fieldset{{Legend: r.T("quarter.do.open"), Hint: r.T("quarter.open.hint"), Fields: []ui.Field{{Name: "quarter", Label: r.T("quarter.quarter"), Value: Quarter(r.Today()), Error: r.Problems(failed)["quarter"]}}}}, Buttons: []ui.Button{{Label: r.T("quarter.do.open")}}}
	}
	return web.Page{Name: "directive/accounts", Err: failed, Data: p, API: l.Rows, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.reconciliations")}}}, nil
}

func (s *Service) postAccounts(r *web.Request) (web.Response, error) {
	var f quarterForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	n, err := s.OpenQuarter(r.Context(), r.Actor, f.Quarter)
	if fault.Is(err, fault.KindInvalid) {
		return s.accountsPage(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/reconciliations?quarter=" + f.Quarter, Done: "done.quarter.open", API: map[string]int{"units": n}}, nil
}

func (s *Service) getAccount(r *web.Request) (web.Response, error) {
	return shown(r, s.Account, s.accountPage)
}

func (s *Service) accountPage(r *web.Request, v AccountView, c StepCmd, failed error) web.Response {
	a := v.Account
	fig := func(then, now int) string {
		if then == now {
			return strconv.Itoa(now)
		}
		return r.T("quarter.then_now", then, now)
	}
	p := recordPage{Title: r.T("quarter.title", s.Dir.Short(a.Unit), a.Quarter), Rev: a.Rev, Chips: []ui.Chip{{Class: accountClass[a.State], Word: r.T("quarter.state." + a.State)}}, Hint: r.T("quarter.hint"),
		Facts: []ui.Fact{{Label: r.T("task.unit"), Text: s.Dir.Name(a.Unit)}, {Label: r.T("task.by"), Text: s.Dir.Name(a.By)}, {Label: r.T("issue.all"), Text: fig(a.Tasks, v.Now.All)}, {Label: r.T("issue.verified"), Text: fig(a.Verified, v.Now.Verified)},
			{Label: r.T("issue.reported"), Text: fig(a.Reported, v.Now.Reported)}, {Label: r.T("task.lamp.late"), Text: fig(a.Late, v.Now.Late)}}}
	if a.At != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("quarter.said"), Text: a.Said, Sub: v.Names[a.Person] + " " + r.Moment(a.At), Wide: true})
	}
	if a.JudgedAt != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("quarter.settled"), Text: a.Opinion, Sub: v.Names[a.Judge] + " " + r.Moment(a.JudgedAt), Wide: true})
	}
	t := ui.Table{Caption: r.T("issue.tasks"), NoDrawer: true, Columns: []ui.Column{{Key: "title", Label: r.T("task.title")}, {Key: "due", Label: r.T("word.due"), Nowrap: true}, {Key: "lamp", Label: r.T("task.lamp")}, {Key: "state", Label: r.T("word.status")}}}
	for _, x := range v.Tasks {
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: "/tasks/" + string(x.ID), Cells: []ui.Cell{{Text: x.Title, Clamp: true}, {Text: string(x.Due)}, {Chips: s.lamp(r, x)}, {Chips: []ui.Chip{s.taskChip(r, x)}}}})
	}
	p.Table = &t
	p.Forms = stepForm(r, "quarter", "/reconciliations/"+string(a.ID)+"/step/", v.Steps, web.Rev(a.Rev), c.Text, failed)
	return web.Page{Name: "directive/record", Err: failed, Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.reconciliations"), Href: "/reconciliations"}, {Label: p.Title}}}
}

func (s *Service) postAccountStep(r *web.Request) (web.Response, error) {
	return stepped(r, "/reconciliations/", "done.quarter.", s.AccountStep, s.Account, s.accountPage)
}

type burdenPage struct {
	Month  string
	Stats  ui.Stats
	Levels ui.Table
	Units  ui.Table
	Issues ui.Table
}

func (s *Service) getBurden(r *web.Request) (web.Response, error) {
	month := r.Today()
	if text := r.Param("month"); text != "" {
		d, err := clock.ParseDate(text + "-01")
		if err != nil {
			return nil, fault.Invalid("error.date", text)
		}
		month = d
	}
	b, err := s.BurdenOf(r.Context(), r.Actor, month)
	if err != nil {
		return nil, err
	}
	p := burdenPage{Month: b.Month}
	var all LevelLoad
	avg := func(sum, n int) string {
		if n == 0 {
			return "—"
		}
		return strconv.FormatFloat(float64(sum)/float64(n), 'f', 1, 64)
	}
	p.Levels = ui.Table{ID: "levels", Caption: r.T("burden.levels"), Base: "/burden", Params: r.URL.Query(), NoDrawer: true, Filters: []ui.Field{{Name: "month", Label: r.T("burden.month"), Value: b.Month}}, Columns: []ui.Column{{Key: "level", Label: r.T("burden.level")}, {Key: "units", Label: r.T("burden.units"), Num: true}, {Key: "forms", Label: r.T("burden.forms"), Num: true, Hint: r.T("burden.forms.define")},
		{Key: "fields", Label: r.T("burden.fields"), Num: true}, {Key: "minutes", Label: r.T("burden.minutes"), Num: true, Hint: r.T("burden.minutes.define")}, {Key: "most", Label: r.T("burden.most"), Num: true}}, Empty: ui.EmptyState{Title: r.T("burden.none")}}
	for level := 1; level <= 4; level++ {
		y := b.ByLevel[level]
		if y.Units == 0 {
			continue
		}
		all.Units, all.Forms, all.Fields, all.Minutes = all.Units+y.Units, all.Forms+y.Forms, all.Fields+y.Fields, all.Minutes+y.Minutes
		p.Levels.Rows = append(p.Levels.Rows, ui.Row{ID: strconv.Itoa(level), Cells: []ui.Cell{{Text: r.T("burden.level." + strconv.Itoa(level))}, {Text: strconv.Itoa(y.Units)}, {Text: avg(y.Forms, y.Units)}, {Text: avg(y.Fields, y.Units)}, {Text: avg(y.Minutes, y.Units)}, {Text: strconv.Itoa(y.Most)}}})
	}
	p.Stats = ui.Stats{Items: []ui.Stat{{Label: r.T("burden.units"), Value: strconv.Itoa(all.Units)}, {Label: r.T("burden.forms"), Value: strconv.Itoa(all.Forms), Define: r.T("burden.forms.define")}, {Label: r.T("burden.fields"), Value: strconv.Itoa(all.Fields)}, {Label: r.T("burden.hours"), Value: strconv.Itoa((all.Minutes + 59) / 60), Define: r.T("burden.minutes.define")}}}
	p.Units = ui.Table{ID: "units", Caption: r.T("burden.heaviest"), NoDrawer: true, Columns: []ui.Column{{Key: "unit", Label: r.T("task.unit")}, {Key: "forms", Label: r.T("burden.forms"), Num: true}, {Key: "fields", Label: r.T("burden.fields"), Num: true}, {Key: "minutes", Label: r.T("burden.minutes"), Num: true}}, Empty: ui.EmptyState{Title: r.T("burden.none")}}
	for _, l := range b.Loads[:min(burdenShown, len(b.Loads))] {
		p.Units.Rows = append(p.Units.Rows, ui.Row{ID: string(l.Unit), Href: "/tasks?view=all&unit=" + string(l.Unit), Cells: []ui.Cell{{Text: s.Dir.Short(l.Unit)}, {Text: strconv.Itoa(l.Forms)}, {Text: strconv.Itoa(l.Fields)}, {Text: strconv.Itoa(l.Minutes)}}})
	}
	p.Issues = ui.Table{ID: "issues", Caption: r.T("burden.issues"), NoDrawer: true, Columns: []ui.Column{{Key: "title", Label: r.T("task.title")}, {Key: "no", Label: r.T("issue.no"), Nowrap: true}, {Key: "reach", Label: r.T("burden.units"), Num: true}, {Key: "fields", Label: r.T("burden.fields"), Num: true}, {Key: "minutes", Label: r.T("burden.minutes"), Num: true}}, Empty: ui.EmptyState{Title: r.T("burden.none")}}
	for _, x := range b.Issues {
		p.Issues.Rows = append(p.Issues.Rows, ui.Row{ID: string(x.ID), Href: "/issues/" + string(x.ID), Cells: []ui.Cell{{Text: x.Title, Clamp: true}, {Text: x.Number(s.Dir.Short(x.Unit))}, {Text: strconv.Itoa(b.Reach[x.ID])}, {Text: strconv.Itoa(len(x.Command.Fields()))}, {Text: strconv.Itoa(x.Command.Minutes)}}})
	}
	return web.Page{Name: "directive/burden", Data: p, API: b, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.burden")}}}, nil
}
