package main

import "huikan/internal/app"

type simulateConductCmd struct {
	Seed     uint64 `help:"The same seed gives the same year." default:"1"`
	Cases    int    `help:"Cases of each of the 64 handlers." default:"60"`
	Data     string `help:"Folder to keep; a temporary one when empty." placeholder:"DIR"`
	Database string `help:"Database address; embedded when empty." placeholder:"URL"`
	JSON     bool   `name:"json" help:"Print as JSON."`
}

// Run prints what the shipped rules found of what was planted.
func (c *simulateConductCmd) Run(e env) error {
	list, err := app.SimulateConduct(e.ctx, app.ConductSimulation{Data: c.Data, Database: c.Database, Seed: c.Seed, Cases: max(30, c.Cases)}, e.err)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.out, list)
	}
	return app.PrintScores(e.out, list)
}
