package lookback

import (
	"net/url"
	"strconv"

	"huikan/internal/inspection"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
	"huikan/internal/rectification"
)

type resultPage struct {
	Say                            []string
	Stats                          ui.Stats
	Half                           string
	Units, Reviewers, Cross, Fresh ui.Table
	ShowReviewers, Suppressed      bool
}

func percent(share float64) string { return strconv.FormatFloat(share*100, 'f', 1, 64) + "%" }

// sentences says in words what an estimate means and what it does not.
func sentences(r *web.Request, e Estimate) []string {
	var out []string
	switch {
	case e.Few:
		out = append(out, r.T("lookback.say.few", e.Verified, e.Untrue, MinInterval))
	case e.Rate == nil:
		out = append(out, r.T("lookback.say.nothing"))
	case e.Census:
		out = append(out, r.T("lookback.say.census", e.Verified, e.Untrue, percent(e.Rate.Share)))
	default:
		out = append(out, r.T("lookback.say.rate", e.Verified, e.Untrue, percent(e.Rate.Low), percent(e.Rate.High)),
			r.T("lookback.say.items", e.Population, e.Low, e.High))
	}
	if e.Unverifiable+e.Pending > 0 {
		out = append(out, r.T("lookback.say.left_out", e.Unverifiable, e.Pending))
	}
	if e.Targeted > 0 {
		out = append(out, r.T("lookback.say.targeted", e.Targeted, e.TargetUntrue))
	}
	if rest := e.Population - e.Sampled - e.Targeted; rest > 0 {
		out = append(out, r.T("lookback.say.rest", rest))
	}
	return out
}

func (s *Service) getResult(r *web.Request, n id.ID) (web.Response, error) {
	res, err := s.Result(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	var ids []id.ID
	for _, l := range res.Reviewers {
		ids = append(ids, l.Key)
	}
	var names map[id.ID]string
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { names, err = s.names(r.Context(), q, ids...); return err }); err != nil {
		return nil, err
	}
	t := res.Total
	p := resultPage{Say: sentences(r, res.Estimate), ShowReviewers: res.Reviewers != nil, Suppressed: !res.Full,
		Units:     s.lineTable(r, res.Lookback, "unit", "u", r.T("lookback.by_unit"), r.T("word.unit"), res.Units, t, s.Units.Short, res.Half),
		Reviewers: s.lineTable(r, res.Lookback, "closer", "c", r.T("lookback.by_closer"), r.T("lookback.closer"), res.Reviewers, t, func(n id.ID) string { return names[n] }, nil),
		Cross:     crossTable(r, res.Lookback, res.Cross), Fresh: s.foundTable(r, res.Found)}
	honest := ui.Stat{Label: r.T("lookback.honest"), Value: "—", Note: r.T("lookback.say.nothing"), Define: r.T("lookback.honest.define")}
	if t.Few {
		honest.Note = r.T("lookback.few", t.Verified())
	}
	if t.Honest != nil {
		honest.Value, honest.Note = percent(t.Honest.Share), r.T("lookback.interval", percent(t.Honest.Low), percent(t.Honest.High))
	}
	p.Stats = ui.Stats{Items: []ui.Stat{{Label: r.T("lookback.closed"), Value: strconv.Itoa(t.Closed)}, {Label: r.T("lookback.sampled"), Value: strconv.Itoa(t.Sampled), Href: address(res.Lookback, "")},
		{Label: r.T("lookback.verified"), Value: strconv.Itoa(t.Verified()), Href: rowsHref(res.Lookback, "result", ResultVerified)}, {Label: r.T("lookback.untrue"), Value: strconv.Itoa(t.Untrue()), Href: rowsHref(res.Lookback, "result", ResultUntrue), Class: alarm(t.Untrue()), Define: r.T("lookback.untrue.define")},
		honest, {Label: r.T("lookback.tested"), Value: strconv.Itoa(res.Tested), Note: r.T("lookback.refuted", res.Refuted), Define: r.T("lookback.tested.define")}, {Label: r.T("lookback.found"), Value: strconv.Itoa(len(res.Found))}}}
	return web.Page{Name: "lookback/result", Data: p, API: res, Crumbs: crumbs(r, ui.Crumb{Label: res.Lookback.Name, Href: address(res.Lookback, "")}, ui.Crumb{Label: r.T("lookback.result")}), Mark: true}, nil
}

func alarm(n int) string {
	if n > 0 {
		return "late"
	}
	return ""
}

