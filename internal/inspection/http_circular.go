package inspection

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) importPage(r *web.Request) (web.Response, error) { return s.importList(r, nil) }

func (s *Service) importList(r *web.Request, failed error) (web.Response, error) {
	var waiting []Upload
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		args := []any{UploadWaiting}
		cond := "c.state = $1 AND " + s.policy.Filter(r.Actor, "circular.read", access.Columns{State: "c.state", By: "c.by_id", Owners: []string{"c.author_id"}}, &args)
		waiting, err = uploadsWhere(r.Context(), q, cond, args)
		return err
	})
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("circular.waiting"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.file")}, {Label: r.T("word.title")}}, Empty: ui.EmptyState{Title: r.T("circular.empty")}}
	for _, u := range waiting {
		t.Rows = append(t.Rows, ui.Row{ID: string(u.ID), Href: "/circulars/" + string(u.ID), Cells: []ui.Cell{{Text: u.Name}, {Text: u.Article.Title}}})
	}
	form := &ui.Form{Action: "/circulars/import", Multipart: true, Buttons: []ui.Button{{Label: r.T("act.upload"), Kind: "primary"}}, Note: r.T("circular.note"),
		Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "file", Label: r.T("word.file"), Kind: ui.FieldFile, Accept: ".txt,.html,.htm,.docx,.doc,.wps", Hint: r.T("circular.hint"), Error: r.Problems(failed)["file"]}}}}}
	if f, ok := fault.Of(failed); ok && len(f.Fields) == 0 {
		form.Problems = []string{r.Explain(f)}
	}
	return web.Page{Name: "inspection/list", Crumbs: crumbs(r, r.T("circular.title"), ""), Data: listPage{Title: r.T("circular.title"), Upload: form, Table: t}, API: waiting, Err: failed}, nil
}

