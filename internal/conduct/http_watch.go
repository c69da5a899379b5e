package conduct

import (
	"strconv"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type watchPage struct {
	Table ui.Table
	Forms []moreForm
	Note  string
}

func (s *Service) getWatch(r *web.Request) (web.Response, error) {
	return s.watchPage(r, "", WatchCmd{}, nil)
}

func (s *Service) watchPage(r *web.Request, which id.ID, cmd WatchCmd, failed error) (web.Response, error) {
	list, err := s.Watch(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	var names map[id.ID]string
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		var ids []id.ID
		for _, l := range list {
			ids = append(ids, l.Protected.Person)
		}
		names, err = s.names(r.Context(), q, ids...)
		return err
	})
	if err != nil {
		return nil, err
	}
	p := watchPage{Note: r.T("watch.note")}
	p.Table = ui.Table{ID: "w", Caption: r.T("menu.watch"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("watch.none"), Text: r.T("watch.none.text")}, Columns: []ui.Column{{Label: r.T("conduct.f.person")}, {Label: r.T("watch.f.ground")}, {Label: r.T("watch.f.move")}, {Label: r.T("watch.f.on"), Nowrap: true}, {Label: r.T("watch.f.verdict")}}}
	for i, l := range list {
		verdict := ui.Cell{Chips: []ui.Chip{{Class: "wait", Word: r.T("watch.verdict.none")}}}
		if len(l.Watched) > 0 {
			w := l.Watched[len(l.Watched)-1]
			verdict = ui.Cell{Chips: []ui.Chip{{Class: map[string]string{"lawful": "ok", "explain": "wait", "retaliation": "late"}[w.Verdict], Word: r.T("watch.verdict." + w.Verdict)}}, Sub: w.Text}
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: names[l.Move.Person], Sub: s.Units.Short(l.Move.Unit)}, {Text: r.T("watch.ground." + l.Protected.Ground), Sub: string(l.Protected.From) + " — " + string(l.Protected.To)}, {Text: r.T("watch.move." + l.Move.Kind), Sub: l.Move.Title}, {Text: string(l.Move.On)}, verdict}})
		if !r.Can("watch.judge") {
			continue
		}
		form := ui.Form{ID: "j" + strconv.Itoa(i), Action: "/conduct/watch/" + string(l.Protected.ID), Sensitive: true, Hidden: []ui.Pair{{Name: "move", Value: l.Move.Ref}}, Buttons: []ui.Button{{Label: r.T("watch.do"), Kind: "primary"}}}
		open := l.Protected.ID == which && l.Move.Ref == cmd.Move
		problems := map[string]string{}
		in := WatchCmd{}
		if open {
			problems, in = r.Problems(failed), cmd
		}
		form.Sets = []ui.Fieldset{{Fields: []ui.Field{{Name: "verdict", Label: r.T("watch.f.verdict"), Kind: ui.FieldRadio, Value: in.Verdict, Options: s.options(r, "watch.verdict.", WatchVerdicts(), ""), Wide: true, Error: problems["verdict"]},
			{Name: "text", Label: r.T("watch.f.text"), Kind: ui.FieldArea, Rows: 2, MaxLen: maxReason, Value: in.Text, Wide: true, Error: problems["text"]}}}}
		p.Forms = append(p.Forms, moreForm{r.T("watch.judge_of", names[l.Move.Person], r.T("watch.move."+l.Move.Kind), string(l.Move.On)), open, form})
	}
	return web.Page{Name: "conduct/watch", Err: failed, Data: p, API: list, Crumbs: []ui.Crumb{{Label: r.T("menu.watch")}}, Mark: true}, nil
}

