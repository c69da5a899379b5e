package conduct_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"huikan/internal/conduct"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/document"
)

// What several acts come to: each line gives what the acts alone would get and what
// the law makes of them (政务处分法 15; of the Party the highest and one step more, K).
func TestSeveralActsAreMerged(t *testing.T) {
	for _, c := range []struct{ name, acts, want string }{
		{"the heaviest is carried out", "admin.warning|admin.major_demerit|admin.demerit", "admin.major_demerit heaviest 1"},
		{"two equal ones: from one period to the sum of both", "admin.demerit|admin.demerit", "admin.demerit heaviest 2 12-24"},
		{"never more than 48 months", "admin.major_demerit|admin.major_demerit|admin.major_demerit", "admin.major_demerit heaviest 3 18-48"},
		{"equal ones below the heaviest count for nothing", "admin.warning|admin.warning|admin.removal", "admin.removal heaviest 1"},
		{"two removals", "admin.removal|admin.removal", "admin.removal heaviest 2 24-48"},
		{"dismissal has no period", "admin.dismissal|admin.dismissal", "admin.dismissal heaviest 2"},
		{"the Party's: one step above the highest", "party.warning|party.serious_warning", "party.removal heavier_step 1"},
		{"expulsion is the last step", "party.expulsion|party.warning", "party.expulsion heavier_step 1"},
		{"one step above probation is expulsion", "party.probation|party.warning", "party.expulsion heavier_step 1"},
		{"one act alone deserves it", "admin.warning|education.talk", "admin.warning single 1"},
		{"both layers, each by its own rule", "admin.warning,party.warning|admin.demerit,party.warning", "admin.demerit heaviest 1; party.serious_warning heavier_step 1"},
		{"education only", "education.talk|education.talk", ""},
	} {
		var acts []conduct.Act
		for _, kinds := range strings.Split(c.acts, "|") {
			acts = append(acts, conduct.Act{Conduct: "gifts", Gravity: "normal", To: "2025-03-01", Kinds: strings.Split(kinds, ",")})
		}
		var got []string
		for _, m := range conduct.Rulebook().Merge(acts, "2026-03-02") {
			line := fmt.Sprintf("%s %s %d", m.Kind, m.Rule, m.Same)
			if m.Most > 0 {
				line += fmt.Sprintf(" %d-%d", m.Least, m.Most)
			}
			if m.Rule != "single" && m.Article == "" {
				t.Errorf("%s: no article", c.name)
			}
			got = append(got, line)
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%s: %q, want %q", c.name, s, c.want)
		}
	}
}

