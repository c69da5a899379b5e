package lookback

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
	"huikan/internal/rectification"
)

// filled is a form as it was handed in and refused, so that nothing is lost.
type filled struct {
	form   string
	judge  JudgeCmd
	test   TestCmd
	reason string
	err    error
}

type samplePage struct {
	S        Sample
	Chip     ui.Chip
	Lanes    ui.Lanes
	Facts    []ui.Fact
	Compare  ui.Compare
	Verdict  string // of the newest verdict, before it is in force, for those who work on it
	Forms    []ui.Form
	Conflict *ui.Conflict
	Trail    ui.Trail
	NewFind  string
	Tests    ui.Table
	Test     *ui.Form
	Then     ui.Table
	Steps    []string
}

// sampleFacts is what the page of a sampled item is made of.
type sampleFacts struct {
	x        Sample
	item     rectification.Item
	l        Lookback
	entries  []Entry
	evidence []Evidence
	closings []rectification.Closing
	measures []rectification.Measure
	old      []rectification.Evidence
	teams    []inspection.Team
	steps    []string
	claims   []rectification.Claim
	tests    []Test
	then     []Consequence
	names    map[id.ID]string
}

func (s *Service) gather(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (f sampleFacts, err error) {
	if f.x, err = s.loadSample(ctx, q, who, n); err != nil {
		return f, err
	}
	for _, read := range []func() error{
		func() (err error) { f.item, err = rectification.ItemByID(ctx, q, f.x.Item); return err },
		func() (err error) { f.l, err = ByID(ctx, q, f.x.Lookback); return err },
		func() (err error) { f.entries, err = entriesOf(ctx, q, n); return err },
		func() (err error) { f.evidence, err = evidenceOf(ctx, q, n); return err },
		func() (err error) { f.closings, err = rectification.Closings(ctx, q, f.x.Item); return err },
		func() (err error) { f.measures, err = rectification.Measures(ctx, q, f.x.Item); return err },
		func() (err error) { f.old, err = rectification.EvidenceOf(ctx, q, f.x.Item); return err },
		func() (err error) { f.claims, err = rectification.Claims(ctx, q, f.x.Item); return err },
		func() (err error) { f.tests, err = Tests(ctx, q, n); return err },
		func() (err error) { f.then, err = ConsequencesOf(ctx, q, n); return err },
		func() (err error) { f.teams, err = s.Teams(ctx, q, f.l.Round); return err },
		func() (err error) { f.steps, err = s.Steps(ctx, q, who, f.x); return err },
	} {
		if err := read(); err != nil {
			return f, err
		}
	}
	ids := []id.ID{f.x.Closer, f.item.Rectifier}
	for _, e := range f.entries {
		ids = append(ids, e.Person)
	}
	for _, e := range f.evidence {
		ids = append(ids, e.Person)
	}
	f.names, err = s.names(ctx, q, ids...)
	return f, err
}

func (s *Service) samplePage(r *web.Request, n id.ID, in filled) (web.Response, error) {
	var f sampleFacts
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { f, err = s.gather(r.Context(), q, r.Actor, n); return err }); err != nil {
		return nil, err
	}
	if s.outsider(r.Actor, f.x) {
		f = outside(f)
	}
	p := samplePage{S: f.x, Chip: sampleChip(r, f.x.State), Steps: f.steps, Lanes: s.lanes(r, f), Facts: s.sampleFactList(r, f), Compare: s.compare(r, f), Forms: s.sampleForms(r, f, in), Trail: s.sampleTrail(r, f)}
	if !s.outsider(r.Actor, f.x) {
		p.Tests, p.Test, p.Then = testTable(r, f), testForm(r, f, in), consequenceTable(r, f)
		p.Forms = append(p.Forms, s.consequenceForms(r, f, in)...)
	}
	if f.x.Visit != "" && slices.Contains(f.steps, "sample.evidence") {
		p.NewFind = "/findings/new?visit=" + string(f.x.Visit) + "&origin=lookback"
		if f.item.Kind != rectification.SelfReport { // it has no finding that could come back
			p.NewFind += "&recurs=" + string(f.x.Finding)
		}
	}
	if fault.Is(in.err, fault.KindConflict) {
		p.Conflict = s.conflict(r, f, in)
	}
	return web.Page{Name: "lookback/item", Err: in.err, Data: p, API: sampleAPI{f.x, f.entries, f.evidence, f.steps, f.tests}, Mark: true,
		Crumbs: crumbs(r, ui.Crumb{Label: f.l.Name, Href: s.upward(r, f.l)}, ui.Crumb{Label: f.x.No})}, nil
}

