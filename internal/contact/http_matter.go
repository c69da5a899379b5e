package contact

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type matterPage struct {
	Code     string
	Chips    []ui.Chip
	Steps    ui.Steps
	Index    ui.Facts
	Content  ui.Facts
	Sealed   bool
	Notice   string
	Files    []ui.Link
	Forms    []ui.Form
	Openings ui.Trail
	Trail    ui.Trail
	Actions  []ui.Button
	Mine     bool
	Protect  string
	Linked   *ui.Table
}

// line of the process bar: the steps that every record goes, and where it stands.
var line = []string{Submitted, Checked, Classified, Verified, Answered, Archived}

func (s *Service) getMatter(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v, err := s.Read(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	return s.matterPage(r, v, "", nil)
}

// matterPage shows a matter; failed is the form that was refused.
func (s *Service) matterPage(r *web.Request, v View, failed string, err error) (web.Response, error) {
	m := v.Matter
	p := matterPage{Code: m.Code, Chips: append([]ui.Chip{stateChip(r, m.State)}, marksOf(r, m)...), Mine: v.Mine, Sealed: v.Content == nil && m.State != Draft,
		Index: s.indexFacts(r, m), Steps: s.stepBar(r, v), Openings: s.openingTrail(r, v), Trail: s.entryTrail(r, v)}
	if v.Content != nil {
		p.Content = s.contentFacts(r, v)
	}
	for _, f := range v.Files {
		p.Files = append(p.Files, ui.Link{Label: f.Name, Href: matterAddress(m.ID) + "/files/" + string(f.ID)})
	}
	if v.Mine {
		p.Protect = r.T("matter.protected")
		p.Actions, p.Forms = s.reporterForms(r, v, failed, err)
	} else {
		p.Forms = s.officeForms(r, v, failed, err)
		if v.Asked {
			p.Notice = r.T("opening.waits")
			if v.Alone {
				p.Notice = r.T("opening.waits.alone")
			}
		}
	}
	return web.Page{Name: "contact/matter", Data: p, API: v, Err: err, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: m.Code})}, nil
}

func (s *Service) stepBar(r *web.Request, v View) ui.Steps {
	out := ui.Steps{Label: r.T("matter.steps")}
	at := slices.Index(line, v.Matter.State)
	switch v.Matter.State {
	case Returned:
		at = 0
	case Noticed, Referred, Circulated:
		at = slices.Index(line, Verified)
	case Draft, Discarded, Withdrawn:
		return ui.Steps{}
	}
	for i, st := range line {
		state := "todo"
		if i < at {
			state = "done"
		} else if i == at {
			state = "now"
		}
		real := ""
		for _, e := range v.Entries {
			if e.To == st && e.From != st {
				real = r.Moment(e.At)[:10]
			}
		}
		out.Items = append(out.Items, ui.Step{Label: r.T("matter.state." + st), State: state, Real: real})
	}
	return out
}

func (s *Service) indexFacts(r *web.Request, m Matter) ui.Facts {
	f := ui.Facts{Items: []ui.Fact{{Label: r.T("matter.code"), Text: m.Code}}}
	if m.State == Draft {
		return f
	}
	due := ui.Fact{Label: r.T("word.due"), Text: string(m.Due)}
	if m.Due != "" {
		due.Flag = ui.Due(r.T, string(m.Due), string(r.Today()))
	}
	f.Items = append(f.Items, ui.Fact{Label: r.T("matter.recorded_on"), Text: string(m.Recorded)}, ui.Fact{Label: r.T("word.unit"), Text: s.Units.Name(m.Unit)},
		ui.Fact{Label: r.T("matter.area"), Text: r.T("matter.area." + m.Area)}, ui.Fact{Label: r.T("matter.asker"), Text: r.T("matter.asker." + m.Asker)},
		ui.Fact{Label: r.T("matter.class"), Text: s.classWord(r, m), Sub: r.T(map[bool]string{true: "matter.class.office", false: "matter.class.reporter"}[m.Category != ""])},
		ui.Fact{Label: r.T("matter.office"), Text: s.Units.Name(m.Office), Sub: s.Units.Name(m.Upper)}, due)
	f.Items = append(f.Items, s.meetingFacts(r, m)...)
	if m.Outcome != "" {
		f.Items = append(f.Items, ui.Fact{Label: r.T("matter.outcome"), Text: r.T("matter.outcome." + m.Outcome)})
	}
	return f
}