// Two acts of one person go their way as one case: the decision fits what they come to
// together, or is refused; where the source of the rule is open it asks for a reason.
func TestACaseOfSeveralActs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.opened(t, "gifts")
		c = w.step(t, w.office, c.ID, "file", conduct.CaseCmd{Second: "second", Text: "立案", ActTo: "2025-04-01"})
		more := conduct.CaseCmd{Conduct: "hospitality", Gravity: "grave", ActTo: "2025-06-30", Kinds: []string{"admin.demerit", "party.warning"}, Own: []string{"admin.demerit", "party.warning"}, Text: "接受宴请"}
		empty := more
		empty.Own = nil
		w.refused(t, "the first act is judged by itself too", w.office, c.ID, "act", empty, fault.KindInvalid, "error.required")
		twice := more
		twice.Kinds = []string{"admin.demerit", "admin.warning"}
		w.refused(t, "two of one layer", w.office, c.ID, "act", twice, fault.KindInvalid, "conduct.bad.one_per_layer")
		late := more
		late.ActTo = clock.Today(w.Clock).AddDays(1)
		w.refused(t, "an act of tomorrow", w.office, c.ID, "act", late, fault.KindInvalid, "conduct.bad.future")
		w.refused(t, "who does not handle it", w.third, c.ID, "act", more, fault.KindNotFound, "")
		c = w.step(t, w.office, c.ID, "act", more)
		c = w.step(t, w.office, c.ID, "act", conduct.CaseCmd{Conduct: "neglect", Gravity: "normal", ActTo: "2025-07-01", Kinds: []string{"admin.warning"}, Text: "误录"})
		w.refused(t, "no such act", w.office, c.ID, "unact", conduct.CaseCmd{Act: 4, Text: "x"}, fault.KindInvalid, "conduct.bad.act")
		c = w.step(t, w.office, c.ID, "unact", conduct.CaseCmd{Act: 3, Text: "查否"})
		if len(c.Acts()) != 2 || c.Acts()[1].Conduct != "hospitality" {
			t.Fatalf("%+v", c.Acts())
		}
		w.step(t, w.office, c.ID, "report", conduct.CaseCmd{Text: "查明", ActTo: "2025-04-01"})
		w.refused(t, "lighter than the heaviest", w.office, c.ID, "notify", conduct.CaseCmd{Text: "拟处理", Kinds: []string{"admin.warning"}}, fault.KindInvalid, "conduct.bad.merged")
		w.step(t, w.office, c.ID, "notify", conduct.CaseCmd{Text: "拟处理", Kinds: []string{"admin.demerit", "party.serious_warning"}, Period: 20})
		w.refused(t, "another act after the person was told", w.office, c.ID, "act", more, fault.KindNotFound, "")
		w.step(t, w.office, c.ID, "hear", conduct.CaseCmd{Text: "无异议"})
		w.step(t, w.office, c.ID, "submit", conduct.CaseCmd{Text: "呈报", Decider: "boss"})
		for _, x := range []struct {
			name, key string
			cmd       conduct.CaseCmd
		}{
			{"another administrative one than the law says", "conduct.bad.merged", conduct.CaseCmd{Text: "决定", Kinds: []string{"admin.major_demerit", "party.serious_warning"}}},
			{"the Party's without the step, no reason", "conduct.bad.merged_open", conduct.CaseCmd{Text: "决定", Kinds: []string{"admin.demerit", "party.warning"}}},
			{"beyond the sum of the periods", "sanction.bad.sum", conduct.CaseCmd{Text: "决定", Period: 25}},
			{"before the last act", "sanction.bad.before_act", conduct.CaseCmd{Text: "决定", On: "2025-05-01"}},
		} {
			w.refused(t, x.name, w.boss, c.ID, "decide", x.cmd, fault.KindInvalid, x.key)
		}
		w.site.Actor = w.boss
		_, body := w.site.Get(t, "/conduct/cases/"+string(c.ID))
		for _, want := range []string{"多个行为", "执行其中最重的“记过”", "2 个相同处分，处分期 12 至 24 个月", "第十五条", "加重一档", "待核实"} {
			if !strings.Contains(body, want) {
				t.Errorf("the decider does not read %q", want)
			}
		}
		w.step(t, w.boss, c.ID, "decide", conduct.CaseCmd{Text: "决定"})
		_, body = w.site.Get(t, "/api/v1/conduct/cases/"+string(c.ID))
		var api struct {
			Sanctions []conduct.Sanction `json:"sanctions"`
		}
		if err := json.Unmarshal([]byte(body), &api); err != nil {
			t.Fatal(err)
		}
		found := map[string]int{}
		for _, x := range api.Sanctions {
			found[x.Kind] = x.Effect.Months
		}
		w.papersNameEachAct(t, c.ID)
		if found["admin.demerit"] != 20 || found["party.serious_warning"] != 18 {
			t.Errorf("%v", found)
		}
	})
}

// Every paper about several acts names each of them and what they come to together:
// report, letter of facts and decision, those served on the person too. What the
// handlers wrote about an act stays in the report: it may name who reported it.
func (w *world) papersNameEachAct(t *testing.T, c id.ID) {
	w.step(t, w.office, c, "serve", conduct.CaseCmd{})
	each := []string{"共有 2 个行为", "（1）2025年3月1日至2025年4月1日", "（2）2025年6月30日", "单独应给予：记过、党内警告", "依照《公职人员政务处分法》第十五条", "2 个相同处分，处分期 12 至 24 个月"}
	paper := func(who actor.Actor, path string) string {
		body := w.site.Both(t, who, path, 200)
		text, err := document.Read("x.docx", strings.NewReader(body), int64(len(body)))
		if err != nil {
			t.Fatal(path, err)
		}
		return strings.Join(text.Paragraphs, "\n")
	}
	check := func(path, text string, told bool) {
		for _, want := range each {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
		if strings.Contains(text, "接受宴请") == told {
			t.Errorf("%s: the handlers' words about the act, to the person %v", path, told)
		}
	}
	for _, kind := range []string{"report", "hearing", "decision"} {
		path := "/conduct/cases/" + string(c) + "/paper/" + kind
		check(path, paper(w.office, path), kind != "report")
	}
	for _, v := range w.served(t) {
		if path := "/conduct/served/" + string(v.ID); v.Kind == conduct.PaperHearing || v.Kind == conduct.PaperDecision {
			check(path, paper(w.subject, path+"/paper"), true)
			check(path, w.site.Both(t, w.subject, path, 200), true)
		} else if text := paper(w.subject, path+"/paper"); strings.Contains(text, "个行为") {
			t.Errorf("the paper %s names acts of which the person was not told yet:\n%s", v.Kind, text)
		}
	}
}
