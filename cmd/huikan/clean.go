package main

import (
	"fmt"
	"strings"

	"huikan/internal/app"
)

type cleanCmd struct {
	File string `arg:"" optional:"" default:"-" help:"Text, HTML, Word or web copy; - reads standard input." placeholder:"FILE"`
	JSON bool   `name:"json" help:"Print {title, source, editor, published, body, removed, warnings}."`
}

// Run repairs a web copy and prints its text.
func (c *cleanCmd) Run(e env) error {
	a, err := app.ReadArticle(c.File, e.in)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.out, a)
	}
	for _, line := range []string{a.Title, join("来源：", a.Source), join("责任编辑：", a.Editor), join("发布：", a.Published)} {
		if line != "" {
			fmt.Fprintln(e.out, line)
		}
	}
	fmt.Fprintln(e.out)
	fmt.Fprintln(e.out, strings.Join(a.Body, "\n\n"))
	for _, w := range a.Warnings {
		fmt.Fprintf(e.err, "%s: paragraph %d: %s %s\n", c.File, w.Paragraph, w.Kind, w.Text)
	}
	return nil
}

func join(label, v string) string {
	if v == "" {
		return ""
	}
	return label + v
}
