package person

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

type formPage struct {
	Title    string
	Form     ui.Form
	Conflict *ui.Conflict
	Missing  *ui.Notice // before somebody may leave
}

// typed is what the user wrote, so that nothing of it is lost.
func typed(r *web.Request) map[string]string {
	out := map[string]string{}
	for k, v := range r.PostForm {
		out[k] = strings.TrimSpace(v[0])
	}
	return out
}

// actionOf is the permission that a form needs.
func actionOf(do string) string {
	switch do {
	case "relative":
		return "relative.declare"
	case "correct", "end":
		return "relative." + do
	case "post_end":
		return "person.post"
	}
	return "person." + do
}

// wordOf is the key of the words on a form's button.
func wordOf(do string) string {
	switch do {
	case "relative":
		return "relative.do.declare"
	case "correct", "end":
		return "relative.do." + do
	}
	return "person.do." + do
}

// input makes a plain question; what was typed and what is wrong come by name.
type input struct {
	r    *web.Request
	v, p map[string]string
}

func (i input) field(name, kind, label string) ui.Field {
	return ui.Field{Name: name, Kind: kind, Label: i.r.T(label), Value: i.v[name], Error: i.p[name]}
}

func (i input) optional(name, kind, label string) ui.Field {
	f := i.field(name, kind, label)
	f.Optional = true
	return f
}

func (i input) choice(name, label, prefix string, values []string) ui.Field {
	f := i.field(name, ui.FieldSelect, label)
	f.Options = options(i.r, prefix, values, false)
	return f
}

func (i input) unit(name, label string) ui.Field {
	f := i.field(name, ui.FieldPicker, label)
	f.Source = "/pick/units?by=name"
	return f
}

func (i input) reason() ui.Field {
	f := i.field("reason", ui.FieldArea, "word.reason")
	f.Wide, f.MaxLen = true, maxReason
	return f
}

func (i input) number() ui.Field {
	f := i.optional("id_number", ui.FieldText, "person.column.id_number")
	f.Hint, f.Auto = i.r.T("person.id.hint"), "off"
	return f
}

// fields are the questions of a form.
func (s *Service) fields(i input, do string, p Person) []ui.Field {
	who := func() []ui.Field {
		gender := i.choice("gender", "person.column.gender", "person.gender.", []string{Male, Female})
		gender.Optional = true
		native := i.optional("native", ui.FieldText, "person.column.native")
		native.Hint = i.r.T("person.native.hint")
		return []ui.Field{i.field("name", ui.FieldText, "person.column.name"), i.number(), gender, i.optional("birth", ui.FieldDate, "person.column.birth"), native}
	}
	post := func(title, from func(string, string, string) ui.Field, unit id.ID) []ui.Field {
		out := []ui.Field{i.unit("unit", "person.column.unit"), title("title", ui.FieldText, "person.column.title"), i.optional("rank", ui.FieldText, "person.column.rank"),
			i.optional("leadership", ui.FieldCheck, "person.column.leadership"), from("from", ui.FieldDate, "person.column.from")}
		if ds := s.departmentOptions(i.r, unit); len(ds) > 1 {
			d := i.optional("department", ui.FieldSelect, "person.column.department")
			d.Options = ds[1:]
			out = slices.Insert(out, 1, d)
		}
		return out
	}
	switch do {
	case "create":
		unit, _ := s.Dir.Resolve(i.v["unit"])
		return append(append([]ui.Field{i.field("staff_no", ui.FieldText, "person.column.staff_no")}, who()...), post(i.optional, i.optional, unit.ID)...)
	case "edit":
		return who()
	case "post":
		main := i.optional("main", ui.FieldCheck, "person.main")
		return append(post(i.field, i.field, p.Unit), main)
	case "post_end":
		return []ui.Field{i.field("to", ui.FieldDate, "person.to")}
	case "history":
		unit := i.unit("unit", "person.former_unit")
		unit.Optional, unit.Hint = true, i.r.T("person.former_unit.hint")
		return []ui.Field{unit, i.optional("employer", ui.FieldText, "person.column.employer"), i.optional("title", ui.FieldText, "person.column.title"),
			i.optional("from", ui.FieldDate, "person.since"), i.optional("to", ui.FieldDate, "person.to")}
	case "reveal":
		return []ui.Field{i.reason()}
	case "relative", "correct":
		staff := i.optional("staff_no", ui.FieldPicker, "relative.staff_no")
		staff.Source, staff.Hint = "/pick/people?by=staff_no", i.r.T("relative.staff_no.hint")
		out := []ui.Field{i.choice("relation", "relative.relation", "relative.relation.", Relations()), i.field("name", ui.FieldText, "relative.name"), staff, i.number(),
			i.optional("employer", ui.FieldText, "relative.employer"), i.optional("from", ui.FieldDate, "person.since")}
		if do == "correct" {
			out = append(out, i.reason())
		}
		return out
	case "end":
		return []ui.Field{i.field("to", ui.FieldDate, "person.to"), i.reason()}
	}
	return []ui.Field{i.field("on", ui.FieldDate, "person.on"), i.reason()} // a step of Flow
}

