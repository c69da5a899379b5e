package fieldwork

import (
	"slices"
	"strconv"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// view models of the room's pages.
type (
	listPage struct {
		Title   string
		Hint    string
		Actions []ui.Button
		Stats   ui.Stats
		Table   ui.Table
		Blocks  []block
	}
	formPage struct {
		Title string
		Form  ui.Form
	}
	conflictPage struct{ Conflict ui.Conflict }
	recordPage   struct {
		Title     string
		Lead      []ui.Chip
		Actions   []ui.Button
		Blocks    []block
		ShowTrail bool
		Trail     ui.Trail
	}
	block struct {
		ID, Title, Hint string
		Facts           ui.Facts
		Table           *ui.Table
		Bars            *ui.Bars
		Forms           []ui.Form
		Links           []ui.Button
		Sentences       []shownSentence
	}
	shownSentence struct {
		Text    string
		Heading bool
		Start   bool
		Bare    bool
		Papers  []ui.Link
	}
)

var chipOf = map[string]string{
	"request." + RequestSent: "wait", "request." + RequestReplied: "run", "request." + RequestAccepted: "ok", "request." + RequestReturned: "late", "request." + RequestWithdrawn: "off",
	"immediate." + ImmediateIssued: "wait", "immediate." + ImmediateSigned: "run", "immediate." + ImmediateReported: "wait", "immediate." + ImmediateClosed: "ok",
	"paper." + Draft: "off", "paper." + Submitted: "wait", "paper." + Approved: "ok", "report." + Draft: "off", "report." + Submitted: "wait", "report." + Approved: "ok",
	"clue." + ClueNoted: "wait", "clue." + ClueHanded: "run", "clue." + ClueReceived: "ok",
	"checklist." + ChecklistDraft: "off", "checklist." + ChecklistPublished: "ok", "checklist." + ChecklistRetired: "off",
	"act." + ActAsked: "wait", "act." + ActRecorded: "ok", "act." + ActVoid: "off",
	"plan." + PlanDone: "ok", "plan." + PlanOnSite: "run", "plan." + PlanPlanned: "run", "plan." + PlanLate: "late", "plan." + PlanMissing: "wait",
	"kit." + KitIssued: "run", "kit." + KitReturned: "wait", "kit." + KitSettled: "ok", "kit." + KitLost: "late", "clash." + ClashOpen: "late", "clash." + ClashKept: "ok", "clash." + ClashTook: "ok",
	"secrecy." + Internal: "off", "secrecy." + Secret: "wait", "secrecy." + Confidential: "late",
	"result.good": "ok", "result.problem": "late", "result.not_applicable": "off", "result.unclear": "wait",
}

func chip(r *web.Request, kind, value string) ui.Chip {
	class := chipOf[kind+"."+value]
	if class == "" {
		class = "run"
	}
	key := kind + ".state." + value
	if kind == "secrecy" || kind == "result" {
		key = kind + "." + value
	}
	return ui.Chip{Class: class, Word: r.T(key)}
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

func rev(n int64) string { return strconv.FormatInt(n, 10) }

func crumbs(r *web.Request, pairs ...string) []ui.Crumb {
	out := []ui.Crumb{{Label: r.T("menu.inspection"), Href: "/rounds"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, ui.Crumb{Label: pairs[i], Href: pairs[i+1]})
	}
	out[len(out)-1].Href = ""
	return out
}

// visitCrumbs leads back to the visit's field page.
func (s *Service) visitCrumbs(r *web.Request, sc Scope, title string) []ui.Crumb {
	return crumbs(r, s.Units.Short(sc.Unit), "/visits/"+string(sc.Visit)+"/field", title, "")
}

func labels(r *web.Request, keys ...string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = r.T(k)
	}
	return out
}

// steps are the steps of a flow that the actor may take on a record now.
func (s *Service) steps(r *web.Request, t flow.Table, state string, sc Scope, owner id.ID) []string {
	var out []string
	for _, st := range t.From(state) {
		if s.Policy.Can(r.Actor, t.Name+"."+st.Do, s.object(t.Name, state, sc, owner)) == nil {
			out = append(out, st.Do)
		}
	}
	return out
}

// stepForm takes one step; text says that it has a written part.
func stepForm(r *web.Request, kind, do, base string, n int64, text bool, failed error) ui.Form {
	f := ui.Form{ID: "do-" + do, Action: base + "/" + do, Rev: rev(n), Buttons: []ui.Button{{Label: r.T(kind + ".do." + do), Kind: "primary"}}}
	if do == "return" || do == "void" || do == "withdraw" {
		f.Buttons[0].Kind = ""
	}
	if text {
		fd := ui.Field{Name: "text", Label: r.T(kind + ".text." + do), Kind: ui.FieldArea, Wide: true, MaxLen: maxNote, Rows: 3}
		if failed != nil && r.URL.Path == base+"/"+do {
			fd.Value, fd.Error = r.PostFormValue("text"), r.Problems(failed)["text"]
		}
		f.Sets = []ui.Fieldset{{Fields: []ui.Field{fd}}}
	}
	return f
}

func (s *Service) names(r *web.Request, ids ...id.ID) (out map[id.ID]string, err error) {
	ids = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(ids))), func(x id.ID) bool { return x == "" })
	if len(ids) == 0 {
		return map[id.ID]string{}, nil
	}
	err = s.read(r.Context(), func(q db.Q) error { out, err = person.Names(r.Context(), q, ids...); return err })
	return out, err
}

