package main

import "huikan/internal/app"

type benchAlikeCmd struct {
	Findings int    `help:"How many findings are made up." default:"1000000"`
	Looks    int    `help:"How often like findings are looked for." default:"300"`
	Database string `help:"Database address; embedded when empty." placeholder:"URL"`
}

// Run measures the look for like findings and the grouping into common problems.
func (c *benchAlikeCmd) Run(e env) error {
	return app.BenchAlike(e.ctx, app.BenchAlikeConfig{Database: c.Database, Findings: c.Findings, Looks: c.Looks}, e.out, e.err)
}
