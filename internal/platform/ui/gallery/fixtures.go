package gallery

import (
	"fmt"
	"net/url"

	"huikan/internal/platform/ui"
)

// fixture builds the components of one language and kind.
type fixture struct {
	t    func(string, ...any) string
	s    sample
	kind string
}

type (
	listData struct {
		Table   ui.Table
		Actions []ui.Button
	}
	recordData struct {
		Name    string
		Actions []ui.Button
		Steps   ui.Steps
		Lanes   ui.Lanes
		Tabs    ui.Tabs
		Facts   ui.Facts
		Bars    ui.Bars
		Trail   ui.Trail
		Compare ui.Compare
	}
	formData struct {
		Form    ui.Form
		Upload  ui.Upload
		Confirm ui.Confirm
	}
	conflictData struct{ Conflict ui.Conflict }
	homeData     struct {
		Stats  ui.Stats
		Charts []picture
		Empty  ui.EmptyState
	}
	signInData   struct{ Form ui.Form }
	fragmentData struct{ Drawer ui.Drawer }
)

func (f fixture) empty() bool { return f.kind == "empty" }

func (f fixture) actions() []ui.Button {
	if f.empty() {
		return nil
	}
	return []ui.Button{
		{Label: f.t("act.import"), Href: "/import"}, {Label: f.t("act.return"), Key: "r", Confirm: f.t("ui.check_first"), Kind: "danger"},
		{Label: f.t("act.edit"), Href: "/form", Kind: "primary", Key: "e"},
	}
}

func (f fixture) table() ui.Table {
	table := ui.Table{
		Caption: f.t("menu.ledger"), Base: "/list",
		Columns: []ui.Column{
			{Key: "no", Label: f.t("word.no"), Sortable: true, Nowrap: f.kind != "worst"}, {Key: "title", Label: f.t("word.title")},
			{Key: "unit", Label: f.t("word.unit")}, {Key: "due", Label: f.t("word.due"), Sortable: true, Sort: "asc", Nowrap: true},
			{Key: "done", Label: f.t("word.share"), Num: true, Hint: f.t("word.note")}, {Key: "status", Label: f.t("word.status")},
		},
		Filters: []ui.Field{
			{Name: "q", Label: f.t("ui.search"), Wide: true},
			{Name: "status", Label: f.t("word.status"), Kind: ui.FieldSelect, Options: []ui.Option{{Label: f.t("word.all")}, {Value: "run", Label: f.s.statuses[1]}}, Value: "run"},
			{Name: "from", Label: f.t("word.date"), Kind: ui.FieldDate},
		},
	}
	if f.empty() {
		table.Empty = ui.EmptyState{Text: f.t("empty.filter"), Next: ui.Link{Label: f.t("table.clear"), Href: "/list"}}
		return table
	}
	table.Params = url.Values{"status": {"run"}, "sort": {"due"}, "after": {"x"}, "cols": {"no", "title"}}
	table.Active = []ui.ActiveFilter{{Key: "status", Value: "run", Label: f.t("word.status") + "：" + f.s.statuses[1]}}
	table.Hidden = &ui.HiddenRows{Text: f.s.statuses[0] + " 312", Show: ui.Link{Label: f.t("act.show"), Href: "/list?closed=1"}}
	table.Views = []ui.Tab{{Label: f.t("word.all"), Href: "/list?view=all", Count: 200118}, {Label: f.t("lamp.soon"), Href: "/list?view=soon", Count: 31, Current: true}, {Label: f.t("menu.review"), Href: "/list?view=review", ShowCount: true}}
	table.Bulk = &ui.Bulk{Action: "/bulk", AllMatching: 200118, Buttons: []ui.Button{{Name: "a", Value: "urge", Label: f.t("act.urge"), Confirm: f.t("ui.check_first")}, {Name: "a", Value: "out", Label: f.t("act.export")}}}
	table.Pager = &ui.Pager{Prev: "/list?before=a", Next: "/list?after=b", Count: 10000, Capped: true, PerPage: 20}
	table.Choices = []ui.ColumnChoice{{Key: "no", Label: f.t("word.no"), Shown: true}, {Key: "kind", Label: f.t("word.kind")}}
	table.Exports = []ui.Link{{Label: f.t("table.export_xlsx"), Href: "/list.xlsx"}}
	for i := range 20 {
		due := fmt.Sprintf("2026-%02d-%02d", 10+i%3, 1+i)
		table.Rows = append(table.Rows, ui.Row{ID: fmt.Sprint(i), Href: "/record", Cells: []ui.Cell{
			{Text: fmt.Sprintf("%s%d", f.s.no, i)}, {Text: f.s.title, Clamp: true}, {Text: f.s.unit, Sub: f.s.person},
			{Text: due, Flag: ui.Due(f.t, due, "2026-11-24")}, {Bar: &ui.Meter{Value: i % 6, Max: 5, Text: fmt.Sprintf("%d/5", i%6)}},
			{Chips: []ui.Chip{{Class: classes[i%6], Word: f.s.statuses[i%6]}}},
		}})
	}
	table.Total = []ui.Cell{{Text: f.t("word.total")}, {}, {}, {}, {Text: "47/100"}, {}}
	return table
}

