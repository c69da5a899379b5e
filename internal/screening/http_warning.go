package screening

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func flows() []string { return []string{OutFlow.Name, InFlow.Name, CaseFlow.Name} }

type warningsPage struct {
	Tabs  ui.Tabs
	Table ui.Table
	Tell  bool
}

func (s *Service) warningTable(r *web.Request, list []Warning) ui.Table {
	t := ui.Table{ID: "w", Caption: r.T("screening.tab.warnings"), Base: "/screening/warnings", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("warning.flow")}, {Label: r.T("warning.subject")}, {Label: r.T("word.unit")},
			{Label: r.T("screening.until"), Nowrap: true}, {Label: r.T("warning.due"), Nowrap: true}, {Label: r.T("word.status"), Nowrap: true}},
		Empty: ui.EmptyState{Title: r.T("warning.none"), Text: r.T("warning.none.text")}}
	for _, w := range list {
		due := ui.Cell{Text: dash(string(w.Due))}
		if w.State == Sent || w.State == Received {
			due.Flag = ui.Due(r.Words(), string(w.Due), string(s.today()))
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(w.ID), Href: "/screening/warnings/" + string(w.ID), Cells: []ui.Cell{{Text: w.No}, {Text: r.T("warning.flow." + w.Flow), Sub: r.T("warning.kind." + w.Kind)},
			{Text: w.Subject, Sub: w.Firm}, {Text: s.Units.Short(w.Unit)}, {Text: dash(string(w.Until))}, due, {Chips: []ui.Chip{warningChip(r, w.State)}}}})
	}
	return t
}

