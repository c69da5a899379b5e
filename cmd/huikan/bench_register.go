package main

import "huikan/internal/app"

type benchRegisterCmd struct {
	Records  int    `help:"How many records of one office are held against each other." default:"35000"`
	Others   int    `help:"How many records of all units are counted beside them." default:"100000"`
	Database string `help:"Database address; embedded when empty." placeholder:"URL"`
}

// Run prints a table; the exit status is 1 when a goal is missed.
func (c *benchRegisterCmd) Run(e env) error {
	return app.BenchRegister(e.ctx, app.BenchRegisterConfig{Records: c.Records, Others: c.Others, Database: c.Database}, e.out, e.err)
}
