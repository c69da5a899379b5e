package contact

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) talkRoutes() []web.Route {
	out := []web.Route{
		{Method: "GET", Path: "/register/overdue", Action: "overdue.read", Do: s.getOverdue},
		{Method: "GET", Path: "/register/talks", Action: "talk.read", Do: s.getTalks},
		{Method: "POST", Path: "/register/talks", Action: "talk.arrange", In: TalkCmd{}, Do: s.postTalk},
		{Method: "GET", Path: "/register/talks/{id}", Action: "talk.read", Do: s.getTalk},
	}
	for _, do := range TalkFlow.Actions() {
		out = append(out, web.Route{Method: "POST", Path: "/register/talks/{id}/" + do, Action: "talk." + do, In: HoldCmd{}, Do: s.postTalkStep(do)})
	}
	return out
}

// silenceTabs lead from people to their departments and to the units below.
func silenceTabs(r *web.Request, unit id.ID, by string) []ui.Tab {
	var out []ui.Tab
	for _, x := range []string{ByPerson, ByDepartment, ByUnit} {
		out = append(out, ui.Tab{Label: r.T("silence.by." + x), Href: "/register/silence?unit=" + string(unit) + "&by=" + x, Current: x == by})
	}
	return out
}

// groupSilencePage shows the runs of departments, or of units.
func (s *Service) groupSilencePage(r *web.Request, unit id.ID, by string) (web.Response, error) {
	v, err := s.GroupSilence(r.Context(), r.Actor, unit, by)
	if err != nil {
		return nil, err
	}
	p := s.silencePage(r, unit, by, v.Periods, v.Bounds)
	p.Notes[0] = r.T("silence.note.groups")
	p.Notes = append(p.Notes, r.T("silence.note.talk", v.Bounds.Talk))
	p.Table = ui.Table{ID: "s", Caption: r.T("silence.by." + by), NoDrawer: true, Views: silenceTabs(r, unit, by), Empty: ui.EmptyState{Title: r.T("silence.none.group"), Text: r.T("silence.none.group.text")},
		Columns: []ui.Column{{Label: r.T("silence.group." + by)}, {Label: r.T("silence.run"), Num: true, Hint: r.T("silence.run.hint")}, {Label: r.T("silence.returns"), Num: true, Hint: r.T("silence.returns.hint")},
			{Label: r.T("silence.cases"), Num: true}, {Label: r.T("silence.arithmetic")}, {Label: r.T("silence.talk")}}}
	for _, l := range v.Lines {
		name := s.Units.Name(l.Unit)
		if by == ByDepartment {
			if name = v.Names[l.Department]; name == "" {
				name = r.T("silence.no_department")
			}
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: name}, {Text: fmt.Sprintf("%d / %d", l.Run, l.Periods)}, {Text: count(l.Returns)}, {Text: count(l.Cases)}, groupArithmetic(r, l), s.talkCell(r, l, by, v.Bounds)}})
	}
	return web.Page{Name: "contact/silence", Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.silence"), Href: "/register/silence"}, {Label: p.Unit}}}, nil
}

// groupArithmetic writes the sum of a line out, post by post.
func groupArithmetic(r *web.Request, l GroupSilence) ui.Cell {
	if !l.Scored {
		return ui.Cell{Text: r.T("silence.why." + l.Why)}
	}
	var parts []string
	for _, x := range l.Posts {
		if x.PeerCase > 0 {
			parts = append(parts, r.T("silence.part", x.Post, x.Cases, x.PeerHits, x.PeerCase))
		}
	}
	return ui.Cell{Text: r.T("silence.total", fmt.Sprintf("%.1f", l.Expected), chance(l.Chance)), Sub: strings.Join(parts, " + ")}
}

// talkCell leads to the talk about a line, or to arranging one.
func (s *Service) talkCell(r *web.Request, l GroupSilence, by string, b SilenceBounds) ui.Cell {
	switch {
	case l.Talk != nil:
		return ui.Cell{Text: r.T("talk.state." + l.Talk.State), Href: "/register/talks/" + string(l.Talk.ID), Sub: string(l.Talk.Due + l.Talk.Held)}
	case l.Run >= b.Talk && (by == ByUnit || l.Department != "") && s.policy.Can(r.Actor, "talk.arrange", s.place(l.Unit)) == nil:
		return ui.Cell{Text: r.T("talk.do.arrange"), Href: "/register/talks?unit=" + string(l.Unit) + "&department=" + string(l.Department) + "#talk"}
	}
	return ui.Cell{Text: "—"}
}

type talksPage struct {
	Table ui.Table
	Form  ui.Form
}

