package inspection

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

var sweepFigures = []string{"waiting", AnswerHave, "rectified", AnswerNone, AnswerNA}

func (s *Service) sweepTable(r *web.Request, sweeps []Swept) ui.Table {
	t := ui.Table{ID: "sweeps", Caption: r.T("sweep.title"), Base: "/problems", NoDrawer: true, Columns: []ui.Column{{Label: r.T("sweep.sent"), Nowrap: true}, {Label: r.T("sweep.due"), Nowrap: true}, {Label: r.T("sweep.levels")}}}
	for _, k := range sweepFigures {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("sweep.count." + k), Num: true})
	}
	t.Columns = append(t.Columns, ui.Column{Label: r.T("word.status")})
	for _, w := range sweeps {
		row := ui.Row{ID: string(w.ID), Href: "/sweeps/" + string(w.ID), Cells: []ui.Cell{{Text: r.Moment(w.At)}, {Text: string(w.Due)}, {Text: s.levelWords(r, w.Levels)}}}
		for _, k := range sweepFigures {
			row.Cells = append(row.Cells, ui.Cell{Text: strconv.Itoa(w.Counts[k])})
		}
		row.Cells = append(row.Cells, ui.Cell{Chips: []ui.Chip{stateChip(r, "sweep", w.State)}})
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s *Service) levelWords(r *web.Request, ls []int) string {
	var out []string
	for _, l := range ls {
		out = append(out, r.T("sweep.level."+strconv.Itoa(l)))
	}
	return strings.Join(out, "、")
}

// sweepForm offers the profile of the units where the problem was found.
func (s *Service) sweepForm(r *web.Request, p Problem, sup Support, failed error) ui.Form {
	here := strings.HasSuffix(r.URL.Path, "/sweeps")
	bad := map[string]string{}
	var have []string
	for _, u := range sup.Units {
		if x, ok := s.Units.Unit(u); ok && !slices.Contains(have, strconv.Itoa(x.Level)) {
			have = append(have, strconv.Itoa(x.Level))
		}
	}
	val := func(name, fallback string) string {
		if here {
			return r.PostFormValue(name)
		}
		return fallback
	}
	if here {
		bad = r.Problems(failed)
		have = r.PostForm["levels"]
	}
	var levels []ui.Option
	for _, l := range []string{"2", "3", "4"} {
		n, _ := strconv.Atoi(l)
		if c := len(s.profile(p, []int{n}, sup.Units)); c > 0 {
			levels = append(levels, ui.Option{Value: l, Label: r.T("sweep.level." + l), Hint: r.T("sweep.level.count", c)})
		}
	}
	return ui.Form{ID: "sweep", Action: "/problems/" + string(p.ID) + "/sweeps", Buttons: []ui.Button{{Label: r.T("sweep.do.start"), Kind: "primary", Confirm: r.T("sweep.confirm")}}, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "question", Label: r.T("sweep.question"), Kind: ui.FieldArea, Rows: 3, Wide: true, Value: val("question", r.T("sweep.question.default", p.Title)), Error: bad["question"], MaxLen: maxReason},
		{Name: "levels", Label: r.T("sweep.levels"), Kind: ui.FieldChecks, Options: levels, Values: have, Error: bad["levels"]},
		{Name: "due", Label: r.T("sweep.due"), Kind: ui.FieldDate, Value: val("due", string(s.today().AddDays(sweepDays))), Error: bad["due"]},
		{Name: "rectify_days", Label: r.T("sweep.days"), Hint: r.T("sweep.days.hint"), Kind: ui.FieldNumber, Value: val("rectify_days", strconv.Itoa(rectifyDays)), Error: bad["rectify_days"]},
		{Name: "rectify_source", Label: r.T("sweep.source"), Value: val("rectify_source", ""), Error: bad["rectify_source"], MaxLen: maxTitle}}}}}
}

