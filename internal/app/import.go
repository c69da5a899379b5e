package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"huikan/internal/contact"
	"huikan/internal/inspection"
	"huikan/internal/kernel/id"
	"huikan/internal/org/intake"
	"huikan/internal/platform/document"
)

// Imported is what an import by command did, or would do in a dry run.
type Imported struct {
	Lines []string `json:"lines"`
	Bad   int      `json:"bad"` // rows that were refused; then nothing was taken
	Data  any      `json:"data"`
}

// Import takes a file into the installation, all of it or nothing: directive,
// rectification (a published circular), units or people.
func (a *App) Import(ctx context.Context, what, file string, dryRun bool) (Imported, error) {
	raw, err := ReadFile(file)
	if err != nil {
		return Imported{}, err
	}
	r, size := bytes.NewReader(raw), int64(len(raw))
	who := System()
	switch what {
	case "units":
		res, err := a.Org.ImportUnits(ctx, who, file, r, size, dryRun)
		return a.table(res, err)
	case "people":
		res, err := a.Person.ImportPeople(ctx, who, file, r, size, dryRun)
		return a.table(res, err)
	}
	art, err := document.Article(file, r, size)
	if err != nil {
		return Imported{}, fileError(file, err)
	}
	if what == "directive" {
		res, err := a.Directive.Import(ctx, who, art, dryRun)
		if err != nil {
			return Imported{}, fileError(file, err)
		}
		out := Imported{Data: res}
		for _, t := range res.Draft.Themes {
			out.Lines = append(out.Lines, fmt.Sprintf("%s: %d", t.Title, len(t.Requirements)))
		}
		return out, nil
	}
	res, err := a.Inspection.ImportCircular(ctx, who, art, inspection.ImportOptions{Name: file, DryRun: dryRun})
	if err != nil {
		return Imported{}, fileError(file, err)
	}
	out := Imported{Data: res, Lines: []string{res.UnitName}}
	for _, f := range res.Findings {
		out.Lines = append(out.Lines, fmt.Sprintf("%s %s [%s]", f.No, f.Title, f.Stated.Status))
	}
	return out, nil
}

// ImportReturns takes the returns of earlier periods over, for a stated reason.
func (a *App) ImportReturns(ctx context.Context, reason string, c TableImport) (Imported, error) {
	raw, err := ReadFile(c.File)
	if err != nil {
		return Imported{}, err
	}
	res, err := a.Contact.ImportReturns(ctx, System(), reason, filepath.Base(c.File), bytes.NewReader(raw), int64(len(raw)), c.DryRun)
	if err != nil {
		return Imported{}, err
	}
	out, err := a.table(res, nil)
	if err != nil {
		return out, err
	}
	if res.Applied {
		list, _, err := a.Contact.Takeovers(ctx, System())
		if err != nil {
			return out, err
		}
		if i := slices.IndexFunc(list, func(t contact.Takeover) bool { return t.By == "" && t.File == filepath.Base(c.File) }); i >= 0 { // the newest by command
			out.Lines = append(out.Lines, "takeover: "+string(list[i].ID)+" (huikan import returns --withdraw takes it back)")
		}
	}
	return out, c.report(out.Bad > 0, func(w io.Writer) error { return res.Annotated(w, a.say(c)) })
}

// WithdrawReturns takes back a table of returns that was taken over by mistake.
func (a *App) WithdrawReturns(ctx context.Context, takeover, reason string) (Imported, error) {
	n, err := id.Parse(takeover)
	if err != nil {
		return Imported{}, err
	}
	t, err := a.Contact.WithdrawTakeover(ctx, System(), n, contact.WithdrawCmd{Reason: reason})
	if err != nil {
		return Imported{}, err
	}
	return Imported{Data: t, Lines: []string{fmt.Sprintf("%s: %d returns of %d people withdrawn", t.File, t.Returns, t.People)}}, nil
}

// table tells what became of the rows of a register.
func (a *App) table(res *intake.Result, err error) (Imported, error) {
	if err != nil {
		return Imported{}, err
	}
	tr := a.Web.UI.Words().In("zh")
	out := Imported{Data: res, Bad: res.BadRows()}
	out.Lines = append(out.Lines, fmt.Sprintf("%s: %d rows, %d added, %d changed, %d there already, %d refused", res.File, res.Total, res.Added, res.Changed, res.Same, out.Bad))
	out.Lines = append(out.Lines, res.Lines(func(key string, args ...any) string { return tr(key, args...) })...)
	return out, nil
}
