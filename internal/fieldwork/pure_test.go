package fieldwork

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"huikan/internal/inspection"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
)

func TestFlowsRefuseEveryOtherAction(t *testing.T) {
	for _, table := range Flows() {
		if err := table.Check(); err != nil {
			t.Error(err)
		}
		for _, st := range table.States() {
			for _, do := range table.Actions() {
				_, err := table.Next(st, do)
				has := slices.ContainsFunc(table.Steps, func(s flow.Step) bool { return s.From == st && s.Do == do })
				if has != (err == nil) || !has && !fault.Is(err, fault.KindState) {
					t.Errorf("%s %s from %s: %v", table.Name, do, st, err)
				}
			}
		}
	}
}

func TestTheRuleFile(t *testing.T) {
	b := TheBook()
	if len(b.Rules) != 22 {
		t.Errorf("%d rules", len(b.Rules))
	}
	for i, r := range b.Rules {
		if r.ID != fmt.Sprintf("I-%d", i+1) || r.Document == "" || r.Evidence == "" || r.Where == "" {
			t.Errorf("rule %d: %+v", i+1, r)
		}
	}
	for _, tc := range []struct {
		key  string
		on   clock.Date
		want int
		unit string
	}{{"rectify", "2019-05-01", 2, Months}, {"rectify", "2021-12-31", 2, Months}, {"rectify", "2022-01-01", 6, Months}, {"reports", "2018-01-01", 2, Months}, {"petition_before_exit", "2025-06-13", 7, Days}} {
		p, ok := b.Period(tc.key, tc.on)
		if !ok || p.Amount != tc.want || p.Unit != tc.unit || p.Source == "" {
			t.Errorf("%s on %s: %+v", tc.key, tc.on, p)
		}
	}
	if _, ok := b.Period("rectify", "2010-01-01"); ok {
		t.Error("a rule before it was made")
	}
	for name, text := range map[string]string{
		"no yaml": "limits: [", "unit": "limits: [{key: a, versions: [{from: 2020-01-01, amount: 1, unit: year, document: d, evidence: K}]}]",
		"twice":   "limits: [{key: a, versions: [{from: 2020-01-01, amount: 1, unit: day, document: d, evidence: K}]}, {key: a, versions: [{from: 2020-01-01, amount: 1, unit: day, document: d, evidence: K}]}]",
		"overlap": "limits: [{key: a, versions: [{from: 2020-01-01, to: 2021-01-01, amount: 1, unit: day, document: d, evidence: K}, {from: 2020-06-01, amount: 1, unit: day, document: d, evidence: K}]}]",
		"source":  "limits: [{key: a, versions: [{from: 2020-01-01, amount: 1, unit: day, evidence: K}]}]"} {
		if _, err := ParseBook([]byte(text)); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseBook(f *testing.F) {
	f.Add(string(ruleFile))
	f.Add("limits: [{key: a, versions: [{from: 2020-01-01, amount: 1, unit: day, document: d, evidence: K}]}]")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ParseBook([]byte(text))
		if err != nil {
			return
		}
		for _, l := range b.Limits {
			for _, v := range l.Versions {
				if p, ok := b.Period(l.Key, v.From); !ok || p.Amount < 1 {
					t.Errorf("a version that does not hold on its first day: %+v", v)
				}
			}
		}
	})
}

func TestDays(t *testing.T) {
	cal := clock.National()
	for _, tc := range []struct {
		p      Period
		anchor clock.Date
		want   clock.Date
	}{
		{Period{Amount: 7, Unit: Days, Before: true}, "2025-06-13", "2025-06-06"}, // the published example
		{Period{Amount: 3, Unit: Workdays}, "2025-09-30", "2025-10-11"},           // over the National Day; the 11th is made up for
		{Period{Amount: 1, Unit: Months}, "2025-01-31", "2025-02-28"},
		{Period{Amount: 6, Unit: Months}, "2025-03-01", "2025-09-01"},
		{Period{Amount: 5, Unit: Days}, "2025-09-28", "2025-10-09"}, // ends in the holiday: rolls on
		{Period{Amount: 1, Unit: Days, Before: true}, "2025-10-09", "2025-09-30"},
	} {
		got, provisional := tc.p.Due(cal, tc.anchor)
		if got != tc.want || provisional {
			t.Errorf("%+v from %s: %s, provisional %v; want %s", tc.p, tc.anchor, got, provisional, tc.want)
		}
	}
	if d, _ := (Period{Amount: 3, Unit: Days}).Due(cal, ""); d != "" {
		t.Errorf("a day without an anchor: %s", d)
	}
	if _, provisional := (Period{Amount: 3, Unit: Workdays}).Due(cal, "2040-01-02"); !provisional {
		t.Error("a year without holidays counts as sure")
	}
}

