package account

import (
	"bytes"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"image/png"
	"strings"

	"github.com/pquerna/otp"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	return web.Room{
		Name: "account", Pages: web.Sub(files, "pages"), Words: web.Words(files),
		Routes: []web.Route{
			{Method: "GET", Path: "/sign-in", Open: true, NoAPI: true, Do: s.getSignIn},
			{Method: "POST", Path: "/sign-in", Open: true, MaxBody: 8 << 10, In: signInForm{}, Do: s.postSignIn},
			{Method: "GET", Path: "/sign-in/second", Any: true, NoAPI: true, Do: s.getSecond},
			{Method: "POST", Path: "/sign-in/second", Any: true, MaxBody: 8 << 10, In: codeForm{}, Do: s.postSecond},
			{Method: "POST", Path: "/logout", Any: true, Early: true, NoAPI: true, Do: s.postSignOut},
			{Method: "GET", Path: "/password", Any: true, NoAPI: true, Do: s.getPassword},
			{Method: "POST", Path: "/password", Any: true, MaxBody: 8 << 10, NoAPI: true, Do: s.postPassword},
			{Method: "GET", Path: "/me", Any: true, Do: s.getMe},
			{Method: "POST", Path: "/me/sessions/{id}/end", Any: true, Do: s.postEndSession},
			{Method: "GET", Path: "/me/second", Any: true, NoAPI: true, Do: s.getSetSecond},
			{Method: "POST", Path: "/me/second", Any: true, NoAPI: true, Do: s.postSetSecond},

			{Method: "GET", Path: "/accounts", Action: "account.read", Do: s.getAccounts},
			{Method: "GET", Path: "/accounts/new", Action: "account.create", NoAPI: true, Do: s.getNew},
			{Method: "GET", Path: "/pick/account-people", Action: "account.pick", Do: s.pickPerson},
			{Method: "POST", Path: "/accounts/new", Action: "account.create", In: NewAccount{}, Do: s.postNew},
			{Method: "GET", Path: "/accounts/{id}", Action: "account.read", Do: s.getAccount},
			{Method: "POST", Path: "/accounts/{id}/disable", Action: "account.disable", Do: s.act("disabled", s.Disable)},
			{Method: "POST", Path: "/accounts/{id}/enable", Action: "account.enable", Do: s.act("enabled", s.Enable)},
			{Method: "POST", Path: "/accounts/{id}/unlock", Action: "account.unlock", Do: s.act("unlocked", s.Unlock)},
			{Method: "POST", Path: "/accounts/{id}/drop-second", Action: "account.drop_second", Do: s.act("second_dropped", s.DropSecond)},
			{Method: "POST", Path: "/accounts/{id}/reset", Action: "account.reset", Do: s.postReset},
			{Method: "POST", Path: "/accounts/{id}/grants", Action: "grant.give", In: NewGrant{}, Do: s.postGrant},
			{Method: "POST", Path: "/accounts/{id}/grants/{grant}/withdraw", Action: "grant.withdraw", Do: s.postWithdraw},

			{Method: "GET", Path: "/log", Action: "log.read", Do: s.getLog},
			{Method: "POST", Path: "/log/verify", Action: "log.verify", Heavy: true, Do: s.postVerify},
			{Method: "GET", Path: "/log/checkpoint", Action: "log.read", NoAPI: true, Do: s.getCheckpoint},
			{Method: "GET", Path: "/log/proof/{what}", Action: "log.read", NoAPI: true, Do: s.getProof},
		},
		Menu: []web.Item{
			{Group: "menu.admin", Key: "menu.accounts", Href: "/accounts", Action: "account.read", Order: 900},
			{Group: "menu.admin", Key: "menu.log", Href: "/log", Action: "log.read", Order: 910},
		},
	}
}

type signInForm struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Next     string `json:"next"`
}

type codeForm struct {
	Code string `json:"code"`
	Key  string `json:"key"`
}

type formPage struct {
	Form  ui.Form
	Lead  string
	Extra string
	Image template.URL // a picture that this package drew itself
}

func (s *Service) signInPage(r *web.Request, f signInForm, err error) web.Response {
	p := r.Problems(err)
	return web.Page{Name: "account/sign_in", Open: true, Err: err, Data: formPage{Form: ui.Form{Action: "/sign-in", Sensitive: true,
		Hidden: []ui.Pair{{Name: "next", Value: web.Local(f.Next)}},
		Sets: []ui.Fieldset{{Fields: []ui.Field{
			{Name: "login", Label: r.T("account.login"), Value: f.Login, Auto: "username", Error: p["login"]},
			{Name: "password", Label: r.T("account.password"), Kind: ui.FieldPassword, Auto: "current-password", Error: p["password"]},
		}}},
		Buttons: []ui.Button{{Label: r.T("account.do.sign_in"), Kind: "primary"}}}}}
}

