package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"huikan/internal/app"
)

type kitCmd struct {
	Issue  kitIssueCmd  `cmd:"" help:"Write an encrypted, time-limited extract of one team's work."`
	Open   kitOpenCmd   `cmd:"" help:"Unlock a kit into an empty folder of a laptop."`
	Serve  kitServeCmd  `cmd:"" help:"Serve an opened kit; no network is needed."`
	Return kitReturnCmd `cmd:"" help:"Merge an opened kit into the installation, wipe it and log a certificate."`
}

type passphrase struct {
	PassphraseFile string `name:"passphrase-file" help:"File whose first line is the passphrase; else it is asked for." placeholder:"FILE"`
}

// read gives the passphrase from the file, or from the first line of the input.
func (p passphrase) read(e env, ask string) (string, error) {
	if p.PassphraseFile != "" {
		raw, err := app.ReadFile(p.PassphraseFile)
		line, _, _ := strings.Cut(string(raw), "\n")
		return strings.TrimSpace(line), err
	}
	fmt.Fprint(e.err, ask)
	line, err := bufio.NewReader(e.in).ReadString('\n')
	if line = strings.TrimSpace(line); line != "" {
		err = nil
	}
	return line, err
}

type kitIssueCmd struct {
	site
	passphrase
	Round string `required:"" help:"Round: its name or identifier." placeholder:"R"`
	Team  string `help:"Team: its name or identifier; needed when the round has several." placeholder:"T"`
	Out   string `required:"" help:"File to write." placeholder:"FILE"`
	Days  int    `help:"Days until the kit runs out." default:"14"`
}

// Run writes the kit and says the passphrase once.
func (c *kitIssueCmd) Run(e env) (err error) {
	pass := app.NewPassphrase()
	if c.PassphraseFile != "" {
		if pass, err = c.read(e, ""); err != nil {
			return err
		}
	}
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("kit: %w", err)
	}
	kit, err := a.IssueKit(e.ctx, app.KitOrder{Round: c.Round, Team: c.Team, Days: c.Days}, pass, f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(c.Out) // half a kit is none
		return err
	}
	fmt.Fprintf(e.out, "%s\t%s\tSHA-256 %s\n", kit.ID, kit.Expires, kit.Digest)
	if c.PassphraseFile == "" {
		fmt.Fprintln(e.out, pass)
	}
	return a.Log.Sequence(e.ctx)
}

type kitOpenCmd struct {
	passphrase
	File string `arg:"" help:"The kit." placeholder:"FILE"`
	Data string `help:"Empty folder for the kit." default:"./huikan-kit" placeholder:"DIR"`
}

// Run unlocks the kit and prints the accounts of the team.
func (c *kitOpenCmd) Run(e env) error {
	raw, err := app.ReadKit(c.File)
	if err != nil {
		return err
	}
	pass, err := c.read(e, "passphrase: ")
	if err != nil {
		return err
	}
	made, b, err := app.OpenKit(e.ctx, app.Config{Data: c.Data}, raw, pass)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s\t%s\t%s\n", b.Kit.ID, b.Home.Team.Name, b.Kit.Expires)
	for _, m := range made {
		fmt.Fprintf(e.out, "%s\t%s\t%s\n", m.Login, m.Name, m.Password)
	}
	return nil
}

type kitServeCmd struct {
	Data string `help:"Folder of the kit." default:"./huikan-kit" placeholder:"DIR"`
	Addr string `help:"Address to listen on." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
}

// Run serves the kit until it is interrupted or runs out.
func (c *kitServeCmd) Run(e env) error {
	return app.ServeKit(e.ctx, app.Config{Data: c.Data, Addr: c.Addr}, func(line string) { fmt.Fprintln(e.err, line) })
}

type kitReturnCmd struct {
	site
	passphrase
	Folder string `arg:"" help:"Folder of the opened kit." placeholder:"DIR"`
}

// Run merges, wipes and certifies.
func (c *kitReturnCmd) Run(e env) error {
	pass, err := c.read(e, "passphrase: ")
	if err != nil {
		return err
	}
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	kit, w, err := a.ReturnKit(e.ctx, c.Folder, pass)
	if err != nil {
		return err
	}
	if err := a.Log.Sequence(e.ctx); err != nil {
		return err
	}
	return printJSON(e.out, map[string]any{"kit": kit.ID, "state": kit.State, "certificate": w})
}