type sampleAPI struct {
	Sample
	Entries  []Entry    `json:"entries"`
	Evidence []Evidence `json:"evidence"`
	Steps    []string   `json:"steps"`
	Tests    []Test     `json:"tests,omitempty"`
}

func (s *Service) upward(r *web.Request, l Lookback) string {
	if r.Can("lookback.read") {
		return address(l, "")
	}
	return "/lookback?view=items"
}

// outsider tells whether the reader sees the item only because it is about his unit.
func (s *Service) outsider(who actor.Actor, x Sample) bool {
	o := s.sampleObject(x)
	o.State = Open // what only those see who work on it
	return s.policy.Can(who, "sample.read", o) != nil
}

// outside leaves out what an inspected unit does not get: who was asked and what
// he said, and verdicts that are no longer or not yet in force.
func outside(f sampleFacts) sampleFacts {
	f.tests, f.then = nil, nil
	f.evidence = slices.DeleteFunc(f.evidence, func(e Evidence) bool { return e.Kind == EvidenceNote })
	f.entries = slices.DeleteFunc(f.entries, func(e Entry) bool {
		return e.ID != f.x.Entry && e.Do != "object" && e.Do != "confirm" && e.Do != "review"
	})
	return f
}

func (s *Service) lanes(r *web.Request, f sampleFacts) ui.Lanes {
	inForce := ""
	if Known(f.x.State) {
		inForce = f.x.Verdict
	}
	out := ui.Lanes{Items: []ui.Lane{{Label: r.T("sample.lane.state"), Chip: sampleChip(r, f.x.State)},
		{Label: r.T("sample.lane.claimed"), Chip: ui.Chip{Class: "run", Word: r.T("sample.claimed." + orNone(f.x.Claimed))}, Note: f.item.ClaimedWord},
		{Label: r.T("sample.lane.verified"), Chip: verdictChip(r, inForce)}}}
	if inForce != "" && f.x.Effect != "" {
		class := map[string]string{EffectClear: "ok", EffectSome: "run", EffectLittle: "wait", EffectNone: "late"}[f.x.Effect]
		out.Items = append(out.Items, ui.Lane{Label: r.T("sample.lane.effect"), Chip: ui.Chip{Class: class, Word: r.T("sample.effect." + f.x.Effect)}})
	}
	if f.x.Reopening != "" && inForce != "" {
		class := map[string]string{Proposed: "wait", Reopened: "late", Kept: "off"}[f.x.Reopening]
		out.Items = append(out.Items, ui.Lane{Label: r.T("sample.lane.reopening"), Chip: ui.Chip{Class: class, Word: r.T("reopening.state." + f.x.Reopening)}})
	}
	return out
}

func (s *Service) sampleFactList(r *web.Request, f sampleFacts) []ui.Fact {
	team := r.T("sample.unassigned")
	for _, t := range f.teams {
		if t.ID == f.x.Team {
			team = t.Name
		}
	}
	part := ui.Fact{Label: r.T("sample.part"), Text: r.T("sample.part." + f.x.Part)}
	for _, k := range f.x.Factors {
		part.Chips = append(part.Chips, ui.Chip{Class: "wait", Word: r.T("sample.factor." + k)})
	}
	return []ui.Fact{{Label: r.T("sample.problem"), Text: f.item.Problem, Verbatim: true, Wide: true},
		{Label: r.T("word.unit"), Text: s.Units.Name(f.x.Unit)}, {Label: r.T("word.no"), Text: f.x.No, Href: "/items/" + string(f.x.Item)},
		{Label: r.T("sample.category"), Text: r.T("sample.category." + orNone(f.x.Category))}, {Label: r.T("sample.severity"), Text: r.T("sample.severity." + orNone(f.x.Severity))},
		{Label: r.T("sample.scope"), Text: r.T("sample.scope." + orNone(f.x.Scope))}, {Label: r.T("sample.team"), Text: team}, part,
		{Label: r.T("sample.closed_on"), Text: string(f.x.ClosedOn), Sub: f.names[f.x.Closer]}}
}

