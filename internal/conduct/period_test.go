package conduct_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"huikan/internal/conduct"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

type example struct {
	N        int
	Article  string
	Kind     string
	Act, On  clock.Date
	Months   int
	Same     int
	Restored clock.Date
	Running  []example
	To       clock.Date
	Bars     map[string]string
	Doc      string
	Older    bool
	Lift     string
	Joined   clock.Date
	Capped   bool
	Refused  string
}

func (e example) decision(t *testing.T) conduct.Decision {
	d := conduct.Decision{Kind: e.Kind, ActEnd: e.Act, On: e.On, Months: e.Months, Same: e.Same, Restored: e.Restored}
	for _, r := range e.Running {
		x, err := conduct.Rulebook().Compute(r.decision(t))
		if err != nil {
			t.Fatalf("example %d: what runs: %v", e.N, err)
		}
		d.Running = append(d.Running, x)
	}
	return d
}

func examples(t *testing.T) []example {
	raw, err := os.ReadFile("testdata/examples.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var out []example
	if err := yaml.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Periods are what the articles say, worked by hand in testdata/examples.yaml.
func TestPeriodsAreThoseOfTheArticles(t *testing.T) {
	list := examples(t)
	if len(list) < 60 {
		t.Fatalf("%d examples", len(list))
	}
	for _, x := range list {
		e, err := conduct.Rulebook().Compute(x.decision(t))
		if x.Refused != "" {
			f, ok := fault.Of(err)
			if !ok || len(f.Fields) == 0 || f.Fields[0].Key != x.Refused {
				t.Errorf("%d %s: got %v, want refusal %s", x.N, x.Article, err, x.Refused)
			}
			continue
		}
		if err != nil {
			t.Errorf("%d %s: %v", x.N, x.Article, err)
			continue
		}
		bars := map[string]string{}
		for _, b := range e.Bars {
			bars[b.What] = string(b.To)
			if b.To == "" {
				bars[b.What] = "-"
			}
		}
		var joined clock.Date
		capped := false
		if e.Joined != nil {
			joined, capped = e.Joined.Rest, e.Joined.Capped
		}
		if e.From != x.On || e.To != x.To || !maps.Equal(bars, x.Bars) || e.Older != x.Older || joined != x.Joined || capped != x.Capped {
			t.Errorf("%d %s: %s to %s, bars %v, older %v, joined %q capped %v; want to %s, %v, %v, %q %v", x.N, x.Article, e.From, e.To, bars, e.Older, joined, capped, x.To, x.Bars, x.Older, x.Joined, x.Capped)
		}
		if x.Doc != "" && e.Doc != x.Doc || x.Lift != "" && e.Lift != x.Lift || e.Article == "" || e.Evidence == "" {
			t.Errorf("%d %s: by %s %s (%s), lifted by %q; want %s, %q", x.N, x.Article, e.Doc, e.Article, e.Evidence, e.Lift, x.Doc, x.Lift)
		}
	}
}

// Under the 2005 law the bars stay until the deciding organ lifts them; later
// laws end them by themselves.
func TestOldSanctionsAreLiftedByDecisionOnly(t *testing.T) {
	old, err := conduct.Rulebook().Compute(conduct.Decision{Kind: "admin.demerit", ActEnd: "2017-01-01", On: "2018-01-01"})
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := conduct.Rulebook().Compute(conduct.Decision{Kind: "admin.demerit", ActEnd: "2021-01-01", On: "2022-01-01"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		e          conduct.Effect
		on, lifted clock.Date
		want       int
	}{
		{old, "2018-12-31", "", 2}, {old, "2019-03-01", "", 2}, {old, "2019-03-01", "2019-02-01", 0}, {old, "2019-01-15", "2019-02-01", 2}, {old, "2017-12-31", "", 0},
		{fresh, "2022-12-31", "", 2}, {fresh, "2023-01-01", "", 0}, {fresh, "2021-12-31", "", 0},
	} {
		if got := c.e.Holding(c.on, c.lifted); len(got) != c.want {
			t.Errorf("decided %s, on %s, lifted %q: %v, want %d bars", c.e.From, c.on, c.lifted, got, c.want)
		}
	}
}

// A period never ends before it begins, never shrinks when something runs, and
// stays within the bound.
func TestPeriodsGrowWithWhatRuns(t *testing.T) {
	c := conduct.Rulebook()
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{"admin.warning", "admin.demerit", "admin.major_demerit", "admin.removal", "party.warning", "party.serious_warning"}).Draw(t, "kind")
		act := clock.Date("2021-01-01").AddDays(rapid.IntRange(0, 1500).Draw(t, "act"))
		on := act.AddDays(rapid.IntRange(0, 700).Draw(t, "gap"))
		alone, err := c.Compute(conduct.Decision{Kind: kind, ActEnd: act, On: on})
		if err != nil {
			t.Fatal(err)
		}
		before := on.AddDays(-rapid.IntRange(1, 170).Draw(t, "older"))
		older, err := c.Compute(conduct.Decision{Kind: kind, ActEnd: before, On: before})
		if err != nil {
			t.Fatal(err)
		}
		both, err := c.Compute(conduct.Decision{Kind: kind, ActEnd: act, On: on, Running: []conduct.Effect{older}})
		if err != nil {
			t.Fatal(err)
		}
		if alone.To < alone.From || both.To < alone.To || alone.Layer == conduct.Admin && both.To >= both.From.AddMonths(48) {
			t.Fatalf("alone %s to %s, with %s still to %s: to %s", alone.From, alone.To, kind, older.To, both.To)
		}
	})
}

