package person

import (
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/org/tree"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type personPage struct {
	Name      string
	Chips     []ui.Chip
	Actions   []ui.Button
	Facts     []ui.Fact
	Revealed  *ui.Notice
	Posts     *ui.Table
	History   *ui.Table
	Relatives *ui.Table // nil when the reader may not see them
	Entries   ui.Trail  // what was declared before
	Declare   string
	Trail     ui.Trail
}

// record is a person with everything that hangs on him.
type record struct {
	Person      Person       `json:"person"`
	IDNumber    string       `json:"id_number,omitempty"` // masked
	Posts       []Post       `json:"posts"`
	Employment  []Employment `json:"employment"`
	Relatives   []Relative   `json:"relatives,omitempty"`
	entries     []Relative
	departments map[id.ID]string
	names       map[id.ID]string
}

func (s *Service) record(r *web.Request) (x record, err error) {
	n, err := r.ID("id")
	if err != nil {
		return x, fault.NotFound("person")
	}
	ctx := r.Context()
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		if x.Person, err = byID(ctx, q, n); err != nil {
			return err
		}
		if err := s.can(r.Actor, "person.read", x.Person); err != nil {
			return err
		}
		if x.Posts, err = postsOf(ctx, q, n); err != nil {
			return err
		}
		if x.Employment, err = employmentOf(ctx, q, n); err != nil {
			return err
		}
		if s.can(r.Actor, "relative.read", x.Person) == nil {
			if x.Relatives, err = relativesNow(ctx, q, n); err != nil {
				return err
			}
			if x.entries, err = relativeEntries(ctx, q, n); err != nil {
				return err
			}
		}
		ds := []id.ID{x.Person.Department}
		for _, p := range x.Posts {
			ds = append(ds, p.Department)
		}
		if x.departments, err = org.DepartmentNames(ctx, q, ds...); err != nil {
			return err
		}
		var related []id.ID
		for _, y := range x.Relatives {
			if y.Related != "" {
				related = append(related, y.Related)
			}
		}
		if x.names, err = Names(ctx, q, related...); err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return x, err
	}
	x.IDNumber, err = s.Masked(r.Actor, x.Person)
	return x, err
}

func (s *Service) getPerson(r *web.Request) (web.Response, error) {
	x, err := s.record(r)
	if err != nil {
		return nil, err
	}
	return s.personPage(r, x, nil)
}

func (s *Service) personPage(r *web.Request, x record, revealed *ui.Notice) (web.Response, error) {
	p := personPage{Name: x.Person.Name, Chips: []ui.Chip{statusChip(r, x.Person)}, Facts: s.facts(r, x), Revealed: revealed,
		Actions: s.actions(r, x.Person), Posts: s.postTable(r, x), History: s.historyTable(r, x)}
	if x.Person.Leadership {
		p.Chips = append(p.Chips, ui.Chip{Class: "run", Word: r.T("person.leader")})
	}
	if s.can(r.Actor, "relative.read", x.Person) == nil {
		p.Relatives = s.relativeTable(r, x)
		p.Entries = s.entries(r, x)
	}
	if s.can(r.Actor, "relative.declare", x.Person) == nil {
		p.Declare = "/people/" + string(x.Person.ID) + "/relative"
	}
	es, err := s.Log.Of(r.Context(), "person", x.Person.ID)
	if err != nil {
		return nil, err
	}
	for i := len(es) - 1; i >= 0; i-- {
		p.Trail.Entries = append(p.Trail.Entries, ui.Entry{At: r.Moment(es[i].At), What: r.Word("action."+es[i].Action, es[i].Action)})
	}
	return web.Page{Name: "person/person", Data: p, API: x, Mark: true,
		Crumbs: []ui.Crumb{{Label: r.T("person.list"), Href: "/people"}, {Label: x.Person.Name}}}, nil
}

// actions are the buttons that this actor has on this record now.
func (s *Service) actions(r *web.Request, p Person) []ui.Button {
	base := "/people/" + string(p.ID) + "/"
	var out []ui.Button
	add := func(do, key string, kind string) {
		if s.can(r.Actor, "person."+do, p) == nil {
			out = append(out, ui.Button{Label: r.T("person.do." + do), Href: base + do, Key: key, Kind: kind})
		}
	}
	add("edit", "e", "")
	if p.Status == Serving {
		add("post", "", "")
	}
	add("history", "", "")
	if p.HasIDNumber() {
		add("reveal", "", "")
	}
	for _, step := range Flow.From(p.Status) {
		add(step.Do, "", "")
	}
	return out
}