func (s *Service) startSweep(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c SweepCmd
	var w Sweep
	if err = r.Decode(&c); err == nil {
		w, _, err = s.StartSweep(r.Context(), r.Actor, n, c)
	}
	if inPlace(err) {
		return s.problemRecord(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/sweeps/" + string(w.ID), Done: "done.sweep.start", API: w}, nil
}

func (s *Service) sweepPage(r *web.Request, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var w Sweep
	var counts map[string]int
	var cs []SelfCheck
	mayClose := false
	err = s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if w, err = s.loadSweep(r.Context(), q, r.Actor, n, "sweep.read"); err != nil {
			return err
		}
		mayClose = slices.Contains(s.buttons(r, SweepFlow, s.sweepObject(w)), "close")
		if counts, err = checkCounts(r.Context(), q, "c.sweep_id = $1", []any{string(w.ID)}); err != nil {
			return err
		}
		args := []any{string(w.ID)}
		cond := "c.sweep_id = $1 AND " + s.policy.Filter(r.Actor, "selfcheck.read", checkAccess, &args)
		if a := r.Param("answer"); slices.Contains(Answers(), a) {
			args = append(args, a)
			cond += " AND c.answer = $" + strconv.Itoa(len(args))
		} else if a == "waiting" {
			cond += " AND c.answer = ''"
		}
		cs, err = checksWhere(r.Context(), q, cond, "c.answered_on DESC, c.id", membersShown, args)
		return err
	})
	if err != nil {
		return nil, err
	}
	p := recordPage{Title: r.T("sweep.of", w.Title), Lead: []ui.Chip{stateChip(r, "sweep", w.State)}, ShowTrail: true}
	total := 0
	facts := ui.Facts{Items: []ui.Fact{{Label: r.T("sweep.question"), Text: w.Question, Wide: true}, {Label: r.T("sweep.levels"), Text: s.levelWords(r, w.Levels)}, {Label: r.T("sweep.due"), Text: string(w.Due)},
		{Label: r.T("sweep.days"), Text: strconv.Itoa(w.RectifyDays), Sub: w.RectifySource}, {Label: r.T("problem.one"), Text: w.Title, Href: "/problems/" + string(w.Problem)}}}
	for _, k := range sweepFigures {
		total += counts[k]
	}
	for _, k := range sweepFigures {
		href := "/sweeps/" + string(w.ID) + "?answer=" + k
		if k == "rectified" {
			href = "/sweeps/" + string(w.ID) + "?answer=" + AnswerHave
		}
		facts.Items = append(facts.Items, ui.Fact{Label: r.T("sweep.count." + k), Text: strconv.Itoa(counts[k]) + " / " + strconv.Itoa(total), Href: href})
	}
	t := s.checkTable(r, cs, nil)
	p.Blocks = []block{{Title: r.T("sweep.title"), Facts: facts}, {Title: r.T("sweep.answers"), Hint: r.T("sweep.answers.hint", len(cs), total), Table: &t}}
	if mayClose {
		p.Blocks = append(p.Blocks, block{Title: r.T("finding.next"), Forms: []ui.Form{stepForm(r, "sweep", "close", "/sweeps/"+string(w.ID)+"/close", w.Rev, nil)}})
	}
	if p.Trail, err = s.trail(r, "inspection_sweep", w.ID); err != nil {
		return nil, err
	}
	return web.Page{Name: "inspection/record", Crumbs: crumbs(r, r.T("problem.menu"), "/problems", clipRunes(w.Title, 20), "/problems/"+string(w.Problem), r.T("sweep.title"), ""), Data: p,
		API: map[string]any{"sweep": w, "counts": counts, "answers": cs}, Err: failed, Mark: true}, nil
}

func (s *Service) checkTable(r *web.Request, cs []SelfCheck, sweeps map[id.ID]Sweep) ui.Table {
	t := ui.Table{Caption: r.T("selfcheck.menu"), Base: "/self-checks", NoDrawer: true, Empty: ui.EmptyState{Title: r.T("selfcheck.empty")}}
	if sweeps != nil {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("problem.one")})
	}
	t.Columns = append(t.Columns, ui.Column{Label: r.T("word.unit")}, ui.Column{Label: r.T("selfcheck.answer")}, ui.Column{Label: r.T("selfcheck.answered"), Nowrap: true}, ui.Column{Label: r.T("selfcheck.rectify_on"), Nowrap: true}, ui.Column{Label: r.T("word.status")})
	for _, c := range cs {
		var cells []ui.Cell
		if sweeps != nil {
			cells = append(cells, ui.Cell{Text: sweeps[c.Sweep].Title, Clamp: true, Sub: r.T("sweep.due") + " " + string(sweeps[c.Sweep].Due)})
		}
		cells = append(cells, ui.Cell{Text: s.Units.Short(c.Unit)}, ui.Cell{Text: word(r, "selfcheck.answer.", c.Answer), Sub: clipRunes(c.Note, 40)}, ui.Cell{Text: string(c.AnsweredOn)}, ui.Cell{Text: string(c.RectifyOn)}, ui.Cell{Chips: []ui.Chip{stateChip(r, "selfcheck", c.State)}})
		t.Rows = append(t.Rows, ui.Row{ID: string(c.ID), Href: "/self-checks/" + string(c.ID), Cells: cells})
	}
	return t
}