// stored is what a form shows before anything was typed.
func (s *Service) stored(do string, p Person, r Relative, staffNo string) map[string]string {
	switch do {
	case "edit":
		return map[string]string{"name": p.Name, "gender": p.Gender, "birth": string(p.Birth), "native": p.Native}
	case "post":
		return map[string]string{"unit": s.Dir.Name(p.Unit), "rank": p.Rank, "main": "1", "department": string(p.Department)}
	case "correct":
		return map[string]string{"relation": r.Relation, "name": r.Name, "employer": r.Employer, "from": string(r.From), "staff_no": staffNo}
	}
	return map[string]string{}
}

// form is one question about one person.
type form struct {
	do    string
	p     Person
	entry id.ID
	rev   int64
	was   Relative
	staff string // staff number of the related colleague
}

// open reads what a form is about and whether the actor may fill it in.
func (s *Service) open(r *web.Request, do string) (f form, err error) {
	f.do = do
	n, err := r.ID("id")
	if err != nil {
		return f, fault.NotFound("person")
	}
	if r.PathValue("entry") != "" {
		if f.entry, err = r.ID("entry"); err != nil {
			return f, fault.NotFound("person")
		}
	}
	ctx := r.Context()
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		if f.p, err = byID(ctx, q, n); err != nil {
			return err
		}
		f.rev = f.p.Rev
		if _, status := Flow.Next(f.p.Status, do); slices.Contains(Flow.Actions(), do) && status != nil {
			if err := s.can(r.Actor, "person.read", f.p); err != nil {
				return err
			}
			return status
		}
		if err := s.can(r.Actor, actionOf(do), f.p); err != nil {
			return err
		}
		switch do {
		case "post_end":
			x, err := postByID(ctx, q, f.entry)
			if err == nil && x.Person != n {
				err = fault.NotFound("post")
			}
			f.rev = x.Rev
			return err
		case "correct", "end":
			var last bool
			if f.was, _, last, err = relativeByID(ctx, q, f.entry); err != nil {
				return err
			}
			if f.was.Person != n {
				return fault.NotFound("relative")
			}
			if !last || f.was.Kind == Ended {
				return fault.State("relative.error.replaced")
			}
			if f.was.Related != "" {
				x, err := byID(ctx, q, f.was.Related)
				f.staff = x.StaffNo
				return err
			}
		}
		return nil
	})
	return f, err
}

func (f form) address() string {
	base := "/people/" + string(f.p.ID) + "/"
	switch f.do {
	case "correct", "end":
		return base + "relatives/" + string(f.entry) + "/" + f.do
	case "post_end":
		return base + "posts/" + string(f.entry) + "/end"
	}
	return base + f.do
}

