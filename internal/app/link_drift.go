package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"text/tabwriter"

	"huikan/internal/kernel/fault"
	"huikan/linkage"
	"huikan/linkage/registers"
)

// DriftConfig says what is held against which model, and how much is too much.
type DriftConfig struct {
	LinkConfig
	AtLeast float64 // bits from which a weight is listed
	Most    float64 // share of the pairs whose verdict may change
	JSON    bool
}

// LinkDrift learns from registers anew and says how far that moves a model; it is
// an error when more verdicts change than allowed.
func LinkDrift(ctx context.Context, c DriftConfig, out, progress io.Writer) error {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	old, err := loadModel(c.Model)
	if err != nil {
		return err
	}
	moved, r, err := registers.Drift(ctx, registers.Files{Staff: c.Staff, Relatives: c.Relatives, Lawyers: c.Lawyers}, old, c.AtLeast, registers.Options{})
	if err != nil {
		return linkError(err)
	}
	if err := linkReport(r.Reports, r.Index, c.LinkConfig, progress); err != nil {
		return err
	}
	if err := c.tell(moved, out); err != nil {
		return err
	}
	if err := saveModel(c.SaveModel, r.Model); err != nil {
		return err
	}
	if moved.Share() > c.Most {
		return fault.State("link.drifted", moved.Bands, moved.Pairs, fmt.Sprintf("%.1f", 100*c.Most))
	}
	return nil
}

func (c DriftConfig) tell(m *registers.Moved, out io.Writer) error {
	if c.JSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(m)
	}
	lang := linkage.Chinese
	if c.Lang == "en" {
		lang = linkage.English
	}
	tw := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, s := range m.Shifts {
		what := linkage.Phrase(lang, s.Field, s.Level)
		if what == "" {
			what = s.Field
		}
		fmt.Fprintf(tw, "%s\t%s\t%+.2f\t%+.2f\t%+.2f\n", s.Field, what, s.Old, s.New, s.New-s.Old)
	}
	fmt.Fprintf(tw, "pairs\t%s → %s\t%d\t%d\t%.1f %%\n", m.Old, m.New, m.Pairs, m.Bands, 100*m.Share())
	return tw.Flush()
}