func (s *Service) facts(r *web.Request, x record) []ui.Fact {
	p := x.Person
	gender := ""
	if p.Gender != "" {
		gender = r.T("person.gender." + p.Gender)
	}
	out := []ui.Fact{{Label: r.T("person.column.staff_no"), Text: p.StaffNo}, {Label: r.T("person.column.gender"), Text: gender}, {Label: r.T("person.column.birth"), Text: string(p.Birth)}}
	if x.IDNumber != "" {
		out = append(out, ui.Fact{Label: r.T("person.column.id_number"), Text: x.IDNumber})
	}
	out = append(out, ui.Fact{Label: r.T("person.column.native"), Text: tree.RegionName(p.Native)},
		ui.Fact{Label: r.T("person.column.unit"), Text: s.Dir.Name(p.Unit), Href: "/units/" + string(p.Unit)},
		ui.Fact{Label: r.T("person.column.department"), Text: x.departments[p.Department]},
		ui.Fact{Label: r.T("person.column.title"), Text: p.Title}, ui.Fact{Label: r.T("person.column.rank"), Text: p.Rank})
	if p.DepartedOn != "" {
		out = append(out, ui.Fact{Label: r.T("person.column.departed_on"), Text: string(p.DepartedOn)})
	}
	return out
}

func term(from, to string) string { return strings.Trim(from+" – "+to, " ") }

func (s *Service) postTable(r *web.Request, x record) *ui.Table {
	if len(x.Posts) == 0 {
		return nil
	}
	t := &ui.Table{ID: "p", Caption: r.T("person.posts"), Base: "/people", NoDrawer: true, Columns: []ui.Column{{Label: r.T("person.column.title")}, {Label: r.T("person.column.unit")},
		{Label: r.T("person.column.rank")}, {Label: r.T("person.term"), Nowrap: true}}}
	may := s.can(r.Actor, "person.post", x.Person) == nil
	for _, p := range x.Posts {
		row := ui.Row{ID: string(p.ID), Cells: []ui.Cell{{Text: p.Title}, {Text: s.Dir.Short(p.Unit), Sub: x.departments[p.Department]}, {Text: p.Rank}, {Text: term(string(p.From), string(p.To))}}}
		if p.Leadership {
			row.Cells[0].Chips = append(row.Cells[0].Chips, ui.Chip{Class: "run", Word: r.T("person.leader")})
		}
		if p.Main && p.To == "" {
			row.Cells[0].Chips = append(row.Cells[0].Chips, ui.Chip{Class: "ok", Word: r.T("person.main")})
		}
		if may && p.To == "" {
			row.Href = "/people/" + string(x.Person.ID) + "/posts/" + string(p.ID) + "/end"
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s *Service) historyTable(r *web.Request, x record) *ui.Table {
	if len(x.Employment) == 0 {
		return nil
	}
	t := &ui.Table{ID: "h", Caption: r.T("person.history"), Base: "/people", NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("person.column.employer")}, {Label: r.T("person.column.title")}, {Label: r.T("person.term"), Nowrap: true}}}
	for _, e := range x.Employment {
		where := e.Employer
		if e.Unit != "" {
			where = s.Dir.Name(e.Unit)
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(e.ID), Cells: []ui.Cell{{Text: where}, {Text: e.Title}, {Text: term(string(e.From), string(e.To))}}})
	}
	return t
}

func (s *Service) relativeTable(r *web.Request, x record) *ui.Table {
	t := &ui.Table{ID: "r", Caption: r.T("person.relatives"), Base: "/people", NoDrawer: true, Empty: ui.EmptyState{Title: r.T("relative.none")},
		Columns: []ui.Column{{Label: r.T("relative.name")}, {Label: r.T("relative.relation")}, {Label: r.T("relative.employer")}, {Label: r.T("person.term"), Nowrap: true}, {Label: r.T("word.action")}}}
	base := "/people/" + string(x.Person.ID) + "/relatives/"
	correct, end := s.can(r.Actor, "relative.correct", x.Person) == nil, s.can(r.Actor, "relative.end", x.Person) == nil
	for _, y := range x.Relatives {
		row := ui.Row{ID: string(y.ID), Cells: []ui.Cell{{Text: y.Name}, {Text: r.T("relative.relation." + y.Relation)}, {Text: y.Employer}, {Text: term(string(y.From), string(y.To))}, {}}}
		if y.Related != "" {
			row.Cells[0].Chips = []ui.Chip{{Class: "wait", Word: r.T("relative.staff")}}
		}
		if correct {
			row.Href = base + string(y.ID) + "/correct"
		}
		if end {
			row.Cells[4] = ui.Cell{Text: r.T("relative.do.end"), Href: base + string(y.ID) + "/end"}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// entries are all declarations, corrections and ends, newest first.
func (s *Service) entries(r *web.Request, x record) ui.Trail {
	var t ui.Trail
	for i := len(x.entries) - 1; i >= 0; i-- {
		e := x.entries[i]
		t.Entries = append(t.Entries, ui.Entry{At: r.Moment(e.At), What: r.T("relative.kind." + e.Kind),
			Text: strings.TrimSpace(r.T("relative.relation."+e.Relation) + " " + e.Name + " " + e.Employer + "\n" + e.Reason)})
	}
	return t
}
