package screening

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

const departuresPath = "/screening/departures"

type departuresPage struct {
	Tabs  ui.Tabs
	Lead  string
	Table ui.Table
}

func departureChip(r *web.Request, state string) ui.Chip {
	class := map[string]string{Talked: "wait", Pledged: "ok", Refused: "late", Stays: "off", Asked: "wait", Excused: "ok", Declined: "late"}[state]
	return ui.Chip{Class: class, Word: r.T("departure.state." + state)}
}

// intent is what the person means to do; an exemption without a talk knows nothing of it.
func intent(r *web.Request, d Departure) string {
	if d.Work == "" {
		return "—"
	}
	return r.T("departure.work." + d.Work)
}

func (s *Service) departureTable(r *web.Request, list []Departure) ui.Table {
	t := ui.Table{ID: "d", Caption: r.T("screening.tab.departures"), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("screening.who")}, {Label: r.T("word.unit")}, {Label: r.T("departure.leaving")}, {Label: r.T("departure.leave_on"), Nowrap: true}, {Label: r.T("departure.work")},
			{Label: r.T("departure.talked_on"), Nowrap: true}, {Label: r.T("word.status"), Nowrap: true}},
		Empty: ui.EmptyState{Title: r.T("departure.none"), Text: r.T("departure.none.text")}}
	for _, d := range list {
		when := ui.Cell{Text: string(d.LeaveOn)}
		if d.Left != "" {
			when.Sub = r.T("departure.left", d.Left)
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(d.ID), Href: departuresPath + "/" + string(d.ID), Cells: []ui.Cell{{Text: d.Name}, {Text: s.Units.Short(d.Unit)}, {Text: r.T("screening.leaving." + d.Leaving)},
			when, {Text: intent(r, d), Sub: d.Employer}, {Text: dash(string(d.TalkedOn)), Sub: d.Talker}, {Chips: []ui.Chip{departureChip(r, d.State)}}}})
	}
	return t
}

