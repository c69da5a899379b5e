package main

import "huikan/internal/app"

type benchRegisterCmd struct {
	Records  int    `help:"How many records are handed in." default:"35000"`
	Database string `help:"Database address; embedded when empty." placeholder:"URL"`
}

// Run measures the register of inquiries.
func (c *benchRegisterCmd) Run(e env) error {
	return app.BenchRegister(e.ctx, app.BenchRegisterConfig{Records: c.Records, Database: c.Database}, e.out, e.err)
}