func TestSpread(t *testing.T) {
	needs := []Need{{"a", "11", "2020-01-01"}, {"b", "12", ""}, {"c", "13", "2019-01-01"}, {"d", "14", ""}, {"e", "15", "2021-01-01"}}
	var got []string
	for _, x := range Spread(needs, 2, "2026-01-01", "2026-12-31") {
		got = append(got, fmt.Sprintf("%s%d@%s", x.Unit, x.Wave, x.Due))
	}
	want := "b1@2026-01-01 d1@2026-01-01 c1@2026-01-01 a2@2026-07-02 e2@2026-07-02"
	if strings.Join(got, " ") != want {
		t.Errorf("%v", got)
	}
	if Spread(nil, 3, "2026-01-01", "2026-12-31") != nil || Spread(needs, 0, "2026-01-01", "2026-12-31") != nil {
		t.Error("placed nothing somewhere")
	}
}

func TestLines(t *testing.T) {
	cycle := Period{Amount: 60, Unit: Months}
	visits := []Visited{{"a", "r1", "t", "一", "fed_back", "2025-02-01"}, {"b", "r1", "t", "一", "on_site", "2026-02-01"}, {"c", "r0", "old", "零", "fed_back", "2019-02-01"}}
	slots := []Slot{{ID: "s1", Unit: "c", Wave: 2, Due: "2026-06-01"}, {ID: "s2", Unit: "d", Wave: 1, Due: "2026-01-01"}}
	got := map[id.ID]Line{}
	for _, l := range Lines([]id.ID{"a", "b", "c", "d", "e"}, slots, visits, "t", "2027-10-01", "2026-03-02", cycle) {
		got[l.Unit] = l
	}
	for u, want := range map[id.ID]string{"a": PlanDone, "b": PlanOnSite, "c": PlanPlanned, "d": PlanLate, "e": PlanMissing} {
		if got[u].State != want {
			t.Errorf("%s: %s, want %s", u, got[u].State, want)
		}
	}
	if got["a"].NextDue != "2030-02-01" || got["c"].NextDue != "2026-06-01" || got["e"].NextDue != "2027-10-01" || !got["e"].Never || got["c"].Never {
		t.Errorf("%+v", got)
	}
}

func TestSentencesLeadToPapers(t *testing.T) {
	text := "一、民主集中制\n会议记录不完整。〔底稿3、7〕材料当天发放〔3〕。有关制度执行不严。\n他说：“知道了。”〔底稿12〕\n\n（二）财务\n三笔没有依据"
	var got []string
	for _, s := range Sentences(text) {
		kind := "s"
		if s.Heading {
			kind = "h"
		}
		if s.Bare() {
			kind = "bare"
		}
		got = append(got, kind+"|"+s.Text+"|"+strings.Join(s.Refs, ","))
	}
	want := []string{"h|一、民主集中制|", "s|会议记录不完整。|3,7", "s|材料当天发放。|3", "bare|有关制度执行不严。|", "s|他说：“知道了。”|12", "h|（二）财务|", "h|三笔没有依据|"}
	if !slices.Equal(got, want) {
		t.Errorf("\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if p := Plain(text); p[1] != "会议记录不完整。材料当天发放。有关制度执行不严。" {
		t.Errorf("%q", p)
	}
}

// Whatever is written, nothing but the references is lost and no sentence is empty.
func FuzzSentences(f *testing.F) {
	f.Add("会议记录不完整。〔底稿3、7〕材料当天发放〔3〕。")
	f.Add("〔1〕。！？“”\n\n一、")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		var all strings.Builder
		for _, s := range Sentences(text) {
			if strings.TrimSpace(s.Text) == "" {
				t.Errorf("an empty sentence in %q", text)
			}
			all.WriteString(s.Text)
		}
		clean := func(x string) string {
			return strings.Map(func(r rune) rune {
				if strings.ContainsRune(" 　\n\t\r\v\f\u0085\u00a0\u2028\u2029", r) || r == utf8.RuneError || uint32(r) < 32 || strings.TrimSpace(string(r)) == "" {
					return -1
				}
				return r
			}, refMark.ReplaceAllString(x, ""))
		}
		if have, want := clean(all.String()), clean(strings.Join(strings.Split(text, "\n"), "\n")); have != want && !strings.Contains(text, "〔") {
			t.Errorf("%q became %q", want, have)
		}
	})
}

