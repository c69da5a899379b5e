package inspection

import (
	"context"
	"net/http"

	"huikan/internal/org/intake"
	"huikan/internal/platform/db"
	"huikan/internal/platform/export"
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
	if err := s.log.Note(r.Context(), r.Actor, "finding.export", map[string]any{"filter": r.URL.RawQuery}); err != nil {
		return nil, err
	}
	return s.Export.Or()(r, export.Ask{Action: "finding.read", Title: r.T("menu.findings") + "-" + string(r.Today()), Format: export.Format(r),
		Count: func(ctx context.Context, most int) (n int, err error) {
			err = s.log.DB().Read(ctx, func(dq db.Q) error {
				wide, err := s.widen(ctx, dq, q)
				if err != nil {
					return err
				}
				var args []any
				cond := s.findingCond(dq, r.Actor, wide, &args)
				n, err = countFindings(ctx, dq, cond, most, args)
				return err
			})
			return n, err
		},
		Make: func(ctx context.Context, write func(sheet.Table) error) error {
			var failed error
			if err := write(s.findingSheet(r.T, s.exported(ctx, r.Actor, q, r.T, &failed), true)); err != nil {
				return err
			}
			return failed
		}})
}
