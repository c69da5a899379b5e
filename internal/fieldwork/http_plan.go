package fieldwork

import (
	"strconv"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) planPage(r *web.Request) (web.Response, error) { return s.planShown(r, "", nil) }

// planShown shows the plan of a term; form names the form that was refused.
func (s *Service) planShown(r *web.Request, form string, failed error) (web.Response, error) {
	terms, err := s.terms(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	t := &ui.Table{Caption: r.T("plan.title"), Base: "/plan", Params: r.URL.Query(), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.unit")}, {Label: r.T("word.status")}, {Label: r.T("plan.last"), Nowrap: true},
		{Label: r.T("plan.round")}, {Label: r.T("plan.wave"), Num: true}, {Label: r.T("plan.due"), Nowrap: true}, {Label: r.T("word.kind")}, {Label: r.T("plan.next"), Nowrap: true, Hint: r.T("plan.next.hint")}},
		Empty: ui.EmptyState{Title: r.T("plan.empty"), Text: r.T("plan.empty.text"), Next: ui.Link{Label: r.T("term.menu"), Href: "/terms"}}}
	p := listPage{Title: r.T("plan.title"), Hint: r.T("plan.hint"), Actions: []ui.Button{{Label: r.T("menu.coverage"), Href: "/coverage"}}}
	if len(terms) == 0 {
		p.Table = *t
		return web.Page{Name: "fieldwork/list", Crumbs: crumbs(r, p.Title, ""), Data: p, API: Plan{}, Err: failed}, nil
	}
	want := id.ID(r.Param("term"))
	if want == "" {
		want = id.ID(r.PostFormValue("term"))
	}
	if want == "" {
		want = terms[0].ID
	}
	plan, err := s.Plan(r.Context(), r.Actor, want)
	if err != nil {
		return nil, err
	}
	opts := []ui.Option{}
	for _, x := range terms {
		opts = append(opts, ui.Option{Value: string(x.ID), Label: x.Name + " · " + s.Units.Short(x.Unit)})
	}
	state := r.Param("state")
	states := []string{PlanDone, PlanOnSite, PlanPlanned, PlanLate, PlanMissing}
	t.Filters = []ui.Field{{Name: "term", Label: r.T("kind.term"), Kind: ui.FieldSelect, Options: opts, Value: string(want)},
		{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Options: append([]ui.Option{{Label: r.T("form.any")}}, options(r, "plan.state.", states, false)...), Value: state}}
	for _, l := range plan.Lines {
		if state != "" && l.State != state {
			continue
		}
		last, href := string(l.Last), ""
		if l.Never {
			last = r.T("coverage.never")
		}
		if l.Round != "" {
			href = "/rounds/" + string(l.Round)
		}
		kind := ""
		if l.Slot.Kind != "" {
			kind = r.T("round.kind." + l.Slot.Kind)
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(l.Unit), Cells: []ui.Cell{{Text: s.Units.Name(l.Unit)}, {Chips: []ui.Chip{chip(r, "plan", l.State)}}, {Text: last}, {Text: l.Name, Href: href},
			{Text: num(l.Slot.Wave)}, {Text: string(l.Slot.Due)}, {Text: kind, Sub: l.Slot.Note}, {Text: string(l.NextDue)}}})
	}
	link := func(st string) string { return "/plan?term=" + string(want) + "&state=" + st }
	p.Stats = ui.Stats{Items: []ui.Stat{{Label: r.T("plan.state.done"), Value: strconv.Itoa(plan.Count(PlanDone)+plan.Count(PlanOnSite)) + " / " + strconv.Itoa(len(plan.Lines)), Href: link(PlanDone), Define: r.T("plan.define")},
		{Label: r.T("plan.state.planned"), Value: strconv.Itoa(plan.Count(PlanPlanned)), Href: link(PlanPlanned)}, {Label: r.T("plan.state.unplaced"), Value: strconv.Itoa(plan.Count(PlanMissing)), Href: link(PlanMissing)},
		{Label: r.T("plan.state.late"), Value: strconv.Itoa(plan.Count(PlanLate)), Href: link(PlanLate), Class: "late"}, {Label: r.T("coverage.never"), Value: strconv.Itoa(plan.Never())}}}
	p.Table = *t
	if s.Policy.Can(r.Actor, "plan.edit", s.object("plan", "", Scope{By: plan.Term.Unit}, "")) == nil {
		p.Blocks = s.planForms(r, plan, form, failed)
	}
	return web.Page{Name: "fieldwork/list", Crumbs: crumbs(r, p.Title, ""), Data: p, API: plan, Err: failed}, nil
}

