package notice

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/document"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	return web.Room{Name: "notice", Pages: web.Sub(files, "pages"), Words: web.Words(files), Todo: s.Todo, Find: s.Search,
		Routes: []web.Route{
			{Method: "GET", Path: "/notices", Action: "notice.read", Do: s.getList},
			{Method: "GET", Path: "/notices/new", Action: "notice.create", NoAPI: true, Do: s.getNew},
			{Method: "POST", Path: "/notices/new", Action: "notice.create", In: Cmd{}, Do: s.postNew},
			{Method: "GET", Path: "/notices/{id}", Action: "notice.read", Do: s.getNotice},
			{Method: "GET", Path: "/notices/{id}/edit", Action: "notice.edit", NoAPI: true, Do: s.getEdit},
			{Method: "POST", Path: "/notices/{id}/edit", Action: "notice.edit", In: Cmd{}, Do: s.postEdit},
			{Method: "POST", Path: "/notices/{id}/submit", Action: "notice.submit", In: actForm{}, Do: s.postSubmit},
			{Method: "POST", Path: "/notices/{id}/approve", Action: "notice.approve", In: actForm{}, Do: s.postApprove},
			{Method: "POST", Path: "/notices/{id}/return", Action: "notice.return", In: actForm{}, Do: s.postReturn},
			{Method: "POST", Path: "/notices/{id}/recall", Action: "notice.recall", In: actForm{}, Do: s.postRecall},
			{Method: "POST", Path: "/notices/{id}/issue", Action: "notice.issue", In: IssueCmd{}, Do: s.postIssue},
			{Method: "POST", Path: "/notices/{id}/recheck", Action: "notice.recheck", In: actForm{}, Do: s.postRecheck},
			{Method: "POST", Path: "/notices/{id}/close", Action: "notice.close", In: actForm{}, Do: s.postClose},
			{Method: "POST", Path: "/notices/{id}/publish", Action: "publication.publish", In: actForm{}, Do: s.postPublish},
			{Method: "POST", Path: "/notices/{id}/withdraw", Action: "publication.withdraw", In: actForm{}, Do: s.postWithdraw},
			{Method: "GET", Path: "/notices/{id}/receipts", Action: "receipt.read", Do: s.getReceipts},
			{Method: "GET", Path: "/notices/{id}/effect", Action: "receipt.read", Do: s.getNoticeEffect},
			{Method: "GET", Path: "/notices/{id}/docx", Action: "notice.read", NoAPI: true, Do: s.getDocx},
			{Method: "POST", Path: "/notices/{id}/sign", Action: "receipt.sign", Do: s.postSign},
			{Method: "POST", Path: "/notices/{id}/study", Action: "receipt.study", In: StudyCmd{}, Do: s.postStudy},
			{Method: "POST", Path: "/notices/{id}/confirm", Action: "notice.confirm", Do: s.postConfirm},
			{Method: "POST", Path: "/notices/{id}/answer", Action: "notice.answer", Do: s.postAnswer},
			{Method: "GET", Path: "/cases", Action: "notice.read", Do: s.getCases},
			{Method: "GET", Path: "/questions", Action: "question.read", Do: s.getQuestions},
			{Method: "POST", Path: "/questions", Action: "question.create", In: QuestionCmd{}, Do: s.postQuestion},
			{Method: "POST", Path: "/questions/{id}/retire", Action: "question.edit", Do: s.postRetire},
			{Method: "GET", Path: "/campaigns", Action: "campaign.read", Do: s.getCampaigns},
			{Method: "GET", Path: "/campaigns/new", Action: "campaign.create", NoAPI: true, Do: s.getPlan},
			{Method: "POST", Path: "/campaigns/new", Action: "campaign.create", In: CampaignCmd{}, Do: s.postPlan},
			{Method: "GET", Path: "/campaigns/{id}", Action: "campaign.read", Do: s.getCampaign},
			{Method: "GET", Path: "/campaigns/{id}/effect", Action: "part.read", Do: s.getEffect},
			{Method: "GET", Path: "/campaigns/{id}/edit", Action: "campaign.edit", NoAPI: true, Do: s.getReplan},
			{Method: "POST", Path: "/campaigns/{id}/edit", Action: "campaign.edit", In: CampaignCmd{}, Do: s.postReplan},
			{Method: "POST", Path: "/campaigns/{id}/start", Action: "campaign.start", In: IssueCmd{}, Do: s.postStart},
			{Method: "POST", Path: "/campaigns/{id}/end", Action: "campaign.end", In: actForm{}, Do: s.postEnd},
			{Method: "POST", Path: "/campaigns/{id}/report", Action: "part.report", In: Report{}, Do: s.postReport},
			{Method: "GET", Path: "/public", Open: true, NoAPI: true, Do: s.getPublic},
			{Method: "GET", Path: "/public/site.css", Open: true, NoAPI: true, Do: s.getStyle},
			{Method: "GET", Path: "/public/feed.xml", Open: true, NoAPI: true, Do: s.getFeed},
			{Method: "GET", Path: "/public/{slug}", Open: true, NoAPI: true, Do: s.getArticle},
		},
		Menu: []web.Item{
			{Group: "menu.education", Key: "menu.notices", Href: "/notices", Action: "notice.read", Order: 600},
			{Group: "menu.education", Key: "menu.cases", Href: "/cases", Action: "notice.read", Order: 610},
			{Group: "menu.education", Key: "menu.campaigns", Href: "/campaigns", Action: "campaign.read", Order: 620},
			{Group: "menu.education", Key: "menu.questions", Href: "/questions", Action: "question.read", Order: 630},
		}}
}

