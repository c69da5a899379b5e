package inspection

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

func (s *Service) criterionRoutes() []web.Route {
	file := web.Route{Method: http.MethodPost, Path: "/findings/{id}/files", Action: "finding.edit", MaxBody: maxUpload, NoAPI: true, Do: s.postFiles}
	return []web.Route{
		{Method: http.MethodGet, Path: "/criteria", Action: "criterion.read", Do: s.criteriaPage},
		{Method: http.MethodGet, Path: "/criteria/new", Action: "criterion.keep", Do: s.newCriterionPage},
		{Method: http.MethodPost, Path: "/criteria", Action: "criterion.keep", In: CriterionCmd{}, Do: s.postCriterion},
		{Method: http.MethodGet, Path: "/criteria/{id}", Action: "criterion.read", Do: func(r *web.Request) (web.Response, error) { return s.criterionPage(r, nil) }},
		{Method: http.MethodPost, Path: "/criteria/{id}/end", Action: "criterion.keep", In: EndCriterionCmd{}, Do: s.postEndCriterion},
		file,
		{Method: http.MethodGet, Path: "/findings/{id}/files/{file}", Action: "finding.read", NoAPI: true, Do: s.getFile("finding.open_file", s.findingFile)},
		{Method: http.MethodGet, Path: "/self-checks/{id}/files/{file}", Action: "selfcheck.read", NoAPI: true, Do: s.getFile("selfcheck.open_file", s.checkFile)},
	}
}

func (s *Service) criteriaPage(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	var after [3]string
	copy(after[:], q.After)
	words := strings.TrimSpace(q.Filter.Get("q"))
	var cs []Criterion
	if err := s.log.DB().Read(r.Context(), func(dq db.Q) error {
		cs, err = latestCriteria(r.Context(), dq, words, after, q.Size+1)
		return err
	}); err != nil {
		return nil, err
	}
	next := ""
	if len(cs) > q.Size {
		cs = cs[:q.Size]
		last := cs[len(cs)-1]
		next = page.Cursor(last.Document, last.Article, string(last.ID))
	}
	t := ui.Table{Caption: r.T("criterion.menu"), Base: "/criteria", Params: r.URL.Query(), NoDrawer: true, Columns: []ui.Column{{Label: r.T("criterion.document")}, {Label: r.T("criterion.article"), Nowrap: true}, {Label: r.T("criterion.text")},
		{Label: r.T("criterion.version"), Num: true}, {Label: r.T("criterion.from"), Nowrap: true}, {Label: r.T("word.status")}},
		Filters: []ui.Field{{Name: "q", Label: r.T("ui.search"), Value: words}}, Empty: ui.EmptyState{Title: r.T("criterion.none"), Text: r.T("criterion.none.text")},
		Pager: web.PagerOf(r, "/criteria", page.Next{After: next, Count: len(cs)}, q)}
	for _, c := range cs {
		t.Rows = append(t.Rows, ui.Row{Href: "/criteria/" + string(c.ID), Cells: []ui.Cell{{Text: "《" + c.Document + "》"}, {Text: c.Article}, {Text: c.Text, Clamp: true}, {Text: strconv.Itoa(c.Version)}, {Text: string(c.From)}, {Chips: []ui.Chip{forceChip(r, c)}}}})
	}
	lp := listPage{Title: r.T("criterion.menu")}
	if r.Can("criterion.keep") {
		lp.Actions = []ui.Button{{Label: r.T("criterion.new"), Href: "/criteria/new", Kind: "primary"}}
	}
	return web.Page{Name: "inspection/list", Crumbs: crumbs(r, r.T("criterion.menu"), ""), Data: lp.with(t), Query: words, API: map[string]any{"criteria": cs, "next": next}, Mark: true}, nil
}

func forceChip(r *web.Request, c Criterion) ui.Chip {
	switch today := r.Today(); {
	case c.InForce(today):
		return ui.Chip{Class: "ok", Word: r.T("criterion.in_force")}
	case c.From > today:
		return ui.Chip{Class: "wait", Word: r.T("criterion.coming")}
	}
	return ui.Chip{Class: "off", Word: r.T("criterion.ended")}
}