func (f fixture) facts() ui.Facts {
	if f.empty() {
		return ui.Facts{}
	}
	return ui.Facts{Items: []ui.Fact{
		{Label: f.t("word.title"), Text: f.s.title, Wide: true, Verbatim: true}, {Label: f.t("word.unit"), Text: f.s.unit, Href: "/units/1"},
		{Label: f.t("word.person"), Text: f.s.person, Sub: f.s.role}, {Label: f.t("word.due"), Text: "2026-12-01", Flag: ui.Due(f.t, "2026-12-01", "2026-11-24")},
		{Label: f.t("word.status"), Chips: []ui.Chip{{Class: "run", Word: f.s.statuses[1]}}}, {Label: f.t("word.note")},
	}}
}

func (f fixture) trail() ui.Trail {
	if f.empty() {
		return ui.Trail{}
	}
	trail := ui.Trail{}
	for i := range 11 {
		trail.Entries = append(trail.Entries, ui.Entry{At: fmt.Sprintf("2026-03-%02d 09:12", 20-i), Who: f.s.person, What: f.s.statuses[i%6], Class: classes[i%6]})
	}
	trail.Entries[1].Text, trail.Entries[1].Files = f.s.title, []ui.Link{{Label: f.s.kind + ".pdf", Href: "/file"}}
	trail.Entries[2].Link = ui.Link{Label: f.t("act.see_diff"), Href: "/diff"}
	return trail
}

func (f fixture) record() recordData {
	if f.empty() {
		return recordData{Name: f.s.no}
	}
	states := []string{"done", "done", "done", "now", "todo", "todo"}
	steps := ui.Steps{Label: f.t("menu.rounds")}
	for i, state := range states {
		step := ui.Step{Label: f.s.statuses[i], State: state, Plan: "2026-05-01"}
		if state == "done" {
			step.Real, step.Href = "2026-03-10", "/record"
		}
		steps.Items = append(steps.Items, step)
	}
	bars := ui.Bars{Label: f.t("word.kind")}
	for i, name := range f.s.names {
		bars.Items = append(bars.Items, ui.Bar{Label: name, Value: 60 - 9*i, Href: "/list"})
	}
	side := func(title string) ui.Side {
		return ui.Side{Title: title, Note: "2026-03-10", Facts: []ui.Fact{{Label: f.t("word.who"), Text: f.s.person}}, Files: []ui.Preview{
			{Name: f.s.kind + ".png", Kind: ui.PreviewImage, Src: "/sample.svg", Open: "/file", Meta: "48 KB"},
			{Name: f.s.kind + ".docx", Kind: ui.PreviewText, Text: f.s.title, Open: "/file", Meta: "12 KB"},
			{Name: f.s.kind + ".pdf", Kind: ui.PreviewPage, Src: "/sample.html", Open: "/file"}, {Name: f.s.kind + ".pdf", Kind: ui.PreviewPDF, Src: "/file", Open: "/file"}, {Name: "x.bin", Kind: ui.PreviewNone, Open: "/file"},
		}}
	}
	return recordData{
		Name: f.s.no, Actions: f.actions(), Steps: steps, Facts: f.facts(), Bars: bars, Trail: f.trail(),
		Lanes: ui.Lanes{Items: []ui.Lane{
			{Label: f.t("word.status"), Chip: ui.Chip{Class: "wait", Word: f.s.statuses[2]}, Note: "2026-06-01 " + f.s.person, Flag: ui.Due(f.t, "2026-11-01", "2026-11-24")},
			{Label: f.t("word.unit"), Chip: ui.Chip{Class: "ok", Word: f.s.statuses[0]}}, {Label: f.t("menu.review"), Chip: ui.Chip{Class: "off", Word: f.s.statuses[5]}},
		}},
		Tabs:    ui.Tabs{Label: f.t("word.kind"), Items: []ui.Tab{{Label: f.t("gallery.facts"), Href: "/record", Current: true}, {Label: f.t("word.file"), Href: "/record?tab=file", Count: 4}}},
		Compare: ui.Compare{Left: side(f.t("conflict.base")), Right: side(f.t("conflict.theirs"))},
	}
}

