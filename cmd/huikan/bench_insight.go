package main

import "huikan/internal/app"

type benchInsightCmd struct {
	Size     string `help:"How much made-up content." enum:"small,province,nation" default:"nation"`
	Texts    int    `help:"Made-up texts in the index of the search." default:"5000000"`
	Database string `help:"Database address; embedded when empty." placeholder:"URL"`
	Requests int    `help:"Requests for each page." default:"60"`
}

// Run prints a table; the exit status is 1 when a goal is missed.
func (c *benchInsightCmd) Run(e env) error {
	return app.BenchInsight(e.ctx, app.InsightBench{Database: c.Database, Size: c.Size, Texts: c.Texts, Requests: c.Requests}, e.out, e.err)
}
