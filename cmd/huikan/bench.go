package main

import "huikan/internal/app"

type benchCmd struct {
	Alike      benchAlikeCmd      `cmd:"" help:"Like findings and common problems over made-up findings; prints what, size, figure, goal."`
	Insight    benchInsightCmd    `cmd:"" help:"Dashboards cold and warm, search over many texts, sending to every unit; prints what, size, figure, goal."`
	Inspection benchInspectionCmd `cmd:"" help:"Lists, filters, ledgers and the export at 1,000,000 findings and 3,000,000 measures."`
	Link       benchLinkCmd       `cmd:"" help:"Linkage of registers; prints what, size, figure, goal."`
	MonthEnd   benchMonthEndCmd   `cmd:"" name:"month-end" help:"Zero returns of everybody over HTTP; prints what, size, figure, goal."`
	Pages      benchPagesCmd      `cmd:"" help:"Every page over HTTP at a size; prints what, size, figure, goal."`
	PSI        benchPSICmd        `cmd:"" name:"psi" help:"Private matching; prints what, size, figure, goal."`
	Register   benchRegisterCmd   `cmd:"" help:"Records of inquiries handed in, held against each other, counted; prints what, size, figure, goal."`
	Risk       benchRiskCmd       `cmd:"" help:"Events taken in, judged by the rules, a day's events, lists and pages of alerts; prints what, size, figure, goal."`
	Start      benchStartCmd      `cmd:"" help:"This program started to its first page, without content and with a demonstration; prints what, size, figure, goal."`
	Screening  benchScreeningCmd  `cmd:"" help:"Registers taken in, screened, and the licensing counter over HTTP."`
}

type benchPagesCmd struct {
	Size     string `help:"How much made-up content." enum:"small,province,nation" default:"nation"`
	Data     string `help:"Folder of the content; a temporary one when empty." placeholder:"DIR"`
	Database string `help:"Database address; embedded when empty." placeholder:"URL"`
	Requests int    `help:"Requests for each page." default:"60"`
}

// Run prints a table; the exit status is 1 when a page misses its goal.
func (c *benchPagesCmd) Run(e env) error {
	return app.BenchPages(e.ctx, app.BenchConfig{Data: c.Data, Database: c.Database, Size: c.Size, Requests: c.Requests}, e.out, e.err)
}

type benchStartCmd struct {
	Runs int `help:"How often." default:"15"`
}

// Run prints a table; the exit status is 1 when a goal is missed.
func (c *benchStartCmd) Run(e env) error { return app.BenchStart(e.ctx, c.Runs, e.out) }

type benchMonthEndCmd struct {
	People   int    `help:"How many people file." default:"200000"`
	Clients  int    `help:"Connections that file at the same time." default:"64"`
	Repeat   int    `help:"Of a hundred people so many file twice at once." default:"3"`
	Data     string `help:"Folder of the content; a temporary one when empty." placeholder:"DIR"`
	Database string `help:"Database address; embedded when empty." placeholder:"URL"`
	Verify   bool   `help:"Recompute the whole log afterwards."`
}

// Run prints a table; the exit status is 1 when a goal is missed.
func (c *benchMonthEndCmd) Run(e env) error {
	return app.BenchMonthEnd(e.ctx, app.MonthEndConfig{Data: c.Data, Database: c.Database, People: c.People, Clients: c.Clients, Repeat: c.Repeat, Verify: c.Verify}, e.out, e.err)
}
