package risk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type rulesPage struct {
	Tabs   ui.Tabs
	Note   string
	Write  bool
	Force  ui.Table
	Others ui.Table
}

type ruleAPI struct {
	Version
	Sentence  string    `json:"sentence"`
	Precision Precision `json:"precision,omitzero"`
}

func (s *Service) sentence(r *web.Request, v Version) string {
	p, err := s.cat.Compile(v.Subject, v.Expression)
	if err != nil {
		return v.Expression
	}
	return p.Sentence(r.Lang, word(r))
}

func (s *Service) getRules(r *web.Request) (web.Response, error) {
	force, others, err := s.Rules(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	precise, err := s.Precisions(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	set, err := s.confirmed(r)
	if err != nil {
		return nil, err
	}
	of := func(v Version) Precision {
		i := slices.IndexFunc(precise, func(p Precision) bool { return p.Rule == v.Rule && p.N == v.N })
		if i < 0 {
			return Precision{Rule: v.Rule, N: v.N, Right: Wilson(0, 0)}
		}
		return precise[i]
	}
	p := rulesPage{Tabs: s.tabs(r, "/risk/rules"), Note: r.T("risk_rule.note"), Write: r.Can("risk_rule.write")}
	p.Force = ui.Table{ID: "force", Caption: r.T("risk_rule.force"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("risk_rule.f.name")}, {Label: r.T("risk_rule.f.sentence")}, {Label: r.T("alert.f.level"), Nowrap: true}, {Label: r.T("alert.f.source")}, {Label: r.T("risk.precision"), Hint: r.T("risk.precision.hint")}, {Label: r.T("risk_rule.f.open"), Num: true}}}
	var api []ruleAPI
	for _, v := range force {
		x := of(v)
		right := ui.Cell{Text: intervalText(r, x.Right)}
		if x.weak() {
			right.Chips = []ui.Chip{{Class: "late", Word: r.T("risk_rule.weak")}}
		}
		source := ui.Cell{Text: v.Document, Sub: v.Article, Chips: evidenceChip(r, v.Evidence)}
		if c, ok := set["rule."+v.Rule]; ok && v.Open() {
			source.Chips, source.Sub = []ui.Chip{{Class: "ok", Word: r.T("risk.evidence.confirmed")}}, c.Source
		}
		p.Force.Rows = append(p.Force.Rows, ui.Row{Href: ruleHref(v), Cells: []ui.Cell{{Text: v.Name(r.Lang), Sub: r.T("risk.subject."+v.Subject) + " · " + r.T("alert.version", v.N)}, {Text: s.sentence(r, v)}, {Chips: []ui.Chip{levelChip(r, v.Level)}}, source, right, {Text: strconv.Itoa(x.Open)}}})
		api = append(api, ruleAPI{v, s.sentence(r, v), x})
	}
	p.Others = ui.Table{ID: "others", Caption: r.T("risk_rule.others"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("risk_rule.f.name")}, {Label: r.T("risk_rule.f.sentence")}, {Label: r.T("word.unit")}, {Label: r.T("word.status"), Nowrap: true}},
		Empty: ui.EmptyState{Title: r.T("risk_rule.others.none")}}
	for _, v := range others {
		p.Others.Rows = append(p.Others.Rows, ui.Row{Href: ruleHref(v), Cells: []ui.Cell{{Text: v.Name(r.Lang), Sub: r.T("alert.version", v.N)}, {Text: s.sentence(r, v)}, {Text: s.Units.Short(v.Unit)}, {Chips: []ui.Chip{chip(r, "risk_rule.state.", v.State, ruleClasses)}}}})
		api = append(api, ruleAPI{Version: v, Sentence: s.sentence(r, v)})
	}
	return web.Page{Name: "risk/rules", Data: p, API: api, Crumbs: crumbs(r, ui.Crumb{Label: r.T("risk.tab.rules")})}, nil
}

func (s *Service) confirmed(r *web.Request) (set map[string]Confirmed, err error) {
	err = s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		_, set, err = s.settings(r.Context(), q)
		return err
	})
	return set, err
}

