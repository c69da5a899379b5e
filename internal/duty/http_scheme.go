package duty

import (
	"context"
	"math"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/fact"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func refRows(refs []fact.Ref) []refRow {
	var out []refRow
	for _, x := range refs {
		out = append(out, refRow{Title: x.Title, Href: x.Href, Good: x.Good})
	}
	return out
}

type schemePage struct {
	Scheme  Scheme
	Chip    ui.Chip
	Facts   []ui.Fact
	Table   ui.Table
	Buttons []ui.Button
	Forms   []ui.Form
	Sum     int
}

func (s *Service) postDraft(r *web.Request) (web.Response, error) {
	x, err := s.Draft(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/schemes/" + string(x.ID), Done: "done.scheme.draft", API: x}, nil
}

func (s *Service) getScheme(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.schemePage(r, n, "", nil, nil)
}

// schemePage shows a scheme; typed are the lines of a refused form.
func (s *Service) schemePage(r *web.Request, n id.ID, at string, typed *SchemeCmd, failed error) (web.Response, error) {
	x, err := s.Scheme(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	base := "/schemes/" + string(n)
	o := x.object(s.Dir.Place)
	can := func(do string) bool {
		_, err := SchemeFlow.Next(x.State, do)
		return err == nil && s.Policy.Can(r.Actor, "scheme."+do, o) == nil
	}
	p := schemePage{Scheme: x, Chip: chip(r, "scheme", x.State), Facts: []ui.Fact{{Label: r.T("word.unit"), Text: s.Dir.Name(x.Unit)}, {Label: r.T("duty.version"), Text: strconv.Itoa(x.Version)}, {Label: r.T("duty.valid_from"), Text: string(x.ValidFrom)}}}
	p.Table = ui.Table{Caption: r.T("duty.indicators"), Base: base, NoDrawer: true, Columns: []ui.Column{{Key: "text", Label: r.T("duty.text")}, {Key: "kind", Label: r.T("duty.kind"), Nowrap: true}, {Key: "fact", Label: r.T("duty.fact")}, {Key: "rule", Label: r.T("duty.rule")}, {Key: "weight", Label: r.T("duty.weight"), Num: true}, {Key: "source", Label: r.T("duty.source")}}}
	for _, i := range x.Indicators {
		p.Sum += i.Weight
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: i.Text}, {Text: r.T("duty.kind." + i.Kind)}, {Text: r.T("fact." + i.Fact)}, {Text: r.T("duty.rule."+i.Rule, i.Weight, points(i.Param))}, {Text: strconv.Itoa(i.Weight)}, {Text: i.Source}}})
	}
	for _, do := range []string{"submit", "approve", "retire"} {
		if can(do) && !(do == "approve" && x.Author == r.Actor.Person) {
			kind := "primary"
			if do == "retire" {
				kind = ""
			}
			p.Buttons = append(p.Buttons, ui.Button{Label: r.T("duty.do." + do), Action: base + "/" + do, Kind: kind})
		}
	}
	bad := r.Problems(failed)
	if can("edit") {
		c := SchemeCmd{Title: x.Title, Indicators: x.Indicators}
		if typed != nil {
			c = *typed
		}
		p.Forms = append(p.Forms, s.schemeForm(r, base, x.Rev, c, at == "edit" || at == "submit", bad))
	}
	if can("return") {
		e := ""
		if at == "return" {
			e = bad["reason"]
		}
		p.Forms = append(p.Forms, ui.Form{ID: "return", Action: base + "/return", Rev: web.Rev(x.Rev), Sets: []ui.Fieldset{{Legend: r.T("duty.do.return"), Fields: []ui.Field{{Name: "reason", Label: r.T("word.reason"), Wide: true, Error: e}}}}, Buttons: []ui.Button{{Label: r.T("duty.do.return"), Kind: "danger"}}})
	}
	if x.State == SchemeInForce && r.Can("assessment.create") {
		p.Forms = append(p.Forms, s.drawForm(r, base, at == "draw", bad))
	}
	return web.Page{Name: "duty/scheme", Err: failed, Data: p, API: x, Crumbs: []ui.Crumb{{Label: r.T("menu.schemes"), Href: "/schemes"}, {Label: x.Title}}}, nil
}

