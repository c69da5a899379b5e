package main

import (
	"fmt"
	"strings"

	"huikan/internal/app"
)

type groupCmd struct {
	Findings groupFindingsCmd `cmd:"" help:"Find the findings of one problem."`
}

type groupFindingsCmd struct {
	File  string `arg:"" help:"CSV with finding_id, unit_code, found_on, text." placeholder:"FINDINGS"`
	Out   string `required:"" help:"CSV to write: finding_id, cluster_id; empty for what stands alone." placeholder:"CLUSTERS"`
	Words string `help:"File that adds concepts to the lexicon: kind name, tab, words." placeholder:"FILE"`
	Top   int    `help:"Print the largest clusters with their telling phrases." default:"0"`
}

// Run groups findings over units and rounds.
func (c *groupFindingsCmd) Run(e env) error {
	g, err := app.GroupFindings(c.File, c.Out, c.Words)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.err, "%s: %d findings, %d clusters, %d alone, in %s\n", c.File, g.Findings, g.Clusters, g.Alone, c.Out)
	for _, l := range g.Labels[:min(c.Top, len(g.Labels))] {
		fmt.Fprintf(e.out, "%s\t%d\t%d\t%s\t%s\n", l.ID, l.Findings, l.Units, strings.Join(l.Subjects, "、"), strings.Join(l.Phrases, "；"))
	}
	return nil
}