type ruleForm struct {
	Title string
	Note  string
	Form  ui.Form
	Words []ui.Table
}

// wordTable lists what a sentence may name.
func (s *Service) wordTable(r *web.Request, subject string) ui.Table {
	t := ui.Table{ID: "w-" + subject, Caption: r.T("risk_rule.words", r.T("risk.subject."+subject)), NoDrawer: true, Columns: []ui.Column{{Label: r.T("alert.f.indicator")}, {Label: r.T("risk_rule.f.unit")}, {Label: r.T("risk_rule.f.key")}}}
	for _, x := range s.cat.Of(subject) {
		unit := s.cat.UnitWord(x.Unit, r.Lang)
		if unit == "" {
			unit = r.T("risk_rule.type." + x.Type)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: x.Word(r.Lang)}, {Text: unit}, {Text: x.Key}}})
	}
	return t
}

func (s *Service) ruleFields(r *web.Request, cmd RuleCmd, fresh bool, bad map[string]string) []ui.Field {
	fields := []ui.Field{{Name: "name_zh", Label: r.T("risk_rule.f.name_zh"), Value: cmd.NameZh, MaxLen: maxName, Error: bad["name_zh"]}, {Name: "name_en", Label: r.T("risk_rule.f.name_en"), Value: cmd.NameEn, MaxLen: 2 * maxName, Optional: true, Error: bad["name_en"]}}
	if fresh {
		fields = append(fields, ui.Field{Name: "subject", Label: r.T("risk_rule.f.subject"), Kind: ui.FieldRadio, Value: cmd.Subject, Options: options(r, "risk.subject.", Subjects(), ""), Error: bad["subject"], Wide: true})
	}
	level := ""
	if cmd.Level > 0 {
		level = strconv.Itoa(cmd.Level)
	}
	return append(fields,
		ui.Field{Name: "text", Label: r.T("risk_rule.f.text"), Kind: ui.FieldArea, Rows: 3, MaxLen: maxExpression, Value: cmd.Text, Hint: r.T("risk_rule.text.hint"), Error: bad["text"], Wide: true},
		ui.Field{Name: "level", Label: r.T("alert.f.level"), Kind: ui.FieldRadio, Value: level, Options: options(r, "risk.level.", []string{"1", "2", "3", "4"}, ""), Error: bad["level"], Wide: true},
		ui.Field{Name: "document", Label: r.T("risk_rule.f.document"), Value: cmd.Document, MaxLen: 200, Error: bad["document"]}, ui.Field{Name: "article", Label: r.T("risk_rule.f.article"), Value: cmd.Article, MaxLen: 200, Optional: true, Error: bad["article"]},
		ui.Field{Name: "why", Label: r.T("risk_rule.f.why"), Kind: ui.FieldArea, Rows: 2, MaxLen: maxReason, Value: cmd.Why, Error: bad["why"], Wide: true})
}

func (s *Service) getNewRule(r *web.Request) (web.Response, error) {
	cmd := RuleCmd{Rule: r.Param("rule"), Subject: OfCase}
	if cmd.Rule != "" {
		force, _, err := s.Rules(r.Context(), r.Actor)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(force, func(v Version) bool { return v.Rule == cmd.Rule }); i >= 0 {
			v := force[i]
			cmd = RuleCmd{Rule: v.Rule, Subject: v.Subject, Level: v.Level, NameZh: v.NameZh, NameEn: v.NameEn, Text: s.sentence(r, v), Document: v.Document, Article: v.Article}
		}
	}
	return s.newRulePage(r, cmd, nil)
}

