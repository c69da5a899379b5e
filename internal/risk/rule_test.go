package risk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/kernel/fault"
)

func keyOf(err error) string {
	f, ok := fault.Of(err)
	if !ok {
		return fmt.Sprint(err)
	}
	for _, x := range f.Fields {
		return x.Key
	}
	return f.Key
}

// A rule compares indicators and does nothing else: what loops, calls, reaches
// out or is too large is refused, each with its own sentence.
func TestHostileRulesAreRefused(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "error.required"},
		{"[1,2,3].all(x, x > 0) && extensions > 1", "risk.rule.bad.loop"},
		{"[1,2,3].exists(x, [4].exists(y, y > x)) && extensions > 1", "risk.rule.bad.loop"},
		{"extensions.map(x, x)", "risk.rule.bad.loop"},
		{"matches(case_type, '(a+)+$')", "risk.rule.bad.call"},
		{"case_type.matches('(a+)+$')", "risk.rule.bad.call"},
		{"size(case_type) > 3", "risk.rule.bad.call"},
		{"case_type.contains('x')", "risk.rule.bad.call"},
		{"duration('1h') > duration('2h') || extensions > 1", "risk.rule.bad.call"},
		{"type(extensions) == int", "risk.rule.bad.call"},
		{"int(case_type) > 2", "risk.rule.bad.call"},
		{"{'a': 1}['a'] > extensions", "risk.rule.bad.call"},
		{"extensions / 0 > 1", "risk.rule.bad.call"},
		{"extensions in [1, 2][0]", "risk.rule.bad.types"},
		{"extensions > 'three'", "risk.rule.bad.types"},
		{"extensions + 1", "risk.rule.bad.bool"},
		{"true", "risk.rule.bad.constant"},
		{"1 < 2", "risk.rule.bad.constant"},
		{"password > 1", "risk.rule.bad.word"},
		{"p_cases > 1", "risk.rule.bad.subject"},
		{"extensions >", "risk.rule.bad.syntax"},
		{"b'abc' == b'abc' || extensions > 1", "risk.rule.bad.literal"},
		{strings.Repeat("(", 200) + "extensions > 1" + strings.Repeat(")", 200), "risk.rule.bad.deep"},
		{strings.TrimSuffix(strings.Repeat("extensions>1||", 60), "||"), "risk.rule.bad.large"},
		{"extensions > 1 || " + strings.Repeat("case_type == 'arrest' || ", 60) + "closed", "error.too_long"},
	} {
		if _, err := Shipped().Compile(OfCase, c.text); keyOf(err) != c.want {
			t.Errorf("%.60s: got %s, want %s", c.text, keyOf(err), c.want)
		}
	}
	if _, err := Shipped().Compile("world", "extensions > 1"); keyOf(err) != "risk.bad.choice" {
		t.Errorf("a subject that does not exist: %v", err)
	}
}

// Every shipped rule has a source, a bound, a name in both languages, and a
// sentence from which the same rule is read again.
func TestShippedRules(t *testing.T) {
	c := Shipped()
	if len(c.Rules) < 20 {
		t.Errorf("%d rules", len(c.Rules))
	}
	seen := map[string]bool{}
	for _, v := range c.Rules {
		if v.Document == "" || v.NameZh == "" || v.NameEn == "" || v.Level < 1 || v.Level > 4 || seen[v.Rule] || !strings.Contains(" LAW T K P ", " "+v.Evidence+" ") {
			t.Errorf("%+v", v)
		}
		seen[v.Rule] = true
		p, err := c.Compile(v.Subject, v.Expression)
		if err != nil {
			t.Fatal(err)
		}
		for lang := range languages {
			said := p.Sentence(lang, func(s string) string { return s })
			text, err := c.ReadSentence(v.Subject, said, lang, nil)
			if err != nil {
				t.Errorf("%s: %q: %v", v.Rule, said, err)
				continue
			}
			again, err := c.Compile(v.Subject, text)
			if err != nil {
				t.Errorf("%s: %q became %q: %v", v.Rule, said, text, err)
			} else if got := again.Sentence(lang, func(s string) string { return s }); got != said {
				t.Errorf("%s: %q became %q", v.Rule, said, got)
			}
		}
	}
}

// expressions draws a rule about a subject that is right by its types: what it adds
// to an indicator and holds against one is of the indicator's own type.
func expressions(subject string, depth int) *rapid.Generator[string] {
	if depth > 0 {
		return rapid.Custom(func(t *rapid.T) string {
			a := expressions(subject, depth-1).Draw(t, "a")
			switch rapid.IntRange(0, 3).Draw(t, "form") {
			case 0:
				return a
			case 1:
				return "!(" + a + ")"
			}
			return "(" + a + ")" + rapid.SampledFrom([]string{" && ", " || "}).Draw(t, "join") + "(" + expressions(subject, depth-1).Draw(t, "b") + ")"
		})
	}
	return rapid.Custom(func(t *rapid.T) string {
		x := rapid.SampledFrom(Shipped().Of(subject)).Draw(t, "indicator")
		switch x.Type {
		case typeBool:
			return rapid.SampledFrom([]string{x.Key, "!" + x.Key, x.Key + " == true", x.Key + " != true"}).Draw(t, "bool")
		case typeText:
			return x.Key + rapid.SampledFrom([]string{" == 'arrest'", " != 'civil'", " in ['arrest', 'prosecution']"}).Draw(t, "text")
		}
		number := func() string {
			n := strconv.Itoa(rapid.IntRange(0, 9).Draw(t, "number"))
			if x.Type == typeNum {
				n += rapid.SampledFrom([]string{".0", ".5"}).Draw(t, "part")
			}
			return n
		}
		left := x.Key
		if rapid.Bool().Draw(t, "sum") {
			left += rapid.SampledFrom([]string{" + ", " * ", " - "}).Draw(t, "arithmetic") + number()
		}
		return left + rapid.SampledFrom([]string{" > ", " >= ", " < ", " <= ", " == ", " != "}).Draw(t, "op") + number()
	})
}