// compare puts what the unit claimed beside what the team found.
func (s *Service) compare(r *web.Request, f sampleFacts) ui.Compare {
	left := ui.Side{Title: r.T("sample.old"), Note: r.T("sample.old.note")}
	for _, c := range slices.Backward(f.closings) {
		left.Facts = append(left.Facts, ui.Fact{Label: r.T("sample.statement", c.No), Text: c.Statement, Wide: true})
	}
	for _, m := range f.measures {
		left.Facts = append(left.Facts, ui.Fact{Label: r.T("sample.measure"), Text: m.Text, Wide: true})
	}
	for _, e := range rectification.InForce(f.old) {
		v := ui.Preview{Name: e.Name, Kind: ui.PreviewNone, Open: "/evidence/" + string(e.ID), Meta: r.Moment(e.At) + " · " + e.Hash[:min(12, len(e.Hash))]}
		if strings.HasPrefix(e.Mime, "image/") {
			v.Kind, v.Src = ui.PreviewImage, v.Open+"/file?inline=1"
		}
		left.Files = append(left.Files, v)
	}
	right := ui.Side{Title: r.T("sample.new"), Note: r.T("sample.new.note")}
	if last, ok := Last(f.entries); ok {
		right.Facts = append(right.Facts, ui.Fact{Label: r.T("sample.verdict"), Chips: []ui.Chip{verdictChip(r, last.Verdict)}},
			ui.Fact{Label: r.T("sample.methods"), Text: s.methods(r, last.Methods)}, ui.Fact{Label: r.T("word.reason"), Text: last.Reason, Wide: true})
	}
	for _, e := range f.evidence {
		meta := r.Moment(e.At) + " · " + f.names[e.Person]
		if e.Kind == EvidenceNote {
			right.Facts = append(right.Facts, ui.Fact{Label: r.T("sample.note_of", e.Asked), Text: e.Text, Sub: meta, Wide: true})
			continue
		}
		open := "/lookback/items/" + string(e.Sample) + "/files/" + string(e.ID)
		v := ui.Preview{Name: e.Name, Kind: ui.PreviewNone, Open: open, Meta: meta + " · " + e.Hash[:min(12, len(e.Hash))]}
		if strings.HasPrefix(e.Mime, "image/") {
			v.Kind, v.Src = ui.PreviewImage, open
		}
		right.Files = append(right.Files, v)
	}
	return ui.Compare{Left: left, Right: right}
}

func (s *Service) methods(r *web.Request, list []string) string {
	out := make([]string, len(list))
	for i, m := range list {
		out[i] = r.T("sample.method." + m)
	}
	return strings.Join(out, "、")
}

func (s *Service) sampleTrail(r *web.Request, f sampleFacts) ui.Trail {
	var t ui.Trail
	for _, e := range slices.Backward(f.entries) {
		what := r.T("sample.did." + e.Do)
		if e.Verdict != "" {
			what += " · " + r.T("sample.verdict."+e.Verdict)
		}
		if e.Effect != "" {
			what += " · " + r.T("sample.effect."+e.Effect)
		}
		text := e.Reason
		if len(e.Methods) > 0 {
			text = s.methods(r, e.Methods) + "\n" + text
		}
		for _, old := range f.entries {
			if e.Do == "correct" && old.ID == e.Names {
				text += "\n" + r.T("sample.replaces", r.Moment(old.At), r.T("sample.verdict."+old.Verdict))
			}
		}
		t.Entries = append(t.Entries, ui.Entry{At: r.Moment(e.At), Who: f.names[e.Person], What: what, Text: text})
	}
	return t
}

// conflict shows both versions of a verdict when somebody else was first.
func (s *Service) conflict(r *web.Request, f sampleFacts, in filled) *ui.Conflict {
	c := &ui.Conflict{Reload: ui.Link{Label: r.T("act.reload"), Href: "/lookback/items/" + string(f.x.ID)}, At: r.Moment(f.x.Changed)}
	var last Entry
	if len(f.entries) > 0 {
		last = f.entries[len(f.entries)-1]
		c.Who, c.At = f.names[last.Person], r.Moment(last.At)
	}
	word := func(v string) string {
		if v == "" {
			return ""
		}
		return r.T("sample.verdict." + v)
	}
	reason := in.judge.Reason
	if reason == "" {
		reason = in.reason
	}
	c.Lines = []ui.DiffLine{{Label: r.T("sample.verdict"), Yours: word(in.judge.Verdict), Theirs: word(last.Verdict), ChangedYours: in.judge.Verdict != "", ChangedOther: last.Verdict != ""},
		{Label: r.T("word.reason"), Yours: reason, Theirs: last.Reason, ChangedYours: reason != "", ChangedOther: last.Reason != ""},
		{Label: r.T("word.status"), Theirs: r.T("sample.state." + f.x.State), ChangedOther: true}}
	return c
}

