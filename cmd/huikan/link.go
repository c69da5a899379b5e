package main

import "huikan/internal/app"

type linkCmd struct {
	Registers linkRegistersCmd `cmd:"" help:"Staff and their relatives against the lawyers' register."`
	Tables    linkTablesCmd    `cmd:"" help:"Any two tables of persons, by a map of their columns."`
	Drift     linkDriftCmd     `cmd:"" help:"How far new registers move a model; exit status 1 when too many verdicts change."`
	Contacts  linkContactsCmd  `cmd:"" help:"Records that different people made of one contact."`
}

type linkOut struct {
	Out       string `required:"" help:"File of pairs to write; - is standard output." placeholder:"LINKS.csv"`
	Explain   bool   `help:"Add a column that accounts for each probability."`
	Report    string `help:"Write the problems of the tables, row by row." placeholder:"FILE.csv"`
	Model     string `help:"Use the weights of this file instead of learning." placeholder:"FILE"`
	SaveModel string `help:"Keep the weights that were used." placeholder:"FILE"`
}

func (o linkOut) config(e env) app.LinkConfig {
	return app.LinkConfig{Out: o.Out, Explain: o.Explain, Report: o.Report, Model: o.Model, SaveModel: o.SaveModel, Lang: e.lang}
}

type linkRegistersCmd struct {
	Staff     string `required:"" help:"Register of staff." placeholder:"FILE.csv"`
	Relatives string `required:"" help:"Register of declared relatives." placeholder:"FILE.csv"`
	Lawyers   string `required:"" help:"Register of lawyers." placeholder:"FILE.csv"`
	linkOut
}

// Run writes source, source_id, lawyer_id, probability, band and, if asked for, explanation.
func (c *linkRegistersCmd) Run(e env) error {
	lc := c.config(e)
	lc.Staff, lc.Relatives, lc.Lawyers = c.Staff, c.Relatives, c.Lawyers
	return app.LinkRegisters(e.ctx, lc, e.err)
}

type linkTablesCmd struct {
	Left  string `arg:"" help:"Table of persons to look for." placeholder:"LEFT.csv"`
	Right string `arg:"" help:"Table to look them up in." placeholder:"RIGHT.csv"`
	Map   string `required:"" help:"Which column of each table holds what; see docs/linkage.md." placeholder:"MAP.yaml"`
	linkOut
}

// Run writes left_id, right_id, probability, band and, if asked for, explanation.
func (c *linkTablesCmd) Run(e env) error {
	lc := c.config(e)
	lc.Left, lc.Right, lc.Map = c.Left, c.Right, c.Map
	return app.LinkTables(e.ctx, lc, e.err)
}
