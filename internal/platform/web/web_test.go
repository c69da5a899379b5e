package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/web"
)

type inner struct {
	Place string `json:"place"`
}

type command struct {
	inner             //nolint:unused // an unexported embedded struct is filled like the others
	Title  string     `json:"title"`
	Count  int        `json:"count"`
	Small  int8       `json:"small"`
	Yes    bool       `json:"yes"`
	Due    clock.Date `json:"due"`
	Units  []string   `json:"units"`
	Secret string     `json:"-"`
	Plain  string
}

var root = access.Place{Unit: "root", Path: "spp/"}

// hidden decides what the record of the tests is at the moment.
var hidden error

func room() web.Room {
	decode := func(r *web.Request) (web.Response, error) {
		var c command
		if err := r.Decode(&c); err != nil {
			return nil, err
		}
		return web.Page{API: c}, nil
	}
	return web.Room{Name: "thing", Words: map[string]map[string]string{"zh": {"kind.thing": "物"}, "en": {"kind.thing": "thing"}}, Routes: []web.Route{
		{Method: "GET", Path: "/things/{id}", Action: "thing.read", Do: func(*web.Request) (web.Response, error) { return nil, hidden }},
		{Method: "POST", Path: "/things", Action: "thing.read", In: command{}, Do: decode},
		{Method: "POST", Path: "/small", Action: "thing.read", MaxBody: 100, NoAPI: true, Do: decode},
		{Method: "GET", Path: "/office", Action: "thing.manage", NoAPI: true, Do: func(*web.Request) (web.Response, error) { return web.Redirect{To: "/things"}, nil }},
		{Method: "GET", Path: "/costly", Action: "thing.read", Heavy: true, NoAPI: true, Do: func(*web.Request) (web.Response, error) { return web.Redirect{To: "/things"}, nil }},
		{Method: "GET", Path: "/costly/office", Action: "thing.manage", Heavy: true, NoAPI: true, Do: func(*web.Request) (web.Response, error) { return web.Redirect{To: "/things"}, nil }},
		{Method: "GET", Path: "/panic", Any: true, Do: func(*web.Request) (web.Response, error) { panic("the secret of the stack") }},
		{Method: "GET", Path: "/broken", Any: true, Do: func(*web.Request) (web.Response, error) { return nil, errors.New("password=hunter2 in table x") }},
		{Method: "GET", Path: "/go", Open: true, Do: func(*web.Request) (web.Response, error) {
			return web.Redirect{To: "/things?a=1#top", Done: "done.thing.made"}, nil
		}},
	}}
}

func serve(t *testing.T, fn func(t *testing.T, s *platformtest.Site)) {
	t.Helper()
	parts := platformtest.Parts{Rules: []access.Rule{
		access.Permit(actor.Staff, flow.Anything, "thing.read"), access.Permit(actor.Office, flow.Anything, "thing.manage")}}
	platformtest.Each(t, parts, func(t *testing.T, k *platformtest.Kit) {
		s := k.Serve(t, room())
		s.Actor = platformtest.As("p", actor.Staff, root)
		fn(t, s)
	})
}

func do(s *platformtest.Site, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, r)
	return w
}

func get(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, nil) }

