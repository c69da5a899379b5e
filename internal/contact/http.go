package contact

import (
	"context"
	"embed"
	"slices"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

const maxUpload = 64 << 20

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	routes := []web.Route{
		{Method: "GET", Path: "/my/returns", Action: "return.file", Do: s.getMine},
		{Method: "GET", Path: "/my/returns/{period}", Action: "return.file", Do: s.getFile},
		{Method: "POST", Path: "/my/returns/{period}", Action: "return.file", In: FileCmd{}, Do: s.postFile},
		{Method: "POST", Path: "/my/returns/{period}/confirm", Action: "return.confirm", Do: s.postConfirm},
		{Method: "POST", Path: "/my/delegates", Action: "delegate.name", In: DelegateCmd{}, Do: s.postDelegate},
		{Method: "POST", Path: "/my/delegates/{id}/end", Action: "delegate.end", Do: s.postEndDelegate},
		{Method: "GET", Path: "/contacts", Action: "matter.open", Do: s.getList},
		{Method: "POST", Path: "/contacts/settle", Action: "matter.bulk", In: BulkCmd{}, Do: s.postSettle},
		{Method: "GET", Path: "/contacts/new", Action: "matter.save", Do: s.getNew},
		{Method: "GET", Path: "/contacts/{id}", Action: "matter.read", Do: s.getMatter},
		{Method: "GET", Path: "/contacts/{id}/edit", Action: "matter.save", Do: s.getEdit},
		{Method: "POST", Path: "/contacts/{id}/save", Action: "matter.save", In: RecordCmd{}, MaxBody: maxUpload, Do: s.postRecord(false)},
		{Method: "POST", Path: "/contacts/{id}/submit", Action: "matter.submit", In: RecordCmd{}, MaxBody: maxUpload, Do: s.postRecord(true)},
		{Method: "POST", Path: "/contacts/{id}/supplement", Action: "matter.supplement", In: SupplementCmd{}, MaxBody: maxUpload, Do: s.postSupplement},
		{Method: "POST", Path: "/contacts/{id}/withdraw", Action: "matter.withdraw", In: RevCmd{}, Do: s.postLeave("withdraw", s.Withdraw)},
		{Method: "POST", Path: "/contacts/{id}/discard", Action: "matter.discard", In: RevCmd{}, Do: s.postLeave("discard", s.Discard)},
		{Method: "GET", Path: "/contacts/{id}/receipt", Action: "matter.receipt", Do: s.getReceipt},
		{Method: "GET", Path: "/contacts/{id}/files/{file}", Action: "matter.read", NoAPI: true, Do: s.getAttachment},
		{Method: "POST", Path: "/contacts/{id}/open", Action: "matter.open", In: OpenCmd{}, Do: s.postOpen},
		{Method: "POST", Path: "/openings/{id}/agree", Action: "opening.agree", Do: s.postJudge("agree")},
		{Method: "POST", Path: "/openings/{id}/refuse", Action: "opening.refuse", Do: s.postJudge("refuse")},
		{Method: "GET", Path: "/contacts/calendar", Action: "return.calendar", Do: s.getCalendar},
		{Method: "GET", Path: "/contacts/people", Action: "return.calendar", Do: s.getPeople},
		{Method: "POST", Path: "/contacts/remind", Action: "return.remind", In: RemindCmd{}, Do: s.postRemind},
		{Method: "POST", Path: "/contacts/close", Action: "return.close", In: CloseCmd{}, Do: s.postClose},
		{Method: "POST", Path: "/contacts/admit", Action: "return.admit", In: FileCmd{}, Do: s.postAdmit},
		{Method: "GET", Path: "/contacts/settings", Action: "return.setting", Do: s.getSettings},
		{Method: "POST", Path: "/contacts/settings", Action: "return.setting", In: SettingCmd{}, Do: s.postSetting},
		{Method: "GET", Path: "/contacts/gates", Action: "gate.read", Do: s.getGate},
		{Method: "POST", Path: "/contacts/gates", Action: "gate.file", In: GateCmd{}, Do: s.postGate},
	}
	for _, do := range officeSteps {
		routes = append(routes, web.Route{Method: "POST", Path: "/contacts/{id}/" + do, Action: "matter." + do, In: HandleCmd{}, Do: s.postHandle(do)})
	}
	routes = append(append(routes, s.crossRoutes()...), s.formerRoutes()...)
	routes = append(append(append(routes, s.statsRoutes()...), s.publishedRoutes()...), append(append(s.silenceRoutes(), s.omissionRoutes()...), s.talkRoutes()...)...)
	return web.Room{Name: "contact", Pages: web.Sub(files, "pages"), Words: web.Words(files), Routes: routes, Todo: s.Todo, Find: s.Search,
		Menu: []web.Item{
			{Group: "menu.contact", Key: "menu.my_returns", Href: "/my/returns", Action: "return.file", Order: 500, Hot: "g m"},
			{Group: "menu.contact", Key: "menu.contacts", Href: "/contacts", Action: "matter.open", Order: 510,
				Count: func(ctx context.Context, a actor.Actor) (int, error) { return s.Waiting(ctx, a) }},
			{Group: "menu.contact", Key: "menu.crosschecks", Href: "/crosschecks", Action: "crosscheck.read", Order: 515},
			{Group: "menu.contact", Key: "menu.return_calendar", Href: "/contacts/calendar", Action: "return.calendar", Order: 520},
			{Group: "menu.contact", Key: "menu.contact_stats", Href: "/register/stats", Action: "register.stats", Order: 530},
			{Group: "menu.contact", Key: "menu.silence", Href: "/register/silence", Action: "silence.read", Order: 540},
			{Group: "menu.contact", Key: "menu.omissions", Href: "/register/omissions", Action: "omission.read", Order: 545},
			{Group: "menu.contact", Key: "menu.overdue", Href: "/register/overdue", Action: "overdue.read", Order: 550},
		}}
}

