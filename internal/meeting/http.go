package meeting

import (
	"bytes"
	"embed"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"huikan/hantext"
	"huikan/internal/directive"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/document"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

const maxFile = 64 << 20 // bytes of one request with files

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

type streamForm struct {
	Text string `json:"text"`
	Link string `json:"link"`
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
	m := v.Meeting
	var items []string
	for _, a := range v.Agenda {
		items = append(items, strings.TrimRight(a.Title+" | "+a.Speaker+" | "+strconv.Itoa(a.Minutes), " |0"))
	}
	c := Cmd{Title: m.Title, On: m.On, Begins: m.Begins, Form: m.Form, Place: m.Place, Host: m.Host, Guests: m.Guests, Audience: m.Audience, Units: m.Units, Agenda: strings.Join(items, "\n"), Rev: m.Rev}
	base := "/meetings/" + string(m.ID)
	return s.form(r, base+"/edit", base, r.T("meeting.do.edit"), c, nil), nil
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

type meetingPage struct {
	Meeting Meeting
	Chips   []ui.Chip
	Facts   []ui.Fact
	Agenda  ui.Table
	Stats   ui.Stats
	Levels  *ui.Table
	Venues  *ui.Table
	Mine    *ui.Form
	MineAt  []ui.Fact
	Files   []ui.StoredFile
	Streams []streamRow
	Forms   []ui.Form
	Buttons []ui.Button
	Links   []ui.Link
}

type streamRow struct {
	Title, Href, Text string
	Chip              ui.Chip
}

func (s *Service) getMeeting(r *web.Request) (web.Response, error) {
	v, err := s.view(r)
	if err != nil {
		return nil, err
	}
	return s.page(r, v, "", nil), nil
}

func (s *Service) page(r *web.Request, v View, did string, failed error) web.Response {
	m := v.Meeting
	base := "/meetings/" + string(m.ID)
	p := meetingPage{Meeting: m, Chips: []ui.Chip{{Class: class[m.State], Word: r.T("meeting.state." + m.State)}}, Facts: []ui.Fact{
		{Label: r.T("meeting.unit"), Text: s.Dir.Name(m.Unit)}, {Label: r.T("meeting.on"), Text: strings.TrimSpace(string(m.On) + " " + m.Begins)}, {Label: r.T("meeting.form"), Text: r.T("meeting.form." + m.Form)}, {Label: r.T("meeting.place"), Text: m.Place}, {Label: r.T("meeting.host"), Text: m.Host}, {Label: r.T("meeting.to"), Text: r.T("meeting.to." + m.Audience)}}}
	if m.Guests != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("meeting.guests"), Text: strings.ReplaceAll(m.Guests, "\n", "、"), Wide: true})
	}
	p.Agenda = ui.Table{ID: "agenda", Caption: r.T("meeting.agenda"), NoDrawer: true, Columns: []ui.Column{{Key: "no", Label: r.T("meeting.no")}, {Key: "title", Label: r.T("meeting.item")}, {Key: "kind", Label: r.T("meeting.kind")}, {Key: "speaker", Label: r.T("meeting.speaker")}, {Key: "minutes", Label: r.T("meeting.minutes"), Num: true}}, Empty: ui.EmptyState{Title: r.T("meeting.agenda.none")}}
	for _, a := range v.Agenda {
		minutes := "—"
		if a.Minutes > 0 {
			minutes = strconv.Itoa(a.Minutes)
		}
		p.Agenda.Rows = append(p.Agenda.Rows, ui.Row{ID: string(a.ID), Cells: []ui.Cell{{Text: strconv.Itoa(a.No)}, {Text: a.Title}, {Text: r.T("meeting.kind." + a.Kind)}, {Text: a.Speaker}, {Text: minutes}}})
	}
	items := map[id.ID]string{}
	for _, a := range v.Agenda {
		items[a.ID] = a.Title
	}
	for _, f := range v.Materials {
		meta := r.T("meeting.file." + f.Kind)
		if t := items[f.Agenda]; t != "" {
			meta += " · " + t
		}
		p.Files = append(p.Files, ui.StoredFile{Name: f.Title, Href: base + "/files/" + string(f.ID), Meta: meta, Hash: f.Hash})
	}
	for _, d := range v.Streams {
		p.Streams = append(p.Streams, streamRow{Title: d.Title, Href: "/directives/" + string(d.ID), Text: r.T("meeting.stream.line", d.Open, d.Tally.All, d.Tally.Verified, d.Tally.Reported, d.Tally.Late), Chip: ui.Chip{Class: map[string]string{directive.StateIssued: "ok", directive.StateConfirmed: "run"}[d.State], Word: r.T("directive.state." + d.State)}})
	}
	if v.Attendance != nil && m.State != StateDraft {
		s.attendance(r, &p, v)
		p.Links = append(p.Links, ui.Link{Label: r.T("meeting.do.register"), Href: base + "/register"})
	}
	s.mine(r, &p, v, did, failed)
	for _, do := range v.Steps {
		switch do {
		case "edit":
			p.Links = append(p.Links, ui.Link{Label: r.T("meeting.do.edit"), Href: base + "/edit"})
		case "file":
			var opts []ui.Option
			opts = append(opts, ui.Option{Label: r.T("meeting.file.whole")})
			for _, a := range v.Agenda {
				opts = append(opts, ui.Option{Value: string(a.ID), Label: a.Title})
			}
			var kinds []ui.Option
			for _, k := range []string{"material", "speech", "minutes"} {
				kinds = append(kinds, ui.Option{Value: k, Label: r.T("meeting.file." + k)})
			}
			f := ui.Form{ID: "file", Action: base + "/files", Multipart: true, Buttons: []ui.Button{{Label: r.T("meeting.do.file")}}, Sets: []ui.Fieldset{{Legend: r.T("meeting.do.file"), Fields: []ui.Field{
				{Name: "kind", Label: r.T("meeting.file.kind"), Kind: ui.FieldRadio, Options: kinds, Value: "material"}, {Name: "agenda", Label: r.T("meeting.item"), Kind: ui.FieldSelect, Options: opts, Optional: true}, {Name: "title", Label: r.T("word.title"), Optional: true}, {Name: "files", Label: r.T("word.file"), Kind: ui.FieldFile, Multiple: true, Wide: true}}}}}
			if did == "file" {
				f.Sets[0].Fields[3].Error = r.Problems(failed)["files"]
				f.Sets[0].Fields[0].Error = r.Problems(failed)["kind"]
			}
			p.Forms = append(p.Forms, f)
		case "stream":
			f := ui.Form{ID: "stream", Action: base + "/streams", Multipart: true, Buttons: []ui.Button{{Label: r.T("meeting.do.stream")}}, Sets: []ui.Fieldset{{Legend: r.T("meeting.do.stream"), Hint: r.T("meeting.stream.hint"), Fields: []ui.Field{
				{Name: "file", Label: r.T("word.file"), Kind: ui.FieldFile, Accept: ".txt,.html,.htm,.docx,.doc,.wps", Optional: true}, {Name: "text", Label: r.T("meeting.stream.text"), Kind: ui.FieldArea, Rows: 4, Optional: true, Wide: true}, {Name: "link", Label: r.T("meeting.stream.link"), Optional: true, Hint: r.T("meeting.stream.link.hint")}}}}}
			if did == "stream" {
				f.Sets[0].Fields[1].Value = r.PostForm.Get("text")
				bad := r.Problems(failed)
				for i, name := range []string{"file", "text", "link"} {
					f.Sets[0].Fields[i].Error = bad[name]
				}
				if e, ok := fault.Of(failed); ok && len(bad) == 0 {
					f.Problems = append(f.Problems, r.Explain(e))
				}
			}
			p.Forms = append(p.Forms, f)
		default:
			p.Buttons = append(p.Buttons, ui.Button{Label: r.T("meeting.do." + do), Action: base + "/step/" + do, Kind: map[string]string{"call": "primary", "hold": "primary", "close": "primary"}[do]})
		}
	}
	return web.Page{Name: "meeting/meeting", Err: failed, Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.meetings"), Href: "/meetings"}, {Label: m.Title}}}
}

