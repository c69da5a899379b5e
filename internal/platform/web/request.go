package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/ui"
)

// Request is one request of a known actor.
type Request struct {
	*http.Request
	Actor actor.Actor
	Lang  string
	half  bool // his sign-in is not complete: no menu, no counts
	w     http.ResponseWriter
	srv   *Server
}

func (s *Server) request(w http.ResponseWriter, r *http.Request) *Request {
	return &Request{Request: r, Lang: preference(r, "lang", acceptLanguage(r)), w: w, srv: s}
}

// API tells whether the answer is JSON.
func (r *Request) API() bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// Today is the civil date in Beijing.
func (r *Request) Today() clock.Date { return clock.Today(r.srv.Clock) }

// T translates a key into the language of the reader.
func (r *Request) T(key string, args ...any) string { return r.srv.UI.Words().T(r.Lang, key, args...) }

// Can tells whether the actor holds an action anywhere, to show or leave out a button.
func (r *Request) Can(action string) bool { return r.srv.Policy.Ever(r.Actor, action) }

// ID reads an identifier of the path; one that cannot be is a record that is not there.
func (r *Request) ID(name string) (id.ID, error) { return id.Parse(r.PathValue(name)) }

// List reads the list parameters of the address.
func (r *Request) List() (page.Query, error) { return page.Parse(r.URL.Query()) }

// Param reads one value of the address.
func (r *Request) Param(name string) string { return r.URL.Query().Get(name) }

const formMemory = 8 << 20 // larger uploads go to temporary files

// Decode fills a struct from a form or a JSON body by its json tags. Fields
// that the struct does not have are never set; in JSON they are refused.
func (r *Request) Decode(dst any) error {
	ct, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // an unknown type falls to the form branch
	if ct == "application/json" {
		dec := json.NewDecoder(r.Body)
		dec.DisallowUnknownFields()
		if err := dec.Decode(dst); err != nil {
			if f, ok := fault.Of(err); ok {
				return f
			}
			return tooLarge(err, fault.Invalid("error.json", shortErr(err)).With(err))
		}
		if _, err := dec.Token(); !errors.Is(err, io.EOF) {
			return fault.Invalid("error.json", "more than one value")
		}
		return nil
	}
	if err := r.parseForm(ct); err != nil {
		return err
	}
	var bad fault.Fields
	fill(reflect.ValueOf(dst).Elem(), r.PostForm, &bad)
	return bad.Err()
}

func (r *Request) parseForm(ct string) error {
	var err error
	if ct == "multipart/form-data" {
		err = r.ParseMultipartForm(formMemory)
		if err == nil {
			r.PostForm = url.Values(r.MultipartForm.Value)
		}
	} else {
		err = r.ParseForm()
	}
	if err != nil {
		return tooLarge(err, fault.Invalid("error.form").With(err))
	}
	return nil
}

func tooLarge(err error, other error) error {
	if m, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.Limit("error.body_large", m.Limit>>20).With(err)
	}
	return other
}

func shortErr(err error) string {
	s := err.Error()
	if len(s) > 120 {
		s = s[:120]
	}
	return s
}

func fill(v reflect.Value, form url.Values, bad *fault.Fields) {
	t := v.Type()
	for i := range t.NumField() {
		f, fv := t.Field(i), v.Field(i)
		if f.Anonymous && fv.Kind() == reflect.Struct {
			fill(fv, form, bad)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		vals, ok := form[name]
		if name == "" || name == "-" || !ok || !f.IsExported() {
			continue
		}
		set(fv, name, vals, bad)
	}
}

func set(fv reflect.Value, name string, vals []string, bad *fault.Fields) {
	s := strings.TrimSpace(strings.ReplaceAll(vals[0], "\r\n", "\n"))
	switch {
	case fv.Type() == reflect.TypeFor[clock.Date]():
		if s == "" {
			return
		}
		d, err := clock.ParseDate(s)
		if err != nil {
			bad.Add(name, "error.date", s)
			return
		}
		fv.SetString(string(d))
	case fv.Kind() == reflect.String:
		fv.SetString(s)
	case fv.Kind() == reflect.Bool:
		fv.SetBool(s == "1" || s == "on" || s == "true")
	case fv.CanInt():
		if s == "" {
			return
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || fv.OverflowInt(n) {
			bad.Add(name, "error.number", s)
			return
		}
		fv.SetInt(n)
	case fv.Kind() == reflect.Slice && fv.Type().Elem().Kind() == reflect.String:
		out := reflect.MakeSlice(fv.Type(), 0, len(vals))
		for _, x := range vals {
			if x = strings.TrimSpace(x); x != "" {
				e := reflect.New(fv.Type().Elem()).Elem()
				e.SetString(x)
				out = reflect.Append(out, e)
			}
		}
		fv.Set(out)
	}
}

// Upload is one file of a form. Close it when done.
type Upload struct {
	Name string
	Size int64
	multipart.File
}

// Files opens the files of a form field, at most max of them.
func (r *Request) Files(field string, max int) ([]Upload, error) {
	if r.MultipartForm == nil {
		ct, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // refused by parseForm when it is none
		if err := r.parseForm(ct); err != nil {
			return nil, err
		}
		if r.MultipartForm == nil {
			return nil, nil
		}
	}
	hs := r.MultipartForm.File[field]
	if len(hs) > max {
		return nil, fault.Limit("error.files_many", len(hs), max)
	}
	var out []Upload
	for _, h := range hs {
		if h.Size == 0 && h.Filename == "" {
			continue
		}
		f, err := h.Open()
		if err != nil {
			for _, u := range out {
				err = errors.Join(err, u.Close())
			}
			return nil, fault.Unavailable("error.upload").With(err)
		}
		out = append(out, Upload{Name: h.Filename, Size: h.Size, File: f})
	}
	return out, nil
}

// ReadAll reads a file of at most max bytes.
func (u Upload) ReadAll(max int64) ([]byte, error) {
	if u.Size > max {
		return nil, fault.Limit("error.file_large", u.Name, u.Size>>20, max>>20)
	}
	b, err := io.ReadAll(io.LimitReader(u.File, max+1))
	if err != nil {
		return nil, fault.Unavailable("error.upload").With(err)
	}
	return b, nil
}

func preference(r *http.Request, name, fallback string) string {
	c, err := r.Cookie("p_" + name)
	if err != nil {
		return fallback
	}
	for _, ok := range preferences[name] {
		if c.Value == ok {
			return c.Value
		}
	}
	return fallback
}

// preferences are the settings that a browser keeps, with their allowed values.
var preferences = map[string][]string{
	"lang": ui.Languages, "theme": {"auto", "light", "dark"}, "size": {"normal", "large"}, "density": {"normal", "compact"}, "keys": {"on", "off"},
}

func acceptLanguage(r *http.Request) string {
	if strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "en") {
		return "en"
	}
	return "zh"
}

// Local keeps a redirect inside our own pages: an address that a browser could
// read as another host becomes the first page.
func Local(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, "\\") || strings.ContainsFunc(to, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		return "/"
	}
	return to
}

func queryEscape(s string) string { return url.QueryEscape(s) }
