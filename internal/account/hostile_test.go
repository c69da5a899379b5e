package account_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"huikan/internal/account"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// real serves the room with its own sign-in, as the program does.
func real(t *testing.T, k *platformtest.Kit, s *account.Service) http.Handler {
	t.Helper()
	set, err := ui.New()
	if err != nil {
		t.Fatal(err)
	}
	srv, err := web.New(web.Config{UI: set, Policy: k.Policy, Log: k.Log, Clock: k.Clock, Auth: s, Secure: s.Secure})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Add(s.Room()); err != nil {
		t.Fatal(err)
	}
	return srv.Handler()
}

func call(t *testing.T, h http.Handler, method, path, token string, form url.Values) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.AddCookie(&http.Cookie{Name: "huikan", Value: token})
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	var b strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := r.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String()
		}
	}
}

// second signs in and sets up a second factor; it gives the key.
func second(t *testing.T, k *platformtest.Kit, s *account.Service, login, pw string) string {
	t.Helper()
	token, err := s.SignIn(ctx, login, pw, "a", "t")
	if err != nil {
		t.Fatal(err)
	}
	a, _, err := who(t, s, token)
	if err != nil {
		t.Fatal(err)
	}
	key, err := s.BeginSecond(a, login)
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(key.Secret(), k.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ConfirmSecond(ctx, a, token, key.Secret(), code); err != nil {
		t.Fatal(err)
	}
	return key.Secret()
}

// The right password must not wipe out wrong codes: whoever has stolen it could
// otherwise try codes for ever.
func TestPasswordDoesNotForgiveWrongCodes(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		_, pw := make_(t, s, "qian", "p1")
		key := second(t, k, s, "qian", pw)
		k.Clock.Advance(time.Minute)
		for i := range account.FailuresToLock {
			token, err := s.SignIn(ctx, "qian", pw, "a", "t")
			if err != nil {
				t.Fatalf("%d: %v", i, err)
			}
			a, _, err := who(t, s, token)
			if err != nil {
				t.Fatal(err)
			}
			platformtest.WantKind(t, "a wrong code", s.GiveSecond(ctx, a, token, "000000"), fault.KindInvalid)
		}
		if _, err := s.SignIn(ctx, "qian", pw, "a", "t"); !fault.Is(err, fault.KindInvalid) {
			t.Fatalf("after %d wrong codes the account is not locked: %v", account.FailuresToLock, err)
		}
		k.Clock.Advance(account.LockFor + time.Minute)
		token, err := s.SignIn(ctx, "qian", pw, "a", "t")
		if err != nil {
			t.Fatal(err)
		}
		a, _, err := who(t, s, token)
		if err != nil {
			t.Fatal(err)
		}
		code, err := totp.GenerateCode(key, k.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.GiveSecond(ctx, a, token, code); err != nil {
			t.Fatalf("the owner after the lock: %v", err)
		}
	})
}

// Guesses sent all at once get no more tries than guesses one after another: a
// right one that was being checked when the account was locked opens nothing.
func TestParallelGuessesMeetTheLock(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		a, pw := make_(t, s, "feng", "p1")
		sessions := func() (n int) {
			if err := k.DB.Raw().QueryRow("SELECT COUNT(*) FROM account_session").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		lock := func(until string) {
			if _, err := k.DB.Raw().Exec("UPDATE account SET locked_until = $1 WHERE id = $2", until, string(a.ID)); err != nil {
				t.Fatal(err)
			}
		}
		const guesses = 12
		var wg sync.WaitGroup
		for range guesses {
			wg.Go(func() { _, _ = s.SignIn(ctx, "feng", pw, "a", "t") }) // what came of it is counted below
		}
		for sessions() == 0 {
			runtime.Gosched()
		}
		lock("2099-01-01T00:00:00Z")
		before := sessions()
		wg.Wait()
		lock("")                                                        // as its entry left it
		if after := sessions(); before == guesses || after > before+1 { // one may have been past the check
			t.Fatalf("%d sessions when the lock fell, %d afterwards", before, after)
		}
	})
}