// officeSteps are the steps of the office in the order of the work.
var officeSteps = []string{"check", "return", "classify", "verify", "notice", "refer", "circulate", "feedback", "archive"}

func crumbs(r *web.Request, rest ...ui.Crumb) []ui.Crumb {
	first := ui.Crumb{Label: r.T("menu.my_returns"), Href: "/my/returns"}
	if r.Can("matter.open") {
		first = ui.Crumb{Label: r.T("menu.contacts"), Href: "/contacts"}
	}
	return append([]ui.Crumb{first}, rest...)
}

func stateChip(r *web.Request, state string) ui.Chip {
	class := map[string]string{Draft: "wait", Submitted: "run", Returned: "late", Withdrawn: "off", Discarded: "off", Answered: "ok", Archived: "ok", Referred: "long"}[state]
	if class == "" {
		class = "run"
	}
	return ui.Chip{Class: class, Word: r.T("matter.state." + state)}
}

// marksOf are the facts of an index row that are worth a chip.
func marksOf(r *web.Request, m Matter) []ui.Chip {
	var out []ui.Chip
	add := func(on bool, class, key string) {
		if on {
			out = append(out, ui.Chip{Class: class, Word: r.T(key)})
		}
	}
	add(m.Affected, "late", "matter.affected")
	add(m.CatchUp, "wait", "matter.catch_up")
	add(m.ReportLate(), "late", "matter.report_late")
	add(m.Prohibited != "", "late", "matter.prohibited")
	add(m.Hidden, "long", "matter.hidden")
	add(m.Harmless, "ok", "matter.harmless")
	add(m.Record == Guidance, "wait", "matter.record.guidance")
	return out
}

func (s *Service) classWord(r *web.Request, m Matter) string {
	if m.category() == "" {
		return ""
	}
	return s.Rules.Word(m.category(), m.Recorded, r.Lang)
}

// pathID reads the id of the path; "new" is a record that is not there yet.
func pathID(r *web.Request) (id.ID, error) {
	if r.PathValue("id") == "new" {
		return "", nil
	}
	return r.ID("id")
}

