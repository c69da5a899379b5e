package inspection

import (
	"net/http"

	"huikan/internal/org/intake"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// sheetRoutes bring findings in from a table and take them out as one.
func (s *Service) sheetRoutes() []web.Route {
	in := intake.New(intake.Pages{Room: "inspection", Base: "/findings/import", List: ui.Link{Label: "menu.findings", Href: "/findings?mine=1"}, Kind: "finding", Action: "finding.create", Done: "done.finding.import",
		Run: s.ImportFindings, Template: func(tr sheet.Translate) sheet.Table { return s.findingSheet(tr, func(func([]string) bool) {}, false) }}, s.Clock)
	return append(in.Routes(), web.Route{Method: http.MethodGet, Path: "/findings/export", Action: "finding.read", Heavy: true, NoAPI: true, Do: s.exportFindings})
}

func (s *Service) exportFindings(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	var failed error
	t := s.findingSheet(r.T, s.exported(r.Context(), r.Actor, q, r.T, &failed), true)
	out, err := intake.Export(r, "findings", t)
	if err == nil {
		err = failed
	}
	if err != nil {
		return nil, err
	}
	return out, s.log.Note(r.Context(), r.Actor, "finding.export", map[string]any{"filter": r.URL.RawQuery})
}
