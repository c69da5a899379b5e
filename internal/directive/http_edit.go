package directive

import (
	"context"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) simple(r *web.Request, do string, fn func(context.Context, actor.Actor, id.ID, int64) error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f revForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	if err := fn(r.Context(), r.Actor, n, f.Rev); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/directives/" + string(n), Done: "done.directive." + do}, nil
}

type editPage struct {
	Requirement Requirement
	Form        ui.Form
	Split       ui.Form
	Merge       *ui.Form
	Drop        *ui.Form
	Restore     *ui.Form
	Clash       *ui.Conflict
	Back        string
}

// editable reads a requirement with its directive for the editing page.
func (s *Service) editable(r *web.Request) (d Directive, q Requirement, others []Requirement, err error) {
	n, err := r.ID("id")
	if err != nil {
		return d, q, nil, err
	}
	err = s.Log.DB().Read(r.Context(), func(dq db.Q) (err error) {
		if q, err = requirementByID(r.Context(), dq, n); err != nil {
			return err
		}
		if d, err = s.load(r.Context(), dq, r.Actor, q.Directive, "edit"); err != nil {
			return err
		}
		others, err = requirementsOf(r.Context(), dq, q.Directive)
		return err
	})
	return d, q, others, err
}

func (s *Service) getEdit(r *web.Request) (web.Response, error) {
	d, q, others, err := s.editable(r)
	if err != nil {
		return nil, err
	}
	return s.editPage(r, d, q, others, RequirementCmd{Theme: q.Theme, Text: q.Text, Rev: q.Rev}, nil)
}

func (s *Service) editPage(r *web.Request, d Directive, q Requirement, others []Requirement, c RequirementCmd, failed error) (web.Response, error) {
	p := r.Problems(failed)
	base := "/requirements/" + string(q.ID)
	rev := web.Rev(q.Rev)
	pg := editPage{Requirement: q, Back: "/directives/" + string(d.ID),
		Form: ui.Form{Action: base + "/edit", Rev: rev, Sets: []ui.Fieldset{{Fields: []ui.Field{
			{Name: "theme", Label: r.T("requirement.theme"), Value: c.Theme, Error: p["theme"], Wide: true},
			{Name: "text", Label: r.T("requirement.text"), Kind: ui.FieldArea, Rows: 4, Value: c.Text, Error: p["text"], Wide: true}}}},
			Buttons: []ui.Button{{Label: r.T("word.save"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("word.cancel"), Href: "/directives/" + string(d.ID)}},
		Split: ui.Form{ID: "split", Action: base + "/split", Rev: rev, Sets: []ui.Fieldset{{Legend: r.T("requirement.split"), Hint: r.T("requirement.split.hint"), Fields: []ui.Field{
			{Name: "parts", Label: r.T("requirement.parts"), Kind: ui.FieldArea, Rows: 4, Value: strings.Join(splitTop(q.Quote, "，,；;"), "\n"), Error: p["parts"], Wide: true}}}},
			Buttons: []ui.Button{{Label: r.T("requirement.do.split")}}}}
	if q.State == ReqDropped {
		pg.Restore = &ui.Form{ID: "restore", Action: base + "/restore", Rev: rev, Buttons: []ui.Button{{Label: r.T("requirement.do.restore")}}}
	} else {
		pg.Drop = &ui.Form{ID: "drop", Action: base + "/drop", Rev: rev, Sets: []ui.Fieldset{{Legend: r.T("requirement.drop"), Fields: []ui.Field{
			{Name: "reason", Label: r.T("word.reason"), Error: p["reason"], Wide: true}}}}, Buttons: []ui.Button{{Label: r.T("requirement.do.drop"), Kind: "danger"}}}
	}
	var opts []ui.Option
	for _, o := range others {
		if o.ID != q.ID && o.State == ReqOpen {
			opts = append(opts, ui.Option{Value: string(o.ID), Label: clip(o.Text, 40)})
		}
	}
	if len(opts) > 0 && q.State == ReqOpen {
		pg.Merge = &ui.Form{ID: "merge", Action: base + "/merge", Rev: rev, Sets: []ui.Fieldset{{Legend: r.T("requirement.merge"), Fields: []ui.Field{
			{Name: "into", Label: r.T("requirement.into"), Kind: ui.FieldSelect, Options: opts, Wide: true}}}}, Buttons: []ui.Button{{Label: r.T("requirement.do.merge")}}}
	}
	if fault.Is(failed, fault.KindConflict) {
		was := q
		if _, err := s.Log.Before(r.Context(), "directive_requirement", q.ID, c.Rev, &was); err != nil {
			return nil, err
		}
		pg.Clash = &ui.Conflict{Lines: []ui.DiffLine{ui.Diff(r.T("requirement.theme"), was.Theme, c.Theme, q.Theme), ui.Diff(r.T("requirement.text"), was.Text, c.Text, q.Text)}}
	}
	return web.Page{Name: "directive/requirement", Err: failed, Data: pg, Crumbs: []ui.Crumb{{Label: r.T("menu.directives"), Href: "/directives"}, {Label: d.Title, Href: pg.Back}, {Label: r.T("requirement.edit")}}}, nil
}

func (s *Service) postEdit(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c RequirementCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	return s.edited(r, "edit", c, s.EditRequirement(r.Context(), r.Actor, n, c))
}

// edited answers a change of a requirement: back to the report, or the form
// again with what was wrong and what was typed.
func (s *Service) edited(r *web.Request, do string, c RequirementCmd, err error) (web.Response, error) {
	if err != nil && !fault.Is(err, fault.KindInvalid) && !fault.Is(err, fault.KindConflict) {
		return nil, err
	}
	d, q, others, e := s.editable(r)
	if e != nil {
		return nil, e
	}
	if err == nil {
		return web.Redirect{To: "/directives/" + string(d.ID), Done: "done.requirement." + do, API: q}, nil
	}
	if c.Theme == "" && c.Text == "" {
		c.Theme, c.Text = q.Theme, q.Text
	}
	return s.editPage(r, d, q, others, c, err)
}

func (s *Service) change(r *web.Request, do string, fn func(n id.ID, f changeForm) error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f changeForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	return s.edited(r, do, RequirementCmd{}, fn(n, f))
}

func (s *Service) postDrop(r *web.Request) (web.Response, error) {
	return s.change(r, "drop", func(n id.ID, f changeForm) error { return s.Drop(r.Context(), r.Actor, n, f.Reason, f.Rev) })
}

func (s *Service) postRestore(r *web.Request) (web.Response, error) {
	return s.change(r, "restore", func(n id.ID, f changeForm) error { return s.Restore(r.Context(), r.Actor, n, f.Rev) })
}

func (s *Service) postSplit(r *web.Request) (web.Response, error) {
	return s.change(r, "split", func(n id.ID, f changeForm) error {
		return s.Split(r.Context(), r.Actor, n, strings.Split(f.Parts, "\n"), f.Rev)
	})
}

func (s *Service) postMerge(r *web.Request) (web.Response, error) {
	return s.change(r, "merge", func(n id.ID, f changeForm) error { return s.Merge(r.Context(), r.Actor, n, f.Into, f.Rev) })
}