// figure is a number that leads to the items which it counts.
func figure(l Lookback, n int, filter ...string) ui.Cell {
	c := ui.Cell{Text: strconv.Itoa(n)}
	if n > 0 {
		c.Href = rowsHref(l, filter...)
	}
	return c
}

// rowsHref leads to items of a look-back by pairs of filter and value; empty values
// are left out.
func rowsHref(l Lookback, filter ...string) string {
	v := url.Values{}
	for k := 0; k+1 < len(filter); k += 2 {
		if filter[k+1] != "" {
			v.Set(filter[k], filter[k+1])
		}
	}
	if len(v) == 0 {
		return address(l, "")
	}
	return address(l, "") + "?" + v.Encode()
}

// lineTable shows lines of the result; by is the filter that a line's key is the value
// of. What is closed is the population, not the sample, and leads nowhere.
func (s *Service) lineTable(r *web.Request, of Lookback, by, n, caption, head string, lines []Line, total Line, name func(id.ID) string, half map[string]HalfLife) ui.Table {
	t := ui.Table{ID: n, Caption: caption, NoDrawer: true, Empty: ui.EmptyState{Title: r.T("sample.none"), Text: r.T("sample.none.text")},
		Columns: []ui.Column{{Label: head}, {Label: r.T("lookback.closed"), Num: true}, {Label: r.T("lookback.sampled"), Num: true}}}
	for _, v := range rectification.Verdicts() {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("sample.verdict." + v), Num: true})
	}
	t.Columns = append(t.Columns, ui.Column{Label: r.T("lookback.pending"), Num: true}, ui.Column{Label: r.T("lookback.honest"), Num: true, Hint: r.T("lookback.honest.define")})
	if half != nil {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("half.title"), Hint: r.T("half.define")})
	}
	cells := func(first string, l Line) []ui.Cell {
		if first == "" {
			first = "—"
		}
		key := string(l.Key)
		out := []ui.Cell{{Text: first}, {Text: strconv.Itoa(l.Closed)}, figure(of, l.Sampled, by, key)}
		for _, v := range rectification.Verdicts() {
			c := figure(of, l.Counts[v], by, key, "verdict", v)
			if l.Hidden {
				c = ui.Cell{Text: "—"}
			}
			out = append(out, c)
		}
		pending, share := figure(of, l.Pending, by, key, "result", ResultPending), ui.Cell{Text: "—"}
		if l.Hidden {
			pending, share.Sub = ui.Cell{Text: "—"}, r.T("lookback.small")
		} else if l.Few {
			share.Sub = r.T("lookback.few", l.Verified())
		} else if l.Honest != nil {
			share = ui.Cell{Text: percent(l.Honest.Share), Sub: percent(l.Honest.Low) + "–" + percent(l.Honest.High)}
		}
		out = append(out, pending, share)
		if half != nil {
			value, note := sayHalf(r, half[string(l.Key)])
			if l.Hidden {
				value, note = "—", ""
			}
			out = append(out, ui.Cell{Text: value, Sub: note})
		}
		return out
	}
	for _, l := range lines {
		t.Rows = append(t.Rows, ui.Row{Cells: cells(name(l.Key), l)})
	}
	if len(lines) > 0 {
		t.Total = cells(r.T("word.total"), total)
	}
	return t
}