func (s *Service) postWatch(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var cmd WatchCmd
	if err = r.Decode(&cmd); err == nil {
		err = s.JudgeMove(r.Context(), r.Actor, n, cmd)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.watchPage(r, n, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/conduct/watch", Done: "done.watch.judge"}, nil
}

type rulesPage struct {
	Kinds    ui.Table
	Settings ui.Table
	Form     ui.Form
	Confirm  bool
	Note     string
}

func (s *Service) getRules(r *web.Request) (web.Response, error) {
	return s.rulesPage(r, ConfirmCmd{}, nil)
}

func (s *Service) rulesPage(r *web.Request, cmd ConfirmCmd, failed error) (web.Response, error) {
	var set map[string]Confirmed
	var names map[id.ID]string
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if set, err = settingsIn(r.Context(), q); err != nil {
			return err
		}
		var ids []id.ID
		for _, c := range set {
			ids = append(ids, c.Person)
		}
		names, err = s.names(r.Context(), q, ids...)
		return err
	})
	if err != nil {
		return nil, err
	}
	p := rulesPage{Note: r.T("rules.note"), Confirm: r.Can("conduct_rule.confirm")}
	var open []ui.Option
	mark := func(key, evidence string) ui.Cell {
		if c, ok := set[key]; ok {
			return ui.Cell{Chips: []ui.Chip{{Class: "ok", Word: r.T("rules.confirmed")}}, Sub: c.Source + " · " + names[c.Person] + " · " + r.Moment(c.At)}
		}
		class := map[string]string{Law: "ok", Seen: "run"}[evidence]
		if class == "" {
			class = "wait"
		}
		return ui.Cell{Chips: []ui.Chip{{Class: class, Word: r.T("conduct.evidence." + evidence)}}}
	}
	p.Kinds = ui.Table{ID: "k", Caption: r.T("rules.kinds"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("sanction.f.kind")}, {Label: r.T("conduct.f.form"), Nowrap: true}, {Label: r.T("rules.f.in_force"), Nowrap: true}, {Label: r.T("sanction.f.period"), Nowrap: true}, {Label: r.T("sanction.f.bars")}, {Label: r.T("sanction.f.law")}, {Label: r.T("rules.f.evidence")}}}
	for _, k := range s.rules.Kinds {
		for _, v := range k.Versions {
			bars := ""
			for i, b := range v.Bars {
				if i > 0 {
					bars += "；"
				}
				bars += r.T("sanction.bar." + b.What)
			}
			period := r.T("conduct.unit.months", v.Months)
			switch {
			case v.None || v.Final:
				period = r.T("sanction.no_period")
			case len(v.Choices) > 0:
				period = r.T("rules.choices", v.Choices[0], v.Choices[1])
			}
			to := string(v.To)
			key := "law." + k.ID + "." + v.Doc
			if v.Evidence != Law {
				open = append(open, ui.Option{Value: key, Label: r.T("sanction.kind."+k.ID) + " · " + s.rules.Cite(v.Doc, v.Article), Group: r.T("rules.kinds")})
			}
			p.Kinds.Rows = append(p.Kinds.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("sanction.kind." + k.ID), Sub: r.T("sanction.layer." + k.Layer)}, {Text: r.T("conduct.form." + strconv.Itoa(k.Form))}, {Text: string(v.From) + " — " + to}, {Text: period}, {Text: dash(bars)}, {Text: s.rules.Cite(v.Doc, v.Article)}, mark(key, v.Evidence)}})
		}
	}
	p.Settings = ui.Table{ID: "s", Caption: r.T("rules.settings"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("rules.f.setting")}, {Label: r.T("rules.f.value"), Nowrap: true}, {Label: r.T("rules.f.source")}, {Label: r.T("rules.f.evidence")}}}
	for _, x := range s.rules.Settings {
		value := x.Value
		if c, ok := set[x.Key]; ok {
			value = c.Value
		}
		open = append(open, ui.Option{Value: x.Key, Label: r.T("rules.setting." + x.Key), Group: r.T("rules.settings")})
		p.Settings.Rows = append(p.Settings.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("rules.setting." + x.Key)}, {Text: r.T("conduct.unit."+x.Unit, value)}, {Text: x.Source}, mark(x.Key, x.Evidence)}})
	}
	b := r.Problems(failed)
	p.Form = ui.Form{ID: "confirm", Action: "/conduct/rules", Buttons: []ui.Button{{Label: r.T("rules.do"), Kind: "primary"}}, Note: r.T("rules.confirm.note"), Sets: []ui.Fieldset{{Legend: r.T("rules.confirm"), Fields: []ui.Field{
		{Name: "key", Label: r.T("rules.f.setting"), Kind: ui.FieldSelect, Value: cmd.Key, Options: append([]ui.Option{{Label: r.T("form.choose")}}, open...), Error: b["key"], Wide: true},
		{Name: "value", Label: r.T("rules.f.value"), Kind: ui.FieldNumber, Value: amount(int64(cmd.Value)), Hint: r.T("rules.value.hint"), Error: b["value"]},
		{Name: "source", Label: r.T("rules.f.seen"), Value: cmd.Source, MaxLen: 500, Wide: true, Error: b["source"]}}}}}
	return web.Page{Name: "conduct/rules", Err: failed, Data: p, API: struct {
		*Catalogue
		Confirmed map[string]Confirmed
	}{s.rules, set}, Crumbs: crumbs(r, ui.Crumb{Label: r.T("conduct.rules")})}, nil
}

func (s *Service) postRules(r *web.Request) (web.Response, error) {
	var cmd ConfirmCmd
	err := r.Decode(&cmd)
	if err == nil {
		err = s.Confirm(r.Context(), r.Actor, cmd)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.rulesPage(r, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/conduct/rules", Done: "done.conduct_rule.confirm"}, nil
}
