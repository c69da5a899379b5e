package duty

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/kernel/fault"
)

func TestFiguresBecomePoints(t *testing.T) {
	for _, c := range []struct {
		what      string
		i         Indicator
		good, all int
		want      int
		counted   bool
	}{
		{"all of them", Indicator{Rule: Share, Weight: 20}, 7, 7, 2000, true},
		{"none of them", Indicator{Rule: Share, Weight: 20}, 0, 7, 0, true},
		{"two of three, half up", Indicator{Rule: Share, Weight: 20}, 2, 3, 1333, true},
		{"one of three", Indicator{Rule: Share, Weight: 10}, 1, 3, 333, true},
		{"a half hundredth goes up", Indicator{Rule: Share, Weight: 1}, 1, 8, 13, true}, // 12.5
		{"no record is nothing at stake", Indicator{Rule: Share, Weight: 20}, 0, 0, 0, false},
		{"one against", Indicator{Rule: Deduct, Weight: 30, Param: 500}, 4, 5, 2500, true},
		{"none against", Indicator{Rule: Deduct, Weight: 30, Param: 500}, 5, 5, 3000, true},
		{"never below nothing", Indicator{Rule: Deduct, Weight: 30, Param: 500}, 0, 9, 0, true},
		{"a deduction without a record", Indicator{Rule: Deduct, Weight: 30, Param: 500}, 0, 0, 0, false},
		{"a rule that is none", Indicator{Rule: "guess", Weight: 30}, 1, 1, 0, false},
	} {
		got, counted := Points(c.i, c.good, c.all)
		if got != c.want || counted != c.counted {
			t.Errorf("%s: %d %v, want %d %v", c.what, got, counted, c.want, c.counted)
		}
	}
}

// More records for the unit never give fewer points, and points stay within the weight.
func TestPointsGrowWithTheFacts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		i := Indicator{Rule: rapid.SampledFrom([]string{Share, Deduct}).Draw(rt, "rule"), Weight: rapid.IntRange(1, 100).Draw(rt, "weight"), Param: rapid.IntRange(1, 3000).Draw(rt, "param")}
		all := rapid.IntRange(1, 500).Draw(rt, "all")
		good := rapid.IntRange(0, all-1).Draw(rt, "good")
		a, _ := Points(i, good, all)
		b, _ := Points(i, good+1, all)
		full, _ := Points(i, all, all)
		if a > b || a < 0 || full != i.Weight*100 {
			rt.Fatalf("%+v: %d of %d gives %d, one more %d, all %d", i, good, all, a, b, full)
		}
	})
}

func TestTheShippedSchemeIsWhole(t *testing.T) {
	s, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var bad fault.Fields
	s.Check(&bad, []string{"task.on_time", "item.on_time", "item.honest", "notice.studied", "campaign.reported"}, true)
	if err := bad.Err(); err != nil {
		t.Errorf("%v %+v", err, bad)
	}
}

func TestASchemeIsChecked(t *testing.T) {
	good := Indicator{Kind: "first", Text: "指标", Fact: "a", Rule: Share, Weight: 100, Source: "文件"}
	for _, c := range []struct {
		what   string
		change func(*Scheme)
		want   string
	}{
		{"whole", func(*Scheme) {}, ""},
		{"weights below 100", func(s *Scheme) { s.Indicators[0].Weight = 99 }, "duty.bad.sum"},
		{"no indicator", func(s *Scheme) { s.Indicators = nil }, "duty.bad.sum"},
		{"a figure that is none", func(s *Scheme) { s.Indicators[0].Fact = "b" }, "duty.bad.fact"},
		{"a responsibility that is none", func(s *Scheme) { s.Indicators[0].Kind = "sixth" }, "duty.bad.kind"},
		{"a rule that is none", func(s *Scheme) { s.Indicators[0].Rule = "guess" }, "duty.bad.rule"},
		{"a share with a deduction", func(s *Scheme) { s.Indicators[0].Param = 5 }, "duty.bad.param"},
		{"a deduction of nothing", func(s *Scheme) { s.Indicators[0].Rule = Deduct }, "duty.bad.param"},
		{"no source", func(s *Scheme) { s.Indicators[0].Source = "" }, "duty.bad.source"},
		{"no text", func(s *Scheme) { s.Indicators[0].Text = "" }, "duty.bad.text"},
		{"no title", func(s *Scheme) { s.Title = "" }, "error.required"},
	} {
		s := Scheme{Title: "评价", Indicators: []Indicator{good}}
		c.change(&s)
		var bad fault.Fields
		s.Check(&bad, []string{"a"}, true)
		has := slices.ContainsFunc(bad, func(f fault.Field) bool { return f.Key == c.want })
		if c.want == "" && len(bad) > 0 || c.want != "" && !has {
			t.Errorf("%s: %+v, want %q", c.what, bad, c.want)
		}
	}
}

func TestPointsAsTyped(t *testing.T) {
	for text, want := range map[string]int{"": 0, "5": 500, "0.5": 50, "12.34": 1234, "100": 10000, "12.345": -1, "-1": -1, "x": -1, "100.01": -1, "1e9": -1} {
		n, ok := hundredths(text)
		if ok != (want >= 0) || ok && n != want {
			t.Errorf("%q: %d %v, want %d", text, n, ok, want)
		}
	}
}