func (s *Service) newRulePage(r *web.Request, cmd RuleCmd, failed error) (web.Response, error) {
	p := ruleForm{Title: r.T("risk_rule.new"), Note: r.T("risk_rule.new.note"), Form: ui.Form{ID: "rule", Action: "/risk/rules/new", Hidden: []ui.Pair{{Name: "rule", Value: cmd.Rule}}, Sets: []ui.Fieldset{{Fields: s.ruleFields(r, cmd, cmd.Rule == "", r.Problems(failed))}},
		Buttons: []ui.Button{{Label: r.T("act.save_draft"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("act.back"), Href: "/risk/rules"}}}
	if cmd.Rule != "" {
		p.Form.Hidden = append(p.Form.Hidden, ui.Pair{Name: "subject", Value: cmd.Subject})
	}
	problem(r, &p.Form, failed)
	for _, sub := range Subjects() {
		if cmd.Rule == "" || sub == cmd.Subject {
			p.Words = append(p.Words, s.wordTable(r, sub))
		}
	}
	return web.Page{Name: "risk/newrule", Data: p, Err: shownErr(failed), Crumbs: crumbs(r, ui.Crumb{Label: r.T("risk.tab.rules"), Href: "/risk/rules"}, ui.Crumb{Label: p.Title})}, nil
}

func (s *Service) postNewRule(r *web.Request) (web.Response, error) {
	var cmd RuleCmd
	var v Version
	err := r.Decode(&cmd)
	if err == nil {
		v, err = s.WriteRule(r.Context(), r.Actor, cmd, r.Lang, valueWords(r))
	}
	if err != nil && !r.API() && again(err) {
		return s.newRulePage(r, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/risk/rules/" + string(v.ID), Done: "done.risk_rule.write", API: v}, nil
}

type rulePage struct {
	V        Version
	Title    string
	Chip     ui.Chip
	Sentence string
	Facts    []ui.Fact
	Dry      []ui.Fact
	DryNote  string
	Forms    []ui.Form
	Edit     *ui.Form
	Words    ui.Table
	New      string
	Trail    ui.Trail
}

func (s *Service) getRule(r *web.Request) (web.Response, error) {
	return s.rulePage(r, "", RuleCmd{}, nil)
}

func (s *Service) rulePage(r *web.Request, do string, cmd RuleCmd, failed error) (web.Response, error) {
	var v Version
	var entries []Entry
	var people map[id.ID]string
	var precise []Precision
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if v, err = s.version(r.Context(), q, r.Actor, r.PathValue("id")); err != nil {
			return err
		}
		if v.ID != "" {
			if entries, err = s.entries(r.Context(), q, v.ID); err != nil {
				return err
			}
		}
		ids := []id.ID{v.Author, v.Publisher}
		for _, e := range entries {
			ids = append(ids, e.Person)
		}
		if people, err = s.names(r.Context(), q, ids...); err != nil {
			return err
		}
		precise, err = precisions(r.Context(), q, s.policy, r.Actor, v.Rule, v.N)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.openNames(r.Context(), r.Actor, &v); err != nil {
		return nil, err
	}
	p := rulePage{V: v, Title: v.Name(r.Lang), Chip: chip(r, "risk_rule.state.", v.State, ruleClasses), Sentence: s.sentence(r, v)}
	unit := r.T("risk_rule.everywhere")
	if v.Unit != "" && v.Unit != s.Root() {
		unit = s.Units.Name(v.Unit)
	}
	p.Facts = []ui.Fact{{Label: r.T("risk_rule.f.subject"), Text: r.T("risk.subject." + v.Subject)}, {Label: r.T("alert.f.level"), Chips: []ui.Chip{levelChip(r, v.Level)}}, {Label: r.T("alert.f.source"), Text: v.Document, Sub: v.Article, Chips: evidenceChip(r, v.Evidence)},
		{Label: r.T("risk_rule.f.scope"), Text: unit}, {Label: r.T("risk_rule.f.expression"), Text: v.Expression, Wide: true}}
	if v.Why != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("risk_rule.f.why"), Text: v.Why, Wide: true})
	}
	if v.Author != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("risk_rule.f.author"), Text: people[v.Author]}, ui.Fact{Label: r.T("risk_rule.f.publisher"), Text: dash(people[v.Publisher])})
	}
	if len(precise) == 1 {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("risk.precision"), Text: intervalText(r, precise[0].Right), Sub: r.T("risk.precision.parts", precise[0].Leads, precise[0].Corrected, precise[0].Cleared, precise[0].Faults)})
	}
	if d := v.Tested; d.On != "" {
		p.DryNote = r.T("risk_rule.dry.note", d.On, d.Cases)
		if d.Adds+d.Drops > 0 && d.By != r.Actor.Person {
			p.DryNote += " " + r.T("risk_rule.dry.names")
		}
		p.Dry = []ui.Fact{{Label: r.T("risk_rule.dry.hits"), Text: strconv.Itoa(d.Hits)}, {Label: r.T("risk_rule.dry.adds"), Text: strconv.Itoa(d.Adds), Sub: strings.Join(d.Added, "、")}, {Label: r.T("risk_rule.dry.drops"), Text: strconv.Itoa(d.Drops), Sub: strings.Join(d.Dropped, "、")},
			{Label: r.T("risk_rule.dry.judged"), Text: r.T("risk_rule.dry.judged.text", d.Right, d.Wrong)}}
	}
	s.ruleForms(r, &p, v, do, cmd, failed)
	p.Trail = trail(r, entries, people, "risk_rule.did.")
	return web.Page{Name: "risk/rule", Data: p, Err: shownErr(failed), API: ruleAPI{Version: v, Sentence: p.Sentence}, Crumbs: crumbs(r, ui.Crumb{Label: r.T("risk.tab.rules"), Href: "/risk/rules"}, ui.Crumb{Label: p.Title})}, nil
}

