package main

import "huikan/internal/app"

type benchRegisterCmd struct {
	Records  int    `help:"How many records of one office are held against each other." default:"35000"`
	Others   int    `help:"How many records of all units are counted beside them." default:"100000"`
	Returns  int    `help:"How many returns of a hundred earlier months are taken over before." default:"0"`
	Filed    int    `help:"How many returns of a hundred earlier months were filed here." default:"0"`
	Filing   int    `help:"How many people file over HTTP on top, after the pages were measured; none: neither." default:"0"`
	Data     string `help:"Folder of the content, measured again when it is there; a temporary one when empty." placeholder:"DIR"`
	Database string `help:"Database address; embedded when empty." placeholder:"URL"`
}

// Run prints a table; the exit status is 1 when a goal is missed.
func (c *benchRegisterCmd) Run(e env) error {
	return app.BenchRegister(e.ctx, app.BenchRegisterConfig{Records: c.Records, Others: c.Others, Returns: c.Returns, Filed: c.Filed, Filing: c.Filing, Data: c.Data, Database: c.Database}, e.out, e.err)
}
