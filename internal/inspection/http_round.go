package inspection

import (
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) termsPage(r *web.Request) (web.Response, error) {
	return s.termList(r, CreateTermCmd{}, nil)
}

func (s *Service) termList(r *web.Request, c CreateTermCmd, failed error) (web.Response, error) {
	var terms []Term
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { terms, err = Terms(r.Context(), q); return err }); err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("term.title"), Base: "/terms", NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.title")}, {Label: r.T("term.no"), Num: true}, {Label: r.T("round.unit")},
		{Label: r.T("round.start"), Nowrap: true}, {Label: r.T("round.end"), Nowrap: true}}, Empty: ui.EmptyState{Title: r.T("term.empty")}}
	for _, x := range terms {
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: "/rounds?term=" + string(x.ID), Cells: []ui.Cell{{Text: x.Name}, {Text: strconv.Itoa(x.No)},
			{Text: s.Units.Name(x.Unit)}, {Text: string(x.Start)}, {Text: string(x.End)}}})
	}
	p := listPage{Title: r.T("term.title"), Table: t}
	if r.Can("term.create") {
		if c.Unit == "" {
			c.Unit = s.Units.Name(office(r.Actor))
		}
		bad := r.Problems(failed)
		no := ""
		if c.No > 0 {
			no = strconv.Itoa(c.No)
		}
		p.Upload = &ui.Form{Action: "/terms", Sets: []ui.Fieldset{{Legend: r.T("term.new"), Fields: []ui.Field{
			{Name: "name", Label: r.T("word.title"), Value: c.Name, Error: bad["name"]}, {Name: "no", Label: r.T("term.no"), Kind: ui.FieldNumber, Value: no, Error: bad["no"]},
			{Name: "unit", Label: r.T("round.unit"), Kind: ui.FieldPicker, Value: c.Unit, Source: "/pick/units?by=name", Error: bad["unit"]},
			{Name: "start", Label: r.T("round.start"), Kind: ui.FieldDate, Value: string(c.Start), Error: bad["start"]},
			{Name: "end", Label: r.T("round.end"), Kind: ui.FieldDate, Value: string(c.End), Optional: true, Error: bad["end"]}}}},
			Buttons: []ui.Button{{Label: r.T("term.do.create"), Kind: "primary"}}}
	}
	return web.Page{Name: "inspection/list", Crumbs: crumbs(r, p.Title, ""), Data: p, API: terms, Err: failed}, nil
}

