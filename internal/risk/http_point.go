package risk

import (
	"cmp"
	"slices"
	"strconv"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type pointsPage struct {
	Tabs   ui.Tabs
	Note   string
	Create bool
	Matrix ui.Table
	Levels ui.Table
	Units  ui.Table
	Table  ui.Table
}

// pointRows is a short table of points.
func (s *Service) pointRows(r *web.Request, name, caption, none string, list []Point) ui.Table {
	t := ui.Table{ID: name, Caption: caption, NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("risk_point.f.post")}, {Label: r.T("risk_point.f.shown")}, {Label: r.T("risk_point.f.class"), Nowrap: true}, {Label: r.T("risk_point.f.grade"), Nowrap: true}, {Label: r.T("word.status"), Nowrap: true},
		{Label: r.T("risk_point.f.review_due"), Nowrap: true}}, Empty: ui.EmptyState{Title: none}}
	for _, p := range list {
		due := ui.Cell{Text: shownDay(p.ReviewDue)}
		if p.overdue(s.today()) {
			due.Chips = []ui.Chip{{Class: "late", Word: r.T("risk.late")}}
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(p.ID), Href: "/risk/points/" + string(p.ID), Cells: []ui.Cell{{Text: p.No, Sub: s.Units.Short(p.Unit)}, {Text: p.Post, Sub: p.Link}, {Text: p.Shown, Clamp: true}, {Text: r.T("risk_point.class." + p.Class)},
			{Chips: []ui.Chip{gradeChip(r, p.Grade)}}, {Chips: []ui.Chip{chip(r, "risk_point.state.", p.State, pointClasses)}}, due}})
	}
	return t
}

func gradeChip(r *web.Request, n int) ui.Chip {
	return ui.Chip{Class: gradeClasses[n], Word: r.T("risk_point.grade." + strconv.Itoa(n))}
}

func (s *Service) getPoints(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	f := pointFilter{State: oneOf(q.Filter.Get("state"), PointFlow.States()), Class: oneOf(q.Filter.Get("class"), Classes()), Grade: oneOf(q.Filter.Get("grade"), []string{"1", "2", "3"})}
	p := pointsPage{Tabs: s.tabs(r, "/risk/points"), Note: r.T("risk_point.note"), Create: r.Can("risk_point.create")}
	var list []Point
	err = s.log.DB().Read(r.Context(), func(dq db.Q) error {
		got, next, err := visiblePoints(r.Context(), dq, s.policy, r.Actor, f, q)
		if err != nil {
			return err
		}
		list = got
		p.Table = s.pointRows(r, "points", r.T("risk.tab.points"), r.T("risk_point.none"), list)
		p.Table.Base, p.Table.Params = "/risk/points", r.URL.Query()
		p.Table.Pager = web.PagerOf(r, "/risk/points", next, q)
		p.Table.Filters = []ui.Field{{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Value: f.State, Options: options(r, "risk_point.state.", PointFlow.States(), "form.any")},
			{Name: "class", Label: r.T("risk_point.f.class"), Kind: ui.FieldSelect, Value: f.Class, Options: options(r, "risk_point.class.", Classes(), "form.any")},
			{Name: "grade", Label: r.T("risk_point.f.grade"), Kind: ui.FieldSelect, Value: f.Grade, Options: options(r, "risk_point.grade.", []string{"1", "2", "3"}, "form.any")}}
		if p.Matrix, err = s.matrix(r, dq); err != nil {
			return err
		}
		p.Levels, p.Units, err = s.spread(r, dq)
		return err
	})
	if err != nil {
		return nil, err
	}
	return web.Page{Name: "risk/points", Data: p, API: list, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: r.T("risk.tab.points")})}, nil
}

