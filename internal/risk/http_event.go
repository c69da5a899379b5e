package risk

import (
	"bytes"
	"io"
	"net/url"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/org/intake"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type eventsPage struct {
	Tabs   ui.Tabs
	Note   string
	Import bool
	Table  ui.Table
	Undo   *ui.Form
}

func (s *Service) getEvents(r *web.Request) (web.Response, error) {
	return s.eventsPage(r, UndoCmd{}, nil)
}

func (s *Service) eventsPage(r *web.Request, cmd UndoCmd, failed error) (web.Response, error) {
	list, err := s.Loads(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	p := eventsPage{Tabs: s.tabs(r, "/risk/events"), Note: r.T("risk.event.note"), Import: r.Can("risk_event.import")}
	p.Table = ui.Table{ID: "loads", Caption: r.T("risk.event.loads"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("risk.event.version"), Nowrap: true}, {Label: r.T("risk.event.source")}, {Label: r.T("word.unit")}, {Label: r.T("risk.event.as_of"), Nowrap: true},
		{Label: r.T("risk.event.count"), Num: true}, {Label: r.T("risk.event.cases"), Num: true}, {Label: r.T("risk.event.delta")}}, Empty: ui.EmptyState{Title: r.T("risk.event.none"), Text: r.T("risk.event.none.text")}}
	for _, l := range list {
		file := l.File
		if file == "" {
			file = "—"
		}
		if l.Mode == Undo {
			file = r.T("risk.event.undoes", l.Undoes)
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.FormatInt(l.N, 10), Sub: r.Moment(l.At)}, {Text: l.Source, Sub: file}, {Text: s.Units.Short(l.Unit)}, {Text: string(l.AsOf), Sub: r.T("risk.event.mode." + l.Mode)},
			{Text: strconv.Itoa(l.Events)}, {Text: strconv.Itoa(l.Cases)}, {Text: r.T("risk.event.delta.line", l.Added, l.Changed, l.Withdrawn, l.Same), Sub: r.T("risk.event.skipped", l.Skipped)}}})
	}
	if can := undoable(list); r.Can("risk_event.undo") && len(can) > 0 {
		e := r.Problems(failed)
		x := ui.Field{Name: "n", Label: r.T("risk.event.undo.which"), Kind: ui.FieldSelect, Value: strconv.FormatInt(cmd.N, 10), Options: []ui.Option{{Label: r.T("form.choose")}}, Error: e["n"]}
		for _, l := range can {
			x.Options = append(x.Options, ui.Option{Value: strconv.FormatInt(l.N, 10), Label: strings.Join([]string{strconv.FormatInt(l.N, 10), l.Source, s.Units.Short(l.Unit), l.File, r.T("risk.event.delta.line", l.Added, l.Changed, l.Withdrawn, l.Same)}, " · ")})
		}
		p.Undo = &ui.Form{ID: "undo", Action: "/risk/events/undo", Note: r.T("risk.event.undo.note"), Buttons: []ui.Button{{Label: r.T("risk.event.undo")}}, Sets: []ui.Fieldset{{Fields: []ui.Field{x,
			{Name: "text", Label: r.T("risk.event.undo.text"), Kind: ui.FieldArea, Rows: 2, MaxLen: maxReason, Value: cmd.Text, Wide: true, Error: e["text"]}}}}}
		problem(r, p.Undo, failed)
	}
	return web.Page{Name: "risk/events", Data: p, API: list, Err: shownErr(failed), Crumbs: crumbs(r, ui.Crumb{Label: r.T("risk.tab.events")})}, nil
}

