package app

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/contact/pair"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

var contactColumns = []string{"report_id", "unit_code", "reporter_level", "contact_date", "contact_name", "case_no", "channel", "text"}

func readContacts(name string) ([]pair.Record, error) {
	t, err := readTable(name, contactColumns...)
	if err != nil {
		return nil, err
	}
	if err := t.ids("report_id"); err != nil {
		return nil, err
	}
	list := make([]pair.Record, len(t.rows))
	for i := range t.rows {
		on, err := clock.ParseDate(strings.TrimSpace(t.get(i, "contact_date")))
		if err != nil {
			return nil, fault.Invalid("error.table_date", name, t.line[i], "contact_date", t.get(i, "contact_date")).With(err)
		}
		list[i] = pair.Record{ID: t.get(i, "report_id"), Region: t.get(i, "unit_code"), Level: t.get(i, "reporter_level"), On: on, Name: t.get(i, "contact_name"),
			Case: t.get(i, "case_no"), Channel: t.get(i, "channel"), Words: t.get(i, "text")}
	}
	return list, nil
}

// LinkContacts finds in a file the records that different people made of one
// contact and writes the pairs; the arithmetic is that of the contact room.
func LinkContacts(in, out string) (records, pairs, groups int, err error) {
	list, err := readContacts(in)
	if err != nil {
		return 0, 0, 0, err
	}
	got := pair.Match(list, pair.Options{})
	err = writeTable(out, []string{"left_id", "right_id", "probability"}, func(write func(...string)) {
		for _, p := range got.Pairs {
			write(list[p.Left].ID, list[p.Right].ID, strconv.FormatFloat(p.Probability, 'f', 4, 64))
		}
	})
	return len(list), len(got.Pairs), len(got.Groups), err
}

// ExplainContacts prints, for the pairs among the records named, what speaks
// for and against one contact.
func ExplainContacts(in string, ids []string, w io.Writer) error {
	list, err := readContacts(in)
	if err != nil {
		return err
	}
	for _, p := range pair.Match(list, pair.Options{Least: 1e-9}).Pairs {
		if !slices.Contains(ids, list[p.Left].ID) || !slices.Contains(ids, list[p.Right].ID) {
			continue
		}
		fmt.Fprintf(w, "%s %s %.4f\n  %-8s %-10s %+6.2f\n", list[p.Left].ID, list[p.Right].ID, p.Probability, "prior", "", p.Prior)
		for _, l := range p.Lines {
			fmt.Fprintf(w, "  %-8s %-10s %+6.2f\n", l.Fact, l.Level, l.Bits)
		}
	}
	return nil
}