func TestLackingNamesTheRule(t *testing.T) {
	v := inspection.Visit{State: inspection.VisitOnSite}
	miss := Lacking("regular", v, nil, true)
	if len(miss) != 9 { // five bodies, mobilisation, briefing, meeting, notice
		t.Errorf("%d missing: %v", len(miss), miss)
	}
	if n := len(Lacking("regular", v, nil, false)); n != 8 {
		t.Errorf("%d without a second principal", n)
	}
	acts := []Act{{Kind: KindNotice, State: ActRecorded}, {Kind: KindEnquiry, Body: "audit", State: ActAsked}, {Kind: KindEntryMeeting, State: ActVoid}, {Kind: KindWaive, Body: KindBriefEntry, State: ActRecorded}}
	for _, m := range Lacking("regular", v, acts, true) {
		if m.Kind == KindNotice || m.Body == "audit" || m.Kind == KindBriefEntry {
			t.Errorf("still missing: %+v", m)
		}
	}
	if !slices.ContainsFunc(Lacking("regular", v, acts, true), func(m Missing) bool { return m.Kind == KindEntryMeeting }) {
		t.Error("a record that was struck counts")
	}
	if len(Lacking("regular", inspection.Visit{State: inspection.VisitPlanned}, nil, true)) != 0 {
		t.Error("something is missing before it is due")
	}
}