func (s *Service) attendance(r *web.Request, p *meetingPage, v View) {
	var all Attendance
	all.States = map[string]int{}
	t := ui.Table{ID: "levels", Caption: r.T("meeting.attendance"), NoDrawer: true, Columns: []ui.Column{{Key: "level", Label: r.T("meeting.level")}, {Key: "venues", Label: r.T("meeting.venues"), Num: true}}}
	states := []string{VenueCalled, VenueConfirmed, VenueSigned, VenueExcused, VenueAbsent, VenueExplained}
	for _, st := range states {
		t.Columns = append(t.Columns, ui.Column{Key: st, Label: r.T("venue.state." + st), Num: true})
	}
	t.Columns = append(t.Columns, ui.Column{Key: "people", Label: r.T("meeting.people"), Num: true})
	for _, a := range v.Attendance {
		row := ui.Row{ID: strconv.Itoa(a.Level), Cells: []ui.Cell{{Text: r.T("meeting.level." + strconv.Itoa(a.Level))}, {Text: strconv.Itoa(a.Venues)}}}
		for _, st := range states {
			row.Cells = append(row.Cells, ui.Cell{Text: strconv.Itoa(a.States[st])})
			all.States[st] += a.States[st]
		}
		row.Cells = append(row.Cells, ui.Cell{Text: strconv.Itoa(a.Present) + "/" + strconv.Itoa(a.Expected)})
		t.Rows = append(t.Rows, row)
		all.Venues, all.Expected, all.Present = all.Venues+a.Venues, all.Expected+a.Expected, all.Present+a.Present
	}
	p.Levels = &t
	p.Stats = ui.Stats{Items: []ui.Stat{{Label: r.T("meeting.venues"), Value: strconv.Itoa(all.Venues)}, {Label: r.T("venue.state.signed"), Value: strconv.Itoa(all.States[VenueSigned])}, {Label: r.T("venue.state.excused"), Value: strconv.Itoa(all.States[VenueExcused])},
		{Label: r.T("venue.state.absent"), Value: strconv.Itoa(all.States[VenueAbsent] + all.States[VenueExplained]), Class: map[bool]string{true: "late"}[all.States[VenueAbsent] > 0]}, {Label: r.T("meeting.people"), Value: strconv.Itoa(all.Present), Note: r.T("meeting.people.of", all.Expected)}}}
	x := ui.Table{ID: "venues", Caption: r.T("meeting.venue_list"), NoDrawer: true, Columns: []ui.Column{{Key: "unit", Label: r.T("meeting.venue")}, {Key: "lead", Label: r.T("meeting.lead")}, {Key: "people", Label: r.T("meeting.people"), Num: true}, {Key: "state", Label: r.T("word.status")}, {Key: "reason", Label: r.T("word.reason")}}}
	for _, k := range v.Venues {
		name := s.Dir.Short(k.Unit)
		sub := ""
		if k.Main {
			sub = r.T("meeting.main")
		}
		x.Rows = append(x.Rows, ui.Row{ID: string(k.ID), Cells: []ui.Cell{{Text: name, Sub: sub}, {Text: k.Lead}, {Text: strconv.Itoa(k.Present) + "/" + strconv.Itoa(k.Expected)}, {Chips: []ui.Chip{{Class: venueClass[k.State], Word: r.T("venue.state." + k.State)}}}, {Text: k.Reason, Clamp: true}}})
	}
	p.Venues = &x
}

