package screening

import (
	"bytes"
	"io"
	"net/url"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org/intake"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type registersPage struct {
	Tabs   ui.Tabs
	Table  ui.Table
	Import []ui.Button
}

// importable are the kinds of registers that an actor may bring.
func (s *Service) importable(r *web.Request) []string {
	var out []string
	for _, k := range Kinds() {
		if s.canRegister(r.Actor, "register.import", k, s.home(r.Actor)) == nil {
			out = append(out, k)
		}
	}
	return out
}

func (s *Service) getRegisters(r *web.Request) (web.Response, error) {
	vs, err := s.Versions(r.Context(), r.Actor, "")
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("screening.tab.registers"), Base: "/screening/registers", NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("register.source")}, {Label: r.T("register.kind")}, {Label: r.T("word.unit")}, {Label: r.T("register.as_of"), Nowrap: true}, {Label: r.T("register.rows"), Num: true},
			{Label: r.T("register.delta")}, {Label: r.T("word.status")}},
		Empty: ui.EmptyState{Title: r.T("register.none"), Text: r.T("register.none.text")}}
	newest := map[string]bool{}
	for _, v := range vs {
		key := v.Kind + "\x00" + v.Source + "\x00" + string(v.Unit)
		chip := ui.Chip{Class: "off", Word: r.T("register.state." + v.State)}
		if v.State == Loaded {
			chip = ui.Chip{Class: "off", Word: r.T("register.state.before")}
			if !newest[key] {
				newest[key] = true
				chip = ui.Chip{Class: "ok", Word: r.T("register.state.in_force")}
			}
		}
		asOf := ui.Cell{Text: string(v.AsOf)}
		if chip.Class == "ok" && v.Kind == Lawyers && s.today().Sub(v.AsOf) > staleDays {
			asOf.Chips = []ui.Chip{{Class: "wait", Word: r.T("register.old", s.today().Sub(v.AsOf))}}
		}
		t.Rows = append(t.Rows, ui.Row{Href: "/screening/registers/" + string(v.ID), Cells: []ui.Cell{{Text: v.Source, Sub: v.File}, {Text: r.T("register.kind." + v.Kind)}, {Text: s.Units.Short(v.Unit)},
			asOf, {Text: strconv.Itoa(v.Rows)}, {Text: r.T("register.delta.line", v.Added, v.Changed, v.Removed)}, {Chips: []ui.Chip{chip}}}})
	}
	p := registersPage{Tabs: tabs(r, "/screening/registers"), Table: t}
	for _, k := range s.importable(r) {
		p.Import = append(p.Import, ui.Button{Label: r.T("register.import." + k), Href: "/screening/import?kind=" + k})
	}
	return web.Page{Name: "screening/registers", Data: p, API: vs, Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.tab.registers")})}, nil
}

// importForm is one step of the import: a file, or the word of one that was kept.
type importForm struct {
	Kind    string     `json:"kind"`
	Source  string     `json:"source"`
	Unit    string     `json:"unit"`
	AsOf    clock.Date `json:"as_of"`
	Token   string     `json:"token"`
	SkipBad bool       `json:"skip_bad"`
	Dry     bool       `json:"dry"`
	Apply   bool       `json:"apply"`
}

type importPage struct {
	Title   string
	Columns string
	Form    ui.Form
	Summary *ui.Notice
	Notes   []string
	Apply   *ui.Form
	Map     *ui.Form
	Bad     string
	Faults  *ui.Table
	Delta   *ui.Table
}

func (s *Service) getImport(r *web.Request) (web.Response, error) {
	f := importForm{Kind: r.Param("kind"), AsOf: s.today()}
	if f.Kind == "" {
		if ks := s.importable(r); len(ks) > 0 {
			f.Kind = ks[0]
		}
	}
	return s.importPage(r, f, importPage{}, nil)
}

