package web

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/ui"
)

// Response answers a request.
type Response interface {
	write(s *Server, r *Request) error
}

// Page renders a template, or its data as JSON under /api/v1.
type Page struct {
	Name   string // "inspection/finding"
	Crumbs []ui.Crumb
	Data   any // typed view model of the page
	API    any // what the API answers; Data when nil
	Err    error
	Query  string // text for the search box
	AsOf   string
	Open   bool // shown before sign-in: no menu
	Mark   bool // carries the watermark (lists and records with names)
	Again  int  // seconds after which a browser without script asks again, while a job runs
}

// Redirect sends the browser on after a change; Done is the key of the words
// that say what was done.
type Redirect struct {
	To   string
	Done string
	N    int // how many it was about, for words that say so; 0: none
	API  any // what the API answers instead
}

// File sends bytes. Foreign content is never shown in our origin's own power:
// it comes as a download, or inline under a sandbox.
type File struct {
	Name   string
	Type   string
	Body   io.Reader
	Inline bool // only for kinds that were checked: pictures and PDF without active content
	Size   int64
}

func (p Page) write(s *Server, r *Request) error {
	status := http.StatusOK
	var f *fault.Error
	if p.Err != nil {
		var ok bool
		if f, ok = fault.Of(p.Err); !ok || f.Kind == fault.KindInternal || f.Kind == fault.KindNotFound || f.Kind == fault.KindForbidden {
			return p.Err
		}
		status = Status(f.Kind)
		s.Log.Refused(r.Context(), r.Actor, p.Name, p.Err)
	}
	if r.API() {
		if f != nil {
			return f
		}
		v := p.API
		if v == nil {
			v = p.Data
		}
		return writeJSON(r.w, status, v)
	}
	v := s.view(r)
	v.Menu = s.menuOf(r, p.Crumbs)
	v.Crumbs, v.Data, v.AsOf, v.Blank, v.Failed = p.Crumbs, p.Data, p.AsOf, p.Open, p.Err != nil
	v.Again = p.Again
	if p.Query != "" {
		v.Query = p.Query
	}
	if p.Mark {
		v.Watermark = r.Actor.Name
	}
	if f != nil && len(f.Fields) == 0 {
		v.Flash = append(v.Flash, ui.Notice{Class: "late", Text: r.Explain(f)})
	}
	var buf bytes.Buffer
	if err := s.UI.Render(&buf, r.Lang, p.Name, v); err != nil {
		return fmt.Errorf("render %s: %w", p.Name, err)
	}
	if unsaid := unsaid(r, f, buf.String()); len(unsaid) > 0 {
		for _, text := range unsaid {
			v.Flash = append(v.Flash, ui.Notice{Class: "late", Text: text})
		}
		buf.Reset()
		if err := s.UI.Render(&buf, r.Lang, p.Name, v); err != nil {
			return fmt.Errorf("render %s: %w", p.Name, err)
		}
	}
	r.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	r.w.Header().Set("Vary", "Cookie")
	r.w.WriteHeader(status)
	_, err := r.w.Write(buf.Bytes())
	return ignoreGone(err)
}

