package main

import (
	"huikan/internal/app"
)

type simulateCmd struct {
	Conduct simulateConductCmd `cmd:"" help:"A year of case handling with planted misconduct, taken through the product; prints precision and recall of each rule."`
	Term    simulateTermCmd    `cmd:"" help:"A term with known true, paper and relapsing rectifications, run through the product's own services."`
}

type simulateTermCmd struct {
	Seed     uint64 `help:"The same seed gives the same term." default:"1"`
	Items    int    `help:"Closed items of each of the four units." default:"80"`
	Sample   int    `help:"Items that the look-back draws." default:"240"`
	Data     string `help:"Folder to keep; a temporary one when empty." placeholder:"DIR"`
	Database string `help:"Database address; embedded when empty." placeholder:"URL"`
	JSON     bool   `name:"json" help:"Print as JSON."`
}

// Run prints what was planted beside what the look-back says.
func (c *simulateTermCmd) Run(e env) error {
	list, err := app.SimulateTerm(e.ctx, app.SimulateConfig{Data: c.Data, Database: c.Database, Seed: c.Seed, Items: c.Items, Sample: c.Sample}, e.err)
	if err != nil {
		return err
	}
	if c.JSON {
		for n := range list {
			if list[n].High > 1e9 { // JSON knows no infinity
				list[n].High = -1
			}
		}
		return printJSON(e.out, list)
	}
	return app.PrintRecovered(e.out, list)
}
