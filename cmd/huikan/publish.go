package main

import (
	"fmt"

	"huikan/internal/app"
)

type publishCmd struct {
	site
	Out  string `required:"" help:"Folder for the pages; an earlier export there is replaced." placeholder:"DIR"`
	Base string `help:"Public address of the site, for the feed." placeholder:"URL"`
	Lang string `help:"Language of the frame." enum:"zh,en" default:"zh"`
}

// Run writes the public reading pages as files that any web server can serve, also
// while a server of ours runs.
func (c *publishCmd) Run(e env) error {
	a, err := app.Open(e.ctx, app.Config{Data: c.Data, Database: c.Database, Beside: true})
	if err != nil {
		return err
	}
	defer a.Close()
	n, err := a.Publish(e.ctx, c.Out, c.Base, c.Lang)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s: %d\n", c.Out, n)
	return a.Log.Sequence(e.ctx)
}
