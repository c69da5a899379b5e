package meeting

import (
	"embed"
	"slices"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	return web.Room{Name: "meeting", Pages: web.Sub(files, "pages"), Words: web.Words(files), Todo: s.Todo, Find: s.Search,
		Routes: []web.Route{
			{Method: "GET", Path: "/meetings", Action: "venue.read", Do: s.getList},
			{Method: "GET", Path: "/meetings/new", Action: "meeting.create", NoAPI: true, Do: s.getNew},
			{Method: "POST", Path: "/meetings", Action: "meeting.create", In: Cmd{}, Do: s.postNew},
			{Method: "GET", Path: "/meetings/{id}", Action: "venue.read", Do: s.getMeeting},
			{Method: "GET", Path: "/meetings/{id}/edit", Action: "meeting.edit", NoAPI: true, Do: s.getEdit},
			{Method: "POST", Path: "/meetings/{id}/edit", Action: "meeting.edit", In: Cmd{}, Do: s.postEdit},
			{Method: "POST", Path: "/meetings/{id}/step/{do}", Action: "meeting.read", In: revForm{}, Do: s.postStep},
			{Method: "POST", Path: "/meetings/{id}/venue/{do}", Action: "venue.read", In: VenueCmd{}, Do: s.postVenue},
			{Method: "POST", Path: "/meetings/{id}/files", Action: "meeting.file", MaxBody: maxFile + 1<<20, In: FileCmd{}, Do: s.postFiles},
			{Method: "GET", Path: "/meetings/{id}/files/{file}", Action: "venue.read", NoAPI: true, Do: s.getFile},
			{Method: "POST", Path: "/meetings/{id}/streams", Action: "meeting.stream", Heavy: true, MaxBody: maxFile + 1<<20, In: streamForm{}, Do: s.postStream},
			{Method: "GET", Path: "/meetings/{id}/register", Action: "meeting.read", NoAPI: true, Heavy: true, Do: s.getRegister},
		},
		Menu: []web.Item{{Group: "menu.deployment", Key: "menu.meetings", Href: "/meetings", Action: "venue.read", Order: 95}}}
}

type revForm struct {
	Rev int64 `json:"rev"`
}

type listPage struct {
	Table  ui.Table
	Create bool
}

var class = map[string]string{StateDraft: "wait", StateCalled: "run", StateHeld: "run", StateClosed: "ok", StateCancelled: "off"}

var venueClass = map[string]string{VenueCalled: "wait", VenueConfirmed: "run", VenueExcused: "off", VenueSigned: "ok", VenueAbsent: "late", VenueExplained: "off"}

func (s *Service) getList(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	l, err := s.List(r.Context(), r.Actor, q)
	if err != nil {
		return nil, err
	}
	states := []ui.Option{{Label: r.T("word.all")}}
	for _, st := range Flow.States() {
		states = append(states, ui.Option{Value: st, Label: r.T("meeting.state." + st)})
	}
	t := ui.Table{Caption: r.T("menu.meetings"), Base: "/meetings", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "title", Label: r.T("word.title")}, {Key: "unit", Label: r.T("meeting.unit")}, {Key: "on", Label: r.T("meeting.on"), Nowrap: true}, {Key: "form", Label: r.T("meeting.form")}, {Key: "state", Label: r.T("word.status")}},
		Filters: []ui.Field{{Name: "q", Label: r.T("word.keyword"), Value: q.Filter.Get("q")}, {Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Options: states, Value: q.Filter.Get("state")}},
		Empty:   ui.EmptyState{Title: r.T("meeting.none"), Text: r.T("meeting.none.text")}}
	for _, m := range l.Rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(m.ID), Href: "/meetings/" + string(m.ID), Cells: []ui.Cell{{Text: m.Title, Clamp: true}, {Text: s.Dir.Short(m.Unit)}, {Text: string(m.On) + " " + m.Begins}, {Text: r.T("meeting.form." + m.Form)}, {Chips: []ui.Chip{{Class: class[m.State], Word: r.T("meeting.state." + m.State)}}}}})
	}
	t.Pager = web.PagerOf(r, "/meetings", l.Next, q)
	return web.Page{Name: "meeting/meetings", Data: listPage{Table: t, Create: r.Can("meeting.create")}, API: l.Rows, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.meetings")}}}, nil
}

type formPage struct {
	Title string
	Form  ui.Form
}