func (s *Service) newCriterionPage(r *web.Request) (web.Response, error) {
	c := CriterionCmd{}
	if n, err := id.Parse(r.Param("replaces")); err == nil {
		var old Criterion
		if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { old, err = criterionByID(r.Context(), q, n); return err }); err != nil {
			return nil, err
		}
		c = CriterionCmd{Replaces: old.ID, Document: old.Document, Article: old.Article, Text: old.Text}
	}
	return s.criterionForm(r, c, nil)
}

func (s *Service) criterionForm(r *web.Request, c CriterionCmd, failed error) (web.Response, error) {
	bad := r.Problems(failed)
	title, note := r.T("criterion.new"), ""
	if c.Replaces != "" {
		title, note = r.T("criterion.new_version"), r.T("criterion.new_version.note")
	}
	f := ui.Form{Action: "/criteria", Note: note, Hidden: []ui.Pair{{Name: "replaces", Value: string(c.Replaces)}}, Cancel: ui.Link{Label: r.T("act.cancel"), Href: "/criteria"}, Buttons: []ui.Button{{Label: r.T("act.save"), Kind: "primary"}},
		Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "document", Label: r.T("criterion.document"), Value: c.Document, MaxLen: maxTitle, Error: bad["document"]}, {Name: "article", Label: r.T("criterion.article"), Hint: r.T("criterion.article.hint"), Value: c.Article, MaxLen: maxTitle, Error: bad["article"]},
			{Name: "from", Label: r.T("criterion.from"), Kind: ui.FieldDate, Value: string(c.From), Error: bad["from"]},
			{Name: "text", Label: r.T("criterion.text"), Kind: ui.FieldArea, Rows: 6, Value: c.Text, MaxLen: maxText, Wide: true, Error: bad["text"]}}}}}
	return web.Page{Name: "inspection/form", Crumbs: crumbs(r, r.T("criterion.menu"), "/criteria", title, ""), Data: formPage{title, f}, API: c, Err: failed}, nil
}

func (s *Service) postCriterion(r *web.Request) (web.Response, error) {
	var c CriterionCmd
	var out Criterion
	err := r.Decode(&c)
	if err == nil {
		out, err = s.KeepCriterion(r.Context(), r.Actor, c)
	}
	if inPlace(err) {
		return s.criterionForm(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/criteria/" + string(out.ID), Done: "done.criterion.keep", API: out}, nil
}

func (s *Service) criterionPage(r *web.Request, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c Criterion
	var all []Criterion
	used := map[id.ID]int{}
	if err := s.log.DB().Read(r.Context(), func(q db.Q) error {
		if c, err = criterionByID(r.Context(), q, n); err != nil {
			return err
		}
		if all, err = versionsOf(r.Context(), q, c.Series); err != nil {
			return err
		}
		for _, v := range all {
			args := []any{string(v.ID)}
			cond := "f.criterion_id = $1 AND " + s.policy.Filter(r.Actor, "finding.read", findingAccess, &args)
			if used[v.ID], err = countFindings(r.Context(), q, cond, page.CountCap, args); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	p := recordPage{Title: c.Name(), Lead: []ui.Chip{forceChip(r, c)}}
	p.Blocks = append(p.Blocks, block{Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("criterion.text"), Text: c.Text, Wide: true, Verbatim: true}, {Label: r.T("criterion.version"), Text: strconv.Itoa(c.Version)},
		{Label: r.T("criterion.from"), Text: string(c.From)}, {Label: r.T("criterion.to"), Text: string(c.To)}, {Label: r.T("criterion.by"), Text: s.Units.Name(c.By)}}}})
	t := ui.Table{ID: "versions", Caption: r.T("criterion.versions"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("criterion.version"), Nowrap: true}, {Label: r.T("criterion.from"), Nowrap: true}, {Label: r.T("criterion.to"), Nowrap: true}, {Label: r.T("criterion.text")}, {Label: r.T("criterion.used"), Num: true}}}
	for _, v := range all {
		t.Rows = append(t.Rows, ui.Row{Href: "/criteria/" + string(v.ID), Cells: []ui.Cell{{Text: strconv.Itoa(v.Version)}, {Text: string(v.From)}, {Text: string(v.To)}, {Text: v.Text, Clamp: true}, {Text: strconv.Itoa(used[v.ID])}}})
	}
	p.Blocks = append(p.Blocks, block{Title: r.T("criterion.versions"), Hint: r.T("criterion.versions.hint"), Table: &t})
	if s.policy.Can(r.Actor, "criterion.keep", s.criterionObject(c)) == nil && all[0].ID == c.ID {
		p.Actions = append(p.Actions, ui.Button{Label: r.T("criterion.new_version"), Href: "/criteria/new?replaces=" + string(c.ID)})
		if c.To == "" {
			bad := r.Problems(failed)
			p.Blocks = append(p.Blocks, block{Title: r.T("criterion.end"), Hint: r.T("criterion.end.hint"), Forms: []ui.Form{{Action: "/criteria/" + string(c.ID) + "/end", Rev: rev(c.Rev), Buttons: []ui.Button{{Label: r.T("criterion.do.end")}},
				Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "to", Label: r.T("criterion.to"), Kind: ui.FieldDate, Value: r.PostFormValue("to"), Error: bad["to"]}}}}}}})
		}
	}
	return web.Page{Name: "inspection/record", Crumbs: crumbs(r, r.T("criterion.menu"), "/criteria", c.Article, ""), Data: p, API: map[string]any{"criterion": c, "versions": all, "used": used}, Err: failed}, nil
}

