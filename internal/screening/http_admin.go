package screening

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
	"huikan/internal/screening/rules"
)

type rulesPage struct {
	Tabs  ui.Tabs
	Table ui.Table
	Form  *ui.Form
}

func (s *Service) getRules(r *web.Request) (web.Response, error) { return s.rulesPage(r, "", nil) }

func (s *Service) rulesPage(r *web.Request, body string, refused error) (web.Response, error) {
	shipped, err := rules.Shipped()
	if err != nil {
		return nil, err
	}
	var own []Edition
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { own, err = editionsIn(r.Context(), q, ""); return err }); err != nil {
		return nil, err
	}
	_, now, err := s.law(r.Context(), RunCmd{})
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("screening.tab.rules"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("rules.version"), Nowrap: true}, {Label: r.T("rules.title")}, {Label: r.T("rules.count"), Num: true}, {Label: r.T("word.status")}}}
	row := func(e *rules.Edition, chip ui.Chip) {
		if e.Version == now.Version {
			chip = ui.Chip{Class: "ok", Word: r.T("rules.in_force")}
		}
		t.Rows = append(t.Rows, ui.Row{Href: "/screening/rules/" + url.PathEscape(e.Version), Cells: []ui.Cell{{Text: e.Version}, {Text: e.Title.In(r.Lang)}, {Text: strconv.Itoa(len(e.Rules))}, {Chips: []ui.Chip{chip}}}})
	}
	for _, e := range shipped {
		row(e, ui.Chip{Class: "off", Word: r.T("rules.shipped")})
	}
	for _, o := range own {
		if e, err := rules.Parse([]byte(o.Body)); err == nil {
			row(e, ui.Chip{Class: map[string]string{Draft: "wait", Published: "run", Dropped: "off"}[o.State], Word: r.T("edition.state." + o.State)})
		}
	}
	p := rulesPage{Tabs: tabs(r, "/screening/rules"), Table: t}
	if r.Can("edition.draft") {
		p.Form = &ui.Form{ID: "draft", Action: "/screening/rules", Note: r.T("rules.draft.note"), Buttons: []ui.Button{{Label: r.T("rules.draft")}},
			Sets: []ui.Fieldset{{Legend: r.T("rules.draft"), Fields: []ui.Field{{Name: "body", Label: r.T("rules.body"), Kind: ui.FieldArea, Rows: 10, Value: body, Wide: true}}}}}
		if f, ok := fault.Of(refused); ok {
			p.Form.Sets[0].Fields[0].Error = r.Explain(f)
		}
	}
	return web.Page{Name: "screening/rules", Data: p, API: t.Rows, Err: refused, Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.tab.rules")})}, nil
}

func (s *Service) postDraft(r *web.Request) (web.Response, error) {
	var cmd DraftCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	e, err := s.DraftEdition(r.Context(), r.Actor, cmd)
	if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindLimit)) {
		return s.rulesPage(r, cmd.Body, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/screening/rules/" + url.PathEscape(e.Version), Done: "done.edition.draft", API: e}, nil
}

type editionPage struct {
	E       *rules.Edition
	Title   string
	Rules   ui.Table
	Effects ui.Table
	Say     string
	Forms   []ui.Form
	Source  string
	Blind   []string // what no register shows
}

// seenCell leads to the hits that a rule decides; of a rule of several parts it
// stands with the one that is in force.
func seenCell(e *rules.Edition, at int, seen map[string]int) ui.Cell {
	x := e.Rules[at]
	shown := slices.IndexFunc(e.Rules, func(y rules.Rule) bool { return y.ID == x.ID && y.To == "" })
	if shown < 0 {
		shown = slices.IndexFunc(e.Rules, func(y rules.Rule) bool { return y.ID == x.ID })
	}
	if n := seen[x.ID]; n > 0 && at == shown {
		return ui.Cell{Text: strconv.Itoa(n), Href: "/screening?rule=" + url.QueryEscape(x.ID)}
	}
	return ui.Cell{Text: "—"}
}

// anyEdition finds an edition of the program or an own one, drafts included.
func (s *Service) anyEdition(r *web.Request, version string) (*rules.Edition, Edition, error) {
	var own Edition
	shipped, err := rules.Shipped()
	if err != nil {
		return nil, own, err
	}
	for _, e := range shipped {
		if e.Version == version {
			return e, own, nil
		}
	}
	var list []Edition
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { list, err = editionsIn(r.Context(), q, ""); return err }); err != nil {
		return nil, own, err
	}
	for _, o := range list {
		if o.Version == version {
			e, err := rules.Parse([]byte(o.Body))
			return e, o, err
		}
	}
	return nil, own, fault.NotFound("edition")
}

