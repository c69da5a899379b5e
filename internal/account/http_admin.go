package account

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

const accountsPerPage = 50

type listPage struct {
	Table  ui.Table
	Create bool // the reader may make accounts
}

func (s *Service) getAccounts(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	after := ""
	if len(q.After) == 1 {
		after = q.After[0]
	}
	var rows []Account
	if err := s.Log.DB().Read(r.Context(), func(dq db.Q) (err error) {
		rows, err = list(r.Context(), dq, q.Filter.Get("q"), after, accountsPerPage+1)
		return err
	}); err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("account.list"), Base: "/accounts", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "login", Label: r.T("account.login")}, {Key: "name", Label: r.T("account.name")}, {Key: "unit", Label: r.T("account.unit")}, {Key: "state", Label: r.T("account.state")}},
		Filters: []ui.Field{{Name: "q", Label: r.T("word.keyword"), Value: q.Filter.Get("q")}},
		Empty:   ui.EmptyState{Title: r.T("account.none")}}
	if len(rows) > accountsPerPage {
		rows = rows[:accountsPerPage]
		t.Pager = web.Pager(r, "/accounts", "", rows[len(rows)-1].Login, after != "")
	}
	for _, a := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(a.ID), Href: "/accounts/" + string(a.ID), Cells: []ui.Cell{
			{Text: a.Login}, {Text: a.Name}, {Text: s.UnitName(a.Unit)}, {Chips: []ui.Chip{s.stateChip(r, a)}}}})
	}
	return web.Page{Name: "account/accounts", Data: listPage{Table: t, Create: r.Can("account.create")}, API: rows, Crumbs: []ui.Crumb{{Label: r.T("account.list")}}}, nil
}

func (s *Service) stateChip(r *web.Request, a Account) ui.Chip {
	switch {
	case a.Disabled:
		return ui.Chip{Class: "off", Word: r.T("account.state.disabled")}
	case a.Locked > instant(s):
		return ui.Chip{Class: "late", Word: r.T("account.state.locked")}
	case a.MustChange:
		return ui.Chip{Class: "wait", Word: r.T("account.state.new")}
	}
	return ui.Chip{Class: "ok", Word: r.T("account.state.active")}
}