func (s *Service) formPage(r *web.Request, f form, v map[string]string, err error) (web.Response, error) {
	if v == nil {
		v = s.stored(f.do, f.p, f.was, f.staff)
	}
	title := r.T(wordOf(f.do))
	uf := ui.Form{Action: f.address(), Sensitive: true, Rev: strconv.FormatInt(f.rev, 10), Buttons: []ui.Button{{Label: title, Kind: "primary"}},
		Sets:   []ui.Fieldset{{Fields: s.fields(input{r, v, r.Problems(err)}, f.do, f.p)}},
		Cancel: ui.Link{Label: r.T("word.back"), Href: "/people/" + string(f.p.ID)}}
	data := formPage{Title: title, Form: uf}
	missing, e := s.missing(r, f, err)
	if e != nil {
		return nil, e
	}
	data.Missing = missing
	if fault.Is(err, fault.KindConflict) && f.do == "edit" {
		c := &ui.Conflict{Who: r.T("person.somebody"), Form: &uf, Reload: ui.Link{Label: r.T("act.reload"), Href: f.address()}}
		was := f.p
		if rev, e := strconv.ParseInt(v["rev"], 10, 64); e == nil {
			if _, e := s.Log.Before(r.Context(), "person", f.p.ID, rev, &was); e != nil {
				return nil, e
			}
		}
		now, base := s.stored("edit", f.p, Relative{}, ""), s.stored("edit", was, Relative{}, "")
		for _, x := range uf.Sets[0].Fields {
			if x.Name != "id_number" {
				c.Lines = append(c.Lines, ui.Diff(x.Label, base[x.Name], v[x.Name], now[x.Name]))
			}
		}
		if es, e := s.Log.Of(r.Context(), "person", f.p.ID); e == nil && len(es) > 0 {
			c.At = r.Moment(es[len(es)-1].At)
		}
		data.Conflict = c
	}
	return web.Page{Name: "person/form", Data: data, Err: err, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("person.list"), Href: "/people"},
		{Label: f.p.Name, Href: "/people/" + string(f.p.ID)}, {Label: title}}}, nil
}

// missing says beforehand what stands against a departure of today, and where it is made up for.
func (s *Service) missing(r *web.Request, f form, refused error) (*ui.Notice, error) {
	to, err := Flow.Next(f.p.Status, f.do)
	if err != nil || to == Serving || s.gate.May == nil {
		return nil, nil
	}
	link := ui.Link{}
	if r.Can("departure.list") {
		link = ui.Link{Label: r.T("person.leaving.where"), Href: s.gate.Where(f.p)}
	}
	if x, ok := fault.Of(refused); ok && x.Kind == fault.KindState {
		return &ui.Notice{Class: "wait", Text: r.T("person.leaving.missing"), Link: link}, nil
	}
	err = s.Log.DB().Read(r.Context(), func(q db.Q) error { return s.gate.May(r.Context(), q, f.p, to, s.today()) })
	if x, ok := fault.Of(err); ok && x.Kind == fault.KindState {
		return &ui.Notice{Class: "wait", Text: r.Explain(x), Link: link}, nil
	}
	return nil, err
}

func (s *Service) getForm(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		f, err := s.open(r, do)
		if err != nil {
			return nil, err
		}
		return s.formPage(r, f, nil, nil)
	}
}

// submit runs the command of a form and shows the form again when it is refused.
func (s *Service) submit(r *web.Request, do string, cmd any, run func(n, entry id.ID) error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, fault.NotFound("person")
	}
	entry := id.ID("")
	if r.PathValue("entry") != "" {
		if entry, err = r.ID("entry"); err != nil {
			return nil, fault.NotFound("person")
		}
	}
	if err = r.Decode(cmd); err == nil {
		err = run(n, entry)
	}
	if err == nil {
		return web.Redirect{To: "/people/" + string(n), Done: "done." + wordOf(do), API: map[string]string{"id": string(n)}}, nil
	}
	if k := fault.KindOf(err); k != fault.KindInvalid && (k != fault.KindConflict || do != "edit") && (k != fault.KindState || !slices.Contains(Flow.Actions(), do)) {
		return nil, err
	}
	f, e := s.open(r, do)
	if e != nil {
		return nil, e
	}
	return s.formPage(r, f, typed(r), err)
}

