package tip

import (
	"embed"
	"slices"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	routes := []web.Route{
		{Method: "GET", Path: "/tip", Open: true, NoAPI: true, Do: s.getNew},
		{Method: "POST", Path: "/tip", Open: true, Heavy: true, MaxBody: maxBody + 1<<20, In: HandIn{}, Do: s.postNew},
		{Method: "GET", Path: "/tip/read", Open: true, NoAPI: true, Do: s.getRead},
		{Method: "POST", Path: "/tip/read", Open: true, Heavy: true, MaxBody: maxBody + 1<<20, In: ReplyCmd{}, Do: s.postRead},
		{Method: "GET", Path: "/tips", Action: "tip.read", Do: s.getList},
		{Method: "GET", Path: "/tips/{id}", Action: "tip.read", Do: s.getTip},
		{Method: "POST", Path: "/tips/{id}/open", Action: "tip.open", In: openForm{}, Do: s.postOpen},
		{Method: "GET", Path: "/tips/{id}/files/{file}", Action: "tip.open", NoAPI: true, Do: s.getFile},
	}
	for _, do := range Flow.Actions() {
		if do != "reply" { // that one goes by the code
			routes = append(routes, web.Route{Method: "POST", Path: "/tips/{id}/" + do, Action: "tip." + do, In: StepCmd{}, Do: s.postStep(do)})
		}
	}
	return web.Room{Name: "tip", Pages: web.Sub(files, "pages"), Words: web.Words(files), Todo: s.Todo, Routes: routes,
		Menu: []web.Item{
			{Key: "menu.tips", Href: "/tips", Action: "tip.read", Order: 619},
			{Key: "menu.tip", Href: "/tip", Action: "self_report.read", Order: 641},
		}}
}

var classes = map[string]string{Received: "wait", Working: "run", Asked: "long", Referred: "ok", Closed: "off"}

func chip(r *web.Request, state string) ui.Chip {
	return ui.Chip{Class: classes[state], Word: r.T("tip.state." + state)}
}

// day shows the day of an instant, or a day.
func day(r *web.Request, at string) string {
	if t, err := clock.ParseInstant(at); err == nil {
		return string(clock.Of(t))
	}
	return at
}

func crumbs(r *web.Request, rest ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Label: r.T("menu.tips"), Href: "/tips"}}, rest...)
}

func dash(v string) string {
	if v == "" {
		return "—"
	}
	return v
}

type listPage struct {
	Table ui.Table
	Late  *ui.Table
	Forms []ui.Form
}

func (s *Service) getList(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	state := q.Filter.Get("state")
	if !slices.Contains(Flow.States(), state) {
		state = ""
	}
	list, next, names, err := s.List(r.Context(), r.Actor, state, q)
	if err != nil {
		return nil, err
	}
	behind, err := s.Late(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	states := []ui.Option{{Label: r.T("word.all")}}
	for _, st := range Flow.States() {
		states = append(states, ui.Option{Value: st, Label: r.T("tip.state." + st)})
	}
	p := listPage{Table: ui.Table{Caption: r.T("menu.tips"), Base: "/tips", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("tip.f.unit")}, {Label: r.T("tip.f.made_on"), Nowrap: true}, {Label: r.T("tip.f.handler")}, {Label: r.T("word.status"), Nowrap: true}, {Label: r.T("word.due"), Nowrap: true}},
		Filters: []ui.Field{{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Options: states, Value: state}},
		Empty:   ui.EmptyState{Title: r.T("tip.none"), Text: r.T("tip.none.text")}}}
	for _, t := range list {
		chips := []ui.Chip{chip(r, t.State)}
		if t.Waiting && t.State != Received {
			chips = append(chips, ui.Chip{Class: "late", Word: r.T("tip.unanswered")})
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{ID: string(t.ID), Href: "/tips/" + string(t.ID), Cells: []ui.Cell{{Text: t.No}, {Text: s.Units.Short(t.Unit)}, {Text: string(t.MadeOn)}, {Text: dash(names[t.Handler])}, {Chips: chips, Sub: t.Lead}, s.due(r, t.Due)}})
	}
	p.Table.Pager = web.PagerOf(r, "/tips", next, q)
	if len(behind) > 0 {
		p.Late = &ui.Table{ID: "late", Caption: r.T("tip.late.list"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("tip.f.office")}, {Label: r.T("word.status"), Nowrap: true}, {Label: r.T("word.due"), Nowrap: true}}}
		var options []ui.Option
		for _, t := range behind {
			p.Late.Rows = append(p.Late.Rows, ui.Row{Cells: []ui.Cell{{Text: t.No}, {Text: s.Units.Short(t.Office)}, {Chips: []ui.Chip{chip(r, t.State)}}, s.due(r, t.Due)}})
			options = append(options, ui.Option{Value: string(t.ID), Label: t.No})
		}
		for _, o := range options[:min(len(options), 10)] {
			p.Forms = append(p.Forms, ui.Form{ID: "raise-" + o.Value, Action: "/tips/" + o.Value + "/raise", Buttons: []ui.Button{{Label: r.T("tip.do.raise") + " " + o.Label}},
				Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "text", Prefix: "r" + o.Value, Label: r.T("tip.text.raise"), MaxLen: maxReason}}}}})
		}
	}
	return web.Page{Name: "tip/list", Data: p, API: struct {
		Tips []Tip `json:"tips"`
		Late []Tip `json:"late"`
	}{list, behind}, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.tips")}}}, nil
}

