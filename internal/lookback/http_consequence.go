package lookback

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/ui/chart"
	"huikan/internal/platform/web"
	"huikan/internal/rectification"
)

func (s *Service) postTest(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var cmd TestCmd
	if err = r.Decode(&cmd); err == nil {
		err = s.RunTest(r.Context(), r.Actor, n, cmd)
	}
	if err != nil {
		return s.againSample(r, n, filled{form: "test", test: cmd, err: err})
	}
	return web.Redirect{To: "/lookback/items/" + string(n), Done: "done.sample.test"}, nil
}

func (s *Service) postConsequence(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	do := r.PathValue("do")
	var cmd ReasonCmd
	if err = r.Decode(&cmd); err != nil {
		return nil, err
	}
	sample, err := s.sampleOfConsequence(r, n)
	if err != nil {
		return nil, err
	}
	if err := s.CarryOut(r.Context(), r.Actor, n, do, cmd); err != nil {
		return s.againSample(r, sample, filled{form: string(n) + do, reason: cmd.Reason, err: err})
	}
	return web.Redirect{To: "/lookback/items/" + string(sample), Done: "done.consequence." + do}, nil
}

// testTable shows each claim of the close-out with its test and what came of it.
func testTable(r *web.Request, f sampleFacts) ui.Table {
	t := ui.Table{ID: "tests", Caption: r.T("sample.claims"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.no"), Nowrap: true}, {Label: r.T("sample.claim")}, {Label: r.T("sample.claim.test")}, {Label: r.T("sample.test.result")}}}
	latest := LatestTests(f.tests)
	for _, c := range f.claims {
		if c.Dropped {
			continue
		}
		test := c.Test
		if test == "" {
			test = r.T("claim.test." + c.Kind)
		}
		res := ui.Cell{Chips: []ui.Chip{{Class: "off", Word: r.T("sample.test.none")}}}
		if x, ok := latest[c.ID]; ok {
			res = ui.Cell{Chips: []ui.Chip{{Class: map[string]string{TestTrue: "ok", TestUntrue: "late", TestUnproven: "wait"}[x.Result], Word: r.T("sample.test." + x.Result)}}, Sub: x.Note}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(c.No)}, {Text: c.Text, Sub: r.T("claim.kind." + c.Kind)}, {Text: test}, res}})
	}
	return t
}

// testForm asks for what came of one claim, the first untested one chosen.
func testForm(r *web.Request, f sampleFacts, in filled) *ui.Form {
	if !slices.Contains(f.steps, "sample.evidence") || len(f.claims) == 0 {
		return nil
	}
	p, cmd := map[string]string{}, TestCmd{}
	if in.form == "test" {
		p, cmd = r.Problems(in.err), in.test
	}
	latest := LatestTests(f.tests)
	claim := ui.Field{Name: "claim", Label: r.T("sample.claim"), Kind: ui.FieldSelect, Value: string(cmd.Claim), Wide: true, Error: p["claim"]}
	for _, c := range f.claims {
		if c.Dropped {
			continue
		}
		claim.Options = append(claim.Options, ui.Option{Value: string(c.ID), Label: fmt.Sprintf("%d. %s", c.No, c.Text)})
		if _, tested := latest[c.ID]; !tested && claim.Value == "" {
			claim.Value = string(c.ID)
		}
	}
	var results []ui.Option
	for _, x := range TestResults() {
		results = append(results, ui.Option{Value: x, Label: r.T("sample.test." + x)})
	}
	return &ui.Form{ID: "test", Action: "/lookback/items/" + string(f.x.ID) + "/test", Sets: []ui.Fieldset{{Legend: r.T("sample.set.test"), Fields: []ui.Field{claim,
		{Name: "result", Label: r.T("sample.test.result"), Kind: ui.FieldRadio, Value: cmd.Result, Options: results, Wide: true, Error: p["result"]},
		{Name: "note", Label: r.T("sample.test.note"), Kind: ui.FieldArea, Rows: 2, Value: cmd.Note, Optional: true, Wide: true, Error: p["note"]}}}}, Buttons: []ui.Button{{Label: r.T("sample.do.test")}}}
}

// consequenceTable shows what follows the verdict in force.
func consequenceTable(r *web.Request, f sampleFacts) ui.Table {
	t := ui.Table{ID: "then", Caption: r.T("consequence.title"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("consequence.kind")}, {Label: r.T("word.status")}, {Label: r.T("word.note")}}}
	for _, c := range f.then {
		if c.State == ConsequenceDropped {
			continue
		}
		class := map[string]string{ConsequenceProposed: "wait", ConsequenceCarried: "ok", ConsequenceWaived: "off"}[c.State]
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("consequence.kind." + c.Kind)}, {Chips: []ui.Chip{{Class: class, Word: r.T("consequence.state." + c.State)}}, Sub: c.No}, {Text: c.Reason}}})
	}
	return t
}