func (s *Service) planForms(r *web.Request, p Plan, form string, failed error) []block {
	bad := map[string]map[string]string{form: r.Problems(failed)}
	value := func(f, name, fallback string) string {
		if f == form && failed != nil {
			return r.PostFormValue(name)
		}
		return fallback
	}
	hidden := []ui.Pair{{Name: "term", Value: string(p.Term.ID)}}
	waves := []ui.Option{}
	for w := 1; w <= maxWaves; w++ {
		n := 0
		for _, l := range p.Lines {
			if l.Slot.Wave == w && l.State != PlanDone && l.State != PlanOnSite {
				n++
			}
		}
		if n > 0 {
			waves = append(waves, ui.Option{Value: strconv.Itoa(w), Label: r.T("plan.wave.n", w, n)})
		}
	}
	out := []block{{ID: "spread", Title: r.T("plan.spread"), Hint: r.T("plan.spread.hint"), Forms: []ui.Form{{ID: "spread-form", Action: "/plan/spread", Hidden: hidden, Buttons: []ui.Button{{Label: r.T("plan.do.spread"), Kind: "primary"}},
		Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "waves", Label: r.T("plan.waves"), Kind: ui.FieldNumber, Value: value("spread", "waves", "7"), Error: bad["spread"]["waves"]},
			{Name: "start", Label: r.T("round.start"), Kind: ui.FieldDate, Value: value("spread", "start", string(r.Today())), Error: bad["spread"]["start"]},
			{Name: "end", Label: r.T("round.end"), Kind: ui.FieldDate, Value: value("spread", "end", string(p.Term.End)), Error: bad["spread"]["end"]}}}}}}},
		{ID: "slot", Title: r.T("plan.slot"), Forms: []ui.Form{{ID: "slot-form", Action: "/plan/slot", Hidden: hidden, Buttons: []ui.Button{{Label: r.T("act.save"), Kind: "primary"}},
			Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "unit", Label: r.T("word.unit"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: value("slot", "unit", ""), Error: bad["slot"]["unit"]},
				{Name: "wave", Label: r.T("plan.wave"), Kind: ui.FieldNumber, Value: value("slot", "wave", ""), Error: bad["slot"]["wave"]},
				{Name: "kind", Label: r.T("word.kind"), Kind: ui.FieldSelect, Options: options(r, "round.kind.", inspection.InspectionKinds(), false), Value: value("slot", "kind", inspection.KindRegular), Error: bad["slot"]["kind"]},
				{Name: "due", Label: r.T("plan.due"), Kind: ui.FieldDate, Value: value("slot", "due", ""), Error: bad["slot"]["due"]},
				{Name: "note", Label: r.T("plan.note"), Value: value("slot", "note", ""), Optional: true, Error: bad["slot"]["note"], Wide: true}}}}}}}}
	if len(waves) > 0 {
		out = append(out, block{ID: "round", Title: r.T("plan.round.make"), Hint: r.T("plan.round.hint"), Forms: []ui.Form{{ID: "wave-form", Action: "/plan/round", Hidden: hidden, Buttons: []ui.Button{{Label: r.T("plan.do.round"), Kind: "primary"}},
			Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "wave", Label: r.T("plan.wave"), Kind: ui.FieldSelect, Options: waves, Value: value("round", "wave", ""), Error: bad["round"]["wave"]},
				{Name: "name", Label: r.T("plan.round.name"), Value: value("round", "name", ""), Error: bad["round"]["name"]}}}}}}})
	}
	return out
}