// blanks shows a sentence of a rule without facts: where one is filled in stands its name.
func blanks(r *web.Request, text string) string {
	return braces.ReplaceAllStringFunc(text, func(b string) string {
		return r.Word("rules.blank."+strings.Trim(b, "{}"), b)
	})
}

var braces = regexp.MustCompile(`\{[a-z]+\}`)

func (s *Service) getEdition(r *web.Request) (web.Response, error) { return s.editionPage(r, nil) }

func (s *Service) editionPage(r *web.Request, refused error) (web.Response, error) {
	e, own, err := s.anyEdition(r, r.PathValue("version"))
	if err != nil {
		return nil, err
	}
	effects, count, err := s.Preview(r.Context(), r.Actor, e, s.today())
	if err != nil {
		return nil, err
	}
	p := editionPage{E: e, Title: e.Title.In(r.Lang), Say: r.T("rules.preview", count)}
	var seen map[string]int
	if r.Can("match.read") {
		if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { seen, err = s.rulesOf(r.Context(), q, r.Actor); return err }); err != nil {
			return nil, err
		}
	}
	p.Rules = ui.Table{ID: "rules", Caption: r.T("rules.list"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("screening.rule"), Nowrap: true}, {Label: r.T("rules.article")}, {Label: r.T("rules.text")}, {Label: r.T("rules.valid"), Nowrap: true}, {Label: r.T("rules.mark")}, {Label: r.T("rules.seen"), Num: true, Hint: r.T("rules.seen.define")}}}
	for i, x := range e.Rules {
		text := x.ZH
		if r.Lang == "en" {
			text = x.EN
		}
		valid := string(x.From) + " –"
		if x.To != "" {
			valid += " " + string(x.To)
		}
		p.Rules.Rows = append(p.Rules.Rows, ui.Row{Cells: []ui.Cell{{Text: x.Key()}, {Text: x.Article.In(r.Lang)}, {Text: blanks(r, text)}, {Text: valid}, {Text: r.T("rules.mark." + x.Mark), Sub: x.Source}, seenCell(e, i, seen)}})
	}
	p.Blind = e.Uncheckable(r.Lang)
	p.Effects = ui.Table{ID: "effects", Caption: r.T("rules.effects"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("screening.who")}, {Label: r.T("word.unit")}, {Label: r.T("rules.changes")}}, Empty: ui.EmptyState{Title: r.T("rules.effects.none")}}
	for _, x := range effects {
		var changes []string
		for _, c := range x.Changes {
			changes = append(changes, fmt.Sprintf("%s：%s → %s %s", c.Rule, r.T("screening.outcome."+c.Before), r.T("screening.outcome."+c.After), c.Will))
		}
		name, sub := whom(r, x.Hit)
		p.Effects.Rows = append(p.Effects.Rows, ui.Row{Href: "/screening/hits/" + string(x.Hit.ID), Cells: []ui.Cell{{Text: name, Sub: sub}, {Text: s.Units.Short(x.Hit.Unit)}, {Text: strings.Join(changes, "；")}}})
	}
	if own.ID != "" {
		for _, st := range EditionFlow.From(own.State) {
			if s.policy.Can(r.Actor, "edition."+st.Do, access.Object{Kind: "edition", State: own.State}) == nil && !(st.Do == "publish" && own.By == r.Actor.Person) {
				p.Forms = append(p.Forms, ui.Form{ID: st.Do, Action: "/screening/rules/" + url.PathEscape(e.Version) + "/" + st.Do, Rev: web.Rev(own.Rev), Buttons: []ui.Button{{Label: r.T("edition.do." + st.Do), Kind: map[bool]string{true: "primary"}[st.Do == "publish"]}}})
			}
		}
	} else if raw, err := rules.Source(e.Version); err == nil {
		p.Source = string(raw)
	}
	api := struct {
		Edition *rules.Edition `json:"edition"`
		Effects []Effect       `json:"effects"`
		Count   int            `json:"count"`
	}{e, effects, count}
	return web.Page{Name: "screening/edition", Data: p, API: api, Err: refused, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.tab.rules"), Href: "/screening/rules"}, ui.Crumb{Label: e.Version})}, nil
}

type stepForm struct {
	Rev int64 `json:"rev"`
}

