package intake

import (
	"bytes"
	"context"
	"io"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// Pages serves the import of one kind of record.
type Pages struct {
	Room     string // "org": its page is org/import
	Base     string // "/units/import"
	List     ui.Link
	Kind     string // key prefix: unit.import.title, unit.import.hint
	Action   string
	Done     string
	Run      func(ctx context.Context, who actor.Actor, name string, r io.ReaderAt, size int64, dry bool) (*Result, error)
	Template func(tr sheet.Translate) sheet.Table
	// RunFor stands in place of Run where a table is taken for a stated reason.
	RunFor func(ctx context.Context, who actor.Actor, reason, name string, r io.ReaderAt, size int64, dry bool) (*Result, error)
	held   *store
}

// New makes the pages ready.
func New(p Pages, c clock.Clock) *Pages {
	p.held = &store{clock: c, files: map[string]held{}}
	if p.RunFor == nil {
		run := p.Run
		p.RunFor = func(ctx context.Context, who actor.Actor, _, name string, r io.ReaderAt, size int64, dry bool) (*Result, error) {
			return run(ctx, who, name, r, size, dry)
		}
	}
	return &p
}

// Routes are the four addresses of an import.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: p.Base, Action: p.Action, NoAPI: true, Do: p.get},
		{Method: "POST", Path: p.Base, Action: p.Action, Heavy: true, MaxBody: MaxFile + 1<<20, In: form{}, Do: p.post},
		{Method: "GET", Path: p.Base + "/bad", Action: p.Action, NoAPI: true, Do: p.bad},
		{Method: "GET", Path: p.Base + "/template", Action: p.Action, NoAPI: true, Do: p.template},
	}
}

type form struct {
	Token  string `json:"token"`
	Dry    bool   `json:"dry"`
	Reason string `json:"reason"`
}

// View is the view model of the page.
type View struct {
	Title   string
	Form    ui.Form
	Summary *ui.Notice
	Apply   *ui.Form
	Bad     string // address of the annotated copy
	Table   *ui.Table
	Changes *ui.Table // before and after of what is there
	Blank   ui.Link   // fill-in template
}

func (p *Pages) view(r *web.Request, f form, problem string) View {
	v := View{Title: r.T(p.Kind + ".import.title"), Blank: ui.Link{Label: r.T("intake.template"), Href: p.Base + "/template"},
		Form: ui.Form{Action: p.Base, Multipart: true, Note: r.T(p.Kind + ".import.hint"), Cancel: p.back(r),
			Sets:    []ui.Fieldset{{Fields: []ui.Field{{Name: "file", Label: r.T("intake.file"), Kind: ui.FieldFile, Accept: ".csv,.xlsx,.xls,.et", Hint: r.T("intake.file.hint", MaxFile>>20), Error: problem}}}},
			Buttons: []ui.Button{{Label: r.T("intake.check"), Kind: "primary"}}}}
	if p.Run == nil {
		v.Form.Sets[0].Fields = append(v.Form.Sets[0].Fields, ui.Field{Name: "reason", Label: r.T("word.reason"), Value: f.Reason, MaxLen: maxReason})
	}
	return v
}

// maxReason bounds the reason for which a table is taken.
const maxReason = 200

func (p *Pages) back(r *web.Request) ui.Link {
	return ui.Link{Label: r.T("act.back"), Href: p.List.Href}
}

func (p *Pages) page(r *web.Request, v View, api any, err error) web.Response {
	return web.Page{Name: p.Room + "/import", Data: v, API: api, Err: err,
		Crumbs: []ui.Crumb{{Label: r.T(p.List.Label), Href: p.List.Href}, {Label: v.Title}}}
}

func (p *Pages) get(r *web.Request) (web.Response, error) {
	return p.page(r, p.view(r, form{}, ""), nil, nil), nil
}

// refused shows what is wrong with the file as a whole at the field of the file.
func (p *Pages) refused(r *web.Request, in form, err error) (web.Response, error) {
	f, ok := fault.Of(err)
	if ok && len(f.Fields) > 0 { // of the form, not of the file
		v, told := p.view(r, in, ""), r.Problems(err)
		for i := range v.Form.Sets[0].Fields {
			v.Form.Sets[0].Fields[i].Error = told[v.Form.Sets[0].Fields[i].Name]
		}
		return p.page(r, v, nil, err), nil
	}
	if !ok || f.Kind != fault.KindInvalid && f.Kind != fault.KindLimit && f.Kind != fault.KindState {
		return nil, err
	}
	return p.page(r, p.view(r, in, r.Explain(f)), nil, err), nil
}

func (p *Pages) post(r *web.Request) (web.Response, error) {
	var f form
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	if f.Token != "" {
		return p.apply(r, f)
	}
	files, err := r.Files("file", 1)
	if err != nil {
		return p.refused(r, f, err)
	}
	if len(files) == 0 {
		return p.refused(r, f, fault.Invalid("intake.no_file"))
	}
	up := files[0]
	defer up.Close()
	if r.API() && !f.Dry {
		res, err := p.RunFor(r.Context(), r.Actor, f.Reason, up.Name, up, up.Size, false)
		if err != nil {
			return nil, err
		}
		return p.page(r, View{}, res, nil), nil
	}
	token := ""
	if !r.API() {
		if token, err = p.held.put(r.Actor.Account, up.Name, f.Reason, io.NewSectionReader(up, 0, up.Size)); err != nil {
			return p.refused(r, f, err)
		}
	}
	res, err := p.RunFor(r.Context(), r.Actor, f.Reason, up.Name, up, up.Size, true)
	if err != nil {
		return p.refused(r, f, err)
	}
	return p.preview(r, f, token, res), nil
}