func (s *Service) createTerm(r *web.Request) (web.Response, error) {
	var c CreateTermCmd
	err := r.Decode(&c)
	var t Term
	if err == nil {
		t, err = s.CreateTerm(r.Context(), r.Actor, c)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.termList(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/terms", Done: "done.term.create", API: t}, nil
}

// visibleRounds lists the rounds that the actor may read; a member's own rounds
// are those of his seats, as roundObject judges them.
func (s *Service) visibleRounds(r *web.Request) (out []Round, err error) {
	return out, s.log.DB().Read(r.Context(), func(q db.Q) error {
		all, err := Rounds(r.Context(), q)
		for _, x := range all {
			if s.policy.Can(r.Actor, "round.read", s.roundObject(x, r.Actor)) == nil {
				out = append(out, x)
			}
		}
		return err
	})
}

func (s *Service) roundsPage(r *web.Request) (web.Response, error) {
	rounds, err := s.visibleRounds(r)
	if err != nil {
		return nil, err
	}
	term := id.ID(r.Param("term"))
	work := r.Param("work")
	rounds = slices.DeleteFunc(rounds, func(x Round) bool { return term != "" && x.Term != term || work != "" && x.Kind != work })
	t := ui.Table{Caption: r.T("menu.rounds"), Base: "/rounds", NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.title")}, {Label: r.T("round.no"), Num: true}, {Label: r.T("word.kind")},
		{Label: r.T("word.status")}, {Label: r.T("round.unit")}, {Label: r.T("round.start"), Nowrap: true}, {Label: r.T("round.end"), Nowrap: true}}, Empty: ui.EmptyState{Title: r.T("round.empty")}}
	t.Params = r.URL.Query()
	t.Filters = []ui.Field{{Name: "work", Label: r.T("round.work"), Kind: ui.FieldSelect, Options: append([]ui.Option{{Label: r.T("form.any")}}, options(r, "round.kind.", RoundKinds(), false)...), Value: work}}
	if work != "" {
		t.Active = []ui.ActiveFilter{{Key: "work", Value: work, Label: r.T("round.work") + "：" + word(r, "round.kind.", work)}}
	}
	for _, x := range rounds {
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: "/rounds/" + string(x.ID), Cells: []ui.Cell{{Text: x.Name}, {Text: strconv.Itoa(x.No)}, {Text: r.T("round.kind." + x.Kind)},
			{Chips: []ui.Chip{stateChip(r, "round", x.State)}}, {Text: s.Units.Short(x.Unit)}, {Text: string(x.Start)}, {Text: string(x.End)}}})
	}
	p := listPage{Title: r.T("menu.rounds"), Table: t}
	if r.Can("round.create") {
		p.Actions = []ui.Button{{Label: r.T("round.do.create"), Href: "/rounds/new", Kind: "primary"}}
	}
	return web.Page{Name: "inspection/list", Crumbs: crumbs(r, p.Title, ""), Data: p, API: rounds}, nil
}

func (s *Service) newRoundPage(r *web.Request) (web.Response, error) {
	return s.roundForm(r, "", RoundCmd{Kind: KindRegular, SeatsMin: DefaultSeatsMin, SeatsMax: DefaultSeatsMax, RectifyMonths: DefaultRectifyMonths, RectifySource: r.T("round.source.default")}, nil)
}

