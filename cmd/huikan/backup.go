package main

import (
	"fmt"

	"huikan/internal/app"
)

type backupCmd struct {
	File string `arg:"" help:"The file to write; it must not exist." placeholder:"FILE"`
	Keys string `help:"Also copy the keys to this file, to be kept elsewhere: a backup cannot be read without them." placeholder:"KEYFILE"`
	JSON bool   `name:"json" help:"Print what the backup holds as JSON."`
	site
}

// Run writes a backup, also while a server runs, and reads it back.
func (c *backupCmd) Run(e env) error {
	m, err := app.Backup(e.ctx, app.Config{Data: c.Data, Database: c.Database}, c.File, c.Keys)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.out, m)
	}
	fmt.Fprintf(e.out, "%s: %s, %d log entries, %d files, %d MB\n", c.File, m.Engine, m.LogSize, m.Files, m.Bytes>>20)
	return nil
}

type restoreCmd struct {
	File string `arg:"" help:"The backup." placeholder:"FILE"`
	Keys string `help:"The keys that were kept elsewhere; those of the data folder when empty." placeholder:"KEYFILE"`
	site
}

// Run makes an installation from a backup in an empty place and verifies its log.
func (c *restoreCmd) Run(e env) error {
	m, err := app.Restore(e.ctx, app.Config{Data: c.Data, Database: c.Database}, c.File, c.Keys)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s: %s, %d log entries verified, %d files\n", c.Data, m.At, m.LogSize, m.Files)
	return nil
}

type doctorCmd struct {
	Full bool `help:"Also read every evidence file to its end."`
	JSON bool `name:"json" help:"Print the findings as JSON."`
	site
}

// Run examines an installation and changes nothing; the exit status is 1 when
// something must be mended.
func (c *doctorCmd) Run(e env) error {
	found, bad := app.Doctor(e.ctx, app.Config{Data: c.Data, Database: c.Database}, c.Full, e.lang)
	if c.JSON {
		if err := printJSON(e.out, found); err != nil {
			return err
		}
	} else {
		for _, f := range found {
			fmt.Fprintln(e.out, f.Said())
		}
	}
	if bad > 0 {
		return errTrouble
	}
	return nil
}
