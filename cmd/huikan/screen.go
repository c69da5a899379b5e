package main

import (
	"fmt"

	"huikan/internal/app"
	"huikan/internal/kernel/clock"
	"huikan/internal/screening"
)

type screenCmd struct {
	AsOf  string `name:"as-of" help:"The day whose law applies; today when empty." placeholder:"DATE"`
	Rules string `help:"Edition of the rules; the newest of the day when empty." placeholder:"VERSION"`
	JSON  bool   `name:"json" help:"Print as JSON."`
	site
}

type screened struct {
	AsOf  clock.Date        `json:"as_of"`
	Rules string            `json:"rules"`
	Hits  []screening.Found `json:"hits"`
}

// Run links the registers in force and judges each pair; nothing is kept.
func (c *screenCmd) Run(e env) error {
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	cmd := screening.RunCmd{AsOf: clock.Date(c.AsOf), Rules: c.Rules}
	hits, edition, err := a.Screening.Screen(e.ctx, app.System(), cmd)
	if err != nil {
		return err
	}
	if cmd.AsOf == "" {
		cmd.AsOf = clock.Today(a.Clock)
	}
	if c.JSON {
		if hits == nil {
			hits = []screening.Found{}
		}
		return printJSON(e.out, screened{cmd.AsOf, edition.Version, hits})
	}
	for _, h := range hits {
		who := h.Name
		if h.Kin != "" {
			who = h.Kin + " (" + h.Name + ")"
		}
		fmt.Fprintf(e.out, "%s\t%s\t%s\t%.4f\t%s\t%s\t%s\n", who, h.Lawyer, h.Firm, h.Probability, h.Outcome, h.Rule, h.Until)
		for _, v := range h.Verdicts {
			fmt.Fprintf(e.out, "\t%s\t%s\n", v.Rule, v.Sentence.In(e.lang))
		}
	}
	return nil
}
