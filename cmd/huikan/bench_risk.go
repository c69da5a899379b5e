package main

import "huikan/internal/app"

type benchRiskCmd struct {
	Events   int    `help:"How many events of cases are there before the day." default:"10000000"`
	Alerts   int    `help:"How many alerts are there when lists are measured." default:"1000000"`
	Data     string `help:"Folder of the content; a temporary one when empty." placeholder:"DIR"`
	Database string `help:"Database address; embedded when empty." placeholder:"URL"`
	Requests int    `help:"Requests for each page." default:"60"`
}

// Run prints a table; the exit status is 1 when a goal is missed.
func (c *benchRiskCmd) Run(e env) error {
	return app.BenchRisk(e.ctx, app.RiskBench{Data: c.Data, Database: c.Database, Events: max(10_000, c.Events), Alerts: max(1000, c.Alerts), Requests: max(20, c.Requests)}, e.out, e.err)
}
