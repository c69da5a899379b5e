package fieldwork

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type recusalForm struct {
	Person string     `json:"person"`
	Unit   string     `json:"unit"`
	Ground string     `json:"ground"`
	On     clock.Date `json:"on"`
}

func (s *Service) preparePage(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.prepareShown(r, n, nil)
}

// prepareShown shows what a round needs before entry: authorisations of leaders,
// declarations of recusal, records of procedure per unit.
func (s *Service) prepareShown(r *web.Request, round id.ID, failed error) (web.Response, error) {
	var x inspection.Round
	var teams []inspection.Team
	var visits []inspection.Visit
	var acts []Act
	var forms []Recused
	lacks := map[id.ID][]Missing{}
	err := s.read(r.Context(), func(q db.Q) (err error) {
		if x, err = s.round(r.Context(), q, r.Actor, round, "field.read"); err != nil {
			return err
		}
		if teams, err = inspection.TeamsOf(r.Context(), q, round); err != nil {
			return err
		}
		if visits, err = inspection.VisitsOf(r.Context(), q, round); err != nil {
			return err
		}
		if acts, err = actsOfRound(r.Context(), q, round, KindAuthorise); err != nil {
			return err
		}
		if forms, err = recusalsOf(r.Context(), q, round); err != nil {
			return err
		}
		for _, v := range visits {
			of, err := ActsOf(r.Context(), q, v.ID)
			if err != nil {
				return err
			}
			lacks[v.ID] = Lacking(x.KindOf(v), v, of, s.Dual(v))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var people []id.ID
	for _, t := range teams {
		for _, m := range t.Members {
			people = append(people, m.Person)
		}
	}
	for _, f := range forms {
		people = append(people, f.Person)
	}
	names, err := s.names(r, people...)
	if err != nil {
		return nil, err
	}
	p := recordPage{Title: r.T("prepare.title") + " · " + x.Name}
	if s.Policy.Can(r.Actor, "team.propose", s.object("team", x.State, roundScope(x, r.Actor), "")) == nil {
		p.Actions = append(p.Actions, ui.Button{Label: r.T("proposal.title"), Href: "/rounds/" + string(x.ID) + "/proposal", Kind: "primary"})
	}
	p.Blocks = append(p.Blocks, s.authorityBlock(r, x, teams, acts, names, failed), s.recusalBlock(r, x, teams, forms, names, failed))
	t := &ui.Table{ID: "v", Caption: r.T("prepare.procedure"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.unit")}, {Label: r.T("word.kind")}, {Label: r.T("prepare.lacks"), Num: true}, {Label: r.T("prepare.lacks.which")}}, Empty: ui.EmptyState{Title: r.T("round.visits.empty")}}
	for _, v := range visits {
		if !s.canVisit(r.Actor, "field.read", v) {
			continue
		}
		var which []string
		for _, m := range lacks[v.ID] {
			word := r.T("act.kind." + m.Kind)
			if m.Body != "" {
				word += "（" + r.T("act.body."+m.Body) + "）"
			}
			which = append(which, word)
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(v.ID), Href: "/visits/" + string(v.ID) + "/procedure", Cells: []ui.Cell{{Text: s.Units.Name(v.Unit)}, {Text: r.T("round.kind." + x.KindOf(v))}, {Text: strconv.Itoa(len(which))}, {Text: strings.Join(which, "、"), Clamp: true}}})
	}
	p.Blocks = append(p.Blocks, block{Title: r.T("prepare.procedure"), Hint: r.T("prepare.procedure.hint"), Table: t})
	return web.Page{Name: "fieldwork/record", Crumbs: crumbs(r, x.Name, "/rounds/"+string(x.ID), r.T("prepare.title"), ""), Data: p, Err: failed, Mark: true,
		API: map[string]any{"round": x, "authorisations": acts, "declarations": forms, "lacking": lacks}}, nil
}

func (s *Service) authorityBlock(r *web.Request, x inspection.Round, teams []inspection.Team, acts []Act, names map[id.ID]string, failed error) block {
	b := block{ID: "authority", Title: r.T("authority.title"), Hint: r.T("authority.hint")}
	bad := r.Problems(failed)
	for _, t := range teams {
		if s.Policy.Can(r.Actor, "field.read", s.object("field", x.State, Scope{Round: x.ID, By: x.Unit, Team: t.ID}, "")) != nil {
			continue
		}
		lead, has := t.Leader()
		fact := ui.Fact{Label: t.Name, Text: names[lead.Person], Href: "/teams/" + string(t.ID)}
		switch {
		case !has:
			fact.Chips = []ui.Chip{{Class: "late", Word: r.T("authority.no_leader")}}
		case authorised(acts, t.ID, lead.Person):
			i := slices.IndexFunc(acts, func(a Act) bool { return a.Team == t.ID && a.Person == lead.Person && a.State == ActRecorded })
			fact.Chips = []ui.Chip{{Class: "ok", Word: r.T("authority.given")}}
			fact.Sub = acts[i].Document + " · " + string(acts[i].On)
		default:
			fact.Chips = []ui.Chip{{Class: "late", Word: r.T("authority.missing")}}
			if s.Policy.Can(r.Actor, "team.authorise", s.object("team", x.State, Scope{Round: x.ID, By: x.Unit, Team: t.ID}, "")) == nil {
				action := "/teams/" + string(t.ID) + "/authorise"
				fd := ui.Field{Name: "document", Label: r.T("authority.document"), MaxLen: maxLine}
				if r.URL.Path == action {
					fd.Value, fd.Error = r.PostFormValue("document"), bad["document"]
				}
				b.Forms = append(b.Forms, ui.Form{ID: "authorise-" + t.ID.Short(), Action: action, Sets: []ui.Fieldset{{Legend: t.Name + " · " + names[lead.Person], Fields: []ui.Field{fd}}}, Buttons: []ui.Button{{Label: r.T("authority.do"), Kind: "primary"}}})
			}
		}
		b.Facts.Items = append(b.Facts.Items, fact)
	}
	return b
}

func (s *Service) recusalBlock(r *web.Request, x inspection.Round, teams []inspection.Team, forms []Recused, names map[id.ID]string, failed error) block {
	t := &ui.Table{ID: "d", Caption: r.T("recusal.title"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.person")}, {Label: r.T("kind.team")}, {Label: r.T("recusal.said")}, {Label: r.T("recusal.on"), Nowrap: true}}, Empty: ui.EmptyState{Title: r.T("recusal.empty")}}
	all := s.Policy.Can(r.Actor, "team.propose", s.object("team", x.State, roundScope(x, r.Actor), "")) == nil
	declared := map[id.ID]bool{}
	for _, f := range forms {
		declared[f.Person] = true
		if !all && f.Person != r.Actor.Person {
			continue
		}
		said := r.T("recusal.none")
		if f.Unit != "" {
			said = s.Units.Name(f.Unit) + "：" + f.Ground
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(f.ID), Cells: []ui.Cell{{Text: names[f.Person]}, {Text: ""}, {Text: said}, {Text: string(f.On)}}})
	}
	for _, tm := range teams {
		for _, m := range tm.Members {
			if m.To == "" && !declared[m.Person] && (all || m.Person == r.Actor.Person) {
				t.Rows = append(t.Rows, ui.Row{ID: string(m.ID), Cells: []ui.Cell{{Text: names[m.Person]}, {Text: tm.Name}, {Chips: []ui.Chip{{Class: "wait", Word: r.T("recusal.missing")}}}, {}}})
			}
		}
	}
	b := block{ID: "recusals", Title: r.T("recusal.title"), Hint: r.T("recusal.hint"), Table: t}
	if s.Policy.Can(r.Actor, "team.recusal", s.object("team", x.State, roundScope(x, r.Actor), "")) == nil {
		action := "/rounds/" + string(x.ID) + "/recusals"
		bad := r.Problems(failed)
		v := func(name string) (string, string) {
			if r.URL.Path != action {
				return "", ""
			}
			return r.PostFormValue(name), bad[name]
		}
		var fields []ui.Field
		if all {
			val, e := v("person")
			fields = append(fields, ui.Field{Name: "person", Label: r.T("word.person"), Kind: ui.FieldPicker, Source: "/pick/people?by=staff_no", Value: val, Error: e})
		}
		val, e := v("unit")
		fields = append(fields, ui.Field{Name: "unit", Label: r.T("recusal.unit"), Hint: r.T("recusal.unit.hint"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: val, Optional: true, Error: e})
		val, e = v("ground")
		fields = append(fields, ui.Field{Name: "ground", Label: r.T("recusal.ground"), Value: val, Optional: true, Error: e, MaxLen: maxLine})
		b.Forms = []ui.Form{{ID: "recusal", Action: action, Sets: []ui.Fieldset{{Fields: fields}}, Buttons: []ui.Button{{Label: r.T("recusal.do")}}}}
	}
	return b
}

func (s *Service) declare(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c recusalForm
	if err = r.Decode(&c); err == nil {
		who := r.Actor.Person
		if c.Person != "" {
			who, err = s.person(r, c.Person)
		} else if r.Actor.Has(actor.Office) {
			err = sole("person", "error.required")
		}
		if err == nil {
			err = s.Declare(r.Context(), r.Actor, n, RecusalCmd{Person: who, Unit: c.Unit, Ground: c.Ground, On: c.On})
		}
	}
	if refused(err) {
		return s.prepareShown(r, n, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/rounds/" + string(n) + "/prepare#recusals", Done: "done.recusal"}, nil
}

func (s *Service) authorise(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c AuthoriseCmd
	var a Act
	if err = r.Decode(&c); err == nil {
		a, err = s.Authorise(r.Context(), r.Actor, n, c)
	}
	if refused(err) {
		var t inspection.Team
		if e := s.read(r.Context(), func(q db.Q) (e error) { t, e = inspection.TeamByID(r.Context(), q, n); return e }); e != nil {
			return nil, e
		}
		return s.prepareShown(r, t.Round, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/rounds/" + string(a.Round) + "/prepare", Done: "done.authority", API: a}, nil
}

// wishOf reads the wish from the address or the form.
func wishOf(v url.Values) ProposeCmd {
	n := func(name string, fallback int) int {
		if x, err := strconv.Atoi(v.Get(name)); err == nil {
			return x
		}
		return fallback
	}
	return ProposeCmd{Size: n("size", 6), Deputies: n("deputies", 1), Skills: slices.DeleteFunc(slices.Clone(v["skills"]), func(x string) bool { return x == "" })}
}

func (s *Service) proposalPage(r *web.Request) (web.Response, error) {
	return s.proposalShown(r, wishOf(r.URL.Query()), nil)
}

func (s *Service) proposalShown(r *web.Request, c ProposeCmd, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	x, err := s.roundOf(r, "team.propose")
	if err != nil {
		return nil, err
	}
	prop, err := s.Propose(r.Context(), r.Actor, n, c)
	bad := map[string]string{}
	if fault.Is(err, fault.KindInvalid) {
		bad, failed = r.Problems(err), err
	} else if err != nil {
		return nil, err
	}
	p := recordPage{Title: r.T("proposal.title") + " · " + x.Name}
	base := "/rounds/" + string(n) + "/proposal"
	p.Blocks = append(p.Blocks, block{Title: r.T("proposal.wish"), Hint: r.T("proposal.hint", prop.Pool), Forms: []ui.Form{{ID: "wish", Action: base, Method: "get", Buttons: []ui.Button{{Label: r.T("proposal.do.again")}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "size", Label: r.T("proposal.size"), Kind: ui.FieldNumber, Value: strconv.Itoa(c.Size), Error: bad["size"]},
		{Name: "deputies", Label: r.T("proposal.deputies"), Kind: ui.FieldNumber, Value: strconv.Itoa(c.Deputies), Error: bad["deputies"]},
		{Name: "skills", Label: r.T("proposal.skills"), Kind: ui.FieldChecks, Options: options(r, "skill.", Skills(), false), Values: c.Skills, Optional: true, Error: bad["skills"], Wide: true}}}}}}})
	seats := 0
	for _, t := range prop.Teams {
		p.Blocks = append(p.Blocks, s.proposedBlock(r, t))
		seats += len(t.Choices)
	}
	if seats > 0 {
		hidden := []ui.Pair{{Name: "size", Value: strconv.Itoa(c.Size)}, {Name: "deputies", Value: strconv.Itoa(c.Deputies)}}
		for _, k := range c.Skills {
			hidden = append(hidden, ui.Pair{Name: "skills", Value: k})
		}
		p.Blocks = append(p.Blocks, block{Forms: []ui.Form{{ID: "accept", Action: base + "/accept", Hidden: hidden, Note: r.T("proposal.accept.hint"), Buttons: []ui.Button{{Label: r.T("proposal.do.accept", seats), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("act.back"), Href: "/rounds/" + string(n) + "/prepare"}}}})
	}
	return web.Page{Name: "fieldwork/record", Crumbs: crumbs(r, x.Name, "/rounds/"+string(x.ID), r.T("prepare.title"), "/rounds/"+string(x.ID)+"/prepare", r.T("proposal.title"), ""), Data: p, API: prop, Err: failed, Mark: true}, nil
}

func (s *Service) proposedBlock(r *web.Request, t Proposed) block {
	var units []string
	for _, u := range t.Units {
		units = append(units, s.Units.Short(u))
	}
	tab := &ui.Table{ID: "t" + t.Team.Short(), Caption: t.Name, NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.person")}, {Label: r.T("team.post")}, {Label: r.T("proposal.why")}}, Empty: ui.EmptyState{Title: r.T("proposal.full")}}
	for _, c := range t.Choices {
		why := []string{r.T("proposal.why.clear", strings.Join(units, "、"))}
		if len(units) == 0 {
			why[0] = r.T("proposal.why.no_unit")
		}
		if len(c.Brings) > 0 {
			var ks []string
			for _, k := range c.Brings {
				ks = append(ks, r.T("skill."+k))
			}
			why = append(why, r.T("proposal.why.brings", strings.Join(ks, "、")))
		}
		why = append(why, r.T("proposal.why.rounds", c.Rounds))
		tab.Rows = append(tab.Rows, ui.Row{ID: string(c.Person), Cells: []ui.Cell{{Text: c.Name}, {Text: r.T("team.post." + c.Post)}, {Text: strings.Join(why, "；")}}})
	}
	b := block{Title: t.Name, Hint: strings.Join(units, "、"), Table: tab}
	b.Facts.Items = append(b.Facts.Items, ui.Fact{Label: r.T("proposal.fit"), Text: strconv.Itoa(t.Fit)})
	var passed []string
	for why := range t.Passed {
		passed = append(passed, why)
	}
	slices.SortFunc(passed, func(a, b string) int { return cmp.Or(-cmp.Compare(t.Passed[a], t.Passed[b]), cmp.Compare(a, b)) })
	var words []string
	for _, why := range passed {
		words = append(words, r.T("proposal.pass."+why)+" "+strconv.Itoa(t.Passed[why]))
	}
	b.Facts.Items = append(b.Facts.Items, ui.Fact{Label: r.T("proposal.passed"), Text: strings.Join(words, "、")})
	if len(t.Lacks) > 0 {
		var ks []string
		for _, k := range t.Lacks {
			ks = append(ks, r.T("skill."+k))
		}
		b.Facts.Items = append(b.Facts.Items, ui.Fact{Label: r.T("proposal.lacks"), Text: strings.Join(ks, "、"), Chips: []ui.Chip{{Class: "wait", Word: r.T("proposal.lacks.word")}}})
	}
	if t.Open > 0 {
		b.Facts.Items = append(b.Facts.Items, ui.Fact{Label: r.T("proposal.open"), Text: strconv.Itoa(t.Open), Chips: []ui.Chip{{Class: "late", Word: r.T("proposal.open.word")}}})
	}
	return b
}

func (s *Service) accept(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c ProposeCmd
	if err = r.Decode(&c); err == nil {
		_, err = s.Accept(r.Context(), r.Actor, n, c)
	}
	if refused(err) {
		return s.proposalShown(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/rounds/" + string(n) + "/prepare", Done: "done.proposal"}, nil
}

type inspectorForm struct {
	Person string     `json:"person"`
	Skills []string   `json:"skills"`
	Lead   bool       `json:"lead"`
	From   clock.Date `json:"from"`
	To     clock.Date `json:"to"`
	Note   string     `json:"note"`
}

func (s *Service) inspectorsPage(r *web.Request) (web.Response, error) {
	return s.inspectorsShown(r, inspectorForm{}, nil)
}

func (s *Service) inspectorsShown(r *web.Request, c inspectorForm, failed error) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	var list []Inspector
	err = s.read(r.Context(), func(dq db.Q) error {
		var args []any
		cond := s.Policy.Filter(r.Actor, "inspector.read", access.Columns{By: "i.by_id"}, &args)
		if len(q.After) > 0 {
			args = append(args, q.After[0])
			cond += " AND i.id > $" + strconv.Itoa(len(args))
		}
		if k := q.Filter.Get("skill"); k != "" && slices.Contains(Skills(), k) {
			args = append(args, "%,"+k+",%")
			cond += " AND (',' || i.skills || ',') LIKE $" + strconv.Itoa(len(args))
		}
		if q.Filter.Get("lead") == "1" {
			cond += " AND i.leads"
		}
		list, err = inspectorsWhere(r.Context(), dq, cond, q.Size+1, args)
		return err
	})
	if err != nil {
		return nil, err
	}
	after := ""
	if len(list) > q.Size {
		list = list[:q.Size]
		after = string(list[q.Size-1].ID)
	}
	t := ui.Table{Caption: r.T("menu.inspectors"), Base: "/inspectors", Params: r.URL.Query(), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.person")}, {Label: r.T("inspector.skills")}, {Label: r.T("inspector.lead")}, {Label: r.T("inspector.time"), Nowrap: true}, {Label: r.T("inspector.note")}},
		Empty: ui.EmptyState{Title: r.T("inspector.empty"), Text: r.T("inspector.empty.text")},
		Filters: []ui.Field{{Name: "skill", Label: r.T("inspector.skills"), Kind: ui.FieldSelect, Options: append([]ui.Option{{Label: r.T("form.any")}}, options(r, "skill.", Skills(), false)...), Value: q.Filter.Get("skill")},
			{Name: "lead", Label: r.T("inspector.lead"), Kind: ui.FieldSelect, Options: []ui.Option{{Label: r.T("form.any")}, {Value: "1", Label: r.T("form.yes")}}, Value: q.Filter.Get("lead")}},
		Pager: web.Pager(r, "/inspectors", "", after, len(q.After) > 0)}
	for _, x := range list {
		href := ""
		if r.Can("inspector.edit") {
			href = "/inspectors/" + string(x.ID)
		}
		lead := ""
		if x.Lead {
			lead = r.T("form.yes")
		}
		var ks []string
		for _, k := range x.Skills {
			ks = append(ks, r.T("skill."+k))
		}
		span := ""
		if x.From != "" || x.To != "" {
			span = string(x.From) + "–" + string(x.To)
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: href, Cells: []ui.Cell{{Text: x.Name}, {Text: strings.Join(ks, "、")}, {Text: lead}, {Text: span}, {Text: x.Note}}})
	}
	p := listPage{Title: r.T("menu.inspectors"), Hint: r.T("inspector.hint"), Table: t}
	if r.Can("inspector.edit") {
		f := s.inspectorFields(r, c.Skills, c.Lead, c.From, c.To, c.Note, failed)
		f.Action, f.Buttons[0].Label = "/inspectors", r.T("inspector.do.add")
		f.Sets[0].Fields = append([]ui.Field{{Name: "person", Label: r.T("word.person"), Kind: ui.FieldPicker, Source: "/pick/people?by=staff_no", Value: c.Person, Error: r.Problems(failed)["person"]}}, f.Sets[0].Fields...)
		p.Blocks = []block{{Title: r.T("inspector.do.add"), Forms: []ui.Form{f}}}
	}
	return web.Page{Name: "fieldwork/list", Crumbs: crumbs(r, p.Title, ""), Data: p, API: list, Err: failed, Mark: true}, nil
}

func (s *Service) inspectorFields(r *web.Request, skills []string, lead bool, from, to clock.Date, note string, failed error) ui.Form {
	bad := r.Problems(failed)
	on := ""
	if lead {
		on = "1"
	}
	return ui.Form{Buttons: []ui.Button{{Label: r.T("act.save"), Kind: "primary"}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "skills", Label: r.T("inspector.skills"), Kind: ui.FieldChecks, Options: options(r, "skill.", Skills(), false), Values: skills, Optional: true, Error: bad["skills"], Wide: true},
		{Name: "lead", Label: r.T("inspector.lead"), Kind: ui.FieldCheck, Value: on, Optional: true},
		{Name: "from", Label: r.T("inspector.from"), Kind: ui.FieldDate, Value: string(from), Optional: true, Error: bad["from"]},
		{Name: "to", Label: r.T("inspector.to"), Kind: ui.FieldDate, Value: string(to), Optional: true, Error: bad["to"]},
		{Name: "note", Label: r.T("inspector.note"), Value: note, Optional: true, Error: bad["note"], MaxLen: maxLine}}}}}
}

// officeOf is the unit whose office the actor is.
func officeOf(a actor.Actor) id.ID {
	for _, g := range a.Grants {
		if g.Role == actor.Office {
			return g.Unit
		}
	}
	return a.Unit
}

func (s *Service) addInspector(r *web.Request) (web.Response, error) {
	var c inspectorForm
	err := r.Decode(&c)
	if err == nil {
		var who id.ID
		if who, err = s.person(r, c.Person); err == nil {
			err = s.AddInspectors(r.Context(), r.Actor, []InspectorCmd{{Person: who, Unit: officeOf(r.Actor), Skills: c.Skills, Lead: c.Lead, From: c.From, To: c.To, Note: c.Note}})
		}
	}
	if refused(err) {
		return s.inspectorsShown(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/inspectors", Done: "done.inspector.create"}, nil
}

func (s *Service) inspectorPage(r *web.Request) (web.Response, error) {
	return s.inspectorForm(r, nil, nil)
}

func (s *Service) inspectorForm(r *web.Request, c *InspectorCmd, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var x Inspector
	err = s.read(r.Context(), func(q db.Q) error {
		if x, err = inspectorByID(r.Context(), q, n); err != nil {
			return err
		}
		return s.Policy.Can(r.Actor, "inspector.edit", s.object("inspector", "", Scope{By: x.By}, ""))
	})
	if err != nil {
		return nil, err
	}
	now := InspectorCmd{Skills: x.Skills, Lead: x.Lead, From: x.From, To: x.To, Note: x.Note, Rev: x.Rev}
	if c == nil {
		c = &now
	}
	f := s.inspectorFields(r, c.Skills, c.Lead, c.From, c.To, c.Note, failed)
	f.Action, f.Rev, f.Cancel = "/inspectors/"+string(n), rev(c.Rev), ui.Link{Label: r.T("act.cancel"), Href: "/inspectors"}
	if fault.Is(failed, fault.KindConflict) {
		was := x
		if _, err := s.Log.Before(r.Context(), "fieldwork_inspector", n, c.Rev, &was); err != nil {
			return nil, err
		}
		f.Rev = rev(x.Rev)
		yes := map[bool]string{true: r.T("form.yes"), false: r.T("form.no")}
		shown := func(ks []string, lead bool, from, to clock.Date, note string) []string {
			var ws []string
			for _, k := range ks {
				ws = append(ws, r.T("skill."+k))
			}
			return []string{strings.Join(ws, "、"), yes[lead], string(from), string(to), note}
		}
		lines := inspection.Diff(labels(r, "inspector.skills", "inspector.lead", "inspector.from", "inspector.to", "inspector.note"), shown(was.Skills, was.Lead, was.From, was.To, was.Note),
			shown(x.Skills, x.Lead, x.From, x.To, x.Note), shown(c.Skills, c.Lead, c.From, c.To, c.Note))
		return s.conflict(r, "fieldwork_inspector", n, lines, f, "/inspectors/"+string(n), failed)
	}
	return web.Page{Name: "fieldwork/form", Crumbs: crumbs(r, r.T("menu.inspectors"), "/inspectors", x.Name, ""), Data: formPage{x.Name, f}, API: x, Err: failed, Mark: true}, nil
}

func (s *Service) editInspector(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c InspectorCmd
	if err = r.Decode(&c); err == nil {
		err = s.EditInspector(r.Context(), r.Actor, n, c)
	}
	if refused(err) {
		return s.inspectorForm(r, &c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/inspectors", Done: "done.inspector.edit"}, nil
}
