package rectification

import (
	"fmt"
	"slices"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// formPage is a page with the problem on top and one form, sometimes a second.
type formPage struct {
	Title       string
	Lead        string
	Notice      *ui.Notice
	Facts       ui.Facts
	Form        *ui.Form
	Second      *ui.Form
	SecondTitle string
	Confirm     string
	Table       *ui.Table
	Posts       []post
	Conflict    *ui.Conflict
}

// formOf shows a form of an item; err brings it back with the problems marked.
func (s *Service) formOf(r *web.Request, d Dossier, title string, f ui.Form, err error, extra func(*formPage)) (web.Response, error) {
	i := d.Item
	f.Cancel = ui.Link{Label: r.T("act.back"), Href: "/items/" + string(i.ID)}
	f.Draft = true
	f.Problems = unplaced(f, r.Problems(err))
	p := formPage{Title: r.T(title), Form: &f, Facts: ui.Facts{Items: []ui.Fact{
		{Label: r.T("item.title"), Text: i.Title, Wide: true},
		{Label: r.T("item.due"), Text: string(i.Due), Flag: dueFlag(r, i)}, {Label: r.T("item.state"), Chips: []ui.Chip{chip(r, "item.state."+i.State)}}}}}
	if extra != nil {
		extra(&p)
	}
	return web.Page{Name: "rectification/form", Data: p, API: d, Err: err, Crumbs: crumbs(r, i, r.T(title))}, nil
}

// conflictPage shows what the reader wrote beside what somebody else saved and what both began with, and
// the form again with his words and the new revision.
func (s *Service) conflictPage(r *web.Request, d Dossier, title string, f ui.Form, base, theirs map[string]string, who id.ID, at string, err error) (web.Response, error) {
	c := ui.Conflict{Who: d.name(r, who), At: r.Moment(at), Form: &f, Reload: ui.Link{Label: r.T("act.reload"), Href: f.Action}}
	for _, set := range f.Sets {
		for _, x := range set.Fields {
			c.Lines = append(c.Lines, ui.Diff(x.Label, base[x.Name], x.Value, theirs[x.Name]))
		}
	}
	return web.Page{Name: "rectification/form", Err: err, Data: formPage{Title: r.T(title), Conflict: &c}, Crumbs: crumbs(r, d.Item, r.T(title))}, nil
}

func planForm(r *web.Request, i Item, c PlanCmd, p map[string]string) ui.Form {
	area := func(name, v string) ui.Field {
		return ui.Field{Name: name, Label: r.T("item." + name), Kind: ui.FieldArea, Value: v, Optional: true, Wide: true, Error: p[name], Hint: r.T("item." + name + ".hint")}
	}
	return ui.Form{Action: "/items/" + string(i.ID) + "/plan", Rev: fmt.Sprint(i.Rev), Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "lead", Label: r.T("item.lead"), Value: c.Lead, Error: p["lead"]}, {Name: "department", Label: r.T("item.department"), Value: c.Department, Error: p["department"]},
		area("root", c.Root), area("goal", c.Goal), area("similar", c.Similar), area("rules", c.Rules), area("handled", c.Handled)}}},
		Buttons: []ui.Button{{Label: r.T("act.save"), Kind: "primary"}}}
}

func (i Item) plan() PlanCmd {
	return PlanCmd{Lead: i.Lead, Department: i.Department, Root: i.Root, Goal: i.Goal, Similar: i.Similar, Rules: i.Rules, Handled: i.Handled, Rev: i.Rev}
}

func (s *Service) getPlan(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.plan")
	if err != nil {
		return nil, err
	}
	return s.formOf(r, d, "item.do.plan", planForm(r, d.Item, d.Item.plan(), nil), nil, nil)
}