// postUndo takes the last import of a source back.
func (s *Service) postUndo(r *web.Request) (web.Response, error) {
	var cmd UndoCmd
	err := r.Decode(&cmd)
	var l Load
	if err == nil {
		l, err = s.UndoImport(r.Context(), r.Actor, cmd)
	}
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) {
		return s.eventsPage(r, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/risk/events", Done: "done.risk_event.undo", API: l}, nil
}

// postEvents takes events that a system sends as JSON.
func (s *Service) postEvents(r *web.Request) (web.Response, error) {
	var cmd EventsCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	res, err := s.Send(r.Context(), r.Actor, cmd)
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/risk/events", Done: "done.risk_event.import", API: res}, nil
}

// importForm is one step of the import: a file, or the word of one that was kept.
type importForm struct {
	Source  string     `json:"source"`
	Unit    string     `json:"unit"`
	Mode    string     `json:"mode"`
	AsOf    clock.Date `json:"as_of"`
	Token   string     `json:"token"`
	SkipBad bool       `json:"skip_bad"`
	Dry     bool       `json:"dry"`
	Apply   bool       `json:"apply"`
}

func (f importForm) hidden() []ui.Pair {
	return []ui.Pair{{Name: "source", Value: f.Source}, {Name: "mode", Value: f.Mode}, {Name: "as_of", Value: string(f.AsOf)}, {Name: "unit", Value: f.Unit}, {Name: "token", Value: f.Token}}
}

type importPage struct {
	Columns string
	Form    ui.Form
	Summary *ui.Notice
	Apply   *ui.Form
	Map     *ui.Form
	Bad     string
	Faults  *ui.Table
}

func (s *Service) getImport(r *web.Request) (web.Response, error) {
	return s.importPage(r, importForm{AsOf: s.today(), Mode: Delta}, importPage{}, nil)
}

func (s *Service) importPage(r *web.Request, f importForm, p importPage, failed error) (web.Response, error) {
	e := r.Problems(failed)
	var heads []string
	for _, c := range columns().cols {
		h := c.Names[0]
		if c.Required {
			h += "*"
		}
		heads = append(heads, h)
	}
	p.Columns = r.T("risk.event.columns", strings.Join(heads, "、"))
	p.Form = ui.Form{Action: "/risk/import", Multipart: true, Cancel: ui.Link{Label: r.T("act.back"), Href: "/risk/events"}, Buttons: []ui.Button{{Label: r.T("intake.check"), Kind: "primary"}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "source", Label: r.T("risk.event.source"), Value: f.Source, MaxLen: maxName, Hint: r.T("risk.event.source.hint"), Error: e["source"]},
		{Name: "as_of", Label: r.T("risk.event.as_of"), Kind: ui.FieldDate, Value: string(f.AsOf), Error: e["as_of"]},
		{Name: "mode", Label: r.T("risk.event.mode"), Kind: ui.FieldRadio, Value: f.Mode, Options: options(r, "risk.event.mode.", []string{Delta, Full}, ""), Error: e["mode"], Wide: true},
		{Name: "file", Label: r.T("intake.file"), Kind: ui.FieldFile, Accept: ".csv,.tsv,.txt,.xlsx,.xls,.et", Hint: r.T("risk.event.file.hint", intake.MaxFile>>20), Error: e["file"], Wide: true}}}}}
	return web.Page{Name: "risk/import", Data: p, Err: failed, Crumbs: crumbs(r, ui.Crumb{Label: r.T("risk.tab.events"), Href: "/risk/events"}, ui.Crumb{Label: r.T("risk.event.import")})}, nil
}