// Wrong passwords that come at once are counted exactly, and nobody is told to
// come back later instead.
func TestParallelFailuresAreCounted(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		a, _ := make_(t, s, "feng", "p1")
		var wg sync.WaitGroup
		for range account.FailuresToLock - 1 {
			wg.Go(func() {
				_, err := s.SignIn(ctx, "feng", "nonsense", "a", "t")
				platformtest.WantKind(t, "a wrong password", err, fault.KindInvalid)
			})
		}
		wg.Wait()
		var n int
		if err := k.DB.Raw().QueryRow("SELECT failed FROM account WHERE id = $1", string(a.ID)).Scan(&n); err != nil || n != account.FailuresToLock-1 {
			t.Fatalf("%d counted (%v)", n, err)
		}
	})
}

// An open session is no licence to guess the password.
func TestOldPasswordIsNotGuessed(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		_, pw := make_(t, s, "wei", "p1")
		token, err := s.SignIn(ctx, "wei", pw, "a", "t")
		if err != nil {
			t.Fatal(err)
		}
		a, _, err := who(t, s, token)
		if err != nil {
			t.Fatal(err)
		}
		for range account.FailuresToLock {
			platformtest.WantKind(t, "a wrong old password", s.ChangePassword(ctx, a, token, "nonsense", good), fault.KindInvalid)
		}
		platformtest.WantKind(t, "the right one during the lock", s.ChangePassword(ctx, a, token, pw, good), fault.KindInvalid)
		k.Clock.Advance(account.LockFor + time.Second)
		if token, err = s.SignIn(ctx, "wei", pw, "a", "t"); err != nil {
			t.Fatal(err)
		}
		if err := s.ChangePassword(ctx, a, token, pw, good); err != nil {
			t.Fatal(err)
		}
	})
}

// A session that still owes its second factor, or a new password, reaches
// nothing but the page that asks for it and the way out.
func TestHalfSignedInReachesNothing(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		_, pw := make_(t, s, "sys", "p1", actor.SysAdmin)
		second(t, k, s, "sys", pw)
		_, pw2 := make_(t, s, "sys-new", "p2", actor.SysAdmin)
		k.Clock.Advance(time.Minute)
		h := real(t, k, s)
		for _, c := range []struct{ login, pw, first string }{{"sys", pw, "/sign-in/second"}, {"sys-new", pw2, "/password"}} {
			token, err := s.SignIn(ctx, c.login, c.pw, "a", "t")
			if err != nil {
				t.Fatal(err)
			}
			for _, rt := range s.Room().Routes {
				path := strings.NewReplacer("{id}", string(id.New()), "{grant}", string(id.New()), "{what}", "x").Replace(rt.Path)
				for _, prefix := range []string{"", "/api/v1"} {
					if rt.Open || rt.Path == c.first || rt.Path == "/logout" || (prefix != "" && rt.NoAPI) {
						continue
					}
					res := call(t, h, rt.Method, prefix+path, token, nil)
					if prefix == "" && (res.StatusCode != 303 || res.Header.Get("Location") != c.first) {
						t.Errorf("%s %s%s: %d %s", rt.Method, prefix, path, res.StatusCode, res.Header.Get("Location"))
					}
					if prefix != "" && res.StatusCode != 403 {
						t.Errorf("%s %s%s: %d", rt.Method, prefix, path, res.StatusCode)
					}
				}
			}
			if text := body(t, call(t, h, "GET", "/no-such-page", token, nil)); strings.Contains(text, "/accounts") {
				t.Errorf("%s: the error page shows the menu before the sign-in is complete", c.login)
			}
			if res := call(t, h, "POST", "/logout", token, url.Values{}); res.Header.Get("Location") != "/sign-in?done=done.account.sign_out" {
				t.Errorf("%s cannot sign out: %d %s", c.login, res.StatusCode, res.Header.Get("Location"))
			}
			if _, _, err := who(t, s, token); !fault.Is(err, fault.KindUnauthenticated) {
				t.Errorf("%s is still signed in: %v", c.login, err)
			}
		}
	})
}