func (s *Service) postPlan(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.plan")
	if err != nil {
		return nil, err
	}
	var c PlanCmd
	if err = r.Decode(&c); err == nil {
		err = s.Plan(r.Context(), r.Actor, d.Item.ID, c)
	}
	if err == nil {
		return done(d.Item.ID, "plan"), nil
	}
	return conflictOr(err, func() (web.Response, error) {
		f := planForm(r, d.Item, c, r.Problems(err))
		f.Rev = fmt.Sprint(c.Rev)
		return s.formOf(r, d, "item.do.plan", f, err, nil)
	}, func() (web.Response, error) {
		was := d.Item
		if _, err := s.log.Before(r.Context(), "rectify_item", was.ID, c.Rev, &was); err != nil {
			return nil, err
		}
		shown := func(t PlanCmd) map[string]string {
			return map[string]string{"lead": t.Lead, "department": t.Department, "root": t.Root, "goal": t.Goal, "similar": t.Similar, "rules": t.Rules, "handled": t.Handled}
		}
		return s.conflictPage(r, d, "item.do.plan", planForm(r, d.Item, c, nil), shown(was.plan()), shown(d.Item.plan()), d.Item.Changer, d.Item.Changed, err)
	})
}

func (s *Service) postSubmitPlan(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c revCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	err = s.SubmitPlan(r.Context(), r.Actor, n, c.Rev)
	if fault.Is(err, fault.KindInvalid) {
		d, e := s.dossier(r, "item.plan")
		if e != nil {
			return nil, e
		}
		return s.formOf(r, d, "item.do.plan", planForm(r, d.Item, d.Item.plan(), r.Problems(err)), err, nil)
	}
	if err != nil {
		return nil, err
	}
	return done(n, "submit_plan"), nil
}

func measureForm(r *web.Request, i Item, m Measure, p map[string]string, action string) ui.Form {
	return ui.Form{Action: action, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "text", Label: r.T("measure.text"), Kind: ui.FieldArea, Value: m.Text, Wide: true, Error: p["text"]},
		{Name: "kind", Label: r.T("measure.kind"), Kind: ui.FieldRadio, Value: m.Kind, Options: kindChoices(r), Wide: true, Error: p["kind"]},
		{Name: "responsible", Label: r.T("measure.responsible"), Value: m.Responsible, Optional: true, Error: p["responsible"], Hint: r.T("measure.responsible.hint")},
		{Name: "department", Label: r.T("item.department"), Value: m.Department, Optional: true, Error: p["department"]},
		{Name: "due", Label: r.T("measure.due"), Kind: ui.FieldDate, Value: string(m.Due), Error: p["due"], Hint: r.T("measure.due.hint", string(i.Due))},
		{Name: "state", Label: r.T("measure.state"), Kind: ui.FieldSelect, Value: m.State, Options: choices(r, "measure.state.", MeasureStates()), Error: p["state"]},
	}}}, Buttons: []ui.Button{{Label: r.T("act.save"), Kind: "primary"}}}
}

func kindChoices(r *web.Request) []ui.Option {
	out := choices(r, "measure.kind.", MeasureKinds())
	for n := range out {
		out[n].Hint = r.T("measure.kind." + out[n].Value + ".hint")
	}
	return out
}

// withOthers offers the unit's other measures to serve this item too.
func (s *Service) withOthers(r *web.Request, d Dossier) (func(*formPage), error) {
	var others []Measure
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		others, err = otherMeasures(r.Context(), q, d.Item)
		return err
	})
	return func(p *formPage) {
		if len(others) == 0 {
			return
		}
		f := ui.Form{ID: "link", Action: "/items/" + string(d.Item.ID) + "/measures/link", Buttons: []ui.Button{{Label: r.T("measure.do.link")}}}
		sel := ui.Field{Name: "measure", Label: r.T("measure.existing"), Kind: ui.FieldSelect, Wide: true}
		for _, m := range others {
			text := []rune(m.Text)
			sel.Options = append(sel.Options, ui.Option{Value: string(m.ID), Label: string(text[:min(len(text), 60)])})
		}
		f.Sets = []ui.Fieldset{{Fields: []ui.Field{sel}}}
		p.Second = &f
	}, err
}

func (s *Service) getNewMeasure(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.measure")
	if err != nil {
		return nil, err
	}
	extra, err := s.withOthers(r, d)
	if err != nil {
		return nil, err
	}
	m := Measure{Due: d.Item.Due, Department: d.Item.Department, State: MeasurePlanned}
	return s.formOf(r, d, "item.do.measure", measureForm(r, d.Item, m, nil, "/items/"+string(d.Item.ID)+"/measures/new"), nil, extra)
}