func post(path, kind, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

func crossSite(r *http.Request) *http.Request {
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	return r
}

// What costs much is bounded for each address; a door that is closed to somebody
// answers him alike however often he tries, and takes nothing from the others.
func TestCostlyDoors(t *testing.T) {
	serve(t, func(t *testing.T, s *platformtest.Site) {
		for range 400 {
			if w := do(s, get("/costly/office")); w.Code != http.StatusNotFound {
				t.Fatalf("a closed door: %d", w.Code)
			}
		}
		tries, last := 0, 0
		for ; tries < 400 && last != http.StatusTooManyRequests; tries++ {
			last = do(s, get("/costly")).Code
		}
		if tries < 100 || last != http.StatusTooManyRequests {
			t.Errorf("an open door: %d after %d", last, tries)
		}
		if w := do(s, get("/costly/office")); w.Code != http.StatusNotFound {
			t.Errorf("a closed door once the bound is reached: %d", w.Code)
		}
	})
}

// Every answer carries the guards, whoever writes it and however it fails.
func TestHeadersOnEveryAnswer(t *testing.T) {
	hidden = fault.NotFound("thing")
	serve(t, func(t *testing.T, s *platformtest.Site) {
		for name, c := range map[string]struct {
			r      *http.Request
			status int
		}{
			"health":        {get("/healthz"), 200},
			"api":           {post("/api/v1/things", jsonType, `{}`), 200},
			"redirect":      {get("/go"), 303},
			"unknown":       {get("/nowhere"), 404},
			"unknown api":   {get("/api/v1/nowhere"), 404},
			"hidden":        {get("/things/1"), 404},
			"static":        {get("/static/nothing.css"), 404},
			"panic":         {get("/panic"), 500},
			"broken":        {get("/broken"), 500},
			"cross-origin":  {crossSite(post("/things", formType, "title=a")), 403},
			"large":         {post("/small", formType, "title="+strings.Repeat("a", 200)), 413},
			"long address":  {get("/things?x=" + strings.Repeat("a", 9<<10)), 413},
			"bad form":      {post("/things", formType, "%zz"), 422},
			"wrong method":  {httptest.NewRequest(http.MethodDelete, "/things", nil), 404},
			"watermark":     {get("/wm.svg"), 200},
			"description":   {get("/api/v1/openapi.json"), 200},
			"dirty address": {get("/a//b/../things"), 307},
		} {
			w := do(s, c.r)
			if w.Code != c.status {
				t.Errorf("%s: status %d, want %d: %.200s", name, w.Code, c.status, w.Body)
			}
			h := w.Header()
			for key, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
				"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "SAMEORIGIN"} {
				if h.Get(key) != want {
					t.Errorf("%s: %s is %q", name, key, h.Get(key))
				}
			}
			if p := h.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
				t.Errorf("%s: policy %q", name, p)
			}
			if c := h.Get("Cache-Control"); name != "static" && name != "watermark" && c != "no-store" {
				t.Errorf("%s: may be cached: %q", name, c)
			}
			if h.Get("Strict-Transport-Security") != "" {
				t.Errorf("%s: promises TLS without having it", name)
			}
		}
		s.Secure = true
		if do(s, get("/nowhere")).Header().Get("Strict-Transport-Security") == "" {
			t.Error("behind TLS nothing promises it")
		}
	})
}

func TestCrossOrigin(t *testing.T) {
	serve(t, func(t *testing.T, s *platformtest.Site) {
		for _, c := range []struct {
			site, origin string
			refused      bool
		}{
			{"", "", false}, // no browser: curl and the other levels' systems
			{"same-origin", "", false}, {"none", "", false}, {"cross-site", "", true}, {"same-site", "", true},
			{"", "http://example.com", false}, {"", "https://evil.example", true}, {"", "null", true}, {"cross-site", "http://example.com", true},
		} {
			for _, path := range []string{"/things", "/api/v1/things", "/prefs"} {
				r := post(path, formType, "title=a")
				r.Host = "example.com"
				if c.site != "" {
					r.Header.Set("Sec-Fetch-Site", c.site)
				}
				if c.origin != "" {
					r.Header.Set("Origin", c.origin)
				}
				w := do(s, r)
				if (w.Code == http.StatusForbidden) != c.refused {
					t.Errorf("%s from %q %q: status %d", path, c.site, c.origin, w.Code)
				}
				if c.refused && len(w.Result().Cookies()) > 0 {
					t.Errorf("%s from %q %q set a cookie", path, c.site, c.origin)
				}
			}
		}
		// A link from elsewhere may be followed.
		if w := do(s, crossSite(get("/go"))); w.Code != http.StatusSeeOther {
			t.Errorf("a link: %d", w.Code)
		}
	})
}

