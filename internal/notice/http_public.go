package notice

import (
	"regexp"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/web"
)

const htmlType = "text/html; charset=utf-8"

// site are the public pages as the server shows them to a reader.
func (s *Service) site(r *web.Request) Site {
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return Site{Lang: r.Lang, Live: true, Base: scheme + "://" + r.Host + "/public", Word: r.T, Unit: s.unitOf}
}

func (s *Service) getPublic(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	before := q.After
	if len(before) != 2 {
		before = nil
	}
	list, err := s.Public(r.Context(), before, publicMax+1)
	if err != nil {
		return nil, err
	}
	older := ""
	if len(list) > publicMax {
		list = list[:publicMax]
		last := list[publicMax-1]
		older = "/public?after=" + page.Cursor(string(last.PublishedOn), string(last.ID))
	}
	b, err := s.site(r).Index(list, older)
	return web.Document{Type: htmlType, Body: b}, err
}

var slugForm = regexp.MustCompile(`^[0-9]{8}-[0-9a-f]{1,16}$`)

func (s *Service) getArticle(r *web.Request) (web.Response, error) {
	slug := r.PathValue("slug")
	if !slugForm.MatchString(slug) {
		return nil, fault.NotFound("page")
	}
	n, err := s.PublicOne(r.Context(), slug)
	if err != nil {
		return nil, err
	}
	b, err := s.site(r).Article(n)
	return web.Document{Type: htmlType, Body: b}, err
}

func (s *Service) getStyle(r *web.Request) (web.Response, error) {
	b, err := s.site(r).Style()
	return web.Document{Type: "text/css; charset=utf-8", Body: b}, err
}

func (s *Service) getFeed(r *web.Request) (web.Response, error) {
	list, err := s.Public(r.Context(), nil, publicMax)
	if err != nil {
		return nil, err
	}
	b, err := s.site(r).Feed(list, r.Today())
	return web.Document{Type: "application/atom+xml; charset=utf-8", Body: b}, err
}

// Words are the words of this room, for pages that are written without a server.
func Words() map[string]map[string]string { return web.Words(files) }
