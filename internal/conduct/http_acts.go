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
		text := s.mergedWord(r.T, m)
		if m.Doc != "" {
			text += r.T("conduct.merge.source", s.cite(m), r.T("conduct.evidence."+m.Evidence))
		}
		out = append(out, text)
	}
	return out
}

func (s *Service) mergedWord(t func(string, ...any) string, m Merged) string {
	text := t("conduct.merge."+m.Rule, t("sanction.layer."+m.Layer), t("sanction.kind."+m.Kind))
	if m.Most > 0 {
		text += t("conduct.merge.months", m.Same, m.Least, m.Most)
	}
	return text
}

// actLines are several acts and what they come to together as the paragraphs of an
// official document; none where there is one act.
func (s *Service) actLines(r *web.Request, acts []Act, merged []Merged) []string {
	if len(acts) == 0 {
		return nil
	}
	t := func(key string, args ...any) string { return s.chinese(r, key, args...) }
	out := []string{t("paper.acts", len(acts))}
	for i, a := range acts {
		x, _ := s.rules.Conduct(a.Conduct)
		when := longDate(a.To)
		if a.From != "" && a.From != a.To {
			when = t("paper.acts.span", longDate(a.From), longDate(a.To))
		}
		class := t("paper.acts.law", t("conduct.class."+a.Conduct), s.rules.Cite(x.Doc, x.Article))
		out = append(out, t("paper.acts.one", i+1, when, class, t("conduct.gravity."+a.Gravity), s.chineseKinds(r, a.Kinds)))
		if a.Text != "" {
			out = append(out, a.Text)
		}
	}
	for _, m := range merged {
		text := s.mergedWord(t, m)
		if m.Doc != "" {
			text = t("paper.acts.by", s.cite(m), text)
		}
		out = append(out, t("paper.acts.merged", text))
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