// drawValues draws what the indicators of a subject may be.
func drawValues(t *rapid.T, subject string) (v values) {
	for _, x := range Shipped().Of(subject) {
		switch n := rapid.IntRange(0, 36).Draw(t, x.Key); x.Type {
		case typeBool:
			v.num[x.slot] = float64(n % 2)
		case typeNum:
			v.num[x.slot] = float64(n) / 4
		case typeInt:
			v.num[x.slot] = float64(n / 4)
		}
	}
	v.text = rapid.SampledFrom([]string{"arrest", "prosecution", "civil"}).Draw(t, "type")
	return v
}

// Whatever the rule: one that is right by its types is taken up to eight comparisons,
// and a larger one is refused for its size only. It says the same in words as in the
// language, the comparisons judged before it never change its answer, and our own
// arithmetic agrees with the language; a true rule names at least one comparison.
func TestRulesMeanWhatTheySay(t *testing.T) {
	c := Shipped()
	sizes := []string{"error.too_long", "risk.rule.bad.large", "risk.rule.bad.deep", "risk.rule.bad.cost"}
	rapid.Check(t, func(rt *rapid.T) {
		subject, depth := rapid.SampledFrom(Subjects()).Draw(rt, "subject"), rapid.IntRange(0, 6).Draw(rt, "depth")
		text := expressions(subject, depth).Draw(rt, "rule")
		p, err := c.Compile(subject, text)
		if err != nil {
			if depth <= 3 || !slices.Contains(sizes, keyOf(err)) {
				rt.Fatalf("%s is refused: %v", text, err)
			}
			return
		}
		v := drawValues(rt, subject)
		var act activation
		want, err := p.ask(&v, &act)
		if err != nil {
			rt.Fatal(err)
		}
		if got, err := p.holds(&v, &act); err != nil || got != want {
			rt.Fatalf("%s: with gates %v %v, without %v", text, got, err, want)
		}
		if got := p.value(p.root, &v).yes; got != want {
			rt.Fatalf("%s: own arithmetic %v, the language %v", text, got, want)
		}
		if want && len(p.atoms(&v)) == 0 {
			rt.Fatalf("%s holds and names nothing", text)
		}
		for lang := range languages {
			said := p.Sentence(lang, func(s string) string { return s })
			read, err := c.ReadSentence(subject, said, lang, map[string]string{"arrest": "arrest", "civil": "civil", "prosecution": "prosecution"})
			if err != nil {
				rt.Fatalf("%s is said %q: %v", text, said, err)
			}
			again, err := c.Compile(subject, read)
			if err != nil {
				rt.Fatalf("%s is said %q and read %q: %v", text, said, read, err)
			}
			if got, err := again.ask(&v, &act); err != nil || got != want {
				rt.Fatalf("%s is said %q and read %q: %v, want %v", text, said, read, got, want)
			}
		}
	})
}

// A sentence is written as people write.
func TestSentences(t *testing.T) {
	values := map[string]string{"arrest": "审查逮捕"}
	for said, want := range map[string]string{
		"延长期限次数 不少于 3 次 且 在办天数 大于 90 天":      "extensions >= 3 && days_open > 90",
		"延长期限次数不少于3次，且在办天数超过90天。":            "extensions >= 3 && days_open > 90",
		"案件类型 等于 “审查逮捕” 或 （ 已办结 为否 ）":        `case_type == "arrest" || (closed == false)`,
		"案件类型属于（“审查逮捕”、“审查逮捕”）并且 改变原决定次数>=1": `case_type in [ "arrest", "arrest" ] && changes >= 1`,
		"并非（退回补充侦查次数 至多 2 次）":                "!(returns <= 2)",
	} {
		if got, err := Shipped().ReadSentence(OfCase, said, "zh", values); err != nil || got != want {
			t.Errorf("%s: got %q %v, want %q", said, got, err, want)
		}
	}
	if _, err := Shipped().ReadSentence(OfCase, "领导不高兴的次数 大于 1", "zh", nil); keyOf(err) != "risk.rule.bad.sentence" {
		t.Errorf("a word that does not exist: %v", err)
	}
}

// A damaged record is refused, whatever stands in it; a good one comes back.
func FuzzRecord(f *testing.F) {
	f.Add(pack(Case{No: "检刑诉〔2026〕1号", Type: "prosecution", Events: []Event{{Kind: Accept, Day: "2026-01-05", Minute: 600, Handler: "h", Lawyer: "王", Licence: "1", Amount: 5, Basis: "task", Serial: "9", Note: "x", In: 1, Out: 2}}}))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var c rawCase
		if c.unpack(b) != nil {
			return
		}
		full := c.full()
		var d rawCase
		if err := d.unpack(pack(full)); err != nil {
			t.Fatal(err)
		}
		if got := d.full(); fmt.Sprint(got) != fmt.Sprint(full) {
			t.Fatalf("%v became %v", full, got)
		}
	})
}

// Sentences of any kind are read or refused, never more.
func FuzzSentence(f *testing.F) {
	f.Add("延长期限次数 不少于 3 次 且 （在办天数 大于 90 天 或 已办结 为是）")
	f.Fuzz(func(t *testing.T, text string) {
		if read, err := Shipped().Expression(OfCase, text, "zh", nil); err == nil {
			if _, err := Shipped().Compile(OfCase, read); err != nil {
				t.Fatal(err)
			}
		}
	})
}