func (s *Service) postEndCriterion(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c EndCriterionCmd
	if err = r.Decode(&c); err == nil {
		err = s.EndCriterion(r.Context(), r.Actor, n, c)
	}
	if inPlace(err) {
		return s.criterionPage(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/criteria/" + string(n), Done: "done.criterion.end"}, nil
}

// criterionOptions are the articles that a finding can stand on: those in force,
// then earlier wordings, marked with their dates.
func (s *Service) criterionOptions(r *web.Request, chosen id.ID) ([]ui.Option, error) {
	var cs []Criterion
	today := clock.Today(s.Clock)
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { cs, err = criteriaOn(r.Context(), q, today); return err }); err != nil {
		return nil, err
	}
	out := []ui.Option{{Label: r.T("criterion.choose")}}
	there := chosen == ""
	for _, c := range cs {
		label, group := c.Name(), r.T("criterion.in_force")
		if !c.InForce(today) {
			label, group = r.T("criterion.until", c.Name(), string(c.From), string(c.To)), r.T("criterion.ended")
		}
		there = there || c.ID == chosen
		out = append(out, ui.Option{Value: string(c.ID), Label: label, Group: group})
	}
	if !there {
		out = append(out, ui.Option{Value: string(chosen), Label: r.T("criterion.kept")})
	}
	return out, nil
}

// uploads takes what was handed in under "files" into the vault.
func (s *Service) uploads(r *web.Request) (out []vault.Stored, err error) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return nil, nil
	}
	ups, err := r.Files("files", maxFiles)
	if err != nil {
		return nil, err
	}
	for _, u := range ups {
		if err == nil {
			var f vault.Stored
			f, err = s.Vault.Put(r.Context(), u.Name, u, u.Size)
			out = append(out, f)
		}
		err = errors.Join(err, u.Close())
	}
	return out, err
}