// A password counts exactly as typed, from a form as from JSON.
func TestPasswordExactlyAsTyped(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		_, pw := make_(t, s, "chen", "p1")
		h := real(t, k, s)
		token, err := s.SignIn(ctx, "chen", pw, "a", "t")
		if err != nil {
			t.Fatal(err)
		}
		typed := "  Rather-long-1 "
		if res := call(t, h, "POST", "/password", token, url.Values{"old": {pw}, "password": {typed}, "again": {typed}}); res.StatusCode != 303 {
			t.Fatal(res.StatusCode)
		}
		if _, err := s.SignIn(ctx, "chen", strings.TrimSpace(typed), "a", "t"); err == nil {
			t.Error("the password was cut before it was kept")
		}
		if res := call(t, h, "POST", "/sign-in", "", url.Values{"login": {"chen"}, "password": {typed}}); res.StatusCode != 303 {
			t.Errorf("the password as typed: %d", res.StatusCode)
		}
	})
}

// A page is not refused because its use of the session cannot be noted: on a
// full disk reading goes on.
func TestReadingGoesOnWithoutWriting(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		_, pw := make_(t, s, "zhou", "p1")
		token, err := s.SignIn(ctx, "zhou", pw, "a", "t")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.DB.Raw().Exec("ALTER TABLE account_session ADD COLUMN guard TEXT CHECK (seen_at = made_at)"); err != nil {
			t.Fatal(err)
		}
		k.Clock.Advance(2 * time.Minute)
		if _, _, err := who(t, s, token); err != nil {
			t.Fatal(err)
		}
	})
}

// Redirects after sign-in stay in the house, whatever browsers leave out of an
// address before they read it (tabs, line ends).
func TestNextStaysInTheHouse(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		_, pw := make_(t, s, "he", "p1")
		h := real(t, k, s)
		for _, next := range []string{"/\t/evil.example", "/\n/evil.example", "/\x00/evil.example", "\t//evil.example", "/\u0085/evil.example", "https://evil.example", "/..//evil.example"} {
			res := call(t, h, "POST", "/sign-in", "", url.Values{"login": {"he"}, "password": {pw}, "next": {next}})
			to, err := url.Parse(res.Header.Get("Location"))
			if res.StatusCode != 303 || err != nil || to.Host != "" || strings.HasPrefix(to.Path, "//") || strings.ContainsAny(to.String(), "\t\r\n") {
				t.Errorf("%q: %d %q", next, res.StatusCode, res.Header.Get("Location"))
			}
			res = call(t, h, "POST", "/prefs", "", url.Values{"theme": {"dark"}, "back": {next}})
			if to := res.Header.Get("Location"); strings.ContainsAny(to, "\t\r\n") || strings.HasPrefix(to, "//") {
				t.Errorf("preferences, %q: %q", next, to)
			}
		}
	})
}

// The last auditor stays, also when two are ended at the same moment.
func TestLastAuditor(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		give := func(n int) account.Grant {
			a, _ := make_(t, s, fmt.Sprint("auditor", n), fmt.Sprint("p", n))
			g, err := s.Give(ctx, system, a.ID, grant(actor.Auditor))
			if err != nil {
				t.Fatal(err)
			}
			return g
		}
		last := give(0)
		for round := range 5 {
			other := give(round + 1)
			end := map[id.ID]func() error{
				last.ID:  func() error { return s.Withdraw(ctx, system, last.Account, last.ID) },
				other.ID: func() error { return s.Disable(ctx, system, other.Account) },
			}
			var wg sync.WaitGroup
			var mu sync.Mutex
			var ended []id.ID
			for n, do := range end {
				wg.Go(func() {
					if err := do(); err == nil {
						mu.Lock()
						ended = append(ended, n)
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			if len(ended) != 1 {
				t.Fatalf("round %d: %d of two auditors were ended at once", round, len(ended))
			}
			if ended[0] == last.ID {
				last = other
			}
			platformtest.WantKind(t, "withdrawn", s.Withdraw(ctx, system, last.Account, last.ID), fault.KindState)
			platformtest.WantKind(t, "disabled", s.Disable(ctx, system, last.Account), fault.KindState)
		}
	})
}

// Two grants that exclude each other do not both get through when given at once.
func TestSeparationUnderRace(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		for i := range 6 {
			a, _ := make_(t, s, fmt.Sprint("a", i), fmt.Sprint("p", i))
			b, _ := make_(t, s, fmt.Sprint("b", i), fmt.Sprint("p", i)) // the same person's second account
			var wg sync.WaitGroup
			var given atomic.Int64
			for n, r := range map[id.ID]actor.Role{a.ID: actor.SysAdmin, b.ID: actor.Auditor} {
				wg.Go(func() {
					if _, err := s.Give(ctx, system, n, grant(r)); err == nil {
						given.Add(1)
					}
				})
			}
			wg.Wait()
			if given.Load() != 1 {
				t.Fatalf("%d of two excluding grants were given", given.Load())
			}
		}
	})
}