func (s *Service) selfChecksPage(r *web.Request) (web.Response, error) {
	cs, sweeps, err := s.SelfChecks(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	return web.Page{Name: "inspection/list", Crumbs: crumbs(r, r.T("selfcheck.menu"), ""), Data: listPage{Title: r.T("selfcheck.menu"), Table: s.checkTable(r, cs, sweeps)}, API: cs, Mark: true}, nil
}

func (s *Service) selfCheckPage(r *web.Request) (web.Response, error) {
	return s.selfCheckRecord(r, AnswerCmd{}, nil)
}

func (s *Service) selfCheckRecord(r *web.Request, c AnswerCmd, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var x SelfCheck
	var w Sweep
	var files []File
	var doable []string
	var item id.ID
	err = s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if x, w, err = s.loadCheck(r.Context(), q, r.Actor, n, "selfcheck.read"); err != nil {
			return err
		}
		if s.Filed != nil && x.Answer == AnswerHave {
			if item, err = s.Filed(r.Context(), q, x.ID); err != nil {
				return err
			}
		}
		doable = s.buttons(r, CheckFlow, s.checkObject(x))
		files, err = checkFiles.of(r.Context(), q, x.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	bad := r.Problems(failed)
	p := recordPage{Title: r.T("selfcheck.of", w.Title), Lead: []ui.Chip{stateChip(r, "selfcheck", x.State)}, ShowTrail: true}
	p.Blocks = []block{{Title: r.T("selfcheck.asked"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("sweep.question"), Text: w.Question, Wide: true}, {Label: r.T("word.unit"), Text: s.Units.Name(x.Unit)}, {Label: r.T("selfcheck.by"), Text: s.Units.Name(x.By)},
		{Label: r.T("sweep.due"), Text: string(w.Due)}, {Label: r.T("sweep.days"), Text: strconv.Itoa(w.RectifyDays), Sub: w.RectifySource}}}}}
	if x.Answer != "" {
		p.Blocks = append(p.Blocks, block{Title: r.T("selfcheck.answer"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("selfcheck.answer"), Text: word(r, "selfcheck.answer.", x.Answer), Sub: string(x.AnsweredOn)}, {Label: r.T("selfcheck.rectify_on"), Text: string(x.RectifyOn)},
			{Label: r.T("selfcheck.note"), Text: x.Note, Wide: true}, {Label: r.T("selfcheck.proof"), Text: x.Proof, Wide: true}, {Label: r.T("selfcheck.rectified"), Text: x.Rectified, Wide: true}}}})
	}
	if item != "" {
		facts := &p.Blocks[len(p.Blocks)-1].Facts
		facts.Items = append(facts.Items, ui.Fact{Label: r.T("selfcheck.item"), Text: r.T("selfcheck.item.open"), Href: "/items/" + string(item), Sub: r.T("selfcheck.item.note"), Wide: true})
	}
	base := "/self-checks/" + string(x.ID)
	if len(files) > 0 {
		p.Blocks = append(p.Blocks, block{Title: r.T("finding.files"), Facts: ui.Facts{Items: fileFacts(r, base, files)}})
	}
	upload := ui.Field{Name: "files", Label: r.T("selfcheck.files"), Kind: ui.FieldFile, Multiple: true, Optional: true, Wide: true, Error: bad["files"]}
	if (slices.Contains(doable, "report") || slices.Contains(doable, "clear")) && w.State == SweepOpen {
		opts := options(r, "selfcheck.answer.", Answers(), false)
		if x.State != CheckSent {
			opts = opts[:1] // a clear answer may be put right in one direction only
		}
		p.Blocks = append(p.Blocks, block{Title: r.T("selfcheck.do.answer"), Hint: r.T("selfcheck.mild", w.RectifyDays), Forms: []ui.Form{{ID: "answer", Multipart: true, Action: base + "/answer", Rev: rev(x.Rev), Buttons: []ui.Button{{Label: r.T("selfcheck.do.answer"), Kind: "primary"}},
			Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "answer", Label: r.T("selfcheck.answer"), Kind: ui.FieldRadio, Options: opts, Value: c.Answer, Error: bad["answer"], Wide: true},
				{Name: "note", Label: r.T("selfcheck.note"), Hint: r.T("selfcheck.note.hint"), Kind: ui.FieldArea, Rows: 3, Wide: true, Optional: true, Value: c.Note, Error: bad["note"], MaxLen: maxReason},
				{Name: "proof", Label: r.T("selfcheck.proof"), Hint: r.T("selfcheck.proof.hint"), Kind: ui.FieldArea, Rows: 2, Wide: true, Value: c.Proof, Error: bad["proof"], MaxLen: maxReason}, upload}}}}}})
	}
	if slices.Contains(doable, "rectify") {
		p.Blocks = append(p.Blocks, block{Title: r.T("selfcheck.do.rectify"), Forms: []ui.Form{{ID: "rectify", Multipart: true, Action: base + "/rectify", Rev: rev(x.Rev), Buttons: []ui.Button{{Label: r.T("selfcheck.do.rectify"), Kind: "primary"}},
			Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "rectified", Label: r.T("selfcheck.rectified"), Kind: ui.FieldArea, Rows: 3, Wide: true, Value: c.Rectified, Error: bad["rectified"], MaxLen: maxReason}, upload}}}}}})
	}
	if p.Trail, err = s.trail(r, "inspection_sweep_answer", x.ID); err != nil {
		return nil, err
	}
	return web.Page{Name: "inspection/record", Crumbs: crumbs(r, r.T("selfcheck.menu"), "/self-checks", clipRunes(w.Title, 20), ""), Data: p, API: map[string]any{"selfcheck": x, "sweep": w}, Err: failed, Mark: true}, nil
}