func (s *Service) postEdition(r *web.Request) (web.Response, error) {
	var f stepForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	_, own, err := s.anyEdition(r, r.PathValue("version"))
	if err != nil {
		return nil, err
	}
	if own.ID == "" {
		return nil, fault.NotFound("edition")
	}
	err = s.StepEdition(r.Context(), r.Actor, own.ID, r.PathValue("do"), f.Rev)
	if err != nil && !r.API() && fault.Is(err, fault.KindState) {
		return s.editionPage(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/screening/rules", Done: "done.edition." + r.PathValue("do")}, nil
}

type clinicPage struct {
	Tabs   ui.Tabs
	Stats  ui.Stats
	Tags   ui.Table
	Missed []string
	Models ui.Table
	Forms  []ui.Form
	New    []ui.Form
}

func (s *Service) getClinic(r *web.Request) (web.Response, error) { return s.clinicPage(r, nil) }

// offered is how many measured models the page offers to use, the newest first.
const offered = 5

func (s *Service) clinicPage(r *web.Request, refused error) (web.Response, error) {
	rep, err := s.inForceReport(r.Context())
	if err != nil {
		return nil, err
	}
	list, err := s.Models(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	p := clinicPage{Tabs: tabs(r, "/screening/clinic"), Missed: rep.Missed}
	p.Stats = ui.Stats{Items: []ui.Stat{{Label: r.T("clinic.recall"), Value: percent(rep.Recall()), Note: r.T("clinic.of", rep.Found, rep.Truth)}, {Label: r.T("clinic.auto_recall"), Value: percent(rep.AutoRecall())},
		{Label: r.T("clinic.false_alarms"), Value: percent(rep.FalseAlarms()), Note: r.T("clinic.of", rep.Auto-rep.AutoRight, rep.Auto)}, {Label: r.T("clinic.review"), Value: strconv.Itoa(rep.Review), Note: r.T("clinic.review.right", rep.ReviewRight)}}}
	p.Tags = ui.Table{ID: "tags", Caption: r.T("clinic.by_tag"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("clinic.tag")}, {Label: r.T("clinic.pairs"), Num: true}, {Label: r.T("clinic.found"), Num: true}, {Label: r.T("clinic.recall"), Num: true}}}
	for _, x := range rep.ByTag {
		p.Tags.Rows = append(p.Tags.Rows, ui.Row{Cells: []ui.Cell{{Text: r.Word("clinic.tag."+x.Tag, x.Tag)}, {Text: strconv.Itoa(x.Truth)}, {Text: strconv.Itoa(x.Found)}, {Text: percent(share(x.Found, x.Truth))}}})
	}
	p.Models = ui.Table{ID: "models", Caption: r.T("clinic.models"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("screening.model")}, {Label: r.T("clinic.recall"), Num: true}, {Label: r.T("clinic.auto_recall"), Num: true},
		{Label: r.T("clinic.false_alarms"), Num: true}, {Label: r.T("word.status")}}, Empty: ui.EmptyState{Title: r.T("clinic.models.none"), Text: r.T("clinic.models.none.text")}}
	for _, m := range list {
		p.Models.Rows = append(p.Models.Rows, ui.Row{Cells: []ui.Cell{{Text: m.Model, Sub: r.Moment(m.At)}, {Text: percent(m.Recall)}, {Text: percent(m.AutoRecall)}, {Text: percent(m.FalseAlarms)},
			{Chips: []ui.Chip{{Class: map[string]string{Measured: "off", InUse: "ok"}[m.State], Word: r.T("model.state." + m.State)}}, Sub: m.Reason}}})
		if m.State == Measured && len(p.Forms) < offered && r.Can("screening.upgrade") { // one that finds less does not hide one that finds more
			why := refused
			if id := r.PathValue("id"); id != "" && id != string(m.ID) {
				why = nil
			}
			f := s.upgradeForm(r, m, rep, why)
			if n := len(p.Forms); n > 0 {
				f.ID, f.Buttons[0].Kind = f.ID+strconv.Itoa(n+1), ""
			}
			p.Forms = append(p.Forms, f)
		}
	}
	p.New = []ui.Form{{ID: "learn", Action: "/screening/clinic", Note: r.T("clinic.learn.note"), Buttons: []ui.Button{{Label: r.T("clinic.learn")}}},
		{ID: "upload", Action: "/screening/clinic", Multipart: true, Buttons: []ui.Button{{Label: r.T("clinic.upload")}},
			Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "file", Label: r.T("clinic.file"), Kind: ui.FieldFile, Accept: ".json"}}}}}}
	api := struct {
		Report Report  `json:"report"`
		Models []Model `json:"models"`
	}{rep, list}
	return web.Page{Name: "screening/clinic", Data: p, API: api, Err: refused, Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.tab.clinic")})}, nil
}