// getDepartures lists the talks before departure.
func (s *Service) getDepartures(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	f := departureFilter{State: pick(q, "state", DepartureFlow.States()), Text: strings.TrimSpace(q.Filter.Get("q"))}
	var after id.ID
	if len(q.After) > 0 {
		after = id.ID(q.After[0])
	}
	var list []Departure
	count := 0
	if err := s.log.DB().Read(r.Context(), func(dq db.Q) (err error) {
		list, count, err = s.visibleDepartures(r.Context(), dq, r.Actor, f, after, q.Size+1)
		return err
	}); err != nil {
		return nil, err
	}
	next := ""
	if len(list) > q.Size {
		list = list[:q.Size]
		next = string(list[len(list)-1].ID)
	}
	t := s.departureTable(r, list)
	t.Base, t.Params = departuresPath, r.URL.Query()
	t.Filters = []ui.Field{{Name: "q", Label: r.T("departure.search"), Value: f.Text},
		{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Value: f.State, Options: options(r, "departure.state.", DepartureFlow.States())}}
	t.Pager = web.Pager(r, departuresPath, "", next, after != "")
	t.Pager.Count, t.Pager.Capped = min(count, page.CountCap), count > page.CountCap
	api := struct {
		Departures []Departure `json:"departures"`
		Count      int         `json:"count"`
	}{slices.Clone(list), count}
	return web.Page{Name: "screening/departures", Data: departuresPage{tabs(r, departuresPath), r.T("departure.lead", r.T("departure.lead."+string(s.Pledge))), t}, API: api, Mark: true,
		Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.tab.departures")})}, nil
}

type departurePage struct {
	D     Departure
	Chip  ui.Chip
	Facts []ui.Fact
	Forms []ui.Form
	Trail ui.Trail
	Who   string
}

func (s *Service) getDeparture(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.departurePage(r, n, "", ActCmd{}, nil)
}

func (s *Service) departurePage(r *web.Request, n id.ID, failed string, in ActCmd, refused error) (web.Response, error) {
	var d Departure
	var es []Event
	var who map[id.ID]string
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if d, err = s.loadDeparture(r.Context(), q, r.Actor, n); err != nil {
			return err
		}
		if es, err = departureEvents(r.Context(), q, n); err != nil {
			return err
		}
		ids := []id.ID{d.AskedBy, d.AgreedBy}
		for _, e := range es {
			ids = append(ids, e.Person)
		}
		who, err = names(r.Context(), q, ids...)
		return err
	}); err != nil {
		return nil, err
	}
	p := departurePage{D: d, Chip: departureChip(r, d.State), Facts: []ui.Fact{{Label: r.T("word.unit"), Text: s.Units.Name(d.Unit)}, {Label: r.T("departure.leaving"), Text: r.T("screening.leaving." + d.Leaving)},
		{Label: r.T("departure.leave_on"), Text: string(d.LeaveOn)}, {Label: r.T("departure.work"), Text: intent(r, d), Sub: d.Employer},
		{Label: r.T("departure.talked_on"), Text: dash(string(d.TalkedOn)), Sub: d.Talker}, {Label: r.T("departure.pledged_on"), Text: dash(string(d.Pledged))}}}
	if d.Left != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("screening.departed"), Text: string(d.Left)})
	}
	if d.Ground != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("departure.asked_by"), Text: dash(who[d.AskedBy])}, ui.Fact{Label: r.T("departure.agreed_by"), Text: dash(who[d.AgreedBy])},
			ui.Fact{Label: r.T("departure.ground"), Text: d.Ground, Wide: true})
	}
	if d.TalkedOn != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("departure.told"), Text: or(d.Told, r.T("departure.told.none")), Sub: r.T("screening.edition", d.Edition), Verbatim: true, Wide: true})
	}
	if r.Can("screening.person") {
		p.Who = "/screening/persons/" + url.PathEscape(d.Key)
	}
	may := s.mayDepart(r.Actor, d)
	for i, do := range may {
		f := ui.Form{ID: do, Action: departuresPath + "/" + string(d.ID) + "/" + do, Rev: web.Rev(d.Rev), Buttons: []ui.Button{{Label: r.T("departure.do." + do)}}}
		if i == 0 {
			f.Buttons[0].Kind = "primary"
		}
		if do == "pledge" {
			f.Note = r.T("departure.promise")
		}
		if slices.Contains(departureText, do) {
			x := ui.Field{Name: "text", Label: r.T("departure.text." + do), Kind: ui.FieldArea, Rows: 3, MaxLen: maxBody, Wide: true}
			if do == failed {
				x.Error, x.Value = r.Problems(refused)["text"], in.Text
			}
			f.Sets = []ui.Fieldset{{Fields: []ui.Field{x}}}
		}
		p.Forms = append(p.Forms, f)
	}
	for _, e := range es {
		p.Trail.Entries = append(p.Trail.Entries, ui.Entry{At: r.Moment(e.At), Who: or(who[e.Person], r.T("role.system")), What: r.T("departure.did." + e.Act), Text: e.Text})
	}
	api := struct {
		Departure
		Events []Event  `json:"events"`
		Steps  []string `json:"steps"`
	}{d, es, may}
	trail := []ui.Crumb{{Label: d.Name}}
	if r.Can("departure.list") {
		trail = crumbs(r, ui.Crumb{Label: r.T("screening.tab.departures"), Href: departuresPath}, ui.Crumb{Label: d.Name})
	}
	return web.Page{Name: "screening/departure", Data: p, API: api, Err: refused, Mark: true, Crumbs: trail}, nil
}

// talkForm notes a talk on the page of somebody who serves.
func (s *Service) talkForm(r *web.Request, l left, in TalkCmd, refused error) *ui.Form {
	if s.policy.Can(r.Actor, "departure.talk", s.departureObject(r.Actor, Departure{State: Talked, Unit: l.unit, Person: l.person})) != nil || r.Actor.Person != "" && r.Actor.Person == l.person {
		return nil
	}
	p := r.Problems(refused)
	return &ui.Form{ID: "talk", Action: departuresPath, Hidden: []ui.Pair{{Name: "key", Value: l.key}}, Note: r.T("departure.note"),
		Sets: []ui.Fieldset{{Legend: r.T("departure.talk"), Fields: []ui.Field{
			{Name: "leaving", Label: r.T("departure.leaving"), Kind: ui.FieldSelect, Value: in.Leaving, Options: options(r, "screening.leaving.", leavings())[1:], Error: p["leaving"]},
			{Name: "leave_on", Label: r.T("departure.leave_on"), Kind: ui.FieldDate, Value: string(in.LeaveOn), Error: p["leave_on"]},
			{Name: "work", Label: r.T("departure.work"), Kind: ui.FieldSelect, Value: in.Work, Options: options(r, "departure.work.", Intents())[1:], Error: p["work"]},
			{Name: "employer", Label: r.T("departure.employer"), Value: in.Employer, MaxLen: 200, Optional: true, Error: p["employer"]},
			{Name: "talked_on", Label: r.T("departure.talked_on"), Kind: ui.FieldDate, Value: or(string(in.TalkedOn), string(s.today())), Error: p["talked_on"]},
			{Name: "talker", Label: r.T("departure.talker"), Value: or(in.Talker, r.Actor.Name), MaxLen: 100, Error: p["talker"]}}}},
		Buttons: []ui.Button{{Label: r.T("departure.save"), Kind: "primary"}}}
}