func talkChip(r *web.Request, state string) ui.Chip {
	return ui.Chip{Class: map[string]string{TalkArranged: "wait", TalkHeld: "ok", TalkCancelled: "off"}[state], Word: r.T("talk.state." + state)}
}

func (s *Service) getTalks(r *web.Request) (web.Response, error) {
	c := TalkCmd{Unit: r.Param("unit"), Department: r.Param("department")}
	return s.talksPage(r, c, nil)
}

func (s *Service) talksPage(r *web.Request, c TalkCmd, failed error) (web.Response, error) {
	l, err := listByState(r, "/register/talks", TalkFlow.States())
	if err != nil {
		return nil, err
	}
	list, names, err := s.Talks(r.Context(), r.Actor, l.state, l.after, l.size+1)
	if err != nil {
		return nil, err
	}
	p := talksPage{Table: ui.Table{ID: "k", Caption: r.T("menu.talks"), Base: "/register/talks", Params: r.URL.Query(), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("talk.none"), Text: r.T("talk.none.text"), Next: ui.Link{Label: r.T("menu.silence"), Href: "/register/silence?by=department"}},
		Columns: []ui.Column{{Label: r.T("silence.person")}, {Label: r.T("word.unit")}, {Label: r.T("talk.kind")}, {Label: r.T("silence.run"), Num: true}, {Label: r.T("word.status")}, {Label: r.T("talk.outcome")}, {Label: r.T("word.due"), Nowrap: true}}}}
	p.Table.Views = l.views(r, "talk.state.")
	p.Table.Pager = l.pager(r, len(list), func(i int) id.ID { return list[i].ID })
	list = list[:min(len(list), l.size)]
	for _, k := range list {
		outcome := "—"
		if k.Outcome != "" {
			outcome = r.T("talk.outcome." + k.Outcome)
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{ID: string(k.ID), Href: "/register/talks/" + string(k.ID), Cells: []ui.Cell{{Text: names[k.Person]}, {Text: s.Units.Short(k.Unit), Sub: names[k.Department]}, {Text: r.T("talk.kind." + k.Kind)}, {Text: strconv.Itoa(k.Run)}, {Chips: []ui.Chip{talkChip(r, k.State)}}, {Text: outcome}, dueCell(r, k.Due)}})
	}
	form, err := s.talkForm(r, c, failed)
	if err != nil {
		return nil, err
	}
	p.Form = form
	return web.Page{Name: "contact/talks", Data: p, API: list, Err: failed, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.silence"), Href: "/register/silence"}, {Label: r.T("menu.talks")}}}, nil
}