func options(r *web.Request, prefix string, codes []string) []ui.Option {
	out := make([]ui.Option, len(codes))
	for i, c := range codes {
		out[i] = ui.Option{Value: c, Label: r.T(prefix + c)}
	}
	return out
}

func (s *Service) classOptions(r *web.Request) []ui.Option {
	var out []ui.Option
	for _, c := range s.Rules.Named(r.Today()) {
		out = append(out, ui.Option{Value: c.Code, Label: s.Rules.Word(c.Code, r.Today(), r.Lang), Hint: r.T("matter.class." + c.Code + ".hint")})
	}
	return out
}

type formPage struct {
	Title string
	Lead  string
	Facts ui.Facts
	Form  *ui.Form
	More  []ui.Form
	Notes []string // who can see this
	Table *ui.Table
}

// recordForm is the form of a record: who, what, how (P3).
func (s *Service) recordForm(r *web.Request, n id.ID, c RecordCmd, err error) web.Page {
	p := r.Problems(err)
	base := "/contacts/new"
	if n != "" {
		base = "/contacts/" + string(n)
	}
	if c.On == "" && err == nil {
		c.On = r.Today()
	}
	if c.Record == "" {
		c.Record = Interference
	}
	if c.Area == "" && err == nil {
		c.Area = "case"
	}
	text := func(name, v string, optional bool) ui.Field {
		return ui.Field{Name: name, Label: r.T("matter." + name), Value: v, Optional: optional, Error: p[name], MaxLen: maxShort}
	}
	pick := func(name, v, prefix string, codes []string) ui.Field {
		return ui.Field{Name: name, Label: r.T("matter." + name), Kind: ui.FieldRadio, Value: v, Options: options(r, prefix, codes), Error: p[name], Wide: true}
	}
	check := func(name string, on bool) ui.Field {
		f := ui.Field{Name: name, Label: r.T("matter." + name + ".tick"), Kind: ui.FieldCheck, Optional: true, Wide: true, Hint: r.T("matter." + name + ".hint"), Error: p[name]}
		if on {
			f.Value = "1"
		}
		return f
	}
	unit := text("asker_unit", c.AskerUnit, true)
	unit.Hint = r.T("matter.asker_unit.hint")
	caseNo := text("case_no", c.CaseNo, true)
	caseNo.Hint = r.T("matter.case_no.hint")
	stage := ui.Field{Name: "stage", Label: r.T("matter.stage"), Kind: ui.FieldSelect, Value: c.Stage, Optional: true, Error: p["stage"],
		Options: append([]ui.Option{{Label: r.T("form.choose")}}, options(r, "matter.stage.", Stages())...)}
	meeting := pick("meeting", c.Meeting, "matter.meeting.", Meetings())
	meeting.Optional, meeting.Hint = true, r.T("matter.meeting.hint", s.Rules.days("contact"))
	class := ui.Field{Name: "claimed", Label: r.T("matter.claimed"), Kind: ui.FieldRadio, Value: c.Claimed, Options: s.classOptions(r), Error: p["claimed"], Wide: true, Hint: r.T("matter.claimed.hint")}
	response := ui.Field{Name: "response", Label: r.T("matter.response"), Kind: ui.FieldChecks, Values: c.Response, Options: options(r, "matter.response.", Responses()), Error: p["response"], Wide: true}
	f := ui.Form{Action: base + "/submit", Multipart: true, Sensitive: true, Rev: web.Rev(c.Rev), Sets: []ui.Fieldset{
		{Legend: r.T("matter.set.who"), Fields: []ui.Field{pick("record", c.Record, "matter.record.", []string{Interference, Guidance}), pick("asker", c.Asker, "matter.asker.", Codes(s.Rules.Askers)),
			text("asker_name", c.AskerName, false), unit, text("asker_post", c.AskerPost, true), text("relation", c.Relation, true), check("asker_leader", c.AskerLeader)}},
		{Legend: r.T("matter.set.what"), Fields: []ui.Field{pick("area", c.Area, "matter.area.", Codes(s.Rules.Areas)), caseNo, text("case_name", c.CaseName, true), stage,
			{Name: "on", Label: r.T("matter.on"), Kind: ui.FieldDate, Value: string(c.On), Error: p["on"]}, text("place", c.Place, true), pick("channel", c.Channel, "matter.channel.", Codes(s.Rules.Channels)), meeting,
			{Name: "words", Label: r.T("matter.words"), Kind: ui.FieldArea, Value: c.Words, Error: p["words"], Wide: true, Rows: 3, MaxLen: maxText}, class}},
		{Legend: r.T("matter.set.how"), Fields: []ui.Field{response, {Name: "answer", Label: r.T("matter.answer"), Kind: ui.FieldArea, Value: c.Answer, Optional: true, Error: p["answer"], Wide: true, Rows: 2, MaxLen: maxText},
			text("witnesses", c.Witnesses, true), {Name: "file", Label: r.T("matter.files"), Kind: ui.FieldFile, Multiple: true, Optional: true, Capture: true}, check("affected", c.Affected), check("hidden", c.Hidden)}},
	}, Buttons: []ui.Button{{Label: r.T("matter.do.submit"), Kind: "primary"}, {Label: r.T("matter.do.harmless"), Name: "harmless", Value: "1"}, {Label: r.T("matter.do.save"), Action: base + "/save"}},
		Cancel: ui.Link{Label: r.T("contact.back"), Href: "/my/returns"}}
	if c.Rev == 0 {
		f.Rev = ""
	}
	return web.Page{Name: "contact/form", Err: err, Crumbs: []ui.Crumb{{Label: r.T("menu.my_returns"), Href: "/my/returns"}, {Label: r.T("matter.new")}},
		Data: formPage{Title: r.T("matter.new"), Lead: r.T("matter.new.lead"), Form: &f, Notes: []string{r.T("matter.seen.1"), r.T("matter.seen.2"), r.T("matter.seen.3")}}}
}

