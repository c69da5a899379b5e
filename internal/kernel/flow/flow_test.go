package flow_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
)

var someone = []flow.By{{Role: actor.Liaison, Scope: flow.OfUnit}}

func step(from, do, to string) flow.Step { return flow.Step{From: from, Do: do, To: to, Who: someone} }

func table(steps ...flow.Step) flow.Table {
	return flow.Table{Name: "item", Start: "a", Steps: steps}
}

// Every mistake that a table can have is named.
func TestCheckFindsMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		t    flow.Table
		want string // part of the message; "" for a good table
	}{
		"good":                    {table(step("a", "send", "b"), step("b", "back", "a"), step("b", "close", "c")), ""},
		"no steps":                {table(), ""},
		"one action, two origins": {table(step("a", "send", "b"), step("b", "send", "c")), ""},
		"out of order":            {table(step("c", "end", "d"), step("b", "go", "c"), step("a", "go", "b")), ""},
		"two steps for one":       {table(step("a", "send", "b"), step("a", "send", "c")), "two steps for a/send"},
		"the same step twice":     {table(step("a", "send", "b"), step("a", "send", "b")), "two steps for a/send"},
		"nobody":                  {table(flow.Step{From: "a", Do: "send", To: "b"}), "nobody may take a/send"},
		"not reached":             {table(step("a", "send", "b"), step("c", "close", "b")), "state c cannot be reached"},
		"an island":               {table(step("a", "send", "b"), step("c", "go", "d"), step("d", "go", "c")), "cannot be reached"},
		"only itself":             {table(step("a", "send", "b"), step("c", "stay", "c")), "state c cannot be reached"},
	} {
		err := c.t.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// Next takes exactly the steps of the table; Check says "not reached" exactly
// when a walk cannot get there.
func TestWalks(t *testing.T) {
	names := []string{"a", "b", "c", "d"}
	rapid.Check(t, func(rt *rapid.T) {
		var steps []flow.Step
		seen := map[string]string{}
		for range rapid.IntRange(1, 10).Draw(rt, "steps") {
			s := step(rapid.SampledFrom(names).Draw(rt, "from"), rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "do"), rapid.SampledFrom(names).Draw(rt, "to"))
			if _, twice := seen[s.From+s.Do]; !twice {
				seen[s.From+s.Do] = s.To
				steps = append(steps, s)
			}
		}
		tb := table(steps...)
		for _, from := range names {
			for _, do := range []string{"x", "y", "z"} {
				got, err := tb.Next(from, do)
				want, ok := seen[from+do]
				if got != want || (err == nil) != ok || err != nil && !fault.Is(err, fault.KindState) {
					rt.Fatalf("%s from %s: %q, %v, want %q", do, from, got, err, want)
				}
			}
			for _, s := range tb.From(from) {
				if s.From != from || seen[from+s.Do] != s.To {
					rt.Fatalf("out of %s: %+v", from, s)
				}
			}
		}
		reached := []string{"a"}
		for i := 0; i < len(reached); i++ {
			for _, s := range tb.From(reached[i]) {
				if !slices.Contains(reached, s.To) {
					reached = append(reached, s.To)
				}
			}
		}
		if all := len(reached) == len(tb.States()); (tb.Check() == nil) != all {
			rt.Fatalf("walked to %v of %v, and Check says %v", reached, tb.States(), tb.Check())
		}
	})
}

func TestListsOfATable(t *testing.T) {
	tb := table(step("a", "send", "b"), step("b", "back", "a"), step("b", "send", "c"))
	if got := tb.States(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("states %v", got)
	}
	if got := tb.Actions(); !slices.Equal(got, []string{"send", "back"}) {
		t.Errorf("actions %v", got)
	}
	f, ok := fault.Of(func() error { _, err := tb.Next("c", "send"); return err }())
	if !ok || f.Key != "error.state" || len(f.Args) != 2 || f.Args[0] != "item.send" || f.Args[1] != "item.state.c" {
		t.Errorf("refusal: %+v", f)
	}
	want := "stateDiagram-v2\n  [*] --> a\n  a --> b: send\n  b --> a: back\n  b --> c: send\n"
	if got := tb.Mermaid(); got != want {
		t.Errorf("drawn as %q", got)
	}
}
