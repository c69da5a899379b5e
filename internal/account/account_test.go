package account_test

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"pgregory.net/rapid"

	"huikan/internal/account"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

var ctx = context.Background()

const unit = id.ID("unit-1")

var place = access.Place{Unit: unit, Path: "spp/"}

func each(t *testing.T, fn func(t *testing.T, k *platformtest.Kit, s *account.Service)) {
	platformtest.Each(t, platformtest.Parts{Schemas: []fs.FS{account.Schema}, Tables: account.Tables, Rules: account.Rules()}, func(t *testing.T, k *platformtest.Kit) {
		fn(t, k, account.New(account.Deps{Log: k.Log, Policy: k.Policy, Keys: k.Keys, Clock: k.Clock,
			Place:    func(u id.ID) access.Place { return access.Place{Unit: u, Path: "spp/"} },
			UnitName: func(id.ID) string { return "最高人民检察院" },
			Units: func(text string) []id.ID {
				if text == "最高人民检察院" {
					return []id.ID{unit}
				}
				return nil
			},
			Teams: func(context.Context, db.Q, id.ID, clock.Date) ([]actor.Membership, error) { return nil, nil },
			Kin:   func(context.Context, db.Q, id.ID) ([]id.ID, error) { return nil, nil },
		}))
	})
}

var (
	system = actor.Program("test")
	good   = "Rather-long-1"
)

func make_(t *testing.T, s *account.Service, login, person string, roles ...actor.Role) (account.Account, string) {
	t.Helper()
	a, pw, err := s.Create(ctx, system, account.NewAccount{Login: login, Name: login, Unit: "最高人民检察院", Person: person})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range roles {
		if _, err := s.Give(ctx, system, a.ID, account.NewGrant{Role: string(r), Unit: "最高人民检察院"}); err != nil {
			t.Fatal(err)
		}
	}
	return a, pw
}

func who(t *testing.T, s *account.Service, token string) (actor.Actor, string, error) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "huikan", Value: token})
	return s.Who(ctx, r)
}

func TestFirstSignInMustChangeThePassword(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		_, pw := make_(t, s, "wang", "p1", actor.Office)
		token, err := s.SignIn(ctx, "WANG ", pw, "10.0.0.1", "test")
		if err != nil {
			t.Fatal(err)
		}
		a, first, err := who(t, s, token)
		if err != nil || first != "/password" || !a.Has(actor.Office) || a.Person != "p1" {
			t.Fatalf("%+v %q %v", a, first, err)
		}
		if err := s.ChangePassword(ctx, a, token, "wrong", good); !fault.Is(err, fault.KindInvalid) {
			t.Fatalf("a wrong old password: %v", err)
		}
		if err := s.ChangePassword(ctx, a, token, pw, good); err != nil {
			t.Fatal(err)
		}
		if _, first, err = who(t, s, token); err != nil || first != "" {
			t.Fatalf("after the change: %q %v", first, err)
		}
		if _, err := s.SignIn(ctx, "wang", pw, "10.0.0.1", "test"); !fault.Is(err, fault.KindInvalid) {
			t.Fatal("the one-time password still works")
		}
	})
}

func TestLockOut(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		_, pw := make_(t, s, "li", "p1")
		wrong, unknown := s.SignIn(ctx, "li", "nonsense", "a", "t")
		_ = wrong
		_, other := s.SignIn(ctx, "nobody-here", "nonsense", "a", "t")
		if unknown.Error() != other.Error() {
			t.Fatalf("the answers differ: %v / %v", unknown, other)
		}
		for range account.FailuresToLock - 1 {
			if _, err := s.SignIn(ctx, "li", "nonsense", "a", "t"); !fault.Is(err, fault.KindInvalid) {
				t.Fatal(err)
			}
		}
		if _, err := s.SignIn(ctx, "li", pw, "a", "t"); err == nil || err.Error() != other.Error() {
			t.Fatalf("the right password during a lock: %v", err)
		}
		k.Clock.Advance(account.LockFor + time.Second)
		if _, err := s.SignIn(ctx, "li", pw, "a", "t"); err != nil {
			t.Fatalf("after the lock: %v", err)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		a, pw := make_(t, s, "zhao", "p1")
		sign := func() string {
			token, err := s.SignIn(ctx, "zhao", pw, "a", "t")
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		gone := func(what, token string) {
			t.Helper()
			if _, _, err := who(t, s, token); !fault.Is(err, fault.KindUnauthenticated) {
				t.Errorf("%s: %v", what, err)
			}
		}
		token := sign()
		k.Clock.Advance(account.IdleLimit - time.Second)
		if _, _, err := who(t, s, token); err != nil {
			t.Fatalf("just before the idle limit: %v", err)
		}
		k.Clock.Advance(account.IdleLimit + time.Minute)
		gone("idle", token)
		token = sign()
		for range 49 {
			k.Clock.Advance(account.IdleLimit - time.Second)
			_, _, _ = who(t, s, token)
		}
		gone("twelve hours", token)
		token = sign()
		act, _, err := who(t, s, token)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SignOut(ctx, act, token); err != nil {
			t.Fatal(err)
		}
		gone("signed out", token)
		token = sign()
		if err := s.Disable(ctx, system, a.ID); err != nil {
			t.Fatal(err)
		}
		gone("disabled", token)
		if _, err := s.SignIn(ctx, "zhao", pw, "a", "t"); !fault.Is(err, fault.KindInvalid) {
			t.Fatal("a disabled account signed in")
		}
		gone("a made-up token", "AAAA")
	})
}

func TestSecondFactorCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		_, pw := make_(t, s, "sun", "p1")
		token, err := s.SignIn(ctx, "sun", pw, "a", "t")
		if err != nil {
			t.Fatal(err)
		}
		a, _, err := who(t, s, token)
		if err != nil {
			t.Fatal(err)
		}
		key, err := s.BeginSecond(a, "sun")
		if err != nil {
			t.Fatal(err)
		}
		code := func() string {
			c, err := totp.GenerateCode(key.Secret(), k.Clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		if err := s.ConfirmSecond(ctx, a, token, key.Secret(), "000000"); !fault.Is(err, fault.KindInvalid) {
			t.Fatalf("a wrong code was taken: %v", err)
		}
		if err := s.ConfirmSecond(ctx, a, token, key.Secret(), code()); err != nil {
			t.Fatal(err)
		}
		k.Clock.Advance(time.Minute)
		token, err = s.SignIn(ctx, "sun", pw, "a", "t")
		if err != nil {
			t.Fatal(err)
		}
		a, first, err := who(t, s, token)
		if err != nil || first != "/sign-in/second" {
			t.Fatalf("%q %v", first, err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		c := code()
		for range 4 {
			wg.Go(func() {
				if err := s.GiveSecond(ctx, a, token, c); err == nil {
					mu.Lock()
					won++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if won != 1 {
			t.Fatalf("one code counted %d times", won)
		}
		if _, first, _ = who(t, s, token); first == "/sign-in/second" {
			t.Fatal("the second factor was given but is asked again")
		}
	})
}

func TestThreeAdministratorsAreSeparate(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		sys, _ := make_(t, s, "sys", "p-sys", actor.SysAdmin)
		sec, _ := make_(t, s, "sec", "p-sec", actor.SecAdmin)
		aud, _ := make_(t, s, "aud", "p-aud", actor.Auditor)
		second, _ := make_(t, s, "sys-b", "p-sys") // the same person's second account
		office, _ := make_(t, s, "office", "p-office", actor.Office)
		as := func(login string) actor.Actor {
			a, err := s.ActorOf(ctx, login)
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		for _, c := range []struct {
			name string
			do   func() error
			want fault.Kind
		}{
			{"two administrators' roles in one account", func() error { _, err := s.Give(ctx, as("sec"), sys.ID, grant(actor.Auditor)); return err }, fault.KindState},
			{"or over two accounts of a person", func() error { _, err := s.Give(ctx, as("sec"), second.ID, grant(actor.Auditor)); return err }, fault.KindState},
			{"an administrator with a business role", func() error { _, err := s.Give(ctx, as("sec"), sys.ID, grant(actor.Office)); return err }, fault.KindState},
			{"a business role with an administrator's", func() error { _, err := s.Give(ctx, as("sec"), office.ID, grant(actor.SysAdmin)); return err }, fault.KindState},
			{"the system administrator grants nothing", func() error { _, err := s.Give(ctx, as("sys"), office.ID, grant(actor.Leader)); return err }, fault.KindNotFound},
			{"the security officer makes no accounts", func() error {
				_, _, err := s.Create(ctx, as("sec"), account.NewAccount{Login: "x", Name: "x", Unit: "最高人民检察院"})
				return err
			}, fault.KindNotFound},
			{"nobody grants to himself", func() error { _, err := s.Give(ctx, as("sec"), sec.ID, grant(actor.Office)); return err }, fault.KindState},
			{"the last auditor stays", func() error { return s.Disable(ctx, as("sys"), aud.ID) }, fault.KindState},
			{"an unknown role", func() error {
				_, err := s.Give(ctx, as("sec"), office.ID, account.NewGrant{Role: "king", Unit: "最高人民检察院"})
				return err
			}, fault.KindInvalid},
			{"a team's role is not granted", func() error { _, err := s.Give(ctx, as("sec"), office.ID, grant(actor.Inspector)); return err }, fault.KindInvalid},
			{"an unknown unit", func() error {
				_, err := s.Give(ctx, as("sec"), office.ID, account.NewGrant{Role: "leader", Unit: "火星人民检察院"})
				return err
			}, fault.KindInvalid},
		} {
			platformtest.WantKind(t, c.name, c.do(), c.want)
		}
		reset := func(login string, n id.ID) error { _, err := s.Reset(ctx, as(login), n); return err }
		for _, c := range []struct {
			name string
			do   func() error
			ok   bool
		}{
			{"the system administrator resets the security administrator", func() error { return reset("sys", sec.ID) }, false},
			{"or the auditor", func() error { return reset("sys", aud.ID) }, false},
			{"or disables the security administrator", func() error { return s.Disable(ctx, as("sys"), sec.ID) }, false},
			{"the security administrator drops the system administrator's second factor", func() error { return s.DropSecond(ctx, as("sec"), sys.ID) }, false},
			{"the security administrator drops an auditor's", func() error { return s.DropSecond(ctx, as("sec"), aud.ID) }, false},
			{"business accounts are reset", func() error { return reset("sys", office.ID) }, true},
			{"the data's owner resets everybody", func() error { _, err := s.Reset(ctx, system, sec.ID); return err }, true},
		} {
			if c.ok {
				if err := c.do(); err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
				continue
			}
			platformtest.WantKind(t, c.name, c.do(), fault.KindState)
		}
		if _, err := s.Give(ctx, as("sec"), office.ID, grant(actor.Leader)); err != nil {
			t.Fatalf("the security officer grants a business role: %v", err)
		}
		if a := as("office"); !a.Has(actor.Leader) || !a.Has(actor.Staff) {
			t.Fatal("the grant does not hold at once")
		}
		if a := as("sys"); a.Has(actor.Staff) {
			t.Fatal("an administrator is no business staff")
		}
	})
}

func grant(r actor.Role) account.NewGrant {
	return account.NewGrant{Role: string(r), Unit: "最高人民检察院"}
}

func TestPasswordRules(t *testing.T) {
	for _, c := range []struct {
		password string
		admin    bool
		ok       bool
	}{
		{"Rather-long-1", false, true}, {"short-A1", false, false}, {"onlysmallletters", false, false}, {"Wang-is-here-1", false, false},
		{"Rather-long-1", true, false}, {"Rather-longer-12", true, true}, {"", false, false}, {"检察Rather1长密码好", false, true}, {strings.Repeat("aA1", 400), false, false},
	} {
		if err := account.CheckPassword(c.password, "wang", c.admin); (err == nil) != c.ok {
			t.Errorf("%q (admin %v): %v", c.password, c.admin, err)
		}
	}
}

func TestNoSetOfGrantsMixesAdministrators(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var has []actor.Role
		for range rapid.IntRange(1, 8).Draw(rt, "n") {
			r := rapid.SampledFrom(actor.Roles()).Draw(rt, "role")
			if account.CheckGrants(has, r) == nil {
				has = append(has, r)
			}
		}
		admins, business := map[actor.Role]bool{}, false
		for _, r := range has {
			if r.Administrator() {
				admins[r] = true
			} else if r != actor.Staff {
				business = true
			}
		}
		if len(admins) > 1 || (len(admins) == 1 && business) {
			rt.Fatalf("%v", has)
		}
	})
}

func TestPages(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		site := k.Serve(t, s.Room())
		a, _ := make_(t, s, "a-very-long-login-name-that-goes-on-and-on", "p1", actor.Office)
		make_(t, s, "sec", "p-sec", actor.SecAdmin)
		make_(t, s, "sys", "p-sys", actor.SysAdmin)
		make_(t, s, "aud", "p-aud", actor.Auditor)
		if err := k.Log.Sequence(ctx); err != nil {
			t.Fatal(err)
		}
		get := func(login, path string, want int, contains string) {
			t.Helper()
			if login == "" {
				site.Actor = actor.Actor{}
			} else {
				act, err := s.ActorOf(ctx, login)
				if err != nil {
					t.Fatal(err)
				}
				site.Actor = act
			}
			for _, lang := range []string{"zh", "en"} {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
				code, body := site.Send(t, r)
				if code != want || (lang == "zh" && !strings.Contains(body, contains)) {
					t.Errorf("%s %s %s: %d, want %d with %q: %.300s", login, path, lang, code, want, contains, body)
				}
			}
		}
		one := "/accounts/" + string(a.ID)
		get("", "/sign-in", 200, "用户名")
		get("", "/accounts", 303, "/sign-in?next=%2Faccounts")
		get("sys", "/accounts", 200, "新建账号")
		get("sys", "/accounts/new", 200, "一次性密码")
		get("sys", one, 200, "停用账号")
		get("sec", one, 200, "授予角色")
		get("aud", "/log", 200, "检查点")
		get("aud", "/log/checkpoint", 200, "huikan.invalid/")
		get("aud", "/accounts/new", 404, "")
		get("sys", "/log", 404, "")
		get(a.Login, "/accounts", 404, "")
		get(a.Login, one, 404, "")
		get(a.Login, "/me", 200, a.Login)
		get(a.Login, "/me/second", 200, "data:image/png")
		get(a.Login, "/password", 200, "新密码")
		get("sys", "/accounts/"+string(id.New()), 404, "没有找到")

		act, err := s.ActorOf(ctx, "sec")
		if err != nil {
			t.Fatal(err)
		}
		site.Actor = act
		if code, to := site.Post(t, one+"/grants", url.Values{"role": {"leader"}, "unit": {"最高人民检察院"}}); code != 303 || !strings.Contains(to, "done.account.granted") {
			t.Errorf("%d %s", code, to)
		}
		if code, body := site.Post(t, one+"/grants", url.Values{"role": {"leader"}, "unit": {"哪里"}}); code != 422 || !strings.Contains(body, "哪里") {
			t.Errorf("%d %.200s", code, body)
		}
		if code, _ := site.Post(t, one+"/disable", nil); code != 404 {
			t.Errorf("the security officer disabled an account: %d", code)
		}
		act, err = s.ActorOf(ctx, "aud")
		if err != nil {
			t.Fatal(err)
		}
		site.Actor = act
		if code, body := site.Post(t, "/log/verify", nil); code != 200 || !strings.Contains(body, "核验通过") {
			t.Errorf("%d %.400s", code, body)
		}
	})
}