func (s *Service) upgradeForm(r *web.Request, m Model, now Report, refused error) ui.Form {
	f := ui.Form{ID: "use", Action: "/screening/clinic/" + string(m.ID) + "/use", Rev: web.Rev(m.Rev), Buttons: []ui.Button{{Label: r.T("clinic.use", m.Model), Kind: "primary"}}}
	if m.Recall < now.Recall()-tolerance {
		f.Note = r.T("clinic.error.worse", percent(m.Recall), percent(now.Recall()))
		f.Buttons[0].Kind = "danger"
		f.Sets = []ui.Fieldset{{Fields: []ui.Field{{Name: "override", Label: r.T("clinic.override"), Kind: ui.FieldCheck, Wide: true},
			{Name: "reason", Label: r.T("word.reason"), Kind: ui.FieldArea, Rows: 2, MaxLen: maxReason, Wide: true, Error: r.Problems(refused)["reason"]}}}}
	}
	return f
}

func (s *Service) postClinic(r *web.Request) (web.Response, error) {
	files, err := r.Files("file", 1)
	if err != nil {
		return nil, err
	}
	var raw []byte
	if len(files) == 1 {
		defer files[0].Close() //nolint:errcheck // it was only read
		if raw, err = files[0].ReadAll(maxUpload); err != nil {
			return nil, err
		}
	}
	m, rep, err := s.Propose(r.Context(), r.Actor, raw)
	if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState)) {
		return s.clinicPage(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/screening/clinic", Done: "done.model.measure", API: struct {
		Model  Model  `json:"model"`
		Report Report `json:"report"`
	}{m, rep}}, nil
}

