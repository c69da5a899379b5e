// Package platformtest gives a room's tests the platform on a fresh database
// of each engine: log, keys, clock and policy, all real.
package platformtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/db/dbtest"
	"huikan/internal/platform/secret"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// Start is the moment at which tests begin: a working day.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, clock.Beijing)

// Kit is the platform under a room.
type Kit struct {
	DB     *db.DB
	Log    *audit.Log
	Keys   *secret.Keys
	Clock  *clock.FixedClock
	Policy *access.Policy
	Dir    string
}

// Parts says what a room and the rooms below it bring.
type Parts struct {
	Schemas []fs.FS
	Tables  []string
	Rules   []access.Rule
}

// Each runs fn with a fresh kit on both engines and verifies the log at the
// end: a row that was changed without its entry fails the test.
func Each(t *testing.T, p Parts, fn func(t *testing.T, k *Kit)) {
	t.Helper()
	dbtest.EachMigrated(t, p.schemas(), func(t *testing.T, d *db.DB) { p.run(t, d, t.TempDir(), fn) })
}

func (p Parts) schemas() []fs.FS {
	return append([]fs.FS{audit.Schema, access.Schema}, p.Schemas...)
}

// run gives fn a kit on a database and the keys of a folder.
func (p Parts) run(t *testing.T, d *db.DB, dir string, fn func(t *testing.T, k *Kit)) {
	t.Helper()
	ctx := context.Background()
	keys, err := secret.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	policy, err := access.NewPolicy(p.Rules...)
	if err != nil {
		t.Fatal(err)
	}
	c := clock.Fixed(Start)
	k := &Kit{DB: d, Keys: keys, Clock: c, Policy: policy, Dir: dir,
		Log: audit.New(d, keys, c, append(append([]string{}, access.Tables...), p.Tables...)...)}
	fn(t, k)
	if t.Failed() {
		return
	}
	if err := k.Log.Sequence(ctx); err != nil {
		t.Fatal(err)
	}
	rep, err := k.Log.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, tr := range rep.Troubles {
		t.Errorf("log: %s", tr)
	}
}

// Ground is what all tests of a room stand on: units, people, accounts. It is
// planted once on each engine; every test gets a copy with the same keys. One is a
// variable of the room's tests.
type Ground struct {
	Parts Parts
	Plant func(t *testing.T, k *Kit) // starts at Start; what it makes must not differ between the engines where tests know it
	once  sync.Once
	name  string
	keys  map[string][]byte // files of the folder keys
}

var grounds atomic.Int64

// Each is like the function Each, on the ground.
func (g *Ground) Each(t *testing.T, fn func(t *testing.T, k *Kit)) {
	t.Helper()
	g.once.Do(func() { g.makeKeys(t) })
	dbtest.EachCopy(t, g.name, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(context.Background(), g.Parts.schemas()...); err != nil {
			t.Fatalf("migrate: %v", err)
		}
		g.Parts.run(t, d, g.folder(t), g.Plant)
	}, func(t *testing.T, d *db.DB) { g.Parts.run(t, d, g.folder(t), fn) })
}

// makeKeys makes the keys of all copies. They are of this process, and so is the
// name of what is planted under them.
func (g *Ground) makeKeys(t *testing.T) {
	t.Helper()
	g.name = fmt.Sprintf("ground_%d_%d", os.Getpid(), grounds.Add(1))
	g.keys = map[string][]byte{}
	dir := t.TempDir()
	if _, err := secret.Open(dir); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if g.keys[f.Name()], err = os.ReadFile(filepath.Join(dir, "keys", f.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

// folder is a data folder with the keys.
func (g *Ground) folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := os.Mkdir(filepath.Join(dir, "keys"), 0o700)
	for name, raw := range g.keys {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, "keys", name), raw, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// As makes an actor with one role over a unit.
func As(person string, r actor.Role, unit access.Place) actor.Actor {
	a := actor.Actor{Account: id.ID("account-" + person), Person: id.ID(person), Lang: "zh", Unit: unit.Unit, Path: unit.Path, Name: person, Session: "test"}
	if r != actor.Staff {
		a.Grants = []actor.Grant{{Role: r, Unit: unit.Unit, Path: unit.Path}}
	}
	return a
}

// Site is a running web server with one room; who is signed in is set by the test.
type Site struct {
	*web.Server
	Handler http.Handler
	Actor   actor.Actor
}

// Who implements web.Authenticator.
func (s *Site) Who(_ context.Context, _ *http.Request) (actor.Actor, string, error) {
	if s.Actor.Account == "" {
		return s.Actor, "", fault.Unauthenticated()
	}
	return s.Actor, "", nil
}

// Serve mounts rooms on a server of the kit; unknown words are errors.
func (k *Kit) Serve(t *testing.T, rooms ...web.Room) *Site {
	t.Helper()
	set, err := ui.New()
	if err != nil {
		t.Fatal(err)
	}
	set.SetStrict(true)
	site := &Site{}
	site.Server, err = web.New(web.Config{UI: set, Policy: k.Policy, Log: k.Log, Clock: k.Clock, Auth: site})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rooms {
		if err := site.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	site.Handler = site.Server.Handler()
	return site
}

// Get asks for a page or, under /api/v1, for JSON.
func (s *Site) Get(t *testing.T, path string) (int, string) {
	t.Helper()
	return s.send(t, httptest.NewRequest(http.MethodGet, path, nil))
}

// Post sends a form. A redirect gives its address as the body.
func (s *Site) Post(t *testing.T, path string, form url.Values) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(t, r)
}

// Send sends any request, for uploads and headers.
func (s *Site) Send(t *testing.T, r *http.Request) (int, string) { return s.send(t, r) }

func (s *Site) send(t *testing.T, r *http.Request) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, r)
	res := w.Result()
	body, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode == http.StatusInternalServerError {
		t.Errorf("%s %s: internal error: %s", r.Method, r.URL, body)
	}
	if to := res.Header.Get("Location"); to != "" {
		return res.StatusCode, to
	}
	return res.StatusCode, string(body)
}

// WantKind fails unless err is a fault of kind k.
func WantKind(t *testing.T, what string, err error, k fault.Kind) {
	t.Helper()
	if !fault.Is(err, k) {
		t.Errorf("%s: got %v, want %s", what, err, k)
	}
}

// Must fails the test on an error.
func Must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Both asks for a page in both languages as somebody and gives the Chinese one.
func (s *Site) Both(t *testing.T, who actor.Actor, path string, want int) string {
	t.Helper()
	s.Actor = who
	text := ""
	for _, lang := range []string{"en", "zh"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
		code, body := s.send(t, r)
		if code != want {
			t.Errorf("%s in %s as %s: %d %.300s", path, lang, who.Person, code, body)
		}
		text = body
	}
	return text
}

// Refused holds an error to be a refusal of a kind; key, where it is given, is its
// sentence, its reason for the log, or the sentence at one of its fields.
func Refused(t *testing.T, what string, err error, k fault.Kind, key string) {
	t.Helper()
	f, ok := fault.Of(err)
	if !ok || f.Kind != k {
		t.Errorf("%s: got %v, want %s", what, err, k)
		return
	}
	if key == "" || f.Key == key || f.Denied == key || slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Key == key }) {
		return
	}
	t.Errorf("%s: got %s %s %v, want %s", what, f.Key, f.Denied, f.Fields, key)
}
