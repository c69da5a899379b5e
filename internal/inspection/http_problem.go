package inspection

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func init() {
	for k, v := range map[string]string{"problem." + ProblemProposed: "wait", "problem." + ProblemConfirmed: "ok", "problem." + ProblemMerged: "off", "problem." + ProblemDismissed: "off",
		"problem." + ProblemRetired: "off", "sweep." + SweepOpen: "run", "sweep." + SweepClosed: "off", "selfcheck." + CheckSent: "wait", "selfcheck." + CheckClear: "ok",
		"selfcheck." + CheckReported: "late", "selfcheck." + CheckRectified: "ok"} {
		chipOf[k] = v
	}
}

func (s *Service) problemsPage(r *web.Request) (web.Response, error) {
	ps, err := s.ListProblems(r.Context(), r.Actor, r.Param("state"))
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("problem.menu"), Base: "/problems", Params: r.URL.Query(), NoDrawer: true, Columns: []ui.Column{{Label: r.T("problem.title")}, {Label: r.T("problem.subject")}, {Label: r.T("problem.units"), Num: true},
		{Label: r.T("problem.findings"), Num: true}, {Label: r.T("problem.rounds"), Num: true}, {Label: r.T("problem.period"), Nowrap: true}, {Label: r.T("word.status")}},
		Empty:   ui.EmptyState{Title: r.T("problem.empty"), Text: r.T("problem.empty.text")},
		Filters: []ui.Field{{Name: "state", Label: r.T("word.status"), Kind: ui.FieldSelect, Options: append([]ui.Option{{Label: r.T("problem.live")}}, options(r, "problem.state.", ProblemFlow.States(), false)...), Value: r.Param("state"), Plain: true}}}
	for _, p := range ps {
		t.Rows = append(t.Rows, ui.Row{ID: string(p.ID), Href: "/problems/" + string(p.ID), Cells: []ui.Cell{{Text: p.Title, Clamp: true, Sub: clipRunes(strings.Join(p.Phrases, "；"), 60)}, {Text: p.Subject}, {Text: strconv.Itoa(p.Units)},
			{Text: strconv.Itoa(p.Findings)}, {Text: strconv.Itoa(p.Rounds)}, {Text: period2(p)}, {Chips: []ui.Chip{stateChip(r, "problem", p.State)}}}})
	}
	page := listPage{Title: r.T("problem.menu"), Table: t}
	if r.Can("problem.find") {
		page.Upload = &ui.Form{ID: "find", Action: "/problems/find", Note: r.T("problem.find.hint"), Buttons: []ui.Button{{Label: r.T("problem.do.find"), Kind: "primary"}}}
	}
	return web.Page{Name: "inspection/list", Crumbs: crumbs(r, r.T("problem.menu"), ""), Data: page, API: ps, Mark: true}, nil
}

func period2(p Problem) string {
	if p.From == p.To {
		return string(p.From)
	}
	return string(p.From) + " – " + string(p.To)
}

