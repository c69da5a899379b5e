package inspection

import (
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// seatForm names the person by id, staff number or name.
type seatForm struct {
	Person string     `json:"person"`
	Post   string     `json:"post"`
	From   clock.Date `json:"from"`
}

func (s *Service) teamPage(r *web.Request) (web.Response, error) {
	return s.teamRecord(r, seatForm{}, nil)
}

func (s *Service) teamRecord(r *web.Request, c seatForm, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var t Team
	var x Round
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		if t, err = TeamByID(r.Context(), q, n); err != nil {
			return err
		}
		if x, err = RoundByID(r.Context(), q, t.Round); err != nil {
			return err
		}
		return s.policy.Can(r.Actor, "team.read", s.teamObject(t, x))
	})
	if err != nil {
		return nil, err
	}
	var people []id.ID
	for _, m := range t.Members {
		people = append(people, m.Person)
	}
	names, err := s.names(r, people...)
	if err != nil {
		return nil, err
	}
	may := s.policy.Can(r.Actor, "team.seat", s.teamObject(t, x)) == nil && x.State != RoundClosed
	p := recordPage{Title: t.Name, ShowTrail: true}
	list := &ui.Table{Caption: r.T("team.members"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.person")}, {Label: r.T("team.post")}, {Label: r.T("team.from"), Nowrap: true}, {Label: r.T("team.to"), Nowrap: true}}, Empty: ui.EmptyState{Title: r.T("team.empty")}}
	b := block{Title: r.T("team.members"), Hint: r.T("team.hint"), Table: list}
	for _, m := range t.Members {
		list.Rows = append(list.Rows, ui.Row{ID: string(m.ID), Cells: []ui.Cell{{Text: names[m.Person]}, {Text: r.T("team.post." + m.Post)}, {Text: string(m.From)}, {Text: string(m.To)}}})
		if may && m.To == "" {
			b.Forms = append(b.Forms, ui.Form{ID: "end-" + m.ID.Short(), Action: "/teams/" + string(t.ID) + "/members/" + string(m.ID) + "/end", Buttons: []ui.Button{{Label: r.T("team.do.unseat", names[m.Person]), Kind: "danger"}}})
		}
	}
	p.Blocks = append(p.Blocks, b)
	if may {
		bad := r.Problems(failed)
		p.Blocks = append(p.Blocks, block{Title: r.T("team.do.seat"), Forms: []ui.Form{{Action: "/teams/" + string(t.ID) + "/members", Buttons: []ui.Button{{Label: r.T("team.do.seat"), Kind: "primary"}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
			{Name: "person", Label: r.T("word.person"), Hint: r.T("team.person.hint"), Kind: ui.FieldPicker, Source: "/pick/people?by=staff_no", Value: c.Person, Error: bad["person"]},
			{Name: "post", Label: r.T("team.post"), Kind: ui.FieldRadio, Options: options(r, "team.post.", Posts(), false), Value: c.Post, Error: bad["post"]},
			{Name: "from", Label: r.T("team.from"), Kind: ui.FieldDate, Value: string(c.From), Optional: true, Error: bad["from"]}}}}}}})
	}
	if p.Trail, err = s.trail(r, "inspection_team", t.ID); err != nil {
		return nil, err
	}
	return web.Page{Name: "inspection/record", Crumbs: crumbs(r, x.Name, "/rounds/"+string(x.ID), t.Name, ""), Data: p, API: t, Err: failed, Mark: true}, nil
}