func (s *Service) newPage(r *web.Request, v map[string]string, err error) web.Response {
	form := ui.Form{Action: "/people/new", Sensitive: true, Sets: []ui.Fieldset{{Fields: s.fields(input{r, v, r.Problems(err)}, "create", Person{})}},
		Buttons: []ui.Button{{Label: r.T("person.do.create"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("word.back"), Href: "/people"}}
	return web.Page{Name: "person/form", Data: formPage{Title: r.T("person.do.create"), Form: form}, Err: err,
		Crumbs: []ui.Crumb{{Label: r.T("person.list"), Href: "/people"}, {Label: r.T("person.do.create")}}}
}

func (s *Service) getNew(r *web.Request) (web.Response, error) {
	return s.newPage(r, map[string]string{"unit": s.Dir.Name(r.Actor.Unit)}, nil), nil
}

func (s *Service) postNew(r *web.Request) (web.Response, error) {
	var in NewPerson
	err := r.Decode(&in)
	var p Person
	if err == nil {
		p, err = s.Add(r.Context(), r.Actor, in)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.newPage(r, typed(r), err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/people/" + string(p.ID), Done: "done.person.do.create", API: p}, nil
}

func (s *Service) postEdit(r *web.Request) (web.Response, error) {
	var cmd EditCmd
	return s.submit(r, "edit", &cmd, func(n, _ id.ID) error { return s.Edit(r.Context(), r.Actor, n, cmd) })
}

func (s *Service) postPost(r *web.Request) (web.Response, error) {
	var cmd PostCmd
	return s.submit(r, "post", &cmd, func(n, _ id.ID) error { return s.AddPost(r.Context(), r.Actor, n, cmd) })
}

func (s *Service) postPostEnd(r *web.Request) (web.Response, error) {
	var cmd EndPostCmd
	return s.submit(r, "post_end", &cmd, func(n, entry id.ID) error { return s.EndPost(r.Context(), r.Actor, n, entry, cmd) })
}

func (s *Service) postHistory(r *web.Request) (web.Response, error) {
	var cmd EmploymentCmd
	return s.submit(r, "history", &cmd, func(n, _ id.ID) error { return s.AddEmployment(r.Context(), r.Actor, n, cmd) })
}

func (s *Service) postRelative(r *web.Request) (web.Response, error) {
	var cmd RelativeCmd
	return s.submit(r, "relative", &cmd, func(n, _ id.ID) error {
		_, err := s.DeclareRelative(r.Context(), r.Actor, n, cmd)
		return err
	})
}

func (s *Service) postCorrect(r *web.Request) (web.Response, error) {
	var cmd RelativeCmd
	return s.submit(r, "correct", &cmd, func(n, entry id.ID) error {
		_, err := s.CorrectRelative(r.Context(), r.Actor, n, entry, cmd)
		return err
	})
}

func (s *Service) postEnd(r *web.Request) (web.Response, error) {
	var cmd EndRelativeCmd
	return s.submit(r, "end", &cmd, func(n, entry id.ID) error { return s.EndRelative(r.Context(), r.Actor, n, entry, cmd) })
}

func (s *Service) postStatus(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		var cmd StatusCmd
		return s.submit(r, do, &cmd, func(n, _ id.ID) error { return s.Do(r.Context(), r.Actor, n, do, cmd) })
	}
}

// postReveal answers with the record and the number in full, this once: an
// address that shows it would stay in histories and logs.
func (s *Service) postReveal(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, fault.NotFound("person")
	}
	var cmd RevealCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	number, err := s.Reveal(r.Context(), r.Actor, n, cmd)
	if fault.Is(err, fault.KindInvalid) {
		f, e := s.open(r, "reveal")
		if e != nil {
			return nil, e
		}
		return s.formPage(r, f, typed(r), err)
	}
	if err != nil {
		return nil, err
	}
	if r.API() {
		return web.Redirect{To: "/people/" + string(n), API: map[string]string{"id_number": number}}, nil
	}
	x, err := s.record(r)
	if err != nil {
		return nil, err
	}
	return s.personPage(r, x, &ui.Notice{Class: "wait", Text: r.T("person.revealed", number)})
}
