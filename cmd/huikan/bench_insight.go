package main

import "huikan/internal/app"

type benchInsightCmd struct {
	Size     string `help:"How much made-up content." enum:"small,province,nation" default:"nation"`
	Texts    int    `help:"Made-up texts to put into the index of the search; 0 leaves those that are there." default:"5000000"`
	Data     string `help:"Folder of the content; a temporary one when empty." placeholder:"DIR"`
	Database string `help:"Database address; embedded when empty." placeholder:"URL"`
	Requests int    `help:"Requests for each page." default:"60"`
}

// Run prints a table; the exit status is 1 when a goal is missed.
func (c *benchInsightCmd) Run(e env) error {
	return app.BenchInsight(e.ctx, app.InsightBench{Data: c.Data, Database: c.Database, Size: c.Size, Texts: c.Texts, Requests: c.Requests}, e.out, e.err)
}
