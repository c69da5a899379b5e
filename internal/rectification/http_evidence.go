package rectification

import (
	"context"
	"errors"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/document"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// accepted are the kinds of files that the store takes, for the file dialog.
const accepted = ".docx,.doc,.wps,.xlsx,.xls,.et,.pdf,.png,.jpg,.jpeg,.gif,.webp,.csv,.txt,.html"

type evidenceListPage struct {
	Item   Item
	Form   *ui.Form
	Upload ui.Upload
	Old    []ui.StoredFile
}

func (s *Service) evidenceList(r *web.Request, d Dossier, c EvidenceCmd, err error) (web.Response, error) {
	i, p := d.Item, r.Problems(err)
	page := evidenceListPage{Item: i, Upload: fileList(r, d)}
	current := map[id.ID]bool{}
	for _, e := range InForce(d.Evidence) {
		current[e.ID] = true
	}
	for _, e := range d.Evidence {
		if !current[e.ID] {
			page.Old = append(page.Old, ui.StoredFile{Name: e.Name, Href: "/evidence/" + string(e.ID), Meta: evidenceMeta(r, d, e), Hash: e.Hash})
		}
	}
	if Working(i.State) && s.policy.Can(r.Actor, "item.evidence", Object(i, s.Units)) == nil {
		replaces := []ui.Option{{Label: r.T("evidence.new")}}
		for _, e := range InForce(d.Evidence) {
			replaces = append(replaces, ui.Option{Value: string(e.ID), Label: e.Name})
		}
		f := ui.Form{Action: "/items/" + string(i.ID) + "/evidence", Multipart: true, Cancel: ui.Link{Label: r.T("act.back"), Href: "/items/" + string(i.ID)},
			Sets: []ui.Fieldset{{Fields: []ui.Field{
				{Name: "files", Label: r.T("evidence.files"), Kind: ui.FieldFile, Multiple: true, Accept: accepted, Capture: false, Wide: true, Error: p["files"],
					Hint: r.T("evidence.limit", maxFiles, document.MaxFile>>20)},
				{Name: "measure", Label: r.T("kind.measure"), Kind: ui.FieldSelect, Value: string(c.Measure), Options: measureOptions(r, d), Optional: true},
				{Name: "dated", Label: r.T("evidence.date"), Kind: ui.FieldDate, Value: string(c.Dated), Optional: true, Error: p["dated"], Hint: r.T("evidence.date.hint")},
				{Name: "replaces", Label: r.T("evidence.replaces"), Kind: ui.FieldSelect, Value: string(c.Replaces), Options: replaces, Optional: true},
				{Name: "note", Label: r.T("evidence.note"), Value: c.Note, Optional: true, Wide: true, Error: p["note"]},
			}}}, Buttons: []ui.Button{{Label: r.T("item.do.evidence"), Kind: "primary"}}}
		if x, ok := fault.Of(err); ok && len(x.Fields) == 0 {
			f.Problems = []string{r.Explain(x)}
		}
		page.Form = &f
	}
	return web.Page{Name: "rectification/files", Data: page, API: d.Evidence, Err: err, Crumbs: crumbs(r, i, r.T("item.evidence"))}, nil
}

func (s *Service) getEvidenceList(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "")
	if err != nil {
		return nil, err
	}
	return s.evidenceList(r, d, EvidenceCmd{Measure: id.ID(r.Param("measure"))}, nil)
}

