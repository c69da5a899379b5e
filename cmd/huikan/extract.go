package main

import (
	"fmt"

	"huikan/internal/app"
	"huikan/internal/directive"
	"huikan/internal/inspection"
)

type extractCmd struct {
	Directive     extractDirectiveCmd     `cmd:"" help:"A meeting report into themes and requirements."`
	Rectification extractRectificationCmd `cmd:"" help:"A published rectification circular into sections, findings and measures."`
}

type extractDirectiveCmd struct {
	File string `arg:"" help:"Text, HTML or Word; - reads standard input." placeholder:"FILE"`
	JSON bool   `name:"json" help:"Print {title, published, themes, warnings}."`
}

// Run prints what the report asks for, each with its paragraph and exact words.
func (c *extractDirectiveCmd) Run(e env) error {
	a, err := app.ReadArticle(c.File, e.in)
	if err != nil {
		return err
	}
	d := directive.Extract(a)
	if c.JSON {
		return printJSON(e.out, d)
	}
	fmt.Fprintln(e.out, d.Title, d.Published)
	for _, t := range d.Themes {
		fmt.Fprintln(e.out, "\n"+t.Title)
		for _, r := range t.Requirements {
			fmt.Fprintf(e.out, "  ¶%d %s\n", r.Paragraph, r.Text)
		}
	}
	for _, w := range d.Warnings {
		fmt.Fprintf(e.err, "%s: %v\n", c.File, w)
	}
	return nil
}

type extractRectificationCmd struct {
	File string `arg:"" help:"Text, HTML or Word; - reads standard input." placeholder:"FILE"`
	JSON bool   `name:"json" help:"Print the circular with dates, statuses and totals as printed."`
}

// Run prints the findings with their stated status; unclear pieces go to stderr.
func (c *extractRectificationCmd) Run(e env) error {
	a, err := app.ReadArticle(c.File, e.in)
	if err != nil {
		return err
	}
	d := inspection.ExtractCircular(a)
	if c.JSON {
		return printJSON(e.out, d)
	}
	fmt.Fprintln(e.out, d.Title)
	for _, s := range d.Sections {
		fmt.Fprintln(e.out, "\n"+s.Title)
		for _, f := range s.Findings {
			fmt.Fprintf(e.out, "  %s %s [%s]\n", f.No, f.Text, f.Status)
		}
	}
	for _, w := range d.Warnings {
		fmt.Fprintf(e.err, "%s: %v\n", c.File, w)
	}
	return nil
}