func (s *Service) getNew(r *web.Request) (web.Response, error) {
	return s.recordForm(r, "", RecordCmd{}, nil), nil
}

func (s *Service) getEdit(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v, err := s.Read(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	if v.Matter.State != Draft || v.Content == nil {
		return nil, fault.State("error.state", "matter.save", "matter.state."+v.Matter.State)
	}
	return s.recordForm(r, n, RecordCmd{Content: *v.Content, Rev: v.Matter.Rev}, nil), nil
}

func (s *Service) postRecord(submit bool) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := pathID(r)
		if err != nil {
			return nil, err
		}
		var c RecordCmd
		var m Matter
		if err = r.Decode(&c); err == nil && submit {
			var in []FileIn
			var done func()
			if in, done, err = uploads(r); err == nil {
				m, err = s.Submit(r.Context(), r.Actor, n, c, in)
				done()
			}
		} else if err == nil {
			m, err = s.SaveDraft(r.Context(), r.Actor, n, c)
		}
		if fault.Is(err, fault.KindInvalid) && !r.API() {
			return s.recordForm(r, n, c, err), nil
		}
		if err != nil {
			return nil, err
		}
		done := "done.matter.save"
		if submit {
			done = "done.matter.submit"
		}
		return web.Redirect{To: "/contacts/" + string(m.ID), Done: done, API: m}, nil
	}
}

// uploads opens the files of a form; the caller closes them.
func uploads(r *web.Request) ([]FileIn, func(), error) {
	ups, err := r.Files("file", maxFiles)
	if err != nil {
		return nil, nil, err
	}
	var out []FileIn
	for _, u := range ups {
		out = append(out, FileIn{u.Name, u.Size, u})
	}
	return out, func() {
		for _, u := range ups {
			_ = u.Close() // only read
		}
	}, nil
}

func matterAddress(n id.ID) string { return "/contacts/" + string(n) }

func yes(r *web.Request, on bool) string {
	return r.T(map[bool]string{true: "form.yes", false: "form.no"}[on])
}

func count(n int) string { return strconv.Itoa(n) }

func has(list []string, v string) bool { return slices.Contains(list, v) }