// actForm is a step with its words.
type actForm struct {
	Text   string `json:"text"`
	Reason string `json:"reason"`
	Rev    int64  `json:"rev"`
}

var stateClass = map[string]string{Draft: "off", Submitted: "wait", Approved: "run", Issued: "ok", Closed: "off", Held: "off", Published: "ok", Withdrawn: "late",
	Sent: "wait", Signed: "run", Studied: "ok", Planned: "off", Running: "run", Ended: "ok", PartOpen: "wait", PartWhole: "ok"}

func chip(r *web.Request, kind, state string) ui.Chip {
	return ui.Chip{Class: stateClass[state], Word: r.T(kind + ".state." + state)}
}

type listPage struct {
	Tabs   ui.Tabs
	Table  ui.Table
	Create ui.Link
	Hint   string
}

// tabs are the two sides of a list: what comes in, what goes out.
func (s *Service) tabs(r *web.Request, base, create, view string) ui.Tabs {
	if !r.Can(create) && !r.Can("notice.approve") {
		return ui.Tabs{}
	}
	t := ui.Tabs{Label: r.T("notice.views")}
	for _, v := range []string{ViewReceived, ViewMade} {
		t.Items = append(t.Items, ui.Tab{Label: r.T("notice.view." + v), Href: base + "?view=" + v, Current: v == view})
	}
	return t
}

func (s *Service) defaultView(r *web.Request, view, create string) string {
	if view == "" && (r.Can(create) || r.Can("notice.approve")) {
		return ViewMade
	}
	if view != ViewMade {
		return ViewReceived
	}
	return view
}

func (s *Service) getList(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	q.View = s.defaultView(r, q.View, "notice.create")
	l, err := s.List(r.Context(), r.Actor, q)
	if err != nil {
		return nil, err
	}
	kinds, states := []ui.Option{{Label: r.T("word.all")}}, []ui.Option{{Label: r.T("word.all")}}
	for _, k := range Kinds {
		kinds = append(kinds, ui.Option{Value: k, Label: r.T("notice.kind." + k)})
	}
	for _, st := range Flow.States() {
		if q.View == ViewMade || st == Issued || st == Closed {
			states = append(states, ui.Option{Value: st, Label: r.T("notice.state." + st)})
		}
	}
	get := q.Filter.Get
	t := ui.Table{Caption: r.T("menu.notices"), Base: "/notices", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "title", Label: r.T("word.title")}, {Key: "kind", Label: r.T("notice.kind"), Nowrap: true}, {Key: "unit", Label: r.T("notice.unit")}, {Key: "issued", Label: r.T("notice.issued_on"), Nowrap: true},
			{Key: "state", Label: r.T("word.status")}},
		Filters: []ui.Field{{Name: "q", Label: r.T("word.keyword"), Value: get("q")}, {Name: "kind", Label: r.T("notice.kind"), Kind: ui.FieldSelect, Options: kinds, Value: get("kind")},
			{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Options: states, Value: get("state")}},
		Empty: ui.EmptyState{Title: r.T("notice.none"), Text: r.T("notice.none.text")}}
	for _, n := range l.Rows {
		chips := []ui.Chip{chip(r, "notice", n.State)}
		if n.Publication != Held {
			chips = append(chips, chip(r, "publication", n.Publication))
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(n.ID), Href: "/notices/" + string(n.ID), Cells: []ui.Cell{{Text: n.Title, Sub: n.Number, Clamp: true}, {Text: r.T("notice.kind." + n.Kind)}, {Text: s.Dir.Short(n.Unit)}, {Text: string(n.IssuedOn)}, {Chips: chips}}})
	}
	t.Pager = web.PagerOf(r, "/notices", l.Next, q)
	p := listPage{Tabs: s.tabs(r, "/notices", "notice.create", q.View), Table: t}
	if r.Can("notice.create") {
		p.Create = ui.Link{Label: r.T("notice.do.create"), Href: "/notices/new"}
	}
	return web.Page{Name: "notice/list", Data: p, API: l.Rows, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.notices")}}}, nil
}

