package app

import (
	"context"
	"net/url"
	"runtime/debug"

	"huikan/internal/kernel/page"
	"huikan/internal/rectification"
)

// warmUp does once what the first reader of the day would wait for: the figures of
// the dashboard, the planner's statistics, the pages of the indexes that the long
// lists begin with. It runs beside the first requests.
func (a *App) warmUp(ctx context.Context) {
	who := System()
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"count the ledger", func() error { return a.Insight.Warm(ctx) }},
		{"count the returns", func() error { return a.Contact.WarmCalendar(ctx, who) }},
		{"gather statistics", func() error { return a.DB.Optimize(ctx) }},
		{"count the register", func() error { return a.Contact.WarmFigures(ctx) }},
		{"read the ledger", func() error {
			for _, view := range rectification.Views() {
				if _, err := a.Rectification.List(ctx, who, page.Query{Size: page.Sizes[0], View: view}); err != nil {
					return err
				}
			}
			return nil
		}},
		{"read the findings", func() error {
			_, _, err := a.Inspection.ListFindings(ctx, who, page.Query{Size: page.Sizes[0]})
			return err
		}},
		{"search", func() error {
			_, err := a.Web.Search(ctx, who, "整改 检察", page.Sizes[0])
			return err
		}},
		{"find people", func() error { _, err := a.Person.Find(ctx, who, "王", "", 1); return err }},
		{"count what is overdue", func() error {
			_, err := a.Rectification.List(ctx, who, page.Query{Size: 1, Sort: "due", Desc: true, Filter: url.Values{"severity": {"serious"}}})
			return err
		}},
		{"make the board of screening", func() error { return a.Screening.Warm(ctx) }},
	} {
		if err := step.do(); err != nil {
			if ctx.Err() == nil {
				report("could not "+step.what+" ahead", err)
			}
			return
		}
	}
	debug.FreeOSMemory() // what the start took and nobody needs any more
}
