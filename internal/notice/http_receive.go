package notice

import (
	"fmt"
	"strconv"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) postSign(r *web.Request) (web.Response, error) {
	return s.act(r, "sign", func(x id.ID, _ actForm) error { return s.Sign(r.Context(), r.Actor, x) })
}

func (s *Service) postConfirm(r *web.Request) (web.Response, error) {
	return s.act(r, "confirm", func(x id.ID, _ actForm) error { return s.Confirm(r.Context(), r.Actor, x) })
}

func (s *Service) postStudy(r *web.Request) (web.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c StudyCmd
	if err = r.Decode(&c); err == nil {
		err = s.Study(r.Context(), r.Actor, x, c)
	}
	return s.took(r, x, "study", err)
}

// postAnswer reads the picks of a form (qa, qb, …) or of JSON ({"picks":[…]}).
func (s *Service) postAnswer(r *web.Request) (web.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var picks []int
	if r.API() {
		var in struct {
			Picks []int `json:"picks"`
		}
		if err := r.Decode(&in); err != nil {
			return nil, err
		}
		picks = in.Picks
	} else {
		if err := r.Decode(&struct{}{}); err != nil {
			return nil, err
		}
		for i := range maxQuestions {
			n, err := strconv.Atoi(r.PostFormValue(pickName(i)))
			if err != nil {
				n = 0 // not answered: Mark says so
			}
			picks = append(picks, n)
		}
	}
	a, err := s.Answer(r.Context(), r.Actor, x, picks)
	if err != nil {
		return s.took(r, x, "answer", err)
	}
	return web.Redirect{To: "/notices/" + string(x), Done: "done.notice.answer", API: a}, nil
}

func (s *Service) getReceipts(r *web.Request) (web.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	v, err := s.Get(r.Context(), r.Actor, x)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.Receipts(r.Context(), r.Actor, x, q)
	if err != nil {
		return nil, err
	}
	base := "/notices/" + string(x) + "/receipts"
	states := []ui.Option{{Label: r.T("word.all")}}
	for _, st := range ReceiptFlow.States() {
		states = append(states, ui.Option{Value: st, Label: r.T("receipt.state." + st)})
	}
	t := ui.Table{Caption: r.T("receipt.list"), Base: base, Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "unit", Label: r.T("word.unit")}, {Key: "state", Label: r.T("word.status")}, {Key: "signed", Label: r.T("receipt.signed_on"), Nowrap: true}, {Key: "studied", Label: r.T("receipt.studied_on"), Nowrap: true},
			{Key: "readers", Label: r.T("receipt.readers"), Num: true}},
		Filters: []ui.Field{{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Options: states, Value: q.Filter.Get("state")}},
		Empty:   ui.EmptyState{Title: r.T("receipt.none")}}
	if v.Issuer && len(v.Test) > 0 {
		t.Columns = append(t.Columns, ui.Column{Key: "passed", Label: r.T("receipt.passed"), Num: true})
	}
	for _, x := range rows {
		cells := []ui.Cell{{Text: s.Dir.Name(x.Unit)}, {Chips: []ui.Chip{chip(r, "receipt", x.State)}}, {Text: string(x.SignedOn)}, {Text: string(x.StudiedOn)}, {Text: strconv.Itoa(x.Readers)}}
		if v.Issuer && len(v.Test) > 0 {
			m := v.Marks[x.Unit]
			cells = append(cells, ui.Cell{Text: fmt.Sprintf("%d/%d", m[1], m[0])})
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Cells: cells})
	}
	t.Pager = web.PagerOf(r, base, next, q)
	return web.Page{Name: "notice/list", Data: listPage{Table: t, Hint: v.Notice.Title}, API: rows, Mark: true,
		Crumbs: []ui.Crumb{{Label: r.T("menu.notices"), Href: "/notices"}, {Label: v.Notice.Title, Href: "/notices/" + string(v.Notice.ID)}, {Label: r.T("receipt.list")}}}, nil
}

type casesPage struct {
	Mine, Rest []caseRow
}

type caseRow struct {
	Title, Href, Unit, Date, Lesson, Post, Kind string
}