func (s *Service) contentFacts(r *web.Request, v View) ui.Facts {
	c := v.Content
	var responses []string
	for _, x := range c.Response {
		responses = append(responses, r.Word("matter.response."+x, x))
	}
	word := func(prefix, code string) string {
		if code == "" {
			return ""
		}
		return r.Word(prefix+code, code)
	}
	items := []ui.Fact{}
	if !v.Mine {
		items = append(items, ui.Fact{Label: r.T("matter.reporter"), Text: v.Names[c.Reporter]})
	}
	items = append(items, ui.Fact{Label: r.T("matter.asker_name"), Text: c.AskerName, Sub: strings.TrimSpace(c.AskerUnit + " " + c.AskerPost)},
		ui.Fact{Label: r.T("matter.relation"), Text: c.Relation}, ui.Fact{Label: r.T("matter.case"), Text: strings.TrimSpace(c.CaseNo + " " + c.CaseName), Sub: word("matter.stage.", c.Stage)},
		ui.Fact{Label: r.T("matter.on"), Text: string(c.On), Sub: c.Place}, ui.Fact{Label: r.T("matter.channel"), Text: word("matter.channel.", c.Channel)},
		ui.Fact{Label: r.T("matter.words"), Text: c.Words, Wide: true, Verbatim: true}, ui.Fact{Label: r.T("matter.answer"), Text: c.Answer, Wide: true},
		ui.Fact{Label: r.T("matter.response"), Text: strings.Join(responses, r.T("contact.comma"))}, ui.Fact{Label: r.T("matter.witnesses"), Text: c.Witnesses})
	return ui.Facts{Items: items}
}

// openingTrail shows who opened the record, for what: the reporter reads it.
func (s *Service) openingTrail(r *web.Request, v View) ui.Trail {
	t := ui.Trail{Empty: r.T("opening.none")}
	for _, o := range v.Openings {
		e := ui.Entry{At: r.Moment(o.At), Who: v.Names[o.Person] + " · " + s.Units.Short(o.Unit), What: r.T("opening.state." + o.State), Text: r.T("opening.purpose."+o.Purpose) + r.T("contact.colon") + o.Reason}
		if o.Second != "" {
			second := "opening.second"
			if o.State == Refused {
				second = "opening.second.refused"
			}
			e.Text += "\n" + r.T(second, v.Names[o.Second], r.Moment(o.SecondAt))
		}
		t.Entries = append(t.Entries, e)
	}
	return t
}

func (s *Service) entryTrail(r *web.Request, v View) ui.Trail {
	var t ui.Trail
	for i := len(v.Entries) - 1; i >= 0; i-- {
		e := v.Entries[i]
		who := r.T("matter.reporter")
		if e.Unit != "" {
			who = s.Units.Short(e.Unit)
		}
		x := ui.Entry{At: r.Moment(e.At), Who: who, What: r.T("matter.do." + e.Do), Text: e.Text}
		switch e.Do {
		case "classify":
			x.Text = strings.TrimSpace(s.Rules.Word(e.Detail, v.Matter.Recorded, r.Lang) + "\n" + e.Text)
		case "feedback":
			x.Text = strings.TrimSpace(r.T("matter.outcome."+e.Detail) + "\n" + e.Text)
		case "refer":
			if e.Detail != "" {
				x.Text = strings.TrimSpace(r.T("matter.lead_no", e.Detail) + "\n" + e.Text)
			}
		}
		t.Entries = append(t.Entries, x)
	}
	return t
}