func (s *Service) importPage(r *web.Request, f importForm, p importPage, refused error) (web.Response, error) {
	if s.canRegister(r.Actor, "register.import", f.Kind, s.home(r.Actor)) != nil {
		return nil, fault.Denied("page", "register.import: "+f.Kind)
	}
	e := r.Problems(refused)
	p.Title = r.T("register.import." + f.Kind)
	var heads []string
	for _, c := range columnsOf(f.Kind).cols {
		h := c.Names[0]
		if c.Required {
			h += "*"
		}
		heads = append(heads, h)
	}
	p.Columns = r.T("register.columns", strings.Join(heads, "、"))
	p.Form = ui.Form{Action: "/screening/import", Multipart: true, Hidden: []ui.Pair{{Name: "kind", Value: f.Kind}}, Cancel: ui.Link{Label: r.T("act.back"), Href: "/screening/registers"},
		Sets: []ui.Fieldset{{Fields: []ui.Field{
			{Name: "source", Label: r.T("register.source"), Value: f.Source, MaxLen: maxSource, Hint: r.T("register.source.hint"), Error: e["source"]},
			{Name: "as_of", Label: r.T("register.as_of"), Kind: ui.FieldDate, Value: string(f.AsOf), Error: e["as_of"]},
			{Name: "file", Label: r.T("intake.file"), Kind: ui.FieldFile, Accept: ".csv,.tsv,.txt,.xlsx,.xls,.et", Hint: r.T("register.file.hint", intake.MaxFile>>20), Error: e["file"], Wide: true}}}},
		Buttons: []ui.Button{{Label: r.T("intake.check"), Kind: "primary"}}}
	if refused != nil && f.Token != "" && p.Map == nil {
		p.Map = s.mapForm(r, f, Imported{Version: Version{Kind: f.Kind}}, nil)
	}
	return web.Page{Name: "screening/import", Data: p, Err: refused, Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.tab.registers"), Href: "/screening/registers"}, ui.Crumb{Label: p.Title})}, nil
}

// columnsFrom reads the mapping of a form: fields named map.<column>.
func columnsFrom(form url.Values, kind string) map[string]string {
	var out map[string]string
	for _, c := range columnsOf(kind).cols {
		if h := strings.TrimSpace(form.Get("map." + c.Key)); h != "" {
			if out == nil {
				out = map[string]string{}
			}
			out[c.Key] = h
		}
	}
	return out
}

func (s *Service) postImport(r *web.Request) (web.Response, error) {
	var f importForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	cmd := ImportCmd{Kind: f.Kind, Source: f.Source, Unit: f.Unit, AsOf: f.AsOf, Columns: columnsFrom(r.PostForm, f.Kind), SkipBad: f.SkipBad, DryRun: !f.Apply}
	name, body, size, done, err := s.uploaded(r, &f)
	if err != nil {
		return s.refusedImport(r, f, err)
	}
	defer done()
	if r.API() {
		cmd.DryRun = f.Dry
		res, err := s.Import(r.Context(), r.Actor, cmd, name, body, size)
		if err != nil {
			return nil, err
		}
		return web.Page{Name: "screening/import", API: res}, nil
	}
	res, err := s.Import(r.Context(), r.Actor, cmd, name, body, size)
	if err != nil {
		return s.refusedImport(r, f, err)
	}
	if res.Applied {
		s.held.Drop(f.Token)
		return web.Redirect{To: "/screening/registers/" + string(res.Version.ID), Done: "done.register.import"}, nil
	}
	return s.preview(r, f, res)
}

// uploaded gives the file of a form: sent now, or kept since the preview.
func (s *Service) uploaded(r *web.Request, f *importForm) (name string, body io.ReaderAt, size int64, done func(), err error) {
	done = func() {}
	if f.Token != "" {
		x, name, size, err := s.held.Open(r.Actor.Account, f.Token)
		if err != nil {
			return "", nil, 0, done, err
		}
		return name, x, size, func() { _ = x.Close() }, nil // it was only read
	}
	ups, err := r.Files("file", 1)
	if err != nil {
		return "", nil, 0, done, err
	}
	if len(ups) == 0 {
		return "", nil, 0, done, fault.Invalid("intake.no_file")
	}
	up := ups[0]
	if !r.API() {
		if f.Token, err = s.held.Put(r.Actor.Account, up.Name, io.NewSectionReader(up, 0, up.Size)); err != nil {
			return "", nil, 0, done, err
		}
	}
	return up.Name, up, up.Size, func() { _ = up.Close() }, nil // it was only read
}

func (s *Service) refusedImport(r *web.Request, f importForm, err error) (web.Response, error) {
	x, ok := fault.Of(err)
	if r.API() || !ok || x.Kind != fault.KindInvalid && x.Kind != fault.KindLimit && x.Kind != fault.KindState {
		return nil, err
	}
	if len(x.Fields) == 0 { // what is wrong with the file stands at the file's field
		var fs fault.Fields
		fs.Add("file", x.Key, x.Args...)
		err = fs.Err()
	}
	return s.importPage(r, f, importPage{}, err)
}

func (f importForm) hidden(kind string) []ui.Pair {
	return []ui.Pair{{Name: "kind", Value: kind}, {Name: "source", Value: f.Source}, {Name: "as_of", Value: string(f.AsOf)}, {Name: "unit", Value: f.Unit}, {Name: "token", Value: f.Token}}
}

// preview says what a register would change, or which rows are at fault.
func (s *Service) preview(r *web.Request, f importForm, res Imported) (web.Response, error) {
	v := res.Version
	p := importPage{Map: s.mapForm(r, f, res, res.Heads)}
	for _, k := range sortedKeys(res.Notes) {
		if key := noteKey(k); key != "" {
			p.Notes = append(p.Notes, r.T(key, res.Notes[k]))
		}
	}
	if v.Twice > 0 {
		p.Notes = append(p.Notes, r.T("register.note.twice", v.Twice))
	}
	apply := ui.Form{ID: "apply", Action: "/screening/import", Hidden: append(f.hidden(v.Kind), ui.Pair{Name: "apply", Value: "1"}), Buttons: []ui.Button{{Label: r.T("register.apply", v.Rows), Kind: "primary"}}}
	for k, h := range v.Columns {
		apply.Hidden = append(apply.Hidden, ui.Pair{Name: "map." + k, Value: h})
	}
	if res.Marked() {
		bad := url.Values{"token": {f.Token}, "kind": {v.Kind}}
		for k, h := range v.Columns {
			bad.Set("map."+k, h)
		}
		p.Bad = "/screening/import/bad?" + bad.Encode()
	}
	if res.Bad == 0 {
		p.Summary = &ui.Notice{Class: "ok", Text: r.T("register.good", v.File, v.Rows, v.Added, v.Changed, v.Removed, res.Same)}
		p.Apply = &apply
	} else {
		p.Summary = &ui.Notice{Class: "late", Text: r.T("register.faulty", v.File, res.Bad, res.Total)}
		apply.Hidden = append(apply.Hidden, ui.Pair{Name: "skip_bad", Value: "1"})
		apply.Note = r.T("register.skip.note")
		apply.Buttons = []ui.Button{{Label: r.T("register.skip", v.Rows, res.Bad)}}
		p.Apply = &apply
		p.Faults = s.faultTable(r, res)
	}
	p.Delta = deltaTable(r, v)
	return s.importPage(r, f, p, nil)
}

// noteKey keeps remarks to those that have a word.
func noteKey(k string) string {
	if strings.HasPrefix(k, "register.note.") {
		return k
	}
	return ""
}

func (s *Service) faultTable(r *web.Request, res Imported) *ui.Table {
	t := &ui.Table{ID: "faults", Caption: r.T("intake.faults"), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("intake.row"), Num: true}, {Label: r.T("intake.column")}, {Label: r.T("intake.value")}, {Label: r.T("intake.what")}}}
	for i, e := range res.Faults {
		if i >= maxSample {
			break
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(e.Row)}, {Text: res.Label(e.Column)}, {Text: e.Value, Clamp: true}, {Text: r.Explain(&fault.Error{Key: e.Key, Args: e.Args})}}})
	}
	return t
}