// schemeForm has a set of fields for each indicator and an empty one at the end.
// A line whose text is emptied is taken out.
func (s *Service) schemeForm(r *web.Request, base string, rev int64, c SchemeCmd, same bool, bad map[string]string) ui.Form {
	f := ui.Form{ID: "scheme", Action: base + "/edit", Rev: web.Rev(rev), Buttons: []ui.Button{{Label: r.T("word.save"), Kind: "primary"}},
		Sets: []ui.Fieldset{{Legend: r.T("duty.scheme.edit"), Hint: r.T("duty.scheme.edit.hint"), Fields: []ui.Field{{Name: "title", Label: r.T("word.title"), Value: c.Title, Wide: true, Error: bad["title"]}}}}}
	if same && bad["indicators"] != "" {
		f.Problems = append(f.Problems, bad["indicators"])
	}
	var kinds, facts, rules []ui.Option
	for _, k := range Kinds {
		kinds = append(kinds, ui.Option{Value: k, Label: r.T("duty.kind." + k)})
	}
	for _, n := range s.FactNames() {
		facts = append(facts, ui.Option{Value: n, Label: r.T("fact." + n)})
	}
	for _, n := range []string{Share, Deduct} {
		rules = append(rules, ui.Option{Value: n, Label: r.T("duty.rule.name." + n)})
	}
	for k, i := range append(append([]Indicator{}, c.Indicators...), Indicator{Kind: Kinds[0], Rule: Share}) {
		pre := "i" + strconv.Itoa(k) + "_"
		legend := r.T("duty.indicator", k+1)
		if k == len(c.Indicators) {
			legend = r.T("duty.indicator.new")
		}
		weight, param := "", ""
		if i.Weight > 0 {
			weight = strconv.Itoa(i.Weight)
		}
		if i.Param > 0 {
			param = points(i.Param)
		}
		f.Sets = append(f.Sets, ui.Fieldset{Legend: legend, Fields: []ui.Field{
			{Name: pre + "text", Label: r.T("duty.text"), Value: i.Text, Wide: true, Optional: true},
			{Name: pre + "kind", Label: r.T("duty.kind"), Kind: ui.FieldSelect, Options: kinds, Value: i.Kind},
			{Name: pre + "fact", Label: r.T("duty.fact"), Kind: ui.FieldSelect, Options: facts, Value: i.Fact},
			{Name: pre + "rule", Label: r.T("duty.rule"), Kind: ui.FieldSelect, Options: rules, Value: i.Rule},
			{Name: pre + "weight", Label: r.T("duty.weight"), Kind: ui.FieldNumber, Value: weight, Optional: true},
			{Name: pre + "param", Label: r.T("duty.param"), Kind: ui.FieldNumber, Value: param, Optional: true},
			{Name: pre + "source", Label: r.T("duty.source"), Value: i.Source, Wide: true, Optional: true}}})
	}
	return f
}

// hundredths reads points as typed: at most two places, nothing lost.
func hundredths(text string) (int, bool) {
	if text == "" {
		return 0, true
	}
	v, err := strconv.ParseFloat(text, 64)
	n := math.Round(v * 100)
	if err != nil || math.Abs(v*100-n) > 1e-6 || n < 0 || n > 10000 {
		return 0, false
	}
	return int(n), true
}

// decodeScheme reads the form of a scheme, or JSON.
func decodeScheme(r *web.Request) (c SchemeCmd, err error) {
	if r.API() {
		err = r.Decode(&c)
		return c, err
	}
	var head struct {
		Title string `json:"title"`
		Rev   int64  `json:"rev"`
	}
	if err := r.Decode(&head); err != nil {
		return c, err
	}
	c.Title, c.Rev = head.Title, head.Rev
	var bad fault.Fields
	for k := range maxIndicators {
		get := func(f string) string { return strings.TrimSpace(r.PostFormValue("i" + strconv.Itoa(k) + "_" + f)) }
		if get("text") == "" {
			continue
		}
		i := Indicator{No: k + 1, Text: get("text"), Kind: get("kind"), Fact: get("fact"), Rule: get("rule"), Source: get("source")}
		var ok bool
		if i.Param, ok = hundredths(get("param")); !ok {
			bad.Add("indicators", "duty.bad.param", k+1)
		}
		if i.Weight, err = strconv.Atoi(get("weight")); err != nil {
			bad.Add("indicators", "duty.bad.weight", k+1)
		}
		c.Indicators = append(c.Indicators, i)
	}
	return c, bad.Err()
}

func (s *Service) postEdit(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	c, err := decodeScheme(r)
	if err == nil {
		err = s.EditScheme(r.Context(), r.Actor, n, c)
	}
	return s.tookScheme(r, n, "edit", &c, err)
}

