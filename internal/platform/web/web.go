// Package web turns routes of the rooms into an HTTP server: one list of routes
// serves pages under / and JSON under /api/v1, with sign-in, the permission gate,
// cross-origin protection, security headers, limits and one way to answer errors.
package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/ui"
)

// Route is one address of one room.
type Route struct {
	Method  string // GET or POST
	Path    string // "/findings/{id}"
	Action  string // policy action that the actor must hold somewhere; "" only with Open or SignedIn
	Open    bool   // for everybody, before sign-in
	Any     bool   // for every signed-in account, the three administrators included
	Early   bool   // also before the second factor or a due change of password: the way out
	MaxBody int64  // bytes; 1 MiB when 0
	Heavy   bool   // costs much: bounded for each network address
	NoAPI   bool   // not offered as JSON (pages without data of their own)
	In      any    // struct that the request is decoded into, for the API description
	Do      func(*Request) (Response, error)
}

// Item is an entry of the left menu; it shows to whoever holds Action.
type Item struct {
	Group  string // key of the group's words
	Key    string // key of the item's words
	Href   string
	Action string // "" shows to everybody who is signed in
	Order  int
	Hot    string // keyboard shortcut such as "g l"
	Count  func(ctx context.Context, a actor.Actor) (int, error)
}

// Todo is one thing that waits for the actor; it leads to the page where he does it.
type Todo struct {
	Kind  string // key of the words that name what is to be done
	Title string // the record, as entered
	Unit  string
	Due   clock.Date
	Href  string
	Verb  string // key of the words on the button
	At    string // since when it waits
}

// Room is what a capability hands to the server.
type Room struct {
	Name   string
	Pages  fs.FS
	Words  map[string]map[string]string
	Routes []Route
	Menu   []Item
	Todo   func(ctx context.Context, a actor.Actor) ([]Todo, error)
	Find   func(ctx context.Context, a actor.Actor, text string, limit int) ([]Hit, error)
}

// Hit is one record that the search found; rooms only give what the actor may see.
type Hit struct {
	Kind  string // "finding": key "kind.finding" names it
	Title string
	Note  string // number, unit, state: tells records with one title apart
	Href  string
	Field string // key of the words that name where it was found; "" when the room does not say
}

// Authenticator finds out who sends a request. It returns an
// unauthenticated fault when nobody is signed in, and the address to which the
// user must go first (change of password, second factor) or "".
type Authenticator interface {
	Who(ctx context.Context, r *http.Request) (a actor.Actor, first string, err error)
}

// Config is what a Server needs.
type Config struct {
	UI      *ui.Set
	Policy  *access.Policy
	Log     *audit.Log
	Clock   clock.Clock
	Auth    Authenticator
	Secure  bool // behind TLS: cookies are Secure and HSTS is sent
	Proxied bool // a proxy in front says from where a request comes
}

// Server answers requests.
type Server struct {
	Config
	mux    *http.ServeMux
	routes []Route
	heavy  *Limiter
	menu   []Item
	todos  []func(ctx context.Context, a actor.Actor) ([]Todo, error)
	finds  []func(ctx context.Context, a actor.Actor, text string, limit int) ([]Hit, error)
}

// What one network address may ask of routes that cost much: a hall full of
// people behind one address works undisturbed, a script does not.
const (
	heavyBurst = 150
	heavyEvery = 10 // a second
)

// New makes a server with the pages of this package.
func New(c Config) (*Server, error) {
	s := &Server{Config: c, mux: http.NewServeMux(), heavy: NewLimiter(c.Clock, heavyEvery, heavyBurst)}
	if err := c.UI.AddRoom("web", noFiles{}, Words(own)); err != nil {
		return nil, err
	}
	s.mux.HandleFunc("GET /static/", c.UI.Assets().ServeAsset)
	s.mux.HandleFunc("POST /prefs", s.preferences)
	s.mux.HandleFunc("GET /wm.svg", s.watermark)
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	s.mux.HandleFunc("GET /api/v1/openapi.json", s.openAPI)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		req := s.request(w, r)
		if a, first, err := s.Auth.Who(r.Context(), r); err == nil && first == "" {
			req.Actor = a
		}
		s.fail(req, fault.NotFound("page"))
	})
	return s, nil
}

// Add mounts a room.
func (s *Server) Add(room Room) error {
	if room.Pages != nil || room.Words != nil {
		pages := room.Pages
		if pages == nil {
			pages = noFiles{}
		}
		if err := s.UI.AddRoom(room.Name, pages, room.Words); err != nil {
			return err
		}
	}
	known := s.Policy.Actions()
	for _, rt := range room.Routes {
		if rt.Action == "" && !rt.Open && !rt.Any {
			return fmt.Errorf("route %s %s of %s names no action", rt.Method, rt.Path, room.Name)
		}
		if rt.Action != "" && !slices.Contains(known, rt.Action) {
			return fmt.Errorf("route %s %s of %s: no rule permits %s to anybody", rt.Method, rt.Path, room.Name, rt.Action)
		}
		s.routes = append(s.routes, rt)
		h := s.handler(rt)
		path := rt.Path
		if path == "/" {
			path = "/{$}"
		}
		s.mux.Handle(rt.Method+" "+path, h)
		if !rt.NoAPI {
			s.mux.Handle(rt.Method+" /api/v1"+path, h)
		}
	}
	s.menu = append(s.menu, room.Menu...)
	slices.SortStableFunc(s.menu, func(a, b Item) int { return a.Order - b.Order })
	if room.Todo != nil {
		s.todos = append(s.todos, room.Todo)
	}
	if room.Find != nil {
		s.finds = append(s.finds, room.Find)
	}
	return nil
}