// matrix counts the points that the reader sees by probability and harm.
func (s *Service) matrix(r *web.Request, q db.Q) (ui.Table, error) {
	counts, err := pointMatrix(r.Context(), q, s.policy, r.Actor)
	if err != nil {
		return ui.Table{}, err
	}
	t := ui.Table{ID: "matrix", Caption: r.T("risk_point.matrix"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("risk_point.matrix.harm")}}}
	for p := 1; p <= 5; p++ {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("risk_point.matrix.probability", p), Num: true})
	}
	for h := 5; h >= 1; h-- {
		row := ui.Row{Cells: []ui.Cell{{Text: r.T("risk_point.matrix.row", h)}}}
		for p := 1; p <= 5; p++ {
			n := counts[[2]int{p, h}]
			if n == 0 {
				row.Cells = append(row.Cells, ui.Cell{Text: "0"})
				continue
			}
			c := gradeChip(r, GradeOf(p, h))
			c.Word = strconv.Itoa(n) + " · " + c.Word
			row.Cells = append(row.Cells, ui.Cell{Chips: []ui.Chip{c}})
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// spread counts the points that the reader sees by level and by unit, the units with
// the gravest ones first.
func (s *Service) spread(r *web.Request, q db.Q) (levels, units ui.Table, err error) {
	list, err := pointsByUnit(r.Context(), q, s.policy, r.Actor)
	if err != nil {
		return levels, units, err
	}
	table := func(name, caption, first string) ui.Table {
		return ui.Table{ID: name, Caption: caption, NoDrawer: true, Columns: []ui.Column{{Label: first}, {Label: r.T("risk_point.grade.1"), Num: true}, {Label: r.T("risk_point.grade.2"), Num: true}, {Label: r.T("risk_point.grade.3"), Num: true},
			{Label: r.T("word.total"), Num: true}, {Label: r.T("risk_point.state.published"), Num: true}}, Empty: ui.EmptyState{Title: r.T("risk_point.none")}}
	}
	line := func(label string, u UnitPoints) ui.Row {
		row := ui.Row{Cells: []ui.Cell{{Text: label}}}
		for _, n := range []int{u.Grades[1], u.Grades[2], u.Grades[3], u.Grades[0], u.Published} {
			row.Cells = append(row.Cells, ui.Cell{Text: strconv.Itoa(n)})
		}
		return row
	}
	levels, units = table("levels", r.T("risk_point.levels"), r.T("risk_point.level")), table("units", r.T("risk_point.units"), r.T("word.unit"))
	var by [5]UnitPoints
	for _, u := range list {
		x := &by[min(4, max(0, s.level(u.Unit)))]
		for g := range u.Grades {
			x.Grades[g] += u.Grades[g]
		}
		x.Published += u.Published
	}
	for n := 1; n <= 4; n++ {
		if by[n].Grades[0] > 0 {
			levels.Rows = append(levels.Rows, line(r.T("risk_point.level."+strconv.Itoa(n)), by[n]))
		}
	}
	slices.SortStableFunc(list, func(a, b UnitPoints) int {
		return cmp.Or(b.Grades[1]-a.Grades[1], b.Grades[2]-a.Grades[2], b.Grades[0]-a.Grades[0])
	})
	for _, u := range list[:min(len(list), 20)] {
		units.Rows = append(units.Rows, line(s.Units.Name(u.Unit), u))
	}
	return levels, units, nil
}

type pointForm struct {
	Title string
	Note  string
	Form  ui.Form
}

func (s *Service) pointFields(r *web.Request, cmd PointCmd, rules map[string]string, bad map[string]string) []ui.Fieldset {
	area := func(name, v string, optional bool) ui.Field {
		return ui.Field{Name: name, Label: r.T("risk_point.f." + name), Kind: ui.FieldArea, Rows: 2, MaxLen: 1000, Value: v, Optional: optional, Error: bad[name], Wide: true}
	}
	var keys []string
	for k := range rules {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var opts []ui.Option
	for _, k := range keys {
		opts = append(opts, ui.Option{Value: k, Label: rules[k]})
	}
	cycle := "12"
	if cmd.Cycle > 0 {
		cycle = strconv.Itoa(cmd.Cycle)
	}
	return []ui.Fieldset{{Legend: r.T("risk_point.what"), Fields: []ui.Field{{Name: "post", Label: r.T("risk_point.f.post"), Value: cmd.Post, MaxLen: 100, Error: bad["post"]}, {Name: "link", Label: r.T("risk_point.f.link"), Value: cmd.Link, MaxLen: 100, Error: bad["link"]},
		{Name: "scope", Label: r.T("risk_point.f.scope"), Kind: ui.FieldRadio, Value: cmd.Scope, Options: options(r, "risk_point.scope.", Scopes(), ""), Error: bad["scope"], Wide: true},
		{Name: "class", Label: r.T("risk_point.f.class"), Kind: ui.FieldRadio, Value: cmd.Class, Options: options(r, "risk_point.class.", Classes(), ""), Error: bad["class"], Wide: true}, area("shown", cmd.Shown, false), area("cause", cmd.Cause, false)}},
		{Legend: r.T("risk_point.f.grade"), Hint: r.T("risk_point.grade.hint"), Fields: gradeFields(r, cmd, bad)},
		{Legend: r.T("risk_point.measures"), Fields: []ui.Field{area("education", cmd.Education, true), area("system", cmd.System, true), area("supervision", cmd.Supervision, true), area("warning", cmd.Warning, true)}},
		{Legend: r.T("risk_point.watch"), Fields: []ui.Field{{Name: "owner", Label: r.T("risk_point.f.owner"), Kind: ui.FieldPicker, Source: "/pick/people", Value: string(cmd.Owner), Optional: true, Error: bad["owner"]},
			{Name: "cycle", Label: r.T("risk_point.f.cycle"), Kind: ui.FieldNumber, Value: cycle, Error: bad["cycle"]}, {Name: "finding", Label: r.T("risk_point.f.finding"), Value: cmd.Finding, Optional: true, MaxLen: 40, Error: bad["finding"]},
			{Name: "rules", Label: r.T("risk_point.f.rules"), Kind: ui.FieldChecks, Values: cmd.Rules, Options: opts, Optional: true, Error: bad["rules"], Wide: true}}}}
}

func gradeFields(r *web.Request, cmd PointCmd, bad map[string]string) []ui.Field {
	five := []string{"1", "2", "3", "4", "5"}
	show := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	return []ui.Field{{Name: "probability", Label: r.T("risk_point.f.probability"), Kind: ui.FieldRadio, Value: show(cmd.Probability), Options: options(r, "risk_point.probability.", five, ""), Error: bad["probability"], Wide: true},
		{Name: "harm", Label: r.T("risk_point.f.harm"), Kind: ui.FieldRadio, Value: show(cmd.Harm), Options: options(r, "risk_point.harm.", five, ""), Error: bad["harm"], Wide: true}}
}

func (s *Service) getNewPoint(r *web.Request) (web.Response, error) {
	return s.newPointPage(r, PointCmd{}, nil)
}

func (s *Service) newPointPage(r *web.Request, cmd PointCmd, failed error) (web.Response, error) {
	var rules map[string]string
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		rules, err = s.forceNames(r, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	p := pointForm{Title: r.T("risk_point.new"), Note: r.T("risk_point.new.note"), Form: ui.Form{ID: "point", Action: "/risk/points/new", Draft: true, Sets: s.pointFields(r, cmd, rules, r.Problems(failed)), Buttons: []ui.Button{{Label: r.T("act.save"), Kind: "primary"}},
		Cancel: ui.Link{Label: r.T("act.back"), Href: "/risk/points"}}}
	problem(r, &p.Form, failed)
	return web.Page{Name: "risk/newpoint", Data: p, Err: shownErr(failed), Crumbs: crumbs(r, ui.Crumb{Label: r.T("risk.tab.points"), Href: "/risk/points"}, ui.Crumb{Label: p.Title})}, nil
}

// forceNames names the rules in force.
func (s *Service) forceNames(r *web.Request, q db.Q) (map[string]string, error) {
	list, err := rulesInForce(r.Context(), q, s.cat)
	out := map[string]string{}
	for _, v := range list {
		out[v.Rule] = v.Name(r.Lang)
	}
	return out, err
}

func (s *Service) postNewPoint(r *web.Request) (web.Response, error) {
	var cmd PointCmd
	var p Point
	err := r.Decode(&cmd)
	if err == nil {
		p, err = s.AddPoint(r.Context(), r.Actor, cmd)
	}
	if err != nil && !r.API() && again(err) {
		return s.newPointPage(r, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/risk/points/" + string(p.ID), Done: "done.risk_point.create", API: p}, nil
}

type pointPage struct {
	P      Point
	Chips  []ui.Chip
	Steps  ui.Steps
	Facts  []ui.Fact
	Twins  []ui.Link
	Alerts []ui.Link
	Forms  []ui.Form
	Edit   *ui.Form
	Trail  ui.Trail
}

func (s *Service) getPoint(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.pointPage(r, n, "", PointCmd{}, nil)
}

func (s *Service) pointPage(r *web.Request, n id.ID, do string, cmd PointCmd, failed error) (web.Response, error) {
	var p Point
	var page pointPage
	var people map[id.ID]string
	var rules map[string]string
	var entries []Entry
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if p, err = pointByID(r.Context(), q, n); err != nil {
			return err
		}
		if err := s.policy.Can(r.Actor, "risk_point.read", s.pointObject(p)); err != nil {
			return err
		}
		if entries, err = s.entries(r.Context(), q, n); err != nil {
			return err
		}
		ids := []id.ID{p.Owner, p.Author}
		for _, e := range entries {
			ids = append(ids, e.Person)
		}
		if people, err = s.names(r.Context(), q, ids...); err != nil {
			return err
		}
		if rules, err = s.forceNames(r, q); err != nil {
			return err
		}
		twins, err := s.Twins(r.Context(), q, r.Actor, p)
		if err != nil {
			return err
		}
		for _, t := range twins {
			page.Twins = append(page.Twins, ui.Link{Label: r.T("risk_point.twin", s.Units.Short(t.Point.Unit), t.Point.No, t.Percent), Href: "/risk/points/" + string(t.Point.ID)})
		}
		if r.Can("alert.read") {
			page.Alerts, err = s.pointAlerts(r, q, p, rules)
		}
		return err
	})
	if err != nil {
		s.log.Refused(r.Context(), r.Actor, "risk_point.read", err)
		return nil, err
	}
	page.P, page.Chips = p, []ui.Chip{gradeChip(r, p.Grade), chip(r, "risk_point.state.", p.State, pointClasses)}
	page.Steps = pointSteps(r, p)
	page.Facts = s.pointFacts(r, p, people, rules)
	for _, st := range PointFlow.From(p.State) {
		if s.policy.Can(r.Actor, "risk_point."+st.Do, s.pointObject(p)) != nil {
			continue
		}
		mine, bad := PointCmd{Post: p.Post, Link: p.Link, Scope: p.Scope, Class: p.Class, Shown: p.Shown, Cause: p.Cause, Probability: p.Probability, Harm: p.Harm, Education: p.Education, System: p.System, Supervision: p.Supervision, Warning: p.Warning,
			Owner: p.Owner, Cycle: p.Cycle, Rules: p.Rules, Finding: p.Finding}, map[string]string{}
		if st.Do == do {
			mine, bad = cmd, r.Problems(failed)
		}
		f := ui.Form{ID: st.Do, Action: "/risk/points/" + string(n) + "/" + st.Do, Rev: web.Rev(p.Rev), Buttons: []ui.Button{{Label: r.T("risk_point.do." + st.Do)}}}
		if st.Do == do {
			problem(r, &f, failed)
		}
		text := ui.Field{Name: "text", Label: r.T("risk_point.text." + st.Do), Kind: ui.FieldArea, Rows: 2, MaxLen: maxReason, Value: mine.Text, Error: bad["text"], Wide: true}
		switch st.Do {
		case "edit":
			f.Sets = s.pointFields(r, mine, rules, bad)
			page.Edit = &f
			continue
		case "publish":
			f.Buttons[0].Kind, f.Note = "primary", r.T("risk_point.hint.publish")
		case "review":
			f.Sets = []ui.Fieldset{{Legend: r.T("risk_point.do.review"), Fields: append(gradeFields(r, mine, bad), text)}}
		default:
			f.Sets = []ui.Fieldset{{Legend: r.T("risk_point.do." + st.Do), Fields: []ui.Field{text}}}
			if st.Do == "discuss" || st.Do == "approve" || st.Do == "assess" {
				f.Buttons[0].Kind = "primary"
			}
		}
		page.Forms = append(page.Forms, f)
	}
	page.Trail = trail(r, entries, people, "risk_point.did.")
	return web.Page{Name: "risk/point", Data: page, API: p, Err: shownErr(failed), Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: r.T("risk.tab.points"), Href: "/risk/points"}, ui.Crumb{Label: p.No})}, nil
}

// pointAlerts are the alerts that the point's triggers raised at its unit and that
// the reader may see.
func (s *Service) pointAlerts(r *web.Request, q db.Q, p Point, rules map[string]string) (out []ui.Link, err error) {
	for _, rule := range p.Rules {
		list, _, err := visibleAlerts(r.Context(), q, s.policy, r.Actor, alertFilter{Rule: rule, Unit: string(p.Unit)}, pageOf(5))
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			out = append(out, ui.Link{Label: a.No + " · " + rules[a.Rule] + " · " + r.T("alert.state."+a.State), Href: "/risk/alerts/" + string(a.ID)})
		}
	}
	return out, nil
}

func pointSteps(r *web.Request, p Point) ui.Steps {
	ways := []string{PointFound, PointDiscussed, PointApproved, PointAssessed, PointPublished}
	out := ui.Steps{Label: r.T("risk_point.ways")}
	now := slices.Index(ways, p.State)
	for i, w := range ways {
		st := ui.Step{Label: r.T("risk_point.way." + w), State: "todo"}
		switch {
		case i < now || p.State == PointRetired:
			st.State = "done"
		case i == now:
			st.State = "now"
		}
		out.Items = append(out.Items, st)
	}
	return out
}

func (s *Service) pointFacts(r *web.Request, p Point, people map[id.ID]string, rules map[string]string) []ui.Fact {
	var chips []ui.Chip
	for _, k := range p.Rules {
		name := rules[k]
		if name == "" {
			name = k
		}
		chips = append(chips, ui.Chip{Class: "run", Word: name})
	}
	facts := []ui.Fact{{Label: r.T("risk_point.f.shown"), Text: p.Shown, Verbatim: true, Wide: true}, {Label: r.T("risk_point.f.cause"), Text: p.Cause, Wide: true}, {Label: r.T("word.unit"), Text: s.Units.Name(p.Unit)}, {Label: r.T("risk_point.f.link"), Text: p.Link},
		{Label: r.T("risk_point.f.scope"), Text: r.T("risk_point.scope." + p.Scope)}, {Label: r.T("risk_point.f.class"), Text: r.T("risk_point.class." + p.Class)},
		{Label: r.T("risk_point.f.grade"), Text: r.T("risk_point.arithmetic", p.Probability, p.Harm, p.Probability*p.Harm), Chips: []ui.Chip{gradeChip(r, p.Grade)}}, {Label: r.T("risk_point.f.owner"), Text: dash(people[p.Owner])},
		{Label: r.T("risk_point.f.cycle"), Text: r.T("risk_point.months", p.Cycle)}, {Label: r.T("risk_point.f.review_due"), Text: shownDay(p.ReviewDue), Sub: r.T("risk_point.reviewed", shownDay(p.Reviewed))},
		{Label: r.T("risk_point.f.finding"), Text: dash(p.Finding)}}
	for _, m := range [][2]string{{"education", p.Education}, {"system", p.System}, {"supervision", p.Supervision}, {"warning", p.Warning}} {
		facts = append(facts, ui.Fact{Label: r.T("risk_point.f." + m[0]), Text: dash(m[1]), Wide: true})
	}
	triggers := ui.Fact{Label: r.T("risk_point.f.rules"), Chips: chips, Wide: true}
	if len(chips) == 0 {
		triggers.Text = r.T("risk_point.no_trigger")
	}
	return append(facts, triggers)
}

func (s *Service) postPoint(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var cmd PointCmd
		var p Point
		if err = r.Decode(&cmd); err == nil {
			p, err = s.StepPoint(r.Context(), r.Actor, n, do, cmd)
		}
		if err != nil && !r.API() && again(err) {
			return s.pointPage(r, n, do, cmd, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/risk/points/" + string(n), Done: "done.risk_point." + do, API: p}, nil
	}
}