// unsaid are the problems of a refused form that its page shows nowhere, because it has
// no field of their name: a step that lacks a unit or a team is refused by a mere
// button. Whatever is refused says why.
func unsaid(r *Request, f *fault.Error, page string) (out []string) {
	if f == nil || len(f.Fields) == 0 {
		return nil
	}
	page = html.UnescapeString(page)
	for _, x := range f.Fields {
		text := r.say(x.Key, x.Args)
		if !strings.Contains(page, text) && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

func ignoreGone(error) error { return nil } // the browser went away: nobody is left to tell

func (p Redirect) write(s *Server, r *Request) error {
	if r.API() {
		v := p.API
		if v == nil {
			v = map[string]string{"location": "/api/v1" + p.To}
		}
		return writeJSON(r.w, http.StatusOK, v)
	}
	to := p.To
	if p.Done != "" {
		sep := "?"
		if strings.Contains(to, "?") {
			sep = "&"
		}
		path, frag, _ := strings.Cut(to, "#")
		to = path + sep + "done=" + queryEscape(p.Done)
		if p.N > 0 {
			to += "&n=" + strconv.Itoa(p.N)
		}
		if frag != "" {
			to += "#" + frag
		}
	}
	http.Redirect(r.w, r.Request, to, http.StatusSeeOther)
	return nil
}

func (f File) write(_ *Server, r *Request) error {
	if c, ok := f.Body.(io.Closer); ok {
		defer c.Close() //nolint:errcheck // it was only read
	}
	body := bufio.NewReader(f.Body)
	_, err := body.Peek(1)
	if err != nil && err != io.EOF {
		return fmt.Errorf("send %s: %w", f.Name, err) // nothing is sent yet: an error page is possible
	}
	h := r.w.Header()
	kind := "attachment"
	h.Set("Content-Type", "application/octet-stream")
	if f.Type != "" {
		h.Set("Content-Type", f.Type)
	}
	if f.Inline {
		kind = "inline"
		// Chromium shows no PDF inside a sandbox; its viewer is a sandbox of its own.
		policy := "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; object-src 'self'; frame-ancestors 'self'"
		if f.Type != "application/pdf" {
			policy += "; sandbox"
		}
		h.Set("Content-Security-Policy", policy)
	}
	h.Set("Content-Disposition", mime.FormatMediaType(kind, map[string]string{"filename": f.Name}))
	if f.Size > 0 {
		h.Set("Content-Length", fmt.Sprint(f.Size))
	}
	_, err = io.Copy(r.w, body)
	if err != nil {
		// Half a file must not look like a whole one: the connection is cut.
		slog.Error("a file was not sent to its end", "path", r.URL.Path, "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, err = w.Write(append(b, '\n'))
	return ignoreGone(err)
}

// Explain is the sentence that a fault tells the reader.
func (r *Request) Explain(f *fault.Error) string {
	return r.say(f.Key, f.Args)
}

// say is a sentence of a fault in the reader's language.
func (r *Request) say(key string, args []any) string {
	return r.srv.UI.Words().Say(r.Lang, key, args...)
}

// Problems gives the failure of each field in the reader's language, for forms.
func (r *Request) Problems(err error) map[string]string {
	out := map[string]string{}
	if f, ok := fault.Of(err); ok {
		for _, x := range f.Fields {
			out[x.Name] = r.say(x.Key, x.Args)
		}
	}
	return out
}

type problem struct {
	Type   string            `json:"type"`
	Title  string            `json:"title"`
	Status int               `json:"status"`
	Detail string            `json:"detail,omitempty"`
	Errors map[string]string `json:"errors,omitempty"`
}

func (s *Server) errorPage(r *Request, f *fault.Error) {
	status := Status(f.Kind)
	if f.Kind == fault.KindUnavailable || f.Kind == fault.KindOften {
		r.w.Header().Set("Retry-After", "5")
	}
	title := r.T("fault." + string(f.Kind))
	if r.API() {
		b, err := json.Marshal(problem{Type: "about:blank", Title: title, Status: status, Detail: r.Explain(f), Errors: r.Problems(f)})
		if err != nil {
			b = []byte(`{"status":500}`)
		}
		r.w.Header().Set("Content-Type", "application/problem+json")
		r.w.WriteHeader(status)
		_, _ = r.w.Write(b) // the client went away
		return
	}
	v := s.view(r)
	v.Menu = s.menuOf(r, nil)
	v.Blank = r.Actor.Anonymous()
	ep := ui.ErrorPage{Code: status, Title: title, Text: r.Explain(f)}
	for _, line := range r.Problems(f) {
		ep.Text += " " + line
	}
	if f.Kind == fault.KindInternal && len(f.Args) > 0 {
		ep.Ref = fmt.Sprint(f.Args[0])
	}
	v.Data = ep
	var buf bytes.Buffer
	if err := s.UI.Render(&buf, r.Lang, "ui/error", v); err != nil {
		http.Error(r.w, title, status)
		return
	}
	r.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	r.w.WriteHeader(status)
	_, _ = r.w.Write(buf.Bytes()) // the browser went away
}

// view is what every page shares: user box and preferences.
func (s *Server) view(r *Request) ui.View {
	v := ui.View{Lang: r.Lang, Theme: preference(r.Request, "theme", "auto"), Keys: preference(r.Request, "keys", ""),
		Path: r.URL.RequestURI(), Now: s.Clock.Now().In(clock.Beijing).Format("2006-01-02 15:04"), Partial: r.Header.Get("X-Partial") == "drawer"}
	if preference(r.Request, "size", "") == "large" {
		v.Size = "large"
	}
	if preference(r.Request, "density", "") == "compact" {
		v.Density = "compact"
	}
	if done := r.URL.Query().Get("done"); strings.HasPrefix(done, "done.") {
		if text, ok := s.UI.Words().Lookup(r.Lang, done); ok {
			if n, err := strconv.Atoi(r.URL.Query().Get("n")); err == nil && n > 0 {
				text = r.T(done, n)
			}
			v.Flash = append(v.Flash, ui.Notice{Class: "ok", Text: text})
		}
	}
	if r.Actor.Anonymous() {
		return v
	}
	v.User = ui.UserBox{Name: r.Actor.Name}
	for _, role := range r.Actor.Holds() {
		v.User.Roles = append(v.User.Roles, r.T("role."+string(role)))
	}
	return v
}

// menuHref is the entry a page belongs to: the one its address lies under, or,
// for a record with an address of its own, the one its first crumb names.
func (s *Server) menuHref(here string, crumbs []ui.Crumb) string {
	best := ""
	for _, m := range s.menu {
		under := here == m.Href || m.Href != "/" && strings.HasPrefix(here, m.Href+"/")
		if under && len(m.Href) > len(best) {
			best = m.Href
		}
	}
	if best == "" && len(crumbs) > 0 {
		return crumbs[0].Href
	}
	return best
}

func (s *Server) menuOf(r *Request, crumbs []ui.Crumb) []ui.MenuGroup {
	if r.Actor.Anonymous() || r.half {
		return nil
	}
	var out []ui.MenuGroup
	best := s.menuHref(r.URL.Path, crumbs)
	for _, m := range s.menu {
		if m.Action != "" && !s.Policy.Ever(r.Actor, m.Action) {
			continue
		}
		label := ""
		if m.Group != "" {
			label = r.T(m.Group)
		}
		at := slices.IndexFunc(out, func(g ui.MenuGroup) bool { return g.Label == label })
		if at < 0 {
			out = append(out, ui.MenuGroup{Label: label})
			at = len(out) - 1
		}
		it := ui.MenuItem{Label: r.T(m.Key), Href: m.Href, Current: m.Href == best, Key: m.Hot}
		if m.Count != nil {
			// A menu never fails because of its number.
			if n, err := m.Count(r.Context(), r.Actor); err == nil {
				it.Count = n
			}
		}
		out[at].Items = append(out[at].Items, it)
	}
	return out
}

// preferences keeps display settings in the browser; they are no data of ours.
func (s *Server) preferences(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if err := r.ParseForm(); err != nil {
		s.fail(s.request(w, r), fault.Invalid("error.form").With(err))
		return
	}
	for name, allowed := range preferences {
		if v := r.PostFormValue(name); slices.Contains(allowed, v) {
			http.SetCookie(w, &http.Cookie{Name: "p_" + name, Value: v, Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
				HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
		}
	}
	http.Redirect(w, r, Local(r.PostFormValue("back")), http.StatusSeeOther)
}

type extra struct {
	Response
	cookie       *http.Cookie
	name, header string
}

func (e extra) write(s *Server, r *Request) error {
	if e.cookie != nil {
		http.SetCookie(r.w, e.cookie)
	}
	if e.name != "" {
		r.w.Header().Set(e.name, e.header)
	}
	return e.Response.write(s, r)
}

// WithCookie sets a cookie with a response.
func WithCookie(c *http.Cookie, resp Response) Response { return extra{Response: resp, cookie: c} }

// WithHeader sets a header with a response.
func WithHeader(name, value string, resp Response) Response {
	return extra{Response: resp, name: name, header: value}
}