// excuseForm asks that somebody who serves may leave without talk and pledge.
func (s *Service) excuseForm(r *web.Request, l left, in ExcuseCmd, refused error) *ui.Form {
	if s.Pledge == PledgeStrict || s.policy.Can(r.Actor, "departure.excuse", s.departureObject(r.Actor, Departure{State: Talked, Unit: l.unit, Person: l.person})) != nil {
		return nil
	}
	p := r.Problems(refused)
	return &ui.Form{ID: "excuse", Action: departuresPath + "/excuse", Hidden: []ui.Pair{{Name: "key", Value: l.key}}, Note: r.T("departure.excuse.note"),
		Sets: []ui.Fieldset{{Legend: r.T("departure.do.excuse"), Fields: []ui.Field{
			{Name: "leaving", Label: r.T("departure.leaving"), Kind: ui.FieldSelect, Value: in.Leaving, Options: options(r, "screening.leaving.", leavings())[1:], Error: p["leaving"]},
			{Name: "leave_on", Label: r.T("departure.leave_on"), Kind: ui.FieldDate, Value: string(in.LeaveOn), Error: p["leave_on"]},
			{Name: "ground", Label: r.T("departure.ground"), Kind: ui.FieldArea, Rows: 3, MaxLen: maxBody, Wide: true, Value: in.Ground, Error: p["ground"]}}}},
		Buttons: []ui.Button{{Label: r.T("departure.do.excuse")}}}
}

func (s *Service) postExcuse(r *web.Request) (web.Response, error) {
	var cmd ExcuseCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	d, err := s.Excuse(r.Context(), r.Actor, cmd)
	if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState)) {
		return s.personPage(r, cmd.Key, personTyped{excuse: cmd}, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: departuresPath + "/" + string(d.ID), Done: "done.departure.excuse", API: d}, nil
}

func (s *Service) postTalk(r *web.Request) (web.Response, error) {
	var cmd TalkCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	d, err := s.Talk(r.Context(), r.Actor, cmd)
	if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState)) {
		return s.personPage(r, cmd.Key, personTyped{talk: cmd}, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: departuresPath + "/" + string(d.ID), Done: "done.departure.talk", API: d}, nil
}

func (s *Service) postDeparture(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var cmd ActCmd
		if err := r.Decode(&cmd); err != nil {
			return nil, err
		}
		err = s.DepartureAct(r.Context(), r.Actor, n, do, cmd)
		if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) || fault.Is(err, fault.KindConflict)) {
			return s.departurePage(r, n, do, cmd, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: departuresPath + "/" + string(n), Done: "done.departure." + do}, nil
	}
}

// todoDepart are the talks that wait for somebody's own pledge, and those of his
// people who leave soon and have not pledged themselves.
func (s *Service) todoDepart(ctx context.Context, q db.Q, a actor.Actor, out *[]web.Todo) error {
	item := func(d Departure, kind, verb string) {
		*out = append(*out, web.Todo{Kind: kind, Title: d.Name, Unit: s.Units.Short(d.Unit), Due: d.LeaveOn, Href: departuresPath + "/" + string(d.ID), Verb: verb, At: d.At})
	}
	if a.Person != "" {
		own, err := ownDepartures(ctx, q, a.Person)
		if err != nil {
			return err
		}
		for _, d := range own {
			item(d, "todo.departure.own", "departure.do.pledge")
		}
	}
	if s.policy.Ever(a, "departure.agree") && s.Pledge == PledgeSecond {
		list, _, err := s.visibleDepartures(ctx, q, a, departureFilter{State: Asked}, "", 20)
		if err != nil {
			return err
		}
		for _, d := range list {
			if d.guard("agree", s.Pledge, a.Person) == nil && s.policy.Can(a, "departure.agree", s.departureObject(a, d)) == nil {
				item(d, "todo.departure.second", "departure.do.agree")
			}
		}
	}
	if !s.policy.Ever(a, "departure.talk") {
		return nil
	}
	list, _, err := s.visibleDepartures(ctx, q, a, departureFilter{State: Talked}, "", 20)
	for _, d := range list {
		if d.LeaveOn.Sub(s.today()) <= soonDays {
			item(d, "todo.departure.soon", "departure.do.pledge")
		}
	}
	return err
}
