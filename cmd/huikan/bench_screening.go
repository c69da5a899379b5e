package main

import (
	"time"

	"huikan/internal/app"
)

type benchScreeningCmd struct {
	Size     string        `help:"How large the made-up registers are." enum:"small,province,nation" default:"province"`
	Rate     int           `help:"Questions to the licensing counter a second." default:"200"`
	Database string        `help:"Database address; embedded when empty." placeholder:"URL"`
	For      time.Duration `help:"How long it is asked." default:"10s"`
}

// Run prints a table; the exit status is 1 when the counter misses its goal.
func (c *benchScreeningCmd) Run(e env) error {
	return app.BenchScreening(e.ctx, app.BenchScreeningConfig{Size: c.Size, Database: c.Database, Rate: max(1, c.Rate), For: max(time.Second, c.For)}, e.out, e.err)
}