func (s *Service) answerCheck(do func(ctx context.Context, who actor.Actor, check id.ID, c AnswerCmd) (SelfCheck, error), done string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c AnswerCmd
		var x SelfCheck
		err = r.Decode(&c)
		if err == nil { // nothing is taken into the vault for a self-check of somebody else
			err = s.log.DB().Read(r.Context(), func(q db.Q) error { _, _, err := s.loadCheck(r.Context(), q, r.Actor, n, "selfcheck.read"); return err })
		}
		if err == nil {
			c.files, err = s.uploads(r)
		}
		if err == nil {
			x, err = do(r.Context(), r.Actor, n, c)
		}
		if inPlace(err) {
			return s.selfCheckRecord(r, c, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/self-checks/" + string(n), Done: done, API: x}, nil
	}
}

// todoChecks lists self-checks that wait for an answer, and problems a unit
// reported itself that wait for rectification.
func (s *Service) todoChecks(ctx context.Context, q db.Q, a actor.Actor) ([]web.Todo, error) {
	var out []web.Todo
	for _, x := range []struct{ state, action, kind, verb string }{
		{CheckSent, "selfcheck.report", "selfcheck.todo.answer", "selfcheck.do.answer"},
		{CheckReported, "selfcheck.rectify", "selfcheck.todo.rectify", "selfcheck.do.rectify"},
	} {
		if !s.policy.Ever(a, x.action) {
			continue
		}
		args := []any{x.state}
		cond := "c.state = $1 AND " + s.policy.Filter(a, x.action, checkAccess, &args)
		if x.state == CheckSent {
			args = append(args, SweepOpen)
			cond += " AND c.sweep_id IN (SELECT id FROM inspection_sweep WHERE state = $" + strconv.Itoa(len(args)) + ")"
		}
		cs, err := checksWhere(ctx, q, cond, "c.id", todoLimit, args)
		if err != nil {
			return nil, err
		}
		for _, c := range cs {
			w, err := SweepByID(ctx, q, c.Sweep)
			if err != nil {
				return nil, err
			}
			due := w.Due
			if x.state == CheckReported {
				due = c.RectifyOn
			}
			out = append(out, web.Todo{Kind: x.kind, Title: w.Title, Unit: s.Units.Short(c.Unit), Due: due, Href: "/self-checks/" + string(c.ID), Verb: x.verb})
		}
	}
	if s.policy.Ever(a, "problem.confirm") {
		args := []any{ProblemProposed}
		ps, err := problemsWhere(ctx, q, "p.state = $1 AND "+s.policy.Filter(a, "problem.confirm", problemAccess, &args), 5, args)
		if err != nil {
			return nil, err
		}
		for _, p := range ps {
			out = append(out, web.Todo{Kind: "problem.todo.judge", Title: p.Title, Href: "/problems/" + string(p.ID), Verb: "problem.todo.judge_verb"})
		}
	}
	return out, nil
}