// sampleForms are the steps that the reader may take now, from the workflow tables.
func (s *Service) sampleForms(r *web.Request, f sampleFacts, in filled) []ui.Form {
	var out []ui.Form
	for _, action := range f.steps {
		_, do, _ := strings.Cut(action, ".")
		form := ui.Form{ID: do, Action: "/lookback/items/" + string(f.x.ID) + "/" + do, Rev: strconv.FormatInt(f.x.Rev, 10),
			Buttons: []ui.Button{{Label: r.T("sample.do." + do), Kind: "primary"}}}
		p, cmd, reason := map[string]string{}, JudgeCmd{}, ""
		if in.form == do {
			p, cmd, reason = r.Problems(in.err), in.judge, in.reason
		}
		switch do {
		case "judge", "correct", "review":
			form.Multipart = true
			form.Sets = s.verdictFields(r, cmd, p)
			if last, ok := Last(f.entries); ok && do == "correct" {
				form.Hidden = []ui.Pair{{Name: "names", Value: string(last.ID)}}
			}
		case "evidence":
			form.Multipart, form.Buttons[0].Kind = true, ""
			form.Sets = []ui.Fieldset{{Legend: r.T("sample.set.evidence"), Fields: noteFields(r, cmd, p)}}
		case "assign":
			options := []ui.Option{{Label: r.T("form.choose")}}
			for _, t := range f.teams {
				options = append(options, ui.Option{Value: string(t.ID), Label: t.Name})
			}
			form.Sets = []ui.Fieldset{{Legend: r.T("sample.set.assign"), Fields: []ui.Field{{Name: "team", Label: r.T("sample.team"), Kind: ui.FieldSelect, Options: options, Value: string(f.x.Team), Error: p["team"]}}}}
		case "confirm":
			form.Note = r.T("sample.confirm.note")
		default:
			form.Sets = []ui.Fieldset{{Fields: []ui.Field{{Name: "reason", Label: r.T("sample.reason." + do), Kind: ui.FieldArea, Rows: 3, MaxLen: maxReason, Value: reason, Wide: true, Error: p["reason"]}}}}
			if do == "return" || do == "keep" {
				form.Buttons[0].Kind = ""
			}
		}
		out = append(out, form)
	}
	return out
}

func (s *Service) verdictFields(r *web.Request, cmd JudgeCmd, p map[string]string) []ui.Fieldset {
	var verdicts, methods, effects []ui.Option
	for _, e := range Effects() {
		effects = append(effects, ui.Option{Value: e, Label: r.T("sample.effect." + e)})
	}
	for _, v := range rectification.Verdicts() {
		verdicts = append(verdicts, ui.Option{Value: v, Label: r.T("sample.verdict." + v)})
	}
	for _, m := range Methods() {
		methods = append(methods, ui.Option{Value: m, Label: r.T("sample.method." + m)})
	}
	return []ui.Fieldset{{Legend: r.T("sample.set.verdict"), Fields: []ui.Field{
		{Name: "verdict", Label: r.T("sample.verdict"), Kind: ui.FieldRadio, Value: cmd.Verdict, Options: verdicts, Wide: true, Error: p["verdict"]},
		{Name: "effect", Label: r.T("sample.effect"), Kind: ui.FieldRadio, Value: cmd.Effect, Options: effects, Optional: true, Wide: true, Hint: r.T("sample.effect.hint"), Error: p["effect"]},
		{Name: "methods", Label: r.T("sample.methods"), Kind: ui.FieldChecks, Values: cmd.Methods, Options: methods, Wide: true, Error: p["methods"]},
		{Name: "since", Label: r.T("sample.since"), Kind: ui.FieldDate, Value: string(cmd.Since), Optional: true, Hint: r.T("sample.since.hint"), Error: p["since"]},
		{Name: "reason", Label: r.T("sample.reason"), Kind: ui.FieldArea, Rows: 4, Value: cmd.Reason, MaxLen: maxReason, Wide: true, Error: p["reason"] + p["names"]}}},
		{Legend: r.T("sample.set.evidence"), Hint: r.T("sample.set.evidence.hint"), Fields: noteFields(r, cmd, p)}}
}

func noteFields(r *web.Request, cmd JudgeCmd, p map[string]string) []ui.Field {
	return []ui.Field{
		{Name: "files", Label: r.T("sample.files"), Kind: ui.FieldFile, Multiple: true, Optional: true, Capture: true, Wide: true, Error: p["files"]},
		{Name: "asked", Label: r.T("sample.asked"), Value: cmd.Asked, Optional: true, MaxLen: maxName, Hint: r.T("sample.asked.hint"), Error: p["asked"]},
		{Name: "note", Label: r.T("sample.note"), Kind: ui.FieldArea, Rows: 3, Value: cmd.Note, Optional: true, Wide: true, Error: p["note"]}}
}