func deltaTable(r *web.Request, v Version) *ui.Table {
	if len(v.Sample) == 0 {
		return nil
	}
	t := &ui.Table{ID: "delta", Caption: r.T("register.delta"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("register.delta.what")}, {Label: r.T("register.key")}, {Label: r.T("register.name")}}}
	class := map[string]string{"added": "ok", "changed": "run", "removed": "late"}
	for _, d := range v.Sample {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Chips: []ui.Chip{{Class: class[d.What], Word: r.T("register.delta." + d.What)}}}, {Text: d.Key}, {Text: d.Name}}})
	}
	return t
}

// mapForm lets the user say which column of the file is which; it is remembered
// for the source.
func (s *Service) mapForm(r *web.Request, f importForm, res Imported, heads []string) *ui.Form {
	if f.Token == "" {
		return nil
	}
	form := &ui.Form{ID: "map", Action: "/screening/import", Hidden: f.hidden(f.Kind), Note: r.T("register.map.note"), Buttons: []ui.Button{{Label: r.T("register.map.again")}}}
	set := ui.Fieldset{Legend: r.T("register.map")}
	for _, c := range columnsOf(f.Kind).cols {
		x := ui.Field{Name: "map." + c.Key, Label: c.Names[0], Optional: true, Value: res.mapping.Labels[c.Key]}
		if r.PostForm != nil && r.PostForm.Get(x.Name) != "" {
			x.Value = r.PostForm.Get(x.Name)
		}
		if len(heads) > 0 {
			x.Kind, x.Options = ui.FieldSelect, []ui.Option{{Label: r.T("register.map.none")}}
			for _, h := range heads {
				if h != "" {
					x.Options = append(x.Options, ui.Option{Value: h, Label: h})
				}
			}
		}
		set.Fields = append(set.Fields, x)
	}
	form.Sets = []ui.Fieldset{set}
	return form
}