// preview says what the file would do, or what is wrong with which row.
func (p *Pages) preview(r *web.Request, in form, token string, res *Result) web.Response {
	v := p.view(r, in, "")
	if res.OK() {
		v.Summary = &ui.Notice{Class: "ok", Text: r.T("intake.good", res.File, res.Added, res.Same, res.Changed)}
		v.Apply = &ui.Form{ID: "apply", Action: p.Base, Hidden: []ui.Pair{{Name: "token", Value: token}},
			Buttons: []ui.Button{{Label: r.T("intake.apply", res.Added+res.Changed), Kind: "primary"}}, Cancel: p.back(r)}
		v.Changes = p.changes(r, res)
		return p.page(r, v, res, nil)
	}
	v.Summary = &ui.Notice{Class: "late", Text: r.T("intake.faulty", res.File, res.BadRows(), res.Total)}
	v.Bad = p.Base + "/bad?token=" + token
	t := &ui.Table{Caption: r.T("intake.faults"), Base: p.Base, NoDrawer: true,
		Columns: []ui.Column{{Key: "row", Label: r.T("intake.row"), Num: true}, {Key: "column", Label: r.T("intake.column")}, {Key: "value", Label: r.T("intake.value")}, {Key: "what", Label: r.T("intake.what")}}}
	for _, e := range res.Faults {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(e.Row)}, {Text: res.label(e.Column)}, {Text: e.Value, Clamp: true},
			{Text: r.Explain(&fault.Error{Key: e.Key, Args: e.Args})}}})
	}
	v.Table = t
	return p.page(r, v, res, nil)
}

// changes shows before and after of every value that the file would change.
func (p *Pages) changes(r *web.Request, res *Result) *ui.Table {
	if len(res.Changes) == 0 {
		return nil
	}
	t := &ui.Table{Caption: r.T("intake.changes"), Base: p.Base, NoDrawer: true,
		Columns: []ui.Column{{Key: "row", Label: r.T("intake.row"), Num: true}, {Key: "what", Label: r.T("intake.record")}, {Key: "column", Label: r.T("intake.column")},
			{Key: "before", Label: r.T("intake.before")}, {Key: "after", Label: r.T("intake.after")}}}
	for _, c := range res.Changes {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(c.Row)}, {Text: c.What}, {Text: res.label(c.Column)},
			{Text: r.Word(c.Before, c.Before), Clamp: true}, {Text: r.Word(c.After, c.After), Clamp: true}}})
	}
	if res.Beyond > 0 {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{}, {Text: r.T("intake.changes.more", res.Beyond)}, {}, {}, {}}})
	}
	return t
}

func (p *Pages) apply(r *web.Request, in form) (web.Response, error) {
	f, h, err := p.held.open(r.Actor.Account, in.Token)
	if err != nil {
		return p.refused(r, in, err)
	}
	defer f.Close()
	in.Reason = h.reason
	res, err := p.RunFor(r.Context(), r.Actor, in.Reason, h.name, f, h.size, false)
	if err != nil {
		return p.refused(r, in, err)
	}
	if !res.OK() { // the data changed since the preview
		return p.preview(r, in, in.Token, res), nil
	}
	p.held.drop(in.Token)
	return web.Redirect{To: p.List.Href, Done: p.Done, API: res}, nil
}

func (p *Pages) bad(r *web.Request) (web.Response, error) {
	f, h, err := p.held.open(r.Actor.Account, r.Param("token"))
	if err != nil {
		return p.refused(r, form{}, err)
	}
	defer f.Close()
	res, err := p.RunFor(r.Context(), r.Actor, h.reason, h.name, f, h.size, true)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = res.Annotated(&b, func(key string, args ...any) string { return r.Explain(&fault.Error{Key: key, Args: args}) })
	if err != nil {
		return nil, err
	}
	return Workbook(p.Kind+"-faults.xlsx", &b), nil
}

func (p *Pages) template(r *web.Request) (web.Response, error) {
	var b bytes.Buffer
	if err := sheet.WriteXLSX(&b, p.Template(r.T)); err != nil {
		return nil, err
	}
	return Workbook(p.Kind+"-template.xlsx", &b), nil
}

// Workbook is a download of an .xlsx file.
func Workbook(name string, b *bytes.Buffer) web.Response {
	return web.File{Name: name, Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Body: bytes.NewReader(b.Bytes()), Size: int64(b.Len())}
}

// Export is a download of a table as .xlsx or, when asked for, .csv.
func Export(r *web.Request, name string, t sheet.Table) (web.Response, error) {
	var b bytes.Buffer
	if r.Param("as") == "csv" {
		if err := sheet.WriteCSV(&b, t); err != nil {
			return nil, err
		}
		return web.File{Name: name + ".csv", Type: "text/csv; charset=utf-8", Body: bytes.NewReader(b.Bytes()), Size: int64(b.Len())}, nil
	}
	if err := sheet.WriteXLSX(&b, t); err != nil {
		return nil, err
	}
	return Workbook(name+".xlsx", &b), nil
}