func (s *Service) ruleForms(r *web.Request, p *rulePage, v Version, do string, cmd RuleCmd, failed error) {
	for _, st := range RuleFlow.From(v.State) {
		if s.policy.Can(r.Actor, "risk_rule."+st.Do, s.ruleObject(v)) != nil {
			continue
		}
		bad := map[string]string{}
		mine := RuleCmd{Level: v.Level, NameZh: v.NameZh, NameEn: v.NameEn, Text: p.Sentence, Document: v.Document, Article: v.Article, Why: v.Why}
		if st.Do == do {
			bad, mine = r.Problems(failed), cmd
		}
		f := ui.Form{ID: st.Do, Action: ruleHref(v) + "/" + st.Do, Rev: web.Rev(v.Rev), Buttons: []ui.Button{{Label: r.T("risk_rule.do." + st.Do)}}, Note: r.Word("risk_rule.hint."+st.Do, "")}
		if st.Do == do {
			problem(r, &f, failed)
		}
		switch st.Do {
		case "edit":
			f.Sets = []ui.Fieldset{{Fields: s.ruleFields(r, mine, false, bad)}}
			p.Edit, p.Words = &f, s.wordTable(r, v.Subject)
			continue
		case "retire":
			f.Sets = []ui.Fieldset{{Legend: r.T("risk_rule.do.retire"), Fields: []ui.Field{{Name: "reason", Label: r.T("word.reason"), Kind: ui.FieldArea, Rows: 2, MaxLen: maxReason, Value: cmd.Reason, Error: bad["reason"], Wide: true}}}}
			f.Buttons[0].Kind = "danger"
		case "test":
			if v.State == RuleDraft {
				f.Buttons[0].Kind = "primary"
			}
		case "publish":
			f.Buttons[0].Kind = "primary"
			if v.Author == r.Actor.Person {
				continue // somebody else does it
			}
		}
		p.Forms = append(p.Forms, f)
	}
	if v.State == Published && s.policy.Can(r.Actor, "risk_rule.write", s.ruleObject(v)) == nil && (v.Unit == s.office(r.Actor) || v.Unit == "" && s.office(r.Actor) == s.Root()) {
		p.New = "/risk/rules/new?rule=" + v.Rule
	}
}