// getBad gives the user his own file back with the reasons in its rows.
func (s *Service) getBad(r *web.Request) (web.Response, error) {
	kind := r.Param("kind")
	if s.canRegister(r.Actor, "register.import", kind, s.home(r.Actor)) != nil {
		return nil, fault.Denied("page", "register.import: "+kind)
	}
	f, name, size, err := s.held.Open(r.Actor.Account, r.Param("token"))
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	var b bytes.Buffer
	ext, err := annotate(&b, name, f, size, kind, columnsFrom(r.URL.Query(), kind), func(key string, args ...any) string { return r.Explain(&fault.Error{Key: key, Args: args}) })
	if err != nil {
		return nil, err
	}
	base := strings.TrimSuffix(name, name[max(0, strings.LastIndexByte(name, '.')):])
	mime := "text/csv; charset=utf-8"
	if ext == ".xlsx" {
		return intake.Workbook(base+"-faults.xlsx", &b), nil
	}
	return web.File{Name: base + "-faults" + ext, Type: mime, Body: bytes.NewReader(b.Bytes()), Size: int64(b.Len())}, nil
}

type versionPage struct {
	V     Version
	Chip  ui.Chip
	Facts []ui.Fact
	Delta *ui.Table
	Undo  *ui.Form
}

func (s *Service) getVersion(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.versionPage(r, n, nil)
}

func (s *Service) versionPage(r *web.Request, n id.ID, refused error) (web.Response, error) {
	v, err := s.Version(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	var now Version
	var who map[id.ID]string
	err = s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if now, err = currentOf(r.Context(), q, v.Kind, v.Source, v.Unit); err != nil {
			return err
		}
		who, err = names(r.Context(), q, v.By)
		return err
	})
	if err != nil {
		return nil, err
	}
	p := versionPage{V: v, Chip: ui.Chip{Class: "off", Word: r.T("register.state." + v.State)}, Delta: deltaTable(r, v)}
	if now.ID == v.ID {
		p.Chip = ui.Chip{Class: "ok", Word: r.T("register.state.in_force")}
	}
	p.Facts = []ui.Fact{{Label: r.T("register.kind"), Text: r.T("register.kind." + v.Kind)}, {Label: r.T("word.unit"), Text: s.Units.Name(v.Unit)}, {Label: r.T("register.as_of"), Text: string(v.AsOf)},
		{Label: r.T("register.file"), Text: v.File, Sub: r.Moment(v.At) + " " + who[v.By]}, {Label: r.T("register.rows"), Text: strconv.Itoa(v.Rows)},
		{Label: r.T("register.delta"), Text: r.T("register.delta.line", v.Added, v.Changed, v.Removed)}, {Label: r.T("register.twice"), Text: strconv.Itoa(v.Twice)},
		{Label: r.T("register.skipped"), Text: strconv.Itoa(v.Skipped)}}
	if v.Reason != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("register.undone"), Text: v.Reason, Wide: true})
	}
	if now.ID == v.ID && s.canRegister(r.Actor, "register.undo", v.Kind, v.Unit) == nil {
		p.Undo = &ui.Form{ID: "undo", Action: "/screening/registers/" + string(n) + "/undo", Rev: web.Rev(v.Rev), Note: r.T("register.undo.note"),
			Sets:    []ui.Fieldset{{Legend: r.T("register.undo"), Fields: []ui.Field{{Name: "reason", Label: r.T("word.reason"), Kind: ui.FieldArea, Rows: 2, MaxLen: maxReason, Wide: true, Error: r.Problems(refused)["reason"]}}}},
			Buttons: []ui.Button{{Label: r.T("register.undo"), Kind: "danger"}}}
	}
	return web.Page{Name: "screening/version", Data: p, API: v, Err: refused, Mark: true,
		Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.tab.registers"), Href: "/screening/registers"}, ui.Crumb{Label: v.Source})}, nil
}

func (s *Service) postUndo(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var cmd UndoCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	err = s.Undo(r.Context(), r.Actor, n, cmd)
	if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState)) {
		return s.versionPage(r, n, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/screening/registers", Done: "done.register.undo"}, nil
}