// trail tells the story of a record from the log.
func (s *Service) trail(r *web.Request, table string, row id.ID) (ui.Trail, error) {
	entries, err := s.Log.Of(r.Context(), table, row)
	if err != nil {
		return ui.Trail{}, err
	}
	var people []id.ID
	who := make([]id.ID, len(entries))
	out := ui.Trail{Entries: make([]ui.Entry, len(entries))}
	for i, e := range entries {
		p, notes, err := s.Log.Facts(r.Context(), e.ID)
		if err != nil && !fault.Is(err, fault.KindState) {
			return out, err
		}
		who[i] = p
		people = append(people, p)
		reason, _ := notes["reason"].(string)
		out.Entries[len(entries)-1-i] = ui.Entry{At: r.Moment(e.At), What: r.T("log." + e.Action), Text: reason}
	}
	names, err := s.names(r, people...)
	for i := range who {
		out.Entries[len(who)-1-i].Who = names[who[i]]
	}
	return out, err
}

// conflict shows what both windows started from and made of it.
func (s *Service) conflict(r *web.Request, table string, row id.ID, lines []ui.DiffLine, form ui.Form, back string, failed error) (web.Response, error) {
	c := ui.Conflict{Lines: lines, Form: &form, Reload: ui.Link{Label: r.T("act.reload"), Href: back}}
	entries, err := s.Log.Of(r.Context(), table, row)
	if err != nil {
		return nil, err
	}
	if n := len(entries); n > 0 {
		p, _, err := s.Log.Facts(r.Context(), entries[n-1].ID)
		if err != nil {
			return nil, err
		}
		names, err := s.names(r, p)
		if err != nil {
			return nil, err
		}
		c.At, c.Who = r.Moment(entries[n-1].At), names[p]
		if c.Who == "" {
			c.Who = r.T("finding.somebody")
		}
	}
	return web.Page{Name: "fieldwork/conflict", Data: conflictPage{c}, Err: failed}, nil
}

// refused tells whether a form is shown again with what is wrong.
func refused(err error) bool {
	return fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) || fault.Is(err, fault.KindConflict) || fault.Is(err, fault.KindLimit)
}

// visitOf loads the visit of the address for a page.
func (s *Service) visitOf(r *web.Request, action string) (v inspection.Visit, x inspection.Round, err error) {
	n, err := r.ID("id")
	if err != nil {
		return v, x, err
	}
	return v, x, s.read(r.Context(), func(q db.Q) error { v, x, err = s.visit(r.Context(), q, r.Actor, n, action); return err })
}

func (s *Service) canVisit(a actor.Actor, action string, v inspection.Visit) bool {
	return s.Policy.Can(a, action, s.object(kindOf(action), v.State, scopeOf(v), "")) == nil
}

// dueChip flags a day that is near or over.
func dueChip(r *web.Request, due, today clock.Date, open bool) []ui.Chip {
	switch {
	case !open || due == "":
		return nil
	case due < today:
		return []ui.Chip{{Class: "late", Word: r.T("due.over")}}
	case due.Sub(today) <= 3:
		return []ui.Chip{{Class: "wait", Word: r.T("due.near")}}
	}
	return nil
}

// files opens the files of a form.
func files(r *web.Request, field string) ([]FileIn, func(), error) {
	ups, err := r.Files(field, maxFiles)
	if err != nil {
		return nil, func() {}, err
	}
	var in []FileIn
	for _, u := range ups {
		in = append(in, FileIn{Name: u.Name, Size: u.Size, R: u.File})
	}
	return in, func() {
		for _, u := range ups {
			_ = u.Close() // it was only read
		}
	}, nil
}

// accepted are the kinds of files that the store takes, for the file dialog.
const accepted = ".docx,.doc,.wps,.xlsx,.xls,.et,.pdf,.png,.jpg,.jpeg,.gif,.webp,.csv,.txt,.html"

func fileFacts(r *web.Request, fs []File) ui.Facts {
	var out ui.Facts
	base := map[string]string{"request": "/field-files/", "paper": "/paper-files/"}
	for _, f := range fs {
		out.Items = append(out.Items, ui.Fact{Label: r.Moment(f.At), Text: f.Name, Href: base[f.Kind] + string(f.ID), Sub: strconv.FormatInt((f.Size+1023)/1024, 10) + " KB · SHA-256 " + f.Hash[:12] + "…", Wide: true})
	}
	return out
}