func (f fixture) form() ui.Form {
	form := ui.Form{Action: "/form", Rev: "7", Draft: true, Buttons: []ui.Button{{Label: f.t("act.submit"), Kind: "primary", Confirm: f.t("ui.check_first")}, {Label: f.t("act.save_draft"), Name: "draft", Value: "1"}}, Cancel: ui.Link{Label: f.t("act.back"), Href: "/list"}}
	if f.empty() {
		return form
	}
	options := []ui.Option{{Value: "a", Label: f.s.names[0], Group: f.s.kind}, {Value: "b", Label: f.s.names[1], Group: f.s.kind}, {Value: "c", Label: f.s.names[2], Hint: f.t("word.note")}}
	form.Sets = []ui.Fieldset{
		{Legend: f.t("gallery.facts"), Hint: f.t("fault.invalid.text"), Fields: []ui.Field{
			{Name: "unit", Label: f.t("word.unit"), Kind: ui.FieldPicker, Options: options, Source: "/suggest", Hint: f.t("ui.search_hint")},
			{Name: "kind", Label: f.t("word.kind"), Kind: ui.FieldSelect, Options: options, Value: "b"}, {Name: "due", Label: f.t("word.due"), Kind: ui.FieldDate, Value: "2026-12-01", Optional: true},
			{Name: "n", Label: f.t("word.count"), Kind: ui.FieldNumber, Value: "3"}, {Name: "title", Label: f.t("word.title"), Value: f.s.title, Wide: true, MaxLen: 400},
			{Name: "text", Label: f.t("word.note"), Kind: ui.FieldArea, Wide: true, Optional: true},
			{Name: "nature", Label: f.t("word.kind"), Kind: ui.FieldRadio, Options: options, Value: "a"}, {Name: "tags", Label: f.t("word.person"), Kind: ui.FieldChecks, Options: options, Values: []string{"c"}, Optional: true, Hint: f.t("word.note")},
			{Name: "self", Label: f.t("form.yes"), Kind: ui.FieldCheck, Value: "1"}, {Name: "shown", Label: f.t("word.no"), Kind: ui.FieldStatic, Value: f.s.no}, {Name: "secret", Kind: ui.FieldHidden, Value: "x"},
			{Name: "files", Label: f.t("word.file"), Kind: ui.FieldFile, Multiple: true, Accept: ".pdf,.docx", Optional: true, Wide: true},
		}},
	}
	form.Note = f.t("ui.check_first")
	if f.kind == "worst" {
		form.Problems, form.Sensitive = []string{f.t("fault.state.text")}, true
		for i := range form.Sets[0].Fields {
			form.Sets[0].Fields[i].Error = f.t("field.required", form.Sets[0].Fields[i].Label)
		}
	}
	return form
}

func (f fixture) signIn() ui.Form {
	return ui.Form{Action: "/login", Sensitive: true, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "account", Label: f.t("menu.accounts"), Auto: "username", Wide: true}, {Name: "password", Label: f.t("word.value"), Kind: ui.FieldPassword, Auto: "current-password", Wide: true},
	}}}, Buttons: []ui.Button{{Label: f.t("ui.sign_in"), Kind: "primary"}}}
}

func (f fixture) upload() ui.Upload {
	up := ui.Upload{Field: ui.Field{Name: "evidence", Label: f.t("word.file"), Capture: true}}
	if !f.empty() {
		up.Limit = f.t("field.file_size", "x.pdf", "200 MB")
		up.Files = []ui.StoredFile{{Name: f.s.kind + ".pdf", Href: "/file", Meta: "1.2 MB · 2026-03-10 · " + f.s.person, Hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}, {Name: "b.xlsx"}}
	}
	return up
}

func (f fixture) confirm() ui.Confirm {
	return ui.Confirm{Title: f.t("ui.check_first"), Text: f.t("done.submitted"), Facts: f.facts().Items, Action: "/close", Hidden: []ui.Pair{{Name: "rev", Value: "3"}},
		Button: ui.Button{Label: f.t("act.approve"), Kind: "primary", Key: "a"}, Cancel: ui.Link{Label: f.t("ui.back"), Href: "/record"}}
}

func (f fixture) conflict() ui.Conflict {
	c := ui.Conflict{Who: f.s.person, At: "2026-11-24 10:32", Reload: ui.Link{Label: f.t("act.reload"), Href: "/record"}}
	if !f.empty() {
		form := f.form()
		c.Form = &form
		c.Lines = []ui.DiffLine{{Label: f.t("word.title"), Base: f.s.title, Yours: f.s.title + "1", Theirs: f.s.title + "2", ChangedYours: true, ChangedOther: true}, {Label: f.t("word.due"), Yours: "2026-12-01", Theirs: "2026-12-02", ChangedOther: true}}
	}
	return c
}

func (f fixture) stats() ui.Stats {
	if f.empty() {
		return ui.Stats{Items: []ui.Stat{{Label: f.t("menu.todo"), Value: "—", Note: f.t("word.unknown")}}}
	}
	return ui.Stats{Items: []ui.Stat{
		{Label: f.t("menu.todo"), Value: "7", Href: "/todo", Note: f.t("flag.today")}, {Label: f.t("lamp.late"), Value: "3", Href: "/list", Class: "late"},
		{Label: f.t("menu.coverage"), Value: "92.4%", Href: "/coverage", Define: f.t("word.note")}, {Label: f.t("menu.lookback"), Value: "—", Note: f.t("word.unknown")},
	}}
}