// Nobody learns from an answer whether a record or a page exists.
func TestHiddenIsAbsent(t *testing.T) {
	same := func(t *testing.T, what string, a, b *httptest.ResponseRecorder) {
		t.Helper()
		if a.Code != http.StatusNotFound || b.Code != a.Code || a.Body.String() != b.Body.String() || fmt.Sprint(a.Header()) != fmt.Sprint(b.Header()) {
			t.Errorf("%s differ:\n%d %v %s\n%d %v %s", what, a.Code, a.Header(), a.Body, b.Code, b.Header(), b.Body)
		}
	}
	serve(t, func(t *testing.T, s *platformtest.Site) {
		for _, prefix := range []string{"", "/api/v1"} {
			hidden = fault.Denied("thing", "thing.read: recusal")
			a := do(s, get(prefix+"/things/1"))
			hidden = fault.NotFound("thing")
			same(t, "a hidden and an absent record", a, do(s, get(prefix+"/things/1")))
			if strings.Contains(a.Body.String(), "recusal") {
				t.Error("the reason is told")
			}
		}
		// A page of another role and no page at all, in addresses of one length.
		a, b := do(s, get("/office")), do(s, get("/absent"))
		body := strings.ReplaceAll(b.Body.String(), "/absent", "/office")
		b.Body.Reset()
		b.Body.WriteString(body)
		same(t, "a page of another role and no page", a, b)
		w := do(s, httptest.NewRequest(http.MethodPut, "/things/1", nil))
		if w.Code != http.StatusNotFound || w.Header().Get("Allow") != "" {
			t.Errorf("a method that there is not: %d %v", w.Code, w.Header())
		}
	})
}

