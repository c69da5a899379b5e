package app

import (
	"context"
	"net/url"
	"runtime/debug"
	"time"

	"huikan/internal/kernel/page"
	"huikan/internal/rectification"
)

// warmPause is how long the first readers have the processors for themselves, once
// what they wait for is counted.
const warmPause = 3 * time.Second

// warmStep is one thing that is done ahead.
type warmStep struct {
	what string
	do   func() error
}

// warmUp does once what the first reader of the day would wait for: first the figures
// of the dashboard, after a pause the planner's statistics and the pages of the
// indexes that the long lists begin with. It runs beside the first requests.
func (a *App) warmUp(ctx context.Context) {
	who := System()
	if !warm(ctx, []warmStep{
		{"count the ledger", func() error { return a.Insight.Warm(ctx) }},
		{"count the returns", func() error { return a.Contact.WarmCalendar(ctx, who) }},
	}) {
		return
	}
	select {
	case <-time.After(warmPause):
	case <-ctx.Done():
		return
	}
	if warm(ctx, []warmStep{
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
	}) {
		debug.FreeOSMemory() // what the start took and nobody needs any more
	}
}

// warm does steps one after the other and tells whether all were done.
func warm(ctx context.Context, steps []warmStep) bool {
	for _, step := range steps {
		if err := step.do(); err != nil {
			if ctx.Err() == nil {
				report("could not "+step.what+" ahead", err)
			}
			return false
		}
	}
	return true
}
