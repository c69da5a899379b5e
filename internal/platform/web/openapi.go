package web

import (
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"huikan/internal/platform/ui"
)

var pathParam = regexp.MustCompile(`\{([a-z_]+)\}`)

// openAPI describes every route that is offered as JSON, from the list of
// routes itself and the Go types of what goes in.
func (s *Server) openAPI(w http.ResponseWriter, r *http.Request) {
	reg := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	api := &huma.OpenAPI{OpenAPI: "3.1.0", Info: &huma.Info{Title: "huikan", Version: "1"},
		Servers: []*huma.Server{{URL: "/api/v1"}}, Components: &huma.Components{Schemas: reg}, Paths: map[string]*huma.PathItem{}}
	for _, rt := range s.routes {
		if rt.NoAPI {
			continue
		}
		op := &huma.Operation{OperationID: strings.ToLower(rt.Method) + strings.NewReplacer("/", "-", "{", "", "}", "").Replace(rt.Path),
			Method: rt.Method, Path: rt.Path, Responses: map[string]*huma.Response{
				"200":     {Description: "the data"},
				"default": {Description: "what was wrong", Content: map[string]*huma.MediaType{"application/problem+json": {}}},
			}}
		if rt.Action != "" {
			op.Description = "Needs a role that may " + rt.Action + "."
		}
		for _, m := range pathParam.FindAllStringSubmatch(rt.Path, -1) {
			op.Parameters = append(op.Parameters, &huma.Param{Name: m[1], In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}})
		}
		if rt.In != nil {
			op.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{
				"application/json": {Schema: huma.SchemaFromType(reg, reflect.TypeOf(rt.In))}}}
		}
		item := api.Paths[rt.Path]
		if item == nil {
			item = &huma.PathItem{}
			api.Paths[rt.Path] = item
		}
		if rt.Method == http.MethodGet {
			item.Get = op
		} else {
			item.Post = op
		}
	}
	if err := writeJSON(w, http.StatusOK, api); err != nil {
		s.fail(s.request(w, r), err)
	}
}

// watermark draws the repeated mark with the name of the reader and the time,
// so that a photographed screen or a printed page says who had it open.
func (s *Server) watermark(w http.ResponseWriter, r *http.Request) {
	req := s.request(w, r)
	a, _, err := s.Auth.Who(r.Context(), r)
	if err != nil {
		s.fail(req, err)
		return
	}
	text := a.Name + " " + a.Account.Short() + " " + string(req.Today())
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "private, max-age=300")
	w.Header().Set("Vary", "Cookie") // the next person at this browser is not to carry this name
	_, err = w.Write([]byte(ui.WatermarkSVG(text)))
	_ = ignoreGone(err)
}