func (s *Service) due(r *web.Request, d clock.Date) ui.Cell {
	c := ui.Cell{Text: dash(string(d))}
	if d != "" {
		c.Flag = ui.Due(r.Words(), string(d), string(r.Today()))
	}
	return c
}

type tipPage struct {
	V     View
	Chip  ui.Chip
	Facts []ui.Fact
	Open  *ui.Form
	Words []ui.Fact
	Say   ui.Trail
	Trail ui.Trail
	Forms []ui.Form
}

func (s *Service) getTip(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.tipPage(r, n, "", StepCmd{}, nil)
}

func (s *Service) tipPage(r *web.Request, n id.ID, did string, c StepCmd, failed error) (web.Response, error) {
	v, err := s.Read(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	t, base := v.Tip, "/tips/"+string(n)
	p := tipPage{V: v, Chip: chip(r, t.State)}
	due := s.due(r, t.Due)
	p.Facts = []ui.Fact{{Label: r.T("tip.f.unit"), Text: s.Units.Name(t.Unit)}, {Label: r.T("tip.f.office"), Text: s.Units.Name(t.Office)}, {Label: r.T("tip.f.made_on"), Text: string(t.MadeOn)},
		{Label: r.T("word.due"), Text: due.Text, Flag: due.Flag}, {Label: r.T("tip.f.handler"), Text: dash(v.Names[t.Handler])}, {Label: r.T("tip.f.lead"), Text: dash(t.Lead)}}
	if v.Content == nil {
		problems := r.Problems(failed)
		p.Open = &ui.Form{ID: "open", Action: base + "/open", Sensitive: true, Note: r.T("tip.open.note"), Buttons: []ui.Button{{Label: r.T("tip.do.open"), Kind: "primary"}},
			Sets: []ui.Fieldset{{Legend: r.T("tip.do.open"), Fields: []ui.Field{{Name: "purpose", Label: r.T("tip.f.purpose"), MaxLen: maxReason, Wide: true, Error: problems["purpose"]}}}}}
	} else {
		name := r.T("tip.anonymous")
		if v.Content.Name != "" {
			name = v.Content.Name
		}
		p.Words = []ui.Fact{{Label: r.T("tip.f.about"), Text: dash(v.Content.About)}, {Label: r.T("tip.f.name"), Text: name}, {Label: r.T("tip.f.contact"), Text: dash(v.Content.Contact)}}
	}
	for _, e := range v.Entries {
		s.place(r, &p, e, base)
	}
	for _, do := range v.Steps {
		var mine StepCmd
		var err error
		if do == did {
			mine, err = c, failed
		}
		p.Forms = append(p.Forms, s.stepForm(r, v, do, mine, err))
	}
	return web.Page{Name: "tip/tip", Err: failed, Data: p, API: v, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: t.No})}, nil
}