// An absent record is logged like a hidden one: neither the time of an answer nor
// a gap in the log tells them apart.
func TestAbsentIsLoggedLikeHidden(t *testing.T) {
	serve(t, func(t *testing.T, s *platformtest.Site) {
		count := func() int {
			es, err := s.Log.List(t.Context(), "denied", 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			return len(es)
		}
		for n, e := range []error{fault.Denied("thing", "thing.read: recusal"), fault.NotFound("thing"), fault.Denied("thing", "no role")} {
			hidden = e
			do(s, get("/things/1"))
			if err := s.Log.Sequence(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := count(); got != n+1 {
				t.Errorf("after %v: %d entries, want %d", e, got, n+1)
			}
		}
		s.Actor = actor.Actor{}
		do(s, get("/things/1"))
		if got := count(); got != 3 {
			t.Errorf("nobody fills the log: %d", got)
		}
	})
}

func TestLimiter(t *testing.T) {
	now := clock.Fixed(time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
	l := web.NewLimiter(now, 1, 2)
	for _, c := range []struct {
		after   time.Duration
		address string
		want    bool
	}{
		{0, "10.0.0.1", true}, {0, "10.0.0.1", true}, {0, "10.0.0.1", false}, {0, "10.0.0.2", true},
		{0, "::ffff:10.0.0.1", false}, // the same machine
		{0, "2001:db8::1", true}, {0, "2001:db8::2", true}, {0, "2001:db8::3", false}, {0, "2001:db8:0:1::1", true},
		{time.Second, "10.0.0.1", true}, {0, "10.0.0.1", false}, {0, "no address", true},
	} {
		now.Set(now.Now().Add(c.after))
		if left := l.Left(c.address); left != c.want {
			t.Errorf("%s: left %v", c.address, left)
		}
		if got := l.Take(c.address); got != c.want {
			t.Errorf("%s: %v, want %v", c.address, got, c.want)
		}
	}
	for n := range 25_000 { // more addresses than are remembered
		l.Take(fmt.Sprintf("172.%d.%d.%d", 16+n>>16, n>>8&255, n&255))
	}
}

var reference = regexp.MustCompile(`\b[0-9a-f]{8}\b`)

func TestInnerFailuresStayInside(t *testing.T) {
	serve(t, func(t *testing.T, s *platformtest.Site) {
		refs := map[string]bool{}
		for _, path := range []string{"/panic", "/broken", "/api/v1/panic", "/api/v1/broken"} {
			w := do(s, get(path))
			body := w.Body.String()
			if w.Code != http.StatusInternalServerError {
				t.Errorf("%s: %d", path, w.Code)
			}
			for _, leak := range []string{"secret of the stack", "goroutine", ".go:", "hunter2", "panic:", "runtime"} {
				if strings.Contains(body, leak) {
					t.Errorf("%s tells %q", path, leak)
				}
			}
			ref := reference.FindString(body)
			if ref == "" || refs[ref] {
				t.Errorf("%s: no reference of its own (%q): %s", path, ref, body)
			}
			refs[ref] = true
		}
		if w := do(s, get("/healthz")); w.Code != http.StatusOK {
			t.Errorf("afterwards: %d", w.Code)
		}
	})
}

func TestSignInKeepsTheAddress(t *testing.T) {
	serve(t, func(t *testing.T, s *platformtest.Site) {
		s.Actor = actor.Actor{}
		w := do(s, get("/things/1?state=sent&q=%E6%95%B4%E6%94%B9"))
		to, err := url.Parse(w.Header().Get("Location"))
		if err != nil || w.Code != http.StatusSeeOther || to.Path != "/sign-in" || to.Host != "" || to.Query().Get("next") != "/things/1?state=sent&q=%E6%95%B4%E6%94%B9" {
			t.Errorf("%d to %v, %v", w.Code, to, err)
		}
		for _, r := range []*http.Request{get("/api/v1/things/1"), post("/things", formType, "title=a"), post("/api/v1/things", jsonType, "{}")} {
			if w := do(s, r); w.Code != http.StatusUnauthorized || w.Header().Get("Location") != "" {
				t.Errorf("%s %s: %d to %q", r.Method, r.URL, w.Code, w.Header().Get("Location"))
			}
		}
		if w := do(s, get("/go")); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/things?a=1&done=done.thing.made#top" {
			t.Errorf("an open page: %d to %q", w.Code, w.Header().Get("Location"))
		}
	})
}

func TestPreferences(t *testing.T) {
	serve(t, func(t *testing.T, s *platformtest.Site) {
		w := do(s, post("/prefs", formType, url.Values{"lang": {"en"}, "theme": {"<script>"}, "size": {"large"}, "session": {"x"}, "back": {"/things?a=1"}}.Encode()))
		got := map[string]string{}
		for _, c := range w.Result().Cookies() {
			got[c.Name] = c.Value
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure {
				t.Errorf("cookie %v", c)
			}
		}
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/things?a=1" || len(got) != 2 || got["p_lang"] != "en" || got["p_size"] != "large" {
			t.Errorf("%d to %q with %v", w.Code, w.Header().Get("Location"), got)
		}
		for _, back := range []string{"", "things", "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: x=y", " //evil.example"} {
			w := do(s, post("/prefs", formType, url.Values{"lang": {"zh"}, "back": {back}}.Encode()))
			if to := w.Header().Get("Location"); to != "/" {
				t.Errorf("back to %q leads to %q", back, to)
			}
		}
		for lang, want := range map[string]string{"en": "not found", "zh": "没有", "xx": "没有"} {
			r := get("/nowhere")
			r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
			if body := do(s, r).Body.String(); !strings.Contains(body, want) {
				t.Errorf("in %s there is no %q: %s", lang, want, body)
			}
		}
	})
}

func TestRoutesNameTheirAction(t *testing.T) {
	serve(t, func(t *testing.T, s *platformtest.Site) {
		for name, rt := range map[string]web.Route{
			"no action":               {Method: "GET", Path: "/free"},
			"an action of no rule":    {Method: "GET", Path: "/free", Action: "thing.fly"},
			"a misspelt action":       {Method: "POST", Path: "/free", Action: "thing.Read"},
			"any does not excuse one": {Method: "GET", Path: "/free", Action: "thing.fly", Any: true},
		} {
			if err := s.Add(web.Room{Name: "free", Routes: []web.Route{rt}}); err == nil {
				t.Errorf("%s is accepted", name)
			}
		}
		for _, r := range []actor.Role{actor.SysAdmin, actor.SecAdmin, actor.Auditor} {
			s.Actor = platformtest.As("admin", r, root)
			if w := do(s, get("/things/1")); w.Code != http.StatusNotFound {
				t.Errorf("%s reads business: %d", r, w.Code)
			}
		}
	})
}
