package id_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
)

func TestNewIDsSortByTime(t *testing.T) {
	var all []id.ID
	for range 2000 {
		all = append(all, id.New())
	}
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Error("identifiers are not in the order of their making, or one came twice")
	}
	for _, x := range all[:50] {
		if got, err := id.Parse(string(x)); err != nil || got != x {
			t.Fatalf("%q became %q, %v", x, got, err)
		}
		if s := x.Short(); len(s) != 12 || !strings.HasSuffix(string(x), "-"+s) {
			t.Fatalf("short form of %q: %q", x, s)
		}
	}
}

// A record has one address: every other spelling of an identifier is not there.
func TestOneSpelling(t *testing.T) {
	x := string(id.New())
	for _, s := range []string{"", "1", strings.ToUpper(x), "{" + x + "}", "urn:uuid:" + x, strings.ReplaceAll(x, "-", ""), " " + x, x + "\n", x[:35], "../" + x} {
		if got, err := id.Parse(s); !fault.Is(err, fault.KindNotFound) || got != "" {
			t.Errorf("%q became %q, %v", s, got, err)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.String().Draw(rt, "text")
		if got, err := id.Parse(s); err == nil && string(got) != s || err != nil && got != "" {
			rt.Fatalf("%q became %q, %v", s, got, err)
		}
	})
}