func (s *Service) postRule(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		var cmd RuleCmd
		err := r.Decode(&cmd)
		to := "/risk/rules/" + r.PathValue("id")
		var v Version
		if err == nil {
			n, bad := id.Parse(r.PathValue("id"))
			switch {
			case bad == nil:
				v, err = s.StepRule(r.Context(), r.Actor, n, do, cmd, r.Lang, valueWords(r))
			case do == "retire":
				err, to = s.RetireShipped(r.Context(), r.Actor, r.PathValue("id"), cmd), "/risk/rules"
			default:
				err = bad
			}
		}
		if err != nil && !r.API() && again(err) {
			return s.rulePage(r, do, cmd, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: to, Done: "done.risk_rule." + do, API: v}, nil
	}
}

type settingsPage struct {
	Tabs  ui.Tabs
	Note  string
	Table ui.Table
	Form  *ui.Form
}

func (s *Service) getSettings(r *web.Request) (web.Response, error) {
	return s.settingsPage(r, ConfirmCmd{}, nil)
}

func (s *Service) settingsPage(r *web.Request, cmd ConfirmCmd, failed error) (web.Response, error) {
	set, err := s.confirmed(r)
	if err != nil {
		return nil, err
	}
	p := settingsPage{Tabs: s.tabs(r, "/risk/settings"), Note: r.T("risk_setting.note")}
	p.Table = ui.Table{ID: "settings", Caption: r.T("risk.tab.settings"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("risk_setting.what")}, {Label: r.T("word.value"), Num: true}, {Label: r.T("alert.f.source")}, {Label: r.T("risk_setting.confirmed")}}}
	opts := []ui.Option{{Label: r.T("risk_setting.pick")}}
	for _, x := range s.cat.Settings {
		value, seen := x.Value, ui.Cell{Chips: evidenceChip(r, x.Evidence)}
		if c, ok := set[x.Key]; ok {
			value, seen = c.Value, ui.Cell{Text: c.Source, Sub: r.Moment(c.At)}
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: x.Word(r.Lang)}, {Text: strconv.Itoa(value)}, {Text: x.Document, Sub: x.Article}, seen}})
		opts = append(opts, ui.Option{Value: x.Key, Label: x.Word(r.Lang), Group: r.T("risk.tab.settings")})
	}
	for _, v := range s.cat.Rules {
		if v.Open() {
			opts = append(opts, ui.Option{Value: "rule." + v.Rule, Label: v.Name(r.Lang), Group: r.T("risk.tab.rules")})
		}
	}
	if r.Can("risk_setting.confirm") && s.office(r.Actor) == s.Root() {
		bad := r.Problems(failed)
		value := ""
		if cmd.Value > 0 {
			value = fmt.Sprint(cmd.Value)
		}
		p.Form = &ui.Form{ID: "confirm", Action: "/risk/settings", Buttons: []ui.Button{{Label: r.T("risk_setting.confirm"), Kind: "primary"}}, Sets: []ui.Fieldset{{Legend: r.T("risk_setting.confirm"), Fields: []ui.Field{
			{Name: "key", Label: r.T("risk_setting.what"), Kind: ui.FieldSelect, Value: cmd.Key, Options: opts, Error: bad["key"]}, {Name: "value", Label: r.T("word.value"), Kind: ui.FieldNumber, Value: value, Optional: true, Hint: r.T("risk_setting.value.hint"), Error: bad["value"]},
			{Name: "source", Label: r.T("risk_setting.source"), Kind: ui.FieldArea, Rows: 2, Value: cmd.Source, MaxLen: 500, Wide: true, Error: bad["source"]}}}}}
		problem(r, p.Form, failed)
	}
	return web.Page{Name: "risk/settings", Data: p, API: set, Err: shownErr(failed), Crumbs: crumbs(r, ui.Crumb{Label: r.T("risk.tab.settings")})}, nil
}

func (s *Service) postSettings(r *web.Request) (web.Response, error) {
	var cmd ConfirmCmd
	err := r.Decode(&cmd)
	if err == nil {
		err = s.Confirm(r.Context(), r.Actor, cmd)
	}
	if err != nil && !r.API() && again(err) {
		return s.settingsPage(r, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/risk/settings", Done: "done.risk_setting.confirm"}, nil
}