// NoPages is a room without templates.
var NoPages fs.FS = noFiles{}

// Catalogue has the words of this package: errors, roles, common nouns.
func Catalogue() map[string]map[string]string { return Words(own) }

type noFiles struct{}

func (noFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// Glob implements fs.GlobFS.
func (noFiles) Glob(string) ([]string, error) { return nil, nil }

// Routes lists every route, for the test that walks them with every role.
func (s *Server) Routes() []Route { return slices.Clone(s.routes) }

// Todos gathers what waits for an actor from all rooms, the nearest deadline first.
func (s *Server) Todos(ctx context.Context, a actor.Actor) ([]Todo, error) {
	var out []Todo
	for _, fn := range s.todos {
		ts, err := fn(ctx, a)
		if err != nil {
			return nil, err
		}
		out = append(out, ts...)
	}
	slices.SortStableFunc(out, func(x, y Todo) int {
		a, b := string(x.Due), string(y.Due)
		if (a == "") != (b == "") {
			return strings.Compare(b, a) // without a date comes last
		}
		return strings.Compare(a, b)
	})
	return out, nil
}

// Search asks every room; each gives at most limit hits that the actor may see.
func (s *Server) Search(ctx context.Context, a actor.Actor, text string, limit int) ([]Hit, error) {
	var out []Hit
	for _, fn := range s.finds {
		hits, err := fn(ctx, a, text, limit)
		if err != nil {
			return nil, err
		}
		out = append(out, hits...)
	}
	return out, nil
}

// Handler is the whole server with its outer guards.
func (s *Server) Handler() http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(s.request(w, r), fault.Forbidden("cross-origin"))
	}))
	inner := cross.Handler(s.mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				s.fail(s.request(w, r), fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
		}()
		if s.Proxied {
			behindProxy(r)
		}
		s.headers(w, r)
		if len(r.URL.RequestURI()) > 8<<10 {
			s.fail(s.request(w, r), fault.Limit("error.address_long"))
			return
		}
		inner.ServeHTTP(w, r)
	})
}

// contentPolicy allows nothing but our own files. Same-origin frames show
// previews of evidence, which come with a sandbox of their own.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types app"

func (s *Server) headers(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	if s.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	if !strings.HasPrefix(r.URL.Path, "/static/") {
		h.Set("Cache-Control", "no-store")
	}
}

func (s *Server) handler(rt Route) http.Handler {
	limit := rt.MaxBody
	if limit == 0 {
		limit = 1 << 20
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		req := s.request(w, r)
		resp, err := s.serve(rt, req)
		if err == nil && resp != nil {
			err = resp.write(s, req)
		}
		if err != nil {
			s.Log.Refused(r.Context(), req.Actor, rt.Action, err)
			s.fail(req, err)
		}
	})
}

func (s *Server) serve(rt Route, req *Request) (Response, error) {
	a, first, err := s.Auth.Who(req.Context(), req.Request)
	if rt.Open {
		if err == nil && first == "" {
			req.Actor = a // who still owes his second factor is nobody yet
		}
		return s.do(rt, req)
	}
	if err != nil {
		return nil, err
	}
	a.Lang = req.Lang
	req.Actor = a
	req.Request = req.Request.WithContext(actor.Into(req.Context(), a))
	req.half = first != ""
	if req.half && first != rt.Path && !rt.Early {
		if req.API() {
			return nil, fault.Forbidden("first: " + first)
		}
		return Redirect{To: first}, nil
	}
	if rt.Action != "" && !s.Policy.Ever(a, rt.Action) {
		return nil, fault.Denied("page", rt.Action+": no role")
	}
	return s.do(rt, req)
}

// do runs a route for somebody who may. What costs much is bounded here, after the
// door: a closed one answers alike however often it is tried, and uses up nothing.
func (s *Server) do(rt Route, req *Request) (Response, error) {
	if rt.Heavy && !s.heavy.Take(Address(req.Request)) {
		return nil, fault.Often()
	}
	return rt.Do(req)
}

// fail is the one way to answer an error. What is no fault is ours: the user
// gets a reference that the log line carries, never the text.
func (s *Server) fail(req *Request, err error) {
	f, ok := fault.Of(err)
	if !ok {
		b := make([]byte, 4)
		_, _ = rand.Read(b) // a reference without randomness is still a reference
		ref := hex.EncodeToString(b)
		slog.Error("request failed", "ref", ref, "method", req.Method, "path", req.URL.Path, "err", err)
		f = &fault.Error{Kind: fault.KindInternal, Key: "error.internal", Args: []any{ref}}
	}
	if f.Kind == fault.KindUnauthenticated && !req.API() && req.Method == http.MethodGet {
		http.Redirect(req.w, req.Request, "/sign-in?next="+queryEscape(req.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	s.errorPage(req, f)
}

// Status maps kinds to HTTP.
func Status(k fault.Kind) int {
	switch k {
	case fault.KindInvalid:
		return http.StatusUnprocessableEntity
	case fault.KindNotFound:
		return http.StatusNotFound
	case fault.KindForbidden:
		return http.StatusForbidden
	case fault.KindUnauthenticated:
		return http.StatusUnauthorized
	case fault.KindConflict, fault.KindState:
		return http.StatusConflict
	case fault.KindOften:
		return http.StatusTooManyRequests
	case fault.KindLimit:
		return http.StatusRequestEntityTooLarge
	case fault.KindUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Serve listens with the time-outs that slow or hostile clients need.
func Serve(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Minute, WriteTimeout: 10 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10}
}
