package inspection

import (
	"html/template"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// view models of the room's pages.
type (
	listPage struct {
		Title   string
		Actions []ui.Button
		Upload  *ui.Form
		Table   ui.Table
	}
	formPage struct {
		Title string
		Form  ui.Form
	}
	conflictPage struct{ Conflict ui.Conflict }
	recordPage   struct {
		Title     string
		Lead      []ui.Chip
		Steps     ui.Steps
		Actions   []ui.Button
		Blocks    []block
		ShowTrail bool
		Trail     ui.Trail
	}
	block struct {
		Title, Hint string
		Facts       ui.Facts
		Table       *ui.Table
		Forms       []ui.Form
	}
	coveragePage struct {
		Stats ui.Stats
		Map   template.HTML
		Table ui.Table
	}
	reviewPage struct {
		Title      string
		Form       ui.Form
		Warnings   []reviewWarning
		Paragraphs []reviewParagraph
	}
	reviewWarning   struct{ Kind, Where, Text string }
	reviewParagraph struct {
		Text    string
		Unclear bool
	}
)

var chipOf = map[string]string{
	"finding." + Draft: "off", "finding." + Submitted: "wait", "finding." + Confirmed: "run", "finding." + FedBack: "wait", "finding." + Accepted: "ok",
	"finding." + Objected: "late", "finding." + Upheld: "wait", "finding." + Withdrawn: "off",
	"visit." + VisitPlanned: "off", "visit." + VisitOnSite: "run", "visit." + VisitLeft: "wait", "visit." + VisitFedBack: "ok",
	"round." + RoundClosed: "off", "round." + RoundPrepare: "wait",
	"severity.minor": "off", "severity.general": "run", "severity.serious": "wait", "severity.grave": "late",
}

func stateChip(r *web.Request, kind, state string) ui.Chip {
	class := chipOf[kind+"."+state]
	if class == "" {
		class = "run"
	}
	return ui.Chip{Class: class, Word: r.T(kind + ".state." + state)}
}

func severityChip(r *web.Request, s string) ui.Chip {
	return ui.Chip{Class: chipOf["severity."+s], Word: r.T("finding.severity." + s)}
}

func options(r *web.Request, prefix string, values []string, blank bool) []ui.Option {
	var out []ui.Option
	if blank {
		out = append(out, ui.Option{Label: r.T("form.choose")})
	}
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: r.T(prefix + v)})
	}
	return out
}

// word translates a value that may be empty.
func word(r *web.Request, prefix, v string) string {
	if v == "" {
		return ""
	}
	return r.T(prefix + v)
}

// trail tells the story of a record from the log: what was done, when, by whom
// and for what reason.
func (s *Service) trail(r *web.Request, table string, row id.ID) (ui.Trail, error) {
	entries, err := s.log.Of(r.Context(), table, row)
	if err != nil {
		return ui.Trail{}, err
	}
	out := ui.Trail{}
	var people []id.ID
	who := make([]id.ID, len(entries))
	for i, e := range entries {
		person, notes, err := s.log.Facts(r.Context(), e.ID)
		if err != nil && !fault.Is(err, fault.KindState) {
			return out, err
		}
		who[i] = person
		people = append(people, person)
		at, err := clock.ParseInstant(e.At)
		if err != nil {
			return out, err
		}
		reason, _ := notes["reason"].(string)
		out.Entries = append(out.Entries, ui.Entry{At: at.In(clock.Beijing).Format("2006-01-02 15:04"), What: r.T("log." + e.Action), Text: reason})
	}
	names, err := s.names(r, people...)
	if err != nil {
		return out, err
	}
	for i := range out.Entries {
		out.Entries[i].Who = names[who[i]]
	}
	reverse(out.Entries)
	return out, nil
}

func reverse(es []ui.Entry) {
	for i, j := 0, len(es)-1; i < j; i, j = i+1, j-1 {
		es[i], es[j] = es[j], es[i]
	}
}

// saved finds who last changed a row and when, for the page about a conflict.
func lastEntry(entries []audit.Entry) (audit.Entry, bool) {
	if len(entries) == 0 {
		return audit.Entry{}, false
	}
	return entries[len(entries)-1], true
}

func (p listPage) with(t ui.Table) listPage {
	p.Table = t
	return p
}
