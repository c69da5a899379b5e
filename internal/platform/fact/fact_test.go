package fact

import (
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/kernel/id"
)

// A figure is the same whatever order its records come in, and another one as
// soon as a record comes, goes or counts differently.
func TestAFigureIsItsRecords(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.StringMatching("[a-f]{4}"), 1, 300, rapid.ID[string]).Draw(rt, "ids")
		refs := make([]Ref, len(ids))
		good := 0
		for i, x := range ids {
			refs[i] = Ref{ID: id.ID(x), Good: rapid.Bool().Draw(rt, "good")}
			if refs[i].Good {
				good++
			}
		}
		a := Of(refs)
		b := Of(rapid.Permutation(refs).Draw(rt, "order"))
		if a.Digest != b.Digest || a.All != len(ids) || a.Good != good || len(a.Refs) > MaxRefs {
			rt.Fatalf("%+v and %+v of %d records, %d good", a, b, len(ids), good)
		}
		bad := false
		for _, r := range a.Refs { // what counts against the unit comes first
			if r.Good {
				bad = true
			} else if bad {
				rt.Fatal("a record that counts against the unit stands behind one that does not")
			}
		}
		k := rapid.IntRange(0, len(refs)-1).Draw(rt, "changed")
		refs[k].Good = !refs[k].Good
		if Of(refs).Digest == a.Digest {
			rt.Fatal("a record that counts differently leaves the digest")
		}
		if Of(refs[1:]).Digest == Of(refs).Digest {
			rt.Fatal("a record that is gone leaves the digest")
		}
	})
}
