package conduct

import (
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type backwardPage struct {
	No    string
	Ask   ui.Form
	Facts []ui.Fact
	Parts []backSection
	Form  ui.Form
	Done  []ui.Fact
}

type backSection struct {
	Key, Title, Missing string
	Table               ui.Table
}

func (s *Service) getBackward(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	page, err := s.backwardPage(r, n, CheckCmd{}, nil)
	if err != nil {
		return nil, err
	}
	// Who looks around a person, or asks the register for a case, leaves a trace.
	return page, s.log.Note(r.Context(), r.Actor, "conduct.backward", map[string]any{"case": n, "asked": r.Param("case_no") != ""})
}

// counted are how many records the lines of a part stand for.
func counted(lines []BackLine) (n int) {
	for _, l := range lines {
		n += max(1, l.N)
	}
	return n
}

// say puts the words of the reader's language into the lines.
func say(r *web.Request, parts []BackPart) {
	for i := range parts {
		for j := range parts[i].Lines {
			l := &parts[i].Lines[j]
			if parts[i].Key == "earlier" {
				l.Text = r.T("sanction.kind." + l.Text)
			}
			if l.Key != "" {
				args := slices.Clone(l.Args)
				for k, a := range args {
					switch w := a.(type) {
					case Word:
						args[k] = r.T(string(w))
					case Words:
						said := make([]string, len(w))
						for i, key := range w {
							said[i] = r.T(key)
						}
						args[k] = strings.Join(said, r.T("backward.and"))
					case func(lang string) string:
						args[k] = w(r.Lang)
					}
				}
				l.Text = r.T(l.Key, args...)
			}
			if l.Register != "" {
				l.Source = strings.TrimSpace(r.T(l.Register) + " " + l.Source)
			}
		}
	}
}

func (s *Service) backwardPage(r *web.Request, n id.ID, cmd CheckCmd, failed error) (web.Response, error) {
	var c Case
	var parts []BackPart
	var checks []Check
	var names map[id.ID]string
	caseNo := strings.TrimSpace(r.Param("case_no"))
	if len(caseNo) > maxName {
		return nil, fault.Invalid("conduct.bad.case_no")
	}
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if c, err = s.load(r.Context(), q, r.Actor, n, "conduct.check"); err != nil {
			return err
		}
		if parts, err = s.backward(r.Context(), q, r.Actor, c, caseNo); err != nil {
			return err
		}
		if checks, err = checksOf(r.Context(), q, n); err != nil {
			return err
		}
		ids := []id.ID{c.Person}
		for i := range checks {
			ids = append(ids, checks[i].Person)
			if err := s.open("conduct_check", checks[i].ID, checks[i].sealed, &checks[i].Note); err != nil {
				return err
			}
		}
		names, err = s.names(r.Context(), q, ids...)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !s.rules.conductOf(c).Abuse {
		return nil, fault.State("conduct.refuse.no_abuse")
	}
	say(r, parts)
	suggested := [2]int{}
	for _, p := range parts {
		switch p.Key {
		case "contacts":
			suggested[0] += counted(p.Lines)
		case "missing":
			for _, l := range p.Lines {
				if l.Counts {
					suggested[1] += max(1, l.N)
				}
			}
		}
	}
	suggested[0] = max(suggested[0], suggested[1])
	if failed == nil && cmd == (CheckCmd{}) {
		cmd.Contacts, cmd.Missing = suggested[0], suggested[1]
	}
	v := backwardPage{No: c.No, Facts: []ui.Fact{{Label: r.T("conduct.f.person"), Text: names[c.Person], Sub: s.Units.Name(c.Home)}, {Label: r.T("conduct.f.conduct"), Text: s.conductWord(r, c.Conduct)}, {Label: r.T("conduct.f.act"), Text: span(c.ActFrom, c.ActTo)}}}
	for _, p := range parts {
		sec := backSection{Key: p.Key, Title: r.T("backward." + p.Key), Table: ui.Table{ID: "b" + p.Key, Caption: r.T("backward." + p.Key), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("backward.nothing")},
			Columns: []ui.Column{{Label: r.T("backward.f.on"), Nowrap: true}, {Label: r.T("backward.f.text")}, {Label: r.T("backward.f.source")}}}}
		if !p.Connected {
			sec.Missing = r.T("backward.not_connected")
		}
		for _, l := range p.Lines {
			sec.Table.Rows = append(sec.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: dash(string(l.On))}, {Text: l.Text}, {Text: l.Source, Href: l.Href}}})
		}
		v.Parts = append(v.Parts, sec)
	}
	for _, k := range slices.Backward(checks) {
		v.Done = append(v.Done, ui.Fact{Label: r.Moment(k.At) + " " + names[k.Person], Text: r.T("backward.result", k.Contacts, k.Missing), Sub: k.Note, Wide: true})
	}
	p := r.Problems(failed)
	v.Ask = ui.Form{ID: "ask", Method: "get", Action: caseHref(n) + "/backward#contacts", Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "case_no", Label: r.T("backward.f.case_no"), Hint: r.T("backward.case_no.hint"), Value: caseNo, Optional: true, MaxLen: maxName}}}}, Buttons: []ui.Button{{Label: r.T("backward.ask")}}}
	v.Form = ui.Form{ID: "check", Note: r.T("backward.suggested", suggested[0], suggested[1]), Action: caseHref(n) + "/backward", Sensitive: true, Buttons: []ui.Button{{Label: r.T("backward.do"), Kind: "primary"}}, Sets: []ui.Fieldset{{Legend: r.T("backward.set"), Fields: []ui.Field{
		{Name: "contacts", Label: r.T("backward.f.contacts"), Kind: ui.FieldNumber, Value: strconv.Itoa(cmd.Contacts), Error: p["contacts"]}, {Name: "missing", Label: r.T("backward.f.missing"), Kind: ui.FieldNumber, Value: strconv.Itoa(cmd.Missing), Error: p["missing"]},
		{Name: "note", Label: r.T("backward.f.note"), Kind: ui.FieldArea, Rows: 3, MaxLen: maxReason, Value: cmd.Note, Wide: true, Error: p["note"]}}}}}
	return web.Page{Name: "conduct/backward", Err: failed, Data: v, API: struct {
		Parts  []BackPart `json:"parts"`
		Checks []Check    `json:"checks"`
	}{parts, checks}, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: c.No, Href: caseHref(n)}, ui.Crumb{Label: r.T("backward.title")})}, nil
}

func (s *Service) postBackward(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var cmd CheckCmd
	if err = r.Decode(&cmd); err == nil {
		err = s.CheckBack(r.Context(), r.Actor, n, cmd)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.backwardPage(r, n, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: caseHref(n) + "/backward", Done: "done.conduct.check"}, nil
}