func (s *Service) findProblems(r *web.Request) (web.Response, error) {
	n, err := s.FindProblems(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	done := "done.problem.find"
	if n.Proposed == 0 && n.Extended == 0 {
		done = "done.problem.nothing"
	}
	return web.Redirect{To: "/problems", Done: done, API: n}, nil
}

func (s *Service) problemPage(r *web.Request) (web.Response, error) { return s.problemRecord(r, nil) }

// membersShown bounds the findings that the page of a problem lists.
const membersShown = 200

func (s *Service) problemRecord(r *web.Request, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var p, into Problem
	var sup Support
	var fs []Finding
	var sweeps []Swept
	var others []Problem
	var doable []string
	mayDraft, maySweep := false, false
	err = s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if p, err = s.loadProblem(r.Context(), q, r.Actor, n, "problem.read"); err != nil {
			return err
		}
		o := s.problemObject(p)
		doable = s.buttons(r, ProblemFlow, o)
		mayDraft, maySweep = s.policy.Can(r.Actor, "problem.circular", o) == nil, s.policy.Can(r.Actor, "problem.sweep", o) == nil
		if p.Into != "" {
			if into, err = ProblemByID(r.Context(), q, p.Into); err != nil {
				return err
			}
		}
		if sup, err = s.support(r.Context(), q, p); err != nil {
			return err
		}
		args := []any{string(p.ID)}
		if fs, err = findingsWhere(r.Context(), q, inProblem+" AND "+s.policy.Filter(r.Actor, "finding.read", findingAccess, &args), "f.id DESC", membersShown, args); err != nil {
			return err
		}
		if len(doable) > 0 {
			if others, err = problemsWhere(r.Context(), q, "p.by_id = $1 AND p.id <> $2 AND p.state IN ($3, $4)", 200, []any{string(p.By), string(p.ID), ProblemProposed, ProblemConfirmed}); err != nil {
				return err
			}
		}
		sweeps, err = sweepsOf(r.Context(), q, p.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	v := recordPage{Title: p.Title, Lead: []ui.Chip{stateChip(r, "problem", p.State)}, ShowTrail: true}
	if mayDraft {
		v.Actions = append(v.Actions, ui.Button{Label: r.T("problem.do.circular"), Href: "/problems/" + string(p.ID) + "/circular"})
	}
	facts := ui.Facts{Items: []ui.Fact{{Label: r.T("problem.subject"), Text: p.Subject}, {Label: r.T("problem.phrases"), Text: strings.Join(p.Phrases, "；"), Wide: true}, {Label: r.T("problem.findings"), Text: strconv.Itoa(p.Findings)},
		{Label: r.T("problem.units"), Text: strconv.Itoa(p.Units), Sub: s.unitNames(sup.Units)}, {Label: r.T("problem.clean"), Text: strconv.Itoa(len(sup.Clean)), Sub: s.unitNames(sup.Clean)},
		{Label: r.T("problem.rounds"), Text: strconv.Itoa(p.Rounds)}, {Label: r.T("problem.period"), Text: period2(p)}, {Label: r.T("word.reason"), Text: p.Note, Wide: true}}}
	if into.ID != "" {
		facts.Items = append(facts.Items, ui.Fact{Label: r.T("problem.into"), Text: into.Title, Href: "/problems/" + string(into.ID), Wide: true})
	}
	v.Blocks = append(v.Blocks, block{Title: r.T("problem.support"), Hint: r.T("problem.support.hint"), Facts: facts})
	if len(sweeps) > 0 {
		t := s.sweepTable(r, sweeps)
		v.Blocks = append(v.Blocks, block{Title: r.T("sweep.title"), Hint: r.T("sweep.figures.hint"), Table: &t})
	}
	t := s.findingTable(r, fs, true)
	v.Blocks = append(v.Blocks, block{Title: r.T("problem.members"), Hint: r.T("problem.members.hint", len(fs), p.Findings), Table: &t})
	for _, f := range s.problemForms(r, p, fs, others, doable, failed) {
		v.Blocks = append(v.Blocks, block{Title: f.Buttons[0].Label, Forms: []ui.Form{f}})
	}
	if maySweep {
		v.Blocks = append(v.Blocks, block{Title: r.T("sweep.start"), Hint: r.T("sweep.start.hint"), Forms: []ui.Form{s.sweepForm(r, p, sup, failed)}})
	}
	if v.Trail, err = s.trail(r, "inspection_problem", p.ID); err != nil {
		return nil, err
	}
	return web.Page{Name: "inspection/record", Crumbs: crumbs(r, r.T("problem.menu"), "/problems", clipRunes(p.Title, 20), ""), Data: v, API: map[string]any{"problem": p, "support": sup, "findings": fs, "sweeps": sweeps}, Err: failed, Mark: true}, nil
}

// unitNames lists the first few.
func (s *Service) unitNames(ids []id.ID) string {
	const few = 12
	var names []string
	for _, u := range ids[:min(len(ids), few)] {
		names = append(names, s.Units.Short(u))
	}
	if len(ids) > few {
		names = append(names, "…")
	}
	return strings.Join(names, "、")
}

func (s *Service) problemForms(r *web.Request, p Problem, fs []Finding, others []Problem, doable []string, failed error) []ui.Form {
	bad := r.Problems(failed)
	var out []ui.Form
	for _, do := range doable {
		here := strings.HasSuffix(r.URL.Path, "/"+do)
		said := func(f ui.Field) ui.Field {
			f.Prefix = do
			if here {
				f.Value, f.Error = r.PostFormValue(f.Name), bad[f.Name]
			}
			return f
		}
		var fields []ui.Field
		switch do {
		case "confirm":
			fields = append(fields, said(ui.Field{Name: "title", Label: r.T("problem.title"), Value: p.Title, Wide: true, MaxLen: maxTitle}))
		case "dismiss", "retire":
			fields = append(fields, said(ui.Field{Name: "reason", Label: r.T("problem.reason." + do), Kind: ui.FieldArea, Rows: 2, Wide: true, MaxLen: maxReason}))
		case "merge":
			if len(others) == 0 {
				continue
			}
			opts := []ui.Option{{Label: r.T("form.choose")}}
			for _, o := range others {
				opts = append(opts, ui.Option{Value: string(o.ID), Label: fmt.Sprintf("%s (%d)", clipRunes(o.Title, 50), o.Units)})
			}
			fields = append(fields, said(ui.Field{Name: "into", Label: r.T("problem.into"), Kind: ui.FieldSelect, Options: opts, Wide: true}))
		case "split":
			if len(fs) < 2 {
				continue
			}
			var opts []ui.Option
			for _, f := range fs[:min(len(fs), 40)] {
				opts = append(opts, ui.Option{Value: string(f.ID), Label: clipRunes(f.Title, 60), Hint: s.Units.Short(f.Unit)})
			}
			fields = append(fields, said(ui.Field{Name: "title", Label: r.T("problem.split.title"), Wide: true, MaxLen: maxTitle, Optional: true}), said(ui.Field{Name: "findings", Label: r.T("problem.split.which"), Kind: ui.FieldChecks, Options: opts, Wide: true}))
		}
		f := stepForm(r, "problem", do, "/problems/"+string(p.ID)+"/"+do, p.Rev, fields)
		if do != "confirm" {
			f.Buttons[0].Kind = ""
		}
		out = append(out, f)
	}
	return out
}

func (s *Service) decideProblem(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c ProblemCmd
		var p Problem
		if err = r.Decode(&c); err == nil {
			p, err = s.DecideProblem(r.Context(), r.Actor, n, do, c)
		}
		if inPlace(err) {
			return s.problemRecord(r, err)
		}
		if err != nil {
			return nil, err
		}
		to := n
		if do == "split" {
			to = p.ID
		} else if do == "merge" {
			to = p.Into
		}
		return web.Redirect{To: "/problems/" + string(to), Done: "done.problem." + do, API: p}, nil
	}
}

func (s *Service) circularDraft(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	name, raw, err := s.ProblemCircular(r.Context(), r.Actor, n, r.T)
	if err != nil {
		return nil, err
	}
	return web.File{Name: name, Type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Body: bytes.NewReader(raw), Size: int64(len(raw))}, nil
}