func (s *Service) form(r *web.Request, action, back, title string, c Cmd, failed error) web.Response {
	p := r.Problems(failed)
	var forms, to []ui.Option
	for _, f := range []string{FormVideo, FormMixed, FormSite} {
		forms = append(forms, ui.Option{Value: f, Label: r.T("meeting.form." + f)})
	}
	for _, a := range []string{org.ToProvincial, org.ToChildren, org.ToBelow, org.ToUnits} {
		to = append(to, ui.Option{Value: a, Label: r.T("meeting.to." + a)})
	}
	f := ui.Form{Action: action, Draft: true, Buttons: []ui.Button{{Label: r.T("word.save"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("word.cancel"), Href: back}, Sets: []ui.Fieldset{
		{Legend: r.T("meeting.set.what"), Fields: []ui.Field{
			{Name: "title", Label: r.T("word.title"), Value: c.Title, Error: p["title"], Wide: true}, {Name: "on", Label: r.T("meeting.on"), Kind: ui.FieldDate, Value: string(c.On), Error: p["on"]}, {Name: "begins", Label: r.T("meeting.begins"), Value: c.Begins, Placeholder: "09:00", Optional: true, Error: p["begins"]},
			{Name: "form", Label: r.T("meeting.form"), Kind: ui.FieldRadio, Options: forms, Value: c.Form, Error: p["form"]}, {Name: "place", Label: r.T("meeting.place"), Value: c.Place, Optional: true, Error: p["place"]}, {Name: "host", Label: r.T("meeting.host"), Value: c.Host, Optional: true, Error: p["host"]},
			{Name: "guests", Label: r.T("meeting.guests"), Kind: ui.FieldArea, Rows: 2, Value: c.Guests, Optional: true, Hint: r.T("meeting.guests.hint"), Error: p["guests"], Wide: true}}},
		{Legend: r.T("meeting.set.agenda"), Hint: r.T("meeting.agenda.hint"), Fields: []ui.Field{{Name: "agenda", Label: r.T("meeting.agenda"), Kind: ui.FieldArea, Rows: 6, Value: c.Agenda, Optional: true, Error: p["agenda"], Wide: true}}},
		{Legend: r.T("meeting.set.whom"), Fields: []ui.Field{{Name: "audience", Label: r.T("meeting.to"), Kind: ui.FieldRadio, Options: to, Value: c.Audience, Error: p["audience"], Wide: true}, {Name: "units", Label: r.T("meeting.units"), Kind: ui.FieldArea, Rows: 3, Value: c.Units, Optional: true, Hint: r.T("meeting.units.hint"), Error: p["units"], Wide: true}}}}}
	if c.Rev > 0 {
		f.Rev = web.Rev(c.Rev)
	}
	return web.Page{Name: "meeting/form", Err: failed, Data: formPage{title, f}, Crumbs: []ui.Crumb{{Label: r.T("menu.meetings"), Href: "/meetings"}, {Label: title}}}
}

func (s *Service) getNew(r *web.Request) (web.Response, error) {
	return s.form(r, "/meetings", "/meetings", r.T("meeting.do.create"), Cmd{Form: FormVideo, Audience: org.ToProvincial}, nil), nil
}

func (s *Service) postNew(r *web.Request) (web.Response, error) {
	var c Cmd
	err := r.Decode(&c)
	var m Meeting
	if err == nil {
		m, err = s.Create(r.Context(), r.Actor, c)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.form(r, "/meetings", "/meetings", r.T("meeting.do.create"), c, err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/meetings/" + string(m.ID), Done: "done.meeting.create", API: m}, nil
}

func (s *Service) view(r *web.Request) (View, error) {
	n, err := r.ID("id")
	if err != nil {
		return View{}, err
	}
	return s.Get(r.Context(), r.Actor, n)
}

func (s *Service) getEdit(r *web.Request) (web.Response, error) {
	v, err := s.view(r)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(v.Steps, "edit") {
		return nil, fault.NotFound("meeting")
	}
	return s.editForm(r, v, nil), nil
}

// editForm is the form of a meeting as it stands.
func (s *Service) editForm(r *web.Request, v View, failed error) web.Response {
	base := "/meetings/" + string(v.Meeting.ID)
	return s.form(r, base+"/edit", base, r.T("meeting.do.edit"), v.Meeting.command(v.Agenda), failed)
}

func (s *Service) postEdit(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	base := "/meetings/" + string(n)
	var c Cmd
	if err = r.Decode(&c); err == nil {
		err = s.Edit(r.Context(), r.Actor, n, c)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.form(r, base+"/edit", base, r.T("meeting.do.edit"), c, err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: base, Done: "done.meeting.edit"}, nil
}

func (s *Service) postStep(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	do := r.PathValue("do")
	var f revForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	var api any
	switch do {
	case "call":
		api, err = s.Call(r.Context(), r.Actor, n, f.Rev)
	case "hold":
		err = s.Hold(r.Context(), r.Actor, n, f.Rev)
	case "cancel":
		err = s.Cancel(r.Context(), r.Actor, n, f.Rev)
	case "absent":
		api, err = s.MarkAbsent(r.Context(), r.Actor, n)
	case "close":
		err = s.Close(r.Context(), r.Actor, n, f.Rev)
	default:
		err = fault.NotFound("page")
	}
	if fault.Is(err, fault.KindInvalid) && do == "call" {
		v, e := s.Get(r.Context(), r.Actor, n)
		if e != nil {
			return nil, e
		}
		return s.editForm(r, v, err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/meetings/" + string(n), Done: "done.meeting." + do, API: api}, nil
}

// again answers a refused form with the page of the meeting.
func (s *Service) again(r *web.Request, n id.ID, did, done string, err error) (web.Response, error) {
	if fault.Is(err, fault.KindInvalid) || did == "stream" && fault.Is(err, fault.KindLimit) {
		v, e := s.Get(r.Context(), r.Actor, n)
		if e != nil {
			return nil, e
		}
		return s.page(r, v, did, err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/meetings/" + string(n), Done: done}, nil
}

func (s *Service) postVenue(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	do := r.PathValue("do")
	var c VenueCmd
	if err := r.Decode(&c); err != nil {
		return s.again(r, n, "venue", "", err)
	}
	v, err := s.Get(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	if v.Mine == nil {
		return nil, fault.NotFound("venue")
	}
	return s.again(r, n, "venue", "done.venue."+do, s.VenueStep(r.Context(), r.Actor, v.Mine.ID, do, c))
}
