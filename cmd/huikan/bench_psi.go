package main

import "huikan/internal/app"

type benchPSICmd struct {
	Size string   `help:"full (1,550,000 × 800,000), or a share of it." default:"0.01"`
	Seed uint64   `help:"Seed of the made-up registers." default:"7"`
	Keys []string `help:"Keys to measure alone; none: the default ones, and an exchange of all of them." placeholder:"KEY,KEY"`
	Data string   `help:"Folder to keep the registers in; a temporary one when empty." placeholder:"DIR"`
}

// Run prints a table; the exit status is 1 when a figure misses its goal.
func (c *benchPSICmd) Run(e env) error {
	return app.BenchPSI(e.ctx, app.BenchPSIConfig{Size: c.Size, Seed: c.Seed, Data: c.Data, Keys: c.Keys}, e.out, e.err)
}
