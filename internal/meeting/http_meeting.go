package meeting

import (
	"slices"
	"strconv"
	"strings"

	"huikan/internal/directive"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

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
	f := ui.Form{ID: "venue", Rev: web.Rev(k.Rev), Sets: make([]ui.Fieldset, 1)}
	set := &f.Sets[0] // which field is needed depends on the button
	has := func(do string) bool { return slices.Contains(v.MineSteps, do) }
	if has("confirm") || has("sign_in") {
		set.Fields = append(set.Fields, ui.Field{Name: "lead", Label: r.T("meeting.lead"), Value: typed("lead", k.Lead), Optional: true, Error: bad["lead"]})
	}
	if has("confirm") {
		set.Fields = append(set.Fields, ui.Field{Name: "expected", Label: r.T("meeting.expected"), Kind: ui.FieldNumber, Value: typed("expected", count(k.Expected)), Optional: true, Error: bad["expected"]})
	}
	if has("sign_in") {
		set.Fields = append(set.Fields, ui.Field{Name: "present", Label: r.T("meeting.present"), Kind: ui.FieldNumber, Value: typed("present", count(k.Present)), Optional: true, Error: bad["present"]})
	}
	if has("excuse") || has("explain") {
		set.Fields = append(set.Fields, ui.Field{Name: "reason", Label: r.T("word.reason"), Value: typed("reason", ""), Optional: true, Error: bad["reason"], Wide: true})
	}
	for _, do := range v.MineSteps {
		f.Buttons = append(f.Buttons, ui.Button{Label: r.T("venue.do." + do), Action: "/meetings/" + string(v.Meeting.ID) + "/venue/" + do, Kind: map[string]string{"sign_in": "primary", "confirm": "primary", "explain": "primary", "excuse": "danger"}[do]})
	}
	f.Action = f.Buttons[0].Action
	p.Mine = &f
}