func (s *Service) getSignIn(r *web.Request) (web.Response, error) {
	if !r.Actor.Anonymous() {
		return web.Redirect{To: web.Local(r.Param("next"))}, nil
	}
	return s.signInPage(r, signInForm{Next: r.Param("next")}, nil), nil
}

func (s *Service) postSignIn(r *web.Request) (web.Response, error) {
	var f signInForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	f.Password = typed(r, "password", f.Password)
	from := web.Address(r.Request)
	if !s.tries.Left(from) {
		return nil, fault.Often()
	}
	token, err := s.SignIn(r.Context(), f.Login, f.Password, from, r.UserAgent())
	if err != nil {
		if fault.Is(err, fault.KindInvalid) {
			s.tries.Take(from)
			return s.signInPage(r, f, err), nil
		}
		return nil, err
	}
	return web.WithCookie(s.cookie(token), web.Redirect{To: web.Local(f.Next)}), nil
}

// typed is a password as it was typed: a form's other values are trimmed, a
// password is not (ASVS 6.2.8). From JSON it is already as sent.
func typed(r *web.Request, name, decoded string) string {
	if v, ok := r.PostForm[name]; ok && len(v) > 0 {
		return v[0]
	}
	return decoded
}

func (s *Service) token(r *web.Request) string {
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

func (s *Service) postSignOut(r *web.Request) (web.Response, error) {
	if err := s.SignOut(r.Context(), r.Actor, s.token(r)); err != nil && !fault.Is(err, fault.KindNotFound) {
		return nil, err
	}
	return web.WithHeader("Clear-Site-Data", `"cache", "storage"`, web.WithCookie(s.cookie(""), web.Redirect{To: "/sign-in", Done: "done.account.sign_out"})), nil
}

func (s *Service) secondPage(r *web.Request, err error) web.Response {
	return web.Page{Name: "account/second", Open: true, Err: err, Data: formPage{Lead: r.T("account.second.ask"), Form: ui.Form{Action: "/sign-in/second", Sensitive: true,
		Sets:    []ui.Fieldset{{Fields: []ui.Field{{Name: "code", Label: r.T("account.second.code"), Mode: "numeric", Auto: "one-time-code", Error: r.Problems(err)["code"]}}}},
		Buttons: []ui.Button{{Label: r.T("account.do.sign_in"), Kind: "primary"}}}}}
}

func (s *Service) getSecond(r *web.Request) (web.Response, error) { return s.secondPage(r, nil), nil }

func (s *Service) postSecond(r *web.Request) (web.Response, error) {
	var f codeForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	from := web.Address(r.Request)
	if !s.tries.Left(from) {
		return nil, fault.Often()
	}
	if err := s.GiveSecond(r.Context(), r.Actor, s.token(r), f.Code); err != nil {
		if fault.Is(err, fault.KindInvalid) {
			s.tries.Take(from)
			return s.secondPage(r, err), nil
		}
		return nil, err
	}
	return web.Redirect{To: "/"}, nil
}

type passwordForm struct {
	Old      string `json:"old"`
	Password string `json:"password"`
	Again    string `json:"again"`
}

func (s *Service) passwordPage(r *web.Request, err error) web.Response {
	p := r.Problems(err)
	return web.Page{Name: "account/password", Err: err, Crumbs: []ui.Crumb{{Label: r.T("account.me"), Href: "/me"}, {Label: r.T("account.password.change")}},
		Data: formPage{Lead: r.T("account.password.rules", MinLength, MinLengthAdmin), Form: ui.Form{Action: "/password", Sensitive: true,
			Sets: []ui.Fieldset{{Fields: []ui.Field{
				{Name: "old", Label: r.T("account.password.current"), Kind: ui.FieldPassword, Auto: "current-password", Error: p["old"]},
				{Name: "password", Label: r.T("account.password.new"), Kind: ui.FieldPassword, Auto: "new-password", Error: p["password"]},
				{Name: "again", Label: r.T("account.password.again"), Kind: ui.FieldPassword, Auto: "new-password", Error: p["again"]},
			}}},
			Buttons: []ui.Button{{Label: r.T("account.do.change_password"), Kind: "primary"}}}}}
}

func (s *Service) getPassword(r *web.Request) (web.Response, error) {
	return s.passwordPage(r, nil), nil
}

func (s *Service) postPassword(r *web.Request) (web.Response, error) {
	var f passwordForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	f.Old, f.Password, f.Again = typed(r, "old", f.Old), typed(r, "password", f.Password), typed(r, "again", f.Again)
	if f.Password != f.Again {
		var bad fault.Fields
		bad.Add("again", "account.password.differ")
		return s.passwordPage(r, bad.Err()), nil
	}
	if err := s.ChangePassword(r.Context(), r.Actor, s.token(r), f.Old, f.Password); err != nil {
		if fault.Is(err, fault.KindInvalid) {
			return s.passwordPage(r, err), nil
		}
		return nil, err
	}
	return web.Redirect{To: "/", Done: "done.account.password"}, nil
}

type mePage struct {
	Facts    []ui.Fact
	Sessions []sessionRow
	Second   bool
}

type sessionRow struct {
	ID, Address, Agent, Made, Seen string
	Here                           bool
}

func (s *Service) getMe(r *web.Request) (web.Response, error) {
	list, err := s.Sessions(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	var acc Account
	if err := s.Log.DB().Read(r.Context(), func(q db.Q) (err error) { acc, err = byID(r.Context(), q, r.Actor.Account); return err }); err != nil {
		return nil, err
	}
	var roles []string
	for _, role := range r.Actor.Holds() {
		roles = append(roles, r.T("role."+string(role)))
	}
	p := mePage{Second: acc.Second, Facts: []ui.Fact{
		{Label: r.T("account.name"), Text: acc.Name}, {Label: r.T("account.login"), Text: acc.Login},
		{Label: r.T("account.unit"), Text: s.UnitName(acc.Unit)}, {Label: r.T("account.roles"), Text: strings.Join(roles, " · ")},
		{Label: r.T("account.password.changed"), Text: string(acc.ChangedOn)},
	}}
	for _, x := range list {
		p.Sessions = append(p.Sessions, sessionRow{ID: string(x.ID), Address: x.Address, Agent: x.Agent, Made: x.Made, Seen: x.Seen, Here: x.ID.Short() == r.Actor.Session})
	}
	return web.Page{Name: "account/me", Data: p, Crumbs: []ui.Crumb{{Label: r.T("account.me")}}}, nil
}

func (s *Service) postEndSession(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	if err := s.EndSession(r.Context(), r.Actor, n); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/me", Done: "done.account.session_ended"}, nil
}

func (s *Service) setSecondPage(r *web.Request, key *otp.Key, err error) (web.Response, error) {
	img, e := key.Image(220, 220)
	if e != nil {
		return nil, fmt.Errorf("draw second factor: %w", e)
	}
	var b bytes.Buffer
	if e := png.Encode(&b, img); e != nil {
		return nil, fmt.Errorf("draw second factor: %w", e)
	}
	picture := "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
	return web.Page{Name: "account/set_second", Err: err, Crumbs: []ui.Crumb{{Label: r.T("account.me"), Href: "/me"}, {Label: r.T("account.second")}},
		Data: formPage{Lead: r.T("account.second.how"), Extra: key.Secret(), Image: template.URL(picture), Form: ui.Form{Action: "/me/second", Sensitive: true,
			Hidden:  []ui.Pair{{Name: "key", Value: key.Secret()}},
			Sets:    []ui.Fieldset{{Fields: []ui.Field{{Name: "code", Label: r.T("account.second.code"), Mode: "numeric", Auto: "one-time-code", Error: r.Problems(err)["code"]}}}},
			Buttons: []ui.Button{{Label: r.T("account.do.set_second"), Kind: "primary"}}}}}, nil
}

func (s *Service) getSetSecond(r *web.Request) (web.Response, error) {
	key, err := s.BeginSecond(r.Actor, r.Actor.Name)
	if err != nil {
		return nil, err
	}
	return s.setSecondPage(r, key, nil)
}

func (s *Service) postSetSecond(r *web.Request) (web.Response, error) {
	var f codeForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	if err := checkKey(f.Key); err != nil {
		return nil, err
	}
	err := s.ConfirmSecond(r.Context(), r.Actor, s.token(r), f.Key, f.Code)
	if fault.Is(err, fault.KindInvalid) {
		key, e := otp.NewKeyFromURL("otpauth://totp/huikan:" + r.Actor.Account.Short() + "?secret=" + f.Key + "&issuer=huikan")
		if e != nil {
			return nil, fault.Invalid("error.form").With(e)
		}
		return s.setSecondPage(r, key, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/me", Done: "done.account.second"}, nil
}

// MarshalJSON leaves out everything secret.
func (a Account) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"id": a.ID, "login": a.Login, "name": a.Name, "unit": a.Unit, "disabled": a.Disabled,
		"locked_until": a.Locked, "second_factor": a.Second, "rev": a.Rev})
}