// reporterForms are what the reporter may do next.
func (s *Service) reporterForms(r *web.Request, v View, failed string, err error) (actions []ui.Button, forms []ui.Form) {
	m, p := v.Matter, r.Problems(err)
	base := matterAddress(m.ID)
	if m.State == Draft {
		return []ui.Button{{Label: r.T("matter.do.edit"), Kind: "primary", Href: base + "/edit"}},
			[]ui.Form{{ID: "discard", Action: base + "/discard", Rev: web.Rev(m.Rev), Buttons: []ui.Button{{Label: r.T("matter.do.discard")}}}}
	}
	if m.State != Withdrawn && m.State != Discarded {
		actions = append(actions, ui.Button{Label: r.T("matter.do.receipt"), Href: base + "/receipt"})
	}
	for _, st := range Flow.From(m.State) {
		switch st.Do {
		case "supplement":
			f := ui.Form{ID: "supplement", Action: base + "/supplement", Multipart: true, Sensitive: true, Rev: web.Rev(m.Rev), Sets: []ui.Fieldset{{Legend: r.T("matter.do.supplement"), Hint: r.T("matter.supplement.hint"), Fields: []ui.Field{
				{Name: "text", Label: r.T("matter.supplement.text"), Kind: ui.FieldArea, Wide: true, MaxLen: maxText}, {Name: "file", Label: r.T("matter.files"), Kind: ui.FieldFile, Multiple: true, Optional: true, Capture: true}}}},
				Buttons: []ui.Button{{Label: r.T("matter.do.supplement"), Kind: "primary"}}}
			if failed == "supplement" {
				f.Sets[0].Fields[0].Error, f.Sets[0].Fields[0].Value = p["text"], r.PostFormValue("text")
			}
			forms = append(forms, f)
		case "withdraw":
			if m.ReadAt == "" {
				forms = append(forms, ui.Form{ID: "withdraw", Action: base + "/withdraw", Rev: web.Rev(m.Rev), Note: r.T("matter.withdraw.hint"), Buttons: []ui.Button{{Label: r.T("matter.do.withdraw"), Confirm: r.T("matter.withdraw.confirm")}}})
			}
		}
	}
	return actions, forms
}

// officeForms: first the opening, then the steps that the state allows.
func (s *Service) officeForms(r *web.Request, v View, failed string, err error) []ui.Form {
	m, p := v.Matter, r.Problems(err)
	base := matterAddress(m.ID)
	typed := func(form, name string) (value, problem string) {
		if failed == form {
			return r.PostFormValue(name), p[name]
		}
		return "", ""
	}
	out := s.judgeForms(r, v)
	if !v.Opened {
		if v.Asked {
			return out
		}
		purpose, pe := typed("open", "purpose")
		reason, re := typed("open", "reason")
		note := r.T("opening.note")
		if m.Second {
			note = r.T("opening.note.second")
		}
		return append(out, ui.Form{ID: "open", Action: base + "/open", Note: note, Sets: []ui.Fieldset{{Legend: r.T("opening.ask"), Fields: []ui.Field{
			{Name: "purpose", Label: r.T("opening.purpose"), Kind: ui.FieldRadio, Value: purpose, Error: pe, Options: options(r, "opening.purpose.", Purposes()), Wide: true},
			{Name: "reason", Label: r.T("opening.reason"), Value: reason, Error: re, Wide: true, MaxLen: maxShort}}}},
			Buttons: []ui.Button{{Label: r.T("opening.do.ask"), Kind: "primary"}}})
	}
	shadow := s.shadow(r.Actor)
	for _, st := range Flow.From(m.State) {
		if !has(officeSteps, st.Do) || has(consequential, st.Do) && m.group(s.Rules) != Improper {
			continue
		}
		if s.policy.Can(shadow, "matter."+st.Do, s.object(m, nil)) != nil {
			continue
		}
		f := ui.Form{ID: st.Do, Action: base + "/" + st.Do, Sensitive: true, Rev: web.Rev(m.Rev), Buttons: []ui.Button{{Label: r.T("matter.do." + st.Do), Kind: "primary"}}}
		set := ui.Fieldset{Legend: r.T("matter.do." + st.Do), Hint: r.Word("matter.do."+st.Do+".hint", "")}
		switch st.Do {
		case "classify":
			value, problem := typed(st.Do, "category")
			if value == "" {
				value = m.category()
			}
			set.Fields = append(set.Fields, ui.Field{Name: "category", Label: r.T("matter.class"), Kind: ui.FieldRadio, Value: value, Error: problem, Options: s.classOptions(r), Wide: true})
			if list := s.Rules.ProhibitedFor(m.Asker, m.Recorded); len(list) > 0 {
				kind, problem := typed(st.Do, "prohibited")
				set.Fields = append(set.Fields, s.prohibitedField(r, list, kind, problem))
			}
		case "feedback":
			value, problem := typed(st.Do, "outcome")
			set.Fields = append(set.Fields, ui.Field{Name: "outcome", Label: r.T("matter.outcome"), Kind: ui.FieldRadio, Value: value, Error: problem, Options: options(r, "matter.outcome.", Outcomes()), Wide: true})
		case "refer":
			value, problem := typed(st.Do, "managed")
			set.Fields = append(set.Fields, s.managerField(r, v, value, problem))
		}
		if !has([]string{"check", "archive"}, st.Do) {
			value, problem := typed(st.Do, "text")
			set.Fields = append(set.Fields, ui.Field{Name: "text", Label: r.T("matter.text." + st.Do), Kind: ui.FieldArea, Value: value, Error: problem, Optional: has(wordless, st.Do), Wide: true, MaxLen: maxText})
		}
		f.Sets = []ui.Fieldset{set}
		out = append(out, f)
	}
	return out
}