func (s *Service) getWarnings(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	states := append(slices.Clone(OutFlow.States()), CaseFlow.States()...)
	slices.Sort(states)
	states = slices.Compact(states)
	f := warningFilter{Flow: pick(q, "flow", flows()), State: pick(q, "state", states)}
	var after id.ID
	if len(q.After) > 0 {
		after = id.ID(q.After[0])
	}
	var list []Warning
	count := 0
	err = s.log.DB().Read(r.Context(), func(dq db.Q) (err error) {
		list, count, err = s.visibleWarnings(r.Context(), dq, r.Actor, f, after, q.Size+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	next := ""
	if len(list) > q.Size {
		list = list[:q.Size]
		next = string(list[len(list)-1].ID)
	}
	t := s.warningTable(r, list)
	t.Filters = []ui.Field{{Name: "flow", Label: r.T("warning.flow"), Kind: ui.FieldSelect, Value: f.Flow, Options: options(r, "warning.flow.", flows())},
		{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Value: f.State, Options: options(r, "warning.state.", states)}}
	t.Pager = web.Pager(r, "/screening/warnings", "", next, after != "")
	t.Pager.Count, t.Pager.Capped = min(count, page.CountCap), count > page.CountCap
	api := struct {
		Warnings []Warning `json:"warnings"`
		Count    int       `json:"count"`
	}{list, count}
	return web.Page{Name: "screening/warnings", Data: warningsPage{tabs(r, "/screening/warnings"), t, r.Can("reverse.send")}, API: api, Mark: true,
		Crumbs: []ui.Crumb{{Label: r.T("menu.screening_warnings")}}}, nil
}

type warningPage struct {
	W            Warning
	Chip         ui.Chip
	Steps        ui.Steps
	Facts        []ui.Fact
	Consequences []string
	Forms        []ui.Form
	Trail        ui.Trail
	Hit          string
}

func (s *Service) getWarning(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.warningPage(r, n, "", ActCmd{}, nil)
}

func (s *Service) warningPage(r *web.Request, n id.ID, failed string, in ActCmd, refused error) (web.Response, error) {
	var w Warning
	var es []Event
	var who map[id.ID]string
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if w, err = s.loadWarning(r.Context(), q, r.Actor, n); err != nil {
			return err
		}
		if es, err = warningEvents(r.Context(), q, n); err != nil {
			return err
		}
		ids := []id.ID{w.SentBy}
		for _, e := range es {
			ids = append(ids, e.Person)
		}
		who, err = names(r.Context(), q, ids...)
		return err
	})
	if err != nil {
		return nil, err
	}
	p := warningPage{W: w, Chip: warningChip(r, w.State), Steps: warningSteps(r, w), Facts: s.warningFacts(r, w, es, who), Forms: s.warningForms(r, w, failed, in, refused)}
	for _, k := range consequences(w) {
		p.Consequences = append(p.Consequences, r.T("warning.consequence."+k))
	}
	if w.Hit != "" && r.Can("match.read") {
		p.Hit = "/screening/hits/" + string(w.Hit)
	}
	for _, e := range es {
		name := or(who[e.Person], e.Name)
		if e.Person == "" && e.Name == "" {
			name = r.T("role.system")
		}
		p.Trail.Entries = append(p.Trail.Entries, ui.Entry{At: r.Moment(e.At), Who: name, What: r.T("warning.did." + e.Act), Text: e.Text})
	}
	api := struct {
		Warning
		Events []Event  `json:"events"`
		Steps  []string `json:"steps"`
	}{w, es, s.mayAct(r.Actor, w)}
	return web.Page{Name: "screening/warning", Data: p, API: api, Err: refused, Mark: true,
		Crumbs: []ui.Crumb{{Label: r.T("menu.screening_warnings"), Href: "/screening/warnings"}, {Label: w.No}}}, nil
}

// consequences are what the law attaches on both sides (司发通〔2021〕61号 arts. 6, 8,
// 9, 11), as guidance beside the record.
func consequences(w Warning) []string {
	switch {
	case w.Flow == CaseFlow.Name:
		return []string{"party", "tell", "firm"}
	case w.Flow == InFlow.Name:
		return []string{"opinion", "licence"}
	}
	return []string{"firm", "cancel", "order"}
}

func warningSteps(r *web.Request, w Warning) ui.Steps {
	order := []string{Sent, Received, Answered, Handled, Closed}
	times := map[string]string{Sent: w.SentAt, Raised: w.SentAt, Received: w.ReceivedAt, Answered: w.AnsweredAt, Handled: w.HandledAt, Notified: w.HandledAt, Closed: w.ClosedAt}
	if w.Flow == CaseFlow.Name {
		order = []string{Raised, Notified, Handled, Closed}
	}
	out := ui.Steps{Label: r.T("warning.process")}
	state := w.State
	if state == Unanswered {
		state = Sent
		if w.ReceivedAt != "" {
			state = Received
		}
	}
	now := slices.Index(order, state)
	for i, st := range order {
		x := ui.Step{Label: r.T("warning.state." + st), State: "todo"}
		switch {
		case i < now || st == Closed && w.State == Closed:
			x.State = "done"
		case i == now:
			x.State = "now"
		}
		if times[st] != "" && i <= now {
			x.Real = r.Moment(times[st])
		}
		out.Items = append(out.Items, x)
	}
	return out
}

func (s *Service) warningFacts(r *web.Request, w Warning, es []Event, who map[id.ID]string) []ui.Fact {
	out := []ui.Fact{{Label: r.T("warning.flow"), Text: r.T("warning.flow." + w.Flow), Sub: r.T("warning.kind." + w.Kind)}, {Label: r.T("warning.subject"), Text: w.Subject}, {Label: r.T("warning.firm"), Text: dash(w.Firm)},
		{Label: r.T("word.unit"), Text: s.Units.Name(w.Unit)}, {Label: r.T("screening.until"), Text: dash(string(w.Until)), Sub: ruleName(w.Rule)},
		{Label: r.T("warning.due"), Text: dash(string(w.Due)), Flag: ui.Due(r.Words(), map[bool]string{true: string(w.Due)}[w.State == Sent || w.State == Received], string(s.today()))},
		{Label: r.T("warning.sent_by"), Text: dash(sender(w, es, who)), Sub: r.Moment(w.SentAt)}}
	if w.CaseNo != "" {
		out = append(out, ui.Fact{Label: r.T("warning.case_no"), Text: w.CaseNo})
	}
	out = append(out, ui.Fact{Label: r.T("warning.body"), Text: w.Body, Verbatim: true, Wide: true})
	if w.Answer != "" {
		out = append(out, ui.Fact{Label: r.T("warning.answer"), Text: w.Answer, Verbatim: true, Wide: true})
	}
	if w.Handling != "" {
		out = append(out, ui.Fact{Label: r.T("warning.handling"), Text: w.Handling, Verbatim: true, Wide: true})
	}
	return out
}

func (s *Service) warningForms(r *web.Request, w Warning, failed string, in ActCmd, refused error) []ui.Form {
	var out []ui.Form
	for i, do := range s.mayAct(r.Actor, w) {
		f := ui.Form{ID: do, Action: "/screening/warnings/" + string(w.ID) + "/" + do, Rev: web.Rev(w.Rev), Buttons: []ui.Button{{Label: r.T("warning.do." + do)}}}
		if i == 0 {
			f.Buttons[0].Kind = "primary"
		}
		if slices.Contains(needText, do) {
			x := ui.Field{Name: "text", Label: r.T("warning.text." + do), Kind: ui.FieldArea, Rows: 4, MaxLen: maxBody, Wide: true}
			if do == failed {
				x.Error, x.Value = r.Problems(refused)["text"], in.Text
			}
			f.Sets = []ui.Fieldset{{Fields: []ui.Field{x}}}
		}
		out = append(out, f)
	}
	return out
}

func (s *Service) postAct(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var cmd ActCmd
		if err := r.Decode(&cmd); err != nil {
			return nil, err
		}
		err = s.Act(r.Context(), r.Actor, n, do, cmd)
		if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) || fault.Is(err, fault.KindConflict)) {
			return s.warningPage(r, n, do, cmd, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/screening/warnings/" + string(n), Done: "done.warning." + do}, nil
	}
}