func (s *Service) addMember(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c seatForm
	var m Member
	if err = r.Decode(&c); err == nil {
		var who id.ID
		if who, err = s.person(r, c.Person); err == nil {
			m, err = s.Seat(r.Context(), r.Actor, n, SeatCmd{Person: who, Post: c.Post, From: c.From})
		}
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.teamRecord(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/teams/" + string(n), Done: "done.team.seat", API: m}, nil
}

// person finds the one person that a form means.
func (s *Service) person(r *web.Request, text string) (id.ID, error) {
	text = strings.TrimSpace(text)
	if n, err := id.Parse(text); err == nil || text == "" {
		return n, nil
	}
	if s.People == nil {
		return "", sole("person", "team.bad.person")
	}
	found, err := s.People.Find(r.Context(), r.Actor, text, "", 2)
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", sole("person", "team.bad.which", len(found))
	}
	return found[0].ID, nil
}

func (s *Service) endMember(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	seat, err := r.ID("seat")
	if err != nil {
		return nil, err
	}
	if err := s.Unseat(r.Context(), r.Actor, n, seat); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/teams/" + string(n), Done: "done.team.unseat"}, nil
}

func (s *Service) visitPage(r *web.Request) (web.Response, error) { return s.visitRecord(r, nil) }

func (s *Service) visitRecord(r *web.Request, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var v Visit
	var x Round
	var teams []Team
	var fs []Finding
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		if v, err = VisitByID(r.Context(), q, n); err != nil {
			return err
		}
		if err := s.policy.Can(r.Actor, "visit.read", s.visitObject(v)); err != nil {
			return err
		}
		if x, err = RoundByID(r.Context(), q, v.Round); err != nil {
			return err
		}
		if teams, err = TeamsOf(r.Context(), q, v.Round); err != nil {
			return err
		}
		lq := page.Query{Size: 100, Filter: map[string][]string{"visit": {string(v.ID)}}}
		fs, _, err = s.listFindings(r.Context(), q, r.Actor, lq)
		return err
	})
	if err != nil {
		return nil, err
	}
	o := s.visitObject(v)
	p := recordPage{Title: s.Units.Name(v.Unit), Lead: []ui.Chip{stateChip(r, "visit", v.State)}, ShowTrail: true}
	if s.policy.Can(r.Actor, "finding.create", o) == nil && (v.State == VisitOnSite || v.State == VisitLeft) {
		p.Actions = append(p.Actions, ui.Button{Label: r.T("finding.do.create"), Href: "/findings/new?visit=" + string(v.ID), Kind: "primary"})
	}
	p.Actions = append(p.Actions, s.linksOf(r, x, v)...)
	team := ""
	opts := []ui.Option{{Label: r.T("visit.no_team")}}
	for _, t := range teams {
		opts = append(opts, ui.Option{Value: string(t.ID), Label: t.Name})
		if t.ID == v.Team {
			team = t.Name
		}
	}
	bad := r.Problems(failed)
	b := block{Title: r.T("visit.facts"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("word.unit"), Text: s.Units.Name(v.Unit)}, {Label: r.T("kind.round"), Text: x.Name}, {Label: r.T("word.kind"), Text: r.T("round.kind." + x.KindOf(v))}, {Label: r.T("kind.team"), Text: team},
		{Label: r.T("visit.entry"), Text: string(v.Entry)}, {Label: r.T("visit.exit"), Text: string(v.Exit)}, {Label: r.T("visit.feedback"), Text: string(v.Feedback)},
		{Label: r.T("round.months"), Text: r.T("round.months.n", x.RectifyMonths), Sub: x.RectifySource}}}}
	for _, do := range s.buttons(r, VisitFlow, o) {
		action := "/visits/" + string(v.ID) + "/" + do
		if do == "feed_back" {
			action = "/visits/" + string(v.ID) + "/feedback"
		}
		value := r.PostFormValue("on")
		if value == "" {
			value = string(r.Today())
		}
		b.Forms = append(b.Forms, stepForm(r, "visit", do, action, v.Rev, []ui.Field{{Name: "on", Label: r.T("visit.on." + do), Kind: ui.FieldDate, Value: value, Error: bad["on"]}}))
	}
	if v.State == VisitPlanned && s.policy.Can(r.Actor, "visit.edit", o) == nil {
		b.Forms = append(b.Forms, ui.Form{ID: "assign", Action: "/visits/" + string(v.ID), Rev: rev(v.Rev), Buttons: []ui.Button{{Label: r.T("visit.do.edit")}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
			{Name: "team", Label: r.T("kind.team"), Kind: ui.FieldSelect, Options: opts, Value: string(v.Team), Optional: true, Error: bad["team"]}}}}})
	}
	t := s.findingTable(r, fs, false)
	p.Blocks = append(p.Blocks, b, block{Title: r.T("menu.findings"), Facts: countedFacts(r, Count(fs)), Table: &t})
	if p.Trail, err = s.trail(r, "inspection_visit", v.ID); err != nil {
		return nil, err
	}
	return web.Page{Name: "inspection/record", Crumbs: crumbs(r, x.Name, "/rounds/"+string(x.ID), p.Title, ""), Data: p, API: map[string]any{"visit": v, "findings": fs}, Err: failed, Mark: true}, nil
}

func (s *Service) visitAnswer(r *web.Request, n id.ID, api any, done string, err error) (web.Response, error) {
	if inPlace(err) {
		return s.visitRecord(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/visits/" + string(n), Done: done, API: api}, nil
}

func (s *Service) assignVisit(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c VisitCmd
	if err = r.Decode(&c); err == nil {
		err = s.AssignVisit(r.Context(), r.Actor, n, c)
	}
	return s.visitAnswer(r, n, nil, "done.visit.edit", err)
}

func (s *Service) move(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c MoveVisitCmd
		var v Visit
		if err = r.Decode(&c); err == nil {
			v, err = s.MoveVisit(r.Context(), r.Actor, n, do, c)
		}
		return s.visitAnswer(r, n, v, "done.visit."+do, err)
	}
}

func (s *Service) feedBack(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c FeedBackCmd
	var v Visit
	if err = r.Decode(&c); err == nil {
		v, _, err = s.FeedBack(r.Context(), r.Actor, n, c)
	}
	return s.visitAnswer(r, n, v, "done.visit.feed_back", err)
}