// mine is the form by which the reader's unit answers.
func (s *Service) mine(r *web.Request, p *meetingPage, v View, did string, failed error) {
	if v.Mine == nil {
		return
	}
	k := *v.Mine
	p.MineAt = []ui.Fact{{Label: r.T("meeting.venue"), Text: s.Dir.Name(k.Unit), Chips: []ui.Chip{{Class: venueClass[k.State], Word: r.T("venue.state." + k.State)}}}, {Label: r.T("meeting.lead"), Text: k.Lead}, {Label: r.T("meeting.people"), Text: strconv.Itoa(k.Present) + "/" + strconv.Itoa(k.Expected)}}
	if k.Reason != "" {
		p.MineAt = append(p.MineAt, ui.Fact{Label: r.T("word.reason"), Text: k.Reason, Wide: true})
	}
	if len(v.MineSteps) == 0 {
		return
	}
	bad := map[string]string{}
	typed := func(name, value string) string {
		if did != "venue" {
			return value
		}
		return r.PostForm.Get(name)
	}
	if did == "venue" {
		bad = r.Problems(failed)
	}
	count := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	f := ui.Form{ID: "venue", Rev: web.Rev(k.Rev), Sets: []ui.Fieldset{{Legend: r.T("meeting.mine")}}}
	set := &f.Sets[0]
	has := func(do string) bool { return slices.Contains(v.MineSteps, do) }
	if has("confirm") || has("sign_in") {
		set.Fields = append(set.Fields, ui.Field{Name: "lead", Label: r.T("meeting.lead"), Value: typed("lead", k.Lead), Optional: !has("confirm"), Error: bad["lead"]})
	}
	if has("confirm") {
		set.Fields = append(set.Fields, ui.Field{Name: "expected", Label: r.T("meeting.expected"), Kind: ui.FieldNumber, Value: typed("expected", count(k.Expected)), Optional: true, Error: bad["expected"]})
	}
	if has("sign_in") {
		set.Fields = append(set.Fields, ui.Field{Name: "present", Label: r.T("meeting.present"), Kind: ui.FieldNumber, Value: typed("present", count(k.Present)), Optional: true, Error: bad["present"]})
	}
	if has("excuse") || has("explain") {
		set.Fields = append(set.Fields, ui.Field{Name: "reason", Label: r.T("word.reason"), Value: typed("reason", ""), Optional: !has("explain"), Error: bad["reason"], Wide: true})
	}
	for i := range set.Fields {
		set.Fields[i].Optional = true // which one is needed depends on the button
	}
	for _, do := range v.MineSteps {
		f.Buttons = append(f.Buttons, ui.Button{Label: r.T("venue.do." + do), Action: "/meetings/" + string(v.Meeting.ID) + "/venue/" + do, Kind: map[string]string{"sign_in": "primary", "confirm": "primary", "explain": "primary", "excuse": "danger"}[do]})
	}
	f.Action = f.Buttons[0].Action
	p.Mine = &f
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
		m := v.Meeting
		c := Cmd{Title: m.Title, On: m.On, Begins: m.Begins, Form: m.Form, Place: m.Place, Host: m.Host, Guests: m.Guests, Audience: m.Audience, Units: m.Units, Rev: m.Rev}
		for _, a := range v.Agenda {
			c.Agenda += a.Title + " | " + a.Speaker + "\n"
		}
		base := "/meetings/" + string(n)
		return s.form(r, base+"/edit", base, r.T("meeting.do.edit"), c, err), nil
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

// filesMax is how many files one request may bring.
const filesMax = 10

func (s *Service) postFiles(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c FileCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	v, err := s.Get(r.Context(), r.Actor, n) // before any file is kept
	if err != nil {
		return nil, err
	}
	if !slices.Contains(v.Steps, "file") {
		return nil, fault.NotFound("meeting")
	}
	ups, err := r.Files("files", filesMax)
	if err != nil {
		return nil, err
	}
	var kept []vault.Stored
	for _, u := range ups {
		if err == nil {
			var st vault.Stored
			if st, err = s.Files.Put(r.Context(), u.Name, u.File, u.Size); err == nil {
				kept = append(kept, st)
			}
		}
		err = errors.Join(err, u.Close())
	}
	if err == nil {
		err = s.AddFiles(r.Context(), r.Actor, n, c, kept)
	}
	return s.again(r, n, "file", "done.meeting.file", err)
}

func (s *Service) getFile(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	file, err := r.ID("file")
	if err != nil {
		return nil, err
	}
	x, err := s.File(r.Context(), r.Actor, n, file)
	if err != nil {
		return nil, err
	}
	f, err := s.Files.Open(x.Hash)
	if err != nil {
		return nil, err
	}
	return web.File{Name: x.Name, Body: f, Size: x.Size}, nil
}

func (s *Service) postStream(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f streamForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	if link := strings.TrimSpace(f.Link); link != "" {
		at := strings.LastIndex(link, "/")
		d, err := id.Parse(link[at+1:])
		if err != nil {
			var bad fault.Fields
			bad.Add("link", "meeting.bad.link")
			return s.again(r, n, "stream", "", bad.Err())
		}
		return s.again(r, n, "stream", "done.meeting.stream", s.Link(r.Context(), r.Actor, n, d))
	}
	a, err := s.uploaded(r, f.Text)
	var res directive.Result
	if err == nil {
		res, err = s.Stream(r.Context(), r.Actor, n, a)
	}
	if err != nil {
		return s.again(r, n, "stream", "", err)
	}
	return web.Redirect{To: "/directives/" + string(res.Directive.ID), Done: "done.directive.import", API: res}, nil
}

// uploaded reads the file of the form, or the text that was pasted.
func (s *Service) uploaded(r *web.Request, text string) (hantext.Article, error) {
	ups, err := r.Files("file", 1)
	if err != nil {
		return hantext.Article{}, err
	}
	if len(ups) == 1 {
		a, err := document.Article(ups[0].Name, ups[0].File, ups[0].Size)
		return a, errors.Join(err, ups[0].Close())
	}
	if strings.TrimSpace(text) == "" {
		var bad fault.Fields
		bad.Add("text", "error.required")
		return hantext.Article{}, bad.Err()
	}
	a, err := hantext.Clean([]byte(text))
	if err != nil {
		return a, fault.Invalid("directive.bad.empty").With(err)
	}
	return a, nil
}

// getRegister writes who was called and who came as one table.
func (s *Service) getRegister(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	m, list, err := s.Register(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	t := sheet.Table{Name: r.T("meeting.attendance"), Title: m.Title, Sub: string(m.On) + " " + m.Begins, Freeze: 1, Columns: []sheet.Field{{Header: r.T("meeting.venue"), Width: 30}, {Header: r.T("meeting.level"), Width: 10}, {Header: r.T("word.status"), Width: 10}, {Header: r.T("meeting.lead"), Width: 14},
		{Header: r.T("meeting.expected"), Width: 10, Kind: sheet.Number}, {Header: r.T("meeting.present"), Width: 10, Kind: sheet.Number}, {Header: r.T("meeting.signed_at"), Width: 18}, {Header: r.T("word.reason"), Width: 40}}}
	t.Rows = func(yield func([]string) bool) {
		for _, v := range list {
			at := ""
			if v.State == VenueSigned {
				at = r.Moment(v.At)
			}
			if !yield([]string{s.Dir.Name(v.Unit), r.T("meeting.level." + strconv.Itoa(v.Level)), r.T("venue.state." + v.State), v.Lead, strconv.Itoa(v.Expected), strconv.Itoa(v.Present), at, v.Reason}) {
				return
			}
		}
	}
	var b bytes.Buffer
	if err := sheet.WriteXLSX(&b, t); err != nil {
		return nil, err
	}
	return web.File{Name: m.Title + ".xlsx", Body: io.NopCloser(&b), Size: int64(b.Len())}, nil
}
