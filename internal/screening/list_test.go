package screening

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/platformtest"
	"huikan/internal/screening/rules"
)

// What a roll gives back is what was put in, while it is written and afterwards.
func TestARollGivesBackWhatItTook(t *testing.T) {
	var r roll
	in := []left{
		{key: "person:p1", row: "S1" + cut + "甲", kind: Staff, owner: -1, unit: "u1", person: "p1", also: []id.ID{"u2", "u3"}, within: "d1"},
		{key: "relative:r1", row: "R1" + cut + "乙", kind: Relatives, owner: 0, unit: "u1", person: "p1"},
		{key: "staff:x:S2", row: Row(strings.Repeat("长", pieceSize/2)), kind: Staff, owner: -1, unit: "u2"},
		{key: "relatives:x:R2", row: "R2" + cut + "丙", kind: Relatives, owner: -1, unit: "u2"},
		{key: "relatives:x:R3", row: "R3" + cut + "丁", kind: Relatives, owner: 0, unit: "u1", person: "p1"},
	}
	check := func() {
		t.Helper()
		for at, l := range r.all() {
			if !reflect.DeepEqual(l, in[at]) {
				t.Fatalf("%d: %+v, want %+v", at, l, in[at])
			}
		}
	}
	for i, l := range in {
		if at := r.add(l); at != int32(i) {
			t.Fatalf("place %d of %d", at, i)
		}
	}
	check()
	r.done()
	check()
	for key, want := range map[string]int32{"person:p1": 0, "staff:x:S2": 2} {
		if at, ok := r.find(key); !ok || at != want {
			t.Errorf("%s: %d, %v", key, at, ok)
		}
	}
	if _, ok := r.find("relative:r1"); ok {
		t.Error("a relative is found as staff")
	}
	if got := r.kinOf(0); !slices.Equal(got, []int32{1, 4}) {
		t.Errorf("relatives: %v", got)
	}
	if got := r.kinOf(2); len(got) != 0 {
		t.Errorf("relatives of nobody: %v", got)
	}
}

// A page goes on behind its place, counts all that pass and tells whether more follow.
func TestAPageOfAListInOrder(t *testing.T) {
	list := []int{1, 2, 3, 4, 5, 6, 7, 8, 9}
	place := func(n int) []string { return []string{fmt.Sprint(n)} }
	odd := func(n int) bool { return n%2 == 1 }
	for _, x := range []struct {
		after []string
		want  []int
	}{{nil, []int{1, 3, 5}}, {[]string{"3"}, []int{5, 7, 9}}, {[]string{"4"}, []int{5, 7, 9}}, {[]string{"7"}, []int{9}}, {[]string{"9"}, nil}} {
		if got, n := onPage(list, x.after, 2, place, odd); n != 5 || !slices.Equal(got, x.want) {
			t.Errorf("after %v: %v of %d, want %v", x.after, got, n, x.want)
		}
	}
}

// Hits of several states come page by page in the order in which they stand as a whole, and are counted anew when one changes.
func TestHitsComePageByPage(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		reader := w.as(t, "reader")
		h := w.hit(t, reader, "欧阳振鹏")
		if err := w.Service.open(&h); err != nil {
			t.Fatal(err)
		}
		states, outcomes := []string{Open, Proposed, Confirmed, Dismissed}, rules.Outcomes()
		hs := make([]Hit, 60)
		for i := range hs {
			x := h
			x.ID, x.Left, x.Right = id.New(), fmt.Sprint("staff:x:", i), fmt.Sprint("lawyers:x:", i)
			x.State, x.Outcome, x.Probability = states[i%4], outcomes[i%3], float64(i%7)/7
			if err := w.sealPair(&x); err != nil {
				t.Fatal(err)
			}
			hs[i] = x
		}
		if err := w.log.Write(ctx, actor.Program("test"), "screening.run", func(tx *audit.Tx) error { return insertHits(ctx, tx, hs) }); err != nil {
			t.Fatal(err)
		}
		w.changed()
		for _, f := range []hitFilter{{}, {States: []string{Open, Confirmed}}, {States: states, Outcome: outcomes[1]}} {
			var paged, whole []id.ID
			ids := func(hs []Hit) (out []id.ID) {
				for _, h := range hs {
					if len(f.States) > 0 && !slices.Contains(f.States, h.State) || f.Outcome != "" && h.Outcome != f.Outcome {
						t.Errorf("%s %s is not asked for", h.State, h.Outcome)
					}
					out = append(out, h.ID)
				}
				return out
			}
			err := w.DB.Read(ctx, func(q dbQ) error {
				all, err := w.visibleHits(ctx, q, reader, f, nil, 100)
				if err != nil {
					return err
				}
				if !slices.IsSortedFunc(all, func(a, b Hit) int { return slices.Compare(placeOf(a), placeOf(b)) }) {
					t.Error("not in order")
				}
				whole = ids(all)
				var after []string
				for {
					some, err := w.visibleHits(ctx, q, reader, f, after, 7)
					if err != nil || len(some) == 0 {
						return err
					}
					paged, after = append(paged, ids(some)...), placeOf(some[len(some)-1])
				}
			})
			if err != nil || len(whole) < 10 || !slices.Equal(paged, whole) {
				t.Errorf("%+v: %d in pages, %d at once, %v", f, len(paged), len(whole), err)
			}
		}
		count := func(who string, state string) (n int) {
			if err := w.DB.Read(ctx, func(q dbQ) error {
				by, err := w.statesOf(ctx, q, w.as(t, who))
				n = by[state]
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := count("reader", Open)
		if err := w.Judge(ctx, reader, h.ID, "no", JudgeCmd{}); err != nil {
			t.Fatal(err)
		}
		if now := count("reader", Open); now != before-1 || count("stranger", Open) != 0 {
			t.Errorf("open: %d before the judgement, %d after, %d for another province", before, now, count("stranger", Open))
		}
	})
}