// One guess at each of many names meets the bound of the network address, which
// does not touch the others.
func TestGuessesFromOneAddressAreBounded(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		_, pw := make_(t, s, "wu", "p1")
		site := k.Serve(t, s.Room())
		from := func(address, login, password string) int {
			r := httptest.NewRequest(http.MethodPost, "/sign-in", strings.NewReader(url.Values{"login": {login}, "password": {password}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.RemoteAddr = address + ":5000"
			code, _ := site.Send(t, r)
			return code
		}
		for n := range 30 {
			if code := from("10.1.1.1", "nobody"+strings.Repeat("x", n), "guess"); code != http.StatusUnprocessableEntity {
				t.Fatalf("guess %d: %d", n, code)
			}
		}
		if code := from("10.1.1.1", "wu", pw); code != http.StatusTooManyRequests {
			t.Errorf("the 31st try of the address: %d", code)
		}
		if code := from("10.1.1.2", "wu", pw); code != http.StatusSeeOther {
			t.Errorf("another address: %d", code)
		}
		k.Clock.Set(k.Clock.Now().Add(time.Minute))
		if code := from("10.1.1.1", "wu", pw); code != http.StatusSeeOther {
			t.Errorf("after a pause: %d", code)
		}
	})
}

func TestSignInForm(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		_, pw := make_(t, s, "wu", "p1")
		site := k.Serve(t, s.Room())
		for _, c := range []struct {
			name, password, next string
			code                 int
			want                 string
		}{
			{"wrong", "x", "/", 422, "不正确"},
			{"right", pw, "/findings?state=draft", 303, "/findings?state=draft"},
			{"no way out of the house", pw, "//evil.example/", 303, "/"},
			{"nor with a backslash", pw, `/\evil.example`, 303, "/"},
		} {
			if code, body := site.Post(t, "/sign-in", url.Values{"login": {"wu"}, "password": {c.password}, "next": {c.next}}); code != c.code || !strings.Contains(body, c.want) || strings.Contains(body, "evil") {
				t.Errorf("%s: %d %.200s", c.name, code, body)
			}
		}
	})
}

// The administrator of accounts finds whom an account may belong to, and nobody
// else gets that list.
func TestPickerOfPeopleIsTheSystemAdministrators(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		s.People = func(_ context.Context, text string) ([]account.Choice, error) {
			return []account.Choice{{Value: "p1", Label: text + " · 新乡市院 · A1"}}, nil
		}
		site := k.Serve(t, s.Room())
		for _, c := range []struct {
			who  actor.Actor
			text string
			code int
			want string
		}{
			{platformtest.As("sys", actor.SysAdmin, place), "王建", 200, "王建 · 新乡市院 · A1"},
			{platformtest.As("sys", actor.SysAdmin, place), "王", 200, "[]"},
			{platformtest.As("sec", actor.SecAdmin, place), "王建", 404, ""},
			{platformtest.As("aud", actor.Auditor, place), "王建", 404, ""},
			{platformtest.As("office", actor.Office, place), "王建", 404, ""},
		} {
			site.Actor = c.who
			code, body := site.Get(t, "/pick/account-people?q="+url.QueryEscape(c.text))
			if code != c.code || !strings.Contains(body, c.want) {
				t.Errorf("%s asks for %s: %d %.100s", c.who.Account, c.text, code, body)
			}
		}
	})
}
