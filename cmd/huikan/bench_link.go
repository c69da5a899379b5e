package main

import "huikan/internal/app"

type benchLinkCmd struct {
	Size string `help:"How large the made-up registers are." enum:"small,province,nation" default:"nation"`
	Seed uint64 `help:"Seed of the made-up registers." default:"7"`
	Data string `help:"Folder to keep the registers in; a temporary one when empty." placeholder:"DIR"`
}

// Run prints a table; the exit status is 1 when a figure misses its goal.
func (c *benchLinkCmd) Run(e env) error {
	return app.BenchLink(e.ctx, app.BenchLinkConfig{Size: c.Size, Seed: c.Seed, Data: c.Data}, e.out, e.err)
}