func (s *Service) upload(r *web.Request) (web.Response, error) {
	files, err := r.Files("file", 1)
	if err == nil && len(files) == 0 {
		err = sole("file", "error.required")
	}
	var u Upload
	if err == nil {
		defer files[0].Close() //nolint:errcheck // read only
		var raw []byte
		if raw, err = files[0].ReadAll(maxCircular); err == nil {
			u, err = s.UploadCircular(r.Context(), r.Actor, files[0].Name, raw)
		}
	}
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindLimit) {
		return s.importList(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/circulars/" + string(u.ID), Done: "done.circular.upload", API: map[string]any{"id": u.ID, "circular": ExtractCircular(u.Article)}}, nil
}

type confirmCmd struct {
	Unit     string `json:"unit"`
	Round    id.ID  `json:"round"`
	By       string `json:"by"`
	Rev      int64  `json:"rev"`
	Findings []Edit `json:"findings"`
}

func (s *Service) readUpload(r *web.Request) (Upload, error) {
	n, err := r.ID("id")
	if err != nil {
		return Upload{}, err
	}
	return s.UploadByID(r.Context(), r.Actor, n)
}

func (s *Service) reviewPage(r *web.Request) (web.Response, error) {
	u, err := s.readUpload(r)
	if err != nil {
		return nil, err
	}
	if u.State == UploadImported {
		return web.Redirect{To: "/visits/" + string(u.Visit)}, nil
	}
	c := ExtractCircular(u.Article)
	cmd := confirmCmd{Rev: u.Rev, Findings: Edits(c)}
	if c.Unit != nil {
		if unit, ok := s.Units.ByName(*c.Unit); ok {
			cmd.Unit = unit.Name
			cmd.By = s.Units.Name(unit.Parent)
		}
	}
	return s.review(r, u, c, cmd, nil)
}

// review shows the extracted findings beside the text, unclear pieces marked.
func (s *Service) review(r *web.Request, u Upload, c Circular, cmd confirmCmd, failed error) (web.Response, error) {
	bad := r.Problems(failed)
	rounds, err := s.visibleRounds(r)
	if err != nil {
		return nil, err
	}
	ropts := []ui.Option{{Label: r.T("circular.new_round")}}
	for _, x := range rounds {
		if x.State != RoundClosed {
			ropts = append(ropts, ui.Option{Value: string(x.ID), Label: x.Name})
		}
	}
	hint := r.T("circular.unit.hint", value(c.Unit))
	sets := []ui.Fieldset{{Legend: c.Title, Fields: []ui.Field{{Name: "unit", Label: r.T("word.unit"), Hint: hint, Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: cmd.Unit, Error: bad["unit"]},
		{Name: "round", Label: r.T("kind.round"), Kind: ui.FieldSelect, Options: ropts, Value: string(cmd.Round), Optional: true}, {Name: "by", Label: r.T("round.unit"), Hint: r.T("circular.by.hint"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: cmd.By, Optional: true, Error: bad["by"]},
		{Kind: ui.FieldStatic, Label: r.T("circular.kind"), Value: value(c.Kind)}, {Kind: ui.FieldStatic, Label: r.T("kind.team"), Value: value(c.Team)}, {Kind: ui.FieldStatic, Label: r.T("visit.entry"), Value: value(c.Start)},
		{Kind: ui.FieldStatic, Label: r.T("visit.exit"), Value: value(c.End)}, {Kind: ui.FieldStatic, Label: r.T("visit.feedback"), Value: value(c.Feedback)}}}}
	for i, e := range cmd.Findings {
		at := func(name string) string { return fmt.Sprintf("f%d-%s", i, name) }
		keep := ""
		if e.Keep {
			keep = "1"
		}
		sets = append(sets, ui.Fieldset{Legend: strings.TrimSpace(e.No + " " + clipRunes(e.Title, 30)), Fields: []ui.Field{{Name: at("keep"), Label: r.T("circular.keep"), Kind: ui.FieldCheck, Value: keep, Optional: true},
			{Name: at("category"), Label: r.T("finding.category"), Kind: ui.FieldSelect, Options: options(r, "finding.category.", Categories(), true), Value: e.Category, Optional: true, Error: bad[at("category")]},
			{Name: at("severity"), Label: r.T("finding.severity"), Kind: ui.FieldSelect, Options: options(r, "finding.severity.", Severities(), false), Value: e.Severity, Error: bad[at("severity")]},
			{Name: at("title"), Label: r.T("finding.title"), Value: e.Title, Wide: true, Error: bad[at("title")]}, {Name: at("aspect"), Label: r.T("finding.aspect"), Value: e.Aspect, Optional: true, Error: bad[at("aspect")]},
			{Name: at("status"), Label: r.T("circular.status"), Value: e.Status, Optional: true}, {Name: at("due"), Label: r.T("circular.due"), Value: e.DueWord, Optional: true},
			{Name: at("lead"), Label: r.T("circular.lead"), Value: e.Lead, Optional: true}, {Name: at("department"), Label: r.T("circular.department"), Value: e.Department, Optional: true},
			{Name: at("measures"), Label: r.T("circular.measures"), Kind: ui.FieldArea, Value: e.Measures, Optional: true, Wide: true, Error: bad[at("measures")]}, {Name: at("no"), Kind: ui.FieldHidden, Value: e.No}}})
	}
	p := reviewPage{Title: r.T("circular.review"), Form: ui.Form{Action: "/circulars/" + string(u.ID), Rev: rev(u.Rev), Sets: sets, Hidden: []ui.Pair{{Name: "count", Value: strconv.Itoa(len(cmd.Findings))}},
		Buttons: []ui.Button{{Label: r.T("circular.do.import"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("act.cancel"), Href: "/circulars/import"}}}
	if f, ok := fault.Of(failed); ok && len(f.Fields) == 0 {
		p.Form.Problems = []string{r.Explain(f)}
	}
	var unclear []int
	for _, w := range c.Warnings {
		line := reviewWarning{Kind: r.T("circular.warn." + w.Kind), Text: w.Text}
		if w.Expected != nil && w.Found != nil {
			line.Text += r.T("circular.differs", *w.Expected, *w.Found)
		}
		if w.Paragraph > 0 {
			line.Where = r.T("circular.paragraph", w.Paragraph)
			unclear = append(unclear, w.Paragraph)
		}
		p.Warnings = append(p.Warnings, line)
	}
	for i, text := range u.Article.Body {
		p.Paragraphs = append(p.Paragraphs, reviewParagraph{text, slices.Contains(unclear, i+1)})
	}
	return web.Page{Name: "inspection/review", Crumbs: crumbs(r, r.T("circular.title"), "/circulars/import", u.Name, ""), Data: p, API: c, Err: failed, Mark: true}, nil
}

func (s *Service) confirmImport(r *web.Request) (web.Response, error) {
	u, err := s.readUpload(r)
	if err != nil {
		return nil, err
	}
	c := ExtractCircular(u.Article)
	var cmd confirmCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	if cmd.Findings == nil {
		cmd.Findings = formEdits(r, len(Edits(c)))
	}
	by := id.ID("")
	if strings.TrimSpace(cmd.By) != "" && cmd.Round == "" {
		unit, ok := s.Units.Resolve(cmd.By)
		if !ok {
			return s.review(r, u, c, cmd, sole("by", "unit.unknown", cmd.By))
		}
		by = unit.ID
	}
	if strings.TrimSpace(cmd.Unit) == "" {
		return s.review(r, u, c, cmd, sole("unit", "error.required"))
	}
	out, err := s.ImportCircular(r.Context(), r.Actor, u.Article, ImportOptions{Unit: cmd.Unit, Round: cmd.Round, By: by, Name: u.Name, Hash: u.Hash, Edits: cmd.Findings, Upload: u.ID, Rev: cmd.Rev})
	if inPlace(err) {
		return s.review(r, u, c, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/visits/" + string(out.Visit.ID), Done: "done.circular.import", API: out}, nil
}

// formEdits reads the confirmed findings of the form, at most as many as the
// circular has.
func formEdits(r *web.Request, n int) []Edit {
	out := make([]Edit, n)
	for i := range out {
		get := func(name string) string {
			return strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get(fmt.Sprintf("f%d-%s", i, name)), "\r\n", "\n"))
		}
		out[i] = Edit{Keep: get("keep") == "1", Category: get("category"), Aspect: get("aspect"), Title: get("title"), Severity: get("severity"), Status: get("status"), DueWord: get("due"),
			Lead: get("lead"), Department: get("department"), Measures: get("measures"), No: get("no")}
	}
	return out
}
