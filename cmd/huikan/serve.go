package main

import (
	"fmt"

	"huikan/internal/app"
)

type serveCmd struct {
	site
	Addr    string `help:"Address to listen on." default:"127.0.0.1:8080" env:"HUIKAN_ADDR" placeholder:"HOST:PORT"`
	TLSCert string `name:"tls-cert" help:"Certificate (PEM)." placeholder:"FILE"`
	TLSKey  string `name:"tls-key" help:"Key of the certificate (PEM)." placeholder:"FILE"`
	Proxied bool   `help:"A proxy in front speaks TLS; listen in the clear on an address that only it can reach."`
}

// Run serves until it is interrupted.
func (c *serveCmd) Run(e env) error {
	return app.Serve(e.ctx, app.Config{Data: c.Data, Database: c.Database, Addr: c.Addr, TLSCert: c.TLSCert, TLSKey: c.TLSKey, Proxied: c.Proxied},
		func(line string) { fmt.Fprintln(e.err, line) })
}

type demoCmd struct {
	Data     string `help:"Folder of the demonstration; a temporary one, removed at the end, when empty." placeholder:"DIR"`
	Database string `help:"Database address; embedded when empty." placeholder:"URL"`
	Addr     string `help:"Address to listen on." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Size     string `help:"How much made-up content." enum:"small,province,nation" default:"small"`
	NoServe  bool   `name:"no-serve" help:"Make the content and end."`
	JSON     bool   `name:"json" help:"Print address and accounts as one line of JSON."`
	Ahead    int    `help:"Serve a demonstration made before, as it is so many days later: dates pass, reminders climb." placeholder:"DAYS"`
}

// Run makes the demonstration and serves it.
func (c *demoCmd) Run(e env) error {
	return app.Demo(e.ctx, app.DemoConfig{Data: c.Data, Database: c.Database, Addr: c.Addr, Size: c.Size, NoServe: c.NoServe, JSON: c.JSON, Lang: e.lang, Ahead: c.Ahead}, e.out, e.err)
}

type migrateCmd struct {
	site
}

// Run opens the installation, which migrates it.
func (c *migrateCmd) Run(e env) error {
	a, err := c.open(e)
	if err != nil {
		return err
	}
	return a.Close()
}
