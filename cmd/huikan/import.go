package main

import (
	"errors"
	"fmt"

	"huikan/internal/app"
)

type importCmd struct {
	What   string `arg:"" enum:"directive,rectification,units,people,returns,staff,relatives,lawyers,cases,events" help:"directive, rectification, units, people, returns (of earlier periods); registers: staff, relatives, lawyers, cases; events of the case system."`
	File   string `arg:"" optional:"" help:"The file." placeholder:"FILE"`
	DryRun bool   `name:"dry-run" help:"Say what would happen and change nothing."`
	JSON   bool   `name:"json" help:"Print the result as JSON."`

	Map     string `help:"Registers and events: source, as_of and columns (our column to heading) as YAML; events also unit and mode (delta, full)." placeholder:"MAP.yaml"`
	Source  string `help:"Registers and events: who keeps it; versions of one source are compared." placeholder:"NAME"`
	AsOf    string `name:"as-of" help:"Registers and events: the day of its state; today when empty." placeholder:"DATE"`
	SkipBad bool   `name:"skip-bad" help:"Registers and events: leave rows at fault out instead of refusing the file."`
	Reason  string `help:"Returns: why they are taken over, or withdrawn." placeholder:"TEXT"`
	Undo    string `name:"withdraw" help:"Returns: withdraw a table that was taken over, by its id, instead of reading a file; wants --reason." placeholder:"ID"`
	Report  string `help:"Returns, registers and events: write the table back with its faults marked." placeholder:"FILE"`
	site
}

// Validate refuses what does not go together, as wrong use.
func (c *importCmd) Validate() error {
	switch {
	case c.Undo != "" && (c.What != "returns" || c.File != "" || c.DryRun):
		return errors.New("--withdraw goes with returns, and without a file and --dry-run")
	case c.Undo == "" && c.File == "":
		return errors.New("a FILE is needed")
	}
	return nil
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
	var res app.Imported
	table := app.TableImport{File: c.File, Map: c.Map, Source: c.Source, AsOf: c.AsOf, DryRun: c.DryRun, SkipBad: c.SkipBad, Report: c.Report, Lang: e.lang}
	switch {
	case c.Undo != "":
		res, err = a.WithdrawReturns(e.ctx, c.Undo, c.Reason)
	case app.IsRegister(c.What):
		res, err = a.ImportRegister(e.ctx, c.What, table)
	case c.What == "returns":
		res, err = a.ImportReturns(e.ctx, c.Reason, table)
	case c.What == "events":
		res, err = a.ImportEvents(e.ctx, table)
	default:
		res, err = a.Import(e.ctx, c.What, c.File, c.DryRun)
	}
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