func (s *Service) newPage(r *web.Request, cmd NewAccount, err error) web.Response {
	p := r.Problems(err)
	return web.Page{Name: "account/new", Err: err, Crumbs: []ui.Crumb{{Label: r.T("account.list"), Href: "/accounts"}, {Label: r.T("account.new")}},
		Data: formPage{Form: ui.Form{Action: "/accounts/new", Sets: []ui.Fieldset{{Fields: []ui.Field{
			{Name: "login", Label: r.T("account.login"), Value: cmd.Login, Hint: r.T("account.login.hint"), Error: p["login"]},
			{Name: "name", Label: r.T("account.name"), Value: cmd.Name, Error: p["name"]},
			{Name: "unit", Label: r.T("account.unit"), Kind: ui.FieldPicker, Source: "/pick/units", Value: cmd.Unit, Error: p["unit"]},
			{Name: "person", Label: r.T("account.person"), Kind: ui.FieldPicker, Source: "/pick/account-people", Value: cmd.Person, Optional: true, Hint: r.T("account.person.hint"), Error: p["person"]},
		}}}, Buttons: []ui.Button{{Label: r.T("account.do.create"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("word.cancel"), Href: "/accounts"}}}}
}

func (s *Service) getNew(r *web.Request) (web.Response, error) {
	return s.newPage(r, NewAccount{}, nil), nil
}

// pickPerson names staff to whom an account may belong: name, unit and staff
// number, and nothing else of the register.
func (s *Service) pickPerson(r *web.Request) (web.Response, error) {
	out := []Choice{}
	if text := strings.TrimSpace(r.Param("q")); len([]rune(text)) >= 2 && s.People != nil {
		var err error
		if out, err = s.People(r.Context(), text); err != nil {
			return nil, err
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	return web.File{Name: "people.json", Type: "application/json; charset=utf-8", Body: bytes.NewReader(b)}, nil
}

type secretPage struct {
	Login, Password string
	Back            string
}

func (s *Service) postNew(r *web.Request) (web.Response, error) {
	var cmd NewAccount
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	a, password, err := s.Create(r.Context(), r.Actor, cmd)
	if fault.Is(err, fault.KindInvalid) {
		return s.newPage(r, cmd, err), nil
	}
	if err != nil {
		return nil, err
	}
	return s.showOnce(r, a.ID, a.Login, password), nil
}

// showOnce shows a one-time password: the only time that anybody sees it.
func (s *Service) showOnce(r *web.Request, n id.ID, login, password string) web.Response {
	return web.Page{Name: "account/one_time", Data: secretPage{Login: login, Password: password, Back: "/accounts/" + string(n)},
		API: map[string]string{"id": string(n), "one_time_password": password}, Crumbs: []ui.Crumb{{Label: r.T("account.list"), Href: "/accounts"}, {Label: login}}}
}

func (s *Service) postReset(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	password, err := s.Reset(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	a, _, err := s.account(r, n)
	if err != nil {
		return nil, err
	}
	return s.showOnce(r, n, a.Login, password), nil
}

func (s *Service) act(done string, fn func(ctx context.Context, who actor.Actor, n id.ID) error) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		if err := fn(r.Context(), r.Actor, n); err != nil {
			return nil, err
		}
		return web.Redirect{To: "/accounts/" + string(n), Done: "done.account." + done}, nil
	}
}

func (s *Service) account(r *web.Request, n id.ID) (a Account, gs []Grant, err error) {
	err = s.Log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if a, err = byID(r.Context(), q, n); err != nil {
			return err
		}
		gs, err = grantsOf(r.Context(), q, n)
		return err
	})
	return a, gs, err
}

type accountPage struct {
	ID      string
	Name    string
	Chip    ui.Chip
	Facts   []ui.Fact
	Grants  []grantRow
	Give    *ui.Form
	Buttons []action
	Why     string // why there is no button for the sign-in of another administrator
	Trail   ui.Trail
}

type grantRow struct {
	Role, Unit, From, To string
	Active               bool
	Withdraw             string
}

type action struct{ Href, Label, Kind string }

func (s *Service) getAccount(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	a, gs, err := s.account(r, n)
	if err != nil {
		return nil, err
	}
	return s.accountPage(r, a, gs, NewGrant{}, nil)
}

func (s *Service) accountPage(r *web.Request, a Account, gs []Grant, cmd NewGrant, failed error) (web.Response, error) {
	base := "/accounts/" + string(a.ID)
	p := accountPage{ID: string(a.ID), Name: a.Name, Chip: s.stateChip(r, a), Facts: []ui.Fact{
		{Label: r.T("account.login"), Text: a.Login}, {Label: r.T("account.name"), Text: a.Name},
		{Label: r.T("account.unit"), Text: s.UnitName(a.Unit)}, {Label: r.T("account.second"), Text: r.T("word.nay")},
		{Label: r.T("account.password.changed"), Text: string(a.ChangedOn)},
	}}
	if a.Second {
		p.Facts[3].Text = r.T("word.yes")
	}
	for _, g := range gs {
		row := grantRow{Role: r.T("role." + string(g.Role)), Unit: s.UnitName(g.Unit), From: string(g.From), To: string(g.To), Active: g.Active(s.today())}
		if row.Active && r.Can("grant.withdraw") {
			row.Withdraw = base + "/grants/" + string(g.ID) + "/withdraw"
		}
		p.Grants = append(p.Grants, row)
	}
	add := func(action_, key string, show bool, kind string) {
		if show && r.Can(action_) {
			p.Buttons = append(p.Buttons, action{Href: base + "/" + key, Label: r.T("account.do." + strings.ReplaceAll(key, "-", "_")), Kind: kind})
		}
	}
	// What would be refused has no button, but a sentence that says why.
	other := s.Log.DB().Read(r.Context(), func(q db.Q) error { return s.notOtherAdministrator(r.Context(), q, r.Actor, a) })
	if f, ok := fault.Of(other); ok && (r.Can("account.reset") || r.Can("account.drop_second")) {
		p.Why = r.Explain(f)
	}
	add("account.reset", "reset", !a.Disabled && other == nil, "")
	add("account.disable", "disable", !a.Disabled && a.ID != r.Actor.Account && other == nil, "danger")
	add("account.enable", "enable", a.Disabled, "")
	add("account.unlock", "unlock", a.Locked > instant(s), "")
	add("account.drop_second", "drop-second", a.Second && other == nil, "danger")
	if r.Can("grant.give") && a.ID != r.Actor.Account {
		pr := r.Problems(failed)
		var roles []ui.Option
		for _, role := range actor.Roles() {
			roles = append(roles, ui.Option{Value: string(role), Label: r.T("role." + string(role))})
		}
		p.Give = &ui.Form{ID: "give", Action: base + "/grants", Sets: []ui.Fieldset{{Legend: r.T("account.grant.give"), Fields: []ui.Field{
			{Name: "role", Label: r.T("account.role"), Kind: ui.FieldSelect, Options: roles, Value: cmd.Role},
			{Name: "unit", Label: r.T("account.grant.unit"), Kind: ui.FieldPicker, Source: "/pick/units", Value: cmd.Unit, Error: pr["unit"], Hint: r.T("account.grant.unit.hint")},
			{Name: "to", Label: r.T("account.grant.to"), Kind: ui.FieldDate, Optional: true, Value: string(cmd.To), Error: pr["to"]},
		}}}, Buttons: []ui.Button{{Label: r.T("account.do.give"), Kind: "primary"}}}
	}
	es, err := s.Log.Of(r.Context(), "account", a.ID)
	if err != nil {
		return nil, err
	}
	for _, e := range es {
		p.Trail.Entries = append(p.Trail.Entries, ui.Entry{At: e.At, What: r.Word("action."+e.Action, e.Action)})
	}
	return web.Page{Name: "account/account", Err: failed, Data: p, API: map[string]any{"account": a, "grants": gs},
		Crumbs: []ui.Crumb{{Label: r.T("account.list"), Href: "/accounts"}, {Label: a.Login}}}, nil
}

func (s *Service) postGrant(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var cmd NewGrant
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	_, err = s.Give(r.Context(), r.Actor, n, cmd)
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) {
		a, gs, e := s.account(r, n)
		if e != nil {
			return nil, e
		}
		return s.accountPage(r, a, gs, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/accounts/" + string(n), Done: "done.account.granted"}, nil
}

func (s *Service) postWithdraw(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	g, err := r.ID("grant")
	if err != nil {
		return nil, err
	}
	if err := s.Withdraw(r.Context(), r.Actor, n, g); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/accounts/" + string(n), Done: "done.account.withdrawn"}, nil
}

const logPerPage = 100

type logPage struct {
	Table      ui.Table
	Checkpoint string
	Report     *audit.Report
	Troubles   []string
}

func (s *Service) getLog(r *web.Request) (web.Response, error) { return s.logPage(r, nil) }

func (s *Service) logPage(r *web.Request, rep *audit.Report) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	var before int64
	if len(q.After) == 1 {
		if before, err = strconv.ParseInt(q.After[0], 10, 64); err != nil {
			return nil, fault.Invalid("error.page_cursor")
		}
	}
	prefix := q.Filter.Get("action")
	entries, err := s.Log.List(r.Context(), prefix, before, logPerPage+1)
	if err != nil {
		return nil, err
	}
	cp, err := s.Log.Checkpoint(r.Context())
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("log.list"), Base: "/log", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "index", Label: r.T("log.index")}, {Key: "at", Label: r.T("log.at"), Nowrap: true}, {Key: "action", Label: r.T("log.action")},
			{Key: "actor", Label: r.T("log.actor"), Nowrap: true, Hint: r.T("log.actor.hint")}, {Key: "rows", Label: r.T("log.rows"), Num: true}},
		Filters: []ui.Field{{Name: "action", Label: r.T("log.action"), Value: prefix, Hint: r.T("log.action.hint")}},
		Empty:   ui.EmptyState{Title: r.T("log.none")}}
	if len(entries) > logPerPage {
		entries = entries[:logPerPage]
		t.Pager = web.Pager(r, "/log", "", strconv.FormatInt(entries[len(entries)-1].Index, 10), before > 0)
	}
	for _, e := range entries {
		t.Rows = append(t.Rows, ui.Row{ID: string(e.ID), Href: "/log/proof/" + string(e.ID), Cells: []ui.Cell{{Text: strconv.FormatInt(e.Index, 10)}, {Text: r.Moment(e.At)},
			{Text: r.Word("action."+e.Action, e.Action), Sub: e.Action}, {Text: e.Actor}, {Text: strconv.Itoa(e.Rows)}}})
	}
	p := logPage{Table: t, Checkpoint: cp, Report: rep}
	if rep != nil {
		for _, tr := range rep.Troubles {
			p.Troubles = append(p.Troubles, tr.String())
		}
	}
	return web.Page{Name: "account/log", Data: p, API: entries, Crumbs: []ui.Crumb{{Label: r.T("menu.log")}}}, nil
}

func (s *Service) postVerify(r *web.Request) (web.Response, error) {
	if err := s.Policy.Can(r.Actor, "log.verify", access.Object{Kind: "log"}); err != nil {
		return nil, err
	}
	if err := s.Log.Note(r.Context(), r.Actor, "log.verify", nil); err != nil {
		return nil, err
	}
	if err := s.Log.Sequence(r.Context()); err != nil {
		return nil, err
	}
	rep, err := s.Log.Verify(r.Context())
	if err != nil {
		return nil, err
	}
	return s.logPage(r, &rep)
}

func (s *Service) getCheckpoint(r *web.Request) (web.Response, error) {
	cp, err := s.Log.Checkpoint(r.Context())
	if err != nil {
		return nil, err
	}
	return web.File{Name: "checkpoint.txt", Type: "text/plain; charset=utf-8", Body: strings.NewReader(cp)}, nil
}

func (s *Service) getProof(r *web.Request) (web.Response, error) {
	proof, _, err := s.Log.Prove(r.Context(), r.PathValue("what"))
	if err != nil {
		return nil, err
	}
	return web.File{Name: "entry.tlog-proof", Type: "text/plain; charset=utf-8", Body: bytes.NewReader(proof)}, nil
}