// talkForm arranges a talk; the departments are those of the unit that the line named.
func (s *Service) talkForm(r *web.Request, c TalkCmd, failed error) (ui.Form, error) {
	unit, ok := s.Units.Resolve(c.Unit)
	if !ok || s.policy.Can(r.Actor, "talk.arrange", s.place(unit.ID)) != nil {
		unit, _ = s.Units.Unit(r.Actor.Unit)
		if failed == nil {
			c.Unit = ""
		}
	}
	names, err := s.departments(r, unit.ID)
	if err != nil {
		return ui.Form{}, err
	}
	departments := []ui.Option{{Label: r.T("talk.whole_unit")}}
	for _, d := range sortedNames(names) {
		departments = append(departments, ui.Option{Value: string(d), Label: names[d]})
	}
	if c.Unit == "" || failed == nil {
		c.Unit = unit.Name
	}
	b := r.Problems(failed)
	return ui.Form{ID: "talk", Action: "/register/talks", Sensitive: true, Note: r.T("talk.note"), Buttons: []ui.Button{{Label: r.T("talk.do.arrange"), Kind: "primary"}}, Sets: []ui.Fieldset{{Legend: r.T("talk.new"), Fields: []ui.Field{
		{Name: "unit", Label: r.T("word.unit"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: c.Unit, Error: b["unit"]},
		{Name: "department", Label: r.T("return.department"), Kind: ui.FieldSelect, Options: departments, Value: c.Department, Error: b["department"], Optional: true},
		{Name: "person", Label: r.T("talk.person_of"), Hint: r.T("talk.person_of.hint"), Kind: ui.FieldPicker, Source: "/pick/people?by=staff_no", Value: c.Person, Error: b["person"]},
		{Name: "due", Label: r.T("talk.due"), Kind: ui.FieldDate, Value: string(c.Due), Error: b["due"]},
		{Name: "kind", Label: r.T("talk.kind"), Kind: ui.FieldRadio, Options: options(r, "talk.kind.", TalkKinds()), Value: c.Kind, Error: b["kind"], Wide: true},
		{Name: "text", Label: r.T("talk.text.arrange"), Kind: ui.FieldArea, Rows: 2, Value: c.Text, Error: b["text"], Wide: true, MaxLen: maxText}}}}}, nil
}

func (s *Service) postTalk(r *web.Request) (web.Response, error) {
	var c TalkCmd
	var k Talk
	err := r.Decode(&c)
	if err == nil {
		k, err = s.ArrangeTalk(r.Context(), r.Actor, c)
	}
	if fault.Is(err, fault.KindInvalid) && !r.API() {
		return s.talksPage(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/register/talks/" + string(k.ID), Done: "done.talk.arrange", API: k}, nil
}

type talkPage struct {
	Title string
	Chip  ui.Chip
	Facts ui.Facts
	Forms []ui.Form
	Trail ui.Trail
}

func (s *Service) getTalk(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.talkPage(r, n, "", nil)
}

func (s *Service) talkPage(r *web.Request, n id.ID, failed string, problem error) (web.Response, error) {
	v, err := s.ReadTalk(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	k := v.Talk
	p := talkPage{Title: r.T("talk.title", v.Names[k.Person]), Chip: talkChip(r, k.State)}
	p.Facts = ui.Facts{Items: []ui.Fact{{Label: r.T("silence.person"), Text: v.Names[k.Person]}, {Label: r.T("word.unit"), Text: s.Units.Name(k.Unit), Sub: v.Department}, {Label: r.T("talk.kind"), Text: r.T("talk.kind." + k.Kind)},
		{Label: r.T("silence.run"), Text: strconv.Itoa(k.Run)}}}
	if k.State == TalkArranged {
		p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("word.due"), Text: string(k.Due), Flag: ui.Due(r.T, string(k.Due), string(r.Today()))})
	}
	if k.State == TalkHeld {
		p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("talk.on"), Text: string(k.Held)}, ui.Fact{Label: r.T("talk.outcome"), Text: r.T("talk.outcome." + k.Outcome)})
	}
	b := r.Problems(problem)
	for _, do := range v.Steps {
		text := ui.Field{Name: "text", Label: r.T("talk.text." + do), Kind: ui.FieldArea, Rows: 2, Wide: true, MaxLen: maxText}
		on := ui.Field{Name: "on", Label: r.T("talk.on"), Kind: ui.FieldDate, Value: string(r.Today())}
		outcome := ui.Field{Name: "outcome", Label: r.T("talk.outcome"), Kind: ui.FieldRadio, Options: options(r, "talk.outcome.", TalkOutcomes()), Wide: true}
		if failed == do {
			text.Value, text.Error = r.PostFormValue("text"), b["text"]
			on.Value, on.Error = r.PostFormValue("on"), b["on"]
			outcome.Value, outcome.Error = r.PostFormValue("outcome"), b["outcome"]
		}
		set := ui.Fieldset{Legend: r.T("talk.do." + do), Fields: []ui.Field{text}}
		kind := ""
		if do == "hold" {
			set.Fields, kind = []ui.Field{on, outcome, text}, "primary"
		}
		p.Forms = append(p.Forms, ui.Form{ID: do, Action: "/register/talks/" + string(n) + "/" + do, Sensitive: true, Rev: web.Rev(k.Rev), Sets: []ui.Fieldset{set}, Buttons: []ui.Button{{Label: r.T("talk.do." + do), Kind: kind}}})
	}
	for i := len(v.Entries) - 1; i >= 0; i-- {
		e := v.Entries[i]
		text := e.Text
		if e.Detail != "" {
			text = r.T("talk.outcome."+e.Detail) + "\n" + text
		}
		p.Trail.Entries = append(p.Trail.Entries, ui.Entry{At: r.Moment(e.At), Who: v.Names[e.Person], What: r.T("talk.do." + e.Do), Text: text})
	}
	return web.Page{Name: "contact/talk", Data: p, API: v, Err: problem, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.silence"), Href: "/register/silence"}, {Label: r.T("menu.talks"), Href: "/register/talks"}, {Label: n.Short()}}}, nil
}

func (s *Service) postTalkStep(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c HoldCmd
		err = r.Decode(&c)
		var k Talk
		if err == nil {
			k, err = s.WorkTalk(r.Context(), r.Actor, n, do, c)
		}
		if fault.Is(err, fault.KindInvalid) && !r.API() {
			return s.talkPage(r, n, do, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/register/talks/" + string(n), Done: "done.talk." + do, API: k}, nil
	}
}

// sortedNames lists ids by what they are called.
func sortedNames(names map[id.ID]string) []id.ID {
	return slices.SortedFunc(maps.Keys(names), func(a, b id.ID) int { return cmpText(names[a]+string(a), names[b]+string(b)) })
}