func (s *Service) postFiles(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	// Nothing is taken into the vault for a finding that the actor may not change.
	if err := s.log.DB().Read(r.Context(), func(q db.Q) error { _, err := s.load(r.Context(), q, r.Actor, n, "finding.edit"); return err }); err != nil {
		return nil, err
	}
	files, err := s.uploads(r)
	if err == nil {
		err = s.AddFiles(r.Context(), r.Actor, n, files)
	}
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindLimit) {
		return s.findingRecord(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/findings/" + string(n), Done: "done.finding.file"}, nil
}

// fileOf reads a file of a record that the reader may see.
type fileOf func(r *web.Request, q db.Q, owner, file id.ID) (File, error)

func (s *Service) findingFile(r *web.Request, q db.Q, owner, file id.ID) (File, error) {
	x, err := s.readable(r.Context(), q, r.Actor, owner)
	if err != nil {
		return File{}, err
	}
	return findingFiles.one(r.Context(), q, x.ID, file)
}

func (s *Service) checkFile(r *web.Request, q db.Q, owner, file id.ID) (File, error) {
	x, _, err := s.loadCheck(r.Context(), q, r.Actor, owner, "selfcheck.read")
	if err != nil {
		return File{}, err
	}
	return checkFiles.one(r.Context(), q, x.ID, file)
}

// getFile gives a file of a record; each opening is an entry of the log.
func (s *Service) getFile(action string, read fileOf) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		file, err := r.ID("file")
		if err != nil {
			return nil, err
		}
		var f File
		if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { f, err = read(r, q, n, file); return err }); err != nil {
			return nil, err
		}
		if err := s.log.Note(r.Context(), r.Actor, action, map[string]any{"of": n, "file": file, "hash": f.Hash}); err != nil {
			return nil, err
		}
		body, err := s.Vault.Open(f.Hash)
		if err != nil {
			return nil, err
		}
		return web.File{Name: f.Name, Type: f.Mime, Body: body, Size: f.Size, Inline: strings.HasPrefix(f.Mime, "image/") || f.Mime == "application/pdf"}, nil
	}
}

func fileFacts(r *web.Request, base string, files []File) (out []ui.Fact) {
	for _, x := range files {
		out = append(out, ui.Fact{Label: x.Name, Text: r.T("finding.file.open"), Href: base + "/files/" + string(x.ID), Sub: r.Moment(x.At) + " · " + x.Hash[:min(12, len(x.Hash))], Wide: true})
	}
	return out
}

// filesBlock shows the files of a finding, with a place to drop more where the
// reader may change it.
func (s *Service) filesBlock(r *web.Request, f Finding, files []File, mayEdit bool, failed error) *block {
	if len(files) == 0 && !mayEdit {
		return nil
	}
	b := block{Title: r.T("finding.files")}
	b.Facts.Items = fileFacts(r, "/findings/"+string(f.ID), files)
	if mayEdit {
		b.Forms = []ui.Form{{ID: "files", Action: "/findings/" + string(f.ID) + "/files", Multipart: true, Buttons: []ui.Button{{Label: r.T("finding.do.file")}},
			Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "files", Label: r.T("finding.files.add"), Kind: ui.FieldFile, Multiple: true, Wide: true, Error: r.Problems(failed)["files"]}}}}}}
	}
	return &b
}

// shownManifestations is the table of the manifestations of a finding.
func shownManifestations(r *web.Request, list []Manifestation) *block {
	if len(list) == 0 {
		return nil
	}
	t := ui.Table{ID: "manifestations", Caption: r.T("finding.manifestations"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("finding.manifestation")}, {Label: r.T("finding.times"), Num: true}}}
	times := 0
	for k, m := range list {
		times += m.Times
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(k + 1)}, {Text: m.Text}, {Text: strconv.Itoa(m.Times)}}})
	}
	t.Total = []ui.Cell{{Text: r.T("word.total")}, {}, {Text: strconv.Itoa(times)}}
	return &block{Title: r.T("finding.manifestations"), Table: &t}
}

// countedFacts tell the sums of a set of findings, each counted for itself.
func countedFacts(r *web.Request, c Counted) ui.Facts {
	return ui.Facts{Items: []ui.Fact{{Label: r.T("finding.counted.aspects"), Text: strconv.Itoa(c.Aspects)}, {Label: r.T("finding.counted.problems"), Text: strconv.Itoa(c.Problems)},
		{Label: r.T("finding.counted.manifestations"), Text: r.T("finding.counted.rows", c.Manifestations, c.Times)}}}
}