// columnsFrom reads the mapping of a form: fields named map.<column>.
func columnsFrom(form url.Values) map[string]string {
	var out map[string]string
	for _, c := range columns().cols {
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
	name, body, size, done, err := s.uploaded(r, &f)
	if err != nil {
		return s.refusedImport(r, f, err)
	}
	defer done()
	cmd := ImportCmd{Source: f.Source, Unit: f.Unit, Mode: f.Mode, AsOf: f.AsOf, Columns: columnsFrom(r.PostForm), SkipBad: f.SkipBad, DryRun: !f.Apply}
	if r.API() {
		cmd.DryRun = f.Dry
	}
	res, err := s.Import(r.Context(), r.Actor, cmd, name, body, size)
	switch {
	case r.API() && err == nil:
		return web.Page{Name: "risk/import", API: res}, nil
	case err != nil:
		return s.refusedImport(r, f, err)
	case res.Applied:
		s.held.Drop(f.Token)
		return web.Redirect{To: "/risk/events", Done: "done.risk_event.import"}, nil
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
	p := importPage{}
	if f.Token != "" {
		p.Map = s.mapForm(r, f, Imported{})
	}
	return s.importPage(r, f, p, err)
}

// preview says what a file would change, or which rows are at fault.
func (s *Service) preview(r *web.Request, f importForm, res Imported) (web.Response, error) {
	l := res.Load
	p := importPage{Map: s.mapForm(r, f, res)}
	apply := ui.Form{ID: "apply", Action: "/risk/import", Hidden: append(f.hidden(), ui.Pair{Name: "apply", Value: "1"}), Buttons: []ui.Button{{Label: r.T("risk.event.apply", l.Events), Kind: "primary"}}}
	kept := url.Values{"token": {f.Token}, "source": {f.Source}}
	for k, h := range l.Columns {
		apply.Hidden = append(apply.Hidden, ui.Pair{Name: "map." + k, Value: h})
		kept.Set("map."+k, h)
	}
	if res.Bad == 0 {
		p.Summary = &ui.Notice{Class: "ok", Text: r.T("risk.event.good", l.File, l.Events, l.Cases, l.Added, l.Changed, l.Withdrawn, l.Same)}
		p.Apply = &apply
		return s.importPage(r, f, p, nil)
	}
	p.Summary = &ui.Notice{Class: "late", Text: r.T("risk.event.faulty", l.File, res.Bad, res.Total)}
	p.Bad = "/risk/import/bad?" + kept.Encode()
	if l.Events > 0 {
		apply.Hidden = append(apply.Hidden, ui.Pair{Name: "skip_bad", Value: "1"})
		apply.Note = r.T("risk.event.skip.note")
		apply.Buttons = []ui.Button{{Label: r.T("risk.event.skip", l.Events, res.Bad)}}
		p.Apply = &apply
	}
	t := &ui.Table{ID: "faults", Caption: r.T("intake.faults"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("intake.row"), Num: true}, {Label: r.T("intake.column")}, {Label: r.T("intake.value")}, {Label: r.T("intake.what")}}}
	for i, e := range res.Faults {
		if i >= 100 {
			break
		}
		label := res.result.Mapping.Labels[e.Column]
		if label == "" {
			label = e.Column
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(e.Row)}, {Text: label}, {Text: e.Value, Clamp: true}, {Text: r.Explain(&fault.Error{Key: e.Key, Args: e.Args})}}})
	}
	p.Faults = t
	return s.importPage(r, f, p, nil)
}

// mapForm lets the user say which column of the file is which; it is remembered
// for the source.
func (s *Service) mapForm(r *web.Request, f importForm, res Imported) *ui.Form {
	form := &ui.Form{ID: "map", Action: "/risk/import", Hidden: f.hidden(), Note: r.T("risk.event.map.note"), Buttons: []ui.Button{{Label: r.T("risk.event.map.again")}}}
	set := ui.Fieldset{Legend: r.T("risk.event.map")}
	for _, c := range columns().cols {
		x := ui.Field{Name: "map." + c.Key, Label: c.Names[0], Optional: true}
		if res.result != nil {
			x.Value = res.result.Mapping.Labels[c.Key]
		}
		if v := r.PostForm.Get(x.Name); v != "" {
			x.Value = v
		}
		if len(res.Heads) > 0 {
			x.Kind, x.Options = ui.FieldSelect, []ui.Option{{Label: r.T("word.none")}}
			for _, h := range res.Heads {
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
	f, name, size, err := s.held.Open(r.Actor.Account, r.Param("token"))
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	cmd := ImportCmd{Source: r.Param("source"), Columns: columnsFrom(r.URL.Query()), DryRun: true}
	res, err := s.Import(r.Context(), r.Actor, cmd, name, f, size)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := res.result.Annotated(&b, func(key string, args ...any) string { return r.Explain(&fault.Error{Key: key, Args: args}) }); err != nil {
		return nil, err
	}
	base := name
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		base = name[:i]
	}
	return intake.Workbook(base+"-faults.xlsx", &b), nil
}