// again shows the page of a matter with the refused form.
func (s *Service) again(r *web.Request, n id.ID, form string, err error) (web.Response, error) {
	if !fault.Is(err, fault.KindInvalid) || r.API() {
		return nil, err
	}
	v, e := s.Read(r.Context(), r.Actor, n)
	if e != nil {
		return nil, e
	}
	return s.matterPage(r, v, form, err)
}

func (s *Service) postSupplement(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c SupplementCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	in, done, err := uploads(r)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := s.Supplement(r.Context(), r.Actor, n, c, in); err != nil {
		return s.again(r, n, "supplement", err)
	}
	return web.Redirect{To: matterAddress(n), Done: "done.matter.supplement"}, nil
}

func (s *Service) postLeave(do string, fn func(ctx context.Context, who actor.Actor, n id.ID, rev int64) error) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c RevCmd
		if err := r.Decode(&c); err != nil {
			return nil, err
		}
		if err := fn(r.Context(), r.Actor, n, c.Rev); err != nil {
			return nil, err
		}
		return web.Redirect{To: "/my/returns", Done: "done.matter." + do}, nil
	}
}

func (s *Service) getReceipt(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	rc, err := s.ReceiptOf(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(rc, "", "  ")
	if err != nil {
		return nil, err
	}
	return web.File{Name: "receipt-" + rc.Code + ".json", Type: "application/json; charset=utf-8", Body: bytes.NewReader(b), Size: int64(len(b))}, nil
}

func (s *Service) getAttachment(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	file, err := r.ID("file")
	if err != nil {
		return nil, err
	}
	f, body, err := s.Attachment(r.Context(), r.Actor, n, file)
	if err != nil {
		return nil, err
	}
	return web.File{Name: f.Name, Type: f.Mime, Body: body, Size: f.Size}, nil
}

func (s *Service) postOpen(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c OpenCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	o, err := s.AskOpening(r.Context(), r.Actor, n, c)
	if err != nil {
		return s.again(r, n, "open", err)
	}
	return web.Redirect{To: matterAddress(n), Done: "done.opening." + o.State, API: o}, nil
}

// judgeForms let a second person agree to an opening of today, or refuse it.
func (s *Service) judgeForms(r *web.Request, v View) []ui.Form {
	var out []ui.Form
	for _, o := range v.Openings {
		if o.State != Asked || o.Day != r.Today() || o.Person == r.Actor.Person {
			continue
		}
		at := "/openings/" + string(o.ID)
		out = append(out, ui.Form{ID: "judge", Action: at + "/agree", Note: r.T("opening.asked_by", v.Names[o.Person], s.Units.Short(o.Unit), r.T("opening.purpose."+o.Purpose), o.Reason),
			Buttons: []ui.Button{{Label: r.T("opening.do.agree"), Kind: "primary"}, {Label: r.T("opening.do.refuse"), Action: at + "/refuse"}}})
	}
	return out
}

func (s *Service) postJudge(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		o, err := s.JudgeOpening(r.Context(), r.Actor, n, do)
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/contacts", Done: "done.opening." + do, API: o}, nil
	}
}

func (s *Service) postHandle(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c HandleCmd
		if err := r.Decode(&c); err != nil {
			return nil, err
		}
		m, err := s.Handle(r.Context(), r.Actor, n, do, c)
		if err != nil {
			return s.again(r, n, do, err)
		}
		return web.Redirect{To: matterAddress(n), Done: "done.matter." + do, API: m}, nil
	}
}

func (s *Service) postSettle(r *web.Request) (web.Response, error) {
	var c BulkCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	n, err := s.SettleHarmless(r.Context(), r.Actor, c)
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/contacts", Done: "done.matter.settle", API: map[string]int{"settled": n}}, nil
}