func (s *Service) postEvidence(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.evidence")
	if err != nil {
		return nil, err
	}
	var c EvidenceCmd
	var out []Evidence
	if err = r.Decode(&c); err == nil {
		out, err = s.handIn(r, d.Item.ID, c)
	}
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindLimit) {
		return s.evidenceList(r, d, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/items/" + string(d.Item.ID) + "/evidence", Done: "done.item.evidence", API: out}, nil
}

func (s *Service) handIn(r *web.Request, item id.ID, c EvidenceCmd) (out []Evidence, err error) {
	ups, err := r.Files("files", maxFiles)
	if err != nil {
		return nil, err
	}
	var in []FileIn
	for _, u := range ups {
		defer func() { err = errors.Join(err, u.Close()) }()
		in = append(in, FileIn{Name: u.Name, Size: u.Size, R: u.File})
	}
	return s.HandIn(r.Context(), r.Actor, item, c, in)
}

type evidencePage struct {
	Item     Item
	Evidence Evidence
	Facts    ui.Facts
	Preview  ui.Preview
	Rows     *ui.Table
	Cut      bool
	File     string
}

// preview shows a file as far as a browser may: pictures and PDF from the file
// route, texts and tables extracted, never as HTML of ours.
func (s *Service) preview(r *web.Request, d Dossier, e Evidence) (ui.Preview, content, error) {
	src := "/evidence/" + string(e.ID) + "/file"
	p := ui.Preview{Name: e.Name, Src: src + "?inline=1", Open: "/evidence/" + string(e.ID), Meta: evidenceMeta(r, d, e)}
	var c content
	switch show(e.Kind) {
	case showImage:
		p.Kind = ui.PreviewImage
	case showPage:
		p.Kind = ui.PreviewPDF
	case showText:
		var err error
		if c, err = s.extract(e); err != nil {
			return p, c, err
		}
		p.Kind, p.Text = ui.PreviewText, c.Text
		for _, row := range c.Rows {
			p.Text += strings.Join(row, "\t") + "\n"
		}
		if x, ok := fault.Of(c.Fail); ok {
			p.Text = r.Explain(x)
		} else if c.Fail != nil {
			return p, c, c.Fail
		}
		p.Text = strings.TrimSpace(p.Text)
	default:
		p.Kind = ui.PreviewNone
	}
	return p, c, nil
}

func (s *Service) getEvidence(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	e, i, err := s.Evidence(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	d := Dossier{Item: i}
	err = s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		d, err = s.evidenceDossier(r.Context(), q, i, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	p, c, err := s.preview(r, d, e)
	if err != nil {
		return nil, err
	}
	view := evidencePage{Item: i, Evidence: e, Preview: p, Cut: c.Cut, File: "/evidence/" + string(e.ID) + "/file", Facts: ui.Facts{Items: []ui.Fact{
		{Label: r.T("kind.item"), Text: i.No + " " + i.Title, Href: "/items/" + string(i.ID), Wide: true},
		{Label: r.T("evidence.by"), Text: d.name(r, e.By), Sub: r.Moment(e.At)}, {Label: r.T("evidence.date"), Text: string(e.Dated)},
		{Label: r.T("evidence.rev"), Text: r.T("evidence.revision", e.Revision)}, {Label: r.T("evidence.note"), Text: e.Note},
		{Label: "SHA-256", Text: e.Hash, Wide: true}}}}
	if len(c.Rows) > 0 {
		view.Rows = gridTable(e.Name, c.Rows)
	}
	return web.Page{Name: "rectification/evidence", Data: view, API: e, Mark: true, Crumbs: crumbs(r, i, e.Name)}, nil
}

// evidenceDossier is as much of the dossier as the page of one file shows.
func (s *Service) evidenceDossier(ctx context.Context, q db.Q, i Item, e Evidence) (Dossier, error) {
	d := Dossier{Item: i}
	var err error
	if d.Measures, err = Measures(ctx, q, i.ID); err != nil {
		return d, err
	}
	d.Names, err = s.names(ctx, q, e.By)
	return d, err
}

// gridTable shows the head of a spreadsheet as a table.
func gridTable(name string, rows [][]string) *ui.Table {
	const widest = 30 // columns; more are of no use on a page
	t := ui.Table{ID: "grid", Caption: name, NoDrawer: true}
	width := 0
	for _, row := range rows {
		width = min(widest, max(width, len(row)))
	}
	for c := range width {
		label := ""
		if c < len(rows[0]) {
			label = rows[0][c]
		}
		t.Columns = append(t.Columns, ui.Column{Label: label})
	}
	for _, row := range rows[1:] {
		var x ui.Row
		for c := range width {
			text := ""
			if c < len(row) {
				text = row[c]
			}
			x.Cells = append(x.Cells, ui.Cell{Text: text})
		}
		t.Rows = append(t.Rows, x)
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return &t
}

// getFile gives out the bytes. Only kinds whose content was checked come inline.
func (s *Service) getFile(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	e, _, err := s.Evidence(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	body, err := s.Files.Open(e.Hash)
	if err != nil {
		return nil, err
	}
	inline := r.Param("inline") == "1" && (show(e.Kind) == showImage || show(e.Kind) == showPage)
	mime := "application/octet-stream"
	if inline {
		mime = e.Mime
	}
	return web.File{Name: e.Name, Type: mime, Body: body, Inline: inline, Size: e.Size}, nil
}