func crossTable(r *web.Request, of Lookback, list []Crossing) ui.Table {
	t := ui.Table{ID: "x", Caption: r.T("lookback.cross"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("sample.claimed")}, {Label: r.T("lookback.sampled"), Num: true}},
		Empty: ui.EmptyState{Title: r.T("sample.none"), Text: r.T("sample.none.text")}}
	for _, v := range rectification.Verdicts() {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("sample.verdict." + v), Num: true})
	}
	for _, c := range list {
		cells := []ui.Cell{{Text: r.T("sample.claimed." + c.Claimed)}, figure(of, c.Sampled, "claimed", c.Claimed)}
		for _, v := range rectification.Verdicts() {
			cells = append(cells, figure(of, c.Counts[v], "claimed", c.Claimed, "verdict", v))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

func (s *Service) foundTable(r *web.Request, list []inspection.Finding) ui.Table {
	t := ui.Table{ID: "n", Caption: r.T("lookback.found"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("sample.title")}, {Label: r.T("word.unit")}, {Label: r.T("sample.category")}, {Label: r.T("lookback.recurs")}},
		Empty: ui.EmptyState{Title: r.T("lookback.found.none"), Text: r.T("lookback.found.none.text")}}
	for _, f := range list {
		recurs := r.T("word.nay")
		if f.Recurs != "" {
			recurs = r.T("word.yes")
		}
		t.Rows = append(t.Rows, ui.Row{Href: "/findings/" + string(f.ID), Cells: []ui.Cell{{Text: f.Title, Clamp: true}, {Text: s.Units.Short(f.Unit)}, {Text: r.T("sample.category." + orNone(f.Category))}, {Text: recurs}}})
	}
	return t
}

type lensPage struct {
	Title, Lead string
	Tabs        ui.Tabs
	Points      []pointLine
	Cover       ui.Table
	Groups      []lensGroup
	Found       ui.Table
	Form        *ui.Form
	Trail       ui.Trail
	Lens        int
}

type pointLine struct {
	Word, Answer, Text string
	Chip               ui.Chip
}

type lensGroup struct {
	Title string
	Table ui.Table
}

// lensPage is the working page of one of the five lenses.
func (s *Service) lensPage(r *web.Request, n id.ID, cmd NoteCmd, failed error) (web.Response, error) {
	lens := cmd.Lens
	if lens == 0 {
		lens, _ = strconv.Atoi(r.Param("lens")) // anything else is the first lens
	}
	if lens < LensPolitical || lens > LensSource {
		lens = LensPolitical
	}
	v, err := s.Lens(r.Context(), r.Actor, n, lens)
	if err != nil {
		return nil, err
	}
	key := "lookback.lens." + strconv.Itoa(lens)
	p := lensPage{Title: r.T(key), Lead: r.T(key + ".lead"), Lens: lens, Tabs: ui.Tabs{Label: r.T("lookback.lenses")}}
	for _, k := range Lenses() {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Label: r.T("lookback.lens." + strconv.Itoa(k)), Href: address(v.Lookback, "/lenses?lens="+strconv.Itoa(k)), Count: v.Counts[k], Current: k == lens})
	}
	answers := InForce(v.Notes)
	for _, pt := range Points(lens) {
		line := pointLine{Word: r.T("lookback.point." + pt), Chip: ui.Chip{Class: "off", Word: r.T("lookback.answer.none")}}
		if a, ok := answers[pt]; ok {
			class := map[string]string{"met": "ok", "partly": "wait", "unmet": "late", "unseen": "off"}[a.Answer]
			line.Chip, line.Text = ui.Chip{Class: class, Word: r.T("lookback.answer." + a.Answer)}, a.Text
		}
		p.Points = append(p.Points, line)
	}
	p.Groups = s.lensGroups(r, lens, v.Samples)
	p.Cover = coverTable(r, v.Cover)
	p.Found = s.foundTable(r, v.Found)
	if v.CanNote {
		p.Form = noteForm(r, v.Lookback, lens, cmd, failed)
	}
	if p.Trail, err = s.noteTrail(r, v.Notes); err != nil {
		return nil, err
	}
	return web.Page{Name: "lookback/lenses", Err: failed, Data: p, API: v, Crumbs: crumbs(r, ui.Crumb{Label: v.Lookback.Name, Href: address(v.Lookback, "")}, ui.Crumb{Label: r.T("lookback.lenses")}), Mark: true}, nil
}

// lensGroups puts the items of a lens in the order that the lens asks for:
// common before individual problems, otherwise one list.
func (s *Service) lensGroups(r *web.Request, lens int, samples []Sample) []lensGroup {
	table := func(n string, list []Sample) ui.Table {
		t := ui.Table{ID: n, Caption: r.T("sample.list"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("lookback.lens.empty"), Text: r.T("sample.none.text")},
			Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("sample.title")}, {Label: r.T("word.unit")}, {Label: r.T("sample.part")},
				{Label: r.T("sample.claimed")}, {Label: r.T("word.status")}, {Label: r.T("sample.verdict")}}}
		for _, x := range list {
			t.Rows = append(t.Rows, s.sampleLine(r, x))
		}
		return t
	}
	switch lens {
	case LensPolitical:
		return nil
	case LensOwn:
		higher, own := lensOwn(samples)
		return []lensGroup{{r.T("lookback.lens.higher"), table("lh", higher)}, {r.T("lookback.lens.own"), table("lo", own)}}
	case LensNew:
		broken, held, open := lensOld(samples)
		return []lensGroup{{r.T("lookback.lens.broken"), table("lb", broken)}, {r.T("lookback.lens.held"), table("lk", held)}, {r.T("lookback.lens.open"), table("lw", open)}}
	case LensCommon:
		by := map[string][]Sample{}
		for _, x := range samples {
			scope := x.Scope
			if scope != "common" { // a problem that nobody called common is looked at by itself
				scope = "individual"
			}
			by[scope] = append(by[scope], x)
		}
		return []lensGroup{{r.T("sample.scope.common"), table("lc", by["common"])}, {r.T("sample.scope.individual"), table("li", by["individual"])}}
	}
	return []lensGroup{{r.T("sample.list"), table("l", samples)}}
}