func (s *Service) planAnswer(r *web.Request, form string, term id.ID, err error) (web.Response, error) {
	if refused(err) {
		return s.planShown(r, form, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/plan?term=" + string(term), Done: "done.plan." + form}, nil
}

func (s *Service) setSlot(r *web.Request) (web.Response, error) {
	var c SlotCmd
	err := r.Decode(&c)
	if err == nil {
		err = s.SetSlot(r.Context(), r.Actor, c)
	}
	return s.planAnswer(r, "slot", c.Term, err)
}

func (s *Service) spread(r *web.Request) (web.Response, error) {
	var c SpreadCmd
	err := r.Decode(&c)
	if err == nil {
		_, err = s.SpreadPlan(r.Context(), r.Actor, c)
	}
	return s.planAnswer(r, "spread", c.Term, err)
}

func (s *Service) waveRound(r *web.Request) (web.Response, error) {
	var c WaveCmd
	err := r.Decode(&c)
	var x inspection.Round
	if err == nil {
		x, err = s.RoundOfWave(r.Context(), r.Actor, c)
	}
	if err == nil {
		return web.Redirect{To: "/rounds/" + string(x.ID), Done: "done.round.create", API: x}, nil
	}
	return s.planAnswer(r, "round", c.Term, err)
}

// roundOf loads the round of the address for a page.
func (s *Service) roundOf(r *web.Request, action string) (x inspection.Round, err error) {
	n, err := r.ID("id")
	if err != nil {
		return x, err
	}
	return x, s.read(r.Context(), func(q db.Q) error { x, err = s.round(r.Context(), q, r.Actor, n, action); return err })
}

func (s *Service) periodsPage(r *web.Request) (web.Response, error) { return s.periodsShown(r, nil) }

func (s *Service) periodsShown(r *web.Request, failed error) (web.Response, error) {
	x, err := s.roundOf(r, "field.read")
	if err != nil {
		return nil, err
	}
	var ps []Period
	var visits []inspection.Visit
	err = s.read(r.Context(), func(q db.Q) error {
		if ps, err = s.Periods(r.Context(), q, x); err != nil {
			return err
		}
		visits, err = inspection.VisitsOf(r.Context(), q, x.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	t := &ui.Table{ID: "p", Caption: r.T("period.title"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("period.what")}, {Label: r.T("period.rule"), Nowrap: true}, {Label: r.T("period.amount"), Nowrap: true}, {Label: r.T("period.source")}, {Label: r.T("period.evidence"), Hint: r.T("period.evidence.hint"), Nowrap: true}}}
	var keys []ui.Option
	for _, p := range ps {
		source := p.Source
		if p.Own {
			source += "（" + r.T("period.own") + "）"
		}
		t.Rows = append(t.Rows, ui.Row{ID: p.Key, Cells: []ui.Cell{{Text: r.T("period.key." + p.Key), Sub: r.T("period.anchor." + p.Anchor)}, {Text: p.Rule}, {Text: s.amount(r, p)}, {Text: source}, {Text: p.Evidence}}})
		if p.Key != "rectify" {
			keys = append(keys, ui.Option{Value: p.Key, Label: r.T("period.key." + p.Key)})
		}
	}
	p := recordPage{Title: r.T("period.title") + " · " + x.Name, ShowTrail: false}
	p.Blocks = append(p.Blocks, block{Title: r.T("period.title"), Hint: r.T("period.hint", TheBook().Version), Table: t})
	for _, v := range visits {
		if !s.canVisit(r.Actor, "field.read", v) {
			continue
		}
		p.Blocks = append(p.Blocks, s.datesBlock(r, ps, x, v, s.Units.Name(v.Unit)))
	}
	if s.Policy.Can(r.Actor, "period.edit", s.object("period", x.State, roundScope(x, r.Actor), "")) == nil && x.State != inspection.RoundClosed {
		bad := r.Problems(failed)
		unit := r.PostFormValue("unit")
		if unit == "" {
			unit = Workdays
		}
		p.Blocks = append(p.Blocks, block{Title: r.T("period.set"), Hint: r.T("period.set.hint"), Forms: []ui.Form{{Action: "/rounds/" + string(x.ID) + "/periods", Buttons: []ui.Button{{Label: r.T("act.save"), Kind: "primary"}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
			{Name: "key", Label: r.T("period.what"), Kind: ui.FieldSelect, Options: keys, Value: r.PostFormValue("key"), Error: bad["key"]},
			{Name: "amount", Label: r.T("period.amount"), Kind: ui.FieldNumber, Value: r.PostFormValue("amount"), Error: bad["amount"]},
			{Name: "unit", Label: r.T("period.unit"), Kind: ui.FieldRadio, Options: options(r, "period.unit.", Units(), false), Value: unit, Error: bad["unit"]},
			{Name: "source", Label: r.T("period.source"), Value: r.PostFormValue("source"), Error: bad["source"], Wide: true}}}}}}})
	}
	return web.Page{Name: "fieldwork/record", Crumbs: crumbs(r, x.Name, "/rounds/"+string(x.ID), r.T("period.title"), ""), Data: p, API: ps, Err: failed}, nil
}

func (s *Service) amount(r *web.Request, p Period) string {
	text := r.T("period.n."+p.Unit, p.Amount)
	if p.Before {
		return r.T("period.before", text)
	}
	return text
}

// datesBlock shows the days that the limits give for a visit.
func (s *Service) datesBlock(r *web.Request, ps []Period, x inspection.Round, v inspection.Visit, title string) block {
	b := block{Title: title}
	for _, d := range s.Dates(ps, x, v) {
		if d.Due == "" || strings.HasPrefix(d.Anchor, "asked") {
			continue
		}
		sub := r.T("period.from", r.T("period.anchor."+d.Anchor), string(d.Start)) + " · " + s.amount(r, d.Period)
		if d.Provisional {
			sub += " · " + r.T("period.provisional")
		}
		b.Facts.Items = append(b.Facts.Items, ui.Fact{Label: r.T("period.key." + d.Key), Text: string(d.Due), Sub: sub})
	}
	if len(b.Facts.Items) == 0 {
		b.Hint = r.T("period.none")
	}
	return b
}

func (s *Service) setPeriod(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c PeriodCmd
	if err = r.Decode(&c); err == nil {
		err = s.SetPeriod(r.Context(), r.Actor, n, c)
	}
	if refused(err) && !fault.Is(err, fault.KindNotFound) {
		return s.periodsShown(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/rounds/" + string(n) + "/periods", Done: "done.period.edit"}, nil
}

// rulesPage lists the rules of inspection work and where the product shows each.
func (s *Service) rulesPage(r *web.Request) (web.Response, error) {
	where := map[string]string{"round": "/rounds", "procedure": "/rounds", "limits": "/rounds", "teams": "/rounds", "reports": "/rounds", "clues": "/clues", "immediate": "/rounds", "ledger": "/ledger"}
	t := &ui.Table{ID: "r", Caption: r.T("menu.rules"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("period.rule"), Nowrap: true}, {Label: r.T("rules.what")}, {Label: r.T("rules.where")}, {Label: r.T("period.source")}, {Label: r.T("period.evidence"), Hint: r.T("period.evidence.hint")}}}
	for _, x := range TheBook().Rules {
		source := x.Document
		if x.Article != "" {
			source += " " + x.Article
		}
		t.Rows = append(t.Rows, ui.Row{ID: x.ID, Cells: []ui.Cell{{Text: x.ID}, {Text: r.T("rules." + x.ID)}, {Text: r.T("rules.where." + x.Where), Href: where[x.Where]}, {Text: source}, {Text: x.Evidence}}})
	}
	p := recordPage{Title: r.T("menu.rules"), Blocks: []block{{Title: r.T("menu.rules"), Hint: r.T("rules.hint", TheBook().Version), Table: t}}}
	return web.Page{Name: "fieldwork/record", Crumbs: crumbs(r, p.Title, ""), Data: p, API: TheBook()}, nil
}
