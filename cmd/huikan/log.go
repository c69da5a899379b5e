package main

import (
	"fmt"
	"os"
	"path/filepath"

	"huikan/internal/app"
	"huikan/internal/kernel/fault"
)

type logCmd struct {
	Checkpoint logCheckpointCmd `cmd:"" help:"Print the latest signed checkpoint."`
	Prove      logProveCmd      `cmd:"" help:"Print an offline proof of an entry, its index, or a record's last entry."`
	Verify     logVerifyCmd     `cmd:"" help:"Recompute everything and name what does not fit."`
	Copy       logCopyCmd       `cmd:"" help:"Write a copy that can be verified without this installation."`
}

type logCheckpointCmd struct {
	site
}

// Run signs what is waiting and prints the checkpoint.
func (c *logCheckpointCmd) Run(e env) error {
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Log.Sequence(e.ctx); err != nil {
		return err
	}
	text, err := a.Log.Checkpoint(e.ctx)
	if err == nil {
		fmt.Fprint(e.out, text)
	}
	return err
}

type logProveCmd struct {
	site
	ID      string `arg:"" optional:"" help:"Entry, index or record." placeholder:"ID"`
	Leaf    string `help:"Also write the entry itself to this file." placeholder:"FILE"`
	Receipt string `help:"Check the receipt of a record instead; no installation is needed." placeholder:"FILE"`
	Key     string `help:"Public key (text) that the receipt must hold under; the one kept elsewhere, not the receipt's own." placeholder:"KEY"`
}

// Run prints a proof in the form of c2sp.org/tlog-proof.
func (c *logProveCmd) Run(e env) error {
	if c.Receipt != "" {
		text, err := app.CheckReceipt(c.Receipt, c.Key)
		if err == nil {
			fmt.Fprint(e.out, text)
		}
		return err
	}
	if c.ID == "" {
		return fault.Invalid("error.prove_what")
	}
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Log.Sequence(e.ctx); err != nil {
		return err
	}
	proof, leaf, err := a.Log.Prove(e.ctx, c.ID)
	if err != nil {
		return err
	}
	if c.Leaf != "" {
		if err := os.WriteFile(c.Leaf, leaf, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", c.Leaf, err)
		}
	}
	_, err = e.out.Write(proof)
	return err
}

type logVerifyCmd struct {
	site
	Offline string `help:"Verify a copy made by “huikan log copy” instead; no database is needed." placeholder:"DIR"`
	Key     string `help:"Public key (text) that the copy must be signed with; the one kept elsewhere, not the copy's own." placeholder:"KEY"`
	JSON    bool   `name:"json" help:"Print the report as JSON."`
}

// Run names every trouble; the exit status is 1 if there is any.
func (c *logVerifyCmd) Run(e env) error {
	if c.Offline != "" {
		return c.offline(e)
	}
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	rep, err := a.Log.Verify(e.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := printJSON(e.out, rep); err != nil {
			return err
		}
	} else {
		for _, t := range rep.Troubles {
			fmt.Fprintln(e.out, t)
		}
		fmt.Fprintf(e.out, "%d entries, %d waiting, %d rows, %d shredded, %d troubles\n", rep.Size, rep.Waiting, rep.Rows, rep.Shredded, len(rep.Troubles))
	}
	if len(rep.Troubles) > 0 {
		return errTrouble
	}
	return nil
}

func (c *logVerifyCmd) offline(e env) error {
	rep, err := app.VerifyCopy(c.Offline, c.Key)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := printJSON(e.out, rep); err != nil {
			return err
		}
	} else {
		for _, t := range rep.Troubles {
			fmt.Fprintf(e.out, "%s: %s\n", filepath.Join(c.Offline, t.Path), t)
		}
		fmt.Fprintf(e.out, "%s: %d entries, %d troubles\n", rep.Origin, rep.Size, len(rep.Troubles))
	}
	if !rep.OK() {
		return errTrouble
	}
	return nil
}

type logCopyCmd struct {
	site
	Dir string `arg:"" help:"Folder to write." placeholder:"DIR"`
}

// Run writes checkpoint, tiles, entries and key.
func (c *logCopyCmd) Run(e env) error {
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Log.Sequence(e.ctx); err != nil {
		return err
	}
	n, err := a.Log.Export(e.ctx, c.Dir)
	if err == nil {
		fmt.Fprintf(e.out, "%s: %d entries\n", c.Dir, n)
	}
	return err
}