func coverTable(r *web.Request, list []Coverage) ui.Table {
	t := ui.Table{ID: "k", Caption: r.T("lookback.cover"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("sample.category")}, {Label: r.T("lookback.items"), Num: true}},
		Empty: ui.EmptyState{Title: r.T("lookback.lens.empty"), Text: r.T("sample.none.text")}}
	for _, k := range MeasureClasses() {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("lookback.class." + k)})
	}
	for _, c := range list {
		cells := []ui.Cell{{Text: r.T("sample.category." + orNone(c.Category))}, {Text: strconv.Itoa(c.Items)}}
		for _, k := range MeasureClasses() {
			chip := ui.Chip{Class: "ok", Word: r.T("lookback.class.there", c.Classes[k])}
			if c.Classes[k] == 0 {
				chip = ui.Chip{Class: "late", Word: r.T("lookback.class.missing")}
			}
			cells = append(cells, ui.Cell{Chips: []ui.Chip{chip}})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

func noteForm(r *web.Request, l Lookback, lens int, cmd NoteCmd, failed error) *ui.Form {
	p := r.Problems(failed)
	f := &ui.Form{Action: address(l, "/lenses"), Hidden: []ui.Pair{{Name: "lens", Value: strconv.Itoa(lens)}}, Buttons: []ui.Button{{Label: r.T("lookback.do.note"), Kind: "primary"}}}
	var fields []ui.Field
	if points := Points(lens); points != nil {
		options := []ui.Option{{Label: r.T("lookback.point.whole")}}
		for _, pt := range points {
			options = append(options, ui.Option{Value: pt, Label: r.T("lookback.point." + pt)})
		}
		var answers []ui.Option
		for _, a := range Answers() {
			answers = append(answers, ui.Option{Value: a, Label: r.T("lookback.answer." + a)})
		}
		fields = []ui.Field{{Name: "point", Label: r.T("lookback.point"), Kind: ui.FieldSelect, Value: cmd.Point, Options: options, Optional: true, Wide: true, Error: p["point"]},
			{Name: "answer", Label: r.T("lookback.answer"), Kind: ui.FieldRadio, Value: cmd.Answer, Options: answers, Optional: true, Wide: true, Error: p["answer"]}}
	}
	f.Sets = []ui.Fieldset{{Legend: r.T("lookback.set.note"), Fields: append(fields, ui.Field{Name: "text", Label: r.T("lookback.note"), Kind: ui.FieldArea, Rows: 3, MaxLen: maxReason, Value: cmd.Text, Optional: fields != nil, Wide: true, Error: p["text"]})}}
	return f
}

func (s *Service) noteTrail(r *web.Request, notes []Note) (t ui.Trail, err error) {
	var ids []id.ID
	for _, x := range notes {
		ids = append(ids, x.Person)
	}
	var names map[id.ID]string
	if err = s.log.DB().Read(r.Context(), func(q db.Q) (err error) { names, err = s.names(r.Context(), q, ids...); return err }); err != nil {
		return t, err
	}
	for i := len(notes) - 1; i >= 0; i-- {
		x := notes[i]
		what := r.T("lookback.did.note")
		if x.Point != "" {
			what = r.T("lookback.point."+x.Point) + " · " + r.T("lookback.answer."+x.Answer)
		}
		t.Entries = append(t.Entries, ui.Entry{At: r.Moment(x.At), Who: names[x.Person], What: what, Text: x.Text})
	}
	return t, nil
}

func (s *Service) postNote(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var cmd NoteCmd
	if err = r.Decode(&cmd); err == nil {
		err = s.AddNote(r.Context(), r.Actor, n, cmd)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.lensPage(r, n, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/lookback/" + string(n) + "/lenses?lens=" + strconv.Itoa(cmd.Lens), Done: "done.lookback.note"}, nil
}