func (s *Service) postSend(r *web.Request) (web.Response, error) {
	var cmd SendCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	w, err := s.Send(r.Context(), r.Actor, cmd)
	if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState)) {
		return s.hitPage(r, cmd.Hit, "send", err, false)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/screening/warnings/" + string(w.ID), Done: "done.warning.send", API: w}, nil
}

func (s *Service) postLeaving(r *web.Request) (web.Response, error) {
	var cmd LeavingCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	cmd.Key = r.PathValue("key")
	w, err := s.TellLeaving(r.Context(), r.Actor, cmd)
	if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState)) {
		return s.personPage(r, cmd.Key, personTyped{tell: cmd}, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/screening/warnings/" + string(w.ID), Done: "done.warning.send", API: w}, nil
}

type tellPage struct{ Form ui.Form }

func (s *Service) getTell(r *web.Request) (web.Response, error) {
	return s.tellPage(r, TellCmd{Kind: OfApplication}, nil)
}

func (s *Service) tellPage(r *web.Request, in TellCmd, refused error) (web.Response, error) {
	p := r.Problems(refused)
	kinds := options(r, "warning.kind.", InKinds())[1:]
	form := ui.Form{Action: "/screening/tell", Note: r.T("warning.tell.note"), Cancel: ui.Link{Label: r.T("act.back"), Href: "/screening/warnings"},
		Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "kind", Label: r.T("warning.kind"), Kind: ui.FieldRadio, Value: in.Kind, Options: kinds, Wide: true, Error: p["kind"]},
			{Name: "subject", Label: r.T("warning.subject"), Value: in.Subject, MaxLen: 100, Error: p["subject"]},
			{Name: "unit", Label: r.T("warning.former"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: in.Unit, Error: p["unit"]},
			{Name: "firm", Label: r.T("warning.firm"), Value: in.Firm, MaxLen: 200, Optional: true, Error: p["firm"]},
			{Name: "due", Label: r.T("warning.due"), Kind: ui.FieldDate, Value: string(in.Due), Optional: true, Hint: r.T("warning.due.hint", answerDays), Error: p["due"]},
			{Name: "body", Label: r.T("warning.body"), Kind: ui.FieldArea, Rows: 5, MaxLen: maxBody, Value: in.Body, Wide: true, Error: p["body"]}}}},
		Buttons: []ui.Button{{Label: r.T("warning.tell"), Kind: "primary"}}}
	return web.Page{Name: "screening/tell", Data: tellPage{form}, Err: refused, Crumbs: []ui.Crumb{{Label: r.T("menu.screening_warnings"), Href: "/screening/warnings"}, {Label: r.T("warning.tell")}}}, nil
}