// againSample shows an item's page with the refusal of one of its forms.
func (s *Service) againSample(r *web.Request, n id.ID, in filled) (web.Response, error) {
	if fault.Is(in.err, fault.KindInvalid) || fault.Is(in.err, fault.KindState) || fault.Is(in.err, fault.KindConflict) {
		return s.samplePage(r, n, in)
	}
	return nil, in.err
}

// take stores the files of a form. They are only taken from who may act on the
// item; a refusal by the command leaves content that no record names.
func (s *Service) take(r *web.Request, n id.ID, do string) ([]vault.Stored, error) {
	err := s.log.DB().Read(r.Context(), func(q db.Q) error {
		x, err := s.loadSample(r.Context(), q, r.Actor, n)
		if err != nil {
			return err
		}
		if err := s.free(r.Context(), q, x.Item, r.Actor.Person); err != nil {
			return err
		}
		if s.policy.Can(r.Actor, "sample."+do, s.sampleObject(x)) != nil && !s.policy.Ever(r.Actor, "sample."+do) {
			return fault.Denied("sample", "sample."+do+": no role")
		}
		return nil
	})
	if err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return nil, err
	}
	ups, err := r.Files("files", maxFiles)
	if err != nil {
		return nil, err
	}
	var out []vault.Stored
	for _, u := range ups {
		if err == nil {
			var f vault.Stored
			f, err = s.Files.Put(r.Context(), u.Name, u, u.Size)
			out = append(out, f)
		}
		err = errors.Join(err, u.Close())
	}
	return out, err
}

func (s *Service) postJudge(do string, fn func(context.Context, actor.Actor, id.ID, JudgeCmd, []vault.Stored) error) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var cmd JudgeCmd
		err = r.Decode(&cmd)
		var stored []vault.Stored
		if err == nil {
			stored, err = s.take(r, n, do)
		}
		if err == nil {
			err = fn(r.Context(), r.Actor, n, cmd, stored)
		}
		if err != nil {
			return s.againSample(r, n, filled{form: do, judge: cmd, err: err})
		}
		return web.Redirect{To: "/lookback/items/" + string(n), Done: "done.sample." + do}, nil
	}
}

func (s *Service) postAct(do string, fn func(context.Context, actor.Actor, id.ID, ReasonCmd) error) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var cmd ReasonCmd
		if err = r.Decode(&cmd); err == nil {
			err = fn(r.Context(), r.Actor, n, cmd)
		}
		if err != nil {
			return s.againSample(r, n, filled{form: do, reason: cmd.Reason, err: err})
		}
		return web.Redirect{To: "/lookback/items/" + string(n), Done: "done.sample." + do}, nil
	}
}

func (s *Service) postConfirm(r *web.Request) (web.Response, error) {
	return s.postAct("confirm", func(ctx context.Context, who actor.Actor, n id.ID, cmd ReasonCmd) error {
		return s.Confirm(ctx, who, n, cmd.Rev)
	})(r)
}

func (s *Service) postAssign(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var cmd AssignCmd
	if err = r.Decode(&cmd); err == nil {
		err = s.Assign(r.Context(), r.Actor, n, cmd)
	}
	if err != nil {
		return s.againSample(r, n, filled{form: "assign", err: err})
	}
	return web.Redirect{To: "/lookback/items/" + string(n), Done: "done.sample.assign"}, nil
}

// getFile gives a piece of new evidence to who may read the item, judged anew
// each time. Notes and files of the team stay with those who work on it; the
// inspected unit gets the files on which a verdict in force rests.
func (s *Service) getFile(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	file, err := r.ID("file")
	if err != nil {
		return nil, err
	}
	var e Evidence
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		x, err := s.loadSample(r.Context(), q, r.Actor, n)
		if err != nil {
			return err
		}
		if e, err = evidenceByID(r.Context(), q, file); err != nil {
			return err
		}
		if e.Sample != x.ID || e.Kind != EvidenceFile {
			return fault.NotFound("evidence")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := s.log.Note(r.Context(), r.Actor, "sample.open_file", map[string]any{"sample": n, "evidence": file, "hash": e.Hash}); err != nil {
		return nil, err
	}
	body, err := s.Files.Open(e.Hash)
	if err != nil {
		return nil, err
	}
	return web.File{Name: e.Name, Type: e.Mime, Body: body, Size: e.Size, Inline: strings.HasPrefix(e.Mime, "image/") || e.Mime == "application/pdf"}, nil
}
