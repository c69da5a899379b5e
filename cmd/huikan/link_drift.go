package main

import "huikan/internal/app"

type linkDriftCmd struct {
	Staff     string  `required:"" help:"Register of staff." placeholder:"FILE.csv"`
	Relatives string  `required:"" help:"Register of declared relatives." placeholder:"FILE.csv"`
	Lawyers   string  `required:"" help:"Register of lawyers." placeholder:"FILE.csv"`
	Model     string  `required:"" help:"The model in use, as --save-model kept it." placeholder:"FILE"`
	SaveModel string  `help:"Keep what these registers teach." placeholder:"FILE"`
	AtLeast   float64 `help:"List weights that moved by so many bits." default:"1"`
	Most      float64 `help:"Percent of the pairs whose verdict may change before the exit status is 1." default:"5"`
	Report    string  `help:"Write the problems of the tables, row by row." placeholder:"FILE.csv"`
	JSON      bool    `help:"Print JSON."`
}

// Run prints field, words, bits of the old and the new model and their difference, and how many verdicts change.
func (c *linkDriftCmd) Run(e env) error {
	lc := app.LinkConfig{Staff: c.Staff, Relatives: c.Relatives, Lawyers: c.Lawyers, Model: c.Model, SaveModel: c.SaveModel, Report: c.Report, Lang: e.lang}
	return app.LinkDrift(e.ctx, app.DriftConfig{LinkConfig: lc, AtLeast: c.AtLeast, Most: c.Most / 100, JSON: c.JSON}, e.out, e.err)
}