type noticePageData struct {
	Notice   Notice
	Chips    []ui.Chip
	Facts    ui.Facts
	Body     []string
	Public   []string
	PubTitle string
	Buttons  []ui.Button
	Quiet    []ui.Link
	Forms    []ui.Form
	Stats    ui.Stats
	Trail    ui.Trail
	Test     *testData
	Studies  ui.Trail
	Lesson   string
	Issuer   bool
	Ground   string
	Receipt  bool
}

type testData struct {
	Form    *ui.Form
	Results []resultRow
	Score   string
	Chip    ui.Chip
	Preview []resultRow
}

type resultRow struct {
	No, Text, Picked, Right, Explain, Source string
	Correct                                  bool
	Options                                  []string
}

func (s *Service) getNotice(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.noticePage(r, n, "", nil)
}

// noticePage shows a circular; failed is what was wrong with the form whose action is at.
func (s *Service) noticePage(r *web.Request, x id.ID, at string, failed error) (web.Response, error) {
	v, err := s.Get(r.Context(), r.Actor, x)
	if err != nil {
		return nil, err
	}
	n := v.Notice
	base := "/notices/" + string(x)
	p := noticePageData{Notice: n, Body: n.Body, Lesson: n.Lesson, Issuer: v.Issuer, Chips: []ui.Chip{chip(r, "notice", n.State)}}
	if n.Publication != Held {
		p.Chips = append(p.Chips, chip(r, "publication", n.Publication))
	}
	if v.Receipt != nil {
		p.Chips = append(p.Chips, chip(r, "receipt", v.Receipt.State))
	}
	p.Facts.Items = s.facts(r, v)
	p.Quiet = append(p.Quiet, ui.Link{Label: r.T("notice.do.docx"), Href: base + "/docx"})
	if n.Publication == Published {
		p.Quiet = append(p.Quiet, ui.Link{Label: r.T("notice.do.open_public"), Href: "/public/" + n.Slug})
	}
	if v.Issuer {
		p.PubTitle, p.Public = n.PublicTitle, n.PublicBody
		if n.Ground != "" {
			p.Ground = r.T("notice.ground." + n.Ground)
		}
		for _, e := range slices.Backward(v.Entries) {
			p.Trail.Entries = append(p.Trail.Entries, ui.Entry{At: r.Moment(e.At), Who: v.Names[e.By], What: r.T("notice.entry." + e.Action), Text: shortDigest(e)})
		}
		p.Trail.Empty = r.T("notice.trail.none")
	}
	if n.IssuedOn != "" && s.seesEffect(r.Actor, "receipt.read", s.receiptObject(Receipt{Notice: x, Unit: n.Unit, By: n.Unit})) {
		p.Quiet = append(p.Quiet, ui.Link{Label: r.T("effect.title"), Href: base + "/effect"})
	}
	if v.Overseer && n.IssuedOn != "" && v.Tally.All() > 0 {
		p.Stats = s.receiptStats(r, v, base)
	}
	s.actions(r, v, base, &p, at, failed)
	s.test(r, v, base, &p, at, failed)
	for _, st := range slices.Backward(v.Studies) {
		p.Studies.Entries = append(p.Studies.Entries, ui.Entry{At: string(st.HeldOn), Who: v.Names[st.By], What: r.T("study.form."+st.Form) + " " + r.T("study.attendance", st.Attended, st.Expected), Text: st.Text})
	}
	return web.Page{Name: "notice/notice", Err: failed, Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.notices"), Href: "/notices"}, {Label: n.Title}}}, nil
}

func shortDigest(e Entry) string {
	if e.Action == "approve" && len(e.Text) > 16 {
		return "SHA-256 " + e.Text[:16] + "…"
	}
	return e.Text
}

func (s *Service) facts(r *web.Request, v View) []ui.Fact {
	n := v.Notice
	out := []ui.Fact{{Label: r.T("notice.kind"), Text: r.T("notice.kind." + n.Kind)}, {Label: r.T("notice.unit"), Text: s.Dir.Name(n.Unit)}}
	add := func(key, text string) {
		if text != "" {
			out = append(out, ui.Fact{Label: r.T(key), Text: text})
		}
	}
	add("notice.number", n.Number)
	add("notice.source", n.Source)
	add("notice.editor", n.Editor)
	add("notice.issued_on", string(n.IssuedOn))
	add("notice.posts", strings.Join(n.Posts, "、"))
	if v.Issuer {
		add("notice.author", v.Names[n.Author])
		add("notice.approver", v.Names[n.Approver])
		add("notice.recheck_on", string(n.RecheckOn))
		add("campaign.aim", s.aimWord(r, n.Aim))
	}
	if v.ReadAt != "" {
		add("notice.read_at", r.Moment(v.ReadAt))
	}
	return out
}

func (s *Service) receiptStats(r *web.Request, v View, base string) ui.Stats {
	t := v.Tally
	answered, passed := 0, 0
	for _, m := range v.Marks {
		answered, passed = answered+m[0], passed+m[1]
	}
	out := []ui.Stat{
		{Label: r.T("receipt.signed"), Value: fmt.Sprintf("%d/%d", t.Signed+t.Studied, t.All()), Href: base + "/receipts", Define: r.T("receipt.signed.define")},
		{Label: r.T("receipt.studied"), Value: fmt.Sprintf("%d/%d", t.Studied, t.All()), Href: base + "/receipts?state=studied", Define: r.T("receipt.studied.define")},
		{Label: r.T("receipt.readers"), Value: strconv.Itoa(t.Readers), Href: base + "/receipts", Define: r.T("receipt.readers.define")}}
	if len(v.Test) > 0 && v.Issuer {
		out = append(out, ui.Stat{Label: r.T("receipt.passed"), Value: fmt.Sprintf("%d/%d", passed, answered), Define: r.T("receipt.passed.define")})
	}
	return ui.Stats{Items: out}
}

// may tells whether the actor can take a step of the circular now.
func (s *Service) may(r *web.Request, v View, do string) bool {
	_, err := Flow.Next(v.Notice.State, do)
	return err == nil && s.Policy.Can(r.Actor, "notice."+do, v.object) == nil
}

func (s *Service) actions(r *web.Request, v View, base string, p *noticePageData, at string, failed error) {
	n := v.Notice
	if s.may(r, v, "edit") {
		p.Quiet = append([]ui.Link{{Label: r.T("notice.do.edit"), Href: base + "/edit"}}, p.Quiet...)
	}
	for _, do := range []string{"submit", "approve"} {
		if s.may(r, v, do) && !(do == "approve" && n.Author == r.Actor.Person) {
			p.Buttons = append(p.Buttons, ui.Button{Label: r.T("notice.do." + do), Action: base + "/" + do, Kind: "primary"})
		}
	}
	problems := map[string]string{}
	if failed != nil {
		problems = r.Problems(failed)
	}
	wrong := func(do, field string) string {
		if at == do {
			return problems[field]
		}
		return ""
	}
	words := func(do, field string, danger bool) {
		kind := "primary"
		if danger {
			kind = "danger"
		}
		p.Forms = append(p.Forms, ui.Form{ID: do, Action: base + "/" + do, Rev: web.Rev(n.Rev), Sets: []ui.Fieldset{{Legend: r.T("notice.do." + do), Hint: r.T("notice.do." + do + ".hint"), Fields: []ui.Field{
			{Name: field, Label: r.T("notice.text." + do), Kind: ui.FieldArea, Rows: 3, Wide: true, Prefix: do, Error: wrong(do, field), Value: keep(r, at == do, field)}}}},
			Buttons: []ui.Button{{Label: r.T("notice.do." + do), Kind: kind}}})
	}
	if s.may(r, v, "issue") {
		p.Forms = append(p.Forms, s.audienceForm(r, base+"/issue", "issue", n.Rev, wrong, at == "issue"))
	}
	if s.may(r, v, "return") {
		words("return", "reason", true)
	}
	if s.may(r, v, "recall") {
		words("recall", "reason", true)
	}
	o := v.object
	o.Kind, o.State = "publication", n.Publication
	if _, err := PublicFlow.Next(n.Publication, "publish"); err == nil && (n.State == Issued || n.State == Closed) && n.Ground == "" && s.Policy.Can(r.Actor, "publication.publish", o) == nil {
		p.Buttons = append(p.Buttons, ui.Button{Label: r.T("notice.do.publish"), Action: base + "/publish", Kind: "primary"})
	}
	if _, err := PublicFlow.Next(n.Publication, "withdraw"); err == nil && s.Policy.Can(r.Actor, "publication.withdraw", o) == nil {
		words("withdraw", "reason", true)
	}
	for _, do := range []string{"recheck", "close"} {
		if s.may(r, v, do) {
			words(do, "text", false)
		}
	}
	s.receiverActions(r, v, base, p, wrong, at)
}

func keep(r *web.Request, same bool, field string) string {
	if same {
		return r.PostFormValue(field)
	}
	return ""
}

func (s *Service) receiverActions(r *web.Request, v View, base string, p *noticePageData, wrong func(do, field string) string, at string) {
	if v.Receipt == nil {
		return
	}
	can := func(action string, o access.Object) bool { return s.Policy.Can(r.Actor, action, o) == nil }
	ro := s.receiptObject(*v.Receipt)
	if v.Receipt.State == Sent && can("receipt.sign", ro) {
		p.Buttons = append(p.Buttons, ui.Button{Label: r.T("notice.do.sign"), Action: base + "/sign", Kind: "primary"})
	}
	if v.ReadAt == "" && v.Notice.State == Issued && can("notice.confirm", v.object) {
		kind := ""
		if v.Notice.MustRead {
			kind = "primary"
		}
		p.Buttons = append(p.Buttons, ui.Button{Label: r.T("notice.do.confirm"), Action: base + "/confirm", Kind: kind})
	}
	if v.Receipt.State != Sent && can("receipt.study", ro) {
		var forms []ui.Option
		for _, f := range Forms {
			forms = append(forms, ui.Option{Value: f, Label: r.T("study.form." + f)})
		}
		val := func(name string) string { return keep(r, at == "study", name) }
		p.Forms = append(p.Forms, ui.Form{ID: "study", Action: base + "/study", Sets: []ui.Fieldset{{Legend: r.T("notice.do.study"), Hint: r.T("notice.do.study.hint"), Fields: []ui.Field{
			{Name: "held_on", Label: r.T("study.held_on"), Kind: ui.FieldDate, Value: val("held_on"), Error: wrong("study", "held_on")},
			{Name: "form", Label: r.T("study.form"), Kind: ui.FieldSelect, Options: forms, Value: val("form"), Error: wrong("study", "form")},
			{Name: "expected", Label: r.T("study.expected"), Kind: ui.FieldNumber, Value: val("expected"), Error: wrong("study", "expected")},
			{Name: "attended", Label: r.T("study.attended"), Kind: ui.FieldNumber, Value: val("attended"), Error: wrong("study", "attended")},
			{Name: "text", Label: r.T("study.text"), Kind: ui.FieldArea, Rows: 3, Wide: true, Value: val("text"), Error: wrong("study", "text")}}}},
			Buttons: []ui.Button{{Label: r.T("notice.do.study"), Kind: "primary"}}})
	}
}

// test shows the questions to who has not answered, the result to who has, and
// all of it to the issuing side.
func (s *Service) test(r *web.Request, v View, base string, p *noticePageData, at string, failed error) {
	if len(v.Test) == 0 {
		return
	}
	t := &testData{}
	switch {
	case v.Mine != nil:
		t.Score = r.T("question.score", v.Mine.Correct, v.Mine.Asked)
		t.Chip = ui.Chip{Class: "ok", Word: r.T("question.passed")}
		if !v.Mine.Passed {
			t.Chip = ui.Chip{Class: "late", Word: r.T("question.failed")}
		}
		for i, q := range v.Test {
			t.Results = append(t.Results, resultRow{No: strconv.Itoa(i + 1), Text: q.Text, Picked: q.Options[v.Mine.Picks[i]-1], Right: q.Options[q.Answer-1], Explain: q.Explain, Source: q.Source, Correct: v.Mine.Picks[i] == q.Answer})
		}
	case v.Receipt != nil && v.Notice.State == Issued && s.Policy.Can(r.Actor, "notice.answer", v.object) == nil:
		problems := map[string]string{}
		if at == "answer" {
			problems = r.Problems(failed)
		}
		f := ui.Form{ID: "answer", Action: base + "/answer", Buttons: []ui.Button{{Label: r.T("question.do.answer"), Kind: "primary"}}}
		set := ui.Fieldset{Legend: r.T("question.test"), Hint: r.T("question.test.hint", len(v.Test), v.Notice.PassMark)}
		for i, q := range v.Test {
			fl := ui.Field{Name: pickName(i), Label: strconv.Itoa(i+1) + ". " + q.Text, Kind: ui.FieldRadio, Wide: true, Value: keep(r, at == "answer", pickName(i)), Error: problems[pickName(i)]}
			for k, o := range q.Options {
				fl.Options = append(fl.Options, ui.Option{Value: strconv.Itoa(k + 1), Label: o})
			}
			set.Fields = append(set.Fields, fl)
		}
		f.Sets = []ui.Fieldset{set}
		t.Form = &f
	case v.Issuer:
		for i, q := range v.Test {
			t.Preview = append(t.Preview, resultRow{No: strconv.Itoa(i + 1), Text: q.Text, Right: q.Options[q.Answer-1], Explain: q.Explain, Source: q.Source})
		}
	}
	p.Test = t
}

// audienceForm asks whom something goes to.
func (s *Service) audienceForm(r *web.Request, action, do string, rev int64, wrong func(do, field string) string, same bool) ui.Form {
	to := keep(r, same, "to")
	if to == "" {
		to = "below"
	}
	var opts []ui.Option
	for _, k := range []string{"below", "children", "provincial", "units", "own"} {
		opts = append(opts, ui.Option{Value: k, Label: r.T("audience." + k)})
	}
	return ui.Form{ID: do, Action: action, Rev: web.Rev(rev), Sets: []ui.Fieldset{{Legend: r.T("notice.do." + do), Hint: r.T("notice.do." + do + ".hint"), Fields: []ui.Field{
		{Name: "to", Label: r.T("audience.to"), Kind: ui.FieldRadio, Options: opts, Value: to, Wide: true, Error: wrong(do, "to")},
		{Name: "units", Label: r.T("audience.names"), Hint: r.T("audience.names.hint"), Kind: ui.FieldArea, Rows: 2, Optional: true, Wide: true, Value: keep(r, same, "units"), Error: wrong(do, "units")},
		{Name: "own", Label: r.T("audience.self"), Kind: ui.FieldCheck, Value: keep(r, same, "own"), Optional: true}}}},
		Buttons: []ui.Button{{Label: r.T("notice.do." + do), Kind: "primary"}}}
}

// Docx is the circular as an official document (GB/T 9704).
func (s *Service) docx(v View) ([]byte, error) {
	n := v.Notice
	o := document.Official{Issuer: s.Dir.Name(n.Unit), Number: n.Number, Title: n.Title, Signature: s.Dir.Name(n.Unit), Date: string(n.IssuedOn)}
	for _, t := range n.Body {
		o.Body = append(o.Body, document.Block{Text: t})
	}
	var b bytes.Buffer
	err := document.WriteDocx(&b, o)
	return b.Bytes(), err
}

func (s *Service) getDocx(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v, err := s.Get(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	raw, err := s.docx(v)
	if err != nil {
		return nil, err
	}
	if err := s.Log.Note(r.Context(), r.Actor, "notice.export", map[string]any{"notice": n}); err != nil {
		return nil, err
	}
	return web.File{Name: v.Notice.Title + ".docx", Type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Body: bytes.NewReader(raw), Size: int64(len(raw))}, nil
}

// took answers a step: back to the record, or the record with what was wrong.
func (s *Service) took(r *web.Request, n id.ID, do string, err error) (web.Response, error) {
	if fault.Is(err, fault.KindInvalid) {
		return s.noticePage(r, n, do, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/notices/" + string(n), Done: "done.notice." + do}, nil
}