func (s *Service) tookScheme(r *web.Request, n id.ID, do string, typed *SchemeCmd, err error) (web.Response, error) {
	if fault.Is(err, fault.KindInvalid) {
		return s.schemePage(r, n, do, typed, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/schemes/" + string(n), Done: "done.scheme." + do}, nil
}

func (s *Service) schemeAct(r *web.Request, do string, fn func(n id.ID, f stepForm) error) (web.Response, error) {
	n, f, err := decodeStep(r)
	if err != nil {
		return nil, err
	}
	return s.tookScheme(r, n, do, nil, fn(n, f))
}

func decodeStep(r *web.Request) (n id.ID, f stepForm, err error) {
	if n, err = r.ID("id"); err != nil {
		return n, f, err
	}
	err = r.Decode(&f)
	return n, f, err
}

func (s *Service) postSubmit(r *web.Request) (web.Response, error) {
	return s.schemeAct(r, "submit", func(n id.ID, f stepForm) error { return s.SubmitScheme(r.Context(), r.Actor, n, f.Rev) })
}

func (s *Service) postApprove(r *web.Request) (web.Response, error) {
	return s.schemeAct(r, "approve", func(n id.ID, f stepForm) error { return s.ApproveScheme(r.Context(), r.Actor, n, f.Rev) })
}

func (s *Service) postReturn(r *web.Request) (web.Response, error) {
	return s.schemeAct(r, "return", func(n id.ID, f stepForm) error { return s.ReturnScheme(r.Context(), r.Actor, n, f.Reason, f.Rev) })
}

func (s *Service) postRetire(r *web.Request) (web.Response, error) {
	return s.schemeAct(r, "retire", func(n id.ID, f stepForm) error { return s.RetireScheme(r.Context(), r.Actor, n, f.Rev) })
}

func (s *Service) drawForm(r *web.Request, base string, same bool, bad map[string]string) ui.Form {
	val := func(name, fallback string) string {
		if same {
			return r.PostFormValue(name)
		}
		return fallback
	}
	wrong := func(name string) string {
		if same {
			return bad[name]
		}
		return ""
	}
	var opts []ui.Option
	for _, k := range []string{"provincial", "children", "below", "units"} {
		opts = append(opts, ui.Option{Value: k, Label: r.T("duty.audience." + k)})
	}
	year := string(r.Today())[:4]
	return ui.Form{ID: "draw", Action: base + "/draw", Sets: []ui.Fieldset{{Legend: r.T("duty.do.draw"), Hint: r.T("duty.do.draw.hint"), Fields: []ui.Field{
		{Name: "from", Label: r.T("duty.from"), Kind: ui.FieldDate, Value: val("from", year+"-01-01"), Error: wrong("from")},
		{Name: "until", Label: r.T("duty.until"), Kind: ui.FieldDate, Value: val("until", string(r.Today())), Error: wrong("until")},
		{Name: "to", Label: r.T("duty.audience"), Kind: ui.FieldSelect, Options: opts, Value: val("to", "provincial"), Error: wrong("to")},
		{Name: "units", Label: r.T("duty.audience.names"), Kind: ui.FieldArea, Rows: 2, Wide: true, Optional: true, Value: val("units", ""), Error: wrong("units")}}}},
		Buttons: []ui.Button{{Label: r.T("duty.do.draw"), Kind: "primary"}}}
}

func (s *Service) postDraw(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c DrawCmd
	made := 0
	if err = r.Decode(&c); err == nil {
		if made, err = s.Draw(r.Context(), r.Actor, n, c); err == nil {
			return web.Redirect{To: "/assessments", Done: "done.scheme.draw", API: map[string]int{"made": made}}, nil
		}
	}
	return s.tookScheme(r, n, "draw", nil, err)
}

func (s *Service) act(r *web.Request, do string, fn func(ctx context.Context, who actor.Actor, n id.ID, f stepForm) error) (web.Response, error) {
	n, f, err := decodeStep(r)
	if err != nil {
		return nil, err
	}
	return s.took(r, n, do, do, fn(r.Context(), r.Actor, n, f))
}

func (s *Service) took(r *web.Request, n id.ID, do, at string, err error) (web.Response, error) {
	if fault.Is(err, fault.KindInvalid) {
		return s.assessmentPage(r, n, at, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/assessments/" + string(n), Done: "done.assessment." + do}, nil
}

func (s *Service) postRecompute(r *web.Request) (web.Response, error) {
	return s.act(r, "recompute", func(ctx context.Context, who actor.Actor, n id.ID, f stepForm) error {
		return s.Recompute(ctx, who, n, f.Rev)
	})
}

func (s *Service) postServe(r *web.Request) (web.Response, error) {
	return s.act(r, "serve", func(ctx context.Context, who actor.Actor, n id.ID, f stepForm) error {
		return s.Serve(ctx, who, n, f.Rev)
	})
}

func (s *Service) postObject(r *web.Request) (web.Response, error) {
	return s.act(r, "object", func(ctx context.Context, who actor.Actor, n id.ID, f stepForm) error {
		return s.Object(ctx, who, n, f.Reason, f.Rev)
	})
}

func (s *Service) postDecide(r *web.Request) (web.Response, error) {
	return s.act(r, "decide", func(ctx context.Context, who actor.Actor, n id.ID, f stepForm) error {
		return s.Decide(ctx, who, n, f.Reason, f.Rev)
	})
}

func (s *Service) postFinalise(r *web.Request) (web.Response, error) {
	return s.act(r, "finalise", func(ctx context.Context, who actor.Actor, n id.ID, f stepForm) error {
		return s.Finalise(ctx, who, n, f.Rev)
	})
}

// correctForm has the points as a person writes them.
type correctForm struct {
	Score  id.ID  `json:"score"`
	Points string `json:"points"`
	Reason string `json:"reason"`
	Rev    int64  `json:"rev"`
}

func (s *Service) postCorrect(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f correctForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	p, ok := hundredths(f.Points)
	if !ok || f.Points == "" {
		var bad fault.Fields
		bad.Add("points", "error.number", f.Points)
		err = bad.Err()
	} else {
		err = s.Correct(r.Context(), r.Actor, n, CorrectCmd{Score: f.Score, Points: p, Reason: f.Reason, Rev: f.Rev})
	}
	return s.took(r, n, "correct", "correct:"+string(f.Score), err)
}