func (s *Service) postUpgrade(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var cmd UpgradeCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	err = s.Upgrade(r.Context(), r.Actor, n, cmd)
	if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState)) {
		return s.clinicPage(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/screening/clinic", Done: "done.model.upgrade"}, nil
}

type askPage struct {
	Tabs    ui.Tabs
	Form    ui.Form
	Answer  *Answer
	Chip    ui.Chip
	Say     string
	Matches []matchView
}

type matchView struct {
	Title    string
	Chip     ui.Chip
	Reasons  []string
	Verdicts []verdictView
	Unit     string
}

func (s *Service) getAsk(r *web.Request) (web.Response, error) {
	return s.askPage(r, AskCmd{}, nil, nil)
}

func (s *Service) askPage(r *web.Request, in AskCmd, a *Answer, refused error) (web.Response, error) {
	e := r.Problems(refused)
	p := askPage{Tabs: tabs(r, "/screening/ask"), Answer: a}
	p.Form = ui.Form{Action: "/screenings", Sensitive: true, Note: r.T("ask.note"), Buttons: []ui.Button{{Label: r.T("ask.do"), Kind: "primary"}},
		Sets: []ui.Fieldset{{Legend: r.T("ask.applicant"), Fields: []ui.Field{{Name: "name", Label: r.T("register.name"), Value: in.Name, MaxLen: maxAsked, Error: e["name"]},
			{Name: "id_number", Label: r.T("ask.id_number"), Value: in.IDNumber, Optional: true, Error: e["id_number"]},
			{Name: "birth_date", Label: r.T("ask.birth"), Value: in.Birth, Optional: true}, {Name: "former_name", Label: r.T("ask.former_name"), Value: in.Former, Optional: true}}},
			{Legend: r.T("ask.work"), Fields: []ui.Field{{Name: "work", Label: r.T("ask.what"), Kind: ui.FieldSelect, Value: or(in.Work, rules.Licence), Options: options(r, "screening.work.", []string{rules.Licence, rules.Lawyer, rules.Adviser, rules.FirmStaff, rules.Litigation})[1:], Error: e["work"]},
				{Name: "firm", Label: r.T("warning.firm"), Value: in.Firm, Optional: true}, {Name: "province", Label: r.T("ask.province"), Value: in.Province, Optional: true},
				{Name: "city", Label: r.T("ask.city"), Value: in.City, Optional: true}, {Name: "ref", Label: r.T("ask.ref"), Value: in.Ref, Optional: true, MaxLen: maxAsked}}}}}
	if a != nil {
		p.Chip = ui.Chip{Class: map[string]string{Clear: "ok", Review: "wait", Restricted: "late"}[a.Result], Word: r.T("ask.result." + a.Result)}
		p.Say = r.T("ask.say."+a.Result, namesakes(a.Namesakes))
		for _, m := range a.Matches {
			p.Matches = append(p.Matches, matchView{Title: r.T("screening.subject."+m.Subject) + " · " + share100(m.Probability), Chip: outcomeChip(r, m.Outcome), Reasons: m.Reasons, Verdicts: s.verdictViews(r, m.Verdicts), Unit: m.AskUnit})
		}
	}
	return web.Page{Name: "screening/ask", Data: p, API: a, Err: refused, Crumbs: []ui.Crumb{{Label: r.T("menu.screening_bar")}}}, nil
}

func (s *Service) postAsk(r *web.Request) (web.Response, error) {
	var cmd AskCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	a, err := s.Ask(r.Context(), r.Actor, cmd)
	if err != nil && !r.API() && fault.Is(err, fault.KindInvalid) {
		return s.askPage(r, cmd, nil, err)
	}
	if err != nil {
		return nil, err
	}
	if r.API() {
		return web.Page{Name: "screening/ask", API: a}, nil
	}
	return s.askPage(r, cmd, &a, nil)
}

type hooksPage struct {
	Table ui.Table
	Form  ui.Form
}

func (s *Service) getHooks(r *web.Request) (web.Response, error) {
	return s.hooksPage(r, HookCmd{Active: true}, nil)
}

func (s *Service) hooksPage(r *web.Request, in HookCmd, refused error) (web.Response, error) {
	var list []Hook
	last := map[id.ID][]Delivery{}
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if list, err = hooks(r.Context(), q); err != nil {
			return err
		}
		for _, h := range list {
			if last[h.ID], err = lastDeliveries(r.Context(), q, h.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("menu.screening_hooks"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.unit")}, {Label: r.T("hook.address")}, {Label: r.T("hook.last")}, {Label: r.T("word.status")}},
		Empty: ui.EmptyState{Title: r.T("hook.none"), Text: r.T("hook.none.text")}}
	for _, h := range list {
		cell := ui.Cell{Text: "—"}
		if ds := last[h.ID]; len(ds) > 0 {
			cell = ui.Cell{Text: r.T("hook.delivery."+ds[0].State, ds[0].Attempts), Sub: ds[0].Error}
			if ds[0].State == "waiting" && ds[0].Attempts > 0 {
				cell.Sub = r.T("hook.next", ds[0].Error, r.Moment(ds[0].NextAt))
			}
		}
		chip := ui.Chip{Class: "off", Word: r.T("hook.off")}
		if h.Active {
			chip = ui.Chip{Class: "ok", Word: r.T("hook.on")}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: s.Units.Short(h.Unit)}, {Text: h.Address}, cell, {Chips: []ui.Chip{chip}}}})
	}
	e := r.Problems(refused)
	active := ""
	if in.Active {
		active = "1"
	}
	form := ui.Form{ID: "hook", Action: "/screening/hooks", Sensitive: true, Note: r.T("hook.note"), Buttons: []ui.Button{{Label: r.T("hook.set"), Kind: "primary"}},
		Sets: []ui.Fieldset{{Legend: r.T("hook.set"), Fields: []ui.Field{{Name: "unit", Label: r.T("hook.unit"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: in.Unit, Error: e["unit"]},
			{Name: "address", Label: r.T("hook.address"), Value: in.Address, Placeholder: "https://", Error: e["address"]}, {Name: "secret", Label: r.T("hook.secret"), Kind: ui.FieldPassword, Hint: r.T("hook.secret.hint", minSecret), Optional: true, Error: e["secret"]},
			{Name: "active", Label: r.T("hook.active"), Kind: ui.FieldCheck, Value: active, Optional: true}}}}}
	return web.Page{Name: "screening/hooks", Data: hooksPage{t, form}, API: list, Err: refused, Crumbs: []ui.Crumb{{Label: r.T("menu.screening_hooks")}}}, nil
}

func (s *Service) postHook(r *web.Request) (web.Response, error) {
	var cmd HookCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	err := s.SetHook(r.Context(), r.Actor, cmd)
	if err != nil && !r.API() && fault.Is(err, fault.KindInvalid) {
		return s.hooksPage(r, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/screening/hooks", Done: "done.hook.set"}, nil
}
