package app_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huikan/internal/app"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/db/dbtest"
)

var ctx = context.Background()

// world is a small demonstration behind the real handler.
type world struct {
	*app.App
	handler http.Handler
	cookies map[string]*http.Cookie // by login
	made    []app.Made
}

func eachWorld(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			c := app.Config{Data: t.TempDir()}
			if engine == "postgres" {
				c.Database = dbtest.Postgres(t)
			}
			a, made, err := app.MakeDemo(ctx, c, "small", io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := a.Close(); err != nil {
					t.Error(err)
				}
			})
			w := &world{App: a, handler: a.Web.Handler(), cookies: map[string]*http.Cookie{}, made: made}
			for _, m := range made {
				w.signIn(t, m)
			}
			fn(t, w)
		})
	}
}

func (w *world) signIn(t *testing.T, m app.Made) {
	t.Helper()
	token, err := w.Account.SignIn(ctx, m.Login, m.Password, "test", "test")
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Cookie{Name: "huikan", Value: token}
	who := httptest.NewRequest(http.MethodGet, "/", nil)
	who.AddCookie(c)
	a, _, err := w.Account.Who(ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Account.ChangePassword(ctx, a, token, m.Password, "Walked-about-2026"); err != nil {
		t.Fatal(err)
	}
	w.cookies[m.Login] = c
}

func (w *world) do(t *testing.T, login, method, path string, form url.Values) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c := w.cookies[login]; c != nil {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code == http.StatusInternalServerError {
		t.Errorf("%s %s %s: internal error %.400s", login, method, path, rec.Body)
	}
	return rec.Code, rec.Body.String()
}

var param = regexp.MustCompile(`\{[a-z_]+\}`)

// TestTheWholeProgram makes one small demonstration on each engine and holds it
// against what must be true of every installation.
func TestTheWholeProgram(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		t.Run("every page can be escaped", func(t *testing.T) {
			if err := w.Web.UI.CheckPages(); err != nil {
				t.Error(err)
			}
		})
		t.Run("every route with every role", w.everyRoute)
		t.Run("administrators see no business", w.administrators)
		t.Run("hidden answers like absent", w.hidden)
		t.Run("every role is played", w.everyRole)
		t.Run("the search finds what opens", w.searched)
		t.Run("hostile files are refused whole", w.hostile)
		t.Run("the log is clean", w.cleanLog)
	})
}

// Every route with every role: without a rule the door is closed and answers
// like a page that does not exist; with one, nothing breaks on a record that is
// not there. Nobody signed in is sent to sign in or refused.
func (w *world) everyRoute(t *testing.T) {
	closed, open := 0, 0
	who, tried := map[string]actor.Actor{}, map[string]string{}
	for _, m := range w.made {
		a, err := w.Account.ActorOf(ctx, m.Login)
		if err != nil {
			t.Fatal(err)
		}
		who[m.Login] = a
	}
	for _, rt := range w.Web.Routes() {
		path := param.ReplaceAllStringFunc(rt.Path, func(string) string { return string(id.New()) })
		if !rt.Open {
			for _, prefix := range []string{"", "/api/v1"} {
				if rt.NoAPI && prefix != "" {
					continue
				}
				code, body := w.do(t, "", rt.Method, prefix+path, nil)
				if code != http.StatusUnauthorized && code != http.StatusSeeOther {
					t.Errorf("nobody %s %s: %d %.200s", rt.Method, prefix+path, code, body)
				}
			}
		}
		for _, m := range w.made {
			if rt.Path == "/logout" {
				continue // it would end the session that the walk needs
			}
			if rt.Action == "" || w.Policy.Ever(who[m.Login], rt.Action) {
				w.do(t, m.Login, rt.Method, path, nil)
				open++
				continue
			}
			// Roles alone close a door (Policy.Ever): one person of each is enough.
			role := fmt.Sprint(who[m.Login].Holds())
			if tried[role] == rt.Method+rt.Path {
				continue
			}
			tried[role] = rt.Method + rt.Path
			closed++
			// A closed door is tried as a page on one engine and through the API on the
			// other: whether it opens is the policy's word, which knows no engine.
			at := path
			if w.DB.Engine == db.Postgres && !rt.NoAPI {
				at = "/api/v1" + path
			}
			code, body := w.do(t, m.Login, rt.Method, at, nil)
			if code != http.StatusNotFound {
				t.Errorf("%s %s %s needs %s, which no rule gives: %d %.200s", m.Login, rt.Method, at, rt.Action, code, body)
			}
		}
	}
	t.Logf("%d doors open, %d closed", open, closed)
	if open == 0 || closed == 0 {
		t.Error("the walk proves nothing")
	}
}