func (s *Service) getCases(r *web.Request) (web.Response, error) {
	list, err := s.Cases(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	var p casesPage
	for _, c := range list {
		row := caseRow{Title: c.Notice.Title, Href: "/notices/" + string(c.Notice.ID), Unit: s.Dir.Short(c.Notice.Unit), Date: string(c.Notice.IssuedOn), Lesson: c.Notice.Lesson, Post: c.Post, Kind: r.T("notice.kind." + c.Notice.Kind)}
		if c.Post != "" {
			p.Mine = append(p.Mine, row)
			continue
		}
		p.Rest = append(p.Rest, row)
	}
	return web.Page{Name: "notice/cases", Data: p, API: list, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.cases")}}}, nil
}

type questionsPage struct {
	Table ui.Table
	Form  *ui.Form
}

func (s *Service) getQuestions(r *web.Request) (web.Response, error) {
	return s.questionsPage(r, QuestionCmd{}, nil)
}

func (s *Service) questionsPage(r *web.Request, c QuestionCmd, failed error) (web.Response, error) {
	list, err := s.Bank(r.Context(), r.Actor, r.Param("theme"))
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("menu.questions"), Base: "/questions", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "text", Label: r.T("question.text")}, {Key: "theme", Label: r.T("question.theme")}, {Key: "source", Label: r.T("question.source")}, {Key: "answer", Label: r.T("question.answer")}},
		Empty:   ui.EmptyState{Title: r.T("question.none"), Text: r.T("question.none.text")}}
	for _, q := range list {
		t.Rows = append(t.Rows, ui.Row{ID: string(q.ID), Cells: []ui.Cell{{Text: q.Text}, {Text: q.Theme, Href: "/questions?theme=" + q.Theme}, {Text: q.Source}, {Text: q.Options[q.Answer-1]}}})
	}
	p := questionsPage{Table: t}
	if r.Can("question.create") {
		bad := r.Problems(failed)
		answer := ""
		if c.Answer > 0 {
			answer = strconv.Itoa(c.Answer)
		}
		p.Form = &ui.Form{ID: "question", Action: "/questions", Sets: []ui.Fieldset{{Legend: r.T("question.do.create"), Fields: []ui.Field{
			{Name: "theme", Label: r.T("question.theme"), Value: c.Theme, Error: bad["theme"]},
			{Name: "source", Label: r.T("question.source"), Hint: r.T("question.source.hint"), Value: c.Source, Error: bad["source"]},
			{Name: "text", Label: r.T("question.text"), Kind: ui.FieldArea, Rows: 2, Wide: true, Value: c.Text, Error: bad["text"]},
			{Name: "options", Label: r.T("question.options"), Hint: r.T("question.options.hint"), Kind: ui.FieldArea, Rows: 4, Wide: true, Value: c.Options, Error: bad["options"]},
			{Name: "answer", Label: r.T("question.right"), Hint: r.T("question.right.hint"), Kind: ui.FieldNumber, Value: answer, Error: bad["answer"]},
			{Name: "explain", Label: r.T("question.explain"), Kind: ui.FieldArea, Rows: 2, Wide: true, Optional: true, Value: c.Explain, Error: bad["explain"]}}}},
			Buttons: []ui.Button{{Label: r.T("question.do.create"), Kind: "primary"}}}
	}
	return web.Page{Name: "notice/questions", Err: failed, Data: p, API: list, Crumbs: []ui.Crumb{{Label: r.T("menu.questions")}}}, nil
}

func (s *Service) postQuestion(r *web.Request) (web.Response, error) {
	var c QuestionCmd
	err := r.Decode(&c)
	if err == nil {
		var q Question
		if q, err = s.Ask(r.Context(), r.Actor, c); err == nil {
			return web.Redirect{To: "/questions", Done: "done.question.create", API: q}, nil
		}
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.questionsPage(r, c, err)
	}
	return nil, err
}

func (s *Service) postRetire(r *web.Request) (web.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	if err := s.Retire(r.Context(), r.Actor, x); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/questions", Done: "done.question.retire"}, nil
}
