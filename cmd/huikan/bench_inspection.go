package main

import "huikan/internal/app"

type benchInspectionCmd struct {
	Items    int    `help:"Findings; each has three measures." default:"1000000"`
	Data     string `help:"Folder of the content; a temporary one when empty." placeholder:"DIR"`
	Database string `help:"Database address; embedded when empty." placeholder:"URL"`
	Requests int    `help:"Requests for each page." default:"40"`
}

// Run prints a table; the exit status is 1 when a goal is missed.
func (c *benchInspectionCmd) Run(e env) error {
	return app.BenchInspection(e.ctx, app.InspectionBench{Data: c.Data, Database: c.Database, Items: c.Items, Requests: c.Requests}, e.out, e.err)
}