func (s *Service) roundForm(r *web.Request, round id.ID, c RoundCmd, failed error) (web.Response, error) {
	var terms []Term
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { terms, err = Terms(r.Context(), q); return err }); err != nil {
		return nil, err
	}
	bad := r.Problems(failed)
	opts := []ui.Option{{Label: r.T("form.choose")}}
	for _, t := range terms {
		if s.policy.Can(r.Actor, "round.create", s.by("round", t.Unit)) == nil {
			opts = append(opts, ui.Option{Value: string(t.ID), Label: t.Name + " · " + s.Units.Short(t.Unit)})
		}
	}
	num := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	f := ui.Form{Action: "/rounds", Draft: true, Buttons: []ui.Button{{Label: r.T("act.save"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("act.cancel"), Href: "/rounds"}}
	title := r.T("round.do.create")
	fields := []ui.Field{}
	if round == "" {
		fields = append(fields, ui.Field{Name: "term", Label: r.T("kind.term"), Kind: ui.FieldSelect, Options: opts, Value: string(c.Term), Error: bad["term"]},
			ui.Field{Name: "no", Label: r.T("round.no"), Kind: ui.FieldNumber, Value: num(c.No), Error: bad["no"]})
	} else {
		f.Action, f.Rev, f.Cancel.Href, title = "/rounds/"+string(round), rev(c.Rev), "/rounds/"+string(round), r.T("round.do.edit")
	}
	fields = append(fields, ui.Field{Name: "name", Label: r.T("word.title"), Value: c.Name, Error: bad["name"], Wide: true},
		ui.Field{Name: "kind", Label: r.T("word.kind"), Kind: ui.FieldSelect, Options: options(r, "round.kind.", RoundKinds(), false), Value: c.Kind, Error: bad["kind"]},
		ui.Field{Name: "start", Label: r.T("round.start"), Kind: ui.FieldDate, Value: string(c.Start), Error: bad["start"]},
		ui.Field{Name: "end", Label: r.T("round.end"), Kind: ui.FieldDate, Value: string(c.End), Optional: true, Error: bad["end"]},
		ui.Field{Name: "rectify_months", Label: r.T("round.months"), Hint: r.T("round.months.hint"), Kind: ui.FieldNumber, Value: num(c.RectifyMonths), Error: bad["rectify_months"]},
		ui.Field{Name: "rectify_source", Label: r.T("round.source"), Value: c.RectifySource, Error: bad["rectify_source"], Wide: true})
	uppers, err := s.upperOptions(r, round, c)
	if err != nil {
		return nil, err
	}
	fields = append(fields, ui.Field{Name: "seats_min", Label: r.T("round.seats_min"), Hint: r.T("round.seats.hint", DefaultSeatsMin, DefaultSeatsMax), Kind: ui.FieldNumber, Value: num(c.SeatsMin), Error: bad["seats_min"]},
		ui.Field{Name: "seats_max", Label: r.T("round.seats_max"), Kind: ui.FieldNumber, Value: num(c.SeatsMax), Error: bad["seats_max"]},
		ui.Field{Name: "seats_source", Label: r.T("round.seats_source"), Value: c.SeatsSource, Optional: true, Error: bad["seats_source"], Wide: true})
	if len(uppers) > 1 || c.Upper != "" {
		fields = append(fields, ui.Field{Name: "upper", Label: r.T("round.upper"), Hint: r.T("round.upper.hint"), Kind: ui.FieldSelect, Options: uppers, Value: string(c.Upper), Optional: true, Error: bad["upper"], Wide: true})
	}
	f.Sets = []ui.Fieldset{{Fields: fields}}
	return web.Page{Name: "inspection/form", Crumbs: crumbs(r, title, ""), Data: formPage{title, f}, API: c, Err: failed}, nil
}

func cmdOfRound(x Round) RoundCmd {
	low, high := x.Seats()
	return RoundCmd{Term: x.Term, No: x.No, Name: x.Name, Kind: x.Kind, Start: x.Start, End: x.End, RectifyMonths: x.RectifyMonths, RectifySource: x.RectifySource,
		SeatsMin: low, SeatsMax: high, SeatsSource: x.SeatsSource, Upper: x.Upper, Rev: x.Rev}
}

func (s *Service) createRound(r *web.Request) (web.Response, error) {
	var c RoundCmd
	err := r.Decode(&c)
	var x Round
	if err == nil {
		x, err = s.CreateRound(r.Context(), r.Actor, c)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.roundForm(r, "", c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/rounds/" + string(x.ID), Done: "done.round.create", API: x}, nil
}

// readRound loads a round of the address that the actor may see.
func (s *Service) readRound(r *web.Request) (x Round, err error) {
	n, err := r.ID("id")
	if err != nil {
		return x, err
	}
	return x, s.log.DB().Read(r.Context(), func(q db.Q) error {
		if x, err = RoundByID(r.Context(), q, n); err != nil {
			return err
		}
		return s.policy.Can(r.Actor, "round.read", s.roundObject(x, r.Actor))
	})
}

func (s *Service) editRoundPage(r *web.Request) (web.Response, error) {
	x, err := s.readRound(r)
	if err != nil {
		return nil, err
	}
	if err := s.policy.Can(r.Actor, "round.edit", s.roundObject(x, r.Actor)); err != nil {
		return nil, err
	}
	return s.roundForm(r, x.ID, cmdOfRound(x), nil)
}

func (s *Service) editRound(r *web.Request) (web.Response, error) {
	x, err := s.readRound(r)
	if err != nil {
		return nil, err
	}
	var c RoundCmd
	if err = r.Decode(&c); err == nil {
		_, err = s.EditRound(r.Context(), r.Actor, x.ID, c)
	}
	switch {
	case fault.Is(err, fault.KindInvalid):
		return s.roundForm(r, x.ID, c, err)
	case fault.Is(err, fault.KindConflict):
		return s.roundConflict(r, x, c, err)
	case err != nil:
		return nil, err
	}
	return web.Redirect{To: "/rounds/" + string(x.ID), Done: "done.round.edit"}, nil
}

func (s *Service) roundConflict(r *web.Request, now Round, c RoundCmd, failed error) (web.Response, error) {
	was := now
	if _, err := s.log.Before(r.Context(), "inspection_round", now.ID, c.Rev, &was); err != nil {
		return nil, err
	}
	c.Rev = now.Rev
	p, err := s.roundForm(r, now.ID, c, nil)
	if err != nil {
		return nil, err
	}
	form := p.(web.Page).Data.(formPage).Form
	shown := func(c RoundCmd) []string {
		return []string{c.Name, r.T("round.kind." + c.Kind), string(c.Start), string(c.End), strconv.Itoa(c.RectifyMonths), c.RectifySource, strconv.Itoa(c.SeatsMin), strconv.Itoa(c.SeatsMax), c.SeatsSource}
	}
	lines := Diff(fieldLabels(r, "", "word.title", "word.kind", "round.start", "round.end", "round.months", "round.source", "round.seats_min", "round.seats_max", "round.seats_source"),
		shown(cmdOfRound(was)), shown(cmdOfRound(now)), shown(c))
	return s.conflict(r, "inspection_round", now.ID, lines, form, "/rounds/"+string(now.ID), failed)
}

func (s *Service) roundPage(r *web.Request) (web.Response, error) { return s.roundRecord(r, nil) }

func (s *Service) roundRecord(r *web.Request, failed error) (web.Response, error) {
	x, err := s.readRound(r)
	if err != nil {
		return nil, err
	}
	var teams []Team
	var visits []Visit
	counts := map[string]int{}
	var counted Counted
	o := s.roundObject(x, r.Actor)
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		if teams, err = TeamsOf(r.Context(), q, x.ID); err != nil {
			return err
		}
		if visits, err = VisitsOf(r.Context(), q, x.ID); err != nil {
			return err
		}
		args := []any{string(x.ID)}
		counts, err = countsBy(r.Context(), q, "f.visit_id", "f.round_id = $1 AND "+s.policy.Filter(r.Actor, "finding.read", findingAccess, &args), args)
		if err != nil {
			return err
		}
		args = []any{string(x.ID)}
		counted, err = countedOf(r.Context(), q, "f.round_id = $1 AND "+s.policy.Filter(r.Actor, "finding.read", findingAccess, &args), args)
		return err
	})
	if err != nil {
		return nil, err
	}
	teams = slices.DeleteFunc(teams, func(t Team) bool { return s.policy.Can(r.Actor, "team.read", s.teamObject(t, x)) != nil })
	visits = slices.DeleteFunc(visits, func(v Visit) bool { return s.policy.Can(r.Actor, "visit.read", s.visitObject(v)) != nil })
	p := recordPage{Title: x.Name, Lead: []ui.Chip{stateChip(r, "round", x.State)}, Steps: roundSteps(r, x), ShowTrail: true}
	if s.policy.Can(r.Actor, "round.edit", o) == nil && x.State != RoundClosed {
		p.Actions = append(p.Actions, ui.Button{Label: r.T("round.do.edit"), Href: "/rounds/" + string(x.ID) + "/edit"})
	}
	p.Actions = append(p.Actions, s.linksOf(r, x, Visit{})...)
	var forms []ui.Form
	for _, do := range s.buttons(r, RoundFlow, o) {
		forms = append(forms, stepForm(r, "round", do, "/rounds/"+string(x.ID)+"/"+do, x.Rev, nil))
	}
	p.Blocks = append(p.Blocks, block{Title: r.T("round.facts"), Facts: s.roundFacts(r, x), Forms: forms}, s.visitsBlock(r, x, teams, visits, counts, failed), s.teamsBlock(r, x, teams, failed),
		block{Title: r.T("menu.findings"), Facts: ui.Facts{Items: append([]ui.Fact{{Label: r.T("word.count"), Text: strconv.Itoa(sumOf(counts)), Href: "/findings?round=" + string(x.ID)}}, append(countedFacts(r, counted).Items, ui.Fact{Label: r.T("menu.coverage"), Text: r.T("coverage.title"), Href: "/coverage?term=" + string(x.Term)})...)}})
	linked, err := s.linkedBlock(r, x)
	if err != nil {
		return nil, err
	}
	p.Blocks = append(p.Blocks, linked...)
	if p.Trail, err = s.trail(r, "inspection_round", x.ID); err != nil {
		return nil, err
	}
	return web.Page{Name: "inspection/record", Crumbs: crumbs(r, x.Name, ""), Data: p, Err: failed, Mark: true,
		API: map[string]any{"round": x, "teams": teams, "visits": visits, "findings": counts}}, nil
}

func sumOf(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

func roundSteps(r *web.Request, x Round) ui.Steps {
	out := ui.Steps{Label: r.T("round.process")}
	state := "done"
	for _, st := range RoundFlow.States() {
		step := ui.Step{Label: r.T("round.state." + st), State: state}
		if st == x.State {
			step.State, state = "now", "todo"
		}
		switch st {
		case RoundOnSite:
			step.Plan = string(x.Start)
		case RoundReport:
			step.Plan = string(x.End)
		}
		out.Items = append(out.Items, step)
	}
	return out
}

func (s *Service) roundFacts(r *web.Request, x Round) ui.Facts {
	low, high := x.Seats()
	source := x.SeatsSource
	if source == "" {
		source = r.T("round.seats.rule")
	}
	return ui.Facts{Items: []ui.Fact{{Label: r.T("round.no"), Text: strconv.Itoa(x.No)}, {Label: r.T("word.kind"), Text: r.T("round.kind." + x.Kind)}, {Label: r.T("round.unit"), Text: s.Units.Name(x.Unit)},
		{Label: r.T("round.start"), Text: string(x.Start)}, {Label: r.T("round.end"), Text: string(x.End)},
		{Label: r.T("round.months"), Text: r.T("round.months.n", x.RectifyMonths), Sub: x.RectifySource},
		{Label: r.T("round.seats"), Text: r.T("round.seats.n", low, high), Sub: source}}}
}

func (s *Service) visitsBlock(r *web.Request, x Round, teams []Team, visits []Visit, counts map[string]int, failed error) block {
	t := &ui.Table{ID: "v", Caption: r.T("round.visits"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.unit")}, {Label: r.T("kind.team")}, {Label: r.T("word.status")}, {Label: r.T("visit.entry"), Nowrap: true},
		{Label: r.T("visit.exit"), Nowrap: true}, {Label: r.T("visit.feedback"), Nowrap: true}, {Label: r.T("menu.findings"), Num: true}}, Empty: ui.EmptyState{Title: r.T("round.visits.empty"), Next: ui.Link{Label: r.T("menu.coverage"), Href: "/coverage"}}}
	opts := []ui.Option{{Label: r.T("visit.no_team")}}
	name := map[id.ID]string{}
	for _, m := range teams {
		opts = append(opts, ui.Option{Value: string(m.ID), Label: m.Name})
		name[m.ID] = m.Name
	}
	for _, v := range visits {
		t.Rows = append(t.Rows, ui.Row{ID: string(v.ID), Href: "/visits/" + string(v.ID), Cells: []ui.Cell{{Text: s.Units.Name(v.Unit), Sub: visitKind(r, x, v)}, {Text: name[v.Team]}, {Chips: []ui.Chip{stateChip(r, "visit", v.State)}},
			{Text: string(v.Entry)}, {Text: string(v.Exit)}, {Text: string(v.Feedback)}, {Text: strconv.Itoa(counts[string(v.ID)])}}})
	}
	b := block{Title: r.T("round.visits"), Table: t}
	if s.policy.Can(r.Actor, "visit.create", s.by("visit", x.Unit)) == nil && (x.State == RoundPrepare || x.State == RoundOnSite) {
		bad := r.Problems(failed)
		if !strings.HasSuffix(r.URL.Path, "/visits") {
			bad = map[string]string{}
		}
		b.Forms = []ui.Form{{ID: "visit", Action: "/rounds/" + string(x.ID) + "/visits", Buttons: []ui.Button{{Label: r.T("visit.do.create")}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
			{Name: "unit", Label: r.T("word.unit"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: r.PostFormValue("unit"), Error: bad["unit"]},
			{Name: "team", Label: r.T("kind.team"), Kind: ui.FieldSelect, Options: opts, Value: r.PostFormValue("team"), Optional: true, Error: bad["team"]},
			{Name: "kind", Label: r.T("word.kind"), Kind: ui.FieldSelect, Options: append([]ui.Option{{Label: r.T("round.kind." + x.Kind)}}, options(r, "round.kind.", RoundKinds(), false)...), Value: r.PostFormValue("kind"), Optional: true, Error: bad["kind"]}}}}}}
	}
	return b
}

// visitKind names the kind of a visit that differs from its round's.
func visitKind(r *web.Request, x Round, v Visit) string {
	if v.Kind == "" || v.Kind == x.Kind {
		return ""
	}
	return r.T("round.kind." + v.Kind)
}

func (s *Service) teamsBlock(r *web.Request, x Round, teams []Team, failed error) block {
	t := &ui.Table{ID: "m", Caption: r.T("round.teams"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.title")}, {Label: r.T("team.members"), Num: true}}, Empty: ui.EmptyState{Title: r.T("round.teams.empty")}}
	for _, m := range teams {
		n := m.Open()
		t.Rows = append(t.Rows, ui.Row{ID: string(m.ID), Href: "/teams/" + string(m.ID), Cells: []ui.Cell{{Text: m.Name}, {Text: strconv.Itoa(n)}}})
	}
	b := block{Title: r.T("round.teams"), Table: t}
	if s.policy.Can(r.Actor, "team.create", s.by("team", x.Unit)) == nil && (x.State == RoundPrepare || x.State == RoundOnSite) {
		bad := r.Problems(failed)
		if !strings.HasSuffix(r.URL.Path, "/teams") {
			bad = map[string]string{}
		}
		b.Forms = []ui.Form{{ID: "team", Action: "/rounds/" + string(x.ID) + "/teams", Buttons: []ui.Button{{Label: r.T("team.do.create")}},
			Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "name", Label: r.T("team.name"), Value: r.PostFormValue("name"), Error: bad["name"]}}}}}}
	}
	return b
}

func (s *Service) addTeam(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c teamCmd
	var t Team
	if err = r.Decode(&c); err == nil {
		t, err = s.AddTeam(r.Context(), r.Actor, n, c.Name)
	}
	return s.roundAnswer(r, n, t, "done.team.create", err)
}

func (s *Service) addVisit(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c VisitCmd
	var v Visit
	if err = r.Decode(&c); err == nil {
		v, err = s.AddVisit(r.Context(), r.Actor, n, c)
	}
	return s.roundAnswer(r, n, v, "done.visit.create", err)
}

// roundAnswer goes back to the round, with the failed form when there is one.
func (s *Service) roundAnswer(r *web.Request, n id.ID, api any, done string, err error) (web.Response, error) {
	if inPlace(err) {
		return s.roundRecord(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/rounds/" + string(n), Done: done, API: api}, nil
}

func (s *Service) advance(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c revCmd
		var x Round
		if err = r.Decode(&c); err == nil {
			x, err = s.AdvanceRound(r.Context(), r.Actor, n, do, c.Rev)
		}
		return s.roundAnswer(r, n, x, "done.round."+do, err)
	}
}