// The three administrators reach no business page, by any route, with any record.
func (w *world) administrators(t *testing.T) {
	records := w.records(t, "office")
	for _, login := range []string{"sysadmin", "secadmin", "auditor"} {
		for _, path := range records {
			if code, body := w.do(t, login, http.MethodGet, path, nil); code != http.StatusNotFound {
				t.Errorf("%s opened %s: %d %.200s", login, path, code, body)
			}
		}
		if code, body := w.do(t, login, http.MethodGet, "/search?q="+url.QueryEscape("整改"), nil); code != http.StatusOK || strings.Contains(body, "/items/") || strings.Contains(body, "/findings/") {
			t.Errorf("%s searched business: %d", login, code)
		}
	}
}

var link = regexp.MustCompile(`href="(/(?:items|findings|rounds|visits|teams|lookback|tasks|directives|people)/[0-9a-f-]{36})"`)

// records are the pages of records that somebody's lists lead to.
func (w *world) records(t *testing.T, login string) []string {
	t.Helper()
	var out []string
	for _, list := range []string{"/ledger", "/findings", "/rounds", "/lookback", "/tasks", "/directives"} {
		_, body := w.do(t, login, http.MethodGet, list, nil)
		for _, m := range link.FindAllStringSubmatch(body, -1) {
			if !slices.Contains(out, m[1]) {
				out = append(out, m[1])
			}
		}
	}
	if len(out) < 10 {
		t.Fatalf("only %d records: the demonstration is too small for this test", len(out))
	}
	return out
}

// A record that somebody may not see answers like one that is not there: same
// status, same page but for the address.
func (w *world) hidden(t *testing.T) {
	same := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}`) // identifiers, and the clock of the page
	hidden := 0
	type answer struct {
		code int
		body string
	}
	none := map[string]answer{} // of an absent record, by its kind and who asks
	for _, path := range w.records(t, "office") {
		kind := path[:strings.LastIndexByte(path, '/')+1]
		for _, m := range w.made {
			code, body := w.do(t, m.Login, http.MethodGet, path, nil)
			if code == http.StatusOK {
				continue
			}
			hidden++
			absent, ok := none[kind+m.Login]
			if !ok {
				absent.code, absent.body = w.do(t, m.Login, http.MethodGet, kind+string(id.New()), nil)
				absent.body = same.ReplaceAllString(absent.body, "x")
				none[kind+m.Login] = absent
			}
			if code != absent.code || same.ReplaceAllString(body, "x") != absent.body {
				t.Errorf("%s can tell %s (%d) from an absent record (%d)", m.Login, path, code, absent.code)
			}
		}
	}
	if hidden == 0 {
		t.Error("nothing was hidden from anybody; the test proves nothing")
	}
}

// After the whole demonstration, worked through the services of all rooms, the
// log agrees with every row.
func (w *world) cleanLog(t *testing.T) {
	if err := w.Log.Sequence(ctx); err != nil {
		t.Fatal(err)
	}
	rep, err := w.Log.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, tr := range rep.Troubles {
		t.Errorf("%s", tr)
	}
	if rep.Size < 100 || rep.Rows < 3000 {
		t.Errorf("%+v: too little to prove anything", rep)
	}
}

// Every role that can be granted is played by somebody in the demonstration.
func (w *world) everyRole(t *testing.T) {
	for _, r := range append(actor.Roles(), actor.TeamRoles()...) {
		found := false
		for _, m := range w.made {
			a, err := w.Account.ActorOf(ctx, m.Login)
			if err != nil {
				t.Fatal(err)
			}
			found = found || a.Has(r)
		}
		if !found {
			t.Errorf("nobody plays %s", r)
		}
	}
}