func (s *Service) postTell(r *web.Request) (web.Response, error) {
	var cmd TellCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	w, err := s.Tell(r.Context(), r.Actor, cmd)
	if err != nil && !r.API() && fault.Is(err, fault.KindInvalid) {
		return s.tellPage(r, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/screening/warnings/" + string(w.ID), Done: "done.warning.send", API: w}, nil
}

// soonDays is how long before its end a restriction is called to mind.
const soonDays = 30

// Todo is what waits for an actor: hits to judge, notices to acknowledge or
// answer, restrictions of confirmed persons that end soon.
func (s *Service) Todo(ctx context.Context, a actor.Actor) (out []web.Todo, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if err := s.todoDeclare(ctx, q, a, &out); err != nil {
			return err
		}
		if err := s.todoDepart(ctx, q, a, &out); err != nil {
			return err
		}
		if s.policy.Ever(a, "match.hit") {
			if err := s.todoHits(ctx, q, a, &out); err != nil {
				return err
			}
		}
		if !s.policy.Ever(a, "reverse.read") {
			return nil
		}
		list, _, err := s.visibleWarnings(ctx, q, a, warningFilter{States: []string{Sent, Received, Answered, Unanswered, Handled, Raised, Notified}}, "", 100)
		for _, w := range list {
			acts := s.mayAct(a, w)
			for _, do := range []string{"receive", "answer", "notify", "handle", "close", "urge"} {
				if slices.Contains(acts, do) {
					out = append(out, web.Todo{Kind: "todo.warning." + do, Title: w.No + " " + w.Subject, Unit: s.Units.Short(w.Unit), Due: w.Due, Href: "/screening/warnings/" + string(w.ID), Verb: "warning.do." + do, At: w.SentAt})
					break
				}
			}
		}
		return err
	})
	return out, err
}

func (s *Service) todoHits(ctx context.Context, q db.Q, a actor.Actor, out *[]web.Todo) error {
	list, err := s.visibleHits(ctx, q, a, hitFilter{States: []string{Open, Proposed}}, nil, 40)
	if err != nil {
		return err
	}
	for _, h := range list {
		if len(s.mayJudge(a, h)) == 0 {
			continue
		}
		name := h.Name
		if h.Kin != "" {
			name = h.Kin
		}
		*out = append(*out, web.Todo{Kind: "todo.match." + h.State, Title: name + " – " + h.Firm, Unit: s.Units.Short(h.Unit), Href: "/screening/hits/" + string(h.ID), Verb: "todo.match.do", At: h.FoundAt})
		if len(*out) >= 10 {
			break // the rest waits in the review
		}
	}
	ending, err := s.visibleHits(ctx, q, a, hitFilter{States: []string{Confirmed}, From: s.today(), Until: s.today().AddDays(soonDays)}, nil, 20)
	for _, h := range ending {
		*out = append(*out, web.Todo{Kind: "todo.match.ending", Title: h.Name + " – " + h.Firm, Unit: s.Units.Short(h.Unit), Due: h.Until, Href: "/screening/hits/" + string(h.ID), Verb: "todo.match.look", At: h.DecidedAt})
	}
	return err
}

// sender names who sent a warning, on whichever side.
func sender(w Warning, es []Event, who map[id.ID]string) string {
	if len(es) > 0 && es[len(es)-1].Name != "" {
		return es[len(es)-1].Name
	}
	return who[w.SentBy]
}
