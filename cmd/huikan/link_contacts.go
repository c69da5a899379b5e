package main

import (
	"fmt"

	"huikan/internal/app"
)

type linkContactsCmd struct {
	File string   `arg:"" help:"CSV with report_id, unit_code, reporter_level, contact_date, contact_name, case_no, channel, text." placeholder:"CONTACTS"`
	Out  string   `required:"" help:"CSV to write: left_id, right_id, probability." placeholder:"PAIRS"`
	Why  []string `help:"Print what speaks for and against the pairs among these records." placeholder:"ID,ID"`
}

// Run finds the records that different people made of one contact.
func (c *linkContactsCmd) Run(e env) error {
	records, pairs, groups, err := app.LinkContacts(c.File, c.Out)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.err, "%s: %d records, %d contacts told by several people, %d pairs in %s\n", c.File, records, groups, pairs, c.Out)
	if len(c.Why) > 0 {
		return app.ExplainContacts(c.File, c.Why, e.out)
	}
	return nil
}
