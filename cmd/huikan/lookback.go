package main

import (
	"fmt"

	"huikan/internal/app"
	"huikan/internal/lookback"
)

type lookbackCmd struct {
	Draw lookbackDrawCmd `cmd:"" help:"Draw again from the published population and the revealed seed."`
}

type lookbackDrawCmd struct {
	File      string `arg:"" help:"The published population (download of the look-back's page)." placeholder:"FILE"`
	Seed      string `required:"" help:"The revealed seed."`
	Digest    string `help:"The digest published at the commitment; the file must have it." placeholder:"HEX"`
	Size      int    `required:"" help:"Size of the sample."`
	RiskShare int    `name:"risk-share" help:"Percent drawn by risk."`
	EveryUnit bool   `name:"every-unit" help:"At least one item of each unit."`
	Stratum   string `help:"What the sample is spread over: units when empty." enum:",category,closer" default:""`
	Census    bool   `help:"Every item."`
	JSON      bool   `name:"json" help:"Print as JSON."`
}

// Run needs no installation: anyone can check the draw.
func (c *lookbackDrawCmd) Run(e env) error {
	raw, err := app.ReadFile(c.File)
	if err != nil {
		return err
	}
	drawn, err := lookback.Redraw(c.Seed, raw, c.Digest, c.Size, lookback.Options{Census: c.Census, RiskShare: c.RiskShare, EveryUnit: c.EveryUnit, Stratum: c.Stratum})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.out, drawn)
	}
	for _, d := range drawn {
		fmt.Fprintf(e.out, "%s\t%s\n", d.Item, d.Part)
	}
	return nil
}