// place puts an entry into the dialogue or the trail, the newest first.
func (s *Service) place(r *web.Request, p *tipPage, e Entry, base string) {
	x := ui.Entry{At: r.Moment(e.At), Who: p.V.Names[e.Person], What: r.T("tip.did." + e.Do), Text: e.Text}
	if slices.Contains(his, e.Do) {
		x.At, x.Who, x.Class = e.At, r.T("tip.who.told"), "run"
	}
	for _, f := range e.Files {
		x.Files = append(x.Files, ui.Link{Label: f.Name, Href: base + "/files/" + string(f.ID)})
	}
	if slices.Contains(spoken, e.Do) && p.V.Content != nil {
		p.Say.Entries = append([]ui.Entry{x}, p.Say.Entries...)
		return
	}
	p.Trail.Entries = append([]ui.Entry{x}, p.Trail.Entries...)
}

func (s *Service) stepForm(r *web.Request, v View, do string, c StepCmd, failed error) ui.Form {
	b := r.Problems(failed)
	f := ui.Form{ID: do, Action: "/tips/" + string(v.Tip.ID) + "/" + do, Rev: web.Rev(v.Tip.Rev), Sensitive: true, Buttons: []ui.Button{{Label: r.T("tip.do." + do), Kind: kind(do)}}}
	text := ui.Field{Name: "text", Prefix: do, Label: r.T("tip.text." + do), Kind: ui.FieldArea, Rows: 3, MaxLen: maxReason, Value: c.Text, Wide: true, Error: b["text"]}
	var fields []ui.Field
	switch do {
	case "take":
	case "move":
		fields = []ui.Field{{Name: "unit", Prefix: do, Label: r.T("tip.f.to"), Value: c.Unit, Error: b["unit"]}, text}
	case "refer":
		if text.MaxLen, text.Rows = maxText, 8; failed == nil {
			text.Value = strings.TrimSpace(said(v.Entries))
		}
		fields = []ui.Field{{Name: "person", Prefix: do, Label: r.T("tip.f.person"), Kind: ui.FieldPicker, Source: "/pick/people", Value: string(c.Person), Optional: true, Hint: r.T("tip.person.hint"), Error: b["person"]},
			{Name: "name", Prefix: do, Label: r.T("tip.f.lead_name"), Value: c.Name, Optional: true, MaxLen: maxName, Error: b["name"]},
			{Name: "act_from", Prefix: do, Label: r.T("tip.f.act_from"), Kind: ui.FieldDate, Value: string(c.ActFrom), Optional: true, Error: b["act_from"]}, {Name: "act_to", Prefix: do, Label: r.T("tip.f.act_to"), Kind: ui.FieldDate, Value: string(c.ActTo), Optional: true, Error: b["act_to"]}, text}
		f.Note = r.T("tip.refer.note")
	default:
		fields = []ui.Field{text}
	}
	f.Sets = []ui.Fieldset{{Legend: r.T("tip.do." + do), Hint: r.T("tip.hint." + do), Fields: fields}}
	return f
}

func kind(do string) string {
	if do == "recuse" || do == "move" {
		return ""
	}
	return "primary"
}

type openForm struct {
	Purpose string `json:"purpose"`
}

func (s *Service) postOpen(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f openForm
	if err = r.Decode(&f); err == nil {
		err = s.Open(r.Context(), r.Actor, n, f.Purpose)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.tipPage(r, n, "open", StepCmd{}, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/tips/" + string(n), Done: "done.tip.open"}, nil
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
	f, body, err := s.Attachment(r.Context(), r.Actor, n, file)
	if err != nil {
		return nil, err
	}
	return web.File{Name: f.Name, Body: body, Size: f.Size}, nil
}

func (s *Service) postStep(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c StepCmd
		if err = r.Decode(&c); err == nil {
			_, err = s.Step(r.Context(), r.Actor, n, do, c)
		}
		if do != "raise" && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindConflict)) {
			return s.tipPage(r, n, do, c, err)
		}
		if err != nil {
			return nil, err
		}
		to := "/tips/" + string(n)
		if slices.Contains([]string{"recuse", "move"}, do) {
			to = "/tips" // it may be gone from the reader's sight
		}
		return web.Redirect{To: to, Done: "done.tip." + do}, nil
	}
}