func (c MeasureCmd) measure() Measure {
	return Measure{Text: c.Text, Kind: c.Kind, Responsible: c.Responsible, Department: c.Department, Due: c.Due, State: c.State}
}

func (s *Service) postNewMeasure(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.measure")
	if err != nil {
		return nil, err
	}
	var c MeasureCmd
	var m Measure
	if err = r.Decode(&c); err == nil {
		m, err = s.AddMeasure(r.Context(), r.Actor, d.Item.ID, c)
	}
	if fault.Is(err, fault.KindInvalid) {
		extra, e := s.withOthers(r, d)
		if e != nil {
			return nil, e
		}
		return s.formOf(r, d, "item.do.measure", measureForm(r, d.Item, c.measure(), r.Problems(err), "/items/"+string(d.Item.ID)+"/measures/new"), err, extra)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/items/" + string(d.Item.ID), Done: "done.item.measure", API: m}, nil
}

func (s *Service) postLinkMeasure(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c linkCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	if err := s.LinkMeasure(r.Context(), r.Actor, n, c.Measure); err != nil {
		return nil, err
	}
	return done(n, "measure"), nil
}

// measureAt finds the measure of the path among those of the item.
func measureAt(r *web.Request, d Dossier) (Measure, error) {
	n, err := r.ID("measure")
	if err != nil {
		return Measure{}, err
	}
	at := slices.IndexFunc(d.Measures, func(m Measure) bool { return m.ID == n })
	if at < 0 {
		return Measure{}, fault.NotFound("measure")
	}
	return d.Measures[at], nil
}

func (s *Service) getMeasure(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.measure")
	if err != nil {
		return nil, err
	}
	m, err := measureAt(r, d)
	if err != nil {
		return nil, err
	}
	f := measureForm(r, d.Item, m, nil, "/items/"+string(d.Item.ID)+"/measures/"+string(m.ID))
	f.Rev = fmt.Sprint(m.Rev)
	return s.formOf(r, d, "measure.do.edit", f, nil, nil)
}

func (s *Service) postMeasure(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.measure")
	if err != nil {
		return nil, err
	}
	m, err := measureAt(r, d)
	if err != nil {
		return nil, err
	}
	var c MeasureCmd
	if err = r.Decode(&c); err == nil {
		err = s.EditMeasure(r.Context(), r.Actor, d.Item.ID, m.ID, c)
	}
	if err == nil {
		return done(d.Item.ID, "measure"), nil
	}
	action := "/items/" + string(d.Item.ID) + "/measures/" + string(m.ID)
	return conflictOr(err, func() (web.Response, error) {
		f := measureForm(r, d.Item, c.measure(), r.Problems(err), action)
		f.Rev = fmt.Sprint(c.Rev)
		return s.formOf(r, d, "measure.do.edit", f, err, nil)
	}, func() (web.Response, error) {
		f := measureForm(r, d.Item, c.measure(), nil, action)
		f.Rev = fmt.Sprint(m.Rev)
		was := m
		if _, err := s.log.Before(r.Context(), "rectify_measure", m.ID, c.Rev, &was); err != nil {
			return nil, err
		}
		shown := func(m Measure) map[string]string {
			return map[string]string{"text": m.Text, "kind": m.Kind, "responsible": m.Responsible, "department": m.Department, "due": string(m.Due), "state": m.State}
		}
		return s.conflictPage(r, d, "measure.do.edit", f, shown(was), shown(m), m.Changer, m.Changed, err)
	})
}

func measureOptions(r *web.Request, d Dossier) []ui.Option {
	out := []ui.Option{{Label: r.T("progress.whole")}}
	for n, m := range d.Measures {
		text := []rune(m.Text)
		out = append(out, ui.Option{Value: string(m.ID), Label: fmt.Sprint(n+1, ". ", string(text[:min(len(text), 60)]))})
	}
	return out
}

func progressForm(r *web.Request, d Dossier, c ProgressCmd, p map[string]string) ui.Form {
	f := ui.Form{Action: "/items/" + string(d.Item.ID) + "/progress", Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "text", Label: r.T("progress.text"), Kind: ui.FieldArea, Value: c.Text, Wide: true, Error: p["text"]},
		{Name: "on", Label: r.T("progress.on"), Kind: ui.FieldDate, Value: string(c.On), Error: p["on"]},
		{Name: "measure", Label: r.T("kind.measure"), Kind: ui.FieldSelect, Value: string(c.Measure), Options: measureOptions(r, d), Optional: true, Error: p["measure"]},
		{Name: "claimed", Label: r.T("item.claimed"), Kind: ui.FieldSelect, Value: c.Claimed, Options: choices(r, "item.claimed.", ClaimedStatuses(), r.T("item.claimed.same")), Optional: true, Error: p["claimed"]},
		{Name: "claimed_word", Label: r.T("item.claimed_word"), Value: c.ClaimedWord, Optional: true, Error: p["claimed_word"], Hint: r.T("item.claimed_word.hint")},
	}}}, Buttons: []ui.Button{{Label: r.T("item.do.progress"), Kind: "primary"}}}
	for _, old := range d.Progress {
		if old.ID == c.Corrects {
			f.Hidden, f.Note = []ui.Pair{{Name: "corrects", Value: string(old.ID)}}, r.T("progress.corrects", string(old.On), old.Text)
		}
	}
	return f
}