// An inspection wants every record of its rules, a look-back none of them, an audit
// and a supervision of law enforcement what is not bound to inspections; only an audit
// wants its notice. The same holds for limits.
func TestKindsWantTheirOwnRecords(t *testing.T) {
	v := inspection.Visit{State: inspection.VisitFedBack}
	for kind, want := range map[string]string{
		inspection.KindLookback:    "",
		inspection.KindAudit:       "mobilise audit_notice entry_meeting decision feedback_leader",
		inspection.KindEnforcement: "mobilise decision feedback_leader feedback_team",
	} {
		var got []string
		for _, m := range Lacking(kind, v, nil, true) {
			got = append(got, m.Kind)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s lacks %v, want %s", kind, got, want)
		}
	}
	for _, kind := range inspection.RoundKinds() {
		if n := len(Lacking(kind, v, nil, true)); inspection.Inspects(kind) != (n == 14) {
			t.Errorf("%s wants %d records", kind, n)
		}
		for _, l := range TheBook().Limits {
			want := l.Key == "audit_notice" && kind == inspection.KindAudit || l.Key != "audit_notice"
			if !inspection.Inspects(kind) && slices.Contains([]string{"enquiry_answer", "notice_after_entry", "petition_before_exit"}, l.Key) {
				want = false
			}
			if TheBook().Has(l.Key, kind) != want {
				t.Errorf("limit %s for %s: %v", l.Key, kind, !want)
			}
		}
	}
	for what, text := range map[string]string{
		"a kind that is none":   "kinds: [{key: tour, document: d, evidence: K}]",
		"no source":             "kinds: [{key: audit, evidence: K}]",
		"twice":                 "kinds: [{key: audit, document: d, evidence: K}, {key: audit, document: d, evidence: K}]",
		"a record that is none": "kinds: [{key: audit, document: d, evidence: K, without: [{why: w, records: [transfer]}]}]",
		"a limit that is none":  "kinds: [{key: audit, document: d, evidence: K, without: [{why: w, limits: [lunch]}]}]"} {
		if _, err := ParseBook([]byte(text)); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A thousand inspectors over forty teams: every rule is kept, nobody sits twice,
// and the answer comes at once.
func TestProposalAtScale(t *testing.T) {
	var pool []Applicant
	paths := map[id.ID]string{"spp": "spp/"}
	var places []Place
	for i := range 40 {
		u := org.Unit{ID: id.ID(fmt.Sprintf("u%02d", i)), Path: fmt.Sprintf("spp/%02d/", i), Coverage: []string{fmt.Sprintf("%02d0000", 11+i)}}
		paths[u.ID] = u.Path
		places = append(places, Place{Team: id.ID(fmt.Sprintf("t%02d", i)), Name: "组", Units: []org.Unit{u}})
	}
	ks := Skills()
	for i := range 1000 {
		a := Applicant{Inspector: Inspector{Person: id.ID(fmt.Sprintf("p%03d", i)), Skills: []string{ks[i%len(ks)]}, Lead: i%10 == 0}, Serving: i%50 != 49, Rounds: i % 4,
			Candidate: inspection.Candidate{Facts: person.Facts{Unit: "spp", Native: fmt.Sprintf("%02d0100", 11+i%45), FormerUnits: []id.ID{id.ID(fmt.Sprintf("u%02d", i%40))}}}}
		pool = append(pool, a)
	}
	path := func(u id.ID) string { return paths[u] }
	start := time.Now()
	out := Propose(pool, places, Wish{Size: 6, Deputies: 1, Skills: ks[:4]}, "2026-03-02", path)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
	seen := map[id.ID]bool{}
	by := map[id.ID]Applicant{}
	for _, a := range pool {
		by[a.Person] = a
	}
	for i, p := range out {
		if len(p.Choices) != 6 || p.Open != 0 || len(p.Lacks) != 0 || p.Choices[0].Post != inspection.PostLeader {
			t.Fatalf("team %d: %+v", i, p)
		}
		for _, c := range p.Choices {
			if seen[c.Person] {
				t.Errorf("%s sits twice", c.Person)
			}
			seen[c.Person] = true
			if why := Barred(by[c.Person], places[i].Units, "2026-03-02", path); why != "" {
				t.Errorf("%s in team %d against %s", c.Person, i, why)
			}
			if c.Post == inspection.PostLeader && !by[c.Person].Lead {
				t.Errorf("%s leads", c.Person)
			}
		}
		if p.Passed[inspection.RecuseFormer] == 0 || p.Passed[inspection.RecuseNative] == 0 || p.Passed[PassStatus] == 0 {
			t.Errorf("passed over: %v", p.Passed)
		}
	}
	again := Propose(pool, places, Wish{Size: 6, Deputies: 1, Skills: ks[:4]}, "2026-03-02", path)
	if fmt.Sprint(out) != fmt.Sprint(again) {
		t.Error("the same pool gives another proposal")
	}
}

func TestBarred(t *testing.T) {
	u := org.Unit{ID: "henan", Path: "spp/41/", Coverage: []string{"410000"}}
	path := func(n id.ID) string { return map[id.ID]string{"henan": "spp/41/", "spp": "spp/"}[n] }
	free := Applicant{Serving: true, Candidate: inspection.Candidate{Facts: person.Facts{Unit: "spp"}}}
	for _, tc := range []struct {
		want string
		with func(a *Applicant)
	}{
		{"", func(*Applicant) {}}, {PassStatus, func(a *Applicant) { a.Serving = false }}, {PassSeated, func(a *Applicant) { a.Seated = true }},
		{PassAway, func(a *Applicant) { a.From = "2026-05-01" }}, {PassAway, func(a *Applicant) { a.To = "2026-01-01" }},
		{PassDeclared, func(a *Applicant) { a.Declared = []id.ID{"henan"} }}, {PassTwice, func(a *Applicant) { a.Before = []id.ID{"henan"} }},
		{inspection.RecuseNative, func(a *Applicant) { a.Candidate.Native = "410700" }}, {inspection.RecuseKin, func(a *Applicant) { a.Candidate.KinUnits = []id.ID{"henan"} }},
	} {
		a := free
		tc.with(&a)
		if got := Barred(a, []org.Unit{u}, "2026-03-02", path); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}