func TestAdviceFollowsTheRange(t *testing.T) {
	c := conduct.Rulebook()
	for _, x := range []struct {
		name, conduct, gravity string
		circumstances          []string
		kind                   string
		retired                bool
		outside                string
		exempt, adjust         bool
	}{
		{"39(1): within", "abuse_of_power", "normal", nil, "admin.demerit", false, "", false, false},
		{"39(1): above", "abuse_of_power", "normal", nil, "admin.removal", false, "above", false, false},
		{"39(1): below", "abuse_of_power", "grave", nil, "admin.major_demerit", false, "below", false, false},
		{"11(1): one step below is open", "abuse_of_power", "grave", []string{"disclosed"}, "admin.major_demerit", false, "", false, false},
		{"11(1): two steps are not", "abuse_of_power", "grave", []string{"disclosed"}, "admin.demerit", false, "below", false, false},
		{"12: minor and disclosed", "neglect", "minor", []string{"disclosed"}, "education.talk", false, "", true, false},
		{"12: minor alone names no sanction", "neglect", "minor", nil, "admin.warning", false, "above", false, false},
		{"12: education for a normal case", "neglect", "normal", nil, "education.talk", false, "below", false, false},
		{"12(2): coerced", "neglect", "grave", []string{"coerced"}, "education.criticism", false, "", true, false},
		{"13: heavier alone does not leave the range", "neglect", "normal", []string{"colluded"}, "admin.major_demerit", false, "", false, false},
		{"27: retired, demerit", "neglect", "normal", nil, "admin.demerit", true, "", false, false},
		{"27: retired, removal", "neglect", "grave", nil, "admin.removal", true, "", false, true},
		{"27: retired, education", "neglect", "minor", []string{"cooperated"}, "education.talk", true, "", true, false},
	} {
		a := c.Advise(x.conduct, x.gravity, x.circumstances, x.kind, x.retired)
		if a.Outside != x.outside || a.Exempt != x.exempt || a.Adjust != x.adjust || a.Retired != (x.retired && strings.HasPrefix(x.kind, "admin.")) {
			t.Errorf("%s: %+v", x.name, a)
		}
	}
}

func TestSeveralActs(t *testing.T) {
	c := conduct.Rulebook()
	if got := c.Heaviest("admin.warning", "admin.removal", "admin.demerit"); got != "admin.removal" {
		t.Errorf("政务处分法15: %s", got)
	}
	for want, kinds := range map[string][]string{"party.removal": {"party.serious_warning", "party.warning"}, "party.warning": {"party.warning"}, "party.expulsion": {"party.expulsion", "party.warning"}} {
		if got := c.HeavierStep(kinds...); got != want {
			t.Errorf("合并处理 of %v: %s, want %s", kinds, got, want)
		}
	}
	for _, x := range []struct {
		crime bool
		kinds []string
		want  int
	}{{false, []string{"education.talk"}, 1}, {false, []string{"education.talk", "admin.warning"}, 2}, {false, []string{"party.removal", "admin.warning"}, 3}, {false, []string{"admin.dismissal"}, 4}, {true, []string{"education.talk"}, 4}, {false, nil, 0}} {
		if got := c.FormOf(x.crime, x.kinds...); got != x.want {
			t.Errorf("form of %v, crime %v: %d, want %d", x.kinds, x.crime, got, x.want)
		}
	}
}

// A broken rule file is refused with the place.
func TestBrokenRulesAreRefused(t *testing.T) {
	law, err := os.ReadFile("rules/sanctions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	procedure, err := os.ReadFile("rules/procedure.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]string{
		{"doc: zwcf2020, article: 第七条、第八条第一项", "doc: nowhere, article: 第七条、第八条第一项", "no document"},
		{"evidence: LAW, from: 2020-07-01, months: 6", "evidence: LAW, from: 2019-07-01, months: 6", "in force on one day"},
		{"evidence: LAW, from: 2020-07-01, months: 6", "evidence: SURE, from: 2020-07-01, months: 6", "evidence"},
		{"evidence: LAW, from: 2020-07-01, months: 6", "evidence: LAW, from: 2020-07-01", "no period"},
		{"  - id: org.suspension", "  - id: org.demotion", "twice"},
		{"normal: [admin.warning, admin.major_demerit]", "normal: [admin.warning]", "two kinds"},
		{"kind: admin.dismissal, doc", "kind: admin.nothing, doc", "names no kind"},
		{"layer: education", "layr: education", "layr"},
	} {
		broken := strings.Replace(string(law), c[0], c[1], 1)
		if broken == string(law) {
			t.Fatalf("%q does not occur", c[0])
		}
		if _, err := conduct.ParseRules([]byte(broken), procedure); err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%q: %v, want %q", c[1], err, c[2])
		}
	}
	if _, err := conduct.ParseRules(law, []byte("settings: [{key: a, value: 0}]")); err == nil {
		t.Error("a setting without source was taken")
	}
}

func FuzzParseRules(f *testing.F) {
	for _, name := range []string{"rules/sanctions.yaml", "testdata/examples.yaml"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	procedure, err := os.ReadFile("rules/procedure.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := conduct.ParseRules(raw, procedure)
		if err != nil {
			return
		}
		for _, k := range c.Kinds {
			if !slices.Contains([]string{conduct.Education, conduct.Org, conduct.Admin, conduct.Party}, k.Layer) {
				t.Errorf("layer %q was taken", k.Layer)
			}
		}
	})
}
