package main

import (
	"fmt"
)

type importCmd struct {
	What   string `arg:"" enum:"directive,rectification,units,people" help:"directive, rectification, units or people."`
	File   string `arg:"" help:"The file." placeholder:"FILE"`
	DryRun bool   `name:"dry-run" help:"Say what would happen and change nothing."`
	JSON   bool   `name:"json" help:"Print the result as JSON."`
	site
}

// Run imports all of the file or nothing.
func (c *importCmd) Run(e env) error {
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	if _, err := a.FirstStart(e.ctx); err != nil {
		return err
	}
	res, err := a.Import(e.ctx, c.What, c.File, c.DryRun)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.out, res)
	}
	for _, line := range res.Lines {
		fmt.Fprintln(e.out, line)
	}
	if res.Bad > 0 {
		return errTrouble
	}
	return nil
}
