package conduct

import (
	"strconv"

	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// actTable shows each act with what it alone would get.
func (s *Service) actTable(r *web.Request, c Case) ui.Table {
	t := ui.Table{ID: "a", Caption: r.T("conduct.acts"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("conduct.f.act_no"), Num: true}, {Label: r.T("conduct.f.conduct")}, {Label: r.T("conduct.f.gravity"), Nowrap: true}, {Label: r.T("conduct.f.act"), Nowrap: true}, {Label: r.T("conduct.f.alone")}}}
	for i, a := range c.Acts() {
		x, _ := s.rules.Conduct(a.Conduct)
		what := ui.Cell{Text: s.conductWord(r, a.Conduct), Sub: a.Text}
		if x.Doc != "" {
			what.Sub = s.rules.Cite(x.Doc, x.Article) + " " + a.Text
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(i + 1)}, what, {Text: r.T("conduct.gravity." + a.Gravity)}, {Text: span(a.From, a.To)}, {Text: s.kindWords(r, a.Kinds)}}})
	}
	return t
}

// mergeWords say what the law makes of several acts, and how far its source is read.
func (s *Service) mergeWords(r *web.Request, c Case) []string {
	var out []string
	on := c.DecidedOn
	if on == "" {
		on = r.Today()
	}
	for _, m := range s.rules.Merge(s.rules.liable(c), on) {
		text := r.T("conduct.merge."+m.Rule, r.T("sanction.layer."+m.Layer), r.T("sanction.kind."+m.Kind))
		if m.Most > 0 {
			text += r.T("conduct.merge.months", m.Same, m.Least, m.Most)
		}
		if m.Doc != "" {
			text += r.T("conduct.merge.source", s.cite(m), r.T("conduct.evidence."+m.Evidence))
		}
		out = append(out, text)
	}
	return out
}

// actAdvice says what the law provides for each of several acts, and where what
// it alone would get leaves that range.
func (s *Service) actAdvice(r *web.Request, c Case) []string {
	var out []string
	for i, a := range c.Acts() {
		x, _ := s.rules.Conduct(a.Conduct)
		text := r.T("conduct.advice.no_range", s.rules.Cite(x.Doc, x.Article))
		if rg := x.Range(a.Gravity); len(rg) == 2 {
			text = r.T("conduct.advice.range", s.rules.Cite(x.Doc, x.Article), r.T("sanction.kind."+rg[0]), r.T("sanction.kind."+rg[1]))
		}
		for _, k := range a.Kinds {
			if v := s.rules.Advise(a.Conduct, a.Gravity, c.Circumstances, k, c.Retired); v.Outside != "" {
				text += " " + r.T("conduct.advice."+v.Outside, r.T("sanction.kind."+k))
			}
		}
		out = append(out, r.T("conduct.act.no", i+1, text))
	}
	return out
}

// actFields ask for one more act, and once for what the first alone would get.
func (s *Service) actFields(r *web.Request, c Case, cmd CaseCmd, p map[string]string, facts []ui.Field, kinds []ui.Option, text ui.Field) []ui.Field {
	for i := range facts { // those of the case stay out of the form: this is another act
		facts[i].Value = map[string]string{"conduct": cmd.Conduct, "gravity": orDate(cmd.Gravity, "normal"), "act_from": string(cmd.ActFrom), "act_to": string(cmd.ActTo)}[facts[i].Name]
	}
	own := cmd.Own
	if own == nil {
		own = c.File.Own
	}
	return append(facts, text, ui.Field{Name: "kinds", Label: r.T("conduct.f.alone_this"), Kind: ui.FieldChecks, Values: cmd.Kinds, Options: kinds, Wide: true, Hint: r.T("conduct.alone.hint"), Error: p["kinds"]},
		ui.Field{Name: "own", Label: r.T("conduct.f.alone_own", s.conductWord(r, c.Conduct)), Kind: ui.FieldChecks, Values: own, Options: kinds, Wide: true, Error: p["own"]})
}