func TestGrantsThatMustBeRefused(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		sys, _ := make_(t, s, "sys", "p1", actor.SysAdmin)
		granted, _ := make_(t, s, "granted", "p3", actor.Staff)
		plain, _ := make_(t, s, "plain", "p2")
		for _, c := range []struct {
			name string
			to   id.ID
			cmd  account.NewGrant
			want fault.Kind
		}{
			{"the program's own role", plain.ID, grant(actor.System), fault.KindInvalid},
			{"business staff for an administrator", sys.ID, grant(actor.Staff), fault.KindState},
			{"an administrator's role for granted staff", granted.ID, grant(actor.SecAdmin), fault.KindState},
			{"a date that is none", plain.ID, account.NewGrant{Role: "leader", Unit: "最高人民检察院", From: "soon"}, fault.KindInvalid},
			{"an end that is none", plain.ID, account.NewGrant{Role: "leader", Unit: "最高人民检察院", To: "z"}, fault.KindInvalid},
			{"an end before the start", plain.ID, account.NewGrant{Role: "leader", Unit: "最高人民检察院", From: "2026-05-01", To: "2026-04-30"}, fault.KindInvalid},
		} {
			_, err := s.Give(ctx, system, c.to, c.cmd)
			platformtest.WantKind(t, c.name, err, c.want)
		}
		if _, err := s.Give(ctx, system, plain.ID, account.NewGrant{Role: "leader", Unit: "最高人民检察院", From: "2026-03-10", To: "2026-03-11"}); err != nil {
			t.Fatal(err)
		}
		for day, want := range map[int]bool{0: false, 8: true, 9: true, 10: false} {
			k.Clock.Advance(time.Duration(day) * 24 * time.Hour)
			a, err := s.ActorOf(ctx, "plain")
			if err != nil || a.Has(actor.Leader) != want {
				t.Errorf("day %d: holds %v (%v)", day, a.Has(actor.Leader), err)
			}
			k.Clock.Advance(-time.Duration(day) * 24 * time.Hour)
		}
	})
}

// A damaged or overlong key of a second factor is the sender's mistake.
func TestSecondFactorKeyOfTheForm(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		_, pw := make_(t, s, "lv", "p1")
		token, err := s.SignIn(ctx, "lv", pw, "a", "t")
		if err != nil {
			t.Fatal(err)
		}
		a, _, err := who(t, s, token)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.ChangePassword(ctx, a, token, pw, good); err != nil {
			t.Fatal(err)
		}
		h := real(t, k, s)
		for _, key := range []string{"", "A", strings.Repeat("A", 60000), "&secret=x"} {
			if res := call(t, h, "POST", "/me/second", token, url.Values{"key": {key}, "code": {"000000"}}); res.StatusCode != 422 {
				t.Errorf("%.20q: %d", key, res.StatusCode)
			}
		}
	})
}

func TestCookieFlags(t *testing.T) {
	each(t, func(t *testing.T, k *platformtest.Kit, s *account.Service) {
		_, pw := make_(t, s, "lin", "p1")
		for _, secure := range []bool{false, true} {
			s.Secure = secure
			res := call(t, real(t, k, s), "POST", "/sign-in", "", url.Values{"login": {"lin"}, "password": {pw}})
			cs := res.Cookies()
			if len(cs) != 1 {
				t.Fatalf("%d cookies", len(cs))
			}
			c := cs[0]
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != secure || strings.HasPrefix(c.Name, "__Host-") != secure {
				t.Errorf("secure %v: %+v", secure, c)
			}
			if strings.Contains(res.Header.Get("Location"), c.Value) {
				t.Error("the token stands in an address")
			}
		}
	})
}
