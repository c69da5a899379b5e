package notice

import (
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type formPage struct {
	Title string
	Hint  string
	Form  ui.Form
	Clash *ui.Conflict
}

// typed is a circular as its form has it.
func typed(n Notice, test []Question) Cmd {
	c := Cmd{Kind: n.Kind, Number: n.Number, Title: n.Title, Source: n.Source, Editor: n.Editor, Body: strings.Join(n.Body, "\n"), PublicTitle: n.PublicTitle, PublicBody: strings.Join(n.PublicBody, "\n"),
		Ground: n.Ground, GroundReason: n.GroundReason, Words: strings.Join(n.Words, "、"), Lesson: n.Lesson, Posts: strings.Join(n.Posts, "、"), Aim: n.Aim, MustRead: n.MustRead, PassMark: n.PassMark, RecheckOn: n.RecheckOn, Rev: n.Rev}
	for _, q := range test {
		c.Questions = append(c.Questions, q.ID)
	}
	return c
}

func (s *Service) form(r *web.Request, action, back string, c Cmd, failed error) (ui.Form, error) {
	bank, err := s.Bank(r.Context(), r.Actor, "")
	if err != nil {
		return ui.Form{}, err
	}
	bad := r.Problems(failed)
	var kinds []ui.Option
	grounds := []ui.Option{{Label: r.T("notice.ground.none")}}
	for _, k := range Kinds {
		kinds = append(kinds, ui.Option{Value: k, Label: r.T("notice.kind." + k), Hint: r.T("notice.kind." + k + ".hint")})
	}
	for _, g := range Grounds {
		grounds = append(grounds, ui.Option{Value: g, Label: r.T("notice.ground." + g)})
	}
	f := ui.Form{ID: "notice", Action: action, Draft: true, Buttons: []ui.Button{{Label: r.T("word.save"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("word.cancel"), Href: back}}
	if c.Rev > 0 {
		f.Rev = web.Rev(c.Rev)
	}
	yes := ""
	if c.MustRead {
		yes = "1"
	}
	mark := ""
	if c.PassMark > 0 {
		mark = strconv.Itoa(c.PassMark)
	}
	f.Sets = []ui.Fieldset{
		{Legend: r.T("notice.set.internal"), Fields: []ui.Field{
			{Name: "kind", Label: r.T("notice.kind"), Kind: ui.FieldSelect, Options: kinds, Value: c.Kind, Error: bad["kind"]},
			{Name: "number", Label: r.T("notice.number"), Value: c.Number, Optional: true, Error: bad["number"]},
			{Name: "title", Label: r.T("word.title"), Value: c.Title, Wide: true, Error: bad["title"]},
			{Name: "source", Label: r.T("notice.source"), Value: c.Source, Optional: true, Error: bad["source"]},
			{Name: "editor", Label: r.T("notice.editor"), Value: c.Editor, Optional: true, Hint: r.T("notice.editor.hint"), Error: bad["editor"]},
			{Name: "body", Label: r.T("notice.body"), Kind: ui.FieldArea, Rows: 12, Value: c.Body, Wide: true, Optional: true, Hint: r.T("notice.body.hint"), Error: bad["body"]},
			{Name: "words", Label: r.T("notice.words"), Value: c.Words, Optional: true, Hint: r.T("notice.words.hint"), Wide: true, Error: bad["words"]}}},
		{Legend: r.T("notice.set.public"), Hint: r.T("notice.set.public.hint"), Fields: []ui.Field{
			{Name: "public_title", Label: r.T("notice.public_title"), Value: c.PublicTitle, Optional: true, Wide: true, Error: bad["public_title"]},
			{Name: "public_body", Label: r.T("notice.public_body"), Kind: ui.FieldArea, Rows: 8, Value: c.PublicBody, Optional: true, Wide: true, Error: bad["public_body"]},
			{Name: "ground", Label: r.T("notice.ground"), Kind: ui.FieldSelect, Options: grounds, Value: c.Ground, Optional: true, Error: bad["ground"]},
			{Name: "ground_reason", Label: r.T("notice.ground_reason"), Value: c.GroundReason, Optional: true, Wide: true, Error: bad["ground_reason"]}}},
		{Legend: r.T("notice.set.reading"), Fields: []ui.Field{
			{Name: "lesson", Label: r.T("notice.lesson"), Kind: ui.FieldArea, Rows: 2, Value: c.Lesson, Optional: true, Hint: r.T("notice.lesson.hint"), Wide: true, Error: bad["lesson"]},
			{Name: "posts", Label: r.T("notice.posts"), Value: c.Posts, Optional: true, Hint: r.T("notice.posts.hint"), Wide: true, Error: bad["posts"]},
			{Name: "aim", Label: r.T("campaign.aim"), Hint: r.T("notice.aim.hint"), Kind: ui.FieldSelect, Optional: true, Options: s.aims(r), Value: c.Aim, Error: bad["aim"]},
			{Name: "recheck_on", Label: r.T("notice.recheck_on"), Kind: ui.FieldDate, Value: string(c.RecheckOn), Optional: true, Error: bad["recheck_on"]},
			{Name: "must_read", Label: r.T("notice.must_read"), Kind: ui.FieldCheck, Value: yes, Optional: true}}}}
	test := ui.Fieldset{Legend: r.T("notice.set.test"), Hint: r.T("notice.set.test.hint"), Fields: []ui.Field{
		{Name: "pass_mark", Label: r.T("notice.pass_mark"), Kind: ui.FieldNumber, Value: mark, Optional: true, Error: bad["pass_mark"]}}}
	if len(bank) > 0 {
		fl := ui.Field{Name: "questions", Label: r.T("notice.questions"), Kind: ui.FieldChecks, Optional: true, Wide: true, Error: bad["questions"]}
		for _, q := range bank {
			fl.Options = append(fl.Options, ui.Option{Value: string(q.ID), Label: q.Text, Hint: q.Theme})
		}
		for _, q := range c.Questions {
			fl.Values = append(fl.Values, string(q))
		}
		test.Fields = append(test.Fields, fl)
	}
	f.Sets = append(f.Sets, test)
	return f, nil
}

func (s *Service) getNew(r *web.Request) (web.Response, error) {
	return s.newPage(r, Cmd{Kind: KindStatistic, Editor: r.Actor.Name, MustRead: true}, nil)
}

func (s *Service) newPage(r *web.Request, c Cmd, failed error) (web.Response, error) {
	f, err := s.form(r, "/notices/new", "/notices?view=made", c, failed)
	if err != nil {
		return nil, err
	}
	return web.Page{Name: "notice/form", Err: failed, Data: formPage{Title: r.T("notice.do.create"), Hint: r.T("notice.create.hint"), Form: f},
		Crumbs: []ui.Crumb{{Label: r.T("menu.notices"), Href: "/notices"}, {Label: r.T("notice.do.create")}}}, nil
}

func (s *Service) postNew(r *web.Request) (web.Response, error) {
	var c Cmd
	if err := r.Decode(&c); err != nil {
		return s.refusedForm(r, c, err)
	}
	n, err := s.Create(r.Context(), r.Actor, c)
	if err != nil {
		return s.refusedForm(r, c, err)
	}
	return web.Redirect{To: "/notices/" + string(n.ID), Done: "done.notice.create", API: n}, nil
}

func (s *Service) refusedForm(r *web.Request, c Cmd, err error) (web.Response, error) {
	if fault.Is(err, fault.KindInvalid) {
		return s.newPage(r, c, err)
	}
	return nil, err
}

// editable reads a circular that may be edited now.
func (s *Service) editable(r *web.Request) (View, error) {
	x, err := r.ID("id")
	if err != nil {
		return View{}, err
	}
	v, err := s.Get(r.Context(), r.Actor, x)
	if err != nil {
		return v, err
	}
	if _, err := Flow.Next(v.Notice.State, "edit"); err != nil {
		return v, err
	}
	return v, s.Policy.Can(r.Actor, "notice.edit", v.object)
}

func (s *Service) getEdit(r *web.Request) (web.Response, error) {
	v, err := s.editable(r)
	if err != nil {
		return nil, err
	}
	return s.editPage(r, v, typed(v.Notice, v.Test), nil)
}

func (s *Service) editPage(r *web.Request, v View, c Cmd, failed error) (web.Response, error) {
	base := "/notices/" + string(v.Notice.ID)
	c.Rev = v.Notice.Rev
	f, err := s.form(r, base+"/edit", base, c, failed)
	if err != nil {
		return nil, err
	}
	p := formPage{Title: r.T("notice.edit"), Form: f}
	if fault.Is(failed, fault.KindConflict) {
		p.Clash = &ui.Conflict{}
		now := typed(v.Notice, v.Test)
		for _, l := range []struct{ key, yours, theirs string }{{"word.title", c.Title, now.Title}, {"notice.body", c.Body, now.Body}, {"notice.public_title", c.PublicTitle, now.PublicTitle},
			{"notice.public_body", c.PublicBody, now.PublicBody}, {"notice.lesson", c.Lesson, now.Lesson}, {"campaign.aim", s.aimWord(r, c.Aim), s.aimWord(r, now.Aim)}} {
			p.Clash.Lines = append(p.Clash.Lines, ui.DiffLine{Label: r.T(l.key), Yours: l.yours, Theirs: l.theirs, ChangedYours: l.yours != l.theirs})
		}
	}
	return web.Page{Name: "notice/form", Err: failed, Data: p, Crumbs: []ui.Crumb{{Label: r.T("menu.notices"), Href: "/notices"}, {Label: v.Notice.Title, Href: base}, {Label: r.T("notice.edit")}}}, nil
}

func (s *Service) postEdit(r *web.Request) (web.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c Cmd
	if err = r.Decode(&c); err == nil {
		if err = s.Edit(r.Context(), r.Actor, x, c); err == nil {
			return web.Redirect{To: "/notices/" + string(x), Done: "done.notice.edit"}, nil
		}
	}
	if !fault.Is(err, fault.KindInvalid) && !fault.Is(err, fault.KindConflict) {
		return nil, err
	}
	v, e := s.editable(r)
	if e != nil {
		return nil, e
	}
	return s.editPage(r, v, c, err)
}

// act decodes a step with words and runs it.
func (s *Service) act(r *web.Request, do string, fn func(x id.ID, f actForm) error) (web.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f actForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	return s.took(r, x, do, fn(x, f))
}

func (s *Service) postSubmit(r *web.Request) (web.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f actForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	err = s.Submit(r.Context(), r.Actor, x, f.Rev)
	if fault.Is(err, fault.KindInvalid) { // what is missing is a field of the form: show it there
		v, e := s.editable(r)
		if e != nil {
			return nil, e
		}
		return s.editPage(r, v, typed(v.Notice, v.Test), err)
	}
	return s.took(r, x, "submit", err)
}

func (s *Service) postApprove(r *web.Request) (web.Response, error) {
	return s.act(r, "approve", func(x id.ID, f actForm) error { return s.Approve(r.Context(), r.Actor, x, f.Rev) })
}

func (s *Service) postReturn(r *web.Request) (web.Response, error) {
	return s.act(r, "return", func(x id.ID, f actForm) error { return s.Return(r.Context(), r.Actor, x, f.Reason, f.Rev) })
}

func (s *Service) postRecall(r *web.Request) (web.Response, error) {
	return s.act(r, "recall", func(x id.ID, f actForm) error { return s.Recall(r.Context(), r.Actor, x, f.Reason, f.Rev) })
}

func (s *Service) postRecheck(r *web.Request) (web.Response, error) {
	return s.act(r, "recheck", func(x id.ID, f actForm) error { return s.Recheck(r.Context(), r.Actor, x, f.Text, f.Rev) })
}

func (s *Service) postClose(r *web.Request) (web.Response, error) {
	return s.act(r, "close", func(x id.ID, f actForm) error { return s.Close(r.Context(), r.Actor, x, f.Text, f.Rev) })
}

func (s *Service) postPublish(r *web.Request) (web.Response, error) {
	return s.act(r, "publish", func(x id.ID, f actForm) error { return s.Publish(r.Context(), r.Actor, x, f.Rev) })
}

func (s *Service) postWithdraw(r *web.Request) (web.Response, error) {
	return s.act(r, "withdraw", func(x id.ID, f actForm) error { return s.Withdraw(r.Context(), r.Actor, x, f.Reason, f.Rev) })
}

func (s *Service) postIssue(r *web.Request) (web.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c IssueCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	_, err = s.Issue(r.Context(), r.Actor, x, c)
	return s.took(r, x, "issue", err)
}