// consequenceForms are the office's decisions on what follows.
func (s *Service) consequenceForms(r *web.Request, f sampleFacts, in filled) []ui.Form {
	var out []ui.Form
	if !Known(f.x.State) || f.x.State == Objected {
		return nil
	}
	for _, c := range f.then {
		for _, st := range ConsequenceFlow.From(c.State) {
			if s.policy.Can(r.Actor, "consequence."+st.Do, s.consequenceObject(c, f.x.Concerns)) != nil {
				continue
			}
			form := ui.Form{ID: st.Do + "-" + c.Kind, Action: "/lookback/consequences/" + string(c.ID) + "/" + st.Do, Rev: web.Rev(c.Rev), Buttons: []ui.Button{{Label: r.T("consequence.do." + st.Do), Kind: "primary"}}}
			p, reason := map[string]string{}, ""
			if in.form == string(c.ID)+st.Do {
				p, reason = r.Problems(in.err), in.reason
			}
			field := ui.Field{Name: "reason", Label: r.T("consequence.note." + c.Kind), Kind: ui.FieldArea, Rows: 2, Value: reason, Optional: true, Wide: true, Error: p["reason"]}
			if st.Do == "waive" {
				field.Label, field.Optional, form.Buttons[0].Kind = r.T("word.reason"), false, ""
			}
			form.Sets = []ui.Fieldset{{Legend: r.T("consequence.do."+st.Do) + "：" + r.T("consequence.kind."+c.Kind), Fields: []ui.Field{field}}}
			out = append(out, form)
		}
	}
	return out
}

type halfLifePage struct {
	Say               []string
	Chart             template.HTML
	Units, Categories ui.Table
	Suppressed        bool
}

// sayHalf puts a half-life into words.
func sayHalf(r *web.Request, h HalfLife) (value, note string) { return h.Words(r.T) }

func (s *Service) getHalfLife(r *web.Request) (web.Response, error) {
	d, err := s.HalfLife(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	value, note := sayHalf(r, d.All)
	p := halfLifePage{Say: []string{value + " · " + note, r.T("half.define"), r.T("half.limits")}, Suppressed: !d.Full,
		Units:      halfTable(r, "u", r.T("half.by_unit"), r.T("word.unit"), d.Units, func(k string) string { return s.Units.Short(id.ID(k)) }),
		Categories: halfTable(r, "c", r.T("half.by_category"), r.T("sample.category"), d.Categories, func(k string) string { return r.T("sample.category." + orNone(k)) })}
	p.Chart = curveChart(r, d.Curve)
	return web.Page{Name: "lookback/half", Data: p, API: d, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: r.T("half.title")})}, nil
}

func halfTable(r *web.Request, n, caption, head string, list map[string]HalfLife, name func(string) string) ui.Table {
	t := ui.Table{ID: n, Caption: caption, NoDrawer: true, Empty: ui.EmptyState{Title: r.T("half.none"), Text: r.T("sample.none.text")},
		Columns: []ui.Column{{Label: head}, {Label: r.T("half.title"), Hint: r.T("half.define")}, {Label: r.T("half.followed"), Num: true}, {Label: r.T("half.relapsed"), Num: true}}}
	keys := make([]string, 0, len(list))
	for k := range list {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(list[b].Events, list[a].Events), cmp.Compare(name(a), name(b)))
	})
	for _, k := range keys {
		h := list[k]
		value, note := sayHalf(r, h)
		cells := []ui.Cell{{Text: name(k)}, {Text: value, Sub: note}, {Text: strconv.Itoa(h.N)}, {Text: strconv.Itoa(h.Events)}}
		if h.N == 0 {
			cells = []ui.Cell{{Text: name(k)}, {Text: "—", Sub: r.T("lookback.small")}, {Text: "—"}, {Text: "—"}}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

// lensOwn splits the second lens: what has its cause above the unit first, then
// the unit's own problems (省级院的问题，更看最高检自身问题).
func lensOwn(samples []Sample) (higher, own []Sample) {
	for _, x := range samples {
		if x.Higher {
			higher = append(higher, x)
		} else {
			own = append(own, x)
		}
	}
	return higher, own
}

// lensOld splits the fourth lens: what did not hold, what held, what is not judged yet.
func lensOld(samples []Sample) (broken, held, open []Sample) {
	for _, x := range samples {
		switch {
		case !Known(x.State):
			open = append(open, x)
		case x.Verdict == rectification.Held || x.Verdict == rectification.Basic:
			held = append(held, x)
		default:
			broken = append(broken, x)
		}
	}
	return broken, held, open
}

func (s *Service) sampleOfConsequence(r *web.Request, n id.ID) (sample id.ID, err error) {
	err = s.readConsequence(r.Context(), r.Actor, n, &sample)
	return sample, hideConsequence(err)
}

func hideConsequence(err error) error {
	if f, ok := fault.Of(err); ok && f.Kind == fault.KindNotFound {
		return fault.Denied("consequence", f.Denied)
	}
	return err
}

// curveChart shows how many close-outs still hold after so many days, with the
// interval of each; long curves are thinned to what can be read.
func curveChart(r *web.Request, curve []Point) template.HTML {
	if len(curve) == 0 {
		return ""
	}
	const most = 12
	var rows []chart.Estimate
	for i, p := range curve {
		if len(curve) > most && i != len(curve)-1 && i*most/len(curve) == (i-1)*most/len(curve) && i > 0 {
			continue
		}
		rows = append(rows, chart.Estimate{Label: r.T("half.after", p.Days), Low: p.Low, Mid: p.Holds, High: p.High, Text: percent(p.Holds) + "（" + percent(p.Low) + "–" + percent(p.High) + "）"})
	}
	return chart.Interval(chart.Frame{ID: "curve", Title: r.T("half.curve"), Caption: r.T("half.curve.caption"), Data: r.T("half.data")}, rows, 1, chart.IntervalWords{Label: r.T("half.curve.when"), Value: r.T("half.curve.holds")})
}