func (s *Service) getProgress(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.progress")
	if err != nil {
		return nil, err
	}
	c := ProgressCmd{On: r.Today(), Corrects: id.ID(r.Param("corrects")), Measure: id.ID(r.Param("measure"))}
	return s.formOf(r, d, "item.do.progress", progressForm(r, d, c, nil), nil, nil)
}

func (s *Service) postProgress(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.progress")
	if err != nil {
		return nil, err
	}
	var c ProgressCmd
	if err = r.Decode(&c); err == nil {
		err = s.Report(r.Context(), r.Actor, d.Item.ID, c)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.formOf(r, d, "item.do.progress", progressForm(r, d, c, r.Problems(err)), err, nil)
	}
	if err != nil {
		return nil, err
	}
	return done(d.Item.ID, "progress"), nil
}

func (s *Service) milestoneForm(r *web.Request, d Dossier, c MilestoneCmd, err error) (web.Response, error) {
	p := r.Problems(err)
	f := ui.Form{Action: "/items/" + string(d.Item.ID) + "/milestones", Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "title", Label: r.T("milestone.title"), Value: c.Title, Wide: true, Error: p["title"]},
		{Name: "due", Label: r.T("milestone.due"), Kind: ui.FieldDate, Value: string(c.Due), Error: p["due"]}}}},
		Buttons: []ui.Button{{Label: r.T("item.do.milestone"), Kind: "primary"}}}
	return s.formOf(r, d, "item.do.milestone", f, err, func(fp *formPage) {
		for _, m := range d.Milestones {
			if m.DoneOn == "" {
				fp.Posts = append(fp.Posts, post{ID: r.T("milestone.reach", m.Title, string(m.Due)), Action: "/items/" + string(d.Item.ID) + "/milestones/" + string(m.ID) + "/reached"})
			}
		}
		t := s.milestoneTable(r, d)
		fp.Table = &t
	})
}

func (s *Service) getMilestones(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.milestone")
	if err != nil {
		return nil, err
	}
	return s.milestoneForm(r, d, MilestoneCmd{}, nil)
}

func (s *Service) postMilestone(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.milestone")
	if err != nil {
		return nil, err
	}
	var c MilestoneCmd
	if err = r.Decode(&c); err == nil {
		err = s.AddMilestone(r.Context(), r.Actor, d.Item.ID, c)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.milestoneForm(r, d, c, err)
	}
	if err != nil {
		return nil, err
	}
	return done(d.Item.ID, "milestone"), nil
}

func (s *Service) postReached(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	m, err := r.ID("milestone")
	if err != nil {
		return nil, err
	}
	if err := s.ReachMilestone(r.Context(), r.Actor, n, m); err != nil {
		return nil, err
	}
	return done(n, "milestone"), nil
}

// nextMonth is what an extension is prefilled with.
func nextMonth(due, today clock.Date) clock.Date {
	if due.Before(today) {
		due = today
	}
	return due.AddMonths(1)
}
